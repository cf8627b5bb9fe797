//! By which doors a tree comes in: edges at the root, tried in sets.
//!
//! Branches move one at a time, so moving them rarely opens a door that pays for many of them together only, or shuts one
//! for another. So the tree is cut off the root, its parts and the doors that it does not use are joined by cheapest ways,
//! and where a set of doors is open, each node of this skeleton falls to the nearest. That is a tree for every set, and
//! where it comes in apart a fair one; branches are moved from the cheapest of them on.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use rayon::prelude::*;

use crate::bulk::{Bulk, Load, tree};
use crate::graph::{EdgeId, Graph, NodeId, UnionFind};

/// Doors up to which all sets of few are tried, and how many those are; otherwise only sets near the tree's own.
const MOST_DOORS: usize = 12;
const FEW: usize = 3;

/// Edges that join all doors, and all who ask, without the root.
pub(super) struct Skeleton<'a> {
    bulk: &'a Bulk<'a>,
    /// By edge, whether it is part of it.
    holds: Vec<bool>,
    /// The edges at the root.
    doors: Vec<EdgeId>,
}

impl<'a> Skeleton<'a> {
    /// The skeleton of a tree. Time: O(m log n).
    pub(super) fn new(bulk: &'a Bulk<'a>, edges: &[EdgeId]) -> Self {
        let (graph, root) = (bulk.graph, bulk.root);
        let doors: Vec<EdgeId> = graph.arcs(root).iter().map(|arc| arc.edge).collect();
        let mut holds = vec![false; graph.edge_count()];
        let mut parts = UnionFind::new(graph.node_count());
        let mut sources: Vec<NodeId> = doors.iter().map(|&door| graph.other_end(door, root)).collect();
        for &edge in edges.iter().filter(|&&edge| !graph.ends(edge).contains(&root)) {
            holds[edge.index()] = true;
            let [one, other] = graph.ends(edge);
            parts.join(one.index(), other.index());
            sources.extend([one, other]);
        }
        sources.retain(|node| !bulk.ends[node.index()]);
        let one_unit = least(bulk);
        let ways = Ways::search(bulk, &sources, |edge| Some((bulk.cost)(edge, one_unit)));
        let mut bridges: Vec<(i64, EdgeId)> = Vec::new();
        for edge in graph.edges().filter(|edge| !holds[edge.index()]) {
            let [one, other] = graph.ends(edge);
            if bulk.ends[one.index()] || bulk.ends[other.index()] {
                continue;
            }
            if let (Some(there), Some(back)) = (ways.cost(one), ways.cost(other)) {
                bridges.push((there + (bulk.cost)(edge, one_unit) + back, edge));
            }
        }
        bridges.sort_unstable();
        for (_, edge) in bridges {
            let ends = graph.ends(edge);
            let [one, other] = ends.map(|end| ways.source(graph, end));
            if parts.join(one.index(), other.index()) {
                holds[edge.index()] = true;
                ends.into_iter().flat_map(|end| ways.back(graph, end)).for_each(|edge| holds[edge.index()] = true);
            }
        }
        Self { bulk, holds, doors }
    }

    /// The trees of sets that are worth a try and were not tried, where these doors are open: so many, the cheapest first.
    ///
    /// Time: O(n log n) for each set.
    pub(super) fn cheapest(&self, open: &[EdgeId], tried: &BTreeSet<Vec<EdgeId>>, most: usize) -> Vec<Start> {
        let sets: Vec<Vec<EdgeId>> = sets(&self.doors, open).into_iter().filter(|set| !tried.contains(set)).collect();
        let mut starts: Vec<Start> = sets.into_par_iter().filter_map(|set| self.start(set)).collect();
        starts.sort_unstable();
        starts.truncate(most);
        starts
    }

    /// The tree of a set; none where somebody is not joined to it.
    fn start(&self, set: Vec<EdgeId>) -> Option<Start> {
        let (bulk, graph) = (self.bulk, self.bulk.graph);
        let all = bulk.asked.iter().fold(Load::NONE, |sum, &load| sum.plus(load));
        let one_unit = least(bulk);
        let further = |edge: EdgeId| (bulk.cost)(edge, all) - (bulk.cost)(edge, one_unit);
        let sources: Vec<NodeId> = set.iter().map(|&door| graph.other_end(door, bulk.root)).collect();
        let ways = Ways::search(bulk, &sources, |edge| self.holds[edge.index()].then(|| further(edge).max(0)));
        let is_fed = |node: NodeId| bulk.asked[node.index()] == Load::NONE || ways.cost(node).is_some();
        if !graph.nodes().all(is_fed) {
            return None;
        }
        let mut edges: Vec<EdgeId> = ways.entry.iter().flatten().copied().chain(set.iter().copied()).collect();
        edges.sort_unstable();
        Some(Start { value: tree::Loaded::new(bulk, &edges).value(), set, edges })
    }
}

/// The least load that any edge has: a unit of what is shared, or of what goes by itself where nothing is.
fn least(bulk: &Bulk<'_>) -> Load {
    if bulk.asked.iter().any(|load| load.shared > 0) { Load { shared: 1, own: 0 } } else { Load { shared: 0, own: 1 } }
}

/// A tree that comes in by a set of doors.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Start {
    value: i64,
    pub(super) set: Vec<EdgeId>,
    pub(super) edges: Vec<EdgeId>,
}

/// Sets of few doors, if those are not many, and the sets that differ from one by a door opened, shut, or both; in order.
fn sets(doors: &[EdgeId], open: &[EdgeId]) -> BTreeSet<Vec<EdgeId>> {
    let mut sets: BTreeSet<Vec<EdgeId>> = BTreeSet::new();
    let mut shut: Vec<Vec<EdgeId>> = vec![open.to_vec()];
    shut.extend(open.iter().map(|door| open.iter().copied().filter(|other| other != door).collect()));
    for set in shut {
        for &door in doors.iter().filter(|door| !open.contains(door)) {
            let mut with = [set.as_slice(), &[door]].concat();
            with.sort_unstable();
            sets.insert(with);
        }
        sets.insert(set);
    }
    if doors.len() <= MOST_DOORS {
        let mut last = vec![Vec::new()];
        for _ in 0..FEW {
            let longer = |set: &Vec<EdgeId>| {
                let beyond = doors.iter().filter(|door| set.last().is_none_or(|last| last < *door));
                beyond.map(|&door| [set.as_slice(), &[door]].concat()).collect::<Vec<_>>()
            };
            last = last.iter().flat_map(longer).collect();
            sets.extend(last.iter().cloned());
        }
    }
    sets.remove(&Vec::new());
    sets
}

/// Cheapest ways from some nodes to all others, neither over the root nor through nodes that nothing may run through.
struct Ways {
    cost: Vec<Option<i64>>,
    /// By node, the last edge of its way; none where that is of no length.
    entry: Vec<Option<EdgeId>>,
}

impl Ways {
    /// Dijkstra's algorithm; edges without a price are closed.
    fn search(bulk: &Bulk<'_>, sources: &[NodeId], price: impl Fn(EdgeId) -> Option<i64>) -> Self {
        let nodes = bulk.graph.node_count();
        let mut ways = Self { cost: vec![None; nodes], entry: vec![None; nodes] };
        let mut queue = BinaryHeap::new();
        for &source in sources {
            ways.cost[source.index()] = Some(0);
            queue.push(Reverse((0, source)));
        }
        while let Some(Reverse((so_far, node))) = queue.pop() {
            if ways.cost[node.index()].is_some_and(|known| known < so_far) || bulk.ends[node.index()] {
                continue;
            }
            for arc in bulk.graph.arcs(node).iter().filter(|arc| arc.to != bulk.root) {
                let Some(price) = price(arc.edge) else { continue };
                let there = so_far + price;
                if ways.cost[arc.to.index()].is_none_or(|known| there < known) {
                    ways.cost[arc.to.index()] = Some(there);
                    ways.entry[arc.to.index()] = Some(arc.edge);
                    queue.push(Reverse((there, arc.to)));
                }
            }
        }
        ways
    }

    /// What the way to a node costs, if there is one.
    fn cost(&self, node: NodeId) -> Option<i64> {
        self.cost[node.index()]
    }

    /// The edges of a node's way, the last first.
    fn back<'w>(&'w self, graph: &'w Graph, mut node: NodeId) -> impl Iterator<Item = EdgeId> + 'w {
        std::iter::from_fn(move || {
            let edge = self.entry[node.index()]?;
            node = graph.other_end(edge, node);
            Some(edge)
        })
    }

    /// Where a node's way begins.
    fn source(&self, graph: &Graph, node: NodeId) -> NodeId {
        self.back(graph, node).fold(node, |node, edge| graph.other_end(edge, node))
    }
}
