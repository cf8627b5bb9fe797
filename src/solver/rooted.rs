//! A problem with a root: a first tree, light reductions, rounds of ascents and trees and reductions, then branching.

use crate::effort::Effort;
use crate::graph::NodeId;
use crate::problem::{Demand, SteinerProblem, Tree};
use crate::solver::branch::Advice;
#[cfg(feature = "highs")]
use crate::solver::cuts;
use crate::solver::incumbent::Incumbent;
use crate::solver::kernel::Kernel;
use crate::solver::reduce::{self, Depth};
use crate::solver::rounds::{self, Patience};
use crate::solver::{Progress, branch, construct};

/// A search for the best tree that holds the root.
pub(super) struct Search<'a> {
    problem: &'a SteinerProblem,
    root: NodeId,
    effort: &'a Effort,
    progress: &'a mut dyn FnMut(Progress),
    /// The best tree found.
    pub(super) best: Tree,
    /// No tree has a value that is smaller than this and than the cutoff.
    pub(super) bound: i64,
    /// Nodes and edges that the reductions left.
    pub(super) left: (usize, usize),
    cutoff: i64,
}

/// Edges up to which a kernel is searched around with patience.
const SMALL: usize = 60_000;

/// Edges up to which a kernel is branched on: beyond, a branch takes too long to be worth it.
const BRANCHED: usize = 30_000;

/// Edges up to which a linear program is set up.
#[cfg(feature = "highs")]
const PROGRAMMED: usize = 15_000;

/// Work of branching, in edges of the kernels that are opened.
const DIVIDED: usize = 150_000;

/// Work of linear programs, in simplex iterations times rows.
#[cfg(feature = "highs")]
const PROGRAMS: i64 = 800_000_000;

/// Rounds at least and at most; in between so many that edges times rounds make up the work.
const LEAST_ROUNDS: u64 = 2;
const MOST_ROUNDS: u64 = 40;
const WORK: u64 = 800_000;

impl<'a> Search<'a> {
    /// Only trees with a value below `cutoff` are looked for.
    pub(super) fn new(
        problem: &'a SteinerProblem,
        root: NodeId,
        effort: &'a Effort,
        cutoff: i64,
        progress: &'a mut dyn FnMut(Progress),
    ) -> Self {
        let best = Tree { edges: Vec::new(), lone_node: Some(root) };
        Self { problem, root, effort, progress, best, bound: 0, left: (0, 0), cutoff }
    }

    /// Searches until nothing better can exist, or patience or time is at its end.
    pub(super) fn run(&mut self) {
        let (mut kernel, mut incumbent) = self.rounds();
        if self.is_open(&incumbent) {
            let advice = self.programmed(&mut kernel, &mut incumbent);
            self.divide(&kernel, &mut incumbent, advice);
        }
        self.best = incumbent.into_tree();
    }

    /// How many times the usual work is done: who sets a time limit wants the time used. Without a root of the problem's
    /// own, time must be left for the trees without this one.
    fn generosity(&self) -> usize {
        let demands = self.problem.demands();
        let is_rooted = self.problem.root().is_some() || demands.contains(&Demand::Required);
        if is_rooted && self.effort.deadline.left().is_some() { 200 } else { 1 }
    }

    fn is_open(&self, incumbent: &Incumbent<'_>) -> bool {
        self.bound < incumbent.cutoff() && !self.effort.deadline.passed()
    }

    /// Branches on a kernel that is small enough.
    fn divide(&mut self, kernel: &Kernel, incumbent: &mut Incumbent<'a>, advice: Advice) {
        if self.is_open(incumbent) && kernel.live_edges() <= BRANCHED {
            let branch = (kernel.clone(), advice);
            self.bound = branch::search(branch, self.effort, incumbent, self.bound, &mut *self.progress);
        }
    }

    /// Works on a kernel by linear programs where it is small enough.
    #[cfg(feature = "highs")]
    fn programmed(&mut self, kernel: &mut Kernel, incumbent: &mut Incumbent<'_>) -> Advice {
        if kernel.live_edges() > PROGRAMMED {
            return Advice { work: DIVIDED * self.generosity(), node: None, programs: false };
        }
        let patience = cuts::Patience { rounds: 200, work: PROGRAMS * self.generosity() as i64, depth: Depth::FULL };
        let found = cuts::work(kernel, self.effort, incumbent, patience, self.bound, &mut *self.progress);
        self.bound = found.bound;
        if self.is_open(incumbent) {
            let patience = Patience { rounds: 6, stalls: 1, depth: Depth::FULL };
            self.bound = rounds::work(kernel, self.effort, incumbent, &patience, self.bound, &mut *self.progress);
        }
        Advice { work: DIVIDED * self.generosity(), node: found.branch, programs: found.paid }
    }

    /// Without a linear program there is no advice.
    #[cfg(not(feature = "highs"))]
    #[expect(clippy::unused_self, reason = "it takes the place of the function that has a linear program")]
    fn programmed(&mut self, _: &mut Kernel, _: &mut Incumbent<'_>) -> Advice {
        Advice { work: DIVIDED * self.generosity(), node: None, programs: false }
    }

    /// Searches without branching.
    pub(super) fn bound_only(&mut self) {
        let (_, incumbent) = self.rounds();
        self.best = incumbent.into_tree();
    }

    fn rounds(&mut self) -> (Kernel, Incumbent<'a>) {
        let (problem, root, effort) = (self.problem, self.root, self.effort);
        let nodes = construct::shortest_paths(problem, (root, root), problem.costs(), None);
        let first = construct::best_tree(problem, root, &nodes);
        let mut incumbent = Incumbent::new(problem, root, first, self.cutoff);
        let edges = problem.graph().edge_count();
        (self.progress)(Progress { value: incumbent.value(), bound: self.bound, edges });
        let mut kernel = Kernel::new(problem, root);
        reduce::by_alternatives(&mut kernel, Depth::LIGHT, &effort.deadline);
        let depth = if kernel.live_edges() <= SMALL { Depth::FULL } else { Depth::LIGHT };
        let rounds = (WORK / (kernel.live_edges() as u64 + 1)).clamp(LEAST_ROUNDS, MOST_ROUNDS);
        let patience = Patience { rounds, stalls: 3, depth };
        let bound = rounds::work(&mut kernel, effort, &mut incumbent, &patience, self.bound, &mut *self.progress);
        self.bound = bound;
        self.left = if bound >= incumbent.cutoff() { (0, 0) } else { (kernel.live_nodes(), kernel.live_edges()) };
        (kernel, incumbent)
    }
}
