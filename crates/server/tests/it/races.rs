//! Many at once.
use futures::future::join_all;
use huzhu_domain::case::Outcome;
use serde_json::json;

use crate::{operators, review, sound, world::World};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_who_take_a_case_exactly_one_gets_it_and_the_rest_hear_who_has_it() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("critical_illness").await;
    let rivals = [world.user("handler").await, world.user("handler2").await, unit];
    let path = format!("/api/cases/{id}/take");
    let takes = (0..50).map(|i| {
        let (user, path) = (rivals[i % 3].clone(), path.clone());
        tokio::spawn(async move { user.post(&path, json!({ "version": 1 })).await })
    });
    let answers: Vec<_> = join_all(takes).await.into_iter().map(Result::unwrap).collect();
    let won = answers.iter().filter(|a| a.status == 200).count();
    assert_eq!(won, 1);
    let holder = world.row(id).await.holder_id.unwrap();
    for answer in answers.iter().filter(|a| a.status != 200) {
        // The holder's own later clicks hear that they have it.
        let told = match answer.status {
            409 => answer.json["code"] == "held_by_other" && !answer.json["message"].as_str().unwrap().is_empty(),
            422 => answer.json["blockers"][0]["code"] == "already_taken",
            _ => false,
        };
        assert!(told, "{} {}", answer.status, answer.json);
    }
    assert!(holder > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn case_numbers_are_unique_however_many_accept_at_once() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let rows: Vec<_> = join_all((1..=30).map(|day| {
        let unit = unit.clone();
        async move { unit.claim(crate::world::MANUAL_ID, &format!("2023-11-{day:02}"), "disease_inpatient").await }
    }))
    .await;
    let accepts = rows.into_iter().enumerate().map(|(i, row)| {
        let unit = unit.clone();
        tokio::spawn(async move { unit.accept(&format!("k{i}"), json!([row])).await.expect(201) })
    });
    let mut nos: Vec<String> =
        join_all(accepts).await.into_iter().map(|a| a.unwrap()["cases"][0]["no"].to_string()).collect();
    nos.sort_unstable();
    nos.dedup();
    assert_eq!(nos.len(), 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_take_the_oldest_at_once_get_different_ones() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let (review, second) = (world.user("review").await, world.user("review2").await);
    let id = unit.submitted().await;
    let asked = json!({ "stage": "first_review", "count": 3 });
    let (one, other) =
        tokio::join!(review.post("/api/pools/take", asked.clone()), second.post("/api/pools/take", asked));
    let got = [one.expect(200), other.expect(200)].map(|taken| taken["ids"].as_array().unwrap().len());
    assert_eq!(got.iter().sum::<usize>(), 1, "there is one: one of them has it");
    assert!(world.row(id).await.holder_id.is_some());
    for count in [0, 21] {
        let wrong = json!({ "stage": "first_review", "count": count });
        assert_eq!(review.post("/api/pools/take", wrong).await.fields(), ["count: unknown"]);
    }
    let none = json!({ "stage": "payment", "count": 1 });
    assert_eq!(review.post("/api/pools/take", none).await.fields(), ["stage: unknown"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_people_review_and_pay_at_once_and_nothing_is_lost_or_done_twice() {
    const CASES: usize = 20;
    let world = World::new().await;
    review::asks(&world, "2300", None, 5_000).await;
    let ids = operators::submitted(&world, CASES).await;
    operators::work(operators::hire(&world).await, CASES).await;
    for id in ids {
        assert_eq!(world.row(id).await.outcome.unwrap().0, Outcome::Paid);
    }
    sound::check(&world.app.db).await;
}
