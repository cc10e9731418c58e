//! Where pictures lie: a folder by default, S3 by configuration. Contents are addressed by their SHA-256, so the same
//! picture is stored once and a name can never point at another content.
use std::path::Path;

use axum::http::StatusCode;
use bytes::Bytes;
use opendal::{
    Operator,
    layers::{RetryLayer, TimeoutLayer},
    services,
};

use super::{config::Config, error::Problem, keys};

/// Bytes that are read and written at a time.
pub const CHUNK: usize = 256 * 1024;

/// The store of pictures.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Operator,
    /// Whether what comes is sealed from now on; what was sealed is opened in any case.
    seals: bool,
}

/// Keys, one after the other.
pub struct Keys(opendal::Lister);

impl Keys {
    /// The next one.
    ///
    /// # Errors
    /// When the store can't be listed.
    pub async fn next(&mut self) -> Result<Option<String>, opendal::Error> {
        use futures::TryStreamExt;
        while let Some(entry) = self.0.try_next().await? {
            if entry.metadata().is_file() {
                return Ok(Some(entry.path().to_owned()));
            }
        }
        Ok(None)
    }
}

impl Blobs {
    /// Opens the store that the settings name.
    ///
    /// # Errors
    /// When the address isn't one, or the folder can't be made.
    pub fn open(config: &Config) -> Result<Self, opendal::Error> {
        super::tls::provide();
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
        let store = operator.layer(TimeoutLayer::new()).layer(RetryLayer::new());
        Ok(Self { store, seals: config.seal_files })
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
        if self.store.exists(&key).await? {
            return Ok(());
        }
        if self.seals {
            let content = tokio::fs::read(file).await?;
            return Ok(self.store.write(&key, sealed(content).await?).await.map(|_| ())?);
        }
        let mut source = tokio::fs::File::open(file).await?;
        let mut writer = self.store.writer(&key).await?;
        let mut buffer = vec![0; CHUNK];
        loop {
            let n = source.read(&mut buffer).await?;
            if n == 0 {
                break;
            }
            writer.write(Bytes::copy_from_slice(&buffer[..n])).await?;
        }
        writer.close().await?;
        Ok(())
    }

    /// Whether a content is there.
    ///
    /// # Errors
    /// When the store doesn't answer.
    pub async fn is_there(&self, sha256: &str) -> Result<bool, opendal::Error> {
        self.store.exists(&Self::key(sha256, "")).await
    }

    /// Bytes of a content; nothing where it isn't there.
    ///
    /// # Errors
    /// When the store doesn't answer.
    pub async fn size(&self, sha256: &str) -> Result<u64, opendal::Error> {
        Ok(self.size_under(&Self::key(sha256, "")).await?.unwrap_or_default())
    }

    /// Removes a content with its thumbnail; what isn't there needs no removing. Who calls it has seen that nothing names it.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn remove(&self, sha256: &str) -> Result<(), opendal::Error> {
        self.store.delete(&Self::key(sha256, ".thumb")).await?;
        self.store.delete(&Self::key(sha256, "")).await
    }

    /// The keys of everything that is there.
    ///
    /// # Errors
    /// When the store can't be listed.
    pub async fn keys(&self) -> Result<Keys, opendal::Error> {
        Ok(Keys(self.store.lister_with("").recursive(true).await?))
    }

    /// How many bytes lie under a key; None where nothing does.
    ///
    /// # Errors
    /// When the store doesn't answer.
    pub async fn size_under(&self, key: &str) -> Result<Option<u64>, opendal::Error> {
        match self.store.stat(key).await {
            Ok(found) => Ok(Some(found.content_length())),
            Err(error) if error.kind() == opendal::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Copies what lies under a key into a file, and says how large it is.
    ///
    /// # Errors
    /// When the store can't be read; inside, when the file can't be written.
    pub async fn copy_out(&self, key: &str, path: &Path) -> Result<std::io::Result<u64>, opendal::Error> {
        use futures::TryStreamExt;
        let mut file = match std::fs::File::create(path) {
            Ok(file) => file,
            Err(error) => return Ok(Err(error)),
        };
        let mut stream = self.store.reader_with(key).chunk(CHUNK).await?.into_stream(..).await?;
        let mut size = 0;
        while let Some(part) = stream.try_next().await? {
            for bytes in part {
                size += bytes.len() as u64;
                if let Err(error) = std::io::Write::write_all(&mut file, &bytes) {
                    return Ok(Err(error));
                }
            }
        }
        Ok(file.sync_all().map(|()| size))
    }

    /// Copies a file to where it lay when its key was listed.
    ///
    /// # Errors
    /// When the store can't be written; inside, when the file can't be read.
    pub async fn copy_in(&self, key: &str, path: &Path) -> Result<std::io::Result<()>, opendal::Error> {
        let mut writer = self.store.writer(key).await?;
        let mut source = match std::fs::File::open(path) {
            Ok(file) => file,
            Err(error) => return Ok(Err(error)),
        };
        let mut buffer = vec![0; CHUNK];
        loop {
            match std::io::Read::read(&mut source, &mut buffer) {
                Ok(0) => break,
                Ok(n) => writer.write(Bytes::copy_from_slice(&buffer[..n])).await?,
                Err(error) => return Ok(Err(error)),
            }
        }
        writer.close().await?;
        Ok(Ok(()))
    }

    /// Stores the thumbnail of a content.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn put_thumbnail(&self, sha256: &str, jpeg: Vec<u8>) -> Result<(), Problem> {
        let jpeg = if self.seals { sealed(jpeg).await? } else { jpeg };
        self.store.write(&Self::key(sha256, ".thumb"), jpeg).await?;
        Ok(())
    }

    /// A content whole.
    ///
    /// # Errors
    /// When it isn't there or can't be read.
    pub async fn read(&self, sha256: &str) -> Result<Bytes, Problem> {
        must_be_named(sha256)?;
        opened(self.store.read(&Self::key(sha256, "")).await?.to_bytes()).await
    }

    /// The thumbnail of a content.
    ///
    /// # Errors
    /// When it isn't there or can't be read.
    pub async fn thumbnail(&self, sha256: &str) -> Result<Bytes, Problem> {
        must_be_named(sha256)?;
        opened(self.store.read(&Self::key(sha256, ".thumb")).await?.to_bytes()).await
    }
}

/// A row whose content was erased names none.
fn must_be_named(sha256: &str) -> Result<(), Problem> {
    if sha256.is_empty() { Err(Problem::new(StatusCode::GONE, "picture_erased")) } else { Ok(()) }
}

/// Seals a content, off the async threads: a large one takes milliseconds.
async fn sealed(content: Vec<u8>) -> Result<Vec<u8>, Problem> {
    let sealed = tokio::task::spawn_blocking(move || keys::seal_file(&content)).await.map_err(Problem::internal)?;
    sealed.ok_or_else(|| Problem::internal("a file can't be sealed"))
}

/// What a stored content holds.
async fn opened(stored: Bytes) -> Result<Bytes, Problem> {
    if !keys::is_sealed_file(&stored) {
        return Ok(stored);
    }
    let opened = tokio::task::spawn_blocking(move || keys::unseal_file(&stored)).await.map_err(Problem::internal)?;
    opened.map(Bytes::from).ok_or_else(|| Problem::internal("a sealed file can't be opened with these keys"))
}
