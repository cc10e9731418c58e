//! How an import of units reads and writes them: held first, so that what is judged is what is written.
use std::collections::{HashMap, HashSet};

use huzhu_domain::{
    dictionary::Fault,
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
    unit_rows::rows_of,
};
use crate::{
    entity::org,
    exchange::{AT_ONCE, Stored, Written},
    platform::{auth::Me, coded::Coded, error::Problem},
    records::Noted,
};

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

    async fn conflicts<C: ConnectionTrait>(
        db: &C,
        me: &Me,
        rows: &[Self],
        known: &HashMap<String, Self>,
    ) -> Result<Vec<Vec<Fault>>, Problem> {
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
        let (office_id, agency_id) = branch_columns(parent);
        models.push(org::ActiveModel {
            parent_id: Set(Some(parent.id)),
            kind: Set(Coded(OrgKind::Unit)),
            code: Set(code.clone()),
            office_id: Set(Some(office_id.0)),
            agency_id: Set(agency_id.map(|OrgId(id)| id)),
            active: Set(true),
            version: Set(1),
            ..model_of(&row.entry.form)
        });
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
        models.push(org::ActiveModel {
            id: Set(node.id),
            parent_id: Set(node.parent_id),
            kind: Set(node.kind),
            code: Set(node.code.clone()),
            office_id: Set(node.office_id),
            agency_id: Set(node.agency_id),
            active: Set(node.active),
            version: Set(node.version),
            ..model_of(&row.entry.form)
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
