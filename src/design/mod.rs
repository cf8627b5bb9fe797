//! What stands on the network: candidate sites of PoPs, and cabinets.

mod areas;
mod cabinets;
mod pops;

pub use cabinets::site_cabinets;
pub use pops::{Candidates, candidates};
