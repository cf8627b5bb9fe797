//! Where a kernel has changed since each test that looks around nodes was made for the last time.
//!
//! Such a test costs a search around every node, and on a kernel that has been reduced before nearly all of them would find
//! what they found last time. So only nodes near a change are looked at again. What is far away from any change is rarely
//! decided otherwise than before; where it would be, a reduction is missed, and nothing else.

use crate::graph::NodeId;
use crate::solver::kernel::Kernel;

/// A test that looks around nodes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Test {
    /// Walks that make an edge needless.
    Edges,
    /// The same with what passing beside a terminal saves.
    EdgesByProfits,
    /// Ways between the neighbours of a node.
    Forks,
    /// The same with what passing beside a terminal saves.
    ForksByProfits,
}

/// How many tests there are.
const TESTS: usize = 4;

/// From how far away a change is seen, in edges.
const HOPS: usize = 3;

/// By node and test, whether something has changed there.
#[derive(Clone, Debug)]
pub(super) struct Changes {
    /// By node, a bit for each test.
    at: Vec<u8>,
    /// By test, how many edges its searches have looked at; 0 before the first.
    depth: [usize; TESTS],
}

impl Changes {
    /// Nothing has been looked at yet.
    pub(super) fn new(nodes: usize) -> Self {
        Self { at: vec![u8::MAX; nodes], depth: [0; TESTS] }
    }

    /// Notes a change of a node or of its edges.
    pub(super) fn note(&mut self, node: NodeId) {
        self.at[node.index()] = u8::MAX;
    }
}

impl Kernel {
    /// The nodes near to which something has changed since the test was made last, or all where it did not look at so many
    /// edges then; from here on they count as looked at. Time: O(n), and edges at nodes near changes.
    pub(super) fn changed_since(&mut self, test: Test, edges: usize) -> Vec<NodeId> {
        let bit = 1u8 << test as u8;
        let depth = &mut self.changes.depth[test as usize];
        let is_deeper = edges > std::mem::replace(depth, edges.max(*depth));
        let mut is_near: Vec<bool> = self.changes.at.iter().map(|changed| is_deeper || changed & bit > 0).collect();
        self.changes.at.iter_mut().for_each(|changed| *changed &= !bit);
        let mut last: Vec<NodeId> = self.nodes().filter(|node| is_near[node.index()]).collect();
        for _ in 0..if is_deeper { 0 } else { HOPS } {
            let mut next = Vec::new();
            for &node in &last {
                for &edge in self.at(node) {
                    let to = self.other_end(edge, node);
                    if !std::mem::replace(&mut is_near[to.index()], true) {
                        next.push(to);
                    }
                }
            }
            last = next;
        }
        self.nodes().filter(|node| is_near[node.index()]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{EdgeId, Graph};
    use crate::problem::{Demand, SteinerProblem};

    #[test]
    fn only_what_is_near_a_change_is_looked_at_again() {
        // A path of ten nodes.
        let graph = Graph::new(10, (0..9).map(|at| [NodeId(at), NodeId(at + 1)]).collect());
        let demands = vec![Demand::Required; 10];
        let problem = SteinerProblem::new(graph, vec![1; 9], demands, Some(NodeId(0))).expect("it is connected");
        let mut kernel = Kernel::new(&problem, NodeId(0));
        let all: Vec<NodeId> = (0..10).map(NodeId).collect();

        assert_eq!(kernel.changed_since(Test::Edges, 40), all);
        assert_eq!(kernel.changed_since(Test::Edges, 40), []);
        kernel.delete(EdgeId(8));
        // Node 9 hangs on nothing any more.
        let near: Vec<NodeId> = [5, 6, 7, 8, 9].map(NodeId).to_vec();
        assert_eq!(kernel.changed_since(Test::Edges, 40), near);
        assert_eq!(kernel.changed_since(Test::Forks, 40), all);
        assert_eq!(kernel.changed_since(Test::Edges, 41), all);
    }
}
