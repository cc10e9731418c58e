//! Who judges: the process that took the upload begins at once; what a stopped process left is taken up by any other.
use std::{io::Write, time::Duration};

use huzhu_domain::enrolment::BatchState;
use sea_orm::{EntityTrait, ExprTrait, QueryFilter, prelude::Expr};
use serde_json::json;
use tempfile::NamedTempFile;

use super::{
    check,
    store::{self, Keeper},
};
use crate::{
    app::App,
    entity::enrolment,
    notify,
    platform::{coded::Coded, error::Problem, intake::IntakeFault},
    records::Object,
};

/// How often what was left is looked for.
const ROUND: Duration = Duration::from_secs(15);
/// From so many rows on nobody waits before the screen: a message says that the check is done.
const WORTH_A_MESSAGE: i64 = 1_000;

/// Takes up batches whose process has stopped, for as long as the server runs.
pub async fn watch(app: App) {
    let mut round = tokio::time::interval(ROUND);
    loop {
        round.tick().await;
        let Ok(ids) = store::abandoned(app.db.read()).await else { continue };
        for id in ids {
            run(&app, id).await;
        }
    }
}

/// Judges the rows of a batch, unless another process does. Failures go to the log; the batch is taken up again later.
pub async fn run(app: &App, id: i64) {
    // One roster at a time: judging takes a core.
    let Ok(_turn) = app.checkers.acquire().await else { return };
    if let Err(problem) = judge(app, id).await {
        tracing::error!(batch = id, code = problem.code(), "a roster could not be judged");
    }
    app.checked.notify_waiters();
}

async fn judge(app: &App, id: i64) -> Result<(), Problem> {
    let Some(batch) = store::take_lease(app, id).await? else { return Ok(()) };
    let mut keeper = Keeper::new(app, &batch);
    if batch.attempts > store::MAX_ATTEMPTS {
        return finish(app, &batch, keeper, Err(IntakeFault::FileGivenUp {})).await;
    }
    let read = match read(app, &batch, &mut keeper).await {
        Ok(read) => read,
        // It wasn't the file's fault, so the try doesn't count against it.
        Err(problem) => {
            keeper.excuse().await?;
            return Err(problem);
        }
    };
    finish(app, &batch, keeper, read).await
}

async fn read(
    app: &App,
    batch: &enrolment::Model,
    keeper: &mut Keeper<'_>,
) -> Result<Result<(), IntakeFault>, Problem> {
    let context = store::context(app, app.db.read(), batch).await?;
    let file = fetch(app, &batch.file_sha256).await?;
    check::judge_file(app.db.read(), &context, file.path().to_owned(), keeper).await
}

/// The stored roster as a file.
async fn fetch(app: &App, sha256: &str) -> Result<NamedTempFile, Problem> {
    let mut file = NamedTempFile::new_in(app.config.data_dir.join("uploads"))?;
    let mut parts = app.blobs.parts(sha256).await?;
    if parts.is_sealed() {
        file.write_all(&parts.whole().await?)?;
    } else {
        while let Some(part) = parts.next().await? {
            file.write_all(&part)?;
        }
    }
    file.flush()?;
    Ok(file)
}

/// Says what came of judging a batch.
pub(super) async fn finish(
    app: &App,
    batch: &enrolment::Model,
    keeper: Keeper<'_>,
    read: Result<(), IntakeFault>,
) -> Result<(), Problem> {
    use enrolment::Column as C;
    let totals = keeper.totals;
    let fault = match &read {
        Err(fault) => Some(serde_json::to_string(fault)?),
        Ok(()) if totals.rows == 0 => Some(json!({ "code": "roster_empty", "args": {} }).to_string()),
        Ok(()) => None,
    };
    let state = if fault.is_some() { BatchState::Unreadable } else { BatchState::Checked };
    let tx = app.db.begin().await?;
    let done = enrolment::Entity::update_many()
        .col_expr(C::State, Expr::value(Coded(state)))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::RowsRead, Expr::value(totals.rows))
        .col_expr(C::Good, Expr::value(totals.good))
        .col_expr(C::Warned, Expr::value(totals.warned))
        .col_expr(C::Renewed, Expr::value(totals.renewed))
        .col_expr(C::NewMembers, Expr::value(totals.new_members))
        .col_expr(C::FeeFen, Expr::value(totals.fee_fen))
        .col_expr(C::Fault, Expr::value(fault))
        .col_expr(C::LeaseUntil, Expr::value(None::<chrono::DateTime<chrono::Utc>>))
        .filter(keeper.held())
        .exec(&tx)
        .await?;
    if done.rows_affected == 1 && totals.rows >= WORTH_A_MESSAGE {
        let about = Object { kind: "enrolment", id: batch.id };
        notify::tell(&tx, batch.created_by_id, "enrolment_checked", &json!({ "no": store::no(batch) }), about).await?;
    }
    tx.commit().await?;
    Ok(())
}
