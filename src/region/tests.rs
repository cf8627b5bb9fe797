//! What the layers mean, on regions of a few features: who is planned for, in which tier, and what is told of the rest.

use geo::{Coord, Geometry, LineString, MultiPolygon, Point, Polygon};

use crate::findings::{Finding, Severity};
use crate::geodata::{Column, ColumnKind, Feature, Layer, Value};
use crate::region::{AddressId, Error, ParkId, Region, RegionLayers, Standing, assemble};
use crate::scenario::{Scenario, UseClass};

const LEAST: &str = "[layers.addresses]\nfile = 'a.shp'\nid = 'id'\nuse = 'use'\nstatus = 'status'\nunits = 'units'\n";
const USES: &str = "[layers.addresses.use_values]\nwoonfunctie = ['residential']\nGezondheidszorgfunctie = ['care']\n\
    onderwijsfunctie = ['education']\nindustriefunctie = ['business']\n'overige gebruiksfunctie' = ['other']\n\
    'zorgboerderij' = ['care', 'agri']\n'wonen, met zorg' = ['care']\n";
const PARKS: &str = "[layers.business_parks]\nfile = 'p.shp'\nid = 'RIN_NUMMER'\nname = 'PLAN_NAAM'\nyear = 'JAAR'\n";
const BUURTEN: &str = "[layers.neighbourhoods]\nfile = 'n.shp'\nid = 'code'\nshare_65_plus = 'p_65'\n";

fn scenario(sections: &[&str]) -> Scenario {
    Scenario::parse(&sections.concat()).expect("a scenario")
}

fn text(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { Value::Text(text.to_owned()) }
}

fn layer(name: &str, columns: &[&str], rows: Vec<(Option<Geometry<f64>>, Vec<Value>)>) -> Layer {
    let kind = ColumnKind::Text;
    let columns = columns.iter().map(|&name| Column { name: name.to_owned(), kind }).collect();
    let feature = |(place, (geometry, values))| Feature { record: place as i64 + 1, geometry, values };
    Layer { name: name.to_owned(), crs: None, columns, features: rows.into_iter().enumerate().map(feature).collect() }
}

/// One row of the address layer.
struct Row {
    at: Option<Geometry<f64>>,
    values: [Value; 4],
}

fn point(x: f64, y: f64) -> Geometry<f64> {
    Point::new(x, y).into()
}

/// An address with an id and a use, in use, of one connection.
fn address(id: &str, x: f64, y: f64, uses: &str) -> Row {
    Row { at: Some(point(x, y)), values: [text(id), text(uses), text("Verblijfsobject in gebruik"), Value::Null] }
}

fn with_status(status: &str, row: Row) -> Row {
    let [id, uses, _, units] = row.values;
    Row { at: row.at, values: [id, uses, text(status), units] }
}

fn with_units(units: Value, row: Row) -> Row {
    let [id, uses, status, _] = row.values;
    Row { at: row.at, values: [id, uses, status, units] }
}

fn addresses(rows: Vec<Row>) -> RegionLayers {
    let rows = rows.into_iter().map(|row| (row.at, row.values.to_vec())).collect();
    let addresses = Some(layer("addresses", &["id", "use", "status", "units"], rows));
    RegionLayers { addresses, ..RegionLayers::default() }
}

fn ring(low: f64, high: f64) -> LineString<f64> {
    LineString::from(vec![(low, low), (high, low), (high, high), (low, high), (low, low)])
}

/// The square from (low, low) to (high, high).
fn square(low: f64, high: f64) -> Geometry<f64> {
    Polygon::new(ring(low, high), Vec::new()).into()
}

fn park(id: &str, name: &str, year: Value, outline: Geometry<f64>) -> (Option<Geometry<f64>>, Vec<Value>) {
    (Some(outline), vec![text(id), text(name), year])
}

fn parks(rows: Vec<(Option<Geometry<f64>>, Vec<Value>)>) -> Layer {
    layer("business_parks", &["RIN_NUMMER", "PLAN_NAAM", "JAAR"], rows)
}

fn assembled(layers: &RegionLayers, scenario: &Scenario) -> (Region, Vec<Finding>) {
    assemble(layers, scenario).expect("every column is there")
}

fn standings(region: &Region) -> Vec<Standing> {
    region.addresses.iter().map(|address| address.standing.clone()).collect()
}

/// The rule and the feature of every finding.
fn told(findings: &[Finding]) -> Vec<(&str, &str)> {
    findings.iter().map(|finding| (finding.rule, finding.feature.as_str())).collect()
}

fn of<'a>(findings: &'a [Finding], rule: &str) -> &'a Finding {
    let mut all = findings.iter().filter(|finding| finding.rule == rule);
    let found = all.next().unwrap_or_else(|| panic!("no {rule} in {findings:?}"));
    assert!(all.next().is_none(), "{rule} is told once: {findings:?}");
    found
}

#[test]
fn addresses_within_a_built_up_polygon_or_on_its_edge_are_outside_the_scope() {
    let rows = vec![
        address("inside", 5.0, 5.0, ""),
        address("edge", 10.0, 5.0, ""),
        address("corner", 0.0, 0.0, ""),
        address("outside", 10.01, 5.0, ""),
        address("in the hole", 50.0, 50.0, ""),
        address("around the hole", 35.0, 50.0, ""),
        with_status("Pand gesloopt", address("gone", 5.0, 5.0, "")),
    ];
    let ringed = Polygon::new(ring(30.0, 70.0), vec![ring(40.0, 60.0)]);
    let both = MultiPolygon(vec![Polygon::new(ring(0.0, 10.0), Vec::new()), ringed]);
    let built_up =
        layer("built_up", &[], vec![(Some(both.into()), vec![]), (Some(point(1.0, 1.0)), vec![]), (None, vec![])]);
    let layers = RegionLayers { built_up: Some(built_up), ..addresses(rows) };
    let (region, findings) = assembled(&layers, &scenario(&[LEAST, "[scope]\narea = 'outside-built-up'\n"]));
    let (inside, target) = (Standing::BuiltUp, Standing::Target);
    let gone = Standing::Status("Pand gesloopt".to_owned());
    let expected = [inside.clone(), inside.clone(), inside.clone(), target.clone(), target.clone(), inside, gone];
    assert_eq!(standings(&region), expected);
    assert_eq!(told(&findings), [("not-a-polygon", "record 2"), ("not-a-polygon", "record 3")]);
    let (region, _) = assembled(&layers, &scenario(&[LEAST]));
    assert_eq!(standings(&region)[0], target, "the scope is all unless it is drawn");
}

#[test]
fn a_scope_outside_built_up_areas_without_such_a_layer_is_told_of_and_everything_is_planned() {
    let layers = addresses(vec![address("1", 5.0, 5.0, "")]);
    let (region, findings) = assembled(&layers, &scenario(&[LEAST, "[scope]\narea = 'outside-built-up'\n"]));
    assert_eq!(standings(&region), [Standing::Target]);
    assert_eq!(told(&findings), [("scope-without-layer", "")]);
    assert_eq!(findings[0].severity, Severity::Warning);
}

#[test]
fn addresses_in_parks_are_planned_for_wherever_the_scope_is_drawn() {
    let rows = vec![address("park", 5.0, 5.0, "woonfunctie"), address("town", 15.0, 15.0, "woonfunctie")];
    let layers = RegionLayers {
        business_parks: Some(parks(vec![park("051000", "De Kolk", Value::Integer(2024), square(0.0, 10.0))])),
        built_up: Some(layer("built_up", &[], vec![(Some(square(0.0, 20.0)), vec![])])),
        ..addresses(rows)
    };
    for scope in ["area = 'outside-built-up'", "area = 'low-density'\ndensity_below = 0.1"] {
        let (region, findings) = assembled(&layers, &scenario(&[LEAST, USES, PARKS, "[scope]\n", scope, "\n"]));
        assert_eq!(region.addresses[0].standing, Standing::Target, "{scope}");
        assert_eq!((region.addresses[0].park, region.addresses[0].tier), (Some(ParkId(0)), 0));
        assert_ne!(region.addresses[1].standing, Standing::Target, "{scope}");
        assert!(findings.is_empty(), "{findings:?}");
    }
}

#[test]
fn the_density_of_the_scope_counts_only_addresses_that_exist_and_the_limit_itself_is_too_dense() {
    // Three that exist within a kilometre make 3 / pi = 0.955 addresses per km2.
    let rows = || {
        vec![
            address("1", 0.0, 0.0, ""),
            address("2", 500.0, 0.0, ""),
            address("3", 0.0, 500.0, ""),
            with_status("Pand gesloopt", address("gone", 1.0, 0.0, "")),
            address("3", 0.0, 500.0, ""),
            address("far", 5000.0, 0.0, ""),
            Row { at: None, ..address("nowhere", 0.0, 0.0, "") },
        ]
    };
    let three = 3.0 / std::f64::consts::PI;
    let standing = |below: f64| {
        let scope = format!("[scope]\narea = 'low-density'\ndensity_below = {below:?}\n");
        let (region, _) = assembled(&addresses(rows()), &scenario(&[LEAST, &scope]));
        let density: Vec<Option<f64>> = region.addresses.iter().map(|address| address.density).collect();
        let one = Some(1.0 / std::f64::consts::PI);
        assert_eq!(density, [Some(three), Some(three), Some(three), Some(three), Some(three), one, None]);
        standings(&region)
    };
    let rest = |near: Standing, far: Standing| {
        let gone = Standing::Status("Pand gesloopt".to_owned());
        let again = Standing::Duplicate(AddressId(2));
        vec![near.clone(), near.clone(), near, gone, again, far, Standing::NoPoint]
    };
    assert_eq!(standing(three + 1e-9), rest(Standing::Target, Standing::Target));
    assert_eq!(standing(three), rest(Standing::Dense, Standing::Target));
    assert_eq!(standing(0.3), rest(Standing::Dense, Standing::Dense));
}

#[test]
fn an_address_has_every_class_of_its_uses_once_and_in_order() {
    use UseClass::{Agri, Business, Care, Education, Other, Residential};
    let cases: [(&str, &[UseClass]); 12] = [
        ("woonfunctie", &[Residential]),
        ("WOONFUNCTIE", &[Residential]),
        ("gezondheidszorgfunctie", &[Care]),
        ("industriefunctie,woonfunctie", &[Residential, Business]),
        ("woonfunctie; onderwijsfunctie", &[Residential, Education]),
        ("woonfunctie | industriefunctie|woonfunctie", &[Residential, Business]),
        ("zorgboerderij", &[Care, Agri]),
        ("zorgboerderij,gezondheidszorgfunctie", &[Care, Agri]),
        ("wonen, met zorg", &[Care]),
        ("overige gebruiksfunctie", &[Other]),
        ("", &[Residential]),
        (" ,; ", &[Residential]),
    ];
    let rows = cases.iter().enumerate().map(|(place, (uses, _))| address(&place.to_string(), place as f64, 0.0, uses));
    let (region, findings) = assembled(&addresses(rows.collect()), &scenario(&[LEAST, USES]));
    for ((uses, classes), address) in cases.iter().zip(&region.addresses) {
        assert_eq!(&address.uses, classes, "{uses}");
    }
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn a_use_that_is_not_mapped_is_counted_and_told_of_once() {
    let rows = vec![
        address("1", 0.0, 0.0, "celfunctie"),
        address("2", 1.0, 0.0, "Celfunctie,woonfunctie"),
        address("3", 2.0, 0.0, "woonfunctie"),
    ];
    let text = LEAST.to_owned() + "use_default = 'other'\n";
    let (region, findings) = assembled(&addresses(rows), &scenario(&[&text, USES]));
    let uses: Vec<Vec<UseClass>> = region.addresses.into_iter().map(|address| address.uses).collect();
    assert_eq!(uses, [vec![UseClass::Other], vec![UseClass::Residential], vec![UseClass::Residential]]);
    let finding = of(&findings, "use-not-mapped");
    assert!(finding.what.contains("`celfunctie` of 2 addresses"), "{}", finding.what);
    assert!(finding.advice.contains("other"), "{}", finding.advice);
    assert_eq!(findings.len(), 1);
}

#[test]
fn the_best_tier_of_several_uses_counts_and_parks_come_before_all() {
    let rows = vec![
        address("home", 100.0, 0.0, "woonfunctie"),
        address("school and home", 101.0, 0.0, "woonfunctie,onderwijsfunctie"),
        address("care, school and home", 102.0, 0.0, "onderwijsfunctie,woonfunctie,gezondheidszorgfunctie"),
        address("firm", 103.0, 0.0, "industriefunctie"),
        address("care on a park", 5.0, 5.0, "gezondheidszorgfunctie"),
        address("firm on a park", 5.0, 6.0, "industriefunctie"),
    ];
    let layers = RegionLayers {
        business_parks: Some(parks(vec![park("1", "", Value::Null, square(0.0, 10.0))])),
        ..addresses(rows)
    };
    let tiers = |sections: &[&str]| {
        let (region, _) = assembled(&layers, &scenario(sections));
        region.addresses.iter().map(|address| address.tier).collect::<Vec<_>>()
    };
    assert_eq!(tiers(&[LEAST, USES, PARKS]), [3, 2, 1, 3, 0, 0]);
    let own = "[priority]\ntiers = [['business'], ['residential'], ['care']]\n";
    assert_eq!(tiers(&[LEAST, USES, PARKS, own]), [2, 2, 2, 1, 0, 0]);
    assert_eq!(tiers(&[LEAST, USES, PARKS, "[priority]\ntiers = []\n"]), [1, 1, 1, 1, 0, 0]);
}

#[test]
fn farms_are_addresses_in_farmyards_and_with_the_proxy_homes_with_a_firm_outside_parks() {
    let rows = vec![
        address("yard", 55.0, 55.0, "woonfunctie"),
        address("mixed", 100.0, 0.0, "woonfunctie,industriefunctie"),
        address("other", 101.0, 0.0, "woonfunctie,overige gebruiksfunctie"),
        address("firm", 102.0, 0.0, "industriefunctie"),
        address("mixed on a park", 5.0, 5.0, "woonfunctie,industriefunctie"),
        address("yard on a park", 8.0, 8.0, "woonfunctie"),
    ];
    let yards = vec![(Some(square(50.0, 60.0)), vec![]), (Some(square(7.0, 9.0)), vec![])];
    let layers = RegionLayers {
        business_parks: Some(parks(vec![park("1", "", Value::Null, square(0.0, 10.0))])),
        farmyards: Some(layer("farmyards", &[], yards)),
        ..addresses(rows)
    };
    let farms = |proxy: &str| {
        let (region, _) = assembled(&layers, &scenario(&[LEAST, proxy, USES, PARKS]));
        let farms = region.addresses.iter().filter(|address| address.uses.contains(&UseClass::Agri));
        farms.map(|address| (address.key.clone(), address.tier)).collect::<Vec<_>>()
    };
    let [yard, mixed, other] = ["yard", "mixed", "other"].map(|key| (key.to_owned(), 1));
    assert_eq!(farms(""), std::slice::from_ref(&yard));
    assert_eq!(farms("farm_proxy = true\n"), [yard, mixed, other]);
}

#[test]
fn coded_missing_shares_of_cbs_are_unknown_and_never_numbers() {
    let missing =
        [Value::Integer(-99_995), Value::Integer(-99_997), Value::Integer(-99_999_999), Value::Real(-99_997.0)];
    let missing = missing.into_iter().chain(["-99997", "-99997.0", ".", "geheim", ""].map(text));
    let known = [(Value::Integer(0), 0.0), (Value::Integer(100), 100.0), (text("21,5"), 21.5)];
    let wrong = [Value::Integer(101), Value::Integer(-1), Value::Real(-99.0)];
    let all: Vec<Value> = missing.chain(wrong).chain(known.iter().map(|(value, _)| value.clone())).collect();
    let rows = all.iter().enumerate().map(|(place, share)| {
        let low = place as f64 * 10.0;
        (Some(square(low, low + 9.0)), vec![text(&format!("BU{place:02}")), share.clone()])
    });
    let neighbourhoods = Some(layer("neighbourhoods", &["code", "p_65"], rows.collect()));
    let layers = RegionLayers { neighbourhoods, ..addresses(vec![address("1", 5.0, 5.0, "")]) };
    let (region, findings) = assembled(&layers, &scenario(&[LEAST, BUURTEN]));
    let shares: Vec<Option<f64>> = region.neighbourhoods.iter().map(|found| found.share_65_plus).collect();
    assert_eq!(shares[..12], [None; 12]);
    assert_eq!(shares[12..], known.map(|(_, share)| Some(share)));
    let told = told(&findings);
    let doubts: Vec<_> = ["BU09", "BU10", "BU11"].map(|key| ("share-out-of-range", key)).into();
    assert_eq!(told, [doubts, vec![("share-unknown", "")]].concat());
    assert!(of(&findings, "share-unknown").what.contains("12 neighbourhoods"));
    assert_eq!(of(&findings, "share-unknown").severity, Severity::Info);
}

#[test]
fn addresses_outside_every_neighbourhood_are_counted_in_a_finding() {
    let neighbourhoods = Some(layer(
        "neighbourhoods",
        &["code", "p_65"],
        vec![(Some(square(0.0, 9.0)), vec![text("BU1"), Value::Integer(20)])],
    ));
    let rows = vec![
        address("in", 5.0, 5.0, ""),
        address("out", 50.0, 5.0, ""),
        address("away", 60.0, 5.0, ""),
        Row { at: None, ..address("nowhere", 0.0, 0.0, "") },
    ];
    let (region, findings) =
        assembled(&RegionLayers { neighbourhoods, ..addresses(rows) }, &scenario(&[LEAST, BUURTEN]));
    assert!(region.addresses[0].neighbourhood.is_some() && region.addresses[1].neighbourhood.is_none());
    let finding = of(&findings, "address-without-neighbourhood");
    assert!(finding.what.starts_with("2 addresses"), "{}", finding.what);
}

/// Pairs such as a key and a name.
type Pairs<T> = Vec<(T, String)>;

/// Keys and names of the parks made of records with these ids and years, and what is told.
fn read_parks(years: &[(&str, Value)]) -> (Pairs<String>, Pairs<&'static str>) {
    let rows = years.iter().enumerate().map(|(place, (id, year))| {
        park(
            id,
            &format!("of record {}", place + 1),
            year.clone(),
            square(place as f64 * 10.0, place as f64 * 10.0 + 9.0),
        )
    });
    let layers = RegionLayers { business_parks: Some(parks(rows.collect())), ..RegionLayers::default() };
    let (region, findings) = assembled(&layers, &scenario(&[LEAST, PARKS]));
    let parks = region.parks.into_iter().map(|park| (park.key, park.name)).collect();
    (parks, findings.into_iter().map(|finding| (finding.rule, finding.feature)).collect())
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect()
}

#[test]
fn of_several_years_of_a_park_the_latest_counts_in_whatever_order_they_come() {
    let older = |record: &str| ("park-older-year", record.to_owned());
    let year = Value::Integer;
    let rows =
        [("051", year(2022)), ("052", year(2020)), ("051", year(2024)), ("051", text("2023")), ("051", text(""))];
    let (parks, findings) = read_parks(&rows);
    let mut sorted = parks.clone();
    sorted.sort();
    assert_eq!(sorted, owned(&[("051", "of record 3"), ("052", "of record 2")]));
    assert_eq!(findings.len(), 3, "{findings:?}");
    assert!(findings.iter().all(|(rule, _)| *rule == "park-older-year"));
    assert_eq!(read_parks(&[("051", year(2024)), ("051", year(2023))]).1, [older("record 2")]);
}

#[test]
fn several_records_of_the_latest_year_are_all_parks_and_those_of_older_years_are_none() {
    let year = Value::Integer;
    let latest_first = [("051", year(2024)), ("051", year(2024)), ("051", year(2020)), ("051", year(2020))];
    let (parks, findings) = read_parks(&latest_first);
    assert_eq!(parks, owned(&[("051", "of record 1"), ("051 (record 2)", "of record 2")]));
    assert_eq!(findings.iter().filter(|(rule, _)| *rule == "park-duplicate-id").count(), 1);
    assert_eq!(findings.iter().filter(|(rule, _)| *rule == "park-older-year").count(), 2);
    let latest_last = [("051", year(2020)), ("051", year(2020)), ("051", year(2024)), ("051", year(2024))];
    let (parks, findings) = read_parks(&latest_last);
    assert_eq!(parks, owned(&[("051", "of record 3"), ("051 (record 4)", "of record 4")]));
    assert_eq!(findings.iter().filter(|(rule, _)| *rule == "park-older-year").count(), 2);
}

#[test]
fn records_of_a_park_without_years_are_all_of_them_parks() {
    let none = || Value::Null;
    let (parks, findings) = read_parks(&[("051", none()), ("051", none()), ("", none()), ("", none())]);
    let expected = [
        ("051", "of record 1"),
        ("051 (record 2)", "of record 2"),
        ("record 3", "of record 3"),
        ("record 4", "of record 4"),
    ];
    assert_eq!(parks, owned(&expected));
    assert_eq!(findings, [("park-duplicate-id", "record 2".to_owned())]);
}

#[test]
fn an_address_in_several_parks_belongs_to_the_first_and_is_told_of() {
    let two = parks(vec![
        park("A", "", Value::Null, square(0.0, 10.0)),
        park("B", "", Value::Null, square(5.0, 20.0)),
        park("C", "", Value::Null, point(1.0, 1.0)),
    ]);
    let rows = vec![address("both", 7.0, 7.0, ""), address("second", 15.0, 15.0, ""), address("none", 30.0, 0.0, "")];
    let layers = RegionLayers { business_parks: Some(two), ..addresses(rows) };
    let (region, findings) = assembled(&layers, &scenario(&[LEAST, PARKS]));
    let parks: Vec<Option<ParkId>> = region.addresses.iter().map(|address| address.park).collect();
    assert_eq!(parks, [Some(ParkId(0)), Some(ParkId(1)), None]);
    assert_eq!(told(&findings), [("not-a-polygon", "C"), ("parks-overlap", "both")]);
}

#[test]
fn of_addresses_with_one_id_the_first_that_is_planned_for_counts() {
    let rows = vec![
        with_status("Verblijfsobject ingetrokken", address("1", 0.0, 0.0, "")),
        Row { at: None, ..address("1", 0.0, 0.0, "") },
        address("1", 1.0, 0.0, ""),
        address("2", 2.0, 0.0, ""),
        address("1", 3.0, 0.0, ""),
        address("1", 1.0, 0.0, ""),
    ];
    let (region, findings) = assembled(&addresses(rows), &scenario(&[LEAST]));
    let expected = [
        Standing::Status("Verblijfsobject ingetrokken".to_owned()),
        Standing::NoPoint,
        Standing::Target,
        Standing::Target,
        Standing::Duplicate(AddressId(2)),
        Standing::Duplicate(AddressId(2)),
    ];
    assert_eq!(standings(&region), expected);
    let again = ("address-duplicate-id", "1");
    assert_eq!(told(&findings), [("address-without-point", "1"), again, again]);
}

#[test]
fn addresses_without_an_id_are_told_of_and_are_no_duplicates_of_each_other() {
    let rows = vec![address("", 0.0, 0.0, ""), address("", 1.0, 0.0, "")];
    let (region, findings) = assembled(&addresses(rows), &scenario(&[LEAST]));
    assert_eq!(standings(&region), [Standing::Target, Standing::Target]);
    assert_eq!(region.addresses[1].key, "record 2");
    assert_eq!(told(&findings), [("address-without-id", "record 1"), ("address-without-id", "record 2")]);
    let unnamed = "[layers.addresses]\nfile = 'a.shp'\n";
    let (_, findings) = assembled(&addresses(vec![address("x", 0.0, 0.0, "")]), &scenario(&[unnamed]));
    assert!(findings.is_empty(), "no id is missed where none is named: {findings:?}");
}

#[test]
fn stacked_addresses_are_counted_per_point_and_all_are_planned_for() {
    let rows = vec![
        address("1", 10.0, 10.0, ""),
        address("2", 10.0, 10.0, ""),
        address("3", 10.000_4, 10.0, ""),
        address("4", 20.0, 20.0, ""),
        address("5", 20.0, 20.0, ""),
        address("6", 20.002, 20.0, ""),
        with_status("Verblijfsobject gevormd", address("7", 20.002, 20.0, "")),
    ];
    let (region, findings) = assembled(&addresses(rows), &scenario(&[LEAST]));
    assert_eq!(standings(&region)[..6], vec![Standing::Target; 6]);
    let finding = of(&findings, "addresses-stacked");
    assert!(finding.what.starts_with("5 addresses stand on 2 points"), "{}", finding.what);
    assert_eq!((finding.severity, findings.len()), (Severity::Info, 1));
}

#[test]
fn a_status_that_is_not_planned_for_is_kept_and_one_that_is_not_given_counts_as_in_use() {
    let cases = [
        ("Verblijfsobject in gebruik", true),
        ("VERBLIJFSOBJECT IN GEBRUIK", true),
        ("Verblijfsobject in gebruik (niet ingemeten)", true),
        ("Verbouwing verblijfsobject", true),
        ("", true),
        ("Verblijfsobject gevormd", false),
        ("Verblijfsobject buiten gebruik", false),
        ("Niet gerealiseerd verblijfsobject", false),
    ];
    let rows = cases
        .iter()
        .enumerate()
        .map(|(at, (status, _))| with_status(status, address(&at.to_string(), at as f64, 0.0, "")));
    let (region, _) = assembled(&addresses(rows.collect()), &scenario(&[LEAST]));
    for ((status, planned), address) in cases.iter().zip(&region.addresses) {
        let expected = if *planned { Standing::Target } else { Standing::Status((*status).to_owned()) };
        assert_eq!(address.standing, expected, "{status}");
    }
    let own = "[scope]\nstatuses = [' verblijfsobject gevormd ']\n";
    let layers = addresses(vec![with_status("Verblijfsobject gevormd", address("1", 0.0, 0.0, ""))]);
    assert_eq!(standings(&assembled(&layers, &scenario(&[LEAST, own])).0), [Standing::Target]);
}

#[test]
fn a_number_of_connections_that_cannot_be_is_told_of_and_taken_as_one() {
    let cases = [
        (Value::Null, 1, false),
        (Value::Integer(12), 12, false),
        (text("3"), 3, false),
        (Value::Integer(10_000), 10_000, false),
        (Value::Integer(0), 1, true),
        (Value::Integer(-99_997), 1, true),
        (Value::Integer(10_001), 1, true),
        (text("veel"), 1, true),
    ];
    let rows = cases
        .iter()
        .enumerate()
        .map(|(at, (units, ..))| with_units(units.clone(), address(&at.to_string(), at as f64, 0.0, "")));
    let (region, findings) = assembled(&addresses(rows.collect()), &scenario(&[LEAST]));
    for ((given, units, _), address) in cases.iter().zip(&region.addresses) {
        assert_eq!(address.units, *units, "{given:?}");
    }
    let doubted: Vec<String> =
        cases.iter().enumerate().filter(|(_, case)| case.2).map(|(at, _)| at.to_string()).collect();
    assert_eq!(findings.iter().map(|finding| finding.feature.clone()).collect::<Vec<_>>(), doubted);
    assert!(findings.iter().all(|finding| finding.rule == "units-unusable"));
}

#[test]
fn an_address_that_is_no_single_point_is_taken_at_its_centroid_or_not_at_all() {
    let single = geo::MultiPoint(vec![Point::new(4.0, 5.0)]);
    let several = geo::MultiPoint(vec![Point::new(0.0, 0.0), Point::new(2.0, 4.0)]);
    let row = |id: &str, at: Option<Geometry<f64>>| Row { at, ..address(id, 0.0, 0.0, "") };
    let rows = vec![
        row("single", Some(single.into())),
        row("several", Some(several.into())),
        row("building", Some(square(0.0, 20.0))),
        row("null", None),
        row("empty", Some(geo::MultiPoint(Vec::new()).into())),
        row("not finite", Some(point(f64::NAN, 1.0))),
    ];
    let (region, findings) = assembled(&addresses(rows), &scenario(&[LEAST]));
    let points: Vec<Option<Coord<f64>>> = region.addresses.iter().map(|address| address.point).collect();
    let at = |x, y| Some(Coord { x, y });
    assert_eq!(points, [at(4.0, 5.0), at(1.0, 2.0), at(10.0, 10.0), None, None, None]);
    assert_eq!(standings(&region)[3..], [Standing::NoPoint, Standing::NoPoint, Standing::NoPoint]);
    let without: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.rule == "address-without-point")
        .map(|finding| finding.feature.as_str())
        .collect();
    assert_eq!(without, ["null", "empty", "not finite"]);
    let centred = findings.iter().filter(|finding| finding.rule == "address-not-a-point").count();
    assert!(centred >= 2, "{findings:?}");
}

#[test]
fn a_column_that_is_not_there_is_refused_with_those_that_are() {
    let layers = addresses(vec![address("1", 0.0, 0.0, "")]);
    let text = LEAST.replace("'units'", "'aansluitingen'");
    let error = assemble(&layers, &scenario(&[&text])).expect_err("no such column");
    let Error::NoColumn { layer, key, column, columns } = &error;
    assert_eq!([layer, key, column, columns], ["addresses", "units", "aansluitingen", "id, use, status, units"]);
    let text = LEAST.replace("'units'", "'UNITS'");
    assert!(assemble(&layers, &scenario(&[&text])).is_ok(), "case does not matter");
}
