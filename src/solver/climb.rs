//! Sets that grow around terminals, and pay.
//!
//! Each terminal grows the set of nodes that reach it over arcs whose cost is used up; the arcs that enter the set are a cut
//! that must be crossed once, so they may all pay the least of what they have left. The sum of the payments is the bound. A
//! terminal with a prize stops when its prize is spent. Small cuts go first, and a set keeps its frontier between raises.
//!
//! Source: Wong (Math. Prog. 28, 1984); order by cut size and laziness: Pajor, Uchoa, Werneck (2018), section 4.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::effort::Deadline;
use crate::graph::NodeId;
use crate::problem::{Demand, SteinerProblem};
use crate::solver::duals::{Duals, IMPOSSIBLE, Raise, Raised, SHUT};
use crate::solver::holes::{Around, Holes};

/// The growing set of one terminal.
#[derive(Clone)]
struct Growth {
    nodes: Vec<NodeId>,
    /// Arcs that entered the set when last looked at, with their tails.
    entering: Vec<(u32, NodeId)>,
    /// Nodes not yet looked at.
    fresh: usize,
    /// Nodes around which holes have been looked for, the first so many.
    filled: usize,
    /// How large the cut is, each crossing of the guiding tree beyond the first counted several times.
    score: usize,
    /// What is left of the prize; none where the terminal is required.
    budget: Option<i64>,
    /// Terminals that wait for this one: they are in its set and may go on when its prize is spent.
    waiting: Vec<NodeId>,
    /// What its sets paid, where that is to be told of.
    raises: Vec<Raise>,
    /// Memory that it takes until its next turn, in node numbers.
    held: usize,
}

enum Step {
    /// The cut has grown too large for its turn.
    Yield,
    /// The root reaches the set, or its prize is spent.
    Done,
    /// The set has met an active terminal.
    Met(NodeId),
    /// No arc enters the set of a required node.
    CutOff,
    /// Work or time is spent.
    Spent,
}

/// Arcs looked at between two looks at the clock.
const CLOCK: u64 = 100_000;

/// Memory that sets may take until their next turns, in node numbers: where streets are cheap and the ways to houses dear,
/// the sets of all houses hold the same streets.
const HELD: usize = 40_000_000;

/// Nodes of a set that may have holes, at least, and of a hole, at most: larger ones are not worth the search.
const AROUND: usize = 3;
const HOLE: usize = 16;

/// How much a second crossing of the guiding tree makes a cut wait.
const PENALTY: usize = 4;

/// A number that orders equals differently for every seed.
fn tie(seed: u64, node: NodeId) -> u64 {
    let mixed = (seed ^ u64::from(node.0)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    if seed == 0 { u64::from(node.0) } else { mixed ^ (mixed >> 29) }
}

/// Sets that grow, one ascent after another if need be.
#[derive(Clone)]
pub(super) struct Climb<'a> {
    problem: &'a SteinerProblem,
    pub(super) duals: Duals<'a>,
    active: Vec<bool>,
    growths: Vec<Option<Box<Growth>>>,
    /// Terminals that have grown, some more than once.
    grown: Vec<NodeId>,
    stamp: Vec<u32>,
    clock: u32,
    holes: Holes,
    /// Arcs of the best tree known, where it guides the order.
    pub(super) guide: Option<&'a [bool]>,
    deadline: Deadline,
    /// Arcs looked at, how many may be, and when the clock is looked at next.
    pub(super) looked: u64,
    pub(super) work: u64,
    check: u64,
    /// Memory that sets take until their next turns, in node numbers.
    held: usize,
    /// Whether sets are to be told of, how many paid so far, and those of terminals that have ended.
    pub(super) record: bool,
    paid: u32,
    raised: Vec<Raised>,
}

impl<'a> Climb<'a> {
    pub(super) fn new(problem: &'a SteinerProblem, duals: Duals<'a>, deadline: Deadline) -> Self {
        let nodes = problem.graph().node_count();
        Self {
            problem,
            duals,
            active: vec![false; nodes],
            growths: std::iter::repeat_with(|| None).take(nodes).collect(),
            grown: Vec::new(),
            stamp: vec![0; nodes],
            clock: 0,
            holes: Holes::new(nodes),
            guide: None,
            deadline,
            looked: 0,
            work: u64::MAX,
            check: CLOCK,
            held: 0,
            record: false,
            paid: 0,
            raised: Vec::new(),
        }
    }

    /// Lets the sets of these terminals grow until the root reaches them, or their prize is spent; the sets that paid.
    /// Equals go in an order that the seed tells; in later rounds turns are shorter.
    pub(super) fn grow_all(&mut self, asking: Vec<NodeId>, seed: u64, round: u64) -> Vec<Raised> {
        let eager = [5, 6, 8][(round % 3) as usize];
        let mut heap: BinaryHeap<Reverse<(usize, u64, NodeId)>> = BinaryHeap::new();
        for node in asking {
            self.active[node.index()] = true;
            heap.push(Reverse((self.problem.graph().degree(node), tie(seed, node), node)));
        }
        while let Some(Reverse((score, _, terminal))) = heap.pop() {
            if !self.active[terminal.index()] {
                continue;
            }
            let next = heap.peek().map_or(usize::MAX, |Reverse((score, _, _))| *score);
            let limit = next.max(score).saturating_mul(eager) / 4;
            match self.turn(terminal, limit) {
                Step::Yield => {
                    self.hold(terminal);
                    let size = self.growth(terminal).score;
                    heap.push(Reverse((size, tie(seed, terminal), terminal)));
                }
                Step::Done => {
                    for other in self.retire(terminal) {
                        self.active[other.index()] = true;
                        let size = self.growth(other).score;
                        heap.push(Reverse((size, tie(seed, other), other)));
                    }
                }
                Step::Met(other) => self.wait(terminal, other),
                Step::CutOff => {
                    self.duals.bound = IMPOSSIBLE;
                    break;
                }
                Step::Spent => break,
            }
        }
        self.tell_of_the_rest();
        self.paid = 0;
        std::mem::take(&mut self.raised)
    }

    fn growth(&mut self, terminal: NodeId) -> &mut Growth {
        let demand = self.problem.demands()[terminal.index()];
        let is_root = self.problem.root() == Some(terminal);
        let left = self.duals.prize_left(terminal);
        let grown = &mut self.grown;
        self.growths[terminal.index()].get_or_insert_with(|| {
            grown.push(terminal);
            let budget = match demand {
                Demand::Prize(_) if !is_root => Some(left),
                Demand::Prize(_) | Demand::Required | Demand::None => None,
            };
            Box::new(Growth {
                nodes: vec![terminal],
                entering: Vec::new(),
                fresh: 0,
                filled: 0,
                score: 0,
                budget,
                waiting: Vec::new(),
                raises: Vec::new(),
                held: 0,
            })
        })
    }

    /// Ends a terminal's growth; returns those that waited for it and have prize left, if it ended for want of prize.
    fn retire(&mut self, terminal: NodeId) -> Vec<NodeId> {
        self.active[terminal.index()] = false;
        let mut growth = self.growths[terminal.index()].take().expect("a terminal that had its turn has grown");
        self.tell_of(terminal, &mut growth);
        if growth.budget == Some(0) {
            return growth.waiting;
        }
        self.let_go(growth.waiting);
        Vec::new()
    }

    /// Lets a terminal wait for another one in its set. A required one never ends for want of prize, so who waits for it
    /// waits in vain.
    fn wait(&mut self, terminal: NodeId, other: NodeId) {
        self.active[terminal.index()] = false;
        let growth = self.growth(other);
        if growth.budget.is_none() {
            return self.let_go(vec![terminal]);
        }
        growth.waiting.push(terminal);
        self.hold(terminal);
    }

    /// Keeps a set for its next turn, whole if all that is kept is not too much.
    fn hold(&mut self, terminal: NodeId) {
        let growth = self.growths[terminal.index()].as_mut().expect("a terminal that had its turn has grown");
        growth.held = growth.nodes.len() + 2 * growth.entering.len();
        if self.held + growth.held > HELD {
            // What has paid stays, in its order; the rest is found again.
            growth.nodes.truncate(growth.raises.last().map_or(1, |raise| raise.size as usize));
            growth.nodes.shrink_to_fit();
            growth.entering = Vec::new();
            growth.fresh = 0;
            growth.filled = growth.filled.min(growth.nodes.len());
            growth.held = growth.nodes.len();
        }
        self.held += growth.held;
    }

    /// Ends the growth of terminals that wait in vain, and of those that wait for them.
    fn let_go(&mut self, mut over: Vec<NodeId>) {
        while let Some(terminal) = over.pop() {
            if let Some(mut growth) = self.growths[terminal.index()].take() {
                self.held -= growth.held;
                self.tell_of(terminal, &mut growth);
                over.append(&mut growth.waiting);
            }
        }
    }

    fn tell_of(&mut self, terminal: NodeId, growth: &mut Growth) {
        if let Some(last) = growth.raises.last() {
            growth.nodes.truncate(last.size as usize);
            growth.nodes.shrink_to_fit();
            growth.raises.shrink_to_fit();
            let (nodes, raises) = (std::mem::take(&mut growth.nodes), std::mem::take(&mut growth.raises));
            self.raised.push(Raised { terminal, nodes, raises });
        }
    }

    /// Tells of the sets of terminals that wait for others, in the order of their numbers.
    fn tell_of_the_rest(&mut self) {
        let mut grown = std::mem::take(&mut self.grown);
        grown.sort_unstable();
        for terminal in grown {
            self.active[terminal.index()] = false;
            if let Some(mut growth) = self.growths[terminal.index()].take() {
                self.tell_of(terminal, &mut growth);
            }
        }
        self.held = 0;
    }

    /// Grows one terminal's set until its cut is larger than `limit` arcs, or it is done.
    fn turn(&mut self, terminal: NodeId, limit: usize) -> Step {
        self.growth(terminal);
        if self.duals.is_reached(terminal) {
            return Step::Done;
        }
        let mut growth = self.growths[terminal.index()].take().expect("just made");
        self.held -= std::mem::take(&mut growth.held);
        if self.clock == u32::MAX {
            self.stamp.fill(0);
            self.clock = 0;
        }
        self.clock += 1;
        self.looked += growth.nodes.len() as u64;
        for node in &growth.nodes {
            self.stamp[node.index()] = self.clock;
        }
        let step = self.grow(terminal, &mut growth, limit);
        self.growths[terminal.index()] = Some(growth);
        step
    }

    fn grow(&mut self, terminal: NodeId, growth: &mut Growth, limit: usize) -> Step {
        loop {
            if let Some(step) = self.explore(terminal, growth) {
                return step;
            }
            if self.is_spent(growth.entering.len()) {
                return Step::Spent;
            }
            let least = self.compact(growth);
            if let Some(least) = least.filter(|&least| least == 0) {
                debug_assert_eq!(least, 0, "free arcs are followed before any raise");
                continue;
            }
            if self.fill_holes(growth) {
                continue;
            }
            if growth.score > limit {
                return Step::Yield;
            }
            let raise = match (least, growth.budget) {
                (Some(least), Some(budget)) => least.min(budget),
                (Some(least), None) => least,
                // No arc enters: only a prize can be lost.
                (None, Some(budget)) => budget,
                (None, None) => return Step::CutOff,
            };
            if self.record && raise > 0 {
                growth.raises.push(Raise { size: growth.nodes.len() as u32, amount: raise, place: self.paid });
                self.paid += 1;
            }
            self.duals.raise(&growth.entering, raise);
            if let Some(budget) = &mut growth.budget {
                *budget -= raise;
                self.duals.set_prize(terminal, *budget);
                if *budget == 0 {
                    return Step::Done;
                }
            }
            if self.duals.is_reached(terminal) {
                return Step::Done;
            }
        }
    }

    /// Counts arcs that are looked at; whether work or time is spent.
    fn is_spent(&mut self, arcs: usize) -> bool {
        self.looked += arcs as u64 + 1;
        if self.looked >= self.check {
            self.check = self.looked + CLOCK;
            if self.deadline.passed() {
                return true;
            }
        }
        self.looked > self.work
    }

    /// Looks at the nodes that are new in the set: their arcs enter it. Some step where the set meets its end.
    fn explore(&mut self, terminal: NodeId, growth: &mut Growth) -> Option<Step> {
        let graph = self.problem.graph();
        while growth.fresh < growth.nodes.len() {
            let node = growth.nodes[growth.fresh];
            if node != terminal && self.active[node.index()] {
                return Some(Step::Met(node));
            }
            growth.fresh += 1;
            for arc in graph.arcs(node) {
                if self.stamp[arc.to.index()] == self.clock {
                    continue;
                }
                // The arc that enters leads from the neighbour to the node.
                let way = graph.incoming(node, *arc) as u32;
                match self.duals.left(way as usize) {
                    0 => {
                        self.stamp[arc.to.index()] = self.clock;
                        growth.nodes.push(arc.to);
                    }
                    SHUT => {}
                    _ => growth.entering.push((way, arc.to)),
                }
            }
        }
        None
    }

    /// Takes in small holes around nodes that are new in the set; whether there were any.
    ///
    /// Whoever asks in a hole goes on by itself: the root reaches it only over the set, and so this one's terminal first.
    fn fill_holes(&mut self, growth: &mut Growth) -> bool {
        let before = growth.nodes.len();
        let from = std::mem::replace(&mut growth.filled, before);
        if before < AROUND {
            return false;
        }
        let looked = self.holes.looked;
        let around = Around {
            graph: self.problem.graph(),
            is_inside: |node: NodeId| self.stamp[node.index()] == self.clock,
            is_open: |arc| self.duals.left(arc) < SHUT,
            is_reached: |node| self.duals.is_reached(node),
            most: HOLE,
        };
        let found = self.holes.of(&growth.nodes[from..], &around);
        self.looked += self.holes.looked - looked;
        found.iter().for_each(|node| self.stamp[node.index()] = self.clock);
        growth.nodes.extend(found);
        growth.nodes.len() > before
    }

    /// Drops arcs that no longer enter, takes in the tails of those that are used up; the least residual of the rest,
    /// 0 where nodes were taken in, none where no arc enters.
    fn compact(&mut self, growth: &mut Growth) -> Option<i64> {
        let (mut least, mut kept, mut grown, mut crossings) = (i64::MAX, 0, false, 0usize);
        for at in 0..growth.entering.len() {
            let (way, tail) = growth.entering[at];
            if self.stamp[tail.index()] == self.clock {
                continue;
            }
            let left = self.duals.left(way as usize);
            if left == 0 {
                self.stamp[tail.index()] = self.clock;
                growth.nodes.push(tail);
                grown = true;
                continue;
            }
            least = least.min(left);
            growth.entering[kept] = (way, tail);
            kept += 1;
            crossings += usize::from(self.guide.is_some_and(|guide| guide[way as usize]));
        }
        growth.entering.truncate(kept);
        growth.score = kept * (1 + PENALTY * crossings.saturating_sub(1));
        match (grown, kept) {
            (true, _) => Some(0),
            (false, 0) => None,
            (false, _) => Some(least),
        }
    }
}
