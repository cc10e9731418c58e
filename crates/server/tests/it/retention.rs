//! 保管期限与清除: what goes on which day, what is held back, and what stays as it was.
use std::path::PathBuf;

use chrono::{Days, NaiveDate};
use huzhu::{
    backup, doctor,
    entity::{case_material, enrolment, member, message, payment, saved_search, session},
    platform::{clock, keys},
    retention::{self, Report},
};
use huzhu_domain::retention::{ERASED, RetentionKind, Rules, Term};
use sea_orm::{ColumnTrait, EntityTrait, Iterable, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::{
    acts::appeal,
    changes::{approve, asking, member_of, upload},
    enrolment::{self as rosters, Asked},
    world::{MANUAL_ID, User, World, draft, png, text},
};

/// The shortest rule of a kind.
pub fn rule(kind: RetentionKind) -> String {
    let keep = match kind.minimum() {
        Term::Years(n) => format!("keep_years = {n}"),
        Term::Days(n) => format!("keep_days = {n}"),
    };
    format!("[[rule]]\nkind = \"{kind}\"\n{keep}\nbasis = \"章程\"\n")
}

pub fn rules(kinds: impl IntoIterator<Item = RetentionKind>) -> Rules {
    Rules::parse(&kinds.into_iter().map(rule).collect::<String>()).unwrap()
}

/// The day after which everything of today, and every coverage of the demonstration, is due by the shortest rules.
pub fn end() -> NaiveDate {
    clock::today().checked_add_days(Days::new(365 * 40)).unwrap()
}

async fn on<F: Future>(day: NaiveDate, doing: F) -> F::Output {
    clock::as_of(clock::start_of(day), doing).await
}

pub async fn look_on(world: &World, day: NaiveDate, rules: &Rules) -> Report {
    on(day, retention::look(&world.app.db, &world.app.blobs, rules)).await.unwrap()
}

pub async fn erase_on(world: &World, day: NaiveDate, rules: &Rules) -> Report {
    on(day, retention::carry_out(&world.app.db, &world.app.blobs, rules)).await.unwrap()
}

pub async fn well(world: &World) {
    let anchors = world.dir.path().join("anchors");
    let examined = doctor::examine(&world.app.db, Some(&world.app.blobs), &anchors).await.unwrap();
    assert!(examined.is_well(), "{:?} {:?}", examined.complaints, examined.logs.findings);
}

/// Words and numbers that are nobody else's.
const PLANTED: [&str; 9] = [
    "冯玉兰",
    MANUAL_ID,
    "13900000000",
    "6222020909003028973",
    "特异性肺炎甲型",
    "旧病复发去的医院",
    "不属于保障范围乙",
    "对结果不服丙",
    "新卡丁",
];

/// A case of the manual's member that was paid, after a return, and one that was denied and appealed against in vain.
pub async fn two_cases(world: &World) -> (i64, i64) {
    let (unit, review, review2) = (world.user("unit").await, world.user("review").await, world.user("review2").await);
    let mut ids = Vec::new();
    for (key, incident) in [("a", "2023-10-04"), ("b", "2023-11-04")] {
        let row = unit.claim(MANUAL_ID, incident, "disease_inpatient").await;
        let id = unit.accept(key, json!([row])).await.expect(201)["cases"][0]["id"].as_i64().unwrap();
        unit.papers(id).await;
        unit.act(id, "confirm-materials").await.expect(200);
        unit.act(id, "take").await.expect(200);
        let mut entry = draft(unit.version(id).await);
        entry["incident"] = json!({
            "cause": PLANTED[5], "from": incident, "to": incident.replace("-04", "-11"), "class_code": null
        });
        entry["statements"][0]["diagnosis"] = json!(PLANTED[4]);
        entry["statements"][0]["admitted_on"] = json!(incident);
        entry["statements"][0]["discharged_on"] = json!(incident.replace("-04", "-11"));
        entry["statements"][0]["invoice_no"] = json!(format!("{key}0001"));
        unit.save(id, entry).await.expect(200);
        unit.act(id, "calculate").await.expect(200);
        unit.act(id, "submit").await.expect(200);
        review.act(id, "take").await.expect(200);
        ids.push(id);
    }
    let (paid, denied) = (ids[0], ids[1]);
    review.act(paid, "approve").await.expect(200);
    world.pay(&[paid]).await;
    let deny = json!({ "version": review.version(denied).await, "reason": "out_of_scope", "note": PLANTED[6] });
    review.post(&format!("/api/cases/{denied}/deny"), deny).await.expect(200);
    let handler = world.user("handler").await;
    let mut asked = appeal(&clock::today().to_string());
    asked["grounds"] = json!(PLANTED[7]);
    let made = handler.post(&format!("/api/cases/{denied}/appeals"), asked).await.expect(201);
    let decision = json!({ "version": 1, "allowed": false, "note": PLANTED[6] });
    review2.post(&format!("/api/appeals/{}/decide", made["id"]), decision).await.expect(200);
    (paid, denied)
}

/// An approved bank card of the member, with its papers.
pub async fn card(world: &World) -> i64 {
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let member = member_of(world, MANUAL_ID).await;
    let mut files = Vec::new();
    for (kind, shade) in [("bank_card", 101), ("seal_card", 102)] {
        files.push(upload(&unit, kind, shade).await["id"].clone());
    }
    let card = json!({ "kind": "bank_account", "account_no": PLANTED[3], "bank_name": "中国工商银行" });
    let mut asked = asking(member.id, card);
    (asked["files"], asked["reason"]) = (json!(files), json!(PLANTED[8]));
    let id = unit.post("/api/changes", asked).await.expect(201)["id"].as_i64().unwrap();
    approve(&review, id).await;
    id
}

/// A roster in force.
pub async fn roster(world: &World) -> i64 {
    let (unit, cashier) = (world.user("unit").await, world.user("cashier").await);
    let batch = rosters::checked(&unit, &Asked::plain(world).await, &rosters::two_people()).await;
    let confirmed = rosters::act(&unit, &batch, "confirm").await.expect(200);
    rosters::act(&cashier, &confirmed, "confirm-fee").await.expect(200);
    batch["id"].as_i64().unwrap()
}

async fn saved_search(user: &User) {
    let search = json!({ "page": "closed", "name": "一", "filter": { "text": MANUAL_ID } });
    user.post("/api/saved-searches", search).await.expect(201);
}

/// Whether something of the kind is left.
async fn is_left(world: &World, kind: RetentionKind, ids: (i64, i64, i64)) -> bool {
    let (db, (case, member, roster)) = (world.app.db.read(), ids);
    let row = world.row(case).await;
    match kind {
        RetentionKind::CasePictures => row.pictures_erased_on.is_none(),
        RetentionKind::CaseRecords => row.records_erased_on.is_none(),
        RetentionKind::PaymentRecords => row.payments_erased_on.is_none(),
        RetentionKind::MemberRecords => {
            member::Entity::find_by_id(member).one(db).await.unwrap().unwrap().erased_on.is_none()
        }
        RetentionKind::RosterRows => {
            enrolment::Entity::find_by_id(roster).one(db).await.unwrap().unwrap().erased_on.is_none()
        }
        RetentionKind::SavedSearches => saved_search::Entity::find().count(db).await.unwrap() > 0,
        RetentionKind::Messages => message::Entity::find().count(db).await.unwrap() > 0,
        RetentionKind::RepeatedAnswers => huzhu::entity::idempotency_key::Entity::find().count(db).await.unwrap() > 0,
        RetentionKind::Sessions => session::Entity::find().count(db).await.unwrap() > 0,
        RetentionKind::SignInFailures => huzhu::entity::sign_in_failure::Entity::find().count(db).await.unwrap() > 0,
    }
}

#[tokio::test]
async fn every_kind_goes_on_its_day_and_not_on_the_day_before() {
    let world = World::new().await;
    let (paid, _) = two_cases(&world).await;
    let roster = roster(&world).await;
    card(&world).await;
    saved_search(&world.user("handler").await).await;
    world.stranger().post("/api/session", json!({ "username": "handler", "password": "wrong" })).await;
    let member = member_of(&world, MANUAL_ID).await.id;
    // Open sessions end in an hour: on this day or the next.
    let sessions = session::Entity::find().all(world.app.db.read()).await.unwrap();
    let sessions_end = sessions.iter().map(|s| clock::day_of(s.expires_at)).max().unwrap();
    let covered = crate::changes::coverages(&world, member).await.iter().map(|c| c.period_to).max().unwrap();
    for kind in RetentionKind::iter() {
        let start = match kind {
            RetentionKind::Sessions => sessions_end,
            RetentionKind::MemberRecords => covered.max(clock::today()),
            _ => clock::today(),
        };
        let due = kind.minimum().due_on(start);
        let (rules, ids) = (rules([kind]), (paid, member, roster));
        erase_on(&world, due.pred_opt().unwrap(), &rules).await;
        assert!(is_left(&world, kind, ids).await, "{kind} on the day before {due}");
        let told = look_on(&world, due, &rules).await.rules.pop().unwrap();
        assert!(told.records > 0 && told.newest == Some(start) && told.until == start, "{told:?}");
        let done = erase_on(&world, due, &rules).await.rules.pop().unwrap();
        assert_eq!((done.records, done.oldest, done.newest), (told.records, told.oldest, told.newest), "{kind}");
        assert!(!is_left(&world, kind, ids).await, "{kind} on {due}");
        well(&world).await;
    }
}

/// The digests of all tables, and all files.
async fn everything(world: &World) -> (Vec<backup::Part>, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let made = backup::make(&world.app.db, &world.app.blobs, &folder.path().join("b")).await.unwrap();
    (made.tables, files(world))
}

pub fn files(world: &World) -> Vec<PathBuf> {
    let (mut out, mut open) = (Vec::new(), vec![world.dir.path().join("blobs")]);
    while let Some(path) = open.pop() {
        match path.is_dir() {
            true => open.extend(std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path())),
            false if path.exists() => out.push(path),
            // It has been removed since.
            false => {}
        }
    }
    out.sort();
    out
}

#[tokio::test]
async fn a_dry_run_changes_nothing_and_a_second_run_finds_nothing() {
    let world = World::new().await;
    two_cases(&world).await;
    roster(&world).await;
    card(&world).await;
    let rules = rules(RetentionKind::iter());
    let before = everything(&world).await;
    let told = look_on(&world, end(), &rules).await;
    assert!(told.rules.iter().filter(|r| r.records > 0).count() >= 8, "{told:?}");
    let pictures = told.rules.iter().find(|r| r.kind == RetentionKind::CasePictures).unwrap();
    // Both cases carry the same four papers.
    assert_eq!((pictures.records, pictures.files), (2, 4));
    assert_eq!(
        pictures.file_bytes,
        ["id_card", "bank_card", "settlement", "application_form"]
            .iter()
            .map(|k| png(k.len() as u8).len() as u64)
            .sum::<u64>()
    );
    assert!(everything(&world).await == before, "a dry run changes nothing");

    let done = erase_on(&world, end(), &rules).await;
    for (told, done) in told.rules.iter().zip(&done.rules) {
        assert_eq!((told.records, &told.held), (done.records, &done.held), "{}", told.kind);
        assert!(done.file_bytes == told.file_bytes, "{told:?} {done:?}");
    }
    assert!(done.forgotten && done.pending_files == 0 && files(&world).is_empty(), "{:?}", files(&world));
    well(&world).await;
    let once = everything(&world).await;
    let again = erase_on(&world, end(), &rules).await;
    assert!(again.rules.iter().all(|r| r.records == 0), "{again:?}");
    assert!(everything(&world).await == once, "twice is once");
}

#[tokio::test]
async fn nothing_planted_is_left_and_every_page_says_so() {
    let world = World::new().await;
    let (paid, denied) = two_cases(&world).await;
    let (roster, change) = (roster(&world).await, card(&world).await);
    let member = member_of(&world, MANUAL_ID).await.id;
    let sums: Vec<i64> =
        payment::Entity::find().all(world.app.db.read()).await.unwrap().iter().map(|p| p.amount_fen).collect();
    erase_on(&world, end(), &rules(RetentionKind::iter())).await;
    well(&world).await;
    for (path, bytes) in stored(&world).await {
        for planted in PLANTED {
            for form in [planted.to_owned(), keys::seal(planted)] {
                assert!(!bytes.windows(form.len()).any(|w| w == form.as_bytes()), "{} holds {planted}", path.display());
            }
        }
    }
    let after: Vec<i64> =
        payment::Entity::find().all(world.app.db.read()).await.unwrap().iter().map(|p| p.amount_fen).collect();
    assert_eq!(after, sums, "amounts stay");
    let names = case_material::Entity::find().filter(case_material::Column::Sha256.ne("")).count(world.app.db.read());
    assert_eq!(names.await.unwrap(), 0);

    let (unit, review2, handler) = (world.user("unit").await, world.user("review2").await, world.user("handler").await);
    let page = handler.get(&format!("/api/cases/{paid}")).await.expect(200);
    assert_eq!((text(&page["member"]["name"]), text(&page["member"]["id_number"])), (ERASED.into(), ERASED.into()));
    assert_eq!(page["notices"], json!([]), "a word isn't a wrong number");
    assert_eq!(
        (text(&page["payees"][0]["name"]), text(&page["payees"][0]["account_no"])),
        (ERASED.into(), ERASED.into())
    );
    assert_eq!((text(&page["statements"][0]["diagnosis"]), &page["benefit_fen"]), (ERASED.into(), &json!(328_300)));
    let file =
        page["materials"].as_array().unwrap().iter().flat_map(|m| m["files"].as_array().unwrap()).next().unwrap();
    assert_eq!((&file["erased"], text(&file["file_name"])), (&json!(true), ERASED.into()));
    for what in ["content", "thumbnail"] {
        let gone = handler.get(&format!("/api/cases/{paid}/materials/{}/{what}", file["id"])).await;
        assert_eq!(gone.code(410), "picture_erased");
    }
    let denial = handler.get(&format!("/api/cases/{denied}")).await.expect(200);
    let notes: Vec<&Value> = denial["timeline"].as_array().unwrap().iter().map(|e| &e["note"]).collect();
    assert!(notes.contains(&&json!(ERASED)) && denial["closing"]["reason_code"] == "out_of_scope", "{notes:?}");
    let why = json!({ "reason": "entry_error", "note": "录错" });
    assert_eq!(review2.post(&format!("/api/cases/{paid}/corrections"), why).await.blockers(), ["case_erased"]);
    let late = handler.post(&format!("/api/cases/{denied}/appeals"), appeal(&clock::today().to_string())).await;
    assert_eq!(late.blockers(), ["case_erased", "appeal_decided"]);

    for query in [MANUAL_ID, "冯玉兰", ERASED, "13900000000"] {
        let found = handler.post("/api/members/search", json!({ "text": query })).await.expect(200);
        assert_eq!(found["total"], 0, "{query}");
        assert_eq!(handler.post("/api/members/find", json!({ "text": query })).await.expect(200), json!([]), "{query}");
    }
    let history = handler.get(&format!("/api/members/{member}/history")).await.expect(200);
    assert!(history.as_array().unwrap().iter().all(|e| e["after"].is_null() && e["before"].is_null()), "{history}");
    for path in [
        format!("/api/members/{member}"),
        format!("/api/changes/{change}"),
        format!("/api/enrolments/{roster}"),
        format!("/api/cases/{paid}/payment-items"),
    ] {
        handler.get(&path).await.expect(200);
    }
    for path in ["inquiry/cases", "inquiry/coverages", "members", "changes", "enrolments"] {
        assert_eq!(handler.post(&format!("/api/{path}/export"), json!({})).await.status, 200, "{path}");
    }
    let phone = json!({
        "kind": "member_data", "name": "某人", "id_kind": "resident_id", "id_number": MANUAL_ID,
        "birth_date": null, "sex": null, "phone": "13800000001", "employment": "active"
    });
    assert_eq!(unit.post("/api/changes", asking(member, phone)).await.code(409), "member_erased");
    assert_eq!(handler.post("/api/inquiry/cases/search", json!({})).await.expect(200)["total"], 2);
}

/// What lies in the files of SQLite and of the store; on PostgreSQL, what its tables hold.
async fn stored(world: &World) -> Vec<(PathBuf, Vec<u8>)> {
    let database = ["huzhu.db", "huzhu.db-wal"].map(|name| world.dir.path().join(name));
    let mut paths: Vec<PathBuf> = database.into_iter().filter(|p| p.exists()).chain(files(world)).collect();
    if paths.iter().all(|p| !p.ends_with("huzhu.db")) {
        let folder = world.dir.path().join("dump");
        let made = backup::make(&world.app.db, &world.app.blobs, &folder).await.unwrap();
        let table = |part: &backup::Part| {
            use std::io::Read;
            let path = folder.join("tables").join(format!("{}.jsonl.gz", part.name));
            let mut bytes = Vec::new();
            flate2::read::GzDecoder::new(std::fs::File::open(&path).unwrap()).read_to_end(&mut bytes).unwrap();
            (path, bytes)
        };
        return made.tables.iter().map(table).collect();
    }
    paths.sort();
    paths.into_iter().map(|p| (p.clone(), std::fs::read(p).unwrap())).collect()
}
