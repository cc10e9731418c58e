//! Batches of the demonstration: one in force, one that waits for its fee, one with faulty rows that waits to be confirmed.
use std::collections::HashMap;

use chrono::{Duration, NaiveDate};
use huzhu_domain::{enrolment::BatchAction, id_number};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::ground::{GIVEN, SURNAMES};
use crate::{
    app::App,
    enrolment::{self, Confirmation, NewBatch},
    entity::{enrolment as batches, org, plan_version},
    platform::{
        auth::Me,
        clock,
        error::Problem,
        xlsx::{Cell, Column, Sheet},
    },
};

const COLUMNS: [Column; 4] = [
    Column { title: "姓名", width: 12 },
    Column { title: "证件号码", width: 22 },
    Column { title: "手机号码", width: 14 },
    Column { title: "份数", width: 8 },
];

/// Who does what with a batch.
type Act = (&'static str, BatchAction);

/// Who uploads for which unit, how many people, and what is done with the batch.
const BATCHES: [(&str, &str, usize, &[Act]); 3] = [
    ("handler", "23010002", 24, &[("handler", BatchAction::Confirm), ("cashier", BatchAction::ConfirmFee)]),
    ("handler", "23010003", 18, &[("handler", BatchAction::Confirm)]),
    ("unit", "23010001", 16, &[]),
];

/// Uploads the rosters, and does what is done with them.
///
/// # Errors
/// When the product refuses something: then the demonstration and the product don't fit each other.
pub(super) async fn fill(app: &App, people: &HashMap<String, Me>) -> Result<(), Problem> {
    let day = |m, d| NaiveDate::from_ymd_opt(2026, m, d).unwrap_or_default();
    let plan = plan_version::Entity::find()
        .filter(plan_version::Column::Code.eq("harbin-inpatient"))
        .filter(plan_version::Column::EffectiveFrom.lte(day(12, 1)))
        .filter(plan_version::Column::EffectiveTo.gte(day(12, 1)));
    let plans = plan.all(app.db.read()).await?;
    for (n, (maker, unit, count, acts)) in (0_i32..).zip(BATCHES) {
        let unit = org::Entity::find().filter(org::Column::Code.eq(unit)).one(app.db.read()).await?;
        let Some((unit, maker)) = unit.zip(people.get(maker)) else { continue };
        let Some(plan) = plans.iter().find(|p| Some(p.office_id) == unit.office_id) else { continue };
        let (period_from, period_to) = (day(12, 1), day(12, 31));
        let new = NewBatch { unit_id: unit.id, plan_version_id: plan.id, period_from, period_to };
        let at = clock::start_of(day(11, 12)) + Duration::days(n.into()) + Duration::minutes(600);
        clock::as_of(at, one(app, maker, new, (n, count))).await?;
        for (by, action) in acts {
            let Some(by) = people.get(*by) else { continue };
            let batch = batches::Entity::find()
                .filter(batches::Column::UnitId.eq(unit.id))
                .one(app.db.read())
                .await?
                .ok_or_else(Problem::not_found)?;
            let detail = Confirmation::default();
            let done = enrolment::act(app, Some(by), batch.id, *action, batch.version, &detail);
            clock::as_of(at + Duration::hours(2), done).await?;
        }
    }
    Ok(())
}

/// A roster, uploaded and judged.
async fn one(app: &App, maker: &Me, new: NewBatch, (n, count): (i32, usize)) -> Result<(), Problem> {
    let mut sheet = Sheet::new("名册", &COLUMNS)?;
    // Days that differ between the batches: numbers that differ by one digit would look like one person's.
    let shift = usize::try_from(n).unwrap_or(0) * 5;
    for i in 0..count {
        let name = format!("{}{}", SURNAMES[(i * 7 + 3) % SURNAMES.len()], GIVEN[(i * 11 + 5) % GIVEN.len()]);
        let first =
            format!("000000{}{:02}{:02}9{n}{}", 1975 + i % 25, (i + shift) % 12 + 1, (i + shift) % 28 + 1, i % 10);
        let number = id_number::with_check_digit(&first).unwrap_or(first);
        // What rosters get wrong, in the batch that waits to be confirmed.
        let (number, shares) = match (n, i) {
            (2, 4) => (format!("{}7", &number[..17]), "1"),
            (2, 9) => (number[..16].to_owned(), "1"),
            (2, 13) => (number, "5"),
            _ => (number, "1"),
        };
        let phone = format!("139000{:05}", 20_000 + shift * 20 + i);
        sheet.push(&[name, number, phone, shares.to_owned()].map(Cell::Text))?;
    }
    let file = sheet.into_file(&app.config.data_dir.join("uploads"))?;
    let mut kept = tempfile::NamedTempFile::new_in(app.config.data_dir.join("uploads")).map_err(Problem::internal)?;
    std::io::copy(&mut &file, &mut kept).map_err(Problem::internal)?;
    let name = format!("参保名册-{}.xlsx", clock::today());
    let batch = enrolment::create(app, Some(maker), new, &name, kept.path()).await?;
    enrolment::run(app, batch.id).await;
    Ok(())
}
