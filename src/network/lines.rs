//! Lines that trenches may follow, with stations along them where nodes will be.

use geo::{Coord, LineString};
use rstar::RTree;
use rstar::primitives::{GeomWithData, Line as Piece};

use crate::network::SegmentKind;
use crate::region::RoadId;
use crate::scenario::PriceId;

/// Stations closer than this along a line are one node, in metres.
const SAME_STATION: f64 = 0.1;

/// A line that a trench or duct follows.
pub(super) struct Line {
    pub(super) kind: SegmentKind,
    pub(super) road: Option<RoadId>,
    pub(super) price: PriceId,
    pub(super) points: Vec<Coord<f64>>,
    pub(super) passes_over: bool,
    pub(super) has_junctions: bool,
    /// Distance from the start at each point.
    along: Vec<f64>,
    /// Places where the line has a node, with the node's draft number.
    pub(super) stations: Vec<(f64, u32)>,
}

/// A place on a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) line: u32,
    pub(super) along: f64,
    pub(super) point: Coord<f64>,
}

/// Pieces (straight parts) of lines in an R-tree, with the line and the place of the piece in it.
pub(super) type Pieces = RTree<GeomWithData<Piece<[f64; 2]>, (u32, u32)>>;

impl Line {
    pub(super) fn new(kind: SegmentKind, road: Option<RoadId>, price: PriceId, line: &LineString<f64>) -> Self {
        let points = line.0.clone();
        let mut along = Vec::with_capacity(points.len());
        let mut so_far = 0.0;
        for (place, point) in points.iter().enumerate() {
            if place > 0 {
                so_far += distance(points[place - 1], *point);
            }
            along.push(so_far);
        }
        Self { kind, road, price, points, passes_over: false, has_junctions: false, along, stations: Vec::new() }
    }

    pub(super) fn length(&self) -> f64 {
        *self.along.last().expect("a line has points")
    }

    /// The place of a point's projection onto one straight piece of the line.
    pub(super) fn project(&self, line: u32, piece: u32, point: Coord<f64>) -> Place {
        let at = piece as usize;
        let (start, end) = (self.points[at], self.points[at + 1]);
        let (step, to) = (end - start, point - start);
        let square = step.x * step.x + step.y * step.y;
        let share = if square > 0.0 { ((step.x * to.x + step.y * to.y) / square).clamp(0.0, 1.0) } else { 0.0 };
        Place { line, along: self.along[at] + share * square.sqrt(), point: start + step * share }
    }

    /// The place of one of the line's own points.
    pub(super) fn vertex(&self, line: u32, at: usize) -> Place {
        Place { line, along: self.along[at], point: self.points[at] }
    }

    /// The course between two places along the line, from `from` to `to` metres, with its two end points given.
    pub(super) fn course(&self, from: f64, to: f64, ends: [Coord<f64>; 2]) -> LineString<f64> {
        let mut course = vec![ends[0]];
        let first = self.along.partition_point(|&at| at <= from + 1e-9);
        let last = self.along.partition_point(|&at| at < to - 1e-9);
        course.extend(self.points[first..last.max(first)].iter().copied());
        course.push(ends[1]);
        course.dedup();
        if course.len() == 1 {
            course.push(ends[1]);
        }
        LineString(course)
    }

    /// The station at a place, if one is near enough to serve.
    pub(super) fn station_near(&self, along: f64) -> Option<u32> {
        let after = self.stations.partition_point(|(at, _)| *at < along);
        let near = [after.checked_sub(1), Some(after)].into_iter().flatten().filter_map(|at| self.stations.get(at));
        near.filter(|(at, _)| (at - along).abs() <= SAME_STATION)
            .min_by(|a, b| (a.0 - along).abs().total_cmp(&(b.0 - along).abs()))
            .map(|(_, node)| *node)
    }
}

/// Indexes the straight pieces of lines. Time: O(n log n).
pub(super) fn pieces<'a>(lines: impl Iterator<Item = &'a [Coord<f64>]>) -> Pieces {
    let mut all = Vec::new();
    for (line, points) in lines.enumerate() {
        for (piece, ends) in points.windows(2).enumerate() {
            let straight = Piece::new([ends[0].x, ends[0].y], [ends[1].x, ends[1].y]);
            all.push(GeomWithData::new(straight, (line as u32, piece as u32)));
        }
    }
    RTree::bulk_load(all)
}

pub(super) fn distance(a: Coord<f64>, b: Coord<f64>) -> f64 {
    let step = a - b;
    (step.x * step.x + step.y * step.y).sqrt()
}
