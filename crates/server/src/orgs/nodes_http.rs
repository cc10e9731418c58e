//! 机构维护: the tree, one node, and what can be done to it.
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use huzhu_domain::org::{self as rules, OrgAct, OrgForm, OrgKind};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    fields,
    history::{self, AdminEvent},
    moving,
    node_acts::{self, NewOrg},
    nodes,
};
use crate::{
    app::App,
    cases::rows,
    entity::org,
    platform::{
        auth::{Acting, Me, can},
        coded::Coded,
        error::{Problem, ProblemBody},
        messages::Notice,
        paging::{Page, Paging},
    },
};

/// The search form of nodes.
#[derive(Deserialize, ToSchema)]
pub struct OrgSearch {
    /// Part of the name, the beginning of the code, or the 统一社会信用代码.
    text: Option<String>,
    /// Of these levels; all when absent or empty.
    kinds: Option<Vec<OrgKind>>,
    /// In use, or deactivated.
    active: Option<bool>,
    /// What hangs on this node, however deep.
    under_id: Option<i64>,
    /// What hangs on this node directly.
    parent_id: Option<i64>,
    /// From 1.
    page: Option<u64>,
    /// Rows a page.
    size: Option<u64>,
}

impl OrgSearch {
    pub(super) fn narrowed(&self) -> nodes::Narrowed<'_> {
        nodes::Narrowed {
            text: rows::text(self.text.as_deref()),
            kinds: self.kinds.clone().unwrap_or_default(),
            active: self.active,
            under: self.under_id,
            parent_id: self.parent_id,
        }
    }
}

/// A node in a list or in the tree.
#[derive(Serialize, ToSchema)]
pub struct OrgRow {
    id: i64,
    parent_id: Option<i64>,
    parent_name: String,
    kind: OrgKind,
    code: String,
    name: String,
    active: bool,
    credit_code: String,
    contact_name: String,
    contact_phone: String,
    headcount: Option<i32>,
    /// Whether offices or agencies hang on it.
    has_branches: bool,
}

async fn listed(app: &App, found: Vec<org::Model>) -> Result<Vec<OrgRow>, Problem> {
    let parents = rows::org_names(&app.db, found.iter().filter_map(|o| o.parent_id)).await?;
    let with_branches: Vec<Option<i64>> = org::Entity::find()
        .filter(org::Column::ParentId.is_in(found.iter().map(|o| o.id)))
        .filter(org::Column::Kind.ne(Coded(OrgKind::Unit)))
        .select_only()
        .column(org::Column::ParentId)
        .distinct()
        .into_tuple()
        .all(app.db.read())
        .await?;
    let row = |o: org::Model| OrgRow {
        has_branches: with_branches.contains(&Some(o.id)),
        parent_name: o.parent_id.map(|id| rows::name(&parents, id)).unwrap_or_default(),
        id: o.id,
        parent_id: o.parent_id,
        kind: o.kind.0,
        code: o.code,
        name: o.name,
        active: o.active,
        credit_code: o.credit_code,
        contact_name: o.contact_name,
        contact_phone: o.contact_phone,
        headcount: o.headcount,
    };
    Ok(found.into_iter().map(row).collect())
}

/// The nodes of one's branch.
#[utoipa::path(post, path = "/api/orgs/search", tag = "organisation", request_body = OrgSearch,
    extensions(("x-right" = json!("manage_orgs"))),
    responses((status = 200, body = Page<OrgRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search_orgs(
    State(app): State<App>,
    me: Acting<can::ManageOrgs>,
    Json(search): Json<OrgSearch>,
) -> Result<Json<Page<OrgRow>>, Problem> {
    let paging = Paging { page: search.page, size: search.size };
    let (found, total) = nodes::page(app.db.read(), &me, search.narrowed(), (paging.size(), paging.offset())).await?;
    Ok(Json(paging.answer(listed(&app, found).await?, total)))
}

/// The node that one belongs to: where the tree begins.
#[utoipa::path(get, path = "/api/orgs/root", tag = "organisation",
    extensions(("x-right" = json!("manage_orgs"))),
    responses((status = 200, body = OrgRow), (status = "4XX", body = ProblemBody)))]
pub(super) async fn root(State(app): State<App>, me: Acting<can::ManageOrgs>) -> Result<Json<OrgRow>, Problem> {
    let own = nodes::find(app.db.read(), &me, me.org_id.0).await?;
    listed(&app, vec![own]).await?.pop().map(Json).ok_or_else(Problem::not_found)
}

/// What may be done to a node, with what still keeps it from happening.
#[derive(Serialize, ToSchema)]
pub struct OrgActionView {
    action: OrgAct,
    blockers: Vec<Notice>,
}

/// A node, whole.
#[derive(Serialize, ToSchema)]
pub struct OrgView {
    id: i64,
    /// For the next act on it.
    version: i64,
    kind: OrgKind,
    code: String,
    name: String,
    parent_id: Option<i64>,
    /// Names from the top of one's branch down to what it hangs on.
    path: Vec<String>,
    active: bool,
    contact_name: String,
    contact_phone: String,
    address: String,
    headcount: Option<i32>,
    credit_code: String,
    /// In fen; null for no limit.
    review_limit_fen: Option<i64>,
    /// 抽查比例 for 申领复审, in basis points; of an office.
    review_share: i32,
    /// Whether the caller sets the review limit: one's own is set from above.
    sets_review_limit: bool,
    /// Members of the branch.
    members: u64,
    /// Active users of the branch.
    active_users: u64,
    /// Cases of the branch on their way.
    open_cases: u64,
    /// Nodes that hang on it directly.
    children: u64,
    /// Levels that may be hung on it.
    child_kinds: Vec<OrgKind>,
    allowed_actions: Vec<OrgActionView>,
    /// Newest first.
    history: Vec<AdminEvent>,
}

async fn view(app: &App, me: &Me, id: i64) -> Result<OrgView, Problem> {
    let db = app.db.read();
    let node = nodes::find(db, me, id).await?;
    let facts = nodes::facts(db, me, &node).await?;
    let (members, active_users) = nodes::people(db, &node).await?;
    let above: Vec<i64> = [node.office_id, node.agency_id].into_iter().flatten().filter(|a| *a != id).collect();
    let above = org::Entity::find().filter(me.sees_org()).filter(org::Column::Id.is_in(above)).all(db).await?;
    let name = |id: Option<i64>| above.iter().find(|o| Some(o.id) == id).map(|o| o.name.clone());
    let acts = [OrgAct::Edit, OrgAct::Move, OrgAct::Deactivate, OrgAct::Activate, OrgAct::Delete];
    let allowed = acts.into_iter().filter_map(|action| {
        let blockers = rules::blockers(node.kind.0, action, &facts)?;
        let blockers = blockers.iter().map(|b| Notice::of(b, me.locale)).collect();
        Some(OrgActionView { action, blockers })
    });
    let levels = [OrgKind::Office, OrgKind::Agency, OrgKind::Unit];
    Ok(OrgView {
        allowed_actions: allowed.collect(),
        path: [name(node.office_id), name(node.agency_id)].into_iter().flatten().collect(),
        child_kinds: levels.into_iter().filter(|k| node.active && k.hangs_on(node.kind.0)).collect(),
        sets_review_limit: matches!(node.kind.0, OrgKind::Office | OrgKind::Agency) && !facts.yours,
        members,
        active_users,
        open_cases: facts.open_cases,
        children: facts.children,
        history: history::of(&app.db, node_acts::object(id)).await?,
        id: node.id,
        version: node.version,
        kind: node.kind.0,
        code: node.code,
        name: node.name,
        parent_id: node.parent_id,
        active: node.active,
        contact_name: node.contact_name,
        contact_phone: node.contact_phone,
        address: node.address,
        headcount: node.headcount,
        credit_code: node.credit_code,
        review_limit_fen: node.review_limit_fen,
        review_share: node.review_share,
    })
}

/// A node of one's branch.
#[utoipa::path(get, path = "/api/orgs/{id}", tag = "organisation", params(("id" = i64, Path)),
    extensions(("x-right" = json!("manage_orgs"))),
    responses((status = 200, body = OrgView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn org_view(
    State(app): State<App>,
    me: Acting<can::ManageOrgs>,
    Path(id): Path<i64>,
) -> Result<Json<OrgView>, Problem> {
    view(&app, &me, id).await.map(Json)
}

/// Which code is asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CodeQuery {
    /// The level of the node to be made.
    kind: OrgKind,
}

/// A code that is free.
#[derive(Serialize, ToSchema)]
pub struct ProposedCode {
    /// Null where all are taken.
    code: Option<String>,
}

/// The next free code under a node.
#[utoipa::path(get, path = "/api/orgs/{id}/next-code", tag = "organisation", params(("id" = i64, Path), CodeQuery),
    extensions(("x-right" = json!("manage_orgs"))),
    responses((status = 200, body = ProposedCode), (status = "4XX", body = ProblemBody)))]
pub(super) async fn next_code(
    State(app): State<App>,
    me: Acting<can::ManageOrgs>,
    Path(id): Path<i64>,
    Query(query): Query<CodeQuery>,
) -> Result<Json<ProposedCode>, Problem> {
    let parent = nodes::find(app.db.read(), &me, id).await?;
    let code = nodes::proposed_code(app.db.read(), &parent, query.kind).await?;
    Ok(Json(ProposedCode { code }))
}

/// Makes a node.
#[utoipa::path(post, path = "/api/orgs", tag = "organisation", request_body = NewOrg,
    extensions(("x-right" = json!("manage_orgs"))),
    responses((status = 201, body = OrgView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn create_org(
    State(app): State<App>,
    me: Acting<can::ManageOrgs>,
    Json(new): Json<NewOrg>,
) -> Result<(StatusCode, Json<OrgView>), Problem> {
    let id = node_acts::create(&app, &me, &new).await?;
    Ok((StatusCode::CREATED, Json(view(&app, &me, id).await?)))
}

/// What is kept about a node, as it shall be.
#[derive(Deserialize, ToSchema)]
pub struct OrgEdit {
    /// The version that the caller saw.
    version: i64,
    /// What is kept about it.
    #[serde(flatten)]
    form: OrgForm,
}

/// 修改.
#[utoipa::path(put, path = "/api/orgs/{id}", tag = "organisation", params(("id" = i64, Path)), request_body = OrgEdit,
    extensions(("x-right" = json!("manage_orgs"))),
    responses((status = 200, body = OrgView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn edit_org(
    State(app): State<App>,
    me: Acting<can::ManageOrgs>,
    Path(id): Path<i64>,
    Json(edit): Json<OrgEdit>,
) -> Result<Json<OrgView>, Problem> {
    node_acts::edit(&app, &me, id, edit.version, &edit.form).await?;
    view(&app, &me, id).await.map(Json)
}

/// Where a node shall hang.
#[derive(Deserialize, ToSchema)]
pub struct OrgMove {
    /// The version that the caller saw.
    version: i64,
    /// The office or agency.
    parent_id: i64,
    /// Why.
    reason: String,
}

/// 调整隶属: with all that hangs on it and its cases.
#[utoipa::path(post, path = "/api/orgs/{id}/move", tag = "organisation", params(("id" = i64, Path)),
    request_body = OrgMove, extensions(("x-right" = json!("manage_orgs"))),
    responses((status = 200, body = OrgView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn move_org(
    State(app): State<App>,
    me: Acting<can::ManageOrgs>,
    Path(id): Path<i64>,
    Json(asked): Json<OrgMove>,
) -> Result<Json<OrgView>, Problem> {
    let reason = fields::reason(&asked.reason)?;
    moving::move_node(&app, &me, id, (asked.version, asked.parent_id), &reason).await?;
    view(&app, &me, id).await.map(Json)
}

/// An act that wants a reason.
#[derive(Deserialize, ToSchema)]
pub struct ReasonedAct {
    /// The version that the caller saw.
    version: i64,
    /// Why.
    reason: String,
}

/// 停用.
#[utoipa::path(post, path = "/api/orgs/{id}/deactivate", tag = "organisation", params(("id" = i64, Path)),
    request_body = ReasonedAct, extensions(("x-right" = json!("manage_orgs"))),
    responses((status = 200, body = OrgView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn deactivate_org(
    State(app): State<App>,
    me: Acting<can::ManageOrgs>,
    Path(id): Path<i64>,
    Json(asked): Json<ReasonedAct>,
) -> Result<Json<OrgView>, Problem> {
    let reason = fields::reason(&asked.reason)?;
    node_acts::act(&app, &me, id, asked.version, OrgAct::Deactivate, &reason).await?;
    view(&app, &me, id).await.map(Json)
}

/// 启用.
#[utoipa::path(post, path = "/api/orgs/{id}/activate", tag = "organisation", params(("id" = i64, Path)),
    request_body = ReasonedAct, extensions(("x-right" = json!("manage_orgs"))),
    responses((status = 200, body = OrgView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn activate_org(
    State(app): State<App>,
    me: Acting<can::ManageOrgs>,
    Path(id): Path<i64>,
    Json(asked): Json<ReasonedAct>,
) -> Result<Json<OrgView>, Problem> {
    let reason = fields::reason(&asked.reason)?;
    node_acts::act(&app, &me, id, asked.version, OrgAct::Activate, &reason).await?;
    view(&app, &me, id).await.map(Json)
}

/// 删除: only where nothing ever hung on it.
#[utoipa::path(post, path = "/api/orgs/{id}/delete", tag = "organisation", params(("id" = i64, Path)),
    request_body = ReasonedAct, extensions(("x-right" = json!("manage_orgs"))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(super) async fn delete_org(
    State(app): State<App>,
    me: Acting<can::ManageOrgs>,
    Path(id): Path<i64>,
    Json(asked): Json<ReasonedAct>,
) -> Result<StatusCode, Problem> {
    let reason = fields::reason(&asked.reason)?;
    node_acts::act(&app, &me, id, asked.version, OrgAct::Delete, &reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
