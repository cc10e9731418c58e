use serde_json::json;

use crate::world::World;

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
