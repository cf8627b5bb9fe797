//! What raises have left of costs and prizes, where the root gets to over arcs that are used up, and the way back.
//!
//! Arcs that are used up and reach a terminal from the root end its growth, so a tree of such arcs is kept: whatever it
//! holds needs no looking at. A raise that is taken back cuts branches off it; those that hang on by another arc are joined
//! again. All changes are written down on demand, so that a trial costs what it touches and not the size of the graph.
//!
//! Source: slackness: Wong (Math. Prog. 28, 1984); the tree: Even and Shiloach (JACM 28, 1981), for deletions.

use crate::graph::{Graph, NodeId};
use crate::problem::{Demand, SteinerProblem};

/// More than any value: the bound where required nodes cannot be reached at all.
pub(super) const IMPOSSIBLE: i64 = 1 << 61;

/// What a closed arc is said to have left: more than any distance, and a few of them can be added up.
pub(super) const SHUT: i64 = 1 << 59;

/// What an ascent leaves behind.
#[derive(Default)]
pub(super) struct Ascent {
    /// Sum of all raises.
    pub(super) bound: i64,
    /// What each arc has left: arc 2e leads from the first to the second end of edge e, 2e + 1 back.
    pub(super) residual: Vec<i64>,
    /// What each node with a prize has left of it; 0 elsewhere.
    pub(super) prize_left: Vec<i64>,
    /// The sets whose cuts were raised, where that was asked for.
    pub(super) raised: Vec<Raised>,
}

/// The sets of a terminal whose entering arcs paid: each the first so many of its nodes.
#[derive(Clone)]
pub(super) struct Raised {
    /// First of the nodes.
    pub(super) terminal: NodeId,
    /// In the order in which they were taken in.
    pub(super) nodes: Vec<NodeId>,
    pub(super) raises: Vec<Raise>,
}

#[cfg(feature = "highs")]
impl Raised {
    /// The cut around the first so many nodes.
    pub(super) fn cut(&self, size: u32) -> Cut {
        Cut { terminal: self.terminal, nodes: self.nodes[..size as usize].to_vec() }
    }
}

/// One payment of all arcs that enter a set.
#[derive(Clone, Copy)]
pub(super) struct Raise {
    /// How many of the terminal's nodes are in the set.
    pub(super) size: u32,
    pub(super) amount: i64,
    /// Its place among all raises of the ascent.
    pub(super) place: u32,
}

/// Nodes without the root and with a terminal: some arc must enter them, or the terminal's prize is lost.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    #[cfg_attr(not(feature = "highs"), expect(dead_code, reason = "linear programs alone ask for it"))]
    pub(super) terminal: NodeId,
    pub(super) nodes: Vec<NodeId>,
}

impl Cut {
    /// The cuts around more than one node that an ascent raised, in the order in which it did.
    #[cfg(feature = "highs")]
    pub(super) fn all_of(raised: &[Raised]) -> Vec<Self> {
        let all = raised.iter().flat_map(|set| set.raises.iter().map(move |raise| (raise.place, set, raise.size)));
        let mut paid: Vec<(u32, &Raised, u32)> = all.filter(|&(_, _, size)| size > 1).collect();
        paid.sort_unstable_by_key(|&(place, _, _)| place);
        paid.into_iter().map(|(_, set, size)| set.cut(size)).collect()
    }
}

impl Ascent {
    /// Edge costs for building trees that like arcs which the ascent has paid for: the cheaper way of each edge, and a
    /// little of its cost.
    pub(super) fn reduced_edge_costs(&self, problem: &SteinerProblem) -> Vec<i64> {
        let pairs = self.residual.chunks_exact(2).zip(problem.costs());
        pairs.map(|(ways, cost)| ways[0].min(ways[1]) + cost / 8).collect()
    }
}

/// Entry of a node that the root does not reach, and of the root.
const NOT: u32 = u32::MAX;
const ROOT: u32 = u32::MAX - 1;

/// Costs and prizes under way.
#[derive(Clone)]
pub(super) struct Duals<'a> {
    problem: &'a SteinerProblem,
    /// Sum of all raises.
    pub(super) bound: i64,
    /// By arc: 2e leads from the first to the second end of edge e, 2e + 1 back.
    residual: Vec<i64>,
    prize_left: Vec<i64>,
    /// By node, the arc over which the root reaches it.
    entry: Vec<u32>,
    /// Nodes that were reached over an arc that is not used up any more.
    cut: Vec<NodeId>,
    /// What was changed, where that is to be taken back.
    changes: Option<Vec<Change>>,
}

/// What something was before.
#[derive(Clone)]
enum Change {
    Residual(u32, i64),
    Prize(NodeId, i64),
    Entry(NodeId, u32),
}

impl<'a> Duals<'a> {
    /// Begins with what is left by arc and by prize, for a bound so far. Time: O(m).
    pub(super) fn new(
        problem: &'a SteinerProblem,
        root: NodeId,
        (bound, residual, prize_left): (i64, Vec<i64>, Vec<i64>),
    ) -> Self {
        let mut entry = vec![NOT; problem.graph().node_count()];
        entry[root.index()] = ROOT;
        let mut duals = Self { problem, bound, residual, prize_left, entry, cut: Vec::new(), changes: None };
        duals.follow(root);
        duals
    }

    /// What an ascent is said to leave.
    pub(super) fn into_ascent(self) -> Ascent {
        Ascent { bound: self.bound, residual: self.residual, prize_left: self.prize_left, raised: Vec::new() }
    }

    fn graph(&self) -> &'a Graph {
        self.problem.graph()
    }

    /// What an arc has left.
    #[inline]
    pub(super) fn left(&self, arc: usize) -> i64 {
        self.residual[arc]
    }

    /// What a node has left of its prize.
    pub(super) fn prize_left(&self, node: NodeId) -> i64 {
        self.prize_left[node.index()]
    }

    /// Whether the root reaches a node over arcs that are used up.
    #[inline]
    pub(super) fn is_reached(&self, node: NodeId) -> bool {
        self.entry[node.index()] != NOT
    }

    /// Whether a set may still grow for a node.
    pub(super) fn asks(&self, node: NodeId) -> bool {
        let is_required = self.problem.root() == Some(node) || self.problem.demands()[node.index()] == Demand::Required;
        !self.is_reached(node) && (is_required || self.prize_left[node.index()] > 0)
    }

    /// All arcs of a cut, given with their tails, pay so much.
    pub(super) fn raise(&mut self, arcs: &[(u32, NodeId)], amount: i64) {
        self.bound += amount;
        for &(arc, _) in arcs {
            let left = self.residual[arc as usize];
            if let Some(changes) = &mut self.changes {
                changes.push(Change::Residual(arc, left));
            }
            self.residual[arc as usize] = left - amount;
        }
        // Only when all of them have paid may what is used up be followed.
        for &(arc, tail) in arcs {
            if self.residual[arc as usize] == 0 && self.is_reached(tail) {
                self.enter(arc as usize);
            }
        }
    }

    /// Sets what is left of a prize.
    pub(super) fn set_prize(&mut self, node: NodeId, left: i64) {
        let old = std::mem::replace(&mut self.prize_left[node.index()], left);
        if let Some(changes) = &mut self.changes {
            changes.push(Change::Prize(node, old));
        }
    }

    /// An arc gets back what it paid; [`Self::recover`] must follow.
    pub(super) fn give_back(&mut self, arc: usize, amount: i64) {
        let left = self.residual[arc];
        if left >= SHUT || amount == 0 {
            return;
        }
        if let Some(changes) = &mut self.changes {
            changes.push(Change::Residual(arc as u32, left));
        }
        self.residual[arc] = left + amount;
        let head = self.graph().head(arc);
        if left == 0 && self.entry[head.index()] == arc as u32 {
            self.cut.push(head);
        }
    }

    /// Finds out what the root still reaches, now that arcs have got something back; the nodes that it lost.
    ///
    /// Time: O(edges at nodes that hung from those arcs).
    pub(super) fn recover(&mut self) -> Vec<NodeId> {
        let graph = self.graph();
        let mut lost = std::mem::take(&mut self.cut);
        lost.iter().for_each(|&node| self.set_entry(node, NOT));
        let mut at = 0;
        while at < lost.len() {
            let node = lost[at];
            at += 1;
            for arc in graph.arcs(node) {
                if self.entry[arc.to.index()] == graph.outgoing(node, *arc) as u32 {
                    self.set_entry(arc.to, NOT);
                    lost.push(arc.to);
                }
            }
        }
        for &node in &lost {
            if !self.is_reached(node) {
                let ways = graph.arcs(node).iter().map(|arc| graph.incoming(node, *arc));
                if let Some(way) =
                    ways.into_iter().find(|&way| self.residual[way] == 0 && self.is_reached(graph.tail(way)))
                {
                    self.enter(way);
                }
            }
        }
        lost.retain(|&node| !self.is_reached(node));
        lost
    }

    /// From here on changes can be taken back.
    pub(super) fn begin(&mut self) {
        self.changes = Some(Vec::new());
    }

    /// Takes back all changes since the beginning; the bound is given.
    pub(super) fn undo(&mut self, bound: i64) {
        for change in self.changes.take().into_iter().flatten().rev() {
            match change {
                Change::Residual(arc, left) => self.residual[arc as usize] = left,
                Change::Prize(node, left) => self.prize_left[node.index()] = left,
                Change::Entry(node, entry) => self.entry[node.index()] = entry,
            }
        }
        self.bound = bound;
    }

    fn set_entry(&mut self, node: NodeId, entry: u32) {
        let old = std::mem::replace(&mut self.entry[node.index()], entry);
        if let Some(changes) = &mut self.changes {
            changes.push(Change::Entry(node, old));
        }
    }

    /// The root reaches the head of an arc that is used up and whose tail it reaches, and whatever follows.
    fn enter(&mut self, arc: usize) {
        let head = self.graph().head(arc);
        if !self.is_reached(head) {
            self.set_entry(head, arc as u32);
            self.follow(head);
        }
    }

    /// All that a reached node reaches. Time: O(edges at nodes that are new).
    fn follow(&mut self, node: NodeId) {
        let graph = self.graph();
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            for arc in graph.arcs(node) {
                let way = graph.outgoing(node, *arc);
                if self.residual[way] == 0 && self.entry[arc.to.index()] == NOT {
                    self.set_entry(arc.to, way as u32);
                    stack.push(arc.to);
                }
            }
        }
    }
}
