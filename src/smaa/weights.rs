//! The weight space: all weights that add up to 1, or those of them that are known to be possible.

use crate::chance::Chance;

/// What is known about the weights of criteria. Weights are drawn uniformly from what is left possible.
#[derive(Clone, Debug, PartialEq)]
pub enum Weights {
    /// Nothing, for so many criteria.
    Free(usize),
    /// The order of importance: criteria of a smaller number weigh at least as much as those of a larger one.
    Ranked(Vec<u32>),
    /// The least and the largest weight of each criterion, where all weights add up to 1.
    Between(Vec<(f64, f64)>),
    /// The weights themselves.
    Fixed(Vec<f64>),
}

/// Why no weights can be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeightsError {
    /// There is no criterion.
    #[error("there is no criterion; name at least one")]
    Empty,
    /// A number is negative, beyond 1, not a number, or the wrong way round.
    #[error("weight {0} is not from 0 to 1 with its least not above its largest; mend it")]
    Range(usize),
    /// The intervals leave no weights that add up to 1.
    #[error("no weights within the intervals add up to 1; lower the least or raise the largest ones")]
    Sum,
}

/// Tries of the plain draw before the walk within the intervals takes over.
const TRIES: usize = 64;

impl Weights {
    /// Checks that weights can be drawn.
    ///
    /// # Errors
    /// No criteria; numbers out of range; intervals without weights that add up to 1.
    pub fn check(&self) -> Result<(), WeightsError> {
        if self.criteria() == 0 {
            return Err(WeightsError::Empty);
        }
        let intervals: Vec<(f64, f64)> = match self {
            Self::Free(_) | Self::Ranked(_) => return Ok(()),
            Self::Between(intervals) => intervals.clone(),
            Self::Fixed(weights) => weights.iter().map(|&weight| (weight, weight)).collect(),
        };
        let lawful = |&(low, high): &(f64, f64)| 0.0 <= low && low <= high && high <= 1.0;
        if let Some(place) = intervals.iter().position(|interval| !lawful(interval)) {
            return Err(WeightsError::Range(place));
        }
        let least: f64 = intervals.iter().map(|(low, _)| low).sum();
        let most: f64 = intervals.iter().map(|(_, high)| high).sum();
        if least > 1.0 + 1e-9 || most < 1.0 - 1e-9 { Err(WeightsError::Sum) } else { Ok(()) }
    }

    /// Number of criteria.
    #[must_use]
    pub fn criteria(&self) -> usize {
        match self {
            Self::Free(count) => *count,
            Self::Ranked(places) => places.len(),
            Self::Between(intervals) => intervals.len(),
            Self::Fixed(weights) => weights.len(),
        }
    }

    /// Draws weights that add up to 1 into `drawn`, replacing what is there. Time: O(n log n).
    pub fn draw(&self, chance: &mut Chance, drawn: &mut Vec<f64>) {
        match self {
            Self::Free(count) => simplex(chance, *count, drawn),
            Self::Ranked(places) => ranked(chance, places, drawn),
            Self::Between(intervals) => within(chance, intervals, drawn),
            Self::Fixed(weights) => {
                drawn.clear();
                drawn.extend(weights);
            }
        }
    }
}

/// The lengths of the parts that uniform cuts leave of the unit interval are uniform on the simplex.
fn simplex(chance: &mut Chance, count: usize, drawn: &mut Vec<f64>) {
    drawn.clear();
    drawn.extend((1..count).map(|_| chance.unit()));
    drawn.push(1.0);
    drawn.sort_unstable_by(f64::total_cmp);
    let mut before = 0.0;
    for weight in drawn.iter_mut() {
        let cut = std::mem::replace(&mut before, *weight);
        *weight -= cut;
    }
}

/// Sorted draws of the whole simplex are uniform on the part of it that has this order; equals are shuffled.
fn ranked(chance: &mut Chance, places: &[u32], drawn: &mut Vec<f64>) {
    simplex(chance, places.len(), drawn);
    drawn.sort_unstable_by(|a, b| b.total_cmp(a));
    let mut criteria: Vec<usize> = (0..places.len()).collect();
    for last in (1..criteria.len()).rev() {
        criteria.swap(last, chance.below(last + 1));
    }
    criteria.sort_by_key(|&criterion| places[criterion]);
    let sorted = drawn.clone();
    for (weight, criterion) in sorted.into_iter().zip(criteria) {
        drawn[criterion] = weight;
    }
}

/// Above the least weights the rest is a smaller simplex; draws beyond a largest weight are thrown away. Where hardly any
/// is kept, a walk that shifts weight between two criteria at a time leads to a uniform draw too.
fn within(chance: &mut Chance, intervals: &[(f64, f64)], drawn: &mut Vec<f64>) {
    let least: f64 = intervals.iter().map(|(low, _)| low).sum();
    let rest = (1.0 - least).max(0.0);
    for _ in 0..TRIES {
        simplex(chance, intervals.len(), drawn);
        drawn.iter_mut().zip(intervals).for_each(|(weight, (low, _))| *weight = low + *weight * rest);
        if drawn.iter().zip(intervals).all(|(weight, (_, high))| weight <= high) {
            return;
        }
    }
    let room: f64 = intervals.iter().map(|(low, high)| high - low).sum();
    let filled = if room > 0.0 { rest / room } else { 0.0 };
    drawn.iter_mut().zip(intervals).for_each(|(weight, (low, high))| *weight = low + (high - low) * filled);
    let count = intervals.len();
    if count < 2 {
        return;
    }
    for _ in 0..32 * count {
        let one = chance.below(count);
        let other = (one + 1 + chance.below(count - 1)) % count;
        let sum = drawn[one] + drawn[other];
        let low = intervals[one].0.max(sum - intervals[other].1);
        let high = intervals[one].1.min(sum - intervals[other].0);
        if high > low {
            drawn[one] = chance.between(low, high);
            drawn[other] = sum - drawn[one];
        }
    }
}
