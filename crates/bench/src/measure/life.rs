//! A case's whole life, from 受理 to 结案, by fifty people at once.
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use futures::future::try_join_all;
use serde_json::{Value, json};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::{Bench, work};
use crate::{
    Fault,
    client::Client,
    fill::CREW,
    table::{Line, Target},
};

/// How long somebody waits who found nothing to do.
const REST: Duration = Duration::from_millis(500);
/// Cashiers who release batches; one more makes and settles them.
const RELEASERS: i64 = 5;
/// Claims that are confirmed at once.
const LIST: usize = 5;
/// Days and payments are of today.
fn today() -> String {
    huzhu::platform::clock::today().to_string()
}

/// What all of them share.
struct Office {
    wanted: usize,
    closed: AtomicUsize,
    entered: AtomicUsize,
}

impl Office {
    fn is_open(&self) -> bool {
        self.closed.load(Ordering::Relaxed) < self.wanted
    }
}

impl Bench {
    pub(super) async fn life(&mut self) -> Result<(), Fault> {
        let wanted = self.args.times(3_000, 300) / LIST * LIST;
        let office = Office { wanted, closed: 0.into(), entered: 0.into() };
        let people = self.fresh(wanted)?;
        let mut crews: Vec<Vec<Client>> = Vec::new();
        for (name, _, _, count) in CREW {
            let mut crew = Vec::new();
            for n in 0..count {
                crew.push(self.sign_in(&format!("{name}-{n}")).await?);
            }
            crews.push(crew);
        }
        let (lists, started, office) = (people.chunks(LIST).collect::<Vec<_>>(), Instant::now(), &office);
        let next = &AtomicUsize::new(0);
        let lists = &lists;
        let enter = async |client: &Client| -> Result<(), Fault> {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let Some(people) = lists.get(n) else { return Ok(()) };
                enter_list(client, &format!("life-{started:?}-{n}"), people).await?;
                office.entered.fetch_add(people.len(), Ordering::Relaxed);
            }
        };
        let first = async |client: &Client| review(client, office, "first_review").await;
        let second = async |client: &Client| review(client, office, "second_review").await;
        let pays = async |(desk, client): (i64, &Client)| pay(client, office, desk).await;
        let (enters, firsts) = (try_join_all(crews[0].iter().map(enter)), try_join_all(crews[1].iter().map(first)));
        let (seconds, cashiers) =
            (try_join_all(crews[2].iter().map(second)), try_join_all((0..).zip(&crews[3]).map(pays)));
        futures::future::try_join4(enters, firsts, seconds, cashiers).await?;
        #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
        let rate = wanted as f64 / started.elapsed().as_secs_f64();
        let line = "a case's life with four pictures, 50 people";
        self.add(Line::new(line, "cases/s", rate, Target::AtLeast(150.0)));
        Ok(())
    }
}

async fn enter_list(client: &Client, key: &str, people: &[String]) -> Result<(), Fault> {
    let mut rows = Vec::new();
    for number in people {
        rows.push(work::claim(client, number).await?);
    }
    for id in work::accept(client, key, &rows).await? {
        let seen = work::enter(client, id).await?;
        let seen = work::act(client, id, "calculate", &seen["version"]).await?;
        work::act(client, id, "submit", &seen["version"]).await?;
    }
    Ok(())
}

/// Ticks after each rest, however long the work between them took.
fn rests() -> Interval {
    let mut rests = interval(REST);
    rests.set_missed_tick_behavior(MissedTickBehavior::Delay);
    rests
}

async fn review(client: &Client, office: &Office, stage: &str) -> Result<(), Fault> {
    let mut rest = rests();
    while office.is_open() {
        let taken = client.post("/api/pools/take", &json!({ "stage": stage, "count": 5 })).await?;
        let ids: Vec<i64> = taken["ids"].as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
        for id in &ids {
            let seen = client.get(&format!("/api/cases/{id}")).await?;
            let approve = json!({ "version": seen["version"], "note": "同意" });
            client.post(&format!("/api/cases/{id}/approve"), &approve).await?;
        }
        if ids.is_empty() {
            rest.tick().await;
        }
    }
    Ok(())
}

/// One makes batches of what waits and settles them, the others release them, each those that fall to them.
async fn pay(client: &Client, office: &Office, desk: i64) -> Result<(), Fault> {
    let mut rest = rests();
    while office.is_open() {
        let (state, act) = if desk == 0 { ("released", "settle") } else { ("draft", "release") };
        let asked = json!({ "state": state, "size": 20 });
        let found = client.post("/api/payment-batches/search", &asked).await?;
        let mut idle = true;
        for batch in found["items"].as_array().into_iter().flatten() {
            if desk > 0 && batch["id"].as_i64().unwrap_or_default() % RELEASERS != desk - 1 {
                continue;
            }
            let path = format!("/api/payment-batches/{}", batch["id"]);
            let seen = client.get(&path).await?;
            let body = match act {
                "settle" => json!({ "version": seen["version"], "all_others": true, "paid_on": today() }),
                _ => json!({ "version": seen["version"] }),
            };
            client.post(&format!("{path}/{act}"), &body).await?;
            idle = false;
            if act == "settle" {
                let cases = usize::try_from(batch["cases"].as_u64().unwrap_or_default())?;
                office.closed.fetch_add(cases, Ordering::Relaxed);
            }
        }
        if desk == 0 {
            let waiting = client.post("/api/payments/search", &json!({ "tab": "pending", "size": 20 })).await?;
            let cases: Vec<&Value> = waiting["items"].as_array().into_iter().flatten().map(|c| &c["id"]).collect();
            let last = office.entered.load(Ordering::Relaxed) >= office.wanted;
            if cases.len() == 20 || last && !cases.is_empty() {
                client.post("/api/payment-batches", &json!({ "cases": cases })).await?;
                idle = false;
            }
        }
        if idle {
            rest.tick().await;
        }
    }
    Ok(())
}
