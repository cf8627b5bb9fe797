//! A synthetic but believable rural region of any size: the layers a planner would get, with their usual columns.
//!
//! Rivers and brooks are drawn first, then villages and business parks on open land, then roads between points that
//! are close neighbours, over few bridges; houses line the streets and farms lie back from the roads. Nothing in it is
//! real; names are invented. The same wishes give the same bytes on every platform: only basic arithmetic is used.

use crate::geodata::Layer;

mod addresses;
mod areas;
mod buurten;
mod course;
mod dice;
mod extras;
mod farms;
mod houses;
mod lattice;
mod names;
mod roads;
mod settle;
mod site;
mod streets;
mod table;
mod terrain;
mod wegvakken;

#[cfg(test)]
mod tests;

use houses::Land;
use roads::Roads;
use settle::Settlements;
use site::Site;
use terrain::{Extent, Terrain};

/// What region is wished for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// Number of address records, a few duplicates included.
    pub addresses: u32,
    /// Start of every pseudo-random stream.
    pub seed: u64,
}

/// The region as layers in RD New, in metres, rounded to millimetres.
///
/// Layers, in this order: `adressen`, `wegvakken`, `bedrijventerreinen`, `buurten`, `kernen`, `water` (lines),
/// `waterdelen` (ponds), `spoor`, `pops`, `boerenerven`. There are about 35 addresses to a square kilometre.
///
/// Time: O(n log n) in the number of addresses.
#[must_use]
pub fn region(wishes: &Wishes) -> Vec<Layer> {
    let Wishes { addresses, seed } = *wishes;
    let duplicates = addresses::duplicates(addresses);
    let extent = Extent::for_addresses(addresses);
    let mut terrain = Terrain::new(seed, extent);
    let settlements = Settlements::new(seed, addresses - duplicates, &terrain);
    let spots = lattice::spots(seed, &terrain, &settlements);
    let links = lattice::links(&spots);
    let mut roads = Roads::new(seed, &terrain, &settlements, &spots, &links);
    extras::add_motorways(&mut roads, &terrain);
    extras::add_loose_ends(&mut roads, seed, &terrain);
    let streets = streets::name_streets(seed, &mut roads, &settlements);
    extras::add_ditches(&mut terrain, seed, &roads);
    let land = Land { terrain: &terrain, settlements: &settlements, spots: &spots };
    let housing = houses::house(seed, addresses - duplicates, &mut roads, &land);
    let site = Site::new(&roads, &housing.houses);
    vec![
        addresses::addresses(seed, &housing.houses, &roads, &streets, &settlements, duplicates),
        wegvakken::wegvakken(seed, &roads, &streets, &settlements),
        areas::bedrijventerreinen(seed, &settlements),
        buurten::buurten(seed, extent, &settlements, &housing),
        areas::kernen(&settlements, &roads, &housing),
        wegvakken::water(seed, &terrain),
        areas::waterdelen(seed, &terrain, &site),
        wegvakken::spoor(&terrain),
        areas::pops(seed, &settlements, &site),
        areas::boerenerven(seed, &roads, &housing),
    ]
}
