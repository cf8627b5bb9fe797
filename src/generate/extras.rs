//! What a sound road network does not have but real data do: carriageways with ramps, loose ends, ditches.

use geo::Coord;
use rstar::RTree;

use crate::generate::course::{self, Course};
use crate::generate::dice::Dice;
use crate::generate::lattice::Place;
use crate::generate::roads::{Class, Piece, Road, Roads, Work, meets_other, pieces};
use crate::generate::terrain::{Kind, Obstacle, Terrain};

/// Half the distance between the two carriageways of a motorway, in metres.
const HALF_MOTORWAY: f64 = 14.0;
/// Where ramps leave the crossing road, and where they meet the carriageway, in metres from the crossing.
const RAMP: (f64, f64) = (105.0, 270.0);

/// Adds the carriageways of every motorway, joined by ramps to the provincial roads that cross it.
pub(super) fn add_motorways(roads: &mut Roads, terrain: &Terrain) {
    for (index, obstacle) in terrain.obstacles.iter().enumerate() {
        if obstacle.kind == Kind::Motorway {
            let number = 11 + index as u32 % 60;
            let carriageways = [1.0, -1.0].map(|side| add_carriageway(roads, terrain, obstacle, side, number));
            add_ramps(roads, terrain, index as u32, carriageways, number);
        }
    }
}

fn plain(ends: [u32; 2], course: Course, class: Class, number: Option<u32>) -> Road {
    Road { ends, course, class, place: Place::Fields, number, street: 0, cuts: vec![], works: vec![] }
}

/// One carriageway, left (1) or right (-1) of the middle; it runs on a bridge over every river.
fn add_carriageway(roads: &mut Roads, terrain: &Terrain, obstacle: &Obstacle, side: f64, number: u32) -> usize {
    let course = course::beside(&obstacle.course, side * HALF_MOTORWAY);
    let first = roads.nodes.len() as u32;
    roads.nodes.extend([course[0], course[course.len() - 1]]);
    let rivers: Vec<f64> = terrain
        .meetings(&course)
        .into_iter()
        .filter(|meeting| meeting.kind == Kind::River)
        .map(|meeting| meeting.metres)
        .collect();
    let road = roads.roads.len();
    roads.roads.push(plain([first, first + 1], course, Class::Motorway, Some(number)));
    for metres in rivers {
        let (from, to) = (metres - 75.0, metres + 75.0);
        if roads.may_cut(road, from) && roads.may_cut(road, to) {
            roads.cut(road, from);
            roads.cut(road, to);
            roads.roads[road].works.push((from, to, Work::Bridge));
        }
    }
    road
}

fn add_ramps(roads: &mut Roads, terrain: &Terrain, motorway: u32, carriageways: [usize; 2], number: u32) {
    let all = roads.roads.iter().enumerate().filter(|(_, road)| road.class != Class::Motorway);
    let tree: RTree<Piece> = RTree::bulk_load(all.flat_map(|(at, road)| pieces(at, &road.course)).collect());
    for road in 0..roads.roads.len() {
        if roads.roads[road].class != Class::Provincial {
            continue;
        }
        let meetings = terrain.meetings(&roads.roads[road].course);
        let [meeting] = meetings.iter().filter(|meeting| meeting.obstacle == motorway).collect::<Vec<_>>()[..] else {
            continue;
        };
        let legs = [meeting.metres - RAMP.0, meeting.metres + RAMP.0];
        let slips = [meeting.along - RAMP.1, meeting.along + RAMP.1];
        let ready = legs.iter().all(|&leg| roads.may_cut(road, leg))
            && carriageways.iter().all(|&way| slips.iter().all(|&slip| roads.may_cut(way, slip)));
        if !ready {
            continue;
        }
        let drawn: Vec<(usize, f64, f64, Course)> = legs
            .iter()
            .flat_map(|&leg| slips.map(|slip| (leg, slip)))
            .map(|(leg, slip)| draw_ramp(roads, terrain, motorway, carriageways, (road, leg), slip))
            .collect();
        let free = drawn.iter().all(|(_, _, _, course)| meets_other(&tree, course, |other| other != road).is_empty());
        if free {
            build_ramps(roads, road, drawn, number);
        }
    }
}

/// A ramp from a leg of the crossing road to the carriageway on its side.
fn draw_ramp(
    roads: &Roads,
    terrain: &Terrain,
    motorway: u32,
    carriageways: [usize; 2],
    (road, leg): (usize, f64),
    slip: f64,
) -> (usize, f64, f64, Course) {
    let middle = &terrain.obstacles[motorway as usize].course;
    let (start, _) = course::at(&roads.roads[road].course, leg);
    let (on_middle, direction) = course::at(middle, slip);
    let is_left = course::cross(direction, start - on_middle) > 0.0;
    let carriageway = carriageways[usize::from(!is_left)];
    let (end, _) = course::at(&roads.roads[carriageway].course, slip);
    let away = course::left_of(direction) * if is_left { 1.0 } else { -1.0 };
    let bend = course::to_millimetre(start + (end - start) * 0.5 - away * 22.0);
    (carriageway, leg, slip, vec![course::to_millimetre(start), bend, course::to_millimetre(end)])
}

fn build_ramps(roads: &mut Roads, road: usize, drawn: Vec<(usize, f64, f64, Course)>, number: u32) {
    let mut built: Vec<(usize, f64, u32)> = Vec::new();
    let mut node_at = |roads: &mut Roads, way: usize, metres: f64| {
        let known = built.iter().find(|&&(other, place, _)| other == way && (place - metres).abs() < 0.001);
        let node = known.map(|&(_, _, node)| node);
        node.unwrap_or_else(|| {
            let node = roads.cut(way, metres);
            built.push((way, metres, node));
            node
        })
    };
    for (carriageway, leg, slip, mut course) in drawn {
        let ends = [node_at(roads, road, leg), node_at(roads, carriageway, slip)];
        let last = course.len() - 1;
        (course[0], course[last]) = (roads.nodes[ends[0] as usize], roads.nodes[ends[1] as usize]);
        roads.roads.push(plain(ends, course, Class::Ramp, Some(number)));
    }
}

/// Adds two tiny roads that hang together with no other, as happens where a track was left out.
pub(super) fn add_loose_ends(roads: &mut Roads, seed: u64, terrain: &Terrain) {
    let mut dice = Dice::new(seed, "loose ends");
    let all = roads.roads.iter().enumerate();
    let mut tree: RTree<Piece> = RTree::bulk_load(all.flat_map(|(at, road)| pieces(at, &road.course)).collect());
    let mut left = 2;
    for _ in 0..400 {
        let start = course::to_millimetre(terrain.extent.anywhere(&mut dice, 500.0));
        let end = course::to_millimetre(start + dice.direction() * 170.0);
        let course = course::bent(&mut dice, start, end, 0.06);
        let longer = [start - (end - start) * 0.4, end + (end - start) * 0.4];
        let roomy = [-70.0, 0.0, 70.0].iter().all(|&side| {
            let wide = course::beside(&longer, side);
            meets_other(&tree, &wide, |_| true).is_empty() && terrain.meetings(&wide).is_empty()
        });
        if !roomy {
            continue;
        }
        let first = roads.nodes.len() as u32;
        roads.nodes.extend([start, end]);
        for piece in pieces(roads.roads.len(), &course) {
            tree.insert(piece);
        }
        roads.roads.push(plain([first, first + 1], course, Class::Track, None));
        roads.cut(roads.roads.len() - 1, 80.0);
        left -= 1;
        if left == 0 {
            return;
        }
    }
}

/// Adds ditches behind the yards: beside some roads, at 90 to 220 m, crossing no road.
pub(super) fn add_ditches(terrain: &mut Terrain, seed: u64, roads: &Roads) {
    let mut dice = Dice::new(seed, "ditches");
    let all = roads.roads.iter().enumerate();
    let tree: RTree<Piece> = RTree::bulk_load(all.flat_map(|(at, road)| pieces(at, &road.course)).collect());
    for road in &roads.roads {
        let total = course::length(&road.course);
        let suited = matches!(road.class, Class::Local | Class::Dike | Class::Provincial) && total > 350.0;
        if !suited || !dice.chance(0.4) {
            continue;
        }
        let gap = dice.between(90.0, 220.0) * dice.pick(&[-1.0, 1.0]);
        let (from, to) = (total * dice.between(0.05, 0.3), total * dice.between(0.7, 0.95));
        let count = (total / 110.0).ceil();
        let along = |share: f64| course::at(&road.course, from + (to - from) * share).0;
        let middle: Vec<Coord<f64>> = (0..=count as usize).map(|step| along(step as f64 / count)).collect();
        let course = course::beside(&middle, gap);
        let inside = course.iter().all(|&point| terrain.extent.clamp(point) == point);
        if inside && meets_other(&tree, &course, |_| true).is_empty() && terrain.meetings(&course).is_empty() {
            terrain.add(Obstacle { kind: Kind::Ditch, course });
        }
    }
}
