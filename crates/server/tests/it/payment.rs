//! 付款批次: made by one, released by another, settled item by item; what bounces is repaired and paid again.
use huzhu::{
    entity::{account_correction, case, case_event, case_payee, payment, payment_batch, payment_item, user},
    platform::clock,
};
use huzhu_domain::payment::PaymentItemState;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder,
};
use serde_json::{Value, json};

use crate::{
    acts,
    world::{Answer, User, World, png, text},
};

/// What one case of the tests pays.
pub const BENEFIT: i64 = 328_300;

/// `n` approved cases of one unit; beyond the first they are copies of it. Each has as many payees as its shares.
pub async fn approved(world: &World, shares: &[&[i32]]) -> Vec<i64> {
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let first = unit.submitted().await;
    review.act(first, "take").await.expect(200);
    review.act(first, "approve").await.expect(200);
    let row = world.row(first).await;
    let tx = world.app.db.begin().await.unwrap();
    let mut ids = vec![first];
    for n in 1..shares.len() {
        let mut copy = row.clone().into_active_model();
        copy.id = sea_orm::ActiveValue::NotSet;
        copy.no = Set(format!("CL23011999010100{n:05}"));
        ids.push(case::Entity::insert(copy.reset_all()).exec(&tx).await.unwrap().last_insert_id);
    }
    case_payee::Entity::delete_many().filter(case_payee::Column::CaseId.eq(first)).exec(&tx).await.unwrap();
    for (id, shares) in ids.iter().zip(shares) {
        for (position, share) in (0..).zip(*shares) {
            let payee = case_payee::ActiveModel {
                case_id: Set(*id),
                position: Set(position),
                relation: Set(None),
                name: Set(format!("领款人{id}{position}")),
                phone: Set("13900000000".into()),
                account_no: Set(format!("62220000{id:06}{position:04}").into()),
                bank_name: Set("示例银行".into()),
                share: Set(*share),
            };
            case_payee::Entity::insert(payee).exec_without_returning(&tx).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    ids
}

/// A batch that was made and released, with its items.
pub async fn released(world: &World, cases: &[i64]) -> (i64, Vec<Value>) {
    let (makes, releases) = (world.user("cashier").await, world.user("cashier2").await);
    let id = makes.post("/api/payment-batches", json!({ "cases": cases })).await.expect(201)["id"].as_i64().unwrap();
    releases.post(&format!("/api/payment-batches/{id}/release"), json!({ "version": 1 })).await.expect(200);
    (id, items(&makes, id).await)
}

pub async fn items(user: &User, batch: i64) -> Vec<Value> {
    let found = user.post(&format!("/api/payment-batches/{batch}/items"), json!({ "size": 100 })).await.expect(200);
    found["items"].as_array().unwrap().clone()
}

async fn settle(user: &User, batch: i64, mut asked: Value) -> Answer {
    asked["version"] = user.get(&format!("/api/payment-batches/{batch}")).await.expect(200)["version"].clone();
    user.post(&format!("/api/payment-batches/{batch}/settle"), asked).await
}

fn bounced(item: &Value) -> Value {
    json!({ "id": item["id"], "reason": "account_wrong", "words": "账号不存在" })
}

async fn correct(user: &User, item: &Value, account_no: &str, picture: bool) -> Answer {
    acts::correct_account(user, item, account_no, picture.then(|| png(9))).await
}

/// Cases = items = payments, and what is open.
async fn paid_sum(world: &World) -> i64 {
    payment::Entity::find().all(world.app.db.read()).await.unwrap().iter().map(|p| p.amount_fen).sum()
}

#[tokio::test]
async fn one_makes_a_batch_and_another_releases_it() {
    let world = World::new().await;
    let ids = approved(&world, &[&[10_000], &[3_333, 6_667]]).await;
    let (makes, releases) = (world.user("cashier").await, world.user("cashier2").await);
    let batch = makes.post("/api/payment-batches", json!({ "cases": ids })).await.expect(201);
    let path = format!("/api/payment-batches/{}", batch["id"]);
    assert!(text(&batch["no"]).starts_with("FK2300"), "{batch}");
    assert_eq!((&batch["cases"], &batch["items"], &batch["sum_fen"]), (&json!(2), &json!(3), &json!(2 * BENEFIT)));
    assert_eq!(batch["totals"]["agree"], true);
    let own = makes.post(&format!("{path}/release"), json!({ "version": 1 })).await;
    assert_eq!(own.blockers(), ["made_by_you"]);
    assert_eq!(
        releases.post(&format!("{path}/release"), json!({ "version": 9 })).await.code(409),
        "payment_batch_stale"
    );
    let out = releases.post(&format!("{path}/release"), json!({ "version": 1 })).await.expect(200);
    assert_eq!((text(&out["state"]), text(&out["released_by_name"])), ("released".into(), "马丽华".into()));
    let twice = releases.post(&format!("{path}/release"), json!({ "version": 2 })).await;
    assert_eq!(twice.blockers(), ["batch_state"], "nothing is released twice");
    let references: Vec<String> =
        items(&makes, batch["id"].as_i64().unwrap()).await.iter().map(|i| text(&i["reference"])).collect();
    assert_eq!(references[2], format!("{}-0003", text(&batch["no"])));
    let again = makes.post("/api/payment-batches", json!({ "cases": [ids[0]] })).await;
    assert_eq!(again.blockers(), ["in_open_batch"]);
    let open = makes.post("/api/payments/search", json!({ "tab": "open" })).await.expect(200);
    assert_eq!((&open["total"], &open["sum_fen"]), (&json!(2), &json!(2 * BENEFIT)));
    assert_eq!(open["items"][0]["batch_no"], batch["no"]);
    let pending = makes.post("/api/payments/search", json!({ "tab": "pending" })).await.expect(200);
    assert_eq!(pending["total"], 0);
}

#[tokio::test]
async fn a_draft_is_changed_and_cancelled_and_its_cases_wait_again() {
    let world = World::new().await;
    let ids = approved(&world, &[&[10_000], &[10_000], &[10_000]]).await;
    let makes = world.user("cashier").await;
    let batch = makes.post("/api/payment-batches", json!({ "cases": [ids[0], ids[1]] })).await.expect(201);
    let path = format!("/api/payment-batches/{}", batch["id"]);
    let change = json!({ "version": 1, "add": [ids[2]], "remove": [ids[0]] });
    let after = makes.post(&format!("{path}/cases"), change.clone()).await.expect(200);
    assert_eq!((&after["cases"], &after["sum_fen"], &after["version"]), (&json!(2), &json!(2 * BENEFIT), &json!(2)));
    assert_eq!(makes.post(&format!("{path}/cases"), change).await.code(409), "payment_batch_stale", "a double click");
    let empty = makes.post(&format!("{path}/cases"), json!({ "version": 2, "remove": [ids[1], ids[2]] })).await;
    assert_eq!(empty.expect(200)["items"], 0);
    let releases = world.user("cashier2").await;
    assert_eq!(releases.post(&format!("{path}/release"), json!({ "version": 3 })).await.blockers(), ["batch_empty"]);
    makes.post(&format!("{path}/cases"), json!({ "version": 3, "add": [ids[1]] })).await.expect(200);
    let cancelled = makes.post(&format!("{path}/cancel"), json!({ "version": 4 })).await.expect(200);
    assert_eq!((text(&cancelled["state"]), &cancelled["sum_fen"]), ("cancelled".into(), &json!(BENEFIT)));
    let pending = makes.post("/api/payments/search", json!({ "tab": "pending" })).await.expect(200);
    assert_eq!((&pending["total"], &pending["sum_fen"]), (&json!(3), &json!(3 * BENEFIT)));
    assert_eq!(makes.post(&format!("{path}/cancel"), json!({ "version": 5 })).await.blockers(), ["batch_state"]);
}

#[tokio::test]
async fn a_batch_is_made_of_everything_that_was_found_if_it_is_still_there() {
    let world = World::new().await;
    let ids = approved(&world, &[&[10_000], &[10_000], &[10_000]]).await;
    let makes = world.user("cashier").await;
    let search = json!({ "tab": "pending", "bank_name": "示例", "min_fen": 100, "max_fen": BENEFIT });
    let found = makes.post("/api/payments/search", search.clone()).await.expect(200);
    assert_eq!(found["total"], 3);
    let none = json!({ "tab": "pending", "bank_name": "别的" });
    assert_eq!(makes.post("/api/payments/search", none).await.expect(200)["total"], 0);
    let all = |count: u64| json!({ "all": { "search": search, "count": count, "sum_fen": found["sum_fen"] } });
    assert_eq!(makes.post("/api/payment-batches", all(2)).await.code(409), "payment_selection_changed");
    let batch = makes.post("/api/payment-batches", all(3)).await.expect(201);
    assert_eq!((&batch["cases"], &batch["sum_fen"]), (&json!(3), &found["sum_fen"]));
    assert_eq!(makes.post("/api/payment-batches", json!({ "cases": [] })).await.fields(), ["cases: required"]);
    assert_eq!(world.user("far").await.post("/api/payment-batches", json!({ "cases": ids })).await.status, 404);
    let listed = makes.post("/api/payment-batches/search", json!({ "state": "draft" })).await.expect(200);
    assert_eq!((&listed["total"], &listed["items"][0]["made_by_name"]), (&json!(1), &json!("孙晓燕")));
    let far = world.user("far").await;
    assert_eq!(far.post("/api/payment-batches/search", json!({})).await.expect(200)["total"], 0);
    for act in ["release", "cancel", "settle", "cases", "file", "items"] {
        let body = if act == "file" { json!({ "format": "csv" }) } else { json!({ "version": 1 }) };
        let status = far.post(&format!("/api/payment-batches/{}/{act}", batch["id"]), body).await.status;
        assert_eq!(status, 404, "{act}");
    }
}

#[tokio::test]
async fn who_had_a_hand_in_a_case_neither_makes_nor_releases_nor_settles_its_batch() {
    let world = World::new().await;
    let ids = approved(&world, &[&[10_000]]).await;
    let (makes, releases) = (world.user("cashier").await, world.user("cashier2").await);
    let hand = async |column: case::Column, username: &str| {
        let me = user::Entity::find().filter(user::Column::Username.eq(username)).one(world.app.db.read()).await;
        let me = me.unwrap().unwrap().id;
        let tx = world.app.db.begin().await.unwrap();
        let by = case::Entity::update_many().col_expr(column, me.into()).filter(case::Column::Id.eq(ids[0]));
        by.exec(&tx).await.unwrap();
        tx.commit().await.unwrap();
    };
    for column in [case::Column::EnteredById, case::Column::ReviewedById, case::Column::ApprovedById] {
        hand(column, "cashier").await;
        assert_eq!(makes.post("/api/payment-batches", json!({ "cases": ids })).await.blockers(), ["hand_in_case"]);
        hand(column, "admin").await;
    }
    let id = makes.post("/api/payment-batches", json!({ "cases": ids })).await.expect(201)["id"].clone();
    hand(case::Column::EnteredById, "cashier2").await;
    let path = format!("/api/payment-batches/{id}");
    assert_eq!(releases.post(&format!("{path}/release"), json!({ "version": 1 })).await.blockers(), ["hand_in_case"]);
    let shown = releases.get(&path).await.expect(200);
    let release = shown["allowed_actions"].as_array().unwrap().iter().find(|a| a["action"] == "release").unwrap();
    assert_eq!(release["blockers"][0]["code"], "hand_in_case");
    hand(case::Column::EnteredById, "admin").await;
    releases.post(&format!("{path}/release"), json!({ "version": 1 })).await.expect(200);
    hand(case::Column::EnteredById, "cashier2").await;
    let all = json!({ "all_others": true, "paid_on": clock::today() });
    assert_eq!(settle(&releases, id.as_i64().unwrap(), all).await.blockers(), ["hand_in_case"]);
}

#[tokio::test]
async fn of_several_payees_only_what_bounced_is_paid_again() {
    let world = World::new().await;
    let ids = approved(&world, &[&[10_000], &[3_333, 6_667]]).await;
    let (makes, second) = (world.user("cashier").await, world.user("cashier2").await);
    let (batch, list) = released(&world, &ids).await;
    let yesterday = clock::today().pred_opt().unwrap();
    let early = json!({ "paid": [list[0]["id"]], "paid_on": yesterday });
    assert_eq!(settle(&makes, batch, early).await.blockers(), ["paid_before_release"]);
    let late = json!({ "paid": [list[0]["id"]], "paid_on": clock::today().succ_opt().unwrap() });
    assert_eq!(settle(&makes, batch, late).await.blockers(), ["paid_on_impossible"]);
    let done = json!({ "all_others": true, "paid_on": clock::today(), "bounced": [bounced(&list[2])] });
    let after = settle(&makes, batch, done.clone()).await.expect(200);
    assert_eq!((text(&after["state"]), &after["totals"]["agree"]), ("settled".into(), &json!(true)));
    assert_eq!(settle(&makes, batch, done).await.blockers(), ["batch_state"], "once");
    let back = list[2]["amount_fen"].as_i64().unwrap();
    assert_eq!(paid_sum(&world).await, 2 * BENEFIT - back, "approved less what bounced");
    assert_eq!(text(&makes.get(&format!("/api/cases/{}", ids[0])).await.expect(200)["stage"]), "closed");
    let case = makes.get(&format!("/api/cases/{}", ids[1])).await.expect(200);
    assert_eq!(text(&case["stage"]), "payment");
    assert_eq!(case["timeline"].as_array().unwrap().last().unwrap()["kind"], "payment_bounced");
    assert_eq!(makes.post("/api/payment-batches", json!({ "cases": [ids[1]] })).await.blockers(), ["awaits_account"]);

    // Another account wants a picture; who asks doesn't decide.
    let unit = world.user("unit").await;
    let told = unit.get("/api/messages").await.expect(200);
    assert!(told["items"].as_array().unwrap().iter().any(|m| m["kind"] == "payment_bounced"));
    let waiting = unit.post("/api/bounced/search", json!({ "tab": "waiting" })).await.expect(200);
    assert_eq!((&waiting["total"], &waiting["sum_fen"]), (&json!(1), &json!(back)));
    assert_eq!((&waiting["items"][0]["may_ask"], &waiting["items"][0]["may_decide"]), (&json!(true), &json!(false)));
    let new = "6222000011112222";
    assert_eq!(correct(&unit, &list[2], new, false).await.blockers(), ["picture_missing"]);
    assert_eq!(correct(&unit, &list[2], "12", true).await.fields(), ["account_no: not_an_account"]);
    assert_eq!(correct(&unit, &list[0], new, true).await.blockers(), ["not_bounced"]);
    assert_eq!(correct(&world.user("far").await, &list[2], new, true).await.status, 404);
    assert_eq!(correct(&makes, &list[2], new, true).await.status, 201);
    assert_eq!(correct(&unit, &list[2], new, true).await.blockers(), ["account_correction_open"]);
    let path = format!("/api/bounced/{}", list[2]["id"]);
    assert_eq!(makes.post(&format!("{path}/approve"), json!({})).await.blockers(), ["correction_by_you"]);
    assert_eq!(second.post(&format!("{path}/refuse"), json!({})).await.fields(), ["note: required"]);
    assert_eq!(second.post(&format!("{path}/refuse"), json!({ "note": "照片不清" })).await.status, 204);
    assert_eq!(correct(&makes, &list[2], new, true).await.status, 201);
    assert_eq!(second.get(&format!("{path}/picture")).await.status, 200);
    assert_eq!(world.user("far").await.get(&format!("{path}/picture")).await.status, 404);
    assert_eq!(world.user("review").await.post(&format!("{path}/approve"), json!({})).await.status, 204);
    assert_eq!(second.post(&format!("{path}/approve"), json!({})).await.blockers(), ["not_bounced"], "once");

    // Only that share goes into the next batch, with the new account; the case as it was entered stays.
    let pending = makes.post("/api/payments/search", json!({ "tab": "pending" })).await.expect(200);
    assert_eq!((&pending["total"], &pending["sum_fen"]), (&json!(1), &json!(back)));
    assert_eq!(
        pending["items"][0]["payees"],
        json!([{
            "name": list[2]["payee_name"], "account_no": new, "bank_name": "示例银行", "amount_fen": back
        }])
    );
    let (next, again) = released(&world, &[ids[1]]).await;
    assert_eq!((again.len(), text(&again[0]["account_no"]), &again[0]["again"]), (1, new.into(), &json!(true)));
    settle(&second, next, json!({ "all_others": true, "paid_on": clock::today() })).await.expect(200);
    assert_eq!(paid_sum(&world).await, 2 * BENEFIT);
    let row = world.row(ids[1]).await;
    assert_eq!((row.paid_on, row.benefit_fen), (Some(clock::today()), Some(BENEFIT)));
    let of_case = makes.get(&format!("/api/cases/{}/payment-items", ids[1])).await.expect(200);
    let states: Vec<String> = of_case.as_array().unwrap().iter().map(|i| text(&i["state"])).collect();
    assert_eq!(states, ["paid", "replaced", "paid"]);
    let kinds: Vec<String> = case_event::Entity::find()
        .filter(case_event::Column::CaseId.eq(ids[1]))
        .order_by_asc(case_event::Column::Seq)
        .all(world.app.db.read())
        .await
        .unwrap()
        .into_iter()
        .map(|e| e.kind)
        .collect();
    assert_eq!(
        kinds,
        [
            "payment_released",
            "payment_bounced",
            "account_asked",
            "account_refused",
            "account_asked",
            "account_corrected",
            "payment_released",
            "confirm_payment"
        ]
    );
    let entered = case_payee::Entity::find().filter(case_payee::Column::CaseId.eq(ids[1])).all(world.app.db.read());
    assert!(entered.await.unwrap().iter().all(|p| p.account_no.as_str() != new), "what was entered stays");
    let done = makes.post("/api/payments/search", json!({ "tab": "done" })).await.expect(200);
    assert_eq!((&done["total"], &done["sum_fen"]), (&json!(2), &json!(2 * BENEFIT)));
}

#[tokio::test]
async fn a_case_that_came_back_goes_in_and_out_of_a_draft_and_is_sent_to_the_same_account_again() {
    let world = World::new().await;
    let ids = approved(&world, &[&[10_000]]).await;
    let (makes, second) = (world.user("cashier").await, world.user("cashier2").await);
    let (batch, list) = released(&world, &ids).await;
    settle(&makes, batch, json!({ "bounced": [bounced(&list[0])] })).await.expect(200);
    // The bank's own fault: the account stays, and wants no picture, but a second person all the same.
    assert_eq!(correct(&makes, &list[0], &text(&list[0]["account_no"]), false).await.status, 201);
    assert_eq!(second.post(&format!("/api/bounced/{}/approve", list[0]["id"]), json!({})).await.status, 204);
    for _ in 0..2 {
        let draft = makes.post("/api/payment-batches", json!({ "cases": ids })).await.expect(201);
        let path = format!("/api/payment-batches/{}/cancel", draft["id"]);
        makes.post(&path, json!({ "version": 1 })).await.expect(200);
    }
    let states = payment_item::Entity::find().all(world.app.db.read()).await.unwrap();
    assert_eq!(states.iter().map(|i| i.state.0).collect::<Vec<_>>(), [PaymentItemState::Repaired]);
    world.pay(&ids).await;
    assert_eq!(paid_sum(&world).await, BENEFIT);
    assert_eq!(account_correction::Entity::find().count(world.app.db.read()).await.unwrap(), 1);
}

#[tokio::test]
async fn the_database_itself_holds_the_two_rules_that_matter_most() {
    let world = World::new().await;
    let ids = approved(&world, &[&[10_000]]).await;
    let (batch, list) = released(&world, &ids).await;
    let db = &world.app.db;
    let row = payment_item::Entity::find_by_id(list[0]["id"].as_i64().unwrap()).one(db.read()).await.unwrap().unwrap();
    let mut twin = row.into_active_model().reset_all();
    twin.id = sea_orm::ActiveValue::NotSet;
    twin.reference = Set(Some("X".into()));
    let tx = db.begin().await.unwrap();
    assert!(payment_item::Entity::insert(twin).exec(&tx).await.is_err(), "a share in two open batches");
    drop(tx);
    let row = payment_batch::Entity::find_by_id(batch).one(db.read()).await.unwrap().unwrap();
    let mut same = row.clone().into_active_model();
    same.released_by_id = Set(Some(row.made_by_id));
    let tx = db.begin().await.unwrap();
    assert!(same.update(&tx).await.is_err(), "released by who made it");
}
