//! Puts 已清除 into the place of what goes, in the transaction of a batch.
use chrono::NaiveDate;
use huzhu_domain::retention::{ERASED, RetentionKind};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder,
    prelude::Expr,
    sea_query::{Alias, CaseStatement, Query, SimpleExpr},
};
use serde_json::{Value, json};

use super::fields::{Of, Place, With, places};
use crate::{
    audit::tombstones::{self, Heap},
    cases::store::{self, Erased},
    entity::{appeal, case_event, change, record_event},
    platform::keys,
};

/// Erases a kind of these rows; answers with what the tombstones of their events come to.
pub(super) async fn erase(
    tx: &DatabaseTransaction,
    kind: RetentionKind,
    ids: &[i64],
    erasure: i64,
    today: NaiveDate,
) -> Result<Value, DbErr> {
    // While their rows still say whose they are.
    let (mut of_cases, mut of_records) = (Heap::default(), Heap::default());
    match kind {
        RetentionKind::CaseRecords => {
            of_cases = case_events(tx, ids, erasure).await?;
            let appeals = appeal::Entity::find().filter(appeal::Column::CaseId.is_in(ids.iter().copied()));
            let appeals = appeals.all(tx).await?.into_iter().map(|a| a.id).collect();
            of_records = record_events(tx, &[("appeal", appeals)], erasure).await?;
        }
        RetentionKind::MemberRecords => {
            let changes = changes(tx, ids).await?;
            of_records = record_events(tx, &[("member", ids.to_vec()), ("change", changes)], erasure).await?;
        }
        RetentionKind::RosterRows => of_records = record_events(tx, &[("enrolment", ids.to_vec())], erasure).await?,
        _ => {}
    }
    for place in places(kind) {
        columns(tx, place, ids, today).await?;
    }
    match kind {
        RetentionKind::CasePictures => store::erase(tx, ids, Erased::Pictures).await?,
        RetentionKind::CaseRecords => store::erase(tx, ids, Erased::Records).await?,
        RetentionKind::PaymentRecords => store::erase(tx, ids, Erased::Payments).await?,
        _ => {}
    }
    Ok(json!({ "case_events": of_cases.told(), "record_events": of_records.told() }))
}

/// The rows of a table that are about some others.
pub(super) fn about(of: Of, ids: &[i64]) -> SimpleExpr {
    let name = |n: &str| Alias::new(n);
    match of {
        Of::Own(column) => Expr::col(name(column)).is_in(ids.iter().copied()),
        Of::Through(column, table, by) => {
            let mut rows = Query::select();
            rows.from(name(table)).column(name("id")).and_where(Expr::col(name(by)).is_in(ids.iter().copied()));
            Expr::col(name(column)).in_subquery(rows)
        }
    }
}

async fn columns(tx: &impl ConnectionTrait, place: &Place, ids: &[i64], today: NaiveDate) -> Result<(), DbErr> {
    let mut update = Query::update();
    update.table(Alias::new(place.table)).and_where(about(place.of, ids));
    for (column, with) in place.columns {
        let own = || Expr::col(Alias::new(*column));
        // What was left blank stays blank.
        let filled = |value: String| CaseStatement::new().case(own().eq(""), "").finally(value).into();
        let value: SimpleExpr = match with {
            With::Word => filled(ERASED.to_owned()),
            With::Sealed => filled(keys::seal(ERASED)),
            With::SealedCells => filled(keys::seal(&json!([ERASED]).to_string())),
            With::EmptyList => Expr::val("[]"),
            With::Nothing => Expr::val(""),
            With::Null => Expr::null(),
            With::Today => Expr::val(today),
            With::Next => own().add(1),
        };
        update.value(Alias::new(*column), value);
    }
    tx.execute(&update).await.map(|_| ())
}

/// The words of cases' events: why somebody returned or denied, what was asked for.
async fn case_events(tx: &impl ConnectionTrait, ids: &[i64], erasure: i64) -> Result<Heap, DbErr> {
    use case_event::Column as C;
    let worded = Condition::any().add(C::Note.is_not_null()).add(C::Data.contains("\"what\""));
    let events = case_event::Entity::find().filter(C::CaseId.is_in(ids.iter().copied())).filter(worded);
    let events = events.order_by_asc(C::CaseId).order_by_asc(C::Seq).all(tx).await?;
    let mut heap = Heap::default();
    for event in events {
        let mut event = case_event::Model {
            note: event.note.map(|_| ERASED.to_owned()),
            data: wordless(&event.data),
            erasure_id: Some(erasure),
            ..event
        };
        event.tombstone = tombstones::of_case_event(&event);
        heap.add(&event.tombstone);
        let mut update = Query::update();
        update
            .table(case_event::Entity)
            .values([
                (C::Note, event.note.into()),
                (C::Data, event.data.into()),
                (C::ErasureId, event.erasure_id.into()),
                (C::Tombstone, event.tombstone.into()),
            ])
            .and_where(C::Id.eq(event.id));
        tx.execute(&update).await?;
    }
    Ok(heap)
}

/// What an event keeps, without what was asked for in words.
fn wordless(data: &str) -> String {
    let Ok(mut data) = serde_json::from_str::<Value>(data) else { return "{}".to_owned() };
    for item in data["supplement"].as_array_mut().into_iter().flatten() {
        if let Some(what) = item.get_mut("what") {
            *what = json!(ERASED);
        }
    }
    data.to_string()
}

/// What was and is of records, and why it was changed.
async fn record_events(tx: &impl ConnectionTrait, of: &[(&str, Vec<i64>)], erasure: i64) -> Result<Heap, DbErr> {
    use record_event::Column as C;
    let about = of.iter().fold(Condition::any(), |any, (kind, ids)| {
        let these = C::ObjectId.is_in(ids.iter().copied());
        any.add(Condition::all().add(C::ObjectKind.eq(*kind)).add(these))
    });
    let events = record_event::Entity::find().filter(about).filter(C::ErasureId.is_null());
    let mut heap = Heap::default();
    for event in events.order_by_asc(C::Id).all(tx).await? {
        let reason = if event.reason.is_empty() { String::new() } else { ERASED.to_owned() };
        let (before, after, erasure_id) = (String::new(), String::new(), Some(erasure));
        let mut event = record_event::Model { reason, before, after, erasure_id, ..event };
        event.tombstone = tombstones::of_record_event(&event);
        heap.add(&event.tombstone);
        let mut update = Query::update();
        update
            .table(record_event::Entity)
            .values([
                (C::Reason, event.reason.into()),
                (C::Before, event.before.into()),
                (C::After, event.after.into()),
                (C::ErasureId, event.erasure_id.into()),
                (C::Tombstone, event.tombstone.into()),
            ])
            .and_where(C::Id.eq(event.id));
        tx.execute(&update).await?;
    }
    Ok(heap)
}

/// Fields of a change that are a person's.
const PERSONAL: [&str; 5] = ["name", "id_number", "phone", "account_no", "holder_name"];

/// Changes of members: what they were about stays, whose it was goes. Answers with their ids.
async fn changes(tx: &impl ConnectionTrait, members: &[i64]) -> Result<Vec<i64>, DbErr> {
    use change::Column as C;
    let about = Condition::any()
        .add(C::MemberId.is_in(members.iter().copied()))
        .add(C::OtherMemberId.is_in(members.iter().copied()));
    let found = change::Entity::find().filter(about).order_by_asc(C::Id).all(tx).await?;
    let word = |text: &str| Set(if text.is_empty() { String::new() } else { ERASED.to_owned() });
    for row in &found {
        let pseudonymous = |text: &str| {
            let mut value = serde_json::from_str(text).unwrap_or_default();
            pseudonymise(&mut value);
            Set(value.to_string().into())
        };
        let new = change::ActiveModel {
            id: Set(row.id),
            before: pseudonymous(row.before.as_str()),
            after: pseudonymous(row.after.as_str()),
            reason: word(&row.reason),
            decision_note: word(&row.decision_note),
            ..Default::default()
        };
        change::Entity::update(new).exec(tx).await?;
    }
    Ok(found.into_iter().map(|row| row.id).collect())
}

fn pseudonymise(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(pseudonymise),
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), &value) {
                    (name, Value::String(text)) if PERSONAL.contains(&name) && !text.is_empty() => {
                        *value = json!(ERASED)
                    }
                    ("birth_date" | "sex", _) => *value = Value::Null,
                    _ => pseudonymise(value),
                }
            }
        }
        _ => {}
    }
}
