//! The bank's answer: each row is matched with its item, and its amount is checked to the fen.
use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::{AmountUnit, Blocker, BounceReason, ItemOutcome, MAX_WORDS, PaymentItemState, batch::day_blocker};
use crate::{
    cells::{Cell, CellFault},
    money::Fen,
};

/// An item of a batch as the answer is held against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemFact {
    /// 付款编号.
    pub reference: String,
    /// What was sent.
    pub amount: Fen,
    /// Where it stands.
    pub state: PaymentItemState,
    /// The day on which it was paid.
    pub paid_on: Option<NaiveDate>,
}

/// A row of the answer, as far as it could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultRow {
    /// Its number in the file.
    pub number: u32,
    /// 付款编号.
    pub reference: String,
    /// The amount.
    pub amount: Result<Fen, ResultFault>,
    /// What became of it.
    pub outcome: Result<ItemOutcome, ResultFault>,
}

/// What is wrong with a row. Serialises as `{ "code": …, "args": { … } }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", content = "args", rename_all = "snake_case")]
pub enum ResultFault {
    /// The batch has no such item.
    ReferenceUnknown {},
    /// Another row is about the same item.
    ReferenceTwice {},
    /// Not an amount.
    AmountUnreadable {},
    /// Another amount than was sent.
    AmountDiffers {
        /// What was sent.
        expected_fen: i64,
        /// What the row says.
        given_fen: i64,
    },
    /// Neither paid nor bounced.
    OutcomeUnknown {},
    /// Not a day.
    DayUnreadable {},
    /// A day that can't be.
    PaidOnImpossible {},
    /// Before the batch was released.
    PaidBeforeRelease {
        /// The day of the release.
        day: NaiveDate,
    },
    /// Of the item another answer is known.
    AnsweredOtherwise {},
}

/// What a row would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Which item, by its place in the list.
    pub item: Option<usize>,
    /// Everything that is wrong.
    pub faults: Vec<ResultFault>,
    /// What became of the item; None where that is known already, or the row is wrong.
    pub news: Option<ItemOutcome>,
}

/// Holds the rows against the items. The answer can be applied where no verdict has a fault; applying it again is no news.
#[must_use]
pub fn judge(items: &[ItemFact], rows: &[ResultRow], released_on: NaiveDate, today: NaiveDate) -> Vec<Verdict> {
    let places: HashMap<&str, usize> = items.iter().enumerate().map(|(i, item)| (item.reference.as_str(), i)).collect();
    let mut seen: HashMap<&str, u32> = HashMap::new();
    for row in rows {
        *seen.entry(row.reference.as_str()).or_default() += 1;
    }
    rows.iter()
        .map(|row| {
            let item = places.get(row.reference.as_str()).copied();
            let mut faults = Vec::new();
            if item.is_none() {
                faults.push(ResultFault::ReferenceUnknown {});
            } else if seen[row.reference.as_str()] > 1 {
                faults.push(ResultFault::ReferenceTwice {});
            }
            match (&row.amount, item.map(|i| items[i].amount)) {
                (Err(fault), _) => faults.push(fault.clone()),
                (Ok(given), Some(expected)) if *given != expected => {
                    faults.push(ResultFault::AmountDiffers { expected_fen: expected.0, given_fen: given.0 });
                }
                _ => {}
            }
            let mut news = None;
            match &row.outcome {
                Err(fault) => faults.push(fault.clone()),
                Ok(outcome) => match item.map(|i| &items[i]) {
                    Some(of) if of.state == PaymentItemState::Sent => {
                        if let ItemOutcome::Paid { on } = outcome {
                            faults.extend(day_blocker(*on, released_on, today).map(day_fault));
                        }
                        news = Some(outcome.clone());
                    }
                    Some(of) if !same(of, outcome) => faults.push(ResultFault::AnsweredOtherwise {}),
                    _ => {}
                },
            }
            Verdict { item, news: news.filter(|_| faults.is_empty()), faults }
        })
        .collect()
}

fn day_fault(blocker: Blocker) -> ResultFault {
    match blocker {
        Blocker::PaidBeforeRelease { day } => ResultFault::PaidBeforeRelease { day },
        _ => ResultFault::PaidOnImpossible {},
    }
}

/// Whether an item that is settled was settled so.
fn same(item: &ItemFact, outcome: &ItemOutcome) -> bool {
    match outcome {
        ItemOutcome::Paid { on } => item.state == PaymentItemState::Paid && item.paid_on == Some(*on),
        ItemOutcome::Bounced { .. } => {
            matches!(item.state, PaymentItemState::Bounced | PaymentItemState::Repaired | PaymentItemState::Replaced)
        }
    }
}

const PAID: [&str; 13] = [
    "成功",
    "交易成功",
    "付款成功",
    "支付成功",
    "处理成功",
    "已付",
    "已付款",
    "已支付",
    "已到账",
    "paid",
    "success",
    "succeeded",
    "acsc",
];
const BOUNCED: [&str; 14] = [
    "失败",
    "交易失败",
    "付款失败",
    "支付失败",
    "处理失败",
    "退票",
    "已退票",
    "退回",
    "已退回",
    "退汇",
    "bounced",
    "failed",
    "rejected",
    "rjct",
];

/// What a row says became of an item. Where it has no day, `default_day` is the one.
///
/// # Errors
/// Where it says neither that it was paid nor that it came back, or the day is none.
pub fn outcome_of(
    outcome: &Cell,
    day: &Cell,
    reason: &Cell,
    default_day: Option<NaiveDate>,
) -> Result<ItemOutcome, ResultFault> {
    let word = outcome.shown().trim().to_lowercase();
    if PAID.contains(&word.as_str()) {
        let on = day.day().map_err(|_: CellFault| ResultFault::DayUnreadable {})?.or(default_day);
        return on.map(|on| ItemOutcome::Paid { on }).ok_or(ResultFault::DayUnreadable {});
    }
    if BOUNCED.contains(&word.as_str()) {
        let words: String = reason.shown().trim().chars().filter(|c| !c.is_control()).take(MAX_WORDS).collect();
        return Ok(ItemOutcome::Bounced { reason: reason_of(&words), words });
    }
    Err(ResultFault::OutcomeUnknown {})
}

/// The code for the bank's words; 其他 where they say none.
#[must_use]
pub fn reason_of(words: &str) -> BounceReason {
    use BounceReason as R;
    const SIGNS: [(&[&str], BounceReason); 7] = [
        (&["户名", "姓名", "名称不符", "AC06N"], R::NameMismatch),
        (&["销户", "注销", "AC04"], R::AccountClosed),
        (&["冻结", "止付", "挂失", "睡眠", "状态异常", "状态不正常", "AC06"], R::AccountFrozen),
        (&["限额", "超限", "AM02"], R::LimitExceeded),
        (&["行号", "开户行", "行名", "RC01"], R::BankWrong),
        (&["账号", "帐号", "卡号", "账户不存在", "AC01"], R::AccountWrong),
        (&["系统", "超时", "通讯", "网络"], R::BankFailure),
    ];
    SIGNS.iter().find(|(signs, _)| signs.iter().any(|s| words.contains(s))).map_or(R::Other, |(_, reason)| *reason)
}

impl ResultRow {
    /// The amount in a cell.
    ///
    /// # Errors
    /// Where it is none.
    pub fn amount_of(cell: &Cell, unit: AmountUnit) -> Result<Fen, ResultFault> {
        let unreadable = ResultFault::AmountUnreadable {};
        let (Cell::Text(_) | Cell::Number(_)) = cell else { return Err(unreadable) };
        let text: String = cell
            .shown()
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, ',' | '，' | '¥' | '￥' | '元'))
            .collect();
        match unit {
            AmountUnit::Yuan => Fen::from_yuan_str(&text).map_err(|_| unreadable),
            AmountUnit::Fen => text.parse().ok().filter(|n| *n >= 0).map(Fen).ok_or(unreadable),
        }
    }
}
