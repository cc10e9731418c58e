use axum::{body::Body, http::Method};
use chrono::Duration;
use huzhu::{
    entity::{session, user},
    platform::clock,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::world::{Answer, User, World, text};

/// An attempt to sign in from an address.
async fn sign_in(browser: &User, username: &str, password: &str, address: &str) -> Answer {
    let headers = [("content-type", "application/json"), ("x-forwarded-for", address), ("user-agent", "Browser/1")];
    let body = Body::from(json!({ "username": username, "password": password }).to_string());
    browser.send(Method::POST, "/api/session", &headers, body).await
}

#[tokio::test]
async fn the_right_password_opens_a_session_and_signing_out_ends_it() {
    let world = World::new().await;
    let answer = world.stranger().post("/api/session", json!({ "username": "unit", "password": "huzhu-demo" })).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let me = answer.expect(200);
    assert_eq!((me["user"]["name"].as_str(), me["branch"]["name"].as_str()), (Some("周敏"), Some("1121测试")));
    let unit = world.user("unit").await;
    assert_eq!(unit.get("/api/session").await.status, 200);
    assert_eq!(unit.delete("/api/session").await.status, 204);
    assert_eq!(unit.get("/api/session").await.code(401), "unauthenticated");
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_get_the_same_answer() {
    let world = World::new().await;
    let try_with = async |username: &str| {
        let answer = world.stranger().post("/api/session", json!({ "username": username, "password": "wrong" })).await;
        answer.expect(401)
    };
    assert_eq!(try_with("unit").await, try_with("nobody").await);
}

#[tokio::test]
async fn a_name_is_locked_after_five_wrong_passwords_even_for_the_right_one() {
    let world = World::new().await;
    for _ in 0..5 {
        let wrong = json!({ "username": "unit", "password": "wrong" });
        assert_eq!(world.stranger().post("/api/session", wrong).await.code(401), "sign_in_failed");
    }
    let right = world.stranger().post("/api/session", json!({ "username": "unit", "password": "huzhu-demo" })).await;
    assert!(right.headers.contains_key("retry-after"));
    assert_eq!(right.code(429), "sign_in_locked");
    let other = world.stranger().post("/api/session", json!({ "username": "handler", "password": "huzhu-demo" })).await;
    assert_eq!(other.status, 200);
}

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_ends_other_sessions() {
    let world = World::new().await;
    let (here, there) = (world.user("unit").await, world.user("unit").await);
    let change = |current: &str, new: &str| json!({ "current_password": current, "new_password": new });
    let short = here.put("/api/session/password", change("huzhu-demo", "short")).await;
    assert_eq!(short.fields(), ["new_password: password_too_short"]);
    let wrong = here.put("/api/session/password", change("guess", "a-longer-password")).await;
    assert_eq!(wrong.fields(), ["current_password: password_wrong"]);
    let done = here.put("/api/session/password", change("huzhu-demo", "a-longer-password")).await;
    assert_eq!(done.status, 204);
    assert_eq!(here.get("/api/session").await.status, 200);
    assert_eq!(there.get("/api/session").await.status, 401);
}

#[tokio::test]
async fn messages_come_in_the_language_of_the_request() {
    let world = World::new().await;
    let stranger = world.stranger();
    let english =
        stranger.send(axum::http::Method::GET, "/api/todo", &[("accept-language", "en")], axum::body::Body::empty());
    assert_eq!(english.await.json["message"], "Your session has ended; please sign in again");
    assert_eq!(world.stranger().get("/api/todo").await.json["message"], "登录已失效，请重新登录");
}

#[tokio::test]
async fn who_locks_a_name_out_from_afar_does_not_lock_out_the_browser_that_is_known() {
    let world = World::new().await;
    let stranger = world.stranger();
    let known = stranger.after(&sign_in(&stranger, "unit", "huzhu-demo", "10.0.0.1").await);
    for _ in 0..5 {
        assert_eq!(sign_in(&stranger, "unit", "wrong", "203.0.113.7").await.status, 401);
    }
    assert_eq!(sign_in(&stranger, "unit", "huzhu-demo", "203.0.113.7").await.code(429), "sign_in_locked");
    assert_eq!(sign_in(&known, "unit", "huzhu-demo", "10.0.0.1").await.status, 200);
    // Known for one name is known for no other, and may guess no oftener than anybody.
    for _ in 0..5 {
        assert_eq!(sign_in(&known, "unit", "wrong", "10.0.0.1").await.status, 401);
    }
    assert_eq!(sign_in(&known, "unit", "huzhu-demo", "10.0.0.1").await.code(429), "sign_in_locked");
    for _ in 0..5 {
        assert_eq!(sign_in(&known, "handler", "wrong", "10.0.0.1").await.status, 401);
    }
    assert_eq!(sign_in(&stranger, "handler", "huzhu-demo", "10.0.0.2").await.code(429), "sign_in_locked");
}

#[tokio::test]
async fn one_password_on_all_names_locks_the_address_but_not_its_known_browsers() {
    let world = World::new().await;
    let stranger = world.stranger();
    let known = stranger.after(&sign_in(&stranger, "unit", "huzhu-demo", "203.0.113.7").await);
    for n in 0..50 {
        assert_eq!(sign_in(&stranger, &format!("name{n}"), "wrong", "203.0.113.7").await.status, 401);
    }
    assert_eq!(sign_in(&stranger, "handler", "huzhu-demo", "203.0.113.7").await.code(429), "sign_in_locked");
    assert_eq!(sign_in(&stranger, "handler", "huzhu-demo", "203.0.113.8").await.status, 200);
    assert_eq!(sign_in(&known, "unit", "huzhu-demo", "203.0.113.7").await.status, 200);
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends_and_a_page_that_asks_by_itself_is_no_use() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let last_used = async |ago: Duration| {
        let tx = world.app.db.begin().await.unwrap();
        let row = session::ActiveModel { seen_at: Set(clock::now() - ago), ..Default::default() };
        session::Entity::update_many().set(row).exec(&tx).await.unwrap();
        tx.commit().await.unwrap();
    };
    let seen = async || session::Entity::find().one(world.app.db.read()).await.unwrap().unwrap().seen_at;
    last_used(Duration::minutes(59)).await;
    let before = seen().await;
    let by_itself = unit.send(Method::GET, "/api/session", &[("x-huzhu-poll", "1")], Body::empty()).await;
    assert_eq!((by_itself.status, seen().await), (200, before));
    assert_eq!(unit.get("/api/session").await.status, 200);
    while seen().await == before {
        tokio::task::yield_now().await;
    }
    last_used(Duration::minutes(61)).await;
    assert_eq!(unit.get("/api/session").await.code(401), "unauthenticated");
}

#[tokio::test]
async fn somebody_sees_where_they_are_signed_in_and_signs_out_from_afar() {
    let world = World::new().await;
    let stranger = world.stranger();
    sign_in(&stranger, "unit", "wrong", "203.0.113.7").await;
    let there = stranger.after(&sign_in(&stranger, "unit", "huzhu-demo", "203.0.113.7").await);
    let here = stranger.after(&sign_in(&stranger, "unit", "huzhu-demo", "10.0.0.1").await);
    let all = here.get("/api/session/all").await.expect(200);
    let sessions = all["sessions"].as_array().unwrap();
    let told: Vec<_> = sessions.iter().map(|s| (text(&s["address"]), s["current"] == json!(true))).collect();
    assert!(told.contains(&("203.0.113.7".into(), false)) && told.contains(&("10.0.0.1".into(), true)), "{told:?}");
    let done: Vec<_> = all["attempts"].as_array().unwrap().iter().map(|a| a["done"] == json!(true)).collect();
    assert_eq!(done, [true, true, false]);
    let afar = text(&sessions.iter().find(|s| s["current"] == json!(false)).unwrap()["id"]);
    let other = world.user("handler").await;
    assert_eq!(other.delete(&format!("/api/session/all/{afar}")).await.status, 404, "not one's own");
    assert_eq!(here.delete(&format!("/api/session/all/{afar}")).await.status, 204);
    assert_eq!(there.get("/api/session").await.status, 401);
    assert_eq!(here.get("/api/session").await.status, 200);
}

#[tokio::test]
async fn a_new_password_is_neither_ones_name_nor_counting_and_an_old_one_must_be_changed() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    for (new, fault) in [
        ("my-unit-2026", "password_has_name"),
        ("1234567890", "password_too_simple"),
        ("short", "password_too_short"),
        (&"长".repeat(100), "password_too_long"),
    ] {
        let change = json!({ "current_password": "huzhu-demo", "new_password": new });
        assert_eq!(unit.put("/api/session/password", change).await.fields(), [format!("new_password: {fault}")]);
    }
    // Passwords last for ever unless the settings say otherwise.
    let tx = world.app.db.begin().await.unwrap();
    let old =
        user::ActiveModel { password_changed_at: Set(Some(clock::now() - Duration::days(91))), ..Default::default() };
    user::Entity::update_many().set(old).filter(user::Column::Username.eq("unit")).exec(&tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(unit.get("/api/session").await.expect(200)["must_change_password"], json!(false));
    let strict = world.restarted(|settings| settings.password_days = Some(90)).await;
    let unit = strict.user("unit").await;
    assert_eq!(unit.get("/api/session").await.expect(200)["must_change_password"], json!(true));
    assert_eq!(unit.get("/api/todo").await.code(403), "password_change_required");
    let change = json!({ "current_password": "huzhu-demo", "new_password": "a-longer-password" });
    assert_eq!(unit.put("/api/session/password", change).await.status, 204);
    assert_eq!(unit.get("/api/todo").await.status, 200);
}

#[tokio::test]
async fn a_page_of_another_site_can_not_act_in_somebodys_name() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let from = async |site: &str| {
        let headers = [("content-type", "application/json"), ("sec-fetch-site", site)];
        unit.send(Method::POST, "/api/acceptance/search", &headers, Body::from("{}")).await
    };
    assert_eq!(from("cross-site").await.code(403), "foreign_page");
    assert_eq!(from("same-site").await.code(403), "foreign_page");
    let own = from("same-origin").await;
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(own.headers[name], value);
    }
    assert!(own.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'self'"));
    assert!(!own.headers.contains_key("strict-transport-security"), "not without TLS");
    own.expect(200);
    let tls = world.restarted(|settings| settings.secure_cookies = Some(true)).await;
    assert!(tls.stranger().get("/api/about").await.headers.contains_key("strict-transport-security"));
}

#[tokio::test]
async fn who_asks_too_fast_is_told_when_to_ask_again_and_others_are_not() {
    let before = World::new().await;
    let world = before.restarted(|s| s.rate_limits = Some(true)).await;
    let (handler, other) = (world.user("handler").await, world.user("review").await);
    let mut told = None;
    for _ in 0..40 {
        let answer = handler.post("/api/figures/overview", json!({})).await;
        if answer.status == 429 {
            told = Some(answer);
            break;
        }
    }
    let told = told.expect("forty reports at once are too many");
    assert!(told.headers.contains_key("retry-after"));
    assert_eq!(told.json["code"], "too_fast");
    assert_ne!(other.post("/api/figures/overview", json!({})).await.status, 429);
    assert_eq!(handler.get("/api/todo").await.status, 200, "pages go on");
}

#[tokio::test]
async fn a_browser_that_is_locked_shows_with_its_user_and_is_unlocked_there() {
    let world = World::new().await;
    let stranger = world.stranger();
    let known = stranger.after(&sign_in(&stranger, "unit", "huzhu-demo", "10.0.0.1").await);
    for _ in 0..5 {
        assert_eq!(sign_in(&known, "unit", "wrong", "10.0.0.1").await.status, 401);
    }
    let admin = world.user("admin").await;
    let locked = async || admin.post("/api/users/search", json!({ "state": "locked" })).await.expect(200);
    let found = locked().await;
    let (user, total) = (&found["items"][0], &found["total"]);
    assert_eq!((text(&user["username"]), &user["locked"], total), ("unit".to_owned(), &json!(true), &json!(1)));
    let path = format!("/api/users/{}/unlock", user["id"]);
    admin.post(&path, json!({ "version": user["version"] })).await.expect(200);
    assert_eq!(locked().await["total"], 0);
    assert_eq!(sign_in(&known, "unit", "huzhu-demo", "10.0.0.1").await.status, 200);
}
