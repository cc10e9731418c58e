//! 追回: receipts, write-offs, and the second person's word on each.
use axum::{
    Json,
    extract::{Path, State},
};
use chrono::NaiveDate;
use huzhu_domain::{
    case::{Action, ActionKind, ReceiptWay, Verdict, WriteOffReason},
    ids::CaseId,
    money::Fen,
};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, EntityTrait};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    app::App,
    cases::{
        self, Act, Acted,
        recovery::{self, RECEIPT, WRITE_OFF},
        view::{self, CaseView},
    },
    entity::{recovery_entry, recovery_verdict},
    platform::{
        auth::{Acting, Me, can},
        clock,
        coded::Coded,
        error::{Problem, ProblemBody},
    },
};

/// The longest 凭证号.
const MAX_REFERENCE: usize = 100;

/// 登记回款.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptRequest {
    /// The version that the caller saw.
    pub version: i64,
    /// How much came, in fen.
    pub amount_fen: Fen,
    /// The day it came.
    pub received_on: NaiveDate,
    /// 回款方式.
    pub way: ReceiptWay,
    /// 凭证号.
    #[serde(default)]
    pub reference: String,
    /// A remark; wanted where the way is 其他.
    #[serde(default)]
    pub note: String,
}

/// 申请核销.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteOffRequest {
    version: i64,
    reason: WriteOffReason,
    /// In words.
    note: String,
}

/// A second person's word on a receipt or a write-off.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerdictRequest {
    /// The version of the case that the caller saw.
    pub version: i64,
    /// Which receipt or write-off.
    pub entry_id: i64,
    /// Whether it holds.
    pub accepted: bool,
    /// Why not, where it doesn't.
    #[serde(default)]
    pub note: String,
}

/// 登记回款: money that came back, to be confirmed by a second person.
#[utoipa::path(post, path = "/api/cases/{id}/receipts", tag = "after", params(("id" = i64, Path)),
    request_body = ReceiptRequest,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn record_receipt(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
    Json(asked): Json<ReceiptRequest>,
) -> Result<Json<CaseView>, Problem> {
    record_receipt_of(&app, &me, CaseId(id), asked).await?;
    view::load(&app, &me, CaseId(id)).await.map(Json)
}

/// Records a receipt.
///
/// # Errors
/// As for every act.
pub async fn record_receipt_of(app: &App, me: &Me, id: CaseId, asked: ReceiptRequest) -> Result<(), Problem> {
    let tx = app.db.begin().await?;
    let done = async {
        let action = Action::RecordReceipt { amount: asked.amount_fen, received_on: asked.received_on };
        let mut act = Act::new(action, asked.version).because(Some(asked.note.clone()));
        act.data = json!({ "amount_fen": asked.amount_fen });
        let Acted { before: row, .. } = cases::act_in(&tx, app, me, id, act).await?;
        let reference = asked.reference.trim();
        if reference.chars().count() > MAX_REFERENCE {
            return Err(Problem::invalid_field("reference", "too_long"));
        }
        if asked.way == ReceiptWay::Other && asked.note.trim().is_empty() {
            return Err(Problem::invalid_field("note", "required"));
        }
        let entry = recovery_entry::ActiveModel {
            case_id: Set(row.id),
            kind: Set(RECEIPT.to_owned()),
            amount_fen: Set(asked.amount_fen.0),
            received_on: Set(Some(asked.received_on)),
            way: Set(Some(Coded(asked.way))),
            reference: Set(reference.to_owned()),
            note: Set(asked.note.trim().to_owned()),
            recorded_at: Set(clock::now()),
            recorded_by_id: Set(me.id.0),
            ..Default::default()
        };
        recovery_entry::Entity::insert(entry).exec_without_returning(&tx).await?;
        Ok(())
    }
    .await;
    finish(app, me, tx, id, ActionKind::RecordReceipt, done).await
}

/// 确认到账, or not: the claim is whole with the last one, and the case is closed.
#[utoipa::path(post, path = "/api/cases/{id}/receipts/verdict", tag = "after", params(("id" = i64, Path)),
    request_body = VerdictRequest,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn decide_receipt(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
    Json(asked): Json<VerdictRequest>,
) -> Result<Json<CaseView>, Problem> {
    decide_entry(&app, &me, CaseId(id), ActionKind::DecideReceipt, asked).await?;
    view::load(&app, &me, CaseId(id)).await.map(Json)
}

/// 核销, or not: with it the case is closed.
#[utoipa::path(post, path = "/api/cases/{id}/write-off/verdict", tag = "after", params(("id" = i64, Path)),
    request_body = VerdictRequest,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn decide_write_off(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
    Json(asked): Json<VerdictRequest>,
) -> Result<Json<CaseView>, Problem> {
    decide_entry(&app, &me, CaseId(id), ActionKind::DecideWriteOff, asked).await?;
    view::load(&app, &me, CaseId(id)).await.map(Json)
}

/// A second person's word on an entry: on a receipt, or by `kind` on a write-off.
///
/// # Errors
/// As for every act.
pub async fn decide_entry(
    app: &App,
    me: &Me,
    id: CaseId,
    kind: ActionKind,
    asked: VerdictRequest,
) -> Result<(), Problem> {
    let tx = app.db.begin().await?;
    let done = async {
        let verdict = Verdict { entry: asked.entry_id, accepted: asked.accepted };
        let action = match kind {
            ActionKind::DecideWriteOff => Action::DecideWriteOff(verdict),
            _ => Action::DecideReceipt(verdict),
        };
        let mut act = Act::new(action, asked.version).because(Some(asked.note.clone()));
        act.data = json!({ "entry": asked.entry_id, "accepted": asked.accepted });
        cases::act_in(&tx, app, me, id, act).await?;
        let row = recovery_verdict::ActiveModel {
            entry_id: Set(asked.entry_id),
            accepted: Set(asked.accepted),
            note: Set(asked.note.trim().to_owned()),
            at: Set(clock::now()),
            by_id: Set(me.id.0),
        };
        recovery_verdict::Entity::insert(row).exec_without_returning(&tx).await?;
        Ok(())
    }
    .await;
    finish(app, me, tx, id, kind, done).await
}

/// 申请核销: to give up what hasn't come back.
#[utoipa::path(post, path = "/api/cases/{id}/write-off", tag = "after", params(("id" = i64, Path)),
    request_body = WriteOffRequest,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn ask_write_off(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
    Json(asked): Json<WriteOffRequest>,
) -> Result<Json<CaseView>, Problem> {
    ask_write_off_of(&app, &me, CaseId(id), asked).await?;
    view::load(&app, &me, CaseId(id)).await.map(Json)
}

/// Asks for a write-off of all that is still to come back.
///
/// # Errors
/// As for every act.
pub async fn ask_write_off_of(app: &App, me: &Me, id: CaseId, asked: WriteOffRequest) -> Result<(), Problem> {
    let tx = app.db.begin().await?;
    let done = async {
        let action = Action::AskWriteOff { reason: asked.reason };
        let act = Act::new(action, asked.version).because(Some(asked.note.clone()));
        let Acted { before: row, .. } = cases::act_in(&tx, app, me, id, act).await?;
        let left = recovery::facts(&tx, &row).await?.left(Fen(-row.benefit_fen.unwrap_or_default()));
        let entry = recovery_entry::ActiveModel {
            case_id: Set(row.id),
            kind: Set(WRITE_OFF.to_owned()),
            amount_fen: Set(left.0),
            reference: Set(String::new()),
            reason: Set(Some(Coded(asked.reason))),
            note: Set(asked.note.trim().to_owned()),
            recorded_at: Set(clock::now()),
            recorded_by_id: Set(me.id.0),
            ..Default::default()
        };
        recovery_entry::Entity::insert(entry).exec_without_returning(&tx).await?;
        Ok(())
    }
    .await;
    finish(app, me, tx, id, ActionKind::AskWriteOff, done).await
}

async fn finish(
    app: &App,
    me: &Me,
    tx: DatabaseTransaction,
    id: CaseId,
    kind: ActionKind,
    done: Result<(), Problem>,
) -> Result<(), Problem> {
    match done {
        Ok(()) => Ok(tx.commit().await?),
        Err(problem) => {
            drop(tx);
            Err(cases::refused(app, me, id, kind, problem).await)
        }
    }
}
