//! The special-distance test: edges that are not needed, for a walk between their ends is as good.

use crate::effort::Deadline;
use crate::graph::{EdgeId, NodeId};
use crate::solver::kernel::Kernel;
use crate::solver::reduce::nearest::Near;
use crate::solver::reduce::special::{Around, Look, Until, searched};

/// Takes out edges that cost at least a special distance by way of the nearest required nodes, those of this kernel.
///
/// Time: O(m log t).
pub(super) fn by_nearest(kernel: &mut Kernel, near: &Near, deadline: &Deadline) {
    for edge in kernel.edges() {
        if edge.0.is_multiple_of(4096) && deadline.passed() {
            return;
        }
        if kernel.is_alive(edge) {
            let [tail, head] = kernel.ends(edge);
            let cost = kernel.cost(edge);
            if near.between(tail, head, cost - 1) < cost {
                kernel.delete(edge);
            }
        }
    }
}

/// Those of the nodes around which a search finds a walk that makes an edge needless. Time: O(edges looked at) for each.
pub(super) fn promising(kernel: &Kernel, nodes: &[NodeId], look: Look<'_>) -> Vec<NodeId> {
    searched(kernel, look.deadline, nodes, |around, node| {
        kernel.degree(node) >= 2 && {
            search(kernel, around, look, node);
            kernel.at(node).iter().any(|&edge| way_round(kernel, around, node, edge).is_some())
        }
    })
}

/// Takes out edges at these nodes that cost at least a special distance found by a search around the node.
///
/// What goes for one node may have been of use to others, so each is looked at again. Time: as above.
pub(super) fn reduce(kernel: &mut Kernel, promising: &[NodeId], look: Look<'_>) {
    let mut around = Around::new(if promising.is_empty() { 0 } else { kernel.nodes().count() });
    for (place, &node) in promising.iter().enumerate() {
        if place.is_multiple_of(256) && look.deadline.passed() {
            break;
        }
        if kernel.degree(node) >= 2 {
            look_around(kernel, &mut around, look, node);
        }
    }
}

fn search(kernel: &Kernel, around: &mut Around, look: Look<'_>, node: NodeId) {
    let limit = kernel.at(node).iter().map(|&edge| kernel.cost(edge)).max().unwrap_or(0);
    around.search(kernel, look.profits, (node, None), Until { limit, most: look.edges, wanted: &[] });
}

/// The first edge of a walk that makes an edge of the node needless, which was searched around.
fn way_round(kernel: &Kernel, around: &Around, node: NodeId, edge: EdgeId) -> Option<EdgeId> {
    let (distance, first) = around.found(kernel.other_end(edge, node))?;
    (first != edge && distance <= kernel.cost(edge)).then_some(first)
}

/// Takes out those edges of a node that its surroundings make needless.
fn look_around(kernel: &mut Kernel, around: &mut Around, look: Look<'_>, node: NodeId) {
    search(kernel, around, look, node);
    let star: Vec<EdgeId> = kernel.at(node).to_vec();
    for edge in star {
        // A walk that begins with an edge of this star that went just now proves nothing.
        if way_round(kernel, around, node, edge).is_some_and(|first| kernel.is_alive(first)) {
            kernel.delete(edge);
        }
    }
}
