//! What goes of each kind, column by column. What isn't here stays; a test looks whether every sealed column and every name of a content
//! is here. Events (`case_events`, `record_events`) and changes are more than columns: see [`super::erase`]. The row of a case is
//! written by `cases::store`.
use huzhu_domain::retention::RetentionKind;

/// What comes into the place of what was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum With {
    /// 已清除, where something stood.
    Word,
    /// The same, sealed.
    Sealed,
    /// 已清除 as the one cell of a row, sealed.
    SealedCells,
    /// An empty list.
    EmptyList,
    /// An empty text.
    Nothing,
    /// NULL.
    Null,
    /// Today.
    Today,
    /// One more than what stood there.
    Next,
}

/// How the rows of a table are found.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    /// By this column.
    Own(&'static str),
    /// By this column, which names a row of that table, whose other column it is.
    Through(&'static str, &'static str, &'static str),
}

/// Columns of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) table: &'static str,
    pub(super) of: Of,
    pub(super) columns: &'static [(&'static str, With)],
}

/// Where rows name a content of the store.
#[derive(Clone, Copy, Debug)]
pub(super) struct Naming {
    pub(super) table: &'static str,
    pub(super) of: Of,
    pub(super) sha256: &'static str,
    /// The column with its bytes, where there is one.
    pub(super) size: Option<&'static str>,
}

use Of::{Own, Through};
use With::{EmptyList, Next, Nothing, Null, Sealed, SealedCells, Today, Word};

const fn place(table: &'static str, of: Of, columns: &'static [(&'static str, With)]) -> Place {
    Place { table, of, columns }
}

const fn naming(table: &'static str, of: Of, sha256: &'static str, size: Option<&'static str>) -> Naming {
    Naming { table, of, sha256, size }
}

const OF_APPEAL: Of = Through("appeal_id", "appeals", "case_id");
const OF_ITEM: Of = Through("item_id", "payment_items", "case_id");
const OF_ENTRY: Of = Through("entry_id", "recovery_entries", "case_id");
const OF_CHANGE: Of = Through("change_id", "changes", "member_id");
const CASE: Of = Own("case_id");
const MEMBER: Of = Own("member_id");

const CASE_PICTURES: [Place; 3] = [
    place("case_materials", CASE, &[("sha256", Nothing), ("file_name", Word)]),
    place("appeal_papers", OF_APPEAL, &[("sha256", Nothing), ("file_name", Word)]),
    place("account_corrections", OF_ITEM, &[("sha256", Null), ("file_name", Word)]),
];

const CASE_RECORDS: [Place; 9] = [
    place("case_payees", CASE, &[("name", Word), ("phone", Sealed), ("account_no", Sealed)]),
    place("case_material_fields", CASE, &[("value", Sealed)]),
    place("statements", CASE, &[("diagnosis", Word), ("department", Word)]),
    place(
        "appeals",
        CASE,
        &[
            ("appellant_name", Word),
            ("appellant_phone", Sealed),
            ("grounds", Word),
            ("late_reason", Word),
            ("decision_note", Word),
        ],
    ),
    place("supplements", CASE, &[("what", Word), ("answer", Word)]),
    place("reductions", CASE, &[("note", Word)]),
    place("warning_answers", CASE, &[("words", Word)]),
    place("recovery_entries", CASE, &[("note", Word)]),
    place("recovery_verdicts", OF_ENTRY, &[("note", Word)]),
];

const PAYMENT_RECORDS: [Place; 3] = [
    place("payments", CASE, &[("payee_name", Word), ("account_no", Sealed), ("note", Word)]),
    place("payment_items", CASE, &[("payee_name", Word), ("account_no", Sealed), ("bounce_words", Word)]),
    place(
        "account_corrections",
        OF_ITEM,
        &[("payee_name", Word), ("account_no", Sealed), ("reason", Word), ("decision_note", Word)],
    ),
];

/// A roster's rows of the member go with it, whatever is kept of the roster.
const MEMBER_RECORDS: [Place; 4] = [
    place(
        "members",
        Own("id"),
        &[
            ("name", Word),
            ("id_number", Sealed),
            ("phone", Sealed),
            ("birth_date", Null),
            ("sex", Null),
            ("version", Next),
            ("erased_on", Today),
        ],
    ),
    place("member_accounts", MEMBER, &[("account_no", Sealed), ("holder_name", Word)]),
    place("change_files", OF_CHANGE, &[("sha256", Nothing), ("file_name", Word)]),
    place("enrolment_rows", MEMBER, ROSTER_ROW),
];

const ROSTER_ROW: &[(&str, With)] = &[
    ("cells", SealedCells),
    ("name", Word),
    ("id_number", Sealed),
    ("phone", Sealed),
    ("birth_date", Null),
    ("sex", Null),
    ("problems", EmptyList),
];

const ROSTER_ROWS: [Place; 2] = [
    place("enrolment_rows", Own("enrolment_id"), ROSTER_ROW),
    place("enrolments", Own("id"), &[("file_sha256", Nothing), ("file_name", Word), ("erased_on", Today)]),
];

/// The columns that go of a kind.
pub(super) const fn places(kind: RetentionKind) -> &'static [Place] {
    match kind {
        RetentionKind::CasePictures => &CASE_PICTURES,
        RetentionKind::CaseRecords => &CASE_RECORDS,
        RetentionKind::PaymentRecords => &PAYMENT_RECORDS,
        RetentionKind::MemberRecords => &MEMBER_RECORDS,
        RetentionKind::RosterRows => &ROSTER_ROWS,
        RetentionKind::SavedSearches
        | RetentionKind::Messages
        | RetentionKind::RepeatedAnswers
        | RetentionKind::Sessions
        | RetentionKind::SignInFailures => &[],
    }
}

const MATERIALS: Naming = naming("case_materials", CASE, "sha256", Some("size"));
const PAPERS: Naming = naming("appeal_papers", OF_APPEAL, "sha256", Some("size"));
const CARDS: Naming = naming("account_corrections", OF_ITEM, "sha256", None);
const CHANGE_FILES: Naming = naming("change_files", OF_CHANGE, "sha256", Some("size"));
const ROSTERS: Naming = naming("enrolments", Own("id"), "file_sha256", None);

/// Everything that names contents.
pub(super) const NAMINGS: [Naming; 5] = [MATERIALS, PAPERS, CARDS, CHANGE_FILES, ROSTERS];

/// What names the contents that go with a kind.
pub(super) const fn namings(kind: RetentionKind) -> &'static [Naming] {
    match kind {
        RetentionKind::CasePictures => &[MATERIALS, PAPERS, CARDS],
        RetentionKind::MemberRecords => &[CHANGE_FILES],
        RetentionKind::RosterRows => &[ROSTERS],
        _ => &[],
    }
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;
