//! Reductions that look at one node and its edges: dead ends, nodes to pass through, prizes that never pay.
//!
//! Source: Beasley (Networks 14, 1984); Duin and Volgenant (Networks 19, 1989); for prizes Ljubić et al. (Math. Prog. 105,
//! 2006).

use crate::graph::NodeId;
use crate::problem::Demand;
use crate::solver::kernel::Kernel;

/// Does all of it until nothing is left to do. Time: near O(n + m).
pub(in crate::solver) fn reduce(kernel: &mut Kernel) {
    let mut stack: Vec<NodeId> = kernel.nodes().collect();
    stack.reverse();
    let mut waiting = vec![true; stack.len()];
    let required = kernel.nodes().filter(|&node| kernel.is_required(node)).count();
    let mut run = Run { kernel, required, touched: Vec::new() };
    while let Some(node) = stack.pop() {
        waiting[node.index()] = false;
        run.look_at(node);
        for touched in std::mem::take(&mut run.touched) {
            if !std::mem::replace(&mut waiting[touched.index()], true) {
                stack.push(touched);
            }
        }
    }
}

struct Run<'a> {
    kernel: &'a mut Kernel,
    /// Required nodes that are left.
    required: usize,
    /// Nodes whose edges or prize have changed.
    touched: Vec<NodeId>,
}

impl Run<'_> {
    fn look_at(&mut self, node: NodeId) {
        if self.kernel.degree(node) >= 2 && self.kernel.drop_parallels(node) {
            self.touch_around(node);
        }
        if let Some(&free) = self.kernel.at(node).iter().find(|&&edge| self.kernel.cost(edge) == 0) {
            let ends = self.kernel.ends(free);
            self.required -= usize::from(ends.iter().all(|&end| self.kernel.is_required(end)));
            let kept = self.kernel.contract(free);
            return self.touch_around(kept);
        }
        let degree = self.kernel.degree(node);
        match (self.kernel.demand(node), degree) {
            (Demand::None, 1) => self.remove(node),
            (Demand::None, 2) => self.pass_through(node, 0),
            (Demand::Required, 1) if self.required > 1 => {
                let edge = self.kernel.at(node)[0];
                let other = self.kernel.other_end(edge, node);
                self.required -= usize::from(self.kernel.is_required(other));
                self.contract(node);
            }
            (Demand::Prize(_), 0) => self.kernel.lose_prize(node),
            (Demand::Prize(prize), 1) => {
                if prize <= self.kernel.cost(self.kernel.at(node)[0]) {
                    self.remove(node);
                } else {
                    self.contract(node);
                }
            }
            (Demand::Prize(prize), 2) if self.kernel.at(node).iter().all(|&edge| prize <= self.kernel.cost(edge)) => {
                self.pass_through(node, prize);
            }
            _ => {}
        }
    }

    fn touch_around(&mut self, node: NodeId) {
        let around = self.kernel.at(node).iter().map(|&edge| self.kernel.other_end(edge, node));
        self.touched.extend(around);
        self.touched.push(node);
    }

    fn remove(&mut self, node: NodeId) {
        self.touch_around(node);
        self.kernel.delete_node(node);
    }

    fn contract(&mut self, node: NodeId) {
        let kept = self.kernel.contract(self.kernel.at(node)[0]);
        self.touch_around(kept);
    }

    /// A node that is at best passed through is its two edges made one.
    fn pass_through(&mut self, node: NodeId, saved: i64) {
        self.touch_around(node);
        let (one, other) = (self.kernel.at(node)[0], self.kernel.at(node)[1]);
        self.kernel.join(one, other, node, saved);
        self.kernel.delete_node(node);
    }
}
