//! 审核, 驳回, 撤回: a change is decided once, by somebody else than who asked.
use axum::http::StatusCode;
use huzhu_domain::{
    change::{self as domain, Blocker, ChangeState, Decision, MAX_REASON, Standing},
    ids::UserId,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{apply, facts, store};
use crate::{
    app::App,
    audit,
    entity::change,
    members::coverage,
    notify,
    platform::{auth::Me, clock, coded::Coded, error::Problem},
    records::{self, Object},
};

/// A decision about a change.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionRequest {
    /// The version that the decider saw.
    pub version: i64,
    /// Why; 驳回 wants it.
    #[serde(default)]
    pub note: Option<String>,
}

/// Decides about a change; 审核通过 puts it into effect in the same transaction.
///
/// # Errors
/// 404 outside the branch, 409 where somebody was quicker, 422 with everything that stands in the way.
pub async fn decide(app: &App, me: &Me, id: i64, decision: Decision, asked: &DecisionRequest) -> Result<(), Problem> {
    let note = asked.note.as_deref().map(str::trim).unwrap_or_default();
    if note.is_empty() && decision == Decision::Refuse {
        return Err(Problem::invalid_field("note", "required"));
    }
    if note.chars().count() > MAX_REASON {
        return Err(Problem::invalid_field("note", "too_long"));
    }
    let tx = app.db.begin().await?;
    let done = decide_in(app, &tx, me, id, decision, asked.version, note).await;
    audit::finish(&app.db, tx, me.id.0, (&format!("change_{decision}"), &id.to_string()), done).await
}

async fn decide_in(
    app: &App,
    tx: &DatabaseTransaction,
    me: &Me,
    id: i64,
    decision: Decision,
    version: i64,
    note: &str,
) -> Result<(), Problem> {
    if decision == Decision::Approve {
        coverage::turn(tx).await?;
    }
    let row = store::lock(tx, me, id).await?;
    if row.version != version {
        return Err(Problem::new(StatusCode::CONFLICT, "change_stale"));
    }
    let standing = Standing { state: row.state.0, asked_by: UserId(row.asked_by_id) };
    let mut reasons = domain::barred(decision, standing, &me.actor());
    let mut before = None;
    if decision == Decision::Approve && reasons.is_empty() {
        let change = store::after_of(&row)?;
        let ids: Vec<i64> = std::iter::once(row.member_id).chain(row.other_member_id).collect();
        store::lock_members(tx, &ids).await?;
        facts::lock_coverages(tx, &ids).await?;
        let records = facts::load(app, tx, me, &change, row.member_id, Some(id)).await?;
        reasons = domain::blockers(&change, &records.facts);
        if !store::before_of(&row)?.holds(&records.before) {
            reasons.push(Blocker::RecordChanged {});
        }
        if reasons.is_empty() {
            apply::apply(tx, me, &row, &change, &records).await?;
            before = Some(serde_json::to_string(&records.before)?);
        }
    }
    if !reasons.is_empty() {
        return Err(Problem::refused(&reasons));
    }
    finish(tx, me, &row, decision, note, before).await
}

async fn finish(
    tx: &DatabaseTransaction,
    me: &Me,
    row: &change::Model,
    decision: Decision,
    note: &str,
    before: Option<String>,
) -> Result<(), Problem> {
    let (state, told) = match decision {
        Decision::Approve => (ChangeState::Approved, Some("change_approved")),
        Decision::Refuse => (ChangeState::Refused, Some("change_refused")),
        Decision::Withdraw => (ChangeState::Withdrawn, None),
    };
    let mut new = change::ActiveModel {
        state: Set(Coded(state)),
        version: Set(row.version + 1),
        decided_by_id: Set(Some(me.id.0)),
        decided_at: Set(Some(clock::now())),
        decision_note: Set(note.to_owned()),
        ..Default::default()
    };
    if let Some(before) = before {
        new.before = Set(before.into());
    }
    let done = change::Entity::update_many()
        .set(new)
        .filter(change::Column::Id.eq(row.id))
        .filter(change::Column::Version.eq(row.version))
        .exec(tx)
        .await?;
    if done.rows_affected != 1 {
        return Err(Problem::new(StatusCode::CONFLICT, "change_stale"));
    }
    let about = Object { kind: "change", id: row.id };
    let act: &str = decision.into();
    let states = (&json!({ "state": row.state.0 }), &json!({ "state": state }));
    records::note(tx, about, Some(me.id.0), act, note, states).await?;
    if let Some(kind) = told {
        notify::tell(tx, [row.asked_by_id], kind, &json!({ "no": row.no }), about).await?;
    }
    Ok(())
}
