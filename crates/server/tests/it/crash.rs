//! The server is killed with SIGKILL while many work; what it acknowledged must be there, and nothing half done.
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::DateTime;
use huzhu::{
    cases::events,
    entity::{case, case_event, case_material, coverage, enrolment, enrolment_row, payment_batch, usage_entry},
    platform::{coded::Coded, db::Db},
};
use huzhu_domain::{case::Stage, enrolment::BatchState, id_number, payment::PaymentBatchState};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, sea_query::Expr};
use serde_json::{Value, json};

use crate::{enrolment::roster, sound};

fn start(data: &Path) -> (Child, String) {
    crate::world::put_keys(data);
    let mut server = Command::new(env!("CARGO_BIN_EXE_huzhu"))
        .args(["demo", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data)
        .env_remove("HUZHU_DATABASE_URL")
        .env("HUZHU_RATE_LIMITS", "false")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let url = lines.map_while(Result::ok).find(|l| l.starts_with("http://"));
    (server, url.expect("the server started"))
}

async fn signed_in(url: &str, username: &str) -> reqwest::Client {
    huzhu::platform::tls::provide();
    let client = reqwest::Client::builder().cookie_store(true).build().unwrap();
    let body = json!({ "username": username, "password": "huzhu-demo" });
    let answer = client.post(format!("{url}/api/session")).json(&body).send().await.unwrap();
    assert!(answer.status().is_success());
    client
}

/// What the server acknowledged before it died.
#[derive(Default)]
struct Acknowledged {
    pictures: Vec<(i64, Vec<u8>)>,
    taken: Vec<i64>,
    submitted: Vec<i64>,
}

async fn work(url: String, client: reqwest::Client, ids: Vec<i64>, papers: i64, known: Arc<Mutex<Acknowledged>>) {
    for (i, id) in ids.into_iter().enumerate() {
        let picture = crate::world::png(u8::try_from(i % 250).unwrap());
        let part = reqwest::multipart::Part::bytes(picture.clone()).file_name("p.png");
        let form = reqwest::multipart::Form::new().text("kind", "settlement").part("file", part);
        let upload = client.post(format!("{url}/api/cases/{papers}/materials")).multipart(form).send().await;
        if let Ok(answer) = upload
            && answer.status() == 201
            && let Ok(file) = answer.json::<Value>().await
        {
            known.lock().unwrap().pictures.push((file["id"].as_i64().unwrap(), picture));
        }
        let take = client.post(format!("{url}/api/cases/{id}/take")).json(&json!({ "version": 2 })).send().await;
        if take.is_ok_and(|a| a.status() == 200) {
            known.lock().unwrap().taken.push(id);
        }
    }
}

/// Submits what somebody holds, as it lies there ready.
async fn submit(url: String, client: reqwest::Client, ids: Vec<i64>, known: Arc<Mutex<Acknowledged>>) {
    for id in ids {
        let case = async { client.get(format!("{url}/api/cases/{id}")).send().await?.json::<Value>().await };
        let Ok(case) = case.await else { return };
        let body = json!({ "version": case["version"] });
        let answer = client.post(format!("{url}/api/cases/{id}/submit")).json(&body).send().await;
        if answer.is_ok_and(|a| a.status() == 200) {
            known.lock().unwrap().submitted.push(id);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_kill_and_nothing_is_half_done() {
    let dir = tempfile::tempdir().unwrap();
    let (mut server, url) = start(dir.path());
    let (client, unit) = (signed_in(&url, "handler").await, signed_in(&url, "unit").await);
    let list = async |who: &reqwest::Client, path: &str, body: Value| -> Vec<i64> {
        let found: Value = who.post(format!("{url}{path}")).json(&body).send().await.unwrap().json().await.unwrap();
        found["items"].as_array().unwrap().iter().map(|c| c["id"].as_i64().unwrap()).collect()
    };
    let pending = list(&client, "/api/expenses/search", json!({ "tab": "pending", "size": 100 })).await;
    let papers = list(&client, "/api/acceptance/search", json!({ "stage": "materials" })).await[0];
    assert!(pending.len() >= 4, "{pending:?}");
    let known = Arc::new(Mutex::new(Acknowledged::default()));
    let halves = pending.split_at(pending.len() / 2);
    let workers = [halves.0.to_vec(), halves.1.to_vec()]
        .map(|ids| tokio::spawn(work(url.clone(), client.clone(), ids, papers, Arc::clone(&known))));
    let held = list(&unit, "/api/expenses/search", json!({ "tab": "mine" })).await;
    let submitting = tokio::spawn(submit(url.clone(), unit, held, Arc::clone(&known)));
    let enough = |known: &Acknowledged| known.pictures.len() >= 2 && !known.submitted.is_empty();
    while !enough(&known.lock().unwrap()) {
        tokio::task::yield_now().await;
    }
    server.kill().unwrap();
    server.wait().unwrap();
    for worker in workers.into_iter().chain([submitting]) {
        worker.await.unwrap();
    }

    let (mut server, url) = start(dir.path());
    let client = signed_in(&url, "handler").await;
    let known = Arc::try_unwrap(known).ok().unwrap().into_inner().unwrap();
    for (file, content) in &known.pictures {
        let answer = client.get(format!("{url}/api/cases/{papers}/materials/{file}/content")).send().await.unwrap();
        assert_eq!(answer.bytes().await.unwrap(), content.as_slice(), "picture {file}");
    }
    let mine: Value = client.get(format!("{url}/api/todo?size=100")).send().await.unwrap().json().await.unwrap();
    let mine: Vec<i64> = mine["items"].as_array().unwrap().iter().map(|c| c["id"].as_i64().unwrap()).collect();
    assert!(known.taken.iter().all(|id| mine.contains(id)));
    for id in &known.submitted {
        let case: Value = client.get(format!("{url}/api/cases/{id}")).send().await.unwrap().json().await.unwrap();
        assert_eq!(case["stage"], "first_review", "case {id}");
    }
    server.kill().unwrap();
    server.wait().unwrap();

    let db = Db::connect(&format!("sqlite://{}", dir.path().join("huzhu.db").display())).await.unwrap();
    for case in case::Entity::find().all(db.read()).await.unwrap() {
        let log = case_event::Entity::find().filter(case_event::Column::CaseId.eq(case.id));
        let log = log.order_by_asc(case_event::Column::Seq).all(db.read()).await.unwrap();
        let last = log.iter().rfind(|e| e.kind != "edit_materials").unwrap();
        assert_eq!(last.to_stage, case.stage, "case {}: state and log tell the same", case.id);
        let used =
            usage_entry::Entity::find().filter(usage_entry::Column::CaseId.eq(case.id)).all(db.read()).await.unwrap();
        let reserved =
            matches!(case.stage.0, Stage::FirstReview | Stage::SecondReview | Stage::Payment) || case.paid_on.is_some();
        let times: i64 = used.iter().map(|u| u.times).sum();
        // What corrects a paid case is the same claim: its chain counts once.
        let same_claim = case.granted_before_fen.is_some_and(|fen| fen > 0);
        assert_eq!(times, i64::from(reserved && !same_claim), "case {}: what is reserved", case.id);
        let broken = events::breaks(&log, (case.event_seq, &case.event_hash));
        assert_eq!(broken, [], "case {}: the chain of events", case.id);
        let added = log.iter().filter(|e| e.data.contains("\"added\"")).count() as u64;
        let taken_over = log.iter().filter_map(|e| serde_json::from_str::<Value>(&e.data).ok());
        let taken_over: usize = taken_over.filter_map(|d| Some(d["taken_over"].as_array()?.len())).sum();
        let added = added + taken_over as u64;
        let pictures = case_material::Entity::find().filter(case_material::Column::CaseId.eq(case.id));
        assert_eq!(pictures.count(db.read()).await.unwrap(), added, "case {}: pictures and log", case.id);
    }
}

/// Sends a roster of `count` people for the demonstration's unit, and returns the batch.
async fn roster_sent(client: &reqwest::Client, url: &str, count: u32) -> i64 {
    let post = async |path: &str, body: Value| -> Value {
        client.post(format!("{url}{path}")).json(&body).send().await.unwrap().json().await.unwrap()
    };
    let unit = post("/api/units/options", json!({ "text": "1121测试" })).await[0]["id"].clone();
    let plans = post("/api/enrolments/plans", json!({ "unit_id": unit })).await;
    let plan = plans.as_array().unwrap().iter().find(|p| p["effective_from"] == "2026-01-01").unwrap();
    let people: Vec<[String; 3]> = (0..count)
        .map(|n| {
            let first = format!("000000{}07{:02}{:03}", 1962 + n / 28_000, n / 1000 % 28 + 1, n % 1000);
            [format!("职工{n}"), id_number::with_check_digit(&first).unwrap(), String::new()]
        })
        .collect();
    let rows: Vec<[&str; 3]> = people.iter().map(|row| [&*row[0], &*row[1], &*row[2]]).collect();
    let form = reqwest::multipart::Form::new()
        .text("unit_id", unit.to_string())
        .text("plan_version_id", plan["id"].to_string())
        .text("period_from", "2026-12-01")
        .text("period_to", "2026-12-31")
        .part("file", reqwest::multipart::Part::bytes(roster(&rows)).file_name("roster.xlsx"));
    let made = client.post(format!("{url}/api/enrolments")).multipart(form).send().await.unwrap();
    assert_eq!(made.status(), 201);
    made.json::<Value>().await.unwrap()["id"].as_i64().unwrap()
}

/// Asks again and again until something is so.
async fn until<T, F: Future<Output = Option<T>>>(asked: impl Fn() -> F) -> T {
    loop {
        if let Some(found) = asked().await {
            return found;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_roster_whose_server_is_killed_is_judged_anew_and_enrolled_whole_or_not_at_all() {
    const PEOPLE: u32 = 10_000;
    let dir = tempfile::tempdir().unwrap();
    let (mut server, url) = start(dir.path());
    let client = signed_in(&url, "unit").await;
    let batch = roster_sent(&client, &url, PEOPLE).await;
    let db = Db::connect(&format!("sqlite://{}", dir.path().join("huzhu.db").display())).await.unwrap();
    let rows = || enrolment_row::Entity::find().filter(enrolment_row::Column::EnrolmentId.eq(batch)).count(db.read());
    until(|| async { (rows().await.unwrap() > 0).then_some(()) }).await;
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(rows().await.unwrap() < PEOPLE.into(), "killed in the middle");

    // Its lease runs out: here at once.
    let tx = db.begin().await.unwrap();
    let over = enrolment::Entity::update_many().filter(enrolment::Column::Id.eq(batch));
    over.col_expr(enrolment::Column::LeaseUntil, Expr::value(DateTime::UNIX_EPOCH)).exec(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let (mut server, url) = start(dir.path());
    let client = signed_in(&url, "unit").await;
    let seen = async || -> Value {
        client.get(format!("{url}/api/enrolments/{batch}")).send().await.unwrap().json().await.unwrap()
    };
    let judged = until(async || Some(seen().await).filter(|b| b["state"] != "checking")).await;
    assert_eq!(
        (&judged["state"], &judged["rows"], &judged["good"]),
        (&json!("checked"), &json!(PEOPLE), &json!(PEOPLE))
    );
    assert_eq!(rows().await.unwrap(), u64::from(PEOPLE), "no row of the first judging is left");

    // Killed while it enrols: whatever was written, it is the whole batch or nothing of it.
    let (asking, body) = (client.clone(), json!({ "version": judged["version"] }));
    let confirm = format!("{url}/api/enrolments/{batch}/confirm");
    let confirming = tokio::spawn(async move { asking.post(confirm).json(&body).send().await.map(|a| a.status()) });
    let wal = dir.path().join("huzhu.db-wal");
    let before = std::fs::metadata(&wal).map_or(0, |m| m.len());
    let written = || std::fs::metadata(&wal).map_or(0, |m| m.len()) > before + 100_000;
    until(async || (written() || confirming.is_finished()).then_some(())).await;
    server.kill().unwrap();
    server.wait().unwrap();
    let told = confirming.await.unwrap();
    let state = enrolment::Entity::find_by_id(batch).one(db.read()).await.unwrap().unwrap().state.0;
    let enrolled =
        coverage::Entity::find().filter(coverage::Column::EnrolmentId.eq(batch)).count(db.read()).await.unwrap();
    let whole = if state == BatchState::Confirmed { u64::from(PEOPLE) } else { 0 };
    assert_eq!(enrolled, whole, "{state}");
    assert!(told.is_err() || state == BatchState::Confirmed, "what was acknowledged is there");
}

/// What a cashier does next about money, whatever was done before; none when all of it has arrived.
async fn next_of_payment(client: &reqwest::Client, url: &str) -> Option<reqwest::RequestBuilder> {
    let post = |path: &str, body: Value| client.post(format!("{url}{path}")).json(&body);
    let found =
        async |path: &str, body: Value| -> Value { post(path, body).send().await.unwrap().json().await.unwrap() };
    for (state, act) in [("draft", "release"), ("released", "settle")] {
        let list = found("/api/payment-batches/search", json!({ "state": state })).await;
        if let Some(batch) = list["items"].as_array().unwrap().first() {
            let path = format!("/api/payment-batches/{}", batch["id"]);
            let seen: Value = client.get(format!("{url}{path}")).send().await.unwrap().json().await.unwrap();
            let mut body = json!({ "version": seen["version"] });
            if act == "settle" {
                body["all_others"] = json!(true);
                body["paid_on"] = json!(huzhu::platform::clock::today());
            }
            return Some(post(&format!("{path}/{act}"), body));
        }
    }
    let list = found("/api/payments/search", json!({ "tab": "pending", "size": 1 })).await;
    let cases: Vec<&Value> = list["items"].as_array().unwrap().iter().map(|c| &c["id"]).collect();
    (!cases.is_empty()).then(|| post("/api/payment-batches", json!({ "cases": cases })))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_leaves_once_however_often_the_server_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let db_url = format!("sqlite://{}", dir.path().join("huzhu.db").display());
    let (mut asked, mut killed, mut last) = (0_usize, 0, String::new());
    // Killed that many milliseconds after a request has begun, and at last not at all.
    for after in [1, 2, 3, 1, 5, 2, 8, 3, 12, 40].map(Some).into_iter().chain([None]) {
        let (mut server, url) = start(dir.path());
        let people = [signed_in(&url, "cashier").await, signed_in(&url, "cashier2").await];
        while let Some(request) = next_of_payment(&people[asked % 2], &url).await {
            asked += 1;
            assert!(asked < 1_000, "it never ends: {last}");
            let limit = Duration::from_millis(after.unwrap_or(60_000));
            let Ok(answer) = tokio::time::timeout(limit, request.send()).await else {
                killed += 1;
                break;
            };
            let answer = answer.unwrap();
            let status = answer.status().as_u16();
            last = answer.text().await.unwrap();
            // Who made a batch is told that another releases it.
            assert!([200, 201, 422].contains(&status), "{status} {last}");
        }
        server.kill().unwrap();
        server.wait().unwrap();
        sound::check(&Db::connect(&db_url).await.unwrap()).await;
    }
    assert!(killed >= 5, "killed {killed} times in {asked} requests");
    let db = Db::connect(&db_url).await.unwrap();
    let open = [PaymentBatchState::Draft, PaymentBatchState::Released].map(Coded);
    let open = payment_batch::Entity::find().filter(payment_batch::Column::State.is_in(open));
    assert_eq!(open.count(db.read()).await.unwrap(), 0, "every batch came to its end");
}

#[test]
fn a_schema_that_was_being_made_when_the_process_was_killed_is_made_by_the_next_one() {
    let migrate = |dir: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_huzhu"));
        command.arg("migrate").arg("--data-dir").arg(dir).env_remove("HUZHU_DATABASE_URL");
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let mut killed = 0;
    // Killed once that much of it has been written.
    for written in [1, 30_000, 100_000, 200_000, 300_000, 400_000] {
        let dir = tempfile::tempdir().unwrap();
        let mut first = migrate(dir.path()).spawn().unwrap();
        let wal = dir.path().join("huzhu.db-wal");
        while first.try_wait().unwrap().is_none() && std::fs::metadata(&wal).map_or(0, |m| m.len()) < written {
            std::thread::yield_now();
        }
        killed += usize::from(first.kill().is_ok() && !first.wait().unwrap().success());
        assert!(migrate(dir.path()).status().unwrap().success(), "killed after {written} bytes");
    }
    assert!(killed >= 3, "killed {killed} times");
}
