//! The real binary on real data: init, inspect, plan, check, as a planner would run them.

#![allow(clippy::print_stdout, reason = "a test that is skipped says why")]
#![allow(clippy::float_cmp, reason = "counts in JSON are exact")]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

fn vezel() -> Command {
    Command::new(env!("CARGO_BIN_EXE_vezel"))
}

/// A folder of the real data sets, or nothing (with a printed reason) where they are absent.
fn shared(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if folder.exists() {
        return folder.canonicalize().ok();
    }
    println!("skipped: {} is not there", folder.display());
    None
}

struct Journey {
    home: tempfile::TempDir,
}

impl Journey {
    /// `vezel init` on a folder, and the text put right as a user would.
    fn init(data: &Path, edit: impl Fn(&str) -> String) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let scenario = home.path().join("scenario.toml");
        vezel().arg("init").arg(data).arg("-o").arg(&scenario).assert().success();
        let text = fs::read_to_string(&scenario).expect("a scenario");
        fs::write(&scenario, edit(&text)).expect("a scenario");
        Self { home }
    }

    fn out(&self) -> PathBuf {
        self.home.path().join("out")
    }

    fn plan(&self, extra: &[&str]) -> Value {
        let scenario = self.home.path().join("scenario.toml");
        vezel().arg("inspect").arg(&scenario).assert().success();
        vezel().arg("plan").arg(&scenario).arg("-o").arg(self.out()).args(extra).assert().success();
        vezel().arg("check").arg(self.out()).arg("--inputs").arg(self.home.path()).assert().success();
        let text = fs::read_to_string(self.out().join("plan.json")).expect("plan.json");
        serde_json::from_str(&text).expect("plan.json is JSON")
    }
}

fn everywhere(text: &str) -> String {
    text.replace("area = \"outside-built-up\"", "area = \"all\"").replace("area = \"low-density\"", "area = \"all\"")
}

fn number(plan: &Value, pointer: &str) -> f64 {
    plan.pointer(pointer).and_then(Value::as_f64).unwrap_or_else(|| panic!("plan.json has no {pointer}"))
}

fn statuses(plan: &Value) -> f64 {
    let statuses = plan.pointer("/addresses/statuses").and_then(Value::as_object).expect("statuses");
    statuses.values().filter_map(Value::as_f64).sum()
}

#[test]
fn north_bayreuth_is_planned_within_one_percent_and_every_address_is_told_of() {
    let Some(data) = shared("osm-north-bayreuth/shp") else { return };
    let plan = Journey::init(&data, everywhere).plan(&[]);
    assert!(number(&plan, "/trench/gap") <= 0.01, "gap {}", number(&plan, "/trench/gap"));
    assert_eq!(number(&plan, "/addresses/input"), 3751.0);
    assert_eq!(statuses(&plan), 3751.0);
    assert_eq!(number(&plan, "/parks/input"), 19.0);
}

#[test]
fn roads_drawn_as_whole_ways_give_the_same_trench_within_one_percent() {
    let Some(data) = shared("osm-north-bayreuth/shp") else { return };
    let split = Journey::init(&data, everywhere).plan(&[]);
    let ways = Journey::init(&data, |text| {
        let text = everywhere(text).replace("/roads.shp", "/roads_ways.shp");
        text.replace("from_junction = \"jte_beg\"\n", "").replace("to_junction = \"jte_end\"\n", "")
    })
    .plan(&[]);
    let (one, other) = (number(&split, "/trench/length_m"), number(&ways, "/trench/length_m"));
    assert!((one - other).abs() <= 0.01 * one, "{one} m against {other} m");
}

#[test]
fn otterlo_is_planned_with_prices_by_pavement_and_neighbourhoods_with_missing_figures() {
    let Some(data) = shared("otterlo-nl/shp") else { return };
    let Some(districts) = shared("cbs-wijken-gelderland/wijken.shp") else { return };
    let plan = Journey::init(&data, |text| {
        let layer = format!(
            "[layers.neighbourhoods]\nfile = \"{}\"\nid = \"code\"\nshare_65_plus = \"pop_65plus\"\n\n[scope]",
            districts.display()
        );
        everywhere(text).replacen("[scope]", &layer, 1)
    })
    .plan(&["--format", "shp"]);
    assert!(number(&plan, "/trench/gap") <= 0.01);
    assert_eq!(statuses(&plan), 1181.0);
}

#[test]
fn addresses_far_from_every_road_all_get_a_reason() {
    let Some(data) = shared("otterlo-nl/shp") else { return };
    let journey = Journey::init(&data, |text| everywhere(text).replace("/addresses.shp", "/addresses_all.shp"));
    let plan = journey.plan(&[]);
    assert_eq!(number(&plan, "/addresses/input"), 2481.0);
    assert_eq!(statuses(&plan), 2481.0);
    assert!(number(&plan, "/addresses/statuses/too-far") > 1000.0);
    let scenario = journey.home.path().join("scenario.toml");
    let text = fs::read_to_string(&scenario).expect("a scenario").replace("serve_all = false", "serve_all = true");
    fs::write(&scenario, text).expect("a scenario");
    vezel().arg("plan").arg(&scenario).arg("-o").arg(journey.out()).arg("--force").assert().code(4);
}

#[test]
fn krems_is_planned_within_one_percent_over_its_rails_and_river() {
    let Some(data) = shared("osm-krems/shp") else { return };
    let plan = Journey::init(&data, everywhere).plan(&[]);
    assert!(number(&plan, "/trench/gap") <= 0.01);
    assert_eq!(number(&plan, "/addresses/connected"), 1220.0);
}

#[test]
fn the_sample_is_planned_and_written_the_same_for_one_and_two_threads() {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/achterhoek-sample/scenario.toml");
    let home = tempfile::tempdir().expect("a temporary folder");
    let outs: Vec<PathBuf> = ["1", "2"]
        .iter()
        .map(|threads| {
            let out = home.path().join(threads);
            vezel().arg("plan").arg(&scenario).arg("-o").arg(&out).args(["--threads", threads]).assert().success();
            out
        })
        .collect();
    for file in ["plan.gpkg", "plan.json", "addresses.csv", "ranking.csv", "findings.csv", "report.html"] {
        let read = |out: &PathBuf| fs::read(out.join(file)).expect("a result file");
        assert!(read(&outs[0]) == read(&outs[1]), "{file} differs");
    }
    vezel().arg("check").arg(&outs[0]).assert().success();
}

#[test]
fn the_toy_costs_what_its_readme_works_out_by_hand_and_prizes_leave_the_dearest_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/toy");
    let home = tempfile::tempdir().expect("a temporary folder");
    let stp = home.path().join("toy.stp");
    let run = |scenario: &Path, out: &str| -> Value {
        let out = home.path().join(out);
        vezel().arg("plan").arg(scenario).arg("-o").arg(&out).arg("--export-stp").arg(&stp).assert().success();
        vezel().arg("check").arg(&out).assert().success();
        serde_json::from_str(&fs::read_to_string(out.join("plan.json")).expect("plan.json")).expect("JSON")
    };
    let all = run(&folder.join("scenario.toml"), "all");
    assert_eq!(number(&all, "/trench/cost_cents"), 5_219_000.0);
    assert_eq!(number(&all, "/trench/bound_cents"), 5_219_000.0);
    assert!(fs::read_to_string(&stp).expect("stp").contains("SECTION Terminals"));
    let copy = home.path().join("prize");
    fs::create_dir(&copy).expect("a folder");
    for file in fs::read_dir(&folder).expect("the toy").map(|entry| entry.expect("a file").path()) {
        fs::copy(&file, copy.join(file.file_name().expect("a name"))).expect("a copy");
    }
    let text = fs::read_to_string(copy.join("scenario.toml")).expect("a scenario");
    let poor = "\n[prize]\nenabled = true\nrevenue = 1.0\nsubsidy_by_tier = []\n";
    let text = match text.find("[prize]") {
        Some(_) => text.replace("enabled = false", "enabled = true").replace("revenue = 2500.0", "revenue = 1.0"),
        None => text + poor,
    };
    fs::write(copy.join("scenario.toml"), text).expect("a scenario");
    let poor = run(&copy.join("scenario.toml"), "poor");
    assert!(number(&poor, "/addresses/statuses/left-out") > 0.0);
    assert!(number(&poor, "/trench/cost_cents") < 5_219_000.0);
}

#[test]
fn bad_input_names_the_file_and_ends_with_the_documented_code() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let scenario = home.path().join("scenario.toml");
    let out = home.path().join("out");
    let plan = |code: i32, said: &str| {
        let assert = vezel().arg("plan").arg(&scenario).arg("-o").arg(&out).assert().code(code);
        let complaint = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(complaint.contains(said), "{complaint}");
        assert!(!out.exists(), "a failed run leaves no folder");
    };
    plan(3, "scenario.toml");
    fs::write(&scenario, "[layers.addresses]\nfile = 'nowhere.shp'\n").expect("a scenario");
    plan(3, "nowhere.shp");
    fs::write(&scenario, "[layers.adresses]\nfile = 'a.shp'\n").expect("a scenario");
    plan(3, "did you mean `addresses`?");
    fs::write(&scenario, "crs = 'EPSG:4326'\n[layers.addresses]\nfile = 'a.shp'\n").expect("a scenario");
    plan(3, "lengths cannot be measured");
    fs::write(home.path().join("a.shp"), "no shapefile").expect("a file");
    fs::write(&scenario, "[layers.addresses]\nfile = 'a.shp'\n").expect("a scenario");
    plan(3, "it is no shapefile");
    vezel().arg("plan").assert().code(2);
}
