//! Personal data at rest: a text column whose content nobody reads who has the database without the keys (decision 0024).
//!
//! The same text is always sealed the same way under one key, so that an exact search and an index work on what is sealed; nothing
//! else does but its length: no order, no `LIKE`.
use std::fmt;

use sea_orm::{
    ColIdx, ColumnTrait, ConnectionTrait, DbErr, ExprTrait, Order, QueryResult, TryFromU64, TryGetError, TryGetable,
    Value,
    prelude::Expr,
    sea_query::{Alias, ArrayType, ColumnType, Func, Nullable, Query, ValueType, ValueTypeErr},
};

use super::keys::{self, Ring};

/// Every sealed column: its table, the columns by which a row is found, its name. A test compares the list with the entities.
pub const COLUMNS: [Place; 19] = [
    ("members", &["id"], "id_number"),
    ("members", &["id"], "phone"),
    ("member_accounts", &["id"], "account_no"),
    ("case_payees", &["case_id", "position"], "phone"),
    ("case_payees", &["case_id", "position"], "account_no"),
    ("case_material_fields", &["case_id", "kind", "field"], "value"),
    ("payments", &["id"], "account_no"),
    ("payment_items", &["id"], "account_no"),
    ("account_corrections", &["id"], "account_no"),
    ("appeals", &["id"], "appellant_phone"),
    ("enrolment_rows", &["enrolment_id", "row_no"], "cells"),
    ("enrolment_rows", &["enrolment_id", "row_no"], "id_number"),
    ("enrolment_rows", &["enrolment_id", "row_no"], "phone"),
    ("changes", &["id"], "before"),
    ("changes", &["id"], "after"),
    ("record_events", &["id"], "before"),
    ("record_events", &["id"], "after"),
    ("saved_searches", &["id"], "filter"),
    ("users", &["id"], "totp_secret"),
];

/// A text that is sealed in the database and clear in memory. Its `Debug` doesn't tell it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Sealed(String);

impl Sealed {
    /// The text. Whoever shows it to somebody asks for the right first.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text. Whoever shows it to somebody asks for the right first.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    /// Whether there is nothing; that isn't sealed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed")
    }
}

impl From<String> for Sealed {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Sealed {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<&Self> for Sealed {
    fn from(text: &Self) -> Self {
        text.clone()
    }
}

/// Rows whose sealed column says this. The only way to ask: a column compared with a clear text finds nothing.
pub fn is(column: impl ColumnTrait, text: impl Into<Sealed>) -> Expr {
    column.eq(text.into())
}

/// Rows whose sealed column says one of these.
pub fn among<T: Into<Sealed>>(column: impl ColumnTrait, texts: impl IntoIterator<Item = T>) -> Expr {
    column.is_in(texts.into_iter().map(Into::into))
}

/// Rows whose sealed column says a text of so many ASCII characters: how long a text is shows through its seal.
pub fn is_of_length(column: impl ColumnTrait, characters: usize) -> Expr {
    let length = keys::seal(&"0".repeat(characters)).len();
    Expr::expr(Func::char_length(Expr::col(column.as_column_ref())))
        .eq(<i64 as TryFrom<usize>>::try_from(length).unwrap_or(i64::MAX))
}

impl From<Sealed> for Value {
    fn from(text: Sealed) -> Self {
        keys::seal(&text.0).into()
    }
}

impl TryGetable for Sealed {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let stored = String::try_get_by(row, index)?;
        keys::unseal(&stored).map(Self).ok_or_else(|| TryGetError::DbErr(unreadable()))
    }
}

/// The error of a text that these keys didn't seal as it stands.
#[must_use]
pub fn unreadable() -> DbErr {
    DbErr::Type("a sealed text can't be opened with the keys of this installation".to_owned())
}

impl ValueType for Sealed {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let stored = <String as ValueType>::try_from(value)?;
        keys::unseal(&stored).map(Self).ok_or(ValueTypeErr)
    }

    fn type_name() -> String {
        "Sealed".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::String
    }

    fn column_type() -> ColumnType {
        ColumnType::Text
    }
}

impl Nullable for Sealed {
    fn null() -> Value {
        Value::String(None)
    }
}

impl TryFromU64 for Sealed {
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("a sealed text"))
    }
}

/// A sealed column; see [`COLUMNS`].
type Place = (&'static str, &'static [&'static str], &'static str);

/// Rows that one query reads.
const AT_ONCE: u64 = 1000;

/// Seals what stands in all sealed columns with the key that `ring` seals with; `open` tells what a stored text says.
///
/// # Errors
/// When one can't be opened; when the database fails.
pub async fn all(tx: &impl ConnectionTrait, ring: &Ring, open: impl Fn(&str) -> Option<String>) -> Result<u64, DbErr> {
    let mut done = 0;
    for place in COLUMNS {
        let mut last = None;
        loop {
            let rows = part(tx, place, last.as_deref()).await?;
            for (key, stored) in &rows {
                let sealed = ring.seal(&open(stored).ok_or_else(unreadable)?);
                if sealed != *stored {
                    replace(tx, place, key, sealed).await?;
                    done += 1;
                }
            }
            let Some((key, _)) = rows.into_iter().next_back() else { break };
            last = Some(key);
        }
    }
    Ok(done)
}

/// How many texts of each column can't be opened, where there are such.
///
/// # Errors
/// When the database fails.
pub async fn unreadables(db: &impl ConnectionTrait) -> Result<Vec<(String, u64)>, DbErr> {
    let mut out = Vec::new();
    for place in COLUMNS {
        let (mut last, mut count) = (None, 0);
        loop {
            let rows = part(db, place, last.as_deref()).await?;
            count += rows.iter().filter(|(_, stored)| keys::unseal(stored).is_none()).count() as u64;
            let Some((key, _)) = rows.into_iter().next_back() else { break };
            last = Some(key);
        }
        if count > 0 {
            out.push((format!("{}.{}", place.0, place.2), count));
        }
    }
    Ok(out)
}

/// The next texts after a row, with what finds their rows.
async fn part(
    db: &impl ConnectionTrait,
    (table, by, column): Place,
    last: Option<&[Value]>,
) -> Result<Vec<(Vec<Value>, String)>, DbErr> {
    let name = |n: &str| Alias::new(n);
    let mut rows = Query::select();
    rows.from(name(table)).columns(by.iter().map(|k| name(k))).column(name(column)).limit(AT_ONCE);
    for key in by {
        rows.order_by(name(key), Order::Asc);
    }
    if let Some(last) = last {
        let key = Expr::tuple(by.iter().map(|k| Expr::col(name(k))));
        rows.and_where(key.gt(Expr::tuple(last.iter().map(|v| Expr::val(v.clone())))));
    }
    let read = |row: &QueryResult| {
        let key = (0..by.len()).map(|i| value_at(row, i)).collect::<Result<_, DbErr>>()?;
        Ok((key, row.try_get_by_index(by.len())?))
    };
    db.query_all(&rows).await?.iter().map(read).collect()
}

async fn replace(
    tx: &impl ConnectionTrait,
    (table, by, column): Place,
    key: &[Value],
    sealed: String,
) -> Result<(), DbErr> {
    let mut update = Query::update();
    update.table(Alias::new(table)).value(Alias::new(column), sealed);
    for (name, value) in by.iter().zip(key) {
        update.and_where(Expr::col(Alias::new(*name)).eq(Expr::val(value.clone())));
    }
    tx.execute(&update).await.map(|_| ())
}

/// A number or a code.
fn value_at(row: &QueryResult, i: usize) -> Result<Value, DbErr> {
    if let Ok(number) = row.try_get_by_index::<i64>(i) {
        return Ok(number.into());
    }
    match row.try_get_by_index::<i32>(i) {
        Ok(number) => Ok(number.into()),
        Err(_) => row.try_get_by_index::<String>(i).map(Value::from),
    }
}
