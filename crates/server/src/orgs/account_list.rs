//! Finding users of a branch.
use chrono::{DateTime, Utc};
use huzhu_domain::permission::Role;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, JoinType, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, RelationDef, Select, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    failures::{self, LOCKED, MAX_FAILURES},
    nodes,
};
use crate::{
    entity::{org, sign_in_failure, user, user_own_role, user_role},
    platform::{auth::Me, clock, coded::Coded, db::containing, error::Problem},
};

/// Whether somebody can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// 正常.
    Active,
    /// 已停用.
    Disabled,
    /// 已锁定: too many wrong passwords.
    Locked,
}

/// What a list of users is narrowed by.
pub(super) struct Narrowed<'a> {
    pub(super) text: Option<&'a str>,
    pub(super) org_id: Option<i64>,
    pub(super) role: Option<Role>,
    pub(super) own_role_id: Option<i64>,
    pub(super) state: Option<UserState>,
}

fn seen(me: &Me) -> Select<user::Entity> {
    let to_org: RelationDef =
        user::Entity::belongs_to(org::Entity).from(user::Column::OrgId).to(org::Column::Id).into();
    user::Entity::find().join(JoinType::InnerJoin, to_org).filter(me.sees_org())
}

fn locked_since() -> DateTime<Utc> {
    clock::now() - LOCKED
}

fn locked() -> Select<sign_in_failure::Entity> {
    use sign_in_failure::Column as C;
    sign_in_failure::Entity::find().filter(C::Failures.gte(MAX_FAILURES)).filter(C::LastAt.gt(locked_since()))
}

/// Those of some sign-in names that are locked, or locked for a browser that is known for them.
pub(super) async fn locked_names(db: &impl ConnectionTrait, names: Vec<String>) -> Result<Vec<String>, Problem> {
    let of_names = names.iter().fold(Condition::any(), |any, name| any.add(failures::of_name(name)));
    let rows = locked().filter(of_names).all(db).await?;
    let name = |counter: String| counter.split('/').next().unwrap_or_default().to_owned();
    Ok(rows.into_iter().map(|r| name(r.username)).collect())
}

/// One page of the users of the caller's branch by sign-in name, and how many there are.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    me: &Me,
    search: Narrowed<'_>,
    (limit, offset): (u64, u64),
) -> Result<(Vec<user::Model>, u64), Problem> {
    use user::Column as C;
    let mut select = seen(me);
    if let Some(text) = search.text {
        let like = |column: C| Expr::col((user::Entity, column)).like(containing(text));
        select = select.filter(Condition::any().add(like(C::Name)).add(like(C::Username)));
    }
    if let Some(id) = search.org_id {
        select = select.filter(nodes::branch_of(&nodes::find(db, me, id).await?));
    }
    if let Some(role) = search.role {
        let given = user_role::Entity::find().filter(user_role::Column::Role.eq(Coded(role)));
        let ids = given.select_only().column(user_role::Column::UserId).into_query();
        select = select.filter(C::Id.in_subquery(ids));
    }
    if let Some(id) = search.own_role_id {
        let given = user_own_role::Entity::find().filter(user_own_role::Column::RoleId.eq(id));
        let ids = given.select_only().column(user_own_role::Column::UserId).into_query();
        select = select.filter(C::Id.in_subquery(ids));
    }
    select = match search.state {
        None => select,
        Some(UserState::Active) => select.filter(C::Active.eq(true)),
        Some(UserState::Disabled) => select.filter(C::Active.eq(false)),
        Some(UserState::Locked) => {
            // The name itself, or what is counted against a browser that is known for it: `name/browser`.
            let of_user = Expr::cust(
                "sign_in_failures.username = users.username OR \
                 SUBSTR(sign_in_failures.username, 1, LENGTH(users.username) + 1) = users.username || '/'",
            );
            select.filter(Expr::exists(locked().select_only().expr(Expr::val(1)).filter(of_user).into_query()))
        }
    };
    let total = select.clone().count(db).await?;
    let rows = select.order_by(C::Username, Order::Asc).limit(limit).offset(offset).all(db).await?;
    Ok((rows, total))
}

/// A user of the caller's branch.
///
/// # Errors
/// 404 where there is none.
pub(super) async fn find(db: &impl ConnectionTrait, me: &Me, id: i64) -> Result<user::Model, Problem> {
    seen(me).filter(user::Column::Id.eq(id)).one(db).await?.ok_or_else(Problem::not_found)
}
