//! A picture without what a camera wrote beside it: place, owner, device, thumbnails of what was cut off. The file in the store stays as
//! it came; this is what leaves the server.
use bytes::Bytes;
use image::metadata::Orientation;
use img_parts::{ImageEXIF, jpeg::Jpeg, png::Png};

/// Segments of a JPEG that stay: how its colours are to be read. Of the others that say something, none is of the picture.
const KEPT_SEGMENTS: [u8; 3] = [0xe0, 0xe2, 0xee];
/// What says something in a PNG that isn't of the picture.
const TOLD_CHUNKS: [[u8; 4]; 5] = [*b"eXIf", *b"tEXt", *b"iTXt", *b"zTXt", *b"tIME"];

/// The picture with nothing but which way up it is; as it was where there is nothing to leave out. None where its parts
/// can't be told apart.
pub(super) fn bare(picture: Bytes) -> Option<Bytes> {
    if picture.starts_with(b"\x89PNG") {
        let mut png = Png::from_bytes(picture.clone()).ok()?;
        if !png.chunks().iter().any(|c| TOLD_CHUNKS.contains(&c.kind())) {
            return Some(picture);
        }
        let turned = png.exif();
        png.chunks_mut().retain(|c| !TOLD_CHUNKS.contains(&c.kind()));
        png.set_exif(turned.and_then(|exif| only_turned(&exif)));
        return Some(png.encoder().bytes());
    }
    let mut jpeg = Jpeg::from_bytes(picture.clone()).ok()?;
    // APP0 to APP15, and comments.
    let told = |marker: u8| (0xe0..=0xef).contains(&marker) && !KEPT_SEGMENTS.contains(&marker) || marker == 0xfe;
    if !jpeg.segments().iter().any(|s| told(s.marker())) {
        return Some(picture);
    }
    let turned = jpeg.exif();
    jpeg.segments_mut().retain(|s| !told(s.marker()));
    jpeg.set_exif(turned.and_then(|exif| only_turned(&exif)));
    Some(jpeg.encoder().bytes())
}

/// EXIF that says nothing but which way up a picture is; None where it is upright.
fn only_turned(exif: &[u8]) -> Option<Bytes> {
    let turned = Orientation::from_exif_chunk(exif).filter(|o| *o != Orientation::NoTransforms)?;
    // TIFF, little-endian, one directory with one entry: tag 0x0112, a SHORT, once.
    let head = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0";
    let tail = [turned.to_exif(), 0, 0, 0, 0, 0, 0, 0];
    Some([head.as_slice(), &tail].concat().into())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};
    use img_parts::{jpeg::JpegSegment, png::PngChunk};

    use super::*;

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
}
