//! A fresh server with the demonstration's organisation and two members a unit, and people who use it.
use std::sync::atomic::{AtomicU32, Ordering};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, header},
};
use huzhu::{
    app::{self, App},
    demo,
    entity::{case, member, org, plan_version, session, user},
    orgs::users::{self, NewUser},
    platform::{
        clock,
        config::Settings,
        keys::{self, Ring},
        secrets,
    },
};
use huzhu_domain::permission::Role;
use image::ImageFormat;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, Database, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

pub use crate::answer::{Answer, codes, text};

/// The manual's own example.
pub const MANUAL_ID: &str = "142625196607196202";

pub struct World {
    pub app: App,
    router: Router,
    pub dir: TempDir,
}

#[derive(Clone)]
pub struct User {
    router: Router,
    cookie: String,
}

pub async fn database_url(dir: &TempDir) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let Ok(url) = std::env::var("HUZHU_TEST_DATABASE_URL") else {
        return format!("sqlite://{}", dir.path().join("huzhu.db").display());
    };
    let name = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let cluster = Database::connect(&url).await.unwrap();
    cluster.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    cluster.close().await.unwrap();
    let base = url.rsplit_once('/').unwrap().0;
    format!("{base}/{name}")
}

/// The keys of all tests, for a data folder and for this process, which has one ring.
pub fn put_keys(dir: &std::path::Path) {
    let path = dir.join("huzhu.key");
    std::fs::write(&path, format!("k1:{}\n", "7".repeat(64))).unwrap();
    keys::install(Ring::read(&path).unwrap()).unwrap();
}

impl World {
    pub async fn new() -> Self {
        Self::of(2).await
    }

    /// The whole demonstration.
    pub async fn shown() -> Self {
        let (app, dir) = Self::empty().await;
        // Its future is larger than a test's stack.
        Box::pin(demo::begin(&app)).await.unwrap();
        Self::of_app(app, dir)
    }

    /// With so many members a unit.
    pub async fn of(members: u32) -> Self {
        let (app, dir) = Self::empty().await;
        let hash = secrets::hash_password(demo::PASSWORD.to_owned()).await.unwrap();
        let tx = app.db.begin().await.unwrap();
        demo::lay(&tx, &hash, Some(members)).await.unwrap();
        // Somebody with every right to decide, in another branch.
        let roles = vec![Role::Handler, Role::FirstReviewer, Role::Cashier];
        let far = NewUser { username: "far".into(), name: "远方".into(), org_code: "3701".into(), roles };
        users::insert(&tx, &far, hash.clone(), false).await.unwrap();
        let handler2 = NewUser {
            username: "handler2".into(),
            name: "吴桂芳".into(),
            org_code: "2301".into(),
            roles: vec![Role::Handler],
        };
        users::insert(&tx, &handler2, hash, false).await.unwrap();
        tx.commit().await.unwrap();
        Self { router: app::router(app.clone()), app, dir }
    }

    async fn empty() -> (App, TempDir) {
        let dir = tempfile::tempdir().unwrap();
        put_keys(dir.path());
        let settings = Settings {
            data_dir: Some(dir.path().to_owned()),
            database_url: Some(database_url(&dir).await),
            // An address is what the header says.
            proxy_hops: Some(1),
            // A test asks faster than any person.
            rate_limits: Some(false),
            ..Settings::default()
        };
        (App::start(settings.resolve(true).unwrap()).await.unwrap(), dir)
    }

    /// The same installation under other settings.
    pub async fn restarted(&self, changed: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            data_dir: Some(self.dir.path().to_owned()),
            database_url: Some(self.app.config.database_url.clone()),
            ..Settings::default()
        };
        changed(&mut settings);
        Self::of_app(App::start(settings.resolve(true).unwrap()).await.unwrap(), tempfile::tempdir().unwrap())
    }

    /// As it is, in a place that was filled elsewhere.
    pub fn of_app(app: App, dir: TempDir) -> Self {
        Self { router: app::router(app.clone()), app, dir }
    }

    /// Somebody with an open session.
    pub async fn user(&self, username: &str) -> User {
        let row = user::Entity::find().filter(user::Column::Username.eq(username)).one(self.app.db.read()).await;
        let row = row.unwrap().unwrap_or_else(|| panic!("no user {username}"));
        let token = secrets::session_token();
        let now = clock::now();
        let open = session::ActiveModel {
            token_hash: Set(secrets::sha256(&token)),
            user_id: Set(row.id),
            created_at: Set(now),
            expires_at: Set(now + chrono::Duration::hours(1)),
            seen_at: Set(now),
            ..Default::default()
        };
        let tx = self.app.db.begin().await.unwrap();
        session::Entity::insert(open).exec_without_returning(&tx).await.unwrap();
        tx.commit().await.unwrap();
        User { router: self.router.clone(), cookie: format!("huzhu_session={token}") }
    }

    /// An administrator of a node below the society.
    pub async fn office_admin(&self, org_code: &str) -> User {
        self.hired(&format!("admin{org_code}"), "管理员", org_code, Role::Admin).await
    }

    /// Somebody new.
    pub async fn hired(&self, username: &str, name: &str, org_code: &str, role: Role) -> User {
        let new =
            NewUser { username: username.into(), name: name.into(), org_code: org_code.into(), roles: vec![role] };
        let tx = self.app.db.begin().await.unwrap();
        users::insert(&tx, &new, String::new(), false).await.unwrap();
        tx.commit().await.unwrap();
        self.user(username).await
    }

    /// Somebody's first password counts as changed.
    pub async fn set_password_changed(&self, username: &str) {
        let row = user::ActiveModel { must_change_password: Set(false), ..Default::default() };
        let tx = self.app.db.begin().await.unwrap();
        user::Entity::update_many().set(row).filter(user::Column::Username.eq(username)).exec(&tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Somebody who hasn't signed in.
    pub fn stranger(&self) -> User {
        User { router: self.router.clone(), cookie: String::new() }
    }

    /// The ID numbers of a unit's members.
    pub async fn id_numbers(&self, unit_code: &str) -> Vec<String> {
        let unit = org::Entity::find().filter(org::Column::Code.eq(unit_code)).one(self.app.db.read()).await.unwrap();
        let members = member::Entity::find().filter(member::Column::UnitId.eq(unit.unwrap().id));
        members.all(self.app.db.read()).await.unwrap().into_iter().map(|m| m.id_number.into_string()).collect()
    }

    /// The node of that code.
    pub async fn org_id(&self, code: &str) -> i64 {
        let row = org::Entity::find().filter(org::Column::Code.eq(code)).one(self.app.db.read()).await.unwrap();
        row.unwrap().id
    }

    /// Pays cases as two cashiers do: one makes the batch and registers its result, the other releases it.
    pub async fn pay(&self, cases: &[i64]) -> i64 {
        let (makes, releases) = (self.user("cashier").await, self.user("cashier2").await);
        let batch = makes.post("/api/payment-batches", json!({ "cases": cases })).await.expect(201)["id"].clone();
        let path = format!("/api/payment-batches/{batch}");
        releases.post(&format!("{path}/release"), json!({ "version": 1 })).await.expect(200);
        let all = json!({ "version": 2, "all_others": true, "paid_on": clock::today() });
        assert_eq!(makes.post(&format!("{path}/settle"), all).await.expect(200)["state"], "settled");
        batch.as_i64().unwrap()
    }

    /// Every liability of every plan version wants 复审 from an amount on, in yuan.
    pub async fn plans_want_second(&self, from: &str) {
        let tx = self.app.db.begin().await.unwrap();
        for version in plan_version::Entity::find().all(&tx).await.unwrap() {
            let wants = format!("[[liability]]\nsecond_review_from = \"{from}\"");
            let source = version.source.replace("[[liability]]", &wants);
            let row = plan_version::ActiveModel { id: Set(version.id), source: Set(source), ..Default::default() };
            plan_version::Entity::update(row).exec(&tx).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    pub async fn row(&self, id: i64) -> case::Model {
        case::Entity::find_by_id(id).one(self.app.db.read()).await.unwrap().unwrap()
    }
}

impl User {
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !self.cookie.is_empty() {
            request = request.header(header::COOKIE, &self.cookie);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
        let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: parts.status.as_u16(), json, bytes, headers: parts.headers }
    }

    /// The same session by another way to the server.
    pub fn through(&self, router: &Router) -> Self {
        Self { router: router.clone(), cookie: self.cookie.clone() }
    }

    /// The same browser after an answer: with the cookies that it set.
    pub fn after(&self, answer: &Answer) -> Self {
        let set = answer.headers.get_all(header::SET_COOKIE).iter().map(|v| v.to_str().unwrap());
        let cookies: Vec<&str> = set.map(|c| c.split(';').next().unwrap()).collect();
        Self { router: self.router.clone(), cookie: cookies.join("; ") }
    }

    async fn with_json(&self, method: Method, path: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json"), ("idempotency-key", "k")];
        self.send(method, path, &headers, Body::from(body.to_string())).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.with_json(Method::POST, path, &body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.with_json(Method::PUT, path, &body).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], Body::empty()).await
    }

    /// An act on a case that wants no more than the version, at the version that it has.
    pub async fn act(&self, id: i64, act: &str) -> Answer {
        let version = self.get(&format!("/api/cases/{id}")).await.json["version"].clone();
        let version = if version.is_null() { json!(1) } else { version };
        self.post(&format!("/api/cases/{id}/{act}"), json!({ "version": version })).await
    }

    pub async fn upload(&self, id: i64, kind: &str, name: &str, content: &[u8]) -> Answer {
        let mut body = Vec::new();
        let part = format!("--b\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\n{kind}\r\n");
        body.extend(part.as_bytes());
        let part = format!("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        body.extend(part.as_bytes());
        body.extend(content);
        body.extend(b"\r\n--b--\r\n");
        let headers = [("content-type", "multipart/form-data; boundary=b")];
        self.send(Method::POST, &format!("/api/cases/{id}/materials"), &headers, Body::from(body)).await
    }

    pub async fn eligible(&self, id_number: &str, incident: &str) -> Value {
        let query = json!({ "id_kind": "resident_id", "id_number": id_number, "incident_date": incident });
        self.post("/api/acceptance/eligibility", query).await.expect(200)
    }

    /// A row of 确认受理 for the claim type.
    pub async fn claim(&self, id_number: &str, incident: &str, claim_type: &str) -> Value {
        let found = self.eligible(id_number, incident).await;
        let row = found["rows"].as_array().unwrap().iter().find(|r| r["claim_type"] == claim_type).unwrap().clone();
        json!({
            "coverage_id": row["coverage_id"],
            "liability_code": row["liability_code"],
            "claim_type": claim_type,
            "incident_date": incident,
        })
    }

    pub async fn accept(&self, key: &str, rows: Value) -> Answer {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        let body = Body::from(json!({ "rows": rows }).to_string());
        self.send(Method::POST, "/api/acceptance/cases", &headers, body).await
    }

    /// The manual's example, accepted.
    pub async fn accepted(&self, claim_type: &str) -> i64 {
        let row = self.claim(MANUAL_ID, "2023-10-04", claim_type).await;
        self.accept(&format!("accept-{claim_type}"), json!([row])).await.expect(201)["cases"][0]["id"].as_i64().unwrap()
    }

    /// All that 疾病住院 wants, with the bank card's fields.
    pub async fn papers(&self, id: i64) {
        for kind in ["id_card", "bank_card", "settlement", "application_form"] {
            self.upload(id, kind, "p.png", &png(kind.len() as u8)).await.expect(201);
        }
        let fields = json!({ "fields": { "account_no": "6222020909003028973", "bank_name": "中国工商银行" } });
        self.put(&format!("/api/cases/{id}/material-fields/bank_card"), fields).await.expect(200);
    }

    /// The manual's example in the caller's hands at 费用录入, its papers there.
    pub async fn entering(&self) -> i64 {
        let id = self.accepted("disease_inpatient").await;
        self.papers(id).await;
        self.act(id, "confirm-materials").await.expect(200);
        self.act(id, "take").await.expect(200);
        id
    }

    pub async fn save(&self, id: i64, draft: Value) -> Answer {
        self.put(&format!("/api/cases/{id}/draft"), draft).await
    }

    /// The manual's example as submitted: 6 566.00 self-pay, 3 283.00 benefit.
    pub async fn submitted(&self) -> i64 {
        let id = self.entering().await;
        let version = self.version(id).await;
        self.save(id, draft(version)).await.expect(200);
        self.act(id, "calculate").await.expect(200);
        self.act(id, "submit").await.expect(200);
        id
    }

    pub async fn version(&self, id: i64) -> i64 {
        self.get(&format!("/api/cases/{id}")).await.expect(200)["version"].as_i64().unwrap()
    }
}

/// A complete draft of the manual's example.
pub fn draft(version: i64) -> Value {
    json!({
        "version": version,
        "payees": [payee("self", "冯玉兰", "6222020909003028973", 10_000)],
        "incident": { "cause": "肺炎", "from": "2023-10-04", "to": "2023-10-11", "class_code": null },
        "statements": [statement()],
        "warning_reasons": []
    })
}

/// A payee with a share in 万分比.
pub fn payee(relation: &str, name: &str, account_no: &str, share: u32) -> Value {
    json!({
        "relation": relation, "name": name, "phone": "13900000000",
        "account_no": account_no, "bank_name": "中国工商银行", "share": share
    })
}

/// A statement that balances: 26 566.00 = 18 000 + 6 566.00 + 2 000.
pub fn statement() -> Value {
    json!({
        "hospital": "中国人民解放军总医院", "hospital_level": "tertiary", "insurance_type": "employee",
        "admitted_on": "2023-10-04", "discharged_on": "2023-10-11",
        "total_fen": 2_656_600, "pooled_fund_paid_fen": 1_800_000, "other_paid_fen": null,
        "self_pay_fen": 656_600, "deductible_fen": null, "upfront_self_pay_fen": null,
        "out_of_scope_fen": 200_000, "personal_account_paid_fen": null, "cash_paid_fen": 856_600,
        "actual_paid_fen": 856_600, "non_local": false, "non_local_registered": false,
        "invoice_no": "A0001", "diagnosis": "肺炎", "department": "呼吸科"
    })
}

/// A small picture.
pub fn png(shade: u8) -> Vec<u8> {
    encoded(shade, ImageFormat::Png)
}

pub fn encoded(shade: u8, format: ImageFormat) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([shade, (x * 3) as u8, (y * 5) as u8]));
    let mut out = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut out, format).unwrap();
    out.into_inner()
}
