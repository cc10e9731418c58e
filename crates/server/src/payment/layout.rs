//! 文件格式: how each office's bank wants its file, with a look at what it makes.
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use huzhu_domain::{
    money::Fen,
    org::{Branch, OrgKind},
    payment::{FileLayout, FileValues},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, TryInsertResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::bank_file;
use crate::{
    app::App,
    audit::{self, Entry},
    entity::{org, payment_layout},
    platform::{
        auth::{Acting, Me, can},
        coded::Coded,
        error::{Problem, ProblemBody},
    },
    records::{self, Object},
};

/// An office's layout.
#[derive(Serialize, ToSchema)]
pub struct LayoutView {
    office_id: i64,
    office_name: String,
    /// 0 while the usual layout holds.
    version: i64,
    layout: FileLayout,
    /// Whether the caller may change it.
    editable: bool,
}

/// An office whose layout the caller may see.
async fn office(app: &App, me: &Me, id: i64) -> Result<org::Model, Problem> {
    let row = org::Entity::find_by_id(id).filter(org::Column::Kind.eq(Coded(OrgKind::Office))).one(app.db.read());
    let row = row.await?.ok_or_else(Problem::not_found)?;
    let own = match me.branch() {
        Branch::Society => true,
        Branch::Office(own) => own.0 == id,
        Branch::Agency(own) | Branch::Unit(own) => {
            let node = org::Entity::find_by_id(own.0).one(app.db.read()).await?;
            node.is_some_and(|n| n.office_id == Some(id))
        }
    };
    if own { Ok(row) } else { Err(Problem::not_found()) }
}

const fn may_change(me: &Me) -> bool {
    matches!(me.branch(), Branch::Society | Branch::Office(_))
}

/// The layout that holds for an office, with its version.
pub(super) async fn of(db: &impl ConnectionTrait, office_id: i64) -> Result<(i64, FileLayout), Problem> {
    Ok(match payment_layout::Entity::find_by_id(office_id).one(db).await? {
        Some(row) => (row.version, serde_json::from_str(&row.layout)?),
        None => (0, FileLayout::default()),
    })
}

/// 文件格式 of an office.
#[utoipa::path(get, path = "/api/payment-layouts/{id}", tag = "payment_layouts", params(("id" = i64, Path)),
    extensions(("x-right" = json!("confirm_payments"))),
    responses((status = 200, body = LayoutView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn show(
    State(app): State<App>,
    me: Acting<can::ConfirmPayments>,
    Path(id): Path<i64>,
) -> Result<Json<LayoutView>, Problem> {
    let office = office(&app, &me, id).await?;
    let (version, layout) = of(app.db.read(), id).await?;
    Ok(Json(LayoutView { office_id: id, office_name: office.name, version, layout, editable: may_change(&me) }))
}

/// A layout to be kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LayoutRequest {
    /// The version that the caller saw.
    version: i64,
    layout: FileLayout,
}

/// Keeps the layout of an office.
#[utoipa::path(put, path = "/api/payment-layouts/{id}", tag = "payment_layouts", params(("id" = i64, Path)),
    request_body = LayoutRequest, extensions(("x-right" = json!("confirm_payments"))),
    responses((status = 200, body = LayoutView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn keep(
    State(app): State<App>,
    me: Acting<can::ConfirmPayments>,
    Path(id): Path<i64>,
    Json(mut asked): Json<LayoutRequest>,
) -> Result<Json<LayoutView>, Problem> {
    let office = office(&app, &me, id).await?;
    if !may_change(&me) {
        return Err(Problem::not_found());
    }
    check(&mut asked.layout)?;
    let tx = app.db.begin().await?;
    let (version, before) = of(&tx, id).await?;
    let stale = || Problem::new(StatusCode::CONFLICT, "payment_layout_stale");
    if version != asked.version {
        return Err(stale());
    }
    let row = payment_layout::ActiveModel {
        office_id: Set(id),
        version: Set(version + 1),
        layout: Set(serde_json::to_string(&asked.layout)?),
    };
    if version == 0 {
        let done = payment_layout::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(&tx).await?;
        if !matches!(done, TryInsertResult::Inserted(1)) {
            return Err(stale());
        }
    } else {
        let same = payment_layout::Column::OfficeId.eq(id).and(payment_layout::Column::Version.eq(version));
        let done = payment_layout::Entity::update_many().set(row).filter(same).exec(&tx).await?;
        if done.rows_affected != 1 {
            return Err(stale());
        }
    }
    let object = Object { kind: "payment_layout", id };
    records::note(&tx, object, Some(me.id.0), "update", "", (&before, &asked.layout)).await?;
    audit::commit(tx, &[Entry::done(Some(me.id.0), "payment_layout", id)]).await?;
    let (version, layout) = of(app.db.read(), id).await?;
    Ok(Json(LayoutView { office_id: id, office_name: office.name, version, layout, editable: true }))
}

fn check(layout: &mut FileLayout) -> Result<(), Problem> {
    for column in &mut layout.columns {
        column.heading = column.heading.trim().to_owned();
    }
    let r = &mut layout.result;
    let texts = [
        &mut layout.payer_name,
        &mut layout.payer_bank,
        &mut layout.purpose,
        &mut r.reference,
        &mut r.amount,
        &mut r.outcome,
        &mut r.paid_on,
        &mut r.reason,
    ];
    for text in texts {
        *text = text.trim().to_owned();
    }
    layout.payer_account.retain(|c| !c.is_whitespace() && c != '-');
    let faults = layout.faults();
    if faults.is_empty() {
        return Ok(());
    }
    Err(Problem::invalid(faults.into_iter().map(|(field, code)| (field, code.to_owned())).collect()))
}

/// A layout to be looked at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LayoutTry {
    layout: FileLayout,
}

/// What a layout makes.
#[derive(Serialize, ToSchema)]
pub struct LayoutPreview {
    /// The headings; empty where the file has none.
    headings: Vec<String>,
    /// Made-up rows.
    rows: Vec<Vec<String>>,
    /// The .csv as text, as an editor shows it.
    csv: String,
}

/// What a layout makes of made-up items; nothing is kept.
#[utoipa::path(post, path = "/api/payment-layouts/preview", tag = "payment_layouts", request_body = LayoutTry,
    extensions(("x-right" = json!("confirm_payments"))),
    responses((status = 200, body = LayoutPreview), (status = "4XX", body = ProblemBody)))]
pub(super) async fn preview(
    _me: Acting<can::ConfirmPayments>,
    Json(mut tried): Json<LayoutTry>,
) -> Result<Json<LayoutPreview>, Problem> {
    check(&mut tried.layout)?;
    let layout = &tried.layout;
    let made_up = [("冯玉兰", "6222020000000000018", 328_300), ("李思远", "6217000000000000026", 1_000_005)];
    let values: Vec<FileValues> = (1..)
        .zip(made_up)
        .map(|(sequence, (payee_name, account_no, fen))| FileValues {
            sequence,
            reference: if sequence == 1 { "FK2300202612010001-0001" } else { "FK2300202612010001-0002" },
            payee_name,
            account_no,
            bank_name: "示例银行股份有限公司示例支行",
            amount: Fen(fen),
            case_no: if sequence == 1 { "CL2301202611230000007" } else { "CL2301202611230000008" },
        })
        .collect();
    let rows: Vec<Vec<String>> = values.iter().map(|v| huzhu_domain::payment::cells(layout, v)).collect();
    let headings = if layout.header { layout.columns.iter().map(|c| c.heading.clone()).collect() } else { Vec::new() };
    Ok(Json(LayoutPreview { headings, csv: bank_file::csv_text(layout, &values)?, rows }))
}
