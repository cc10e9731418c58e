//! 参保入会: from the roster to coverages in force.
use axum::{body::Body, http::Method};
use calamine::{Data, Reader, Xlsx};
use huzhu::{
    entity::{coverage, enrolment, member, plan_version},
    platform::seal,
};
use huzhu_domain::id_number;
use rust_xlsxwriter::Workbook;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::world::{Answer, User, World, codes, text};

/// A valid number of somebody born in 1985; `n` tells people apart.
pub fn number(n: u32) -> String {
    id_number::with_check_digit(&format!("00000019850312{n:03}")).unwrap()
}

/// A roster with the plainest heading.
pub fn roster(rows: &[[&str; 3]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, title) in (0_u16..).zip(["姓名", "证件号码", "手机号码"]) {
        sheet.write(0, column, title).unwrap();
    }
    for (row, cells) in (1_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            sheet.write(row, column, *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

pub struct Asked {
    pub unit_id: i64,
    pub plan_version_id: i64,
    from: &'static str,
    to: &'static str,
}

impl Asked {
    /// The unit 1121测试 under Harbin's plan of 2026, whose fee is 80 yuan.
    pub async fn plain(world: &World) -> Self {
        let unit_id = world.org_id("23010001").await;
        let versions = plan_version::Entity::find()
            .filter(plan_version::Column::Code.eq("harbin-inpatient"))
            .filter(plan_version::Column::Version.eq("2026"))
            .filter(plan_version::Column::OfficeId.eq(world.org_id("2300").await));
        let version = versions.one(world.app.db.read()).await.unwrap().unwrap();
        Self { unit_id, plan_version_id: version.id, from: "2026-07-01", to: "2026-12-31" }
    }
}

async fn send(user: &User, asked: &Asked, file: &[u8]) -> Answer {
    let mut body = Vec::new();
    let fields = [
        ("unit_id", asked.unit_id.to_string()),
        ("plan_version_id", asked.plan_version_id.to_string()),
        ("period_from", asked.from.to_owned()),
        ("period_to", asked.to.to_owned()),
    ];
    for (name, value) in fields {
        body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes());
    }
    body.extend(b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\\\x\\\\roster.xlsx\"\r\n\r\n");
    body.extend(file);
    body.extend(b"\r\n--b--\r\n");
    let headers = [("content-type", "multipart/form-data; boundary=b")];
    user.send(Method::POST, "/api/enrolments", &headers, Body::from(body)).await
}

/// A batch of this roster, judged.
pub async fn checked(user: &User, asked: &Asked, file: &[u8]) -> Value {
    let made = send(user, asked, file).await.expect(201);
    user.get(&format!("/api/enrolments/{}?wait=true", made["id"])).await.expect(200)
}

pub async fn act(user: &User, batch: &Value, act: &str) -> Answer {
    let body = json!({ "version": batch["version"], "note": "未收到款项" });
    user.post(&format!("/api/enrolments/{}/{act}", batch["id"]), body).await
}

pub fn two_people() -> Vec<u8> {
    roster(&[["王强", &number(1), "13900000001"], ["李“静”😀", &number(2), ""]])
}

/// Why 疾病住院 can't be accepted.
pub fn disease(found: &Value) -> Vec<String> {
    let rows = found["rows"].as_array().unwrap();
    codes(&rows.iter().find(|r| r["claim_type"] == "disease_inpatient").unwrap()["reasons"])
}

#[tokio::test]
async fn a_roster_becomes_coverages_that_wait_for_their_fee_and_then_pay() {
    let world = World::new().await;
    let (unit, cashier) = (world.user("unit").await, world.user("cashier").await);
    let asked = Asked::plain(&world).await;
    let batch = checked(&unit, &asked, &two_people()).await;
    assert_eq!((&batch["state"], &batch["good"], &batch["new_members"]), (&json!("checked"), &json!(2), &json!(2)));
    assert_eq!((&batch["fee_fen"], &batch["file_name"]), (&json!(16_000), &json!("roster.xlsx")));

    let confirmed = act(&unit, &batch, "confirm").await.expect(200);
    assert_eq!(confirmed["state"], "confirmed");
    let reasons = |day: &'static str| {
        let unit = unit.clone();
        async move { disease(&unit.eligible(&number(1), day).await) }
    };
    assert_eq!(reasons("2026-08-20").await, ["fee_pending"]);

    let paid = act(&cashier, &confirmed, "confirm-fee").await.expect(200);
    assert_eq!(paid["state"], "in_force");
    assert_eq!(reasons("2026-07-30").await, ["waiting_period"], "day 30");
    assert!(reasons("2026-07-31").await.is_empty(), "the day after the waiting period");
    let row = unit.claim(&number(1), "2026-07-31", "disease_inpatient").await;
    unit.accept("k", json!([row])).await.expect(201);
}

#[tokio::test]
async fn every_faulty_row_says_why_and_goes_back_as_a_file() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let asked = Asked::plain(&world).await;
    let known = world.id_numbers("23010001").await;
    let taken = known.iter().find(|n| n.starts_with("000000")).unwrap().clone();
    let rows = [
        ["王强", &number(1) as &str, "13900000001"],
        ["", &number(2), ""],
        ["李静", "230102198503120011", ""],
        ["王强", &number(1), ""],
        ["别人", &taken, ""],
        ["张伟", &number(3), "12"],
    ];
    let batch = checked(&unit, &asked, &roster(&rows)).await;
    assert_eq!((&batch["rows"], &batch["good"]), (&json!(6), &json!(1)));
    let query = json!({ "show": "faulty" });
    let faulty = unit.post(&format!("/api/enrolments/{}/rows", batch["id"]), query).await.expect(200);
    let told: Vec<(i64, Vec<String>)> = faulty["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["id"].as_i64().unwrap(), codes(&r["problems"])))
        .collect();
    let expected: [(i64, &[&str]); 5] = [
        (3, &["cell_required"]),
        (4, &["id_wrong_check_digit"]),
        (5, &["twice_in_file"]),
        (6, &["name_differs", "already_covered"]),
        (7, &["phone_wrong"]),
    ];
    let expected = expected.map(|(row, codes)| (row, codes.iter().map(|c| (*c).to_owned()).collect()));
    assert_eq!(told, expected);
    let file = unit.get(&format!("/api/enrolments/{}/faulty", batch["id"])).await;
    assert_eq!(file.status, 200);
    let mut book = Xlsx::new(std::io::Cursor::new(file.bytes)).unwrap();
    let sheet = book.worksheet_range("未通过人员").unwrap();
    assert_eq!(sheet.height(), 6);
    assert_eq!(
        sheet.get_value((4, 9)),
        Some(&Data::String(
            "姓名：与档案姓名（".to_owned()
                + &recorded(&world, &taken).await
                + "*）不一致，请核对证件号码，或先办理变更；证件号码：已在 2026-01-01 ~ 2026-12-31 参保此活动"
        ))
    );
    let again = checked(&unit, &asked, &two_people()).await;
    assert_eq!(again["good"], 2, "a batch that isn't confirmed keeps nobody from anything");
}

async fn recorded(world: &World, number: &str) -> String {
    let row = member::Entity::find().filter(seal::is(member::Column::IdNumber, number)).one(world.app.db.read()).await;
    row.unwrap().unwrap().name.chars().next().unwrap().to_string()
}

async fn renewed(world: &World, batch: &Value) -> u64 {
    let of_batch = coverage::Entity::find().filter(coverage::Column::EnrolmentId.eq(batch["id"].as_i64()));
    of_batch.filter(coverage::Column::Renewed.eq(true)).count(world.app.db.read()).await.unwrap()
}

#[tokio::test]
async fn a_coverage_without_a_gap_is_a_renewal_in_whichever_order_they_are_paid() {
    let world = World::new().await;
    let (unit, cashier) = (world.user("unit").await, world.user("cashier").await);
    let first = Asked { from: "2026-01-01", to: "2026-06-30", ..Asked::plain(&world).await };
    let first = checked(&unit, &first, &two_people()).await;
    let first = act(&unit, &first, "confirm").await.expect(200);
    let next = checked(&unit, &Asked::plain(&world).await, &two_people()).await;
    assert_eq!((&next["renewed"], &next["new_members"]), (&json!(0), &json!(0)), "the first may never be paid for");
    act(&unit, &next, "confirm").await.expect(200);
    assert_eq!(renewed(&world, &next).await, 0);
    act(&cashier, &first, "confirm-fee").await.expect(200);
    assert_eq!((renewed(&world, &first).await, renewed(&world, &next).await), (0, 2));
}

#[tokio::test]
async fn what_was_sent_back_before_makes_no_renewal() {
    let world = World::new().await;
    let (unit, cashier) = (world.user("unit").await, world.user("cashier").await);
    let first = Asked { from: "2026-01-01", to: "2026-06-30", ..Asked::plain(&world).await };
    let first = checked(&unit, &first, &two_people()).await;
    let first = act(&unit, &first, "confirm").await.expect(200);
    act(&cashier, &first, "return").await.expect(200);
    let next = checked(&unit, &Asked::plain(&world).await, &two_people()).await;
    let next = act(&unit, &next, "confirm").await.expect(200);
    act(&cashier, &next, "confirm-fee").await.expect(200);
    assert_eq!(renewed(&world, &next).await, 0);
}

#[tokio::test]
async fn it_takes_two_and_once_is_enough() {
    let world = World::new().await;
    let (unit, handler, cashier) = (world.user("unit").await, world.user("handler").await, world.user("cashier").await);
    let asked = Asked::plain(&world).await;
    let batch = checked(&unit, &asked, &two_people()).await;
    let twin = checked(&handler, &asked, &two_people()).await;
    assert_eq!(act(&cashier, &batch, "confirm").await.code(403), "forbidden");
    assert_eq!(act(&unit, &batch, "confirm-fee").await.code(403), "forbidden");
    let (one, two) = tokio::join!(act(&unit, &batch, "confirm"), act(&handler, &batch, "confirm"));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "the double click");
    assert_eq!(act(&handler, &twin, "confirm").await.blockers(), ["roster_outdated"]);
    let anew = act(&handler, &twin, "recheck").await.expect(200);
    let anew = handler.get(&format!("/api/enrolments/{}?wait=true", anew["id"])).await.expect(200);
    assert_eq!((&anew["state"], &anew["good"]), (&json!("checked"), &json!(0)));
    assert_eq!(act(&handler, &anew, "confirm").await.blockers(), ["no_good_row"]);
    act(&handler, &anew, "discard").await.expect(200);
}

#[tokio::test]
async fn what_is_sent_back_never_comes_into_force_and_can_be_enrolled_anew() {
    let world = World::new().await;
    let (unit, cashier) = (world.user("unit").await, world.user("cashier").await);
    let asked = Asked::plain(&world).await;
    let batch = checked(&unit, &asked, &two_people()).await;
    let confirmed = act(&unit, &batch, "confirm").await.expect(200);
    let nothing = json!({ "version": confirmed["version"] });
    let bare = cashier.post(&format!("/api/enrolments/{}/return", batch["id"]), nothing).await;
    assert_eq!(bare.fields(), ["note: required"]);
    let tomorrow = json!({ "version": confirmed["version"], "paid_on": "2999-01-01" });
    let future = cashier.post(&format!("/api/enrolments/{}/confirm-fee", batch["id"]), tomorrow).await;
    assert_eq!(future.fields(), ["paid_on: in_future"]);
    act(&cashier, &confirmed, "return").await.expect(200);
    assert_eq!(unit.eligible(&number(1), "2026-08-20").await["rows"], json!([]));
    let again = checked(&unit, &asked, &two_people()).await;
    assert_eq!((&again["good"], &again["new_members"]), (&json!(2), &json!(0)));
}

#[tokio::test]
async fn a_batch_of_another_branch_does_not_exist() {
    let world = World::new().await;
    let (unit, far) = (world.user("unit").await, world.user("far").await);
    let asked = Asked::plain(&world).await;
    let batch = checked(&unit, &asked, &two_people()).await;
    assert_eq!(send(&far, &asked, &two_people()).await.fields(), ["unit_id: not_a_unit"]);
    assert_eq!(far.get(&format!("/api/enrolments/{}", batch["id"])).await.status, 404);
    assert_eq!(far.post(&format!("/api/enrolments/{}/rows", batch["id"]), json!({})).await.status, 404);
    assert_eq!(far.get(&format!("/api/enrolments/{}/faulty", batch["id"])).await.status, 404);
    assert_eq!(act(&far, &batch, "confirm").await.status, 404);
    assert_eq!(far.post("/api/enrolments/search", json!({})).await.expect(200)["total"], 0);
    assert_eq!(unit.post("/api/enrolments/search", json!({})).await.expect(200)["total"], 1);
    let by_no = json!({ "no": text(&batch["no"]) });
    assert_eq!(unit.post("/api/enrolments/search", by_no).await.expect(200)["total"], 1);
}

#[tokio::test]
async fn what_cannot_be_is_refused_before_anything_is_kept() {
    let world = World::new().await;
    let handler = world.user("handler").await;
    let plain = Asked::plain(&world).await;
    let office = Asked { unit_id: world.org_id("2301").await, ..Asked::plain(&world).await };
    assert_eq!(send(&handler, &office, &two_people()).await.fields(), ["unit_id: not_a_unit"]);
    let crossed = Asked { from: "2026-07-02", to: "2026-07-01", ..Asked::plain(&world).await };
    assert_eq!(send(&handler, &crossed, &two_people()).await.fields(), ["period_to: period_order"]);
    let long = Asked { to: "2036-01-01", ..Asked::plain(&world).await };
    assert_eq!(send(&handler, &long, &two_people()).await.fields(), ["period_to: period_too_long"]);
    let early = Asked { from: "2025-12-31", ..Asked::plain(&world).await };
    assert_eq!(send(&handler, &early, &two_people()).await.fields(), ["period_from: plan_not_in_force"]);
    let none = enrolment::Entity::find().count(world.app.db.read()).await.unwrap();
    assert_eq!(none, 0);
    let broken = checked(&handler, &plain, b"not a workbook").await;
    assert_eq!((&broken["state"], &broken["fault"]["code"]), (&json!("unreadable"), &json!("file_not_excel")));
    let empty = checked(&handler, &plain, &roster(&[])).await;
    assert_eq!(empty["fault"]["code"], "roster_empty");
}

#[tokio::test]
async fn the_template_is_read_back_by_its_own_headings() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let file = unit.get("/api/enrolments/template").await;
    assert_eq!(file.status, 200);
    let batch = checked(&unit, &Asked::plain(&world).await, &file.bytes).await;
    assert_eq!(batch["fault"]["code"], "roster_empty", "the headings were found, nobody below them");
    let listed = unit.post("/api/enrolments/export", json!({})).await;
    let mut book = Xlsx::new(std::io::Cursor::new(listed.bytes)).unwrap();
    assert_eq!(book.worksheet_range("参保批次").unwrap().height(), 2);
}

#[tokio::test]
async fn thousands_of_rows_are_each_judged_once_and_a_repetition_is_noticed_across_them() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let day = |n: u32| chrono::NaiveDate::from_ymd_opt(1975, 1, 1).unwrap() + chrono::Days::new(u64::from(n));
    let ids: Vec<String> = (0..2_300_u32)
        .map(|n| id_number::with_check_digit(&format!("000000{}{:03}", day(n).format("%Y%m%d"), n % 997)).unwrap())
        .collect();
    let mut rows: Vec<[&str; 3]> = ids.iter().map(|id| ["参保职工", id.as_str(), ""]).collect();
    rows.push(["参保职工", &ids[4], ""]);
    let batch = checked(&unit, &Asked::plain(&world).await, &roster(&rows)).await;
    assert_eq!((&batch["rows"], &batch["good"], &batch["fee_fen"]), (&json!(2_301), &json!(2_300), &json!(18_400_000)));
    let path = format!("/api/enrolments/{}/rows", batch["id"]);
    let faulty = unit.post(&path, json!({ "show": "faulty" })).await.expect(200);
    assert_eq!(faulty["items"][0]["problems"][0]["args"], json!({ "row": 6 }));
    act(&unit, &batch, "confirm").await.expect(200);
    let covered = coverage::Entity::find().filter(coverage::Column::EnrolmentId.eq(batch["id"].as_i64()));
    assert_eq!(covered.count(world.app.db.read()).await.unwrap(), 2_300);
}
