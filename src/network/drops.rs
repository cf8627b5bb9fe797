//! Drops: each site gets its few best ways to a trench, also across roads and barriers at their prices.

use geo::Coord;
use rayon::prelude::*;
use rstar::primitives::Line as Piece;
use rstar::{AABB, PointDistance, RTree};

use crate::network::crossings::{Obstacles, Roads};
use crate::network::lines::{Line, Pieces, Place};
use crate::network::{NoDrop, Work};
use crate::region::RoadId;
use crate::scenario::{NetworkRules, PriceBook, PriceId, key};
use crate::units::{Length, Money};

/// Roads that are looked at for one site at most, nearest first.
const MOST_ROADS: usize = 24;

/// A way from a place on a line to a point beside it.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) place: Place,
    /// Its far end, beside the line.
    pub(super) far: Coord<f64>,
    pub(super) length: Length,
    pub(super) works: Vec<Work>,
    pub(super) cost: Money,
}

/// What ways are looked for with.
pub(super) struct Search<'a> {
    pub(super) lines: &'a [Line],
    pub(super) tree: &'a Pieces,
    pub(super) obstacles: &'a Obstacles<'a>,
    pub(super) prices: &'a PriceBook,
    /// Points of sites, and how far a drop keeps from those of others.
    pub(super) neighbours: RTree<[f64; 2]>,
    pub(super) yard: f64,
    /// Connected part of the network that each line belongs to.
    pub(super) parts: Vec<u32>,
}

/// The few best ways to each point, cheapest first, or why there is none. Parallel over points.
pub(super) fn drops(search: &Search<'_>, points: &[Coord<f64>], rules: &NetworkRules) -> Vec<Result<Vec<Way>, NoDrop>> {
    points.par_iter().map(|&point| search.ways(point, rules.drop_max_m, rules.drops_per_address)).collect()
}

impl Search<'_> {
    /// The `most` cheapest ways of at most `reach` metres, each to another road.
    pub(super) fn ways(&self, point: Coord<f64>, reach: f64, most: usize) -> Result<Vec<Way>, NoDrop> {
        let trench = self.prices.known(key::DROP_TRENCH);
        let mut roads: Vec<RoadId> = Vec::new();
        // The nearest road of each connected part may always be reached, or a house could be cut off by its neighbours.
        let mut parts: Vec<u32> = Vec::new();
        let mut best: Vec<Way> = Vec::new();
        let mut nearest = None;
        let mut forbidden = None;
        for (near, square) in self.tree.nearest_neighbor_iter_with_distance_2([point.x, point.y]) {
            let (line, piece) = near.data;
            let Some(road) = self.lines[line as usize].road.filter(|road| !roads.contains(road)) else { continue };
            let place = self.lines[line as usize].project(line, piece, point);
            let length = Length::from_metres(square.sqrt()).unwrap_or(Length::ZERO);
            nearest = nearest.or(Some(length));
            let at_least = length.at(self.prices.money(trench));
            let enough = best.len() >= most && best[most - 1].cost <= at_least;
            if square.sqrt() > reach || enough || roads.len() >= MOST_ROADS {
                break;
            }
            let part = self.parts[line as usize];
            let nearest_of_part = !parts.contains(&part);
            roads.push(road);
            parts.push(part);
            if !nearest_of_part && self.runs_through_a_yard(point, place.point) {
                continue;
            }
            match self.obstacles.crossed(&[place.point, point], Roads::AllBut(road)) {
                Ok(due) => {
                    let works = works(trench, length, &due);
                    let cost = works.iter().map(|work| work.cost(self.prices)).sum();
                    best.push(Way { place, far: point, length, works, cost });
                    best.sort_by(|a, b| a.cost.cmp(&b.cost).then(a.place.line.cmp(&b.place.line)));
                    best.truncate(most);
                }
                Err(kind) => forbidden = forbidden.or(Some(kind)),
            }
        }
        match (best.is_empty(), forbidden, nearest) {
            (false, _, _) => Ok(best),
            (true, Some(kind), _) => Err(NoDrop::Forbidden(kind)),
            (true, None, nearest) => Err(NoDrop::TooFar(nearest)),
        }
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

/// The works of a course: its trench, and every crossing that is due, equal ones together.
pub(super) fn works(trench: PriceId, length: Length, due: &[PriceId]) -> Vec<Work> {
    let mut works = vec![Work { price: trench, quantity: length.millimetres() }];
    for times in due.chunk_by(|a, b| a == b) {
        works.push(Work { price: times[0], quantity: times.len() as i64 });
    }
    works
}
