//! 账户更正: another account for what came back, asked for by one person and agreed to by another. What the case says stays.
use axum::{
    Json,
    extract::{Multipart, Path, State},
    http::StatusCode,
    response::Response,
};
use huzhu_domain::{
    case::{MAX_TEXT, Stage, is_account_no},
    ids::{CaseId, UserId},
    payment::{self as domain, Blocker, CorrectionFact, CorrectionState, PaymentItemState},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::store;
use crate::{
    app::App,
    audit,
    cases::events::{self, NewEvent},
    entity::{account_correction, case, payment_item},
    notify,
    pictures::{self, Picture, cut_off, file_name, store_file},
    platform::{
        auth::{Acting, Me, can},
        clock,
        coded::Coded,
        error::{Problem, ProblemBody},
    },
    records::Object,
};

/// The longest reason, in characters.
const MAX_REASON: usize = 200;
/// The events of a case whose account is corrected.
const ASKED: &str = "account_asked";
const CORRECTED: &str = "account_corrected";
const REFUSED: &str = "account_refused";

/// What is sent to correct an account.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the multipart form in the OpenAPI document")]
pub(super) struct CorrectionForm {
    /// 户名.
    payee_name: String,
    /// 银行账号.
    account_no: String,
    /// 开户银行.
    bank_name: String,
    /// Why this account.
    reason: String,
    /// The card or the paper, PNG or JPEG; may be missing where the account stays as it is.
    #[schema(value_type = Option<String>, format = Binary)]
    file: Option<String>,
}

/// An account that is asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// 户名.
    pub payee_name: String,
    /// 银行账号.
    pub account_no: String,
    /// 开户银行.
    pub bank_name: String,
    /// Why.
    pub reason: String,
    /// Its picture, with the name of the file.
    pub picture: Option<(String, Picture)>,
}

/// 账户更正: asks for another account, or for the same one again.
#[utoipa::path(post, path = "/api/bounced/{id}/correction", tag = "bounced", params(("id" = i64, Path)),
    request_body(content = CorrectionForm, content_type = "multipart/form-data"),
    extensions(("x-right" = json!(["enter_expenses", "confirm_payments"]))),
    responses((status = 201), (status = "4XX", body = ProblemBody)))]
pub(super) async fn create(
    State(app): State<App>,
    me: Acting<can::CorrectAccounts>,
    Path(id): Path<i64>,
    mut form: Multipart,
) -> Result<(StatusCode, Json<()>), Problem> {
    let item = find(app.db.read(), &me, id).await?.0;
    let mut asked = Asked::default();
    let mut received = None;
    while let Some(field) = form.next_field().await.map_err(cut_off)? {
        match field.name().unwrap_or_default() {
            "payee_name" => asked.payee_name = field.text().await.map_err(cut_off)?,
            "account_no" => asked.account_no = field.text().await.map_err(cut_off)?,
            "bank_name" => asked.bank_name = field.text().await.map_err(cut_off)?,
            "reason" => asked.reason = field.text().await.map_err(cut_off)?,
            "file" => received = Some((file_name(field.file_name()), pictures::receive(&app, field).await?)),
            _ => {}
        }
    }
    if let Some((name, file)) = received {
        asked.picture = Some((name, store_file(&app, file.path()).await?));
    }
    ask(&app, &me, item.id, asked).await?;
    Ok((StatusCode::CREATED, Json(())))
}

/// Asks for an account in a transaction of its own; a refusal is logged.
///
/// # Errors
/// 404 outside the branch, 422 with wrong fields or every reason.
pub async fn ask(app: &App, me: &Me, id: i64, mut asked: Asked) -> Result<(), Problem> {
    check(&mut asked)?;
    let tx = app.db.begin().await?;
    let done = ask_in(&tx, app, me, id, asked).await;
    audit::finish(&app.db, tx, me.id.0, ("account_ask", &id.to_string()), done).await
}

fn check(asked: &mut Asked) -> Result<(), Problem> {
    asked.account_no.retain(|c| !c.is_whitespace() && c != '-');
    for text in [&mut asked.payee_name, &mut asked.bank_name, &mut asked.reason] {
        *text = text.trim().chars().filter(|c| !c.is_control()).collect();
    }
    let mut issues = Vec::new();
    let texts = [
        ("name", &asked.payee_name, MAX_TEXT),
        ("bank_name", &asked.bank_name, MAX_TEXT),
        ("reason", &asked.reason, MAX_REASON),
    ];
    for (field, text, max) in texts {
        if text.is_empty() {
            issues.push((field.to_owned(), "required".to_owned()));
        } else if text.chars().count() > max {
            issues.push((field.to_owned(), "too_long".to_owned()));
        }
    }
    if !is_account_no(&asked.account_no) {
        let code = if asked.account_no.is_empty() { "required" } else { "not_an_account" };
        issues.push(("account_no".to_owned(), code.to_owned()));
    }
    if issues.is_empty() { Ok(()) } else { Err(Problem::invalid(issues)) }
}

/// An item with its case, of the caller's branch.
async fn find(db: &impl ConnectionTrait, me: &Me, id: i64) -> Result<(payment_item::Model, case::Model), Problem> {
    let item = payment_item::Entity::find_by_id(id).one(db).await?.ok_or_else(Problem::not_found)?;
    let case = crate::cases::store::find(db, me, CaseId(item.case_id)).await?;
    Ok((item, case))
}

/// The item and its case, held, with the last correction.
async fn held(
    tx: &DatabaseTransaction,
    me: &Me,
    id: i64,
) -> Result<(payment_item::Model, case::Model, Option<account_correction::Model>), Problem> {
    let (item, _) = find(tx, me, id).await?;
    let case = store::lock_cases(tx, me, &[item.case_id]).await?.pop().ok_or_else(Problem::not_found)?;
    // Read again: it may have changed while the case was waited for.
    let item = payment_item::Entity::find_by_id(id).one(tx).await?.ok_or_else(Problem::not_found)?;
    let last = last_of(tx, id).await?;
    Ok((item, case, last))
}

async fn last_of(db: &impl ConnectionTrait, item_id: i64) -> Result<Option<account_correction::Model>, Problem> {
    let of = account_correction::Entity::find().filter(account_correction::Column::ItemId.eq(item_id));
    Ok(of.order_by_desc(account_correction::Column::Id).one(db).await?)
}

fn fact(item: &payment_item::Model, last: Option<&account_correction::Model>) -> CorrectionFact {
    CorrectionFact { item: item.state.0, last: last.map(|c| (c.state.0, UserId(c.asked_by_id))) }
}

async fn ask_in(tx: &DatabaseTransaction, app: &App, me: &Me, id: i64, asked: Asked) -> Result<(), Problem> {
    let (item, case, last) = held(tx, me, id).await?;
    let mut reasons = domain::correction_blockers(fact(&item, last.as_ref()), false, me.id);
    let same = (&asked.payee_name, asked.account_no.as_str(), &asked.bank_name)
        == (&item.payee_name, item.account_no.as_str(), &item.bank_name);
    if !same && asked.picture.is_none() {
        reasons.push(Blocker::PictureMissing {});
    }
    if !reasons.is_empty() {
        return Err(Problem::refused(&reasons));
    }
    let (name, picture) = asked.picture.map_or((String::new(), None), |(name, picture)| (name, Some(picture)));
    let row = account_correction::ActiveModel {
        item_id: Set(id),
        payee_name: Set(asked.payee_name),
        account_no: Set(asked.account_no.into()),
        bank_name: Set(asked.bank_name),
        reason: Set(asked.reason),
        state: Set(Coded(CorrectionState::Proposed)),
        sha256: Set(picture.as_ref().map(|p| p.sha256.clone())),
        content_type: Set(picture.map(|p| p.content_type.to_owned()).unwrap_or_default()),
        file_name: Set(name),
        asked_by_id: Set(me.id.0),
        asked_at: Set(clock::now()),
        ..Default::default()
    };
    let row = account_correction::Entity::insert(row).exec_with_returning(tx).await?;
    if let Some(sha256) = &row.sha256 {
        pictures::must_be_there(app, sha256).await?;
    }
    tell(tx, me, &case, ASKED, None).await
}

async fn tell(
    tx: &DatabaseTransaction,
    me: &Me,
    case: &case::Model,
    kind: &'static str,
    note: Option<String>,
) -> Result<(), Problem> {
    let event = NewEvent {
        case_id: CaseId(case.id),
        kind,
        actor: me.id,
        from: Some(Stage::Payment),
        to: Stage::Payment,
        reason_code: None,
        note,
        data: json!({}),
    };
    events::append(tx, event).await
}

/// Why the account is agreed to, or not.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub(super) struct CorrectionDecision {
    /// 不同意 wants it.
    #[serde(default)]
    note: Option<String>,
}

/// 同意: the next batch pays to the account.
#[utoipa::path(post, path = "/api/bounced/{id}/approve", tag = "bounced", params(("id" = i64, Path)),
    request_body = CorrectionDecision, extensions(("x-right" = json!(["confirm_payments", "approve_changes"]))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(super) async fn approve(
    State(app): State<App>,
    me: Acting<can::ApproveAccounts>,
    Path(id): Path<i64>,
    Json(decision): Json<CorrectionDecision>,
) -> Result<StatusCode, Problem> {
    decide(&app, &me, id, true, decision.note).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 不同意: another account must be asked for.
#[utoipa::path(post, path = "/api/bounced/{id}/refuse", tag = "bounced", params(("id" = i64, Path)),
    request_body = CorrectionDecision, extensions(("x-right" = json!(["confirm_payments", "approve_changes"]))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(super) async fn refuse(
    State(app): State<App>,
    me: Acting<can::ApproveAccounts>,
    Path(id): Path<i64>,
    Json(decision): Json<CorrectionDecision>,
) -> Result<StatusCode, Problem> {
    decide(&app, &me, id, false, decision.note).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Decides about a correction in a transaction of its own; a refusal is logged.
///
/// # Errors
/// 404 outside the branch, 422 with every reason.
pub async fn decide(app: &App, me: &Me, id: i64, agreed: bool, note: Option<String>) -> Result<(), Problem> {
    let note = note.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty());
    if note.is_none() && !agreed {
        return Err(Problem::invalid_field("note", "required"));
    }
    if note.as_ref().is_some_and(|n| n.chars().count() > MAX_REASON) {
        return Err(Problem::invalid_field("note", "too_long"));
    }
    let tx = app.db.begin().await?;
    let act = if agreed { "account_approve" } else { "account_refuse" };
    let done = decide_in(&tx, me, id, agreed, note).await;
    audit::finish(&app.db, tx, me.id.0, (act, &id.to_string()), done).await
}

async fn decide_in(
    tx: &DatabaseTransaction,
    me: &Me,
    id: i64,
    agreed: bool,
    note: Option<String>,
) -> Result<(), Problem> {
    let (item, case, last) = held(tx, me, id).await?;
    let reasons = domain::correction_blockers(fact(&item, last.as_ref()), true, me.id);
    let Some(last) = last.filter(|_| reasons.is_empty()) else { return Err(Problem::refused(&reasons)) };
    let state = if agreed { CorrectionState::Approved } else { CorrectionState::Refused };
    let row = account_correction::ActiveModel {
        state: Set(Coded(state)),
        decided_by_id: Set(Some(me.id.0)),
        decided_at: Set(Some(clock::now())),
        decision_note: Set(note.clone().unwrap_or_default()),
        ..Default::default()
    };
    account_correction::Entity::update_many()
        .set(row)
        .filter(account_correction::Column::Id.eq(last.id))
        .exec(tx)
        .await?;
    let message = if agreed {
        store::set_state(tx, vec![id], PaymentItemState::Repaired).await?;
        "account_corrected"
    } else {
        "account_refused"
    };
    tell(tx, me, &case, if agreed { CORRECTED } else { REFUSED }, note).await?;
    let about = Object { kind: "case", id: case.id };
    notify::tell(tx, [last.asked_by_id], message, &json!({ "no": case.no }), about).await?;
    Ok(())
}

/// The picture of the account that was asked for last.
#[utoipa::path(get, path = "/api/bounced/{id}/picture", tag = "bounced", params(("id" = i64, Path)),
    extensions(("x-right" = json!(["enter_expenses", "confirm_payments", "approve_changes"]))),
    responses((status = 200, content_type = "image/*", body = Vec<u8>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn picture(
    State(app): State<App>,
    me: Acting<can::SeeBounced>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let (item, _) = find(app.db.read(), &me, id).await?;
    let last = last_of(app.db.read(), item.id).await?.ok_or_else(Problem::not_found)?;
    let sha256 = last.sha256.ok_or_else(Problem::not_found)?;
    pictures::answer(&app, &sha256, last.content_type).await
}
