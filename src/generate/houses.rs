//! Addresses along streets: villages, parks and hamlets, with their schools, shops, care homes and flats.

use geo::Coord;

use crate::generate::course;
use crate::generate::dice::Dice;
use crate::generate::farms;
use crate::generate::lattice::{Place, Spot};
use crate::generate::roads::{Class, Roads};
use crate::generate::settle::Settlements;
use crate::generate::site::Site;
use crate::generate::terrain::Terrain;

/// One address or several at one point.
#[derive(Clone, Debug)]
pub(super) struct House {
    pub(super) point: Coord<f64>,
    /// The road that it faces, how far along, and on which side.
    pub(super) road: u32,
    pub(super) metres: f64,
    pub(super) is_left: bool,
    /// BAG uses, joined by commas.
    pub(super) uses: &'static str,
    /// Square metres of an address.
    pub(super) area: u32,
    /// Addresses at the point.
    pub(super) count: u32,
    /// Whether it has a farmyard.
    pub(super) is_farm: bool,
}

pub(super) const DWELLING: &str = "woonfunctie";
pub(super) const CARE: &str = "gezondheidszorgfunctie";
pub(super) const CARE_HOME: &str = "woonfunctie,gezondheidszorgfunctie";
pub(super) const SCHOOL: &str = "onderwijsfunctie";
const SHOP: &str = "winkelfunctie";
const OFFICE: &str = "kantoorfunctie";
const MEETING: &str = "bijeenkomstfunctie";
const SPORT: &str = "sportfunctie";
pub(super) const INDUSTRY: &str = "industriefunctie";

/// Share of addresses that are in hamlets.
const HAMLET_SHARE: f64 = 0.08;

/// The land to build on.
pub(super) struct Land<'a> {
    pub(super) terrain: &'a Terrain,
    pub(super) settlements: &'a Settlements,
    pub(super) spots: &'a [Spot],
}

/// All houses, and the hamlets as lists of houses.
pub(super) struct Housing {
    pub(super) houses: Vec<House>,
    pub(super) hamlets: Vec<Vec<u32>>,
}

/// Houses so many addresses; farm tracks are added to the roads.
pub(super) fn house(seed: u64, addresses: u32, roads: &mut Roads, land: &Land<'_>) -> Housing {
    let &Land { terrain, settlements, .. } = land;
    let mut houses = Vec::new();
    let by_place = roads_by_place(roads, settlements);
    let mut dice = Dice::new(seed, "villages");
    for (index, village) in settlements.villages.iter().enumerate() {
        houses.extend(in_village(&mut dice, roads, &by_place.villages[index], village.addresses));
    }
    let mut dice = Dice::new(seed, "parks");
    for (index, park) in settlements.parks.iter().enumerate() {
        houses.extend(on_park(&mut dice, roads, &by_place.parks[index], park.addresses));
    }
    let mut site = Site::new(roads, &houses);
    let wanted = (f64::from(addresses) * HAMLET_SHARE) as u32;
    let mut dice = Dice::new(seed, "hamlets");
    let hamlets = hamlets(&mut dice, roads, land, wanted, &mut site, &mut houses);
    let placed: u32 = houses.iter().map(|house| house.count).sum();
    let rest = addresses.saturating_sub(placed);
    houses.extend(farms::scatter(seed, rest, roads, terrain, settlements, &mut site));
    Housing { houses, hamlets }
}

struct ByPlace {
    villages: Vec<Vec<u32>>,
    parks: Vec<Vec<u32>>,
}

fn roads_by_place(roads: &Roads, settlements: &Settlements) -> ByPlace {
    let mut by_place =
        ByPlace { villages: vec![vec![]; settlements.villages.len()], parks: vec![vec![]; settlements.parks.len()] };
    for (index, road) in roads.roads.iter().enumerate() {
        match road.place {
            Place::Village(village) => by_place.villages[village as usize].push(index as u32),
            Place::Park(park) => by_place.parks[park as usize].push(index as u32),
            Place::Fields => {}
        }
    }
    by_place
}

/// Shares out a whole number by weight, to the last one (largest remainders first).
pub(super) fn share_out(total: u32, weights: &[f64]) -> Vec<u32> {
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 {
        return vec![0; weights.len()];
    }
    let exact: Vec<f64> = weights.iter().map(|weight| f64::from(total) * weight / sum).collect();
    let mut shares: Vec<u32> = exact.iter().map(|share| *share as u32).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|&a, &b| exact[b].fract().total_cmp(&exact[a].fract()).then(a.cmp(&b)));
    let left = total.saturating_sub(shares.iter().sum());
    for &index in order.iter().cycle().take(left as usize) {
        shares[index] += 1;
    }
    shares
}

/// Plots along both sides of roads, so many in all, spread by the roads' lengths.
fn plots(dice: &mut Dice, roads: &Roads, among: &[u32], total: u32, setback: (f64, f64), corner: f64) -> Vec<House> {
    let room = |road: u32| (course::length(&roads.roads[road as usize].course) - 2.0 * corner).max(4.0);
    let weights: Vec<f64> = among.iter().flat_map(|&road| [room(road); 2]).collect();
    let mut plots = Vec::new();
    for (side, count) in share_out(total, &weights).into_iter().enumerate() {
        let road = among[side / 2];
        let line = &roads.roads[road as usize].course;
        let start = (course::length(line) - room(road)) / 2.0;
        let gap = room(road) / f64::from(count.max(1));
        for number in 0..count {
            let metres = start + gap * (f64::from(number) + 0.5) + dice.around(0.22 * gap);
            let (point, direction) = course::at(line, metres);
            let is_left = side % 2 == 0;
            let back = dice.between(setback.0, setback.1) * if is_left { 1.0 } else { -1.0 };
            let point = course::to_millimetre(point + course::left_of(direction) * back);
            let area = 80 + dice.below(110) as u32;
            let house = House { point, road, metres, is_left, uses: DWELLING, area, count: 1, is_farm: false };
            plots.push(house);
        }
    }
    plots
}

/// The special addresses of a village: use, addresses at the point.
fn amenities(dice: &mut Dice, addresses: u32) -> Vec<(&'static str, u32)> {
    let mut list = Vec::new();
    let mut add = |uses, times: u32, count: u32| list.extend((0..times).map(|_| (uses, count)));
    if addresses >= 100 {
        add(SCHOOL, addresses.div_ceil(800), 1);
        add(MEETING, 1 + addresses / 500, 1);
        add(SPORT, 1, 1);
    }
    if addresses >= 220 {
        add(CARE_HOME, addresses.div_ceil(1300), 12 + dice.below(26) as u32);
        add(CARE, 1 + addresses / 500, 1);
        add(OFFICE, addresses / 150, 1);
        add(DWELLING, addresses / 150, 6 + dice.below(11) as u32);
    }
    add(SHOP, addresses / 90, 1);
    add("woonfunctie,winkelfunctie", addresses / 110, 1);
    add("woonfunctie,kantoorfunctie", addresses / 160, 1);
    add(INDUSTRY, addresses / 130, 1);
    list
}

fn in_village(dice: &mut Dice, roads: &Roads, among: &[u32], addresses: u32) -> Vec<House> {
    if among.is_empty() {
        return Vec::new();
    }
    let list = amenities(dice, addresses);
    let stacked: u32 = list.iter().map(|(_, count)| count - 1).sum();
    let mut houses = plots(dice, roads, among, addresses.saturating_sub(stacked), (11.0, 16.0), 19.0);
    let main: Vec<usize> = (0..houses.len()).filter(|&at| is_main(roads, &houses[at])).collect();
    let mut free: Vec<bool> = vec![true; houses.len()];
    for (uses, count) in list {
        let on_main = uses.contains(SHOP) || uses.contains(MEETING) || uses == CARE;
        let among = if on_main && !main.is_empty() { &main[..] } else { &[] };
        let plot = (0..40)
            .map(|_| if among.is_empty() { dice.below(houses.len()) } else { dice.pick(among) })
            .find(|&at| free.get(at) == Some(&true));
        let Some(at) = plot else { continue };
        free[at] = false;
        let area = if count > 1 { 45 + dice.below(40) as u32 } else { 120 + dice.below(900) as u32 };
        let house = &mut houses[at];
        (house.uses, house.count, house.area) = (uses, count, area);
    }
    houses
}

fn is_main(roads: &Roads, house: &House) -> bool {
    roads.roads[house.road as usize].class == Class::MainStreet
}

fn on_park(dice: &mut Dice, roads: &Roads, among: &[u32], addresses: u32) -> Vec<House> {
    let mut firms = plots(dice, roads, among, addresses, (22.0, 34.0), 24.0);
    for firm in &mut firms {
        firm.uses = dice.pick(&[
            INDUSTRY,
            INDUSTRY,
            INDUSTRY,
            INDUSTRY,
            OFFICE,
            "industriefunctie,kantoorfunctie",
            SHOP,
            "kantoorfunctie,industriefunctie",
            "bijeenkomstfunctie",
            "overige gebruiksfunctie",
            "woonfunctie,industriefunctie",
        ]);
        firm.area = 180 + dice.below(3200) as u32;
    }
    if firms.len() >= 4 && dice.chance(0.6) {
        let more = (3 + dice.below(4)).min(firms.len() - 1);
        firms.truncate(firms.len() - more);
        let shared = dice.below(firms.len());
        let tower = &mut firms[shared];
        (tower.uses, tower.area, tower.count) = (OFFICE, 90, 1 + more as u32);
    }
    firms
}

/// Houses on both sides of the roads that meet at some junctions in the fields.
fn hamlets(
    dice: &mut Dice,
    roads: &Roads,
    land: &Land<'_>,
    wanted: u32,
    site: &mut Site,
    houses: &mut Vec<House>,
) -> Vec<Vec<u32>> {
    let &Land { terrain, settlements, spots } = land;
    let roads_here = roads_by_spot(roads, spots.len());
    let fields: Vec<usize> = (0..spots.len()).filter(|&spot| spots[spot].place == Place::Fields).collect();
    let mut hamlets: Vec<Vec<u32>> = Vec::new();
    let mut middles: Vec<Coord<f64>> = Vec::new();
    let mut left = wanted;
    for _ in 0..fields.len() * 3 {
        if left == 0 {
            break;
        }
        let spot = dice.pick(&fields);
        let point = spots[spot].point;
        let crowded = middles.iter().rev().take(400).any(|&other| course::distance(other, point) < 1700.0);
        if crowded || roads_here[spot].len() < 3 || !settlements.is_outside(point, 700.0, 500.0) {
            continue;
        }
        middles.push(point);
        let count = (12 + dice.below(30) as u32).min(left);
        left -= count;
        let first = houses.len() as u32;
        for _ in 0..count {
            houses.extend(beside_junction(dice, roads, terrain, &roads_here[spot], count, site));
        }
        let has_school = count > 20 && dice.chance(0.4);
        let uses = [if has_school { SCHOOL } else { DWELLING }, if count > 25 { MEETING } else { DWELLING }, INDUSTRY];
        for (house, uses) in houses[first as usize..].iter_mut().zip(uses) {
            house.uses = uses;
        }
        hamlets.push((first..houses.len() as u32).collect());
    }
    hamlets
}

/// Roads that begin or end at each spot, with whether they begin there.
fn roads_by_spot(roads: &Roads, spots: usize) -> Vec<Vec<(u32, bool)>> {
    let mut meeting = vec![Vec::new(); spots];
    for (index, road) in roads.roads.iter().enumerate() {
        let houses = matches!(road.class, Class::Local | Class::Dike | Class::Provincial);
        for (side, end) in road.ends.into_iter().enumerate() {
            if houses && (end as usize) < spots {
                meeting[end as usize].push((index as u32, side == 0));
            }
        }
    }
    meeting
}

/// A house near a junction, where a few tries find room for one.
fn beside_junction(
    dice: &mut Dice,
    roads: &Roads,
    terrain: &Terrain,
    meeting: &[(u32, bool)],
    count: u32,
    site: &mut Site,
) -> Option<House> {
    let reach = 60.0 + 5.0 * f64::from(count);
    for _ in 0..25 {
        let (road, begins) = dice.pick(meeting);
        let line = &roads.roads[road as usize].course;
        let total = course::length(line);
        let away = dice.between(18.0, reach.min(0.7 * total));
        let metres = if begins { away } else { total - away };
        let (foot, direction) = course::at(line, metres);
        let is_left = dice.chance(0.5);
        let back = dice.between(12.0, 20.0) * if is_left { 1.0 } else { -1.0 };
        let point = course::to_millimetre(foot + course::left_of(direction) * back);
        if site.suits(terrain, point, 11.0) && site.is_reached(terrain, foot, point, 9.0) {
            site.take(point);
            let area = 80 + dice.below(140) as u32;
            return Some(House { point, road, metres, is_left, uses: DWELLING, area, count: 1, is_farm: false });
        }
    }
    None
}
