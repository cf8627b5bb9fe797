//! The forest cut into roll-out units whose precedence is a forest.
//!
//! The trenches between PoPs and parks are *trunk* units, cut wherever trunks part, so that a park waits for its own trunk
//! only and not for every house along it. Each park is a unit of its own. The rest is cut from the ends of the tree into
//! areas of about the wished size; small branches beside one trunk are one area. A unit works only after the unit
//! that its own trenches hang from.

use crate::graph::NodeId;
use crate::network::{Network, NodeKind};
use crate::plan::Plan;
use crate::region::{ParkId, Region};
use crate::rollout::Need;
use crate::scenario::Scenario;
use crate::units::{Length, Money};

/// What a unit is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitKind {
    /// Shared trenches from a PoP towards parks; the first of a PoP holds the PoP itself.
    Trunk,
    /// A business park.
    Park(ParkId),
    /// An area of addresses.
    Area,
}

/// A part of the network that is built at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// What it is.
    pub kind: UnitKind,
    /// What it is called.
    pub name: String,
    /// The unit that must be built before it.
    pub after: Option<u32>,
    /// The PoP that feeds it, by its place among the candidates.
    pub pop: u32,
    /// Its own trenches, drops and PoP housings.
    pub cost: Money,
    /// Length of its own trenches and drops.
    pub length: Length,
    /// Connections of its addresses by tier; a park's handover point counts in the first.
    pub need: Need,
    /// Addresses in it.
    pub addresses: u32,
}

/// All units of a plan.
#[derive(Clone, Debug)]
pub struct Units {
    /// Units, those before others first.
    pub all: Vec<Unit>,
    /// The unit of each network node of the forest.
    pub of_node: Vec<Option<u32>>,
}

/// Cuts the forest into units. Time: O(n).
#[must_use]
pub fn units(plan: &Plan, network: &Network, region: &Region, scenario: &Scenario, segment_costs: &[Money]) -> Units {
    let mut cut = Cut::new(plan, network, scenario);
    cut.mark_trunks();
    cut.weigh(region);
    cut.assign();
    cut.measure(region, segment_costs);
    Units { all: cut.units, of_node: cut.unit }
}

struct Cut<'a> {
    plan: &'a Plan,
    network: &'a Network,
    limit: u32,
    tiers: usize,
    trunk: Vec<bool>,
    /// Trunk children and parks below a trunk node.
    forks: Vec<u32>,
    /// Connections that are still open below each node, and whether the node closes an area.
    open: Vec<u32>,
    closes: Vec<bool>,
    unit: Vec<Option<u32>>,
    units: Vec<Unit>,
}

impl<'a> Cut<'a> {
    fn new(plan: &'a Plan, network: &'a Network, scenario: &Scenario) -> Self {
        let nodes = network.graph.node_count();
        Self {
            plan,
            network,
            limit: scenario.priority.unit_addresses,
            tiers: scenario.priority.tiers.len() + 2,
            trunk: vec![false; nodes],
            forks: vec![0; nodes],
            open: vec![0; nodes],
            closes: vec![false; nodes],
            unit: vec![None; nodes],
            units: Vec::new(),
        }
    }

    fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.plan.forest.parent[node.index()].map(|(parent, _)| parent)
    }

    /// Marks the ways between parks and their PoPs, PoPs included in any case.
    fn mark_trunks(&mut self) {
        for &node in &self.plan.forest.order {
            if self.parent(node).is_none() {
                self.trunk[node.index()] = true;
            }
            if !matches!(self.network.nodes[node.index()], NodeKind::Park(_)) {
                continue;
            }
            let mut at = self.parent(node);
            while let Some(above) = at {
                self.forks[above.index()] += 1;
                if std::mem::replace(&mut self.trunk[above.index()], true) {
                    break;
                }
                at = self.parent(above);
            }
        }
    }

    /// Sums connections from the ends of the tree and closes an area where the wished size is reached.
    fn weigh(&mut self, region: &Region) {
        for &node in self.plan.forest.order.iter().rev() {
            if let NodeKind::Site(site) = self.network.nodes[node.index()] {
                let addresses = &self.network.sites[site as usize].addresses;
                let units = addresses.iter().map(|address| region.addresses[address.0 as usize].units);
                self.open[node.index()] += units.sum::<u32>();
            }
            let Some(parent) = self.parent(node) else { continue };
            if self.trunk[node.index()] {
                continue;
            }
            if self.open[node.index()] >= self.limit {
                self.closes[node.index()] = true;
            } else if !self.trunk[parent.index()] {
                self.open[parent.index()] += self.open[node.index()];
            }
        }
    }

    /// Gives every node its unit, parents before children.
    fn assign(&mut self) {
        // The area that small branches beside a trunk unit are being gathered in, and its connections.
        let mut gathering: Vec<Option<(u32, u32)>> = Vec::new();
        for place in 0..self.plan.forest.order.len() {
            let node = self.plan.forest.order[place];
            let parent = self.parent(node);
            let above = parent.map(|parent| self.unit[parent.index()].expect("parents come before children"));
            let unit = match (self.network.nodes[node.index()], parent, above) {
                (_, None, _) | (_, _, None) => self.found(UnitKind::Trunk, node, None),
                (NodeKind::Park(park), _, above) => self.found(UnitKind::Park(park), node, above),
                (_, Some(parent), Some(above)) if self.trunk[node.index()] => {
                    if self.forks[parent.index()] > 1 || self.parent(parent).is_none() {
                        self.found(UnitKind::Trunk, node, Some(above))
                    } else {
                        above
                    }
                }
                (_, Some(parent), Some(above)) if self.trunk[parent.index()] => {
                    if self.closes[node.index()] {
                        self.found(UnitKind::Area, node, Some(above))
                    } else {
                        gathering.resize(self.units.len().max(gathering.len()), None);
                        let weight = self.open[node.index()];
                        match gathering[above as usize] {
                            Some((area, so_far)) if so_far + weight <= self.limit => {
                                gathering[above as usize] = Some((area, so_far + weight));
                                area
                            }
                            _ => {
                                let area = self.found(UnitKind::Area, node, Some(above));
                                gathering[above as usize] = Some((area, weight));
                                area
                            }
                        }
                    }
                }
                (_, Some(_), Some(above)) if self.closes[node.index()] => self.found(UnitKind::Area, node, Some(above)),
                (_, Some(_), Some(above)) => above,
            };
            self.unit[node.index()] = Some(unit);
        }
    }

    fn found(&mut self, kind: UnitKind, node: NodeId, after: Option<u32>) -> u32 {
        let place = self.units.len() as u32;
        let pop = self.plan.forest.pop[node.index()].expect("a node of the forest has a PoP");
        self.units.push(Unit {
            kind,
            name: String::new(),
            after,
            pop,
            cost: Money::ZERO,
            length: Length::ZERO,
            need: vec![0; self.tiers],
            addresses: 0,
        });
        place
    }

    /// Adds up what each unit costs and whom it serves.
    fn measure(&mut self, region: &Region, segment_costs: &[Money]) {
        for &node in &self.plan.forest.order {
            let unit = &mut self.units[self.unit[node.index()].expect("every node of the forest has a unit") as usize];
            if let Some((_, edge)) = self.plan.forest.parent[node.index()] {
                unit.cost += segment_costs[edge.index()];
                unit.length += self.network.segments[edge.index()].length;
            } else {
                let open = self.plan.pops.iter().find(|pop| Some(pop.candidate) == self.plan.forest.pop[node.index()]);
                unit.cost += open.map_or(Money::ZERO, |pop| pop.cost);
            }
            match self.network.nodes[node.index()] {
                NodeKind::Site(site) => {
                    for address in &self.network.sites[site as usize].addresses {
                        let address = &region.addresses[address.0 as usize];
                        unit.need[usize::from(address.tier)] += address.units;
                        unit.addresses += 1;
                    }
                }
                NodeKind::Park(_) => unit.need[0] += 1,
                NodeKind::Road | NodeKind::Pop(_) => {}
            }
        }
        let (mut trunks, mut areas) = (0, 0);
        for unit in &mut self.units {
            unit.name = match unit.kind {
                UnitKind::Park(park) => {
                    let park = &region.parks[park.0 as usize];
                    let name = if park.name.is_empty() { &park.key } else { &park.name };
                    format!("park {name}")
                }
                UnitKind::Trunk => {
                    trunks += 1;
                    format!("trunk {trunks}")
                }
                UnitKind::Area => {
                    areas += 1;
                    format!("area {areas}")
                }
            };
        }
    }
}
