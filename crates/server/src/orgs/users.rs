//! Making users from the command line: the first administrator, and the demo's.
use huzhu_domain::{org::OrgKind, permission::Role};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::{
    audit::{self, Entry},
    entity::{org, user, user_role},
    platform::{clock, coded::Coded, db::Db, error::Problem, secrets},
};

/// A user to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Sign-in name.
    pub username: String,
    /// The name that is shown.
    pub name: String,
    /// Code of the node of the organisation.
    pub org_code: String,
    /// Roles.
    pub roles: Vec<Role>,
}

/// Why a user can't be made.
#[derive(Debug, thiserror::Error)]
pub enum NewUserError {
    /// There is no such node.
    #[error("there is no organisation with code {0}")]
    NoSuchOrg(String),
    /// The name is taken.
    #[error("there is a user {0} already")]
    Taken(String),
    /// The database said no.
    #[error("database: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// Anything else.
    #[error("the user could not be made; see the log")]
    Other,
}

/// Makes a user with a random password that must be changed at the first sign-in, and returns the password.
///
/// # Errors
/// When the name is taken or there is no such organisation.
pub async fn add(db: &Db, new: &NewUser) -> Result<String, NewUserError> {
    let password = secrets::first_password();
    let hash = secrets::hash_password(password.clone()).await.map_err(|_: Problem| NewUserError::Other)?;
    let tx = db.begin().await?;
    let taken = user::Entity::find().filter(user::Column::Username.eq(&new.username)).one(&tx).await?;
    if taken.is_some() {
        return Err(NewUserError::Taken(new.username.clone()));
    }
    let id = insert(&tx, new, hash, true).await?;
    audit::commit(tx, &[Entry::done(None, "add_user", id)]).await?;
    Ok(password)
}

/// Inserts a user with a known hash.
///
/// # Errors
/// When there is no such organisation.
pub async fn insert(
    tx: &impl ConnectionTrait,
    new: &NewUser,
    password_hash: String,
    must_change_password: bool,
) -> Result<i64, NewUserError> {
    let org = org::Entity::find().filter(org::Column::Code.eq(&new.org_code)).one(tx).await?;
    let org = org.ok_or_else(|| NewUserError::NoSuchOrg(new.org_code.clone()))?;
    let row = user::ActiveModel {
        username: Set(new.username.clone()),
        name: Set(new.name.clone()),
        password_hash: Set(password_hash),
        org_id: Set(org.id),
        active: Set(true),
        must_change_password: Set(must_change_password),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    let id = user::Entity::insert(row).exec(tx).await?.last_insert_id;
    let roles = new.roles.iter().map(|role| user_role::ActiveModel { user_id: Set(id), role: Set(Coded(*role)) });
    user_role::Entity::insert_many(roles).exec_without_returning(tx).await?;
    Ok(id)
}

/// Makes the root of the organisation where there is none, so that the first administrator has a place.
///
/// # Errors
/// When the database can't be written.
pub async fn ensure_society(db: &Db, name: &str) -> Result<(), NewUserError> {
    let tx = db.begin().await?;
    let root = org::Entity::find().filter(org::Column::Kind.eq(Coded(OrgKind::Society))).one(&tx).await?;
    if root.is_none() {
        let row = org::ActiveModel {
            kind: Set(Coded(OrgKind::Society)),
            code: Set("0000".to_owned()),
            name: Set(name.to_owned()),
            active: Set(true),
            ..Default::default()
        };
        org::Entity::insert(row).exec_without_returning(&tx).await?;
    }
    tx.commit().await?;
    Ok(())
}
