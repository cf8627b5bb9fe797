//! Dual ascent: a lower bound from cuts that every solution must pay for.
//!
//! Every edge is two arcs that lead away from the root. Sets grow around terminals (see `climb.rs`), and now and then nodes
//! that no set can tell apart any more are made one (see `condense.rs`).
//!
//! Source: Wong (Math. Prog. 28, 1984).

use crate::effort::{Deadline, Effort};
use crate::graph::NodeId;
use crate::problem::SteinerProblem;
use crate::solver::climb::Climb;
use crate::solver::condense::Condensed;
use crate::solver::duals::Duals;
pub(super) use crate::solver::duals::{Ascent, Cut, IMPOSSIBLE, Raised, SHUT};

/// How one ascent differs from another.
#[derive(Default)]
pub(super) struct Wishes<'a> {
    /// Orders cuts of one size.
    pub(super) seed: u64,
    /// Later rounds are less eager, for variety.
    pub(super) round: u64,
    /// Arcs of the best tree known, directed away from the root: a cut that the tree crosses more than once cannot be
    /// tight, so it has to wait.
    pub(super) guide: Option<Vec<bool>>,
    /// By arc, whether no better tree uses it; none where that is not known for this root.
    pub(super) closed: Option<&'a [bool]>,
    /// What an earlier ascent, or a linear program's duals, left to raise; none to begin with the costs.
    pub(super) start: Option<&'a Ascent>,
    /// Whether the sets are to be told of.
    pub(super) record: bool,
    /// Arcs looked at, at most; what is raised by then is a bound all the same.
    pub(super) work: Option<u64>,
}

/// Arcs looked at for each edge before nodes are tied together for the first time; twice as many from time to time.
const FIRST_STAGE: u64 = 40;

/// One ascent from the root. Time: O(m min(t n, m)); near-linear on road graphs but for a few late sets.
pub(super) fn ascend(problem: &SteinerProblem, root: NodeId, wishes: &Wishes<'_>, effort: &Effort) -> Ascent {
    ascend_in_stages((problem, root), wishes, effort, FIRST_STAGE)
}

/// As [`ascend`], with nodes tied together after so many arcs for each edge.
pub(super) fn ascend_in_stages(
    (problem, root): (&SteinerProblem, NodeId),
    wishes: &Wishes<'_>,
    effort: &Effort,
    first_stage: u64,
) -> Ascent {
    let mut whole = start(problem, wishes);
    // Two prizes in one node would be two terminals.
    let has_prizes = problem.demands().iter().any(|demand| demand.prize() > 0);
    let mut stage = if has_prizes { u64::MAX } else { (first_stage * problem.graph().edge_count() as u64).max(1) };
    let mut left = wishes.work.unwrap_or(u64::MAX);
    let guide = wishes.guide.as_deref();
    let mut spent = climb((problem, root), &mut whole, (wishes, guide, stage.min(left)), effort.deadline);
    while let Some(looked) = spent {
        left = left.saturating_sub(looked);
        if left == 0 || whole.bound >= IMPOSSIBLE || effort.deadline.passed() {
            break;
        }
        stage = stage.saturating_mul(2);
        let condensed = Condensed::new(problem, root, &whole.residual);
        let mut part = condensed.folded(&whole);
        let guide = guide.map(|guide| condensed.by_arc(guide));
        let wanted = (wishes, guide.as_deref(), stage.min(left));
        spent = climb((&condensed.problem, condensed.root), &mut part, wanted, effort.deadline);
        condensed.unfold(part, &mut whole);
    }
    whole
}

/// What an ascent begins with.
fn start(problem: &SteinerProblem, wishes: &Wishes<'_>) -> Ascent {
    let (bound, mut residual, prize_left) = if let Some(start) = wishes.start {
        (start.bound, start.residual.clone(), start.prize_left.clone())
    } else {
        let costs = problem.costs().iter().flat_map(|&cost| [cost, cost]);
        (0, costs.collect(), problem.demands().iter().map(|demand| demand.prize()).collect())
    };
    if let Some(closed) = wishes.closed {
        for (left, _) in residual.iter_mut().zip(closed).filter(|(_, closed)| **closed) {
            *left = SHUT;
        }
    }
    Ascent { bound, residual, prize_left, raised: Vec::new() }
}

/// Lets all that ask grow, for so much work; the arcs looked at, if that was too little.
fn climb(
    (problem, root): (&SteinerProblem, NodeId),
    ascent: &mut Ascent,
    (wishes, guide, work): (&Wishes<'_>, Option<&[bool]>, u64),
    deadline: Deadline,
) -> Option<u64> {
    let Ascent { bound, residual, prize_left, .. } = std::mem::take(ascent);
    let duals = Duals::new(problem, root, (bound, residual, prize_left));
    let mut climb = Climb::new(problem, duals, deadline);
    climb.guide = guide;
    climb.record = wishes.record;
    climb.work = work;
    let asking = problem.graph().nodes().filter(|&node| climb.duals.asks(node)).collect();
    let raised = climb.grow_all(asking, wishes.seed, wishes.round);
    let spent = (climb.looked > work).then_some(climb.looked);
    *ascent = Ascent { raised, ..climb.duals.into_ascent() };
    spent
}
