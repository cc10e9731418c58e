//! Files in S3, by its own protocol: what is uploaded is in the bucket and comes back, a store that is away is told and waited for.
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use huzhu::{
    app::App,
    backup, doctor,
    platform::{
        config::{Secret, Settings},
        secrets,
    },
};
use image::{ImageFormat, RgbImage, codecs::jpeg::JpegEncoder};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::{
    backup::{empty_place, files, well},
    bucket,
    proxy::Proxy,
    sound,
    world::{User, World, encoded, png},
};

/// A bucket that answers for as long as the test runs.
pub struct Bucket {
    pub address: SocketAddr,
    folder: tempfile::TempDir,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Bucket {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let told = asked.clone();
        let router = bucket::router(folder.path(), move |request| told.lock().unwrap().push(request));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, folder, asked }
    }

    /// Where an object lies.
    pub fn path(&self, key: &str) -> PathBuf {
        self.folder.path().join(bucket::NAME).join(key)
    }

    /// The requests so far that have these words.
    pub fn asked(&self, words: &[&str]) -> usize {
        self.asked.lock().unwrap().iter().filter(|request| words.iter().all(|word| request.contains(word))).count()
    }
}

/// Pictures in the bucket, reached at an address.
fn reaching(s: &mut Settings, address: SocketAddr) {
    s.blob_url = Some(format!("s3://{}/pictures", bucket::NAME));
    s.blob_endpoint = Some(format!("http://{address}"));
    s.blob_region = Some("cn-north-1".into());
    s.blob_key_id = Some(bucket::KEY_ID.into());
    s.blob_secret = Some(Secret::new(bucket::SECRET.into()));
}

/// The key under which a content lies.
fn key(content: &[u8]) -> String {
    let sha256 = secrets::sha256(content);
    format!("pictures/{}/{}/{sha256}", &sha256[..2], &sha256[2..4])
}

/// A photo that nothing makes smaller.
fn noise() -> Vec<u8> {
    let mut state = 1_u32;
    let picture = RgbImage::from_fn(1600, 1200, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        image::Rgb([(state >> 8) as u8, (state >> 16) as u8, (state >> 24) as u8])
    });
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, 100).encode_image(&picture).unwrap();
    out
}

async fn content(unit: &User, id: i64, file: &Value, what: &str) -> crate::answer::Answer {
    unit.get(&format!("/api/cases/{id}/materials/{file}/{what}")).await
}

#[tokio::test]
async fn a_picture_goes_into_the_bucket_once_and_comes_back_byte_for_byte() {
    let (world, bucket) = (World::new().await, Bucket::new().await);
    let there = world.restarted(|s| reaching(s, bucket.address)).await;
    let unit = there.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    for (picture, content_type) in [(png(1), "image/png"), (encoded(2, ImageFormat::Jpeg), "image/jpeg")] {
        let file = unit.upload(id, "settlement", "a", &picture).await.expect(201)["id"].clone();
        assert_eq!(std::fs::read(bucket.path(&key(&picture))).unwrap(), picture);
        let answer = content(&unit, id, &file, "content").await;
        assert_eq!((answer.status, &answer.headers["content-type"]), (200, &content_type.parse().unwrap()));
        assert_eq!(answer.bytes, picture);
        let thumbnail = content(&unit, id, &file, "thumbnail").await;
        assert_eq!(image::guess_format(&thumbnail.bytes).unwrap(), ImageFormat::Jpeg);
        // Again: what is there isn't sent.
        let sent = || bucket.asked(&["PUT", &key(&picture)]) - bucket.asked(&["PUT", &key(&picture), ".thumb"]);
        unit.upload(id, "id_card", "b", &picture).await.expect(201);
        assert_eq!(sent(), 1);
    }
    assert_eq!(files(&world.dir.path().join("blobs")), Vec::<PathBuf>::new());
    assert_eq!(well(&there.app).await.files, 2);
}

#[tokio::test]
async fn a_large_picture_goes_by_parts_and_comes_back_in_parts() {
    let (world, bucket) = (World::new().await, Bucket::new().await);
    let there = world.restarted(|s| reaching(s, bucket.address)).await;
    let unit = there.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    let photo = noise();
    assert!(photo.len() > huzhu::platform::blob::S3_PART, "{}", photo.len());
    let file = unit.upload(id, "settlement", "a.jpg", &photo).await.expect(201)["id"].clone();
    assert_eq!(bucket.asked(&["PUT", &key(&photo), "partNumber="]), 2);
    assert_eq!(bucket.asked(&["POST", &key(&photo), "uploadId="]), 1, "put together");
    assert!(content(&unit, id, &file, "content").await.bytes == photo);
    let (mut parts, mut count) = (there.app.blobs.parts(&secrets::sha256(&photo)).await.unwrap(), 0);
    while parts.next().await.unwrap().is_some() {
        count += 1;
    }
    assert!(count > 10, "never whole in memory: {count} parts");
}

#[tokio::test]
async fn an_object_that_is_gone_is_named() {
    let (world, bucket) = (World::new().await, Bucket::new().await);
    let there = world.restarted(|s| reaching(s, bucket.address)).await;
    let unit = there.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    let file = unit.upload(id, "id_card", "a.png", &png(1)).await.expect(201)["id"].clone();
    std::fs::remove_file(bucket.path(&key(&png(1)))).unwrap();
    assert_eq!(content(&unit, id, &file, "content").await.code(404), "file_missing");
    let examined = doctor::examine(&there.app.db, Some(&there.app.blobs), Path::new("none")).await.unwrap();
    assert_eq!(examined.complaints.iter().map(|c| c.what).collect::<Vec<_>>(), ["file_missing"]);
    unit.upload(id, "bank_card", "b.png", &png(1)).await.expect(201);
    assert_eq!(content(&unit, id, &file, "content").await.status, 200);
}

#[tokio::test]
async fn a_store_that_is_away_is_told_leaves_nothing_half_done_and_is_found_again() {
    let (world, bucket) = (World::new().await, Bucket::new().await);
    let proxy = Proxy::before(bucket.address).await;
    let there = world.restarted(|s| reaching(s, proxy.address)).await;
    let unit = there.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    let file = unit.upload(id, "id_card", "a.png", &png(1)).await.expect(201)["id"].clone();
    let version = unit.version(id).await;

    // Cut in the middle of an upload, and then away.
    proxy.hold();
    let sending = tokio::spawn({
        let unit = unit.clone();
        async move { unit.upload(id, "bank_card", "b.png", &png(2)).await }
    });
    proxy.held().await;
    proxy.cut();
    assert_eq!(sending.await.unwrap().code(503), "busy");
    let again = unit.upload(id, "bank_card", "b.png", &png(2)).await;
    assert!(again.headers.contains_key("retry-after"));
    assert_eq!(again.code(503), "busy");
    for what in ["content", "thumbnail"] {
        assert_eq!(content(&unit, id, &file, what).await.code(503), "busy");
    }
    assert_eq!(unit.version(id).await, version, "no row names what isn't there, and cases are read as before");

    proxy.pass();
    assert_eq!(content(&unit, id, &file, "content").await.bytes, png(1));
    unit.upload(id, "bank_card", "b.png", &png(2)).await.expect(201);
    assert_eq!(well(&there.app).await.files, 2);
    sound::check(&there.app.db).await;
}

#[tokio::test]
async fn sealed_files_are_sealed_in_the_bucket_and_what_is_removed_is_gone_from_it() {
    let (world, bucket) = (World::new().await, Bucket::new().await);
    let change = |s: &mut Settings| {
        reaching(s, bucket.address);
        s.seal_files = Some(true);
    };
    let there = world.restarted(change).await;
    let unit = there.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    let photo = encoded(3, ImageFormat::Jpeg);
    let file = unit.upload(id, "id_card", "a.jpg", &photo).await.expect(201)["id"].clone();
    let stored = std::fs::read(bucket.path(&key(&photo))).unwrap();
    assert!(huzhu::platform::keys::is_sealed_file(&stored));
    assert_eq!(content(&unit, id, &file, "content").await.bytes, photo);
    there.app.blobs.remove(&secrets::sha256(&photo)).await.unwrap();
    assert!(!bucket.path(&key(&photo)).exists() && !bucket.path(&format!("{}.thumb", key(&photo))).exists());
}

#[tokio::test]
async fn an_installation_moves_into_a_bucket_is_backed_up_from_there_and_put_back_into_a_folder() {
    let (world, bucket) = (World::new().await, Bucket::new().await);
    let unit = world.user("unit").await;
    let id = unit.submitted().await;
    let before = well(&world.app).await;
    let (dir, mut there) = empty_place(true).await;
    let mut settings = Settings::default();
    reaching(&mut settings, bucket.address);
    let store = settings.resolve(true).unwrap();
    (there.blob_url, there.bucket) = (store.blob_url, store.bucket);
    let moved = backup::transfer(&world.app.config, &there).await.unwrap();
    assert!(moved.files > 4 && moved.files_there == 0, "{moved:?}");

    let there = World::of_app(App::start(there).await.unwrap(), dir);
    let after = well(&there.app).await;
    assert_eq!((after.cases, after.files, after.logs), (before.cases, before.files, before.logs));
    let folder = there.dir.path().join("backup");
    backup::make(&there.app.db, &there.app.blobs, &folder).await.unwrap();
    let (_dir, back) = empty_place(true).await;
    backup::restore(&back, &folder).await.unwrap();
    let back = World::of_app(App::start(back).await.unwrap(), tempfile::tempdir().unwrap());
    assert_eq!(well(&back.app).await.files, before.files);
    let review = back.user("review").await;
    let file = review.get(&format!("/api/cases/{id}")).await.expect(200)["materials"][0]["files"][0]["id"].clone();
    assert_eq!(content(&review, id, &file, "content").await.status, 200);
}
