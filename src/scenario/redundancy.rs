//! Which business parks are to stay connected when any one trench is cut.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How business parks are protected.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RedundancyRules {
    /// What holds for every park that is not named below.
    pub parks: Redundancy,
    /// What holds for parks of a class (by the value of `layers.business_parks.class`).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub by_class: BTreeMap<String, Redundancy>,
    /// What holds for single parks, by id; it goes before the class.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub by_park: BTreeMap<String, Redundancy>,
    /// Whether a plan that cannot protect every park as asked counts as infeasible (exit code 4).
    pub required: bool,
}

/// How one park is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Redundancy {
    /// It hangs from one route.
    #[default]
    None,
    /// Two routes to one PoP that share no trench.
    TwoRoutes,
    /// Two routes to two PoPs that share no trench.
    TwoPops,
}

impl RedundancyRules {
    /// What is asked for a park, by its id and class.
    #[must_use]
    pub fn wish(&self, park: &str, class: &str) -> Redundancy {
        let named = self.by_park.get(park).or_else(|| self.by_class.get(class));
        named.copied().unwrap_or(self.parks)
    }

    /// Whether any park at all may be asked to be protected.
    #[must_use]
    pub fn asks(&self) -> bool {
        let mut all = self.by_class.values().chain(self.by_park.values()).chain([&self.parks]);
        all.any(|wish| *wish != Redundancy::None)
    }
}

impl Redundancy {
    /// Stable word for scenarios and tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::TwoRoutes => "two-routes",
            Self::TwoPops => "two-pops",
        }
    }
}
