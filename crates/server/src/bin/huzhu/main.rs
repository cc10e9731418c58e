//! `huzhu`: the command line.
mod args;

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use huzhu::{
    app::{self, App},
    audit::{
        anchor,
        cli::{self as audit_cli, AuditCommand},
    },
    backup::cli as backups,
    demo, doctor,
    enrolment::{
        self,
        cli::{self as rosters, Import},
    },
    installation,
    members::coverage::{self, NewCoverage},
    orgs::users::{self, NewUser},
    plans::cli,
    platform::{
        blob::Blobs,
        config::{Config, LogFormat, Settings},
        door, metrics,
        traces::Traces,
    },
    retention::cli::{self as retention, RetentionArgs},
};
use huzhu_domain::case::moves;
use listenfd::ListenFd;
use tokio::net::TcpListener;
use tracing_subscriber::{Layer, layer::SubscriberExt, util::SubscriberInitExt};

use args::{Cli, Command, CoverageCommand, ImportCommand, PlanArgs, PlanCommand, TemplateKind, UserCommand};

type Anyhow = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Openapi => print_openapi(),
        Command::Workflow => {
            say(&moves::as_markdown());
            Ok(())
        }
        Command::Plan(args) => plan(&args),
        Command::Coverage { command: CoverageCommand::Add { id_number, plan, from, to, shares } } => {
            block_on(add_coverage(cli.settings, NewCoverage { id_number, plan, from, to, shares }))
        }
        Command::Import { command: ImportCommand::Template { kind: TemplateKind::Roster } } => print_template(),
        Command::Import {
            command: ImportCommand::Roster { unit, plan, from, to, dry_run, fee_pending, lang, file },
        } => {
            let asked = Import { unit, plan, from, to, dry_run, fee_pending };
            block_on(import_roster(cli.settings, asked, file, lang))
        }
        Command::Backup { to } => block_on(run_backup(cli.settings, to)),
        Command::Restore { from } => block_on(run_restore(cli.settings, from)),
        Command::Transfer { to, to_blob_url, to_data_dir } => {
            block_on(run_transfer(cli.settings, to, to_blob_url, to_data_dir))
        }
        Command::Doctor => block_on(run_doctor(cli.settings)),
        Command::Reseal => block_on(run_reseal(cli.settings)),
        Command::Retention(args) => block_on(run_retention(cli.settings, args)),
        Command::Audit { command } => block_on(run_audit(cli.settings, command)),
        Command::Demo => block_on(run_demo(cli.settings)),
        Command::Serve => block_on(run_server(cli.settings)),
        Command::Migrate => block_on(migrate(cli.settings)),
        Command::User { command: UserCommand::Add { username, name, roles, org } } => {
            block_on(add_user(cli.settings, NewUser { username, name, org_code: org, roles }))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// The command line's answer. A reader that goes away (`| head`) is no error.
fn say(text: &str) {
    use std::io::Write;
    let _gone = writeln!(std::io::stdout(), "{text}");
}

#[allow(clippy::print_stderr, reason = "the command line's complaint")]
fn complain(text: &str) {
    eprintln!("huzhu: {text}");
}

fn block_on(doing: impl Future<Output = Result<(), Anyhow>>) -> Result<(), Anyhow> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(doing)
}

fn print_openapi() -> Result<(), Anyhow> {
    say(&app::openapi().to_pretty_json()?);
    Ok(())
}

fn plan(args: &PlanArgs) -> Result<(), Anyhow> {
    let locale = cli::locale(&args.lang);
    let printed = match &args.command {
        PlanCommand::Check { files } => cli::check(files, locale),
        PlanCommand::Calc { file, liability, facts } => cli::calc(file, liability, facts, locale),
        PlanCommand::Explain { file } => cli::explain(file, locale),
        PlanCommand::Schema => cli::schema(),
    }?;
    say(&printed.text);
    if printed.ok { Ok(()) } else { Err("not in order".into()) }
}

fn start_log(config: &Config) -> Result<Option<Traces>, Anyhow> {
    let filter = tracing_subscriber::EnvFilter::try_from_env("HUZHU_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,sqlx=warn,sea_orm_migration=warn"));
    let written = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let written = match config.log_format {
        LogFormat::Text => written.boxed(),
        LogFormat::Json => written.json().boxed(),
    };
    let traces = config.traces.as_deref().map(Traces::begin).transpose()?;
    let sent = traces.as_ref().map(Traces::layer);
    tracing_subscriber::registry().with(filter).with(written).with(sent).init();
    Ok(traces)
}

async fn migrate(settings: Settings) -> Result<(), Anyhow> {
    let config = settings.resolve(false)?;
    let db = installation::open(&config).await?;
    db.close().await?;
    say("the schema is current");
    Ok(())
}

async fn run_audit(settings: Settings, command: AuditCommand) -> Result<(), Anyhow> {
    let config = settings.resolve(false)?;
    let db = installation::visit(&config).await?;
    let done = audit_cli::run(&db, &config, command).await;
    db.close().await?;
    let printed = done?;
    say(&printed.text);
    if printed.ok { Ok(()) } else { Err("the logs aren't what was written".into()) }
}

async fn run_backup(settings: Settings, to: PathBuf) -> Result<(), Anyhow> {
    say(&backups::backup(&settings.resolve(false)?, &to).await?);
    Ok(())
}

async fn run_restore(settings: Settings, from: PathBuf) -> Result<(), Anyhow> {
    say(&backups::restore(&settings.resolve(false)?, &from).await?);
    Ok(())
}

async fn run_transfer(
    settings: Settings,
    to: String,
    to_blob_url: Option<String>,
    to_data_dir: Option<PathBuf>,
) -> Result<(), Anyhow> {
    let from = settings.resolve(false)?;
    let to = Config {
        database_url: to,
        blob_url: to_blob_url.or_else(|| if to_data_dir.is_some() { None } else { from.blob_url.clone() }),
        data_dir: to_data_dir.unwrap_or_else(|| from.data_dir.clone()),
        ..from.clone()
    };
    say(&backups::transfer(&from, &to).await?);
    Ok(())
}

async fn run_reseal(settings: Settings) -> Result<(), Anyhow> {
    let (key, texts) = installation::reseal(&settings.resolve(false)?).await?;
    say(&format!("{texts} texts sealed anew; personal data is sealed with key {key} now"));
    Ok(())
}

async fn run_retention(settings: Settings, args: RetentionArgs) -> Result<(), Anyhow> {
    let locale = cli::locale(&args.lang);
    let done = retention::run(&settings.resolve(false)?, &args, locale).await;
    say(&done.map_err(|refusal| refusal.told(locale))?);
    Ok(())
}

async fn run_doctor(settings: Settings) -> Result<(), Anyhow> {
    let config = settings.resolve(false)?;
    let db = installation::visit(&config).await?;
    let done = doctor::examine(&db, Some(&Blobs::open(&config)?), &anchor::folder(&config.data_dir)).await;
    db.close().await?;
    let examined = done?;
    say(&serde_json::to_string_pretty(&examined)?);
    if examined.is_well() { Ok(()) } else { Err("something isn't as it must be".into()) }
}

async fn add_user(settings: Settings, new: NewUser) -> Result<(), Anyhow> {
    let config = settings.resolve(false)?;
    let db = installation::open(&config).await?;
    users::ensure_society(&db, &config.society).await?;
    let password = users::add(&db, &new).await?;
    say(&format!("user {} with password {password} (shown once; must be changed at the first sign-in)", new.username));
    db.close().await?;
    Ok(())
}

async fn add_coverage(settings: Settings, new: NewCoverage) -> Result<(), Anyhow> {
    let config = settings.resolve(false)?;
    let db = installation::open(&config).await?;
    let id = coverage::add(&db, &new).await?;
    say(&format!("coverage {id}"));
    db.close().await?;
    Ok(())
}

/// The template goes out as it is, for a file or a pipe.
fn print_template() -> Result<(), Anyhow> {
    use std::io::Write;
    std::io::stdout().write_all(&rosters::template_file()?)?;
    Ok(())
}

async fn import_roster(settings: Settings, asked: Import, file: PathBuf, lang: String) -> Result<(), Anyhow> {
    let app = App::start(settings.resolve(false)?).await?;
    let done = rosters::import(&app, &asked, &file, cli::locale(&lang)).await;
    app.db.clone().close().await?;
    say(&rosters::printed(&done?)?);
    Ok(())
}

async fn run_server(settings: Settings) -> Result<(), Anyhow> {
    let config = settings.resolve(false)?;
    let traces = start_log(&config)?;
    let app = App::start(config).await?;
    serve(app, traces).await
}

async fn run_demo(settings: Settings) -> Result<(), Anyhow> {
    let config: Config = settings.resolve(true)?;
    let traces = start_log(&config)?;
    let app = App::start(config).await?;
    demo::begin(&app).await?;
    let mut text = format!("Demonstration. Password of every user: {}\n", demo::PASSWORD);
    for a in demo::ACCOUNTS {
        let role: &str = a.role.into();
        text.push_str(&format!("  {:<8} {role:<16} {} · {}\n", a.username, a.name, a.branch));
    }
    say(&text);
    serve(app, traces).await
}

/// Serves until SIGTERM or Ctrl+C; requests that are running are finished first.
async fn serve(app: App, traces: Option<Traces>) -> Result<(), Anyhow> {
    let listen = app.config.listen;
    if let Some(address) = app.config.metrics_listen {
        let address = metrics::serve(address, app.db.clone()).await?;
        tracing::info!(%address, "metrics");
    }
    let listener = match ListenFd::from_env().take_tcp_listener(0)? {
        // systemd's, which goes on listening while this process is replaced.
        Some(given) => {
            given.set_nonblocking(true)?;
            TcpListener::from_std(given)?
        }
        None => TcpListener::bind(listen).await.map_err(|e| format!("{listen}: {e}"))?,
    };
    say(&format!("http://{}", listener.local_addr()?));
    let router = app::router(app.clone()).into_make_service_with_connect_info::<std::net::SocketAddr>();
    let watch = tokio::spawn(enrolment::watch(app.clone()));
    let anchors = tokio::spawn(anchor::watch(app.clone()));
    let (door, end) = door::until(listener, stopped());
    axum::serve(door, router).with_graceful_shutdown(end).await?;
    watch.abort();
    anchors.abort();
    tracing::info!("stopped");
    app.db.clone().close().await?;
    if let Some(traces) = traces {
        traces.end().await;
    }
    Ok(())
}

async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
