//! 1,000 cases through review and payment by 20 people at once on SQLite, over the whole router: how many cases a second,
//! against bare transactions of the same run. `make bench`; `HUZHU_BENCH_CASES=100 make bench` for a quick look.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::float_arithmetic,
    clippy::print_stdout,
    dead_code,
    unused_imports,
    reason = "a measurement with the tests' own people, not the product"
)]

#[path = "../tests/it/answer.rs"]
mod answer;
#[path = "../tests/it/operators.rs"]
mod operators;
#[path = "../tests/it/world.rs"]
mod world;

use std::time::{Duration, Instant};

use sea_orm::ConnectionTrait;
use world::World;

/// Transactions that a case takes from the pool of 申领初审 to its end: taken, approved, and its share of a batch.
const WRITES: usize = 3;

fn main() {
    let cases: usize = std::env::var("HUZHU_BENCH_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        // Five units of an office, two claims a member.
        let world = World::of(u32::try_from(cases.div_ceil(10)).unwrap()).await;
        let entering = Instant::now();
        operators::submitted(&world, cases).await;
        let entered = entering.elapsed();
        let worked = operators::work(operators::hire(&world).await, cases).await;
        let floor = bare(&world, cases).await;
        let rate = |took: Duration| cases as f64 / took.as_secs_f64();
        println!("{cases} cases, 20 people at once, SQLite");
        println!("{:<44} {:>12} {:>12} {:>7}", "what", "cases/s", "floor", "ratio");
        println!("{:<44} {:>12.1} {:>12} {:>7}", "entered with papers and submitted (8 people)", rate(entered), "", "");
        let line = (rate(worked), rate(floor));
        println!("{:<44} {:>12.1} {:>12.1} {:>7.2}", "review to close", line.0, line.1, line.0 / line.1);
    });
}

/// The floor: as many transactions, each one row changed and one added, and nothing else.
async fn bare(world: &World, cases: usize) -> Duration {
    let db = &world.app.db;
    let tx = db.begin().await.unwrap();
    tx.execute_unprepared("CREATE TABLE floor_rows (id INTEGER PRIMARY KEY, n BIGINT NOT NULL, words TEXT NOT NULL)")
        .await
        .unwrap();
    tx.execute_unprepared("INSERT INTO floor_rows VALUES (0, 0, '')").await.unwrap();
    tx.commit().await.unwrap();
    let started = Instant::now();
    for n in 1..=cases * WRITES {
        let tx = db.begin().await.unwrap();
        tx.execute_unprepared(&format!("UPDATE floor_rows SET n = {n} WHERE id = 0")).await.unwrap();
        let words = "x".repeat(300);
        tx.execute_unprepared(&format!("INSERT INTO floor_rows VALUES ({n}, {n}, '{words}')")).await.unwrap();
        tx.commit().await.unwrap();
    }
    started.elapsed()
}
