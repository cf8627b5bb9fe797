//! The address layer: ids, uses, statuses; duplicates and stacked addresses.

use std::collections::BTreeMap;

use geo::{Centroid, Coord, Geometry};

use crate::findings::{Finding, Severity};
use crate::geodata::{Feature, Layer};
use crate::region::columns::{Field, record};
use crate::region::{Address, AddressId, Error, Standing};
use crate::scenario::{AddressLayer, Scenario, UseClass};

struct Fields {
    id: Field,
    uses: Field,
    status: Field,
    units: Field,
    sign_ups: Field,
}

/// Reads every feature as an address; parks, neighbourhoods, density and scope come later.
pub(super) fn read(layer: &Layer, scenario: &Scenario, findings: &mut Vec<Finding>) -> Result<Vec<Address>, Error> {
    let wishes = &scenario.layers.addresses;
    let fields = Fields {
        id: Field::of(layer, "id", wishes.id.as_ref())?,
        uses: Field::of(layer, "use", wishes.use_column.as_ref())?,
        status: Field::of(layer, "status", wishes.status.as_ref())?,
        units: Field::of(layer, "units", wishes.units.as_ref())?,
        sign_ups: Field::of(layer, "sign_ups", wishes.sign_ups.as_ref())?,
    };
    let classes = classes_by_word(wishes);
    let mut unmapped: BTreeMap<String, usize> = BTreeMap::new();
    let mut addresses = Vec::with_capacity(layer.features.len());
    for feature in &layer.features {
        let key = fields.id.key(feature);
        if wishes.id.is_some() && fields.id.text(feature).is_none() {
            let what = "the address has no id";
            findings.push(found(Severity::Warning, "address-without-id", what, "fill in the id").at(record(feature)));
        }
        let uses = uses(&fields, feature, wishes, &classes, &mut unmapped);
        let point = point(feature, &key, findings);
        let units = units(&fields, feature, &key, findings);
        let sign_ups = wishes.sign_ups.as_ref().and_then(|_| sign_ups(&fields, feature, units));
        let standing = match (point, fields.status.text(feature)) {
            (None, _) => Standing::NoPoint,
            (_, Some(status)) if !is_planned(&status, scenario) => Standing::Status(status),
            _ => Standing::Target,
        };
        addresses.push(Address { uses, units, sign_ups, standing, ..Address::home(key, point) });
    }
    for (value, count) in unmapped {
        let what = format!("the use `{value}` of {count} addresses is not in use_values");
        let advice = format!("add it to layers.addresses.use_values; it is taken as {}", wishes.use_default.name());
        findings.push(found(Severity::Warning, "use-not-mapped", &what, &advice));
    }
    set_duplicates_aside(&mut addresses, findings);
    tell_stacked(&addresses, findings);
    Ok(addresses)
}

fn found(severity: Severity, rule: &'static str, what: &str, advice: &str) -> Finding {
    Finding::new(severity, rule, "addresses", what, advice)
}

fn classes_by_word(wishes: &AddressLayer) -> BTreeMap<String, Vec<UseClass>> {
    wishes.use_values.iter().map(|(value, classes)| (value.trim().to_lowercase(), classes.clone())).collect()
}

fn uses(
    fields: &Fields,
    feature: &Feature,
    wishes: &AddressLayer,
    classes: &BTreeMap<String, Vec<UseClass>>,
    unmapped: &mut BTreeMap<String, usize>,
) -> Vec<UseClass> {
    let text = fields.uses.text(feature).unwrap_or_default();
    let whole = text.trim().to_lowercase();
    let mut uses: Vec<UseClass> = Vec::new();
    let words: Vec<&str> =
        if classes.contains_key(&whole) { vec![&whole] } else { whole.split([',', ';', '|']).collect() };
    for word in words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()) {
        match classes.get(word) {
            Some(found) => uses.extend(found),
            None => *unmapped.entry(word.to_owned()).or_default() += 1,
        }
    }
    if uses.is_empty() {
        uses.push(wishes.use_default);
    }
    uses.sort_unstable();
    uses.dedup();
    uses
}

/// The point of a feature; a multipoint of one point is that point, anything larger is taken at its centroid.
fn point(feature: &Feature, key: &str, findings: &mut Vec<Finding>) -> Option<Coord<f64>> {
    let geometry = feature.geometry.as_ref();
    let point = match geometry {
        None => None,
        Some(Geometry::Point(point)) => Some(point.0),
        Some(Geometry::MultiPoint(points)) if points.0.len() == 1 => Some(points.0[0].0),
        Some(other) => {
            let what = "the address is not a single point";
            findings.push(
                found(Severity::Warning, "address-not-a-point", what, "its centroid is taken; give a point").at(key),
            );
            other.centroid().map(|centroid| centroid.0)
        }
    };
    let usable = point.filter(|point| point.x.is_finite() && point.y.is_finite());
    if usable.is_none() {
        findings.push(
            found(Severity::Error, "address-without-point", "the address has no usable point", "give it one").at(key),
        );
    }
    usable
}

fn units(fields: &Fields, feature: &Feature, key: &str, findings: &mut Vec<Finding>) -> u32 {
    match (fields.units.text(feature), fields.units.number(feature)) {
        (None, _) => 1,
        (_, Some(number)) if (1.0..=10_000.0).contains(&number) => number.round() as u32,
        (Some(text), _) => {
            let what = format!("the number of connections is `{text}`");
            findings.push(found(Severity::Warning, "units-unusable", &what, "1 is taken; give 1 to 10000").at(key));
            1
        }
    }
}

/// Connections that have signed up: a number, or yes for all of the address; `None` where nothing is given.
fn sign_ups(fields: &Fields, feature: &Feature, units: u32) -> Option<u32> {
    fields.sign_ups.text(feature)?;
    Some(match fields.sign_ups.number(feature) {
        Some(number) => number.clamp(0.0, f64::from(units)) as u32,
        None if fields.sign_ups.flag(feature) => units,
        None => 0,
    })
}

fn is_planned(status: &str, scenario: &Scenario) -> bool {
    scenario.scope.statuses.iter().any(|planned| planned.trim().eq_ignore_ascii_case(status.trim()))
}

/// The first target address with an id counts; others with the same id are set aside.
fn set_duplicates_aside(addresses: &mut [Address], findings: &mut Vec<Finding>) {
    let mut first: BTreeMap<String, AddressId> = BTreeMap::new();
    let targets = addresses.iter_mut().enumerate().filter(|(_, address)| address.standing == Standing::Target);
    for (place, address) in targets {
        let key = address.key.clone();
        match first.get(&key) {
            None => {
                first.insert(key, AddressId(place as u32));
            }
            Some(&original) => {
                address.standing = Standing::Duplicate(original);
                let what = "another address has the same id";
                let advice = "the first one is planned for; mend the id or remove one";
                findings.push(found(Severity::Warning, "address-duplicate-id", what, advice).at(key));
            }
        }
    }
}

/// Counts points that hold several target addresses: they share a drop, which is usual for flats and worth knowing.
fn tell_stacked(addresses: &[Address], findings: &mut Vec<Finding>) {
    let mut places: BTreeMap<(i64, i64), usize> = BTreeMap::new();
    for address in addresses.iter().filter(|address| address.standing == Standing::Target) {
        if let Some(point) = address.point {
            *places.entry(((point.x * 1000.0).round() as i64, (point.y * 1000.0).round() as i64)).or_default() += 1;
        }
    }
    let stacked = places.values().filter(|&&count| count > 1);
    let (points, total) = stacked.fold((0, 0), |(points, total), count| (points + 1, total + count));
    if points > 0 {
        let what = format!("{total} addresses stand on {points} points together with others");
        findings.push(found(Severity::Info, "addresses-stacked", &what, "they share a drop; nothing to mend"));
    }
}
