//! 受理 and 费用录入 adapt to the plan version: classes, grades, heirs with shares, deadlines, groups, usage.
use huzhu::entity::{case, payment, plan_version};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde_json::{Value, json};

use crate::world::{User, World, codes, draft, payee, png, text};

/// A member of 1121测试 with a coverage of 2026.
async fn number(world: &World) -> String {
    world.id_numbers("23010001").await.into_iter().find(|n| n != crate::world::MANUAL_ID).unwrap()
}

/// A claim of 2026 in the caller's hands, its papers there.
async fn entering(unit: &User, number: &str, claim_type: &str, papers: &[&str]) -> i64 {
    let row = unit.claim(number, "2026-09-08", claim_type).await;
    let made = unit.accept(&format!("{claim_type}-{number}"), json!([row])).await.expect(201);
    let id = made["cases"][0]["id"].as_i64().unwrap();
    unit.act(id, "take").await.expect(200);
    for kind in papers {
        unit.upload(id, kind, "a.png", &png(kind.len() as u8)).await.expect(201);
    }
    id
}

async fn entry(unit: &User, id: i64) -> Value {
    let mut entry = draft(unit.version(id).await);
    entry["statements"] = json!([]);
    entry["incident"]["from"] = json!("2026-09-08");
    entry["incident"]["to"] = json!("2026-09-08");
    entry
}

async fn with_injuries(unit: &User, id: i64, grades: &[u32]) -> Value {
    let mut entry = entry(unit, id).await;
    entry["incident"]["injuries"] = grades.iter().map(|g| json!({ "grade": g, "part": "右手" })).collect();
    entry
}

const DISABILITY: [&str; 4] = ["id_card", "bank_card", "disability_certificate", "application_form"];
const DEATH: [&str; 6] = [
    "death_certificate",
    "household_cancellation",
    "kinship_proof",
    "payee_id_card",
    "payee_bank_card",
    "application_form",
];

#[tokio::test]
async fn two_injuries_of_grade_seven_are_paid_as_grade_six() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = entering(&unit, &number(&world).await, "accident_disability", &DISABILITY).await;
    let view = unit.get(&format!("/api/cases/{id}")).await.expect(200);
    assert_eq!(view["grade_options"], json!([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    unit.save(id, entry(&unit, id).await).await.expect(200);
    assert_eq!(unit.act(id, "calculate").await.fields(), ["incident.injuries: required"]);
    unit.save(id, with_injuries(&unit, id, &[0, 7]).await).await.expect(200);
    assert_eq!(unit.act(id, "calculate").await.fields(), ["incident.injuries: unknown"]);
    unit.save(id, with_injuries(&unit, id, &[7, 7]).await).await.expect(200);
    let view = unit.act(id, "calculate").await.expect(200);
    assert_eq!(view["calculation"]["amount_fen"], 3_000_000);
    let detail = text(&view["calculation"]["trace"][0]["detail"]);
    assert_eq!(detail, "伤残等级 7、7，以最重者为准，最重等级有两处以上的晋升一级，最高一级：按 6 级");
    assert_eq!(view["incident"]["injuries"][1]["part"], "右手");
}

#[tokio::test]
async fn heirs_are_paid_their_shares_to_the_fen() {
    let world = World::new().await;
    let (unit, review, cashier) = (world.user("unit").await, world.user("review").await, world.user("cashier").await);
    let id = entering(&unit, &number(&world).await, "accident_death", &DEATH).await;
    let mut entry = entry(&unit, id).await;
    entry["payees"] =
        json!([payee("child", "甲", "6222020909003028974", 3333), payee("spouse", "乙", "6222020909003028975", 6666)]);
    let view = unit.save(id, entry.clone()).await.expect(200);
    assert_eq!(view["several_payees"], true);
    unit.act(id, "calculate").await.expect(200);
    assert_eq!(unit.act(id, "submit").await.blockers(), ["field_wrong"]);
    entry["payees"][1]["share"] = json!(6667);
    entry["version"] = json!(unit.version(id).await);
    unit.save(id, entry).await.expect(200);
    unit.act(id, "calculate").await.expect(200);
    unit.act(id, "submit").await.expect(200);
    review.act(id, "take").await.expect(200);
    review.act(id, "approve").await.expect(200);
    let listed =
        cashier.post("/api/payments/search", json!({ "tab": "pending", "payee_name": "乙" })).await.expect(200);
    let parts: Vec<i64> =
        listed["items"][0]["payees"].as_array().unwrap().iter().map(|p| p["amount_fen"].as_i64().unwrap()).collect();
    assert_eq!(parts, [1_999_800, 4_000_200]);
    world.pay(&[id]).await;
    let rows = payment::Entity::find().filter(payment::Column::CaseId.eq(id)).order_by_asc(payment::Column::Position);
    let rows = rows.all(world.app.db.read()).await.unwrap();
    let paid: Vec<(String, i64)> = rows.into_iter().map(|r| (r.payee_name, r.amount_fen)).collect();
    assert_eq!(paid, [("甲".to_owned(), 1_999_800), ("乙".to_owned(), 4_000_200)]);
}

#[tokio::test]
async fn one_payee_is_all_there_is_for_the_living_and_never_the_dead() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let number = number(&world).await;
    let id = entering(&unit, &number, "accident_disability", &DISABILITY).await;
    let mut two = with_injuries(&unit, id, &[7]).await;
    two["payees"] =
        json!([payee("self", "甲", "6222020909003028974", 5000), payee("spouse", "乙", "6222020909003028975", 5000)]);
    unit.save(id, two).await.expect(200);
    unit.act(id, "calculate").await.expect(200);
    assert_eq!(unit.act(id, "submit").await.code(422), "refused");
    let death = entering(&unit, &number, "accident_death", &[]).await;
    unit.save(death, entry(&unit, death).await).await.expect(200);
    let view = unit.get(&format!("/api/cases/{death}")).await.expect(200);
    let submit = view["allowed_actions"].as_array().unwrap().iter().find(|a| a["action"] == "submit").unwrap().clone();
    let said: Vec<String> = submit["blockers"].as_array().unwrap().iter().map(|b| text(&b["message"])).collect();
    assert!(said.contains(&"领款人 1 · 与被保险人关系：不能是本人".to_owned()), "{said:?}");
}

#[tokio::test]
async fn death_and_disability_exclude_each_other_and_the_ledger_shows_it() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let number = number(&world).await;
    let id = entering(&unit, &number, "accident_disability", &DISABILITY).await;
    let fields = json!({ "fields": { "account_no": "6222020909003028973", "bank_name": "中国工商银行" } });
    unit.put(&format!("/api/cases/{id}/material-fields/bank_card"), fields).await.expect(200);
    unit.save(id, with_injuries(&unit, id, &[7]).await).await.expect(200);
    unit.act(id, "calculate").await.expect(200);
    unit.act(id, "submit").await.expect(200);
    let found = unit.eligible(&number, "2026-10-01").await;
    let death = found["rows"].as_array().unwrap().iter().find(|r| r["claim_type"] == "accident_death").unwrap().clone();
    assert_eq!((&death["allowed"], codes(&death["reasons"])), (&json!(false), vec!["excluded_by".to_owned()]));
    assert_eq!(death["reasons"][0]["message"], "已给付意外伤残互助金，不再给付本项");
    let row = world.row(id).await;
    let usage = unit.get(&format!("/api/members/{}/usage", row.member_id)).await.expect(200);
    let book = usage["coverages"][0]["usage"].as_array().unwrap().clone();
    let of = |name: &str| book.iter().find(|u| u["name"] == name).unwrap()["amount_fen"].as_i64().unwrap();
    assert_eq!((of("意外伤残互助金"), of("意外伤残与身故"), of("意外身故互助金")), (2_400_000, 2_400_000, 0));
    assert_eq!(world.user("far").await.get(&format!("/api/members/{}/usage", row.member_id)).await.status, 404);
}

#[tokio::test]
async fn a_claim_past_its_deadline_wants_reasons_from_the_clerk_and_the_reviewer() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let id = unit.entering().await;
    world.deadline_of(id).await;
    let mut entry = draft(unit.version(id).await);
    let view = unit.save(id, entry.clone()).await.expect(200);
    assert_eq!(
        (codes(&view["warnings"]), &view["warnings"][0]["statement"]),
        (vec!["past_deadline".into()], &Value::Null)
    );
    unit.act(id, "calculate").await.expect(200);
    assert_eq!(unit.act(id, "submit").await.blockers(), ["case_warning_unanswered"]);
    entry["version"] = json!(unit.version(id).await);
    entry["warning_reasons"] = json!([{ "code": "past_deadline", "statement": null, "reason": "住院期间无法办理" }]);
    unit.save(id, entry).await.expect(200);
    unit.act(id, "submit").await.expect(200);
    review.act(id, "take").await.expect(200);
    assert_eq!(review.get(&format!("/api/cases/{id}")).await.expect(200)["approve_needs_note"], true);
    assert_eq!(review.act(id, "approve").await.blockers(), ["case_warning_open"]);
    let accepted = json!({
        "version": unit.version(id).await, "code": "past_deadline", "statement": null, "accepted": true, "note": "属实"
    });
    review.post(&format!("/api/cases/{id}/answer-warning"), accepted).await.expect(200);
    let version = unit.version(id).await;
    let approve = |note: Value| json!({ "version": version, "note": note });
    let path = format!("/api/cases/{id}/approve");
    assert_eq!(review.post(&path, approve(Value::Null)).await.fields(), ["note: required"]);
    assert_eq!(review.post(&path, approve(json!("情况属实"))).await.expect(200)["stage"], "second_review");
}

#[tokio::test]
async fn papers_take_the_pictures_that_the_plan_names() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    world.plan_of(id, |text| text.replacen("max = 2\n", "max = 2\nformats = [\"jpeg\"]\n", 1)).await;
    assert_eq!(unit.upload(id, "id_card", "a.png", &png(1)).await.code(422), "picture_format");
    let jpeg = crate::world::encoded(1, image::ImageFormat::Jpeg);
    unit.upload(id, "id_card", "a.jpg", &jpeg).await.expect(201);
}

impl World {
    /// Puts the case under another version of its plan.
    async fn plan_of(&self, case_id: i64, change: impl Fn(&str) -> String) {
        let row = self.row(case_id).await;
        let version = plan_version::Entity::find_by_id(row.plan_version_id).one(self.app.db.read()).await.unwrap();
        let version = version.unwrap();
        let tx = self.app.db.begin().await.unwrap();
        let new = plan_version::ActiveModel {
            id: NotSet,
            version: Set(format!("{} changed", version.version)),
            source: Set(change(&version.source)),
            ..version.into()
        };
        let id = plan_version::Entity::insert(new).exec(&tx).await.unwrap().last_insert_id;
        let moved = case::ActiveModel { id: Set(case_id), plan_version_id: Set(id), ..Default::default() };
        case::Entity::update(moved).exec(&tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Lets the case be late.
    async fn deadline_of(&self, case_id: i64) {
        let late = "waiting_days = 30\ndeadline = { days = 1, from = \"incident\" }";
        self.plan_of(case_id, |text| text.replacen("waiting_days = 30", late, 1)).await;
    }
}
