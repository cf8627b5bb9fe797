//! Addresses as in the BAG: ids, uses, statuses, house numbers, postcodes.

use std::collections::BTreeMap;

use crate::generate::course;
use crate::generate::dice::Dice;
use crate::generate::houses::House;
use crate::generate::roads::Roads;
use crate::generate::settle::Settlements;
use crate::generate::streets::Street;
use crate::generate::table::{add, layer, point, text, whole};
use crate::geodata::{ColumnKind, Layer};

/// How many addresses come twice.
pub(super) fn duplicates(addresses: u32) -> u32 {
    if addresses < 100 { 0 } else { 2 + addresses / 4000 }
}

/// The layer of addresses: every house number, and at the end a few that come twice.
pub(super) fn addresses(
    seed: u64,
    houses: &[House],
    roads: &Roads,
    streets: &[Street],
    settlements: &Settlements,
    duplicates: u32,
) -> Layer {
    let mut dice = Dice::new(seed, "addresses");
    let mut layer = layer(
        "adressen",
        &[
            ("identifica", ColumnKind::Text),
            ("gebruiksdo", ColumnKind::Text),
            ("status", ColumnKind::Text),
            ("oppervlakt", ColumnKind::Integer),
            ("straatnaam", ColumnKind::Text),
            ("huisnummer", ColumnKind::Integer),
            ("postcode", ColumnKind::Text),
            ("woonplaats", ColumnKind::Text),
        ],
    );
    let mut numbers: BTreeMap<(u32, bool), u32> = BTreeMap::new();
    let mut sequence: BTreeMap<u32, u32> = BTreeMap::new();
    for house in in_order(houses, roads, streets) {
        let street_number = roads.roads[house.road as usize].street;
        let street = &streets[street_number as usize];
        for _ in 0..house.count {
            let last = numbers.entry((street_number, house.is_left)).or_insert(if house.is_left { 1 } else { 2 });
            let number = *last;
            *last += if house.count > 1 || dice.chance(0.85) { 2 } else { 4 };
            let municipality = municipality_code(street.village);
            let next = sequence.entry(municipality).or_insert(0);
            *next += 1;
            let values = vec![
                text(format!("{municipality:04}01{:010}", *next)),
                text(house.uses),
                text(status(&mut dice)),
                whole(house.area),
                text(&*street.name),
                whole(number),
                text(&*street.postcode),
                text(&*settlements.villages[street.village as usize].name),
            ];
            add(&mut layer, point(house.point), values);
        }
    }
    for _ in 0..duplicates.min(layer.features.len() as u32) {
        let mut again = layer.features[dice.below(layer.features.len())].clone();
        again.record = layer.features.len() as i64 + 1;
        layer.features.push(again);
    }
    layer
}

/// The invented municipality of a village: every sixth village is the seat of one.
pub(super) fn municipality(village: u32) -> u32 {
    village / 6 * 6
}

/// Its code: four digits, the first a zero.
pub(super) fn municipality_code(village: u32) -> u32 {
    100 + village / 6 % 900
}

/// Houses by village, street and place along it.
fn in_order<'a>(houses: &'a [House], roads: &Roads, streets: &[Street]) -> Vec<&'a House> {
    let mut start: Vec<(f64, bool)> = vec![(0.0, false); roads.roads.len()];
    for street in streets {
        let mut gone = 0.0;
        for &(road, reversed) in &street.roads {
            start[road as usize] = (gone, reversed);
            gone += course::length(&roads.roads[road as usize].course);
        }
    }
    let key = |house: &House| {
        let road = &roads.roads[house.road as usize];
        let (gone, reversed) = start[house.road as usize];
        let along = if reversed { course::length(&road.course) - house.metres } else { house.metres };
        (streets[road.street as usize].village, road.street, gone + along)
    };
    let mut order: Vec<((u32, u32, f64), &House)> = houses.iter().map(|house| (key(house), house)).collect();
    order.sort_by(|(a, _), (b, _)| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
    order.into_iter().map(|(_, house)| house).collect()
}

fn status(dice: &mut Dice) -> &'static str {
    match dice.unit() {
        lot if lot < 0.955 => "Verblijfsobject in gebruik",
        lot if lot < 0.968 => "Verblijfsobject in gebruik (niet ingemeten)",
        lot if lot < 0.978 => "Verblijfsobject gevormd",
        lot if lot < 0.989 => "Verblijfsobject ingetrokken",
        lot if lot < 0.993 => "Verbouwing verblijfsobject",
        lot if lot < 0.997 => "Verblijfsobject buiten gebruik",
        lot if lot < 0.999 => "Niet gerealiseerd verblijfsobject",
        _ => "Verblijfsobject ten onrechte opgevoerd",
    }
}
