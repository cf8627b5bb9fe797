//! What stands on the network: candidate sites of PoPs, cabinets, and second routes of parks.

mod areas;
mod cabinets;
mod pops;
mod protect;

pub use cabinets::site_cabinets;
pub use pops::{Candidates, candidates};
pub use protect::{Proposal, propose, protect};
