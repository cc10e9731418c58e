//! Lists with filters and totals, counters, and 受理查询.
use serde_json::{Value, json};

use super::Bench;
use crate::{
    Fault,
    client::{Client, Times},
    fill::people::{FIRST, drawn, id_number_of, name_of},
    table::{Line, Target},
};

/// A search as a page asks it, and the same SQL.
struct Search {
    name: &'static str,
    who: &'static str,
    path: &'static str,
    body: Value,
    /// What follows `WHERE`; the case's table and its member's are joined.
    is: String,
    order: &'static str,
}

/// As far as totals are counted.
const COUNTED: u64 = huzhu::platform::paging::COUNTED;

/// What a row of the list needs of the two tables.
const COLUMNS: &str = "cases.id, cases.no, cases.version, cases.stage, cases.stage_since, cases.holder_id, cases.source, cases.office_id, \
    cases.agency_id, cases.unit_id, cases.claim_type, cases.liability_name, cases.accepted_on, cases.benefit_fen, cases.outcome, \
    members.name, members.id_number";

const JOINED: &str = " JOIN members ON members.id = cases.member_id";

const NEWEST: &str = "cases.accepted_at DESC, cases.id DESC";
const CLOSED: &str = "cases.closed_at DESC, cases.id DESC";
const WAITING: &str = "cases.stage_since, cases.id";

impl Bench {
    async fn searches(&mut self) -> Result<Vec<Search>, Fault> {
        let office = self.raw.number("SELECT id FROM orgs WHERE code = '2300'").await?;
        let agency = self.raw.number("SELECT id FROM orgs WHERE code = '2301'").await?;
        let unit = self.raw.number("SELECT id FROM orgs WHERE code = '41011003'").await?;
        let some = FIRST + self.args.cases / 3;
        let one = format!(
            "SELECT no FROM cases WHERE id > {some} AND stage = 'closed' AND source = 'unit' ORDER BY id LIMIT 1"
        );
        let no = self.raw.texts(one).await?.remove(0);
        let staff =
            self.raw.texts(format!("SELECT username FROM users WHERE org_id = {office} ORDER BY id DESC LIMIT 1"));
        let staff = staff.await?.remove(0);
        let staff_id = self.raw.number(&format!("SELECT id FROM users WHERE username = '{staff}'")).await?;
        let cases = "/api/inquiry/cases/search";
        let closed = "cases.stage = 'closed' AND cases.source = 'unit'";
        let search = |name, who, path, body, is: String, order| Search { name, who, path, body, is, order };
        Ok(vec![
            search("申领初审 待处理", "review", "/api/reviews/search", json!({ "tab": "pending" }),
                format!("cases.office_id = {office} AND cases.stage NOT IN ('closed', 'deleted') AND cases.stage = 'first_review' AND cases.holder_id IS NULL"), NEWEST),
            search("申领初审 待处理, longest waiting", "review", "/api/reviews/search",
                json!({ "tab": "pending", "order": "longest_waiting" }),
                format!("cases.office_id = {office} AND cases.stage NOT IN ('closed', 'deleted') AND cases.stage = 'first_review' AND cases.holder_id IS NULL"), WAITING),
            search("费用录入 待处理, one type", "handler", "/api/expenses/search",
                json!({ "tab": "pending", "claim_type": "accident_inpatient" }),
                format!("cases.agency_id = {agency} AND cases.stage NOT IN ('closed', 'deleted') AND cases.stage = 'expense_entry' AND cases.holder_id IS NULL AND cases.claim_type = 'accident_inpatient'"), NEWEST),
            search("申领查询 all of an office", "review", "/api/inquiry/search", json!({}),
                format!("cases.office_id = {office} AND {closed}"), CLOSED),
            search("申领查询 denied in a month", "review", "/api/inquiry/search",
                json!({ "outcome": "denied", "date_kind": "closed", "from": "2025-03-01", "to": "2025-03-31" }),
                format!("cases.office_id = {office} AND {closed} AND cases.outcome = 'denied' AND cases.closed_at >= '2025-02-28T16:00:00+00:00' AND cases.closed_at < '2025-03-31T16:00:00+00:00'"), CLOSED),
            search("申领查询 one 案件号", "admin", "/api/inquiry/search", json!({ "case_no": no }),
                format!("{closed} AND cases.no = '{no}'"), CLOSED),
            search("案件查询 everything", "admin", cases, json!({}), "cases.stage <> 'deleted'".to_owned(), NEWEST),
            search("案件查询 page 50", "admin", cases, json!({ "page": 50 }), "cases.stage <> 'deleted'".to_owned(), NEWEST),
            search("案件查询 one type, closed", "admin", cases, json!({ "claim_type": "accident_death", "stage": "closed" }),
                "cases.stage = 'closed' AND cases.claim_type = 'accident_death'".to_owned(), NEWEST),
            search("案件查询 a unit", "admin", cases, json!({ "unit_id": unit }),
                format!("cases.stage <> 'deleted' AND cases.unit_id = {unit}"), NEWEST),
            search("案件查询 an office, denied", "admin", cases, json!({ "org_id": office, "outcome": "denied" }),
                format!("cases.stage <> 'deleted' AND cases.outcome = 'denied' AND (cases.office_id = {office} OR cases.agency_id = {office})"), NEWEST),
            search("案件查询 a name", "review", cases, json!({ "text": name_of(7) }),
                format!("cases.office_id + 0 = {office} AND cases.stage <> 'deleted' AND cases.member_id IN (SELECT id FROM members AS named WHERE named.name = '{}')", name_of(7)), NEWEST),
            search("案件查询 an amount", "review", cases, json!({ "amount_from_fen": 500_000, "amount_to_fen": 500_500 }),
                format!("cases.office_id + 0 = {office} AND cases.stage <> 'deleted' AND cases.benefit_fen BETWEEN 500000 AND 500500"), NEWEST),
            search("案件查询 somebody's", "review", cases, json!({ "operator": staff }),
                format!("cases.office_id = {office} AND cases.stage <> 'deleted' AND (cases.accepted_by_id = {staff_id} OR cases.entered_by_id = {staff_id} OR cases.closed_by_id = {staff_id})"), NEWEST),
            search("案件查询 returned, open", "admin", cases, json!({ "returned": true, "open": true }),
                "cases.stage NOT IN ('closed', 'deleted') AND cases.returned = TRUE".to_owned(), NEWEST),
            search("案件查询 accepted in a month", "admin", cases, json!({ "accepted_from": "2025-03-01", "accepted_to": "2025-03-31" }),
                "cases.stage <> 'deleted' AND cases.accepted_at >= '2025-02-28T16:00:00+00:00' AND cases.accepted_at < '2025-03-31T16:00:00+00:00'".to_owned(), NEWEST),
            search("案件查询 a coverage's beginning", "admin", cases, json!({ "begins_from": "2025-12-01", "begins_to": "2025-12-31" }),
                "cases.stage <> 'deleted' AND EXISTS (SELECT 1 FROM coverages WHERE coverages.id = cases.coverage_id AND coverages.period_from >= '2025-12-01' AND coverages.period_from <= '2025-12-31')".to_owned(), NEWEST),
        ])
    }

    pub(super) async fn lists(&mut self) -> Result<(), Fault> {
        let times = self.args.times(100, 30);
        let mut all = Vec::new();
        for search in self.searches().await? {
            let client = self.sign_in(search.who).await?;
            let answer = client.post(search.path, &search.body).await?;
            let found = answer["total"].as_u64().unwrap_or_default();
            let over = Times::of(times, async |_| client.post(search.path, &search.body).await.map(|_| ())).await?;
            let counts = format!(
                "SELECT COUNT(*) FROM (SELECT 1 FROM cases{} WHERE {} ORDER BY {} LIMIT {}) AS found",
                if search.is.contains("members.") { JOINED } else { "" },
                search.is,
                search.order,
                COUNTED + 1
            );
            let size = if search.name.contains("page 50") { "20 OFFSET 980" } else { "20" };
            let page = format!(
                "SELECT {COLUMNS} FROM cases{JOINED} WHERE {} ORDER BY {} LIMIT {size}",
                search.is, search.order
            );
            let raw = &mut self.raw;
            let floor = Times::of(times, async |_| {
                raw.ask(&counts).await?;
                raw.ask(&page).await.map(|_| ())
            })
            .await?;
            let name = format!("{} ({found} found)", search.name);
            self.add(Line::new(&name, "ms median", over.median(), Target::Times(2.0, 0.5)).over(floor.median()));
            self.add(Line::new(&name, "ms 99 %", over.quantile(0.99), Target::AtMost(30.0)));
            all.push(search);
        }
        self.counters(times).await?;
        self.mixed(&all, times).await
    }

    async fn counters(&mut self, times: usize) -> Result<(), Fault> {
        for (name, who, path) in [
            ("counters of the menu", "review", "/api/pools/counts"),
            ("counters of the menu, whole society", "admin", "/api/pools/counts"),
            ("待办事项", "review", "/api/todo"),
            ("已办事项", "handler", "/api/done"),
        ] {
            let client = self.sign_in(who).await?;
            client.get(path).await?;
            let over = Times::of(times, async |_| client.get(path).await.map(|_| ())).await?;
            self.add(Line::new(name, "ms median", over.median(), Target::Told));
            self.add(Line::new(name, "ms 99 %", over.quantile(0.99), Target::AtMost(30.0)));
        }
        Ok(())
    }

    /// All of the searches by eight people at once.
    async fn mixed(&mut self, all: &[Search], times: usize) -> Result<(), Fault> {
        let mut clients = Vec::new();
        for search in all {
            clients.push(self.sign_in(search.who).await?);
        }
        let started = std::time::Instant::now();
        let one = async |person: usize| -> Result<(), Fault> {
            for n in 0..times {
                let at = (person * 7 + n) % all.len();
                clients[at].post(all[at].path, &all[at].body).await?;
            }
            Ok(())
        };
        futures::future::try_join_all((0..8).map(one)).await?;
        #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
        let rate = (times * 8) as f64 / started.elapsed().as_secs_f64();
        self.add(Line::new("all of these by 8 people", "lists/s", rate, Target::Told));
        Ok(())
    }

    pub(super) async fn eligibility(&mut self) -> Result<(), Fault> {
        let client: Client = self.sign_in("handler").await?;
        let times = self.args.times(300, 100);
        let members = self.args.members;
        let over = Times::of(times, async |n| {
            let someone = i64::try_from(drawn(n as u64) % members.unsigned_abs())?;
            let asked =
                json!({ "id_kind": "resident_id", "id_number": id_number_of(someone), "incident_date": "2026-10-01" });
            client.post("/api/acceptance/eligibility", &asked).await.map(|_| ())
        })
        .await?;
        self.add(Line::new("受理查询 by ID number", "ms median", over.median(), Target::AtMost(3.0)));
        self.add(Line::new("受理查询 by ID number", "ms 99 %", over.quantile(0.99), Target::Told));
        Ok(())
    }
}
