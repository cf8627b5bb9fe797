//! Reductions: what can be told about the best trees without searching for them.
//!
//! Each takes a kernel to a smaller one with the same optimum, or, where it rests on the best value known, with the same
//! better trees.

mod alternatives;
mod blocks;
mod degree;
mod extended;
mod fixing;
mod fragment;
mod links;
mod nearest;
mod replace;
mod special;

use crate::effort::Deadline;
use crate::graph::NodeId;
use crate::solver::ascent::Ascent;
use crate::solver::changes::Test;
use crate::solver::kernel::{Kernel, Snapshot};
use crate::solver::reduce::nearest::Near;
use crate::solver::reduce::special::{Look, Profits};
#[cfg(test)]
pub(super) use blocks::reduce as by_blocks;
#[cfg(test)]
pub(super) use degree::reduce as by_degree;
pub(super) use extended::Reach;
#[cfg(test)]
pub(super) use extended::reduce as by_extension;
pub(super) use fixing::{Charge, Ways};
#[cfg(test)]
pub(super) use fixing::{forks as by_branchings, reduce as by_reduced_costs};

/// How far to look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Depth {
    /// Edges that a search around a node looks at.
    pub(super) edges: usize,
    /// Rounds go on while one takes away at least one in so many of the edges.
    pub(super) worth: usize,
    /// Rounds at most.
    pub(super) rounds: usize,
}

impl Depth {
    pub(super) const LIGHT: Self = Self { edges: 40, worth: 12, rounds: 3 };
    pub(super) const BRANCH: Self = Self { edges: 60, worth: 20, rounds: 3 };
    pub(super) const FULL: Self = Self { edges: 250, worth: 60, rounds: 12 };

    /// Edges up to which it pays to look far.
    const FAR: usize = 60_000;

    /// How far it pays to look in a kernel of so many edges.
    pub(super) const fn of(edges: usize) -> Self {
        if edges <= Self::FAR { Self::FULL } else { Self::LIGHT }
    }

    fn look<'a>(self, test: Test, profits: &'a Profits, deadline: &'a Deadline) -> Look<'a> {
        Look { test, profits, edges: self.edges, deadline }
    }
}

/// Reductions that rest on no value: degrees, blocks, special distances, replacements, short links, again and again.
///
/// Time: O(rounds n (edges looked at + log n)).
pub(super) fn by_alternatives(kernel: &mut Kernel, depth: Depth, deadline: &Deadline) {
    for _ in 0..depth.rounds {
        let before = kernel.live_edges();
        blocks::reduce(kernel);
        degree::reduce(kernel);
        let Some(near) = edges(kernel, depth, deadline) else { return };
        // A walk that took an edge out on account of prizes need not keep the ways between required nodes as short.
        let near = (!kernel.has_prizes()).then_some(&near);
        replace::reduce(kernel, depth.look(Test::Forks, &Profits::Plain, deadline), near);
        degree::reduce(kernel);
        if deadline.passed() {
            return;
        }
        let Some(regions) = Near::regions(kernel, deadline) else { return };
        links::reduce(kernel, &regions);
        degree::reduce(kernel);
        edges_by_profits(kernel, depth, deadline);
        degree::reduce(kernel);
        let implied = Profits::implied(kernel);
        replace::reduce(kernel, depth.look(Test::ForksByProfits, &implied, deadline), None);
        degree::reduce(kernel);
        if (before - kernel.live_edges()) * depth.worth <= before || deadline.passed() {
            return;
        }
    }
}

/// Takes out edges that walks over required nodes and prizes make needless; the nearest required nodes before that.
fn edges(kernel: &mut Kernel, depth: Depth, deadline: &Deadline) -> Option<Near> {
    let look = depth.look(Test::Edges, &Profits::Plain, deadline);
    let nodes = kernel.changed_since(look.test, look.edges);
    let known = &*kernel;
    let (near, promising) = rayon::join(|| Near::new(known, deadline), || alternatives::promising(known, &nodes, look));
    let near = near?;
    alternatives::by_nearest(kernel, &near, deadline);
    alternatives::reduce(kernel, &promising, look);
    Some(near)
}

/// Takes out edges that walks with implied profits make needless.
fn edges_by_profits(kernel: &mut Kernel, depth: Depth, deadline: &Deadline) {
    let implied = Profits::implied(kernel);
    let look = depth.look(Test::EdgesByProfits, &implied, deadline);
    let nodes = kernel.changed_since(look.test, look.edges);
    let promising = alternatives::promising(kernel, &nodes, look);
    alternatives::reduce(kernel, &promising, look);
}

/// Parts in which fragments are extended side by side, whatever the number of threads, and edges from which there are
/// parts.
const PARTS: usize = 4;
const SPLIT: usize = 2_000;

/// Reductions that rest on the best value known: what proofs on a snapshot of the kernel, each by its root, show to be in no
/// tree with a value below `cutoff` (in the kernel's own terms) goes. With a reach fragments are extended as well.
///
/// Time: O(m log n) for each proof, and that of the fragments.
pub(super) fn by_proofs(
    kernel: &mut Kernel,
    snapshot: &Snapshot,
    proofs: &[(NodeId, &Ascent)],
    cutoff: i64,
    reach: Option<Reach>,
    deadline: &Deadline,
) {
    let charges = Charge::all(snapshot, proofs, cutoff);
    fixing::reduce(kernel, snapshot, &charges);
    if let Some(reach) = reach {
        let parts = if kernel.live_edges() < SPLIT { 1 } else { PARTS };
        extended::reduce(kernel, snapshot, &charges, (reach, parts), deadline);
    }
    fixing::forks(kernel, snapshot, &charges);
}

/// One reduction alone, for the laws.
#[cfg(test)]
pub(super) fn one(kernel: &mut Kernel, part: usize) {
    let never = Deadline::never();
    let near = Near::new(kernel, &never).expect("there is time");
    let (plain, implied) = (Profits::Plain, Profits::implied(kernel));
    let full = Depth::FULL;
    match part {
        0 => drop(edges(kernel, full, &never)),
        1 => replace::reduce(kernel, full.look(Test::Forks, &plain, &never), (!kernel.has_prizes()).then_some(&near)),
        2 => links::reduce(kernel, &Near::regions(kernel, &never).expect("there is time")),
        3 => edges_by_profits(kernel, full, &never),
        _ => replace::reduce(kernel, full.look(Test::ForksByProfits, &implied, &never), None),
    }
}
