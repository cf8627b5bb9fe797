//! The forest cut into roll-out units whose precedence is a forest.
//!
//! A park is a unit with its addresses and the trenches that lead to it alone. Trenches that several parks share are
//! *trunk* units, cut wherever they part, so that a park waits for its own route only and not for every house along
//! it (a park reached from several trunk units has a unit behind each). The rest is cut from the ends of the tree into
//! areas of about the wished size, in connections or in metres of trench, whichever is reached first; small branches beside
//! one trunk are one area. Where units follow polygons, trenches that lead to several polygons are trunk too, and the
//! branches of one polygon beside one trunk are one area. A unit works only after the unit that its own trenches hang from.

use std::collections::BTreeMap;

use crate::graph::NodeId;
use crate::network::{Network, NodeKind};
use crate::plan::Plan;
use crate::region::{Address, ParkId, Region};
use crate::rollout::Need;
use crate::scenario::{Scenario, UnitCut};
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
    /// Its own trenches, drops and PoP housings, those of second routes of its parks included.
    pub cost: Money,
    /// Length of these trenches and drops.
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
    /// The unit of each network node of the forest; a PoP that is open for second routes alone goes with a park of theirs.
    pub of_node: Vec<Option<u32>>,
}

/// Cuts the forest into units. Time: O(n).
#[must_use]
pub fn units(plan: &Plan, network: &Network, region: &Region, scenario: &Scenario, segment_costs: &[Money]) -> Units {
    let mut cut = Cut::new(plan, network, region, scenario);
    cut.mark_trunks();
    cut.weigh(region);
    cut.assign();
    for (pop, park) in plan.backups() {
        cut.unit[plan.candidates[pop as usize].node.index()] = cut.unit[park.index()];
    }
    cut.measure(region, segment_costs);
    cut.measure_second_routes();
    let places = cut.places(region, scenario.rollout.units);
    cut.name(region, &places);
    Units { all: cut.units, of_node: cut.unit }
}

struct Cut<'a> {
    plan: &'a Plan,
    network: &'a Network,
    limit: u32,
    longest: Length,
    tiers: usize,
    /// Parks at or below each node, their addresses included.
    park: Below<ParkId>,
    /// Polygons at or below each node, where units follow polygons; an address in no polygon goes with those around it.
    polygon: Below<u32>,
    trunk: Vec<bool>,
    /// Trunk children and parks below a trunk node.
    forks: Vec<u32>,
    /// Connections and metres that are still open below each node, and whether the node closes an area.
    open: Vec<u32>,
    length: Vec<Length>,
    closes: Vec<bool>,
    unit: Vec<Option<u32>>,
    units: Vec<Unit>,
}

impl<'a> Cut<'a> {
    fn new(plan: &'a Plan, network: &'a Network, region: &Region, scenario: &Scenario) -> Self {
        let nodes = network.graph.node_count();
        let followed = scenario.rollout.units != UnitCut::Tree;
        let of_site = |site: u32| {
            let first = network.sites[site as usize].addresses.first();
            first.and_then(|address| polygon(&region.addresses[address.0 as usize], scenario.rollout.units))
        };
        let of_node = |kind: &NodeKind| match kind {
            NodeKind::Site(site) => of_site(*site),
            _ => None,
        };
        let park_of_node = |kind: &NodeKind| match kind {
            NodeKind::Park(park) => Some(*park),
            NodeKind::Site(site) => {
                let first = network.sites[*site as usize].addresses.first();
                first.and_then(|address| region.addresses[address.0 as usize].park)
            }
            _ => None,
        };
        let longest = Length::from_metres(scenario.rollout.unit_trench_m).filter(|length| *length > Length::ZERO);
        Self {
            plan,
            network,
            limit: if followed { u32::MAX } else { scenario.priority.unit_addresses },
            longest: longest.filter(|_| !followed).unwrap_or(Length::from_millimetres(i64::MAX)),
            tiers: scenario.priority.tiers.len() + 2,
            park: Below::of(network.nodes.iter().map(park_of_node).collect()),
            polygon: Below::of(network.nodes.iter().map(of_node).collect()),
            trunk: vec![false; nodes],
            forks: vec![0; nodes],
            open: vec![0; nodes],
            length: vec![Length::ZERO; nodes],
            closes: vec![false; nodes],
            unit: vec![None; nodes],
            units: Vec::new(),
        }
    }

    fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.plan.forest.parent[node.index()].map(|(parent, _)| parent)
    }

    /// Marks the ways between parks and their PoPs, PoPs included in any case, and what leads to several polygons.
    fn mark_trunks(&mut self) {
        for &node in self.plan.forest.order.iter().rev() {
            let parent = self.parent(node);
            let leads = self.park.at[node.index()].is_some() || self.polygon.several[node.index()];
            self.trunk[node.index()] |= parent.is_none() || leads;
            let Some(parent) = parent else { continue };
            self.park.lift(node, parent);
            self.polygon.lift(node, parent);
            if self.trunk[node.index()] {
                self.trunk[parent.index()] = true;
                self.forks[parent.index()] += 1;
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
            let Some((parent, edge)) = self.plan.forest.parent[node.index()] else { continue };
            if self.trunk[node.index()] {
                continue;
            }
            self.length[node.index()] += self.network.segments[edge.index()].length;
            let full = self.open[node.index()] >= self.limit || self.length[node.index()] >= self.longest;
            if full && self.open[node.index()] > 0 {
                self.closes[node.index()] = true;
            } else if !self.trunk[parent.index()] {
                self.open[parent.index()] += self.open[node.index()];
                let length = self.length[node.index()];
                self.length[parent.index()] += length;
            }
        }
    }

    /// Gives every node its unit, parents before children.
    fn assign(&mut self) {
        let (mut gathering, mut parks) = (BTreeMap::new(), BTreeMap::new());
        for place in 0..self.plan.forest.order.len() {
            let node = self.plan.forest.order[place];
            let Some(parent) = self.parent(node) else {
                self.unit[node.index()] = Some(self.found(UnitKind::Trunk, node, None));
                continue;
            };
            let above = self.unit[parent.index()].expect("parents come before children");
            let unit = if self.trunk[node.index()] {
                self.along_trunk(&mut parks, node, parent, above)
            } else if self.closes[node.index()] {
                self.found(UnitKind::Area, node, Some(above))
            } else if self.trunk[parent.index()] {
                self.gather(&mut gathering, node, above)
            } else {
                above
            };
            self.unit[node.index()] = Some(unit);
        }
    }

    /// What leads to one park only is that park's own, as are its addresses; what several share is cut where it parts.
    fn along_trunk(
        &mut self,
        parks: &mut BTreeMap<(u32, ParkId), u32>,
        node: NodeId,
        parent: NodeId,
        above: u32,
    ) -> u32 {
        let before = self.units[above as usize].kind.clone();
        match self.park.only(node) {
            Some(park) if before == UnitKind::Park(park) => above,
            Some(park) => {
                let known = parks.get(&(above, park)).copied();
                let unit = known.unwrap_or_else(|| self.found(UnitKind::Park(park), node, Some(above)));
                parks.insert((above, park), unit);
                unit
            }
            None if self.forks[parent.index()] > 1 || self.parent(parent).is_none() || before != UnitKind::Trunk => {
                self.found(UnitKind::Trunk, node, Some(above))
            }
            None => above,
        }
    }

    /// The area that a small branch beside a trunk belongs to: the one being gathered there, while it has room.
    fn gather(&mut self, gathering: &mut Gathering, node: NodeId, above: u32) -> u32 {
        let key = (above, self.polygon.at[node.index()]);
        let (weight, length) = (self.open[node.index()], self.length[node.index()]);
        if let Some((area, so_far, long)) = gathering.get_mut(&key)
            && so_far.saturating_add(weight) <= self.limit
            && *long + length <= self.longest
        {
            *so_far += weight;
            *long += length;
            return *area;
        }
        let area = self.found(UnitKind::Area, node, Some(above));
        gathering.insert(key, (area, weight, length));
        area
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
    }

    /// Adds what is dug and opened for second routes alone, where the bill has it: in the unit of a park that it is for.
    fn measure_second_routes(&mut self) {
        let protection = &self.plan.protection;
        for due in protection.dues.iter().filter(|due| due.item.element.is_civil()) {
            let unit = self.unit[due.item.node.index()].expect("a protected park is in the forest");
            self.units[unit as usize].cost += due.item.amount;
        }
        for (park, edge) in protection.extra_by_park() {
            let unit = self.network.parks[park.0 as usize].and_then(|node| self.unit[node.index()]);
            let unit = unit.expect("a protected park is in the forest");
            self.units[unit as usize].length += self.network.segments[edge.index()].length;
        }
        for pop in self.plan.pops.iter().filter(|pop| pop.backup) {
            let unit = self.unit[self.plan.candidates[pop.candidate as usize].node.index()];
            self.units[unit.expect("a PoP of second routes goes with a park") as usize].cost += pop.cost;
        }
    }

    /// What the place of each unit is called: its polygon, or the neighbourhood of most of its addresses.
    fn places(&self, region: &Region, cut: UnitCut) -> Vec<String> {
        let mut votes: Vec<BTreeMap<&str, u32>> = vec![BTreeMap::new(); self.units.len()];
        for (place, site) in self.network.sites.iter().enumerate() {
            let Some(unit) = site.node.as_ref().ok().and_then(|node| self.unit[node.index()]) else { continue };
            for address in &self.network.sites[place].addresses {
                let address = &region.addresses[address.0 as usize];
                let name = match cut {
                    UnitCut::Layer => {
                        address.unit_area.map(|at| &region.unit_areas[at as usize]).map(|area| (&area.name, &area.key))
                    }
                    UnitCut::Tree | UnitCut::Neighbourhoods => address
                        .neighbourhood
                        .map(|at| &region.neighbourhoods[at.0 as usize])
                        .map(|area| (&area.name, &area.key)),
                };
                if let Some((name, key)) = name {
                    *votes[unit as usize].entry(if name.is_empty() { key } else { name }).or_default() += 1;
                }
            }
        }
        let most = |votes: BTreeMap<&str, u32>| {
            let best = votes.into_iter().max_by_key(|&(name, count)| (count, std::cmp::Reverse(name)));
            best.map_or(String::new(), |(name, _)| name.to_owned())
        };
        votes.into_iter().map(most).collect()
    }

    fn name(&mut self, region: &Region, places: &[String]) {
        let (mut trunks, mut areas) = (0, 0);
        for (unit, place) in self.units.iter_mut().zip(places) {
            let at = if place.is_empty() { String::new() } else { format!(" ({place})") };
            unit.name = match unit.kind {
                UnitKind::Park(park) => {
                    let park = &region.parks[park.0 as usize];
                    let name = if park.name.is_empty() { &park.key } else { &park.name };
                    format!("park {name}")
                }
                UnitKind::Trunk => {
                    trunks += 1;
                    format!("trunk {trunks}{at}")
                }
                UnitKind::Area => {
                    areas += 1;
                    format!("area {areas}{at}")
                }
            };
        }
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        for unit in &mut self.units {
            let count = seen.entry(unit.name.clone()).or_default();
            *count += 1;
            if *count > 1 {
                unit.name = format!("{} [{count}]", unit.name);
            }
        }
    }
}

/// The area being gathered beside each trunk unit (of each polygon), with its connections and length.
type Gathering = BTreeMap<(u32, Option<u32>), (u32, u32, Length)>;

/// The polygon that an address is rolled out with.
fn polygon(address: &Address, cut: UnitCut) -> Option<u32> {
    match cut {
        UnitCut::Tree => None,
        UnitCut::Neighbourhoods => address.neighbourhood.map(|at| at.0),
        UnitCut::Layer => address.unit_area,
    }
}

/// What lies at or below each node: the first found, and whether there are several.
struct Below<T> {
    at: Vec<Option<T>>,
    several: Vec<bool>,
}

impl<T: Copy + PartialEq> Below<T> {
    fn of(at: Vec<Option<T>>) -> Self {
        let several = vec![false; at.len()];
        Self { at, several }
    }

    /// Tells a parent what lies below it.
    fn lift(&mut self, node: NodeId, parent: NodeId) {
        let (from, to) = (node.index(), parent.index());
        self.several[to] |= self.several[from];
        match (self.at[from], self.at[to]) {
            (Some(ours), Some(theirs)) if ours != theirs => self.several[to] = true,
            (Some(ours), None) => self.at[to] = Some(ours),
            _ => {}
        }
    }

    /// The only one at or below a node.
    fn only(&self, node: NodeId) -> Option<T> {
        self.at[node.index()].filter(|_| !self.several[node.index()])
    }
}
