//! What connections pay at least for distribution points, or for fibres of their own all the way from a PoP.
//!
//! Whoever is fed through a distribution point pays a share of it, for splices there, and where splitters stand in it for
//! one splitter for so many. Shares are such that all who are near to one node pay no more than the point that would serve
//! them (see `bulk/places.rs`); fibres that are split cost less beyond the point, so what is nearer to the point than a
//! share is worth has something to pay for that as well. Whoever is near enough to a PoP may be fed without a point.

use crate::bulk::places::Places;
use crate::graph::NodeId;
use crate::network::Network;
use crate::plan::reach::is_leaf;
use crate::plan::total::{SEVERAL_BOUNDS, Served, least_spare, spares};
use crate::scenario::{Architecture, PriceBook, Scenario, key};
use crate::units::Length;

/// Ten-millionths of a cent: some metres of a ten-thousandth of a fibre still cost thousands of them.
pub(super) const FINE: i64 = 10_000_000;

/// What connections pay by the length of their routes, in [`FINE`].
#[derive(Clone, Debug)]
pub(super) struct Points {
    /// By network node, what its connections pay for points.
    shares: Vec<i64>,
    /// Splices of a connection at its point.
    splices: i64,
    /// What a connection pays that is fed without a point, and for each millimetre of its fibres, beyond what all pay.
    direct: i64,
    each: i64,
    /// The longest distribution cable.
    longest: Length,
}

impl Points {
    /// Shares for those who are served; fibre costs so many thousandths of a cent a metre. Time: see [`Places::shares`].
    pub(super) fn new(network: &Network, scenario: &Scenario, prices: &PriceBook, served: &Served, fibre: i64) -> Self {
        let architecture = &scenario.architecture;
        let cents = |key: &str| prices.money(prices.known(key)).cents();
        let splice = cents(key::SPLICE);
        let splits = architecture.splits_in_cabinets();
        // What all pay is a splitter, and a splice in the PoP, for every so many connections.
        let (in_point, direct) = if splits {
            let split = i64::from(architecture.split);
            let own = i64::from(architecture.fibres_per_address) * split - 1;
            (1, splice * FINE * own / split)
        } else {
            (i64::from(architecture.fibres_per_address), 0)
        };
        let each = fibre * further(architecture) * (FINE / 1_000_000) / 10_000;
        let mut points = Self {
            shares: vec![0; network.graph.node_count()],
            splices: in_point * splice * FINE,
            direct,
            each,
            longest: architecture.distribution_max(),
        };
        let sites: Vec<(NodeId, u32)> = network
            .graph
            .nodes()
            .filter(|node| served.connections[node.index()] > 0)
            .map(|node| (node, served.connections[node.index()]))
            .collect();
        let price = |connections: u32| price(connections, scenario, &cents);
        let places = Places {
            graph: &network.graph,
            closed: &network.graph.nodes().map(|node| is_leaf(network, node)).collect::<Vec<_>>(),
            length: &network.segments.iter().map(|segment| segment.length.millimetres()).collect::<Vec<_>>(),
            reach: points.longest.millimetres().min(i64::from(u32::MAX) - 1),
            each,
            served: &sites,
            price: &price,
        };
        let shares = if network.segments.len() <= SEVERAL_BOUNDS { places.shares() } else { places.alike() };
        for (&(node, connections), share) in sites.iter().zip(shares) {
            points.shares[node.index()] = share * i64::from(connections);
        }
        points
    }

    /// What so many connections at a node pay where the shortest route to their drop is so long, beyond what all pay.
    pub(super) fn fee(&self, node: NodeId, connections: u32, route: Length) -> i64 {
        let count = i64::from(connections);
        let at_point = self.shares[node.index()] + self.splices * count;
        if route > self.longest {
            return at_point;
        }
        at_point.min((self.direct + self.each * route.millimetres()) * count)
    }
}

/// What a connection's fibres from its point have, with spare, beyond its part of what all have: ten-thousandths of a fibre.
fn further(architecture: &Architecture) -> i64 {
    if !architecture.splits_in_cabinets() {
        return 0;
    }
    let [_, distribution] = spares(architecture).map(|spare| spare as i64);
    let all = least_spare(architecture) / i64::from(architecture.split) + 1;
    (i64::from(architecture.fibres_per_address) * distribution - all).max(0)
}

/// What a distribution point of so many connections costs, beyond what all pay.
fn price(connections: u32, scenario: &Scenario, cents: &dyn Fn(&str) -> i64) -> i64 {
    let architecture = &scenario.architecture;
    let housings = i64::from(connections.div_ceil(scenario.design.cabinet_ports));
    let cabinets = cents(key::CABINET) * housings;
    let fits = connections <= architecture.handhole_connections;
    let housing = if fits { cabinets.min(cents(key::HANDHOLE_DP)) } else { cabinets } * FINE;
    if !architecture.splits_in_cabinets() {
        return housing;
    }
    let splitter = cents(&format!("splitter.1x{}", architecture.split));
    let splice = cents(key::SPLICE);
    let splitters = i64::from(connections.div_ceil(architecture.split));
    // A splice at its input and one in the PoP; what all pay is part of it.
    let all = (splitter + splice) * FINE * i64::from(connections) / i64::from(architecture.split) + 1;
    housing + (splitter + 2 * splice) * FINE * splitters - all
}
