//! Division of a snapshot into parts, each with a node that stands for all around it.
//!
//! A part has the arcs that lead to its nodes. Other arcs that leave it are another part's.

use std::collections::VecDeque;

use crate::graph::{EdgeId, Graph, NodeId};
use crate::problem::{Demand, SteinerProblem};
use crate::solver::kernel::Snapshot;
use crate::solver::parcels::{NONE, parcels};

/// A part of a snapshot.
pub(super) struct Part {
    /// The part as a problem without costs; node 0, its root, stands for all around.
    pub(super) problem: SteinerProblem,
    /// By arc, whether no better tree uses it.
    pub(super) closed: Vec<bool>,
    /// By node, that of the snapshot; node 0 is given as the snapshot's root.
    pub(super) nodes: Vec<NodeId>,
    /// By edge, that of the snapshot. The ends are in its order.
    pub(super) edges: Vec<EdgeId>,
}

/// Parts that share no node.
pub(super) struct Division {
    pub(super) parts: Vec<Part>,
    /// By node of the snapshot, its part; [`NONE`] for the root and whatever else is in no part.
    part: Vec<u32>,
    /// By node of the snapshot, its number in its part.
    number: Vec<u32>,
    /// By edge of the snapshot, its numbers in the parts of its first and its second end.
    place: Vec<[u32; 2]>,
}

impl Division {
    /// Parts of about so many edges, that hang together, and together hold all but the root; `turn` tells where the first
    /// begins. Time: O(n + m).
    pub(super) fn all_over(snapshot: &Snapshot, edges: usize, turn: usize) -> Self {
        let graph = snapshot.problem.graph();
        let (part, count) = parcels(graph, snapshot.root, even(graph.edge_count(), edges), turn);
        Self::new(snapshot, part, count)
    }

    /// So many parts, told by node; the root is in none. Time: O(n + m).
    pub(super) fn new(snapshot: &Snapshot, part: Vec<u32>, count: usize) -> Self {
        let graph = snapshot.problem.graph();
        let mut members: Vec<Vec<NodeId>> = vec![vec![snapshot.root]; count];
        let mut number = vec![0; graph.node_count()];
        for node in graph.nodes().filter(|&node| part[node.index()] != NONE) {
            let members = &mut members[part[node.index()] as usize];
            number[node.index()] = members.len() as u32;
            members.push(node);
        }
        let mut division = Self { parts: Vec::new(), part, number, place: vec![[0; 2]; graph.edge_count()] };
        for (at, nodes) in members.into_iter().enumerate() {
            let part = division.part_of(snapshot, at as u32, nodes);
            division.parts.push(part);
        }
        division
    }

    /// Parts around nodes that are entered in part: of nodes that hang together, or come so many edges near to each other,
    /// with what is nearest to them, each of about so many edges. Time: O(n + m), for each edge near.
    pub(super) fn around_fractions(snapshot: &Snapshot, shares: &[f64], (edges, near): (usize, usize)) -> Self {
        let (graph, root) = (snapshot.problem.graph(), snapshot.root);
        let mut part = vec![NONE; graph.node_count()];
        let is_fractional = |arc: usize| (0.01..0.99).contains(&shares[arc]);
        let touched = |node: NodeId| graph.arcs(node).iter().any(|arc| is_fractional(graph.incoming(node, *arc)));
        let mut unsure: Vec<bool> = graph.nodes().map(|node| node != root && touched(node)).collect();
        for _ in 0..near {
            let before = unsure.clone();
            for node in graph.nodes().filter(|&node| node != root) {
                unsure[node.index()] |= graph.arcs(node).iter().any(|arc| before[arc.to.index()]);
            }
        }
        let mut queues: Vec<VecDeque<NodeId>> = Vec::new();
        for start in graph.nodes().filter(|node| unsure[node.index()]) {
            if part[start.index()] != NONE {
                continue;
            }
            let here = queues.len() as u32;
            part[start.index()] = here;
            let mut members = VecDeque::from([start]);
            let mut at = 0;
            while at < members.len() {
                for arc in graph.arcs(members[at]) {
                    if unsure[arc.to.index()] && part[arc.to.index()] == NONE {
                        part[arc.to.index()] = here;
                        members.push_back(arc.to);
                    }
                }
                at += 1;
            }
            queues.push(members);
        }
        // All grow at once, a node each in turn.
        let mut sizes = vec![0; queues.len()];
        let mut growing: Vec<usize> = (0..queues.len()).collect();
        while !growing.is_empty() {
            growing.retain(|&here| {
                let Some(node) = queues[here].pop_front().filter(|_| sizes[here] / 2 < edges) else { return false };
                sizes[here] += graph.degree(node);
                for arc in graph.arcs(node) {
                    if part[arc.to.index()] == NONE && arc.to != root {
                        part[arc.to.index()] = here as u32;
                        queues[here].push_back(arc.to);
                    }
                }
                true
            });
        }
        Self::new(snapshot, part, queues.len())
    }

    fn part_of(&mut self, snapshot: &Snapshot, at: u32, nodes: Vec<NodeId>) -> Part {
        let graph = snapshot.problem.graph();
        let is_here = |node: NodeId| self.part[node.index()] == at;
        let mut edges: Vec<EdgeId> =
            nodes[1..].iter().flat_map(|&node| graph.arcs(node).iter().map(|arc| arc.edge)).collect();
        edges.sort_unstable();
        edges.dedup();
        let number = |node: NodeId| NodeId(if is_here(node) { self.number[node.index()] } else { 0 });
        let ends: Vec<[NodeId; 2]> = edges.iter().map(|&edge| graph.ends(edge).map(number)).collect();
        for (place, &edge) in edges.iter().enumerate() {
            for (side, end) in graph.ends(edge).into_iter().enumerate() {
                if self.part[end.index()] == at {
                    self.place[edge.index()][side] = place as u32;
                }
            }
        }
        let closed = edges.iter().flat_map(|edge| [2 * edge.index(), 2 * edge.index() + 1]);
        let closed = closed.map(|arc| snapshot.closed[arc]).collect();
        let demand = |node: &NodeId| snapshot.problem.demands()[node.index()];
        let demands = std::iter::once(Demand::Required).chain(nodes[1..].iter().map(demand)).collect();
        let graph = Graph::new(nodes.len(), ends);
        let problem = SteinerProblem::new(graph, vec![0; edges.len()], demands, Some(NodeId(0)))
            .expect("a part hangs together with what is around it");
        Part { problem, closed, nodes, edges }
    }

    /// The part that holds the heads of all of some arcs and all of some nodes, given as items of the snapshot, if one does.
    pub(super) fn holding(&self, graph: &Graph, items: impl Iterator<Item = u32>) -> Option<usize> {
        let mut common = None;
        for item in items {
            let part = self.part[head(graph, item).index()];
            if *common.get_or_insert(part) != part {
                return None;
            }
        }
        common.filter(|&part| part != NONE).map(|part| part as usize)
    }

    /// An item of the snapshot as one of the part that holds it.
    pub(super) fn within(&self, graph: &Graph, item: u32) -> u32 {
        let node = head(graph, item);
        let arcs = 2 * graph.edge_count() as u32;
        if item >= arcs {
            let part = &self.parts[self.part[node.index()] as usize];
            return 2 * part.edges.len() as u32 + self.number[node.index()];
        }
        let way = item % 2;
        2 * self.place[item as usize / 2][1 - way as usize] + way
    }

    /// Whether an arc or a node, given as an item of the snapshot, is charged to a part.
    pub(super) fn is_in_part(&self, graph: &Graph, item: u32) -> bool {
        self.part[head(graph, item).index()] != NONE
    }

    /// A node of the snapshot as one of its part.
    pub(super) fn number(&self, node: NodeId) -> NodeId {
        NodeId(self.number[node.index()])
    }
}

impl Part {
    /// Tells how much the part uses of each arc that leads to its nodes.
    pub(super) fn tell(&self, own: &[f64], shares: &mut [f64]) {
        let graph = self.problem.graph();
        for (arc, &share) in own.iter().enumerate().filter(|&(arc, _)| graph.head(arc) != NodeId(0)) {
            shares[2 * self.edges[arc / 2].index() + arc % 2] = share;
        }
    }

    /// An item of the part as one of the snapshot, which has so many arcs.
    pub(super) fn outside(&self, item: u32, arcs: usize) -> u32 {
        let own = 2 * self.edges.len();
        match (item as usize).checked_sub(own) {
            Some(node) => arcs as u32 + self.nodes[node].0,
            None => 2 * self.edges[item as usize / 2].0 + item % 2,
        }
    }
}

/// Edges of each of an even number of parts, so that two threads have as much to do, and none is left over for one part to
/// take in.
fn even(all: usize, edges: usize) -> usize {
    if edges >= all {
        return edges;
    }
    let fewer = (all / edges / 2 * 2).max(2);
    // The nearer in proportion.
    let count = if fewer * (fewer + 2) * edges * edges > all * all { fewer } else { fewer + 2 };
    all / count + 1
}

/// The node that an item is about: an arc's head, or the node itself.
fn head(graph: &Graph, item: u32) -> NodeId {
    match (item as usize).checked_sub(2 * graph.edge_count()) {
        Some(node) => NodeId(node as u32),
        None => graph.head(item as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_in_even_numbers_unless_one_is_all() {
        let parts = |all: usize, edges: usize| all.div_ceil(even(all, edges));
        assert_eq!(even(1_400, 1_500), 1_500);
        assert_eq!([parts(1_600, 1_500), parts(13_747, 6_000), parts(17_000, 6_000)], [2, 2, 4]);
        assert_eq!([parts(16_231, 1_500), parts(30_380, 3_000)], [10, 10]);
    }
}
