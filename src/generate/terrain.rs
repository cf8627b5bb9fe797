//! The land before people: its extent, and the long lines that roads meet: rivers, brooks, railways, motorways.

use geo::Coord;
use rstar::primitives::{GeomWithData, Line};
use rstar::{AABB, RTree};

use crate::generate::course::{self, Course};
use crate::generate::dice::Dice;

/// A rectangle of land, in metres.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub(super) low: Coord<f64>,
    pub(super) high: Coord<f64>,
}

impl Extent {
    /// The land for so many addresses: about 35 to a square kilometre, in the Achterhoek, inside the Dutch grid.
    pub(super) fn for_addresses(addresses: u32) -> Self {
        let area = (f64::from(addresses) / 35.0).clamp(6.0, 60_000.0) * 1e6;
        let (width, height) = ((area * 1.1).sqrt().round(), (area / 1.1).sqrt().round());
        let middle = Coord { x: 230_000f64.min(295_000.0 - width / 2.0).round(), y: 450_000.0 };
        let half = Coord { x: (width / 2.0).round(), y: (height / 2.0).round() };
        Self { low: middle - half, high: middle + half }
    }

    pub(super) fn width(&self) -> f64 {
        self.high.x - self.low.x
    }

    pub(super) fn height(&self) -> f64 {
        self.high.y - self.low.y
    }

    /// Square metres.
    pub(super) fn area(&self) -> f64 {
        self.width() * self.height()
    }

    /// A point anywhere, at least so far from the border.
    pub(super) fn anywhere(&self, dice: &mut Dice, margin: f64) -> Coord<f64> {
        let margin = margin.min(self.width() / 3.0).min(self.height() / 3.0);
        Coord {
            x: dice.between(self.low.x + margin, self.high.x - margin),
            y: dice.between(self.low.y + margin, self.high.y - margin),
        }
    }

    /// The nearest point inside.
    pub(super) fn clamp(&self, point: Coord<f64>) -> Coord<f64> {
        Coord { x: point.x.clamp(self.low.x, self.high.x), y: point.y.clamp(self.low.y, self.high.y) }
    }
}

/// What a long line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    River,
    Brook,
    Ditch,
    Rail,
    Motorway,
}

/// A long line that roads cross seldom.
#[derive(Clone, Debug)]
pub(super) struct Obstacle {
    pub(super) kind: Kind,
    pub(super) course: Course,
}

type Piece = GeomWithData<Line<[f64; 2]>, (u32, f64)>;

/// All long lines, found by place.
pub(super) struct Terrain {
    pub(super) extent: Extent,
    pub(super) obstacles: Vec<Obstacle>,
    pieces: RTree<Piece>,
}

/// Where a course crosses an obstacle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meeting {
    /// Metres from the start of the course.
    pub(super) metres: f64,
    pub(super) kind: Kind,
    /// The obstacle, and metres from its start.
    pub(super) obstacle: u32,
    pub(super) along: f64,
}

impl Terrain {
    /// Draws rivers from south to north, brooks that flow into them, railways and motorways from west to east.
    pub(super) fn new(seed: u64, extent: Extent) -> Self {
        let mut dice = Dice::new(seed, "terrain");
        let mut obstacles = rivers(&mut dice, extent);
        let count = obstacles.len();
        for river in 0..count {
            let tributaries = brooks(&mut dice, extent, &obstacles[river].course, count);
            obstacles.extend(tributaries);
        }
        obstacles.extend(railways_and_motorways(&mut dice, extent));
        let pieces = obstacles.iter().enumerate().flat_map(|(index, obstacle)| pieces_of(index, obstacle)).collect();
        Self { extent, pieces: RTree::bulk_load(pieces), obstacles }
    }

    /// Adds ditches, which nothing that was drawn before has to heed.
    pub(super) fn add(&mut self, obstacle: Obstacle) {
        for piece in pieces_of(self.obstacles.len(), &obstacle) {
            self.pieces.insert(piece);
        }
        self.obstacles.push(obstacle);
    }

    /// Whether every obstacle keeps its distance from the point; the distance by kind, in metres.
    pub(super) fn is_clear(&self, point: Coord<f64>, distance: impl Fn(Kind) -> f64) -> bool {
        let widest = [Kind::River, Kind::Brook, Kind::Ditch, Kind::Rail, Kind::Motorway]
            .iter()
            .map(|&kind| distance(kind))
            .fold(0.0, f64::max);
        let corner = Coord { x: widest, y: widest };
        self.near(point - corner, point + corner).all(|piece| {
            let kind = self.obstacles[piece.data.0 as usize].kind;
            let [from, to] = ends(piece);
            course::distance_to_segment(point, [from, to]) > distance(kind)
        })
    }

    /// Where a course crosses obstacles, in order.
    pub(super) fn meetings(&self, line: &[Coord<f64>]) -> Vec<Meeting> {
        let mut meetings = Vec::new();
        let mut gone = 0.0;
        for pair in line.windows(2) {
            let step = course::distance(pair[0], pair[1]);
            for piece in self.near(pair[0], pair[1]) {
                if let Some(share) = course::crossing([pair[0], pair[1]], ends(piece)) {
                    let (obstacle, start) = piece.data;
                    let along = start + course::distance(ends(piece)[0], pair[0] + (pair[1] - pair[0]) * share);
                    let kind = self.obstacles[obstacle as usize].kind;
                    meetings.push(Meeting { metres: gone + share * step, kind, obstacle, along });
                }
            }
            gone += step;
        }
        meetings.sort_by(|a, b| a.metres.total_cmp(&b.metres).then(a.obstacle.cmp(&b.obstacle)));
        meetings.dedup_by(|a, b| a.obstacle == b.obstacle && (a.metres - b.metres).abs() < 0.01);
        meetings
    }

    fn near(&self, a: Coord<f64>, b: Coord<f64>) -> impl Iterator<Item = &Piece> {
        self.pieces.locate_in_envelope_intersecting(AABB::from_corners([a.x, a.y], [b.x, b.y]))
    }
}

fn ends(piece: &Piece) -> [Coord<f64>; 2] {
    let line = piece.geom();
    [Coord { x: line.from[0], y: line.from[1] }, Coord { x: line.to[0], y: line.to[1] }]
}

fn pieces_of(index: usize, obstacle: &Obstacle) -> Vec<Piece> {
    let mut gone = 0.0;
    let piece = |pair: &[Coord<f64>]| {
        let line = Line::new([pair[0].x, pair[0].y], [pair[1].x, pair[1].y]);
        let start = gone;
        gone += course::distance(pair[0], pair[1]);
        GeomWithData::new(line, (index as u32, start))
    };
    obstacle.course.windows(2).map(piece).collect()
}

fn rivers(dice: &mut Dice, extent: Extent) -> Vec<Obstacle> {
    let count = (extent.width() / 25_000.0).round().max(1.0) as usize;
    let room = extent.width() / count as f64;
    let calm = (room / 9000.0).min(1.0);
    let waves = [(2300.0, 1500.0 * calm), (800.0, 420.0 * calm)];
    let draw = |index: usize| {
        let middle = extent.low.x + room * (index as f64 + dice.between(0.3, 0.42));
        let slant = 0.1 * room * calm;
        let from = Coord { x: middle + slant, y: extent.low.y };
        let to = Coord { x: middle - slant, y: extent.high.y };
        let course = course::wavering(dice, from, to, &waves, 70.0);
        Obstacle { kind: Kind::River, course: course.into_iter().map(|point| extent.clamp(point)).collect() }
    };
    (0..count).map(draw).collect()
}

fn brooks(dice: &mut Dice, extent: Extent, river: &[Coord<f64>], river_count: usize) -> Vec<Obstacle> {
    let room = extent.width() / river_count as f64;
    let mut brooks = Vec::new();
    for side in [-1.0, 1.0] {
        let mut y = extent.low.y + dice.between(900.0, 2600.0);
        while y < extent.high.y - 600.0 {
            let end = river[nearest_by_height(river, y)];
            let reach = dice.between(0.25, 0.52) * room;
            let spring = extent.clamp(Coord { x: end.x + side * reach.min(11_000.0), y: y + dice.around(500.0) });
            y += dice.between(2900.0, 4300.0);
            if course::distance(spring, end) < 600.0 {
                continue;
            }
            let waves = [(1500.0, 560.0), (420.0, 150.0)];
            let beyond = Coord { x: end.x - side * 1500.0, y: end.y };
            let course = course::wavering(dice, spring, beyond, &waves, 45.0);
            let course: Course = course.into_iter().map(|point| extent.clamp(point)).collect();
            brooks.extend(until_mouth(&course, river).map(|course| Obstacle { kind: Kind::Brook, course }));
        }
    }
    brooks
}

fn nearest_by_height(river: &[Coord<f64>], y: f64) -> usize {
    river.partition_point(|point| point.y < y).min(river.len() - 1)
}

/// The course up to where it first meets the river; `None` where it never does.
fn until_mouth(brook: &[Coord<f64>], river: &[Coord<f64>]) -> Option<Course> {
    for (index, pair) in brook.windows(2).enumerate() {
        let first = nearest_by_height(river, pair[0].y.min(pair[1].y) - 300.0).saturating_sub(1);
        let last = (nearest_by_height(river, pair[0].y.max(pair[1].y) + 300.0) + 2).min(river.len());
        for reach in river[first..last].windows(2) {
            if let Some(share) = course::crossing([pair[0], pair[1]], [reach[0], reach[1]]) {
                let mouth = course::to_millimetre(pair[0] + (pair[1] - pair[0]) * share);
                let mut course = brook[..=index].to_vec();
                course.push(mouth);
                return Some(course);
            }
        }
    }
    None
}

fn railways_and_motorways(dice: &mut Dice, extent: Extent) -> Vec<Obstacle> {
    let count = (extent.height() / 32_000.0).round().max(1.0) as usize;
    let room = extent.height() / count as f64;
    let calm = (room / 9000.0).min(1.0);
    let mut lines = Vec::new();
    for index in 0..count {
        for (kind, place, wave) in [(Kind::Motorway, 0.15, 500.0), (Kind::Rail, 0.63, 700.0)] {
            let y = extent.low.y + room * (index as f64 + place);
            let (tilt_from, tilt_to) = (dice.around(0.05 * room), dice.around(0.05 * room));
            let from = Coord { x: extent.low.x, y: y + tilt_from };
            let to = Coord { x: extent.high.x, y: y + tilt_to };
            let course = course::wavering(dice, from, to, &[(5000.0, wave * calm)], 90.0);
            lines.push(Obstacle { kind, course: course.into_iter().map(|point| extent.clamp(point)).collect() });
        }
    }
    lines
}
