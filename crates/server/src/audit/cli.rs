//! `huzhu audit`: the log from the command line.
use std::path::PathBuf;

use clap::Subcommand;

use super::{
    anchor::{self, AnchorError},
    verify,
};
use crate::platform::{config::Config, db::Db};

/// What can be done to the log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Look whether events of cases, 日志 and histories are what was written; prints JSON, fails if not
    Verify {
        /// Folder with the anchors [default: anchors in the data folder]
        #[arg(long)]
        anchors: Option<PathBuf>,
    },
    /// Make today's anchor, if it isn't there; prints its file
    Anchor,
}

/// What there is to be printed, and whether all is well.
#[derive(Debug)]
pub struct Printed {
    /// The text.
    pub text: String,
    /// Whether the command succeeds.
    pub ok: bool,
}

/// Does it.
///
/// # Errors
/// When the database or a file can't be read or written.
pub async fn run(db: &Db, config: &Config, command: AuditCommand) -> Result<Printed, AnchorError> {
    let folder = anchor::folder(&config.data_dir);
    match command {
        AuditCommand::Verify { anchors } => {
            let done = verify::verify(db, &anchors.unwrap_or(folder)).await?;
            let text = serde_json::to_string_pretty(&done).unwrap_or_default();
            Ok(Printed { text, ok: done.faults == 0 })
        }
        AuditCommand::Anchor => {
            let path = anchor::make(db, &folder, anchor::SETTLED).await?;
            Ok(Printed { text: path.display().to_string(), ok: true })
        }
    }
}
