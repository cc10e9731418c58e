//! Users of a branch: making, changing, disabling them. One transaction each, with its history.
use huzhu_domain::{
    permission::{Permission, Role},
    username,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    SqlErr, sea_query::LockType,
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    account_list::find,
    failures,
    fields::Faults,
    history::difference,
    node_acts::changed_meanwhile,
    rights::{self, Held},
};
use crate::{
    app::App,
    audit,
    entity::{org, session, user, user_own_role, user_role},
    platform::{auth::Me, clock, coded::Coded, error::Problem, secrets},
    records::{self, Object},
};

pub(super) const fn object(id: i64) -> Object {
    Object { kind: "user", id }
}

/// Somebody whom the caller decides about, both rows held: two administrators can't lock each other out at one moment.
struct Target {
    user: user::Model,
    held: Held,
    rights: Vec<Permission>,
}

async fn hold(tx: &DatabaseTransaction, me: &Me, id: i64, version: i64) -> Result<Target, Problem> {
    let both = user::Entity::find()
        .filter(user::Column::Id.is_in([id, me.id.0]))
        .order_by_asc(user::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(tx)
        .await?;
    let mut roles = rights::held(tx, vec![id, me.id.0]).await?;
    let ids: Vec<i64> = roles.values().flat_map(|h| h.own.clone()).collect();
    let own = rights::own_roles(tx, rights::with_ids(&ids)).await?;
    let in_use: Vec<_> = own.iter().filter(|r| r.row.active).cloned().collect();
    let mine = rights::of(&roles.get(&me.id.0).cloned().unwrap_or_default(), &in_use);
    let still = both.iter().any(|u| u.id == me.id.0 && u.active) && mine.contains(&Permission::ManageUsers);
    if !still {
        return Err(Problem::forbidden());
    }
    let user = find(tx, me, id).await?;
    if user.version != version {
        return Err(changed_meanwhile());
    }
    let held = roles.remove(&id).unwrap_or_default();
    Ok(Target { rights: rights::of(&held, &own), user, held })
}

/// Why the caller can't decide about somebody: it is the caller, or somebody with more rights than the caller gives.
pub(super) fn blockers(me: &Me, id: i64, rights: &[Permission]) -> Vec<Value> {
    if id == me.id.0 {
        return vec![json!({ "code": "user_is_you", "args": {} })];
    }
    rights::beyond(me, "user_beyond_you", rights).into_iter().collect()
}

/// What is kept about a user.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct UserForm {
    /// The name that is shown.
    pub name: String,
    /// The node of the organisation.
    pub org_id: i64,
    /// Built-in roles.
    pub roles: Vec<Role>,
    /// Roles of a branch.
    pub own_roles: Vec<i64>,
}

/// A form that was looked at, with its words for the history.
struct Checked {
    name: String,
    org: org::Model,
    held: Held,
    rights: Vec<Permission>,
    role_names: Vec<String>,
}

async fn checked(tx: &DatabaseTransaction, me: &Me, form: &UserForm) -> Result<Checked, Problem> {
    let mut faults = Faults::default();
    let name = faults.required("name", &form.name, huzhu_domain::member::MAX_NAME);
    let place = org::Entity::find_by_id(form.org_id).filter(me.sees_org()).lock_shared().one(tx).await?;
    match &place {
        None => faults.add("org_id", "unknown"),
        Some(org) if !org.active => faults.add("org_id", "inactive"),
        Some(_) => {}
    }
    let mut held = Held { roles: form.roles.clone(), own: form.own_roles.clone() };
    held.roles.sort_unstable();
    held.roles.dedup();
    held.own.sort_unstable();
    held.own.dedup();
    if held.roles.is_empty() && held.own.is_empty() {
        faults.add("roles", "required");
    }
    faults.into_result()?;
    let Some(org) = place else { return Err(Problem::not_found()) };
    let own = rights::own_roles(tx, rights::with_ids(&held.own)).await?;
    let above = rights::above(tx, &org).await?;
    if own.len() != held.own.len() || own.iter().any(|r| !above.contains(&r.row.org_id)) {
        return Err(Problem::invalid_field("own_roles", "role_elsewhere"));
    }
    let codes = held.roles.iter().map(ToString::to_string);
    let role_names = codes.chain(own.iter().map(|r| r.row.name.clone())).collect();
    Ok(Checked { rights: rights::of(&held, &own), name, org, held, role_names })
}

fn told(user: &str, org: &str, roles: &[String]) -> Value {
    json!({ "name": user, "org": org, "roles": roles })
}

async fn give(tx: &DatabaseTransaction, id: i64, held: &Held) -> Result<(), Problem> {
    user_role::Entity::delete_many().filter(user_role::Column::UserId.eq(id)).exec(tx).await?;
    user_own_role::Entity::delete_many().filter(user_own_role::Column::UserId.eq(id)).exec(tx).await?;
    let roles = held.roles.iter().map(|r| user_role::ActiveModel { user_id: Set(id), role: Set(Coded(*r)) });
    if !held.roles.is_empty() {
        user_role::Entity::insert_many(roles).exec_without_returning(tx).await?;
    }
    let own = held.own.iter().map(|r| user_own_role::ActiveModel { user_id: Set(id), role_id: Set(*r) });
    if !held.own.is_empty() {
        user_own_role::Entity::insert_many(own).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Makes a user of the caller's branch; returns the id and the first password, which is shown once.
///
/// # Errors
/// 422 with what is wrong, or with the rights that the caller may not give.
pub async fn create(app: &App, me: &Me, name: &str, form: &UserForm) -> Result<(i64, String), Problem> {
    if let Err(fault) = username::check(name) {
        return Err(Problem::invalid_field("username", fault.into()));
    }
    let password = secrets::first_password();
    let hash = secrets::hash_password(password.clone()).await?;
    let tx = app.db.begin().await?;
    let done = create_in(&tx, me, name, form, hash).await;
    let id = audit::finish(&app.db, tx, me.id.0, ("user_create", ""), done).await?;
    Ok((id, password))
}

async fn create_in(
    tx: &DatabaseTransaction,
    me: &Me,
    name: &str,
    form: &UserForm,
    hash: String,
) -> Result<i64, Problem> {
    let new = checked(tx, me, form).await?;
    let beyond = rights::beyond(me, "rights_beyond_you", &new.rights);
    rights::none(&beyond.into_iter().chain(rights::joined(&new.rights)).collect::<Vec<_>>())?;
    let row = user::ActiveModel {
        username: Set(name.to_owned()),
        name: Set(new.name.clone()),
        password_hash: Set(hash),
        org_id: Set(new.org.id),
        active: Set(true),
        must_change_password: Set(true),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    let id = user::Entity::insert(row).exec(tx).await.map_err(taken)?.last_insert_id;
    give(tx, id, &new.held).await?;
    let after = told(&new.name, &new.org.name, &new.role_names);
    records::note(tx, object(id), Some(me.id.0), "create", "", (&json!({}), &after)).await?;
    Ok(id)
}

fn taken(error: DbErr) -> Problem {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Problem::invalid_field("username", "taken"),
        _ => error.into(),
    }
}

/// Saves what is kept about a user; of oneself no more than the name.
///
/// # Errors
/// 404 outside the branch, 409 where somebody was quicker, 422 with all that keeps it from happening.
pub async fn edit(app: &App, me: &Me, id: i64, version: i64, form: &UserForm) -> Result<(), Problem> {
    let tx = app.db.begin().await?;
    let done = edit_in(&tx, me, id, version, form).await;
    audit::finish(&app.db, tx, me.id.0, ("user_edit", &id.to_string()), done).await
}

async fn edit_in(tx: &DatabaseTransaction, me: &Me, id: i64, version: i64, form: &UserForm) -> Result<(), Problem> {
    let target = hold(tx, me, id, version).await?;
    let new = checked(tx, me, form).await?;
    let changes_more = new.held != target.held || new.org.id != target.user.org_id;
    let mut reasons = if changes_more || id != me.id.0 { blockers(me, id, &target.rights) } else { Vec::new() };
    let gains = |r: &Permission| !target.rights.contains(r);
    let gained: Vec<Permission> = new.rights.iter().copied().filter(gains).collect();
    reasons.extend(rights::beyond(me, "rights_beyond_you", &gained));
    // Taking something away is always possible, even where what stays was joined by the command line.
    if !gained.is_empty() {
        reasons.extend(rights::joined(&new.rights));
    }
    rights::none(&reasons)?;
    let old_org = org::Entity::find_by_id(target.user.org_id).one(tx).await?;
    let own = rights::own_roles(tx, rights::with_ids(&target.held.own)).await?;
    let codes = target.held.roles.iter().map(ToString::to_string);
    let old_roles: Vec<String> = codes.chain(own.into_iter().map(|r| r.row.name)).collect();
    let before = told(&target.user.name, &old_org.map(|o| o.name).unwrap_or_default(), &old_roles);
    let (was, is) = difference(&before, &told(&new.name, &new.org.name, &new.role_names));
    update(tx, &target.user, user::ActiveModel { name: Set(new.name), org_id: Set(new.org.id), ..Default::default() })
        .await?;
    give(tx, id, &new.held).await?;
    records::note(tx, object(id), Some(me.id.0), "edit", "", (&was, &is)).await?;
    Ok(())
}

async fn update(tx: &DatabaseTransaction, user: &user::Model, row: user::ActiveModel) -> Result<(), Problem> {
    let row = user::ActiveModel { id: Set(user.id), version: Set(user.version + 1), ..row };
    user::Entity::update(row).exec(tx).await?;
    Ok(())
}

/// What is done to somebody's way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UserAct {
    /// 停用: ends all sessions.
    Disable,
    /// 启用.
    Enable,
    /// 重置密码: ends all sessions.
    ResetPassword,
    /// 重置二次验证: takes the authenticator off, ends all sessions.
    ResetSecondFactor,
    /// 解除单点登录绑定: whoever comes from the identity provider with this name next is bound anew; ends all sessions.
    ForgetSignOn,
    /// 解锁: forgets the wrong passwords.
    Unlock,
}

impl UserAct {
    const fn name(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::ResetPassword => "reset_password",
            Self::ResetSecondFactor => "reset_second_factor",
            Self::ForgetSignOn => "forget_sign_on",
            Self::Unlock => "unlock",
        }
    }
}

/// Does something to somebody's way in; returns the new first password where there is one.
///
/// # Errors
/// 404 outside the branch, 409 where somebody was quicker, 422 with all that keeps it from happening.
pub(super) async fn act(app: &App, me: &Me, id: i64, version: i64, act: UserAct) -> Result<Option<String>, Problem> {
    let password = (act == UserAct::ResetPassword).then(secrets::first_password);
    let hash = match &password {
        Some(password) => Some(secrets::hash_password(password.clone()).await?),
        None => None,
    };
    let tx = app.db.begin().await?;
    let done = act_in(&tx, me, id, version, (act, hash)).await;
    audit::finish(&app.db, tx, me.id.0, (&format!("user_{}", act.name()), &id.to_string()), done).await?;
    Ok(password)
}

async fn act_in(
    tx: &DatabaseTransaction,
    me: &Me,
    id: i64,
    version: i64,
    (act, hash): (UserAct, Option<String>),
) -> Result<(), Problem> {
    let target = hold(tx, me, id, version).await?;
    rights::none(&blockers(me, id, &target.rights))?;
    let mut row = user::ActiveModel::default();
    match act {
        UserAct::Disable => row.active = Set(false),
        UserAct::ResetPassword => {
            row.password_hash = hash.map_or(sea_orm::ActiveValue::NotSet, Set);
            row.must_change_password = Set(true);
        }
        UserAct::ResetSecondFactor => row.totp_secret = Set("".into()),
        UserAct::ForgetSignOn => row.sign_on = Set(String::new()),
        UserAct::Enable => row.active = Set(true),
        UserAct::Unlock => {}
    }
    if !matches!(act, UserAct::Enable | UserAct::Unlock) {
        session::Entity::delete_many().filter(session::Column::UserId.eq(id)).exec(tx).await?;
    }
    if matches!(act, UserAct::Unlock | UserAct::ResetPassword) {
        failures::forget_all(tx, &target.user.username).await?;
    }
    update(tx, &target.user, row).await?;
    let nothing = json!({});
    records::note(tx, object(id), Some(me.id.0), act.name(), "", (&nothing, &nothing)).await?;
    Ok(())
}
