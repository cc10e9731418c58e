//! The table `users`.
use sea_orm::entity::prelude::*;

use crate::platform::seal::Sealed;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub username: String,
    pub name: String,
    pub password_hash: String,
    pub org_id: i64,
    pub active: bool,
    pub must_change_password: bool,
    pub created_at: DateTimeUtc,
    pub version: i64,
    pub last_sign_in_at: Option<DateTimeUtc>,
    pub password_changed_at: Option<DateTimeUtc>,
    pub totp_secret: Sealed,
    pub totp_step: i64,
    pub sign_on: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
