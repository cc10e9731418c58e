//! `huzhu retention`: 暂不清除, and what else keeps personal data; rules and keys that aren't sound.
use huzhu::{
    entity::{case, member},
    retention::Report,
};
use huzhu_domain::retention::{Holding, RetentionKind, Rules};
use sea_orm::{ColumnTrait, EntityTrait, Iterable, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::{
    changes::member_of,
    enrolment::{self as rosters, Asked},
    retention::{end, erase_on, look_on, rule, rules, two_cases, well},
    world::{MANUAL_ID, World},
};

/// How many of what is due are held back for a reason.
fn held(report: &Report, kind: RetentionKind, why: Holding) -> u64 {
    let told = report.rules.iter().find(|r| r.kind == kind).unwrap();
    told.held.get(&why).copied().unwrap_or_default()
}

#[tokio::test]
async fn what_somebody_may_need_stays() {
    use RetentionKind::{CasePictures, CaseRecords, MemberRecords};
    let world = World::new().await;
    let (paid, denied) = two_cases(&world).await;
    let rules = rules([CasePictures, CaseRecords, MemberRecords]);
    let member = member_of(&world, MANUAL_ID).await.id;
    let stays = async |what: &str| {
        erase_on(&world, end(), &rules).await;
        let rows = [world.row(paid).await, world.row(denied).await];
        assert!(rows.iter().all(|r| r.records_erased_on.is_none() && r.pictures_erased_on.is_none()), "{what}");
        let member = member::Entity::find_by_id(member).one(world.app.db.read()).await.unwrap().unwrap();
        assert_eq!(member.erased_on, None, "{what}");
        well(&world).await;
    };
    let huzhu = |args: &[&str]| cli(&world, args);
    let id = member.to_string();
    let (well_done, said) = huzhu(&["hold", "--member", &id, "--reason", "检察机关调取"]);
    assert!(well_done && said.contains("已设置暂不清除"), "{said}");
    let told = look_on(&world, end(), &rules).await;
    assert_eq!((held(&told, CaseRecords, Holding::Hold), held(&told, MemberRecords, Holding::Hold)), (2, 1));
    stays("a member on hold").await;
    assert!(huzhu(&["holds"]).1.contains("检察机关调取"));
    assert!(huzhu(&["release", "--member", &id]).0);
    let (again, said) = huzhu(&["release", "--member", &id]);
    assert!(!again && said.contains("没有设置暂不清除"), "{said}");

    // A new claim of the same person.
    let unit = world.user("unit").await;
    let open = unit.accepted("critical_illness").await;
    let told = look_on(&world, end(), &rules).await;
    assert_eq!(held(&told, CaseRecords, Holding::OtherCaseOpen), 2);
    assert_eq!(held(&told, MemberRecords, Holding::CaseOpen), 1);
    stays("another case is open").await;
    unit.act(open, "take").await.expect(200);
    let withdraw = json!({ "version": unit.version(open).await, "reason": "other" });
    unit.post(&format!("/api/cases/{open}/withdraw"), withdraw).await.expect(200);

    // A correction of the paid case.
    let review2 = world.user("review2").await;
    let why = json!({ "reason": "entry_error", "note": "录错" });
    let opened = review2.post(&format!("/api/cases/{paid}/corrections"), why).await.expect(201)["id"].as_i64().unwrap();
    let told = look_on(&world, end(), &rules).await;
    assert_eq!(held(&told, CaseRecords, Holding::CaseOpen), 1);
    stays("a correction is open").await;
    let handler = world.user("handler").await;
    handler.act(opened, "take").await.expect(200);
    let withdraw = json!({ "version": handler.version(opened).await, "reason": "other" });
    handler.post(&format!("/api/cases/{opened}/withdraw"), withdraw).await.expect(200);

    // A roster that would cover the person again.
    let asked = Asked::plain(&world).await;
    let batch = rosters::checked(&unit, &asked, &rosters::roster(&[["冯玉兰", MANUAL_ID, ""]])).await;
    let told = look_on(&world, end(), &rules).await;
    assert_eq!(held(&told, MemberRecords, Holding::RosterOpen), 1, "{batch}");
    rosters::act(&unit, &batch, "discard").await.expect(200);

    let done = erase_on(&world, end(), &rules).await;
    assert!(done.rules[1].records >= 3 && done.rules.iter().all(|r| !r.held.contains_key(&Holding::CaseOpen)));
    for id in [paid, denied, open, opened] {
        assert!(world.row(id).await.records_erased_on.is_some(), "case {id}");
    }
    well(&world).await;
}

/// `huzhu retention …` on the world's data: whether it succeeded, and what it said.
fn cli(world: &World, args: &[&str]) -> (bool, String) {
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_huzhu"))
        .arg("retention")
        .args(args)
        .env("HUZHU_DATA_DIR", world.dir.path())
        .env("HUZHU_DATABASE_URL", &world.app.config.database_url)
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    (done.status.success(), said)
}

#[tokio::test]
async fn a_command_without_sound_rules_or_keys_does_nothing() {
    let world = World::new().await;
    two_cases(&world).await;
    let file = world.dir.path().join("rules.toml");
    let with = |text: &str, more: &[&str]| {
        std::fs::write(&file, text).unwrap();
        let path = file.display().to_string();
        cli(&world, &[&["--retention", &path], more].concat())
    };
    let refused = |said: (bool, String), words: &str| assert!(!said.0 && said.1.contains(words), "{}", said.1);
    refused(cli(&world, &["--carry-out"]), "没有设置保管期限规则文件");
    refused(
        with("[[rule]]\nkind = \"diaries\"\nkeep_years = 3\nbasis = \"无\"\n", &[]),
        "第 1 条规则：没有“diaries”这类数据",
    );
    refused(with(&rule(RetentionKind::PaymentRecords).replace("30", "10"), &[]), "短于法定最短期限（30 年 0 天）");
    let (well_done, said) = with(&rule(RetentionKind::CaseRecords), &[]);
    assert!(well_done && said.contains("试运行") && said.contains("案件个人信息（保管 3 年"), "{said}");
    let (well_done, said) = with(&rule(RetentionKind::CaseRecords), &["--carry-out", "--json"]);
    assert!(well_done, "{said}");
    let report: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&report["carried_out"], &report["rules"][0]["records"]), (&json!(true), &json!(0)));
    std::fs::write(world.dir.path().join("huzhu.key"), format!("k1:{}\n", "9".repeat(64))).unwrap();
    refused(with(&rule(RetentionKind::CaseRecords), &["--carry-out"]), "key k1");
    std::fs::remove_file(world.dir.path().join("huzhu.key")).unwrap();
    refused(with(&rule(RetentionKind::CaseRecords), &["--carry-out"]), "huzhu.key");
    let erased = case::Entity::find().filter(case::Column::RecordsErasedOn.is_not_null());
    assert_eq!(erased.count(world.app.db.read()).await.unwrap(), 0);
}

#[test]
fn the_example_has_a_rule_of_every_kind() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/retention.toml");
    let rules = Rules::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
    let kinds: Vec<RetentionKind> = rules.iter().map(|r| r.kind).collect();
    assert_eq!(kinds, RetentionKind::iter().collect::<Vec<_>>());
}
