//! 单点登录: what of an identity provider's answer is believed, and whom it lets in. A certified provider is met in the stories.
use std::sync::{Arc, Mutex};

use axum::{Json, Router, routing::get};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use huzhu::{
    entity::{audit_entry, user},
    platform::clock,
};
use huzhu_domain::permission::Role;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::world::{User, World};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A provider that answers whatever the test wants it to.
struct Provider {
    issuer: String,
    claims: Arc<Mutex<Value>>,
}

fn token(claims: &Value, secret: &str) -> String {
    let part = |v: &Value| BASE64_URL_SAFE_NO_PAD.encode(v.to_string());
    let signed = format!("{}.{}", part(&json!({ "alg": "HS256", "typ": "JWT" })), part(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

impl Provider {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let claims = Arc::new(Mutex::new(json!({})));
        let about = json!({
            "issuer": issuer, "authorization_endpoint": format!("{issuer}/auth"), "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["HS256"],
        });
        let told = claims.clone();
        let tokens = move || async move {
            let claims = told.lock().unwrap().clone();
            let secret = claims["secret"].as_str().unwrap_or(SECRET).to_owned();
            Json(json!({ "access_token": "a", "token_type": "Bearer", "id_token": token(&claims, &secret) }))
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(move || async move { Json(about) }))
            .route("/jwks", get(|| async { Json(json!({ "keys": [] })) }))
            .route("/token", axum::routing::post(tokens));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { issuer, claims }
    }

    /// The installation with this provider.
    async fn world(&self, before: &World, second_factor: &[Role]) -> World {
        let (issuer, second_factor) = (self.issuer.clone(), second_factor.to_vec());
        before
            .restarted(|s| {
                s.sign_on_issuer = Some(issuer);
                s.sign_on_client = Some("huzhu".into());
                s.sign_on_secret = Some(SECRET.into());
                s.public_url = Some("http://127.0.0.1:1".into());
                s.second_factor = Some(second_factor);
                s.rate_limits = Some(false);
            })
            .await
    }

    /// Goes to the provider and comes back with what it says: by default that it is this person, for this server, now.
    async fn come_back(&self, world: &World, said: Value) -> (User, String) {
        let (browser, state, nonce) = depart(world).await;
        let now = clock::now().timestamp();
        let mut claims = json!({
            "iss": self.issuer, "aud": "huzhu", "exp": now + 60, "iat": now, "nonce": nonce, "sub": "E1", "preferred_username": "handler",
        });
        claims.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
        *self.claims.lock().unwrap() = claims;
        arrive(&browser, &format!("code=c&state={state}")).await
    }
}

/// A browser that was sent to the provider, with the state and the nonce that it carries there.
async fn depart(world: &World) -> (User, String, String) {
    let answer = world.stranger().get("/api/session/sign-on?to=/cases/1").await;
    assert_eq!(answer.status, 303);
    let to = answer.headers["location"].to_str().unwrap().to_owned();
    let part = |name: &str| {
        let found = to.split(['?', '&']).find_map(|p| p.strip_prefix(&format!("{name}=")));
        found.unwrap_or_else(|| panic!("no {name} in {to}")).to_owned()
    };
    assert_eq!(part("code_challenge_method"), "S256");
    (world.stranger().after(&answer), part("state"), part("nonce"))
}

/// The browser as it is afterwards, and where it is sent.
async fn arrive(browser: &User, query: &str) -> (User, String) {
    let answer = browser.get(&format!("/api/session/sign-on/back?{query}")).await;
    assert_eq!(answer.status, 303, "{}", answer.json);
    (browser.after(&answer), answer.headers["location"].to_str().unwrap().to_owned())
}

#[tokio::test]
async fn whom_the_provider_vouches_for_is_signed_in_and_bound_to_the_account() {
    let (before, provider) = (World::new().await, Provider::start().await);
    let world = provider.world(&before, &[]).await;
    assert_eq!(world.stranger().get("/api/about").await.json["sign_on"], "单点登录");
    let (browser, to) = provider.come_back(&world, json!({})).await;
    assert_eq!(to, "/cases/1");
    assert_eq!(browser.get("/api/session").await.expect(200)["user"]["username"], "handler");
    // The name is another's at the provider now: the person stays who they are, the newcomer is nobody.
    let (browser, _) = provider.come_back(&world, json!({ "preferred_username": "renamed" })).await;
    assert_eq!(browser.get("/api/session").await.expect(200)["user"]["username"], "handler");
    assert_eq!(provider.come_back(&world, json!({ "sub": "E2" })).await.1, "/sign-in?refused=bound");
    // An administrator undoes the binding.
    let admin = world.user("admin").await;
    let users = admin.post("/api/users/search", json!({ "text": "handler" })).await.expect(200);
    let row = users["items"].as_array().unwrap().iter().find(|u| u["username"] == "handler").unwrap();
    assert_eq!(row["sign_on"], true);
    let path = format!("/api/users/{}/forget-sign-on", row["id"]);
    admin.post(&path, json!({ "version": row["version"] })).await.expect(200);
    assert_eq!(browser.get("/api/session").await.status, 401, "their sessions have ended");
    assert_eq!(provider.come_back(&world, json!({ "sub": "E2" })).await.1, "/cases/1");
    let acts = audit_entry::Entity::find().filter(audit_entry::Column::Act.like("sign_on%"));
    let acts = acts.all(world.app.db.read()).await.unwrap().into_iter().map(|e| format!("{} {}", e.act, e.result));
    let told =
        ["sign_on_bound done", "sign_on done", "sign_on done", "sign_on bound", "sign_on_bound done", "sign_on done"];
    assert_eq!(acts.collect::<Vec<_>>(), told);
}

#[tokio::test]
async fn an_answer_for_another_server_another_time_or_by_another_hand_is_not_believed() {
    let (before, provider) = (World::new().await, Provider::start().await);
    let world = provider.world(&before, &[]).await;
    let long_ago = clock::now().timestamp() - 3600;
    for (said, why) in [
        (json!({ "aud": "another" }), "wrong"),
        (json!({ "aud": ["huzhu", "another"] }), "wrong"),
        (json!({ "iss": "https://evil.example" }), "wrong"),
        (json!({ "exp": long_ago }), "wrong"),
        (json!({ "nonce": "another" }), "wrong"),
        (json!({ "nonce": null }), "wrong"),
        (json!({ "secret": "another another another another" }), "wrong"),
        (json!({ "preferred_username": "nobody" }), "unknown"),
        (json!({ "preferred_username": null }), "unknown"),
    ] {
        let (browser, to) = provider.come_back(&world, said.clone()).await;
        assert_eq!(to, format!("/sign-in?refused={why}"), "{said}");
        assert_eq!(browser.get("/api/session").await.status, 401, "{said}");
    }
    // Whoever is out of use here is, whatever the provider says.
    let row = user::ActiveModel { active: Set(false), ..Default::default() };
    let tx = world.app.db.begin().await.unwrap();
    user::Entity::update_many().set(row).filter(user::Column::Username.eq("handler")).exec(&tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(provider.come_back(&world, json!({})).await.1, "/sign-in?refused=unknown");
}

#[tokio::test]
async fn an_errand_is_one_browsers_and_good_for_a_while() {
    let (before, provider) = (World::new().await, Provider::start().await);
    let world = provider.world(&before, &[]).await;
    let (browser, state, _) = depart(&world).await;
    let (other, ..) = depart(&world).await;
    let query = format!("code=c&state={state}");
    assert_eq!(arrive(&world.stranger(), &query).await.1, "/sign-in?refused=stale", "a link that somebody was sent");
    assert_eq!(arrive(&other, &query).await.1, "/sign-in?refused=wrong", "another errand's state");
    assert_eq!(arrive(&browser, "state=x").await.1, "/sign-in?refused=wrong");
    assert_eq!(arrive(&browser, "error=access_denied").await.1, "/sign-in?refused=cancelled");
    assert_eq!(arrive(&browser, "error=%3Cscript%3E").await.1, "/sign-in?refused=wrong");
}

#[tokio::test]
async fn who_needs_a_second_factor_needs_it_at_the_provider() {
    let (before, provider) = (World::new().await, Provider::start().await);
    let world = provider.world(&before, &[Role::Handler]).await;
    assert_eq!(provider.come_back(&world, json!({ "amr": ["pwd"] })).await.1, "/sign-in?refused=second_factor");
    let (browser, to) = provider.come_back(&world, json!({ "amr": ["pwd", "otp"] })).await;
    assert_eq!(to, "/cases/1");
    assert_eq!(browser.get("/api/todo").await.status, 200, "and is not asked to set one up here");
}

#[tokio::test]
async fn without_a_provider_there_is_no_such_way() {
    let world = World::new().await;
    assert_eq!(world.stranger().get("/api/session/sign-on").await.status, 404);
    assert_eq!(world.stranger().get("/api/session/sign-on/back?code=c&state=s").await.status, 404);
    assert_eq!(world.stranger().get("/api/about").await.json["sign_on"], Value::Null);
    let away = world.restarted(|s| {
        s.sign_on_issuer = Some("http://127.0.0.1:1".into());
        s.sign_on_client = Some("huzhu".into());
        s.public_url = Some("http://127.0.0.1:2".into());
    });
    let answer = away.await.stranger().get("/api/session/sign-on").await;
    assert_eq!(answer.headers["location"], "/sign-in?refused=unreachable");
}
