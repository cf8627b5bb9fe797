//! The order of units that makes need wait least for its money.
//!
//! Horn's algorithm: with precedence a forest, the order that minimises the sum over units of need times completion cost
//! follows from merging every unit into the unit before it whenever it would rather come first. Strict tiers are the same
//! algorithm with needs compared lexicographically: need in the first tier per euro decides, then in the second, ...
//!
//! Source: Horn, Single-machine job sequencing with treelike precedence ordering (SIAM J. Appl. Math. 23, 1972).

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::rollout::{Unit, UnitNeed};
use crate::scenario::{Criterion, OrderRule, RolloutRules};
use crate::units::Money;

/// Units in the order of building.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Units by rank, first to be built first.
    pub sequence: Vec<u32>,
    /// Cost of everything built up to and with each unit, by unit.
    pub completion: Vec<Money>,
    /// Whether tiers are strict.
    pub rule: OrderRule,
    /// What strict tiers cost against the free order.
    pub strictness: Strictness,
}

/// The price of strict tiers: how long weighted need waits under them and under the free order.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Strictness {
    /// Money that is spent before an average point of weighted need is served, with strict tiers, in euros.
    pub strict: f64,
    /// The same in the order that makes this least.
    pub free: f64,
}

impl Strictness {
    /// How much longer need waits under strict tiers, as a share of the free order: 0.1 is ten percent.
    #[must_use]
    pub fn price(&self) -> f64 {
        if self.free > 0.0 { (self.strict - self.free) / self.free } else { 0.0 }
    }
}

/// What the order needs to know of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The job that must come before it, earlier in the list.
    pub after: Option<u32>,
    /// What it costs, in cents.
    pub cost: i64,
    /// Its need, first tier first.
    pub need: Vec<i64>,
}

/// A run of units that are built one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Block {
    need: Vec<i64>,
    cost: i64,
    units: Vec<u32>,
}

/// A block comes before another if it has more need per cost, tier by tier; what costs nothing comes first of all.
impl Ord for Block {
    fn cmp(&self, other: &Self) -> Ordering {
        let ours = self.need.iter().map(|&need| i128::from(need) * i128::from(other.cost));
        let theirs = other.need.iter().map(|&need| i128::from(need) * i128::from(self.cost));
        theirs.cmp(ours).then(self.cost.cmp(&other.cost)).then(self.units[0].cmp(&other.units[0]))
    }
}

impl PartialOrd for Block {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Orders units by their need as the rules say. Time: O(n log^2 n).
#[must_use]
pub fn order(units: &[Unit], needs: &[UnitNeed], rules: &RolloutRules) -> Order {
    let job = |(unit, need): (&Unit, Vec<i64>)| Job { after: unit.after, cost: unit.cost.cents(), need };
    let strict: Vec<Job> = units.iter().zip(needs.iter().map(|need| need.by_tier.clone())).map(job).collect();
    let weights: Vec<f64> = Criterion::ALL.iter().map(|&criterion| rules.weight(criterion)).collect();
    let weighted =
        |need: &UnitNeed| vec![weighted(&Criterion::ALL.map(|criterion| need.parts.of(criterion)), &weights)];
    let free: Vec<Job> = units.iter().zip(needs.iter().map(weighted)).map(job).collect();
    let (by_tier, by_weight) = (sequence(&strict), sequence(&free));
    let strictness = Strictness { strict: mean_wait(&free, &by_tier), free: mean_wait(&free, &by_weight) };
    let sequence = match rules.order {
        OrderRule::Strict => by_tier,
        OrderRule::Weighted => by_weight,
    };
    let mut completion = vec![Money::ZERO; units.len()];
    let mut so_far = Money::ZERO;
    for &unit in &sequence {
        so_far += units[unit as usize].cost;
        completion[unit as usize] = so_far;
    }
    Order { sequence, completion, rule: rules.order, strictness }
}

/// The weighted sum of points by criterion (in the order of [`Criterion::ALL`]), in thousandths of their unit.
#[must_use]
pub fn weighted(points: &[i64; 5], weights: &[f64]) -> i64 {
    points.iter().zip(weights).map(|(&points, weight)| (weight * 1000.0).round() as i64 * points).sum()
}

/// Money spent before an average unit of first-tier need is served, in euros.
#[must_use]
pub fn mean_wait(jobs: &[Job], sequence: &[u32]) -> f64 {
    let (mut so_far, mut waiting, mut need) = (0i128, 0i128, 0i128);
    for &place in sequence {
        let job = &jobs[place as usize];
        let points = job.need.first().map_or(0, |&points| i128::from(points));
        so_far += i128::from(job.cost);
        waiting += so_far * points;
        need += points;
    }
    if need == 0 { 0.0 } else { waiting as f64 / need as f64 / 100.0 }
}

/// The order of jobs that makes need wait least, tier by tier. Time: O(n log^2 n).
#[must_use]
pub fn sequence(jobs: &[Job]) -> Vec<u32> {
    // Blocks of the branches below each unit, the one that would come first on top.
    let mut below: Vec<BinaryHeap<Reverse<Block>>> = jobs.iter().map(|_| BinaryHeap::new()).collect();
    let mut roots: BinaryHeap<Reverse<Block>> = BinaryHeap::new();
    for (place, job) in jobs.iter().enumerate().rev() {
        let mut blocks = std::mem::take(&mut below[place]);
        let mut block = Block { need: job.need.clone(), cost: job.cost, units: vec![place as u32] };
        while blocks.peek().is_some_and(|Reverse(next)| *next < block) {
            let Some(Reverse(next)) = blocks.pop() else { break };
            block.need.iter_mut().zip(next.need).for_each(|(sum, need)| *sum += need);
            block.cost += next.cost;
            block.units.extend(next.units);
        }
        blocks.push(Reverse(block));
        let target = match job.after {
            Some(after) => &mut below[after as usize],
            None => &mut roots,
        };
        if target.len() < blocks.len() {
            std::mem::swap(target, &mut blocks);
        }
        target.extend(blocks);
    }
    let mut sequence = Vec::with_capacity(jobs.len());
    while let Some(Reverse(block)) = roots.pop() {
        sequence.extend(block.units);
    }
    sequence
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn job(after: Option<u32>, cost: i64, need: Vec<i64>) -> Job {
        Job { after, cost, need }
    }

    /// Need-weighted completion costs by tier, to be compared lexicographically.
    fn waiting(jobs: &[Job], sequence: &[u32]) -> Vec<i128> {
        let mut waiting = vec![0i128; jobs[0].need.len()];
        let mut so_far = 0i128;
        for &place in sequence {
            let job = &jobs[place as usize];
            so_far += i128::from(job.cost);
            for (sum, &need) in waiting.iter_mut().zip(&job.need) {
                *sum += so_far * i128::from(need);
            }
        }
        waiting
    }

    fn permutations(jobs: &[Job], done: &mut Vec<u32>, best: &mut Option<Vec<i128>>) {
        if done.len() == jobs.len() {
            let waiting = waiting(jobs, done);
            if best.as_ref().is_none_or(|known| waiting < *known) {
                *best = Some(waiting);
            }
            return;
        }
        for place in 0..jobs.len() as u32 {
            let ready = jobs[place as usize].after.is_none_or(|after| done.contains(&after));
            if ready && !done.contains(&place) {
                done.push(place);
                permutations(jobs, done, best);
                done.pop();
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn no_order_makes_need_wait_less_tier_by_tier(
            raw in prop::collection::vec((any::<u8>(), 0i64..20, 0i64..4, 0i64..4), 1..7)
        ) {
            let jobs: Vec<Job> = raw
                .iter()
                .enumerate()
                .map(|(place, &(after, cost, first, second))| {
                    let after = u32::from(after) % (place as u32 + 1);
                    job(after.checked_sub(1), cost, vec![first, second])
                })
                .collect();
            let ours = sequence(&jobs);
            let mut best = None;
            permutations(&jobs, &mut Vec::new(), &mut best);
            prop_assert_eq!(Some(waiting(&jobs, &ours)), best);
            for (rank, &place) in ours.iter().enumerate() {
                if let Some(after) = jobs[place as usize].after {
                    prop_assert!(ours[..rank].contains(&after));
                }
            }
        }
    }

    #[test]
    fn a_park_behind_a_trunk_pulls_its_trunk_before_a_nearer_village() {
        let jobs = [job(None, 100, vec![0, 0]), job(Some(0), 10, vec![1, 0]), job(None, 50, vec![0, 400])];
        assert_eq!(sequence(&jobs), vec![0, 1, 2]);
    }

    #[test]
    fn strict_tiers_have_the_price_that_pencil_and_paper_give() {
        // A park for EUR 100 and ten needy houses for EUR 10: the park first makes the houses wait for 110.
        let jobs = [job(None, 10_000, vec![1]), job(None, 1_000, vec![10])];
        let strictness = Strictness { strict: mean_wait(&jobs, &[0, 1]), free: mean_wait(&jobs, &[1, 0]) };
        assert!((strictness.strict - (100.0 + 10.0 * 110.0) / 11.0).abs() < 1e-9);
        assert!((strictness.free - (10.0 * 10.0 + 110.0) / 11.0).abs() < 1e-9);
        assert!((strictness.price() - (1200.0 - 210.0) / 210.0).abs() < 1e-9);
    }
}
