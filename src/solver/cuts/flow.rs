//! Separation: cuts that a fractional point leaves short.
//!
//! A point gives every arc a capacity. A terminal that cannot be sent a whole unit from the root is on the far side of a cut
//! that is too weak: the nodes that still reach it over arcs with capacity left. Arcs of a cut that was found count as full
//! for the rest of the round, so that the cuts of a round have few arcs in common, and the next cut around the same
//! terminal (a nested one) is found by sending on.
//!
//! Source: Koch and Martin (Networks 32, 1998), section 3.

use std::cmp::Reverse;

use crate::graph::{Graph, NodeId};

/// Capacity of an arc that is fully used.
pub(super) const UNIT: i64 = 1 << 24;

/// What a cut must be short of to be worth a row.
const SHORT: i64 = UNIT >> 9;

/// Flows on one graph.
pub(super) struct Flow<'a> {
    graph: &'a Graph,
    /// The root, and nodes that are known to be sent as much as anybody who is still to be asked for.
    sources: Vec<bool>,
    /// By arc: 2e from the first to the second end of edge e, 2e + 1 back.
    capacity: Vec<i64>,
    left: Vec<i64>,
    touched: Vec<usize>,
    /// Arc over which a node is left towards the terminal.
    onward: Vec<usize>,
    seen: Vec<u32>,
    clock: u32,
}

impl<'a> Flow<'a> {
    pub(super) fn new(graph: &'a Graph, root: NodeId, capacity: Vec<i64>) -> Self {
        let nodes = graph.node_count();
        let left = capacity.clone();
        let (onward, seen, mut sources) = (vec![0; nodes], vec![0; nodes], vec![false; nodes]);
        sources[root.index()] = true;
        Self { graph, sources, capacity, left, touched: Vec::new(), onward, seen, clock: 0 }
    }

    /// Violated cuts around terminals that are to be sent so much: sets of nodes that less than that enters, around each
    /// terminal the smallest first, each within the next, so many at most.
    ///
    /// A terminal that was sent what it is to be sent is as good as the root for those who ask for no more: a weaker cut
    /// between the two would cut it off as well. So those that ask for most come first, the nearest ones before the others,
    /// and a way need not lead further than to the next one that has enough. Time: O(m) for each path and set at most.
    pub(super) fn violated_cuts(
        &mut self,
        mut asking: Vec<(NodeId, i64)>,
        most: usize,
        found: &mut dyn FnMut(NodeId, Vec<NodeId>),
    ) {
        let hops = self.hops();
        asking.sort_by_key(|&(terminal, demand)| (Reverse(demand), hops[terminal.index()], terminal));
        for (terminal, demand) in asking {
            for set in self.cuts_around(terminal, demand, most) {
                found(terminal, set);
            }
        }
    }

    /// Number of edges from the root by node.
    fn hops(&self) -> Vec<u32> {
        let mut hops = vec![u32::MAX; self.sources.len()];
        let mut queue: Vec<NodeId> = self.graph.nodes().filter(|node| self.sources[node.index()]).collect();
        queue.iter().for_each(|node| hops[node.index()] = 0);
        let mut at = 0;
        while at < queue.len() {
            let node = queue[at];
            at += 1;
            for arc in self.graph.arcs(node) {
                if hops[arc.to.index()] == u32::MAX {
                    hops[arc.to.index()] = hops[node.index()] + 1;
                    queue.push(arc.to);
                }
            }
        }
        hops
    }

    fn cuts_around(&mut self, terminal: NodeId, demand: i64, most: usize) -> Vec<Vec<NodeId>> {
        let (mut sent, mut sets) = (0, Vec::new());
        while sent + SHORT < demand && sets.len() < most {
            match self.reach(terminal) {
                Err(set) => {
                    self.fill(&set);
                    sets.push(set);
                }
                Ok(source) => sent += self.send(source, terminal, demand - sent),
            }
        }
        for arc in self.touched.drain(..) {
            self.left[arc] = self.capacity[arc];
        }
        self.sources[terminal.index()] |= sent + SHORT >= demand;
        sets
    }

    /// Looks backwards from the terminal for a source; the nodes that reach the terminal where none is among them.
    fn reach(&mut self, terminal: NodeId) -> Result<NodeId, Vec<NodeId>> {
        self.clock += 1;
        self.seen[terminal.index()] = self.clock;
        let mut set = vec![terminal];
        let mut at = 0;
        while at < set.len() {
            let node = set[at];
            at += 1;
            for arc in self.graph.arcs(node) {
                let way = self.graph.incoming(node, *arc);
                if self.left[way] == 0 || self.seen[arc.to.index()] == self.clock {
                    continue;
                }
                self.seen[arc.to.index()] = self.clock;
                self.onward[arc.to.index()] = way;
                if self.sources[arc.to.index()] {
                    return Ok(arc.to);
                }
                set.push(arc.to);
            }
        }
        Err(set)
    }

    /// Sends what the way found holds, `most` at most.
    fn send(&mut self, source: NodeId, terminal: NodeId, most: i64) -> i64 {
        let mut way = Vec::new();
        let (mut node, mut amount) = (source, most);
        while node != terminal {
            let arc = self.onward[node.index()];
            amount = amount.min(self.left[arc]);
            way.push(arc);
            node = self.graph.head(arc);
        }
        for arc in way {
            self.left[arc] -= amount;
            self.left[arc ^ 1] += amount;
            self.touched.extend([arc, arc ^ 1]);
        }
        amount
    }

    /// Takes the arcs that enter a set for full from now on.
    fn fill(&mut self, set: &[NodeId]) {
        for &node in set {
            for arc in self.graph.arcs(node).iter().filter(|arc| self.seen[arc.to.index()] != self.clock) {
                let way = self.graph.incoming(node, *arc);
                self.left[way] += UNIT - self.capacity[way];
                self.capacity[way] = UNIT;
                self.touched.push(way);
            }
        }
    }
}
