//! What the three dictionaries have in common.
use axum::http::StatusCode;
use huzhu_domain::statement::HospitalLevel;
use sea_orm::{DbErr, SqlErr, UpdateResult};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::platform::error::Problem;

/// The search form of a dictionary.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct DictionarySearch {
    /// Part of the name, the beginning of the pinyin initials; a code or a card number where the entry has such.
    pub text: Option<String>,
    /// 医院等级; hospitals only.
    pub level: Option<HospitalLevel>,
    /// In use, or not; both where absent.
    pub active: Option<bool>,
    /// From 1.
    pub page: Option<u64>,
    /// Rows a page.
    pub size: Option<u64>,
}

/// The failure where the natural key is another entry's.
pub(super) fn taken(field: &'static str, code: &'static str) -> impl Fn(DbErr) -> Problem {
    move |error| match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Problem::invalid_field(field, code),
        _ => error.into(),
    }
}

/// 409 where somebody was quicker.
pub(super) fn changed(done: UpdateResult) -> Result<(), Problem> {
    if done.rows_affected == 1 { Ok(()) } else { Err(Problem::new(StatusCode::CONFLICT, "record_stale")) }
}
