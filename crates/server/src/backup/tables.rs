//! The tables of a database as lines of JSON, out and in. The one place that speaks the engines' own SQL about their catalogues.
use futures::{Stream, TryStreamExt};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement, StreamTrait};

use super::{BackupError, files::Lines};

/// What a restored installation doesn't need: who is signed in signs in again.
const LEFT_OUT: [&str; 3] = ["sessions", "sign_in_failures", MIGRATIONS];
const MIGRATIONS: &str = "seaql_migrations";
/// Rows of one statement.
const ROWS_AT_ONCE: usize = 500;

async fn texts(db: &impl ConnectionTrait, sql: &str) -> Result<Vec<String>, DbErr> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    rows.into_iter().map(|row| row.try_get_by_index(0)).collect()
}

fn is_sqlite(db: &impl ConnectionTrait) -> bool {
    db.get_database_backend() == DbBackend::Sqlite
}

/// The tables that a backup holds.
pub(super) async fn names(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let sql = match is_sqlite(db) {
        true => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
        false => {
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema() \
             AND table_type = 'BASE TABLE' ORDER BY 1"
        }
    };
    Ok(texts(db, sql).await?.into_iter().filter(|name| !LEFT_OUT.contains(&name.as_str())).collect())
}

/// The migrations that were done.
pub(super) async fn migrations(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    texts(db, &format!("SELECT version FROM {MIGRATIONS} ORDER BY version")).await
}

async fn columns(db: &impl ConnectionTrait, table: &str) -> Result<Vec<String>, DbErr> {
    let sql = match is_sqlite(db) {
        true => format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"),
        false => format!(
            "SELECT column_name::text FROM information_schema.columns WHERE table_schema = current_schema() \
             AND table_name = '{table}' ORDER BY ordinal_position"
        ),
    };
    texts(db, &sql).await
}

/// Prepares a transaction for a long read or write.
pub(super) async fn take_time(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    match is_sqlite(tx) {
        true => tx.execute_unprepared("PRAGMA defer_foreign_keys = ON").await?,
        false => {
            let limits = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"];
            let none: String = limits.iter().map(|limit| format!("SET LOCAL {limit} = 0; ")).collect();
            tx.execute_unprepared(&format!("{none}SET LOCAL TIME ZONE 'UTC'")).await?
        }
    };
    Ok(())
}

/// Lets nobody write while a transaction lasts. On SQLite it holds the one lock that there is.
pub(super) async fn keep_still(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    take_time(tx).await?;
    if !is_sqlite(tx) {
        let names: Vec<String> = names(tx).await?.iter().map(|name| format!("\"{name}\"")).collect();
        tx.execute_unprepared(&format!("LOCK TABLE {} IN SHARE MODE", names.join(", "))).await?;
    }
    Ok(())
}

/// The rows of a table, a line of JSON each.
pub(super) async fn rows<'a>(
    tx: &'a DatabaseTransaction,
    table: &str,
) -> Result<impl Stream<Item = Result<QueryResult, DbErr>> + Unpin + use<'a>, DbErr> {
    let sql = match is_sqlite(tx) {
        true => {
            let fields: Vec<String> = columns(tx, table).await?.iter().map(|c| format!("'{c}', \"{c}\"")).collect();
            format!("SELECT json_object({}) FROM \"{table}\"", fields.join(", "))
        }
        false => format!("SELECT row_to_json(t)::text FROM \"{table}\" t"),
    };
    tx.stream_raw(Statement::from_string(ConnectionTrait::get_database_backend(tx), sql)).await
}

/// Writes the rows of a table.
pub(super) async fn dump(tx: &DatabaseTransaction, table: &str, lines: &mut Lines) -> Result<(), BackupError> {
    let mut rows = rows(tx, table).await?;
    while let Some(row) = rows.try_next().await? {
        lines.push(&row.try_get_by_index::<String>(0)?)?;
    }
    Ok(())
}

/// Fills the tables of an empty database, in any order: the foreign keys of PostgreSQL are dropped meanwhile, and check every row when
/// they are put back. SQLite checks at the end of the transaction by itself.
pub(super) struct Filler {
    foreign_keys: Vec<String>,
}

impl Filler {
    pub(super) async fn begin(tx: &DatabaseTransaction) -> Result<Self, DbErr> {
        if is_sqlite(tx) {
            return Ok(Self { foreign_keys: Vec::new() });
        }
        const OURS: &str = "FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace";
        let add = format!(
            "SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) {OURS}"
        );
        let drop = format!("SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) {OURS}");
        let foreign_keys = texts(tx, &add).await?;
        for sql in texts(tx, &drop).await? {
            tx.execute_unprepared(&sql).await?;
        }
        Ok(Self { foreign_keys })
    }

    /// Begins a table, which holds nothing but what the migrations wrote.
    pub(super) async fn table<'a>(&self, tx: &'a DatabaseTransaction, table: &str) -> Result<Filling<'a>, DbErr> {
        tx.execute_unprepared(&format!("DELETE FROM \"{table}\"")).await?;
        Filling::of(tx, table).await
    }

    pub(super) async fn end(self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        for sql in self.foreign_keys {
            tx.execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

/// A table that is being filled.
pub(super) struct Filling<'a> {
    tx: &'a DatabaseTransaction,
    table: String,
    sql: String,
    waiting: Vec<String>,
    rows: u64,
}

impl<'a> Filling<'a> {
    async fn of(tx: &'a DatabaseTransaction, table: &str) -> Result<Self, DbErr> {
        let columns = columns(tx, table).await?;
        let names: Vec<String> = columns.iter().map(|c| format!("\"{c}\"")).collect();
        let names = names.join(", ");
        let sql = match is_sqlite(tx) {
            true => {
                let values: Vec<String> = columns.iter().map(|c| format!("value ->> '$.\"{c}\"'")).collect();
                format!("INSERT INTO \"{table}\" ({names}) SELECT {} FROM json_each(?)", values.join(", "))
            }
            false => format!(
                "INSERT INTO \"{table}\" ({names}) SELECT {names} FROM json_populate_recordset(NULL::\"{table}\", $1::text::json)"
            ),
        };
        Ok(Self { tx, table: table.to_owned(), sql, waiting: Vec::new(), rows: 0 })
    }

    /// Adds a row, a line of JSON.
    pub(super) async fn push(&mut self, line: String) -> Result<(), DbErr> {
        self.waiting.push(line);
        if self.waiting.len() < ROWS_AT_ONCE {
            return Ok(());
        }
        self.write().await
    }

    async fn write(&mut self) -> Result<(), DbErr> {
        let array = format!("[{}]", self.waiting.join(","));
        self.waiting.clear();
        let backend = ConnectionTrait::get_database_backend(self.tx);
        let done = self.tx.execute_raw(Statement::from_sql_and_values(backend, &self.sql, [array.into()])).await?;
        self.rows += done.rows_affected();
        Ok(())
    }

    /// Writes what is left, lets the next id be one that isn't taken, and says how many rows there are.
    pub(super) async fn end(mut self) -> Result<u64, DbErr> {
        self.write().await?;
        go_on_counting(self.tx, &self.table).await?;
        Ok(self.rows)
    }
}

/// How many rows a table has.
pub(super) async fn count(db: &impl ConnectionTrait, table: &str) -> Result<i64, DbErr> {
    let sql = format!("SELECT count(*) FROM \"{table}\"");
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    row.map_or(Ok(0), |row| row.try_get_by_index(0))
}

/// Lets the next id of a table be one that isn't taken.
async fn go_on_counting(tx: &DatabaseTransaction, table: &str) -> Result<(), DbErr> {
    if is_sqlite(tx) || !columns(tx, table).await?.iter().any(|c| c == "id") {
        return Ok(());
    }
    let sql = format!(
        "SELECT setval(s.name, (SELECT max(id) FROM \"{table}\")) FROM pg_get_serial_sequence('\"{table}\"', 'id') s (name) \
         WHERE s.name IS NOT NULL AND EXISTS (SELECT 1 FROM \"{table}\")"
    );
    tx.execute_unprepared(&sql).await.map(|_| ())
}
