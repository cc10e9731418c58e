//! What must hold of all cases at any moment, as `huzhu doctor` looks at it.
use huzhu::{doctor, platform::db::Db};

/// Asserts it of every case, batch and log of a database.
pub async fn check(db: &Db) {
    let nowhere = std::path::Path::new("no anchors");
    let examined = doctor::examine(db, None, nowhere).await.unwrap();
    assert_eq!(examined.complaints, []);
    assert_eq!(examined.logs.findings, []);
    assert!(examined.is_well() && examined.cases > 0);
}
