//! The columns of the three files, and what stands in them.
use std::collections::HashMap;

use huzhu_domain::{
    bank_card::{self, CardKind},
    cells::Cell,
    dictionary::{BankRow, Entry, Fault, Hospital, IllnessClass, fault},
    statement::HospitalLevel,
};

use super::initials;
use crate::exchange::{Col, Reader, Sheet};

const IN_USE: &str = "启用";
const OUT_OF_USE: &str = "停用";
const STATES: [&str; 2] = [IN_USE, OUT_OF_USE];
const LEVELS: [(&str, HospitalLevel); 4] = [
    ("三级", HospitalLevel::Tertiary),
    ("二级", HospitalLevel::Secondary),
    ("一级", HospitalLevel::Primary),
    ("未定级", HospitalLevel::Unrated),
];
const CARD_KINDS: [(&str, CardKind); 5] = [
    ("借记卡", CardKind::Debit),
    ("贷记卡", CardKind::Credit),
    ("准贷记卡", CardKind::SemiCredit),
    ("预付费卡", CardKind::Prepaid),
    ("信用卡", CardKind::Credit),
];
const STATE: Col = Col {
    field: "active",
    names: &["状态", "是否启用"],
    required: false,
    width: 10,
    note: "启用或停用；不填为启用",
    choices: &STATES,
};

fn active(row: &mut Reader) -> bool {
    match row.text("active").as_str() {
        "" | IN_USE | "是" => true,
        OUT_OF_USE | "否" => false,
        _ => {
            row.faults.push(fault("active", "unknown"));
            true
        }
    }
}

fn number(row: &mut Reader, column: &'static str) -> String {
    bank_card::normalise(&row.take(column, |cell| cell.identity(usize::MAX)))
}

fn state(active: bool) -> String {
    (if active { IN_USE } else { OUT_OF_USE }).to_owned()
}

impl Sheet for Hospital {
    const NAME: &'static str = "医院";
    const COLUMNS: &'static [Col] = &[
        Col {
            field: "name",
            names: &["医院名称", "名称", "医院"],
            required: true,
            width: 36,
            note: "全称；同名视为同一家医院",
            choices: &[],
        },
        Col {
            field: "level",
            names: &["医院等级", "等级", "级别"],
            required: true,
            width: 12,
            note: "三级、二级、一级或未定级；三级甲等等写法也可",
            choices: &["三级", "二级", "一级", "未定级"],
        },
        Col { field: "region", names: &["地区", "所在地区"], required: false, width: 16, note: "", choices: &[] },
        Col {
            field: "initials",
            names: &["拼音首字母", "拼音"],
            required: false,
            width: 18,
            note: "小写字母；不填按名称生成",
            choices: &[],
        },
        STATE,
    ];

    fn read(cells: &[Cell]) -> (Self, Vec<Fault>) {
        let mut row = Reader::new(cells);
        let name = row.text("name");
        let level = row.text("level");
        // 三级甲等 is 三级.
        let known = LEVELS.iter().find(|(word, _)| level.starts_with(word)).map(|(_, level)| *level);
        match (known, level.is_empty()) {
            (Some(_), _) => {}
            (None, true) => row.faults.push(fault("level", "required")),
            (None, false) => row.faults.push(fault("level", "unknown")),
        }
        let region = row.text("region");
        let initials = row.text("initials").to_lowercase();
        let active = active(&mut row);
        (Self { name, level: known.unwrap_or(HospitalLevel::Unrated), region, initials, active }, row.faults)
    }

    fn complete(&mut self, known: &HashMap<String, Self>, present: &[bool]) {
        if let (Some(old), [_, _, region, _, active]) = (known.get(&self.key()), present) {
            if !region {
                self.region.clone_from(&old.region);
            }
            if self.initials.is_empty() {
                self.initials.clone_from(&old.initials);
            }
            if !active {
                self.active = old.active;
            }
        }
        if self.initials.is_empty() {
            self.initials = initials(&self.name);
        }
    }

    fn cells(&self) -> Vec<String> {
        let level = LEVELS.iter().find(|(_, level)| *level == self.level).map_or("", |(word, _)| word);
        let texts = [&self.name, level, &self.region, &self.initials].map(ToOwned::to_owned);
        texts.into_iter().chain([state(self.active)]).collect()
    }
}

impl Sheet for BankRow {
    const NAME: &'static str = "银行";
    const COLUMNS: &'static [Col] = &[
        Col {
            field: "name",
            names: &["银行名称", "银行"],
            required: true,
            width: 30,
            note: "全称；一家银行有几个卡号前缀就写几行",
            choices: &[],
        },
        Col { field: "short_name", names: &["简称"], required: false, width: 14, note: "", choices: &[] },
        Col {
            field: "prefix",
            names: &["卡号前缀", "BIN", "卡BIN"],
            required: false,
            width: 14,
            note: "卡号开头的 3–12 位数字；没有可不填",
            choices: &[],
        },
        Col {
            field: "card_length",
            names: &["卡号长度", "卡号位数"],
            required: false,
            width: 12,
            note: "卡号的位数，例如 19；不清楚可不填",
            choices: &[],
        },
        Col {
            field: "card_kind",
            names: &["卡种", "卡类型"],
            required: false,
            width: 12,
            note: "不清楚可不填",
            choices: &["借记卡", "贷记卡", "准贷记卡", "预付费卡"],
        },
        STATE,
    ];

    fn read(cells: &[Cell]) -> (Self, Vec<Fault>) {
        let mut row = Reader::new(cells);
        let name = row.text("name");
        let short_name = row.text("short_name");
        let prefix = number(&mut row, "prefix");
        let length = number(&mut row, "card_length");
        let card_length = length.parse().ok();
        if !length.is_empty() && card_length.is_none() {
            row.faults.push(fault("card_length", "not_a_number"));
        }
        let kind = row.text("card_kind");
        let card_kind = CARD_KINDS.iter().find(|(word, _)| *word == kind).map(|(_, kind)| *kind);
        if !kind.is_empty() && card_kind.is_none() {
            row.faults.push(fault("card_kind", "unknown"));
        }
        let active = active(&mut row);
        (Self { name, short_name, active, prefix, card_length, card_kind }, row.faults)
    }

    fn complete(&mut self, known: &HashMap<String, Self>, present: &[bool]) {
        let [_, short_name, _, card_length, card_kind, active] = present else { return };
        let bank = Self { prefix: String::new(), ..self.clone() };
        if let Some(bank) = known.get(&bank.key()) {
            if !short_name {
                self.short_name.clone_from(&bank.short_name);
            }
            if !active {
                self.active = bank.active;
            }
        }
        let Some(old) = known.get(&self.key()) else { return };
        if !card_length {
            self.card_length = old.card_length;
        }
        if !card_kind {
            self.card_kind = old.card_kind;
        }
    }

    fn cells(&self) -> Vec<String> {
        let kind = CARD_KINDS.iter().find(|(_, kind)| Some(*kind) == self.card_kind).map_or("", |(word, _)| word);
        let length = self.card_length.map(|n| n.to_string()).unwrap_or_default();
        let texts = [&self.name, &self.short_name, &self.prefix, length.as_str(), kind].map(ToOwned::to_owned);
        texts.into_iter().chain([state(self.active)]).collect()
    }
}

impl Sheet for IllnessClass {
    const NAME: &'static str = "疾病分类";
    const COLUMNS: &'static [Col] = &[
        Col {
            field: "code",
            names: &["疾病编码", "编码", "ICD编码", "ICD-10"],
            required: true,
            width: 14,
            note: "ICD-10 编码或本会自编的编码；同码视为同一种",
            choices: &[],
        },
        Col { field: "name", names: &["疾病名称", "名称"], required: true, width: 36, note: "", choices: &[] },
        Col { field: "category", names: &["类别", "分类"], required: false, width: 24, note: "", choices: &[] },
        STATE,
    ];

    fn read(cells: &[Cell]) -> (Self, Vec<Fault>) {
        let mut row = Reader::new(cells);
        let code = row.take("code", |cell| cell.identity(usize::MAX));
        let [name, category] = ["name", "category"].map(|column| row.text(column));
        let active = active(&mut row);
        (Self { code, name, category, active }, row.faults)
    }

    fn complete(&mut self, known: &HashMap<String, Self>, present: &[bool]) {
        let (Some(old), [_, _, category, active]) = (known.get(&self.key()), present) else { return };
        if !category {
            self.category.clone_from(&old.category);
        }
        if !active {
            self.active = old.active;
        }
    }

    fn cells(&self) -> Vec<String> {
        let texts = [&self.code, &self.name, &self.category].map(Clone::clone);
        texts.into_iter().chain([state(self.active)]).collect()
    }
}
