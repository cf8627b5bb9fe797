//! Where else a branch could hang.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::bulk::tree::Loaded;
use crate::bulk::{Bulk, Load};
use crate::graph::{EdgeId, NodeId};

/// The stamp of a node reached, at what cost, and from where.
type Reached = (u32, i64, Option<(NodeId, EdgeId)>);

/// Scratch by node, valid where its stamp is that of the search.
pub(super) struct Search {
    stamp: u32,
    /// Ancestors of the branch, with what the edges below them save without its load.
    above: Vec<(u32, i64)>,
    /// Nodes reached.
    reached: Vec<Reached>,
    /// Nodes on the way above the branch that would go.
    gone: Vec<u32>,
}

/// A branch taken off, and its best new place so far.
struct Look<'t, 'a> {
    tree: &'t Loaded<'a>,
    branch: NodeId,
    load: Load,
    /// What its own way costs.
    way: i64,
    /// That and what less load saves above it.
    most: i64,
    gain: i64,
    found: Option<NodeId>,
}

impl Search {
    pub(super) fn new(nodes: usize) -> Self {
        Self { stamp: 0, above: vec![(0, 0); nodes], reached: vec![(0, 0, None); nodes], gone: vec![0; nodes] }
    }

    /// Looks for a better place for every branch that begins at these nodes once, small ones first; returns what that
    /// gained.
    pub(super) fn pass(&mut self, tree: &mut Loaded<'_>, nodes: &[NodeId], handles: usize) -> i64 {
        let mut branches: Vec<NodeId> = nodes.iter().copied().filter(|&node| tree.is_key(node)).collect();
        let size = |node: &NodeId| {
            let load = tree.load[node.index()];
            (load.shared + load.own, *node)
        };
        branches.sort_by_cached_key(size);
        let mut gained = 0;
        for branch in branches {
            if tree.is_key(branch) {
                gained += self.move_branch(tree, branch, handles);
            }
        }
        gained
    }

    fn move_branch(&mut self, tree: &mut Loaded<'_>, branch: NodeId, handles: usize) -> i64 {
        self.stamp += 1;
        let mut look = self.take_off(tree, branch);
        let at_root = tree.parent[branch.index()].is_some_and(|(above, _)| above == tree.bulk.root);
        let mut queue = self.handles(&look, if at_root { usize::MAX } else { handles });
        self.spread(&mut look, &mut queue);
        let (gain, Some(found)) = (look.gain, look.found) else { return 0 };
        let mut way = Vec::new();
        let mut node = found;
        while let Some((before, edge)) = self.reached[node.index()].2 {
            way.push((edge, node));
            node = before;
        }
        way.reverse();
        tree.take_off(branch);
        tree.turn(node);
        tree.hang(node, &way);
        gain
    }

    /// What taking the branch off saves.
    fn take_off<'t, 'a>(&mut self, tree: &'t Loaded<'a>, branch: NodeId) -> Look<'t, 'a> {
        let load = tree.load[branch.index()];
        let (mut way, mut node) = (0, branch);
        while let Some((above, _)) = tree.parent[node.index()] {
            way += tree.cost[node.index()];
            node = above;
            if node == tree.bulk.root || tree.is_key(node) {
                break;
            }
            self.gone[node.index()] = self.stamp;
        }
        let mut saved = 0;
        self.above[node.index()] = (self.stamp, 0);
        while let Some((above, _)) = tree.parent[node.index()] {
            saved += tree.cost[node.index()] - tree.cost_with(node, tree.load[node.index()].minus(load));
            node = above;
            self.above[node.index()] = (self.stamp, saved);
        }
        Look { tree, branch, load, way, most: way + saved, gain: 0, found: None }
    }

    /// The nodes by which the branch may hang, each with what turning the branch costs.
    fn handles(&mut self, look: &Look<'_, '_>, most: usize) -> BinaryHeap<Reverse<(i64, NodeId)>> {
        let (tree, load) = (look.tree, look.load);
        let mut nodes = vec![(look.branch, 0)];
        let mut next = 0;
        while next < nodes.len() {
            let (node, turned) = nodes[next];
            self.reached[node.index()] = (self.stamp, turned, None);
            next += 1;
            for &child in &tree.children[node.index()] {
                if nodes.len() >= most || tree.bulk.ends[child.index()] {
                    continue;
                }
                let rest = load.minus(tree.load[child.index()]);
                nodes.push((child, turned + tree.cost_with(child, rest) - tree.cost[child.index()]));
            }
        }
        nodes
            .into_iter()
            .filter(|(_, turned)| *turned < look.most)
            .map(|(node, turned)| Reverse((turned, node)))
            .collect()
    }

    /// Spreads over nodes that are not in the tree until it is met, as far as it may pay.
    fn spread(&mut self, look: &mut Look<'_, '_>, queue: &mut BinaryHeap<Reverse<(i64, NodeId)>>) {
        let Bulk { graph, ends, cost, .. } = look.tree.bulk;
        while let Some(Reverse((so_far, node))) = queue.pop() {
            let (_, least, before) = self.reached[node.index()];
            if so_far > least {
                continue;
            }
            if so_far >= look.most - look.gain {
                break;
            }
            if before.is_some() && look.tree.holds[node.index()] && self.gone[node.index()] != self.stamp {
                self.meet(look, node, so_far);
                continue;
            }
            for arc in graph.arcs(node) {
                let (stamp, known, from) = self.reached[arc.to.index()];
                let is_handle = stamp == self.stamp && from.is_none();
                if ends[arc.to.index()] || is_handle {
                    continue;
                }
                let there = so_far + cost(arc.edge, look.load);
                if there < look.most - look.gain && (stamp != self.stamp || there < known) {
                    self.reached[arc.to.index()] = (self.stamp, there, Some((node, arc.edge)));
                    queue.push(Reverse((there, arc.to)));
                }
            }
        }
    }

    /// What the load costs from a node of the tree to the root, or to where it ran before.
    fn meet(&self, look: &mut Look<'_, '_>, node: NodeId, so_far: i64) {
        let tree = look.tree;
        let (mut at, mut more) = (node, so_far);
        while self.above[at.index()].0 != self.stamp {
            if at == look.branch || more >= look.most - look.gain {
                return;
            }
            more += tree.cost_with(at, tree.load[at.index()].plus(look.load)) - tree.cost[at.index()];
            let Some((above, _)) = tree.parent[at.index()] else { return };
            at = above;
        }
        let gain = look.way + self.above[at.index()].1 - more;
        if gain > look.gain {
            (look.gain, look.found) = (gain, Some(node));
        }
    }
}
