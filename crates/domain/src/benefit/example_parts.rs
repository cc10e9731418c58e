//! The parts of a worked example: coverage, statements, what was used before.
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Amount, Usage};
use crate::{
    dates::{Period, days_of_stay},
    money::Fen,
    statement::{AmountField, HospitalLevel, InsuranceType, Statement},
};

/// 保障区间 of an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExampleCoverage {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

/// What was used before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExampleUsage {
    /// Claims.
    #[serde(default)]
    pub times: u32,
    /// Stays; as many as claims when it isn't said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stays: Option<u32>,
    /// Money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// Paid days.
    #[serde(default)]
    pub days: u32,
    /// 累计费用 that the rule has counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Amount>,
}

impl ExampleUsage {
    pub(super) fn usage(&self) -> Usage {
        let fen = |amount: Option<Amount>| amount.map_or(Fen::ZERO, |a| a.0);
        Usage {
            times: self.times,
            stays: self.stays.unwrap_or(self.times),
            amount: fen(self.amount),
            days: self.days,
            base: fen(self.base),
        }
    }

    /// What of the ledger an example keeps.
    #[must_use]
    pub fn of(usage: Usage) -> Option<Self> {
        let amount = |fen: Fen| (fen != Fen::ZERO).then_some(Amount(fen));
        let kept = Self {
            times: usage.times,
            stays: Some(usage.stays).filter(|s| *s != usage.times),
            amount: amount(usage.amount),
            days: usage.days,
            base: amount(usage.base),
        };
        (usage != Usage::default()).then_some(kept)
    }
}

/// A statement of an example. The stay is given by its days, or by both dates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ExampleStatement {
    /// 住院天数.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// 入院时间.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admitted_on: Option<NaiveDate>,
    /// 出院时间.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discharged_on: Option<NaiveDate>,
    /// 医院等级.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hospital_level: Option<HospitalLevel>,
    /// 医保类型.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insurance_type: Option<InsuranceType>,
    /// 是否异地就医.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub non_local: bool,
    /// 备案.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub non_local_registered: bool,
    /// 结算总金额.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<Amount>,
    /// 统筹基金支付.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pooled_fund_paid: Option<Amount>,
    /// 其他支付.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_paid: Option<Amount>,
    /// 个人自付金额.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_pay: Option<Amount>,
    /// 起付线.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deductible: Option<Amount>,
    /// 先行自付.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upfront_self_pay: Option<Amount>,
    /// 全额自费.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_of_scope: Option<Amount>,
    /// 个人账户支付.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub personal_account_paid: Option<Amount>,
    /// 个人现金支付.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_paid: Option<Amount>,
    /// 实际支付金额.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual_paid: Option<Amount>,
}

impl ExampleStatement {
    const fn amounts(&self) -> [(AmountField, Option<Amount>); 10] {
        use AmountField as A;
        [
            (A::Total, self.total),
            (A::PooledFundPaid, self.pooled_fund_paid),
            (A::OtherPaid, self.other_paid),
            (A::SelfPay, self.self_pay),
            (A::Deductible, self.deductible),
            (A::UpfrontSelfPay, self.upfront_self_pay),
            (A::OutOfScope, self.out_of_scope),
            (A::PersonalAccountPaid, self.personal_account_paid),
            (A::CashPaid, self.cash_paid),
            (A::ActualPaid, self.actual_paid),
        ]
    }

    /// The statement of a case as an example keeps it: no dates, which no rule asks for and which point at somebody.
    #[must_use]
    pub fn of(statement: &Statement) -> Self {
        let amount = |field| Some(statement.amount(field)).filter(|fen| *fen != Fen::ZERO).map(Amount);
        Self {
            days: Some(statement.days()),
            admitted_on: None,
            discharged_on: None,
            hospital_level: Some(statement.hospital_level),
            insurance_type: Some(statement.insurance_type),
            non_local: statement.non_local,
            non_local_registered: statement.non_local_registered,
            total: amount(AmountField::Total),
            pooled_fund_paid: amount(AmountField::PooledFundPaid),
            other_paid: amount(AmountField::OtherPaid),
            self_pay: amount(AmountField::SelfPay),
            deductible: amount(AmountField::Deductible),
            upfront_self_pay: amount(AmountField::UpfrontSelfPay),
            out_of_scope: amount(AmountField::OutOfScope),
            personal_account_paid: amount(AmountField::PersonalAccountPaid),
            cash_paid: amount(AmountField::CashPaid),
            actual_paid: amount(AmountField::ActualPaid),
        }
    }

    pub(super) fn stay(&self, incident: NaiveDate) -> Result<Period, &'static str> {
        let days = match (self.admitted_on, self.discharged_on) {
            (None, None) => {
                let days = self.days.unwrap_or(1);
                let to = incident.checked_add_days(Days::new(u64::from(days)));
                let stay = to.and_then(|to| Period::new(incident, to));
                return stay.filter(|_| (1..=3660).contains(&days)).ok_or("example_days");
            }
            (Some(from), Some(to)) => Period::new(from, to).ok_or("example_dates")?,
            _ => return Err("example_both_dates"),
        };
        let agree = self.days.is_none_or(|d| d == days_of_stay(days.from, days.to));
        if agree { Ok(days) } else { Err("example_days_differ") }
    }

    pub(super) fn statement(&self, incident: NaiveDate) -> Result<Statement, &'static str> {
        let amounts = self.amounts().map(|(field, amount)| (field, amount.map_or(Fen::ZERO, |a| a.0)));
        let mut statement = Statement::of(self.stay(incident)?, &amounts);
        statement.hospital_level = self.hospital_level.unwrap_or(HospitalLevel::Tertiary);
        statement.insurance_type = self.insurance_type.unwrap_or(InsuranceType::Employee);
        statement.non_local = self.non_local;
        statement.non_local_registered = self.non_local_registered;
        Ok(statement)
    }
}
