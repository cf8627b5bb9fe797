//! The built trench forest: every node of it knows the way to its PoP.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};

use crate::graph::{EdgeId, NodeId};
use crate::network::Network;
use crate::plan::PopCandidate;
use crate::plan::ask::{Source, TrenchProblem};
use crate::plan::reach::shorten;
use crate::problem::{SteinerProblem, Tree};
use crate::units::{Length, Money};

/// Trees of trenches and drops, each hanging from an open PoP.
#[derive(Clone, Debug)]
pub struct Forest {
    /// Network nodes of the forest, parents before children.
    pub order: Vec<NodeId>,
    /// For each network node of the forest but the PoPs: its parent and the segment that leads there.
    pub parent: Vec<Option<(NodeId, EdgeId)>>,
    /// The open PoP that feeds each network node of the forest, by its place among the candidates.
    pub pop: Vec<Option<u32>>,
    /// Open PoPs, by their place among the candidates, in order.
    pub open: Vec<u32>,
    /// Distance of each network node of the forest to its PoP along the trenches.
    pub depth: Vec<Length>,
    /// Whether routes had to be made shorter than the solution has them.
    pub shortened: bool,
}

/// Roots a solution of the trench problem at its PoPs.
///
/// A leaf that the solver passed through although that costs more is mended first; branches that serve nothing
/// are not built. Routes that break the optical budget are made shorter. Time: O(n log n).
#[must_use]
pub fn forest(asked: &TrenchProblem, tree: &Tree, network: &Network, pops: &[PopCandidate]) -> Forest {
    let mut forest = rooted(asked, tree, network, pops);
    shorten(&mut forest, network, pops, &asked.architecture, &asked.routes);
    forest
}

/// The same with routes as long as the solution has them.
pub(super) fn rooted(asked: &TrenchProblem, tree: &Tree, network: &Network, pops: &[PopCandidate]) -> Forest {
    let edges = without_transit(&asked.problem, asked.leaves(), &tree.edges);
    let mut segments: Vec<EdgeId> = Vec::new();
    let mut open: Vec<u32> = Vec::new();
    for source in asked.sources(&edges) {
        match source {
            Source::Opening(place) => open.push(place),
            Source::Segment(edge) => segments.push(edge),
        }
    }
    open.sort_unstable();
    let mut built = vec![false; network.graph.edge_count()];
    for edge in segments {
        built[edge.index()] = true;
    }
    let nodes = network.graph.node_count();
    let mut forest = Forest {
        order: Vec::new(),
        parent: vec![None; nodes],
        pop: vec![None; nodes],
        open: Vec::new(),
        depth: vec![Length::ZERO; nodes],
        shortened: false,
    };
    let mut queue = VecDeque::new();
    for &place in &open {
        let node = pops[place as usize].node;
        forest.pop[node.index()] = Some(place);
        queue.push_back(node);
    }
    while let Some(node) = queue.pop_front() {
        forest.order.push(node);
        for arc in network.graph.arcs(node) {
            if built[arc.edge.index()] && forest.pop[arc.to.index()].is_none() {
                forest.pop[arc.to.index()] = forest.pop[node.index()];
                forest.parent[arc.to.index()] = Some((node, arc.edge));
                forest.depth[arc.to.index()] = forest.depth[node.index()] + network.segments[arc.edge.index()].length;
                queue.push_back(arc.to);
            }
        }
    }
    forest.prune(network);
    forest.open = open.into_iter().filter(|&place| forest.holds(pops[place as usize].node)).collect();
    forest
}

impl Forest {
    /// Segments of the forest, in the order of their far nodes.
    pub fn segments(&self) -> impl Iterator<Item = EdgeId> + '_ {
        self.order.iter().filter_map(|node| self.parent[node.index()].map(|(_, edge)| edge))
    }

    /// Cost of all segments and of opening each open PoP once.
    #[must_use]
    pub fn cost(&self, segment_costs: &[Money], pops: &[PopCandidate]) -> Money {
        let built: Money = self.segments().map(|edge| segment_costs[edge.index()]).sum();
        built + self.open.iter().map(|&place| pops[place as usize].opening).sum()
    }

    /// Whether the network node is part of the forest.
    #[must_use]
    pub fn holds(&self, node: NodeId) -> bool {
        self.pop[node.index()].is_some()
    }

    /// The forest in which a leaf hangs from a PoP by this route, told from the leaf: what hangs from nodes on the way goes
    /// with them, a PoP on the way is closed, and what serves nobody any more is not built.
    ///
    /// There is none where the route comes back to a node, or where somebody's route gets beyond the optical budget and the
    /// leaf's has to give way. Time: O(n log n).
    #[must_use]
    pub fn led(
        &self,
        asked: &TrenchProblem,
        (network, pops): (&Network, &[PopCandidate]),
        (leaf, route, pop): (NodeId, &[EdgeId], u32),
    ) -> Option<Self> {
        let mut forest = self.clone();
        let mut passed = BTreeSet::from([leaf]);
        let mut end = leaf;
        for &edge in route {
            let next = network.graph.other_end(edge, end);
            if !passed.insert(next) {
                return None;
            }
            forest.parent[end.index()] = Some((next, edge));
            end = next;
        }
        forest.parent[end.index()] = None;
        if let Err(at) = forest.open.binary_search(&pop) {
            forest.open.insert(at, pop);
        }
        forest.rebuild(network, pops);
        shorten(&mut forest, network, pops, &asked.architecture, &asked.routes);
        let above = |node: &NodeId| forest.parent[node.index()].map(|(parent, _)| parent);
        let own = std::iter::successors(Some(leaf), above).filter_map(|node| forest.parent[node.index()]);
        let stays = forest.pop[leaf.index()] == Some(pop) && own.map(|(_, edge)| edge).eq(route.iter().copied());
        stays.then_some(forest)
    }

    /// Order, depth and PoP anew from the parents; open PoPs are roots.
    pub(super) fn rebuild(&mut self, network: &Network, pops: &[PopCandidate]) {
        let nodes = network.graph.node_count();
        let mut children: Vec<Vec<NodeId>> = vec![Vec::new(); nodes];
        for node in network.graph.nodes() {
            if let Some((parent, _)) = self.parent[node.index()] {
                children[parent.index()].push(node);
            }
        }
        self.pop = vec![None; nodes];
        self.order.clear();
        let mut queue = VecDeque::new();
        for &place in &self.open {
            let node = pops[place as usize].node;
            if self.parent[node.index()].is_none() {
                self.pop[node.index()] = Some(place);
                self.depth[node.index()] = Length::ZERO;
                queue.push_back(node);
            }
        }
        while let Some(node) = queue.pop_front() {
            self.order.push(node);
            for &child in &children[node.index()] {
                let (_, edge) = self.parent[child.index()].expect("a child has a parent");
                self.pop[child.index()] = self.pop[node.index()];
                self.depth[child.index()] = self.depth[node.index()] + network.segments[edge.index()].length;
                queue.push_back(child);
            }
        }
        self.prune(network);
        let (pop_of, parent) = (&self.pop, &self.parent);
        self.open.retain(|&place| {
            let node = pops[place as usize].node;
            pop_of[node.index()] == Some(place) && parent[node.index()].is_none()
        });
    }

    /// Removes branches without a site or park at their end.
    pub(super) fn prune(&mut self, network: &Network) {
        let mut useful = vec![false; self.pop.len()];
        for &node in self.order.iter().rev() {
            let kind = network.nodes[node.index()];
            useful[node.index()] |=
                matches!(kind, crate::network::NodeKind::Site(_) | crate::network::NodeKind::Park(_));
            if let (true, Some((parent, _))) = (useful[node.index()], self.parent[node.index()]) {
                useful[parent.index()] = true;
            }
        }
        for &node in self.order.iter().filter(|node| !useful[node.index()]) {
            self.pop[node.index()] = None;
            self.parent[node.index()] = None;
        }
        self.order.retain(|node| useful[node.index()]);
    }
}

/// A solution in which no leaf is passed through, at no greater cost.
///
/// All but the cheapest drop of a leaf with several are dropped, then what came loose is tied to the root again by
/// shortest paths that keep clear of leaves; each path costs less than the raise that it saves.
fn without_transit(problem: &SteinerProblem, leaf: &[bool], edges: &[EdgeId]) -> Vec<EdgeId> {
    let graph = problem.graph();
    let mut drops: Vec<Vec<EdgeId>> = vec![Vec::new(); graph.node_count()];
    for &edge in edges {
        for end in graph.ends(edge) {
            if leaf[end.index()] {
                drops[end.index()].push(edge);
            }
        }
    }
    if drops.iter().all(|drops| drops.len() <= 1) {
        return edges.to_vec();
    }
    let mut kept: BTreeSet<EdgeId> = edges.iter().copied().collect();
    for several in drops.iter_mut().filter(|drops| drops.len() > 1) {
        several.sort_unstable_by_key(|&edge| (problem.cost(edge), edge));
        for edge in &several[1..] {
            kept.remove(edge);
        }
    }
    reconnect(problem, leaf, kept)
}

fn reconnect(problem: &SteinerProblem, leaf: &[bool], mut kept: BTreeSet<EdgeId>) -> Vec<EdgeId> {
    let graph = problem.graph();
    let root = problem.root().expect("the trench problem has a virtual root");
    let needed: Vec<NodeId> = kept.iter().flat_map(|&edge| graph.ends(edge)).collect();
    loop {
        let near = reach(problem, leaf, &kept, root);
        let Some(&lost) = needed.iter().filter(|node| near[node.index()].0 > 0).min_by_key(|node| near[node.index()].0)
        else {
            return kept.into_iter().collect();
        };
        let mut node = lost;
        while let Some(edge) = near[node.index()].1 {
            kept.insert(edge);
            node = graph.other_end(edge, node);
        }
    }
}

/// Cost from the root's tree to every node, where the edges kept are free, and the edge that leads there.
fn reach(problem: &SteinerProblem, leaf: &[bool], kept: &BTreeSet<EdgeId>, root: NodeId) -> Vec<(i64, Option<EdgeId>)> {
    let graph = problem.graph();
    let mut near = vec![(i64::MAX, None); graph.node_count()];
    near[root.index()] = (0, None);
    let mut queue = BinaryHeap::from([Reverse((0i64, root))]);
    while let Some(Reverse((so_far, node))) = queue.pop() {
        if so_far > near[node.index()].0 || leaf[node.index()] {
            continue;
        }
        for arc in graph.arcs(node) {
            // An edge that is not kept costs something even where it is free, so that 0 means tied to the root.
            let step = if kept.contains(&arc.edge) { 0 } else { problem.cost(arc.edge).max(1) };
            if so_far + step < near[arc.to.index()].0 {
                near[arc.to.index()] = (so_far + step, Some(arc.edge));
                queue.push(Reverse((so_far + step, arc.to)));
            }
        }
    }
    near
}
