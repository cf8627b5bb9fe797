//! A network that is made for two routes: where parks are protected, trenches of second routes may serve others as well.
//!
//! Second routes are chosen on top of a forest; so the forest is looked for anew where all trenches of two routes are dug
//! in any case, and routes are chosen again on top of that. From routes that are best for the first forest this leads back
//! to it mostly, so several starts are tried. What gets cheaper as a whole is kept.

use rayon::prelude::*;

use crate::bulk::{Bulk, Patience};
use crate::design;
use crate::effort::Effort;
use crate::graph::EdgeId;
use crate::plan::{Joint, Plan, Protection};
use crate::problem;
use crate::problem::Tree;
use crate::solver;
use crate::study::refine::Ground;

/// Starts, as [`design::protect_from`] counts them: so many at once from the best plan known.
const AT_ONCE: usize = 2;

/// Starts times candidate segments at most, rounded up to as many as go at once, and starts at most: each is a plan anew.
const WORK: usize = 30_000;
const STARTS: usize = 4;

/// Rounds of search for each forest.
const ROUNDS: u64 = 2;

impl Ground<'_> {
    /// The best of a plan and of those whose forests are made for two routes; of equals the first.
    ///
    /// # Errors
    /// If costs are too large for exact sums.
    pub(super) fn rearranged(
        &self,
        mut best: Plan,
        joint: &Joint,
        patience: Patience,
        effort: &Effort,
    ) -> Result<Plan, problem::Error> {
        let starts = (WORK / self.network.segments.len().max(1)).min(STARTS);
        for first in (0..starts).step_by(AT_ONCE) {
            if best.protection.fibre.ways.is_empty() || effort.deadline.passed() {
                break;
            }
            let starts = (first as u64..(first + AT_ONCE) as u64).into_par_iter();
            let plans: Vec<Plan> =
                starts.map(|start| self.around(&best, joint, start, patience, effort)).collect::<Result<_, _>>()?;
            let unmet = |plan: &Plan| plan.protection.unmet().count();
            for plan in plans {
                if unmet(&plan) <= unmet(&best) && plan.bill.total() < best.bill.total() {
                    best = plan;
                }
            }
        }
        Ok(best)
    }

    /// A plan around the routes that a start leads to on top of another plan's forest.
    fn around(
        &self,
        plan: &Plan,
        joint: &Joint,
        start: u64,
        patience: Patience,
        effort: &Effort,
    ) -> Result<Plan, problem::Error> {
        let siting = design::site_cabinets(&plan.forest, self.network, self.region, self.scenario);
        let built = (&plan.forest, &siting, self.asked.segment_costs.as_slice());
        let land = (self.network, self.region);
        let routes = design::protect_from(start, built, land, self.candidates, self.scenario);
        let (asked, carrying) = joint.around(self.network, self.candidates, self.scenario, &dug(&routes))?;
        let tree = solver::sketch(&asked.problem, ROUNDS, effort, &mut |_| {}).tree;
        let bulk = Bulk {
            graph: asked.problem.graph(),
            root: asked.problem.root().expect("the trench problem has a virtual root"),
            asked: &carrying.asked,
            ends: asked.leaves(),
            cost: &|edge, load| carrying.cost(edge, load),
        };
        let tree = Tree { edges: bulk.search(&tree.edges, patience, effort), lone_node: None };
        Ok(self.design(&asked, &tree, plan.trench.cut_short))
    }
}

/// Segments of all routes of protected parks.
fn dug(routes: &Protection) -> Vec<EdgeId> {
    let met = routes.parks.iter().filter_map(|park| park.outcome.as_ref().ok());
    met.flatten().flat_map(|route| route.segments.iter().copied()).collect()
}
