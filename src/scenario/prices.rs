//! Unit prices: each with its unit, its range and its source.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::scenario::cabling;
use crate::units::Money;

/// Keys of the prices that the program itself refers to.
pub mod key {
    /// Ploughing or chain-trenching in verge or field, per metre.
    pub const PLOUGH: &str = "civil.plough";
    /// Open trench in an unpaved verge, per metre.
    pub const OPEN_UNPAVED: &str = "civil.open_unpaved";
    /// Open trench in half-paved ground, per metre.
    pub const OPEN_HALF_PAVED: &str = "civil.open_half_paved";
    /// Open trench in bricks or tiles, per metre.
    pub const OPEN_ELEMENTS: &str = "civil.open_elements";
    /// Open trench in asphalt or concrete, per metre.
    pub const OPEN_ASPHALT: &str = "civil.open_asphalt";
    /// Narrow slot in asphalt, per metre.
    pub const MICRO_TRENCH: &str = "civil.microtrench";
    /// Directional drilling, per metre.
    pub const DRILLING: &str = "civil.hdd";
    /// Setting up a directional drilling, for every shot.
    pub const SHOT: &str = "civil.hdd_shot";
    /// Surcharge for work in a season or area with conditions, per metre.
    pub const SEASON: &str = "civil.season";
    /// Right to lay a cable across someone's field, per metre.
    pub const EASEMENT: &str = "civil.easement";
    /// Trench on private ground, per metre.
    pub const DROP_TRENCH: &str = "drop.trench_private";
    /// Crossing a drive, each.
    pub const CROSS_DRIVE: &str = "cross.drive";
    /// Crossing under a local road, each.
    pub const CROSS_ROAD_LOCAL: &str = "cross.road_local";
    /// Crossing under a provincial or state road, each.
    pub const CROSS_ROAD_STATE: &str = "cross.road_prov_state";
    /// Crossing a track or path, each.
    pub const CROSS_TRACK: &str = "cross.track";
    /// Crossing water, each.
    pub const CROSS_WATER: &str = "cross.water";
    /// Crossing a ditch or small stream, each.
    pub const CROSS_DITCH: &str = "cross.ditch";
    /// Crossing a railway, each.
    pub const CROSS_RAIL: &str = "cross.rail";
    /// Leasing an existing duct, per metre.
    pub const DUCT_LEASE: &str = "duct.lease";
    /// A bundle of micro-ducts in a trench, per metre.
    pub const DUCT_BUNDLE: &str = "duct.micro_bundle";
    /// A micro-duct of one drop cable, per metre.
    pub const DUCT_DROP: &str = "duct.micro_drop";
    /// The cable of one connection's drop, per metre.
    pub const CABLE_DROP: &str = "cable.drop";
    /// Blowing in a cable, per metre.
    pub const BLOW: &str = "cable.blow";
    /// A splice or termination of one fibre.
    pub const SPLICE: &str = "splice.fibre";
    /// A handhole where cable is blown on, each.
    pub const HANDHOLE: &str = "node.handhole";
    /// A handhole with a closure that serves as distribution point, each.
    pub const HANDHOLE_DP: &str = "node.handhole_dp";
    /// Active equipment of one connection in the PoP.
    pub const ACTIVE_PORT: &str = "active.port";
    /// A cabinet, each.
    pub const CABINET: &str = "node.cabinet";
    /// A PoP housing, each.
    pub const POP: &str = "node.pop";
    /// A home connection, each.
    pub const HOME: &str = "home.connect";
    /// Design, permits and project management, percent of civil works.
    pub const DESIGN: &str = "soft.design_permit_pm";
    /// Contingency, percent of everything else.
    pub const CONTINGENCY: &str = "soft.contingency";
}

/// What a price is per.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Euros per metre.
    #[serde(rename = "m")]
    Metre,
    /// Euros each.
    #[default]
    Each,
    /// Percent of a sum of money.
    #[serde(rename = "%")]
    Percent,
}

/// One unit price.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Euros per unit, or percent.
    pub price: f64,
    /// What it is per; may be left out for a key that has a default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// Low end of the range seen in practice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// High end of the range seen in practice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// Where the figure comes from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

/// A price of a [`PriceBook`], by its place in alphabetical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PriceId(pub u16);

/// All prices of a scenario, defaults included, in alphabetical order of key.
#[derive(Clone, Debug)]
pub struct PriceBook {
    entries: Vec<(String, Price)>,
}

impl PriceBook {
    /// The defaults, overridden and extended by the scenario's own prices.
    #[must_use]
    pub fn new(own: &BTreeMap<String, Price>) -> Self {
        let mut all = defaults();
        for (key, price) in own {
            let entry = all.entry(key.clone()).or_default();
            let merged = Price {
                price: price.price,
                unit: price.unit.or(entry.unit),
                low: price.low.or(entry.low),
                high: price.high.or(entry.high),
                source: if price.source.is_empty() { "scenario".to_owned() } else { price.source.clone() },
            };
            *entry = merged;
        }
        Self { entries: all.into_iter().collect() }
    }

    /// The price of this key, if there is one. Time: O(log n).
    #[must_use]
    pub fn find(&self, key: &str) -> Option<PriceId> {
        self.entries.binary_search_by(|(other, _)| other.as_str().cmp(key)).ok().map(|at| PriceId(at as u16))
    }

    /// The price of a key that has a default.
    ///
    /// # Panics
    /// If the key is none of those in [`key`].
    #[must_use]
    pub fn known(&self, key: &str) -> PriceId {
        self.find(key).expect("every key named by the program has a default")
    }

    /// The key of a price.
    #[must_use]
    pub fn key(&self, id: PriceId) -> &str {
        &self.entries[usize::from(id.0)].0
    }

    /// A price with its unit, range and source.
    #[must_use]
    pub fn entry(&self, id: PriceId) -> &Price {
        &self.entries[usize::from(id.0)].1
    }

    /// Unit of a price.
    #[must_use]
    pub fn unit(&self, id: PriceId) -> Unit {
        self.entry(id).unit.unwrap_or_default()
    }

    /// The price in whole cents per metre or each; for a percentage, hundredths of a percent.
    #[must_use]
    pub fn money(&self, id: PriceId) -> Money {
        Money::from_euros(self.entry(id).price).unwrap_or(Money::ZERO)
    }

    /// All prices, in alphabetical order of key.
    pub fn iter(&self) -> impl Iterator<Item = (PriceId, &str, &Price)> {
        self.entries.iter().enumerate().map(|(at, (key, price))| (PriceId(at as u16), key.as_str(), price))
    }
}

/// Prices in euros excluding VAT: low, default, high. Sources: literature where named, else professional judgement.
const DEFAULTS: &[(&str, Unit, f64, f64, f64, &str)] = &[
    (
        key::PLOUGH,
        Unit::Metre,
        3.0,
        8.0,
        15.0,
        "laying cost 5-6 EUR/m in Dutch rural projects (Nieuwe Oogst 2017); cable plough 8-10 EUR/m in Germany (WIR Solutions)",
    ),
    (
        key::OPEN_UNPAVED,
        Unit::Metre,
        8.0,
        15.0,
        30.0,
        "16.7 EUR/m in ftth_planner; about 10 GBP per fibre link metre in digital_comms; range by judgement",
    ),
    (key::OPEN_HALF_PAVED, Unit::Metre, 12.0, 20.0, 35.0, "judgement, between unpaved and elements"),
    (key::OPEN_ELEMENTS, Unit::Metre, 20.0, 35.0, 55.0, "UK footway 35-50 GBP/m (Bradley)"),
    (
        key::OPEN_ASPHALT,
        Unit::Metre,
        60.0,
        100.0,
        150.0,
        "UK carriageway 100 GBP/m (Bradley); German 140-150 EUR/m (Verivox 2022)",
    ),
    (
        key::MICRO_TRENCH,
        Unit::Metre,
        20.0,
        40.0,
        60.0,
        "40-60 EUR/m in Germany (computerbase); 25 GBP/m slot in the UK (Bradley); 7-15 USD/ft in the US (draftech)",
    ),
    (
        key::DRILLING,
        Unit::Metre,
        35.0,
        70.0,
        150.0,
        "judgement; Dutch key figures at GWWkosten are not public; mobilisation is apart",
    ),
    (
        key::SHOT,
        Unit::Each,
        500.0,
        1000.0,
        1500.0,
        "judgement; shots of a Dutch power job were 318 m on average (6,350 m in 20, VSH)",
    ),
    (key::SEASON, Unit::Metre, 1.0, 4.0, 10.0, "judgement: ecological supervision, waiting and a second set-up"),
    (key::EASEMENT, Unit::Metre, 0.5, 3.0, 6.0, "judgement: right of way and crop damage"),
    (key::DROP_TRENCH, Unit::Metre, 3.0, 8.0, 20.0, "judgement, as ploughing"),
    (key::CROSS_DRIVE, Unit::Each, 50.0, 120.0, 250.0, "judgement"),
    (key::CROSS_TRACK, Unit::Each, 50.0, 150.0, 300.0, "judgement, little more than a drive"),
    (
        key::CROSS_ROAD_LOCAL,
        Unit::Each,
        300.0,
        700.0,
        1500.0,
        "UK rural plan 1,000 GBP with chambers (Cumbria); range by judgement",
    ),
    (key::CROSS_ROAD_STATE, Unit::Each, 1500.0, 4000.0, 10_000.0, "judgement; trenchless is compulsory there"),
    (key::CROSS_DITCH, Unit::Each, 100.0, 400.0, 1500.0, "judgement"),
    (key::CROSS_WATER, Unit::Each, 1500.0, 5000.0, 20_000.0, "judgement"),
    (key::CROSS_RAIL, Unit::Each, 8000.0, 20_000.0, 60_000.0, "judgement"),
    (key::DUCT_LEASE, Unit::Metre, 1.0, 3.0, 6.0, "judgement: present value of a long lease"),
    (key::CABINET, Unit::Each, 1500.0, 4000.0, 7000.0, "German NVT with link about 6,000 EUR (computerbase)"),
    (key::POP, Unit::Each, 30_000.0, 80_000.0, 150_000.0, "UK exchange 70,000 GBP (digital_comms)"),
    (
        key::HOME,
        Unit::Each,
        200.0,
        400.0,
        1200.0,
        "about 320 GBP in digital_comms; 945 EUR late order (De Stentor 2019); 1,200 EUR in Germany",
    ),
    (key::DESIGN, Unit::Percent, 8.0, 15.0, 25.0, "judgement"),
    (key::CONTINGENCY, Unit::Percent, 5.0, 10.0, 20.0, "judgement"),
];

fn defaults() -> BTreeMap<String, Price> {
    let price = |&(key, unit, low, price, high, source): &(&str, Unit, f64, f64, f64, &str)| {
        let price = Price { price, unit: Some(unit), low: Some(low), high: Some(high), source: source.to_owned() };
        (key.to_owned(), price)
    };
    DEFAULTS.iter().chain(cabling::DEFAULTS).map(price).collect()
}
