//! What a linear relaxation is of, and its rows.

use crate::graph::{Arc, Graph, NodeId};
use crate::problem::{Demand, SteinerProblem};
use crate::solver::ascent::{Cut, SHUT};
use crate::solver::kernel::Snapshot;

/// What a relaxation is of.
#[derive(Clone)]
pub(super) struct Ground<'a> {
    /// Graph and demands; costs are told apart from it.
    pub(super) problem: &'a SteinerProblem,
    pub(super) root: NodeId,
    /// By arc, whether no better tree uses it.
    pub(super) closed: &'a [bool],
    /// What each arc costs, then what each node's prize is worth, in units over the scale.
    pub(super) costs: Vec<i64>,
    pub(super) scale: i64,
    /// Whether this is a part of something larger, which the root stands for. Then a tree may go on from here to the root,
    /// over arcs that are charged to other parts.
    pub(super) is_part: bool,
}

impl<'a> Ground<'a> {
    /// A snapshot as it is.
    pub(super) fn whole(snapshot: &'a Snapshot) -> Self {
        let problem = &snapshot.problem;
        let arcs = problem.costs().iter().flat_map(|&cost| [cost, cost]);
        let costs: Vec<i64> = arcs.chain(problem.demands().iter().map(|demand| demand.prize())).collect();
        let total: i64 = costs.iter().sum::<i64>().max(1);
        let scale = (0..=10).rev().map(|power| 1 << power).find(|scale| total < SHUT / 4 / scale).unwrap_or(1);
        let costs = costs.into_iter().map(|cost| cost * scale).collect();
        Self { problem, root: snapshot.root, closed: &snapshot.closed, costs, scale, is_part: false }
    }
}

/// A row and what it pays for each unit that it asks for. The factors are by item: an arc's number, or a node's after all arcs.
#[derive(Clone)]
pub(super) struct Priced {
    pub(super) factors: Vec<(u32, i8)>,
    pub(super) least: i64,
    pub(super) price: i64,
    pub(super) kind: Kind,
}

/// What a row demands.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// That a cut is crossed.
    Cut(Cut),
    /// That what enters a node leaves it again.
    Balance(NodeId),
    /// That a node is entered once at most.
    Once(NodeId),
    /// That a node is not left to where it was entered from, nor left at all where it is not entered.
    Onward(NodeId),
    /// A zero-half cut.
    ZeroHalf,
    /// That no share is more than one.
    Whole,
}

/// The sum of some shares, each times its factor, is at least so much, or just so much.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// By column.
    pub(super) factors: Vec<(u32, i8)>,
    pub(super) least: i64,
    pub(super) is_exact: bool,
    pub(super) kind: Kind,
    /// What it pays beyond what the linear program says.
    pub(super) owed: i64,
}

impl Kind {
    /// The nodes that it names.
    pub(super) fn nodes(&self) -> &[NodeId] {
        match self {
            Self::Cut(cut) => &cut.nodes,
            Self::Balance(node) | Self::Once(node) | Self::Onward(node) => std::slice::from_ref(node),
            Self::ZeroHalf | Self::Whole => &[],
        }
    }

    /// Gives the nodes that it names other numbers.
    pub(super) fn renumber(&mut self, new: impl Fn(NodeId) -> NodeId) {
        match self {
            Self::Cut(cut) => {
                cut.terminal = new(cut.terminal);
                cut.nodes.iter_mut().for_each(|node| *node = new(*node));
            }
            Self::Balance(node) | Self::Once(node) | Self::Onward(node) => *node = new(*node),
            Self::ZeroHalf | Self::Whole => {}
        }
    }

    /// The cut that must be crossed.
    pub(super) fn cut(&self) -> Option<&Cut> {
        match self {
            Self::Cut(cut) => Some(cut),
            Self::Balance(_) | Self::Once(_) | Self::Onward(_) | Self::ZeroHalf | Self::Whole => None,
        }
    }
}

impl Row {
    /// A row that asks for at least so much, and owes nothing.
    pub(super) fn new(factors: Vec<(u32, i8)>, least: i64, kind: Kind) -> Self {
        Self { factors, least, is_exact: false, kind, owed: 0 }
    }
}

/// The row that a node is entered once at most: its factors by item, over arcs that are open. It asks for at least -1.
pub(super) fn entered_once(problem: &SteinerProblem, is_open: impl Fn(usize) -> bool, node: NodeId) -> Vec<(u32, i8)> {
    let entering = entering(problem.graph(), is_open, node);
    entering.chain(lost(problem, node)).map(|item| (item, -1)).collect()
}

/// The row that a node is not left by an arc to where it was entered from, nor left at all where it is not entered: its
/// factors by item, over arcs that are open, and what it asks for; none if the node cannot be left so. A terminal is entered
/// just once or lost, so the same takes fewer shares to say.
pub(super) fn onward(
    problem: &SteinerProblem,
    is_open: impl Fn(usize) -> bool,
    node: NodeId,
    arc: Arc,
) -> Option<(Vec<(u32, i8)>, i64)> {
    let graph = problem.graph();
    let [out, back] = [graph.outgoing(node, arc), graph.incoming(node, arc)];
    if !is_open(out) {
        return None;
    }
    if problem.demands()[node.index()] != Demand::None {
        let back = Some(back as u32).filter(|&back| is_open(back as usize));
        let items = [Some(out as u32), back].into_iter().flatten().chain(lost(problem, node));
        return Some((items.map(|item| (item, -1)).collect(), -1));
    }
    let others = entering(graph, is_open, node).filter(|&item| item != back as u32).map(|item| (item, 1));
    Some((others.chain([(out as u32, -1)]).collect(), 0))
}

/// Arcs that enter a node, as far as they are open.
fn entering(graph: &Graph, is_open: impl Fn(usize) -> bool, node: NodeId) -> impl Iterator<Item = u32> {
    let ways = graph.arcs(node).iter().map(move |arc| graph.incoming(node, *arc));
    ways.filter(move |&way| is_open(way)).map(|way| way as u32)
}

/// The item of a node's prize, if it has one.
fn lost(problem: &SteinerProblem, node: NodeId) -> Option<u32> {
    let item = 2 * problem.graph().edge_count() as u32 + node.0;
    matches!(problem.demands()[node.index()], Demand::Prize(_)).then_some(item)
}
