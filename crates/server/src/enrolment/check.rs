//! Judging a roster: the file is read row by row off the async threads, each thousand rows are compared with what is on
//! record by two queries, and handed to whoever wants the verdicts. Memory doesn't grow with the file, but for the numbers
//! that were seen.
use std::{collections::HashMap, ops::ControlFlow, path::PathBuf, sync::Arc};

use chrono::NaiveDate;
use huzhu_domain::{
    benefit::Plan,
    coverage::{CoverageState, Held},
    dates::Period,
    enrolment::{self as rules, COLUMNS, Judgement, Known, Person, RosterField, Under},
    id_number::{self, IdKind},
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use tokio::sync::mpsc;

use super::MAX_ROWS;
use crate::{
    entity::{coverage, member},
    platform::{
        clock,
        coded::Coded,
        error::Problem,
        intake::{self, Heading, IntakeFault, RowIn},
        seal::{self, Sealed},
    },
};

/// Rows that are compared together. A statement that stores them has 17 values a row; SQLite takes 32 766.
pub(super) const CHUNK: usize = 1_000;

/// Under what a roster is judged.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) unit_id: i64,
    pub(super) plan: Arc<Plan>,
    /// All versions of the plan, whichever office's: a coverage under any of them counts.
    pub(super) version_ids: Vec<i64>,
    pub(super) period: Period,
}

/// One row with its verdict.
pub(super) struct Judged {
    pub(super) row: RowIn,
    pub(super) person: Person,
    pub(super) judgement: Judgement,
    pub(super) fee_fen: i64,
}

/// Whoever wants the verdicts.
pub(super) trait Sink: Send {
    /// Takes some; may stop it all.
    fn take(&mut self, rows: Vec<Judged>) -> impl Future<Output = Result<ControlFlow<()>, Problem>> + Send;
}

/// Judges every row of a file and hands the verdicts to `sink`.
///
/// # Errors
/// When the database fails. That the file can't be read is an answer.
pub(super) async fn judge_file(
    db: &impl ConnectionTrait,
    context: &Context,
    path: PathBuf,
    sink: &mut impl Sink,
) -> Result<Result<(), IntakeFault>, Problem> {
    let (send, mut receive) = mpsc::channel::<Vec<RowIn>>(2);
    let reading = tokio::task::spawn_blocking(move || read_chunks(&path, &send));
    let mut seen = Seen::default();
    let mut stopped = false;
    while let Some(rows) = receive.recv().await {
        let judged = judge_rows(db, context, &mut seen, rows).await?;
        if sink.take(judged).await?.is_break() {
            stopped = true;
            break;
        }
    }
    drop(receive);
    let read = reading.await.map_err(Problem::internal)?;
    Ok(if stopped { Ok(()) } else { read })
}

fn read_chunks(path: &std::path::Path, send: &mpsc::Sender<Vec<RowIn>>) -> Result<(), IntakeFault> {
    let heading = |c: &rules::Column| Heading { field: c.field.into(), names: c.names, required: c.required };
    let headings: Vec<Heading> = COLUMNS.iter().map(heading).collect();
    let mut chunk = Vec::new();
    intake::read(path, &headings, MAX_ROWS, |row| {
        chunk.push(row);
        if chunk.len() < CHUNK {
            return ControlFlow::Continue(());
        }
        // Whoever judges has gone: the rest needn't be read.
        match send.blocking_send(std::mem::take(&mut chunk)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    if !chunk.is_empty() {
        let _gone = send.blocking_send(chunk);
    }
    Ok(())
}

/// Who is told from everybody else by what: the kind of the paper, and its number, of an old one the new one.
type Identity = (IdKind, String);

fn identity(person: &Person) -> Identity {
    (person.id_kind, id_number::identity(person.id_kind, &person.id_number))
}

/// The people of the file so far, and the first row of each.
#[derive(Default)]
struct Seen(HashMap<Identity, u32>);

impl Seen {
    /// The row in which the person stood before.
    fn before(&mut self, person: &Person, row: u32) -> Option<u32> {
        if person.id_number.is_empty() {
            return None;
        }
        let first = *self.0.entry(identity(person)).or_insert(row);
        (first != row).then_some(first)
    }
}

/// Somebody who is to be enrolled, with what reading the row found.
pub(super) struct Candidate {
    pub(super) person: Person,
    pub(super) problems: Vec<rules::Problem>,
    /// The row of the file in which the person stands already.
    pub(super) first_row: Option<u32>,
}

async fn judge_rows(
    db: &impl ConnectionTrait,
    context: &Context,
    seen: &mut Seen,
    rows: Vec<RowIn>,
) -> Result<Vec<Judged>, Problem> {
    let read = |row: &RowIn| {
        let mut problems = Vec::new();
        let person = rules::read(&row.cells, &mut problems);
        let first_row = seen.before(&person, row.number);
        Candidate { person, problems, first_row }
    };
    let candidates = rows.iter().map(read).collect();
    let judged = judge(db, context, candidates).await?.into_iter();
    let with_row = |(row, (person, judgement)): (RowIn, (Person, Judgement))| {
        let terms = &context.plan.enrolment;
        let fee_fen = if judgement.is_good() { terms.fee_of(person.shares).0 } else { 0 };
        Judged { row, person, judgement, fee_fen }
    };
    Ok(rows.into_iter().zip(judged).map(with_row).collect())
}

/// Judges people by what is on record now: two queries, however many they are.
pub(super) async fn judge(
    db: &impl ConnectionTrait,
    context: &Context,
    candidates: Vec<Candidate>,
) -> Result<Vec<(Person, Judgement)>, Problem> {
    let records = known(db, candidates.iter().map(|c| &c.person)).await?;
    let member_ids = records.values().flatten().map(|k| k.member_id).collect();
    let held = held(db, member_ids, &context.version_ids).await?;
    let under = Under {
        terms: &context.plan.enrolment,
        period: context.period,
        unit_id: context.unit_id,
        today: clock::today(),
    };
    let judge = |Candidate { person, problems, first_row }: Candidate| {
        let known = records.get(&identity(&person)).map_or(&[][..], Vec::as_slice);
        let covers: Vec<Held> = known.iter().filter_map(|k| held.get(&k.member_id)).flatten().copied().collect();
        let judgement = rules::judge(&person, problems, known, &covers, first_row, under);
        (person, judgement)
    };
    Ok(candidates.into_iter().map(judge).collect())
}

#[derive(FromQueryResult)]
struct Record {
    id: i64,
    name: String,
    unit_id: i64,
    id_kind: Coded<IdKind>,
    id_number: Sealed,
    merged_into_id: Option<i64>,
}

/// What is on record of some people, wherever it is: a person is one person in every branch, by the old number and the new one.
async fn known<'a>(
    db: &impl ConnectionTrait,
    people: impl Iterator<Item = &'a Person>,
) -> Result<HashMap<Identity, Vec<Known>>, Problem> {
    use member::Column as C;
    let mut numbers = Vec::new();
    for person in people.filter(|p| !p.id_number.is_empty()) {
        let (_, number) = identity(person);
        numbers.extend(id_number::to_15(&number));
        numbers.push(number);
    }
    let found = records(db, Condition::all().add(seal::among(C::IdNumber, numbers))).await?;
    // A record that was merged says only which one counts.
    let counting = found.iter().filter_map(|r| r.merged_into_id).collect::<Vec<_>>();
    let counting =
        if counting.is_empty() { Vec::new() } else { records(db, Condition::all().add(C::Id.is_in(counting))).await? };
    let counting: HashMap<i64, &Record> = found.iter().chain(&counting).map(|r| (r.id, r)).collect();
    let mut out: HashMap<Identity, Vec<Known>> = HashMap::new();
    for r in &found {
        let kind = r.id_kind.0;
        let Some(record) = counting.get(&r.merged_into_id.unwrap_or(r.id)) else { continue };
        let of_number = out.entry((kind, id_number::identity(kind, r.id_number.as_str()))).or_default();
        if of_number.iter().all(|k| k.member_id != record.id) {
            of_number.push(Known { member_id: record.id, name: record.name.clone(), unit_id: record.unit_id });
        }
    }
    Ok(out)
}

async fn records(db: &impl ConnectionTrait, which: Condition) -> Result<Vec<Record>, Problem> {
    use member::Column as C;
    let select = member::Entity::find().filter(which).select_only();
    let columns = [C::Id, C::Name, C::UnitId, C::IdKind, C::IdNumber, C::MergedIntoId];
    Ok(select.columns(columns).into_model::<Record>().all(db).await?)
}

#[derive(FromQueryResult)]
struct HeldRow {
    member_id: i64,
    period_from: NaiveDate,
    period_to: NaiveDate,
    state: Coded<CoverageState>,
}

/// The coverages of some members under the versions of a plan, void ones left out.
async fn held(
    db: &impl ConnectionTrait,
    member_ids: Vec<i64>,
    version_ids: &[i64],
) -> Result<HashMap<i64, Vec<Held>>, Problem> {
    use coverage::Column as C;
    let rows = coverage::Entity::find()
        .filter(C::MemberId.is_in(member_ids))
        .filter(C::PlanVersionId.is_in(version_ids.iter().copied()))
        .filter(C::State.ne(Coded(CoverageState::Void)))
        .select_only()
        .columns([C::MemberId, C::PeriodFrom, C::PeriodTo, C::State])
        .into_model::<HeldRow>()
        .all(db)
        .await?;
    let mut out: HashMap<i64, Vec<Held>> = HashMap::new();
    for r in rows {
        let period = Period { from: r.period_from, to: r.period_to };
        out.entry(r.member_id).or_default().push(Held { period, state: r.state.0 });
    }
    Ok(out)
}

/// The heading of a column, as the template writes it.
pub(super) fn title(field: RosterField) -> &'static str {
    COLUMNS.iter().find(|c| c.field == field).map_or("", |c| c.names[0])
}
