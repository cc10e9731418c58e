//! How an office's bank wants its file: which columns, in which order, under which headings.
use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{case::is_account_no, money::Fen};

/// Columns of a file.
pub const MAX_COLUMNS: usize = 20;
/// The longest heading or text of a layout, in characters.
const MAX_HEADING: usize = 40;

code_enum! {
    /// What can stand in a column.
    FileField {
        /// 序号 in the file, from 1.
        Sequence,
        /// 付款编号: by it the bank's answer is matched.
        Reference,
        /// 收款人户名.
        PayeeName,
        /// 收款账号.
        AccountNo,
        /// 开户银行.
        BankName,
        /// 金额.
        Amount,
        /// 币种.
        Currency,
        /// 用途.
        Purpose,
        /// 案件号.
        CaseNo,
        /// 付款人户名.
        PayerName,
        /// 付款账号.
        PayerAccount,
        /// Nothing: the bank's form has a column that stays empty.
        Blank,
    }
}

code_enum! {
    /// What an amount counts.
    AmountUnit {
        /// 元, two decimals.
        Yuan,
        /// 分.
        Fen,
    }
}

code_enum! {
    /// How a .csv is encoded.
    CsvEncoding {
        /// UTF-8 with a byte order mark, as Excel wants it.
        Utf8Bom,
        /// GBK, as many banks' programs want it.
        Gbk,
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileColumn {
    /// What stands in it.
    pub field: FileField,
    /// Its heading.
    pub heading: String,
}

/// The headings of the bank's answer, besides the usual ones; empty where those will do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ResultHeadings {
    /// 付款编号.
    pub reference: String,
    /// 金额.
    pub amount: String,
    /// 处理结果.
    pub outcome: String,
    /// 付款日期.
    pub paid_on: String,
    /// 退票原因.
    pub reason: String,
}

/// The layout of an office's bank file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileLayout {
    /// In their order.
    pub columns: Vec<FileColumn>,
    /// What an amount counts, in the file and in the bank's answer.
    pub unit: AmountUnit,
    /// Of a .csv.
    pub encoding: CsvEncoding,
    /// Whether the file begins with the headings.
    pub header: bool,
    /// Whether a tab goes before long numbers in a .csv, so that Excel keeps their digits.
    pub keep_digits: bool,
    /// The office's own account: 户名.
    pub payer_name: String,
    /// 账号.
    pub payer_account: String,
    /// 开户银行.
    pub payer_bank: String,
    /// 用途.
    pub purpose: String,
    /// How the bank's answer is headed.
    #[serde(default)]
    pub result: ResultHeadings,
}

impl Default for FileLayout {
    fn default() -> Self {
        use FileField as F;
        let column = |(field, heading): (FileField, &str)| FileColumn { field, heading: heading.to_owned() };
        let columns = [
            (F::Sequence, "序号"),
            (F::Reference, "付款编号"),
            (F::PayeeName, "收款人户名"),
            (F::AccountNo, "收款账号"),
            (F::BankName, "开户银行"),
            (F::Amount, "金额"),
            (F::Purpose, "用途"),
        ];
        Self {
            columns: columns.map(column).to_vec(),
            unit: AmountUnit::Yuan,
            encoding: CsvEncoding::Utf8Bom,
            header: true,
            keep_digits: true,
            payer_name: String::new(),
            payer_account: String::new(),
            payer_bank: String::new(),
            purpose: "互助金".to_owned(),
            result: ResultHeadings::default(),
        }
    }
}

/// What is wrong with a layout: the field and a code each.
pub type LayoutFault = (String, &'static str);

impl FileLayout {
    /// Everything that is wrong with the layout; empty where a file can be made by it.
    #[must_use]
    pub fn faults(&self) -> Vec<LayoutFault> {
        let mut out: Vec<LayoutFault> = Vec::new();
        let has = |field| self.columns.iter().any(|c| c.field == field);
        use FileField as F;
        if self.columns.len() > MAX_COLUMNS {
            out.push(("columns".to_owned(), "too_many"));
        }
        if ![F::Reference, F::PayeeName, F::AccountNo, F::Amount].into_iter().all(has) {
            out.push(("columns".to_owned(), "columns_missing"));
        }
        let (mut fields, mut headings) = (HashSet::new(), HashSet::new());
        for column in &self.columns {
            if column.field != F::Blank && !fields.insert(column.field) {
                out.push(("columns".to_owned(), "twice"));
            }
            match text_fault(&column.heading) {
                _ if column.heading.trim().is_empty() => out.push(("heading".to_owned(), "required")),
                Some(code) => out.push(("heading".to_owned(), code)),
                None if !headings.insert(column.heading.trim()) => out.push(("heading".to_owned(), "twice")),
                None => {}
            }
        }
        let r = &self.result;
        let texts = [
            ("payer_name", &self.payer_name),
            ("payer_bank", &self.payer_bank),
            ("purpose", &self.purpose),
            ("result", &r.reference),
            ("result", &r.amount),
            ("result", &r.outcome),
            ("result", &r.paid_on),
            ("result", &r.reason),
        ];
        let faulty = texts.into_iter().filter_map(|(field, text)| Some((field.to_owned(), text_fault(text)?)));
        out.extend(faulty);
        if !self.payer_account.is_empty() && !is_account_no(&self.payer_account) {
            out.push(("payer_account".to_owned(), "not_an_account"));
        }
        out.dedup();
        out
    }
}

fn text_fault(text: &str) -> Option<&'static str> {
    if text.chars().count() > MAX_HEADING {
        return Some("too_long");
    }
    text.chars().any(char::is_control).then_some("unknown")
}

/// What a row of the file is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileValues<'a> {
    /// 序号, from 1.
    pub sequence: usize,
    /// 付款编号.
    pub reference: &'a str,
    /// 收款人户名.
    pub payee_name: &'a str,
    /// 收款账号.
    pub account_no: &'a str,
    /// 开户银行.
    pub bank_name: &'a str,
    /// The amount.
    pub amount: Fen,
    /// 案件号.
    pub case_no: &'a str,
}

/// An amount as it stands in a file: digits and a point, no separators.
#[must_use]
pub fn amount_text(amount: Fen, unit: AmountUnit) -> String {
    match unit {
        AmountUnit::Yuan => amount.to_yuan().to_string(),
        AmountUnit::Fen => amount.0.to_string(),
    }
}

/// A row of the file, as texts.
#[must_use]
pub fn cells(layout: &FileLayout, row: &FileValues<'_>) -> Vec<String> {
    let cell = |column: &FileColumn| match column.field {
        FileField::Sequence => row.sequence.to_string(),
        FileField::Reference => row.reference.to_owned(),
        FileField::PayeeName => row.payee_name.to_owned(),
        FileField::AccountNo => row.account_no.to_owned(),
        FileField::BankName => row.bank_name.to_owned(),
        FileField::Amount => amount_text(row.amount, layout.unit),
        FileField::Currency => "CNY".to_owned(),
        FileField::Purpose => layout.purpose.clone(),
        FileField::CaseNo => row.case_no.to_owned(),
        FileField::PayerName => layout.payer_name.clone(),
        FileField::PayerAccount => layout.payer_account.clone(),
        FileField::Blank => String::new(),
    };
    layout.columns.iter().map(cell).collect()
}

/// A text that no program takes for a formula: an apostrophe goes before what could begin one.
#[must_use]
pub fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
