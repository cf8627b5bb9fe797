//! Candidate trenches across fields, ploughed between near points of different roads that are far apart along the roads.

use std::collections::BTreeSet;

use geo::{Coord, LineString};
use rayon::prelude::*;
use rstar::primitives::Line as Piece;
use rstar::{AABB, PointDistance, RTree};

use crate::graph::paths::around;
use crate::graph::{Graph, NodeId};
use crate::network::SegmentKind;
use crate::network::crossings::Obstacles;
use crate::network::lines::{Line, Pieces, Place};
use crate::network::noding::Noding;
use crate::scenario::{NetworkRules, PriceBook, key};

/// A field trench is of interest where the way along the roads is so many times as long.
const DETOUR: f64 = 3.0;

/// Roads that are tried from one place at most, nearest first.
const MOST_TRIED: usize = 4;

/// Nodes that are looked at for the way along the roads at most.
const MOST_NODES: usize = 256;

/// Adds field trenches of at most `network.cross_field_max_m` to noded lines; none where that is 0.
///
/// From every dead end, and from a place every half of that length along the roads, the nearest place on another road is
/// looked for that is [`DETOUR`] times as far along the roads, with no road in between and no yard nearby. No address
/// gets a drop to a field trench. Parallel over places; time: O(k log n) for k places.
pub(super) fn add(
    lines: &mut Vec<Line>,
    noding: &mut Noding,
    (tree, obstacles): (&Pieces, &Obstacles<'_>),
    sites: &RTree<[f64; 2]>,
    rules: &NetworkRules,
    prices: &PriceBook,
) {
    if rules.cross_field_max_m <= 0.0 {
        return;
    }
    let roads = Roadway::new(lines, noding);
    let places = places(lines, rules.cross_field_max_m / 2.0);
    let search = Search { lines, tree, obstacles, sites, roads: &roads, rules };
    let found: Vec<[Place; 2]> = places.par_iter().filter_map(|&place| search.nearest(place)).collect();
    let mut seen = BTreeSet::new();
    for [from, to] in found {
        let metre = |point: Coord<f64>| (point.x.round() as i64, point.y.round() as i64);
        let (one, other) = (metre(from.point), metre(to.point));
        if !seen.insert((one.min(other), one.max(other))) {
            continue;
        }
        let ends = [from, to].map(|place| noding.station(lines, place));
        let course = LineString(ends.map(|node| noding.points[node as usize]).to_vec());
        if ends[0] == ends[1] {
            continue;
        }
        let mut line = Line::new(SegmentKind::Trench, None, prices.known(key::PLOUGH), &course);
        line.surcharge = Some(prices.known(key::EASEMENT));
        line.stations = vec![(0.0, ends[0]), (line.length(), ends[1])];
        lines.push(line);
    }
}

/// Ends of roads, and places at a regular distance along them.
fn places(lines: &[Line], apart: f64) -> Vec<Place> {
    let mut places = Vec::new();
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| line.road.is_some()) {
        let steps = (line.length() / apart).ceil().max(1.0) as u32;
        let along = (0..=steps).map(|step| line.length() * f64::from(step) / f64::from(steps));
        places.extend(along.map(|along| Place { line: number as u32, along, point: line.point_at(along) }));
    }
    places
}

/// The stretches of all lines, with their lengths.
struct Roadway {
    graph: Graph,
    millimetres: Vec<i64>,
}

impl Roadway {
    fn new(lines: &[Line], noding: &Noding) -> Self {
        let (mut ends, mut millimetres) = (Vec::new(), Vec::new());
        for line in lines {
            for pair in line.stations.windows(2) {
                ends.push([NodeId(pair[0].1), NodeId(pair[1].1)]);
                millimetres.push(((pair[1].0 - pair[0].0) * 1000.0).round() as i64);
            }
        }
        Self { graph: Graph::new(noding.points.len(), ends), millimetres }
    }

    /// The stations beside a place, with the distance to each in millimetres.
    fn beside(lines: &[Line], place: Place) -> Vec<(NodeId, i64)> {
        let line = &lines[place.line as usize];
        let Some(at) = line.stretch_at(place.along) else { return Vec::new() };
        let away = |(along, node): &(f64, u32)| (NodeId(*node), ((along - place.along).abs() * 1000.0).round() as i64);
        line.stations[at..at + 2].iter().map(away).collect()
    }
}

struct Search<'a> {
    lines: &'a [Line],
    tree: &'a Pieces,
    obstacles: &'a Obstacles<'a>,
    sites: &'a RTree<[f64; 2]>,
    roads: &'a Roadway,
    rules: &'a NetworkRules,
}

impl Search<'_> {
    /// The nearest place on another road that a field trench from here is of interest to.
    fn nearest(&self, from: Place) -> Option<[Place; 2]> {
        let longest = self.rules.cross_field_max_m;
        let own = self.lines[from.line as usize].road;
        let limit = (DETOUR * longest * 1000.0) as i64;
        let starts = Roadway::beside(self.lines, from);
        let along = around(&self.roads.graph, &self.roads.millimetres, &starts, limit, MOST_NODES);
        let mut tried = vec![own];
        for (near, square) in self.tree.nearest_neighbor_iter_with_distance_2([from.point.x, from.point.y]) {
            if square > longest * longest || tried.len() > MOST_TRIED {
                return None;
            }
            let (line, piece) = near.data;
            let road = self.lines[line as usize].road;
            if road.is_none() || tried.contains(&road) {
                continue;
            }
            tried.push(road);
            let to = self.lines[line as usize].project(line, piece, from.point);
            let straight = (square.sqrt() * 1000.0).round() as i64;
            let beside = Roadway::beside(self.lines, to);
            let way = beside.iter().filter_map(|(node, rest)| Some(along.get(node)? + rest)).min();
            let is_detour = way.is_none_or(|way| way as f64 > DETOUR * straight as f64);
            if straight > 1000 && is_detour && self.is_free([from, to]) {
                return Some([from, to]);
            }
        }
        None
    }

    /// Whether nothing but barriers that may be crossed lies between two places.
    fn is_free(&self, ends: [Place; 2]) -> bool {
        let course = ends.map(|place| place.point);
        let roads = ends.map(|place| self.lines[place.line as usize].road);
        self.obstacles.barriers_may_be_crossed(&course)
            && !self.obstacles.meets_a_road(&course, roads)
            && !self.runs_through_a_yard(course)
    }

    fn runs_through_a_yard(&self, [from, to]: [Coord<f64>; 2]) -> bool {
        let way = Piece::new([from.x, from.y], [to.x, to.y]);
        let reach = self.rules.yard_m;
        let low = [from.x.min(to.x) - reach, from.y.min(to.y) - reach];
        let high = [from.x.max(to.x) + reach, from.y.max(to.y) + reach];
        let near = self.sites.locate_in_envelope(AABB::from_corners(low, high));
        near.into_iter().any(|site| way.distance_2(site) < reach * reach)
    }
}
