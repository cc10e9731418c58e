//! Chains of cases: a case, and those that correct it. Their term counts from the day on which the last of them ended.
use std::collections::HashSet;

use chrono::NaiveDate;
use huzhu_domain::{
    appeal::AppealState,
    case::Stage,
    retention::{Holding, Known, RetentionKind},
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Asked, Found, by, on_hold};
use crate::{
    entity::{appeal, case},
    platform::{clock, coded::Coded},
};

const ENDS: [Coded<Stage>; 2] = [Coded(Stage::Closed), Coded(Stage::Deleted)];

/// The day on which a case ended; None where it hasn't.
pub(super) fn ended_on(row: &case::Model) -> Option<NaiveDate> {
    match row.stage.0 {
        Stage::Closed => row.closed_on.or_else(|| row.closed_at.map(clock::day_of)),
        Stage::Deleted => Some(clock::day_of(row.stage_since)),
        _ => None,
    }
}

const fn erased(kind: RetentionKind) -> case::Column {
    match kind {
        RetentionKind::CasePictures => case::Column::PicturesErasedOn,
        RetentionKind::PaymentRecords => case::Column::PaymentsErasedOn,
        _ => case::Column::RecordsErasedOn,
    }
}

/// Chains whose first case ended in time and wasn't erased.
pub(super) async fn known(db: &impl ConnectionTrait, kind: RetentionKind, asked: Asked) -> Result<Found, DbErr> {
    use case::Column as C;
    let end = clock::start_of(asked.until.succ_opt().unwrap_or(asked.until));
    let deleted = Condition::all().add(C::Stage.eq(Coded(Stage::Deleted))).add(C::StageSince.lt(end));
    let ended = Condition::any().add(C::ClosedOn.lte(asked.until)).add(deleted);
    let mut roots = case::Entity::find()
        .filter(C::ChainId.is_null())
        .filter(C::Id.gt(asked.after))
        .filter(erased(kind).is_null())
        .filter(ended)
        .order_by_asc(C::Id)
        .limit(asked.size);
    if asked.held {
        roots = roots.lock_exclusive();
    }
    let roots = roots.all(db).await?;
    let last = roots.last().map(|c| c.id);
    let ids = roots.iter().map(|c| c.id);
    let mut corrections = case::Entity::find().filter(C::ChainId.is_in(ids)).order_by_asc(C::Id);
    if asked.held {
        corrections = corrections.lock_exclusive();
    }
    let mut corrections = by(corrections.all(db).await?.into_iter().map(|c| (c.chain_id.unwrap_or(c.id), c)));
    let chains: Vec<Vec<case::Model>> = roots
        .into_iter()
        .map(|root| {
            let more = corrections.remove(&root.id).unwrap_or_default();
            std::iter::once(root).chain(more).collect()
        })
        .collect();
    let beside = Beside::load(db, &chains).await?;
    Ok((chains.iter().map(|chain| (chain.iter().map(|c| c.id).collect(), beside.of(chain))).collect(), last))
}

/// What speaks against erasing some chains.
struct Beside {
    appeals: HashSet<i64>,
    held: HashSet<i64>,
    held_members: HashSet<i64>,
    /// Members with the first cases of chains that are open.
    open: HashSet<(i64, i64)>,
}

impl Beside {
    async fn load(db: &impl ConnectionTrait, chains: &[Vec<case::Model>]) -> Result<Self, DbErr> {
        let cases: Vec<i64> = chains.iter().flatten().map(|c| c.id).collect();
        let members: HashSet<i64> = chains.iter().flatten().map(|c| c.member_id).collect();
        let members: Vec<i64> = members.into_iter().collect();
        let appeals = appeal::Entity::find().select_only().column(appeal::Column::CaseId);
        let appeals = appeals.filter(appeal::Column::State.eq(Coded(AppealState::Open)));
        let appeals: Vec<i64> =
            appeals.filter(appeal::Column::CaseId.is_in(cases.iter().copied())).into_tuple().all(db).await?;
        let open = case::Entity::find()
            .filter(case::Column::MemberId.is_in(members.iter().copied()))
            .filter(case::Column::Stage.is_not_in(ENDS))
            .select_only()
            .columns([case::Column::MemberId, case::Column::ChainId, case::Column::Id]);
        let open: Vec<(i64, Option<i64>, i64)> = open.into_tuple().all(db).await?;
        Ok(Self {
            appeals: appeals.into_iter().collect(),
            held: on_hold(db, "case", &cases).await?.into_iter().collect(),
            held_members: on_hold(db, "member", &members).await?.into_iter().collect(),
            open: open.into_iter().map(|(member, chain, id)| (member, chain.unwrap_or(id))).collect(),
        })
    }

    fn of(&self, chain: &[case::Model]) -> Known {
        let ends: Option<Vec<NaiveDate>> = chain.iter().map(ended_on).collect();
        let root = chain.first().map_or(0, |c| c.id);
        let members: HashSet<i64> = chain.iter().map(|c| c.member_id).collect();
        let reasons = [
            (
                Holding::Hold,
                chain.iter().any(|c| self.held.contains(&c.id))
                    || members.iter().any(|m| self.held_members.contains(m)),
            ),
            (Holding::CaseOpen, ends.is_none()),
            (Holding::AppealOpen, chain.iter().any(|c| self.appeals.contains(&c.id))),
            (Holding::OtherCaseOpen, self.open.iter().any(|(m, of)| members.contains(m) && *of != root)),
        ];
        let held = reasons.into_iter().filter(|(_, is)| *is).map(|(reason, _)| reason).collect();
        Known { start: ends.and_then(|ends| ends.into_iter().max()), held }
    }
}
