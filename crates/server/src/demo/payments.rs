//! Payments of the demonstration: batches month by month, one of the last with two 退票, and one that waits for its release.
use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use huzhu_domain::payment::BounceReason;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::picture;
use crate::{
    app::App,
    entity::{case, org, payment_batch},
    payment::{self, Asked, BouncedItem, NewBatch, SettleRequest},
    pictures,
    platform::{auth::Me, clock, error::Problem},
};

/// Who makes and who releases the batches of an office.
fn cashiers(office_code: &str) -> (&'static str, &'static str) {
    match office_code {
        "1100" => ("cashier-bj", "cashier-bj2"),
        "3700" => ("cashier-sd", "cashier-sd2"),
        _ => ("cashier", "cashier2"),
    }
}

/// Pays the cases that were approved, and leaves some of those that wait in a draft.
///
/// # Errors
/// When the product refuses one of the acts: then the demonstration and the product don't fit each other.
pub(super) async fn fill(
    app: &App,
    people: &HashMap<String, Me>,
    paid: &[(i64, DateTime<Utc>)],
    waiting: &[i64],
) -> Result<(), Problem> {
    let ids = paid.iter().map(|(id, _)| *id).chain(waiting.iter().copied());
    let cases = case::Entity::find().filter(case::Column::Id.is_in(ids)).all(app.db.read()).await?;
    let offices: HashMap<i64, i64> = cases.into_iter().map(|c| (c.id, c.office_id)).collect();
    let codes = org::Entity::find().filter(org::Column::Id.is_in(offices.values().copied())).all(app.db.read()).await?;
    let codes: HashMap<i64, String> = codes.into_iter().map(|o| (o.id, o.code)).collect();
    let code = |id: &i64| offices.get(id).and_then(|o| codes.get(o)).cloned().unwrap_or_default();
    let mut months: BTreeMap<(NaiveDate, String), Vec<i64>> = BTreeMap::new();
    for (id, approved_at) in paid {
        let day = clock::day_of(*approved_at);
        // What is approved by the end of a month is paid on the third of the next.
        let next = if day.month() == 12 { (day.year() + 1, 1) } else { (day.year(), day.month() + 1) };
        let pays_on = NaiveDate::from_ymd_opt(next.0, next.1, 3).unwrap_or(day);
        months.entry((pays_on, code(id))).or_default().push(*id);
    }
    let person = |name: &str| people.get(name).cloned().ok_or_else(|| Problem::internal(format!("no {name}")));
    let fit = |((_, code), cases): &(&(NaiveDate, String), &Vec<i64>)| code == "2300" && cases.len() > 2;
    let last = months.iter().filter(fit).map(|(key, _)| key.clone()).next_back();
    for ((day, code), cases) in months {
        let (makes, releases) = cashiers(&code);
        let (makes, releases) = (person(makes)?, person(releases)?);
        let at = clock::start_of(day) + Duration::hours(10);
        let asked = NewBatch { cases, ..NewBatch::default() };
        let id = clock::as_of(at, payment::make(app, &makes, asked)).await?;
        clock::as_of(at + Duration::hours(1), payment::release(app, &releases, id, 1)).await?;
        let later = at + Duration::hours(25);
        let bounces = last.as_ref() == Some(&(day, code));
        clock::as_of(later, settle(app, &makes, id, clock::day_of(later), bounces)).await?;
        if bounces {
            clock::as_of(later + Duration::hours(3), correct(app, &makes, id)).await?;
        }
    }
    let (makes, at) = (person("cashier")?, clock::start_of(NaiveDate::from_ymd_opt(2026, 11, 23).unwrap_or_default()));
    let own: Vec<i64> = waiting.iter().filter(|id| code(id) == "2300").copied().take(2).collect();
    if !own.is_empty() {
        let asked = NewBatch { cases: own, ..NewBatch::default() };
        clock::as_of(at + Duration::hours(10), payment::make(app, &makes, asked)).await?;
    }
    Ok(())
}

/// The bank's answer; where `bounces` says so the first two came back.
async fn settle(app: &App, me: &Me, id: i64, paid_on: NaiveDate, bounces: bool) -> Result<(), Problem> {
    let items = payment::items_of(app.db.read(), id).await?;
    let reasons = [(BounceReason::AccountWrong, "收款账号不存在"), (BounceReason::NameMismatch, "收款户名与账号不符")];
    let bounced = items.iter().zip(reasons).take(if bounces { 2 } else { 0 });
    let bounced =
        bounced.map(|(item, (reason, words))| BouncedItem { id: item.id, reason, words: words.to_owned() }).collect();
    let batch = payment_batch::Entity::find_by_id(id).one(app.db.read()).await?.ok_or_else(Problem::not_found)?;
    let all_others = !bounces || items.len() > 2;
    let asked = SettleRequest { version: batch.version, paid: Vec::new(), all_others, paid_on: Some(paid_on), bounced };
    payment::settle(app, me, id, &asked).await.map(|_| ())
}

/// For the first that came back another account is asked for.
async fn correct(app: &App, me: &Me, batch_id: i64) -> Result<(), Problem> {
    let Some(item) = payment::items_of(app.db.read(), batch_id).await?.into_iter().next() else { return Ok(()) };
    let file = tempfile::NamedTempFile::new().map_err(Problem::internal)?;
    std::fs::write(file.path(), picture::paper("本人银行卡", 2)).map_err(Problem::internal)?;
    let picture = pictures::store_file(app, file.path()).await?;
    let asked = Asked {
        payee_name: item.payee_name,
        account_no: "6222000000009988776".to_owned(),
        bank_name: item.bank_name,
        reason: "原账号少录一位，已与领款人电话核对".to_owned(),
        picture: Some(("本人银行卡.png".to_owned(), picture)),
    };
    payment::ask_correction(app, me, item.id, asked).await
}
