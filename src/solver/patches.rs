//! Local search by exact solutions: what a tree does within a parcel of the graph is done as well as can be.
//!
//! The tree's edges outside a parcel stay. Nodes that they connect are one node then, which the tree within must join; so
//! the best way to go on within is a small Steiner tree problem of its own, mostly solved to the end by reductions alone.
//! Parcels share no edge, so all are solved at once; then the graph is divided along other lines.
//!
//! Source: POPMUSIC (Taillard and Voss, 2002); on Steiner trees: Leitner, Ljubic, Luipersbeck and Resch (2014).

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::effort::Effort;
use crate::graph::{EdgeId, Graph, NodeId, UnionFind};
use crate::problem::{Demand, SteinerProblem, Tree};
use crate::solver::construct;
use crate::solver::incumbent::Incumbent;
use crate::solver::kernel::{Kernel, Snapshot};
use crate::solver::parcels::{NONE, parcels};
use crate::solver::trees::{Trees, Valued};

/// How a parcel is solved: its problem, which has a root, a tree to begin with, and the effort; the best tree found.
pub(super) type Solve<'a> = &'a (dyn Fn(&SteinerProblem, Tree, &Effort) -> Tree + Sync);

/// Edges of a parcel at first, and at most: beyond, there is nothing more to find in a time that is worth it.
const SMALLEST: usize = 400;
const LARGEST: usize = 1_600;

/// Parcels of trees, as one division after another draws them.
pub(super) struct Patching<'a> {
    solve: Solve<'a>,
    /// Edges of a parcel.
    parcel: usize,
    /// Divisions so far.
    turn: usize,
    /// Parcels of this size that were solved in vain since one was not.
    in_vain: usize,
}

impl<'a> Patching<'a> {
    pub(super) fn new(solve: Solve<'a>) -> Self {
        Self::of_size(solve, SMALLEST)
    }

    /// The same from the beginning.
    pub(super) fn anew(&self) -> Self {
        Self::new(self.solve)
    }

    /// Begins with parcels of about so many edges.
    pub(super) fn of_size(solve: Solve<'a>, edges: usize) -> Self {
        Self { solve, parcel: edges, turn: 0, in_vain: 0 }
    }

    /// Begins with small parcels again: the tree has changed elsewhere.
    #[cfg(feature = "highs")]
    pub(super) fn begin_again(&mut self) {
        (self.parcel, self.in_vain) = (SMALLEST, 0);
    }

    /// Divisions so far.
    #[cfg(feature = "highs")]
    pub(super) fn laps(&self) -> usize {
        self.turn
    }

    /// Whether parcels of the largest size brought nothing.
    pub(super) fn is_spent(&self) -> bool {
        self.parcel > LARGEST
    }

    /// Whether a graph has more than one parcel.
    pub(super) fn divides(&self, graph: &Graph) -> bool {
        self.parcel * 2 <= graph.edge_count()
    }

    /// Makes the best tree known better within the parcels of so many divisions of a kernel at most, until nothing more comes
    /// of it or all is over.
    pub(super) fn patch(
        &mut self,
        (kernel, snapshot): (&Kernel, &Snapshot),
        incumbent: &mut Incumbent<'_>,
        laps: usize,
        (effort, is_over): (&Effort, &(dyn Fn() -> bool + Sync)),
    ) {
        let trees = Trees::carried_over(kernel, snapshot, incumbent, effort);
        let Some(mut best) = trees.best().cloned() else { return };
        for _ in 0..laps {
            if self.is_spent() || is_over() {
                return;
            }
            let better = self.lap((&snapshot.problem, snapshot.root), &best, (effort, is_over));
            if better.1 < best.1 {
                incumbent.offer_all(kernel, snapshot, [&better]);
                best = better;
            }
        }
    }

    /// A tree made better within the parcels of one division; no parcel is begun once all is over. Where all parcels of a size,
    /// or as many of several divisions, leave the tree as it is, the next are twice as large.
    ///
    /// Time: that of the solutions, and O(m) for each parcel.
    pub(super) fn lap(
        &mut self,
        ground: (&SteinerProblem, NodeId),
        tree: &Valued,
        (effort, is_over): (&Effort, &(dyn Fn() -> bool + Sync)),
    ) -> Valued {
        let parcels = parcels_of(ground.0.graph(), ground.1, (self.parcel, self.turn));
        let count = parcels.len();
        let (better, solved) = patched(ground, tree, parcels, self.solve, (effort, is_over));
        self.turn += 1;
        self.in_vain = if better.1 < tree.1 { 0 } else { self.in_vain + solved };
        if self.in_vain >= count && better.1 == tree.1 {
            (self.parcel, self.in_vain) = (self.parcel * 2, 0);
        }
        better
    }
}

/// A parcel as a problem.
struct Patch {
    problem: SteinerProblem,
    /// By edge, that of the whole.
    edges: Vec<EdgeId>,
    /// The tree within.
    known: Tree,
}

/// The edges within each parcel of about so many edges, as one division draws them; other parcels come first with each turn.
fn parcels_of(graph: &Graph, root: NodeId, (edges, turn): (usize, usize)) -> Vec<Vec<EdgeId>> {
    let (parcel, count) = parcels(graph, root, edges, turn);
    let mut members = vec![Vec::new(); count];
    for edge in graph.edges() {
        let [one, other] = graph.ends(edge).map(|end| parcel[end.index()]);
        if one == other && one != NONE {
            members[one as usize].push(edge);
        }
    }
    members.rotate_left(turn * count * 5 / 8 % count.max(1));
    members
}

/// A tree made better within parcels, and how many of those were looked at.
fn patched(
    (problem, root): (&SteinerProblem, NodeId),
    tree: &Valued,
    parcels: Vec<Vec<EdgeId>>,
    solve: Solve<'_>,
    (effort, is_over): (&Effort, &(dyn Fn() -> bool + Sync)),
) -> (Valued, usize) {
    let graph = problem.graph();
    let mut inside = vec![false; graph.edge_count()];
    tree.0.iter().for_each(|edge| inside[edge.index()] = true);
    let solved = AtomicUsize::new(0);
    let better: Vec<(Vec<EdgeId>, Vec<EdgeId>)> = parcels
        .into_par_iter()
        .filter_map(|edges| {
            if is_over() {
                return None;
            }
            solved.fetch_add(1, Ordering::Relaxed);
            let patch = Patch::new((problem, root), &inside, edges)?;
            let found = solve(&patch.problem, patch.known.clone(), effort);
            let is_better = patch.problem.value(&found) < patch.problem.value(&patch.known);
            let within = |tree: Tree| tree.edges.into_iter().map(|edge| patch.edges[edge.index()]).collect();
            is_better.then(|| (within(patch.known.clone()), within(found)))
        })
        .collect();
    for (old, new) in better {
        let set = |inside: &mut [bool], edges: &[EdgeId], to: bool| {
            edges.iter().for_each(|edge| inside[edge.index()] = to);
        };
        set(&mut inside, &old, false);
        set(&mut inside, &new, true);
        // Each fits the tree as it was, but what two parcels did may not fit together.
        if !is_tree(graph, &inside) {
            set(&mut inside, &new, false);
            set(&mut inside, &old, true);
        }
    }
    let edges: Vec<EdgeId> = graph.edges().filter(|edge| inside[edge.index()]).collect();
    let edges = construct::strongly_pruned(problem, root, &edges);
    let value = construct::value(problem, root, &edges);
    (if value < tree.1 { (edges, value) } else { tree.clone() }, solved.into_inner())
}

impl Patch {
    /// None where the tree has no edge within.
    fn new((whole, root): (&SteinerProblem, NodeId), inside: &[bool], edges: Vec<EdgeId>) -> Option<Self> {
        let graph = whole.graph();
        let mut within = vec![false; inside.len()];
        edges.iter().for_each(|edge| within[edge.index()] = true);
        let mut union = UnionFind::new(graph.node_count());
        let mut joined = vec![false; graph.node_count()];
        joined[root.index()] = true;
        for edge in graph.edges().filter(|edge| inside[edge.index()] && !within[edge.index()]) {
            let [one, other] = graph.ends(edge);
            union.join(one.index(), other.index());
            joined[one.index()] = true;
            joined[other.index()] = true;
        }
        let mut number = vec![u32::MAX; graph.node_count()];
        let at_root = union.find(root.index());
        number[at_root] = 0;
        let mut demands = vec![Demand::Required];
        let mut has_root = false;
        let mut ends = Vec::with_capacity(edges.len());
        for &edge in &edges {
            ends.push(graph.ends(edge).map(|end| {
                let group = union.find(end.index());
                has_root |= group == at_root;
                if number[group] == u32::MAX {
                    number[group] = demands.len() as u32;
                    let own = whole.demands()[end.index()];
                    demands.push(if joined[end.index()] { Demand::Required } else { own });
                }
                NodeId(number[group])
            }));
        }
        let known: Vec<EdgeId> =
            (0..edges.len()).filter(|&at| inside[edges[at].index()]).map(|at| EdgeId(at as u32)).collect();
        if known.is_empty() || !has_root {
            return None;
        }
        let costs = edges.iter().map(|&edge| whole.cost(edge)).collect();
        let problem = SteinerProblem::new(Graph::new(demands.len(), ends), costs, demands, Some(NodeId(0))).ok()?;
        Some(Self { problem, edges, known: Tree { edges: known, lone_node: None } })
    }
}

/// Whether some edges are a tree.
fn is_tree(graph: &Graph, inside: &[bool]) -> bool {
    let mut union = UnionFind::new(graph.node_count());
    let mut touched = vec![false; graph.node_count()];
    let (mut nodes, mut edges) = (0, 0);
    for edge in graph.edges().filter(|edge| inside[edge.index()]) {
        let ends = graph.ends(edge);
        for end in ends {
            nodes += usize::from(!std::mem::replace(&mut touched[end.index()], true));
        }
        edges += 1;
        if !union.join(ends[0].index(), ends[1].index()) {
            return false;
        }
    }
    nodes == edges + 1
}
