//! What must hold of every plan and every claim.
#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

mod support;

use huzhu_domain::{
    benefit::{
        Amount, Band, BandMode, Benefit, Calculation, Caps, DailyAllowance, Deductible, EndsCover, Formula, Liability,
        Plan, Rate, Reimbursement, Rounding, Scope, Step, Threshold, Usage, UsageBook,
    },
    money::{Fen, MAX_AMOUNT},
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use support::{
    claims::{Facts, Paper, facts, paper},
    config,
    examples::plan_with_examples,
    fen, pick,
    plans::{plain, plan, plan_with},
    rules,
};

/// What a liability or a group has used, against its caps.
fn within(caps: &Caps, used: Usage, shares: u32, of: &str) -> Result<(), TestCaseError> {
    let cap = caps.amount_for(shares);
    prop_assert!(cap.is_none_or(|cap| used.amount <= cap), "{of}: {} of {cap:?}", used.amount);
    prop_assert!(caps.days.is_none_or(|cap| used.days <= cap), "{of}: {} of {:?} days", used.days, caps.days);
    prop_assert!(caps.times.is_none_or(|cap| used.times <= cap), "{of}: {} of {:?} times", used.times, caps.times);
    prop_assert!(caps.stays.is_none_or(|cap| used.stays <= cap), "{of}: {} of {:?} stays", used.stays, caps.stays);
    Ok(())
}

/// What one claim was paid, against the limits of its stays and of itself.
fn within_limits(liability: &Liability, done: &Calculation, facts: &Facts) -> Result<(), TestCaseError> {
    prop_assert!((Fen::ZERO..=MAX_AMOUNT).contains(&done.amount), "{}", done.amount);
    let stays = u32::try_from(facts.papers.len()).unwrap();
    let lump = done.trace.iter().any(|s| matches!(s.step, Step::WaitingSum { .. }));
    let times = |limit: Amount, n: u32| limit.0.times(facts.shares).times(n);
    let of_stays = liability.per_stay.amount.filter(|_| !lump).map(|cap| times(cap, stays));
    prop_assert!(of_stays.is_none_or(|cap| done.amount <= cap), "{} of {of_stays:?} for stays", done.amount);
    let of_claim = liability.per_claim.amount.map(|cap| times(cap, 1));
    prop_assert!(of_claim.is_none_or(|cap| done.amount <= cap), "{} of {of_claim:?} for a claim", done.amount);
    prop_assert!(liability.per_stay.days.is_none_or(|cap| done.usage.days <= cap * stays));
    prop_assert!(liability.per_claim.days.is_none_or(|cap| done.usage.days <= cap));
    Ok(())
}

fn used_of(plan: &Plan, used: Usage) -> UsageBook {
    UsageBook::from_iter([(plan.liabilities[0].code.clone(), used)])
}

/// A rule of whole percents on 个人自付, so that whole yuan come to whole fen.
fn percents(mut rule: Reimbursement) -> Reimbursement {
    rule.base = Formula::parse("self_pay").unwrap();
    (rule.bands_on, rule.bands_apply) = (None, BandMode::Marginal);
    (rule.bands_for, rule.modifiers) = (Vec::new(), Vec::new());
    let yuan = |amount: &mut Amount| amount.0 = Fen(amount.0.0 / 100 * 100);
    for band in &mut rule.bands {
        band.rate = Rate(band.rate.0.round_dp(2));
        band.to.iter_mut().for_each(yuan);
    }
    rule.deductible.iter_mut().for_each(|d| yuan(&mut d.amount));
    rule
}

fn stays(costs: &[i64]) -> Vec<Paper> {
    costs.iter().map(|yuan| Paper::plain(yuan * 100, 1)).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_random_plan_makes_sense_and_reads_back_from_its_text(plan in plan_with_examples()) {
        prop_assert_eq!(plan.faults(), vec![]);
        let text = plan.to_text().unwrap();
        prop_assert_eq!(Plan::parse(&text).unwrap(), plan);
    }

    #[test]
    fn the_changes_of_a_trace_sum_to_its_amount(plan in plan(), facts in facts(), used in fen(), days in 0_u32..9) {
        let usage = Usage { times: days / 3, stays: days / 2, amount: Fen(used), days, base: Fen(used / 2) };
        let code = plan.liabilities[facts.liability].code.clone();
        let book = UsageBook::from_iter([(code, usage)]);
        let done = facts.calculate(&plan, &book);
        let sum: Decimal = done.trace.iter().map(|s| s.change).sum();
        prop_assert_eq!(sum, done.amount.to_yuan());
        prop_assert_eq!(done.trace.last().map(|s| s.amount), Some(done.amount));
        prop_assert_eq!(done.usage.amount, done.amount);
        prop_assert_eq!(facts.calculate(&plan, &book), done, "same input, same output");
    }

    #[test]
    fn no_row_of_claims_passes_a_limit_and_none_is_negative(
        plan in plan(), rows in prop::collection::vec(facts(), 1..9), shares in 1_u32..4,
    ) {
        let mut book = UsageBook::default();
        for row in rows {
            let row = Facts { shares, ..row };
            let liability = &plan.liabilities[row.liability];
            let done = row.calculate(&plan, &book);
            within_limits(liability, &done, &row)?;
            let ended = liability.ends_cover.is_some() && book.of(&liability.code).amount > Fen::ZERO;
            let by_other = book.paid_others(&plan, &liability.code).any(|code| {
                let ends = plan.liability(code).unwrap().ends_cover == Some(EndsCover::Plan);
                ends || plan.groups_of(&liability.code).any(|g| g.exclusive && g.liabilities.iter().any(|c| c == code))
            });
            prop_assert!(!(ended || by_other) || done.amount == Fen::ZERO, "ended, but {}", done.amount);
            book.reserve(&liability.code, done.usage);
            for liability in &plan.liabilities {
                within(&liability.caps, book.of(&liability.code), shares, &liability.code)?;
            }
            for group in &plan.groups {
                within(&group.caps, book.of_group(group), shares, &group.code)?;
            }
        }
    }

    #[test]
    fn a_higher_cost_pays_no_less(
        plan in plan_with(rules::reimbursement().prop_map(Benefit::Reimbursement).boxed()),
        facts in facts(), base in pick(rules::RISING.to_vec()), more in 0..=1_000_000_i64,
    ) {
        // Whole bands, and bands on another quantity, step down by design; reaching a threshold counts earlier stays,
        // which then lie in other bands. A dearer earlier stay may push a later one into a band that pays less.
        let mut plan = plan;
        let Benefit::Reimbursement(rule) = &mut plan.liabilities[0].benefit else { return Ok(()) };
        rule.base = Formula::parse(base).unwrap();
        (rule.bands_apply, rule.bands_on) = (BandMode::Marginal, None);
        rule.deductible.iter_mut().for_each(|d| d.counts = Threshold::Excess);
        let facts = Facts { liability: 0, ..facts };
        let mut dearer = facts.clone();
        dearer.papers.last_mut().unwrap().amounts[3] += more;
        let book = used_of(&plan, Usage { times: 0, stays: 1, base: Fen(more / 3), ..Usage::default() });
        prop_assert!(dearer.calculate(&plan, &book).amount >= facts.calculate(&plan, &book).amount);
    }

    #[test]
    fn a_longer_stay_pays_no_less(
        plan in plan_with(rules::daily_allowance().prop_map(Benefit::DailyAllowance).boxed()),
        facts in facts(), more in 1_u32..50, before in 0_u32..9,
    ) {
        let mut plan = plan;
        let Benefit::DailyAllowance(rule) = &mut plan.liabilities[0].benefit else { return Ok(()) };
        // Once a threshold is reached, earlier days are paid by the sum of the stay that reached it.
        if rule.waived_per != Scope::Stay {
            rule.waived_counts = Threshold::Excess;
        }
        let facts = Facts { liability: 0, ..facts };
        let mut longer = facts.clone();
        longer.papers.last_mut().unwrap().days += more;
        let base = Fen(i64::from(before) * 100);
        let book = used_of(&plan, Usage { stays: 1, base, ..Usage::default() });
        prop_assert!(longer.calculate(&plan, &book).amount >= facts.calculate(&plan, &book).amount);
    }

    #[test]
    fn splitting_a_band_changes_nothing(
        plan in plan_with(rules::reimbursement().prop_map(Benefit::Reimbursement).boxed()),
        facts in facts(), at in 1..=4_000_000_i64, used in fen(),
    ) {
        let mut split = plan.clone();
        let Benefit::Reimbursement(rule) = &mut split.liabilities[0].benefit else { return Ok(()) };
        let edge = Amount(Fen(at));
        for bands in std::iter::once(&mut rule.bands).chain(rule.bands_for.iter_mut().map(|o| &mut o.bands)) {
            let place = bands.iter().position(|b| b.to.is_none_or(|to| edge <= to)).unwrap();
            if bands[place].to != Some(edge) {
                let half = Band { to: Some(edge), ..bands[place].clone() };
                bands.insert(place, half);
            }
        }
        prop_assert_eq!(split.faults(), vec![]);
        let facts = Facts { liability: 0, ..facts };
        let book = used_of(&plan, Usage { base: Fen(used), ..Usage::default() });
        prop_assert_eq!(facts.calculate(&split, &book).amount, facts.calculate(&plan, &book).amount);
    }

    #[test]
    fn without_factors_and_minimum_no_more_is_paid_than_it_cost(
        rule in rules::reimbursement(), papers in prop::collection::vec(paper(), 1..4), shares in 1_u32..4,
    ) {
        let mut rule = rule;
        rule.modifiers.retain(|m| m.factor.is_none());
        let plan = plain(Benefit::Reimbursement(rule.clone()));
        let cost: Decimal = papers.iter().map(|p| rule.base.of(&p.statement())).sum();
        let facts = Facts { shares, ..Facts::plain(papers) };
        let most = Fen::from_yuan(cost * Decimal::from(shares));
        prop_assert!(facts.calculate(&plan, &UsageBook::default()).amount <= most);
    }

    #[test]
    fn what_is_released_is_as_if_it_had_never_been(
        rows in prop::collection::vec((0..3_u8, 0_u32..9, 0..9_999_i64), 1..12), at in any::<prop::sample::Index>(),
    ) {
        let usage = |(_, n, fen): &(u8, u32, i64)| {
            Usage { times: n % 2, stays: *n, amount: Fen(*fen), days: *n, base: Fen(fen * 3) }
        };
        let entry = |row: &(u8, u32, i64)| (format!("l{}", row.0), usage(row));
        let at = at.index(rows.len());
        let mut book: UsageBook = rows.iter().map(entry).collect();
        let (code, released) = entry(&rows[at]);
        let before = book.clone();
        book.release(&code, released);
        let without = rows.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, row)| entry(row));
        prop_assert_eq!(&book, &without.collect::<UsageBook>());
        book.reserve(&code, released);
        prop_assert_eq!(book, before);
    }

    #[test]
    fn the_order_of_closing_does_not_matter_under_a_flat_rate_and_a_cap_in_money(
        claims in prop::collection::vec((0..20_000_i64, 0..9_u32), 1..7).prop_shuffle(), percent in 0..=100_i64,
        cap in 1..=1_000_000_i64, rounding in pick(vec![Rounding::Fen, Rounding::Yuan, Rounding::YuanDown]),
    ) {
        let text = "bands = [{ rate = \"50%\" }]";
        let golden = include_str!("golden/rounding.toml");
        let mut plan = Plan::parse(&golden.replacen(text, &format!("bands = [{{ rate = \"{percent}%\" }}]"), 1)).unwrap();
        plan.liabilities[0].caps.amount = Some(Amount(Fen(cap)));
        // A rest that is dropped at a cap is dropped from another claim in another order.
        plan.liabilities[0].rounding = if cap % 100 == 0 && percent == 100 { rounding } else { Rounding::Fen };
        let paid = |claims: &[(i64, u32)]| {
            let mut book = UsageBook::default();
            for (yuan, _) in claims {
                let done = Facts::plain(stays(&[*yuan])).calculate(&plan, &book);
                book.reserve("fen", done.usage);
            }
            book.of("fen")
        };
        let mut other = claims.clone();
        other.sort_by_key(|(_, order)| *order);
        prop_assert_eq!(paid(&claims).amount, paid(&other).amount);
        prop_assert_eq!(paid(&claims).base, paid(&other).base);
    }

    #[test]
    fn what_accumulates_over_the_period_pays_the_same_however_it_is_claimed(
        rule in rules::reimbursement(), limit in 0..5000_i64, counts in pick(vec![Threshold::Excess, Threshold::Whole]),
        with in any::<bool>(), costs in prop::collection::vec(0..20_000_i64, 1..6),
    ) {
        let mut rule = percents(rule);
        let deductible = || Deductible { amount: Amount(Fen(limit * 100)), per: Scope::Period, counts, other: vec![] };
        (rule.accumulate, rule.deductible) = (Scope::Period, with.then(deductible));
        let plan = plain(Benefit::Reimbursement(rule));
        let mut book = UsageBook::default();
        for cost in &costs {
            let done = Facts::plain(stays(&[*cost])).calculate(&plan, &book);
            book.reserve("fen", done.usage);
        }
        let none = UsageBook::default();
        let together = Facts::plain(stays(&costs)).calculate(&plan, &none).amount;
        prop_assert_eq!(Facts::plain(stays(&[costs.iter().sum()])).calculate(&plan, &none).amount, together);
        prop_assert_eq!(book.of("fen").amount, together);
    }

    #[test]
    fn stays_of_a_claim_accumulate_as_one(rule in rules::reimbursement(), costs in prop::collection::vec(0..20_000_i64, 1..5)) {
        let mut rule = percents(rule);
        rule.accumulate = Scope::Claim;
        rule.deductible = rule.deductible.map(|d| Deductible { per: Scope::Claim, other: vec![], ..d });
        let plan = plain(Benefit::Reimbursement(rule));
        let none = UsageBook::default();
        let one = Facts::plain(stays(&[costs.iter().sum()])).calculate(&plan, &none).amount;
        prop_assert_eq!(Facts::plain(stays(&costs)).calculate(&plan, &none).amount, one);
    }

    #[test]
    fn days_waived_over_the_period_are_waived_once_however_they_are_claimed(
        per_day in 1..1000_i64, waived_days in 0_u32..20, whole in any::<bool>(),
        days in prop::collection::vec(1_u32..12, 1..6),
    ) {
        let waived_counts = if whole { Threshold::Whole } else { Threshold::Excess };
        let plan = plain(Benefit::DailyAllowance(DailyAllowance {
            per_day: Some(Amount(Fen(per_day))), tiers: vec![], waived_days, waived_per: Scope::Period, waived_counts,
            modifiers: vec![],
        }));
        let mut book = UsageBook::default();
        for n in &days {
            let done = Facts::plain(vec![Paper::plain(0, *n)]).calculate(&plan, &book);
            book.reserve("fen", done.usage);
        }
        let all: u32 = days.iter().sum();
        let paid = if whole && all > waived_days { all } else { all.saturating_sub(waived_days) };
        prop_assert_eq!((book.of("fen").days, book.of("fen").amount), (paid, Fen(per_day).times(paid)));
        let papers = days.iter().map(|n| Paper::plain(0, *n)).collect();
        prop_assert_eq!(Facts::plain(papers).calculate(&plan, &UsageBook::default()).usage.days, paid);
    }
}

#[test]
fn absurd_amounts_are_bounded_and_still_the_sum_of_their_trace() {
    let rule = r#"base = "total * 9.999999"
        bands = [{ to = "77777.77", rate = "0.333333" }, { rate = "0.999999" }]"#;
    let golden = include_str!("golden/rounding.toml");
    let plain_rule = "base = \"self_pay\"\nbands = [{ rate = \"50%\" }]";
    assert!(golden.contains(plain_rule));
    let plan =
        Plan::parse(&golden.replacen(plain_rule, rule, 1).replace("amount = \"0.01\"", "amount = \"0\"")).unwrap();
    let mut paper = Paper::plain(0, 1);
    paper.amounts[0] = MAX_AMOUNT.0;
    let facts = Facts { shares: 10_000, ..Facts::plain(vec![paper; 100]) };
    let done = facts.calculate(&plan, &UsageBook::default());
    assert_eq!(done.amount, MAX_AMOUNT);
    assert_eq!(done.trace.iter().map(|s| s.change).sum::<Decimal>(), MAX_AMOUNT.to_yuan());
}
