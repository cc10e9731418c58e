//! Units as rows of a file: their columns, and what stands in them.
use std::collections::{HashMap, HashSet};

use huzhu_domain::{
    cells::Cell,
    dictionary::{Entry, Fault, fault},
    org::{OrgForm, UnitRow},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{
    entity::org,
    exchange::{AT_ONCE, Col, Reader, Sheet},
    platform::error::Problem,
};

const IN_USE: &str = "启用";
const OUT_OF_USE: &str = "停用";

impl Sheet for UnitRow {
    const NAME: &'static str = "参保单位";
    const COLUMNS: &'static [Col] = &[
        Col {
            field: "code",
            names: &["单位代码", "单位编码", "代码"],
            required: false,
            width: 12,
            note: "已有的单位按代码对应；新单位可留空，由系统给出",
            choices: &[],
        },
        Col {
            field: "name",
            names: &["单位名称", "参保单位", "名称"],
            required: true,
            width: 36,
            note: "全称",
            choices: &[],
        },
        Col {
            field: "credit_code",
            names: &["统一社会信用代码", "信用代码"],
            required: false,
            width: 22,
            note: "18 位；没有单位代码的行必填，并按它对应已有的单位",
            choices: &[],
        },
        Col {
            field: "parent_code",
            names: &["上级代码", "上级机构代码"],
            required: false,
            width: 12,
            note: "所属办事处或代办处的 4 位代码；新单位必填",
            choices: &[],
        },
        Col { field: "contact_name", names: &["联系人"], required: false, width: 12, note: "", choices: &[] },
        Col {
            field: "contact_phone",
            names: &["联系电话", "电话"],
            required: false,
            width: 16,
            note: "",
            choices: &[],
        },
        Col { field: "address", names: &["地址"], required: false, width: 36, note: "", choices: &[] },
        Col {
            field: "headcount",
            names: &["职工人数", "人数"],
            required: false,
            width: 10,
            note: "用于计算参保率",
            choices: &[],
        },
        Col {
            field: "active",
            names: &["状态"],
            required: false,
            width: 10,
            note: "只供核对：停用、启用请在“机构维护”中办理",
            choices: &[IN_USE, OUT_OF_USE],
        },
    ];

    fn read(cells: &[Cell]) -> (Self, Vec<Fault>) {
        let mut row = Reader::new(cells);
        let digits = |cell: &Cell| cell.identity(usize::MAX);
        let code = row.take("code", digits);
        let words = |cell: &Cell| cell.text(usize::MAX);
        let name = row.take("name", words);
        let credit_code = row.take("credit_code", digits);
        let parent_code = row.take("parent_code", digits);
        let contact_name = row.take("contact_name", words);
        let contact_phone = row.take("contact_phone", digits);
        let address = row.take("address", words);
        let headcount = row.take("headcount", |cell| cell.whole(0, u32::MAX));
        let headcount = headcount.map(|n| i32::try_from(n).unwrap_or(i32::MAX));
        let active = match row.text("active").as_str() {
            "" => None,
            IN_USE => Some(true),
            OUT_OF_USE => Some(false),
            _ => {
                row.faults.push(fault("active", "unknown"));
                None
            }
        };
        let form = OrgForm { name, credit_code, contact_name, contact_phone, address, headcount, ..OrgForm::default() };
        (Self { code, parent_code, active, form: form.tidied() }, row.faults)
    }

    /// A blank cell leaves what is there as it is: a sparse file must not empty the records.
    fn complete(&mut self, known: &HashMap<String, Self>, _present: &[bool]) {
        let Some(old) = known.get(&self.key()) else { return };
        self.code.clone_from(&old.code);
        let form = &mut self.form;
        for (text, old) in [
            (&mut self.parent_code, &old.parent_code),
            (&mut form.credit_code, &old.form.credit_code),
            (&mut form.contact_name, &old.form.contact_name),
            (&mut form.contact_phone, &old.form.contact_phone),
            (&mut form.address, &old.form.address),
        ] {
            if text.is_empty() {
                text.clone_from(old);
            }
        }
        form.headcount = form.headcount.or(old.form.headcount);
        self.active = self.active.or(old.active);
    }

    fn cells(&self) -> Vec<String> {
        let OrgForm { name, credit_code, contact_name, contact_phone, address, headcount, .. } = &self.form;
        let headcount = headcount.map(|n| n.to_string()).unwrap_or_default();
        let state = self.active.map_or("", |active| if active { IN_USE } else { OUT_OF_USE });
        let texts = [&self.code, name, credit_code, &self.parent_code, contact_name, contact_phone, address];
        texts.into_iter().cloned().chain([headcount, state.to_owned()]).collect()
    }
}

/// Units as rows, each with the code of what it hangs on.
pub(super) async fn rows_of(db: &impl ConnectionTrait, units: Vec<org::Model>) -> Result<Vec<UnitRow>, Problem> {
    let parents: HashSet<i64> = units.iter().filter_map(|u| u.parent_id).collect();
    let mut codes: HashMap<i64, String> = HashMap::new();
    for part in parents.into_iter().collect::<Vec<_>>().chunks(AT_ONCE) {
        let select = org::Entity::find().filter(org::Column::Id.is_in(part.iter().copied())).select_only();
        let found: Vec<(i64, String)> =
            select.columns([org::Column::Id, org::Column::Code]).into_tuple().all(db).await?;
        codes.extend(found);
    }
    let row = |unit: org::Model| UnitRow {
        parent_code: unit.parent_id.and_then(|id| codes.get(&id).cloned()).unwrap_or_default(),
        code: unit.code,
        active: Some(unit.active),
        form: OrgForm {
            name: unit.name,
            contact_name: unit.contact_name,
            contact_phone: unit.contact_phone,
            address: unit.address,
            headcount: unit.headcount,
            credit_code: unit.credit_code,
            review_limit_fen: unit.review_limit_fen,
            review_share: unit.review_share,
        },
    };
    Ok(units.into_iter().map(row).collect())
}
