//! Nodes that an ascent has tied together are one node from then on.
//!
//! Where arcs are used up both ways round, any set that holds one of the nodes holds them all, and will until the end: what
//! is left never grows. So the strongly connected parts of what is used up become nodes. Where streets are cheap and the
//! ways to houses dear, the sets of all houses soon hold the same streets; then each of them looks at the edge of that part
//! only, and not at every street in it.
//!
//! Source: strongly connected components, Tarjan (SIAM J. Comput. 1, 1972).

use crate::graph::{Arc, EdgeId, Graph, NodeId};
use crate::problem::{Demand, SteinerProblem};
use crate::solver::duals::{Ascent, Raise, Raised};

/// A problem without prizes, its tied nodes made one.
pub(super) struct Condensed {
    /// The smaller problem; an arc leads the same way as the one that it stands for.
    pub(super) problem: SteinerProblem,
    /// Its root.
    pub(super) root: NodeId,
    /// By its edge, the original one.
    edges: Vec<EdgeId>,
    /// By its node, where the original ones begin among the members; those that are asked for come first.
    first: Vec<u32>,
    members: Vec<NodeId>,
}

impl Condensed {
    /// Ties nodes together that what is used up leads between both ways. Time: O(n + m).
    pub(super) fn new(problem: &SteinerProblem, root: NodeId, residual: &[i64]) -> Self {
        let graph = problem.graph();
        let (part, count) = strong_parts(graph, residual);
        let is_required = |node: NodeId| node == root || problem.demands()[node.index()] == Demand::Required;
        let mut first = vec![0u32; count + 1];
        part.iter().for_each(|&part| first[part as usize + 1] += 1);
        (0..count).for_each(|part| first[part + 1] += first[part]);
        let mut next = first.clone();
        let mut members = vec![NodeId(0); graph.node_count()];
        let mut demands = vec![Demand::None; count];
        for asked in [true, false] {
            for node in graph.nodes().filter(|&node| is_required(node) == asked) {
                let part = part[node.index()] as usize;
                members[next[part] as usize] = node;
                next[part] += 1;
                if asked {
                    demands[part] = Demand::Required;
                }
            }
        }
        let ends_of = |edge: EdgeId| graph.ends(edge).map(|end| NodeId(part[end.index()]));
        let edges: Vec<EdgeId> = graph.edges().filter(|&edge| ends_of(edge)[0] != ends_of(edge)[1]).collect();
        let ends = edges.iter().map(|&edge| ends_of(edge)).collect();
        let costs = edges.iter().map(|&edge| problem.cost(edge)).collect();
        let root = NodeId(part[root.index()]);
        let problem = SteinerProblem::new(Graph::new(count, ends), costs, demands, Some(root))
            .expect("tied nodes are connected with what they were connected with");
        Self { problem, root, edges, first, members }
    }

    /// What was given by original arc, by arc here.
    pub(super) fn by_arc<T: Copy>(&self, whole: &[T]) -> Vec<T> {
        self.edges.iter().flat_map(|edge| [whole[2 * edge.index()], whole[2 * edge.index() + 1]]).collect()
    }

    /// What an ascent has left, here; its sets are not taken along.
    pub(super) fn folded(&self, whole: &Ascent) -> Ascent {
        Ascent {
            bound: whole.bound,
            residual: self.by_arc(&whole.residual),
            prize_left: vec![0; self.problem.graph().node_count()],
            raised: Vec::new(),
        }
    }

    /// Brings back what an ascent here has left, and adds its sets as sets of original nodes, after those before.
    pub(super) fn unfold(&self, part: Ascent, whole: &mut Ascent) {
        whole.bound = part.bound;
        for (ways, edge) in part.residual.chunks_exact(2).zip(&self.edges) {
            whole.residual[2 * edge.index()..2 * edge.index() + 2].copy_from_slice(ways);
        }
        let paid = whole.raised.iter().map(|sets| sets.raises.len() as u32).sum();
        whole.raised.extend(part.raised.into_iter().map(|sets| self.unfolded(sets, paid)));
    }

    fn unfolded(&self, sets: Raised, paid: u32) -> Raised {
        let mut nodes = Vec::new();
        let mut sizes = vec![0u32];
        for node in sets.nodes {
            let (from, to) = (self.first[node.index()] as usize, self.first[node.index() + 1] as usize);
            nodes.extend_from_slice(&self.members[from..to]);
            sizes.push(nodes.len() as u32);
        }
        let unfold = |raise: Raise| Raise { size: sizes[raise.size as usize], place: raise.place + paid, ..raise };
        Raised { terminal: nodes[0], nodes, raises: sets.raises.into_iter().map(unfold).collect() }
    }
}

/// By node, the strongly connected part that it is in over arcs that are used up, and how many there are.
fn strong_parts(graph: &Graph, residual: &[i64]) -> (Vec<u32>, usize) {
    const NONE: u32 = u32::MAX;
    let count = graph.node_count();
    let (mut part, mut parts) = (vec![NONE; count], 0);
    let (mut place, mut lowest, mut places) = (vec![NONE; count], vec![NONE; count], 0);
    let mut open: Vec<NodeId> = Vec::new();
    // Nodes on the way, and how many of their arcs have been looked at.
    let mut way: Vec<(NodeId, usize)> = Vec::new();
    for start in graph.nodes() {
        if place[start.index()] != NONE {
            continue;
        }
        way.push((start, 0));
        while let Some((node, looked)) = way.last_mut() {
            let (node, at) = (*node, node.index());
            if place[at] == NONE {
                (place[at], lowest[at]) = (places, places);
                places += 1;
                open.push(node);
            }
            let arcs = graph.arcs(node);
            let is_used_up = |arc: &Arc| residual[graph.outgoing(node, *arc)] == 0;
            *looked += arcs[*looked..].iter().position(is_used_up).unwrap_or(arcs.len() - *looked);
            if let Some(arc) = arcs.get(*looked) {
                let to = arc.to.index();
                if place[to] == NONE {
                    // The arc is looked at once more when all that follows is known.
                    way.push((arc.to, 0));
                } else {
                    *looked += 1;
                    if part[to] == NONE {
                        lowest[at] = lowest[at].min(lowest[to]);
                    }
                }
                continue;
            }
            way.pop();
            if lowest[at] == place[at] {
                while let Some(member) = open.pop() {
                    part[member.index()] = parts;
                    if member == node {
                        break;
                    }
                }
                parts += 1;
            }
        }
    }
    (part, parts as usize)
}
