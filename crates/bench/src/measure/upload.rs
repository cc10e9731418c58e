//! 材料上传 of pictures of ten megabytes, against hashing, decoding and writing them alone.
use std::{
    io::{Cursor, Write},
    time::{Duration, Instant},
};

use image::{ImageFormat, RgbImage, codecs::jpeg::JpegEncoder};
use sha2::{Digest, Sha256};

use super::{Bench, work};
use crate::{
    Fault,
    fill::people::drawn,
    table::{Line, Target},
};

const AT_ONCE: usize = 20;

impl Bench {
    pub(super) async fn upload(&mut self) -> Result<(), Fault> {
        let count = if self.args.quick { 4 } else { AT_ONCE };
        let client = self.sign_in("entry-0").await?;
        let claim = work::claim(&client, &self.fresh(1)?[0]).await?;
        let id = work::accept(&client, &format!("upload-{:?}", Instant::now()), &[claim]).await?[0];
        let salt = u64::try_from(id)?;
        let pictures =
            tokio::task::spawn_blocking(move || (0..count as u64).map(|n| photo(salt * 100 + n)).collect::<Vec<_>>());
        let pictures = pictures.await?;
        #[allow(clippy::cast_precision_loss, reason = "megabytes")]
        let megabytes = pictures.iter().map(Vec::len).sum::<usize>() as f64 / 1e6;
        self.server.forget_peak()?;
        let started = Instant::now();
        futures::future::try_join_all(pictures.iter().map(|p| client.upload(id, "settlement", p.clone()))).await?;
        let took = started.elapsed();
        let memory = self.server.peak()?;
        let dir = self.args.dir.clone();
        let floor = tokio::task::spawn_blocking(move || alone(&pictures, &dir)).await??;
        let rate = |d: Duration| megabytes / d.as_secs_f64();
        let name = format!("{count} pictures of {:.1} MB at once", megabytes / f64::from(u32::try_from(count)?));
        self.add(Line::new(&name, "MB/s", rate(took), Target::Part(0.5)).over(rate(floor)));
        self.add(Line::new(format!("{name}, the server's memory"), "MB", memory, Target::AtMost(300.0)));
        Ok(())
    }
}

/// A photograph of about ten megabytes: noise doesn't compress.
fn photo(seed: u64) -> Vec<u8> {
    let picture = RgbImage::from_fn(3000, 4000, |x, y| {
        let n = drawn((seed << 32) + u64::from(y) * 3000 + u64::from(x));
        let [a, b, c, ..] = n.to_le_bytes();
        image::Rgb([a / 3 + 120, b / 3 + 120, c / 3 + 100])
    });
    let mut out = Cursor::new(Vec::new());
    let _memory = JpegEncoder::new_with_quality(&mut out, 80).encode_image(&picture);
    out.into_inner()
}

/// Two at a time, as there are cores.
fn alone(pictures: &[Vec<u8>], dir: &std::path::Path) -> Result<Duration, Fault> {
    let started = Instant::now();
    let halves = pictures.chunks(pictures.len().div_ceil(2));
    std::thread::scope(|scope| -> Result<(), Fault> {
        let workers: Vec<_> =
            halves.map(|half| scope.spawn(move || half.iter().try_for_each(|p| one(p, dir)))).collect();
        workers.into_iter().try_for_each(|w| w.join().map_err(|_| "a thread died")?)
    })?;
    Ok(started.elapsed())
}

fn one(picture: &[u8], dir: &std::path::Path) -> Result<(), Fault> {
    let digest = Sha256::digest(picture);
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(picture)?;
    file.as_file().sync_all()?;
    let decoded = image::load_from_memory_with_format(picture, ImageFormat::Jpeg)?;
    if decoded.width() == 0 || digest.is_empty() { Err("nothing decoded".into()) } else { Ok(()) }
}
