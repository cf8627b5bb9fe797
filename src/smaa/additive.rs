//! The usual model: an alternative is worth the weighted sum of its criteria values, the larger the better.

use crate::chance::Chance;
use crate::smaa::Model;

/// A criterion value of an alternative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// Known.
    Exact(f64),
    /// Anything between two numbers, all alike.
    Between(f64, f64),
    /// Between the first and the last number, most likely near the middle one.
    Triangular(f64, f64, f64),
}

/// Alternatives with a value for each criterion, on scales that are comparable (usually 0 worst, 1 best).
#[derive(Clone, Debug)]
pub struct Additive {
    criteria: usize,
    values: Vec<Value>,
}

impl Additive {
    /// Alternatives, each with a value for every criterion.
    ///
    /// # Panics
    /// If the alternatives have different numbers of criteria.
    #[must_use]
    pub fn new(alternatives: &[Vec<Value>]) -> Self {
        let criteria = alternatives.first().map_or(0, Vec::len);
        assert!(
            alternatives.iter().all(|row| row.len() == criteria),
            "every alternative has a value for each criterion"
        );
        Self { criteria, values: alternatives.concat() }
    }
}

impl Model for Additive {
    fn alternatives(&self) -> usize {
        self.values.len().checked_div(self.criteria).unwrap_or(0)
    }

    fn draw(&self, chance: &mut Chance, drawn: &mut Vec<f64>) {
        drawn.extend(self.values.iter().map(|value| match *value {
            Value::Exact(number) => number,
            Value::Between(low, high) => chance.between(low, high),
            Value::Triangular(low, mode, high) => chance.triangular(low, mode, high),
        }));
    }

    fn order(&self, drawn: &[f64], weights: &[f64], order: &mut Vec<u32>) {
        by_worth(drawn, weights, order);
    }
}

/// Orders alternatives, whose values lie one after the other, by their weighted sums.
pub(super) fn by_worth(values: &[f64], weights: &[f64], order: &mut Vec<u32>) {
    let worth = |row: &[f64]| -> f64 { row.iter().zip(weights).map(|(value, weight)| value * weight).sum() };
    let worths: Vec<f64> = values.chunks(weights.len().max(1)).map(worth).collect();
    order.extend(0..worths.len() as u32);
    order.sort_by(|&a, &b| worths[b as usize].total_cmp(&worths[a as usize]).then(a.cmp(&b)));
}
