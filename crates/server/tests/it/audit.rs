//! Whoever has nothing but the database can't change what the logs say unseen.
use chrono::Duration;
use huzhu::{
    app::{App, StartError},
    audit::{
        anchor,
        verify::{self, Verified},
    },
    entity::{audit_entry, audit_head, case, case_event, record_event},
    platform::{config::Settings, keys::KeyError},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, DatabaseTransaction, EntityTrait, IntoActiveModel, ModelTrait, QueryOrder,
};
use serde_json::{Value, json};

use crate::world::{User, World, text};

async fn verified(world: &World) -> Verified {
    verify::verify(&world.app.db, &world.dir.path().join("anchors")).await.unwrap()
}

/// A day's work: cases on their way, some of them paid, things that were refused, and what an administrator does.
async fn worked() -> World {
    let world = World::new().await;
    let (unit, review, admin) = (world.user("unit").await, world.user("review").await, world.user("admin").await);
    let id = unit.submitted().await;
    review.act(id, "take").await.expect(200);
    review.act(id, "approve").await.expect(200);
    world.pay(&[id]).await;
    unit.accepted("critical_illness").await;
    assert_eq!(unit.act(id, "submit").await.status, 422, "refused, and logged");
    for name in ["一", "二", "三"] {
        let role = json!({ "org_id": world.org_id("2300").await, "name": name, "permissions": ["inquire_cases"], "active": true });
        admin.post("/api/roles", role).await.expect(201);
    }
    signed_in(&world.stranger()).await;
    anchor::make(&world.app.db, &world.dir.path().join("anchors"), Duration::zero()).await.unwrap();
    world
}

async fn signed_in(stranger: &User) {
    for password in ["wrong", "huzhu-demo"] {
        stranger.post("/api/session", json!({ "username": "handler", "password": password })).await;
    }
}

/// One edit of one row, as somebody with the database's password makes it, and how it is taken back.
macro_rules! edit {
    ($tx:expr, $rng:expr, $way:expr, $entity:ident, [$($change:expr),+ $(,)?]) => {{
        let rows = $entity::Entity::find().order_by_asc($entity::Column::Id).all($tx).await.unwrap();
        let row = rows[$rng.random_range(0..rows.len())].clone();
        let changes: Vec<fn(&mut $entity::Model)> = vec![$($change),+];
        match $way.unwrap_or_else(|| $rng.random_range(0..changes.len() + 2)).checked_rem(changes.len() + 2).unwrap() {
            0 => {
                row.clone().delete($tx).await.unwrap();
                format!("{} {} deleted", stringify!($entity), row.id)
            }
            1 => {
                let mut forged = row.clone();
                forged.id = rows.last().unwrap().id + 1;
                // What has a place in a chain takes the next one, or the database itself would refuse it.
                next_place(&mut forged, &rows);
                $entity::Entity::insert(forged.into_active_model().reset_all()).exec_without_returning($tx).await.unwrap();
                format!("{} {} copied", stringify!($entity), row.id)
            }
            way => {
                let n = way - 2;
                let mut forged = row.clone();
                changes[n](&mut forged);
                assert_ne!(forged, row, "an edit changes something");
                $entity::Entity::update(forged.into_active_model().reset_all()).exec($tx).await.unwrap();
                format!("{} {} changed, way {n}", stringify!($entity), row.id)
            }
        }
    }};
}

trait Placed: Sized {
    fn place(&mut self, rows: &[Self]);
}
impl Placed for case_event::Model {
    fn place(&mut self, rows: &[Self]) {
        self.seq = rows.iter().filter(|r| r.case_id == self.case_id).map(|r| r.seq).max().unwrap() + 1;
    }
}
impl Placed for audit_entry::Model {
    fn place(&mut self, rows: &[Self]) {
        self.seq = rows.iter().filter_map(|r| r.seq).max().map(|s| s + 1);
    }
}
impl Placed for record_event::Model {
    fn place(&mut self, _: &[Self]) {}
}

fn next_place<T: Placed>(row: &mut T, rows: &[T]) {
    row.place(rows);
}

/// The most ways in which one of the tables is edited.
const WAYS: usize = 11;

/// An edit of the table, in this way or in any.
async fn edit(tx: &DatabaseTransaction, rng: &mut StdRng, table: usize, way: Option<usize>) -> String {
    match table {
        0 => edit!(
            tx,
            rng,
            way,
            case_event,
            [
                |e| e.kind.push('x'),
                |e| e.actor_id = e.actor_id % 3 + 1 + i64::from(e.actor_id % 3 + 1 == e.actor_id),
                |e| e.at += Duration::seconds(1),
                |e| e.note = Some("另一个原因".to_owned()),
                |e| e.reason_code = Some("other".to_owned()).filter(|c| Some(c) != e.reason_code.as_ref()),
                |e| e.data = "{\"benefit_fen\":1}".to_owned(),
                |e| e.hash = e.hash.replace(':', ":0"),
                |e| e.previous_hash.push('0'),
                |e| e.from_stage = if e.from_stage.is_some() { None } else { Some(e.to_stage) },
            ]
        ),
        1 => edit!(
            tx,
            rng,
            way,
            audit_entry,
            [
                |e| e.act.push('x'),
                |e| e.user_id = if e.user_id.is_some() { None } else { Some(1) },
                |e| e.at += Duration::seconds(1),
                |e| e.object = "999".to_owned(),
                |e| e.result.push('x'),
                |e| e.detail = "{\"rows\":1}".to_owned(),
                |e| e.hash = e.hash.replace(':', ":0"),
                |e| e.seq = None,
            ]
        ),
        _ => edit!(
            tx,
            rng,
            way,
            record_event,
            [
                |e| e.object_kind.push('x'),
                |e| e.object_id += 1,
                |e| e.act.push('x'),
                |e| e.actor_id = if e.actor_id.is_some() { None } else { Some(1) },
                |e| e.at += Duration::seconds(1),
                |e| e.reason.push('x'),
                |e| e.before = "{\"name\":\"x\"}".to_owned(),
                |e| e.after = "{\"name\":\"x\"}".to_owned(),
            ]
        ),
    }
}

#[tokio::test]
async fn fifty_edits_straight_in_the_database_are_all_found() {
    let world = worked().await;
    let clean = verified(&world).await;
    assert_eq!((clean.findings.clone(), clean.anchors), (vec![], 1));
    assert!(clean.case_events > 10 && clean.audit_entries > 5 && clean.record_events > 5, "{clean:?}");
    let mut rng = StdRng::seed_from_u64(50);
    // Each way once (some twice) in each table, and fifty by chance.
    let each = (0..3).flat_map(|table| (0..WAYS).map(move |way| (table, Some(way))));
    let by_chance: Vec<_> = (0..50).map(|_| (rng.random_range(0..3), None)).collect();
    for (table, way) in each.chain(by_chance) {
        let tx = world.app.db.begin().await.unwrap();
        let told = edit(&tx, &mut rng, table, way).await;
        let mut found = Verified::default();
        // Looked at inside the transaction, which is taken back then.
        verify::look(&tx, &world.dir.path().join("anchors"), &mut found).await.unwrap();
        tx.rollback().await.unwrap();
        assert!(found.faults > 0, "{told} was not found");
    }
    assert_eq!(verified(&world).await.findings, []);
}

#[tokio::test]
async fn a_chain_whose_end_was_cut_off_with_its_head_is_found_by_the_anchor() {
    let world = worked().await;
    let tx = world.app.db.begin().await.unwrap();
    let entries = audit_entry::Entity::find().order_by_desc(audit_entry::Column::Seq).all(&tx).await.unwrap();
    let [last, before, ..] = entries.as_slice() else { panic!("too few entries") };
    last.clone().delete(&tx).await.unwrap();
    let head = audit_head::ActiveModel { id: Set(1), seq: Set(before.seq.unwrap()), hash: Set(before.hash.clone()) };
    head.update(&tx).await.unwrap();
    let events = case_event::Entity::find().order_by_desc(case_event::Column::Id).all(&tx).await.unwrap();
    // The newest that isn't its case's only one.
    let gone = events.iter().find(|e| e.seq > 1).unwrap();
    let left = events.iter().find(|e| e.case_id == gone.case_id && e.seq == gone.seq - 1).unwrap();
    gone.clone().delete(&tx).await.unwrap();
    let head = case::ActiveModel {
        id: Set(gone.case_id),
        event_seq: Set(left.seq),
        event_hash: Set(left.hash.clone()),
        ..Default::default()
    };
    head.update(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let none = world.dir.path().join("no anchors");
    assert_eq!(
        verify::verify(&world.app.db, &none).await.unwrap().findings,
        [],
        "nothing inside the database shows it"
    );
    let found = verified(&world).await;
    let found: Vec<_> = found.findings.iter().map(|f| (f.log, f.fault)).collect();
    assert_eq!(found, [("audit_log", "removed"), ("case_events", "removed")]);
}

#[tokio::test]
async fn an_anchor_that_was_changed_or_taken_out_is_found() {
    let world = worked().await;
    let folder = world.dir.path().join("anchors");
    let first = anchor::make(&world.app.db, &folder, Duration::zero()).await.unwrap();
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "one a day");
    let text = std::fs::read_to_string(&first).unwrap();
    std::fs::write(&first, text.replace("\"rows\": ", "\"rows\": 1")).unwrap();
    assert_eq!(verified(&world).await.findings[0].log, "anchors");
    // Three days' anchors, the middle one gone.
    for day in ["2026-01-01", "2026-01-02", "2026-01-03"] {
        std::fs::write(&first, &text).unwrap();
        let at = format!("{day}T08:00:00Z").parse().unwrap();
        std::fs::remove_file(&first).unwrap();
        huzhu::platform::clock::as_of(at, anchor::make(&world.app.db, &folder, Duration::days(-999))).await.unwrap();
    }
    assert_eq!(verified(&world).await.findings, []);
    std::fs::remove_file(folder.join("2026-01-02.json")).unwrap();
    let found = verified(&world).await.findings;
    assert_eq!((found.len(), found[0].place.as_str(), found[0].fault), (1, "before 2026-01-03.json", "removed"));
}

#[tokio::test]
async fn a_database_is_not_opened_with_other_keys_than_it_was_written_with() {
    let world = World::new().await;
    let key_file = world.dir.path().join("other.key");
    std::fs::write(&key_file, format!("k1:{}\n", "8".repeat(64))).unwrap();
    let settings = |key_file| Settings {
        data_dir: Some(world.dir.path().to_owned()),
        database_url: Some(world.app.config.database_url.clone()),
        key_file: Some(key_file),
        ..Settings::default()
    };
    let refused = App::start(settings(key_file).resolve(true).unwrap()).await.err().unwrap();
    assert!(matches!(refused, StartError::Keys(KeyError::Foreign(name)) if name == "k1"));
    let missing = world.dir.path().join("missing.key");
    let refused = App::start(settings(missing.clone()).resolve(true).unwrap()).await.err().unwrap();
    assert!(matches!(refused, StartError::Keys(KeyError::File(..))), "{refused}");
    assert!(!missing.exists(), "none is made for a database that has one");
}

#[tokio::test]
async fn the_log_shows_what_people_of_ones_branch_did_and_were_refused() {
    let world = worked().await;
    let admin = world.user("admin").await;
    let found = async |user: &User, search: Value| user.post("/api/logs/search", search).await.expect(200);
    let acts =
        |page: &Value| -> Vec<String> { page["items"].as_array().unwrap().iter().map(|e| text(&e["act"])).collect() };
    let sign_ins = found(&admin, json!({ "act": "sign_in" })).await;
    let results: Vec<_> = sign_ins["items"].as_array().unwrap().iter().map(|e| text(&e["result"])).collect();
    assert_eq!(results, ["done", "failed"], "newest first");
    assert!(sign_ins["items"][0]["detail"]["address"].is_string());
    let refused = found(&admin, json!({ "done": false, "person": "周敏" })).await;
    assert_eq!(acts(&refused), ["submit"]);
    assert_eq!(text(&refused["items"][0]["user_name"]), "周敏");
    let roles = found(&admin, json!({ "act": "role_create", "size": 2 })).await;
    assert_eq!((roles["total"].as_i64(), roles["items"].as_array().unwrap().len()), (Some(3), 2));
    let tomorrow = huzhu::platform::clock::today().succ_opt().unwrap();
    assert_eq!(found(&admin, json!({ "from": tomorrow })).await["total"], 0);
    // An office's administrator sees its own people; the society's acts are the society's to see.
    let office = world.office_admin("2300").await;
    assert_eq!(found(&office, json!({ "act": "role_create" })).await["total"], 0);
    assert_eq!(found(&office, json!({ "done": false, "act": "submit" })).await["total"], 1);
    let other = world.office_admin("3700").await;
    assert_eq!(found(&other, json!({ "done": false })).await["total"], 0);
    assert_eq!(world.user("review").await.post("/api/logs/search", json!({})).await.status, 403);
}
