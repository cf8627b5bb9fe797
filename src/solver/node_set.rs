//! A set of nodes and its components, while nodes come and go one by one.

use crate::graph::{Graph, NodeId};

/// A set of nodes of a graph, and which of them hang together within it.
pub(super) struct NodeSet<'a> {
    graph: &'a Graph,
    inside: Vec<bool>,
    /// By node, how many of its arcs lead inside.
    touching: Vec<u32>,
    /// By node inside, the name of its component.
    component: Vec<u32>,
    /// By name, nodes of the component.
    sizes: Vec<u32>,
    /// Names that no component has.
    unused: Vec<u32>,
    visited: Visited,
}

/// What a search has seen: by node, the last search that did, and which of its sides.
struct Visited {
    search: u32,
    by: Vec<u32>,
    side: Vec<u32>,
}

/// What is left of a component without one of its nodes.
pub(super) struct Pieces {
    /// How many pieces.
    pub(super) count: usize,
    /// Arcs that were looked at to tell.
    pub(super) looked_at: usize,
    /// The nodes of all pieces but one.
    others: Vec<Vec<NodeId>>,
}

/// One side of a search: nodes found, those whose arcs have been looked at first.
#[derive(Default)]
struct Side {
    nodes: Vec<NodeId>,
    done: usize,
}

impl<'a> NodeSet<'a> {
    /// No node at all.
    pub(super) fn empty(graph: &'a Graph) -> Self {
        let count = graph.node_count();
        Self {
            graph,
            inside: vec![false; count],
            touching: vec![0; count],
            component: vec![0; count],
            sizes: vec![0; count],
            unused: (0..count as u32).rev().collect(),
            visited: Visited { search: 0, by: vec![0; count], side: vec![0; count] },
        }
    }

    pub(super) fn contains(&self, node: NodeId) -> bool {
        self.inside[node.index()]
    }

    /// How many arcs of a node lead inside: as many components are beside it at most. Time: O(1).
    pub(super) fn touching(&self, node: NodeId) -> usize {
        self.touching[node.index()] as usize
    }

    /// By node, whether it is inside.
    pub(super) fn nodes(&self) -> &[bool] {
        &self.inside
    }

    /// The number of components. Time: O(1).
    pub(super) fn components(&self) -> usize {
        self.sizes.len() - self.unused.len()
    }

    /// The components beside a node, each once.
    pub(super) fn components_beside(&self, node: NodeId, found: &mut Vec<u32>) {
        found.clear();
        let beside = self.graph.arcs(node).iter().filter(|arc| self.inside[arc.to.index()]);
        found.extend(beside.map(|arc| self.component[arc.to.index()]));
        found.sort_unstable();
        found.dedup();
    }

    /// Puts a node in that ties these components together. Time: that of naming all but the largest of them anew.
    pub(super) fn insert(&mut self, node: NodeId, beside: &[u32]) {
        let largest = beside.iter().max_by_key(|name| self.sizes[**name as usize]).copied();
        let name = largest.or_else(|| self.unused.pop()).expect("there are as many names as nodes");
        self.inside[node.index()] = true;
        self.graph.arcs(node).iter().for_each(|arc| self.touching[arc.to.index()] += 1);
        self.component[node.index()] = name;
        self.sizes[name as usize] += 1;
        for &other in beside.iter().filter(|&&other| other != name) {
            self.sizes[name as usize] += std::mem::take(&mut self.sizes[other as usize]);
            self.unused.push(other);
        }
        let mut stack = if beside.len() > 1 { vec![node] } else { Vec::new() };
        while let Some(node) = stack.pop() {
            for arc in self.graph.arcs(node) {
                let to = arc.to.index();
                if self.inside[to] && self.component[to] != name {
                    self.component[to] = name;
                    stack.push(arc.to);
                }
            }
        }
    }

    /// What would be left of a node's component without it. One search from each neighbour, in turns, so that the largest
    /// piece need not be gone through. Time: that of the second largest piece, times neighbours.
    pub(super) fn pieces(&mut self, node: NodeId) -> Pieces {
        let graph = self.graph;
        let inside = &self.inside;
        self.visited.search += 1;
        let visited = &mut self.visited;
        let mut sides: Vec<Side> = Vec::new();
        for arc in graph.arcs(node).iter().filter(|arc| inside[arc.to.index()] && arc.to != node) {
            if visited.side_of(arc.to).is_none() {
                visited.mark(arc.to, sides.len() as u32);
                sides.push(Side { nodes: vec![arc.to], done: 0 });
            }
        }
        let mut merged: Vec<u32> = (0..sides.len() as u32).collect();
        let mut open = merged.clone();
        let (mut others, mut turn, mut looked_at) = (Vec::new(), 0, graph.degree(node));
        while open.len() > 1 {
            let place = turn % open.len();
            turn += 1;
            let side = open[place] as usize;
            let Some(&next) = sides[side].nodes.get(sides[side].done) else {
                others.push(std::mem::take(&mut sides[side]).nodes);
                open.remove(place);
                continue;
            };
            sides[side].done += 1;
            looked_at += graph.degree(next);
            for arc in graph.arcs(next).iter().filter(|arc| inside[arc.to.index()] && arc.to != node) {
                let Some(mut met) = visited.side_of(arc.to) else {
                    visited.mark(arc.to, side as u32);
                    sides[side].nodes.push(arc.to);
                    continue;
                };
                while merged[met as usize] != met {
                    met = merged[met as usize];
                }
                if met as usize != side {
                    let other = std::mem::take(&mut sides[met as usize]);
                    sides[side].absorb(&other);
                    merged[met as usize] = side as u32;
                    open.retain(|&open| open != met);
                }
            }
        }
        Pieces { count: others.len() + open.len(), looked_at, others }
    }

    /// Takes a node out, whose component falls into these pieces.
    pub(super) fn remove(&mut self, node: NodeId, pieces: &Pieces) {
        let name = self.component[node.index()];
        self.inside[node.index()] = false;
        self.graph.arcs(node).iter().for_each(|arc| self.touching[arc.to.index()] -= 1);
        self.sizes[name as usize] -= 1;
        if pieces.count == 0 {
            self.unused.push(name);
        }
        for piece in &pieces.others {
            let new = self.unused.pop().expect("there are as many names as nodes");
            piece.iter().for_each(|node| self.component[node.index()] = new);
            self.sizes[new as usize] = piece.len() as u32;
            self.sizes[name as usize] -= piece.len() as u32;
        }
    }
}

impl Visited {
    fn side_of(&self, node: NodeId) -> Option<u32> {
        (self.by[node.index()] == self.search).then(|| self.side[node.index()])
    }

    fn mark(&mut self, node: NodeId, side: u32) {
        self.by[node.index()] = self.search;
        self.side[node.index()] = side;
    }
}

impl Side {
    /// Takes over another side's nodes.
    fn absorb(&mut self, other: &Self) {
        let waiting = self.nodes.split_off(self.done);
        self.nodes.extend_from_slice(&other.nodes[..other.done]);
        self.done = self.nodes.len();
        self.nodes.extend(waiting);
        self.nodes.extend_from_slice(&other.nodes[other.done..]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::NodeSet;
    use crate::graph::{Graph, NodeId, UnionFind};

    proptest! {
        #[test]
        fn components_are_those_of_the_graph_within_the_set(
            ends in prop::collection::vec((0u32..12, 0u32..12), 0..30),
            flips in prop::collection::vec(0u32..12, 1..40),
        ) {
            let ends: Vec<_> = ends.into_iter().map(|(a, b)| [NodeId(a), NodeId(b)]).collect();
            let graph = Graph::new(12, ends);
            let mut set = NodeSet::empty(&graph);
            let mut beside = Vec::new();
            for node in flips.into_iter().map(NodeId) {
                let before = set.components();
                if set.contains(node) {
                    let pieces = set.pieces(node);
                    set.remove(node, &pieces);
                    prop_assert_eq!(set.components() + 1, before + pieces.count);
                } else {
                    set.components_beside(node, &mut beside);
                    set.insert(node, &beside);
                    prop_assert_eq!(set.components() + beside.len(), before + 1);
                }
                let mut union = UnionFind::new(12);
                let within = |edge| graph.ends(edge).iter().all(|end| set.contains(*end));
                let joins = graph.edges().filter(|&edge| within(edge)).filter(|&edge| {
                    let [one, other] = graph.ends(edge);
                    union.join(one.index(), other.index())
                });
                let joins = joins.count();
                prop_assert_eq!(set.components() + joins, set.nodes().iter().filter(|inside| **inside).count());
                for node in graph.nodes() {
                    let beside = graph.arcs(node).iter().filter(|arc| set.contains(arc.to)).count();
                    prop_assert_eq!(set.touching(node), beside);
                }
            }
        }
    }
}
