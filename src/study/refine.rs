//! The price of cable joins the price of trenches: look for the tree where both cost least, and prove a bound on the whole.

use rayon::prelude::*;

use crate::bulk::{Bulk, Load, Patience};
use crate::design;
use crate::effort::Effort;
use crate::graph::EdgeId;
use crate::network::Network;
use crate::plan::{
    self, Carrying, Forest, Joint, Plan, PopCandidate, Proven, TotalFigures, TrenchFigures, TrenchProblem, Unprotected,
};
use crate::problem::{self, Leftover, SteinerProblem, Tree};
use crate::region::Region;
use crate::scenario::Scenario;
use crate::solver;
use crate::study::Listener;
use crate::study::reach::within_reach;

/// Rounds of search for the joint problem, the same on large graphs, and for cables of second routes.
const JOINT: u64 = 6;
const LARGE_JOINT: u64 = 3;
const BOUND: u64 = 2;

/// Work of search for what bounds leave where openings are cheaper, in arcs looked at for each edge.
const DUALS: u64 = 4_000;

/// How hard branches are looked at for a cheaper place, trenches and cables together: on large graphs shaking finds little
/// in its time.
const SEVERAL: Patience = Patience { passes: 12, handles: 60, doors: 0, shakes: 100, around: 300 };
const FEW: Patience = Patience { passes: 6, handles: 60, doors: 0, shakes: 0, around: 0 };

/// Nodes times PoP candidates times rounds in which sets of these are tried.
const PUSHED: usize = 1_200_000;

/// Nodes times trees of other PoPs that are designed, and such trees at most; those of them that are shaken.
const KEPT: usize = 60_000;
const MOST_KEPT: usize = 8;
const SHAKEN: usize = 4;

/// Prices of a metre of route for each connection, in cents: distribution points, which trees do not know of, are for those
/// who are far. Trees with shorter routes may do without some.
const PULLS: [i64; 4] = [1, 4, 16, 64];

/// Nodes from which graphs are large.
const LARGE: usize = 60_000;

/// What a plan is made from.
pub(super) struct Ground<'a> {
    pub(super) network: &'a Network,
    pub(super) region: &'a Region,
    pub(super) scenario: &'a Scenario,
    pub(super) candidates: &'a [PopCandidate],
    /// The trench problem with its bound.
    pub(super) asked: &'a TrenchProblem,
    pub(super) bound: i64,
}

impl Ground<'_> {
    /// The plan that follows from a tree of a trench problem.
    pub(super) fn design(&self, asked: &TrenchProblem, tree: &Tree, cut_short: bool) -> Plan {
        let plan = self.over(within_reach(asked, tree, self.network, self.candidates), cut_short);
        self.led(plan, |park| park.outcome == Err(Unprotected::Own))
    }

    /// The plan on a forest.
    pub(super) fn over(&self, forest: Forest, cut_short: bool) -> Plan {
        let siting = design::site_cabinets(&forest, self.network, self.region, self.scenario);
        let built = (&forest, siting.cabinets.as_slice(), self.asked.segment_costs.as_slice());
        let protection = design::protect(built, (self.network, self.region), self.candidates, self.scenario);
        let land = (self.region, self.network, self.scenario);
        plan::tell(land, (self.asked, self.candidates), (forest, siting, protection), (self.bound, cut_short))
    }

    /// The best plan found, with a bound on the whole: never dearer than the first, unless it protects more parks.
    ///
    /// First every segment has the price of its ducts and its first cable, which bounds the whole; then branches move where
    /// trenches and cables together cost least.
    ///
    /// # Errors
    /// If costs are too large for exact sums.
    pub(super) fn refine(
        &self,
        first: &Plan,
        effort: &Effort,
        listener: &mut dyn Listener,
    ) -> Result<Plan, problem::Error> {
        let land = (self.network, self.region);
        let joint: Joint = plan::joint(land, self.candidates, self.scenario, first)?;
        let constant = joint.asked.constant.cents();
        let graph = joint.asked.problem.graph();
        let is_large = graph.node_count() > LARGE;
        let rounds = if is_large { LARGE_JOINT } else { JOINT };
        let outcome = solver::sketch(&joint.asked.problem, rounds, effort, &mut |known| {
            listener.progress(known.value - constant, (known.bound - constant).max(0));
        });
        // Prices of openings apart these are one graph, so a good tree of one is a fair guide in the others.
        let leftover = |problem: &SteinerProblem| {
            let work = DUALS * problem.graph().edge_count() as u64;
            solver::leftover(problem, &outcome.tree, work, effort)
        };
        let sketch = |problem| solver::sketch(problem, BOUND, effort, &mut |_| {}).bound;
        let (mut best, first, first_total) = (first.clone(), first.trench, first.bill.total());
        let at_root = joint.asked.problem.root().map_or(0, |root| graph.degree(root));
        let doors = (PUSHED / (graph.node_count() * at_root).max(1)).clamp(1, 8) as u32;
        let kept = (KEPT / graph.node_count().max(1)).clamp(1, MOST_KEPT);
        let patience = if is_large { FEW } else { Patience { doors, ..SEVERAL } };
        // Neither needs the other, and neither fills all cores.
        let (reduced, (next, tree)): (Vec<Leftover>, (Plan, Tree)) = rayon::join(
            || joint.reduced.par_iter().map(|reduced| leftover(&reduced.asked.problem)).collect(),
            || self.moved((&joint.asked, &joint.carrying), &outcome.tree, (patience, kept), effort),
        );
        if next.rank() < best.rank() {
            best = next;
        }
        best = self.rearranged(best, &joint, Patience { doors: 0, ..FEW }, effort)?;
        best = self.led(best, |_| true);
        let cut_short = best.trench.cut_short || effort.deadline.passed();
        best.trench = TrenchFigures { cut_short, ..best.trench.with_least_of(&first) };
        // What is proven holds for the parks that the plan protects.
        let routed = joint.routed((self.network, self.candidates), self.scenario, &reduced, &tree, effort);
        let proven = Proven { trenches: outcome.bound, reduced, routed };
        let figures = match joint.second(self.network, self.candidates, self.scenario, &best)? {
            Some(second) => joint.figures_with(&proven, (&second, sketch(&second.asked.problem))),
            None => joint.figures(&proven),
        };
        // A plan that protects more parks than the first one may cost more, and is its own measure then.
        best.total = TotalFigures { first: first_total.max(best.bill.total()), ..figures };
        Ok(best)
    }

    /// The best plan found on trees in which trenches and cables together cost little, with its tree: so many of the
    /// cheapest, each with other PoPs, and some with shorter routes are designed, and the best of those shaken.
    pub(super) fn moved(
        &self,
        (asked, carrying): (&TrenchProblem, &Carrying),
        tree: &Tree,
        (patience, kept): (Patience, usize),
        effort: &Effort,
    ) -> (Plan, Tree) {
        let bulk = Bulk {
            graph: asked.problem.graph(),
            root: asked.problem.root().expect("the trench problem has a virtual root"),
            asked: &carrying.asked,
            ends: asked.leaves(),
            cost: &|edge, load| carrying.cost(edge, load),
        };
        let design = |edges: Vec<EdgeId>| {
            let tree = Tree { edges, lone_node: None };
            (self.design(asked, &tree, effort.deadline.passed()), tree)
        };
        let mut trees = bulk.by_doors(&tree.edges, patience, effort);
        trees.truncate(kept);
        if patience.doors > 0 {
            let shorter = |(pull, tree): (&i64, &Vec<EdgeId>)| {
                let price = |edge: EdgeId, load: Load| {
                    carrying.cost(edge, load) + pull * carrying.cabled(edge) * i64::from(load.shared)
                };
                Bulk { cost: &price, ..bulk }.improve(tree, patience)
            };
            let pairs: Vec<(&i64, &Vec<EdgeId>)> =
                PULLS.iter().flat_map(|pull| trees.iter().map(move |tree| (pull, tree))).take(2 * kept).collect();
            let shorter: Vec<Vec<EdgeId>> = pairs.into_par_iter().map(shorter).collect();
            trees.extend(shorter);
        }
        let mut found: Vec<(Plan, Tree)> = trees.into_par_iter().map(design).collect();
        found.sort_by_key(|(plan, _)| plan.rank());
        if patience.shakes > 0 {
            let best = &found[..found.len().min(SHAKEN).min(kept)];
            let shaken: Vec<(Plan, Tree)> =
                best.par_iter().map(|(_, tree)| design(bulk.shake(&tree.edges, patience, effort))).collect();
            found.extend(shaken);
        }
        found.into_iter().min_by_key(|(plan, _)| plan.rank()).expect("there is the tree itself")
    }
}
