//! The bill of quantities: rows of whole cents that add up to the plan's cost in every grouping.

use std::collections::BTreeMap;

use crate::network::{Network, SegmentKind};
use crate::plan::{Cabinet, Forest, OpenPop};
use crate::scenario::{PriceBook, PriceId, Unit, key};
use crate::units::{Length, Money};

/// All rows of the bill, in order of element and price key.
#[derive(Clone, Debug, Default)]
pub struct Bill {
    /// The rows.
    pub rows: Vec<BillRow>,
}

/// What a row is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Element {
    /// Trenches along roads or across fields.
    Trench,
    /// Existing ducts.
    Duct,
    /// Drops to addresses.
    Drop,
    /// Entries of parks.
    ParkEntry,
    /// Entries of PoPs.
    PopEntry,
    /// PoP housings.
    Pop,
    /// Cabinets.
    Cabinet,
    /// Ducts and cables.
    Cable,
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

impl Element {
    /// Stable word for tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Trench => "trench",
            Self::Duct => "duct",
            Self::Drop => "drop",
            Self::ParkEntry => "park-entry",
            Self::PopEntry => "pop-entry",
            Self::Pop => "pop",
            Self::Cabinet => "cabinet",
            Self::Cable => "cable",
            Self::Home => "home",
            Self::Soft => "soft",
        }
    }

    /// Whether the element is civil works, which the trench problem decides on.
    #[must_use]
    pub const fn is_civil(self) -> bool {
        matches!(self, Self::Trench | Self::Duct | Self::Drop | Self::ParkEntry | Self::PopEntry)
    }

    const fn of(kind: SegmentKind) -> Self {
        match kind {
            SegmentKind::Trench => Self::Trench,
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
}

/// What a plan is made of, besides its forest.
pub(super) struct Parts<'a> {
    pub(super) pops: &'a [OpenPop],
    pub(super) cabinets: &'a [Cabinet],
    /// One run of cable in every trench, duct and drop.
    pub(super) cable: Length,
    pub(super) homes: i64,
}

/// Adds up what a forest and its equipment cost.
pub(super) fn bill(forest: &Forest, network: &Network, parts: &Parts<'_>, prices: &PriceBook) -> Bill {
    let mut sums: BTreeMap<(Element, PriceId), (i64, Money)> = BTreeMap::new();
    let mut add = |element, price, quantity, amount| {
        let (so_far, cost) = sums.entry((element, price)).or_default();
        *so_far += quantity;
        *cost += amount;
    };
    for edge in forest.segments() {
        let segment = &network.segments[edge.index()];
        for work in &segment.works {
            add(Element::of(segment.kind), work.price, work.quantity, work.cost(prices));
        }
    }
    for pop in parts.pops {
        add(Element::Pop, prices.known(key::POP), i64::from(pop.housings), pop.cost);
    }
    let cabinet = prices.known(key::CABINET);
    let count = parts.cabinets.iter().map(|site| i64::from(site.housings)).sum();
    add(Element::Cabinet, cabinet, count, prices.money(cabinet) * count);
    let cable = prices.known(key::CABLE);
    add(Element::Cable, cable, parts.cable.millimetres(), parts.cable.at(prices.money(cable)));
    let home = prices.known(key::HOME);
    add(Element::Home, home, parts.homes, prices.money(home) * parts.homes);
    let mut bill = Bill {
        rows: sums
            .into_iter()
            .map(|((element, price), (quantity, amount))| BillRow { element, price, quantity, amount })
            .collect(),
    };
    let civil: Money = bill.rows.iter().filter(|row| row.element.is_civil()).map(|row| row.amount).sum();
    bill.rows.push(percentage(prices.known(key::DESIGN), civil, prices));
    let all = bill.total();
    bill.rows.push(percentage(prices.known(key::CONTINGENCY), all, prices));
    bill
}

fn percentage(price: PriceId, on: Money, prices: &PriceBook) -> BillRow {
    debug_assert_eq!(prices.unit(price), Unit::Percent, "soft costs are percentages");
    BillRow { element: Element::Soft, price, quantity: on.cents(), amount: on.share(prices.money(price).cents()) }
}
