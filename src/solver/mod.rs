//! How the trench problem is solved: a lower bound by dual ascent, trees by shortest paths, better trees by local search.
//!
//! The bound is a sum of whole numbers, each the raise of a cut that every solution must pay for, so it is exact.

mod ascent;
mod construct;
mod improve;
mod key_path;
#[cfg(test)]
mod laws;

use crate::effort::Effort;
use crate::graph::{EdgeId, Graph, NodeId};
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

/// Ascents at least and at most; in between so many that edges times ascents make up the work.
const LEAST_ROUNDS: u64 = 2;
const MOST_ROUNDS: u64 = 6;
const WORK: u64 = 300_000;

/// Trees kept for recombination.
const POOL: usize = 6;

/// Ascents on the union of the pool in each round.
const RECOMBINATIONS: u64 = 3;

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
    let mut search = Search { problem, root, effort, pool: Vec::new() };
    search.add(&construct::shortest_paths(problem, (root, root), problem.costs(), None));
    let mut bound = 0;
    let rounds = (WORK / (problem.graph().edge_count() as u64 + 1)).clamp(LEAST_ROUNDS, MOST_ROUNDS);
    for round in 0..rounds {
        progress(Progress { value: search.best().1, bound });
        if bound >= search.best().1 || effort.deadline.passed() {
            break;
        }
        let guide = (round > 0).then(|| directed(problem, root, &search.best().0));
        let wishes = ascent::Wishes { seed: effort.seed + round, round, guide };
        let ascent = ascent::ascend(problem, root, &wishes, effort);
        bound = bound.max(ascent.bound);
        search.add(&construct::shortest_paths(problem, (root, root), problem.costs(), Some(&ascent.residual)));
        search.add(&construct::shortest_paths(problem, (root, root), &ascent.reduced_edge_costs(problem), None));
        search.recombine(effort.seed + round);
    }
    let (edges, value) = search.pool.swap_remove(0);
    let bound = bound.min(value);
    progress(Progress { value, bound });
    let stopped = match (value == bound, effort.deadline.passed()) {
        (true, _) => Stopped::Proven,
        (false, true) => Stopped::Deadline,
        (false, false) => Stopped::WorkSpent,
    };
    let lone_node = edges.is_empty().then_some(root);
    Outcome { tree: Tree { edges, lone_node }, value, bound, stopped }
}

/// Trees worth keeping, the best first.
struct Search<'a> {
    problem: &'a SteinerProblem,
    root: NodeId,
    effort: &'a Effort,
    pool: Vec<Valued>,
}

impl Search<'_> {
    fn best(&self) -> &Valued {
        &self.pool[0]
    }

    /// Spans nodes by a tree, improves it, and keeps it if it is among the best.
    fn add(&mut self, nodes: &[bool]) {
        let edges = construct::spanning_tree(self.problem, self.root, nodes);
        let value = construct::value(self.problem, self.root, &edges);
        let tree = self.improved((edges, value));
        self.keep(tree);
    }

    fn keep(&mut self, tree: Valued) {
        if self.pool.iter().all(|known| known.1 != tree.1) {
            self.pool.push(tree);
            self.pool.sort_by_key(|tree| tree.1);
            self.pool.truncate(POOL);
        }
    }

    /// Local search until neither move helps.
    fn improved(&self, mut tree: Valued) -> Valued {
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
    fn recombine(&mut self, seed: u64) {
        let problem = self.problem;
        if self.pool.len() < 2 || self.effort.deadline.passed() {
            return;
        }
        let mut union = vec![false; problem.graph().edge_count()];
        for edge in self.pool.iter().flat_map(|tree| &tree.0) {
            union[edge.index()] = true;
        }
        let kept: Vec<EdgeId> = problem.graph().edges().filter(|edge| union[edge.index()]).collect();
        let ends = kept.iter().map(|&edge| problem.graph().ends(edge)).collect();
        let costs = kept.iter().map(|&edge| problem.cost(edge)).collect();
        let graph = Graph::new(problem.graph().node_count(), ends);
        let Ok(small) = SteinerProblem::new(graph, costs, problem.demands().to_vec(), Some(self.root)) else { return };
        for round in 0..RECOMBINATIONS {
            let best = &self.best().0;
            let within = kept.iter().enumerate().filter(|(_, edge)| best.binary_search(edge).is_ok());
            let within: Vec<EdgeId> = within.map(|(place, _)| EdgeId(place as u32)).collect();
            let guide = (round > 0).then(|| directed(&small, self.root, &within));
            let wishes = ascent::Wishes { seed: seed + round, round, guide };
            let ascent = ascent::ascend(&small, self.root, &wishes, self.effort);
            let pruned = Some(ascent.residual.as_slice());
            self.add(&construct::shortest_paths(&small, (self.root, self.root), small.costs(), pruned));
        }
    }
}

/// Edges of a tree in order, and its value.
type Valued = (Vec<EdgeId>, i64);

/// The better of a set of nodes' best tree and what was known.
fn best_of(problem: &SteinerProblem, root: NodeId, nodes: &[bool], known: Valued) -> Valued {
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
fn directed(problem: &SteinerProblem, root: NodeId, edges: &[EdgeId]) -> Vec<bool> {
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
