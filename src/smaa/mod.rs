//! How robust a ranking is: stochastic multicriteria acceptability analysis (SMAA-2).
//!
//! Nobody knows the right weights, and criteria values are uncertain. So many weights and values are drawn, the
//! alternatives are ranked for each draw, and the draws are counted: how often does an alternative get each rank
//! (*rank acceptability*), which weights make it first on average (*central weights*), and how sure is its first rank
//! under those weights, given the uncertainty of values (*confidence factor*)?
//!
//! Every sample has a pseudo-random stream of its own and sums are whole numbers, so the result is the same for any
//! number of threads.
//!
//! Sources: Lahdelma, Salminen, SMAA-2: stochastic multicriteria acceptability analysis for group decision making
//! (Operations Research 49, 2001); Tervonen, Lahdelma, Implementing SMAA (European Journal of Operational Research
//! 178, 2007).

mod additive;
#[cfg(test)]
mod tests;
mod weights;

pub use additive::{Additive, Value};
pub use weights::{Weights, WeightsError};

use rayon::prelude::*;

use crate::chance::Chance;

/// What is ranked: alternatives, what is uncertain about them, and how weights order them.
pub trait Model: Sync {
    /// Number of alternatives.
    fn alternatives(&self) -> usize;

    /// Draws everything that is uncertain besides the weights; `drawn` is empty at the start.
    fn draw(&self, chance: &mut Chance, drawn: &mut Vec<f64>);

    /// Puts all alternatives into `order` (empty at the start), best first, ties by place.
    fn order(&self, drawn: &[f64], weights: &[f64], order: &mut Vec<u32>);
}

/// How much to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampling {
    /// Draws for acceptability and central weights; 10,000 give one percent at 95 % confidence.
    pub samples: u32,
    /// Draws for each confidence factor.
    pub confidence_samples: u32,
    /// Start of every pseudo-random stream.
    pub seed: u64,
}

/// What the draws say.
#[derive(Clone, Debug, PartialEq)]
pub struct Acceptability {
    /// Draws.
    pub samples: u32,
    /// For each alternative and rank (best first), the number of draws in which it got that rank.
    pub ranks: Vec<Vec<u32>>,
    /// For each alternative that was ever first, the mean of the weights that made it so.
    pub central_weights: Vec<Option<Vec<f64>>>,
    /// For each alternative that was ever first, how often it is first under its central weights.
    pub confidence: Vec<Option<f64>>,
    /// How often the alternative of the row beats that of the column; empty for more than [`PAIRWISE_MOST`] alternatives.
    pub pairwise: Vec<Vec<f64>>,
}

/// Most alternatives for which pairwise winning indices are counted.
pub const PAIRWISE_MOST: usize = 64;

/// Weights are summed as whole multiples of 2^-40, so that sums do not depend on the order of threads.
const FIXED: f64 = (1u64 << 40) as f64;

impl Acceptability {
    /// The share of draws in which an alternative gets a rank, counted from 0. Every row sums to 1.
    #[must_use]
    pub fn share(&self, alternative: usize, rank: usize) -> f64 {
        f64::from(self.ranks[alternative][rank]) / f64::from(self.samples.max(1))
    }

    /// The share of draws in which an alternative is among the first so many.
    #[must_use]
    pub fn among_first(&self, alternative: usize, count: usize) -> f64 {
        let draws: u32 = self.ranks[alternative].iter().take(count).sum();
        f64::from(draws) / f64::from(self.samples.max(1))
    }

    /// The smallest rank (from 1) that is not exceeded in this share of draws: 0.5 gives the median rank.
    #[must_use]
    pub fn quantile(&self, alternative: usize, share: f64) -> u32 {
        let wanted = share * f64::from(self.samples);
        let mut so_far = 0u32;
        for (rank, &draws) in self.ranks[alternative].iter().enumerate() {
            so_far += draws;
            if f64::from(so_far) >= wanted && so_far > 0 {
                return rank as u32 + 1;
            }
        }
        self.ranks[alternative].len() as u32
    }
}

/// Counts ranks over many draws of weights and values.
///
/// Time: `samples` orders, and `confidence_samples` for each alternative that is ever first; memory: a whole number for
/// each alternative and rank, for each thread.
#[must_use]
pub fn analyse(model: &dyn Model, weights: &Weights, sampling: Sampling) -> Acceptability {
    let counts = count(model, weights, sampling);
    let central = |alternative: usize| {
        let times = counts.ranks[alternative].first().copied().filter(|&times| times > 0)?;
        let sums = &counts.weights[alternative];
        let mean: Vec<f64> = sums.iter().map(|&sum| sum as f64 / FIXED / f64::from(times)).collect();
        Some(mean)
    };
    let central_weights: Vec<Option<Vec<f64>>> = (0..model.alternatives()).map(central).collect();
    let sure = |(alternative, weights): (usize, &Option<Vec<f64>>)| {
        weights.as_ref().map(|weights| confidence(model, alternative as u32, weights, sampling))
    };
    let confidence = central_weights.par_iter().enumerate().map(sure).collect();
    let share = |&wins: &u32| f64::from(wins) / f64::from(sampling.samples.max(1));
    let pairwise = counts.wins.iter().map(|row| row.iter().map(share).collect()).collect();
    Acceptability { samples: sampling.samples, ranks: counts.ranks, central_weights, confidence, pairwise }
}

/// Whole-number sums over draws.
struct Counts {
    ranks: Vec<Vec<u32>>,
    weights: Vec<Vec<u64>>,
    wins: Vec<Vec<u32>>,
}

impl Counts {
    fn new(alternatives: usize, criteria: usize) -> Self {
        let compared = if alternatives <= PAIRWISE_MOST { alternatives } else { 0 };
        Self {
            ranks: vec![vec![0; alternatives]; alternatives],
            weights: vec![vec![0; criteria]; alternatives],
            wins: vec![vec![0; compared]; compared],
        }
    }

    fn note(&mut self, order: &[u32], weights: &[f64]) {
        for (rank, &alternative) in order.iter().enumerate() {
            self.ranks[alternative as usize][rank] += 1;
        }
        if let Some(&first) = order.first() {
            let sums = self.weights[first as usize].iter_mut();
            sums.zip(weights).for_each(|(sum, weight)| *sum += (weight * FIXED).round() as u64);
        }
        if !self.wins.is_empty() {
            for (rank, &better) in order.iter().enumerate() {
                order[rank + 1..].iter().for_each(|&worse| self.wins[better as usize][worse as usize] += 1);
            }
        }
    }

    fn merge(mut self, other: &Self) -> Self {
        fn add<T: Copy + std::ops::AddAssign>(ours: &mut [Vec<T>], theirs: &[Vec<T>]) {
            for (ours, theirs) in ours.iter_mut().zip(theirs) {
                ours.iter_mut().zip(theirs).for_each(|(sum, &more)| *sum += more);
            }
        }
        add(&mut self.ranks, &other.ranks);
        add(&mut self.weights, &other.weights);
        add(&mut self.wins, &other.wins);
        self
    }
}

/// Room for one draw, used again for the next.
#[derive(Default)]
struct Draw {
    weights: Vec<f64>,
    drawn: Vec<f64>,
    order: Vec<u32>,
}

/// Samples that one thread counts together before its counts are merged.
const BATCH: usize = 1024;

fn count(model: &dyn Model, weights: &Weights, sampling: Sampling) -> Counts {
    let empty = || Counts::new(model.alternatives(), weights.criteria());
    let begin = || (empty(), Draw::default());
    let step = |(mut counts, mut draw): (Counts, Draw), sample: u32| {
        let mut chance = Chance::new(sampling.seed, 0, u64::from(sample));
        weights.draw(&mut chance, &mut draw.weights);
        draw.drawn.clear();
        model.draw(&mut chance, &mut draw.drawn);
        draw.order.clear();
        model.order(&draw.drawn, &draw.weights, &mut draw.order);
        counts.note(&draw.order, &draw.weights);
        (counts, draw)
    };
    let samples = (0..sampling.samples).into_par_iter().with_min_len(BATCH);
    let batches = samples.fold(begin, step).map(|(counts, _)| counts);
    batches.reduce(empty, |ours, theirs| ours.merge(&theirs))
}

/// How often an alternative is first under these weights.
fn confidence(model: &dyn Model, alternative: u32, weights: &[f64], sampling: Sampling) -> f64 {
    let mut draw = Draw::default();
    let mut first = 0u32;
    for sample in 0..sampling.confidence_samples {
        let mut chance = Chance::new(sampling.seed, 1, u64::from(sample));
        draw.drawn.clear();
        model.draw(&mut chance, &mut draw.drawn);
        draw.order.clear();
        model.order(&draw.drawn, weights, &mut draw.order);
        first += u32::from(draw.order.first() == Some(&alternative));
    }
    f64::from(first) / f64::from(sampling.confidence_samples.max(1))
}
