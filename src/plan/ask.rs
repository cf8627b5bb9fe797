//! Network → trench problem: what is asked of the solver, and how its answer leads back.
//!
//! All PoPs hang from a virtual root by an edge that costs their opening. An address or park is a leaf: no trench runs
//! through a private yard to the next house. To hold the solver to that, each of the several drops of a leaf is raised
//! by one constant that exceeds whatever a way through the leaf could save (the two farthest anchors' distances from the
//! root, which bound the distance between any two of its anchors); every connected leaf pays it exactly once.

use crate::graph::contract::{Contracted, contract};
use crate::graph::paths::distances;
use crate::graph::{EdgeId, Graph, NodeId};
use crate::network::{Network, NodeKind};
use crate::plan::{PopCandidate, Routes};
use crate::problem::{self, Demand, SteinerProblem};
use crate::region::Region;
use crate::scenario::{Architecture, PriceBook, Scenario};
use crate::units::Money;

/// The rooted Steiner problem of the trenches, with the way back to the network.
#[derive(Clone, Debug)]
pub struct TrenchProblem {
    /// The problem, in cents, drops raised.
    pub problem: SteinerProblem,
    /// What raising adds to every solution: value of the problem minus this is the cost of trenches, drops and openings
    /// plus the worth of addresses left out.
    pub constant: Money,
    /// Cost of each network segment.
    pub segment_costs: Vec<Money>,
    /// Whether each network node can be reached from a PoP candidate by roads.
    pub reached: Vec<bool>,
    /// Shortest routes: a leaf that is beyond the optical budget by its shortest route is no part of the problem.
    pub routes: Routes,
    /// Worth of each site where it may be left out.
    pub worth: Vec<Money>,
    /// The architecture that sets the limits of routes.
    pub(super) architecture: Architecture,
    before: Graph,
    contracted: Contracted,
    sources: Vec<Source>,
    leaf: Vec<bool>,
    /// Node of the problem of each network node that is left in it.
    node: Vec<Option<NodeId>>,
}

/// What an edge of the problem before contraction stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Opening a PoP candidate, by its place.
    Opening(u32),
    /// Building a segment of the network.
    Segment(EdgeId),
}

/// What is lost where a site or a park is left out; none of either where they must be connected.
#[derive(Clone, Debug)]
pub struct Worth {
    /// Worth of each site, by its place.
    pub sites: Option<Vec<Money>>,
    /// Worth of each park.
    pub parks: Option<Money>,
}

/// States the trench problem of a scenario. Time: O(m log n).
///
/// # Errors
/// If the costs are too large for exact sums.
pub fn ask(
    network: &Network,
    region: &Region,
    pops: &[PopCandidate],
    scenario: &Scenario,
) -> Result<TrenchProblem, problem::Error> {
    let sites = worth(network, region, scenario);
    let lost = Worth { sites: scenario.prize.enabled.then(|| sites.clone()), parks: None };
    let asked = ask_for(network, pops, scenario, lost)?;
    Ok(TrenchProblem { worth: sites, ..asked })
}

/// States the trench problem where leaving out costs what it is told to. Time: O(m log n).
///
/// # Errors
/// If the costs are too large for exact sums.
pub fn ask_for(
    network: &Network,
    pops: &[PopCandidate],
    scenario: &Scenario,
    lost: Worth,
) -> Result<TrenchProblem, problem::Error> {
    let costs = segment_costs(network, &scenario.price_book());
    ask_weighted(network, pops, scenario, (&costs, None), lost)
}

/// States the trench problem with other weights than the costs of segments; with `wanted`, for these leaves alone.
///
/// # Errors
/// If the weights are too large for exact sums.
pub(super) fn ask_weighted(
    network: &Network,
    pops: &[PopCandidate],
    scenario: &Scenario,
    (weights, wanted): (&[Money], Option<&dyn Fn(NodeId) -> bool>),
    lost: Worth,
) -> Result<TrenchProblem, problem::Error> {
    let routes = Routes::new(network, pops);
    let mut distance = distances_from_root(network, pops, weights);
    for node in network.graph.nodes().filter(|node| is_leaf(network.nodes[node.index()])) {
        if wanted.is_some_and(|wanted| !wanted(node))
            || routes.too_long(network, &scenario.architecture, node).is_some()
        {
            distance[node.index()] = FAR;
        }
    }
    let reached = distance.iter().map(|&cost| cost < FAR).collect();
    let mut draft = Draft::new(network, &distance);
    for (place, pop) in pops.iter().enumerate() {
        draft.open(pop, place);
    }
    let constant = draft.add_segments(network, weights, &distance);
    draft.add_demands(network, &lost);
    let before = Graph::new(draft.node_count, draft.ends);
    let contracted = contract(&before, &draft.costs, &draft.keep);
    let mut demands = vec![Demand::None; contracted.graph.node_count()];
    let mut leaf = vec![false; contracted.graph.node_count()];
    for old in before.nodes() {
        if let Some(new) = contracted.node[old.index()] {
            demands[new.index()] = draft.demands[old.index()];
            leaf[new.index()] = draft.leaf[old.index()];
        }
    }
    let root = contracted.node[0];
    let problem = SteinerProblem::new(contracted.graph.clone(), contracted.costs.clone(), demands, root)?;
    Ok(TrenchProblem {
        problem,
        constant,
        segment_costs: segment_costs(network, &scenario.price_book()),
        reached,
        routes,
        worth: lost.sites.unwrap_or_else(|| vec![Money::ZERO; network.sites.len()]),
        architecture: scenario.architecture.clone(),
        node: draft.node.iter().map(|old| contracted.node[(*old)?.index()]).collect(),
        before,
        contracted,
        sources: draft.sources,
        leaf,
    })
}

impl TrenchProblem {
    /// What the edges of a solution stand for.
    pub fn sources<'a>(&'a self, edges: &'a [EdgeId]) -> impl Iterator<Item = Source> + 'a {
        let chains = edges.iter().flat_map(|edge| &self.contracted.chains[edge.index()]);
        chains.map(|edge| self.sources[edge.index()])
    }

    /// How many PoPs might be opened.
    pub(super) fn candidates(&self) -> usize {
        self.sources.iter().filter(|source| matches!(source, Source::Opening(_))).count()
    }

    /// The least of some measure of network segments over each edge of the problem, dearer ways beside it with it.
    pub(super) fn least(&self, measure: &dyn Fn(EdgeId) -> i64) -> Vec<i64> {
        let of = |source: &Source| match *source {
            Source::Opening(_) => 0,
            Source::Segment(edge) => measure(edge),
        };
        self.contracted.least(&self.before, &self.sources.iter().map(of).collect::<Vec<_>>())
    }

    /// The node of the problem that a network node became, if it is left in it.
    pub(super) fn node(&self, node: NodeId) -> Option<NodeId> {
        self.node[node.index()]
    }

    /// Whether each node of the problem is an address or a park.
    #[must_use]
    pub fn leaves(&self) -> &[bool] {
        &self.leaf
    }
}

const FAR: i64 = i64::MAX;

pub(super) fn segment_costs(network: &Network, prices: &PriceBook) -> Vec<Money> {
    network.segments.iter().map(|segment| segment.cost(prices)).collect()
}

fn is_leaf(kind: NodeKind) -> bool {
    matches!(kind, NodeKind::Site(_) | NodeKind::Park(_))
}

/// Least cost from the virtual root to every node, opening included, without passing through leaves.
fn distances_from_root(network: &Network, pops: &[PopCandidate], costs: &[Money]) -> Vec<i64> {
    let starts = pops.iter().map(|pop| (pop.node, pop.opening.cents()));
    let is_passed = |node: NodeId| !is_leaf(network.nodes[node.index()]);
    distances(&network.graph, |edge| costs[edge.index()].cents(), starts, is_passed)
}

/// What each site is worth: revenue and subsidy of its addresses, by connection.
fn worth(network: &Network, region: &Region, scenario: &Scenario) -> Vec<Money> {
    let revenue = Money::from_euros(scenario.prize.revenue).unwrap_or(Money::ZERO);
    let subsidy = |tier: u8| {
        let euros = scenario.prize.subsidy_by_tier.get(usize::from(tier)).copied().unwrap_or(0.0);
        Money::from_euros(euros).unwrap_or(Money::ZERO)
    };
    let of_site = |site: &crate::network::Site| {
        let addresses = site.addresses.iter().map(|address| &region.addresses[address.0 as usize]);
        addresses.map(|address| (revenue + subsidy(address.tier)) * i64::from(address.units)).sum()
    };
    network.sites.iter().map(of_site).collect()
}

/// The problem before contraction; node 0 is the virtual root.
struct Draft {
    node_count: usize,
    node: Vec<Option<NodeId>>,
    ends: Vec<[NodeId; 2]>,
    costs: Vec<i64>,
    sources: Vec<Source>,
    keep: Vec<bool>,
    leaf: Vec<bool>,
    demands: Vec<Demand>,
    raise: Vec<i64>,
}

impl Draft {
    fn new(network: &Network, distance: &[i64]) -> Self {
        let mut node = vec![None; network.graph.node_count()];
        let mut node_count = 1;
        for (place, &cost) in distance.iter().enumerate() {
            if cost < FAR {
                node[place] = Some(NodeId(node_count as u32));
                node_count += 1;
            }
        }
        let mut keep = vec![false; node_count];
        keep[0] = true;
        Self {
            node_count,
            node,
            ends: Vec::new(),
            costs: Vec::new(),
            sources: Vec::new(),
            keep,
            leaf: vec![false; node_count],
            demands: vec![Demand::None; node_count],
            raise: vec![0; network.graph.node_count()],
        }
    }

    fn add(&mut self, ends: [NodeId; 2], cost: i64, source: Source) {
        self.ends.push(ends);
        self.costs.push(cost);
        self.sources.push(source);
    }

    fn open(&mut self, pop: &PopCandidate, place: usize) {
        let node = self.node[pop.node.index()].expect("a PoP is reached from the root by its own opening");
        self.keep[node.index()] = true;
        self.add([NodeId(0), node], pop.opening.cents(), Source::Opening(place as u32));
    }

    /// Adds the segments that can be reached, those of leaves raised; returns the sum of the raises.
    fn add_segments(&mut self, network: &Network, costs: &[Money], distance: &[i64]) -> Money {
        let mut constant = 0;
        for node in network.graph.nodes().filter(|node| is_leaf(network.nodes[node.index()])) {
            let Some(new) = self.node[node.index()] else { continue };
            self.leaf[new.index()] = true;
            self.keep[new.index()] = true;
            let mut anchors: Vec<i64> = anchors(network, node, distance).collect();
            anchors.sort_unstable_by(|a, b| b.cmp(a));
            if let [farthest, second, ..] = anchors[..] {
                self.raise[node.index()] = farthest + second + 1;
                constant += farthest + second + 1;
            }
        }
        for edge in network.graph.edges() {
            let [tail, head] = network.graph.ends(edge);
            let (Some(from), Some(to)) = (self.node[tail.index()], self.node[head.index()]) else { continue };
            if self.leaf[from.index()] && self.leaf[to.index()] {
                continue;
            }
            let raise = self.raise[tail.index()] + self.raise[head.index()];
            self.add([from, to], costs[edge.index()].cents() + raise, Source::Segment(edge));
        }
        Money::from_cents(constant)
    }

    fn add_demands(&mut self, network: &Network, lost: &Worth) {
        for node in network.graph.nodes() {
            let Some(new) = self.node[node.index()] else { continue };
            let worth = match network.nodes[node.index()] {
                NodeKind::Park(_) => lost.parks,
                NodeKind::Site(site) => lost.sites.as_ref().map(|sites| sites[site as usize]),
                NodeKind::Road | NodeKind::Pop(_) => continue,
            };
            self.demands[new.index()] = match worth {
                None => Demand::Required,
                Some(worth) => {
                    // A prize that is nothing still pays for the raise, so that the constant holds for every solution.
                    let prize = worth.cents() + self.raise[node.index()];
                    if prize > 0 { Demand::Prize(prize) } else { Demand::None }
                }
            };
        }
    }
}

/// Distances of a leaf's anchors that can be reached.
fn anchors<'a>(network: &'a Network, leaf: NodeId, distance: &'a [i64]) -> impl Iterator<Item = i64> + 'a {
    let arcs = network.graph.arcs(leaf).iter();
    arcs.filter(|arc| !is_leaf(network.nodes[arc.to.index()]))
        .map(|arc| distance[arc.to.index()])
        .filter(|&cost| cost < FAR)
}
