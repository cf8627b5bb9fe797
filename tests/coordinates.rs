//! Coordinate systems by their spellings: a `.prj` is known by its parameters, and points land where they should.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use geo::{Coord, Geometry, Point};
use vezel::findings::Finding;
use vezel::geodata::{self, Crs, Error, Feature, Layer, OutLayer, Style, Symbol, write_shapefile};

const RD_ESRI: &str = r#"PROJCS["RD_New",GEOGCS["GCS_Amersfoort",DATUM["D_Amersfoort",SPHEROID["Bessel_1841",6377397.155,299.1528128]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Double_Stereographic"],PARAMETER["False_Easting",155000.0],PARAMETER["False_Northing",463000.0],PARAMETER["Central_Meridian",5.38763888888889],PARAMETER["Scale_Factor",0.9999079],PARAMETER["Latitude_Of_Origin",52.15616055555555],UNIT["Meter",1.0]]"#;

const RD_OGC: &str = r#"PROJCS["Amersfoort / RD New",
    GEOGCS["Amersfoort",
        DATUM["Amersfoort",
            SPHEROID["Bessel 1841",6377397.155,299.1528128,AUTHORITY["EPSG","7004"]],
            TOWGS84[565.2369,50.0087,465.658,-0.406857330322398,0.350732676542563,-1.8703473836068,4.0812],
            AUTHORITY["EPSG","6289"]],
        PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],
        UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],
        AUTHORITY["EPSG","4289"]],
    PROJECTION["Oblique_Stereographic"],
    PARAMETER["latitude_of_origin",52.1561605555556],
    PARAMETER["central_meridian",5.38763888888889],
    PARAMETER["scale_factor",0.9999079],
    PARAMETER["false_easting",155000],
    PARAMETER["false_northing",463000],
    UNIT["metre",1,AUTHORITY["EPSG","9001"]],
    AXIS["Easting",EAST],
    AXIS["Northing",NORTH],
    AUTHORITY["EPSG","28992"]]"#;

const RD_WKT2: &str = r#"PROJCRS["Amersfoort / RD New",BASEGEOGCRS["Amersfoort",DATUM["Amersfoort",ELLIPSOID["Bessel 1841",6377397.155,299.1528128,LENGTHUNIT["metre",1]]],PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]],ID["EPSG",4289]],CONVERSION["RD New",METHOD["Oblique Stereographic",ID["EPSG",9809]],PARAMETER["Latitude of natural origin",52.1561605555556,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8801]],PARAMETER["Longitude of natural origin",5.38763888888889,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8802]],PARAMETER["Scale factor at natural origin",0.9999079,SCALEUNIT["unity",1],ID["EPSG",8805]],PARAMETER["False easting",155000,LENGTHUNIT["metre",1],ID["EPSG",8806]],PARAMETER["False northing",463000,LENGTHUNIT["metre",1],ID["EPSG",8807]]],CS[Cartesian,2],AXIS["easting (X)",east,ORDER[1],LENGTHUNIT["metre",1]],AXIS["northing (Y)",north,ORDER[2],LENGTHUNIT["metre",1]],ID["EPSG",28992]]"#;

const UTM32_ESRI: &str = r#"PROJCS["ETRS_1989_UTM_Zone_32N",GEOGCS["GCS_ETRS_1989",DATUM["D_ETRS_1989",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",9.0],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;

const UTM32_OGC: &str = r#"PROJCS["ETRS89 / UTM zone 32N",GEOGCS["ETRS89",DATUM["European_Terrestrial_Reference_System_1989",SPHEROID["GRS 1980",6378137,298.257222101,AUTHORITY["EPSG","7019"]],AUTHORITY["EPSG","6258"]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4258"]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",9],PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH],AUTHORITY["EPSG","25832"]]"#;

const UTM32_WKT2: &str = r#"PROJCRS["ETRS89 / UTM zone 32N",BASEGEOGCRS["ETRS89",ENSEMBLE["European Terrestrial Reference System 1989 ensemble",MEMBER["European Terrestrial Reference Frame 1989"],MEMBER["European Terrestrial Reference Frame 2014"],ELLIPSOID["GRS 1980",6378137,298.257222101,LENGTHUNIT["metre",1]],ENSEMBLEACCURACY[0.1]],PRIMEM["Greenwich",0]],CONVERSION["UTM zone 32N",METHOD["Transverse Mercator",ID["EPSG",9807]],PARAMETER["Latitude of natural origin",0],PARAMETER["Longitude of natural origin",9],PARAMETER["Scale factor at natural origin",0.9996],PARAMETER["False easting",500000],PARAMETER["False northing",0]],CS[Cartesian,2],AXIS["(E)",east],AXIS["(N)",north],LENGTHUNIT["metre",1]]"#;

const WGS84_ESRI: &str = r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#;

const WGS84_OGC: &str = r#"GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.01745329251994328,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]"#;

const WGS84_WKT2: &str = r#"GEOGCRS["WGS 84",ENSEMBLE["World Geodetic System 1984 ensemble",MEMBER["World Geodetic System 1984 (Transit)"],MEMBER["World Geodetic System 1984 (G2296)"],ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1]],ENSEMBLEACCURACY[2.0]],PRIMEM["Greenwich",0],CS[ellipsoidal,2],AXIS["latitude",north],AXIS["longitude",east],ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",4326]]"#;

/// The church tower of Amersfoort in degrees (NSGI).
const TOWER: Coord<f64> = Coord { x: 5.387_203_5, y: 52.155_172_3 };

fn epsg(wkt: &str) -> Option<u16> {
    Crs::from_wkt(wkt).and_then(|crs| crs.epsg())
}

fn known(code: u16) -> Crs {
    Crs::from_epsg(code).expect("a known system")
}

/// A shapefile of one point with this `.prj`.
fn shapefile(folder: &Path, at: Coord<f64>, prj: Option<&str>) -> String {
    let feature = Feature { record: 1, geometry: Some(Point(at).into()), values: Vec::new() };
    let layer = Layer { name: "punt".to_owned(), crs: None, columns: Vec::new(), features: vec![feature] };
    let style = Style::Single(Symbol { colour: [0, 0, 0], size: 1.0 });
    let out = OutLayer { layer, geometry_type: "POINT", description: "a point", style };
    write_shapefile(folder, &out, &known(28992)).expect("a shapefile");
    let path = folder.join("punt.prj");
    match prj {
        Some(text) => fs::write(path, text).expect("a .prj"),
        None => fs::remove_file(path).expect("no .prj"),
    }
    folder.join("punt.shp").display().to_string()
}

/// Reads a point with this `.prj` and transforms it.
fn moved(at: Coord<f64>, prj: Option<&str>, to: u16) -> Result<(Coord<f64>, Vec<Finding>), Error> {
    let home = tempfile::tempdir().expect("a temporary folder");
    let (mut layer, mut findings) = geodata::open(&shapefile(home.path(), at, prj), "punt").expect("a layer");
    findings.extend(geodata::transform(&mut layer, &known(to))?);
    match layer.features[0].geometry {
        Some(Geometry::Point(point)) => Ok((point.0, findings)),
        ref other => panic!("not a point: {other:?}"),
    }
}

fn rules(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule).collect()
}

#[test]
fn rd_new_is_known_by_its_parameters_however_it_is_spelt() {
    let compound = format!(r#"COMPD_CS["RD New + NAP",{RD_OGC},VERT_CS["NAP height",VERT_DATUM["NAP",2005]]]"#);
    let compound2 = format!(r#"COMPOUNDCRS["RD + NAP",{RD_WKT2},VERTCRS["NAP height",VDATUM["NAP"]]]"#);
    let bound = format!("BOUNDCRS[SOURCECRS[{RD_WKT2}],TARGETCRS[{WGS84_WKT2}]]");
    let vertical = format!(r#"{RD_ESRI},VERTCS["NAP",VDATUM["NAP"],UNIT["Meter",1.0]]"#);
    let spellings = [
        RD_ESRI.to_owned(),
        RD_OGC.to_owned(),
        RD_WKT2.to_owned(),
        compound,
        compound2,
        bound,
        vertical,
        format!("\u{feff}  {RD_ESRI}\r\n"),
        RD_ESRI.replace('[', "(").replace(']', ")"),
        RD_ESRI.replace("RD_New", "Rijksdriehoeksstelsel").replace("PROJCS", "projcs"),
        RD_ESRI.replace("RD_New", "Bestand 12").replace("Amersfoort", "Unknown"),
        RD_OGC.replace("28992", "0"),
    ];
    for spelling in spellings {
        assert_eq!(epsg(&spelling), Some(28992), "{spelling}");
    }
    let near = [
        ("False_Easting\",155000.0", "False_Easting\",0.0"),
        ("False_Northing\",463000.0", "False_Northing\",463100.0"),
        ("0.9999079", "0.9996"),
        ("5.38763888888889", "5.38760"),
        ("52.15616055555555", "52.15"),
    ];
    for (right, wrong) in near {
        assert!(RD_ESRI.contains(right));
        assert_ne!(epsg(&RD_ESRI.replace(right, wrong)), Some(28992), "{wrong} is another system, whatever its name");
    }
}

#[test]
fn utm_is_known_by_its_parameters_on_etrs89_and_on_wgs84() {
    for spelling in [UTM32_ESRI, UTM32_OGC, UTM32_WKT2] {
        assert_eq!(epsg(spelling), Some(25832), "{spelling}");
        let east = spelling.replace(r#"idian",9"#, r#"idian",15"#).replace(r#"origin",9"#, r#"origin",15"#);
        assert_eq!(epsg(&east), Some(25833), "{east}");
    }
    let on_wgs84 = UTM32_ESRI
        .replace(r#"GEOGCS["GCS_ETRS_1989",DATUM["D_ETRS_1989",SPHEROID["GRS_1980",6378137.0,298.257222101]]"#, "@")
        .replace('@', r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]]"#);
    assert_eq!(epsg(&on_wgs84), Some(32632));
    let south = on_wgs84.replace(r#"False_Northing",0.0"#, r#"False_Northing",10000000.0"#);
    assert_eq!(epsg(&south), Some(32732));
}

#[test]
fn a_transverse_mercator_that_only_looks_like_utm_keeps_its_own_origin() {
    let shifted = UTM32_ESRI.replace(r#"False_Northing",0.0"#, r#"False_Northing",-5000000.0"#);
    let crs = Crs::from_wkt(&shifted).expect("its projection is known");
    assert_eq!(crs.epsg(), None);
    let (point, _) = moved(Coord { x: 464_166.541, y: 538_750.477 }, Some(&shifted), 4326).expect("a point");
    assert!((point.x - 8.5).abs() < 1e-6 && (point.y - 50.0).abs() < 1e-6, "{point:?}");
    let feet = UTM32_ESRI.replace(r#"UNIT["Meter",1.0]"#, r#"UNIT["Foot_US",0.3048006096012192]"#);
    assert_ne!(epsg(&feet), Some(25832), "feet are no metres");
    assert!(Crs::from_wkt(&feet).is_none_or(|crs| !crs.is_projected_metric()));
}

#[test]
fn degrees_are_known_by_their_ellipsoid() {
    for spelling in [WGS84_ESRI, WGS84_OGC, WGS84_WKT2] {
        let crs = Crs::from_wkt(spelling).expect("WGS84");
        assert_eq!((crs.epsg(), crs.is_geographic()), (Some(4326), true), "{spelling}");
        assert!(!crs.is_projected_metric());
    }
    let etrs89 = r#"GEOGCS["GCS_ETRS_1989",DATUM["D_ETRS_1989",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#;
    assert_eq!(epsg(etrs89), Some(4258));
    let bessel = r#"GEOGCS["GCS_Amersfoort",DATUM["D_Amersfoort",SPHEROID["Bessel_1841",6377397.155,299.1528128]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#;
    let (tower, _) = moved(Coord { x: 5.387_638_888_9, y: 52.156_160_555_6 }, Some(bessel), 28992).expect("a point");
    assert!((tower.x - 155_000.0).hypot(tower.y - 463_000.0) < 1.0, "{tower:?}");
}

#[test]
fn the_tower_of_amersfoort_lies_within_a_metre_of_where_it_is_from_every_system_to_every_other() {
    // UTM from its degrees by the series of Krüger to the third order, worked out apart from this program.
    let places = [
        (28992, Coord { x: 155_000.0, y: 463_000.0 }, vec![RD_ESRI, RD_OGC, RD_WKT2]),
        (25832, Coord { x: 252_878.452, y: 5_784_453.212 }, vec![UTM32_ESRI, UTM32_OGC, UTM32_WKT2]),
        (4326, TOWER, vec![WGS84_ESRI, WGS84_OGC, WGS84_WKT2]),
    ];
    for (from, start, spellings) in &places {
        for prj in spellings {
            for (to, end, _) in &places {
                let (point, findings) = moved(*start, Some(prj), *to).expect("a transformation");
                let metre = if *to == 4326 { 1e-5 } else { 1.0 };
                assert!(
                    (point.x - end.x).abs() < metre && (point.y - end.y).abs() < metre,
                    "{from} to {to}: {point:?}"
                );
                let expected = if from == to { vec![] } else { vec!["crs-transformed"] };
                assert_eq!(rules(&findings), expected, "{from} to {to}");
            }
        }
    }
}

#[test]
fn points_far_from_the_origin_keep_their_metre_there_and_back() {
    for place in [(13_600.0, 306_900.0), (278_000.0, 612_600.0), (230_000.0, 450_000.0)] {
        let start = Coord { x: place.0, y: place.1 };
        let (degrees, _) = moved(start, Some(RD_ESRI), 4326).expect("degrees");
        let (utm, _) = moved(degrees, Some(WGS84_ESRI), 25832).expect("metres");
        let (back, _) = moved(utm, Some(UTM32_OGC), 28992).expect("metres");
        assert!((back.x - start.x).hypot(back.y - start.y) < 0.01, "{start:?} came back as {back:?}");
    }
}

#[test]
fn a_prj_that_is_not_understood_is_a_finding_and_the_layer_is_taken_as_it_is() {
    let unknown = [
        "",
        "EPSG:28992",
        "PROJCS[\"RD_New\"",
        "PROJCS[\"RD_New\",GEOGCS[\"x\"]]",
        r#"LOCAL_CS["Bouwplaats",UNIT["Meter",1.0]]"#,
        &RD_ESRI.replace("Double_Stereographic", "Van_der_Grinten_I"),
        &UTM32_ESRI.replace("6378137.0,298.257222101", "6378245.0,298.3"),
    ];
    let at = Coord { x: 155_000.0, y: 463_000.0 };
    for prj in unknown {
        let (point, findings) = moved(at, Some(prj), 28992).expect("a layer");
        assert_eq!(rules(&findings), ["prj-not-understood", "crs-unknown"], "{prj}");
        assert_eq!(point, at);
        assert!(findings[1].what.contains("EPSG:28992 is assumed"), "{}", findings[1].what);
    }
    let (_, findings) = moved(at, None, 28992).expect("a layer");
    assert_eq!(rules(&findings), ["prj-missing", "crs-unknown"]);
}

#[test]
fn degrees_are_never_taken_for_metres() {
    for prj in [None, Some("nonsense"), Some(RD_ESRI)] {
        let refusal = moved(TOWER, prj, 28992).expect_err("degrees").to_string();
        assert!(refusal.contains("punt") && refusal.contains("look like degrees"), "{refusal}");
        assert!(refusal.contains("EPSG:28992"), "{refusal}");
    }
}

#[test]
fn no_cut_of_a_prj_makes_the_reader_panic() {
    for whole in [RD_ESRI, RD_OGC, RD_WKT2, UTM32_ESRI, UTM32_WKT2, WGS84_WKT2] {
        for end in 0..whole.len() {
            assert!(Crs::from_wkt(&whole[..end]).is_none(), "{}", &whole[..end]);
            let _ = Crs::from_wkt(&whole[end..]);
            let _ = Crs::from_wkt(&format!("{}é€{}", &whole[..end], &whole[end + 1..]));
        }
    }
    assert!(Crs::from_wkt(&"GEOGCS[".repeat(100_000)).is_none());
}

#[test]
fn a_scenario_in_a_system_that_is_not_known_is_refused_with_its_name() {
    let home = tempfile::tempdir().expect("a temporary folder");
    shapefile(home.path(), TOWER, Some(WGS84_ESRI));
    let scenario = home.path().join("scenario.toml");
    let refusal = |crs: &str| {
        fs::write(&scenario, format!("crs = '{crs}'\n[layers.addresses]\nfile = 'punt.shp'\n")).expect("a scenario");
        let run = Command::new(env!("CARGO_BIN_EXE_vezel")).arg("inspect").arg(&scenario).assert().code(3);
        String::from_utf8_lossy(&run.get_output().stderr).into_owned()
    };
    for crs in ["EPSG:1", "EPSG:99999", "Rijksdriehoek", ""] {
        let said = refusal(crs);
        assert!(said.contains("scenario.toml") && said.contains("this system is not known"), "{crs}: {said}");
        assert!(said.contains(&format!("crs = \"{crs}\"")) && said.contains("EPSG:28992"), "{crs}: {said}");
    }
    for crs in ["EPSG:4258", "EPSG:3857"] {
        let said = refusal(crs);
        assert!(said.contains("lengths cannot be measured"), "{crs}: {said}");
    }
}
