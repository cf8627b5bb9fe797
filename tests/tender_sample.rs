//! The worked example: made-up bids on the sample region, one with a fault of every kind, one that wins only under a
//! relative formula. With `UPDATE=1` the bids' files are written anew from plans of the region.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use assert_cmd::Command;
use geo::{Coord, Distance, Euclidean, LineString, Point};
use serde_json::{Value, json};
use vezel::graph::EdgeId;
use vezel::region::Standing;
use vezel::study::Planned;

#[path = "support/bids.rs"]
mod bids;
use bids::{Drawn, collection, feature, of_plan, of_the_north, planned, shortest_paths, targets, with_second_routes};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/tender-sample")
}

/// A bid with a fault of every kind; it is the plan otherwise.
fn faulty(planned: &Planned) -> Drawn {
    let mut drawn = of_plan(planned);
    let region = &planned.study.region;
    // Missing: the first three. Claimed twice: the fourth. Unknown: an id that nobody has.
    drawn.served.drain(..3);
    let twice = drawn.served[0].clone();
    drawn.served.push(twice);
    drawn.served.push(("9999010000000001".to_owned(), "connected"));
    // Extra: an address where the density is too high for the scope.
    let extra = region.addresses.iter().find(|address| address.standing == Standing::Dense).expect("a village");
    drawn.served.push((extra.key.clone(), "connected"));
    // Outside the area: a point ten kilometres to the west.
    let west = region.addresses.iter().filter_map(|address| address.point).map(|at| at.x).fold(f64::MAX, f64::min);
    drawn.points.push(Coord { x: west - 10_000.0, y: region.addresses[0].point.expect("a point").y });
    // Not reached: every drop that is longer than 150 metres is left out.
    with_one_route(planned, &mut drawn);
    drawn.lines.retain(|line| {
        let drop = line.0.len() == 2;
        let metres = (line.0[0].x - line.0[1].x).hypot(line.0[0].y - line.0[1].y);
        !(drop && metres > 150.0 && is_drop(planned, line))
    });
    drawn
}

/// Leaves out every trench at the first park but the one way from its handover point to the PoP.
fn with_one_route(planned: &Planned, drawn: &mut Drawn) {
    let network = &planned.network;
    let mut way: BTreeSet<EdgeId> = BTreeSet::new();
    let mut node = network.parks[0].expect("the first park has an entry");
    while let Some((parent, edge)) = planned.plan.forest.parent[node.index()] {
        way.insert(edge);
        node = parent;
    }
    let outline = &planned.study.region.parks[0].outline;
    let at_the_park = |line: &LineString<f64>| {
        let ends = line
            .0
            .windows(2)
            .flat_map(|ends| (0..=20).map(|step| ends[0] + (ends[1] - ends[0]) * (f64::from(step) / 20.0)));
        ends.map(Point).any(|point| Euclidean.distance(&point, outline) < 5.0)
    };
    drawn
        .lines
        .retain(|line| !at_the_park(line) || way.iter().any(|edge| network.segments[edge.index()].shape == *line));
}

fn is_drop(planned: &Planned, line: &LineString<f64>) -> bool {
    let kind = |edge: EdgeId| planned.network.segments[edge.index()].kind;
    planned.plan.forest.segments().any(|edge| {
        kind(edge) == vezel::network::SegmentKind::Drop && planned.network.segments[edge.index()].shape == *line
    })
}

#[test]
fn bids_are_written_anew_on_request() {
    if std::env::var_os("UPDATE").is_none() {
        return;
    }
    let planned = planned(&folder().join("scenario.toml"));
    let crs = planned.study.crs.clone();
    let write = |drawn: &Drawn, name: &str| drawn.write(&folder().join(name), &crs);
    let whole = with_second_routes(&planned, of_plan(&planned));
    write(&whole, "aalten");
    // Corle draws its routes up to the road only.
    let mut corle = whole.clone();
    corle.lines.retain(|line| !is_drop(&planned, line));
    write(&corle, "corle");
    let mut trees: Vec<(Drawn, i64)> =
        (0..planned.plan.candidates.len()).map(|candidate| shortest_paths(&planned, candidate)).collect();
    let most = trees.iter().map(|(drawn, _)| drawn.served.len()).max().expect("a candidate");
    trees.retain(|(drawn, _)| drawn.served.len() == most);
    trees.sort_by_key(|(_, cost)| *cost);
    write(&with_second_routes(&planned, trees.first().expect("a tree").0.clone()), "borculo");
    write(&with_second_routes(&planned, trees.last().expect("a tree").0.clone()), "didam");
    write(&faulty(&planned), "erve");
    let mut ys: Vec<f64> = planned.network.sites.iter().map(|site| site.point.y).collect();
    ys.sort_by(f64::total_cmp);
    let middle = ys[ys.len() / 2].round();
    write(&with_second_routes(&planned, of_the_north(&planned, middle)), "fliert");
    let area =
        |low: f64, high: f64| json!([[[0.0, low], [300_000.0, low], [300_000.0, high], [0.0, high], [0.0, low]]]);
    let lots = [("North", area(middle, 640_000.0)), ("South", area(300_000.0, middle))];
    let lots: Vec<Value> = lots.iter().map(|(name, area)| feature("Polygon", area, &json!({ "name": name }))).collect();
    let crs = "{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"EPSG:28992\"}},";
    let text = collection(&lots).replacen("{\"type\":\"FeatureCollection\",", crs, 1);
    fs::write(folder().join("lots.geojson"), text).expect("written");
    let colour = |place: usize| ["white", "white", "white", "white", "grey", "white", "white", "black"][place % 8];
    let rows: String =
        targets(&planned).iter().enumerate().map(|(place, id)| format!("{id};{}\n", colour(place))).collect();
    fs::write(folder().join("colours.csv"), format!("id;colour\n{rows}")).expect("written");
}

fn compared() -> &'static (Value, String, String) {
    static DONE: OnceLock<(Value, String, String)> = OnceLock::new();
    DONE.get_or_init(|| {
        let home = tempfile::tempdir().expect("a temporary folder");
        let out = home.path().join("out");
        let tender = folder().join("tender.toml");
        Command::new(env!("CARGO_BIN_EXE_vezel")).arg("compare").arg(tender).arg("-o").arg(&out).assert().success();
        let read = |name: &str| fs::read_to_string(out.join(name)).expect("a result");
        let json = serde_json::from_str(&read("comparison.json")).expect("JSON");
        (json, read("findings.csv"), read("comparison.html"))
    })
}

/// Errors and warnings by bid and rule.
fn rules() -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut reader = csv::Reader::from_reader(compared().1.as_bytes());
    for row in reader.records().map(|row| row.expect("a row")) {
        if &row[1] != "info" {
            found.entry(row[0].to_owned()).or_default().insert(row[2].to_owned());
        }
    }
    found
}

#[test]
fn every_planted_fault_is_found_and_none_is_invented_on_clean_bids() {
    let found = rules();
    let planted = [
        "address-claimed-twice",
        "address-extra",
        "address-missing",
        "address-not-reached",
        "address-outside-area",
        "address-unknown",
        "optics-out-of-reach",
        "park-not-redundant",
        "price-outside-band",
        "speed-too-low",
        "wholesale-missing",
    ];
    let erve: Vec<&str> = found["Erve"].iter().map(String::as_str).collect();
    assert_eq!(erve, planted);
    for clean in ["Aalten", "Borculo", "Corle", "Didam", "Fliert"] {
        assert!(!found.contains_key(clean), "{clean}: {:?}", found.get(clean));
    }
}

#[test]
fn the_winner_under_a_relative_formula_falls_with_a_losing_bid_and_under_the_others_it_never_won() {
    let json = &compared().0;
    let scores = json["scores"].as_array().expect("scores");
    let winner =
        |formula: &str| scores.iter().find(|score| score["formula"] == formula).expect("a formula")["winner"].clone();
    assert_eq!(winner("F1"), "Borculo");
    for absolute in ["F2", "F3", "F4", "F5", "F6"] {
        assert_ne!(winner(absolute), "Borculo", "{absolute}");
    }
    let reversals = json["robustness"]["leave_one_out"].as_array().expect("a list");
    let falls = reversals.iter().any(|reversal| {
        reversal["formula"] == "F1" && reversal["winner_before"] == "Borculo" && reversal["winner_after"] != "Borculo"
    });
    assert!(falls, "{reversals:?}");
    assert!(reversals.iter().all(|reversal| reversal["formula"] != "F4" && reversal["formula"] != "F5"));
}

#[test]
fn routes_along_shortest_paths_are_dearer_than_those_of_the_reference() {
    let json = &compared().0;
    let bid = |name: &str| {
        json["bids"].as_array().expect("bids").iter().find(|bid| bid["name"] == name).expect("a bid").clone()
    };
    let cents = |bid: &Value, pointer: &str| bid.pointer(pointer).and_then(Value::as_i64).expect("cents");
    let (aalten, borculo) = (bid("Aalten"), bid("Borculo"));
    let bound = cents(&aalten, "/least/bound_cents");
    assert!(cents(&aalten, "/repriced/cost_cents") >= bound);
    assert!(cents(&borculo, "/repriced/cost_cents") > cents(&aalten, "/repriced/cost_cents"));
    assert_eq!(cents(&borculo, "/least/bound_cents"), bound);
}

#[test]
fn lots_are_awarded_at_the_least_sum_with_their_runner_up() {
    let lots = &compared().0["lots"];
    let offers = lots["offers"].as_array().expect("offers");
    // Every pair of a northern and a southern offer, and every combination.
    let (mut sums, names) = (Vec::new(), |offer: &Value| offer["lots"].as_array().expect("lots").len());
    let price = |offer: &Value| offer["price_cents"].as_i64().expect("cents");
    for (place, one) in offers.iter().enumerate() {
        if names(one) == 2 {
            sums.push(price(one));
        }
        let partners = offers[place + 1..]
            .iter()
            .filter(|other| names(one) == 1 && names(other) == 1 && one["lots"] != other["lots"]);
        sums.extend(partners.map(|other| price(one) + price(other)));
    }
    sums.sort_unstable();
    assert_eq!(lots["award"]["total_cents"], sums[0]);
    assert_eq!(lots["runner_up"]["total_cents"], sums[1]);
}
