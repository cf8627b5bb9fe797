//! Redundancy: the cheapest trenches and PoPs on top of the forest that give parks two routes without a common trench.
//!
//! For one park the cheapest addition is found exactly: two routes of least cost where everything built is free. Parks
//! are protected one after the other, dearest first, each using what is there by then; then each is released and
//! protected anew as long as the sum falls. The bound is the larger of two that hold for any addition: the dearest park
//! alone, and the sum over parks where every segment is counted for the nearest park only.

use std::collections::{BTreeMap, BTreeSet};

use geo::Coord;

use crate::graph::disjoint::{Cut, Goal, Ground, Pair, disjoint_pair};
use crate::graph::{EdgeId, NodeId};
use crate::network::{Network, NodeKind};
use crate::plan::{Forest, ParkProtection, PopCandidate, Protection, Route, Unprotected};
use crate::region::{ParkId, Region};
use crate::scenario::{Redundancy, RedundancyRules};
use crate::units::Money;

/// Of equally cheap pairs the shortest is taken: costs in cents are shifted by so many bits, lengths in centimetres fill
/// them (2,600 km in all).
const LENGTH_BITS: u32 = 28;

/// Times that every park is released and protected anew at most.
const ROUNDS: usize = 4;

/// Protects the parks that ask for it. Time: O(k m log m) for k such parks (and open PoPs) and m candidate segments.
#[must_use]
pub fn protect(
    (forest, costs): (&Forest, &[Money]),
    (network, region): (&Network, &Region),
    candidates: &[PopCandidate],
    rules: &RedundancyRules,
) -> Protection {
    let wishes: Vec<(ParkId, Redundancy)> = region
        .parks
        .iter()
        .enumerate()
        .map(|(place, park)| (ParkId(place as u32), rules.wish(&park.key, &park.class)))
        .filter(|(_, wish)| *wish != Redundancy::None)
        .collect();
    if wishes.is_empty() {
        return Protection::default();
    }
    let land = Land::new(forest, costs, network, candidates);
    let mut parks: Vec<Asking> = Vec::new();
    let mut told: BTreeMap<ParkId, ParkProtection> = BTreeMap::new();
    for (park, wish) in wishes {
        let node = network.parks[park.0 as usize].filter(|node| forest.holds(*node));
        let alone = node.ok_or(Unprotected::NotConnected).and_then(|node| {
            let asking = Asking { park, wish, node, alone: 0, uses: Uses::default() };
            land.solve(&asking, &land.costs, &land.openings).map(|uses| (asking, uses))
        });
        match alone {
            Ok((asking, uses)) => parks.push(Asking { alone: land.cost(&uses), uses, ..asking }),
            Err(reason) => {
                told.insert(park, ParkProtection { park, wish, outcome: Err(reason), extra: Money::ZERO });
            }
        }
    }
    let bound = land.bound(&parks, region);
    land.share_out(&mut parks);
    land.tell(parks, told, bound)
}

/// What one park's routes use.
#[derive(Clone, Debug, Default)]
struct Uses {
    routes: [Vec<EdgeId>; 2],
    pops: [u32; 2],
    /// Segments and PoPs that the forest does not have.
    edges: BTreeSet<EdgeId>,
    opened: BTreeSet<u32>,
}

struct Asking {
    park: ParkId,
    wish: Redundancy,
    node: NodeId,
    /// What protecting it costs where no other park is protected.
    alone: i64,
    uses: Uses,
}

/// The candidates, with what the forest has built for nothing.
struct Land<'a> {
    network: &'a Network,
    forest: &'a Forest,
    candidates: &'a [PopCandidate],
    /// Cost of each segment in cents, nothing where it is built.
    costs: Vec<i64>,
    /// Cost of opening each PoP, nothing where it is open.
    openings: Vec<i64>,
    shared: Vec<bool>,
    closed: Vec<bool>,
}

impl<'a> Land<'a> {
    fn new(forest: &'a Forest, costs: &[Money], network: &'a Network, candidates: &'a [PopCandidate]) -> Self {
        let mut costs: Vec<i64> = costs.iter().map(|cost| cost.cents()).collect();
        forest.segments().for_each(|edge| costs[edge.index()] = 0);
        let mut openings: Vec<i64> = candidates.iter().map(|pop| pop.opening.cents()).collect();
        forest.open.iter().for_each(|&pop| openings[pop as usize] = 0);
        // Nobody can cut what has no length.
        let shared = network.segments.iter().map(|segment| segment.length.millimetres() == 0).collect();
        let closed = network.nodes.iter().map(|kind| matches!(kind, NodeKind::Site(_) | NodeKind::Park(_))).collect();
        Self { network, forest, candidates, costs, openings, shared, closed }
    }

    /// The cheapest two routes of a park at these costs, or what stands in the way.
    fn solve(&self, asking: &Asking, costs: &[i64], openings: &[i64]) -> Result<Uses, Unprotected> {
        let weigh = |(edge, &cost): (usize, &i64)| {
            let centimetres = self.network.segments[edge].length.millimetres() / 10;
            if self.shared[edge] && cost == 0 { 0 } else { (cost << LENGTH_BITS) + centimetres }
        };
        let weights: Vec<i64> = costs.iter().enumerate().map(weigh).collect();
        let shared: Vec<bool> =
            self.shared.iter().zip(&weights).map(|(&shared, &weight)| shared && weight == 0).collect();
        let ground = Ground { graph: &self.network.graph, costs: &weights, shared: &shared, closed: &self.closed };
        let goal = |pop: u32, twice: bool| Goal {
            node: self.candidates[pop as usize].node,
            cost: openings[pop as usize] << LENGTH_BITS,
            twice,
        };
        let pair = |pops: &[u32], twice: bool| -> Result<(i64, Uses), Unprotected> {
            let goals: Vec<Goal> = pops.iter().map(|&pop| goal(pop, twice)).collect();
            let pair = disjoint_pair(ground, asking.node, &goals).map_err(|cut| match cut {
                Cut::Unreached => Unprotected::NotConnected,
                Cut::Edge(edge) => Unprotected::Trench(edge),
                Cut::Goal(place) => Unprotected::OnePop(pops[place]),
            })?;
            Ok((pair.cost, self.uses(pair, pops)))
        };
        if asking.wish == Redundancy::TwoPops {
            let all: Vec<u32> = (0..self.candidates.len() as u32).collect();
            return pair(&all, false).map(|(_, uses)| uses);
        }
        // Two routes to one PoP: the best of the open ones; of what stands in the way, that to the park's own is told.
        let own = self.forest.pop[asking.node.index()].expect("a connected park has a PoP");
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

    fn uses(&self, pair: Pair, pops: &[u32]) -> Uses {
        let pops = pair.goals.map(|goal| pops[goal]);
        let built = |edge: &EdgeId| self.costs[edge.index()] == 0 && self.is_built(*edge);
        Uses {
            edges: pair.routes.iter().flatten().copied().filter(|edge| !built(edge)).collect(),
            opened: pops.into_iter().filter(|pop| self.forest.open.binary_search(pop).is_err()).collect(),
            routes: pair.routes,
            pops,
        }
    }

    fn is_built(&self, edge: EdgeId) -> bool {
        let ends = self.network.graph.ends(edge);
        ends.iter().any(|end| self.forest.parent[end.index()].is_some_and(|(_, above)| above == edge))
    }

    /// What segments and PoPs cost that the forest does not have.
    fn cost(&self, uses: &Uses) -> i64 {
        let edges: i64 = uses.edges.iter().map(|edge| self.costs[edge.index()]).sum();
        edges + uses.opened.iter().map(|&pop| self.openings[pop as usize]).sum::<i64>()
    }

    /// Costs where everything that these parks use is free.
    fn beside<'p>(&self, others: impl Iterator<Item = &'p Asking>) -> (Vec<i64>, Vec<i64>) {
        let (mut costs, mut openings) = (self.costs.clone(), self.openings.clone());
        for other in others {
            other.uses.edges.iter().for_each(|edge| costs[edge.index()] = 0);
            other.uses.opened.iter().for_each(|&pop| openings[pop as usize] = 0);
        }
        (costs, openings)
    }

    /// Lets parks use what others need anyway, as long as that gets cheaper.
    fn share_out(&self, parks: &mut [Asking]) {
        let mut order: Vec<usize> = (0..parks.len()).collect();
        order.sort_by_key(|&at| (std::cmp::Reverse(parks[at].alone), at));
        for (place, &at) in order.iter().enumerate() {
            let (costs, openings) = self.beside(order[..place].iter().map(|&other| &parks[other]));
            if let Ok(uses) = self.solve(&parks[at], &costs, &openings) {
                parks[at].uses = uses;
            }
        }
        for _ in 0..ROUNDS {
            let before = self.total(parks);
            for &at in &order {
                let so_far = self.total(parks);
                let others = parks.iter().enumerate().filter(|(other, _)| *other != at);
                let (costs, openings) = self.beside(others.map(|(_, park)| park));
                let Ok(uses) = self.solve(&parks[at], &costs, &openings) else { continue };
                let old = std::mem::replace(&mut parks[at].uses, uses);
                if self.total(parks) >= so_far {
                    parks[at].uses = old;
                }
            }
            if self.total(parks) >= before {
                break;
            }
        }
    }

    fn total(&self, parks: &[Asking]) -> i64 {
        let mut all = Uses::default();
        for park in parks {
            all.edges.extend(&park.uses.edges);
            all.opened.extend(&park.uses.opened);
        }
        self.cost(&all)
    }

    /// The least that any addition to the forest costs that protects these parks.
    fn bound(&self, parks: &[Asking], region: &Region) -> i64 {
        let dearest = parks.iter().map(|park| park.alone).max().unwrap_or(0);
        let points: Vec<Coord<f64>> = parks.iter().map(|park| self.network.points[park.node.index()]).collect();
        let nearest = |point: Coord<f64>| {
            let away = |at: &usize| (points[*at].x - point.x).hypot(points[*at].y - point.y);
            (0..points.len()).min_by(|a, b| away(a).total_cmp(&away(b)))
        };
        debug_assert!(region.parks.len() >= parks.len(), "parks that ask are parks of the region");
        let of_edge: Vec<Option<usize>> =
            self.network.segments.iter().map(|segment| segment.shape.0.first().and_then(|&at| nearest(at))).collect();
        let of_pop: Vec<Option<usize>> =
            self.candidates.iter().map(|pop| nearest(self.network.points[pop.node.index()])).collect();
        let own = |costs: &[i64], owner: &[Option<usize>], at: usize| -> Vec<i64> {
            costs.iter().zip(owner).map(|(&cost, &owner)| if owner == Some(at) { cost } else { 0 }).collect()
        };
        let parts = parks.iter().enumerate().map(|(at, park)| {
            let (costs, openings) = (own(&self.costs, &of_edge, at), own(&self.openings, &of_pop, at));
            let Ok(uses) = self.solve(park, &costs, &openings) else { return 0 };
            let edges: i64 = uses.edges.iter().map(|edge| costs[edge.index()]).sum();
            edges + uses.opened.iter().map(|&pop| openings[pop as usize]).sum::<i64>()
        });
        dearest.max(parts.sum())
    }

    /// The whole protection; what several parks use is shared by them to the cent.
    fn tell(&self, parks: Vec<Asking>, mut told: BTreeMap<ParkId, ParkProtection>, bound: i64) -> Protection {
        let mut users: BTreeMap<Result<EdgeId, u32>, Vec<usize>> = BTreeMap::new();
        for (at, park) in parks.iter().enumerate() {
            let used = park.uses.edges.iter().map(|&edge| Ok(edge)).chain(park.uses.opened.iter().map(|&pop| Err(pop)));
            used.for_each(|thing| users.entry(thing).or_default().push(at));
        }
        let mut extra = vec![0i64; parks.len()];
        let mut cost = 0;
        for (thing, users) in &users {
            let whole = match thing {
                Ok(edge) => self.costs[edge.index()],
                Err(pop) => self.openings[*pop as usize],
            };
            cost += whole;
            let count = users.len() as i64;
            for (place, &at) in users.iter().enumerate() {
                extra[at] += whole / count + i64::from((place as i64) < whole % count);
            }
        }
        for (park, extra) in parks.into_iter().zip(extra) {
            let Uses { routes, pops, .. } = park.uses;
            let [one, other] = routes;
            let routes = [Route { pop: pops[0], segments: one }, Route { pop: pops[1], segments: other }];
            let (wish, extra) = (park.wish, Money::from_cents(extra));
            told.insert(park.park, ParkProtection { park: park.park, wish, outcome: Ok(routes), extra });
        }
        Protection {
            parks: told.into_values().collect(),
            extra: users.keys().filter_map(|thing| thing.ok()).collect(),
            opened: users.keys().filter_map(|thing| thing.err()).collect(),
            cost: Money::from_cents(cost),
            bound: Money::from_cents(bound),
        }
    }
}
