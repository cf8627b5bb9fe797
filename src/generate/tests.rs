//! Laws that hold for every generated region.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Coord, Geometry, LineString};
use rstar::RTree;

use crate::effort::Stopwatch;
use crate::generate::course::{at, cut, length};
use crate::generate::roads::{meets_other, pieces};
use crate::generate::{Wishes, region};
use crate::geodata::{Layer, Value};

fn named<'a>(layers: &'a [Layer], name: &str) -> &'a Layer {
    layers.iter().find(|layer| layer.name == name).expect("there is such a layer")
}

fn texts(layer: &Layer, column: &str) -> Vec<String> {
    let at = layer.column(column).expect("there is such a column");
    layer.features.iter().map(|feature| feature.values[at].as_text().unwrap_or_default()).collect()
}

fn wholes(layer: &Layer, column: &str) -> Vec<i64> {
    let at = layer.column(column).expect("there is such a column");
    let whole = |value: &Value| if let Value::Integer(number) = value { *number } else { panic!("no whole number") };
    layer.features.iter().map(|feature| whole(&feature.values[at])).collect()
}

fn lines(layer: &Layer) -> Vec<&LineString<f64>> {
    let line = |geometry: &Option<Geometry<f64>>| match geometry {
        Some(Geometry::LineString(_)) => (),
        other => panic!("no line: {other:?}"),
    };
    layer.features.iter().for_each(|feature| line(&feature.geometry));
    let inner = layer.features.iter().filter_map(|feature| feature.geometry.as_ref());
    inner.filter_map(|shape| if let Geometry::LineString(line) = shape { Some(line) } else { None }).collect()
}

#[test]
fn the_same_seed_gives_the_same_region_and_another_seed_another() {
    let (one, again) = (region(&Wishes { addresses: 900, seed: 4 }), region(&Wishes { addresses: 900, seed: 4 }));
    let other = region(&Wishes { addresses: 900, seed: 5 });
    assert_eq!(format!("{one:?}"), format!("{again:?}"));
    assert_ne!(format!("{one:?}"), format!("{other:?}"));
}

#[test]
fn there_are_as_many_addresses_as_wished_for() {
    for (addresses, seed) in [(0, 1), (1, 1), (40, 1), (100, 2), (777, 3), (3000, 1), (12_345, 9)] {
        let layers = region(&Wishes { addresses, seed });
        assert_eq!(named(&layers, "adressen").features.len(), addresses as usize, "seed {seed}");
    }
}

#[test]
fn a_junction_has_one_place_and_pieces_of_road_meet_there() {
    let layers = region(&Wishes { addresses: 4000, seed: 7 });
    let roads = named(&layers, "wegvakken");
    let mut places: BTreeMap<i64, Coord<f64>> = BTreeMap::new();
    let ends = wholes(roads, "jte_id_beg").into_iter().zip(wholes(roads, "jte_id_end"));
    for ((from, to), line) in ends.zip(lines(roads)) {
        assert_ne!(from, to);
        assert!(line.0.len() >= 2 && line.0.windows(2).all(|pair| pair[0] != pair[1]));
        for (junction, point) in [(from, line.0[0]), (to, line.0[line.0.len() - 1])] {
            assert_eq!(*places.entry(junction).or_insert(point), point, "junction {junction}");
        }
    }
    let apart: BTreeSet<String> = places.values().map(|point| format!("{point:?}")).collect();
    assert_eq!(apart.len(), places.len(), "two junctions share a place");
}

fn top(parts: &mut BTreeMap<i64, i64>, node: i64) -> i64 {
    let above = *parts.entry(node).or_insert(node);
    if above == node {
        return node;
    }
    let found = top(parts, above);
    parts.insert(node, found);
    found
}

#[test]
fn nearly_all_junctions_hang_together_but_not_all() {
    for seed in 1..5 {
        let layers = region(&Wishes { addresses: 5000, seed });
        let roads = named(&layers, "wegvakken");
        let mut parts: BTreeMap<i64, i64> = BTreeMap::new();
        for (from, to) in wholes(roads, "jte_id_beg").into_iter().zip(wholes(roads, "jte_id_end")) {
            let (from, to) = (top(&mut parts, from), top(&mut parts, to));
            parts.insert(from, to);
        }
        let mut sizes: BTreeMap<i64, usize> = BTreeMap::new();
        for node in parts.keys().copied().collect::<Vec<_>>() {
            *sizes.entry(top(&mut parts, node)).or_default() += 1;
        }
        let largest = sizes.values().copied().max().unwrap_or_default();
        assert!(largest as f64 > 0.97 * parts.len() as f64, "seed {seed}: {largest} of {}", parts.len());
        assert!(sizes.len() >= 2, "seed {seed}: two loose ends were wished for");
    }
}

#[test]
fn coordinates_are_whole_millimetres_inside_the_dutch_grid() {
    for layer in region(&Wishes { addresses: 2000, seed: 3 }) {
        use geo::CoordsIter;
        for feature in &layer.features {
            for point in feature.geometry.as_ref().expect("every feature has a shape").coords_iter() {
                assert!((7_000.0..300_000.0).contains(&point.x) && (289_000.0..629_000.0).contains(&point.y));
                let rounded = Coord { x: (point.x * 1e3).round() / 1e3, y: (point.y * 1e3).round() / 1e3 };
                assert_eq!(point, rounded, "layer {}", layer.name);
            }
        }
    }
}

#[test]
fn addresses_look_like_the_bag() {
    let layers = region(&Wishes { addresses: 6000, seed: 2 });
    let addresses = named(&layers, "adressen");
    let ids = texts(addresses, "identifica");
    assert!(ids.iter().all(|id| id.len() == 16 && id.starts_with('0') && id.bytes().all(|byte| byte.is_ascii_digit())));
    let different: BTreeSet<&String> = ids.iter().collect();
    assert!((1..10).contains(&(ids.len() - different.len())), "a few ids come twice");
    let uses = texts(addresses, "gebruiksdo");
    for wanted in
        ["woonfunctie", "onderwijsfunctie", "woonfunctie,industriefunctie", "woonfunctie,gezondheidszorgfunctie"]
    {
        assert!(uses.iter().any(|value| value == wanted), "{wanted}");
    }
    let in_use = texts(addresses, "status").iter().filter(|status| *status == "Verblijfsobject in gebruik").count();
    assert!(in_use > 5500 && in_use < 5900);
    let places: Vec<String> = addresses.features.iter().map(|feature| format!("{:?}", feature.geometry)).collect();
    let points: BTreeSet<&String> = places.iter().collect();
    assert!(points.len() < 5990, "some addresses are stacked");
    let postcodes = texts(addresses, "postcode");
    assert!(postcodes.iter().all(|code| code.len() == 6 && code[..4].bytes().all(|byte| byte.is_ascii_digit())));
    let houses: BTreeSet<(String, String, i64)> = texts(addresses, "woonplaats")
        .into_iter()
        .zip(texts(addresses, "straatnaam"))
        .zip(wholes(addresses, "huisnummer"))
        .map(|((village, street), number)| (village, street, number))
        .collect();
    assert_eq!(houses.len(), different.len(), "no two addresses share village, street and number");
}

#[test]
fn roads_look_like_the_nwb() {
    let layers = region(&Wishes { addresses: 6000, seed: 2 });
    let roads = named(&layers, "wegvakken");
    let all = |column: &str, allowed: &[&str], needed: &[&str]| {
        let values: BTreeSet<String> = texts(roads, column).into_iter().collect();
        assert!(values.iter().all(|value| allowed.contains(&value.as_str())), "{column}: {values:?}");
        assert!(needed.iter().all(|value| values.contains(*value)), "{column}: {values:?}");
    };
    all("wegbehsrt", &["R", "P", "G", "W", "T"], &["R", "P", "G", "W"]);
    all("bst_code", &["RB", "HR", "FP", "VD", "OPR", "AFR", "ERF"], &["RB", "HR", "FP", "VD"]);
    let surfaces = ["gesloten verharding", "open verharding", "half verhard", "onverhard", ""];
    all("verharding", &surfaces, &surfaces);
    all("kunstwerk", &["brug", "tunnel", ""], &["brug", ""]);
    let ids: BTreeSet<i64> = wholes(roads, "wvk_id").into_iter().collect();
    assert_eq!(ids.len(), roads.features.len());
    let names = texts(roads, "stt_naam");
    assert!(names.iter().all(|name| !name.is_empty()));
    let motorways = texts(roads, "bst_code").into_iter().zip(names).filter(|(kind, _)| kind == "HR");
    motorways.for_each(|(_, name)| assert!(name.starts_with('A') && name[1..].parse::<u32>().is_ok(), "{name}"));
}

#[test]
fn parks_and_neighbourhoods_have_their_traps() {
    let layers = region(&Wishes { addresses: 6000, seed: 2 });
    let parks = named(&layers, "bedrijventerreinen");
    let numbers = texts(parks, "RIN_NUMMER");
    assert!(numbers.iter().collect::<BTreeSet<_>>().len() < numbers.len(), "some park has two years");
    assert!(wholes(named(&layers, "buurten"), "P_65_EO_JR").contains(&-99_997), "some share is secret");
    let pops = texts(named(&layers, "pops"), "soort");
    assert!(pops.contains(&"existing".to_owned()) && pops.contains(&"candidate".to_owned()));
}

#[test]
fn column_names_differ_within_ten_characters() {
    for layer in region(&Wishes { addresses: 500, seed: 1 }) {
        let names: BTreeSet<&str> = layer.columns.iter().map(|column| column.name.as_str()).collect();
        assert!(names.len() == layer.columns.len() && names.iter().all(|name| name.len() <= 10));
        assert!(layer.features.iter().all(|feature| feature.values.len() == layer.columns.len()));
    }
}

#[test]
fn sixty_thousand_addresses_take_seconds() {
    let watch = Stopwatch::start();
    let layers = region(&Wishes { addresses: 60_000, seed: 5 });
    assert_eq!(named(&layers, "adressen").features.len(), 60_000);
    assert!(watch.elapsed().as_secs() < 30, "took {:?}", watch.elapsed());
}

#[test]
fn roads_cross_only_at_junctions_and_works() {
    for seed in 1..4 {
        let layers = region(&Wishes { addresses: 5000, seed });
        let roads = named(&layers, "wegvakken");
        let works = texts(roads, "kunstwerk");
        let (courses, streets) = (lines(roads), texts(roads, "stt_naam"));
        let all = courses.iter().enumerate().filter(|(at, _)| works[*at].is_empty());
        let tree = RTree::bulk_load(all.clone().flat_map(|(at, line)| pieces(at, &line.0)).collect());
        for (at, line) in all {
            // Ends are taken off, for it is there that roads meet.
            let total = length(&line.0);
            let inner =
                cut(&line.0, &[(0.02 * total, course_at(&line.0, 0.02)), (0.98 * total, course_at(&line.0, 0.98))]);
            let met = meets_other(&tree, &inner[1], |other| other != at);
            let others: Vec<&String> = met.iter().map(|&other| &streets[other]).collect();
            assert!(met.is_empty(), "seed {seed}: {} crosses {others:?} near {:?}", streets[at], line.0[0]);
        }
    }
}

fn course_at(line: &[Coord<f64>], share: f64) -> Coord<f64> {
    at(line, share * length(line)).0
}
