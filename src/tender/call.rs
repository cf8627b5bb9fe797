//! The tender file: which scenario, how bids are awarded, what is demanded, where the bids are.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::tender::award::Award;
use crate::tender::ratio::Decimal;

/// A call for tenders with the bids that came in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Call {
    /// What the comparison is called.
    pub name: String,
    /// The scenario with the address list and the reference prices, relative to the tender file.
    pub scenario: String,
    /// CSV file with columns `id` and `colour` (white, grey or black); addresses not in it are unknown. Without it
    /// colours are those of the scenario's columns on networks.
    pub colours: Option<String>,
    /// The award method.
    pub award: Award,
    /// What every bid must offer.
    pub demands: Demands,
    /// How bids are read.
    pub reading: Reading,
    /// Lots, where the area is tendered in parts.
    pub lots: Option<Lots>,
    /// The bids, in the order in which they are told.
    pub bids: Vec<BidEntry>,
}

/// What every bid must offer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Demands {
    /// Whether each business park that a bid connects must have two routes without a common trench.
    pub park_redundancy: bool,
    /// Least guaranteed download speed, in Mbit/s.
    pub down_mbps: Option<Decimal>,
    /// Whether access for other providers (wholesale) must be offered.
    pub wholesale: bool,
}

/// How bids are read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reading {
    /// Lines that come this near to each other's ends and corners are joined, in metres.
    pub join_m: f64,
    /// A route serves an address, park or PoP that it comes this near to, in metres.
    pub reach_m: f64,
    /// A served address given as a point is the listed address within this distance, in metres.
    pub match_m: f64,
    /// A PoP is the scenario's candidate within this distance, in metres.
    pub pop_m: f64,
    /// A route follows a candidate trench that it keeps this near to, in metres.
    pub follow_m: f64,
    /// Addresses that are not on the list and farther than this from all that are lie outside the area, in metres.
    pub outside_m: f64,
    /// Price key per metre for routes that follow no candidate trench.
    pub other_trench: String,
    /// Share by which a unit price may lie outside its range before it is told, as 0.1 for ten percent.
    pub band_slack: f64,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            join_m: 0.5,
            reach_m: 3.0,
            match_m: 10.0,
            pop_m: 50.0,
            follow_m: 3.0,
            outside_m: 1000.0,
            other_trench: "civil.open_unpaved".to_owned(),
            band_slack: 0.0,
        }
    }
}

/// Lots: parts of the area.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lots {
    /// Polygons of the lots, relative to the tender file.
    pub file: String,
    /// Column with the lot's name.
    pub name: String,
    /// Most lots that one bidder may win.
    pub most_per_bidder: Option<usize>,
}

/// One bid.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BidEntry {
    /// What the bid is called.
    pub name: String,
    /// Folder, GeoPackage or GeoJSON with routes and served addresses, relative to the tender file.
    pub path: String,
    /// Price sheet, TOML or CSV; where not given, the one in the folder or beside the file.
    pub price_sheet: Option<String>,
    /// Quality scores given by the evaluators; they take the place of those in the price sheet.
    pub quality: BTreeMap<String, toml::Value>,
}

/// Why a tender file cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// The text is no tender file; the message shows the line.
    #[error("{message}{}", hint.as_ref().map(|hint| format!("; did you mean `{hint}`?")).unwrap_or_default())]
    Text {
        /// What the parser says, with line and column.
        message: String,
        /// A known key close to an unknown one.
        hint: Option<String>,
    },
    /// A value cannot be right.
    #[error("{key}: {what}")]
    Value {
        /// The key with its path.
        key: String,
        /// What is wrong and how to mend it.
        what: String,
    },
}

impl Call {
    /// Reads a tender file and checks its values.
    ///
    /// # Errors
    /// Syntax errors, unknown keys (with a suggestion), an award method that lacks figures, bids without name or path.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let call: Self = toml::from_str(text).map_err(|error| Error::Text {
            hint: suggestion(error.message()),
            message: error.to_string().trim_end().to_owned(),
        })?;
        call.validate()?;
        Ok(call)
    }

    fn validate(&self) -> Result<(), Error> {
        let wrong = |key: &str, what: &str| Err(Error::Value { key: key.to_owned(), what: what.to_owned() });
        if self.scenario.is_empty() {
            return wrong("scenario", "no scenario is named; name one that `vezel plan` can plan");
        }
        if self.bids.is_empty() {
            return wrong("bids", "there is no bid; add a [[bids]] with name and path for each");
        }
        for (place, bid) in self.bids.iter().enumerate() {
            let key = format!("bids[{place}]");
            if bid.name.is_empty() || bid.path.is_empty() {
                return wrong(&key, "name and path are needed");
            }
            if self.bids[..place].iter().any(|other| other.name == bid.name) {
                return wrong(&key, "another bid has the same name");
            }
            let known = |key: &&String| self.award.criteria.iter().any(|criterion| criterion.key == **key);
            if let Some(stranger) = bid.quality.keys().find(|key| !known(key)) {
                return wrong(&format!("{key}.quality.{stranger}"), "no criterion of the award method has this key");
            }
        }
        let rules = &self.reading;
        let distances = [rules.join_m, rules.reach_m, rules.match_m, rules.pop_m, rules.follow_m, rules.outside_m];
        if distances.iter().any(|metres| !(0.0..=100_000.0).contains(metres))
            || !(0.0..=10.0).contains(&rules.band_slack)
        {
            return wrong("reading", "a figure is out of range; give metres from 0 to 100000, band_slack from 0 to 10");
        }
        match self.award.fault() {
            Some((key, what)) => Err(Error::Value { key, what }),
            None => Ok(()),
        }
    }
}

/// The expected key nearest to the unknown one, both read from the parser's own message.
fn suggestion(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unknown field ").or_else(|| message.strip_prefix("unknown variant "))?;
    let words: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
    let (unknown, known) = words.split_first()?;
    nearest(unknown, known.iter().copied()).map(str::to_owned)
}

/// The known word most like `word`, if any is alike at all (Jaro-Winkler similarity of 0.8 or more).
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let alike = |other: &&str| (strsim::jaro_winkler(word, other) * 1000.0) as u32;
    known.max_by_key(alike).filter(|best| alike(best) >= 800)
}
