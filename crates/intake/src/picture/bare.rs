//! A picture without what a camera wrote beside it: place, owner, device, thumbnails of what was cut off, further pictures behind its
//! end. The file in the store stays as it came; this is what leaves the server, and what is judged before it is taken in.
use bytes::Bytes;
use img_parts::{
    ImageEXIF,
    png::{Png, PngChunk},
};

use super::flow::{Flow, only_turned};

/// What of a PNG is the picture: its pixels, and how its colours are to be read.
const KEPT_CHUNKS: [[u8; 4]; 12] = [
    *b"IHDR", *b"PLTE", *b"IDAT", *b"tRNS", *b"cHRM", *b"gAMA", *b"iCCP", *b"sBIT", *b"sRGB", *b"cICP", *b"bKGD",
    *b"pHYs",
];
/// How much of a JPEG that is at hand whole is looked at in one go.
const PART: usize = 64 * 1024;

/// The picture with nothing but which way up it is. None where its parts can't be told apart, or its end isn't there.
#[must_use]
pub fn bare(picture: Bytes) -> Option<Bytes> {
    if picture.starts_with(b"\x89PNG") { bare_png(picture) } else { bare_jpeg(&picture).map(Bytes::from) }
}

/// Whole, for what says which way up it is may stand behind the pixels.
fn bare_png(picture: Bytes) -> Option<Bytes> {
    let mut png = Png::from_bytes(picture).ok()?;
    if png.chunks().last()?.kind() != *b"IEND" {
        return None;
    }
    let turned = png.exif();
    png.chunks_mut().retain(|c| KEPT_CHUNKS.contains(&c.kind()));
    png.chunks_mut().push(PngChunk::new(*b"IEND", Bytes::new()));
    png.set_exif(turned.and_then(|exif| only_turned(&exif)).map(Bytes::from));
    Some(png.encoder().bytes())
}

fn bare_jpeg(picture: &[u8]) -> Option<Vec<u8>> {
    let (mut flow, mut out) = (Flow::default(), Vec::with_capacity(picture.len()));
    for part in picture.chunks(PART) {
        out.extend(flow.push(part)?);
    }
    flow.is_whole().then_some(out)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, metadata::Orientation};
    use img_parts::jpeg::{Jpeg, JpegSegment};

    use super::*;

    const SOI: u8 = 0xd8;
    const EOI: u8 = 0xd9;
    const SOS: u8 = 0xda;
    const APP0: u8 = 0xe0;
    const APP1: u8 = 0xe1;
    const APP2: u8 = 0xe2;
    const APP14: u8 = 0xee;

    /// Orientation 6, and an ASCII field that tells where it was taken.
    fn told() -> Bytes {
        let mut exif = b"II*\0\x08\0\0\0\x02\0".to_vec();
        exif.extend(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0");
        exif.extend(b"\x10\x01\x02\0\x0d\0\0\0\x26\0\0\0");
        exif.extend([0; 4]);
        exif.extend(b"45.80N126.53E\0");
        exif.into()
    }

    fn drawn(format: ImageFormat) -> Bytes {
        let mut out = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(40, 30).write_to(&mut out, format).unwrap();
        out.into_inner().into()
    }

    fn orientation(picture: &[u8]) -> Orientation {
        let reader = ImageReader::new(Cursor::new(picture)).with_guessed_format().unwrap();
        reader.into_decoder().unwrap().orientation().unwrap()
    }

    fn says(picture: &[u8], text: &[u8]) -> bool {
        picture.windows(text.len()).any(|w| w == text)
    }

    #[test]
    fn where_a_jpeg_was_taken_is_left_out_and_which_way_up_it_is_stays() {
        let mut jpeg = Jpeg::from_bytes(drawn(ImageFormat::Jpeg)).unwrap();
        jpeg.set_exif(Some(told()));
        jpeg.segments_mut().insert(1, JpegSegment::new_with_contents(0xfe, Bytes::from_static(b"owner 13812345678")));
        jpeg.segments_mut().insert(1, JpegSegment::new_with_contents(0xed, Bytes::from_static(b"IPTC city Harbin")));
        let came = jpeg.encoder().bytes();
        assert!(says(&came, b"45.80N") && says(&came, b"13812345678") && says(&came, b"Harbin"));
        let left = bare(came.clone()).unwrap();
        assert!(!says(&left, b"45.80N") && !says(&left, b"13812345678") && !says(&left, b"Harbin"));
        assert_eq!((orientation(&came), orientation(&left)), (Orientation::Rotate90, Orientation::Rotate90));
        assert_eq!(image::load_from_memory(&left).unwrap(), image::load_from_memory(&came).unwrap());
    }

    fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], &length[..], content].concat()
    }

    #[test]
    fn what_stands_behind_a_scan_or_behind_the_end_is_left_out() {
        let jpeg = drawn(ImageFormat::Jpeg);
        let (picture, end) = jpeg.split_at(jpeg.len() - 2);
        let after_the_scan = [segment(0xfe, b"owner"), segment(APP1, &[b"Exif\0\0", &told()[..]].concat())].concat();
        // Telephones put a second picture, with all that the camera wrote, behind the first one's end.
        let came = [picture, &after_the_scan, end, &jpeg, b"45.80N"].concat();
        let left = bare(came.into()).unwrap();
        assert!(!says(&left, b"owner") && !says(&left, b"45.80N"));
        assert_eq!(image::load_from_memory(&left).unwrap(), image::load_from_memory(&jpeg).unwrap());

        let mut png = drawn(ImageFormat::Png).to_vec();
        png.extend(b"45.80N");
        assert_eq!(bare(png.into()), Some(drawn(ImageFormat::Png)));
    }

    #[test]
    fn smaller_pictures_beside_the_picture_are_left_out() {
        let jpeg = drawn(ImageFormat::Jpeg);
        let rest = Jpeg::from_bytes(jpeg.clone()).unwrap().segments()[0].len() + 2;
        let first = |content: &[u8]| [&[0xff, SOI], &segment(APP0, content)[..], &jpeg[rest..]].concat();
        let jfif = b"JFIF\0\x01\x02\0\0\x48\0\x48\x01\x01RGB";
        let left = bare(first(jfif).into()).unwrap();
        assert_eq!(left, first(&[&jfif[..12], &[0, 0]].concat()), "version and density stay");
        for (marker, content) in
            [(APP0, &b"JFXX\0\x10small"[..]), (APP2, b"MPF\0more"), (APP2, b"FPXR\0more"), (APP14, b"else")]
        {
            let beside = [&jpeg[..rest], &segment(marker, content), &jpeg[rest..]].concat();
            assert_eq!(bare(beside.into()), Some(jpeg.clone()), "{}", content.escape_ascii());
        }
        let mut png = Png::from_bytes(drawn(ImageFormat::Png)).unwrap();
        png.chunks_mut().insert(1, PngChunk::new(*b"prVW", Bytes::from_static(b"the whole page")));
        assert_eq!(bare(png.encoder().bytes()), Some(drawn(ImageFormat::Png)));
    }

    #[test]
    fn how_colours_are_to_be_read_stays() {
        let mut jpeg = Jpeg::from_bytes(drawn(ImageFormat::Jpeg)).unwrap();
        for (marker, content) in [(APP2, &b"ICC_PROFILE\0\x01\x01profile"[..]), (APP14, b"Adobe\0\x64\0\0\0\0\x01")] {
            jpeg.segments_mut().insert(1, JpegSegment::new_with_contents(marker, Bytes::from_static(content)));
        }
        let came = jpeg.encoder().bytes();
        assert_eq!(bare(came.clone()), Some(came));
    }

    #[test]
    fn a_jpeg_of_more_scans_than_any_program_makes_is_refused() {
        let jpeg = drawn(ImageFormat::Jpeg);
        let scan = jpeg.windows(2).position(|w| w == [0xff, SOS]).unwrap();
        let (before, scan) = jpeg[..jpeg.len() - 2].split_at(scan);
        let with = |scans: usize| bare([before, &scan.repeat(scans), &[0xff, EOI]].concat().into());
        assert!(with(64).is_some() && with(65).is_none());
    }

    #[test]
    fn what_a_png_tells_is_left_out() {
        let mut png = Png::from_bytes(drawn(ImageFormat::Png)).unwrap();
        png.set_exif(Some(told()));
        png.chunks_mut().insert(1, PngChunk::new(*b"tEXt", Bytes::from_static(b"Author\0me")));
        let left = bare(png.encoder().bytes()).unwrap();
        assert!(!says(&left, b"45.80N") && !says(&left, b"Author"));
        assert_eq!(orientation(&left), Orientation::Rotate90);
    }

    #[test]
    fn a_picture_that_tells_nothing_leaves_as_it_came() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png] {
            let came = drawn(format);
            assert_eq!(bare(came.clone()), Some(came));
        }
        assert_eq!(bare(Bytes::from_static(b"GIF89a")), None);
    }

    #[test]
    fn a_jpeg_leaves_the_same_in_whichever_parts_it_is_read() {
        let mut jpeg = Jpeg::from_bytes(drawn(ImageFormat::Jpeg)).unwrap();
        jpeg.set_exif(Some(told()));
        let came = [&jpeg.encoder().bytes()[..], b"45.80N behind the end"].concat();
        let whole = bare(came.clone().into()).unwrap();
        for size in [1, 2, 3, 7, 100, came.len()] {
            let mut flow = Flow::default();
            let left: Vec<u8> = came.chunks(size).flat_map(|part| flow.push(part).unwrap()).collect();
            assert!(flow.is_whole() && left == whole, "{size}");
            let mut cut = Flow::default();
            let half = came[..came.len() / 2].chunks(size).all(|part| cut.push(part).is_some());
            assert!(half && !cut.is_whole(), "{size}");
        }
    }
}
