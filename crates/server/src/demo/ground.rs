//! The organisation, the plans, the hospitals, the members and their coverages.
use chrono::{Datelike, Days, NaiveDate};
use huzhu_domain::{
    id_number::{self, IdKind},
    org::OrgKind,
    statement::HospitalLevel,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::ACCOUNTS;
use crate::{
    entity::{coverage, hospital, member, org},
    orgs::users::{self, NewUser},
    plans,
    platform::{coded::Coded, error::Problem},
};

/// The plan versions of the demonstration: office code and text.
pub const PLANS: [(&str, &str); 6] = [
    ("2300", include_str!("../../../../plans/harbin-inpatient-2023.toml")),
    ("2300", include_str!("../../../../plans/harbin-inpatient-2026.toml")),
    ("1100", include_str!("../../../../plans/beijing-allowance-2026.toml")),
    ("3700", include_str!("../../../../plans/harbin-inpatient-2026.toml")),
    ("1100", include_str!("../../../../plans/beijing-female-2024.toml")),
    ("3700", include_str!("../../../../plans/weihai-major-2024.toml")),
];

/// Units whose members are covered by a second plan as well: code, and which of [`PLANS`].
const ALSO: [(&str, usize); 2] = [("11010001", 4), ("37010001", 5)];

/// Code, name, level, code of the parent.
const ORGS: [(&str, &str, OrgKind, &str); 22] = {
    use OrgKind::{Agency, Office, Society, Unit};
    [
        ("0000", "全国职工互助总会", Society, ""),
        ("2300", "黑龙江办事处", Office, "0000"),
        ("2301", "哈尔滨代办处", Agency, "2300"),
        ("2302", "齐齐哈尔代办处", Agency, "2300"),
        ("1100", "北京办事处", Office, "0000"),
        ("1101", "朝阳代办处", Agency, "1100"),
        ("3700", "山东办事处", Office, "0000"),
        ("3701", "济南代办处", Agency, "3700"),
        ("23010001", "1121测试", Unit, "2301"),
        ("23010002", "松花江机械制造有限公司", Unit, "2301"),
        ("23010003", "冰城公共交通集团", Unit, "2301"),
        ("23010004", "北方粮油储备有限公司", Unit, "2301"),
        ("23010005", "道里区第三小学", Unit, "2301"),
        ("23010006", "哈东热力股份有限公司", Unit, "2301"),
        ("23020001", "鹤城重型设备有限公司", Unit, "2302"),
        ("23020002", "嫩江水务有限责任公司", Unit, "2302"),
        ("11010001", "朝阳电子仪器有限公司", Unit, "1101"),
        ("11010002", "望京城市服务有限公司", Unit, "1101"),
        ("11010003", "东坝园林绿化工程有限公司", Unit, "1101"),
        ("37010001", "济南第二纺织有限公司", Unit, "3701"),
        ("37010002", "泉城医药物流有限公司", Unit, "3701"),
        ("37010003", "历下区环境卫生管理所", Unit, "3701"),
    ]
};

/// Name, pinyin initials, level, region.
const HOSPITALS: [(&str, &str, HospitalLevel, &str); 12] = {
    use HospitalLevel::{Primary, Secondary, Tertiary};
    [
        ("中国人民解放军总医院", "zgrmjfjzyy", Tertiary, "北京"),
        ("示例大学附属第一医院", "sldxfsdyyy", Tertiary, "哈尔滨"),
        ("示例大学附属第二医院", "sldxfsdeyy", Tertiary, "哈尔滨"),
        ("哈尔滨示例区人民医院", "hebslqrmyy", Secondary, "哈尔滨"),
        ("松北社区卫生服务中心", "sbsqwsfwzx", Primary, "哈尔滨"),
        ("齐齐哈尔示例医院", "qqheslyy", Tertiary, "齐齐哈尔"),
        ("鹤城区中医医院", "hcqzyyy", Secondary, "齐齐哈尔"),
        ("朝阳示例医院", "cyslyy", Tertiary, "北京"),
        ("望京示例医院", "wjslyy", Secondary, "北京"),
        ("济南示例医院", "jnslyy", Tertiary, "济南"),
        ("历下区示例人民医院", "lxqslrmyy", Secondary, "济南"),
        ("泉城社区卫生服务站", "qcsqwsfwz", Primary, "济南"),
    ]
};

pub(super) const SURNAMES: [&str; 24] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "林", "高",
    "罗", "郑", "梁", "谢", "宋",
];
pub(super) const GIVEN: [&str; 30] = [
    "建国", "秀英", "伟", "敏", "静", "丽", "强", "磊", "洋", "艳", "勇", "军", "杰", "娟", "涛", "超", "明", "霞",
    "秀兰", "刚", "平", "辉", "玲", "桂英", "丹", "鑫", "宇", "欣怡", "子轩", "雪梅",
];

/// Members of one unit.
const MEMBERS_PER_UNIT: u32 = 45;
/// The manual's own example: an existing record whose check digit is wrong.
const MANUAL_ID: &str = "142625196607196202";

/// What was laid.
#[derive(Clone, Debug)]
pub struct Ground {
    /// Members with a coverage of 2026, by code of their unit: coverage id, member's name.
    pub covered: Vec<Covered>,
}

/// A member's coverage of 2026.
#[derive(Clone, Debug)]
pub struct Covered {
    /// Code of the unit.
    pub unit_code: &'static str,
    /// The coverage.
    pub coverage_id: i64,
    /// The member's name.
    pub member_name: String,
}

/// Lays organisation, users, plans, hospitals and members.
///
/// # Errors
/// When the database fails, or holds some of it already.
pub async fn lay(
    tx: &impl ConnectionTrait,
    password_hash: &str,
    members_per_unit: Option<u32>,
) -> Result<Ground, Problem> {
    let mut ids: Vec<(&str, i64)> = Vec::new();
    for (code, name, kind, parent) in ORGS {
        let id = insert_org(tx, &ids, code, name, kind, parent).await?;
        ids.push((code, id));
    }
    for a in ACCOUNTS {
        let new = NewUser {
            username: a.username.to_owned(),
            name: a.name.to_owned(),
            org_code: a.org_code.to_owned(),
            roles: vec![a.role],
        };
        users::insert(tx, &new, password_hash.to_owned(), false).await.map_err(Problem::internal)?;
    }
    let hospitals = HOSPITALS.map(|(name, initials, level, region)| hospital::ActiveModel {
        name: Set(name.to_owned()),
        initials: Set(initials.to_owned()),
        level: Set(Coded(level)),
        region: Set(region.to_owned()),
        ..Default::default()
    });
    hospital::Entity::insert_many(hospitals).exec_without_returning(tx).await?;
    let mut versions = Vec::new();
    for (office, text) in PLANS {
        versions.push((office, plans::publish(tx, id_of(&ids, office), text).await?));
    }
    manual_example(tx, id_of(&ids, "23010001"), versions[0].1).await?;
    let mut covered = Vec::new();
    let units = ORGS.iter().filter(|(_, _, kind, _)| *kind == OrgKind::Unit);
    for (number, (code, ..)) in (0_u32..).zip(units) {
        let version = match &code[..2] {
            "11" => versions[2].1,
            "37" => versions[3].1,
            _ => versions[1].1,
        };
        let members = (0..members_per_unit.unwrap_or(MEMBERS_PER_UNIT)).map(|n| person(number, n, id_of(&ids, code)));
        let new = insert_members(tx, code, version, members.collect()).await?;
        if let Some((_, plan)) = ALSO.iter().find(|(unit, _)| unit == code) {
            also_cover(tx, &new, versions[*plan].1).await?;
        }
        covered.extend(new);
    }
    Ok(Ground { covered })
}

/// A second coverage of the same period for members that have one.
async fn also_cover(tx: &impl ConnectionTrait, covered: &[Covered], version: i64) -> Result<(), Problem> {
    let ids = covered.iter().map(|c| c.coverage_id);
    for c in coverage::Entity::find().filter(coverage::Column::Id.is_in(ids)).all(tx).await? {
        let period = (c.period_from, c.period_to);
        insert_coverage(tx, c.member_id, c.unit_id, version, period, c.renewed).await?;
    }
    Ok(())
}

fn id_of(ids: &[(&str, i64)], code: &str) -> i64 {
    ids.iter().find(|(c, _)| *c == code).map_or(0, |(_, id)| *id)
}

async fn insert_org(
    tx: &impl ConnectionTrait,
    ids: &[(&str, i64)],
    code: &str,
    name: &str,
    kind: OrgKind,
    parent: &str,
) -> Result<i64, Problem> {
    let of = |digits: &str| ids.iter().find(|(c, _)| *c == digits).map(|(_, id)| *id);
    let office = format!("{}00", &code[..2]);
    let row = org::ActiveModel {
        parent_id: Set(of(parent)),
        kind: Set(Coded(kind)),
        code: Set(code.to_owned()),
        name: Set(name.to_owned()),
        office_id: Set(if kind == OrgKind::Society { None } else { of(&office) }),
        agency_id: Set(if kind == OrgKind::Unit { of(&code[..4]) } else { None }),
        active: Set(true),
        ..Default::default()
    };
    let id = org::Entity::insert(row).exec(tx).await?.last_insert_id;
    // An office belongs to its own branch, an agency to its own.
    let own = match kind {
        OrgKind::Office => Some(org::ActiveModel { office_id: Set(Some(id)), ..Default::default() }),
        OrgKind::Agency => Some(org::ActiveModel { agency_id: Set(Some(id)), ..Default::default() }),
        OrgKind::Society | OrgKind::Unit => None,
    };
    if let Some(own) = own {
        org::Entity::update_many().set(own).filter(org::Column::Id.eq(id)).exec(tx).await?;
    }
    Ok(id)
}

async fn manual_example(tx: &impl ConnectionTrait, unit_id: i64, version: i64) -> Result<(), Problem> {
    let inspected = id_number::inspect(MANUAL_ID);
    let member = member::ActiveModel {
        unit_id: Set(unit_id),
        name: Set("冯玉兰".to_owned()),
        id_kind: Set(Coded(IdKind::ResidentId)),
        id_number: Set(MANUAL_ID.into()),
        birth_date: Set(inspected.birth_date),
        sex: Set(inspected.sex.map(Coded)),
        phone: Set("13900000000".into()),
        ..Default::default()
    };
    let member_id = member::Entity::insert(member).exec(tx).await?.last_insert_id;
    let day = |m, d| NaiveDate::from_ymd_opt(2023, m, d).unwrap_or_default();
    insert_coverage(tx, member_id, unit_id, version, (day(1, 31), day(12, 31)), false).await?;
    Ok(())
}

async fn insert_coverage(
    tx: &impl ConnectionTrait,
    member_id: i64,
    unit_id: i64,
    plan_version_id: i64,
    (from, to): (NaiveDate, NaiveDate),
    renewed: bool,
) -> Result<i64, Problem> {
    let row = coverage::ActiveModel {
        member_id: Set(member_id),
        unit_id: Set(unit_id),
        plan_version_id: Set(plan_version_id),
        period_from: Set(from),
        period_to: Set(to),
        shares: Set(1),
        renewed: Set(renewed),
        ..Default::default()
    };
    Ok(coverage::Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// The `n`-th member of the `unit`-th unit. Numbers have the region 000000, which belongs to nobody.
fn person(unit: u32, n: u32, unit_id: i64) -> (member::ActiveModel, bool) {
    let mix = usize::try_from(unit * 131 + n * 17).unwrap_or_default();
    let name = format!("{}{}", SURNAMES[mix % SURNAMES.len()], GIVEN[(mix / 3 + mix) % GIVEN.len()]);
    let first = NaiveDate::from_ymd_opt(1966, 3, 1).unwrap_or_default();
    let birth = first.checked_add_days(Days::new(u64::from((unit * 977 + n * 263) % 12_500))).unwrap_or(first);
    let first17 =
        format!("000000{:04}{:02}{:02}{:03}", birth.year(), birth.month(), birth.day(), (unit * 60 + n) % 1000);
    let number = id_number::with_check_digit(&first17).unwrap_or(first17);
    let inspected = id_number::inspect(&number);
    let row = member::ActiveModel {
        unit_id: Set(unit_id),
        name: Set(name),
        id_kind: Set(Coded(IdKind::ResidentId)),
        id_number: Set(number.into()),
        birth_date: Set(inspected.birth_date),
        sex: Set(inspected.sex.map(Coded)),
        phone: Set(format!("139{:08}", unit * 1000 + n).into()),
        ..Default::default()
    };
    (row, n % 5 != 4)
}

async fn insert_members(
    tx: &impl ConnectionTrait,
    unit_code: &'static str,
    version: i64,
    people: Vec<(member::ActiveModel, bool)>,
) -> Result<Vec<Covered>, Problem> {
    let mut out = Vec::new();
    for (row, renewed) in people {
        let Set(member_name) = row.name.clone() else { continue };
        let Set(unit_id) = row.unit_id else { continue };
        let member_id = member::Entity::insert(row).exec(tx).await?.last_insert_id;
        let day = |m, d| NaiveDate::from_ymd_opt(2026, m, d).unwrap_or_default();
        let from = if renewed { day(1, 1) } else { day(4, 1) };
        let coverage_id = insert_coverage(tx, member_id, unit_id, version, (from, day(12, 31)), renewed).await?;
        out.push(Covered { unit_code, coverage_id, member_name });
    }
    Ok(out)
}
