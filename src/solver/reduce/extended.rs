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

use crate::effort::Deadline;
use crate::graph::{EdgeId, NodeId};
use crate::problem::Demand;
use crate::solver::ascent::Ascent;
use crate::solver::kernel::{Kernel, Snapshot};
use crate::solver::reduce::fixing::Ways;
use crate::solver::reduce::fragment::{Fragment, SLOTS, Slot};
use crate::solver::reduce::special::{Around, FAR, Near, Profits};

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

/// Sums that reduced costs charge, from one ascent.
struct Charge<'a> {
    ways: Ways,
    ascent: &'a Ascent,
    /// What is too dear.
    slack: i64,
}

/// Memory of special distances between two nodes.
const CACHE: usize = 1 << 14;

struct Run<'a> {
    kernel: &'a Kernel,
    charges: Vec<Charge<'a>>,
    /// By kernel edge, the snapshot's.
    edge_number: Vec<u32>,
    /// By kernel node, the snapshot's.
    node_number: Vec<u32>,
    near: Near,
    around: Around,
    balls: Vec<Option<Vec<(NodeId, i64)>>>,
    cache: Vec<((NodeId, NodeId), i64)>,
    dead: Vec<bool>,
    fragment: Fragment,
    reach: Reach,
    left: u32,
}

/// Takes out edges and forks that no best tree with a value below `cutoff` (in the kernel's own terms) holds.
///
/// Edges that are newer than the snapshot are charged nothing. Time: O(m fragments), each a few dozen steps.
pub(in crate::solver) fn reduce(
    kernel: &mut Kernel,
    snapshot: &Snapshot,
    ascents: &[(NodeId, &Ascent)],
    cutoff: i64,
    reach: Reach,
    deadline: &Deadline,
) {
    let fine = kernel.without_ties();
    let Some(mut run) = Run::new(&fine, snapshot, (ascents, cutoff), reach, deadline) else { return };
    let edges: Vec<EdgeId> = snapshot.edges.iter().copied().filter(|&edge| kernel.is_alive(edge)).collect();
    let mut gone = Vec::new();
    for (place, &edge) in edges.iter().enumerate() {
        if place.is_multiple_of(64) && deadline.passed() {
            break;
        }
        if run.is_edge_refuted(edge) {
            run.dead[edge.index()] = true;
            gone.push(edge);
        }
    }
    let mut settled = vec![false; kernel.nodes().count()];
    let mut replaced: Vec<(NodeId, Vec<(EdgeId, EdgeId)>)> = Vec::new();
    for (place, &node) in snapshot.nodes.iter().enumerate() {
        if place.is_multiple_of(64) && deadline.passed() {
            break;
        }
        if settled[node.index()] {
            continue;
        }
        if let Some(pairs) = run.passed_at_most(node) {
            // Forks beside it would have other edges from now on.
            kernel.at(node).iter().for_each(|&edge| settled[kernel.other_end(edge, node).index()] = true);
            replaced.push((node, pairs));
        }
    }
    for edge in gone {
        kernel.delete(edge);
    }
    for (node, pairs) in replaced {
        for (one, other) in pairs {
            kernel.join(one, other, node, 0);
        }
        kernel.delete_node(node);
    }
}

impl<'a> Run<'a> {
    /// None where the deadline passes.
    fn new(
        kernel: &'a Kernel,
        snapshot: &Snapshot,
        (ascents, cutoff): (&[(NodeId, &'a Ascent)], i64),
        reach: Reach,
        deadline: &Deadline,
    ) -> Option<Self> {
        let nodes = kernel.nodes().count();
        let mut edge_number = vec![u32::MAX; kernel.edges().count()];
        for (at, edge) in snapshot.edges.iter().enumerate() {
            edge_number[edge.index()] = at as u32;
        }
        let mut node_number = vec![u32::MAX; nodes];
        for (at, node) in snapshot.nodes.iter().enumerate() {
            node_number[node.index()] = at as u32;
        }
        let charges = ascents
            .iter()
            .map(|&(root, ascent)| (root, ascent, cutoff - ascent.bound))
            .filter(|&(_, _, slack)| slack > 0 && slack < LOOSE)
            .map(|(root, ascent, slack)| Charge {
                ways: Ways::new(&snapshot.problem, root, &ascent.residual, slack),
                ascent,
                slack,
            })
            .collect();
        Some(Self {
            kernel,
            charges,
            dead: vec![false; edge_number.len()],
            edge_number,
            node_number,
            near: Near::new(kernel, deadline)?,
            around: Around::new(nodes),
            balls: vec![None; nodes],
            cache: vec![((NodeId(u32::MAX), NodeId(u32::MAX)), 0); CACHE],
            fragment: Fragment::default(),
            reach,
            left: 0,
        })
    }

    fn is_edge_refuted(&mut self, edge: EdgeId) -> bool {
        let [tail, head] = self.kernel.ends(edge);
        self.left = self.reach.fragments;
        self.fragment.start(tail);
        self.fragment.push(0, edge, head, self.kernel.cost(edge));
        self.is_impossible(&[1], None) || self.is_refuted(0)
    }

    /// The pairs of edges at a node over which a best tree may pass it, if none branches at it and they are few.
    fn passed_at_most(&mut self, node: NodeId) -> Option<Vec<(EdgeId, EdgeId)>> {
        const MOST: usize = 4;
        let star: Vec<EdgeId> = self.kernel.at(node).iter().copied().filter(|edge| !self.dead[edge.index()]).collect();
        if self.kernel.demand(node) != Demand::None || !(2..=MOST).contains(&star.len()) {
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
        self.left = self.reach.fragments;
        self.fragment.start(node);
        let mut fresh = [0; FORKS];
        for (at, &edge) in star.iter().enumerate() {
            self.fragment.push(0, edge, self.kernel.other_end(edge, node), self.kernel.cost(edge));
            fresh[at] = at + 1;
        }
        self.is_impossible(&fresh[..star.len()], None) || self.is_refuted(0)
    }

    /// Whether every way to go on at one of the leaves is refuted.
    fn is_refuted(&mut self, depth: usize) -> bool {
        if depth >= self.reach.depth || self.fragment.leaves().count() > LEAVES {
            return false;
        }
        let mut leaves: Vec<(usize, usize)> = self
            .fragment
            .leaves()
            .map(|leaf| (self.kernel.degree(self.fragment.slots[leaf].node), leaf))
            .filter(|&(degree, leaf)| {
                degree <= DEGREE && self.kernel.demand(self.fragment.slots[leaf].node) == Demand::None
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
        for place in 0..self.kernel.degree(node) {
            let edge = self.kernel.at(node)[place];
            let (to, cost) = (self.kernel.other_end(edge, node), self.kernel.cost(edge));
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
        self.charges.iter().any(|charge| self.is_too_dear(charge, open))
            || fresh.iter().any(|&leaf| self.is_stretch_needless(leaf, open))
            || (open.is_none() && self.are_leaves_joined_for_less())
    }

    /// Whether the bound and the reduced costs of any tree that holds the fragment reach the best value known.
    fn is_too_dear(&self, charge: &Charge<'_>, open: Option<usize>) -> bool {
        let slots = &self.fragment.slots;
        let cap = |cost: i64| cost.min(charge.slack);
        let number = |at: usize| self.node_number[slots[at].node.index()] as usize;
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
        match self.edge_number[slot.edge.index()] {
            u32::MAX => [0; 2],
            edge => {
                let is_first = self.kernel.ends(slot.edge)[0] == slot.node;
                let arc = 2 * edge as usize;
                [arc + usize::from(!is_first), arc + usize::from(is_first)].map(|arc| charge.ascent.residual[arc])
            }
        }
    }

    /// What leaves pay more for ways to terminals of their own, `entry` aside.
    fn apart(&self, charge: &Charge<'_>, entry: usize) -> i64 {
        let cap = |cost: i64| cost.min(charge.slack);
        let ways =
            |leaf: usize| charge.ways.to_terminal[self.node_number[self.fragment.slots[leaf].node.index()] as usize];
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
        let least = self.near.between(one, other, 0).min(self.in_ball(one, other)).min(self.in_ball(other, one));
        self.cache[place] = (key, least);
        least
    }

    /// A special distance that a search around the first node finds.
    fn in_ball(&mut self, center: NodeId, to: NodeId) -> i64 {
        if self.balls[center.index()].is_none() {
            self.around.search(self.kernel, &Profits::Required, (center, None), FAR, SEARCHED);
            let mut ball: Vec<(NodeId, i64)> = self.around.all_found().collect();
            ball.sort_unstable();
            self.balls[center.index()] = Some(ball);
        }
        let ball = self.balls[center.index()].as_deref().unwrap_or_default();
        ball.binary_search_by_key(&to, |found| found.0).map_or(FAR, |place| ball[place].1)
    }
}
