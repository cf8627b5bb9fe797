//! How the trench problem is solved: a lower bound by dual ascent, trees by shortest paths, better trees by local search.
//!
//! The bound is a sum of whole numbers, each the raise of a cut that every solution must pay for, so it is exact.

mod ascent;
mod construct;
mod improve;

use crate::effort::Effort;
use crate::graph::{EdgeId, NodeId};
use crate::problem::{Demand, SteinerProblem, Tree};

/// The best answer found, and what is proven about it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The best tree.
    pub tree: Tree,
    /// Its value: edges, and prizes left out.
    pub value: i64,
    /// No tree has a smaller value.
    pub bound: i64,
    /// Why the search ended.
    pub stopped: Stopped,
}

/// Why a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Value and bound meet.
    Proven,
    /// Everything was tried that the search tries.
    WorkSpent,
    /// The time limit burnt; another run may give another answer.
    Deadline,
}

/// What is known so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Value of the best tree.
    pub value: i64,
    /// Best bound.
    pub bound: i64,
}

/// Trees are built, ascended from and improved this many times at most.
const ROUNDS: u64 = 6;

/// Solves a problem with a root or a required node as well as it can.
///
/// Deterministic for a seed unless the deadline burns. Time: that of a few dual ascents, O(m min(t n, m)) in the worst
/// case each, near-linear on road graphs. Source of the scheme: Leitner, Ljubic, Luipersbeck and Sinnl (INFORMS J.
/// Comput. 2018); Pajor, Uchoa and Werneck (Math. Prog. Comp. 2018).
///
/// # Panics
/// If the problem names neither a root nor a required node.
pub fn solve(problem: &SteinerProblem, effort: &Effort, progress: &mut dyn FnMut(Progress)) -> Outcome {
    let required = |node: &NodeId| problem.demands()[node.index()] == Demand::Required;
    let root = problem
        .root()
        .or_else(|| problem.graph().nodes().find(required))
        .expect("the problem names a root or a required node");
    let mut best = best_of(problem, root, &construct::shortest_paths(problem, root, problem.costs(), None), None);
    let mut bound = 0;
    let mut cut_short = false;
    for round in 0..ROUNDS {
        progress(Progress { value: best.1, bound });
        if bound >= best.1 || effort.deadline.passed() {
            cut_short = bound < best.1 && effort.deadline.passed();
            break;
        }
        let ascent = ascent::ascend(problem, root, &ascent::Wishes { seed: effort.seed + round, round }, effort);
        bound = bound.max(ascent.bound);
        let before = best.1;
        let pruned = construct::shortest_paths(problem, root, problem.costs(), Some(&ascent.residual));
        best = best_of(problem, root, &pruned, Some(best));
        let guided = construct::shortest_paths(problem, root, &ascent.reduced_edge_costs(problem), None);
        best = best_of(problem, root, &guided, Some(best));
        best = improve::vertex_insertion(problem, root, best, effort);
        if before == best.1 && round >= 2 {
            break;
        }
    }
    let (edges, value) = best;
    let bound = bound.min(value);
    progress(Progress { value, bound });
    let stopped = match (value == bound, cut_short) {
        (true, _) => Stopped::Proven,
        (false, true) => Stopped::Deadline,
        (false, false) => Stopped::WorkSpent,
    };
    let lone_node = edges.is_empty().then_some(root);
    Outcome { tree: Tree { edges, lone_node }, value, bound, stopped }
}

/// Edges of a tree in order, and its value.
type Valued = (Vec<EdgeId>, i64);

/// The better of a set of nodes' best tree and what was known.
fn best_of(problem: &SteinerProblem, root: NodeId, nodes: &[bool], known: Option<Valued>) -> Valued {
    let edges = construct::spanning_tree(problem, root, nodes);
    let value = construct::value(problem, root, &edges);
    match known {
        Some(known) if known.1 <= value => known,
        _ => (edges, value),
    }
}
