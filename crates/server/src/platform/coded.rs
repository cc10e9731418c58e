//! An enum of the domain as a text column: stored by its stable code, refused when the code is unknown.
use std::{any::type_name, fmt, ops::Deref, str::FromStr};

use sea_orm::{
    ColIdx, DbErr, QueryResult, TryFromU64, TryGetError, TryGetable, Value,
    sea_query::{ArrayType, ColumnType, Nullable, StringLen, ValueType, ValueTypeErr},
};

/// A domain enum in a database row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Coded<T>(pub T);

impl<T> Deref for Coded<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Into<&'static str>> From<Coded<T>> for Value {
    fn from(value: Coded<T>) -> Self {
        let code: &'static str = value.0.into();
        code.into()
    }
}

impl<T: FromStr> TryGetable for Coded<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let code = String::try_get_by(row, index)?;
        code.parse().map(Self).map_err(|_| DbErr::Type(format!("{}: unknown code {code:?}", type_name::<T>())).into())
    }
}

impl<T: FromStr> ValueType for Coded<T> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let code = <String as ValueType>::try_from(value)?;
        code.parse().map(Self).map_err(|_| ValueTypeErr)
    }

    fn type_name() -> String {
        type_name::<T>().to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::String
    }

    fn column_type() -> ColumnType {
        ColumnType::String(StringLen::None)
    }
}

impl<T> Nullable for Coded<T> {
    fn null() -> Value {
        Value::String(None)
    }
}

impl<T> TryFromU64 for Coded<T> {
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("a code"))
    }
}

impl<T: fmt::Display> fmt::Display for Coded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
