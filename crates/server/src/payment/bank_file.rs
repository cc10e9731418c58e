//! 付款文件 of a released batch: .xlsx, .csv or pain.001. Every download is logged with its totals and digest.
use std::collections::HashMap;

use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use huzhu_domain::{
    money::Fen,
    payment::{
        self as domain, AmountUnit, CsvEncoding, FileField, FileLayout, FileValues, PaymentAction, Total, guarded,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{layout, make, pain, store};
use crate::{
    app::App,
    audit::{self, Entry},
    entity::payment_item,
    platform::{
        auth::{Acting, can},
        error::{Problem, ProblemBody},
        secrets,
        xlsx::{self, Cell},
    },
};

/// What kind of file is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// Excel.
    Xlsx,
    /// Comma-separated.
    Csv,
    /// ISO 20022 pain.001.001.09.
    Pain001,
}

/// The file that is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRequest {
    format: FileFormat,
}

/// 付款文件: all items of the batch, always the same.
#[utoipa::path(post, path = "/api/payment-batches/{id}/file", tag = "payment_batches", params(("id" = i64, Path)),
    request_body = FileRequest, extensions(("x-right" = json!("confirm_payments"))),
    responses((status = 200, content(
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (Vec<u8> = "text/csv"), (Vec<u8> = "application/xml"))),
        (status = "4XX", body = ProblemBody)))]
pub(super) async fn download(
    State(app): State<App>,
    me: Acting<can::ConfirmPayments>,
    Path(id): Path<i64>,
    Json(asked): Json<FileRequest>,
) -> Result<Response, Problem> {
    let tx = app.db.begin().await?;
    let batch = store::find(&tx, &me, id).await?;
    let reasons = domain::act_blockers(PaymentAction::File, store::fact(&batch), &me.actor());
    if !reasons.is_empty() {
        return Err(Problem::refused(&reasons));
    }
    let (_, layout) = layout::of(&tx, batch.office_id).await?;
    let items = store::items_of(&tx, id).await?;
    let nos = store::case_nos(&tx, &items).await?;
    let values: Vec<FileValues> = (1..).zip(&items).map(|(n, item)| values(n, item, &nos)).collect();
    let total = Total::of(values.iter().map(|v| v.amount));
    let fixed = Total { count: u64::try_from(batch.items).unwrap_or_default(), sum_fen: Fen(batch.sum_fen) };
    if total != fixed {
        return Err(Problem::internal("the items of a batch don't come to what was released"));
    }
    let (bytes, kind, ending) = match asked.format {
        FileFormat::Xlsx => {
            (xlsx_file(&layout, &values)?, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")
        }
        FileFormat::Csv => (encoded(&csv_text(&layout, &values)?, layout.encoding)?, "text/csv", "csv"),
        FileFormat::Pain001 => (pain::document(&layout, &batch, &values, total)?, "application/xml", "xml"),
    };
    let digest = secrets::sha256(&bytes);
    let told = json!({ "format": asked.format, "items": total.count, "sum_fen": total.sum_fen, "sha256": digest });
    make::note(&tx, &me, id, "file", &told).await?;
    audit::commit(tx, &[Entry::done(Some(me.id.0), "payment_file", &batch.no).resulting(&digest)]).await?;
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.{ending}\"", batch.no)),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

fn values<'a>(sequence: usize, item: &'a payment_item::Model, nos: &'a HashMap<i64, String>) -> FileValues<'a> {
    FileValues {
        sequence,
        reference: item.reference.as_deref().unwrap_or_default(),
        payee_name: &item.payee_name,
        account_no: item.account_no.as_str(),
        bank_name: &item.bank_name,
        amount: Fen(item.amount_fen),
        case_no: nos.get(&item.case_id).map_or("", String::as_str),
    }
}

/// Whether a column holds digits that aren't a quantity.
const fn is_number_text(field: FileField) -> bool {
    matches!(field, FileField::AccountNo | FileField::PayerAccount)
}

/// The .csv before it is encoded.
pub(super) fn csv_text(layout: &FileLayout, rows: &[FileValues<'_>]) -> Result<String, Problem> {
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if layout.header {
        let headings = layout.columns.iter().map(|c| guarded(&c.heading));
        out.write_record(headings).map_err(Problem::internal)?;
    }
    for row in rows {
        let texts = domain::cells(layout, row).into_iter().zip(&layout.columns).map(|(text, column)| {
            let text = guarded(&text);
            // Excel takes long digits for a quantity and loses the last ones; after a tab they are text.
            if layout.keep_digits && is_number_text(column.field) && !text.is_empty() {
                format!("\t{text}")
            } else {
                text
            }
        });
        out.write_record(texts).map_err(Problem::internal)?;
    }
    let bytes = out.into_inner().map_err(Problem::internal)?;
    String::from_utf8(bytes).map_err(Problem::internal)
}

/// # Errors
/// 422 where a sign has no place in the encoding: a name with a sign missing would bounce.
fn encoded(text: &str, encoding: CsvEncoding) -> Result<Vec<u8>, Problem> {
    match encoding {
        CsvEncoding::Utf8Bom => Ok([b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat()),
        CsvEncoding::Gbk => {
            let (bytes, _, lost) = encoding_rs::GBK.encode(text);
            if !lost {
                return Ok(bytes.into_owned());
            }
            let sign = text.chars().find(|c| encoding_rs::GBK.encode(&c.to_string()).2);
            let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "sign_not_in_gbk");
            Err(problem.with("sign", sign.map(String::from).unwrap_or_default()))
        }
    }
}

fn xlsx_file(layout: &FileLayout, rows: &[FileValues<'_>]) -> Result<Vec<u8>, Problem> {
    let headings: Vec<&str> =
        if layout.header { layout.columns.iter().map(|c| c.heading.as_str()).collect() } else { Vec::new() };
    let row = |values: &FileValues<'_>| -> Vec<Cell> {
        let texts = domain::cells(layout, values).into_iter().zip(&layout.columns);
        texts
            .map(|(text, column)| match (column.field, layout.unit) {
                (FileField::Amount, AmountUnit::Yuan) => Cell::Money(values.amount.0),
                (FileField::Amount, AmountUnit::Fen) => Cell::Count(values.amount.0),
                (FileField::Sequence, _) => Cell::Count(i64::try_from(values.sequence).unwrap_or_default()),
                (FileField::Blank, _) => Cell::Empty,
                // A text cell is never a formula, whatever it begins with.
                _ => Cell::Text(text),
            })
            .collect()
    };
    let rows: Vec<Vec<Cell>> = rows.iter().map(row).collect();
    xlsx::table("付款", &headings, &rows).map_err(Problem::internal)
}
