//! 银行 with the prefixes (BIN) that their cards begin with.
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use huzhu_domain::{
    bank_card::{self, Bin, CardKind},
    dictionary::{self, MAX_BINS, tidy},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select, sea_query::ExprTrait,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    entries::{self, DictionarySearch, taken},
    initials, told,
};
use crate::{
    app::App,
    cases::rows,
    entity::{bank, bank_bin},
    platform::{
        auth::{Acting, Me, can},
        coded::Coded,
        db::{beginning, containing},
        error::{Problem, ProblemBody},
        messages::Notice,
        paging::{Page, Paging},
    },
    records::{self, Object},
};

/// A card prefix of a bank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BankBin {
    /// 3 to 12 digits.
    prefix: String,
    /// Digits of a card; null where not known.
    card_length: Option<i32>,
    /// 卡种; null where not known.
    card_kind: Option<CardKind>,
}

/// A bank.
#[derive(Serialize, ToSchema)]
pub struct BankRow {
    id: i64,
    /// For the next change.
    version: i64,
    name: String,
    short_name: String,
    /// Whether it is recognised.
    active: bool,
    /// By prefix.
    bins: Vec<BankBin>,
}

/// What is written about a bank.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BankInput {
    name: String,
    #[serde(default)]
    short_name: String,
    active: bool,
    /// All of them: what isn't in the list is taken away.
    bins: Vec<BankBin>,
    /// The version that was seen; for a change only.
    #[serde(skip_serializing)]
    version: Option<i64>,
}

impl BankInput {
    fn tidied(mut self) -> Self {
        self.name = tidy(&self.name);
        self.short_name = tidy(&self.short_name);
        for bin in &mut self.bins {
            bin.prefix = bank_card::normalise(&bin.prefix);
        }
        self.bins.sort_by(|a, b| a.prefix.cmp(&b.prefix));
        self
    }

    fn check(&self) -> Result<(), Problem> {
        let mut out: Vec<_> = dictionary::bank_faults(&self.name, &self.short_name).iter().map(told).collect();
        if self.bins.len() > MAX_BINS {
            out.push(("bins".to_owned(), "too_many".to_owned()));
        }
        for (i, bin) in self.bins.iter().enumerate() {
            let faults = dictionary::bin_faults(&bin.prefix, bin.card_length).into_iter();
            out.extend(faults.map(|f| (format!("bins.{i}.{}", f.column), f.code.to_owned())));
        }
        let twice = self.bins.windows(2).position(|w| w[0].prefix == w[1].prefix);
        out.extend(twice.map(|i| (format!("bins.{}.prefix", i + 1), "twice".to_owned())));
        if out.is_empty() { Ok(()) } else { Err(Problem::invalid(out)) }
    }
}

fn bin_of(row: bank_bin::Model) -> BankBin {
    BankBin { prefix: row.prefix, card_length: row.card_length, card_kind: row.card_kind.map(|k| k.0) }
}

pub(super) async fn bins_of(
    db: &impl ConnectionTrait,
    bank_ids: Vec<i64>,
) -> Result<Vec<bank_bin::Model>, sea_orm::DbErr> {
    let select = bank_bin::Entity::find().filter(bank_bin::Column::BankId.is_in(bank_ids));
    select.order_by_asc(bank_bin::Column::Prefix).all(db).await
}

pub(super) fn narrowed(search: &DictionarySearch) -> Select<bank::Entity> {
    use bank::Column as C;
    let mut select = bank::Entity::find();
    if let Some(text) = rows::text(search.text.as_deref()) {
        let mut found = C::Name
            .like(containing(text))
            .or(C::ShortName.like(containing(text)))
            .or(C::Initials.like(beginning(&text.to_lowercase())));
        let prefixes = bank_card::candidates(&bank_card::normalise(text));
        if !prefixes.is_empty() {
            let owners = bank_bin::Entity::find().select_only().column(bank_bin::Column::BankId);
            let owners = owners.filter(bank_bin::Column::Prefix.is_in(prefixes));
            found = found.or(C::Id.in_subquery(sea_orm::QueryTrait::into_query(owners)));
        }
        select = select.filter(found);
    }
    if let Some(active) = search.active {
        select = select.filter(C::Active.eq(active));
    }
    select
}

/// Banks, in use first, by name; the text may be a card number.
#[utoipa::path(post, path = "/api/banks/search", tag = "banks", request_body = DictionarySearch,
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = Page<BankRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    _me: Acting<can::InquireRecords>,
    Json(search): Json<DictionarySearch>,
) -> Result<Json<Page<BankRow>>, Problem> {
    let paging = Paging { page: search.page, size: search.size };
    let select = narrowed(&search);
    let total = select.clone().count(app.db.read()).await?;
    let ordered = select.order_by_desc(bank::Column::Active).order_by_asc(bank::Column::Name);
    let found = ordered.limit(paging.size()).offset(paging.offset()).all(app.db.read()).await?;
    let mut bins = bins_of(app.db.read(), found.iter().map(|b| b.id).collect()).await?;
    let mut shown = |b: bank::Model| {
        let own = bins.extract_if(.., |bin| bin.bank_id == b.id).map(bin_of).collect();
        row(b, own)
    };
    Ok(Json(paging.answer(found.into_iter().map(&mut shown).collect(), total)))
}

fn row(b: bank::Model, bins: Vec<BankBin>) -> BankRow {
    BankRow { id: b.id, version: b.version, name: b.name, short_name: b.short_name, active: b.active, bins }
}

/// An account number whose bank is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountQuery {
    account_no: String,
}

/// The bank of an account number.
#[derive(Serialize, ToSchema)]
pub struct RecognisedBank {
    /// Null where no prefix of a bank in use fits.
    bank_name: Option<String>,
    card_kind: Option<CardKind>,
    /// What is doubtful about the number; it may be right all the same.
    warnings: Vec<Notice>,
}

/// The bank that a card number belongs to, by the longest prefix that fits.
#[utoipa::path(post, path = "/api/banks/recognise", tag = "banks", request_body = AccountQuery,
    responses((status = 200, body = RecognisedBank), (status = "4XX", body = ProblemBody)))]
pub(super) async fn recognise(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Json(query): Json<AccountQuery>,
) -> Result<Json<RecognisedBank>, Problem> {
    let number = bank_card::normalise(&query.account_no);
    let nothing = RecognisedBank { bank_name: None, card_kind: None, warnings: Vec::new() };
    let candidates = bank_card::candidates(&number);
    if candidates.is_empty() {
        return Ok(Json(nothing));
    }
    let bins = bank_bin::Entity::find().filter(bank_bin::Column::Prefix.is_in(candidates)).all(app.db.read()).await?;
    let banks = bank::Entity::find()
        .filter(bank::Column::Id.is_in(bins.iter().map(|b| b.bank_id)))
        .filter(bank::Column::Active.eq(true))
        .all(app.db.read())
        .await?;
    let of = |b: &bank_bin::Model| banks.iter().find(|bank| bank.id == b.bank_id);
    let in_use: Vec<Bin> = bins.iter().filter(|b| of(b).is_some()).map(plain).collect();
    let Some(best) = bank_card::recognise(&number, &in_use) else { return Ok(Json(nothing)) };
    let Some(bin) = bins.iter().find(|b| b.prefix == best.prefix) else { return Ok(Json(nothing)) };
    let doubt = bank_card::doubt(&number, best).map(<&str>::from);
    let length = best.card_length;
    Ok(Json(RecognisedBank {
        bank_name: of(bin).map(|b| b.name.clone()),
        card_kind: bin.card_kind.map(|k| k.0),
        warnings: doubt
            .map(|code| Notice::of(&json!({ "code": code, "args": { "length": length } }), me.locale))
            .into_iter()
            .collect(),
    }))
}

fn plain(row: &bank_bin::Model) -> Bin {
    Bin { prefix: row.prefix.clone(), card_length: row.card_length }
}

/// Adds a bank.
#[utoipa::path(post, path = "/api/banks", tag = "banks", request_body = BankInput,
    extensions(("x-right" = json!("maintain_records"))),
    responses((status = 201, body = BankRow), (status = "4XX", body = ProblemBody)))]
pub(super) async fn create(
    State(app): State<App>,
    me: Acting<can::MaintainRecords>,
    Json(input): Json<BankInput>,
) -> Result<(StatusCode, Json<BankRow>), Problem> {
    let input = input.tidied();
    input.check()?;
    let tx = app.db.begin().await?;
    let saved =
        bank::Entity::insert(model(&input)).exec_with_returning(&tx).await.map_err(taken("name", "bank_taken"))?;
    write_bins(&tx, saved.id, &input.bins).await?;
    note(&tx, &me, saved.id, (None, &input)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(row(saved, input.bins))))
}

/// Changes a bank and its prefixes, or takes it out of use.
#[utoipa::path(put, path = "/api/banks/{id}", tag = "banks", params(("id" = i64, Path)),
    request_body = BankInput, extensions(("x-right" = json!("maintain_records"))),
    responses((status = 200, body = BankRow), (status = "4XX", body = ProblemBody)))]
pub(super) async fn update(
    State(app): State<App>,
    me: Acting<can::MaintainRecords>,
    Path(id): Path<i64>,
    Json(input): Json<BankInput>,
) -> Result<Json<BankRow>, Problem> {
    let input = input.tidied();
    input.check()?;
    let tx = app.db.begin().await?;
    let old = bank::Entity::find_by_id(id).one(&tx).await?.ok_or_else(Problem::not_found)?;
    let bins: Vec<BankBin> = bins_of(&tx, vec![id]).await?.into_iter().map(bin_of).collect();
    if (&old.name, &old.short_name, old.active, &bins) == (&input.name, &input.short_name, input.active, &input.bins) {
        return Ok(Json(row(old, bins)));
    }
    let mut new = model(&input);
    new.version = Set(old.version + 1);
    let seen = bank::Column::Version.eq(input.version.unwrap_or_default());
    let done = bank::Entity::update_many().set(new).filter(bank::Column::Id.eq(id)).filter(seen);
    entries::changed(done.exec(&tx).await.map_err(taken("name", "bank_taken"))?)?;
    bank_bin::Entity::delete_many().filter(bank_bin::Column::BankId.eq(id)).exec(&tx).await?;
    write_bins(&tx, id, &input.bins).await?;
    let before = BankInput { name: old.name, short_name: old.short_name, active: old.active, bins, version: None };
    note(&tx, &me, id, (Some(&before), &input)).await?;
    tx.commit().await?;
    let (version, active) = (old.version + 1, input.active);
    Ok(Json(BankRow { id, version, name: input.name, short_name: input.short_name, active, bins: input.bins }))
}

fn model(input: &BankInput) -> bank::ActiveModel {
    bank::ActiveModel {
        name: Set(input.name.clone()),
        short_name: Set(input.short_name.clone()),
        initials: Set(initials(&input.name)),
        active: Set(input.active),
        ..Default::default()
    }
}

/// Gives prefixes to a bank that has none; a prefix of another bank is refused by its place in the list.
async fn write_bins(tx: &DatabaseTransaction, bank_id: i64, bins: &[BankBin]) -> Result<(), Problem> {
    if bins.is_empty() {
        return Ok(());
    }
    let prefixes = bins.iter().map(|b| b.prefix.as_str());
    let given = bank_bin::Entity::find().filter(bank_bin::Column::Prefix.is_in(prefixes)).all(tx).await?;
    let place = |g: &bank_bin::Model| bins.iter().position(|b| b.prefix == g.prefix);
    let wrong =
        given.iter().filter_map(place).map(|i| (format!("bins.{i}.prefix"), "prefix_of_another_bank".to_owned()));
    let wrong: Vec<_> = wrong.collect();
    if !wrong.is_empty() {
        return Err(Problem::invalid(wrong));
    }
    let rows = bins.iter().map(|b| bank_bin::ActiveModel {
        prefix: Set(b.prefix.clone()),
        bank_id: Set(bank_id),
        card_length: Set(b.card_length),
        card_kind: Set(b.card_kind.map(Coded)),
    });
    bank_bin::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

async fn note(
    tx: &DatabaseTransaction,
    me: &Me,
    id: i64,
    (before, after): (Option<&BankInput>, &BankInput),
) -> Result<(), Problem> {
    let act = if before.is_some() { "update" } else { "create" };
    Ok(records::note(tx, Object { kind: "bank", id }, Some(me.id.0), act, "", (&before, &after)).await?)
}
