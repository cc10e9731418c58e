//! Several servers of one database: nothing that one of them holds is missed by another.
use futures::future::join_all;
use huzhu::{
    app::{self, App},
    entity::audit_entry,
    platform::config::Settings,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter, Statement};
use serde_json::{Value, json};

use crate::{
    sound,
    world::{MANUAL_ID, User, World, database_url, put_keys},
};

/// Somebody at both of two servers.
fn at_both(user: &User, other: &World) -> [User; 2] {
    [user.clone(), user.through(&app::router(other.app.clone()))]
}

#[tokio::test]
async fn a_session_begun_at_one_server_goes_on_and_ends_at_another() {
    let one = World::new().await;
    let other = one.restarted(|_| {}).await;
    let signed = json!({ "username": "unit", "password": huzhu::demo::PASSWORD });
    let stranger = one.stranger();
    let answer = stranger.post("/api/session", signed).await;
    assert_eq!(answer.status, 200);
    let [here, there] = at_both(&stranger.after(&answer), &other);
    assert_eq!(there.get("/api/todo").await.status, 200);
    assert_eq!(there.delete("/api/session").await.status, 204);
    assert_eq!(here.get("/api/todo").await.status, 401);
}

#[tokio::test]
async fn wrong_passwords_count_at_all_servers_together() {
    let one = World::new().await;
    let other = one.restarted(|s| s.proxy_hops = Some(1)).await;
    let wrong = json!({ "username": "unit", "password": "it isn't this" });
    let [here, there] = at_both(&one.stranger(), &other);
    let mut answers = Vec::new();
    for n in 0..12 {
        let at = if n % 2 == 0 { &here } else { &there };
        answers.push(at.post("/api/session", wrong.clone()).await.status);
    }
    let kept_out = answers.iter().position(|status| *status == 429);
    assert!(kept_out.is_some_and(|n| n < 11) && answers[0] == 401, "{answers:?}");
    assert_eq!(answers[11], 429, "whichever server is asked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_take_a_case_at_two_servers_one_gets_it() {
    let one = World::new().await;
    let other = one.restarted(|_| {}).await;
    let unit = one.user("unit").await;
    let id = unit.accepted("critical_illness").await;
    let rivals = [one.user("handler").await, one.user("handler2").await];
    let takes = (0..20).map(|n| {
        let rival = at_both(&rivals[n % 2], &other)[n / 2 % 2].clone();
        tokio::spawn(async move { rival.post(&format!("/api/cases/{id}/take"), json!({ "version": 1 })).await.status })
    });
    let answers: Vec<u16> = join_all(takes).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    let counted = rivals.each_ref().map(|rival| at_both(rival, &other));
    for [here, there] in counted {
        let counts =
            [here.get("/api/pools/counts").await.expect(200), there.get("/api/pools/counts").await.expect(200)];
        assert_eq!(counts[0], counts[1]);
    }
    sound::check(&one.app.db).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_list_sent_to_two_servers_under_one_key_is_accepted_once() {
    let one = World::new().await;
    let other = one.restarted(|_| {}).await;
    let unit = one.user("unit").await;
    let row = unit.claim(MANUAL_ID, "2023-10-04", "disease_inpatient").await;
    let sent = (0..8).map(|n| {
        let (at, row) = (at_both(&unit, &other)[n % 2].clone(), row.clone());
        tokio::spawn(async move { at.accept("the same", json!([row])).await.expect(201) })
    });
    let answers: Vec<Value> = join_all(sent).await.into_iter().map(Result::unwrap).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    let found = unit.post("/api/acceptance/search", json!({})).await.expect(200);
    assert_eq!(found["total"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_servers_never_give_a_case_number_twice() {
    let one = World::new().await;
    let other = one.restarted(|_| {}).await;
    let unit = one.user("unit").await;
    let days = (1..=30).map(|day| format!("2023-11-{day:02}"));
    let rows = join_all(days.map(|day| {
        let unit = unit.clone();
        async move { unit.claim(MANUAL_ID, &day, "disease_inpatient").await }
    }))
    .await;
    let accepts = rows.into_iter().enumerate().map(|(n, row)| {
        let at = at_both(&unit, &other)[n % 2].clone();
        tokio::spawn(async move { at.accept(&format!("k{n}"), json!([row])).await.expect(201) })
    });
    let mut nos: Vec<String> =
        join_all(accepts).await.into_iter().map(|a| a.unwrap()["cases"][0]["no"].to_string()).collect();
    nos.sort_unstable();
    nos.dedup();
    assert_eq!(nos.len(), 30);
    sound::check(&one.app.db).await;
}

#[tokio::test]
async fn lists_and_figures_are_read_from_the_replica_and_all_else_where_it_is_written() {
    let (primary, replica) = (World::new().await, World::new().await);
    let late = replica.app.config.database_url.clone();
    let both = primary.restarted(|s| s.database_read_url = Some(late)).await;
    let (unit, handler) = (both.user("unit").await, both.user("handler").await);
    let id = unit.accepted("disease_inpatient").await;
    let total = async |path: &str| handler.post(path, json!({})).await.expect(200)["total"].clone();
    // The replica hasn't heard of it yet.
    assert_eq!(total("/api/inquiry/cases/search").await, 0);
    assert_eq!(total("/api/acceptance/search").await, 1);
    assert_eq!(handler.get(&format!("/api/cases/{id}")).await.status, 200);
    let exported = handler.post("/api/inquiry/cases/export", json!({})).await;
    assert_eq!(exported.status, 200);
    let logged = audit_entry::Entity::find().filter(audit_entry::Column::Act.eq("export_all_cases"));
    assert_eq!(logged.count(primary.app.db.read()).await.unwrap(), 1, "what is written is written to the primary");
    // And now it has.
    replica.user("unit").await.accepted("disease_inpatient").await;
    assert_eq!(total("/api/inquiry/cases/search").await, 1);
}

#[tokio::test]
async fn a_replica_that_is_away_keeps_nobody_from_work() {
    let primary = World::new().await;
    let both = primary.restarted(|s| s.database_read_url = Some("postgres://nobody@127.0.0.1:1/none".into())).await;
    let handler = both.user("handler").await;
    assert_eq!(handler.get("/api/todo").await.status, 200);
    assert_eq!(handler.post("/api/inquiry/cases/search", json!({})).await.code(503), "busy");
}

#[tokio::test]
async fn postgres_gives_up_by_itself_what_waits_too_long() {
    let world = World::new().await;
    if world.app.db.engine() == "sqlite" {
        // Its one writer waits as long, by a setting of the connection.
        return;
    }
    for (limit, length) in
        [("lock_timeout", "20s"), ("statement_timeout", "1min"), ("idle_in_transaction_session_timeout", "1min")]
    {
        let shown = Statement::from_string(DbBackend::Postgres, format!("SHOW {limit}"));
        let row = world.app.db.read().query_one_raw(shown).await.unwrap().unwrap();
        assert_eq!(row.try_get_by_index::<String>(0).unwrap(), length, "{limit}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_that_start_at_once_make_the_schema_once() {
    let dir = tempfile::tempdir().unwrap();
    put_keys(dir.path());
    let settings = Settings {
        data_dir: Some(dir.path().to_owned()),
        database_url: Some(database_url(&dir).await),
        ..Settings::default()
    };
    let config = settings.resolve(true).unwrap();
    if config.database_url.starts_with("sqlite:") {
        // One server has the file.
        return;
    }
    for started in join_all((0..4).map(|_| tokio::spawn(App::start(config.clone())))).await {
        assert!(started.unwrap().unwrap().db.is_current().await.unwrap());
    }
}
