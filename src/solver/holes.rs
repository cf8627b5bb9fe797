//! Holes in sets of nodes.
//!
//! A cut around a set has to be crossed because the root is outside. Where the set surrounds other nodes, all ways from the
//! root to those lead through the set as well; so they may be counted in. The cut is as good, and fewer arcs enter it: what
//! leads from the hole into the set need not pay. On street networks most arcs that enter a large set lead out of its holes.
//!
//! That a cut with fewer arcs dominates: Koch and Martin (Networks 32, 1998), section 3, on cuts of small cardinality.

use crate::graph::{Graph, NodeId};

/// A set of nodes, and which arcs lead into it.
pub(super) struct Around<'a, I, O, R> {
    pub(super) graph: &'a Graph,
    /// Whether a node is in the set.
    pub(super) is_inside: I,
    /// Whether an arc may be used at all.
    pub(super) is_open: O,
    /// Whether the root is known to reach a node without the set; that holds for the root.
    pub(super) is_reached: R,
    /// Nodes of a hole at most.
    pub(super) most: usize,
}

/// Marks for a search; one for many.
#[derive(Clone)]
pub(super) struct Holes {
    /// By node, the look that found it last.
    seen: Vec<u32>,
    look: u32,
    /// Nodes looked at so far.
    pub(super) looked: u64,
}

impl Holes {
    pub(super) fn new(nodes: usize) -> Self {
        Self { seen: vec![0; nodes], look: 0, looked: 0 }
    }

    /// The nodes of holes that lead into some nodes of a set.
    ///
    /// What is found to be outside, or too large for a hole, is not looked at again, so this takes O(edges at those nodes,
    /// and at `most` others for each of their neighbours that is not near another one).
    pub(super) fn of<I, O, R>(&mut self, nodes: &[NodeId], set: &Around<'_, I, O, R>) -> Vec<NodeId>
    where
        I: Fn(NodeId) -> bool,
        O: Fn(usize) -> bool,
        R: Fn(NodeId) -> bool,
    {
        // Each node begins one look at most; marks must not come round to old ones.
        if self.look as usize + self.seen.len() >= u32::MAX as usize {
            self.seen.fill(0);
            self.look = 0;
        }
        let first = self.look + 1;
        let mut found = Vec::new();
        for &node in nodes {
            for arc in set.graph.arcs(node) {
                let is_known = self.seen[arc.to.index()] >= first || (set.is_inside)(arc.to);
                if is_known || !(set.is_open)(set.graph.incoming(node, *arc)) || (set.is_reached)(arc.to) {
                    continue;
                }
                let begin = found.len();
                self.look += 1;
                self.see(arc.to, &mut found);
                if !self.is_hole(&mut found, (begin, first), set) {
                    found.truncate(begin);
                }
            }
        }
        found
    }

    fn see(&mut self, node: NodeId, found: &mut Vec<NodeId>) {
        self.seen[node.index()] = self.look;
        found.push(node);
    }

    /// Whether all that leads to a node, the last one found, is found with it.
    fn is_hole<I, O, R>(
        &mut self,
        found: &mut Vec<NodeId>,
        (begin, first): (usize, u32),
        set: &Around<'_, I, O, R>,
    ) -> bool
    where
        I: Fn(NodeId) -> bool,
        O: Fn(usize) -> bool,
        R: Fn(NodeId) -> bool,
    {
        let mut at = begin;
        while at < found.len() {
            let node = found[at];
            at += 1;
            self.looked += 1;
            for arc in set.graph.arcs(node) {
                if (set.is_inside)(arc.to) || !(set.is_open)(set.graph.incoming(node, *arc)) {
                    continue;
                }
                let seen = self.seen[arc.to.index()];
                // What is known from an earlier neighbour is most likely outside.
                if (set.is_reached)(arc.to) || (first..self.look).contains(&seen) {
                    return false;
                }
                if seen < first {
                    if found.len() - begin == set.most {
                        return false;
                    }
                    self.see(arc.to, found);
                }
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(numbers: impl IntoIterator<Item = u32>) -> Vec<NodeId> {
        numbers.into_iter().map(NodeId).collect()
    }

    /// Root 0, a ring of 1 to 4 around 5 and 6, and 7 that hangs on the ring and on the root.
    fn ring() -> Graph {
        let ends = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 1), (1, 5), (5, 6), (6, 3), (3, 7), (7, 0)];
        Graph::new(8, ends.map(|(one, other)| [NodeId(one), NodeId(other)]).to_vec())
    }

    /// Holes of the ring; some arcs are closed.
    fn of_ring(graph: &Graph, most: usize, closed: &[usize]) -> Vec<NodeId> {
        let around = Around {
            graph,
            is_inside: |node: NodeId| (1..=4).contains(&node.0),
            is_open: |arc| !closed.contains(&arc),
            is_reached: |node| node == NodeId(0),
            most,
        };
        let mut found = Holes::new(8).of(&nodes(1..=4), &around);
        found.sort_unstable();
        found
    }

    #[test]
    fn what_a_ring_surrounds_is_its_hole() {
        let graph = ring();
        assert_eq!(of_ring(&graph, 2, &[]), nodes([5, 6]));
        assert_eq!(of_ring(&graph, 1, &[]), [], "two nodes are more than one");
    }

    #[test]
    fn a_node_that_nothing_leads_to_but_the_ring_is_a_hole() {
        let graph = ring();
        let from_root = 2 * 9 + 1;
        assert_eq!(graph.head(from_root), NodeId(7));
        assert_eq!(of_ring(&graph, 2, &[from_root]), nodes([5, 6, 7]));
    }

    #[test]
    fn marks_of_one_search_do_not_last() {
        let graph = ring();
        let mut holes = Holes::new(8);
        let mut of = |inside: Vec<NodeId>| {
            let around = Around {
                graph: &graph,
                is_inside: |node| inside.contains(&node),
                is_open: |_| true,
                is_reached: |node| node == NodeId(0),
                most: usize::MAX,
            };
            holes.of(&inside, &around)
        };
        assert_eq!(of(nodes(1..=2)), [], "the root reaches 3 over 7, and from there all others");
        assert_eq!(of(nodes([1, 3])).len(), 4, "2, 4, 5 and 6 lie between the two");
    }
}
