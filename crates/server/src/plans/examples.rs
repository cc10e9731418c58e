//! «存为示例»: a case's facts as a worked example. Amounts and dates only; nothing of it names a person.
use axum::{Json, extract::State};
use huzhu_domain::{
    benefit::{Amount, Example, ExampleStatement, ExampleUsage},
    money::Fen,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    app::App,
    cases::{file::CaseFile, ledger, rows},
    entity::case,
    platform::{
        auth::{Acting, can},
        error::{Problem, ProblemBody},
        messages::{self, Locale},
    },
};

/// The case that becomes an example.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExampleRequest {
    /// 案件号.
    case_no: String,
}

/// A case as an example.
#[derive(Serialize, ToSchema)]
pub struct CaseExample {
    /// Code of the plan.
    plan_code: String,
    /// Code of the liability.
    liability: String,
    example: Example,
    /// The same as text, to be put into a plan's file below its liability.
    text: String,
}

#[derive(Serialize)]
struct Snippet {
    liability: SnippetLiability,
}

#[derive(Serialize)]
struct SnippetLiability {
    example: Vec<Example>,
}

/// Makes an example of a calculated case.
#[utoipa::path(post, path = "/api/plans/example", tag = "plans", request_body = ExampleRequest,
    extensions(("x-right" = json!("manage_plans"))),
    responses((status = 200, body = CaseExample), (status = "4XX", body = ProblemBody)))]
pub(super) async fn from_case(
    State(app): State<App>,
    me: Acting<can::ManagePlans>,
    Json(asked): Json<ExampleRequest>,
) -> Result<Json<CaseExample>, Problem> {
    let db = app.db.read();
    let no = rows::text(Some(&asked.case_no)).unwrap_or_default().to_uppercase();
    let found = case::Entity::find().filter(me.sees_case()).filter(case::Column::No.eq(no)).one(db).await?;
    let row = found.ok_or_else(Problem::not_found)?;
    let amount = row
        .benefit_fen
        .or(row.calculated_fen)
        .ok_or_else(|| Problem::refused(&[json!({ "code": "not_calculated", "args": {} })]))?;
    let usage = ledger::used_before(db, &row).await?;
    let file = CaseFile::load(db, &app, row).await?;
    let period = file.period();
    let complete = file.statements.iter().enumerate();
    let statements = complete.filter_map(|(i, s)| s.parse(i, chrono::NaiveDate::MAX).ok());
    let claim_type = file.row.claim_type.0;
    let used_by = file.plan.liabilities.iter().filter(|l| l.code != file.row.liability_code);
    let used_by = used_by.filter_map(|l| Some((l.code.clone(), ExampleUsage::of(usage.of(&l.code))?)));
    let example = Example {
        name: name(claim_type.into(), Fen(amount)),
        claim_type: Some(claim_type),
        coverage: None,
        shares: file.covered().shares,
        renewed: file.coverage.renewed,
        incident_date: None,
        day: period.ordinal(file.row.incident_date),
        claimed_on: None,
        statements: statements.map(|s| ExampleStatement::of(&s)).collect(),
        class: file.row.incident_class.clone(),
        grades: file.incident().injuries.iter().map(|i| i.grade).collect(),
        used: ExampleUsage::of(usage.of(&file.row.liability_code)),
        used_by: used_by.collect(),
        amount: Some(Amount(Fen(amount))),
    };
    let snippet = Snippet { liability: SnippetLiability { example: vec![example.clone()] } };
    let text = toml::to_string(&snippet).map_err(Problem::internal)?;
    let liability = file.row.liability_code.clone();
    Ok(Json(CaseExample { plan_code: file.plan.code.clone(), liability, example, text }))
}

/// Examples are data of the plan, which is Chinese whatever the screen.
fn name(claim_type: &str, amount: Fen) -> String {
    let word = messages::word(Locale::ZhCn, "claim_type", &json!(claim_type));
    format!("{word} {amount} 元")
}
