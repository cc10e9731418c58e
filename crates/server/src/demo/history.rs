//! The year and a half before the demonstration begins: closed cases, so that figures have something to tell, and a few
//! that were left lying.
use chrono::{DateTime, Days, Duration, NaiveDate, Timelike, Utc};
use huzhu_domain::{
    case::{Action, DenyReason, ReturnReason, ReturnTo, Stage, WithdrawReason},
    claim_type::ClaimType,
    ids::CaseId,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::{
    cases::{Filler, Team, Way},
    ground::{Covered, Ground},
};
use crate::{
    acceptance::{self, AcceptRow},
    entity::{coverage, plan_version},
    platform::{clock, error::Problem},
};

/// Cases of the past.
const CASES: u32 = 112;
/// The last ones, which nobody has finished.
const LEFT: u32 = 6;
/// The first number; the cases of [`super::cases`] count from 0.
const FIRST: u32 = 1_000;

/// Why cases were denied.
const REASONS: [(DenyReason, &str); 6] = [
    (DenyReason::OutOfScope, "住院原因不属于本活动保障范围"),
    (DenyReason::DuplicateInvoice, "票据与此前案件重复"),
    (DenyReason::PastDeadline, "超过申领期限，无正当理由"),
    (DenyReason::OutOfScope, "康复疗养不属于保障范围"),
    (DenyReason::Excluded, "属于条款第十一条责任免除"),
    (DenyReason::OverlappingStay, "住院时间与另一案件重叠"),
];

/// Fills the past.
///
/// # Errors
/// When an act is refused: then the demonstration and the product don't fit each other.
pub(super) async fn fill(filler: &mut Filler<'_>, ground: &Ground) -> Result<(), Problem> {
    // Of those that may have a case every fourth has one of this year.
    let eligible = ground.covered.iter().enumerate().filter(|(i, _)| i % 45 >= 8 && i % 5 != 4).map(|(_, c)| c);
    let others = eligible.filter(|c| c.unit_code != "23010001").enumerate();
    let mut spare = others.filter(|(i, _)| !i.is_multiple_of(4)).map(|(_, c)| c);
    let first = NaiveDate::from_ymd_opt(2025, 6, 3).unwrap_or_default();
    let year = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default();
    for n in 0..CASES {
        let day = first + Days::new(u64::from(n * 9 / 2 + n * 7 % 5));
        let incident = day - Days::new(u64::from(16 + n % 9));
        let before = incident < year;
        // No stay reaches into another coverage.
        let incident = if before { incident.min(year - Days::new(17)) } else { incident };
        // Only the plan of Harbin has a version of the year before.
        let Some(cover) = spare.find(|c| !before || c.unit_code.starts_with("23")) else { break };
        let coverage_id = if before { earlier(filler, cover.coverage_id).await? } else { cover.coverage_id };
        let cover = Covered { coverage_id, ..cover.clone() };
        lead(filler, n, &cover, day, incident).await?;
    }
    Ok(())
}

/// The coverage of 2025 that went before one of 2026.
async fn earlier(filler: &Filler<'_>, coverage_id: i64) -> Result<i64, Problem> {
    let db = &filler.app.db;
    let this = coverage::Entity::find_by_id(coverage_id).one(db.read()).await?.ok_or_else(Problem::not_found)?;
    let version = plan_version::Entity::find()
        .filter(plan_version::Column::Code.eq("harbin-inpatient"))
        .filter(plan_version::Column::Version.eq("2023"))
        .one(db.read())
        .await?
        .ok_or_else(Problem::not_found)?;
    let day = |m, d| NaiveDate::from_ymd_opt(2025, m, d).unwrap_or_default();
    let row = coverage::ActiveModel {
        member_id: Set(this.member_id),
        unit_id: Set(this.unit_id),
        plan_version_id: Set(version.id),
        period_from: Set(day(1, 1)),
        period_to: Set(day(12, 31)),
        shares: Set(1),
        renewed: Set(false),
        ..Default::default()
    };
    let tx = db.begin().await?;
    let id = coverage::Entity::insert(row).exec(&tx).await?.last_insert_id;
    tx.commit().await?;
    Ok(id)
}

async fn lead(
    filler: &mut Filler<'_>,
    n: u32,
    cover: &Covered,
    day: NaiveDate,
    incident_date: NaiveDate,
) -> Result<(), Problem> {
    let team = filler.team(n, cover.unit_code)?;
    let beijing = cover.unit_code.starts_with("11");
    let claim_type = match n % 9 {
        2 => ClaimType::AccidentInpatient,
        5 if !beijing => ClaimType::CriticalIllness,
        _ => ClaimType::DiseaseInpatient,
    };
    let liability_code = match claim_type {
        ClaimType::CriticalIllness => "critical_illness",
        _ if beijing => "inpatient_allowance",
        _ => "inpatient_medical",
    };
    let row = AcceptRow {
        coverage_id: cover.coverage_id,
        liability_code: liability_code.to_owned(),
        claim_type,
        incident_date,
        duplicate_reason: None,
    };
    let at = clock::start_of(day) + Duration::minutes(i64::from(8 * 60 + 30 + n * 37 % 420));
    let made = clock::as_of(at, acceptance::accept(filler.app, &team.enters, &format!("past-{n}"), &[row])).await?;
    let id = CaseId(made.cases.first().map_or(0, |c| c.id));
    let mut way = Way { filler, id, at, n: FIRST + n };
    enter(&mut way, claim_type, incident_date, cover, &team).await?;
    if n + LEFT >= CASES {
        return leave(&mut way, n, &team).await;
    }
    if n % 13 == 7 {
        let withdraw = Action::Withdraw { reason: WithdrawReason::MemberRequest };
        return way.act(&team.enters, withdraw, Some("会员电话要求撤回申领")).await;
    }
    way.act(&team.enters, Action::Submit, None).await?;
    wait(&mut way, 2);
    way.act(&team.reviews, Action::Take, None).await?;
    if n % 8 == 3 {
        let back = Action::Return { to: ReturnTo::ExpenseEntry, reason: ReturnReason::AmountsMismatch };
        way.act(&team.reviews, back, Some("个人自付金额与票据不一致，请核对")).await?;
        wait(&mut way, 3);
        way.calculate(&team.enters).await?;
        way.act(&team.enters, Action::Submit, None).await?;
        wait(&mut way, 4);
        way.act(&team.reviews, Action::Take, None).await?;
    }
    if n % 6 == 1 {
        let (reason, why) = REASONS[n as usize / 6 % REASONS.len()];
        return way.act(&team.reviews, Action::Deny { reason }, Some(why)).await;
    }
    way.act(&team.reviews, Action::Approve, Some("核对无误")).await?;
    if way.stage().await? == Stage::SecondReview {
        wait(&mut way, 5);
        way.act(&team.reviews_again, Action::Take, None).await?;
        way.act(&team.reviews_again, Action::Approve, Some("核对无误")).await?;
    }
    way.filler.paid.push((id.0, way.at));
    Ok(())
}

/// Papers and entry, up to the calculation.
async fn enter(
    way: &mut Way<'_, '_>,
    claim_type: ClaimType,
    incident: NaiveDate,
    cover: &Covered,
    team: &Team,
) -> Result<(), Problem> {
    wait(way, 0);
    if claim_type.is_hospital() {
        way.papers(&team.enters, 9).await?;
        way.act(&team.enters, Action::ConfirmMaterials, None).await?;
    }
    wait(way, 1);
    way.act(&team.enters, Action::Take, None).await?;
    if !claim_type.is_hospital() {
        way.papers(&team.enters, 9).await?;
    }
    way.draft(claim_type, incident, cover, &team.enters).await?;
    way.calculate(&team.enters).await
}

/// The last ones stay in somebody's hands or in a pool.
async fn leave(way: &mut Way<'_, '_>, n: u32, team: &Team) -> Result<(), Problem> {
    if n.is_multiple_of(3) {
        return Ok(());
    }
    way.act(&team.enters, Action::Submit, None).await?;
    if n % 3 == 1 {
        wait(way, 2);
        way.act(&team.reviews, Action::Take, None).await?;
    }
    Ok(())
}

/// Some hours or days pass until somebody comes to it, in working hours.
fn wait(way: &mut Way<'_, '_>, step: u32) {
    let hours = i64::from((way.n * (17 + step * 7) + step * 29) % 76);
    // A few lie for a week.
    let days = if (way.n + step).is_multiple_of(11) { 6 } else { 0 };
    way.at = in_office(way.at + Duration::hours(hours) + Duration::days(days));
}

/// The same instant, or nine in the morning after it.
fn in_office(at: DateTime<Utc>) -> DateTime<Utc> {
    let day = clock::day_of(at);
    let hour = (at + Duration::hours(8)).hour();
    match hour {
        9..=15 => at,
        0..=8 => clock::start_of(day) + Duration::hours(9),
        _ => clock::start_of(day + Days::new(1)) + Duration::hours(9),
    }
}
