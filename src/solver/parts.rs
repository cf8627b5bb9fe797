//! The parts of the solver one by one, for benchmarks: what each takes in and gives out, and nothing of how it works.
//!
//! Whoever wants an answer calls [`solve`](crate::solver::solve); these functions make no promise beyond their own line.

use crate::effort::Effort;
use crate::graph::NodeId;
use crate::problem::{SteinerProblem, Tree};
use crate::solver::ascent::{self, Wishes};
use crate::solver::kernel::Kernel;
use crate::solver::reduce::{self, Depth};
use crate::solver::trees::Trees;
use crate::solver::{construct, trees};

/// Nodes and edges that the reductions which rest on no value leave.
#[must_use]
pub fn reduced(problem: &SteinerProblem, root: NodeId, effort: &Effort) -> (usize, usize) {
    let mut kernel = Kernel::new(problem, root);
    reduce::by_alternatives(&mut kernel, Depth::FULL, &effort.deadline);
    (kernel.live_nodes(), kernel.live_edges())
}

/// The bound of one dual ascent, guided by a tree where one is given.
#[must_use]
pub fn ascent(problem: &SteinerProblem, root: NodeId, guide: Option<&Tree>, effort: &Effort) -> i64 {
    let guide = guide.map(|tree| trees::directed(problem, root, &tree.edges));
    ascent::ascend(problem, root, &Wishes { guide, ..Default::default() }, effort).bound
}

/// The tree of the shortest-path heuristic, spanned anew and pruned.
#[must_use]
pub fn construction(problem: &SteinerProblem, root: NodeId) -> Tree {
    construct::best_tree(problem, root, &construct::shortest_paths(problem, (root, root), problem.costs(), None))
}

/// A tree after local search: Steiner nodes inserted, key paths exchanged, until nothing helps.
#[must_use]
pub fn local_search(problem: &SteinerProblem, root: NodeId, tree: &Tree, effort: &Effort) -> Tree {
    let value = construct::value(problem, root, &tree.edges);
    let (edges, _) = Trees::new(problem, root, effort).improved((tree.edges.clone(), value));
    let lone_node = edges.is_empty().then_some(root);
    Tree { edges, lone_node }
}
