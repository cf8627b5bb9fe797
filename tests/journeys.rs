//! The real binary on real data: init, inspect, plan, check, as a planner would run them.

#![allow(clippy::print_stdout, reason = "a test that is skipped says why")]
#![allow(clippy::float_cmp, reason = "counts in JSON are exact")]

mod support;

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
    for figure in ["/trench/length_m", "/trench/cost_cents", "/total/cost_cents"] {
        let (one, other) = (number(&split, figure), number(&ways, figure));
        assert!((one - other).abs() <= 0.01 * one, "{figure}: {one} against {other}");
    }
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
    for file in ["cables.csv", "splices.csv", "bill_of_quantities.csv", "bill_by_group.csv"] {
        let read = |out: &PathBuf| fs::read(out.join(file)).expect("a result file");
        assert!(read(&outs[0]) == read(&outs[1]), "{file} differs");
    }
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
    support::copy_toy(&copy);
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

/// The toy with another architecture: its scenario with lines put into `[architecture]`, planned and checked.
fn toy_with(lines: &str, serve_all: bool, code: i32) -> (Value, Vec<csv::StringRecord>) {
    let home = tempfile::tempdir().expect("a temporary folder");
    support::copy_toy(home.path());
    let scenario = home.path().join("scenario.toml");
    let text = fs::read_to_string(&scenario).expect("a scenario");
    let text = text.replace("[architecture]", &format!("[architecture]\n{lines}"));
    let text = text.replace("[scope]", &format!("[scope]\nserve_all = {serve_all}"));
    fs::write(&scenario, text).expect("a scenario");
    let out = home.path().join("out");
    vezel().arg("plan").arg(&scenario).arg("-o").arg(&out).assert().code(code);
    vezel().arg("check").arg(&out).assert().success();
    let plan = serde_json::from_str(&fs::read_to_string(out.join("plan.json")).expect("plan.json")).expect("JSON");
    let mut rows = csv::Reader::from_path(out.join("addresses.csv")).expect("a table");
    (plan, rows.records().map(|row| row.expect("a row")).collect())
}

/// Class B+ leaves 1 dB for fibre at 1:64: 500 m at 2 dB per km. By their shortest routes a4 needs 540 m and a8 680 m.
#[test]
fn what_an_impossible_optical_budget_leaves_unserved_is_listed_with_constraint_and_shortfall() {
    let impossible = "kind = 'pon'\nsplit = 64\noptics = 'gpon-b+'\nfibre_db_per_km = 2.0";
    let (plan, rows) = toy_with(impossible, true, 4);
    assert_eq!(number(&plan, "/addresses/statuses/over-budget"), 2.0);
    let reasons: Vec<&str> = rows.iter().filter(|row| &row[1] == "over-budget").map(|row| &row[2]).collect();
    assert!(reasons[0].contains("540 m") && reasons[0].contains("lacks 0.08 dB"), "{reasons:?}");
    assert!(reasons[1].contains("680 m") && reasons[1].contains("180 m beyond the 500 m"), "{reasons:?}");
    let (plan, _) = toy_with(&format!("{impossible}\nmargin_db = 10.0"), true, 4);
    assert_eq!(number(&plan, "/addresses/statuses/over-budget"), 8.0, "nothing is left for fibre at all");
    toy_with(impossible, false, 0);
}

/// Routes that the cheapest tree makes too long are made shorter, at a price, rather than left unserved.
#[test]
fn a_plan_opens_another_pop_where_the_optics_do_not_reach_from_the_first() {
    let (far, _) = toy_with("p2p_reach_m = 20000.0", true, 0);
    let (near, _) = toy_with("p2p_reach_m = 700.0", true, 0);
    assert_eq!(number(&near, "/addresses/connected"), 8.0);
    assert!(number(&near, "/pops") > number(&far, "/pops"));
    assert!(number(&near, "/total/cost_cents") > number(&far, "/total/cost_cents"));
    // The trench problem knows no such limit: it is the same one, solved to its optimum, and says whom its trenches fail.
    assert_eq!(number(&far, "/trench/beyond_reach"), 0.0);
    assert!(number(&near, "/trench/beyond_reach") > 0.0);
    assert_eq!(near.pointer("/trench/optimal").and_then(Value::as_bool), Some(true));
    assert_eq!(number(&near, "/trench/cost_cents"), number(&far, "/trench/cost_cents"));
    assert!(number(&near, "/trench/built_cents") > number(&near, "/trench/cost_cents"));
}

#[test]
fn a_passive_network_is_planned_with_splitters_in_cabinets_or_in_pops() {
    for lines in ["kind = 'pon'\nsplit = 2", "kind = 'pon'\nsplit = 16\nsplitters = 'pop'"] {
        let (plan, _) = toy_with(lines, true, 0);
        assert!(number(&plan, "/total/elements/splitter") > 0.0);
        assert!(number(&plan, "/total/bound_cents") > 0.8 * number(&plan, "/total/cost_cents"));
    }
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
