//! The queries of 公告.
use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, RelationDef, Select, sea_query::OnConflict,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    cases::rows,
    entity::{notice, notice_read, org},
    platform::{
        auth::Me,
        clock,
        db::Db,
        error::Problem,
        paging::{Page, Paging},
    },
};

/// A 公告 in a list.
#[derive(Serialize, ToSchema)]
pub struct NoticeRow {
    pub(super) id: i64,
    pub(super) title: String,
    /// Whose branch it is for.
    pub(super) org_name: String,
    pub(super) author_name: String,
    pub(super) published_at: DateTime<Utc>,
    /// First day on which it is shown.
    pub(super) shown_from: NaiveDate,
    /// Last day; null for no end.
    pub(super) shown_to: Option<NaiveDate>,
    /// 置顶.
    pub(super) pinned: bool,
    /// Whether the caller has read it.
    pub(super) read: bool,
    /// 撤回.
    pub(super) withdrawn_at: Option<DateTime<Utc>>,
}

/// The notices that the caller reads today: of the nodes above their own and of their own.
pub(super) async fn readable(db: &impl ConnectionTrait, me: &Me) -> Result<Select<notice::Entity>, Problem> {
    use notice::Column as C;
    let own = Condition::any().add(org::Column::Id.eq(me.org_id.0)).add(org::Column::ParentId.is_null());
    let nodes = org::Entity::find().filter(own).all(db).await?;
    // An office names itself, a unit its agency and office, everybody the society.
    let above: HashSet<i64> = nodes.iter().flat_map(|o| [Some(o.id), o.office_id, o.agency_id]).flatten().collect();
    let today = clock::today();
    let open_end = Condition::any().add(C::ShownTo.is_null()).add(C::ShownTo.gte(today));
    Ok(notice::Entity::find()
        .filter(C::OrgId.is_in(above))
        .filter(C::WithdrawnAt.is_null())
        .filter(C::ShownFrom.lte(today))
        .filter(open_end))
}

/// The notices of the caller's branch, to be managed.
pub(super) fn managed(me: &Me) -> Select<notice::Entity> {
    let to_org: RelationDef =
        notice::Entity::belongs_to(org::Entity).from(notice::Column::OrgId).to(org::Column::Id).into();
    notice::Entity::find().join(JoinType::InnerJoin, to_org).filter(me.sees_org())
}

/// Narrows to what the caller hasn't read.
pub(super) fn unread(select: Select<notice::Entity>, me: &Me) -> Select<notice::Entity> {
    let read = notice_read::Entity::find()
        .select_only()
        .column(notice_read::Column::NoticeId)
        .filter(notice_read::Column::UserId.eq(me.id.0));
    select.filter(notice::Column::Id.not_in_subquery(read.into_query()))
}

/// One page, pinned ones first, then newest first.
pub(super) async fn page(
    db: &Db,
    me: &Me,
    select: Select<notice::Entity>,
    paging: Paging,
) -> Result<Page<NoticeRow>, Problem> {
    let total = select.clone().count(db.read()).await?;
    let found = select
        .order_by_desc(notice::Column::Pinned)
        .order_by_desc(notice::Column::PublishedAt)
        .order_by_desc(notice::Column::Id)
        .limit(paging.size())
        .offset(paging.offset())
        .all(db.read())
        .await?;
    Ok(paging.answer(listed(db, me, &found).await?, total))
}

/// Notices as lists show them: three queries, however many they are.
pub(super) async fn listed(db: &Db, me: &Me, found: &[notice::Model]) -> Result<Vec<NoticeRow>, Problem> {
    let ids: Vec<i64> = found.iter().map(|n| n.id).collect();
    let read: HashSet<i64> = notice_read::Entity::find()
        .filter(notice_read::Column::UserId.eq(me.id.0))
        .filter(notice_read::Column::NoticeId.is_in(ids))
        .all(db.read())
        .await?
        .into_iter()
        .map(|r| r.notice_id)
        .collect();
    let nodes: Vec<i64> = found.iter().map(|n| n.org_id).collect();
    let orgs = rows::org_names(db, nodes).await?;
    let authors: Vec<i64> = found.iter().map(|n| n.author_id).collect();
    let users = rows::user_names(db, authors).await?;
    let row = |n: &notice::Model| NoticeRow {
        id: n.id,
        title: n.title.clone(),
        org_name: rows::name(&orgs, n.org_id),
        author_name: rows::name(&users, n.author_id),
        published_at: n.published_at,
        shown_from: n.shown_from,
        shown_to: n.shown_to,
        pinned: n.pinned,
        read: read.contains(&n.id),
        withdrawn_at: n.withdrawn_at,
    };
    Ok(found.iter().map(row).collect())
}

/// Marks notices as read by the caller; once is enough.
pub(super) async fn mark(tx: &impl ConnectionTrait, me: &Me, ids: &[i64]) -> Result<(), Problem> {
    if ids.is_empty() {
        return Ok(());
    }
    let at = clock::now();
    let marks = ids.iter().map(|id| notice_read::ActiveModel {
        notice_id: sea_orm::ActiveValue::Set(*id),
        user_id: sea_orm::ActiveValue::Set(me.id.0),
        read_at: sea_orm::ActiveValue::Set(at),
    });
    let once =
        OnConflict::columns([notice_read::Column::UserId, notice_read::Column::NoticeId]).do_nothing().to_owned();
    notice_read::Entity::insert_many(marks).on_conflict(once).exec_without_returning(tx).await?;
    Ok(())
}
