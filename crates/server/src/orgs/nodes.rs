//! The queries of the tree.
use huzhu_domain::{
    case::Stage,
    enrolment::BatchState,
    ids::OrgId,
    org::{Branch, OrgFacts, OrgKind, free_codes},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, JoinType, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, RelationDef, Select,
    sea_query::{Expr, LockType},
};

use crate::{
    entity::{case, enrolment, member, org, user},
    platform::{
        auth::{Me, cases_of, orgs_of},
        coded::Coded,
        db::{beginning, containing},
        error::Problem,
    },
};

/// What a list of nodes is narrowed by.
#[derive(Default)]
pub(super) struct Narrowed<'a> {
    /// Part of the name, the code or the 统一社会信用代码.
    pub(super) text: Option<&'a str>,
    pub(super) kinds: Vec<OrgKind>,
    pub(super) active: Option<bool>,
    /// What hangs on it, however deep.
    pub(super) under: Option<i64>,
    /// What hangs on it directly.
    pub(super) parent_id: Option<i64>,
}

/// What belongs to the branch that hangs on a node, itself included.
pub(super) fn branch_of(node: &org::Model) -> Condition {
    orgs_of(branch(node))
}

fn branch(node: &org::Model) -> Branch {
    Branch::of(node.kind.0, OrgId(node.id))
}

/// One page of the nodes of the caller's branch by code, and how many there are.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    me: &Me,
    search: Narrowed<'_>,
    (limit, offset): (u64, u64),
) -> Result<(Vec<org::Model>, u64), Problem> {
    use org::Column as C;
    let mut select = org::Entity::find().filter(me.sees_org());
    if let Some(text) = search.text {
        let code = huzhu_domain::credit_code::normalise(text);
        let named = Expr::col((org::Entity, C::Name)).like(containing(text));
        select = select.filter(
            Condition::any()
                .add(named)
                .add(Expr::col((org::Entity, C::Code)).like(beginning(&code)))
                .add(C::CreditCode.eq(code)),
        );
    }
    if !search.kinds.is_empty() {
        select = select.filter(C::Kind.is_in(search.kinds.into_iter().map(Coded)));
    }
    if let Some(active) = search.active {
        select = select.filter(C::Active.eq(active));
    }
    if let Some(id) = search.parent_id {
        select = select.filter(C::ParentId.eq(id));
    }
    if let Some(id) = search.under {
        let node = find(db, me, id).await?;
        select = select.filter(branch_of(&node)).filter(C::Id.ne(id));
    }
    let total = select.clone().count(db).await?;
    let rows = select.order_by(C::Code, Order::Asc).limit(limit).offset(offset).all(db).await?;
    Ok((rows, total))
}

/// A node of the caller's branch.
///
/// # Errors
/// 404 where there is none.
pub(super) async fn find(db: &impl ConnectionTrait, me: &Me, id: i64) -> Result<org::Model, Problem> {
    let node = org::Entity::find_by_id(id).filter(me.sees_org()).one(db).await?;
    node.ok_or_else(Problem::not_found)
}

/// Nodes of the caller's branch, held until the transaction ends, in the order of `ids`. Who only refers to a node by a
/// foreign key isn't kept waiting.
///
/// # Errors
/// 404 where one isn't there.
pub(super) async fn hold(tx: &impl ConnectionTrait, me: &Me, ids: &[i64]) -> Result<Vec<org::Model>, Problem> {
    let found = org::Entity::find()
        .filter(me.sees_org())
        .filter(org::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(org::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(tx)
        .await?;
    let of = |id: &i64| found.iter().find(|o| o.id == *id).cloned().ok_or_else(Problem::not_found);
    ids.iter().map(of).collect()
}

fn joined<E: EntityTrait>(from: Select<E>, column: E::Column, node: &org::Model) -> Select<E> {
    let to_org: RelationDef = E::belongs_to(org::Entity).from(column).to(org::Column::Id).into();
    from.join(JoinType::InnerJoin, to_org).filter(branch_of(node))
}

/// Members whose records count, and active users, of the whole branch of a node.
pub(super) async fn people(db: &impl ConnectionTrait, node: &org::Model) -> Result<(u64, u64), Problem> {
    let members = joined(member::Entity::find(), member::Column::UnitId, node);
    let members = members.filter(member::Column::MergedIntoId.is_null()).count(db).await?;
    let users = joined(user::Entity::find(), user::Column::OrgId, node);
    let users = users.filter(user::Column::Active.eq(true)).count(db).await?;
    Ok((members, users))
}

/// What decides about acts on a node.
pub(super) async fn facts(db: &impl ConnectionTrait, me: &Me, node: &org::Model) -> Result<OrgFacts, Problem> {
    let parent = match node.parent_id {
        Some(id) => org::Entity::find_by_id(id).one(db).await?,
        None => None,
    };
    let cases = case::Entity::find().filter(cases_of(branch(node)));
    let done = [Stage::Closed, Stage::Deleted].map(Coded);
    let open_cases = cases.clone().filter(case::Column::Stage.is_not_in(done)).count(db).await?;
    let children = org::Entity::find().filter(org::Column::ParentId.eq(node.id));
    Ok(OrgFacts {
        yours: node.id == me.org_id.0,
        active: node.active,
        parent_active: parent.is_none_or(|p| p.active),
        open_cases,
        open_batches: joined(enrolment::Entity::find(), enrolment::Column::UnitId, node)
            .filter(enrolment::Column::State.is_in(BatchState::OPEN.map(Coded)))
            .count(db)
            .await?,
        cases: cases.count(db).await?,
        active_children: children.clone().filter(org::Column::Active.eq(true)).count(db).await?,
        children: children.count(db).await?,
        users: user::Entity::find().filter(user::Column::OrgId.eq(node.id)).count(db).await?,
        members: member::Entity::find().filter(member::Column::UnitId.eq(node.id)).count(db).await?,
    })
}

/// The next free code of a level under a node; None where all are taken or that level doesn't hang there.
pub(super) async fn proposed_code(
    db: &impl ConnectionTrait,
    parent: &org::Model,
    kind: OrgKind,
) -> Result<Option<String>, Problem> {
    if !kind.hangs_on(parent.kind.0) {
        return Ok(None);
    }
    let (prefix, width) = match kind {
        OrgKind::Unit => (parent.code.as_str(), 8),
        OrgKind::Agency => (parent.code.get(..2).unwrap_or_default(), 4),
        OrgKind::Office | OrgKind::Society => ("", 4),
    };
    let taken = taken_codes(db, prefix, kind == OrgKind::Unit).await?;
    if kind != OrgKind::Office {
        return Ok(free_codes(prefix, width, &taken).next());
    }
    // Offices stand at whole hundreds, so that their agencies follow them.
    let hundreds: Vec<String> = taken.iter().filter_map(|c| c.get(..2)).map(str::to_owned).collect();
    Ok(free_codes("", 2, &hundreds).next().map(|two| format!("{two}00")))
}

/// The codes of units, or of the levels above them, that begin with `prefix`.
async fn taken_codes(db: &impl ConnectionTrait, prefix: &str, units: bool) -> Result<Vec<String>, Problem> {
    let unit = Coded(OrgKind::Unit);
    let select = org::Entity::find()
        .filter(org::Column::Code.starts_with(prefix))
        .filter(if units { org::Column::Kind.eq(unit) } else { org::Column::Kind.ne(unit) })
        .select_only()
        .column(org::Column::Code);
    Ok(select.into_tuple().all(db).await?)
}

/// The free codes for units under a node, the next one first.
pub(super) async fn free_unit_codes(
    db: &impl ConnectionTrait,
    parent_code: &str,
) -> Result<Box<dyn Iterator<Item = String> + Send>, Problem> {
    Ok(Box::new(free_codes(parent_code, 8, &taken_codes(db, parent_code, true).await?)))
}

/// Another unit in use with the same 统一社会信用代码.
pub(super) async fn same_credit_code(
    db: &impl ConnectionTrait,
    code: &str,
    except: Option<i64>,
) -> Result<Option<org::Model>, Problem> {
    let mut select = org::Entity::find()
        .filter(org::Column::CreditCode.eq(code))
        .filter(org::Column::Kind.eq(Coded(OrgKind::Unit)))
        .filter(org::Column::Active.eq(true));
    if let Some(id) = except {
        select = select.filter(org::Column::Id.ne(id));
    }
    Ok(select.one(db).await?)
}
