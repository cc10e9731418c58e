//! What must hold of every plan and every claim.
#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

mod support;

use huzhu_domain::{
    benefit::{Band, BandMode, Benefit, Calculation, Liability, Plan, Scope, Threshold, Usage, UsageBook},
    money::Fen,
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use support::{Facts, facts, plan};

fn within_caps(plan: &Plan, liability: &Liability, shares: u32, book: &UsageBook) -> Result<(), TestCaseError> {
    let used = book.of(&liability.code);
    if let Some(cap) = liability.caps.amount_for(shares) {
        prop_assert!(used.amount <= cap, "{} of {cap} yuan", used.amount);
    }
    prop_assert!(liability.caps.days.is_none_or(|cap| used.days <= cap), "{} days", used.days);
    prop_assert!(liability.caps.times.is_none_or(|cap| used.times <= cap), "{} times", used.times);
    for group in &plan.groups {
        let used = book.of_group(group);
        prop_assert!(group.caps.amount_for(shares).is_none_or(|cap| used.amount <= cap), "group {}", used.amount);
        prop_assert!(group.caps.times.is_none_or(|cap| used.times <= cap));
    }
    Ok(())
}

fn sum_of_changes(calculation: &Calculation) -> Decimal {
    calculation.trace.iter().map(|s| s.change).sum()
}

proptest! {
    #![proptest_config(support::config())]

    #[test]
    fn a_random_plan_makes_sense_and_reads_back_from_its_text(plan in plan()) {
        prop_assert_eq!(plan.faults(), vec![]);
        let text = plan.to_text().unwrap();
        prop_assert_eq!(Plan::parse(&text).unwrap(), plan);
    }

    #[test]
    fn no_row_of_claims_passes_a_cap_and_none_is_negative(
        plan in plan(), rows in prop::collection::vec(facts(), 1..8), shares in 1_u32..3,
    ) {
        let mut book = UsageBook::default();
        for row in rows {
            let row = Facts { shares, ..row };
            let liability = &plan.liabilities[row.liability];
            let done = row.calculate(&plan, &book);
            prop_assert!(done.amount >= Fen::ZERO);
            let stays = i64::try_from(row.stays.len()).unwrap();
            if let Some(cap) = liability.per_stay.amount {
                // Rounding up may pass a cap of stays by less than a yuan; the caps of claim and period hold after it.
                prop_assert!(done.amount.0 <= cap.0.0 * stays * i64::from(shares) + 99);
            }
            if let Some(cap) = liability.per_claim.amount {
                prop_assert!(done.amount <= cap.0.times(shares));
            }
            if done.amount > Fen::ZERO {
                book.reserve(&liability.code, done.usage);
            }
            within_caps(&plan, liability, shares, &book)?;
        }
    }

    #[test]
    fn the_changes_of_a_trace_sum_to_its_amount(plan in plan(), facts in facts(), used in 0_i64..500_000) {
        let usage = Usage { times: 1, stays: 1, amount: Fen(used), days: 2, base: Fen(used * 2) };
        let code = plan.liabilities[facts.liability].code.clone();
        let book = UsageBook::from_iter([(code, usage)]);
        let done = facts.calculate(&plan, &book);
        prop_assert_eq!(sum_of_changes(&done), done.amount.to_yuan());
        prop_assert_eq!(done.trace.last().map(|s| s.amount), Some(done.amount));
        prop_assert_eq!(facts.calculate(&plan, &book), done, "same input, same output");
    }

    #[test]
    fn a_higher_cost_pays_no_less(mut plan in plan(), facts in facts(), more in 1_i64..=1_000_000) {
        // Whole bands and thresholds, and shares of another quantity, step down by design.
        let Benefit::Reimbursement(rule) = &mut plan.liabilities[facts.liability].benefit else { return Ok(()) };
        rule.bands_apply = BandMode::Marginal;
        rule.bands_on = None;
        if let Some(deductible) = &mut rule.deductible {
            deductible.counts = Threshold::Excess;
        }
        let higher = Facts { stays: facts.stays.iter().map(|s| (s.0 + more, s.1, s.2, s.3)).collect(), ..facts.clone() };
        let book = UsageBook::default();
        prop_assert!(higher.calculate(&plan, &book).amount >= facts.calculate(&plan, &book).amount);
    }

    #[test]
    fn splitting_a_band_changes_nothing(plan in plan(), facts in facts(), at in 1_i64..=6_000_000, used in 0_i64..900_000) {
        let Benefit::Reimbursement(rule) = &plan.liabilities[facts.liability].benefit else { return Ok(()) };
        let edge = huzhu_domain::benefit::Amount(Fen(at));
        if rule.bands.iter().any(|b| b.to == Some(edge)) {
            return Ok(());
        }
        let mut split: Plan = plan.clone();
        let Benefit::Reimbursement(rule) = &mut split.liabilities[facts.liability].benefit else { return Ok(()) };
        let place = rule.bands.iter().position(|b| b.to.is_none_or(|to| edge < to)).unwrap();
        let half = Band { to: Some(edge), ..rule.bands[place].clone() };
        rule.bands.insert(place, half);
        let code = plan.liabilities[facts.liability].code.clone();
        let book = UsageBook::from_iter([(code, Usage { base: Fen(used), ..Usage::default() })]);
        prop_assert_eq!(facts.calculate(&split, &book).amount, facts.calculate(&plan, &book).amount);
    }

    #[test]
    fn what_is_released_is_as_if_it_had_never_been(rows in prop::collection::vec((0..3_u8, 0_u32..9, 0_i64..9_999), 1..12), at in 0..12_usize) {
        let usage = |(_, n, fen): &(u8, u32, i64)| Usage { times: 1, stays: *n, amount: Fen(*fen), days: *n, base: Fen(fen * 3) };
        let code = |row: &(u8, u32, i64)| format!("l{}", row.0);
        let at = at % rows.len();
        let mut book = UsageBook::default();
        rows.iter().for_each(|row| book.reserve(&code(row), usage(row)));
        book.release(&code(&rows[at]), usage(&rows[at]));
        for i in 0..3 {
            let without: Usage = rows.iter().enumerate().filter(|(j, r)| *j != at && r.0 == i).map(|(_, r)| usage(r)).sum();
            prop_assert_eq!(book.of(&format!("l{i}")), without);
        }
    }

    #[test]
    fn the_order_of_claims_does_not_matter_under_a_flat_rate_and_a_cap_in_money(
        plan in plan(), costs in prop::collection::vec(1_i64..=900_000, 2..6), cap in 1_i64..=1_000_000,
    ) {
        let text = format!(
            "code = \"flat\"\nversion = \"1\"\nname = \"一\"\neffective_from = \"2024-01-01\"\neffective_to = \"2024-12-31\"\n\
             [[liability]]\ncode = \"l0\"\nname = \"一\"\nclaim_types = [\"disease_inpatient\"]\ncaps = {{ amount = \"{}\" }}\n\
             [liability.benefit.reimbursement]\nbase = \"self_pay\"\nbands = [{{ rate = \"0.50\" }}]\n",
            Fen(cap * 2).to_yuan()
        );
        drop(plan);
        let plan = Plan::parse(&text).unwrap();
        let paid = |costs: &mut dyn Iterator<Item = i64>| {
            let mut book = UsageBook::default();
            for cost in costs {
                let facts = Facts { liability: 0, stays: vec![(cost * 2, 1, 0, false)], class: 0, grades: vec![], shares: 1, day: 9, renewed: true };
                let done = facts.calculate(&plan, &book);
                book.reserve("l0", done.usage);
            }
            book.of("l0").amount
        };
        prop_assert_eq!(paid(&mut costs.iter().copied()), paid(&mut costs.iter().rev().copied()));
    }

    #[test]
    fn bands_that_accumulate_pay_the_same_however_the_cost_is_cut(bands in support::bands(), costs in prop::collection::vec(0_i64..=2_000_000, 1..4)) {
        let rule = |plan: &mut Plan| {
            let liability = &mut plan.liabilities[0];
            liability.benefit = Benefit::Reimbursement(huzhu_domain::benefit::Reimbursement {
                base: huzhu_domain::benefit::Formula::parse("self_pay").unwrap(),
                deductible: None, bands: bands.clone(), bands_on: None, bands_apply: BandMode::Marginal,
                accumulate: Scope::Claim, bands_for: vec![], modifiers: vec![],
            });
        };
        let text = include_str!("golden/formulas.toml");
        let mut plan = Plan::parse(text).unwrap();
        rule(&mut plan);
        let facts = |stays: Vec<i64>| Facts {
            liability: 0, stays: stays.into_iter().map(|c| (c, 1, 0, false)).collect(), class: 0, grades: vec![], shares: 1, day: 9, renewed: true,
        };
        let whole = facts(vec![costs.iter().sum()]).calculate(&plan, &UsageBook::default());
        prop_assert_eq!(facts(costs).calculate(&plan, &UsageBook::default()).amount, whole.amount);
    }
}
