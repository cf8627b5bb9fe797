//! The few nearest terminals of each node, and bottlenecks between terminals.
//!
//! A walk from one node to a terminal near it, on from terminal to terminal along their minimum spanning tree, and from one
//! near the other node to that: the dearest stretch of it bounds the special distance of the two nodes (see `special.rs`).
//!
//! Source: Duin and Volgenant (Networks 19, 1989); Polzin and Vahdati (DAM 112, 2001).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::effort::Deadline;
use crate::graph::NodeId;
use crate::solver::kernel::Kernel;
use crate::solver::reduce::special::FAR;

/// Terminals kept for each node.
const NEAREST: usize = 4;

/// The nearest required nodes of each node, and the bottlenecks between those.
pub(super) struct Near {
    /// Up to [`NEAREST`] required nodes and their distances, nearest first.
    lists: Vec<[(NodeId, i64); NEAREST]>,
    counts: Vec<u8>,
    /// Forest over the required nodes: parent and the bottleneck to it; a chain up is O(log t) long.
    parent: Vec<(NodeId, i64)>,
    depth: Vec<u32>,
}

impl Near {
    /// None where the deadline passes. Time: O(m log n).
    pub(super) fn new(kernel: &Kernel, deadline: &Deadline) -> Option<Self> {
        let mut near = Self::search(kernel, NEAREST, deadline)?;
        near.span(kernel);
        Some(near)
    }

    /// The nearest required node alone of each node, without bottlenecks. None where the deadline passes. Time: O(m log n).
    pub(super) fn regions(kernel: &Kernel, deadline: &Deadline) -> Option<Self> {
        Self::search(kernel, 1, deadline)
    }

    /// Up to so many required nodes of each node.
    fn search(kernel: &Kernel, most: usize, deadline: &Deadline) -> Option<Self> {
        let nodes = kernel.nodes().count();
        let mut near = Self {
            lists: vec![[(NodeId(0), FAR); NEAREST]; nodes],
            counts: vec![0; nodes],
            parent: kernel.nodes().map(|node| (node, 0)).collect(),
            depth: vec![0; nodes],
        };
        let mut queue: BinaryHeap<Reverse<(i64, NodeId, NodeId)>> =
            kernel.nodes().filter(|&node| kernel.is_required(node)).map(|node| Reverse((0, node, node))).collect();
        let mut taken = 0u32;
        while let Some(Reverse((so_far, node, terminal))) = queue.pop() {
            taken += 1;
            if taken.is_multiple_of(4096) && deadline.passed() {
                return None;
            }
            if !near.add((node, terminal, so_far), most) || (node != terminal && kernel.is_required(node)) {
                continue;
            }
            for &edge in kernel.at(node) {
                let to = kernel.other_end(edge, node);
                if near.has_room(to, terminal, most) {
                    queue.push(Reverse((so_far + kernel.cost(edge), to, terminal)));
                }
            }
        }
        Some(near)
    }

    /// Whether a node knows fewer than so many required nodes, and not this one.
    fn has_room(&self, node: NodeId, terminal: NodeId, most: usize) -> bool {
        let known = self.of(node);
        known.len() < most && known.iter().all(|known| known.0 != terminal)
    }

    fn add(&mut self, (node, terminal, distance): (NodeId, NodeId, i64), most: usize) -> bool {
        if !self.has_room(node, terminal, most) {
            return false;
        }
        let count = self.counts[node.index()] as usize;
        self.lists[node.index()][count] = (terminal, distance);
        self.counts[node.index()] += 1;
        true
    }

    /// The nearest required nodes of a node.
    pub(super) fn of(&self, node: NodeId) -> &[(NodeId, i64)] {
        &self.lists[node.index()][..self.counts[node.index()] as usize]
    }

    /// Kruskal's algorithm over the links between regions, joined by size.
    fn span(&mut self, kernel: &Kernel) {
        let mut links: Vec<(i64, NodeId, NodeId)> = Vec::new();
        for edge in kernel.edges().filter(|&edge| kernel.is_alive(edge)) {
            let [tail, head] = kernel.ends(edge);
            if let ([one, ..], [other, ..]) = (self.of(tail), self.of(head))
                && one.0 != other.0
            {
                links.push((one.1 + kernel.cost(edge) + other.1, one.0, other.0));
            }
        }
        links.sort_unstable();
        let mut size = vec![1u32; self.parent.len()];
        for (length, one, other) in links {
            let (mut one, mut other) = (self.top(one), self.top(other));
            if one == other {
                continue;
            }
            if size[one.index()] < size[other.index()] {
                std::mem::swap(&mut one, &mut other);
            }
            size[one.index()] += size[other.index()];
            self.parent[other.index()] = (one, length);
        }
        for node in kernel.nodes() {
            let (mut at, mut depth) = (node, 0);
            while self.parent[at.index()].0 != at {
                at = self.parent[at.index()].0;
                depth += 1;
            }
            self.depth[node.index()] = depth;
        }
    }

    fn top(&self, node: NodeId) -> NodeId {
        let mut at = node;
        while self.parent[at.index()].0 != at {
            at = self.parent[at.index()].0;
        }
        at
    }

    /// Dearest link on the way between two required nodes in their minimum spanning tree. Time: O(log t).
    pub(super) fn bottleneck(&self, one: NodeId, other: NodeId) -> i64 {
        let (mut one, mut other, mut dearest) = (one, other, 0);
        while one != other {
            if self.depth[one.index()] < self.depth[other.index()] {
                std::mem::swap(&mut one, &mut other);
            }
            let (up, length) = self.parent[one.index()];
            if up == one {
                return FAR;
            }
            dearest = dearest.max(length);
            one = up;
        }
        dearest
    }

    /// A special distance by way of required nodes, at most `enough` if it can be; FAR where none is known.
    pub(super) fn between(&self, one: NodeId, other: NodeId, enough: i64) -> i64 {
        let mut least = FAR;
        for &(from, start) in self.of(one) {
            if start >= least {
                break;
            }
            for &(to, end) in self.of(other) {
                if end >= least {
                    break;
                }
                least = least.min(start.max(end).max(self.bottleneck(from, to)));
                if least <= enough {
                    return least;
                }
            }
        }
        least
    }
}
