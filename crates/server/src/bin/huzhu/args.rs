//! What the command line takes.
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Parser, Subcommand};
use huzhu::{audit::cli::AuditCommand, platform::config::Settings, retention::cli::RetentionArgs};
use huzhu_domain::permission::Role;

/// The claims core of a workers' mutual-aid society (互助).
#[derive(Parser)]
#[command(name = "huzhu", version, about)]
pub struct Cli {
    #[command(flatten)]
    pub settings: Settings,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Serve the API and the web application
    Serve,
    /// Serve a demonstration: fills an empty data folder with made-up data; loopback only
    Demo,
    /// Bring the database schema up to date
    Migrate,
    /// Look after users
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Look after coverages
    Coverage {
        #[command(subcommand)]
        command: CoverageCommand,
    },
    /// Enrol people from Excel files
    Import {
        #[command(subcommand)]
        command: ImportCommand,
    },
    /// Look after plans
    Plan(PlanArgs),
    /// Write everything but the keys into a folder, while the server works
    Backup {
        /// The folder; it must not be there
        #[arg(long)]
        to: PathBuf,
    },
    /// Put a backup into an empty data folder or database; the key file must be there
    Restore {
        /// The folder that `huzhu backup` wrote
        #[arg(long)]
        from: PathBuf,
    },
    /// Move everything from the database and files of the settings to others, as from SQLite to PostgreSQL, while no server is at work
    Transfer {
        /// postgres://… or sqlite://…; it must be empty
        #[arg(long)]
        to: String,
        /// s3://bucket/prefix for the files [default: they stay where they are, or go into --to-data-dir]
        #[arg(long)]
        to_blob_url: Option<String>,
        /// Folder for the files [default: the settings' data folder]
        #[arg(long)]
        to_data_dir: Option<PathBuf>,
    },
    /// Look whether what must always hold does: states, ledger, payments, logs, files; prints JSON, fails if not
    Doctor,
    /// Seal personal data anew with the newest key of the key file, while no server is at work
    Reseal,
    /// Look what personal data the rules of --retention would erase today, or erase it
    Retention(RetentionArgs),
    /// Prove that the logs are what was written
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Print the OpenAPI document
    Openapi,
    /// Print docs/workflow.md
    Workflow,
}

#[derive(Subcommand)]
pub enum UserCommand {
    /// Make a user with a random password, shown once, that must be changed at the first sign-in
    Add {
        /// Sign-in name
        username: String,
        /// The name that is shown
        #[arg(long)]
        name: String,
        /// unit_operator, handler, first_reviewer, second_reviewer, cashier or admin; may be given again
        #[arg(long = "role", required = true)]
        roles: Vec<Role>,
        /// Code of the office, agency or unit [default: 0000, the society, which is made if it isn't there]
        #[arg(long, default_value = "0000")]
        org: String,
    },
}

#[derive(Subcommand)]
pub enum CoverageCommand {
    /// Cover a member that is there by a published plan version; a gap-free one is a renewal
    Add {
        /// 证件号码
        #[arg(long)]
        id_number: String,
        /// Code of the plan; the version is the one in force on the first day
        #[arg(long)]
        plan: String,
        /// First day
        #[arg(long)]
        from: NaiveDate,
        /// Last day
        #[arg(long)]
        to: NaiveDate,
        /// Number of 份
        #[arg(long, default_value_t = 1)]
        shares: u32,
    },
}

#[derive(Subcommand)]
pub enum ImportCommand {
    /// Print an empty file to be filled in: > roster.xlsx
    Template {
        /// What it is for
        #[arg(value_enum)]
        kind: TemplateKind,
    },
    /// Judge a roster and enrol its good rows; prints JSON with what is wrong, by row, column and code
    Roster {
        /// Code of the 参保单位
        #[arg(long)]
        unit: String,
        /// Code of the plan; the version is the one in force on the first day
        #[arg(long)]
        plan: String,
        /// First day
        #[arg(long)]
        from: NaiveDate,
        /// Last day
        #[arg(long)]
        to: NaiveDate,
        /// Only judge; nothing is kept
        #[arg(long)]
        dry_run: bool,
        /// Leave 到账确认 to finance; without it the fee counts as arrived
        #[arg(long)]
        fee_pending: bool,
        /// Language of the sentences: zh-CN or en
        #[arg(long, default_value = "zh-CN")]
        lang: String,
        /// The roster, .xlsx or .xls
        file: PathBuf,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub enum TemplateKind {
    /// 参保名册
    Roster,
}

#[derive(clap::Args)]
pub struct PlanArgs {
    /// Language of sentences and faults: zh-CN or en
    #[arg(long, global = true, default_value = "zh-CN")]
    pub lang: String,
    #[command(subcommand)]
    pub command: PlanCommand,
}

#[derive(Subcommand)]
pub enum PlanCommand {
    /// Look whether plan files are in order: structure, sense, worked examples, and that versions follow each other
    Check {
        /// TOML files, or folders with such
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Compute a claim from facts: prints the amount and the trace as JSON
    Calc {
        /// The plan
        file: PathBuf,
        /// Code of the liability
        #[arg(long)]
        liability: String,
        /// JSON with the fields of a worked example (docs/adding-a-plan.md)
        #[arg(long)]
        facts: PathBuf,
    },
    /// Say the rule in sentences
    Explain {
        /// The plan
        file: PathBuf,
    },
    /// Print the JSON Schema of plan files, for editors
    Schema,
}
