//! 结算单: the hospital's settlement statement (manual 1.2.2; the fields beyond the manual's are those without which
//! its sums can never balance).
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;
use utoipa::ToSchema;

use crate::{
    case::Blocker,
    dates::{Period, days_of_stay},
    money::{Fen, MAX_AMOUNT},
};

code_enum! {
    /// 医院等级.
    HospitalLevel {
        /// 三级.
        Tertiary,
        /// 二级.
        Secondary,
        /// 一级.
        Primary,
        /// 未定级.
        Unrated,
    }
}

code_enum! {
    /// 医保类型.
    InsuranceType {
        /// 职工医保.
        Employee,
        /// 居民医保.
        Resident,
        /// 公费医疗.
        Public,
        /// 无医保.
        None,
    }
}

code_enum! {
    /// An amount of the statement, as a plan's base names it.
    AmountField {
        /// 结算总金额.
        Total,
        /// 统筹基金支付.
        PooledFundPaid,
        /// 其他支付 (大额, 补充, 公务员, 救助 …).
        OtherPaid,
        /// 个人自付金额.
        SelfPay,
        /// 起付线, a part of 个人自付.
        Deductible,
        /// 先行自付, a part of 个人自付.
        UpfrontSelfPay,
        /// 全额自费.
        OutOfScope,
        /// 个人账户支付.
        PersonalAccountPaid,
        /// 个人现金支付.
        CashPaid,
        /// 实际支付金额.
        ActualPaid,
    }
}

/// A statement as far as it is entered. What isn't known yet is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementDraft {
    /// 医院.
    pub hospital: String,
    /// 医院等级.
    pub hospital_level: Option<HospitalLevel>,
    /// 医保类型.
    pub insurance_type: Option<InsuranceType>,
    /// 入院时间.
    pub admitted_on: Option<NaiveDate>,
    /// 出院时间.
    pub discharged_on: Option<NaiveDate>,
    /// 住院天数: computed from the two dates; ignored where it is sent.
    #[serde(default)]
    pub days: Option<u32>,
    /// 结算总金额, fen.
    pub total_fen: Option<Fen>,
    /// 统筹基金支付, fen.
    pub pooled_fund_paid_fen: Option<Fen>,
    /// 其他支付, fen.
    pub other_paid_fen: Option<Fen>,
    /// 个人自付金额, fen.
    pub self_pay_fen: Option<Fen>,
    /// 起付线, fen; a part of 个人自付.
    pub deductible_fen: Option<Fen>,
    /// 先行自付, fen; a part of 个人自付.
    pub upfront_self_pay_fen: Option<Fen>,
    /// 全额自费, fen.
    pub out_of_scope_fen: Option<Fen>,
    /// 个人账户支付, fen.
    pub personal_account_paid_fen: Option<Fen>,
    /// 个人现金支付, fen.
    pub cash_paid_fen: Option<Fen>,
    /// 实际支付金额, fen.
    pub actual_paid_fen: Option<Fen>,
    /// 是否异地就医.
    pub non_local: bool,
    /// Whether treatment elsewhere was registered beforehand (备案).
    pub non_local_registered: bool,
    /// 票据号码 / 结算ID: the key by which a duplicate is noticed.
    pub invoice_no: String,
    /// 诊断.
    pub diagnosis: String,
    /// 科室.
    pub department: String,
}

/// A complete statement: what a benefit is computed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The stay.
    pub stay: Period,
    /// 医院等级.
    pub hospital_level: HospitalLevel,
    /// 医保类型.
    pub insurance_type: InsuranceType,
    /// 是否异地就医.
    pub non_local: bool,
    /// 备案.
    pub non_local_registered: bool,
    /// 票据号码, empty where the paper has none.
    pub invoice_no: String,
    amounts: [Fen; 10],
}

/// The fields without which nothing can be computed.
const REQUIRED: [AmountField; 5] = [
    AmountField::Total,
    AmountField::PooledFundPaid,
    AmountField::SelfPay,
    AmountField::OutOfScope,
    AmountField::CashPaid,
];

/// What may differ before a sum counts as wrong.
const TOLERANCE: Fen = Fen(1);

impl StatementDraft {
    /// Every amount with the name of its field.
    #[must_use]
    pub const fn amounts(&self) -> [(&'static str, Option<Fen>); 10] {
        [
            ("total_fen", self.total_fen),
            ("pooled_fund_paid_fen", self.pooled_fund_paid_fen),
            ("other_paid_fen", self.other_paid_fen),
            ("self_pay_fen", self.self_pay_fen),
            ("deductible_fen", self.deductible_fen),
            ("upfront_self_pay_fen", self.upfront_self_pay_fen),
            ("out_of_scope_fen", self.out_of_scope_fen),
            ("personal_account_paid_fen", self.personal_account_paid_fen),
            ("cash_paid_fen", self.cash_paid_fen),
            ("actual_paid_fen", self.actual_paid_fen),
        ]
    }

    /// Every text with the name of its field.
    #[must_use]
    pub const fn texts(&self) -> [(&'static str, &String); 4] {
        [
            ("hospital", &self.hospital),
            ("invoice_no", &self.invoice_no),
            ("diagnosis", &self.diagnosis),
            ("department", &self.department),
        ]
    }

    /// 住院天数, where both dates are entered.
    #[must_use]
    pub fn stay_days(&self) -> Option<u32> {
        Some(days_of_stay(self.admitted_on?, self.discharged_on?))
    }

    /// The statement, complete; `index` (from 0) names it in the paths of the fields that are wrong.
    ///
    /// # Errors
    /// Everything that is missing or impossible: required fields, negative amounts, a stay that ends before it begins
    /// or in the future, parts that are larger than their whole.
    pub fn parse(&self, index: usize, today: NaiveDate) -> Result<Statement, Vec<Blocker>> {
        let mut out = Vec::new();
        let mut wrong = |field: &str, problem: &str| {
            out.push(Blocker::FieldWrong { field: format!("statements.{index}.{field}"), problem: problem.to_owned() });
        };
        if self.hospital.trim().is_empty() {
            wrong("hospital", "required");
        }
        if self.hospital_level.is_none() {
            wrong("hospital_level", "required");
        }
        if self.insurance_type.is_none() {
            wrong("insurance_type", "required");
        }
        self.date_issues(today, &mut wrong);
        for (position, (name, amount)) in self.amounts().into_iter().enumerate() {
            match amount {
                None if REQUIRED.iter().any(|f| *f as usize == position) => wrong(name, "required"),
                Some(amount) if amount < Fen::ZERO => wrong(name, "negative"),
                Some(amount) if amount > MAX_AMOUNT => wrong(name, "too_large"),
                _ => {}
            }
        }
        let parts = self.deductible_fen.unwrap_or_default() + self.upfront_self_pay_fen.unwrap_or_default();
        if self.self_pay_fen.is_some_and(|whole| whole >= Fen::ZERO && parts > whole) {
            wrong("self_pay_fen", "less_than_parts");
        }
        let stay = self.admitted_on.zip(self.discharged_on).and_then(|(from, to)| Period::new(from, to));
        match (stay, self.hospital_level, self.insurance_type) {
            (Some(stay), Some(hospital_level), Some(insurance_type)) if out.is_empty() => Ok(Statement {
                stay,
                hospital_level,
                insurance_type,
                non_local: self.non_local,
                non_local_registered: self.non_local_registered,
                invoice_no: self.invoice_no.trim().to_owned(),
                amounts: self.amounts().map(|(_, amount)| amount.unwrap_or_default()),
            }),
            _ => Err(out),
        }
    }

    fn date_issues(&self, today: NaiveDate, wrong: &mut impl FnMut(&str, &str)) {
        for (name, date) in [("admitted_on", self.admitted_on), ("discharged_on", self.discharged_on)] {
            match date {
                None => wrong(name, "required"),
                Some(date) if date > today => wrong(name, "in_future"),
                Some(_) => {}
            }
        }
        if let (Some(from), Some(to)) = (self.admitted_on, self.discharged_on)
            && to < from
        {
            wrong("discharged_on", "before_start");
        }
    }
}

impl Statement {
    /// A statement of nothing but these amounts, for worked examples.
    #[must_use]
    pub fn of(stay: Period, given: &[(AmountField, Fen)]) -> Self {
        let mut amounts = [Fen::ZERO; 10];
        for (field, amount) in given {
            amounts[*field as usize] = *amount;
        }
        Self {
            stay,
            hospital_level: HospitalLevel::Unrated,
            insurance_type: InsuranceType::Employee,
            non_local: false,
            non_local_registered: false,
            invoice_no: String::new(),
            amounts,
        }
    }

    /// One of its amounts; zero where the paper names none.
    #[must_use]
    pub const fn amount(&self, field: AmountField) -> Fen {
        self.amounts[field as usize]
    }

    /// 住院天数.
    #[must_use]
    pub fn days(&self) -> u32 {
        days_of_stay(self.stay.from, self.stay.to)
    }
}

/// Something about a statement that asks for a reason but never blocks the entry itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(tag = "code", content = "args", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Warning {
    /// 结算总金额 ≠ 统筹 + 其他 + 自付 + 自费.
    TotalMismatch {
        /// 结算总金额 less the sum of its parts.
        difference: Fen,
    },
    /// 自付 + 自费 ≠ 个人账户 + 现金.
    PaymentMismatch {
        /// What the person owed less what the person paid.
        difference: Fen,
    },
    /// The stay isn't wholly inside the 保障区间.
    StayOutsideCoverage {},
    /// Another stay of the same person has days in common.
    StayOverlaps {
        /// The other case; this one's where the other stay is in the same case.
        case_no: String,
    },
    /// Another statement has the same 票据号码.
    InvoiceSeen {
        /// The other case; this one's where the other statement is in the same case.
        case_no: String,
    },
    /// The same person claims the same kind of incident of the same time in an earlier case. About the case.
    IncidentSeen {
        /// That case.
        case_no: String,
    },
    /// A paper's picture is in another case too, the same or saved anew. About the case.
    PictureSeen {
        /// The other case.
        case_no: String,
        /// The paper's name.
        material: String,
    },
    /// Claimed after the 申领期限. About the case, not about a statement.
    PastDeadline {
        /// The last day in time.
        until: NaiveDate,
    },
}

impl Warning {
    /// The stable code, by which a reason answers the warning.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.into()
    }

    /// Whether an answer to it wants a second person's eyes (申领复审): the same bill, stay or paper may have been paid before, or the
    /// claim came too late.
    #[must_use]
    pub const fn wants_second_review(&self) -> bool {
        matches!(
            self,
            Self::StayOverlaps { .. }
                | Self::InvoiceSeen { .. }
                | Self::IncidentSeen { .. }
                | Self::PictureSeen { .. }
                | Self::PastDeadline { .. }
        )
    }
}

/// A statement of the same person that was entered before, in this case or another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Its case.
    pub case_no: String,
    /// Its stay, where it is of the same person.
    pub stay: Option<Period>,
    /// Its 票据号码.
    pub invoice_no: String,
}

/// What about `statement` has to be explained.
#[must_use]
pub fn warnings(statement: &Statement, coverage: Period, others: &[Earlier]) -> Vec<Warning> {
    use AmountField as A;
    let sum = |fields: &[A]| fields.iter().map(|f| statement.amount(*f)).sum::<Fen>();
    let mut out = Vec::new();
    let of_total = sum(&[A::Total]) - sum(&[A::PooledFundPaid, A::OtherPaid, A::SelfPay, A::OutOfScope]);
    if of_total.abs() > TOLERANCE {
        out.push(Warning::TotalMismatch { difference: of_total });
    }
    let of_payment = sum(&[A::SelfPay, A::OutOfScope]) - sum(&[A::PersonalAccountPaid, A::CashPaid]);
    if of_payment.abs() > TOLERANCE {
        out.push(Warning::PaymentMismatch { difference: of_payment });
    }
    if !(coverage.contains(statement.stay.from) && coverage.contains(statement.stay.to)) {
        out.push(Warning::StayOutsideCoverage {});
    }
    let shares_days = |other: &&Earlier| other.stay.is_some_and(|stay| stays_overlap(stay, statement.stay));
    if let Some(other) = others.iter().find(shares_days) {
        out.push(Warning::StayOverlaps { case_no: other.case_no.clone() });
    }
    let same_paper = |other: &&Earlier| !statement.invoice_no.is_empty() && other.invoice_no == statement.invoice_no;
    if let Some(other) = others.iter().find(same_paper) {
        out.push(Warning::InvoiceSeen { case_no: other.case_no.clone() });
    }
    out
}

/// Two stays overlap when they have a day in common; leaving one hospital and entering another on one day is a transfer.
#[must_use]
pub fn stays_overlap(a: Period, b: Period) -> bool {
    (a.from < b.to && b.from < a.to) || a == b
}

#[cfg(test)]
#[path = "statement_tests.rs"]
mod tests;
