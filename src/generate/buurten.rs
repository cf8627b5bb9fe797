//! Neighbourhoods as in the CBS map: the land nearest to each village, hamlet and stretch of fields, with figures.

use geo::Coord;
use rstar::RTree;
use rstar::primitives::GeomWithData;
use spade::{DelaunayTriangulation, Point2, Triangulation};

use crate::generate::addresses::municipality_code;
use crate::generate::course;
use crate::generate::dice::Dice;
use crate::generate::houses::{DWELLING, House, Housing};
use crate::generate::names;
use crate::generate::settle::{Settlements, Village};
use crate::generate::table::{add, layer, polygon, text, whole};
use crate::generate::terrain::Extent;
use crate::geodata::{ColumnKind, Layer};

/// How the CBS writes a figure that it keeps secret.
const SECRET: i64 = -99_997;

/// A neighbourhood before it is drawn.
struct Seed {
    point: Coord<f64>,
    name: String,
    village: u32,
}

/// The layer of neighbourhoods; they cover the whole extent.
pub(super) fn buurten(seed: u64, extent: Extent, settlements: &Settlements, housing: &Housing) -> Layer {
    let mut dice = Dice::new(seed, "neighbourhoods");
    let columns = [
        ("BU_CODE", ColumnKind::Text),
        ("BU_NAAM", ColumnKind::Text),
        ("WATER", ColumnKind::Text),
        ("OAD", ColumnKind::Integer),
        ("AANT_INW", ColumnKind::Integer),
        ("P_65_EO_JR", ColumnKind::Integer),
    ];
    let mut layer = layer("buurten", &columns);
    let seeds = seeds(&mut dice, extent, settlements);
    let figures = figures(extent, &seeds, &housing.houses);
    for (index, (cell, seed)) in cells(extent, &seeds).into_iter().zip(&seeds).enumerate() {
        let figure = figures[index];
        let inhabitants = (f64::from(figure.dwellings) * 2.3 / 5.0).round() as i64 * 5;
        let old = if inhabitants < 50 { SECRET } else { 15 + dice.below(20) as i64 };
        let density = if figure.addresses == 0 {
            SECRET
        } else {
            (figure.neighbours / f64::from(figure.addresses) / std::f64::consts::PI).round() as i64
        };
        let code = format!("BU{:04}{:04}", municipality_code(seed.village), index % 10_000);
        let inhabitants = if inhabitants == 0 { SECRET } else { inhabitants };
        let values = vec![text(code), text(&*seed.name), text("NEE"), whole(density), whole(inhabitants), whole(old)];
        add(&mut layer, polygon(&cell), values);
    }
    layer
}

/// Villages first, then points in the fields 0.8 to 2 km or more from those before.
fn seeds(dice: &mut Dice, extent: Extent, settlements: &Settlements) -> Vec<Seed> {
    let village_seed = |(index, village): (usize, &Village)| Seed {
        point: village.middle,
        name: village.name.clone(),
        village: index as u32,
    };
    let mut seeds: Vec<Seed> = settlements.villages.iter().enumerate().map(village_seed).collect();
    let mut places: RTree<[f64; 2]> = RTree::bulk_load(seeds.iter().map(|seed| [seed.point.x, seed.point.y]).collect());
    for _ in 0..(extent.area() / 5e5) as usize {
        let point = course::to_millimetre(extent.anywhere(dice, 400.0));
        let apart = dice.between(800.0, 2000.0);
        if places.locate_within_distance([point.x, point.y], apart * apart).next().is_none() {
            let village = settlements.nearest_village(point);
            let name = format!("Verspreide huizen {}", names::outskirts(dice));
            places.insert([point.x, point.y]);
            seeds.push(Seed { point, name, village });
        }
    }
    seeds
}

/// The land nearest to each seed (Voronoi cell): the extent, cut by the bisector with each Delaunay neighbour.
fn cells(extent: Extent, seeds: &[Seed]) -> Vec<Vec<Coord<f64>>> {
    let corner = |x, y| Coord { x, y };
    let whole = vec![extent.low, corner(extent.high.x, extent.low.y), extent.high, corner(extent.low.x, extent.high.y)];
    let mut cells = vec![whole; seeds.len()];
    let points = seeds.iter().map(|seed| Point2::new(seed.point.x, seed.point.y)).collect();
    let Ok(mesh) = DelaunayTriangulation::<Point2<f64>>::bulk_load_stable(points) else {
        return cells;
    };
    for edge in mesh.undirected_edges() {
        let [a, b] = edge.vertices().map(|vertex| vertex.fix().index());
        cells[a] = nearer(&cells[a], seeds[a].point, seeds[b].point);
        cells[b] = nearer(&cells[b], seeds[b].point, seeds[a].point);
    }
    let round = |cell: Vec<Coord<f64>>| cell.into_iter().map(course::to_millimetre).collect();
    cells.into_iter().map(round).collect()
}

/// The part of a convex ring that is nearer to one point than to the other.
fn nearer(ring: &[Coord<f64>], to: Coord<f64>, than: Coord<f64>) -> Vec<Coord<f64>> {
    let (middle, away) = ((to + than) / 2.0, than - to);
    let beyond = |point: Coord<f64>| (point.x - middle.x) * away.x + (point.y - middle.y) * away.y;
    let mut kept = Vec::with_capacity(ring.len() + 1);
    for (index, &point) in ring.iter().enumerate() {
        let next = ring[(index + 1) % ring.len()];
        let (here, there) = (beyond(point), beyond(next));
        if here <= 0.0 {
            kept.push(point);
        }
        if (here < 0.0 && there > 0.0) || (here > 0.0 && there < 0.0) {
            kept.push(point + (next - point) * (here / (here - there)));
        }
    }
    kept
}

/// What is counted in a neighbourhood.
#[derive(Clone, Copy, Default)]
struct Figure {
    addresses: u32,
    dwellings: u32,
    /// Addresses within one kilometre, summed over the addresses.
    neighbours: f64,
}

/// Counts by neighbourhood; the address density as the CBS takes it, from squares of 100 m.
fn figures(extent: Extent, seeds: &[Seed], houses: &[House]) -> Vec<Figure> {
    let places = seeds.iter().enumerate();
    let places = places.map(|(index, seed)| GeomWithData::new([seed.point.x, seed.point.y], index)).collect();
    let places: RTree<GeomWithData<[f64; 2], usize>> = RTree::bulk_load(places);
    let squares = Squares::new(extent, houses);
    let mut figures = vec![Figure::default(); seeds.len()];
    for house in houses {
        let nearest = places.nearest_neighbor([house.point.x, house.point.y]).map_or(0, |place| place.data);
        let figure = &mut figures[nearest];
        figure.addresses += house.count;
        figure.dwellings += if house.uses.contains(DWELLING) { house.count } else { 0 };
        figure.neighbours += f64::from(house.count) * squares.within_a_kilometre(house.point);
    }
    figures
}

/// Addresses by square of 100 m, summed from the left, so that a row's count takes two look-ups.
struct Squares {
    extent: Extent,
    columns: usize,
    rows: usize,
    sums: Vec<u32>,
}

impl Squares {
    const SIDE: f64 = 100.0;

    fn new(extent: Extent, houses: &[House]) -> Self {
        let columns = (extent.width() / Self::SIDE) as usize + 1;
        let rows = (extent.height() / Self::SIDE) as usize + 1;
        let mut squares = Self { extent, columns, rows, sums: vec![0; (columns + 1) * rows] };
        for house in houses {
            let (column, row) = squares.square(house.point);
            squares.sums[row * (columns + 1) + column + 1] += house.count;
        }
        for row in squares.sums.chunks_mut(columns + 1) {
            for column in 1..=columns {
                row[column] += row[column - 1];
            }
        }
        squares
    }

    fn square(&self, point: Coord<f64>) -> (usize, usize) {
        let gap = (point - self.extent.low) / Self::SIDE;
        ((gap.x as usize).min(self.columns - 1), (gap.y as usize).min(self.rows - 1))
    }

    fn within_a_kilometre(&self, point: Coord<f64>) -> f64 {
        const REACH: usize = 10;
        let (column, row) = self.square(point);
        let mut count = 0;
        for other in row.saturating_sub(REACH)..=(row + REACH).min(self.rows - 1) {
            let up = other.abs_diff(row);
            let half = ((REACH * REACH - up * up) as f64).sqrt() as usize;
            let start = other * (self.columns + 1);
            let last = (column + half).min(self.columns - 1);
            count += self.sums[start + last + 1] - self.sums[start + column.saturating_sub(half)];
        }
        f64::from(count)
    }
}
