//! Every search that a screen offers finds its rows by an index, or walks one in the order of its page, on both engines: the statements that
//! the server really sends are collected, and the database is asked how it would answer them. How long a walk is, this doesn't tell.
use std::{
    collections::BTreeSet,
    fmt::Debug,
    sync::{Mutex, PoisonError},
};

use huzhu::{app, demo};
use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use serde_json::{Value, json};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, filter::LevelFilter, layer::Context, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{matrix, operators, world::World};

/// Tables that grow with members and cases.
const LARGE: [&str; 14] = [
    "cases",
    "members",
    "coverages",
    "case_events",
    "statements",
    "usage_entries",
    "case_payees",
    "payments",
    "payment_items",
    "case_materials",
    "record_events",
    "audit_log",
    "messages",
    "enrolment_rows",
];

/// What may be looked at whole until a page is full, and why. This list only shrinks.
const WHOLE: [(&str, &str); 4] = [
    (
        r#"FROM "coverages" INNER JOIN"#,
        "保障查询 of the whole society: any thousand of them, or two states and 续保 that many are in",
    ),
    (r#""audit_log"."result" = "#, "日志 by result: done or refused"),
    ("WHERE ? = ?", "an IN of nothing, which the database doesn't look for"),
    ("WHERE $1 = $2", "the same on PostgreSQL"),
];

static SENT: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Collects the statements that sqlx sends.
struct Sent;

struct Words(String, String);

impl Visit for Words {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.0),
            "db.statement" => value.trim().clone_into(&mut self.1),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

impl<S: Subscriber> Layer<S> for Sent {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut words = Words(String::new(), String::new());
        event.record(&mut words);
        let sql = if words.1.is_empty() { words.0 } else { words.1 };
        if sql.starts_with("SELECT") {
            SENT.lock().unwrap_or_else(PoisonError::into_inner).insert(sql);
        }
    }
}

/// Every search by every role, with each of its fields alone.
async fn search(world: &World) {
    let document = serde_json::to_value(app::openapi()).unwrap();
    for account in demo::ACCOUNTS {
        let user = world.user(account.username).await;
        for (path, item) in document["paths"].as_object().unwrap() {
            if !path.ends_with("/search") {
                continue;
            }
            let schema = &item["post"]["requestBody"]["content"]["application/json"]["schema"];
            let least = matrix::example(&document, schema);
            let name = schema["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
            let fields = document["components"]["schemas"][name]["properties"].as_object().unwrap();
            for variant in variants(&document, fields, &least) {
                let answer = user.post(path, variant).await;
                assert!([200, 403, 422].contains(&answer.status), "{path} {}", answer.json);
            }
        }
        for path in ["/api/todo", "/api/done", "/api/pools/counts"] {
            user.get(path).await.expect(200);
        }
    }
}

/// The least that a search takes in each of its tabs, and each of them with one more field.
fn variants(document: &Value, fields: &serde_json::Map<String, Value>, least: &Value) -> Vec<Value> {
    let mut out = vec![least.clone()];
    for (field, schema) in fields {
        let name = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()).unwrap_or_default();
        for choice in document["components"]["schemas"][name]["enum"].as_array().into_iter().flatten() {
            let mut with = least.clone();
            with[field] = choice.clone();
            out.push(with);
        }
    }
    let tabs = out.clone();
    for tab in &tabs {
        for (field, schema) in fields {
            if tab.get(field).is_none() {
                let mut with = tab.clone();
                with[field] = matrix::example(document, schema);
                out.push(with);
            }
        }
    }
    out
}

/// How the database would answer a statement, a line a step.
async fn plan(db: &impl ConnectionTrait, sql: &str) -> Vec<String> {
    let backend = db.get_database_backend();
    if backend == DbBackend::Sqlite {
        let rows =
            db.query_all_raw(Statement::from_string(backend, format!("EXPLAIN QUERY PLAN {sql}"))).await.unwrap();
        return rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
    }
    let most = (1..200).rev().find(|n| sql.contains(&format!("${n}"))).unwrap_or_default();
    db.execute_unprepared(&format!("PREPARE asked AS {sql}")).await.unwrap();
    let given = if most == 0 { String::new() } else { format!("({})", vec!["NULL"; most].join(", ")) };
    let rows =
        db.query_all_raw(Statement::from_string(backend, format!("EXPLAIN EXECUTE asked{given}"))).await.unwrap();
    db.execute_unprepared("DEALLOCATE asked").await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// Whether a step looks at a large table from end to end. Walking an index in the order of a page ends when the page is full.
fn is_whole(step: &str, sql: &str) -> bool {
    let large =
        |before: &str, after: &str| LARGE.iter().any(|t| format!("{step} ").contains(&format!("{before}{t}{after}")));
    let ends = sql.contains("LIMIT");
    let by_id = sql.contains(r#"ORDER BY "audit_log"."id" DESC"#) || sql.contains(r#"FROM "audit_log" WHERE TRUE"#);
    let walks = by_id || step.contains("USING INDEX") || step.contains("USING COVERING INDEX");
    // An index of outcomes finds every case that was ever paid, which PostgreSQL knows of it; that of what was claimed back, few.
    let outcomes = step.contains("(outcome=?)") && !step.contains("cases_recovered");
    outcomes || large("Seq Scan on ", " ") || large("SCAN ", " ") && !(ends && walks)
}

#[tokio::test]
async fn no_search_looks_at_a_large_table_from_end_to_end() {
    tracing_subscriber::registry().with(Sent.with_filter(LevelFilter::TRACE)).init();
    let world = World::shown().await;
    SENT.lock().unwrap().clear();
    search(&world).await;
    let (handler, people) = (world.user("handler").await, world.id_numbers("23010003").await);
    operators::enter_one(&handler, &people[7], 1).await;
    let mut list = Vec::new();
    for person in &people[8..11] {
        list.push(handler.claim(person, "2026-09-10", "disease_inpatient").await);
    }
    handler.accept("a list", json!(list)).await.expect(201);
    let take = json!({ "stage": "first_review", "count": 5 });
    world.user("review").await.post("/api/pools/take", take).await.expect(200);
    let sent = SENT.lock().unwrap().clone();
    assert!(sent.len() > 100, "{}", sent.len());
    // Tables are small here: how a plan would look where reading all of one costs too much.
    let tx = world.app.db.read().begin().await.unwrap();
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan")
            .await
            .unwrap();
    }
    let mut whole = Vec::new();
    for sql in sent {
        let steps = plan(&tx, &sql).await;
        if steps.iter().any(|step| is_whole(step, &sql)) && !WHOLE.iter().any(|(part, _)| sql.contains(part)) {
            whole.push(json!({ "sql": sql, "plan": steps }));
        }
    }
    assert!(whole.is_empty(), "{}", serde_json::to_string_pretty(&whole).unwrap());
}
