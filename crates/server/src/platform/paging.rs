//! Pages: every list is bounded.
use sea_orm::{
    ConnectionTrait, DbErr, QueryTrait,
    sea_query::{Alias, Asterisk, Expr, Func, Query, SelectStatement},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The largest page.
pub const MAX_SIZE: u64 = 100;
/// The page size when none is asked for.
pub const DEFAULT_SIZE: u64 = 20;

/// As far as a total is counted: nobody turns to page 50, and counting millions takes seconds (decision 0031).
pub const COUNTED: u64 = 1_000;

/// How many rows a search finds, as far as they are counted: [`COUNTED`] and one more stand for more than that. An order that the
/// search has stays: then the rows are counted by the index that the page is read by.
///
/// # Errors
/// When the database fails.
pub async fn count(
    db: &impl ConnectionTrait,
    select: impl QueryTrait<QueryStatement = SelectStatement>,
) -> Result<u64, DbErr> {
    let mut rows = select.into_query();
    rows.clear_selects().expr(Expr::val(1)).limit(COUNTED + 1);
    let counted =
        Query::select().expr(Func::count(Expr::col(Asterisk))).from_subquery(rows, Alias::new("found")).to_owned();
    let found: Option<i64> = db.query_one(&counted).await?.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(found.unwrap_or_default().unsigned_abs())
}

/// Which page of a list is wanted.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// From 1.
    pub page: Option<u64>,
    /// Rows a page, at most 100; 20 when absent.
    pub size: Option<u64>,
}

impl Paging {
    /// The page from 1.
    #[must_use]
    pub fn page(&self) -> u64 {
        self.page.unwrap_or(1).clamp(1, 1_000_000)
    }

    /// Rows a page.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size.unwrap_or(DEFAULT_SIZE).clamp(1, MAX_SIZE)
    }

    /// Rows before the page.
    #[must_use]
    pub fn offset(&self) -> u64 {
        (self.page() - 1) * self.size()
    }

    /// The answer for this page.
    #[must_use]
    pub fn answer<T>(&self, items: Vec<T>, total: u64) -> Page<T> {
        Page { items, total, page: self.page(), size: self.size() }
    }
}

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// How many rows there are on all pages; 1001 where there are more than 1000.
    pub total: u64,
    /// This page, from 1.
    pub page: u64,
    /// Rows a page.
    pub size: u64,
}
