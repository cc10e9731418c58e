//! What a file really is. Pure but for reading the file; runs off the async threads.
use std::{
    fs,
    io::{BufReader, Cursor},
    path::Path,
};

use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder, imageops::FilterType,
};

use super::print::Print;

/// The largest file, in bytes (manual 1.1.3: 大小不超过 10MB).
pub const MAX_BYTES: u64 = 10 * 1024 * 1024;
/// The largest picture, in pixels.
const MAX_PIXELS: u64 = 50_000_000;
/// What the decoder may take at most, in bytes.
const MAX_MEMORY: u64 = 320 * 1024 * 1024;
/// The longer side of a thumbnail, in pixels.
const THUMBNAIL: u32 = 320;
const THUMBNAIL_QUALITY: u8 = 80;

/// A picture that can be trusted.
#[derive(Clone, Debug)]
pub(super) struct Inspected {
    pub(super) content_type: &'static str,
    /// Pixels as stored, before any turning by EXIF.
    pub(super) width: u32,
    pub(super) height: u32,
    /// JPEG, upright.
    pub(super) thumbnail: Vec<u8>,
    pub(super) print: Option<Print>,
}

/// Why a file is refused: a code that has a sentence in every locale.
pub(super) type Refusal = &'static str;

/// Looks at a file to its last byte.
///
/// # Errors
/// `picture_empty`, `picture_wrong_type`, `picture_too_many_pixels`, `picture_broken`.
pub(super) fn inspect(path: &Path) -> Result<Inspected, Refusal> {
    let bytes = fs::read(path).map_err(|_| "picture_broken")?;
    if bytes.is_empty() {
        return Err("picture_empty");
    }
    let format = image::guess_format(&bytes).map_err(|_| "picture_wrong_type")?;
    let content_type = match format {
        ImageFormat::Png => "image/png",
        ImageFormat::Jpeg => "image/jpeg",
        _ => return Err("picture_wrong_type"),
    };
    let mut reader = ImageReader::with_format(BufReader::new(Cursor::new(bytes.as_slice())), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| "picture_broken")?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err("picture_too_many_pixels");
    }
    // The JPEG decoder paints what is missing grey; whether the end is there is asked of the file itself.
    if format == ImageFormat::Jpeg && !ends_properly(&bytes) {
        return Err("picture_broken");
    }
    // What leaves the server is taken apart; what can't be isn't taken in.
    if super::bare::bare(bytes.clone().into()).is_none() {
        return Err("picture_broken");
    }
    let orientation = decoder.orientation().map_err(|_| "picture_broken")?;
    let image = DynamicImage::from_decoder(decoder).map_err(|_| "picture_broken")?;
    let mut small = reduced(image);
    small.apply_orientation(orientation);
    let mut thumbnail = Vec::new();
    JpegEncoder::new_with_quality(&mut thumbnail, THUMBNAIL_QUALITY)
        .encode_image(&small.to_rgb8())
        .map_err(|_| "picture_broken")?;
    let print = Print::of(&small.to_luma8());
    Ok(Inspected { content_type, width, height, thumbnail, print })
}

/// The thumbnail's pixels. The quick way down skips pixels where the way is short; the last stretch is the careful one, so that
/// one picture of two sizes comes out alike.
fn reduced(image: DynamicImage) -> DynamicImage {
    const NEAR: u32 = 4 * THUMBNAIL;
    let nearly = if image.width().max(image.height()) > NEAR { image.thumbnail(NEAR, NEAR) } else { image };
    nearly.resize(THUMBNAIL, THUMBNAIL, FilterType::Triangle)
}

/// Whether a JPEG has its end-of-image marker where its segments say it must be.
fn ends_properly(bytes: &[u8]) -> bool {
    const SOS: u8 = 0xda;
    const EOI: u8 = 0xd9;
    let mut at = 2;
    loop {
        let Some([0xff, marker]) = bytes.get(at..at + 2) else { return false };
        match *marker {
            EOI => return true,
            0xff => at += 1,
            0x01 | 0xd0..=0xd7 => at += 2,
            marker => {
                let Some([high, low]) = bytes.get(at + 2..at + 4) else { return false };
                at += 2 + usize::from(u16::from_be_bytes([*high, *low]));
                if marker == SOS {
                    at = match next_marker(bytes, at) {
                        Some(at) => at,
                        None => return false,
                    };
                }
            }
        }
    }
}

/// The next marker after compressed data, where FF 00 and restart markers belong to the data.
fn next_marker(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let at = rest.windows(2).position(|w| w[0] == 0xff && !matches!(w[1], 0x00 | 0xd0..=0xd7 | 0xff))?;
    Some(from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(format: ImageFormat) -> Vec<u8> {
        let picture = image::RgbImage::from_fn(90, 60, |x, y| image::Rgb([(x * 2) as u8, (y * 4) as u8, 120]));
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    fn look(bytes: &[u8]) -> Result<(&'static str, u32, u32), Refusal> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        inspect(file.path()).map(|i| (i.content_type, i.width, i.height))
    }

    #[test]
    fn whole_pictures_are_taken_by_their_content() {
        assert_eq!(look(&drawn(ImageFormat::Png)), Ok(("image/png", 90, 60)));
        assert_eq!(look(&drawn(ImageFormat::Jpeg)), Ok(("image/jpeg", 90, 60)));
    }

    #[test]
    fn a_picture_cut_anywhere_is_refused() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let whole = drawn(format);
            for kept in [whole.len() / 2, whole.len() - 40, whole.len() - 2] {
                // A PNG without its last 2 bytes has all its pixels; only the checksum of the end mark is short.
                if format == ImageFormat::Png && kept == whole.len() - 2 {
                    continue;
                }
                assert_eq!(look(&whole[..kept]), Err("picture_broken"), "{format:?} {kept}");
            }
        }
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        assert_eq!(look(b"PK\x03\x04 a zip called .png"), Err("picture_wrong_type"));
        assert_eq!(look(b"GIF89a\x01\x00\x01\x00"), Err("picture_wrong_type"));
        assert_eq!(look(b""), Err("picture_empty"));
    }
}
