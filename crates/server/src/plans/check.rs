//! A plan text looked at: what is wrong with it, its examples, the version in words and drawn.
use huzhu_domain::{
    benefit::{Curve, Explained, Fault, Plan},
    money::Fen,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::{
    app::App,
    platform::{
        error::Problem,
        messages::{self, Locale},
    },
};

/// One thing that is wrong with a text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FaultView {
    /// Stable code.
    pub(super) code: String,
    /// What is wrong, and what would be right.
    pub message: String,
    /// The field, `liability.0.caps.amount`.
    pub path: String,
    /// From 1.
    pub line: Option<usize>,
    /// From 1.
    pub(super) column: Option<usize>,
}

impl FaultView {
    /// A fault in a language.
    #[must_use]
    pub fn new(fault: &Fault, locale: Locale) -> Self {
        Self {
            code: fault.code.clone(),
            message: messages::sentence(locale, &fault.code, &fault.args),
            path: fault.path.clone(),
            line: fault.line,
            column: fault.column,
        }
    }
}

/// A worked example and how it came out.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExampleView {
    /// Code of the liability.
    pub liability: String,
    pub(super) liability_name: String,
    /// Its place among the liability's examples, from 0.
    pub(super) index: usize,
    /// What it shows.
    pub name: String,
    /// What must come out, in fen.
    pub expected_fen: Fen,
    /// What does.
    pub actual_fen: Fen,
    /// Whether both agree.
    pub passes: bool,
}

/// What is said of one liability, of a group, or of the plan.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExplainedView {
    /// The liability's code; null where it is about a group or the plan.
    pub(super) liability: Option<String>,
    /// Its name, or the group's; empty where it is about the plan.
    pub name: String,
    /// The clause.
    pub clause: String,
    /// In the user's language, in order.
    pub sentences: Vec<String>,
}

/// A liability drawn.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CurveView {
    pub(super) liability: String,
    pub(super) name: String,
    pub(super) curve: Curve,
}

/// A text looked at.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanCheck {
    /// What it says; null where it has faults.
    pub(super) plan: Option<Plan>,
    /// What is wrong with it.
    pub(super) faults: Vec<FaultView>,
    /// Its examples, computed.
    pub(super) examples: Vec<ExampleView>,
    /// The version in words.
    pub(super) words: Vec<ExplainedView>,
    /// Its liabilities drawn.
    pub(super) curves: Vec<CurveView>,
}

impl PlanCheck {
    /// Looks at a text off the async threads: examples and drawings of a long one take a while.
    ///
    /// # Errors
    /// When the server is stopping.
    pub(super) async fn of(app: &App, source: String, locale: Locale) -> Result<Self, Problem> {
        let _turn = app.calculators.acquire().await.map_err(Problem::internal)?;
        tokio::task::spawn_blocking(move || Self::look(&source, locale)).await.map_err(Problem::internal)
    }

    fn look(source: &str, locale: Locale) -> Self {
        match Plan::parse(source) {
            Err(faults) => Self {
                plan: None,
                faults: faults.iter().map(|f| FaultView::new(f, locale)).collect(),
                examples: Vec::new(),
                words: Vec::new(),
                curves: Vec::new(),
            },
            Ok(plan) => Self {
                faults: Vec::new(),
                examples: examples(&plan),
                words: words(&plan, locale),
                curves: plan.liabilities.iter().map(|l| curve(l, &plan)).collect(),
                plan: Some(plan),
            },
        }
    }
}

fn curve(liability: &huzhu_domain::benefit::Liability, plan: &Plan) -> CurveView {
    CurveView { liability: liability.code.clone(), name: liability.name.clone(), curve: liability.curve(plan) }
}

/// The examples of a plan, computed.
#[must_use]
pub fn examples(plan: &Plan) -> Vec<ExampleView> {
    let name = |code: &str| plan.liability(code).map(|l| l.name.clone()).unwrap_or_default();
    let view = |r: huzhu_domain::benefit::ExampleResult<'_>| ExampleView {
        liability: r.liability.to_owned(),
        liability_name: name(r.liability),
        index: r.index,
        name: r.name.to_owned(),
        expected_fen: r.expected,
        actual_fen: r.actual,
        passes: r.passes(),
    };
    plan.check_examples().into_iter().map(view).collect()
}

/// A plan in words.
#[must_use]
pub fn words(plan: &Plan, locale: Locale) -> Vec<ExplainedView> {
    let view = |e: Explained| ExplainedView {
        sentences: e.sentences.iter().map(|s| messages::sentence(locale, s.code, &s.args)).collect(),
        liability: e.liability,
        name: e.name,
        clause: e.clause,
    };
    plan.explain().into_iter().map(view).collect()
}

/// A fault as one line: line, field, what would be right.
#[must_use]
pub fn fault_line(fault: &Fault, locale: Locale) -> String {
    let line = fault.line.map_or_else(|| "-".to_owned(), |n| n.to_string());
    let said = json!({ "code": fault.code, "args": fault.args });
    let args = Map::from_iter([
        ("line".to_owned(), Value::from(line)),
        ("path".to_owned(), Value::from(fault.path.clone())),
        ("fault".to_owned(), said),
    ]);
    messages::sentence(locale, "plan_fault", &args)
}

/// For the log, where a text that the program itself keeps is no plan.
pub(super) fn first_fault(version: i64, faults: &[Fault]) -> String {
    let first = faults.first().map(|f| fault_line(f, Locale::En)).unwrap_or_default();
    format!("plan version {version} can't be read: {first}")
}
