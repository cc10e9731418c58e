//! Who asks, with which rights, from which branch of the organisation. Authority is checked here, on the server,
//! for every route that isn't public.
use std::{collections::HashMap, marker::PhantomData, ops::Deref};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use axum_extra::extract::CookieJar;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use huzhu_domain::{
    case::{Actor, CaseSource, Limits},
    ids::{OrgId, UserId},
    money::Fen,
    org::{Branch, OrgKind},
    permission::{self, Permission, Role},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, prelude::*, sea_query::ExprTrait as _,
};

pub use super::can::{self, Right};
use super::{
    clock,
    config::SessionLimits,
    db::Db,
    error::Problem,
    mask,
    messages::Locale,
    secrets,
    session_row::{self, parts},
};
use crate::entity::{absence, case, org, session};

/// Name of the session cookie.
pub const COOKIE: &str = "huzhu_session";

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Me {
    /// The operator.
    pub id: UserId,
    /// Sign-in name.
    pub username: String,
    /// The name that is shown.
    pub name: String,
    /// Roles, as given.
    pub roles: Vec<Role>,
    /// The rights of all roles.
    pub permissions: Vec<Permission>,
    /// Up to which benefit they may approve.
    pub limits: Limits,
    /// Who is away today and named them as stand-in.
    pub stands_in_for: Vec<UserId>,
    /// The node of the organisation that the operator belongs to.
    pub org_id: OrgId,
    /// Its name.
    pub org_name: String,
    /// Its level.
    pub org_kind: OrgKind,
    /// Whether nothing but a new password is accepted.
    pub must_change_password: bool,
    /// Whether an authenticator is asked for at each sign-in.
    pub second_factor: bool,
    /// Whether nothing but setting one up is accepted.
    pub must_set_second_factor: bool,
    /// When the session ends.
    pub expires_at: DateTime<Utc>,
    /// Key of the session row.
    pub token_hash: String,
    /// The language that the request asks for.
    pub locale: Locale,
}

/// What somebody's roles come to.
#[derive(Clone, Debug, Default)]
pub struct Rights {
    /// The built-in ones.
    pub roles: Vec<Role>,
    /// The rights of all that are in use.
    pub permissions: Vec<Permission>,
    /// 审批限额.
    pub limits: Limits,
}

impl Rights {
    pub(super) fn of(roles: Vec<Role>, ticked: &[(Permission, Option<Fen>)]) -> Self {
        let own: Vec<Permission> = ticked.iter().map(|(right, _)| *right).collect();
        let limits = Limits {
            first_review: permission::limit_of(Permission::FirstReview, &roles, ticked),
            second_review: permission::limit_of(Permission::SecondReview, &roles, ticked),
        };
        Self { permissions: permission::all_rights(&roles, &own), roles, limits }
    }

    /// Somebody with them, as the rules look at them.
    #[must_use]
    pub fn actor(self, id: UserId) -> Actor {
        Actor { limits: self.limits, ..Actor::new(id, self.permissions) }
    }
}

/// The rights of some people: one query, however many they are.
///
/// # Errors
/// When the database fails.
pub async fn rights_of(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<HashMap<i64, Rights>, Problem> {
    Ok(session_row::rights_of(db, ids).await?)
}

/// Absences of a day that nobody ended early.
#[must_use]
pub fn absences_on(today: NaiveDate) -> Condition {
    Condition::all()
        .add(absence::Column::FromOn.lte(today))
        .add(absence::Column::ToOn.gte(today))
        .add(absence::Column::EndedAt.is_null())
}

/// What a request says of its session.
struct Asked {
    token: String,
    locale: Locale,
    /// Whether the page asks by itself: nobody need be there.
    by_itself: bool,
}

/// How exactly it is known when a session was last used.
const SEEN_EVERY: Duration = Duration::minutes(1);
/// The header of what a page asks by itself.
const BY_ITSELF: &str = "x-huzhu-poll";

/// Writes down that a session is used.
async fn seen(db: Db, token_hash: String, now: DateTime<Utc>) -> Result<(), sea_orm::DbErr> {
    let tx = db.begin().await?;
    let row = session::ActiveModel { seen_at: Set(now), ..Default::default() };
    session::Entity::update_many().set(row).filter(session::Column::TokenHash.eq(token_hash)).exec(&tx).await?;
    tx.commit().await
}

impl Me {
    async fn load(db: &Db, limits: SessionLimits, asked: Asked) -> Result<Self, Problem> {
        let Asked { token, locale, by_itself } = asked;
        let now = clock::now();
        let token_hash = secrets::sha256(&token);
        let row = session_row::find(db.read(), &token_hash, now, now - limits.idle).await?;
        let row = row.ok_or_else(Problem::unauthenticated)?;
        let Rights { roles, permissions, limits: granted } = row.rights();
        if !by_itself && row.seen_at < now - SEEN_EVERY {
            // Nobody waits for it, least of all behind somebody's long write.
            tokio::spawn(seen(db.clone(), token_hash.clone(), now));
        }
        let outlived = |max: Duration| row.password_changed_at.is_some_and(|at| at + max < now);
        let wanted = limits.wants_second_factor(&roles);
        Ok(Self {
            second_factor: row.second_factor,
            // Whoever comes from the identity provider has proved both there.
            must_set_second_factor: wanted && !row.second_factor && !row.sign_on,
            id: UserId(row.user_id),
            username: row.username,
            name: row.name,
            roles,
            permissions,
            limits: granted,
            stands_in_for: parts(row.away.as_deref()).into_iter().map(UserId).collect(),
            org_id: OrgId(row.org_id),
            org_name: row.org_name,
            org_kind: row.org_kind.0,
            must_change_password: !row.sign_on && (row.must_change_password || limits.password.is_some_and(outlived)),
            expires_at: row.expires_at,
            token_hash,
            locale,
        })
    }

    /// The actor that the domain decides about.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let stands_in_for = self.stands_in_for.clone();
        Actor { limits: self.limits, stands_in_for, ..Actor::new(self.id, self.permissions.clone()) }
    }

    /// Whether the operator has the right.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Whether ID numbers, telephone numbers and bank accounts are shown whole to the operator.
    #[must_use]
    pub fn sees_numbers(&self) -> bool {
        self.permissions.iter().any(|p| p.shows_numbers())
    }

    /// The part of the organisation that the operator may see.
    #[must_use]
    pub const fn branch(&self) -> Branch {
        Branch::of(self.org_kind, self.org_id)
    }

    /// Where cases that this operator accepts come from (案件来源).
    #[must_use]
    pub const fn source(&self) -> CaseSource {
        match self.org_kind {
            OrgKind::Unit => CaseSource::Unit,
            _ => CaseSource::Office,
        }
    }

    /// Cases of the operator's branch; every query of cases carries it.
    #[must_use]
    pub fn sees_case(&self) -> Condition {
        cases_of(self.branch())
    }

    /// The same of cases that are found otherwise: it offers the database no index, so that it doesn't walk through a whole branch to
    /// find somebody's three cases.
    #[must_use]
    pub fn sees_case_found(&self) -> Condition {
        use case::Column as C;
        match self.branch() {
            Branch::Society => Condition::all(),
            Branch::Office(id) => checked(C::OfficeId.into_expr(), id),
            Branch::Agency(id) => checked(C::AgencyId.into_expr(), id),
            Branch::Unit(id) => checked(C::UnitId.into_expr(), id),
        }
    }

    /// As [`Me::sees_case_found`], of nodes of the organisation.
    #[must_use]
    pub fn sees_org_found(&self) -> Condition {
        use org::Column as C;
        match self.branch() {
            Branch::Society => Condition::all(),
            Branch::Office(id) => checked(C::OfficeId.into_expr(), id),
            Branch::Agency(id) => checked(C::AgencyId.into_expr(), id),
            Branch::Unit(id) => checked(C::Id.into_expr(), id),
        }
    }

    /// Nodes of the organisation in the operator's branch.
    #[must_use]
    pub fn sees_org(&self) -> Condition {
        orgs_of(self.branch())
    }
}

fn checked(column: Expr, id: OrgId) -> Condition {
    Condition::all().add(column.add(0).eq(id.0))
}

/// Cases of a branch.
#[must_use]
pub fn cases_of(branch: Branch) -> Condition {
    match branch {
        Branch::Society => Condition::all(),
        Branch::Office(id) => Condition::all().add(case::Column::OfficeId.eq(id.0)),
        Branch::Agency(id) => Condition::all().add(case::Column::AgencyId.eq(id.0)),
        Branch::Unit(id) => Condition::all().add(case::Column::UnitId.eq(id.0)),
    }
}

/// Nodes of the organisation in a branch, its own node included.
#[must_use]
pub fn orgs_of(branch: Branch) -> Condition {
    match branch {
        Branch::Society => Condition::all(),
        Branch::Office(id) => Condition::all().add(org::Column::OfficeId.eq(id.0)),
        Branch::Agency(id) => Condition::all().add(org::Column::AgencyId.eq(id.0)),
        Branch::Unit(id) => Condition::all().add(org::Column::Id.eq(id.0)),
    }
}

/// The token in the request's cookie.
#[must_use]
pub fn token(parts: &Parts) -> Option<String> {
    CookieJar::from_headers(&parts.headers).get(COOKIE).map(|c| c.value().to_owned())
}

/// A session, whatever its rights, even one that must change its password first.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Me);

impl<S> FromRequestParts<S> for SignedIn
where
    S: Send + Sync,
    Db: FromRef<S>,
    SessionLimits: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let asked = Asked {
            token: token(parts).ok_or_else(Problem::unauthenticated)?,
            locale: Locale::of(&parts.headers),
            by_itself: parts.headers.contains_key(BY_ITSELF),
        };
        let me = Me::load(&Db::from_ref(state), SessionLimits::from_ref(state), asked).await?;
        mask::sees_numbers(parts, me.sees_numbers());
        Ok(Self(me))
    }
}

/// Somebody who is signed in and has the right `R`: else 401 or 403.
#[derive(Clone, Debug)]
pub struct Acting<R> {
    me: Me,
    right: PhantomData<R>,
}

impl<R> Deref for Acting<R> {
    type Target = Me;

    fn deref(&self) -> &Me {
        &self.me
    }
}

impl<R: Right, S> FromRequestParts<S> for Acting<R>
where
    S: Send + Sync,
    Db: FromRef<S>,
    SessionLimits: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let SignedIn(me) = SignedIn::from_request_parts(parts, state).await?;
        if me.must_change_password {
            return Err(Problem::new(axum::http::StatusCode::FORBIDDEN, "password_change_required"));
        }
        if me.must_set_second_factor {
            return Err(Problem::new(axum::http::StatusCode::FORBIDDEN, "second_factor_wanted"));
        }
        if !R::ANY_OF.is_empty() && !R::ANY_OF.iter().any(|right| me.may(*right)) {
            return Err(Problem::forbidden());
        }
        Ok(Self { me, right: PhantomData })
    }
}
