//! 批量受理: a row of the file, and what it says.
use chrono::NaiveDate;
use huzhu_domain::{
    case::{MAX_TEXT, Payee, Relation, is_account_no},
    cells::Cell,
    claim_type::{self, ClaimType},
    dates::Period,
    dictionary::Fault,
    enrolment::id_kind_of,
    id_number::{IdKind, MAX_ID_NUMBER},
    statement::{InsuranceType, StatementDraft},
};

use crate::exchange::{Col, Reader};

const fn col(field: &'static str, names: &'static [&'static str], required: bool, note: &'static str) -> Col {
    Col { field, names, required, width: 18, note, choices: &[] }
}

/// The columns, in the order of [`read`].
pub(super) const COLUMNS: [Col; 18] = [
    Col {
        width: 14,
        choices: &[
            "居民身份证",
            "护照",
            "港澳居民来往内地通行证",
            "台湾居民来往大陆通行证",
            "外国人永久居留身份证",
            "军官证",
        ],
        ..col("id_kind", &["证件类型"], false, "不填为居民身份证。")
    },
    col("id_number", &["证件号码", "身份证号码", "身份证号"], true, "请保持文本格式。"),
    Col { width: 12, ..col("name", &["姓名", "出险人"], true, "与会员记录一致。") },
    Col { width: 14, ..col("incident_date", &["出险日期"], true, "例如 2026-05-01。") },
    Col { width: 14, choices: &claim_type::WORDS, ..col("claim_type", &["申领类型"], true, "") },
    Col {
        width: 30,
        ..col("plan", &["保障活动", "互助金类型"], false, "有几项保障符合时填写保障活动或互助金类型的名称。")
    },
    Col { width: 28, ..col("hospital", &["医院", "医院名称", "就诊医院"], false, "") },
    Col { width: 14, ..col("admitted_on", &["入院日期", "入院时间"], false, "") },
    Col { width: 14, ..col("discharged_on", &["出院日期", "出院时间"], false, "") },
    Col { width: 16, ..col("total_fen", &["结算总金额", "总费用"], false, "元，最多两位小数。") },
    Col { width: 16, ..col("pooled_fund_paid_fen", &["统筹基金支付", "统筹支付"], false, "") },
    Col { width: 16, ..col("self_pay_fen", &["个人自付金额", "个人自付"], false, "") },
    Col { width: 16, ..col("out_of_scope_fen", &["全额自费", "自费"], false, "") },
    Col { width: 16, ..col("cash_paid_fen", &["个人现金支付", "现金支付"], false, "") },
    col("invoice_no", &["票据号码", "结算ID", "发票号码"], false, ""),
    Col {
        width: 24, ..col("account_no", &["银行账号", "领款账号"], false, "本人的账号，请保持文本格式。")
    },
    Col { width: 24, ..col("bank_name", &["开户银行", "银行名称"], false, "") },
    Col {
        width: 30, ..col("duplicate_reason", &["重复说明"], false, "提示可能重复受理时，核实后说明不重复的原因。")
    },
];

/// A claim as a row says it.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) id_kind: IdKind,
    pub(super) id_number: String,
    pub(super) name: String,
    pub(super) incident_date: Option<NaiveDate>,
    pub(super) claim_type: Option<ClaimType>,
    /// Which plan or liability is meant, where the row says.
    pub(super) plan: String,
    pub(super) statement: Option<StatementDraft>,
    pub(super) account: Option<(String, String)>,
    pub(super) duplicate_reason: String,
}

/// What a row says, and what of it can't be understood.
pub(super) fn read(cells: &[Cell], today: NaiveDate) -> (Line, Vec<Fault>) {
    let mut r = Reader::new(cells);
    let kind_word = r.text("id_kind");
    let id_number = r.take("id_number", |c| c.identity(MAX_ID_NUMBER));
    let name = r.text("name");
    let incident_date = r.take("incident_date", Cell::day);
    let type_word = r.text("claim_type");
    let plan = r.text("plan");
    let mut statement = StatementDraft {
        hospital: r.text("hospital"),
        admitted_on: r.take("admitted_on", Cell::day),
        discharged_on: r.take("discharged_on", Cell::day),
        total_fen: r.take("total_fen", Cell::amount),
        pooled_fund_paid_fen: r.take("pooled_fund_paid_fen", Cell::amount),
        self_pay_fen: r.take("self_pay_fen", Cell::amount),
        out_of_scope_fen: r.take("out_of_scope_fen", Cell::amount),
        cash_paid_fen: r.take("cash_paid_fen", Cell::amount),
        invoice_no: r.text("invoice_no"),
        ..StatementDraft::default()
    };
    let account_no = r.take("account_no", |c| c.identity(usize::MAX)).replace('-', "");
    let bank_name = r.text("bank_name");
    let duplicate_reason = r.text("duplicate_reason");
    let mut faults = r.faults;
    let id_kind = if kind_word.is_empty() { Some(IdKind::ResidentId) } else { id_kind_of(&kind_word) };
    let claim_type = claim_type::of_word(&type_word);
    let mut wrong = |column: &'static str, code: &'static str, is: bool| {
        if is && faults.iter().all(|f| f.column != column) {
            faults.push(Fault { column, code });
        }
    };
    wrong("id_kind", "unknown", id_kind.is_none());
    wrong("id_number", "required", id_number.is_empty());
    wrong("name", "required", name.is_empty());
    wrong("incident_date", "required", incident_date.is_none());
    wrong("incident_date", "in_future", incident_date.is_some_and(|d| d > today));
    wrong("claim_type", if type_word.is_empty() { "required" } else { "unknown" }, claim_type.is_none());
    for (column, day) in [("admitted_on", statement.admitted_on), ("discharged_on", statement.discharged_on)] {
        wrong(column, "in_future", day.is_some_and(|d| d > today));
    }
    let backwards = statement.admitted_on.zip(statement.discharged_on).is_some_and(|(from, to)| to < from);
    wrong("discharged_on", "before_start", backwards);
    wrong("account_no", "not_an_account", !account_no.is_empty() && !is_account_no(&account_no));
    for (column, text) in [
        ("name", &name),
        ("plan", &plan),
        ("hospital", &statement.hospital),
        ("invoice_no", &statement.invoice_no),
        ("bank_name", &bank_name),
        ("duplicate_reason", &duplicate_reason),
    ] {
        wrong(column, "too_long", text.chars().count() > MAX_TEXT);
    }
    let entered = statement != StatementDraft::default();
    // As the form has it when it is opened.
    statement.insurance_type = Some(InsuranceType::Employee);
    let line = Line {
        id_kind: id_kind.unwrap_or(IdKind::ResidentId),
        id_number,
        name,
        incident_date,
        claim_type,
        plan,
        statement: entered.then_some(statement),
        account: (!account_no.is_empty() || !bank_name.is_empty()).then_some((account_no, bank_name)),
        duplicate_reason,
    };
    (line, faults)
}

impl Line {
    /// The stay of the statement, where both its days are there.
    pub(super) fn stay(&self) -> Option<Period> {
        let statement = self.statement.as_ref()?;
        statement.admitted_on.zip(statement.discharged_on).and_then(|(from, to)| Period::new(from, to))
    }

    pub(super) fn invoice_no(&self) -> &str {
        self.statement.as_ref().map_or("", |s| s.invoice_no.as_str())
    }

    /// 领款人: the member with the account of the row; nobody where the member died, for heirs are paid then.
    pub(super) fn payee(&self, member_name: &str) -> Option<Payee> {
        if self.claim_type.is_some_and(ClaimType::is_death) {
            return None;
        }
        self.account.clone().map(|(account_no, bank_name)| Payee {
            relation: Some(Relation::Oneself),
            name: member_name.to_owned(),
            account_no,
            bank_name,
            ..Payee::default()
        })
    }
}
