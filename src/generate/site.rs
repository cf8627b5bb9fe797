//! Whether there is room for a house.

use geo::Coord;
use rstar::{AABB, RTree};

use crate::generate::course;
use crate::generate::houses::House;
use crate::generate::roads::{self, Piece, Roads};
use crate::generate::terrain::{Kind, Terrain};

/// What stands on the land already.
pub(super) struct Site {
    roads: RTree<Piece>,
    houses: RTree<[f64; 2]>,
}

impl Site {
    /// The land with these roads and houses.
    pub(super) fn new(roads: &Roads, houses: &[House]) -> Self {
        let all = roads.roads.iter().enumerate();
        let pieces = all.flat_map(|(at, road)| roads::pieces(at, &road.course)).collect();
        let houses = houses.iter().map(|house| [house.point.x, house.point.y]).collect();
        Self { roads: RTree::bulk_load(pieces), houses: RTree::bulk_load(houses) }
    }

    /// Remembers a house.
    pub(super) fn take(&mut self, point: Coord<f64>) {
        self.houses.insert([point.x, point.y]);
    }

    /// Remembers a road.
    pub(super) fn pave(&mut self, number: usize, line: &[Coord<f64>]) {
        for piece in roads::pieces(number, line) {
            self.roads.insert(piece);
        }
    }

    /// Whether a house fits there: so many metres from any other, and away from waters and rails.
    pub(super) fn suits(&self, terrain: &Terrain, point: Coord<f64>, gap: f64) -> bool {
        let free = self.houses.locate_within_distance([point.x, point.y], gap * gap).next().is_none();
        let inside = terrain.extent.clamp(point) == point;
        free && inside
            && terrain.is_clear(point, |kind| match kind {
                Kind::River | Kind::Motorway => 65.0,
                Kind::Brook => 16.0,
                Kind::Ditch => 8.0,
                Kind::Rail => 22.0,
            })
    }

    /// Whether a straight drive from a road leads there: over no other road, river, brook or railway.
    ///
    /// The place must also be at least `gap` metres from every road.
    pub(super) fn is_reached(&self, terrain: &Terrain, foot: Coord<f64>, point: Coord<f64>, gap: f64) -> bool {
        let off_road = foot + course::heading(foot, point) * 2.0;
        let drive = [off_road, point];
        let crosses = !roads::meets_other(&self.roads, &drive, |_| true).is_empty();
        let wet = terrain.meetings(&drive).iter().any(|meeting| meeting.kind != Kind::Ditch);
        !crosses && !wet && self.road_gap(point, gap)
    }

    /// Whether every road keeps so many metres from the point.
    pub(super) fn road_gap(&self, point: Coord<f64>, gap: f64) -> bool {
        let envelope = AABB::from_corners([point.x - gap, point.y - gap], [point.x + gap, point.y + gap]);
        let mut near = self.roads.locate_in_envelope_intersecting(envelope);
        near.all(|piece| course::distance_to_segment(point, roads::ends_of(piece)) > gap)
    }

    /// Whether the line meets no road.
    pub(super) fn is_free(&self, line: &[Coord<f64>]) -> bool {
        roads::meets_other(&self.roads, line, |_| true).is_empty()
    }
}
