//! The database: SQLite in a file, or anything that speaks PostgreSQL's protocol.
//!
//! On SQLite one connection writes and several read, so that readers never wait; what is acknowledged has reached the
//! disk (WAL, synchronous=FULL). Writers take the lock at BEGIN, so that a transaction never fails half way for it.
use std::time::Duration;

use sea_orm::{
    ColumnTrait, ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sea_query::{LikeExpr, SimpleExpr},
};
use sea_orm_migration::MigratorTrait;

#[path = "../../migrations/mod.rs"]
mod migrations;

/// How long a writer waits for another process's write lock, and anybody for a connection.
const PATIENCE: Duration = Duration::from_secs(20);
const SQLITE_READERS: u32 = 8;
const POSTGRES_CONNECTIONS: u32 = 20;

/// The connections to the database.
#[derive(Clone, Debug)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
}

impl Db {
    /// Connects; the SQLite file is made when it isn't there.
    ///
    /// # Errors
    /// When the database can't be reached or opened.
    pub async fn connect(url: &str) -> Result<Self, DbErr> {
        if url.starts_with("sqlite:") {
            let write = Database::connect(sqlite(url, 1)).await?;
            let read = Database::connect(sqlite(url, SQLITE_READERS)).await?;
            return Ok(Self { read, write });
        }
        let mut options = base(url, POSTGRES_CONNECTIONS);
        options.statement_timeout(Duration::from_secs(60));
        let pool = Database::connect(options).await?;
        Ok(Self { read: pool.clone(), write: pool })
    }

    /// For queries outside a transaction.
    #[must_use]
    pub const fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Begins a writing transaction.
    ///
    /// # Errors
    /// When there's no connection or lock to be had in time.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let immediate = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        match self.write.get_database_backend() {
            DbBackend::Sqlite => self.write.begin_with_options(immediate).await,
            _ => self.write.begin().await,
        }
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// When a migration fails; the ones before it stay done.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        migrations::Migrator::up(&self.write, None).await
    }

    /// Whether every migration of this program is done.
    ///
    /// # Errors
    /// When the database doesn't answer.
    pub async fn is_current(&self) -> Result<bool, DbErr> {
        Ok(migrations::Migrator::get_pending_migrations(&self.read).await?.is_empty())
    }

    /// Waits for running statements and closes the connections.
    ///
    /// # Errors
    /// When closing fails.
    pub async fn close(self) -> Result<(), DbErr> {
        self.read.close().await?;
        self.write.close().await
    }
}

/// A column that contains what was typed; `%` and `_` are signs like any other.
#[must_use]
pub fn containing(column: impl ColumnTrait, typed: &str) -> SimpleExpr {
    column.like(LikeExpr::new(format!("%{}%", literal(typed))).escape('\\'))
}

/// A column that begins with what was typed; `%` and `_` are signs like any other.
#[must_use]
pub fn beginning(column: impl ColumnTrait, typed: &str) -> SimpleExpr {
    column.like(LikeExpr::new(format!("{}%", literal(typed))).escape('\\'))
}

fn literal(typed: &str) -> String {
    typed.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

fn base(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).acquire_timeout(PATIENCE).sqlx_logging(false).record_stmt_in_spans(false);
    options
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = base(url, connections);
    options.map_sqlx_sqlite_opts(|o| {
        o.create_if_missing(true)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
    });
    options
}
