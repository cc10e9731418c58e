//! 疑似重复: records of the branch that look like one person. Bounded queries, never every record with every other.
use std::collections::{BTreeMap, HashMap};

use axum::{Json, extract::State};
use huzhu_domain::{
    change::{Likeness, Person, likeness},
    id_number::{self, IdKind},
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect, Select,
    prelude::Expr,
    sea_query::{Alias, Query},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{members::MemberOption, store};
use crate::{
    app::App,
    cases::rows,
    entity::member,
    platform::{
        auth::{Acting, Me, can},
        coded::Coded,
        error::{Problem, ProblemBody},
        paging::{Page, Paging},
        seal::{self, Sealed},
    },
};

/// Old numbers, and records with a namesake, that one search looks at.
const MAX_LOOKED_AT: u64 = 2_000;

/// Two records that look like one person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DuplicatePair {
    /// Of the pair: the id of the record that would stay.
    pub id: i64,
    /// Why.
    pub likeness: Likeness,
    /// The record that would stay: the one with the longer number, then the older one.
    pub member: MemberOption,
    /// The record that would go.
    pub other: MemberOption,
}

/// Records of the caller's branch that look like one person, the surest first.
#[utoipa::path(post, path = "/api/changes/duplicates", tag = "changes", request_body = Paging,
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = Page<DuplicatePair>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn duplicates(
    State(app): State<App>,
    me: Acting<can::InquireRecords>,
    Json(paging): Json<Paging>,
) -> Result<Json<Page<DuplicatePair>>, Problem> {
    let mut pairs = old_numbers(&app, &me).await?;
    pairs.extend(namesakes(&app, &me).await?);
    let mut found: BTreeMap<(Likeness, i64, i64), (Record, Record)> = BTreeMap::new();
    for (a, b) in pairs {
        let Some(why) = likeness(a.person(), b.person()) else { continue };
        let key = |r: &Record| (std::cmp::Reverse(r.id_number.as_str().len()), r.id);
        let (stays, goes) = if key(&a) <= key(&b) { (a, b) } else { (b, a) };
        found.entry((why, stays.id, goes.id)).or_insert((stays, goes));
    }
    let total = found.len() as u64;
    let from = usize::try_from(paging.offset()).unwrap_or(usize::MAX);
    let size = usize::try_from(paging.size()).unwrap_or_default();
    let page: Vec<_> = found.into_iter().skip(from).take(size).collect();
    let units = rows::org_names(&app.db, page.iter().flat_map(|(_, (a, b))| [a.unit_id, b.unit_id])).await?;
    let items = page.into_iter().map(|((likeness, id, _), (stays, goes))| DuplicatePair {
        id,
        likeness,
        member: stays.option(&units),
        other: goes.option(&units),
    });
    Ok(Json(paging.answer(items.collect(), total)))
}

#[derive(Clone, Debug, FromQueryResult)]
struct Record {
    id: i64,
    name: String,
    id_kind: Coded<IdKind>,
    id_number: Sealed,
    birth_date: Option<chrono::NaiveDate>,
    unit_id: i64,
}

impl Record {
    fn person(&self) -> Person<'_> {
        Person { name: &self.name, id_number: self.id_number.as_str(), birth_date: self.birth_date }
    }

    fn option(self, units: &rows::Names) -> MemberOption {
        MemberOption {
            unit_name: rows::name(units, self.unit_id),
            id: self.id,
            name: self.name,
            id_kind: self.id_kind.0,
            id_number: self.id_number.into_string(),
            birth_date: self.birth_date,
        }
    }
}

fn records(me: &Me) -> Select<member::Entity> {
    use member::Column as C;
    member::Entity::find()
        .join(JoinType::InnerJoin, store::to_unit())
        .filter(me.sees_org())
        .filter(C::MergedIntoId.is_null())
        .filter(C::ErasedOn.is_null())
        .order_by_asc(C::Id)
        .limit(MAX_LOOKED_AT)
        .select_only()
        .columns([C::Id, C::Name, C::IdKind, C::IdNumber, C::BirthDate, C::UnitId])
}

/// 15-digit numbers with the record that has the 18-digit one.
async fn old_numbers(app: &App, me: &Me) -> Result<Vec<(Record, Record)>, Problem> {
    let old = records(me)
        .filter(seal::is_of_length(member::Column::IdNumber, 15))
        .into_model::<Record>()
        .all(app.db.read())
        .await?;
    let by_new: HashMap<String, Record> =
        old.into_iter().filter_map(|r| id_number::to_18(r.id_number.as_str()).map(|new| (new, r))).collect();
    if by_new.is_empty() {
        return Ok(Vec::new());
    }
    let new = records(me).filter(seal::among(member::Column::IdNumber, by_new.keys().map(String::as_str)));
    let new = new.into_model::<Record>().all(app.db.read()).await?;
    Ok(new.into_iter().filter_map(|n| by_new.get(n.id_number.as_str()).map(|o| (n.clone(), o.clone()))).collect())
}

/// Records with the same name in one unit, or with the same name and date of birth.
async fn namesakes(app: &App, me: &Me) -> Result<Vec<(Record, Record)>, Problem> {
    use member::Column as C;
    let twin = Alias::new("twin");
    let own = |c: C| Expr::col((member::Entity, c));
    let its = |c: C| Expr::col((twin.clone(), c));
    let alike = its(C::UnitId).eq(own(C::UnitId)).or(its(C::BirthDate).eq(own(C::BirthDate)));
    let exists = Query::select()
        .expr(Expr::val(1))
        .from_as(member::Entity, twin.clone())
        .and_where(its(C::Name).eq(own(C::Name)))
        .and_where(its(C::Id).ne(own(C::Id)))
        .and_where(its(C::MergedIntoId).is_null())
        .and_where(alike)
        .to_owned();
    let found = records(me).filter(Expr::exists(exists)).into_model::<Record>().all(app.db.read()).await?;
    let mut by_name: HashMap<String, Vec<Record>> = HashMap::new();
    for record in found {
        by_name.entry(record.name.clone()).or_default().push(record);
    }
    let mut out = Vec::new();
    for group in by_name.values() {
        // A name that very many have says nothing: only neighbours by number are compared.
        let mut group: Vec<&Record> = group.iter().collect();
        group.sort_by(|a, b| (a.birth_date, &a.id_number).cmp(&(b.birth_date, &b.id_number)));
        for (i, a) in group.iter().enumerate() {
            out.extend(group[i + 1..].iter().take(NEIGHBOURS).map(|b| ((*a).clone(), (*b).clone())));
        }
    }
    Ok(out)
}

/// How many namesakes a record is compared with.
const NEIGHBOURS: usize = 20;
