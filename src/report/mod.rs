//! What is told: tables, map layers, the summary and the page, as values; nothing here touches the disk.

mod layers;
mod order;
mod page;
mod ranking;
mod reasons;
mod summary;
mod tables;

pub use layers::layers;
pub use page::page;
pub use ranking::{ranking, robustness, sensitivity};
pub use summary::summary;
pub use tables::{addresses, bill, findings_table};

use crate::findings::Finding;
use crate::network::Network;
use crate::plan::Plan;
use crate::region::Region;
use crate::rollout::Rollout;
use crate::scenario::{PriceBook, Scenario};
use crate::units::Money;

/// Everything that is told about.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The effective scenario.
    pub scenario: &'a Scenario,
    /// Its prices.
    pub prices: &'a PriceBook,
    /// The land.
    pub region: &'a Region,
    /// The candidates.
    pub network: &'a Network,
    /// What is built.
    pub plan: &'a Plan,
    /// In which order.
    pub rollout: &'a Rollout,
    /// Cost of each network segment.
    pub segment_costs: &'a [Money],
    /// Every doubt about the data.
    pub findings: &'a [Finding],
    /// Input files with their SHA-256, in order.
    pub inputs: &'a [(String, String)],
}

impl Told<'_> {
    /// Rank of each unit, counted from 1.
    #[must_use]
    pub fn ranks(&self) -> Vec<u32> {
        let mut ranks = vec![0; self.rollout.units.all.len()];
        for (place, &unit) in self.rollout.order.sequence.iter().enumerate() {
            ranks[unit as usize] = place as u32 + 1;
        }
        ranks
    }

    /// The unit of each address, where it is connected.
    #[must_use]
    pub fn unit_of_address(&self) -> Vec<Option<u32>> {
        let mut units = vec![None; self.region.addresses.len()];
        for site in &self.network.sites {
            let Ok(node) = site.node else { continue };
            for address in &site.addresses {
                units[address.0 as usize] = self.rollout.units.of_node[node.index()];
            }
        }
        units
    }
}
