//! Region → network, step by step: lines, noding, drops, entries, edges.

use std::collections::BTreeMap;

use geo::{Coord, LineString};
use rayon::prelude::*;
use rstar::RTree;

use crate::findings::{Finding, Severity};
use crate::graph::{Graph, NodeId};
use crate::network::crossings::{Obstacles, Roads};
use crate::network::drops::{Search, Way, drops, works};
use crate::network::entries::{middle, park_ways};
use crate::network::lines::{Line, distance};
use crate::network::noding::{Noding, index, node};
use crate::network::{Network, NoDrop, NodeKind, Segment, SegmentKind, Site, components, delaunay};
use crate::region::{AddressId, ParkId, PopId, Region, RoadId, Standing};
use crate::scenario::{NetworkRules, PriceBook};
use crate::units::{Length, Money};

/// Builds the candidate network of a region, with every doubt about it.
///
/// A trench along a road on a bridge or in a tunnel crosses barriers free of charge: the structure carries the duct.
/// Time: O(n log n) for n pieces of road and addresses; memory: linear.
#[must_use]
pub fn build(region: &Region, rules: &NetworkRules, prices: &PriceBook) -> (Network, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut sites = sites(region);
    let points: Vec<Coord<f64>> = sites.iter().map(|site| site.point).collect();
    let mut lines =
        if region.has_road_layer { candidate_lines(region) } else { field_lines(region, &points, rules, prices) };
    let tree = index(&lines);
    let obstacles = Obstacles::new(region);
    let mut noding = node(&mut lines, &tree, region, rules.snap_m, &mut findings);
    let neighbours = RTree::bulk_load(points.iter().map(|point| [point.x, point.y]).collect());
    let search = Search {
        lines: &lines,
        tree: &tree,
        obstacles: &obstacles,
        prices,
        neighbours,
        yard: rules.yard_m,
        parts: noding.parts(&lines),
    };
    let (drops, parks, pops) = if region.has_road_layer {
        let parks: Vec<Vec<Way>> =
            region.parks.par_iter().map(|park| park_ways(&search, &park.outline, rules.entry_max_m)).collect();
        let pop_points = region.pops.iter().map(|pop| pop.point);
        let pops: Vec<Vec<Way>> =
            pop_points.map(|point| search.ways(point, rules.entry_max_m, 2).unwrap_or_default()).collect();
        (drops(&search, &points, rules), parks, pops)
    } else {
        let at = |point: Coord<f64>| on_the_spot(&search, point);
        let parks = region.parks.iter().map(|park| at(middle(&park.outline))).collect();
        let pops = region.pops.iter().map(|pop| at(pop.point)).collect();
        (points.iter().map(|&point| Ok(at(point))).collect(), parks, pops)
    };
    let mut draft = Draft::default();
    for (place, (site, drop)) in sites.iter_mut().zip(drops).enumerate() {
        site.node = drop.map(|ways| {
            draft.leaf(&mut noding, &mut lines, NodeKind::Site(place as u32), site.point, SegmentKind::Drop, ways)
        });
    }
    let park_nodes = draft.parks(&mut noding, &mut lines, region, parks, &mut findings);
    let pop_nodes = draft.pops(&mut noding, &mut lines, region, pops, &mut findings);
    draft.trenches(&mut noding, &lines, &obstacles, &mut findings);
    let mut network = draft.finish(&mut noding, sites, park_nodes, pop_nodes);
    network.components = components::components(&network.graph);
    components::tell(&network, &mut findings);
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

/// Roads that may be dug, and existing ducts.
fn candidate_lines(region: &Region) -> Vec<Line> {
    let roads = region.roads.iter().enumerate().filter_map(|(place, road)| {
        let mut line = Line::new(SegmentKind::Trench, Some(RoadId(place as u32)), road.trench?, &road.line);
        line.passes_over = road.passes_over;
        line.has_junctions = road.junctions.is_some();
        Some(line)
    });
    let ducts = region.ducts.iter().map(|duct| Line::new(SegmentKind::Duct, None, duct.lease, &duct.line));
    roads.chain(ducts).collect()
}

fn field_lines(region: &Region, sites: &[Coord<f64>], rules: &NetworkRules, prices: &PriceBook) -> Vec<Line> {
    let mut points = sites.to_vec();
    points.extend(region.parks.iter().map(|park| middle(&park.outline)));
    points.extend(region.pops.iter().map(|pop| pop.point));
    let price = prices.find(&rules.open_field_trench).expect("the scenario was checked to name a price that is there");
    delaunay::lines(&points, price)
}

/// The way of no length from a field trench that ends at a point.
fn on_the_spot(search: &Search<'_>, point: Coord<f64>) -> Vec<Way> {
    let Some(nearest) = search.tree.nearest_neighbor([point.x, point.y]) else { return Vec::new() };
    let (line, piece) = nearest.data;
    let place = search.lines[line as usize].project(line, piece, point);
    vec![Way { place, far: point, length: Length::ZERO, works: Vec::new(), cost: Money::ZERO }]
}

/// Edges and leaves in the making, with drafts of nodes for their ends.
#[derive(Default)]
struct Draft {
    ends: Vec<[u32; 2]>,
    segments: Vec<Segment>,
    kinds: Vec<(u32, NodeKind)>,
}

impl Draft {
    /// Adds a node of its own with its ways to the trenches; returns its draft as if it were a node.
    fn leaf(
        &mut self,
        noding: &mut Noding,
        lines: &mut [Line],
        kind: NodeKind,
        point: Coord<f64>,
        segment: SegmentKind,
        ways: Vec<Way>,
    ) -> NodeId {
        let leaf = noding.lone(point);
        self.kinds.push((leaf, kind));
        for mut way in ways {
            let anchor = noding.station(lines, way.place);
            let anchor = noding.find(anchor);
            let foot = noding.points[anchor as usize];
            if way.length > Length::ZERO {
                // The foot may be a node near the place that was found: what is dug starts there.
                way.length = Length::from_metres(distance(foot, way.far)).unwrap_or(way.length);
                way.works[0].quantity = way.length.millimetres();
            }
            self.ends.push([anchor, leaf]);
            self.segments.push(Segment {
                kind: segment,
                shape: LineString(vec![foot, way.far]),
                length: way.length,
                road: lines[way.place.line as usize].road,
                works: way.works,
            });
        }
        NodeId(leaf)
    }

    fn parks(
        &mut self,
        noding: &mut Noding,
        lines: &mut [Line],
        region: &Region,
        ways: Vec<Vec<Way>>,
        findings: &mut Vec<Finding>,
    ) -> Vec<Option<NodeId>> {
        let mut nodes = Vec::with_capacity(ways.len());
        for (place, (park, ways)) in region.parks.iter().zip(ways).enumerate() {
            if ways.is_empty() {
                let what = "no road that may be dug is in reach of the park";
                let advice = "it is not connected; check network.entry_max_m and the roads around it";
                let finding = Finding::new(Severity::Error, "park-unreachable", "business_parks", what, advice);
                findings.push(finding.at(park.key.as_str()));
                nodes.push(None);
                continue;
            }
            let kind = NodeKind::Park(ParkId(place as u32));
            let point = middle(&park.outline);
            nodes.push(Some(self.leaf(noding, lines, kind, point, SegmentKind::ParkEntry, ways)));
        }
        nodes
    }

    fn pops(
        &mut self,
        noding: &mut Noding,
        lines: &mut [Line],
        region: &Region,
        ways: Vec<Vec<Way>>,
        findings: &mut Vec<Finding>,
    ) -> Vec<Option<NodeId>> {
        let mut nodes = Vec::with_capacity(ways.len());
        for (place, (pop, ways)) in region.pops.iter().zip(ways).enumerate() {
            if ways.is_empty() {
                let what = "no road that may be dug is in reach of the PoP";
                let advice = "it cannot be used; check network.entry_max_m and the roads around it";
                findings
                    .push(Finding::new(Severity::Error, "pop-unreachable", "pops", what, advice).at(pop.key.as_str()));
                nodes.push(None);
                continue;
            }
            let kind = NodeKind::Pop(PopId(place as u32));
            nodes.push(Some(self.leaf(noding, lines, kind, pop.point, SegmentKind::PopEntry, ways)));
        }
        nodes
    }

    /// The stretches of every line between its stations.
    fn trenches(
        &mut self,
        noding: &mut Noding,
        lines: &[Line],
        obstacles: &Obstacles<'_>,
        findings: &mut Vec<Finding>,
    ) {
        let roots: Vec<u32> = (0..noding.points.len() as u32).map(|draft| noding.find(draft)).collect();
        let points = &noding.points;
        let of_line = |line: &Line| -> Vec<Result<([u32; 2], Segment), String>> {
            let stretches = line.stations.windows(2).filter_map(|pair| {
                let ends = [roots[pair[0].1 as usize], roots[pair[1].1 as usize]];
                (ends[0] != ends[1]).then_some((pair, ends))
            });
            stretches
                .map(|(pair, ends)| {
                    let shape = line.course(pair[0].0, pair[1].0, ends.map(|end| points[end as usize]));
                    stretch(line, shape, obstacles).map(|segment| (ends, segment))
                })
                .collect()
        };
        let built: Vec<Vec<Result<([u32; 2], Segment), String>>> = lines.par_iter().map(of_line).collect();
        let mut forbidden: BTreeMap<String, usize> = BTreeMap::new();
        for stretch in built.into_iter().flatten() {
            match stretch {
                Ok((ends, segment)) => {
                    self.ends.push(ends);
                    self.segments.push(segment);
                }
                Err(kind) => *forbidden.entry(kind).or_default() += 1,
            }
        }
        for (kind, count) in forbidden {
            let what = format!("{count} stretches of road cross {kind}, which may not be crossed");
            let advice = "no trench is planned there; give the barrier a crossing price if one may be dug";
            findings.push(Finding::new(Severity::Info, "trench-forbidden", "roads", what, advice));
        }
    }

    /// Numbers the nodes: roads first, then sites, parks and PoPs, each in order.
    fn finish(
        self,
        noding: &mut Noding,
        mut sites: Vec<Site>,
        mut parks: Vec<Option<NodeId>>,
        mut pops: Vec<Option<NodeId>>,
    ) -> Network {
        let mut used = vec![false; noding.points.len()];
        let ends: Vec<[u32; 2]> = self.ends.iter().map(|ends| ends.map(|end| noding.find(end))).collect();
        for &end in ends.iter().flatten() {
            used[end as usize] = true;
        }
        let mut is_leaf = vec![false; noding.points.len()];
        for (draft, _) in &self.kinds {
            is_leaf[*draft as usize] = true;
        }
        let roads = (0..noding.points.len() as u32).filter(|&draft| used[draft as usize] && !is_leaf[draft as usize]);
        let roads = roads.map(|draft| (draft, NodeKind::Road));
        let all: Vec<(u32, NodeKind)> = roads.chain(self.kinds.iter().copied()).collect();
        let mut number = vec![u32::MAX; noding.points.len()];
        for (place, (draft, _)) in all.iter().enumerate() {
            number[*draft as usize] = place as u32;
        }
        let renumbered = |node: &mut NodeId| node.0 = number[node.index()];
        sites.iter_mut().filter_map(|site| site.node.as_mut().ok()).for_each(renumbered);
        parks.iter_mut().flatten().for_each(renumbered);
        pops.iter_mut().flatten().for_each(renumbered);
        let ends = ends.iter().map(|ends| ends.map(|end| NodeId(number[end as usize]))).collect();
        Network {
            graph: Graph::new(all.len(), ends),
            points: all.iter().map(|(draft, _)| noding.points[*draft as usize]).collect(),
            nodes: all.iter().map(|(_, kind)| *kind).collect(),
            segments: self.segments,
            sites,
            parks,
            pops,
            components: Vec::new(),
        }
    }
}

fn stretch(line: &Line, shape: LineString<f64>, obstacles: &Obstacles<'_>) -> Result<Segment, String> {
    let metres: f64 = shape.0.windows(2).map(|pair| distance(pair[0], pair[1])).sum();
    let length = Length::from_metres(metres).unwrap_or(Length::ZERO);
    // An existing duct is there already, and a bridge or tunnel carries the duct: nothing is crossed anew.
    let due = if line.passes_over || line.kind == SegmentKind::Duct {
        Vec::new()
    } else {
        obstacles.crossed(&shape.0, Roads::Undug)?
    };
    Ok(Segment { kind: line.kind, length, road: line.road, works: works(line.price, length, &due), shape })
}
