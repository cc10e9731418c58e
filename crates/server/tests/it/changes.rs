use axum::{body::Body, http::Method};
use huzhu::{
    entity::{change_file, coverage, member, member_account, message, org},
    platform::seal,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::world::{MANUAL_ID, User, World, codes, draft, png, text};

pub async fn member_of(world: &World, id_number: &str) -> member::Model {
    let found = member::Entity::find().filter(seal::is(member::Column::IdNumber, id_number));
    found.one(world.app.db.read()).await.unwrap().unwrap()
}

pub async fn coverages(world: &World, member_id: i64) -> Vec<coverage::Model> {
    let found = coverage::Entity::find().filter(coverage::Column::MemberId.eq(member_id));
    found.all(world.app.db.read()).await.unwrap()
}

async fn org_id(world: &World, code: &str) -> i64 {
    let found = org::Entity::find().filter(org::Column::Code.eq(code)).one(world.app.db.read()).await;
    found.unwrap().unwrap().id
}

pub fn asking(member_id: i64, change: Value) -> Value {
    json!({ "member_id": member_id, "change": change, "reason": "资料更正", "files": [] })
}

/// Asks for a change: its id.
pub async fn ask(user: &User, member_id: i64, change: Value) -> i64 {
    let asked = user.post("/api/changes", asking(member_id, change)).await.expect(201);
    assert!(text(&asked["no"]).starts_with("BG2300"), "{asked}");
    asked["id"].as_i64().unwrap()
}

pub async fn approve(user: &User, id: i64) -> Value {
    user.post(&format!("/api/changes/{id}/approve"), json!({ "version": 1 })).await.expect(200)
}

fn data(name: &str, phone: &str) -> Value {
    json!({
        "kind": "member_data", "name": name, "id_kind": "resident_id", "id_number": MANUAL_ID,
        "birth_date": null, "sex": null, "phone": phone, "employment": "retired"
    })
}

pub async fn upload(user: &User, kind: &str, shade: u8) -> Value {
    let mut body = Vec::new();
    body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\n{kind}\r\n").as_bytes());
    body.extend(b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n");
    body.extend(png(shade));
    body.extend(b"\r\n--b--\r\n");
    let headers = [("content-type", "multipart/form-data; boundary=b")];
    user.send(Method::POST, "/api/changes/files", &headers, Body::from(body)).await.expect(201)
}

#[tokio::test]
async fn nothing_changes_before_somebody_else_approves() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let before = member_of(&world, MANUAL_ID).await;
    let id = ask(&unit, before.id, data(" 冯玉蘭😀'% ", "13911112222")).await;
    assert_eq!(member_of(&world, MANUAL_ID).await, before, "asking changes nothing");

    let again = unit.post("/api/changes", asking(before.id, data("别的", "13911112222"))).await;
    assert_eq!(again.blockers(), ["change_open"]);
    let seen = review.get(&format!("/api/changes/{id}")).await.expect(200);
    let name = seen["lines"].as_array().unwrap().iter().find(|l| l["field"] == "name").unwrap();
    assert_eq!((text(&name["before"]), text(&name["after"])), ("冯玉兰".into(), "冯玉蘭😀'%".into()));
    assert_eq!(codes(&seen["allowed_actions"][0]["blockers"]), [""; 0]);

    let done = approve(&review, id).await;
    assert_eq!((text(&done["state"]), done["history"].as_array().unwrap().len()), ("approved".into(), 2));
    let after = member_of(&world, MANUAL_ID).await;
    assert_eq!((after.name.as_str(), after.phone.as_str(), after.version), ("冯玉蘭😀'%", "13911112222", 2));
    assert_eq!(after.birth_date, before.birth_date, "a resident's number says the date");
    let told = message::Entity::find().filter(message::Column::Kind.eq("change_approved"));
    assert_eq!(told.count(world.app.db.read()).await.unwrap(), 1);
    let twice = review.post(&format!("/api/changes/{id}/approve"), json!({ "version": 1 })).await;
    assert_eq!(twice.code(409), "change_stale");
    let twice = review.post(&format!("/api/changes/{id}/approve"), json!({ "version": 2 })).await;
    assert_eq!(twice.blockers(), ["change_decided"]);
}

#[tokio::test]
async fn of_two_who_approve_at_once_one_does() {
    let world = World::new().await;
    let (unit, a, b) = (world.user("unit").await, world.user("review").await, world.user("review2").await);
    let member = member_of(&world, MANUAL_ID).await;
    let id = ask(&unit, member.id, data("冯玉蘭", "")).await;
    let path = format!("/api/changes/{id}/approve");
    let (a, b) = tokio::join!(a.post(&path, json!({ "version": 1 })), b.post(&path, json!({ "version": 1 })));
    let mut status = [a.status, b.status];
    status.sort_unstable();
    assert_eq!(status, [200, 409]);
}

#[tokio::test]
async fn who_asked_neither_approves_nor_refuses_but_may_withdraw() {
    use huzhu::orgs::users::{self, NewUser};
    use huzhu_domain::permission::Role;
    let world = World::new().await;
    let roles = vec![Role::Handler, Role::FirstReviewer];
    let new = NewUser { username: "both".into(), name: "两职".into(), org_code: "2300".into(), roles };
    users::add(&world.app.db, &new).await.unwrap();
    let changed = member_of(&world, MANUAL_ID).await;
    let row = huzhu::entity::user::Entity::find().filter(huzhu::entity::user::Column::Username.eq("both"));
    let row = row.one(world.app.db.read()).await.unwrap().unwrap();
    let tx = world.app.db.begin().await.unwrap();
    let ready = huzhu::entity::user::ActiveModel {
        id: sea_orm::ActiveValue::Set(row.id),
        must_change_password: sea_orm::ActiveValue::Set(false),
        ..Default::default()
    };
    huzhu::entity::user::Entity::update(ready).exec(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let both = world.user("both").await;
    let id = ask(&both, changed.id, data("冯玉蘭", "")).await;
    let body = json!({ "version": 1, "note": "不行" });
    for act in ["approve", "refuse"] {
        assert_eq!(both.post(&format!("/api/changes/{id}/{act}"), body.clone()).await.blockers(), ["asked_by_you"]);
    }
    let other = world.user("unit").await;
    assert_eq!(other.post(&format!("/api/changes/{id}/withdraw"), body.clone()).await.blockers(), ["asked_by_other"]);
    let done = both.post(&format!("/api/changes/{id}/withdraw"), body).await.expect(200);
    assert_eq!(done["state"], "withdrawn");
    assert_eq!(member_of(&world, MANUAL_ID).await, changed);
}

#[tokio::test]
async fn a_refusal_wants_its_reason_and_changes_nothing() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let member = member_of(&world, MANUAL_ID).await;
    let id = ask(&unit, member.id, data("冯玉蘭", "")).await;
    let path = format!("/api/changes/{id}/refuse");
    assert_eq!(review.post(&path, json!({ "version": 1, "note": " " })).await.fields(), ["note: required"]);
    review.post(&path, json!({ "version": 1, "note": "缺证明" })).await.expect(200);
    assert_eq!(member_of(&world, MANUAL_ID).await, member);
    ask(&unit, member.id, data("冯玉蘭", "")).await;
}

#[tokio::test]
async fn a_record_that_changed_since_is_told() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let id_number = world.id_numbers("23010001").await.into_iter().find(|n| n != MANUAL_ID).unwrap();
    let member = member_of(&world, &id_number).await;
    let cover = coverages(&world, member.id).await[0].clone();
    let shares = json!({
        "kind": "coverage_replace", "coverage_id": cover.id,
        "from": cover.period_from, "to": cover.period_to, "shares": 3
    });
    let id = ask(&unit, member.id, shares).await;
    let tx = world.app.db.begin().await.unwrap();
    let other = coverage::ActiveModel {
        id: sea_orm::ActiveValue::Set(cover.id),
        shares: sea_orm::ActiveValue::Set(2),
        ..Default::default()
    };
    coverage::Entity::update(other).exec(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let stale = review.post(&format!("/api/changes/{id}/approve"), json!({ "version": 1 })).await;
    assert_eq!(stale.blockers(), ["record_changed"]);
}

#[tokio::test]
async fn coverages_are_added_changed_and_ended_by_the_rules() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let id_number = world.id_numbers("23010001").await.into_iter().find(|n| n != MANUAL_ID).unwrap();
    let member = member_of(&world, &id_number).await;
    let cover = coverages(&world, member.id).await[0].clone();
    let plans = unit.get(&format!("/api/changes/members/{}", member.id)).await.expect(200)["plans"].clone();
    let plan = plans[0]["code"].clone();
    let add = |from: &str, to: &str, shares: u64| json!({ "kind": "coverage_add", "plan": plan, "from": from, "to": to, "shares": shares });
    let refused = async |change: Value| unit.post("/api/changes", asking(member.id, change)).await.blockers();
    assert_eq!(refused(add("2026-12-31", "2027-12-30", 1)).await, ["coverage_overlaps"]);
    assert_eq!(refused(add("2031-01-01", "2031-12-31", 1)).await, ["no_version_on"]);
    let wrong = unit.post("/api/changes", asking(member.id, add("2026-12-31", "2026-01-01", 0))).await;
    assert_eq!(wrong.fields(), ["to: before_start", "shares: not_shares"]);

    let end = json!({ "kind": "coverage_end", "coverage_id": cover.id, "last_day": "2026-11-30" });
    approve(&review, ask(&unit, member.id, end).await).await;
    assert_eq!(coverages(&world, member.id).await[0].period_to.to_string(), "2026-11-30");
    approve(&review, ask(&unit, member.id, add("2026-12-01", "2026-12-31", 2)).await).await;
    let now = coverages(&world, member.id).await;
    let (shares, renewed) = (now[1].shares, now[1].renewed);
    assert_eq!((now.len(), shares, renewed), (2, 2, true), "it follows without a gap");
    let replace = json!({
        "kind": "coverage_replace", "coverage_id": now[1].id, "from": "2026-12-05", "to": "2026-12-31", "shares": 1
    });
    approve(&review, ask(&unit, member.id, replace).await).await;
    let now = coverages(&world, member.id).await;
    assert_eq!((now[1].shares, now[1].renewed), (1, false), "there is a gap now");
}

#[tokio::test]
async fn what_a_case_depends_on_stays() {
    let world = World::new().await;
    let (unit, handler) = (world.user("unit").await, world.user("handler").await);
    let case = unit.accepted("disease_inpatient").await;
    let member = member_of(&world, MANUAL_ID).await;
    let cover = coverages(&world, member.id).await[0].clone();
    let refused = async |change: Value| handler.post("/api/changes", asking(member.id, change)).await.blockers();
    let end = json!({ "kind": "coverage_end", "coverage_id": cover.id, "last_day": "2023-09-30" });
    assert_eq!(refused(end.clone()).await, ["case_depends"]);
    let unit_id = org_id(&world, "23010002").await;
    let transfer = |from: &str| json!({ "kind": "transfer", "unit_id": unit_id, "from": from });
    assert_eq!(refused(transfer("2023-06-01")).await, ["case_depends"]);
    unit.act(case, "delete").await;
    let id = ask(&handler, member.id, transfer("2023-06-01")).await;
    approve(&world.user("review").await, id).await;
    assert_eq!(coverages(&world, member.id).await[0].unit_id, unit_id, "it runs on under the new unit");
    assert_eq!(unit.get(&format!("/api/changes/members/{}", member.id)).await.status, 404, "the old unit lost sight");
}

#[tokio::test]
async fn a_transfer_waits_for_its_day_and_stays_in_the_branch() {
    let world = World::new().await;
    let (handler, review) = (world.user("handler").await, world.user("review").await);
    let member = member_of(&world, MANUAL_ID).await;
    let far = org_id(&world, "37010001").await;
    let out = json!({ "kind": "transfer", "unit_id": far, "from": "2026-01-01" });
    assert_eq!(handler.post("/api/changes", asking(member.id, out)).await.blockers(), ["unit_gone"]);
    let unit_id = org_id(&world, "23010002").await;
    let later = json!({ "kind": "transfer", "unit_id": unit_id, "from": "2199-01-01" });
    let id = ask(&handler, member.id, later).await;
    let early = review.post(&format!("/api/changes/{id}/approve"), json!({ "version": 1 })).await;
    assert_eq!(early.blockers(), ["not_effective_yet"]);
}

#[tokio::test]
async fn a_bank_card_wants_its_papers_and_becomes_an_account() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let member = member_of(&world, MANUAL_ID).await;
    let card = json!({ "kind": "bank_account", "account_no": "6222 0209 0900 3028 973", "bank_name": "中国工商银行" });
    let asked = |files: Vec<Value>| json!({ "member_id": member.id, "change": card, "reason": "新卡", "files": files });
    assert_eq!(unit.post("/api/changes", asked(vec![])).await.blockers(), ["paper_missing", "paper_missing"]);
    let (a, b) = (upload(&unit, "bank_card", 1).await, upload(&unit, "bank_card", 2).await);
    let seal = upload(&unit, "seal_card", 3).await;
    let two = vec![a["id"].clone(), b["id"].clone(), seal["id"].clone()];
    assert_eq!(unit.post("/api/changes", asked(two)).await.blockers(), ["paper_too_many"]);
    let own = vec![a["id"].clone(), seal["id"].clone()];
    let foreign = world.user("handler").await.post("/api/changes", asked(own.clone())).await;
    assert_eq!(foreign.fields(), ["files: unknown"], "another one's uploads");
    let id = unit.post("/api/changes", asked(own)).await.expect(201)["id"].as_i64().unwrap();
    let content = review.get(&text(&a["url"])).await;
    assert_eq!((content.status, content.bytes == png(1)), (200, true));
    assert!(content.headers["cache-control"].to_str().unwrap().starts_with("private"));
    assert_eq!(world.user("far").await.get(&text(&a["url"])).await.status, 404);
    assert_eq!(unit.delete(&format!("/api/changes/files/{}", a["id"])).await.status, 404, "it is part of the change");
    assert_eq!(unit.delete(&format!("/api/changes/files/{}", b["id"])).await.status, 204);
    assert_eq!(change_file::Entity::find().count(world.app.db.read()).await.unwrap(), 2);
    approve(&review, id).await;
    let account = member_account::Entity::find().one(world.app.db.read()).await.unwrap().unwrap();
    assert_eq!((account.account_no.as_str(), account.holder_name.as_str()), ("6222020909003028973", "冯玉兰"));

    // It is offered where the payee of the same member is entered, and only there.
    let case = unit.entering().await;
    let offered = async |user: &User| user.get(&format!("/api/cases/{case}")).await.expect(200)["accounts"].clone();
    assert_eq!(offered(&unit).await, json!([{ "account_no": "6222020909003028973", "bank_name": "中国工商银行" }]));
    assert_eq!(offered(&review).await, json!([]), "who doesn't enter it");
    unit.save(case, draft(unit.version(case).await)).await.expect(200);
    unit.act(case, "calculate").await.expect(200);
    unit.act(case, "submit").await.expect(200);
    assert_eq!(offered(&unit).await, json!([]), "no longer entered");
}

#[tokio::test]
async fn lists_find_by_number_name_and_case_and_only_in_the_branch() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let case = unit.accepted("disease_inpatient").await;
    let no = world.row(case).await.no;
    let member = member_of(&world, MANUAL_ID).await;
    let id = ask(&unit, member.id, data("冯玉蘭", "")).await;
    for typed in [MANUAL_ID, "冯玉兰", &no, " 142625 196607196202 "] {
        let found = unit.post("/api/changes/search", json!({ "text": typed })).await.expect(200);
        assert_eq!((found["total"].as_u64(), found["pending"].as_u64()), (Some(1), Some(1)), "{typed}");
        let members = unit.post("/api/members/find", json!({ "text": typed })).await.expect(200);
        assert_eq!(members.as_array().unwrap().len(), 1, "{typed}");
    }
    assert_eq!(unit.post("/api/changes/search", json!({ "text": "%" })).await.expect(200)["total"], 0);
    let far = world.user("far").await;
    assert_eq!(far.post("/api/changes/search", json!({})).await.expect(200)["total"], 0);
    assert_eq!(far.get(&format!("/api/changes/{id}")).await.status, 404);
    assert_eq!(far.post(&format!("/api/changes/{id}/approve"), json!({ "version": 1 })).await.status, 404);
    assert_eq!(far.post("/api/changes", asking(member.id, data("x", ""))).await.status, 404);
    let file = unit.post("/api/changes/export", json!({ "state": "proposed" })).await;
    assert_eq!((file.status, file.bytes.starts_with(b"PK")), (200, true));
}
