//! What a file really is. Pure; takes time, so it runs off the async threads.
use std::io::Cursor;

use bytes::Bytes;
use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder, imageops::FilterType,
};

use super::{bare::bare, print::Print};

/// The largest file, in bytes (manual 1.1.3: 大小不超过 10MB).
pub const MAX_BYTES: u64 = 10 * 1024 * 1024;
/// The largest picture, in pixels.
pub const MAX_PIXELS: u64 = 50_000_000;
/// What the decoder may take at most, in bytes.
const MAX_MEMORY: u64 = 320 * 1024 * 1024;
/// The longer side of a thumbnail, in pixels.
pub const THUMBNAIL: u32 = 320;
const THUMBNAIL_QUALITY: u8 = 80;

/// A picture that can be trusted.
#[derive(Clone, Debug)]
pub struct Inspected {
    /// `image/png` or `image/jpeg`.
    pub content_type: &'static str,
    /// Pixels as stored, before any turning by EXIF.
    pub width: u32,
    /// Pixels as stored, before any turning by EXIF.
    pub height: u32,
    /// JPEG, upright.
    pub thumbnail: Vec<u8>,
    /// By what it is found again; none where it is too plain.
    pub print: Option<Print>,
}

/// Why a file is refused: a code that has a sentence in every locale.
pub type Refusal = &'static str;

/// Looks at a file to its last byte. What is judged is what will leave the server: the picture without what a camera wrote
/// beside it.
///
/// # Errors
/// `picture_empty`, `picture_wrong_type`, `picture_too_many_pixels`, `picture_broken`.
pub fn inspect(file: &Bytes) -> Result<Inspected, Refusal> {
    if file.is_empty() {
        return Err("picture_empty");
    }
    let format = image::guess_format(file).map_err(|_| "picture_wrong_type")?;
    let content_type = match format {
        ImageFormat::Png => "image/png",
        ImageFormat::Jpeg => "image/jpeg",
        _ => return Err("picture_wrong_type"),
    };
    // The JPEG decoder paints what is missing grey; that the end is there is seen here.
    let picture = bare(file.clone()).ok_or("picture_broken")?;
    let mut reader = ImageReader::with_format(Cursor::new(&picture), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| "picture_broken")?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err("picture_too_many_pixels");
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
        inspect(&Bytes::copy_from_slice(bytes)).map(|i| (i.content_type, i.width, i.height))
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
