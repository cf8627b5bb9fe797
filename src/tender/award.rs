//! The award method: formulas, weights, quality scales. Formulas are numbered F1 to F6 in the order in which Dutch
//! tender guides tell of them (PIANOo, "beoordelingssystematiek"; Stilger, Siderius and van Raaij 2017 compare 38).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::tender::ratio::{Decimal, Ratio, decimal, whole, zero};
use crate::units::Money;

/// How price and quality become one figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Formula {
    /// Relative to the lowest price, as a ratio: W × Pmin / P.
    #[default]
    F1,
    /// Relative to the lowest price, linear: W × max(0, 2 − P / Pmin).
    F2,
    /// Between the lowest and the highest price: W × (Pmax − P) / (Pmax − Pmin).
    F3,
    /// Between bounds set beforehand: W × (upper − P) / (upper − lower), from 0 to W.
    F4,
    /// Award on value: price minus the value of quality in euros; the lowest wins.
    F5,
    /// Price per point of quality; the lowest wins.
    F6,
}

impl Formula {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::F1, Self::F2, Self::F3, Self::F4, Self::F5, Self::F6];

    /// `F1` to `F6`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        ["F1", "F2", "F3", "F4", "F5", "F6"][self as usize]
    }

    /// The formula in words, in English and Dutch.
    #[must_use]
    pub const fn told(self) -> [&'static str; 2] {
        match self {
            Self::F1 => ["W x lowest price / price + quality points", "W x laagste prijs / prijs + kwaliteitspunten"],
            Self::F2 => [
                "W x max(0, 2 - price / lowest price) + quality points",
                "W x max(0, 2 - prijs / laagste prijs) + kwaliteitspunten",
            ],
            Self::F3 => [
                "W x (highest - price) / (highest - lowest price) + quality points",
                "W x (hoogste - prijs) / (hoogste - laagste prijs) + kwaliteitspunten",
            ],
            Self::F4 => [
                "W x (upper bound - price) / (upper - lower bound), from 0 to W, + quality points",
                "W x (bovengrens - prijs) / (boven- - ondergrens), van 0 tot W, + kwaliteitspunten",
            ],
            Self::F5 => ["price - value of quality in euros", "prijs - waarde van de kwaliteit in euro"],
            Self::F6 => ["price / quality points", "prijs / kwaliteitspunten"],
        }
    }

    /// Whether the bid with the lower figure is the better one.
    #[must_use]
    pub const fn lower_wins(self) -> bool {
        matches!(self, Self::F5 | Self::F6)
    }

    /// Whether a bid's figure depends on the other bids, so that ranks may reverse.
    #[must_use]
    pub const fn is_relative(self) -> bool {
        matches!(self, Self::F1 | Self::F2 | Self::F3)
    }
}

/// Which amount of a bid counts as its price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PriceBasis {
    /// The total price.
    #[default]
    Total,
    /// The subsidy that is asked for.
    Subsidy,
}

/// The award method as the tender file states it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Award {
    /// The formula that decides; the others are shown beside it.
    pub method: Formula,
    /// Which amount counts.
    pub price: PriceBasis,
    /// Points for price (W in F1 to F4).
    pub price_weight: Option<Decimal>,
    /// Lower bound of F4, in euros: full points at or below it.
    pub lower_bound: Option<Decimal>,
    /// Upper bound of F4, in euros: no points at or above it.
    pub upper_bound: Option<Decimal>,
    /// Quality criteria.
    pub criteria: Vec<Criterion>,
}

/// One quality criterion.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Criterion {
    /// Its key in the price sheets.
    pub key: String,
    /// What it is called; the key where not given.
    pub name: String,
    /// Points at the top of the scale (F1 to F4, F6).
    pub weight: Option<Decimal>,
    /// Euros at the top of the scale (F5).
    pub value: Option<Decimal>,
    /// Lowest and highest score of a linear scale; 0 to 10 where neither this nor `shares` is given.
    pub scale: Option<[Decimal; 2]>,
    /// Percent of the points or value by score, for scales that are not linear (Rijkswaterstaat since 2023:
    /// `{ 3 = 100, 2 = 60, 1 = 25, 0 = 0, NR = -50 }`).
    pub shares: BTreeMap<String, Decimal>,
}

impl Criterion {
    /// What it is called.
    #[must_use]
    pub fn label(&self) -> &str {
        if self.name.is_empty() { &self.key } else { &self.name }
    }

    /// Points at the top of the scale.
    #[must_use]
    pub fn points(&self) -> Ratio {
        self.weight.as_ref().map_or_else(zero, |weight| weight.0.clone())
    }

    /// Euros at the top of the scale.
    #[must_use]
    pub fn euros(&self) -> Ratio {
        self.value.as_ref().map_or_else(zero, |value| value.0.clone())
    }

    /// Lowest and highest score of a linear scale.
    #[must_use]
    pub fn ends(&self) -> [Ratio; 2] {
        self.scale.as_ref().map_or_else(|| [zero(), whole(10)], |[low, high]| [low.0.clone(), high.0.clone()])
    }

    /// The share of the points that a score earns: 1 at the top. `None` where the score is not on the scale.
    #[must_use]
    pub fn share(&self, score: &str) -> Option<Ratio> {
        if !self.shares.is_empty() {
            return self.shares.get(score.trim()).map(|percent| &percent.0 / whole(100));
        }
        let [low, high] = self.ends();
        let score = decimal(score)?;
        (low <= score && score <= high).then(|| (score - &low) / (high - &low))
    }

    /// Scores to try in a what-if, worst first: those that `shares` names, or every whole step of the scale.
    #[must_use]
    pub fn steps(&self) -> Vec<(String, Ratio)> {
        if !self.shares.is_empty() {
            let mut steps: Vec<_> =
                self.shares.iter().map(|(score, percent)| (score.clone(), &percent.0 / whole(100))).collect();
            steps.sort_by(|a, b| a.1.cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
            return steps;
        }
        let [low, high] = self.ends();
        let mut steps = Vec::new();
        let mut score = low.clone();
        while score <= high && steps.len() <= 100 {
            steps.push((crate::tender::ratio::shown(&score, 0), (&score - &low) / (&high - &low)));
            score += whole(1);
        }
        steps
    }
}

/// A bid as the formulas see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its price.
    pub price: Money,
    /// Share of each criterion's points that it earns.
    pub shares: Vec<Ratio>,
}

impl Award {
    /// Points for price.
    #[must_use]
    pub fn price_points(&self) -> Ratio {
        self.price_weight.as_ref().map_or_else(zero, |weight| weight.0.clone())
    }

    /// Why a formula cannot be used with this award method; `None` where it can.
    #[must_use]
    pub fn lacks(&self, formula: Formula) -> Option<&'static str> {
        let weighted = self.criteria.iter().any(|criterion| criterion.points() > zero());
        match formula {
            Formula::F4 if self.lower_bound.is_none() || self.upper_bound.is_none() => {
                Some("award.lower_bound and award.upper_bound are not given")
            }
            Formula::F1 | Formula::F2 | Formula::F3 | Formula::F4 if self.price_weight.is_none() => {
                Some("award.price_weight is not given")
            }
            Formula::F5 if self.criteria.iter().any(|criterion| criterion.value.is_none()) => {
                Some("a criterion has no value in euros")
            }
            Formula::F6 if !weighted => Some("no criterion has a weight"),
            _ => None,
        }
    }

    /// What is wrong with the award method, if anything: key, and what to mend.
    #[must_use]
    pub fn fault(&self) -> Option<(String, String)> {
        if let Some(lack) = self.lacks(self.method) {
            return Some(("award.method".to_owned(), format!("{} cannot be used: {lack}", self.method.name())));
        }
        let bounds = (self.lower_bound.as_ref(), self.upper_bound.as_ref());
        if let (Some(lower), Some(upper)) = bounds
            && lower.0 >= upper.0
        {
            return Some(("award.upper_bound".to_owned(), "it must exceed award.lower_bound".to_owned()));
        }
        if self.price_points() < zero() {
            return Some(("award.price_weight".to_owned(), "it must not be negative".to_owned()));
        }
        for (place, criterion) in self.criteria.iter().enumerate() {
            let wrong = |what: &str| Some((format!("award.criteria[{place}]"), what.to_owned()));
            if criterion.key.is_empty() {
                return wrong("it has no key");
            }
            if self.criteria[..place].iter().any(|other| other.key == criterion.key) {
                return wrong("another criterion has the same key");
            }
            if criterion.points() < zero() || criterion.euros() < zero() {
                return wrong("weight and value must not be negative");
            }
            let [low, high] = criterion.ends();
            if low >= high {
                return wrong("the second figure of its scale must exceed the first");
            }
        }
        None
    }
}
