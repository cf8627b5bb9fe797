//! Redundancy: the cheapest trenches and PoPs on top of the forest that give parks two routes without a common trench.
//!
//! A park's fibre lies along its own route in the forest. Its second route is the cheapest that shares no trench with that,
//! fibre included, where everything built is free. Where the cheapest are out of the optics' reach, a metre gets dearer until
//! they are within it. Parks are protected one after the other, dearest first, each using what is there by then; then each
//! is released and protected anew as long as the sum falls. That ends where no park alone can do better, though several
//! that share a trench might: other starts, in another order and at costs that are somewhat off, end elsewhere. The bound is
//! the larger of two that hold for any addition: the dearest park alone, and the sum over parks of trenches where every
//! segment is counted for the nearest park only.
//!
//! Two other routes may be cheaper than one beside the park's own, or there may be none beside it. Fibre along three routes
//! would be one too many, so such pairs are proposed only, for forests in which one of them is the park's own.

use std::collections::{BTreeMap, BTreeSet};

use geo::Coord;

use crate::chance::Chance;
use crate::graph::disjoint::{BARRED, Cut, Goal, Ground, cheapest_route, disjoint_pair};
use crate::graph::{EdgeId, NodeId};
use crate::network::{Network, NodeKind};
use crate::plan::{
    Bed, Cabinet, Forest, ParkProtection, PopCandidate, Protection, Route, Unprotected, Way, connections, lay,
};
use crate::region::{Park, ParkId, Region};
use crate::scenario::{Redundancy, Scenario};
use crate::units::{Length, Money};

/// Of equally cheap pairs the shortest is taken: costs in cents are shifted by so many bits, lengths in centimetres fill
/// them (2,600 km in all).
const LENGTH_BITS: u32 = 28;

/// By what part of itself a cost may be off in other starts.
const OFF: f64 = 0.4;

/// Times that every park is released and protected anew at most.
const ROUNDS: usize = 4;

/// Prices of a metre at which shorter routes are looked for where the cheapest are out of reach: each so many bits more
/// than one cent is shifted by, in centimetres.
const METRE_BITS: [u32; 9] = [20, 22, 24, 26, 28, 30, 32, 34, 36];

/// Gives the parks that ask for it a second route beside their own in the forest.
///
/// Time: O(k m log m) for k such parks (and open PoPs) and m candidate segments.
#[must_use]
pub fn protect(
    (forest, cabinets, costs): (&Forest, &[Cabinet], &[Money]),
    (network, region): (&Network, &Region),
    candidates: &[PopCandidate],
    scenario: &Scenario,
) -> Protection {
    let wishes = wishes(region, scenario);
    if wishes.is_empty() {
        return Protection::default();
    }
    let bed = bed((forest, cabinets), (network, region), candidates, scenario, wishes.len());
    let land = Land::new((forest, costs), network, candidates, (&bed, scenario.architecture.park_reach().longest));
    let (parks, told) = land.asking(wishes);
    let bound = land.bound(&parks);
    land.tell(land.share_from(parks, 0), told, bound)
}

/// Two routes of a park, for a forest in which one of them is its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The park.
    pub park: ParkId,
    /// Its node in the network.
    pub node: NodeId,
    /// The routes.
    pub routes: [Route; 2],
    /// Whether the first is the park's own in the forest that they are proposed for.
    pub own: bool,
}

/// Two routes for each park that asks for them: one beside its own in the forest, or two others where these are cheaper.
///
/// Start 0 begins as [`protect`] does. Others end at other routes, mostly somewhat dearer ones on this forest; on a forest
/// that is made for them they may be cheaper. Time: as [`protect`].
#[must_use]
pub fn propose(
    start: u64,
    (forest, cabinets, costs): (&Forest, &[Cabinet], &[Money]),
    (network, region): (&Network, &Region),
    candidates: &[PopCandidate],
    scenario: &Scenario,
) -> Vec<Proposal> {
    let wishes = wishes(region, scenario);
    let bed = bed((forest, cabinets), (network, region), candidates, scenario, 2 * wishes.len());
    let land = Land::new((forest, costs), network, candidates, (&bed, scenario.architecture.park_reach().longest));
    let land = Land { anew: true, ..land };
    let (parks, _) = land.asking(wishes);
    let proposal = |asking: Asking| {
        let (park, node, own) = (asking.park, asking.node, asking.uses.own);
        Proposal { park, node, routes: asking.uses.into_routes(), own }
    };
    land.share_from(parks, start).into_iter().map(proposal).collect()
}

/// The parks that ask for protection.
fn wishes(region: &Region, scenario: &Scenario) -> Vec<(ParkId, Redundancy)> {
    let rules = &scenario.redundancy;
    let wish = |(place, park): (usize, &Park)| (ParkId(place as u32), rules.wish(&park.key, &park.class));
    region.parks.iter().enumerate().map(wish).filter(|(_, wish)| *wish != Redundancy::None).collect()
}

/// What so many second routes may be laid in and beside.
fn bed<'a>(
    (forest, cabinets): (&Forest, &[Cabinet]),
    (network, region): (&'a Network, &Region),
    candidates: &[PopCandidate],
    scenario: &'a Scenario,
    routes: usize,
) -> Bed<'a> {
    let connections = connections(network, region, forest);
    let cabling = lay(forest, network, scenario, cabinets, &connections);
    Bed::new((forest, &cabling, cabinets), network, candidates, scenario, routes as u32)
}

/// What one park's routes use.
#[derive(Clone, Debug, Default)]
struct Uses {
    routes: [Vec<EdgeId>; 2],
    pops: [u32; 2],
    /// Whether the first route is the park's own in the forest, where its fibre lies already.
    own: bool,
    /// Segments and PoPs that the forest does not have.
    edges: BTreeSet<EdgeId>,
    opened: BTreeSet<u32>,
}

impl Uses {
    /// The segments of the routes that fibre is laid along anew.
    fn laid(&self) -> impl Iterator<Item = &EdgeId> {
        self.routes.iter().skip(usize::from(self.own)).flatten()
    }

    fn into_routes(self) -> [Route; 2] {
        let [one, other] = self.routes;
        [Route { pop: self.pops[0], segments: one }, Route { pop: self.pops[1], segments: other }]
    }
}

struct Asking {
    park: ParkId,
    wish: Redundancy,
    node: NodeId,
    /// Its route in the forest, from the park, and the PoP where that ends.
    own: (Vec<EdgeId>, u32),
    /// The least that protecting it costs where no other park is protected, ends of cables excepted.
    alone: i64,
    uses: Uses,
}

/// What a search weighs.
#[derive(Clone, Copy)]
enum Weight {
    /// Cents, and of equally cheap routes the shortest.
    Cost,
    /// Cents, with a price of a centimetre of so many bits.
    Metres(u32),
    /// Length alone.
    Length,
}

/// The candidates, with what the forest has built for nothing.
struct Land<'a> {
    network: &'a Network,
    forest: &'a Forest,
    candidates: &'a [PopCandidate],
    bed: &'a Bed<'a>,
    /// The longest route that the optics of parks reach.
    longest: Length,
    /// Cost of each segment in cents, nothing where it is built.
    costs: Vec<i64>,
    /// What fibre of one second route costs in each segment, in cents.
    fibre: Vec<i64>,
    /// Cost of opening each PoP, nothing where it is open.
    openings: Vec<i64>,
    shared: Vec<bool>,
    closed: Vec<bool>,
    /// Whether two routes may leave the park's own aside.
    anew: bool,
}

impl<'a> Land<'a> {
    fn new(
        (forest, costs): (&'a Forest, &[Money]),
        network: &'a Network,
        candidates: &'a [PopCandidate],
        (bed, longest): (&'a Bed<'a>, Length),
    ) -> Self {
        let mut costs: Vec<i64> = costs.iter().map(|cost| cost.cents()).collect();
        forest.segments().for_each(|edge| costs[edge.index()] = 0);
        let fibre = network.graph.edges().map(|edge| bed.price(edge).cents()).collect();
        let mut openings: Vec<i64> = candidates.iter().map(|pop| pop.opening.cents()).collect();
        forest.open.iter().for_each(|&pop| openings[pop as usize] = 0);
        // Nobody can cut what has no length.
        let shared = network.segments.iter().map(|segment| segment.length.millimetres() == 0).collect();
        let closed = network.nodes.iter().map(|kind| matches!(kind, NodeKind::Site(_) | NodeKind::Park(_))).collect();
        Self { network, forest, candidates, bed, longest, costs, fibre, openings, shared, closed, anew: false }
    }

    /// The parks that can be protected, each with routes as if it were the only one, and what stands in the way of others.
    fn asking(&self, wishes: Vec<(ParkId, Redundancy)>) -> (Vec<Asking>, BTreeMap<ParkId, ParkProtection>) {
        let mut parks: Vec<Asking> = Vec::new();
        let mut told: BTreeMap<ParkId, ParkProtection> = BTreeMap::new();
        for (park, wish) in wishes {
            let node = self.network.parks[park.0 as usize].filter(|node| self.forest.holds(*node));
            let alone = node.ok_or(Unprotected::NotConnected).and_then(|node| {
                let asking = Asking { park, wish, node, own: self.own_route(node), alone: 0, uses: Uses::default() };
                self.best(&asking, &self.costs, &self.openings).map(|uses| (asking, uses))
            });
            match alone {
                Ok((asking, uses)) => {
                    let alone = self.least_alone(&asking).min(self.value(&uses, &self.costs, &self.openings));
                    parks.push(Asking { alone, uses, ..asking });
                }
                Err(reason) => {
                    let (extra, fibre) = (Money::ZERO, Money::ZERO);
                    told.insert(park, ParkProtection { park, wish, outcome: Err(reason), extra, fibre });
                }
            }
        }
        (parks, told)
    }

    /// The way from a park up to its PoP.
    fn own_route(&self, park: NodeId) -> (Vec<EdgeId>, u32) {
        let mut segments = Vec::new();
        let mut node = park;
        while let Some((parent, edge)) = self.forest.parent[node.index()] {
            segments.push(edge);
            node = parent;
        }
        (segments, self.forest.pop[park.index()].expect("a connected park has a PoP"))
    }

    /// Weights of all segments at these costs.
    fn weights(&self, costs: &[i64], weight: Weight) -> Vec<i64> {
        let of = |(edge, &cost): (usize, &i64)| {
            let millimetres = self.network.segments[edge].length.millimetres();
            match weight {
                Weight::Length => millimetres,
                _ if self.shared[edge] && cost == 0 => 0,
                Weight::Cost => (cost << LENGTH_BITS) + millimetres / 10,
                Weight::Metres(bits) => (cost << LENGTH_BITS) + ((millimetres / 10) << bits),
            }
        };
        costs.iter().enumerate().map(of).collect()
    }

    /// Segments that both routes may use: nobody can cut them, and they weigh nothing.
    fn free_to_share(&self, weights: &[i64]) -> Vec<bool> {
        self.shared.iter().zip(weights).map(|(&shared, &weight)| shared && weight == 0).collect()
    }

    fn goal(&self, pop: u32, openings: &[i64], weight: Weight, twice: bool) -> Goal {
        let cost = if matches!(weight, Weight::Length) { 0 } else { openings[pop as usize] << LENGTH_BITS };
        Goal { node: self.candidates[pop as usize].node, cost, twice }
    }

    /// The cheapest second route beside the park's own, if there is one.
    fn beside_own(&self, asking: &Asking, costs: &[i64], openings: &[i64], weight: Weight) -> Option<Uses> {
        let (own, pop) = (&asking.own.0, asking.own.1);
        let mut weights = self.weights(costs, weight);
        let shared = self.free_to_share(&weights);
        own.iter().filter(|edge| !shared[edge.index()]).for_each(|edge| weights[edge.index()] = BARRED);
        let pops: Vec<u32> = match asking.wish {
            Redundancy::TwoPops => (0..self.candidates.len() as u32).filter(|&other| other != pop).collect(),
            _ => vec![pop],
        };
        let goals: Vec<Goal> = pops.iter().map(|&pop| self.goal(pop, openings, weight, false)).collect();
        let ground = Ground { graph: &self.network.graph, costs: &weights, shared: &shared, closed: &self.closed };
        let found = cheapest_route(ground, asking.node, &goals)?;
        Some(self.uses(asking, [own.clone(), found.route], [pop, pops[found.goal]]))
    }

    /// The cheapest two routes of a park at these costs, its own in the forest or not, or what stands in the way.
    fn pair(&self, asking: &Asking, costs: &[i64], openings: &[i64], weight: Weight) -> Result<Uses, Unprotected> {
        let weights = self.weights(costs, weight);
        let shared = self.free_to_share(&weights);
        let ground = Ground { graph: &self.network.graph, costs: &weights, shared: &shared, closed: &self.closed };
        let pair = |pops: &[u32], twice: bool| -> Result<(i64, Uses), Unprotected> {
            let goals: Vec<Goal> = pops.iter().map(|&pop| self.goal(pop, openings, weight, twice)).collect();
            let pair = disjoint_pair(ground, asking.node, &goals).map_err(|cut| match cut {
                Cut::Unreached => Unprotected::NotConnected,
                Cut::Edge(edge) => Unprotected::Trench(edge),
                Cut::Goal(place) => Unprotected::OnePop(pops[place]),
            })?;
            Ok((pair.cost, self.uses(asking, pair.routes, pair.goals.map(|goal| pops[goal]))))
        };
        if asking.wish == Redundancy::TwoPops {
            let all: Vec<u32> = (0..self.candidates.len() as u32).collect();
            return pair(&all, false).map(|(_, uses)| uses);
        }
        // Two routes to one PoP: the best of the open ones; of what stands in the way, that to the park's own is told.
        let own = asking.own.1;
        let others = self.forest.open.iter().copied().filter(|&pop| pop != own);
        let mut found = pair(&[own], true);
        for pop in others {
            if let Ok(other) = pair(&[pop], true)
                && found.as_ref().map_or(true, |best| other.0 < best.0)
            {
                found = Ok(other);
            }
        }
        found.map(|(_, uses)| uses)
    }

    /// Two routes as told, the park's own first where it is one of them.
    fn uses(&self, asking: &Asking, mut routes: [Vec<EdgeId>; 2], mut pops: [u32; 2]) -> Uses {
        if (&routes[1], pops[1]) == (&asking.own.0, asking.own.1) {
            routes.reverse();
            pops.reverse();
        }
        let own = (&routes[0], pops[0]) == (&asking.own.0, asking.own.1);
        Uses {
            edges: routes.iter().flatten().copied().filter(|&edge| !self.bed.is_built(edge)).collect(),
            opened: pops.into_iter().filter(|pop| self.forest.open.binary_search(pop).is_err()).collect(),
            routes,
            pops,
            own,
        }
    }

    /// The longest of two routes.
    fn longer(&self, uses: &Uses) -> Length {
        let length = |route: &Vec<EdgeId>| route.iter().map(|edge| self.network.segments[edge.index()].length).sum();
        uses.routes.iter().map(length).max().unwrap_or(Length::ZERO)
    }

    /// The first routes in reach, while a metre gets dearer and dearer and at last counts alone.
    fn in_reach(&self, find: impl Fn(Weight) -> Result<Uses, Unprotected>) -> Result<Uses, Unprotected> {
        let prices = METRE_BITS.map(Weight::Metres);
        let mut route = Length::ZERO;
        for weight in [Weight::Cost].into_iter().chain(prices).chain([Weight::Length]) {
            let uses = find(weight)?;
            route = self.longer(&uses);
            if route <= self.longest {
                return Ok(uses);
            }
        }
        Err(Unprotected::TooFar { route, longest: self.longest })
    }

    /// The cheapest protection found of one park with both routes in reach, or what stands in the way.
    fn best(&self, asking: &Asking, costs: &[i64], openings: &[i64]) -> Result<Uses, Unprotected> {
        let whole = self.with_fibre(costs, 0);
        let beside =
            self.in_reach(|weight| self.beside_own(asking, &whole, openings, weight).ok_or(Unprotected::NotConnected));
        if beside.is_ok() && !self.anew {
            return beside;
        }
        let anew = self.in_reach(|weight| self.pair(asking, &whole, openings, weight));
        match (beside, anew) {
            (Ok(beside), Ok(anew)) => {
                let value = |uses: &Uses| self.value(uses, costs, openings);
                Ok(if value(&anew) < value(&beside) { anew } else { beside })
            }
            (Ok(uses), Err(_)) => Ok(uses),
            (Err(_), Ok(uses)) if self.anew => Ok(uses),
            (Err(_), Ok(_)) => Err(Unprotected::Own),
            // No second route is shorter than the one beside its own.
            (Err(Unprotected::TooFar { route, longest }), Err(Unprotected::TooFar { route: other, .. })) => {
                Err(Unprotected::TooFar { route: route.min(other), longest })
            }
            (_, Err(reason)) => Err(reason),
        }
    }

    /// Costs of segments with fibre of one second route, less so many cents for rounding.
    fn with_fibre(&self, costs: &[i64], rounding: i64) -> Vec<i64> {
        costs.iter().zip(&self.fibre).map(|(cost, fibre)| cost + (fibre - rounding).max(0)).collect()
    }

    /// What a park's routes cost at these costs, the ends of its cables excepted.
    fn value(&self, uses: &Uses, costs: &[i64], openings: &[i64]) -> i64 {
        let fibre: i64 = uses.laid().map(|edge| self.fibre[edge.index()]).sum();
        let civil: i64 = uses.edges.iter().map(|edge| costs[edge.index()]).sum();
        civil + fibre + uses.opened.iter().map(|&pop| openings[pop as usize]).sum::<i64>()
    }

    /// The least that a second route of one park alone costs, its reach left aside.
    fn least_alone(&self, asking: &Asking) -> i64 {
        let whole = self.with_fibre(&self.costs, self.bed.rounding());
        let beside = self.beside_own(asking, &whole, &self.openings, Weight::Cost);
        beside.map_or(i64::MAX, |uses| {
            let route: i64 = uses.laid().map(|edge| whole[edge.index()]).sum();
            route + uses.opened.iter().map(|&pop| self.openings[pop as usize]).sum::<i64>()
        })
    }

    /// These costs, but everything that some parks use is free.
    fn beside<'p>(&self, costs: &[i64], others: impl Iterator<Item = &'p Asking>) -> (Vec<i64>, Vec<i64>) {
        let (mut costs, mut openings) = (costs.to_vec(), self.openings.clone());
        for other in others {
            other.uses.edges.iter().for_each(|edge| costs[edge.index()] = 0);
            other.uses.opened.iter().for_each(|&pop| openings[pop as usize] = 0);
        }
        (costs, openings)
    }

    /// Lets parks use what others need anyway, as long as that gets cheaper: the first start at costs as they are, the
    /// dearest park first.
    fn share_from(&self, mut parks: Vec<Asking>, start: u64) -> Vec<Asking> {
        let mut chance = Chance::new(0, 0, start);
        let mut off = |cost: i64| match start {
            0 => cost,
            _ => (cost as f64 * chance.between(1.0 - OFF, 1.0 + OFF)) as i64,
        };
        let costs: Vec<i64> = self.costs.iter().map(|&cost| off(cost)).collect();
        let mut order: Vec<usize> = (0..parks.len()).collect();
        order.sort_by_cached_key(|&at| (std::cmp::Reverse(off(parks[at].alone)), at));
        for (place, &at) in order.iter().enumerate() {
            let (costs, openings) = self.beside(&costs, order[..place].iter().map(|&other| &parks[other]));
            if let Ok(uses) = self.best(&parks[at], &costs, &openings) {
                parks[at].uses = uses;
            }
        }
        for _ in 0..ROUNDS {
            let before = self.total(&parks);
            for &at in &order {
                let so_far = self.total(&parks);
                let others = parks.iter().enumerate().filter(|(other, _)| *other != at);
                let (costs, openings) = self.beside(&self.costs, others.map(|(_, park)| park));
                let Ok(uses) = self.best(&parks[at], &costs, &openings) else { continue };
                let old = std::mem::replace(&mut parks[at].uses, uses);
                if self.total(&parks) >= so_far {
                    parks[at].uses = old;
                }
            }
            if self.total(&parks) >= before {
                break;
            }
        }
        parks
    }

    /// What protecting all these parks costs, housings of PoPs that are full excepted.
    fn total(&self, parks: &[Asking]) -> i64 {
        let fibre = self.bed.lay(self.ways(parks));
        let dues: i64 = self.bed.dues(&fibre).iter().map(|due| due.item.amount.cents()).sum();
        let opened: BTreeSet<u32> = parks.iter().flat_map(|park| &park.uses.opened).copied().collect();
        dues + opened.into_iter().map(|pop| self.openings[pop as usize]).sum::<i64>()
    }

    /// The routes that fibre is laid along, from PoP to park.
    fn ways(&self, parks: &[Asking]) -> Vec<Way> {
        let mut ways = Vec::new();
        for park in parks {
            for (route, pop) in park.uses.routes.iter().zip(park.uses.pops).skip(usize::from(park.uses.own)) {
                let mut nodes = vec![park.node];
                for &edge in route {
                    nodes.push(self.network.graph.other_end(edge, nodes[nodes.len() - 1]));
                }
                nodes.reverse();
                let segments = route.iter().rev().copied().collect();
                ways.push(Way { park: park.park, pop, nodes, segments });
            }
        }
        ways
    }

    /// The least that any addition to the forest costs that protects these parks: ends of cables for each, and the larger
    /// of two sums for the rest.
    fn bound(&self, parks: &[Asking]) -> i64 {
        let dearest = parks.iter().map(|park| park.alone).max().unwrap_or(0);
        let points: Vec<Coord<f64>> = parks.iter().map(|park| self.network.points[park.node.index()]).collect();
        let nearest = |point: Coord<f64>| {
            let away = |at: &usize| (points[*at].x - point.x).hypot(points[*at].y - point.y);
            (0..points.len()).min_by(|a, b| away(a).total_cmp(&away(b)))
        };
        let of_edge: Vec<Option<usize>> =
            self.network.segments.iter().map(|segment| segment.shape.0.first().and_then(|&at| nearest(at))).collect();
        let of_pop: Vec<Option<usize>> =
            self.candidates.iter().map(|pop| nearest(self.network.points[pop.node.index()])).collect();
        let own = |costs: &[i64], owner: &[Option<usize>], at: usize| -> Vec<i64> {
            costs.iter().zip(owner).map(|(&cost, &owner)| if owner == Some(at) { cost } else { 0 }).collect()
        };
        let parts = parks.iter().enumerate().map(|(at, park)| {
            let (costs, openings) = (own(&self.costs, &of_edge, at), own(&self.openings, &of_pop, at));
            let Some(uses) = self.beside_own(park, &costs, &openings, Weight::Cost) else { return 0 };
            let edges: i64 = uses.edges.iter().map(|edge| costs[edge.index()]).sum();
            edges + uses.opened.iter().map(|&pop| openings[pop as usize]).sum::<i64>()
        });
        dearest.max(parts.sum()) + self.bed.price_of_ends().cents() * parks.len() as i64
    }

    /// The whole protection; what several routes use is shared by them to the cent.
    fn tell(&self, parks: Vec<Asking>, mut told: BTreeMap<ParkId, ParkProtection>, bound: i64) -> Protection {
        let fibre = self.bed.lay(self.ways(&parks));
        let dues = self.bed.dues(&fibre);
        let mut opened: BTreeSet<u32> = BTreeSet::new();
        let mut extra: BTreeSet<EdgeId> = BTreeSet::new();
        for asking in parks {
            opened.extend(&asking.uses.opened);
            extra.extend(&asking.uses.edges);
            let (park, wish, outcome) = (asking.park, asking.wish, Ok(asking.uses.into_routes()));
            told.insert(park, ParkProtection { park, wish, outcome, extra: Money::ZERO, fibre: Money::ZERO });
        }
        let mut protection = Protection {
            parks: told.into_values().collect(),
            extra: extra.into_iter().collect(),
            opened: opened.into_iter().collect(),
            fibre,
            dues: Vec::new(),
            cost: Money::ZERO,
            bound: Money::from_cents(bound),
        };
        for due in &dues {
            protection.charge(due.item.amount, &due.ways, !due.item.element.is_civil());
        }
        for pop in protection.opened.clone() {
            let ways = protection.ways_from(pop);
            protection.charge(Money::from_cents(self.openings[pop as usize]), &ways, false);
        }
        Protection { dues, ..protection }
    }
}
