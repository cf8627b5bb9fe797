//! Blocks: parts of a graph that no single node holds together.
//!
//! Source: Hopcroft and Tarjan, "Algorithm 447: efficient algorithms for graph manipulation" (Comm. ACM 16, 1973).

use crate::graph::{Arc, EdgeId, Graph, NodeId};

/// A largest part of a graph that hangs together without any one of its nodes; a bridge with its ends is one too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The node by which it hangs on the rest, as seen from the root; the root itself where it is in the block.
    pub at: NodeId,
    /// Its other nodes.
    pub nodes: Vec<NodeId>,
    /// Its edges.
    pub edges: Vec<EdgeId>,
}

/// A node on the way that the search has come, and how many of its arcs it has gone along.
struct Step {
    node: NodeId,
    by: Option<EdgeId>,
    done: usize,
    /// Nodes and edges on the stacks when the search came here.
    stacked: (usize, usize),
}

/// The blocks of all that hangs together with `root`, those behind a block before it. Loops are left out.
///
/// Each node but the root is among the `nodes` of exactly one block. Time: O(n + m).
#[must_use]
pub fn blocks(graph: &Graph, root: NodeId) -> Vec<Block> {
    // When each node was first seen, and the earliest that a way back from behind it leads to.
    let mut seen = vec![u32::MAX; graph.node_count()];
    let mut low = vec![u32::MAX; graph.node_count()];
    let (mut time, mut nodes, mut edges, mut found) = (0, Vec::new(), Vec::new(), Vec::new());
    (seen[root.index()], low[root.index()]) = (0, 0);
    let mut way = vec![Step { node: root, by: None, done: 0, stacked: (0, 0) }];
    while let Some(step) = way.last_mut() {
        let node = step.node;
        if let Some(&Arc { to, edge }) = graph.arcs(node).get(step.done) {
            step.done += 1;
            if Some(edge) == step.by || to == node {
                continue;
            }
            if seen[to.index()] == u32::MAX {
                time += 1;
                (seen[to.index()], low[to.index()]) = (time, time);
                way.push(Step { node: to, by: Some(edge), done: 0, stacked: (nodes.len(), edges.len()) });
                nodes.push(to);
                edges.push(edge);
            } else if seen[to.index()] < seen[node.index()] {
                low[node.index()] = low[node.index()].min(seen[to.index()]);
                edges.push(edge);
            }
            continue;
        }
        let stacked = step.stacked;
        way.pop();
        let Some(Step { node: before, .. }) = way.last() else { break };
        if low[node.index()] >= seen[before.index()] {
            found.push(Block { at: *before, nodes: nodes.split_off(stacked.0), edges: edges.split_off(stacked.1) });
        } else {
            low[before.index()] = low[before.index()].min(low[node.index()]);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::graph::{UnionFind, graph};

    #[test]
    fn a_triangle_a_bridge_and_a_double_edge_are_told_apart() {
        // 0, 1 and 2 are a triangle; a bridge leads from 1 to 3, and two edges from 3 to 4.
        let graph = graph(5, &[(0, 1), (1, 2), (2, 0), (1, 3), (3, 4), (4, 3)]);
        let found = blocks(&graph, NodeId(0));
        let told: Vec<(u32, Vec<u32>, Vec<u32>)> = found
            .iter()
            .map(|block| {
                let mut edges: Vec<u32> = block.edges.iter().map(|edge| edge.0).collect();
                edges.sort_unstable();
                (block.at.0, block.nodes.iter().map(|node| node.0).collect(), edges)
            })
            .collect();
        assert_eq!(told, [(3, vec![4], vec![4, 5]), (1, vec![3], vec![3]), (0, vec![1, 2], vec![0, 1, 2])]);
    }

    /// Whether nodes hang together along these edges without one of them.
    fn hang_together(graph: &Graph, nodes: &[NodeId], edges: &[EdgeId], without: Option<NodeId>) -> bool {
        let mut union = UnionFind::new(graph.node_count());
        for &edge in edges {
            let [tail, head] = graph.ends(edge);
            if ![tail, head].iter().any(|&end| Some(end) == without) {
                union.join(tail.index(), head.index());
            }
        }
        let mut sets: Vec<usize> =
            nodes.iter().filter(|&&node| Some(node) != without).map(|node| union.find(node.index())).collect();
        sets.dedup();
        sets.len() <= 1
    }

    proptest! {
        #[test]
        fn no_node_holds_a_block_together_and_every_other_ring_is_in_one(
            nodes in 2u32..9,
            ends in prop::collection::vec((0u32..9, 0u32..9), 1..16),
        ) {
            let ends: Vec<(u32, u32)> = ends.iter().map(|&(tail, head)| (tail % nodes, head % nodes)).collect();
            let graph = graph(nodes as usize, &ends);
            let found = blocks(&graph, NodeId(0));
            let (mut in_blocks, mut as_own) = (vec![0; graph.edge_count()], vec![0; nodes as usize]);
            for block in &found {
                block.edges.iter().for_each(|edge| in_blocks[edge.index()] += 1);
                block.nodes.iter().for_each(|node| as_own[node.index()] += 1);
                let all: Vec<NodeId> = block.nodes.iter().copied().chain([block.at]).collect();
                for without in all.iter().copied().map(Some).chain([None]) {
                    prop_assert!(hang_together(&graph, &all, &block.edges, without));
                }
            }
            let everything: Vec<EdgeId> = graph.edges().collect();
            let reached = |node: NodeId| hang_together(&graph, &[NodeId(0), node], &everything, None);
            for edge in graph.edges() {
                let [tail, head] = graph.ends(edge);
                prop_assert_eq!(in_blocks[edge.index()], i32::from(tail != head && reached(tail)));
            }
            for node in graph.nodes() {
                prop_assert_eq!(as_own[node.index()], i32::from(node != NodeId(0) && reached(node)));
            }
            // Blocks could be too small: two that share a node hang together by nothing else.
            for (place, one) in found.iter().enumerate() {
                for other in &found[place + 1..] {
                    let shared = |node: &&NodeId| **node == other.at || other.nodes.contains(node);
                    let both: Vec<&NodeId> = one.nodes.iter().chain([&one.at]).filter(shared).collect();
                    prop_assert!(both.len() <= 1);
                    if let &[&by] = both.as_slice() {
                        let end = |block: &Block| block.nodes.iter().copied().chain([block.at]).find(|&node| node != by);
                        let ends = [end(one), end(other)].map(|end| end.expect("a block has two nodes"));
                        prop_assert!(!hang_together(&graph, &ends, &everything, Some(by)));
                    }
                }
            }
        }
    }
}
