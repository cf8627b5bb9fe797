//! Second routes of a park on a ring of roads: fibre lies along them, is paid for, and the judge believes nothing else.

#[path = "support/spoil.rs"]
mod spoil;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value as Json, json};
use spoil::spoil;
use vezel::judge::judge;

fn vezel() -> Command {
    Command::new(env!("CARGO_BIN_EXE_vezel"))
}

/// A feature in the Dutch grid, near Otterlo.
fn feature(kind: &str, coordinates: &Json, properties: &Json) -> Json {
    json!({"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties})
}

fn collection(features: &[Json]) -> String {
    let crs = json!({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}});
    json!({"type": "FeatureCollection", "crs": crs, "features": features}).to_string()
}

const LEFT: f64 = 180_000.0;
const LOW: f64 = 450_000.0;

fn at(x: f64, y: f64) -> Json {
    json!([LEFT + x, LOW + y])
}

fn road(id: &str, points: &[Json]) -> Json {
    feature("LineString", &json!(points), &json!({ "id": id }))
}

/// Three roads from west to east between a PoP and a park: 3,000 m long straight, longer the farther they bend; the park
/// can be entered in the north and in the south. A second PoP stands in the east.
fn ring() -> Vec<Json> {
    vec![
        road("north", &[at(0.0, 0.0), at(0.0, 300.0), at(3000.0, 300.0), at(3000.0, 100.0)]),
        road("south", &[at(0.0, 0.0), at(0.0, -400.0), at(3000.0, -400.0), at(3000.0, -100.0)]),
        road("east", &[at(3000.0, 300.0), at(5000.0, 300.0), at(5000.0, -400.0), at(3000.0, -400.0)]),
    ]
}

/// Two roads between the PoP and the park, one going far out in its second half and the other in its first, and a short one
/// between the middles: the shortest way takes the near halves of both and leaves no other beside it.
fn zigzag() -> Vec<Json> {
    vec![
        road("north, near", &[at(0.0, 0.0), at(0.0, 300.0), at(2500.0, 300.0)]),
        road("north, far", &[at(2500.0, 300.0), at(2500.0, 2500.0), at(3000.0, 2500.0), at(3000.0, 100.0)]),
        road("south, far", &[at(0.0, 0.0), at(0.0, -2500.0), at(2500.0, -2500.0), at(2500.0, -400.0)]),
        road("south, near", &[at(2500.0, -400.0), at(3000.0, -400.0), at(3000.0, -100.0)]),
        road("link", &[at(2500.0, 300.0), at(2500.0, -400.0)]),
    ]
}

/// A scenario with these roads, homes along the north and a park in the east.
fn written(roads: &[Json], rules: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: String| fs::write(home.path().join(name), text).expect("a file");
    write("roads.geojson", collection(roads));
    let corners = [at(2950.0, -90.0), at(3050.0, -90.0), at(3050.0, 90.0), at(2950.0, 90.0), at(2950.0, -90.0)];
    let park = feature("Polygon", &json!([corners]), &json!({"id": "K", "name": "De Kop"}));
    write("parks.geojson", collection(&[park]));
    let homes: Vec<Json> = (1..=6)
        .map(|n| feature("Point", &at(f64::from(n) * 400.0, 310.0), &json!({"id": format!("a{n}"), "use": "home"})))
        .collect();
    write("homes.geojson", collection(&homes));
    let pop = |id: &str, x: f64, y: f64| feature("Point", &at(x, y), &json!({ "id": id }));
    write("pops.geojson", collection(&[pop("West", -10.0, 0.0), pop("Oost", 5010.0, 0.0)]));
    let scenario = format!(
        r#"name = "ring"
crs = "EPSG:28992"
[scope]
area = "all"
[network]
drop_max_m = 100.0
entry_max_m = 100.0
[layers.addresses]
file = "homes.geojson"
id = "id"
use = "use"
[layers.addresses.use_values]
home = ["residential"]
[layers.business_parks]
file = "parks.geojson"
id = "id"
name = "name"
[layers.roads]
file = "roads.geojson"
id = "id"
[[layers.roads.rules]]
trench = "civil.open_unpaved"
crossing = "cross.road_local"
[layers.pops]
file = "pops.geojson"
id = "id"
{rules}"#
    );
    write("scenario.toml", scenario);
    home
}

/// Plans the ring; the judge agrees.
fn planned(rules: &str) -> (tempfile::TempDir, PathBuf) {
    planned_on(&ring(), rules)
}

fn planned_on(roads: &[Json], rules: &str) -> (tempfile::TempDir, PathBuf) {
    let home = written(roads, rules);
    let out = home.path().join("out");
    vezel().arg("plan").arg(home.path().join("scenario.toml")).arg("-o").arg(&out).assert().success();
    assert_eq!(judge(&out, None).expect("the folder can be read").faults, Vec::<String>::new());
    (home, out)
}

fn table(out: &Path, name: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(out.join(name)).expect("a table");
    reader.deserialize().collect::<Result<_, _>>().expect("rows")
}

fn number(out: &Path, pointer: &str) -> i64 {
    let text = fs::read_to_string(out.join("plan.json")).expect("plan.json");
    let summary: Json = serde_json::from_str(&text).expect("JSON");
    summary.pointer(pointer).and_then(Json::as_i64).unwrap_or(i64::MIN)
}

/// Millimetres or pieces of a price in the bill, over all elements.
fn quantity(out: &Path, element: &str, price: &str) -> i64 {
    let rows = table(out, "bill_of_quantities.csv");
    let of = rows.iter().filter(|row| row["element"] == element && row["price"] == price);
    of.map(|row| row["quantity"].replace('.', "").parse::<i64>().expect("a quantity")).sum()
}

const TWO_ROUTES: &str = "[redundancy]\nparks = \"two-routes\"\n";
const TWO_POPS: &str = "[redundancy]\nparks = \"two-pops\"\n";

/// The park hangs from the north, where the homes are; its second route is the south, with a cable for 12 fibres and 3 in
/// spare, two splices a fibre and a port.
#[test]
fn the_second_route_has_its_cable_its_splices_and_its_port() {
    // Where any park may ask, PoPs and parks have entries from several sides, so the plain plan asks for one that is not there.
    let (_plain_home, plain) = planned("[redundancy]\nby_park = { Z = \"two-routes\" }\n");
    let (_home, out) = planned(TWO_ROUTES);
    let rows = table(&out, "redundancy.csv");
    assert_eq!((rows[0]["pop_1"].as_str(), rows[0]["pop_2"].as_str()), ("West", "West"), "{rows:?}");
    let length: i64 = rows[0]["route_2_m"].replace('.', "").parse().expect("a length");
    assert!((3_600_000..3_900_000).contains(&length), "{length}");
    let steps = table(&out, "second_routes.csv");
    let sum: i64 = steps.iter().map(|row| row["length_m"].replace('.', "").parse::<i64>().expect("a length")).sum();
    assert_eq!(sum, length);
    let more = |element: &str, price: &str| quantity(&out, element, price) - quantity(&plain, element, price);
    assert_eq!(more("cable", "cable.24"), length, "the cable of 24 fibres lies along the second route alone");
    assert_eq!(more("cable", "cable.blow"), length);
    assert_eq!(more("splice", "splice.fibre"), 24);
    assert_eq!(more("active", "active.port"), 1);
    assert_eq!(more("handhole", "node.handhole"), 1, "one piece of 2 km is not enough");
    let cost = number(&out, "/redundancy/cost_cents");
    assert!(number(&out, "/redundancy/bound_cents") <= cost);
    assert!(number(&out, "/redundancy/fibre_cents") > 0);
    let bound = number(&out, "/total/bound_cents");
    assert!(bound <= number(&out, "/total/cost_cents"));
    assert!(
        bound > number(&plain, "/total/bound_cents") + 100 * length / 1000 / 4,
        "a quarter of a euro a metre at least"
    );
    let soft = |out: &Path| number(out, "/total/elements/soft");
    let total = number(&out, "/total/cost_cents") - soft(&out);
    assert_eq!(total - (number(&plain, "/total/cost_cents") - soft(&plain)), cost, "all of it is in the bill");
    let cables = table(&out, "cables.csv");
    let second: Vec<_> = cables.iter().filter(|row| row["kind"] == "second").collect();
    assert_eq!(second.len(), 1, "one piece from end to end: {second:?}");
    let fibres = table(&out, "splices.csv");
    assert!(fibres.iter().any(|row| row["kind"] == "park-second" && row["id"] == "K" && row["pop"] == "West"));
}

#[test]
fn two_pops_open_the_second_one_and_the_park_pays_for_it() {
    let (_home, out) = planned(TWO_POPS);
    let rows = table(&out, "redundancy.csv");
    assert_ne!(rows[0]["pop_1"], rows[0]["pop_2"], "{rows:?}");
    let groups = table(&out, "bill_by_group.csv");
    assert!(groups.iter().all(|row| !row["group"].is_empty()), "nothing belongs nowhere");
    let units = table(&out, "subsidy.csv");
    assert!(units.iter().any(|row| row.values().any(|cell| cell.contains("De Kop"))), "{units:?}");
}

/// What is dug for the second route, 3.8 km but for what the forest has, is paid and dug with the park's unit.
#[test]
fn a_unit_is_ranked_with_the_cost_and_length_of_its_second_routes() {
    let (_plain_home, plain) = planned("[redundancy]\nby_park = { Z = \"two-routes\" }\n");
    let (home, out) = planned(TWO_ROUTES);
    let sum = |out: &Path, name: &str| -> i64 {
        let cells = table(out, "ranking.csv").into_iter().map(|row| row[name].replace('.', "").parse::<i64>());
        cells.sum::<Result<_, _>>().expect("numbers")
    };
    let civil = number(&out, "/redundancy/cost_cents") - number(&out, "/redundancy/fibre_cents");
    assert!(civil > 0);
    assert_eq!(sum(&out, "cost_eur") - sum(&plain, "cost_eur"), civil);
    let dug = sum(&out, "length_m") - sum(&plain, "length_m");
    assert!((3_000_000..3_900_000).contains(&dug), "{dug}");
    refused(&out, &home.path().join("rank"), "UPDATE redundancy SET rank = 1000", "millimetres dug");
    let row = table(&out, "ranking.csv").into_iter().find(|row| row["kind"] == "park").expect("a park");
    let copy = copied(&out, &home.path().join("cost"));
    let text = fs::read_to_string(out.join("ranking.csv")).expect("a table");
    fs::write(copy.join("ranking.csv"), text.replacen(&row["cost_eur"], "1.00", 1)).expect("a table");
    faults(&copy, "ranking: civil works and PoPs of", "a cheaper unit");
}

/// Both routes are others than the shortest one: the park hangs by one of them, and no fibre is left along the third.
#[test]
fn a_park_hangs_by_another_route_where_there_is_none_beside_the_shortest() {
    let west = "[redundancy]\nby_park = { K = \"two-routes\" }\n";
    let (_plain_home, plain) = planned_on(&zigzag(), &west.replace("K =", "Z ="));
    let (_home, out) = planned_on(&zigzag(), west);
    let parks = |out: &Path| {
        let source = format!("{}:business_parks", out.join("plan.gpkg").display());
        let (layer, _) = vezel::geodata::open(&source, "business_parks").expect("a layer");
        let at = layer.column("route_mm").expect("a column");
        layer.features[0].values[at].clone()
    };
    assert_ne!(parks(&out), parks(&plain), "the park hangs by another route");
    assert_eq!(number(&out, "/redundancy/routes_laid"), 1);
    let rows = table(&out, "redundancy.csv");
    assert_eq!(rows[0]["protected"], "true", "{rows:?}");
    let lengths = ["route_1_m", "route_2_m"].map(|name| rows[0][name].parse::<f64>().expect("a length"));
    assert!(lengths.iter().all(|length| (7_000.0..9_000.0).contains(length)), "{lengths:?}");
    let cables = table(&out, "cables.csv");
    let second = cables.iter().filter(|row| row["kind"] == "second");
    let laid: f64 = second.map(|row| row["length_m"].parse::<f64>().expect("a length")).sum();
    assert!((laid - lengths[1]).abs() < 0.01, "{laid} of {lengths:?}");
}

/// The first route is 3.5 km, the second 3.8 km: within 3.7 km of reach there is no second one.
#[test]
fn a_second_route_beyond_reach_is_told_of_with_its_shortfall() {
    let (_home, out) = planned(&format!("[architecture]\np2p_reach_m = 3650.0\n{TWO_ROUTES}"));
    assert_eq!(number(&out, "/redundancy/unmet"), 1);
    let findings = fs::read_to_string(out.join("findings.csv")).expect("findings");
    assert!(findings.contains("no two-routes was found in reach of the optics"), "{findings}");
    assert!(findings.contains("beyond the 3650 m of architecture.p2p_reach_m"), "{findings}");
    assert_eq!(table(&out, "second_routes.csv").len(), 0);
}

/// A copy of a folder of results.
fn copied(out: &Path, to: &Path) -> PathBuf {
    fs::create_dir(to).expect("a folder");
    for file in fs::read_dir(out).expect("the plan").map(|entry| entry.expect("a file").path()) {
        if file.is_file() {
            fs::copy(&file, to.join(file.file_name().expect("a name"))).expect("a copy");
        }
    }
    to.to_owned()
}

fn faults(out: &Path, word: &str, what: &str) {
    let found = judge(out, None).expect("the folder can be read").faults;
    assert!(found.iter().any(|fault| fault.contains(word)), "{what}: {found:?}");
}

/// Pairs of whole numbers that a query finds in a plan's layers.
fn pairs(out: &Path, sql: &str) -> Vec<(i64, i64)> {
    let database = rusqlite::Connection::open(out.join("plan.gpkg")).expect("a GeoPackage");
    let mut query = database.prepare(sql).expect("a query");
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    rows.map(|row| row.expect("a row")).collect()
}

/// Every segment is cut in turn, and the park looked for from the PoPs over all that is left.
#[test]
fn whatever_segment_is_cut_the_park_stays_connected() {
    for rules in [TWO_ROUTES, TWO_POPS] {
        let (_home, out) = planned(rules);
        let laid = |layer: &str| pairs(&out, &format!("SELECT from_node, to_node FROM {layer} WHERE length_mm > 0"));
        let segments: Vec<(i64, i64)> = ["trenches", "drops", "redundancy"].into_iter().flat_map(laid).collect();
        let pops: BTreeSet<i64> = pairs(&out, "SELECT node, node FROM pops").into_iter().map(|(pop, _)| pop).collect();
        let parks = pairs(&out, "SELECT node, node FROM business_parks WHERE protected");
        assert!(!parks.is_empty(), "a park is protected");
        let is_reached = |park: i64, cut: Option<usize>| {
            let left = || segments.iter().enumerate().filter(|(place, _)| Some(*place) != cut).map(|(_, ends)| ends);
            let mut reached = pops.clone();
            // A wave at a time: whoever is beside one that is reached, but nobody through a park.
            loop {
                let is_open = |node: &i64| reached.contains(node) && parks.iter().all(|(park, _)| park != node);
                let beside = left().flat_map(|&(one, other)| [(one, other), (other, one)]);
                let next: Vec<i64> =
                    beside.filter(|(from, to)| is_open(from) && !reached.contains(to)).map(|(_, to)| to).collect();
                if next.is_empty() {
                    return reached.contains(&park);
                }
                reached.extend(next);
            }
        };
        for &(park, _) in &parks {
            assert!(is_reached(park, None), "the park is connected");
            for (cut, ends) in segments.iter().enumerate() {
                assert!(is_reached(park, Some(cut)), "{rules}: without {ends:?} the park is cut off");
            }
        }
    }
}

#[test]
fn spoilt_second_routes_are_refused() {
    let (home, out) = planned(TWO_ROUTES);
    let text = fs::read_to_string(out.join("second_routes.csv")).expect("a table");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() > 3, "{text}");
    let spoil = |number: &str, file: &str, text: &str, word: &str| {
        let copy = copied(&out, &home.path().join(number));
        fs::write(copy.join(file), text).expect("a table");
        faults(&copy, word, number);
    };
    let without = |gone: usize| {
        let kept = lines.iter().enumerate().filter(|(place, _)| *place != gone);
        kept.map(|(_, line)| format!("{line}\n")).collect::<String>()
    };
    spoil("no first step", "second_routes.csv", &without(1), "does not begin at PoP West");
    spoil("a gap", "second_routes.csv", &without(2), "is broken on the way");
    spoil("no last step", "second_routes.csv", &without(lines.len() - 1), "does not end at the park");
    spoil("no route", "second_routes.csv", &format!("{}\n", lines[0]), "protected exactly where fibre lies");
    spoil("another PoP", "second_routes.csv", &text.replace(",West,", ",Oost,"), "does not begin at PoP Oost");
    let twice: String = lines[1..].iter().map(|line| format!("{}\n", line.replacen("K,2,", "K,1,", 1))).collect();
    spoil(
        "a third route",
        "second_routes.csv",
        &format!("{text}{twice}"),
        "fibre lies along 2 second routes, one is due",
    );
    let cell = |file: &str, from: &str, to: &str| {
        let text = fs::read_to_string(out.join(file)).expect("a table");
        assert!(text.contains(from), "{file} contains {from}: {text}");
        text.replacen(from, to, 1)
    };
    spoil("splices", "splices.csv", &cell("splices.csv", "park-second,K,2", "park,K,2"), "is not told of as it is fed");
    spoil("pieces", "cables.csv", &cell("cables.csv", "second,24,", "second,48,"), "its pieces are not those");
    let fibre = number(&out, "/redundancy/fibre_cents");
    let summary = cell("plan.json", &format!("\"fibre_cents\": {fibre}"), &format!("\"fibre_cents\": {}", fibre - 1));
    spoil("fibre", "plan.json", &summary, "redundancy.fibre_cents");
    let row = table(&out, "redundancy.csv").remove(0);
    let told = cell("redundancy.csv", &row["route_2_m"], "1.000");
    spoil("length", "redundancy.csv", &told, "redundancy.csv tells another route_2_m");
}

/// The judge refuses a copy of the plan that some SQL has spoilt.
fn refused(out: &Path, to: &Path, sql: &str, word: &str) {
    let copy = copied(out, to);
    spoil(&copy, sql);
    faults(&copy, word, sql);
}

#[test]
fn cables_and_trenches_of_second_routes_that_do_not_fit_are_refused() {
    let (home, out) = planned(TWO_ROUTES);
    let wrongs = [
        ("UPDATE redundancy SET second_cables = '12'", "cables of 12 fibres for second routes, 15 are needed"),
        ("UPDATE redundancy SET second_cables = '24 24'", "bill, cable cable.24"),
        ("UPDATE trenches SET second_cables = '12' WHERE second_cables IS NULL", "0 are needed"),
        (
            "DELETE FROM redundancy WHERE length_mm = (SELECT max(length_mm) FROM redundancy)",
            "is not built as it is told",
        ),
        ("DELETE FROM handholes WHERE second = 1", "of cable without a handhole"),
        ("UPDATE pops SET connections = connections - 1", "connections"),
    ];
    for (number, (sql, word)) in wrongs.into_iter().enumerate() {
        refused(&out, &home.path().join(number.to_string()), sql, word);
    }
}

/// A route that runs back along the park's own is told as a fault even where every segment of it is there.
#[test]
fn a_second_route_along_the_first_is_refused() {
    let (home, out) = planned(TWO_ROUTES);
    let source = format!("{}:trenches", out.join("plan.gpkg").display());
    let (layer, _) = vezel::geodata::open(&source, "trenches").expect("a layer");
    let columns = ["segment", "from_node", "to_node", "length_mm"].map(|name| layer.column(name).expect("a column"));
    let pieces: Vec<[i64; 4]> = layer
        .features
        .iter()
        .map(|feature| {
            columns.map(|at| match feature.values[at] {
                vezel::geodata::Value::Integer(number) => number,
                _ => -1,
            })
        })
        .collect();
    // From the PoP's node along the forest to the park, as a search over its segments finds it.
    let steps = table(&out, "second_routes.csv");
    let (start, end): (i64, i64) =
        (steps[0]["from_node"].parse().expect("a node"), steps[steps.len() - 1]["to_node"].parse().expect("a node"));
    let mut from: BTreeMap<i64, [i64; 4]> = BTreeMap::new();
    let mut open = vec![start];
    while let Some(node) = open.pop() {
        for &[segment, one, other, length] in &pieces {
            let next = if one == node {
                other
            } else if other == node {
                one
            } else {
                continue;
            };
            if next != start && !from.contains_key(&next) {
                from.insert(next, [segment, node, next, length]);
                open.push(next);
            }
        }
    }
    let mut way = Vec::new();
    let mut node = end;
    while let Some(step) = from.get(&node) {
        way.push(*step);
        node = step[1];
    }
    assert_eq!(node, start, "the park hangs from the forest");
    let header = "park,route,pop,place,segment,from_node,to_node,length_m,fibres".to_owned();
    let line = |(place, [segment, one, other, length]): (usize, [i64; 4])| {
        let (metres, rest) = (length / 1000, length % 1000);
        format!("K,2,West,{},{segment},{one},{other},{metres}.{rest:03},12", place + 1)
    };
    let lines: Vec<String> = [header].into_iter().chain(way.into_iter().rev().enumerate().map(line)).collect();
    let copy = copied(&out, &home.path().join("along"));
    fs::write(copy.join("second_routes.csv"), lines.join("\n")).expect("a table");
    faults(&copy, "both routes run through segment", "along the first");
}
