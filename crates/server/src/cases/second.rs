//! What sends a case to 申领复审: its branch's limit and share, its warnings, and the number that it draws.
use chrono::NaiveDate;
use huzhu_domain::{
    case::{ActionKind, SecondReason, SecondTerms, draw, second_reasons},
    money::Fen,
    statement::Warning,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use super::{events, file::CaseFile, state::Evidence};
use crate::{
    entity::{case_event, org},
    platform::{auth::Me, error::Problem},
};

/// The rules' answer, and the draw as the log keeps it.
pub(super) struct Second {
    pub(super) reasons: Vec<SecondReason>,
    draw: u32,
    share: u32,
}

impl Second {
    /// What the event of the approval keeps: enough to draw again.
    pub(super) fn told(&self) -> Value {
        json!({ "second_review": self.reasons, "draw": { "number": self.draw, "share": self.share } })
    }
}

/// Asks the rules about a case that is approved at 申领初审.
pub(super) async fn of(
    db: &impl ConnectionTrait,
    me: &Me,
    file: &CaseFile,
    today: NaiveDate,
) -> Result<Second, Problem> {
    let row = &file.row;
    let branch = [Some(row.office_id), row.agency_id].into_iter().flatten();
    let nodes = org::Entity::find().filter(org::Column::Id.is_in(branch)).all(db).await?;
    let node = |id: Option<i64>| nodes.iter().find(|o| Some(o.id) == id);
    let (office, agency) = (node(Some(row.office_id)), node(row.agency_id));
    let limit = |node: Option<&org::Model>| node.and_then(|o| o.review_limit_fen).map(Fen);
    let share = office.and_then(|o| u32::try_from(o.review_share).ok()).unwrap_or_default();
    let submitted = case_event::Entity::find()
        .filter(case_event::Column::CaseId.eq(row.id))
        .filter(case_event::Column::Kind.eq(events::kind_of(ActionKind::Submit)))
        .order_by_desc(case_event::Column::Seq)
        .one(db)
        .await?;
    let draw = draw(submitted.as_ref().map_or("", |e| &e.hash));
    let warnings: Vec<Warning> = file.warnings(today).into_iter().map(|(_, warning)| warning).collect();
    let terms = SecondTerms {
        plan_from: file.liability()?.second_review_from.map(|from| from.0),
        reviewer_limit: me.limits.first_review,
        ..SecondTerms::of_branch(limit(agency), limit(office), share)
    };
    let at_stake = Evidence::from(row).case()?.at_stake();
    Ok(Second { reasons: second_reasons(at_stake, terms, &warnings, draw), draw, share })
}
