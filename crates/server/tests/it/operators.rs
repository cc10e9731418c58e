//! Twenty people work at once: cases are entered, reviewed, reviewed again and paid by whoever comes first.
//! Nothing is lost, nothing is done twice. The benchmark runs the same with more cases.
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use futures::future::join_all;
use huzhu_domain::permission::Role;
use serde_json::{Value, json};

use crate::world::{User, World, draft, text};

/// First reviewers, second reviewers and cashiers of one office.
pub const REVIEWERS: usize = 10;
pub const SECONDS: usize = 6;
pub const CASHIERS: usize = 4;

/// Cases of the office's members, submitted and waiting in the pool of 申领初审. Each member claims twice.
pub async fn submitted(world: &World, count: usize) -> Vec<i64> {
    let handlers = join_all(["handler", "handler2"].map(|name| world.user(name))).await;
    let mut people = Vec::new();
    for unit in 2..=6 {
        people.extend(world.id_numbers(&format!("2301000{unit}")).await);
    }
    assert!(people.len() * 2 >= count, "{} people for {count} cases", people.len());
    let next = AtomicUsize::new(0);
    let enter = async |handler: &User| {
        let mut ids = Vec::new();
        loop {
            // One person's two cases one after the other: the second is computed by what the first used.
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n * 2 >= count {
                return ids;
            }
            for claim in 0..2.min(count - n * 2) {
                ids.push(enter_one(handler, &people[n], n * 2 + claim).await);
            }
        }
    };
    join_all(handlers.iter().cycle().take(8).map(enter)).await.concat()
}

/// One case from acceptance to submit.
pub async fn enter_one(handler: &User, person: &str, n: usize) -> i64 {
    let from = format!("2026-{:02}-10", 8 + n % 2);
    let row = handler.claim(person, &from, "disease_inpatient").await;
    let accepted = handler.accept(&format!("op-{n}"), json!([row])).await.expect(201);
    let id = accepted["cases"][0]["id"].as_i64().unwrap();
    handler.papers(id).await;
    handler.act(id, "confirm-materials").await.expect(200);
    handler.act(id, "take").await.expect(200);
    let seen = handler.get(&format!("/api/cases/{id}")).await.expect(200);
    let mut entry = draft(seen["version"].as_i64().unwrap());
    entry["payees"][0]["name"] = seen["member"]["name"].clone();
    entry["incident"]["from"] = json!(from);
    entry["incident"]["to"] = json!(format!("{}12", &from[..8]));
    entry["statements"][0]["admitted_on"] = json!(from);
    entry["statements"][0]["discharged_on"] = json!(format!("{}12", &from[..8]));
    entry["statements"][0]["invoice_no"] = json!(format!("OP{n}"));
    let saved = handler.save(id, entry).await.expect(200);
    let answered = |w: &Value| json!({ "code": w["code"], "statement": w["statement"], "reason": "已核对" });
    let reasons: Vec<Value> = saved["warnings"].as_array().unwrap().iter().map(answered).collect();
    if !reasons.is_empty() {
        let again = json!({
            "version": saved["version"], "payees": saved["payees"], "incident": saved["incident"],
            "statements": saved["statements"], "warning_reasons": reasons
        });
        handler.save(id, again).await.expect(200);
    }
    handler.act(id, "calculate").await.expect(200);
    handler.act(id, "submit").await.expect(200);
    id
}

/// The people who review and pay, made anew.
pub async fn hire(world: &World) -> Vec<(Role, User)> {
    let mut out = Vec::new();
    for (role, count) in [(Role::FirstReviewer, REVIEWERS), (Role::SecondReviewer, SECONDS), (Role::Cashier, CASHIERS)]
    {
        for n in 0..count {
            out.push((role, world.hired(&format!("{role}-{n}"), &format!("操作员{n}"), "2300", role).await));
        }
    }
    out
}

/// Everybody works until all `count` cases are closed.
///
/// # Panics
/// When somebody hears of anything but a colleague who was quicker.
pub async fn work(people: Vec<(Role, User)>, count: usize) -> Duration {
    let (closed, started) = (std::sync::Arc::new(AtomicUsize::new(0)), Instant::now());
    let workers = people.into_iter().map(|(role, user)| {
        let closed = std::sync::Arc::clone(&closed);
        tokio::spawn(async move {
            while closed.load(Ordering::Relaxed) < count {
                match role {
                    Role::FirstReviewer => review(&user, "first_review").await,
                    Role::SecondReviewer => review(&user, "second_review").await,
                    _ => {
                        closed.fetch_add(pay(&user).await, Ordering::Relaxed);
                    }
                }
                tokio::task::yield_now().await;
            }
        })
    });
    for worker in join_all(workers).await {
        worker.unwrap();
    }
    started.elapsed()
}

/// Takes some cases of a pool and approves them.
pub async fn review(user: &User, stage: &str) {
    let taken = user.post("/api/pools/take", json!({ "stage": stage, "count": 5 })).await.expect(200);
    for id in taken["ids"].as_array().unwrap() {
        let id = id.as_i64().unwrap();
        let version = user.version(id).await;
        let approve = json!({ "version": version, "note": "同意" });
        user.post(&format!("/api/cases/{id}/approve"), approve).await.expect(200);
    }
}

/// Of what a cashier may be told, only that somebody was quicker, or that it is the other's to do.
fn refused(status: u16, answer: &Value) {
    assert!(matches!(status, 404 | 409 | 422), "{status} {answer}");
}

/// Settles what is released, releases what others made, and makes a batch of what waits; how many cases that closed.
pub async fn pay(user: &User) -> usize {
    let all = user.post("/api/payment-batches/search", json!({ "size": 100 })).await.expect(200);
    let mut closed = 0;
    for batch in all["items"].as_array().unwrap() {
        let path = format!("/api/payment-batches/{}", batch["id"]);
        let state = text(&batch["state"]);
        if !["draft", "released"].contains(&state.as_str()) {
            continue;
        }
        let seen = user.get(&path).await.expect(200);
        let (act, body) = if state == "draft" {
            ("release", json!({ "version": seen["version"] }))
        } else {
            let on = huzhu::platform::clock::today();
            ("settle", json!({ "version": seen["version"], "all_others": true, "paid_on": on }))
        };
        let answer = user.post(&format!("{path}/{act}"), body).await;
        if answer.status != 200 {
            refused(answer.status, &answer.json);
        } else if act == "settle" {
            closed += usize::try_from(seen["cases"].as_i64().unwrap()).unwrap();
        }
    }
    let waiting = user.post("/api/payments/search", json!({ "tab": "pending", "size": 20 })).await.expect(200);
    let cases: Vec<&Value> = waiting["items"].as_array().unwrap().iter().map(|c| &c["id"]).collect();
    if !cases.is_empty() {
        let made = user.post("/api/payment-batches", json!({ "cases": cases })).await;
        if made.status != 201 {
            refused(made.status, &made.json);
        }
    }
    closed
}
