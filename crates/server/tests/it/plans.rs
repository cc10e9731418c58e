//! 保障活动: from text to a published version, by two people; what-if reads only.
use huzhu::{
    entity::{case, org, plan_version, usage_entry},
    orgs::users::{self, NewUser},
};
use huzhu_domain::permission::Role;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::world::{User, World, codes, text};

const HARBIN_2026: &str = include_str!("../../../../plans/harbin-inpatient-2026.toml");

/// Harbin's rule of 2027, at 60 %.
fn harbin_2027() -> String {
    let text = HARBIN_2026.replace("2026", "2027").replace("rate = \"0.50\"", "rate = \"0.60\"");
    text.replace("\namount = \"3283.00\"", "\namount = \"3939.60\"")
}

async fn office(world: &World, code: &str) -> i64 {
    let found = org::Entity::find().filter(org::Column::Code.eq(code)).one(world.app.db.read()).await.unwrap();
    found.unwrap().id
}

async fn draft(world: &World, admin: &User, source: &str) -> i64 {
    let new = json!({ "office_id": office(world, "2300").await, "source": source });
    admin.post("/api/plans/drafts", new).await.expect(201)["id"].as_i64().unwrap()
}

async fn act(admin: &User, id: i64, act: &str) -> crate::world::Answer {
    let seq = admin.get(&format!("/api/plans/drafts/{id}")).await.expect(200)["seq"].clone();
    admin.post(&format!("/api/plans/drafts/{id}/{act}"), json!({ "seq": seq, "note": "请看" })).await
}

async fn published(world: &World) -> u64 {
    plan_version::Entity::find().count(world.app.db.read()).await.unwrap()
}

#[tokio::test]
async fn a_version_is_written_proposed_and_published_by_a_second_person() {
    let world = World::new().await;
    let (admin, second) = (world.user("admin").await, world.user("admin2").await);
    let id = draft(&world, &admin, &harbin_2027()).await;
    let before = published(&world).await;
    assert_eq!(act(&admin, id, "propose").await.expect(200)["state"], "proposed");
    assert_eq!(act(&admin, id, "publish").await.blockers(), ["proposed_by_you"]);
    assert_eq!(act(&second, id, "return").await.expect(200)["state"], "draft");
    act(&admin, id, "propose").await.expect(200);
    let view = act(&second, id, "publish").await.expect(200);
    assert_eq!((text(&view["state"]), view["allowed_actions"].clone()), ("published".into(), json!([])));
    assert_eq!(published(&world).await, before + 1);
    let handler = world.user("handler").await;
    let found = handler.post("/api/plans/versions/search", json!({ "year": 2027 })).await.expect(200);
    let row = &found["items"][0];
    assert_eq!((text(&row["version"]), text(&row["published_by_name"])), ("2027".into(), "沈岚".into()));
    let shown = handler.get(&format!("/api/plans/versions/{}", row["id"])).await.expect(200);
    let said: Vec<String> = shown["check"]["words"][1]["sentences"].as_array().unwrap().iter().map(text).collect();
    assert!(said.contains(&"全部金额按 60% 给付。".to_owned()), "{said:?}");
}

#[tokio::test]
async fn a_double_click_publishes_once_and_nothing_happens_to_what_is_published() {
    let world = World::new().await;
    let (admin, second) = (world.user("admin").await, world.user("admin2").await);
    let id = draft(&world, &admin, &harbin_2027()).await;
    act(&admin, id, "propose").await.expect(200);
    let (path, before) = (format!("/api/plans/drafts/{id}/publish"), published(&world).await);
    let seen = json!({ "seq": 2 });
    let (a, b) = tokio::join!(second.post(&path, seen.clone()), second.post(&path, seen));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert!(statuses == [200, 409] || statuses == [200, 422], "{statuses:?}");
    assert_eq!(published(&world).await, before + 1);
    assert_eq!(act(&admin, id, "discard").await.blockers(), ["draft_state"]);
}

#[tokio::test]
async fn two_people_on_one_draft_the_second_is_told() {
    let world = World::new().await;
    let (admin, second) = (world.user("admin").await, world.user("admin2").await);
    let id = draft(&world, &admin, &harbin_2027()).await;
    let path = format!("/api/plans/drafts/{id}");
    admin.put(&path, json!({ "seq": 1, "source": "first" })).await.expect(200);
    assert_eq!(second.put(&path, json!({ "seq": 1, "source": "second" })).await.code(409), "draft_stale");
    assert_eq!(admin.get(&path).await.expect(200)["source"], "first");
}

#[tokio::test]
async fn what_fails_its_examples_overlaps_or_leaves_a_gap_is_not_proposed() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    let refused = async |source: &str| {
        let id = draft(&world, &admin, source).await;
        act(&admin, id, "propose").await.blockers()
    };
    assert_eq!(refused(&harbin_2027().replace("3939.60", "3939.61")).await, ["examples_fail"]);
    assert_eq!(refused(&harbin_2027().replace("2027-01-01", "2026-12-31")).await, ["version_overlaps"]);
    assert_eq!(refused(&harbin_2027().replace("2027-01-01", "2027-02-01")).await, ["version_gap"]);
    assert_eq!(refused(HARBIN_2026).await, ["version_exists", "version_overlaps"]);
    assert_eq!(refused("code = 1").await, ["plan_faults"]);
}

#[tokio::test]
async fn a_text_with_faults_says_line_field_and_what_would_be_right() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    let source = HARBIN_2026.replace("rate = \"0.50\"", "rate = \"1.50\"");
    let looked_at = admin.post("/api/plans/check", json!({ "source": source })).await.expect(200);
    let fault = &looked_at["faults"][0];
    let line = usize::try_from(fault["line"].as_u64().unwrap()).unwrap();
    assert!(source.lines().nth(line - 1).unwrap().contains("1.50"));
    assert_eq!(fault["path"], "liability.0.benefit.reimbursement.bands.0.rate");
    assert_eq!(fault["message"], "比例“1.50”应在 0 到 1（0% 到 100%）之间");
    assert_eq!(looked_at["plan"], Value::Null);
}

#[tokio::test]
async fn a_form_writes_the_same_plan_as_text() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    let looked_at = admin.post("/api/plans/check", json!({ "source": HARBIN_2026 })).await.expect(200);
    let written = admin.post("/api/plans/text", json!({ "plan": looked_at["plan"] })).await.expect(200);
    let again = admin.post("/api/plans/check", written).await.expect(200);
    assert_eq!(again["faults"], json!([]));
    assert_eq!(again["plan"], looked_at["plan"]);
}

#[tokio::test]
async fn a_trial_computes_with_its_trace_and_names_faulty_facts() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let trial = async |facts: Value| {
        let asked = json!({ "source": HARBIN_2026, "liability": "inpatient_medical", "facts": facts });
        unit.post("/api/plans/trial", asked).await.expect(200)
    };
    let done = trial(json!({ "statements": [{ "self_pay": "19066.02" }], "claimed_on": "2028-01-01" })).await;
    assert_eq!((&done["amount_fen"], &done["amount_words"]), (&json!(800_000), &json!("捌仟元整")));
    assert_eq!(codes(&done["warnings"]), ["past_deadline"]);
    let faulty = trial(json!({ "statements": [] })).await;
    assert_eq!(
        (codes(&faulty["faults"]), &faulty["amount_fen"]),
        (vec!["example_statements".to_owned()], &Value::Null)
    );
}

#[tokio::test]
async fn a_case_becomes_an_example_that_comes_out() {
    let world = World::new().await;
    let (unit, admin) = (world.user("unit").await, world.user("admin").await);
    let id = unit.submitted().await;
    let made = admin.post("/api/plans/example", json!({ "case_no": world.row(id).await.no })).await.expect(200);
    assert_eq!(
        (text(&made["liability"]), text(&made["example"]["amount"])),
        ("inpatient_medical".into(), "3283".into())
    );
    assert!(!made.to_string().contains(crate::world::MANUAL_ID) && !made.to_string().contains("冯玉兰"));
    let source = include_str!("../../../../plans/harbin-inpatient-2023.toml");
    let asked = json!({ "source": source, "liability": "inpatient_medical", "facts": made["example"] });
    assert_eq!(admin.post("/api/plans/trial", asked).await.expect(200)["amount_fen"], 328_300);
}

#[tokio::test]
async fn what_if_replays_closed_cases_and_writes_nothing() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let id = unit.submitted().await;
    review.act(id, "take").await.expect(200);
    review.act(id, "approve").await.expect(200);
    let paid_on = huzhu::platform::clock::today();
    world.pay(&[id]).await;
    let (row, entries) = (world.row(id).await, usage_entry::Entity::find().count(world.app.db.read()).await.unwrap());
    let admin = world.user("admin").await;
    let asked =
        |source: String, office: i64| json!({ "office_id": office, "source": source, "from": paid_on, "to": paid_on });
    let harbin = office(&world, "2300").await;
    let found = admin.post("/api/plans/what-if", asked(harbin_2027(), harbin)).await.expect(200);
    let sums = ["cases", "changed", "before_fen", "after_fen"].map(|f| found[f].as_i64().unwrap());
    assert_eq!(sums, [1, 1, 328_300, 393_960]);
    assert_eq!(found["rows"][0]["no"], row.no);
    let same = admin.post("/api/plans/what-if", asked(HARBIN_2026.to_owned(), harbin)).await.expect(200);
    assert_eq!(same["changed"], 0);
    let other = office(&world, "1100").await;
    let elsewhere = admin.post("/api/plans/what-if", asked(harbin_2027(), other)).await.expect(200);
    assert_eq!(elsewhere["cases"], 0, "no case of another office");
    let file = admin.post("/api/plans/what-if/export", asked(harbin_2027(), harbin)).await;
    assert!(file.status == 200 && file.bytes.starts_with(b"PK"));
    assert_eq!(world.row(id).await, row);
    assert_eq!(usage_entry::Entity::find().count(world.app.db.read()).await.unwrap(), entries);
}

#[tokio::test]
async fn plans_of_another_office_do_not_exist() {
    let world = World::new().await;
    for (name, org) in [("bj", "1100"), ("hlj", "2300")] {
        let new = NewUser { username: name.into(), name: name.into(), org_code: org.into(), roles: vec![Role::Admin] };
        let tx = world.app.db.begin().await.unwrap();
        users::insert(&tx, &new, String::new(), false).await.unwrap();
        tx.commit().await.unwrap();
    }
    let (admin, bj, hlj) = (world.user("admin").await, world.user("bj").await, world.user("hlj").await);
    let id = draft(&world, &admin, &harbin_2027()).await;
    let path = format!("/api/plans/drafts/{id}");
    assert_eq!(bj.get(&path).await.status, 404);
    assert_eq!(bj.put(&path, json!({ "seq": 1, "source": "x" })).await.status, 404);
    for step in ["propose", "return", "publish", "discard"] {
        assert_eq!(bj.post(&format!("{path}/{step}"), json!({ "seq": 1, "note": "n" })).await.status, 404, "{step}");
    }
    assert_eq!(bj.post("/api/plans/drafts/search", json!({})).await.expect(200)["total"], 0);
    assert_eq!(hlj.get(&path).await.status, 200);
    let foreign = json!({ "office_id": office(&world, "2300").await, "source": "x" });
    assert_eq!(bj.post("/api/plans/drafts", foreign).await.fields(), ["office_id: unknown"]);
    let all = admin.post("/api/plans/versions/search", json!({})).await.expect(200);
    let harbin = all["items"].as_array().unwrap().iter().find(|v| v["version"] == "2023").unwrap()["id"].clone();
    assert_eq!(bj.get(&format!("/api/plans/versions/{harbin}")).await.status, 404);
    assert_eq!(world.user("unit").await.get(&format!("/api/plans/versions/{harbin}")).await.status, 200);
    assert_eq!(world.user("far").await.get(&format!("/api/plans/versions/{harbin}")).await.status, 404);
    let unit = world.user("unit").await;
    let case_id = unit.submitted().await;
    let no = case::Entity::find_by_id(case_id).one(world.app.db.read()).await.unwrap().unwrap().no;
    assert_eq!(bj.post("/api/plans/example", json!({ "case_no": no })).await.status, 404);
}

#[tokio::test]
async fn a_coverage_falls_under_the_version_of_its_first_day() {
    use huzhu::members::coverage::{NewCoverage, add};
    let world = World::new().await;
    let (admin, second) = (world.user("admin").await, world.user("admin2").await);
    let id = draft(&world, &admin, &harbin_2027()).await;
    act(&admin, id, "propose").await.expect(200);
    act(&second, id, "publish").await.expect(200);
    let number = world.id_numbers("23010002").await.swap_remove(0);
    let day = |text: &str| text.parse().unwrap();
    let cover = async |from: &str, to: &str| {
        let new = NewCoverage {
            id_number: number.clone(),
            plan: "harbin-inpatient".into(),
            from: day(from),
            to: day(to),
            shares: 1,
        };
        add(&world.app.db, &new).await.map_err(|e| e.to_string())
    };
    let made = cover("2027-01-01", "2027-12-31").await.unwrap();
    let row = huzhu::entity::coverage::Entity::find_by_id(made).one(world.app.db.read()).await.unwrap().unwrap();
    assert!(row.renewed, "it follows the coverage of 2026");
    let version = plan_version::Entity::find_by_id(row.plan_version_id).one(world.app.db.read()).await.unwrap();
    assert_eq!(version.unwrap().version, "2027");
    assert!(cover("2027-12-31", "2028-06-30").await.unwrap_err().contains("covered by this plan"));
    assert!(cover("2028-01-01", "2028-12-31").await.unwrap_err().contains("no published version"));
}
