//! Published versions: never changed, read once.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use huzhu_domain::{benefit::Plan, dates::Period, org::Branch};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::check::first_fault;
use crate::{
    entity::{org, plan_version},
    platform::{auth::Me, clock, db::containing, error::Problem},
};

/// The plan versions that this server has read. Rows are never updated, so what was read stays true.
#[derive(Debug, Default)]
pub struct PlanVersions(Mutex<HashMap<i64, Arc<Plan>>>);

impl PlanVersions {
    /// The plan version of a row.
    ///
    /// # Errors
    /// When the database fails, or the stored text is no plan.
    pub async fn get(&self, db: &impl ConnectionTrait, id: i64) -> Result<Arc<Plan>, Problem> {
        let mut found = self.get_all(db, [id]).await?;
        found.remove(&id).ok_or_else(|| Problem::internal(format!("there is no plan version {id}")))
    }

    /// The plan versions of many rows, with one query for those not read before.
    ///
    /// # Errors
    /// When the database fails, or a stored text is no plan.
    pub async fn get_all(
        &self,
        db: &impl ConnectionTrait,
        ids: impl IntoIterator<Item = i64>,
    ) -> Result<HashMap<i64, Arc<Plan>>, Problem> {
        let mut out = HashMap::new();
        let mut unread = Vec::new();
        {
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            for id in ids {
                match known.get(&id) {
                    Some(plan) => _ = out.insert(id, Arc::clone(plan)),
                    None => unread.push(id),
                }
            }
        }
        if unread.is_empty() {
            return Ok(out);
        }
        let rows = plan_version::Entity::find().filter(plan_version::Column::Id.is_in(unread)).all(db).await?;
        for row in rows {
            let plan = Arc::new(Plan::parse(&row.source).map_err(|f| Problem::internal(first_fault(row.id, &f)))?);
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(row.id, Arc::clone(&plan));
            out.insert(row.id, plan);
        }
        Ok(out)
    }
}

/// Who put a version into force, and from which draft.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Origin {
    pub(super) draft_id: Option<i64>,
    pub(super) proposed_by_id: Option<i64>,
    pub(super) published_by_id: Option<i64>,
}

/// Inserts a version; whether it may be put into force was decided before.
pub(super) async fn insert(
    tx: &impl ConnectionTrait,
    office_id: i64,
    plan: &Plan,
    source: &str,
    origin: Origin,
) -> Result<i64, Problem> {
    let row = plan_version::ActiveModel {
        code: Set(plan.code.clone()),
        version: Set(plan.version.clone()),
        name: Set(plan.name.clone()),
        office_id: Set(office_id),
        effective_from: Set(plan.effective_from),
        effective_to: Set(plan.effective_to),
        source: Set(source.to_owned()),
        published_at: Set(clock::now()),
        draft_id: Set(origin.draft_id),
        proposed_by_id: Set(origin.proposed_by_id),
        published_by_id: Set(origin.published_by_id),
        ..Default::default()
    };
    Ok(plan_version::Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// Publishes a version that the program itself brings along, for an office, and returns its id.
///
/// # Errors
/// When the text is no plan, one of its examples doesn't come out, or its dates don't follow on the other versions'.
pub async fn publish(tx: &impl ConnectionTrait, office_id: i64, source: &str) -> Result<i64, Problem> {
    let plan = Plan::parse(source).map_err(|faults| Problem::internal(first_fault(0, &faults)))?;
    if let Some(wrong) = plan.check_examples().into_iter().find(|r| !r.passes()) {
        return Err(Problem::internal(format!("plan {}: example {:?} does not come out", plan.code, wrong.name)));
    }
    let others = siblings(tx, office_id, &plan.code).await?;
    let period = Period { from: plan.effective_from, to: plan.effective_to };
    if let Some(wrong) = huzhu_domain::plan_draft::succession(period, &others).first() {
        return Err(Problem::internal(format!("plan {}: {wrong:?}", plan.code)));
    }
    insert(tx, office_id, &plan, source, Origin::default()).await
}

/// The published versions of a plan in an office: name and effective dates.
pub(super) async fn siblings(
    db: &impl ConnectionTrait,
    office_id: i64,
    code: &str,
) -> Result<Vec<(String, Period)>, Problem> {
    use plan_version::Column as C;
    let rows = plan_version::Entity::find().filter(C::OfficeId.eq(office_id)).filter(C::Code.eq(code)).all(db).await?;
    Ok(rows.into_iter().map(|r| (r.version, Period { from: r.effective_from, to: r.effective_to })).collect())
}

/// The version that a draft became.
pub(super) async fn of_draft(db: &impl ConnectionTrait, draft_id: i64) -> Result<Option<i64>, Problem> {
    let row = plan_version::Entity::find().filter(plan_version::Column::DraftId.eq(draft_id)).one(db).await?;
    Ok(row.map(|v| v.id))
}

/// The office whose plans somebody sees; None for the society, which sees all.
pub(super) async fn office_of(db: &impl ConnectionTrait, me: &Me) -> Result<Option<i64>, Problem> {
    match me.branch() {
        Branch::Society => Ok(None),
        Branch::Office(id) => Ok(Some(id.0)),
        Branch::Agency(id) | Branch::Unit(id) => {
            let org = org::Entity::find_by_id(id.0).one(db).await?;
            Ok(Some(org.and_then(|o| o.office_id).unwrap_or_default()))
        }
    }
}

/// What a list of versions is narrowed by.
pub(super) struct Narrowed<'a> {
    pub(super) office_id: Option<i64>,
    pub(super) year: Option<i32>,
    pub(super) text: Option<&'a str>,
}

/// One page of the versions of an office (or of all), newest effective date first, and how many there are.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    own: Option<i64>,
    search: Narrowed<'_>,
    (limit, offset): (u64, u64),
) -> Result<(Vec<plan_version::Model>, u64), Problem> {
    use plan_version::Column as C;
    let mut select = plan_version::Entity::find();
    for office in own.into_iter().chain(search.office_id) {
        select = select.filter(C::OfficeId.eq(office));
    }
    if let Some(text) = search.text {
        let named = Condition::any()
            .add(C::Name.like(containing(text)))
            .add(C::Code.like(containing(text)))
            .add(C::Version.eq(text));
        select = select.filter(named);
    }
    if let Some(year) = search.year {
        let day = |month, day| chrono::NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
        select = select.filter(C::EffectiveFrom.lte(day(12, 31))).filter(C::EffectiveTo.gte(day(1, 1)));
    }
    let total = select.clone().count(db).await?;
    let order =
        select.order_by(C::EffectiveFrom, Order::Desc).order_by(C::Code, Order::Asc).order_by(C::Id, Order::Desc);
    Ok((order.limit(limit).offset(offset).all(db).await?, total))
}

/// A version of the caller's office.
///
/// # Errors
/// 404 where there is none.
pub(super) async fn find(db: &impl ConnectionTrait, me: &Me, id: i64) -> Result<plan_version::Model, Problem> {
    let own = office_of(db, me).await?;
    let row = plan_version::Entity::find_by_id(id).one(db).await?;
    row.filter(|r| own.is_none_or(|office| office == r.office_id)).ok_or_else(Problem::not_found)
}
