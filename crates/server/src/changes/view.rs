//! A change as its page shows it: what was and what is to be, papers, history, and what may be done with it.
use std::collections::HashMap;

use chrono::NaiveDate;
use huzhu_domain::{
    change::{self as domain, Blocker, Change, ChangeState, Decision, MemberData, PaperKind, Standing},
    ids::UserId,
};
use sea_orm::{ColumnTrait, EntityTrait, Iterable, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    facts,
    http::ChangeRow,
    store::{self, Before},
};
use crate::{
    app::App,
    cases::rows,
    entity::{change, change_file, member, plan_version},
    platform::{auth::Me, error::Problem, messages::Notice},
    records::{self, Object, RecordEventView},
};

/// One field of the record: what it was and what it is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DiffLine {
    /// Code of the field.
    pub field: &'static str,
    /// What was; null where there was nothing. Codes are as in the API.
    pub before: Option<String>,
    /// What is to be.
    pub after: Option<String>,
}

/// A picture of a change.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangeFile {
    /// Its id.
    pub id: i64,
    /// What it shows.
    pub kind: PaperKind,
    /// Name of the file.
    pub file_name: String,
    /// Whether it was erased when its time was over (保管期限与清除): there is no content any more.
    pub erased: bool,
    /// Bytes.
    pub size: i64,
    /// Where its content is.
    pub url: String,
}

impl ChangeFile {
    pub(super) fn of(row: change_file::Model) -> Self {
        Self {
            url: format!("/api/changes/files/{}/content", row.id),
            id: row.id,
            kind: row.kind.0,
            erased: row.sha256.is_empty(),
            file_name: row.file_name,
            size: row.size,
        }
    }
}

/// What may be done with the change, and what stands in the way.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AllowedDecision {
    /// What.
    pub action: Decision,
    /// Why not; empty where it can be done.
    pub blockers: Vec<Notice>,
}

/// A change whole.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangeView {
    /// As in the list.
    #[serde(flatten)]
    pub row: ChangeRow,
    /// Whose record.
    pub member_id: i64,
    /// The second record of a merge.
    pub other_member_id: Option<i64>,
    /// Name of the second record.
    pub other_name: Option<String>,
    /// 证件号码 of the second record.
    pub other_id_number: Option<String>,
    /// What is asked for.
    pub after: Change,
    /// Field by field.
    pub lines: Vec<DiffLine>,
    /// How many coverages go over at a merge.
    pub coverages_moved: usize,
    /// How many cases go over at a merge.
    pub cases_moved: usize,
    /// Why it was asked for.
    pub reason: String,
    /// What the decider wrote.
    pub decision_note: String,
    /// Papers.
    pub files: Vec<ChangeFile>,
    /// What happened, oldest first.
    pub history: Vec<RecordEventView>,
    /// What may be done now.
    pub allowed_actions: Vec<AllowedDecision>,
}

/// A change of the caller's branch.
///
/// # Errors
/// 404 where there is none.
pub(super) async fn load(app: &App, me: &Me, id: i64) -> Result<ChangeView, Problem> {
    let db = app.db.read();
    let row = store::find(db, me, id).await?;
    let select = store::visible(me).filter(change::Column::Id.eq(id));
    let listed = store::rows_of(&app.db, select.limit(1)).await?.pop().ok_or_else(Problem::not_found)?;
    let (before, after) = (store::before_of(&row)?, store::after_of(&row)?);
    let files = change_file::Entity::find()
        .filter(change_file::Column::ChangeId.eq(id))
        .order_by_asc(change_file::Column::Id)
        .all(db)
        .await?;
    let other = match row.other_member_id {
        Some(id) => member::Entity::find_by_id(id).one(db).await?,
        None => None,
    };
    Ok(ChangeView {
        row: listed,
        member_id: row.member_id,
        other_member_id: row.other_member_id,
        other_name: other.as_ref().map(|o| o.name.clone()),
        other_id_number: other.map(|o| o.id_number.into_string()),
        lines: lines(app, &before, &after).await?,
        coverages_moved: before.moved.coverages.len(),
        cases_moved: before.moved.cases.len(),
        reason: row.reason.clone(),
        decision_note: row.decision_note.clone(),
        files: files.into_iter().map(ChangeFile::of).collect(),
        history: records::history_view(&app.db, Object { kind: "change", id }).await?,
        allowed_actions: allowed(app, me, &row, &before, &after).await?,
        after,
    })
}

async fn allowed(
    app: &App,
    me: &Me,
    row: &change::Model,
    before: &Before,
    after: &Change,
) -> Result<Vec<AllowedDecision>, Problem> {
    let standing = Standing { state: row.state.0, asked_by: UserId(row.asked_by_id) };
    if standing.state != ChangeState::Proposed {
        return Ok(Vec::new());
    }
    let mut out = Vec::new();
    for decision in Decision::iter() {
        let mut reasons = domain::barred(decision, standing, &me.actor());
        if reasons.iter().any(|r| matches!(r, Blocker::NoRight {} | Blocker::AskedByOther {})) {
            continue;
        }
        if decision == Decision::Approve {
            reasons.extend(records_say(app, me, row, before, after).await?);
        }
        out.push(AllowedDecision {
            action: decision,
            blockers: reasons.iter().map(|r| Notice::of(r, me.locale)).collect(),
        });
    }
    Ok(out)
}

/// What the records say against the approval now; a record that left the branch can't be asked.
async fn records_say(
    app: &App,
    me: &Me,
    row: &change::Model,
    before: &Before,
    after: &Change,
) -> Result<Vec<Blocker>, Problem> {
    let records = match facts::load(app, app.db.read(), me, after, row.member_id, Some(row.id)).await {
        Ok(records) => records,
        Err(problem) if problem.code() == "not_found" => return Ok(vec![Blocker::RecordChanged {}]),
        Err(problem) => return Err(problem),
    };
    let mut reasons = domain::blockers(after, &records.facts);
    if !before.holds(&records.before) {
        reasons.push(Blocker::RecordChanged {});
    }
    Ok(reasons)
}

async fn lines(app: &App, before: &Before, after: &Change) -> Result<Vec<DiffLine>, Problem> {
    let line = |field, before: Option<String>, after: Option<String>| DiffLine { field, before, after };
    let new = |field, after: String| DiffLine { field, before: None, after: Some(after) };
    let coverage = before.coverage.as_ref();
    Ok(match after {
        Change::MemberData(data) => pairs(before.member.as_ref(), Some(data)),
        Change::Transfer { unit_id, from } => {
            let names = rows::org_names(&app.db, before.unit_id.into_iter().chain([*unit_id])).await?;
            let of = |id| rows::name(&names, id);
            vec![line("unit", before.unit_id.map(of), Some(of(*unit_id))), new("effective_on", from.to_string())]
        }
        Change::CoverageAdd { plan, from, to, shares } => {
            let named = plan_version::Entity::find().filter(plan_version::Column::Code.eq(plan)).one(app.db.read());
            let name = named.await?.map_or_else(|| plan.clone(), |v| v.name);
            vec![
                new("plan", name),
                new("period_from", from.to_string()),
                new("period_to", to.to_string()),
                new("shares", shares.to_string()),
            ]
        }
        Change::CoverageReplace { from, to, shares, .. } => {
            period_lines(coverage, Some(*from), *to, Some(shares.to_string()))
        }
        Change::CoverageEnd { last_day, .. } => {
            period_lines(coverage, coverage.map(|c| c.from), *last_day, coverage.map(|c| c.shares.to_string()))
        }
        Change::BankAccount { account_no, bank_name } => {
            vec![new("account_no", account_no.clone()), new("bank_name", bank_name.clone())]
        }
        Change::Merge { .. } => pairs(before.other.as_ref(), before.member.as_ref()),
        Change::Unmerge { .. } => Vec::new(),
    })
}

fn period_lines(
    now: Option<&store::CoverageData>,
    from: Option<NaiveDate>,
    to: NaiveDate,
    shares: Option<String>,
) -> Vec<DiffLine> {
    let day = |d: Option<NaiveDate>| d.map(|d| d.to_string());
    let plan = now.map(|c| c.plan_name.clone());
    vec![
        DiffLine { field: "plan", before: plan.clone(), after: plan },
        DiffLine { field: "period_from", before: day(now.map(|c| c.from)), after: day(from) },
        DiffLine { field: "period_to", before: day(now.map(|c| c.to)), after: day(Some(to)) },
        DiffLine { field: "shares", before: now.map(|c| c.shares.to_string()), after: shares },
    ]
}

fn pairs(before: Option<&MemberData>, after: Option<&MemberData>) -> Vec<DiffLine> {
    let before: HashMap<&str, Option<String>> = before.map(fields).into_iter().flatten().collect();
    let after = after.map(fields).into_iter().flatten();
    after.map(|(field, after)| DiffLine { field, before: before.get(field).cloned().flatten(), after }).collect()
}

fn fields(data: &MemberData) -> [(&'static str, Option<String>); 7] {
    let text = |t: &str| Some(t.to_owned()).filter(|t| !t.is_empty());
    [
        ("name", text(&data.name)),
        ("id_kind", Some(data.id_kind.to_string())),
        ("id_number", text(&data.id_number)),
        ("birth_date", data.birth_date.map(|d| d.to_string())),
        ("sex", data.sex.map(|s| s.to_string())),
        ("phone", text(&data.phone)),
        ("employment", Some(data.employment.to_string())),
    ]
}
