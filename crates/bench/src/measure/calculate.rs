//! 申领计算 over HTTP.
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{
    Bench,
    accept::{SameRows, insert},
    work,
};
use crate::{
    Fault,
    client::Client,
    fill::sink::Raw,
    table::{Line, Target},
};

const PEOPLE: usize = 8;
/// How often a case is computed: its history shouldn't be longer than a real one's.
const EACH: usize = 10;

/// Somebody's cases, with the versions that they have seen.
type Desk = (Client, Vec<(i64, Value)>);

impl Bench {
    pub(super) async fn calculate(&mut self) -> Result<(), Fault> {
        let cases = self.args.times(40, 8);
        let mut desks: Vec<Desk> = Vec::new();
        for n in 0..PEOPLE {
            let client = self.sign_in(&format!("entry-{n}")).await?;
            let mut claims = Vec::new();
            for number in self.fresh(cases)? {
                claims.push(work::claim(&client, &number).await?);
            }
            let mut entered = Vec::new();
            for id in work::accept(&client, &format!("calc-{:?}", Instant::now()), &claims).await? {
                entered.push((id, work::enter(&client, id).await?["version"].clone()));
            }
            desks.push((client, entered));
        }
        let started = Instant::now();
        let compute = async |(client, cases): &Desk| -> Result<(), Fault> {
            for (id, version) in cases {
                let mut version = version.clone();
                for _ in 0..EACH {
                    version = work::act(client, *id, "calculate", &version).await?["version"].clone();
                }
            }
            Ok(())
        };
        futures::future::try_join_all(desks.iter().map(compute)).await?;
        let took: Duration = started.elapsed();
        #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
        let rate = |took: Duration| (cases * PEOPLE * EACH) as f64 / took.as_secs_f64();
        let ids: Vec<i64> = desks.iter().flat_map(|(_, cases)| cases).map(|(id, _)| *id).collect();
        let bare = self.bare_commits(&ids).await?;
        self.add(Line::new("申领计算, 8 people", "1/s", rate(took), Target::AtLeast(3_000.0)).over(rate(bare)));
        Ok(())
    }

    /// How long it takes to write as much of each case, as often.
    async fn bare_commits(&mut self, cases: &[i64]) -> Result<Duration, Fault> {
        let event = &SameRows::read(&mut self.raw, cases[0]).await?.event;
        let mut raws = self.writers(PEOPLE).await?;
        let shares = cases.chunks(cases.len().div_ceil(raws.len()));
        let write = async |(raw, cases): (&mut Raw, &[i64])| -> Result<(), Fault> {
            for (n, id) in (1_000..1_000 + EACH).flat_map(|n| cases.iter().map(move |id| (n, id))) {
                let (case, seq) = (id.to_string(), n.to_string());
                raw.begin().await?;
                raw.run(format!("UPDATE cases SET version = version + 1, calculated_fen = {n} WHERE id = {id}"))
                    .await?;
                raw.run(insert("case_events", event, &[("case_id", &case), ("seq", &seq)])).await?;
                raw.run("COMMIT".to_owned()).await?;
            }
            Ok(())
        };
        let started = Instant::now();
        futures::future::try_join_all(raws.iter_mut().zip(shares).map(write)).await?;
        Ok(started.elapsed())
    }
}
