//! The store of files: everything that a row names is there.
use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Examined, PART};
use crate::{
    entity::{account_correction, appeal_paper, case_material, change_file, enrolment},
    platform::blob::Blobs,
};

/// The names that rows of a table give, in their order after one.
macro_rules! named {
    ($db:expr, $entity:ident, $column:ident, $after:expr) => {
        $entity::Entity::find()
            .select_only()
            .column($entity::Column::$column)
            .distinct()
            .filter($entity::Column::$column.gt($after))
            .order_by_asc($entity::Column::$column)
            .limit(PART)
            .into_tuple::<String>()
            .all($db)
            .await?
    };
}

/// The next contents, whichever table names them.
async fn next(db: &impl ConnectionTrait, after: &str) -> Result<BTreeSet<String>, DbErr> {
    let lists = [
        named!(db, case_material, Sha256, after),
        named!(db, appeal_paper, Sha256, after),
        named!(db, change_file, Sha256, after),
        named!(db, account_correction, Sha256, after),
        named!(db, enrolment, FileSha256, after),
    ];
    // Beyond the end of a full list another may name what that one has not told yet.
    let full = lists.iter().filter(|l| l.len() as u64 == PART).filter_map(|l| l.last().cloned()).min();
    Ok(lists.into_iter().flatten().filter(|name| full.as_ref().is_none_or(|end| name <= end)).collect())
}

/// Looks for every content that is named, and counts those that aren't.
pub(super) async fn examine(db: &impl ConnectionTrait, blobs: &Blobs, out: &mut Examined) -> Result<(), DbErr> {
    let store = |error: opendal::Error| DbErr::Custom(format!("the store of files: {error}"));
    let mut last = String::new();
    loop {
        let names = next(db, &last).await?;
        let Some(end) = names.last() else { break };
        last.clone_from(end);
        for name in &names {
            out.files += 1;
            let there = blobs.is_there(name).await.map_err(store)?;
            out.must(there, "file_missing", name, || "a row names it".to_owned());
        }
    }
    let mut keys = blobs.keys().await.map_err(store)?;
    let mut there = 0;
    while let Some(key) = keys.next().await.map_err(store)? {
        // A thumbnail lies beside its content.
        there += u64::from(!key.contains('.'));
    }
    let missing = out.complaints.iter().filter(|c| c.what == "file_missing").count() as u64;
    out.orphans = there.saturating_sub(out.files - missing);
    Ok(())
}
