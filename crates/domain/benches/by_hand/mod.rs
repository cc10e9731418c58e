//! The two rules of the benchmark as somebody would write them for one office and one year: in integers, each once bare and
//! once with the same trace.
use huzhu_domain::{
    benefit::{
        Calculation, CapOf, Claim, Modifier, Quantity, Rounding, Scope, Step, Threshold, Token, TraceStep, Usage,
    },
    money::Fen,
    statement::{AmountField, HospitalLevel, Statement},
};
use rust_decimal::Decimal;

fn quantity(statement: &Statement, field: AmountField) -> Token {
    Token::Quantity { quantity: Quantity::Amount(field), value: Decimal::new(statement.amount(field).0, 2) }
}

/// The day of the coverage that the incident falls on, where 观察期 is asked at all.
fn waiting_day(claim: &Claim<'_>) -> Option<u32> {
    let waits = !claim.coverage.renewed && !claim.claim_type.is_accident();
    claim.coverage.period.ordinal(claim.incident_date).filter(|_| waits)
}

pub mod harbin {
    use super::{AmountField, Calculation, CapOf, Claim, Decimal, Fen, Step, TraceStep, Usage, quantity, waiting_day};

    const CAP: Fen = Fen(800_000);

    /// Half of 个人自付, twice and 8 000 yuan in a period, 30 days of waiting.
    pub fn bare(claim: &Claim<'_>, used: Usage) -> Fen {
        let outside = !claim.coverage.period.contains(claim.incident_date);
        if outside || waiting_day(claim).is_some_and(|day| day <= 30) || used.times >= 2 {
            return Fen::ZERO;
        }
        let base: i64 = claim.statements.iter().map(|s| s.amount(AmountField::SelfPay).0).sum();
        Fen(((base + 1) / 2).min(CAP.0 - used.amount.0))
    }

    /// The same with its trace.
    pub fn traced(claim: &Claim<'_>, used: Usage) -> Calculation {
        let mut trace = Vec::with_capacity(8);
        let mut push = |step, statement, amount: Fen, change: i64| {
            let change = Decimal::new(change, 3).normalize();
            trace.push(TraceStep { step, clause: "第六条".to_owned(), statement, amount, change });
        };
        let mut sum = 0;
        for (i, s) in claim.statements.iter().enumerate() {
            let base = s.amount(AmountField::SelfPay);
            push(Step::Base { formula: vec![quantity(s, AmountField::SelfPay)] }, Some(i + 1), base, 0);
            let band = Step::Band { from: Fen::ZERO, to: None, rate: "50%".to_owned(), part: base, whole: false };
            push(band, Some(i + 1), Fen((base.0 + 1) / 2), base.0 * 5);
            sum += base.0;
        }
        let amount = bare(claim, used);
        let left = Fen(CAP.0 - used.amount.0);
        let change = (left.0 * 10 - sum * 5).min(0);
        push(Step::CapAmount { of: CapOf::Period, cap: CAP, used: used.amount, left }, None, amount, change);
        push(Step::Amount {}, None, amount, 0);
        let stays = u32::try_from(claim.statements.len()).unwrap_or(u32::MAX);
        let usage = Usage { times: 1, stays, amount, days: 0, base: Fen(sum) };
        Calculation { amount, usage, trace }
    }
}

pub mod combined {
    use super::{
        AmountField, Calculation, CapOf, Claim, Decimal, Fen, HospitalLevel, Modifier, Rounding, Scope, Statement,
        Step, Threshold, Token, TraceStep, Usage, quantity, waiting_day,
    };

    /// Where each band ends, and its rate in percent.
    const BANDS: [(i64, i64); 5] = [(500_000, 30), (1_000_000, 35), (2_000_000, 40), (3_000_000, 45), (i64::MAX, 50)];
    const DEDUCTIBLE: i64 = 50_000;
    /// Amounts inside are in thousandths of a fen: rates are percents, the factor tenths.
    const FEN: i64 = 1000;
    const PER_STAY: Fen = Fen(3_000_000);
    const PER_CLAIM: Fen = Fen(5_000_000);
    const PER_PERIOD: Fen = Fen(8_000_000);
    const OF_GROUP: Fen = Fen(9_000_000);

    fn base(s: &Statement) -> i64 {
        s.amount(AmountField::SelfPay).0 + s.amount(AmountField::OutOfScope).0.min(2_000_000) / 2
    }

    fn second(used: Usage, i: usize) -> bool {
        used.stays as usize + i >= 1
    }

    /// Each band that the costs from one place to another lie in: where it begins and ends, its rate, what lies in it.
    fn parts(from: i64, to: i64) -> impl Iterator<Item = (i64, i64, i64, i64)> {
        let starts = std::iter::once(0).chain(BANDS.iter().map(|b| b.0));
        let part = move |(start, (end, rate)): (i64, &(i64, i64))| (start, *end, *rate, to.min(*end) - from.max(start));
        starts.zip(&BANDS).map(part).filter(|p| p.3 > 0)
    }

    fn rounded(thousandths: i64) -> Fen {
        Fen((thousandths + 50 * FEN) / (100 * FEN) * 100)
    }

    /// Without a trace.
    pub fn bare(claim: &Claim<'_>, used: Usage, group: Fen) -> Fen {
        let day = waiting_day(claim);
        let outside = !claim.coverage.period.contains(claim.incident_date);
        if outside || day.is_some_and(|day| day <= 30) || used.times >= 5 {
            return Fen::ZERO;
        }
        let (mut raw, mut total) = (used.base.0, 0);
        for (i, s) in claim.statements.iter().take(9_usize.saturating_sub(used.stays as usize)).enumerate() {
            let (from, to) = ((raw - DEDUCTIBLE).max(0), (raw + base(s) - DEDUCTIBLE).max(0));
            raw += base(s);
            let points = if second(used, i) { 5 } else { 0 };
            let tenths = if s.hospital_level == HospitalLevel::Secondary { 11 } else { 10 };
            let paid: i64 = parts(from, to).map(|(_, _, rate, part)| part * (rate - points) * tenths).sum();
            total += if paid > 0 { paid.clamp(5_000 * FEN, PER_STAY.0 * FEN) } else { 0 };
        }
        if day.is_some_and(|day| day <= 60) {
            total /= 2;
        }
        let left = PER_CLAIM.0.min(PER_PERIOD.0 - used.amount.0).min(OF_GROUP.0 - group.0);
        rounded(total.min(left * FEN))
    }

    struct Pen {
        trace: Vec<TraceStep>,
        statement: Option<usize>,
        running: i64,
    }

    impl Pen {
        fn push(&mut self, step: Step, clause: &str, amount: i64, change: i64) {
            let change = Decimal::new(change, 5).normalize();
            let amount = Fen((amount + FEN / 2) / FEN);
            self.trace.push(TraceStep { step, clause: clause.to_owned(), statement: self.statement, amount, change });
        }

        fn change(&mut self, step: Step, clause: &str, amount: i64) {
            self.push(step, clause, amount, amount - self.running);
            self.running = amount;
        }

        fn cap(&mut self, of: CapOf, clause: &str, cap: Fen, used: Fen) {
            let left = Fen(cap.0 - used.0);
            self.change(Step::CapAmount { of, cap, used, left }, clause, self.running.min(left.0 * FEN));
        }
    }

    fn formula(s: &Statement) -> Vec<Token> {
        let text = |t: &str| Token::Text(t.to_owned());
        vec![
            quantity(s, AmountField::SelfPay),
            text("+"),
            text("0.5"),
            text("*"),
            text("min"),
            text("("),
            quantity(s, AmountField::OutOfScope),
            text(","),
            text("20000"),
            text(")"),
        ]
    }

    /// With the trace of a claim that is neither refused nor waiting.
    pub fn traced(claim: &Claim<'_>, used: Usage, group: Fen, modifiers: &[Modifier; 2]) -> Calculation {
        let amount = bare(claim, used, group);
        let mut pen = Pen { trace: Vec::with_capacity(8), statement: None, running: 0 };
        let (mut raw, mut total) = (used.base.0, 0);
        for (i, s) in claim.statements.iter().enumerate() {
            (pen.statement, pen.running) = (Some(i + 1), 0);
            let (from, to) = ((raw - DEDUCTIBLE).max(0), (raw + base(s) - DEDUCTIBLE).max(0));
            pen.push(Step::Base { formula: formula(s) }, "第一条", base(s) * FEN, 0);
            let before = Fen(raw.min(DEDUCTIBLE));
            let (per, counts) = (Scope::Period, Threshold::Excess);
            let deductible = Step::Deductible { amount: Fen(DEDUCTIBLE), per, counts, before };
            pen.push(deductible, "第二条", (to - from) * FEN, 0);
            raw += base(s);
            for (start, end, rate, part) in parts(from, to) {
                let end = (end < i64::MAX).then_some(Fen(end));
                let rate_text = format!("{rate}%");
                let band = Step::Band { from: Fen(start), to: end, rate: rate_text, part: Fen(part), whole: false };
                pen.push(band, "第一条", part * rate * 10, part * rate * 10);
                pen.running += part * rate * 10;
            }
            let of =
                |points: i64, tenths: i64| parts(from, to).map(move |p| p.3 * (p.2 - points) * tenths).sum::<i64>();
            let step = |modifier: &Modifier| Step::Modifier { modifier: Box::new(modifier.clone()) };
            let points = if second(used, i) { 5 } else { 0 };
            if points > 0 {
                pen.change(step(&modifiers[0]), "第一条", of(points, 10));
            }
            if s.hospital_level == HospitalLevel::Secondary {
                pen.change(step(&modifiers[1]), "第一条", of(points, 11));
            }
            if pen.running > 0 && pen.running < 5_000 * FEN {
                pen.change(Step::Minimum { minimum: Fen(5_000) }, "第一条", 5_000 * FEN);
            }
            pen.cap(CapOf::Stay, "第三条", PER_STAY, Fen::ZERO);
            total += pen.running;
        }
        (pen.statement, pen.running) = (None, total);
        pen.cap(CapOf::Claim, "第三条", PER_CLAIM, Fen::ZERO);
        pen.cap(CapOf::Period, "第三条", PER_PERIOD, used.amount);
        pen.cap(CapOf::Group { group: "合计".to_owned() }, "第四条", OF_GROUP, group);
        if pen.running != amount.0 * FEN {
            pen.change(Step::Rounding { to: Rounding::Yuan }, "第一条", amount.0 * FEN);
        }
        pen.push(Step::Amount {}, "第一条", amount.0 * FEN, 0);
        let stays = u32::try_from(claim.statements.len()).unwrap_or(u32::MAX);
        let usage = Usage { times: 1, stays, amount, days: 0, base: Fen(raw - used.base.0) };
        Calculation { amount, usage, trace: pen.trace }
    }
}
