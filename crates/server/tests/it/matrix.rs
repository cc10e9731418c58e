//! Every route with a row in its path × every role × where in the organisation somebody stands, from the OpenAPI document, on the
//! demonstration. Whoever lacks the right gets 403, whoever stands elsewhere 404, and nobody else either of them.
use std::collections::BTreeMap;

use axum::{body::Body, http::Method};
use huzhu::{
    app,
    entity::{
        absence, account_correction, appeal, appeal_paper, case, case_material, change, change_file, enrolment, member,
        message, notice, org, payment_batch, payment_item, role, saved_search, user,
    },
    orgs::users::{self, NewUser},
};
use huzhu_domain::{
    case::moves,
    org::OrgKind,
    permission::{Permission, Role},
};
use sea_orm::{ColumnTrait, EntityTrait, Iterable, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::{
    permissions::{ACTS, PUBLIC},
    world::{Answer, User, World},
};

/// The whole society's: a branch makes no difference.
const OF_ALL: [&str; 6] =
    ["/api/banks/", "/api/hospitals/", "/api/illness-classes/", "/api/dictionaries/", "/api/plans/", "/api/calendar/"];
/// One person's own: nobody else's branch opens it.
const OWN: [&str; 3] = ["/api/messages/", "/api/saved-searches/", "/api/session/"];
/// A node's settings that those below it work by. This list only shrinks.
const SEEN_FROM_BELOW: [&str; 1] = ["get /api/payment-layouts/{id}"];

/// Where a row lies, or somebody stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    office: Option<i64>,
    agency: Option<i64>,
    unit: Option<i64>,
}

impl Place {
    fn of(node: &org::Model) -> Self {
        let unit = (node.kind.0 == OrgKind::Unit).then_some(node.id);
        Self { office: node.office_id, agency: node.agency_id, unit }
    }

    /// Whether somebody who stands here sees what lies there.
    fn sees(self, other: Self) -> bool {
        let within = |own: Option<i64>, its: Option<i64>| own.is_none() || own == its;
        within(self.office, other.office) && within(self.agency, other.agency) && within(self.unit, other.unit)
    }
}

/// A row of each kind in one agency, by how its routes begin.
struct Rows {
    by_path: BTreeMap<&'static str, (i64, Place)>,
    /// A picture of the case.
    picture: i64,
}

impl Rows {
    fn about(&self, path: &str) -> Option<(i64, Place)> {
        self.by_path.iter().rev().find(|(begins, _)| path.starts_with(**begins)).map(|(_, row)| *row)
    }
}

struct Route {
    name: String,
    method: Method,
    path: String,
    rights: Vec<Permission>,
    body: Option<(String, Value)>,
}

fn routes() -> Vec<Route> {
    let document = serde_json::to_value(app::openapi()).unwrap();
    let mut out = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let named = &operation["x-right"];
            let list = named.as_array().cloned().unwrap_or_else(|| vec![named.clone()]);
            let act = ACTS.iter().find(|(name, _)| *name == format!("{method} {path}")).map(|(_, kind)| *kind);
            let of_moves = moves::MOVES.iter().filter(|m| act == Some(m.action)).map(|m| m.permission);
            let body = operation["requestBody"]["content"].as_object().and_then(|c| c.iter().next());
            out.push(Route {
                name: format!("{method} {path}"),
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                rights: list.iter().filter_map(|r| r.as_str()).map(|r| r.parse().unwrap()).chain(of_moves).collect(),
                body: body
                    .map(|(kind, content)| (kind.clone(), completed(path, example(&document, &content["schema"])))),
            });
        }
    }
    out
}

/// What some acts want besides what their schema says.
fn completed(path: &str, mut body: Value) -> Value {
    if path.ends_with("/refuse") || path.ends_with("/corrections") {
        body["note"] = json!("n");
    }
    if path.ends_with("/corrections") {
        body["reason"] = json!("entry_error");
    }
    if path.starts_with("/api/roles") {
        body["permissions"] = json!(["inquire_cases"]);
    }
    body
}

/// Something that a schema takes, the least of it.
pub fn example(document: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()) {
        return example(document, &document["components"]["schemas"][name]);
    }
    if let Some(first) = schema["enum"].as_array().and_then(|e| e.first()) {
        return first.clone();
    }
    for several in ["oneOf", "anyOf"] {
        let of = |s: &&Value| s["type"] != "null";
        if let Some(one) = schema[several].as_array().and_then(|s| s.iter().find(of)) {
            return example(document, one);
        }
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = serde_json::Map::new();
        for part in parts {
            whole.extend(example(document, part).as_object().cloned().unwrap_or_default());
        }
        return whole.into();
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"].as_array()?.iter().find_map(Value::as_str));
    match kind {
        Some("object") => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let fields = required.iter().filter_map(Value::as_str);
            fields
                .map(|f| (f.to_owned(), example(document, &schema["properties"][f])))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
        Some("array") => json!([]),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("string") if schema["format"] == "date" => json!("2026-11-01"),
        Some("string") => json!("n"),
        _ => json!({}),
    }
}

async fn call(user: &User, route: &Route, id: i64, picture: i64) -> Answer {
    let path = route
        .path
        .replace("{dictionary}", "hospitals")
        .replace("{kind}", "id_card")
        .replace("{id}", &id.to_string())
        .replace("{file_id}", &picture.to_string());
    let path = path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect::<Vec<_>>().join("/");
    let path = if path.ends_with("/next-code") { format!("{path}?kind=unit") } else { path };
    let multipart = "--b\r\ncontent-disposition: form-data; name=\"x\"\r\n\r\nx\r\n--b--\r\n";
    let (kind, body) = match &route.body {
        Some((kind, _)) if kind.starts_with("multipart/") => ("multipart/form-data; boundary=b", Body::from(multipart)),
        Some((_, body)) => ("application/json", Body::from(body.to_string())),
        None => ("application/json", Body::empty()),
    };
    user.send(route.method.clone(), &path, &[("content-type", kind), ("idempotency-key", "k")], body).await
}

/// Finds rows that lie in the agency of the story's unit.
async fn rows(world: &World, agency: &org::Model) -> Rows {
    let db = world.app.db.read();
    let nodes: BTreeMap<i64, org::Model> =
        org::Entity::find().all(db).await.unwrap().into_iter().map(|o| (o.id, o)).collect();
    let place = |id: i64| Place::of(&nodes[&id]);
    let own = |id: i64| nodes[&id].agency_id == Some(agency.id);
    let mut out = BTreeMap::new();
    macro_rules! first {
        ($begins:expr, $entity:ident, $id:expr, $node:expr) => {
            let mut found = $entity::Entity::find().all(db).await.unwrap();
            found.sort_by_key($id);
            let row = found.into_iter().find(|r| own($node(r)));
            let row = row.unwrap_or_else(|| panic!("no {} in the agency", stringify!($entity)));
            out.insert($begins, ($id(&row), place($node(&row))));
        };
    }
    first!("/api/cases/", case, |r: &case::Model| r.id, |r: &case::Model| r.unit_id);
    first!("/api/members/", member, |r: &member::Model| r.id, |r: &member::Model| r.unit_id);
    first!("/api/changes/members/", member, |r: &member::Model| r.id, |r: &member::Model| r.unit_id);
    first!("/api/changes/", change, |r: &change::Model| r.id, |r: &change::Model| r.unit_id);
    first!("/api/enrolments/", enrolment, |r: &enrolment::Model| r.id, |r: &enrolment::Model| r.unit_id);
    first!("/api/users/", user, |r: &user::Model| r.id, |r: &user::Model| r.org_id);
    first!("/api/orgs/", org, |r: &org::Model| r.id, |r: &org::Model| r.id);
    first!("/api/time-limits/", org, |r: &org::Model| r.id, |r: &org::Model| r.id);
    let pictures = case_material::Entity::find().order_by_asc(case_material::Column::Id).all(db).await.unwrap();
    let the_case = out["/api/cases/"].0;
    let picture = pictures.into_iter().find(|p| p.case_id == the_case).expect("a picture of the case");
    let cases: BTreeMap<i64, i64> =
        case::Entity::find().all(db).await.unwrap().into_iter().map(|c| (c.id, c.unit_id)).collect();
    first!("/api/appeals/", appeal, |r: &appeal::Model| r.id, |r: &appeal::Model| cases[&r.case_id]);
    let appeals: BTreeMap<i64, i64> =
        appeal::Entity::find().all(db).await.unwrap().into_iter().map(|a| (a.id, cases[&a.case_id])).collect();
    first!("/api/appeals/papers/", appeal_paper, |r: &appeal_paper::Model| r.id, |r: &appeal_paper::Model| appeals
        [&r.appeal_id]);
    let items: BTreeMap<i64, i64> =
        payment_item::Entity::find().all(db).await.unwrap().into_iter().map(|i| (i.id, cases[&i.case_id])).collect();
    first!(
        "/api/bounced/",
        account_correction,
        |r: &account_correction::Model| r.item_id,
        |r: &account_correction::Model| items[&r.item_id]
    );
    // A batch, a layout, a role or a notice is a node's.
    let batch = payment_batch::Entity::find().order_by_asc(payment_batch::Column::Id).one(db).await.unwrap().unwrap();
    out.insert("/api/payment-batches/", (batch.id, place(batch.agency_id.unwrap_or(batch.office_id))));
    out.insert("/api/payment-layouts/", (agency.office_id.unwrap(), place(agency.office_id.unwrap())));
    let own_role = role::Entity::find().one(db).await.unwrap().unwrap();
    out.insert("/api/roles/", (own_role.id, place(own_role.org_id)));
    let told = notice::Entity::find().one(db).await.unwrap().unwrap();
    out.insert("/api/notices/", (told.id, place(told.org_id)));
    let away = absence::Entity::find().one(db).await.unwrap().unwrap();
    let of = user::Entity::find_by_id(away.user_id).one(db).await.unwrap().unwrap();
    out.insert("/api/absences/", (away.id, place(of.org_id)));
    let file =
        change_file::Entity::find().filter(change_file::Column::ChangeId.is_not_null()).one(db).await.unwrap().unwrap();
    let its = change::Entity::find_by_id(file.change_id.unwrap()).one(db).await.unwrap().unwrap();
    out.insert("/api/changes/files/", (file.id, place(its.unit_id)));
    let note = message::Entity::find().one(db).await.unwrap().unwrap();
    out.insert("/api/messages/", (note.id, place(agency.id)));
    let saved = saved_search::Entity::find().one(db).await.unwrap();
    out.insert("/api/saved-searches/", (saved.map_or(1, |s| s.id), place(agency.id)));
    out.insert("/api/session/", (1, place(agency.id)));
    Rows { by_path: out, picture: picture.id }
}

/// Somebody with one role, at a node.
async fn somebody(world: &World, node: &org::Model, role: Role) -> User {
    let username = format!("m{}-{role}", node.code);
    let new =
        NewUser { username: username.clone(), name: "张三".into(), org_code: node.code.clone(), roles: vec![role] };
    let tx = world.app.db.begin().await.unwrap();
    users::insert(&tx, &new, String::new(), false).await.unwrap();
    tx.commit().await.unwrap();
    world.user(&username).await
}

#[tokio::test]
async fn every_route_by_every_role_from_everywhere() {
    let world = World::shown().await;
    let db = world.app.db.read();
    let nodes = org::Entity::find().order_by_asc(org::Column::Code).all(db).await.unwrap();
    let node = |code: &str| nodes.iter().find(|o| o.code == code).unwrap_or_else(|| panic!("no node {code}")).clone();
    let agency = node("2301");
    let rows = Box::pin(rows(&world, &agency)).await;
    let society = nodes.iter().find(|o| o.kind.0 == OrgKind::Society).unwrap().clone();
    let units: Vec<&org::Model> =
        nodes.iter().filter(|o| o.kind.0 == OrgKind::Unit && o.agency_id == Some(agency.id)).collect();
    let stands = [society, node("2300"), agency.clone(), units[0].clone(), units[1].clone(), node("3700")];

    let (mut cells, mut wrong) = (0, Vec::new());
    for stand in &stands {
        for role in Role::iter() {
            let user = somebody(&world, stand, role).await;
            for route in routes().iter().filter(|r| r.path.contains('{')) {
                let nobodys = Place { office: None, agency: None, unit: None };
                let of_all = OF_ALL.iter().any(|p| route.path.starts_with(p));
                let row = rows.about(&route.path).or(of_all.then_some((1, nobodys)));
                let (id, place) = row.unwrap_or_else(|| panic!("{}: no row to ask about", route.name));
                let own = OWN.iter().any(|p| route.path.starts_with(p));
                let has = route.rights.is_empty() || route.rights.iter().any(|r| role.permissions().contains(r));
                let below = SEEN_FROM_BELOW.contains(&&*route.name) && place.sees(Place::of(stand));
                let inside = of_all || below || !own && Place::of(stand).sees(place);
                // What takes the row away would leave nothing to ask about.
                if has && inside && (route.method == Method::DELETE || route.path.ends_with("/delete")) {
                    continue;
                }
                cells += 1;
                let status = call(&user, route, id, rows.picture).await.status;
                let as_it_must = match (has, inside) {
                    (false, true) => status == 403,
                    // Who may do what with a case depends on where it stands, so that one elsewhere isn't there first.
                    (false, false) => status == 403 || status == 404,
                    (true, false) => status == 404,
                    (true, true) => status != 403 && status < 500,
                };
                if !as_it_must {
                    wrong.push(format!(
                        "{} as {role} of {}: {status} (right {has}, inside {inside})",
                        route.name, stand.code
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cells} cells:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cells > 3000, "{cells}");
}

/// What a list, a count or an export says to somebody who stands elsewhere holds nothing of a unit.
#[tokio::test]
async fn no_list_tells_of_another_branch() {
    let world = World::shown().await;
    let nodes = org::Entity::find().order_by_asc(org::Column::Code).all(world.app.db.read()).await.unwrap();
    let node = |code: &str| nodes.iter().find(|o| o.code == code).unwrap_or_else(|| panic!("no node {code}")).clone();
    let (unit, sibling, far) = (node("23010001"), node("23010002"), node("3700"));
    let own: Vec<String> = case::Entity::find()
        .filter(case::Column::UnitId.eq(unit.id))
        .all(world.app.db.read())
        .await
        .unwrap()
        .into_iter()
        .map(|c| c.no)
        .chain([unit.name.clone(), crate::world::MANUAL_ID.to_owned()])
        .collect();
    let mut seen = 0;
    for (stand, elsewhere) in [(&unit, false), (&sibling, true), (&far, true)] {
        for role in Role::iter() {
            let user = somebody(&world, stand, role).await;
            for route in routes().iter().filter(|r| !r.path.contains('{') && !PUBLIC.contains(&&*r.name)) {
                let answer = call(&user, route, 0, 0).await;
                let text = String::from_utf8_lossy(&answer.bytes);
                let told = own.iter().find(|own| text.contains(*own));
                if elsewhere {
                    assert_eq!(told, None, "{} as {role} of {}", route.name, stand.code);
                } else {
                    seen += usize::from(told.is_some());
                }
            }
        }
    }
    assert!(seen > 20, "the unit's own people see it in {seen} answers");
}
