//! The minimum spanning forest of a set of nodes, while nodes come and go one by one.
//!
//! Components that no edge joins for less than a component costs stay apart. A node that comes takes the place of the
//! dearest edge on each cycle that it closes; a node that goes leaves pieces, which the cheapest edges between them join.
//! Trees are rooted at any of their nodes; to root one at another node, the edges between are turned round.
//!
//! Source: Spira and Pan (SIAM J. Comput. 4, 1975, pp. 375-380), for nodes that come and nodes that go; here the largest
//! piece need not be gone through. To root a tree elsewhere (*evert*): Sleator and Tarjan (J. Comput. Syst. Sci. 26, 1983).

use crate::graph::{Graph, NodeId};

/// A set of nodes of a graph, and a forest that spans it.
pub(super) struct Forest {
    /// By node, where its ways begin; ways are in the order of their cost.
    starts: Vec<u32>,
    ways: Vec<Way>,
    /// What a component costs.
    tie: i64,
    inside: Vec<bool>,
    /// By node, how many of its neighbours are inside.
    touching: Vec<u32>,
    /// By node, where it is in its tree; nodes that are not inside are on their own.
    members: Vec<Member>,
    value: i64,
    components: usize,
    /// The nodes to which the last change gave another parent, with the one before; and what the forest came to.
    undo: Vec<(NodeId, Way)>,
    before: (i64, usize),
    search: Search,
}

/// An edge from a node.
#[derive(Clone, Copy)]
struct Way {
    to: NodeId,
    cost: i64,
}

/// A node in its tree: the way to its parent, itself at the root; its first child, and its siblings.
#[derive(Clone, Copy)]
struct Member {
    parent: Way,
    child: Option<NodeId>,
    next_sibling: Option<NodeId>,
    previous_sibling: Option<NodeId>,
}

/// What a search for pieces has seen.
#[derive(Default)]
struct Search {
    number: u32,
    /// By node, the last search that has seen it, and on which side.
    seen: Vec<(u32, u32)>,
    /// By side, its nodes but for those of the largest, and how many of them have been gone through.
    sides: Vec<(Vec<NodeId>, usize)>,
    /// The side that was not gone through to its end.
    largest: u32,
    links: Vec<Link>,
}

/// An edge between two sides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Link {
    cost: i64,
    ends: [NodeId; 2],
    sides: [u32; 2],
}

/// What taking a node out comes to.
pub(super) struct Removal {
    /// How much more the forest costs then.
    pub(super) more: i64,
    /// Nodes and ways that were looked at to tell.
    pub(super) looked_at: usize,
    components: usize,
}

impl Forest {
    /// No node at all. Of parallel edges only the cheapest counts. Time: O(m log m).
    pub(super) fn empty(graph: &Graph, costs: &[i64], tie: i64) -> Self {
        let (mut starts, mut ways) = (vec![0], Vec::with_capacity(2 * graph.edge_count()));
        let mut own: Vec<Way> = Vec::new();
        for node in graph.nodes() {
            let arcs = graph.arcs(node).iter().filter(|arc| arc.to != node);
            own.extend(arcs.map(|arc| Way { to: arc.to, cost: costs[arc.edge.index()] }));
            own.sort_unstable_by_key(|way| (way.to, way.cost));
            own.dedup_by_key(|way| way.to);
            own.sort_unstable_by_key(|way| (way.cost, way.to));
            ways.append(&mut own);
            starts.push(ways.len() as u32);
        }
        let count = graph.node_count();
        Self {
            starts,
            ways,
            tie,
            inside: vec![false; count],
            touching: vec![0; count],
            members: graph.nodes().map(Member::alone).collect(),
            value: 0,
            components: 0,
            undo: Vec::new(),
            before: (0, 0),
            search: Search { seen: vec![(0, 0); count], ..Search::default() },
        }
    }

    pub(super) fn contains(&self, node: NodeId) -> bool {
        self.inside[node.index()]
    }

    /// How many neighbours of a node are inside. Time: O(1).
    pub(super) fn touching(&self, node: NodeId) -> usize {
        self.touching[node.index()] as usize
    }

    /// By node, whether it is inside.
    pub(super) fn nodes(&self) -> &[bool] {
        &self.inside
    }

    /// The number of components. Time: O(1).
    pub(super) fn components(&self) -> usize {
        self.components
    }

    /// What edges and components of the forest cost. Time: O(1).
    pub(super) fn value(&self) -> i64 {
        self.value
    }

    /// How much more the forest would cost with a node if each of its ways led to another component: it costs no less.
    pub(super) fn at_best(&self, node: NodeId) -> i64 {
        let ways = self.ways(node).iter().take_while(|way| way.cost < self.tie);
        let gains = ways.filter(|way| self.contains(way.to)).map(|way| self.tie - way.cost);
        self.tie - gains.sum::<i64>()
    }

    /// Puts a node in. Time: that of the ways from its neighbours to the roots.
    pub(super) fn insert(&mut self, node: NodeId) {
        self.undo.clear();
        self.before = (self.value, self.components);
        self.value += self.tie;
        self.components += 1;
        for place in self.places(node) {
            let Way { to, cost } = self.ways[place];
            if cost >= self.tie {
                break;
            }
            if !self.contains(to) {
                continue;
            }
            let (root, dearest) = self.way_to_root(to);
            if root != node {
                self.value += cost - self.tie;
                self.components -= 1;
            } else if dearest.cost > cost {
                self.value += cost - dearest.cost;
                self.hang(dearest.to, Way::nowhere(dearest.to));
            } else {
                continue;
            }
            self.evert(to);
            self.hang(to, Way { to: node, cost });
        }
        self.flip(node);
    }

    /// Takes the node out again that was put in at last. Time: that of putting it in.
    pub(super) fn withdraw(&mut self, node: NodeId) {
        while let Some((node, parent)) = self.undo.pop() {
            self.set_parent(node, parent);
        }
        (self.value, self.components) = self.before;
        self.flip(node);
    }

    /// What taking a node out comes to; [`remove`](Self::remove) may follow. Time: that of all pieces but the largest.
    pub(super) fn removal(&mut self, node: NodeId) -> Removal {
        let mut search = std::mem::take(&mut self.search);
        let edges = search.begin(self, node);
        let mut looked_at = search.find_sides(self, node);
        looked_at += search.find_links(self, node);
        let linked = search.choose_links();
        let (pieces, links) = (search.sides.len(), search.links.len());
        self.search = search;
        // Where nothing hangs on the node, its component goes with it.
        let more = linked - edges + self.tie * (pieces as i64 - 1 - links as i64);
        Removal { more, looked_at, components: self.components + pieces - 1 - links }
    }

    /// Takes a node out; what that comes to was looked at before, and nothing has changed since.
    pub(super) fn remove(&mut self, node: NodeId, removal: &Removal) {
        self.undo.clear();
        self.value += removal.more;
        self.components = removal.components;
        while let Some(child) = self.members[node.index()].child {
            self.hang(child, Way::nowhere(child));
        }
        self.hang(node, Way::nowhere(node));
        self.flip(node);
        let links = std::mem::take(&mut self.search.links);
        for link in &links {
            let [one, other] = link.ends;
            self.evert(one);
            self.hang(one, Way { to: other, cost: link.cost });
        }
        self.search.links = links;
    }

    fn places(&self, node: NodeId) -> std::ops::Range<usize> {
        self.starts[node.index()] as usize..self.starts[node.index() + 1] as usize
    }

    fn ways(&self, node: NodeId) -> &[Way] {
        &self.ways[self.places(node)]
    }

    /// The root of a node's tree, and the node in between whose way to its parent is the dearest, with its cost.
    fn way_to_root(&self, node: NodeId) -> (NodeId, Way) {
        let (mut at, mut dearest) = (node, Way::nowhere(node));
        loop {
            let parent = self.members[at.index()].parent;
            if parent.to == at {
                return (at, dearest);
            }
            if parent.cost > dearest.cost {
                dearest = Way { to: at, cost: parent.cost };
            }
            at = parent.to;
        }
    }

    /// Roots a tree at one of its nodes.
    fn evert(&mut self, node: NodeId) {
        let (mut at, mut next) = (node, Way::nowhere(node));
        loop {
            let parent = self.members[at.index()].parent;
            self.hang(at, next);
            if parent.to == at {
                return;
            }
            next = Way { to: at, cost: parent.cost };
            at = parent.to;
        }
    }

    /// Gives a node another parent, so that it can be undone.
    fn hang(&mut self, node: NodeId, parent: Way) {
        self.undo.push((node, self.members[node.index()].parent));
        self.set_parent(node, parent);
    }

    fn set_parent(&mut self, node: NodeId, parent: Way) {
        let Member { parent: before, next_sibling, previous_sibling, .. } = self.members[node.index()];
        if let Some(next) = next_sibling {
            self.members[next.index()].previous_sibling = previous_sibling;
        }
        match previous_sibling {
            Some(previous) => self.members[previous.index()].next_sibling = next_sibling,
            None if before.to != node => self.members[before.to.index()].child = next_sibling,
            None => {}
        }
        let next = if parent.to == node { None } else { self.members[parent.to.index()].child.replace(node) };
        if let Some(next) = next {
            self.members[next.index()].previous_sibling = Some(node);
        }
        let member = &mut self.members[node.index()];
        (member.parent, member.next_sibling, member.previous_sibling) = (parent, next, None);
    }

    /// Calls back for each node that an edge of the forest joins with a node, with its cost.
    fn for_each_joined(&self, node: NodeId, mut call: impl FnMut(Way)) {
        let Member { parent, mut child, .. } = self.members[node.index()];
        if parent.to != node {
            call(parent);
        }
        while let Some(to) = child {
            let Member { parent, next_sibling, .. } = self.members[to.index()];
            call(Way { to, cost: parent.cost });
            child = next_sibling;
        }
    }

    fn flip(&mut self, node: NodeId) {
        let inside = !self.inside[node.index()];
        self.inside[node.index()] = inside;
        for place in self.places(node) {
            let touching = &mut self.touching[self.ways[place].to.index()];
            *touching = if inside { *touching + 1 } else { *touching - 1 };
        }
    }
}

impl Way {
    const fn nowhere(from: NodeId) -> Self {
        Self { to: from, cost: 0 }
    }
}

impl Member {
    const fn alone(node: NodeId) -> Self {
        Self { parent: Way::nowhere(node), child: None, next_sibling: None, previous_sibling: None }
    }
}

impl Search {
    /// A side for each node that is joined with this one; what those edges cost.
    fn begin(&mut self, forest: &Forest, node: NodeId) -> i64 {
        self.number += 1;
        self.sides.clear();
        let mut edges = 0;
        forest.for_each_joined(node, |way| {
            self.seen[way.to.index()] = (self.number, self.sides.len() as u32);
            self.sides.push((vec![way.to], 0));
            edges += way.cost;
        });
        edges
    }

    /// Goes through all sides in turns until only one is left, which is not listed; how many nodes were looked at.
    fn find_sides(&mut self, forest: &Forest, without: NodeId) -> usize {
        let Self { number, seen, sides, .. } = self;
        let mut open: Vec<u32> = (0..sides.len() as u32).collect();
        let (mut turn, mut looked_at) = (0, 1);
        while open.len() > 1 {
            turn %= open.len();
            let side = open[turn];
            let (nodes, done) = &mut sides[side as usize];
            let Some(&at) = nodes.get(*done) else {
                open.remove(turn);
                continue;
            };
            (*done, turn, looked_at) = (*done + 1, turn + 1, looked_at + 1);
            forest.for_each_joined(at, |way| {
                if way.to != without && seen[way.to.index()].0 != *number {
                    seen[way.to.index()] = (*number, side);
                    nodes.push(way.to);
                }
            });
        }
        for side in open {
            sides[side as usize].0.clear();
            self.largest = side;
        }
        looked_at
    }

    /// The cheapest edge between any two sides, as far as it costs less than a component; how many ways were looked at.
    fn find_links(&mut self, forest: &Forest, without: NodeId) -> usize {
        let Self { number, seen, sides, largest, links, .. } = self;
        links.clear();
        let mut looked_at = 0;
        let mut cheapest: Vec<Option<Link>> = Vec::new();
        for (side, (nodes, _)) in sides.iter().enumerate() {
            cheapest.clear();
            cheapest.resize(sides.len(), None);
            let mut limit = forest.tie;
            for &from in nodes {
                for way in forest.ways(from) {
                    looked_at += 1;
                    if way.cost >= limit {
                        break;
                    }
                    if way.to == without || !forest.contains(way.to) {
                        continue;
                    }
                    let (search, met) = seen[way.to.index()];
                    let met = if search == *number { met } else { *largest };
                    if met as usize == side || cheapest[met as usize].is_some_and(|link| link.cost <= way.cost) {
                        continue;
                    }
                    let link = Link { cost: way.cost, ends: [from, way.to], sides: [side as u32, met] };
                    cheapest[met as usize] = Some(link);
                    // Beyond the dearest of them nothing is of use.
                    let others = (0..sides.len()).filter(|&other| other != side);
                    let dearest = others.map(|other| cheapest[other].map_or(forest.tie, |link| link.cost)).max();
                    limit = dearest.unwrap_or(forest.tie);
                }
            }
            links.extend(cheapest.iter().flatten());
        }
        looked_at
    }

    /// Keeps the cheapest links that join all that can be joined; what they cost.
    fn choose_links(&mut self) -> i64 {
        self.links.sort_unstable();
        let mut merged: Vec<u32> = (0..self.sides.len() as u32).collect();
        let mut cost = 0;
        self.links.retain(|link| {
            let [one, other] = link.sides.map(|side| merged[side as usize]);
            if one != other {
                merged.iter_mut().filter(|side| **side == one).for_each(|side| *side = other);
                cost += link.cost;
            }
            one != other
        });
        cost
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Forest;
    use crate::graph::{Graph, NodeId, UnionFind};

    const TIE: i64 = 7;

    /// What the minimum spanning forest within some nodes costs, and its components.
    fn spanned(graph: &Graph, costs: &[i64], inside: &[bool]) -> (i64, usize) {
        let within = |edge: &_| graph.ends(*edge).iter().all(|end| inside[end.index()]);
        let mut edges: Vec<_> = graph.edges().filter(within).filter(|edge| costs[edge.index()] < TIE).collect();
        edges.sort_by_key(|edge| costs[edge.index()]);
        let mut union = UnionFind::new(inside.len());
        let (mut cost, mut components) = (0, inside.iter().filter(|inside| **inside).count());
        for edge in edges {
            let [one, other] = graph.ends(edge);
            if union.join(one.index(), other.index()) {
                cost += costs[edge.index()];
                components -= 1;
            }
        }
        (cost + TIE * components as i64, components)
    }

    proptest! {
        #[test]
        fn it_spans_what_is_inside_for_the_least_cost(
            edges in prop::collection::vec((0u32..12, 0u32..12, 1i64..9), 0..40),
            steps in prop::collection::vec((0u32..12, any::<bool>()), 1..60),
        ) {
            let ends = edges.iter().map(|&(one, other, _)| [NodeId(one), NodeId(other)]).collect();
            let costs: Vec<i64> = edges.iter().map(|&(.., cost)| cost).collect();
            let graph = Graph::new(12, ends);
            let mut forest = Forest::empty(&graph, &costs, TIE);
            let mut inside = vec![false; 12];
            for (node, is_kept) in steps.into_iter().map(|(node, is_kept)| (NodeId(node), is_kept)) {
                let before = forest.value();
                if forest.contains(node) {
                    let removal = forest.removal(node);
                    inside[node.index()] = false;
                    prop_assert_eq!(before + removal.more, spanned(&graph, &costs, &inside).0);
                    if is_kept {
                        forest.remove(node, &removal);
                    } else {
                        inside[node.index()] = true;
                    }
                } else {
                    let at_best = forest.at_best(node);
                    forest.insert(node);
                    inside[node.index()] = true;
                    prop_assert!(before + at_best <= forest.value());
                    prop_assert_eq!(forest.value(), spanned(&graph, &costs, &inside).0);
                    if !is_kept {
                        forest.withdraw(node);
                        inside[node.index()] = false;
                    }
                }
                prop_assert_eq!((forest.value(), forest.components()), spanned(&graph, &costs, &inside));
                prop_assert_eq!(forest.nodes(), &inside[..]);
                for node in graph.nodes() {
                    let mut beside: Vec<_> = graph.arcs(node).iter().map(|arc| arc.to).collect();
                    beside.retain(|&to| to != node && forest.contains(to));
                    beside.sort_unstable();
                    beside.dedup();
                    prop_assert_eq!(forest.touching(node), beside.len());
                }
            }
        }
    }
}
