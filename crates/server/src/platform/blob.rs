//! Where pictures lie: a folder by default, S3 by configuration. Contents are addressed by their SHA-256, so the same
//! picture is stored once and a name can never point at another content.
use std::{path::Path, time::Duration};

use axum::http::StatusCode;
use bytes::Bytes;
use opendal::{
    Buffer, BufferStream, HttpTransporter, Operator, Writer,
    layers::{RetryLayer, TimeoutLayer},
    services,
};
use opendal_http_transport_reqwest::ReqwestTransport;

use super::{
    config::{Bucket, Config, Secret},
    error::Problem,
    keys,
};

/// Bytes that are read and written at a time.
pub const CHUNK: usize = 256 * 1024;
/// Bytes of a part by which S3 is sent what is larger than one: the least that it takes.
pub const S3_PART: usize = 5 * 1024 * 1024;
/// How long the store may take for an answer that carries no content.
const PATIENCE: Duration = Duration::from_secs(10);
/// After this, twice this and four times this what failed on the way is asked for again.
const BREATH: Duration = Duration::from_millis(200);

/// The store of pictures.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Operator,
    /// By parts of how many bytes a file is sent; None: as it is read.
    part: Option<usize>,
    /// Whether what comes is sealed from now on; what was sealed is opened in any case.
    seals: bool,
}

/// A content as it is stored, part by part.
pub struct Parts {
    first: Option<Bytes>,
    rest: BufferStream,
}

impl Parts {
    /// What it begins with; nothing where it is empty.
    #[must_use]
    pub fn beginning(&self) -> &[u8] {
        self.first.as_deref().unwrap_or_default()
    }

    /// The next part.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn next(&mut self) -> Result<Option<Bytes>, opendal::Error> {
        use futures::TryStreamExt;
        match self.first.take() {
            Some(first) => Ok(Some(first)),
            None => Ok(self.rest.try_next().await?.map(|part| part.to_bytes())),
        }
    }

    /// Whether it was sealed: then it is opened whole or not at all.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        keys::is_sealed_file(self.beginning())
    }

    /// All of it, opened where it was sealed.
    ///
    /// # Errors
    /// When the store can't be read, or these keys don't open it.
    pub async fn whole(mut self) -> Result<Bytes, Problem> {
        let mut parts = Vec::new();
        while let Some(part) = self.next().await? {
            parts.push(part);
        }
        opened(Buffer::from(parts).to_bytes()).await
    }
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
        HttpTransporter::install_default(ReqwestTransport::default());
        let operator = match &config.blob_url {
            Some(url) => Operator::new(s3(url, &config.bucket))?,
            None => {
                let root = config.data_dir.join("blobs");
                let scratch = config.data_dir.join("blobs-partial");
                let fs =
                    services::Fs::default().root(&root.to_string_lossy()).atomic_write_dir(&scratch.to_string_lossy());
                Operator::new(fs)?
            }
        };
        let store = operator
            .layer(TimeoutLayer::new().with_timeout(PATIENCE))
            .layer(RetryLayer::new().with_min_delay(BREATH).with_max_times(3));
        Ok(Self { store, part: config.blob_url.as_ref().map(|_| S3_PART), seals: config.seal_files })
    }

    async fn writer(&self, key: &str) -> Result<Writer, opendal::Error> {
        let writing = self.store.writer_with(key);
        match self.part {
            Some(bytes) => writing.chunk(bytes).await,
            None => writing.await,
        }
    }

    fn key(sha256: &str, suffix: &str) -> String {
        format!("{}/{}/{sha256}{suffix}", &sha256[..2], &sha256[2..4])
    }

    /// Stores a file under its digest; nothing happens where the content is there already.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn put_file(&self, sha256: &str, file: &Path) -> Result<(), Problem> {
        let key = Self::key(sha256, "");
        if self.store.exists(&key).await? {
            return Ok(());
        }
        if self.seals {
            let content = tokio::fs::read(file).await?;
            return Ok(self.store.write(&key, sealed(content).await?).await.map(|_| ())?);
        }
        let source = tokio::fs::File::open(file).await?;
        let mut writer = self.writer(&key).await?;
        let sent = send(source, &mut writer).await;
        if sent.is_err() {
            // Parts that S3 has already would lie there, seen by nobody. A store that is away can't be told.
            let _ = writer.abort().await;
        }
        sent
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
        let mut stream = self.store.reader(key).await?.into_stream(..).await?;
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
        let mut writer = self.writer(key).await?;
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

    /// A content as it is stored, of which the first part is there.
    ///
    /// # Errors
    /// When it isn't there or can't be read.
    pub async fn parts(&self, sha256: &str) -> Result<Parts, Problem> {
        must_be_named(sha256)?;
        let rest = self.store.reader(&Self::key(sha256, "")).await?.into_stream(..).await?;
        let mut parts = Parts { first: None, rest };
        parts.first = parts.next().await?;
        Ok(parts)
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

async fn send(mut source: tokio::fs::File, writer: &mut Writer) -> Result<(), Problem> {
    use tokio::io::AsyncReadExt;
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

/// A bucket of S3 and the place in it, as in `s3://bucket/prefix`. What isn't set is taken from where all programs of AWS take it.
fn s3(url: &str, bucket: &Bucket) -> services::S3 {
    let place = url.trim_start_matches("s3://");
    let (name, root) = place.split_once('/').unwrap_or((place, ""));
    let set = |value: &Option<String>| value.clone().unwrap_or_default();
    let builder = services::S3::default().bucket(name).root(root);
    let builder = builder.endpoint(&set(&bucket.endpoint)).region(&set(&bucket.region));
    builder.access_key_id(&set(&bucket.key_id)).secret_access_key(bucket.secret.as_ref().map_or("", Secret::told))
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
