//! What a browser loads before the sign-in page and the first list are there, compressed.
use std::collections::BTreeSet;

use reqwest::header::ACCEPT_ENCODING;

use super::Bench;
use crate::{
    Fault,
    table::{Line, Target},
};

impl Bench {
    pub(super) async fn web(&mut self) -> Result<(), Fault> {
        let http = reqwest::Client::new();
        let page = http.get(format!("{}/", self.server.base)).send().await?.text().await?;
        let named: BTreeSet<&str> = page.split('"').filter(|part| part.starts_with("/assets/")).collect();
        let (mut script, mut style) = (0, 0);
        for name in named {
            let asked = http.get(format!("{}{name}", self.server.base)).header(ACCEPT_ENCODING, "br, gzip");
            let bytes = asked.send().await?.error_for_status()?.bytes().await?.len();
            match name.rsplit('.').next() {
                Some("js") => script += bytes,
                Some("css") => style += bytes,
                _ => {}
            }
        }
        #[allow(clippy::cast_precision_loss, reason = "kilobytes")]
        let kilobytes = |bytes: usize| bytes as f64 / 1e3;
        self.add(Line::new("script of the first page, compressed", "kB", kilobytes(script), Target::AtMost(350.0)));
        self.add(Line::new("style of the first page, compressed", "kB", kilobytes(style), Target::Told));
        Ok(())
    }
}
