//! A file on its way from the wire to the disk: streamed, counted, gone when nobody keeps it.
use axum::{
    extract::multipart::{Field, MultipartError},
    http::StatusCode,
};
use std::path::Path;
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;

use super::error::Problem;

/// The longest file name that is kept, in characters.
const MAX_NAME: usize = 120;

/// Only the last part of a path, without control characters.
#[must_use]
pub fn file_name(given: Option<&str>) -> String {
    let last = given.unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect()
}

/// What became of a multipart body that ended too early or grew too large; `too_large` is the code for the latter.
pub fn cut_off(too_large: &'static str) -> impl Fn(MultipartError) -> Problem {
    move |error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(StatusCode::PAYLOAD_TOO_LARGE, too_large),
        _ => Problem::new(StatusCode::BAD_REQUEST, "upload_cut_off"),
    }
}

/// Writes a part to a temporary file in `dir`.
///
/// # Errors
/// 413 with the code `too_large` beyond `max_bytes`, 400 when the body ends too early.
pub async fn receive(
    mut field: Field<'_>,
    dir: &Path,
    max_bytes: u64,
    too_large: &'static str,
) -> Result<NamedTempFile, Problem> {
    let file = NamedTempFile::new_in(dir)?;
    let mut out = tokio::fs::File::from_std(file.reopen()?);
    let mut size = 0_u64;
    while let Some(chunk) = field.chunk().await.map_err(cut_off(too_large))? {
        size += chunk.len() as u64;
        if size > max_bytes {
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, too_large));
        }
        out.write_all(&chunk).await?;
    }
    out.flush().await?;
    Ok(file)
}
