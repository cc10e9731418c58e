//! A case's whole life, from 受理 to 结案, by fifty people at once.
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use futures::future::try_join_all;
use serde_json::{Value, json};
use tokio::time::interval;

use super::{Bench, work};
use crate::{
    Fault,
    client::Client,
    fill::CREW,
    table::{Line, Target},
};

/// Nobody asks an empty pool a thousand times a second.
const REST: Duration = Duration::from_millis(20);
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
    /// Of colleagues who were quicker, which is no error: nobody loses anything.
    beaten: AtomicUsize,
}

impl Office {
    fn is_open(&self) -> bool {
        self.closed.load(Ordering::Relaxed) < self.wanted
    }
}

impl Bench {
    pub(super) async fn life(&mut self) -> Result<(), Fault> {
        let wanted = self.args.times(3_000, 300) / LIST * LIST;
        let office = Office { wanted, closed: 0.into(), entered: 0.into(), beaten: 0.into() };
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
        let pays = async |client: &Client| pay(client, office).await;
        let (enters, firsts) = (try_join_all(crews[0].iter().map(enter)), try_join_all(crews[1].iter().map(first)));
        let (seconds, cashiers) = (try_join_all(crews[2].iter().map(second)), try_join_all(crews[3].iter().map(pays)));
        futures::future::try_join4(enters, firsts, seconds, cashiers).await?;
        #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
        let rate = wanted as f64 / started.elapsed().as_secs_f64();
        let line = "a case's life with four pictures, 50 people";
        self.add(Line::new(line, "cases/s", rate, Target::AtLeast(150.0)));
        #[allow(clippy::cast_precision_loss, reason = "a few hundred")]
        let beaten = office.beaten.load(Ordering::Relaxed) as f64;
        self.add(Line::new("of it, told that a colleague was quicker", "", beaten, Target::Told));
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

async fn review(client: &Client, office: &Office, stage: &str) -> Result<(), Fault> {
    let mut rest = interval(REST);
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

/// Settles and releases what others made, and makes a batch of what waits.
async fn pay(client: &Client, office: &Office) -> Result<(), Fault> {
    let mut rest = interval(REST);
    while office.is_open() {
        let mut idle = true;
        for state in ["released", "draft"] {
            let asked = json!({ "state": state, "size": 20 });
            let found = client.post("/api/payment-batches/search", &asked).await?;
            for batch in found["items"].as_array().into_iter().flatten() {
                let path = format!("/api/payment-batches/{}", batch["id"]);
                let seen = client.get(&path).await?;
                let (act, body) = if state == "draft" {
                    ("release", json!({ "version": seen["version"] }))
                } else {
                    ("settle", json!({ "version": seen["version"], "all_others": true, "paid_on": today() }))
                };
                if office.quicker(client.post(&format!("{path}/{act}"), &body).await)? {
                    idle = false;
                    if act == "settle" {
                        let cases = usize::try_from(batch["cases"].as_u64().unwrap_or_default())?;
                        office.closed.fetch_add(cases, Ordering::Relaxed);
                    }
                }
            }
        }
        let waiting = client.post("/api/payments/search", &json!({ "tab": "pending", "size": 20 })).await?;
        let cases: Vec<&Value> = waiting["items"].as_array().into_iter().flatten().map(|c| &c["id"]).collect();
        let last = office.entered.load(Ordering::Relaxed) >= office.wanted;
        if (cases.len() == 20 || last && !cases.is_empty())
            && office.quicker(client.post("/api/payment-batches", &json!({ "cases": cases })).await)?
        {
            idle = false;
        }
        if idle {
            rest.tick().await;
        }
    }
    Ok(())
}

impl Office {
    /// Whether it was done; not where somebody else was quicker, or where it is somebody else's to do.
    fn quicker(&self, done: Result<Value, Fault>) -> Result<bool, Fault> {
        match done {
            Ok(_) => Ok(true),
            Err(fault) if [" 404 ", " 409 ", " 422 "].iter().any(|s| fault.to_string().contains(s)) => {
                self.beaten.fetch_add(1, Ordering::Relaxed);
                Ok(false)
            }
            Err(fault) => Err(fault),
        }
    }
}
