//! How hard to try: the seed, the number of threads, and the only clock of the house.
//!
//! Where a result must be the same on every machine, limits are counted in work.
//! The deadline is a fuse on top: if it burns, the result says so.

#![expect(clippy::disallowed_types, reason = "this file is the only one that looks at the clock")]

use std::time::{Duration, Instant};

/// Limits and chance, handed to whoever needs them; nobody keeps them in a global.
#[derive(Clone, Debug)]
pub struct Effort {
    /// Start of every pseudo-random stream.
    pub seed: u64,
    /// Threads that may run at once; results do not depend on it.
    pub threads: usize,
    /// The moment after which only a valid answer matters.
    pub deadline: Deadline,
}

impl Default for Effort {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { seed: 0, threads, deadline: Deadline::never() }
    }
}

impl Effort {
    /// Whether what goes on side by side ends together, however much of its own work is left: there is a time limit, so
    /// waiting is of no use, and there is another thread to go on meanwhile.
    #[must_use]
    pub fn is_raced(&self) -> bool {
        self.deadline.left().is_some() && rayon::current_num_threads() > 1
    }
}

/// A moment that may come or not.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// A deadline that never comes.
    #[must_use]
    pub const fn never() -> Self {
        Self(None)
    }

    /// So long from now.
    #[must_use]
    pub fn after(limit: Duration) -> Self {
        Self(Instant::now().checked_add(limit))
    }

    /// Whether the moment has passed.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.0.is_some_and(|moment| Instant::now() >= moment)
    }

    /// Time left; `None` where the deadline never comes.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        self.0.map(|moment| moment.saturating_duration_since(Instant::now()))
    }

    /// Whether no more than so much time is left.
    #[must_use]
    pub fn leaves_at_most(&self, time: Duration) -> bool {
        self.left().is_some_and(|left| left <= time)
    }

    /// The moment when so many hundredths of the time that is left will have passed; never where this never comes.
    #[must_use]
    pub fn hundredths(&self, part: u32) -> Self {
        self.left().map_or(Self::never(), |left| Self::after(left * part / 100))
    }

    /// The earlier of this deadline and so long from now.
    #[must_use]
    pub fn within(&self, limit: Duration) -> Self {
        let near = Self::after(limit);
        match (self.0, near.0) {
            (Some(ours), Some(theirs)) => Self(Some(ours.min(theirs))),
            (None, _) => near,
            (_, None) => *self,
        }
    }
}

/// Measures how long something took; for logs and benchmarks, never for results.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
