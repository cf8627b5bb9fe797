//! Edges that are not needed, for a walk between their ends is as good, and contractions of edges that are.

use crate::effort::Deadline;
use crate::graph::{EdgeId, NodeId};
use crate::solver::kernel::Kernel;
use crate::solver::reduce::special::{Around, Near, Profits};

/// Takes out edges that cost at least the special distance of their ends; whether any.
///
/// `near` must be of this kernel, with nothing but such edges taken out since. Time: O(n most + m log t).
pub(super) fn reduce(
    kernel: &mut Kernel,
    near: Option<&Near>,
    profits: &Profits,
    most: usize,
    deadline: &Deadline,
) -> usize {
    let before = kernel.live_edges();
    if let Some(near) = near {
        for edge in kernel.edges() {
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
        if node.0.is_multiple_of(256) && deadline.passed() {
            break;
        }
        look_around(kernel, &mut around, profits, node, most, &mut star);
    }
    before - kernel.live_edges()
}

/// Takes out those edges of a node that its surroundings make needless.
fn look_around(
    kernel: &mut Kernel,
    around: &mut Around,
    profits: &Profits,
    node: NodeId,
    most: usize,
    star: &mut Vec<EdgeId>,
) {
    let limit = kernel.at(node).iter().map(|&edge| kernel.cost(edge)).max().unwrap_or(0);
    around.search(kernel, profits, (node, None), limit, most);
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
