//! What looks like a claim that was made before, asked before a claim is accepted. It holds the claim up until somebody says
//! why it is another one; whether it is, the reviewer decides.
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::{claim_type::ClaimType, dates::Period, statement::stays_overlap};

/// A claim that somebody wants to make, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub struct Claimed<'a> {
    /// 申领类型.
    pub claim_type: ClaimType,
    /// 出险日期.
    pub incident_date: NaiveDate,
    /// The stay, where a statement comes along.
    pub stay: Option<Period>,
    /// 票据号码, empty where none comes along.
    pub invoice_no: &'a str,
}

/// A case that still counts: of the same person, or with the same 票据号码.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherCase {
    /// 案件号; None where the case lies outside the branch of who asks.
    pub case_no: Option<String>,
    /// Whether it is of the same person.
    pub same_person: bool,
    /// 申领类型.
    pub claim_type: ClaimType,
    /// 出险日期.
    pub incident_date: NaiveDate,
    /// Its stays.
    pub stays: Vec<Period>,
    /// Its 票据号码.
    pub invoices: Vec<String>,
}

/// Why a claim looks like one that was made before. Serialises as `{ "code": …, "args": { … } }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(tag = "code", content = "args", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Suspicion {
    /// The same person claims the same kind of incident of the same time in another case.
    IncidentSeen {
        /// That case.
        case_no: String,
    },
    /// The same, in a case outside the branch.
    IncidentSeenElsewhere {},
    /// The stay has days in common with one of the same person.
    StayOverlaps {
        /// The other case.
        case_no: String,
    },
    /// The same, in a case outside the branch.
    StayOverlapsElsewhere {},
    /// The 票据号码 stands in another case.
    InvoiceSeen {
        /// The other case.
        case_no: String,
    },
    /// The same, in a case outside the branch.
    InvoiceSeenElsewhere {},
}

impl Suspicion {
    /// The code of the warning that the case carries because of it.
    #[must_use]
    pub const fn warning(&self) -> &'static str {
        match self {
            Self::IncidentSeen { .. } | Self::IncidentSeenElsewhere {} => "incident_seen",
            Self::StayOverlaps { .. } | Self::StayOverlapsElsewhere {} => "stay_overlaps",
            Self::InvoiceSeen { .. } | Self::InvoiceSeenElsewhere {} => "invoice_seen",
        }
    }
}

/// Everything that looks like `claim` among the other cases: at most one case for each kind of likeness.
#[must_use]
pub fn suspicions(claim: &Claimed<'_>, others: &[OtherCase]) -> Vec<Suspicion> {
    let mut out = Vec::new();
    let overlaps = |o: &&OtherCase| {
        o.same_person && claim.stay.is_some_and(|own| o.stays.iter().any(|stay| stays_overlap(*stay, own)))
    };
    if let Some(other) = others.iter().find(overlaps) {
        out.push(match &other.case_no {
            Some(case_no) => Suspicion::StayOverlaps { case_no: case_no.clone() },
            None => Suspicion::StayOverlapsElsewhere {},
        });
    } else if let Some(other) = others.iter().find(|o| o.same_person && same_incident(claim, o)) {
        out.push(match &other.case_no {
            Some(case_no) => Suspicion::IncidentSeen { case_no: case_no.clone() },
            None => Suspicion::IncidentSeenElsewhere {},
        });
    }
    let same_paper =
        |o: &&OtherCase| !claim.invoice_no.is_empty() && o.invoices.iter().any(|no| no == claim.invoice_no);
    if let Some(other) = others.iter().find(same_paper) {
        out.push(match &other.case_no {
            Some(case_no) => Suspicion::InvoiceSeen { case_no: case_no.clone() },
            None => Suspicion::InvoiceSeenElsewhere {},
        });
    }
    out
}

/// The same day, or a day inside a stay of the other; the day of its discharge may begin another stay.
fn same_incident(claim: &Claimed<'_>, other: &OtherCase) -> bool {
    let day = claim.incident_date;
    let inside = |stay: &Period| (stay.from <= day && day < stay.to) || (stay.from == day && stay.to == day);
    claim.claim_type == other.claim_type && (other.incident_date == day || other.stays.iter().any(inside))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn stay(from: &str, to: &str) -> Period {
        Period::new(day(from), day(to)).unwrap()
    }

    fn other() -> OtherCase {
        OtherCase {
            case_no: Some("CL1".into()),
            same_person: true,
            claim_type: ClaimType::DiseaseInpatient,
            incident_date: day("2026-05-01"),
            stays: vec![stay("2026-05-01", "2026-05-08")],
            invoices: vec!["A1".into()],
        }
    }

    fn codes(
        claim_type: ClaimType,
        incident: &str,
        own: Option<Period>,
        invoice_no: &str,
        other: OtherCase,
    ) -> Vec<&'static str> {
        let claim = Claimed { claim_type, incident_date: day(incident), stay: own, invoice_no };
        suspicions(&claim, &[other]).iter().map(Into::into).collect()
    }

    #[test]
    fn the_same_time_of_the_same_person_is_suspected_and_a_transfer_is_not() {
        use ClaimType::{AccidentInpatient, DiseaseInpatient};
        for (claim_type, incident, own, found) in [
            (DiseaseInpatient, "2026-05-01", None, vec!["incident_seen"]),
            (DiseaseInpatient, "2026-05-07", None, vec!["incident_seen"]),
            (DiseaseInpatient, "2026-05-08", None, vec![]),
            (DiseaseInpatient, "2026-04-30", None, vec![]),
            (AccidentInpatient, "2026-05-03", None, vec![]),
            (AccidentInpatient, "2026-05-08", Some(stay("2026-05-07", "2026-05-20")), vec!["stay_overlaps"]),
            (DiseaseInpatient, "2026-05-08", Some(stay("2026-05-08", "2026-05-20")), vec![]),
            (DiseaseInpatient, "2026-05-01", Some(stay("2026-05-01", "2026-05-08")), vec!["stay_overlaps"]),
        ] {
            assert_eq!(codes(claim_type, incident, own, "", other()), found, "{claim_type} {incident} {own:?}");
        }
    }

    #[test]
    fn of_another_person_only_the_same_paper_is_suspected() {
        let foreign = OtherCase { same_person: false, ..other() };
        let own = Some(stay("2026-05-01", "2026-05-08"));
        assert_eq!(codes(ClaimType::DiseaseInpatient, "2026-05-01", own, "", foreign.clone()), Vec::<&str>::new());
        assert_eq!(codes(ClaimType::DiseaseInpatient, "2026-05-01", own, "A1", foreign), ["invoice_seen"]);
    }

    #[test]
    fn beyond_the_branch_only_the_fact_is_told() {
        let far = OtherCase { case_no: None, ..other() };
        let own = Some(stay("2026-05-02", "2026-05-03"));
        let found = codes(ClaimType::DiseaseInpatient, "2026-05-02", own, "A1", far.clone());
        assert_eq!(found, ["stay_overlaps_elsewhere", "invoice_seen_elsewhere"]);
        assert_eq!(codes(ClaimType::DiseaseInpatient, "2026-05-02", None, "", far), ["incident_seen_elsewhere"]);
    }
}
