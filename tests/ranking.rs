//! The roll-out order on the toy: units by polygons, tiers that lapse, networks that are there, ranking anew, draws.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

struct Toy {
    home: tempfile::TempDir,
}

fn vezel() -> Command {
    Command::new(env!("CARGO_BIN_EXE_vezel"))
}

type Row = std::collections::BTreeMap<String, String>;

impl Toy {
    /// The toy with some more text in its scenario.
    fn plan(more: &str) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        support::copy_toy(home.path());
        let scenario = home.path().join("scenario.toml");
        let text = fs::read_to_string(&scenario).expect("a scenario");
        fs::write(&scenario, format!("{text}\n{more}\n")).expect("a scenario");
        let toy = Self { home };
        vezel().arg("plan").arg(&scenario).arg("-o").arg(toy.out()).assert().success();
        vezel().arg("check").arg(toy.out()).assert().success();
        toy
    }

    fn out(&self) -> PathBuf {
        self.home.path().join("out")
    }

    fn rows(&self, file: &str) -> Vec<Row> {
        rows(&self.out().join(file))
    }

    fn summary(&self) -> Value {
        let text = fs::read_to_string(self.out().join("plan.json")).expect("plan.json");
        serde_json::from_str(&text).expect("JSON")
    }
}

fn rows(path: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path).expect("a table");
    reader.deserialize().collect::<Result<_, _>>().expect("rows")
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column}: {} is no number", row[column]))
}

#[test]
fn need_adds_up_by_hand_and_draws_add_up_to_one() {
    let toy = Toy::plan("");
    let addresses = toy.rows("addresses.csv");
    let points = |at: usize, part: &str| number(&addresses[at], &format!("need_{part}"));
    // a5 is a care home (25 and 5), a7 a firm on the park (30 and 5), a8 stands in a farmyard (15 and 5).
    assert!((points(4, "care_address") - 25.0).abs() < 1e-9 && (points(4, "points") - 30.0).abs() < 1e-9);
    assert!((points(6, "park") - 30.0).abs() < 1e-9 && (points(6, "points") - 35.0).abs() < 1e-9);
    assert!((points(7, "agri") - 15.0).abs() < 1e-9 && (points(7, "points") - 20.0).abs() < 1e-9);
    let units = toy.rows("ranking.csv");
    let all: f64 = units.iter().map(|unit| number(unit, "need_points")).sum();
    // Eight addresses at 5, a school at 10, two care homes at 25, a farm at 15, a firm and a handover point on a park.
    assert!((all - (8.0 * 5.0 + 10.0 + 2.0 * 25.0 + 15.0 + 2.0 * 30.0 + 5.0)).abs() < 1e-9, "{all}");
    for row in toy.rows("robustness.csv") {
        let shares = row.iter().filter(|(name, _)| {
            name.strip_prefix("place_").is_some_and(|rest| rest == "later" || rest.parse::<u32>().is_ok())
        });
        let sum: f64 = shares.map(|(_, share)| share.parse::<f64>().expect("a share")).sum();
        assert!((sum - 1.0).abs() < 1e-5);
    }
    let summary = toy.summary();
    let cents = |pointer: &str| summary.pointer(pointer).and_then(Value::as_i64).expect("a figure");
    assert!(cents("/robustness/total/p10_cents") < cents("/robustness/total/p90_cents"));
    assert!(cents("/total/cost_cents") < cents("/robustness/total/p90_cents"));
}

#[test]
fn ranking_anew_needs_no_plan_and_the_judge_accepts_it() {
    let toy = Toy::plan("");
    let new = toy.home.path().join("new");
    let rank = |weights: &str| {
        vezel().arg("rank").arg(toy.out()).args(["--weights", weights, "--force", "-o"]).arg(&new).assert().success();
    };
    rank("care=9,park=0,agri=1");
    vezel().arg("check").arg(&new).arg("--inputs").arg(toy.out()).assert().success();
    let (before, after) = (toy.rows("ranking.csv"), rows(&new.join("ranking.csv")));
    assert_eq!(before.len(), after.len());
    let about: Value =
        serde_json::from_str(&fs::read_to_string(new.join("ranking.json")).expect("ranking.json")).expect("JSON");
    assert_eq!(about.pointer("/weights/care").and_then(Value::as_f64), Some(9.0));
    // A ranking that is not the best, and one of another plan, are refused.
    let text = fs::read_to_string(new.join("ranking.json")).expect("ranking.json");
    fs::write(new.join("ranking.json"), text.replace("\"care\": 9.0", "\"care\": 8.0")).expect("ranking.json");
    vezel().arg("check").arg(&new).assert().code(6);
    rank("rest=1");
    fs::write(toy.out().join("ranking.csv"), "rank,unit\n").expect("ranking.csv");
    vezel().arg("check").arg(&new).arg("--inputs").arg(toy.out()).assert().code(6);
    vezel().arg("rank").arg(toy.out()).args(["--weights", "care=1"]).assert().code(3);
    vezel().arg("rank").arg(toy.out()).args(["--weights", "cure=1"]).assert().code(2);
}

#[test]
fn a_tier_lapses_for_a_unit_dearer_than_its_limit() {
    let free = Toy::plan("");
    let capped = Toy::plan("[rollout]\ntier_caps = [0.01]");
    assert!(free.rows("ranking.csv").iter().all(|unit| unit["lapsed_tier"].is_empty()));
    let rows = capped.rows("ranking.csv");
    let lapsed: Vec<&Row> = rows.iter().filter(|unit| !unit["lapsed_tier"].is_empty()).collect();
    assert!(!lapsed.is_empty() && lapsed.iter().all(|unit| unit["lapsed_tier"] == "business parks"));
    assert!(lapsed.iter().all(|unit| number(unit, "points business parks") == 0.0));
    assert!(lapsed.iter().all(|unit| unit["reden"].contains("grens")));
}

#[test]
fn weighted_order_and_units_by_polygons_pass_the_judge() {
    let toy = Toy::plan(
        "[rollout]\norder = \"weighted\"\nunits = \"layer\"\n[rollout.weights]\ncare = 4.0\n\
         [layers.unit_areas]\nfile = \"boerenerven.shp\"\nid = \"id\"",
    );
    assert_eq!(toy.summary().pointer("/ranking/order").and_then(Value::as_str), Some("weighted"));
    assert!(toy.rows("ranking.csv").iter().any(|unit| unit["kind"] == "area" && unit["unit"].contains('(')));
}

#[test]
fn wishes_that_cannot_be_met_are_errors_with_advice() {
    let toy = Toy::plan("");
    let scenario = toy.home.path().join("scenario.toml");
    let text = fs::read_to_string(&scenario).expect("a scenario");
    for (more, word) in [
        ("[rollout]\nunits = \"layer\"", "layers.unit_areas"),
        ("[need]\npark = -1.0", "need.park"),
        ("[need]\nfarm = 1.0", "unknown field"),
        (
            "[robustness]\nweights = \"intervals\"\n[robustness.intervals]\npark = [0.9, 1.0]\ncare = [0.9, 1.0]",
            "intervals",
        ),
    ] {
        fs::write(&scenario, format!("{text}\n{more}\n")).expect("a scenario");
        let failed = vezel().arg("inspect").arg(&scenario).assert().code(3);
        let said = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
        assert!(said.contains(word), "{more}: {said}");
    }
}

struct Quiet;

impl vezel::study::Listener for Quiet {
    fn step(&mut self, _: &'static str) {}
    fn progress(&mut self, _: i64, _: i64) {}
}

/// Plans the toy, with one address less if asked; returns it with its trench cost in cents.
fn plan_without(scenario: &Path, left_out: Option<usize>) -> (vezel::plan::Plan, i64) {
    let mut study = vezel::study::Study::open(scenario, &mut Quiet).expect("a study");
    study.scenario.robustness.samples = 0;
    if let Some(place) = left_out {
        study.region.addresses[place].standing = vezel::region::Standing::BuiltUp;
    }
    let planned = study.plan(&vezel::effort::Effort::default(), &mut Quiet).expect("a plan");
    // The plan may pay more for trenches than it must, to save on cables; what is told is about the least.
    let least = planned.plan.trench.bound.cents();
    (planned.plan, least)
}

#[test]
fn leaving_an_address_out_saves_what_is_told_at_least_and_at_most() {
    let home = tempfile::tempdir().expect("a temporary folder");
    support::copy_toy(home.path());
    let scenario = home.path().join("scenario.toml");
    let text = fs::read_to_string(&scenario).expect("a scenario");
    // With short drops every address has one; with long ones all may choose, also across the river: no place is sure.
    for (longest, bounded) in [("100.0", 6), ("300.0", 0)] {
        fs::write(&scenario, text.replace("drop_max_m = 100.0", &format!("drop_max_m = {longest}")))
            .expect("a scenario");
        let (plan, cost) = plan_without(&scenario, None);
        assert!(plan.trench.optimal);
        let told =
            plan.addresses.iter().enumerate().filter_map(|(place, told)| Some((place, told, told.saving_at_most?)));
        let told: Vec<_> = told.collect();
        assert!(told.len() >= bounded, "{} addresses have a bound", told.len());
        for (place, outcome, most) in told {
            let saved = cost - plan_without(&scenario, Some(place)).1;
            assert!(outcome.saving.cents() <= saved && saved <= most.cents(), "{place}: {saved} not up to {most}");
        }
    }
}
