//! Areas: business parks as in IBIS, neighbourhoods as in the CBS map, built-up areas, waters, farmyards; and PoPs.

use geo::{ConvexHull, Coord, MultiPoint, Point};

use crate::generate::course;
use crate::generate::dice::Dice;
use crate::generate::houses::Housing;
use crate::generate::lattice::Place;
use crate::generate::roads::Roads;
use crate::generate::settle::Settlements;
use crate::generate::site::Site;
use crate::generate::table::{add, layer, point, polygon, text, whole};
use crate::generate::terrain::Terrain;
use crate::geodata::{ColumnKind, Layer, Value};

/// The layer of business parks; some come twice, with the year before and less land.
pub(super) fn bedrijventerreinen(seed: u64, settlements: &Settlements) -> Layer {
    let mut dice = Dice::new(seed, "park records");
    let columns = [
        ("RIN_NUMMER", ColumnKind::Text),
        ("PLAN_NAAM", ColumnKind::Text),
        ("JAAR", ColumnKind::Integer),
        ("HA_BRUTO", ColumnKind::Real),
    ];
    let mut layer = layer("bedrijventerreinen", &columns);
    for (index, park) in settlements.parks.iter().enumerate() {
        let number = format!("{:06}", 51_000 + 7 * index);
        let mut record = |outline: &[Coord<f64>], year: i64| {
            let hectares = (area(outline) / 100.0).round() / 100.0;
            add(
                &mut layer,
                polygon(outline),
                vec![text(&*number), text(&*park.name), whole(year), Value::Real(hectares)],
            );
        };
        if index == 0 || dice.chance(0.2) {
            let smaller = |corner: &Coord<f64>| course::to_millimetre(park.middle + (*corner - park.middle) * 0.85);
            record(&park.outline.iter().map(smaller).collect::<Vec<_>>(), 2023);
        }
        record(&park.outline, 2024);
    }
    layer
}

/// Square metres of a simple ring (shoelace formula).
fn area(ring: &[Coord<f64>]) -> f64 {
    let sides = (0..ring.len()).map(|at| course::cross(ring[at] - ring[0], ring[(at + 1) % ring.len()] - ring[0]));
    (sides.sum::<f64>() / 2.0).abs()
}

/// The layer of built-up areas: villages, and hamlets of 25 addresses or more.
pub(super) fn kernen(settlements: &Settlements, roads: &Roads, housing: &Housing) -> Layer {
    let mut layer = layer("kernen", &[("code", ColumnKind::Text), ("naam", ColumnKind::Text)]);
    let mut points = vec![Vec::new(); settlements.villages.len()];
    for house in &housing.houses {
        if let Place::Village(village) = roads.roads[house.road as usize].place {
            points[village as usize].push(house.point);
        }
    }
    for (village, points) in settlements.villages.iter().zip(points).filter(|(_, points)| !points.is_empty()) {
        let code = format!("BK{:05}", layer.features.len() + 1);
        add(&mut layer, polygon(&village.outline_around(&points, 30.0)), vec![text(code), text(&*village.name)]);
    }
    for hamlet in housing.hamlets.iter().filter(|hamlet| hamlet.len() >= 25) {
        let points: Vec<Point<f64>> = hamlet.iter().map(|&at| Point(housing.houses[at as usize].point)).collect();
        let middle = points.iter().fold(Coord { x: 0.0, y: 0.0 }, |sum, at| sum + at.0) / points.len() as f64;
        let hull = MultiPoint(points).convex_hull();
        let wider = |corner: &Coord<f64>| course::to_millimetre(*corner + course::heading(middle, *corner) * 28.0);
        let ring: Vec<Coord<f64>> = hull.exterior().0.iter().map(wider).collect();
        let village = &settlements.villages[settlements.nearest_village(middle) as usize].name;
        let code = format!("BK{:05}", layer.features.len() + 1);
        add(&mut layer, polygon(&ring), vec![text(code), text(format!("Buurtschap bij {village}"))]);
    }
    layer
}

/// The layer of water areas: ponds. Rivers are lines only, so that nobody pays for crossing one twice.
pub(super) fn waterdelen(seed: u64, terrain: &Terrain, site: &Site) -> Layer {
    let mut dice = Dice::new(seed, "ponds");
    let mut layer = layer("waterdelen", &[("naam", ColumnKind::Text), ("type", ColumnKind::Text)]);
    let wanted = (terrain.extent.area() / 6e6).ceil() as usize;
    for _ in 0..wanted {
        let radius = dice.between(18.0, 75.0);
        let middle = terrain.extent.anywhere(&mut dice, 300.0);
        let room = radius * 1.3 + 25.0;
        let dry = terrain.is_clear(middle, |_| room + 20.0);
        if dry && site.road_gap(middle, room) && site.suits(terrain, middle, room) {
            let ring = blob(&mut dice, middle, radius);
            add(&mut layer, polygon(&ring), vec![Value::Null, text("watervlakte")]);
        }
    }
    layer
}

/// A wobbly ring of sixteen corners.
fn blob(dice: &mut Dice, middle: Coord<f64>, radius: f64) -> Vec<Coord<f64>> {
    const TURN: (f64, f64) = (0.923_879_532_511_286_7, 0.382_683_432_365_089_8);
    let mut direction = dice.direction();
    let stretch = dice.direction();
    let mut ring = Vec::with_capacity(16);
    for _ in 0..16 {
        let along = direction.x * stretch.x + direction.y * stretch.y;
        let reach = radius * (0.7 + 0.45 * along * along + dice.around(0.07));
        ring.push(course::to_millimetre(middle + direction * reach));
        direction =
            Coord { x: direction.x * TURN.0 - direction.y * TURN.1, y: direction.x * TURN.1 + direction.y * TURN.0 };
    }
    ring
}

/// The layer of farmyards: a crooked rectangle around every farm, square to its road.
pub(super) fn boerenerven(seed: u64, roads: &Roads, housing: &Housing) -> Layer {
    let mut dice = Dice::new(seed, "yards");
    let mut layer = layer("boerenerven", &[("id", ColumnKind::Integer)]);
    for farm in housing.houses.iter().filter(|house| house.is_farm) {
        let (_, along) = course::at(&roads.roads[farm.road as usize].course, farm.metres);
        let across = course::left_of(along);
        let (wide, deep) = (dice.between(22.0, 45.0), dice.between(16.0, 30.0));
        let corner = |(u, v): (f64, f64)| {
            let (u, v) = (u * wide + dice.around(5.0), v * deep + dice.around(5.0));
            course::to_millimetre(farm.point + along * u + across * v)
        };
        let ring: Vec<Coord<f64>> = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(corner).to_vec();
        let id = layer.features.len() as i64 + 1;
        add(&mut layer, polygon(&ring), vec![whole(id)]);
    }
    layer
}

/// The layer of PoPs: one exists for every dozen villages; every other larger village and some parks offer a place.
pub(super) fn pops(seed: u64, settlements: &Settlements, site: &Site) -> Layer {
    let mut dice = Dice::new(seed, "pops");
    let columns = [
        ("id", ColumnKind::Text),
        ("soort", ColumnKind::Text),
        ("prijs", ColumnKind::Integer),
        ("capaciteit", ColumnKind::Integer),
    ];
    let mut layer = layer("pops", &columns);
    for (index, village) in settlements.villages.iter().enumerate() {
        let existing = index % 12 == 0;
        if !existing && village.addresses < 260 {
            continue;
        }
        let direction = dice.direction();
        let at = free_spot(&mut dice, site, village.middle + direction * village.edge(direction) * 0.9, 60.0);
        add_pop(&mut layer, &mut dice, at, existing);
    }
    for park in &settlements.parks {
        if dice.chance(0.4) {
            let at = free_spot(&mut dice, site, park.middle, 40.0);
            add_pop(&mut layer, &mut dice, at, false);
        }
    }
    layer
}

fn add_pop(layer: &mut Layer, dice: &mut Dice, at: Coord<f64>, existing: bool) {
    let id = format!("POP{:03}", layer.features.len() + 1);
    let price = if existing { 0 } else { 1000 * (65 + dice.below(36) as i64) };
    let capacity = dice.pick(&[2000i64, 3000, 3000, 4000]);
    let kind = if existing { "existing" } else { "candidate" };
    add(layer, point(at), vec![text(id), text(kind), whole(price), whole(capacity)]);
}

/// A spot near the given one, at least 10 m from every road.
fn free_spot(dice: &mut Dice, site: &Site, near: Coord<f64>, reach: f64) -> Coord<f64> {
    let mut at = near;
    for _ in 0..30 {
        at = near + dice.direction() * dice.between(0.0, reach);
        if site.road_gap(at, 10.0) {
            break;
        }
    }
    course::to_millimetre(at)
}
