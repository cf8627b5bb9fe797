//! Local search: a Steiner node is added where the tree gets cheaper by it.
//!
//! A node beside the tree with two tree neighbours or more, or with a prize, is added with all its edges to the tree; on
//! every cycle that this closes the dearest edge goes. If the tree is cheaper then, and after pruning, it stays. A prize
//! farther off joins over the shortest path where that costs less.
//!
//! Source: Minoux (Networks 20, 1990); Uchoa and Werneck (ACM JEA 17, 2012), section 3.1.

use crate::effort::Effort;
use crate::graph::{EdgeId, NodeId};
use crate::problem::SteinerProblem;
use crate::solver::hung::Hung;
use crate::solver::trees::{Valued, best_of, is_worth};

/// Passes over all nodes at most.
const PASSES: usize = 4;

/// Inserts Steiner nodes for as long as that helps; never worse than before. Time: O(passes (m h + m log m)), h the
/// height of the tree.
pub(super) fn vertex_insertion(problem: &SteinerProblem, root: NodeId, tree: Valued, effort: &Effort) -> Valued {
    let mut best = tree;
    for _ in 0..PASSES {
        let before = best.1;
        let hung = Hung::new(problem, root, &best.0);
        let mut nodes = hung.inside.clone();
        let mut touched = vec![false; problem.graph().node_count()];
        let mut any = false;
        for node in problem.graph().nodes().filter(|node| !hung.inside[node.index()]) {
            if let Some(on_cycles) = hung.gain(problem, node, &touched) {
                nodes[node.index()] = true;
                any = true;
                // Gains add up only if the cycles are apart: what is on one is not counted twice in a pass.
                on_cycles.iter().for_each(|on| touched[on.index()] = true);
            }
        }
        if !any || effort.deadline.passed() {
            return best;
        }
        best = best_of(problem, root, &nodes, best);
        if !is_worth(problem, before, best.1) {
            return best;
        }
    }
    best
}

impl Hung {
    /// The nodes on the cycles that a new node closes, if the tree gets cheaper by it.
    fn gain(&self, problem: &SteinerProblem, node: NodeId, touched: &[bool]) -> Option<Vec<NodeId>> {
        let graph = problem.graph();
        let mut ways: Vec<(i64, NodeId)> = graph
            .arcs(node)
            .iter()
            .filter(|arc| self.inside[arc.to.index()])
            .map(|arc| (problem.cost(arc.edge), arc.to))
            .collect();
        let prize = problem.demands()[node.index()].prize();
        if ways.len() < 2 && (prize == 0 || ways.is_empty()) {
            return None;
        }
        ways.sort_unstable();
        let mut gone: Vec<EdgeId> = Vec::new();
        let mut seen: Vec<NodeId> = Vec::new();
        let mut gain = prize - ways[0].0;
        for &(cost, to) in &ways[1..] {
            let (dearest, on) = self.dearest_between(problem, ways[0].1, to, &gone)?;
            if on.iter().any(|on| touched[on.index()]) {
                return None;
            }
            seen.extend(on);
            if problem.cost(dearest) > cost {
                gain += problem.cost(dearest) - cost;
                gone.push(dearest);
            }
        }
        (gain > 0).then_some(seen)
    }

    /// The dearest edge on the way between two tree nodes that is not gone yet, and the nodes on the way.
    fn dearest_between(
        &self,
        problem: &SteinerProblem,
        from: NodeId,
        to: NodeId,
        gone: &[EdgeId],
    ) -> Option<(EdgeId, Vec<NodeId>)> {
        const LONGEST: usize = 400;
        let (mut a, mut b) = (from, to);
        let mut dearest: Option<EdgeId> = None;
        let mut on = Vec::new();
        while a != b {
            let lower = if self.depth[a.index()] >= self.depth[b.index()] { &mut a } else { &mut b };
            let (parent, edge) = self.parent[lower.index()]?;
            on.push(*lower);
            if on.len() > LONGEST {
                return None;
            }
            if !gone.contains(&edge) && dearest.is_none_or(|known| problem.cost(edge) > problem.cost(known)) {
                dearest = Some(edge);
            }
            *lower = parent;
        }
        dearest.map(|edge| (edge, on))
    }
}
