//! Papers for the demonstration, drawn and clearly marked 示例: nobody's document.
use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};

use super::glyphs::GLYPHS;

const WIDTH: u32 = 720;
const HEIGHT: u32 = 1000;
const INK: Rgb<u8> = Rgb([54, 66, 92]);
const FAINT: Rgb<u8> = Rgb([214, 220, 232]);
const MARK: Rgb<u8> = Rgb([236, 190, 184]);

/// A PNG of a paper with its title, lines that differ by `seed`, and 示例 across.
pub(super) fn paper(title: &str, seed: u64) -> Vec<u8> {
    let tint = u8::try_from(seed % 7).unwrap_or_default();
    let mut page = RgbImage::from_pixel(WIDTH, HEIGHT, Rgb([255, 254 - tint, 248 - tint]));
    write(&mut page, "示例", 60, 330, 12, MARK);
    write(&mut page, title, 48, 56, 2, INK);
    bar(&mut page, 48, 124, WIDTH - 96, 3, INK);
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for line in 0..18_u32 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let length = 80 + u32::try_from((state >> 33) % 240).unwrap_or_default();
        let top = 160 + line * 44;
        bar(&mut page, 48, top, 110, 12, FAINT);
        bar(&mut page, 190, top, length, 12, Rgb([170, 180, 200]));
        bar(&mut page, 48, top + 28, WIDTH - 96, 1, FAINT);
    }
    let mut out = Cursor::new(Vec::new());
    // Writing into memory fails only where the picture is larger than PNG allows, which this one isn't.
    let _never = page.write_to(&mut out, ImageFormat::Png);
    out.into_inner()
}

fn bar(page: &mut RgbImage, left: u32, top: u32, width: u32, height: u32, colour: Rgb<u8>) {
    for y in top..(top + height).min(HEIGHT) {
        for x in left..(left + width).min(WIDTH) {
            page.put_pixel(x, y, colour);
        }
    }
}

fn write(page: &mut RgbImage, text: &str, left: u32, top: u32, scale: u32, colour: Rgb<u8>) {
    for (i, c) in (0_u32..).zip(text.chars()) {
        let Some((_, rows)) = GLYPHS.iter().find(|(glyph, _)| *glyph == c) else { continue };
        for (y, row) in (0_u32..).zip(rows) {
            for x in (0..24_u32).filter(|x| row >> (23 - x) & 1 == 1) {
                bar(page, left + (i * 26 + x) * scale, top + y * scale, scale, scale, colour);
            }
        }
    }
}
