//! What a linear relaxation is of, and its rows.

use crate::graph::NodeId;
use crate::problem::SteinerProblem;
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
    /// That flow goes on.
    Flow,
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
            Self::Balance(node) => std::slice::from_ref(node),
            Self::Flow | Self::ZeroHalf | Self::Whole => &[],
        }
    }

    /// Gives the nodes that it names other numbers.
    pub(super) fn renumber(&mut self, new: impl Fn(NodeId) -> NodeId) {
        match self {
            Self::Cut(cut) => {
                cut.terminal = new(cut.terminal);
                cut.nodes.iter_mut().for_each(|node| *node = new(*node));
            }
            Self::Balance(node) => *node = new(*node),
            Self::Flow | Self::ZeroHalf | Self::Whole => {}
        }
    }

    /// The cut that must be crossed.
    pub(super) fn cut(&self) -> Option<&Cut> {
        match self {
            Self::Cut(cut) => Some(cut),
            Self::Balance(_) | Self::Flow | Self::ZeroHalf | Self::Whole => None,
        }
    }
}

impl Row {
    /// A row that asks for at least so much, and owes nothing.
    pub(super) fn new(factors: Vec<(u32, i8)>, least: i64, kind: Kind) -> Self {
        Self { factors, least, is_exact: false, kind, owed: 0 }
    }
}
