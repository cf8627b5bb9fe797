//! Layers given their meaning: addresses, parks, roads, barriers, PoPs, in source order.

mod addresses;
mod areas;
mod assemble;
mod columns;
mod density;
mod networks;
mod polygons;
mod pops;
mod roads;
#[cfg(test)]
mod tests;
mod zones;

pub use assemble::{RegionLayers, assemble};
pub use density::address_density;

use geo::{Coord, LineString, MultiPolygon};

use crate::scenario::{PriceId, UseClass};
use crate::units::Money;

/// Why layers cannot be given their meaning.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// The scenario names a column that is not there.
    #[error("layer {layer}: there is no column `{column}` for `{key}`; the columns are: {columns}")]
    NoColumn {
        /// The layer.
        layer: String,
        /// The scenario's key.
        key: String,
        /// The column that it names.
        column: String,
        /// The columns that are there.
        columns: String,
    },
}

/// An address of a [`Region`], counted from 0 in source order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressId(pub u32);

/// A business park of a [`Region`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParkId(pub u32);

/// A road of a [`Region`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoadId(pub u32);

/// A PoP site of a [`Region`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PopId(pub u32);

/// A neighbourhood of a [`Region`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NeighbourhoodId(pub u32);

/// The land to plan for; all coordinates are metres in one projected system.
#[derive(Clone, Debug, Default)]
pub struct Region {
    /// Every address of the layer, also those that are not planned for.
    pub addresses: Vec<Address>,
    /// Business parks.
    pub parks: Vec<Park>,
    /// Roads, also those that may not be dug (they cost money to cross).
    pub roads: Vec<Road>,
    /// Whether a road layer was given at all.
    pub has_road_layer: bool,
    /// Whether PoPs and parks beside the roads get second entries, because some park asks for two routes.
    pub second_entries: bool,
    /// Barriers.
    pub barriers: Vec<Barrier>,
    /// Areas in which digging is done in another way, dearer, or bound to a season.
    pub zones: Vec<Zone>,
    /// PoP sites that were given.
    pub pops: Vec<PopSite>,
    /// Existing ducts.
    pub ducts: Vec<Duct>,
    /// Neighbourhoods.
    pub neighbourhoods: Vec<Neighbourhood>,
    /// Areas that become roll-out units, where the scenario cuts units by a layer.
    pub unit_areas: Vec<UnitArea>,
}

/// One input address.
#[derive(Clone, Debug)]
pub struct Address {
    /// Its id in the source, or `record 12`.
    pub key: String,
    /// Where it is; `None` where the source gives no usable point.
    pub point: Option<Coord<f64>>,
    /// What it is used for, sorted, at least one.
    pub uses: Vec<UseClass>,
    /// Connections at the address, at least 1.
    pub units: u32,
    /// Connections of it that have signed up; `None` where the source does not tell.
    pub sign_ups: Option<u32>,
    /// The park it lies in.
    pub park: Option<ParkId>,
    /// The neighbourhood it lies in.
    pub neighbourhood: Option<NeighbourhoodId>,
    /// Addresses within one kilometre per km2 (OAD); `None` without a point.
    pub density: Option<f64>,
    /// Fast fixed networks that are there or planned; `None` where the scenario names no column for that.
    pub networks: Option<Networks>,
    /// Whether it is taken for a farm by a proxy only.
    pub likely_farm: bool,
    /// The area that it is rolled out with, where the scenario cuts units by a layer.
    pub unit_area: Option<u32>,
    /// Its tier, 0 for parks first.
    pub tier: u8,
    /// Whether it is planned for, or why not.
    pub standing: Standing,
}

impl Address {
    /// A home of one connection at a point, of which nothing else is known.
    #[must_use]
    pub fn home(key: String, point: Option<Coord<f64>>) -> Self {
        Self {
            key,
            point,
            uses: vec![UseClass::Residential],
            units: 1,
            sign_ups: None,
            park: None,
            neighbourhood: None,
            density: None,
            networks: None,
            likely_farm: false,
            unit_area: None,
            tier: 0,
            standing: Standing::Target,
        }
    }
}

/// Fast fixed networks of an address, at least and at most; 2 stands for two or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Networks {
    /// At least so many.
    pub least: u8,
    /// At most so many.
    pub most: u8,
}

/// Whether an address is planned for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It is to be connected.
    Target,
    /// It has no usable point.
    NoPoint,
    /// Another address has the same id and comes first.
    Duplicate(AddressId),
    /// Its status is not one that is planned for.
    Status(String),
    /// It lies in a built-up area, outside the scope.
    BuiltUp,
    /// The address density around it is too high for the scope.
    Dense,
}

/// One business park.
#[derive(Clone, Debug)]
pub struct Park {
    /// Its id in the source, or `record 12`.
    pub key: String,
    /// Its name; empty where not given.
    pub name: String,
    /// Its class; empty where not given.
    pub class: String,
    /// Its outline.
    pub outline: MultiPolygon<f64>,
}

/// One road line.
#[derive(Clone, Debug)]
pub struct Road {
    /// Its id in the source, or `record 12`; several parts of one record share it.
    pub key: String,
    /// Its course, two points or more, no two consecutive ones equal.
    pub line: LineString<f64>,
    /// Price per metre of a trench along it; `None` where none may be dug.
    pub trench: Option<PriceId>,
    /// Price of a shot, due for every started length of drilling along it; `None` where it is not drilled.
    pub shot: Option<PriceId>,
    /// Price of crossing under it; `None` where it may not be crossed.
    pub crossing: Option<PriceId>,
    /// How far candidate trenches on both sides run from its line, in metres; `None` where its trench has one side.
    pub offset: Option<f64>,
    /// Whether it runs over a bridge or through a tunnel: it meets no line that it crosses in between.
    pub passes_over: bool,
    /// Ids of the junctions at its first and last point, where the source has them.
    pub junctions: Option<[String; 2]>,
}

/// One barrier.
#[derive(Clone, Debug)]
pub struct Barrier {
    /// `water, record 12`, for findings.
    pub key: String,
    /// `water`, `rail`, ...
    pub kind: String,
    /// Its shape.
    pub shape: BarrierShape,
    /// Price of one crossing; `None` where it may not be crossed.
    pub crossing: Option<PriceId>,
}

/// A barrier's shape.
#[derive(Clone, Debug)]
pub enum BarrierShape {
    /// A line is crossed wherever a trench meets it.
    Line(LineString<f64>),
    /// An area is crossed once for every stretch of trench inside it.
    Area(MultiPolygon<f64>),
}

/// An area in which digging is done in another way, dearer, or bound to a season.
///
/// Where nothing may be dug at all, or every entering costs a shot, there is a [`Barrier`] of the same shape too.
#[derive(Clone, Debug)]
pub struct Zone {
    /// `nature`, `dyke`, ...
    pub kind: String,
    /// Its outline.
    pub outline: MultiPolygon<f64>,
    /// Price per metre inside instead of the trench's own.
    pub trench: Option<PriceId>,
    /// Price per metre inside on top.
    pub surcharge: Option<PriceId>,
    /// When nothing may be dug.
    pub season: Option<String>,
}

/// A zone of a [`Region`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ZoneId(pub u32);

/// One PoP site.
#[derive(Clone, Debug)]
pub struct PopSite {
    /// Its id in the source, or the name under which it was proposed.
    pub key: String,
    /// Where it is.
    pub point: Coord<f64>,
    /// Whether it is there already.
    pub existing: bool,
    /// Price of opening it.
    pub opening: Money,
    /// Connections that it holds (per housing).
    pub capacity: u32,
}

/// One existing duct.
#[derive(Clone, Debug)]
pub struct Duct {
    /// Its id in the source, or `record 12`.
    pub key: String,
    /// Its course.
    pub line: LineString<f64>,
    /// Price per metre.
    pub lease: PriceId,
}

/// One neighbourhood.
#[derive(Clone, Debug)]
pub struct Neighbourhood {
    /// Its code.
    pub key: String,
    /// Its name; empty where not given.
    pub name: String,
    /// Its municipality; empty where not known.
    pub municipality: String,
    /// Its outline.
    pub outline: MultiPolygon<f64>,
    /// Share of inhabitants of 65 years and over, in percent; `None` where unknown.
    pub share_65_plus: Option<f64>,
    /// Distance to care in kilometres; `None` where unknown.
    pub distance_to_care_km: Option<f64>,
}

/// An area that becomes roll-out units.
#[derive(Clone, Debug)]
pub struct UnitArea {
    /// Its id in the source, or `record 12`.
    pub key: String,
    /// Its name; empty where not given.
    pub name: String,
}
