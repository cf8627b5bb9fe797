//! Edges in the making: ways to leaves first, then the trenches between the feet of all of them.

use std::collections::BTreeMap;

use geo::{Coord, LineString};
use rayon::prelude::*;

use crate::findings::{Finding, Severity};
use crate::graph::{Graph, NodeId};
use crate::network::crossings::Obstacles;
use crate::network::dominance::{Stretches, due};
use crate::network::drops::{Way, works};
use crate::network::lines::{Line, distance};
use crate::network::noding::Noding;
use crate::network::{Network, NodeKind, Segment, SegmentKind, Site};
use crate::region::Region;
use crate::units::Length;

/// Edges and leaves in the making; nodes have the numbers of the noding.
pub(super) struct Draft {
    noding: Noding,
    lines: Vec<Line>,
    /// Nodes that are on lines; leaves come after them.
    ends: Vec<[u32; 2]>,
    segments: Vec<Segment>,
    leaves: Vec<(u32, NodeKind)>,
}

/// A stretch between two stations: its ends and the segment there, or the kind of what forbids a trench.
type Stretch = Result<([u32; 2], Segment), String>;

impl Draft {
    pub(super) fn new(noding: Noding, lines: Vec<Line>) -> Self {
        Self { noding, lines, ends: Vec::new(), segments: Vec::new(), leaves: Vec::new() }
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
            self.ends.push([foot, leaf]);
            self.segments.push(Segment {
                kind: segment,
                shape: LineString(vec![start, far]),
                length,
                road: self.lines[way.place.line as usize].road,
                works: way.dug.as_ref().map_or_else(Vec::new, |dug| works(dug.trench, length, &dug.due)),
            });
        }
        NodeId(leaf)
    }

    /// The stretches of every line between its stations.
    pub(super) fn trenches(
        &mut self,
        stretches: &Stretches,
        obstacles: &Obstacles<'_>,
        region: &Region,
        findings: &mut Vec<Finding>,
    ) {
        let noding = &self.noding;
        let of_line = |(place, line): (usize, &Line)| -> Vec<Stretch> {
            let clear = stretches.are_clear(place as u32);
            let pairs = line.stations.windows(2).filter(|pair| pair[0].1 != pair[1].1);
            let stretch = |pair: &[(f64, u32)]| {
                let due = if clear { Vec::new() } else { due(line, pair, noding, obstacles, region)? };
                let ends = [pair[0].1, pair[1].1];
                let shape = line.course(pair[0].0, pair[1].0, ends.map(|node| noding.points[node as usize]));
                let metres: f64 = shape.0.windows(2).map(|pair| distance(pair[0], pair[1])).sum();
                let length = Length::from_metres(metres).unwrap_or(Length::ZERO);
                let works = works(line.price, length, &due);
                Ok((ends, Segment { kind: line.kind, shape, length, road: line.road, works }))
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
