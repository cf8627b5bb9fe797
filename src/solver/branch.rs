//! Branching on what the reductions leave: a node is in the tree, or it is not.
//!
//! The branch with the least bound goes first; a few are worked on at once, always the same ones whatever the number of
//! threads. Source: Leitner, Ljubic, Luipersbeck and Sinnl (INFORMS J. Comput. 2018), section 4.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use crate::effort::Effort;
use crate::graph::NodeId;
use crate::problem::Demand;
use crate::solver::incumbent::Incumbent;
use crate::solver::kernel::Kernel;
use crate::solver::reduce::Depth;
use crate::solver::rounds::{self, Patience};
use crate::solver::{Progress, construct};

/// Branches worked on at once.
const BATCH: usize = 4;

/// Work spent at most, counted in edges of the kernels that were opened.
const WORK: usize = 150_000;

/// Edges of all open kernels at most, so that memory stays bounded.
const OPEN: usize = 20_000_000;

/// An open branch.
struct Branch {
    bound: i64,
    serial: u64,
    kernel: Kernel,
}

/// Searches a kernel to the end, or until the work or time is spent; the bound that is proven.
pub(super) fn search(
    kernel: &mut Kernel,
    effort: &Effort,
    incumbent: &mut Incumbent<'_>,
    bound: i64,
    progress: &mut dyn FnMut(Progress),
) -> i64 {
    let mut open: BinaryHeap<Reverse<(i64, u64)>> = BinaryHeap::new();
    let mut branches: Vec<Option<Branch>> = Vec::new();
    let (mut work, mut memory) = (0, kernel.live_edges());
    open.push(Reverse((bound, 0)));
    branches.push(Some(Branch { bound, serial: 0, kernel: kernel.clone() }));
    loop {
        let least = open.peek().map_or(i64::MAX, |Reverse((bound, _))| *bound);
        let cutoff = incumbent.cutoff();
        if least >= cutoff {
            return cutoff;
        }
        progress(Progress { value: incumbent.value(), bound: least, edges: kernel.live_edges() });
        if effort.deadline.passed() || work > WORK || memory > OPEN {
            return least;
        }
        let mut batch = Vec::new();
        while batch.len() < BATCH {
            let Some(Reverse((bound, serial))) = open.pop() else { break };
            if bound < cutoff {
                batch.push(branches[serial as usize].take().expect("an open branch is kept"));
            }
        }
        let known = &*incumbent;
        let children: Vec<(Incumbent<'_>, Vec<(i64, Kernel)>)> = batch
            .par_iter()
            .map(|branch| {
                let mut found = known.clone();
                let children = divide(branch, effort, &mut found);
                (found, children)
            })
            .collect();
        for (branch, (found, born)) in batch.iter().zip(children) {
            work += branch.kernel.live_edges() + 100;
            memory -= branch.kernel.live_edges();
            incumbent.merge(found);
            for (bound, kernel) in born {
                let serial = branches.len() as u64;
                memory += kernel.live_edges();
                open.push(Reverse((bound, serial)));
                branches.push(Some(Branch { bound, serial, kernel }));
            }
        }
    }
}

/// Both halves of a branch, each worked on; those that hold no better tree are left out.
fn divide(branch: &Branch, effort: &Effort, incumbent: &mut Incumbent<'_>) -> Vec<(i64, Kernel)> {
    let Some(node) = branching_node(&branch.kernel) else {
        // Everything is decided: the minimum spanning tree is the best.
        if let Some(snapshot) = branch.kernel.snapshot() {
            let all = vec![true; snapshot.nodes.len()];
            let edges = construct::spanning_tree(&snapshot.problem, snapshot.root, &all);
            let value = construct::value(&snapshot.problem, snapshot.root, &edges);
            incumbent.offer(&branch.kernel, &snapshot.kernel_edges(&edges), value);
        }
        return Vec::new();
    };
    let mut within = branch.kernel.clone();
    within.require(node);
    let mut without = branch.kernel.clone();
    without.delete_node(node);
    let mut children = Vec::new();
    let effort = Effort { seed: effort.seed + 31 * branch.serial, ..effort.clone() };
    for mut kernel in [within, without] {
        let patience = Patience { rounds: 4, stalls: 1, depth: Depth::BRANCH };
        let bound = rounds::work(&mut kernel, &effort, incumbent, &patience, branch.bound, &mut |_| ());
        if bound < incumbent.cutoff() {
            children.push((bound, kernel));
        }
    }
    children
}

/// The node that is not decided with the most edges.
fn branching_node(kernel: &Kernel) -> Option<NodeId> {
    let undecided = kernel.nodes().filter(|&node| kernel.demand(node) != Demand::Required && kernel.degree(node) > 0);
    undecided.max_by_key(|&node| (kernel.degree(node), Reverse(node)))
}
