//! 二次验证: an authenticator besides the password.
use huzhu::platform::clock::{as_of, now};
use huzhu_domain::permission::Role;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::world::{User, World};

/// What an authenticator with the secret shows, so many steps from now.
fn code(factor: &Value, steps: i64) -> String {
    let secret = Secret::try_from_base32(factor["secret"].as_str().unwrap()).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    let now = now().timestamp() + steps * 30;
    totp.generate(u64::try_from(now).unwrap()).to_string()
}

/// A step of time mustn't end between a code and its check.
async fn at_one_moment(doing: impl Future<Output = ()>) {
    as_of(now(), doing).await;
}

async fn sign_in(world: &World, code: Option<&str>) -> crate::world::Answer {
    let given = json!({ "username": "cashier", "password": "huzhu-demo", "code": code });
    world.stranger().post("/api/session", given).await
}

/// Sets an authenticator for somebody, by the code of the step before this one.
async fn set(user: &User) -> Value {
    let factor = user.post("/api/session/second-factor", json!({})).await.expect(200);
    let given = json!({ "password": "huzhu-demo", "ticket": factor["ticket"], "code": code(&factor, -1) });
    assert_eq!(user.put("/api/session/second-factor", given).await.status, 204);
    factor
}

#[tokio::test]
async fn a_code_is_asked_for_at_the_sign_in_and_is_good_once() {
    at_one_moment(async {
        let world = World::new().await;
        let cashier = world.user("cashier").await;
        let factor = set(&cashier).await;
        assert!(factor["uri"].as_str().unwrap().starts_with("otpauth://totp/"), "{factor}");
        assert_eq!(sign_in(&world, None).await.code(401), "second_factor_asked");
        assert_eq!(sign_in(&world, Some("000000")).await.code(401), "second_factor_wrong");
        assert_eq!(sign_in(&world, Some(&code(&factor, -1))).await.code(401), "second_factor_wrong");
        let now = code(&factor, 0);
        assert_eq!(sign_in(&world, Some(&now)).await.expect(200)["second_factor"], true);
        assert_eq!(sign_in(&world, Some(&now)).await.code(401), "second_factor_wrong");
        // A space in the middle, as authenticators show it.
        let next = code(&factor, 1);
        assert_eq!(sign_in(&world, Some(&format!("{} {}", &next[..3], &next[3..]))).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn wrong_codes_lock_as_wrong_passwords_do() {
    at_one_moment(async {
        let world = World::new().await;
        let factor = set(&world.user("cashier").await).await;
        for _ in 0..5 {
            assert_eq!(sign_in(&world, Some("000000")).await.status, 401);
        }
        assert_eq!(sign_in(&world, Some(&code(&factor, 0))).await.code(429), "sign_in_locked");
    })
    .await;
}

#[tokio::test]
async fn setting_one_wants_the_password_and_a_code_of_it() {
    at_one_moment(async {
        let world = World::new().await;
        let (cashier, other) = (world.user("cashier").await, world.user("handler").await);
        let factor = cashier.post("/api/session/second-factor", json!({})).await.expect(200);
        let given =
            |password: &str, code: &str| json!({ "password": password, "ticket": factor["ticket"], "code": code });
        let path = "/api/session/second-factor";
        assert_eq!(
            cashier.put(path, given("wrong-wrong", &code(&factor, 0))).await.fields(),
            ["password: password_wrong"]
        );
        assert_eq!(cashier.put(path, given("huzhu-demo", "123456x")).await.fields(), ["code: wrong_code"]);
        let stolen = given("huzhu-demo", &code(&factor, 0));
        assert_eq!(other.put(path, stolen).await.fields(), ["code: wrong_code"], "a ticket is one person's");
        assert_eq!(sign_in(&world, None).await.status, 200, "nothing is in force yet");
    })
    .await;
}

#[tokio::test]
async fn a_role_that_wants_one_does_nothing_else_before() {
    at_one_moment(async {
        let before = World::new().await;
        let world = before.restarted(|s| s.second_factor = Some(vec![Role::Cashier])).await;
        let (cashier, handler) = (world.user("cashier").await, world.user("handler").await);
        assert_eq!(handler.get("/api/todo").await.status, 200);
        assert_eq!(cashier.get("/api/session").await.expect(200)["must_set_second_factor"], true);
        assert_eq!(cashier.get("/api/todo").await.code(403), "second_factor_wanted");
        set(&cashier).await;
        assert_eq!(cashier.get("/api/todo").await.status, 200);
        assert_eq!(
            cashier.post("/api/session/second-factor/remove", json!({ "password": "huzhu-demo" })).await.status,
            204
        );
        assert_eq!(cashier.get("/api/todo").await.code(403), "second_factor_wanted");
    })
    .await;
}

#[tokio::test]
async fn who_lost_it_is_let_in_by_an_administrator() {
    at_one_moment(async {
        let world = World::new().await;
        let (cashier, admin) = (world.user("cashier").await, world.user("admin").await);
        set(&cashier).await;
        let id = cashier.get("/api/session").await.expect(200)["user"]["id"].clone();
        let seen = admin.get(&format!("/api/users/{id}")).await.expect(200);
        assert_eq!(seen["second_factor"], true);
        let path = format!("/api/users/{id}/reset-second-factor");
        let after = admin.post(&path, json!({ "version": seen["version"] })).await.expect(200);
        assert_eq!(after["second_factor"], false);
        assert_eq!(cashier.get("/api/session").await.status, 401, "their sessions end");
        assert_eq!(sign_in(&world, None).await.status, 200);
    })
    .await;
}
