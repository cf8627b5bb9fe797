//! Scenario text in and out, with errors that say what to mend.

use crate::scenario::{BarrierLayer, PriceBook, RoadLayer, Scenario, Unit, UnitCut};

/// Why a scenario cannot be used.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum Error {
    /// The text is no scenario; the message shows the line.
    #[error("{message}{}", hint.as_ref().map(|hint| format!("; did you mean `{hint}`?")).unwrap_or_default())]
    Text {
        /// What the parser says, with line and column.
        message: String,
        /// A known key close to an unknown one.
        hint: Option<String>,
    },
    /// A value cannot be right.
    #[error("{key}: {what}; {advice}")]
    Value {
        /// The key with its path, such as `network.snap_m`.
        key: String,
        /// What is wrong.
        what: String,
        /// How to mend it.
        advice: String,
    },
}

impl Scenario {
    /// Reads a scenario from TOML text and checks its values.
    ///
    /// # Errors
    /// Syntax errors, unknown keys (with a suggestion), values out of range, prices that do not exist.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let scenario: Self = toml::from_str(text).map_err(|error| Error::Text {
            hint: suggestion(error.message()),
            message: error.to_string().trim_end().to_owned(),
        })?;
        scenario.validate()?;
        Ok(scenario)
    }

    /// The scenario as TOML text with every value written out, prices with their sources included.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut effective = self.clone();
        effective.prices = self.price_book().iter().map(|(_, key, price)| (key.to_owned(), price.clone())).collect();
        toml::to_string_pretty(&effective).expect("a scenario has only text keys and plain values")
    }

    fn validate(&self) -> Result<(), Error> {
        if self.layers.addresses.file.is_empty() {
            return Err(value(
                "layers.addresses.file",
                "no address layer is named",
                "name a shapefile of address points",
            ));
        }
        self.validate_numbers()?;
        self.need.validate()?;
        self.rollout.validate()?;
        self.robustness.validate()?;
        self.validate_units()?;
        self.phases.validate()?;
        self.validate_prices()
    }

    fn validate_numbers(&self) -> Result<(), Error> {
        let ranges = [
            ("scope.density_below", self.scope.density_below, 0.0, 1e6),
            ("network.snap_m", self.network.snap_m, 0.0, 10.0),
            ("network.drop_max_m", self.network.drop_max_m, 0.0, 20_000.0),
            ("network.yard_m", self.network.yard_m, 0.0, 1000.0),
            ("network.entry_max_m", self.network.entry_max_m, 0.0, 20_000.0),
            ("network.verge_m", self.network.verge_m, 0.0, 50.0),
            ("network.cross_field_max_m", self.network.cross_field_max_m, 0.0, 5000.0),
            ("network.shot_m", self.network.shot_m, 1.0, 5000.0),
            ("network.drops_per_address", self.network.drops_per_address as f64, 1.0, 16.0),
            ("design.pop_connections", f64::from(self.design.pop_connections), 1.0, 1e6),
            ("design.cabinet_ports", f64::from(self.design.cabinet_ports), 1.0, 1e6),
            ("design.take_up", self.design.take_up, 0.0, 1.0),
            ("architecture.p2p_reach_m", self.architecture.p2p_reach_m, 0.0, 200_000.0),
            ("architecture.pon_reach_m", self.architecture.pon_reach_m, 0.0, 200_000.0),
            ("architecture.fibre_db_per_km", self.architecture.fibre_db_per_km, 0.01, 10.0),
            ("architecture.route_splices", f64::from(self.architecture.route_splices), 0.0, 1000.0),
            ("architecture.splice_db", self.architecture.splice_db, 0.0, 10.0),
            ("architecture.route_connectors", f64::from(self.architecture.route_connectors), 0.0, 100.0),
            ("architecture.connector_db", self.architecture.connector_db, 0.0, 10.0),
            ("architecture.margin_db", self.architecture.margin_db, 0.0, 50.0),
            ("architecture.fibres_per_address", f64::from(self.architecture.fibres_per_address), 1.0, 24.0),
            ("architecture.fibres_per_park", f64::from(self.architecture.fibres_per_park), 1.0, 10_000.0),
            ("architecture.spare_trunk", self.architecture.spare_trunk, 0.0, 1.0),
            ("architecture.spare_distribution", self.architecture.spare_distribution, 0.0, 1.0),
            ("architecture.duct_ways", f64::from(self.architecture.duct_ways), 1.0, 100.0),
            ("architecture.blow_m", self.architecture.blow_m, 10.0, 100_000.0),
            ("architecture.distribution_max_m", self.architecture.distribution_max_m, 0.0, 100_000.0),
            ("architecture.handhole_connections", f64::from(self.architecture.handhole_connections), 0.0, 10_000.0),
            ("prize.revenue", self.prize.revenue, 0.0, 1e7),
            ("priority.unit_addresses", f64::from(self.priority.unit_addresses), 1.0, 1e6),
            ("priority.tiers", self.priority.tiers.len() as f64, 0.0, 20.0),
        ];
        for (key, number, least, most) in ranges {
            if !(least..=most).contains(&number) {
                return Err(value(key, &format!("{number} is out of range"), &format!("give {least} to {most}")));
            }
        }
        for rule in self.layers.roads.iter().flat_map(|roads| &roads.rules) {
            if rule.sides.is_some_and(|sides| !(1..=2).contains(&sides)) {
                return Err(value("layers.roads.rules.sides", "a road has one side or two", "give 1 or 2"));
            }
            if rule.width_m.is_some_and(|width| !(0.5..200.0).contains(&width)) {
                return Err(value("layers.roads.rules.width_m", "the width is out of range", "give 0.5 to 200 metres"));
            }
        }
        for subsidy in &self.prize.subsidy_by_tier {
            if !(0.0..=1e7).contains(subsidy) {
                return Err(value("prize.subsidy_by_tier", &format!("{subsidy} is out of range"), "give euros from 0"));
            }
        }
        Ok(())
    }

    fn validate_units(&self) -> Result<(), Error> {
        let missing = match self.rollout.units {
            UnitCut::Layer if self.layers.unit_areas.is_none() => "layers.unit_areas",
            UnitCut::Neighbourhoods if self.layers.neighbourhoods.is_none() => "layers.neighbourhoods",
            _ => return Ok(()),
        };
        Err(value("rollout.units", &format!("there is no {missing}"), "name that layer, or give units = \"tree\""))
    }

    /// Splits and cables must be such as are made, and have prices per piece and per metre.
    fn validate_architecture(&self, book: &PriceBook) -> Result<(), Error> {
        let architecture = &self.architecture;
        if !(architecture.split.is_power_of_two() && (2..=128).contains(&architecture.split)) {
            let what = format!("there is no splitter 1:{}", architecture.split);
            return Err(value("architecture.split", &what, "give 2, 4, 8, 16, 32, 64 or 128"));
        }
        if architecture.cable_sizes.is_empty() {
            return Err(value("architecture.cable_sizes", "there is no cable", "name at least one size, such as 96"));
        }
        for &size in &architecture.cable_sizes {
            let key = format!("cable.{size}");
            if !(1..=10_000).contains(&size) || book.find(&key).is_none_or(|id| book.unit(id) != Unit::Metre) {
                let what = format!("there is no price per metre `{key}`");
                return Err(value("architecture.cable_sizes", &what, "add it under [prices], with unit = \"m\""));
            }
        }
        Ok(())
    }

    fn validate_prices(&self) -> Result<(), Error> {
        for (key, price) in &self.prices {
            if !(0.0..=1e8).contains(&price.price) {
                return Err(value(&format!("prices.{key}"), "the price is negative or absurd", "give euros from 0"));
            }
        }
        let book = self.price_book();
        self.validate_architecture(&book)?;
        let check = |place: &str, key: Option<&String>| match key {
            Some(key) if book.find(key).is_none() => {
                let known: Vec<&str> = book.iter().map(|(_, known, _)| known).collect();
                let advice = nearest(key, &known).map_or("add it under [prices]".to_owned(), |near| {
                    format!("add it under [prices], or did you mean `{near}`?")
                });
                Err(value(place, &format!("there is no price `{key}`"), &advice))
            }
            _ => Ok(()),
        };
        check("network.open_field_trench", Some(&self.network.open_field_trench))?;
        for rule in self.layers.roads.iter().flat_map(|roads: &RoadLayer| &roads.rules) {
            check("layers.roads.rules.trench", rule.trench.as_ref())?;
            check("layers.roads.rules.crossing", rule.crossing.as_ref())?;
            check("layers.roads.rules.shot", rule.shot.as_ref())?;
        }
        for barrier in &self.layers.barriers {
            let BarrierLayer { crossing, rules, .. } = barrier;
            check("layers.barriers.crossing", crossing.as_ref())?;
            rules.iter().try_for_each(|rule| check("layers.barriers.rules.crossing", rule.crossing.as_ref()))?;
        }
        for zone in &self.layers.zones {
            check("layers.zones.trench", zone.trench.as_ref())?;
            check("layers.zones.shot", zone.shot.as_ref())?;
            check("layers.zones.surcharge", zone.surcharge.as_ref())?;
        }
        check("layers.ducts.lease", self.layers.ducts.as_ref().and_then(|ducts| ducts.lease.as_ref()))
    }
}

pub(super) fn value(key: &str, what: &str, advice: &str) -> Error {
    Error::Value { key: key.to_owned(), what: what.to_owned(), advice: advice.to_owned() }
}

/// The expected key nearest to the unknown one, both read from the parser's own message.
fn suggestion(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unknown field ").or_else(|| message.strip_prefix("unknown variant "))?;
    let words: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
    let (unknown, known) = words.split_first()?;
    nearest(unknown, known).map(str::to_owned)
}

/// The known word most like `word`, if any is alike at all (Jaro-Winkler similarity of 0.7 or more).
fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let alike = |other: &&str| (strsim::jaro_winkler(word, other) * 1000.0) as u32;
    known.iter().copied().max_by_key(alike).filter(|best| alike(best) >= 700)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "[layers.addresses]\nfile = 'a.shp'\n";

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest_known_one() {
        let error = Scenario::parse(&format!("{LEAST}[network]\nsnap_metres = 1.0\n")).expect_err("unknown key");
        assert!(error.to_string().contains("did you mean `snap_m`?"), "{error}");
        assert!(error.to_string().contains("line 4"), "{error}");
    }

    #[test]
    fn a_price_that_does_not_exist_is_refused() {
        let text = format!("{LEAST}[layers.roads]\nfile = 'r.shp'\n[[layers.roads.rules]]\ntrench = 'civil.plow'\n");
        let error = Scenario::parse(&text).expect_err("no such price");
        assert!(error.to_string().contains("did you mean `civil.plough`?"), "{error}");
    }

    #[test]
    fn the_effective_scenario_reads_back_the_same_and_names_a_source_for_every_price() {
        let scenario = Scenario::parse(LEAST).expect("least scenario");
        let text = scenario.to_toml();
        let again = Scenario::parse(&text).expect("its own output");
        assert_eq!(again.to_toml(), text);
        assert!(again.price_book().iter().all(|(_, _, price)| !price.source.is_empty() && price.unit.is_some()));
    }

    #[test]
    fn an_own_price_overrides_the_default_but_keeps_its_unit() {
        let scenario =
            Scenario::parse(&format!("{LEAST}[prices]\n'civil.plough' = {{ price = 6.5 }}\n")).expect("valid");
        let book = scenario.price_book();
        let plough = book.known(crate::scenario::key::PLOUGH);
        assert_eq!(book.money(plough).cents(), 650);
        assert_eq!(book.unit(plough), crate::scenario::Unit::Metre);
    }
}
