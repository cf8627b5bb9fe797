//! Nodes, edges and paths: topology only; weights come as slices by edge id.

use std::fmt;

pub mod blocks;
pub mod contract;
pub mod disjoint;
pub mod paths;
mod union_find;
pub use union_find::UnionFind;

/// A node of a [`Graph`], counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// An undirected edge of a [`Graph`], counted from 0 in the order of building.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeId(pub u32);

/// One end of an edge, seen from the other: where it leads and which edge it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arc {
    /// The node at the far end.
    pub to: NodeId,
    /// The edge that leads there.
    pub edge: EdgeId,
}

/// An undirected multigraph that is fixed once built, as compressed rows.
///
/// Arcs of a node are in order of edge id. Loops appear twice in their node's row.
#[derive(Clone, Debug)]
pub struct Graph {
    ends: Vec<[NodeId; 2]>,
    first: Vec<u32>,
    arcs: Vec<Arc>,
}

impl NodeId {
    /// The id as an index into vectors by node.
    #[inline]
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl EdgeId {
    /// The id as an index into vectors by edge.
    #[inline]
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "node {}", self.0)
    }
}

impl fmt::Display for EdgeId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "edge {}", self.0)
    }
}

impl Graph {
    /// A graph of so many nodes and these edges.
    ///
    /// Time: O(n + m).
    ///
    /// # Panics
    /// If an edge names a node that is not there, or there are 2^31 edges or more.
    #[must_use]
    pub fn new(node_count: usize, ends: Vec<[NodeId; 2]>) -> Self {
        assert!(ends.len() < (1 << 31), "edge ids have 31 bits");
        let mut first = vec![0u32; node_count + 1];
        for end in ends.iter().flatten() {
            first[end.index() + 1] += 1;
        }
        for node in 0..node_count {
            first[node + 1] += first[node];
        }
        let mut next = first.clone();
        let mut arcs = vec![Arc { to: NodeId(0), edge: EdgeId(0) }; 2 * ends.len()];
        for (edge, &[tail, head]) in ends.iter().enumerate() {
            for (from, to) in [(tail, head), (head, tail)] {
                let slot = &mut next[from.index()];
                arcs[*slot as usize] = Arc { to, edge: EdgeId(edge as u32) };
                *slot += 1;
            }
        }
        Self { ends, first, arcs }
    }

    /// Number of nodes.
    #[inline]
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.first.len() - 1
    }

    /// Number of edges.
    #[inline]
    #[must_use]
    pub fn edge_count(&self) -> usize {
        self.ends.len()
    }

    /// The two ends of an edge, in the order of building.
    #[inline]
    #[must_use]
    pub fn ends(&self, edge: EdgeId) -> [NodeId; 2] {
        self.ends[edge.index()]
    }

    /// The end of `edge` that is not `node` (for a loop, `node` itself).
    #[inline]
    #[must_use]
    pub fn other_end(&self, edge: EdgeId, node: NodeId) -> NodeId {
        let [tail, head] = self.ends(edge);
        if tail == node { head } else { tail }
    }

    /// The arcs that leave a node, in order of edge id.
    #[inline]
    #[must_use]
    pub fn arcs(&self, node: NodeId) -> &[Arc] {
        &self.arcs[self.first[node.index()] as usize..self.first[node.index() + 1] as usize]
    }

    /// The number of a directed arc that leaves a node: arc 2e leads from the first to the second end of edge e, 2e + 1
    /// back. The same arc the other way has the last bit flipped.
    #[inline]
    #[must_use]
    pub fn outgoing(&self, node: NodeId, arc: Arc) -> usize {
        2 * arc.edge.index() + usize::from(self.ends(arc.edge)[1] == node)
    }

    /// The number of the directed arc that enters a node over an edge at it.
    #[inline]
    #[must_use]
    pub fn incoming(&self, node: NodeId, arc: Arc) -> usize {
        2 * arc.edge.index() + usize::from(self.ends(arc.edge)[0] == node)
    }

    /// The node that a directed arc leads to, by the arc's number.
    #[inline]
    #[must_use]
    pub fn head(&self, arc: usize) -> NodeId {
        self.ends[arc / 2][1 - arc % 2]
    }

    /// The node that a directed arc comes from, by the arc's number.
    #[inline]
    #[must_use]
    pub fn tail(&self, arc: usize) -> NodeId {
        self.ends[arc / 2][arc % 2]
    }

    /// Number of edge ends at a node.
    #[inline]
    #[must_use]
    pub fn degree(&self, node: NodeId) -> usize {
        self.arcs(node).len()
    }

    /// All nodes in order.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.node_count() as u32).map(NodeId)
    }

    /// All edges in order.
    pub fn edges(&self) -> impl Iterator<Item = EdgeId> + use<> {
        (0..self.edge_count() as u32).map(EdgeId)
    }
}

/// A graph with edges between these nodes.
#[cfg(test)]
fn graph(nodes: usize, ends: &[(u32, u32)]) -> Graph {
    Graph::new(nodes, ends.iter().map(|&(one, other)| [NodeId(one), NodeId(other)]).collect())
}
