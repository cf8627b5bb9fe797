//! Rounds of dual ascents, trees and reductions on one kernel, until nothing moves any more.
//!
//! Better trees make reduced-cost fixing stronger, a smaller kernel makes ascents and trees better.

use std::time::Duration;

use rayon::prelude::*;

use crate::effort::Effort;
use crate::graph::NodeId;
use crate::problem::{Demand, SteinerProblem};
use crate::solver::ascent::{self, Ascent, IMPOSSIBLE, Wishes};
use crate::solver::incumbent::Incumbent;
use crate::solver::kernel::{Kernel, Snapshot};
use crate::solver::reduce::{self, Depth, Reach};
use crate::solver::trees::{self, Trees, Valued};
use crate::solver::{Progress, construct};

/// How long to go on.
pub(super) struct Patience {
    /// Rounds at most.
    pub(super) rounds: u64,
    /// Rounds in a row that may change little.
    pub(super) stalls: u64,
    /// How far reductions look.
    pub(super) depth: Depth,
}

/// Edges up to which a second root is worth an ascent of its own: from a far root a few sets grow over the whole graph.
const TWO_ROOTS: usize = 60_000;

/// Edges up to which fragments are extended: where gaps are wide they refute little, and take longer than ascents.
const EXTENDED: usize = 60_000;

/// One in so many edges must have gone before alternatives are looked for again.
const CHANGED: usize = 100;

/// Time that a round takes at least, in millionths of a second for each edge; a deadline that is nearer ends the rounds.
const ROUND_MICROS: u64 = 3;

/// Works on a kernel; a bound on every tree of it in terms of the original problem, at least the one known, and the cutoff
/// where no better tree is left. Time: that of the rounds, each a few ascents and local searches.
pub(super) fn work(
    kernel: &mut Kernel,
    effort: &Effort,
    incumbent: &mut Incumbent<'_>,
    patience: &Patience,
    known: i64,
    progress: &mut dyn FnMut(Progress),
) -> i64 {
    let mut bound = known;
    let mut stalls = 0;
    let mut looked_at = kernel.live_edges();
    for round in 0..patience.rounds {
        let needed = Duration::from_micros(kernel.live_edges() as u64 * ROUND_MICROS);
        if effort.deadline.leaves_at_most(needed) {
            break;
        }
        let Some(snapshot) = kernel.snapshot() else { return incumbent.cutoff() };
        let before = (snapshot.edges.len(), bound, incumbent.value());
        let ascents = search(kernel, &snapshot, effort, incumbent, round);
        for (_, ascent) in &ascents {
            bound = bound.max(ascent.bound.saturating_add(kernel.offset));
        }
        progress(Progress { value: incumbent.value(), bound: bound.min(incumbent.cutoff()), edges: before.0 });
        if bound >= incumbent.cutoff() {
            return incumbent.cutoff();
        }
        if effort.deadline.passed() {
            break;
        }
        let cutoff = incumbent.cutoff() - kernel.offset;
        let ascents: Vec<(NodeId, &Ascent)> = ascents.iter().map(|(root, ascent)| (*root, ascent)).collect();
        // Short fragments refute most of what can be refuted; far ones are for what is left then.
        let reach = if stalls == 0 { Reach::SHORT } else { Reach::FAR };
        let reach = (before.0 <= EXTENDED).then_some(reach);
        reduce::by_proofs(kernel, &snapshot, &ascents, cutoff, reach, &effort.deadline);
        // Alternatives were looked for in all that is left already: only what has changed since is of use.
        if (looked_at - kernel.live_edges()) * CHANGED > looked_at {
            reduce::by_alternatives(kernel, patience.depth, &effort.deadline);
            looked_at = kernel.live_edges();
        }
        let little = kernel.live_edges() * 20 >= before.0 * 19;
        let gap = incumbent.cutoff() - bound;
        let closer = (incumbent.value() < before.2 || bound > before.1) && gap * 10 < (before.2 - before.1) * 9;
        stalls = if little && !closer { stalls + 1 } else { 0 };
        if stalls >= patience.stalls {
            break;
        }
    }
    bound
}

/// Ascents from two roots, trees from both; the trees go to the incumbent.
fn search(
    kernel: &Kernel,
    snapshot: &Snapshot,
    effort: &Effort,
    incumbent: &mut Incumbent<'_>,
    round: u64,
) -> Vec<(NodeId, Ascent)> {
    let problem = &snapshot.problem;
    let mut trees = Trees::carried_over(kernel, snapshot, incumbent, effort);
    let guide = trees.best().expect("there is an incumbent").0.clone();
    let mut roots = vec![snapshot.root];
    if snapshot.edges.len() <= TWO_ROOTS {
        roots.push(other_root(problem, snapshot.root, effort.seed + round));
    }
    let ascents: Vec<(NodeId, Ascent)> = roots
        .par_iter()
        .enumerate()
        .map(|(place, &root)| {
            let seed = effort.seed + 2 * round + place as u64;
            let guided = round > 0 || place == 1;
            let wishes = Wishes {
                seed,
                round: round + place as u64,
                guide: guided.then(|| trees::directed(problem, root, &guide)),
                closed: (root == snapshot.root).then_some(snapshot.closed.as_slice()),
                ..Default::default()
            };
            (root, ascent::ascend(problem, root, &wishes, effort))
        })
        .collect();
    if effort.deadline.passed() || ascents.iter().any(|(_, ascent)| ascent.bound >= IMPOSSIBLE) {
        return ascents;
    }
    let start = other_root(problem, snapshot.root, effort.seed + 7 * round + 3);
    let found: Vec<Valued> = (0..2 * ascents.len())
        .into_par_iter()
        .map(|place| {
            let (root, ascent) = &ascents[place / 2];
            let nodes = if place % 2 == 0 {
                construct::shortest_paths(problem, (*root, snapshot.root), problem.costs(), Some(&ascent.residual))
            } else {
                construct::shortest_paths(problem, (start, snapshot.root), &ascent.reduced_edge_costs(problem), None)
            };
            trees.improved(trees.spanned(&nodes))
        })
        .collect();
    found.into_iter().for_each(|tree| trees.keep(tree));
    trees.recombine(effort.seed + round);
    for (edges, value) in &trees.pool {
        incumbent.offer(kernel, &snapshot.kernel_edges(edges), *value + snapshot.offset);
        // The best comes first; to bring back the others takes time as well.
        if effort.deadline.passed() {
            break;
        }
    }
    ascents
}

/// A required node to begin from, differently for every seed; the root itself where there is no other.
fn other_root(problem: &SteinerProblem, root: NodeId, seed: u64) -> NodeId {
    let others: Vec<NodeId> = problem
        .graph()
        .nodes()
        .filter(|&node| node != root && problem.demands()[node.index()] == Demand::Required)
        .collect();
    if others.is_empty() {
        return root;
    }
    let mixed = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    others[(mixed % others.len() as u64) as usize]
}
