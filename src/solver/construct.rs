//! Trees from shortest paths, and the best tree on given nodes.
//!
//! The shortest-path heuristic grows one tree from the root: the terminal nearest to the tree is joined by its path, again
//! and again, in one run of Dijkstra's algorithm whose distances are reset to 0 on joined paths. The nodes found are
//! then spanned by a minimum spanning tree, and branches that cost more than their prizes are cut (strong pruning).
//!
//! Source: Takahashi and Matsuyama (Math. Japonica 24, 1980); strong pruning: Johnson, Minkoff, Phillips (SODA 2000).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::graph::{EdgeId, NodeId, UnionFind};
use crate::problem::{Demand, SteinerProblem, Tree};
use crate::solver::hung::Hung;

/// Nodes of a tree that the shortest-path heuristic builds from a start; the root is one of the nodes to be joined.
///
/// Paths are measured by `costs`. With `residual` (by arc, from a dual ascent) only arcs that are used up may be taken;
/// required nodes can always be reached over those. Time: O(m log n) times the few resets.
pub(super) fn shortest_paths(
    problem: &SteinerProblem,
    (start, root): (NodeId, NodeId),
    costs: &[i64],
    residual: Option<&[i64]>,
) -> Vec<bool> {
    let graph = problem.graph();
    let mut distance = vec![i64::MAX; graph.node_count()];
    let mut from: Vec<Option<NodeId>> = vec![None; graph.node_count()];
    let mut in_tree = vec![false; graph.node_count()];
    let mut queue = BinaryHeap::new();
    distance[start.index()] = 0;
    in_tree[start.index()] = true;
    queue.push(Reverse((0i64, start)));
    while let Some(Reverse((so_far, node))) = queue.pop() {
        if so_far > distance[node.index()] {
            continue;
        }
        let wanted = match problem.demands()[node.index()] {
            Demand::Required => true,
            // Prizes that meet over used-up arcs pay for their ways together; pruning leaves out those that do not.
            Demand::Prize(prize) => residual.is_some() || so_far <= prize || node == root,
            Demand::None => node == root,
        };
        if wanted && !in_tree[node.index()] {
            let mut step = Some(node);
            while let Some(joined) = step.filter(|step| !in_tree[step.index()]) {
                in_tree[joined.index()] = true;
                distance[joined.index()] = 0;
                queue.push(Reverse((0, joined)));
                step = from[joined.index()];
            }
            continue;
        }
        for arc in graph.arcs(node) {
            let way = graph.outgoing(node, *arc);
            if in_tree[arc.to.index()] || residual.is_some_and(|residual| residual[way] > 0) {
                continue;
            }
            let through = so_far + costs[arc.edge.index()];
            if through < distance[arc.to.index()] {
                distance[arc.to.index()] = through;
                from[arc.to.index()] = Some(node);
                queue.push(Reverse((through, arc.to)));
            }
        }
    }
    in_tree
}

/// The minimum spanning tree of the nodes that hang together with the root, without branches that do not pay.
///
/// Edges in increasing order. Time: O(m log m).
pub(super) fn spanning_tree(problem: &SteinerProblem, root: NodeId, nodes: &[bool]) -> Vec<EdgeId> {
    let graph = problem.graph();
    let inside = |edge: &EdgeId| graph.ends(*edge).iter().all(|end| nodes[end.index()]);
    let mut edges: Vec<EdgeId> = graph.edges().filter(inside).collect();
    edges.sort_unstable_by_key(|&edge| (problem.cost(edge), edge));
    let mut union = UnionFind::new(graph.node_count());
    edges.retain(|&edge| {
        let [tail, head] = graph.ends(edge);
        union.join(tail.index(), head.index())
    });
    strongly_pruned(problem, root, &edges)
}

/// The [`spanning_tree`] as a tree; the root alone where it has no edge.
pub(super) fn best_tree(problem: &SteinerProblem, root: NodeId, nodes: &[bool]) -> Tree {
    let edges = spanning_tree(problem, root, nodes);
    let lone_node = edges.is_empty().then_some(root);
    Tree { edges, lone_node }
}

/// The best tree on the nodes that some edges touch: spanned anew, pruned where it does not pay.
pub(super) fn mended(problem: &SteinerProblem, root: NodeId, edges: &[EdgeId]) -> Tree {
    let mut nodes = vec![false; problem.graph().node_count()];
    nodes[root.index()] = true;
    for end in edges.iter().flat_map(|&edge| problem.graph().ends(edge)) {
        nodes[end.index()] = true;
    }
    best_tree(problem, root, &nodes)
}

/// The part of a tree that is worth its cost, from the root outwards: for every branch, prizes minus edges must exceed
/// the edge that leads to it; branches with a required node always stay. Exact on the tree; time: O(n).
pub(super) fn strongly_pruned(problem: &SteinerProblem, root: NodeId, edges: &[EdgeId]) -> Vec<EdgeId> {
    let hung = Hung::new(problem, root, edges);
    // What a branch is worth; required nodes make it priceless.
    const PRICELESS: i64 = 1 << 61;
    let mut worth: Vec<i64> = problem
        .demands()
        .iter()
        .map(|demand| match demand {
            Demand::None => 0,
            Demand::Required => PRICELESS,
            Demand::Prize(prize) => *prize,
        })
        .collect();
    let mut pays = vec![false; worth.len()];
    pays[root.index()] = true;
    for &node in hung.order.iter().rev() {
        let Some((parent, edge)) = hung.parent[node.index()] else { continue };
        let gain = worth[node.index()] - problem.cost(edge);
        if gain > 0 {
            pays[node.index()] = true;
            worth[parent.index()] = (worth[parent.index()] + gain).min(PRICELESS);
        }
    }
    let mut kept = Vec::with_capacity(edges.len());
    for &node in &hung.order {
        let Some((parent, edge)) = hung.parent[node.index()] else { continue };
        pays[node.index()] &= pays[parent.index()];
        if pays[node.index()] {
            kept.push(edge);
        }
    }
    kept.sort_unstable();
    kept
}

/// Edges of a tree that holds the root, plus prizes of nodes that it leaves out. Time: O(n).
pub(super) fn value(problem: &SteinerProblem, root: NodeId, edges: &[EdgeId]) -> i64 {
    let tree = Tree { edges: edges.to_vec(), lone_node: Some(root) };
    problem.value(&tree)
}
