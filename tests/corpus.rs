//! Every file of a corpus of odd and broken shapefiles goes through the reader: a layer with findings, or a clear error.

#![allow(clippy::print_stdout, reason = "a test that is skipped says why")]

use std::fs;
use std::path::{Path, PathBuf};

use vezel::geodata;

fn corpus() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/shapefile-corpus");
    if folder.exists() {
        return Some(folder);
    }
    println!("skipped: {} is not there", folder.display());
    None
}

/// Rows of the index: stem, records, null records.
fn index(folder: &Path) -> Vec<(String, usize, usize)> {
    let text = fs::read_to_string(folder.join("INDEX.tsv")).expect("the corpus has an index");
    let rows = text.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    rows.filter_map(|row| Some((row[0].to_owned(), row.get(4)?.parse().ok()?, row.get(5)?.parse().ok()?))).collect()
}

#[test]
fn every_file_is_read_record_by_record_or_refused_in_words() {
    let Some(folder) = corpus() else { return };
    let rows = index(&folder);
    assert!(rows.len() > 50);
    for (stem, records, nulls) in rows {
        let path = folder.join(format!("{stem}.shp"));
        match geodata::open(&path.display().to_string(), &stem) {
            Ok((layer, findings)) => {
                assert_eq!(layer.features.len(), records, "{stem}: records");
                let without = layer.features.iter().filter(|feature| feature.geometry.is_none()).count();
                assert!(without >= nulls, "{stem}: {without} without geometry, {nulls} null shapes");
                let told = findings.iter().filter(|finding| finding.feature.starts_with("record")).count();
                assert!(told >= without, "{stem}: {without} without geometry, {told} told of");
            }
            Err(error) => assert!(error.to_string().contains(".shp"), "{stem}: {error}"),
        }
    }
}

/// Reads the file and ignores what comes of it; only a panic would fail.
fn survives(bytes: &[u8], dbf: Option<&[u8]>) {
    let home = tempfile::tempdir().expect("a temporary folder");
    let path = home.path().join("x.shp");
    fs::write(&path, bytes).expect("a file");
    if let Some(dbf) = dbf {
        fs::write(home.path().join("x.dbf"), dbf).expect("a file");
    }
    let _ = geodata::open(&path.display().to_string(), "x");
}

#[test]
fn no_cut_or_flipped_byte_makes_the_reader_panic() {
    let Some(folder) = corpus() else { return };
    let mut dice: u64 = 20_261_124;
    let mut roll = |sides: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) as usize % sides.max(1)
    };
    for (stem, _, _) in index(&folder) {
        let Ok(bytes) = fs::read(folder.join(format!("{stem}.shp"))) else { continue };
        let dbf = fs::read(folder.join(format!("{stem}.dbf"))).ok();
        if bytes.len() > 60_000 || dbf.as_ref().is_some_and(|dbf| dbf.len() > 60_000) {
            continue;
        }
        for share in [1, 3, 7] {
            survives(&bytes[..bytes.len() * share / 8], dbf.as_deref());
        }
        for _ in 0..6 {
            let mut broken = bytes.clone();
            for _ in 0..4 {
                let at = roll(broken.len());
                broken[at] ^= 1 << roll(8);
            }
            let broken_dbf = dbf.clone().map(|mut dbf| {
                let at = roll(dbf.len().min(200));
                dbf[at] ^= 1 << roll(8);
                dbf
            });
            survives(&broken, broken_dbf.as_deref());
        }
    }
}

#[test]
fn the_same_addresses_in_rd_new_and_in_degrees_agree_within_a_metre() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/otterlo-nl/raw");
    if !folder.exists() {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    let open = |file: &str| geodata::open(&folder.join(file).display().to_string(), "addresses").expect("a layer").0;
    let rd = open("inspireadressen.shp");
    let mut degrees = open("inspireadressen_4326/inspireadressen.shp");
    assert_eq!(rd.crs.as_ref().and_then(geodata::Crs::epsg), Some(28992));
    assert_eq!(degrees.crs.as_ref().and_then(geodata::Crs::epsg), Some(4326));
    geodata::transform(&mut degrees, rd.crs.as_ref().expect("RD New")).expect("a transformation");
    assert_eq!(rd.features.len(), 2481);
    let mut worst: f64 = 0.0;
    for (ours, theirs) in rd.features.iter().zip(&degrees.features) {
        let point = |feature: &geodata::Feature| match &feature.geometry {
            Some(geo::Geometry::Point(point)) => point.0,
            other => panic!("not a point: {other:?}"),
        };
        assert_eq!(ours.values[0], theirs.values[0], "the same order");
        worst = worst.max((point(ours).x - point(theirs).x).hypot(point(ours).y - point(theirs).y));
    }
    assert!(worst < 1.0, "{worst} m apart");
}

#[test]
fn the_known_point_of_rd_new_lies_at_amersfoort_and_utm_agrees_with_proj() {
    let known = |code: u16, x: f64, y: f64, longitude: f64, latitude: f64| {
        let from = geodata::Crs::from_epsg(code).expect("a known system");
        let to = geodata::Crs::from_epsg(4326).expect("a known system");
        let moved = geodata::transform_points(&[geo::Coord { x, y }], &from, &to).expect("a transformation");
        let point = moved[0].expect("inside the projection");
        assert!((point.x - longitude).abs() < 1e-6 && (point.y - latitude).abs() < 1e-6, "EPSG:{code}: {point:?}");
    };
    // Amersfoort's church tower: NSGI. UTM: central meridians and the equator are exact by definition.
    known(28992, 155_000.0, 463_000.0, 5.387_203_5, 52.155_172_3);
    known(25832, 500_000.0, 0.0, 9.0, 0.0);
    known(32633, 500_000.0, 0.0, 15.0, 0.0);
}
