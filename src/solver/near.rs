//! Numbers by nearness: nodes in the order of a breadth-first search, edges in the order of their ends.
//!
//! Searches go from node to neighbour. Where neighbours have numbers far apart, each step waits for memory: on a shuffled
//! graph of 276,649 edges reductions take three times as long, ascents and trees twice.
//!
//! Source: Cuthill and McKee (Proc. 24th ACM National Conference, 1969), without their order among equals.

use crate::graph::{EdgeId, Graph, NodeId};
use crate::problem::{SteinerProblem, Tree};

/// A problem with other numbers.
pub(super) struct Renumbered {
    /// The problem in the new numbers.
    pub(super) problem: SteinerProblem,
    /// By new number, the old one.
    nodes: Vec<NodeId>,
    edges: Vec<EdgeId>,
}

impl Renumbered {
    /// Time: O(n + m log m).
    pub(super) fn by_nearness(problem: &SteinerProblem) -> Self {
        let graph = problem.graph();
        let nodes = in_search_order(graph);
        let mut number = vec![NodeId(0); nodes.len()];
        for (new, old) in nodes.iter().enumerate() {
            number[old.index()] = NodeId(new as u32);
        }
        let ends_of = |edge: EdgeId| graph.ends(edge).map(|end| number[end.index()]);
        let mut edges: Vec<EdgeId> = graph.edges().collect();
        edges.sort_by_cached_key(|&edge| {
            let [one, other] = ends_of(edge);
            (one.min(other), one.max(other))
        });
        let ends = edges.iter().map(|&edge| ends_of(edge)).collect();
        let costs = edges.iter().map(|&edge| problem.cost(edge)).collect();
        let demands = nodes.iter().map(|node| problem.demands()[node.index()]).collect();
        let root = problem.root().map(|root| number[root.index()]);
        let problem = SteinerProblem::new(Graph::new(nodes.len(), ends), costs, demands, root)
            .expect("other numbers change nothing about a problem");
        Self { problem, nodes, edges }
    }

    /// The old number of a node.
    pub(super) fn node(&self, new: NodeId) -> NodeId {
        self.nodes[new.index()]
    }

    /// The old number of an edge.
    pub(super) fn edge(&self, new: EdgeId) -> EdgeId {
        self.edges[new.index()]
    }

    /// A tree of the new problem in the old numbers.
    pub(super) fn in_old_numbers(&self, tree: &Tree) -> Tree {
        let mut edges: Vec<EdgeId> = tree.edges.iter().map(|&edge| self.edge(edge)).collect();
        edges.sort_unstable();
        Tree { edges, lone_node: tree.lone_node.map(|node| self.node(node)) }
    }

    /// A tree of the old problem in the new numbers.
    pub(super) fn in_new_numbers(&self, tree: &Tree) -> Tree {
        let mut edges: Vec<EdgeId> = Vec::with_capacity(tree.edges.len());
        for (new, old) in self.edges.iter().enumerate() {
            if tree.edges.binary_search(old).is_ok() {
                edges.push(EdgeId(new as u32));
            }
        }
        let number = |old: NodeId| self.nodes.iter().position(|&node| node == old).map(|new| NodeId(new as u32));
        Tree { edges, lone_node: tree.lone_node.and_then(number) }
    }
}

/// All nodes, part by part, each from its first node outwards.
fn in_search_order(graph: &Graph) -> Vec<NodeId> {
    let mut seen = vec![false; graph.node_count()];
    let mut order: Vec<NodeId> = Vec::with_capacity(graph.node_count());
    let mut at = 0;
    for start in graph.nodes() {
        if !std::mem::replace(&mut seen[start.index()], true) {
            order.push(start);
        }
        while at < order.len() {
            for arc in graph.arcs(order[at]) {
                if !std::mem::replace(&mut seen[arc.to.index()], true) {
                    order.push(arc.to);
                }
            }
            at += 1;
        }
    }
    order
}
