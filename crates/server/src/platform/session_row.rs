//! The row of a session with all that a request is let in by: one query, for every request asks.
use std::{collections::HashMap, str::FromStr};

use chrono::{DateTime, Utc};
use huzhu_domain::{money::Fen, org::OrgKind};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect, QueryTrait, RelationDef, Select,
    prelude::*,
    sea_query::{BinOper, ExprTrait, Func},
};

use super::{
    auth::{Rights, absences_on},
    clock,
    coded::Coded,
};
use crate::entity::{absence, org, role, role_right, session, user, user_own_role, user_role};

/// A session, whose it is, and what hangs on it.
#[derive(FromQueryResult)]
pub(super) struct SessionRow {
    pub(super) user_id: i64,
    pub(super) username: String,
    pub(super) name: String,
    pub(super) org_id: i64,
    pub(super) org_name: String,
    pub(super) org_kind: Coded<OrgKind>,
    pub(super) must_change_password: bool,
    pub(super) second_factor: bool,
    pub(super) sign_on: bool,
    pub(super) password_changed_at: Option<DateTime<Utc>>,
    pub(super) expires_at: DateTime<Utc>,
    pub(super) seen_at: DateTime<Utc>,
    pub(super) roles: Option<String>,
    pub(super) ticked: Option<String>,
    pub(super) away: Option<String>,
}

/// The session of that token, if it is open: used since `seen_after`, of somebody who may come in.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    token_hash: &str,
    now: DateTime<Utc>,
    seen_after: DateTime<Utc>,
) -> Result<Option<SessionRow>, DbErr> {
    let to_user: RelationDef =
        session::Entity::belongs_to(user::Entity).from(session::Column::UserId).to(user::Column::Id).into();
    let to_org: RelationDef =
        user::Entity::belongs_to(org::Entity).from(user::Column::OrgId).to(org::Column::Id).into();
    session::Entity::find_by_id(token_hash.to_owned())
        .join(JoinType::InnerJoin, to_user)
        .join(JoinType::InnerJoin, to_org)
        .filter(session::Column::ExpiresAt.gt(now))
        .filter(session::Column::SeenAt.gt(seen_after))
        .filter(user::Column::Active.eq(true))
        // What hangs on a deactivated node is deactivated itself, so the node alone decides.
        .filter(org::Column::Active.eq(true))
        .select_only()
        .columns([
            session::Column::UserId,
            session::Column::ExpiresAt,
            session::Column::SeenAt,
            session::Column::SignOn,
        ])
        .columns([user::Column::Username, user::Column::Name, user::Column::MustChangePassword])
        .column(user::Column::PasswordChangedAt)
        .column_as(user::Column::TotpSecret.ne(""), "second_factor")
        .column_as(org::Column::Id, "org_id")
        .column_as(org::Column::Name, "org_name")
        .column_as(org::Column::Kind, "org_kind")
        .expr_as(roles_listed(), "roles")
        .expr_as(ticked_listed(), "ticked")
        .expr_as(away_listed(), "away")
        .into_model::<SessionRow>()
        .one(db)
        .await
}

/// The texts of what a selection finds, as one text with commas: what hangs on a session comes with its row.
fn listed<E: EntityTrait>(select: Select<E>, text: impl Into<Expr>) -> Expr {
    let all = Func::cust("string_agg").arg(text.into()).arg(",");
    Expr::SubQuery(None, Box::new(select.select_only().expr(all).into_query().into()))
}

/// The built-in roles of a user.
fn roles_listed() -> Expr {
    let theirs = Expr::col((user_role::Entity, user_role::Column::UserId)).equals((user::Entity, user::Column::Id));
    listed(user_role::Entity::find().filter(theirs), user_role::Column::Role.into_expr())
}

/// The rights of a user by roles of branches, as `right:limit`.
fn ticked_listed() -> Expr {
    use user_own_role::Column as Given;
    let to_role: RelationDef =
        user_own_role::Entity::belongs_to(role::Entity).from(Given::RoleId).to(role::Column::Id).into();
    let to_right: RelationDef =
        user_own_role::Entity::belongs_to(role_right::Entity).from(Given::RoleId).to(role_right::Column::RoleId).into();
    let given = user_own_role::Entity::find()
        .join(JoinType::InnerJoin, to_role)
        .join(JoinType::InnerJoin, to_right)
        .filter(Expr::col((user_own_role::Entity, Given::UserId)).equals((user::Entity, user::Column::Id)))
        .filter(role::Column::Active.eq(true));
    let limit = Func::coalesce([role::Column::ApprovalLimitFen.into_expr().cast_as("TEXT"), Expr::val("")]);
    let right = role_right::Column::Permission.into_expr();
    let concat = |a: Expr, b: Expr| a.binary(BinOper::Custom("||"), b);
    listed(given, concat(concat(right, Expr::val(":")), limit.into()))
}

/// Who is away today and named a session's user as stand-in.
fn away_listed() -> Expr {
    let theirs = Expr::col((absence::Entity, absence::Column::StandInId)).equals((user::Entity, user::Column::Id));
    let away = absence::Entity::find().filter(theirs).filter(absences_on(clock::today()));
    listed(away, absence::Column::UserId.into_expr().cast_as("TEXT"))
}

/// The parts of a text with commas that are what they should be; a word that this program doesn't know gives nobody anything.
pub(super) fn parts<T: FromStr>(listed: Option<&str>) -> Vec<T> {
    listed.unwrap_or_default().split(',').filter_map(|part| part.parse().ok()).collect()
}

impl SessionRow {
    /// What the roles come to.
    pub(super) fn rights(&self) -> Rights {
        rights(self.roles.as_deref(), self.ticked.as_deref())
    }
}

fn rights(roles: Option<&str>, ticked: Option<&str>) -> Rights {
    let ticked = ticked.unwrap_or_default().split(',').filter_map(|part| {
        let (right, limit) = part.split_once(':')?;
        Some((right.parse().ok()?, limit.parse().ok().map(Fen)))
    });
    Rights::of(parts(roles), &ticked.collect::<Vec<_>>())
}

/// The rights of some people.
pub(super) async fn rights_of(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<HashMap<i64, Rights>, DbErr> {
    let listed: Vec<(i64, Option<String>, Option<String>)> = user::Entity::find()
        .filter(user::Column::Id.is_in(ids))
        .select_only()
        .column(user::Column::Id)
        .expr_as(roles_listed(), "roles")
        .expr_as(ticked_listed(), "ticked")
        .into_tuple()
        .all(db)
        .await?;
    Ok(listed.iter().map(|(id, roles, ticked)| (*id, rights(roles.as_deref(), ticked.as_deref()))).collect())
}
