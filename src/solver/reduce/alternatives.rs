//! The special-distance test: edges that are not needed, for a walk between their ends is as good.

use crate::graph::{EdgeId, NodeId};
use crate::solver::kernel::Kernel;
use crate::solver::reduce::special::{Around, Look};

/// Takes out edges that cost at least the special distance of their ends.
///
/// The nearest required nodes must be those of this kernel. Time: O(n edges looked at + m log t).
pub(super) fn reduce(kernel: &mut Kernel, look: Look<'_>) {
    if let Some(near) = look.near {
        for edge in kernel.edges() {
            if edge.0.is_multiple_of(4096) && look.deadline.passed() {
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
    let mut around = Around::new(kernel.nodes().count());
    let mut star: Vec<EdgeId> = Vec::new();
    for node in kernel.nodes() {
        if kernel.degree(node) < 2 {
            continue;
        }
        if node.0.is_multiple_of(256) && look.deadline.passed() {
            break;
        }
        look_around(kernel, &mut around, look, node, &mut star);
    }
}

/// Takes out those edges of a node that its surroundings make needless.
fn look_around(kernel: &mut Kernel, around: &mut Around, look: Look<'_>, node: NodeId, star: &mut Vec<EdgeId>) {
    let limit = kernel.at(node).iter().map(|&edge| kernel.cost(edge)).max().unwrap_or(0);
    around.search(kernel, look.profits, (node, None), limit, look.edges);
    star.clear();
    star.extend_from_slice(kernel.at(node));
    for &edge in &*star {
        let other = kernel.other_end(edge, node);
        // A walk that begins with an edge of this star that went just now proves nothing.
        if let Some((distance, first)) = around.found(other)
            && first != edge
            && distance <= kernel.cost(edge)
            && kernel.is_alive(first)
        {
            kernel.delete(edge);
        }
    }
}
