//! Forests in which a park's own route is one of two that are proposed for it.
//!
//! A park has two routes, its own in the forest and a second one beside it. Where two others are cheaper, or where there is
//! none beside its own, the forest is changed: the park hangs by one of the two, and whoever hangs from that way goes with
//! it. Everything else follows as for any forest, so the plan is judged by what it costs as a whole.

use rayon::prelude::*;

use crate::design::{self, Proposal};
use crate::plan::{ParkProtection, Plan};
use crate::study::refine::Ground;

impl Ground<'_> {
    /// A plan, or a better one in which some of these parks hang by another route: one that protects more parks, or as many
    /// at less cost.
    pub(super) fn led(&self, mut best: Plan, of: impl Fn(&ParkProtection) -> bool) -> Plan {
        let parks: Vec<_> = best.protection.parks.iter().filter(|park| of(park)).map(|park| park.park).collect();
        if parks.is_empty() {
            return best;
        }
        let mut proposals = self.proposals(0, &best);
        for park in parks {
            let Some(proposal) = proposals.iter().find(|proposal| proposal.park == park && !proposal.own) else {
                continue;
            };
            let plan = |route| self.along(&best, proposal, route);
            let plans: Vec<Plan> = [0, 1].into_par_iter().filter_map(plan).collect();
            if let Some(better) = plans.into_iter().min_by_key(Plan::rank).filter(|plan| plan.rank() < best.rank()) {
                best = Plan { trench: better.trench.with_least_of(&best.trench), ..better };
                proposals = self.proposals(0, &best);
            }
        }
        best
    }

    /// The plan in which a park hangs by one of the routes that are proposed for it.
    fn along(&self, plan: &Plan, proposal: &Proposal, route: usize) -> Option<Plan> {
        let route = &proposal.routes[route];
        let leaf = (proposal.node, route.segments.as_slice(), route.pop);
        let forest = plan.forest.led(self.asked, (self.network, self.candidates), leaf)?;
        Some(self.over(forest, plan.trench.cut_short))
    }

    /// Two routes for each park that asks for them, on top of a plan's forest.
    pub(super) fn proposals(&self, start: u64, plan: &Plan) -> Vec<Proposal> {
        let built = (&plan.forest, plan.cabinets.as_slice(), self.asked.segment_costs.as_slice());
        design::propose(start, built, (self.network, self.region), self.candidates, self.scenario)
    }
}
