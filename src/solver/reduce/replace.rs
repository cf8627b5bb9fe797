//! Nodes that no best tree branches at: they are replaced by edges between their neighbours.
//!
//! If the neighbours of a node can be joined without it for no more than its edges to them cost, for every three of them and
//! more, then some best tree passes the node at most, between two of them.
//!
//! Source: Duin and Volgenant (Networks 19, 1989), bottleneck degree m test; Polzin (PhD thesis, 2003), section 3.3.

use crate::graph::{EdgeId, NodeId};
use crate::problem::Demand;
use crate::solver::kernel::Kernel;
use crate::solver::reduce::nearest::Near;
use crate::solver::reduce::special::{Around, FAR, Look, Until, searched};

/// Largest number of edges of a node that is tried.
const DEGREE: usize = 4;

/// Replaces nodes of degree 3 and 4.
///
/// The nearest required nodes, where ways over them count, must be those of this kernel, with nothing taken out since but by
/// walks over required nodes.
/// Time: O(n edges looked at).
pub(super) fn reduce(kernel: &mut Kernel, look: Look<'_>, near: Option<&Near>) {
    let is_fork = |kernel: &Kernel, node: NodeId| {
        kernel.demand(node) == Demand::None && (3..=DEGREE).contains(&kernel.degree(node))
    };
    let mut nodes = kernel.changed_since(look.test, look.edges);
    nodes.retain(|&node| is_fork(kernel, node));
    let promising = searched(kernel, look.deadline, &nodes, |around, node| {
        ways_through(kernel, around, (look, near), node).is_some()
    });
    // What replaces one node may be a neighbour of the next, so each is looked at again.
    let mut around = Around::new(if promising.is_empty() { 0 } else { kernel.nodes().count() });
    for (place, &node) in promising.iter().enumerate() {
        if place.is_multiple_of(256) && look.deadline.passed() {
            break;
        }
        if !is_fork(kernel, node) {
            continue;
        }
        if let Some(ways) = ways_through(kernel, &mut around, (look, near), node) {
            for (one, other) in ways {
                kernel.join(one, other, node, 0);
            }
            kernel.delete_node(node);
        }
    }
}

/// The pairs of edges over which trees go on to pass a node, if its neighbours can be joined without it.
fn ways_through(
    kernel: &Kernel,
    around: &mut Around,
    (look, near): (Look<'_>, Option<&Near>),
    node: NodeId,
) -> Option<Vec<(EdgeId, EdgeId)>> {
    let star: Vec<EdgeId> = kernel.at(node).to_vec();
    let tips: Vec<NodeId> = star.iter().map(|&edge| kernel.other_end(edge, node)).collect();
    let costs: Vec<i64> = star.iter().map(|&edge| kernel.cost(edge)).collect();
    let whole: i64 = costs.iter().sum();
    let mut distance = [[0i64; DEGREE]; DEGREE];
    for from in 0..tips.len() - 1 {
        let until = Until { limit: whole, most: look.edges, wanted: &tips[from + 1..] };
        around.search(kernel, look.profits, (tips[from], Some(node)), until);
        for to in from + 1..tips.len() {
            let mut least = around.found(tips[to]).map_or(FAR, |(least, _)| least);
            if let Some(near) = near {
                // A way by the nearest terminals may lead over the node, so it has to be shorter, not as short.
                least = least.min(near.between(tips[from], tips[to], 0) + 1);
            }
            distance[from][to] = least;
            distance[to][from] = least;
        }
    }
    if !joined_without(&distance, &costs) {
        return None;
    }
    let pairs = (0..tips.len()).flat_map(|one| (one + 1..tips.len()).map(move |other| (one, other)));
    let kept = pairs.filter(|&(one, other)| distance[one][other] > costs[one] + costs[other]);
    let kept: Vec<_> = kept.map(|(one, other)| (star[one], star[other])).collect();
    (kept.len() <= tips.len()).then_some(kept)
}

/// Whether every three neighbours, and all of them, are joined by special distances for no more than by the star.
fn joined_without(distance: &[[i64; DEGREE]; DEGREE], costs: &[i64]) -> bool {
    let count = costs.len();
    (0u32..1 << count).filter(|subset| subset.count_ones() >= 3).all(|subset| {
        let members: Vec<usize> = (0..count).filter(|&member| subset >> member & 1 == 1).collect();
        let star: i64 = members.iter().map(|&member| costs[member]).sum();
        spanning_tree(distance, &members) <= star
    })
}

/// Length of a minimum spanning tree, by Prim's algorithm on a handful of nodes.
fn spanning_tree(distance: &[[i64; DEGREE]; DEGREE], members: &[usize]) -> i64 {
    let mut left: Vec<(i64, usize)> = members[1..].iter().map(|&to| (distance[members[0]][to], to)).collect();
    let mut length = 0i64;
    while let Some(place) = (0..left.len()).min_by_key(|&place| left[place]) {
        let (step, joined) = left.swap_remove(place);
        length = length.saturating_add(step);
        for (known, to) in &mut left {
            *known = (*known).min(distance[joined][*to]);
        }
    }
    length
}
