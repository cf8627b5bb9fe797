//! Which areas first: the forest cut into roll-out units, in the order of need and cost, and how robust that order is.

mod frontier;
mod need;
mod order;
mod phases;
mod robust;
mod subsidy;
mod units;

pub use frontier::{Found, Frontier, Line, Point, sweep};
pub use need::{Needs, Part, Parts, Points, UnitNeed, address_needs, handover, needs, serves};
pub use order::{Job, Order, Strictness, mean_wait, order, sequence, weighted};
pub use phases::{Footing, Phases, TierProof, WHOLE_YEAR, Year, footings, phase};
pub use robust::{Lever, Robustness, Spread, robustness};
pub use subsidy::{Business, businesses, revenue};
pub use units::{Unit, UnitKind, Units, units};

/// The ranked roll-out of a plan.
#[derive(Clone, Debug)]
pub struct Rollout {
    /// Units, with the unit of every network node of the forest.
    pub units: Units,
    /// Need of addresses and units.
    pub needs: Needs,
    /// Units in the order of building.
    pub order: Order,
    /// How robust order and cost are, where the scenario asks for draws.
    pub robustness: Option<Robustness>,
    /// Sign-ups and full cost of each unit.
    pub footings: Vec<Footing>,
    /// Units by year, where the scenario names years.
    pub phases: Option<Phases>,
}

/// Need of a unit: its connections in each tier, first tier first.
pub type Need = Vec<u32>;
