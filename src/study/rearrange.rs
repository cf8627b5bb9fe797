//! A network that is made for two routes: where parks are protected, trenches of second routes may serve others as well.
//!
//! Second routes are chosen on top of a forest; so the forest is looked for anew where all trenches of two routes are dug
//! in any case, and routes are chosen again on top of that. From routes that are best for the first forest this leads back
//! to it mostly, so several starts are tried. What gets cheaper as a whole is kept.

use rayon::prelude::*;

use crate::bulk::Patience;
use crate::effort::Effort;
use crate::graph::EdgeId;
use crate::plan::{Joint, Plan};
use crate::problem;
use crate::solver;
use crate::study::refine::{Ground, cheaper};

/// Starts, as [`crate::design::propose`] counts them: so many at once from the best plan known.
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
            best = std::iter::once(best).chain(plans).min_by_key(Plan::rank).expect("there is the best so far");
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
        let dug: Vec<EdgeId> = self
            .proposals(start, plan)
            .iter()
            .flat_map(|park| &park.routes)
            .flat_map(|route| &route.segments)
            .copied()
            .collect();
        let (asked, carrying) = joint.around(self.network, self.candidates, self.scenario, &dug)?;
        let tree = solver::sketch(&asked.problem, ROUNDS, effort, &mut |_| {}).tree;
        let tree = cheaper((&asked, &carrying), &tree, patience, effort);
        Ok(self.design(&asked, &tree, plan.trench.cut_short))
    }
}
