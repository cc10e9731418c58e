//! People who use the server over HTTP.
use std::time::{Duration, Instant};

use reqwest::{Method, header::COOKIE, multipart};
use serde_json::{Value, json};

use crate::Fault;

/// A session at a server.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    cookie: String,
}

impl Client {
    /// Signs in.
    ///
    /// # Errors
    /// When the server doesn't take the name or password.
    pub async fn sign_in(base: &str, username: &str) -> Result<Self, Fault> {
        let http = reqwest::Client::builder().build()?;
        let words = json!({ "username": username, "password": huzhu::demo::PASSWORD });
        let answer = http.post(format!("{base}/api/session")).json(&words).send().await?.error_for_status()?;
        let set = answer.headers().get_all("set-cookie").into_iter().filter_map(|c| c.to_str().ok());
        let cookies: Vec<&str> = set.filter_map(|c| c.split(';').next()).collect();
        let cookie = cookies.join("; ");
        Ok(Self { http, base: base.to_owned(), cookie })
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).header(COOKIE, &self.cookie)
    }

    /// What the server answers to a question.
    ///
    /// # Errors
    /// When it answers anything but success; the fault says what.
    pub async fn get(&self, path: &str) -> Result<Value, Fault> {
        json_of(self.request(Method::GET, path).send().await?).await
    }

    /// What the server answers to something sent.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Fault> {
        json_of(self.request(Method::POST, path).json(body).send().await?).await
    }

    /// As [`Client::post`], repeatable by a key.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn post_once(&self, path: &str, key: &str, body: &Value) -> Result<Value, Fault> {
        json_of(self.request(Method::POST, path).header("idempotency-key", key).json(body).send().await?).await
    }

    /// What the server answers to something put in place.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn put(&self, path: &str, body: &Value) -> Result<Value, Fault> {
        json_of(self.request(Method::PUT, path).json(body).send().await?).await
    }

    /// Uploads a picture.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn upload(&self, case: i64, kind: &str, content: Vec<u8>) -> Result<Value, Fault> {
        let file = multipart::Part::bytes(content).file_name("p.jpg");
        let form = multipart::Form::new().text("kind", kind.to_owned()).part("file", file);
        let path = format!("/api/cases/{case}/materials");
        json_of(self.request(Method::POST, &path).multipart(form).send().await?).await
    }

    /// Asks for a file, and counts its bytes as they come.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn download(&self, path: &str, body: &Value) -> Result<u64, Fault> {
        let mut answer = self.request(Method::POST, path).json(body).send().await?.error_for_status()?;
        let mut bytes = 0;
        while let Some(part) = answer.chunk().await? {
            bytes += part.len() as u64;
        }
        Ok(bytes)
    }
}

async fn json_of(answer: reqwest::Response) -> Result<Value, Fault> {
    let (status, path) = (answer.status(), answer.url().path().to_owned());
    let body = answer.bytes().await?;
    if status.is_success() {
        return Ok(serde_json::from_slice(&body).unwrap_or(Value::Null));
    }
    Err(format!("{path}: {status} {}", String::from_utf8_lossy(&body)).into())
}

/// How long things took.
#[derive(Debug, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Does something `count` times, one after the other.
    ///
    /// # Errors
    /// The first one of what is done.
    pub async fn of(count: usize, mut doing: impl AsyncFnMut(usize) -> Result<(), Fault>) -> Result<Self, Fault> {
        let mut times = Vec::with_capacity(count);
        for n in 0..count {
            let started = Instant::now();
            doing(n).await?;
            times.push(started.elapsed());
        }
        Ok(Self::from(times))
    }

    /// Milliseconds that this part of them stayed below.
    pub fn quantile(&self, part: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the length")]
        let at = (last as f64 * part).round() as usize;
        self.0.get(at).map_or(f64::NAN, |t| t.as_secs_f64() * 1e3)
    }

    /// Milliseconds.
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }
}

impl From<Vec<Duration>> for Times {
    fn from(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }
}
