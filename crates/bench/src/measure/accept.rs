//! 确认受理: committed cases per second, against bare inserts of the same rows in the same transactions.
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Bench, work};
use crate::{
    Fault,
    client::Client,
    fill::sink::Raw,
    table::{Line, Target},
};

/// Claims of a list.
const LIST: usize = 10;
/// People who confirm lists at once.
const CLERKS: usize = 8;

impl Bench {
    pub(super) async fn accept(&mut self) -> Result<(), Fault> {
        let lists = self.args.times(50, 10);
        let mut work_of = Vec::new();
        for clerk in 0..CLERKS {
            let client = self.sign_in(&format!("entry-{clerk}")).await?;
            let mut rows: Vec<Vec<Value>> = Vec::new();
            for _ in 0..lists {
                let people = self.fresh(LIST)?;
                let claims = people.iter().map(|number| work::claim(&client, number));
                rows.push(futures::future::try_join_all(claims).await?);
            }
            work_of.push((client, rows));
        }
        let started = Instant::now();
        let run = &started;
        let confirm = async |(client, lists): &(Client, Vec<Vec<Value>>)| -> Result<Vec<i64>, Fault> {
            let mut ids = Vec::new();
            for (n, rows) in lists.iter().enumerate() {
                ids.extend(work::accept(client, &format!("bench-{run:?}-{n}"), rows).await?);
            }
            Ok(ids)
        };
        let done: Vec<i64> = futures::future::try_join_all(work_of.iter().map(confirm)).await?.concat();
        let took = started.elapsed();
        let same = SameRows::read(&mut self.raw, done[0]).await?;
        let mut raws = self.writers(CLERKS).await?;
        let each = lists * CLERKS / raws.len();
        let started = Instant::now();
        futures::future::try_join_all(raws.iter_mut().enumerate().map(|(n, raw)| same.write(raw, n, each))).await?;
        let bare = started.elapsed();
        #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
        let rate = |took: Duration| (lists * CLERKS * LIST) as f64 / took.as_secs_f64();
        self.add(
            Line::new("确认受理, lists of 10, 8 people", "cases/s", rate(took), Target::Part(0.5)).over(rate(bare)),
        );
        Ok(())
    }
}

/// The rows that the product wrote of one case, to be written again as they are but for what must differ.
pub(super) struct SameRows {
    case: Vec<(String, String)>,
    pub(super) event: Vec<(String, String)>,
}

impl SameRows {
    pub(super) async fn read(raw: &mut Raw, case: i64) -> Result<Self, Fault> {
        let of = async |raw: &mut Raw, table: &str, which: String| -> Result<Vec<(String, String)>, Fault> {
            let mut out = Vec::new();
            for name in raw.columns(table).await? {
                if name == "id" {
                    continue;
                }
                let literal = if raw.is_postgres() {
                    format!("quote_nullable(CAST({name} AS TEXT))")
                } else {
                    format!("quote({name})")
                };
                let found = raw.texts(format!("SELECT {literal} FROM {table} WHERE {which}")).await?;
                let literal = found.into_iter().next().ok_or("the row isn't there")?;
                if literal != "NULL" {
                    out.push((name, literal));
                }
            }
            Ok(out)
        };
        let event = of(raw, "case_events", format!("case_id = {case} AND seq = 1")).await?;
        Ok(Self { case: of(raw, "cases", format!("id = {case}")).await?, event })
    }

    /// So many transactions of a whole list.
    async fn write(&self, raw: &mut Raw, writer: usize, lists: usize) -> Result<(), Fault> {
        let started = Instant::now();
        for list in 0..lists {
            raw.begin().await?;
            for n in 0..LIST {
                let no = format!("'F{}-{writer}-{list}-{n}'", started.elapsed().as_nanos());
                raw.run(insert("cases", &self.case, &[("no", &no)])).await?;
                let last = if raw.is_postgres() {
                    "currval(pg_get_serial_sequence('cases', 'id'))"
                } else {
                    "last_insert_rowid()"
                };
                raw.run(insert("case_events", &self.event, &[("case_id", last)])).await?;
            }
            raw.run("COMMIT".to_owned()).await?;
        }
        Ok(())
    }
}

pub(super) fn insert(table: &str, row: &[(String, String)], but: &[(&str, &str)]) -> String {
    let value = |(name, literal): &(String, String)| {
        but.iter().find(|(other, _)| other == name).map_or_else(|| literal.clone(), |(_, other)| (*other).to_owned())
    };
    let names: Vec<&str> = row.iter().map(|(name, _)| name.as_str()).collect();
    let values: Vec<String> = row.iter().map(value).collect();
    format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "))
}
