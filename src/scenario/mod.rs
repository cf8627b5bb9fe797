//! The planner's wishes: layers and their columns, unit prices, design rules, priorities.
//!
//! Text in, value out: this room does not touch the disk.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod architecture;
mod cabling;
mod parse;
mod phases;
mod prices;
mod ranking;
pub use architecture::{Architecture, Optics, Reach, SplitterSite, Topology, splitter_loss};
mod redundancy;
mod zones;
pub use parse::Error;
pub use phases::{PhaseRules, YearRule};
pub use prices::{Price, PriceBook, PriceId, Unit, key};
pub use ranking::{Criterion, NeedRules, OrderRule, RobustnessRules, RolloutRules, UnitCut, WeightKnowledge};
pub use redundancy::{Redundancy, RedundancyRules};
pub use zones::ZoneLayer;

/// Everything a plan depends on besides the data itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// What the plan is called in the report.
    pub name: String,
    /// The projected metric system that everything is planned in, as `EPSG:28992`.
    pub crs: String,
    /// Where the data are and what their columns mean.
    pub layers: Layers,
    /// Which addresses are to be planned for.
    pub scope: Scope,
    /// How roads become candidate trenches and addresses get their drops.
    pub network: NetworkRules,
    /// Sizes and capacities of what is built.
    pub design: DesignRules,
    /// Point-to-point or passive optical network, fibre counts, cables, optical budget.
    pub architecture: Architecture,
    /// Which business parks are to stay connected when any one trench is cut.
    pub redundancy: RedundancyRules,
    /// What the addresses are worth, where they may be left out.
    pub prize: PrizeRules,
    /// The order of tiers.
    pub priority: PriorityRules,
    /// What need counts for.
    pub need: NeedRules,
    /// How units are cut and ordered.
    pub rollout: RolloutRules,
    /// What is uncertain.
    pub robustness: RobustnessRules,
    /// Yearly budgets, where the roll-out is to be cut into years.
    pub phases: PhaseRules,
    /// Unit prices by key, in euros, for those that differ from the defaults or are new.
    pub prices: BTreeMap<String, Price>,
}

/// The layers; only addresses are needed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Layers {
    /// Address points: the demand.
    pub addresses: AddressLayer,
    /// Business park polygons.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_parks: Option<PolygonLayer>,
    /// Road lines; without them candidate trenches are a Delaunay graph over the sites.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roads: Option<RoadLayer>,
    /// Water, rail, motorways, nature.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub barriers: Vec<BarrierLayer>,
    /// Areas in which digging is forbidden, done in another way, dearer, or bound to a season.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<ZoneLayer>,
    /// Existing or candidate PoP points; without them candidates are proposed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pops: Option<PopLayer>,
    /// Existing ducts or fibre that may be leased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ducts: Option<DuctLayer>,
    /// Neighbourhood polygons with figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub neighbourhoods: Option<NeighbourhoodLayer>,
    /// Built-up areas (kernen).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub built_up: Option<PolygonLayer>,
    /// Farmyards: an address inside one is a farm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub farmyards: Option<PolygonLayer>,
    /// Crop parcels: an address near one that is not purely residential may be a farm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parcels: Option<PolygonLayer>,
    /// Areas that become roll-out units: municipalities, lots of a tender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_areas: Option<PolygonLayer>,
}

/// Address points and the meaning of their columns.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AddressLayer {
    /// Shapefile, or `file.gpkg:layer`, relative to the scenario's folder.
    pub file: String,
    /// Column with the address's own id (BAG `identificatie`); without it ids are `record 12`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Column with the use (BAG `gebruiksdoel`); several values may be joined by comma, semicolon or bar.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub use_column: Option<String>,
    /// Column with the BAG status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Column with the number of connections at the address (default 1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<String>,
    /// Column with the number of independent fixed networks that are there (fast ones, where no speed is given).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub networks: Option<String>,
    /// Column with the highest download speed of fixed networks that are there, in Mbps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed: Option<String>,
    /// Column with the number of independent fixed networks that are credibly planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_networks: Option<String>,
    /// Column with the highest download speed of fixed networks that are credibly planned, in Mbps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_speed: Option<String>,
    /// Column with the connections that have signed up: a number, or yes for all of the address; empty is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_ups: Option<String>,
    /// Which classes each value of the use column means; values are compared without case.
    pub use_values: BTreeMap<String, Vec<UseClass>>,
    /// Class of addresses whose use is not given or not mapped.
    pub use_default: UseClass,
    /// Whether an address that is both residential and business, outside every park, counts as a farm: the BAG has no
    /// farm function, farms show as `woonfunctie` with `industriefunctie` or `overige gebruiksfunctie`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub farm_proxy: bool,
    /// How near a crop parcel (`layers.parcels`) an address that is not purely residential may be a farm, in metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub farm_parcel_m: Option<f64>,
}

/// What an address is used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UseClass {
    /// A dwelling.
    #[default]
    Residential,
    /// Health care or nursing.
    Care,
    /// A farm.
    Agri,
    /// A school.
    Education,
    /// A firm, shop or office.
    Business,
    /// Anything else.
    Other,
}

/// Polygons with an id and a name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolygonLayer {
    /// Shapefile, or `file.gpkg:layer`.
    pub file: String,
    /// Column with the id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Column with the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Column with the class, which `redundancy.by_class` refers to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Column with the year; where several records share an id, the latest year counts (IBIS `JAAR`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<String>,
}

/// Road lines and the meaning of their columns.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RoadLayer {
    /// Shapefile, or `file.gpkg:layer`.
    pub file: String,
    /// Column with the id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Column with the id of the junction where the line begins (NWB `jte_id_beg`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_junction: Option<String>,
    /// Column with the id of the junction where the line ends (NWB `jte_id_end`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_junction: Option<String>,
    /// Column that tells whether the line is a bridge: anything but empty, `no`, `F`, `false` or `0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bridge: Option<String>,
    /// Column that tells whether the line is a tunnel, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tunnel: Option<String>,
    /// Column with the road's width, in metres, for two-sided streets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<String>,
    /// How trenches along these roads are dug: for each wish the first rule that matches and states it wins.
    pub rules: Vec<RoadRule>,
}

/// One rule on roads: which lines it matches, and what it says of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RoadRule {
    /// Column to look at; without one the rule matches every road.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Values that match, compared without case; an empty text matches a value that is not given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Whether a trench may follow the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dig: Option<bool>,
    /// Price key per metre of trench along the line, such as `civil.open_unpaved`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trench: Option<String>,
    /// Whether the trench may lie on either side of the line: 2 makes candidates on both, with crossings at junctions and
    /// at addresses; 1 (the default) leaves open on which side it lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sides: Option<u8>,
    /// Width of such roads where no column tells it, in metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width_m: Option<f64>,
    /// Price key of a shot, due for every started `network.shot_m` along the line, where `trench` is drilled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shot: Option<String>,
    /// Price key of crossing under the road, such as `cross.road_local`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crossing: Option<String>,
}

/// Lines or polygons that cost money to cross, or may not be crossed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BarrierLayer {
    /// Shapefile, or `file.gpkg:layer`.
    pub file: String,
    /// What it is, as said in findings and bills: `water`, `rail`, `motorway`, `nature`.
    pub kind: String,
    /// Price key of one crossing; without it (and without a rule that gives one) it may not be crossed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crossing: Option<String>,
    /// Column that tells whether the barrier itself runs in a tunnel or culvert there, and so is no barrier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tunnel: Option<String>,
    /// Column that tells whether the barrier itself runs over a bridge there (a viaduct), and so is no barrier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bridge: Option<String>,
    /// Exceptions: the first rule that matches a record decides for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<BarrierRule>,
}

/// One rule on barriers: which records it matches, and what crossing them costs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BarrierRule {
    /// Column to look at.
    pub column: String,
    /// Values that match, compared without case.
    pub values: Vec<String>,
    /// Price key of one crossing; without it the barrier may not be crossed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crossing: Option<String>,
    /// Whether the record is no barrier at all.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ignore: bool,
}

/// PoP points and the meaning of their columns.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PopLayer {
    /// Shapefile, or `file.gpkg:layer`.
    pub file: String,
    /// Column with the id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Column that says `existing` or `candidate`; without it all are candidates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<String>,
    /// Column with the price of opening, in euros; without it (or where not given) `node.pop`, or nothing if existing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
    /// Column with the capacity in connections; without it `design.pop_connections`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<String>,
}

/// Lines of existing ducts or fibre.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DuctLayer {
    /// Shapefile, or `file.gpkg:layer`.
    pub file: String,
    /// Column with the id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Price key per metre; default `duct.lease`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lease: Option<String>,
}

/// Neighbourhood polygons and their figures.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NeighbourhoodLayer {
    /// Shapefile, or `file.gpkg:layer`.
    pub file: String,
    /// Column with the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Column with the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Column with the municipality; without one it follows from codes as CBS gives them (`BU` or `WK` and the four
    /// figures of the municipality first).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub municipality: Option<String>,
    /// Column with the share of inhabitants of 65 years and over, in whole percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_65_plus: Option<String>,
    /// Column with the distance to care (CBS: to the nearest general practice), in kilometres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance_to_care_km: Option<String>,
}

/// Which addresses are planned for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scope {
    /// The area.
    pub area: Area,
    /// For `low-density`: addresses whose address density (OAD, addresses per km2) is below this.
    pub density_below: f64,
    /// BAG statuses that are planned for, compared without case; a status that is not given counts as in use.
    pub statuses: Vec<String>,
    /// Whether a plan that cannot serve every address in the scope counts as infeasible (exit code 4).
    pub serve_all: bool,
}

/// What counts as the outlying area. Addresses in business parks are always planned for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// Every address.
    #[default]
    All,
    /// Addresses outside the built-up polygons.
    OutsideBuiltUp,
    /// Addresses with an address density below `density_below`.
    LowDensity,
}

/// How the candidate network is built.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkRules {
    /// End points of roads closer than this are one junction, in metres.
    pub snap_m: f64,
    /// Longest drop, in metres.
    pub drop_max_m: f64,
    /// Most drops an address may choose from.
    pub drops_per_address: usize,
    /// A drop other than the one to the nearest road (of each connected part) keeps this far from other addresses, in metres: it may not run
    /// through the yards of neighbours. 0 allows everything.
    pub yard_m: f64,
    /// Longest connection from a park's boundary, or a PoP, to a road, in metres.
    pub entry_max_m: f64,
    /// How far from the edge of a two-sided road its trenches lie, in metres.
    pub verge_m: f64,
    /// Longest candidate trench across a field between two roads, in metres; 0 makes none.
    pub cross_field_max_m: f64,
    /// Longest directional drilling that is done in one shot along a road, in metres.
    pub shot_m: f64,
    /// Whether addresses are bundled to a road network of this kind where no road layer is given: price key per metre.
    pub open_field_trench: String,
}

/// Sizes and capacities.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DesignRules {
    /// Connections that one PoP housing holds; a site may have several housings, each at `node.pop`.
    pub pop_connections: u32,
    /// How many PoP sites are proposed where none are given; 0 means one for every 500 target addresses, from 6 to 60.
    pub pop_candidates: u32,
    /// Connections that one cabinet serves.
    pub cabinet_ports: u32,
    /// Share of passed addresses that take a connection, from 0 to 1: home connections are bought for these.
    pub take_up: f64,
}

/// What addresses are worth, where they may be left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PrizeRules {
    /// Whether addresses may be left out where connecting them costs more than they are worth.
    pub enabled: bool,
    /// Net present value of the revenue of one connection, in euros.
    pub revenue: f64,
    /// Subsidy per address granted to each tier, in euros, first tier first; missing ones are 0.
    pub subsidy_by_tier: Vec<f64>,
}

/// The order of tiers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PriorityRules {
    /// Uses of each tier, first tier first; business parks come before all of them. Uses not named come last.
    pub tiers: Vec<Vec<UseClass>>,
    /// Roll-out units are cut so that they hold about this many addresses.
    pub unit_addresses: u32,
}

impl Scenario {
    /// All prices, defaults included.
    #[must_use]
    pub fn price_book(&self) -> PriceBook {
        PriceBook::new(&self.prices)
    }

    /// Tier of an address: 0 in a park, then by its uses, the last tier for the rest.
    #[must_use]
    pub fn tier(&self, in_park: bool, uses: &[UseClass]) -> u8 {
        if in_park {
            return 0;
        }
        let tiers = &self.priority.tiers;
        let place = tiers.iter().position(|tier| tier.iter().any(|class| uses.contains(class)));
        place.unwrap_or(tiers.len()) as u8 + 1
    }

    /// What the tiers are called, first tier first: `business parks`, `care, agri`, `education`, `rest`.
    #[must_use]
    pub fn tier_names(&self) -> Vec<String> {
        let named = self.priority.tiers.iter().map(|tier| {
            let names: Vec<&str> = tier.iter().map(|class| class.name()).collect();
            names.join(", ")
        });
        std::iter::once("business parks".to_owned()).chain(named).chain(["rest".to_owned()]).collect()
    }
}

impl UseClass {
    /// The word used in scenarios and results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Residential => "residential",
            Self::Care => "care",
            Self::Agri => "agri",
            Self::Education => "education",
            Self::Business => "business",
            Self::Other => "other",
        }
    }
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            name: String::new(),
            crs: "EPSG:28992".to_owned(),
            layers: Layers::default(),
            scope: Scope::default(),
            network: NetworkRules::default(),
            design: DesignRules::default(),
            architecture: Architecture::default(),
            redundancy: RedundancyRules::default(),
            prize: PrizeRules::default(),
            priority: PriorityRules::default(),
            need: NeedRules::default(),
            rollout: RolloutRules::default(),
            robustness: RobustnessRules::default(),
            phases: PhaseRules::default(),
            prices: BTreeMap::new(),
        }
    }
}

impl Default for Scope {
    fn default() -> Self {
        let planned =
            ["Verblijfsobject in gebruik", "Verblijfsobject in gebruik (niet ingemeten)", "Verbouwing verblijfsobject"];
        Self { area: Area::All, density_below: 500.0, statuses: planned.map(str::to_owned).to_vec(), serve_all: false }
    }
}

impl Default for NetworkRules {
    fn default() -> Self {
        Self {
            snap_m: 0.5,
            drop_max_m: 500.0,
            drops_per_address: 4,
            yard_m: 12.0,
            entry_max_m: 500.0,
            verge_m: 1.0,
            cross_field_max_m: 0.0,
            shot_m: 150.0,
            open_field_trench: key::PLOUGH.to_owned(),
        }
    }
}

impl Default for DesignRules {
    fn default() -> Self {
        Self { pop_connections: 3000, pop_candidates: 0, cabinet_ports: 192, take_up: 0.6 }
    }
}

impl Default for PrizeRules {
    fn default() -> Self {
        Self { enabled: false, revenue: 2500.0, subsidy_by_tier: vec![2000.0, 1500.0, 1000.0, 500.0] }
    }
}

impl Default for PriorityRules {
    fn default() -> Self {
        Self { tiers: vec![vec![UseClass::Care, UseClass::Agri], vec![UseClass::Education]], unit_addresses: 150 }
    }
}
