//! Contraction of what a solver need not see: dead ends, chains of nodes of degree two, dearer parallel chains.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::graph::{EdgeId, Graph, NodeId, UnionFind};

/// A smaller graph with the same Steiner trees of least cost on the kept nodes, and the way back.
#[derive(Clone, Debug)]
pub struct Contracted {
    /// The smaller graph.
    pub graph: Graph,
    /// Cost of each of its edges.
    pub costs: Vec<i64>,
    /// Edges of the original graph that each of its edges stands for, in order from its first end to its second.
    pub chains: Vec<Vec<EdgeId>>,
    /// Its node for each node of the original graph that is still one.
    pub node: Vec<Option<NodeId>>,
}

/// Removes loops, dead ends and whole parts without a kept node, joins the two edges at nodes of degree two that need not
/// be kept, and keeps the cheapest (the first of equals) of parallel chains, until nothing of this is left to do.
///
/// Costs must not be negative: only then is a tree never the better for a dead end or a loop.
/// Time: O(m log m) a round, where each round but the first begins with the edges that the one before it left.
#[must_use]
pub fn contract(graph: &Graph, costs: &[i64], keep: &[bool]) -> Contracted {
    let mut so_far = round(graph, costs, keep);
    loop {
        let mut kept = vec![false; so_far.graph.node_count()];
        for (new, keep) in so_far.node.iter().zip(keep) {
            if let Some(new) = new {
                kept[new.index()] |= keep;
            }
        }
        let next = round(&so_far.graph, &so_far.costs, &kept);
        if next.graph.node_count() == so_far.graph.node_count() && next.chains.len() == so_far.chains.len() {
            return so_far;
        }
        so_far = so_far.then(next);
    }
}

impl Contracted {
    /// For each edge, the least of some measure over the ways in the original graph, `graph`, that lead from its one end to
    /// its other over nodes that are no more: along the chain that it stands for, or along one that was dearer.
    ///
    /// Time: that of a search from every node that is left, over nodes that are not.
    #[must_use]
    pub fn least(&self, graph: &Graph, measure: &[i64]) -> Vec<i64> {
        let mut between: BTreeMap<(NodeId, NodeId), i64> = BTreeMap::new();
        for start in graph.nodes() {
            let Some(new) = self.node[start.index()] else { continue };
            let mut found: BTreeMap<NodeId, i64> = BTreeMap::new();
            let mut queue = BinaryHeap::from([Reverse((0, start))]);
            while let Some(Reverse((so_far, node))) = queue.pop() {
                if found.contains_key(&node) {
                    continue;
                }
                found.insert(node, so_far);
                if let Some(end) = self.node[node.index()].filter(|&end| end != new) {
                    let least = between.entry((new, end)).or_insert(so_far);
                    *least = so_far.min(*least);
                    continue;
                }
                for arc in graph.arcs(node).iter().filter(|arc| !found.contains_key(&arc.to)) {
                    queue.push(Reverse((so_far + measure[arc.edge.index()], arc.to)));
                }
            }
        }
        let of = |edge: EdgeId| {
            let [one, other] = self.graph.ends(edge);
            between.get(&(one, other)).copied().unwrap_or(0)
        };
        self.graph.edges().map(of).collect()
    }

    /// This contraction and one of its result as a single one.
    fn then(self, next: Self) -> Self {
        let mut between = vec![NodeId(0); next.graph.node_count()];
        for old in self.graph.nodes() {
            if let Some(new) = next.node[old.index()] {
                between[new.index()] = old;
            }
        }
        let expanded = |edge: EdgeId| {
            let mut at = between[next.graph.ends(edge)[0].index()];
            let mut whole = Vec::new();
            for &part in &next.chains[edge.index()] {
                let chain = self.chains[part.index()].iter().copied();
                if self.graph.ends(part)[0] == at {
                    whole.extend(chain);
                } else {
                    whole.extend(chain.rev());
                }
                at = self.graph.other_end(part, at);
            }
            whole
        };
        let chains = next.graph.edges().map(expanded).collect();
        let node = self.node.iter().map(|new| new.and_then(|new| next.node[new.index()])).collect();
        Self { graph: next.graph, costs: next.costs, chains, node }
    }
}

/// Dead ends first, then chains, then parallel chains, once each.
fn round(graph: &Graph, costs: &[i64], keep: &[bool]) -> Contracted {
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
    let first = |chain: &[EdgeId]| chain.iter().min().copied();
    chains.sort_by_key(|(ends, cost, chain)| (undirected(*ends), *cost, first(chain)));
    chains.dedup_by_key(|(ends, _, _)| undirected(*ends));
    let graph = Graph::new(old_of.len(), chains.iter().map(|(ends, _, _)| *ends).collect());
    let (costs, chains) = chains.into_iter().map(|(_, cost, chain)| (cost, chain)).unzip();
    Contracted { graph, costs, chains, node }
}

/// Which edges are left once loops and parts without a kept node are gone, and dead ends are cut off again and again.
fn without_dead_ends(graph: &Graph, keep: &[bool]) -> Vec<bool> {
    let holds_kept = parts_with_kept(graph, keep);
    let is_of_use = |[tail, head]: [NodeId; 2]| tail != head && holds_kept[tail.index()];
    let mut alive: Vec<bool> = graph.edges().map(|edge| is_of_use(graph.ends(edge))).collect();
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

/// Whether the connected part of each node holds a kept node.
fn parts_with_kept(graph: &Graph, keep: &[bool]) -> Vec<bool> {
    let mut union = UnionFind::new(graph.node_count());
    for edge in graph.edges() {
        let [tail, head] = graph.ends(edge);
        union.join(tail.index(), head.index());
    }
    let mut holds = vec![false; graph.node_count()];
    for (node, _) in keep.iter().enumerate().filter(|(_, keep)| **keep) {
        holds[union.find(node)] = true;
    }
    (0..graph.node_count()).map(|node| holds[union.find(node)]).collect()
}

/// Follows a chain from a node that stays to the next one.
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
    use proptest::prelude::*;

    use super::*;
    use crate::graph::graph;

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

    /// The dearer of two parallel chains is gone, but it is the shorter one; a dead end counts for nothing.
    #[test]
    fn least_measures_look_at_chains_that_were_dearer() {
        let pair = graph(4, &[(0, 1), (0, 2), (2, 1), (0, 1), (2, 3)]);
        let small = contract(&pair, &[5, 2, 2, 7, 1], &[true, true, false, false]);
        assert_eq!(small.least(&pair, &[30, 20, 20, 10, 1]), [10]);
        assert_eq!(small.least(&pair, &[50, 20, 20, 60, 1]), [40]);
    }

    #[test]
    fn a_ring_without_a_kept_node_goes() {
        let ring = graph(4, &[(0, 1), (1, 2), (2, 3), (3, 1)]);
        let small = contract(&ring, &[1, 1, 1, 1], &[true, false, false, false]);
        assert_eq!((small.graph.node_count(), small.graph.edge_count()), (1, 0));
        assert_eq!(small.node, vec![Some(NodeId(0)), None, None, None]);
    }

    #[test]
    fn a_part_without_a_kept_node_goes() {
        let parts = graph(6, &[(0, 1), (2, 3), (2, 4), (2, 5), (3, 4), (4, 5), (3, 5)]);
        let small = contract(&parts, &[1; 7], &[true, true, false, false, false, false]);
        assert_eq!((small.graph.node_count(), small.graph.edge_count()), (2, 1));
    }

    #[test]
    fn a_chain_of_bubbles_becomes_one_edge_in_order() {
        // 0 = 1 = 2 - 3 where `=` are two parallel edges; what is left of them is a chain only in the second round.
        let bubbles = graph(4, &[(1, 0), (0, 1), (2, 1), (1, 2), (3, 2)]);
        let small = contract(&bubbles, &[4, 3, 2, 5, 1], &[true, false, false, true]);
        assert_eq!((small.costs, small.chains), (vec![6], vec![vec![EdgeId(1), EdgeId(2), EdgeId(4)]]));
    }

    /// Graphs of up to 7 nodes and 14 edges, with costs, and which nodes are kept.
    fn small_graphs() -> impl Strategy<Value = (Graph, Vec<i64>, Vec<bool>)> {
        (2u32..8).prop_flat_map(|nodes| {
            let edges = prop::collection::vec(((0..nodes, 0..nodes), 0i64..20), 0..15);
            (edges, prop::collection::vec(prop::bool::weighted(0.4), nodes as usize)).prop_map(move |(edges, keep)| {
                let (ends, costs): (Vec<(u32, u32)>, Vec<i64>) = edges.into_iter().unzip();
                (graph(nodes as usize, &ends), costs, keep)
            })
        })
    }

    /// Least cost of connecting the nodes of `wanted`, by trying every set of other nodes; `None` where it is impossible.
    fn steiner_optimum(graph: &Graph, costs: &[i64], wanted: &[usize]) -> Option<i64> {
        let count = graph.node_count();
        let tries = (0u32..1 << count).filter(|set| wanted.iter().all(|&node| set >> node & 1 == 1));
        tries.filter_map(|set| spanning_tree(graph, costs, |node| set >> node & 1 == 1)).min()
    }

    fn spanning_tree(graph: &Graph, costs: &[i64], holds: impl Fn(usize) -> bool) -> Option<i64> {
        let mut edges: Vec<EdgeId> =
            graph.edges().filter(|&edge| graph.ends(edge).iter().all(|end| holds(end.index()))).collect();
        edges.sort_by_key(|edge| costs[edge.index()]);
        let mut union = UnionFind::new(graph.node_count());
        let mut parts = (0..graph.node_count()).filter(|&node| holds(node)).count();
        let mut cost = 0;
        for edge in edges {
            let [tail, head] = graph.ends(edge);
            if union.join(tail.index(), head.index()) {
                parts -= 1;
                cost += costs[edge.index()];
            }
        }
        (parts <= 1).then_some(cost)
    }

    proptest! {
        #[test]
        fn steiner_trees_of_any_kept_nodes_cost_what_they_did((graph, costs, keep) in small_graphs(), some in any::<u8>()) {
            let small = contract(&graph, &costs, &keep);
            let wanted: Vec<usize> = (0..keep.len()).filter(|&node| keep[node] && some >> node & 1 == 1).collect();
            let there = |&node: &usize| small.node[node].expect("kept nodes stay").index();
            let wanted_there: Vec<usize> = wanted.iter().map(there).collect();
            prop_assert_eq!(
                steiner_optimum(&graph, &costs, &wanted),
                steiner_optimum(&small.graph, &small.costs, &wanted_there)
            );
        }

        #[test]
        fn every_chain_is_a_path_between_its_ends_at_its_cost((graph, costs, keep) in small_graphs()) {
            let small = contract(&graph, &costs, &keep);
            for edge in small.graph.edges() {
                let chain = &small.chains[edge.index()];
                prop_assert_eq!(small.costs[edge.index()], chain.iter().map(|part| costs[part.index()]).sum::<i64>());
                let [tail, head] = small.graph.ends(edge);
                let mut at = graph.nodes().find(|old| small.node[old.index()] == Some(tail)).expect("a node stands for one");
                for &part in chain {
                    prop_assert!(graph.ends(part).contains(&at));
                    at = graph.other_end(part, at);
                }
                prop_assert_eq!(small.node[at.index()], Some(head));
            }
        }

        #[test]
        fn nothing_is_left_to_contract((graph, costs, keep) in small_graphs()) {
            let small = contract(&graph, &costs, &keep);
            let kept: Vec<bool> = small.graph.nodes()
                .map(|new| small.node.iter().zip(&keep).any(|(node, keep)| *node == Some(new) && *keep))
                .collect();
            let again = contract(&small.graph, &small.costs, &kept);
            prop_assert_eq!(again.graph.edge_count(), small.graph.edge_count());
            prop_assert!(small.graph.nodes().all(|node| kept[node.index()] || small.graph.degree(node) > 2));
        }
    }
}
