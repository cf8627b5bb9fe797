//! Streets with two sides, methods and prices, and second routes of parks, as a planner would ask for them.

#![allow(clippy::print_stdout, reason = "a test that is skipped says why")]

#[path = "support/spoil.rs"]
mod spoil;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value as Json;
use spoil::spoil;
use vezel::effort::Effort;
use vezel::geodata::{self, Value};
use vezel::scenario::Unit;
use vezel::study::{Listener, Planned, Study};
use vezel::units::{Length, Money};

struct Silent;

impl Listener for Silent {
    fn step(&mut self, _: &'static str) {}
    fn progress(&mut self, _: i64, _: i64) {}
}

fn vezel() -> Command {
    Command::new(env!("CARGO_BIN_EXE_vezel"))
}

fn toy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/toy")
}

/// The toy in a folder of its own, its scenario edited.
fn toy_with(edit: impl Fn(&str) -> String) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a temporary folder");
    support::copy_toy(home.path());
    let text = fs::read_to_string(toy().join("scenario.toml")).expect("a scenario");
    fs::write(home.path().join("scenario.toml"), edit(&text)).expect("a scenario");
    home
}

fn plan(scenario: &Path) -> Planned {
    let study = Study::open(scenario, &mut Silent).expect("a scenario");
    study.plan(&Effort::default(), &mut Silent).expect("a plan")
}

fn repriced(key: &str, euros: f64) -> tempfile::TempDir {
    toy_with(|text| format!("{text}\n[prices]\n\"{key}\" = {{ price = {euros:?} }}\n"))
}

/// With the plan frozen, a price changes its own rows by quantity times difference and no others; planning again costs
/// no more than the frozen plan at the new price.
#[test]
fn a_price_changes_only_its_own_rows_and_planning_again_never_costs_more() {
    let home = toy_with(str::to_owned);
    let old = plan(&home.path().join("scenario.toml"));
    for (key, change) in [
        ("civil.open_unpaved", 10.0),
        ("civil.plough", 40.0),
        ("civil.open_elements", -30.0),
        ("drop.trench_private", 100.0),
        ("cross.water", 12_345.67),
        ("cross.water", -4_999.99),
        ("civil.hdd", 10.0),
    ] {
        let before = &old.study.prices;
        let id = before.find(key).expect("a price");
        let new_price = before.entry(id).price + change;
        let home = repriced(key, new_price);
        let new = plan(&home.path().join("scenario.toml"));
        let after = &new.study.prices;
        let difference = Money::from_euros(change).expect("an amount");
        let mut rows: BTreeMap<(&str, &str), [Money; 2]> = BTreeMap::new();
        let mut quantity = 0;
        for edge in old.plan.forest.segments() {
            for work in &old.network.segments[edge.index()].works {
                let word = format!("{:?}", old.network.segments[edge.index()].kind);
                let row = rows.entry((Box::leak(word.into_boxed_str()), before.key(work.price))).or_default();
                row[0] += work.cost(before);
                row[1] += work.cost(after);
                quantity += if work.price == id { work.quantity } else { 0 };
            }
        }
        let mut changed = Money::ZERO;
        for ((element, other), [old, new]) in rows {
            assert!(other == key || old == new, "{element} {other} changes with {key}");
            changed += new - old;
        }
        let due = if before.unit(id) == Unit::Metre {
            Length::from_millimetres(quantity).at(Money::from_cents(difference.cents()))
        } else {
            difference * quantity
        };
        // Whole tens of euros a metre make whole cents of whole millimetres, so the sum is exact.
        assert_eq!(changed, due, "{key} {change}");
        // Design is 15 % of civil works and contingency 10 % of everything, each rounded once.
        let frozen = old.plan.bill.total().cents() as f64 + changed.cents() as f64 * 1.15 * 1.10;
        let total = new.plan.bill.total().cents() as f64;
        assert!(total <= frozen + 2.0, "{key} {change}: {total} against {frozen}");
    }
}

#[test]
fn a_finished_plan_is_told_at_other_prices() {
    let home = toy_with(str::to_owned);
    let out = home.path().join("out");
    vezel().arg("plan").arg(home.path().join("scenario.toml")).arg("-o").arg(&out).assert().success();
    let told = |price: &str| {
        let run = vezel().arg("reprice").arg(&out).args(["--price", price]).assert().success();
        String::from_utf8(run.get_output().stdout.clone()).expect("text")
    };
    // The toy crosses its river once, at 5,000; design is 15 % of that, contingency 10 % of both.
    let bill = told("cross.water=6000");
    assert!(bill.contains("trench,cross.water,1,5000.00,6000.00,5000.00,6000.00,1000.00"), "{bill}");
    let changed = bill.lines().filter(|line| !line.ends_with(",0.00")).count();
    assert_eq!(changed, 5, "the header, the row, design, contingency and the total: {bill}");
    assert!(bill.trim_end().ends_with(",1265.00"), "{bill}");
    vezel().arg("reprice").arg(&out).args(["--price", "civil.nothing=1"]).assert().code(3);
}

#[test]
fn a_park_at_a_dead_end_cannot_be_protected_and_is_told_of_with_the_cut() {
    let home = toy_with(|text| format!("{text}\n[redundancy]\nparks = \"two-routes\"\nrequired = true\n"));
    let out = home.path().join("out");
    vezel().arg("plan").arg(home.path().join("scenario.toml")).arg("-o").arg(&out).assert().code(4);
    vezel().arg("check").arg(&out).assert().success();
    let findings = fs::read_to_string(out.join("findings.csv")).expect("findings");
    assert!(findings.contains("park-unprotected") && findings.contains("every route runs over"), "{findings}");
    let summary = fs::read_to_string(out.join("plan.json")).expect("plan.json");
    let summary: Json = serde_json::from_str(&summary).expect("JSON");
    assert_eq!(summary.pointer("/redundancy/unmet"), Some(&Json::from(1)));
    // A park that is only told to be protected is refused.
    refused(&out, "UPDATE business_parks SET protected = 1", "one cut disconnects it");
}

/// The judge refuses a result that some SQL has spoilt.
fn refused(out: &Path, sql: &str, word: &str) {
    spoil(out, sql);
    let faults = vezel::judge::judge(out, None).expect("the folder can be read").faults;
    assert!(faults.iter().any(|fault| fault.contains(word)), "{sql}: {faults:?}");
}

#[test]
fn two_sided_streets_of_the_toy_are_planned_and_judged() {
    let home = toy_with(|text| {
        text.replace("trench = \"civil.open_unpaved\"", "trench = \"civil.open_unpaved\"\nsides = 2\nwidth_m = 6.0")
    });
    let out = home.path().join("out");
    vezel().arg("plan").arg(home.path().join("scenario.toml")).arg("-o").arg(&out).assert().success();
    vezel().arg("check").arg(&out).assert().success();
    let bill = fs::read_to_string(out.join("bill_of_quantities.csv")).expect("a bill");
    assert!(bill.contains("crossing,cross.road_local"), "{bill}");
    let spoilt = "UPDATE trenches SET works = 'civil.open_unpaved:' || length_mm WHERE kind = 'crossing'";
    refused(&out, spoilt, "paid for by the piece");
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

/// A segment of a result: its ends, and whether it can be cut.
type Piece = ([i64; 2], bool);

fn whole(value: &Value) -> i64 {
    match value {
        Value::Integer(number) => *number,
        Value::Logical(yes) => i64::from(*yes),
        _ => -1,
    }
}

fn rows(out: &Path, layer: &str, columns: &[&str]) -> Vec<Vec<i64>> {
    let source = format!("{}:{layer}", out.join("plan.gpkg").display());
    let Ok((layer, _)) = geodata::open(&source, layer) else { return Vec::new() };
    let places: Vec<usize> = columns.iter().map(|name| layer.column(name).expect("a column")).collect();
    layer.features.iter().map(|feature| places.iter().map(|&at| whole(&feature.values[at])).collect()).collect()
}

/// Everything that is reached from the PoPs without one segment.
fn reached(pieces: &[Piece], around: &BTreeMap<i64, Vec<usize>>, pops: &[i64], cut: usize) -> BTreeSet<i64> {
    let mut seen: BTreeSet<i64> = BTreeSet::new();
    let mut open = pops.to_vec();
    while let Some(node) = open.pop() {
        if !seen.insert(node) {
            continue;
        }
        let steps = around.get(&node).into_iter().flatten().filter(|&&place| place != cut);
        open.extend(steps.map(|&place| pieces[place].0[usize::from(pieces[place].0[0] == node)]));
    }
    seen
}

#[test]
fn no_single_cut_disconnects_a_protected_park_of_north_bayreuth() {
    let Some(data) = shared("osm-north-bayreuth/shp") else { return };
    let home = tempfile::tempdir().expect("a temporary folder");
    let scenario = home.path().join("scenario.toml");
    vezel().arg("init").arg(&data).arg("-o").arg(&scenario).assert().success();
    let text = fs::read_to_string(&scenario).expect("a scenario");
    let text = text.replacen("parks = \"none\"", "parks = \"two-routes\"", 1);
    let text = text.replacen("cross_field_max_m = 0.0", "cross_field_max_m = 400.0", 1);
    fs::write(&scenario, text).expect("a scenario");
    let out = home.path().join("out");
    let run = vezel().arg("plan").arg(&scenario).arg("-o").arg(&out).args(["--time-limit", "3"]).assert();
    assert!(matches!(run.get_output().status.code(), Some(0 | 5)));
    vezel().arg("check").arg(&out).assert().success();
    let mut pieces: Vec<Piece> = Vec::new();
    for layer in ["trenches", "redundancy"] {
        let found = rows(&out, layer, &["from_node", "to_node", "length_mm"]);
        pieces.extend(found.into_iter().map(|row| ([row[0], row[1]], row[2] > 0)));
    }
    let parks = rows(&out, "business_parks", &["node", "anchor", "protected"]);
    pieces.extend(parks.iter().map(|row| ([row[1], row[0]], false)));
    let protected: Vec<i64> = parks.iter().filter(|row| row[2] == 1).map(|row| row[0]).collect();
    assert!(protected.len() >= 15, "{} parks are protected", protected.len());
    let pops: Vec<i64> = rows(&out, "pops", &["node"]).concat();
    let mut around: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (place, (ends, _)) in pieces.iter().enumerate() {
        ends.iter().for_each(|&end| around.entry(end).or_default().push(place));
    }
    for (cut, _) in pieces.iter().enumerate().filter(|(_, (_, may_be_cut))| *may_be_cut) {
        let seen = reached(&pieces, &around, &pops, cut);
        for park in &protected {
            assert!(seen.contains(park), "cutting {:?} disconnects the park at node {park}", pieces[cut].0);
        }
    }
    refused(&out, "DELETE FROM redundancy WHERE length_mm = (SELECT max(length_mm) FROM redundancy)", "disconnects it");
}
