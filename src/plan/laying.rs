//! Cables in the trenches: which fibres run through every segment, and the cheapest cables that hold them.
//!
//! Trunk fibres lead from a PoP to its distribution points and parks, distribution fibres from a distribution point (or
//! the PoP itself) to the feet of the drops. A distribution point stands at the head of its area, so fibres run away from
//! the PoP only, and every segment holds distribution fibres of one area at most.

use crate::graph::NodeId;
use crate::network::{Network, NodeKind, SegmentKind};
use crate::plan::{Cabinet, Forest};
use crate::scenario::{Architecture, PriceBook, PriceId, Scenario, key};
use crate::units::Length;

/// The cheapest set of cables for every number of fibres.
#[derive(Clone, Debug)]
pub struct CableTable {
    sizes: Vec<CableSize>,
    /// Cents per metre of the cheapest set for so many fibres, blowing included, and the place of one of its cables.
    best: Vec<(i64, u16)>,
}

/// A cable that is bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CableSize {
    /// Fibres that it holds.
    pub fibres: u32,
    /// Its price per metre.
    pub price: PriceId,
}

impl CableTable {
    /// Works out sets for up to `most` fibres: an unbounded knapsack. Time: O(most · sizes).
    #[must_use]
    pub fn new(architecture: &Architecture, prices: &PriceBook, most: u32) -> Self {
        let mut fibres = architecture.cable_sizes.clone();
        fibres.sort_unstable();
        fibres.dedup();
        let sizes: Vec<CableSize> = fibres
            .into_iter()
            .map(|fibres| CableSize { fibres, price: prices.known(&format!("cable.{fibres}")) })
            .collect();
        let blow = prices.money(prices.known(key::BLOW)).cents();
        let mut best = vec![(0, 0)];
        for fibres in 1..=most {
            let with = |(place, size): (usize, &CableSize)| {
                let (rest, _) = best[fibres.saturating_sub(size.fibres) as usize];
                (rest + prices.money(size.price).cents() + blow, place as u16)
            };
            best.push(sizes.iter().enumerate().map(with).min().expect("there is a cable"));
        }
        Self { sizes, best }
    }

    /// Cents per metre of the cheapest cable, blowing included: no segment holds less.
    #[must_use]
    pub fn least(&self) -> i64 {
        self.best.get(1).map_or(0, |best| best.0)
    }

    /// Sizes, the smallest first.
    #[must_use]
    pub fn sizes(&self) -> &[CableSize] {
        &self.sizes
    }

    /// Cents per metre of the cheapest set, blowing included.
    #[must_use]
    pub fn per_metre(&self, fibres: u32) -> i64 {
        self.best[fibres as usize].0
    }

    /// How many fibres sets are worked out for.
    #[must_use]
    pub fn most(&self) -> u32 {
        self.best.len() as u32 - 1
    }

    /// The cables of the cheapest set, by their places among the sizes, the largest first.
    #[must_use]
    pub fn set(&self, mut fibres: u32) -> Vec<u16> {
        let mut cables = Vec::new();
        while fibres > 0 {
            let place = self.best[fibres as usize].1;
            cables.push(place);
            fibres = fibres.saturating_sub(self.sizes[usize::from(place)].fibres);
        }
        cables.sort_unstable_by(|a, b| b.cmp(a));
        cables
    }
}

/// A handhole where cable is blown on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handhole {
    /// The far node of the segment that it stands on.
    pub below: NodeId,
    /// How far along the segment, from the end nearer to the PoP.
    pub along: Length,
}

/// What lies in the segments of a forest, by their far nodes.
#[derive(Clone, Debug)]
pub struct Cabling {
    /// The sets that are laid.
    pub table: CableTable,
    /// Trunk fibres in use.
    pub trunk: Vec<u32>,
    /// Distribution fibres in use.
    pub distribution: Vec<u32>,
    /// Drop cables: one for each connection.
    pub drops: Vec<u32>,
    /// The cabinet whose area the segment lies in; none where the PoP itself feeds it, or where nothing is fed.
    pub area: Vec<Option<u32>>,
    /// Handholes, those nearer to the PoP first.
    pub handholes: Vec<Handhole>,
}

impl Cabling {
    /// Trunk fibres of the segment that leads to a node with their spare.
    #[must_use]
    pub fn trunk_with_spare(&self, node: NodeId, architecture: &Architecture) -> u32 {
        architecture.with_trunk_spare(self.trunk[node.index()])
    }

    /// Distribution fibres of the segment that leads to a node with their spare.
    #[must_use]
    pub fn distribution_with_spare(&self, node: NodeId, architecture: &Architecture) -> u32 {
        architecture.with_distribution_spare(self.distribution[node.index()])
    }

    /// Cables in the segment that leads to a node, by their places among the sizes: those of the trunk, then the others.
    #[must_use]
    pub fn cables(&self, node: NodeId, architecture: &Architecture) -> Vec<u16> {
        let mut cables = self.table.set(self.trunk_with_spare(node, architecture));
        cables.extend(self.table.set(self.distribution_with_spare(node, architecture)));
        cables
    }
}

/// Lays cables for the cabinets of a forest. `connections` is by network node. Time: O(n + fibres · sizes).
#[must_use]
pub fn lay(
    forest: &Forest,
    network: &Network,
    scenario: &Scenario,
    cabinets: &[Cabinet],
    connections: &[u32],
) -> Cabling {
    let architecture = &scenario.architecture;
    let nodes = network.graph.node_count();
    let mut cabinet_at: Vec<Option<u32>> = vec![None; nodes];
    for (place, cabinet) in cabinets.iter().enumerate() {
        cabinet_at[cabinet.node.index()] = Some(place as u32);
    }
    let mut cabling = Cabling {
        table: CableTable { sizes: Vec::new(), best: Vec::new() },
        trunk: vec![0; nodes],
        distribution: vec![0; nodes],
        drops: vec![0; nodes],
        area: vec![None; nodes],
        handholes: handholes(forest, network, architecture, &cabinet_at),
    };
    let (mut trunk, mut open) = (vec![0u32; nodes], vec![0u32; nodes]);
    for &node in forest.order.iter().rev() {
        match network.nodes[node.index()] {
            NodeKind::Site(_) => cabling.drops[node.index()] = connections[node.index()],
            NodeKind::Park(_) => trunk[node.index()] += architecture.fibres_per_park,
            NodeKind::Road | NodeKind::Pop(_) => {}
        }
        if let Some(place) = cabinet_at[node.index()] {
            open[node.index()] = 0;
            trunk[node.index()] += architecture.trunk_fibres(cabinets[place as usize].connections);
        }
        let Some((parent, _)) = forest.parent[node.index()] else { continue };
        cabling.trunk[node.index()] = trunk[node.index()];
        cabling.distribution[node.index()] = open[node.index()];
        trunk[parent.index()] += trunk[node.index()];
        open[parent.index()] += open[node.index()] + architecture.drop_fibres(cabling.drops[node.index()]);
    }
    for &node in &forest.order {
        if let Some((parent, _)) = forest.parent[node.index()] {
            cabling.area[node.index()] = cabinet_at[parent.index()].or(cabling.area[parent.index()]);
        }
    }
    let most = |fibres: &[u32], spare: &dyn Fn(u32) -> u32| spare(fibres.iter().copied().max().unwrap_or(0));
    let most = most(&cabling.trunk, &|used| architecture.with_trunk_spare(used))
        .max(most(&cabling.distribution, &|used| architecture.with_distribution_spare(used)));
    cabling.table = CableTable::new(architecture, &scenario.price_book(), most);
    cabling
}

/// Handholes so often that no cable is blown in over more than the longest piece; cabinets and PoPs serve as well.
fn handholes(
    forest: &Forest,
    network: &Network,
    architecture: &Architecture,
    cabinet_at: &[Option<u32>],
) -> Vec<Handhole> {
    let blow = architecture.blow().millimetres().max(1);
    let mut blown = vec![0i64; network.graph.node_count()];
    let mut handholes = Vec::new();
    for &node in &forest.order {
        let Some((parent, edge)) = forest.parent[node.index()] else { continue };
        let segment = &network.segments[edge.index()];
        if segment.kind == SegmentKind::Drop {
            continue;
        }
        let so_far = blown[parent.index()];
        let end = so_far + segment.length.millimetres();
        let count = (end - 1).max(0) / blow;
        for place in 1..=count {
            handholes.push(Handhole { below: node, along: Length::from_millimetres(place * blow - so_far) });
        }
        blown[node.index()] = if cabinet_at[node.index()].is_some() { 0 } else { end - count * blow };
    }
    handholes
}
