//! Roads and ducts: what may be dug along them, and at which price.

use geo::{Coord, Geometry, LineString};

use crate::findings::{Finding, Severity};
use crate::geodata::{Feature, Layer};
use crate::region::columns::{Field, matches};
use crate::region::{Duct, Error, Road};
use crate::scenario::{DuctLayer, PriceBook, RoadLayer, RoadRule, key};

/// Width of a road where neither its record nor a rule tells, in metres.
const USUAL_WIDTH: f64 = 5.0;

/// Reads the road layer; every part of a multi-part line becomes a road of its own.
pub(super) fn read(
    layer: &Layer,
    wishes: &RoadLayer,
    (prices, verge): (&PriceBook, f64),
    findings: &mut Vec<Finding>,
) -> Result<Vec<Road>, Error> {
    let id = Field::of(layer, "id", wishes.id.as_ref())?;
    let from = Field::of(layer, "from_junction", wishes.from_junction.as_ref())?;
    let to = Field::of(layer, "to_junction", wishes.to_junction.as_ref())?;
    let bridge = Field::of(layer, "bridge", wishes.bridge.as_ref())?;
    let tunnel = Field::of(layer, "tunnel", wishes.tunnel.as_ref())?;
    let width = Field::of(layer, "width", wishes.width.as_ref())?;
    let rules = rule_fields(layer, &wishes.rules)?;
    let mut roads = Vec::with_capacity(layer.features.len());
    for feature in &layer.features {
        let key = id.key(feature);
        let lines = lines(feature, "roads", &key, findings);
        let course = Course::of(feature, &rules);
        let junctions = match (from.text(feature), to.text(feature)) {
            (Some(from), Some(to)) if lines.len() == 1 => Some([from, to]),
            _ => None,
        };
        let passes_over = bridge.flag(feature) || tunnel.flag(feature);
        for line in lines {
            roads.push(Road {
                key: key.clone(),
                line,
                trench: course.dig.then(|| prices.find(course.trench)).flatten(),
                shot: course.shot.and_then(|key| prices.find(key)),
                crossing: prices.find(course.crossing),
                offset: course.offset(width.number(feature), verge).filter(|_| !passes_over),
                passes_over,
                junctions: junctions.clone(),
            });
        }
    }
    Ok(roads)
}

/// Reads the duct layer.
pub(super) fn read_ducts(
    layer: &Layer,
    wishes: &DuctLayer,
    prices: &PriceBook,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Duct>, Error> {
    let id = Field::of(layer, "id", wishes.id.as_ref())?;
    let lease = prices.known(wishes.lease.as_deref().unwrap_or(key::DUCT_LEASE));
    let mut ducts = Vec::new();
    for feature in &layer.features {
        let key = id.key(feature);
        let lines = lines(feature, "ducts", &key, findings);
        ducts.extend(lines.into_iter().map(|line| Duct { key: key.clone(), line, lease }));
    }
    Ok(ducts)
}

fn rule_fields<'a>(layer: &Layer, rules: &'a [RoadRule]) -> Result<Vec<(Option<Field>, &'a RoadRule)>, Error> {
    let field = |rule: &'a RoadRule| match &rule.column {
        None => Ok((None, rule)),
        Some(_) => Field::of(layer, "rules.column", rule.column.as_ref()).map(|field| (Some(field), rule)),
    };
    rules.iter().map(field).collect()
}

/// What the rules say of one record: each wish from the first matching rule that states it.
struct Course<'a> {
    dig: bool,
    trench: &'a str,
    shot: Option<&'a str>,
    crossing: &'a str,
    sides: u8,
    width: Option<f64>,
}

impl<'a> Course<'a> {
    fn of(feature: &Feature, rules: &[(Option<Field>, &'a RoadRule)]) -> Self {
        let (mut dig, mut trench, mut shot, mut crossing) = (None, None, None, None);
        let (mut sides, mut width) = (None, None);
        for (field, rule) in rules {
            let applies = field.is_none_or(|field| matches(&rule.values, field.text(feature).as_deref()));
            if applies {
                dig = dig.or(rule.dig);
                trench = trench.or(rule.trench.as_deref());
                shot = shot.or(rule.shot.as_deref());
                crossing = crossing.or(rule.crossing.as_deref());
                sides = sides.or(rule.sides);
                width = width.or(rule.width_m);
            }
        }
        Self {
            dig: dig.unwrap_or(true),
            trench: trench.unwrap_or(key::OPEN_UNPAVED),
            shot,
            crossing: crossing.unwrap_or(key::CROSS_ROAD_LOCAL),
            sides: sides.unwrap_or(1),
            width,
        }
    }

    /// How far trenches on both sides run from the line: half the road's own width (else its class's), and the verge.
    fn offset(&self, own: Option<f64>, verge: f64) -> Option<f64> {
        let usable = own.filter(|width| (0.5..200.0).contains(width));
        (self.sides == 2).then(|| usable.or(self.width).unwrap_or(USUAL_WIDTH) / 2.0 + verge)
    }
}

/// The usable lines of a feature: finite points, no repeated ones, two at least.
pub(super) fn lines(feature: &Feature, layer: &str, key: &str, findings: &mut Vec<Finding>) -> Vec<LineString<f64>> {
    let parts: Vec<LineString<f64>> = match &feature.geometry {
        None => Vec::new(),
        Some(Geometry::LineString(line)) => vec![line.clone()],
        Some(Geometry::MultiLineString(lines)) => lines.0.clone(),
        Some(Geometry::Line(line)) => vec![LineString(vec![line.start, line.end])],
        Some(_) => {
            let what = "the feature is not a line";
            let advice = "it is left out; give a layer of lines";
            findings.push(Finding::new(Severity::Error, "not-a-line", layer, what, advice).at(key));
            return Vec::new();
        }
    };
    let usable: Vec<LineString<f64>> = parts.into_iter().filter_map(cleaned).collect();
    if usable.is_empty() {
        let what = "the line has fewer than two different points";
        let advice = "it is left out; delete it or give it a second point";
        findings.push(Finding::new(Severity::Warning, "line-without-length", layer, what, advice).at(key));
    }
    usable
}

fn cleaned(line: LineString<f64>) -> Option<LineString<f64>> {
    let mut points: Vec<Coord<f64>> = line.0;
    points.retain(|point| point.x.is_finite() && point.y.is_finite());
    points.dedup();
    (points.len() >= 2).then_some(LineString(points))
}
