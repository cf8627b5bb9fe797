//! Layers → region: reads each layer by its columns, then lets them meet.

use geo::{Coord, MultiPolygon};
use rayon::prelude::*;

use crate::findings::{Finding, Severity};
use crate::geodata::Layer;
use crate::region::areas::Areas;
use crate::region::density::address_density;
use crate::region::{
    Address, Error, NeighbourhoodId, ParkId, Region, Standing, UnitArea, addresses, networks, polygons, pops, roads,
    zones,
};
use crate::scenario::{Area, Scenario, UseClass};

/// The layers that a scenario names, opened and in the scenario's coordinate system.
#[derive(Clone, Debug, Default)]
pub struct RegionLayers {
    /// Address points.
    pub addresses: Option<Layer>,
    /// Business parks.
    pub business_parks: Option<Layer>,
    /// Roads.
    pub roads: Option<Layer>,
    /// Barriers, in the order of the scenario.
    pub barriers: Vec<Layer>,
    /// Zones, in the order of the scenario.
    pub zones: Vec<Layer>,
    /// PoPs.
    pub pops: Option<Layer>,
    /// Ducts.
    pub ducts: Option<Layer>,
    /// Neighbourhoods.
    pub neighbourhoods: Option<Layer>,
    /// Built-up areas.
    pub built_up: Option<Layer>,
    /// Farmyards.
    pub farmyards: Option<Layer>,
    /// Crop parcels.
    pub parcels: Option<Layer>,
    /// Areas that become roll-out units.
    pub unit_areas: Option<Layer>,
}

/// Gives the layers their meaning.
///
/// Time: O(n log n) for n features, plus the exact point-in-polygon tests.
///
/// # Errors
/// If the scenario names a column that its layer does not have.
pub fn assemble(layers: &RegionLayers, scenario: &Scenario) -> Result<(Region, Vec<Finding>), Error> {
    let mut findings = Vec::new();
    let prices = scenario.price_book();
    let wishes = &scenario.layers;
    let mut region = Region {
        has_road_layer: layers.roads.is_some(),
        second_entries: scenario.redundancy.asks(),
        ..Region::default()
    };
    if let Some(layer) = &layers.addresses {
        region.addresses = addresses::read(layer, scenario, &mut findings)?;
        networks::read(layer, scenario, &mut region.addresses, &mut findings)?;
    }
    if let (Some(layer), Some(wishes)) = (&layers.business_parks, &wishes.business_parks) {
        region.parks = polygons::read_parks(layer, wishes, &mut findings)?;
    }
    if let (Some(layer), Some(wishes)) = (&layers.roads, &wishes.roads) {
        region.roads = roads::read(layer, wishes, (&prices, scenario.network.verge_m), &mut findings)?;
    }
    tell_unknown_parks(&region, scenario, &mut findings);
    for (layer, wishes) in layers.barriers.iter().zip(&wishes.barriers) {
        region.barriers.extend(polygons::read_barriers(layer, wishes, &prices, &mut findings)?);
    }
    for (layer, wishes) in layers.zones.iter().zip(&wishes.zones) {
        zones::read(layer, wishes, &prices, &mut region, &mut findings)?;
    }
    if let (Some(layer), Some(wishes)) = (&layers.pops, &wishes.pops) {
        region.pops = pops::read(layer, wishes, scenario, &mut findings)?;
    }
    if let (Some(layer), Some(wishes)) = (&layers.ducts, &wishes.ducts) {
        region.ducts = roads::read_ducts(layer, wishes, &prices, &mut findings)?;
    }
    if let (Some(layer), Some(wishes)) = (&layers.neighbourhoods, &wishes.neighbourhoods) {
        region.neighbourhoods = polygons::read_neighbourhoods(layer, wishes, &mut findings)?;
    }
    let built_up = layers.built_up.as_ref().map(|layer| polygons::read_outlines(layer, "built_up", &mut findings));
    let yards = layers.farmyards.as_ref().map(|layer| polygons::read_outlines(layer, "farmyards", &mut findings));
    place_in_areas(&mut region, yards.as_deref().unwrap_or_default(), &mut findings);
    if let (Some(layer), Some(wishes)) = (&layers.unit_areas, &wishes.unit_areas) {
        place_in_unit_areas(&mut region, polygons::read_parks(layer, wishes, &mut findings)?);
    }
    if let (Some(layer), Some(metres)) = (&layers.parcels, wishes.addresses.farm_parcel_m) {
        let parcels = polygons::read_outlines(layer, "parcels", &mut findings);
        suppose_farms_by_parcels(&mut region.addresses, &parcels, metres);
    }
    measure_density(&mut region.addresses);
    classify(&mut region, scenario, built_up.as_deref(), &mut findings);
    Ok((region, findings))
}

/// Tells of parks and classes that the rules on redundancy name and that are not there.
fn tell_unknown_parks(region: &Region, scenario: &Scenario, findings: &mut Vec<Finding>) {
    let rules = &scenario.redundancy;
    let parks = rules.by_park.keys().filter(|key| !region.parks.iter().any(|park| park.key == **key));
    let classes = rules.by_class.keys().filter(|class| !region.parks.iter().any(|park| park.class == **class));
    for (what, name) in parks.map(|key| ("park", key)).chain(classes.map(|class| ("class of parks", class))) {
        let what = format!("redundancy is asked for the {what} `{name}`, which is not there");
        let advice = "the wish has no effect; check [redundancy] against the ids and classes of the layer";
        let finding = Finding::new(Severity::Warning, "redundancy-unknown", "business_parks", what, advice);
        findings.push(finding.at(name.as_str()));
    }
}

/// Finds the park, neighbourhood and farmyard of every address.
fn place_in_areas(region: &mut Region, yards: &[MultiPolygon<f64>], findings: &mut Vec<Finding>) {
    let Region { addresses, parks, neighbourhoods, .. } = region;
    let park_areas = Areas::new(parks.iter().map(|park| &park.outline));
    let neighbourhood_areas = Areas::new(neighbourhoods.iter().map(|neighbourhood| &neighbourhood.outline));
    let yard_areas = Areas::new(yards);
    let overlaps: Vec<usize> = addresses
        .par_iter_mut()
        .map(|address| {
            let Some(point) = address.point else { return 0 };
            let holding = park_areas.holding(point);
            address.park = holding.first().map(|&place| ParkId(place as u32));
            address.neighbourhood =
                neighbourhood_areas.holding(point).first().map(|&place| NeighbourhoodId(place as u32));
            if address.park.is_none() && !yard_areas.holding(point).is_empty() {
                add_use(address, UseClass::Agri);
            }
            holding.len()
        })
        .collect();
    for (address, _) in addresses.iter().zip(&overlaps).filter(|(_, count)| **count > 1) {
        let what = "the address lies in several parks";
        let advice = "the first park counts; mend the overlapping outlines";
        findings.push(
            Finding::new(Severity::Warning, "parks-overlap", "business_parks", what, advice).at(address.key.as_str()),
        );
    }
    let outside = addresses.iter().filter(|address| address.point.is_some() && address.neighbourhood.is_none()).count();
    if !neighbourhoods.is_empty() && outside > 0 {
        let what = format!("{outside} addresses lie in no neighbourhood");
        let advice = "their neighbourhood figures are unknown; add the missing polygons";
        findings.push(Finding::new(Severity::Warning, "address-without-neighbourhood", "neighbourhoods", what, advice));
    }
}

/// Finds the unit area of every address; the first one that holds it counts.
fn place_in_unit_areas(region: &mut Region, areas: Vec<crate::region::Park>) {
    let index = Areas::new(areas.iter().map(|area| &area.outline));
    region.addresses.par_iter_mut().for_each(|address| {
        address.unit_area = address.point.and_then(|point| index.holding(point).first().map(|&place| place as u32));
    });
    region.unit_areas = areas.into_iter().map(|area| UnitArea { key: area.key, name: area.name }).collect();
}

/// An address outside the parks that is more than a dwelling and stands beside a crop parcel is likely a farm.
fn suppose_farms_by_parcels(addresses: &mut [Address], parcels: &[MultiPolygon<f64>], metres: f64) {
    let index = Areas::new(parcels);
    addresses.par_iter_mut().filter(|address| address.park.is_none()).for_each(|address| {
        let more = address.uses.contains(&UseClass::Business) || address.uses.contains(&UseClass::Other);
        if more && address.point.is_some_and(|point| index.any_within(point, metres)) {
            suppose_farm(address);
        }
    });
}

fn suppose_farm(address: &mut Address) {
    address.likely_farm |= !address.uses.contains(&UseClass::Agri);
    add_use(address, UseClass::Agri);
}

fn add_use(address: &mut Address, class: UseClass) {
    address.uses.push(class);
    address.uses.sort_unstable();
    address.uses.dedup();
}

/// Density counts the addresses that exist: targets so far, before the scope is drawn.
fn measure_density(addresses: &mut [Address]) {
    let counted: Vec<Coord<f64>> = addresses
        .iter()
        .filter(|address| address.standing == Standing::Target)
        .filter_map(|address| address.point)
        .collect();
    let points: Vec<Coord<f64>> = addresses.iter().filter_map(|address| address.point).collect();
    let densities = address_density(&counted, &points);
    let placed = addresses.iter_mut().filter(|address| address.point.is_some());
    for (address, density) in placed.zip(densities) {
        address.density = Some(density);
    }
}

/// Draws the scope and sets the tiers; addresses in parks are always planned for.
fn classify(
    region: &mut Region,
    scenario: &Scenario,
    built_up: Option<&[MultiPolygon<f64>]>,
    findings: &mut Vec<Finding>,
) {
    let farm_proxy = scenario.layers.addresses.farm_proxy;
    for address in &mut region.addresses {
        let mixed = address.uses.contains(&UseClass::Residential)
            && (address.uses.contains(&UseClass::Business) || address.uses.contains(&UseClass::Other));
        if farm_proxy && mixed && address.park.is_none() {
            suppose_farm(address);
        }
        address.tier = scenario.tier(address.park.is_some(), &address.uses);
    }
    let candidates = region
        .addresses
        .par_iter_mut()
        .filter(|address| address.standing == Standing::Target && address.park.is_none());
    match (scenario.scope.area, built_up) {
        (Area::All, _) => {}
        (Area::OutsideBuiltUp, Some(outlines)) => {
            let areas = Areas::new(outlines);
            candidates.for_each(|address| {
                if address.point.is_some_and(|point| !areas.holding(point).is_empty()) {
                    address.standing = Standing::BuiltUp;
                }
            });
        }
        (Area::OutsideBuiltUp, None) => {
            let what = "the scope is outside-built-up, but no built-up layer is given";
            let advice = "every address is planned for; name layers.built_up or another scope.area";
            findings.push(Finding::new(Severity::Warning, "scope-without-layer", "built_up", what, advice));
        }
        (Area::LowDensity, _) => candidates.for_each(|address| {
            if address.density.is_some_and(|density| density >= scenario.scope.density_below) {
                address.standing = Standing::Dense;
            }
        }),
    }
}
