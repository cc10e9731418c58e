//! Changes of the demonstration in each state, and a record that looks like another one.
use std::collections::HashMap;

use chrono::{Duration, NaiveDate};
use huzhu_domain::{
    change::{Change, Decision, MemberData, PaperKind},
    member::Employment,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{ground::Ground, picture};
use crate::{
    app::App,
    changes::{self, AskRequest, DecisionRequest},
    entity::{coverage, member, plan_version},
    pictures,
    platform::{auth::Me, clock, error::Problem},
};

/// What becomes of a change that was asked for.
type Fate = Option<(Decision, &'static str)>;

/// Asks for changes in the unit that the demonstration's 单位操作员 works for, and decides about most of them.
///
/// # Errors
/// When the product refuses one: then the demonstration and the product don't fit each other.
pub(super) async fn fill(app: &App, people: &HashMap<String, Me>, ground: &Ground) -> Result<(), Problem> {
    let ids = ground.covered.iter().filter(|c| c.unit_code == "23010001").take(8).map(|c| c.coverage_id);
    let covers = coverage::Entity::find().filter(coverage::Column::Id.is_in(ids)).order_by_asc(coverage::Column::Id);
    let covers = covers.all(app.db.read()).await?;
    let (Some(asks), Some(decides)) = (people.get("unit"), people.get("review")) else { return Ok(()) };
    let [a, b, c, d, e, f, g, h] = &covers[..] else { return Ok(()) };
    let owners = member::Entity::find().filter(member::Column::Id.is_in(covers.iter().map(|c| c.member_id)));
    let owners: HashMap<i64, member::Model> = owners.all(app.db.read()).await?.into_iter().map(|m| (m.id, m)).collect();
    let day = |m, d| NaiveDate::from_ymd_opt(2026, m, d).unwrap_or_default();
    let data = |cover: &coverage::Model, phone: &str, employment| {
        owners.get(&cover.member_id).map(|m| {
            Change::MemberData(MemberData {
                name: m.name.clone(),
                id_kind: m.id_kind.0,
                id_number: m.id_number.as_str().to_owned(),
                birth_date: m.birth_date,
                sex: m.sex.map(|s| s.0),
                phone: phone.to_owned(),
                employment,
            })
        })
    };
    let replace = |cover: &coverage::Model, shares| Change::CoverageReplace {
        coverage_id: cover.id,
        from: cover.period_from,
        to: cover.period_to,
        shares,
    };
    let plan = plan_version::Entity::find_by_id(a.plan_version_id).one(app.db.read()).await?.map(|p| p.code);
    let add = Change::CoverageAdd { plan: plan.unwrap_or_default(), from: day(12, 1), to: day(12, 31), shares: 1 };
    let end = Change::CoverageEnd { coverage_id: d.id, last_day: day(11, 30) };
    let card = |n: u64| Change::BankAccount {
        account_no: format!("62220000{:011}", n * 7_919 + 300_007),
        bank_name: "示例银行股份有限公司示例支行".to_owned(),
    };
    let approved: Fate = Some((Decision::Approve, ""));
    let list: Vec<(&coverage::Model, Option<Change>, &str, Fate)> = vec![
        (a, data(a, "13911110001", Employment::Retired), "十月办理退休，手机号码同时更换", approved),
        (b, Some(card(1)), "新增银行卡", approved),
        (d, Some(end.clone()), "离职，保障至十一月底", Some((Decision::Refuse, "离职证明没有盖章，请补充后重新申请"))),
        (c, data(c, "13911110003", Employment::Active), "手机号码录错", Some((Decision::Withdraw, ""))),
        (d, Some(end), "离职，保障至十一月底", approved),
        (d, Some(add), "重新入职，续保一个月", None),
        (e, Some(replace(e, 2)), "单位补缴，改为两份", None),
        (f, data(f, "13911110006", Employment::Active), "手机号码更换", None),
        (g, Some(card(2)), "新增银行卡", None),
    ];
    for (n, (cover, change, reason, fate)) in (0_i64..).zip(list) {
        let Some(change) = change else { continue };
        let at = clock::start_of(day(11, 9)) + Duration::days(n) + Duration::minutes(9 * 60 + 17 * n);
        let asked = one(app, asks, cover.member_id, change, reason);
        let asked = clock::as_of(at, asked).await?;
        if let Some((decision, note)) = fate {
            let by = if decision == Decision::Withdraw { asks } else { decides };
            let request = DecisionRequest { version: 1, note: Some(note.to_owned()) };
            let decided = changes::decide(app, by, asked, decision, &request);
            clock::as_of(at + Duration::hours(3), decided).await?;
        }
    }
    match owners.get(&h.member_id) {
        Some(twin) => old_record(app, twin, h).await,
        None => Ok(()),
    }
}

async fn one(app: &App, me: &Me, member_id: i64, change: Change, reason: &str) -> Result<i64, Problem> {
    let mut files = Vec::new();
    if matches!(change, Change::BankAccount { .. }) {
        for (kind, title) in [(PaperKind::BankCard, "本人银行卡"), (PaperKind::SealCard, "预留印鉴单")] {
            let file = tempfile::NamedTempFile::new().map_err(Problem::internal)?;
            std::fs::write(file.path(), picture::paper(title, 1)).map_err(Problem::internal)?;
            let stored = pictures::store_file(app, file.path()).await?;
            files.push(changes::keep_file(app, me, kind, &format!("{title}.png"), &stored).await?.id);
        }
    }
    let asked = AskRequest { member_id, change, reason: reason.to_owned(), files };
    changes::ask(app, me, asked).await.map(|a| a.id)
}

/// The same person once more under the old 15-digit number, as an import of long ago left it, with a coverage of 2023.
async fn old_record(app: &App, twin: &member::Model, cover: &coverage::Model) -> Result<(), Problem> {
    let number = twin.id_number.as_str();
    let tx = app.db.begin().await?;
    let row = member::ActiveModel {
        unit_id: Set(twin.unit_id),
        name: Set(twin.name.clone()),
        id_kind: Set(twin.id_kind),
        id_number: Set(format!("{}{}", &number[..6], &number[8..17]).into()),
        birth_date: Set(twin.birth_date),
        sex: Set(twin.sex),
        ..Default::default()
    };
    let member_id = member::Entity::insert(row).exec(&tx).await?.last_insert_id;
    let first = plan_version::Entity::find().order_by_asc(plan_version::Column::Id).one(&tx).await?;
    let day = |m, d| NaiveDate::from_ymd_opt(2023, m, d).unwrap_or_default();
    let row = coverage::ActiveModel {
        member_id: Set(member_id),
        unit_id: Set(cover.unit_id),
        plan_version_id: Set(first.map_or(cover.plan_version_id, |v| v.id)),
        period_from: Set(day(2, 1)),
        period_to: Set(day(12, 31)),
        shares: Set(1),
        renewed: Set(false),
        ..Default::default()
    };
    coverage::Entity::insert(row).exec(&tx).await?;
    tx.commit().await?;
    Ok(())
}
