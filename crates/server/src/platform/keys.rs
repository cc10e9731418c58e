//! The keys of an installation: a file beside the database, never in it. What they sign can't be written by somebody who has
//! nothing but the database.
//!
//! The ring is one for the process, set once at its start ([`install`]), like the clock: what is signed deep inside a
//! transaction needs no handle for it.
use std::{
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    sync::OnceLock,
};

use aes_siv::siv::Aes256Siv;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of a key.
const LENGTH: usize = 32;

/// What a signature is for: one key serves all purposes, and none can be taken for another.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// Events of cases and entries of 日志.
    Log,
    /// Anchors of the log, in files.
    Anchor,
    /// Browsers from which somebody has signed in before.
    Device,
    /// The mark by which a database knows its keys.
    Mark,
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file can't be read or made.
    #[error("key file {0}: {1}")]
    File(PathBuf, std::io::Error),
    /// A line isn't a name and 64 hex digits, or names repeat.
    #[error("key file {0}: line {1} isn't of the form name:64 hex digits, or its name stands there twice")]
    Line(PathBuf, usize),
    /// The file holds no key.
    #[error("key file {0} holds no key")]
    Empty(PathBuf),
    /// What is in the database was signed with another.
    #[error(
        "the database was written with key {0}, which the key file doesn't hold; put back the key file of this installation"
    )]
    Foreign(String),
    /// Another ring is installed already.
    #[error("this process has other keys already")]
    Installed,
}

/// The keys by name; the last one signs, all of them verify. One of them seals, all of them open.
#[derive(Clone)]
pub struct Ring {
    keys: Vec<(String, [u8; LENGTH])>,
    /// Personal data is sealed with keys of their own, derived once.
    sealing: Vec<[u8; 2 * LENGTH]>,
    /// Which of them seals: an index.
    seals: usize,
}

impl PartialEq for Ring {
    fn eq(&self, other: &Self) -> bool {
        self.keys == other.keys && self.seals == other.seals
    }
}

impl Eq for Ring {}

impl std::fmt::Debug for Ring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

static RING: OnceLock<Ring> = OnceLock::new();

impl Ring {
    /// Reads the file.
    ///
    /// # Errors
    /// When it isn't there, or isn't a key file.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let text = std::fs::read_to_string(path).map_err(|e| KeyError::File(path.to_owned(), e))?;
        let mut keys: Vec<(String, [u8; LENGTH])> = Vec::new();
        for (n, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = || KeyError::Line(path.to_owned(), n);
            let (name, digits) = line.split_once(':').ok_or_else(wrong)?;
            let key = hex::decode(digits).ok().and_then(|k| k.try_into().ok()).ok_or_else(wrong)?;
            let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric());
            if !plain || keys.iter().any(|(other, _)| other == name) {
                return Err(wrong());
            }
            keys.push((name.to_owned(), key));
        }
        if keys.is_empty() {
            return Err(KeyError::Empty(path.to_owned()));
        }
        let sealing = keys.iter().map(|(_, key)| sealing_key(key)).collect();
        Ok(Self { seals: keys.len() - 1, keys, sealing })
    }

    /// Reads the file, or makes it with a random key where there is none: nobody but its owner may read it.
    ///
    /// # Errors
    /// As [`Ring::read`]; when it can't be written.
    pub fn read_or_make(path: &Path) -> Result<Self, KeyError> {
        match Self::read(path) {
            Err(KeyError::File(_, e)) if e.kind() == ErrorKind::NotFound => {
                make(path).map_err(|e| KeyError::File(path.to_owned(), e))?;
                Self::read(path)
            }
            read => read,
        }
    }

    /// The names, the signing one last.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|(name, _)| name.as_str())
    }

    /// The same ring, sealing with the key of this name, which its database is sealed with.
    ///
    /// # Errors
    /// When there is no such key.
    pub fn sealing_with(mut self, name: &str) -> Result<Self, KeyError> {
        self.seals = self.position(name).ok_or_else(|| KeyError::Foreign(name.to_owned()))?;
        Ok(self)
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.keys.iter().position(|(n, _)| n == name)
    }

    /// The last one of the file.
    #[must_use]
    pub fn newest(&self) -> &str {
        self.keys.last().map_or("", |(name, _)| name)
    }

    /// Seals a text: `name:base64`. Nothing stays nothing.
    #[must_use]
    pub fn seal(&self, text: &str) -> String {
        let (Some((name, _)), Some(key)) = (self.keys.get(self.seals), self.sealing.get(self.seals)) else {
            return String::new();
        };
        if text.is_empty() {
            return String::new();
        }
        #[allow(clippy::expect_used, reason = "SIV refuses more than 126 headers, and there are none")]
        let sealed = Aes256Siv::new(key.into()).encrypt(HEADERS, text.as_bytes()).expect("no headers");
        format!("{name}:{}", BASE64_URL_SAFE_NO_PAD.encode(sealed))
    }

    fn seal_file(&self, content: &[u8]) -> Option<Vec<u8>> {
        let ((name, _), key) = (self.keys.get(self.seals)?, self.sealing.get(self.seals)?);
        let sealed = Aes256Siv::new(key.into()).encrypt(FILE_HEADERS, content).ok()?;
        Some([SEALED_FILE, name.as_bytes(), b":", &sealed].concat())
    }

    fn unseal_file(&self, stored: &[u8]) -> Option<Vec<u8>> {
        let named = stored.strip_prefix(SEALED_FILE)?;
        let end = named.iter().position(|b| *b == b':')?;
        let name = std::str::from_utf8(&named[..end]).ok()?;
        let key = self.sealing.get(self.position(name)?)?;
        Aes256Siv::new(key.into()).decrypt(FILE_HEADERS, &named[end + 1..]).ok()
    }

    /// What a sealed text says; None where none of these keys sealed it as it stands.
    #[must_use]
    pub fn unseal(&self, stored: &str) -> Option<String> {
        if stored.is_empty() {
            return Some(String::new());
        }
        let (name, sealed) = stored.split_once(':')?;
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let text = Aes256Siv::new(self.sealing.get(self.position(name)?)?.into()).decrypt(HEADERS, &sealed).ok()?;
        String::from_utf8(text).ok()
    }

    /// What a database keeps to know the key again: it tells nothing about it. None where there is no such key.
    #[must_use]
    pub fn mark(&self, name: &str) -> Option<String> {
        let (_, key) = self.keys.iter().find(|(n, _)| n == name)?;
        Some(hex::encode(mac(key, Purpose::Mark, name.as_bytes()).finalize().into_bytes()))
    }

    /// Looks whether all keys that a database names by their marks are here.
    ///
    /// # Errors
    /// The first one that isn't.
    pub fn must_know<'a>(&self, mut marks: impl Iterator<Item = (&'a str, &'a str)>) -> Result<(), KeyError> {
        match marks.find(|(name, mark)| self.mark(name).as_deref() != Some(*mark)) {
            Some((name, _)) => Err(KeyError::Foreign(name.to_owned())),
            None => Ok(()),
        }
    }

    fn sign(&self, purpose: Purpose, text: &[u8]) -> String {
        let Some((name, key)) = self.keys.last() else { return String::new() };
        format!("{name}:{}", hex::encode(mac(key, purpose, text).finalize().into_bytes()))
    }

    fn has_signed(&self, purpose: Purpose, text: &[u8], signature: &str) -> bool {
        let Some((name, digits)) = signature.split_once(':') else { return false };
        let Some((_, key)) = self.keys.iter().find(|(n, _)| n == name) else { return false };
        hex::decode(digits).is_ok_and(|given| mac(key, purpose, text).verify_slice(&given).is_ok())
    }
}

/// How a sealed file begins; no picture and no workbook does.
const SEALED_FILE: &[u8] = b"huzhu-sealed:";
/// A sealed file is told from a sealed text.
const FILE_HEADERS: [&[u8]; 1] = [b"file"];

/// A whole file or none, and never over another: two processes that start at once share one key.
fn make(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(file, "# The keys of this installation. Keep a copy apart from the database: without them what it holds")?;
    writeln!(file, "# can't be verified. A new last line signs from the next start on; never take one out.")?;
    writeln!(file, "k1:{}", super::secrets::session_token())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Err(e) if e.error.kind() != ErrorKind::AlreadyExists => Err(e.error),
        _ => Ok(()),
    }
}

/// Sealing has no associated data.
const HEADERS: [&[u8]; 0] = [];

#[allow(clippy::expect_used, reason = "HKDF gives 64 bytes")]
fn sealing_key(key: &[u8; LENGTH]) -> [u8; 2 * LENGTH] {
    let mut own = [0; 2 * LENGTH];
    Hkdf::<Sha256>::new(None, key).expand(b"seal", &mut own).expect("64 bytes");
    own
}

#[allow(clippy::expect_used, reason = "HKDF gives 32 bytes, and HMAC takes any key")]
fn mac(key: &[u8; LENGTH], purpose: Purpose, text: &[u8]) -> Hmac<Sha256> {
    let name: &[u8] = match purpose {
        Purpose::Log => b"log",
        Purpose::Anchor => b"anchor",
        Purpose::Device => b"device",
        Purpose::Mark => b"mark",
    };
    let mut own = [0; LENGTH];
    Hkdf::<Sha256>::new(None, key).expand(name, &mut own).expect("32 bytes");
    let mut mac = Hmac::<Sha256>::new_from_slice(&own).expect("any key");
    mac.update(text);
    mac
}

/// Gives the process its keys.
///
/// # Errors
/// When it has others.
pub fn install(ring: Ring) -> Result<(), KeyError> {
    let first = RING.get_or_init(|| ring.clone());
    if *first == ring { Ok(()) } else { Err(KeyError::Installed) }
}

#[allow(clippy::expect_used, reason = "a program that signs without keys is wrong, not unlucky")]
fn ring() -> &'static Ring {
    RING.get().expect("keys are installed before anything is signed")
}

/// Signs a text with the last key: `name:hex`.
#[must_use]
pub fn sign(purpose: Purpose, text: impl AsRef<[u8]>) -> String {
    ring().sign(purpose, text.as_ref())
}

/// Seals a text: `name:base64`. Nothing stays nothing.
#[must_use]
pub fn seal(text: &str) -> String {
    ring().seal(text)
}

/// What a sealed text says; None where it is none, or was changed.
#[must_use]
pub fn unseal(stored: &str) -> Option<String> {
    ring().unseal(stored)
}

/// Seals a file; None where that fails.
#[must_use]
pub fn seal_file(content: &[u8]) -> Option<Vec<u8>> {
    ring().seal_file(content)
}

/// Whether a stored file is a sealed one.
#[must_use]
pub fn is_sealed_file(stored: &[u8]) -> bool {
    stored.starts_with(SEALED_FILE)
}

/// What a sealed file holds; None where it was changed, or sealed with another key.
#[must_use]
pub fn unseal_file(stored: &[u8]) -> Option<Vec<u8>> {
    ring().unseal_file(stored)
}

/// Whether one of the keys signed this text.
#[must_use]
pub fn has_signed(purpose: Purpose, text: impl AsRef<[u8]>, signature: &str) -> bool {
    ring().has_signed(purpose, text.as_ref(), signature)
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
