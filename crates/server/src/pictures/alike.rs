//! Which of the pictures that were uploaded are one and the same, saved anew: found once, when the later one comes.
use huzhu_intake::picture::{Print, same};
use image::GrayImage;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{OnConflict, Query, SelectStatement, UnionType},
};

use super::Picture;
use crate::{
    app::App,
    entity::{picture_alike, picture_band, picture_print},
    platform::error::Problem,
};

/// The newest pictures that are looked at for each part of a print.
const PER_BAND: u64 = 100;
/// The pictures that are compared with the new one, newest first.
const COMPARED: usize = 20;

/// Remembers a picture, and finds which of the earlier ones show the same: to be written together with what names it. Two that come
/// at the same time are both remembered before either is looked for, so one of them finds the other.
///
/// # Errors
/// When the database or the store fails.
pub async fn remember(app: &App, mut picture: Picture) -> Result<Picture, Problem> {
    let Some(print) = picture.print else { return Ok(picture) };
    // That a picture is like itself is written with the others: where it stands, everything was done.
    let itself = (picture.sha256.clone(), picture.sha256.clone());
    if picture_alike::Entity::find_by_id(itself).one(app.db.read()).await?.is_some() {
        return Ok(picture);
    }
    write_print(app, &picture.sha256, print).await?;
    picture.alike.push(picture.sha256.clone());
    for sha256 in candidates(app, &picture.sha256, print).await? {
        if show_the_same(app, &picture.sha256, &sha256).await? {
            picture.alike.push(sha256);
        }
    }
    Ok(picture)
}

/// Writes which pictures show the same as one that was remembered.
///
/// # Errors
/// When the database fails.
pub async fn write_alike(tx: &impl ConnectionTrait, picture: &Picture) -> Result<(), Problem> {
    if picture.alike.is_empty() {
        return Ok(());
    }
    let pair =
        |a: &str, b: &str| picture_alike::ActiveModel { sha256: Set(a.to_owned()), other_sha256: Set(b.to_owned()) };
    let rows = picture.alike.iter().flat_map(|other| [pair(&picture.sha256, other), pair(other, &picture.sha256)]);
    let known = OnConflict::new().do_nothing().to_owned();
    picture_alike::Entity::insert_many(rows).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

async fn write_print(app: &App, sha256: &str, print: Print) -> Result<(), Problem> {
    let known = OnConflict::new().do_nothing().to_owned();
    let tx = app.db.begin().await?;
    let row =
        picture_print::ActiveModel { sha256: Set(sha256.to_owned()), print: Set(print.to_hex()), ..Default::default() };
    let again =
        OnConflict::column(picture_print::Column::Sha256).update_column(picture_print::Column::Print).to_owned();
    let id = picture_print::Entity::insert(row).on_conflict(again).exec_with_returning(&tx).await?.id;
    let bands = print.bands().into_iter().map(|band| picture_band::ActiveModel { band: Set(band), print_id: Set(id) });
    picture_band::Entity::insert_many(bands).on_conflict(known).exec_without_returning(&tx).await?;
    Ok(tx.commit().await?)
}

/// Pictures with a print near to this one's.
async fn candidates(app: &App, sha256: &str, print: Print) -> Result<Vec<String>, Problem> {
    let ids =
        print.bands().into_iter().map(newest).reduce(|mut all, more| all.union(UnionType::Distinct, more).to_owned());
    let Some(ids) = ids else { return Ok(Vec::new()) };
    let prints = picture_print::Entity::find()
        .filter(picture_print::Column::Id.in_subquery(ids))
        .filter(picture_print::Column::Sha256.ne(sha256))
        .order_by_desc(picture_print::Column::Id)
        .all(app.db.read())
        .await?;
    let near = |row: &picture_print::Model| Print::from_hex(&row.print).is_some_and(|other| print.is_near(other));
    Ok(prints.into_iter().filter(near).map(|row| row.sha256).take(COMPARED).collect())
}

/// The newest prints with a part.
fn newest(band: i64) -> SelectStatement {
    use picture_band::Column as C;
    let newest = picture_band::Entity::find().filter(C::Band.eq(band)).order_by_desc(C::PrintId).limit(PER_BAND);
    let newest = newest.select_only().column(C::PrintId).into_query();
    // In a selection of its own: SQLite takes no LIMIT inside a UNION.
    Query::select().column(C::PrintId).from_subquery(newest, "newest").to_owned()
}

/// Compares two stored pictures. A thumbnail that is gone or broken says nothing.
async fn show_the_same(app: &App, one: &str, other: &str) -> Result<bool, Problem> {
    let (Ok(one), Ok(other)) = (app.blobs.thumbnail(one).await, app.blobs.thumbnail(other).await) else {
        return Ok(false);
    };
    let compare = move || match (grey(&one), grey(&other)) {
        (Some(one), Some(other)) => same(&one, &other),
        _ => false,
    };
    tokio::task::spawn_blocking(compare).await.map_err(Problem::internal)
}

fn grey(jpeg: &[u8]) -> Option<GrayImage> {
    image::load_from_memory_with_format(jpeg, image::ImageFormat::Jpeg).ok().map(|picture| picture.into_luma8())
}
