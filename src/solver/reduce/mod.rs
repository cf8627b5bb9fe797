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
mod replace;
mod special;

use crate::effort::Deadline;
use crate::graph::NodeId;
use crate::solver::ascent::Ascent;
use crate::solver::kernel::{Kernel, Snapshot};
use crate::solver::reduce::special::{Look, Near, Profits};
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

    fn look<'a>(self, near: Option<&'a Near>, profits: &'a Profits, deadline: &'a Deadline) -> Look<'a> {
        Look { near, profits, edges: self.edges, deadline }
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
        let Some(near) = Near::new(kernel, deadline) else { return };
        alternatives::reduce(kernel, depth.look(Some(&near), &Profits::Plain, deadline));
        // A walk that took an edge out on account of prizes need not keep the ways between required nodes as short.
        let near = (!kernel.has_prizes()).then_some(&near);
        replace::reduce(kernel, depth.look(near, &Profits::Plain, deadline));
        degree::reduce(kernel);
        if deadline.passed() {
            return;
        }
        let Some(near) = Near::new(kernel, deadline) else { return };
        links::reduce(kernel, &near);
        degree::reduce(kernel);
        let implied = Profits::implied(kernel);
        alternatives::reduce(kernel, depth.look(None, &implied, deadline));
        degree::reduce(kernel);
        let implied = Profits::implied(kernel);
        replace::reduce(kernel, depth.look(None, &implied, deadline));
        degree::reduce(kernel);
        if (before - kernel.live_edges()) * depth.worth <= before || deadline.passed() {
            return;
        }
    }
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
        0 => alternatives::reduce(kernel, full.look(Some(&near), &plain, &never)),
        1 => replace::reduce(kernel, full.look((!kernel.has_prizes()).then_some(&near), &plain, &never)),
        2 => links::reduce(kernel, &near),
        3 => alternatives::reduce(kernel, full.look(None, &implied, &never)),
        _ => replace::reduce(kernel, full.look(None, &implied, &never)),
    }
}
