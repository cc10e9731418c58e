//! 机构维护: the tree, its codes, and what moving or deactivating a branch does to rights, cases and people.
use huzhu::entity::{case, org, record_event};
use huzhu_domain::credit_code::check_sign;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::world::{Answer, User, World, codes, draft, text};

async fn id_of(world: &World, code: &str) -> i64 {
    let found = org::Entity::find().filter(org::Column::Code.eq(code)).one(world.app.db.read()).await.unwrap();
    found.unwrap().id
}

async fn view(user: &User, id: i64) -> Value {
    user.get(&format!("/api/orgs/{id}")).await.expect(200)
}

/// An act at the version that the node has.
async fn act(user: &User, id: i64, act: &str) -> Answer {
    let version = view(user, id).await["version"].clone();
    user.post(&format!("/api/orgs/{id}/{act}"), json!({ "version": version, "reason": "机构调整" })).await
}

async fn move_to(user: &User, id: i64, parent_id: i64) -> Answer {
    let version = view(user, id).await["version"].clone();
    let asked = json!({ "version": version, "parent_id": parent_id, "reason": "行政区划调整" });
    user.post(&format!("/api/orgs/{id}/move"), asked).await
}

async fn create(user: &User, parent_id: i64, kind: &str, code: &str, name: &str) -> Answer {
    user.post("/api/orgs", json!({ "parent_id": parent_id, "kind": kind, "code": code, "name": name })).await
}

pub fn credit_code(body: &str) -> String {
    let first = format!("91000000MA{body:0>7}");
    format!("{first}{}", check_sign(&first).unwrap())
}

#[tokio::test]
async fn a_node_hangs_only_where_its_level_belongs_under_a_code_that_is_given_once() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    let (office, agency) = (id_of(&world, "2300").await, id_of(&world, "2301").await);
    let next = admin.get(&format!("/api/orgs/{agency}/next-code?kind=unit")).await.expect(200);
    assert_eq!(next["code"], "23010007");
    assert_eq!(admin.get(&format!("/api/orgs/{office}/next-code?kind=agency")).await.expect(200)["code"], "2303");
    let society = id_of(&world, "0000").await;
    assert_eq!(admin.get(&format!("/api/orgs/{society}/next-code?kind=office")).await.expect(200)["code"], "3800");
    let unit = create(&admin, agency, "unit", "23010007", "  “新”单位😀 ").await.expect(201);
    assert_eq!((text(&unit["name"]), unit["path"].as_array().unwrap().len()), ("“新”单位😀".into(), 2));
    assert_eq!(create(&admin, agency, "unit", "23010007", "又一个").await.fields(), ["code: taken"]);
    assert_eq!(create(&admin, agency, "unit", "23020009", "又一个").await.fields(), ["code: code_of_another_parent"]);
    assert_eq!(create(&admin, agency, "unit", "2301", "又一个").await.fields(), ["code: unit_code_digits"]);
    assert_eq!(create(&admin, office, "agency", "23x9", "代办处").await.fields(), ["code: org_code_digits"]);
    assert_eq!(create(&admin, agency, "agency", "2309", "代办处").await.fields(), ["kind: wrong_parent"]);
    assert_eq!(create(&admin, agency, "unit", "23010008", "").await.fields(), ["name: required"]);
    assert_eq!(create(&admin, agency, "unit", "23010008", "甲\u{0}乙").await.fields(), ["name: control_signs"]);
    let made = create(&admin, office, "agency", "2303", "牡丹江代办处").await.expect(201)["id"].as_i64().unwrap();
    create(&admin, made, "unit", "23030001", "镜泊湖水务").await.expect(201);
    assert_eq!(view(&admin, made).await["children"], 1);
    assert_eq!(create(&world.user("handler").await, agency, "unit", "23010008", "无权").await.code(403), "forbidden");
}

#[tokio::test]
async fn an_administrator_of_an_office_sees_and_changes_no_other_branch() {
    let world = World::new().await;
    let own = world.office_admin("2300").await;
    let far = id_of(&world, "3701").await;
    assert_eq!(own.get(&format!("/api/orgs/{far}")).await.status, 404);
    assert_eq!(own.get("/api/orgs/root").await.expect(200)["code"], "2300");
    let found = own.post("/api/orgs/search", json!({})).await.expect(200);
    assert!(found["items"].as_array().unwrap().iter().all(|o| text(&o["code"]).starts_with("23")));
    assert_eq!(own.post("/api/orgs/search", json!({ "under_id": far })).await.status, 404);
    assert_eq!(create(&own, far, "unit", "37010009", "外面").await.status, 404);
    let edit = json!({ "version": 1, "name": "外面" });
    assert_eq!(own.put(&format!("/api/orgs/{far}"), edit).await.status, 404);
    for what in ["deactivate", "activate", "delete"] {
        let asked = json!({ "version": 1, "reason": "x" });
        assert_eq!(own.post(&format!("/api/orgs/{far}/{what}"), asked).await.status, 404, "{what}");
    }
    let agency = id_of(&world, "2302").await;
    let version = view(&own, agency).await["version"].clone();
    let asked = json!({ "version": version, "parent_id": id_of(&world, "3700").await, "reason": "x" });
    assert_eq!(own.post(&format!("/api/orgs/{agency}/move"), asked).await.status, 404, "nor moves anything there");
    let mine = id_of(&world, "2300").await;
    assert_eq!(act(&own, mine, "deactivate").await.blockers(), ["node_is_yours", "active_children"]);
    let raise = json!({ "version": 1, "name": "黑龙江办事处", "review_limit_fen": 100 });
    assert_eq!(own.put(&format!("/api/orgs/{mine}"), raise).await.fields(), ["review_limit_fen: from_above"]);
    let wild = own.post("/api/orgs/search", json!({ "text": "%" })).await.expect(200);
    assert_eq!(wild["total"], 0, "a percent sign is no wildcard");
}

#[tokio::test]
async fn a_credit_code_is_checked_tidied_and_stands_once() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    let (one, two) = (id_of(&world, "23010002").await, id_of(&world, "23010003").await);
    let code = credit_code("A1");
    let edit = |version: i64, code: &str| json!({ "version": version, "name": "单位", "credit_code": code });
    let path = |id: i64| format!("/api/orgs/{id}");
    let wrong = format!("{}{}", &code[..17], if code.ends_with('1') { '2' } else { '1' });
    let put = async |id, version, code: &str| admin.put(&path(id), edit(version, code)).await;
    assert_eq!(put(one, 1, &wrong).await.fields(), ["credit_code: credit_code_wrong_check"]);
    let saved = put(one, 1, &format!(" {} ", code.to_lowercase())).await.expect(200);
    assert_eq!((text(&saved["credit_code"]), &saved["version"]), (code.clone(), &json!(2)));
    let changes: Vec<String> =
        saved["history"][0]["changes"].as_array().unwrap().iter().map(|c| text(&c["field"])).collect();
    assert_eq!(changes, ["credit_code", "name"]);
    assert_eq!(put(two, 1, &code).await.blockers(), ["credit_code_twice"]);
    assert_eq!(put(one, 1, &code).await.code(409), "record_stale");
    let far = world.office_admin("3700").await;
    let elsewhere = far.put(&path(id_of(&world, "37010001").await), edit(1, &code)).await;
    assert_eq!(elsewhere.blockers(), ["credit_code_elsewhere"], "and isn't told whose it is");
    let bad = json!({ "version": 1, "name": "单位", "headcount": -1, "contact_phone": "abc", "review_limit_fen": 1 });
    let faults = ["contact_phone: not_a_phone", "headcount: negative", "review_limit_fen: not_of_this_level"];
    assert_eq!(admin.put(&path(two), bad).await.fields(), faults);
    // A deactivated unit keeps its code, and can't come back beside another that has it.
    act(&admin, one, "deactivate").await.expect(200);
    put(two, 1, &code).await.expect(200);
    assert_eq!(act(&admin, one, "activate").await.blockers(), ["credit_code_twice"]);
}

#[tokio::test]
async fn a_unit_that_moves_takes_its_cases_along_and_a_case_still_computes() {
    let world = World::new().await;
    let (unit, handler, admin) = (world.user("unit").await, world.user("handler").await, world.user("admin").await);
    let case_id = unit.accepted("disease_inpatient").await;
    unit.papers(case_id).await;
    unit.act(case_id, "confirm-materials").await.expect(200);
    handler.act(case_id, "take").await.expect(200);
    let (node, target) = (id_of(&world, "23010001").await, id_of(&world, "3701").await);
    let before = world.row(case_id).await;
    assert_eq!(move_to(&admin, node, id_of(&world, "0000").await).await.fields(), ["parent_id: wrong_parent"]);
    assert_eq!(move_to(&admin, node, id_of(&world, "2301").await).await.fields(), ["parent_id: same_parent"]);
    let moved = move_to(&admin, node, target).await.expect(200);
    assert_eq!((text(&moved["code"]), text(&moved["history"][0]["act"])), ("23010001".into(), "move".into()));
    assert_eq!(text(&moved["history"][0]["reason"]), "行政区划调整");
    // The old branch has no case any more, the new one and the unit have it; nobody holds it who doesn't see it.
    assert_eq!(handler.get(&format!("/api/cases/{case_id}")).await.status, 404);
    let far = world.user("far").await;
    assert_eq!(far.get(&format!("/api/cases/{case_id}")).await.status, 200);
    assert_eq!(unit.get(&format!("/api/cases/{case_id}")).await.status, 200);
    let after = world.row(case_id).await;
    assert_eq!((after.no, after.plan_version_id), (before.no, before.plan_version_id));
    assert_eq!((after.office_id, after.agency_id), (id_of(&world, "3700").await, Some(target)));
    assert_eq!(after.holder_id, None);
    // It is computed by the version of its coverage, which belongs to the office that it left.
    far.act(case_id, "take").await.expect(200);
    let version = far.version(case_id).await;
    far.save(case_id, draft(version)).await.expect(200);
    far.act(case_id, "calculate").await.expect(200);
    assert_eq!(world.row(case_id).await.calculated_fen, Some(328_300));
}

#[tokio::test]
async fn an_agency_moves_with_its_units_and_each_keeps_its_history() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    let (review, unit) = (world.user("review").await, world.user("unit").await);
    let case_id = unit.accepted("disease_inpatient").await;
    let (agency, office) = (id_of(&world, "2301").await, id_of(&world, "1100").await);
    let stale = json!({ "version": 9, "parent_id": office, "reason": "x" });
    assert_eq!(admin.post(&format!("/api/orgs/{agency}/move"), stale).await.code(409), "record_stale");
    let silent = json!({ "version": 1, "parent_id": office, "reason": "  " });
    assert_eq!(admin.post(&format!("/api/orgs/{agency}/move"), silent).await.fields(), ["reason: required"]);
    move_to(&admin, agency, office).await.expect(200);
    let nodes = org::Entity::find().filter(org::Column::AgencyId.eq(agency)).all(world.app.db.read()).await.unwrap();
    assert!(nodes.len() > 5 && nodes.iter().all(|n| n.office_id == Some(office)));
    let noted = record_event::Entity::find().filter(record_event::Column::Act.eq("move"));
    assert_eq!(noted.count(world.app.db.read()).await.unwrap(), nodes.len() as u64);
    assert_eq!(review.get(&format!("/api/cases/{case_id}")).await.status, 404);
    let beijing = world.office_admin("1100").await;
    assert_eq!(view(&beijing, agency).await["path"], json!(["北京办事处"]));
    assert_eq!(world.office_admin("2300").await.get(&format!("/api/orgs/{agency}")).await.status, 404);
    let row = case::Entity::find_by_id(case_id).one(world.app.db.read()).await.unwrap().unwrap();
    assert_eq!((row.office_id, row.agency_id), (office, Some(agency)));
    assert_eq!(move_to(&admin, office, id_of(&world, "0000").await).await.code(409), "record_stale");
}

#[tokio::test]
async fn a_branch_is_deactivated_only_when_nothing_is_on_its_way_and_then_nobody_works_in_it() {
    let world = World::new().await;
    let (admin, unit) = (world.user("admin").await, world.user("unit").await);
    let node = id_of(&world, "23010001").await;
    let case_id = unit.accepted("disease_inpatient").await;
    assert_eq!(act(&admin, node, "deactivate").await.blockers(), ["open_cases"]);
    let blockers = view(&admin, node).await["allowed_actions"].clone();
    let of =
        |name: &str| blockers.as_array().unwrap().iter().find(|a| a["action"] == name).cloned().unwrap_or_default();
    assert_eq!(codes(&of("deactivate")["blockers"]), ["open_cases"]);
    assert_eq!(codes(&of("delete")["blockers"]), ["node_in_use"]);
    let version = unit.version(case_id).await;
    unit.post(&format!("/api/cases/{case_id}/delete"), json!({ "version": version })).await.expect(204);
    assert_eq!(act(&admin, id_of(&world, "2301").await, "deactivate").await.blockers(), ["active_children"]);
    act(&admin, node, "deactivate").await.expect(200);
    // Sessions and sign-in end, no claim is accepted, nothing new hangs on it.
    assert_eq!(unit.get("/api/session").await.status, 401);
    let sign_in = json!({ "username": "unit", "password": "huzhu-demo" });
    assert_eq!(world.stranger().post("/api/session", sign_in.clone()).await.code(401), "sign_in_failed");
    let handler = world.user("handler").await;
    let row = handler.claim(crate::world::MANUAL_ID, "2023-10-04", "disease_inpatient").await;
    assert_eq!(handler.accept("k1", json!([row])).await.blockers(), ["unit_inactive"]);
    let clerk =
        json!({ "username": "clerk9", "name": "新人", "org_id": node, "roles": ["unit_operator"], "own_roles": [] });
    assert_eq!(admin.post("/api/users", clerk).await.fields(), ["org_id: inactive"]);
    act(&admin, node, "activate").await.expect(200);
    assert_eq!(world.stranger().post("/api/session", sign_in).await.status, 200);
    handler.accept("k2", json!([row])).await.expect(201);
}

#[tokio::test]
async fn only_a_node_that_nothing_ever_hung_on_is_deleted() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    let office = id_of(&world, "2300").await;
    let made = create(&admin, office, "agency", "2303", "误建").await.expect(201)["id"].as_i64().unwrap();
    let child = create(&admin, made, "unit", "23030001", "误建单位").await.expect(201)["id"].as_i64().unwrap();
    assert_eq!(act(&admin, made, "delete").await.blockers(), ["node_in_use"]);
    act(&admin, child, "deactivate").await.expect(200);
    act(&admin, made, "deactivate").await.expect(200);
    assert_eq!(act(&admin, child, "activate").await.blockers(), ["parent_inactive"]);
    assert_eq!(create(&admin, made, "unit", "23030002", "单位").await.blockers(), ["parent_inactive"]);
    assert_eq!(move_to(&admin, id_of(&world, "23020001").await, made).await.fields(), ["parent_id: inactive"]);
    assert_eq!(act(&admin, child, "delete").await.status, 204);
    assert_eq!(act(&admin, made, "delete").await.status, 204);
    assert_eq!(admin.get(&format!("/api/orgs/{made}")).await.status, 404);
    // A role of a branch refers to it as well.
    let made = create(&admin, office, "agency", "2303", "有角色").await.expect(201)["id"].as_i64().unwrap();
    let role = json!({ "org_id": made, "name": "查询员", "permissions": ["inquire_cases"], "active": true });
    admin.post("/api/roles", role).await.expect(201);
    assert_eq!(act(&admin, made, "delete").await.blockers(), ["node_referred_to"]);
}
