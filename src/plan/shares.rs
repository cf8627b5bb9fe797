//! Who causes which cost: every cost is shared by the connections that need it.
//!
//! Shares are carried down the forest as fixed-point cents (2^-24 of a cent) and rounded once with the largest remainder
//! first, so that they add up to the total exactly.

use crate::network::Network;
use crate::plan::Forest;
use crate::plan::reach::is_leaf;
use crate::units::Money;

/// Shares of the forest's cost and savings, by network node.
#[derive(Clone, Debug)]
pub struct Shares {
    /// Cost share of one connection at each leaf, in fixed-point cents.
    pub per_connection: Vec<i128>,
    /// Connections beyond each node, its own included.
    pub beyond: Vec<u32>,
    /// What leaving the leaf out would save: the segments that serve it alone.
    pub saving: Vec<Money>,
}

const FIXED: u32 = 24;

/// An amount in the fixed-point cents of [`Shares::per_connection`].
pub(super) fn fixed(amount: Money) -> i128 {
    i128::from(amount.cents()) << FIXED
}

/// Shares the cost of every segment among the connections beyond it, and of every PoP among those it feeds.
///
/// `connections` is by network node (0 where none); `pop_cost` is by candidate. Time: O(n).
#[must_use]
pub fn share(
    forest: &Forest,
    network: &Network,
    connections: &[u32],
    segment_costs: &[Money],
    pop_cost: &[Money],
) -> Shares {
    let nodes = network.graph.node_count();
    let mut beyond = connections.to_vec();
    for &node in forest.order.iter().rev() {
        if let Some((parent, _)) = forest.parent[node.index()] {
            beyond[parent.index()] += beyond[node.index()];
        }
    }
    let mut per_connection = vec![0i128; nodes];
    let mut saving = vec![Money::ZERO; nodes];
    for &node in &forest.order {
        let count = i128::from(beyond[node.index()].max(1));
        let Some((parent, edge)) = forest.parent[node.index()] else {
            let pop = forest.pop[node.index()].expect("a node of the forest has a PoP") as usize;
            per_connection[node.index()] = (i128::from(pop_cost[pop].cents()) << FIXED) / count;
            continue;
        };
        let cost = segment_costs[edge.index()];
        per_connection[node.index()] = per_connection[parent.index()] + (i128::from(cost.cents()) << FIXED) / count;
        // A segment is saved with the leaf if nobody else is beyond it: the saving grows along unbranched ends.
        let alone = beyond[parent.index()] == beyond[node.index()] && forest.parent[parent.index()].is_some();
        let before = if alone && !is_leaf(network, parent) { saving[parent.index()] } else { Money::ZERO };
        saving[node.index()] = before + cost;
    }
    Shares { per_connection, beyond, saving }
}

/// Splits a total in whole cents by fixed-point weights, the largest remainders first (ties by place).
///
/// Time: O(k log k). All weights 0: everything goes to the first.
#[must_use]
pub fn split(total: Money, weights: &[i128]) -> Vec<Money> {
    let sum: i128 = weights.iter().sum();
    if weights.is_empty() || sum <= 0 {
        let mut parts = vec![Money::ZERO; weights.len()];
        if let Some(first) = parts.first_mut() {
            *first = total;
        }
        return parts;
    }
    let exact = |weight: i128| i128::from(total.cents()) * weight;
    let mut parts: Vec<i64> = weights.iter().map(|&weight| exact(weight).div_euclid(sum) as i64).collect();
    let missing = total.cents() - parts.iter().sum::<i64>();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|&at| (std::cmp::Reverse(exact(weights[at]).rem_euclid(sum)), at));
    for &at in by_remainder.iter().take(missing.max(0) as usize) {
        parts[at] += 1;
    }
    parts.into_iter().map(Money::from_cents).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn shares_add_up_to_the_total_and_are_within_a_cent_of_exact(
            total in 0i64..1_000_000_000, weights in prop::collection::vec(0i128..1 << 40, 1..40)
        ) {
            let parts = split(Money::from_cents(total), &weights);
            prop_assert_eq!(parts.iter().copied().sum::<Money>().cents(), total);
            let sum: i128 = weights.iter().sum();
            for (part, weight) in parts.iter().zip(&weights) {
                if sum > 0 {
                    let exact = total as f64 * *weight as f64 / sum as f64;
                    prop_assert!((part.cents() as f64 - exact).abs() <= 1.001);
                }
            }
        }
    }
}
