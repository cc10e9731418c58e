//! The database: SQLite in a file, or anything that speaks PostgreSQL's protocol.
//!
//! On SQLite one connection writes and several read, so that readers never wait; what is acknowledged has reached the
//! disk (WAL, synchronous=FULL). Writers take the lock at BEGIN, so that a transaction never fails half way for it.
use std::time::Duration;

use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    IsolationLevel, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
    sea_query::LikeExpr,
    sqlx::{self, Connection, SqliteConnection},
};
use sea_orm_migration::MigratorTrait;

#[path = "../../migrations/mod.rs"]
mod migrations;

/// How long a writer waits for another's lock, and anybody for a connection.
const PATIENCE: Duration = Duration::from_secs(20);
/// The advisory lock of whoever brings PostgreSQL's schema up to date: any number that nothing else takes.
const MIGRATING: i64 = 7_310_114;
/// How long lists and figures wait for a replica that is away.
const REPLICA_PATIENCE: Duration = Duration::from_secs(5);
const SQLITE_READERS: u32 = 8;
const POSTGRES_CONNECTIONS: u32 = 20;
/// A connection that lay idle for longer is asked whether it is alive before it is used: asking each time is a way more for every
/// statement.
const TRUSTED: Duration = Duration::from_secs(1);
/// Statements that a connection keeps prepared; the program has some hundreds.
const PREPARED: usize = 500;

/// A pattern for `like` that finds `text` anywhere, with `%` and `_` as themselves.
#[must_use]
pub fn containing(text: &str) -> LikeExpr {
    LikeExpr::new(format!("%{}%", escaped(text))).escape('\\')
}

/// A pattern for `like` that finds `text` at the beginning, with `%` and `_` as themselves.
#[must_use]
pub fn beginning(text: &str) -> LikeExpr {
    LikeExpr::new(format!("{}%", escaped(text))).escape('\\')
}

fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
}

/// The connections to the database.
#[derive(Clone, Debug)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
    /// None: there is no other place to read from.
    replica: Option<DatabaseConnection>,
}

impl Db {
    /// Connects; the SQLite file is made when it isn't there.
    ///
    /// # Errors
    /// When the database can't be reached or opened.
    pub async fn connect(url: &str) -> Result<Self, DbErr> {
        if url.starts_with("sqlite:") {
            let write = Database::connect(writer(url)).await?;
            let read = Database::connect(sqlite(url, SQLITE_READERS)).await?;
            return Ok(Self { read, write, replica: None });
        }
        let pool = Database::connect(postgres(url)).await?;
        Ok(Self { read: pool.clone(), write: pool, replica: None })
    }

    /// Reads lists and figures from another database that follows this one. It needn't be there yet.
    ///
    /// # Errors
    /// When its address isn't one.
    pub async fn reading_from(self, url: Option<&str>) -> Result<Self, DbErr> {
        let Some(url) = url else { return Ok(self) };
        let mut options = if url.starts_with("sqlite:") { sqlite(url, SQLITE_READERS) } else { postgres(url) };
        options.connect_lazy(true).acquire_timeout(REPLICA_PATIENCE);
        Ok(Self { replica: Some(Database::connect(options).await?), ..self })
    }

    /// Connections that are open, and those of them that nobody uses.
    #[must_use]
    pub fn connections(&self) -> (usize, usize) {
        let count = |db: &DatabaseConnection| match db.get_database_backend() {
            DbBackend::Sqlite => {
                let pool = db.get_sqlite_connection_pool();
                (pool.size() as usize, pool.num_idle())
            }
            _ => {
                let pool = db.get_postgres_connection_pool();
                (pool.size() as usize, pool.num_idle())
            }
        };
        let mut pools = vec![count(&self.read)];
        if self.engine() == "sqlite" {
            // On PostgreSQL one pool is for both.
            pools.push(count(&self.write));
        }
        pools.extend(self.replica.as_ref().map(count));
        pools.into_iter().fold((0, 0), |sum, pool| (sum.0 + pool.0, sum.1 + pool.1))
    }

    /// For queries outside a transaction.
    #[must_use]
    pub const fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// For lists and figures that may be some seconds old: what is asked here needn't know of what was just written.
    #[must_use]
    pub fn replica(&self) -> &DatabaseConnection {
        self.replica.as_ref().unwrap_or(&self.read)
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

    /// Begins a transaction that only reads, and sees one moment however long it takes.
    ///
    /// # Errors
    /// When there's no connection to be had in time.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        match self.read.get_database_backend() {
            DbBackend::Sqlite => self.read.begin().await,
            _ => {
                let moment = (Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly));
                let tx = self.read.begin_with_config(moment.0, moment.1).await?;
                // Files are looked at meanwhile.
                tx.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = 0").await?;
                Ok(tx)
            }
        }
    }

    /// Brings the schema up to date. Of several servers that start at once one does it and the others wait.
    ///
    /// # Errors
    /// When a migration fails; the ones before it stay done.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        if self.engine() == "sqlite" {
            return migrations::Migrator::up(&self.write, None).await;
        }
        let turn = self.write.begin().await?;
        let limits = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"];
        let none: String = limits.iter().map(|limit| format!("SET LOCAL {limit} = 0; ")).collect();
        turn.execute_unprepared(&format!("{none}SELECT pg_advisory_xact_lock({MIGRATING})")).await?;
        migrations::Migrator::up(&self.write, None).await?;
        turn.commit().await
    }

    /// Brings the schema to what it was after so many migrations.
    ///
    /// # Errors
    /// As [`Db::migrate`].
    pub async fn migrate_to(&self, count: usize) -> Result<(), DbErr> {
        let done = self.migrations_done().await?.len();
        let more = u32::try_from(count.saturating_sub(done)).unwrap_or_default();
        migrations::Migrator::up(&self.write, Some(more)).await
    }

    /// The names of the migrations that were done, in order.
    ///
    /// # Errors
    /// When the database doesn't answer.
    pub async fn migrations_done(&self) -> Result<Vec<String>, DbErr> {
        let done = migrations::Migrator::get_applied_migrations(&self.read).await?;
        Ok(done.iter().map(|m| m.name().to_owned()).collect())
    }

    /// Whether these are this program's first migrations.
    #[must_use]
    pub fn knows(names: &[String]) -> bool {
        let own = migrations::Migrator::migrations();
        names.len() <= own.len() && names.iter().zip(&own).all(|(name, own)| name == own.name())
    }

    /// `sqlite` or `postgres`.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        match self.read.get_database_backend() {
            DbBackend::Sqlite => "sqlite",
            _ => "postgres",
        }
    }

    /// Whether every migration of this program is done.
    ///
    /// # Errors
    /// When the database doesn't answer.
    pub async fn is_current(&self) -> Result<bool, DbErr> {
        Ok(migrations::Migrator::get_pending_migrations(&self.read).await?.is_empty())
    }

    /// Writes SQLite's file anew, without the free space in which older versions of rows may be readable, and empties the log beside
    /// it. False where the log is still read by somebody, who will empty it later. PostgreSQL keeps dead rows until its own VACUUM.
    ///
    /// # Errors
    /// When the database can't be written in time, or the disk is full.
    pub async fn forget(&self) -> Result<bool, DbErr> {
        if self.write.get_database_backend() != DbBackend::Sqlite {
            return Ok(true);
        }
        self.write.execute_unprepared("VACUUM").await?;
        let checkpoint = Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(TRUNCATE)");
        let busy: Option<i32> =
            self.write.query_one_raw(checkpoint).await?.map(|row| row.try_get_by_index(0)).transpose()?;
        Ok(busy == Some(0))
    }

    /// Waits for running statements and closes the connections.
    ///
    /// # Errors
    /// When closing fails.
    pub async fn close(self) -> Result<(), DbErr> {
        if let Some(replica) = self.replica {
            replica.close().await?;
        }
        self.read.close().await?;
        self.write.close().await
    }
}

fn base(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    // Statements without their values, for who asks for them: HUZHU_LOG=sqlx=trace.
    let told = tracing::enabled!(target: "sqlx::query", tracing::Level::TRACE);
    options.test_before_acquire_if_idle_for(TRUSTED);
    options.max_connections(connections).acquire_timeout(PATIENCE).sqlx_logging(told).record_stmt_in_spans(false);
    options
}

/// What waits too long is given up by the database itself, so that nobody is kept waiting by what was left behind.
fn postgres(url: &str) -> ConnectOptions {
    let mut options = base(url, POSTGRES_CONNECTIONS);
    options.statement_timeout(Duration::from_secs(60));
    let limits = [("lock_timeout", PATIENCE), ("idle_in_transaction_session_timeout", Duration::from_secs(60))];
    options.map_sqlx_postgres_opts(move |o| {
        o.statement_cache_capacity(PREPARED).options(limits.map(|(name, limit)| (name, limit.as_millis())))
    });
    options
}

/// The one connection that writes to a SQLite file.
fn writer(url: &str) -> ConnectOptions {
    let mut options = sqlite(url, 1);
    options.map_sqlx_sqlite_pool_opts(|pool| pool.after_release(|connection, _| Box::pin(is_at_rest(connection))));
    options
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = base(url, connections);
    options.map_sqlx_sqlite_opts(|o| {
        o.create_if_missing(true)
            .statement_cache_capacity(PREPARED)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            // What is deleted or overwritten doesn't stay readable in the file.
            .pragma("secure_delete", "ON")
    });
    options
}

/// Whether a connection has no transaction left when it is given back. Where the disk was full, one may have been neither committed nor
/// rolled back: the next would be nested in it, say that it was committed, and be lost with it. Closing the connection ends it.
async fn is_at_rest(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // A rollback that is under way is done first.
    connection.ping().await?;
    let left = connection.is_in_transaction();
    if left {
        tracing::error!("a transaction couldn't be ended; its connection is closed");
    }
    Ok(!left)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Set by `.cargo/config.toml`; without it every second statement would be planned anew each time that it is used.
    #[tokio::test]
    async fn sqlite_keeps_its_plans() {
        let db = Database::connect("sqlite::memory:").await.unwrap();
        let asked = Statement::from_string(DbBackend::Sqlite, "PRAGMA compile_options");
        let rows = db.query_all_raw(asked).await.unwrap();
        let options: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        let has = |name: &str| options.iter().any(|o| o == name);
        assert!(has("ENABLE_QPSG") && !has("ENABLE_STAT4") && !has("ENABLE_MEMORY_MANAGEMENT"), "{options:?}");
    }
}
