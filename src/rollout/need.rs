//! Need: why an address, and a unit, should get fibre early, in points that add up.
//!
//! The points of a connection are the sum of seven parts (park, care at the address, share of 65 and over, distance to care,
//! farm, school, base), each of them in the results. Where a fast fixed network is there already, they count for less or
//! nothing (the *gate*). What is not known makes a part a range from the least to the most that it can be, of which the
//! middle counts; it never becomes nothing. A part whose data the scenario does not name is not in use.
//!
//! Only addresses and neighbourhoods have need, never persons.

use crate::network::{Network, NodeKind};
use crate::plan::Plan;
use crate::region::{Address, Networks, Region};
use crate::rollout::{UnitKind, Units};
use crate::scenario::{Criterion, NeedRules, PriceBook, PriceId, Scenario, UseClass, key};
use crate::units::Money;

/// A part of need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// In a business park.
    Park,
    /// Care at the address.
    CareAddress,
    /// Share of 65 and over of the neighbourhood.
    Care65Plus,
    /// Distance of the neighbourhood to care.
    CareDistance,
    /// A farm.
    Agri,
    /// A school.
    Education,
    /// Any address.
    Base,
}

impl Part {
    /// All parts, in the order of tables.
    pub const ALL: [Self; 7] =
        [Self::Park, Self::CareAddress, Self::Care65Plus, Self::CareDistance, Self::Agri, Self::Education, Self::Base];

    /// The word used in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Park => "park",
            Self::CareAddress => "care_address",
            Self::Care65Plus => "care_65_plus",
            Self::CareDistance => "care_distance",
            Self::Agri => "agri",
            Self::Education => "education",
            Self::Base => "base",
        }
    }

    /// The criterion that the part is weighted with.
    #[must_use]
    pub const fn criterion(self) -> Criterion {
        match self {
            Self::Park => Criterion::Park,
            Self::CareAddress | Self::Care65Plus | Self::CareDistance => Criterion::Care,
            Self::Agri => Criterion::Agri,
            Self::Education => Criterion::Education,
            Self::Base => Criterion::Rest,
        }
    }
}

/// Points in whole hundredths: at least, counted, at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Points {
    /// The least that they can be.
    pub low: i64,
    /// What counts: the middle.
    pub counted: i64,
    /// The most that they can be.
    pub high: i64,
}

impl Points {
    fn between(low: f64, high: f64) -> Self {
        let whole = |points: f64| (points * 100.0).round() as i64;
        let (low, high) = (whole(low), whole(high));
        Self { low, counted: low + (high - low) / 2, high }
    }

    fn add(&mut self, other: Self, times: i64) {
        self.low += other.low * times;
        self.counted += other.counted * times;
        self.high += other.high * times;
    }
}

/// The parts of a need, in the order of [`Part::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts(pub [Points; 7]);

impl Parts {
    /// The sum of all parts.
    #[must_use]
    pub fn score(&self) -> Points {
        let mut sum = Points::default();
        self.0.iter().for_each(|&part| sum.add(part, 1));
        sum
    }

    /// The counted points of a criterion.
    #[must_use]
    pub fn of(&self, criterion: Criterion) -> i64 {
        let parts = Part::ALL.iter().zip(&self.0).filter(|(part, _)| part.criterion() == criterion);
        parts.map(|(_, points)| points.counted).sum()
    }

    fn add(&mut self, other: &Self, times: i64) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, part)| sum.add(part, times));
    }
}

/// What a unit is needed for, and what it takes besides itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnitNeed {
    /// Parts of its need.
    pub parts: Parts,
    /// Counted points by tier, first tier first, after tiers that lapsed.
    pub by_tier: Vec<i64>,
    /// The tier that lapsed because the unit costs more than the tier's cap.
    pub lapsed: Option<u8>,
    /// Cost of the units between it and its PoP, which it needs built before it.
    pub trunk: Money,
    /// What it costs by unit price; what depends on no unit price is left out.
    pub by_price: Vec<(PriceId, Money)>,
}

/// Need of every address and unit.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// Need of one connection at each input address.
    pub addresses: Vec<Parts>,
    /// Need of each unit.
    pub units: Vec<UnitNeed>,
}

/// Adds up need. Time: O(n log n).
#[must_use]
pub fn needs(
    units: &Units,
    plan: &Plan,
    (network, region): (&Network, &Region),
    scenario: &Scenario,
    segment_costs: &[Money],
) -> Needs {
    let addresses = address_needs(region, scenario);
    let tiers = scenario.priority.tiers.len() + 2;
    let mut found = vec![UnitNeed { by_tier: vec![0; tiers], ..UnitNeed::default() }; units.all.len()];
    for &node in &plan.forest.order {
        let unit = units.of_node[node.index()].expect("every node of the forest has a unit") as usize;
        match network.nodes[node.index()] {
            NodeKind::Site(site) => {
                for &address in &network.sites[site as usize].addresses {
                    let (parts, told) = (&addresses[address.0 as usize], &region.addresses[address.0 as usize]);
                    found[unit].parts.add(parts, i64::from(told.units));
                    found[unit].by_tier[usize::from(told.tier)] += parts.score().counted * i64::from(told.units);
                }
            }
            NodeKind::Park(_) => {
                let parts = handover(&scenario.need);
                found[unit].parts.add(&parts, 1);
                found[unit].by_tier[0] += parts.score().counted;
            }
            NodeKind::Road | NodeKind::Pop(_) => {}
        }
    }
    for (place, unit) in units.all.iter().enumerate() {
        let before =
            unit.after.map_or(Money::ZERO, |after| found[after as usize].trunk + units.all[after as usize].cost);
        found[place].trunk = before;
    }
    lapse(&mut found, units, &scenario.rollout.tier_caps);
    price(&mut found, units, plan, network, &scenario.price_book(), segment_costs);
    Needs { addresses, units: found }
}

/// Need of one connection at each input address. Time: O(n log n).
#[must_use]
pub fn address_needs(region: &Region, scenario: &Scenario) -> Vec<Parts> {
    let ranks = share_ranks(region);
    region.addresses.iter().map(|address| of_address(address, region, &ranks, scenario)).collect()
}

/// Need of a park's handover point, which is one connection.
#[must_use]
pub fn handover(rules: &NeedRules) -> Parts {
    let mut parts = Parts::default();
    parts.0[Part::Park as usize] = Points::between(rules.park, rules.park);
    parts.0[Part::Base as usize] = Points::between(rules.base, rules.base);
    parts
}

fn of_address(address: &Address, region: &Region, ranks: &[Option<f64>], scenario: &Scenario) -> Parts {
    let rules = &scenario.need;
    let has = |class| if address.uses.contains(&class) { 1.0 } else { 0.0 };
    let exact = |share: f64| (share, share);
    let figures = scenario.layers.neighbourhoods.as_ref();
    // A figure that the scenario names but that is not known may be anything from 0 to 1.
    let named = |in_use: bool, known: Option<f64>| match (in_use, known) {
        (false, _) => exact(0.0),
        (true, Some(share)) => exact(share),
        (true, None) => (0.0, 1.0),
    };
    let around = address.neighbourhood.map(|at| at.0 as usize);
    let share = around.and_then(|at| ranks[at]);
    let kilometres = around.and_then(|at| region.neighbourhoods[at].distance_to_care_km);
    let shares: [(f64, (f64, f64)); 7] = [
        (rules.park, exact(if address.park.is_some() { 1.0 } else { 0.0 })),
        (rules.care_address, exact(has(UseClass::Care))),
        (rules.care_65_plus, named(figures.is_some_and(|layer| layer.share_65_plus.is_some()), share)),
        (
            rules.care_distance,
            named(
                figures.is_some_and(|layer| layer.distance_to_care_km.is_some()),
                kilometres.map(|kilometres| (kilometres / rules.care_distance_full_km).min(1.0)),
            ),
        ),
        (rules.agri, if address.likely_farm { (0.0, 1.0) } else { exact(has(UseClass::Agri)) }),
        (rules.education, exact(has(UseClass::Education))),
        (rules.base, exact(1.0)),
    ];
    let (closed, open) = address.networks.map_or((1.0, 1.0), |networks| gate(networks, rules));
    Parts(shares.map(|(points, (low, high))| Points::between(points * low * closed, points * high * open)))
}

/// The least and largest share of the points that counts, given the networks that are there.
fn gate(networks: Networks, rules: &NeedRules) -> (f64, f64) {
    let counts = [1.0, rules.grey, rules.black];
    let possible = &counts[usize::from(networks.least.min(2))..=usize::from(networks.most.min(2))];
    possible.iter().fold((f64::INFINITY, 0.0), |(low, high), &share| (share.min(low), share.max(high)))
}

/// Where each neighbourhood's share of 65 and over lies among those that are known and hold addresses: 0 lowest, 1
/// highest, ties in the middle of their places.
fn share_ranks(region: &Region) -> Vec<Option<f64>> {
    let mut lived_in = vec![false; region.neighbourhoods.len()];
    for at in region.addresses.iter().filter_map(|address| address.neighbourhood) {
        lived_in[at.0 as usize] = true;
    }
    let shares = region.neighbourhoods.iter().zip(&lived_in).filter(|(_, lived_in)| **lived_in);
    let mut known: Vec<f64> = shares.filter_map(|(area, _)| area.share_65_plus).collect();
    known.sort_unstable_by(f64::total_cmp);
    let rank = |share: f64| {
        let below = known.partition_point(|&other| other < share);
        let upto = known.partition_point(|&other| other <= share);
        let last = known.len().max(2) - 1;
        let middle = (below + upto.max(below + 1) - 1) as f64 / 2.0;
        if known.len() == 1 { 0.5 } else { (middle / last as f64).clamp(0.0, 1.0) }
    };
    region.neighbourhoods.iter().map(|area| area.share_65_plus.map(rank)).collect()
}

/// Moves the first tier's points of units that cost more than its cap to the last tier.
///
/// A unit's cost counts with those of the units before it that lead to no other need of that tier.
fn lapse(found: &mut [UnitNeed], units: &Units, caps: &[f64]) {
    for (tier, &cap) in caps.iter().enumerate().filter(|(_, cap)| **cap > 0.0) {
        let cap = Money::from_euros(cap).unwrap_or(Money::ZERO);
        let mut beyond: Vec<u32> = found.iter().map(|need| u32::from(need.by_tier.get(tier) > Some(&0))).collect();
        for place in (0..units.all.len()).rev() {
            if let Some(after) = units.all[place].after {
                beyond[after as usize] += beyond[place];
            }
        }
        for place in 0..units.all.len() {
            let first = found[place].by_tier.iter().position(|&points| points > 0);
            if first != Some(tier) {
                continue;
            }
            let mut cost = units.all[place].cost;
            let mut at = units.all[place].after.filter(|_| beyond[place] == 1);
            while let Some(before) = at.filter(|&before| beyond[before as usize] == 1) {
                cost += units.all[before as usize].cost;
                at = units.all[before as usize].after;
            }
            if cost > cap {
                let need = &mut found[place];
                let moved = std::mem::take(&mut need.by_tier[tier]);
                *need.by_tier.last_mut().expect("there are at least two tiers") += moved;
                need.lapsed = Some(tier as u8);
            }
        }
    }
}

/// Splits each unit's cost by unit price, so that other prices can be tried without planning again.
fn price(
    found: &mut [UnitNeed],
    units: &Units,
    plan: &Plan,
    network: &Network,
    prices: &PriceBook,
    segment_costs: &[Money],
) {
    let mut sums: Vec<std::collections::BTreeMap<PriceId, Money>> =
        vec![std::collections::BTreeMap::new(); found.len()];
    for &node in &plan.forest.order {
        let unit = units.of_node[node.index()].expect("every node of the forest has a unit") as usize;
        let Some((_, edge)) = plan.forest.parent[node.index()] else {
            let open = plan.pops.iter().find(|pop| Some(pop.candidate) == plan.forest.pop[node.index()]);
            if let Some(open) = open.filter(|open| plan.candidates[open.candidate as usize].proposed) {
                *sums[unit].entry(prices.known(key::POP)).or_default() += open.cost;
            }
            continue;
        };
        debug_assert!(segment_costs[edge.index()] >= Money::ZERO, "works cost money");
        for work in &network.segments[edge.index()].works {
            *sums[unit].entry(work.price).or_default() += work.cost(prices);
        }
    }
    for due in plan.protection.dues.iter().filter(|due| due.item.element.is_civil()) {
        let unit = units.of_node[due.item.node.index()].expect("a protected park is in the forest") as usize;
        *sums[unit].entry(due.item.price).or_default() += due.item.amount;
    }
    for pop in plan.pops.iter().filter(|pop| pop.backup) {
        let candidate = &plan.candidates[pop.candidate as usize];
        if let Some(unit) = units.of_node[candidate.node.index()].filter(|_| candidate.proposed) {
            *sums[unit as usize].entry(prices.known(key::POP)).or_default() += pop.cost;
        }
    }
    for (need, sums) in found.iter_mut().zip(sums) {
        need.by_price = sums.into_iter().collect();
    }
}

/// Whether a unit serves anybody by itself.
#[must_use]
pub fn serves(need: &UnitNeed, kind: &UnitKind) -> bool {
    matches!(kind, UnitKind::Park(_)) || need.parts.score().high > 0
}
