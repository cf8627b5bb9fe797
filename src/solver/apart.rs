//! Parts of a kernel that hang on the rest by one node are solved alone.
//!
//! Once reductions have thinned a road graph out, it falls into blocks: whole villages hang on one node. Where that node is
//! required, what is best behind it has nothing to do with the rest; where it is not, because only prizes lie behind it,
//! the best tree rooted at it tells what they are worth to who gets there. The largest block stays, and is smaller then.
//!
//! Source: Rehfeldt and Koch (Math. Prog. 2023), block by block; prizes as in the exact tree algorithm of Klau et al. (2004).

use crate::effort::Effort;
use crate::graph::blocks::{Block, blocks};
use crate::graph::{EdgeId, Graph, NodeId};
use crate::problem::{Demand, SteinerProblem, Tree};
use crate::solver::incumbent::Incumbent;
use crate::solver::kernel::{Kernel, Snapshot};
use crate::solver::trees::Trees;

/// Edges up to which a part is solved alone: such parts mostly are to the end, and only then is the kernel smaller for it.
const ALONE: usize = 5_000;

/// What came of solving a part.
pub(super) struct Answer {
    /// The best tree found, with edges of the part's problem.
    pub(super) tree: Tree,
    /// Whether no better one exists.
    pub(super) is_best: bool,
}

/// How a part is solved: its problem, which has a root, a tree to begin with, and the effort.
pub(super) type Solve<'a> = &'a mut dyn FnMut(&SteinerProblem, Tree, &Effort) -> Answer;

/// Solves the parts of a kernel, and puts those that were solved to the end into the node that they hang on.
///
/// Trees go to the incumbent. A time limit is shared out by edges. Time: O(n + m), and that of the solutions.
pub(super) fn solve_parts(kernel: &mut Kernel, incumbent: &mut Incumbent<'_>, effort: &Effort, solve: Solve<'_>) {
    let Some(snapshot) = kernel.snapshot() else { return };
    let blocks = blocks(snapshot.problem.graph(), snapshot.root);
    if blocks.len() < 2 {
        return;
    }
    let trees = Trees::carried_over(kernel, &snapshot, incumbent, effort);
    let (best, value) = trees.best().expect("there is an incumbent");
    let mut run = Run {
        kernel,
        snapshot: &snapshot,
        inside: vec![false; snapshot.edges.len()],
        number: vec![0; snapshot.nodes.len()],
        left: snapshot.edges.len(),
        saved: 0,
        solve,
    };
    best.iter().for_each(|edge| run.inside[edge.index()] = true);
    let contracted = run.on_all(blocks, effort);
    let (inside, saved) = (run.inside, run.saved);
    let edges = contracted.iter().flat_map(|part| &part.edges);
    let (trees, others): (Vec<EdgeId>, Vec<EdgeId>) = edges.partition(|edge| inside[edge.index()]);
    // First all that is in no tree, so that nothing is left that contracting could take for a dearer parallel.
    others.iter().for_each(|edge| kernel.delete(snapshot.edges[edge.index()]));
    for edge in snapshot.kernel_edges(&trees) {
        kernel.ends(edge).into_iter().for_each(|end| kernel.require(end));
        kernel.contract(edge);
    }
    if saved > 0 {
        // Edges that are gone ride along with a node.
        let edges = snapshot.edges.iter().zip(&inside).filter(|(edge, inside)| **inside && kernel.is_alive(**edge));
        let edges: Vec<EdgeId> = edges.map(|(&edge, _)| edge).collect();
        incumbent.offer(kernel, &edges, value + snapshot.offset - saved);
    }
}

struct Run<'r> {
    kernel: &'r mut Kernel,
    snapshot: &'r Snapshot,
    /// By edge of the snapshot, whether the best tree holds it.
    inside: Vec<bool>,
    /// By node of the snapshot, its number in the part's problem; what stands there for other nodes means nothing.
    number: Vec<u32>,
    /// Edges of blocks that have not been looked at.
    left: usize,
    /// What the best tree costs less than at the start.
    saved: i64,
    solve: Solve<'r>,
}

impl Run<'_> {
    /// Goes through all blocks, those behind a block before it; parts that are needed and solved are returned, others are
    /// put into the nodes that they hang on.
    fn on_all(&mut self, blocks: Vec<Block>, effort: &Effort) -> Vec<Block> {
        let largest = blocks.iter().map(|block| block.edges.len()).max();
        let stays = blocks.iter().rposition(|block| Some(block.edges.len()) == largest);
        // By node, what hangs on it and must be solved with what the node is in.
        let mut waiting: Vec<Vec<Block>> = vec![Vec::new(); self.snapshot.nodes.len()];
        let mut solved = Vec::new();
        for (place, mut part) in blocks.into_iter().enumerate() {
            self.left -= part.edges.len();
            for own in 0..part.nodes.len() {
                for behind in waiting[part.nodes[own].index()].drain(..) {
                    part.nodes.extend(behind.nodes);
                    part.edges.extend(behind.edges);
                }
            }
            let is_required = |node: &NodeId| self.kernel.is_required(self.snapshot.nodes[node.index()]);
            let is_needed = is_required(&part.at) || part.nodes.iter().any(is_required);
            if is_needed {
                self.kernel.require(self.snapshot.nodes[part.at.index()]);
            }
            let is_alone = stays != Some(place) && part.edges.len() <= ALONE && !effort.deadline.passed();
            match (is_alone.then(|| self.solve(&part, effort)).flatten(), is_needed) {
                (Some(_), true) => solved.push(part),
                (Some(value), false) => self.put_into_node(&part, value),
                (None, true) => {}
                (None, false) => waiting[part.at.index()].push(part),
            }
        }
        solved
    }

    /// Solves a part; the value of its best tree, if it is solved to the end.
    fn solve(&mut self, part: &Block, effort: &Effort) -> Option<i64> {
        let problem = self.problem(part);
        let within = part.edges.iter().enumerate().filter(|(_, edge)| self.inside[edge.index()]);
        let edges: Vec<EdgeId> = within.map(|(place, _)| EdgeId(place as u32)).collect();
        let known = Tree { lone_node: edges.is_empty().then_some(NodeId(0)), edges };
        let before = problem.value(&known);
        let share = 100 * part.edges.len() / (part.edges.len() + self.left);
        let effort = Effort { deadline: effort.deadline.hundredths(share.max(1) as u32), ..effort.clone() };
        let answer = (self.solve)(&problem, known, &effort);
        let value = problem.value(&answer.tree);
        self.saved += before - value;
        part.edges.iter().for_each(|edge| self.inside[edge.index()] = false);
        answer.tree.edges.iter().for_each(|edge| self.inside[part.edges[edge.index()].index()] = true);
        answer.is_best.then_some(value)
    }

    /// A part as a problem whose root, node 0, is the node that it hangs on; its edges are in the part's order.
    fn problem(&mut self, part: &Block) -> SteinerProblem {
        self.number[part.at.index()] = 0;
        let mut demands = vec![Demand::Required];
        for &node in &part.nodes {
            self.number[node.index()] = demands.len() as u32;
            demands.push(self.kernel.demand(self.snapshot.nodes[node.index()]));
        }
        let graph = self.snapshot.problem.graph();
        let ends = part.edges.iter().map(|&edge| graph.ends(edge).map(|end| NodeId(self.number[end.index()])));
        let costs = part.edges.iter().map(|&edge| self.snapshot.problem.cost(edge)).collect();
        let graph = Graph::new(demands.len(), ends.collect());
        SteinerProblem::new(graph, costs, demands, Some(NodeId(0))).expect("a part of a problem is a problem")
    }

    /// What is best behind a node, of this value, becomes part of the node.
    fn put_into_node(&mut self, part: &Block, value: i64) {
        let in_kernel = |node: &NodeId| self.snapshot.nodes[node.index()];
        let tree: Vec<EdgeId> = part.edges.iter().copied().filter(|edge| self.inside[edge.index()]).collect();
        let nodes: Vec<NodeId> = part.nodes.iter().map(in_kernel).collect();
        self.kernel.settle(in_kernel(&part.at), &nodes, &self.snapshot.kernel_edges(&tree), value);
    }
}
