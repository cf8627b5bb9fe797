//! Where roads may meet, and which of those points neighbour each other.
//!
//! Points lie close together in villages and parks and far apart in the fields. Two neighbours are linked where no
//! third point lies between them: in the circle on their link (Gabriel graph), or more strictly in the lune of points
//! nearer to both than they are to each other (relative neighbourhood graph). Both are planar; the second is sparse,
//! connected, and looks much like a road map. Source: Toussaint, Pattern Recognition 12 (1980).

use geo::Coord;
use rstar::RTree;
use rstar::primitives::GeomWithData;
use spade::{DelaunayTriangulation, Point2, Triangulation};

use crate::generate::course::{self, distance};
use crate::generate::dice::Dice;
use crate::generate::settle::Settlements;
use crate::generate::terrain::{Extent, Kind, Terrain};

/// What surrounds a point or road.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Village(u32),
    Park(u32),
    Fields,
}

/// A point where roads may meet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) point: Coord<f64>,
    pub(super) place: Place,
    /// Row of the village's grid; 0 on its main street.
    pub(super) row: i32,
}

/// Two neighbouring spots, the smaller number first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link {
    pub(super) ends: [u32; 2],
    /// Whether they are relative neighbours; these links alone connect everything.
    pub(super) close: bool,
}

/// All points where roads may meet: those of villages, of parks, then those in the fields.
pub(super) fn spots(seed: u64, terrain: &Terrain, settlements: &Settlements) -> Vec<Spot> {
    let mut spots = Vec::new();
    for (index, village) in settlements.villages.iter().enumerate() {
        let place = Place::Village(index as u32);
        spots.extend(village.points.iter().map(|corner| Spot { point: corner.point, place, row: corner.row }));
    }
    for (index, park) in settlements.parks.iter().enumerate() {
        let place = Place::Park(index as u32);
        spots.extend(park.points.iter().map(|&point| Spot { point, place, row: 0 }));
    }
    let fields = in_fields(&mut Dice::new(seed, "fields"), terrain, settlements);
    spots.extend(fields.into_iter().map(|point| Spot { point, place: Place::Fields, row: 0 }));
    spots
}

/// Points in the fields, 340 to 700 m from each other: blocks are large in one part of the land, small in another.
fn in_fields(dice: &mut Dice, terrain: &Terrain, settlements: &Settlements) -> Vec<Coord<f64>> {
    let extent = terrain.extent;
    let grain = Grain::new(dice, extent);
    let mut near = Buckets::new(extent);
    let mut points: Vec<Coord<f64>> = Vec::new();
    for _ in 0..(extent.area() / 1e6 * 60.0) as usize {
        let point = course::to_millimetre(extent.anywhere(dice, 60.0));
        let apart = 340.0 + 360.0 * grain.at(point);
        if near.around(point).any(|other| distance(points[other as usize], point) < apart) {
            continue;
        }
        let clear = terrain.is_clear(point, |kind| match kind {
            Kind::River => 130.0,
            Kind::Motorway => 190.0,
            Kind::Rail => 80.0,
            Kind::Brook => 45.0,
            Kind::Ditch => 0.0,
        });
        if clear && settlements.is_outside(point, 200.0, 160.0) {
            near.add(point, points.len() as u32);
            points.push(point);
        }
    }
    points
}

/// How coarse the blocks of fields are, from 0 to 1, changing slowly over the land.
struct Grain {
    extent: Extent,
    columns: usize,
    values: Vec<f64>,
}

impl Grain {
    const CELL: f64 = 3000.0;

    fn new(dice: &mut Dice, extent: Extent) -> Self {
        let columns = (extent.width() / Self::CELL) as usize + 2;
        let rows = (extent.height() / Self::CELL) as usize + 2;
        Self { extent, columns, values: (0..columns * rows).map(|_| dice.unit()).collect() }
    }

    fn at(&self, point: Coord<f64>) -> f64 {
        let gap = (point - self.extent.low) / Self::CELL;
        let (column, row) = (gap.x as usize, gap.y as usize);
        let (u, v) = (gap.x.fract(), gap.y.fract());
        let value = |column: usize, row: usize| self.values[row * self.columns + column];
        let low = value(column, row) * (1.0 - u) + value(column + 1, row) * u;
        let high = value(column, row + 1) * (1.0 - u) + value(column + 1, row + 1) * u;
        low * (1.0 - v) + high * v
    }
}

/// Points by squares of one kilometre.
struct Buckets {
    extent: Extent,
    columns: usize,
    rows: usize,
    squares: Vec<Vec<u32>>,
}

impl Buckets {
    const SIDE: f64 = 1000.0;

    fn new(extent: Extent) -> Self {
        let columns = (extent.width() / Self::SIDE) as usize + 1;
        let rows = (extent.height() / Self::SIDE) as usize + 1;
        Self { extent, columns, rows, squares: vec![Vec::new(); columns * rows] }
    }

    fn square(&self, point: Coord<f64>) -> (usize, usize) {
        let gap = (point - self.extent.low) / Self::SIDE;
        ((gap.x as usize).min(self.columns - 1), (gap.y as usize).min(self.rows - 1))
    }

    fn add(&mut self, point: Coord<f64>, number: u32) {
        let (column, row) = self.square(point);
        self.squares[row * self.columns + column].push(number);
    }

    fn around(&self, point: Coord<f64>) -> impl Iterator<Item = u32> {
        let (column, row) = self.square(point);
        let rows = row.saturating_sub(1)..=(row + 1).min(self.rows - 1);
        rows.flat_map(move |row| {
            let columns = column.saturating_sub(1)..=(column + 1).min(self.columns - 1);
            columns.flat_map(move |column| self.squares[row * self.columns + column].iter().copied())
        })
    }
}

/// All links between neighbouring spots, in order. Time: O(n log n) for points spread like these.
pub(super) fn links(spots: &[Spot]) -> Vec<Link> {
    let points = spots.iter().map(|spot| Point2::new(spot.point.x, spot.point.y)).collect();
    let Ok(mesh) = DelaunayTriangulation::<Point2<f64>>::bulk_load_stable(points) else {
        return Vec::new();
    };
    let places = spots.iter().enumerate();
    let places = places.map(|(index, spot)| GeomWithData::new([spot.point.x, spot.point.y], index as u32)).collect();
    let places: RTree<GeomWithData<[f64; 2], u32>> = RTree::bulk_load(places);
    let mut links = Vec::new();
    for edge in mesh.undirected_edges() {
        let mut ends = edge.vertices().map(|vertex| vertex.fix().index() as u32);
        ends.sort_unstable();
        let [a, b] = ends.map(|end| spots[end as usize].point);
        let (middle, reach) = ((a + b) / 2.0, distance(a, b));
        let directed = edge.as_directed();
        let in_circle =
            [directed, directed.rev()].into_iter().filter_map(|side| side.opposite_vertex()).any(|vertex| {
                let point = Coord { x: vertex.position().x, y: vertex.position().y };
                distance(point, middle) < reach / 2.0
            });
        if !in_circle {
            let mut nearby = places.locate_within_distance([middle.x, middle.y], 0.76 * reach * reach);
            let in_lune = nearby.any(|other| {
                let point = spots[other.data as usize].point;
                distance(point, a) < reach && distance(point, b) < reach
            });
            links.push(Link { ends, close: !in_lune });
        }
    }
    links.sort_unstable();
    links
}
