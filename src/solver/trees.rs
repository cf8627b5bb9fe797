//! Trees on one problem: built, improved by local search, kept in a pool, recombined.
//!
//! Source: Pajor, Uchoa and Werneck (Math. Prog. Comp. 2018); recombination: Ribeiro, Uchoa and Werneck (INFORMS J. Comput.
//! 14, 2002).

use rayon::prelude::*;

use crate::effort::Effort;
use crate::graph::{EdgeId, Graph, NodeId};
use crate::problem::SteinerProblem;
use crate::solver::hung::Hung;
use crate::solver::incumbent::Incumbent;
use crate::solver::kernel::{Kernel, Snapshot};
use crate::solver::{ascent, construct, improve, key_moves};

/// Trees kept for recombination.
const POOL: usize = 8;

/// Trees of the pool that are carried over to a smaller kernel.
const CARRIED: usize = 5;

/// Ascents on the union of the pool in each recombination.
const RECOMBINATIONS: u64 = 4;

/// Edges of a tree in order, and its value.
pub(super) type Valued = (Vec<EdgeId>, i64);

/// Trees worth keeping, the best first.
pub(super) struct Trees<'a> {
    pub(super) problem: &'a SteinerProblem,
    pub(super) root: NodeId,
    pub(super) effort: &'a Effort,
    pub(super) pool: Vec<Valued>,
}

impl<'a> Trees<'a> {
    pub(super) fn new(problem: &'a SteinerProblem, root: NodeId, effort: &'a Effort) -> Self {
        Self { problem, root, effort, pool: Vec::new() }
    }

    /// Begins with what is left of the best trees known on a smaller kernel.
    pub(super) fn carried_over(
        kernel: &Kernel,
        snapshot: &'a Snapshot,
        incumbent: &Incumbent<'_>,
        effort: &'a Effort,
    ) -> Self {
        let mut trees = Self::new(&snapshot.problem, snapshot.root, effort);
        trees.take_over((kernel, snapshot), incumbent, CARRIED);
        trees
    }

    /// Takes over what is left of so many of the best trees known on the kernel whose snapshot this is about.
    pub(super) fn take_over(
        &mut self,
        (kernel, snapshot): (&Kernel, &Snapshot),
        incumbent: &Incumbent<'_>,
        most: usize,
    ) {
        for edges in incumbent.within(kernel, snapshot, most) {
            self.keep(self.carried(&edges));
        }
    }

    pub(super) fn best(&self) -> Option<&Valued> {
        self.pool.first()
    }

    /// Spans nodes by a tree, improves it, and keeps it if it is among the best.
    #[cfg(feature = "highs")]
    pub(super) fn add(&mut self, nodes: &[bool]) {
        let tree = self.improved(self.spanned(nodes));
        self.keep(tree);
    }

    /// The best tree on the nodes, as it is.
    pub(super) fn spanned(&self, nodes: &[bool]) -> Valued {
        let edges = construct::spanning_tree(self.problem, self.root, nodes);
        let value = construct::value(self.problem, self.root, &edges);
        (edges, value)
    }

    /// A tree carried over from before: what is left of it costs nothing, the rest is filled in.
    fn carried(&self, edges: &[EdgeId]) -> Valued {
        let mut costs = self.problem.costs().to_vec();
        for edge in edges {
            costs[edge.index()] = 0;
        }
        self.spanned(&construct::shortest_paths(self.problem, (self.root, self.root), &costs, None))
    }

    pub(super) fn keep(&mut self, tree: Valued) {
        if self.pool.iter().all(|known| known.1 != tree.1 || known.0 != tree.0) {
            self.pool.push(tree);
            self.pool.sort_by_key(|tree| tree.1);
            self.pool.truncate(POOL);
        }
    }

    /// Local search until no move helps.
    pub(super) fn improved(&self, mut tree: Valued) -> Valued {
        loop {
            let before = tree.1;
            tree = improve::vertex_insertion(self.problem, self.root, tree, self.effort);
            tree = key_moves::exchange(self.problem, self.root, tree, self.effort);
            if self.problem.is_prize_collecting() {
                let wider = self.carried(&tree.0);
                tree = if wider.1 < tree.1 { wider } else { tree };
            }
            if !is_worth(self.problem, before, tree.1) || self.effort.deadline.passed() {
                return tree;
            }
        }
    }

    /// Solves the union of the trees in the pool again: few edges, most of them good.
    pub(super) fn recombine(&mut self, seed: u64) {
        let problem = self.problem;
        if self.pool.len() < 2 || self.effort.deadline.passed() {
            return;
        }
        let mut union = vec![false; problem.graph().edge_count()];
        for edge in self.pool.iter().flat_map(|tree| &tree.0) {
            union[edge.index()] = true;
        }
        let kept: Vec<EdgeId> = problem.graph().edges().filter(|edge| union[edge.index()]).collect();
        if kept.len() == self.pool[0].0.len() {
            return;
        }
        let ends = kept.iter().map(|&edge| problem.graph().ends(edge)).collect();
        let costs = kept.iter().map(|&edge| problem.cost(edge)).collect();
        let graph = Graph::new(problem.graph().node_count(), ends);
        let Ok(small) = SteinerProblem::new(graph, costs, problem.demands().to_vec(), Some(self.root)) else { return };
        let best = &self.pool[0].0;
        let within = kept.iter().enumerate().filter(|(_, edge)| best.binary_search(edge).is_ok());
        let within: Vec<EdgeId> = within.map(|(place, _)| EdgeId(place as u32)).collect();
        let guide = directed(&small, self.root, &within);
        let found: Vec<Valued> = (0..RECOMBINATIONS)
            .into_par_iter()
            .map(|round| {
                let guide = (round > 0).then(|| guide.clone());
                let wishes = ascent::Wishes { seed: seed + round, round, guide, ..Default::default() };
                let ascent = ascent::ascend(&small, self.root, &wishes, self.effort);
                let pruned = Some(ascent.residual.as_slice());
                let nodes = construct::shortest_paths(&small, (self.root, self.root), small.costs(), pruned);
                self.improved(self.spanned(&nodes))
            })
            .collect();
        found.into_iter().for_each(|tree| self.keep(tree));
    }
}

/// Edges from which on a pass of local search must gain its share of the value, or it was the last.
const LARGE: usize = 20_000;
const SHARE: i64 = 50_000;

/// Whether a pass that made a tree so much cheaper is worth another one.
pub(super) fn is_worth(problem: &SteinerProblem, before: i64, after: i64) -> bool {
    let large = problem.graph().edge_count() > LARGE;
    before - after > if large { before / SHARE } else { 0 }
}

/// The better of a set of nodes' best tree and what was known.
pub(super) fn best_of(problem: &SteinerProblem, root: NodeId, nodes: &[bool], known: Valued) -> Valued {
    let edges = construct::spanning_tree(problem, root, nodes);
    let value = construct::value(problem, root, &edges);
    if known.1 <= value { known } else { (edges, value) }
}

/// Arcs of a tree, directed away from the root.
pub(super) fn directed(problem: &SteinerProblem, root: NodeId, edges: &[EdgeId]) -> Vec<bool> {
    let mut arcs = vec![false; 2 * problem.graph().edge_count()];
    for (node, above) in Hung::new(problem, root, edges).parent.iter().enumerate() {
        if let Some((_, edge)) = above {
            arcs[2 * edge.index() + usize::from(problem.graph().ends(*edge)[0].index() == node)] = true;
        }
    }
    arcs
}
