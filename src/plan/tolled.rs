//! Trenches and routes together: what they cost at least, by number of open PoPs.
//!
//! A bound on trenches leaves something of the price of most of them; that is shared out as tolls on routes (see
//! `bulk/tolls.rs`). So a route that only trenches outside a cheap network offer costs more than its metres, and a leaf
//! whose nearest PoP is shut pays for the trenches that lead to another. Where each leaf is fed from is then the best of
//! every set of PoPs, as in `openings.rs`.
//!
//! In any design each leaf may as well be fed by its shortest route within the trenches that there are: that needs no more
//! trenches, fibres or distribution points. Shortest routes use every trench one way, which is what tolls by arc ask for.

use std::cmp::Reverse;

use rayon::prelude::*;

use crate::bulk::tolls::{Ground, Leaf, Matrix, Patience};
use crate::effort::Effort;
use crate::graph::{EdgeId, NodeId};
use crate::network::{Network, SegmentKind};
use crate::plan::ask::{Source, TrenchProblem};
use crate::plan::openings::{self, Sets};
use crate::plan::points::FINE;
use crate::plan::total::{Joint, Reduced, foot, least_spare, spares, worth};
use crate::plan::{PopCandidate, Routes};
use crate::problem::{Leftover, Tree};
use crate::scenario::{Architecture, Scenario};
use crate::units::Money;

/// Least cost of trenches and routes where so many PoPs are open, or at least so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Routed {
    /// How many PoPs are open.
    pub(super) pops: i64,
    /// Whether it is the least for any larger number as well.
    pub(super) or_more: bool,
    /// Trenches, ducts, first cables and openings.
    pub(super) trenches: Money,
    /// Further fibres, distribution points, their splices, and trenches that routes need besides.
    pub(super) routes: Money,
}

impl Routed {
    /// How many PoPs are open.
    #[must_use]
    pub const fn pops(&self) -> i64 {
        self.pops
    }

    pub(super) fn sum(&self) -> Money {
        self.trenches + self.routes
    }
}

/// An address or a park.
struct Premises {
    /// Its network node.
    node: NodeId,
    /// Its fibres, times ten thousand, with the spare near it.
    fibres: i64,
}

/// What depends on where premises are fed from, by candidate and premises.
struct Feet {
    /// Whether they are beyond the PoP's own cables; never for parks, whose fibre is trunk.
    is_far: Vec<Vec<bool>>,
    /// What they pay for distribution points, or for fibres without one, in [`FINE`].
    fees: Vec<Vec<i64>>,
}

/// Who is fed, what fibres cost, and what is known about trenches.
struct Feeding<'a> {
    network: &'a Network,
    /// Trenches with ducts and first cables.
    asked: &'a TrenchProblem,
    /// What a PoP costs beyond what that problem says.
    multiplier: Money,
    /// What openings cost less than nothing in it, all together; not positive.
    below: Money,
    /// Thousandths of a cent per metre and fibre.
    each: i64,
    /// How many share a fibre.
    split: i64,
    /// Fibres to lay for ten thousand in use: near a leaf, and beyond its distribution cable.
    spares: [i64; 2],
    /// The longest distribution cable, in millimetres.
    reach: i64,
    leaves: &'a [Premises],
    feet: &'a Feet,
}

/// Groups that share tolls, steps at most, and their work in groups times edges.
const GROUPS: usize = 64;
const STEPS: usize = 160;
const WORK: usize = 200_000_000;

/// One over the share of itself by which a bound without tolls may be less than the best one with tolls, to be worth them.
const PROMISING: i64 = 200;

impl Joint {
    /// What trenches and routes cost at least together, given what bounds on the problems with cheaper openings leave; the
    /// tree, of [`Self::asked`], says which leaves are near each other.
    ///
    /// Time: that of the steps of `bulk::tolls` and of trying sets of PoPs.
    #[must_use]
    pub fn routed(
        &self,
        (network, candidates): (&Network, &[PopCandidate]),
        scenario: &Scenario,
        left: &[Leftover],
        tree: &Tree,
        effort: &Effort,
    ) -> Vec<Routed> {
        let architecture = &scenario.architecture;
        let leaves = self.leaves(network, architecture);
        let feet = self.feet(network, candidates, architecture, &leaves);
        let land = (network, architecture, leaves.as_slice(), &feet);
        let least = |routed: &[Routed]| {
            let with_housings = |routed: &Routed| routed.sum() + self.housings(routed.pops, routed.or_more, 0);
            routed.iter().map(with_housings).min().unwrap_or(Money::ZERO)
        };
        let start = |(reduced, left): (&Reduced, &Leftover)| {
            let plain = self.feeding(reduced, land).without_tolls(left, tree, effort);
            (least(&plain), plain)
        };
        let plain: Vec<(Money, Vec<Routed>)> = self.reduced.iter().zip(left).map(start).collect();
        let mut order: Vec<usize> = (0..plain.len()).collect();
        order.sort_by_key(|&place| Reverse(plain[place].0));
        let (mut best, mut all) = (Money::ZERO, Vec::new());
        for place in order {
            let (start, plain) = &plain[place];
            all.extend_from_slice(plain);
            if start.cents() + start.cents() / PROMISING > best.cents() {
                let tolled = self.feeding(&self.reduced[place], land).with_tolls(&left[place], tree, effort);
                best = best.max(least(&tolled));
                all.extend(tolled);
            }
        }
        all
    }

    /// Who is fed.
    fn leaves(&self, network: &Network, architecture: &Architecture) -> Vec<Premises> {
        let ([trunk, _], near) = (spares(architecture).map(|spare| spare as i64), least_spare(architecture));
        let split = sharing(architecture);
        let leaf = |node: NodeId| {
            let count = self.served.connections[node.index()];
            if self.served.park[node.index()] {
                return Premises { node, fibres: i64::from(architecture.fibres_per_park) * split * trunk };
            }
            let fibres = if architecture.splits_in_cabinets() { count } else { architecture.drop_fibres(count) };
            Premises { node, fibres: i64::from(fibres) * near }
        };
        network
            .graph
            .nodes()
            .filter(|&node| self.served.holds(node))
            .map(leaf)
            .filter(|premises| premises.fibres > 0)
            .collect()
    }

    /// How near to each candidate they are, by the shortest routes there are. Time: that of a search from each.
    fn feet(
        &self,
        network: &Network,
        candidates: &[PopCandidate],
        architecture: &Architecture,
        leaves: &[Premises],
    ) -> Feet {
        let of_pop = |pop: &PopCandidate| -> (Vec<bool>, Vec<i64>) {
            let routes = Routes::new(network, std::slice::from_ref(pop));
            let of_leaf = |premises: &Premises| {
                // Where there is no route there is no way either.
                let route = foot(network, &routes, premises.node).unwrap_or_default();
                let count = self.served.connections[premises.node.index()];
                let is_far = count > 0 && route > architecture.distribution_max();
                (is_far, self.rates.points.fee(premises.node, count, route))
            };
            leaves.iter().map(of_leaf).unzip()
        };
        let (is_far, fees) = candidates.par_iter().map(of_pop).unzip();
        Feet { is_far, fees }
    }

    fn feeding<'a>(
        &self,
        reduced: &'a Reduced,
        (network, architecture, leaves, feet): (&'a Network, &Architecture, &'a [Premises], &'a Feet),
    ) -> Feeding<'a> {
        let ([trunk, _], near) = (spares(architecture).map(|spare| spare as i64), least_spare(architecture));
        let split = sharing(architecture);
        Feeding {
            network,
            asked: &reduced.asked,
            multiplier: reduced.multiplier,
            below: reduced.below,
            each: self.line.each,
            split,
            spares: [near, if split > 1 { near } else { trunk }],
            reach: architecture.distribution_max().millimetres(),
            leaves,
            feet,
        }
    }
}

/// Connections that share a fibre on its way from the PoP.
fn sharing(architecture: &Architecture) -> i64 {
    if architecture.splits_in_cabinets() { i64::from(architecture.split) } else { 1 }
}

impl Feeding<'_> {
    /// Without tolls: what a bound on trenches and shortest routes say.
    fn without_tolls(&self, left: &Leftover, tree: &Tree, effort: &Effort) -> Vec<Routed> {
        self.routed(left, tree, 0, effort)
    }

    /// With tolls on what is left; the tree says which leaves are near each other. Time: that of the steps.
    fn with_tolls(&self, left: &Leftover, tree: &Tree, effort: &Effort) -> Vec<Routed> {
        let steps = WORK / (GROUPS * self.asked.problem.graph().edge_count()).max(1);
        self.routed(left, tree, steps.clamp(STEPS / 8, STEPS), effort)
    }

    fn routed(&self, left: &Leftover, tree: &Tree, steps: usize, effort: &Effort) -> Vec<Routed> {
        let asked = self.asked;
        let doors = doors(asked);
        if doors.len() < asked.candidates() {
            // Of candidates at one node the problem knows the cheapest only, and numbers of PoPs would be those of nodes.
            return Vec::new();
        }
        // Whoever opens a PoP pays what cuts have left of its price.
        let openings: Vec<i64> = doors.iter().map(|door| left.arcs[door.opening]).collect();
        let matrix = self.matrix(left, &doors, (tree, steps), effort);
        // Sums of whole amounts, each far below the largest over the number of leaves.
        let routes = |set: &[usize], pays: &[Option<i64>]| {
            let opened: i64 = set.iter().map(|&place| openings[place]).sum();
            let sum = pays.iter().copied().sum::<Option<i64>>();
            sum.map(|sum| Money::from_cents(sum / FINE + opened))
        };
        let bound = worth(asked, left.bound) + self.below;
        let of = |pops: usize, or_more: bool, routes: Money| {
            let pops = pops as i64;
            Routed { pops, or_more, trenches: bound + self.multiplier * pops, routes }
        };
        let leaves = self.leaves.len();
        let (most, has_larger) = openings::tried(matrix.len(), leaves);
        let sets = Sets { matrix: &matrix, nearer: &i64::min, cost: &routes };
        let mut all: Vec<Routed> = Vec::new();
        for (pops, routes) in sets.least(leaves, most).into_iter().enumerate() {
            all.extend(routes.map(|routes| of(pops, false, routes)));
        }
        if has_larger {
            let nearest = |leaf: usize| matrix.iter().filter_map(|row| row[leaf]).min();
            let pays: Vec<Option<i64>> = (0..leaves).map(nearest).collect();
            all.extend(routes(&[], &pays).map(|routes| of(most + 1, true, routes)));
        }
        all
    }

    /// By candidate and leaf, what the leaf pays at least, in the unit of tolls.
    fn matrix(&self, left: &Leftover, doors: &[Door], (tree, steps): (&Tree, usize), effort: &Effort) -> Matrix {
        let asked = self.asked;
        let graph = asked.problem.graph();
        let root = asked.problem.root().expect("the trench problem has a virtual root");
        let metres = |edge: EdgeId| {
            let segment = &self.network.segments[edge.index()];
            if segment.kind == SegmentKind::Drop { 0 } else { segment.length.millimetres() }
        };
        let [near, far] = self.spares;
        // Thousandths of a cent a metre are millionths a millimetre.
        let fine = |millimetres: i64, spare: i64| {
            i128::from(self.each) * i128::from(millimetres) * i128::from(FINE / 1_000_000) * i128::from(spare)
                / (i128::from(near) * 10_000 * i128::from(self.split))
        };
        let price = |spare: i64| asked.least(&|edge| fine(metres(edge), spare) as i64);
        let (price, dearer) = (price(near), (far > near).then(|| price(far)));
        // The part of a route that is distribution cable has the smaller spare.
        let off = fine(self.reach, far - near) as i64 + 1;
        let mut closed = asked.leaves().to_vec();
        closed[root.index()] = true;
        let leaf = |premises: &Premises| Leaf {
            node: asked.node(premises.node).expect("a leaf that is served is part of the problem"),
            load: premises.fibres,
        };
        let leaves: Vec<Leaf> = self.leaves.iter().map(leaf).collect();
        let opening = |door: &Door| (self.multiplier.cents() + left.arcs[door.opening]) * FINE;
        let ground = Ground {
            graph,
            closed: &closed,
            doors: &doors.iter().map(|door| door.node).collect::<Vec<_>>(),
            opening: &doors.iter().map(opening).collect::<Vec<_>>(),
            left: &left.arcs.iter().map(|&left| left.min(i64::MAX / 4 / FINE) * FINE).collect::<Vec<_>>(),
            price: &price,
            far: dearer.as_ref().map(|dearer| (dearer.as_slice(), off)),
            is_far: &self.feet.is_far,
            fees: &self.feet.fees,
            leaves: &leaves,
        };
        ground.matrix(root, &tree.edges, Patience { steps, groups: GROUPS }, effort.deadline)
    }
}

/// A candidate in a problem.
struct Door {
    node: NodeId,
    /// The arc that opens it.
    opening: usize,
}

/// The candidates in a problem, in their order.
fn doors(asked: &TrenchProblem) -> Vec<Door> {
    let graph = asked.problem.graph();
    let root = asked.problem.root().expect("the trench problem has a virtual root");
    let mut doors: Vec<(u32, Door)> = Vec::new();
    for &arc in graph.arcs(root) {
        for source in asked.sources(&[arc.edge]) {
            if let Source::Opening(place) = source {
                doors.push((place, Door { node: arc.to, opening: graph.outgoing(root, arc) }));
            }
        }
    }
    doors.sort_unstable_by_key(|&(place, _)| place);
    doors.into_iter().map(|(_, door)| door).collect()
}
