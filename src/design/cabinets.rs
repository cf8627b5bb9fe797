//! Where cabinets stand and whom they feed.
//!
//! The forest is cut from its ends into clusters of a few cabinets' worth of connections. For each cluster a small
//! mixed-integer program (capacitated facility location) decides which of a few candidate sites get how many cabinets,
//! and which addresses each feeds, at the price of cabinets, feeder cable and a share of distribution cable.

use good_lp::{Expression, ProblemVariables, Solution, SolverModel, Variable, constraint, variable};
use rayon::prelude::*;

use crate::graph::NodeId;
use crate::network::{Network, NodeKind};
use crate::plan::{Cabinet, Forest, Siting};
use crate::region::Region;
use crate::scenario::{Scenario, key};
use crate::units::Length;

/// A cluster holds at most about this many cabinets' worth of connections.
const CABINETS_PER_CLUSTER: u32 = 3;

/// Candidate sites in a cluster.
const CANDIDATES: usize = 5;

/// Groups of neighbouring sites that a cluster is simplified to; a group is fed by one cabinet.
const GROUPS: usize = 18;

/// Distribution cable is shared: a connection is taken to cause this part of the cable to its cabinet.
const SHARED_BY: f64 = 12.0;

/// Sites, with their connections, that are fed together; all in one tree.
struct Cluster {
    sites: Vec<(u32, NodeId, u32)>,
}

/// Decides on cabinets for a built forest. Deterministic; clusters are solved in parallel.
#[must_use]
pub fn site_cabinets(forest: &Forest, network: &Network, region: &Region, scenario: &Scenario) -> Siting {
    let tree = DepthFirst::new(forest, network);
    let clusters = clusters(forest, network, region, scenario, &tree);
    let sited: Vec<Vec<Cabinet>> =
        clusters.par_iter().map(|cluster| site_cluster(cluster, forest, network, scenario, &tree)).collect();
    let cabinets: Vec<Cabinet> = sited.into_iter().flatten().collect();
    let mut cabinet_of = vec![None; network.sites.len()];
    let mut route = vec![None; network.sites.len()];
    for (place, cabinet) in cabinets.iter().enumerate() {
        for &site in &cabinet.sites {
            let node = *network.sites[site as usize].node.as_ref().expect("a connected site has a node");
            cabinet_of[site as usize] = Some(place as u32);
            route[site as usize] = Some(cabinet.feeder + tree.distance(forest, cabinet.node, node));
        }
    }
    Siting { cabinets, cabinet_of, route }
}

/// Places of the forest's nodes in breadth-first order, and of sites in depth-first order.
struct DepthFirst {
    breadth: Vec<u32>,
    depth_first: Vec<u32>,
}

impl DepthFirst {
    fn new(forest: &Forest, network: &Network) -> Self {
        let nodes = network.graph.node_count();
        let mut breadth = vec![0; nodes];
        for (place, node) in forest.order.iter().enumerate() {
            breadth[node.index()] = place as u32;
        }
        let mut size = vec![0u32; nodes];
        for &node in forest.order.iter().rev() {
            size[node.index()] += 1;
            if let Some((parent, _)) = forest.parent[node.index()] {
                size[parent.index()] += size[node.index()];
            }
        }
        // Children of a node follow each other in breadth-first order; each takes the next free stretch of its parent's.
        let mut depth_first = vec![0; nodes];
        let mut next = vec![0u32; nodes];
        let mut roots = 0;
        for &node in &forest.order {
            let place = match forest.parent[node.index()] {
                None => {
                    let start = roots;
                    roots += size[node.index()];
                    start
                }
                Some((parent, _)) => {
                    let start = next[parent.index()];
                    next[parent.index()] += size[node.index()];
                    start
                }
            };
            depth_first[node.index()] = place;
            next[node.index()] = place + 1;
        }
        Self { breadth, depth_first }
    }

    /// Distance along the tree; both nodes must hang from the same PoP.
    fn distance(&self, forest: &Forest, from: NodeId, to: NodeId) -> Length {
        let (mut a, mut b) = (from, to);
        while a != b {
            let deeper = if self.breadth[a.index()] > self.breadth[b.index()] { &mut a } else { &mut b };
            let (parent, _) = forest.parent[deeper.index()].expect("nodes of one tree meet at its root at the latest");
            *deeper = parent;
        }
        forest.depth[from.index()] + forest.depth[to.index()] - forest.depth[a.index()] * 2
    }
}

fn clusters(
    forest: &Forest,
    network: &Network,
    region: &Region,
    scenario: &Scenario,
    tree: &DepthFirst,
) -> Vec<Cluster> {
    let limit = scenario.design.cabinet_ports * CABINETS_PER_CLUSTER;
    let nodes = network.graph.node_count();
    let mut open: Vec<Vec<(u32, NodeId, u32)>> = vec![Vec::new(); nodes];
    let mut weight = vec![0u32; nodes];
    let mut clusters = Vec::new();
    let mut close = |mut sites: Vec<(u32, NodeId, u32)>| {
        if !sites.is_empty() {
            sites.sort_unstable_by_key(|(_, node, _)| tree.depth_first[node.index()]);
            clusters.push(Cluster { sites });
        }
    };
    for &node in forest.order.iter().rev() {
        if let NodeKind::Site(site) = network.nodes[node.index()] {
            let units: u32 = network.sites[site as usize]
                .addresses
                .iter()
                .map(|address| region.addresses[address.0 as usize].units)
                .sum();
            open[node.index()].push((site, node, units));
            weight[node.index()] += units;
        }
        let sites = std::mem::take(&mut open[node.index()]);
        let Some((parent, _)) = forest.parent[node.index()] else {
            close(sites);
            continue;
        };
        let theirs = &mut open[parent.index()];
        if weight[parent.index()] + weight[node.index()] <= limit {
            weight[parent.index()] += weight[node.index()];
            theirs.extend(sites);
        } else if weight[parent.index()] >= weight[node.index()] {
            // Too many for one cluster: the larger part is one, the smaller goes on.
            close(std::mem::replace(theirs, sites));
            weight[parent.index()] = weight[node.index()];
        } else {
            close(sites);
        }
    }
    clusters
}

/// Neighbouring sites that get the same cabinet.
struct Group {
    sites: Vec<(u32, NodeId, u32)>,
    connections: u32,
}

fn site_cluster(
    cluster: &Cluster,
    forest: &Forest,
    network: &Network,
    scenario: &Scenario,
    tree: &DepthFirst,
) -> Vec<Cabinet> {
    let groups = groups(cluster, scenario.design.cabinet_ports);
    let candidates = candidate_nodes(&groups, forest);
    let chosen = locate(&groups, &candidates, forest, scenario, tree);
    let mut cabinets = Vec::new();
    for (place, &node) in candidates.iter().enumerate() {
        let fed = groups.iter().zip(&chosen).filter(|(_, at)| **at == place);
        let mut sites: Vec<(u32, NodeId, u32)> = fed.flat_map(|(group, _)| group.sites.iter().copied()).collect();
        if sites.is_empty() {
            continue;
        }
        let connections = sites.iter().map(|(_, _, units)| units).sum();
        let distribution = distribution(forest, network, node, &sites, tree);
        sites.sort_unstable();
        cabinets.push(Cabinet {
            node,
            pop: forest.pop[node.index()].expect("a node of the forest has a PoP"),
            sites: sites.into_iter().map(|(site, _, _)| site).collect(),
            connections,
            housings: connections.div_ceil(scenario.design.cabinet_ports),
            feeder: forest.depth[node.index()],
            distribution,
        });
    }
    cabinets
}

/// Cuts the sites, in depth-first order, into groups of about equal size, none above half a cabinet where avoidable.
fn groups(cluster: &Cluster, ports: u32) -> Vec<Group> {
    let total: u32 = cluster.sites.iter().map(|(_, _, units)| units).sum();
    let size = total.div_ceil(GROUPS as u32).clamp(1, ports.div_ceil(2));
    let mut groups: Vec<Group> = Vec::new();
    for &(site, node, units) in &cluster.sites {
        match groups.last_mut() {
            Some(group) if group.connections + units <= size => {
                group.connections += units;
                group.sites.push((site, node, units));
            }
            _ => groups.push(Group { sites: vec![(site, node, units)], connections: units }),
        }
    }
    groups
}

/// Anchors (feet of drops) spread evenly over the groups.
fn candidate_nodes(groups: &[Group], forest: &Forest) -> Vec<NodeId> {
    let count = groups.len().min(CANDIDATES);
    let mut nodes: Vec<NodeId> = (0..count)
        .map(|at| {
            let group = &groups[(2 * at + 1) * groups.len() / (2 * count)];
            anchor(forest, group.sites[group.sites.len() / 2].1)
        })
        .collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

/// The foot of a site's drop.
fn anchor(forest: &Forest, site: NodeId) -> NodeId {
    forest.parent[site.index()].expect("a site hangs from its drop").0
}

/// The candidate that feeds each group, by its place.
///
/// Should the solver fail, the first candidate feeds all, which is feasible: it may hold several cabinets.
fn locate(
    groups: &[Group],
    candidates: &[NodeId],
    forest: &Forest,
    scenario: &Scenario,
    tree: &DepthFirst,
) -> Vec<usize> {
    if candidates.len() == 1 {
        return vec![0; groups.len()];
    }
    let prices = scenario.price_book();
    let cable = prices.money(prices.known(key::CABLE)).euros();
    let cabinet = prices.money(prices.known(key::CABINET)).euros();
    let ports = f64::from(scenario.design.cabinet_ports);
    let mut variables = ProblemVariables::new();
    let built: Vec<Variable> = candidates.iter().map(|_| variables.add(variable().integer().min(0.0))).collect();
    let fed: Vec<Vec<Variable>> =
        groups.iter().map(|_| candidates.iter().map(|_| variables.add(variable().binary())).collect()).collect();
    let mut cost = Expression::default();
    for (&node, &count) in candidates.iter().zip(&built) {
        cost += (cabinet + cable * forest.depth[node.index()].metres()) * count;
    }
    for (group, fed) in groups.iter().zip(&fed) {
        let middle = group.sites[group.sites.len() / 2].1;
        for (&node, &here) in candidates.iter().zip(fed) {
            let metres = tree.distance(forest, node, middle).metres();
            cost += cable * metres * f64::from(group.connections) / SHARED_BY * here;
        }
    }
    let mut model = quiet(variables.minimise(cost));
    for fed in &fed {
        model = model.with(constraint!(fed.iter().copied().sum::<Expression>() == 1.0));
    }
    for (place, &count) in built.iter().enumerate() {
        let load: Expression =
            groups.iter().zip(&fed).map(|(group, fed)| f64::from(group.connections) * fed[place]).sum();
        model = model.with(constraint!(load <= ports * count));
    }
    let Ok(solution) = model.solve() else { return vec![0; groups.len()] };
    let place = |fed: &Vec<Variable>| {
        fed.iter().position(|&here| solution.value(here) > 0.5).expect("the solver feeds every group from one site")
    };
    fed.iter().map(place).collect()
}

/// Hands the problem to the solver, one thread and no output: clusters run in parallel already.
#[cfg(feature = "highs")]
fn quiet(problem: good_lp::variable::UnsolvedProblem) -> impl SolverModel {
    use good_lp::solvers::highs::{HighsParallelType, highs};
    problem.using(highs).set_parallel(HighsParallelType::Off).set_threads(1)
}

#[cfg(not(feature = "highs"))]
fn quiet(problem: good_lp::variable::UnsolvedProblem) -> impl SolverModel {
    problem.using(good_lp::default_solver)
}

/// Length of the trenches between the cabinet and the feet of its sites' drops, each counted once.
fn distribution(
    forest: &Forest,
    network: &Network,
    cabinet: NodeId,
    sites: &[(u32, NodeId, u32)],
    tree: &DepthFirst,
) -> Length {
    let mut used: Vec<NodeId> = Vec::new();
    for &(_, site, _) in sites {
        let (mut a, mut b) = (cabinet, anchor(forest, site));
        while a != b {
            let deeper = if tree.breadth[a.index()] > tree.breadth[b.index()] { &mut a } else { &mut b };
            used.push(*deeper);
            *deeper = forest.parent[deeper.index()].expect("nodes of one tree meet at its root at the latest").0;
        }
    }
    used.sort_unstable();
    used.dedup();
    let length = |node: &NodeId| {
        let (_, edge) = forest.parent[node.index()].expect("only nodes below a meeting point are used");
        network.segments[edge.index()].length
    };
    used.iter().map(length).sum()
}
