//! Settings: a flag wins over the environment (`HUZHU_*`), that over the file, that over what is built in.
use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::Duration;
use clap::{Args, ValueEnum};
use huzhu_domain::permission::Role;
use openidconnect::{ClientId, ClientSecret, IssuerUrl, RedirectUrl, url::Url};
use serde::Deserialize;

use super::client::ProxyHops;

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One line of text an event.
    #[default]
    Text,
    /// One JSON object an event.
    Json,
}

/// The settings as they are given; every one is optional.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Settings file in TOML; the names are the flags' with _ for -
    #[arg(long, env = "HUZHU_CONFIG", global = true)]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Folder for the SQLite database and the pictures [default: ./data]
    #[arg(long, env = "HUZHU_DATA_DIR", global = true)]
    pub data_dir: Option<PathBuf>,
    /// postgres://… or sqlite://… [default: huzhu.db in the data folder]
    #[arg(long, env = "HUZHU_DATABASE_URL", global = true, hide_env_values = true)]
    pub database_url: Option<String>,
    /// A database that follows the other, from which lists and figures are read [default: the other itself]
    #[arg(long, env = "HUZHU_DATABASE_READ_URL", global = true, hide_env_values = true)]
    pub database_read_url: Option<String>,
    /// s3://bucket/prefix for the pictures [default: files in the data folder]
    #[arg(long, env = "HUZHU_BLOB_URL", global = true)]
    pub blob_url: Option<String>,
    /// Where S3 answers, as in https://s3.example.com [default: AWS_ENDPOINT_URL, or Amazon]
    #[arg(long, env = "HUZHU_BLOB_ENDPOINT", global = true)]
    pub blob_endpoint: Option<String>,
    /// S3's region [default: AWS_REGION]
    #[arg(long, env = "HUZHU_BLOB_REGION", global = true)]
    pub blob_region: Option<String>,
    /// Who we are to S3; by HUZHU_BLOB_KEY_ID or the settings file [default: AWS_ACCESS_KEY_ID]
    #[arg(skip)]
    pub blob_key_id: Option<String>,
    /// Our secret there; by HUZHU_BLOB_SECRET or the settings file, never by flag: flags stand in the list of processes [default:
    /// AWS_SECRET_ACCESS_KEY]
    #[arg(skip)]
    pub blob_secret: Option<Secret>,
    /// File with the keys of this installation, made when it isn't there; the same for all servers of one database [default: huzhu.key in the data folder]
    #[arg(long, env = "HUZHU_KEY_FILE", global = true)]
    pub key_file: Option<PathBuf>,
    /// Address to listen on [default: 127.0.0.1:8080]
    #[arg(long, env = "HUZHU_LISTEN", global = true)]
    pub listen: Option<SocketAddr>,
    /// Send the session cookie over HTTPS only (behind a TLS proxy)
    #[arg(long, env = "HUZHU_SECURE_COOKIES", global = true, num_args = 0..=1, default_missing_value = "true")]
    pub secure_cookies: Option<bool>,
    /// Name of the society, shown in the header [default: 职工互助会]
    #[arg(long, env = "HUZHU_SOCIETY", global = true)]
    pub society: Option<String>,
    /// Calendar days after 结案 in which an appeal needs no reason for being late [default: 60]
    #[arg(long, env = "HUZHU_APPEAL_DAYS", global = true)]
    pub appeal_days: Option<u32>,
    /// Address for Prometheus, apart from where people come [default: none]
    #[arg(long, env = "HUZHU_METRICS_LISTEN", global = true)]
    pub metrics_listen: Option<SocketAddr>,
    /// OpenTelemetry collector for traces (OTLP over HTTP), as in http://127.0.0.1:4318 [default: none]
    #[arg(long, env = "HUZHU_TRACES", global = true)]
    pub traces: Option<String>,
    /// Hours after which somebody signs in again, whatever they do [default: 12]
    #[arg(long, env = "HUZHU_SESSION_HOURS", global = true)]
    pub session_hours: Option<u32>,
    /// Minutes without a request after which somebody signs in again [default: 60]
    #[arg(long, env = "HUZHU_IDLE_MINUTES", global = true)]
    pub idle_minutes: Option<u32>,
    /// Days after which a password must be changed; 0: never [default: 0]
    #[arg(long, env = "HUZHU_PASSWORD_DAYS", global = true)]
    pub password_days: Option<u32>,
    /// Roles whose people sign in with an authenticator besides the password, as in cashier,admin [default: none]
    #[arg(long, env = "HUZHU_SECOND_FACTOR", global = true, value_delimiter = ',')]
    pub second_factor: Option<Vec<Role>>,
    /// Identity provider (OpenID Connect) by which people may sign in, as in https://id.example.com [default: none]
    #[arg(long, env = "HUZHU_SIGN_ON_ISSUER", global = true)]
    pub sign_on_issuer: Option<String>,
    /// What the provider calls this server (client_id)
    #[arg(long, env = "HUZHU_SIGN_ON_CLIENT", global = true)]
    pub sign_on_client: Option<String>,
    /// The secret that the provider gave for it
    #[arg(long, env = "HUZHU_SIGN_ON_SECRET", global = true, hide_env_values = true)]
    pub sign_on_secret: Option<String>,
    /// What people call the provider, on the sign-in page [default: 单点登录]
    #[arg(long, env = "HUZHU_SIGN_ON_NAME", global = true)]
    pub sign_on_name: Option<String>,
    /// Where browsers reach this server, as in https://huzhu.example.com; needed by the identity provider
    #[arg(long, env = "HUZHU_PUBLIC_URL", global = true)]
    pub public_url: Option<String>,
    /// Proxies of your own in front of the server that write X-Forwarded-For [default: 0]
    #[arg(long, env = "HUZHU_PROXY_HOPS", global = true)]
    pub proxy_hops: Option<usize>,
    /// Whether pictures and rosters are sealed in the store from now on [default: false]
    #[arg(long, env = "HUZHU_SEAL_FILES", global = true, num_args = 0..=1, default_missing_value = "true")]
    pub seal_files: Option<bool>,
    /// Whether there are limits of how fast somebody may ask [default: true]
    #[arg(long, env = "HUZHU_RATE_LIMITS", global = true, num_args = 0..=1, default_missing_value = "true")]
    pub rate_limits: Option<bool>,
    /// File with the rules of how long personal data is kept; only `huzhu retention` reads it [default: none, nothing is ever erased]
    #[arg(long, env = "HUZHU_RETENTION", global = true)]
    pub retention: Option<PathBuf>,
    /// text or json [default: text]
    #[arg(long, env = "HUZHU_LOG_FORMAT", global = true, value_enum)]
    pub log_format: Option<LogFormat>,
}

/// A text that is never printed.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Takes it over.
    #[must_use]
    pub const fn new(told: String) -> Self {
        Self(told)
    }

    /// What it says.
    #[must_use]
    pub fn told(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Where S3 is and who we are to it; what isn't set is taken from where all programs of AWS take it.
#[derive(Clone, Debug, Default)]
pub struct Bucket {
    /// Where it answers.
    pub endpoint: Option<String>,
    /// Its region.
    pub region: Option<String>,
    /// Who we are.
    pub key_id: Option<String>,
    /// Our secret.
    pub secret: Option<Secret>,
}

impl Bucket {
    fn of(settings: Settings, file: Settings) -> Self {
        let told = |name| std::env::var(name).ok();
        Self {
            endpoint: settings.blob_endpoint.or(file.blob_endpoint),
            region: settings.blob_region.or(file.blob_region),
            key_id: settings.blob_key_id.or_else(|| told("HUZHU_BLOB_KEY_ID")).or(file.blob_key_id),
            secret: settings.blob_secret.or_else(|| told("HUZHU_BLOB_SECRET").map(Secret)).or(file.blob_secret),
        }
    }
}

/// What lets somebody in, and how long it lasts.
#[derive(Clone, Debug)]
pub struct SessionLimits {
    /// A session, whatever is done in it.
    pub whole: Duration,
    /// A session in which nothing is done.
    pub idle: Duration,
    /// A password; None: for ever.
    pub password: Option<Duration>,
    /// Who needs an authenticator besides.
    pub second_factor: Arc<[Role]>,
}

impl SessionLimits {
    /// Whether somebody with these roles needs an authenticator besides.
    #[must_use]
    pub fn wants_second_factor(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.second_factor.contains(role))
    }
}

fn hours(count: u32) -> Duration {
    minutes(count.saturating_mul(60))
}

fn minutes(count: u32) -> Duration {
    Duration::minutes(i64::from(count))
}

/// 单点登录: the identity provider, and what it knows this server by.
#[derive(Clone, Debug)]
pub struct SignOn {
    /// Where the provider is.
    pub issuer: IssuerUrl,
    /// Our name there.
    pub client: ClientId,
    /// Our secret there; never printed.
    pub secret: Option<ClientSecret>,
    /// Where the provider sends people back to.
    pub redirect: RedirectUrl,
    /// What people call it.
    pub name: String,
}

impl SignOn {
    /// The path to which the provider sends people back.
    pub const BACK: &str = "/api/session/sign-on/back";

    fn of(settings: Settings, file: Settings) -> Result<Option<Self>, ConfigError> {
        let Some(issuer) = settings.sign_on_issuer.or(file.sign_on_issuer) else { return Ok(None) };
        let want = |value: Option<String>, name| value.ok_or(ConfigError::SignOn(name));
        let public = want(settings.public_url.or(file.public_url), "public_url is missing")?;
        let redirect = RedirectUrl::new(format!("{}{}", public.trim_end_matches('/'), Self::BACK));
        let sign_on = Self {
            issuer: IssuerUrl::new(issuer).map_err(|_| ConfigError::SignOn("sign_on_issuer is no address"))?,
            client: ClientId::new(want(settings.sign_on_client.or(file.sign_on_client), "sign_on_client is missing")?),
            secret: settings.sign_on_secret.or(file.sign_on_secret).map(ClientSecret::new),
            redirect: redirect.map_err(|_| ConfigError::SignOn("public_url is no address"))?,
            name: settings.sign_on_name.or(file.sign_on_name).unwrap_or_else(|| "单点登录".to_owned()),
        };
        let safe = |url: &Url| url.scheme() == "https" || url.host_str().is_some_and(is_here);
        if !safe(sign_on.issuer.url()) || !safe(sign_on.redirect.url()) {
            return Err(ConfigError::SignOn("sign_on_issuer and public_url must be https"));
        }
        Ok(Some(sign_on))
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

/// The settings in force.
#[derive(Clone, Debug)]
pub struct Config {
    /// Folder for the SQLite database, the pictures and uploads under way.
    pub data_dir: PathBuf,
    /// Where the database is.
    pub database_url: String,
    /// Where lists and figures are read, if not there.
    pub database_read_url: Option<String>,
    /// Where the pictures are, if not in the data folder.
    pub blob_url: Option<String>,
    /// How they are reached where they are in S3.
    pub bucket: Bucket,
    /// Where the keys are.
    pub key_file: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Whether the session cookie is marked Secure.
    pub secure_cookies: bool,
    /// The society's name.
    pub society: String,
    /// Calendar days after 结案 in which an appeal is in time.
    pub appeal_days: u32,
    /// Where Prometheus asks; None: nowhere.
    pub metrics_listen: Option<SocketAddr>,
    /// Where traces go; None: nowhere.
    pub traces: Option<String>,
    /// When somebody signs in again, and chooses a new password.
    pub sessions: SessionLimits,
    /// 单点登录; None: people sign in by password.
    pub sign_on: Option<SignOn>,
    /// Our own proxies.
    pub proxy_hops: ProxyHops,
    /// Whether files are sealed in the store from now on.
    pub seal_files: bool,
    /// Whether there are limits of how fast somebody may ask.
    pub rate_limits: bool,
    /// The rules of how long personal data is kept; None: nothing is ever erased.
    pub retention: Option<PathBuf>,
    /// How the log is written.
    pub log_format: LogFormat,
    /// Whether this is a demonstration: known passwords, loopback only.
    pub demo: bool,
}

/// Why the settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The settings file couldn't be read.
    #[error("settings file {0}: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// The settings file isn't what it should be.
    #[error("settings file {0}: {1}")]
    Malformed(PathBuf, toml::de::Error),
    /// Demo mode has known passwords.
    #[error("demo mode has known passwords and listens on loopback only, not on {0}")]
    DemoNotLoopback(SocketAddr),
    /// The identity provider's settings don't belong together.
    #[error("single sign-on: {0}")]
    SignOn(&'static str),
}

impl Settings {
    /// Joins flags, environment and file.
    ///
    /// # Errors
    /// When the file is unreadable or wrong, or demo mode would listen beyond loopback.
    pub fn resolve(self, demo: bool) -> Result<Config, ConfigError> {
        let file = match &self.config {
            Some(path) => read(path)?,
            None => Self::default(),
        };
        let sign_on = SignOn::of(self.clone(), file.clone())?;
        let bucket = Bucket::of(self.clone(), file.clone());
        let data_dir = self.data_dir.or(file.data_dir).unwrap_or_else(|| PathBuf::from("data"));
        let database_url = self
            .database_url
            .or(file.database_url)
            .unwrap_or_else(|| format!("sqlite://{}", data_dir.join("huzhu.db").display()));
        let listen = self.listen.or(file.listen).unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)));
        if demo && !listen.ip().is_loopback() {
            return Err(ConfigError::DemoNotLoopback(listen));
        }
        Ok(Config {
            key_file: self.key_file.or(file.key_file).unwrap_or_else(|| data_dir.join("huzhu.key")),
            data_dir,
            database_url,
            database_read_url: self.database_read_url.or(file.database_read_url),
            blob_url: self.blob_url.or(file.blob_url),
            bucket,
            listen,
            secure_cookies: self.secure_cookies.or(file.secure_cookies).unwrap_or(false),
            society: self.society.or(file.society).unwrap_or_else(|| "职工互助会".to_owned()),
            appeal_days: self.appeal_days.or(file.appeal_days).unwrap_or(60),
            metrics_listen: self.metrics_listen.or(file.metrics_listen),
            traces: self.traces.or(file.traces),
            sessions: SessionLimits {
                whole: hours(self.session_hours.or(file.session_hours).unwrap_or(12)),
                idle: minutes(self.idle_minutes.or(file.idle_minutes).unwrap_or(60)),
                password: self.password_days.or(file.password_days).filter(|d| *d > 0).map(|d| hours(d * 24)),
                second_factor: self.second_factor.or(file.second_factor).unwrap_or_default().into(),
            },
            sign_on,
            proxy_hops: ProxyHops(self.proxy_hops.or(file.proxy_hops).unwrap_or_default()),
            seal_files: self.seal_files.or(file.seal_files).unwrap_or(false),
            rate_limits: self.rate_limits.or(file.rate_limits).unwrap_or(true),
            retention: self.retention.or(file.retention),
            log_format: self.log_format.or(file.log_format).unwrap_or_default(),
            demo,
        })
    }
}

fn read(path: &Path) -> Result<Settings, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|e| ConfigError::Unreadable(path.to_owned(), e))?;
    toml::from_str(&text).map_err(|e| ConfigError::Malformed(path.to_owned(), e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demo_mode_refuses_to_listen_beyond_loopback() {
        let settings = Settings { listen: Some("0.0.0.0:8080".parse().unwrap()), ..Settings::default() };
        assert!(settings.clone().resolve(false).is_ok());
        assert!(matches!(settings.resolve(true), Err(ConfigError::DemoNotLoopback(_))));
    }

    #[test]
    fn a_flag_wins_over_the_file_and_an_unknown_name_in_the_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("huzhu.toml");
        std::fs::write(&path, "society = \"测试互助会\"\nlisten = \"127.0.0.1:9\"\n").unwrap();
        let flags = Settings {
            config: Some(path.clone()),
            listen: Some("127.0.0.1:10".parse().unwrap()),
            ..Settings::default()
        };
        let config = flags.clone().resolve(false).unwrap();
        assert_eq!((config.society.as_str(), config.listen.port()), ("测试互助会", 10));
        std::fs::write(&path, "listne = \"127.0.0.1:9\"\n").unwrap();
        assert!(matches!(flags.resolve(false), Err(ConfigError::Malformed(..))));
    }

    #[test]
    fn a_secret_of_the_file_is_taken_and_never_printed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("huzhu.toml");
        std::fs::write(&path, "blob_key_id = \"us\"\nblob_secret = \"keep this\"\n").unwrap();
        let config = Settings { config: Some(path), ..Settings::default() }.resolve(false).unwrap();
        assert_eq!(config.bucket.secret.as_ref().map(Secret::told), Some("keep this"));
        assert!(!format!("{config:?}").contains("keep this"));
    }
}
