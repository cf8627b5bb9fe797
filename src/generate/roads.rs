//! The road network: which neighbouring spots a road joins, of what class, on what course, and over which waters.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use geo::Coord;
use rstar::primitives::{GeomWithData, Line};
use rstar::{AABB, RTree};

use crate::generate::course::{self, Course};
use crate::generate::dice::Dice;
use crate::generate::lattice::{self, Link, Place, Spot};
use crate::generate::settle::Settlements;
use crate::generate::terrain::{Kind, Meeting, Terrain};

/// What sort of road it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Motorway,
    Ramp,
    Provincial,
    Local,
    /// Managed by the water board.
    Dike,
    Track,
    Cycle,
    MainStreet,
    Street,
    ParkRoad,
}

/// Something built under or over a stretch of road.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    Bridge,
    Tunnel,
    /// No road at all: a ferry.
    Ferry,
}

/// A road between two junctions of the first draught; later it is cut where other roads and works begin.
#[derive(Clone, Debug)]
pub(super) struct Road {
    pub(super) ends: [u32; 2],
    pub(super) course: Course,
    pub(super) class: Class,
    pub(super) place: Place,
    /// Number of the provincial road or motorway.
    pub(super) number: Option<u32>,
    /// Street that it belongs to.
    pub(super) street: u32,
    /// Nodes along it: metres from the start, node.
    pub(super) cuts: Vec<(f64, u32)>,
    /// Works along it: metres from and to, what.
    pub(super) works: Vec<(f64, f64, Work)>,
}

/// A draught of the network: nodes and roads.
pub(super) struct Roads {
    pub(super) nodes: Vec<Coord<f64>>,
    pub(super) roads: Vec<Road>,
}

/// A road that might be.
struct Draft {
    road: Road,
    close: bool,
    meetings: Vec<Meeting>,
    kept: bool,
}

impl Roads {
    /// Draws the roads: most links between relative neighbours, some others, few across water and rail.
    pub(super) fn new(seed: u64, terrain: &Terrain, settlements: &Settlements, spots: &[Spot], links: &[Link]) -> Self {
        let mut dice = Dice::new(seed, "roads");
        let mut drafts: Vec<Draft> = links.iter().filter_map(|link| draft(&mut dice, spots, link)).collect();
        straighten_crossing(spots, &mut drafts);
        for draft in &mut drafts {
            draft.meetings = terrain.meetings(&draft.road.course);
        }
        raise_provincial(terrain, settlements, spots, &mut drafts);
        decide(&mut dice, &mut drafts);
        keep_connected(spots.len(), &mut drafts);
        let ferries = ferries(&drafts, terrain);
        let mut roads = Self { nodes: spots.iter().map(|spot| spot.point).collect(), roads: Vec::new() };
        for (index, draft) in drafts.into_iter().enumerate() {
            let ferry = ferries.binary_search(&index).is_ok();
            if draft.kept || ferry {
                roads.add(&mut dice, draft, ferry);
            }
        }
        roads
    }

    /// A new node on a road, and the road cut there.
    pub(super) fn cut(&mut self, road: usize, metres: f64) -> u32 {
        let node = self.nodes.len() as u32;
        let (point, _) = course::at(&self.roads[road].course, metres);
        self.nodes.push(course::to_millimetre(point));
        let cuts = &mut self.roads[road].cuts;
        let place = cuts.partition_point(|&(other, _)| other < metres);
        cuts.insert(place, (metres, node));
        node
    }

    /// Whether a road may be cut there: not at or near another cut, its ends, or on a bridge.
    pub(super) fn may_cut(&self, road: usize, metres: f64) -> bool {
        let road = &self.roads[road];
        let total = course::length(&road.course);
        let free = road.cuts.iter().all(|&(other, _)| (other - metres).abs() > 12.0);
        let on_land = road.works.iter().all(|&(from, to, _)| metres < from || metres > to);
        free && on_land && metres > 12.0 && metres < total - 12.0
    }

    fn add(&mut self, dice: &mut Dice, draft: Draft, ferry: bool) {
        let total = course::length(&draft.road.course);
        let class = draft.road.class;
        let number = self.roads.len();
        self.roads.push(draft.road);
        let mut free_from = 4.0;
        for meeting in draft.meetings {
            let Some((half, work)) = work_at(dice, meeting.kind, class, ferry) else { continue };
            let from = (meeting.metres - half).max(free_from);
            let to = (meeting.metres + half).min(total - 4.0);
            if meeting.metres - from < 2.0 || to - meeting.metres < 2.0 {
                continue;
            }
            self.cut(number, from);
            self.cut(number, to);
            self.roads[number].works.push((from, to, work));
            free_from = to + 4.0;
        }
    }
}

/// What is built where a road meets an obstacle, with half its length; `None` for a culvert or a level crossing.
fn work_at(dice: &mut Dice, kind: Kind, class: Class, ferry: bool) -> Option<(f64, Work)> {
    match kind {
        Kind::River if ferry => Some((60.0, Work::Ferry)),
        Kind::River => Some((70.0, Work::Bridge)),
        Kind::Brook => dice.chance(0.6).then_some((9.0, Work::Bridge)),
        Kind::Motorway => Some((45.0, if dice.chance(0.25) { Work::Tunnel } else { Work::Bridge })),
        Kind::Rail => (class == Class::Provincial && dice.chance(0.5)).then_some((30.0, Work::Tunnel)),
        Kind::Ditch => None,
    }
}

fn draft(dice: &mut Dice, spots: &[Spot], link: &Link) -> Option<Draft> {
    let [a, b] = link.ends.map(|end| spots[end as usize]);
    let (class, place, kept, bend) = if a.place != Place::Fields && a.place == b.place {
        match a.place {
            Place::Village(_) if a.row == 0 && b.row == 0 => (Class::MainStreet, a.place, true, 0.025),
            Place::Village(_) if a.row == b.row => (Class::Street, a.place, link.close && dice.chance(0.93), 0.02),
            Place::Village(_) => (Class::Street, a.place, link.close && dice.chance(0.68), 0.03),
            Place::Park(_) | Place::Fields => (Class::ParkRoad, a.place, dice.chance(0.85), 0.01),
        }
    } else {
        let lot = dice.unit();
        let settled = a.place != Place::Fields || b.place != Place::Fields;
        let class = match (link.close, settled) {
            (true, false) if lot < 0.1 => Class::Dike,
            (true, false) if lot < 0.2 => Class::Track,
            (true, _) => Class::Local,
            (false, false) if lot < 0.32 => Class::Local,
            (false, false) if lot < 0.5 => Class::Track,
            (false, true) if lot < 0.12 => Class::Cycle,
            (false, false) if lot < 0.56 => Class::Cycle,
            (false, _) => return None,
        };
        (class, Place::Fields, true, if class == Class::Track { 0.075 } else { 0.055 })
    };
    if !link.close && place != Place::Fields {
        return None;
    }
    let course = course::bent(dice, a.point, b.point, bend);
    let road = Road { ends: link.ends, course, class, place, number: None, street: 0, cuts: vec![], works: vec![] };
    Some(Draft { road, close: link.close, meetings: Vec::new(), kept })
}

/// Links are straight lines that never cross; where bending made courses cross, they are made straight again.
fn straighten_crossing(spots: &[Spot], drafts: &mut [Draft]) {
    loop {
        let pieces: Vec<Piece> =
            drafts.iter().enumerate().flat_map(|(at, draft)| pieces(at, &draft.road.course)).collect();
        let tree = RTree::bulk_load(pieces);
        let mut crossing: Vec<usize> = Vec::new();
        for (index, draft) in drafts.iter().enumerate() {
            let inner = without_ends(&draft.road.course);
            let crosses = meets_other(&tree, &inner, |other| other != index);
            crossing.extend(crosses.iter().flat_map(|&other| [index, other]));
        }
        let bent = crossing.into_iter().filter(|&at| drafts[at].road.course.len() > 2).collect::<Vec<_>>();
        if bent.is_empty() {
            return;
        }
        for at in bent {
            drafts[at].road.course = drafts[at].road.ends.map(|end| spots[end as usize].point).to_vec();
        }
    }
}

/// The course but its first and last two metres, where it meets others at a junction.
fn without_ends(line: &[Coord<f64>]) -> Course {
    let total = course::length(line);
    let places = [2.0, total - 2.0].map(|metres| (metres, course::at(line, metres).0));
    course::cut(line, &places).swap_remove(1)
}

/// A straight piece of a road, with the number of the road.
pub(super) type Piece = GeomWithData<Line<[f64; 2]>, u32>;

/// The straight pieces of a course.
pub(super) fn pieces(number: usize, course: &[Coord<f64>]) -> Vec<Piece> {
    let piece = |pair: &[Coord<f64>]| {
        GeomWithData::new(Line::new([pair[0].x, pair[0].y], [pair[1].x, pair[1].y]), number as u32)
    };
    course.windows(2).map(piece).collect()
}

/// The two ends of a piece.
pub(super) fn ends_of(piece: &Piece) -> [Coord<f64>; 2] {
    let line = piece.geom();
    [Coord { x: line.from[0], y: line.from[1] }, Coord { x: line.to[0], y: line.to[1] }]
}

/// The roads among those asked for that the course crosses, in order.
pub(super) fn meets_other(tree: &RTree<Piece>, course: &[Coord<f64>], asked: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut met = Vec::new();
    for pair in course.windows(2) {
        let envelope = AABB::from_corners([pair[0].x, pair[0].y], [pair[1].x, pair[1].y]);
        let near = tree.locate_in_envelope_intersecting(envelope);
        let crossed = near.filter(|piece| asked(piece.data as usize));
        let crossed = crossed.filter(|piece| course::crossing([pair[0], pair[1]], ends_of(piece)).is_some());
        met.extend(crossed.map(|piece| piece.data as usize));
    }
    met.sort_unstable();
    met.dedup();
    met
}

/// Raises to provincial roads the best ways between neighbouring villages, and from the outermost to the border.
fn raise_provincial(terrain: &Terrain, settlements: &Settlements, spots: &[Spot], drafts: &mut [Draft]) {
    let (hubs, gates) = (hubs(settlements, spots), gates(settlements, spots, terrain));
    let hub_spots: Vec<Spot> = hubs.iter().map(|&node| spots[node as usize]).collect();
    let between = lattice::links(&hub_spots).into_iter().filter(|link| link.close);
    let mut wishes: Vec<[u32; 2]> = between.map(|link| link.ends.map(|end| hubs[end as usize])).collect();
    for gate in gates {
        let gap = |hub: &u32| course::distance(spots[*hub as usize].point, spots[gate as usize].point);
        wishes.extend(hubs.iter().copied().min_by(|a, b| gap(a).total_cmp(&gap(b))).map(|hub| [hub, gate]));
    }
    let mut finder = WayFinder::new(spots.len(), drafts);
    for (number, [from, to]) in wishes.into_iter().enumerate() {
        for index in finder.best_way(from, to, drafts) {
            let road = &mut drafts[index].road;
            if road.place == Place::Fields {
                road.class = Class::Provincial;
            }
            road.number.get_or_insert(310 + number as u32 % 680);
        }
    }
}

/// The street corner in the middle of every village.
fn hubs(settlements: &Settlements, spots: &[Spot]) -> Vec<u32> {
    let mut hubs = Vec::new();
    let mut start = 0;
    for village in &settlements.villages {
        let count = village.points.len();
        let main = (start..start + count).filter(|&index| spots[index].row == 0);
        hubs.extend(nearest(spots, main, village.middle));
        start += count;
    }
    hubs
}

/// The outermost spots to the four winds.
fn gates(settlements: &Settlements, spots: &[Spot], terrain: &Terrain) -> Vec<u32> {
    let start: usize = settlements.villages.iter().map(|village| village.points.len()).sum();
    let middle = (terrain.extent.low + terrain.extent.high) / 2.0;
    let (wide, high) = (terrain.extent.width() / 2.0, terrain.extent.height() / 2.0);
    let winds = [(wide, 0.2 * high), (0.15 * wide, high), (-wide, -0.1 * high), (-0.2 * wide, -high)];
    winds.into_iter().filter_map(|(x, y)| nearest(spots, start..spots.len(), middle + Coord { x, y })).collect()
}

fn nearest(spots: &[Spot], among: impl Iterator<Item = usize>, to: Coord<f64>) -> Option<u32> {
    let gap = |index: &usize| course::distance(spots[*index].point, to);
    among.min_by(|a, b| gap(a).total_cmp(&gap(b))).map(|index| index as u32)
}

/// Finds shortest ways, one after the other, on the same drafts.
struct WayFinder {
    first: Vec<u32>,
    arcs: Vec<u32>,
    reached: Vec<(u64, u32)>,
}

impl WayFinder {
    const FAR: (u64, u32) = (u64::MAX, u32::MAX);

    fn new(nodes: usize, drafts: &[Draft]) -> Self {
        let mut first = vec![0u32; nodes + 2];
        for end in drafts.iter().flat_map(|draft| draft.road.ends) {
            first[end as usize + 2] += 1;
        }
        for node in 2..first.len() {
            first[node] += first[node - 1];
        }
        let mut arcs = vec![0u32; drafts.len() * 2];
        for (index, draft) in drafts.iter().enumerate() {
            for end in draft.road.ends {
                let place = &mut first[end as usize + 1];
                arcs[*place as usize] = index as u32;
                *place += 1;
            }
        }
        Self { first, arcs, reached: vec![Self::FAR; nodes] }
    }

    /// Drafts of the shortest way (Dijkstra); none where there is no way.
    fn best_way(&mut self, from: u32, to: u32, drafts: &[Draft]) -> Vec<usize> {
        let mut touched = vec![from];
        let mut heap = BinaryHeap::from([Reverse((0u64, from))]);
        self.reached[from as usize] = (0, u32::MAX);
        while let Some(Reverse((so_far, node))) = heap.pop() {
            if node == to {
                break;
            }
            if so_far > self.reached[node as usize].0 {
                continue;
            }
            for &arc in &self.arcs[self.first[node as usize] as usize..self.first[node as usize + 1] as usize] {
                let draft = &drafts[arc as usize];
                let [a, b] = draft.road.ends;
                let other = if a == node { b } else { a };
                let length = so_far + burden(draft);
                if length < self.reached[other as usize].0 {
                    self.reached[other as usize] = (length, arc);
                    touched.push(other);
                    heap.push(Reverse((length, other)));
                }
            }
        }
        let mut way = Vec::new();
        let mut node = to;
        while self.reached[node as usize].1 != u32::MAX {
            let arc = self.reached[node as usize].1 as usize;
            way.push(arc);
            let [a, b] = drafts[arc].road.ends;
            node = if a == node { b } else { a };
        }
        for node in touched {
            self.reached[node as usize] = Self::FAR;
        }
        way
    }
}

/// How little a provincial road would like to go that way, in millimetres.
fn burden(draft: &Draft) -> u64 {
    let factor = match draft.road.class {
        Class::Provincial => 0.6,
        Class::MainStreet => 0.75,
        Class::Local | Class::Dike => 1.0,
        Class::Street => 1.5,
        Class::ParkRoad | Class::Track => 3.0,
        Class::Cycle | Class::Motorway | Class::Ramp => 12.0,
    };
    let penalty = draft.meetings.iter().map(|meeting| match meeting.kind {
        Kind::River => 2500.0,
        Kind::Rail | Kind::Motorway => 700.0,
        Kind::Brook | Kind::Ditch => 120.0,
    });
    let fields = if draft.close { 1.0 } else { 1.1 };
    ((course::length(&draft.road.course) * factor * fields + penalty.sum::<f64>()) * 1000.0) as u64
}

/// Drops most roads that would cross water, railway or motorway.
fn decide(dice: &mut Dice, drafts: &mut [Draft]) {
    for draft in drafts {
        let numbered = draft.road.number.is_some();
        for meeting in &draft.meetings {
            let likely = match meeting.kind {
                Kind::River => 0.04,
                Kind::Rail => 0.35,
                Kind::Motorway => 0.25,
                Kind::Brook | Kind::Ditch => 0.5,
            };
            let lucky = dice.chance(likely);
            draft.kept &= lucky || numbered;
        }
        draft.kept |= numbered;
    }
}

/// Takes back the cheapest dropped roads without which the network would fall apart (Kruskal).
fn keep_connected(nodes: usize, drafts: &mut [Draft]) {
    let mut parts = Parts::new(nodes);
    for draft in drafts.iter().filter(|draft| draft.kept) {
        parts.join(draft.road.ends);
    }
    let mut dropped: Vec<usize> = (0..drafts.len()).filter(|&index| !drafts[index].kept).collect();
    dropped.sort_by_key(|&index| (burden(&drafts[index]), index));
    for index in dropped {
        drafts[index].kept = parts.join(drafts[index].road.ends);
    }
}

/// Which nodes hang together.
pub(super) struct Parts(Vec<u32>);

impl Parts {
    pub(super) fn new(nodes: usize) -> Self {
        Self((0..nodes as u32).collect())
    }

    pub(super) fn of(&mut self, node: u32) -> u32 {
        let mut top = node;
        while self.0[top as usize] != top {
            self.0[top as usize] = self.0[self.0[top as usize] as usize];
            top = self.0[top as usize];
        }
        top
    }

    /// Joins two parts; whether they were apart.
    pub(super) fn join(&mut self, [a, b]: [u32; 2]) -> bool {
        let (a, b) = (self.of(a), self.of(b));
        self.0[a.max(b) as usize] = a.min(b);
        a != b
    }
}

/// One dropped road over the river becomes a ferry, for every 14 km of river.
fn ferries(drafts: &[Draft], terrain: &Terrain) -> Vec<usize> {
    let mut ferries: Vec<(u32, f64, usize)> = Vec::new();
    for (index, draft) in drafts.iter().enumerate() {
        let [meeting] = draft.meetings.as_slice() else { continue };
        let total = course::length(&draft.road.course);
        let inside = meeting.metres > 75.0 && meeting.metres < total - 75.0;
        let near_end = {
            let whole = course::length(&terrain.obstacles[meeting.obstacle as usize].course);
            meeting.along < 0.2 * whole.min(4000.0) || meeting.along > whole - 0.2 * whole.min(4000.0)
        };
        let local = draft.road.place == Place::Fields && draft.road.class != Class::Cycle;
        let apart = ferries
            .iter()
            .all(|&(river, along, _)| river != meeting.obstacle || (along - meeting.along).abs() > 14_000.0);
        if meeting.kind == Kind::River && !draft.kept && inside && local && !near_end && apart {
            ferries.push((meeting.obstacle, meeting.along, index));
        }
    }
    let mut chosen: Vec<usize> = ferries.into_iter().map(|(_, _, index)| index).collect();
    chosen.sort_unstable();
    chosen
}
