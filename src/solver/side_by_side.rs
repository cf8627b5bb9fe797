//! Trees and bounds are improved side by side, what both together rule out is taken away, and so on.
//!
//! Rounds of ascents end where a new ascent brings nothing. From there on the best tree is patched and trees evolve on one
//! core while the other searches for better duals; the nearer they get, the more reduced costs fix, and the smaller the
//! kernel is, the faster both go on.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::effort::Effort;
use crate::graph::NodeId;
use crate::problem::Demand;
use crate::solver::ascent::{Ascent, Raised};
use crate::solver::dual_search::Ground;
use crate::solver::evolution;
use crate::solver::incumbent::Incumbent;
use crate::solver::kernel::{Kernel, Snapshot};
use crate::solver::narrow::EdgeCharges;
use crate::solver::patches::{Patching, Solve};
use crate::solver::reduce::{self, Depth, Reach};
use crate::solver::trees::Trees;
use crate::solver::{Progress, trees};

/// How long to go on.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    /// Rounds at most.
    pub(super) rounds: usize,
    /// Work in each round, in trees times edges; so much that ascents take about as long on the other side.
    pub(super) work: usize,
    /// Hundredths by which the gap must have shrunk for another round, where the kernel has not.
    pub(super) shrunk: i128,
    /// Edges of a kernel that is small enough for other means.
    pub(super) small: usize,
}

/// Rounds without trees at most, from one with them to the next.
const WITHOUT: usize = 4;

/// Generations in a row that may bring nothing.
const STALLS: usize = 12;

/// Arcs that the ascents may look at for each edge of a tree.
const DUALS: u64 = 100;

/// Arcs that they may look at for each edge of the kernel: small kernels have soon seen all that such a search finds.
const DUALS_EACH: u64 = 10_000;

/// Edges up to which fragments are extended.
const EXTENDED: usize = 30_000;

/// Hundredths by which the kernel must have shrunk for another round, where the gap has not.
const KERNEL_SHRUNK: i128 = 6;

/// When trees have their turn beside the duals: the more turns in a row brought nothing, the longer until the next.
pub(super) struct TreeTurns<'a> {
    /// Parcels in which the best tree is solved.
    pub(super) patching: Patching<'a>,
    /// Turns in a row that brought nothing, and rounds since the last.
    in_vain: usize,
    since: usize,
}

impl<'a> TreeTurns<'a> {
    pub(super) fn new(solve: Solve<'a>) -> Self {
        Self { patching: Patching::new(solve), in_vain: 0, since: 0 }
    }

    /// Whether the next round has trees.
    fn have_turn(&self) -> bool {
        self.since >= self.in_vain.min(WITHOUT)
    }

    /// Takes note of a round, with trees or without, and whether a better one was found.
    fn note(&mut self, had_turn: bool, is_better: bool) {
        (self.in_vain, self.since) = match (had_turn, is_better) {
            (true, true) => (0, 0),
            (true, false) => (self.in_vain + 1, 0),
            (false, _) => (self.in_vain, self.since + 1),
        };
    }
}

/// What came of it.
pub(super) struct Found {
    /// No tree of the kernel has a smaller value, in terms of the original problem, unless the cutoff is smaller.
    pub(super) bound: i64,
    /// Sets that paid for the last bound, in the kernel's nodes.
    pub(super) paid: Vec<Raised>,
}

/// Works on a kernel until trees and bounds come no nearer; it begins with a bound, and sets in the kernel's nodes that paid.
///
/// Deterministic for a seed unless the deadline burns. Time: that of the work, and of reductions in each round.
pub(super) fn work(
    kernel: &mut Kernel,
    effort: &Effort,
    incumbent: &mut Incumbent<'_>,
    (patience, trees): (Patience, &mut TreeTurns<'_>),
    (known, mut paid): (i64, Vec<Raised>),
    progress: &mut dyn FnMut(Progress),
) -> Found {
    let mut bound = known;
    for round in 0..patience.rounds {
        let Some(snapshot) = kernel.snapshot() else { return Found { bound: incumbent.cutoff(), paid } };
        let before = (snapshot.edges.len(), incumbent.cutoff() - bound);
        let effort = Effort { seed: effort.seed + 1_000 * round as u64, ..effort.clone() };
        let value = incumbent.value();
        let has_trees = !effort.is_raced() || trees.have_turn();
        let mut ascent = both(
            (kernel, round),
            (&snapshot, std::mem::take(&mut paid)),
            &effort,
            incumbent,
            (patience.work, has_trees.then_some(&mut trees.patching)),
        );
        trees.note(has_trees, incumbent.value() < value);
        bound = bound.max(ascent.bound.saturating_add(snapshot.offset));
        progress(Progress { value: incumbent.value(), bound: bound.min(incumbent.cutoff()), edges: before.0 });
        if bound >= incumbent.cutoff() {
            return Found { bound: incumbent.cutoff(), paid };
        }
        paid = std::mem::take(&mut ascent.raised);
        for sets in &mut paid {
            sets.terminal = snapshot.nodes[sets.terminal.index()];
            sets.nodes.iter_mut().for_each(|node| *node = snapshot.nodes[node.index()]);
        }
        if effort.deadline.passed() {
            break;
        }
        let cutoff = incumbent.cutoff() - snapshot.offset;
        let proofs = [(snapshot.root, &ascent)];
        let reach = if round == 0 { Reach::SHORT } else { Reach::FAR };
        let reach = (before.0 <= EXTENDED).then_some(reach);
        reduce::by_proofs(kernel, &snapshot, &proofs, cutoff, reach, &effort.deadline);
        reduce::by_alternatives(kernel, Depth::of(kernel.live_edges()), &effort.deadline);
        let gap = incumbent.cutoff() - bound;
        let has_shrunk = |after: i128, before: i128, by: i128| after * 100 <= before * (100 - by);
        let is_nearer = has_shrunk(i128::from(gap), i128::from(before.1), patience.shrunk);
        if kernel.live_edges() <= patience.small {
            break;
        }
        if !is_nearer && !has_shrunk(kernel.live_edges() as i128, before.0 as i128, KERNEL_SHRUNK) {
            break;
        }
    }
    Found { bound, paid }
}

/// Trees on one side, which go to the incumbent; duals on the other, or on both where trees have no turn.
fn both(
    (kernel, round): (&Kernel, usize),
    (snapshot, paid): (&Snapshot, Vec<Raised>),
    effort: &Effort,
    incumbent: &mut Incumbent<'_>,
    (work, aside): (usize, Option<&mut Patching<'_>>),
) -> Ascent {
    let (problem, root) = (&snapshot.problem, snapshot.root);
    let guide = guide((kernel, snapshot), incumbent, effort);
    let ground = Ground { problem, root, guide: &guide, closed: &snapshot.closed, effort };
    let enough = incumbent.cutoff() - snapshot.offset;
    let duals = (DUALS * work as u64).min(DUALS_EACH * snapshot.edges.len() as u64);
    let first = if paid.is_empty() { ground.first() } else { ground.resumed(renumbered(paid, snapshot)) };
    let Some(patching) = aside else { return ground.deepen_by_two(first, duals, enough) };
    let charges = EdgeCharges::where_close(kernel, snapshot, &first, enough);
    let (stop, is_busy) = (AtomicBool::new(false), AtomicBool::new(true));
    let patience = evolution::Patience { work, stalls: STALLS, is_parallel: true, stop: &stop };
    // Who sets a time limit has no use for waiting: either side goes on until the other is done as well.
    let is_raced = effort.is_raced();
    let ((), ascent) = rayon::join(
        || {
            better_trees((kernel, snapshot), (charges.as_ref(), round), effort, incumbent, (patching, patience));
            is_busy.store(false, Ordering::Relaxed);
        },
        || {
            let ascent = ground.deepen_until(first, enough, |done| {
                let is_enough = done >= duals;
                stop.store(is_raced && is_enough, Ordering::Relaxed);
                is_enough && !(is_raced && is_busy.load(Ordering::Relaxed))
            });
            // No better tree is left to be found once the bound is high enough.
            stop.store(is_raced || ascent.bound >= enough, Ordering::Relaxed);
            ascent
        },
    );
    ascent
}

/// Arcs of the best tree known, as far as a kernel has them.
fn guide((kernel, snapshot): (&Kernel, &Snapshot), incumbent: &Incumbent<'_>, effort: &Effort) -> Vec<bool> {
    let trees = Trees::carried_over(kernel, snapshot, incumbent, effort);
    let best = trees.best().expect("there is an incumbent");
    trees::directed(&snapshot.problem, snapshot.root, &best.0)
}

/// Better trees of a kernel, as far as an ascent tells where they are; they go to the incumbent.
pub(super) fn grow_trees(
    kernel: &Kernel,
    effort: &Effort,
    incumbent: &mut Incumbent<'_>,
    (patching, patience): (&mut Patching<'_>, evolution::Patience<'_>),
) {
    let Some(snapshot) = kernel.snapshot() else { return };
    let (problem, root) = (&snapshot.problem, snapshot.root);
    let guide = guide((kernel, &snapshot), incumbent, effort);
    let first = Ground { problem, root, guide: &guide, closed: &snapshot.closed, effort }.first();
    let enough = incumbent.cutoff() - snapshot.offset;
    let charges = EdgeCharges::where_close(kernel, &snapshot, &first, enough);
    better_trees((kernel, &snapshot), (charges.as_ref(), 0), effort, incumbent, (patching, patience));
}

/// Patches the best tree and evolves trees, where they are most likely better first; without such a part of the kernel, or where
/// nothing comes of that, on all of it; again and again until all is over, where that is raced.
fn better_trees(
    (kernel, snapshot): (&Kernel, &Snapshot),
    (charges, first): (Option<&EdgeCharges>, usize),
    effort: &Effort,
    incumbent: &mut Incumbent<'_>,
    (patching, patience): (&mut Patching<'_>, evolution::Patience<'_>),
) {
    let is_over = || effort.deadline.passed() || patience.stop.load(Ordering::Relaxed);
    for turn in 0.. {
        let known = incumbent.value();
        let effort = &Effort { seed: effort.seed + turn as u64, ..effort.clone() };
        let narrow = charges.and_then(|charges| charges.narrowed(kernel, incumbent, effort, first + turn));
        if let Some((kernel, snapshot)) = &narrow {
            patching.anew().patch((kernel, snapshot), incumbent, usize::MAX, (effort, &is_over));
            evolution::work((kernel, snapshot), effort, incumbent, patience);
        }
        if patching.divides(snapshot.problem.graph()) {
            patching.patch((kernel, snapshot), incumbent, 1, (effort, &is_over));
        }
        if narrow.is_none() || incumbent.value() == known {
            evolution::work((kernel, snapshot), effort, incumbent, patience);
        }
        if !effort.is_raced() || is_over() {
            return;
        }
    }
}

/// Sets in the kernel's nodes as sets of what is left of it; those that lost all who ask, or took in the root, are dropped.
fn renumbered(paid: Vec<Raised>, snapshot: &Snapshot) -> Vec<Raised> {
    let new = snapshot.numbering();
    let demands = snapshot.problem.demands();
    let mut kept = Vec::new();
    for Raised { terminal, nodes, mut raises } in paid {
        let Some(terminal) = new(terminal).filter(|node| demands[node.index()] != Demand::None) else { continue };
        // How many of the first so many nodes are left.
        let mut left = vec![0u32; nodes.len() + 1];
        for (at, &node) in nodes.iter().enumerate() {
            left[at + 1] = left[at] + u32::from(new(node).is_some());
        }
        let nodes: Vec<NodeId> = nodes.into_iter().filter_map(&new).collect();
        raises.iter_mut().for_each(|raise| raise.size = left[raise.size as usize]);
        // A set pays only for as long as the root is not in it.
        let outside = nodes.iter().position(|&node| node == snapshot.root).unwrap_or(nodes.len());
        raises.retain(|raise| raise.size > 0 && raise.size as usize <= outside);
        kept.push(Raised { terminal, nodes, raises });
    }
    kept
}
