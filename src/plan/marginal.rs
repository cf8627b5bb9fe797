//! What leaving an address out could save at most, on the graph and not only on the tree.
//!
//! The saving on the tree (its own trenches) is what the plan certainly saves. A new plan for all the others could save
//! more by taking other routes, but not without limit: whoever adds the address to that plan again pays at most the way
//! from its drop to a place that every plan must reach. So the least cost with the address is at most that of the others
//! plus this way, and the others cost at least the proven bound minus the way: the saving is at most the plan's gap plus
//! the way. Places that every plan must reach are the feet of drops that other addresses cannot choose.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::graph::NodeId;
use crate::network::Network;
use crate::plan::ask::TrenchProblem;
use crate::plan::reach::is_leaf;
use crate::plan::{Plan, Status};
use crate::scenario::Scenario;
use crate::units::Money;

/// The two nearest sure places of a node, with the cost of the way there.
type Near = [Option<(i64, NodeId)>; 2];

/// Sets what each connected address that has a site to itself could save at most. Time: O(m log n).
///
/// Where addresses may be left out (prize mode), no place is sure and nothing is set.
pub fn bound_savings(plan: &mut Plan, network: &Network, asked: &TrenchProblem, scenario: &Scenario) {
    if scenario.prize.enabled {
        return;
    }
    let sure = sure_places(network, asked);
    let near = nearest(network, &asked.segment_costs, &sure);
    let gap = (plan.trench.built - plan.trench.bound).cents().max(0);
    for site in &network.sites {
        let (Ok(node), [address]) = (&site.node, &site.addresses[..]) else { continue };
        let outcome = &mut plan.addresses[address.0 as usize];
        if outcome.status != Status::Connected {
            continue;
        }
        let way = drops(network, *node).filter_map(|(foot, edge)| {
            let own = sure.get(&foot) == Some(&Sure::Only(*node));
            let other = near[foot.index()].iter().flatten().find(|(_, place)| !(own && *place == foot))?;
            Some(asked.segment_costs[edge].cents() + other.0)
        });
        outcome.saving_at_most = way.min().map(|way| Money::from_cents(way + gap).max(outcome.saving));
    }
}

/// Whose only drop makes a place sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sure {
    /// One leaf alone.
    Only(NodeId),
    /// Several.
    Several,
}

/// Feet of the drops of leaves that have no other, among those that can be reached.
fn sure_places(network: &Network, asked: &TrenchProblem) -> BTreeMap<NodeId, Sure> {
    let mut sure = BTreeMap::new();
    for leaf in network.graph.nodes().filter(|leaf| is_leaf(network, *leaf) && asked.reached[leaf.index()]) {
        let mut feet = drops(network, leaf).map(|(foot, _)| foot);
        if let (Some(foot), None) = (feet.next(), feet.next()) {
            sure.entry(foot).and_modify(|by| *by = Sure::Several).or_insert(Sure::Only(leaf));
        }
    }
    sure
}

/// Feet of a leaf's drops, with the place of the segment.
fn drops(network: &Network, leaf: NodeId) -> impl Iterator<Item = (NodeId, usize)> + '_ {
    let arcs = network.graph.arcs(leaf).iter();
    arcs.filter(|arc| !is_leaf(network, arc.to)).map(|arc| (arc.to, arc.edge.index()))
}

/// For every node the two nearest sure places, along trenches only.
fn nearest(network: &Network, costs: &[Money], sure: &BTreeMap<NodeId, Sure>) -> Vec<Near> {
    let mut near: Vec<Near> = vec![[None; 2]; network.graph.node_count()];
    let mut queue: BinaryHeap<Reverse<(i64, NodeId, NodeId)>> =
        sure.keys().map(|&place| Reverse((0, place, place))).collect();
    while let Some(Reverse((so_far, node, place))) = queue.pop() {
        let known = &mut near[node.index()];
        match known {
            [None, _] => known[0] = Some((so_far, place)),
            [Some((_, first)), None] if *first != place => known[1] = Some((so_far, place)),
            _ => continue,
        }
        for arc in network.graph.arcs(node).iter().filter(|arc| !is_leaf(network, arc.to)) {
            if near[arc.to.index()][1].is_none() {
                queue.push(Reverse((so_far + costs[arc.edge.index()].cents(), arc.to, place)));
            }
        }
    }
    near
}
