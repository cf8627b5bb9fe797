//! The price of cable joins the price of trenches: plan again as long as the whole gets cheaper, and prove a bound on it.

use crate::design;
use crate::effort::Effort;
use crate::network::Network;
use crate::plan::{self, Joint, Plan, PopCandidate, TrenchProblem};
use crate::problem;
use crate::problem::Tree;
use crate::region::Region;
use crate::scenario::Scenario;
use crate::solver;
use crate::study::Listener;

/// How often the trench problem is solved again at most.
const MOST_ROUNDS: u32 = 3;

/// Edges up to which it is solved more than once again.
const SEVERAL_ROUNDS: usize = 20_000;

/// Rounds of search for the joint problem, for a bound where openings are cheaper, and for a tree at the price of cables laid.
const JOINT: u64 = 6;
const BOUND: u64 = 2;
const AGAIN: u64 = 3;

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
        let forest = plan::forest(asked, tree, self.network, self.candidates);
        let built = (&forest, self.asked.segment_costs.as_slice());
        let rules = &self.scenario.redundancy;
        let protection = design::protect(built, (self.network, self.region), self.candidates, rules);
        let siting = design::site_cabinets(&forest, self.network, self.region, self.scenario);
        let land = (self.region, self.network, self.scenario);
        plan::tell(land, (self.asked, self.candidates), (forest, siting, protection), (self.bound, cut_short))
    }

    /// The best plan found, never dearer than the first, with a bound on the whole.
    ///
    /// First every segment has the price of its ducts and its first cable, which bounds the whole; then the price of what
    /// the best plan lays in it.
    ///
    /// # Errors
    /// If costs are too large for exact sums.
    pub(super) fn refine(
        &self,
        first: Plan,
        effort: &Effort,
        listener: &mut dyn Listener,
    ) -> Result<Plan, problem::Error> {
        let land = (self.network, self.region);
        let joint: Joint = plan::joint(land, self.candidates, self.scenario, &first)?;
        let constant = joint.asked.constant.cents();
        let outcome = solver::sketch(&joint.asked.problem, JOINT, effort, &mut |known| {
            listener.progress(known.value - constant, (known.bound - constant).max(0));
        });
        let sketch = |problem| solver::sketch(problem, BOUND, effort, &mut |_| {}).bound;
        let reduced: Vec<i64> = joint.reduced.iter().map(|reduced| sketch(&reduced.asked.problem)).collect();
        let mut total = joint.figures(outcome.bound, &reduced);
        total.first = first.bill.total();
        let mut best = first;
        let (mut asked, mut tree) = (joint.asked, outcome.tree);
        loop {
            let cut_short = best.trench.cut_short || effort.deadline.passed();
            let next = self.design(&asked, &tree, cut_short);
            total.rounds += 1;
            if next.bill.total() >= best.bill.total() {
                break;
            }
            best = next;
            let large = asked.problem.graph().edge_count() > SEVERAL_ROUNDS;
            if large || total.rounds >= MOST_ROUNDS || effort.deadline.passed() {
                break;
            }
            asked = plan::loaded(land, self.candidates, self.scenario, &best)?;
            tree = solver::sketch(&asked.problem, AGAIN, effort, &mut |_| {}).tree;
        }
        best.trench.cut_short |= effort.deadline.passed();
        best.total = total;
        Ok(best)
    }
}
