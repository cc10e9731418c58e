use super::*;

fn hospital(name: &str, level: HospitalLevel) -> Hospital {
    Hospital { name: name.into(), level, region: "北京".into(), initials: "yy".into(), active: true }
}

fn bank(name: &str, prefix: &str) -> BankRow {
    let prefix = prefix.to_owned();
    BankRow { name: name.into(), short_name: String::new(), active: true, prefix, card_length: None, card_kind: None }
}

fn codes(faults: &[Fault]) -> Vec<(&str, &str)> {
    faults.iter().map(|f| (f.column, f.code)).collect()
}

#[test]
fn a_row_is_new_changed_unchanged_or_faulty() {
    use HospitalLevel::{Secondary, Tertiary};
    let known = HashMap::from([hospital("甲", Tertiary), hospital("乙", Tertiary)].map(|h| (h.key(), h)));
    let rows = [("甲", Tertiary), ("乙", Secondary), ("丙", Tertiary), ("", Tertiary), ("丙", Secondary)];
    let judged = judge(rows.map(|(name, level)| (hospital(name, level), Vec::new())).to_vec(), &known);
    let states: Vec<RowState> = judged.iter().map(|j| j.state).collect();
    use RowState::{Changed, Faulty, New, Unchanged};
    assert_eq!(states, [Unchanged, Changed, New, Faulty, Faulty]);
    assert_eq!(codes(&judged[3].faults), [("name", "required")]);
    assert_eq!(codes(&judged[4].faults), [("name", "twice_in_file")]);
}

#[test]
fn what_reading_found_is_told_once_and_keeps_the_row_out() {
    let row = (hospital("", HospitalLevel::Unrated), vec![fault("name", "unknown"), fault("level", "unknown")]);
    let judged = judge(vec![row], &HashMap::new());
    assert_eq!(codes(&judged[0].faults), [("name", "unknown"), ("level", "unknown")]);
    assert_eq!(judged[0].state, RowState::Faulty);
}

#[test]
fn entries_are_checked_column_by_column() {
    let mut h = hospital(&"长".repeat(MAX_NAME + 1), HospitalLevel::Primary);
    h.initials = "ABC".into();
    h.region = "\u{0}".into();
    assert_eq!(codes(&h.faults()), [("name", "too_long"), ("region", "unknown"), ("initials", "not_initials")]);
    let table = [
        ("I10", "原发性高血压", vec![]),
        ("J18.900", "肺炎", vec![]),
        ("", "肺炎", vec![("code", "required")]),
        ("肺", "", vec![("code", "not_a_code"), ("name", "required")]),
        ("I 10", "x", vec![("code", "not_a_code")]),
    ];
    for (code, name, faults) in table {
        let class = IllnessClass { code: code.into(), name: name.into(), category: String::new(), active: true };
        assert_eq!(codes(&class.faults()), faults, "{code}");
    }
}

#[test]
fn a_prefix_is_digits_and_its_cards_have_a_length_that_cards_have() {
    let table = [
        ("622202", Some(19), vec![]),
        ("622", None, vec![]),
        ("62", None, vec![("prefix", "not_a_prefix")]),
        ("6222021234567", None, vec![("prefix", "not_a_prefix")]),
        ("62220a", Some(20), vec![("prefix", "not_a_prefix"), ("card_length", "not_a_card_length")]),
        ("622202", Some(-1), vec![("card_length", "not_a_card_length")]),
        ("", None, vec![]),
        ("", Some(19), vec![("prefix", "required")]),
    ];
    for (prefix, card_length, faults) in table {
        let row = BankRow { card_length, ..bank("甲银行", prefix) };
        assert_eq!(codes(&row.faults()), faults, "{prefix}");
    }
}

#[test]
fn a_prefix_is_one_banks_and_rows_of_a_bank_agree() {
    let owners = HashMap::from([("622848".to_owned(), "农业银行".to_owned())]);
    let other = BankRow { short_name: "工行".into(), active: false, ..bank("工商银行", "622203") };
    let rows = [
        bank("工商银行", "622202"),
        bank("建设银行", "622202"),
        bank("建设银行", "622848"),
        bank("农业银行", "622848"),
        bank("工商银行", ""),
        bank("建设银行", ""),
        other,
    ];
    let conflicts = bank_conflicts(&rows, &owners);
    let found: Vec<Vec<(&str, &str)>> = conflicts.iter().map(|f| codes(f)).collect();
    let another = vec![("prefix", "prefix_of_another_bank")];
    let differs = vec![("short_name", "differs_in_file"), ("active", "differs_in_file")];
    assert_eq!(found, [vec![], another.clone(), another, vec![], vec![], vec![], differs]);
}

#[test]
fn names_are_compared_without_needless_blanks() {
    assert_eq!(tidy("  示例  医院(东院) \n"), "示例 医院（东院）");
}
