//! The candidate network: roads as a graph, with a drop for every address and an entry for every park and PoP.

mod build;
mod cross_field;
mod crossings;
mod delaunay;
mod dominance;
mod draft;
mod drops;
mod entries;
mod lines;
mod meetings;
mod noding;
mod parts;
mod sides;
mod zones;

#[cfg(test)]
mod drawn;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod side_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod zone_tests;

pub use build::build;

use geo::{Coord, LineString};

use crate::graph::{Graph, NodeId};
use crate::region::{AddressId, ParkId, PopId, RoadId, ZoneId};
use crate::scenario::{PriceBook, PriceId, Unit};
use crate::units::{Length, Money};

/// Everything that could be dug, and what it takes.
#[derive(Clone, Debug)]
pub struct Network {
    /// Topology; nodes are junctions, anchors of drops, sites, parks, PoPs.
    pub graph: Graph,
    /// Where each node is.
    pub points: Vec<Coord<f64>>,
    /// What each node is.
    pub nodes: Vec<NodeKind>,
    /// What each edge is.
    pub segments: Vec<Segment>,
    /// Points with one address or more that are to be connected; they share their drop.
    pub sites: Vec<Site>,
    /// Node of each park, by park; `None` where it has no entry in reach.
    pub parks: Vec<Option<NodeId>>,
    /// Node of each PoP site, by PoP; `None` where it has no road in reach.
    pub pops: Vec<Option<NodeId>>,
    /// Connected component of each node, counted from 0 in order of falling number of nodes.
    pub components: Vec<u32>,
}

/// A point with target addresses.
#[derive(Clone, Debug)]
pub struct Site {
    /// Where it is.
    pub point: Coord<f64>,
    /// Its target addresses, in order.
    pub addresses: Vec<AddressId>,
    /// Its node, or why it has none.
    pub node: Result<NodeId, NoDrop>,
}

/// Why a site has no drop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoDrop {
    /// No road is near enough; with the distance to the nearest road that may be dug, if there is one.
    TooFar(Option<Length>),
    /// Every drop would cross something that may not be crossed; with its kind.
    Forbidden(String),
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// A point of a road.
    Road,
    /// A site, by its place in [`Network::sites`].
    Site(u32),
    /// A business park.
    Park(ParkId),
    /// A PoP site.
    Pop(PopId),
}

/// What an edge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SegmentKind {
    /// A trench along a road, or across the field where there is no road layer.
    Trench,
    /// An existing duct.
    Duct,
    /// Across a road, from one side to the other; its price is for the piece, whatever its length.
    Crossing,
    /// From a trench to a site.
    Drop,
    /// From a trench to a park.
    ParkEntry,
    /// From a trench to a PoP.
    PopEntry,
}

/// A candidate piece of network between two nodes.
#[derive(Clone, Debug)]
pub struct Segment {
    /// What it is.
    pub kind: SegmentKind,
    /// Its course, from the edge's first end to its second.
    pub shape: LineString<f64>,
    /// Its length.
    pub length: Length,
    /// The road that it follows, or for a drop reaches.
    pub road: Option<RoadId>,
    /// What it takes to build: its methods by the metre, the main one first, then surcharges, shots and crossings.
    pub works: Vec<Work>,
    /// Zones that it lies in, in order.
    pub zones: Vec<ZoneId>,
}

/// One item of work: a price and how often it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// The unit price.
    pub price: PriceId,
    /// Millimetres for a price per metre, a count for a price each.
    pub quantity: i64,
}

impl Work {
    /// What it costs; per-metre prices are rounded once, to the nearest cent.
    #[must_use]
    pub fn cost(&self, prices: &PriceBook) -> Money {
        match prices.unit(self.price) {
            Unit::Metre => Length::from_millimetres(self.quantity).at(prices.money(self.price)),
            Unit::Each | Unit::Percent => prices.money(self.price) * self.quantity,
        }
    }
}

impl Segment {
    /// What it costs to build.
    #[must_use]
    pub fn cost(&self, prices: &PriceBook) -> Money {
        self.works.iter().map(|work| work.cost(prices)).sum()
    }
}
