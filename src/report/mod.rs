//! What is told: tables, map layers, the summary and the page, as values; nothing here touches the disk.

mod cables;
mod chart;
mod comparison;
mod frontier;
mod groups;
mod layers;
mod order;
mod page;
mod phases;
mod ranking;
mod reasons;
mod redundancy;
mod sanity;
mod second;
mod summary;
mod tables;
mod whole;

pub use cables::{cables, splices};
pub use comparison::{Compared, comparison, comparison_json, comparison_page};
pub use frontier::{frontier, frontier_json, frontier_page};
pub use layers::layers;
pub use page::page;
pub use phases::{phases, subsidy};
pub use ranking::{ranking, robustness, sensitivity};
pub use redundancy::redundancy;
pub use sanity::{GELDERSE_VALLEI, Sanity};
pub use second::second_routes;
pub use summary::summary;
pub use tables::{addresses, bill, bill_by_group, findings_table};

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

    /// The calendar year of each unit, where the scenario names years and the unit has not to wait.
    #[must_use]
    pub fn years(&self) -> Vec<Option<u32>> {
        let phases = self.rollout.phases.as_ref();
        let year = |unit| phases.and_then(|phases| phases.year_of(unit));
        (0..self.rollout.units.all.len() as u32).map(year).collect()
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
