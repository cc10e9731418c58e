//! 更正: a closed case and the cases that correct it, one after the other, are a chain. The first one's row knows nothing of it.
use huzhu_domain::{
    appeal::AppealState,
    benefit::{Usage, UsageBook, UsageChange},
    case::{CorrectionReason, OpenFacts, Outcome, Stage, Tail, open_blockers},
    ids::{CaseId, CaseNo},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::json;

use super::{
    events::{self, NewEvent},
    ledger,
    store::{self, NewCase},
};
use crate::{
    app::App,
    entity::{appeal, case, case_material, case_material_field, org},
    platform::{auth::Me, clock, coded::Coded, error::Problem},
};

/// The event that begins a correcting case.
pub const CORRECTS: &str = "correct";

/// The first case of a case's chain.
#[must_use]
pub fn root(row: &case::Model) -> i64 {
    row.chain_id.unwrap_or(row.id)
}

fn of_chain(root: i64) -> Condition {
    Condition::any().add(case::Column::Id.eq(root)).add(case::Column::ChainId.eq(root))
}

/// The cases of a chain in their order, deleted ones left out: there are none among corrections.
///
/// # Errors
/// When the database fails.
pub async fn cases_of(db: &impl ConnectionTrait, row: &case::Model) -> Result<Vec<case::Model>, Problem> {
    if row.corrects_id.is_none() && row.stage.0 != Stage::Closed {
        // Only what is closed is corrected.
        return Ok(vec![row.clone()]);
    }
    Ok(case::Entity::find().filter(of_chain(root(row))).order_by_asc(case::Column::Id).all(db).await?)
}

/// The ids of a chain's cases; of a case that corrects none and wasn't looked at as corrected, its own.
///
/// # Errors
/// When the database fails.
pub async fn ids_of(db: &impl ConnectionTrait, row: &case::Model) -> Result<Vec<i64>, Problem> {
    if row.corrects_id.is_none() {
        return Ok(vec![row.id]);
    }
    let ids = case::Entity::find().filter(of_chain(root(row))).select_only().column(case::Column::Id);
    Ok(ids.into_tuple().all(db).await?)
}

/// What the closed cases of a chain granted together, in fen: what they paid less what they claimed back.
#[must_use]
pub fn granted(chain: &[case::Model]) -> i64 {
    chain.iter().filter(|c| c.stage.0 == Stage::Closed).filter_map(|c| c.benefit_fen).sum()
}

/// What the rules know of a case that is to be corrected or appealed against, in its chain.
///
/// # Errors
/// When the database fails.
pub async fn facts(db: &impl ConnectionTrait, row: &case::Model, chain: &[case::Model]) -> Result<OpenFacts, Problem> {
    let states: Vec<Coded<AppealState>> = appeal::Entity::find()
        .filter(appeal::Column::CaseId.eq(row.id))
        .select_only()
        .column(appeal::Column::State)
        .into_tuple()
        .all(db)
        .await?;
    let any = |state| states.iter().any(|s| s.0 == state);
    let decided = |c: &&case::Model| c.stage.0 == Stage::Closed && c.outcome != Some(Coded(Outcome::Withdrawn));
    let open = |c: &&case::Model| c.corrects_id.is_some() && !c.stage.0.is_end();
    Ok(OpenFacts {
        stage: Some(row.stage.0),
        outcome: row.outcome.map(|o| o.0),
        tail: chain.iter().rfind(decided).map(|c| Tail { is_this: c.id == row.id, no: c.no.clone() }),
        open_no: chain.iter().find(open).map(|c| c.no.clone()),
        erased: chain.iter().any(|c| c.records_erased_on.is_some() || c.pictures_erased_on.is_some()),
        appeal_open: any(AppealState::Open),
        appeal_allowed: any(AppealState::Allowed),
        appeal_decided: any(AppealState::Upheld) || any(AppealState::Allowed),
    })
}

/// Why a correction is opened.
#[derive(Clone, Debug)]
pub struct Opening {
    /// 更正原因.
    pub reason: CorrectionReason,
    /// In words.
    pub note: String,
    /// The appeal that asks for it.
    pub appeal_id: Option<i64>,
}

/// A number for the case that will correct `row`. Taken before the transaction: allotting is one of its own.
///
/// # Errors
/// When the database fails.
pub async fn next_no(app: &App, row: &case::Model) -> Result<CaseNo, Problem> {
    let office = org::Entity::find_by_id(row.office_id).one(app.db.read()).await?;
    let code = office.ok_or_else(|| Problem::internal("a case without an office"))?.code;
    let no = app.case_nos.take(&app.db, &code, clock::today(), 1).await?.pop();
    no.ok_or_else(|| Problem::internal("no case number"))
}

/// Opens the case that corrects `row`, whose lock the caller holds: at 费用录入, with everything that was entered taken over.
/// Pictures are taken over by what they show; their content lies in the store once.
///
/// # Errors
/// 422 with all the reasons why not.
pub async fn open_in(
    tx: &DatabaseTransaction,
    me: &Me,
    row: &case::Model,
    no: CaseNo,
    opening: Opening,
) -> Result<CaseId, Problem> {
    // Two corrections of one chain wait for each other at its first case.
    case::Entity::find_by_id(root(row)).lock_exclusive().one(tx).await?;
    let chain = cases_of(tx, row).await?;
    let mut facts = facts(tx, row, &chain).await?;
    if opening.appeal_id.is_some() {
        // It is decided together with this.
        (facts.appeal_open, facts.appeal_allowed) = (false, true);
    }
    let reasons = open_blockers(&facts);
    if !reasons.is_empty() {
        return Err(Problem::refused(&reasons));
    }
    let stage = Stage::ExpenseEntry;
    let new = NewCase { no, stage, accepted_by: me.id, row: taken_over(row, &opening, granted(&chain)) };
    let id = store::insert(tx, new).await?;
    let statements = store::statements(tx, vec![row.id]).await?.remove(&row.id).unwrap_or_default();
    store::replace_statements(tx, id, &statements).await?;
    let payees = store::payees(tx, vec![row.id]).await?.remove(&row.id).unwrap_or_default();
    store::replace_payees(tx, id, &payees).await?;
    let papers = take_over_papers(tx, row.id, id).await?;
    let event = NewEvent {
        case_id: id,
        kind: CORRECTS,
        actor: me.id,
        from: None,
        to: stage,
        reason_code: Some(opening.reason.to_string()),
        note: Some(opening.note),
        data: json!({
            "corrects": row.id,
            "granted_before_fen": granted(&chain),
            "appeal": opening.appeal_id,
            "taken_over": papers,
        }),
    };
    events::append(tx, event).await?;
    Ok(id)
}

fn taken_over(row: &case::Model, opening: &Opening, granted: i64) -> case::ActiveModel {
    case::ActiveModel {
        source: Set(row.source),
        office_id: Set(row.office_id),
        agency_id: Set(row.agency_id),
        unit_id: Set(row.unit_id),
        member_id: Set(row.member_id),
        coverage_id: Set(row.coverage_id),
        plan_version_id: Set(row.plan_version_id),
        claim_type: Set(row.claim_type),
        liability_code: Set(row.liability_code.clone()),
        liability_name: Set(row.liability_name.clone()),
        incident_date: Set(row.incident_date),
        incident_cause: Set(row.incident_cause.clone()),
        incident_from: Set(row.incident_from),
        incident_to: Set(row.incident_to),
        incident_class: Set(row.incident_class.clone()),
        incident_injuries: Set(row.incident_injuries.clone()),
        warning_reasons: Set(row.warning_reasons.clone()),
        claim_ordinal: Set(row.claim_ordinal),
        corrects_id: Set(Some(row.id)),
        chain_id: Set(Some(root(row))),
        correction_reason: Set(Some(Coded(opening.reason))),
        granted_before_fen: Set(Some(granted)),
        ..Default::default()
    }
}

/// The digests of the pictures that were taken over.
async fn take_over_papers(tx: &DatabaseTransaction, from: i64, to: CaseId) -> Result<Vec<String>, Problem> {
    let pictures = case_material::Entity::find().filter(case_material::Column::CaseId.eq(from));
    let pictures = pictures.order_by_asc(case_material::Column::Id).all(tx).await?;
    let digests = pictures.iter().map(|p| p.sha256.clone()).collect();
    let pictures: Vec<_> = pictures
        .into_iter()
        .map(|p| case_material::ActiveModel { id: NotSet, case_id: Set(to.0), ..p.into_active_model().reset_all() })
        .collect();
    if !pictures.is_empty() {
        case_material::Entity::insert_many(pictures).exec_without_returning(tx).await?;
    }
    let fields =
        case_material_field::Entity::find().filter(case_material_field::Column::CaseId.eq(from)).all(tx).await?;
    let fields: Vec<_> = fields
        .into_iter()
        .map(|f| case_material_field::ActiveModel { case_id: Set(to.0), ..f.into_active_model().reset_all() })
        .collect();
    if !fields.is_empty() {
        case_material_field::Entity::insert_many(fields).exec_without_returning(tx).await?;
    }
    Ok(digests)
}

/// What is used of a correction's coverage beside its chain: before the place of the first case, and after it. From 申领提交
/// on (`submitted`) only what was reserved before it counts.
///
/// # Errors
/// When the database fails.
pub async fn used_beside(db: &impl ConnectionTrait, row: &case::Model, submitted: bool) -> Result<UsageBook, Problem> {
    let chain = ids_of(db, row).await?;
    let reserves = ledger::last_reserves(db, vec![row.coverage_id]).await?;
    let place = reserves.get(&root(row)).copied().unwrap_or(i64::MAX);
    let until = reserves.get(&row.id).copied().filter(|_| submitted).unwrap_or(i64::MAX);
    let others = reserves.into_iter().filter(|(id, at)| !chain.contains(id) && *at < until);
    let (before, later): (Vec<_>, Vec<_>) = others.partition(|(_, at)| *at < place);
    let ids = |of: Vec<(i64, i64)>| of.into_iter().map(|(id, _)| id).collect();
    let before = ledger::used_by(db, row.coverage_id, ids(before)).await?;
    Ok(before.followed_by(ledger::used_by(db, row.coverage_id, ids(later)).await?))
}

/// What the ledger says of the other cases of a correction's chain, or of all of them.
async fn used_of(db: &impl ConnectionTrait, row: &case::Model, with_own: bool) -> Result<Usage, Problem> {
    let chain = ids_of(db, row).await?.into_iter().filter(|id| with_own || *id != row.id).collect();
    Ok(ledger::used_by(db, row.coverage_id, chain).await?.of(&row.liability_code))
}

/// What 申领提交 of a correction sets aside: what it takes more than its chain has; what it takes less stays until it is closed,
/// so that nobody else is granted it meanwhile.
pub(super) async fn reserve(db: &impl ConnectionTrait, row: &case::Model, now: Usage) -> Result<UsageChange, Problem> {
    Ok(UsageChange::between(used_of(db, row, false).await?, now).taken())
}

/// What 结案 of a correction adds, so that its chain comes to what is granted now.
pub(super) async fn settle(db: &impl ConnectionTrait, row: &case::Model) -> Result<UsageChange, Problem> {
    let granted: Usage = row.granted_usage.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
    Ok(UsageChange::between(used_of(db, row, true).await?, granted))
}
