//! What was done to pay one case, for its page.
use axum::{
    Json,
    extract::{Path, State},
};
use huzhu_domain::ids::CaseId;

use super::{
    items::{self, PaymentItemRow},
    store,
};
use crate::{
    app::App,
    cases::store as cases,
    platform::{
        auth::{Acting, can},
        error::{Problem, ProblemBody},
    },
};

/// The payment items of a case, oldest first.
#[utoipa::path(get, path = "/api/cases/{id}/payment-items", tag = "payment_items", params(("id" = i64, Path)),
    responses((status = 200, body = Vec<PaymentItemRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn items_of_case(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
) -> Result<Json<Vec<PaymentItemRow>>, Problem> {
    let row = cases::find(app.db.read(), &me, CaseId(id)).await?;
    let found = store::items_of_cases(app.db.read(), vec![row.id]).await?;
    Ok(Json(items::item_rows(&app, found).await?))
}
