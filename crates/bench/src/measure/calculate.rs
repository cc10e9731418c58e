//! 申领计算 over HTTP.
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Bench, work};
use crate::{
    Fault,
    client::Client,
    table::{Line, Target},
};

const PEOPLE: usize = 8;

impl Bench {
    pub(super) async fn calculate(&mut self) -> Result<(), Fault> {
        let times = self.args.times(400, 60);
        let mut open: Vec<(Client, i64)> = Vec::new();
        for n in 0..PEOPLE {
            let client = self.sign_in(&format!("entry-{n}")).await?;
            let claim = work::claim(&client, &self.fresh(1)?[0]).await?;
            let id = work::accept(&client, &format!("calc-{:?}", Instant::now()), &[claim]).await?[0];
            work::enter(&client, id).await?;
            open.push((client, id));
        }
        let started = Instant::now();
        let compute = async |(client, id): &(Client, i64)| -> Result<(), Fault> {
            let seen = client.get(&format!("/api/cases/{id}")).await?;
            let mut version = seen["version"].clone();
            for _ in 0..times {
                let path = format!("/api/cases/{id}/calculate");
                version = client.post(&path, &json!({ "version": version })).await?["version"].clone();
            }
            Ok(())
        };
        futures::future::try_join_all(open.iter().map(compute)).await?;
        let took: Duration = started.elapsed();
        #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
        let rate = (times * PEOPLE) as f64 / took.as_secs_f64();
        self.add(Line::new("申领计算, 8 people", "1/s", rate, Target::AtLeast(3_000.0)));
        Ok(())
    }
}
