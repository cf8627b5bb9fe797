//! The bill of quantities: items of whole cents, each at a node of the forest, so that they add up in every grouping.

use std::collections::BTreeMap;

use crate::graph::NodeId;
use crate::network::{Network, SegmentKind};
use crate::plan::second::Due;
use crate::plan::shares::split;
use crate::plan::{Cabinet, Cabling, Forest, OpenPop, PointKind, PopCandidate};
use crate::scenario::{Architecture, PriceBook, PriceId, Scenario, Unit, key};
use crate::units::{Length, Money};

/// All rows of the bill, in order of element and price key, and the items that they sum up.
#[derive(Clone, Debug, Default)]
pub struct Bill {
    /// The rows.
    pub rows: Vec<BillRow>,
    /// What the rows but those of soft costs are made of.
    pub items: Vec<Item>,
}

/// What a row is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Element {
    /// Trenches along roads or across fields.
    Trench,
    /// Crossings from one side of a street to the other.
    Crossing,
    /// Existing ducts.
    Duct,
    /// Drops to addresses.
    Drop,
    /// Entries of parks.
    ParkEntry,
    /// Entries of PoPs.
    PopEntry,
    /// Trenches of second routes of parks, on top of everything above.
    Redundancy,
    /// PoP housings.
    Pop,
    /// Cabinets and handholes that serve as distribution points.
    Cabinet,
    /// Handholes where cable is blown on.
    Handhole,
    /// Micro-ducts.
    MicroDuct,
    /// Cables, blown in.
    Cable,
    /// Splices and terminations.
    Splice,
    /// Splitters.
    Splitter,
    /// Active equipment in the PoP.
    Active,
    /// Home connections.
    Home,
    /// Design, permits, contingency.
    Soft,
}

/// One row: so much of one price for one element.
#[derive(Clone, Debug, PartialEq)]
pub struct BillRow {
    /// What it is for.
    pub element: Element,
    /// The price.
    pub price: PriceId,
    /// Millimetres, a count, or cents of the sum that a percentage is due on.
    pub quantity: i64,
    /// What it costs: the sum of its items, each rounded to whole cents.
    pub amount: Money,
}

/// So much of one price at one place: the segment that leads to the node, or what stands at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is for.
    pub element: Element,
    /// The price.
    pub price: PriceId,
    /// Millimetres or a count.
    pub quantity: i64,
    /// What it costs.
    pub amount: Money,
    /// The node of the forest.
    pub node: NodeId,
}

impl Element {
    /// All elements, in the order of the bill.
    pub const ALL: [Self; 17] = [
        Self::Trench,
        Self::Crossing,
        Self::Duct,
        Self::Drop,
        Self::ParkEntry,
        Self::PopEntry,
        Self::Redundancy,
        Self::Pop,
        Self::Cabinet,
        Self::Handhole,
        Self::MicroDuct,
        Self::Cable,
        Self::Splice,
        Self::Splitter,
        Self::Active,
        Self::Home,
        Self::Soft,
    ];

    /// Stable word for tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Trench => "trench",
            Self::Crossing => "crossing",
            Self::Duct => "duct",
            Self::Drop => "drop",
            Self::ParkEntry => "park-entry",
            Self::PopEntry => "pop-entry",
            Self::Redundancy => "redundancy",
            Self::Pop => "pop",
            Self::Cabinet => "cabinet",
            Self::Handhole => "handhole",
            Self::MicroDuct => "micro-duct",
            Self::Cable => "cable",
            Self::Splice => "splice",
            Self::Splitter => "splitter",
            Self::Active => "active",
            Self::Home => "home",
            Self::Soft => "soft",
        }
    }

    /// Whether the element is civil works, which the trench problem or the protection of parks decides on.
    #[must_use]
    pub const fn is_civil(self) -> bool {
        matches!(
            self,
            Self::Trench
                | Self::Crossing
                | Self::Duct
                | Self::Drop
                | Self::ParkEntry
                | Self::PopEntry
                | Self::Redundancy
        )
    }

    const fn of(kind: SegmentKind) -> Self {
        match kind {
            SegmentKind::Trench => Self::Trench,
            SegmentKind::Crossing => Self::Crossing,
            SegmentKind::Duct => Self::Duct,
            SegmentKind::Drop => Self::Drop,
            SegmentKind::ParkEntry => Self::ParkEntry,
            SegmentKind::PopEntry => Self::PopEntry,
        }
    }
}

impl Bill {
    /// Sum of all rows.
    #[must_use]
    pub fn total(&self) -> Money {
        self.rows.iter().map(|row| row.amount).sum()
    }

    /// Sum of the rows of one element.
    #[must_use]
    pub fn of(&self, element: Element) -> Money {
        self.rows.iter().filter(|row| row.element == element).map(|row| row.amount).sum()
    }

    /// The bill by group of places: the rows of each group add up to its part, all groups to the total.
    ///
    /// Soft costs are shared by the sums that they are due on, the largest remainders first.
    #[must_use]
    pub fn grouped<K: Ord>(&self, group: impl Fn(NodeId) -> K) -> BTreeMap<K, Vec<BillRow>> {
        let mut sums: BTreeMap<K, Sums> = BTreeMap::new();
        for item in &self.items {
            let row = sums.entry(group(item.node)).or_default().entry((item.element, item.price)).or_default();
            row.0 += item.quantity;
            row.1 += item.amount;
        }
        let mut groups: BTreeMap<K, Vec<BillRow>> =
            sums.into_iter().map(|(name, sums)| (name, rows_of(sums))).collect();
        for (place, soft) in self.rows.iter().filter(|row| row.element == Element::Soft).enumerate() {
            // The first percentage is due on civil works, the second on everything before it.
            let due = |rows: &Vec<BillRow>| -> Money {
                rows.iter().filter(|row| place > 0 || row.element.is_civil()).map(|row| row.amount).sum()
            };
            let sums: Vec<Money> = groups.values().map(due).collect();
            let weights: Vec<i128> = sums.iter().map(|sum| i128::from(sum.cents())).collect();
            for ((rows, sum), amount) in groups.values_mut().zip(sums).zip(split(soft.amount, &weights)) {
                rows.push(BillRow { amount, quantity: sum.cents(), ..soft.clone() });
            }
        }
        groups
    }
}

/// Quantity and amount by element and price.
type Sums = BTreeMap<(Element, PriceId), (i64, Money)>;

fn rows_of(sums: Sums) -> Vec<BillRow> {
    let row = |((element, price), (quantity, amount))| BillRow { element, price, quantity, amount };
    sums.into_iter().map(row).collect()
}

/// What a plan is made of, besides its forest.
pub(super) struct Parts<'a> {
    pub(super) pops: &'a [OpenPop],
    pub(super) candidates: &'a [PopCandidate],
    pub(super) cabinets: &'a [Cabinet],
    pub(super) cabling: &'a Cabling,
    /// Connections by network node.
    pub(super) connections: &'a [u32],
    /// What second routes of parks cost, PoPs excepted.
    pub(super) second: &'a [Due],
}

/// Adds up what a forest and its equipment cost. Time: O(n log n).
pub(super) fn bill(forest: &Forest, network: &Network, parts: &Parts<'_>, scenario: &Scenario) -> Bill {
    let prices = scenario.price_book();
    let mut list = List { prices: &prices, items: Vec::new() };
    for &node in &forest.order {
        let Some((_, edge)) = forest.parent[node.index()] else { continue };
        let segment = &network.segments[edge.index()];
        for work in &segment.works {
            let element = Element::of(segment.kind);
            let amount = work.cost(&prices);
            list.items.push(Item { element, price: work.price, quantity: work.quantity, amount, node });
        }
        list.cables(segment.kind, segment.length, node, parts.cabling, &scenario.architecture);
    }
    list.items.extend(parts.second.iter().map(|due| due.item));
    list.points(parts, &scenario.architecture);
    list.connections(forest, network, parts, scenario);
    let mut sums = Sums::new();
    for item in &list.items {
        let row = sums.entry((item.element, item.price)).or_default();
        row.0 += item.quantity;
        row.1 += item.amount;
    }
    let mut bill = Bill { rows: rows_of(sums), items: list.items };
    let civil: Money = bill.rows.iter().filter(|row| row.element.is_civil()).map(|row| row.amount).sum();
    bill.rows.push(percentage(prices.known(key::DESIGN), civil, &prices));
    let all = bill.total();
    bill.rows.push(percentage(prices.known(key::CONTINGENCY), all, &prices));
    bill
}

fn percentage(price: PriceId, of: Money, prices: &PriceBook) -> BillRow {
    BillRow { element: Element::Soft, price, quantity: of.cents(), amount: of.share(prices.money(price).cents()) }
}

/// So much of a price at a node, rounded to whole cents; nothing where it is none.
pub(super) fn item(prices: &PriceBook, element: Element, price: PriceId, quantity: i64, node: NodeId) -> Option<Item> {
    let each = prices.money(price);
    let amount = match prices.unit(price) {
        Unit::Metre => Length::from_millimetres(quantity).at(each),
        Unit::Each | Unit::Percent => each * quantity,
    };
    (quantity > 0).then_some(Item { element, price, quantity, amount, node })
}

struct List<'a> {
    prices: &'a PriceBook,
    items: Vec<Item>,
}

impl List<'_> {
    /// So much of a known price; nothing where it is none.
    fn add(&mut self, element: Element, price: PriceId, quantity: i64, node: NodeId) {
        self.items.extend(item(self.prices, element, price, quantity, node));
    }

    /// Ducts and cables of one segment.
    fn cables(
        &mut self,
        kind: SegmentKind,
        length: Length,
        node: NodeId,
        cabling: &Cabling,
        architecture: &Architecture,
    ) {
        let length = length.millimetres();
        let known = |key| self.prices.known(key);
        let blow = known(key::BLOW);
        if kind == SegmentKind::Drop {
            let cables = i64::from(cabling.drops[node.index()]);
            let (duct, cable) = (known(key::DUCT_DROP), known(key::CABLE_DROP));
            self.add(Element::MicroDuct, duct, length * cables, node);
            self.add(Element::Cable, cable, length * cables, node);
            self.add(Element::Cable, blow, length * cables, node);
            return;
        }
        let cables = cabling.cables(node, architecture);
        for (place, size) in cabling.table.sizes().iter().enumerate() {
            let count = cables.iter().filter(|&&cable| usize::from(cable) == place).count();
            self.add(Element::Cable, size.price, length * count as i64, node);
        }
        self.add(Element::Cable, blow, length * cables.len() as i64, node);
        if kind != SegmentKind::Duct {
            let bundles = (cables.len() as u32).div_ceil(architecture.duct_ways);
            let duct = self.prices.known(key::DUCT_BUNDLE);
            self.add(Element::MicroDuct, duct, length * i64::from(bundles), node);
        }
    }

    /// PoPs, cabinets, handholes, their splices and splitters.
    fn points(&mut self, parts: &Parts<'_>, architecture: &Architecture) {
        let splitter = self.prices.known(&format!("splitter.1x{}", architecture.split));
        let (splice, house) = (self.prices.known(key::SPLICE), self.prices.known(key::POP));
        for pop in parts.pops {
            let node = parts.candidates[pop.candidate as usize].node;
            let quantity = i64::from(pop.housings);
            self.items.push(Item { element: Element::Pop, price: house, quantity, amount: pop.cost, node });
            self.add(Element::Splice, splice, i64::from(pop.spliced), node);
            self.add(Element::Splitter, splitter, i64::from(pop.splitters), node);
        }
        for cabinet in parts.cabinets {
            let price = match cabinet.kind {
                PointKind::Cabinet => self.prices.known(key::CABINET),
                PointKind::Handhole => self.prices.known(key::HANDHOLE_DP),
            };
            self.add(Element::Cabinet, price, i64::from(cabinet.housings), cabinet.node);
            self.add(Element::Splice, splice, i64::from(cabinet.spliced(architecture)), cabinet.node);
            self.add(Element::Splitter, splitter, i64::from(cabinet.splitters(architecture)), cabinet.node);
        }
        let handhole = self.prices.known(key::HANDHOLE);
        for at in &parts.cabling.handholes {
            self.add(Element::Handhole, handhole, 1, at.below);
        }
    }

    /// Splices at the feet of drops and at parks, active ports, home connections.
    ///
    /// Of the connections so many take one as the take-up says, rounded up over the whole plan.
    fn connections(&mut self, forest: &Forest, network: &Network, parts: &Parts<'_>, scenario: &Scenario) {
        use crate::network::NodeKind;
        let architecture = &scenario.architecture;
        let take_up = (scenario.design.take_up * 10_000.0).round() as i64;
        let taken = |passed: i64| (passed * take_up + 9_999) / 10_000;
        let known = |key| self.prices.known(key);
        let (splice, port, home) = (known(key::SPLICE), known(key::ACTIVE_PORT), known(key::HOME));
        let mut passed = 0;
        for &node in &forest.order {
            match network.nodes[node.index()] {
                NodeKind::Site(_) => {
                    let count = parts.connections[node.index()];
                    let before = taken(passed);
                    passed += i64::from(count);
                    self.add(Element::Splice, splice, i64::from(architecture.drop_fibres(count)), node);
                    self.add(Element::Active, port, taken(passed) - before, node);
                    self.add(Element::Home, home, taken(passed) - before, node);
                }
                NodeKind::Park(_) => {
                    self.add(Element::Splice, splice, 2 * i64::from(architecture.fibres_per_park), node);
                    self.add(Element::Active, port, 1, node);
                }
                NodeKind::Road | NodeKind::Pop(_) => {}
            }
        }
    }
}
