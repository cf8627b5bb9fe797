//! A solved trench problem told in the planner's words.

use crate::graph::NodeId;
use crate::network::{Network, NoDrop, NodeKind};
use crate::plan::ask::TrenchProblem;
use crate::plan::bill::{Parts, bill};
use crate::plan::laying::lay;
use crate::plan::shares::{self, Shares, share, split};
use crate::plan::{
    AddressOutcome, Cabinet, Forest, OpenPop, ParkOutcome, Plan, PopCandidate, Protection, Status, TotalFigures,
    TrenchFigures,
};
use crate::region::{AddressId, Region, Standing};
use crate::scenario::{Architecture, Scenario, Topology};
use crate::units::{Length, Money};

/// Where cabinets stand and whom they feed.
#[derive(Clone, Debug, Default)]
pub struct Siting {
    /// The cabinets.
    pub cabinets: Vec<Cabinet>,
    /// The cabinet of each site, by its place; none for sites that are not connected.
    pub cabinet_of: Vec<Option<u32>>,
    /// Cable route from the PoP to each site by way of its cabinet, drop included.
    pub route: Vec<Option<Length>>,
}

/// Tells the plan: who is served, what stands where, what it costs.
///
/// `bound` is the solver's, in the problem's own terms; `cut_short` says that a time limit burnt.
/// Time: O(n log n).
#[must_use]
pub fn tell(
    (region, network, scenario): (&Region, &Network, &Scenario),
    (asked, candidates): (&TrenchProblem, &[PopCandidate]),
    (forest, siting, mut protection): (Forest, Siting, Protection),
    (bound, cut_short): (i64, bool),
) -> Plan {
    let connections = connections(network, region, &forest);
    let cabling = lay(&forest, network, scenario, &siting.cabinets, &connections);
    let mut pops = open_pops(&forest, candidates, network, &connections, &siting.cabinets, &scenario.architecture);
    pops.extend(protection.opened.iter().map(|&place| backup(place, candidates)));
    pops.sort_by_key(|pop| pop.candidate);
    for pop in &mut pops {
        admit(pop, &candidates[pop.candidate as usize], &mut protection);
    }
    let mut pop_cost = vec![Money::ZERO; candidates.len()];
    for pop in pops.iter().filter(|pop| !pop.backup) {
        pop_cost[pop.candidate as usize] = pop.cost;
    }
    let shares = share(&forest, network, &connections, &asked.segment_costs, &pop_cost);
    let length: Length = forest.segments().map(|edge| network.segments[edge.index()].length).sum();
    let parts = Parts {
        pops: &pops,
        candidates,
        cabinets: &siting.cabinets,
        cabling: &cabling,
        connections: &connections,
        second: &protection.dues,
    };
    let bill = bill(&forest, network, &parts, scenario);
    let mut addresses = outcomes((region, network), asked, &forest, &siting);
    let left_out = left_out(&forest, network, asked);
    let mut parks = park_outcomes(network, &forest);
    give_shares((region, network), &forest, (&shares, &protection), bill.total(), (&mut addresses, &mut parks));
    let cost = forest.cost(&asked.segment_costs, candidates);
    let bound = (Money::from_cents(bound) - asked.constant).max(Money::ZERO);
    let optimal = cost + left_out == bound;
    let trench = TrenchFigures {
        cost,
        beyond: 0,
        left_out,
        bound,
        length,
        optimal,
        cut_short,
        built: cost,
        built_length: length,
    };
    Plan {
        forest,
        trench,
        candidates: candidates.to_vec(),
        pops,
        cabinets: siting.cabinets,
        cabling,
        addresses,
        parks,
        protection,
        bill,
        total: TotalFigures::default(),
    }
}

/// Connections by network node: the units of a connected site's addresses, one for a connected park.
#[must_use]
pub fn connections(network: &Network, region: &Region, forest: &Forest) -> Vec<u32> {
    let mut connections = vec![0; network.graph.node_count()];
    for &node in &forest.order {
        connections[node.index()] = match network.nodes[node.index()] {
            NodeKind::Site(site) => site_connections(network, region, site),
            NodeKind::Park(_) => 1,
            NodeKind::Road | NodeKind::Pop(_) => 0,
        };
    }
    connections
}

/// Connections of a site: the units of its addresses.
pub(crate) fn site_connections(network: &Network, region: &Region, site: u32) -> u32 {
    let addresses = &network.sites[site as usize].addresses;
    addresses.iter().map(|address| region.addresses[address.0 as usize].units).sum()
}

fn open_pops(
    forest: &Forest,
    candidates: &[PopCandidate],
    network: &Network,
    connections: &[u32],
    cabinets: &[Cabinet],
    architecture: &Architecture,
) -> Vec<OpenPop> {
    // Connections of addresses and parks, and addresses that no cabinet stands between, by candidate.
    let (mut homes, mut parks) = (vec![0u32; candidates.len()], vec![0u32; candidates.len()]);
    for &node in &forest.order {
        let place = forest.pop[node.index()].expect("a node of the forest has a PoP") as usize;
        match network.nodes[node.index()] {
            NodeKind::Site(_) => homes[place] += connections[node.index()],
            NodeKind::Park(_) => parks[place] += connections[node.index()],
            NodeKind::Road | NodeKind::Pop(_) => {}
        }
    }
    let mut direct = homes.clone();
    let mut trunk = vec![0u32; candidates.len()];
    for cabinet in cabinets {
        direct[cabinet.pop as usize] -= cabinet.connections;
        trunk[cabinet.pop as usize] += architecture.trunk_fibres(cabinet.connections);
    }
    let open = |&place: &u32| {
        let at = place as usize;
        let candidate = &candidates[at];
        let fed = homes[at] + parks[at];
        let housings = fed.div_ceil(candidate.capacity.max(1)).max(1);
        let cost = candidate.opening + candidate.extension * i64::from(housings - 1);
        let split = if architecture.splits_in_cabinets() { direct[at] } else { homes[at] };
        let splitters = if architecture.kind == Topology::Pon { split.div_ceil(architecture.split) } else { 0 };
        let spliced = trunk[at] + architecture.drop_fibres(direct[at]);
        OpenPop { candidate: place, connections: fed, housings, cost, spliced, splitters, backup: false }
    };
    forest.open.iter().map(open).collect()
}

/// A PoP that is opened for second routes only.
fn backup(place: u32, candidates: &[PopCandidate]) -> OpenPop {
    let cost = candidates[place as usize].opening;
    OpenPop { candidate: place, connections: 0, housings: 1, cost, spliced: 0, splitters: 0, backup: true }
}

/// Gives second routes their ports in a PoP. What a PoP needs that is open for them alone is paid by their parks.
fn admit(pop: &mut OpenPop, candidate: &PopCandidate, protection: &mut Protection) {
    let ways = protection.ways_from(pop.candidate);
    pop.connections += ways.len() as u32;
    let housings = pop.connections.div_ceil(candidate.capacity.max(1)).max(1);
    let more = candidate.extension * i64::from(housings - pop.housings);
    (pop.housings, pop.cost) = (housings, pop.cost + more);
    if pop.backup {
        protection.charge(more, &ways, false);
    }
}

fn outcomes(
    (region, network): (&Region, &Network),
    asked: &TrenchProblem,
    forest: &Forest,
    siting: &Siting,
) -> Vec<AddressOutcome> {
    let unsettled = |status| AddressOutcome {
        status,
        pop: None,
        cabinet: None,
        route: None,
        share: Money::ZERO,
        saving: Money::ZERO,
        saving_at_most: None,
    };
    let mut outcomes: Vec<AddressOutcome> = region
        .addresses
        .iter()
        .map(|address| {
            unsettled(match &address.standing {
                Standing::Target => Status::Disconnected,
                Standing::NoPoint => Status::NoPoint,
                Standing::Duplicate(original) => Status::Duplicate(*original),
                Standing::Status(status) => Status::NotPlanned(status.clone()),
                Standing::BuiltUp => Status::BuiltUp,
                Standing::Dense => Status::Dense,
            })
        })
        .collect();
    for (place, site) in network.sites.iter().enumerate() {
        let status = match &site.node {
            Err(NoDrop::TooFar(distance)) => Status::TooFar(*distance),
            Err(NoDrop::Forbidden(kind)) => Status::Forbidden(kind.clone()),
            Ok(node) if forest.holds(*node) => Status::Connected,
            Ok(node) => unserved(asked, network, *node),
        };
        let pop = site.node.as_ref().ok().and_then(|node| forest.pop[node.index()]);
        for address in &site.addresses {
            let outcome = &mut outcomes[address.0 as usize];
            outcome.status = status.clone();
            outcome.pop = pop;
            outcome.cabinet = siting.cabinet_of.get(place).copied().flatten();
            outcome.route = siting.route.get(place).copied().flatten();
        }
    }
    outcomes
}

/// Why a site with a drop is not connected.
fn unserved(asked: &TrenchProblem, network: &Network, node: NodeId) -> Status {
    let too_long = asked.routes.too_long(network, &asked.architecture, node);
    match (too_long, asked.routes.length[node.index()]) {
        (Some(reach), Some(route)) => Status::OverBudget { route, reach },
        _ if asked.reached[node.index()] => Status::LeftOut,
        _ => Status::Disconnected,
    }
}

/// What the sites are worth that a forest leaves out although they could be reached.
pub(super) fn left_out(forest: &Forest, network: &Network, asked: &TrenchProblem) -> Money {
    let is_left = |node: &NodeId| asked.reached[node.index()] && !forest.holds(*node);
    let worth = |node: NodeId| match network.nodes[node.index()] {
        NodeKind::Site(site) => asked.worth[site as usize],
        NodeKind::Park(_) | NodeKind::Road | NodeKind::Pop(_) => Money::ZERO,
    };
    network.graph.nodes().filter(is_left).map(worth).sum()
}

fn park_outcomes(network: &Network, forest: &Forest) -> Vec<ParkOutcome> {
    let outcome = |node: &Option<NodeId>| {
        let held = node.filter(|node| forest.holds(*node));
        ParkOutcome {
            connected: held.is_some(),
            pop: held.and_then(|node| forest.pop[node.index()]),
            route: held.map(|node| forest.depth[node.index()]),
            share: Money::ZERO,
        }
    };
    network.parks.iter().map(outcome).collect()
}

/// Splits the total among connected addresses and parks, in proportion to the civil works and PoPs that each causes; what
/// protects a park is caused by the park.
fn give_shares(
    (region, network): (&Region, &Network),
    forest: &Forest,
    (shares, protection): (&Shares, &Protection),
    total: Money,
    (addresses, parks): (&mut [AddressOutcome], &mut [ParkOutcome]),
) {
    let mut holders: Vec<Result<AddressId, usize>> = Vec::new();
    let mut weights: Vec<i128> = Vec::new();
    for site in &network.sites {
        let Some(node) = site.node.as_ref().ok().filter(|node| forest.holds(**node)) else { continue };
        for &address in &site.addresses {
            let units = i128::from(region.addresses[address.0 as usize].units);
            holders.push(Ok(address));
            weights.push(shares.per_connection[node.index()] * units);
            if site.addresses.len() == 1 {
                addresses[address.0 as usize].saving = shares.saving[node.index()];
            }
        }
    }
    for (park, node) in network.parks.iter().enumerate() {
        if let Some(node) = node.filter(|node| forest.holds(*node)) {
            holders.push(Err(park));
            let protected = protection.parks.iter().filter(|protected| protected.park.0 as usize == park);
            let extra: Money = protected.map(|protected| protected.extra).sum();
            weights.push(shares.per_connection[node.index()] + shares::fixed(extra));
        }
    }
    for (holder, amount) in holders.into_iter().zip(split(total, &weights)) {
        match holder {
            Ok(address) => addresses[address.0 as usize].share = amount,
            Err(park) => parks[park].share = amount,
        }
    }
}
