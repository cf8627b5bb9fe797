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
use crate::study::refine::Ground;

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
        Ok(self.moved((&asked, &carrying), &tree, (patience, 1), effort).0)
    }
}

#[cfg(test)]
mod tests {
    use geo::{Coord, LineString, MultiPolygon};

    use super::*;
    use crate::graph::{Graph, NodeId};
    use crate::network::{Network, NodeKind, Segment, SegmentKind, Site, Work};
    use crate::plan::{self, PopCandidate};
    use crate::region::{Address, AddressId, Park, ParkId, Region};
    use crate::scenario::{Redundancy, Scenario, key};
    use crate::units::{Length, Money};

    /// Node 0 has the PoP, 3 is a park with entries of 10 m from 1 and 2, 4 is a home with drops from 1 and 2; in metres.
    const TRENCHES: [(u32, u32, i64, SegmentKind); 6] = [
        (0, 1, 1000, SegmentKind::Trench),
        (0, 2, 2000, SegmentKind::Trench),
        (1, 3, 10, SegmentKind::ParkEntry),
        (2, 3, 10, SegmentKind::ParkEntry),
        (1, 4, 300, SegmentKind::Drop),
        (2, 4, 10, SegmentKind::Drop),
    ];

    fn network(scenario: &Scenario) -> Network {
        let price = scenario.price_book().known(key::DROP_TRENCH);
        let segment = |&(_, _, metres, kind): &(u32, u32, i64, SegmentKind)| Segment {
            kind,
            shape: LineString(vec![Coord { x: 0.0, y: 0.0 }, Coord { x: metres as f64, y: 0.0 }]),
            length: Length::from_millimetres(metres * 1000),
            road: None,
            works: vec![Work { price, quantity: metres * 1000 }],
            zones: Vec::new(),
        };
        Network {
            graph: Graph::new(5, TRENCHES.iter().map(|&(one, other, ..)| [one, other].map(NodeId)).collect()),
            points: vec![Coord { x: 0.0, y: 0.0 }; 5],
            nodes: vec![NodeKind::Road, NodeKind::Road, NodeKind::Road, NodeKind::Park(ParkId(0)), NodeKind::Site(0)],
            segments: TRENCHES.iter().map(segment).collect(),
            sites: vec![Site { point: Coord { x: 0.0, y: 0.0 }, addresses: vec![AddressId(0)], node: Ok(NodeId(4)) }],
            parks: vec![Some(NodeId(3))],
            pops: Vec::new(),
            components: vec![0; 5],
        }
    }

    fn region() -> Region {
        let home = Address { tier: 1, ..Address::home("home".into(), Some(Coord { x: 0.0, y: 0.0 })) };
        let outline = MultiPolygon::new(Vec::new());
        let park = Park { key: "K".into(), name: String::new(), class: String::new(), outline };
        Region { addresses: vec![home], parks: vec![park], ..Region::default() }
    }

    /// Alone, home and park hang from the north: 1,310 m of trench, where the south takes 2,020. The second route digs the
    /// south in any case, and then the home's drop from there is 290 m shorter.
    #[test]
    fn a_home_hangs_from_the_trench_of_a_second_route() {
        let mut scenario = Scenario::default();
        scenario.redundancy.parks = Redundancy::TwoRoutes;
        let (network, region) = (network(&scenario), region());
        let candidates = [PopCandidate {
            key: "P".into(),
            node: NodeId(0),
            existing: false,
            proposed: false,
            opening: Money::from_cents(900_000),
            extension: Money::from_cents(900_000),
            capacity: 1000,
        }];
        let asked = plan::ask(&network, &region, &candidates, &scenario).expect("a problem");
        let effort = Effort::default();
        let outcome = solver::solve(&asked.problem, &effort, &mut |_| {});
        let ground = Ground {
            network: &network,
            region: &region,
            scenario: &scenario,
            candidates: &candidates,
            asked: &asked,
            bound: outcome.bound,
        };
        let first = ground.design(&asked, &outcome.tree, false);
        let drop = |plan: &Plan| plan.forest.parent[4].map(|(anchor, _)| anchor);
        assert_eq!(drop(&first), Some(NodeId(1)));
        let joint = plan::joint((&network, &region), &candidates, &scenario, &first).expect("a problem");
        let patience = Patience { passes: 6, handles: 60, doors: 0, shakes: 0, around: 0 };
        let better = ground.rearranged(first.clone(), &joint, patience, &effort).expect("a problem");
        assert_eq!(drop(&better), Some(NodeId(2)));
        assert_eq!(better.protection.fibre.ways.len(), 1);
        // Each metre of drop costs what digging it does, with its duct and cable.
        let dug = scenario.price_book().money(scenario.price_book().known(key::DROP_TRENCH));
        assert!(first.bill.total() - better.bill.total() > dug * 290);
    }
}
