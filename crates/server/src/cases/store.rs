//! The only place that writes the table of cases.
use std::collections::HashMap;

use huzhu_domain::{
    benefit::Usage,
    case::{ActionKind, Case, Closing, Incident, Payee, Stage, State, moves},
    ids::{CaseId, CaseNo, OrgId, UserId},
    money::Fen,
    org::OrgKind,
    retention::ERASED,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde_json::json;

use super::events::{self, NewEvent, Signed};
pub use super::statements::{replace_statements, statements};
use crate::{
    entity::{case, case_payee, org, user},
    platform::{auth::Me, clock, coded::Coded, error::Problem},
};

/// The cases of the caller's branch, deleted ones left out.
#[must_use]
pub fn of_branch(me: &Me) -> Select<case::Entity> {
    case::Entity::find().filter(me.sees_case()).filter(case::Column::Stage.ne(Coded(Stage::Deleted)))
}

/// A case of the caller's branch, its row locked until the transaction ends (on SQLite the transaction itself is the lock).
///
/// # Errors
/// 404 where there is no such case in the branch.
pub async fn lock(tx: &impl ConnectionTrait, me: &Me, id: CaseId) -> Result<case::Model, Problem> {
    let row = of_branch(me).filter(case::Column::Id.eq(id.0)).lock_exclusive().one(tx).await?;
    row.ok_or_else(Problem::not_found)
}

/// A case of the caller's branch, to be read.
///
/// # Errors
/// 404 where there is no such case in the branch.
pub async fn find(db: &impl ConnectionTrait, me: &Me, id: CaseId) -> Result<case::Model, Problem> {
    let row = of_branch(me).filter(case::Column::Id.eq(id.0)).one(db).await?;
    row.ok_or_else(Problem::not_found)
}

/// Cases of the caller's branch, in the order asked for.
///
/// # Errors
/// 404 where one of them does not exist there.
pub async fn find_all(db: &impl ConnectionTrait, me: &Me, ids: &[i64]) -> Result<Vec<case::Model>, Problem> {
    let rows = of_branch(me).filter(case::Column::Id.is_in(ids.iter().copied())).all(db).await?;
    let mut rows: HashMap<i64, case::Model> = rows.into_iter().map(|row| (row.id, row)).collect();
    ids.iter().map(|id| rows.remove(id).ok_or_else(Problem::not_found)).collect()
}

/// What an act changes besides the state.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// 出险信息 and the answers to warnings, at 保存.
    pub entry: Option<(Incident, String)>,
    /// The result of 申领计算 with its trace.
    pub calculation: Option<(Fen, String)>,
    /// Whether the case waits for the member from now on (补正).
    pub stop_clock: bool,
    /// 申领次数, at 申领提交.
    pub claim_ordinal: Option<i32>,
    /// What the ledger is to say of a correction's chain once it is closed.
    pub granted_usage: Option<Usage>,
}

/// Saves what a decision led to, and the event that tells of it as the case's last, if nobody was quicker.
///
/// # Errors
/// 409 where the case was changed since it was read.
pub async fn save(
    tx: &impl ConnectionTrait,
    before: &case::Model,
    action: ActionKind,
    after: &Case,
    change: Change,
    event: &Signed,
) -> Result<(), Problem> {
    let mut row = case::ActiveModel {
        version: Set(before.version + 1),
        event_seq: Set(event.seq),
        event_hash: Set(event.hash.clone()),
        submissions: Set(i32::try_from(after.submissions).unwrap_or(i32::MAX)),
        holder_id: Set(after.state.holder().map(|h| h.0)),
        ..Default::default()
    };
    if before.stage.0 != after.state.stage() {
        row.stage = Set(Coded(after.state.stage()));
        row.stage_since = Set(clock::now());
        row.clock_stopped = Set(change.stop_clock);
        row.returned = Set(action == ActionKind::Return || (before.returned && action == ActionKind::ConfirmMaterials));
    }
    set_firsts(&mut row, before, action);
    set_evidence(&mut row, &after.state);
    set_change(&mut row, change);
    let from = moves::stages_for(action).map(Coded);
    let done = case::Entity::update_many()
        .set(row)
        .filter(case::Column::Id.eq(before.id))
        .filter(case::Column::Version.eq(before.version))
        .filter(case::Column::Stage.is_in(from))
        .exec(tx)
        .await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(Problem::stale_version()) }
}

/// The days of the first 申领提交 and of the first 退回, by which cases are counted.
fn set_firsts(row: &mut case::ActiveModel, before: &case::Model, action: ActionKind) {
    let today = Some(clock::today());
    if action == ActionKind::Submit && before.submitted_on.is_none() {
        row.submitted_on = Set(today);
    }
    if action == ActionKind::Return && before.returned_on.is_none() {
        row.returned_on = Set(today);
    }
}

fn set_evidence(row: &mut case::ActiveModel, state: &State) {
    use State as S;
    if let S::FirstReview { benefit, .. } | S::SecondReview { benefit, .. } | S::Recovery { benefit, .. } = *state {
        row.benefit_fen = Set(Some(benefit.0));
    }
    match *state {
        State::Materials | State::ExpenseEntry { .. } => {
            row.benefit_fen = Set(None);
            row.reviewed_by_id = Set(None);
            row.approved_by_id = Set(None);
        }
        State::FirstReview { entered_by, .. } => row.entered_by_id = Set(Some(entered_by.0)),
        State::SecondReview { reviewed_by, .. } => row.reviewed_by_id = Set(Some(reviewed_by.0)),
        State::Payment { approved_by, .. } | State::Recovery { approved_by, .. } => {
            row.approved_by_id = Set(Some(approved_by.0));
        }
        State::Closed(closing) => set_closing(row, closing),
        State::Deleted => {}
    }
}

fn set_closing(row: &mut case::ActiveModel, closing: Closing) {
    row.outcome = Set(Some(Coded(closing.outcome())));
    row.closed_at = Set(Some(clock::now()));
    row.closed_on = Set(Some(clock::today()));
    let by = match closing {
        Closing::Paid { paid_on, by } => {
            row.paid_on = Set(Some(paid_on));
            by
        }
        Closing::Corrected { by } => {
            row.approved_by_id = Set(Some(by.0));
            by
        }
        Closing::Recovered { by } => by,
        Closing::WrittenOff { reason, by } => {
            row.close_reason = Set(Some(reason.to_string()));
            by
        }
        Closing::Denied { reason, by } => {
            row.close_reason = Set(Some(reason.to_string()));
            row.benefit_fen = Set(None);
            by
        }
        Closing::Withdrawn { reason, by } => {
            row.close_reason = Set(Some(reason.to_string()));
            row.benefit_fen = Set(None);
            by
        }
    };
    row.closed_by_id = Set(Some(by.0));
}

fn set_change(row: &mut case::ActiveModel, change: Change) {
    if let Some((incident, warning_reasons)) = change.entry {
        row.incident_injuries = Set(serde_json::to_string(&incident.injuries).unwrap_or_else(|_| "[]".to_owned()));
        row.incident_cause = Set(incident.cause);
        row.incident_from = Set(incident.from);
        row.incident_to = Set(incident.to);
        row.incident_class = Set(incident.class_code);
        row.warning_reasons = Set(warning_reasons);
    }
    if let Some((amount, trace)) = change.calculation {
        row.calculated_fen = Set(Some(amount.0));
        row.trace = Set(Some(trace));
    }
    if let Some(ordinal) = change.claim_ordinal {
        row.claim_ordinal = Set(Some(ordinal));
    }
    if let Some(usage) = change.granted_usage {
        row.granted_usage = Set(serde_json::to_string(&usage).ok());
    }
}

/// Gives cases of one record of a person to another record (合并, 撤销合并). Nothing else of them changes: their events, usage
/// and payments hang on the case.
///
/// # Errors
/// 409 where one of them isn't the first record's any more.
pub async fn hand_over(tx: &impl ConnectionTrait, ids: &[i64], from: i64, to: i64) -> Result<(), Problem> {
    let done = case::Entity::update_many()
        .set(case::ActiveModel { member_id: Set(to), ..Default::default() })
        .filter(case::Column::Id.is_in(ids.iter().copied()))
        .filter(case::Column::MemberId.eq(from))
        .exec(tx)
        .await?;
    if done.rows_affected == ids.len() as u64 { Ok(()) } else { Err(Problem::stale_version()) }
}

/// What of a case was erased (保管期限与清除).
#[derive(Clone, Copy, Debug)]
pub enum Erased {
    /// Its pictures.
    Pictures,
    /// Who it is about, and all words.
    Records,
    /// Who was paid.
    Payments,
}

/// Says that cases were erased, and erases what their rows hold of it. State, days, amounts and people who worked on them stay.
///
/// # Errors
/// When the database fails.
pub async fn erase(tx: &impl ConnectionTrait, ids: &[i64], what: Erased) -> Result<(), DbErr> {
    use case::Column as C;
    let on = Set(Some(clock::today()));
    let row = match what {
        Erased::Pictures => case::ActiveModel { pictures_erased_on: on, ..Default::default() },
        Erased::Payments => case::ActiveModel { payments_erased_on: on, ..Default::default() },
        Erased::Records => case::ActiveModel {
            records_erased_on: on,
            incident_cause: Set(ERASED.to_owned()),
            incident_class: Set(None),
            incident_injuries: Set("[]".to_owned()),
            warning_reasons: Set("[]".to_owned()),
            ..Default::default()
        },
    };
    case::Entity::update_many().set(row).filter(C::Id.is_in(ids.iter().copied())).exec(tx).await.map(|_| ())
}

/// A case at its acceptance.
#[derive(Clone, Debug)]
pub struct NewCase {
    /// 案件号.
    pub no: CaseNo,
    /// Everything else that is known; `id`, `no`, `version` and `stage` are set here.
    pub row: case::ActiveModel,
    /// Where it begins.
    pub stage: Stage,
    /// Who accepts it.
    pub accepted_by: UserId,
}

/// Inserts a new case.
///
/// # Errors
/// When the database fails.
pub async fn insert(tx: &impl ConnectionTrait, new: NewCase) -> Result<CaseId, Problem> {
    let now = clock::now();
    let row = case::ActiveModel {
        no: Set(new.no.to_string()),
        version: Set(1),
        stage: Set(Coded(new.stage)),
        stage_since: Set(now),
        accepted_at: Set(now),
        accepted_on: Set(clock::day_of(now)),
        accepted_by_id: Set(new.accepted_by.0),
        ..new.row
    };
    Ok(CaseId(case::Entity::insert(row).exec(tx).await?.last_insert_id))
}

/// Place and signature of a case's last event; 0 and nothing where it has none yet.
///
/// # Errors
/// 404 where there is no such case.
pub async fn last_event(tx: &impl ConnectionTrait, id: CaseId) -> Result<(i64, String), Problem> {
    let head = case::Entity::find_by_id(id.0).select_only();
    let head = head.columns([case::Column::EventSeq, case::Column::EventHash]).into_tuple().one(tx).await?;
    head.ok_or_else(Problem::not_found)
}

/// Says which event is its case's last.
///
/// # Errors
/// When the database fails.
pub async fn chain_event(tx: &impl ConnectionTrait, last: &Signed) -> Result<(), Problem> {
    let row = case::ActiveModel { event_seq: Set(last.seq), event_hash: Set(last.hash.clone()), ..Default::default() };
    case::Entity::update_many().set(row).filter(case::Column::Id.eq(last.case_id.0)).exec(tx).await?;
    Ok(())
}

/// What moved to another place of the organisation.
#[derive(Clone, Copy, Debug)]
pub enum Moved {
    /// An agency with its units, to another office.
    Agency(OrgId),
    /// One unit, to another office or agency.
    Unit(OrgId),
}

/// Takes the cases of what moved along to the branch `(office, agency)`, with their history and number as they are, and
/// gives back those that somebody holds who doesn't see them any more. The agency of an agency's cases stays.
///
/// # Errors
/// When the database fails.
pub async fn move_branch(
    tx: &impl ConnectionTrait,
    me: &Me,
    moved: Moved,
    (office, agency): (OrgId, Option<OrgId>),
    reason: &str,
) -> Result<(), Problem> {
    let mut row = case::ActiveModel { office_id: Set(office.0), ..Default::default() };
    let of = match moved {
        Moved::Agency(id) => case::Column::AgencyId.eq(id.0),
        Moved::Unit(id) => {
            row.agency_id = Set(agency.map(|a| a.0));
            case::Column::UnitId.eq(id.0)
        }
    };
    case::Entity::update_many().set(row).filter(of.clone()).exec(tx).await?;
    let held = case::Entity::find().filter(of).filter(case::Column::HolderId.is_not_null()).all(tx).await?;
    let holders = user::Entity::find().filter(user::Column::Id.is_in(held.iter().filter_map(|c| c.holder_id)));
    let holders: HashMap<i64, i64> = holders.all(tx).await?.into_iter().map(|u| (u.id, u.org_id)).collect();
    let orgs = org::Entity::find().filter(org::Column::Id.is_in(holders.values().copied())).all(tx).await?;
    for case in held {
        let place = case.holder_id.and_then(|id| holders.get(&id)).and_then(|id| orgs.iter().find(|o| o.id == *id));
        let sees = place.is_some_and(|o| {
            o.kind.0 == OrgKind::Society
                || [Some(case.office_id), case.agency_id, Some(case.unit_id)].contains(&Some(o.id))
        });
        if !sees {
            give_back(tx, me, &case, reason).await?;
        }
    }
    Ok(())
}

async fn give_back(tx: &impl ConnectionTrait, me: &Me, case: &case::Model, reason: &str) -> Result<(), Problem> {
    let row = case::ActiveModel { holder_id: Set(None), version: Set(case.version + 1), ..Default::default() };
    case::Entity::update_many().set(row).filter(case::Column::Id.eq(case.id)).exec(tx).await?;
    let event = NewEvent {
        case_id: CaseId(case.id),
        kind: events::kind_of(ActionKind::Release),
        actor: me.id,
        from: Some(case.stage.0),
        to: case.stage.0,
        reason_code: None,
        note: Some(reason.to_owned()),
        data: json!({}),
    };
    events::append(tx, event).await
}

/// Puts the payees of a case in the place of those before.
///
/// # Errors
/// When the database fails.
pub async fn replace_payees(tx: &impl ConnectionTrait, case_id: CaseId, payees: &[Payee]) -> Result<(), Problem> {
    case_payee::Entity::delete_many().filter(case_payee::Column::CaseId.eq(case_id.0)).exec(tx).await?;
    if payees.is_empty() {
        return Ok(());
    }
    let rows = (0..).zip(payees).map(|(position, p)| case_payee::ActiveModel {
        case_id: Set(case_id.0),
        position: Set(position),
        relation: Set(p.relation.map(Coded)),
        name: Set(p.name.clone()),
        phone: Set(p.phone.as_str().into()),
        account_no: Set(p.account_no.as_str().into()),
        bank_name: Set(p.bank_name.clone()),
        share: Set(i32::try_from(p.share).unwrap_or_default()),
    });
    case_payee::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// The payees of some cases, in their order, by case.
///
/// # Errors
/// When the database fails.
pub async fn payees(db: &impl ConnectionTrait, case_ids: Vec<i64>) -> Result<HashMap<i64, Vec<Payee>>, Problem> {
    let rows = case_payee::Entity::find()
        .filter(case_payee::Column::CaseId.is_in(case_ids))
        .order_by_asc(case_payee::Column::CaseId)
        .order_by_asc(case_payee::Column::Position)
        .all(db)
        .await?;
    let mut out: HashMap<i64, Vec<Payee>> = HashMap::new();
    for row in rows {
        out.entry(row.case_id).or_default().push(Payee {
            relation: row.relation.map(|r| r.0),
            name: row.name,
            phone: row.phone.into_string(),
            account_no: row.account_no.into_string(),
            bank_name: row.bank_name,
            share: u32::try_from(row.share).unwrap_or_default(),
        });
    }
    Ok(out)
}
