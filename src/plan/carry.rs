//! What carrying fibres costs in every edge of a trench problem: trenches once, cables by what runs through them.
//!
//! Distribution points are left out, for they stand where the tree lets them: up to what one serves, an edge pays for the
//! cheaper of distribution and trunk cable.

use crate::bulk::Load;
use crate::graph::EdgeId;
use crate::network::{Network, NodeKind, SegmentKind};
use crate::plan::ask::{Source, TrenchProblem};
use crate::plan::{CableTable, PopCandidate};
use crate::scenario::{Architecture, Scenario, key};
use crate::units::Money;

/// Prices of the edges of a trench problem by load, and who asks for what.
#[derive(Clone, Debug)]
pub struct Carrying {
    /// What each node of the problem asks for: connections share, parks have fibres of their own.
    pub asked: Vec<Load>,
    edges: Vec<Edge>,
    /// Thousandths of a cent per metre by number of fibres with their spare, further bundles of ducts included.
    sets: Vec<i64>,
    /// The same by number of connections, where nobody has fibres of his own.
    shared: Vec<i64>,
    architecture: Architecture,
    /// Connections that one distribution point serves.
    ports: u32,
}

/// What an edge costs.
#[derive(Clone, Copy, Debug, Default)]
struct Edge {
    /// Thousandths of a cent with any load.
    fixed: i64,
    /// Millimetres with cable.
    cabled: i64,
    /// Price of a further housing, in thousandths of a cent, and connections that one holds, where the edge opens a PoP.
    housing: Option<(i64, u32)>,
}

impl Carrying {
    /// Prices for a problem of these candidates. `weights` are what segments cost without cables, `connections` is by
    /// network node, `served` says which leaves are. Time: O(m + fibres · sizes).
    pub(super) fn new(
        asked: &TrenchProblem,
        (network, candidates, scenario): (&Network, &[PopCandidate], &Scenario),
        weights: &[Money],
        (connections, parks): (&[u32], &[bool]),
    ) -> Self {
        let (architecture, prices) = (&scenario.architecture, scenario.price_book());
        let mut loads = vec![Load::NONE; asked.problem.graph().node_count()];
        for node in network.graph.nodes() {
            let Some(place) = asked.node(node) else { continue };
            match network.nodes[node.index()] {
                NodeKind::Site(_) => loads[place.index()].shared = connections[node.index()],
                NodeKind::Park(_) => loads[place.index()].own = u32::from(parks[node.index()]),
                NodeKind::Road | NodeKind::Pop(_) => {}
            }
        }
        let of_edge = |edge: EdgeId| {
            let mut sum = Edge::default();
            for source in asked.sources(&[edge]) {
                match source {
                    Source::Opening(place) => {
                        let pop = &candidates[place as usize];
                        sum.fixed += pop.opening.cents() * 1000;
                        sum.housing = Some((pop.extension.cents() * 1000, pop.capacity.max(1)));
                    }
                    Source::Segment(edge) => {
                        let segment = &network.segments[edge.index()];
                        sum.fixed += weights[edge.index()].cents() * 1000;
                        if segment.kind != SegmentKind::Drop {
                            sum.cabled += segment.length.millimetres();
                        }
                    }
                }
            }
            sum
        };
        let edges = asked.problem.graph().edges().map(of_edge).collect();
        let fibres: u32 = loads
            .iter()
            .map(|load| architecture.drop_fibres(load.shared) + load.own * architecture.fibres_per_park)
            .sum();
        // A search may look at twice all load, where a branch is laid to a place within itself.
        let most = architecture.with_trunk_spare(2 * fibres).max(architecture.with_distribution_spare(2 * fibres));
        let table = CableTable::new(architecture, &prices, most);
        let bundle = prices.money(prices.known(key::DUCT_BUNDLE)).cents();
        let ways = architecture.duct_ways.max(1) as usize;
        let set = |fibres: u32| {
            let further = table.set(fibres).len().div_ceil(ways).saturating_sub(1) as i64;
            (table.per_metre(fibres) + bundle * further) * 1000
        };
        let sets = (0..=most).map(set).collect();
        let most = 2 * loads.iter().map(|load| load.shared).sum::<u32>();
        let ports = scenario.design.cabinet_ports;
        let mut carrying =
            Self { asked: loads, edges, sets, shared: Vec::new(), architecture: architecture.clone(), ports };
        carrying.shared = (0..=most).map(|shared| carrying.of_sets(Load { shared, own: 0 })).collect();
        carrying
    }

    /// Thousandths of a cent that an edge costs with a load.
    #[must_use]
    pub fn cost(&self, edge: EdgeId, load: Load) -> i64 {
        let Edge { fixed, cabled, housing } = self.edges[edge.index()];
        let housings = housing
            .map_or(0, |(price, holds)| price * i64::from((load.shared + load.own).div_ceil(holds).saturating_sub(1)));
        // Metres are thousandths of millimetres, and a hundred cents are fine enough for sums of whole millimetres.
        fixed + housings + (cabled * self.per_metre(load)) / 1000
    }

    /// Millimetres of an edge that have cable.
    #[must_use]
    pub fn cabled(&self, edge: EdgeId) -> i64 {
        self.edges[edge.index()].cabled
    }

    fn per_metre(&self, load: Load) -> i64 {
        if load.own == 0 { self.shared[load.shared as usize] } else { self.of_sets(load) }
    }

    fn of_sets(&self, load: Load) -> i64 {
        let architecture = &self.architecture;
        let own = load.own * architecture.fibres_per_park;
        let trunk = architecture.with_trunk_spare(own + architecture.trunk_fibres(load.shared));
        let whole = self.sets[trunk as usize];
        if load.shared == 0 || load.shared > self.ports {
            return whole;
        }
        let distribution = architecture.with_distribution_spare(architecture.drop_fibres(load.shared));
        let apart = self.sets[distribution as usize] + self.sets[architecture.with_trunk_spare(own) as usize];
        if architecture.splits_in_cabinets() { apart } else { apart.min(whole) }
    }
}
