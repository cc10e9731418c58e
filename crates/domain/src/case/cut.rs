//! 核减: what a reviewer takes off a statement. The statement as it was submitted stays what it is; what is computed from is it
//! less the cuts that stand.
use crate::{money::Fen, statement::StatementDraft};

code_enum! {
    /// What of a statement is cut. The total and what the person paid go down with it, so the statement stays balanced.
    CutPart {
        /// 个人自付金额.
        SelfPay,
        /// 全额自费.
        OutOfScope,
    }
}

code_enum! {
    /// Why an amount is cut (核减原因).
    CutReason {
        /// 不属于保障范围的费用.
        NotCovered,
        /// 与本次出险无关.
        Unrelated,
        /// 重复收费.
        ChargedTwice,
        /// 其他渠道已报销.
        PaidElsewhere,
        /// 没有票据或清单.
        NoProof,
        /// 其他: the note says it.
        Other,
    }
}

/// A cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Which statement, from 0.
    pub statement: usize,
    /// What of it.
    pub part: CutPart,
    /// How much, above 0.
    pub amount: Fen,
    /// Why.
    pub reason: CutReason,
}

/// The most that can be cut of a part: 起付线 and 先行自付 are parts of 个人自付 that stay.
#[must_use]
pub fn room(statement: &StatementDraft, part: CutPart) -> Fen {
    let of = |amount: Option<Fen>| amount.unwrap_or_default();
    match part {
        CutPart::SelfPay => {
            let stays = of(statement.deductible_fen) + of(statement.upfront_self_pay_fen);
            (of(statement.self_pay_fen) - stays).max(Fen::ZERO)
        }
        CutPart::OutOfScope => of(statement.out_of_scope_fen).max(Fen::ZERO),
    }
}

/// The statements less the cuts, in their order; a cut of a statement that isn't there, or of more than there is, takes what it can.
#[must_use]
pub fn less(statements: &[StatementDraft], cuts: &[Cut]) -> Vec<StatementDraft> {
    let mut out = statements.to_vec();
    for cut in cuts {
        let Some(statement) = out.get_mut(cut.statement) else { continue };
        let amount = cut.amount.min(room(statement, cut.part));
        let take = |from: &mut Option<Fen>| {
            let taken = from.map_or(Fen::ZERO, |have| have.min(amount).max(Fen::ZERO));
            *from = from.map(|have| have - taken);
            taken
        };
        match cut.part {
            CutPart::SelfPay => take(&mut statement.self_pay_fen),
            CutPart::OutOfScope => take(&mut statement.out_of_scope_fen),
        };
        take(&mut statement.total_fen);
        take(&mut statement.actual_paid_fen);
        let rest = amount - take(&mut statement.cash_paid_fen);
        if let Some(account) = &mut statement.personal_account_paid_fen {
            *account = (*account - rest).max(Fen::ZERO);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn statement(self_pay: i64, deductible: i64, out_of_scope: i64, account: i64) -> StatementDraft {
        let fen = |n: i64| Some(Fen(n));
        StatementDraft {
            total_fen: fen(1_000_000 + self_pay + out_of_scope),
            pooled_fund_paid_fen: fen(1_000_000),
            self_pay_fen: fen(self_pay),
            deductible_fen: fen(deductible),
            out_of_scope_fen: fen(out_of_scope),
            personal_account_paid_fen: fen(account),
            cash_paid_fen: fen(self_pay + out_of_scope - account),
            actual_paid_fen: fen(self_pay + out_of_scope),
            ..StatementDraft::default()
        }
    }

    fn of(part: CutPart, amount: i64) -> Cut {
        Cut { statement: 0, part, amount: Fen(amount), reason: CutReason::NotCovered }
    }

    #[test]
    fn a_cut_leaves_deductible_and_upfront_payment_alone() {
        let paper = statement(500, 200, 80, 0);
        assert_eq!((room(&paper, CutPart::SelfPay), room(&paper, CutPart::OutOfScope)), (Fen(300), Fen(80)));
        let after = &less(std::slice::from_ref(&paper), &[of(CutPart::SelfPay, 120), of(CutPart::OutOfScope, 80)])[0];
        assert_eq!((after.self_pay_fen, after.out_of_scope_fen), (Some(Fen(380)), Some(Fen(0))));
        assert_eq!((after.total_fen, after.cash_paid_fen), (Some(Fen(1_000_380)), Some(Fen(380))));
        assert_eq!(less(std::slice::from_ref(&paper), &[Cut { statement: 3, ..of(CutPart::SelfPay, 1) }]), [paper]);
    }

    proptest! {
        #[test]
        fn what_is_left_balances_and_is_never_negative(
            self_pay in 0_i64..100_000, deductible in 0_i64..100_000, out_of_scope in 0_i64..100_000,
            account in 0_i64..100_000, cuts in prop::collection::vec((any::<bool>(), 1_i64..80_000), 0..6),
        ) {
            let paper = statement(self_pay, deductible.min(self_pay), out_of_scope, account.min(self_pay + out_of_scope));
            let cuts: Vec<Cut> = cuts.iter()
                .map(|(own, n)| of(if *own { CutPart::SelfPay } else { CutPart::OutOfScope }, *n)).collect();
            let after = &less(std::slice::from_ref(&paper), &cuts)[0];
            let sum = |amounts: &[Option<Fen>]| amounts.iter().map(|a| a.unwrap_or_default()).sum::<Fen>();
            prop_assert_eq!(after.total_fen.unwrap(), sum(&[after.pooled_fund_paid_fen, after.self_pay_fen, after.out_of_scope_fen]));
            prop_assert_eq!(sum(&[after.personal_account_paid_fen, after.cash_paid_fen]), sum(&[after.self_pay_fen, after.out_of_scope_fen]));
            prop_assert!(after.amounts().iter().all(|(_, a)| a.unwrap_or_default() >= Fen::ZERO));
            prop_assert!(after.self_pay_fen.unwrap() >= after.deductible_fen.unwrap());
            prop_assert!(after.self_pay_fen <= paper.self_pay_fen);
        }
    }
}
