//! Where distribution points (cabinets and handholes) stand on a built forest, and whom they feed.
//!
//! Each PoP's tree is decided by itself and exactly (see [`areas`]), at these prices: distribution cables by the cheapest set of sizes;
//! trunk cables at the smallest cable's price for the first fibre and the price of a further fibre for each; points,
//! splices and splitters as in the bill. The bill then counts trunk cables in whole sizes.

use rayon::prelude::*;

use crate::design::areas::{Rules, Tree, areas};
use crate::graph::NodeId;
use crate::network::{Network, NodeKind};
use crate::plan::{Cabinet, CableTable, Forest, PointKind, Siting};
use crate::region::Region;
use crate::scenario::{Architecture, PriceBook, Scenario, key};
use crate::units::Length;

/// Decides on distribution points for a built forest. Deterministic; PoPs are decided in parallel.
#[must_use]
pub fn site_cabinets(forest: &Forest, network: &Network, region: &Region, scenario: &Scenario) -> Siting {
    let connections = |site: u32| -> u32 {
        let addresses = &network.sites[site as usize].addresses;
        addresses.iter().map(|address| region.addresses[address.0 as usize].units).sum()
    };
    let mut by_pop: Vec<Vec<NodeId>> = vec![Vec::new(); forest.open.iter().max().map_or(0, |&last| last as usize + 1)];
    for &node in &forest.order {
        by_pop[forest.pop[node.index()].expect("a node of the forest has a PoP") as usize].push(node);
    }
    let sites = forest.order.iter().filter_map(|node| match network.nodes[node.index()] {
        NodeKind::Site(site) => Some(connections(site)),
        _ => None,
    });
    let catalogue = Catalogue::new(scenario, sites.sum());
    let sited: Vec<Vec<Cabinet>> = by_pop
        .par_iter()
        .filter(|nodes| !nodes.is_empty())
        .map(|nodes| site_pop(nodes, forest, network, &connections, &catalogue))
        .collect();
    let cabinets: Vec<Cabinet> = sited.into_iter().flatten().collect();
    let mut cabinet_of = vec![None; network.sites.len()];
    let mut route = vec![None; network.sites.len()];
    for (place, cabinet) in cabinets.iter().enumerate() {
        for &site in &cabinet.sites {
            cabinet_of[site as usize] = Some(place as u32);
        }
    }
    for &node in &forest.order {
        if let NodeKind::Site(site) = network.nodes[node.index()] {
            route[site as usize] = Some(forest.depth[node.index()]);
        }
    }
    Siting { cabinets, cabinet_of, route }
}

/// Prices and rules in the units of the dynamic program: thousandths of a cent, millimetres.
struct Catalogue<'a> {
    architecture: &'a Architecture,
    ports: u32,
    table: CableTable,
    /// Further trunk fibre, in thousandths of a cent per metre.
    fibre: i64,
    cabinet: i64,
    handhole: i64,
    splice: i64,
    splitter: i64,
}

impl<'a> Catalogue<'a> {
    /// For branches of up to so many connections.
    fn new(scenario: &'a Scenario, connections: u32) -> Self {
        let prices: PriceBook = scenario.price_book();
        let architecture = &scenario.architecture;
        let ports = scenario.design.cabinet_ports;
        let most = architecture.with_distribution_spare(architecture.drop_fibres(ports.max(connections)));
        let table = CableTable::new(architecture, &prices, most);
        let cents = |key: &str| prices.money(prices.known(key)).cents();
        let (small, large) = (table.sizes()[0], table.sizes()[table.sizes().len() - 1]);
        let [least, greatest] = [small, large].map(|size| prices.money(size.price).cents());
        let fibre = match large.fibres - small.fibres {
            0 => greatest * 1000 / i64::from(large.fibres),
            more => (greatest - least).max(0) * 1000 / i64::from(more),
        };
        Self {
            architecture,
            ports,
            fibre,
            cabinet: cents(key::CABINET) * 1000,
            handhole: cents(key::HANDHOLE_DP) * 1000,
            splice: cents(key::SPLICE) * 1000,
            splitter: cents(&format!("splitter.1x{}", architecture.split)) * 1000,
            table,
        }
    }

    /// Kind and number of what stands at a point of so many connections.
    fn kind(&self, connections: u32) -> (PointKind, u32) {
        let housings = connections.div_ceil(self.ports);
        let fits = connections <= self.architecture.handhole_connections;
        if fits && self.handhole <= self.cabinet * i64::from(housings) {
            (PointKind::Handhole, 1)
        } else {
            (PointKind::Cabinet, housings)
        }
    }

    fn point(&self, connections: u32, depth: i64) -> i64 {
        let (kind, housings) = self.kind(connections);
        let each = if kind == PointKind::Handhole { self.handhole } else { self.cabinet };
        let trunk = self.architecture.trunk_fibres(connections);
        let fibres = i64::from(self.architecture.with_trunk_spare(trunk));
        let (splices, splitters) = if self.architecture.splits_in_cabinets() {
            (connections + 2 * trunk, trunk)
        } else {
            (self.architecture.drop_fibres(connections) + trunk, 0)
        };
        each * i64::from(housings)
            + self.splice * i64::from(splices)
            + self.splitter * i64::from(splitters)
            + fibres * self.fibre * depth / 1000
    }

    fn direct(&self, connections: u32) -> i64 {
        let in_pop = self.architecture.splits_in_cabinets();
        let splitters = if in_pop { connections.div_ceil(self.architecture.split) } else { 0 };
        self.splice * i64::from(self.architecture.drop_fibres(connections)) + self.splitter * i64::from(splitters)
    }

    fn distribution(&self, connections: u32) -> i64 {
        let used = self.architecture.drop_fibres(connections);
        self.table.per_metre(self.architecture.with_distribution_spare(used))
    }
}

/// Points of one PoP, whose nodes come parents first.
fn site_pop(
    nodes: &[NodeId],
    forest: &Forest,
    network: &Network,
    connections: &dyn Fn(u32) -> u32,
    catalogue: &Catalogue<'_>,
) -> Vec<Cabinet> {
    let mut place = vec![u32::MAX; network.graph.node_count()];
    let mut tree = Tree::default();
    let mut inner: Vec<NodeId> = Vec::new();
    let mut sites: Vec<Vec<u32>> = Vec::new();
    for &node in nodes {
        let parent = forest.parent[node.index()];
        let above = parent.map_or(0, |(parent, _)| place[parent.index()]);
        match network.nodes[node.index()] {
            NodeKind::Site(site) => {
                tree.own[above as usize] += connections(site);
                sites[above as usize].push(site);
            }
            NodeKind::Park(_) => tree.trunk[above as usize] = true,
            NodeKind::Road | NodeKind::Pop(_) => {
                place[node.index()] = inner.len() as u32;
                inner.push(node);
                sites.push(Vec::new());
                tree.parent.push(above);
                tree.length.push(parent.map_or(0, |(_, edge)| network.segments[edge.index()].length.millimetres()));
                tree.own.push(0);
                tree.trunk.push(false);
            }
        }
    }
    let rules = Rules {
        distribution: &|open| catalogue.distribution(open),
        trunk: catalogue.table.least(),
        point: &|open, depth| catalogue.point(open, depth),
        direct: &|open| catalogue.direct(open),
        ports: catalogue.ports,
        longest: catalogue.architecture.distribution_max().millimetres(),
    };
    let found = areas(&tree, &rules);
    gather(&tree, &found.point, &inner, &sites, forest, connections, catalogue)
}

/// The points with the sites and trenches of their areas.
fn gather(
    tree: &Tree,
    point: &[bool],
    inner: &[NodeId],
    sites: &[Vec<u32>],
    forest: &Forest,
    connections: &dyn Fn(u32) -> u32,
    catalogue: &Catalogue<'_>,
) -> Vec<Cabinet> {
    let mut cabinets: Vec<Cabinet> = Vec::new();
    let mut area: Vec<Option<usize>> = vec![None; inner.len()];
    // Whether something is fed from above, to tell trenches with distribution cable from those with trunk cable only.
    let mut fed: Vec<bool> = sites.iter().map(|sites| !sites.is_empty()).collect();
    for at in (1..inner.len()).rev() {
        fed[tree.parent[at] as usize] |= fed[at] && !point[at];
    }
    for at in 0..inner.len() {
        let above = area[tree.parent[at] as usize];
        if let Some(place) = above.filter(|_| at > 0 && fed[at] && !point[at]) {
            cabinets[place].distribution += Length::from_millimetres(tree.length[at]);
        }
        area[at] = above;
        if point[at] {
            area[at] = Some(cabinets.len());
            cabinets.push(Cabinet {
                kind: PointKind::Handhole,
                node: inner[at],
                pop: forest.pop[inner[at].index()].expect("a node of the forest has a PoP"),
                sites: Vec::new(),
                connections: 0,
                housings: 0,
                feeder: forest.depth[inner[at].index()],
                distribution: Length::ZERO,
            });
        }
        if let Some(place) = area[at] {
            cabinets[place].sites.extend(&sites[at]);
        }
    }
    for cabinet in &mut cabinets {
        cabinet.sites.sort_unstable();
        cabinet.connections = cabinet.sites.iter().map(|&site| connections(site)).sum();
        (cabinet.kind, cabinet.housings) = catalogue.kind(cabinet.connections);
    }
    cabinets
}
