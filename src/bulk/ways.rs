//! Cheapest ways from doors to leaves, and what runs over them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::bulk::tolls::{Ground, Leaf};
use crate::graph::NodeId;

/// A search for cheapest ways, used again and again.
pub(super) struct Ways {
    cost: Vec<i64>,
    /// By node, the arc over which its cheapest way leads to it.
    entry: Vec<u32>,
    /// Nodes whose way is known, the nearest first.
    order: Vec<NodeId>,
    queue: BinaryHeap<Reverse<(i64, NodeId)>>,
    /// By node, whether it is looked for; only within a search.
    wanted: Vec<bool>,
    /// By node, what runs through it; only while that is summed up.
    load: Vec<i64>,
}

const NO_WAY: i64 = i64::MAX;
const NO_ARC: u32 = u32::MAX;

impl Ways {
    pub(super) fn new(nodes: usize) -> Self {
        Self {
            cost: vec![NO_WAY; nodes],
            entry: vec![NO_ARC; nodes],
            order: Vec::new(),
            queue: BinaryHeap::new(),
            wanted: vec![false; nodes],
            load: vec![0; nodes],
        }
    }

    /// Cheapest ways from some nodes at the prices of edges and the tolls of arcs (none where there are no tolls): to all of
    /// the nodes looked for, or to all nodes where none is. Dijkstra's algorithm.
    pub(super) fn search(
        &mut self,
        ground: &Ground<'_>,
        from: &[NodeId],
        (price, toll): (&[i64], &[i64]),
        wanted: &[NodeId],
    ) {
        self.cost.fill(NO_WAY);
        self.entry.fill(NO_ARC);
        self.order.clear();
        self.queue.clear();
        wanted.iter().for_each(|node| self.wanted[node.index()] = true);
        let mut missing = if wanted.is_empty() { usize::MAX } else { wanted.len() };
        for &node in from {
            self.cost[node.index()] = 0;
            self.queue.push(Reverse((0, node)));
        }
        while let Some(Reverse((so_far, node))) = self.queue.pop() {
            if so_far > self.cost[node.index()] {
                continue;
            }
            self.order.push(node);
            if std::mem::take(&mut self.wanted[node.index()]) {
                missing -= 1;
                if missing == 0 {
                    break;
                }
            }
            for &arc in ground.graph.arcs(node).iter().filter(|arc| !ground.closed[arc.to.index()]) {
                let way = ground.graph.outgoing(node, arc);
                let cost = so_far + price[arc.edge.index()] + toll.get(way).copied().unwrap_or(0);
                if cost < self.cost[arc.to.index()] {
                    self.cost[arc.to.index()] = cost;
                    self.entry[arc.to.index()] = way as u32;
                    self.queue.push(Reverse((cost, arc.to)));
                }
            }
        }
        wanted.iter().for_each(|node| self.wanted[node.index()] = false);
    }

    /// What the cheapest way to a node costs, if it is known.
    pub(super) fn cost(&self, node: NodeId) -> Option<i64> {
        Some(self.cost[node.index()]).filter(|&cost| cost < NO_WAY)
    }

    /// What a leaf pays for its way at these prices, less so much for each unit of its load, with all that its last arc has
    /// left, for nobody else uses that; and the node before it. None where there is no way.
    pub(super) fn to(&self, ground: &Ground<'_>, leaf: &Leaf, price: &[i64], off: i64) -> Option<(i64, NodeId)> {
        let through = |arc: &crate::graph::Arc| {
            let way = self.cost(arc.to)? + price[arc.edge.index()] - off;
            Some((leaf.load * way + ground.left[ground.graph.incoming(leaf.node, *arc)], arc.to))
        };
        ground.graph.arcs(leaf.node).iter().filter_map(through).min()
    }

    /// The arcs that loads run over which leave the cheapest ways at these nodes, each with its load.
    pub(super) fn runs(&mut self, ground: &Ground<'_>, ends: &[(NodeId, i64)]) -> Vec<(u32, i64)> {
        ends.iter().for_each(|&(node, load)| self.load[node.index()] += load);
        let mut runs = Vec::new();
        for &node in self.order.iter().rev() {
            let (load, entry) = (std::mem::take(&mut self.load[node.index()]), self.entry[node.index()]);
            if load > 0 && entry != NO_ARC {
                self.load[ground.graph.tail(entry as usize).index()] += load;
                runs.push((entry, load));
            }
        }
        runs
    }
}

/// The nodes before leaves, each once. Time: O(arcs of the leaves).
pub(super) fn feet<'a>(ground: &Ground<'_>, leaves: impl Iterator<Item = &'a Leaf>) -> Vec<NodeId> {
    let mut feet: Vec<NodeId> = leaves.flat_map(|leaf| ground.graph.arcs(leaf.node).iter().map(|arc| arc.to)).collect();
    feet.sort_unstable();
    feet.dedup();
    feet.retain(|foot| !ground.closed[foot.index()]);
    feet
}
