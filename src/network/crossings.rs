//! What a trench or drop crosses: roads and barriers, each at its price or not at all.

use geo::{Contains, Coord, Point};
use rstar::AABB;

use crate::network::lines::{Pieces, distance, pieces};
use crate::network::noding::proper_crossing;
use crate::region::{Barrier, BarrierShape, Region, RoadId};
use crate::scenario::PriceId;

/// A crossing this near an end of the course is a meeting there, not a crossing, in metres.
const AT_THE_END: f64 = 0.05;

/// Roads and barriers, indexed.
pub(super) struct Obstacles<'a> {
    region: &'a Region,
    roads: Pieces,
    barrier_lines: Vec<(u32, &'a [Coord<f64>])>,
    barriers: Pieces,
}

/// What a course crosses; a price stands as often as it is due.
pub(super) type Crossings = Result<Vec<PriceId>, String>;

/// Which roads count.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Roads {
    /// Those that may not be dug: a trench meets all others at a node or on another level.
    Undug,
    /// All but this one, which a drop ends at.
    AllBut(RoadId),
}

impl<'a> Obstacles<'a> {
    pub(super) fn new(region: &'a Region) -> Self {
        let mut barrier_lines: Vec<(u32, &[Coord<f64>])> = Vec::new();
        for (place, barrier) in region.barriers.iter().enumerate() {
            let place = place as u32;
            match &barrier.shape {
                BarrierShape::Line(line) => barrier_lines.push((place, &line.0)),
                BarrierShape::Area(area) => {
                    let rings = area.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
                    barrier_lines.extend(rings.map(|ring| (place, ring.0.as_slice())));
                }
            }
        }
        let barriers = pieces(barrier_lines.iter().map(|(_, points)| *points));
        let roads = pieces(region.roads.iter().map(|road| road.line.0.as_slice()));
        Self { region, roads, barrier_lines, barriers }
    }

    /// Everything that a course crosses, in order of price, or the kind of the first thing that may not be crossed.
    ///
    /// Time: O(k log n) for k pieces, plus what is near.
    pub(super) fn crossed(&self, course: &[Coord<f64>], roads: Roads) -> Crossings {
        let mut due = self.roads_crossed(course, roads)?;
        due.extend(self.barriers_crossed(course)?);
        due.sort_unstable();
        Ok(due)
    }

    fn roads_crossed(&self, course: &[Coord<f64>], which: Roads) -> Crossings {
        let mut due = Vec::new();
        let (Some(&start), Some(&end)) = (course.first(), course.last()) else { return Ok(due) };
        for ends in course.windows(2) {
            for near in self.roads.locate_in_envelope_intersecting(around(ends)) {
                let (place, piece) = near.data;
                let road = &self.region.roads[place as usize];
                let counts = match which {
                    Roads::Undug => road.trench.is_none(),
                    Roads::AllBut(reached) => RoadId(place) != reached,
                };
                if !counts || road.passes_over {
                    continue;
                }
                let theirs = [road.line.0[piece as usize], road.line.0[piece as usize + 1]];
                let Some(point) = proper_crossing([ends[0], ends[1]], theirs) else { continue };
                if distance(point, start).min(distance(point, end)) > AT_THE_END {
                    due.push(road.crossing.ok_or_else(|| "a road".to_owned())?);
                }
            }
        }
        Ok(due)
    }

    pub(super) fn barriers_crossed(&self, course: &[Coord<f64>]) -> Crossings {
        let mut met: Vec<u32> = Vec::new();
        for ends in course.windows(2) {
            for near in self.barriers.locate_in_envelope_intersecting(around(ends)) {
                let (line, piece) = near.data;
                let (barrier, points) = self.barrier_lines[line as usize];
                if crosses([ends[0], ends[1]], [points[piece as usize], points[piece as usize + 1]]) {
                    met.push(barrier);
                }
            }
        }
        met.sort_unstable();
        let mut due = Vec::new();
        for times in met.chunk_by(|a, b| a == b) {
            let barrier = &self.region.barriers[times[0] as usize];
            let count = stretches(barrier, times.len(), course);
            if count > 0 {
                let price = barrier.crossing.ok_or_else(|| barrier.kind.clone())?;
                due.extend(std::iter::repeat_n(price, count));
            }
        }
        Ok(due)
    }
}

fn around(ends: &[Coord<f64>]) -> AABB<[f64; 2]> {
    AABB::from_corners([ends[0].x, ends[0].y], [ends[1].x, ends[1].y])
}

/// Whether two pieces cross, where a point on the other's line counts as on its left: a course through a corner of a
/// barrier crosses once, one that only touches it not at all or twice.
fn crosses([a, b]: [Coord<f64>; 2], [c, d]: [Coord<f64>; 2]) -> bool {
    let left = |p: Coord<f64>, q: Coord<f64>, r: Coord<f64>| (q.x - p.x) * (r.y - p.y) >= (q.y - p.y) * (r.x - p.x);
    left(c, d, a) != left(c, d, b) && left(a, b, c) != left(a, b, d)
}

/// How often a barrier is due: each meeting of a line, each stretch inside an area.
fn stretches(barrier: &Barrier, meetings: usize, course: &[Coord<f64>]) -> usize {
    match &barrier.shape {
        BarrierShape::Line(_) => meetings,
        BarrierShape::Area(area) => {
            let inside = |coord: Option<&Coord<f64>>| coord.is_some_and(|&coord| area.contains(&Point(coord)));
            let ends = usize::from(inside(course.first())) + usize::from(inside(course.last()));
            (meetings + ends).div_ceil(2)
        }
    }
}
