use image::{DynamicImage, ImageFormat, RgbImage, imageops::FilterType};

use proptest::prelude::*;

use super::*;

/// A paper with twelve lines of a word and a figure each; figures are drawn as strokes that `seed` chooses.
fn paper(seed: u64) -> RgbImage {
    let mut page = RgbImage::from_pixel(840, 1180, image::Rgb([255, 253, 246]));
    let mut state = 1_u64;
    let mut next = |seed: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407 ^ seed);
        (state >> 33) as u32
    };
    for line in 0..12_u32 {
        let top = 90 + line * 80;
        strokes(&mut page, 60, top, 9, next(0));
        strokes(&mut page, 330, top, 6, next(0));
        strokes(&mut page, 600, top, 6, next(seed));
    }
    page
}

fn strokes(page: &mut RgbImage, left: u32, top: u32, count: u32, which: u32) {
    let ink = image::Rgb([40, 44, 60]);
    for sign in 0..count {
        let bits = which.rotate_left(sign * 7);
        for stroke in 0..4_u32 {
            let (x, y) = (left + sign * 26, top + stroke * 9);
            let (from, to) = if bits >> stroke & 1 == 1 { (0, 20) } else { (12, 20) };
            for dx in from..to {
                for dy in 0..4 {
                    page.put_pixel(x + dx, y + dy, ink);
                }
            }
            for dy in 0..9 * (bits >> (4 + stroke) & 1) {
                (0..4).for_each(|dx| page.put_pixel(x + dx, y + dy, ink));
            }
        }
    }
}

/// The thumbnail of the picture, saved as JPEG before.
fn thumb(picture: &DynamicImage) -> GrayImage {
    let mut saved = std::io::Cursor::new(Vec::new());
    picture.to_rgb8().write_to(&mut saved, ImageFormat::Jpeg).unwrap();
    let thumbnail = crate::picture::inspect(&saved.into_inner().into()).unwrap().thumbnail;
    image::load_from_memory(&thumbnail).unwrap().to_luma8()
}

fn is_one(a: &DynamicImage, b: &DynamicImage) -> (bool, bool) {
    let (a, b) = (thumb(a), thumb(b));
    (Print::of(&a).unwrap().is_near(Print::of(&b).unwrap()), same(&a, &b))
}

#[test]
fn a_picture_saved_anew_is_the_same() {
    let whole = DynamicImage::from(paper(1));
    for (what, other) in [
        ("as it is", whole.clone()),
        ("half the size", whole.resize(420, 590, FilterType::Triangle)),
        ("a third", whole.resize(280, 394, FilterType::CatmullRom)),
        ("brighter", whole.brighten(25)),
        ("darker", whole.brighten(-40)),
        ("more contrast", whole.adjust_contrast(20.0)),
        ("grey", whole.grayscale()),
        ("unsharp", whole.blur(1.2)),
    ] {
        assert_eq!(is_one(&whole, &other), (true, true), "{what}");
    }
}

#[test]
fn a_form_with_other_figures_is_another_picture() {
    let one = DynamicImage::from(paper(1));
    for seed in 2..12 {
        let other = DynamicImage::from(paper(seed));
        assert!(!is_one(&one, &other).1, "{seed}");
        assert!(!is_one(&one, &other.resize(420, 590, FilterType::Triangle)).1, "{seed}, half the size");
    }
}

#[test]
fn what_was_cropped_turned_or_stamped_is_another_picture() {
    let whole = DynamicImage::from(paper(1));
    let mut stamped = paper(1);
    (400..560).for_each(|x| (900..1060).for_each(|y| stamped.put_pixel(x, y, image::Rgb([200, 40, 40]))));
    for other in [whole.crop_imm(20, 20, 820, 1160), whole.rotate180(), whole.rotate90(), stamped.into()] {
        assert!(!same(&thumb(&whole), &thumb(&other)));
    }
}

#[test]
fn a_plain_picture_has_no_print() {
    let plain = GrayImage::from_pixel(320, 200, image::Luma([240]));
    assert_eq!(Print::of(&plain), None);
    assert!(!same(&plain, &plain), "there is nothing to go by");
    let slope = GrayImage::from_fn(320, 200, |x, _| image::Luma([255 - (x * 3 / 4) as u8]));
    assert_eq!(Print::of(&slope), None, "every field stands out");
    assert!(!same(&GrayImage::new(0, 0), &GrayImage::new(3, 1)));
}

proptest! {
    #[test]
    fn prints_that_are_near_share_a_band(words in any::<[u64; 4]>(), at in prop::collection::hash_set(0_u32..256, 0..=7)) {
        let one = Print(words);
        let mut other = words;
        at.iter().for_each(|at| other[(at / 64) as usize] ^= 1 << (at % 64));
        let other = Print(other);
        prop_assert!(one.is_near(other));
        prop_assert!(one.bands().iter().any(|band| other.bands().contains(band)));
        prop_assert_eq!(Print::from_hex(&one.to_hex()), Some(one));
    }

    #[test]
    fn what_is_no_print_is_not_read(text in "[0-9a-fg,é]{0,70}") {
        prop_assume!(text.len() != 64 || text.contains(['g', ',']) || !text.is_ascii());
        prop_assert_eq!(Print::from_hex(&text), None);
    }
}
