//! Trees in which a unit of load costs less the more there is of it: cables in trenches, local search.
//!
//! Every node asks for a load from the root, and an edge costs what its load needs: nothing without one, at once the whole
//! trench with the first, then little for more. This is single-sink buy-at-bulk network design (Salman, Cheriyan, Ravi and
//! Subramanian, SIAM J. Optim. 11, 2001), of which the Steiner tree is the case with one price. The search takes a branch
//! off and hangs it, by any of its nodes, where the whole gets cheapest, trenches and cables together, until no such move
//! helps.

mod doors;
mod hang;
pub mod places;
pub mod tolls;
mod tree;
mod ways;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::bulk::doors::{Skeleton, Start};
use crate::effort::Effort;
use crate::graph::{EdgeId, Graph, NodeId};

/// What runs through an edge: two kinds of load that add up along the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Load that an edge may carry together at a lower price.
    pub shared: u32,
    /// Load that goes all the way by itself.
    pub own: u32,
}

impl Load {
    pub(crate) const NONE: Self = Self { shared: 0, own: 0 };

    fn plus(self, other: Self) -> Self {
        Self { shared: self.shared + other.shared, own: self.own + other.own }
    }

    fn minus(self, other: Self) -> Self {
        Self { shared: self.shared - other.shared, own: self.own - other.own }
    }
}

/// A graph with loads and the price of carrying them.
pub struct Bulk<'a> {
    /// The graph.
    pub graph: &'a Graph,
    /// Where all load comes from.
    pub root: NodeId,
    /// What each node asks for.
    pub asked: &'a [Load],
    /// Nodes that nothing may run through.
    pub ends: &'a [bool],
    /// What an edge costs with a load that is not nothing, in any unit.
    pub cost: &'a Price<'a>,
}

/// What an edge costs with a load that is not nothing, in any unit.
pub type Price<'a> = dyn Fn(EdgeId, Load) -> i64 + Sync + 'a;

/// How hard to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Passes over all branches at most.
    pub passes: u32,
    /// Nodes of a branch by which it may be hung; of a branch at the root all are tried.
    pub handles: usize,
    /// How often sets of doors, the edges at the root, are tried.
    pub doors: u32,
    /// Rounds of shaking.
    pub shakes: u32,
    /// Nodes around the place that is shaken.
    pub around: usize,
}

impl Bulk<'_> {
    /// What the tree of these edges costs with its loads.
    ///
    /// # Panics
    /// If the edges are no tree with the root that holds all who ask.
    #[must_use]
    pub fn value(&self, edges: &[EdgeId]) -> i64 {
        tree::Loaded::new(self, edges).value()
    }

    /// A tree that costs no more than the one given, edges in order.
    ///
    /// Deterministic. Time of a pass: O(n (handles + d) log n) for n branches and depth d on road graphs, for each move is
    /// looked for only as far as it may pay.
    ///
    /// # Panics
    /// As [`Bulk::value`].
    #[must_use]
    pub fn improve(&self, edges: &[EdgeId], patience: Patience) -> Vec<EdgeId> {
        let mut tree = tree::Loaded::new(self, edges);
        let mut search = hang::Search::new(self.graph.node_count());
        let all: Vec<NodeId> = self.graph.nodes().collect();
        for _ in 0..patience.passes {
            if search.pass(&mut tree, &all, patience.handles) == 0 {
                break;
            }
        }
        tree.edges()
    }

    /// Trees that come in by different sets of doors, the edges at the root, found from the sets whose first trees are the
    /// cheapest: for each set the best, and of all the cheapest first.
    ///
    /// The same for any number of threads. Time: that of improving four trees a round.
    ///
    /// # Panics
    /// As [`Bulk::value`].
    #[must_use]
    pub fn by_doors(&self, edges: &[EdgeId], patience: Patience, effort: &Effort) -> Vec<Vec<EdgeId>> {
        let best = self.improve(edges, patience);
        let open = self.open(&best);
        let mut tried = BTreeSet::from([open.clone()]);
        let mut by_set = BTreeMap::from([(open, (self.value(&best), best))]);
        for _ in 0..patience.doors {
            let (_, best) = by_set.values().min().expect("there is the first");
            let starts = Skeleton::new(self, best).cheapest(&self.open(best), &tried, TOGETHER as usize);
            if starts.is_empty() || effort.deadline.passed() {
                break;
            }
            tried.extend(starts.iter().map(|start| start.set.clone()));
            let improved = |start: &Start| self.improve(&start.edges, patience);
            let improved: Vec<Vec<EdgeId>> = starts.par_iter().map(improved).collect();
            for tree in improved {
                let found = (self.value(&tree), tree);
                let known = by_set.entry(self.open(&found.1)).or_insert_with(|| found.clone());
                if found < *known {
                    *known = found;
                }
            }
        }
        let mut trees: Vec<(i64, Vec<EdgeId>)> = by_set.into_values().collect();
        trees.sort_unstable();
        trees.into_iter().map(|(_, edges)| edges).collect()
    }

    /// The doors that a tree comes in by.
    fn open(&self, edges: &[EdgeId]) -> Vec<EdgeId> {
        edges.iter().copied().filter(|&edge| self.graph.ends(edge).contains(&self.root)).collect()
    }

    /// As [`Bulk::improve`], then again and again around one place, moved on at prices that are wrong there: what a single
    /// move cannot leave, several made under other prices can.
    ///
    /// The same for any number of threads.
    ///
    /// # Panics
    /// As [`Bulk::value`].
    #[must_use]
    pub fn shake(&self, edges: &[EdgeId], patience: Patience, effort: &Effort) -> Vec<EdgeId> {
        let mut best = self.improve(edges, patience);
        let mut value = self.value(&best);
        let centres: Vec<NodeId> = self.graph.nodes().filter(|node| self.asked[node.index()] != Load::NONE).collect();
        for round in 0..patience.shakes {
            if effort.deadline.passed() || centres.is_empty() {
                break;
            }
            let shaken = |place: u64| {
                let seed = splitmix(effort.seed ^ (u64::from(round) * TOGETHER + place + 1));
                let centre = centres[(seed % centres.len() as u64) as usize];
                let tree = self.shaken(&best, &self.around(centre, patience.around), patience.handles, seed);
                (self.value(&tree), place, tree)
            };
            let found = (0..TOGETHER).into_par_iter().map(shaken).min();
            if let Some((less, _, tree)) = found.filter(|(found, ..)| *found < value) {
                (value, best) = (less, tree);
            }
        }
        best
    }

    fn shaken(&self, edges: &[EdgeId], near: &[NodeId], handles: usize, seed: u64) -> Vec<EdgeId> {
        let mut inside = vec![false; self.graph.node_count()];
        near.iter().for_each(|node| inside[node.index()] = true);
        let wrong = |edge: EdgeId, load: Load| {
            let right = (self.cost)(edge, load);
            if self.graph.ends(edge).iter().any(|end| !inside[end.index()]) {
                return right;
            }
            right / 100 * (60 + (splitmix(seed ^ u64::from(edge.0)) % 81) as i64)
        };
        let moved = Bulk { cost: &wrong, ..*self };
        let mut search = hang::Search::new(self.graph.node_count());
        let mut tree = tree::Loaded::new(&moved, edges);
        search.pass(&mut tree, near, handles);
        let moved = tree.edges();
        let mut tree = tree::Loaded::new(self, &moved);
        while search.pass(&mut tree, near, handles) > 0 {}
        tree.edges()
    }

    /// So many nodes, the nearest by edges, that something may run through.
    fn around(&self, centre: NodeId, most: usize) -> Vec<NodeId> {
        let mut seen = BTreeSet::from([centre]);
        let mut near = vec![centre];
        let mut next = 0;
        while next < near.len() && near.len() < most {
            for arc in self.graph.arcs(near[next]) {
                if arc.to != self.root && seen.insert(arc.to) {
                    near.push(arc.to);
                }
            }
            next += 1;
        }
        near
    }
}

/// Trees that are searched from, or shaken, side by side.
const TOGETHER: u64 = 4;

/// A hash of one number. Source: Steele, Lea and Flood (OOPSLA 2014).
fn splitmix(seed: u64) -> u64 {
    let mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests;
