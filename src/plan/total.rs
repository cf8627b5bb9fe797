//! The whole: a lower bound on the cost of every design that serves the same addresses and parks under the rules.
//!
//! Any design builds trenches that connect every leaf to an open PoP, so its civil works, its ducts and the first cable in
//! every segment cost no less than the best Steiner tree at those prices. Further fibres cost no less than a straight line
//! below the cheapest sets of cables says, over no less than the shortest route to the nearest open PoP. Distribution
//! points cost no less than their cheapest place for each connection that is beyond the PoPs' own cables, and than one for
//! each of several areas that are too far apart to share. Homes, ports and splices follow from who is served. These parts lie
//! side by side, so their bounds add up, and so do those of second routes of parks (see `second_bound.rs`). Rounding is
//! taken off, and soft costs are taken on the sum, rounded down.
//!
//! Trenches that share one PoP and routes to the nearest of many would not fit together, so the bound is the least over
//! numbers of open PoPs. The number is priced into the trench problem by a Lagrangian multiplier on openings; what depends
//! on where the PoPs are (see `openings.rs`) is the least over all sets of so many candidates.
//!
//! Fibres follow the trenches that are built rather than the shortest routes. What bounds on trenches leave of their prices
//! is therefore charged to routes (see `tolled.rs`), which bounds trenches, openings and routes together; for every number
//! of PoPs the better of the two bounds counts.
//!
//! Source: fixed charges and flow, raised one after the other: Balakrishnan, Magnanti and Wong (Operations Research 37,
//! 1989).

use std::collections::BTreeMap;

use crate::graph::{EdgeId, NodeId};
use crate::network::{Network, NodeKind, SegmentKind};
use crate::plan::ask::{Worth, ask_weighted, segment_costs};
use crate::plan::carry::Carrying;
use crate::plan::line::Line;
use crate::plan::openings::{Openings, Rates, openings};
use crate::plan::points::Points;
use crate::plan::second_bound::{SecondLine, protected};
use crate::plan::tell::site_connections;
use crate::plan::tolled::Routed;
use crate::plan::{CableTable, Plan, PopCandidate, Routes, TrenchProblem};
use crate::problem::{self, Leftover};
use crate::region::Region;
use crate::scenario::{Architecture, PriceBook, Redundancy, Scenario, Topology, key};
use crate::units::{Length, Money};

/// What is proven about the cost of the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TotalFigures {
    /// No design under the rules that serves the same addresses and parks costs less.
    pub bound: Money,
    /// What the bound is made of, before soft costs on the whole: name and amount.
    pub parts: Vec<(&'static str, Money)>,
    /// What the plan with the cheapest trenches would have cost.
    pub first: Money,
}

impl TotalFigures {
    /// How far a plan of this cost may be from the least possible: 0.01 is one percent.
    #[must_use]
    pub fn gap(&self, cost: Money) -> f64 {
        if cost.cents() == 0 { 0.0 } else { (cost - self.bound).cents() as f64 / cost.cents() as f64 }
    }
}

/// The trench problem with the price of ducts and cables in every segment, and what else any design must pay.
#[derive(Clone, Debug)]
pub struct Joint {
    /// Trenches with design costs, ducts and the line's fixed part: its bound holds for every design.
    pub asked: TrenchProblem,
    /// What trenches and cables cost together, by load: for looking for a better plan, not for a bound.
    pub carrying: Carrying,
    /// The same with cheaper openings: together with a price for their number they bound designs with several PoPs.
    pub reduced: Vec<Reduced>,
    /// Who is served, and what cables and fibres cost.
    pub(super) served: Served,
    table: CableTable,
    pub(super) line: Line,
    pub(super) rates: Rates,
    /// What else depends on open PoPs, by their number.
    openings: Vec<Openings>,
    /// Least price of a housing beyond a PoP's first, the most connections that one holds, and connections to be held.
    housing: Money,
    largest: i64,
    connections: i64,
    /// What any design pays besides, before soft costs on the whole.
    besides: Vec<(&'static str, Money)>,
    /// Percentage on the whole, in hundredths of a percent.
    contingency: i64,
}

/// A trench problem whose openings cost less.
#[derive(Clone, Debug)]
pub struct Reduced {
    /// The problem.
    pub asked: TrenchProblem,
    /// How much less an opening costs.
    pub(super) multiplier: Money,
    /// What openings cost less than nothing then, all together; not positive.
    pub(super) below: Money,
}

/// What was proven about the problems of a [`Joint`].
#[derive(Clone, Debug)]
pub struct Proven {
    /// Bound on the joint trench problem, in its own terms.
    pub trenches: i64,
    /// Bounds on those with cheaper openings, and what they leave.
    pub reduced: Vec<Leftover>,
    /// Trenches and routes together.
    pub routed: Vec<Routed>,
}

/// What second routes of parks need, besides what everybody needs.
#[derive(Clone, Debug)]
pub struct Second {
    /// The trees that connect their parks with PoPs, at the first part of the cost of their cables.
    pub asked: TrenchProblem,
    openings: Vec<Openings>,
    /// Second routes at least.
    count: i64,
    /// Whether one PoP is not enough.
    two_pops: bool,
    /// What their fibres cost at least, beyond the first part of their cables.
    fibres: Money,
    /// Splices and ports of them.
    ends: Money,
}

/// Who is served: connections by network node, and which nodes are parks.
#[derive(Clone, Debug)]
pub(super) struct Served {
    pub(super) connections: Vec<u32>,
    pub(super) park: Vec<bool>,
}

impl Served {
    fn of(plan: &Plan, network: &Network, region: &Region) -> Self {
        let nodes = network.graph.node_count();
        let mut served = Self { connections: vec![0; nodes], park: vec![false; nodes] };
        for &node in &plan.forest.order {
            match network.nodes[node.index()] {
                NodeKind::Site(site) => served.connections[node.index()] = site_connections(network, region, site),
                NodeKind::Park(_) => served.park[node.index()] = true,
                NodeKind::Road | NodeKind::Pop(_) => {}
            }
        }
        served
    }

    pub(super) fn holds(&self, node: NodeId) -> bool {
        self.connections[node.index()] > 0 || self.park[node.index()]
    }

    fn homes(&self) -> i64 {
        self.connections.iter().map(|&count| i64::from(count)).sum()
    }

    fn parks(&self) -> i64 {
        self.park.iter().filter(|park| **park).count() as i64
    }
}

/// States the joint problem for the leaves that a plan serves. Time: O(m log n + fibres · sizes²).
///
/// # Errors
/// If the weights are too large for exact sums.
pub fn joint(
    (network, region): (&Network, &Region),
    candidates: &[PopCandidate],
    scenario: &Scenario,
    plan: &Plan,
) -> Result<Joint, problem::Error> {
    let prices = scenario.price_book();
    let served = Served::of(plan, network, region);
    let asking = plan.protection.parks.len() as u32;
    let most = most_fibres(network, &served, &scenario.architecture, asking);
    let table = CableTable::new(&scenario.architecture, &prices, most);
    let (length, fibre_metres) =
        cabled(plan, network, &Routes::new(network, candidates), &scenario.architecture, &served);
    let line = Line::best(&table, &prices, length, fibre_metres);
    let civil = segment_costs(network, &prices);
    let weights = weights(network, scenario, (&civil, &served.connections), line.first);
    let wanted = |node: NodeId| served.holds(node);
    let state = |pops: &[PopCandidate]| {
        ask_weighted(network, pops, scenario, (&weights, Some(&wanted)), Worth { sites: None, parks: None })
    };
    let asked = state(candidates)?;
    let bare = self::weights(network, scenario, (&civil, &served.connections), 0);
    let land = (network, candidates, scenario);
    let carrying = Carrying::new(&asked, land, &bare, (&served.connections, &served.park));
    let mut reduced = Vec::new();
    if network.segments.len() <= SEVERAL_BOUNDS {
        for multiplier in multipliers(candidates) {
            let less = |pop: &PopCandidate| pop.opening - multiplier;
            let cheaper = |pop: &PopCandidate| PopCandidate { opening: less(pop).max(Money::ZERO), ..pop.clone() };
            let pops: Vec<PopCandidate> = candidates.iter().map(cheaper).collect();
            let below = candidates.iter().map(|pop| less(pop).min(Money::ZERO)).sum();
            reduced.push(Reduced { asked: state(&pops)?, multiplier, below });
        }
    }
    let rates = Rates { each: line.each, points: Points::new(network, scenario, &prices, &served, line.each) };
    let openings = openings((network, &served), candidates, &scenario.architecture, &rates, &BTreeMap::new());
    let besides = equipment(scenario, &prices, &served);
    let largest = candidates.iter().map(|pop| i64::from(pop.capacity)).max().unwrap_or(1).max(1);
    let housing = candidates.iter().map(|pop| pop.extension).min().unwrap_or(Money::ZERO);
    let connections = served.homes() + served.parks();
    let contingency = prices.money(prices.known(key::CONTINGENCY)).cents();
    Ok(Joint {
        asked,
        carrying,
        reduced,
        served,
        table,
        line,
        rates,
        openings,
        housing,
        largest,
        connections,
        besides,
        contingency,
    })
}

/// What a PoP costs beside the trench problem: all, so that it is leaves that choose; or little, for few PoPs.
fn multipliers(candidates: &[PopCandidate]) -> Vec<Money> {
    let usual = candidates.iter().map(|pop| pop.opening).max().unwrap_or(Money::ZERO);
    if candidates.len() < 2 || usual == Money::ZERO {
        return vec![Money::ZERO];
    }
    vec![usual, Money::from_cents(usual.cents() / 4)]
}

/// What a bound on a trench problem is worth in cents of a bill.
pub(super) fn worth(asked: &TrenchProblem, bound: i64) -> Money {
    (Money::from_cents(bound) - asked.constant).max(Money::ZERO)
}

/// Segments up to which designs are bounded by their number of PoPs.
pub(super) const SEVERAL_BOUNDS: usize = 40_000;

impl Joint {
    /// The bound on the whole that follows from what is proven about the problems.
    #[must_use]
    pub fn figures(&self, proven: &Proven) -> TotalFigures {
        self.add_up(proven, None)
    }

    /// As [`Self::figures`], with what second routes need and a bound on [`Second::asked`] in its own terms.
    #[must_use]
    pub fn figures_with(&self, proven: &Proven, (second, trees): (&Second, i64)) -> TotalFigures {
        self.add_up(proven, Some((second, worth(&second.asked, trees))))
    }

    /// What housings beyond the first of each PoP cost at least, with so many second routes.
    pub(super) fn housings(&self, pops: i64, or_more: bool, second: i64) -> Money {
        // A larger number of PoPs may need no further housing, and costs no less for trenches.
        let needed = (self.connections + second + self.largest - 1) / self.largest;
        self.housing * if or_more { 0 } else { (needed - pops).max(0) }
    }

    /// The joint problem where these segments are dug in any case, and what trenches and cables cost together then.
    ///
    /// # Errors
    /// If the weights are too large for exact sums.
    pub fn around(
        &self,
        network: &Network,
        candidates: &[PopCandidate],
        scenario: &Scenario,
        dug: &[EdgeId],
    ) -> Result<(TrenchProblem, Carrying), problem::Error> {
        let mut civil = segment_costs(network, &scenario.price_book());
        dug.iter().for_each(|edge| civil[edge.index()] = Money::ZERO);
        let served = &self.served;
        let weights = |cable| weights(network, scenario, (&civil, &served.connections), cable);
        let wanted = |node: NodeId| served.holds(node);
        let lost = Worth { sites: None, parks: None };
        let asked = ask_weighted(network, candidates, scenario, (&weights(self.line.first), Some(&wanted)), lost)?;
        let land = (network, candidates, scenario);
        let carrying = Carrying::new(&asked, land, &weights(0), (&served.connections, &served.park));
        Ok((asked, carrying))
    }

    /// What the second routes of the parks that a plan protects need; nothing where it protects none.
    ///
    /// Time: O(k m log m) for k parks, and that of stating the problems and of trying sets of PoPs.
    ///
    /// # Errors
    /// If weights are too large for exact sums.
    pub fn second(
        &self,
        network: &Network,
        candidates: &[PopCandidate],
        scenario: &Scenario,
        plan: &Plan,
    ) -> Result<Option<Second>, problem::Error> {
        let parks = protected(plan, network);
        if parks.is_empty() {
            return Ok(None);
        }
        let architecture = &scenario.architecture;
        let [trunk, _] = spares(architecture);
        let fibres = i128::from(architecture.fibres_per_park) * trunk;
        let line = SecondLine { table: &self.table, architecture, each: self.rates.each, fibres };
        let asked = line.trees((network, candidates), scenario, &parks)?;
        let least = line.least((network, candidates), &parks);
        let openings = openings((network, &self.served), candidates, architecture, &self.rates, &least);
        let fibres: i64 = least.values().map(|second| second.one).sum();
        let two_pops = parks.values().any(|wish| *wish == Redundancy::TwoPops);
        let prices = scenario.price_book();
        let price = |key: &str| prices.money(prices.known(key));
        let count = parks.len() as i64;
        let ends =
            (price(key::SPLICE) * (2 * i64::from(architecture.fibres_per_park)) + price(key::ACTIVE_PORT)) * count;
        Ok(Some(Second { asked, openings, count, two_pops, fibres: Money::from_cents(fibres / 1000), ends }))
    }

    /// The least over numbers of open PoPs, with second routes and a bound on the first parts of their cables.
    fn add_up(&self, proven: &Proven, second: Option<(&Second, Money)>) -> TotalFigures {
        let (count, openings) = second.map_or((0, &self.openings), |(second, _)| (second.count, &second.openings));
        let two_pops = second.is_some_and(|(second, _)| second.two_pops);
        let is_allowed = |least: &&Openings| least.pops > 1 || least.or_more || !two_pops;
        let found = openings.iter().filter(is_allowed).map(|least| {
            let housings = self.housings(least.pops, least.or_more, count);
            let fibres = second.map_or(Money::ZERO, |(second, _)| second.fibres);
            let apart = self.apart(proven, least);
            let is_same = |routed: &&Routed| (routed.pops, routed.or_more) == (least.pops, least.or_more);
            let routed = proven.routed.iter().filter(is_same).max_by_key(|routed| routed.sum());
            let together = routed.map_or(Vec::new(), |routed| {
                vec![
                    ("trenches, ducts and first cables", routed.trenches),
                    ("further fibres and distribution points, with trenches for their routes", routed.routes),
                    ("fibres of second routes", fibres),
                ]
            });
            let sum = |parts: &[(&str, Money)]| parts.iter().map(|(_, amount)| *amount).sum::<Money>();
            let mut parts = if sum(&together) > sum(&apart) { together } else { apart };
            parts.push(("further PoP housings", housings));
            (sum(&parts), parts)
        });
        let Some((_, mut parts)) = found.min() else { return TotalFigures::default() };
        parts.extend(self.besides.iter().copied());
        if let Some((second, cables)) = second {
            parts.push(("cables of second routes", cables));
            parts.push(("splices and ports of second routes", second.ends));
        }
        let sum: Money = parts.iter().map(|(_, amount)| *amount).sum();
        // Each of the two percentages is rounded once in a bill: a cent for both.
        let whole = i128::from(sum.cents() - 1) * i128::from(10_000 + self.contingency) / 10_000 - 1;
        TotalFigures { bound: Money::from_cents(whole.max(0) as i64), parts, ..TotalFigures::default() }
    }

    /// Trenches for so many PoPs, and what depends on where those are, each by itself.
    fn apart(&self, proven: &Proven, least: &Openings) -> Vec<(&'static str, Money)> {
        let by_number =
            self.reduced.iter().zip(&proven.reduced).map(|(problem, left)| {
                worth(&problem.asked, left.bound) + problem.below + problem.multiplier * least.pops
            });
        vec![
            ("trenches, ducts and first cables", by_number.fold(worth(&self.asked, proven.trenches), Money::max)),
            ("further fibres", least.fibre),
            ("distribution points", least.points),
        ]
    }
}

/// Civil works with design costs, ducts and cables of each segment, each rounded down by more than a bill rounds.
///
/// `civil` is what works cost by segment, `cable` is in thousandths of a cent per metre.
fn weights(network: &Network, scenario: &Scenario, (civil, connections): (&[Money], &[u32]), cable: i64) -> Vec<Money> {
    let prices = scenario.price_book();
    let cents = |key: &str| prices.money(prices.known(key)).cents();
    let design = cents(key::DESIGN);
    let bundle = cents(key::DUCT_BUNDLE) * 1000;
    let drop = (cents(key::DUCT_DROP) + cents(key::CABLE_DROP) + cents(key::BLOW)) * 1000;
    // A segment has an item for each size, one for blowing and one for ducts; each is rounded by half a cent at most.
    let rounding = scenario.architecture.cable_sizes.len() as i64 / 2 + 2;
    let weight = |(place, segment): (usize, &crate::network::Segment)| {
        let [one, other] = network.graph.ends(crate::graph::EdgeId(place as u32));
        let per_metre = match segment.kind {
            SegmentKind::Drop => drop * i64::from(connections[one.index()].max(connections[other.index()])),
            SegmentKind::Duct => cable,
            SegmentKind::Trench | SegmentKind::Crossing | SegmentKind::ParkEntry | SegmentKind::PopEntry => {
                bundle + cable
            }
        };
        let laid = (i128::from(per_metre) * i128::from(segment.length.millimetres()) / 1_000_000) as i64 - rounding;
        let works = i128::from(civil[place].cents()) * i128::from(10_000 + design) / 10_000;
        Money::from_cents(works as i64 + laid.max(0))
    };
    network.segments.iter().enumerate().map(weight).collect()
}

/// More fibres than any segment holds where so many parks ask for a second route.
fn most_fibres(network: &Network, served: &Served, architecture: &Architecture, asking: u32) -> u32 {
    let of_node = |node: NodeId| {
        let parks = if served.park[node.index()] { architecture.fibres_per_park } else { 0 };
        u64::from(parks + architecture.drop_fibres(served.connections[node.index()]))
    };
    let fibres = network.graph.nodes().map(of_node).sum::<u64>() + u64::from(asking * architecture.fibres_per_park);
    let spare = spares(architecture).into_iter().max().unwrap_or(0) as u64;
    (fibres * spare / 10_000 + 2).min(u64::from(u32::MAX / 4)) as u32
}

/// Metres of a plan that have cables, in millimetres, and what fibres in them a bound may count on, times millimetres: their
/// shortest routes from any candidate, and where they are split, what the plan lays beyond its distribution points.
fn cabled(
    plan: &Plan,
    network: &Network,
    routes: &Routes,
    architecture: &Architecture,
    served: &Served,
) -> (Length, i128) {
    let (mut length, mut fibre_metres) = (Length::ZERO, 0);
    for &node in &plan.forest.order {
        let Some((_, edge)) = plan.forest.parent[node.index()] else { continue };
        let (metres, cabling) = (network.segments[edge.index()].length, &plan.cabling);
        let distribution = cabling.distribution_with_spare(node, architecture);
        if cabling.trunk_with_spare(node, architecture) + distribution > 0 {
            length += metres;
        }
        if architecture.splits_in_cabinets() {
            fibre_metres += i128::from(distribution) * i128::from(metres.millimetres());
        }
    }
    let far = |node: NodeId| Some(scaled(served, architecture, node, foot(network, routes, node)?));
    let leaves = network.graph.nodes().filter(|&node| served.holds(node));
    (length, fibre_metres + leaves.filter_map(far).sum::<i128>() / 10_000)
}

/// Fibres to lay for ten thousand in use, where fewest are.
pub(super) fn least_spare(architecture: &Architecture) -> i64 {
    spares(architecture).into_iter().min().unwrap_or(10_000) as i64
}

/// Fibres to lay for ten thousand in use, in trunk and in distribution cables.
pub(super) fn spares(architecture: &Architecture) -> [i128; 2] {
    [architecture.spare_trunk, architecture.spare_distribution].map(|share| 10_000 + (share * 10_000.0).round() as i128)
}

/// Shortest route to the foot of one of a leaf's drops.
pub(super) fn foot(network: &Network, routes: &Routes, leaf: NodeId) -> Option<Length> {
    network.graph.arcs(leaf).iter().filter_map(|arc| routes.length[arc.to.index()]).min()
}

/// Fibres of a leaf with the least spare that any design gives them, times the millimetres of a route, times ten thousand.
pub(super) fn scaled(served: &Served, architecture: &Architecture, leaf: NodeId, foot: Length) -> i128 {
    let [trunk, distribution] = spares(architecture);
    let metres = i128::from(foot.millimetres());
    if served.park[leaf.index()] {
        return i128::from(architecture.fibres_per_park) * trunk * metres;
    }
    let count = served.connections[leaf.index()];
    if architecture.splits_in_cabinets() {
        // A connection has a fibre of its own, or its share of one that is to be split.
        return i128::from(count) * trunk.min(distribution) * metres / i128::from(architecture.split);
    }
    // At most so much of the route is distribution cable, with its own spare.
    let near = metres.min(i128::from(architecture.distribution_max().millimetres()));
    i128::from(architecture.drop_fibres(count)) * (trunk * metres - (trunk - distribution).max(0) * near)
}

/// Splices, splitters, ports and homes of any design that serves the same.
fn equipment(scenario: &Scenario, prices: &PriceBook, served: &Served) -> Vec<(&'static str, Money)> {
    let architecture = &scenario.architecture;
    let cents = |key: &str| prices.money(prices.known(key)).cents();
    let (homes, parks) = (served.homes(), served.parks());
    let take_up = (scenario.design.take_up * 10_000.0).round() as i64;
    let taken = (homes * take_up + 9_999) / 10_000;
    let each = i64::from(architecture.fibres_per_address);
    let split = i64::from(architecture.split);
    let splice = cents(key::SPLICE);
    let splitter = cents(&format!("splitter.1x{}", architecture.split));
    // Splitters in distribution points are seldom full: what those cost beyond a part for each is the points' (see `points.rs`).
    let (in_pop, splitters) = match (architecture.kind, architecture.splits_in_cabinets()) {
        (Topology::P2p, _) => (homes * each * splice, 0),
        (Topology::Pon, false) => (homes * each * splice, (homes + split - 1) / split * splitter),
        (Topology::Pon, true) => (homes * splice / split, homes * splitter / split),
    };
    let splices = homes * each + 2 * parks * i64::from(architecture.fibres_per_park);
    vec![
        ("splices at drops, parks and PoPs", Money::from_cents(splices * splice + in_pop)),
        ("splitters", Money::from_cents(splitters)),
        ("active ports", Money::from_cents((taken + parks) * cents(key::ACTIVE_PORT))),
        ("home connections", Money::from_cents(taken * cents(key::HOME))),
    ]
}
