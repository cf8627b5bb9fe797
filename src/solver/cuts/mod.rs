//! Directed cuts by a linear program, for what ascents and reductions leave open.
//!
//! The program begins with the cuts of a dual ascent. Its point tells which cuts are missing (by flows), how trees may run
//! (edges that it uses are cheap), and its duals bound the optimum and fix arcs, as an ascent does. When enough is fixed,
//! the kernel is reduced and the program is set up again with the cuts that had a price.
//!
//! Source: Koch and Martin (Networks 32, 1998); Polzin (PhD thesis, 2003), chapter 3; Rehfeldt and Koch (2023).

mod basis;
mod batch;
mod division;
mod exact;
mod flow;
mod given;
mod kept;
mod local;
mod point;
mod prices;
mod relaxation;
mod rows;
mod sweeps;
mod zero_half;

pub(super) use sweeps::{Patience as SweepPatience, work as sweep};

use std::sync::atomic::{AtomicBool, Ordering};

use crate::effort::Effort;
use crate::graph::NodeId;
use crate::problem::Demand;
use crate::solver::ascent::{self, Ascent, Cut, IMPOSSIBLE, Wishes};
use crate::solver::cuts::exact::Limits;
use crate::solver::cuts::flow::{Flow, UNIT};
use crate::solver::cuts::point::Point;
use crate::solver::cuts::relaxation::{Relaxation, Resting};
use crate::solver::cuts::rows::Ground;
use crate::solver::incumbent::Incumbent;
use crate::solver::kernel::{Kernel, Snapshot};
use crate::solver::reduce::{self, Depth, Reach};
use crate::solver::trees::{self, Trees, Valued};
use crate::solver::{Progress, construct};

/// How long to go on.
#[derive(Clone, Copy)]
pub(super) struct Patience<'a> {
    /// Programs solved at most.
    pub(super) rounds: usize,
    /// Simplex iterations times rows at most.
    pub(super) work: i64,
    /// How far reductions look.
    pub(super) depth: Depth,
    /// Nonzeros that all rows may have together whenever a program is set up; beyond, it is given up at once.
    pub(super) nonzeros: usize,
    /// Branches that follow where the program has nothing more to say, at most.
    pub(super) branches: usize,
    /// What runs beside and can be stopped, so that branches have all threads.
    pub(super) aside: Option<&'a AtomicBool>,
}

/// Cuts around one terminal in one round at most.
const NESTED: usize = 5;

/// Rounds after which the gap must have shrunk at all.
const FLAT: usize = 2;

/// Rounds after which the gap must have shrunk by a twentieth.
const STALL: usize = 10;

/// Rounds from one tree to the next while the program is behind what is known.
const UNGUIDED: usize = 4;

/// Nonzeros of all flow rows together up to which they are all added where nothing more comes of a program otherwise.
const ALL_FLOW: usize = 40_000;

/// Rounds from one extended reduction to the next.
const EXTENDED: usize = 4;

/// Programs of a branch: no more than it takes to say most of what a choice means, for the next ones go on from there.
const BRANCH: local::Patience = local::Patience { rounds: 8, few: 8, enough: i64::MAX, worth: 8, zero_half: false };

/// Branches that are worked on at once, and hundredths of the time left that all of them may take.
const BESIDE: usize = 2;
const DIVIDING: u32 = 70;

/// What came of it.
pub(super) struct Found {
    /// No tree of the kernel has a smaller value, in terms of the original problem, unless the cutoff is smaller.
    pub(super) bound: i64,
    /// The kernel's node that the relaxation is least sure about.
    pub(super) branch: Option<NodeId>,
    /// Whether the gap shrank by more than a tenth, so that parts of the kernel are worth a program too.
    pub(super) paid: bool,
    /// Whether branches were bounded too.
    pub(super) is_divided: bool,
    /// Cuts that had a price at last, in the kernel's nodes.
    pub(super) cuts: Vec<Cut>,
}

/// Works on a kernel until the relaxation has nothing more to say; what is known is a bound and cuts, in the kernel's nodes,
/// that are worth beginning with, if any. Time: that of the programs.
pub(super) fn work(
    kernel: &mut Kernel,
    effort: &Effort,
    incumbent: &mut Incumbent<'_>,
    patience: Patience<'_>,
    (known, mut cuts): (i64, Vec<Cut>),
    progress: &mut dyn FnMut(Progress),
) -> Found {
    let mut run = Run {
        effort,
        patience,
        known,
        bound: known,
        rounds: 0,
        work: 0,
        branch: None,
        is_refined: false,
        offered: Vec::new(),
    };
    loop {
        let Some(snapshot) = kernel.snapshot() else { return Found::nothing_better(incumbent) };
        let mut trees = Trees::carried_over(kernel, &snapshot, incumbent, effort);
        cuts = if cuts.is_empty() { first_cuts(&snapshot, &trees, effort) } else { renumbered(cuts, &snapshot) };
        let mut relaxation = Relaxation::new(Ground::whole(&snapshot));
        cuts.into_iter().for_each(|cut| relaxation.add_cut(cut));
        let state = if relaxation.nonzeros() > patience.nonzeros {
            State::Spent
        } else {
            run.on(kernel, (&snapshot, &mut trees), &mut relaxation, incumbent, progress)
        };
        run.work += relaxation.work;
        if run.bound >= incumbent.cutoff() {
            return Found::nothing_better(incumbent);
        }
        // Cuts are kept in the kernel's numbers, which outlive reductions.
        cuts = relaxation.binding_cuts().into_iter().map(|cut| in_kernel(cut, &snapshot)).collect();
        if state == State::Spent {
            let is_divided = relaxation.nonzeros() <= patience.nonzeros && patience.branches > 0;
            if is_divided {
                let (resting, ground) = (relaxation.resting(), Ground::whole(&snapshot));
                run.divide(kernel, (&snapshot, &ground, &mut trees), resting, incumbent, progress);
            }
            if run.bound >= incumbent.cutoff() {
                return Found::nothing_better(incumbent);
            }
            let paid = (incumbent.cutoff() - run.bound) * 10 < (incumbent.cutoff() - known) * 9;
            return Found { bound: run.bound, branch: run.branch, paid, is_divided, cuts };
        }
        reduce::by_alternatives(kernel, patience.depth, &effort.deadline);
    }
}

impl Found {
    fn nothing_better(incumbent: &Incumbent<'_>) -> Self {
        Self { bound: incumbent.cutoff(), branch: None, paid: true, is_divided: false, cuts: Vec::new() }
    }
}

#[derive(PartialEq, Eq)]
enum State {
    /// Much was fixed, so the kernel is worth reducing.
    Shrunk,
    /// Nothing more comes of it.
    Spent,
}

struct Run<'a> {
    effort: &'a Effort,
    patience: Patience<'a>,
    /// The bound to begin with, and that of now.
    known: i64,
    bound: i64,
    rounds: usize,
    work: i64,
    branch: Option<NodeId>,
    /// Whether programs say all that they can, for nothing more came of them otherwise.
    is_refined: bool,
    /// Trees of this snapshot that the incumbent has been shown.
    offered: Vec<Valued>,
}

impl Run<'_> {
    /// Rounds on one snapshot; how they ended.
    fn on(
        &mut self,
        kernel: &mut Kernel,
        (snapshot, trees): (&Snapshot, &mut Trees<'_>),
        relaxation: &mut Relaxation<'_>,
        incumbent: &mut Incumbent<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> State {
        let before = snapshot.edges.len();
        let mut history = Vec::new();
        self.offered.clear();
        if self.is_refined {
            relaxation.add_all_flow_rows(ALL_FLOW);
        }
        loop {
            let Some(point) = relaxation.solve(&self.effort.deadline) else { return State::Spent };
            self.rounds += 1;
            self.branch = point.most_fractional(&snapshot.problem).map(|node| snapshot.nodes[node.index()]);
            let proof = ascended(snapshot, Some(&point.duals), trees, self.effort);
            if proof.bound >= IMPOSSIBLE {
                self.bound = incumbent.cutoff();
                return State::Spent;
            }
            let scale = relaxation.ground.scale;
            let bound = ceiling(proof.bound, scale) + snapshot.offset;
            // A point that says less than is known is not a good guide yet.
            if bound >= self.bound || self.rounds.is_multiple_of(UNGUIDED) {
                self.grow_tree(&point, kernel, snapshot, trees, incumbent);
            }
            self.bound = self.bound.max(bound);
            progress(Progress {
                value: incumbent.value(),
                bound: self.bound.min(incumbent.cutoff()),
                edges: kernel.live_edges(),
            });
            if self.bound >= incumbent.cutoff() {
                return State::Spent;
            }
            // Values are whole, so a tree is better only if it is at least one unit below the cutoff.
            let cutoff = (incumbent.cutoff() - 1 - snapshot.offset) * scale + 1;
            let proofs = [(snapshot.root, &point.duals), (snapshot.root, &proof)];
            let reach = self.rounds.is_multiple_of(EXTENDED).then_some(Reach::SHORT);
            reduce::by_proofs(kernel, snapshot, &proofs, cutoff, reach, &self.effort.deadline);
            if kernel.live_edges() * 100 <= before * 85 {
                return State::Shrunk;
            }
            // What rounding costs differs from program to program.
            let least = history.last().copied().unwrap_or(f64::INFINITY);
            history.push(least.min((cutoff - proof.bound) as f64));
            let is_idle = self.is_idle(&history);
            let is_left = self.patience.branches > 0 && incumbent.is_wide(self.bound) && is_left_to_branches(&history);
            if self.is_over(relaxation.work) || (is_idle && self.is_refined) || is_left {
                return State::Spent;
            }
            let mut added = separate(relaxation, &point, &proof);
            if (is_idle || added == 0) && !self.is_refined {
                self.is_refined = true;
                added += relaxation.add_all_flow_rows(ALL_FLOW);
                history.clear();
            }
            if self.is_refined {
                added += relaxation.add_zero_half_cuts(&point);
            }
            if added == 0 {
                return State::Spent;
            }
        }
    }

    /// Branches from where the program rests.
    fn divide(
        &mut self,
        kernel: &Kernel,
        (snapshot, ground, trees): (&Snapshot, &Ground<'_>, &mut Trees<'_>),
        resting: Resting,
        incumbent: &mut Incumbent<'_>,
        progress: &mut dyn FnMut(Progress),
    ) {
        if let Some(aside) = self.patience.aside.filter(|_| self.effort.is_raced()) {
            aside.store(true, Ordering::Relaxed);
        }
        let units = |bound: i64| (bound - snapshot.offset) * ground.scale;
        let before = units(self.bound);
        let limits = Limits {
            gain: units(incumbent.cutoff() - 1) + 1 - before,
            reach: 0,
            branches: self.patience.branches,
            work: self.patience.work,
            patience: BRANCH,
            beside: BESIDE,
        };
        let (effort, known) = (self.effort, self.bound);
        let effort = &Effort { deadline: effort.deadline.hundredths(DIVIDING), ..effort.clone() };
        let mut tell = |gain: i64, point: Option<&Point>| {
            self.bound = known.max(ceiling(before + gain, ground.scale) + snapshot.offset);
            self.rounds += 1;
            if let Some(point) = point {
                self.grow_tree(point, kernel, snapshot, trees, incumbent);
            }
            let bound = self.bound.min(incumbent.cutoff());
            progress(Progress { value: incumbent.value(), bound, edges: kernel.live_edges() });
        };
        let found = exact::searched(ground, (resting, before), limits, effort, &mut tell);
        tell(found.gain, None);
    }

    /// Whether patience or time is at its end.
    fn is_over(&self, work: i64) -> bool {
        self.rounds >= self.patience.rounds || self.work + work >= self.patience.work || self.effort.deadline.passed()
    }

    /// Whether little comes of rounds; `history` tells how far each was from the cutoff. A program that is behind what is
    /// known, and does not catch up fast, has too many solutions that are as good: branching is quicker.
    fn is_idle(&self, history: &[f64]) -> bool {
        let last = history.len() - 1;
        let is_flat = last >= FLAT && history[last] > history[last - FLAT] * 0.998;
        let is_behind = last >= 1 && self.bound <= self.known && history[last] > history[last - 1] * 0.92;
        let is_slow = last >= STALL && history[last] > history[last - STALL] * 0.95;
        is_flat || is_behind || is_slow
    }

    /// A tree along what the relaxation uses.
    fn grow_tree(
        &mut self,
        point: &Point,
        kernel: &Kernel,
        snapshot: &Snapshot,
        trees: &mut Trees<'_>,
        incumbent: &mut Incumbent<'_>,
    ) {
        let problem = &snapshot.problem;
        let costs = Point::guided_costs(&point.shares, problem.costs());
        trees.add(&construct::shortest_paths(problem, (snapshot.root, snapshot.root), &costs, None));
        trees.recombine(self.effort.seed + self.rounds as u64);
        incumbent.offer_all(kernel, snapshot, trees.pool.iter().filter(|tree| !self.offered.contains(tree)));
        self.offered.clone_from(&trees.pool);
    }
}

/// Whether a wide gap, told by `history`, shrinks so little from round to round that branches do better.
fn is_left_to_branches(history: &[f64]) -> bool {
    let last = history.len() - 1;
    last >= FLAT && history[last] > history[last - FLAT] * 0.98
}

/// The smallest whole number of units that is not below a value.
fn ceiling(value: i64, scale: i64) -> i64 {
    value.div_euclid(scale) + i64::from(value.rem_euclid(scale) > 0)
}

/// An ascent that tells of its cuts, guided by the best tree: from the costs, or from what the duals of a program left.
fn ascended(snapshot: &Snapshot, start: Option<&Ascent>, trees: &Trees<'_>, effort: &Effort) -> Ascent {
    let (problem, root) = (&snapshot.problem, snapshot.root);
    let guide = trees.best().map(|tree| trees::directed(problem, root, &tree.0));
    let closed = Some(snapshot.closed.as_slice());
    let wishes = Wishes { seed: effort.seed, round: 0, guide, closed, start, record: true, work: None };
    ascent::ascend(problem, root, &wishes, effort)
}

/// Cuts of an ascent, to begin with.
fn first_cuts(snapshot: &Snapshot, trees: &Trees<'_>, effort: &Effort) -> Vec<Cut> {
    Cut::all_of(&ascended(snapshot, None, trees, effort).raised)
}

/// Adds cuts that a point violates, and those of the ascent that went on from its duals; how many rows that makes.
fn separate(relaxation: &mut Relaxation<'_>, point: &Point, proof: &Ascent) -> usize {
    let (problem, root) = (relaxation.ground.problem, relaxation.ground.root);
    let mut added = relaxation.add_flow_rows(&point.shares);
    let mut flow = Flow::new(problem.graph(), root, point.capacities());
    let asking = problem
        .graph()
        .nodes()
        .filter(|&node| node != root && problem.demands()[node.index()] != Demand::None)
        .map(|node| (node, UNIT - (point.lost[node.index()].clamp(0.0, 1.0) * UNIT as f64).round() as i64))
        .collect();
    flow.violated_cuts(asking, NESTED, &mut |terminal, nodes| {
        relaxation.add_cut(Cut { terminal, nodes });
        added += 1;
    });
    let raised = Cut::all_of(&proof.raised);
    added += raised.len();
    raised.into_iter().for_each(|cut| relaxation.add_cut(cut));
    added
}

/// A cut in the kernel's numbers.
fn in_kernel(mut cut: Cut, snapshot: &Snapshot) -> Cut {
    cut.terminal = snapshot.nodes[cut.terminal.index()];
    cut.nodes.iter_mut().for_each(|node| *node = snapshot.nodes[node.index()]);
    cut
}

/// What is left of cuts, given in the kernel's numbers, on a smaller kernel; those that lost their terminal are dropped.
fn renumbered(cuts: Vec<Cut>, snapshot: &Snapshot) -> Vec<Cut> {
    let new = snapshot.numbering();
    let mut kept: Vec<Cut> = cuts.into_iter().filter_map(|cut| kept::renumbered(cut, snapshot, &new)).collect();
    kept.sort_unstable_by(|one, other| (one.terminal, &one.nodes).cmp(&(other.terminal, &other.nodes)));
    kept.dedup_by(|one, other| one.terminal == other.terminal && one.nodes == other.nodes);
    kept
}
