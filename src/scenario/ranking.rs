//! Wishes on ranking: what need counts for, how units are cut and ordered, what is uncertain.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::scenario::parse::{Error, value};

/// What the need of a connection counts for, in points; the points of an address are the sum of its parts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NeedRules {
    /// In a business park, and each park's handover point.
    pub park: f64,
    /// Health care or nursing at the address.
    pub care_address: f64,
    /// Times the rank of the neighbourhood's share of 65 and over among all neighbourhoods, from 0 (lowest) to 1.
    pub care_65_plus: f64,
    /// Times the neighbourhood's distance to care, as a part of `care_distance_full_km`, at most 1.
    pub care_distance: f64,
    /// Distance to care in kilometres at which `care_distance` counts in full.
    pub care_distance_full_km: f64,
    /// A farm; where only a proxy tells so, from nothing to this.
    pub agri: f64,
    /// A school.
    pub education: f64,
    /// Any address.
    pub base: f64,
    /// The year of the European state-aid rules that say what a fast network is: from 2023 on 100 Mbps, before that 30.
    pub rule_year: u32,
    /// Share of the points that counts where exactly one fast fixed network is there or planned (grey).
    pub grey: f64,
    /// Share of the points that counts where two or more are (black).
    pub black: f64,
}

impl Default for NeedRules {
    fn default() -> Self {
        Self {
            park: 30.0,
            care_address: 25.0,
            care_65_plus: 10.0,
            care_distance: 5.0,
            care_distance_full_km: 10.0,
            agri: 15.0,
            education: 10.0,
            base: 5.0,
            rule_year: 2023,
            grey: 0.0,
            black: 0.0,
        }
    }
}

impl NeedRules {
    /// Download speed from which a fixed network counts, in Mbps: *ultrafast* in the guidelines of 2023 (2023/C 36/01),
    /// *next generation access* in those of 2013 (2013/C 25/01).
    #[must_use]
    pub const fn fast_mbps(&self) -> f64 {
        if self.rule_year >= 2023 { 100.0 } else { 30.0 }
    }
}

/// What need is summed by for weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Criterion {
    /// Business parks.
    Park,
    /// Care addresses, share of 65 and over, distance to care.
    Care,
    /// Farms.
    Agri,
    /// Schools.
    Education,
    /// What every address counts for.
    Rest,
}

impl Criterion {
    /// All of them, in the order of the policy.
    pub const ALL: [Self; 5] = [Self::Park, Self::Care, Self::Agri, Self::Education, Self::Rest];

    /// The word used in scenarios and results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Park => "park",
            Self::Care => "care",
            Self::Agri => "agri",
            Self::Education => "education",
            Self::Rest => "rest",
        }
    }
}

/// How units are cut and ordered.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RolloutRules {
    /// How the addresses outside parks and trunks become units.
    pub units: UnitCut,
    /// A unit cut from the tree is closed where its trenches get this long, in metres: sparse land gets smaller units.
    pub unit_trench_m: f64,
    /// Strict tiers, or need weighted.
    pub order: OrderRule,
    /// Weight of each criterion's points for the weighted order and the price of strictness; those not named count once.
    pub weights: BTreeMap<Criterion, f64>,
    /// Most that a unit may cost for its connections in each tier to count in that tier, in euros, first tier first; beyond
    /// that they count in the last tier. 0, or nothing: no limit.
    pub tier_caps: Vec<f64>,
}

/// How the addresses outside parks and trunks become units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnitCut {
    /// From the ends of the tree, by connections (`priority.unit_addresses`) and by length (`unit_trench_m`).
    #[default]
    Tree,
    /// By the neighbourhood layer.
    Neighbourhoods,
    /// By `layers.unit_areas`: municipalities, lots of a tender.
    Layer,
}

/// How units are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderRule {
    /// Need of the first tier decides, then that of the second, ...
    #[default]
    Strict,
    /// The weighted sum of need decides.
    Weighted,
}

impl Default for RolloutRules {
    fn default() -> Self {
        Self {
            units: UnitCut::Tree,
            unit_trench_m: 30_000.0,
            order: OrderRule::Strict,
            weights: BTreeMap::new(),
            tier_caps: Vec::new(),
        }
    }
}

impl RolloutRules {
    /// Weight of a criterion.
    #[must_use]
    pub fn weight(&self, criterion: Criterion) -> f64 {
        self.weights.get(&criterion).copied().unwrap_or(1.0)
    }
}

/// What is uncertain, and how much of it is drawn.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RobustnessRules {
    /// Draws; 0 leaves the analysis out.
    pub samples: u32,
    /// Start of every pseudo-random stream.
    pub seed: u64,
    /// What is known about the weights of criteria.
    pub weights: WeightKnowledge,
    /// For `intervals`: the least and largest weight of each criterion (0 to 1), where all weights add up to 1.
    pub intervals: BTreeMap<Criterion, [f64; 2]>,
    /// Lowest take-up thought possible, from 0 to 1; the most likely is `design.take_up`.
    pub take_up_low: f64,
    /// Highest take-up thought possible.
    pub take_up_high: f64,
}

/// What is known about the weights of criteria.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WeightKnowledge {
    /// Only the order of the policy: business parks weigh most, then care and agriculture, then education, then the rest.
    #[default]
    Ordered,
    /// Nothing.
    Free,
    /// The intervals given.
    Intervals,
}

impl Default for RobustnessRules {
    fn default() -> Self {
        Self {
            samples: 10_000,
            seed: 1,
            weights: WeightKnowledge::Ordered,
            intervals: BTreeMap::new(),
            take_up_low: 0.35,
            take_up_high: 0.8,
        }
    }
}

impl NeedRules {
    pub(super) fn validate(&self) -> Result<(), Error> {
        let points = [
            ("need.park", self.park),
            ("need.care_address", self.care_address),
            ("need.care_65_plus", self.care_65_plus),
            ("need.care_distance", self.care_distance),
            ("need.agri", self.agri),
            ("need.education", self.education),
            ("need.base", self.base),
        ];
        points.into_iter().try_for_each(|(key, number)| within(key, number, 0.0, 1000.0))?;
        within("need.care_distance_full_km", self.care_distance_full_km, 0.001, 1000.0)?;
        within("need.rule_year", f64::from(self.rule_year), 2009.0, 2100.0)?;
        within("need.grey", self.grey, 0.0, 1.0)?;
        within("need.black", self.black, 0.0, 1.0)
    }
}

impl RolloutRules {
    pub(super) fn validate(&self) -> Result<(), Error> {
        within("rollout.unit_trench_m", self.unit_trench_m, 0.0, 1e9)?;
        self.weights.values().try_for_each(|&weight| within("rollout.weights", weight, 0.0, 1e6))?;
        if self.weights.len() == Criterion::ALL.len() && self.weights.values().all(|&weight| weight == 0.0) {
            return Err(value("rollout.weights", "all weights are 0", "give at least one a weight"));
        }
        self.tier_caps.iter().try_for_each(|&cap| within("rollout.tier_caps", cap, 0.0, 1e12))
    }
}

impl RobustnessRules {
    pub(super) fn validate(&self) -> Result<(), Error> {
        within("robustness.samples", f64::from(self.samples), 0.0, 1e6)?;
        within("robustness.take_up_low", self.take_up_low, 0.0, 1.0)?;
        within("robustness.take_up_high", self.take_up_high, self.take_up_low, 1.0)?;
        if self.weights == WeightKnowledge::Intervals {
            let (mut least, mut most) = (0.0, 0.0);
            for criterion in Criterion::ALL {
                let [low, high] = self.intervals.get(&criterion).copied().unwrap_or([0.0, 1.0]);
                let key = format!("robustness.intervals.{}", criterion.name());
                within(&key, low, 0.0, 1.0)?;
                within(&key, high, low, 1.0)?;
                (least, most) = (least + low, most + high);
            }
            if least > 1.0 || most < 1.0 {
                let advice = "lower the least or raise the largest weights";
                return Err(value("robustness.intervals", "no weights within them add up to 1", advice));
            }
        }
        Ok(())
    }
}

fn within(key: &str, number: f64, least: f64, most: f64) -> Result<(), Error> {
    if (least..=most).contains(&number) {
        return Ok(());
    }
    Err(value(key, &format!("{number} is out of range"), &format!("give {least} to {most}")))
}
