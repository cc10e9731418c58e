//! 通知: tells people in the application of an event that concerns them. The reading side is the slice `notices`.
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait};
use serde_json::Value;

use crate::{entity::message, platform::clock, records::Object};

/// Writes a message to each of `to`, together with what it is about. The sentence is `message_<kind>` of the locale files,
/// filled with `args`; no personal data in them but a case number or a batch number.
///
/// # Errors
/// When the database can't be written.
pub async fn tell(
    tx: &impl ConnectionTrait,
    to: impl IntoIterator<Item = i64>,
    kind: &str,
    args: &Value,
    about: Object,
) -> Result<(), DbErr> {
    let at = clock::now();
    let rows: Vec<message::ActiveModel> = to
        .into_iter()
        .map(|user_id| message::ActiveModel {
            user_id: Set(user_id),
            kind: Set(kind.to_owned()),
            args: Set(args.to_string()),
            object_kind: Set(about.kind.to_owned()),
            object_id: Set(about.id),
            at: Set(at),
            ..Default::default()
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    message::Entity::insert_many(rows).exec_without_returning(tx).await.map(|_| ())
}
