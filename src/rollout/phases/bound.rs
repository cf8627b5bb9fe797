//! An upper bound on what any schedule reaches, and years that no better schedule uses.
//!
//! Limits are given a price instead of being kept (Lagrangian relaxation). What is left is a choice of years over a forest,
//! which a dynamic program solves exactly, in whole numbers, so every price gives a proven bound. Good prices are
//! found by subgradient steps. A year of a unit whose own bound is below the best schedule known is ruled out.
//!
//! Sources: Fisher, The Lagrangian relaxation method (Management Science 27, 1981); Polyak's step length.

use crate::rollout::phases::schedule::{Problem, Schedule};

/// Prices are whole numbers of this part of one unit of value.
const SCALE: i128 = 1 << 20;

/// Steps of the search for good prices.
const STEPS: usize = 400;

/// Steps without a better bound after which steps become half as long.
const PATIENCE: usize = 12;

/// A value that no sum reaches.
const NEVER: i128 = i128::MIN / 4;

/// Years that each unit may still be built in; the place after the last year stands for not at all.
pub(super) type Allowed = Vec<Vec<bool>>;

/// The first tier that is open: objectives before it must reach `floors`, and it is to be made as large as possible.
pub(super) struct Relaxation<'a> {
    pub(super) problem: &'a Problem,
    pub(super) objective: usize,
    pub(super) floors: &'a [i64],
}

/// Prices of limits and of floors, in parts of [`SCALE`].
#[derive(Clone, Debug, Default)]
struct Prices {
    limits: Vec<i128>,
    floors: Vec<i128>,
}

/// Best sums by unit and year.
struct Table {
    /// With the unit built in the year, its subtree.
    built: Vec<Vec<i128>>,
    /// With the unit built in the year at the earliest, or not at all, its subtree.
    from: Vec<Vec<i128>>,
}

impl Relaxation<'_> {
    /// A bound on the objective, and what `allowed` leaves; `visit` sees schedules that may break limits and tells the
    /// best value known. Time: O(steps · n · years).
    pub(super) fn tighten(&self, allowed: &mut Allowed, visit: &mut dyn FnMut(&Schedule) -> i64) -> i64 {
        let sizes: Vec<f64> = self.problem.limits.iter().map(|limit| limit.most.max(1) as f64).collect();
        let aims: Vec<f64> = self.floors.iter().map(|&floor| floor.max(1) as f64).collect();
        let mut prices = vec![0.0; sizes.len() + aims.len()];
        let mut best = (i64::MAX, Prices::default());
        let (mut step, mut waited, mut known) = (1.0, 0usize, 0);
        for _ in 0..STEPS {
            let whole = Prices {
                limits: prices.iter().zip(&sizes).map(|(price, size)| (price / size * SCALE as f64) as i128).collect(),
                floors: prices[sizes.len()..]
                    .iter()
                    .zip(&aims)
                    .map(|(price, aim)| (price / aim * SCALE as f64) as i128)
                    .collect(),
            };
            let table = self.table(&whole, allowed);
            let bound = self.bound(&whole, &table);
            let schedule = self.schedule(&table, allowed);
            waited += 1;
            if bound < best.0 {
                (best, waited) = ((bound, whole), 0);
                known = visit(&schedule);
            } else if waited.is_multiple_of(PATIENCE) {
                step /= 2.0;
            }
            if best.0 <= known || step < 1e-4 {
                break;
            }
            let slack = self.slack(&schedule, &sizes, &aims);
            let norm: f64 = slack.iter().map(|slack| slack * slack).sum();
            if norm < 1e-12 {
                break;
            }
            let length = step * (bound - known).max(1) as f64 / norm;
            prices.iter_mut().zip(&slack).for_each(|(price, slack)| *price = (*price - length * slack).max(0.0));
        }
        self.forbid(&best.1, known, allowed);
        best.0
    }

    /// What a unit adds to the sum in a year.
    fn profit(&self, prices: &Prices, unit: usize, year: usize) -> i128 {
        let task = &self.problem.tasks[unit];
        let service = i128::from(self.problem.service[year]);
        let mut profit = SCALE * i128::from(task.need[self.objective]) * service;
        for (price, &need) in prices.floors.iter().zip(&task.need) {
            profit += price * i128::from(need) * service;
        }
        for (price, limit) in prices.limits.iter().zip(&self.problem.limits).filter(|(_, limit)| limit.holds(year)) {
            profit -= price * i128::from(task.amount(limit.resource));
        }
        profit
    }

    fn table(&self, prices: &Prices, allowed: &Allowed) -> Table {
        let (units, years) = (self.problem.tasks.len(), self.problem.service.len());
        let mut below = vec![vec![0i128; years]; units];
        let mut table = Table { built: vec![Vec::new(); units], from: vec![Vec::new(); units] };
        for unit in (0..units).rev() {
            let built: Vec<i128> = (0..years)
                .map(
                    |year| {
                        if allowed[unit][year] { self.profit(prices, unit, year) + below[unit][year] } else { NEVER }
                    },
                )
                .collect();
            let mut from = vec![0; years];
            let mut best = if allowed[unit][years] { 0 } else { NEVER };
            for year in (0..years).rev() {
                best = best.max(built[year]);
                from[year] = best;
            }
            if let Some(after) = self.problem.tasks[unit].after {
                below[after as usize].iter_mut().zip(&from).for_each(|(sum, &best)| *sum = (*sum + best).max(NEVER));
            }
            table.built[unit] = built;
            table.from[unit] = from;
        }
        table
    }

    /// Sum of the best choice of every tree.
    fn best(&self, table: &Table) -> i128 {
        let roots = self.problem.tasks.iter().zip(&table.from).filter(|(task, _)| task.after.is_none());
        roots.map(|(_, from)| from.first().copied().unwrap_or(0)).sum()
    }

    /// What the prices add whatever is chosen.
    fn constant(&self, prices: &Prices) -> i128 {
        let limits =
            prices.limits.iter().zip(&self.problem.limits).map(|(price, limit)| price * i128::from(limit.most));
        let floors = prices.floors.iter().zip(self.floors).map(|(price, &floor)| price * i128::from(floor));
        limits.sum::<i128>() - floors.sum::<i128>()
    }

    fn bound(&self, prices: &Prices, table: &Table) -> i64 {
        ((self.best(table) + self.constant(prices)).div_euclid(SCALE)).clamp(0, i128::from(i64::MAX)) as i64
    }

    /// The choice that the prices make best; ties go to building, and to early years.
    fn schedule(&self, table: &Table, allowed: &Allowed) -> Schedule {
        let years = self.problem.service.len();
        let mut schedule: Schedule = vec![None; self.problem.tasks.len()];
        for (unit, task) in self.problem.tasks.iter().enumerate() {
            let earliest = match task.after {
                None => Some(0),
                Some(after) => schedule[after as usize],
            };
            let Some(earliest) = earliest else { continue };
            let best = table.from[unit][earliest as usize];
            schedule[unit] = (earliest..years as u32)
                .find(|&year| allowed[unit][year as usize] && table.built[unit][year as usize] == best);
        }
        schedule
    }

    /// How far a choice is from its limits and floors, as a share of each.
    fn slack(&self, schedule: &Schedule, sizes: &[f64], aims: &[f64]) -> Vec<f64> {
        let used = self.problem.used(schedule);
        let limits = self.problem.limits.iter().zip(used).zip(sizes);
        let value = self.problem.value(schedule);
        let floors = value.iter().zip(self.floors).zip(aims);
        let left = limits.map(|((limit, used), size)| (limit.most - used) as f64 / size);
        left.chain(floors.map(|((value, floor), aim)| (value - floor) as f64 / aim)).collect()
    }

    /// Rules out what cannot be part of a schedule that reaches the value known.
    fn forbid(&self, prices: &Prices, known: i64, allowed: &mut Allowed) {
        if prices.limits.len() != self.problem.limits.len() {
            return;
        }
        let years = self.problem.service.len();
        let table = self.table(prices, allowed);
        let (all, least) = (self.best(&table), i128::from(known) * SCALE - self.constant(prices));
        // Best sum with each unit built in each year, and with it not built.
        let mut with = vec![vec![NEVER; years + 1]; self.problem.tasks.len()];
        for (unit, task) in self.problem.tasks.iter().enumerate() {
            let outside: Vec<i128> = match task.after {
                None => vec![all - table.from[unit][0]; years],
                Some(after) => {
                    let above = &with[after as usize];
                    let mut best = NEVER;
                    (0..years)
                        .map(|year| {
                            best = best.max(above[year] - table.from[unit][year]);
                            best
                        })
                        .collect()
                }
            };
            let unbuilt = match task.after {
                None => outside[0],
                Some(after) => outside[years - 1].max(with[after as usize][years]),
            };
            for year in 0..years {
                with[unit][year] = (outside[year] + table.built[unit][year]).max(NEVER);
            }
            with[unit][years] = if allowed[unit][years] { unbuilt } else { NEVER };
        }
        for (allowed, with) in allowed.iter_mut().zip(&with) {
            allowed.iter_mut().zip(with).for_each(|(allowed, &with)| *allowed &= with >= least);
        }
    }
}
