//! Noding: where lines meet they share a node.
//!
//! Lines meet where their junction ids say so, at points that they share, at end points on or near another line, and
//! where they cross on one level (`meetings` finds all of these). Lines that carry junction ids on both sides meet each
//! other at end points only: what crosses without a shared junction passes on another level.

use geo::Coord;

use crate::findings::Finding;
use crate::graph::UnionFind;
use crate::network::lines::{Line, Pieces, Place};
use crate::network::meetings;
use crate::region::Region;

/// Stations of one line closer than this are one and the same place found twice, in metres.
const SAME_PLACE: f64 = 1e-3;

/// The nodes of the lines; each line's stations tell where it has which.
pub(super) struct Noding {
    /// Where each node is.
    pub(super) points: Vec<Coord<f64>>,
}

/// Finds where the lines meet. Time: O((n + k) log n) for n pieces and k meetings.
pub(super) fn node(
    lines: &mut [Line],
    tree: &Pieces,
    region: &Region,
    snap: f64,
    findings: &mut Vec<Finding>,
) -> Noding {
    let mut joints = Joints::new(lines);
    meetings::by_id(&mut joints, lines, region, findings);
    meetings::at_shared_points(&mut joints, lines, findings);
    meetings::points_on_lines(&mut joints, lines, tree, snap);
    meetings::crossings(&mut joints, lines, tree, findings);
    meetings::near_nodes(&mut joints, lines, snap);
    meetings::tell_lonely_ducts(&mut joints, lines, region, findings);
    joints.settle(lines)
}

impl Noding {
    /// A node at a place: one that is there already, or a new one.
    pub(super) fn station(&mut self, lines: &mut [Line], place: Place) -> u32 {
        if let Some(node) = lines[place.line as usize].station_near(place.along) {
            return node;
        }
        let node = self.lone(place.point);
        let stations = &mut lines[place.line as usize].stations;
        let at = stations.partition_point(|(along, _)| *along < place.along);
        stations.insert(at, (place.along, node));
        node
    }

    /// Connected part of each line, named by one of its drafts.
    pub(super) fn parts(&self, lines: &[Line]) -> Vec<u32> {
        let mut parts = UnionFind::new(self.points.len());
        for pair in lines.iter().flat_map(|line| line.stations.windows(2)) {
            parts.join(pair[0].1 as usize, pair[1].1 as usize);
        }
        let first = |line: &Line| line.stations.first().map_or(0, |(_, draft)| *draft as usize);
        lines.iter().map(|line| parts.find(first(line)) as u32).collect()
    }

    /// A node of its own, on no line.
    pub(super) fn lone(&mut self, point: Coord<f64>) -> u32 {
        self.points.push(point);
        self.points.len() as u32 - 1
    }
}

/// Nodes in the making: every place where a line meets another is a joint, and those that are one node are united.
pub(super) struct Joints {
    pub(super) points: Vec<Coord<f64>>,
    /// Joints at both ends of every line.
    pub(super) ends: Vec<[u32; 2]>,
    /// Whether a joint's point should give way to others: it lies on a duct.
    yields: Vec<bool>,
    pub(super) union: UnionFind,
}

impl Joints {
    /// Joints at both ends of every line, and no others yet.
    fn new(lines: &mut [Line]) -> Self {
        let mut joints = Self { points: Vec::new(), ends: Vec::new(), yields: Vec::new(), union: UnionFind::default() };
        for line in 0..lines.len() {
            let last = lines[line].points.len() - 1;
            let places = [0, last].map(|at| lines[line].vertex(line as u32, at));
            let ends = places.map(|place| joints.add(lines, place));
            joints.ends.push(ends);
        }
        joints
    }

    /// A new joint at a place of a line.
    pub(super) fn add(&mut self, lines: &mut [Line], place: Place) -> u32 {
        let joint = self.points.len() as u32;
        let line = &mut lines[place.line as usize];
        self.points.push(place.point);
        self.yields.push(line.is_duct());
        self.union.push();
        line.stations.push((place.along, joint));
        joint
    }

    /// Makes two joints one node; whether they were two.
    pub(super) fn join(&mut self, one: u32, other: u32) -> bool {
        self.union.join(one as usize, other as usize)
    }

    /// Numbers the nodes and sorts every line's stations.
    ///
    /// Where joints a little apart are one node, it lies at the leftmost (then lowest) of them that is not on a duct, so
    /// that the order of the input does not matter.
    fn settle(mut self, lines: &mut [Line]) -> Noding {
        for line in lines.iter_mut() {
            line.stations.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            for pair in line.stations.windows(2) {
                if pair[1].0 - pair[0].0 < SAME_PLACE {
                    self.union.join(pair[0].1 as usize, pair[1].1 as usize);
                }
            }
        }
        let count = self.points.len();
        let mut node = vec![u32::MAX; count];
        let mut chosen: Vec<usize> = Vec::new();
        for joint in 0..count {
            let root = self.union.find(joint);
            if node[root] == u32::MAX {
                node[root] = chosen.len() as u32;
                chosen.push(joint);
            }
            node[joint] = node[root];
            let best = &mut chosen[node[root] as usize];
            let rank = |joint: usize| (self.yields[joint], self.points[joint].x, self.points[joint].y);
            if rank(joint) < rank(*best) {
                *best = joint;
            }
        }
        for line in lines.iter_mut() {
            for station in &mut line.stations {
                station.1 = node[station.1 as usize];
            }
            line.stations.dedup_by(|later, earlier| later.1 == earlier.1 && later.0 - earlier.0 < SAME_PLACE);
            line.stations.shrink_to_fit();
        }
        Noding { points: chosen.into_iter().map(|joint| self.points[joint]).collect() }
    }
}
