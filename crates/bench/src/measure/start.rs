//! 启动: start, idle memory, size of the binary.
use std::time::Duration;

use super::Bench;
use crate::{
    Fault,
    client::Times,
    server::{self, Server},
    table::{Line, Target},
};

impl Bench {
    pub(super) async fn start(&mut self) -> Result<(), Fault> {
        let mut starts: Vec<Duration> = vec![self.server.started_in];
        for _ in 0..4 {
            let again = Server::start(&self.args).await?;
            starts.push(again.started_in);
            again.stop()?;
        }
        self.add(Line::new("start to the first answer", "ms", Times::from(starts).median(), Target::AtMost(200.0)));
        let idle = Server::start(&self.args).await?;
        self.add(Line::new("idle memory", "MB", idle.memory()?, Target::AtMost(50.0)));
        idle.stop()?;
        #[allow(clippy::cast_precision_loss, reason = "megabytes")]
        let size = server::program()?.metadata()?.len() as f64 / 1e6;
        self.add(Line::new("the binary", "MB", size, Target::AtMost(45.0)));
        Ok(())
    }
}
