//! Making an absence, and ending it early: the one place that writes them.
use chrono::NaiveDate;
use huzhu_domain::{
    absence::{Asked, fits},
    case::Actor,
    permission::Permission,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    QueryTrait, sea_query::LockType,
};
use serde_json::json;

use crate::{
    app::App,
    audit::{self, Entry},
    cases::assign::{self, Colleague},
    entity::{absence, org, user},
    notify,
    platform::{auth::Me, clock, error::Problem},
    records::{self, Object},
};

const fn object(id: i64) -> Object {
    Object { kind: "absence", id }
}

/// Active people of the caller's branch.
pub(super) fn of_branch(me: &Me) -> Condition {
    let below = org::Entity::find().select_only().column(org::Column::Id).filter(me.sees_org()).into_query();
    Condition::all().add(user::Column::OrgId.in_subquery(below)).add(user::Column::Active.eq(true))
}

/// Whose absence the caller may write: their own, and of the branch where they manage its pools.
async fn absent(db: &impl ConnectionTrait, me: &Me, user_id: i64) -> Result<user::Model, Problem> {
    let mut who = of_branch(me);
    if !me.may(Permission::ManagePool) {
        who = who.add(user::Column::Id.eq(me.id.0));
    }
    let found = user::Entity::find_by_id(user_id).filter(who).one(db).await?;
    found.ok_or_else(Problem::not_found)
}

/// Everybody whose branch has all that somebody sees, that person included.
async fn beside(db: &impl ConnectionTrait, who: &user::Model) -> Result<Vec<(Colleague, Actor)>, Problem> {
    let node = org::Entity::find_by_id(who.org_id).one(db).await?.ok_or_else(Problem::not_found)?;
    let nodes = [node.office_id, node.agency_id, Some(node.id)];
    assign::colleagues(db, nodes.into_iter().flatten().collect(), Condition::all()).await
}

/// Who could stand in for somebody.
pub(super) async fn fit(db: &impl ConnectionTrait, me: &Me, user_id: i64) -> Result<Vec<Colleague>, Problem> {
    let who = absent(db, me, user_id).await?;
    let people = beside(db, &who).await?;
    let Some(absent) = people.iter().find(|(c, _)| c.id == user_id).map(|(_, actor)| actor.clone()) else {
        return Ok(Vec::new());
    };
    Ok(people.into_iter().filter(|(_, actor)| fits(&absent, actor)).map(|(c, _)| c).collect())
}

/// Whether an absence in which somebody is `whose` (who is away, or who stands in) touches some days.
async fn is_there(
    db: &impl ConnectionTrait,
    whose: absence::Column,
    user_id: i64,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<bool, Problem> {
    let found = absence::Entity::find()
        .filter(whose.eq(user_id))
        .filter(absence::Column::EndedAt.is_null())
        .filter(absence::Column::FromOn.lte(to))
        .filter(absence::Column::ToOn.gte(from));
    Ok(found.count(db).await? > 0)
}

/// Writes that somebody is away, and tells the stand-in.
///
/// # Errors
/// 404 where the caller has no say about that person, 422 with everything that is wrong.
pub async fn make(
    app: &App,
    me: &Me,
    user_id: i64,
    (from, to): (NaiveDate, NaiveDate),
    stand_in_id: i64,
) -> Result<(), Problem> {
    let tx = app.db.begin().await?;
    let who = absent(&tx, me, user_id).await?;
    // Two at once would not see each other's days.
    user::Entity::find_by_id(user_id).lock(LockType::NoKeyUpdate).one(&tx).await?;
    let people = beside(&tx, &who).await?;
    let actor = |id: i64| people.iter().find(|(c, _)| c.id == id).map(|(_, actor)| actor);
    let absent = actor(user_id).ok_or_else(Problem::not_found)?;
    let asked = Asked {
        from,
        to,
        absent,
        stand_in: actor(stand_in_id),
        overlaps: is_there(&tx, absence::Column::UserId, user_id, (from, to)).await?,
        stands_in: is_there(&tx, absence::Column::StandInId, user_id, (from, to)).await?,
        stand_in_away: is_there(&tx, absence::Column::UserId, stand_in_id, (from, to)).await?,
    };
    let faults = asked.faults(clock::today());
    if !faults.is_empty() {
        return Err(Problem::invalid(faults.into_iter().map(|(f, code)| (f.to_owned(), code.to_owned())).collect()));
    }
    let row = absence::ActiveModel {
        user_id: Set(user_id),
        stand_in_id: Set(stand_in_id),
        from_on: Set(from),
        to_on: Set(to),
        made_by_id: Set(me.id.0),
        made_at: Set(clock::now()),
        ..Default::default()
    };
    let id = absence::Entity::insert(row).exec(&tx).await?.last_insert_id;
    let told = json!({ "user_id": user_id, "stand_in_id": stand_in_id, "from": from, "to": to });
    records::note(&tx, object(id), Some(me.id.0), "create", "", (&json!({}), &told)).await?;
    let dates = json!({ "from": from, "to": to });
    notify::tell(&tx, [stand_in_id].into_iter().filter(|id| *id != me.id.0), "stand_in", &dates, object(id)).await?;
    Ok(audit::commit(tx, &[Entry::done(Some(me.id.0), "absence_make", id)]).await?)
}

/// Ends an absence now; a second time nothing happens.
///
/// # Errors
/// 404 where there is none that the caller has a say about.
pub(super) async fn end(app: &App, me: &Me, id: i64) -> Result<(), Problem> {
    let tx = app.db.begin().await?;
    let row = absence::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(&tx).await?;
    let row = row.ok_or_else(Problem::not_found)?;
    absent(&tx, me, row.user_id).await?;
    if row.ended_at.is_some() {
        return Ok(());
    }
    let ended = absence::ActiveModel { id: Set(id), ended_at: Set(Some(clock::now())), ..Default::default() };
    absence::Entity::update(ended).exec(&tx).await?;
    records::note(&tx, object(id), Some(me.id.0), "end", "", (&json!({}), &json!({}))).await?;
    Ok(audit::commit(tx, &[Entry::done(Some(me.id.0), "absence_end", id)]).await?)
}
