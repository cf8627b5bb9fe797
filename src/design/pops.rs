//! Where a PoP may stand: the sites that are given, or proposals spread evenly over the demand.

use geo::Coord;

use crate::findings::{Finding, Severity};
use crate::graph::NodeId;
use crate::network::{Network, NodeKind};
use crate::plan::PopCandidate;
use crate::region::Region;
use crate::scenario::{Scenario, key};

/// PoP candidates, and every doubt about them.
pub type Candidates = (Vec<PopCandidate>, Vec<Finding>);

/// Sites that a component of the network needs before a PoP is proposed in it, unless it holds the most of all.
const LEAST_SITES: usize = 25;

/// The PoP sites that are given; without any, proposals at junctions in the midst of the demand.
///
/// Proposals come from halving the sites of each large component again and again across their wider extent, until every
/// part has about the same number; each part proposes the junction nearest to its mean. The optimisation decides which
/// of them open. Time: O(n log n).
#[must_use]
pub fn candidates(region: &Region, network: &Network, scenario: &Scenario) -> Candidates {
    let prices = scenario.price_book();
    let usual = prices.money(prices.known(key::POP));
    if !region.pops.is_empty() {
        let given = region.pops.iter().zip(&network.pops).filter_map(|(pop, node)| {
            Some(PopCandidate {
                key: pop.key.clone(),
                node: (*node)?,
                existing: pop.existing,
                proposed: false,
                opening: pop.opening,
                extension: usual,
                capacity: pop.capacity,
            })
        });
        return (given.collect(), Vec::new());
    }
    let mut nodes: Vec<NodeId> = Vec::new();
    let total = network.sites.len();
    let wanted = match scenario.design.pop_candidates {
        0 => (total / 500).clamp(6, 60),
        number => number as usize,
    };
    for (sites, junctions) in demand_by_component(network) {
        let parts = (wanted * sites.len()).div_ceil(total.max(1)).max(1);
        let mut points: Vec<Coord<f64>> = sites;
        propose(&mut points, parts, &junctions, network, &mut nodes);
    }
    nodes.sort_unstable();
    nodes.dedup();
    let candidate = |(place, node): (usize, NodeId)| PopCandidate {
        key: format!("proposed {}", place + 1),
        node,
        existing: false,
        proposed: true,
        opening: usual,
        extension: usual,
        capacity: scenario.design.pop_connections,
    };
    let proposed: Vec<PopCandidate> = nodes.into_iter().enumerate().map(candidate).collect();
    let what = format!("no PoP sites are given; {} were proposed", proposed.len());
    let advice = "name layers.pops to plan with real sites";
    (proposed, vec![Finding::new(Severity::Info, "pops-proposed", "pops", what, advice)])
}

/// Sites and junctions of every part of the network that is connected by roads and large enough for a PoP.
fn demand_by_component(network: &Network) -> Vec<(Vec<Coord<f64>>, Vec<NodeId>)> {
    let component = road_components(network);
    let count = component.iter().flatten().max().map_or(0, |&last| last as usize + 1);
    let mut demand = vec![(Vec::new(), Vec::new()); count];
    for node in network.graph.nodes() {
        if let Some(place) = component[node.index()] {
            demand[place as usize].1.push(node);
        }
    }
    for site in &network.sites {
        let Ok(node) = site.node else { continue };
        let roads = network.graph.arcs(node).iter().find_map(|arc| component[arc.to.index()]);
        if let Some(place) = roads {
            demand[place as usize].0.push(site.point);
        }
    }
    let most = demand.iter().map(|(sites, _)| sites.len()).max().unwrap_or(0);
    demand.retain(|(sites, junctions)| {
        !junctions.is_empty() && !sites.is_empty() && (sites.len() == most || sites.len() >= LEAST_SITES)
    });
    demand
}

/// Components of the network without sites and parks, which are leaves and connect nothing.
fn road_components(network: &Network) -> Vec<Option<u32>> {
    let is_road = |node: NodeId| matches!(network.nodes[node.index()], NodeKind::Road | NodeKind::Pop(_));
    let mut component = vec![None; network.graph.node_count()];
    let mut next = 0;
    for start in network.graph.nodes().filter(|&node| is_road(node)) {
        if component[start.index()].is_some() {
            continue;
        }
        component[start.index()] = Some(next);
        let mut stack = vec![start];
        while let Some(node) = stack.pop() {
            for arc in network.graph.arcs(node).iter().filter(|arc| is_road(arc.to)) {
                if component[arc.to.index()].is_none() {
                    component[arc.to.index()] = Some(next);
                    stack.push(arc.to);
                }
            }
        }
        next += 1;
    }
    component
}

fn propose(
    points: &mut [Coord<f64>],
    parts: usize,
    junctions: &[NodeId],
    network: &Network,
    proposed: &mut Vec<NodeId>,
) {
    if parts <= 1 || points.len() < 2 {
        let count = points.len().max(1) as f64;
        let sum = points.iter().fold(Coord { x: 0.0, y: 0.0 }, |sum, point| sum + *point);
        proposed.extend(nearest(sum / count, junctions, network));
        return;
    }
    let extent = |along: fn(&Coord<f64>) -> f64| {
        let ends = points.iter().map(along).fold((f64::MAX, f64::MIN), |(low, high), at| (low.min(at), high.max(at)));
        ends.1 - ends.0
    };
    if extent(|point| point.x) >= extent(|point| point.y) {
        points.sort_unstable_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    } else {
        points.sort_unstable_by(|a, b| a.y.total_cmp(&b.y).then(a.x.total_cmp(&b.x)));
    }
    let first = parts / 2;
    let (before, after) = points.split_at_mut(points.len() * first / parts);
    propose(before, first, junctions, network, proposed);
    propose(after, parts - first, junctions, network, proposed);
}

/// The junction nearest to a point: real junctions (three ways or more) before points along a road.
fn nearest(point: Coord<f64>, junctions: &[NodeId], network: &Network) -> Option<NodeId> {
    let away = |node: &NodeId| {
        let at = network.points[node.index()] - point;
        at.x * at.x + at.y * at.y
    };
    let ways = |node: &NodeId| {
        let arcs = network.graph.arcs(*node).iter();
        arcs.filter(|arc| matches!(network.nodes[arc.to.index()], NodeKind::Road | NodeKind::Pop(_))).count()
    };
    let best = |least: usize| {
        let eligible = junctions.iter().filter(|node| ways(node) >= least);
        eligible.min_by(|a, b| away(a).total_cmp(&away(b)).then(a.cmp(b))).copied()
    };
    best(3).or_else(|| best(0))
}
