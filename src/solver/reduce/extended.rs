//! Extended reductions: what a best tree would have to look like around an edge or a fork is followed until it is refuted.
//!
//! A fragment that is to be refuted is assumed to be in a best tree. The tree goes on at each leaf that is no terminal, over
//! some of the edges there; if every way to go on is refuted, so is the fragment. Three things refute one at once:
//! reduced costs (ways from the root to it, through it, and on from its leaves to terminals of their own lift the bound to
//! the best value known), a stretch of it that is dearer than the special distance between what it joins, and leaves that
//! special distances join for less than the fragment costs.
//!
//! Everything is shown strictly: no best tree, or no better one, holds what is refuted. So all that is refuted in one pass
//! can go at once.
//!
//! Source: Polzin and Vahdati (Oper. Res. Lett. 31, 2003; extended reductions); Rehfeldt and Koch (Math. Prog. 2023),
//! section 4.

use rayon::prelude::*;

use crate::effort::Deadline;
use crate::graph::{EdgeId, NodeId};
use crate::problem::Demand;
use crate::solver::kernel::{Kernel, Snapshot};
use crate::solver::reduce::fixing::Charge;
use crate::solver::reduce::fragment::{Fragment, SLOTS, Slot};
use crate::solver::reduce::nearest::Near;
use crate::solver::reduce::special::{Around, FAR, Profits, Until};

/// How far fragments grow.
#[derive(Clone, Copy)]
pub(in crate::solver) struct Reach {
    /// Forks in a row at most.
    pub(in crate::solver) depth: usize,
    /// Fragments looked at for one edge or fork.
    pub(in crate::solver) fragments: u32,
}

impl Reach {
    pub(in crate::solver) const SHORT: Self = Self { depth: 4, fragments: 120 };
    pub(in crate::solver) const FAR: Self = Self { depth: 8, fragments: 800 };
}

/// Edges at a node that may go on, at most.
const FORKS: usize = 5;

/// Edges of a node that is looked at at all.
const DEGREE: usize = 8;

/// Leaves at which a fragment is not grown any more.
const LEAVES: usize = 9;

/// Edges that a search for special distances looks at.
const SEARCHED: usize = 150;

/// Slack beyond which reduced costs say nothing, so that sums of a few dozen stay within bounds.
const LOOSE: i64 = 1 << 56;

/// Memory of special distances between two nodes.
const CACHE: usize = 1 << 14;

/// What all fragments are refuted by.
struct Known<'a> {
    kernel: &'a Kernel,
    charges: Vec<&'a Charge<'a>>,
    /// By kernel edge, the snapshot's.
    edge_number: Vec<u32>,
    /// By kernel node, the snapshot's.
    node_number: Vec<u32>,
    near: Near,
    reach: Reach,
}

/// Fragments of one part of the kernel, one after the other, and memory for them.
struct Run<'a> {
    known: &'a Known<'a>,
    around: Around,
    balls: Vec<Option<Vec<(NodeId, i64)>>>,
    cache: Vec<((NodeId, NodeId), i64)>,
    /// By edge, whether it is refuted.
    dead: Vec<bool>,
    fragment: Fragment,
    left: u32,
}

/// Takes out edges and forks that no better tree holds, as proofs on the snapshot charge them.
///
/// So many parts of the kernel are looked at side by side; in each, what is refuted helps to refute more. Edges that are
/// newer than the snapshot are charged nothing. Time: O(m fragments), each a few dozen steps.
pub(in crate::solver) fn reduce(
    kernel: &mut Kernel,
    snapshot: &Snapshot,
    charges: &[Charge<'_>],
    (reach, parts): (Reach, usize),
    deadline: &Deadline,
) {
    let fine = kernel.without_ties();
    let Some(known) = Known::new(&fine, snapshot, charges, reach, deadline) else { return };
    let mut edges: Vec<EdgeId> = snapshot.edges.iter().copied().filter(|&edge| kernel.is_alive(edge)).collect();
    // Nodes are numbered by nearness, so what helps to refute an edge is mostly in its part.
    edges.sort_by_key(|&edge| kernel.ends(edge).into_iter().min());
    let mut runs: Vec<Run<'_>> = (0..parts).map(|_| Run::new(&known)).collect();
    let some_edges = edges.par_chunks(edges.len().div_ceil(parts).max(1));
    runs.par_iter_mut().zip(some_edges).for_each(|(run, edges)| run.refute_edges(edges, deadline));
    let gone: Vec<EdgeId> = edges.into_iter().filter(|edge| runs.iter().any(|run| run.dead[edge.index()])).collect();
    for run in &mut runs {
        gone.iter().for_each(|edge| run.dead[edge.index()] = true);
    }
    let some_nodes = snapshot.nodes.par_chunks(snapshot.nodes.len().div_ceil(parts).max(1));
    let passed = runs.par_iter_mut().zip(some_nodes).map(|(run, nodes)| run.refute_forks(nodes, deadline));
    let passed: Vec<Passed> = passed.flatten_iter().collect();
    for edge in gone {
        kernel.delete(edge);
    }
    let mut settled = vec![false; kernel.nodes().count()];
    for (node, pairs) in passed {
        // Of two forks beside each other that parts have refuted, one stays.
        if settled[node.index()] {
            continue;
        }
        kernel.at(node).iter().for_each(|&edge| settled[kernel.other_end(edge, node).index()] = true);
        for (one, other) in pairs {
            kernel.join(one, other, node, 0);
        }
        kernel.delete_node(node);
    }
}

/// A node at which no best tree branches, and the pairs of edges over which one may pass it.
type Passed = (NodeId, Vec<(EdgeId, EdgeId)>);

impl<'a> Known<'a> {
    /// None where the deadline passes.
    fn new(
        kernel: &'a Kernel,
        snapshot: &Snapshot,
        charges: &'a [Charge<'a>],
        reach: Reach,
        deadline: &Deadline,
    ) -> Option<Self> {
        let mut edge_number = vec![u32::MAX; kernel.edges().count()];
        for (at, edge) in snapshot.edges.iter().enumerate() {
            edge_number[edge.index()] = at as u32;
        }
        let mut node_number = vec![u32::MAX; kernel.nodes().count()];
        for (at, node) in snapshot.nodes.iter().enumerate() {
            node_number[node.index()] = at as u32;
        }
        let charges = charges.iter().filter(|charge| charge.slack < LOOSE).collect();
        Some(Self { kernel, charges, edge_number, node_number, near: Near::new(kernel, deadline)?, reach })
    }
}

impl<'a> Run<'a> {
    fn new(known: &'a Known<'a>) -> Self {
        let nodes = known.node_number.len();
        Self {
            known,
            around: Around::new(nodes),
            balls: vec![None; nodes],
            cache: vec![((NodeId(u32::MAX), NodeId(u32::MAX)), 0); CACHE],
            dead: vec![false; known.edge_number.len()],
            fragment: Fragment::default(),
            left: 0,
        }
    }

    /// Marks those of some edges that no best tree holds.
    fn refute_edges(&mut self, edges: &[EdgeId], deadline: &Deadline) {
        for (place, &edge) in edges.iter().enumerate() {
            if place.is_multiple_of(64) && deadline.passed() {
                break;
            }
            if self.is_edge_refuted(edge) {
                self.dead[edge.index()] = true;
            }
        }
    }

    /// Those of some nodes at which no best tree branches, no two of them beside each other.
    fn refute_forks(&mut self, nodes: &[NodeId], deadline: &Deadline) -> Vec<Passed> {
        let kernel = self.known.kernel;
        let mut settled = vec![false; kernel.nodes().count()];
        let mut passed = Vec::new();
        for (place, &node) in nodes.iter().enumerate() {
            if place.is_multiple_of(64) && deadline.passed() {
                break;
            }
            if settled[node.index()] {
                continue;
            }
            if let Some(pairs) = self.passed_at_most(node) {
                // Forks beside it would have other edges from now on.
                kernel.at(node).iter().for_each(|&edge| settled[kernel.other_end(edge, node).index()] = true);
                passed.push((node, pairs));
            }
        }
        passed
    }

    fn is_edge_refuted(&mut self, edge: EdgeId) -> bool {
        let [tail, head] = self.known.kernel.ends(edge);
        self.left = self.known.reach.fragments;
        self.fragment.start(tail);
        self.fragment.push(0, edge, head, self.known.kernel.cost(edge));
        self.is_impossible(&[1], None) || self.is_refuted(0)
    }

    /// The pairs of edges at a node over which a best tree may pass it, if none branches at it and they are few.
    fn passed_at_most(&mut self, node: NodeId) -> Option<Vec<(EdgeId, EdgeId)>> {
        const MOST: usize = 4;
        let star: Vec<EdgeId> =
            self.known.kernel.at(node).iter().copied().filter(|edge| !self.dead[edge.index()]).collect();
        if self.known.kernel.demand(node) != Demand::None || !(2..=MOST).contains(&star.len()) {
            return None;
        }
        let of = |subset: u32| (0..star.len()).filter(move |&at| subset >> at & 1 == 1).map(|at| star[at]);
        let subsets = 1u32 << star.len();
        for subset in (0..subsets).filter(|subset| subset.count_ones() >= 3) {
            if !self.is_star_refuted(node, &of(subset).collect::<Vec<_>>()) {
                return None;
            }
        }
        let mut kept = Vec::new();
        for subset in (0..subsets).filter(|subset| subset.count_ones() == 2) {
            let pair: Vec<EdgeId> = of(subset).collect();
            if !self.is_star_refuted(node, &pair) {
                kept.push((pair[0], pair[1]));
            }
        }
        (kept.len() <= star.len()).then_some(kept)
    }

    /// Whether no best tree has just these edges at a node.
    fn is_star_refuted(&mut self, node: NodeId, star: &[EdgeId]) -> bool {
        self.left = self.known.reach.fragments;
        self.fragment.start(node);
        let mut fresh = [0; FORKS];
        for (at, &edge) in star.iter().enumerate() {
            self.fragment.push(0, edge, self.known.kernel.other_end(edge, node), self.known.kernel.cost(edge));
            fresh[at] = at + 1;
        }
        self.is_impossible(&fresh[..star.len()], None) || self.is_refuted(0)
    }

    /// Whether every way to go on at one of the leaves is refuted.
    fn is_refuted(&mut self, depth: usize) -> bool {
        if depth >= self.known.reach.depth || self.fragment.leaves().count() > LEAVES {
            return false;
        }
        let mut leaves: Vec<(usize, usize)> = self
            .fragment
            .leaves()
            .map(|leaf| (self.known.kernel.degree(self.fragment.slots[leaf].node), leaf))
            .filter(|&(degree, leaf)| {
                degree <= DEGREE && self.known.kernel.demand(self.fragment.slots[leaf].node) == Demand::None
            })
            .collect();
        // The newest first, for its surroundings are not known yet; of these the one with the fewest edges.
        leaves.sort_unstable_by_key(|&(degree, leaf)| (degree, std::cmp::Reverse(leaf)));
        let tries = if depth < 2 { 2 } else { 1 };
        leaves.into_iter().take(tries).any(|(_, leaf)| self.is_refuted_at(leaf, depth))
    }

    /// Whether every way to go on at a leaf is refuted.
    fn is_refuted_at(&mut self, leaf: usize, depth: usize) -> bool {
        let node = self.fragment.slots[leaf].node;
        let mut open: Vec<(EdgeId, NodeId, i64)> = Vec::new();
        for place in 0..self.known.kernel.degree(node) {
            let edge = self.known.kernel.at(node)[place];
            let (to, cost) = (self.known.kernel.other_end(edge, node), self.known.kernel.cost(edge));
            if self.dead[edge.index()] || self.fragment.holds(to) {
                continue;
            }
            self.fragment.push(leaf, edge, to, cost);
            let newest = self.fragment.slots.len() - 1;
            let impossible = self.is_impossible(&[newest], Some(leaf));
            self.fragment.pop();
            if !impossible {
                open.push((edge, to, cost));
            }
        }
        if open.len() > FORKS || self.fragment.slots.len() + open.len() > SLOTS {
            return false;
        }
        for subset in 1u32..1 << open.len() {
            if self.left == 0 {
                return false;
            }
            self.left -= 1;
            let before = self.fragment.slots.len();
            let mut fresh = [0; FORKS];
            let mut count = 0;
            for (place, &(edge, to, cost)) in open.iter().enumerate() {
                if subset >> place & 1 == 1 {
                    fresh[count] = self.fragment.slots.len();
                    count += 1;
                    self.fragment.push(leaf, edge, to, cost);
                }
            }
            let refuted = self.is_impossible(&fresh[..count], None) || self.is_refuted(depth + 1);
            while self.fragment.slots.len() > before {
                self.fragment.pop();
            }
            if !refuted {
                return false;
            }
        }
        true
    }

    /// Whether the fragment is refuted at once; `fresh` are its new leaves, `open` a node that may have more edges.
    fn is_impossible(&mut self, fresh: &[usize], open: Option<usize>) -> bool {
        self.known.charges.iter().any(|charge| self.is_too_dear(charge, open))
            || fresh.iter().any(|&leaf| self.is_stretch_needless(leaf, open))
            || (open.is_none() && self.are_leaves_joined_for_less())
    }

    /// Whether the bound and the reduced costs of any tree that holds the fragment reach the best value known.
    fn is_too_dear(&self, charge: &Charge<'_>, open: Option<usize>) -> bool {
        let slots = &self.fragment.slots;
        let cap = |cost: i64| cost.min(charge.slack);
        let number = |at: usize| self.known.node_number[slots[at].node.index()] as usize;
        // What it costs more if the way from a slot up is taken upwards.
        let mut flips = [0i64; SLOTS];
        let mut downwards = 0;
        let mut onward = 0;
        for (at, slot) in slots.iter().enumerate() {
            if at > 0 {
                let [up, down] = self.residuals(charge, slot);
                let (up, down) = (cap(up), cap(down));
                downwards += down;
                flips[at] = flips[slot.parent] + up - down;
            }
            if slot.degree == 1 {
                onward += cap(charge.ways.to_terminal[number(at)][0].0);
            }
        }
        (0..slots.len()).filter(|&at| slots[at].degree == 1 || open == Some(at)).all(|at| {
            let own = if slots[at].degree == 1 { cap(charge.ways.to_terminal[number(at)][0].0) } else { 0 };
            let least = downwards + flips[at] + cap(charge.ways.from_root[number(at)]) + onward - own;
            least >= charge.slack || least + self.apart(charge, at) >= charge.slack
        })
    }

    /// What an edge of the fragment has left, upwards and downwards.
    fn residuals(&self, charge: &Charge<'_>, slot: &Slot) -> [i64; 2] {
        match self.known.edge_number[slot.edge.index()] {
            u32::MAX => [0; 2],
            edge => {
                let is_first = self.known.kernel.ends(slot.edge)[0] == slot.node;
                let arc = 2 * edge as usize;
                [arc + usize::from(!is_first), arc + usize::from(is_first)].map(|arc| charge.ascent.residual[arc])
            }
        }
    }

    /// What leaves pay more for ways to terminals of their own, `entry` aside.
    fn apart(&self, charge: &Charge<'_>, entry: usize) -> i64 {
        let cap = |cost: i64| cost.min(charge.slack);
        let ways = |leaf: usize| {
            charge.ways.to_terminal[self.known.node_number[self.fragment.slots[leaf].node.index()] as usize]
        };
        let mut more = 0;
        let mut groups: [(NodeId, i64); SLOTS] = [(NodeId(u32::MAX), 0); SLOTS];
        let mut count = 0;
        for leaf in self.fragment.leaves().filter(|&leaf| leaf != entry) {
            let [(first, terminal), (second, _)] = ways(leaf);
            if first >= charge.slack {
                continue;
            }
            // All but one of those with one nearest terminal have to take the next one.
            let extra = cap(second) - cap(first);
            if let Some(group) = groups[..count].iter_mut().find(|group| group.0 == terminal) {
                more += extra.min(group.1);
                group.1 = group.1.max(extra);
            } else {
                groups[count] = (terminal, extra);
                count += 1;
            }
        }
        more
    }

    /// Whether a stretch that ends at a leaf is dearer than the special distance between what it joins.
    fn is_stretch_needless(&mut self, leaf: usize, open: Option<usize>) -> bool {
        let dearest = self.fragment.bottlenecks(leaf, open);
        let from = self.fragment.slots[leaf].node;
        (0..self.fragment.slots.len())
            .rev()
            .any(|at| at != leaf && self.distance(from, self.fragment.slots[at].node) < dearest[at])
    }

    /// Whether special distances join the leaves for less than the fragment does.
    fn are_leaves_joined_for_less(&mut self) -> bool {
        let leaves: Vec<usize> = self.fragment.leaves().collect();
        if leaves.len() < 3 {
            return false;
        }
        let node = |this: &Self, leaf: usize| this.fragment.slots[leaf].node;
        let first = node(self, leaves[0]);
        let mut left: Vec<(i64, NodeId)> = Vec::with_capacity(leaves.len());
        for &leaf in &leaves[1..] {
            let to = node(self, leaf);
            left.push((self.distance(first, to), to));
        }
        let mut length = 0i64;
        while let Some(place) = (0..left.len()).min_by_key(|&place| left[place]) {
            let (step, joined) = left.swap_remove(place);
            length += step;
            if length >= self.fragment.cost {
                return false;
            }
            for (known, to) in &mut left {
                *known = (*known).min(self.distance(joined, *to));
            }
        }
        true
    }

    /// A special distance of two nodes, or more.
    fn distance(&mut self, one: NodeId, other: NodeId) -> i64 {
        let key = (one.min(other), one.max(other));
        let mixed = (u64::from(key.0.0) << 32 | u64::from(key.1.0)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let place = (mixed >> 50) as usize;
        if self.cache[place].0 == key {
            return self.cache[place].1;
        }
        let least = self.known.near.between(one, other, 0).min(self.in_ball(one, other)).min(self.in_ball(other, one));
        self.cache[place] = (key, least);
        least
    }

    /// A special distance that a search around the first node finds.
    fn in_ball(&mut self, center: NodeId, to: NodeId) -> i64 {
        if self.balls[center.index()].is_none() {
            let until = Until { limit: FAR, most: SEARCHED, wanted: &[] };
            self.around.search(self.known.kernel, &Profits::Required, (center, None), until);
            let mut ball: Vec<(NodeId, i64)> = self.around.all_found().collect();
            ball.sort_unstable();
            self.balls[center.index()] = Some(ball);
        }
        let ball = self.balls[center.index()].as_deref().unwrap_or_default();
        ball.binary_search_by_key(&to, |found| found.0).map_or(FAR, |place| ball[place].1)
    }
}
