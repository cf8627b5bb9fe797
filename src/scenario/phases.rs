//! Wishes about years: budgets, contractors' metres, sign-ups, discounting.

use serde::{Deserialize, Serialize};

use crate::scenario::Error;
use crate::units::{Length, Money};

/// Yearly budgets, and when a unit may be built at all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PhaseRules {
    /// Share of a unit's connections, from 0 to 1, that must have signed up before it is built (demand bundling). Without a
    /// column of sign-ups, `design.take_up` of them are expected to.
    pub threshold: f64,
    /// What a year later makes a connection's year in service worth less: 0.04 is four percent a year.
    pub discount_rate: f64,
    /// Whether what is not spent in a year may be spent later; contractors' metres never may.
    pub carry_over: bool,
    /// The years, one after the other; without any, the roll-out has an order but no years.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub years: Vec<YearRule>,
}

/// What may be spent and dug in a year.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearRule {
    /// The calendar year.
    pub year: u32,
    /// What may be spent on everything that units take, in euros.
    pub budget: f64,
    /// Metres of trench and drop that contractors can build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metres: Option<f64>,
}

impl Default for PhaseRules {
    fn default() -> Self {
        Self { threshold: 0.0, discount_rate: 0.04, carry_over: false, years: Vec::new() }
    }
}

impl YearRule {
    /// The budget.
    #[must_use]
    pub fn money(&self) -> Money {
        Money::from_euros(self.budget).unwrap_or(Money::ZERO)
    }

    /// The contractors' metres, if they are limited.
    #[must_use]
    pub fn length(&self) -> Option<Length> {
        self.metres.and_then(Length::from_metres)
    }
}

impl PhaseRules {
    pub(super) fn validate(&self) -> Result<(), Error> {
        let wrong = |key: &str, what: String, advice: &str| {
            Err(Error::Value { key: key.to_owned(), what, advice: advice.to_owned() })
        };
        if !(0.0..=1.0).contains(&self.threshold) {
            return wrong("phases.threshold", format!("{} is out of range", self.threshold), "give 0 to 1");
        }
        if !(0.0..=1.0).contains(&self.discount_rate) {
            return wrong("phases.discount_rate", format!("{} is out of range", self.discount_rate), "give 0 to 1");
        }
        if self.years.len() > 50 {
            return wrong("phases.years", format!("there are {} years", self.years.len()), "give 50 at most");
        }
        for pair in self.years.windows(2) {
            if pair[0].year.checked_add(1) != Some(pair[1].year) {
                let what = format!("{} does not follow {}", pair[1].year, pair[0].year);
                return wrong("phases.years", what, "name years one after the other; a budget of 0 skips one");
            }
        }
        for year in &self.years {
            if !(0.0..=1e11).contains(&year.budget) {
                return wrong("phases.years.budget", format!("{} is out of range", year.budget), "give euros from 0");
            }
            if year.metres.is_some_and(|metres| !(0.0..=1e8).contains(&metres)) {
                return wrong("phases.years.metres", format!("{} has no length", year.year), "give metres from 0");
            }
        }
        Ok(())
    }
}
