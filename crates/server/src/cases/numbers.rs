//! 案件号, allotted in blocks: a server takes [`BLOCK`] numbers of an office and day at a time in a short transaction of
//! its own, so that no two acceptances wait for one row. A number whose acceptance fails, or that a stopped server
//! still had in hand, is not used again.
use std::{
    collections::HashMap,
    ops::Range,
    sync::{Mutex, PoisonError},
};

use chrono::NaiveDate;
use huzhu_domain::ids::CaseNo;
use sea_orm::{ActiveValue::Set, EntityTrait, ExprTrait, prelude::Expr, sea_query::OnConflict};

use crate::{
    entity::case_no_block,
    platform::{db::Db, error::Problem},
};

/// How many numbers a server takes at a time.
const BLOCK: i64 = 100;

/// The numbers that this server has in hand.
#[derive(Debug, Default)]
pub struct CaseNos(Mutex<HashMap<String, (NaiveDate, Range<i64>)>>);

impl CaseNos {
    /// The next `count` numbers of an office on a day.
    ///
    /// # Errors
    /// When the database can't be written, or the day's numbers are used up.
    pub async fn take(&self, db: &Db, office_code: &str, day: NaiveDate, count: usize) -> Result<Vec<CaseNo>, Problem> {
        let mut out = Vec::with_capacity(count);
        while out.len() < count {
            let ordinal = match self.in_hand(office_code, day) {
                Some(ordinal) => ordinal,
                None => {
                    let range = fetch(db, office_code, day).await?;
                    let first = range.start;
                    self.put_in_hand(office_code, day, first + 1..range.end);
                    first
                }
            };
            let no = CaseNo::new(office_code, day, ordinal);
            out.push(no.ok_or_else(|| Problem::internal(format!("no case number left for office {office_code}")))?);
        }
        Ok(out)
    }

    fn in_hand(&self, office_code: &str, day: NaiveDate) -> Option<i64> {
        let mut blocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, range) = blocks.get_mut(office_code)?;
        if *of == day { range.next() } else { None }
    }

    /// Two acceptances may have fetched a block each; the older one's rest is dropped.
    fn put_in_hand(&self, office_code: &str, day: NaiveDate, range: Range<i64>) {
        let mut blocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        blocks.insert(office_code.to_owned(), (day, range));
    }
}

async fn fetch(db: &Db, office_code: &str, day: NaiveDate) -> Result<Range<i64>, Problem> {
    use case_no_block::Column as C;
    let tx = db.begin().await?;
    let row =
        case_no_block::ActiveModel { office_code: Set(office_code.to_owned()), day: Set(day), next: Set(1 + BLOCK) };
    let more = Expr::col((case_no_block::Entity, C::Next)).add(BLOCK);
    let again = OnConflict::columns([C::OfficeCode, C::Day]).value(C::Next, more).to_owned();
    case_no_block::Entity::insert(row).on_conflict(again).exec_without_returning(&tx).await?;
    let block = case_no_block::Entity::find_by_id((office_code.to_owned(), day)).one(&tx).await?;
    let end = block.ok_or_else(|| Problem::internal("case number block vanished"))?.next;
    tx.commit().await?;
    Ok(end - BLOCK..end)
}
