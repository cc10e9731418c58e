//! 用户与角色: administrators act in their own branch, never on themselves, and give no right that isn't theirs to give.
use huzhu::entity::{org, role_right, session, user, user_own_role};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::world::{Answer, User, World, codes, text};

async fn org_id(world: &World, code: &str) -> i64 {
    let found = org::Entity::find().filter(org::Column::Code.eq(code)).one(world.app.db.read()).await.unwrap();
    found.unwrap().id
}

async fn row(world: &World, username: &str) -> user::Model {
    let found = user::Entity::find().filter(user::Column::Username.eq(username)).one(world.app.db.read()).await;
    found.unwrap().unwrap()
}

async fn act(by: &User, world: &World, username: &str, act: &str) -> Answer {
    let user = row(world, username).await;
    by.post(&format!("/api/users/{}/{act}", user.id), json!({ "version": user.version })).await
}

async fn make(by: &User, username: &str, org_id: i64, roles: &[&str], own: &[i64]) -> Answer {
    let new = json!({ "username": username, "name": "新人", "org_id": org_id, "roles": roles, "own_roles": own });
    by.post("/api/users", new).await
}

async fn edit(by: &User, world: &World, username: &str, change: Value) -> Answer {
    let user = row(world, username).await;
    let mut form =
        json!({ "version": user.version, "name": user.name, "org_id": user.org_id, "roles": [], "own_roles": [] });
    for (key, value) in change.as_object().unwrap() {
        form[key] = value.clone();
    }
    by.put(&format!("/api/users/{}", user.id), form).await
}

/// A role of a node; its id.
async fn role(by: &User, org_id: i64, name: &str, rights: &[&str]) -> i64 {
    let new = json!({ "org_id": org_id, "name": name, "permissions": rights, "active": true });
    let all = by.post("/api/roles", new).await.expect(201);
    all["own"].as_array().unwrap().iter().find(|r| r["name"] == name).unwrap()["id"].as_i64().unwrap()
}

#[tokio::test]
async fn a_user_is_made_with_a_password_that_is_shown_once_and_must_be_changed() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    let place = org_id(&world, "2301").await;
    let made = make(&admin, "li.lei", place, &["handler"], &[]).await.expect(201);
    let sign_in = json!({ "username": "li.lei", "password": made["first_password"] });
    let session = world.stranger().post("/api/session", sign_in).await.expect(200);
    assert_eq!((&session["must_change_password"], &session["roles"]), (&json!(true), &json!(["handler"])));
    let shown = admin.get(&format!("/api/users/{}", made["id"])).await.expect(200);
    assert!(!shown.to_string().contains(&text(&made["first_password"])), "nowhere else");
    assert!(shown["last_sign_in_at"].is_string());
    assert_eq!(text(&shown["history"][0]["act"]), "create");
    assert_eq!(make(&admin, "li.lei", place, &["handler"], &[]).await.fields(), ["username: taken"]);
    assert_eq!(make(&admin, "Li Lei", place, &["handler"], &[]).await.fields(), ["username: username_wrong_sign"]);
    assert_eq!(make(&admin, "l2345", place, &[], &[]).await.fields(), ["roles: required"]);
    assert_eq!(make(&admin, "l2345", 999_999, &["handler"], &[]).await.fields(), ["org_id: unknown"]);
    let both = make(&admin, "l2345", place, &["handler", "first_reviewer"], &[]).await;
    assert_eq!(both.blockers(), ["duties_joined"]);
}

#[tokio::test]
async fn users_outside_the_branch_do_not_exist() {
    let world = World::new().await;
    let own = world.office_admin("2300").await;
    for username in ["far", "admin"] {
        let id = row(&world, username).await.id;
        assert_eq!(own.get(&format!("/api/users/{id}")).await.status, 404);
        for what in ["disable", "enable", "unlock", "reset-password"] {
            assert_eq!(act(&own, &world, username, what).await.status, 404, "{what} {username}");
        }
        assert_eq!(edit(&own, &world, username, json!({ "roles": ["handler"] })).await.status, 404);
    }
    let found = own.post("/api/users/search", json!({ "size": 100 })).await.expect(200);
    let names: Vec<String> = found["items"].as_array().unwrap().iter().map(|u| text(&u["username"])).collect();
    assert!(names.contains(&"handler".into()) && !names.contains(&"far".into()) && !names.contains(&"admin".into()));
    let outside = make(&own, "abc", org_id(&world, "3701").await, &["handler"], &[]).await;
    assert_eq!(outside.fields(), ["org_id: unknown"]);
    let away =
        edit(&own, &world, "handler", json!({ "org_id": org_id(&world, "0000").await, "roles": ["handler"] })).await;
    assert_eq!(away.fields(), ["org_id: unknown"], "nor is anybody moved out of it");
    let wild = own.post("/api/users/search", json!({ "text": "_" })).await.expect(200);
    assert_eq!(wild["total"], 0, "an underscore is no wildcard");
    let cashiers = own.post("/api/users/search", json!({ "role": "cashier", "state": "active" })).await.expect(200);
    assert_eq!(cashiers["total"], 2);
}

#[tokio::test]
async fn nobody_gives_anything_to_themselves_or_locks_themselves_out() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    for what in ["disable", "reset-password", "unlock", "enable"] {
        assert_eq!(act(&admin, &world, "admin", what).await.blockers(), ["user_is_you"], "{what}");
    }
    let more = edit(&admin, &world, "admin", json!({ "roles": ["admin", "cashier"] })).await;
    assert_eq!(more.blockers(), ["user_is_you"]);
    let less = edit(&admin, &world, "admin", json!({ "roles": ["handler"] })).await;
    assert_eq!(less.blockers(), ["user_is_you"]);
    let away =
        edit(&admin, &world, "admin", json!({ "roles": ["admin"], "org_id": org_id(&world, "2300").await })).await;
    assert_eq!(away.blockers(), ["user_is_you"]);
    edit(&admin, &world, "admin", json!({ "roles": ["admin"], "name": "钱进一" })).await.expect(200);
    // A role that one has oneself is a gift to oneself.
    let helper = role(&admin, org_id(&world, "0000").await, "用户管理员", &["manage_users"]).await;
    let password = make(&admin, "helper", org_id(&world, "2300").await, &[], &[helper]).await.expect(201);
    assert!(password["first_password"].is_string());
    let second = world.user("admin2").await;
    edit(&second, &world, "admin", json!({ "roles": ["admin"], "own_roles": [helper] })).await.expect(200);
    let grow = json!({ "version": 1, "name": "用户管理员", "permissions": ["manage_users", "confirm_payments"], "active": true });
    assert_eq!(admin.put(&format!("/api/roles/{helper}"), grow).await.blockers(), ["role_is_yours"]);
}

#[tokio::test]
async fn an_administrator_of_users_alone_cannot_climb() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    let office = org_id(&world, "2300").await;
    let helper = role(&admin, org_id(&world, "0000").await, "用户管理员", &["manage_users"]).await;
    make(&admin, "helper", office, &[], &[helper]).await.expect(201);
    world.set_password_changed("helper").await;
    let small = world.user("helper").await;
    world.office_admin("2300").await;
    // No role with more administration than one's own, however it is put.
    assert_eq!(make(&small, "puppet", office, &["admin"], &[]).await.blockers(), ["rights_beyond_you"]);
    let new = json!({ "name": "高权", "permissions": ["manage_orgs"], "active": true });
    assert_eq!(small.post("/api/roles", new).await.blockers(), ["rights_beyond_you"]);
    assert_eq!(edit(&small, &world, "handler", json!({ "roles": ["admin"] })).await.blockers(), ["rights_beyond_you"]);
    // Nor the password of somebody who has more.
    for what in ["reset-password", "disable", "unlock"] {
        assert_eq!(act(&small, &world, "admin2300", what).await.blockers(), ["user_beyond_you"], "{what}");
    }
    let strip = edit(&small, &world, "admin2300", json!({ "roles": ["handler"] })).await;
    assert_eq!(strip.blockers(), ["user_beyond_you"]);
    // The society's role is used, not changed.
    let grow =
        json!({ "version": 1, "name": "用户管理员", "permissions": ["manage_users", "manage_orgs"], "active": true });
    assert_eq!(small.put(&format!("/api/roles/{helper}"), grow).await.status, 404);
    let seen = small.get("/api/roles").await.expect(200);
    let own = seen["own"].as_array().unwrap().iter().find(|r| r["id"] == helper).cloned().unwrap();
    assert_eq!(codes(&own["blockers"]), ["role_is_yours", "role_from_above"]);
    // Working rights are held in trust.
    make(&small, "worker", office, &["cashier"], &[]).await.expect(201);
    assert_eq!(world.user("cashier").await.post("/api/users/search", json!({})).await.code(403), "forbidden");
}

#[tokio::test]
async fn duties_stay_apart_however_roles_come_together() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    let office = org_id(&world, "2300").await;
    let joined = json!({ "name": "全能", "permissions": ["enrol_members", "confirm_fees"], "active": true });
    assert_eq!(admin.post("/api/roles", joined).await.blockers(), ["duties_joined"]);
    let empty = json!({ "name": "空", "permissions": [], "active": true });
    assert_eq!(admin.post("/api/roles", empty).await.fields(), ["permissions: required"]);
    let look = role(&admin, office, "查询员", &["inquire_cases"]).await;
    let twice = json!({ "org_id": office, "name": "查询员", "permissions": ["inquire_cases"], "active": true });
    assert_eq!(admin.post("/api/roles", twice).await.fields(), ["name: taken"]);
    edit(&admin, &world, "cashier", json!({ "roles": ["cashier"], "own_roles": [look] })).await.expect(200);
    let grow = |version: i64, rights: &[&str]| json!({ "version": version, "name": "查询员", "permissions": rights, "active": true });
    let path = format!("/api/roles/{look}");
    let late = admin.put(&path, grow(1, &["inquire_cases", "first_review"])).await;
    assert_eq!(late.blockers(), ["role_joins_duties"]);
    admin.put(&path, grow(1, &["inquire_cases", "inquire_records"])).await.expect(200);
    assert_eq!(admin.put(&path, grow(1, &["inquire_cases"])).await.code(409), "record_stale");
    // A role of an office is for its users only.
    let outside = edit(&admin, &world, "far", json!({ "roles": ["handler"], "own_roles": [look] })).await;
    assert_eq!(outside.fields(), ["own_roles: role_elsewhere"]);
    // Whoever was given too much by the command line may be given less, and be renamed.
    edit(&admin, &world, "far", json!({ "roles": ["handler", "first_reviewer", "cashier"], "name": "远" }))
        .await
        .expect(200);
    edit(&admin, &world, "far", json!({ "roles": ["handler", "cashier"] })).await.expect(200);
    let more = edit(&admin, &world, "far", json!({ "roles": ["handler", "cashier", "first_reviewer"] })).await;
    assert_eq!(more.blockers(), ["duties_joined"]);
}

#[tokio::test]
async fn a_role_gives_its_rights_at_once_and_takes_them_at_once() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    let office = org_id(&world, "2300").await;
    let look = role(&admin, office, "查询员", &["inquire_cases"]).await;
    make(&admin, "looker", office, &[], &[look]).await.expect(201);
    world.set_password_changed("looker").await;
    let looker = world.user("looker").await;
    assert_eq!(looker.post("/api/inquiry/search", json!({})).await.status, 200);
    let off = json!({ "version": 1, "name": "查询员", "permissions": ["inquire_cases"], "active": false });
    admin.put(&format!("/api/roles/{look}"), off).await.expect(200);
    assert_eq!(looker.post("/api/inquiry/search", json!({})).await.status, 403);
    // Out of use a role still counts where somebody is given it: it may be put back into use.
    let review = role(&admin, office, "另一初审", &["first_review"]).await;
    let off = json!({ "version": 1, "name": "另一初审", "permissions": ["first_review"], "active": false });
    admin.put(&format!("/api/roles/{review}"), off).await.expect(200);
    let joined = edit(&admin, &world, "cashier", json!({ "roles": ["cashier"], "own_roles": [review] })).await;
    assert_eq!(joined.blockers(), ["duties_joined"]);
    let ticked = role_right::Entity::find().filter(role_right::Column::RoleId.eq(look));
    assert_eq!(ticked.count(world.app.db.read()).await.unwrap(), 1);
    // A branch that is moved leaves no role of the old one behind in its users' hands.
    let agency = org_id(&world, "2301").await;
    edit(&admin, &world, "handler", json!({ "roles": ["handler"], "own_roles": [look] })).await.expect(200);
    let asked = json!({ "version": 1, "parent_id": org_id(&world, "1100").await, "reason": "调整" });
    assert_eq!(admin.post(&format!("/api/orgs/{agency}/move"), asked.clone()).await.blockers(), ["roles_left_behind"]);
    edit(&admin, &world, "handler", json!({ "roles": ["handler"] })).await.expect(200);
    admin.post(&format!("/api/orgs/{agency}/move"), asked).await.expect(200);
    let given = user_own_role::Entity::find().filter(user_own_role::Column::RoleId.eq(look));
    assert_eq!(given.count(world.app.db.read()).await.unwrap(), 1);
}

#[tokio::test]
async fn disabling_and_a_new_password_end_sessions_and_unlocking_opens_the_door() {
    let world = World::new().await;
    let (admin, handler) = (world.user("admin").await, world.user("handler").await);
    let stale = json!({ "version": 7 });
    let id = row(&world, "handler").await.id;
    assert_eq!(admin.post(&format!("/api/users/{id}/disable"), stale).await.code(409), "record_stale");
    act(&admin, &world, "handler", "disable").await.expect(200);
    assert_eq!(handler.get("/api/session").await.status, 401);
    let sessions = session::Entity::find().filter(session::Column::UserId.eq(id));
    assert_eq!(sessions.count(world.app.db.read()).await.unwrap(), 0);
    let found = admin.post("/api/users/search", json!({ "state": "disabled" })).await.expect(200);
    assert_eq!(text(&found["items"][0]["username"]), "handler");
    act(&admin, &world, "handler", "enable").await.expect(200);
    let handler = world.user("handler").await;
    let first = act(&admin, &world, "handler", "reset-password").await.expect(200);
    assert_eq!(handler.get("/api/session").await.status, 401);
    let sign_in = |password: &Value| json!({ "username": "handler", "password": password });
    let stranger = world.stranger();
    assert_eq!(stranger.post("/api/session", sign_in(&json!("huzhu-demo"))).await.status, 401);
    for _ in 0..4 {
        stranger.post("/api/session", sign_in(&json!("wrong"))).await.expect(401);
    }
    assert_eq!(stranger.post("/api/session", sign_in(&first["first_password"])).await.status, 429);
    let locked = admin.post("/api/users/search", json!({ "state": "locked" })).await.expect(200);
    assert_eq!((&locked["total"], &locked["items"][0]["locked"]), (&json!(1), &json!(true)));
    assert_eq!(act(&admin, &world, "handler", "unlock").await.expect(200)["locked"], false);
    let session = stranger.post("/api/session", sign_in(&first["first_password"])).await.expect(200);
    assert_eq!(session["must_change_password"], true);
}
