//! Pseudo-random streams: one for each sample or trial, so that no draw depends on which thread came first.

use rand::Rng;
use rand_pcg::Pcg64;

/// The stream of one sample; only basic arithmetic, so that every platform draws the same.
pub struct Chance(Pcg64);

impl Chance {
    /// The stream of a sample, for one purpose, under a seed.
    #[must_use]
    pub fn new(seed: u64, purpose: u64, sample: u64) -> Self {
        let mut generator =
            Pcg64::new(u128::from(seed) << 64 | u128::from(sample), u128::from(sample) << 8 | u128::from(purpose));
        // Neighbouring starts are apart after a few steps only.
        for _ in 0..4 {
            generator.next_u64();
        }
        Self(generator)
    }

    /// From 0 up to, not including, 1.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// From `low` up to `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A triangular draw with this mode: most likely there, never outside.
    pub fn triangular(&mut self, low: f64, mode: f64, high: f64) -> f64 {
        if high <= low {
            return mode;
        }
        let (unit, split) = (self.unit(), (mode - low) / (high - low));
        if unit < split {
            low + (unit * (high - low) * (mode - low)).sqrt()
        } else {
            high - ((1.0 - unit) * (high - low) * (high - mode)).sqrt()
        }
    }

    /// A whole number from the least to the greatest, both included.
    pub fn within(&mut self, [least, greatest]: [i64; 2]) -> i64 {
        least + self.below((greatest - least + 1) as usize) as i64
    }

    /// A whole number below `count`, or 0.
    pub fn below(&mut self, count: usize) -> usize {
        ((self.unit() * count as f64) as usize).min(count.saturating_sub(1))
    }
}
