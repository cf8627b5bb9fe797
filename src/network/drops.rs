//! Drops: each site gets its few best ways to a trench, also across roads and barriers at their prices.

use geo::Coord;
use rayon::prelude::*;
use rstar::primitives::Line as Piece;
use rstar::{AABB, PointDistance, RTree};

use crate::network::crossings::{Obstacles, Roads};
use crate::network::dominance::Dominance;
use crate::network::lines::{Line, Pieces, Place};
use crate::network::zones::Zones;
use crate::network::{NoDrop, Work};
use crate::region::RoadId;
use crate::scenario::{NetworkRules, PriceBook, PriceId, key};
use crate::units::{Length, Money};

/// Roads that are looked at for one point at most, nearest first.
const MOST_ROADS: usize = 24;

/// A way from a place on a line to a point beside it.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) place: Place,
    /// What is dug, if anything: a way that ends at the place itself is free.
    pub(super) dug: Option<Dug>,
    pub(super) cost: Money,
}

/// A trench from a place to a point beside it.
#[derive(Clone, Debug)]
pub(super) struct Dug {
    /// Its far end.
    pub(super) far: Coord<f64>,
    /// Price per metre.
    pub(super) trench: PriceId,
    /// What it crosses.
    pub(super) due: Vec<PriceId>,
}

/// What ways are looked for with.
pub(super) struct Search<'a> {
    pub(super) lines: &'a [Line],
    pub(super) tree: &'a Pieces,
    pub(super) obstacles: &'a Obstacles<'a>,
    pub(super) zones: &'a Zones<'a>,
    pub(super) prices: &'a PriceBook,
    /// Points of sites, and how far a drop keeps from those of others.
    pub(super) neighbours: RTree<[f64; 2]>,
    pub(super) yard: f64,
    /// The trenches without any drop, which tell what is joined to what and at which cost.
    pub(super) dominance: &'a Dominance,
}

/// The few best ways to each point, cheapest first, or why there is none. Parallel over points.
pub(super) fn drops(search: &Search<'_>, points: &[Coord<f64>], rules: &NetworkRules) -> Vec<Result<Vec<Way>, NoDrop>> {
    let of_point = |&point: &Coord<f64>| search.ways(point, rules.drop_max_m, rules.drops_per_address);
    points.par_iter().map(of_point).collect()
}

/// What a search for ways has come upon so far.
#[derive(Default)]
struct Found {
    /// Cheapest first.
    ways: Vec<Way>,
    /// Connected parts of the network that ways lead to.
    parts: Vec<u32>,
    nearest: Option<Length>,
    forbidden: Option<String>,
}

impl Found {
    fn add(&mut self, way: Way, part: u32) {
        let at = self.ways.partition_point(|other| (other.cost, other.place.line) < (way.cost, way.place.line));
        self.ways.insert(at, way);
        self.parts.push(part);
    }

    /// Whether nothing that costs as much as this or more is of interest.
    fn is_enough(&self, looked_at: usize, at_least: Money) -> bool {
        let known = self.ways.get(looked_at - 1).is_some_and(|way| way.cost <= at_least);
        known && self.parts.contains(&0)
    }
}

impl Way {
    /// The way of no length to a place.
    pub(super) fn free(place: Place) -> Self {
        Self { place, dug: None, cost: Money::ZERO }
    }
}

impl Search<'_> {
    /// The `most` cheapest ways of at most `reach` metres, each to another road.
    ///
    /// A way is left out if a cheaper one and the trench between them cost no more together. If none of these leads to the
    /// largest connected part of the network, the cheapest that does comes on top.
    pub(super) fn ways(&self, point: Coord<f64>, reach: f64, most: usize) -> Result<Vec<Way>, NoDrop> {
        let price = self.prices.money(self.prices.known(key::DROP_TRENCH));
        let looked_at = 2 * most;
        let mut roads: Vec<RoadId> = Vec::new();
        let mut found = Found::default();
        for (near, square) in self.tree.nearest_neighbor_iter_with_distance_2([point.x, point.y]) {
            let (line, piece) = near.data;
            let Some(road) = self.lines[line as usize].road.filter(|road| !roads.contains(road)) else { continue };
            let length = Length::from_metres(square.sqrt()).unwrap_or(Length::ZERO);
            found.nearest = found.nearest.or(Some(length));
            if square.sqrt() > reach || roads.len() >= MOST_ROADS || found.is_enough(looked_at, length.at(price)) {
                break;
            }
            roads.push(road);
            let place = self.lines[line as usize].project(line, piece, point);
            let part = self.dominance.part(self.lines, place);
            // The nearest road of each connected part may always be reached, or a house could be cut off by its
            // neighbours.
            if found.parts.contains(&part) && self.runs_through_a_yard(point, place.point) {
                continue;
            }
            match self.way(place, point, length) {
                Ok(way) => found.add(way, part),
                Err(kind) => found.forbidden = found.forbidden.or(Some(kind)),
            }
        }
        self.chosen(found, most)
    }

    fn chosen(&self, found: Found, most: usize) -> Result<Vec<Way>, NoDrop> {
        if found.ways.is_empty() {
            return Err(found.forbidden.map_or(NoDrop::TooFar(found.nearest), NoDrop::Forbidden));
        }
        let mut best = self.dominance.undominated(self, found.ways);
        let leads_out = |way: &Way| self.dominance.part(self.lines, way.place) == 0;
        let rest = best.split_off(most.min(best.len()));
        if !best.iter().any(leads_out) {
            best.extend(rest.into_iter().find(leads_out));
        }
        Ok(best)
    }

    /// The straight way from a place to a point, or the kind of what is in the way.
    ///
    /// The line that it ends at is not crossed: on which side of it the trench lies is not known.
    pub(super) fn way(&self, place: Place, far: Coord<f64>, length: Length) -> Result<Way, String> {
        let reached = self.lines[place.line as usize].road;
        let due = self.obstacles.crossed(&[place.point, far], Roads::AllBut(reached))?;
        let trench = self.prices.known(key::DROP_TRENCH);
        let (mut works, _) = self.zones.works(&[place.point, far], length, trench);
        works.extend(crossings(&due));
        let cost = works.iter().map(|work| work.cost(self.prices)).sum();
        Ok(Way { place, dug: Some(Dug { far, trench, due }), cost })
    }
}

impl Search<'_> {
    /// Whether the straight way between two points comes too near to a site other than the one it begins at.
    fn runs_through_a_yard(&self, from: Coord<f64>, to: Coord<f64>) -> bool {
        let way = Piece::new([from.x, from.y], [to.x, to.y]);
        let (low, high) = ([from.x.min(to.x), from.y.min(to.y)], [from.x.max(to.x), from.y.max(to.y)]);
        let around = AABB::from_corners(low.map(|at| at - self.yard), high.map(|at| at + self.yard));
        let limit = self.yard * self.yard;
        let others = self.neighbours.locate_in_envelope(around);
        others.filter(|site| (site[0] - from.x).hypot(site[1] - from.y) > 1e-3).any(|site| way.distance_2(site) < limit)
    }
}

/// Every crossing that is due, equal ones together; they come sorted.
pub(super) fn crossings(due: &[PriceId]) -> impl Iterator<Item = Work> + '_ {
    due.chunk_by(|a, b| a == b).map(|times| Work { price: times[0], quantity: times.len() as i64 })
}
