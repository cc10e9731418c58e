//! A backup is taken while people work, is whole or refused, and can be put into an empty place of either kind.
use std::path::{Path, PathBuf};

use huzhu::{
    app::App,
    backup::{self, BackupError, Manifest},
    doctor,
    entity::{case, payment_item, user},
    installation,
    platform::{
        config::{Config, Settings},
        keys::{KeyError, Ring},
    },
};
use sea_orm::{ActiveValue::Set, EntityTrait, PaginatorTrait};
use serde_json::json;
use tempfile::TempDir;

use crate::world::{self, World};

/// An empty place with the keys of all tests; on the same engine, or on SQLite.
pub async fn empty_place(same_engine: bool) -> (TempDir, Config) {
    let dir = tempfile::tempdir().unwrap();
    world::put_keys(dir.path());
    let database_url = if same_engine { Some(world::database_url(&dir).await) } else { None };
    let settings = Settings { data_dir: Some(dir.path().to_owned()), database_url, ..Settings::default() };
    let config = settings.resolve(true).unwrap();
    (dir, config)
}

/// The files in a folder, whatever is in its folders.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

async fn taken(world: &World) -> (PathBuf, Manifest) {
    let folder = world.dir.path().join("backup");
    let made = backup::make(&world.app.db, &world.app.blobs, &folder).await.unwrap();
    (folder, made)
}

pub async fn well(app: &App) -> doctor::Examined {
    let examined = doctor::examine(&app.db, Some(&app.blobs), Path::new("no anchors")).await.unwrap();
    assert!(examined.is_well(), "{:?} {:?}", examined.complaints, examined.logs.findings);
    examined
}

#[tokio::test]
async fn what_was_taken_is_put_back_into_either_database_and_people_go_on_there() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.submitted().await;
    let review = world.user("review").await;
    review.act(id, "take").await.expect(200);
    review.act(id, "approve").await.expect(200);
    world.pay(&[id]).await;
    let open = unit.accepted("critical_illness").await;
    let before = well(&world.app).await;
    let (folder, made) = taken(&world).await;
    assert!(made.files.rows > 4 && made.tables.iter().any(|t| t.name == "case_events" && t.rows > 8));
    assert!(made.tables.iter().all(|t| t.name != "sessions"), "nobody is signed in by a backup");
    for same_engine in [true, false] {
        let (dir, config) = empty_place(same_engine).await;
        let back = backup::restore(&config, &folder).await.unwrap();
        assert_eq!(back.tables, made.tables);
        let restored = World::of_app(App::start(config).await.unwrap(), dir);
        let after = well(&restored.app).await;
        assert_eq!((after.cases, after.files, after.logs), (before.cases, before.files, before.logs.clone()));
        assert_eq!(restored.row(id).await, world.row(id).await);
        let unit = restored.user("unit").await;
        let picture = unit.get(&format!("/api/cases/{id}")).await.expect(200)["materials"][0]["files"][0]["id"].clone();
        assert_eq!(unit.get(&format!("/api/cases/{id}/materials/{picture}/content")).await.status, 200);
        unit.act(open, "take").await.expect(200);
        let handler = restored.user("handler").await;
        let person = &restored.id_numbers("23010002").await[0];
        let row = handler.claim(person, "2026-03-03", "disease_inpatient").await;
        let next = handler.accept("after", json!([row])).await.expect(201)["cases"][0]["id"].as_i64().unwrap();
        assert!(next > open, "ids go on where they were");
        well(&restored.app).await;
    }
}

#[tokio::test]
async fn a_backup_is_taken_while_people_work_and_is_of_one_moment() {
    let world = World::new().await;
    let handler = world.user("handler").await;
    let people = world.id_numbers("23010002").await;
    let first = world.user("unit").await.accepted("disease_inpatient").await;
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let working = tokio::spawn({
        let stop = std::sync::Arc::clone(&stop);
        async move {
            let mut done: u8 = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                done += 1;
                let incident = format!("2026-{:02}-{:02}", done % 8 + 2, done / 8 % 20 + 1);
                let row = handler.claim(&people[0], &incident, "disease_inpatient").await;
                handler.accept(&format!("n{done}"), json!([row])).await.expect(201);
                handler.upload(first, "settlement", "p.png", &world::png(done)).await;
            }
            done
        }
    });
    let acknowledged = case::Entity::find().count(world.app.db.read()).await.unwrap();
    let (folder, _) = taken(&world).await;
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let done = working.await.unwrap();
    let (_dir, config) = empty_place(true).await;
    backup::restore(&config, &folder).await.unwrap();
    let restored = App::start(config).await.unwrap();
    let examined = well(&restored).await;
    assert!(examined.cases >= acknowledged && examined.cases <= u64::from(done) + 1, "{} {done}", examined.cases);
}

#[tokio::test]
async fn what_is_damaged_not_empty_or_of_other_keys_is_refused_and_nothing_is_written() {
    let world = World::new().await;
    world.user("unit").await.accepted("disease_inpatient").await;
    let unit = world.user("unit").await;
    unit.upload(1, "id_card", "p.png", &world::png(1)).await.expect(201);
    let (folder, _) = taken(&world).await;
    let again = backup::make(&world.app.db, &world.app.blobs, &folder).await;
    assert!(matches!(again, Err(BackupError::Taken(_))), "no backup is written over another");
    assert!(matches!(backup::restore(&world.app.config, &folder).await, Err(BackupError::NotEmpty(_))));

    let (dir, config) = empty_place(true).await;
    let refused = async || backup::restore(&config, &folder).await.unwrap_err();
    std::fs::write(&config.key_file, format!("k1:{}\n", "9".repeat(64))).unwrap();
    assert!(matches!(refused().await, BackupError::Keys(KeyError::Foreign(_))));
    std::fs::remove_file(&config.key_file).unwrap();
    assert!(matches!(refused().await, BackupError::Keys(KeyError::File(..))), "the keys are put there first");
    world::put_keys(dir.path());
    assert!(Ring::read(&config.key_file).is_ok());

    let manifest = folder.join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("\"form\": 1", "\"form\": 2")).unwrap();
    assert!(matches!(refused().await, BackupError::Newer(_)));
    std::fs::write(&manifest, text.replace("0001_organisation", "0001_other")).unwrap();
    assert!(matches!(refused().await, BackupError::Newer(_)), "a schema that this program doesn't know");
    std::fs::write(&manifest, &text[..text.len() / 2]).unwrap();
    assert!(matches!(refused().await, BackupError::Manifest(..)));
    std::fs::write(&manifest, &text).unwrap();

    for damaged in ["tables/cases.jsonl.gz", &first_file(&folder)] {
        let path = folder.join(damaged);
        let content = std::fs::read(&path).unwrap();
        std::fs::write(&path, &content[..content.len() - 1]).unwrap();
        assert!(matches!(refused().await, BackupError::Damaged(p) if p == path), "{damaged}");
        std::fs::write(&path, &content).unwrap();
    }
    let db = installation::open(&config).await.unwrap();
    assert_eq!(user::Entity::find().count(db.read()).await.unwrap(), 0);
    db.close().await.unwrap();
}

fn first_file(folder: &Path) -> String {
    let mut open = vec![folder.join("files")];
    while let Some(path) = open.pop() {
        if path.is_file() {
            return path.strip_prefix(folder).unwrap().display().to_string();
        }
        open.extend(std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()));
    }
    panic!("no file in the backup")
}

#[tokio::test]
async fn the_doctor_names_the_case_the_batch_and_the_file_that_are_not_as_they_must_be() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.submitted().await;
    let review = world.user("review").await;
    review.act(id, "take").await.expect(200);
    review.act(id, "approve").await.expect(200);
    let batch = world.pay(&[id]).await;
    well(&world.app).await;
    let no = world.row(id).await.no;
    let tx = world.app.db.begin().await.unwrap();
    let row = case::ActiveModel { id: Set(id), benefit_fen: Set(Some(1)), ..Default::default() };
    case::Entity::update(row).exec(&tx).await.unwrap();
    let item = payment_item::ActiveModel { amount_fen: Set(2), ..Default::default() };
    payment_item::Entity::update_many().set(item).exec(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let mut blobs = vec![world.dir.path().join("blobs")];
    while let Some(path) = blobs.pop() {
        if path.is_dir() {
            blobs.extend(std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()));
        } else if path.extension().is_none() {
            std::fs::remove_file(path).unwrap();
            break;
        }
    }
    let examined = doctor::examine(&world.app.db, Some(&world.app.blobs), Path::new("none")).await.unwrap();
    let mut told: Vec<_> = examined.complaints.iter().map(|c| c.what).collect();
    told.sort_unstable();
    assert_eq!(told, ["batch", "file_missing", "ledger", "money", "share"], "{:?}", examined.complaints);
    assert!(examined.complaints.iter().any(|c| c.what == "money" && c.place == no), "batch {batch}");
}

#[tokio::test]
async fn an_installation_moves_to_another_database_whole_and_people_go_on_there() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.submitted().await;
    let before = well(&world.app).await;
    // To the other kind where the suite has two, and from there back to the first.
    let (dir, there) = empty_place(false).await;
    let moved = backup::transfer(&world.app.config, &there).await.unwrap();
    assert!(moved.rows > 100 && moved.files > 4 && moved.files_there == 0, "{moved:?}");
    let again = backup::transfer(&world.app.config, &there).await;
    assert!(matches!(again, Err(BackupError::NotEmpty(_))), "{again:?}");

    let (dir2, back) = empty_place(true).await;
    // A move that was broken off has left some files.
    let some = std::fs::read_dir(dir.path().join("blobs")).unwrap().next().unwrap().unwrap();
    let kept = dir2.path().join("blobs").join(some.file_name());
    std::fs::create_dir_all(kept.parent().unwrap()).unwrap();
    std::fs::rename(some.path(), &kept).unwrap();
    std::fs::create_dir_all(some.path()).unwrap();
    for file in files(&kept) {
        let name = file.strip_prefix(&kept).unwrap();
        std::fs::create_dir_all(some.path().join(name).parent().unwrap()).unwrap();
        std::fs::copy(&file, some.path().join(name)).unwrap();
    }
    let left = backup::transfer(&there, &back).await.unwrap();
    assert_eq!((left.rows, left.tables, left.files + left.files_there), (moved.rows, moved.tables, moved.files));
    assert_eq!(left.files_there, files(&kept).len() as u64);

    let world2 = World::of_app(App::start(back).await.unwrap(), dir2);
    let after = well(&world2.app).await;
    assert_eq!((after.cases, after.files, after.logs), (before.cases, before.files, before.logs));
    let review = world2.user("review").await;
    assert_eq!(review.act(id, "take").await.status, 200);
    let file = review.get(&format!("/api/cases/{id}")).await.expect(200)["materials"][0]["files"][0]["id"].clone();
    assert_eq!(review.get(&format!("/api/cases/{id}/materials/{file}/content")).await.status, 200);
}

#[tokio::test]
async fn an_installation_is_not_moved_onto_itself_or_with_other_keys() {
    let world = World::new().await;
    let onto = backup::transfer(&world.app.config, &world.app.config).await;
    assert!(matches!(onto, Err(BackupError::NotEmpty(_))), "{onto:?}");
}
