//! What a trench or drop crosses: roads and barriers, each at its price or not at all.
//!
//! A barrier line is due wherever a course crosses it. A barrier area is due for every stretch of a course that enters or
//! leaves it; a course that lies wholly inside is not charged again (how often would otherwise depend on how finely the
//! trench is cut into segments), but if the area may not be crossed nothing is dug inside it at all.

use geo::{BoundingRect, Coord};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::network::lines::{Pieces, clear_crossing, crossing, distance, pieces};
use crate::region::{Barrier, BarrierShape, Region, Road, RoadId};
use crate::scenario::PriceId;

/// A crossing this near an end of the course is a meeting there, not a crossing, in metres.
const AT_THE_END: f64 = 0.05;

/// Roads and barriers, indexed.
pub(super) struct Obstacles<'a> {
    region: &'a Region,
    roads: Pieces,
    any_undug: bool,
    barrier_lines: Vec<(u32, &'a [Coord<f64>])>,
    barriers: Pieces,
    /// Boxes around the areas in which nothing may be dug.
    closed: RTree<GeomWithData<Rectangle<[f64; 2]>, u32>>,
    /// An end of a road this near a trench is taken to end there, in metres.
    snap: f64,
}

/// What a course crosses, sorted; a price stands as often as it is due. Else the kind of what may not be crossed.
pub(super) type Crossings = Result<Vec<PriceId>, String>;

/// Which roads count.
#[derive(Clone, Copy)]
pub(super) enum Roads<'a> {
    /// For a trench along this road, or across the field: only those that may not be dug, since it meets all others at a
    /// node or on another level.
    Undug(Option<&'a Road>),
    /// For a drop: all but this one, which the drop ends at.
    AllBut(Option<RoadId>),
}

impl<'a> Obstacles<'a> {
    /// Indexes what may be in the way. Time: O(n log n).
    pub(super) fn new(region: &'a Region, snap: f64) -> Self {
        let mut barrier_lines: Vec<(u32, &[Coord<f64>])> = Vec::new();
        let mut closed = Vec::new();
        for (place, barrier) in region.barriers.iter().enumerate() {
            let place = place as u32;
            match &barrier.shape {
                BarrierShape::Line(line) => barrier_lines.push((place, &line.0)),
                BarrierShape::Area(area) => {
                    let rings = area.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
                    barrier_lines.extend(rings.map(|ring| (place, ring.0.as_slice())));
                    if let (None, Some(around)) = (barrier.crossing, area.bounding_rect()) {
                        let corners = Rectangle::from_corners(around.min().into(), around.max().into());
                        closed.push(GeomWithData::new(corners, place));
                    }
                }
            }
        }
        Self {
            region,
            roads: pieces(region.roads.iter().map(|road| road.line.0.as_slice())),
            any_undug: region.roads.iter().any(|road| road.trench.is_none()),
            barriers: pieces(barrier_lines.iter().map(|(_, points)| *points)),
            barrier_lines,
            closed: RTree::bulk_load(closed),
            snap: snap.max(AT_THE_END),
        }
    }

    /// Everything that a course crosses. Time: O(k log n) for k pieces, plus what is near.
    pub(super) fn crossed(&self, course: &[Coord<f64>], roads: Roads<'_>) -> Crossings {
        let mut due = match roads {
            Roads::Undug(along) => self.undug_crossed(course, along)?,
            Roads::AllBut(reached) => self.roads_crossed(course, reached)?,
        };
        due.extend(self.barriers_crossed(course)?);
        due.sort_unstable();
        Ok(due)
    }

    /// Whether nothing on a course may not be crossed.
    pub(super) fn barriers_may_be_crossed(&self, course: &[Coord<f64>]) -> bool {
        self.barriers_crossed(course).is_ok()
    }

    /// Whether a straight course meets a road other than these.
    pub(super) fn meets_a_road(&self, course: &[Coord<f64>; 2], but: [Option<RoadId>; 2]) -> bool {
        let near = self.roads.locate_in_envelope_intersecting(around(course));
        let mut others = near.filter(|near| !but.contains(&Some(RoadId(near.data.0))));
        others.any(|near| crossing(*course, self.road_piece(near.data).1).is_some())
    }

    /// Roads that a trench crosses on their level. Roads that only meet it at a shared point or end at it are joined to
    /// it by a junction, where it passes without a crossing; two roads with junction ids that cross pass on two levels.
    fn undug_crossed(&self, course: &[Coord<f64>], along: Option<&Road>) -> Crossings {
        let mut due = Vec::new();
        if !self.any_undug {
            return Ok(due);
        }
        let has_ids = along.is_some_and(|road| road.junctions.is_some());
        for ends in course.windows(2) {
            for near in self.roads.locate_in_envelope_intersecting(around(ends)) {
                let (road, theirs) = self.road_piece(near.data);
                let other_level = road.passes_over || (has_ids && road.junctions.is_some());
                if road.trench.is_some() || other_level {
                    continue;
                }
                let Some(point) = clear_crossing([ends[0], ends[1]], theirs) else { continue };
                if !near_an_end(course, point, AT_THE_END) && !near_an_end(&road.line.0, point, self.snap) {
                    due.push(price_of(road)?);
                }
            }
        }
        Ok(due)
    }

    fn roads_crossed(&self, course: &[Coord<f64>], reached: Option<RoadId>) -> Crossings {
        let mut due = Vec::new();
        for ends in course.windows(2) {
            for near in self.roads.locate_in_envelope_intersecting(around(ends)) {
                let (road, theirs) = self.road_piece(near.data);
                if road.passes_over || reached == Some(RoadId(near.data.0)) {
                    continue;
                }
                let Some(point) = crossing([ends[0], ends[1]], theirs) else { continue };
                if !near_an_end(course, point, AT_THE_END) {
                    due.push(price_of(road)?);
                }
            }
        }
        Ok(due)
    }

    fn road_piece(&self, (road, piece): (u32, u32)) -> (&'a Road, [Coord<f64>; 2]) {
        let road = &self.region.roads[road as usize];
        (road, [road.line.0[piece as usize], road.line.0[piece as usize + 1]])
    }

    fn barriers_crossed(&self, course: &[Coord<f64>]) -> Crossings {
        let mut met: Vec<u32> = Vec::new();
        for ends in course.windows(2) {
            for near in self.barriers.locate_in_envelope_intersecting(around(ends)) {
                let (barrier, theirs) = self.barrier_piece(near.data);
                if crossing([ends[0], ends[1]], theirs).is_some() {
                    met.push(barrier);
                }
            }
        }
        met.sort_unstable();
        let mut due = Vec::new();
        for times in met.chunk_by(|a, b| a == b) {
            let barrier = &self.region.barriers[times[0] as usize];
            let count = self.stretches(times[0], times.len(), course);
            let price = barrier.crossing.ok_or_else(|| barrier.kind.clone())?;
            due.extend(std::iter::repeat_n(price, count));
        }
        match course.first().and_then(|&start| self.closed_at(start)) {
            Some(barrier) => Err(barrier.kind.clone()),
            None => Ok(due),
        }
    }

    fn barrier_piece(&self, (line, piece): (u32, u32)) -> (u32, [Coord<f64>; 2]) {
        let (barrier, points) = self.barrier_lines[line as usize];
        (barrier, [points[piece as usize], points[piece as usize + 1]])
    }

    /// How often a barrier is due that a course meets so many times: each meeting of a line, each stretch in an area.
    fn stretches(&self, place: u32, meetings: usize, course: &[Coord<f64>]) -> usize {
        match &self.region.barriers[place as usize].shape {
            BarrierShape::Line(_) => meetings,
            BarrierShape::Area(_) => {
                let ends = [course.first(), course.last()].into_iter().flatten();
                let inside = ends.filter(|&&end| self.is_inside(place, end)).count();
                (meetings + inside).div_ceil(2)
            }
        }
    }

    /// The first area in which nothing may be dug that holds a point.
    fn closed_at(&self, point: Coord<f64>) -> Option<&'a Barrier> {
        let boxes = self.closed.locate_in_envelope_intersecting(AABB::from_point([point.x, point.y]));
        let holding = boxes.map(|found| found.data).filter(|&place| self.is_inside(place, point));
        holding.min().map(|place| &self.region.barriers[place as usize])
    }

    /// Whether an area holds a point, by the number of its edges to the right of it. Time: O(log n) plus that number.
    fn is_inside(&self, place: u32, point: Coord<f64>) -> bool {
        let BarrierShape::Area(area) = &self.region.barriers[place as usize].shape else { return false };
        let Some(bounds) = area.bounding_rect() else { return false };
        if bounds.max().x < point.x {
            return false;
        }
        let ray = AABB::from_corners([point.x, point.y], [bounds.max().x, point.y]);
        let right = self.barriers.locate_in_envelope_intersecting(ray).filter(|near| {
            let (barrier, [a, b]) = self.barrier_piece(near.data);
            barrier == place
                && (a.y > point.y) != (b.y > point.y)
                && point.x < a.x + (b.x - a.x) * (point.y - a.y) / (b.y - a.y)
        });
        right.count() % 2 == 1
    }
}

fn price_of(road: &Road) -> Result<PriceId, String> {
    road.crossing.ok_or_else(|| "a road".to_owned())
}

fn near_an_end(points: &[Coord<f64>], point: Coord<f64>, reach: f64) -> bool {
    [points.first(), points.last()].into_iter().flatten().any(|&end| distance(end, point) <= reach)
}

fn around(ends: &[Coord<f64>]) -> AABB<[f64; 2]> {
    AABB::from_corners([ends[0].x, ends[0].y], [ends[1].x, ends[1].y])
}
