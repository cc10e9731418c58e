//! Units as rows of a file: their columns, and how an import reads and writes them.
use std::collections::{HashMap, HashSet};

use huzhu_domain::{
    cells::Cell,
    dictionary::{Entry, Fault, fault},
    ids::OrgId,
    org::{OrgForm, OrgKind, UnitFacts, UnitRow},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde_json::{Value, json};

use super::{
    history::difference,
    node_acts::{branch_columns, told, unique},
    nodes,
};
use crate::{
    entity::org,
    exchange::{AT_ONCE, Col, Reader, Sheet, Stored, Written},
    platform::{auth::Me, coded::Coded, error::Problem},
    records::Noted,
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

/// The nodes that rows hang their units on, by code.
async fn parents(
    db: &impl ConnectionTrait,
    me: &Me,
    codes: HashSet<&str>,
) -> Result<HashMap<String, org::Model>, Problem> {
    let mut out = HashMap::new();
    for part in codes.into_iter().collect::<Vec<_>>().chunks(AT_ONCE) {
        let found = org::Entity::find()
            .filter(me.sees_org())
            .filter(org::Column::Code.is_in(part.iter().copied()))
            .filter(org::Column::Kind.is_in([OrgKind::Office, OrgKind::Agency].map(Coded)))
            .all(db)
            .await?;
        out.extend(found.into_iter().map(|o| (o.code.clone(), o)));
    }
    Ok(out)
}

/// The units of one's branch that rows name by their code, or by the credit code of one in use.
async fn units(db: &impl ConnectionTrait, me: &Me, rows: &[UnitRow]) -> Result<Vec<org::Model>, Problem> {
    let credit_codes = rows.iter().map(|r| r.form.credit_code.as_str()).filter(|c| !c.is_empty());
    let named = Condition::any()
        .add(org::Column::Code.is_in(rows.iter().map(|r| r.code.as_str())))
        .add(org::Column::CreditCode.is_in(credit_codes).and(org::Column::Active.eq(true)));
    let select = org::Entity::find().filter(me.sees_org()).filter(org::Column::Kind.eq(Coded(OrgKind::Unit)));
    Ok(select.filter(named).all(db).await?)
}

impl Stored for UnitRow {
    const OBJECT: &'static str = "org";
    type Scope = Me;

    /// Above before below, as everybody holds them.
    async fn hold(tx: &DatabaseTransaction, me: &Me, rows: &[Self]) -> Result<(), Problem> {
        let parents = parents(tx, me, rows.iter().map(|r| r.parent_code.as_str()).collect()).await?;
        let mut ids: Vec<i64> = parents.values().map(|p| p.id).collect();
        nodes::hold(tx, me, &ids).await?;
        ids.clear();
        for part in rows.chunks(AT_ONCE) {
            ids.extend(units(tx, me, part).await?.iter().map(|u| u.id));
        }
        ids.sort_unstable();
        for part in ids.chunks(AT_ONCE) {
            nodes::hold(tx, me, part).await?;
        }
        Ok(())
    }

    /// By code, those in use by their credit code too.
    async fn known<C: ConnectionTrait>(db: &C, me: &Me, rows: &[Self]) -> Result<HashMap<String, Self>, Problem> {
        let mut out = HashMap::new();
        for part in rows.chunks(AT_ONCE) {
            for row in rows_of(db, units(db, me, part).await?).await? {
                if row.active == Some(true) && !row.form.credit_code.is_empty() {
                    out.insert(row.form.credit_code.clone(), row.clone());
                }
                out.insert(row.code.clone(), row);
            }
        }
        Ok(out)
    }

    async fn conflicts<C: ConnectionTrait>(db: &C, me: &Me, rows: &[Self]) -> Result<Vec<Vec<Fault>>, Problem> {
        let known = Self::known(db, me, rows).await?;
        let parents = parents(db, me, rows.iter().map(|r| r.parent_code.as_str()).collect()).await?;
        let mut given: HashSet<String> = HashSet::new();
        let mut owners: HashMap<String, String> = HashMap::new();
        for part in rows.chunks(AT_ONCE) {
            let select = || org::Entity::find().select_only();
            let codes = part.iter().map(|r| r.code.as_str());
            let found = select().column(org::Column::Code).filter(org::Column::Code.is_in(codes));
            given.extend(found.into_tuple::<String>().all(db).await?);
            let credit_codes = part.iter().map(|r| r.form.credit_code.as_str()).filter(|c| !c.is_empty());
            let found = select()
                .columns([org::Column::CreditCode, org::Column::Code])
                .filter(org::Column::CreditCode.is_in(credit_codes))
                .filter(org::Column::Kind.eq(Coded(OrgKind::Unit)))
                .filter(org::Column::Active.eq(true));
            owners.extend(found.into_tuple::<(String, String)>().all(db).await?);
        }
        let mut seen: HashSet<&str> = HashSet::new();
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            let credit_code = row.form.credit_code.as_str();
            let another = owners.get(credit_code).is_some_and(|code| *code != row.code);
            let facts = UnitFacts {
                known: known.get(&row.code),
                parent_active: parents.get(&row.parent_code).map(|p| p.active),
                code_elsewhere: given.contains(&row.code),
                credit_code_twice: row.active != Some(false)
                    && !credit_code.is_empty()
                    && (another || !seen.insert(credit_code)),
            };
            out.push(facts.faults(row));
        }
        Ok(out)
    }

    async fn write<C: ConnectionTrait>(tx: &C, me: &Me, rows: &[Written<Self>]) -> Result<Vec<Noted>, Problem> {
        let (changed, new): (Vec<&Written<Self>>, Vec<&Written<Self>>) = rows.iter().partition(|r| r.before.is_some());
        let mut out = Vec::with_capacity(rows.len());
        for part in changed.chunks(AT_ONCE) {
            out.extend(change(tx, part).await?);
        }
        let parents = parents(tx, me, new.iter().map(|r| r.entry.parent_code.as_str()).collect()).await?;
        let coded = coded(tx, rows, &new).await?;
        for part in coded.chunks(AT_ONCE) {
            out.extend(make(tx, part, &parents).await?);
        }
        Ok(out)
    }
}

/// New rows, each with its code: that of the file, else the next one that is free.
async fn coded<'a>(
    tx: &impl ConnectionTrait,
    rows: &[Written<UnitRow>],
    new: &[&'a Written<UnitRow>],
) -> Result<Vec<(String, &'a Written<UnitRow>)>, Problem> {
    // A code that the file itself gives isn't free.
    let in_file: HashSet<&str> = rows.iter().map(|r| r.entry.code.as_str()).collect();
    let mut free: HashMap<&str, _> = HashMap::new();
    let mut out = Vec::with_capacity(new.len());
    for row in new {
        let UnitRow { code, parent_code, .. } = &row.entry;
        if !code.is_empty() {
            out.push((code.clone(), *row));
            continue;
        }
        if !free.contains_key(parent_code.as_str()) {
            free.insert(parent_code, nodes::free_unit_codes(tx, parent_code).await?);
        }
        let next = free.get_mut(parent_code.as_str()).and_then(|f| f.find(|c| !in_file.contains(c.as_str())));
        out.push((next.ok_or_else(|| Problem::invalid_field("code", "none_left"))?, *row));
    }
    Ok(out)
}

async fn by_code<'a>(
    tx: &impl ConnectionTrait,
    codes: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, org::Model>, Problem> {
    let found = org::Entity::find().filter(org::Column::Code.is_in(codes)).all(tx).await?;
    Ok(found.into_iter().map(|o| (o.code.clone(), o)).collect())
}

fn lost() -> Problem {
    Problem::internal("a unit or what it hangs on went away while it was held")
}

/// Makes some units.
async fn make(
    tx: &impl ConnectionTrait,
    rows: &[(String, &Written<UnitRow>)],
    parents: &HashMap<String, org::Model>,
) -> Result<Vec<Noted>, Problem> {
    let mut models = Vec::with_capacity(rows.len());
    for (code, row) in rows {
        let parent = parents.get(&row.entry.parent_code).ok_or_else(lost)?;
        models.push(org::ActiveModel { version: Set(1), ..model(code, parent, &row.entry.form) });
    }
    org::Entity::insert_many(models).exec_without_returning(tx).await.map_err(unique)?;
    let saved = by_code(tx, rows.iter().map(|(code, _)| code.as_str())).await?;
    let mut out = Vec::with_capacity(rows.len());
    for (code, row) in rows {
        let (node, parent) = saved.get(code).zip(parents.get(&row.entry.parent_code)).ok_or_else(lost)?;
        let mut after = told(node);
        after["parent"] = json!(parent.name);
        out.push(Noted { id: node.id, act: "import_create", before: Value::Null, after });
    }
    Ok(out)
}

/// Changes some units, which are held: one statement writes what differs.
async fn change(tx: &impl ConnectionTrait, rows: &[&Written<UnitRow>]) -> Result<Vec<Noted>, Problem> {
    use org::Column as O;
    let codes = || rows.iter().map(|r| r.entry.code.as_str());
    let before = by_code(tx, codes()).await?;
    let mut models = Vec::with_capacity(rows.len());
    for row in rows {
        let node = before.get(&row.entry.code).ok_or_else(lost)?;
        let form = model_of(&row.entry.form);
        models.push(org::ActiveModel {
            id: Set(node.id),
            parent_id: Set(node.parent_id),
            kind: Set(node.kind),
            code: Set(node.code.clone()),
            office_id: Set(node.office_id),
            agency_id: Set(node.agency_id),
            active: Set(node.active),
            version: Set(node.version),
            ..form
        });
    }
    let again = OnConflict::column(O::Id)
        .update_columns([O::Name, O::CreditCode, O::ContactName, O::ContactPhone, O::Address, O::Headcount])
        .value(O::Version, Expr::col((org::Entity, O::Version)).add(1))
        .to_owned();
    org::Entity::insert_many(models).on_conflict(again).exec_without_returning(tx).await.map_err(unique)?;
    let after = by_code(tx, codes()).await?;
    let mut out = Vec::with_capacity(rows.len());
    for row in rows {
        let (was, is) = before.get(&row.entry.code).zip(after.get(&row.entry.code)).ok_or_else(lost)?;
        let (before, after) = difference(&told(was), &told(is));
        out.push(Noted { id: is.id, act: "import_update", before, after });
    }
    Ok(out)
}

fn model(code: &str, parent: &org::Model, form: &OrgForm) -> org::ActiveModel {
    let (office_id, agency_id) = branch_columns(parent);
    org::ActiveModel {
        parent_id: Set(Some(parent.id)),
        kind: Set(Coded(OrgKind::Unit)),
        code: Set(code.to_owned()),
        office_id: Set(Some(office_id.0)),
        agency_id: Set(agency_id.map(|OrgId(id)| id)),
        active: Set(true),
        ..model_of(form)
    }
}

fn model_of(form: &OrgForm) -> org::ActiveModel {
    org::ActiveModel {
        name: Set(form.name.clone()),
        credit_code: Set(form.credit_code.clone()),
        contact_name: Set(form.contact_name.clone()),
        contact_phone: Set(form.contact_phone.clone()),
        address: Set(form.address.clone()),
        headcount: Set(form.headcount),
        ..Default::default()
    }
}
