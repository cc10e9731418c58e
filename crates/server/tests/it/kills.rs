//! The server is killed with SIGKILL at random moments while people accept, upload, enter, review and pay, again and again on the same
//! data: what it acknowledged is there, nothing is half done, and `doctor` finds nothing. `HUZHU_KILLS=40 HUZHU_KILLS_SEED=1` (to 5) for the whole drill.
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use futures::future::join_all;
use huzhu::{
    doctor,
    entity::{case, case_event, case_material, payment_batch},
};
use huzhu_domain::permission::Role;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::Value;

use crate::{
    operators::{enter_one, hire, pay, review},
    world::{User, World},
};

/// Stands before a server that dies: forwards, remembers what was acknowledged, and kills when enough was asked.
struct Door {
    url: String,
    client: reqwest::Client,
    server: Mutex<Child>,
    /// Writes that are acknowledged before the kill, which comes in the middle of the next one.
    left: AtomicI64,
    acknowledged: Mutex<Vec<(String, Value)>>,
    failed: Mutex<Vec<String>>,
    /// Whether it was killed.
    gone: AtomicBool,
}

impl Door {
    fn open(world: &World, writes: i64) -> Arc<Self> {
        let mut server = Command::new(env!("CARGO_BIN_EXE_huzhu"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(world.dir.path())
            .env("HUZHU_DATABASE_URL", &world.app.config.database_url)
            .env("HUZHU_RATE_LIMITS", "false")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines().map_while(Result::ok);
        let url = lines.find(|l| l.starts_with("http://")).expect("the server starts after every kill");
        huzhu::platform::tls::provide();
        Arc::new(Self {
            url,
            client: reqwest::Client::new(),
            server: Mutex::new(server),
            left: AtomicI64::new(writes),
            acknowledged: Mutex::default(),
            failed: Mutex::default(),
            gone: AtomicBool::new(false),
        })
    }

    fn router(self: &Arc<Self>) -> Router {
        let door = Arc::clone(self);
        Router::new().fallback(move |request: Request| {
            let door = Arc::clone(&door);
            async move { door.forward(request).await.unwrap_or_else(|_| StatusCode::BAD_GATEWAY.into_response()) }
        })
    }

    async fn forward(&self, request: Request) -> Result<Response, reqwest::Error> {
        let (parts, body) = request.into_parts();
        let asked =
            self.client.request(parts.method.clone(), format!("{}{}", self.url, parts.uri)).headers(parts.headers);
        let sent = asked.body(to_bytes(body, usize::MAX).await.unwrap()).send();
        let path = parts.uri.path();
        let asks = parts.method == Method::GET || path.ends_with("/search") || path.ends_with("/eligibility");
        if !asks && self.left.load(Ordering::Relaxed) <= 0 {
            self.server.lock().unwrap().kill().unwrap();
            self.gone.store(true, Ordering::Relaxed);
        }
        let answer = sent.await?;
        let status = answer.status();
        let bytes = answer.bytes().await?;
        if status.is_server_error() {
            self.failed.lock().unwrap().push(format!("{} {}: {status}", parts.method, parts.uri.path()));
        }
        if status.is_success() && !asks {
            let said: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            // Nothing was waiting in the pool.
            if said["ids"].as_array().is_some_and(Vec::is_empty) {
                return Ok((status, Body::from(bytes)).into_response());
            }
            self.left.fetch_sub(1, Ordering::Relaxed);
            self.acknowledged.lock().unwrap().push((parts.uri.path().to_owned(), said));
        }
        Ok((status, Body::from(bytes)).into_response())
    }
}

/// Everybody works until the server is gone. Each piece of work is a task of its own, which an answer that doesn't come ends.
async fn load(
    door: &Arc<Door>,
    enters: &[User],
    others: &[(Role, User)],
    people: &Arc<Vec<String>>,
    next: &Arc<AtomicUsize>,
) {
    let (router, alive) = (door.router(), |door: &Door| !door.gone.load(Ordering::Relaxed));
    let mut workers = Vec::new();
    for user in enters {
        let (door, user, people, next) =
            (Arc::clone(door), user.through(&router), Arc::clone(people), Arc::clone(next));
        workers.push(tokio::spawn(async move {
            while alive(&door) {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let (user, person) = (user.clone(), people[n / 2 % people.len()].clone());
                let _ended = tokio::spawn(async move { enter_one(&user, &person, n).await }).await;
            }
        }));
    }
    for (role, user) in others {
        let (door, user, role) = (Arc::clone(door), user.through(&router), *role);
        workers.push(tokio::spawn(async move {
            while alive(&door) {
                let user = user.clone();
                let _ended = tokio::spawn(async move {
                    match role {
                        Role::FirstReviewer => review(&user, "first_review").await,
                        Role::SecondReviewer => review(&user, "second_review").await,
                        _ => {
                            pay(&user).await;
                        }
                    }
                })
                .await;
            }
        }));
    }
    let loud = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    join_all(workers).await;
    std::panic::set_hook(loud);
    door.server.lock().unwrap().wait().unwrap();
}

/// Whether what was acknowledged is in the database; how many writes it was.
async fn is_there(world: &World, acknowledged: &[(String, Value)]) -> usize {
    let db = world.app.db.read();
    let number = |v: &Value| v.as_i64().unwrap_or_default();
    let mut writes = 0;
    for (path, said) in acknowledged {
        let parts: Vec<&str> = path.split('/').skip(2).collect();
        match parts[..] {
            ["acceptance", "cases"] => {
                for made in said["cases"].as_array().unwrap() {
                    assert!(
                        case::Entity::find_by_id(number(&made["id"])).one(db).await.unwrap().is_some(),
                        "{path} {said}"
                    );
                }
            }
            ["cases", id, "materials"] => {
                let file = case_material::Entity::find_by_id(number(&said["id"])).one(db).await.unwrap();
                assert_eq!(file.map(|f| f.case_id.to_string()).as_deref(), Some(id), "{path} {said}");
            }
            ["cases", id, _] if said["version"].is_number() => {
                let row = world.row(id.parse().unwrap()).await;
                assert!(row.version >= number(&said["version"]), "{path}: {} of {}", row.version, said["version"]);
            }
            ["pools", "take"] => {
                for id in said["ids"].as_array().unwrap() {
                    let taken = case_event::Entity::find().filter(case_event::Column::CaseId.eq(number(id)));
                    let taken = taken.filter(case_event::Column::Kind.eq("take")).count(db).await.unwrap();
                    assert!(taken > 0, "{path} {said}");
                }
            }
            ["payment-batches"] | ["payment-batches", _, _] if said["version"].is_number() => {
                let batch = payment_batch::Entity::find_by_id(number(&said["id"])).one(db).await.unwrap();
                assert!(batch.is_some_and(|b| b.version >= number(&said["version"])), "{path}");
            }
            // A step whose answer names no version.
            _ => continue,
        }
        writes += 1;
    }
    writes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_after_every_kill() {
    let told = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let kills = usize::try_from(told("HUZHU_KILLS").unwrap_or(3)).unwrap();
    let world = World::of(u32::try_from(kills).unwrap().clamp(8, 120)).await;
    let enters = join_all(["handler", "handler2", "handler", "handler2"].map(|name| world.user(name))).await;
    let mut others = hire(&world).await;
    // Two of each are enough to meet each other, and leave room for who enters.
    others.sort_by_key(|(role, _)| *role);
    let others: Vec<_> = others.chunk_by(|a, b| a.0 == b.0).flat_map(|same| same[..2].to_vec()).collect();
    let mut people = Vec::new();
    for unit in 2..=6 {
        people.extend(world.id_numbers(&format!("2301000{unit}")).await);
    }
    let (people, next) = (Arc::new(people), Arc::new(AtomicUsize::new(0)));
    let mut rng = StdRng::seed_from_u64(told("HUZHU_KILLS_SEED").unwrap_or(6));
    let mut acknowledged = 0;
    for kill in 0..kills {
        let door = Door::open(&world, rng.random_range(1..150));
        load(&door, &enters, &others, &people, &next).await;
        assert_eq!(*door.failed.lock().unwrap(), Vec::<String>::new(), "answers of a server that lives");
        let known = std::mem::take(&mut *door.acknowledged.lock().unwrap());
        acknowledged += is_there(&world, &known).await;
        let nowhere = std::path::Path::new("no anchors");
        let examined = doctor::examine(&world.app.db, Some(&world.app.blobs), nowhere).await.unwrap();
        assert_eq!((&examined.complaints, &examined.logs.findings), (&vec![], &vec![]), "after kill {kill}");
    }
    let cases = case::Entity::find().count(world.app.db.read()).await.unwrap();
    let closed =
        case::Entity::find().filter(case::Column::ClosedAt.is_not_null()).count(world.app.db.read()).await.unwrap();
    let told =
        format!("{kills} kills, {acknowledged} acknowledged writes, all there; {cases} cases, {closed} of them closed");
    writeln!(std::io::stderr(), "{told}").unwrap();
    assert!(acknowledged > kills, "{told}");
}
