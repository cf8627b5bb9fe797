//! Polygon layers (parks, neighbourhoods, built-up areas) and barriers.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Geometry, MultiPolygon};

use crate::findings::{Finding, Severity};
use crate::geodata::{Feature, Layer};
use crate::region::columns::{Field, matches, record};
use crate::region::roads::lines;
use crate::region::{Barrier, BarrierShape, Error, Neighbourhood, Park};
use crate::scenario::{BarrierLayer, NeighbourhoodLayer, PolygonLayer, PriceBook};

/// Coded missing values of CBS are all at or below this: -99995, -99997, -99999999.
const MISSING_FROM: f64 = -99_990.0;

/// Reads business parks; of several records with one id the latest year counts, or all of them together without years.
pub(super) fn read_parks(
    layer: &Layer,
    wishes: &PolygonLayer,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Park>, Error> {
    let id = Field::of(layer, "id", wishes.id.as_ref())?;
    let name = Field::of(layer, "name", wishes.name.as_ref())?;
    let class = Field::of(layer, "class", wishes.class.as_ref())?;
    let year = Field::of(layer, "year", wishes.year.as_ref())?;
    let mut outlined = Vec::new();
    let mut latest: BTreeMap<String, f64> = BTreeMap::new();
    for feature in &layer.features {
        let key = id.key(feature);
        let Some(outline) = outline(feature, "business_parks", &key, findings) else { continue };
        let age = year.number(feature).map_or(f64::NEG_INFINITY, f64::round);
        let newest = latest.entry(key.clone()).or_insert(age);
        *newest = newest.max(age);
        let (name, class) = (name.text(feature).unwrap_or_default(), class.text(feature).unwrap_or_default());
        outlined.push((feature, age, Park { key, name, class, outline }));
    }
    let mut parks: Vec<Park> = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for (feature, age, park) in outlined {
        let key = park.key.clone();
        let mut tell = |severity, rule, what: String, advice: &str| {
            findings.push(Finding::new(severity, rule, "business_parks", what, advice).at(record(feature)));
        };
        if age < latest[&key] {
            let what = format!("{key} is recorded for several years");
            tell(Severity::Info, "park-older-year", what, "the latest year counts; nothing to mend");
        } else if seen.insert(key.clone()) {
            parks.push(park);
        } else {
            let what = format!("several records have the id {key}{}", if age > 0.0 { " and year" } else { "" });
            tell(Severity::Warning, "park-duplicate-id", what, "each is taken as a park; check the ids");
            parks.push(Park { key: format!("{key} ({})", record(feature)), ..park });
        }
    }
    Ok(parks)
}

/// Reads neighbourhoods; coded missing figures are unknown.
pub(super) fn read_neighbourhoods(
    layer: &Layer,
    wishes: &NeighbourhoodLayer,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Neighbourhood>, Error> {
    let id = Field::of(layer, "id", wishes.id.as_ref())?;
    let name = Field::of(layer, "name", wishes.name.as_ref())?;
    let municipality = Field::of(layer, "municipality", wishes.municipality.as_ref())?;
    let share = Field::of(layer, "share_65_plus", wishes.share_65_plus.as_ref())?;
    let distance = Field::of(layer, "distance_to_care_km", wishes.distance_to_care_km.as_ref())?;
    let mut neighbourhoods = Vec::new();
    let mut unknown = 0;
    for feature in &layer.features {
        let key = id.key(feature);
        let Some(outline) = outline(feature, "neighbourhoods", &key, findings) else { continue };
        let share_65_plus = match share.number(feature) {
            Some(figure) if (0.0..=100.0).contains(&figure) => Some(figure),
            Some(figure) if figure > MISSING_FROM => {
                let what = format!("the share of 65 and over is {figure} %");
                let advice = "it is taken as unknown; give 0 to 100";
                findings.push(
                    Finding::new(Severity::Warning, "share-out-of-range", "neighbourhoods", what, advice)
                        .at(key.as_str()),
                );
                None
            }
            _ => None,
        };
        unknown += usize::from(wishes.share_65_plus.is_some() && share_65_plus.is_none());
        neighbourhoods.push(Neighbourhood {
            municipality: municipality.text(feature).or_else(|| municipality_of(&key)).unwrap_or_default(),
            key,
            name: name.text(feature).unwrap_or_default(),
            outline,
            share_65_plus,
            distance_to_care_km: distance.number(feature).filter(|kilometres| (0.0..1000.0).contains(kilometres)),
        });
    }
    if unknown > 0 {
        let what = format!("the share of 65 and over is not known in {unknown} neighbourhoods");
        let advice = "it counts as unknown, not as a number; nothing to mend where the figure is secret";
        findings.push(Finding::new(Severity::Info, "share-unknown", "neighbourhoods", what, advice));
    }
    Ok(neighbourhoods)
}

/// The code of the municipality in the code of a district or neighbourhood. Source: CBS, Wijk- en buurtkaart, toelichting.
fn municipality_of(code: &str) -> Option<String> {
    let figures = code.strip_prefix("BU").or_else(|| code.strip_prefix("WK"))?;
    let is_code = matches!(figures.len(), 6 | 8) && figures.bytes().all(|figure| figure.is_ascii_digit());
    is_code.then(|| format!("GM{}", &figures[..4]))
}

/// Reads a layer of plain outlines, such as built-up areas.
pub(super) fn read_outlines(layer: &Layer, name: &str, findings: &mut Vec<Finding>) -> Vec<MultiPolygon<f64>> {
    layer.features.iter().filter_map(|feature| outline(feature, name, &record(feature), findings)).collect()
}

/// Reads one layer of barriers.
pub(super) fn read_barriers(
    layer: &Layer,
    wishes: &BarrierLayer,
    prices: &PriceBook,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Barrier>, Error> {
    let tunnel = Field::of(layer, "tunnel", wishes.tunnel.as_ref())?;
    let bridge = Field::of(layer, "bridge", wishes.bridge.as_ref())?;
    let fields: Vec<Field> = wishes
        .rules
        .iter()
        .map(|rule| Field::of(layer, "rules.column", Some(&rule.column)))
        .collect::<Result<_, _>>()?;
    let mut barriers = Vec::new();
    for feature in &layer.features {
        if tunnel.flag(feature) || bridge.flag(feature) {
            continue;
        }
        let rule = wishes
            .rules
            .iter()
            .zip(&fields)
            .find(|(rule, field)| matches(&rule.values, field.text(feature).as_deref()))
            .map(|(rule, _)| rule);
        if rule.is_some_and(|rule| rule.ignore) {
            continue;
        }
        let crossing = rule.map_or(wishes.crossing.as_ref(), |rule| rule.crossing.as_ref());
        let crossing = crossing.and_then(|key| prices.find(key));
        let key = format!("{}, {}", wishes.kind, record(feature));
        let shapes = match &feature.geometry {
            Some(Geometry::Polygon(_) | Geometry::MultiPolygon(_)) => {
                outline(feature, &layer.name, &key, findings).map(BarrierShape::Area).into_iter().collect()
            }
            _ => lines(feature, &layer.name, &key, findings).into_iter().map(BarrierShape::Line).collect::<Vec<_>>(),
        };
        let barrier = |shape| Barrier { key: key.clone(), kind: wishes.kind.clone(), shape, crossing };
        barriers.extend(shapes.into_iter().map(barrier));
    }
    Ok(barriers)
}

/// The outline of a feature; what is no polygon is a finding.
pub(super) fn outline(
    feature: &Feature,
    layer: &str,
    key: &str,
    findings: &mut Vec<Finding>,
) -> Option<MultiPolygon<f64>> {
    let outline = match &feature.geometry {
        Some(Geometry::Polygon(polygon)) => Some(MultiPolygon(vec![polygon.clone()])),
        Some(Geometry::MultiPolygon(polygons)) if !polygons.0.is_empty() => Some(polygons.clone()),
        _ => None,
    };
    if outline.is_none() {
        let what = "the feature is not a polygon";
        findings.push(
            Finding::new(Severity::Error, "not-a-polygon", layer, what, "it is left out; give it an outline").at(key),
        );
    }
    outline
}
