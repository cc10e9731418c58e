//! Compressed files of lines, with their digests.
use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use sha2::{Digest, Sha256};

use super::{BackupError, Part};

/// Writes one part.
pub(super) struct Lines {
    name: String,
    path: PathBuf,
    out: GzEncoder<Hashing<BufWriter<File>>>,
    rows: u64,
}

struct Hashing<W> {
    inner: W,
    digest: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.digest.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

impl Lines {
    pub(super) fn create(folder: &Path, name: &str) -> Result<Self, BackupError> {
        let part = Part { name: name.to_owned(), rows: 0, sha256: String::new() };
        let path = part.path(folder);
        let file = File::create_new(&path).map_err(BackupError::at(&path))?;
        let out = Hashing { inner: BufWriter::new(file), digest: Sha256::new() };
        Ok(Self { name: part.name, path, out: GzEncoder::new(out, Compression::fast()), rows: 0 })
    }

    pub(super) fn push(&mut self, line: &str) -> Result<(), BackupError> {
        self.rows += 1;
        // JSON has no line feed of its own but escaped.
        writeln!(self.out, "{line}").map_err(BackupError::at(&self.path))
    }

    /// Ends the part; it is on the disk then.
    pub(super) fn finish(self) -> Result<Part, BackupError> {
        let Self { name, path, out, rows } = self;
        let close = || -> std::io::Result<String> {
            let Hashing { inner, digest } = out.finish()?;
            inner.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
            Ok(hex::encode(digest.finalize()))
        };
        let sha256 = close().map_err(BackupError::at(&path))?;
        Ok(Part { name, rows, sha256 })
    }
}

/// The SHA-256 of a file.
pub(super) fn digest(path: &Path) -> Result<String, BackupError> {
    let read = || -> std::io::Result<String> {
        let (mut file, mut digest, mut buffer) = (File::open(path)?, Sha256::new(), vec![0; 1024 * 1024]);
        loop {
            let n = file.read(&mut buffer)?;
            if n == 0 {
                return Ok(hex::encode(digest.finalize()));
            }
            digest.update(&buffer[..n]);
        }
    };
    read().map_err(BackupError::at(path))
}

/// The lines of a part.
pub(super) struct Reading {
    path: PathBuf,
    lines: std::io::Lines<BufReader<GzDecoder<File>>>,
}

impl Reading {
    pub(super) fn open(folder: &Path, part: &Part) -> Result<Self, BackupError> {
        let path = part.path(folder);
        let file = File::open(&path).map_err(BackupError::at(&path))?;
        Ok(Self { lines: BufReader::new(GzDecoder::new(file)).lines(), path })
    }

    /// The next line; None at the end.
    pub(super) fn next(&mut self) -> Result<Option<String>, BackupError> {
        self.lines.next().transpose().map_err(BackupError::at(&self.path))
    }
}
