//! Streets: roads that go on straight ahead share a name.

use std::collections::{BTreeMap, BTreeSet};

use geo::Coord;

use crate::generate::course;
use crate::generate::dice::Dice;
use crate::generate::lattice::Place;
use crate::generate::names;
use crate::generate::roads::{Class, Road, Roads};
use crate::generate::settle::Settlements;

/// A street and the village that it belongs to.
#[derive(Clone, Debug)]
pub(super) struct Street {
    pub(super) name: String,
    pub(super) village: u32,
    /// Its roads, from one end to the other, each with whether it is walked against its direction.
    pub(super) roads: Vec<(u32, bool)>,
    /// Postcode, as `7021AB`.
    pub(super) postcode: String,
}

/// Joins roads to streets and names them; every road gets its street.
pub(super) fn name_streets(seed: u64, roads: &mut Roads, settlements: &Settlements) -> Vec<Street> {
    let next = straight_on(roads);
    let mut dice = Dice::new(seed, "street names");
    let mut taken: BTreeSet<(u32, String)> = BTreeSet::new();
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    let mut streets: Vec<Street> = Vec::new();
    let mut done = vec![false; roads.roads.len()];
    for start in 0..roads.roads.len() {
        if done[start] {
            continue;
        }
        let walked = walk(roads, &next, start, &mut done);
        for &(road, _) in &walked {
            roads.roads[road as usize].street = streets.len() as u32;
        }
        let (point, _) = course::at(&roads.roads[walked[walked.len() / 2].0 as usize].course, 50.0);
        let village = settlements.nearest_village(point);
        let count = counts.entry(village).or_default();
        let postcode = postcode(village, *count);
        *count += 1;
        let name = free_name(&mut dice, roads, settlements, (start, village), &mut taken);
        streets.push(Street { name, village, roads: walked, postcode });
    }
    streets
}

/// `7000` upwards by village, two letters by street.
fn postcode(village: u32, street: usize) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPRSTVWXZ";
    let (first, second) = (LETTERS[street / LETTERS.len() % LETTERS.len()], LETTERS[street % LETTERS.len()]);
    format!("{}{}{}", 7000 + village % 2900, char::from(first), char::from(second))
}

/// Roads with the same key may belong to one street.
fn key(road: &Road) -> (Class, Place, Option<u32>) {
    let number = matches!(road.class, Class::Provincial | Class::Motorway).then_some(road.number).flatten();
    (road.class, road.place, number)
}

/// For both ends of each road, the road that goes on there, if any.
fn straight_on(roads: &Roads) -> Vec<[Option<u32>; 2]> {
    let mut ends: Vec<(u32, u32, usize)> = Vec::new();
    for (index, road) in roads.roads.iter().enumerate() {
        ends.extend((0..2).map(|side| (road.ends[side], index as u32, side)));
    }
    ends.sort_unstable();
    let mut next = vec![[None; 2]; roads.roads.len()];
    for meeting in ends.chunk_by(|a, b| a.0 == b.0) {
        let mut pairs = Vec::new();
        for (at, &(_, a, side_a)) in meeting.iter().enumerate() {
            for &(_, b, side_b) in &meeting[at + 1..] {
                let (one, other) = (&roads.roads[a as usize], &roads.roads[b as usize]);
                let (out_one, out_other) = (outward(&one.course, side_a), outward(&other.course, side_b));
                let turn = out_one.x * out_other.x + out_one.y * out_other.y;
                if a != b && key(one) == key(other) && turn < -0.65 {
                    pairs.push((turn, a, side_a, b, side_b));
                }
            }
        }
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.3).cmp(&(b.1, b.3))));
        for (_, a, side_a, b, side_b) in pairs {
            if next[a as usize][side_a].is_none() && next[b as usize][side_b].is_none() {
                next[a as usize][side_a] = Some(b);
                next[b as usize][side_b] = Some(a);
            }
        }
    }
    next
}

fn outward(line: &[Coord<f64>], side: usize) -> Coord<f64> {
    let last = line.len() - 1;
    if side == 0 { course::heading(line[0], line[1]) } else { course::heading(line[last], line[last - 1]) }
}

/// All roads of a street, from one of its ends; round streets start anywhere.
fn walk(roads: &Roads, next: &[[Option<u32>; 2]], start: usize, walked_before: &mut [bool]) -> Vec<(u32, bool)> {
    let leave = |road: u32, entered: u32| usize::from(roads.roads[road as usize].ends[0] == entered);
    let mut road = start as u32;
    let mut node = roads.roads[start].ends[0];
    for _ in 0..roads.roads.len() {
        let back = usize::from(roads.roads[road as usize].ends[1] == node);
        let Some(before) = next[road as usize][back] else { break };
        if before == start as u32 {
            break;
        }
        node = roads.roads[before as usize].ends[leave(before, node)];
        road = before;
    }
    let mut walked = Vec::new();
    loop {
        if std::mem::replace(&mut walked_before[road as usize], true) {
            return walked;
        }
        let side = leave(road, node);
        walked.push((road, side == 0));
        node = roads.roads[road as usize].ends[side];
        match next[road as usize][side] {
            Some(after) => road = after,
            None => return walked,
        }
    }
}

/// A name that no other street of the village has.
fn free_name(
    dice: &mut Dice,
    roads: &Roads,
    settlements: &Settlements,
    (road, village): (usize, u32),
    taken: &mut BTreeSet<(u32, String)>,
) -> String {
    let road = &roads.roads[road];
    if matches!(road.class, Class::Motorway | Class::Ramp) {
        return format!("A{}", road.number.unwrap_or_default());
    }
    for attempt in 0..200 {
        let name = match road.class {
            Class::MainStreet if attempt < 4 => {
                ["Dorpsstraat", "Hoofdstraat", "Lange Straat", "Kerkweg"][attempt].to_owned()
            }
            Class::MainStreet | Class::Street => names::street(dice.below(44 + 44 * (attempt / 8))),
            Class::ParkRoad if attempt < 20 => names::park_road(dice).to_owned(),
            Class::Provincial if attempt < 12 => {
                let count = settlements.villages.len();
                let towards = (village as usize + dice.below(12.min(count))) % count;
                format!("{}seweg", settlements.villages[towards].name.trim_end_matches('e'))
            }
            Class::Track => names::track(dice),
            Class::Cycle => format!("{} fietspad", names::track(dice)),
            _ => names::lane(dice),
        };
        let name = if attempt > 40 {
            format!("{} {name}", ["Oude", "Nieuwe", "Kleine", "Achterste"][attempt % 4])
        } else {
            name
        };
        if taken.insert((village, name.clone())) {
            return name;
        }
    }
    let name = format!("{} {}", names::lane(dice), taken.len());
    taken.insert((village, name.clone()));
    name
}
