//! Is the plan of the size that practice knows? Metres of trench and euros per address beside figures from practice.

use geo::{Area, ConvexHull, MultiPoint, Point};

use crate::findings::{Finding, Severity};
use crate::plan::{Plan, Status};
use crate::region::Region;

/// A plan's sizes beside those of practice; lengths in metres, money in euros.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sanity {
    /// Connected addresses.
    pub addresses: usize,
    /// Connected addresses per km2 of the convex hull around them.
    pub per_km2: f64,
    /// Trench, ducts and drops per connected address.
    pub metres: f64,
    /// What the density law expects: the shortest tree over so many points spread evenly, with a detour.
    pub metres_expected: f64,
    /// Total cost per connected address.
    pub euros: f64,
    /// What practice paid where addresses lie as far apart: from and to.
    pub euros_expected: (f64, f64),
}

/// Length of a random minimum spanning tree over N points in an area A is about this times the root of N·A
/// (0.63 to 0.65 in the literature on random minimum spanning trees).
const RANDOM_TREE: f64 = 0.65;

/// Roads are about this much longer than straight lines.
const DETOUR: f64 = 1.25;

/// Trench in the Gelderse Vallei, per address passed: 860 km for 5,900 addresses (Reformatorisch Dagblad, 2017).
pub const GELDERSE_VALLEI: f64 = 146.0;

/// From so many metres of trench an address on: what such addresses cost, in euros. About 1,000 in towns; 1,500 to 2,500 in
/// rural cores (judgement); 5,000 to 15,000 beyond 135 m (Roskam, 2017).
const EUROS: [(f64, (f64, f64)); 3] = [(0.0, (1000.0, 2500.0)), (60.0, (1500.0, 6000.0)), (135.0, (5000.0, 15_000.0))];

impl Sanity {
    /// Measures a plan; none where it connects fewer than two addresses. Time: O(n log n).
    #[must_use]
    pub fn of(plan: &Plan, region: &Region) -> Option<Self> {
        let connected = region.addresses.iter().zip(&plan.addresses);
        let points: Vec<Point<f64>> = connected
            .filter(|(_, outcome)| outcome.status == Status::Connected)
            .filter_map(|(address, _)| address.point.map(Point))
            .collect();
        let addresses = points.len();
        if addresses < 2 {
            return None;
        }
        let area = MultiPoint(points).convex_hull().unsigned_area().max(1.0) / 1e6;
        let per_km2 = addresses as f64 / area;
        let metres = plan.trench.built_length.metres() / addresses as f64;
        let (_, euros_expected) = EUROS.into_iter().rfind(|(from, _)| metres >= *from).unwrap_or(EUROS[0]);
        Some(Self {
            addresses,
            per_km2,
            metres,
            metres_expected: DETOUR * RANDOM_TREE * 1000.0 / per_km2.sqrt(),
            euros: plan.bill.total().euros() / addresses as f64,
            euros_expected,
        })
    }

    /// Warnings where a figure is more than twice or less than half of what practice knows.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let outside = |figure: f64, low: f64, high: f64| figure > 2.0 * high || figure < low / 2.0;
        let mut warn = |rule, what: String, advice: &str| {
            findings.push(Finding::new(Severity::Warning, rule, "plan", what, advice));
        };
        if outside(self.metres, self.metres_expected, self.metres_expected) {
            let what = format!(
                "{:.0} m of trench per address; {:.0} addresses per km2 let expect about {:.0} m",
                self.metres, self.per_km2, self.metres_expected
            );
            let advice = "addresses in clusters need less, a sparse road layer or few PoPs more; check scope and roads";
            warn("sanity-metres", what, advice);
        }
        let (low, high) = self.euros_expected;
        if outside(self.euros, low, high) {
            let what = format!(
                "EUR {:.0} per address; practice knows EUR {low:.0} to {high:.0} at {:.0} m of trench per address",
                self.euros, self.metres
            );
            warn("sanity-euros", what, "check the unit prices, the scope and how many addresses share a PoP");
        }
        findings
    }
}
