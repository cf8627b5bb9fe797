//! Edges that some best tree holds: they are contracted.
//!
//! *Short links*: the region of a terminal is left by some edge; if the second cheapest way out costs at least what it takes
//! to go from the terminal over the cheapest one to another terminal, the cheapest one is taken. Between two nodes with
//! prizes the edge is taken if it is the cheapest of one of them and neither prize is less than its cost.
//!
//! Source: Duin and Volgenant (Networks 19, 1989), nearest vertex and short links; prizes: Rehfeldt and Koch (ZIB 18-55).

use crate::graph::{EdgeId, NodeId};
use crate::problem::Demand;
use crate::solver::kernel::Kernel;
use crate::solver::reduce::nearest::Near;
use crate::solver::reduce::special::FAR;

/// Contracts what can be told from one look. Time: O(m).
pub(super) fn reduce(kernel: &mut Kernel, near: &Near) {
    let mut certain = short_links(kernel, near);
    certain.sort_unstable();
    certain.dedup();
    for edge in certain {
        // Contracting others may have made it a loop or a dearer parallel.
        if kernel.is_alive(edge) {
            let [tail, _] = kernel.ends(edge);
            kernel.require(tail);
            kernel.contract(edge);
        }
    }
    for node in kernel.nodes() {
        join_prizes(kernel, node);
    }
}

fn short_links(kernel: &Kernel, near: &Near) -> Vec<EdgeId> {
    let nodes = kernel.nodes().count();
    // By terminal: the cheapest edge out of its region and the cost of the next.
    let mut out: Vec<(i64, Option<EdgeId>, i64)> = vec![(FAR, None, FAR); nodes];
    for edge in kernel.edges().filter(|&edge| kernel.is_alive(edge)) {
        let [tail, head] = kernel.ends(edge);
        let base = |node: NodeId| near.of(node).first().map(|known| known.0);
        if base(tail) == base(head) {
            continue;
        }
        for base in [base(tail), base(head)].into_iter().flatten() {
            let (least, first, next) = &mut out[base.index()];
            let cost = kernel.cost(edge);
            if cost < *least {
                (*least, *first, *next) = (cost, Some(edge), *least);
            } else {
                *next = (*next).min(cost);
            }
        }
    }
    let mut certain = Vec::new();
    for terminal in kernel.nodes() {
        let (cost, Some(edge), next) = out[terminal.index()] else { continue };
        let ends = kernel.ends(edge);
        let way: i64 = cost + ends.iter().map(|&end| near.of(end).first().map_or(FAR, |known| known.1)).sum::<i64>();
        if next >= way {
            certain.push(edge);
        }
    }
    certain
}

fn join_prizes(kernel: &mut Kernel, node: NodeId) {
    let Demand::Prize(prize) = kernel.demand(node) else { return };
    let Some(&edge) = kernel.at(node).iter().min_by_key(|&&edge| (kernel.cost(edge), edge)) else { return };
    let cost = kernel.cost(edge);
    let other = kernel.other_end(edge, node);
    let pays = match kernel.demand(other) {
        Demand::Required => prize >= cost,
        Demand::Prize(others) => prize >= cost && others >= cost,
        Demand::None => false,
    };
    if pays {
        kernel.contract(edge);
    }
}
