//! Personal data is sealed in the database, found by exact search all the same, and sealed anew with another key.
use std::{fs, process::Command};

use huzhu::{
    app::App,
    entity::{key_mark, member},
    installation,
    platform::{
        keys::{self, Ring},
        seal::COLUMNS,
    },
};
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use serde_json::{Value, json};

use crate::{
    tidy,
    world::{MANUAL_ID, World, draft, png},
};

/// How the texts of all sealed columns begin: `k1`, or a text itself that isn't sealed.
async fn beginnings(app: &App) -> Vec<String> {
    let db = app.db.read();
    let mut out = Vec::new();
    for (table, _, column) in COLUMNS {
        let sql = format!("SELECT \"{column}\" FROM \"{table}\" WHERE \"{column}\" <> ''");
        for row in db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap() {
            let stored: String = row.try_get_by_index(0).unwrap();
            out.push(stored.split(':').next().unwrap_or_default().to_owned());
        }
    }
    out
}

#[test]
fn every_sealed_column_is_in_the_list() {
    let mut sealed =
        vec![("record_events".to_owned(), "before".to_owned()), ("record_events".to_owned(), "after".to_owned())];
    for (_, text) in tidy::sources(&["crates/server/src/entity"]) {
        let table = text.split("table_name = \"").nth(1).and_then(|t| t.split('"').next()).unwrap_or_default();
        for line in text.lines().filter(|l| l.trim_end().ends_with(": Sealed,")) {
            let column = line.trim().trim_start_matches("pub ").split(':').next().unwrap();
            sealed.push((table.to_owned(), column.to_owned()));
        }
    }
    let mut listed: Vec<(String, String)> =
        COLUMNS.iter().map(|(t, _, c)| ((*t).to_owned(), (*c).to_owned())).collect();
    sealed.sort();
    listed.sort();
    assert_eq!(sealed, listed);
}

/// A sealed column that is compared with a clear text finds nothing, and one that is read as a text gives what is stored.
#[test]
fn sealed_columns_are_asked_and_read_as_such() {
    for (path, text) in tidy::sources(&["crates/server/src", "crates/server/tests", "crates/server/benches"]) {
        for column in ["IdNumber", "Phone", "AccountNo", "AppellantPhone"] {
            for verb in ["eq", "ne", "is_in", "gt", "lt", "like", "contains", "starts_with"] {
                assert!(!text.contains(&format!("Column::{column}.{verb}(")), "{path}: seal::is or seal::among");
                assert!(!text.contains(&format!("C::{column}.{verb}(")), "{path}: seal::is or seal::among");
            }
        }
        for row in text.split("FromQueryResult").skip(1).filter_map(|t| t.split("\n}").next()) {
            for field in ["id_number", "phone", "account_no", "appellant_phone"] {
                assert!(!row.contains(&format!(" {field}: String")), "{path}: {field} is Sealed in a row");
            }
        }
    }
}

#[tokio::test]
async fn what_is_written_is_sealed_and_found_again() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.entering().await;
    unit.save(id, draft(unit.version(id).await)).await.expect(200);
    let handler = world.user("handler").await;
    handler
        .post("/api/saved-searches", json!({ "page": "closed", "name": "一", "filter": { "text": MANUAL_ID } }))
        .await;

    let beginnings = beginnings(&world.app).await;
    assert!(beginnings.len() > 10 && beginnings.iter().all(|b| b == "k1"), "{beginnings:?}");
    let found = handler.post("/api/members/search", json!({ "text": MANUAL_ID })).await.expect(200);
    assert_eq!(found["items"][0]["id_number"], MANUAL_ID);
    // The file itself, where there is one.
    let planted = [MANUAL_ID, "13900000000", draft(0)["payees"][0]["account_no"].as_str().unwrap()].map(str::to_owned);
    for file in ["huzhu.db", "huzhu.db-wal"].map(|name| world.dir.path().join(name)).iter().filter(|f| f.exists()) {
        let bytes = fs::read(file).unwrap();
        for text in &planted {
            assert!(!bytes.windows(text.len()).any(|w| w == text.as_bytes()), "{} holds {text}", file.display());
        }
    }
}

#[tokio::test]
async fn a_database_of_before_is_sealed_when_it_is_opened() {
    let world = World::new().await;
    let before = member::Entity::find().all(world.app.db.read()).await.unwrap();
    let tx = world.app.db.begin().await.unwrap();
    for (table, column) in [("members", "id_number"), ("members", "phone")] {
        for row in &before {
            let clear = if column == "phone" { row.phone.as_str() } else { row.id_number.as_str() };
            tx.execute_unprepared(&format!("UPDATE {table} SET {column} = '{clear}' WHERE id = {}", row.id))
                .await
                .unwrap();
        }
    }
    // Nothing else was written yet.
    tx.execute_unprepared("DELETE FROM record_events").await.unwrap();
    tx.execute_unprepared("UPDATE key_marks SET seals = FALSE").await.unwrap();
    tx.commit().await.unwrap();
    assert!(beginnings(&world.app).await.iter().all(|b| b != "k1"));

    installation::open(&world.app.config).await.unwrap();
    assert!(beginnings(&world.app).await.iter().all(|b| b == "k1"));
    assert_eq!(member::Entity::find().all(world.app.db.read()).await.unwrap(), before);
    assert!(key_mark::Entity::find().one(world.app.db.read()).await.unwrap().unwrap().seals);
}

#[tokio::test]
async fn everything_is_sealed_anew_with_a_new_key() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.entering().await;
    unit.save(id, draft(unit.version(id).await)).await.expect(200);
    let path = world.app.config.key_file.clone();
    fs::write(&path, format!("{}k2:{}\n", fs::read_to_string(&path).unwrap(), "8".repeat(64))).unwrap();
    let huzhu = |command: &str| {
        let done = Command::new(env!("CARGO_BIN_EXE_huzhu"))
            .arg(command)
            .env("HUZHU_DATA_DIR", world.dir.path())
            .env("HUZHU_DATABASE_URL", &world.app.config.database_url)
            .output()
            .unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        (done.status.success(), said)
    };

    let texts = beginnings(&world.app).await.len();
    let (well, said) = huzhu("reseal");
    assert!(well && said.starts_with(&format!("{texts} texts")) && said.contains("key k2"), "{said}");
    assert!(beginnings(&world.app).await.iter().all(|b| b == "k2"));
    assert!(huzhu("reseal").1.starts_with("0 texts"));
    let (well, said) = huzhu("doctor");
    assert!(well, "{said}");
    // The new key finds what is sealed with it.
    let ring = Ring::read(&path).unwrap();
    assert_ne!(ring.seal(MANUAL_ID), keys::seal(MANUAL_ID));
    let db = world.app.db.read();
    let sql = format!("SELECT COUNT(*) FROM members WHERE id_number = '{}'", ring.seal(MANUAL_ID));
    let count = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    assert_eq!(count.try_get_by_index::<i64>(0).unwrap(), 1);

    let tx = world.app.db.begin().await.unwrap();
    tx.execute_unprepared("UPDATE case_payees SET account_no = 'k2:AAAA'").await.unwrap();
    tx.commit().await.unwrap();
    let (well, said) = huzhu("doctor");
    assert!(!well && said.contains("case_payees.account_no") && said.contains("1 texts can't be opened"), "{said}");
}

#[tokio::test]
async fn files_are_sealed_by_a_setting_and_older_ones_stay_readable() {
    let before = World::new().await;
    let id = before.user("unit").await.accepted("disease_inpatient").await;
    let old = before.user("unit").await.upload(id, "id_card", "a.png", &png(1)).await.expect(201)["id"].clone();
    let world = before.restarted(|s| s.seal_files = Some(true)).await;
    let unit = world.user("unit").await;
    let new = unit.upload(id, "settlement", "b.png", &png(2)).await.expect(201)["id"].clone();
    let get =
        async |file: &Value, what: &str| unit.get(&format!("/api/cases/{id}/materials/{file}/{what}")).await.bytes;
    assert_eq!((get(&old, "content").await, get(&new, "content").await), (png(1), png(2)));
    assert_eq!(image::guess_format(&get(&new, "thumbnail").await).unwrap(), image::ImageFormat::Jpeg);

    let mut stored = Vec::new();
    let mut open = vec![before.dir.path().join("blobs")];
    while let Some(path) = open.pop() {
        match path.is_dir() {
            true => open.extend(fs::read_dir(&path).unwrap().map(|e| e.unwrap().path())),
            false => stored.push(fs::read(&path).unwrap()),
        }
    }
    let sealed = stored.iter().filter(|content| keys::is_sealed_file(content)).count();
    assert_eq!((stored.len(), sealed), (4, 2), "two pictures with their thumbnails, of which one is sealed");
}
