//! Cost against need: plans that are best at some price of need, and what no plan can do better.
//!
//! At a price for each point of need, the best plan makes its cost plus the price of the need that it leaves out as small as
//! possible. A proven bound on that sum is a line under which no plan lies, whatever it serves; all lines together bound
//! the cost of serving any amount of need, and the need that any budget can serve (Lagrangian bound). The next price is
//! the slope between two neighbouring plans, which finds every plan on the lower convex hull in the end.
//!
//! Source: Aneja and Nair, Bicriteria transportation problem (Management Science 25, 1979).

use rayon::prelude::*;

use crate::units::{Length, Money};

/// Prices that are tried at once; fixed, so that results do not depend on the number of threads.
const AT_ONCE: usize = 2;

/// A plan on the way, without its trenches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Price of a hundredth of a point of need that it was found at, in cents; none for the plan that serves all.
    pub price: Option<i64>,
    /// Cost of trenches, drops, crossings and PoP openings.
    pub cost: Money,
    /// Need that it serves, in hundredths of points.
    pub need: i64,
    /// Addresses that it serves.
    pub addresses: u32,
    /// Their connections.
    pub connections: u32,
    /// Parks that it connects.
    pub parks: u32,
    /// Length of what is built.
    pub length: Length,
}

/// A line under which no plan lies: cost plus price times need left out is at least `value`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Price of a hundredth of a point of need, in cents.
    pub price: i64,
    /// Proven least sum, in cents.
    pub value: i64,
}

/// What a price leads to: a plan, and a proven bound on its sum.
#[derive(Clone, Debug)]
pub struct Found {
    /// The plan.
    pub point: Point,
    /// No plan has a smaller sum of cost and price times need left out (of cost alone, where all is served), in cents.
    pub bound: i64,
}

/// Plans in order of cost, none of them dominated, and the lines below them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    /// Need of everything that can be reached, in hundredths of points.
    pub need: i64,
    /// Plans: cost and need both grow from each to the next.
    pub points: Vec<Point>,
    /// Proven lines, by price.
    pub lines: Vec<Line>,
    /// Proven least cost of serving all, in cents.
    pub least_for_all: i64,
}

impl Frontier {
    /// No plan that serves so much need costs less, in cents.
    #[must_use]
    pub fn least_cost(&self, need: i64) -> i64 {
        let lines = self.lines.iter().map(|line| line.value - line.price * (self.need - need));
        let all = if need >= self.need { self.least_for_all } else { 0 };
        lines.fold(all.max(0), i64::max)
    }

    /// No plan within the budget serves more need.
    #[must_use]
    pub fn most_need(&self, budget: Money) -> i64 {
        let most = |line: &Line| {
            let excess = line.value - budget.cents();
            if excess <= 0 { self.need } else { self.need - (excess + line.price - 1) / line.price }
        };
        self.lines.iter().map(most).fold(self.need, i64::min).max(0)
    }

    /// The plan that serves most within the budget.
    #[must_use]
    pub fn within(&self, budget: Money) -> Option<&Point> {
        self.points.iter().rev().find(|point| point.cost <= budget)
    }

    /// Adds a plan and drops what is dominated then.
    fn add(&mut self, point: Point) {
        self.points.push(point);
        self.points.sort_by_key(|point| (point.cost, -point.need, point.price));
        let mut most = i64::MIN;
        self.points.retain(|point| {
            let better = point.need > most;
            most = most.max(point.need);
            better
        });
    }

    /// Slopes between neighbours that have not been tried, the most promising gaps first, those around the budget before.
    fn slopes(&self, tried: &[i64], budget: Option<Money>) -> Vec<i64> {
        let mut gaps: Vec<(bool, i128, i64)> = Vec::new();
        for pair in self.points.windows(2) {
            let (cost, need) = ((pair[1].cost - pair[0].cost).cents(), pair[1].need - pair[0].need);
            let price = ((cost + need / 2) / need).max(1);
            let holds = budget.is_some_and(|budget| pair[0].cost <= budget && budget < pair[1].cost);
            if !tried.contains(&price) {
                gaps.push((!holds, -i128::from(cost) * i128::from(need), price));
            }
        }
        gaps.sort_unstable();
        let mut slopes: Vec<i64> = gaps.into_iter().map(|(_, _, price)| price).collect();
        slopes.dedup();
        slopes
    }
}

/// Tries up to `trials` prices, the plan that serves all included. `solve` plans at a price of a hundredth of a point in
/// cents, or for all
/// where there is none. Deterministic.
///
/// # Errors
/// The first error of `solve`.
pub fn sweep<E: Send>(
    need: i64,
    trials: usize,
    budget: Option<Money>,
    solve: &(dyn Fn(Option<i64>) -> Result<Found, E> + Sync),
) -> Result<Frontier, E> {
    let all = solve(None)?;
    let mut frontier = Frontier { need, least_for_all: all.bound, ..Frontier::default() };
    let nothing = Point {
        price: Some(0),
        cost: Money::ZERO,
        need: 0,
        addresses: 0,
        connections: 0,
        parks: 0,
        length: Length::ZERO,
    };
    frontier.add(nothing);
    frontier.add(all.point);
    let mut tried: Vec<i64> = Vec::new();
    while tried.len() + 1 < trials {
        let mut slopes = frontier.slopes(&tried, budget);
        slopes.truncate(AT_ONCE.min(trials - tried.len() - 1));
        if slopes.is_empty() {
            break;
        }
        let found: Vec<Result<Found, E>> = slopes.par_iter().map(|&price| solve(Some(price))).collect();
        for (&price, found) in slopes.iter().zip(found) {
            let found = found?;
            tried.push(price);
            frontier.lines.push(Line { price, value: found.bound });
            frontier.add(found.point);
        }
    }
    frontier.lines.sort_unstable_by_key(|line| line.price);
    Ok(frontier)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point(price: Option<i64>, cost: i64, need: i64) -> Point {
        let (addresses, length) = (need as u32, Length::ZERO);
        Point { price, cost: Money::from_cents(cost), need, addresses, connections: addresses, parks: 0, length }
    }

    proptest! {
        #[test]
        fn lines_bound_every_plan_and_points_are_not_dominated(
            items in prop::collection::vec((1i64..60, 1i64..12), 1..9), budget in 0i64..300
        ) {
            // Every subset of the items is a plan.
            let plans: Vec<(i64, i64)> = (0..1usize << items.len())
                .map(|set| {
                    let chosen = items.iter().enumerate().filter(|(place, _)| set >> place & 1 == 1);
                    chosen.fold((0, 0), |sum, (_, item)| (sum.0 + item.0, sum.1 + item.1))
                })
                .collect();
            let need: i64 = items.iter().map(|item| item.1).sum();
            let solve = |price: Option<i64>| -> Result<Found, ()> {
                let sum = |plan: &(i64, i64)| match price {
                    Some(price) => plan.0 + price * (need - plan.1),
                    None => if plan.1 == need { plan.0 } else { i64::MAX },
                };
                let best = plans.iter().min_by_key(|plan| sum(plan)).expect("a plan");
                Ok(Found { point: point(price, best.0, best.1), bound: sum(best) })
            };
            let frontier = sweep(need, 12, Some(Money::from_cents(budget)), &solve).expect("no errors");
            for pair in frontier.points.windows(2) {
                prop_assert!(pair[0].cost < pair[1].cost && pair[0].need < pair[1].need);
            }
            for &(cost, served) in &plans {
                prop_assert!(frontier.least_cost(served) <= cost);
                prop_assert!(cost > budget || served <= frontier.most_need(Money::from_cents(budget)));
            }
            let within = frontier.within(Money::from_cents(budget)).expect("nothing costs nothing");
            prop_assert!(within.cost.cents() <= budget);
        }
    }
}
