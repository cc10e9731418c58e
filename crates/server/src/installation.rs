//! An installation is a database and the keys that it was written with.
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, prelude::Expr};

use crate::{
    app::StartError,
    audit::{self, Entry},
    entity::key_mark,
    platform::{
        clock,
        config::Config,
        db::Db,
        keys::{self, KeyError, Ring},
        seal,
    },
};

/// Opens the database, brings its schema up to date, and gives the process the keys that it was written with. A database of before
/// is sealed here.
///
/// # Errors
/// When it can't be opened, or isn't of these keys.
pub async fn open(config: &Config) -> Result<Db, StartError> {
    std::fs::create_dir_all(&config.data_dir).map_err(|e| StartError::DataDir(config.data_dir.clone(), e))?;
    let db = Db::connect(&config.database_url).await?.reading_from(config.database_read_url.as_deref()).await?;
    db.migrate().await?;
    let marks = key_mark::Entity::find().all(db.read()).await?;
    let ring = if marks.is_empty() { Ring::read_or_make(&config.key_file) } else { Ring::read(&config.key_file) }?;
    must_know(&ring, &marks)?;
    for name in ring.names().filter(|name| marks.iter().all(|mark| mark.name != **name)) {
        let mark = key_mark::ActiveModel {
            name: Set(name.to_owned()),
            mark: Set(ring.mark(name).unwrap_or_default()),
            since: Set(clock::now()),
            seals: Set(false),
        };
        let tx = db.begin().await?;
        key_mark::Entity::insert(mark).on_conflict_do_nothing().exec_without_returning(&tx).await?;
        tx.commit().await?;
    }
    match marks.into_iter().find(|m| m.seals) {
        Some(mark) => keys::install(ring.sealing_with(&mark.name)?)?,
        None => {
            let newest = ring.newest().to_owned();
            keys::install(ring.clone())?;
            let tx = db.begin().await?;
            // Of two processes that start at once, one seals.
            if sealed_with(&tx, &newest).await? {
                seal::all(&tx, &ring, |clear| Some(clear.to_owned())).await?;
            }
            tx.commit().await?;
        }
    }
    Ok(db)
}

/// Opens the database to look at it as it is: its schema is left alone, a server of another version may be at work.
///
/// # Errors
/// When it can't be opened, its schema isn't this program's, or it isn't of these keys.
pub async fn visit(config: &Config) -> Result<Db, StartError> {
    let db = Db::connect(&config.database_url).await?;
    if !db.is_current().await? {
        return Err(StartError::Schema);
    }
    let ring = Ring::read(&config.key_file)?;
    let marks = key_mark::Entity::find().all(db.read()).await?;
    must_know(&ring, &marks)?;
    let mark = marks.into_iter().find(|m| m.seals).ok_or(StartError::Schema)?;
    keys::install(ring.sealing_with(&mark.name)?)?;
    Ok(db)
}

/// Seals everything anew with the newest key of the file, all of it or nothing. No server may be at work: what it writes meanwhile
/// would be sealed with the key of before, and not be found by those that start afterwards.
///
/// # Errors
/// When the database can't be opened or written; when a text can't be opened with these keys.
pub async fn reseal(config: &Config) -> Result<(String, u64), StartError> {
    let db = open(config).await?;
    let ring = Ring::read(&config.key_file)?;
    let newest = ring.newest().to_owned();
    let tx = db.begin().await?;
    sealed_with(&tx, &newest).await?;
    let done = seal::all(&tx, &ring, |stored| ring.unseal(stored)).await?;
    audit::commit(tx, &[Entry::done(None, "reseal", &newest).telling(serde_json::json!({ "texts": done }))]).await?;
    Ok((newest, done))
}

fn must_know(ring: &Ring, marks: &[key_mark::Model]) -> Result<(), KeyError> {
    ring.must_know(marks.iter().map(|m| (m.name.as_str(), m.mark.as_str())))
}

/// Names the one key that seals; false where it was that already.
async fn sealed_with(tx: &DatabaseTransaction, name: &str) -> Result<bool, sea_orm::DbErr> {
    use key_mark::Column as C;
    let off = key_mark::Entity::update_many().col_expr(C::Seals, Expr::value(false)).filter(C::Name.ne(name));
    off.exec(tx).await?;
    let on = key_mark::Entity::update_many().col_expr(C::Seals, Expr::value(true)).filter(C::Name.eq(name));
    Ok(on.filter(C::Seals.eq(false)).exec(tx).await?.rows_affected > 0)
}
