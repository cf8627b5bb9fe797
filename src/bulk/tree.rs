//! A tree with the loads that run through it.

use std::collections::VecDeque;

use crate::bulk::{Bulk, Load};
use crate::graph::{EdgeId, NodeId};

/// A tree with its root; every node of it knows what comes in from above, and what that costs.
pub(super) struct Loaded<'a> {
    pub(super) bulk: &'a Bulk<'a>,
    /// Whether a node is part of the tree.
    pub(super) holds: Vec<bool>,
    /// The node above and the edge that leads there.
    pub(super) parent: Vec<Option<(NodeId, EdgeId)>>,
    /// Nodes below.
    pub(super) children: Vec<Vec<NodeId>>,
    /// Load of the edge to the node above.
    pub(super) load: Vec<Load>,
    /// Cost of that edge.
    pub(super) cost: Vec<i64>,
}

impl<'a> Loaded<'a> {
    /// Roots edges that hold a tree; branches that nobody asks through are left away. Time: O(n + m).
    pub(super) fn new(bulk: &'a Bulk<'a>, edges: &[EdgeId]) -> Self {
        let (graph, nodes) = (bulk.graph, bulk.graph.node_count());
        let mut built = vec![false; graph.edge_count()];
        edges.iter().for_each(|edge| built[edge.index()] = true);
        let mut tree = Self {
            bulk,
            holds: vec![false; nodes],
            parent: vec![None; nodes],
            children: vec![Vec::new(); nodes],
            load: bulk.asked.to_vec(),
            cost: vec![0; nodes],
        };
        let mut order = Vec::new();
        let mut queue = VecDeque::from([bulk.root]);
        tree.holds[bulk.root.index()] = true;
        while let Some(node) = queue.pop_front() {
            order.push(node);
            for arc in graph.arcs(node).iter().filter(|arc| built[arc.edge.index()]) {
                if !tree.holds[arc.to.index()] {
                    tree.holds[arc.to.index()] = true;
                    tree.parent[arc.to.index()] = Some((node, arc.edge));
                    queue.push_back(arc.to);
                }
            }
        }
        let mut all = bulk.graph.nodes().filter(|node| bulk.asked[node.index()] != Load::NONE);
        assert!(all.all(|node| tree.holds[node.index()]), "the tree holds all who ask");
        for &node in order.iter().rev() {
            let Some((above, edge)) = tree.parent[node.index()] else { continue };
            let load = tree.load[node.index()];
            if load == Load::NONE {
                tree.holds[node.index()] = false;
                tree.parent[node.index()] = None;
                continue;
            }
            tree.load[above.index()] = tree.load[above.index()].plus(load);
            tree.cost[node.index()] = (bulk.cost)(edge, load);
            tree.children[above.index()].push(node);
        }
        tree
    }

    pub(super) fn value(&self) -> i64 {
        self.cost.iter().sum()
    }

    pub(super) fn edges(&self) -> Vec<EdgeId> {
        let mut edges: Vec<EdgeId> = self.parent.iter().flatten().map(|(_, edge)| *edge).collect();
        edges.sort_unstable();
        edges
    }

    /// Whether a branch begins at a node: somebody asks there, or ways part.
    pub(super) fn is_key(&self, node: NodeId) -> bool {
        self.holds[node.index()]
            && node != self.bulk.root
            && (self.children[node.index()].len() > 1 || self.bulk.asked[node.index()] != Load::NONE)
    }

    /// What the edge above a node costs with another load.
    pub(super) fn cost_with(&self, node: NodeId, load: Load) -> i64 {
        if load == Load::NONE {
            return 0;
        }
        self.parent[node.index()].map_or(0, |(_, edge)| (self.bulk.cost)(edge, load))
    }

    /// Takes a branch off: the way above it as far as nobody else needs it, and its load from there to the root.
    pub(super) fn take_off(&mut self, branch: NodeId) {
        let load = self.load[branch.index()];
        let mut node = branch;
        while let Some((above, _)) = self.parent[node.index()].take() {
            self.cost[node.index()] = 0;
            self.children[above.index()].retain(|child| *child != node);
            let needed = above == self.bulk.root
                || !self.children[above.index()].is_empty()
                || self.bulk.asked[above.index()] != Load::NONE;
            if needed {
                self.shift(above, |old| old.minus(load));
                return;
            }
            self.holds[above.index()] = false;
            self.load[above.index()] = Load::NONE;
            node = above;
        }
    }

    /// Changes the loads from a node up to the root.
    fn shift(&mut self, from: NodeId, change: impl Fn(Load) -> Load) {
        let mut node = from;
        loop {
            self.load[node.index()] = change(self.load[node.index()]);
            let Some((above, _)) = self.parent[node.index()] else { return };
            self.cost[node.index()] = self.cost_with(node, self.load[node.index()]);
            node = above;
        }
    }

    /// Turns a branch that was taken off so that one of its nodes, its new handle, is on top.
    pub(super) fn turn(&mut self, handle: NodeId) {
        let mut way = vec![handle];
        let mut top = handle;
        while let Some((above, _)) = self.parent[top.index()] {
            way.push(above);
            top = above;
        }
        let whole = self.load[top.index()];
        // From the old top down, so that what lies below each node is still known.
        for pair in way.windows(2).rev() {
            let [lower, upper] = [pair[0], pair[1]];
            let (_, edge) = self.parent[lower.index()].take().expect("it hangs from the next");
            self.children[upper.index()].retain(|child| *child != lower);
            self.children[lower.index()].push(upper);
            self.parent[upper.index()] = Some((lower, edge));
            self.load[upper.index()] = whole.minus(self.load[lower.index()]);
            self.cost[upper.index()] = self.cost_with(upper, self.load[upper.index()]);
            self.cost[lower.index()] = 0;
        }
        self.load[handle.index()] = whole;
    }

    /// Hangs a branch that was taken off by its top over a way of new nodes to a node of the tree.
    pub(super) fn hang(&mut self, top: NodeId, way: &[(EdgeId, NodeId)]) {
        let load = self.load[top.index()];
        let mut node = top;
        for (place, &(edge, next)) in way.iter().enumerate() {
            self.parent[node.index()] = Some((next, edge));
            self.children[next.index()].push(node);
            self.cost[node.index()] = (self.bulk.cost)(edge, load);
            if place + 1 == way.len() {
                self.shift(next, |old| old.plus(load));
            } else {
                self.holds[next.index()] = true;
                self.load[next.index()] = load;
            }
            node = next;
        }
    }
}
