//! Offices, units, users, members and their coverages.
use chrono::{Days, NaiveDate};
use huzhu::platform::keys;
use huzhu_domain::id_number;

use super::sink::{Cell, Raw, Sink};
use crate::Fault;

/// Offices besides the demonstration's.
const OFFICES: i64 = 30;
const AGENCIES: i64 = 4;
const UNITS: i64 = 25;
/// Users of each office who accept, review and pay.
const STAFF: i64 = 8;
/// Members that are kept in a unit without bulk cases, for the measured work.
pub const FRESH: i64 = 60_000;
/// The first id of what is written in bulk.
pub const FIRST: i64 = 1_000_000;

/// What of a number seems drawn by chance, and is always the same.
pub const fn drawn(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Something below `below` for a number and a purpose.
pub fn pick(n: i64, purpose: u64, below: i64) -> i64 {
    let drawn = drawn(n.unsigned_abs().wrapping_mul(31).wrapping_add(purpose << 56));
    i64::try_from(drawn % below.unsigned_abs()).unwrap_or_default()
}

/// A made-up ID number with the right check digit; `n` tells people apart.
pub fn id_number_of(n: i64) -> String {
    let day = NaiveDate::default() + Days::new((n % 9_000).unsigned_abs());
    id_number::with_check_digit(&format!("{:06}{}{:03}", n / 9_000, day.format("%Y%m%d"), n % 997)).unwrap_or_default()
}

/// A made-up name.
pub fn name_of(n: i64) -> String {
    const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋";
    const GIVEN: &str = "建国秀英伟敏静丽强磊洋艳勇军杰娟涛超明霞兰刚平辉玲桂丹鑫宇欣怡子轩雪梅";
    let of = |text: &str, purpose| {
        let count = i64::try_from(text.chars().count()).unwrap_or(1);
        text.chars().nth(usize::try_from(pick(n, purpose, count)).unwrap_or_default()).unwrap_or('王')
    };
    [of(SURNAMES, 1), of(GIVEN, 2), of(GIVEN, 3)].iter().collect()
}

/// A unit and the branches that it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Unit {
    pub id: i64,
    pub office: i64,
    pub agency: i64,
    /// How many of all offices' weights come before it.
    upto: u64,
}

/// Where bulk people and cases are.
#[derive(Debug)]
pub struct Ground {
    units: Vec<Unit>,
    /// The plan version of the demonstration's largest office.
    pub version: i64,
    /// The unit and plan version of who is kept for the measured work.
    fresh: (i64, i64),
}

impl Ground {
    /// Makes the offices with their units and users.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn lay(raw: &mut Raw) -> Result<Self, Fault> {
        let org =
            async |raw: &mut Raw, code: &str| raw.number(&format!("SELECT id FROM orgs WHERE code = '{code}'")).await;
        let version = async |raw: &mut Raw, office: i64| {
            let of =
                format!("SELECT max(id) FROM plan_versions WHERE code = 'harbin-inpatient' AND office_id = {office}");
            raw.number(&of).await
        };
        let (society, first, far) = (org(raw, "0000").await?, org(raw, "2300").await?, org(raw, "3700").await?);
        let agencies = [org(raw, "2301").await?, org(raw, "2302").await?];
        let hash = raw.texts("SELECT password_hash FROM users ORDER BY id LIMIT 1".to_owned()).await?.remove(0);
        let mut out = Self {
            units: Vec::new(),
            version: version(raw, first).await?,
            fresh: (org(raw, "37010001").await?, version(raw, far).await?),
        };
        let mut orgs = Sink::new("orgs", "id, parent_id, kind, code, name, office_id, agency_id");
        let mut next = FIRST;
        for n in 0..=OFFICES {
            let code = 40 + n;
            let mut office = first;
            if n > 0 {
                office = next;
                next += 1;
                let (code, name) = (format!("{code}00"), format!("第{n}办事处"));
                let row = [
                    office.into(),
                    society.into(),
                    "office".into(),
                    (&code).into(),
                    (&name).into(),
                    office.into(),
                    Cell::Null,
                ];
                orgs.push(raw, &row).await?;
            }
            for a in 0..if n > 0 { AGENCIES } else { 2 } {
                let mut agency = agencies[usize::try_from(a.min(1))?];
                let mut agency_code = format!("230{}", a + 1);
                if n > 0 {
                    agency = next;
                    next += 1;
                    agency_code = format!("{code}{:02}", a + 1);
                    let name = format!("第{n}办事处{a}区代办处");
                    let row = [
                        agency.into(),
                        office.into(),
                        "agency".into(),
                        (&agency_code).into(),
                        (&name).into(),
                        office.into(),
                        agency.into(),
                    ];
                    orgs.push(raw, &row).await?;
                }
                for u in 0..UNITS {
                    let (code, name) = (format!("{agency_code}{:04}", 1000 + u), format!("第{n}-{a}-{u}工程有限公司"));
                    let row = [
                        next.into(),
                        agency.into(),
                        "unit".into(),
                        (&code).into(),
                        (&name).into(),
                        office.into(),
                        agency.into(),
                    ];
                    orgs.push(raw, &row).await?;
                    out.add(next, office, agency, n);
                    next += 1;
                }
            }
        }
        orgs.flush(raw).await?;
        let columns = "id, username, name, password_hash, org_id, active, must_change_password, created_at";
        let mut users = Sink::new("users", columns);
        for office in out.offices() {
            for s in 0..STAFF {
                let id = Self::staff(office, s);
                let (username, name) = (format!("s{id}"), name_of(id));
                let row = [
                    id.into(),
                    (&username).into(),
                    (&name).into(),
                    (&hash).into(),
                    office.into(),
                    true.into(),
                    false.into(),
                    "2023-01-01T00:00:00+00:00".into(),
                ];
                users.push(raw, &row).await?;
            }
        }
        users.flush(raw).await?;
        Ok(out)
    }

    /// The n-th office is so much smaller than the first.
    fn add(&mut self, id: i64, office: i64, agency: i64, n: i64) {
        let weight = 100_000 / (n.unsigned_abs() + 1) / if n > 0 { 2 } else { 1 };
        let before = self.units.last().map_or(0, |u| u.upto);
        self.units.push(Unit { id, office, agency, upto: before + weight });
    }

    fn offices(&self) -> Vec<i64> {
        let mut offices: Vec<i64> = self.units.iter().map(|u| u.office).collect();
        offices.dedup();
        offices
    }

    /// Somebody of an office.
    pub const fn staff(office: i64, n: i64) -> i64 {
        FIRST + office * 10 + n % STAFF
    }

    /// The unit of a member.
    pub fn unit_of(&self, member: i64) -> Unit {
        let all = self.units.last().map_or(1, |u| u.upto);
        let at = drawn(member.unsigned_abs()) % all;
        let i = self.units.partition_point(|u| u.upto <= at);
        self.units[i]
    }
}

/// Writes the members, each with one coverage of the same id.
///
/// # Errors
/// When the database refuses.
pub async fn fill(raw: &mut Raw, ground: &Ground, members: i64) -> Result<(), Fault> {
    let mut people = Sink::new("members", "id, unit_id, name, id_kind, id_number, birth_date, sex, phone");
    let columns = "id, member_id, unit_id, plan_version_id, period_from, period_to, shares, renewed, state";
    let mut coverages = Sink::new("coverages", columns);
    for n in 0..members + FRESH {
        let id = FIRST + n;
        let (unit, version) = if n < members { (ground.unit_of(id).id, ground.version) } else { ground.fresh };
        let (name, number) = (name_of(n), keys::seal(&id_number_of(n)));
        let phone = keys::seal(&format!("139{:08}", n % 100_000_000));
        let sex = if n % 2 == 0 { "male" } else { "female" };
        let row = [
            id.into(),
            unit.into(),
            (&name).into(),
            "resident_id".into(),
            (&number).into(),
            "1980-01-01".into(),
            sex.into(),
            (&phone).into(),
        ];
        people.push(raw, &row).await?;
        let row = [
            id.into(),
            id.into(),
            unit.into(),
            version.into(),
            "2026-01-01".into(),
            "2026-12-31".into(),
            1.into(),
            true.into(),
            "active".into(),
        ];
        coverages.push(raw, &row).await?;
    }
    people.flush(raw).await?;
    coverages.flush(raw).await
}
