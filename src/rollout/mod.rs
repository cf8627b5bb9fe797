//! Which areas first: the forest cut into roll-out units, in the order of need and cost.

mod order;
mod units;

pub use order::{Order, order};
pub use units::{Unit, UnitKind, Units, units};

/// The ranked roll-out of a plan.
#[derive(Clone, Debug)]
pub struct Rollout {
    /// Units, with the unit of every network node of the forest.
    pub units: Units,
    /// Units in the order of building.
    pub order: Order,
}

/// Need of a unit: its connections in each tier, first tier first.
pub type Need = Vec<u32>;
