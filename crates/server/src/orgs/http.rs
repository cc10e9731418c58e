//! What the screens ask of the organisation.
use axum::{Json, extract::State};
use axum_extra::extract::CookieJar;
use huzhu_domain::{org::OrgKind, permission::Role};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    demo,
    entity::org,
    platform::{
        auth::{Acting, COOKIE, can},
        coded::Coded,
        db::{beginning, containing},
        error::{Problem, ProblemBody},
        paging::MAX_SIZE,
    },
};

/// A user of the demonstration, shown on the sign-in page.
#[derive(Serialize, ToSchema)]
pub struct DemoUser {
    username: String,
    name: String,
    role: Role,
    branch: String,
}

/// What may be known without a session.
#[derive(Serialize, ToSchema)]
pub struct About {
    /// Name of the society.
    society: String,
    /// Version of the program.
    version: String,
    /// What the identity provider is called by which one may sign in; null where there is none.
    sign_on: Option<String>,
    /// Whether the request carries a session, which may have ended.
    has_session: bool,
    /// Whether this is a demonstration.
    demo: bool,
    /// Who can sign in to the demonstration.
    demo_users: Vec<DemoUser>,
    /// Their password; null outside the demonstration.
    demo_password: Option<String>,
}

/// What may be known without a session.
#[utoipa::path(get, path = "/api/about", tag = "session", responses((status = 200, body = About)))]
pub(super) async fn about(State(app): State<App>, jar: CookieJar) -> Json<About> {
    let demo = app.config.demo;
    let user = |u: &demo::DemoAccount| DemoUser {
        username: u.username.to_owned(),
        name: u.name.to_owned(),
        role: u.role,
        branch: u.branch.to_owned(),
    };
    Json(About {
        society: app.config.society.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        sign_on: app.config.sign_on.as_ref().map(|s| s.name.clone()),
        has_session: jar.get(COOKIE).is_some(),
        demo,
        demo_users: if demo { demo::ACCOUNTS.iter().map(user).collect() } else { Vec::new() },
        demo_password: demo.then(|| demo::PASSWORD.to_owned()),
    })
}

/// An office or agency to choose from.
#[derive(Serialize, ToSchema)]
pub struct OrgOption {
    id: i64,
    name: String,
    kind: OrgKind,
    parent_id: Option<i64>,
}

/// The offices and agencies of one's branch.
#[utoipa::path(get, path = "/api/orgs/options", tag = "organisation",
    responses((status = 200, body = [OrgOption]), (status = "4XX", body = ProblemBody)))]
pub(super) async fn org_options(
    State(app): State<App>,
    me: Acting<can::Anything>,
) -> Result<Json<Vec<OrgOption>>, Problem> {
    let kinds = [OrgKind::Office, OrgKind::Agency].map(Coded);
    let rows = org::Entity::find()
        .filter(me.sees_org())
        .filter(org::Column::Kind.is_in(kinds))
        .order_by_asc(org::Column::Code)
        .limit(1000)
        .all(app.db.read())
        .await?;
    let option = |o: org::Model| OrgOption { id: o.id, name: o.name, kind: o.kind.0, parent_id: o.parent_id };
    Ok(Json(rows.into_iter().map(option).collect()))
}

/// Which units are looked for.
#[derive(Deserialize, ToSchema)]
pub struct UnitQuery {
    /// Part of the name, or the beginning of the code.
    text: Option<String>,
    /// Only those in use: something new can't hang on another.
    in_use: Option<bool>,
    /// Of this office or agency only.
    org_id: Option<i64>,
    /// At most 100; 20 when absent.
    limit: Option<u64>,
}

/// A unit to choose from.
#[derive(Serialize, ToSchema)]
pub struct UnitOption {
    id: i64,
    name: String,
    org_name: String,
}

/// The units of one's branch by name.
#[utoipa::path(post, path = "/api/units/options", tag = "organisation", request_body = UnitQuery,
    responses((status = 200, body = [UnitOption]), (status = "4XX", body = ProblemBody)))]
pub(super) async fn unit_options(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Json(query): Json<UnitQuery>,
) -> Result<Json<Vec<UnitOption>>, Problem> {
    let mut select = org::Entity::find().filter(me.sees_org()).filter(org::Column::Kind.eq(Coded(OrgKind::Unit)));
    if let Some(text) = query.text.as_deref().map(str::trim).filter(|t| !t.is_empty()) {
        select = select.filter(org::Column::Name.like(containing(text)).or(org::Column::Code.like(beginning(text))));
    }
    if query.in_use == Some(true) {
        select = select.filter(org::Column::Active.eq(true));
    }
    if let Some(id) = query.org_id {
        select = select.filter(org::Column::OfficeId.eq(id).or(org::Column::AgencyId.eq(id)));
    }
    let limit = query.limit.unwrap_or(20).clamp(1, MAX_SIZE);
    let units = select.order_by_asc(org::Column::Code).limit(limit).all(app.db.read()).await?;
    let parents = units.iter().filter_map(|u| u.parent_id);
    let parents = org::Entity::find().filter(org::Column::Id.is_in(parents)).all(app.db.read()).await?;
    let name_of = |id: Option<i64>| parents.iter().find(|p| Some(p.id) == id).map(|p| p.name.clone());
    let option =
        |u: org::Model| UnitOption { id: u.id, org_name: name_of(u.parent_id).unwrap_or_default(), name: u.name };
    Ok(Json(units.into_iter().map(option).collect()))
}
