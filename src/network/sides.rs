//! Two-sided streets: where a rule asks for it, candidate trenches run along both sides of the road's line.
//!
//! Lines are noded first, as if they all had one side. Then each stretch of a two-sided road becomes two, left and right
//! of its line. Around every junction the sides of neighbouring arms meet at corners: going round a corner crosses
//! nothing, going from corner to corner past an arm crosses that arm at its price. A trench of a one-sided road still
//! ends in the junction itself; it is joined to the corner on its left for the metres alone, and to the one on its right
//! across the road. At a dead end both sides meet.

use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::{PI, TAU};

use geo::{Coord, LineString};

use crate::network::SegmentKind;
use crate::network::lines::{Line, Place, distance};
use crate::network::noding::Noding;
use crate::region::{Region, RoadId};
use crate::scenario::PriceId;

/// A corner lies at most so many times the offset away from the junction.
const FARTHEST_CORNER: f64 = 3.0;

/// A turn of the line stretches the offset by so much at most.
const SHARPEST_TURN: f64 = 2.0;

/// A short candidate between two nodes that follows no line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link {
    /// Its ends, the smaller first.
    pub(super) ends: [u32; 2],
    /// The road that it crosses or joins.
    pub(super) road: Option<RoadId>,
    pub(super) works: LinkWorks,
}

/// What a link takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LinkWorks {
    /// A trench at a price per metre.
    Trench(PriceId),
    /// A crossing at a price each, whatever its length.
    Crossing(PriceId),
}

/// A part of a line as seen from one of its nodes, outwards.
struct Arm {
    line: u32,
    /// The station where the part begins (in the line's own direction).
    stretch: u32,
    /// Whether the line leads away from the node here.
    leads_away: bool,
    bearing: f64,
    /// Distance of the sides from the line; none for a one-sided road.
    offset: Option<f64>,
}

/// Corners of each junction: the node on the left of each arm.
type Corners = BTreeMap<(u32, u32, bool), u32>;

impl Link {
    fn new(one: u32, other: u32, road: Option<RoadId>, works: LinkWorks) -> Self {
        Self { ends: [one.min(other), one.max(other)], road, works }
    }

    /// A crossing between two nodes, if the road may be crossed at all.
    pub(super) fn crossing(one: u32, other: u32, road: RoadId, region: &Region) -> Option<Self> {
        let price = region.roads[road.0 as usize].crossing?;
        (one != other).then(|| Self::new(one, other, Some(road), LinkWorks::Crossing(price)))
    }
}

/// Splits the two-sided roads among noded lines; returns all lines anew, and the links at junctions.
///
/// Time: O(n log n). Lines stay as they are where no road has two sides.
pub(super) fn split(lines: Vec<Line>, noding: &mut Noding, region: &Region) -> (Vec<Line>, Vec<Link>) {
    let offset = |line: &Line| line.road.and_then(|road| region.roads[road.0 as usize].offset);
    if lines.iter().all(|line| offset(line).is_none()) {
        return (lines, Vec::new());
    }
    let mut arms = arms(&lines, region);
    arms.retain(|_, arms| arms.iter().any(|arm| arm.offset.is_some()));
    let ducts = lines.iter().filter(|line| line.is_duct());
    let by_ducts: BTreeSet<u32> = ducts.flat_map(|line| line.stations.iter().map(|(_, node)| *node)).collect();
    let mut links = BTreeSet::new();
    let (mut left, mut right): (Corners, Corners) = (BTreeMap::new(), BTreeMap::new());
    for (&node, arms) in &arms {
        let corners = corners(node, arms, noding);
        for (place, arm) in arms.iter().enumerate() {
            let (next, before) = (corners[place], corners[(place + arms.len() - 1) % arms.len()]);
            left.insert((arm.line, arm.stretch, arm.leads_away), next);
            right.insert((arm.line, arm.stretch, arm.leads_away), before);
            let line = &lines[arm.line as usize];
            let road = line.road.expect("arms are parts of roads");
            links.extend(Link::crossing(before, next, road, region));
            if arm.offset.is_none() {
                if next != node {
                    links.insert(Link::new(node, next, Some(road), LinkWorks::Trench(line.price)));
                }
                links.extend(Link::crossing(node, before, road, region));
            }
        }
        let is_lonely = arms.iter().all(|arm| arm.offset.is_some()) && corners[0] != node;
        if is_lonely && by_ducts.contains(&node) {
            let line = &lines[arms[0].line as usize];
            links.insert(Link::new(node, corners[0], line.road, LinkWorks::Trench(line.price)));
        }
    }
    let mut all = Vec::with_capacity(lines.len());
    for (place, line) in lines.into_iter().enumerate() {
        let Some(offset) = offset(&line) else {
            all.push(line);
            continue;
        };
        for stretch in 0..line.stations.len() as u32 - 1 {
            let key = |leads_away| (place as u32, stretch, leads_away);
            let [start, end] = [0, 1].map(|end| line.stations[stretch as usize + end]);
            let ends = [start.1, end.1].map(|node| noding.points[node as usize]);
            let course = line.course(start.0, end.0, ends);
            // Left of the line's own direction is on the right as seen from its far end.
            let sides = [(1.0, [left[&key(true)], right[&key(false)]]), (-1.0, [right[&key(true)], left[&key(false)]])];
            let first = all.len() as u32;
            for (number, (sign, nodes)) in sides.into_iter().enumerate() {
                let corners = nodes.map(|node| noding.points[node as usize]);
                let mut side = Line::new(line.kind, line.road, line.price, &beside(&course, sign * offset, corners));
                side.shot = line.shot;
                side.opposite = Some(first + 1 - number as u32);
                side.stations = vec![(0.0, nodes[0]), (side.length(), nodes[1])];
                all.push(side);
            }
        }
    }
    (all, links.into_iter().collect())
}

/// The parts of roads around each node, counter-clockwise; ducts are no arms.
fn arms(lines: &[Line], region: &Region) -> BTreeMap<u32, Vec<Arm>> {
    let mut arms: BTreeMap<u32, Vec<Arm>> = BTreeMap::new();
    for (place, line) in lines.iter().enumerate().filter(|(_, line)| line.kind == SegmentKind::Trench) {
        let Some(road) = line.road else { continue };
        let offset = region.roads[road.0 as usize].offset;
        for (stretch, pair) in line.stations.windows(2).enumerate() {
            let long = pair[1].0 - pair[0].0;
            let step = (3.0 * offset.unwrap_or(2.0)).min(long);
            for (leads_away, (along, node), to) in
                [(true, pair[0], pair[0].0 + step), (false, pair[1], pair[1].0 - step)]
            {
                let direction = line.point_at(to) - line.point_at(along);
                let (line, stretch) = (place as u32, stretch as u32);
                let bearing = direction.y.atan2(direction.x);
                arms.entry(node).or_default().push(Arm { line, stretch, leads_away, bearing, offset });
            }
        }
    }
    for arms in arms.values_mut() {
        arms.sort_by(|a, b| {
            let key = |arm: &Arm| (arm.line, arm.stretch, arm.leads_away);
            a.bearing.total_cmp(&b.bearing).then(key(a).cmp(&key(b)))
        });
    }
    arms
}

/// The node on the left of each arm: a new one where it or the next arm has two sides, else the junction itself.
fn corners(node: u32, arms: &[Arm], noding: &mut Noding) -> Vec<u32> {
    let here = noding.points[node as usize];
    let corner = |place: usize| {
        let (arm, next) = (&arms[place], &arms[(place + 1) % arms.len()]);
        let offset = arm.offset.into_iter().chain(next.offset).fold(0.0, f64::max);
        if arms.len() == 1 || offset == 0.0 {
            return node;
        }
        let mut gap = next.bearing - arm.bearing;
        if place + 1 == arms.len() {
            gap += TAU;
        }
        let half = gap / 2.0;
        // Beyond a straight line the corner lies on the outside of a bend, as far as on its inside.
        let away = (offset / half.min(PI - half).sin().max(1e-9)).min(FARTHEST_CORNER * offset);
        let towards = arm.bearing + half;
        noding.lone(here + Coord { x: towards.cos() * away, y: towards.sin() * away })
    };
    (0..arms.len()).map(corner).collect()
}

/// The course beside a line, on its left if `offset` is positive, between two corners.
///
/// Points of the line near its ends are left out, so that the course doesn't turn back at a corner. Where a corner is the
/// end of the line itself, a dead end, the course goes round it.
fn beside(course: &LineString<f64>, offset: f64, corners: [Coord<f64>; 2]) -> LineString<f64> {
    let points = &course.0;
    let (first, last) = (points[0], points[points.len() - 1]);
    let aside = |from: Coord<f64>, to: Coord<f64>| {
        let step = to - from;
        Coord { x: -step.y, y: step.x } * (offset / step.x.hypot(step.y).max(1e-9))
    };
    let mut side = vec![corners[0]];
    if corners[0] == first {
        side.push(first + aside(first, points[1]));
    }
    for at in 1..points.len() - 1 {
        let near = |end: Coord<f64>| distance(points[at], end) < 1.5 * FARTHEST_CORNER * offset.abs();
        if near(first) || near(last) {
            continue;
        }
        let [before, after] = [[at - 1, at], [at, at + 1]].map(|[from, to]| {
            let step = points[to] - points[from];
            step / step.x.hypot(step.y).max(1e-9)
        });
        let (sum, turn) = (before + after, 1.0 + before.x * after.x + before.y * after.y);
        // The mitre of two unit steps is their sum, turned left, over 1 + cos of the turn.
        let mitre = Coord { x: -sum.y, y: sum.x } / turn.max(0.5);
        let long = mitre.x.hypot(mitre.y).max(1.0);
        side.push(points[at] + mitre * (offset * (SHARPEST_TURN / long).min(1.0)));
    }
    if corners[1] == last {
        side.push(last + aside(points[points.len() - 2], last));
    }
    side.push(corners[1]);
    side.dedup();
    if side.len() == 1 {
        side.push(corners[1]);
    }
    LineString(side)
}

/// The nearest place on the other side of a two-sided road.
pub(super) fn across(lines: &[Line], place: Place) -> Option<Place> {
    let opposite = lines[place.line as usize].opposite?;
    let line = &lines[opposite as usize];
    let places = (0..line.points.len() as u32 - 1).map(|piece| line.project(opposite, piece, place.point));
    places.min_by(|a, b| distance(a.point, place.point).total_cmp(&distance(b.point, place.point)))
}
