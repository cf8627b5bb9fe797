//! A tree that hangs from its root: parents, depths, and which nodes hang below which.

use crate::graph::{EdgeId, NodeId};
use crate::problem::SteinerProblem;

/// A tree by parents. Nodes outside the tree have no parent and no place in the order.
pub(super) struct Hung {
    /// Parent and the edge that leads to it.
    pub(super) parent: Vec<Option<(NodeId, EdgeId)>>,
    /// Edges up to the root.
    pub(super) depth: Vec<u32>,
    /// Whether a node is in the tree.
    pub(super) inside: Vec<bool>,
    /// Nodes of the tree, each before what hangs below it, which follows without a gap.
    pub(super) order: Vec<NodeId>,
    /// Place of a node in the order.
    pub(super) place: Vec<u32>,
    /// Number of nodes that hang below a node, itself included.
    pub(super) size: Vec<u32>,
    /// The uppermost node of the heavy path that a node is on.
    heavy: Vec<NodeId>,
}

impl Hung {
    /// Hangs up a tree. Time: O(n).
    pub(super) fn new(problem: &SteinerProblem, root: NodeId, edges: &[EdgeId]) -> Self {
        let graph = problem.graph();
        let nodes = graph.node_count();
        let rows = Rows::new(problem, edges);
        let mut hung = Self {
            parent: vec![None; nodes],
            depth: vec![0; nodes],
            inside: vec![false; nodes],
            order: Vec::with_capacity(edges.len() + 1),
            place: vec![0; nodes],
            size: vec![0; nodes],
            heavy: graph.nodes().collect(),
        };
        hung.inside[root.index()] = true;
        let mut stack = vec![root];
        while let Some(node) = stack.pop() {
            hung.place[node.index()] = hung.order.len() as u32;
            hung.order.push(node);
            for &edge in rows.at(node) {
                let next = graph.other_end(edge, node);
                if !hung.inside[next.index()] {
                    hung.inside[next.index()] = true;
                    hung.parent[next.index()] = Some((node, edge));
                    hung.depth[next.index()] = hung.depth[node.index()] + 1;
                    stack.push(next);
                }
            }
        }
        let mut largest: Vec<Option<NodeId>> = vec![None; nodes];
        for &node in hung.order.iter().rev() {
            hung.size[node.index()] += 1;
            if let Some((parent, _)) = hung.parent[node.index()] {
                hung.size[parent.index()] += hung.size[node.index()];
                let known = &mut largest[parent.index()];
                if known.is_none_or(|known| hung.size[known.index()] < hung.size[node.index()]) {
                    *known = Some(node);
                }
            }
        }
        for &node in &hung.order {
            if let Some(below) = largest[node.index()] {
                hung.heavy[below.index()] = hung.heavy[node.index()];
            }
        }
        hung
    }

    /// Whether `node` hangs below `above` or is it.
    pub(super) fn is_below(&self, node: NodeId, above: NodeId) -> bool {
        let start = self.place[above.index()];
        (start..start + self.size[above.index()]).contains(&self.place[node.index()])
    }

    /// The lowest node that both hang below. Time: O(log n).
    pub(super) fn meeting(&self, mut one: NodeId, mut other: NodeId) -> NodeId {
        loop {
            let [top, beside] = [one, other].map(|node| self.heavy[node.index()]);
            if top == beside {
                return if self.depth[one.index()] < self.depth[other.index()] { one } else { other };
            }
            let lower = if self.depth[top.index()] >= self.depth[beside.index()] { &mut one } else { &mut other };
            let above = self.parent[self.heavy[lower.index()].index()];
            *lower = above.expect("only the root has no parent, and it is on one path").0;
        }
    }
}

/// The edges of a tree at each node, as compressed rows.
struct Rows {
    first: Vec<u32>,
    edges: Vec<EdgeId>,
}

impl Rows {
    fn new(problem: &SteinerProblem, edges: &[EdgeId]) -> Self {
        let graph = problem.graph();
        let mut first = vec![0u32; graph.node_count() + 1];
        for end in edges.iter().flat_map(|&edge| graph.ends(edge)) {
            first[end.index() + 1] += 1;
        }
        for node in 0..graph.node_count() {
            first[node + 1] += first[node];
        }
        let mut next = first.clone();
        let mut rows = vec![EdgeId(0); 2 * edges.len()];
        for &edge in edges {
            for end in graph.ends(edge) {
                rows[next[end.index()] as usize] = edge;
                next[end.index()] += 1;
            }
        }
        Self { first, edges: rows }
    }

    fn at(&self, node: NodeId) -> &[EdgeId] {
        &self.edges[self.first[node.index()] as usize..self.first[node.index() + 1] as usize]
    }
}
