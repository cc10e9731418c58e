//! What reviewers say to the warnings that stand on a case. Each is answered by the reviewer who approves: all of them at 申领初审;
//! at 申领复审 those that sent the case there. Answers of an earlier 申领提交 are history.
use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::{
    case::{Action, Blocker, Stage},
    ids::UserId,
    statement::Warning,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    file::CaseFile,
    rows::{self, Names},
};
use crate::{
    entity::warning_answer,
    platform::{auth::Me, clock, coded::Coded, error::Problem},
};

/// What a reviewer said to a warning.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WarningAnswer {
    stage: Stage,
    accepted: bool,
    /// In words; may be empty.
    words: String,
    by_name: String,
    at: DateTime<Utc>,
}

/// All answers of a case, in their order.
pub(super) async fn of(db: &impl ConnectionTrait, case_id: i64) -> Result<Vec<warning_answer::Model>, Problem> {
    use warning_answer::Column as C;
    Ok(warning_answer::Entity::find().filter(C::CaseId.eq(case_id)).order_by_asc(C::Id).all(db).await?)
}

fn about(answer: &warning_answer::Model, statement: Option<usize>, code: &str) -> bool {
    answer.code == code && answer.statement.and_then(|n| usize::try_from(n).ok()) == statement
}

impl CaseFile {
    fn answers_now(&self) -> impl Iterator<Item = &warning_answer::Model> {
        self.answers.iter().filter(|a| a.submission == self.row.submissions)
    }

    /// Whether who reviews the case at its stage has to answer the warning.
    #[must_use]
    pub fn wants_answer(&self, warning: &Warning) -> bool {
        match self.row.stage.0 {
            Stage::FirstReview => true,
            Stage::SecondReview => warning.wants_second_review(),
            _ => false,
        }
    }

    /// What was said to a warning since the case was submitted, in its order.
    #[must_use]
    pub fn said_to(&self, statement: Option<usize>, warning: &Warning, users: &Names) -> Vec<WarningAnswer> {
        let said = self.answers_now().filter(|a| about(a, statement, warning.code()));
        let view = |a: &warning_answer::Model| WarningAnswer {
            stage: a.stage.0,
            accepted: a.accepted,
            words: a.words.clone(),
            by_name: rows::name(users, a.by_id),
            at: a.at,
        };
        said.map(view).collect()
    }

    /// The warnings that somebody who would approve hasn't answered, or doesn't accept.
    pub(super) fn open_warnings(&self, today: NaiveDate, who: UserId) -> Vec<Blocker> {
        let stage = self.row.stage.0;
        let mut out = Vec::new();
        for (statement, warning) in self.warnings(today).into_iter().filter(|(_, w)| self.wants_answer(w)) {
            let own = |a: &&warning_answer::Model| a.by_id == who.0 && a.stage.0 == stage;
            let last = self.answers_now().filter(own).filter(|a| about(a, statement, warning.code())).last();
            let warning = warning.code().to_owned();
            out.push(match (last.map(|a| a.accepted), statement) {
                (Some(true), _) => continue,
                (Some(false), _) => Blocker::WarningNotAccepted { warning },
                (None, Some(statement)) => Blocker::WarningOpen { warning, statement },
                (None, None) => Blocker::CaseWarningOpen { warning },
            });
        }
        out
    }

    /// What keeps an answer from being given: there is no such warning.
    pub(super) fn answer_blockers(&self, today: NaiveDate, action: &Action) -> Vec<Blocker> {
        let Action::AnswerWarning { code, statement, .. } = action else { return Vec::new() };
        let stands = self.warnings(today).iter().any(|(s, w)| s == statement && w.code() == code);
        if stands { Vec::new() } else { vec![Blocker::WarningGone {}] }
    }

    /// Writes an answer.
    pub(super) async fn write_answer(
        &self,
        tx: &DatabaseTransaction,
        me: &Me,
        action: &Action,
        words: Option<&str>,
    ) -> Result<(), Problem> {
        let Action::AnswerWarning { code, statement, accepted } = action else { return Ok(()) };
        let row = warning_answer::ActiveModel {
            case_id: Set(self.row.id),
            submission: Set(self.row.submissions),
            stage: Set(Coded(self.row.stage.0)),
            code: Set(code.clone()),
            statement: Set(statement.and_then(|n| i32::try_from(n).ok())),
            accepted: Set(*accepted),
            words: Set(words.unwrap_or_default().to_owned()),
            by_id: Set(me.id.0),
            at: Set(clock::now()),
            ..Default::default()
        };
        warning_answer::Entity::insert(row).exec_without_returning(tx).await?;
        Ok(())
    }
}
