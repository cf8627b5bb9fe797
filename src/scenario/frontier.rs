//! Wishes about the frontier of cost against need.

use serde::{Deserialize, Serialize};

use crate::scenario::Error;

/// What counts as need where cost is set against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FrontierRules {
    /// Points of one connection in each tier, first tier first; tiers that are not named have those of the last one.
    pub points_by_tier: Vec<u32>,
    /// Points of a business park's handover point.
    pub park_points: u32,
}

impl Default for FrontierRules {
    fn default() -> Self {
        Self { points_by_tier: vec![8, 4, 2, 1], park_points: 50 }
    }
}

impl FrontierRules {
    /// Points of one connection in a tier.
    #[must_use]
    pub fn points(&self, tier: u8) -> u32 {
        let named = self.points_by_tier.get(usize::from(tier)).or(self.points_by_tier.last());
        named.copied().unwrap_or(1)
    }

    pub(super) fn validate(&self) -> Result<(), Error> {
        let all = self.points_by_tier.iter().chain([&self.park_points]);
        if let Some(points) = all.copied().find(|points| *points > 1_000_000) {
            return Err(Error::Value {
                key: "frontier".to_owned(),
                what: format!("{points} points are out of range"),
                advice: "give 0 to 1000000".to_owned(),
            });
        }
        Ok(())
    }
}
