//! Regions drawn by hand, for tests.

use geo::{Coord, LineString, MultiPolygon, Polygon};

use crate::findings::Finding;
use crate::graph::NodeId;
use crate::network::{Network, NodeKind, Segment, SegmentKind, build};
use crate::region::{Address, Barrier, BarrierShape, Duct, Park, PopSite, Region, Road, Zone};
use crate::scenario::{NetworkRules, PriceBook, Scenario, key};
use crate::units::Money;

/// A region in the making, with default prices and rules.
pub(super) struct Drawing {
    pub(super) region: Region,
    pub(super) rules: NetworkRules,
    pub(super) prices: PriceBook,
}

pub(super) fn line(points: &[(f64, f64)]) -> LineString<f64> {
    points.iter().map(|&(x, y)| Coord { x, y }).collect()
}

/// A rectangle from its lower left to its upper right corner.
pub(super) fn rectangle((left, low): (f64, f64), (right, high): (f64, f64)) -> MultiPolygon<f64> {
    let ring = line(&[(left, low), (right, low), (right, high), (left, high), (left, low)]);
    MultiPolygon(vec![Polygon::new(ring, Vec::new())])
}

impl Drawing {
    pub(super) fn new() -> Self {
        let scenario = Scenario::default();
        let region = Region { has_road_layer: true, ..Region::default() };
        Self { region, rules: scenario.network.clone(), prices: scenario.price_book() }
    }

    /// A road with an open trench in an unpaved verge at 15.00 per metre and local crossings at 700.00.
    pub(super) fn road(&mut self, points: &[(f64, f64)]) -> &mut Road {
        let key = format!("road {}", self.region.roads.len());
        self.region.roads.push(Road {
            key,
            line: line(points),
            trench: Some(self.prices.known(key::OPEN_UNPAVED)),
            shot: None,
            crossing: Some(self.prices.known(key::CROSS_ROAD_LOCAL)),
            offset: None,
            passes_over: false,
            junctions: None,
        });
        self.region.roads.last_mut().unwrap()
    }

    pub(super) fn road_with_ids(&mut self, points: &[(f64, f64)], from: &str, to: &str) {
        self.road(points).junctions = Some([from.to_owned(), to.to_owned()]);
    }

    pub(super) fn address(&mut self, x: f64, y: f64) {
        let key = format!("address {}", self.region.addresses.len());
        self.region.addresses.push(Address { tier: 4, ..Address::home(key, Some(Coord { x, y })) });
    }

    pub(super) fn park(&mut self, outline: MultiPolygon<f64>) {
        let key = format!("park {}", self.region.parks.len());
        self.region.parks.push(Park { key, name: String::new(), class: String::new(), outline });
    }

    pub(super) fn pop(&mut self, x: f64, y: f64) {
        let key = format!("pop {}", self.region.pops.len());
        let (existing, opening, capacity) = (false, Money::ZERO, 1000);
        self.region.pops.push(PopSite { key, point: Coord { x, y }, existing, opening, capacity });
    }

    /// A barrier at 5,000.00 a crossing, or one that may not be crossed.
    pub(super) fn barrier(&mut self, kind: &str, shape: BarrierShape, may_be_crossed: bool) {
        let crossing = may_be_crossed.then(|| self.prices.known(key::CROSS_WATER));
        let key = format!("{kind}, record {}", self.region.barriers.len());
        self.region.barriers.push(Barrier { key, kind: kind.to_owned(), shape, crossing });
    }

    /// A zone with a method of its own (by price key), a surcharge and a season.
    pub(super) fn zone(&mut self, outline: MultiPolygon<f64>, trench: Option<&str>, surcharge: Option<&str>) {
        let price = |key: Option<&str>| key.map(|key| self.prices.known(key));
        let (trench, surcharge) = (price(trench), price(surcharge));
        let season = Some("15 March to 15 July".to_owned());
        self.region.zones.push(Zone { kind: "nature".to_owned(), outline, trench, surcharge, season });
    }

    pub(super) fn duct(&mut self, points: &[(f64, f64)]) {
        let key = format!("duct {}", self.region.ducts.len());
        let lease = self.prices.known(key::DUCT_LEASE);
        self.region.ducts.push(Duct { key, line: line(points), lease });
    }

    pub(super) fn build(&self) -> (Network, Vec<Finding>) {
        let (network, findings) = build(&self.region, &self.rules, &self.prices);
        check(&network);
        (network, findings)
    }

    pub(super) fn network(&self) -> Network {
        self.build().0
    }

    /// Costs of all segments of a kind in cents, in rising order.
    pub(super) fn costs(&self, network: &Network, kind: SegmentKind) -> Vec<i64> {
        let mut costs: Vec<i64> = of_kind(network, kind).map(|segment| segment.cost(&self.prices).cents()).collect();
        costs.sort_unstable();
        costs
    }
}

pub(super) fn of_kind(network: &Network, kind: SegmentKind) -> impl Iterator<Item = &Segment> {
    network.segments.iter().filter(move |segment| segment.kind == kind)
}

/// Length of all segments of a kind, in millimetres.
pub(super) fn millimetres(network: &Network, kind: SegmentKind) -> i64 {
    of_kind(network, kind).map(|segment| segment.length.millimetres()).sum()
}

/// Degrees of the road nodes, in rising order.
pub(super) fn degrees(network: &Network) -> Vec<usize> {
    let roads = network.graph.nodes().filter(|node| network.nodes[node.index()] == NodeKind::Road);
    let mut degrees: Vec<usize> = roads.map(|node| network.graph.degree(node)).collect();
    degrees.sort_unstable();
    degrees
}

/// What holds for every network: courses lead from end to end, are as long as said, and are paid for by the metre.
fn check(network: &Network) {
    for (edge, segment) in network.graph.edges().zip(&network.segments) {
        let [tail, head] = network.graph.ends(edge);
        let near = |node: NodeId, end: Coord<f64>| (network.points[node.index()] - end).x.abs() < 1e-6;
        let (first, last) = (segment.shape.0[0], *segment.shape.0.last().unwrap());
        assert!(near(tail, first), "{edge} starts at its first end");
        assert!(segment.kind == SegmentKind::ParkEntry || near(head, last), "{edge} leads to its second end");
        let measured: f64 =
            segment.shape.0.windows(2).map(|pair| (pair[0] - pair[1]).x.hypot((pair[0] - pair[1]).y)).sum();
        assert!((measured - segment.length.metres()).abs() < 1e-3, "{edge} is as long as it says");
        let paid = segment.works.first().map_or(0, |work| work.quantity);
        if !segment.zones.is_empty() || segment.kind == SegmentKind::Crossing {
            continue;
        }
        assert_eq!(paid, segment.length.millimetres(), "{edge} is paid for by the metre");
    }
    assert_eq!(network.graph.edge_count(), network.segments.len());
    assert_eq!(network.graph.node_count(), network.nodes.len());
    assert_eq!(network.components.len(), network.nodes.len());
}
