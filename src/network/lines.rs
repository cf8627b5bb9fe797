//! Lines that trenches may follow, with stations along them where nodes are.

use geo::{Coord, LineString};
use rstar::RTree;
use rstar::primitives::{GeomWithData, Line as Piece};

use crate::network::{SegmentKind, Work};
use crate::region::RoadId;
use crate::scenario::PriceId;

/// Stations closer than this along a line are one node, in metres.
const SAME_STATION: f64 = 0.1;

/// Coordinates are told to the millimetre, here in metres.
const A_MILLIMETRE: f64 = 1e-3;

/// A line that a trench or duct follows.
pub(super) struct Line {
    pub(super) kind: SegmentKind,
    pub(super) road: Option<RoadId>,
    pub(super) price: PriceId,
    pub(super) points: Vec<Coord<f64>>,
    pub(super) passes_over: bool,
    pub(super) has_junctions: bool,
    /// Price of a shot, and the length that one drills, in metres, where the line is drilled.
    pub(super) shot: Option<(PriceId, f64)>,
    /// Price per metre on top, where the line runs across someone's field.
    pub(super) surcharge: Option<PriceId>,
    /// The line on the other side of a two-sided road.
    pub(super) opposite: Option<u32>,
    /// Distance from the start at each point.
    along: Vec<f64>,
    /// Places where the line has a node, with the node's number, in order along it.
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
        Self {
            kind,
            road,
            price,
            points,
            passes_over: false,
            has_junctions: false,
            shot: None,
            surcharge: None,
            opposite: None,
            along,
            stations: Vec::new(),
        }
    }

    pub(super) fn length(&self) -> f64 {
        *self.along.last().expect("a line has points")
    }

    pub(super) fn is_duct(&self) -> bool {
        self.kind == SegmentKind::Duct
    }

    /// The two ends of a straight piece.
    pub(super) fn piece(&self, piece: u32) -> [Coord<f64>; 2] {
        [self.points[piece as usize], self.points[piece as usize + 1]]
    }

    /// The place of a point's projection onto one straight piece of the line.
    pub(super) fn project(&self, line: u32, piece: u32, point: Coord<f64>) -> Place {
        let [start, end] = self.piece(piece);
        let (step, to) = (end - start, point - start);
        let square = step.x * step.x + step.y * step.y;
        let share = if square > 0.0 { ((step.x * to.x + step.y * to.y) / square).clamp(0.0, 1.0) } else { 0.0 };
        Place { line, along: self.along[piece as usize] + share * square.sqrt(), point: start + step * share }
    }

    /// The place of one of the line's own points.
    pub(super) fn vertex(&self, line: u32, at: usize) -> Place {
        Place { line, along: self.along[at], point: self.points[at] }
    }

    /// Where the line is after so many metres.
    pub(super) fn point_at(&self, along: f64) -> Coord<f64> {
        let piece = self.along.partition_point(|&at| at <= along).clamp(1, self.points.len() - 1) - 1;
        let (from, to) = (self.along[piece], self.along[piece + 1]);
        let share = if to > from { ((along - from) / (to - from)).clamp(0.0, 1.0) } else { 0.0 };
        self.points[piece] + (self.points[piece + 1] - self.points[piece]) * share
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

    /// The shots that begin between two places: one at the line's start and one after every length that a shot drills,
    /// however finely the line is cut into stretches.
    pub(super) fn shots(&self, from: f64, to: f64) -> Option<Work> {
        let (price, reach) = self.shot?;
        let until = |along: f64| (along / reach).ceil() as i64;
        let quantity = until(to) - until(from);
        (quantity > 0).then_some(Work { price, quantity })
    }

    /// The stretch that a place lies on: the number of the station before it, if there is one after it too.
    pub(super) fn stretch_at(&self, along: f64) -> Option<usize> {
        let last = self.stations.len().checked_sub(2)?;
        let after = self.stations.partition_point(|(at, _)| *at <= along);
        Some(after.saturating_sub(1).min(last))
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

/// Where two pieces cross with both ends of each strictly on either side of the other.
pub(super) fn proper_crossing(one: [Coord<f64>; 2], other: [Coord<f64>; 2]) -> Option<Coord<f64>> {
    let touches = |[a, b]: [Coord<f64>; 2], ends: [Coord<f64>; 2]| ends.iter().any(|&end| side(a, b, end) == 0.0);
    if touches(one, other) || touches(other, one) { None } else { crossing(one, other) }
}

/// Where two pieces cross with both ends of each a millimetre or more off the other's line: not where a corner lies on it,
/// nor where the two run along each other.
pub(super) fn clear_crossing(one: [Coord<f64>; 2], other: [Coord<f64>; 2]) -> Option<Coord<f64>> {
    let off = |[a, b]: [Coord<f64>; 2], end: Coord<f64>| side(a, b, end).abs() >= A_MILLIMETRE * distance(a, b);
    let clear = other.iter().all(|&end| off(one, end)) && one.iter().all(|&end| off(other, end));
    if clear { crossing(one, other) } else { None }
}

/// Where two pieces cross, if a point on the other's line counts as on its left: a course through a corner of a line
/// crosses it once, one that only touches the corner not at all or twice.
pub(super) fn crossing([a, b]: [Coord<f64>; 2], [c, d]: [Coord<f64>; 2]) -> Option<Coord<f64>> {
    let (from, to) = (side(c, d, a), side(c, d, b));
    let apart = (from >= 0.0) != (to >= 0.0) && (side(a, b, c) >= 0.0) != (side(a, b, d) >= 0.0);
    apart.then(|| a + (b - a) * (from / (from - to)))
}

/// Positive where `r` lies on the left of the way from `p` to `q`.
fn side(p: Coord<f64>, q: Coord<f64>, r: Coord<f64>) -> f64 {
    (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f64, y: f64) -> Coord<f64> {
        Coord { x, y }
    }

    #[test]
    fn a_course_through_a_corner_crosses_once() {
        let course = [at(0.0, -1.0), at(0.0, 1.0)];
        let corner = [[at(-1.0, 0.0), at(0.0, 0.0)], [at(0.0, 0.0), at(1.0, 0.0)]];
        let times = corner.iter().filter(|piece| crossing(course, **piece).is_some()).count();
        assert_eq!(times, 1);
        assert!(corner.iter().all(|piece| proper_crossing(course, *piece).is_none()));
    }

    #[test]
    fn a_course_that_touches_a_corner_crosses_not_at_all_or_twice() {
        for flip in [1.0, -1.0] {
            let course = [at(-1.0, 0.0), at(1.0, 0.0)];
            let corner = [[at(-1.0, flip), at(0.0, 0.0)], [at(0.0, 0.0), at(1.0, flip)]];
            let times = corner.iter().filter(|piece| crossing(course, **piece).is_some()).count();
            assert_eq!(times % 2, 0);
        }
    }

    #[test]
    fn crossing_pieces_meet_where_they_should() {
        let met = proper_crossing([at(0.0, 0.0), at(4.0, 4.0)], [at(0.0, 2.0), at(4.0, 2.0)]);
        assert_eq!(met, Some(at(2.0, 2.0)));
    }
}
