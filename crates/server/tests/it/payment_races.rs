//! Two who do the same at once.
use futures::future::join_all;
use huzhu::{entity::payment_item, platform::clock};
use sea_orm::EntityTrait;
use serde_json::json;

use crate::{
    payment::{approved, items, released},
    world::World,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_those_who_grab_the_same_cases_at_once_one_gets_them() {
    let world = World::new().await;
    let ids = approved(&world, &[&[10_000], &[5_000, 5_000], &[10_000]]).await;
    let rivals = [world.user("cashier").await, world.user("cashier2").await];
    let asks = (0..6).map(|n| {
        let user = rivals[n % 2].clone();
        // They overlap, and name the cases in another order.
        let cases = if n % 2 == 0 { vec![ids[0], ids[1]] } else { vec![ids[2], ids[1]] };
        tokio::spawn(async move { user.post("/api/payment-batches", json!({ "cases": cases })).await })
    });
    let answers: Vec<_> = join_all(asks).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|a| a.status == 201).count(), 1);
    for answer in answers.into_iter().filter(|a| a.status != 201) {
        assert!(answer.blockers().iter().all(|code| code == "in_open_batch"));
    }
    let items = payment_item::Entity::find().all(world.app.db.read()).await.unwrap();
    assert!(items.iter().all(|i| i.batch_id == items[0].batch_id));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_batch_is_released_once_however_many_click() {
    let world = World::new().await;
    let ids = approved(&world, &[&[10_000], &[10_000]]).await;
    let (makes, releases) = (world.user("cashier").await, world.user("cashier2").await);
    let id = makes.post("/api/payment-batches", json!({ "cases": ids })).await.expect(201)["id"].as_i64().unwrap();
    let clicks = (0..6).map(|_| {
        let user = releases.clone();
        tokio::spawn(
            async move { user.post(&format!("/api/payment-batches/{id}/release"), json!({ "version": 1 })).await },
        )
    });
    let answers: Vec<_> = join_all(clicks).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1);
    assert!(answers.into_iter().filter(|a| a.status != 200).all(|a| a.blockers() == ["batch_state"]));
    assert_eq!(items(&makes, id).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_result_is_registered_once_and_changing_races_with_releasing() {
    let world = World::new().await;
    let ids = approved(&world, &[&[10_000], &[5_000, 5_000]]).await;
    let (makes, releases) = (world.user("cashier").await, world.user("cashier2").await);
    let draft = makes.post("/api/payment-batches", json!({ "cases": ids })).await.expect(201)["id"].clone();
    let path = format!("/api/payment-batches/{draft}");
    let out = json!({ "version": 1, "remove": [ids[0]] });
    let (cases, release) = (format!("{path}/cases"), format!("{path}/release"));
    let (changed, let_out) = tokio::join!(makes.post(&cases, out), releases.post(&release, json!({ "version": 1 })));
    assert_eq!(
        [changed.status, let_out.status].iter().filter(|s| **s == 200).count(),
        1,
        "nobody releases what they didn't see"
    );
    if let_out.status == 200 {
        settled(&world, draft.as_i64().unwrap()).await;
    } else {
        makes.post(&format!("{path}/cancel"), json!({ "version": 2 })).await.expect(200);
        let (batch, _) = released(&world, &ids).await;
        settled(&world, batch).await;
    }
    for id in ids {
        assert_eq!(world.row(id).await.paid_on, Some(clock::today()));
    }
}

async fn settled(world: &World, batch: i64) {
    let asked = json!({ "version": 2, "all_others": true, "paid_on": clock::today() });
    let rivals = [world.user("cashier").await, world.user("cashier2").await];
    let clicks = (0..4).map(|n| {
        let (user, asked) = (rivals[n % 2].clone(), asked.clone());
        tokio::spawn(async move { user.post(&format!("/api/payment-batches/{batch}/settle"), asked).await })
    });
    let answers: Vec<_> = join_all(clicks).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1);
    assert!(answers.into_iter().filter(|a| a.status != 200).all(|a| a.blockers() == ["batch_state"]));
}
