//! A JPEG that is made bare part by part, as it is read: no more of it is held than one segment.
use std::{borrow::Cow, mem};

use image::metadata::Orientation;

/// The most scans of a JPEG. Cameras and programs make a dozen at most; each costs as much as the whole picture is large, even
/// where the file holds next to nothing for it.
const MAX_SCANS: u32 = 64;

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;

/// What is expected next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Start,
    Marker,
    /// Compressed data, where FF 00 and restart markers belong to the data.
    Data,
    /// Behind the end, where whole files may stand.
    End,
}

enum Step {
    /// So many bytes are done.
    On(usize),
    /// More must be read first.
    More,
}

/// Goes from marker to marker: segments may stand between scans, too.
#[derive(Debug, Default)]
pub struct Flow {
    held: Vec<u8>,
    at: At,
    scans: u32,
    turned: bool,
}

impl Flow {
    /// Takes the next part of the file, and gives what of it leaves. None where its parts can't be told apart.
    #[must_use]
    pub fn push(&mut self, part: &[u8]) -> Option<Vec<u8>> {
        let mut held = mem::take(&mut self.held);
        held.extend_from_slice(part);
        let (mut out, mut done) = (Vec::with_capacity(part.len()), 0);
        while let Step::On(bytes) = self.step(held.get(done..)?, &mut out)? {
            done += bytes;
        }
        held.drain(..done);
        self.held = held;
        Some(out)
    }

    /// Whether the picture's end was there.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.at == At::End
    }

    fn step(&mut self, rest: &[u8], out: &mut Vec<u8>) -> Option<Step> {
        match self.at {
            At::Start => self.start(rest, out),
            At::Marker => self.marker(rest, out),
            At::Data => Some(self.data(rest, out)),
            At::End if rest.is_empty() => Some(Step::More),
            At::End => Some(Step::On(rest.len())),
        }
    }

    fn start(&mut self, rest: &[u8], out: &mut Vec<u8>) -> Option<Step> {
        let Some(start) = rest.first_chunk::<2>() else { return Some(Step::More) };
        if *start != [0xff, SOI] {
            return None;
        }
        out.extend(start);
        self.at = At::Marker;
        Some(Step::On(2))
    }

    fn marker(&mut self, rest: &[u8], out: &mut Vec<u8>) -> Option<Step> {
        let Some([first, marker]) = rest.first_chunk() else { return Some(Step::More) };
        if *first != 0xff {
            return None;
        }
        match *marker {
            EOI => {
                out.extend([0xff, EOI]);
                self.at = At::End;
                Some(Step::On(2))
            }
            SOI | 0x00 => None,
            // A filling byte; markers that nothing belongs to.
            0xff => Some(Step::On(1)),
            0x01 | 0xd0..=0xd7 => Some(Step::On(2)),
            marker => self.segment(marker, rest.get(2..)?, out),
        }
    }

    /// `rest` begins with the segment's length, which counts itself.
    fn segment(&mut self, marker: u8, rest: &[u8], out: &mut Vec<u8>) -> Option<Step> {
        let Some(length) = rest.first_chunk() else { return Some(Step::More) };
        let length = usize::from(u16::from_be_bytes(*length));
        if length < 2 {
            return None;
        }
        let Some(content) = rest.get(2..length) else { return Some(Step::More) };
        if let Some(exif) = content.strip_prefix(b"Exif\0\0").filter(|_| marker == APP1 && !self.turned) {
            self.turned = true;
            let exif = only_turned(exif).map(|exif| [b"Exif\0\0", exif.as_slice()].concat());
            write_segment(out, marker, exif.as_deref());
        } else {
            write_segment(out, marker, kept_of(marker, content).as_deref());
        }
        if marker == SOS {
            self.scans += 1;
            self.at = At::Data;
        }
        (self.scans <= MAX_SCANS).then_some(Step::On(2 + length))
    }

    fn data(&mut self, rest: &[u8], out: &mut Vec<u8>) -> Step {
        let marker = rest.windows(2).position(|w| w[0] == 0xff && !matches!(w[1], 0x00 | 0xd0..=0xd7 | 0xff));
        if marker.is_some() {
            self.at = At::Marker;
        }
        // A last FF may be the first half of a marker.
        let end = marker.unwrap_or(rest.len() - usize::from(rest.last() == Some(&0xff)));
        out.extend_from_slice(&rest[..end]);
        if marker.is_none() && end == 0 { Step::More } else { Step::On(end) }
    }
}

/// What stays of a segment: all that the picture is made of, and of the rest how its colours are to be read.
fn kept_of(marker: u8, content: &[u8]) -> Option<Cow<'_, [u8]>> {
    match marker {
        // JFIF with its units and density, but no thumbnail.
        APP0 => content
            .strip_prefix(b"JFIF\0")
            .and_then(|rest| rest.get(..7))
            .map(|r| [b"JFIF\0", r, &[0, 0]].concat().into()),
        APP2 => content.starts_with(b"ICC_PROFILE\0").then_some(content.into()),
        APP14 => content.get(..12).filter(|c| c.starts_with(b"Adobe")).map(Cow::from),
        0xc0..=0xc7 | 0xc9..=0xcf | SOS..=0xdd => Some(content.into()),
        _ => None,
    }
}

fn write_segment(out: &mut Vec<u8>, marker: u8, content: Option<&[u8]>) {
    // None is longer than it was read.
    if let Some((content, length)) = content.and_then(|c| Some((c, u16::try_from(c.len() + 2).ok()?))) {
        out.extend([0xff, marker]);
        out.extend(length.to_be_bytes());
        out.extend(content);
    }
}

/// EXIF that says nothing but which way up a picture is; None where it is upright.
pub fn only_turned(exif: &[u8]) -> Option<Vec<u8>> {
    let turned = Orientation::from_exif_chunk(exif).filter(|o| *o != Orientation::NoTransforms)?;
    // TIFF, little-endian, one directory with one entry: tag 0x0112, a SHORT, once.
    let head = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0";
    let tail = [turned.to_exif(), 0, 0, 0, 0, 0, 0, 0];
    Some([head.as_slice(), &tail].concat())
}
