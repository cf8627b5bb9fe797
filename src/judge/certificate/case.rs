//! The trees of one case, and the cuts that each of them pays for.
//!
//! Every tree of the case leads away from the root, so it enters each set of nodes that holds a terminal but not the root,
//! or it loses the terminal's prize. If sets are given amounts so that the arcs which enter them pay no more than they cost,
//! and prizes no more than they are worth, the sum of the amounts is a bound.
//!
//! The sets of a terminal grow, so an arc pays for all of them at once: what was paid between the joining of its head and
//! that of its tail.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::judge::certificate::instance::{Edge, Instance};

/// What a tree owes to a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owed {
    Nothing,
    /// To hold it, or to lose this.
    Prize(i128),
    /// To hold it.
    Presence,
}

/// Farther than any way.
const FAR: i128 = 1 << 100;

/// A case in the midst of its replay. Arc 2e leads from the first to the second end of edge e, arc 2e + 1 back.
pub(super) struct Case {
    root: usize,
    edges: Vec<Edge>,
    /// Edges at each node, as compressed rows.
    first: Vec<usize>,
    at: Vec<usize>,
    owed: Vec<Owed>,
    gone: Vec<bool>,
    /// What every tree of the case pays beyond its own edges and prizes.
    pub(super) extra: i128,
    /// Arcs that no tree with a value below the cutoff uses.
    closed: Vec<bool>,
    left: Vec<i128>,
    paid_of_prize: Vec<i128>,
    /// Sums of the amounts: of this round, and of the best one.
    bound: i128,
    pub(super) best: i128,
    rounds: usize,
    /// By node, the number of the set that it joined last, and what had been paid by then.
    member: Vec<usize>,
    joined: Vec<i128>,
    set: Set,
}

/// The growing set of a terminal.
#[derive(Default)]
struct Set {
    number: usize,
    nodes: Vec<usize>,
    paid: i128,
}

impl Case {
    /// The trees that hold `root`, or with none those that hang from a hub by an arc of the `price`, without what is gone.
    pub(super) fn new(instance: &Instance, root: Option<usize>, price: i128, gone: &[bool]) -> Self {
        let is_kept = |edge: &&Edge| !edge.ends.iter().any(|end| gone[*end]);
        let mut edges: Vec<Edge> = instance.edges.iter().filter(is_kept).copied().collect();
        let mut owed: Vec<Owed> = (0..instance.nodes)
            .map(|node| match (instance.required[node], instance.prizes[node]) {
                (true, _) => Owed::Presence,
                (false, prize) if prize > 0 && !gone[node] => Owed::Prize(prize),
                (false, _) => Owed::Nothing,
            })
            .collect();
        let mut gone = gone.to_vec();
        let lost: i128 = instance.prizes.iter().zip(&gone).filter(|(_, gone)| **gone).map(|(prize, _)| prize).sum();
        let (root, extra) = if let Some(root) = root {
            (root, lost)
        } else {
            let hub = instance.nodes;
            let holders = (0..hub).filter(|&node| owed[node] != Owed::Nothing);
            edges.extend(holders.map(|node| Edge { ends: [hub, node], cost: price }));
            owed.push(Owed::Presence);
            gone.push(false);
            (hub, lost - price)
        };
        let (first, at) = rows(owed.len(), &edges);
        Self {
            root,
            first,
            at,
            gone,
            extra,
            closed: vec![false; 2 * edges.len()],
            left: Vec::new(),
            paid_of_prize: Vec::new(),
            bound: 0,
            best: 0,
            rounds: 0,
            member: vec![0; owed.len()],
            joined: vec![0; owed.len()],
            set: Set::default(),
            owed,
            edges,
        }
    }

    /// Begins a round; what the one before proved is used. `goal` is the cutoff in terms of the case.
    pub(super) fn begin_round(&mut self, goal: i128) {
        if self.rounds > 0 {
            self.close(goal - self.bound);
        }
        self.rounds += 1;
        self.bound = 0;
        self.left = self.edges.iter().flat_map(|edge| [edge.cost, edge.cost]).collect();
        self.paid_of_prize = vec![0; self.owed.len()];
    }

    /// Ends a round.
    pub(super) fn end_round(&mut self) {
        self.best = self.best.max(self.bound);
    }

    /// Begins the sets of a terminal.
    pub(super) fn begin_set(&mut self, terminal: usize) -> Result<(), String> {
        if self.rounds == 0 {
            return Err("no round has begun".to_owned());
        }
        self.set = Set { number: self.set.number + 1, nodes: Vec::new(), paid: 0 };
        if terminal == self.root || self.owed[terminal] == Owed::Nothing {
            return Err(format!("node {} is no terminal of this case", terminal + 1));
        }
        self.join(terminal)
    }

    /// A node joins the set.
    pub(super) fn join(&mut self, node: usize) -> Result<(), String> {
        if node == self.root {
            return Err(format!("the root, node {}, is in the set", node + 1));
        }
        if self.gone[node] {
            return Err(format!("node {} is in no tree of this case", node + 1));
        }
        if self.set.number == 0 || self.member[node] == self.set.number {
            return Err(format!("node {} joins a set twice, or none", node + 1));
        }
        self.member[node] = self.set.number;
        self.joined[node] = self.set.paid;
        self.set.nodes.push(node);
        Ok(())
    }

    /// The arcs that enter the set pay an amount each.
    pub(super) fn pay(&mut self, amount: i128) -> Result<(), String> {
        if self.set.nodes.is_empty() {
            return Err("no set has begun".to_owned());
        }
        self.set.paid += amount;
        self.bound += amount;
        Ok(())
    }

    /// Ends the sets of a terminal: all that they were paid is charged.
    pub(super) fn end_set(&mut self) -> Result<(), String> {
        let number = self.set.number;
        let set = std::mem::replace(&mut self.set, Set { number, ..Set::default() });
        let Some(&terminal) = set.nodes.first() else { return Ok(()) };
        self.paid_of_prize[terminal] += set.paid;
        if let Owed::Prize(prize) = self.owed[terminal]
            && self.paid_of_prize[terminal] > prize
        {
            return Err(format!("node {} pays more than its prize", terminal + 1));
        }
        for &head in &set.nodes {
            for place in self.first[head]..self.first[head + 1] {
                let edge = self.at[place];
                let [one, other] = self.edges[edge].ends;
                let (arc, tail) = if one == head { (2 * edge + 1, other) } else { (2 * edge, one) };
                let until = if self.member[tail] == set.number { self.joined[tail] } else { set.paid };
                if self.closed[arc] || until <= self.joined[head] {
                    continue;
                }
                self.left[arc] -= until - self.joined[head];
                if self.left[arc] < 0 {
                    return Err(format!("the arc from node {} to {} pays more than it costs", tail + 1, head + 1));
                }
            }
        }
        Ok(())
    }

    /// Closes arcs and requires prizes: a tree pays, beyond the bound, what is left of the arcs on its way from the root
    /// to an arc, of that arc, and on to the terminal at some leaf, and what is left of the prizes that it loses.
    fn close(&mut self, slack: i128) {
        let from_root = self.ways(&[self.root], |edge, node| 2 * edge + usize::from(self.edges[edge].ends[0] != node));
        let is_terminal = |node: &usize| *node != self.root && self.owed[*node] != Owed::Nothing;
        let terminals: Vec<usize> = (0..self.owed.len()).filter(is_terminal).collect();
        let to_terminal = self.ways(&terminals, |edge, node| 2 * edge + usize::from(self.edges[edge].ends[0] == node));
        for (edge, Edge { ends, .. }) in self.edges.iter().enumerate() {
            for way in [0, 1] {
                let (tail, head) = (ends[way], ends[1 - way]);
                let over = from_root[tail] + self.left[2 * edge + way] + to_terminal[head];
                if over >= slack {
                    self.closed[2 * edge + way] = true;
                }
            }
        }
        for (owed, paid) in self.owed.iter_mut().zip(&self.paid_of_prize) {
            if matches!(owed, Owed::Prize(prize) if *prize - paid >= slack) {
                *owed = Owed::Presence;
            }
        }
    }

    /// Shortest ways from some nodes over what is left of open arcs; `arc` names the arc of an edge at a node.
    fn ways(&self, starts: &[usize], arc: impl Fn(usize, usize) -> usize) -> Vec<i128> {
        let mut known = vec![FAR; self.owed.len()];
        let mut queue = BinaryHeap::new();
        for &start in starts {
            known[start] = 0;
            queue.push(Reverse((0i128, start)));
        }
        while let Some(Reverse((so_far, node))) = queue.pop() {
            if so_far > known[node] {
                continue;
            }
            for &edge in &self.at[self.first[node]..self.first[node + 1]] {
                let way = arc(edge, node);
                let [one, other] = self.edges[edge].ends;
                let next = if one == node { other } else { one };
                let through = so_far + self.left[way].max(0);
                if !self.closed[way] && through < known[next] {
                    known[next] = through;
                    queue.push(Reverse((through, next)));
                }
            }
        }
        known
    }
}

/// Edges at each of so many nodes: where a node's row begins, and the rows.
fn rows(nodes: usize, edges: &[Edge]) -> (Vec<usize>, Vec<usize>) {
    let mut first = vec![0; nodes + 1];
    for end in edges.iter().flat_map(|edge| edge.ends) {
        first[end + 1] += 1;
    }
    for node in 0..nodes {
        first[node + 1] += first[node];
    }
    let mut next = first.clone();
    let mut at = vec![0; 2 * edges.len()];
    for (number, edge) in edges.iter().enumerate() {
        for end in edge.ends {
            at[next[end]] = number;
            next[end] += 1;
        }
    }
    (first, at)
}
