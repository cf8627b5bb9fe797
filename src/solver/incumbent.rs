//! The best trees found, in terms of the original problem.

use crate::graph::{EdgeId, NodeId};
use crate::problem::{Demand, SteinerProblem, Tree};
use crate::solver::construct::mended;
use crate::solver::kernel::{Kernel, Snapshot};
use crate::solver::trees::Valued;

/// Trees kept.
const POOL: usize = 10;

/// The best tree and some that are nearly as good.
#[derive(Clone)]
pub(super) struct Incumbent<'a> {
    problem: &'a SteinerProblem,
    root: NodeId,
    /// The best first.
    pool: Vec<(i64, Tree)>,
    cutoff: i64,
}

impl<'a> Incumbent<'a> {
    pub(super) fn new(problem: &'a SteinerProblem, root: NodeId, first: Tree, cutoff: i64) -> Self {
        Self { problem, root, pool: vec![(problem.value(&first), first)], cutoff }
    }

    /// Value of the best tree.
    pub(super) fn value(&self) -> i64 {
        self.pool[0].0
    }

    /// Only trees with a smaller value are looked for.
    pub(super) fn cutoff(&self) -> i64 {
        self.pool[0].0.min(self.cutoff)
    }

    /// Whether more than a hundredth is open between a bound and the best value: so much that other means pay than near the
    /// end.
    pub(super) fn is_wide(&self, bound: i64) -> bool {
        i128::from(self.cutoff() - bound) * 100 > i128::from(self.cutoff())
    }

    pub(super) fn into_tree(mut self) -> Tree {
        self.pool.swap_remove(0).1
    }

    /// Takes in a tree of a kernel, given by the kernel's edges; its value in the original problem is at most `value`.
    pub(super) fn offer(&mut self, kernel: &Kernel, edges: &[EdgeId], value: i64) {
        let full = self.pool.len() == POOL;
        if full && self.pool.last().is_some_and(|worst| value >= worst.0) {
            return;
        }
        let tree = mended(self.problem, self.root, &kernel.lift(edges));
        let value = self.problem.value(&tree);
        // Where time ran out in the middle of something, a tree may be unfinished.
        if spans(self.problem, &tree) {
            self.keep(value, tree);
        }
    }

    /// Takes in trees of a snapshot of a kernel with their values there, those that are worth it.
    pub(super) fn offer_all<'t>(
        &mut self,
        kernel: &Kernel,
        snapshot: &Snapshot,
        trees: impl IntoIterator<Item = &'t Valued>,
    ) {
        for (edges, value) in trees {
            self.offer(kernel, &snapshot.kernel_edges(edges), value + snapshot.offset);
        }
    }

    /// The best tree.
    pub(super) fn best(&self) -> &Tree {
        &self.pool[0].1
    }

    /// Takes in a tree of the original problem.
    pub(super) fn take(&mut self, tree: Tree) {
        if spans(self.problem, &tree) {
            self.keep(self.problem.value(&tree), tree);
        }
    }

    /// Takes in what another search found.
    pub(super) fn merge(&mut self, other: Self) {
        for (value, tree) in other.pool {
            self.keep(value, tree);
        }
    }

    /// Keeps a tree if it is among the best and none of its value is known.
    fn keep(&mut self, value: i64, tree: Tree) {
        if self.pool.iter().all(|known| known.0 != value) {
            self.pool.push((value, tree));
            self.pool.sort_by_key(|known| known.0);
            self.pool.truncate(POOL);
        }
    }

    /// For each of the best trees, which edges of a snapshot stand for nothing but edges of it.
    pub(super) fn within(&self, kernel: &Kernel, snapshot: &Snapshot, most: usize) -> Vec<Vec<EdgeId>> {
        let count = most.min(self.pool.len());
        let mut inside = vec![0u16; self.problem.graph().edge_count()];
        for (place, (_, tree)) in self.pool[..count].iter().enumerate() {
            tree.edges.iter().for_each(|edge| inside[edge.index()] |= 1 << place);
        }
        let mut found = vec![Vec::new(); count];
        let mut parts = Vec::new();
        for (at, &edge) in snapshot.edges.iter().enumerate() {
            parts.clear();
            kernel.originals_of(edge, &mut parts);
            let all = parts.iter().fold(u16::MAX, |all, part| all & inside[part.index()]);
            for (place, edges) in found.iter_mut().enumerate() {
                if all >> place & 1 == 1 {
                    edges.push(EdgeId(at as u32));
                }
            }
        }
        found
    }
}

/// Whether a tree holds every required node.
fn spans(problem: &SteinerProblem, tree: &Tree) -> bool {
    let mut covered = vec![false; problem.graph().node_count()];
    for node in tree.edges.iter().flat_map(|&edge| problem.graph().ends(edge)).chain(tree.lone_node) {
        covered[node.index()] = true;
    }
    let demands = problem.demands().iter().zip(&covered);
    demands.into_iter().all(|(&demand, &covered)| covered || demand != Demand::Required)
}
