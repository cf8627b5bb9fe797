//! What second routes of parks add to the bound on the whole.
//!
//! A second route has cables of its own, wherever it runs: in trenches of the forest or in others. So besides the forest,
//! which pays for its trenches and its own cables, every segment with second routes pays for a set of cables that holds
//! them all. Such a set costs no less than a first part that depends on the segment only, and a part for each route in it.
//! The segments connect each protected park with some open PoP, so the first parts cost no less than the cheapest Steiner
//! tree of these parks at such prices, PoPs free. The parts for each route add up to no less than the shortest route of
//! each park, and together with the park's own fibre to no less than the shortest pair of routes without a common trench.
//! Splices and ports at the ends of routes follow from their number. What is dug for second routes alone, their
//! handholes, and further ducts are left aside.

use std::collections::BTreeMap;

use crate::graph::disjoint::{Goal, Ground, cheapest_route, disjoint_pair};
use crate::graph::{EdgeId, NodeId};
use crate::network::{Network, NodeKind};
use crate::plan::ask::ask_weighted;
use crate::plan::{CableTable, Plan, PopCandidate, TrenchProblem, Worth};
use crate::problem;
use crate::scenario::{Architecture, Redundancy, Scenario};
use crate::units::Money;

/// The parks that a plan protects, with what is asked for each, by their nodes.
pub(super) fn protected(plan: &Plan, network: &Network) -> BTreeMap<NodeId, Redundancy> {
    let met = plan.protection.parks.iter().filter(|park| park.outcome.is_ok());
    met.filter_map(|park| Some((network.parks[park.park.0 as usize]?, park.wish))).collect()
}

/// What fibre of a protected park's routes costs at least, in thousandths of a cent, first parts of cables excepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SecondFibres {
    /// Along the second route.
    pub(super) one: i64,
    /// Along both routes.
    pub(super) both: i64,
}

/// Prices of cable for second routes.
pub(super) struct SecondLine<'a> {
    pub(super) table: &'a CableTable,
    pub(super) architecture: &'a Architecture,
    /// Thousandths of a cent per metre and fibre, below the prices of all sets.
    pub(super) each: i64,
    /// Fibres of a park with their spare, times ten thousand.
    pub(super) fibres: i128,
}

impl SecondLine<'_> {
    /// What fibre costs at least for the routes of each park, to any of the candidates. Time: O(m log m) for each park.
    pub(super) fn least(
        &self,
        (network, candidates): (&Network, &[PopCandidate]),
        protected: &BTreeMap<NodeId, Redundancy>,
    ) -> BTreeMap<NodeId, SecondFibres> {
        let costs: Vec<i64> = network.graph.edges().map(|edge| self.price(network, edge, protected.len())).collect();
        let shared: Vec<bool> = network.segments.iter().map(|segment| segment.length.millimetres() == 0).collect();
        let closed: Vec<bool> =
            network.nodes.iter().map(|kind| matches!(kind, NodeKind::Site(_) | NodeKind::Park(_))).collect();
        let ground = Ground { graph: &network.graph, costs: &costs, shared: &shared, closed: &closed };
        let of_park = |(&node, &wish): (&NodeId, &Redundancy)| {
            let twice = wish != Redundancy::TwoPops;
            let goals: Vec<Goal> = candidates.iter().map(|pop| Goal { node: pop.node, cost: 0, twice }).collect();
            let one = cheapest_route(ground, node, &goals).map_or(0, |route| route.cost);
            let both = disjoint_pair(ground, node, &goals).map_or(0, |pair| pair.cost);
            (node, SecondFibres { one, both })
        };
        protected.iter().map(of_park).collect()
    }

    /// The trees that connect these parks with PoPs, at the first part of the cost of cables. Time: O(m log m).
    ///
    /// # Errors
    /// If the weights are too large for exact sums.
    pub(super) fn trees(
        &self,
        (network, candidates): (&Network, &[PopCandidate]),
        scenario: &Scenario,
        protected: &BTreeMap<NodeId, Redundancy>,
    ) -> Result<TrenchProblem, problem::Error> {
        let free = |pop: &PopCandidate| PopCandidate { opening: Money::ZERO, ..pop.clone() };
        let pops: Vec<PopCandidate> = candidates.iter().map(free).collect();
        let first = |edge| {
            let each = self.price(network, edge, protected.len());
            let left = |routes: u32| self.set(network, edge, routes) - i128::from(each) * i128::from(routes);
            let first = numbers(protected.len()).map(left).min().unwrap_or(0);
            Money::from_cents((first / 1000) as i64)
        };
        let weights: Vec<Money> = network.graph.edges().map(first).collect();
        let wanted = |node: NodeId| protected.contains_key(&node);
        ask_weighted(network, &pops, scenario, (&weights, Some(&wanted)), Worth { sites: None, parks: None })
    }

    /// What each of any number of routes costs at least in a segment, in thousandths of a cent: what the line says, and no
    /// more than its share of any set, for in short segments rounding outweighs the first cable.
    fn price(&self, network: &Network, edge: EdgeId, parks: usize) -> i64 {
        let length = i128::from(network.segments[edge.index()].length.millimetres());
        let line = i128::from(self.each) * self.fibres * length / 10_000 / 1000;
        let share = |routes: u32| self.set(network, edge, routes) / i128::from(routes);
        numbers(parks).map(share).min().unwrap_or(0).min(line) as i64
    }

    /// The least that cables for so many routes cost in a segment, in thousandths of a cent.
    fn set(&self, network: &Network, edge: EdgeId, routes: u32) -> i128 {
        let length = i128::from(network.segments[edge.index()].length.millimetres());
        let fibres = self.architecture.with_trunk_spare(routes * self.architecture.fibres_per_park);
        let mut sizes = self.table.set(fibres);
        sizes.dedup();
        // An item for each size and one for blowing, each rounded by half a cent at most.
        let rounding = 500 * (sizes.len() as i128 + 1);
        (i128::from(self.table.per_metre(fibres)) * length - rounding).max(0)
    }
}

/// How many second routes there may be in a segment: one for each park at most.
fn numbers(parks: usize) -> impl Iterator<Item = u32> {
    1..=parks as u32
}

#[cfg(test)]
mod tests {
    use geo::{Coord, LineString};

    use super::*;
    use crate::graph::Graph;
    use crate::network::{Segment, SegmentKind};
    use crate::problem::Tree;
    use crate::region::ParkId;
    use crate::units::Length;

    /// A network of trenches of these lengths in millimetres between these nodes; node 0 has the PoP, the last ones are parks.
    fn network(nodes: usize, parks: usize, trenches: &[(u32, u32, i64)]) -> (Network, [PopCandidate; 1]) {
        let segment = |&(_, _, length): &(u32, u32, i64)| Segment {
            kind: SegmentKind::Trench,
            shape: LineString(Vec::new()),
            length: Length::from_millimetres(length),
            road: None,
            works: Vec::new(),
            zones: Vec::new(),
        };
        let first = nodes - parks;
        let kind =
            |node: usize| node.checked_sub(first).map_or(NodeKind::Road, |park| NodeKind::Park(ParkId(park as u32)));
        let network = Network {
            graph: Graph::new(nodes, trenches.iter().map(|&(one, other, _)| [one, other].map(NodeId)).collect()),
            points: vec![Coord { x: 0.0, y: 0.0 }; nodes],
            nodes: (0..nodes).map(kind).collect(),
            segments: trenches.iter().map(segment).collect(),
            sites: Vec::new(),
            parks: (first..nodes).map(|node| Some(NodeId(node as u32))).collect(),
            pops: Vec::new(),
            components: vec![0; nodes],
        };
        let pop = PopCandidate {
            key: String::new(),
            node: NodeId(0),
            existing: false,
            proposed: false,
            opening: Money::from_cents(1_000_000),
            extension: Money::ZERO,
            capacity: 1000,
        };
        (network, [pop])
    }

    /// 12 fibres a park with a quarter in spare are 15, in a cable of 24 at 55 cents and 60 for blowing; those of two parks
    /// are 30, in one of 48 at 80 and 60.
    fn with_line<R>(use_it: impl Fn(&SecondLine, &Scenario) -> R) -> R {
        let scenario = Scenario::default();
        let table = CableTable::new(&scenario.architecture, &scenario.price_book(), 60);
        // A cent a metre and fibre.
        use_it(
            &SecondLine { table: &table, architecture: &scenario.architecture, each: 1000, fibres: 12 * 12_500 },
            &scenario,
        )
    }

    fn asking(network: &Network) -> BTreeMap<NodeId, Redundancy> {
        network.parks.iter().flatten().map(|&node| (node, Redundancy::TwoRoutes)).collect()
    }

    /// Over one node it is 1 km to the park, over the other 2 km. 15 fibres at a cent a metre: 150 euros along the shorter
    /// way, 450 along both. The entries of 5 mm cost nothing, for their cable (0.575 cents) and its blowing may round to none.
    #[test]
    fn fibre_of_one_park_runs_the_short_way_and_of_both_routes_both_ways() {
        let (network, pops) = network(4, 1, &[(0, 1, 1_000_000), (1, 3, 5), (0, 2, 2_000_000), (2, 3, 5)]);
        let least = with_line(|line, _| line.least((&network, &pops), &asking(&network)));
        let cents = 1000;
        assert_eq!(least[&NodeId(3)], SecondFibres { one: 15_000 * cents, both: 45_000 * cents });
    }

    /// Two parks, 300 m and 200 m beyond a fork that is 1 km from the PoP. What a metre costs beyond 15 cents a route is 100
    /// cents with one (115 less 15) and 110 with two (140 less 30), so 100 at least. Each of the three segments has an item
    /// of cable and one of blowing, which may round off half a cent each: 1,500 euros less three cents. The PoP is free.
    #[test]
    fn first_cables_of_two_parks_share_a_tree() {
        let (network, pops) = network(4, 2, &[(0, 1, 1_000_000), (1, 2, 300_000), (1, 3, 200_000)]);
        let value = with_line(|line, scenario| {
            let asked = line.trees((&network, &pops), scenario, &asking(&network)).expect("a problem");
            let all = Tree { edges: asked.problem.graph().edges().collect(), lone_node: None };
            asked.problem.value(&all) - asked.constant.cents()
        });
        assert_eq!(value, 150_000 - 3);
    }
}
