//! Chance: one pseudo-random stream for each purpose, so that a change in one leaves the others as they were.

use geo::Coord;
use rand::Rng;
use rand_pcg::Pcg64;

/// A stream of pseudo-random draws; only basic arithmetic, so that every platform draws the same.
pub(super) struct Dice(Pcg64);

impl Dice {
    /// The stream of this name under this seed.
    pub(super) fn new(seed: u64, stream: &str) -> Self {
        let fold = |hash: u128, byte: u8| (hash ^ u128::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        let name = stream.bytes().fold(0xcbf2_9ce4_8422_2325, fold);
        let mut generator = Pcg64::new(u128::from(seed) ^ (name << 64), name);
        generator.next_u64();
        Self(generator)
    }

    /// From 0 up to, not including, 1.
    pub(super) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// From `low` up to `high`.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// From -`size` up to `size`.
    pub(super) fn around(&mut self, size: f64) -> f64 {
        self.between(-size, size)
    }

    /// A whole number below `count`, or 0.
    pub(super) fn below(&mut self, count: usize) -> usize {
        ((self.unit() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// Whether something of this probability happens.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of several.
    pub(super) fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.below(among.len())]
    }

    /// A direction: a vector of length one.
    pub(super) fn direction(&mut self) -> Coord<f64> {
        loop {
            let (x, y) = (self.around(1.0), self.around(1.0));
            let square = x * x + y * y;
            if (0.01..1.0).contains(&square) {
                let size = square.sqrt();
                return Coord { x: x / size, y: y / size };
            }
        }
    }
}
