//! One library for the cryptography of TLS: sqlx brings *ring*, so the HTTP client is built without one of its own.

/// Makes *ring* what every TLS connection of this process uses; asking again changes nothing.
pub fn provide() {
    // An error says that one is installed, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
