//! The part of a kernel where better trees are most likely found.
//!
//! Whoever uses an edge pays, beyond the bound, at least the reduced costs of a way over it. Edges of which that is small are
//! kept, and those of the best trees known; nothing is proven by that. But the cheapest way over an edge is far cheaper
//! than what sets a tree apart from the bound, so edges of better trees are mostly among them; and on a third of the kernel
//! trees are built and searched several times as fast, and parcels reach several times as far.
//!
//! Source: slack-prune: Polzin (PhD thesis, 2003), chapter 4.

use crate::effort::Effort;
use crate::graph::EdgeId;
use crate::solver::ascent::Ascent;
use crate::solver::incumbent::Incumbent;
use crate::solver::kernel::{Kernel, Snapshot};
use crate::solver::reduce::{self, Depth, Ways};
use crate::solver::trees::Trees;

/// Hundredths of the edges to keep, those of trees aside; what reductions leave of them is less.
const KEPT: usize = 50;

/// A kernel with about half of its edges, reduced: those of which an ascent on a snapshot of it says that they cost least beyond
/// its bound, where `cutoff` (in the ascent's own terms) is too much. Some edges of the snapshot may be gone already.
///
/// None where the kernel holds no tree any more. Time: as reductions by proofs.
pub(super) fn narrowed(
    (kernel, snapshot): (&Kernel, &Snapshot),
    (proof, cutoff): (&Ascent, i64),
    incumbent: &Incumbent<'_>,
    effort: &Effort,
) -> Option<(Kernel, Snapshot)> {
    let now = kernel.snapshot()?;
    // What is new in the kernel stays.
    let mut kept = vec![true; kernel.edges().len()];
    let dearness = dearness(snapshot, proof, cutoff - proof.bound);
    let mut sorted = dearness.clone();
    sorted.sort_unstable();
    let most = *sorted.get(sorted.len() * KEPT / 100)?;
    snapshot.edges.iter().zip(dearness).for_each(|(edge, dear)| kept[edge.index()] = dear <= most);
    let trees = Trees::carried_over(kernel, &now, incumbent, effort);
    trees.pool.iter().flat_map(|tree| now.kernel_edges(&tree.0)).for_each(|edge| kept[edge.index()] = true);
    let mut narrow = kernel.clone();
    now.edges.iter().filter(|edge| !kept[edge.index()]).for_each(|&edge| narrow.delete(edge));
    let depth = Depth::of(narrow.live_edges());
    reduce::by_alternatives(&mut narrow, depth, &effort.deadline);
    narrow.snapshot().map(|snapshot| (narrow, snapshot))
}

/// By edge, what a tree that uses it pays beyond the bound at least. Time: O(m log n).
fn dearness(snapshot: &Snapshot, proof: &Ascent, slack: i64) -> Vec<i64> {
    let graph = snapshot.problem.graph();
    let ways = Ways::new(&snapshot.problem, snapshot.root, &proof.residual, slack);
    let over = |edge: EdgeId| {
        let ends = graph.ends(edge);
        let least = |way: usize| ways.over(ends[way], proof.residual[2 * edge.index() + way], ends[1 - way]);
        least(0).min(least(1))
    };
    graph.edges().map(over).collect()
}
