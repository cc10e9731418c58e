//! The measurements: each drives the real server over HTTP, and takes its floor right before or after.
mod accept;
mod calculate;
mod export;
mod life;
mod lists;
mod start;
mod upload;
mod web;
mod work;

use crate::{
    Args, Fault, Part,
    client::Client,
    fill::{
        people::{FIRST, FRESH, id_number_of},
        sink::Raw,
    },
    server::Server,
    table::{Line, Table},
};

/// A server on a data set, and what was measured so far.
pub struct Bench {
    args: Args,
    server: Server,
    /// A connection of our own, for floors.
    raw: Raw,
    table: Table,
    /// How many of the members that are kept for the measured work were used.
    used: i64,
}

impl Bench {
    /// Starts the server.
    ///
    /// # Errors
    /// When it doesn't start.
    pub async fn begin(args: Args) -> Result<Self, Fault> {
        let server = Server::start(&args).await?;
        let mut raw = Raw::open(&args.url()).await?;
        // What an earlier run on the same data used.
        let claimed =
            format!("SELECT COALESCE(max(member_id), 0) FROM cases WHERE member_id >= {}", FIRST + args.members);
        let last = raw.number(&claimed).await?;
        let used = if last == 0 { 0 } else { last + 1 - FIRST - args.members };
        Ok(Self { args, server, raw, table: Table::default(), used })
    }

    /// Measures a part.
    ///
    /// # Errors
    /// When the server refuses something that it should do.
    pub async fn measure(&mut self, part: Part) -> Result<(), Fault> {
        match part {
            Part::Start => self.start().await,
            Part::Lists => self.lists().await,
            Part::Eligibility => self.eligibility().await,
            Part::Accept => self.accept().await,
            Part::Calculate => self.calculate().await,
            Part::Life => self.life().await,
            Part::Export => self.export().await,
            Part::Upload => self.upload().await,
            Part::Web => self.web().await,
        }
    }

    /// Stops the server and hands out what was measured.
    ///
    /// # Errors
    /// When it can't be stopped.
    pub fn end(self) -> Result<Table, Fault> {
        self.server.stop()?;
        Ok(self.table)
    }

    fn add(&mut self, line: Line) {
        self.table.add(line);
    }

    async fn sign_in(&self, username: &str) -> Result<Client, Fault> {
        Client::sign_in(&self.server.base, username).await
    }

    /// Connections that write as the server does: on SQLite one, on PostgreSQL one for everybody who works.
    async fn writers(&self, people: usize) -> Result<Vec<Raw>, Fault> {
        let count = if self.raw.is_postgres() { people } else { 1 };
        let mut raws = Vec::with_capacity(count);
        for _ in 0..count {
            let mut raw = Raw::open(&self.args.url()).await?;
            raw.as_the_server().await?;
            raws.push(raw);
        }
        Ok(raws)
    }

    /// Numbers of members who have claimed nothing yet, of office 3700.
    fn fresh(&mut self, count: usize) -> Result<Vec<String>, Fault> {
        let from = self.used;
        self.used += i64::try_from(count)?;
        if self.used > FRESH {
            return Err("no fresh members are left in this data set; remove its folder or database".into());
        }
        Ok((from..self.used).map(|n| id_number_of(self.args.members + n)).collect())
    }
}
