//! Local search: a key path is exchanged for a cheaper way between the two parts that it joins.
//!
//! A key path leads between two nodes of the tree that are terminals or forks, over nodes that are neither. Without it the
//! tree falls into two parts; the cheapest way between them, found by a search from the smaller part that goes no
//! farther than the path's own cost, takes its place if it is cheaper.
//!
//! Source: Uchoa and Werneck (ACM JEA 17, 2012), section 3.3; there with Voronoi regions, here with bounded searches.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::effort::Effort;
use crate::graph::{EdgeId, NodeId};
use crate::problem::{Demand, SteinerProblem};

/// A part of this many nodes or more is not searched from.
const LARGEST_PART: usize = 400;

/// Exchanges key paths for as long as that helps, in rounds over the whole tree.
const ROUNDS: usize = 8;

struct Search<'a> {
    problem: &'a SteinerProblem,
    root: NodeId,
    /// Edges of the tree at each node.
    at: Vec<Vec<EdgeId>>,
    stamp: Vec<u32>,
    clock: u32,
    distance: Vec<i64>,
    reached: Vec<u32>,
    from: Vec<Option<EdgeId>>,
    /// Nodes where the tree has changed since they were looked at.
    changed: Vec<bool>,
}

/// Edges of a tree that no exchange of one key path makes cheaper, or the best found in time.
///
/// Time: O(rounds (sum of smaller parts + bounded searches)).
pub(super) fn exchange(problem: &SteinerProblem, root: NodeId, edges: &[EdgeId], effort: &Effort) -> Vec<EdgeId> {
    let nodes = problem.graph().node_count();
    let mut search = Search {
        problem,
        root,
        at: vec![Vec::new(); nodes],
        stamp: vec![0; nodes],
        clock: 0,
        distance: vec![0; nodes],
        reached: vec![0; nodes],
        from: vec![None; nodes],
        changed: vec![true; nodes],
    };
    for &edge in edges {
        problem.graph().ends(edge).iter().for_each(|end| search.at[end.index()].push(edge));
    }
    for _ in 0..ROUNDS {
        let mut improved = false;
        for node in problem.graph().nodes() {
            if effort.deadline.passed() {
                return search.edges();
            }
            if !std::mem::take(&mut search.changed[node.index()]) {
                continue;
            }
            let mut place = 0;
            while place < search.at[node.index()].len() && search.is_key(node) {
                let edge = search.at[node.index()][place];
                improved |= search.try_path(node, edge);
                place += 1;
            }
        }
        if !improved {
            break;
        }
    }
    search.edges()
}

impl Search<'_> {
    fn edges(&self) -> Vec<EdgeId> {
        let mut edges: Vec<EdgeId> = self.at.iter().flatten().copied().collect();
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    fn in_tree(&self, node: NodeId) -> bool {
        !self.at[node.index()].is_empty() || node == self.root
    }

    fn is_key(&self, node: NodeId) -> bool {
        let wanted = self.problem.demands()[node.index()] != Demand::None || node == self.root;
        self.in_tree(node) && (wanted || self.at[node.index()].len() != 2)
    }

    /// The key path that begins at a key node with this edge, and its far end.
    fn path(&self, start: NodeId, first: EdgeId) -> (NodeId, Vec<EdgeId>) {
        let graph = self.problem.graph();
        let mut path = vec![first];
        let mut node = graph.other_end(first, start);
        while !self.is_key(node) {
            let last = path[path.len() - 1];
            let here = &self.at[node.index()];
            let next = if here[0] == last { here[1] } else { here[0] };
            path.push(next);
            node = graph.other_end(next, node);
        }
        (node, path)
    }

    fn cut(&mut self, edge: EdgeId) {
        for end in self.problem.graph().ends(edge) {
            self.at[end.index()].retain(|&other| other != edge);
        }
    }

    fn tie(&mut self, edge: EdgeId) {
        for end in self.problem.graph().ends(edge) {
            self.at[end.index()].push(edge);
        }
    }

    /// Exchanges one key path if that helps.
    fn try_path(&mut self, start: NodeId, first: EdgeId) -> bool {
        let (end, path) = self.path(start, first);
        if end < start && self.changed[end.index()] {
            // It is looked at from its other end.
            return false;
        }
        let cost: i64 = path.iter().map(|&edge| self.problem.cost(edge)).sum();
        if cost == 0 {
            return false;
        }
        path.iter().for_each(|&edge| self.cut(edge));
        let better = self.smaller_part(start, end).and_then(|part| self.cheaper_way(&part, cost));
        let improved = better.is_some();
        if let Some(way) = &better {
            let graph = self.problem.graph();
            for node in way.iter().chain(&path).flat_map(|&edge| graph.ends(edge)) {
                self.changed[node.index()] = true;
            }
        }
        better.unwrap_or(path).into_iter().for_each(|edge| self.tie(edge));
        improved
    }

    /// Nodes of the smaller part, found by walking both parts in turn; they are stamped.
    fn smaller_part(&mut self, one: NodeId, other: NodeId) -> Option<Vec<NodeId>> {
        let graph = self.problem.graph();
        self.clock += 2;
        let marks = [self.clock - 1, self.clock];
        let mut parts = [vec![one], vec![other]];
        let mut next = [0, 0];
        self.stamp[one.index()] = marks[0];
        self.stamp[other.index()] = marks[1];
        loop {
            for side in 0..2 {
                let Some(&node) = parts[side].get(next[side]) else {
                    self.clock = marks[1];
                    let part = std::mem::take(&mut parts[side]);
                    self.clock += 1;
                    part.iter().for_each(|node| self.stamp[node.index()] = self.clock);
                    return Some(part);
                };
                next[side] += 1;
                for &edge in &self.at[node.index()] {
                    let to = graph.other_end(edge, node);
                    if self.stamp[to.index()] != marks[side] {
                        self.stamp[to.index()] = marks[side];
                        parts[side].push(to);
                    }
                }
                if parts[side].len() > LARGEST_PART {
                    return None;
                }
            }
        }
    }

    /// The cheapest way from the stamped part to the rest of the tree, if it costs less than `limit`.
    fn cheaper_way(&mut self, part: &[NodeId], limit: i64) -> Option<Vec<EdgeId>> {
        let graph = self.problem.graph();
        let mark = self.clock;
        let mut queue = BinaryHeap::new();
        for &node in part {
            self.distance[node.index()] = 0;
            self.reached[node.index()] = mark;
            self.from[node.index()] = None;
            queue.push(Reverse((0i64, node)));
        }
        while let Some(Reverse((so_far, node))) = queue.pop() {
            if so_far > self.distance[node.index()] {
                continue;
            }
            if self.stamp[node.index()] != mark && self.in_tree(node) {
                return Some(self.way_to(node));
            }
            for arc in graph.arcs(node) {
                let through = so_far + self.problem.cost(arc.edge);
                let known = self.reached[arc.to.index()] == mark;
                if through < limit && (!known || through < self.distance[arc.to.index()]) {
                    self.reached[arc.to.index()] = mark;
                    self.distance[arc.to.index()] = through;
                    self.from[arc.to.index()] = Some(arc.edge);
                    queue.push(Reverse((through, arc.to)));
                }
            }
        }
        None
    }

    fn way_to(&self, end: NodeId) -> Vec<EdgeId> {
        let mut way = Vec::new();
        let mut node = end;
        while let Some(edge) = self.from[node.index()] {
            way.push(edge);
            node = self.problem.graph().other_end(edge, node);
        }
        way
    }
}
