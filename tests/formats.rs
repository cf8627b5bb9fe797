//! GeoPackages in: written by the crate or by hand, whole or broken, they read as a layer with findings or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use geo::{Geometry, line_string, point, polygon};
use rusqlite::{Connection, params};
use tempfile::TempDir;
use vezel::findings::{Finding, Severity};
use vezel::geodata::{
    self, Column, ColumnKind, Crs, Error, Feature, Layer, OutLayer, Style, Symbol, Value, write_geopackage,
    write_shapefile,
};

const POINT: u32 = 1;
const LINE: u32 = 2;
const POLYGON: u32 = 3;

fn rd() -> Crs {
    Crs::from_epsg(28992).expect("RD New is known")
}

fn home() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn out(layer: Layer, geometry_type: &'static str) -> OutLayer {
    let style = Style::Single(Symbol { colour: [0, 0, 0], size: 1.0 });
    OutLayer { layer, geometry_type, description: "a test", style }
}

fn layer(name: &str, columns: &[(&str, ColumnKind)], rows: Vec<(Option<Geometry<f64>>, Vec<Value>)>) -> Layer {
    let columns = columns.iter().map(|&(name, kind)| Column { name: name.to_owned(), kind }).collect();
    let feature = |(place, (geometry, values))| Feature { record: place as i64 + 1, geometry, values };
    Layer {
        name: name.to_owned(),
        crs: Some(rd()),
        columns,
        features: rows.into_iter().enumerate().map(feature).collect(),
    }
}

fn open(path: &Path, table: &str) -> Result<(Layer, Vec<Finding>), Error> {
    let suffix = if table.is_empty() { String::new() } else { format!(":{table}") };
    geodata::open(&format!("{}{suffix}", path.display()), "land")
}

fn refused(path: &Path, table: &str) -> String {
    open(path, table).expect_err("it cannot be read").to_string()
}

/// The rule and the feature of every finding.
fn told(findings: &[Finding]) -> Vec<(&str, &str)> {
    findings.iter().map(|finding| (finding.rule, finding.feature.as_str())).collect()
}

/// Well-known binary by hand, in either order of bytes.
#[derive(Clone)]
struct Pen {
    big: bool,
    bytes: Vec<u8>,
}

impl Pen {
    fn new(big: bool, kind: u32) -> Self {
        Self { big, bytes: vec![u8::from(!big)] }.count(kind)
    }

    fn count(mut self, number: u32) -> Self {
        self.bytes.extend(if self.big { number.to_be_bytes() } else { number.to_le_bytes() });
        self
    }

    fn numbers(mut self, numbers: &[f64]) -> Self {
        for number in numbers {
            self.bytes.extend(if self.big { number.to_be_bytes() } else { number.to_le_bytes() });
        }
        self
    }

    fn part(mut self, part: Self) -> Self {
        self.bytes.extend(part.bytes);
        self
    }
}

/// The GeoPackage header around well-known binary; `flags` without the order of bytes.
fn blob(big: bool, flags: u8, envelope: usize, body: Pen) -> Vec<u8> {
    let mut pen = Pen { big, bytes: vec![b'G', b'P', 0, flags | u8::from(!big)] };
    pen = pen.count(28992).numbers(&vec![7.0; envelope]);
    pen.part(body).bytes
}

fn plain(body: Pen) -> Vec<u8> {
    blob(false, 0, 0, body)
}

/// A GeoPackage with one table `plots` of geometries and one number column, made without the crate.
fn by_hand(home: &Path, blobs: &[Option<Vec<u8>>]) -> PathBuf {
    let path = home.join("hand.gpkg");
    let database = Connection::open(&path).expect("a database");
    let tables = "
        PRAGMA synchronous = OFF;
        BEGIN;
        CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization TEXT,
            organization_coordsys_id INTEGER, definition TEXT, description TEXT);
        CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT, srs_id INTEGER);
        CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT,
            srs_id INTEGER, z TINYINT, m TINYINT);
        INSERT INTO gpkg_spatial_ref_sys VALUES ('RD', 28992, 'EPSG', 28992, 'undefined', NULL);
        INSERT INTO gpkg_contents VALUES ('plots', 'features', 'plots', 28992);
        INSERT INTO gpkg_geometry_columns VALUES ('plots', 'shape', 'GEOMETRY', 28992, 2, 2);
        CREATE TABLE plots (id INTEGER PRIMARY KEY, shape BLOB, size DOUBLE);";
    database.execute_batch(tables).expect("tables");
    for (place, blob) in blobs.iter().enumerate() {
        let row = params![place as i64 * 10 + 5, blob, place as f64];
        database.execute("INSERT INTO plots VALUES (?1,?2,?3)", row).expect("a row");
    }
    database.execute_batch("COMMIT").expect("tables");
    path
}

fn change(path: &Path, sql: &str) {
    Connection::open(path).expect("a database").execute_batch(sql).expect("a change");
}

/// What one blob is read as, with the findings on it.
fn decoded(blob: Vec<u8>) -> (Option<Geometry<f64>>, Vec<Finding>) {
    let home = home();
    let (mut layer, findings) = open(&by_hand(home.path(), &[Some(blob)]), "plots").expect("a layer");
    assert_eq!(layer.features.len(), 1, "no record is lost");
    assert_eq!(layer.features[0].values, vec![Value::Real(0.0)], "its attributes are read");
    (layer.features.remove(0).geometry, findings)
}

#[test]
fn what_is_written_to_a_geopackage_is_read_back_with_every_kind_of_value() {
    let columns = [
        ("name", ColumnKind::Text),
        ("count", ColumnKind::Integer),
        ("size", ColumnKind::Real),
        ("is dug", ColumnKind::Logical),
    ];
    let text = |text: &str| Value::Text(text.to_owned());
    let full = vec![text("Café 't Hoekje, €"), Value::Integer(-7), Value::Real(0.1), Value::Logical(true)];
    let other = vec![text("x"), Value::Integer(i64::MAX), Value::Real(-1e-9), Value::Logical(false)];
    let nulls = vec![Value::Null; 4];
    let hole = polygon![
        exterior: [(x: 0., y: 0.), (x: 10., y: 0.), (x: 10., y: 10.), (x: 0., y: 10.), (x: 0., y: 0.)],
        interiors: [[(x: 2., y: 2.), (x: 2., y: 4.), (x: 4., y: 4.), (x: 4., y: 2.), (x: 2., y: 2.)]],
    ];
    let course = line_string![(x: 1., y: 2.), (x: 3., y: 4.), (x: 3., y: 9.)];
    let both = geo::MultiLineString(vec![course.clone(), line_string![(x: 0., y: 0.), (x: 0., y: 1.)]]);
    let points = [Some(point!(x: 155_000.123_456_789, y: 463_000.0).into()), None, Some(point!(x: 1., y: 2.).into())];
    let values = [full.clone(), nulls.clone(), other.clone()];
    let points = layer("points", &columns, points.into_iter().zip(values).collect());
    let lines = layer("lines", &columns, vec![(Some(course.into()), full.clone()), (Some(both.into()), other)]);
    let areas = layer("areas", &columns, vec![(Some(hole.into()), nulls)]);
    let none = layer("none", &columns, Vec::new());
    let home = home();
    let path = home.path().join("land.gpkg");
    let all = [
        out(points.clone(), "POINT"),
        out(lines.clone(), "LINESTRING"),
        out(areas.clone(), "POLYGON"),
        out(none.clone(), "POINT"),
    ];
    write_geopackage(&path, &all, &rd()).expect("a GeoPackage");
    for written in [points, lines, areas, none] {
        let (read, findings) = open(&path, &written.name).expect("a layer");
        assert_eq!((read.name.as_str(), &read.crs, &read.columns), ("land", &Some(rd()), &written.columns));
        assert_eq!(read.features.len(), written.features.len());
        for (ours, theirs) in read.features.iter().zip(&written.features) {
            assert_eq!((ours.record, &ours.geometry), (theirs.record, &theirs.geometry), "{}", written.name);
            assert_eq!(ours.values, theirs.values, "{}", written.name);
        }
        let expected = if written.name == "points" { vec![("shape-without-geometry", "record 2")] } else { Vec::new() };
        assert_eq!(told(&findings), expected);
    }
}

#[test]
fn a_single_part_in_a_layer_of_many_parts_is_read_as_many_of_one() {
    let course = line_string![(x: 1., y: 2.), (x: 3., y: 4.)];
    let home = home();
    let path = home.path().join("land.gpkg");
    let written = layer("lines", &[], vec![(Some(course.clone().into()), Vec::new())]);
    write_geopackage(&path, &[out(written, "MULTILINESTRING")], &rd()).expect("a GeoPackage");
    let (read, _) = open(&path, "lines").expect("a layer");
    assert_eq!(read.features[0].geometry, Some(geo::MultiLineString(vec![course]).into()));
}

#[test]
fn a_point_is_read_alike_in_every_order_of_bytes_with_every_envelope_and_with_heights_and_measures() {
    let extras = [(0, 0), (1000, 1), (2000, 1), (3000, 2), (0x8000_0000, 1), (0x4000_0000, 1), (0xc000_0000, 2)];
    for (outer, inner) in [(false, false), (false, true), (true, false), (true, true)] {
        for (code, envelope) in [(0, 0), (1, 4), (2, 6), (3, 6), (4, 8)] {
            for (dimension, more) in extras {
                let body = Pen::new(inner, dimension + POINT).numbers(&[155_000.5, 463_000.25]);
                let body = body.numbers(&vec![-99.0; more]);
                let (geometry, findings) = decoded(blob(outer, code << 1, envelope, body));
                let case = format!("header {outer}, body {inner}, envelope {code}, dimension {dimension:x}");
                assert_eq!(geometry, Some(point!(x: 155_000.5, y: 463_000.25).into()), "{case}");
                assert!(findings.is_empty(), "{case}: {findings:?}");
            }
        }
    }
}

#[test]
fn parts_are_read_each_in_its_own_order_of_bytes_and_without_their_heights() {
    let line = |big: bool, from: f64| {
        Pen::new(big, 1000 + LINE).count(2).numbers(&[from, 0.0, 5.0]).numbers(&[from, 10.0, 5.0])
    };
    let ring = |pen: Pen, at: f64, side: f64| {
        pen.count(4).numbers(&[at, at, at + side, at, at + side, at + side]).numbers(&[at, at])
    };
    let area = |big: bool, at: f64| ring(ring(Pen::new(big, POLYGON).count(2), at, 10.0), at + 1.0, 1.0);
    let course = |from: f64| line_string![(x: from, y: 0.), (x: from, y: 10.)];
    let around = |at: f64, side: f64| line_string![(x: at, y: at), (x: at + side, y: at), (x: at + side, y: at + side), (x: at, y: at)];
    let field = |at: f64| geo::Polygon::new(around(at, 10.0), vec![around(at + 1.0, 1.0)]);
    let (points, _) = decoded(plain(
        Pen::new(true, 4)
            .count(2)
            .part(Pen::new(false, POINT).numbers(&[1.0, 2.0]))
            .part(Pen::new(true, POINT).numbers(&[3.0, 4.0])),
    ));
    assert_eq!(points, Some(geo::MultiPoint::from(vec![(1.0, 2.0), (3.0, 4.0)]).into()));
    let (lines, _) = decoded(plain(Pen::new(false, 1005).count(2).part(line(true, 1.0)).part(line(false, 2.0))));
    assert_eq!(lines, Some(geo::MultiLineString(vec![course(1.0), course(2.0)]).into()));
    let (areas, _) = decoded(plain(Pen::new(true, 6).count(2).part(area(false, 0.0)).part(area(true, 50.0))));
    assert_eq!(areas, Some(geo::MultiPolygon(vec![field(0.0), field(50.0)]).into()));
    let (alone, _) = decoded(plain(area(true, 7.0)));
    assert_eq!(alone, Some(field(7.0).into()));
}

#[test]
fn a_record_without_geometry_keeps_its_place_and_is_told_of_whichever_way_it_is_empty() {
    let nan = f64::NAN;
    let empties: Vec<Option<Vec<u8>>> = vec![
        None,
        Some(blob(false, 0x10, 0, Pen::new(false, LINE).count(0))),
        Some(blob(true, 0x10, 0, Pen::new(true, POINT).numbers(&[nan, nan]))),
        Some(plain(Pen::new(false, POINT).numbers(&[nan, nan]))),
        Some(plain(Pen::new(false, LINE).count(0))),
        Some(plain(Pen::new(true, POLYGON).count(0))),
        Some(plain(Pen::new(false, POLYGON).count(1).count(0))),
        Some(plain(Pen::new(false, 4).count(0))),
        Some(plain(Pen::new(true, 5).count(0))),
        Some(plain(Pen::new(false, 6).count(0))),
        Some(plain(Pen::new(false, 5).count(1).part(Pen::new(true, LINE).count(0)))),
    ];
    let home = home();
    let (layer, findings) = open(&by_hand(home.path(), &empties), "plots").expect("a layer");
    let records: Vec<String> = (0..empties.len()).map(|place| format!("record {}", place * 10 + 5)).collect();
    let expected: Vec<(&str, &str)> =
        records.iter().map(|record| ("shape-without-geometry", record.as_str())).collect();
    assert_eq!(told(&findings), expected);
    for (place, feature) in layer.features.iter().enumerate() {
        assert_eq!(feature.geometry, None, "{}", records[place]);
        assert_eq!(feature.values, vec![Value::Real(place as f64)]);
    }
}

#[test]
fn a_broken_geometry_is_a_finding_that_says_what_is_wrong() {
    let good = plain(Pen::new(false, POINT).numbers(&[1.0, 2.0]));
    let line = |count: u32| plain(Pen::new(false, LINE).count(count).numbers(&[0.0, 0.0, 1.0, 1.0]));
    let point = Pen::new(false, POINT).numbers(&[1.0, 2.0]);
    let mut deep = Pen::new(false, 5).count(1);
    for _ in 0..50_000 {
        deep = deep.part(Pen::new(false, 5).count(1));
    }
    let cases: Vec<(Vec<u8>, &str, &str)> = vec![
        (Vec::new(), "shape-unreadable", "`GP`"),
        (b"GP".to_vec(), "shape-unreadable", "`GP`"),
        (good[8..].to_vec(), "shape-unreadable", "`GP`"),
        (good[..good.len() - 1].to_vec(), "shape-unreadable", "too short"),
        (good[..8].to_vec(), "shape-unreadable", "too short"),
        (blob(false, 5 << 1, 8, point.clone()), "shape-unreadable", "envelope code 5"),
        (blob(false, 4 << 1, 0, point.clone()), "shape-unreadable", "too short"),
        (line(3), "shape-unreadable", "too short"),
        (line(u32::MAX), "shape-unreadable", "too short"),
        (plain(Pen::new(false, 6).count(u32::MAX)), "shape-unreadable", "too short"),
        (plain(Pen::new(false, POLYGON).count(u32::MAX)), "shape-unreadable", "too short"),
        (plain(Pen::new(false, 7).count(1).part(point.clone())), "shape-unreadable", "type 7"),
        (plain(Pen::new(false, 8).count(0)), "shape-unreadable", "type 8"),
        (plain(Pen::new(false, 4001).numbers(&[1.0, 2.0])), "shape-unreadable", "type does not exist"),
        (plain(Pen::new(false, 5).count(1).part(point)), "shape-unreadable", "different types"),
        (plain(deep), "shape-unreadable", "nested too deeply"),
        (plain(Pen::new(false, POINT).numbers(&[1.0, f64::INFINITY])), "shape-not-finite", "no number"),
        (plain(Pen::new(false, LINE).count(2).numbers(&[0.0, 0.0, f64::NAN, 1.0])), "shape-not-finite", "no number"),
    ];
    for (blob, rule, said) in cases {
        let shown = format!("{:?}...", &blob[..blob.len().min(20)]);
        let (geometry, findings) = decoded(blob);
        assert_eq!(geometry, None, "{shown}");
        assert_eq!(told(&findings), [(rule, "record 5")], "{shown}");
        assert_eq!(findings[0].severity, Severity::Error, "{shown}");
        assert!(findings[0].what.contains(said), "{shown}: {}", findings[0].what);
    }
}

#[test]
fn a_geometry_that_names_its_reference_system_within_is_read_where_it_is() {
    let body = Pen::new(false, 0x2000_0000 + POINT).count(28992).numbers(&[155_000.0, 463_000.0]);
    let (geometry, findings) = decoded(plain(body));
    assert_eq!(geometry, Some(point!(x: 155_000.0, y: 463_000.0).into()));
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn no_cut_or_flipped_bit_of_a_geometry_makes_the_reader_panic_or_lose_a_record() {
    let square = [0.0, 0.0, 9.0, 0.0, 9.0, 9.0, 0.0, 0.0];
    let area = |big: bool| Pen::new(big, POLYGON).count(1).count(4).numbers(&square);
    let whole = blob(true, 2, 4, Pen::new(false, 6).count(2).part(area(true)).part(area(false)));
    let mut blobs: Vec<Option<Vec<u8>>> = (0..whole.len()).map(|end| Some(whole[..end].to_vec())).collect();
    let cuts = blobs.len();
    for bit in 0..whole.len() * 8 {
        let mut broken = whole.clone();
        broken[bit / 8] ^= 1 << (bit % 8);
        blobs.push(Some(broken));
    }
    let home = home();
    let (layer, findings) = open(&by_hand(home.path(), &blobs), "plots").expect("a layer");
    assert_eq!(layer.features.len(), blobs.len());
    assert!(layer.features[..cuts].iter().all(|feature| feature.geometry.is_none()), "a cut geometry is none");
    let without = layer.features.iter().filter(|feature| feature.geometry.is_none()).count();
    assert_eq!(without, findings.len(), "each is told of");
    assert!(without < blobs.len(), "a coordinate may be any number");
}

#[test]
fn no_cut_or_flipped_byte_of_the_file_makes_the_reader_panic() {
    let home = home();
    let path = by_hand(home.path(), &[Some(plain(Pen::new(false, POINT).numbers(&[1.0, 2.0]))), None]);
    let whole = fs::read(&path).expect("a file");
    let broken = home.path().join("broken.gpkg");
    let mut dice: u64 = 20_261_124;
    let (mut refusals, mut layers) = (0, 0);
    for round in 0..400 {
        let mut bytes = whole.clone();
        for _ in 0..3 {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (dice >> 33) as usize % bytes.len();
            bytes[at] = (dice >> 20) as u8;
        }
        bytes.truncate(if round % 4 == 0 { bytes.len() * (round + 1) / 400 } else { bytes.len() });
        fs::write(&broken, &bytes).expect("a file");
        match open(&broken, "plots") {
            Ok(_) => layers += 1,
            Err(error) => {
                refusals += 1;
                assert!(error.to_string().contains("broken.gpkg"), "{error}");
            }
        }
    }
    assert!(refusals > 50 && layers > 50, "{refusals} refusals, {layers} layers: the dice are loaded");
}

#[test]
fn a_layer_that_is_not_there_is_refused_with_the_file_and_the_layers_that_are() {
    let home = home();
    let path = home.path().join("land.gpkg");
    let one = |name: &str| out(layer(name, &[], vec![(Some(point!(x: 1., y: 2.).into()), Vec::new())]), "POINT");
    write_geopackage(&path, &[one("wegen"), one("adressen")], &rd()).expect("a GeoPackage");
    let refusal = refused(&path, "panden");
    assert!(refusal.contains("land.gpkg") && refusal.contains("`panden`"), "{refusal}");
    assert!(refusal.ends_with("adressen, wegen"), "{refusal}");
    let refusal = refused(&path, "");
    assert!(refusal.contains("it has 2 layers") && refusal.ends_with("adressen, wegen"), "{refusal}");
    // Tables that hold no features are no layers.
    assert!(refused(&path, "layer_styles").contains("no layer `layer_styles`"));
    assert!(refused(&path, "wegen\" --").contains("no layer"));
    let names: Vec<String> =
        geodata::geopackage_tables(&path).expect("tables").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["adressen", "wegen"]);
}

#[test]
fn the_only_layer_need_not_be_named() {
    let home = home();
    let path = by_hand(home.path(), &[Some(plain(Pen::new(false, POINT).numbers(&[1.0, 2.0])))]);
    assert_eq!(open(&path, "").expect("a layer").0.features.len(), 1);
}

#[test]
fn a_file_that_is_no_geopackage_is_refused_by_name() {
    let home = home();
    let path = home.path().join("odd.gpkg");
    assert!(refused(&path, "plots").contains("odd.gpkg: it cannot be read"));
    fs::write(&path, "no database at all, but long enough to hold the header of one, were it one").expect("a file");
    assert!(refused(&path, "plots").contains("odd.gpkg: the GeoPackage cannot be used"));
    fs::write(&path, "").expect("a file");
    assert!(refused(&path, "plots").contains("gpkg_contents"));
    let refusal = geodata::open("land.kml", "land").expect_err("not a format").to_string();
    assert!(refusal.contains("land.kml") && refusal.contains("file.gpkg:layer"), "{refusal}");
}

fn toy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/toy")
}

/// Reads every layer of the toy through the crate, and writes all of them to one GeoPackage.
fn toy_as_geopackage(path: &Path) {
    let layers = ["adressen", "bedrijventerreinen", "boerenerven", "pops", "water", "wegvakken"].map(|name| {
        let source = toy().join(format!("{name}.shp")).display().to_string();
        let (layer, findings) = geodata::open(&source, name).expect("a layer");
        assert!(findings.is_empty(), "{findings:?}");
        let geometry_type = match layer.features[0].geometry {
            Some(Geometry::Point(_)) => "POINT",
            Some(Geometry::LineString(_)) => "LINESTRING",
            _ => "MULTIPOLYGON",
        };
        out(layer, geometry_type)
    });
    write_geopackage(path, &layers, &rd()).expect("a GeoPackage");
}

/// Plans a scenario with the real binary and checks the plan, its inputs included.
fn planned(folder: &Path, out: &Path) -> serde_json::Value {
    let vezel = || Command::new(env!("CARGO_BIN_EXE_vezel"));
    vezel().arg("plan").arg(folder.join("scenario.toml")).arg("-o").arg(out).assert().success();
    vezel().arg("check").arg(out).arg("--inputs").arg(folder).assert().success();
    serde_json::from_str(&fs::read_to_string(out.join("plan.json")).expect("plan.json")).expect("JSON")
}

#[test]
fn the_toy_is_planned_alike_from_shapefiles_and_from_the_layers_of_a_geopackage() {
    let home = home();
    toy_as_geopackage(&home.path().join("dorp.gpkg"));
    let text = fs::read_to_string(toy().join("scenario.toml")).expect("a scenario");
    let mut packed = text.clone();
    for name in ["adressen", "bedrijventerreinen", "boerenerven", "pops", "water", "wegvakken"] {
        packed = packed.replace(&format!("\"{name}.shp\""), &format!("\"dorp.gpkg:{name}\""));
    }
    assert!(!packed.contains(".shp"), "every layer comes from the GeoPackage");
    fs::write(home.path().join("scenario.toml"), packed).expect("a scenario");
    let shapefiles = planned(&toy(), &home.path().join("shp"));
    let geopackage = planned(home.path(), &home.path().join("gpkg"));
    assert_eq!(shapefiles.pointer("/trench/cost_cents"), Some(&serde_json::json!(5_219_000)));
    for part in ["trench", "addresses", "parks", "pops"] {
        assert_eq!(shapefiles.get(part), geopackage.get(part), "{part}");
    }
    let csv = |out: &str, file: &str| fs::read_to_string(home.path().join(out).join(file)).expect("a table");
    for file in ["addresses.csv", "ranking.csv", "bill_of_quantities.csv"] {
        assert_eq!(csv("shp", file), csv("gpkg", file), "{file}");
    }
}

#[test]
fn yes_and_no_are_the_same_values_in_a_geopackage_as_in_a_shapefile() {
    let rows = [Value::Logical(true), Value::Logical(false), Value::Null];
    let rows = rows.into_iter().map(|value| (Some(point!(x: 1., y: 2.).into()), vec![value])).collect();
    let written = out(layer("bruggen", &[("brug", ColumnKind::Logical)], rows), "POINT");
    let home = home();
    write_shapefile(home.path(), &written, &rd()).expect("a shapefile");
    write_geopackage(&home.path().join("land.gpkg"), std::slice::from_ref(&written), &rd()).expect("a GeoPackage");
    let (shapes, _) = open(&home.path().join("bruggen.shp"), "").expect("a layer");
    let (packed, _) = open(&home.path().join("land.gpkg"), "bruggen").expect("a layer");
    let values = |layer: &Layer| layer.features.iter().map(|feature| feature.values.clone()).collect::<Vec<_>>();
    assert_eq!(values(&shapes), values(&packed));
    assert_eq!(shapes.columns, packed.columns);
}

#[test]
fn the_reference_system_is_known_by_its_code_or_else_by_its_definition() {
    let home = home();
    let path = by_hand(home.path(), &[Some(plain(Pen::new(false, POINT).numbers(&[155_000.0, 463_000.0])))]);
    let system = |organisation: &str, code: i64, definition: &str| {
        let sql = format!(
            "UPDATE gpkg_spatial_ref_sys SET organization = '{organisation}', organization_coordsys_id = {code}, \
             definition = '{definition}'"
        );
        change(&path, &sql);
        let (layer, findings) = open(&path, "plots").expect("a layer");
        let rules: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
        (layer.crs.and_then(|crs| crs.epsg()), rules)
    };
    assert_eq!(system("epsg", 25832, "undefined"), (Some(25832), vec![]));
    assert_eq!(system("NONE", 12, rd().wkt()), (Some(28992), vec![]));
    assert_eq!(system("EPSG", 99_999, rd().wkt()), (Some(28992), vec![]));
    assert_eq!(system("NONE", -1, "undefined"), (None, vec!["crs-not-understood"]));
    assert_eq!(system("EPSG", 1, ""), (None, vec!["crs-not-understood"]));
    change(&path, "DELETE FROM gpkg_spatial_ref_sys");
    let (layer, findings) = open(&path, "plots").expect("a layer");
    assert_eq!((layer.crs, told(&findings)), (None, vec![("crs-not-understood", "")]));
    assert!(findings[0].what.contains("28992"), "{}", findings[0].what);
}

#[test]
fn a_geopackage_that_another_program_has_open_is_read_and_nothing_is_left_beside_it() {
    let home = home();
    let folder = home.path().join("100% or #1?");
    fs::create_dir(&folder).expect("a folder");
    let path = by_hand(&folder, &[Some(plain(Pen::new(false, POINT).numbers(&[1.0, 2.0])))]);
    // QGIS leaves the write-ahead log on.
    change(&path, "PRAGMA journal_mode = WAL");
    let before = fs::read(&path).expect("a file");
    let (layer, _) = open(&path, "plots").expect("a layer");
    assert_eq!(layer.features.len(), 1);
    let files: Vec<PathBuf> = fs::read_dir(&folder).expect("a folder").map(|file| file.unwrap().path()).collect();
    assert_eq!(files, std::slice::from_ref(&path));
    assert!(fs::read(&path).expect("a file") == before, "the file is as it was");
    let other = Connection::open(&path).expect("a database");
    other.execute("INSERT INTO plots (id, size) VALUES (900, 3.0)", []).expect("a row");
    let (layer, _) = open(&path, "plots").expect("a layer");
    assert_eq!(layer.features.len(), 2, "what the other program has written counts");
}

#[test]
fn a_view_on_a_table_is_a_layer_too() {
    let home = home();
    let blobs = [1.0, 2.0, 3.0].map(|x| Some(plain(Pen::new(false, POINT).numbers(&[x, 2.0]))));
    let path = by_hand(home.path(), &blobs);
    change(
        &path,
        "CREATE VIEW large AS SELECT id AS OGC_FID, shape, size FROM plots WHERE size > 0.5;
         INSERT INTO gpkg_contents VALUES ('large', 'features', 'large', 28992);
         INSERT INTO gpkg_geometry_columns VALUES ('large', 'shape', 'POINT', 28992, 0, 0);",
    );
    let (layer, findings) = open(&path, "large").expect("a layer");
    assert!(findings.is_empty(), "{findings:?}");
    let read: Vec<_> = layer.features.iter().map(|feature| (feature.record, feature.values.clone())).collect();
    assert_eq!(
        read,
        [(1, vec![Value::Integer(15), Value::Real(1.0)]), (2, vec![Value::Integer(25), Value::Real(2.0)])]
    );
}

#[test]
fn a_folder_may_have_the_name_of_a_geopackage() {
    let home = home();
    let folder = home.path().join("export.gpkg.d");
    fs::create_dir(&folder).expect("a folder");
    let path = by_hand(&folder, &[Some(plain(Pen::new(false, POINT).numbers(&[1.0, 2.0])))]);
    assert_eq!(open(&path, "plots").expect("a layer").0.features.len(), 1);
    assert_eq!(open(&path, "").expect("a layer").0.features.len(), 1);
    let written = out(layer("punten", &[], vec![(Some(point!(x: 1., y: 2.).into()), Vec::new())]), "POINT");
    write_shapefile(&folder, &written, &rd()).expect("a shapefile");
    assert_eq!(open(&folder.join("punten.shp"), "").expect("a layer").0.features.len(), 1);
}
