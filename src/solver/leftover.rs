//! What a bound leaves of the costs of a problem as it was asked: for whoever has a use for it beside the tree.
//!
//! The search proves its bound on a kernel, after reductions that hold for cheapest trees only. Here an ascent over the
//! whole problem, and local search in its duals, take nothing for granted: every tree costs the bound and whatever the
//! arcs that it uses have left.
//!
//! Source: weak duality for directed cuts, Wong (Math. Prog. 28, 1984).

use crate::effort::Effort;
use crate::graph::EdgeId;
use crate::problem::{Leftover, SteinerProblem, Tree};
use crate::solver::dual_search::Ground;
use crate::solver::near::Renumbered;
use crate::solver::trees;

/// Looks for a good bound, guided by a good tree, for so much work (in arcs looked at); the problem has a root and no prizes.
///
/// Deterministic unless the deadline burns. Time: that of an ascent and of the work.
///
/// # Panics
/// If the problem has no root.
#[must_use]
pub fn leftover(problem: &SteinerProblem, tree: &Tree, work: u64, effort: &Effort) -> Leftover {
    let near = Renumbered::by_nearness(problem);
    let (root, tree) = (near.problem.root().expect("the problem has a root"), near.in_new_numbers(tree));
    let guide = trees::directed(&near.problem, root, &tree.edges);
    let closed = vec![false; guide.len()];
    let ground = Ground { problem: &near.problem, root, guide: &guide, closed: &closed, effort };
    let ascent = ground.deepen(ground.first(), work, near.problem.value(&tree));
    let mut arcs = vec![0; closed.len()];
    let (graph, old_graph) = (near.problem.graph(), problem.graph());
    for new in graph.edges() {
        let old: EdgeId = near.edge(new);
        let is_turned = near.node(graph.ends(new)[0]) != old_graph.ends(old)[0];
        for way in [0, 1] {
            arcs[2 * old.index() + (way ^ usize::from(is_turned))] = ascent.residual[2 * new.index() + way];
        }
    }
    Leftover { bound: ascent.bound, arcs }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Graph, NodeId};
    use crate::problem::Demand;
    use crate::solver::solve;

    /// A square with the root at one corner and a house at the opposite one: two ways of 3 and 4. The cheaper one is the
    /// bound; the other has one left.
    #[test]
    fn the_dearer_way_has_the_difference_left() {
        let graph = Graph::new(4, [[0, 1], [1, 3], [0, 2], [2, 3]].map(|ends| ends.map(NodeId)).to_vec());
        let demands = vec![Demand::Required, Demand::None, Demand::None, Demand::Required];
        let problem = SteinerProblem::new(graph, vec![1, 2, 2, 2], demands, Some(NodeId(0))).expect("a problem");
        let effort = Effort::default();
        let tree = solve(&problem, &effort, &mut |_| ()).tree;
        let left = leftover(&problem, &tree, 1000, &effort);
        assert_eq!(left.bound, 3);
        assert_eq!((left.arcs[0] + left.arcs[2], left.arcs[4] + left.arcs[6]), (0, 1));
    }
}
