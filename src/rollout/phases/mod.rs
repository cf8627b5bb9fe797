//! Which unit is built in which year, under yearly budgets and contractors' metres.
//!
//! A unit is built in one year or not at all; what it hangs from is built in that year or before, so a shared trench is
//! dug once and paid by the first who needs it, and every year's network hangs together. Sought is the most need in
//! service for the most years: a connection counts every year from the year it is built in to the last one, discounted;
//! tiers are compared lexicographically. First the greedy cut of the order is taken, then schedules that priced limits
//! suggest, then a mixed-integer program on what the bound has not ruled out. The best of all is kept.

mod bound;
mod program;
mod schedule;
#[cfg(test)]
mod tests;

use crate::network::Network;
use crate::plan::Plan;
use crate::region::Region;
use crate::rollout::{Needs, Order, Unit, UnitNeed, Units, weighted};
use crate::scenario::{Criterion, OrderRule, PhaseRules, RolloutRules, Scenario};
use crate::units::{Length, Money};

use bound::{Allowed, Relaxation};
use schedule::{Limit, Problem, Resource, Schedule, Task};

/// One year in service counts as much as this before discounting.
pub const WHOLE_YEAR: i64 = 10_000;

/// The roll-out by year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phases {
    /// The year of each unit, by its place in `years`; none where it has to wait for later years.
    pub of_unit: Vec<Option<u32>>,
    /// The years.
    pub years: Vec<Year>,
    /// What was reached in each tier (or of the weighted need), and what can be reached.
    pub tiers: Vec<TierProof>,
    /// Values count one point of need as so many.
    pub point: i64,
}

/// What is built in a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Year {
    /// The calendar year.
    pub year: u32,
    /// What may be spent.
    pub budget: Money,
    /// What is spent.
    pub spent: Money,
    /// What contractors can dig; none where that is no limit.
    pub metres: Option<Length>,
    /// What is dug.
    pub dug: Length,
    /// Units that are built.
    pub units: u32,
    /// Addresses in them.
    pub addresses: u32,
    /// Their connections, by tier.
    pub need: Vec<u32>,
    /// Discounted years that what is built in this year is in service, in parts of [`WHOLE_YEAR`].
    pub service: i64,
}

/// Need in service over the years, for one tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TierProof {
    /// Need times discounted years, in parts of a point and of [`WHOLE_YEAR`].
    pub value: i64,
    /// No schedule that reaches as much in the tiers before reaches more.
    pub bound: i64,
    /// What the greedy cut of the order reaches.
    pub greedy: i64,
}

/// Who signed up in a unit, and what the unit costs in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Footing {
    /// Connections of its addresses; a park's handover point does not sign up.
    pub connections: u32,
    /// Connections that have signed up, or are expected to: the take-up of all, to the nearest whole one.
    pub sign_ups: u32,
    /// Sign-ups that it takes.
    pub needed: u32,
    /// Its part of the plan's total cost; all units add up to it.
    pub cost: Money,
}

/// Sign-ups and full cost of each unit: the bill of all that lies and stands in it. Time: O(n log n).
#[must_use]
pub fn footings(
    units: &Units,
    plan: &Plan,
    (region, network): (&Region, &Network),
    scenario: &Scenario,
) -> Vec<Footing> {
    let mut footings = vec![Footing::default(); units.all.len()];
    for site in &network.sites {
        let Some(unit) = site.node.as_ref().ok().and_then(|node| units.of_node[node.index()]) else { continue };
        for address in &site.addresses {
            let address = &region.addresses[address.0 as usize];
            footings[unit as usize].connections += address.units;
            footings[unit as usize].sign_ups += address.sign_ups.unwrap_or(0);
        }
    }
    for footing in &mut footings {
        let connections = f64::from(footing.connections);
        if scenario.layers.addresses.sign_ups.is_none() {
            footing.sign_ups = (connections * scenario.design.take_up).round() as u32;
        }
        // A share such as 0.35 is no binary fraction: 7 of 20 must not become 8.
        footing.needed = (connections * scenario.phases.threshold - 1e-9).ceil().max(0.0) as u32;
    }
    for (unit, rows) in plan.bill.grouped(|node| units.of_node[node.index()]) {
        if let Some(unit) = unit {
            footings[unit as usize].cost = rows.iter().map(|row| row.amount).sum();
        }
    }
    footings
}

/// Schedules the units; `None` where the scenario names no years. Deterministic. Time: that of a few hundred dynamic
/// programs, and of one mixed-integer program a tier with a fixed number of branches.
#[must_use]
pub fn phase(
    units: &[Unit],
    (needs, order): (&Needs, &Order),
    footings: &[Footing],
    scenario: &Scenario,
) -> Option<Phases> {
    let objectives = objectives(&needs.units, &scenario.rollout);
    let mut phases = schedule(units, (objectives, &order.sequence), footings, &scenario.phases)?;
    // Points are told in hundredths, weights in thousandths.
    phases.point = match scenario.rollout.order {
        OrderRule::Strict => 100,
        OrderRule::Weighted => 100_000,
    };
    Some(phases)
}

/// What counts of each unit's need, the most important first: points by tier, or the weighted sum of points.
fn objectives(needs: &[UnitNeed], rules: &RolloutRules) -> Vec<Vec<i64>> {
    let weights = Criterion::ALL.map(|criterion| rules.weight(criterion));
    let of_unit = |need: &UnitNeed| match rules.order {
        OrderRule::Strict => need.by_tier.clone(),
        OrderRule::Weighted => vec![weighted(&Criterion::ALL.map(|criterion| need.parts.of(criterion)), &weights)],
    };
    needs.iter().map(of_unit).collect()
}

fn schedule(
    units: &[Unit],
    (needs, sequence): (Vec<Vec<i64>>, &[u32]),
    footings: &[Footing],
    rules: &PhaseRules,
) -> Option<Phases> {
    if rules.years.is_empty() || units.is_empty() {
        return None;
    }
    let problem = problem(units, needs, footings, rules);
    let greedy = problem.cut(sequence);
    let mut search = Search { problem: &problem, sequence, value: problem.value(&greedy), best: greedy.clone() };
    let mut allowed: Allowed = problem.tasks.iter().map(|task| allowed(task, &problem)).collect();
    let mut bounds = Vec::new();
    for objective in 0..problem.objectives() {
        bounds.push(search.improve(objective, &mut allowed));
    }
    let mut best = search.best;
    problem.prune(&mut best, problem.objectives());
    debug_assert!(problem.is_lawful(&best), "every schedule that is kept was found lawful");
    let tiers = problem.value(&best).into_iter().zip(problem.value(&greedy)).zip(bounds);
    let tiers = tiers.map(|((value, greedy), bound)| TierProof { value, bound: bound.max(value), greedy }).collect();
    let years = years(units, footings, rules, &problem, &best);
    Some(Phases { of_unit: best, years, tiers, point: 1 })
}

/// Discounted years in service of what is built in each year.
fn service(rules: &PhaseRules) -> Vec<i64> {
    let factors = (0..rules.years.len() as i32).map(|year| (1.0 + rules.discount_rate).powi(-year));
    let worth: Vec<i64> = factors.map(|factor| (WHOLE_YEAR as f64 * factor).round() as i64).collect();
    (0..worth.len()).map(|year| worth[year..].iter().sum()).collect()
}

fn problem(units: &[Unit], needs: Vec<Vec<i64>>, footings: &[Footing], rules: &PhaseRules) -> Problem {
    let task = |((unit, footing), need): ((&Unit, &Footing), Vec<i64>)| Task {
        after: unit.after,
        cost: footing.cost.cents(),
        length: unit.length.millimetres(),
        need,
        ready: footing.sign_ups >= footing.needed,
    };
    let mut limits = Vec::new();
    let mut saved = Money::ZERO;
    for (place, year) in rules.years.iter().enumerate() {
        saved += year.money();
        let (first, most) = if rules.carry_over { (0, saved) } else { (place, year.money()) };
        limits.push(Limit { resource: Resource::Money, first, last: place, most: most.cents() });
        if let Some(metres) = year.length() {
            let most = metres.millimetres();
            limits.push(Limit { resource: Resource::Length, first: place, last: place, most });
        }
    }
    Problem { tasks: units.iter().zip(footings).zip(needs).map(task).collect(), limits, service: service(rules) }
}

/// Years that a unit may be built in by itself: any, where it is ready and fits; the last place is not at all.
fn allowed(task: &Task, problem: &Problem) -> Vec<bool> {
    let fits = |year: usize| {
        let mut limits = problem.limits.iter().filter(|limit| limit.holds(year));
        task.ready && limits.all(|limit| task.amount(limit.resource) <= limit.most)
    };
    (0..problem.service.len()).map(fits).chain([true]).collect()
}

struct Search<'a> {
    problem: &'a Problem,
    sequence: &'a [u32],
    best: Schedule,
    value: Vec<i64>,
}

impl Search<'_> {
    /// Makes one objective as large as it gets, those before it kept; returns the bound on it.
    fn improve(&mut self, objective: usize, allowed: &mut Allowed) -> i64 {
        if self.problem.tasks.iter().all(|task| task.need[objective] == 0) {
            return 0;
        }
        let problem = self.problem;
        let floors = self.value[..objective].to_vec();
        let relaxation = Relaxation { problem, objective, floors: &floors };
        let bound = relaxation.tighten(allowed, &mut |suggested| {
            self.follow(suggested);
            self.value[objective]
        });
        if self.value[objective] >= bound {
            return bound;
        }
        match program::solve(problem, (objective, &floors), allowed, &self.best) {
            Some(answer) if problem.is_lawful(&answer.schedule) => {
                // What it builds for the sake of later objectives is chance: the order fills the room again.
                let mut kept = answer.schedule;
                problem.prune(&mut kept, objective + 1);
                self.offer(problem.extend(kept, self.sequence));
                bound.min(answer.most.unwrap_or(bound)).max(self.value[objective])
            }
            _ => bound,
        }
    }

    /// The greedy cut of the years that prices suggest: units that they build in no year come last.
    fn follow(&mut self, suggested: &Schedule) {
        let mut sequence = self.sequence.to_vec();
        sequence.sort_by_key(|&unit| suggested[unit as usize].unwrap_or(u32::MAX));
        self.offer(self.problem.cut(&sequence));
    }

    fn offer(&mut self, schedule: Schedule) {
        let value = self.problem.value(&schedule);
        if value > self.value {
            (self.best, self.value) = (schedule, value);
        }
    }
}

fn years(
    units: &[Unit],
    footings: &[Footing],
    rules: &PhaseRules,
    problem: &Problem,
    schedule: &Schedule,
) -> Vec<Year> {
    let mut years: Vec<Year> = rules
        .years
        .iter()
        .zip(&problem.service)
        .map(|(rule, &service)| Year {
            year: rule.year,
            budget: rule.money(),
            spent: Money::ZERO,
            metres: rule.length(),
            dug: Length::ZERO,
            units: 0,
            addresses: 0,
            need: vec![0; units.first().map_or(0, |unit| unit.need.len())],
            service,
        })
        .collect();
    for ((unit, footing), built) in units.iter().zip(footings).zip(schedule) {
        let Some(built) = built else { continue };
        let year = &mut years[*built as usize];
        year.spent += footing.cost;
        year.dug += unit.length;
        year.units += 1;
        year.addresses += unit.addresses;
        year.need.iter_mut().zip(&unit.need).for_each(|(sum, need)| *sum += need);
    }
    years
}

impl Phases {
    /// Units that no year builds, and the addresses in them.
    #[must_use]
    pub fn later(&self, units: &[Unit]) -> (u32, u32) {
        let waiting = units.iter().zip(&self.of_unit).filter(|(_, year)| year.is_none());
        waiting.fold((0, 0), |(count, addresses), (unit, _)| (count + 1, addresses + unit.addresses))
    }

    /// The calendar year of a unit.
    #[must_use]
    pub fn year_of(&self, unit: u32) -> Option<u32> {
        self.of_unit[unit as usize].map(|place| self.years[place as usize].year)
    }
}
