//! What everything stands on fails: the disk is full, a file is gone, the clock jumps, the database is slow or away. Somebody is told what to
//! do, nothing is half done, and it goes on by itself once the fault is over.
use std::path::Path;

use chrono::Duration;
use huzhu::{
    doctor,
    platform::clock::{self, as_of},
};
use rustix::process::{Resource, Rlimit, setrlimit};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    proxy::Proxy,
    sound,
    world::{World, draft, png},
};

/// No file of this process grows beyond so many bytes: what a full disk is like. Every test is a process of its own.
fn files_end_at(bytes: Option<u64>) {
    setrlimit(Resource::Fsize, Rlimit { current: bytes, maximum: None }).unwrap();
}

/// Files in a folder, whatever is in its folders.
fn count(dir: &Path) -> usize {
    let entries = std::fs::read_dir(dir).map(|found| found.filter_map(Result::ok).collect::<Vec<_>>());
    entries.unwrap_or_default().iter().map(|e| if e.path().is_dir() { count(&e.path()) } else { 1 }).sum()
}

#[tokio::test]
async fn a_full_disk_keeps_nothing_half_and_is_over_when_there_is_room() {
    // Whoever writes beyond the limit is told so instead of killed.
    let _kept = signal(SignalKind::from_raw(25)).unwrap();
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    let version = unit.version(id).await;
    let paper = png(3);

    files_end_at(Some(100));
    assert_eq!(unit.upload(id, "id_card", "a.png", &paper).await.code(507), "cannot_store");
    if world.app.db.engine() == "sqlite" {
        // Again and again: none of them may leave a transaction in which the next is lost.
        for _ in 0..4 {
            assert_eq!(unit.act(id, "delete").await.code(507), "cannot_store");
        }
        assert_eq!(unit.get(&format!("/api/cases/{id}")).await.status, 200, "what is there can be read");
    }
    files_end_at(None);
    assert_eq!(count(&world.dir.path().join("uploads")), 0);
    assert_eq!(unit.version(id).await, version);
    sound::check(&world.app.db).await;
    unit.upload(id, "id_card", "a.png", &paper).await.expect(201);
    assert_eq!(unit.act(id, "delete").await.status, 204);
    // Whoever reads by another connection sees what was acknowledged.
    assert_eq!(world.user("handler").await.get("/api/todo").await.status, 200);
}

#[tokio::test]
async fn a_file_that_is_gone_is_named_and_comes_back_with_its_content() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    let file = unit.upload(id, "id_card", "a.png", &png(1)).await.expect(201)["id"].clone();
    let content = format!("/api/cases/{id}/materials/{file}/content");
    assert_eq!(unit.get(&content).await.status, 200);
    std::fs::remove_dir_all(world.dir.path().join("blobs")).unwrap();
    assert_eq!(unit.get(&content).await.code(404), "file_missing");
    let nowhere = Path::new("no anchors");
    let examined = doctor::examine(&world.app.db, Some(&world.app.blobs), nowhere).await.unwrap();
    assert!(!examined.is_well(), "{:?}", examined.complaints);
    // The same photo, uploaded anew, is the same content.
    unit.upload(id, "bank_card", "b.png", &png(1)).await.expect(201);
    assert_eq!(unit.get(&content).await.status, 200);
    assert!(doctor::examine(&world.app.db, Some(&world.app.blobs), nowhere).await.unwrap().is_well());
}

#[tokio::test]
async fn a_clock_that_jumps_breaks_no_case_and_no_log() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.entering().await;
    let (back, ahead) = (clock::now() - Duration::days(3), clock::now() + Duration::days(400));
    // Set back: work goes on, in the order in which it is done.
    as_of(back, async {
        unit.save(id, draft(unit.version(id).await)).await.expect(200);
        unit.act(id, "calculate").await.expect(200);
        assert_eq!(unit.get("/api/todo").await.status, 200);
    })
    .await;
    // Far ahead: sessions have ended, and whoever signs in anew can work.
    as_of(ahead, async {
        assert_eq!(unit.get("/api/todo").await.status, 401);
        let again = world.user("unit").await;
        assert_eq!(again.get(&format!("/api/cases/{id}")).await.status, 200);
        again.act(id, "submit").await.expect(200);
    })
    .await;
    // And right again.
    let reviewer = world.user("review").await;
    assert_eq!(reviewer.act(id, "take").await.status, 200);
    let answer =
        reviewer.post(&format!("/api/cases/{id}/approve"), json!({ "version": reviewer.version(id).await })).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    sound::check(&world.app.db).await;
}

#[tokio::test]
async fn a_database_that_is_slow_is_waited_for_and_one_that_is_away_comes_back_by_itself() {
    let world = World::new().await;
    if world.app.db.engine() == "sqlite" {
        // A file isn't away; what it is like when it can't be written stands above.
        return;
    }
    let (base, name) = world.app.config.database_url.rsplit_once('/').unwrap();
    let (scheme, host) = base.rsplit_once('@').unwrap();
    let proxy = Proxy::before(host.parse().unwrap()).await;
    let url = format!("{scheme}@{}/{name}", proxy.address);
    let behind = world.restarted(|s| s.database_url = Some(url)).await;
    let unit = behind.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    let version = unit.version(id).await;

    // Slow: the answer comes when the database's does.
    proxy.hold();
    let asking = tokio::spawn({
        let unit = unit.clone();
        async move { unit.get("/api/todo").await.status }
    });
    proxy.held().await;
    assert!(!asking.is_finished());
    proxy.pass();
    assert_eq!(asking.await.unwrap(), 200);

    // Away: every request is told to try again, and the readiness says so.
    proxy.cut();
    let answer = unit.act(id, "delete").await;
    assert_eq!((answer.status, answer.headers.get("retry-after").is_some()), (503, true), "{}", answer.json);
    assert_eq!(answer.code(503), "busy");
    assert_eq!(behind.stranger().get("/readyz").await.status, 503);
    proxy.pass();
    assert_eq!(unit.version(id).await, version);
    assert_eq!(unit.act(id, "delete").await.status, 204);
    sound::check(&world.app.db).await;
}
