//! What the records must say for a change to be possible.
use chrono::NaiveDate;

use super::{Blocker, Change, MemberData};
use crate::{
    coverage::{CoverageState, Held},
    dates::Period,
    enrolment::EnrolmentTerms,
    id_number::{self, IdKind},
};

/// How far a case that counts (not deleted, denied or withdrawn) has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Papers and expenses are being entered.
    Entering,
    /// 申领初审.
    InReview,
    /// 待支付.
    InPayment,
    /// 已给付.
    Paid,
}

/// A case that counts.
#[derive(Clone, Debug)]
pub struct CaseFact {
    /// 案件号.
    pub no: String,
    /// The coverage it is claimed under.
    pub coverage_id: i64,
    /// 出险日期.
    pub incident_date: NaiveDate,
    /// How far it is.
    pub progress: Progress,
}

/// A coverage that isn't void.
#[derive(Clone, Debug)]
pub struct CoverageFact {
    /// The row.
    pub id: i64,
    /// Code of the plan.
    pub plan: String,
    /// The office whose plan it is.
    pub office_id: i64,
    /// 保障区间.
    pub period: Period,
    /// 份.
    pub shares: u32,
    /// Whether it is in force, or waits for its fee.
    pub state: CoverageState,
    /// Whether it follows another without a gap.
    pub renewed: bool,
}

impl CoverageFact {
    /// As a coverage of its plan.
    #[must_use]
    pub const fn held(&self) -> Held {
        Held { period: self.period, state: self.state }
    }
}

/// The records as they are now.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Today in the society's time zone.
    pub today: NaiveDate,
    /// Whether the change is about to take effect, and isn't only asked for.
    pub approving: bool,
    /// The member's row.
    pub member_id: i64,
    /// The member's data.
    pub member: MemberData,
    /// The record that the member's was merged into.
    pub merged_into: Option<i64>,
    /// The member's unit.
    pub unit_id: i64,
    /// The office of the unit that a transfer leads to, where that unit can be used.
    pub new_office_id: Option<i64>,
    /// Coverages of the member that aren't void.
    pub coverages: Vec<CoverageFact>,
    /// The member's cases that count.
    pub cases: Vec<CaseFact>,
    /// The terms of the version of the plan that is in force on the first day asked for; None where there is none.
    pub terms: Option<EnrolmentTerms>,
    /// Whether another record has the number asked for.
    pub id_number_taken: bool,
    /// Whether the account asked for is on record.
    pub account_known: bool,
    /// The record that the second one was merged into.
    pub other_merged_into: Option<i64>,
    /// Whether it was merged by itself, and didn't come along with another record.
    pub merge_on_record: bool,
    /// The second record's coverages.
    pub other_coverages: Vec<CoverageFact>,
    /// The second record's cases; at 撤销合并 those that go back.
    pub other_cases: Vec<CaseFact>,
    /// At 撤销合并: what each of the two records would have afterwards.
    pub apart: [Vec<CoverageFact>; 2],
    /// 变更号 of a change of the kind that waits for its decision.
    pub open: Option<String>,
}

/// Every reason in the records why the change isn't possible; empty where it is.
#[must_use]
pub fn blockers(change: &Change, facts: &Facts) -> Vec<Blocker> {
    let mut out: Vec<Blocker> = facts.open.iter().map(|no| Blocker::ChangeOpen { no: no.clone() }).collect();
    if facts.merged_into.is_some() {
        out.push(Blocker::RecordMerged {});
    }
    match change {
        Change::MemberData(data) => member_data(data, facts, &mut out),
        Change::Transfer { unit_id, from } => transfer(*unit_id, *from, facts, &mut out),
        Change::CoverageAdd { plan, from, to, shares } => {
            fits(plan, Period { from: *from, to: *to }, None, facts, &mut out);
            match &facts.terms {
                None => out.push(Blocker::NoVersionOn { day: *from }),
                Some(terms) => {
                    let MemberData { birth_date, employment, .. } = facts.member;
                    let found = terms.objections(birth_date, employment, *shares, *from);
                    out.extend(found.into_iter().map(Blocker::Terms));
                }
            }
        }
        Change::CoverageReplace { coverage_id, from, to, shares } => {
            replace(*coverage_id, Period { from: *from, to: *to }, *shares, facts, &mut out);
        }
        Change::CoverageEnd { coverage_id, last_day } => end(*coverage_id, *last_day, facts, &mut out),
        Change::BankAccount { .. } if facts.account_known => out.push(Blocker::AccountKnown {}),
        Change::BankAccount { .. } => {}
        Change::Merge { other_id } => merge(*other_id, facts, &mut out),
        Change::Unmerge { .. } => {
            if facts.other_merged_into != Some(facts.member_id) {
                out.push(Blocker::NotMerged {});
            } else if !facts.merge_on_record {
                out.push(Blocker::CameWithAnother {});
            }
            in_payment(&facts.other_cases, &mut out);
            // What the merge made void comes back: meanwhile the plan may cover these days again.
            for record in &facts.apart {
                out.extend(overlapping(record));
            }
        }
    }
    out
}

/// Every coverage of a record that overlaps an earlier one of the list under the same plan.
fn overlapping(coverages: &[CoverageFact]) -> impl Iterator<Item = Blocker> {
    let twice = |(i, c): &(usize, &CoverageFact)| {
        coverages[..*i].iter().any(|other| other.plan == c.plan && other.period.overlaps(c.period))
    };
    let all = coverages.iter().enumerate().filter(twice);
    all.map(|(_, c)| Blocker::CoverageOverlaps { from: c.period.from, to: c.period.to })
}

/// The coverages that go along with a transfer: what still runs on the day, under the new unit's office.
#[must_use]
pub fn moving(from: NaiveDate, facts: &Facts) -> Vec<&CoverageFact> {
    let goes = |c: &&CoverageFact| c.period.to >= from && facts.new_office_id == Some(c.office_id);
    facts.coverages.iter().filter(goes).collect()
}

fn in_payment(cases: &[CaseFact], out: &mut Vec<Blocker>) {
    let paying = cases.iter().filter(|c| c.progress == Progress::InPayment);
    out.extend(paying.map(|c| Blocker::CaseInPayment { case_no: c.no.clone() }));
}

fn depends(case: &CaseFact) -> Blocker {
    Blocker::CaseDepends { case_no: case.no.clone(), incident_date: case.incident_date }
}

fn member_data(data: &MemberData, facts: &Facts, out: &mut Vec<Blocker>) {
    let now = &facts.member;
    if data == now {
        out.push(Blocker::NothingChanged {});
    }
    if (&data.name, data.id_kind, &data.id_number) != (&now.name, now.id_kind, &now.id_number) {
        in_payment(&facts.cases, out);
    }
    // A number that is on record may be wrong; a new one must be right.
    let new = (data.id_kind, &data.id_number) != (now.id_kind, &now.id_number);
    if new && data.id_kind == IdKind::ResidentId && id_number::inspect(&data.id_number).fault.is_some() {
        out.push(Blocker::IdNumberWrong {});
    }
    if facts.id_number_taken {
        out.push(Blocker::IdNumberTaken {});
    }
}

fn transfer(unit_id: i64, from: NaiveDate, facts: &Facts, out: &mut Vec<Blocker>) {
    if unit_id == facts.unit_id {
        out.push(Blocker::NothingChanged {});
    } else if facts.new_office_id.is_none() {
        out.push(Blocker::UnitGone {});
    }
    // There is nobody who would do it on the day: the approval waits for it.
    if facts.approving && from > facts.today {
        out.push(Blocker::NotEffectiveYet { from });
    }
    let goes: Vec<i64> = moving(from, facts).iter().map(|c| c.id).collect();
    let later = facts.cases.iter().filter(|c| goes.contains(&c.coverage_id) && c.incident_date >= from);
    out.extend(later.map(depends));
}

/// Whether a period of a plan is free for the member.
fn fits(plan: &str, period: Period, except: Option<i64>, facts: &Facts, out: &mut Vec<Blocker>) {
    let others = facts.coverages.iter().filter(|c| c.plan == plan && Some(c.id) != except);
    let overlapping = others.filter(|c| c.period.overlaps(period));
    out.extend(overlapping.map(|c| Blocker::CoverageOverlaps { from: c.period.from, to: c.period.to }));
}

fn replace(id: i64, period: Period, shares: u32, facts: &Facts, out: &mut Vec<Blocker>) {
    let Some(now) = facts.coverages.iter().find(|c| c.id == id) else {
        out.push(Blocker::CoverageGone {});
        return;
    };
    if now.period == period && now.shares == shares {
        out.push(Blocker::NothingChanged {});
    }
    fits(&now.plan, period, Some(id), facts, out);
    match &facts.terms {
        None => out.push(Blocker::NoVersionOn { day: period.from }),
        // What a plan allowed once stays; more of it is asked of the terms.
        Some(terms) if shares > now.shares => out.extend(terms.too_many(shares).map(Blocker::Terms)),
        Some(_) => {}
    }
    for case in facts.cases.iter().filter(|c| c.coverage_id == id) {
        // The first day decides about version, renewal and waiting period: a case under it fixes it.
        if !period.contains(case.incident_date) || period.from != now.period.from {
            out.push(depends(case));
        }
        match case.progress {
            Progress::Paid if shares < now.shares => out.push(Blocker::SharesAfterPaid { case_no: case.no.clone() }),
            Progress::InReview | Progress::InPayment if shares != now.shares => {
                out.push(Blocker::CaseBeingDecided { case_no: case.no.clone() });
            }
            _ => {}
        }
    }
}

fn end(id: i64, last_day: NaiveDate, facts: &Facts, out: &mut Vec<Blocker>) {
    let Some(now) = facts.coverages.iter().find(|c| c.id == id) else {
        out.push(Blocker::CoverageGone {});
        return;
    };
    if last_day >= now.period.to || last_day < now.period.from {
        out.push(Blocker::EndNotEarlier { to: now.period.to });
    }
    let later = facts.cases.iter().filter(|c| c.coverage_id == id && c.incident_date > last_day);
    out.extend(later.map(depends));
}

/// Every two coverages of one plan that a merge would bring together for the same days.
fn pairs(facts: &Facts) -> impl Iterator<Item = (&CoverageFact, &CoverageFact)> {
    let same = |a: &CoverageFact, b: &CoverageFact| a.plan == b.plan && a.period.overlaps(b.period);
    facts
        .coverages
        .iter()
        .flat_map(move |a| facts.other_coverages.iter().filter(move |b| same(a, b)).map(move |b| (a, b)))
}

/// Of two coverages of one plan that overlap only one may stay, so that nobody is paid twice: that with a counting claim, else
/// that in force, with more 份, without a waiting period, of the record that stays. The other one goes whole, so it must have
/// no day and no 份 that the one that stays lacks: they were paid for.
fn superfluous(a: &CoverageFact, b: &CoverageFact, facts: &Facts) -> Result<i64, Blocker> {
    let claim = |cases: &[CaseFact], id: i64| cases.iter().find(|c| c.coverage_id == id).map(|c| c.no.clone());
    let (of_a, of_b) = (claim(&facts.cases, a.id), claim(&facts.other_cases, b.id));
    let rank = |c: &CoverageFact, claimed: bool| (claimed, c.state == CoverageState::Active, c.shares, c.renewed);
    let (goes, stays) = if rank(b, of_b.is_some()) > rank(a, of_a.is_some()) { (a, b) } else { (b, a) };
    if let (Some(case_no), Some(other_case_no)) = (of_a, of_b) {
        return Err(Blocker::ClaimsInBoth { case_no, other_case_no });
    }
    let Period { from, to } = goes.period;
    if stays.state == CoverageState::Pending {
        // Which of the two will be paid nobody knows yet.
        Err(Blocker::NeitherInForce { from, to })
    } else if !stays.period.covers(goes.period) {
        Err(Blocker::CoveragesOverlapPartly { from, to })
    } else if stays.shares < goes.shares {
        Err(Blocker::SharesWouldBeLost { shares: goes.shares })
    } else {
        Ok(goes.id)
    }
}

/// The coverages that a merge makes superfluous.
#[must_use]
pub fn doubled(facts: &Facts) -> Vec<i64> {
    let mut out: Vec<i64> = pairs(facts).filter_map(|(a, b)| superfluous(a, b, facts).ok()).collect();
    out.sort_unstable();
    out.dedup();
    out
}

fn merge(other_id: i64, facts: &Facts, out: &mut Vec<Blocker>) {
    if other_id == facts.member_id {
        out.push(Blocker::SameRecord {});
        return;
    }
    if facts.other_merged_into.is_some() {
        out.push(Blocker::RecordMerged {});
    }
    in_payment(&facts.other_cases, out);
    out.extend(pairs(facts).filter_map(|(a, b)| superfluous(a, b, facts).err()));
}
