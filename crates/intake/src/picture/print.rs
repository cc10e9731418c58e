//! Whether two pictures are one: the same photo, but saved anew, smaller or brighter. Pure.
//!
//! A [`Print`] finds candidates among millions; [`same`] decides, by the thumbnails. Forms that differ in nothing but their
//! figures have one print, and are told apart by the second look. What was cropped, turned or written on is another picture.
use std::fmt::Write;

use image::{GrayImage, imageops};

/// Fields of a print in either direction.
const SIDE: u32 = 16;
/// By how much a field must be brighter than its right neighbour, of 255.
const STEP: u8 = 3;
/// A picture in which fewer fields stand out (or don't) is plain: it says nothing.
const FEWEST: u32 = 12;
/// How many fields of one picture's prints may differ: fewer than there are bands, so that one band at least is the same.
const FARTHEST: u32 = 7;
const BANDS: u32 = 8;

/// What remains of a picture however it is saved: where it gets darker from left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print([u64; 4]);

impl Print {
    /// The print of an upright picture; none where it is too plain to be known by it.
    #[must_use]
    pub fn of(upright: &GrayImage) -> Option<Self> {
        let fields = imageops::thumbnail(upright, SIDE + 1, SIDE);
        let mut words = [0_u64; 4];
        for y in 0..SIDE {
            for x in 0..SIDE {
                if fields.get_pixel(x, y).0[0] > fields.get_pixel(x + 1, y).0[0].saturating_add(STEP) {
                    let at = y * SIDE + x;
                    words[(at / 64) as usize] |= 1 << (at % 64);
                }
            }
        }
        let print = Self(words);
        let set = print.ones();
        (FEWEST..=SIDE * SIDE - FEWEST).contains(&set).then_some(print)
    }

    fn ones(self) -> u32 {
        self.0.iter().map(|w| w.count_ones()).sum()
    }

    fn bit(self, at: u32) -> bool {
        self.0[(at / 64) as usize] >> (at % 64) & 1 == 1
    }

    /// Whether two prints may be of one picture.
    #[must_use]
    pub fn is_near(self, other: Self) -> bool {
        Self(std::array::from_fn(|i| self.0[i] ^ other.0[i])).ones() <= FARTHEST
    }

    /// Its eight parts, each with its number in the upper half: prints that are near have at least one in common.
    #[must_use]
    pub fn bands(self) -> Vec<i64> {
        let mut parts = [0_i64; BANDS as usize];
        for at in 0..SIDE * SIDE {
            // Each part is spread over the whole picture: most of a paper is blank.
            let part = (at % SIDE + 3 * (at / SIDE)) % BANDS;
            parts[part as usize] = parts[part as usize] << 1 | i64::from(self.bit(at));
        }
        (0_i64..).zip(parts).map(|(number, part)| number << 32 | part).collect()
    }

    /// As it is written in the database: 64 hexadecimal digits.
    #[must_use]
    pub fn to_hex(self) -> String {
        self.0.iter().fold(String::with_capacity(64), |mut out, word| {
            let _infallible = write!(out, "{word:016x}");
            out
        })
    }

    /// What [`Self::to_hex`] wrote.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut words = [0_u64; 4];
        for (i, word) in words.iter_mut().enumerate() {
            *word = u64::from_str_radix(text.get(i * 16..i * 16 + 16)?, 16).ok()?;
        }
        (text.len() == 64).then_some(Self(words))
    }
}

/// The windows that are compared, in pixels, and how far apart they begin.
const WINDOW: u32 = 8;
const STRIDE: usize = 4;
/// Pixels of a window.
const PIXELS: i64 = (WINDOW * WINDOW) as i64;
/// The smallest standard deviation (of 255) of a window that shows something.
const CONTRAST: i64 = 16;
/// With fewer windows that show something there is nothing to go by.
const FEWEST_WINDOWS: u32 = 30;
/// Sides may differ by one part in this many.
const SHAPE: i64 = 50;

/// Whether two upright thumbnails show one picture: every window that shows something looks the same in both, whatever their
/// brightness and contrast (a correlation of at least 3/4).
#[must_use]
pub fn same(a: &GrayImage, b: &GrayImage) -> bool {
    let (wide, high) = a.dimensions();
    let sides = |x: u32, y: u32| i64::from(x) * i64::from(y);
    if (sides(wide, b.height()) - sides(b.width(), high)).abs() * SHAPE > sides(wide, b.height()) {
        return false;
    }
    let fitted = match b.dimensions() == a.dimensions() {
        true => b.clone(),
        false => imageops::resize(b, wide, high, imageops::FilterType::Triangle),
    };
    let (a, b) = (blurred(a), blurred(&fitted));
    let mut windows = 0;
    for top in (0..=high.saturating_sub(WINDOW)).step_by(STRIDE) {
        for left in (0..=wide.saturating_sub(WINDOW)).step_by(STRIDE) {
            match agree(&a, &b, wide, left, top) {
                None => {}
                Some(true) => windows += 1,
                Some(false) => return false,
            }
        }
    }
    windows >= FEWEST_WINDOWS
}

/// Sums over the nine pixels around each: what saving anew puts on edges is gone, what is written is not.
fn blurred(picture: &GrayImage) -> Vec<i64> {
    let (wide, high) = picture.dimensions();
    let at = |x: i64, y: i64| {
        let x = x.clamp(0, i64::from(wide) - 1);
        let y = y.clamp(0, i64::from(high) - 1);
        i64::from(picture.get_pixel(x as u32, y as u32).0[0])
    };
    let around = |x: i64, y: i64| {
        (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy))).map(|(dx, dy)| at(x + dx, y + dy)).sum()
    };
    (0..i64::from(high)).flat_map(|y| (0..i64::from(wide)).map(move |x| (x, y))).map(|(x, y)| around(x, y)).collect()
}

/// Whether one window looks the same in both; none where neither shows anything.
fn agree(a: &[i64], b: &[i64], wide: u32, left: u32, top: u32) -> Option<bool> {
    let (mut sum_a, mut sum_b, mut aa, mut bb, mut ab) = (0, 0, 0, 0, 0);
    for y in top..top + WINDOW {
        for x in left..left + WINDOW {
            let at = (y * wide + x) as usize;
            let (Some(&p), Some(&q)) = (a.get(at), b.get(at)) else { return None };
            sum_a += p;
            sum_b += q;
            aa += p * p;
            bb += q * q;
            ab += p * q;
        }
    }
    let of_a = PIXELS * aa - sum_a * sum_a;
    let of_b = PIXELS * bb - sum_b * sum_b;
    let of_both = PIXELS * ab - sum_a * sum_b;
    // Nine pixels are summed up in each of PIXELS places.
    let shows = (CONTRAST * 9 * PIXELS).pow(2);
    if of_a.max(of_b) < shows {
        return None;
    }
    let square = i128::from(of_both).pow(2);
    Some(of_both > 0 && 16 * square >= 9 * i128::from(of_a) * i128::from(of_b))
}

#[cfg(test)]
#[path = "print_tests.rs"]
mod tests;
