//! Data sets: always the same for the same numbers, written in bulk.
//!
//! The ground (organisation, plans, a few people) is laid by the product; what is large is written past it. The demonstration's office
//! 2300 is the largest of 31; office 3700 has no bulk cases: there the measured work is done.
pub mod cases;
pub mod people;
pub mod sink;

use std::time::Instant;

use huzhu::{
    app::App,
    demo,
    orgs::users::{self, NewUser},
    platform::{config::Settings, secrets},
};
use huzhu_domain::permission::Role;

use crate::{Args, Fault};
use people::Ground;
use sink::Raw;

/// Who works in office 3700, by role: sign-in name, node, how many.
pub const CREW: [(&str, &str, Role, usize); 4] = [
    ("entry", "3701", Role::Handler, 28),
    ("first", "3700", Role::FirstReviewer, 12),
    ("second", "3700", Role::SecondReviewer, 4),
    ("pay", "3700", Role::Cashier, 6),
];

/// The tables that are written past the product.
const TABLES: &str = "'members', 'coverages', 'cases', 'case_events', 'usage_entries', 'statements'";

/// Makes the data set where there is none yet.
///
/// # Errors
/// When the database holds something else, or refuses.
pub async fn fill(args: &Args) -> Result<(), Fault> {
    let url = args.url();
    let mut settings =
        Settings { data_dir: Some(args.dir.clone()), database_url: Some(url.clone()), ..Settings::default() };
    settings.rate_limits = Some(false);
    let app = App::start(settings.resolve(true)?).await?;
    let mut raw = Raw::open(&url).await?;
    raw.run("CREATE TABLE IF NOT EXISTS bench_filled (members BIGINT, cases BIGINT)".to_owned()).await?;
    let done = raw.texts("SELECT members || ' ' || cases FROM bench_filled".to_owned()).await?;
    if let Some(done) = done.first() {
        app.db.clone().close().await?;
        let wanted = format!("{} {}", args.members, args.cases);
        return if *done == wanted { Ok(()) } else { Err(format!("there is a data set of {done} already").into()) };
    }
    let started = Instant::now();
    lay(&app).await?;
    app.db.clone().close().await?;
    bulk(&mut raw, true).await?;
    let indexes = drop_indexes(&mut raw).await?;
    let ground = Ground::lay(&mut raw).await?;
    people::fill(&mut raw, &ground, args.members).await?;
    cases::fill(&mut raw, &ground, args.members, args.cases).await?;
    let written = started.elapsed();
    for sql in indexes {
        raw.run(sql).await?;
    }
    raw.run(format!("INSERT INTO bench_filled VALUES ({}, {})", args.members, args.cases)).await?;
    bulk(&mut raw, false).await?;
    println!(
        "data set: {} members, {} cases written in {:.0} s, indexed in {:.0} s\n",
        args.members,
        args.cases,
        written.as_secs_f64(),
        (started.elapsed() - written).as_secs_f64()
    );
    Ok(())
}

async fn lay(app: &App) -> Result<(), Fault> {
    let hash = secrets::hash_password(demo::PASSWORD.to_owned()).await.map_err(|_| "no hash")?;
    let tx = app.db.begin().await?;
    demo::lay(&tx, &hash, Some(2)).await.map_err(|_| "the ground can't be laid")?;
    for (name, org, role, count) in CREW {
        for n in 0..count {
            let new = NewUser {
                username: format!("{name}-{n}"),
                name: format!("经办{name}{n}"),
                org_code: org.to_owned(),
                roles: vec![role],
            };
            users::insert(&tx, &new, hash.clone(), false).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// Turns off what a power cut would need, and on again.
async fn bulk(raw: &mut Raw, on: bool) -> Result<(), Fault> {
    let sql = match (raw.is_postgres(), on) {
        (true, true) => "SET session_replication_role = replica; SET maintenance_work_mem = '2GB'",
        (true, false) => {
            "SELECT setval(pg_get_serial_sequence('cases', 'id'), (SELECT max(id) FROM cases));
             SELECT setval(pg_get_serial_sequence('members', 'id'), (SELECT max(id) FROM members));
             SELECT setval(pg_get_serial_sequence('coverages', 'id'), (SELECT max(id) FROM coverages));
             SELECT setval(pg_get_serial_sequence('orgs', 'id'), (SELECT max(id) FROM orgs));
             SELECT setval(pg_get_serial_sequence('users', 'id'), (SELECT max(id) FROM users))"
        }
        (false, true) => {
            "PRAGMA journal_mode = OFF; PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -2000000; PRAGMA temp_store = FILE;
             PRAGMA threads = 2; BEGIN"
        }
        (false, false) => "COMMIT; PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL",
    };
    raw.run(sql.to_owned()).await?;
    if raw.is_postgres() && !on {
        raw.run("VACUUM ANALYZE".to_owned()).await?;
        raw.run("CHECKPOINT".to_owned()).await?;
    }
    Ok(())
}

/// Drops what is quicker built over full tables, and says how it is made again.
async fn drop_indexes(raw: &mut Raw) -> Result<Vec<String>, Fault> {
    let (made, names) = if raw.is_postgres() {
        (
            format!(
                "SELECT indexdef FROM pg_indexes WHERE tablename IN ({TABLES}) AND indexname NOT IN (SELECT conname FROM pg_constraint) ORDER BY indexname"
            ),
            format!(
                "SELECT indexname::text FROM pg_indexes WHERE tablename IN ({TABLES}) AND indexname NOT IN (SELECT conname FROM pg_constraint)"
            ),
        )
    } else {
        let from = format!(
            "FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({TABLES}) ORDER BY name"
        );
        (format!("SELECT sql {from}"), format!("SELECT name {from}"))
    };
    let made = raw.texts(made).await?;
    for name in raw.texts(names).await? {
        raw.run(format!("DROP INDEX {name}")).await?;
    }
    Ok(made)
}
