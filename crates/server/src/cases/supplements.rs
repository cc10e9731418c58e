//! 补正: a case goes back to 材料上传 with a list of what is missing; its clock is stopped until the clerk confirms the papers again.
//!
//! An item is settled by a picture of its kind that was added after it was asked for, or by an answer in words.
use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Days, NaiveDate, Utc};
use huzhu_domain::case::Blocker;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    file::CaseFile,
    rows::{self, Names},
};
use crate::{
    app::App,
    entity::{case, supplement},
    platform::{auth::Me, clock, error::Problem},
};

/// Items of one request.
const MAX_ITEMS: usize = 20;
/// The longest text of an item, and of an answer, in characters.
pub const MAX_WORDS: usize = 200;
/// The latest day until which things can be asked for, in days from now.
const MAX_DAYS: u64 = 366;

/// Something that is missing: a kind of the plan's papers, with a remark or without, or something in words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MissingItem {
    /// A kind of paper that the case carries; null for something in words.
    pub kind: Option<String>,
    /// What exactly; needed where no kind is named. No personal data.
    #[serde(default)]
    pub what: String,
}

/// What a reviewer asks for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The list.
    pub items: Vec<MissingItem>,
    /// Until when it is wanted.
    pub due_on: Option<NaiveDate>,
}

/// An item as it is written: kind and words.
type Item = (Option<String>, String);

impl Asked {
    /// The list with the names of the papers in the place of blank words.
    ///
    /// # Errors
    /// 422 naming what is wrong, when the database fails.
    pub(super) async fn items(
        &self,
        db: &impl ConnectionTrait,
        app: &App,
        row: &case::Model,
    ) -> Result<Vec<Item>, Problem> {
        let plan = app.plans.get(db, row.plan_version_id).await?;
        let names: BTreeMap<&str, &str> = plan
            .materials_for(&row.liability_code, row.claim_type.0)
            .map(|m| (m.kind.as_str(), m.name.as_str()))
            .collect();
        let mut wrong = Vec::new();
        let mut out: Vec<Item> = Vec::new();
        let mut seen = HashSet::new();
        if self.items.len() > MAX_ITEMS {
            wrong.push(("missing".to_owned(), "too_many".to_owned()));
        }
        for (i, item) in self.items.iter().take(MAX_ITEMS).enumerate() {
            let mut add = |field: &str, code: &str| wrong.push((format!("missing.{i}.{field}"), code.to_owned()));
            let text = item.what.trim();
            let name = item.kind.as_deref().map(|kind| names.get(kind).copied());
            match name {
                Some(None) => add("kind", "unknown"),
                None if text.is_empty() => add("what", "required"),
                _ => {}
            }
            if text.chars().count() > MAX_WORDS {
                add("what", "too_long");
            } else if text.chars().any(char::is_control) {
                add("what", "control_signs");
            } else if !seen.insert((item.kind.clone(), text)) {
                add("what", "asked_twice");
            }
            let what = match name.flatten() {
                Some(name) if text.is_empty() => name.to_owned(),
                Some(name) => format!("{name}：{text}"),
                None => text.to_owned(),
            };
            out.push((item.kind.clone(), what));
        }
        let today = clock::today();
        if self.due_on.is_some_and(|day| day < today || day > today + Days::new(MAX_DAYS)) {
            wrong.push(("supplement_until".to_owned(), "until_impossible".to_owned()));
        }
        if wrong.is_empty() { Ok(out) } else { Err(Problem::invalid(wrong)) }
    }

    /// Writes the list as the next round of the case.
    pub(super) async fn write(
        &self,
        tx: &DatabaseTransaction,
        me: &Me,
        row: &case::Model,
        items: &[Item],
    ) -> Result<(), Problem> {
        let last = supplement::Entity::find()
            .filter(supplement::Column::CaseId.eq(row.id))
            .order_by_desc(supplement::Column::Round)
            .one(tx)
            .await?;
        let round = last.map_or(1, |s| s.round + 1);
        let rows = (0..).zip(items).map(|(position, (kind, what))| supplement::ActiveModel {
            case_id: Set(row.id),
            round: Set(round),
            position: Set(position),
            kind: Set(kind.clone()),
            what: Set(what.clone()),
            asked_by_id: Set(me.id.0),
            asked_at: Set(clock::now()),
            due_on: Set(self.due_on),
            answer: Set(String::new()),
            ..Default::default()
        });
        supplement::Entity::insert_many(rows).exec_without_returning(tx).await?;
        Ok(())
    }

    /// What the event keeps of it.
    pub(super) fn told(&self, items: &[Item]) -> Value {
        let items: Vec<Value> = items.iter().map(|(kind, what)| json!({ "kind": kind, "what": what })).collect();
        json!({ "supplement": items, "supplement_until": self.due_on })
    }
}

/// Everything that was ever asked for, in its order.
pub(super) async fn of(db: &impl ConnectionTrait, case_id: i64) -> Result<Vec<supplement::Model>, Problem> {
    use supplement::Column as C;
    let rows = supplement::Entity::find().filter(C::CaseId.eq(case_id));
    Ok(rows.order_by_asc(C::Round).order_by_asc(C::Position).all(db).await?)
}

/// Keeps an answer in words to what is asked for now.
///
/// # Errors
/// 404 where the case waits for no such thing.
pub async fn answer(
    tx: &DatabaseTransaction,
    me: &Me,
    row: &case::Model,
    id: i64,
    words: String,
) -> Result<(), Problem> {
    let asked = of(tx, row.id).await?;
    let round = asked.last().map(|s| s.round);
    if !row.clock_stopped || !asked.iter().any(|s| s.id == id && Some(s.round) == round) {
        return Err(Problem::not_found());
    }
    let given = !words.is_empty();
    let new = supplement::ActiveModel {
        answer: Set(words),
        answered_by_id: Set(given.then_some(me.id.0)),
        answered_at: Set(given.then(clock::now)),
        ..Default::default()
    };
    supplement::Entity::update_many().set(new).filter(supplement::Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Something that was asked for, with what came.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SupplementItem {
    id: i64,
    kind: Option<String>,
    /// What is missing, in words.
    pub what: String,
    /// Pictures of the kind that were added since.
    pictures: u32,
    /// The answer in words; empty where there is none.
    answer: String,
    answered_by_name: String,
    /// Whether it is settled.
    settled: bool,
}

/// What was asked for at one return.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SupplementRound {
    /// From 1.
    round: i32,
    /// Whether the case waits for it now.
    open: bool,
    asked_at: DateTime<Utc>,
    asked_by_name: String,
    /// Until when it is wanted; null where no day was said.
    due_on: Option<NaiveDate>,
    items: Vec<SupplementItem>,
}

impl CaseFile {
    /// Who asked, answered, cut or judged: whose names the page and the papers show.
    #[must_use]
    pub fn reviewers(&self) -> Vec<i64> {
        let mut out = Vec::new();
        for s in &self.supplements {
            out.push(s.asked_by_id);
            out.extend(s.answered_by_id);
        }
        out.extend(self.reductions.iter().map(|r| r.made_by_id));
        out.extend(self.answers.iter().map(|a| a.by_id));
        out
    }

    fn pictures_since(&self, item: &supplement::Model) -> u32 {
        let Some(kind) = &item.kind else { return 0 };
        let new = self.pictures.iter().filter(|p| p.kind == *kind && p.uploaded_at > item.asked_at);
        u32::try_from(new.count()).unwrap_or(u32::MAX)
    }

    fn is_settled(&self, item: &supplement::Model) -> bool {
        !item.answer.is_empty() || self.pictures_since(item) > 0
    }

    /// What the case waits for: the last round, while its clock is stopped.
    fn waits_for(&self) -> impl Iterator<Item = &supplement::Model> {
        let round = self.supplements.last().map(|s| s.round).filter(|_| self.row.clock_stopped);
        self.supplements.iter().filter(move |s| Some(s.round) == round)
    }

    /// What has neither come nor been answered.
    pub(super) fn open_supplements(&self) -> Vec<Blocker> {
        let open = self.waits_for().filter(|s| !self.is_settled(s));
        open.map(|s| Blocker::SupplementOpen { name: s.what.clone() }).collect()
    }

    /// What came, as the event of 确定 keeps it.
    pub(super) fn supplement_told(&self) -> Value {
        let came = |s: &supplement::Model| json!({ "kind": s.kind, "pictures": self.pictures_since(s), "in_words": !s.answer.is_empty() });
        let items: Vec<Value> = self.waits_for().map(came).collect();
        if items.is_empty() { json!({}) } else { json!({ "supplement": items }) }
    }

    /// Every round, the newest first.
    #[must_use]
    pub fn supplement_rounds(&self, users: &Names) -> Vec<SupplementRound> {
        let open = self.waits_for().next().map(|s| s.round);
        let mut out: Vec<SupplementRound> = Vec::new();
        for s in &self.supplements {
            let item = SupplementItem {
                id: s.id,
                kind: s.kind.clone(),
                what: s.what.clone(),
                pictures: self.pictures_since(s),
                answer: s.answer.clone(),
                answered_by_name: s.answered_by_id.map(|id| rows::name(users, id)).unwrap_or_default(),
                settled: self.is_settled(s),
            };
            match out.last_mut().filter(|round| round.round == s.round) {
                Some(round) => round.items.push(item),
                None => out.push(SupplementRound {
                    round: s.round,
                    open: open == Some(s.round),
                    asked_at: s.asked_at,
                    asked_by_name: rows::name(users, s.asked_by_id),
                    due_on: s.due_on,
                    items: vec![item],
                }),
            }
        }
        out.reverse();
        out
    }
}
