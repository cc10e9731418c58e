//! Every route × every role, from the OpenAPI document: a route can't be forgotten.
use axum::{body::Body, http::Method};
use huzhu::{app, demo};
use huzhu_domain::{
    case::{ActionKind, moves},
    permission::{Permission, Role},
};
use serde_json::{Value, json};

use crate::world::{Answer, User, World};

/// Routes that need no session. This list only shrinks.
pub const PUBLIC: [&str; 5] = [
    "get /api/about",
    "post /api/session",
    "delete /api/session",
    "get /api/session/sign-on",
    "get /api/session/sign-on/back",
];

/// Acts whose right depends on where the case stands: the table of moves names it.
pub const ACTS: [(&str, ActionKind); 19] = [
    ("post /api/cases/{id}/assign", ActionKind::Assign),
    ("post /api/cases/{id}/approve", ActionKind::Approve),
    ("post /api/cases/{id}/return", ActionKind::Return),
    ("post /api/cases/{id}/deny", ActionKind::Deny),
    ("post /api/cases/{id}/take", ActionKind::Take),
    ("post /api/cases/{id}/release", ActionKind::Release),
    ("post /api/cases/{id}/withdraw", ActionKind::Withdraw),
    ("post /api/cases/{id}/materials", ActionKind::EditMaterials),
    ("delete /api/cases/{id}/materials/{file_id}", ActionKind::EditMaterials),
    ("put /api/cases/{id}/material-fields/{kind}", ActionKind::EditMaterials),
    ("post /api/cases/{id}/delete", ActionKind::Delete),
    ("post /api/cases/{id}/receipts", ActionKind::RecordReceipt),
    ("post /api/cases/{id}/receipts/verdict", ActionKind::DecideReceipt),
    ("post /api/cases/{id}/write-off", ActionKind::AskWriteOff),
    ("post /api/cases/{id}/write-off/verdict", ActionKind::DecideWriteOff),
    ("post /api/cases/{id}/reduce", ActionKind::Reduce),
    ("post /api/cases/{id}/reductions/{reduction_id}/withdraw", ActionKind::Unreduce),
    ("post /api/cases/{id}/answer-warning", ActionKind::AnswerWarning),
    ("put /api/cases/{id}/supplements/{item_id}", ActionKind::EditMaterials),
];

pub struct Route {
    pub name: String,
    method: Method,
    path: String,
    /// One of these is enough; empty where any session will do.
    rights: Vec<Permission>,
}

pub fn routes() -> Vec<Route> {
    let document = serde_json::to_value(app::openapi()).unwrap();
    let mut out = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            out.push(Route {
                name: format!("{method} {path}"),
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                rights: rights(&operation["x-right"]),
            });
        }
    }
    out
}

fn rights(named: &Value) -> Vec<Permission> {
    let list = named.as_array().cloned().unwrap_or_else(|| vec![named.clone()]);
    list.iter().filter_map(|r| r.as_str()).map(|r| r.parse().unwrap()).collect()
}

fn body(path: &str) -> Value {
    match path.rsplit('/').next().unwrap() {
        "withdraw" if path.contains("/reductions/") => json!({ "version": 1 }),
        "withdraw" => json!({ "version": 1, "reason": "other" }),
        "return" => json!({ "version": 1, "to": "materials", "reason": "other", "note": "n" }),
        "deny" => json!({ "version": 1, "reason": "other", "note": "n" }),
        "receipts" => json!({ "version": 1, "amount_fen": 1, "received_on": "2026-11-01", "way": "cash" }),
        "verdict" => json!({ "version": 1, "entry_id": 1, "accepted": true }),
        "write-off" => json!({ "version": 1, "reason": "insolvent", "note": "n" }),
        "corrections" => json!({ "reason": "entry_error", "note": "n" }),
        "appeals" => json!({
            "appellant_name": "n", "appellant_relation": "self", "appealed_on": "2026-11-01", "grounds": "n"
        }),
        "draft" => crate::world::draft(1),
        "assign" => json!({ "version": 1, "user_id": 1 }),
        "reduce" => {
            json!({ "version": 1, "statement": 1, "part": "self_pay", "amount_fen": 1, "reason": "unrelated" })
        }
        "answer-warning" => json!({ "version": 1, "code": "stay_overlaps", "statement": 1, "accepted": true }),
        "bank_card" => json!({ "fields": {} }),
        "plans" => json!({ "unit_id": 1 }),
        "numbers" => json!({ "reason": "n" }),
        "trial" => json!({ "source": "", "liability": "x", "facts": {} }),
        _ if path.contains("/supplements/") => json!({ "answer": "a" }),
        _ => json!({ "version": 1 }),
    }
}

async fn call(user: &User, route: &Route, id: i64, file: &Value) -> u16 {
    ask(user, route, id, file).await.status
}

/// Calls a route with something that it takes, about the row of that id.
pub async fn ask(user: &User, route: &Route, id: i64, file: &Value) -> Answer {
    let path = route.path.replace("{id}", &id.to_string()).replace("{file_id}", &file.to_string());
    let path = path
        .replace("{reduction_id}", "1")
        .replace("{item_id}", "1")
        .replace("{kind}", "bank_card")
        .replace("{dictionary}", "hospitals");
    if path.ends_with("/materials") {
        return user.upload(id, "id_card", "a.png", &crate::world::png(1)).await;
    }
    if path == "/api/enrolments" {
        let headers = [("content-type", "multipart/form-data; boundary=b")];
        return user.send(route.method.clone(), &path, &headers, Body::from("--b--\r\n")).await;
    }
    let headers = [("content-type", "application/json"), ("idempotency-key", "k")];
    user.send(route.method.clone(), &path, &headers, Body::from(body(&path).to_string())).await
}

#[tokio::test]
async fn without_a_session_everything_but_the_public_is_refused() {
    let world = World::new().await;
    for route in routes().iter().filter(|r| !PUBLIC.contains(&r.name.as_str())) {
        assert_eq!(call(&world.stranger(), route, 1, &json!(1)).await, 401, "{}", route.name);
    }
}

#[tokio::test]
async fn every_route_asks_every_role_for_its_right() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    let file = unit.upload(id, "id_card", "a.png", &crate::world::png(1)).await.expect(201)["id"].clone();
    for account in demo::ACCOUNTS {
        let has = |right: Permission| account.role.permissions().contains(&right);
        for route in routes().iter().filter(|r| !PUBLIC.contains(&r.name.as_str())) {
            if route.path == "/api/session"
                || route.name.starts_with("delete /api/cases") && account.role == Role::UnitOperator
            {
                continue;
            }
            let act = ACTS.iter().find(|(name, _)| *name == route.name).map(|(_, kind)| *kind);
            let allowed = match (&route.rights[..], act) {
                (_, Some(kind)) => moves::MOVES.iter().any(|m| m.action == kind && has(m.permission)),
                ([], None) => true,
                (rights, None) => rights.iter().any(|right| has(*right)),
            };
            if allowed && route.name.ends_with("/delete") {
                continue;
            }
            let user = world.user(account.username).await;
            let status = call(&user, route, id, &file).await;
            assert_eq!(status == 403, !allowed, "{} as {}: {status}", route.name, account.role);
            assert!(status < 500, "{} as {}: {status}", route.name, account.role);
        }
    }
}

#[tokio::test]
async fn a_case_of_another_branch_does_not_exist() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    let file = unit.upload(id, "id_card", "a.png", &crate::world::png(1)).await.expect(201)["id"].clone();
    let far = world.user("far").await;
    for route in routes().iter().filter(|r| r.path.starts_with("/api/cases/{id}")) {
        assert_eq!(call(&far, route, id, &file).await, 404, "{}", route.name);
    }
    for list in ["acceptance/search", "inquiry/search"] {
        assert_eq!(far.post(&format!("/api/{list}"), json!({})).await.expect(200)["total"], 0, "{list}");
    }
    assert_eq!(far.get("/api/todo").await.expect(200)["total"], 0);
    assert_eq!(far.post("/api/payment-batches", json!({ "cases": [id] })).await.status, 404);
}

#[tokio::test]
async fn a_first_password_opens_nothing_but_its_own_change() {
    use huzhu::orgs::users::{self, NewUser};
    let world = World::new().await;
    let new =
        NewUser { username: "new".into(), name: "新人".into(), org_code: "2301".into(), roles: vec![Role::Handler] };
    let password = users::add(&world.app.db, &new).await.unwrap();
    let user = world.user("new").await;
    assert_eq!(user.get("/api/todo").await.code(403), "password_change_required");
    let change = json!({ "current_password": password, "new_password": "a-longer-password" });
    assert_eq!(user.put("/api/session/password", change).await.status, 204);
    assert_eq!(user.get("/api/todo").await.status, 200);
    assert!(users::add(&world.app.db, &new).await.is_err(), "a name is given once");
}
