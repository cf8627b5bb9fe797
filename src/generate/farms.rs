//! Addresses in the fields: ribbons along the roads, farms at the end of drives and tracks, care homes, camp sites.

use geo::Coord;

use crate::generate::course;
use crate::generate::dice::Dice;
use crate::generate::houses::{CARE, CARE_HOME, DWELLING, House, INDUSTRY, SCHOOL, share_out};
use crate::generate::lattice::Place;
use crate::generate::roads::{Class, Road, Roads};
use crate::generate::settle::Settlements;
use crate::generate::site::Site;
use crate::generate::terrain::Terrain;

/// What is to be built at one point in the fields.
#[derive(Clone, Copy)]
struct Wish {
    uses: &'static str,
    count: u32,
    is_farm: bool,
    /// Distance from the road, in metres.
    back: (f64, f64),
    /// Least distance from other houses, in metres.
    gap: f64,
}

/// Scatters so many addresses along the roads in the fields, with a track to some of the remote farms.
pub(super) fn scatter(
    seed: u64,
    addresses: u32,
    roads: &mut Roads,
    terrain: &Terrain,
    settlements: &Settlements,
    site: &mut Site,
) -> Vec<House> {
    let mut dice = Dice::new(seed, "farms");
    let wishes = wishes(&mut dice, addresses);
    let weights: Vec<f64> = roads.roads.iter().map(|road| pull(&mut dice, settlements, road)).collect();
    let mut houses = Vec::with_capacity(wishes.len());
    let mut wishes = wishes.into_iter();
    for (road, count) in share_out(wishes.len() as u32, &weights).into_iter().enumerate() {
        for wish in wishes.by_ref().take(count as usize) {
            let house = settle(&mut dice, roads, terrain, site, road, wish);
            site.take(house.point);
            let far = course::distance(house.point, course::at(&roads.roads[road].course, house.metres).0);
            if house.is_farm && far > 85.0 && dice.chance(0.4) && roads.may_cut(road, house.metres) {
                lay_track(&mut dice, roads, site, road, &house);
            }
            houses.push(house);
        }
    }
    houses
}

/// What is to be built, in random order; the addresses add up exactly.
fn wishes(dice: &mut Dice, addresses: u32) -> Vec<Wish> {
    let mut wishes = Vec::new();
    let mut left = addresses;
    while left > 0 {
        let wish = wish(dice, left);
        left -= wish.count;
        wishes.push(wish);
    }
    wishes
}

fn wish(dice: &mut Dice, left: u32) -> Wish {
    let near = (13.0, 34.0);
    let single = |uses, is_farm, back, gap| Wish { uses, count: 1, is_farm, back, gap };
    match dice.unit() {
        lot if lot < 0.0008 && left > 60 => {
            let count = 14 + dice.below(34) as u32;
            Wish { uses: CARE_HOME, count, is_farm: false, back: (90.0, 230.0), gap: 70.0 }
        }
        lot if lot < 0.003 => single(CARE, false, (40.0, 160.0), 60.0),
        lot if lot < 0.009 => single(SCHOOL, false, (25.0, 45.0), 50.0),
        lot if lot < 0.021 => single(CARE_HOME, true, (40.0, 260.0), 60.0),
        lot if lot < 0.42 => {
            let uses = dice.pick(&[
                "woonfunctie,industriefunctie",
                "woonfunctie,industriefunctie",
                "woonfunctie,industriefunctie",
                "woonfunctie,overige gebruiksfunctie",
                "woonfunctie,overige gebruiksfunctie",
                DWELLING,
                INDUSTRY,
            ]);
            let back = if dice.chance(0.4) { (24.0, 60.0) } else { (50.0, 300.0) };
            let count = if left > 2 && dice.chance(0.06) { 2 } else { 1 };
            Wish { uses, count, is_farm: true, back, gap: 48.0 }
        }
        lot if lot < 0.45 => single("logiesfunctie", false, (40.0, 220.0), 30.0),
        lot if lot < 0.48 => single(INDUSTRY, false, (22.0, 60.0), 40.0),
        lot if lot < 0.5 => single("overige gebruiksfunctie", false, (15.0, 120.0), 30.0),
        lot if lot < 0.505 => single("bijeenkomstfunctie", false, (18.0, 60.0), 40.0),
        lot if lot < 0.51 => single("sportfunctie", false, (40.0, 120.0), 40.0),
        lot if lot < 0.62 => single(DWELLING, false, (40.0, 150.0), 26.0),
        _ => single(DWELLING, false, near, 17.0),
    }
}

/// How much a road draws houses: its length, more on some roads than on others, and most near a village.
fn pull(dice: &mut Dice, settlements: &Settlements, road: &Road) -> f64 {
    let liking = match road.class {
        Class::Local | Class::Dike => 1.0,
        Class::Provincial => 0.8,
        Class::Track => 0.18,
        _ => 0.0,
    };
    let lot = dice.unit();
    if road.place != Place::Fields || liking == 0.0 {
        return 0.0;
    }
    let total = course::length(&road.course);
    let (middle, _) = course::at(&road.course, total / 2.0);
    let ribbon = if settlements.is_outside(middle, 260.0, 100.0) { 1.0 } else { 2.0 };
    total * liking * ribbon * (0.15 + 2.2 * lot * lot)
}

/// Finds room on that road for what is wished; nearer to the road, and to others, the longer it takes.
fn settle(dice: &mut Dice, roads: &Roads, terrain: &Terrain, site: &Site, road: usize, wish: Wish) -> House {
    let line = &roads.roads[road].course;
    let total = course::length(line);
    let margin = 22f64.min(total / 4.0);
    for attempt in 0..40 {
        let metres = dice.between(margin, total - margin);
        let ease = 1.0 - f64::from(attempt) / 60.0;
        let (near, far) = (wish.back.0.min(40.0) * ease.max(0.5), wish.back.1 * ease);
        let back = dice.between(near.max(12.0), far.max(13.0));
        let (house, foot) = house_at(line, road, metres, back * dice.pick(&[-1.0, 1.0]), wish, dice);
        if site.suits(terrain, house.point, wish.gap * ease) && site.is_reached(terrain, foot, house.point, 10.0) {
            return house;
        }
    }
    let metres = dice.between(margin, total - margin);
    let back = 12.0 * dice.pick(&[-1.0, 1.0]);
    house_at(line, road, metres, back, wish, dice).0
}

fn house_at(
    line: &[Coord<f64>],
    road: usize,
    metres: f64,
    back: f64,
    wish: Wish,
    dice: &mut Dice,
) -> (House, Coord<f64>) {
    let (foot, direction) = course::at(line, metres);
    let point = course::to_millimetre(foot + course::left_of(direction) * back);
    let area = if wish.count > 2 { 40 + dice.below(40) as u32 } else { 90 + dice.below(320) as u32 };
    let Wish { uses, count, is_farm, .. } = wish;
    (House { point, road: road as u32, metres, is_left: back > 0.0, uses, area, count, is_farm }, foot)
}

/// A track from the road to 15 m before the farm.
fn lay_track(dice: &mut Dice, roads: &mut Roads, site: &mut Site, road: usize, farm: &House) {
    let (foot, _) = course::at(&roads.roads[road].course, farm.metres);
    let foot = course::to_millimetre(foot);
    let end = course::to_millimetre(farm.point - course::heading(foot, farm.point) * 15.0);
    let line = course::bent(dice, foot, end, 0.05);
    let mut off_road = line.clone();
    off_road[0] = foot + course::heading(line[0], line[1]) * 2.0;
    if !site.is_free(&off_road) {
        return;
    }
    let start = roads.cut(road, farm.metres);
    let node = roads.nodes.len() as u32;
    roads.nodes.push(end);
    let street = roads.roads[road].street;
    site.pave(roads.roads.len(), &line);
    roads.roads.push(Road {
        ends: [start, node],
        course: line,
        class: Class::Track,
        place: Place::Fields,
        number: None,
        street,
        cuts: vec![],
        works: vec![],
    });
}
