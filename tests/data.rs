//! The committed data sets are what the code makes of them, and the toy costs what its README works out by hand.
//!
//! With `UPDATE=1` in the environment the files are written anew.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use geo::{Coord, Geometry, LineString, Point, Polygon};
use vezel::effort::Effort;
use vezel::geodata::{self, Column, ColumnKind, Crs, Feature, Layer, OutLayer, Style, Symbol, Value, write_shapefile};
use vezel::study::{Listener, Study};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name)
}

/// A corner of the toy, in metres from RD 230000, 450000.
fn at(x: f64, y: f64) -> Coord<f64> {
    Coord { x: 230_000.0 + x, y: 450_000.0 + y }
}

fn line(points: &[(f64, f64)]) -> Geometry<f64> {
    Geometry::LineString(LineString::new(points.iter().map(|&(x, y)| at(x, y)).collect()))
}

fn rectangle(low: (f64, f64), high: (f64, f64)) -> Geometry<f64> {
    let ring = vec![at(low.0, low.1), at(high.0, low.1), at(high.0, high.1), at(low.0, high.1)];
    Geometry::Polygon(Polygon::new(LineString::new(ring), Vec::new()))
}

fn text(value: &str) -> Value {
    if value.is_empty() { Value::Null } else { Value::Text(value.to_owned()) }
}

fn layer(name: &str, columns: &[(&str, ColumnKind)], rows: Vec<(Geometry<f64>, Vec<Value>)>) -> Layer {
    let columns = columns.iter().map(|&(name, kind)| Column { name: name.to_owned(), kind }).collect();
    let feature = |(index, (geometry, values))| Feature { record: index as i64 + 1, geometry: Some(geometry), values };
    let features = rows.into_iter().enumerate().map(feature).collect();
    Layer { name: name.to_owned(), crs: Crs::from_epsg(28992), columns, features }
}

fn toy_addresses() -> Layer {
    let columns = ["identifica", "gebruiksdo", "status"].map(|name| (name, ColumnKind::Text));
    let places = [
        ((100.0, 20.0), "woonfunctie"),
        ((300.0, -10.0), "woonfunctie"),
        ((600.0, 30.0), "onderwijsfunctie"),
        ((200.0, 280.0), "woonfunctie"),
        ((600.0, 290.0), "woonfunctie,gezondheidszorgfunctie"),
        ((600.0, 290.0), "woonfunctie,gezondheidszorgfunctie"),
        ((950.0, 310.0), "industriefunctie"),
        ((1000.0, 60.0), "woonfunctie,industriefunctie"),
    ];
    let row = |(index, ((x, y), uses)): (usize, ((f64, f64), &str))| {
        let id = format!("0100010000000{:03}", index + 1);
        (Geometry::Point(Point(at(x, y))), vec![text(&id), text(uses), text("Verblijfsobject in gebruik")])
    };
    layer("adressen", &columns, places.into_iter().enumerate().map(row).collect())
}

fn toy_roads() -> Layer {
    let columns = [
        ("wvk_id", ColumnKind::Integer),
        ("jte_id_beg", ColumnKind::Integer),
        ("jte_id_end", ColumnKind::Integer),
        ("wegbehsrt", ColumnKind::Text),
        ("bst_code", ColumnKind::Text),
        ("stt_naam", ColumnKind::Text),
        ("verharding", ColumnKind::Text),
    ];
    let junctions = [
        (0.0, 0.0),
        (400.0, 0.0),
        (800.0, 0.0),
        (0.0, 300.0),
        (400.0, 300.0),
        (800.0, 300.0),
        (1000.0, 0.0),
        (1000.0, 300.0),
    ];
    let (asphalt, bricks, earth) = ("gesloten verharding", "open verharding", "onverhard");
    let [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7];
    let roads = [
        (a, b, "G", "RB", "Dorpsstraat", asphalt),
        (b, c, "G", "RB", "Dorpsstraat", asphalt),
        (d, e, "G", "RB", "Noordweg", asphalt),
        (e, f, "G", "RB", "Noordweg", asphalt),
        (a, d, "T", "VD", "Veerpont", ""),
        (b, e, "G", "RB", "Maatpad", earth),
        (c, f, "G", "RB", "Brugstraat", bricks),
        (c, g, "T", "RB", "Kampweg", earth),
        (f, h, "G", "RB", "Industrieweg", asphalt),
    ];
    let row = |(index, (from, to, manager, kind, name, surface)): (usize, (usize, usize, &str, &str, &str, &str))| {
        let whole = |number: usize| Value::Integer(number as i64);
        let values = vec![
            whole(index + 1),
            whole(from + 1),
            whole(to + 1),
            text(manager),
            text(kind),
            text(name),
            text(surface),
        ];
        (line(&[junctions[from], junctions[to]]), values)
    };
    layer("wegvakken", &columns, roads.into_iter().enumerate().map(row).collect())
}

fn toy() -> Vec<(Layer, &'static str)> {
    let (text_kind, whole, real) = (ColumnKind::Text, ColumnKind::Integer, ColumnKind::Real);
    let park_columns = [("RIN_NUMMER", text_kind), ("PLAN_NAAM", text_kind), ("JAAR", whole), ("HA_BRUTO", real)];
    let park = vec![text("051000"), text("De Kolk"), Value::Integer(2024), Value::Real(2.0)];
    let pop_columns = [("id", text_kind), ("soort", text_kind), ("prijs", whole), ("capaciteit", whole)];
    let pop = |(x, y): (f64, f64), id: &str, price: i64| {
        let values = vec![text(id), text("candidate"), Value::Integer(price), Value::Integer(3000)];
        (Geometry::Point(Point(at(x, y))), values)
    };
    let river = line(&[(-100.0, 150.0), (1200.0, 150.0)]);
    let yard = rectangle((970.0, 40.0), (1030.0, 90.0));
    vec![
        (toy_addresses(), "POINT"),
        (toy_roads(), "LINESTRING"),
        (
            layer("bedrijventerreinen", &park_columns, vec![(rectangle((900.0, 250.0), (1100.0, 350.0)), park)]),
            "POLYGON",
        ),
        (
            layer(
                "water",
                &[("naam", text_kind), ("type", text_kind)],
                vec![(river, vec![text("Oude IJselle"), text("rivier")])],
            ),
            "LINESTRING",
        ),
        (
            layer("pops", &pop_columns, vec![pop((200.0, -20.0), "P1", 20_000), pop((700.0, 320.0), "P2", 22_000)]),
            "POINT",
        ),
        (layer("boerenerven", &[("id", whole)], vec![(yard, vec![Value::Integer(1)])]), "POLYGON"),
    ]
}

/// Every file of the fresh folder is, byte for byte, in the committed one; or is put there with `UPDATE=1`.
fn compare(fresh: &Path, committed: &Path, kept: impl Fn(&str) -> bool) {
    for file in fs::read_dir(fresh).expect("the folder was just written") {
        let name = file.expect("the folder can be listed").file_name().into_string().expect("names are ASCII");
        if !kept(&name) {
            continue;
        }
        let new = fs::read(fresh.join(&name)).expect("the file was just written");
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(committed).expect("the folder can be made");
            fs::write(committed.join(&name), &new).expect("the file can be written");
        }
        let old = fs::read(committed.join(&name)).unwrap_or_default();
        assert!(new == old, "{name} differs from the committed file; look at it, then run with UPDATE=1");
    }
}

#[test]
fn the_committed_toy_is_the_one_that_is_drawn_here() {
    let fresh = tempfile::tempdir().expect("a temporary folder can be made");
    let crs = Crs::from_epsg(28992).expect("RD New is known");
    for (layer, geometry_type) in toy() {
        let style = Style::Single(Symbol { colour: [60, 60, 60], size: 0.6 });
        let out = OutLayer { layer, geometry_type, description: "The toy village.", style };
        write_shapefile(fresh.path(), &out, &crs).expect("the layer can be written");
    }
    compare(fresh.path(), &data("toy"), |name| Path::new(name).extension().is_none_or(|end| end != "qml"));
}

#[test]
fn the_committed_sample_is_the_one_that_its_readme_tells_to_generate() {
    let fresh = tempfile::tempdir().expect("a temporary folder can be made");
    let folder = fresh.path().join("sample");
    let mut vezel = Command::cargo_bin("vezel").expect("the program is built");
    vezel.args(["generate", "--addresses", "3000", "--seed", SAMPLE_SEED, "-o"]).arg(&folder).assert().success();
    compare(&folder, &data("achterhoek-sample"), |name| name != "README.txt");
}

/// Seed of the sample, as in its README.
const SAMPLE_SEED: &str = "3";

struct Silent;

impl Listener for Silent {
    fn step(&mut self, _: &'static str) {}
    fn progress(&mut self, _: i64, _: i64) {}
}

#[test]
fn the_toy_costs_what_its_readme_works_out_by_hand() {
    let study = Study::open(&data("toy").join("scenario.toml"), &mut Silent).expect("the toy can be read");
    let planned = study.plan(&Effort::default(), &mut Silent).expect("the toy can be planned");
    assert_eq!(planned.plan.trench.cost.cents(), 5_219_000);
    assert_eq!(planned.plan.trench.bound.cents(), 5_219_000);
}

#[test]
fn every_layer_of_the_toy_reads_without_a_finding() {
    for (layer, _) in toy() {
        let path = data("toy").join(format!("{}.shp", layer.name));
        let (read, findings) = geodata::open(&path.display().to_string(), &layer.name).expect("it can be read");
        assert_eq!(read.features.len(), layer.features.len());
        assert!(findings.is_empty(), "{findings:?}");
    }
}
