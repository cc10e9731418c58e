//! Random people do random things to some cases, hundreds of times, and after each step what must always hold still holds.
//! The seed is fixed, `HUZHU_MODEL_SEED` and `HUZHU_MODEL_STEPS` take others; which cases are drawn for 申领复审 is the clock's,
//! so that no two runs are quite the same.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use huzhu::{
    entity::{appeal, case, case_event},
    platform::clock,
};
use huzhu_domain::{case::Stage, permission::Role};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::{
    acts::{self, Way},
    sound,
    world::{User, World},
};

/// Everybody who may do anything to the cases, and one from another branch.
pub const CAST: [&str; 10] =
    ["unit", "handler", "handler2", "review", "review2", "review3", "cashier", "cashier2", "admin", "far"];
const CASES: usize = 8;

fn from_env(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

struct Model {
    world: World,
    cast: Vec<(&'static str, User)>,
    people_ids: HashMap<&'static str, i64>,
    people: Vec<String>,
    ids: Vec<i64>,
    /// With an appeal that nobody has decided.
    appealed: Vec<i64>,
    asked: usize,
    rng: StdRng,
}

impl Model {
    async fn new(seed: u64) -> Self {
        let world = World::new().await;
        // Who reviewed first is not alone at 申领复审.
        world.hired("review3", "程静怡", "2300", Role::SecondReviewer).await;
        crate::review::asks(&world, "2300", Some(400_000), 3_000).await;
        let (mut cast, mut people_ids) = (Vec::new(), HashMap::new());
        for name in CAST {
            let user = world.user(name).await;
            people_ids.insert(name, user.get("/api/session").await.expect(200)["user"]["id"].as_i64().unwrap());
            cast.push((name, user));
        }
        let mut people = Vec::new();
        for unit in 2..=6 {
            people.extend(world.id_numbers(&format!("2301000{unit}")).await);
        }
        people.sort_unstable();
        let mut model = Self {
            world,
            cast,
            people_ids,
            people,
            ids: Vec::new(),
            appealed: Vec::new(),
            asked: 0,
            rng: StdRng::seed_from_u64(seed),
        };
        for _ in 0..CASES {
            model.accept().await;
        }
        model
    }

    /// One more case of somebody who is covered, unless theirs is used up.
    async fn accept(&mut self) {
        let n = self.asked;
        self.asked += 1;
        let handler = self.world.user("handler").await;
        let incident = format!("2026-{:02}-{:02}", n % 8 + 2, n / 8 % 20 + 1);
        let person = self.any(&self.people.clone());
        let row = handler.claim(&person, &incident, "disease_inpatient").await;
        let answer = handler.accept(&format!("model-{n}"), json!([row])).await;
        if answer.status == 422 {
            assert!(!answer.blockers().is_empty(), "it says why");
        } else {
            self.ids.push(answer.expect(201)["cases"][0]["id"].as_i64().unwrap());
        }
    }

    fn any<T: Clone>(&mut self, of: &[T]) -> T {
        acts::any(&mut self.rng, of)
    }

    /// A closed case turns out to be wrong: somebody opens its correction, or hears why not.
    async fn correct(&mut self) {
        let id = self.some_ended().await;
        let (name, user) = self.somebody_for(id, |after| after["correct"] == json!([])).await;
        let seen = user.get(&format!("/api/cases/{id}")).await;
        if seen.status == 404 {
            return;
        }
        let free = seen.expect(200)["after"]["correct"] == json!([]);
        let asked = json!({ "reason": "entry_error", "note": "随机的更正" });
        let answer = user.post(&format!("/api/cases/{id}/corrections"), asked).await;
        if free {
            self.ids.push(answer.expect(201)["id"].as_i64().unwrap());
        } else {
            assert!((400..500).contains(&answer.status), "{name} may not correct case {id}: {}", answer.json);
        }
    }

    /// A closed case is appealed against, or its appeal decided: allowed, it is corrected; or somebody hears why not.
    async fn appeal(&mut self) {
        let decide = !self.appealed.is_empty() && self.rng.random_bool(0.6);
        let id = if decide { self.any(&self.appealed.clone()) } else { self.some_ended().await };
        let concerns = |after: &Value| after["appeal"] == json!([]) || acts::open_appeal(after).is_some();
        let (name, user) = self.somebody_for(id, concerns).await;
        let seen = user.get(&format!("/api/cases/{id}")).await;
        if seen.status == 404 {
            return;
        }
        let after = seen.expect(200)["after"].take();
        let Some(open) = acts::open_appeal(&after) else {
            let answer =
                user.post(&format!("/api/cases/{id}/appeals"), acts::appeal(&clock::today().to_string())).await;
            match after["appeal"] == json!([]) {
                true => {
                    answer.expect(201);
                    self.appealed.push(id);
                }
                false => assert!((400..500).contains(&answer.status), "{name} may not appeal: {}", answer.json),
            }
            return;
        };
        let shown = user.get(&format!("/api/appeals/{}", open["id"])).await.expect(200);
        let allowed = self.rng.random_bool(0.7);
        let word = json!({ "version": shown["version"], "allowed": allowed, "note": "随机的决定" });
        let answer = user.post(&format!("/api/appeals/{}/decide", open["id"]), word).await;
        if shown["decide"] != json!([]) {
            assert!((400..500).contains(&answer.status), "{name} may not decide: {}", answer.json);
        } else {
            self.appealed.retain(|other| *other != id);
            self.ids.extend(answer.expect(200)["correction_id"].as_i64());
        }
    }

    /// Mostly one that has ended.
    async fn some_ended(&mut self) -> i64 {
        let ended: Vec<i64> = self.stages().await.into_iter().filter(|(_, s)| s.is_end()).map(|(id, _)| id).collect();
        if ended.is_empty() || self.rng.random_bool(0.1) { self.any(&self.ids.clone()) } else { self.any(&ended) }
    }

    /// Mostly one of those to whom what follows the case says so.
    async fn somebody_for(&mut self, id: i64, says_so: impl Fn(&Value) -> bool) -> (&'static str, User) {
        let mut theirs = Vec::new();
        for (name, user) in &self.cast {
            let seen = user.get(&format!("/api/cases/{id}")).await;
            if seen.status == 200 && says_so(&seen.json["after"]) {
                theirs.push((*name, user.clone()));
            }
        }
        let anybody = theirs.is_empty() || self.rng.random_bool(0.2);
        if anybody { self.any(&self.cast.clone()) } else { self.any(&theirs) }
    }

    /// Mostly one that is open.
    async fn some_case(&mut self) -> i64 {
        let open: Vec<i64> = self.stages().await.into_iter().filter(|(_, s)| !s.is_end()).map(|(id, _)| id).collect();
        if open.is_empty() || self.rng.random_bool(0.05) { self.any(&self.ids.clone()) } else { self.any(&open) }
    }

    /// Somebody does something to some case: mostly what they may do, now and then what they may not.
    async fn step(&mut self) {
        let id = self.some_case().await;
        let holder = self.world.row(id).await.holder_id;
        let of_holder = self.cast.iter().find(|(name, _)| Some(self.people_ids[name]) == holder).cloned();
        let (name, user) = match of_holder.filter(|_| self.rng.random_bool(0.5)) {
            Some(holder) => holder,
            None => self.any(&self.cast.clone()),
        };
        let seen = user.get(&format!("/api/cases/{id}")).await;
        if seen.status == 404 {
            let outside = ["far", "unit"].contains(&name);
            assert!(outside || self.world.row(id).await.stage.0 == Stage::Deleted, "{name} doesn't see case {id}");
            return;
        }
        let seen = seen.expect(200);
        let acts = acts::actions(&seen);
        let dare = self.rng.random_bool(0.15);
        let offered = acts.iter().filter(|(_, free)| dare || *free);
        let weighed: Vec<_> = offered.flat_map(|a| std::iter::repeat_n(a.clone(), acts::weight(&a.0))).collect();
        if weighed.is_empty() {
            return;
        }
        let (act, free) = self.any(&weighed);
        let stale = self.rng.random_bool(0.05);
        let before = self.world.row(id).await;
        let Some(answer) =
            acts::perform(&mut self.rng, &user, &seen, &act, if stale { Way::Stale } else { Way::Random }).await
        else {
            return;
        };
        assert!(answer.status < 500, "{name} {act}: {}", answer.json);
        let after = self.world.row(id).await;
        if act == "reduce" && answer.status == 422 {
            // More than there is left to cut.
            assert_eq!(before, after, "a refused cut changes nothing");
        } else if act == "approve" && free && !stale && answer.status == 422 {
            // Nobody would be left for 申领复审: who opened the case or reviews it first can't.
            assert_eq!((answer.blockers(), before), (vec!["no_second_reviewer".to_owned()], after));
            return;
        } else if act == "confirm_payment" {
            // A batch takes two people: who made it hears that another releases it.
            assert!(answer.status < 300 || !answer.blockers().is_empty());
        } else if !free || (stale && act != "edit_materials") {
            assert!((400..500).contains(&answer.status), "{name} may not {act} (stale: {stale}): {}", answer.json);
            assert_eq!(before, after, "a refused {act} changes nothing");
        } else if act == "calculate" && answer.status == 422 {
            // Offered while fields are missing: the answer names them.
            assert_eq!(before, after, "what can't be computed changes nothing");
        } else {
            assert!(answer.status < 300, "{name} may {act} case {id}: {}", answer.json);
        }
        assert!(after.version >= before.version, "versions only grow");
    }

    /// The stages of the cases.
    async fn stages(&self) -> BTreeMap<i64, Stage> {
        let rows = case::Entity::find().filter(case::Column::Id.is_in(self.ids.clone())).all(self.world.app.db.read());
        rows.await.unwrap().into_iter().map(|c| (c.id, c.stage.0)).collect()
    }

    /// Every case has exactly one owner of its next step: who holds it, else whoever may take it; nobody else decides.
    async fn owners(&self) {
        for (id, stage) in self.stages().await {
            if stage.is_end() {
                continue;
            }
            let row = self.world.row(id).await;
            let holder = row.holder_id;
            let mut next = Vec::new();
            for (name, user) in &self.cast {
                let seen = user.get(&format!("/api/cases/{id}")).await;
                if seen.status == 404 {
                    continue;
                }
                let free: Vec<String> =
                    acts::actions(&seen.expect(200)).into_iter().filter(|a| a.1).map(|a| a.0).collect();
                let me = Some(self.people_ids[name]);
                let decides = free.iter().any(|a| !["release", "assign"].contains(&a.as_str()));
                if holder.is_some() && holder != me {
                    assert!(!decides, "{name} may {free:?} case {id} at {stage}, which somebody else holds");
                }
                if decides {
                    next.push(*name);
                }
            }
            // Papers want somebody who uploads, not necessarily a free act yet: uploading is free for them.
            assert!(!next.is_empty(), "case {id} at {stage} has nobody who could do the next step");
        }
    }

    /// Leads every case on to its end by what its people may do: no dead end, from wherever chance left it.
    async fn finish(&mut self) {
        for _ in 0..60 {
            let open: Vec<i64> =
                self.stages().await.into_iter().filter(|(_, s)| !s.is_end()).map(|(id, _)| id).collect();
            if open.is_empty() {
                return;
            }
            for id in open {
                self.lead(id, Way::Onward).await;
            }
        }
        panic!("dead ends: {}", self.stuck().await);
    }

    /// What is open, what was done to it last, and what keeps each of its people from going on.
    async fn stuck(&self) -> String {
        let mut out = String::new();
        for (id, stage) in self.stages().await.into_iter().filter(|(_, s)| !s.is_end()) {
            let log =
                case_event::Entity::find().filter(case_event::Column::CaseId.eq(id)).all(self.world.app.db.read());
            let mut kinds: Vec<String> = log.await.unwrap().into_iter().map(|e| e.kind).collect();
            let last = kinds.split_off(kinds.len().saturating_sub(30));
            out.push_str(&format!("\ncase {id} at {stage}: {last:?}"));
            for (name, user) in &self.cast {
                let seen = user.get(&format!("/api/cases/{id}")).await;
                if seen.status != 404 {
                    out.push_str(&format!("\n  {name}: {}", seen.expect(200)["allowed_actions"]));
                }
            }
        }
        out
    }

    /// Somebody does the next thing that the case wants.
    async fn lead(&mut self, id: i64, way: Way) {
        const ROAD: [&str; 13] = [
            "confirm_materials",
            "submit",
            "calculate",
            "save_draft",
            "take",
            "answer_warning",
            "approve",
            "confirm_payment",
            "decide_receipt",
            "decide_write_off",
            "record_receipt",
            // What was not accepted before, or would be left to nobody.
            "return",
            "withdraw",
        ];
        for (_, user) in self.cast.clone() {
            let seen = user.get(&format!("/api/cases/{id}")).await;
            if seen.status == 404 {
                continue;
            }
            let seen = seen.expect(200);
            let free: Vec<String> = acts::actions(&seen).into_iter().filter(|a| a.1).map(|a| a.0).collect();
            let has = |act: &str| free.iter().any(|f| f == act);
            if !acts::missing_papers(&seen).is_empty() && has("edit_materials") {
                let _ = acts::perform(&mut self.rng, &user, &seen, "edit_materials", way).await;
                return;
            }
            let fresh = seen["calculation"]["stale"] == json!(false);
            let skip = |act: &str| {
                (act == "calculate" && fresh)
                    || (act == "answer_warning" && acts::open_warnings(&seen).is_empty())
                    || (act == "save_draft" && !acts::warnings_open(&seen))
            };
            let strays = way == Way::Random;
            let back = strays && has("return") && self.rng.random_bool(0.15);
            let no = strays && has("deny") && self.rng.random_bool(0.1);
            let turned = back.then_some("return").or(no.then_some("deny"));
            let onward = ROAD.into_iter().filter(|act| has(act) && !skip(act));
            for act in turned.into_iter().chain(onward) {
                if acts::perform(&mut self.rng, &user, &seen, act, way).await.is_some_and(|a| a.status < 300) {
                    return;
                }
            }
        }
    }
}

#[tokio::test]
async fn whatever_anybody_does_the_rules_hold_and_every_case_comes_to_an_end() {
    let steps = from_env("HUZHU_MODEL_STEPS", 800);
    let mut model = Model::new(from_env("HUZHU_MODEL_SEED", 20_261_124)).await;
    for step in 1..=steps {
        // Half of the time somebody gets on with the work, or chance would never come far.
        if model.rng.random_bool(0.05) {
            model.correct().await;
        } else if model.rng.random_bool(0.08) {
            model.appeal().await;
        } else if model.rng.random_bool(0.5) {
            let id = model.some_case().await;
            model.lead(id, Way::Random).await;
        } else {
            model.step().await;
        }
        if model.stages().await.values().filter(|s| !s.is_end()).count() < CASES {
            model.accept().await;
        }
        if step % 20 == 0 {
            sound::check(&model.world.app.db).await;
        }
        if step % 100 == 0 {
            model.owners().await;
        }
    }
    let done: Vec<case_event::Model> = case_event::Entity::find().all(model.world.app.db.read()).await.unwrap();
    let kinds: BTreeSet<&str> = done.iter().map(|e| e.kind.as_str()).collect();
    for kind in [
        "approve",
        "return",
        "deny",
        "withdraw",
        "assign",
        "release",
        "confirm_payment",
        "payment_bounced",
        "account_corrected",
        "correct",
    ] {
        assert!(kinds.contains(kind), "chance never came to {kind}: {kinds:?}");
    }
    let appeals = appeal::Entity::find().all(model.world.app.db.read()).await.unwrap();
    assert!(appeals.iter().any(|a| a.decided_at.is_some()), "chance never came to the decision on an appeal");
    model.finish().await;
    sound::check(&model.world.app.db).await;
}
