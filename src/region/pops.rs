//! PoP sites that are given.

use geo::Geometry;

use crate::findings::{Finding, Severity};
use crate::geodata::Layer;
use crate::region::columns::Field;
use crate::region::{Error, PopSite};
use crate::scenario::{PopLayer, Scenario, key};
use crate::units::Money;

/// Words that say that a PoP is there already.
const EXISTING: [&str; 5] = ["existing", "bestaand", "in gebruik", "in use", "ja"];

/// Reads the PoP layer.
pub(super) fn read(
    layer: &Layer,
    wishes: &PopLayer,
    scenario: &Scenario,
    findings: &mut Vec<Finding>,
) -> Result<Vec<PopSite>, Error> {
    let id = Field::of(layer, "id", wishes.id.as_ref())?;
    let standing = Field::of(layer, "standing", wishes.standing.as_ref())?;
    let price = Field::of(layer, "price", wishes.price.as_ref())?;
    let capacity = Field::of(layer, "capacity", wishes.capacity.as_ref())?;
    let book = scenario.price_book();
    let usual = book.money(book.known(key::POP));
    let mut pops = Vec::new();
    for feature in &layer.features {
        let key = id.key(feature);
        let point = match &feature.geometry {
            Some(Geometry::Point(point)) => point.0,
            Some(Geometry::MultiPoint(points)) if points.0.len() == 1 => points.0[0].0,
            _ => {
                let what = "the PoP is not a single point";
                let advice = "it is left out; give it a point";
                findings.push(Finding::new(Severity::Error, "pop-without-point", "pops", what, advice).at(key));
                continue;
            }
        };
        let word = standing.text(feature).unwrap_or_default().trim().to_lowercase();
        let existing = EXISTING.contains(&word.as_str());
        let given = price.number(feature).filter(|euros| *euros >= 0.0).and_then(Money::from_euros);
        let opening = given.unwrap_or(if existing { Money::ZERO } else { usual });
        let holds = capacity.number(feature).filter(|number| *number >= 1.0).map(|number| number as u32);
        let capacity = holds.unwrap_or(scenario.design.pop_connections);
        pops.push(PopSite { key, point, existing, opening, capacity });
    }
    Ok(pops)
}
