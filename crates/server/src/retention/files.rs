//! Contents of the store: given up by a batch in its transaction, removed after it.
//!
//! Between the two a content stands in `erasure_files`, so that a run which was killed is finished by the next. It is removed only
//! while nothing names it: whoever uploads the same again names it in a transaction that this waits for, and sees whether the content
//! is still there before that is committed (`pictures::must_be_there`).
use std::collections::BTreeMap;

use huzhu_domain::retention::RetentionKind;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, ExprTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    prelude::Expr,
    sea_query::{Alias, OnConflict, Query},
};

use super::{
    RetentionError,
    erase::about,
    fields::{NAMINGS, Naming, namings},
};
use crate::{
    entity::{erasure_file, picture_alike, picture_band, picture_print},
    platform::{blob::Blobs, db::Db},
};

/// Contents that are removed in one transaction, in which nobody can name one.
const AT_ONCE: u64 = 20;

/// The contents that go with these rows, with their bytes, 0 where the rows don't tell.
pub(super) async fn named(
    db: &impl ConnectionTrait,
    kind: RetentionKind,
    ids: &[i64],
) -> Result<BTreeMap<String, u64>, DbErr> {
    let mut out = BTreeMap::new();
    for naming in namings(kind) {
        let column = |name: &str| Expr::col(Alias::new(name));
        let mut rows = Query::select();
        rows.from(Alias::new(naming.table)).expr(column(naming.sha256));
        rows.expr(naming.size.map_or_else(|| Expr::val(0_i64), column));
        // Neither empty nor NULL.
        rows.and_where(column(naming.sha256).gt("")).and_where(about(naming.of, ids));
        for row in db.query_all(&rows).await? {
            let size = row.try_get_by_index::<i64>(1).or_else(|_| row.try_get_by_index::<i32>(1).map(i64::from))?;
            out.insert(row.try_get_by_index(0)?, u64::try_from(size).unwrap_or_default());
        }
    }
    Ok(out)
}

/// Notes the contents that go with these rows, which are about to give up their names.
pub(super) async fn give_up(
    tx: &DatabaseTransaction,
    kind: RetentionKind,
    ids: &[i64],
    erasure: i64,
) -> Result<BTreeMap<String, u64>, DbErr> {
    let named = named(tx, kind, ids).await?;
    let row = |sha256: &String| erasure_file::ActiveModel { sha256: Set(sha256.clone()), erasure_id: Set(erasure) };
    if !named.is_empty() {
        erasure_file::Entity::insert_many(named.keys().map(row))
            .on_conflict(OnConflict::column(erasure_file::Column::Sha256).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(named)
}

/// How many contents wait to be removed.
pub(super) async fn pending(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    erasure_file::Entity::find().count(db).await
}

/// Removes what was given up and nothing names; answers with the bytes.
///
/// # Errors
/// When the database or the store can't be written: what is left goes the next time.
pub async fn remove(db: &Db, blobs: &Blobs) -> Result<u64, RetentionError> {
    use erasure_file::Column as C;
    let mut bytes = 0;
    loop {
        let tx = db.begin().await?;
        nobody_names(&tx).await?;
        let part = erasure_file::Entity::find().order_by_asc(C::Sha256).limit(AT_ONCE).all(&tx).await?;
        if part.is_empty() {
            tx.rollback().await?;
            return Ok(bytes);
        }
        let all: Vec<String> = part.into_iter().map(|row| row.sha256).collect();
        let kept = still_named(&tx, &all).await?;
        let gone: Vec<&String> = all.iter().filter(|sha256| !kept.contains(sha256)).collect();
        forget_prints(&tx, &gone).await?;
        for sha256 in gone {
            bytes += blobs.size(sha256).await?;
            blobs.remove(sha256).await?;
        }
        erasure_file::Entity::delete_many().filter(C::Sha256.is_in(all)).exec(&tx).await?;
        tx.commit().await?;
    }
}

/// Lets nobody write a row that names a content until the transaction ends. On SQLite the transaction itself does.
async fn nobody_names(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    if ConnectionTrait::get_database_backend(tx) != DbBackend::Sqlite {
        let tables = NAMINGS.map(|n| n.table).join(", ");
        tx.execute_unprepared(&format!("LOCK TABLE {tables} IN SHARE MODE")).await?;
    }
    Ok(())
}

async fn still_named(tx: &impl ConnectionTrait, all: &[String]) -> Result<Vec<String>, DbErr> {
    let mut out = Vec::new();
    for Naming { table, sha256, .. } in NAMINGS {
        let mut rows = Query::select();
        let name = Expr::col(Alias::new(sha256));
        rows.distinct()
            .from(Alias::new(table))
            .expr(name.clone())
            .and_where(name.is_in(all.iter().map(String::as_str)));
        for row in tx.query_all(&rows).await? {
            out.push(row.try_get_by_index(0)?);
        }
    }
    Ok(out)
}

/// By what pictures are found again that were saved anew.
async fn forget_prints(tx: &impl ConnectionTrait, gone: &[&String]) -> Result<(), DbErr> {
    let these = || gone.iter().map(|sha256| sha256.as_str());
    let prints = picture_print::Column::Sha256.is_in(these());
    let ids = picture_print::Entity::find().filter(prints.clone()).select_only().column(picture_print::Column::Id);
    let bands = picture_band::Column::PrintId.in_subquery(ids.into_query());
    picture_band::Entity::delete_many().filter(bands).exec(tx).await?;
    picture_print::Entity::delete_many().filter(prints).exec(tx).await?;
    use picture_alike::Column as A;
    let pairs = Condition::any().add(A::Sha256.is_in(these())).add(A::OtherSha256.is_in(these()));
    picture_alike::Entity::delete_many().filter(pairs).exec(tx).await.map(|_| ())
}
