//! An uploaded picture: what is taken in, and what leaves the server of it.
use bytes::Bytes;
use huzhu_intake::picture::{Inspected, MAX_PIXELS, THUMBNAIL, bare, inspect};
use image::{ImageDecoder, ImageFormat, ImageReader};
use std::io::Cursor;

/// Why a file may be refused.
const REFUSALS: [&str; 4] = ["picture_empty", "picture_wrong_type", "picture_too_many_pixels", "picture_broken"];
/// Pictures between this and the limit, in pixels, are left to the ordinary tests: they only take time.
const SMALL: u64 = 1_000_000;
/// EXIF of nothing but which way up a picture is, in bytes.
const ORIENTATION_ALONE: usize = 26;

/// # Panics
/// Where something doesn't hold.
pub fn holds(bytes: &[u8]) {
    judge(bytes);
    if let Some(mended) = with_checksums(bytes) {
        judge(&mended);
    }
}

fn judge(bytes: &[u8]) {
    if size_of(bytes).is_some_and(|pixels| (SMALL..=MAX_PIXELS).contains(&pixels)) {
        return;
    }
    let file = Bytes::copy_from_slice(bytes);
    match inspect(&file) {
        Err(code) => assert!(REFUSALS.contains(&code), "{code}"),
        Ok(found) => taken_in_holds(file, &found),
    }
}

fn size_of(bytes: &[u8]) -> Option<u64> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    reader.into_dimensions().ok().map(|(width, height)| u64::from(width) * u64::from(height))
}

fn taken_in_holds(file: Bytes, found: &Inspected) {
    let pixels = u64::from(found.width) * u64::from(found.height);
    assert!((1..=MAX_PIXELS).contains(&pixels), "{} × {}", found.width, found.height);
    let thumbnail = image::load_from_memory_with_format(&found.thumbnail, ImageFormat::Jpeg).expect("a thumbnail");
    assert!((1..=THUMBNAIL).contains(&thumbnail.width()) && (1..=THUMBNAIL).contains(&thumbnail.height()));

    let left = bare(file.clone()).expect("what is taken in leaves again");
    assert!(left.len() <= file.len() + ORIENTATION_ALONE + 12, "{} of {}", left.len(), file.len());
    assert_eq!(bare(left.clone()).as_ref(), Some(&left), "nothing is left to leave out");
    match found.content_type {
        "image/png" => only_a_png(&left),
        _ => only_a_jpeg(&left),
    }
    let mut decoder = ImageReader::new(Cursor::new(&left))
        .with_guessed_format()
        .expect("a picture")
        .into_decoder()
        .expect("a decoder");
    assert_eq!(decoder.dimensions(), (found.width, found.height));
    let told = decoder.exif_metadata().expect("EXIF or none");
    assert!(told.is_none_or(|exif| exif.len() == ORIENTATION_ALONE));
    assert_eq!((decoder.xmp_metadata().expect("none"), decoder.iptc_metadata().expect("none")), (None, None));
    if left != file {
        let again = inspect(&left).expect("what leaves would be taken in");
        assert_eq!((again.content_type, again.width, again.height), (found.content_type, found.width, found.height));
        assert_eq!((again.thumbnail == found.thumbnail, again.print), (true, found.print), "it is the same picture");
    }
}

/// From the first byte to the last nothing but chunks that are the picture.
fn only_a_png(bytes: &[u8]) {
    let mut rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n").expect("a signature");
    while !rest.is_empty() {
        let length = u32::from_be_bytes(*rest.first_chunk().expect("a length")) as usize;
        let (chunk, after) = rest.split_at(12 + length);
        match &chunk[4..8] {
            b"IEND" => assert!(length == 0 && after.is_empty(), "nothing in the end, nor behind it"),
            b"eXIf" => assert_eq!(length, ORIENTATION_ALONE),
            b"IHDR" | b"PLTE" | b"IDAT" => {}
            b"tRNS" | b"cHRM" | b"gAMA" | b"iCCP" | b"sBIT" | b"sRGB" | b"cICP" | b"bKGD" | b"pHYs" => {}
            other => panic!("{}", other.escape_ascii()),
        }
        rest = after;
    }
    assert!(bytes.ends_with(b"\0\0\0\0IEND\xaeB`\x82"));
}

/// From the first byte to the last nothing but segments that are the picture, and compressed data.
fn only_a_jpeg(bytes: &[u8]) {
    let mut rest = bytes.strip_prefix(b"\xff\xd8").expect("a beginning");
    while rest != b"\xff\xd9" {
        let (head, after) = rest.split_at(4);
        assert_eq!(head[0], 0xff);
        let (content, after) = after.split_at(usize::from(u16::from_be_bytes([head[2], head[3]])) - 2);
        match head[1] {
            0xe0 => assert!(content.len() == 14 && content.starts_with(b"JFIF\0") && content.ends_with(&[0, 0])),
            0xe1 => assert!(content.len() == 6 + ORIENTATION_ALONE && content.starts_with(b"Exif\0\0")),
            0xe2 => assert!(content.starts_with(b"ICC_PROFILE\0")),
            0xee => assert!(content.len() == 12 && content.starts_with(b"Adobe")),
            0xc0..=0xc7 | 0xc9..=0xcf | 0xda..=0xdd => {}
            other => panic!("{other:x}"),
        }
        let scan = after.windows(2).position(|w| w[0] == 0xff && !matches!(w[1], 0 | 0xd0..=0xd7 | 0xff));
        rest = if head[1] == 0xda { &after[scan.expect("an end")..] } else { after };
    }
}

/// A PNG whose checksums are right again after it was changed; none where they were, or it is no PNG.
fn with_checksums(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = bytes.get(..8).filter(|start| start.starts_with(b"\x89PNG"))?.to_vec();
    let mut rest = &bytes[8..];
    while let Some(length) = rest.first_chunk().map(|n| u32::from_be_bytes(*n) as usize) {
        let Some(chunk) = length.checked_add(12).and_then(|n| rest.get(..n)) else { break };
        let body = &chunk[..8 + length];
        let mut crc = flate2::Crc::new();
        crc.update(&body[4..]);
        out.extend(body);
        out.extend(crc.sum().to_be_bytes());
        rest = &rest[chunk.len()..];
    }
    out.extend(rest);
    (out != bytes).then_some(out)
}
