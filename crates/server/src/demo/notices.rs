//! Two notices of the demonstration: of the society for everybody, of one office for its branch.
use std::collections::HashMap;

use chrono::{Days, Duration};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    app::App,
    entity::org,
    notices::{self, NewNotice},
    platform::{auth::Me, clock, error::Problem},
};

/// Publishes them.
///
/// # Errors
/// When the product refuses one.
pub(super) async fn fill(app: &App, people: &HashMap<String, Me>) -> Result<(), Problem> {
    let (Some(admin), Some(admin2)) = (people.get("admin"), people.get("admin2")) else { return Ok(()) };
    let office = org::Entity::find().filter(org::Column::Code.eq("2300")).one(app.db.read()).await?;
    let now = clock::now();
    let society = NewNotice {
        org_id: None,
        title: "关于做好年度申领材料归档工作的通知".to_owned(),
        content: "各办事处、代办处、参保单位：\n\n一、本年度已结案案件的申领材料，请于年底前核对完毕。\n二、住院类申领须附完整的费用结算单，照片应清晰、完整、不反光。\n三、银行账号以本人银行卡照片为准，录入后请再次核对。\n\n请相互转告。".to_owned(),
        shown_from: Some(clock::day_of(now - Duration::days(6))),
        shown_to: None,
        pinned: true,
    };
    clock::as_of(now - Duration::days(6), notices::publish(app, admin, society)).await?;
    let branch = NewNotice {
        org_id: office.map(|o| o.id),
        title: "新年度参保信息采集开始".to_owned(),
        content: "新年度参保信息采集即日开始。\n请各单位下载最新名册模板，核对职工姓名、证件号码后上传；证件号码有变化的，请先提交变更申请。".to_owned(),
        shown_from: Some(clock::day_of(now - Duration::days(1))),
        shown_to: clock::today().checked_add_days(Days::new(60)),
        pinned: false,
    };
    clock::as_of(now - Duration::days(1), notices::publish(app, admin2, branch)).await?;
    Ok(())
}
