//! A restart behind a proxy: the socket is somebody else's (systemd's, here the test's), so that no request fails while one process ends and
//! the next begins.
use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    os::fd::AsRawFd,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use rustix::io::{FdFlags, fcntl_setfd};

/// A server that is given the socket as systemd gives it: as descriptor 3, with its own process named.
fn serve(data: &std::path::Path, socket: &TcpListener) -> Child {
    let given = format!(
        "exec 3<&{}; LISTEN_PID=$$ LISTEN_FDS=1 exec {} serve --data-dir {}",
        socket.as_raw_fd(),
        env!("CARGO_BIN_EXE_huzhu"),
        data.display()
    );
    let mut server = Command::new("sh")
        .args(["-c", &given])
        .env_remove("HUZHU_DATABASE_URL")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines().map_while(Result::ok);
    lines.find(|l| l.starts_with("http://")).expect("the server started");
    server
}

fn ended(mut server: Child) {
    let told = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap();
    assert!(told.success() && server.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_the_server_is_restarted() {
    huzhu::platform::tls::provide();
    let dir = tempfile::tempdir().unwrap();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    fcntl_setfd(&socket, FdFlags::empty()).unwrap();
    let url = format!("http://{}/readyz", socket.local_addr().unwrap());
    let first = serve(dir.path(), &socket);

    let (answers, going) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(true)));
    let count = |n: usize| {
        let answers = Arc::clone(&answers);
        async move {
            while answers.lock().unwrap().len() < n {
                tokio::task::yield_now().await;
            }
        }
    };
    let people: Vec<_> = (0..6)
        .map(|_| {
            let (url, answers, going) = (url.clone(), Arc::clone(&answers), Arc::clone(&going));
            // A connection for each request, as proxies make them.
            let client = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
            tokio::spawn(async move {
                while going.load(Ordering::Relaxed) {
                    let answer = client.get(&url).header("connection", "close").send().await;
                    let status = answer.map_err(|e| e.to_string()).map(|a| a.status().as_u16());
                    answers.lock().unwrap().push(status);
                }
            })
        })
        .collect();
    count(100).await;
    ended(first);
    let before = answers.lock().unwrap().len();
    let second = serve(dir.path(), &socket);
    count(before + 100).await;
    going.store(false, Ordering::Relaxed);
    for person in people {
        person.await.unwrap();
    }
    ended(second);
    let failed: Vec<_> = answers.lock().unwrap().iter().filter(|a| **a != Ok(200)).cloned().collect();
    assert_eq!(failed, []);
}
