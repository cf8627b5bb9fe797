//! Connected parts, and cheapest paths that do not go far.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::graph::{EdgeId, Graph, NodeId, UnionFind};

/// Connected component of each node, counted from 0 in order of falling number of nodes (ties by smallest node).
///
/// Time: O(n log n + m).
#[must_use]
pub fn components(graph: &Graph) -> Vec<u32> {
    let mut union = UnionFind::new(graph.node_count());
    for edge in graph.edges() {
        let [tail, head] = graph.ends(edge);
        union.join(tail.index(), head.index());
    }
    let roots: Vec<usize> = (0..graph.node_count()).map(|node| union.find(node)).collect();
    let mut size = vec![0u32; graph.node_count()];
    for &root in &roots {
        size[root] += 1;
    }
    let mut order: Vec<usize> = (0..graph.node_count()).filter(|&node| size[node] > 0).collect();
    order.sort_by_key(|&root| (Reverse(size[root]), root));
    let mut rank = vec![0u32; graph.node_count()];
    for (place, &root) in order.iter().enumerate() {
        rank[root] = place as u32;
    }
    roots.iter().map(|&root| rank[root]).collect()
}

/// Least cost from any of the starts (each with what it costs to begin there) to the nodes around them.
///
/// Nodes that cost more than `limit` are not looked at, nor more than the `most` nearest: the answer is exact for every
/// node in it, and a node that is missing is farther than the limit or too many others are nearer. Costs must not be
/// negative. Dijkstra's algorithm; time: O(k log k) for k edges at the nodes found, whatever the size of the graph.
#[must_use]
pub fn around(
    graph: &Graph,
    costs: &[i64],
    starts: &[(NodeId, i64)],
    limit: i64,
    most: usize,
) -> BTreeMap<NodeId, i64> {
    let mut found = BTreeMap::new();
    let mut queue: BinaryHeap<Reverse<(i64, NodeId)>> =
        starts.iter().filter(|(_, cost)| *cost <= limit).map(|&(node, cost)| Reverse((cost, node))).collect();
    while let Some(Reverse((so_far, node))) = queue.pop() {
        if found.contains_key(&node) {
            continue;
        }
        if found.len() >= most {
            break;
        }
        found.insert(node, so_far);
        for arc in graph.arcs(node) {
            let cost = so_far.saturating_add(costs[arc.edge.index()]);
            if cost <= limit && !found.contains_key(&arc.to) {
                queue.push(Reverse((cost, arc.to)));
            }
        }
    }
    found
}

/// Least cost to each node from any of the starts (each with what it costs to begin there), `i64::MAX` where none leads.
///
/// Paths go on only from nodes that `is_passed` allows. Costs must not be negative. Dijkstra's algorithm; time: O(m log n).
#[must_use]
pub fn distances(
    graph: &Graph,
    cost: impl Fn(EdgeId) -> i64,
    starts: impl IntoIterator<Item = (NodeId, i64)>,
    is_passed: impl Fn(NodeId) -> bool,
) -> Vec<i64> {
    let mut least = vec![i64::MAX; graph.node_count()];
    let mut queue = BinaryHeap::new();
    for (start, cost) in starts {
        if cost < least[start.index()] {
            least[start.index()] = cost;
            queue.push(Reverse((cost, start)));
        }
    }
    while let Some(Reverse((so_far, node))) = queue.pop() {
        if so_far > least[node.index()] || !is_passed(node) {
            continue;
        }
        for arc in graph.arcs(node) {
            let through = so_far + cost(arc.edge);
            if through < least[arc.to.index()] {
                least[arc.to.index()] = through;
                queue.push(Reverse((through, arc.to)));
            }
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::graph;

    #[test]
    fn the_largest_part_is_counted_first() {
        let parts = graph(6, &[(0, 1), (2, 3), (3, 4)]);
        assert_eq!(components(&parts), vec![1, 1, 0, 0, 0, 2]);
    }

    #[test]
    fn paths_do_not_lead_over_nodes_that_are_not_passed() {
        let ring = graph(5, &[(0, 1), (1, 2), (2, 3), (3, 0)]);
        let from = |is_passed: &dyn Fn(NodeId) -> bool| distances(&ring, |_| 5, [(NodeId(0), 1)], is_passed);
        assert_eq!(from(&|_| true), [1, 6, 11, 6, i64::MAX]);
        assert_eq!(from(&|node| node.0 == 0), [1, 6, i64::MAX, 6, i64::MAX]);
    }

    #[test]
    fn nodes_beyond_the_limit_are_not_found() {
        let path = graph(4, &[(0, 1), (1, 2), (2, 3)]);
        let found = around(&path, &[5, 5, 5], &[(NodeId(0), 1)], 11, 100);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), vec![(NodeId(0), 1), (NodeId(1), 6), (NodeId(2), 11)]);
    }

    #[test]
    fn the_cheaper_of_two_starts_counts() {
        let ring = graph(3, &[(0, 1), (1, 2), (2, 0)]);
        let found = around(&ring, &[10, 1, 4], &[(NodeId(0), 0), (NodeId(1), 2)], 100, 100);
        assert_eq!(found.into_values().collect::<Vec<_>>(), vec![0, 2, 3]);
    }

    #[test]
    fn the_search_stops_after_so_many_nodes() {
        let star = graph(5, &[(0, 1), (0, 2), (0, 3), (0, 4)]);
        assert_eq!(around(&star, &[1; 4], &[(NodeId(0), 0)], 9, 3).len(), 3);
    }
}
