//! Reductions: what can be told about the best trees without searching for them.
//!
//! Each takes a kernel to a smaller one with the same optimum, or, where it rests on the best value known, with the same
//! better trees.

mod alternatives;
mod degree;
mod fixing;
mod links;
mod replace;
mod special;

use crate::effort::Deadline;
use crate::solver::kernel::Kernel;
#[cfg(test)]
pub(super) use degree::reduce as by_degree;

pub(super) use fixing::reduce as by_reduced_costs;

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
}

/// Reductions that rest on no value: degrees, special distances, replacements, short links, again and again.
///
/// Time: O(rounds n (edges looked at + log n)).
pub(super) fn by_alternatives(kernel: &mut Kernel, depth: Depth, deadline: &Deadline) {
    degree::reduce(kernel);
    for _ in 0..depth.rounds {
        let before = kernel.live_edges();
        let near = special::Near::new(kernel);
        alternatives::reduce(kernel, Some(&near), &special::Profits::Plain, depth.edges, deadline);
        replace::reduce(kernel, Some(&near), &special::Profits::Plain, depth.edges, deadline);
        degree::reduce(kernel);
        if deadline.passed() {
            return;
        }
        let near = special::Near::new(kernel);
        links::reduce(kernel, &near);
        degree::reduce(kernel);
        let implied = special::Profits::implied(kernel);
        alternatives::reduce(kernel, None, &implied, depth.edges, deadline);
        degree::reduce(kernel);
        let implied = special::Profits::implied(kernel);
        replace::reduce(kernel, None, &implied, depth.edges, deadline);
        degree::reduce(kernel);
        if (before - kernel.live_edges()) * depth.worth <= before || deadline.passed() {
            return;
        }
    }
}

/// One reduction alone, for the laws.
#[cfg(test)]
pub(super) fn one(kernel: &mut Kernel, part: usize) {
    let never = Deadline::never();
    let near = special::Near::new(kernel);
    let (plain, implied) = (special::Profits::Plain, special::Profits::implied(kernel));
    match part {
        0 => drop(alternatives::reduce(kernel, Some(&near), &plain, 250, &never)),
        1 => drop(replace::reduce(kernel, Some(&near), &plain, 250, &never)),
        2 => drop(links::reduce(kernel, &near)),
        3 => drop(alternatives::reduce(kernel, None, &implied, 250, &never)),
        _ => drop(replace::reduce(kernel, None, &implied, 250, &never)),
    }
}
