//! Pictures that are made to harm: bombs, two files in one, cut off and bent ones. Each is taken in whole or refused, memory stays bounded, and
//! the server goes on answering.
use std::{fs, io::Write};

use image::{DynamicImage, ImageFormat};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::world::{User, World, encoded};

/// What the process took at most, in megabytes.
fn peak_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// A PNG whose header says a size and whose rows are all there, as zeros.
fn bomb(width: u32, height: u32, rows: u32) -> Vec<u8> {
    let chunk = |kind: &[u8], data: &[u8]| {
        let body = [kind, data].concat();
        let mut crc = flate2::Crc::new();
        crc.update(&body);
        [&u32::try_from(data.len()).unwrap().to_be_bytes(), &body[..], &crc.sum().to_be_bytes()].concat()
    };
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, 2, 0, 0, 0]);
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let row = vec![0; width as usize * 3 + 1];
    for _ in 0..rows {
        packed.write_all(&row).unwrap();
    }
    [
        &b"\x89PNG\r\n\x1a\n"[..],
        &chunk(b"IHDR", &header),
        &chunk(b"IDAT", &packed.finish().unwrap()),
        &chunk(b"IEND", &[]),
    ]
    .concat()
}

async fn sent(user: &User, id: i64, picture: &[u8]) -> (u16, String) {
    let answer = user.upload(id, "settlement", "p.jpg", picture).await;
    let code = answer.json["code"].as_str().unwrap_or_default().to_owned();
    if answer.status == 201 {
        let file = &answer.json["id"];
        assert_eq!(user.get(&format!("/api/cases/{id}/materials/{file}/content")).await.status, 200);
        assert_eq!(user.delete(&format!("/api/cases/{id}/materials/{file}")).await.status, 204);
    }
    (answer.status, code)
}

#[tokio::test]
async fn pictures_that_are_made_to_harm_do_none() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    let png = encoded(1, ImageFormat::Png);
    let jpeg = encoded(1, ImageFormat::Jpeg);
    let refused = |code: &str| (422, code.to_owned());
    for (picture, expected) in [
        (bomb(60_000, 60_000, 10), refused("picture_too_many_pixels")),
        (bomb(7_200, 7_200, 7_200), refused("picture_too_many_pixels")),
        (bomb(u32::MAX >> 1, 1, 0), refused("picture_broken")),
        (bomb(7_000, 7_000, 10), refused("picture_broken")),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(), refused("picture_wrong_type")),
        (b"GIF89a\x01\0\x01\0/*<script>*/=1".to_vec(), refused("picture_wrong_type")),
        (b"%PDF-1.7\n".to_vec(), refused("picture_wrong_type")),
        (Vec::new(), refused("picture_empty")),
    ] {
        assert_eq!(sent(&unit, id, &picture).await, expected, "{:?}", &picture[..picture.len().min(24)]);
    }
    // The largest that is taken, from a file of some kilobytes.
    assert_eq!(sent(&unit, id, &bomb(7_000, 7_000, 7_000)).await.0, 201);
    // A page behind a picture's end is a picture: nothing else is ever served as what it isn't.
    let two = [&jpeg[..], b"<script>alert(1)</script>PK\x03\x04"].concat();
    assert!([201, 422].contains(&sent(&unit, id, &two).await.0));

    let mut rng = StdRng::seed_from_u64(6);
    let large = {
        let mut out = std::io::Cursor::new(Vec::new());
        let drawn = image::RgbImage::from_fn(300, 200, |x, y| image::Rgb([(x * y) as u8, x as u8, y as u8]));
        DynamicImage::from(drawn).write_to(&mut out, ImageFormat::Jpeg).unwrap();
        out.into_inner()
    };
    for n in 0..120 {
        let mut bent = [&png, &jpeg, &large][n % 3].clone();
        for _ in 0..rng.random_range(1..6) {
            let at = rng.random_range(0..bent.len());
            match rng.random_range(0..3) {
                0 => bent[at] = rng.random(),
                1 => bent.truncate(at.max(1)),
                _ => bent.insert(at, rng.random()),
            }
        }
        let (status, code) = sent(&unit, id, &bent).await;
        assert!(status == 201 || status == 422 && code.starts_with("picture_"), "{status} {code}");
    }
    assert!(peak_mb() < 700, "{} MB", peak_mb());
    assert_eq!(unit.get("/api/todo").await.status, 200);
}

/// Broken pictures of a public test suite, and whole ones with much beside the picture (`fuzz/corpus/README.md`). What else lies there
/// is tried without a server.
#[tokio::test]
async fn broken_pictures_of_a_test_suite_are_refused_and_odd_ones_taken_in() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/picture");
    let (mut broken, mut odd) = (0, 0);
    for entry in fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("pngsuite-x") {
            let (status, code) = sent(&unit, id, &fs::read(&path).unwrap()).await;
            assert!(status == 422 && code.starts_with("picture_"), "{name}: {status} {code}");
            broken += 1;
        } else if name.starts_with("made-") {
            assert_eq!(sent(&unit, id, &fs::read(&path).unwrap()).await.0, 201, "{name}");
            odd += 1;
        }
    }
    assert!(broken >= 14 && odd >= 17, "{broken} {odd}");
    assert_eq!(unit.get("/api/todo").await.status, 200);
}
