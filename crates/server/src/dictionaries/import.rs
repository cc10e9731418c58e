//! How the dictionaries are read and written by an import.
use std::collections::{BTreeMap, HashMap};

use huzhu_domain::dictionary::{self, BankRow, Fault, Hospital, IllnessClass};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use serde_json::{Value, json};

use super::{banks, hospitals, illnesses, initials};
use crate::{
    entity::{bank, bank_bin, hospital, illness_class},
    exchange::{AT_ONCE, Stored, Written},
    platform::{coded::Coded, error::Problem},
    records::Noted,
};

/// What an entry's history is told of it.
fn noted<E: Stored>(ids: &HashMap<String, i64>, row: &Written<E>) -> Option<Noted> {
    let act = if row.before.is_some() { "import_update" } else { "import_create" };
    let value = |entry: &E| serde_json::to_value(entry).unwrap_or_default();
    let before = row.before.as_ref().map(value).unwrap_or_default();
    ids.get(&row.entry.key()).map(|id| Noted { id: *id, act, before, after: value(&row.entry) })
}

impl Stored for Hospital {
    type Scope = ();
    const OBJECT: &'static str = "hospital";

    async fn known<C: ConnectionTrait>(db: &C, (): &(), rows: &[Self]) -> Result<HashMap<String, Self>, Problem> {
        let mut out = HashMap::new();
        for part in rows.chunks(AT_ONCE) {
            let names = part.iter().map(|r| r.name.as_str());
            let found = hospital::Entity::find().filter(hospital::Column::Name.is_in(names)).all(db).await?;
            out.extend(found.iter().map(|h| (h.name.clone(), hospitals::entry_of(h))));
        }
        Ok(out)
    }

    async fn write<C: ConnectionTrait>(tx: &C, (): &(), rows: &[Written<Self>]) -> Result<Vec<Noted>, Problem> {
        use hospital::Column as C;
        let again = OnConflict::column(C::Name)
            .update_columns([C::Level, C::Region, C::Initials, C::Active])
            .value(C::Version, Expr::col((hospital::Entity, C::Version)).add(1))
            .to_owned();
        let mut out = Vec::with_capacity(rows.len());
        for part in rows.chunks(AT_ONCE) {
            let models = part.iter().map(|r| hospitals::model(&r.entry));
            hospital::Entity::insert_many(models).on_conflict(again.clone()).exec_without_returning(tx).await?;
            let names = part.iter().map(|r| r.entry.name.as_str());
            let saved = hospital::Entity::find().filter(C::Name.is_in(names)).all(tx).await?;
            let ids = saved.into_iter().map(|h| (h.name, h.id)).collect();
            out.extend(part.iter().filter_map(|r| noted(&ids, r)));
        }
        Ok(out)
    }
}

impl Stored for IllnessClass {
    type Scope = ();
    const OBJECT: &'static str = "illness_class";

    async fn known<C: ConnectionTrait>(db: &C, (): &(), rows: &[Self]) -> Result<HashMap<String, Self>, Problem> {
        let mut out = HashMap::new();
        for part in rows.chunks(AT_ONCE) {
            let codes = part.iter().map(|r| r.code.as_str());
            let found = illness_class::Entity::find().filter(illness_class::Column::Code.is_in(codes)).all(db).await?;
            out.extend(found.iter().map(|i| (i.code.clone(), illnesses::entry_of(i))));
        }
        Ok(out)
    }

    async fn write<C: ConnectionTrait>(tx: &C, (): &(), rows: &[Written<Self>]) -> Result<Vec<Noted>, Problem> {
        use illness_class::Column as C;
        let again = OnConflict::column(C::Code)
            .update_columns([C::Name, C::Category, C::Initials, C::Active])
            .value(C::Version, Expr::col((illness_class::Entity, C::Version)).add(1))
            .to_owned();
        let mut out = Vec::with_capacity(rows.len());
        for part in rows.chunks(AT_ONCE) {
            let models = part.iter().map(|r| illnesses::model(&r.entry));
            illness_class::Entity::insert_many(models).on_conflict(again.clone()).exec_without_returning(tx).await?;
            let codes = part.iter().map(|r| r.entry.code.as_str());
            let saved = illness_class::Entity::find().filter(C::Code.is_in(codes)).all(tx).await?;
            let ids = saved.into_iter().map(|i| (i.code, i.id)).collect();
            out.extend(part.iter().filter_map(|r| noted(&ids, r)));
        }
        Ok(out)
    }
}

async fn banks_named<C: ConnectionTrait>(db: &C, rows: &[BankRow]) -> Result<Vec<bank::Model>, Problem> {
    let mut out = Vec::new();
    for part in rows.chunks(AT_ONCE) {
        let names = part.iter().map(|r| r.name.as_str());
        out.extend(bank::Entity::find().filter(bank::Column::Name.is_in(names)).all(db).await?);
    }
    Ok(out)
}

impl Stored for BankRow {
    type Scope = ();
    const OBJECT: &'static str = "bank";

    async fn known<C: ConnectionTrait>(db: &C, (): &(), rows: &[Self]) -> Result<HashMap<String, Self>, Problem> {
        let banks: HashMap<i64, bank::Model> = banks_named(db, rows).await?.into_iter().map(|b| (b.id, b)).collect();
        let ids: Vec<i64> = banks.keys().copied().collect();
        let mut out = HashMap::new();
        let mut keep = |row: Self| out.insert(dictionary::Entry::key(&row), row);
        for bank in banks.values() {
            keep(row_of(bank, None));
        }
        for part in ids.chunks(AT_ONCE) {
            for bin in banks::bins_of(db, part.to_vec()).await? {
                if let Some(bank) = banks.get(&bin.bank_id) {
                    keep(row_of(bank, Some(bin)));
                }
            }
        }
        Ok(out)
    }

    async fn conflicts<C: ConnectionTrait>(
        db: &C,
        (): &(),
        rows: &[Self],
        _known: &HashMap<String, Self>,
    ) -> Result<Vec<Vec<Fault>>, Problem> {
        let mut bins = Vec::new();
        for part in rows.chunks(AT_ONCE) {
            let prefixes = part.iter().map(|r| r.prefix.as_str());
            bins.extend(bank_bin::Entity::find().filter(bank_bin::Column::Prefix.is_in(prefixes)).all(db).await?);
        }
        let mut names = HashMap::new();
        for part in bins.chunks(AT_ONCE) {
            let ids = part.iter().map(|b| b.bank_id);
            let found = bank::Entity::find().filter(bank::Column::Id.is_in(ids)).all(db).await?;
            names.extend(found.into_iter().map(|b| (b.id, b.name)));
        }
        let owner = |b: bank_bin::Model| names.get(&b.bank_id).map(|name| (b.prefix, name.clone()));
        let owners = bins.into_iter().filter_map(owner).collect();
        Ok(dictionary::bank_conflicts(rows, &owners))
    }

    async fn write<C: ConnectionTrait>(tx: &C, (): &(), rows: &[Written<Self>]) -> Result<Vec<Noted>, Problem> {
        use bank::Column as C;
        let mut by_name: BTreeMap<&str, Vec<&Written<Self>>> = BTreeMap::new();
        for row in rows {
            by_name.entry(&row.entry.name).or_default().push(row);
        }
        let again = OnConflict::column(C::Name)
            .update_columns([C::ShortName, C::Active])
            .value(C::Version, Expr::col((bank::Entity, C::Version)).add(1))
            .to_owned();
        let banks: Vec<_> = by_name.into_iter().collect();
        let mut out = Vec::with_capacity(banks.len());
        for part in banks.chunks(AT_ONCE) {
            let models = part.iter().map(|(name, rows)| bank::ActiveModel {
                name: Set((*name).to_owned()),
                short_name: Set(rows[0].entry.short_name.clone()),
                initials: Set(initials(name)),
                active: Set(rows[0].entry.active),
                ..Default::default()
            });
            bank::Entity::insert_many(models).on_conflict(again.clone()).exec_without_returning(tx).await?;
            let saved = bank::Entity::find().filter(C::Name.is_in(part.iter().map(|(name, _)| *name))).all(tx).await?;
            for bank in saved {
                let Some((_, rows)) = part.iter().find(|(name, _)| *name == bank.name) else { continue };
                out.push(bank_noted(bank.id, rows));
            }
        }
        write_bins(tx, rows).await?;
        Ok(out)
    }
}

/// The prefixes of many banks, in chunks.
async fn write_bins<C: ConnectionTrait>(tx: &C, rows: &[Written<BankRow>]) -> Result<(), Problem> {
    use bank_bin::Column as C;
    let entries: Vec<BankRow> = rows.iter().map(|r| r.entry.clone()).collect();
    let ids: HashMap<String, i64> = banks_named(tx, &entries).await?.into_iter().map(|b| (b.name, b.id)).collect();
    let again = OnConflict::column(C::Prefix).update_columns([C::CardLength, C::CardKind]).to_owned();
    let with_prefix: Vec<&BankRow> = entries.iter().filter(|r| !r.prefix.is_empty()).collect();
    for part in with_prefix.chunks(AT_ONCE) {
        let models = part.iter().filter_map(|r| {
            ids.get(&r.name).map(|id| bank_bin::ActiveModel {
                prefix: Set(r.prefix.clone()),
                bank_id: Set(*id),
                card_length: Set(r.card_length),
                card_kind: Set(r.card_kind.map(Coded)),
            })
        });
        bank_bin::Entity::insert_many(models).on_conflict(again.clone()).exec_without_returning(tx).await?;
    }
    Ok(())
}

pub(super) fn row_of(bank: &bank::Model, bin: Option<bank_bin::Model>) -> BankRow {
    let (name, short_name, active) = (bank.name.clone(), bank.short_name.clone(), bank.active);
    let (prefix, card_length, card_kind) = match bin {
        Some(bin) => (bin.prefix, bin.card_length, bin.card_kind.map(|k| k.0)),
        None => (String::new(), None, None),
    };
    BankRow { name, short_name, active, prefix, card_length, card_kind }
}

/// One event a bank: its rows of the file, and what was there for them.
fn bank_noted(id: i64, rows: &[&Written<BankRow>]) -> Noted {
    let before: Vec<&BankRow> = rows.iter().filter_map(|r| r.before.as_ref()).collect();
    let after: Vec<&BankRow> = rows.iter().map(|r| &r.entry).collect();
    let of = |entries: &[&BankRow]| match entries {
        [] => Value::Null,
        [first, ..] => {
            json!({ "name": first.name, "short_name": first.short_name, "active": first.active, "bins": entries
            .iter()
            .filter(|e| !e.prefix.is_empty())
            .map(|e| json!({ "prefix": e.prefix, "card_length": e.card_length, "card_kind": e.card_kind }))
            .collect::<Vec<_>>() })
        }
    };
    let act = if before.is_empty() { "import_create" } else { "import_update" };
    Noted { id, act, before: of(&before), after: of(&after) }
}
