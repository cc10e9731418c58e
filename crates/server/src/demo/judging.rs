//! What reviewers are in the middle of: a case that waits for papers (补正), one with a cut (核减), a photo that two claims show,
//! a reviewer who is going to be away.
use chrono::{DateTime, Datelike, Days, Duration, Utc};
use huzhu_domain::{
    case::{Action, Cut, CutPart, CutReason, ReturnReason, ReturnTo, Stage},
    ids::CaseId,
    money::Fen,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{cases::Filler, picture};
use crate::{
    absences,
    cases::{
        self, Act,
        supplements::{Asked, MissingItem},
    },
    entity::case,
    materials,
    pictures::remember,
    platform::{auth::Me, clock, coded::Coded, error::Problem},
};

/// Fills it in.
///
/// # Errors
/// When an act is refused.
pub(super) async fn fill(filler: &Filler<'_>) -> Result<(), Problem> {
    let reviewer = filler.person("review-hlj")?;
    let waiting = Condition::all().add(case::Column::OfficeId.eq(reviewer.org_id.0)).add(not_held(Stage::FirstReview));
    let [short, long] = two(filler, waiting).await?;
    let asked = Asked {
        items: vec![
            MissingItem { kind: Some("settlement".to_owned()), what: "缺第 2 页，请补传".to_owned() },
            MissingItem { kind: None, what: "请说明转诊经过".to_owned() },
        ],
        due_on: Some(clock::today() + Days::new(10)),
    };
    let back = Action::Return { to: ReturnTo::Materials, reason: ReturnReason::MaterialsMissing };
    act(filler, &reviewer, &short, 1, Action::Take, None, None).await?;
    act(filler, &reviewer, &short, 2, back, Some("请补正后重新提交"), Some(asked)).await?;
    let cut = Cut { statement: 0, part: CutPart::SelfPay, amount: Fen(36_000), reason: CutReason::Unrelated };
    act(filler, &reviewer, &long, 3, Action::Take, None, None).await?;
    act(filler, &reviewer, &long, 4, Action::Reduce { cut }, Some("牙科治疗费用与本次住院无关"), None).await?;

    let handler = filler.person("handler")?;
    let papers = Condition::all().add(case::Column::AgencyId.eq(handler.org_id.0)).add(not_held(Stage::Materials));
    let file = tempfile::NamedTempFile::new().map_err(Problem::internal)?;
    std::fs::write(file.path(), picture::paper("结算单照片", 23)).map_err(Problem::internal)?;
    let photo = remember(filler.app, materials::store_file(filler.app, file.path()).await?).await?;
    for (n, row) in two(filler, papers).await?.iter().enumerate() {
        let name = format!("微信图片_{}.png", n + 1);
        let at = row.stage_since + Duration::hours(2);
        let added = materials::add(filler.app, &handler, CaseId(row.id), "settlement", &name, &photo, None);
        clock::as_of(at, added).await?;
    }

    let today = clock::today();
    let monday = today + Days::new(u64::from(7 - today.weekday().num_days_from_monday()));
    let stand_in = filler.person("review3")?.id.0;
    absences::make(filler.app, &reviewer, reviewer.id.0, (monday, monday + Days::new(4)), stand_in).await
}

fn not_held(stage: Stage) -> Condition {
    Condition::all().add(case::Column::Stage.eq(Coded(stage))).add(case::Column::HolderId.is_null())
}

/// The last two cases of them; those of the unit that the sign-in page shows are left alone.
async fn two(filler: &Filler<'_>, which: Condition) -> Result<[case::Model; 2], Problem> {
    let own = filler.person("unit")?.org_id.0;
    let found = case::Entity::find().filter(which).filter(case::Column::UnitId.ne(own));
    let found = found.order_by_desc(case::Column::Id).limit(2).all(filler.app.db.read()).await?;
    found.try_into().map_err(|_| Problem::internal("too few cases of the demonstration"))
}

async fn act(
    filler: &Filler<'_>,
    me: &Me,
    row: &case::Model,
    hours: i64,
    action: Action,
    note: Option<&str>,
    asked: Option<Asked>,
) -> Result<(), Problem> {
    let at: DateTime<Utc> = row.stage_since + Duration::hours(hours);
    let now = case::Entity::find_by_id(row.id).one(filler.app.db.read()).await?.ok_or_else(Problem::not_found)?;
    let act = Act { asked, ..Act::new(action, now.version).because(note.map(str::to_owned)) };
    clock::as_of(at, cases::perform(filler.app, me, CaseId(row.id), act)).await.map(|_| ())
}
