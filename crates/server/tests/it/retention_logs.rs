//! What is erased leaves logs that can be proved, and files that are never half gone.
use huzhu::{
    audit::{anchor, verify},
    entity::{audit_entry, case_event, erasure_file, record_event},
    retention,
};
use huzhu_domain::retention::RetentionKind;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder,
};
use serde_json::{Value, json};

use crate::{
    retention::{card, end, erase_on, files, look_on, rule, rules, two_cases, well},
    world::{World, png},
};

async fn found(world: &World) -> Vec<String> {
    let done = verify::verify(&world.app.db, &world.dir.path().join("anchors")).await.unwrap();
    done.findings.iter().map(|f| format!("{} {}", f.log, f.fault)).collect()
}

/// Puts a row into the place of another, as somebody with the database's password does.
macro_rules! put {
    ($world:expr, $entity:ident, $row:expr) => {{
        let tx = $world.app.db.begin().await.unwrap();
        $entity::Entity::update($row.into_active_model().reset_all()).exec(&tx).await.unwrap();
        tx.commit().await.unwrap();
    }};
}

#[tokio::test]
async fn an_erasure_is_proved_by_the_logs_and_nothing_else_is() {
    let world = World::new().await;
    let (_, denied) = two_cases(&world).await;
    card(&world).await;
    anchor::make(&world.app.db, &world.dir.path().join("anchors"), chrono::Duration::zero()).await.unwrap();
    let noted = case_event::Entity::find().filter(case_event::Column::CaseId.eq(denied));
    let noted = noted.filter(case_event::Column::Note.is_not_null()).order_by_asc(case_event::Column::Id);
    let before = noted.one(world.app.db.read()).await.unwrap().unwrap();
    let record = record_event::Entity::find().filter(record_event::Column::ObjectKind.eq("member"));
    let record = record.one(world.app.db.read()).await.unwrap().unwrap();
    erase_on(&world, end(), &rules([RetentionKind::CaseRecords, RetentionKind::MemberRecords])).await;
    assert_eq!(found(&world).await, Vec::<String>::new(), "with the anchors of before");
    well(&world).await;

    let entry = audit_entry::Entity::find().filter(audit_entry::Column::Act.eq("erase_records"));
    let entry = entry.order_by_asc(audit_entry::Column::Id).one(world.app.db.read()).await.unwrap().unwrap();
    let detail: Value = serde_json::from_str(&entry.detail).unwrap();
    assert_eq!(
        (&detail["kind"], &detail["keep"], &detail["basis"]),
        (&json!("case_records"), &json!({ "years": 3 }), &json!("章程"))
    );
    assert!(detail["rows"].as_array().unwrap().contains(&json!(denied)), "{detail}");

    let stone = case_event::Entity::find_by_id(before.id).one(world.app.db.read()).await.unwrap().unwrap();
    assert!(stone.hash == before.hash && stone.note.as_deref() == Some("已清除") && !stone.tombstone.is_empty());
    let other = case_event::Entity::find().filter(case_event::Column::ErasureId.is_null());
    let other = other.one(world.app.db.read()).await.unwrap().unwrap();
    let forged: Vec<(&str, case_event::Model)> = vec![
        ("another reason", case_event::Model { reason_code: Some("other".into()), ..stone.clone() }),
        ("another time", case_event::Model { at: stone.at + chrono::Duration::seconds(1), ..stone.clone() }),
        ("another erasure", case_event::Model { erasure_id: stone.erasure_id.map(|id| id + 1), ..stone.clone() }),
        ("no tombstone", case_event::Model { erasure_id: None, tombstone: String::new(), ..stone.clone() }),
        ("the words again", before.clone()),
        ("other words", case_event::Model { note: Some("编造".into()), ..stone.clone() }),
    ];
    for (what, row) in forged {
        put!(&world, case_event, row);
        assert!(!found(&world).await.is_empty(), "{what}");
        put!(&world, case_event, stone.clone());
        assert_eq!(found(&world).await, Vec::<String>::new(), "taken back: {what}");
    }
    // A row that was never erased, made to look as if it had been.
    for row in [
        case_event::Model { data: "{}".into(), tombstone: stone.tombstone.clone(), ..other.clone() },
        case_event::Model { erasure_id: stone.erasure_id, tombstone: stone.tombstone.clone(), ..other.clone() },
    ] {
        put!(&world, case_event, row);
        assert!(found(&world).await.contains(&"case_events changed".to_owned()));
        put!(&world, case_event, other.clone());
    }
    let kept = record_event::Entity::find_by_id(record.id).one(world.app.db.read()).await.unwrap().unwrap();
    assert!(kept.before.is_empty() && kept.after.is_empty() && !kept.tombstone.is_empty());
    for row in [record.clone(), record_event::Model { act: "x".into(), ..kept.clone() }] {
        put!(&world, record_event, row);
        assert!(!found(&world).await.is_empty());
        put!(&world, record_event, kept.clone());
    }
    // The entry that names them is changed or gone.
    put!(
        &world,
        audit_entry,
        audit_entry::Model { detail: entry.detail.replace("case_records", "messages"), ..entry.clone() }
    );
    let told = found(&world).await;
    assert!(
        told.contains(&"audit_log changed".to_owned()) && told.contains(&"case_events added".to_owned()),
        "{told:?}"
    );
    put!(&world, audit_entry, entry);
    assert_eq!(found(&world).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_run_that_broke_off_before_its_files_is_finished_by_the_next() {
    let world = World::new().await;
    two_cases(&world).await;
    let rules = rules([RetentionKind::CasePictures]);
    let before = files(&world);
    assert_eq!(before.len(), 8, "four papers with their thumbnails");
    // A store that doesn't let go of one content: the batch is committed, then it breaks off.
    let stuck = before.iter().find(|p| p.extension().is_none()).unwrap();
    let content = std::fs::read(stuck).unwrap();
    std::fs::remove_file(stuck).unwrap();
    std::fs::create_dir(stuck).unwrap();
    std::fs::write(stuck.join("x"), "x").unwrap();
    let broken = huzhu::platform::clock::as_of(
        huzhu::platform::clock::start_of(end()),
        retention::carry_out(&world.app.db, &world.app.blobs, &rules),
    );
    broken.await.unwrap_err();
    let waiting = erasure_file::Entity::find().count(world.app.db.read()).await.unwrap();
    assert!(waiting > 0, "what is still to be removed is known");
    std::fs::remove_file(stuck.join("x")).unwrap();
    std::fs::remove_dir(stuck).unwrap();
    std::fs::write(stuck, content).unwrap();
    well(&world).await;
    assert_eq!(look_on(&world, end(), &rules).await.pending_files, waiting);

    let done = erase_on(&world, end(), &rules).await;
    assert_eq!((done.rules[0].records, done.pending_files), (0, 0));
    assert!(files(&world).is_empty());
    well(&world).await;
}

#[tokio::test]
async fn a_content_that_something_else_names_stays() {
    let world = World::new().await;
    let (paid, _) = two_cases(&world).await;
    let handler = world.user("handler").await;
    let people = world.id_numbers("23010002").await;
    let row = handler.claim(&people[0], "2026-03-03", "disease_inpatient").await;
    let open = handler.accept("open", json!([row])).await.expect(201)["cases"][0]["id"].as_i64().unwrap();
    // The same content as the paper that both cases carry.
    let shared = handler.upload(open, "id_card", "p.png", &png(7)).await.expect(201);
    erase_on(&world, end(), &rules([RetentionKind::CasePictures])).await;
    assert!(world.row(paid).await.pictures_erased_on.is_some() && world.row(open).await.pictures_erased_on.is_none());
    assert_eq!(files(&world).len(), 2, "one content with its thumbnail");
    let shown = handler.get(&format!("/api/cases/{open}/materials/{}/content", shared["id"])).await;
    assert_eq!((shown.status, shown.bytes), (200, png(7)));
    // What was removed can be sent again.
    handler.upload(open, "settlement", "p.png", &png(10)).await.expect(201);
    well(&world).await;
}

#[tokio::test]
async fn a_run_that_is_killed_leaves_nothing_half_done() {
    let world = World::new().await;
    let handler = world.user("handler").await;
    let people = world.id_numbers("23010002").await;
    for n in 0..8_u8 {
        let row = handler.claim(&people[0], &format!("2026-0{}-05", n + 2), "disease_inpatient").await;
        let accepted = handler.accept(&format!("n{n}"), json!([row])).await.expect(201);
        let id = accepted["cases"][0]["id"].as_i64().unwrap();
        for (kind, shade) in [("id_card", 20 + n), ("settlement", 60 + n), ("bank_card", 100 + n)] {
            handler.upload(id, kind, "p.png", &png(shade)).await.expect(201);
        }
        handler.act(id, "delete").await.expect(204);
    }
    let tx = world.app.db.begin().await.unwrap();
    tx.execute_unprepared("UPDATE cases SET stage_since = '2000-01-01T00:00:00+00:00'").await.unwrap();
    tx.commit().await.unwrap();
    let file = world.dir.path().join("rules.toml");
    std::fs::write(&file, rule(RetentionKind::CasePictures)).unwrap();
    let run = || {
        std::process::Command::new(env!("CARGO_BIN_EXE_huzhu"))
            .args(["retention", "--carry-out", "--retention"])
            .arg(&file)
            .env("HUZHU_DATA_DIR", world.dir.path())
            .env("HUZHU_DATABASE_URL", &world.app.config.database_url)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    assert_eq!(files(&world).len(), 48);
    // Killed as soon as so many files are gone, in the midst of the others.
    for left in [47, 40, 25] {
        let mut running = run();
        while files(&world).len() > left && running.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        let _gone_already = running.kill();
        running.wait().unwrap();
        well(&world).await;
    }
    assert!(run().wait().unwrap().success());
    assert!(files(&world).is_empty() && erasure_file::Entity::find().count(world.app.db.read()).await.unwrap() == 0);
    well(&world).await;
}
