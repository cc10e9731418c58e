//! Where pictures lie: a folder by default, S3 by configuration. Contents are addressed by their SHA-256, so the same
//! picture is stored once and a name can never point at another content.
use std::path::Path;

use opendal::{
    Operator,
    layers::{RetryLayer, TimeoutLayer},
    services,
};

use super::{config::Config, error::Problem};

/// Bytes that are read and written at a time.
pub const CHUNK: usize = 256 * 1024;

/// The store of pictures.
#[derive(Clone, Debug)]
pub struct Blobs(Operator);

impl Blobs {
    /// Opens the store that the settings name.
    ///
    /// # Errors
    /// When the address isn't one, or the folder can't be made.
    pub fn open(config: &Config) -> Result<Self, opendal::Error> {
        let operator = match &config.blob_url {
            Some(url) => {
                let (bucket, root) = url.trim_start_matches("s3://").split_once('/').unwrap_or((url, ""));
                Operator::new(services::S3::default().bucket(bucket.trim_start_matches("s3://")).root(root))?
            }
            None => {
                let root = config.data_dir.join("blobs");
                let scratch = config.data_dir.join("blobs-partial");
                let fs =
                    services::Fs::default().root(&root.to_string_lossy()).atomic_write_dir(&scratch.to_string_lossy());
                Operator::new(fs)?
            }
        };
        Ok(Self(operator.layer(TimeoutLayer::new()).layer(RetryLayer::new())))
    }

    fn key(sha256: &str, suffix: &str) -> String {
        format!("{}/{}/{sha256}{suffix}", &sha256[..2], &sha256[2..4])
    }

    /// Stores a file under its digest; nothing happens where the content is there already.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn put_file(&self, sha256: &str, file: &Path) -> Result<(), Problem> {
        use tokio::io::AsyncReadExt;
        let key = Self::key(sha256, "");
        if self.0.exists(&key).await.map_err(Problem::internal)? {
            return Ok(());
        }
        let mut source = tokio::fs::File::open(file).await.map_err(Problem::internal)?;
        let mut writer = self.0.writer(&key).await.map_err(Problem::internal)?;
        let mut buffer = vec![0; CHUNK];
        loop {
            let n = source.read(&mut buffer).await.map_err(Problem::internal)?;
            if n == 0 {
                break;
            }
            writer.write(bytes::Bytes::copy_from_slice(&buffer[..n])).await.map_err(Problem::internal)?;
        }
        writer.close().await.map_err(Problem::internal).map(|_| ())
    }

    /// Stores the thumbnail of a content.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn put_thumbnail(&self, sha256: &str, jpeg: Vec<u8>) -> Result<(), Problem> {
        self.0.write(&Self::key(sha256, ".thumb"), jpeg).await.map_err(Problem::internal).map(|_| ())
    }

    /// A content as a stream.
    ///
    /// # Errors
    /// When it isn't there or can't be read.
    pub async fn stream(&self, sha256: &str) -> Result<opendal::FuturesBytesStream, Problem> {
        let reader = self.0.reader_with(&Self::key(sha256, "")).chunk(CHUNK).await.map_err(Problem::internal)?;
        reader.into_bytes_stream(..).await.map_err(Problem::internal)
    }

    /// The thumbnail of a content.
    ///
    /// # Errors
    /// When it isn't there or can't be read.
    pub async fn thumbnail(&self, sha256: &str) -> Result<bytes::Bytes, Problem> {
        let buffer = self.0.read(&Self::key(sha256, ".thumb")).await.map_err(Problem::internal)?;
        Ok(buffer.to_bytes())
    }
}
