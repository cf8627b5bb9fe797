//! Years, frontiers and batches from the real binary: what they promise, and that the judge refuses spoilt ones.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;
use vezel::judge::judge;

fn vezel() -> Command {
    Command::new(env!("CARGO_BIN_EXE_vezel"))
}

/// The toy village in a folder of its own, with something added to its scenario.
fn toy(added: &str) -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().expect("a temporary folder");
    support::copy_toy(home.path());
    let scenario = home.path().join("scenario.toml");
    let text = fs::read_to_string(&scenario).expect("a scenario");
    fs::write(&scenario, text + added).expect("a scenario");
    (home, scenario)
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("a file")).expect("JSON")
}

fn faults(out: &Path) -> Vec<String> {
    judge(out, None).expect("the folder can be read").faults
}

/// Small units, so that the toy has several, and two years that hold part of them.
const YEARS: &str = "\n[priority]\nunit_addresses = 1\n[phases]\nthreshold = 0.5\n\
    [[phases.years]]\nyear = 2027\nbudget = 60000.0\nmetres = 4000.0\n[[phases.years]]\nyear = 2028\nbudget = 9000.0\n";

/// Spoils a table of a fresh copy of the folder and expects the judge to say so.
fn refused(out: &Path, file: &str, spoil: impl Fn(&str) -> String, word: &str) {
    let path = out.join(file);
    let text = fs::read_to_string(&path).expect("a result file");
    let spoilt = spoil(&text);
    assert_ne!(text, spoilt, "{file} is spoilt");
    fs::write(&path, spoilt).expect("a result file");
    let found = faults(out);
    fs::write(&path, text).expect("a result file");
    assert!(found.iter().any(|fault| fault.contains(word)), "{file} {word}: {found:?}");
}

/// Replaces a field of one row of a table.
fn with_field(text: &str, row: usize, column: &str, value: &str) -> String {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let at = header.iter().position(|name| name == column).expect("the column is there");
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).expect("memory");
    for (place, record) in reader.records().map(|record| record.expect("a row")).enumerate() {
        let fields = record.iter().enumerate();
        let fields = fields.map(|(field, told)| if (place, field) == (row, at) { value } else { told });
        writer.write_record(fields).expect("memory");
    }
    String::from_utf8(writer.into_inner().expect("memory")).expect("text")
}

fn column(text: &str, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let at = reader.headers().expect("a header").iter().position(|column| column == name).expect("the column");
    reader.records().map(|record| record.expect("a row")[at].to_owned()).collect()
}

#[test]
fn years_keep_to_their_rules_and_spoilt_ones_are_refused() {
    let (home, scenario) = toy(YEARS);
    let out = home.path().join("out");
    vezel().arg("plan").arg(&scenario).arg("-o").arg(&out).assert().success();
    assert_eq!(faults(&out), Vec::<String>::new());
    let ranking = fs::read_to_string(out.join("ranking.csv")).expect("a table");
    let (years, after) = (column(&ranking, "phase"), column(&ranking, "after"));
    let built = years.iter().position(|year| year == "2027").expect("something is built in the first year");
    let child = (0..years.len()).find(|&row| !after[row].is_empty() && years[row] == "2027").expect("a unit behind");
    let parent = column(&ranking, "unit").iter().position(|unit| *unit == after[child]).expect("its trunk");
    refused(&out, "ranking.csv", |text| with_field(text, built, "phase", "2031"), "there is no year 2031");
    refused(&out, "ranking.csv", |text| with_field(text, parent, "phase", "2028"), "before what it hangs from");
    refused(&out, "ranking.csv", |text| with_field(text, built, "total_cost_eur", "1.00"), "total costs of all units");
    refused(&out, "ranking.csv", |text| with_field(text, built, "sign_ups", "99"), "sign-ups");
    refused(&out, "ranking.csv", |text| with_field(text, built, "length_m", "1.000"), "millimetres dug");
    refused(&out, "phases.csv", |text| with_field(text, 0, "spent_eur", "1.00"), "spent");
    refused(&out, "subsidy.csv", |text| with_field(text, 0, "unprofitable_top_eur", "-5.00"), "unprofitable top");
    let plan = |from: &str, to: &str| {
        let (from, to) = (from.to_owned(), to.to_owned());
        move |text: &str| text.replacen(&from, &to, 1)
    };
    refused(&out, "plan.json", plan("\"budget\": 60000.0", "\"budget\": 600.0"), "the budget is exceeded");
    refused(&out, "plan.json", plan("\"metres\": 4000.0", "\"metres\": 1.0"), "millimetres too many");
    refused(&out, "plan.json", plan("\"threshold\": 0.5", "\"threshold\": 1.0"), "too few sign-ups");
    refused(&out, "plan.json", plan("\"discount_rate\": 0.04", "\"discount_rate\": 0.9"), "need in service");
    let address = column(&fs::read_to_string(out.join("addresses.csv")).expect("a table"), "phase");
    let first = address.iter().position(|year| !year.is_empty()).expect("an address is built");
    refused(&out, "addresses.csv", |text| with_field(text, first, "phase", ""), "its phase is not that of its unit");
}

#[test]
fn years_that_do_not_follow_each_other_and_unknown_keys_are_refused() {
    for (added, said) in [
        (
            "[[phases.years]]\nyear = 2027\nbudget = 1.0\n[[phases.years]]\nyear = 2029\nbudget = 1.0\n",
            "does not follow",
        ),
        ("[phases]\ntreshold = 0.4\n", "did you mean `threshold`?"),
        ("[[phases.years]]\nyear = 2027\nbudget = -1.0\n", "out of range"),
    ] {
        let (home, scenario) = toy(&format!("\n{added}"));
        let out = home.path().join("out");
        let assert = vezel().arg("plan").arg(&scenario).arg("-o").arg(&out).assert().code(3);
        let complaint = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(complaint.contains(said), "{complaint}");
    }
}

#[test]
fn the_toys_frontier_is_monotone_and_its_bounds_are_judged() {
    let (home, scenario) = toy("");
    let out = home.path().join("out");
    let run = |budget: &str| {
        let budget = ["--budget", budget];
        vezel().arg("frontier").arg(&scenario).arg("-o").arg(&out).arg("--force").args(budget).assert().success();
        json(&out.join("frontier.json"))
    };
    let told = run("30000");
    assert_eq!(faults(&out), Vec::<String>::new());
    let points = told["points"].as_array().expect("points");
    assert!(points.len() > 2, "{points:?}");
    // The plan that serves all is the one that the README works out by hand.
    assert_eq!(points.last().expect("a point")["cost_cents"], 5_219_000);
    assert!(told["budget"]["best"]["cost_cents"].as_i64().expect("a cost") <= 3_000_000);
    let again = fs::read(out.join("frontier.json")).expect("a file");
    run("30000");
    assert_eq!(again, fs::read(out.join("frontier.json")).expect("a file"));
    let cost = points[1]["cost_cents"].to_string();
    let dearer = format!("\"cost_cents\": {}", points[2]["cost_cents"].as_i64().expect("a cost") + 1);
    refused(&out, "frontier.json", |text| text.replace(&format!("\"cost_cents\": {cost}"), &dearer), "dominates");
    let most = told["budget"]["most_need"].to_string();
    refused(
        &out,
        "frontier.json",
        |text| text.replace(&format!("\"most_need\": {most}"), "\"most_need\": 0"),
        "most need",
    );
    vezel()
        .arg("frontier")
        .arg(&scenario)
        .arg("-o")
        .arg(home.path().join("x"))
        .args(["--budget", "-1"])
        .assert()
        .code(2);
}

#[test]
fn a_sweep_is_the_same_as_its_scenarios_one_by_one_and_is_written_whole_or_not_at_all() {
    let (home, scenario) = toy("\n[prize]\nenabled = true\n");
    let at = |name: &str| home.path().join(name);
    fs::write(at("sweep.csv"), "name,prize.revenue,design.take_up\npoor,1,\nrich,90000,0.8\n").expect("a table");
    let sweep = |out: &str, threads: &str| {
        let mut command = vezel();
        command.arg("plan").arg(&scenario).arg("--sweep").arg(at("sweep.csv")).arg("-o").arg(at(out));
        command.args(["--threads", threads]);
        command
    };
    sweep("one", "1").assert().success();
    sweep("two", "2").assert().success();
    assert_eq!(faults(&at("one")), Vec::<String>::new());
    let text = fs::read_to_string(&scenario).expect("a scenario");
    fs::write(at("rich.toml"), text.replace("[prize]\n", "[prize]\nrevenue = 90000\n") + "\n[design]\ntake_up = 0.8\n")
        .expect("a scenario");
    vezel().arg("plan").arg(at("rich.toml")).arg("-o").arg(at("alone")).assert().success();
    for file in ["plan.json", "addresses.csv", "ranking.csv", "report.html", "plan.gpkg"] {
        let read = |folder: PathBuf| fs::read(folder.join(file)).expect("a result file");
        assert!(read(at("one").join("rich")) == read(at("two").join("rich")), "{file} depends on threads");
        assert!(read(at("one").join("rich")) == read(at("alone")), "{file} depends on the batch");
    }
    let table = fs::read_to_string(at("one").join("comparison.csv")).expect("a table");
    assert_eq!(column(&table, "run"), ["poor", "rich"]);
    assert!(
        column(&table, "connected")[0].parse::<u32>().expect("a count")
            < column(&table, "connected")[1].parse().expect("a count")
    );
    refused(
        &at("one"),
        "comparison.json",
        |text| text.replacen("\"total_cents\": ", "\"total_cents\": 1", 1),
        "total_cents",
    );
    fs::write(at("sweep.csv"), "name,prize.revenu\npoor,1\n").expect("a table");
    let assert = sweep("bad", "1").assert().code(3);
    let complaint = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(complaint.contains("poor") && complaint.contains("did you mean `revenue`?"), "{complaint}");
    assert!(!at("bad").exists(), "a batch that fails leaves no folder");
}
