//! How the trench problem is solved: reduce, bound, build, fix, reduce again; then branch on what is left.
//!
//! Every bound is a sum of whole numbers, each the raise of a cut that every solution must pay for, so it is exact.

mod anneal;
mod apart;
mod ascent;
mod branch;
mod changes;
mod climb;
mod condense;
mod construct;
#[cfg(feature = "highs")]
mod cuts;
mod dual_search;
mod duals;
mod evolution;
mod forest;
mod holes;
mod hung;
mod improve;
mod incumbent;
mod kernel;
mod key_moves;
#[cfg(test)]
mod laws;
mod leftover;
mod median;
mod narrow;
mod near;
mod needless;
mod parcels;
pub mod parts;
mod patches;
mod program;
mod proof;
mod reduce;
mod regions;
mod rooted;
mod rounds;
mod side_by_side;
mod trees;
mod unrooted;

pub use leftover::leftover;
pub use needless::Needless;
pub use proof::{Case, Origin, Proof, Sets, prove};

use std::cmp::Reverse;
use std::time::Duration;

use crate::effort::Effort;
use crate::graph::NodeId;
use crate::problem::{Demand, SteinerProblem, Tree};
use crate::solver::near::Renumbered;

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
    /// Nodes and edges of the problem, and what the reductions left of them.
    pub sizes: Sizes,
}

/// Nodes and edges before and after reduction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Nodes of the problem.
    pub nodes: usize,
    /// Edges of the problem.
    pub edges: usize,
    /// Nodes that were left to search.
    pub nodes_left: usize,
    /// Edges that were left to search.
    pub edges_left: usize,
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
    /// Edges left to search.
    pub edges: usize,
}

/// A good tree and a good bound soon: some rounds of ascents, trees and reductions, without linear program and branches.
///
/// A problem without a root is solved as usual. Deterministic for a seed unless the deadline burns.
pub fn sketch(problem: &SteinerProblem, rounds: u64, effort: &Effort, progress: &mut dyn FnMut(Progress)) -> Outcome {
    let near = Renumbered::by_nearness(problem);
    let Some(root) = near.problem.root() else { return solve(problem, effort, progress) };
    let mut search = rooted::Search::new(&near.problem, root, effort, i64::MAX, progress);
    // Nothing follows, so a round that brings little is no reason to stop.
    search.some_rounds(rounds, 2);
    outcome(problem, near.in_old_numbers(&search.best), (search.bound, search.left), effort)
}

/// What came of a search: its tree, its bound, and nodes and edges that it was left with.
fn outcome(problem: &SteinerProblem, tree: Tree, (bound, left): (i64, (usize, usize)), effort: &Effort) -> Outcome {
    let value = problem.value(&tree);
    let bound = bound.min(value);
    let stopped = match (value == bound, effort.deadline.passed()) {
        (true, _) => Stopped::Proven,
        (false, true) => Stopped::Deadline,
        (false, false) => Stopped::WorkSpent,
    };
    let (nodes, edges) = (problem.graph().node_count(), problem.graph().edge_count());
    Outcome { tree, value, bound, stopped, sizes: Sizes { nodes, edges, nodes_left: left.0, edges_left: left.1 } }
}

/// Solves a problem as well as it can.
///
/// Deterministic for a seed unless the deadline burns. Time: that of a few dual ascents, O(m min(t n, m)) in the worst
/// case each, near-linear on road graphs; then a search that may be exponential in what is left. Sources of the scheme:
/// Leitner, Ljubic, Luipersbeck and Sinnl (INFORMS J. Comput. 2018); Pajor, Uchoa and Werneck (Math. Prog. Comp. 2018);
/// Rehfeldt and Koch (Math. Prog. 2023).
pub fn solve(problem: &SteinerProblem, effort: &Effort, progress: &mut dyn FnMut(Progress)) -> Outcome {
    // Who sets a time limit wants the time used.
    solve_with(if effort.deadline.left().is_some() { 800 } else { 4 }, problem, effort, progress)
}

/// As [`solve`], with a quarter of the work on linear programs and branches: for problems that are one step of many.
pub fn solve_briefly(problem: &SteinerProblem, effort: &Effort, progress: &mut dyn FnMut(Progress)) -> Outcome {
    solve_with(1, problem, effort, progress)
}

fn solve_with(
    quarters: usize,
    problem: &SteinerProblem,
    effort: &Effort,
    progress: &mut dyn FnMut(Progress),
) -> Outcome {
    let mut known = Progress { value: i64::MAX, bound: 0, edges: 0 };
    let progress = &mut |told: Progress| {
        // What is told never gets worse.
        let better = Progress { value: told.value.min(known.value), bound: told.bound.max(known.bound), ..told };
        if std::mem::replace(&mut known, better) != better {
            progress(better);
        }
    };
    let near = Renumbered::by_nearness(problem);
    let root = near.problem.root().or_else(|| required_root(&near.problem, effort));
    let (best, bound, left) = match root {
        Some(root) => {
            let mut search = rooted::Search::new(&near.problem, root, effort, i64::MAX, progress);
            search.run(quarters);
            (search.best, search.bound, search.left)
        }
        None => unrooted::solve(&near.problem, quarters, effort, progress),
    };
    outcome(problem, near.in_old_numbers(&best), (bound, left), effort)
}

/// Edges up to which a root is looked for with care, and time that this takes on a slow machine, in millionths of a second for
/// each edge: a first tree is to be there at once.
const PLACED: usize = 150_000;
const PLACED_MICROS: u64 = 10;

/// A required node to hang trees from: in the middle, or the one with the most edges where that takes too long.
fn required_root(problem: &SteinerProblem, effort: &Effort) -> Option<NodeId> {
    let graph = problem.graph();
    let micros = Duration::from_micros(graph.edge_count() as u64 * PLACED_MICROS);
    if graph.edge_count() <= PLACED && !effort.deadline.leaves_at_most(micros) {
        return median::required_median(problem);
    }
    let busiest = |node: &NodeId| (Reverse(graph.degree(*node)), *node);
    graph.nodes().filter(|node| problem.demands()[node.index()] == Demand::Required).min_by_key(busiest)
}
