//! The parts of the solver one by one, for benchmarks: what each takes in and gives out, and nothing of how it works.
//!
//! Whoever wants an answer calls [`solve`](crate::solver::solve); these functions make no promise beyond their own line.

use crate::effort::Effort;
use crate::graph::NodeId;
use crate::problem::{SteinerProblem, Tree};
use crate::solver::ascent::{self, Wishes};
#[cfg(feature = "highs")]
use crate::solver::cuts;
use crate::solver::dual_search::Ground;
use crate::solver::incumbent::Incumbent;
use crate::solver::kernel::Kernel;
use crate::solver::reduce::{self, Depth};
use crate::solver::trees::Trees;
use crate::solver::{anneal, construct, trees};

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

/// The bound of an ascent after so much local search in its duals, in arcs looked at, guided by a tree.
#[must_use]
pub fn dual_search(problem: &SteinerProblem, root: NodeId, tree: &Tree, work: u64, effort: &Effort) -> i64 {
    let guide = trees::directed(problem, root, &tree.edges);
    let closed = vec![false; guide.len()];
    let ground = Ground { problem, root, guide: &guide, closed: &closed, effort };
    ground.deepen(ground.first(), work, i64::MAX).bound
}

/// The bound of linear programs of parts of about so many edges, on what reductions leave, for about so much work, in
/// simplex iterations times rows.
#[cfg(feature = "highs")]
#[must_use]
pub fn programs_of_parts(
    problem: &SteinerProblem,
    root: NodeId,
    tree: &Tree,
    (part, work): (usize, i64),
    effort: &Effort,
) -> i64 {
    let mut kernel = Kernel::new(problem, root);
    reduce::by_alternatives(&mut kernel, Depth::FULL, &effort.deadline);
    let mut incumbent = Incumbent::new(problem, root, tree.clone(), i64::MAX);
    let as_it_is = |_: &SteinerProblem, known: Tree, _: &Effort| known;
    let patience = cuts::SweepPatience { part, work, solve: &as_it_is };
    cuts::sweep(&mut kernel, effort, &mut incumbent, patience, (0, &[]), &mut |_| ()).bound
}

/// A tree after annealing for so much work with each of four settings.
#[must_use]
pub fn annealing(problem: &SteinerProblem, root: NodeId, tree: &Tree, work: u64, effort: &Effort) -> Tree {
    let mut incumbent = Incumbent::new(problem, root, tree.clone(), i64::MAX);
    let is_over = || effort.deadline.passed();
    let patience = anneal::Patience { stages: &[work], seed: effort.seed, is_parallel: true, is_over: &is_over };
    anneal::work(problem, root, &mut incumbent, patience, &mut |_| true);
    incumbent.into_tree()
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
