//! 结果导入: the bank's return file, looked at whole before it is applied, and applied whole or not at all.
use std::ops::ControlFlow;

use axum::{
    Json,
    extract::{Multipart, Path, State},
};
use chrono::NaiveDate;
use huzhu_domain::{
    cells::Cell,
    money::Fen,
    payment::{
        self as domain, FileField, FileLayout, ItemFact, ItemOutcome, PaymentAction, PaymentItemState, ResultRow,
        Total, Verdict,
    },
};
use sea_orm::DatabaseTransaction;
use serde::Serialize;
use serde_json::json;
use tempfile::NamedTempFile;
use utoipa::ToSchema;

use super::{
    layout, make,
    settle::{self, News, Settled},
    store,
};
use crate::{
    app::App,
    audit,
    entity::{payment_batch, payment_item},
    platform::{
        auth::{Acting, Me, can},
        clock,
        error::{Problem, ProblemBody},
        intake::{self, Heading, MAX_BYTES},
        messages::Notice,
        upload as files,
    },
};

/// Rows of a file.
const MAX_ROWS: u32 = 20_000;
/// Rows of a preview that are shown.
const MAX_SHOWN: usize = 200;

/// What is sent with a return file.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the multipart form in the OpenAPI document")]
pub(super) struct ResultForm {
    /// The version of the batch that the caller saw; for applying.
    version: Option<i64>,
    /// The day for rows that have none.
    paid_on: Option<NaiveDate>,
    /// .xlsx, .xls or .csv.
    #[schema(value_type = String, format = Binary)]
    file: String,
}

struct Sent {
    file: NamedTempFile,
    name: String,
    version: i64,
    paid_on: Option<NaiveDate>,
}

async fn receive(app: &App, mut form: Multipart) -> Result<Sent, Problem> {
    const TOO_LARGE: &str = "roster_too_large";
    let (mut file, mut version, mut paid_on) = (None, 0, None);
    while let Some(field) = form.next_field().await.map_err(files::cut_off(TOO_LARGE))? {
        match field.name().unwrap_or_default() {
            "version" => version = field.text().await.map_err(files::cut_off(TOO_LARGE))?.parse().unwrap_or_default(),
            "paid_on" => paid_on = field.text().await.map_err(files::cut_off(TOO_LARGE))?.parse().ok(),
            "file" => {
                let name = files::file_name(field.file_name());
                let dir = app.config.data_dir.join("uploads");
                file = Some((name, files::receive(field, &dir, MAX_BYTES, TOO_LARGE).await?));
            }
            _ => {}
        }
    }
    let (name, file) = file.ok_or_else(|| Problem::invalid_field("file", "required"))?;
    Ok(Sent { file, name, version, paid_on })
}

/// The columns, in the order in which a row's cells come.
const COLUMNS: [(&str, bool, &[&str]); 5] = [
    ("reference", true, &["付款编号", "业务参考号", "客户业务编号", "业务编号", "客户流水号", "EndToEndId"]),
    ("amount", true, &["金额", "交易金额", "付款金额", "转账金额"]),
    ("outcome", true, &["处理结果", "交易状态", "处理状态", "交易结果", "结果", "状态"]),
    ("paid_on", false, &["付款日期", "交易日期", "处理日期", "到账日期"]),
    ("reason", false, &["退票原因", "失败原因", "原因", "附言", "备注"]),
];

/// What the columns may be called at an office's bank: the usual names, its own, and those of the file that was sent.
fn names(layout: &FileLayout) -> Vec<Vec<String>> {
    let sent = |field| layout.columns.iter().find(|c| c.field == field).map(|c| c.heading.as_str());
    let r = &layout.result;
    let own = [
        [Some(r.reference.as_str()), sent(FileField::Reference)],
        [Some(r.amount.as_str()), sent(FileField::Amount)],
        [Some(r.outcome.as_str()), None],
        [Some(r.paid_on.as_str()), None],
        [Some(r.reason.as_str()), None],
    ];
    let names = COLUMNS.iter().zip(own).map(|((_, _, usual), own)| {
        // Where the office says how a column is called, it is called nothing else.
        let [named, sent] = own.map(|n| n.map(intake::bare).filter(|n| !n.is_empty()));
        match named {
            Some(named) => vec![named],
            None => usual.iter().map(|n| (*n).to_owned()).chain(sent).collect(),
        }
    });
    names.collect()
}

async fn read(app: &App, sent: Sent, layout: FileLayout) -> Result<Vec<ResultRow>, Problem> {
    let turn = app.decoders.acquire().await.map_err(Problem::internal)?;
    let reading = tokio::task::spawn_blocking(move || {
        let names = names(&layout);
        let names: Vec<Vec<&str>> = names.iter().map(|n| n.iter().map(String::as_str).collect()).collect();
        let heading = |((field, required, _), names)| Heading { field, names, required };
        let headings: Vec<Heading> = COLUMNS.into_iter().zip(names.iter().map(Vec::as_slice)).map(heading).collect();
        let mut rows = Vec::new();
        intake::read_table(sent.file.path(), &headings, MAX_ROWS, |row| {
            if let [reference, amount, outcome, day, reason] = &row.cells[..] {
                rows.push(ResultRow {
                    number: row.number,
                    reference: reference_of(reference),
                    amount: ResultRow::amount_of(amount, layout.unit),
                    outcome: domain::outcome_of(outcome, day, reason, sent.paid_on),
                });
            }
            ControlFlow::Continue(())
        })?;
        Ok::<_, intake::IntakeFault>(rows)
    });
    let rows = reading.await.map_err(Problem::internal)?.map_err(|fault| Problem::refused(&[fault]))?;
    drop(turn);
    if rows.is_empty() { Err(Problem::refused(&["file_without_rows"])) } else { Ok(rows) }
}

fn reference_of(cell: &Cell) -> String {
    cell.shown().chars().filter(|c| !c.is_whitespace() && *c != '\'').collect::<String>().to_uppercase()
}

/// What the rows do to a batch.
struct Judged {
    items: Vec<payment_item::Model>,
    rows: Vec<ResultRow>,
    verdicts: Vec<Verdict>,
}

async fn judged(
    db: &impl sea_orm::ConnectionTrait,
    batch: &payment_batch::Model,
    rows: Vec<ResultRow>,
) -> Result<Judged, Problem> {
    let items = store::items_of(db, batch.id).await?;
    let fact = |i: &payment_item::Model| ItemFact {
        reference: i.reference.clone().unwrap_or_default(),
        amount: Fen(i.amount_fen),
        state: i.state.0,
        paid_on: i.paid_on,
    };
    let facts: Vec<ItemFact> = items.iter().map(fact).collect();
    let released_on = batch.released_at.map(clock::day_of).unwrap_or_default();
    let verdicts = domain::judge(&facts, &rows, released_on, clock::today());
    Ok(Judged { items, rows, verdicts })
}

impl Judged {
    fn news(&self) -> Vec<News> {
        let news = |v: &Verdict| Some(News { item: self.items[v.item?].clone(), outcome: v.news.clone()? });
        self.verdicts.iter().filter_map(news).collect()
    }

    fn faulty(&self) -> usize {
        self.verdicts.iter().filter(|v| !v.faults.is_empty()).count()
    }

    /// Open items that no row is about.
    fn missing(&self) -> Total {
        let named: Vec<usize> = self.verdicts.iter().filter_map(|v| v.item).collect();
        let left = self.items.iter().enumerate();
        let left = left.filter(|(i, item)| item.state.0 == PaymentItemState::Sent && !named.contains(i));
        Total::of(left.map(|(_, item)| Fen(item.amount_fen)))
    }
}

/// A row of a return file, judged.
#[derive(Serialize, ToSchema)]
pub struct ResultRowView {
    /// Its number in the file.
    row: u32,
    reference: String,
    payee_name: String,
    amount_fen: Option<Fen>,
    /// The day on which it arrived.
    paid_on: Option<NaiveDate>,
    bounce_reason: Option<domain::BounceReason>,
    bounce_words: String,
    /// Whether it was registered before.
    known: bool,
    faults: Vec<Notice>,
}

/// What a return file would do.
#[derive(Serialize, ToSchema)]
pub struct ResultPreview {
    /// Rows in the file.
    rows: usize,
    /// Of them: wrong. With one of them nothing can be applied.
    faulty: usize,
    /// Of them: registered before.
    known: usize,
    /// What would be registered as arrived.
    paid: Total,
    /// What would be registered as come back.
    bounced: Total,
    /// Items of the batch that would still be open.
    missing: Total,
    /// The first 200: wrong ones first, then what came back.
    shown: Vec<ResultRowView>,
}

/// What a return file would do; nothing is kept.
#[utoipa::path(post, path = "/api/payment-batches/{id}/result", tag = "payment_results", params(("id" = i64, Path)),
    request_body(content = ResultForm, content_type = "multipart/form-data"),
    extensions(("x-right" = json!("confirm_payments"))),
    responses((status = 200, body = ResultPreview), (status = "4XX", body = ProblemBody)))]
pub(super) async fn preview(
    State(app): State<App>,
    me: Acting<can::ConfirmPayments>,
    Path(id): Path<i64>,
    form: Multipart,
) -> Result<Json<ResultPreview>, Problem> {
    let batch = store::find(app.db.read(), &me, id).await?;
    let sent = receive(&app, form).await?;
    let (_, layout) = layout::of(app.db.read(), batch.office_id).await?;
    let rows = read(&app, sent, layout).await?;
    let judged = judged(app.db.read(), &batch, rows).await?;
    Ok(Json(shown(&me, &judged)))
}

fn shown(me: &Me, judged: &Judged) -> ResultPreview {
    let Settled { paid, bounced } = Settled::of(&judged.news());
    let known = |v: &Verdict| v.faults.is_empty() && v.news.is_none();
    let mut order: Vec<usize> = (0..judged.rows.len()).collect();
    let rank = |i: &usize| {
        let verdict = &judged.verdicts[*i];
        match &verdict.news {
            _ if !verdict.faults.is_empty() => 0,
            Some(ItemOutcome::Bounced { .. }) => 1,
            Some(_) => 2,
            None => 3,
        }
    };
    order.sort_by_key(rank);
    order.truncate(MAX_SHOWN);
    let row = |i: usize| {
        let (row, verdict) = (&judged.rows[i], &judged.verdicts[i]);
        let item = verdict.item.map(|at| &judged.items[at]);
        let (paid_on, bounced) = match &row.outcome {
            Ok(ItemOutcome::Paid { on }) => (Some(*on), None),
            Ok(ItemOutcome::Bounced { reason, words }) => (None, Some((*reason, words.clone()))),
            Err(_) => (None, None),
        };
        ResultRowView {
            row: row.number,
            reference: row.reference.clone(),
            payee_name: item.map(|i| i.payee_name.clone()).unwrap_or_default(),
            amount_fen: row.amount.clone().ok(),
            paid_on,
            bounce_reason: bounced.as_ref().map(|(reason, _)| *reason),
            bounce_words: bounced.map(|(_, words)| words).unwrap_or_default(),
            known: known(verdict),
            faults: verdict.faults.iter().map(|f| Notice::of(f, me.locale)).collect(),
        }
    };
    ResultPreview {
        rows: judged.rows.len(),
        faulty: judged.faulty(),
        known: judged.verdicts.iter().filter(|v| known(v)).count(),
        paid,
        bounced,
        missing: judged.missing(),
        shown: order.into_iter().map(row).collect(),
    }
}

/// Applies a return file, whole or not at all. What was registered before is no news: applying it again does nothing.
#[utoipa::path(post, path = "/api/payment-batches/{id}/result/apply", tag = "payment_results", params(("id" = i64, Path)),
    request_body(content = ResultForm, content_type = "multipart/form-data"),
    extensions(("x-right" = json!("confirm_payments"))),
    responses((status = 200, body = Settled), (status = "4XX", body = ProblemBody)))]
pub(super) async fn apply(
    State(app): State<App>,
    me: Acting<can::ConfirmPayments>,
    Path(id): Path<i64>,
    form: Multipart,
) -> Result<Json<Settled>, Problem> {
    let batch = store::find(app.db.read(), &me, id).await?;
    let sent = receive(&app, form).await?;
    let (_, layout) = layout::of(app.db.read(), batch.office_id).await?;
    let (name, version) = (sent.name.clone(), sent.version);
    let rows = read(&app, sent, layout).await?;
    let tx = app.db.begin().await?;
    let done = apply_in(&tx, &app, &me, id, version, rows, &name).await;
    audit::finish(&app.db, tx, me.id.0, ("payment_batch_result", &id.to_string()), done).await.map(Json)
}

async fn apply_in(
    tx: &DatabaseTransaction,
    app: &App,
    me: &Me,
    id: i64,
    version: i64,
    rows: Vec<ResultRow>,
    name: &str,
) -> Result<Settled, Problem> {
    let batch = store::lock(tx, me, id).await?;
    let judged = judged(tx, &batch, rows).await?;
    if judged.faulty() > 0 {
        let blocker = json!({ "code": "result_faulty", "args": { "n": judged.faulty() } });
        return Err(Problem::refused(&[blocker]));
    }
    let news = judged.news();
    if news.is_empty() {
        return Ok(Settled::of(&[]));
    }
    let reasons = domain::act_blockers(PaymentAction::Settle, store::fact(&batch), &me.actor());
    if !reasons.is_empty() {
        return Err(Problem::refused(&reasons));
    }
    store::fresh(&batch, version)?;
    let done = settle::settle_in(tx, app, me, &batch, &news).await?;
    let told = json!({ "file": name, "rows": judged.rows.len(), "paid": done.paid, "bounced": done.bounced });
    make::note(tx, me, id, "result", &told).await?;
    Ok(done)
}
