//! 银行卡 of a member, as approved changes registered them.
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use crate::entity::{member, member_account};

/// The accounts in use, newest first; those of records that were merged into this one are the same person's.
///
/// # Errors
/// When the database fails.
pub async fn of(db: &impl ConnectionTrait, member_id: i64) -> Result<Vec<member_account::Model>, DbErr> {
    use member_account::Column as C;
    let merged = member::Entity::find()
        .select_only()
        .column(member::Column::Id)
        .filter(member::Column::MergedIntoId.eq(member_id))
        .into_query();
    member_account::Entity::find()
        .filter(C::MemberId.eq(member_id).or(C::MemberId.in_subquery(merged)))
        .filter(C::EndedChangeId.is_null())
        .order_by_desc(C::Id)
        .all(db)
        .await
}
