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
        let holds = capacity.number(feature).filter(|number| *number >= 1.0).map(|number| number as u32);
        for (wish, field, is_used) in [("price", price, given.is_some()), ("capacity", capacity, holds.is_some())] {
            if let (Some(text), false) = (field.text(feature), is_used) {
                let what = format!("the {wish} of the PoP is `{text}`");
                let advice = "the usual one is taken; give a plain number";
                findings
                    .push(Finding::new(Severity::Warning, "pop-value-unusable", "pops", what, advice).at(key.as_str()));
            }
        }
        let opening = given.unwrap_or(if existing { Money::ZERO } else { usual });
        let capacity = holds.unwrap_or(scenario.design.pop_connections);
        pops.push(PopSite { key, point, existing, opening, capacity });
    }
    Ok(pops)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geodata::{Column, ColumnKind, Feature, Value};

    /// One PoP with these values of its columns `soort`, `prijs` and `capaciteit`.
    fn one(values: &[Value; 3]) -> (PopSite, Vec<String>) {
        let wishes = "[layers.addresses]\nfile = 'a.shp'\n[layers.pops]\nfile = 'p.shp'\nstanding = 'soort'\n\
            price = 'prijs'\ncapacity = 'capaciteit'\n";
        let scenario = Scenario::parse(wishes).expect("a scenario");
        let column = |name: &str| Column { name: name.to_owned(), kind: ColumnKind::Text };
        let columns = ["soort", "prijs", "capaciteit"].map(column).to_vec();
        let geometry = Some(Geometry::Point(geo::Point::new(1.0, 2.0)));
        let features = vec![Feature { record: 1, geometry, values: values.to_vec() }];
        let layer = Layer { name: "pops".to_owned(), crs: None, columns, features };
        let mut findings = Vec::new();
        let wishes = scenario.layers.pops.as_ref().expect("a layer of PoPs");
        let mut pops = read(&layer, wishes, &scenario, &mut findings).expect("every column is there");
        (pops.remove(0), findings.into_iter().map(|finding| finding.what).collect())
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn a_price_and_a_capacity_that_are_given_count_and_the_usual_ones_where_they_are_not() {
        let usual = |euros: f64| Money::from_euros(euros).expect("a sum");
        let (pop, told) = one(&[text("candidate"), Value::Integer(20_000), Value::Integer(96)]);
        assert_eq!((pop.existing, pop.opening, pop.capacity, told.len()), (false, usual(20_000.0), 96, 0));
        let (pop, told) = one(&[text("Bestaand"), Value::Null, Value::Null]);
        assert_eq!((pop.existing, pop.opening, pop.capacity, told.len()), (true, Money::ZERO, 3000, 0));
        let (pop, told) = one(&[Value::Null, text("0"), text("1,0")]);
        assert_eq!((pop.existing, pop.opening, pop.capacity, told.len()), (false, Money::ZERO, 1, 0));
    }

    #[test]
    fn a_price_and_a_capacity_that_cannot_be_are_told_of() {
        let (usual, _) = one(&[Value::Null, Value::Null, Value::Null]);
        assert!(usual.opening > Money::ZERO);
        for odd in [text("20.000,00"), Value::Integer(-99_997), text("onbekend")] {
            let (pop, told) = one(&[Value::Null, odd.clone(), odd.clone()]);
            assert_eq!((pop.opening, pop.capacity), (usual.opening, usual.capacity), "{odd:?}");
            assert_eq!(told.len(), 2, "{told:?}");
            assert!(told[0].contains("price") && told[1].contains("capacity"), "{told:?}");
        }
    }
}
