//! Regions of a tree's nodes: for every node of the graph the nearest node of the tree, and the way there.
//!
//! Where some of the tree is taken away, what was nearest to it is told anew, and nothing else is looked at (Uchoa and
//! Werneck, ACM JEA 17, 2012, section 4).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::graph::{EdgeId, NodeId};
use crate::problem::SteinerProblem;
use crate::solver::hung::Hung;

/// The way from a node to the tree.
#[derive(Clone, Copy)]
struct Way {
    cost: i64,
    /// The node of the tree.
    base: NodeId,
    /// The first edge; none at the base.
    next: Option<EdgeId>,
}

/// The nearest nodes of a tree.
pub(super) struct Regions<'a> {
    problem: &'a SteinerProblem,
    ways: Vec<Option<Way>>,
    /// Ways where some of the tree is away; they count where the stamp is the clock's.
    patch: Vec<Option<Way>>,
    stamp: Vec<u32>,
    clock: u32,
    /// Nodes of the graph by region, and where each region begins.
    members: Vec<NodeId>,
    first: Vec<u32>,
}

impl<'a> Regions<'a> {
    /// Regions as far as `limit`. Time: O(m log n).
    pub(super) fn new(problem: &'a SteinerProblem, hung: &Hung, limit: i64) -> Self {
        let graph = problem.graph();
        let mut ways: Vec<Option<Way>> = vec![None; graph.node_count()];
        let mut queue = BinaryHeap::new();
        for &base in &hung.order {
            ways[base.index()] = Some(Way { cost: 0, base, next: None });
            queue.push(Reverse((0, base)));
        }
        spread(problem, &mut queue, limit, &mut |node, step| match step {
            None => ways[node.index()].map(|way| (way.cost, way.base)),
            Some(way) => {
                let better = ways[node.index()].is_none_or(|known| way.cost < known.cost);
                if better {
                    ways[node.index()] = Some(way);
                }
                better.then_some((way.cost, way.base))
            }
        });
        let mut first = vec![0u32; graph.node_count() + 1];
        for way in ways.iter().flatten() {
            first[way.base.index() + 1] += 1;
        }
        for node in 0..graph.node_count() {
            first[node + 1] += first[node];
        }
        let mut next = first.clone();
        let mut members = vec![NodeId(0); first[graph.node_count()] as usize];
        for node in graph.nodes() {
            if let Some(way) = ways[node.index()] {
                members[next[way.base.index()] as usize] = node;
                next[way.base.index()] += 1;
            }
        }
        let patch = vec![None; graph.node_count()];
        let stamp = vec![0; graph.node_count()];
        Self { problem, ways, patch, stamp, clock: 1, members, first }
    }

    /// Nodes that are nearest to a node of the tree.
    pub(super) fn members(&self, base: NodeId) -> &[NodeId] {
        &self.members[self.first[base.index()] as usize..self.first[base.index() + 1] as usize]
    }

    fn way(&self, node: NodeId) -> Option<Way> {
        if self.stamp[node.index()] == self.clock { self.patch[node.index()] } else { self.ways[node.index()] }
    }

    /// The nearest node of the tree, as of the last time that some of it was away.
    pub(super) fn base(&self, node: NodeId) -> Option<NodeId> {
        self.way(node).map(|way| way.base)
    }

    /// Whether the way of this node was told anew the last time.
    pub(super) fn is_patched(&self, node: NodeId) -> bool {
        self.stamp[node.index()] == self.clock
    }

    /// What it costs to join the bases of an edge's ends over it; none where it joins nothing.
    pub(super) fn joining(&self, edge: EdgeId) -> Option<i64> {
        let [one, other] = self.problem.graph().ends(edge).map(|end| self.way(end));
        let (one, other) = (one?, other?);
        (one.base != other.base).then_some(one.cost + self.problem.cost(edge) + other.cost)
    }

    /// Tells all regions as they are with the whole tree.
    pub(super) fn whole(&mut self) {
        self.clock += 1;
    }

    /// Takes nodes of the tree away: their regions go to the nodes that stay, as far as `limit`. Nodes that were told anew.
    ///
    /// Time: that of a search in those regions.
    pub(super) fn take_away(&mut self, gone: &[NodeId], limit: i64) -> Vec<NodeId> {
        self.clock += 1;
        let mut nodes = Vec::new();
        for &base in gone {
            nodes.extend_from_slice(self.members(base));
        }
        for node in &nodes {
            self.stamp[node.index()] = self.clock;
            self.patch[node.index()] = None;
        }
        let graph = self.problem.graph();
        let mut queue = BinaryHeap::new();
        for &node in &nodes {
            let outside = graph.arcs(node).iter().filter(|arc| self.stamp[arc.to.index()] != self.clock);
            let ways = outside.filter_map(|arc| {
                let beyond = self.ways[arc.to.index()]?;
                Some(Way { cost: beyond.cost + self.problem.cost(arc.edge), base: beyond.base, next: Some(arc.edge) })
            });
            if let Some(way) = ways.min_by_key(|way| way.cost).filter(|way| way.cost < limit) {
                self.patch[node.index()] = Some(way);
                queue.push(Reverse((way.cost, node)));
            }
        }
        let (patch, stamp, clock) = (&mut self.patch, &self.stamp, self.clock);
        spread(self.problem, &mut queue, limit, &mut |node, step| match step {
            None => patch[node.index()].map(|way| (way.cost, way.base)),
            Some(way) => {
                let known = patch[node.index()];
                let better = stamp[node.index()] == clock && known.is_none_or(|known| way.cost < known.cost);
                if better {
                    patch[node.index()] = Some(way);
                }
                better.then_some((way.cost, way.base))
            }
        });
        nodes
    }

    /// Nodes on the way between the bases of an edge's ends over it, bases included.
    pub(super) fn nodes_over(&self, edge: EdgeId) -> Vec<NodeId> {
        let graph = self.problem.graph();
        let mut nodes = Vec::new();
        for end in graph.ends(edge) {
            let mut node = end;
            nodes.push(node);
            while let Some(next) = self.way(node).and_then(|way| way.next) {
                node = graph.other_end(next, node);
                nodes.push(node);
            }
        }
        nodes
    }
}

/// Dijkstra's algorithm. `told` gives the way known for a node, or takes in a better one: cost and base, none where it is not.
fn spread(
    problem: &SteinerProblem,
    queue: &mut BinaryHeap<Reverse<(i64, NodeId)>>,
    limit: i64,
    told: &mut dyn FnMut(NodeId, Option<Way>) -> Option<(i64, NodeId)>,
) {
    while let Some(Reverse((so_far, node))) = queue.pop() {
        let Some((known, base)) = told(node, None) else { continue };
        if so_far > known {
            continue;
        }
        for arc in problem.graph().arcs(node) {
            let cost = so_far + problem.cost(arc.edge);
            if cost < limit && told(arc.to, Some(Way { cost, base, next: Some(arc.edge) })).is_some() {
                queue.push(Reverse((cost, arc.to)));
            }
        }
    }
}
