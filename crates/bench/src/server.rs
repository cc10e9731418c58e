//! The real server, as a process of its own.
use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{Args, Fault};

/// How long a server may take to answer at all.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; it ends with this.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where it answers.
    pub base: String,
    /// From the start of the process to the first answer.
    pub started_in: Duration,
}

impl Server {
    /// Starts it on a free port and waits for its first answer.
    ///
    /// # Errors
    /// When it doesn't start; its log is in the folder.
    pub async fn start(args: &Args) -> Result<Self, Fault> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let log = File::create(args.dir.join("server.log"))?;
        let began = Instant::now();
        let child = Command::new(program()?)
            .args(["serve", "--rate-limits", "false", "--listen", &format!("127.0.0.1:{port}")])
            .arg("--data-dir")
            .arg(&args.dir)
            .env("HUZHU_DATABASE_URL", args.url())
            .env("HUZHU_LOG", "warn")
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        let mut server = Self { child, base: format!("http://127.0.0.1:{port}"), started_in: Duration::ZERO };
        let (http, mut beat) = (reqwest::Client::new(), tokio::time::interval(Duration::from_millis(2)));
        while http.get(format!("{}/readyz", server.base)).send().await.is_err() {
            if began.elapsed() > PATIENCE || server.child.try_wait()?.is_some() {
                return Err("the server doesn't start; see server.log".into());
            }
            beat.tick().await;
        }
        server.started_in = began.elapsed();
        Ok(server)
    }

    /// Memory that it holds now, in MB.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn memory(&self) -> Result<f64, Fault> {
        self.status("VmRSS:")
    }

    /// The most memory that it held since [`Server::forget_peak`], in MB.
    ///
    /// # Errors
    /// As [`Server::memory`].
    pub fn peak(&self) -> Result<f64, Fault> {
        self.status("VmHWM:")
    }

    /// Begins the peak anew.
    ///
    /// # Errors
    /// As [`Server::memory`].
    pub fn forget_peak(&self) -> Result<(), Fault> {
        Ok(fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5")?)
    }

    fn status(&self, name: &str) -> Result<f64, Fault> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = text.lines().find_map(|l| l.strip_prefix(name)).ok_or("no such figure")?;
        Ok(line.trim().trim_end_matches(" kB").trim().parse::<f64>()? / 1024.0)
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Errors
    /// When it can't be told.
    pub fn stop(mut self) -> Result<(), Fault> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).ok_or("no such process")?;
        kill_process(pid, Signal::TERM)?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// The server's binary, beside this one: both are of one build.
///
/// # Errors
/// When it isn't there.
pub fn program() -> Result<PathBuf, Fault> {
    let path = std::env::current_exe()?.with_file_name("huzhu");
    if path.exists() { Ok(path) } else { Err(format!("{} isn't there", path.display()).into()) }
}
