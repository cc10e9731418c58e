//! What is kept about the demonstration's nodes, and a role of a branch: entered by the product's own acts.
use std::collections::HashMap;

use huzhu_domain::{
    credit_code,
    org::{OrgForm, OrgKind},
    permission::{Permission, Role},
};
use sea_orm::{EntityTrait, QueryOrder};

use crate::{
    app::App,
    entity::{org, user},
    orgs::{self, RoleForm, UserForm},
    platform::{auth::Me, error::Problem},
};

const CONTACTS: [&str; 6] = ["王建平", "李红梅", "张国强", "刘淑芬", "陈志远", "杨丽华"];
/// From which benefit on 申领复审 is wanted.
const OFFICE_LIMIT_FEN: i64 = 350_000;

/// Enters contacts, credit codes and limits, and makes two roles, of which one has a user.
///
/// # Errors
/// When an act is refused: then the demonstration and the product don't fit each other.
pub(super) async fn fill(app: &App, people: &HashMap<String, Me>) -> Result<(), Problem> {
    let Some(admin) = people.get("admin") else { return Ok(()) };
    let nodes = org::Entity::find().order_by_asc(org::Column::Id).all(app.db.read()).await?;
    for (n, node) in nodes.iter().enumerate() {
        orgs::edit_node(app, admin, node.id, node.version, &form(n, node)).await?;
    }
    let Some(office) = nodes.iter().find(|o| o.code == "2300") else { return Ok(()) };
    let permissions = vec![Permission::InquireCases, Permission::InquireRecords, Permission::ExportCases];
    let ticked = RoleForm { name: "查询统计员".to_owned(), permissions, active: true, approval_limit_fen: None };
    let role = orgs::create_role(app, admin, office.id, &ticked).await?;
    let reviewer = people.get("review-hlj").map(|me| me.id.0).unwrap_or_default();
    let junior = RoleForm {
        name: "见习复审".to_owned(),
        permissions: vec![Permission::SecondReview, Permission::InquireCases],
        active: true,
        approval_limit_fen: Some(OFFICE_LIMIT_FEN * 2),
    };
    orgs::create_role(app, admin, office.id, &junior).await?;
    let Some(row) = user::Entity::find_by_id(reviewer).one(app.db.read()).await? else { return Ok(()) };
    let form = UserForm { name: row.name, org_id: row.org_id, roles: vec![Role::FirstReviewer], own_roles: vec![role] };
    orgs::edit_user(app, admin, row.id, row.version, &form).await
}

/// Made up, of the region 000000 that belongs to nobody, with the right check sign.
fn form(n: usize, node: &org::Model) -> OrgForm {
    let is_unit = node.kind.0 == OrgKind::Unit;
    let first = format!("91000000MA{n:07}");
    let sign = credit_code::check_sign(&first).map(String::from).unwrap_or_default();
    OrgForm {
        name: node.name.clone(),
        contact_name: CONTACTS[n % CONTACTS.len()].to_owned(),
        contact_phone: format!("000-5550{n:04}"),
        address: format!("示例路 {} 号", n + 1),
        headcount: is_unit.then(|| i32::try_from(120 + n * 37).unwrap_or_default()),
        credit_code: if is_unit { format!("{first}{sign}") } else { String::new() },
        review_limit_fen: (node.code == "2300").then_some(OFFICE_LIMIT_FEN),
        ..OrgForm::default()
    }
}
