//! Reductions by reduced costs: what would lift the bound to the best value known is in no better tree.
//!
//! A dual ascent leaves a bound and reduced costs. A tree that uses an arc pays, beyond the bound, at least the reduced
//! costs of a way from the root to the arc, of the arc, and of a way on to a terminal; a tree that loses a prize pays what
//! the ascent left of it; a tree that branches at a node pays for ways to two terminals.
//!
//! Source: Wong (Math. Prog. 28, 1984); Duin (PhD thesis, 1993); Polzin and Vahdati (DAM 112, 2001), section 4.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use crate::graph::{EdgeId, NodeId};
use crate::problem::{Demand, SteinerProblem};
use crate::solver::ascent::{Ascent, IMPOSSIBLE, SHUT};
use crate::solver::kernel::{Kernel, Snapshot};

/// Ways by reduced costs: from the root to each node, and from each node to the nearest two terminals.
pub(in crate::solver) struct Ways {
    pub(super) from_root: Vec<i64>,
    pub(super) to_terminal: Vec<[(i64, NodeId); 2]>,
}

/// What a proof on a snapshot charges whoever uses an arc: its ascent by its root, and ways by what that left.
pub(in crate::solver) struct Charge<'a> {
    root: NodeId,
    pub(super) ascent: &'a Ascent,
    pub(super) ways: Ways,
    /// What is too dear.
    pub(super) slack: i64,
}

impl<'a> Charge<'a> {
    /// Of ascents, each by its root, where a tree must have a value below `cutoff`. Time: O(m log n) for each.
    pub(in crate::solver) fn all(snapshot: &Snapshot, ascents: &[(NodeId, &'a Ascent)], cutoff: i64) -> Vec<Self> {
        let charge = |&(root, ascent): &(NodeId, &'a Ascent)| {
            let slack = cutoff - ascent.bound;
            let ways = || Ways::new(&snapshot.problem, root, &ascent.residual, slack);
            (slack > 0).then(|| Self { root, ascent, ways: ways(), slack })
        };
        ascents.par_iter().filter_map(charge).collect()
    }
}

/// Takes out what proofs on the snapshot show to be in no better tree. Time: O(m) for each.
pub(in crate::solver) fn reduce(kernel: &mut Kernel, snapshot: &Snapshot, charges: &[Charge<'_>]) {
    for charge in charges {
        nodes(kernel, snapshot, charge);
        arcs(kernel, snapshot, charge);
    }
}

/// Replaces nodes that proofs on the snapshot show to be no forks of a better tree. Edges of the kernel may be new, its
/// nodes are those of the snapshot. Time: O(m) for each.
pub(in crate::solver) fn forks(kernel: &mut Kernel, snapshot: &Snapshot, charges: &[Charge<'_>]) {
    charges.iter().for_each(|charge| branchings(kernel, snapshot, charge));
}

impl Ways {
    /// Time: O(m log n). Ways of `slack` or more are not told apart.
    pub(in crate::solver) fn new(problem: &SteinerProblem, root: NodeId, residual: &[i64], slack: i64) -> Self {
        let (from_root, to_terminal) =
            rayon::join(|| from_root(problem, root, residual, slack), || to_terminals(problem, root, residual, slack));
        Self { from_root, to_terminal }
    }

    /// What a tree pays at least that uses an arc, wherever it goes from there.
    #[cfg(feature = "highs")]
    pub(in crate::solver) fn onto(&self, tail: NodeId, residual: i64) -> i64 {
        self.from_root[tail.index()] + residual
    }

    /// What a tree that uses an arc pays at least.
    pub(in crate::solver) fn over(&self, tail: NodeId, residual: i64, head: NodeId) -> i64 {
        self.from_root[tail.index()] + residual + self.to_terminal[head.index()][0].0
    }

    /// What a tree that holds the node pays at least.
    fn through(&self, node: NodeId) -> i64 {
        self.from_root[node.index()] + self.to_terminal[node.index()][0].0
    }
}

fn from_root(problem: &SteinerProblem, root: NodeId, residual: &[i64], slack: i64) -> Vec<i64> {
    let graph = problem.graph();
    let mut from_root = vec![SHUT; graph.node_count()];
    let mut queue = BinaryHeap::new();
    from_root[root.index()] = 0;
    queue.push(Reverse((0i64, root)));
    while let Some(Reverse((so_far, node))) = queue.pop() {
        if so_far > from_root[node.index()] || so_far >= slack {
            continue;
        }
        for arc in graph.arcs(node) {
            let way = graph.outgoing(node, *arc);
            let through = so_far + residual[way];
            if through < from_root[arc.to.index()] {
                from_root[arc.to.index()] = through;
                queue.push(Reverse((through, arc.to)));
            }
        }
    }
    from_root
}

fn to_terminals(problem: &SteinerProblem, root: NodeId, residual: &[i64], slack: i64) -> Vec<[(i64, NodeId); 2]> {
    let graph = problem.graph();
    let mut to_terminal = vec![[(SHUT, NodeId(u32::MAX)); 2]; graph.node_count()];
    let mut queue: BinaryHeap<Reverse<(i64, NodeId, NodeId)>> = BinaryHeap::new();
    for node in graph.nodes() {
        if node != root && problem.demands()[node.index()] != Demand::None {
            queue.push(Reverse((0, node, node)));
        }
    }
    while let Some(Reverse((so_far, node, terminal))) = queue.pop() {
        let known = &mut to_terminal[node.index()];
        let place = usize::from(known[0].0 < SHUT);
        if so_far >= slack || known[place].0 < SHUT || known[0].1 == terminal {
            continue;
        }
        known[place] = (so_far, terminal);
        for arc in graph.arcs(node) {
            let way = graph.incoming(node, *arc);
            let through = so_far + residual[way];
            if through < slack {
                queue.push(Reverse((through, arc.to, terminal)));
            }
        }
    }
    to_terminal
}

/// Nodes in no better tree go; prizes that no better tree loses become demands.
fn nodes(kernel: &mut Kernel, snapshot: &Snapshot, charge: &Charge<'_>) {
    let &Charge { root, ascent, ref ways, slack } = charge;
    for node in snapshot.problem.graph().nodes().filter(|&node| node != root) {
        let there = snapshot.nodes[node.index()];
        match kernel.demand(there) {
            Demand::Required => {}
            Demand::Prize(_) if ascent.prize_left[node.index()] >= slack => {
                kernel.require(there);
            }
            _ if ways.through(node) >= slack && kernel.degree(there) > 0 => {
                kernel.delete_node(there);
            }
            _ => {}
        }
    }
}

fn arcs(kernel: &mut Kernel, snapshot: &Snapshot, charge: &Charge<'_>) {
    let &Charge { root, ascent, ref ways, slack } = charge;
    let graph = snapshot.problem.graph();
    for edge in graph.edges() {
        let there = snapshot.edges[edge.index()];
        if !kernel.is_alive(there) {
            continue;
        }
        let ends = graph.ends(edge);
        let shut = |way: usize| {
            let (tail, head) = (ends[way], ends[1 - way]);
            let left = ascent.residual[2 * edge.index() + way];
            head == root || ways.over(tail, left, head) >= slack
        };
        let both = [shut(0), shut(1)];
        if both == [true; 2] {
            kernel.delete(there);
        } else if root == snapshot.root {
            for way in [0, 1] {
                let tail = snapshot.nodes[ends[way].index()];
                if both[way] && kernel.is_alive(there) && kernel.is_open_from(there, tail) {
                    kernel.close_from(there, tail);
                }
            }
        }
    }
}

/// Nodes of degree three or four that no better tree branches at are replaced by the ways through them.
fn branchings(kernel: &mut Kernel, snapshot: &Snapshot, charge: &Charge<'_>) {
    let &Charge { root, ref ways, slack, .. } = charge;
    for node in snapshot.problem.graph().nodes().filter(|&node| node != root) {
        let there = snapshot.nodes[node.index()];
        let [first, second] = ways.to_terminal[node.index()];
        let branching = ways.from_root[node.index()] + first.0 + second.0;
        let degree = kernel.degree(there);
        if kernel.demand(there) != Demand::None || !(3..=4).contains(&degree) || branching < slack {
            continue;
        }
        let star: Vec<EdgeId> = kernel.at(there).to_vec();
        let pairs: Vec<(EdgeId, EdgeId)> = (0..degree)
            .flat_map(|one| (one + 1..degree).map(move |other| (one, other)))
            .map(|(one, other)| (star[one], star[other]))
            .filter(|&(one, other)| is_new_way(kernel, there, one, other))
            .collect();
        if pairs.len() <= degree {
            for (one, other) in pairs {
                kernel.join(one, other, there, 0);
            }
            kernel.delete_node(there);
        }
    }
}

/// Whether the way over a node is shorter than what there is between its ends, and can be gone.
fn is_new_way(kernel: &Kernel, via: NodeId, one: EdgeId, other: EdgeId) -> bool {
    let (from, to) = (kernel.other_end(one, via), kernel.other_end(other, via));
    let forth = kernel.is_open_from(one, from) && kernel.is_open_from(other, via);
    let back = kernel.is_open_from(other, to) && kernel.is_open_from(one, via);
    let known = kernel.between(from, to).map_or(IMPOSSIBLE, |edge| kernel.cost(edge));
    (forth || back) && kernel.cost(one) + kernel.cost(other) < known
}
