//! 显示完整号码: one person's numbers for somebody who sees them hidden, for a reason, and logged.
use axum::{
    Json,
    extract::{Path, State},
};
use huzhu_domain::{case::MAX_TEXT, ids::CaseId};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{accounts, store};
use crate::{
    app::App,
    audit::{self, Entry},
    entity::member,
    platform::{
        auth::{Acting, Me, can},
        error::{Problem, ProblemBody},
    },
};

/// Why somebody wants to see the numbers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NumbersAsked {
    /// The reason, 1 to 200 characters; it is logged.
    reason: String,
}

/// What a number is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NumberKind {
    /// 证件号码.
    IdNumber,
    /// 手机号码.
    Phone,
    /// 银行账号.
    Account,
}

/// A number, whole.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WholeNumber {
    /// What it is.
    kind: NumberKind,
    /// Whose: the member, a payee, the holder of an account.
    owner: String,
    /// The number.
    number: String,
}

/// Those of a member: 证件号码, 手机号码, and the accounts on record.
///
/// # Errors
/// When the database fails.
pub async fn of_member(db: &impl ConnectionTrait, member: &member::Model) -> Result<Vec<WholeNumber>, Problem> {
    let own = |kind, number: &str| WholeNumber { kind, owner: member.name.clone(), number: number.to_owned() };
    let mut out =
        vec![own(NumberKind::IdNumber, member.id_number.as_str()), own(NumberKind::Phone, member.phone.as_str())];
    out.extend(accounts::of(db, member.id).await?.into_iter().map(|a| WholeNumber {
        kind: NumberKind::Account,
        owner: a.holder_name,
        number: a.account_no.into_string(),
    }));
    Ok(out)
}

/// Logs that somebody saw numbers, and why; then they may.
///
/// # Errors
/// 422 without a reason; when the database fails.
pub async fn logged(
    app: &App,
    me: &Me,
    object: &str,
    asked: &NumbersAsked,
    mut numbers: Vec<WholeNumber>,
) -> Result<Json<Vec<WholeNumber>>, Problem> {
    let reason = asked.reason.trim();
    if reason.is_empty() || reason.chars().count() > MAX_TEXT {
        return Err(Problem::invalid_field("reason", if reason.is_empty() { "required" } else { "too_long" }));
    }
    audit::note(&app.db, Entry::done(Some(me.id.0), "see_numbers", object).telling(json!({ "reason": reason })))
        .await?;
    numbers.retain(|n| !n.number.is_empty());
    Ok(Json(numbers))
}

/// The numbers of a case's member and payees, whole. Who asked for them and why is logged.
#[utoipa::path(post, path = "/api/cases/{id}/numbers", tag = "cases", params(("id" = i64, Path)), request_body = NumbersAsked,
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = [WholeNumber]), (status = "4XX", body = ProblemBody)))]
pub(super) async fn numbers(
    State(app): State<App>,
    me: Acting<can::InquireRecords>,
    Path(id): Path<i64>,
    Json(asked): Json<NumbersAsked>,
) -> Result<Json<Vec<WholeNumber>>, Problem> {
    let db = app.db.read();
    let row = store::find(db, &me, CaseId(id)).await?;
    let member = member::Entity::find_by_id(row.member_id).one(db).await?.ok_or_else(Problem::not_found)?;
    let mut numbers = of_member(db, &member).await?;
    for payee in store::payees(db, vec![id]).await?.remove(&id).unwrap_or_default() {
        let of_payee = |kind, number| WholeNumber { kind, owner: payee.name.clone(), number };
        numbers.push(of_payee(NumberKind::Phone, payee.phone.clone()));
        numbers.push(of_payee(NumberKind::Account, payee.account_no.clone()));
    }
    logged(&app, &me, &format!("case {id}"), &asked, numbers).await
}
