//! How robust the order and the cost are when weights, prices and take-up are not what was thought.
//!
//! The plan is frozen: the same trenches, the same units. Prices are drawn from their ranges (triangular, most likely at
//! the price planned with), need from its ranges, weights from what is known of them; units are ordered anew for each draw
//! by the same exact algorithm. The bill is added up anew with drawn prices and take-up.

use rayon::prelude::*;

use crate::chance::Chance;
use crate::plan::{Bill, Element, Plan};
use crate::rollout::{Job, Needs, Order, Part, UnitNeed, Units, sequence, serves, weighted};
use crate::scenario::{Criterion, OrderRule, PriceBook, PriceId, Scenario, Unit as PriceUnit, WeightKnowledge, key};
use crate::smaa::{Acceptability, Model, Sampling, Weights, analyse};
use crate::units::Money;

/// What draws say about a plan.
#[derive(Clone, Debug)]
pub struct Robustness {
    /// The units that serve somebody: the alternatives, in the order of units.
    pub serving: Vec<u32>,
    /// Their rank acceptability where weights, prices and need vary.
    pub acceptability: Acceptability,
    /// The same where tiers are strict and only prices vary, for a plan with strict tiers.
    pub by_tiers: Option<Acceptability>,
    /// What the weights of criteria were drawn from.
    pub weights: WeightKnowledge,
    /// Total cost under drawn prices and take-up.
    pub total: Spread,
    /// What moves total cost and ranks, the widest first.
    pub levers: Vec<Lever>,
}

/// How an amount spreads over draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// Draws.
    pub samples: u32,
    /// Exceeded in nine draws of ten.
    pub p10: Money,
    /// Exceeded in half of all draws.
    pub p50: Money,
    /// Exceeded in one draw of ten.
    pub p90: Money,
    /// Draws that cost no more than what was planned with.
    pub within_plan: u32,
}

/// A price or the take-up, moved alone to the ends of its range.
#[derive(Clone, Debug, PartialEq)]
pub struct Lever {
    /// The price's key, or `take-up`.
    pub key: String,
    /// Low end, value planned with, high end.
    pub range: [f64; 3],
    /// Total cost at the low end.
    pub at_low: Money,
    /// Total cost at the high end.
    pub at_high: Money,
    /// How many places the first ten serving units shift on average, at the worse end.
    pub shift: f64,
}

/// The first units that a lever's shift is measured on.
const FIRST: usize = 10;

/// Draws as often as the scenario asks; `None` where it asks for none, or nobody is served.
///
/// Time: `samples` orders of all units, on all threads.
#[must_use]
pub fn robustness(
    (units, needs, order): (&Units, &Needs, &Order),
    plan: &Plan,
    scenario: &Scenario,
) -> Option<Robustness> {
    let rules = &scenario.robustness;
    let prices = scenario.price_book();
    let ranking = Ranking::new((units, needs), plan, &prices);
    if rules.samples == 0 || ranking.serving.is_empty() {
        return None;
    }
    let sampling =
        Sampling { samples: rules.samples, confidence_samples: (rules.samples / 20).clamp(1, 500), seed: rules.seed };
    let acceptability = analyse(&ranking, &weights(scenario), sampling);
    let by_tiers = (order.rule == OrderRule::Strict).then(|| {
        let fewer = Sampling { samples: (rules.samples / 10).max(1), confidence_samples: 1, seed: rules.seed };
        analyse(&ByTiers(&ranking), &Weights::Fixed(vec![1.0]), fewer)
    });
    let costing = Costing { bill: &plan.bill, prices: &prices, known_pops: ranking.known_pops };
    Some(Robustness {
        serving: ranking.serving.clone(),
        acceptability,
        by_tiers,
        weights: rules.weights,
        total: costing.spread(scenario),
        levers: levers(&costing, &ranking, order, scenario),
    })
}

/// What is known about the weights of criteria, as a space to draw from.
fn weights(scenario: &Scenario) -> Weights {
    match scenario.robustness.weights {
        WeightKnowledge::Free => Weights::Free(Criterion::ALL.len()),
        WeightKnowledge::Ordered => Weights::Ranked(vec![0, 1, 1, 2, 3]),
        WeightKnowledge::Intervals => {
            let given = &scenario.robustness.intervals;
            let interval = |criterion| given.get(&criterion).map_or((0.0, 1.0), |&[low, high]| (low, high));
            Weights::Between(Criterion::ALL.map(interval).to_vec())
        }
    }
}

/// One unit, as far as draws change it.
struct Candidate {
    after: Option<u32>,
    fixed: i64,
    by_price: Vec<(usize, i64)>,
    /// Least and most points of each criterion.
    points: [(i64, i64); 5],
    by_tier: Vec<i64>,
}

/// The ranking of units as a model for draws.
struct Ranking {
    candidates: Vec<Candidate>,
    serving: Vec<u32>,
    place_of: Vec<Option<u32>>,
    /// Low, planned and high price of each price in use.
    ranges: Vec<(PriceId, [f64; 3])>,
    known_pops: bool,
}

impl Ranking {
    fn new((units, needs): (&Units, &Needs), plan: &Plan, prices: &PriceBook) -> Self {
        let mut used: Vec<PriceId> =
            needs.units.iter().flat_map(|need| need.by_price.iter().map(|(price, _)| *price)).collect();
        used.sort_unstable();
        used.dedup();
        let place = |price: PriceId| used.binary_search(&price).expect("every price in use is listed");
        let candidates = units.all.iter().zip(&needs.units).map(|(unit, need)| {
            let priced: Money = need.by_price.iter().map(|(_, cost)| *cost).sum();
            Candidate {
                after: unit.after,
                fixed: (unit.cost - priced).cents(),
                by_price: need.by_price.iter().map(|&(price, cost)| (place(price), cost.cents())).collect(),
                points: Criterion::ALL.map(|criterion| ends(need, criterion)),
                by_tier: need.by_tier.clone(),
            }
        });
        let serving: Vec<u32> = (0..units.all.len())
            .filter(|&at| serves(&needs.units[at], &units.all[at].kind))
            .map(|at| at as u32)
            .collect();
        let mut place_of = vec![None; units.all.len()];
        serving.iter().enumerate().for_each(|(place, &unit)| place_of[unit as usize] = Some(place as u32));
        Self {
            candidates: candidates.collect(),
            place_of,
            ranges: used.iter().map(|&price| (price, range(prices, price))).collect(),
            known_pops: !plan.pops.iter().any(|pop| plan.candidates[pop.candidate as usize].proposed),
            serving,
        }
    }

    /// Units that serve somebody, in the order of all units, as alternatives.
    fn sequence(&self, jobs: &[Job], order: &mut Vec<u32>) {
        order.extend(sequence(jobs).into_iter().filter_map(|unit| self.place_of[unit as usize]));
    }

    fn job(&self, unit: usize, factors: &[f64], need: Vec<i64>) -> Job {
        let candidate = &self.candidates[unit];
        let priced: f64 = candidate.by_price.iter().map(|&(place, cost)| cost as f64 * factors[place]).sum();
        Job { after: candidate.after, cost: candidate.fixed + priced.round() as i64, need }
    }

    fn draw_factors(&self, chance: &mut Chance, drawn: &mut Vec<f64>) {
        drawn.extend(
            self.ranges.iter().map(|(_, [low, price, high])| factor(chance.triangular(*low, *price, *high), *price)),
        );
    }
}

/// Least and most points of a criterion.
fn ends(need: &UnitNeed, criterion: Criterion) -> (i64, i64) {
    let parts = Part::ALL.iter().zip(need.parts.0).filter(|(part, _)| part.criterion() == criterion);
    parts.fold((0, 0), |(low, high), (_, points)| (low + points.low, high + points.high))
}

/// Low end, price and high end; a price without a range is certain.
fn range(prices: &PriceBook, id: PriceId) -> [f64; 3] {
    let entry = prices.entry(id);
    let (low, high) = (entry.low.unwrap_or(entry.price), entry.high.unwrap_or(entry.price));
    [low.min(entry.price), entry.price, high.max(entry.price)]
}

fn factor(drawn: f64, price: f64) -> f64 {
    if price > 0.0 { drawn / price } else { 1.0 }
}

impl Model for Ranking {
    fn alternatives(&self) -> usize {
        self.serving.len()
    }

    fn draw(&self, chance: &mut Chance, drawn: &mut Vec<f64>) {
        self.draw_factors(chance, drawn);
        for candidate in &self.candidates {
            drawn.extend(
                candidate.points.map(
                    |(low, high)| {
                        if low == high { low as f64 } else { chance.between(low as f64, high as f64) }
                    },
                ),
            );
        }
    }

    fn order(&self, drawn: &[f64], weights: &[f64], order: &mut Vec<u32>) {
        let (factors, points) = drawn.split_at(self.ranges.len());
        let need = |unit: usize| -> i64 {
            let points = &points[5 * unit..5 * unit + 5];
            // Hundredths of points, once more in thousandths, so that rounding does not decide.
            (points.iter().zip(weights).map(|(points, weight)| points * weight).sum::<f64>() * 1000.0).round() as i64
        };
        let jobs: Vec<Job> = (0..self.candidates.len()).map(|unit| self.job(unit, factors, vec![need(unit)])).collect();
        self.sequence(&jobs, order);
    }
}

/// The same ranking by strict tiers, where only prices vary.
struct ByTiers<'a>(&'a Ranking);

impl Model for ByTiers<'_> {
    fn alternatives(&self) -> usize {
        self.0.serving.len()
    }

    fn draw(&self, chance: &mut Chance, drawn: &mut Vec<f64>) {
        self.0.draw_factors(chance, drawn);
    }

    fn order(&self, drawn: &[f64], _: &[f64], order: &mut Vec<u32>) {
        let by_tier = |unit: usize| self.0.candidates[unit].by_tier.clone();
        let jobs: Vec<Job> = (0..self.0.candidates.len()).map(|unit| self.0.job(unit, drawn, by_tier(unit))).collect();
        self.0.sequence(&jobs, order);
    }
}

/// The bill, to be added up anew with other prices.
struct Costing<'a> {
    bill: &'a Bill,
    prices: &'a PriceBook,
    /// Whether all open PoPs have a price of their own, which is certain.
    known_pops: bool,
}

impl Costing<'_> {
    /// The total in cents, with each price times its factor and home connections times theirs.
    fn total(&self, factor_of: &dyn Fn(PriceId) -> f64, homes: f64) -> f64 {
        let (mut civil, mut civil_before, mut total, mut total_before) = (0.0, 0.0, 0.0, 0.0);
        for row in &self.bill.rows {
            let before = row.amount.cents() as f64;
            let certain = row.element == Element::Pop && self.known_pops;
            let times = if certain { 1.0 } else { factor_of(row.price) };
            let now = if self.prices.unit(row.price) == PriceUnit::Percent {
                // A percentage is due on civil works or on everything before it; the row tells on which sum.
                let on_civil = (row.quantity as f64 - civil_before).abs() < 0.5;
                let (sum, sum_before) = if on_civil { (civil, civil_before) } else { (total, total_before) };
                before * times * if sum_before > 0.0 { sum / sum_before } else { 1.0 }
            } else {
                before * times * if row.element == Element::Home { homes } else { 1.0 }
            };
            if row.element.is_civil() {
                civil += now;
                civil_before += before;
            }
            total += now;
            total_before += before;
        }
        total
    }

    /// Low, planned and high price of each price in the bill.
    fn ranges(&self) -> Vec<(PriceId, [f64; 3])> {
        let mut used: Vec<PriceId> = self.bill.rows.iter().map(|row| row.price).collect();
        used.sort_unstable();
        used.dedup();
        let certain = |price: &PriceId| self.known_pops && *price == self.prices.known(key::POP);
        used.into_iter().filter(|price| !certain(price)).map(|price| (price, range(self.prices, price))).collect()
    }

    fn spread(&self, scenario: &Scenario) -> Spread {
        let (rules, ranges) = (&scenario.robustness, self.ranges());
        let [low, planned, high] = take_up(scenario);
        let draw = |sample: u32| {
            let mut chance = Chance::new(rules.seed, 2, u64::from(sample));
            let factors: Vec<f64> = ranges
                .iter()
                .map(|(_, [low, price, high])| factor(chance.triangular(*low, *price, *high), *price))
                .collect();
            let homes = factor(chance.triangular(low, planned, high), planned);
            let of =
                |price: PriceId| ranges.iter().position(|(other, _)| *other == price).map_or(1.0, |at| factors[at]);
            self.total(&of, homes)
        };
        let mut totals: Vec<f64> = (0..rules.samples).into_par_iter().map(draw).collect();
        totals.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (share * (totals.len() - 1) as f64).round() as usize;
            Money::from_cents(totals[place].round() as i64)
        };
        let planned = self.total(&|_| 1.0, 1.0);
        let within_plan = totals.partition_point(|&total| total <= planned) as u32;
        Spread { samples: rules.samples, p10: at(0.1), p50: at(0.5), p90: at(0.9), within_plan }
    }
}

/// Lowest, planned and highest take-up.
fn take_up(scenario: &Scenario) -> [f64; 3] {
    let planned = scenario.design.take_up;
    [scenario.robustness.take_up_low.min(planned), planned, scenario.robustness.take_up_high.max(planned)]
}

/// Moves each price alone to the ends of its range, then take-up.
fn levers(costing: &Costing<'_>, ranking: &Ranking, order: &Order, scenario: &Scenario) -> Vec<Lever> {
    let weights: Vec<f64> = Criterion::ALL.iter().map(|&criterion| scenario.rollout.weight(criterion)).collect();
    let ranks = |factors: &[f64]| ranks(ranking, order.rule, &weights, factors);
    let planned = ranks(&vec![1.0; ranking.ranges.len()]);
    let shift = |price: PriceId, times: f64| {
        let Some(place) = ranking.ranges.iter().position(|(other, _)| *other == price) else { return 0.0 };
        let mut factors = vec![1.0; ranking.ranges.len()];
        factors[place] = times;
        mean_shift(&planned, &ranks(&factors))
    };
    let mut ranges = costing.ranges();
    ranges.extend(
        ranking
            .ranges
            .iter()
            .filter(|(price, _)| !ranges.iter().any(|(other, _)| other == price))
            .copied()
            .collect::<Vec<_>>(),
    );
    let cents = |total: f64| Money::from_cents(total.round() as i64);
    let mut levers: Vec<Lever> = ranges
        .par_iter()
        .map(|&(price, [low, planned, high])| {
            let [least, most] = [low, high].map(|end| factor(end, planned));
            let at = |times: f64| cents(costing.total(&|other| if other == price { times } else { 1.0 }, 1.0));
            Lever {
                key: costing.prices.key(price).to_owned(),
                range: [low, planned, high],
                at_low: at(least),
                at_high: at(most),
                shift: shift(price, least).max(shift(price, most)),
            }
        })
        .collect();
    let [low, planned, high] = take_up(scenario);
    let at = |end: f64| cents(costing.total(&|_| 1.0, factor(end, planned)));
    levers.push(Lever {
        key: "take-up".to_owned(),
        range: [low, planned, high],
        at_low: at(low),
        at_high: at(high),
        shift: 0.0,
    });
    levers.sort_by(|a, b| (b.at_high - b.at_low).cmp(&(a.at_high - a.at_low)).then_with(|| a.key.cmp(&b.key)));
    levers
}

/// Rank of each serving unit, counted from 0, with prices times their factors.
fn ranks(ranking: &Ranking, rule: OrderRule, weights: &[f64], factors: &[f64]) -> Vec<u32> {
    let need = |candidate: &Candidate| match rule {
        OrderRule::Strict => candidate.by_tier.clone(),
        OrderRule::Weighted => vec![weighted(&candidate.points.map(|(low, high)| low + (high - low) / 2), weights)],
    };
    let candidates = ranking.candidates.iter().enumerate();
    let jobs: Vec<Job> = candidates.map(|(unit, candidate)| ranking.job(unit, factors, need(candidate))).collect();
    let mut order = Vec::new();
    ranking.sequence(&jobs, &mut order);
    let mut ranks = vec![0; order.len()];
    order.into_iter().enumerate().for_each(|(rank, place)| ranks[place as usize] = rank as u32);
    ranks
}

/// How many places those that were first shift on average.
fn mean_shift(before: &[u32], after: &[u32]) -> f64 {
    let first: Vec<u32> = before
        .iter()
        .zip(after)
        .filter(|(before, _)| (**before as usize) < FIRST)
        .map(|(before, after)| before.abs_diff(*after))
        .collect();
    if first.is_empty() { 0.0 } else { f64::from(first.iter().sum::<u32>()) / first.len() as f64 }
}
