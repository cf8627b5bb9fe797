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

/// Hundredths of the edges to keep, those of trees aside, in turn; what reductions leave of them is less.
const KEPT: [usize; 2] = [35, 50];

/// A gap of more than one in so many of the cutoff: reduced costs tell little then.
const FAR: i64 = 20;

/// What a tree that uses an edge of a kernel pays at least beyond a bound.
pub(super) struct EdgeCharges {
    /// By edge of the kernel; nothing for those that were not in the snapshot.
    by_edge: Vec<i64>,
    sorted: Vec<i64>,
}

impl EdgeCharges {
    /// As [`Self::new`]; none where the bound is far off.
    pub(super) fn where_close(kernel: &Kernel, snapshot: &Snapshot, proof: &Ascent, cutoff: i64) -> Option<Self> {
        (cutoff - proof.bound <= cutoff / FAR).then(|| Self::new(kernel, snapshot, proof, cutoff))
    }

    /// As an ascent on a snapshot of a kernel tells it, where `cutoff` (in the ascent's own terms) is too much.
    /// Time: O(m log n).
    pub(super) fn new(kernel: &Kernel, snapshot: &Snapshot, proof: &Ascent, cutoff: i64) -> Self {
        let slack = cutoff - proof.bound;
        let graph = snapshot.problem.graph();
        let ways = Ways::new(&snapshot.problem, snapshot.root, &proof.residual, slack);
        let over = |edge: EdgeId| {
            let ends = graph.ends(edge);
            let least = |way: usize| ways.over(ends[way], proof.residual[2 * edge.index() + way], ends[1 - way]);
            least(0).min(least(1))
        };
        let mut sorted: Vec<i64> = graph.edges().map(over).collect();
        let mut by_edge = vec![0; kernel.edges().len()];
        snapshot.edges.iter().zip(&sorted).for_each(|(edge, dear)| by_edge[edge.index()] = *dear);
        sorted.sort_unstable();
        Self { by_edge, sorted }
    }

    /// The kernel with a third or half of its edges, as the turn has it, those that are least dear, and those of the best trees
    /// known; and reduced. None where the kernel holds no tree any more. Time: as reductions.
    pub(super) fn narrowed(
        &self,
        kernel: &Kernel,
        incumbent: &Incumbent<'_>,
        effort: &Effort,
        turn: usize,
    ) -> Option<(Kernel, Snapshot)> {
        let now = kernel.snapshot()?;
        let most = *self.sorted.get(self.sorted.len() * KEPT[turn % KEPT.len()] / 100)?;
        let trees = Trees::carried_over(kernel, &now, incumbent, effort);
        let mut kept: Vec<bool> = self.by_edge.iter().map(|&dear| dear <= most).collect();
        trees.pool.iter().flat_map(|tree| now.kernel_edges(&tree.0)).for_each(|edge| kept[edge.index()] = true);
        let mut narrow = kernel.clone();
        now.edges.iter().filter(|edge| !kept[edge.index()]).for_each(|&edge| narrow.delete(edge));
        let depth = Depth::of(narrow.live_edges());
        reduce::by_alternatives(&mut narrow, depth, &effort.deadline);
        narrow.snapshot().map(|snapshot| (narrow, snapshot))
    }
}
