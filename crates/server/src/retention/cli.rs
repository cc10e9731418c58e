//! `huzhu retention`: what would be erased today, erasing it, and 暂不清除.
use std::{fmt::Write, path::Path};

use clap::{Args, Subcommand};
use huzhu_domain::retention::{RetentionFault, Rules, Term};
use sea_orm::DbErr;
use serde_json::{Map, Value, json};

use super::{Report, RetentionError, Told, carry_out, holds, look};
use crate::{
    app::StartError,
    installation,
    platform::{
        blob::Blobs,
        config::Config,
        messages::{self, Locale, Notice},
    },
};

/// What is to be done.
#[derive(Debug, Default, Args)]
pub struct RetentionArgs {
    /// Only look what would be erased; so it is without --carry-out, too
    #[arg(long, conflicts_with = "carry_out")]
    pub dry_run: bool,
    /// Erase what is due; it can't be taken back
    #[arg(long)]
    pub carry_out: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Language of the sentences: zh-CN or en
    #[arg(long, global = true, default_value = "zh-CN")]
    pub lang: String,
    /// What else.
    #[command(subcommand)]
    pub command: Option<HoldCommand>,
}

/// 暂不清除.
#[derive(Debug, Subcommand)]
pub enum HoldCommand {
    /// Hold a case or a member back, whatever the rules say
    Hold {
        /// What.
        #[command(flatten)]
        whom: Whom,
        /// Why, at most 200 characters; no personal data
        #[arg(long)]
        reason: String,
    },
    /// End a hold
    Release {
        /// What.
        #[command(flatten)]
        whom: Whom,
    },
    /// Print the holds as JSON
    Holds,
}

/// A case or a member.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Whom {
    /// 案件号
    #[arg(long)]
    pub case: Option<String>,
    /// The id in the address of the member's page
    #[arg(long)]
    pub member: Option<i64>,
}

/// Why it wasn't done.
#[derive(Debug, thiserror::Error)]
pub enum RetentionRefusal {
    /// With a sentence in every language: its code and arguments.
    #[error("{0}")]
    Coded(&'static str, Map<String, Value>),
    /// What is wrong with the file of rules.
    #[error("{0}")]
    Rules(String, Vec<RetentionFault>),
    /// The file can't be read.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    /// The installation can't be opened: its keys, its schema.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It began, and something failed.
    #[error(transparent)]
    Run(#[from] RetentionError),
    /// The database.
    #[error("database: {0}")]
    Database(#[from] DbErr),
}

impl RetentionRefusal {
    pub(super) fn coded(code: &'static str, args: &Value) -> Self {
        Self::Coded(code, args.as_object().cloned().unwrap_or_default())
    }

    /// In a language.
    #[must_use]
    pub fn told(&self, locale: Locale) -> String {
        match self {
            Self::Coded(code, args) => messages::sentence(locale, code, args),
            Self::Rules(file, faults) => {
                let lines: Vec<String> = faults.iter().map(|f| Notice::of(f, locale).message).collect();
                format!("{file}:\n{}", lines.join("\n"))
            }
            other => other.to_string(),
        }
    }
}

/// Reads the rules that the settings name.
///
/// # Errors
/// When they name none, or there is something wrong with them.
pub fn rules(config: &Config) -> Result<Rules, RetentionRefusal> {
    let Some(path) = &config.retention else { return Err(RetentionRefusal::coded("retention_no_file", &json!({}))) };
    let text = read(path)?;
    Rules::parse(&text).map_err(|faults| RetentionRefusal::Rules(path.display().to_string(), faults))
}

fn read(path: &Path) -> Result<String, RetentionRefusal> {
    std::fs::read_to_string(path).map_err(|e| RetentionRefusal::File(path.display().to_string(), e))
}

/// Does it, and says what came of it.
///
/// # Errors
/// See [`RetentionRefusal`].
pub async fn run(config: &Config, args: &RetentionArgs, locale: Locale) -> Result<String, RetentionRefusal> {
    let said = |code: &str| messages::sentence(locale, code, &Map::new());
    if let Some(command) = &args.command {
        let db = installation::visit(config).await?;
        let done = match command {
            HoldCommand::Hold { whom, reason } => {
                holds::place(&db, whom, reason).await.map(|()| said("retention_held"))
            }
            HoldCommand::Release { whom } => holds::end(&db, whom).await.map(|()| said("retention_released")),
            HoldCommand::Holds => holds::list(&db).await.map(|holds| json!(holds).to_string()),
        };
        db.close().await?;
        return done;
    }
    let rules = rules(config)?;
    let db = installation::visit(config).await?;
    let blobs = Blobs::open(config).map_err(RetentionError::from)?;
    let done = match args.carry_out {
        true => carry_out(&db, &blobs, &rules).await,
        false => look(&db, &blobs, &rules).await,
    };
    db.close().await?;
    let report = done?;
    Ok(if args.json { json!(report).to_string() } else { told(&report, locale) })
}

fn told(report: &Report, locale: Locale) -> String {
    let say = |code: &str, args: Value| messages::sentence(locale, code, args.as_object().unwrap_or(&Map::new()));
    let day = json!({ "day": report.today });
    let mut out = say(if report.carried_out { "retention_carried_out" } else { "retention_dry_run" }, day);
    for rule in &report.rules {
        let _ = write!(out, "\n{}", line(rule, locale));
        for (holding, n) in &rule.held {
            let _ = write!(out, "\n    {}", say("retention_held_back", json!({ "holding": holding, "n": n })));
        }
    }
    if report.pending_files > 0 {
        let _ = write!(out, "\n{}", say("retention_pending", json!({ "n": report.pending_files })));
    }
    if !report.forgotten {
        let _ = write!(out, "\n{}", say("retention_log_busy", json!({})));
    }
    out
}

/// One rule in a sentence.
fn line(told: &Told, locale: Locale) -> String {
    let (term, n) = match told.keep {
        Term::Years(n) => ("years", n),
        Term::Days(n) => ("days", n),
    };
    let args = json!({
        "retention_kind": told.kind, "n": n, "term": term, "until": told.until, "records": told.records,
        "oldest": told.oldest, "newest": told.newest, "files": told.files, "bytes": told.file_bytes,
    });
    let code = match (told.oldest, told.files) {
        (None, _) => "retention_line_none",
        (Some(_), 0) => "retention_line",
        (Some(_), _) => "retention_line_files",
    };
    messages::sentence(locale, code, args.as_object().unwrap_or(&Map::new()))
}
