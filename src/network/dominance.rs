//! Ways that no cheapest plan needs: a cheaper way and the trench between the two cost no more.
//!
//! If a site's way `b` costs at least as much as its way `a` and the cheapest trench from `a`'s foot to `b`'s, then any
//! tree that uses `b` can use `a` and that trench instead. What this says of trenches it says only of them: with a price
//! of cable on top, the way round may be dearer by the cable of a few metres.

use rayon::prelude::*;

use crate::graph::paths::{around, components};
use crate::graph::{Graph, NodeId};
use crate::network::crossings::{Crossings, Obstacles, Roads};
use crate::network::drops::{Search, Way};
use crate::network::lines::{Line, Place, distance};
use crate::network::noding::Noding;
use crate::network::sides::{Link, LinkWorks};
use crate::network::zones::Zones;
use crate::region::Region;
use crate::scenario::PriceBook;
use crate::units::{Length, Money};

/// Nodes that are looked at around a way's foot at most.
const MOST_NODES: usize = 256;

/// Between the stations of each line: what is due there, or what forbids a trench.
pub(super) struct Stretches {
    first: Vec<u32>,
    due: Vec<Crossings>,
}

/// The trenches before any way is tied to them, with their costs.
pub(super) struct Dominance {
    stretches: Stretches,
    graph: Graph,
    costs: Vec<i64>,
    /// What a metre costs at most, by stretch.
    dearest: Vec<Money>,
    /// Connected part of each node, the largest first.
    parts: Vec<u32>,
}

impl Stretches {
    /// What every stretch of every line crosses. Parallel over lines.
    pub(super) fn new(lines: &[Line], noding: &Noding, obstacles: &Obstacles<'_>, region: &Region) -> Self {
        let of_line = |line: &Line| -> Vec<Crossings> {
            let stretch = |pair: &[(f64, u32)]| due(line, pair, noding, obstacles, region);
            line.stations.windows(2).map(stretch).collect()
        };
        let by_line: Vec<Vec<Crossings>> = lines.par_iter().map(of_line).collect();
        let mut first = vec![0u32];
        for stretches in &by_line {
            first.push(first[first.len() - 1] + stretches.len() as u32);
        }
        Self { first, due: by_line.into_iter().flatten().collect() }
    }

    /// What is due on each stretch of a line.
    pub(super) fn of(&self, line: u32) -> &[Crossings] {
        &self.due[self.first[line as usize] as usize..self.first[line as usize + 1] as usize]
    }

    /// Whether nothing at all is in the way of a trench along this line.
    pub(super) fn are_clear(&self, line: u32) -> bool {
        self.of(line).iter().all(|due| due.as_ref().is_ok_and(Vec::is_empty))
    }
}

/// What a trench or duct between two stations of a line crosses.
///
/// An existing duct is there already, and a bridge or tunnel carries the duct: nothing is crossed anew.
pub(super) fn due(
    line: &Line,
    pair: &[(f64, u32)],
    noding: &Noding,
    obstacles: &Obstacles<'_>,
    region: &Region,
) -> Crossings {
    if line.passes_over || line.is_duct() {
        return Ok(Vec::new());
    }
    let shape = line.course(pair[0].0, pair[1].0, [pair[0].1, pair[1].1].map(|node| noding.points[node as usize]));
    obstacles.crossed(&shape.0, Roads::Undug(line.road.map(|road| &region.roads[road.0 as usize])))
}

impl Dominance {
    /// Prices every stretch, at what its dearest metre costs where zones are in the way.
    pub(super) fn new(
        stretches: Stretches,
        lines: &[Line],
        noding: &Noding,
        links: &[Link],
        (prices, zones): (&PriceBook, &Zones<'_>),
    ) -> Self {
        let (mut ends, mut costs, mut dearest) = (Vec::new(), Vec::new(), Vec::new());
        for (place, line) in lines.iter().enumerate() {
            for (pair, due) in line.stations.windows(2).zip(stretches.of(place as u32)) {
                let course = line.course(pair[0].0, pair[1].0, [0, 1].map(|end| noding.points[pair[end].1 as usize]));
                let metre = if line.is_duct() {
                    prices.money(line.price)
                } else {
                    let surcharge = line.surcharge.map_or(Money::ZERO, |price| prices.money(price));
                    zones.dearest_metre(&course.0, line.price, prices) + surcharge
                };
                dearest.push(metre);
                if let Ok(due) = due {
                    let due: Money = due.iter().map(|&price| prices.money(price)).sum();
                    ends.push([NodeId(pair[0].1), NodeId(pair[1].1)]);
                    costs.push((part(line, [pair[0].0, pair[1].0], metre, prices) + due).cents());
                }
            }
        }
        for link in links {
            let long = distance(noding.points[link.ends[0] as usize], noding.points[link.ends[1] as usize]);
            ends.push(link.ends.map(NodeId));
            costs.push(match link.works {
                LinkWorks::Crossing(price) => prices.money(price).cents(),
                LinkWorks::Trench(price) => {
                    Length::from_metres(long).unwrap_or(Length::ZERO).at(prices.money(price)).cents()
                }
            });
        }
        let graph = Graph::new(noding.points.len(), ends);
        Self { stretches, parts: components(&graph), graph, costs, dearest }
    }

    /// What a metre of a stretch costs at most.
    fn dearest(&self, line: u32, stretch: usize) -> Money {
        self.dearest[self.stretches.first[line as usize] as usize + stretch]
    }

    /// What is due on each stretch.
    pub(super) fn into_stretches(self) -> Stretches {
        self.stretches
    }

    /// Connected part of the network that a place belongs to; 0 is the largest.
    pub(super) fn part(&self, lines: &[Line], place: Place) -> u32 {
        let line = &lines[place.line as usize];
        let away = |(along, _): &(f64, u32)| (along - place.along).abs();
        let beside = line.stretch_at(place.along).map_or(&line.stations[..], |at| &line.stations[at..at + 2]);
        beside
            .iter()
            .min_by(|a, b| away(a).total_cmp(&away(b)))
            .map_or(u32::MAX, |(_, node)| self.parts[*node as usize])
    }

    /// The ways of one site without those that a cheaper one and a trench make needless; they come cheapest first.
    ///
    /// Crossings between a foot and the next node are counted in full, so that no way is left out wrongly.
    pub(super) fn undominated(&self, search: &Search<'_>, ways: Vec<Way>) -> Vec<Way> {
        let Some(dearest) = ways.last().map(|way| way.cost).filter(|_| ways.len() > 1) else { return ways };
        let mut kept: Vec<(Way, Reach)> = Vec::new();
        for way in ways {
            let foot = self.foot(search, way.place);
            let is_needless = |(other, reach): &(Way, Reach)| {
                reach.to(&foot, search).is_some_and(|trench| other.cost + Money::from_cents(trench) <= way.cost)
            };
            if !kept.iter().any(is_needless) {
                let found = around(&self.graph, &self.costs, &foot.ways_out, (dearest - way.cost).cents(), MOST_NODES);
                kept.push((way, Reach { foot, found }));
            }
        }
        kept.into_iter().map(|(way, _)| way).collect()
    }

    fn foot(&self, search: &Search<'_>, place: Place) -> Foot {
        let line = &search.lines[place.line as usize];
        if let Some(node) = line.station_near(place.along) {
            let ways_out = vec![(NodeId(node), 0)];
            return Foot { place, stretch: None, metre: Money::ZERO, due: 0, ways_out };
        }
        let nowhere = Foot { place, stretch: None, metre: Money::ZERO, due: 0, ways_out: Vec::new() };
        let Some(stretch) = line.stretch_at(place.along) else { return nowhere };
        let Ok(due) = &self.stretches.of(place.line)[stretch] else { return nowhere };
        let metre = self.dearest(place.line, stretch);
        let due: i64 = due.iter().map(|&price| search.prices.money(price).cents()).sum();
        let out = [line.stations[stretch], line.stations[stretch + 1]].map(|(along, node)| {
            (NodeId(node), part(line, [place.along, along], metre, search.prices).cents() + 1 + due)
        });
        Foot { place, stretch: Some(stretch), metre, due, ways_out: out.to_vec() }
    }
}

/// Where a way meets its line.
struct Foot {
    place: Place,
    /// The stretch it is on, unless it is at a node or nothing may be dug there.
    stretch: Option<usize>,
    /// What a metre costs there at most.
    metre: Money,
    /// What is due on that stretch, in cents.
    due: i64,
    /// The nodes at the stretch's ends, with what a trench to each costs at most.
    ways_out: Vec<(NodeId, i64)>,
}

/// What trenches cost from a foot.
struct Reach {
    foot: Foot,
    found: std::collections::BTreeMap<NodeId, i64>,
}

impl Reach {
    /// What a trench to another foot costs at most.
    fn to(&self, other: &Foot, search: &Search<'_>) -> Option<i64> {
        let round = other.ways_out.iter().filter_map(|(node, cost)| Some(self.found.get(node)? + cost)).min();
        let same = self.foot.place.line == other.place.line && self.foot.stretch == other.stretch;
        let along = (same && other.stretch.is_some()).then(|| {
            let line = &search.lines[other.place.line as usize];
            let places = [self.foot.place.along, other.place.along];
            part(line, places, other.metre, search.prices).cents() + 1 + other.due
        });
        [round, along].into_iter().flatten().min()
    }
}

/// What a trench between two places of a line costs at this price per metre, shots included.
fn part(line: &Line, [one, other]: [f64; 2], metre: Money, prices: &PriceBook) -> Money {
    let length = Length::from_metres((one - other).abs()).unwrap_or(Length::ZERO);
    let shots = line.shots(one.min(other), one.max(other));
    length.at(metre) + shots.map_or(Money::ZERO, |shots| shots.cost(prices))
}
