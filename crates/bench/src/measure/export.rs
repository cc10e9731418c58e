//! 导出 of a million rows, against rust_xlsxwriter alone; its memory; what others notice.
use std::time::{Duration, Instant};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, XlsxError};
use serde_json::{Value, json};
use tokio::time::interval;

use super::Bench;
use crate::{
    Fault,
    client::{Client, Times},
    table::{Line, Target},
};

/// What a sheet holds besides its heading.
const MOST: i64 = 1_000_000;

impl Bench {
    pub(super) async fn export(&mut self) -> Result<(), Fault> {
        let rows = if self.args.quick { 20_000 } else { MOST }.min(self.args.cases);
        let client = self.sign_in("admin").await?;
        // As many of the newest as there are wanted: those accepted since a day.
        let newest = format!(
            "SELECT CAST(accepted_on AS TEXT) FROM cases ORDER BY accepted_at DESC, id DESC LIMIT 1 OFFSET {}",
            rows - 1
        );
        let since = self.raw.texts(newest).await?.remove(0);
        let mut search = json!({ "accepted_from": since, "size": 20 });
        let reviewer = self.sign_in("review").await?;
        let counts = format!("SELECT COUNT(*) FROM cases WHERE accepted_on >= '{since}' AND stage <> 'deleted'");
        let mut exact = self.raw.number(&counts).await?;
        if exact > MOST {
            let next = self
                .raw
                .texts(format!("SELECT CAST(min(accepted_on) AS TEXT) FROM cases WHERE accepted_on > '{since}'"))
                .await?
                .remove(0);
            search["accepted_from"] = json!(next);
            exact = self.raw.number(&counts.replace(&since, &next)).await?;
        }
        let sample = client
            .post("/api/inquiry/cases/search", &json!({ "accepted_from": search["accepted_from"], "size": 100 }))
            .await?;
        let alone = ask_for(&reviewer, Duration::from_secs(2)).await?;
        self.server.forget_peak()?;
        let before = self.server.memory()?;
        let started = Instant::now();
        let file = async {
            client.download("/api/inquiry/cases/export", &search).await?;
            Ok::<_, Fault>(started.elapsed())
        };
        let meanwhile = async {
            // Only while the export runs: it takes longer than this.
            ask_for(&reviewer, Duration::from_secs(if self.args.quick { 1 } else { 20 })).await
        };
        let (took, meanwhile) = futures::future::try_join(file, meanwhile).await?;
        let memory = self.server.peak()? - before;
        let cells = sample["items"].as_array().cloned().unwrap_or_default();
        let floor = tokio::task::spawn_blocking(move || bare(&cells, exact)).await??;
        let name = format!("导出 of {exact} rows");
        let secs = |d: Duration| d.as_secs_f64();
        self.add(Line::new(&name, "s", secs(took), Target::Times(1.3, 0.0)).over(secs(floor)));
        self.add(Line::new(format!("{name}, memory more than before"), "MB", memory, Target::AtMost(64.0)));
        let line = Line::new(
            format!("{name}, others' lists meanwhile"),
            "ms median",
            meanwhile.median(),
            Target::Times(2.0, 0.0),
        );
        self.add(line.over(alone.median()));
        Ok(())
    }
}

/// Somebody who asks for a list again and again, as a person does: ten times a second.
async fn ask_for(client: &Client, long: Duration) -> Result<Times, Fault> {
    let (started, mut times, mut beat) = (Instant::now(), Vec::new(), interval(Duration::from_millis(100)));
    while started.elapsed() < long {
        let asked = Instant::now();
        client.post("/api/reviews/search", &json!({ "tab": "pending" })).await?;
        times.push(asked.elapsed());
        beat.tick().await;
    }
    Ok(Times::from(times))
}

/// The same cells by rust_xlsxwriter alone.
fn bare(sample: &[Value], rows: i64) -> Result<Duration, XlsxError> {
    let started = Instant::now();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory()?;
    let (money, day) = (Format::new().set_num_format("#,##0.00"), Format::new().set_num_format("yyyy-mm-dd"));
    let date = ExcelDateTime::from_ymd(2026, 10, 10)?;
    for n in 0..u32::try_from(rows).unwrap_or(u32::MAX) {
        let row = &sample[n as usize % sample.len()];
        let text = |name: &str| row[name].as_str().unwrap_or("工伤");
        let texts = [
            "no",
            "member_name",
            "id_number",
            "org_name",
            "unit_name",
            "plan_name",
            "claim_type",
            "liability_name",
            "source",
            "stage",
            "outcome",
            "returned",
        ];
        for (column, name) in (0_u16..).zip(texts) {
            sheet.write(n + 1, column, text(name))?;
        }
        sheet.write_with_format(n + 1, 12, f64::from(n) / 100.0, &money)?;
        sheet.write(n + 1, 13, 1)?;
        sheet.write_with_format(n + 1, 14, &date, &day)?;
        sheet.write_with_format(n + 1, 15, &date, &day)?;
        for column in 16_u16..19 {
            sheet.write(n + 1, column, text("operator_name"))?;
        }
    }
    let file = tempfile::tempfile()?;
    book.save_to_writer(file)?;
    Ok(started.elapsed())
}
