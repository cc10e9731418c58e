//! What waits for a cashier: cases that the next batch may have, and batches that somebody else made.
use huzhu_domain::{
    case::Stage,
    org::Branch,
    payment::{PaymentBatchState, PaymentItemState},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use crate::{
    entity::{case, payment_batch, payment_item},
    platform::{auth::Me, coded::Coded},
};

/// The items of the case that is asked about: items of what was paid long ago aren't looked at.
fn its_items() -> Select<payment_item::Entity> {
    use payment_item::Column as I;
    payment_item::Entity::find()
        .select_only()
        .column(I::Id)
        .filter(Expr::col((payment_item::Entity, I::CaseId)).equals((case::Entity, case::Column::Id)))
}

/// Cases with an item in one of some states.
#[must_use]
pub fn with_item(states: &[PaymentItemState]) -> SimpleExpr {
    let states = payment_item::Column::State.is_in(states.iter().copied().map(Coded));
    Expr::exists(its_items().filter(states).into_query())
}

/// Cases that are in no batch under way and don't wait for an account.
#[must_use]
pub fn to_pay() -> Condition {
    use PaymentItemState as S;
    let never = Expr::exists(its_items().into_query()).not();
    Condition::all()
        .add(case::Column::Stage.eq(Coded(Stage::Payment)))
        .add(with_item(&[S::Draft, S::Sent]).not())
        .add(Condition::any().add(never).add(with_item(&[S::Repaired])))
}

/// Batches of a branch: an office's whole, an agency's own.
#[must_use]
pub fn sees_batch(me: &Me) -> Condition {
    use payment_batch::Column as C;
    match me.branch() {
        Branch::Society => Condition::all(),
        Branch::Office(id) => Condition::all().add(C::OfficeId.eq(id.0)),
        Branch::Agency(id) => Condition::all().add(C::AgencyId.eq(id.0)),
        Branch::Unit(_) => Condition::all().add(C::Id.eq(0)),
    }
}

/// Drafts that the caller didn't make.
#[must_use]
pub fn to_release(me: &Me) -> Condition {
    use payment_batch::Column as C;
    sees_batch(me).add(C::State.eq(Coded(PaymentBatchState::Draft))).add(C::MadeById.ne(me.id.0))
}
