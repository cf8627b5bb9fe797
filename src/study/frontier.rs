//! The frontier of a study: its network is built once, and planned at one price of need after the other.

use std::time::Duration;

use crate::design;
use crate::effort::Effort;
use crate::network::{Network, NodeKind};
use crate::plan::{self, PopCandidate, TrenchProblem, Worth};
use crate::rollout::{self, Found, Frontier, Point};
use crate::solver;
use crate::study::reach::within_reach;
use crate::study::{Error, Listener, Study, check_feasible};
use crate::units::{Length, Money};

impl Study {
    /// Sets cost against need with up to `trials` plans; with a budget, prices close to it are tried first.
    ///
    /// # Errors
    /// If there is nothing to plan, or costs are too large for exact sums.
    pub fn frontier(
        &mut self,
        (trials, budget): (usize, Option<Money>),
        effort: &Effort,
        listener: &mut dyn Listener,
    ) -> Result<Frontier, Error> {
        let network = self.network(listener);
        let (candidates, doubts) = design::candidates(&self.region, &network, &self.scenario);
        self.findings.extend(doubts);
        check_feasible(&network, &candidates)?;
        listener.step("sweeping the price of need");
        // A time limit is shared by all plans; without one, each takes what it takes.
        let each = effort.deadline.left().map(|left| left / (trials.max(1) as u32));
        let points = points(self, &network);
        let sweep = Sweep { study: self, network, candidates, points, effort, each };
        let needed = Worth { sites: None, parks: None };
        let reached = plan::ask_for(&sweep.network, &sweep.candidates, &self.scenario, needed)?.reached;
        let need =
            sweep.network.graph.nodes().filter(|node| reached[node.index()]).map(|node| sweep.points_at(node)).sum();
        rollout::sweep(need, trials, budget, &|price| sweep.solve(price))
    }
}

/// Need in hundredths of points, as the ranking counts it.
struct Points {
    sites: Vec<i64>,
    /// Of a park's handover point.
    park: i64,
}

fn points(study: &Study, network: &Network) -> Points {
    let needs = rollout::address_needs(&study.region, &study.scenario);
    let of_site = |site: &crate::network::Site| {
        let addresses = site.addresses.iter().map(|address| address.0 as usize);
        addresses.map(|at| needs[at].score().counted * i64::from(study.region.addresses[at].units)).sum()
    };
    let park = rollout::handover(&study.scenario.need).score().counted;
    Points { sites: network.sites.iter().map(of_site).collect(), park }
}

struct Sweep<'a> {
    study: &'a Study,
    network: Network,
    candidates: Vec<PopCandidate>,
    points: Points,
    effort: &'a Effort,
    each: Option<Duration>,
}

impl Sweep<'_> {
    /// Need at a node of the network.
    fn points_at(&self, node: crate::graph::NodeId) -> i64 {
        match self.network.nodes[node.index()] {
            NodeKind::Site(site) => self.points.sites[site as usize],
            NodeKind::Park(_) => self.points.park,
            NodeKind::Road | NodeKind::Pop(_) => 0,
        }
    }

    /// Plans where every point of need left out costs the price; for everybody where there is none.
    fn solve(&self, price: Option<i64>) -> Result<Found, Error> {
        let of = |points: i64| price.map(|price| Money::from_cents(points.saturating_mul(price)));
        let worth =
            Worth { sites: self.points.sites.iter().map(|&points| of(points)).collect(), parks: of(self.points.park) };
        let asked = plan::ask_for(&self.network, &self.candidates, &self.study.scenario, worth)?;
        let deadline = self.each.map_or(self.effort.deadline, |each| self.effort.deadline.within(each));
        let effort = Effort { deadline, ..self.effort.clone() };
        let outcome = solver::solve(&asked.problem, &effort, &mut |_| ());
        let bound = (outcome.bound - asked.constant.cents()).max(0);
        Ok(Found { point: self.point(price, &asked, &outcome.tree), bound })
    }

    fn point(&self, price: Option<i64>, asked: &TrenchProblem, tree: &crate::problem::Tree) -> Point {
        let forest = within_reach(asked, tree, &self.network, &self.candidates);
        let mut point = Point {
            price,
            cost: forest.cost(&asked.segment_costs, &self.candidates),
            need: 0,
            addresses: 0,
            connections: 0,
            parks: 0,
            length: Length::ZERO,
        };
        for &node in &forest.order {
            point.need += self.points_at(node);
            match self.network.nodes[node.index()] {
                NodeKind::Site(site) => {
                    let addresses = &self.network.sites[site as usize].addresses;
                    let units = addresses.iter().map(|address| self.study.region.addresses[address.0 as usize].units);
                    point.connections += units.sum::<u32>();
                    point.addresses += addresses.len() as u32;
                }
                NodeKind::Park(_) => point.parks += 1,
                NodeKind::Road | NodeKind::Pop(_) => {}
            }
        }
        point.length = forest.segments().map(|edge| self.network.segments[edge.index()].length).sum();
        point
    }
}
