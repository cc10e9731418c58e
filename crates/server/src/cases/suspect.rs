//! Cases that a new claim may repeat: those of the same people, and those with the same 票据号码.
use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use huzhu_domain::{
    case::{Claimed, OtherCase, Outcome, Stage, Suspicion, suspicions},
    claim_type::ClaimType,
    dates::Period,
    org::Branch,
    statement::{Earlier, StatementDraft},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, JoinType, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, RelationDef,
    sea_query::{Expr, Func, UnionType},
};

use super::{chain, rows};
use crate::{
    entity::{case, member, statement},
    platform::{
        auth::Me,
        coded::Coded,
        error::Problem,
        seal::{self, Sealed},
    },
};

/// People and papers that one statement looks for.
const AT_ONCE: usize = 500;
/// Cases that one statement finds.
const MAX_FOUND: u64 = 20_000;

/// Statements of other cases that are looked at for overlaps and duplicates.
const MAX_EARLIER: u64 = 500;

/// A claim with whose it is.
#[derive(Clone, Debug)]
pub struct Looked {
    /// 证件号码 of the record.
    pub id_number: Sealed,
    /// 申领类型.
    pub claim_type: ClaimType,
    /// 出险日期.
    pub incident_date: NaiveDate,
    /// The stay, where it is known.
    pub stay: Option<Period>,
    /// 票据号码, empty where it isn't known.
    pub invoice_no: String,
}

#[derive(Clone, Debug, FromQueryResult)]
struct Found {
    id: i64,
    no: String,
    office_id: i64,
    agency_id: Option<i64>,
    unit_id: i64,
    claim_type: Coded<ClaimType>,
    incident_date: NaiveDate,
    id_number: Sealed,
}

/// What looks like each of some claims, in their order.
///
/// # Errors
/// When the database fails.
pub async fn of(db: &impl ConnectionTrait, me: &Me, claims: &[Looked]) -> Result<Vec<Vec<Suspicion>>, Problem> {
    let seen = |f: &Found| match me.branch() {
        Branch::Society => true,
        Branch::Office(id) => f.office_id == id.0,
        Branch::Agency(id) => f.agency_id == Some(id.0),
        Branch::Unit(id) => f.unit_id == id.0,
    };
    let book = Book::load(db, claims, Condition::all()).await?;
    Ok(claims.iter().map(|claim| book.suspicions(claim, seen)).collect())
}

/// The earlier cases in which the incident of a case seems to be claimed, whoever may see them.
///
/// # Errors
/// When the database fails.
pub async fn incident_seen(
    db: &impl ConnectionTrait,
    row: &case::Model,
    person: &member::Model,
) -> Result<Option<String>, Problem> {
    let claim = Looked {
        id_number: person.id_number.clone(),
        claim_type: row.claim_type.0,
        incident_date: row.incident_date,
        stay: None,
        invoice_no: String::new(),
    };
    // Whoever corrects it isn't another claim.
    let earlier = Condition::all().add(case::Column::Id.lt(chain::root(row)));
    let book = Book::load(db, std::slice::from_ref(&claim), earlier).await?;
    let found = book.suspicions(&claim, |_| true).into_iter().find_map(|s| match s {
        Suspicion::IncidentSeen { case_no } => Some(case_no),
        _ => None,
    });
    Ok(found)
}

/// What was found, by case.
struct Book {
    cases: HashMap<i64, Found>,
    by_person: HashMap<Sealed, Vec<i64>>,
    by_invoice: HashMap<String, Vec<i64>>,
    stays: HashMap<i64, Vec<Period>>,
}

impl Book {
    /// The cases that some claims may repeat, of those that `among` leaves.
    async fn load(db: &impl ConnectionTrait, claims: &[Looked], among: Condition) -> Result<Self, Problem> {
        let mut book = Self {
            cases: HashMap::new(),
            by_person: HashMap::new(),
            by_invoice: HashMap::new(),
            stays: HashMap::new(),
        };
        let people: HashSet<&Sealed> = claims.iter().map(|c| &c.id_number).collect();
        for part in people.into_iter().collect::<Vec<_>>().chunks(AT_ONCE) {
            let of_people = seal::among(member::Column::IdNumber, part.iter().copied());
            for found in cases(db, among.clone().add(of_people)).await? {
                book.by_person.entry(found.id_number.clone()).or_default().push(found.id);
                book.cases.insert(found.id, found);
            }
        }
        let ids: Vec<i64> = book.cases.keys().copied().collect();
        for part in ids.chunks(AT_ONCE) {
            let rows = statement::Entity::find().filter(statement::Column::CaseId.is_in(part.iter().copied()));
            for row in rows.all(db).await? {
                let stay = row.admitted_on.zip(row.discharged_on).and_then(|(from, to)| Period::new(from, to));
                book.stays.entry(row.case_id).or_default().extend(stay);
            }
        }
        let invoices: HashSet<&str> =
            claims.iter().map(|c| c.invoice_no.as_str()).filter(|no| !no.is_empty()).collect();
        for part in invoices.into_iter().collect::<Vec<_>>().chunks(AT_ONCE) {
            let named = statement::Entity::find()
                .filter(statement::Column::InvoiceNo.is_in(part.iter().copied()))
                .select_only()
                .columns([statement::Column::CaseId, statement::Column::InvoiceNo])
                .into_tuple::<(i64, String)>()
                .all(db)
                .await?;
            let ids: Vec<i64> = named.iter().map(|(id, _)| *id).collect();
            for found in cases(db, among.clone().add(case::Column::Id.is_in(ids))).await? {
                book.cases.insert(found.id, found);
            }
            for (id, no) in named.into_iter().filter(|(id, _)| book.cases.contains_key(id)).collect::<Vec<_>>() {
                book.by_invoice.entry(no).or_default().push(id);
            }
        }
        Ok(book)
    }

    fn suspicions(&self, claim: &Looked, seen: impl Fn(&Found) -> bool) -> Vec<Suspicion> {
        let of_person = self.by_person.get(&claim.id_number).into_iter().flatten();
        let of_paper = self.by_invoice.get(&claim.invoice_no).into_iter().flatten();
        let mut ids: Vec<i64> = of_person.chain(of_paper).copied().collect();
        ids.sort_unstable();
        ids.dedup();
        let other = |found: &Found| OtherCase {
            case_no: seen(found).then(|| found.no.clone()),
            same_person: found.id_number == claim.id_number,
            claim_type: found.claim_type.0,
            incident_date: found.incident_date,
            stays: self.stays.get(&found.id).cloned().unwrap_or_default(),
            invoices: match self.by_invoice.get(&claim.invoice_no) {
                Some(with) if with.contains(&found.id) => vec![claim.invoice_no.clone()],
                _ => Vec::new(),
            },
        };
        let others: Vec<OtherCase> = ids.iter().filter_map(|id| self.cases.get(id)).map(other).collect();
        let Looked { claim_type, incident_date, stay, .. } = *claim;
        suspicions(&Claimed { claim_type, incident_date, stay, invoice_no: &claim.invoice_no }, &others)
    }
}

/// That a case still counts; a denied, withdrawn or deleted one doesn't.
pub(super) fn still_counts() -> Condition {
    use case::Column as C;
    // In a form that offers the database no index: that of outcomes would find every case that was ever paid.
    let open_or_paid = Func::coalesce([C::Outcome.into_expr(), Expr::value(Coded(Outcome::Paid))]);
    Condition::all().add(C::Stage.ne(Coded(Stage::Deleted))).add(Expr::from(open_or_paid).eq(Coded(Outcome::Paid)))
}

/// Cases that still count.
async fn cases(db: &impl ConnectionTrait, which: Condition) -> Result<Vec<Found>, Problem> {
    use case::Column as C;
    let to_member: RelationDef = rows::to_member();
    let found = case::Entity::find()
        .join(JoinType::InnerJoin, to_member)
        .filter(which)
        .filter(still_counts())
        // Sorted after they are found: by the index of ids SQLite would walk through all cases to find those of ten people.
        .order_by_asc(C::Id.into_expr().add(0))
        .limit(MAX_FOUND)
        .select_only()
        .columns([C::Id, C::No, C::OfficeId, C::AgencyId, C::UnitId, C::ClaimType, C::IncidentDate])
        .column(member::Column::IdNumber)
        .into_model::<Found>()
        .all(db)
        .await?;
    Ok(found)
}

#[derive(FromQueryResult)]
struct EarlierRow {
    no: String,
    id_number: Sealed,
    admitted_on: Option<NaiveDate>,
    discharged_on: Option<NaiveDate>,
    invoice_no: String,
}

/// Statements of cases that still count: of the same person, or with one of the same 票据号码.
pub(super) async fn earlier(
    db: &impl ConnectionTrait,
    row: &case::Model,
    person: &member::Model,
    statements: &[StatementDraft],
) -> Result<Vec<(Earlier, bool)>, Problem> {
    let invoices = statements.iter().map(|s| s.invoice_no.trim()).filter(|no| !no.is_empty());
    let invoices: Vec<&str> = invoices.collect();
    if statements.is_empty() {
        return Ok(Vec::new());
    }
    let to_case: RelationDef =
        statement::Entity::belongs_to(case::Entity).from(statement::Column::CaseId).to(case::Column::Id).into();
    // Of the person, and with one of the numbers: each finds its rows by an index, an OR over both would look at all statements.
    let of_person = case::Entity::find()
        .join(JoinType::InnerJoin, rows::to_member())
        .filter(seal::is(member::Column::IdNumber, &person.id_number))
        .select_only()
        .column(case::Column::Id);
    let by_invoice = statement::Entity::find()
        .filter(statement::Column::InvoiceNo.is_in(invoices.clone()))
        .select_only()
        .column(statement::Column::CaseId);
    let alike = of_person.into_query().union(UnionType::Distinct, by_invoice.into_query()).to_owned();
    let same = Condition::any()
        .add(seal::is(member::Column::IdNumber, &person.id_number))
        .add(statement::Column::InvoiceNo.is_in(invoices));
    let own = chain::ids_of(db, row).await?;
    let found = statement::Entity::find()
        .join(JoinType::InnerJoin, to_case)
        .join(JoinType::InnerJoin, rows::to_member())
        .filter(case::Column::Id.is_not_in(own))
        .filter(still_counts())
        .filter(statement::Column::CaseId.in_subquery(alike))
        .filter(same)
        .order_by_asc(case::Column::Id)
        .limit(MAX_EARLIER)
        .select_only()
        .column(case::Column::No)
        .column(member::Column::IdNumber)
        .columns([statement::Column::AdmittedOn, statement::Column::DischargedOn])
        .column(statement::Column::InvoiceNo)
        .into_model::<EarlierRow>()
        .all(db)
        .await?;
    let earlier = |r: EarlierRow| {
        let same_person = r.id_number == person.id_number;
        let stay = r.admitted_on.zip(r.discharged_on).and_then(|(from, to)| Period::new(from, to));
        (Earlier { case_no: r.no, stay, invoice_no: r.invoice_no.trim().to_owned() }, same_person)
    };
    Ok(found.into_iter().map(earlier).collect())
}
