//! The part of a problem that is still open: a graph that shrinks, and the way back to the problem that it came from.
//!
//! Nodes and edges keep their numbers while they live. An edge that replaces two others over a node remembers them; what
//! a node has swallowed rides along with it: those edges are in the tree if the node is. A kernel's tree leads back to a
//! tree of the original problem whose value is at most the kernel's value plus the offset, and no tree of the original
//! problem that beats the best one known is lost.

use crate::chance::Chance;
use crate::graph::{EdgeId, Graph, NodeId};
use crate::problem::{Demand, SteinerProblem};
use crate::solver::changes::Changes;

/// What is left of a problem.
#[derive(Clone, Debug)]
pub(super) struct Kernel {
    /// Number of edges of the original problem; later ones are made of two others.
    originals: usize,
    ends: Vec<[NodeId; 2]>,
    costs: Vec<i64>,
    /// Directions that no better tree uses if it is directed away from the root: from the first end to the second, back.
    closed: Vec<[bool; 2]>,
    alive: Vec<bool>,
    at: Vec<Vec<EdgeId>>,
    made_of: Vec<([EdgeId; 2], NodeId)>,
    demands: Vec<Demand>,
    riders: Vec<Vec<EdgeId>>,
    /// Nodes that were made one, first the one that stayed, in that order.
    merged: Vec<[NodeId; 2]>,
    root: NodeId,
    /// Value of every tree beyond what the kernel's own costs and prizes say.
    pub(super) offset: i64,
    live_edges: usize,
    /// Where something has changed since tests were made.
    pub(super) changes: Changes,
}

/// A kernel as a problem of its own, with dense numbers.
pub(super) struct Snapshot {
    /// The problem; its root is the kernel's.
    pub(super) problem: SteinerProblem,
    /// Its root.
    pub(super) root: NodeId,
    /// The kernel's node by node.
    pub(super) nodes: Vec<NodeId>,
    /// The kernel's edge by edge.
    pub(super) edges: Vec<EdgeId>,
    /// By arc, whether no better tree directed away from the root uses it.
    pub(super) closed: Vec<bool>,
    /// Value of every tree beyond what the problem says.
    pub(super) offset: i64,
}

impl Kernel {
    /// The whole problem, as a tree rooted at `root` must solve it: the root becomes required.
    pub(super) fn new(problem: &SteinerProblem, root: NodeId) -> Self {
        let graph = problem.graph();
        let mut demands = problem.demands().to_vec();
        demands[root.index()] = Demand::Required;
        let mut kernel = Self {
            originals: graph.edge_count(),
            ends: graph.edges().map(|edge| graph.ends(edge)).collect(),
            costs: problem.costs().to_vec(),
            closed: vec![[false; 2]; graph.edge_count()],
            alive: vec![true; graph.edge_count()],
            at: graph.nodes().map(|node| graph.arcs(node).iter().map(|arc| arc.edge).collect()).collect(),
            made_of: Vec::new(),
            demands,
            riders: vec![Vec::new(); graph.node_count()],
            merged: Vec::new(),
            root,
            offset: 0,
            live_edges: graph.edge_count(),
            changes: Changes::new(graph.node_count()),
        };
        for edge in graph.edges().filter(|&edge| graph.ends(edge)[0] == graph.ends(edge)[1]) {
            kernel.delete(edge);
        }
        kernel
    }

    /// All node numbers, of nodes that live and of those that do not.
    pub(super) fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.at.len() as u32).map(NodeId)
    }

    /// All edge numbers, of edges that live and of those that do not.
    pub(super) fn edges(&self) -> impl ExactSizeIterator<Item = EdgeId> + use<> {
        (0..self.ends.len() as u32).map(EdgeId)
    }

    /// Edges that live.
    pub(super) fn live_edges(&self) -> usize {
        self.live_edges
    }

    /// Nodes that live: those with an edge, and the root.
    pub(super) fn live_nodes(&self) -> usize {
        self.nodes().filter(|&node| !self.at(node).is_empty() || node == self.root).count()
    }

    #[inline]
    pub(super) fn is_alive(&self, edge: EdgeId) -> bool {
        self.alive[edge.index()]
    }

    /// The edges at a node.
    #[inline]
    pub(super) fn at(&self, node: NodeId) -> &[EdgeId] {
        &self.at[node.index()]
    }

    #[inline]
    pub(super) fn degree(&self, node: NodeId) -> usize {
        self.at[node.index()].len()
    }

    #[inline]
    pub(super) fn ends(&self, edge: EdgeId) -> [NodeId; 2] {
        self.ends[edge.index()]
    }

    #[inline]
    pub(super) fn other_end(&self, edge: EdgeId, node: NodeId) -> NodeId {
        let [tail, head] = self.ends[edge.index()];
        if tail == node { head } else { tail }
    }

    #[inline]
    pub(super) fn cost(&self, edge: EdgeId) -> i64 {
        self.costs[edge.index()]
    }

    pub(super) fn demand(&self, node: NodeId) -> Demand {
        self.demands[node.index()]
    }

    pub(super) fn is_required(&self, node: NodeId) -> bool {
        self.demands[node.index()] == Demand::Required
    }

    /// Whether any node may be left out at a loss.
    pub(super) fn has_prizes(&self) -> bool {
        self.demands.iter().any(|demand| demand.prize() > 0)
    }

    /// Whether a better tree may use the edge away from this end of it.
    pub(super) fn is_open_from(&self, edge: EdgeId, from: NodeId) -> bool {
        !self.closed[edge.index()][usize::from(self.ends[edge.index()][0] != from)]
    }

    /// Takes an edge out.
    pub(super) fn delete(&mut self, edge: EdgeId) {
        debug_assert!(self.alive[edge.index()]);
        self.alive[edge.index()] = false;
        self.live_edges -= 1;
        let [tail, head] = self.ends[edge.index()];
        self.changes.note(tail);
        self.changes.note(head);
        self.at[tail.index()].retain(|&other| other != edge);
        if head != tail {
            self.at[head.index()].retain(|&other| other != edge);
        }
    }

    /// Takes out a node that is in no better tree; its prize, if it has one, is lost.
    pub(super) fn delete_node(&mut self, node: NodeId) {
        for edge in std::mem::take(&mut self.at[node.index()]) {
            self.alive[edge.index()] = false;
            self.live_edges -= 1;
            let other = self.other_end(edge, node);
            self.changes.note(other);
            self.at[other.index()].retain(|&there| there != edge);
        }
        self.lose_prize(node);
    }

    /// Leaves a node's prize to be lost; the node may still be passed.
    pub(super) fn lose_prize(&mut self, node: NodeId) {
        if let Demand::Prize(prize) = self.demands[node.index()] {
            self.offset += prize;
            self.demands[node.index()] = Demand::None;
            self.changes.note(node);
        }
    }

    /// Every better tree holds this node.
    pub(super) fn require(&mut self, node: NodeId) {
        if !self.is_required(node) {
            self.demands[node.index()] = Demand::Required;
            self.changes.note(node);
        }
    }

    /// No better tree uses an edge away from this end of it; without any way left it goes.
    pub(super) fn close_from(&mut self, edge: EdgeId, from: NodeId) {
        let way = usize::from(self.ends[edge.index()][0] != from);
        self.closed[edge.index()][way] = true;
        if self.closed[edge.index()] == [true; 2] {
            self.delete(edge);
        }
    }

    /// Makes one node of an edge's two ends, the second swallowed by the first that survives; that node is returned.
    ///
    /// Right where every best tree that holds the one holds the edge: the edge rides along with the node. With prizes on
    /// both, the sum less the cost of the edge is the prize of the whole, for who loses the node saves the edge.
    pub(super) fn contract(&mut self, edge: EdgeId) -> NodeId {
        let [mut keep, mut gone] = self.ends[edge.index()];
        if gone == self.root || (keep != self.root && self.degree(gone) > self.degree(keep)) {
            std::mem::swap(&mut keep, &mut gone);
        }
        let cost = self.cost(edge);
        self.delete(edge);
        self.offset += cost;
        let merged = match (self.demands[keep.index()], self.demands[gone.index()]) {
            (Demand::Required, _) | (_, Demand::Required) => Demand::Required,
            (one, other) => {
                let whole = one.prize() + other.prize() - cost;
                debug_assert!(whole >= 0, "a node is swallowed only where that pays");
                if whole > 0 { Demand::Prize(whole) } else { Demand::None }
            }
        };
        self.demands[keep.index()] = merged;
        self.demands[gone.index()] = Demand::None;
        let riders = std::mem::take(&mut self.riders[gone.index()]);
        self.riders[keep.index()].extend(riders);
        self.riders[keep.index()].push(edge);
        self.merged.push([keep, gone]);
        for moved in std::mem::take(&mut self.at[gone.index()]) {
            let side = usize::from(self.ends[moved.index()][0] != gone);
            self.ends[moved.index()][side] = keep;
            if self.ends[moved.index()] == [keep; 2] {
                self.alive[moved.index()] = false;
                self.live_edges -= 1;
                self.at[keep.index()].retain(|&other| other != moved);
            } else {
                self.at[keep.index()].push(moved);
            }
        }
        self.drop_parallels(keep);
        self.changes.note(keep);
        keep
    }

    /// Puts what hangs on a node, `nodes` and all their edges, into the node: it is solved by a tree of these edges, which
    /// costs, with the prizes that it loses, `value`. The tree rides along with the node.
    ///
    /// Where a tree may leave the node out, it loses all the prizes, so what the tree gains is added to the node's prize.
    pub(super) fn settle(&mut self, at: NodeId, nodes: &[NodeId], tree: &[EdgeId], value: i64) {
        let lost: i64 = nodes.iter().map(|node| self.demands[node.index()].prize()).sum();
        let mut riders = std::mem::take(&mut self.riders[at.index()]);
        for &edge in tree {
            self.ends(edge).into_iter().for_each(|end| riders.append(&mut self.riders[end.index()]));
        }
        riders.extend(tree);
        self.riders[at.index()] = riders;
        self.offset += value;
        for &node in nodes {
            self.demands[node.index()] = Demand::None;
            self.delete_node(node);
        }
        if !self.is_required(at) {
            let whole = self.demands[at.index()].prize() + lost - value;
            debug_assert!(whole >= 0, "the empty tree loses no more than all prizes");
            self.demands[at.index()] = if whole > 0 { Demand::Prize(whole) } else { Demand::None };
        }
        self.changes.note(at);
    }

    /// Keeps the cheapest of the edges that lead from a node to each neighbour (the first of equals).
    pub(super) fn drop_parallels(&mut self, node: NodeId) -> bool {
        let mut ways: Vec<(NodeId, i64, EdgeId)> =
            self.at(node).iter().map(|&edge| (self.other_end(edge, node), self.cost(edge), edge)).collect();
        ways.sort_unstable();
        let mut dropped = false;
        for pair in ways.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            self.delete(pair[1].2);
            dropped = true;
        }
        dropped
    }

    /// Adds an edge that stands for two others, which meet at `via`; the cheaper of it and one that is there stays.
    ///
    /// `saved` is what a tree gains by passing the node (its prize). Nothing is added for a way that leads back.
    pub(super) fn join(&mut self, one: EdgeId, other: EdgeId, via: NodeId, saved: i64) -> Option<EdgeId> {
        let (from, to) = (self.other_end(one, via), self.other_end(other, via));
        let cost = self.cost(one) + self.cost(other) - saved;
        let forth = self.is_open_from(one, from) && self.is_open_from(other, via);
        let back = self.is_open_from(other, to) && self.is_open_from(one, via);
        if from == to || !(forth || back) {
            return None;
        }
        let known = self.at(from).iter().copied().find(|&edge| self.other_end(edge, from) == to);
        if let Some(known) = known {
            if self.cost(known) <= cost {
                return None;
            }
            self.delete(known);
        }
        let edge = EdgeId(self.ends.len() as u32);
        self.ends.push([from, to]);
        self.costs.push(cost);
        self.closed.push([!forth, !back]);
        self.alive.push(true);
        self.made_of.push(([one, other], via));
        self.at[from.index()].push(edge);
        self.at[to.index()].push(edge);
        self.live_edges += 1;
        self.changes.note(from);
        self.changes.note(to);
        Some(edge)
    }

    /// The same with costs in so small a unit that each edge can cost a bit more, by chance: of trees that cost the same
    /// mostly one alone is best then, and one that is best now was among the best before.
    pub(super) fn without_ties(&self) -> Self {
        let mut fine = self.clone();
        let live = || self.edges().filter(|&edge| self.is_alive(edge));
        let whole: i64 = live().map(|edge| self.cost(edge)).sum();
        let unit = 1i64 << (whole.leading_zeros().saturating_sub(5)).min(40);
        // All that a tree can cost more is less than a unit of before.
        let most = (unit / (self.live_nodes() as i64 + 1)).max(1) as usize;
        let mut chance = Chance::new(0, 3, self.live_edges as u64);
        for edge in live() {
            fine.costs[edge.index()] = self.cost(edge) * unit + chance.below(most) as i64;
        }
        fine
    }

    /// The edge between two nodes, if there is one.
    pub(super) fn between(&self, one: NodeId, other: NodeId) -> Option<EdgeId> {
        let (few, far) = if self.degree(one) <= self.degree(other) { (one, other) } else { (other, one) };
        self.at(few).iter().copied().find(|&edge| self.other_end(edge, few) == far)
    }

    /// The kernel as a problem; none if the required nodes are not connected, so that no better tree exists.
    pub(super) fn snapshot(&self) -> Option<Snapshot> {
        let mut number = vec![u32::MAX; self.at.len()];
        let mut nodes = vec![self.root];
        number[self.root.index()] = 0;
        for node in self.nodes().filter(|&node| node != self.root) {
            if !self.at(node).is_empty() || self.demand(node) != Demand::None {
                number[node.index()] = nodes.len() as u32;
                nodes.push(node);
            }
        }
        let edges: Vec<EdgeId> = self.edges().filter(|&edge| self.is_alive(edge)).collect();
        let ends = edges.iter().map(|&edge| self.ends(edge).map(|end| NodeId(number[end.index()]))).collect();
        let costs = edges.iter().map(|&edge| self.cost(edge)).collect();
        let closed = edges.iter().flat_map(|&edge| self.closed[edge.index()]).collect();
        let demands = nodes.iter().map(|&node| self.demand(node)).collect();
        let graph = Graph::new(nodes.len(), ends);
        let problem = SteinerProblem::new(graph, costs, demands, Some(NodeId(0))).ok()?;
        Some(Snapshot { problem, root: NodeId(0), nodes, edges, closed, offset: self.offset })
    }

    /// Adds the original edges that one edge stands for, riders aside.
    pub(super) fn originals_of(&self, edge: EdgeId, parts: &mut Vec<EdgeId>) {
        match edge.index().checked_sub(self.originals) {
            None => parts.push(edge),
            Some(made) => self.made_of[made].0.iter().for_each(|&part| self.originals_of(part, parts)),
        }
    }

    /// Pairs of nodes that were made one so far, in that order.
    pub(super) fn merged(&self) -> &[[NodeId; 2]] {
        &self.merged
    }

    /// Adds the edges that one edge took the place of, riders aside, and those that they took the place of, and so on.
    pub(super) fn predecessors_of(&self, edge: EdgeId, parts: &mut Vec<EdgeId>) {
        if let Some(made) = edge.index().checked_sub(self.originals) {
            for part in self.made_of[made].0 {
                parts.push(part);
                self.predecessors_of(part, parts);
            }
        }
    }

    /// Edges of the original problem that a tree of the kernel, or just its nodes, stands for. They connect what the
    /// tree connects, and may close rings.
    pub(super) fn lift(&self, edges: &[EdgeId]) -> Vec<EdgeId> {
        let mut used = vec![false; self.originals];
        let mut seen = vec![false; self.at.len()];
        let mut stack: Vec<EdgeId> = edges.to_vec();
        let ends = edges.iter().flat_map(|&edge| self.ends(edge));
        for node in ends.chain([self.root]) {
            if !std::mem::replace(&mut seen[node.index()], true) {
                stack.extend(&self.riders[node.index()]);
            }
        }
        while let Some(edge) = stack.pop() {
            match edge.index().checked_sub(self.originals) {
                None => used[edge.index()] = true,
                Some(made) => {
                    let (parts, via) = self.made_of[made];
                    stack.extend(parts);
                    if !std::mem::replace(&mut seen[via.index()], true) {
                        stack.extend(&self.riders[via.index()]);
                    }
                }
            }
        }
        (0..self.originals as u32).map(EdgeId).filter(|edge| used[edge.index()]).collect()
    }
}

impl Snapshot {
    /// The kernel's edges of a tree of the snapshot.
    pub(super) fn kernel_edges(&self, edges: &[EdgeId]) -> Vec<EdgeId> {
        edges.iter().map(|edge| self.edges[edge.index()]).collect()
    }

    /// Where the kernel's nodes stand here; none for those that are gone. Time: O(n) once.
    pub(super) fn numbering(&self) -> impl Fn(NodeId) -> Option<NodeId> + use<> {
        let most = self.nodes.iter().map(|node| node.index() + 1).max().unwrap_or(0);
        let mut number = vec![None; most];
        for (place, node) in self.nodes.iter().enumerate() {
            number[node.index()] = Some(NodeId(place as u32));
        }
        move |node| number.get(node.index()).copied().flatten()
    }
}
