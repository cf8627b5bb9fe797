//! Three bids on the toy village, worked out by hand in `data/toy/tender/README.md`: to the cent.
//!
//! With `UPDATE=1` in the environment the bids' files are written anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use assert_cmd::Command;
use geo::{Coord, Geometry, LineString, Point};
use proptest::prelude::*;
use serde_json::{Value, json};
use vezel::geodata::{self, Column, ColumnKind, Crs, Feature, Layer, OutLayer, Style, Symbol};
use vezel::tender::ratio::{Decimal, Ratio, whole};
use vezel::tender::{Award, Criterion, Entry, Formula, added_bid, leave_one_out, rank};
use vezel::units::Money;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/toy/tender")
}

/// A line of the toy, in metres from RD 230000, 450000.
fn line(points: &[(f64, f64)]) -> LineString<f64> {
    LineString::new(points.iter().map(|&(x, y)| Coord { x: 230_000.0 + x, y: 450_000.0 + y }).collect())
}

const A1: (f64, f64) = (100.0, 20.0);
const PLACES: [(f64, f64); 8] =
    [A1, (300.0, -10.0), (600.0, 30.0), (200.0, 280.0), (600.0, 290.0), (600.0, 290.0), (950.0, 310.0), (1000.0, 60.0)];

fn id(place: usize) -> String {
    format!("0100010000000{:03}", place + 1)
}

/// What all bids build: the south up to `east`, the north, the drops of all addresses but a8.
fn common(east: f64) -> Vec<LineString<f64>> {
    let mut lines = vec![line(&[(100.0, 0.0), (east, 0.0)]), line(&[(200.0, 300.0), (950.0, 300.0)])];
    for (place, &(x, y)) in PLACES.iter().enumerate().filter(|(place, _)| !matches!(place, 5 | 7)) {
        let road = if matches!(place, 3 | 4 | 6) { 300.0 } else { 0.0 };
        lines.push(line(&[(x, road), (x, y)]));
    }
    lines
}

/// Routes, PoPs, and how many of the addresses are served.
type Bid = (Vec<LineString<f64>>, Vec<(f64, f64)>, usize);

fn bids() -> [Bid; 3] {
    let (track, drop8) = (line(&[(400.0, 0.0), (400.0, 300.0)]), line(&[(1000.0, 0.0), (1000.0, 60.0)]));
    let (p1, p2) = (line(&[(200.0, 0.0), (200.0, -20.0)]), line(&[(700.0, 300.0), (700.0, 320.0)]));
    let with = |lines: Vec<LineString<f64>>, more: &[&LineString<f64>]| {
        lines.into_iter().chain(more.iter().map(|&line| line.clone())).collect()
    };
    [
        (with(common(1000.0), &[&track, &drop8, &p1]), vec![(200.0, -20.0)], 8),
        (with(common(1000.0), &[&drop8, &p1, &p2]), vec![(200.0, -20.0), (700.0, 320.0)], 8),
        (with(common(800.0), &[&track, &p2]), vec![(700.0, 320.0)], 7),
    ]
}

fn feature(geometry: &Value, properties: &Value) -> Value {
    json!({ "type": "Feature", "properties": properties, "geometry": geometry })
}

/// A feature collection with a feature on each line.
fn collection(features: &[Value], crs: Option<&str>) -> String {
    let crs = crs.map_or(String::new(), |name| {
        format!("\"crs\":{{\"type\":\"name\",\"properties\":{{\"name\":\"{name}\"}}}},\n")
    });
    let lines: Vec<String> = features.iter().map(ToString::to_string).collect();
    format!("{{\"type\":\"FeatureCollection\",\n{crs}\"features\":[\n{}\n]}}\n", lines.join(",\n"))
}

fn in_rd(points: &[Coord<f64>]) -> Vec<[f64; 2]> {
    points.iter().map(|at| [at.x, at.y]).collect()
}

/// What an old-style GeoJSON file in RD says of its system.
const RD: Option<&str> = Some("urn:ogc:def:crs:EPSG::28992");

/// Bid A is one GeoJSON file in RD, bid B a GeoPackage, bid C a folder with GeoJSON and a table.
fn write_bids(to: &Path) {
    let [a, b, c] = bids();
    let mut features: Vec<Value> = Vec::new();
    for line in &a.0 {
        let points: Vec<[f64; 2]> = line.0.iter().map(|at| [at.x, at.y]).collect();
        features.push(feature(&json!({"type": "LineString", "coordinates": points}), &json!({})));
    }
    for (place, &(x, y)) in PLACES.iter().enumerate() {
        let at = json!({"type": "Point", "coordinates": [230_000.0 + x, 450_000.0 + y]});
        features.push(feature(&at, &json!({"id": id(place)})));
    }
    for (x, y) in a.1 {
        let at = json!({"type": "Point", "coordinates": [230_000.0 + x, 450_000.0 + y]});
        features.push(feature(&at, &json!({"kind": "pop"})));
    }
    fs::write(to.join("a.geojson"), collection(&features, RD)).expect("written");
    write_package(&to.join("b.gpkg"), &b.0, &b.1);
    fs::create_dir_all(to.join("c")).expect("a folder");
    let routes: Vec<Value> =
        c.0.iter()
            .map(|line| feature(&json!({"type": "LineString", "coordinates": in_rd(&line.0)}), &json!({})))
            .collect();
    fs::write(to.join("c/routes.geojson"), collection(&routes, RD)).expect("written");
    let pops: Vec<Coord<f64>> = c.1.iter().map(|&(x, y)| line(&[(x, y)]).0[0]).collect();
    let pops: Vec<Value> = in_rd(&pops)
        .into_iter()
        .map(|at| feature(&json!({"type": "Point", "coordinates": at}), &json!({"id": "P2"})))
        .collect();
    fs::write(to.join("c/pops.geojson"), collection(&pops, RD)).expect("written");
    let rows: String = (0..c.2).map(|place| format!("{};connected\n", id(place))).collect();
    fs::write(to.join("c/addresses.csv"), format!("id;status\n{rows}")).expect("written");
}

fn write_package(path: &Path, lines: &[LineString<f64>], pops: &[(f64, f64)]) {
    let column = |name: &str| Column { name: name.to_owned(), kind: ColumnKind::Text };
    let out = |name: &str, geometry_type, rows: Vec<(Geometry<f64>, String)>| {
        let feature = |(place, (geometry, id)): (usize, (Geometry<f64>, String))| Feature {
            record: place as i64 + 1,
            geometry: Some(geometry),
            values: vec![geodata::Value::Text(id)],
        };
        let features = rows.into_iter().enumerate().map(feature).collect();
        let layer = Layer { name: name.to_owned(), crs: Crs::from_epsg(28992), columns: vec![column("id")], features };
        let style = Style::Single(Symbol { colour: [30, 90, 60], size: 0.5 });
        OutLayer { layer, geometry_type, description: "bid B", style }
    };
    let at = |(x, y): (f64, f64)| Geometry::Point(Point(line(&[(x, y)]).0[0]));
    let routes =
        lines.iter().enumerate().map(|(place, line)| (Geometry::LineString(line.clone()), format!("r{place}")));
    let addresses = PLACES.iter().enumerate().map(|(place, &point)| (at(point), id(place)));
    let pops = pops.iter().enumerate().map(|(place, &point)| (at(point), format!("P{}", place + 1)));
    let layers = [
        out("routes", "LINESTRING", routes.collect()),
        out("addresses", "POINT", addresses.collect()),
        out("pops", "POINT", pops.collect()),
    ];
    let _ = fs::remove_file(path);
    geodata::write_geopackage(path, &layers, &Crs::from_epsg(28992).expect("RD")).expect("written");
}

#[test]
fn the_committed_toy_bids_are_those_that_are_drawn_here() {
    if std::env::var_os("UPDATE").is_some() {
        write_bids(&folder());
        return;
    }
    let fresh = tempfile::tempdir().expect("a temporary folder");
    write_bids(fresh.path());
    for name in ["a.geojson", "c/routes.geojson", "c/pops.geojson", "c/addresses.csv"] {
        let read = |path: PathBuf| fs::read_to_string(path).expect("a file of the toy");
        assert!(read(fresh.path().join(name)) == read(folder().join(name)), "{name} differs; run with UPDATE=1");
    }
}

fn vezel() -> Command {
    Command::new(env!("CARGO_BIN_EXE_vezel"))
}

/// The comparison of the toy's bids: what was written, by name of file.
fn compared() -> &'static Vec<(String, Vec<u8>)> {
    static DONE: OnceLock<Vec<(String, Vec<u8>)>> = OnceLock::new();
    DONE.get_or_init(|| run(&[]))
}

fn run(extra: &[&str]) -> Vec<(String, Vec<u8>)> {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("out");
    vezel().arg("compare").arg(folder().join("tender.toml")).arg("-o").arg(&out).args(extra).assert().success();
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(&out)
        .expect("the results")
        .map(|entry| entry.expect("a file").path())
        .map(|path| {
            (path.file_name().expect("a name").to_string_lossy().into_owned(), fs::read(&path).expect("a file"))
        })
        .collect();
    files.sort();
    files
}

fn text(name: &str) -> String {
    let found = compared().iter().find(|(file, _)| file == name);
    String::from_utf8(found.unwrap_or_else(|| panic!("no {name}")).1.clone()).expect("text")
}

fn comparison() -> Value {
    serde_json::from_str(&text("comparison.json")).expect("JSON")
}

fn at<'a>(json: &'a Value, pointer: &str) -> &'a Value {
    json.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}"))
}

#[test]
fn routes_are_repriced_to_the_cent_as_by_hand() {
    let json = comparison();
    let cents = |pointer: &str| at(&json, pointer).as_i64().expect("cents");
    // README of the toy: the best network with P1; both PoPs; P2 without a8.
    for (bid, cost, least) in [(0, 5_219_000, 5_219_000), (1, 6_695_000, 5_219_000), (2, 5_211_000, 4_711_000)] {
        assert_eq!(cents(&format!("/bids/{bid}/repriced/cost_cents")), cost, "bid {bid}");
        assert_eq!(cents(&format!("/bids/{bid}/least/cost_cents")), least, "bid {bid}");
        assert_eq!(cents(&format!("/bids/{bid}/least/bound_cents")), least, "bid {bid}");
        assert_eq!(cents(&format!("/bids/{bid}/repriced/beside_cents")), 0, "bid {bid}");
    }
    let mut reader = csv::Reader::from_reader(text("repriced.csv").into_bytes().as_slice())
        .into_records()
        .map(Result::unwrap)
        .collect::<Vec<_>>();
    reader.retain(|row| &row[0] == "B");
    let sum: f64 = reader.iter().map(|row| row[8].parse::<f64>().expect("euros")).sum();
    assert_eq!((sum * 100.0).round() as i64, 6_695_000);
}

#[test]
fn scores_under_each_formula_are_those_worked_by_hand() {
    let json = comparison();
    let expected = [
        ("F1", ["69", "70", "68"], [2, 1, 3]),
        ("F2", ["64", "54", "68"], [2, 3, 1]),
        ("F3", ["54", "34", "68"], [2, 3, 1]),
        ("F4", ["54", "83/2", "121/2"], [2, 3, 1]),
        ("F5", ["48000", "58000", "41000"], [2, 3, 1]),
        ("F6", ["2500", "37500/17", "5625"], [2, 1, 3]),
    ];
    for (place, (formula, totals, ranks)) in expected.into_iter().enumerate() {
        let score = at(&json, &format!("/scores/{place}"));
        assert_eq!(score["formula"], formula);
        for bid in 0..3 {
            assert_eq!(at(score, &format!("/bids/{bid}/total/exact")), totals[bid], "{formula}, bid {bid}");
            assert_eq!(at(score, &format!("/bids/{bid}/rank")), ranks[bid], "{formula}, bid {bid}");
        }
    }
}

#[test]
fn the_winner_that_falls_with_a_losing_bid_is_warned_of() {
    let json = comparison();
    let reversals = at(&json, "/robustness/leave_one_out").as_array().expect("a list");
    assert_eq!(reversals.len(), 1, "{reversals:?}");
    assert_eq!(reversals[0]["formula"], "F1");
    assert_eq!(reversals[0]["cause"]["removed"], "C");
    assert_eq!((&reversals[0]["winner_before"], &reversals[0]["winner_after"]), (&json!("B"), &json!("A")));
    let warning = reversals[0]["warning"].as_str().expect("words");
    assert!(["F1", "C", "A", "B"].iter().all(|word| warning.contains(word)), "{warning}");
    let html = text("comparison.html");
    assert!(html.contains("Zonder C, die niet wint") && html.contains("Without C, which does not win"));
}

#[test]
fn weights_and_scores_that_keep_the_winner_are_those_worked_by_hand() {
    let json = comparison();
    let price = at(&json, "/robustness/weight_intervals/0");
    assert_eq!((price["low"]["exact"].as_str(), price["high"]["exact"].as_str()), (Some("0"), Some("1300/21")));
    assert_eq!(price["high_rival"], "C");
    let turns: Vec<(String, String)> = at(&json, "/robustness/what_if")
        .as_array()
        .expect("a list")
        .iter()
        .map(|case| {
            (
                case["turns_at"].as_str().unwrap_or("-").to_owned(),
                case["winner_then"].as_str().unwrap_or("-").to_owned(),
            )
        })
        .collect();
    let pair = |score: &str, bid: &str| (score.to_owned(), bid.to_owned());
    assert_eq!(turns, [pair("7", "A"), pair("8", "A"), pair("3", "C")]);
}

#[test]
fn only_the_address_that_is_missing_is_found_amiss() {
    let rows = text("findings.csv");
    let rules: Vec<&str> = rows.lines().skip(1).map(|row| row.split(',').nth(2).unwrap_or("")).collect();
    assert!(rows.lines().any(|row| row.starts_with("C,") && row.contains("address-missing")), "{rows}");
    assert!(rules.iter().all(|rule| *rule == "address-missing"), "{rows}");
}

#[test]
fn the_same_input_gives_the_same_bytes_for_any_number_of_threads() {
    let again = run(&["--threads", "1"]);
    for ((name, one), (other_name, other)) in compared().iter().zip(&again) {
        assert_eq!(name, other_name);
        assert!(one == other, "{name} differs");
    }
}

#[test]
fn the_template_is_a_bid_and_a_tender_that_can_be_read() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("template");
    vezel().arg("compare").arg("--template").arg(&out).assert().success();
    assert!(out.join("tender.toml").exists() && out.join("bid/bid.toml").exists() && out.join("README.md").exists());
    // The template names a scenario of the user's own, which is not there.
    vezel().arg("compare").arg(out.join("tender.toml")).arg("-o").arg(home.path().join("c")).assert().code(3);
}

#[test]
fn a_wrong_tender_file_is_refused_with_advice() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let text = fs::read_to_string(folder().join("tender.toml")).expect("the toy's tender");
    let text =
        text.replace("scenario = \"../scenario.toml\"", &format!("scenario = {:?}", folder().join("../scenario.toml")));
    for (wrong, says) in
        [("metod = \"F1\"", "did you mean `method`"), ("method = \"F4\"\nupper_bound = 1", "award.upper_bound")]
    {
        let broken = text.replace("method = \"F1\"", wrong).replace("upper_bound = 80000\n", "");
        let path = home.path().join("tender.toml");
        fs::write(&path, broken).expect("written");
        let output = vezel()
            .arg("compare")
            .arg(&path)
            .arg("-o")
            .arg(home.path().join("out"))
            .assert()
            .code(3)
            .get_output()
            .clone();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(says), "{said}");
    }
}

fn award() -> Award {
    let decimal = |number: i64| Some(Decimal(whole(number)));
    let criterion = |key: &str, weight: i64| Criterion {
        key: key.to_owned(),
        weight: decimal(weight),
        value: decimal(weight * 1000),
        ..Criterion::default()
    };
    Award {
        price_weight: decimal(60),
        lower_bound: decimal(1000),
        upper_bound: decimal(900_000),
        criteria: vec![criterion("one", 25), criterion("two", 15)],
        ..Award::default()
    }
}

fn entry((cents, scores): (i64, [u8; 2])) -> Entry {
    let share = |score: u8| Ratio::new(i64::from(score).into(), 10.into());
    Entry { price: Money::from_cents(cents), shares: scores.map(share).to_vec() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]
    #[test]
    fn no_bid_reverses_ranks_under_bounds_set_beforehand_award_on_value_or_price_per_point(
        drawn in prop::collection::vec((1i64..100_000_000, [0u8..=10, 0u8..=10]), 2..6)
    ) {
        let award = award();
        let bids: Vec<Entry> = drawn.into_iter().map(entry).collect();
        for formula in [Formula::F4, Formula::F5, Formula::F6] {
            prop_assert!(leave_one_out(&award, formula, &bids).is_empty());
            prop_assert!(added_bid(&award, formula, &bids).is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn a_reversal_that_is_told_is_one(drawn in prop::collection::vec((1_000_000i64..9_000_000, [0u8..=10, 0u8..=10]), 3..6)) {
        let award = award();
        let bids: Vec<Entry> = drawn.into_iter().map(entry).collect();
        for formula in [Formula::F1, Formula::F2, Formula::F3] {
            let before = rank(&award, formula, &bids);
            for reversal in added_bid(&award, formula, &bids) {
                let vezel::tender::Cause::Added(price) = reversal.cause else { panic!("a bid was added") };
                let mut more = bids.clone();
                more.push(entry((price.cents(), [0, 0])));
                let after = rank(&award, formula, &more);
                prop_assert!(after.winner() != Some(bids.len()), "the added bid does not win");
                for (one, other) in reversal.pairs {
                    let order = |standing: &vezel::tender::Standing| standing.ranks[one].cmp(&standing.ranks[other]);
                    prop_assert!(order(&before) != order(&after));
                }
            }
        }
    }
}
