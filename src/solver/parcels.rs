//! Division of a graph into parcels that hang together.

use std::collections::VecDeque;

use crate::graph::{Graph, NodeId};

/// No parcel at all.
pub(super) const NONE: u32 = u32::MAX;

/// By node, its parcel, and how many there are, of about so many edges each; the root is in none.
///
/// Each grows breadth first from where earlier ones ended; `turn` tells where the first begins. Time: O(n + m).
pub(super) fn parcels(graph: &Graph, root: NodeId, edges: usize, turn: usize) -> (Vec<u32>, usize) {
    let nodes = graph.node_count();
    let mut part = vec![NONE; nodes];
    // As far as can be from where earlier turns began: by the golden ratio.
    let first = (turn as f64 * 0.618_033_988_749_895).fract() * nodes as f64;
    let mut starts: VecDeque<NodeId> = (0..nodes as u32).map(|at| NodeId((first as u32 + at) % nodes as u32)).collect();
    let mut edge_of: VecDeque<NodeId> = VecDeque::new();
    let mut count = 0;
    while let Some(start) = edge_of.pop_front().or_else(|| starts.pop_front()) {
        if part[start.index()] != NONE || start == root {
            continue;
        }
        let here = count as u32;
        let mut queue = VecDeque::from([start]);
        part[start.index()] = here;
        let (mut members, mut size) = (vec![start], 0);
        while let Some(node) = queue.pop_front() {
            size += graph.degree(node);
            if size / 2 >= edges {
                queue.push_front(node);
                break;
            }
            for arc in graph.arcs(node) {
                if part[arc.to.index()] == NONE && arc.to != root {
                    part[arc.to.index()] = here;
                    members.push(arc.to);
                    queue.push_back(arc.to);
                }
            }
        }
        let beyond = queue.iter().flat_map(|&node| graph.arcs(node)).map(|arc| arc.to);
        edge_of.extend(beyond.filter(|node| part[node.index()] == NONE));
        // What was left between others joins one of them.
        let neighbours = members.iter().flat_map(|&node| graph.arcs(node)).map(|arc| part[arc.to.index()]);
        match neighbours.filter(|&other| other < here).min().filter(|_| size / 2 < edges / 3) {
            Some(other) => members.iter().for_each(|node| part[node.index()] = other),
            None => count += 1,
        }
    }
    (part, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A street grid of so many nodes each way; its first node is the root.
    fn grid(side: u32) -> Graph {
        let node = |row: u32, column: u32| NodeId(row * side + column);
        let along = (0..side).flat_map(|row| (1..side).map(move |at| [node(row, at - 1), node(row, at)]));
        let across = (0..side).flat_map(|column| (1..side).map(move |at| [node(at - 1, column), node(at, column)]));
        Graph::new((side * side) as usize, along.chain(across).collect())
    }

    #[test]
    fn parcels_hang_together_and_hold_all_but_the_root() {
        let (graph, root) = (grid(20), NodeId(0));
        for turn in 0..6 {
            let (parcel, count) = parcels(&graph, root, 50, turn);
            assert_eq!(parcel[root.index()], NONE);
            let mut sizes = vec![0; count];
            graph.nodes().filter(|&node| node != root).for_each(|node| sizes[parcel[node.index()] as usize] += 1);
            assert!(sizes.iter().all(|&size| (8..60).contains(&size)), "turn {turn}: {sizes:?}");
            for (at, &size) in (0..).zip(&sizes) {
                let start = graph.nodes().find(|node| parcel[node.index()] == at).expect("no parcel is empty");
                let (mut seen, mut stack) = (vec![start], vec![start]);
                while let Some(node) = stack.pop() {
                    for arc in graph.arcs(node) {
                        if parcel[arc.to.index()] == at && !seen.contains(&arc.to) {
                            seen.push(arc.to);
                            stack.push(arc.to);
                        }
                    }
                }
                assert_eq!(seen.len(), size, "turn {turn}, parcel {at}");
            }
        }
        assert_ne!(parcels(&graph, root, 50, 0).0, parcels(&graph, root, 50, 1).0, "turns draw other lines");
    }
}
