//! Randomness, password hashes and digests. The only place that draws random numbers.
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::error::Problem;

/// Letters and digits that nobody mistakes for each other when reading a password off a screen.
const READABLE: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// A session token: 256 random bits as hex.
#[allow(clippy::disallowed_methods, reason = "this is the place that the ban names")]
#[must_use]
pub fn session_token() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}

/// A password for somebody's first sign-in: 16 readable characters, about 79 bits.
#[allow(clippy::disallowed_methods, reason = "this is the place that the ban names")]
#[must_use]
pub fn first_password() -> String {
    use rand::RngExt;
    let mut rng = rand::rng();
    (0..16).map(|_| char::from(READABLE[rng.random_range(0..READABLE.len())])).collect()
}

/// SHA-256 as hex.
#[must_use]
pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Passwords that are looked at at the same time: each takes 19 MB and a core for a while.
static HASHING: Semaphore = Semaphore::const_new(4);

/// Does slow work on a password off the async threads, in its turn.
async fn slowly<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let _turn = HASHING.acquire().await.map_err(Problem::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(Problem::internal)
}

/// Hashes a password with argon2id; slow on purpose.
///
/// # Errors
/// When the hash can't be computed (no memory, no random source).
pub async fn hash_password(password: String) -> Result<String, Problem> {
    slowly(move || Argon2::default().hash_password(password.as_bytes()).map(|h| h.to_string()))
        .await?
        .map_err(Problem::internal)
}

/// Whether the password is the hash's. With no hash the same work is done and the answer is no, so that the time
/// an answer takes doesn't tell whether there is such a user.
///
/// # Errors
/// When the work couldn't be done.
pub async fn verify_password(password: String, hash: Option<String>) -> Result<bool, Problem> {
    slowly(move || {
        let argon2 = Argon2::default();
        match hash.as_deref().map(PasswordHash::new) {
            Some(Ok(hash)) => argon2.verify_password(password.as_bytes(), &hash).is_ok(),
            _ => {
                let _same_work = argon2.hash_password(password.as_bytes());
                false
            }
        }
    })
    .await
}
