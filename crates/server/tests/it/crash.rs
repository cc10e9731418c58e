//! The server is killed with SIGKILL while many work; what it acknowledged must be there, and nothing half done.
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use huzhu::{
    cases::events,
    entity::{case, case_event, case_material, usage_entry},
    platform::db::Db,
};
use huzhu_domain::case::Stage;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

fn start(data: &Path) -> (Child, String) {
    let mut server = Command::new(env!("CARGO_BIN_EXE_huzhu"))
        .args(["demo", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data)
        .env_remove("HUZHU_DATABASE_URL")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let url = lines.map_while(Result::ok).find(|l| l.starts_with("http://"));
    (server, url.expect("the server started"))
}

async fn signed_in(url: &str, username: &str) -> reqwest::Client {
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
        let reserved = matches!(case.stage.0, Stage::FirstReview | Stage::Payment) || case.paid_on.is_some();
        let times: i64 = used.iter().map(|u| u.times).sum();
        assert_eq!(times, i64::from(reserved), "case {}: what is reserved", case.id);
        assert!(events::is_unbroken(&log), "case {}: the chain of events", case.id);
        let added = log.iter().filter(|e| e.data.contains("\"added\"")).count() as u64;
        let pictures = case_material::Entity::find().filter(case_material::Column::CaseId.eq(case.id));
        assert_eq!(pictures.count(db.read()).await.unwrap(), added, "case {}: pictures and log", case.id);
    }
}
