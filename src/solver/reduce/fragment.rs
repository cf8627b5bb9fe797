//! A fragment: a small tree of which it is asked whether a best tree can hold it.
//!
//! Its inner nodes are nodes that nobody asks for, and a tree that holds the fragment has no other edges at them; at its
//! leaves the tree may go on. Slots are numbered so that parents come before children, which makes growing and shrinking
//! it a matter of pushing and popping.

use crate::graph::{EdgeId, NodeId};

/// Slots at most.
pub(super) const SLOTS: usize = 32;

/// A node of a fragment.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    pub(super) node: NodeId,
    /// The slot above; its own where there is none.
    pub(super) parent: usize,
    /// The edge to the slot above.
    pub(super) edge: EdgeId,
    /// Its cost.
    pub(super) cost: i64,
    /// Edges of the fragment at the node.
    pub(super) degree: u8,
}

/// A small tree.
#[derive(Default)]
pub(super) struct Fragment {
    pub(super) slots: Vec<Slot>,
    /// Cost of all its edges.
    pub(super) cost: i64,
}

impl Fragment {
    /// Begins anew with one node.
    pub(super) fn start(&mut self, node: NodeId) {
        self.slots.clear();
        self.cost = 0;
        self.slots.push(Slot { node, parent: 0, edge: EdgeId(u32::MAX), cost: 0, degree: 0 });
    }

    /// Adds a leaf.
    pub(super) fn push(&mut self, parent: usize, edge: EdgeId, node: NodeId, cost: i64) {
        self.slots[parent].degree += 1;
        self.slots.push(Slot { node, parent, edge, cost, degree: 1 });
        self.cost += cost;
    }

    /// Takes the newest leaf off again.
    pub(super) fn pop(&mut self) {
        if let Some(slot) = self.slots.pop() {
            self.slots[slot.parent].degree -= 1;
            self.cost -= slot.cost;
        }
    }

    pub(super) fn holds(&self, node: NodeId) -> bool {
        self.slots.iter().any(|slot| slot.node == node)
    }

    /// Slots of the leaves.
    pub(super) fn leaves(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.slots.len()).filter(|&at| self.slots[at].degree == 1)
    }

    /// For each slot, the dearest stretch on the way to it from a leaf; a stretch ends at forks, and at `open`, of whose
    /// edges not all are known.
    pub(super) fn bottlenecks(&self, from: usize, open: Option<usize>) -> [i64; SLOTS] {
        let mut dearest = [0i64; SLOTS];
        let mut stretch = [0i64; SLOTS];
        let mut known = [false; SLOTS];
        known[from] = true;
        let through = |at: usize, stretch: i64| {
            if self.slots[at].degree > 2 || open == Some(at) { 0 } else { stretch }
        };
        let mut at = from;
        while at != 0 {
            let Slot { parent, cost, .. } = self.slots[at];
            stretch[parent] = through(at, stretch[at]) + cost;
            dearest[parent] = dearest[at].max(stretch[parent]);
            known[parent] = true;
            at = parent;
        }
        for at in 1..self.slots.len() {
            let Slot { parent, cost, .. } = self.slots[at];
            if !known[at] {
                stretch[at] = through(parent, stretch[parent]) + cost;
                dearest[at] = dearest[parent].max(stretch[at]);
            }
        }
        dearest
    }
}
