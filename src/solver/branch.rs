//! Branching on what the reductions leave: a node is in the tree, or it is not.
//!
//! The branch with the least bound goes first; a few are worked on at once, always the same ones whatever the number of
//! threads. Source: Leitner, Ljubic, Luipersbeck and Sinnl (INFORMS J. Comput. 2018), section 4.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::effort::Effort;
use crate::graph::NodeId;
use crate::problem::Demand;
use crate::solver::ascent::Cut;
#[cfg(feature = "highs")]
use crate::solver::cuts;
use crate::solver::incumbent::Incumbent;
use crate::solver::kernel::Kernel;
use crate::solver::reduce::Depth;
use crate::solver::rounds::{self, Patience};
use crate::solver::{Progress, construct};

/// Bound and number of an open branch.
type Key = (i64, u64);

/// Branches worked on at once.
const BATCH: usize = 4;

/// Edges up to which branches are bounded by a linear program.
#[cfg(feature = "highs")]
const LP_EDGES: usize = 6_000;

/// Work of the linear program of a branch, in simplex iterations times rows.
#[cfg(feature = "highs")]
const LP_WORK: i64 = 200_000_000;

/// Edges of all open kernels at most, so that memory stays bounded.
const OPEN: usize = 20_000_000;

/// What is known about how to search.
#[derive(Default)]
pub(super) struct Advice {
    /// A good node to divide by first.
    pub(super) node: Option<NodeId>,
    /// Whether branches are worth a linear program each.
    pub(super) has_lp: bool,
    /// Whether branches have been bounded by such programs already, as far as there was time.
    pub(super) is_divided: bool,
    /// Cuts to begin such a program with, in the kernel's nodes.
    pub(super) cuts: Arc<[Cut]>,
}

/// What is still to be searched.
struct Branch {
    kernel: Kernel,
    /// The node to divide by, where one is known to be good.
    hint: Option<NodeId>,
    /// Cuts to begin a linear program with, in the kernel's nodes.
    cuts: Arc<[Cut]>,
}

impl Branch {
    /// What it takes to keep it, in edges of a kernel; a node of a cut is a number, an edge some of them.
    fn size(&self) -> usize {
        self.kernel.live_edges() + self.cuts.iter().map(|cut| cut.nodes.len()).sum::<usize>() / 8
    }
}

/// Searches a kernel to the end, or until so much work (counted in edges of the kernels that are opened) or time is spent;
/// the bound that is proven. It begins with one, and with advice.
pub(super) fn search(
    kernel: Kernel,
    (bound, advice): (i64, Advice),
    most: usize,
    effort: &Effort,
    incumbent: &mut Incumbent<'_>,
    progress: &mut dyn FnMut(Progress),
) -> i64 {
    let edges = kernel.live_edges();
    let first = Branch { kernel, hint: advice.node, cuts: advice.cuts };
    let (mut work, mut memory, mut serial) = (0, first.size(), 0);
    // Open branches by bound, the older first.
    let mut open = BTreeMap::from([((bound, serial), first)]);
    loop {
        let least = open.first_key_value().map_or(i64::MAX, |(&(bound, _), _)| bound);
        let cutoff = incumbent.cutoff();
        if least >= cutoff {
            return cutoff;
        }
        progress(Progress { value: incumbent.value(), bound: least, edges });
        if effort.deadline.passed() || work > most || memory > OPEN {
            return least;
        }
        let batch: Vec<(Key, Branch)> =
            std::iter::from_fn(|| open.pop_first().filter(|((bound, _), _)| *bound < cutoff)).take(BATCH).collect();
        let known = &*incumbent;
        let divided: Vec<(Incumbent<'_>, Vec<(i64, Branch)>)> = batch
            .par_iter()
            .map(|(key, branch)| {
                let mut found = known.clone();
                let children = divide(*key, branch, advice.has_lp, effort, &mut found);
                (found, children)
            })
            .collect();
        for ((_, branch), (found, children)) in batch.iter().zip(divided) {
            work += branch.kernel.live_edges() + 100;
            memory -= branch.size();
            incumbent.merge(found);
            for (bound, child) in children {
                serial += 1;
                memory += child.size();
                open.insert((bound, serial), child);
            }
        }
    }
}

/// Both halves of a branch, each worked on; those that hold no better tree are left out.
fn divide(
    (bound, serial): Key,
    branch: &Branch,
    has_lp: bool,
    effort: &Effort,
    incumbent: &mut Incumbent<'_>,
) -> Vec<(i64, Branch)> {
    let kernel = &branch.kernel;
    let is_open = |node: &NodeId| kernel.demand(*node) != Demand::Required && kernel.degree(*node) > 0;
    let Some(node) = branch.hint.filter(is_open).or_else(|| branching_node(kernel)) else {
        // Everything is decided: the minimum spanning tree is the best.
        if let Some(snapshot) = kernel.snapshot() {
            let all = vec![true; snapshot.nodes.len()];
            let edges = construct::spanning_tree(&snapshot.problem, snapshot.root, &all);
            let value = construct::value(&snapshot.problem, snapshot.root, &edges);
            incumbent.offer(kernel, &snapshot.kernel_edges(&edges), value + snapshot.offset);
        }
        return Vec::new();
    };
    let mut within = kernel.clone();
    within.require(node);
    let mut without = kernel.clone();
    without.delete_node(node);
    let mut children = Vec::new();
    let effort = Effort { seed: effort.seed + 31 * serial, ..effort.clone() };
    for mut child in [within, without] {
        let patience = Patience { rounds: 4, stalls: 1, depth: Depth::BRANCH };
        let bound = rounds::work(&mut child, &effort, incumbent, &patience, bound, &mut |_| ());
        let child = Branch { kernel: child, hint: None, cuts: Arc::clone(&branch.cuts) };
        let (bound, child) = if has_lp { by_lp(child, &effort, incumbent, bound) } else { (bound, child) };
        if bound < incumbent.cutoff() {
            children.push((bound, child));
        }
    }
    children
}

/// A branch with a better bound by a linear program, and with the node that it is least sure about, where the kernel is
/// small enough.
#[cfg(feature = "highs")]
fn by_lp(branch: Branch, effort: &Effort, incumbent: &mut Incumbent<'_>, bound: i64) -> (i64, Branch) {
    let Branch { mut kernel, cuts, .. } = branch;
    if bound >= incumbent.cutoff() || kernel.live_edges() > LP_EDGES || effort.deadline.passed() {
        return (bound, Branch { kernel, hint: None, cuts });
    }
    let patience = cuts::Patience {
        rounds: 30,
        work: LP_WORK,
        depth: Depth::BRANCH,
        nonzeros: usize::MAX,
        branches: 0,
        aside: None,
    };
    let found = cuts::work(&mut kernel, effort, incumbent, patience, (bound, cuts.to_vec()), &mut |_| ());
    (found.bound, Branch { kernel, hint: found.branch, cuts: found.cuts.into() })
}

#[cfg(not(feature = "highs"))]
fn by_lp(branch: Branch, _: &Effort, _: &mut Incumbent<'_>, bound: i64) -> (i64, Branch) {
    (bound, branch)
}

/// The node that is not decided with the most edges.
fn branching_node(kernel: &Kernel) -> Option<NodeId> {
    let undecided = kernel.nodes().filter(|&node| kernel.demand(node) != Demand::Required && kernel.degree(node) > 0);
    undecided.max_by_key(|&node| (kernel.degree(node), Reverse(node)))
}
