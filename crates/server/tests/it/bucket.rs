//! An S3 server of one's own: what it is sent lies in a folder, and every request must be signed.
use std::path::Path;

use axum::{Router, body::Body, extract::Request, http::StatusCode};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use tower::ServiceExt;

pub const NAME: &str = "huzhu";
pub const KEY_ID: &str = "huzhu-test";
pub const SECRET: &str = "a secret of the tests";

/// The bucket [`NAME`] in a folder, told of each request as `PUT /huzhu/…`.
pub fn router(folder: &Path, told: impl Fn(String) + Clone + Send + Sync + 'static) -> Router {
    std::fs::create_dir_all(folder.join(NAME)).unwrap();
    let mut s3 = S3ServiceBuilder::new(FileSystem::new(folder).unwrap());
    s3.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
    let s3 = s3.build();
    Router::new().fallback(move |request: Request| {
        told(format!("{} {}", request.method(), request.uri()));
        let s3 = s3.clone();
        async move {
            let failed = |error: s3s::HttpError| (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:?}"));
            s3.oneshot(request).await.map(|answer| answer.map(Body::new)).map_err(failed)
        }
    })
}
