//! A tender on real data: bids from deliberately worse plans of north Bayreuth, beside its own plan.

#![allow(clippy::print_stdout, reason = "a test that is skipped says why")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

#[path = "support/bids.rs"]
mod bids;
use bids::{Silent, planned, shortest_paths};
use vezel::study::Folder;

fn vezel() -> Command {
    Command::new(env!("CARGO_BIN_EXE_vezel"))
}

#[test]
fn bids_of_shortest_paths_and_of_a_dearer_pop_are_farther_from_the_bound_than_the_plan() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/osm-north-bayreuth/shp");
    let Ok(data) = data.canonicalize() else {
        println!("skipped: {} is not there", data.display());
        return;
    };
    let home = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| home.path().join(name);
    vezel().arg("init").arg(&data).arg("-o").arg(at("scenario.toml")).assert().success();
    // The plan is a bid as it stands: its result folder, with a price sheet beside it.
    let known = planned(&at("scenario.toml"));
    let mut folder = Folder::begin(&at("plan"), false).expect("a folder");
    known.save(&mut folder, false, &mut Silent).expect("written");
    folder.finish().expect("in place");
    let candidates = 0..known.plan.candidates.len();
    let mut trees: Vec<_> = candidates.map(|candidate| shortest_paths(&known, candidate)).collect();
    let most = trees.iter().map(|(drawn, _)| drawn.served.len()).max().expect("a candidate");
    trees.retain(|(drawn, _)| drawn.served.len() == most);
    trees.sort_by_key(|(_, cost)| *cost);
    trees.first().expect("a tree").0.write(&at("trees"), &known.study.crs);
    trees.last().expect("a tree").0.write(&at("dear"), &known.study.crs);
    let mut tender = String::from("name = 'North Bayreuth'\nscenario = 'scenario.toml'\n[award]\nmethod = 'F5'\n");
    for (name, total) in [("plan", 2_400_000), ("trees", 2_500_000), ("dear", 2_600_000)] {
        fs::write(at(name).with_extension("toml"), format!("total = {total}\n")).expect("written");
        let entry = format!("[[bids]]\nname = '{name}'\npath = '{name}'\nprice_sheet = '{name}.toml'\n");
        tender.push_str(&entry);
    }
    fs::write(at("tender.toml"), tender).expect("written");
    vezel().arg("compare").arg(at("tender.toml")).arg("-o").arg(at("out")).assert().success();
    let json = fs::read_to_string(at("out/comparison.json")).expect("a result");
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let cents =
        |bid: usize, what: &str| json.pointer(&format!("/bids/{bid}/{what}")).and_then(Value::as_i64).expect("cents");
    let above = |bid: usize| cents(bid, "repriced/cost_cents") as f64 / cents(bid, "least/bound_cents") as f64 - 1.0;
    println!("above the bound: plan {:.4}, trees {:.4}, dearer PoP {:.4}", above(0), above(1), above(2));
    // The plan pays for cables as well: its trenches are not the cheapest.
    assert!((0.0..0.15).contains(&above(0)), "the plan is {} above the bound", above(0));
    assert!(above(1) > above(0) + 0.005 && above(2) > above(1));
    let errors = fs::read_to_string(at("out/findings.csv")).expect("a result");
    assert!(!errors.lines().any(|row| row.contains(",error,")), "{errors}");

    // Finished plans beside each other: a plan beside itself differs in nothing.
    vezel().arg("compare").arg(at("plan")).arg(at("plan")).arg("-o").arg(at("same")).assert().success();
    let same = fs::read_to_string(at("same/comparison.json")).expect("a result");
    let same: Value = serde_json::from_str(&same).expect("JSON");
    assert_eq!(same["addresses_that_differ"], 0);
    assert_eq!(same["routes"][1]["only_here_m"], 0.0);
}
