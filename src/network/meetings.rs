//! The ways in which lines meet, one a function.

use geo::Coord;
use rayon::prelude::*;
use rstar::primitives::GeomWithData;
use rstar::{AABB, RTree};

use crate::findings::{Finding, Severity};
use crate::network::lines::{Line, Pieces, Place, distance, proper_crossing};
use crate::network::noding::Joints;
use crate::region::Region;

/// Ends with one junction id that lie farther apart than this are not one junction, in metres.
const JUNCTION_APART: f64 = 1.0;

/// How far an existing duct's end may be from the road that it is taken to join, in metres.
const DUCT_REACH: f64 = 5.0;

/// A crossing this near an end of a line is a meeting there, in metres.
const AT_THE_END: f64 = 0.05;

/// Least tolerance, in metres: coordinates are told to the millimetre.
const LEAST_SNAP: f64 = 1e-3;

/// Ends of roads with the same junction id, unless they lie far apart.
pub(super) fn by_id(joints: &mut Joints, lines: &[Line], region: &Region, findings: &mut Vec<Finding>) {
    let mut all: Vec<(&str, u32)> = Vec::new();
    for (line, ends) in lines.iter().zip(&joints.ends) {
        let Some(road) = line.road else { continue };
        let Some(junctions) = &region.roads[road.0 as usize].junctions else { continue };
        all.extend(junctions.iter().map(String::as_str).zip(*ends));
    }
    all.sort_unstable();
    for same in all.chunk_by(|a, b| a.0 == b.0) {
        let mut ends: Vec<u32> = same.iter().map(|(_, joint)| *joint).collect();
        let (places, widest) = join_within(joints, &mut ends, JUNCTION_APART);
        if places > 1 {
            let what = format!("junction {} has ends at {places} places, up to {widest:.1} m apart", same[0].0);
            let advice = "they are taken for different junctions; mend the ids or the lines";
            findings.push(Finding::new(Severity::Warning, "junction-apart", "roads", what, advice).at(same[0].0));
        }
    }
}

/// Joins the joints that are linked by steps no longer than `reach`; says how many places are left and how far the
/// ends of the box around them lie apart.
fn join_within(joints: &mut Joints, ends: &mut [u32], reach: f64) -> (usize, f64) {
    let first = joints.points[ends[0] as usize];
    if ends.iter().all(|&end| joints.points[end as usize] == first) {
        ends.windows(2).for_each(|pair| {
            joints.join(pair[0], pair[1]);
        });
        return (1, 0.0);
    }
    let point = |joints: &Joints, end: u32| joints.points[end as usize];
    ends.sort_by(|&a, &b| {
        let (a, b) = (point(joints, a), point(joints, b));
        a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y))
    });
    for (place, &end) in ends.iter().enumerate() {
        let here = point(joints, end);
        for &next in &ends[place + 1..] {
            let there = point(joints, next);
            if there.x - here.x > reach {
                break;
            }
            if distance(here, there) <= reach {
                joints.join(end, next);
            }
        }
    }
    let mut roots: Vec<usize> = ends.iter().map(|&end| joints.union.find(end as usize)).collect();
    roots.sort_unstable();
    roots.dedup();
    let (mut low, mut high) = (first, first);
    for &end in ends.iter() {
        let here = point(joints, end);
        low = Coord { x: low.x.min(here.x), y: low.y.min(here.y) };
        high = Coord { x: high.x.max(here.x), y: high.y.max(here.y) };
    }
    (roots.len(), distance(low, high))
}

/// One of a line's points that occurs more than once.
#[derive(Clone, Copy)]
struct Shared {
    line: u32,
    at: u32,
    has_junctions: bool,
    /// Its joint, if it is an end of the line.
    end: Option<u32>,
}

/// Points that occur in several lines, or twice in one, to the millimetre: they were drawn as one.
///
/// Lines with junction ids are split at their junctions, so points between their ends meet only lines without ids.
pub(super) fn at_shared_points(joints: &mut Joints, lines: &mut [Line], findings: &mut Vec<Finding>) {
    let mut all: Vec<(i64, i64, u32, u32)> = Vec::with_capacity(lines.iter().map(|line| line.points.len()).sum());
    let millimetres = |metres: f64| (metres * 1000.0).round() as i64;
    for (line, points) in lines.iter().map(|line| &line.points).enumerate() {
        let places = points.iter().enumerate();
        all.extend(places.map(|(at, point)| (millimetres(point.x), millimetres(point.y), line as u32, at as u32)));
    }
    all.par_sort_unstable();
    let mut other_id = 0usize;
    for same in all.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).filter(|same| same.len() > 1) {
        let shared: Vec<Shared> = same.iter().map(|&(_, _, line, at)| shared(joints, lines, line, at)).collect();
        let any_without_ids = shared.iter().any(|shared| !shared.has_junctions);
        let mut first = None;
        for shared in shared.iter().filter(|shared| any_without_ids || shared.end.is_some()) {
            let joint = shared.end.unwrap_or_else(|| {
                let place = lines[shared.line as usize].vertex(shared.line, shared.at as usize);
                joints.add(lines, place)
            });
            let new = joints.join(*first.get_or_insert(joint), joint);
            other_id += usize::from(new && !any_without_ids);
        }
    }
    if other_id > 0 {
        let what = format!("{other_id} ends of roads lie at the end of another that has another junction id");
        let advice = "they are joined; check that the columns with junction ids are the right ones";
        findings.push(Finding::new(Severity::Warning, "junction-ids-differ", "roads", what, advice));
    }
}

fn shared(joints: &Joints, lines: &[Line], line: u32, at: u32) -> Shared {
    let last = lines[line as usize].points.len() as u32 - 1;
    let ends = joints.ends[line as usize];
    let end = if at == 0 { Some(ends[0]) } else { (at == last).then_some(ends[1]) };
    Shared { line, at, has_junctions: lines[line as usize].has_junctions, end }
}

/// Points of lines on the interior of a line: end points within the tolerance of it, ends of ducts from farther, and
/// corners that lie on it to the millimetre.
pub(super) fn points_on_lines(joints: &mut Joints, lines: &mut [Line], tree: &Pieces, snap: f64) {
    let snap = snap.max(LEAST_SNAP);
    let all = &*lines;
    let all_have_ids = all.iter().all(|line| line.has_junctions);
    let of_line = |line: usize| -> Vec<(usize, Place)> {
        let this = &all[line];
        let last = this.points.len() - 1;
        let near = (0..=last).filter(|_| !all_have_ids).flat_map(|at| {
            let reach = match (this.is_duct(), at == 0 || at == last) {
                (true, true) => DUCT_REACH,
                (true, false) | (false, true) => snap,
                (false, false) => LEAST_SNAP,
            };
            interiors_near(all, tree, line, at, reach).into_iter().map(move |place| (at, place))
        });
        near.collect()
    };
    let found: Vec<Vec<(usize, Place)>> = (0..all.len()).into_par_iter().map(of_line).collect();
    for (line, found) in found.into_iter().enumerate() {
        let last = lines[line].points.len() - 1;
        for (at, place) in found {
            let own = match at {
                0 => joints.ends[line][0],
                at if at == last => joints.ends[line][1],
                at => {
                    let own = lines[line].vertex(line as u32, at);
                    joints.add(lines, own)
                }
            };
            let other = joints.add(lines, place);
            joints.join(own, other);
        }
    }
}

/// The nearest place in the interior of each line within reach of a line's point; of other ducts only the one line a
/// duct's end is nearest to.
fn interiors_near(lines: &[Line], tree: &Pieces, line: usize, at: usize, reach: f64) -> Vec<Place> {
    let this = &lines[line];
    let point = this.points[at];
    let here = this.vertex(line as u32, at).along;
    let is_end = at == 0 || at == this.points.len() - 1;
    let mut near: Vec<(u32, f64, Place)> = Vec::new();
    for found in tree.locate_within_distance([point.x, point.y], reach * reach) {
        let (other, piece) = found.data;
        let theirs = &lines[other as usize];
        let place = theirs.project(other, piece, point);
        let away = distance(place.point, point);
        // On its own line a point is near itself; only a line that comes back to the point meets it there.
        let is_itself = other as usize == line && (place.along - here).abs() < 2.0 * reach + 2.0 * away;
        let on_two_levels = !is_end && (this.passes_over || theirs.passes_over);
        if is_itself || on_two_levels || (this.has_junctions && theirs.has_junctions) {
            continue;
        }
        near.push((other, away, place));
    }
    near.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.along.total_cmp(&b.2.along)));
    near.dedup_by_key(|(other, _, _)| *other);
    if this.is_duct() {
        let others = near.iter().filter(|(other, _, _)| *other as usize != line);
        let nearest = others.map(|(_, away, _)| *away).fold(f64::INFINITY, f64::min);
        near.retain(|(_, away, _)| *away <= nearest + LEAST_SNAP);
        return near.into_iter().map(|(_, _, place)| place).collect();
    }
    let interior =
        |place: &Place| place.along > LEAST_SNAP && place.along < lines[place.line as usize].length() - LEAST_SNAP;
    near.into_iter().map(|(_, _, place)| place).filter(interior).collect()
}

/// Crossings on one level, with both ends of each piece strictly on either side of the other: where a corner lies on a
/// line, the corner is the meeting.
pub(super) fn crossings(joints: &mut Joints, lines: &mut [Line], tree: &Pieces, findings: &mut Vec<Finding>) {
    let all = &*lines;
    let of_line = |line: u32| {
        let mut found = Vec::new();
        let mut levels = 0usize;
        for piece in 0..all[line as usize].points.len() as u32 - 1 {
            let ours = all[line as usize].piece(piece);
            let around = AABB::from_corners([ours[0].x, ours[0].y], [ours[1].x, ours[1].y]);
            for near in tree.locate_in_envelope_intersecting(around).filter(|near| near.data > (line, piece)) {
                match meeting(all, (line, piece), near.data) {
                    Some(Meeting::OneLevel(places)) => found.push(places),
                    Some(Meeting::TwoLevels) => levels += 1,
                    None => {}
                }
            }
        }
        // The tree's own order depends on how it was built.
        found.sort_by(|a: &[Place; 2], b| a[0].along.total_cmp(&b[0].along).then(a[1].line.cmp(&b[1].line)));
        (found, levels)
    };
    let found: Vec<(Vec<[Place; 2]>, usize)> = (0..all.len() as u32).into_par_iter().map(of_line).collect();
    let levels: usize = found.iter().map(|(_, levels)| levels).sum();
    for places in found.into_iter().flat_map(|(found, _)| found) {
        let [one, other] = places.map(|place| joints.add(lines, place));
        joints.join(one, other);
    }
    if levels > 0 {
        let what = format!("roads with junction ids cross {levels} times without a shared junction");
        let advice = "they are taken to pass on different levels; mend the ids if they meet there";
        findings.push(Finding::new(Severity::Info, "crossing-without-junction", "roads", what, advice));
    }
}

enum Meeting {
    /// They meet, with the place on each line.
    OneLevel([Place; 2]),
    /// They pass one above the other, as far as their junction ids tell.
    TwoLevels,
}

fn meeting(lines: &[Line], (line, piece): (u32, u32), (other, at): (u32, u32)) -> Option<Meeting> {
    if line == other && at == piece + 1 {
        return None;
    }
    let (ours, theirs) = (&lines[line as usize], &lines[other as usize]);
    let ends = [ours.piece(piece), theirs.piece(at)];
    if ours.passes_over || theirs.passes_over {
        return None;
    }
    let point = proper_crossing(ends[0], ends[1])?;
    if ours.has_junctions && theirs.has_junctions {
        let at_an_end = [ours, theirs].into_iter().any(|line| near_an_end(&line.points, point));
        return (!at_an_end).then_some(Meeting::TwoLevels);
    }
    Some(Meeting::OneLevel([ours.project(line, piece, point), theirs.project(other, at, point)]))
}

fn near_an_end(points: &[Coord<f64>], point: Coord<f64>) -> bool {
    [points.first(), points.last()].into_iter().flatten().any(|&end| distance(end, point) <= AT_THE_END)
}

/// End points closer than the tolerance to other nodes.
pub(super) fn near_nodes(joints: &mut Joints, lines: &[Line], snap: f64) {
    let snap = snap.max(LEAST_SNAP);
    let mut has_ids = vec![false; joints.points.len()];
    for line in lines.iter().filter(|line| line.has_junctions) {
        for (_, joint) in &line.stations {
            has_ids[*joint as usize] = true;
        }
    }
    if has_ids.iter().all(|has| *has) {
        return;
    }
    let all =
        joints.points.iter().enumerate().map(|(joint, point)| GeomWithData::new([point.x, point.y], joint as u32));
    let tree = RTree::bulk_load(all.collect::<Vec<_>>());
    for end in joints.ends.concat() {
        let point = joints.points[end as usize];
        for near in tree.locate_within_distance([point.x, point.y], snap * snap) {
            if !(has_ids[end as usize] && has_ids[near.data as usize]) {
                joints.join(end, near.data);
            }
        }
    }
}

/// Tells of ducts that nothing leads to.
pub(super) fn tell_lonely_ducts(joints: &mut Joints, lines: &[Line], region: &Region, findings: &mut Vec<Finding>) {
    let mut by_road = vec![false; joints.points.len()];
    for line in lines.iter().filter(|line| !line.is_duct()) {
        for (_, joint) in &line.stations {
            by_road[joints.union.find(*joint as usize)] = true;
        }
    }
    let ducts = lines.iter().filter(|line| line.is_duct());
    for (duct, line) in region.ducts.iter().zip(ducts) {
        let joined = line.stations.iter().any(|(_, joint)| by_road[joints.union.find(*joint as usize)]);
        if !joined {
            let what = "the duct meets no road that may be dug";
            let advice = "only other ducts lead to it; draw its ends to a road";
            findings.push(Finding::new(Severity::Warning, "duct-alone", "ducts", what, advice).at(duct.key.as_str()));
        }
    }
}
