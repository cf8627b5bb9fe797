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
//! Fixed charge in the tree, flow beside it: Balakrishnan, Magnanti and Wong (Operations Research 37, 1989) raise both
//! together; here the flow's part is bounded by shortest routes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::graph::{EdgeId, NodeId};
use crate::network::{Network, NodeKind, SegmentKind};
use crate::plan::ask::{Worth, ask_weighted, segment_costs};
use crate::plan::carry::Carrying;
use crate::plan::openings::{Openings, Rates, openings};
use crate::plan::second_bound::{SecondLine, protected};
use crate::plan::tell::site_connections;
use crate::plan::{CableTable, Plan, PopCandidate, Routes, TrenchProblem};
use crate::problem;
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

/// A straight line below the price of cables: so much a metre for the first fibre, and so much for each fibre.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Line {
    /// Thousandths of a cent per metre.
    first: i64,
    /// Thousandths of a cent per metre and fibre.
    each: i64,
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
    served: Served,
    table: CableTable,
    line: Line,
    rates: Rates,
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
    multiplier: Money,
    /// What openings cost less than nothing then, all together; not positive.
    below: Money,
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
    /// Splices and ports of them.
    ends: Money,
}

/// Who is served: connections by network node, and which nodes are parks.
#[derive(Clone, Debug)]
pub(super) struct Served {
    pub(super) connections: Vec<u32>,
    park: Vec<bool>,
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
    let routes = Routes::new(network, candidates);
    let asking = plan.protection.parks.len() as u32;
    let flow = Flow::new(network, &served, &routes, (&scenario.architecture, asking));
    let table = CableTable::new(&scenario.architecture, &prices, flow.most);
    let line = Line::best(&table, &prices, plan.trench.built_length, flow.fibre_metres);
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
    let usual = candidates.iter().map(|pop| pop.opening).max().unwrap_or(Money::ZERO);
    if candidates.len() > 1 && usual > Money::ZERO && network.segments.len() <= SEVERAL_BOUNDS {
        for multiplier in [usual, Money::from_cents(usual.cents() / 2)] {
            let less = |pop: &PopCandidate| pop.opening - multiplier;
            let cheaper = |pop: &PopCandidate| PopCandidate { opening: less(pop).max(Money::ZERO), ..pop.clone() };
            let pops: Vec<PopCandidate> = candidates.iter().map(cheaper).collect();
            let below = candidates.iter().map(|pop| less(pop).min(Money::ZERO)).sum();
            reduced.push(Reduced { asked: state(&pops)?, multiplier, below });
        }
    }
    let rates = Rates::new(scenario, &prices, line.each, points(network, scenario, &prices, &served, &flow));
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

/// What a bound on a trench problem is worth in cents of a bill.
fn worth(asked: &TrenchProblem, bound: i64) -> Money {
    (Money::from_cents(bound) - asked.constant).max(Money::ZERO)
}

/// Segments up to which designs are bounded by their number of PoPs.
pub(super) const SEVERAL_BOUNDS: usize = 40_000;

impl Joint {
    /// The bound on the whole that follows from bounds on the joint trench problem and on those with cheaper openings, each
    /// in its own terms.
    #[must_use]
    pub fn figures(&self, bound: i64, reduced: &[i64]) -> TotalFigures {
        self.add_up(&self.trenches(bound, reduced), None)
    }

    /// As [`Self::figures`], with what second routes need and a bound on [`Second::asked`] in its own terms.
    #[must_use]
    pub fn figures_with(&self, bound: i64, reduced: &[i64], (second, trees): (&Second, i64)) -> TotalFigures {
        self.add_up(&self.trenches(bound, reduced), Some((second, worth(&second.asked, trees))))
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
        let line = SecondLine { table: &self.table, architecture, each: self.rates.each(), fibres };
        let asked = line.trees((network, candidates), scenario, &parks)?;
        let least = line.least((network, candidates), &parks);
        let openings = openings((network, &self.served), candidates, architecture, &self.rates, &least);
        let two_pops = parks.values().any(|wish| *wish == Redundancy::TwoPops);
        let prices = scenario.price_book();
        let price = |key: &str| prices.money(prices.known(key));
        let count = parks.len() as i64;
        let ends =
            (price(key::SPLICE) * (2 * i64::from(architecture.fibres_per_park)) + price(key::ACTIVE_PORT)) * count;
        Ok(Some(Second { asked, openings, count, two_pops, ends }))
    }

    /// Bounds on trenches, in cents of a bill: of the joint problem, then of those with cheaper openings.
    fn trenches(&self, bound: i64, reduced: &[i64]) -> Vec<Money> {
        let problems = self.reduced.iter().map(|problem| &problem.asked).zip(reduced);
        let all = [(&self.asked, &bound)].into_iter().chain(problems);
        all.map(|(asked, &bound)| worth(asked, bound)).collect()
    }

    /// The least over numbers of open PoPs, with second routes and a bound on the first parts of their cables.
    fn add_up(&self, trenches: &[Money], second: Option<(&Second, Money)>) -> TotalFigures {
        let (count, openings) = second.map_or((0, &self.openings), |(second, _)| (second.count, &second.openings));
        let two_pops = second.is_some_and(|(second, _)| second.two_pops);
        let is_allowed = |least: &&Openings| least.pops > 1 || least.or_more || !two_pops;
        let with = |least: &Openings| {
            let by_number = self
                .reduced
                .iter()
                .zip(&trenches[1..])
                .map(|(problem, &trench)| trench + problem.below + problem.multiplier * least.pops);
            let trench = by_number.fold(trenches[0], Money::max);
            // A larger number may need no further housing, and costs no less for trenches.
            let needed = (self.connections + count + self.largest - 1) / self.largest;
            let missing = if least.or_more { 0 } else { (needed - least.pops).max(0) };
            let housings = self.housing * missing;
            (trench + housings + least.sum, trench, housings, *least)
        };
        let Some((_, trench, housings, least)) = openings.iter().filter(is_allowed).map(with).min() else {
            return TotalFigures::default();
        };
        let mut parts = vec![
            ("trenches, ducts and first cables", trench),
            ("further fibres", least.fibre),
            ("further PoP housings", housings),
            ("distribution points", least.points),
            ("splices at distribution points", least.splices),
        ];
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

/// Fibres that any design carries, and how far at least.
struct Flow {
    /// Fibres with their least spare times millimetres of shortest routes up to the feet of drops, times 10^-4.
    fibre_metres: i128,
    /// More fibres than any segment holds.
    most: u32,
    /// Shortest route to the foot of a drop of each leaf.
    foot: Vec<Option<Length>>,
}

impl Flow {
    /// So many parks ask for a second route.
    fn new(network: &Network, served: &Served, routes: &Routes, (architecture, asking): (&Architecture, u32)) -> Self {
        let mut flow = Self { fibre_metres: 0, most: 0, foot: vec![None; network.graph.node_count()] };
        let (mut fibres, mut sum) = (u64::from(asking * architecture.fibres_per_park), 0i128);
        for node in network.graph.nodes().filter(|&node| served.holds(node)) {
            let parks = if served.park[node.index()] { architecture.fibres_per_park } else { 0 };
            fibres += u64::from(parks + architecture.drop_fibres(served.connections[node.index()]));
            flow.foot[node.index()] = foot(network, routes, node);
            if let Some(foot) = flow.foot[node.index()] {
                sum += scaled(served, architecture, node, foot);
            }
        }
        flow.fibre_metres = sum / 10_000;
        let spare = spares(architecture).into_iter().max().unwrap_or(0) as u64;
        flow.most = (fibres * spare / 10_000 + 2).min(u64::from(u32::MAX / 4)) as u32;
        flow
    }
}

/// Fibres to lay for ten thousand in use, in trunk and in distribution cables.
fn spares(architecture: &Architecture) -> [i128; 2] {
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

impl Line {
    /// Of the lines that lie below the price of every set, the one that proves most for this length and flow.
    fn best(table: &CableTable, prices: &PriceBook, length: Length, fibre_metres: i128) -> Self {
        let blow = prices.money(prices.known(key::BLOW)).cents();
        let cost: Vec<(i64, i64)> = table
            .sizes()
            .iter()
            .map(|size| (i64::from(size.fibres), (prices.money(size.price).cents() + blow) * 1000))
            .collect();
        let pairs = cost.iter().flat_map(|one| cost.iter().map(move |other| (one, other)));
        let slopes = pairs.filter(|(one, other)| one.0 < other.0 && one.1 < other.1);
        let mut slopes: Vec<i64> = slopes.map(|(one, other)| (other.1 - one.1) / (other.0 - one.0)).collect();
        slopes.push(0);
        slopes.sort_unstable();
        slopes.dedup();
        let line = |each: i64| {
            let below = |fibres: u32| table.per_metre(fibres) * 1000 - each * i64::from(fibres);
            Self { first: (1..=table.most()).map(below).min().unwrap_or(0).max(0), each }
        };
        let valid = |line: &Self| {
            (1..=table.most())
                .all(|fibres| table.per_metre(fibres) * 1000 >= line.first + line.each * i64::from(fibres))
        };
        let worth = |line: &Self| {
            i128::from(line.first) * i128::from(length.millimetres()) + i128::from(line.each) * fibre_metres
        };
        slopes.into_iter().map(line).filter(valid).max_by_key(worth).unwrap_or(Self { first: 0, each: 0 })
    }
}

/// What distribution points cost at least whatever is open: those of leaves that are too far apart to share one.
fn points(network: &Network, scenario: &Scenario, prices: &PriceBook, served: &Served, flow: &Flow) -> Money {
    let architecture = &scenario.architecture;
    let price = |key: &str| prices.money(prices.known(key));
    let longest = architecture.distribution_max();
    let far: Vec<NodeId> = network
        .graph
        .nodes()
        .filter(|node| served.connections[node.index()] > 0)
        .filter(|node| flow.foot[node.index()].is_some_and(|foot| foot > longest))
        .collect();
    let (cabinet, handhole) = (price(key::CABINET), price(key::HANDHOLE_DP));
    let least = if architecture.handhole_connections > 0 { cabinet.min(handhole) } else { cabinet };
    least * apart(network, &far, flow, longest)
}

/// A number of leaves that no two share a distribution point: their feet are more than two longest cables apart.
///
/// Greedy, the farthest from the PoPs first. Time: a short search for each that is taken.
fn apart(network: &Network, far: &[NodeId], flow: &Flow, longest: Length) -> i64 {
    let mut order: Vec<NodeId> = far.to_vec();
    order.sort_unstable_by_key(|node| (Reverse(flow.foot[node.index()]), *node));
    let is_leaf = |node: NodeId| matches!(network.nodes[node.index()], NodeKind::Site(_) | NodeKind::Park(_));
    let mut near: Vec<Option<Length>> = vec![None; network.graph.node_count()];
    let mut covered = vec![false; network.graph.node_count()];
    let mut count = 0;
    for leaf in order {
        // A leaf with a foot in the ball of a taken one could share its point.
        if network.graph.arcs(leaf).iter().any(|arc| covered[arc.to.index()]) {
            continue;
        }
        count += 1;
        let mut queue = BinaryHeap::new();
        let mut touched = Vec::new();
        for arc in network.graph.arcs(leaf).iter().filter(|arc| !is_leaf(arc.to)) {
            near[arc.to.index()] = Some(Length::ZERO);
            touched.push(arc.to);
            queue.push(Reverse((Length::ZERO, arc.to)));
        }
        while let Some(Reverse((so_far, node))) = queue.pop() {
            if near[node.index()] < Some(so_far) {
                continue;
            }
            covered[node.index()] = true;
            for arc in network.graph.arcs(node).iter().filter(|arc| !is_leaf(arc.to)) {
                let through = so_far + network.segments[arc.edge.index()].length;
                if through <= longest * 2 && near[arc.to.index()].is_none_or(|known| through < known) {
                    near[arc.to.index()] = Some(through);
                    touched.push(arc.to);
                    queue.push(Reverse((through, arc.to)));
                }
            }
        }
        for node in touched {
            near[node.index()] = None;
        }
    }
    count
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
    let (in_pop, splitters) = match (architecture.kind, architecture.splits_in_cabinets()) {
        (Topology::P2p, _) => (homes * each, 0),
        (Topology::Pon, false) => (homes * each, (homes + split - 1) / split),
        (Topology::Pon, true) => ((homes + split - 1) / split, (homes + split - 1) / split),
    };
    let splices = homes * each + 2 * parks * i64::from(architecture.fibres_per_park) + in_pop;
    let splitter = cents(&format!("splitter.1x{}", architecture.split));
    vec![
        ("splices at drops, parks and PoPs", Money::from_cents(splices * cents(key::SPLICE))),
        ("splitters", Money::from_cents(splitters * splitter)),
        ("active ports", Money::from_cents((taken + parks) * cents(key::ACTIVE_PORT))),
        ("home connections", Money::from_cents(taken * cents(key::HOME))),
    ]
}
