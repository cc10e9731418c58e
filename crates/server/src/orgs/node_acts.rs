//! Making and changing nodes: one transaction each, with its history.
use huzhu_domain::{
    ids::OrgId,
    org::{self as rules, OrgAct, OrgBlocker, OrgForm, OrgKind, code_fault},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect,
    SqlErr,
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{history::difference, nodes};
use crate::{
    app::App,
    audit::{self, Entry},
    entity::org,
    platform::{auth::Me, coded::Coded, error::Problem},
    records::{self, Object},
};

pub(super) const fn object(id: i64) -> Object {
    Object { kind: "org", id }
}

/// Looks at a form and tidies it.
fn checked(kind: OrgKind, form: &OrgForm) -> Result<OrgForm, Problem> {
    let form = form.clone().tidied();
    let faults = form.faults(kind);
    if faults.is_empty() {
        return Ok(form);
    }
    Err(Problem::invalid(faults.iter().map(|f| (f.column.to_owned(), f.code.to_owned())).collect()))
}

/// What of a node its history tells.
pub(super) fn told(node: &org::Model) -> Value {
    json!({
        "code": node.code, "name": node.name, "contact_name": node.contact_name, "contact_phone": node.contact_phone,
        "address": node.address, "headcount": node.headcount, "credit_code": node.credit_code,
        "review_limit_fen": node.review_limit_fen, "review_share": node.review_share, "active": node.active,
    })
}

async fn refuse_twice(tx: &impl ConnectionTrait, me: &Me, code: &str, except: Option<i64>) -> Result<(), Problem> {
    if code.is_empty() {
        return Ok(());
    }
    let Some(other) = nodes::same_credit_code(tx, code, except).await? else { return Ok(()) };
    let seen = nodes::find(tx, me, other.id).await.is_ok();
    Err(Problem::refused(&[if seen {
        json!({ "code": "credit_code_twice", "args": { "name": other.name, "org_code": other.code } })
    } else {
        json!({ "code": "credit_code_elsewhere", "args": {} })
    }]))
}

/// Who was quicker by a moment with the same code is told as if they had been so by a minute.
pub(super) fn unique(error: DbErr) -> Problem {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(what)) if what.contains("credit_code") => {
            Problem::refused(&[json!({ "code": "credit_code_elsewhere", "args": {} })])
        }
        Some(SqlErr::UniqueConstraintViolation(_)) => Problem::invalid_field("code", "taken"),
        _ => error.into(),
    }
}

/// A node to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewOrg {
    /// What it hangs on.
    pub parent_id: i64,
    /// Its level.
    pub kind: OrgKind,
    /// Four digits; of a unit eight, which begin with those of its parent. Never changed once given.
    pub code: String,
    /// What is kept about it.
    #[serde(flatten)]
    pub form: OrgForm,
}

/// Makes a node under a parent of the caller's branch and returns its id.
///
/// # Errors
/// 404 where the parent isn't in the branch, 422 with what is wrong.
pub async fn create(app: &App, me: &Me, new: &NewOrg) -> Result<i64, Problem> {
    let form = checked(new.kind, &new.form)?;
    let tx = app.db.begin().await?;
    let parent = nodes::hold(&tx, me, &[new.parent_id]).await?.remove(0);
    if !new.kind.hangs_on(parent.kind.0) {
        return Err(Problem::invalid_field("kind", "wrong_parent"));
    }
    if !parent.active {
        return Err(Problem::refused(&[OrgBlocker::ParentInactive {}]));
    }
    let code = huzhu_domain::id_number::normalise(&new.code);
    if let Some(fault) = code_fault(new.kind, &code, &parent.code) {
        return Err(Problem::invalid_field("code", fault));
    }
    refuse_twice(&tx, me, &form.credit_code, None).await?;
    let row = org::ActiveModel {
        parent_id: Set(Some(parent.id)),
        kind: Set(Coded(new.kind)),
        code: Set(code),
        name: Set(form.name),
        office_id: Set(parent.office_id),
        agency_id: Set(parent.agency_id),
        active: Set(true),
        credit_code: Set(form.credit_code),
        contact_name: Set(form.contact_name),
        contact_phone: Set(form.contact_phone),
        address: Set(form.address),
        headcount: Set(form.headcount),
        review_limit_fen: Set(form.review_limit_fen),
        review_share: Set(form.review_share),
        ..Default::default()
    };
    let id = org::Entity::insert(row).exec(&tx).await.map_err(unique)?.last_insert_id;
    // An office belongs to its own branch, an agency to its own.
    let mut own = org::ActiveModel { id: Set(id), ..Default::default() };
    match new.kind {
        OrgKind::Office => own.office_id = Set(Some(id)),
        OrgKind::Agency => own.agency_id = Set(Some(id)),
        OrgKind::Society | OrgKind::Unit => own.version = Set(1),
    }
    let made = org::Entity::update(own).exec(&tx).await?;
    let mut after = told(&made);
    after["parent"] = json!(parent.name);
    records::note(&tx, object(id), Some(me.id.0), "create", "", (&json!({}), &after)).await?;
    audit::commit(tx, &[Entry::done(Some(me.id.0), "org_create", id)]).await?;
    Ok(id)
}

/// Saves what is kept about a node.
///
/// # Errors
/// 404 outside the branch, 409 where somebody was quicker, 422 with what is wrong.
pub async fn edit(app: &App, me: &Me, id: i64, version: i64, form: &OrgForm) -> Result<(), Problem> {
    let tx = app.db.begin().await?;
    let node = hold(&tx, me, id, version).await?;
    let form = checked(node.kind.0, form)?;
    if node.id == me.org_id.0 {
        for (field, same) in [
            ("review_limit_fen", form.review_limit_fen == node.review_limit_fen),
            ("review_share", form.review_share == node.review_share),
        ] {
            if !same {
                return Err(Problem::invalid_field(field, "from_above"));
            }
        }
    }
    if form.credit_code != node.credit_code && node.active {
        refuse_twice(&tx, me, &form.credit_code, Some(id)).await?;
    }
    let row = org::ActiveModel {
        name: Set(form.name),
        credit_code: Set(form.credit_code),
        contact_name: Set(form.contact_name),
        contact_phone: Set(form.contact_phone),
        address: Set(form.address),
        headcount: Set(form.headcount),
        review_limit_fen: Set(form.review_limit_fen),
        review_share: Set(form.review_share),
        ..Default::default()
    };
    let after = update(&tx, &node, row).await?;
    let (was, is) = difference(&told(&node), &told(&after));
    records::note(&tx, object(id), Some(me.id.0), "edit", "", (&was, &is)).await?;
    Ok(audit::commit(tx, &[Entry::done(Some(me.id.0), "org_edit", id)]).await?)
}

/// A node, held, at the version that the caller saw.
pub(super) async fn hold(tx: &DatabaseTransaction, me: &Me, id: i64, version: i64) -> Result<org::Model, Problem> {
    let node = nodes::hold(tx, me, &[id]).await?.remove(0);
    if node.version == version { Ok(node) } else { Err(changed_meanwhile()) }
}

/// 409: somebody changed the record since it was read.
pub(super) fn changed_meanwhile() -> Problem {
    Problem::new(axum::http::StatusCode::CONFLICT, "record_stale")
}

pub(super) async fn update(
    tx: &DatabaseTransaction,
    node: &org::Model,
    row: org::ActiveModel,
) -> Result<org::Model, Problem> {
    let row = org::ActiveModel { id: Set(node.id), version: Set(node.version + 1), ..row };
    org::Entity::update(row).exec(tx).await.map_err(unique)
}

/// Asks the rules whether an act can be done to a node now.
pub(super) async fn allow(tx: &DatabaseTransaction, me: &Me, node: &org::Model, act: OrgAct) -> Result<(), Problem> {
    let facts = nodes::facts(tx, me, node).await?;
    let reasons = rules::blockers(node.kind.0, act, &facts).ok_or_else(changed_meanwhile)?;
    if reasons.is_empty() { Ok(()) } else { Err(Problem::refused(&reasons)) }
}

/// 停用, 启用 or 删除 of a node; a refusal is logged.
///
/// # Errors
/// 404 outside the branch, 409 where somebody was quicker, 422 with all the reasons why not.
pub async fn act(app: &App, me: &Me, id: i64, version: i64, act: OrgAct, reason: &str) -> Result<(), Problem> {
    let tx = app.db.begin().await?;
    let done = act_in(&tx, me, id, version, act, reason).await;
    audit::finish(&app.db, tx, me.id.0, (&format!("org_{act}"), &id.to_string()), done).await
}

async fn act_in(
    tx: &DatabaseTransaction,
    me: &Me,
    id: i64,
    version: i64,
    act: OrgAct,
    reason: &str,
) -> Result<(), Problem> {
    // What it hangs on must not be deactivated at the same moment; it is held first, as an import of units does.
    if let (OrgAct::Activate, Some(parent)) = (act, nodes::find(tx, me, id).await?.parent_id) {
        org::Entity::find_by_id(parent).lock(sea_orm::sea_query::LockType::NoKeyUpdate).one(tx).await?;
    }
    let node = hold(tx, me, id, version).await?;
    if act == OrgAct::Activate {
        refuse_twice(tx, me, &node.credit_code, Some(id)).await?;
    }
    allow(tx, me, &node, act).await?;
    let name: &'static str = act.into();
    let was = told(&node);
    if act == OrgAct::Delete {
        records::note(tx, object(id), Some(me.id.0), name, reason, (&was, &json!({}))).await?;
        return match org::Entity::delete_many().filter(org::Column::Id.eq(id)).exec(tx).await {
            Ok(_) => Ok(()),
            // Something of another slice refers to it.
            Err(e) if matches!(e.sql_err(), Some(SqlErr::ForeignKeyConstraintViolation(_))) => {
                Err(Problem::refused(&[json!({ "code": "node_referred_to", "args": {} })]))
            }
            Err(e) => Err(e.into()),
        };
    }
    let row = org::ActiveModel { active: Set(act == OrgAct::Activate), ..Default::default() };
    let after = update(tx, &node, row).await?;
    let (was, is) = difference(&was, &told(&after));
    records::note(tx, object(id), Some(me.id.0), name, reason, (&was, &is)).await?;
    Ok(())
}

/// The branch columns of what hangs on `parent`.
pub(super) fn branch_columns(parent: &org::Model) -> (OrgId, Option<OrgId>) {
    (OrgId(parent.office_id.unwrap_or(parent.id)), parent.agency_id.map(OrgId))
}
