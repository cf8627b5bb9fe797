//! The unprofitable top: what connecting a unit costs beyond the revenue that it will bring.
//!
//! A unit's cost is the sum of the cost shares of its addresses and park, so that shared trunks are paid by those behind
//! them; all units add up to the plan's total.

use crate::network::{Network, NodeKind};
use crate::plan::Plan;
use crate::region::Region;
use crate::rollout::Units;
use crate::scenario::Scenario;
use crate::units::Money;

/// Revenue and cost of a unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Business {
    /// Connections: those of its addresses, one for a park's handover point.
    pub connections: u32,
    /// Net present value of their revenue.
    pub revenue: Money,
    /// Cost shares of its addresses and park.
    pub cost: Money,
}

impl Business {
    /// Net present value: revenue less cost.
    #[must_use]
    pub fn value(&self) -> Money {
        self.revenue - self.cost
    }

    /// The unprofitable top: the subsidy that makes the unit pay.
    #[must_use]
    pub fn top(&self) -> Money {
        (self.cost - self.revenue).max(Money::ZERO)
    }
}

/// Revenue of one connection over the years, as a present value.
#[must_use]
pub fn revenue(scenario: &Scenario) -> Money {
    Money::from_euros(scenario.prize.revenue).unwrap_or(Money::ZERO)
}

/// Revenue and cost of every unit. Time: O(n).
#[must_use]
pub fn businesses(
    units: &Units,
    plan: &Plan,
    (region, network): (&Region, &Network),
    scenario: &Scenario,
) -> Vec<Business> {
    let mut businesses = vec![Business::default(); units.all.len()];
    for &node in &plan.forest.order {
        let Some(unit) = units.of_node[node.index()] else { continue };
        let business = &mut businesses[unit as usize];
        match network.nodes[node.index()] {
            NodeKind::Site(site) => {
                for address in &network.sites[site as usize].addresses {
                    business.connections += region.addresses[address.0 as usize].units;
                    business.cost += plan.addresses[address.0 as usize].share;
                }
            }
            NodeKind::Park(park) => {
                business.connections += 1;
                business.cost += plan.parks[park.0 as usize].share;
            }
            NodeKind::Road | NodeKind::Pop(_) => {}
        }
    }
    for business in &mut businesses {
        business.revenue = revenue(scenario) * i64::from(business.connections);
    }
    businesses
}
