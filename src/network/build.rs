//! Region → network, step by step: lines, noding, ways, edges.

use std::collections::BTreeMap;

use geo::Coord;
use rayon::prelude::*;
use rstar::RTree;

use crate::findings::{Finding, Severity};
use crate::graph::NodeId;
use crate::network::crossings::Obstacles;
use crate::network::dominance::{Dominance, Stretches};
use crate::network::draft::Draft;
use crate::network::drops::{Search, Way, drops};
use crate::network::entries::{middle, park_ways, pop_ways};
use crate::network::lines::{Line, pieces};
use crate::network::noding::node;
use crate::network::zones::Zones;
use crate::network::{Network, NoDrop, NodeKind, SegmentKind, Site, cross_field, delaunay, parts, sides};
use crate::region::{AddressId, ParkId, PopId, Region, RoadId, Standing};
use crate::scenario::{NetworkRules, PriceBook};

/// Builds the candidate network of a region, with every doubt about it.
///
/// A trench along a road on a bridge or in a tunnel crosses barriers and roads free of charge: the structure carries the
/// duct. Results do not depend on the number of threads, and but for numbering not on the order of the roads.
/// Time: O(n log n) for n pieces of road and addresses; memory: linear.
#[must_use]
pub fn build(region: &Region, rules: &NetworkRules, prices: &PriceBook) -> (Network, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut sites = sites(region);
    let points: Vec<Coord<f64>> = sites.iter().map(|site| site.point).collect();
    let mut lines = candidate_lines(region, &points, rules, prices);
    let tree = pieces(lines.iter().map(|line| line.points.as_slice()));
    let obstacles = Obstacles::new(region, rules.snap_m);
    let zones = Zones::new(region);
    let mut noding = node(&mut lines, &tree, region, rules.snap_m, &mut findings);
    let (mut lines, links) = sides::split(lines, &mut noding, region);
    let is_split = lines.iter().any(|line| line.opposite.is_some());
    let tree = if is_split { pieces(lines.iter().map(|line| line.points.as_slice())) } else { tree };
    let neighbours = RTree::bulk_load(points.iter().map(|point| [point.x, point.y]).collect());
    cross_field::add(&mut lines, &mut noding, (&tree, &obstacles), &neighbours, rules, prices);
    let stretches = Stretches::new(&lines, &noding, &obstacles, region);
    let dominance = Dominance::new(stretches, &lines, &noding, &links, (prices, &zones));
    let search = Search {
        lines: &lines,
        tree: &tree,
        obstacles: &obstacles,
        zones: &zones,
        prices,
        neighbours,
        yard: rules.yard_m,
        dominance: &dominance,
    };
    let ways = if region.has_road_layer {
        along_roads(&search, region, &points, rules)
    } else {
        across_fields(&search, region, &points)
    };
    let mut draft = Draft::new(noding, lines, links, &zones);
    for (place, (site, ways)) in sites.iter_mut().zip(ways.sites).enumerate() {
        let kind = NodeKind::Site(place as u32);
        site.node = ways.map(|ways| {
            draft.cross_streets(&ways, region);
            draft.leaf(kind, site.point, SegmentKind::Drop, &ways)
        });
    }
    tell_unreached(region, &sites, &mut findings);
    let parks = park_nodes(&mut draft, region, ways.parks, &mut findings);
    let pops = pop_nodes(&mut draft, region, ways.pops, &mut findings);
    draft.links(prices);
    draft.trenches(&dominance.into_stretches(), &obstacles, region, &mut findings);
    let network = draft.finish(sites, parks, pops);
    parts::tell(&network, &mut findings);
    (network, findings)
}

/// Target addresses by point; equal points, to the millimetre, share a site.
fn sites(region: &Region) -> Vec<Site> {
    let mut by_point: BTreeMap<(i64, i64), usize> = BTreeMap::new();
    let mut sites: Vec<Site> = Vec::new();
    for (place, address) in region.addresses.iter().enumerate() {
        let (Standing::Target, Some(point)) = (&address.standing, address.point) else { continue };
        let key = ((point.x * 1000.0).round() as i64, (point.y * 1000.0).round() as i64);
        let site = *by_point.entry(key).or_insert_with(|| {
            sites.push(Site { point, addresses: Vec::new(), node: Err(NoDrop::TooFar(None)) });
            sites.len() - 1
        });
        sites[site].addresses.push(AddressId(place as u32));
    }
    sites
}

/// Roads that may be dug, or field trenches where no roads are given, and existing ducts.
fn candidate_lines(region: &Region, sites: &[Coord<f64>], rules: &NetworkRules, prices: &PriceBook) -> Vec<Line> {
    let mut lines: Vec<Line> = if region.has_road_layer {
        let road = |(place, road): (usize, &crate::region::Road)| {
            let mut line = Line::new(SegmentKind::Trench, Some(RoadId(place as u32)), road.trench?, &road.line);
            line.passes_over = road.passes_over;
            line.has_junctions = road.junctions.is_some();
            line.shot = road.shot.map(|price| (price, rules.shot_m));
            Some(line)
        };
        region.roads.iter().enumerate().filter_map(road).collect()
    } else {
        let mut points = sites.to_vec();
        points.extend(region.parks.iter().map(|park| middle(&park.outline)));
        points.extend(region.pops.iter().map(|pop| pop.point));
        let price = prices.find(&rules.open_field_trench);
        delaunay::lines(&points, price.expect("the scenario was checked to name a price that is there"))
    };
    lines.extend(region.ducts.iter().map(|duct| Line::new(SegmentKind::Duct, None, duct.lease, &duct.line)));
    lines
}

/// What was found for every site, park and PoP: ways to the trenches, or why there are none.
struct Ways {
    sites: Vec<Result<Vec<Way>, NoDrop>>,
    parks: Vec<Result<Vec<Way>, NoDrop>>,
    pops: Vec<Result<Vec<Way>, NoDrop>>,
}

fn along_roads(search: &Search<'_>, region: &Region, sites: &[Coord<f64>], rules: &NetworkRules) -> Ways {
    let (reach, second) = (rules.entry_max_m, region.second_entries);
    Ways {
        sites: drops(search, sites, rules),
        parks: region.parks.par_iter().map(|park| park_ways(search, &park.outline, reach, second)).collect(),
        pops: region.pops.par_iter().map(|pop| pop_ways(search, pop.point, reach, second)).collect(),
    }
}

/// Where there are no roads, everything lies at an end of a field trench.
fn across_fields(search: &Search<'_>, region: &Region, sites: &[Coord<f64>]) -> Ways {
    let on_the_spot = |point: Coord<f64>| {
        let nearest = search.tree.nearest_neighbor([point.x, point.y]).ok_or(NoDrop::TooFar(None))?;
        let (line, piece) = nearest.data;
        Ok(vec![Way::free(search.lines[line as usize].project(line, piece, point))])
    };
    Ways {
        sites: sites.par_iter().map(|&point| on_the_spot(point)).collect(),
        parks: region.parks.iter().map(|park| on_the_spot(middle(&park.outline))).collect(),
        pops: region.pops.iter().map(|pop| on_the_spot(pop.point)).collect(),
    }
}

fn tell_unreached(region: &Region, sites: &[Site], findings: &mut Vec<Finding>) {
    for site in sites {
        let Err(reason) = &site.node else { continue };
        let (rule, what) = match reason {
            NoDrop::TooFar(Some(length)) => {
                ("address-far-from-road", format!("the nearest road that may be dug is {length} m away"))
            }
            NoDrop::TooFar(None) => ("address-far-from-road", "there is no road that may be dug".to_owned()),
            NoDrop::Forbidden(kind) => {
                ("address-cut-off", format!("every way to a road crosses {kind}, which may not be crossed"))
            }
        };
        let advice = "it is not connected; add the road that leads there, or allow longer or other drops";
        for address in &site.addresses {
            let key = region.addresses[address.0 as usize].key.as_str();
            findings.push(Finding::new(Severity::Warning, rule, "addresses", what.as_str(), advice).at(key));
        }
    }
}

fn park_nodes(
    draft: &mut Draft<'_>,
    region: &Region,
    ways: Vec<Result<Vec<Way>, NoDrop>>,
    findings: &mut Vec<Finding>,
) -> Vec<Option<NodeId>> {
    let node = |(place, ways): (usize, Result<Vec<Way>, NoDrop>)| {
        let park = &region.parks[place];
        match ways {
            Ok(ways) => {
                let kind = NodeKind::Park(ParkId(place as u32));
                Some(draft.leaf(kind, middle(&park.outline), SegmentKind::ParkEntry, &ways))
            }
            Err(reason) => {
                let advice = "it is not connected; check network.entry_max_m and the roads around it";
                let finding =
                    Finding::new(Severity::Error, "park-unreachable", "business_parks", no_entry(&reason), advice);
                findings.push(finding.at(park.key.as_str()));
                None
            }
        }
    };
    ways.into_iter().enumerate().map(node).collect()
}

fn pop_nodes(
    draft: &mut Draft<'_>,
    region: &Region,
    ways: Vec<Result<Vec<Way>, NoDrop>>,
    findings: &mut Vec<Finding>,
) -> Vec<Option<NodeId>> {
    let node = |(place, ways): (usize, Result<Vec<Way>, NoDrop>)| {
        let pop = &region.pops[place];
        match ways {
            Ok(ways) => Some(draft.leaf(NodeKind::Pop(PopId(place as u32)), pop.point, SegmentKind::PopEntry, &ways)),
            Err(reason) => {
                let advice = "it cannot be used; check network.entry_max_m and the roads around it";
                let finding = Finding::new(Severity::Error, "pop-unreachable", "pops", no_entry(&reason), advice);
                findings.push(finding.at(pop.key.as_str()));
                None
            }
        }
    };
    ways.into_iter().enumerate().map(node).collect()
}

fn no_entry(reason: &NoDrop) -> String {
    match reason {
        NoDrop::TooFar(_) => "no road that may be dug is in reach".to_owned(),
        NoDrop::Forbidden(kind) => format!("every way to a road crosses {kind}, which may not be crossed"),
    }
}
