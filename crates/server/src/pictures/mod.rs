//! Pictures on their way from the wire to the store: streamed to the disk, looked at, stored by content. What a file is,
//! its content says, never its name.
mod alike;

use std::{io, path::Path as FilePath};

use axum::{
    body::Body,
    extract::multipart::{Field, MultipartError},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;

use futures::stream::{self, Stream};
use huzhu_intake::picture::{Flow, Print, bare, inspect};
use tempfile::NamedTempFile;

pub use alike::{remember, write_alike};
pub use huzhu_intake::picture::MAX_BYTES;
pub use upload::file_name;

use crate::{
    app::App,
    platform::{blob::Parts, error::Problem, secrets, upload},
};

/// The code for a picture that is too large.
const TOO_LARGE: &str = "picture_too_large";

/// Said to the log where a stored picture was damaged.
const NOT_TOLD_APART: &str = "a stored picture whose parts can't be told apart";

/// What a multipart body carries besides the file.
const ENVELOPE: u64 = 64 * 1024;

/// A content never changes under its address, but only who may see it may keep it.
const KEEP: &str = "private, max-age=86400, immutable";

/// A picture that lies in the store of pictures.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Digest of its content.
    pub sha256: String,
    /// `image/png` or `image/jpeg`.
    pub content_type: &'static str,
    /// Bytes.
    pub size: u64,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// By what it is found again when it is saved anew.
    print: Option<Print>,
    /// Digests of those that show the same, itself among them; empty where that is written down already.
    alike: Vec<String>,
}

/// The largest body of a form with one picture.
#[must_use]
pub fn max_form() -> usize {
    usize::try_from(MAX_BYTES + ENVELOPE).unwrap_or(usize::MAX)
}

/// A picture as an answer, without what a camera wrote beside it. A JPEG goes out as it is read; what is sealed, and a PNG, is read first.
///
/// # Errors
/// When it isn't in the store.
pub async fn answer(app: &App, sha256: &str, content_type: String) -> Result<Response, Problem> {
    let parts = app.blobs.parts(sha256).await?;
    if !parts.is_sealed() && content_type == "image/jpeg" {
        return Ok((headers(content_type), Body::from_stream(flowing(parts))).into_response());
    }
    let came = parts.whole().await?;
    let left = tokio::task::spawn_blocking(move || bare(came)).await.map_err(Problem::internal)?;
    let left = left.ok_or_else(|| Problem::internal(NOT_TOLD_APART))?;
    Ok((headers(content_type), left).into_response())
}

/// What leaves of a JPEG, part by part. It was looked at when it came, so that it breaks off only where the store does or the file
/// was damaged since; then the answer breaks off, too.
fn flowing(parts: Parts) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold((parts, Flow::default()), |(mut parts, mut flow)| async move {
        let left = next_of(&mut parts, &mut flow).await.map_err(|problem| io::Error::other(problem.code()))?;
        Ok(left.map(|left| (left, (parts, flow))))
    })
}

async fn next_of(parts: &mut Parts, flow: &mut Flow) -> Result<Option<Bytes>, Problem> {
    let damaged = || Problem::internal(NOT_TOLD_APART);
    let Some(part) = parts.next().await? else {
        return if flow.is_whole() { Ok(None) } else { Err(damaged()) };
    };
    flow.push(&part).map(|left| Some(left.into())).ok_or_else(damaged)
}

/// Looks whether a stored content is still there. Asked by whoever wrote a row that names it, before that is committed: while
/// nothing named it, it may have been removed (保管期限与清除).
///
/// # Errors
/// 409 where it is gone and has to be sent again.
pub async fn must_be_there(app: &App, sha256: &str) -> Result<(), Problem> {
    if app.blobs.is_there(sha256).await? {
        return Ok(());
    }
    Err(Problem::new(StatusCode::CONFLICT, "picture_gone"))
}

/// The headers under which a picture is sent.
#[must_use]
pub fn headers(content_type: String) -> [(header::HeaderName, String); 3] {
    [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, KEEP.to_owned()),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
    ]
}

/// What a multipart form that ends too early or is too long is answered.
#[must_use]
pub fn cut_off(error: MultipartError) -> Problem {
    upload::cut_off(TOO_LARGE)(error)
}

/// Streams an upload to the disk.
///
/// # Errors
/// 413 where it is too large, 400 where it breaks off.
pub async fn receive(app: &App, field: Field<'_>) -> Result<NamedTempFile, Problem> {
    upload::receive(field, &app.config.data_dir.join("uploads"), MAX_BYTES, TOO_LARGE).await
}

/// Looks at a file and stores it with its thumbnail under the digest of its content.
///
/// # Errors
/// 422 with the reason where it is no whole picture within the limits.
pub async fn store_file(app: &App, path: &FilePath) -> Result<Picture, Problem> {
    let _turn = app.decoders.acquire().await.map_err(Problem::internal)?;
    let owned = path.to_owned();
    let (looked_at, sha256, size) = tokio::task::spawn_blocking(move || {
        let content = Bytes::from(std::fs::read(&owned)?);
        Ok::<_, io::Error>((inspect(&content), secrets::sha256(&content), content.len() as u64))
    })
    .await
    .map_err(Problem::internal)??;
    let found = looked_at.map_err(|code| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code))?;
    app.blobs.put_thumbnail(&sha256, found.thumbnail).await?;
    app.blobs.put_file(&sha256, path).await?;
    Ok(Picture {
        sha256,
        content_type: found.content_type,
        size,
        width: found.width,
        height: found.height,
        print: found.print,
        alike: Vec::new(),
    })
}
