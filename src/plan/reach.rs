//! Routes under the optical budget: what no route can meet, and trees whose routes are too long made shorter.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::graph::{EdgeId, NodeId};
use crate::network::{Network, NodeKind};
use crate::plan::forest::rooted;
use crate::plan::tell::left_out;
use crate::plan::{Forest, PopCandidate, TrenchFigures, TrenchProblem};
use crate::problem::Tree;
use crate::scenario::{Architecture, Reach};
use crate::units::Length;

/// Shortest routes from the nearest PoP candidate to every node, by length, through no address or park.
#[derive(Clone, Debug)]
pub struct Routes {
    /// Length of the shortest route; `None` where there is none.
    pub length: Vec<Option<Length>>,
    /// The node before, with the segment between.
    before: Vec<Option<(NodeId, EdgeId)>>,
    /// The candidate that the route starts from.
    pop: Vec<Option<u32>>,
}

impl Routes {
    /// Finds them: Dijkstra's algorithm from all candidates at once. Time: O(m log n).
    #[must_use]
    pub fn new(network: &Network, pops: &[PopCandidate]) -> Self {
        let nodes = network.graph.node_count();
        let mut routes = Self { length: vec![None; nodes], before: vec![None; nodes], pop: vec![None; nodes] };
        let mut queue = BinaryHeap::new();
        for (place, pop) in pops.iter().enumerate() {
            if routes.pop[pop.node.index()].is_none() {
                routes.pop[pop.node.index()] = Some(place as u32);
                routes.length[pop.node.index()] = Some(Length::ZERO);
                queue.push(Reverse((Length::ZERO, pop.node)));
            }
        }
        while let Some(Reverse((so_far, node))) = queue.pop() {
            if Some(so_far) > routes.length[node.index()] || is_leaf(network, node) {
                continue;
            }
            for arc in network.graph.arcs(node) {
                let through = so_far + network.segments[arc.edge.index()].length;
                if routes.length[arc.to.index()].is_none_or(|known| through < known) {
                    routes.length[arc.to.index()] = Some(through);
                    routes.before[arc.to.index()] = Some((node, arc.edge));
                    routes.pop[arc.to.index()] = routes.pop[node.index()];
                    queue.push(Reverse((through, arc.to)));
                }
            }
        }
        routes
    }

    /// The limit that even the shortest route to a leaf breaks, if it does.
    pub(super) fn too_long(&self, network: &Network, architecture: &Architecture, leaf: NodeId) -> Option<Reach> {
        let limit = limit(network, architecture, leaf)?;
        self.length[leaf.index()].is_some_and(|length| !limit.allows(length)).then_some(limit)
    }
}

impl Reach {
    /// Whether a route of this length is within the limit.
    #[must_use]
    pub fn allows(&self, route: Length) -> bool {
        route <= self.longest && self.for_fibre.is_none_or(|left| left >= 0)
    }

    /// What a route needs more than the budget leaves, in thousandths of a dB rounded up; none for point-to-point optics.
    #[must_use]
    pub fn lacks(&self, route: Length) -> Option<i64> {
        let loss = (route.millimetres() * self.per_km + 999_999) / 1_000_000;
        self.for_fibre.map(|left| (loss - left).max(0))
    }
}

fn limit(network: &Network, architecture: &Architecture, leaf: NodeId) -> Option<Reach> {
    match network.nodes[leaf.index()] {
        NodeKind::Site(_) => Some(architecture.reach()),
        NodeKind::Park(_) => Some(architecture.park_reach()),
        NodeKind::Road | NodeKind::Pop(_) => None,
    }
}

pub(super) fn is_leaf(network: &Network, node: NodeId) -> bool {
    matches!(network.nodes[node.index()], NodeKind::Site(_) | NodeKind::Park(_))
}

/// The figures of a plan with a tree of its trench problem for the cheapest network, where limits to routes made what follows
/// from that tree dearer. Time: O(n).
#[must_use]
pub fn with_routes_of_any_length(
    figures: TrenchFigures,
    (asked, tree): (&TrenchProblem, &Tree),
    (network, pops): (&Network, &[PopCandidate]),
) -> TrenchFigures {
    let forest = rooted(asked, tree, network, pops);
    let beyond = forest.order.iter().filter(|&&leaf| is_beyond(&forest, network, &asked.architecture, leaf)).count();
    let cost = forest.cost(&asked.segment_costs, pops);
    let left_out = left_out(&forest, network, asked);
    // Where addresses may be left out, a tree that connects more may cost more than what is built: it is no least then.
    if beyond == 0 || cost + left_out >= figures.cost + figures.left_out || cost > figures.built {
        return figures;
    }
    let length = forest.segments().map(|edge| network.segments[edge.index()].length).sum();
    let optimal = cost + left_out == figures.bound;
    TrenchFigures { cost, beyond, left_out, length, optimal, ..figures }
}

/// Whether the route to a leaf of the forest breaks its limit.
fn is_beyond(forest: &Forest, network: &Network, architecture: &Architecture, leaf: NodeId) -> bool {
    limit(network, architecture, leaf).is_some_and(|limit| !limit.allows(forest.depth[leaf.index()]))
}

/// Ties every leaf whose route through the forest is too long to its PoP by its shortest route instead.
///
/// Nodes on a shortest route come to hang from it, so no route grows and none is made twice; the PoP that it starts from is
/// opened. Source of the idea: light approximate shortest-path trees, Khuller, Raghavachari and Young (1995).
/// Leaves that hang below what has just been moved wait for the next round, for they may be near enough then.
/// Time: O(n d) for each round at depth d; few rounds, usually none.
pub(super) fn shorten(
    forest: &mut Forest,
    network: &Network,
    pops: &[PopCandidate],
    architecture: &Architecture,
    routes: &Routes,
) {
    loop {
        let too_long = |node: &NodeId| is_beyond(forest, network, architecture, *node);
        let leaves: Vec<NodeId> = forest.order.iter().copied().filter(too_long).collect();
        if leaves.is_empty() {
            return;
        }
        forest.shortened = true;
        let mut moved = vec![false; network.graph.node_count()];
        for leaf in leaves {
            let above = |node: &NodeId| forest.parent[node.index()].map(|(parent, _)| parent);
            if !std::iter::successors(Some(leaf), above).any(|node| moved[node.index()]) {
                tie(forest, leaf, routes, &mut moved);
            }
        }
        forest.rebuild(network, pops);
    }
}

/// Hangs a leaf by its shortest route, from the leaf up: what already hangs by its own stays as it is.
fn tie(forest: &mut Forest, leaf: NodeId, routes: &Routes, moved: &mut [bool]) {
    let mut node = leaf;
    while let Some((parent, edge)) = routes.before[node.index()] {
        moved[node.index()] = true;
        forest.parent[node.index()] = Some((parent, edge));
        if forest.pop[parent.index()].is_some() && Some(forest.depth[parent.index()]) == routes.length[parent.index()] {
            return;
        }
        node = parent;
    }
    moved[node.index()] = true;
    forest.parent[node.index()] = None;
    let place = routes.pop[node.index()].expect("a shortest route starts from a PoP");
    if let Err(at) = forest.open.binary_search(&place) {
        forest.open.insert(at, place);
    }
}
