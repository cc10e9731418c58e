//! Cases of three years, the newest few open, with two events and what they use.
use chrono::{DateTime, Days, NaiveDate, Utc};

use super::{
    people::{FIRST, Ground, pick},
    sink::{Cell, Raw, Sink},
};
use crate::Fault;

/// Of a thousand cases, so many are open: the newest.
const OPEN: i64 = 20;
const DAYS: i64 = 1_060;
const BEGIN: NaiveDate = match NaiveDate::from_ymd_opt(2023, 12, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// As long as what the product keeps of a computed case.
const TRACE: &str = r#"{"steps":[{"code":"base","formula":"个人自付","fen":656600},{"code":"band","rate":"0.50","fen":328300},{"code":"caps","times":2,"limit_fen":800000,"used_fen":0,"fen":328300},{"code":"rounded","way":"half_up","fen":328300},{"code":"result","fen":328300}],"statements":[{"position":0,"self_pay_fen":656600,"pooled_fund_paid_fen":1800000,"out_of_scope_fen":200000,"cash_paid_fen":856600}],"plan":"harbin-inpatient 2026","liability":"inpatient_medical"}"#;

const COLUMNS: &str = "id, no, version, stage, stage_since, holder_id, source, office_id, agency_id, unit_id, member_id, coverage_id, \
    plan_version_id, claim_type, liability_code, liability_name, incident_date, accepted_at, accepted_on, accepted_by_id, submissions, \
    returned, submitted_on, returned_on, calculated_fen, trace, entered_by_id, reviewed_by_id, approved_by_id, benefit_fen, outcome, \
    close_reason, closed_by_id, closed_at, closed_on, paid_on, claim_ordinal, event_seq, event_hash";

/// What hangs on where a case stands.
struct Standing {
    stage: &'static str,
    outcome: Option<&'static str>,
    entered: bool,
    reviewed: bool,
    approved: bool,
}

fn standing(n: i64, open: bool) -> Standing {
    let (stage, outcome) = if open {
        let stage = match pick(n, 4, 100) {
            0..20 => "materials",
            20..60 => "expense_entry",
            60..85 => "first_review",
            85..90 => "second_review",
            _ => "payment",
        };
        (stage, None)
    } else {
        let outcome = match pick(n, 5, 100) {
            0..93 => "paid",
            93..98 => "denied",
            _ => "withdrawn",
        };
        ("closed", Some(outcome))
    };
    let entered = !["materials", "expense_entry"].contains(&stage);
    let reviewed = ["second_review", "payment", "closed"].contains(&stage);
    Standing { stage, outcome, entered, reviewed, approved: ["payment", "closed"].contains(&stage) }
}

/// Writes them.
///
/// # Errors
/// When the database refuses.
pub async fn fill(raw: &mut Raw, ground: &Ground, members: i64, cases: i64) -> Result<(), Fault> {
    let mut rows = Sink::new("cases", COLUMNS);
    let columns = "case_id, seq, kind, actor_id, at, from_stage, to_stage, data, previous_hash, hash";
    let mut events = Sink::new("case_events", columns);
    let columns = "case_id, coverage_id, liability_code, kind, amount_fen, days, times, at, base_fen, stays";
    let mut used = Sink::new("usage_entries", columns);
    let columns = "case_id, position, hospital, admitted_on, discharged_on, total_fen, self_pay_fen, non_local, non_local_registered, \
        invoice_no, diagnosis, department";
    let mut statements = Sink::new("statements", columns);
    for n in 0..cases {
        let id = FIRST + n;
        let member = FIRST + pick(n, 6, members);
        let unit = ground.unit_of(member);
        let s = standing(n, n >= cases - cases * OPEN / 1000);
        let minutes = DAYS * 1440 * n / cases;
        let accepted_on = BEGIN + Days::new((minutes / 1440).unsigned_abs());
        let at = instant(accepted_on, minutes % 1440);
        let closed = s.outcome.map(|_| accepted_on + Days::new((3 + pick(n, 7, 20)).unsigned_abs()));
        let closed_at = closed.map(|day| instant(day, minutes % 1440));
        let since = closed_at.clone().unwrap_or_else(|| at.clone());
        let (claim_type, liability, liability_name) = match pick(n, 8, 100) {
            0..75 => ("disease_inpatient", "inpatient_medical", "住院医疗互助金"),
            75..90 => ("accident_inpatient", "inpatient_medical", "住院医疗互助金"),
            90..97 => ("critical_illness", "critical_illness", "重大疾病互助金"),
            97..99 => ("accident_disability", "accident_disability", "意外伤残互助金"),
            _ => ("accident_death", "accident_death", "意外身故互助金"),
        };
        let staff = |purpose| Ground::staff(unit.office, pick(n, purpose, 8));
        let paid = s.outcome == Some("paid");
        let benefit = 1_000 + pick(n, 9, 799_000);
        let returned = pick(n, 10, 100) < 4;
        let (no, day) =
            (format!("CL9999{}{:07}", accepted_on.format("%Y%m%d"), n % 10_000_000), accepted_on.to_string());
        let closed_on = closed.map(|d| d.to_string());
        let (hash, invoice) = (format!("{id:064x}"), format!("INV{n:010}"));
        let reason = match s.outcome {
            Some("denied") => Some("not_covered"),
            Some("withdrawn") => Some("member_wish"),
            _ => None,
        };
        let own = s.entered.then_some(benefit);
        let holds = s.stage == "expense_entry" && pick(n, 11, 2) == 0;
        rows.push(
            raw,
            &[
                id.into(),
                (&no).into(),
                6.into(),
                s.stage.into(),
                (&since).into(),
                holds.then(|| staff(12)).into(),
                (if pick(n, 13, 10) < 7 { "unit" } else { "office" }).into(),
                unit.office.into(),
                unit.agency.into(),
                unit.id.into(),
                member.into(),
                member.into(),
                ground.version.into(),
                claim_type.into(),
                liability.into(),
                liability_name.into(),
                (&day).into(),
                (&at).into(),
                (&day).into(),
                staff(14).into(),
                i64::from(s.entered).into(),
                returned.into(),
                s.entered.then_some(&day).into(),
                (returned && s.entered).then_some(&day).into(),
                own.into(),
                s.entered.then_some(TRACE).into(),
                s.entered.then(|| staff(15)).into(),
                s.reviewed.then(|| staff(16)).into(),
                s.approved.then(|| staff(17)).into(),
                own.filter(|_| paid || s.outcome.is_none()).into(),
                s.outcome.into(),
                reason.into(),
                s.outcome.map(|_| staff(17)).into(),
                closed_at.as_ref().into(),
                closed_on.as_ref().into(),
                closed_on.as_ref().filter(|_| paid).into(),
                s.entered.then_some(1_i64).into(),
                2.into(),
                (&hash).into(),
            ],
        )
        .await?;
        let (accepted, submitted) = (staff(14), staff(15));
        events
            .push(
                raw,
                &[
                    id.into(),
                    1.into(),
                    "accept".into(),
                    accepted.into(),
                    (&at).into(),
                    Cell::Null,
                    "materials".into(),
                    "{}".into(),
                    "".into(),
                    (&hash).into(),
                ],
            )
            .await?;
        if s.entered {
            let row = [
                id.into(),
                0.into(),
                "示例大学附属第一医院".into(),
                (&day).into(),
                (&day).into(),
                (benefit * 3).into(),
                (benefit * 2).into(),
                false.into(),
                false.into(),
                (&invoice).into(),
                "肺炎".into(),
                "呼吸科".into(),
            ];
            statements.push(raw, &row).await?;
            events
                .push(
                    raw,
                    &[
                        id.into(),
                        2.into(),
                        "submit".into(),
                        submitted.into(),
                        (&since).into(),
                        "expense_entry".into(),
                        s.stage.into(),
                        "{}".into(),
                        (&hash).into(),
                        (&hash).into(),
                    ],
                )
                .await?;
        }
        if paid {
            used.push(
                raw,
                &[
                    id.into(),
                    member.into(),
                    liability.into(),
                    "settle".into(),
                    benefit.into(),
                    7.into(),
                    1.into(),
                    (&since).into(),
                    benefit.into(),
                    1.into(),
                ],
            )
            .await?;
        }
    }
    rows.flush(raw).await?;
    events.flush(raw).await?;
    statements.flush(raw).await?;
    used.flush(raw).await
}

/// A minute of a day, as both databases take it.
fn instant(day: NaiveDate, minute: i64) -> String {
    let at: DateTime<Utc> = day.and_time(chrono::NaiveTime::MIN).and_utc() + chrono::Duration::minutes(minute);
    at.to_rfc3339()
}
