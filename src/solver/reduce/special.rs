//! Special distances: how dear the dearest stretch between terminals must be on a walk from one node to another.
//!
//! A tree that misses an edge can be mended by a stretch of such a walk, so an edge that costs at least the special distance
//! of its ends is not needed. A node with a prize shortens the stretch that passes it by its prize. *Implied profit*: to pass
//! a node beside a terminal saves what the terminal's next cheapest edge costs more than the edge between them, for the
//! terminal can be joined from there. Each terminal's profit counts once on a walk.
//!
//! It is bounded by a search around a node that stops after so many edges; for walks over plain terminals see `nearest.rs`.
//!
//! Source: Duin and Volgenant (Networks 19, 1989); Polzin and Vahdati (DAM 112, 2001); prizes: Rehfeldt and Koch (ZIB
//! 18-55); implied profit: Rehfeldt and Koch (Math. Prog. 2023), section 3.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use crate::effort::Deadline;
use crate::graph::{EdgeId, NodeId};
use crate::problem::Demand;
use crate::solver::changes::Test;
use crate::solver::kernel::Kernel;

/// Farther than anything.
pub(super) const FAR: i64 = i64::MAX / 4;

/// What passing a node saves.
pub(super) enum Profits {
    /// Required nodes only.
    Required,
    /// Prizes and required nodes only.
    Plain,
    /// Besides, at each node that nobody asks for: by terminal beside it, its cheapest edge and the next cheapest cost.
    Implied(Vec<(Option<EdgeId>, i64, i64)>),
}

impl Profits {
    /// Implied profits of a kernel as it is; edges may be taken out afterwards. Time: O(m).
    pub(super) fn implied(kernel: &Kernel) -> Self {
        let two_cheapest = |node: NodeId| {
            let (mut first, mut least, mut next) = (None, FAR, FAR);
            if kernel.is_required(node) {
                for &edge in kernel.at(node) {
                    let cost = kernel.cost(edge);
                    if cost < least {
                        (first, least, next) = (Some(edge), cost, least);
                    } else {
                        next = next.min(cost);
                    }
                }
            }
            (first, least, next)
        };
        Self::Implied(kernel.nodes().map(two_cheapest).collect())
    }

    /// The largest profit of passing a node that nobody asks for, and the terminal that it is owed to.
    ///
    /// Only the cheapest edge of a terminal earns one, so no terminal's profit is taken twice on a walk.
    fn at(&self, kernel: &Kernel, node: NodeId, barred: impl Fn(NodeId) -> bool) -> (i64, Option<NodeId>) {
        let Self::Implied(cheapest) = self else { return (0, None) };
        let mut best = (0, None);
        for &edge in kernel.at(node) {
            let terminal = kernel.other_end(edge, node);
            let (first, least, next) = cheapest[terminal.index()];
            if first == Some(edge) && next < FAR && next - least > best.0 && !barred(terminal) {
                best = (next - least, Some(terminal));
            }
        }
        best
    }
}

/// How special distances are bounded.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    /// The test that looks.
    pub(super) test: Test,
    /// What passing a node saves.
    pub(super) profits: &'a Profits,
    /// Edges that a search around a node looks at.
    pub(super) edges: usize,
    pub(super) deadline: &'a Deadline,
}

/// Searches around nodes, with memory that is used again.
pub(super) struct Around {
    /// By node; side by side, for a search asks for all of it at once.
    marks: Vec<Mark>,
    clock: u32,
    queue: BinaryHeap<Reverse<((i64, i64), NodeId)>>,
    /// Nodes that the last search reached.
    reached: Vec<NodeId>,
}

/// What a search knows about a node.
#[derive(Clone)]
struct Mark {
    /// Dearest stretch of the walk so far, and the stretch that it ends with.
    label: (i64, i64),
    /// The last search that reached it, that settled it, and that asked for it.
    stamp: u32,
    settled: u32,
    wanted: u32,
    /// The node before it, and the first edge of the walk.
    from: NodeId,
    first: EdgeId,
}

impl Mark {
    const NONE: Self = Self { label: (0, 0), stamp: 0, settled: 0, wanted: 0, from: NodeId(0), first: EdgeId(0) };
}

/// Where a search ends.
#[derive(Clone, Copy)]
pub(super) struct Until<'a> {
    /// Special distances beyond this are not told apart.
    pub(super) limit: i64,
    /// Edges that may be looked at.
    pub(super) most: usize,
    /// Where any are named, what is asked for are special distances to these nodes alone.
    pub(super) wanted: &'a [NodeId],
}

/// Nodes that one thread searches around between two looks at the deadline.
const IN_A_ROW: usize = 1_024;

/// The nodes of which something holds, by searches around them at once; in order. Where the deadline passes, some are left
/// out. Time: that of the searches.
pub(super) fn searched(
    kernel: &Kernel,
    deadline: &Deadline,
    nodes: &[NodeId],
    holds: impl Fn(&mut Around, NodeId) -> bool + Sync,
) -> Vec<NodeId> {
    let count = kernel.nodes().count();
    let some = |around: &mut Around, nodes: &[NodeId]| -> Vec<NodeId> {
        let is_late = deadline.passed();
        nodes.iter().copied().filter(|&node| !is_late && holds(around, node)).collect()
    };
    nodes.par_chunks(IN_A_ROW).map_init(|| Around::new(count), some).flatten_iter().collect()
}

impl Around {
    pub(super) fn new(nodes: usize) -> Self {
        Self { marks: vec![Mark::NONE; nodes], clock: 0, queue: BinaryHeap::new(), reached: Vec::new() }
    }

    /// Bounds the special distances from `start`, never looking at `barred`.
    pub(super) fn search(
        &mut self,
        kernel: &Kernel,
        profits: &Profits,
        (start, barred): (NodeId, Option<NodeId>),
        Until { limit, most, wanted }: Until<'_>,
    ) {
        self.clock += 1;
        self.queue.clear();
        self.reached.clear();
        let clock = self.clock;
        self.marks[start.index()] = Mark { stamp: clock, from: start, ..Mark::NONE };
        self.queue.push(Reverse(((0, 0), start)));
        if let Some(barred) = barred {
            self.marks[barred.index()] = Mark { label: (FAR, FAR), stamp: clock, settled: clock, ..Mark::NONE };
        }
        wanted.iter().for_each(|node| self.marks[node.index()].wanted = clock);
        let mut missing = if wanted.is_empty() { usize::MAX } else { wanted.len() };
        let mut looked_at = 0;
        while let Some(Reverse((_, node))) = self.queue.pop() {
            let mark = &mut self.marks[node.index()];
            if mark.settled == clock {
                continue;
            }
            mark.settled = clock;
            missing -= usize::from(mark.wanted == clock);
            if missing == 0 {
                break;
            }
            let (label, before) = (mark.label, mark.from);
            let first = (node != start).then_some(mark.first);
            let (profit, owed) = gain(kernel, profits, (start, before), node);
            for &edge in kernel.at(node) {
                let (to, cost) = (kernel.other_end(edge, node), kernel.cost(edge));
                let mark = &mut self.marks[to.index()];
                if mark.settled == clock {
                    continue;
                }
                looked_at += 1;
                // The edge to the terminal itself is on the walk then, so it cannot be added to it.
                let saved = if owed == Some(to) { 0 } else { profit };
                let stretch = cost + (label.1 - saved).max(0);
                let through = (label.0.max(stretch), stretch);
                let fresh = mark.stamp != clock;
                let known = if fresh { (FAR, FAR) } else { mark.label };
                // Among equals a way round is better than the edge itself.
                let direct = known.0 < FAR && mark.from == start;
                if through.0 <= limit && (through < known || (through.0 == known.0 && direct && node != start)) {
                    if fresh {
                        self.reached.push(to);
                    }
                    mark.stamp = clock;
                    mark.label = through;
                    mark.from = node;
                    mark.first = first.unwrap_or(edge);
                    if through < known {
                        self.queue.push(Reverse((through, to)));
                    }
                }
            }
            if looked_at >= most {
                break;
            }
        }
    }

    /// The special distance found to a node, and the first edge of its walk; nothing for nodes that were not reached.
    pub(super) fn found(&self, node: NodeId) -> Option<(i64, EdgeId)> {
        let mark = &self.marks[node.index()];
        (mark.stamp == self.clock && mark.label.0 < FAR).then_some((mark.label.0, mark.first))
    }

    /// All nodes that the last search reached, with their special distances.
    pub(super) fn all_found(&self) -> impl Iterator<Item = (NodeId, i64)> + '_ {
        self.reached.iter().map(|&node| (node, self.marks[node.index()].label.0))
    }
}

/// What passing a node saves on the walk from the start that came to it from the node before.
fn gain(kernel: &Kernel, profits: &Profits, (start, before): (NodeId, NodeId), node: NodeId) -> (i64, Option<NodeId>) {
    match kernel.demand(node) {
        Demand::Required => (FAR, None),
        Demand::Prize(_) if matches!(profits, Profits::Required) => (0, None),
        Demand::Prize(prize) => (prize, None),
        Demand::None if node == start => (0, None),
        // An edge that is on the walk cannot be added to it; one at the start may be taken out on its account.
        Demand::None => profits.at(kernel, node, |terminal| terminal == start || terminal == before),
    }
}
