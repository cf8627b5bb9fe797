//! White, grey or black: how many fast fixed networks an address has, or is to get.
//!
//! A network counts if its download speed reaches that of the rule year (`need.rule_year`). What the source does not tell
//! widens the range; it is never taken for none.

use crate::findings::{Finding, Severity};
use crate::geodata::{Feature, Layer};
use crate::region::columns::Field;
use crate::region::{Address, Error, Networks};
use crate::scenario::{AddressLayer, Scenario};

/// Two or more count alike.
const MANY: u8 = 2;

impl Networks {
    /// White (none), grey (one), black (two or more), or what of these it may be.
    #[must_use]
    pub const fn colour(self) -> &'static str {
        match (self.least, self.most) {
            (0, 0) => "white",
            (1, 1) => "grey",
            (MANY.., _) => "black",
            (0, 1) => "white-or-grey",
            (1, _) => "grey-or-black",
            (0, _) => "unknown",
        }
    }
}

/// The columns on networks that are there, or on those that are planned.
struct Fields {
    count: Field,
    speed: Field,
    mapped: [bool; 2],
}

impl Fields {
    fn of(layer: &Layer, [count, speed]: [(&str, Option<&String>); 2]) -> Result<Self, Error> {
        Ok(Self {
            count: Field::of(layer, count.0, count.1)?,
            speed: Field::of(layer, speed.0, speed.1)?,
            mapped: [count.1.is_some(), speed.1.is_some()],
        })
    }

    /// The fewest and most fast networks that agree with what is told.
    fn range(&self, feature: &Feature, fast_mbps: f64) -> Networks {
        let count = self.count.number(feature).filter(|count| *count >= 0.0).map(|count| (count as u8).min(MANY));
        let fast = self.speed.number(feature).filter(|speed| *speed >= 0.0).map(|speed| speed >= fast_mbps);
        let [counted, clocked] = self.mapped;
        let (least, most) = match (count, fast) {
            _ if !counted && !clocked => (0, 0),
            (Some(0), _) | (_, Some(false)) => (0, 0),
            (Some(count), Some(true)) => (1, count),
            (Some(count), None) if clocked => (0, count),
            (Some(count), None) => (count, count),
            (None, Some(true)) => (1, MANY),
            (None, None) => (0, MANY),
        };
        Networks { least, most }
    }
}

/// Reads how many fast networks each address has or is to get, where the scenario names a column for that.
pub(super) fn read(
    layer: &Layer,
    scenario: &Scenario,
    addresses: &mut [Address],
    findings: &mut Vec<Finding>,
) -> Result<(), Error> {
    let AddressLayer { networks, speed, planned_networks, planned_speed, .. } = &scenario.layers.addresses;
    let present = Fields::of(layer, [("networks", networks.as_ref()), ("speed", speed.as_ref())])?;
    let planned = [("planned_networks", planned_networks.as_ref()), ("planned_speed", planned_speed.as_ref())];
    let planned = Fields::of(layer, planned)?;
    if !present.mapped.contains(&true) && !planned.mapped.contains(&true) {
        return Ok(());
    }
    let fast = scenario.need.fast_mbps();
    let mut unsure = 0;
    for (address, feature) in addresses.iter_mut().zip(&layer.features) {
        let (now, later) = (present.range(feature, fast), planned.range(feature, fast));
        let sum = Networks { least: (now.least + later.least).min(MANY), most: (now.most + later.most).min(MANY) };
        unsure += usize::from(sum.least != sum.most);
        address.networks = Some(sum);
    }
    if unsure > 0 {
        let what = format!("it is not known how many fast networks {unsure} addresses have");
        let advice = "their need is taken as a range; fill in networks and speeds";
        findings.push(Finding::new(Severity::Info, "networks-unknown", "addresses", what, advice));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geodata::{Column, ColumnKind, Value};

    /// The truth table of networks and speeds under the rules of a year.
    fn colour(values: [Option<f64>; 4], rule_year: u32) -> &'static str {
        let names = ["n", "s", "pn", "ps"];
        let column = |name: &&str| Column { name: (*name).to_owned(), kind: ColumnKind::Real };
        let layer = Layer {
            name: "a".to_owned(),
            crs: None,
            columns: names.iter().map(column).collect(),
            features: Vec::new(),
        };
        let named = names.map(str::to_owned);
        let present = Fields::of(&layer, [("n", Some(&named[0])), ("s", Some(&named[1]))]).expect("columns");
        let planned = Fields::of(&layer, [("pn", Some(&named[2])), ("ps", Some(&named[3]))]).expect("columns");
        let values = values.map(|value| value.map_or(Value::Null, Value::Real)).to_vec();
        let feature = Feature { record: 1, geometry: None, values };
        let fast = crate::scenario::NeedRules { rule_year, ..Default::default() }.fast_mbps();
        let (now, later) = (present.range(&feature, fast), planned.range(&feature, fast));
        Networks { least: (now.least + later.least).min(2), most: (now.most + later.most).min(2) }.colour()
    }

    #[test]
    fn networks_speeds_plans_and_the_rule_year_decide_the_colour() {
        let none = Some(0.0);
        for (values, in_2023, in_2013) in [
            ([none, None, none, None], "white", "white"),
            ([Some(1.0), Some(50.0), none, None], "white", "grey"),
            ([Some(1.0), Some(200.0), none, None], "grey", "grey"),
            ([none, None, Some(1.0), Some(1000.0)], "grey", "grey"),
            ([Some(1.0), Some(200.0), Some(1.0), Some(1000.0)], "black", "black"),
            ([Some(2.0), Some(40.0), none, None], "white", "grey-or-black"),
            ([None, Some(200.0), none, None], "grey-or-black", "grey-or-black"),
            ([Some(1.0), None, none, None], "white-or-grey", "white-or-grey"),
            ([None, None, none, None], "unknown", "unknown"),
        ] {
            assert_eq!((colour(values, 2023), colour(values, 2013)), (in_2023, in_2013), "{values:?}");
        }
    }
}
