//! Trees on one problem: built, improved by local search, kept in a pool, recombined.
//!
//! Source: Pajor, Uchoa and Werneck (Math. Prog. Comp. 2018); recombination: Ribeiro, Uchoa and Werneck (INFORMS J. Comput.
//! 14, 2002).

use crate::effort::Effort;
use crate::graph::{EdgeId, Graph, NodeId};
use crate::problem::SteinerProblem;
use crate::solver::incumbent::Incumbent;
use crate::solver::kernel::{Kernel, Snapshot};
use crate::solver::{ascent, construct, improve, key_path};

/// Trees kept for recombination.
const POOL: usize = 8;

/// Trees of the pool that are carried over to a smaller kernel.
const CARRIED: usize = 5;

/// Ascents on the union of the pool in each recombination.
const RECOMBINATIONS: u64 = 3;

/// Edges of a tree in order, and its value.
pub(super) type Valued = (Vec<EdgeId>, i64);

/// Trees worth keeping, the best first.
pub(super) struct Trees<'a> {
    problem: &'a SteinerProblem,
    root: NodeId,
    effort: &'a Effort,
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
        for edges in incumbent.within(kernel, snapshot, CARRIED) {
            trees.keep(trees.carried(&edges));
        }
        trees
    }

    pub(super) fn best(&self) -> Option<&Valued> {
        self.pool.first()
    }

    /// Spans nodes by a tree, improves it, and keeps it if it is among the best.
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
            tree = exchanged(self.problem, self.root, tree, self.effort);
            if tree.1 == before || self.effort.deadline.passed() {
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
        for round in 0..RECOMBINATIONS {
            let best = &self.pool[0].0;
            let within = kept.iter().enumerate().filter(|(_, edge)| best.binary_search(edge).is_ok());
            let within: Vec<EdgeId> = within.map(|(place, _)| EdgeId(place as u32)).collect();
            let guide = (round > 0).then(|| directed(&small, self.root, &within));
            let wishes = ascent::Wishes { seed: seed + round, round, guide, ..Default::default() };
            let ascent = ascent::ascend(&small, self.root, &wishes, self.effort);
            let pruned = Some(ascent.residual.as_slice());
            self.add(&construct::shortest_paths(&small, (self.root, self.root), small.costs(), pruned));
        }
    }
}

/// The better of a set of nodes' best tree and what was known.
pub(super) fn best_of(problem: &SteinerProblem, root: NodeId, nodes: &[bool], known: Valued) -> Valued {
    let edges = construct::spanning_tree(problem, root, nodes);
    let value = construct::value(problem, root, &edges);
    if known.1 <= value { known } else { (edges, value) }
}

/// The tree after key paths were exchanged and what does not pay was pruned; never worse.
fn exchanged(problem: &SteinerProblem, root: NodeId, tree: Valued, effort: &Effort) -> Valued {
    let edges = key_path::exchange(problem, root, &tree.0, effort);
    let edges = construct::strongly_pruned(problem, root, &edges);
    let value = construct::value(problem, root, &edges);
    if value < tree.1 { (edges, value) } else { tree }
}

/// Arcs of a tree, directed away from the root.
pub(super) fn directed(problem: &SteinerProblem, root: NodeId, edges: &[EdgeId]) -> Vec<bool> {
    let graph = problem.graph();
    let mut arcs = vec![false; 2 * graph.edge_count()];
    let mut at: Vec<Vec<EdgeId>> = vec![Vec::new(); graph.node_count()];
    for &edge in edges {
        graph.ends(edge).iter().for_each(|end| at[end.index()].push(edge));
    }
    let mut stack = vec![(root, None)];
    while let Some((node, above)) = stack.pop() {
        for &edge in at[node.index()].iter().filter(|edge| Some(**edge) != above) {
            arcs[2 * edge.index() + usize::from(graph.ends(edge)[1] == node)] = true;
            stack.push((graph.other_end(edge, node), Some(edge)));
        }
    }
    arcs
}
