//! What a solution of the relaxation says: shares, and what its duals prove.

use crate::graph::NodeId;
use crate::problem::{Demand, SteinerProblem};
use crate::solver::ascent::Ascent;
use crate::solver::cuts::flow::UNIT;

/// What the relaxation says.
pub(super) struct Point {
    /// By arc, how much of it is used.
    pub(super) shares: Vec<f64>,
    /// By node, how much of its prize is lost.
    pub(super) lost: Vec<f64>,
    /// What the duals prove and leave, in units over the scale.
    pub(super) duals: Ascent,
}

impl Point {
    /// Capacity of each arc for a flow.
    pub(super) fn capacities(&self) -> Vec<i64> {
        self.shares.iter().map(|share| (share.clamp(0.0, 1.0) * UNIT as f64).round() as i64).collect()
    }

    /// Edge costs for building trees that like what the relaxation uses.
    pub(super) fn guided_costs(shares: &[f64], costs: &[i64]) -> Vec<i64> {
        let shares = shares.chunks_exact(2).map(|ways| ways[0].max(ways[1]).clamp(0.0, 1.0));
        costs
            .iter()
            .zip(shares)
            .map(|(&cost, share)| (cost as f64 * (1.0 - share)).ceil() as i64 + cost / 1000)
            .collect()
    }

    /// The undecided node whose inflow is most fractional.
    pub(super) fn most_fractional(&self, problem: &SteinerProblem) -> Option<NodeId> {
        let graph = problem.graph();
        let mut inflow = vec![0.0; graph.node_count()];
        for (arc, share) in self.shares.iter().enumerate() {
            inflow[graph.head(arc).index()] += share;
        }
        let undecided = graph.nodes().filter(|&node| {
            problem.demands()[node.index()] != Demand::Required && (0.01..0.99).contains(&inflow[node.index()])
        });
        let distance = |node: NodeId| ((inflow[node.index()] - 0.5).abs() * 64.0) as usize;
        undecided.min_by_key(|&node| (distance(node), std::cmp::Reverse(graph.degree(node)), node))
    }
}
