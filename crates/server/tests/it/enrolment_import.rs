//! 参保入会 without a browser, and what a stopped or given-up check leaves.
use huzhu::{
    enrolment::cli::{self, Import, ImportError, Imported},
    entity::{coverage, enrolment, enrolment_row},
    platform::{clock, messages::Locale},
};
use huzhu_domain::enrolment::BatchState;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, prelude::Expr};
use serde_json::json;

use crate::{
    enrolment::{Asked, act, checked, disease, number, roster, two_people},
    world::World,
};

/// An import of this roster as the command line does it.
async fn imported(world: &World, file: &[u8], change: impl FnOnce(&mut Import)) -> Result<Imported, ImportError> {
    let path = world.dir.path().join("roster.xlsx");
    std::fs::write(&path, file).unwrap();
    let mut asked = Import {
        unit: "23010001".into(),
        plan: "harbin-inpatient".into(),
        from: "2026-07-01".parse().unwrap(),
        to: "2026-12-31".parse().unwrap(),
        dry_run: false,
        fee_pending: false,
    };
    change(&mut asked);
    cli::import(&world.app, &asked, &path, Locale::ZhCn).await
}

#[tokio::test]
async fn the_command_line_enrols_by_the_same_rules() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let mixed = roster(&[["王强", &number(1), ""], ["", &number(2), ""]]);
    let dry = imported(&world, &mixed, |a| a.dry_run = true).await.unwrap();
    assert_eq!((dry.rows, dry.accepted, dry.batch), (2, 1, None));
    let error = &dry.errors[0];
    assert_eq!((error.row, error.column, error.code.as_str()), (3, "姓名", "cell_required"));
    assert_eq!(enrolment::Entity::find().count(world.app.db.read()).await.unwrap(), 0, "nothing is kept");

    let pending = imported(&world, &mixed, |a| a.fee_pending = true).await.unwrap();
    assert_eq!((pending.accepted, pending.state), (1, Some(BatchState::Confirmed)));
    assert_eq!(disease(&unit.eligible(&number(1), "2026-08-20").await), ["fee_pending"]);
    let next = roster(&[["张伟", &number(3), ""]]);
    let done = imported(&world, &next, |_| {}).await.unwrap();
    assert_eq!(done.state, Some(BatchState::InForce));
    assert!(disease(&unit.eligible(&number(3), "2026-08-20").await).is_empty());
    assert_eq!(unit.post("/api/enrolments/search", json!({})).await.expect(200)["total"], 2, "listed like any other");
}

#[tokio::test]
async fn the_command_line_says_what_it_cannot_do() {
    let world = World::new().await;
    let people = two_people();
    let refused = |result: Result<Imported, ImportError>| result.unwrap_err().to_string();
    assert!(refused(imported(&world, &people, |a| a.unit = "99999999".into()).await).contains("no unit"));
    assert!(refused(imported(&world, &people, |a| a.plan = "none".into()).await).contains("no published version"));
    let crossed = imported(&world, &people, |a| a.to = "2026-06-30".parse().unwrap()).await;
    assert!(matches!(crossed, Err(ImportError::Period)));
    assert!(refused(imported(&world, b"no workbook", |_| {}).await).starts_with("file_not_excel"));
    assert!(refused(imported(&world, &cli::template_file().unwrap(), |_| {}).await).starts_with("roster_empty"));
    let kept = coverage::Entity::find().filter(coverage::Column::EnrolmentId.is_not_null());
    assert_eq!(kept.count(world.app.db.read()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_check_that_a_stopped_process_left_half_done_is_begun_anew() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let batch = checked(&unit, &Asked::plain(&world).await, &two_people()).await;
    let id = batch["id"].as_i64().unwrap();
    // As if the process had been killed after the first row, long ago.
    let tx = world.app.db.begin().await.unwrap();
    enrolment::Entity::update_many()
        .col_expr(enrolment::Column::State, Expr::value("checking"))
        .col_expr(enrolment::Column::LeaseUntil, Expr::value(clock::now() - chrono::Duration::minutes(5)))
        .filter(enrolment::Column::Id.eq(id))
        .exec(&tx)
        .await
        .unwrap();
    enrolment_row::Entity::delete_many().filter(enrolment_row::Column::RowNo.eq(3)).exec(&tx).await.unwrap();
    tx.commit().await.unwrap();
    huzhu::enrolment::run(&world.app, id).await;
    let again = unit.get(&format!("/api/enrolments/{id}")).await.expect(200);
    assert_eq!((&again["state"], &again["rows"], &again["good"]), (&json!("checked"), &json!(2), &json!(2)));
    let rows = enrolment_row::Entity::find().filter(enrolment_row::Column::EnrolmentId.eq(id));
    assert_eq!(rows.count(world.app.db.read()).await.unwrap(), 2, "every row once");
    huzhu::enrolment::run(&world.app, id).await;
    assert_eq!(
        unit.get(&format!("/api/enrolments/{id}")).await.expect(200)["version"],
        again["version"],
        "done is done"
    );
}

#[tokio::test]
async fn a_unit_that_moved_to_another_office_is_not_enrolled_under_the_old_ones_plan() {
    let world = World::new().await;
    let (handler, admin) = (world.user("handler").await, world.user("admin").await);
    let batch = checked(&handler, &Asked::plain(&world).await, &two_people()).await;
    let unit = admin.get(&format!("/api/orgs/{}", world.org_id("23010001").await)).await.expect(200);
    let there = json!({ "version": unit["version"], "parent_id": world.org_id("3701").await, "reason": "划转" });
    admin.post(&format!("/api/orgs/{}/move", unit["id"]), there).await.expect(200);
    assert_eq!(act(&handler, &batch, "confirm").await.status, 404, "the old branch doesn't know it any more");
    let far = world.user("far").await;
    assert_eq!(act(&far, &batch, "confirm").await.blockers(), ["batch_unit_moved"]);
}

#[tokio::test]
async fn a_batch_that_is_given_up_while_it_is_checked_keeps_nothing() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let batch = checked(&unit, &Asked::plain(&world).await, &two_people()).await;
    let again = act(&unit, &batch, "recheck").await.expect(200);
    let given_up = act(&unit, &again, "discard").await;
    if given_up.status == 409 {
        // The check was quicker.
        let now = unit.get(&format!("/api/enrolments/{}?wait=true", batch["id"])).await.expect(200);
        act(&unit, &now, "discard").await.expect(200);
    }
    huzhu::enrolment::run(&world.app, batch["id"].as_i64().unwrap()).await;
    let now = unit.get(&format!("/api/enrolments/{}", batch["id"])).await.expect(200);
    assert_eq!(now["state"], "discarded");
    assert_eq!(act(&unit, &now, "confirm").await.blockers(), ["batch_wrong_state"]);
    let kept = coverage::Entity::find().filter(coverage::Column::EnrolmentId.is_not_null());
    assert_eq!(kept.count(world.app.db.read()).await.unwrap(), 0);
}
