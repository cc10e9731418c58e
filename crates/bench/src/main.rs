//! `huzhu-bench`: what Huzhu costs, as ratios against floors of the same run. `make bench` runs it on both databases.
#![allow(clippy::float_arithmetic, clippy::print_stdout, reason = "a measurement, not the product")]

mod client;
mod fill;
mod measure;
mod server;
mod table;

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use measure::Bench;
use table::{HEADING, Table};

/// Whatever ends a run.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Start, idle memory, size of the binary.
    Start,
    /// Lists, counters and inquiries.
    Lists,
    /// 受理查询 by ID number.
    Eligibility,
    /// 确认受理.
    Accept,
    /// 申领计算.
    Calculate,
    /// From acceptance to 结案.
    Life,
    /// 导出.
    Export,
    /// 材料上传.
    Upload,
    /// What a browser loads first.
    Web,
}

/// Measures the server beside this binary on a data set.
#[derive(Clone, Debug, Parser)]
pub struct Args {
    /// Members in the data set
    #[arg(long, default_value_t = 200_000)]
    pub members: i64,
    /// Cases in the data set
    #[arg(long, default_value_t = 100_000)]
    pub cases: i64,
    /// Folder for keys, pictures and the SQLite database; a data set that is there is used again
    #[arg(long, default_value = "target/bench")]
    pub dir: PathBuf,
    /// A PostgreSQL database to use instead of SQLite
    #[arg(long, env = "HUZHU_BENCH_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// What to measure, as in lists,life [default: everything]
    #[arg(long, value_enum, value_delimiter = ',')]
    pub only: Vec<Part>,
    /// Repeat less
    #[arg(long)]
    pub quick: bool,
    /// File for the table as Markdown
    #[arg(long)]
    pub out: Option<PathBuf>,
}

impl Args {
    /// Where the database is.
    pub fn url(&self) -> String {
        let own = || format!("sqlite://{}", self.dir.join("huzhu.db").display());
        self.database_url.clone().unwrap_or_else(own)
    }

    /// How often something is repeated.
    pub const fn times(&self, whole: usize, quick: usize) -> usize {
        if self.quick { quick } else { whole }
    }

    fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

#[tokio::main]
async fn main() -> Result<(), Fault> {
    let args = Args::parse();
    std::fs::create_dir_all(&args.dir)?;
    let engine = if args.database_url.is_some() { "PostgreSQL" } else { "SQLite, synchronous=FULL" };
    let title = format!("{engine}; {} members, {} cases", args.members, args.cases);
    println!("{title}\n");
    fill::fill(&args).await?;
    println!("{HEADING}\n|---|---|--:|--:|--:|--:|---|");
    let mut bench = Bench::begin(args.clone()).await?;
    for part in Part::value_variants() {
        if args.wants(*part) {
            bench.measure(*part).await?;
        }
    }
    let table: Table = bench.end()?;
    println!("\n{} short", table.short());
    if let Some(out) = &args.out {
        std::fs::write(out, format!("{title}\n\n{}", table.markdown()))?;
    }
    Ok(())
}
