//! Edges in the making: ways to leaves first, then the trenches between the feet of all of them.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Coord, LineString};
use rayon::prelude::*;

use crate::findings::{Finding, Severity};
use crate::graph::{Graph, NodeId};
use crate::network::crossings::Obstacles;
use crate::network::dominance::{Stretches, due};
use crate::network::drops::{Way, crossings};
use crate::network::lines::{Line, distance};
use crate::network::noding::Noding;
use crate::network::sides::{Link, LinkWorks, across};
use crate::network::zones::Zones;
use crate::network::{Network, NodeKind, Segment, SegmentKind, Site, Work};
use crate::region::Region;
use crate::scenario::PriceBook;
use crate::units::{Length, Money};

/// Edges and leaves in the making; nodes have the numbers of the noding.
pub(super) struct Draft<'a> {
    noding: Noding,
    lines: Vec<Line>,
    zones: &'a Zones<'a>,
    /// Nodes that are on lines; leaves come after them.
    ends: Vec<[u32; 2]>,
    segments: Vec<Segment>,
    leaves: Vec<(u32, NodeKind)>,
    links: BTreeSet<Link>,
}

/// A stretch between two stations: its ends and the segment there, or the kind of what forbids a trench.
type Stretch = Result<([u32; 2], Segment), String>;

impl<'a> Draft<'a> {
    pub(super) fn new(noding: Noding, lines: Vec<Line>, links: Vec<Link>, zones: &'a Zones<'a>) -> Self {
        let links = links.into_iter().collect();
        Self { noding, lines, zones, ends: Vec::new(), segments: Vec::new(), leaves: Vec::new(), links }
    }

    /// Adds a node of its own with its ways to the trenches, cheapest first.
    ///
    /// Two feet may turn out to be one node: of the ways there the first stays.
    pub(super) fn leaf(&mut self, kind: NodeKind, point: Coord<f64>, segment: SegmentKind, ways: &[Way]) -> NodeId {
        let feet: Vec<u32> = ways.iter().map(|way| self.noding.station(&mut self.lines, way.place)).collect();
        let leaf = self.noding.lone(point);
        self.leaves.push((leaf, kind));
        for (at, (way, &foot)) in ways.iter().zip(&feet).enumerate() {
            if feet[..at].contains(&foot) {
                continue;
            }
            let start = self.noding.points[foot as usize];
            let far = way.dug.as_ref().map_or(start, |dug| dug.far);
            let length = Length::from_metres(distance(start, far)).unwrap_or(Length::ZERO);
            let (works, zones) = way.dug.as_ref().map_or_else(Default::default, |dug| {
                let (mut works, zones) = self.zones.works(&[start, far], length, dug.trench);
                works.extend(crossings(&dug.due));
                (works, zones)
            });
            self.ends.push([foot, leaf]);
            let shape = LineString(vec![start, far]);
            let road = self.lines[way.place.line as usize].road;
            self.segments.push(Segment { kind: segment, shape, length, road, works, zones });
        }
        NodeId(leaf)
    }

    /// Crossings to the other side of the street where the ways of an address meet a two-sided road.
    pub(super) fn cross_streets(&mut self, ways: &[Way], region: &Region) {
        for way in ways {
            let Some(road) = self.lines[way.place.line as usize].road else { continue };
            let Some(other) = across(&self.lines, way.place) else { continue };
            let ends = [way.place, other].map(|place| self.noding.station(&mut self.lines, place));
            self.links.extend(Link::crossing(ends[0], ends[1], road, region));
        }
    }

    /// Links as segments; of several between the same nodes the cheapest.
    pub(super) fn links(&mut self, prices: &PriceBook) {
        let mut best: BTreeMap<[u32; 2], (Money, Segment)> = BTreeMap::new();
        for link in std::mem::take(&mut self.links) {
            let course = link.ends.map(|node| self.noding.points[node as usize]);
            let length = Length::from_metres(distance(course[0], course[1])).unwrap_or(Length::ZERO);
            let (kind, (works, zones)) = match link.works {
                LinkWorks::Crossing(price) => {
                    let (_, zones) = self.zones.works(&course, length, price);
                    (SegmentKind::Crossing, (vec![Work { price, quantity: 1 }], zones))
                }
                LinkWorks::Trench(price) => (SegmentKind::Trench, self.zones.works(&course, length, price)),
            };
            let shape = LineString(course.to_vec());
            let segment = Segment { kind, shape, length, road: link.road, works, zones };
            let cost = segment.cost(prices);
            if best.get(&link.ends).is_none_or(|(least, _)| cost < *least) {
                best.insert(link.ends, (cost, segment));
            }
        }
        for (ends, (_, segment)) in best {
            self.ends.push(ends);
            self.segments.push(segment);
        }
    }

    /// The stretches of every line between its stations.
    pub(super) fn trenches(
        &mut self,
        stretches: &Stretches,
        obstacles: &Obstacles<'_>,
        region: &Region,
        findings: &mut Vec<Finding>,
    ) {
        let (noding, zones) = (&self.noding, self.zones);
        let of_line = |(place, line): (usize, &Line)| -> Vec<Stretch> {
            let clear = stretches.are_clear(place as u32);
            let pairs = line.stations.windows(2).filter(|pair| pair[0].1 != pair[1].1);
            let stretch = |pair: &[(f64, u32)]| {
                let due = if clear { Vec::new() } else { due(line, pair, noding, obstacles, region)? };
                let ends = [pair[0].1, pair[1].1];
                let shape = line.course(pair[0].0, pair[1].0, ends.map(|node| noding.points[node as usize]));
                let metres: f64 = shape.0.windows(2).map(|pair| distance(pair[0], pair[1])).sum();
                let length = Length::from_metres(metres).unwrap_or(Length::ZERO);
                let (mut works, inside) = if line.is_duct() {
                    (vec![Work { price: line.price, quantity: length.millimetres() }], Vec::new())
                } else {
                    zones.works(&shape.0, length, line.price)
                };
                works.extend(line.surcharge.map(|price| Work { price, quantity: length.millimetres() }));
                works.extend(line.shots(pair[0].0, pair[1].0));
                works.extend(crossings(&due));
                Ok((ends, Segment { kind: line.kind, shape, length, road: line.road, works, zones: inside }))
            };
            pairs.map(stretch).collect()
        };
        let built: Vec<Vec<Stretch>> = self.lines.par_iter().enumerate().map(of_line).collect();
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
            let advice = "no trench is planned there; give it a crossing price if it may be crossed";
            findings.push(Finding::new(Severity::Info, "trench-forbidden", "barriers", what, advice));
        }
    }

    /// Numbers the nodes: those of roads that an edge leads to first, then the leaves in order.
    pub(super) fn finish(
        self,
        mut sites: Vec<Site>,
        mut parks: Vec<Option<NodeId>>,
        mut pops: Vec<Option<NodeId>>,
    ) -> Network {
        let points = self.noding.points;
        let mut used = vec![false; points.len()];
        for &end in self.ends.iter().flatten() {
            used[end as usize] = true;
        }
        for (leaf, _) in &self.leaves {
            used[*leaf as usize] = false;
        }
        let roads = (0..points.len() as u32).filter(|&node| used[node as usize]).map(|node| (node, NodeKind::Road));
        let all: Vec<(u32, NodeKind)> = roads.chain(self.leaves.iter().copied()).collect();
        let mut number = vec![u32::MAX; points.len()];
        for (place, (node, _)) in all.iter().enumerate() {
            number[*node as usize] = place as u32;
        }
        let renumbered = |node: &mut NodeId| node.0 = number[node.index()];
        sites.iter_mut().filter_map(|site| site.node.as_mut().ok()).for_each(renumbered);
        parks.iter_mut().flatten().for_each(renumbered);
        pops.iter_mut().flatten().for_each(renumbered);
        let ends = self.ends.iter().map(|ends| ends.map(|end| NodeId(number[end as usize]))).collect();
        let graph = Graph::new(all.len(), ends);
        Network {
            components: crate::graph::paths::components(&graph),
            graph,
            points: all.iter().map(|(node, _)| points[*node as usize]).collect(),
            nodes: all.iter().map(|(_, kind)| *kind).collect(),
            segments: self.segments,
            sites,
            parks,
            pops,
        }
    }
}
