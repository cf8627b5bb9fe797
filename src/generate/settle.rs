//! Where people settle: villages with their streets laid out on a warped grid, and business parks at their edge.

use geo::Coord;
use rstar::RTree;
use rstar::primitives::GeomWithData;

use crate::generate::course;
use crate::generate::dice::Dice;
use crate::generate::names;
use crate::generate::terrain::{Kind, Terrain};

/// Corners of a village's outline.
const CORNERS: usize = 24;
/// Cosine and sine of the angle between two corners.
const TURN: (f64, f64) = (0.965_925_826_289_068_3, 0.258_819_045_102_520_74);

/// A village.
#[derive(Clone, Debug)]
pub(super) struct Village {
    pub(super) name: String,
    pub(super) middle: Coord<f64>,
    /// Direction of its main street.
    pub(super) axis: Coord<f64>,
    /// Addresses that it is to have.
    pub(super) addresses: u32,
    /// Typical distance from the middle to its edge, in metres.
    pub(super) radius: f64,
    /// Distances from the middle to the corners of its outline, by direction.
    reach: [f64; CORNERS],
    /// Street corners.
    pub(super) points: Vec<StreetCorner>,
}

/// A point where streets may meet.
#[derive(Clone, Copy, Debug)]
pub(super) struct StreetCorner {
    pub(super) point: Coord<f64>,
    /// Row of the grid; the main street is row 0.
    pub(super) row: i32,
}

/// A business park.
#[derive(Clone, Debug)]
pub(super) struct Park {
    pub(super) name: String,
    pub(super) middle: Coord<f64>,
    /// Corners, counter-clockwise.
    pub(super) outline: Vec<Coord<f64>>,
    pub(super) addresses: u32,
    /// Corners of its roads.
    pub(super) points: Vec<Coord<f64>>,
    pub(super) radius: f64,
}

/// Points found by place, each with its number.
type Places = RTree<GeomWithData<[f64; 2], u32>>;

/// Villages and parks.
pub(super) struct Settlements {
    pub(super) villages: Vec<Village>,
    pub(super) parks: Vec<Park>,
    village_places: Places,
    park_places: Places,
}

/// Share of all addresses that are in villages, and on parks.
const VILLAGE_SHARE: f64 = 0.47;
const PARK_SHARE: f64 = 0.035;
/// Addresses in an average village.
const AVERAGE_VILLAGE: f64 = 340.0;
/// Addresses for every street corner of a village.
const ADDRESSES_PER_CORNER: f64 = 15.0;
/// Typical distances between street corners along and across the rows of the grid, in metres.
const GRID: (f64, f64) = (125.0, 78.0);
/// No village or park is larger than this, in metres from its middle.
const LARGEST_RADIUS: f64 = 1600.0;

impl Settlements {
    /// Founds villages on open land, largest first, and lays parks beside the larger ones.
    pub(super) fn new(seed: u64, addresses: u32, terrain: &Terrain) -> Self {
        let mut dice = Dice::new(seed, "settlements");
        let wanted = f64::from(addresses) * VILLAGE_SHARE;
        let count = (wanted / AVERAGE_VILLAGE).round().max(1.0) as usize;
        let mut sizes: Vec<f64> = (0..count).map(|_| 0.3 + 2.4 * dice.unit() * dice.unit()).collect();
        sizes.sort_by(|a, b| b.total_cmp(a));
        let sum: f64 = sizes.iter().sum();
        let names = names::villages(&mut dice, count);
        let mut settlements = Self {
            villages: Vec::with_capacity(count),
            parks: vec![],
            village_places: RTree::new(),
            park_places: RTree::new(),
        };
        for (size, name) in sizes.into_iter().zip(names) {
            let village = settlements.found(&mut dice, terrain, name, (wanted * size / sum) as u32, count);
            let place = GeomWithData::new([village.middle.x, village.middle.y], settlements.villages.len() as u32);
            settlements.village_places.insert(place);
            settlements.villages.push(village);
        }
        settlements.lay_parks(&mut dice, terrain, f64::from(addresses) * PARK_SHARE);
        settlements
    }

    /// The village nearest to a point.
    pub(super) fn nearest_village(&self, point: Coord<f64>) -> u32 {
        self.village_places.nearest_neighbor([point.x, point.y]).map_or(0, |place| place.data)
    }

    /// Whether the point lies outside every village and park, all made wider by so many metres.
    pub(super) fn is_outside(&self, point: Coord<f64>, village_margin: f64, park_margin: f64) -> bool {
        let near = |places: &Places, margin: f64| -> Vec<u32> {
            let reach = LARGEST_RADIUS + margin;
            places.locate_within_distance([point.x, point.y], reach * reach).map(|place| place.data).collect()
        };
        let in_village = near(&self.village_places, village_margin)
            .into_iter()
            .any(|village| self.villages[village as usize].holds(point, village_margin));
        let in_park = near(&self.park_places, park_margin).into_iter().any(|park| {
            let park = &self.parks[park as usize];
            course::distance(park.middle, point) < park.radius + park_margin
        });
        !in_village && !in_park
    }

    /// Finds a place for a village: away from others and from rivers, railways and motorways; ever less so if need be.
    fn found(&self, dice: &mut Dice, terrain: &Terrain, name: String, addresses: u32, count: usize) -> Village {
        let corners = (f64::from(addresses) / ADDRESSES_PER_CORNER).clamp(4.0, 500.0);
        let radius = (corners * GRID.0 * GRID.1 / std::f64::consts::PI).sqrt();
        let apart = 0.8 * (terrain.extent.area() / count as f64).sqrt();
        let mut ease = 1.0;
        let middle = loop {
            let point = terrain.extent.anywhere(dice, radius + 500.0);
            let near = self.village_places.nearest_neighbor([point.x, point.y]);
            let gap = near.map_or(f64::MAX, |other| course::distance(point, village_point(other)));
            let clear = terrain.is_clear(point, |kind| match kind {
                Kind::River => (radius * 1.15 + 120.0) * ease,
                Kind::Rail => (radius * 0.9 + 60.0) * ease,
                Kind::Motorway => (radius * 1.2 + 280.0) * ease,
                Kind::Brook => 60.0 * ease,
                Kind::Ditch => 0.0,
            });
            if clear && gap > apart * ease {
                break course::to_millimetre(point);
            }
            ease *= 0.997;
        };
        let reach = outline_reach(dice, radius);
        let mut village =
            Village { name, middle, axis: dice.direction(), addresses, radius, reach, points: Vec::new() };
        village.lay_streets(dice, terrain);
        village
    }

    /// Lays a park beside every village of some size, and a second one beside large ones.
    fn lay_parks(&mut self, dice: &mut Dice, terrain: &Terrain, wanted: f64) {
        let hosts: Vec<u32> = (0..self.villages.len() as u32)
            .filter(|&village| village == 0 || self.villages[village as usize].addresses >= 330)
            .flat_map(|village| vec![village; if self.villages[village as usize].addresses >= 800 { 2 } else { 1 }])
            .collect();
        let shares: Vec<f64> = hosts.iter().map(|_| dice.between(0.5, 1.7)).collect();
        let sum: f64 = shares.iter().sum();
        for (host, share) in hosts.into_iter().zip(shares) {
            let addresses = (wanted * share / sum) as u32;
            if let Some(park) = self.lay_park(dice, terrain, host, addresses.min(150)) {
                let place = GeomWithData::new([park.middle.x, park.middle.y], self.parks.len() as u32);
                self.park_places.insert(place);
                self.parks.push(park);
            }
        }
    }

    fn lay_park(&self, dice: &mut Dice, terrain: &Terrain, host: u32, addresses: u32) -> Option<Park> {
        let village = &self.villages[host as usize];
        let columns = ((f64::from(addresses) / 9.0).sqrt() * 1.4).round().clamp(2.0, 7.0);
        let rows = (f64::from(addresses) / 6.0 / columns).round().clamp(2.0, 5.0);
        let (wide, deep) = (columns * 145.0 - 40.0, rows * 115.0 - 20.0);
        let radius = 0.5 * (wide * wide + deep * deep).sqrt();
        for _ in 0..60 {
            let gap = dice.pick(&[40.0, 60.0, 90.0, 450.0]);
            let direction = dice.direction();
            let middle = village.middle + direction * (village.edge(direction) + radius * 0.9 + gap);
            let inside = course::distance(terrain.extent.clamp(middle), middle) < 1.0;
            let clear = terrain.is_clear(middle, |kind| match kind {
                Kind::River | Kind::Motorway => radius + 120.0,
                Kind::Rail | Kind::Brook => radius * 0.8 + 30.0,
                Kind::Ditch => 0.0,
            });
            if inside && clear && self.is_outside(middle, radius * 0.8, radius + 60.0) {
                let along = course::left_of(direction);
                let name = names::park(dice, &village.name, self.parks.len());
                let shape = ParkShape { middle: course::to_millimetre(middle), along, columns, rows, wide, deep };
                return Some(shape.draw(dice, name, addresses, radius));
            }
        }
        None
    }
}

fn village_point(place: &GeomWithData<[f64; 2], u32>) -> Coord<f64> {
    Coord { x: place.geom()[0], y: place.geom()[1] }
}

/// A wobbly circle: two waves around the middle and a little noise.
fn outline_reach(dice: &mut Dice, radius: f64) -> [f64; CORNERS] {
    let (stretch, lobe) = (dice.direction(), dice.direction());
    let mut reach = [radius; CORNERS];
    for (corner, direction) in directions().into_iter().enumerate() {
        let along = direction.x * stretch.x + direction.y * stretch.y;
        let bulge = direction.x * lobe.x + direction.y * lobe.y;
        reach[corner] *= 0.86 + 0.3 * along * along + 0.12 * bulge + dice.around(0.05);
    }
    reach
}

/// Unit vectors to the corners of an outline, counter-clockwise from east; by turning, so that no platform differs.
fn directions() -> [Coord<f64>; CORNERS] {
    let mut directions = [Coord { x: 1.0, y: 0.0 }; CORNERS];
    for corner in 1..CORNERS {
        let last = directions[corner - 1];
        directions[corner] = Coord { x: last.x * TURN.0 - last.y * TURN.1, y: last.x * TURN.1 + last.y * TURN.0 };
    }
    directions
}

/// The corner in the direction most like this one.
fn likest(direction: Coord<f64>) -> usize {
    let alike = |corner: &Coord<f64>| corner.x * direction.x + corner.y * direction.y;
    let all = directions();
    (0..CORNERS).max_by(|&a, &b| alike(&all[a]).total_cmp(&alike(&all[b]))).unwrap_or(0)
}

impl Village {
    /// Distance from the middle to the edge in a direction, in metres.
    pub(super) fn edge(&self, direction: Coord<f64>) -> f64 {
        self.reach[likest(direction)]
    }

    /// Whether the outline, made wider by so many metres, holds the point.
    pub(super) fn holds(&self, point: Coord<f64>, margin: f64) -> bool {
        let gap = course::distance(self.middle, point);
        gap < LARGEST_RADIUS + margin && gap < self.edge(course::heading(self.middle, point)) + margin
    }

    /// A ring around the points, seen from the middle, at least so many metres outside each; counter-clockwise.
    pub(super) fn outline_around(&self, points: &[Coord<f64>], margin: f64) -> Vec<Coord<f64>> {
        let mut farthest = [0f64; CORNERS];
        for &point in points {
            let corner = likest(course::heading(self.middle, point));
            farthest[corner] = farthest[corner].max(course::distance(self.middle, point));
        }
        let widest = |corner: usize| {
            let neighbours = [corner + CORNERS - 1, corner, corner + 1].map(|near| farthest[near % CORNERS]);
            neighbours.into_iter().fold(0.0, f64::max) + margin
        };
        let directions = directions().into_iter().enumerate();
        directions.map(|(at, direction)| course::to_millimetre(self.middle + direction * widest(at))).collect()
    }

    /// Street corners on a grid that is bent, sheared and shaken; row 0 is the main street.
    fn lay_streets(&mut self, dice: &mut Dice, terrain: &Terrain) {
        let across = course::left_of(self.axis);
        let (bow, lean, phase) = (dice.around(0.22) / self.radius, dice.around(0.25), dice.around(0.5));
        let (along_count, row_count) =
            ((self.radius * 1.5 / GRID.0) as i32 + 1, (self.radius * 1.5 / GRID.1) as i32 + 1);
        let mut row_place = vec![0.0; 2 * row_count as usize + 1];
        for row in 1..=row_count as usize {
            let middle = row_count as usize;
            row_place[middle + row] = row_place[middle + row - 1] + GRID.1 * dice.between(0.82, 1.25);
            row_place[middle - row] = row_place[middle - row + 1] - GRID.1 * dice.between(0.82, 1.25);
        }
        for row in -row_count..=row_count {
            let place = row_place[(row + row_count) as usize];
            let shift = if row == 0 { 0.0 } else { phase * 30.0 + lean * place };
            for column in -along_count..=along_count {
                let u = f64::from(column) * GRID.0 + shift + dice.around(13.0);
                let v = place + bow * u * u + dice.around(6.0);
                let point = course::to_millimetre(self.middle + self.axis * u + across * v);
                let clear = terrain.is_clear(point, |kind| match kind {
                    Kind::River => 90.0,
                    Kind::Motorway => 150.0,
                    Kind::Rail => 40.0,
                    Kind::Brook => 30.0,
                    Kind::Ditch => 0.0,
                });
                if clear && self.holds(point, 0.0) {
                    self.points.push(StreetCorner { point, row });
                }
            }
        }
    }
}

/// The measures of a park that is about to be drawn.
struct ParkShape {
    middle: Coord<f64>,
    along: Coord<f64>,
    columns: f64,
    rows: f64,
    wide: f64,
    deep: f64,
}

impl ParkShape {
    fn draw(&self, dice: &mut Dice, name: String, addresses: u32, radius: f64) -> Park {
        let across = course::left_of(self.along);
        let place = |u: f64, v: f64| course::to_millimetre(self.middle + self.along * u + across * v);
        let mut points = Vec::new();
        for column in 0..self.columns as usize {
            for row in 0..self.rows as usize {
                let u = (column as f64 - (self.columns - 1.0) / 2.0) * 145.0 + dice.around(9.0);
                let v = (row as f64 - (self.rows - 1.0) / 2.0) * 115.0 + dice.around(7.0);
                points.push(place(u, v));
            }
        }
        let (u, v) = (self.wide / 2.0, self.deep / 2.0);
        let corners = [(-u, -v), (u, -v), (u, v), (-u, v)];
        let outline = corners.iter().map(|(u, v)| place(u + dice.around(14.0), v + dice.around(14.0))).collect();
        Park { name, middle: self.middle, outline, addresses, points, radius }
    }
}
