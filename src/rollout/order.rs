//! The order of units that makes need wait least for its money.
//!
//! Horn's algorithm: with precedence a forest, the order that minimises the sum over units of need times completion cost
//! follows from merging every unit into the unit before it whenever it would rather come first. Strict tiers are the same
//! algorithm with needs compared lexicographically: need in the first tier per euro decides, then in the second, ...
//!
//! Source: Horn, Single-machine job sequencing with treelike precedence ordering (SIAM J. Appl. Math. 23, 1972).

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::rollout::{Need, Unit};
use crate::units::Money;

/// Units in the order of building.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Units by rank, first to be built first.
    pub sequence: Vec<u32>,
    /// Cost of everything built up to and with each unit, by unit.
    pub completion: Vec<Money>,
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

/// Orders units whose predecessors come before them in the list. Time: O(n log^2 n).
#[must_use]
pub fn order(units: &[Unit]) -> Order {
    // Blocks of the branches below each unit, the one that would come first on top.
    let mut below: Vec<BinaryHeap<Reverse<Block>>> = units.iter().map(|_| BinaryHeap::new()).collect();
    let mut roots: BinaryHeap<Reverse<Block>> = BinaryHeap::new();
    for (place, unit) in units.iter().enumerate().rev() {
        let mut blocks = std::mem::take(&mut below[place]);
        let mut block = Block { need: need(&unit.need), cost: unit.cost.cents(), units: vec![place as u32] };
        while blocks.peek().is_some_and(|Reverse(next)| *next < block) {
            let Some(Reverse(next)) = blocks.pop() else { break };
            block.need.iter_mut().zip(next.need).for_each(|(sum, need)| *sum += need);
            block.cost += next.cost;
            block.units.extend(next.units);
        }
        blocks.push(Reverse(block));
        let target = match unit.after {
            Some(after) => &mut below[after as usize],
            None => &mut roots,
        };
        if target.len() < blocks.len() {
            std::mem::swap(target, &mut blocks);
        }
        target.extend(blocks);
    }
    let mut sequence = Vec::with_capacity(units.len());
    while let Some(Reverse(block)) = roots.pop() {
        sequence.extend(block.units);
    }
    let mut completion = vec![Money::ZERO; units.len()];
    let mut so_far = Money::ZERO;
    for &unit in &sequence {
        so_far += units[unit as usize].cost;
        completion[unit as usize] = so_far;
    }
    Order { sequence, completion }
}

fn need(need: &Need) -> Vec<i64> {
    need.iter().map(|&count| i64::from(count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::UnitKind;
    use crate::units::Length;
    use proptest::prelude::*;

    fn unit(after: Option<u32>, cost: i64, need: Vec<u32>) -> Unit {
        Unit {
            kind: UnitKind::Area,
            name: String::new(),
            after,
            pop: 0,
            cost: Money::from_cents(cost),
            length: Length::ZERO,
            need,
            addresses: 0,
        }
    }

    /// Need-weighted completion costs by tier, to be compared lexicographically.
    fn waiting(units: &[Unit], sequence: &[u32]) -> Vec<i128> {
        let mut waiting = vec![0i128; units[0].need.len()];
        let mut so_far = 0i128;
        for &place in sequence {
            let unit = &units[place as usize];
            so_far += i128::from(unit.cost.cents());
            for (sum, &need) in waiting.iter_mut().zip(&unit.need) {
                *sum += so_far * i128::from(need);
            }
        }
        waiting
    }

    fn permutations(units: &[Unit], done: &mut Vec<u32>, best: &mut Option<Vec<i128>>) {
        if done.len() == units.len() {
            let waiting = waiting(units, done);
            if best.as_ref().is_none_or(|known| waiting < *known) {
                *best = Some(waiting);
            }
            return;
        }
        for place in 0..units.len() as u32 {
            let ready = units[place as usize].after.is_none_or(|after| done.contains(&after));
            if ready && !done.contains(&place) {
                done.push(place);
                permutations(units, done, best);
                done.pop();
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn no_order_makes_need_wait_less_tier_by_tier(
            raw in prop::collection::vec((any::<u8>(), 0i64..20, 0u32..4, 0u32..4), 1..7)
        ) {
            let units: Vec<Unit> = raw
                .iter()
                .enumerate()
                .map(|(place, &(after, cost, first, second))| {
                    let after = u32::from(after) % (place as u32 + 1);
                    unit(after.checked_sub(1), cost, vec![first, second])
                })
                .collect();
            let ours = order(&units);
            let mut best = None;
            permutations(&units, &mut Vec::new(), &mut best);
            prop_assert_eq!(Some(waiting(&units, &ours.sequence)), best);
            for (rank, &place) in ours.sequence.iter().enumerate() {
                if let Some(after) = units[place as usize].after {
                    prop_assert!(ours.sequence[..rank].contains(&after));
                }
            }
        }
    }

    #[test]
    fn a_park_behind_a_trunk_pulls_its_trunk_before_a_nearer_village() {
        let units = [unit(None, 100, vec![0, 0]), unit(Some(0), 10, vec![1, 0]), unit(None, 50, vec![0, 400])];
        assert_eq!(order(&units).sequence, vec![0, 1, 2]);
    }
}
