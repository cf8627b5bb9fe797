//! Noding: where lines meet they share a node.
//!
//! Lines meet where their junction ids say so, at end points closer than the tolerance, at end points on another line,
//! at points that they share, and where they cross on the same level. Lines that carry junction ids on both sides meet
//! each other at those only: what crosses without a shared junction passes on another level.

use std::collections::BTreeMap;

use geo::Coord;
use rstar::primitives::GeomWithData;
use rstar::{AABB, RTree};

use crate::findings::{Finding, Severity};
use crate::graph::UnionFind;
use crate::network::SegmentKind;
use crate::network::lines::{Line, Pieces, Place, distance, pieces};
use crate::region::Region;

/// Junctions of one id whose ends lie farther apart than this are doubtful, in metres.
const JUNCTION_APART: f64 = 1.0;

/// How far an existing duct's end may be from the road that it is taken to join, in metres.
const DUCT_REACH: f64 = 5.0;

/// Nodes in the making: points, and which of them are one.
pub(super) struct Noding {
    pub(super) points: Vec<Coord<f64>>,
    union: UnionFind,
}

impl Noding {
    /// The draft of the node that this one has become part of.
    pub(super) fn find(&mut self, draft: u32) -> u32 {
        self.union.find(draft as usize) as u32
    }

    fn add(&mut self, lines: &mut [Line], place: Place) -> u32 {
        let draft = self.points.len() as u32;
        self.points.push(place.point);
        self.union.push();
        lines[place.line as usize].stations.push((place.along, draft));
        draft
    }

    /// A node at a place: one that is there already, or a new one. Stations must be sorted, and stay so.
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
        let mut parts = self.union.clone();
        for pair in lines.iter().flat_map(|line| line.stations.windows(2)) {
            parts.join(pair[0].1 as usize, pair[1].1 as usize);
        }
        let first = |line: &Line| line.stations.first().map_or(0, |(_, draft)| *draft as usize);
        lines.iter().map(|line| parts.find(first(line)) as u32).collect()
    }

    /// A node of its own, on no line.
    pub(super) fn lone(&mut self, point: Coord<f64>) -> u32 {
        self.points.push(point);
        self.union.push();
        self.points.len() as u32 - 1
    }
}

/// Finds where the lines meet. Time: O((n + k) log n) for n pieces and k meetings.
pub(super) fn node(
    lines: &mut [Line],
    tree: &Pieces,
    region: &Region,
    snap: f64,
    findings: &mut Vec<Finding>,
) -> Noding {
    let mut noding = Noding { points: Vec::new(), union: UnionFind::new(0) };
    let ends = add_ends(&mut noding, lines);
    join_by_id(&mut noding, lines, &ends, region, findings);
    join_shared_points(&mut noding, lines);
    join_ends_to_lines(&mut noding, lines, &ends, tree, snap);
    join_crossings(&mut noding, lines, tree, findings);
    join_near(&mut noding, lines, &ends, snap);
    for line in lines.iter_mut() {
        line.stations.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    }
    noding
}

/// Drafts at both ends of every line.
fn add_ends(noding: &mut Noding, lines: &mut [Line]) -> Vec<[u32; 2]> {
    let mut ends = Vec::with_capacity(lines.len());
    for line in 0..lines.len() {
        let last = lines[line].points.len() - 1;
        let places = [0, last].map(|at| lines[line].vertex(line as u32, at));
        ends.push(places.map(|place| noding.add(lines, place)));
    }
    ends
}

fn join_by_id(noding: &mut Noding, lines: &[Line], ends: &[[u32; 2]], region: &Region, findings: &mut Vec<Finding>) {
    let mut first: BTreeMap<&str, u32> = BTreeMap::new();
    for (line, drafts) in lines.iter().zip(ends) {
        let Some(road) = line.road else { continue };
        let Some(junctions) = &region.roads[road.0 as usize].junctions else { continue };
        for (junction, &draft) in junctions.iter().zip(drafts) {
            let &mut known = first.entry(junction).or_insert(draft);
            let apart = distance(noding.points[known as usize], noding.points[draft as usize]);
            if apart > JUNCTION_APART {
                let what = format!("junction {junction} lies {apart:.1} m away from where another road has it");
                let advice = "the ends are kept apart; mend the junction id or the line";
                let road = &region.roads[road.0 as usize].key;
                findings
                    .push(Finding::new(Severity::Warning, "junction-apart", "roads", what, advice).at(road.as_str()));
            } else {
                noding.union.join(known as usize, draft as usize);
            }
        }
    }
}

/// Points that occur in several lines, or twice in one, to the millimetre.
fn join_shared_points(noding: &mut Noding, lines: &mut [Line]) {
    let mut all: Vec<(i64, i64, u32, u32)> = Vec::new();
    for (line, points) in lines.iter().map(|line| &line.points).enumerate() {
        for (at, point) in points.iter().enumerate() {
            let millimetres = |metres: f64| (metres * 1000.0).round() as i64;
            all.push((millimetres(point.x), millimetres(point.y), line as u32, at as u32));
        }
    }
    all.sort_unstable();
    for same in all.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).filter(|same| same.len() > 1) {
        let several_levels = same.iter().any(|&(_, _, line, at)| {
            let line = &lines[line as usize];
            line.passes_over && at != 0 && at as usize != line.points.len() - 1
        });
        if several_levels {
            continue;
        }
        let drafts: Vec<(usize, bool)> = same
            .iter()
            .map(|&(_, _, line, at)| {
                let place = lines[line as usize].vertex(line, at as usize);
                let has_junctions = lines[line as usize].has_junctions;
                (noding.add(lines, place) as usize, has_junctions)
            })
            .collect();
        for pair in drafts.windows(2) {
            if !(pair[0].1 && pair[1].1) {
                noding.union.join(pair[0].0, pair[1].0);
            }
        }
    }
    // A draft added at an end is the end's own draft again.
    for line in lines.iter_mut() {
        line.stations.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for pair in line.stations.windows(2) {
            if pair[1].0 - pair[0].0 < 1e-6 {
                noding.union.join(pair[0].1 as usize, pair[1].1 as usize);
            }
        }
        line.stations.dedup_by(|later, earlier| later.0 - earlier.0 < 1e-6);
    }
}

/// End points on, or within the tolerance of, another line.
fn join_ends_to_lines(noding: &mut Noding, lines: &mut [Line], ends: &[[u32; 2]], tree: &Pieces, snap: f64) {
    for line in 0..lines.len() {
        let reach = if lines[line].kind == SegmentKind::Duct { DUCT_REACH } else { snap };
        for draft in ends[line] {
            let point = noding.points[draft as usize];
            let mut best: BTreeMap<u32, (f64, Place)> = BTreeMap::new();
            for near in tree.locate_within_distance([point.x, point.y], reach * reach) {
                let (other, piece) = near.data;
                let both_have_ids = lines[line].has_junctions && lines[other as usize].has_junctions;
                if other as usize == line || both_have_ids {
                    continue;
                }
                let place = lines[other as usize].project(other, piece, point);
                let away = distance(place.point, point);
                let entry = best.entry(other).or_insert((away, place));
                if away < entry.0 {
                    *entry = (away, place);
                }
            }
            for (other, (_, place)) in best {
                let length = lines[other as usize].length();
                if place.along > 1e-6 && place.along < length - 1e-6 {
                    let joined = noding.add(lines, place);
                    noding.union.join(draft as usize, joined as usize);
                }
            }
        }
    }
}

/// Proper crossings on one level.
fn join_crossings(noding: &mut Noding, lines: &mut [Line], tree: &Pieces, findings: &mut Vec<Finding>) {
    let mut levels = 0;
    let mut found: Vec<(Place, Place)> = Vec::new();
    for line in 0..lines.len() as u32 {
        let points = &lines[line as usize].points;
        for piece in 0..points.len() as u32 - 1 {
            let (a, b) = (points[piece as usize], points[piece as usize + 1]);
            let around = AABB::from_corners([a.x, a.y], [b.x, b.y]);
            for near in tree.locate_in_envelope_intersecting(around).filter(|near| near.data > (line, piece)) {
                let (other, at) = near.data;
                let theirs = &lines[other as usize];
                let (c, d) = (theirs.points[at as usize], theirs.points[at as usize + 1]);
                let Some(point) = proper_crossing([a, b], [c, d]) else { continue };
                let ours = &lines[line as usize];
                if ours.passes_over || theirs.passes_over || (ours.has_junctions && theirs.has_junctions) {
                    levels += 1;
                    continue;
                }
                found.push((ours.project(line, piece, point), theirs.project(other, at, point)));
            }
        }
    }
    for (ours, theirs) in found {
        let (one, other) = (noding.add(lines, ours), noding.add(lines, theirs));
        noding.union.join(one as usize, other as usize);
    }
    if levels > 0 {
        let what = format!("roads cross {levels} times without a shared junction");
        let advice = "they are taken to pass on different levels; nothing to mend if these are bridges";
        findings.push(Finding::new(Severity::Info, "crossing-without-junction", "roads", what, advice));
    }
}

/// End points closer than the tolerance to other nodes.
fn join_near(noding: &mut Noding, lines: &[Line], ends: &[[u32; 2]], snap: f64) {
    let mut has_ids = vec![false; noding.points.len()];
    for line in lines {
        for (_, draft) in line.stations.iter().filter(|_| line.has_junctions) {
            has_ids[*draft as usize] = true;
        }
    }
    let all = noding.points.iter().enumerate().map(|(draft, point)| GeomWithData::new([point.x, point.y], draft));
    let tree = RTree::bulk_load(all.collect::<Vec<_>>());
    for &draft in ends.iter().flatten() {
        let point = noding.points[draft as usize];
        for near in tree.locate_within_distance([point.x, point.y], snap * snap) {
            if !(has_ids[draft as usize] && has_ids[near.data]) {
                noding.union.join(draft as usize, near.data);
            }
        }
    }
}

/// Where two pieces cross with both ends of each strictly on either side of the other.
pub(super) fn proper_crossing([a, b]: [Coord<f64>; 2], [c, d]: [Coord<f64>; 2]) -> Option<Coord<f64>> {
    let side = |p: Coord<f64>, q: Coord<f64>, r: Coord<f64>| (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
    let (over_a, over_b) = (side(c, d, a), side(c, d, b));
    let (over_c, over_d) = (side(a, b, c), side(a, b, d));
    if over_a * over_b < 0.0 && over_c * over_d < 0.0 {
        let share = over_a / (over_a - over_b);
        return Some(a + (b - a) * share);
    }
    None
}

/// Rebuilds the index of pieces for these lines.
pub(super) fn index(lines: &[Line]) -> Pieces {
    pieces(lines.iter().map(|line| line.points.as_slice()))
}
