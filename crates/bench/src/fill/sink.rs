//! Rows in bulk, into either database: `COPY` on PostgreSQL, long `INSERT`s on SQLite.
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, Executor, PgConnection, Row, SqliteConnection};

use crate::Fault;

/// Bytes that are sent at a time.
const AT_ONCE: usize = 4 * 1024 * 1024;

/// A connection that writes without the product in between.
pub enum Raw {
    /// SQLite.
    Sqlite(Box<SqliteConnection>),
    /// PostgreSQL.
    Postgres(Box<PgConnection>),
}

impl Raw {
    /// Connects.
    ///
    /// # Errors
    /// When there is no such database.
    pub async fn open(url: &str) -> Result<Self, Fault> {
        Ok(if url.starts_with("sqlite:") {
            Self::Sqlite(Box::new(SqliteConnection::connect(url).await?))
        } else {
            Self::Postgres(Box::new(PgConnection::connect(url).await?))
        })
    }

    /// Whether it is PostgreSQL.
    pub const fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Runs statements.
    ///
    /// # Errors
    /// When the database refuses one.
    pub async fn run(&mut self, sql: String) -> Result<(), Fault> {
        match self {
            Self::Sqlite(c) => c.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(|_| ())?,
            Self::Postgres(c) => c.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(|_| ())?,
        }
        Ok(())
    }

    /// The first column of what a question finds, as text.
    ///
    /// # Errors
    /// As [`Raw::run`].
    pub async fn texts(&mut self, sql: String) -> Result<Vec<String>, Fault> {
        let mut out = Vec::new();
        match self {
            Self::Sqlite(c) => {
                for row in c.fetch_all(sqlx::raw_sql(AssertSqlSafe(sql))).await? {
                    out.push(row.try_get(0)?);
                }
            }
            Self::Postgres(c) => {
                for row in c.fetch_all(sqlx::raw_sql(AssertSqlSafe(sql))).await? {
                    out.push(row.try_get(0)?);
                }
            }
        }
        Ok(out)
    }

    /// Asks and looks at every row, as the product does: prepared once, with what it is told in its text.
    ///
    /// # Errors
    /// As [`Raw::run`].
    pub async fn ask(&mut self, sql: &str) -> Result<usize, Fault> {
        let sql = AssertSqlSafe(sql.to_owned());
        Ok(match self {
            Self::Sqlite(c) => c.fetch_all(sqlx::query(sql)).await?.len(),
            Self::Postgres(c) => c.fetch_all(sqlx::query(sql)).await?.len(),
        })
    }

    /// The columns of a table.
    ///
    /// # Errors
    /// As [`Raw::run`].
    pub async fn columns(&mut self, table: &str) -> Result<Vec<String>, Fault> {
        let sql = if self.is_postgres() {
            format!("SELECT column_name::text FROM information_schema.columns WHERE table_name = '{table}'")
        } else {
            format!("SELECT name FROM pragma_table_info('{table}')")
        };
        self.texts(sql).await
    }

    /// As safe and as patient as the server's own connections.
    ///
    /// # Errors
    /// As [`Raw::run`].
    pub async fn as_the_server(&mut self) -> Result<(), Fault> {
        match self.is_postgres() {
            true => Ok(()),
            false => {
                self.run("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 20000".to_owned())
                    .await
            }
        }
    }

    /// Begins a transaction that writes.
    ///
    /// # Errors
    /// As [`Raw::run`].
    pub async fn begin(&mut self) -> Result<(), Fault> {
        self.run(if self.is_postgres() { "BEGIN" } else { "BEGIN IMMEDIATE" }.to_owned()).await
    }

    /// The number that a question is answered with.
    ///
    /// # Errors
    /// As [`Raw::run`]; when there is none.
    pub async fn number(&mut self, sql: &str) -> Result<i64, Fault> {
        let found = self.texts(format!("SELECT CAST(({sql}) AS TEXT)")).await?;
        Ok(found.first().ok_or_else(|| format!("nothing found: {sql}"))?.parse()?)
    }
}

/// What a cell holds.
pub enum Cell<'a> {
    /// A number.
    Int(i64),
    /// A text without quotes, tabs, backslashes or ends of lines in it: the data is ours.
    Text(&'a str),
    /// Yes or no.
    Is(bool),
    /// Nothing.
    Null,
}

impl From<i64> for Cell<'_> {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Cell<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Cell<'_> {
    fn from(is: bool) -> Self {
        Self::Is(is)
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(some: Option<T>) -> Self {
        some.map_or(Self::Null, Into::into)
    }
}

/// Rows of one table on their way.
pub struct Sink {
    table: &'static str,
    columns: &'static str,
    waiting: String,
}

impl Sink {
    /// Into some columns of a table.
    pub fn new(table: &'static str, columns: &'static str) -> Self {
        Self { table, columns, waiting: String::with_capacity(AT_ONCE + 4096) }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When the database refuses the rows that were waiting.
    pub async fn push(&mut self, raw: &mut Raw, row: &[Cell<'_>]) -> Result<(), Fault> {
        let copies = raw.is_postgres();
        let out = &mut self.waiting;
        if !copies {
            out.push_str(if out.is_empty() { "(" } else { ",(" });
        }
        for (i, cell) in row.iter().enumerate() {
            if i > 0 {
                out.push(if copies { '\t' } else { ',' });
            }
            match cell {
                Cell::Int(n) => out.push_str(&n.to_string()),
                Cell::Is(is) => out.push_str(if *is { "TRUE" } else { "FALSE" }),
                Cell::Null => out.push_str(if copies { "\\N" } else { "NULL" }),
                Cell::Text(text) if copies => out.push_str(text),
                Cell::Text(text) => {
                    out.push('\'');
                    out.push_str(text);
                    out.push('\'');
                }
            }
        }
        out.push(if copies { '\n' } else { ')' });
        if out.len() >= AT_ONCE { self.flush(raw).await } else { Ok(()) }
    }

    /// Writes what waits.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn flush(&mut self, raw: &mut Raw) -> Result<(), Fault> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let Self { table, columns, waiting } = self;
        match raw {
            Raw::Sqlite(_) => raw.run(format!("INSERT INTO {table} ({columns}) VALUES {waiting}")).await?,
            Raw::Postgres(c) => {
                let mut copy = c.copy_in_raw(&format!("COPY {table} ({columns}) FROM STDIN")).await?;
                copy.send(waiting.as_bytes()).await?;
                copy.finish().await?;
            }
        }
        self.waiting.clear();
        Ok(())
    }
}
