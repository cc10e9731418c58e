//! Pages: every list is bounded.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The largest page.
pub const MAX_SIZE: u64 = 100;
/// The page size when none is asked for.
pub const DEFAULT_SIZE: u64 = 20;

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
    /// How many rows there are on all pages.
    pub total: u64,
    /// This page, from 1.
    pub page: u64,
    /// Rows a page.
    pub size: u64,
}
