//! Contraction of what a solver need not see: dead ends, chains of nodes of degree two, dearer parallel chains.

use crate::graph::{EdgeId, Graph, NodeId};

/// A smaller graph with the same Steiner trees of least cost on the kept nodes, and the way back.
#[derive(Clone, Debug)]
pub struct Contracted {
    /// The smaller graph.
    pub graph: Graph,
    /// Cost of each of its edges.
    pub costs: Vec<i64>,
    /// Edges of the original graph that each of its edges stands for, in order along it.
    pub chains: Vec<Vec<EdgeId>>,
    /// Its node for each node of the original graph that is still one.
    pub node: Vec<Option<NodeId>>,
}

/// Removes dead ends without a kept node, joins the two edges at nodes of degree two that need not be kept, and keeps
/// the cheapest (the first of equals) of parallel chains. One round of each; time: O(m log m).
#[must_use]
pub fn contract(graph: &Graph, costs: &[i64], keep: &[bool]) -> Contracted {
    let alive = without_dead_ends(graph, keep);
    let degree = |node: NodeId| graph.arcs(node).iter().filter(|arc| alive[arc.edge.index()]).count();
    let mut node = vec![None; graph.node_count()];
    let mut old_of: Vec<NodeId> = Vec::new();
    for old in graph.nodes() {
        if keep[old.index()] || !matches!(degree(old), 0 | 2) {
            node[old.index()] = Some(NodeId(old_of.len() as u32));
            old_of.push(old);
        }
    }
    let mut used = vec![false; graph.edge_count()];
    let mut chains: Vec<([NodeId; 2], i64, Vec<EdgeId>)> = Vec::new();
    for &start in &old_of {
        for arc in graph.arcs(start).iter().filter(|arc| alive[arc.edge.index()]) {
            if used[arc.edge.index()] {
                continue;
            }
            let (end, chain) = walk(graph, &alive, &node, start, arc.edge, &mut used);
            let cost = chain.iter().map(|edge| costs[edge.index()]).sum();
            if end != start {
                let ends = [start, end].map(|old| node[old.index()].expect("chains end at nodes that stay"));
                chains.push((ends, cost, chain));
            }
        }
    }
    let undirected = |[a, b]: [NodeId; 2]| if a < b { (a, b) } else { (b, a) };
    chains.sort_by_key(|(ends, cost, chain)| (undirected(*ends), *cost, chain[0]));
    chains.dedup_by_key(|(ends, _, _)| undirected(*ends));
    let graph = Graph::new(old_of.len(), chains.iter().map(|(ends, _, _)| *ends).collect());
    let (costs, chains) = chains.into_iter().map(|(_, cost, chain)| (cost, chain)).unzip();
    Contracted { graph, costs, chains, node }
}

/// Which edges are left once ends without a kept node are cut off, again and again.
fn without_dead_ends(graph: &Graph, keep: &[bool]) -> Vec<bool> {
    let mut alive: Vec<bool> = graph.edges().map(|edge| graph.ends(edge)[0] != graph.ends(edge)[1]).collect();
    let live = |alive: &[bool], node: NodeId| graph.arcs(node).iter().filter(|arc| alive[arc.edge.index()]).count();
    let mut degree: Vec<usize> = graph.nodes().map(|node| live(&alive, node)).collect();
    let mut ends: Vec<NodeId> = graph.nodes().filter(|node| degree[node.index()] == 1 && !keep[node.index()]).collect();
    while let Some(end) = ends.pop() {
        let Some(arc) = graph.arcs(end).iter().find(|arc| alive[arc.edge.index()]) else { continue };
        alive[arc.edge.index()] = false;
        degree[end.index()] = 0;
        degree[arc.to.index()] -= 1;
        if degree[arc.to.index()] == 1 && !keep[arc.to.index()] {
            ends.push(arc.to);
        }
    }
    alive
}

fn walk(
    graph: &Graph,
    alive: &[bool],
    node: &[Option<NodeId>],
    start: NodeId,
    first: EdgeId,
    used: &mut [bool],
) -> (NodeId, Vec<EdgeId>) {
    let mut chain = vec![first];
    used[first.index()] = true;
    let mut at = graph.other_end(first, start);
    while node[at.index()].is_none() {
        let next = graph.arcs(at).iter().find(|arc| alive[arc.edge.index()] && !used[arc.edge.index()]);
        let Some(next) = next else { break };
        used[next.edge.index()] = true;
        chain.push(next.edge);
        at = next.to;
    }
    (at, chain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(nodes: usize, ends: &[(u32, u32)]) -> Graph {
        Graph::new(nodes, ends.iter().map(|&(a, b)| [NodeId(a), NodeId(b)]).collect())
    }

    #[test]
    fn a_chain_becomes_one_edge_and_its_dead_end_goes() {
        // 0 - 1 - 2 - 3 with a spur 1 - 4; nodes 0 and 3 are kept.
        let path = graph(5, &[(0, 1), (1, 2), (2, 3), (1, 4)]);
        let small = contract(&path, &[1, 2, 3, 9], &[true, false, false, true, false]);
        assert_eq!((small.graph.node_count(), small.costs), (2, vec![6]));
        assert_eq!(small.chains, vec![vec![EdgeId(0), EdgeId(1), EdgeId(2)]]);
    }

    #[test]
    fn of_parallel_chains_the_cheapest_stays() {
        let pair = graph(3, &[(0, 1), (0, 2), (2, 1), (0, 1)]);
        let small = contract(&pair, &[5, 2, 2, 7], &[true, true, false]);
        assert_eq!((small.costs, small.chains), (vec![4], vec![vec![EdgeId(1), EdgeId(2)]]));
    }

    #[test]
    fn a_ring_without_a_kept_node_goes() {
        let ring = graph(4, &[(0, 1), (1, 2), (2, 3), (3, 1)]);
        let small = contract(&ring, &[1, 1, 1, 1], &[true, false, false, false]);
        assert_eq!(small.node[0], Some(NodeId(0)));
        assert!(small.costs.iter().all(|&cost| cost >= 0));
    }
}
