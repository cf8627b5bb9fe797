//! Rows that paid on one snapshot, told so that they can pay again on a later one.
//!
//! Reductions in between take nodes and edges away, put an edge in the place of several, and make two nodes one. A row is
//! told by what it means, not by what it adds up, and is made anew where that means something. An edge that a node was left
//! over has a successor. The one row that is lost where two nodes are made one is a cut between them: the edge that led from
//! one to the other is paid for now, and those cuts paid for it.

use crate::graph::{Arc, EdgeId, NodeId};
use crate::problem::Demand;
use crate::solver::ascent::{Cut, Raised};
use crate::solver::duals::Raise;
use crate::solver::kernel::{Kernel, Snapshot};

/// Rows that paid on a snapshot.
#[derive(Default)]
pub(super) struct Kept {
    /// Each with what it paid for each unit that it asks for.
    pub(super) rows: Vec<(KeptRow, f64)>,
    /// How many nodes of the kernel had been made one with another.
    merges: usize,
}

/// A row, in the kernel's nodes and edges.
pub(super) enum KeptRow {
    /// That a cut is crossed.
    Cut(Cut),
    /// That what enters a node leaves it again.
    Balance(NodeId),
    /// That a node is entered once at most.
    Once(NodeId),
    /// That a node is not left over an edge to where it was entered from.
    Onward(NodeId, EdgeId),
    /// That no more than one share of the way from a node over an edge is used.
    Whole(NodeId, EdgeId),
}

impl Kept {
    /// Rows that paid on a snapshot, of which so many nodes of the kernel had been made one with another.
    pub(super) fn new(rows: Vec<(KeptRow, f64)>, merges: usize) -> Self {
        Self { rows, merges }
    }

    /// Sets that paid, given in the kernel's nodes, in the order in which they did.
    pub(super) fn of_raised(kernel: &Kernel, paid: &[Raised]) -> Self {
        let raises = in_order(paid).into_iter();
        let rows = raises.map(|(raise, sets)| (KeptRow::Cut(sets.cut(raise.size)), raise.amount as f64));
        Self::new(rows.collect(), kernel.merged().len())
    }

    /// The cuts among them.
    pub(super) fn into_cuts(self) -> impl Iterator<Item = Cut> {
        self.rows.into_iter().filter_map(|(row, _)| match row {
            KeptRow::Cut(cut) => Some(cut),
            KeptRow::Balance(_) | KeptRow::Once(_) | KeptRow::Onward(..) | KeptRow::Whole(..) => None,
        })
    }
}

/// What became of the kernel's nodes and edges on a later snapshot.
pub(super) struct Later<'a> {
    snapshot: &'a Snapshot,
    /// Edges of the kernel with those of the snapshot that took their place, in order; who is still there takes its own.
    successors: Vec<(EdgeId, EdgeId)>,
    /// By the kernel's node, those that it was made one with.
    merged: Vec<Vec<NodeId>>,
    /// By the kernel's node, the last cut that held it.
    inside: Vec<u32>,
    cuts: u32,
}

impl<'a> Later<'a> {
    /// What became of a kernel since rows were kept. Time: O(edges that the snapshot's took the place of).
    pub(super) fn new(kernel: &Kernel, snapshot: &'a Snapshot, kept: &Kept) -> Self {
        let (mut successors, mut before) = (Vec::new(), Vec::new());
        for (at, &edge) in snapshot.edges.iter().enumerate() {
            before.push(edge);
            kernel.predecessors_of(edge, &mut before);
            successors.extend(before.drain(..).map(|edge| (edge, EdgeId(at as u32))));
        }
        successors.sort_unstable();
        let nodes = kernel.nodes().count();
        let mut merged = vec![Vec::new(); nodes];
        for &[one, other] in &kernel.merged()[kept.merges..] {
            merged[one.index()].push(other);
            merged[other.index()].push(one);
        }
        Self { snapshot, successors, merged, inside: vec![0; nodes], cuts: 0 }
    }

    /// The arc over which a node of the snapshot is left, where it was left over an edge of the kernel.
    pub(super) fn leaving(&self, node: NodeId, edge: EdgeId) -> Option<Arc> {
        let first = self.successors.partition_point(|&(before, _)| before < edge);
        let mut ours = self.successors[first..].iter().take_while(|(before, _)| *before == edge);
        let arcs = || self.snapshot.problem.graph().arcs(node).iter().copied();
        ours.find_map(|&(_, now)| arcs().find(|arc| arc.edge == now))
    }

    /// Whether a cut, given in the kernel's nodes, was between two nodes that are one now.
    pub(super) fn is_closed_up(&mut self, cut: &Cut) -> bool {
        self.cuts += 1;
        cut.nodes.iter().for_each(|node| self.inside[node.index()] = self.cuts);
        let mut others = cut.nodes.iter().flat_map(|node| &self.merged[node.index()]);
        others.any(|other| self.inside[other.index()] != self.cuts)
    }
}

/// Raises with their sets, in the order in which they were made.
pub(super) fn in_order(raised: &[Raised]) -> Vec<(&Raise, &Raised)> {
    let mut raises: Vec<_> =
        raised.iter().flat_map(|sets| sets.raises.iter().map(move |raise| (raise, sets))).collect();
    raises.sort_by_key(|(raise, _)| raise.place);
    raises
}

/// What is left of a cut in the kernel's nodes. Whoever in it must be reached stands for it; otherwise its own terminal, or
/// the largest prize in it.
pub(super) fn renumbered(cut: Cut, snapshot: &Snapshot, new: impl Fn(NodeId) -> Option<NodeId>) -> Option<Cut> {
    let demands = snapshot.problem.demands();
    let own = new(cut.terminal).filter(|node| demands[node.index()] != Demand::None);
    let mut nodes: Vec<NodeId> = cut.nodes.into_iter().filter_map(&new).collect();
    nodes.sort_unstable();
    let required = nodes.iter().copied().find(|node| demands[node.index()] == Demand::Required);
    let prize = |node: &NodeId| demands[node.index()].prize();
    let richest = || nodes.iter().copied().filter(|node| prize(node) > 0).max_by_key(prize);
    let terminal = required.or(own).or_else(richest).filter(|_| !nodes.contains(&snapshot.root))?;
    Some(Cut { terminal, nodes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::problem::SteinerProblem;
    use crate::solver::cuts::prices::Prices;

    /// The root, a node on the way, and one that is required, which the root also leads to at a price of 9.
    fn kernel() -> Kernel {
        let ends = [[0, 1], [1, 2], [0, 2]].map(|ends| ends.map(NodeId));
        let demands = vec![Demand::Required, Demand::None, Demand::Required];
        let problem = SteinerProblem::new(Graph::new(3, ends.to_vec()), vec![5, 3, 9], demands, Some(NodeId(0)));
        Kernel::new(&problem.expect("it is connected"), NodeId(0))
    }

    /// The bound that rows prove on what a kernel is by now, in the original problem's terms.
    fn bound(kernel: &Kernel, rows: Vec<(KeptRow, f64)>) -> i64 {
        let snapshot = kernel.snapshot().expect("it is connected");
        let prices = Prices::resumed(kernel, &snapshot, Kept::new(rows, 0));
        let left = prices.as_ascent().residual;
        assert!(left.iter().all(|left| *left >= 0), "no arc is charged more than it costs");
        prices.bound / prices.scale + snapshot.offset
    }

    fn cut(nodes: &[u32], price: f64) -> (KeptRow, f64) {
        let nodes = nodes.iter().copied().map(NodeId).collect();
        (KeptRow::Cut(Cut { terminal: NodeId(2), nodes }), price)
    }

    #[test]
    fn a_cut_between_nodes_that_are_one_now_has_been_paid_for() {
        let rows = || vec![cut(&[2], 3.0), cut(&[2, 1], 5.0)];
        let mut kernel = kernel();
        assert_eq!(bound(&kernel, rows()), 8);
        kernel.contract(EdgeId(1));
        assert_eq!(bound(&kernel, rows()), 8);
        let snapshot = kernel.snapshot().expect("it is connected");
        let mut later = Later::new(&kernel, &snapshot, &Kept::new(rows(), 0));
        let is_closed_up: Vec<bool> =
            rows().into_iter().map(|(row, _)| matches!(row, KeptRow::Cut(cut) if later.is_closed_up(&cut))).collect();
        assert_eq!(is_closed_up, [true, false]);
    }

    #[test]
    fn rows_pay_less_where_they_charge_too_much() {
        assert_eq!(bound(&kernel(), vec![cut(&[2], 9.0)]), 3, "the edge from the node on the way costs no more");
        // The row of the node on the way takes 2 of the edge from it, and gives them to the one to it.
        let balance = (KeptRow::Balance(NodeId(1)), 2.0);
        assert_eq!(bound(&kernel(), vec![balance, cut(&[1, 2], 7.0), cut(&[2], 2.0)]), 8);
        let [onward, once] = [KeptRow::Onward(NodeId(1), EdgeId(1)), KeptRow::Once(NodeId(1))];
        assert_eq!(bound(&kernel(), vec![(onward, 5.0), cut(&[2], 8.0)]), 8);
        assert_eq!(bound(&kernel(), vec![(once, 2.0), cut(&[1, 2], 7.0), cut(&[2], 2.0)]), 7);
    }
}
