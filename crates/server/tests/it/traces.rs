//! OpenTelemetry: a collector is told of requests, and of nothing personal.
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, routing::post};

const TRACE: [u8; 16] =
    [0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6, 0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_is_told_of_requests_by_route_within_the_callers_trace() {
    huzhu::platform::tls::provide();
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = told.clone();
    let collector = Router::new()
        .route("/v1/traces", post(move |body: Bytes| async move { heard.lock().unwrap().extend_from_slice(&body) }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, collector).await });

    let dir = tempfile::tempdir().unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_huzhu"))
        .args(["serve", "--listen", "127.0.0.1:0", "--traces", &address, "--data-dir"])
        .arg(dir.path())
        .env_remove("HUZHU_DATABASE_URL")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines().map_while(Result::ok);
    let url = lines.find(|l| l.starts_with("http://")).expect("the server started");
    let client = reqwest::Client::new();
    let parent = format!("00-{}-00f067aa0ba902b7-01", hex::encode(TRACE));
    let asked = client.get(format!("{url}/api/cases/17?name=冯玉兰")).header("traceparent", parent);
    assert_eq!(asked.send().await.unwrap().status(), 401);
    assert!(Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap().success());
    assert!(server.wait().unwrap().success());

    let told = told.lock().unwrap();
    let has = |bytes: &[u8]| told.windows(bytes.len()).any(|w| w == bytes);
    assert!(has(b"GET /api/cases/{id}") && has(b"huzhu") && has(&TRACE));
    assert!(!has("冯玉兰".as_bytes()) && !has(b"name=") && !has(b"%E5%86%AF"));
}
