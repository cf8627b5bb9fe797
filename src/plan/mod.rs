//! Answers in the planner's words: the trench forest, PoPs, cabinets, cables, what it costs, who is served.

use std::fmt::Write;

use crate::graph::NodeId;
use crate::region::AddressId;
use crate::scenario::{Architecture, Reach};
use crate::units::{Length, Money};

mod ask;
mod bill;
mod carry;
mod forest;
mod laying;
mod line;
mod marginal;
mod openings;
mod points;
mod protection;
mod reach;
mod second;
mod second_bound;
mod shares;
mod tell;
mod tolled;
mod total;

pub use ask::{Source, TrenchProblem, Worth, ask, ask_for};
pub use bill::{Bill, BillRow, Element, Item};
pub use carry::Carrying;
pub use forest::{Forest, forest};
pub use laying::{CableSize, CableTable, Cabling, Handhole, lay};
pub use marginal::bound_savings;
pub use protection::{ParkProtection, Protection, Route, Unprotected};
pub use reach::{Routes, with_routes_of_any_length};
pub use second::{Bed, Due, SecondFibre, SecondHandhole, Way};
pub use shares::{Shares, share, split};
pub use tell::{Siting, connections, tell};
pub use tolled::Routed;
pub use total::{Joint, Proven, Second, TotalFigures, joint};

/// A site where a PoP may be opened: given by the planner or proposed from the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PopCandidate {
    /// Its id in the source, or `proposed 3`.
    pub key: String,
    /// Its node in the network.
    pub node: NodeId,
    /// Whether it is there already.
    pub existing: bool,
    /// Whether the program proposed it.
    pub proposed: bool,
    /// Price of opening it with one housing.
    pub opening: Money,
    /// Price of every further housing.
    pub extension: Money,
    /// Connections that one housing holds.
    pub capacity: u32,
}

/// A finished plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The built trenches and drops.
    pub forest: Forest,
    /// The trench problem's figures.
    pub trench: TrenchFigures,
    /// All PoP candidates; those open are in `pops`.
    pub candidates: Vec<PopCandidate>,
    /// Open PoPs.
    pub pops: Vec<OpenPop>,
    /// Cabinets, and handholes that serve as distribution points.
    pub cabinets: Vec<Cabinet>,
    /// What lies in the trenches.
    pub cabling: Cabling,
    /// What became of each input address.
    pub addresses: Vec<AddressOutcome>,
    /// What became of each park.
    pub parks: Vec<ParkOutcome>,
    /// What keeps parks connected when any one trench is cut, on top of the forest.
    pub protection: Protection,
    /// What everything costs.
    pub bill: Bill,
    /// What is proven about that.
    pub total: TotalFigures,
}

impl Plan {
    /// What a better plan has less of: parks that are not protected as they ask, then cost.
    #[must_use]
    pub fn rank(&self) -> (usize, Money) {
        (self.protection.unmet().count(), self.bill.total())
    }

    /// The PoPs, by their place among the candidates, that stand outside the forest, for second routes alone; each with the
    /// node of the first park that it protects. Time: O(routes).
    #[must_use]
    pub fn backups(&self) -> Vec<(u32, NodeId)> {
        let mut backups: Vec<(u32, NodeId)> = Vec::new();
        for way in &self.protection.fibre.ways {
            let is_outside = !self.forest.holds(self.candidates[way.pop as usize].node);
            if let Some(&park) = way.nodes.last()
                && is_outside
                && backups.iter().all(|&(pop, _)| pop != way.pop)
            {
                backups.push((way.pop, park));
            }
        }
        backups
    }
}

/// Cost, bound and extent of the trench problem: trenches, drops, crossings and PoP openings.
///
/// The problem knows no cables, nor limits to the length of routes; what is built keeps these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrenchFigures {
    /// The cheapest network found that connects the addresses costs this.
    pub cost: Money,
    /// How many addresses and parks have routes in that network that are beyond the optical budget.
    pub beyond: usize,
    /// Worth of the addresses that the plan chose to leave out; nothing where all must be connected.
    pub left_out: Money,
    /// No plan under the rules has a smaller sum of `cost` and `left_out`.
    pub bound: Money,
    /// Length of that network.
    pub length: Length,
    /// Whether the solver proved the sum to be the least possible.
    pub optimal: bool,
    /// Whether a time limit cut the search short, so that another run may give another plan.
    pub cut_short: bool,
    /// What the plan builds costs this: no less than `cost`, for it pays for cables and equipment as well.
    pub built: Money,
    /// Length of everything that the plan digs or leases.
    pub built_length: Length,
}

impl TrenchFigures {
    /// How far the cheapest network found may be from the least possible, as a share of its own cost: 0.01 is one percent.
    #[must_use]
    pub fn gap(&self) -> f64 {
        let value = self.cost + self.left_out;
        if value.cents() == 0 { 0.0 } else { (value - self.bound).cents() as f64 / value.cents() as f64 }
    }

    /// What is built as it is, with the cheapest network of another plan where that is cheaper.
    #[must_use]
    pub fn with_least_of(self, other: &Self) -> Self {
        let least = if other.cost <= self.cost { *other } else { self };
        Self { built: self.built, built_length: self.built_length, cut_short: self.cut_short, ..least }
    }
}

/// An open PoP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPop {
    /// Its place among the candidates.
    pub candidate: u32,
    /// Connections that it feeds, one for each park and second route included.
    pub connections: u32,
    /// Housings that hold them.
    pub housings: u32,
    /// Opening and further housings.
    pub cost: Money,
    /// Fibres of addresses that end there, each spliced once; those of parks are counted with the parks.
    pub spliced: u32,
    /// Splitters that stand there.
    pub splitters: u32,
    /// Whether it is opened for second routes only, and feeds nothing else.
    pub backup: bool,
}

/// What a distribution point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointKind {
    /// A handhole with a closure.
    Handhole,
    /// A street cabinet.
    Cabinet,
}

impl PointKind {
    /// Stable word for tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Handhole => "handhole",
            Self::Cabinet => "cabinet",
        }
    }
}

/// A distribution point, a cabinet or a handhole: fed by the PoP, feeding the addresses of its area, which lie beyond it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cabinet {
    /// What it is.
    pub kind: PointKind,
    /// Its node in the network.
    pub node: NodeId,
    /// The PoP that feeds it, by its place among the candidates.
    pub pop: u32,
    /// Sites that it feeds, by their place in the network, in order.
    pub sites: Vec<u32>,
    /// Connections that it feeds.
    pub connections: u32,
    /// Cabinets that stand there together to hold them.
    pub housings: u32,
    /// Cable from the PoP.
    pub feeder: Length,
    /// Cable along the trenches to the foot of its drops, each trench counted once.
    pub distribution: Length,
}

impl Cabinet {
    /// Fibres that are spliced in it: each that leads on to an address, and the inputs of splitters.
    #[must_use]
    pub fn spliced(&self, architecture: &Architecture) -> u32 {
        match self.splitters(architecture) {
            0 => architecture.drop_fibres(self.connections),
            splitters => self.connections + splitters,
        }
    }

    /// Splitters that stand in it.
    #[must_use]
    pub fn splitters(&self, architecture: &Architecture) -> u32 {
        if architecture.splits_in_cabinets() { self.connections.div_ceil(architecture.split) } else { 0 }
    }
}

/// What became of an input address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressOutcome {
    /// Whether it is connected, or why not.
    pub status: Status,
    /// The PoP that feeds it, by its place among the candidates.
    pub pop: Option<u32>,
    /// The cabinet that feeds it, by its place in the plan; none where the PoP feeds it without one.
    pub cabinet: Option<u32>,
    /// Cable route from the PoP, by way of the cabinet.
    pub route: Option<Length>,
    /// Its share of the plan's total cost; all shares and those of the parks add up to the total.
    pub share: Money,
    /// What leaving it out would save on the built forest: the trenches that serve it alone.
    pub saving: Money,
    /// What any plan for all the others could save at most against this one; `None` where no such bound is known.
    pub saving_at_most: Option<Money>,
}

/// What became of a park.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkOutcome {
    /// Whether its handover point is connected.
    pub connected: bool,
    /// The PoP that feeds it, by its place among the candidates.
    pub pop: Option<u32>,
    /// Cable route from the PoP.
    pub route: Option<Length>,
    /// Its handover point's share of the plan's total cost.
    pub share: Money,
}

/// Whether an address is connected, or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is connected.
    Connected,
    /// Connecting it costs more than it is worth.
    LeftOut,
    /// No road that may be dug is within the longest drop; with the distance to the nearest.
    TooFar(Option<Length>),
    /// Every drop would cross something that may not be crossed.
    Forbidden(String),
    /// Its roads are not connected to any PoP.
    Disconnected,
    /// Even the shortest route from a PoP breaks the optical budget or the reach of the optics.
    OverBudget {
        /// The shortest route.
        route: Length,
        /// The limit.
        reach: Reach,
    },
    /// It is outside the scope: in a built-up area.
    BuiltUp,
    /// It is outside the scope: the address density is too high.
    Dense,
    /// Its status is not planned for.
    NotPlanned(String),
    /// Another address has the same id.
    Duplicate(AddressId),
    /// It has no usable point.
    NoPoint,
}

impl Status {
    /// Stable word for tables.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::LeftOut => "left-out",
            Self::TooFar(_) => "too-far",
            Self::Forbidden(_) => "forbidden",
            Self::Disconnected => "disconnected",
            Self::OverBudget { .. } => "over-budget",
            Self::BuiltUp => "out-of-scope-built-up",
            Self::Dense => "out-of-scope-dense",
            Self::NotPlanned(_) => "status-not-planned",
            Self::Duplicate(_) => "duplicate",
            Self::NoPoint => "no-point",
        }
    }

    /// All words, in the order in which they are told.
    pub const WORDS: [&'static str; 11] = [
        "connected",
        "left-out",
        "too-far",
        "forbidden",
        "disconnected",
        "over-budget",
        "out-of-scope-built-up",
        "out-of-scope-dense",
        "status-not-planned",
        "duplicate",
        "no-point",
    ];

    /// Whether it was planned for: connected, left out by choice, or out of reach.
    #[must_use]
    pub const fn is_target(&self) -> bool {
        self.is_unserved() || matches!(self, Self::Connected | Self::LeftOut)
    }

    /// Whether it was to be connected but cannot be under the rules.
    #[must_use]
    pub const fn is_unserved(&self) -> bool {
        matches!(self, Self::TooFar(_) | Self::Forbidden(_) | Self::Disconnected | Self::OverBudget { .. })
    }

    /// Why, in one sentence without a full stop.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Connected => "connected by the plan".to_owned(),
            Self::LeftOut => "connecting it costs more than its revenue and subsidy".to_owned(),
            Self::TooFar(Some(distance)) => {
                format!("the nearest road that may be dug is {:.0} m away, beyond the longest drop", distance.metres())
            }
            Self::TooFar(None) => "there is no road near that may be dug".to_owned(),
            Self::Forbidden(kind) => format!("every drop would cross {kind}, which may not be crossed"),
            Self::Disconnected => "its roads are not connected to any PoP".to_owned(),
            Self::OverBudget { route, reach } => over_budget(*route, reach),
            Self::BuiltUp => "it lies in a built-up area, outside the scope".to_owned(),
            Self::Dense => "the address density is too high for the scope".to_owned(),
            Self::NotPlanned(status) => format!("its status is `{status}`, which is not planned for"),
            Self::Duplicate(_) => "another address has the same id".to_owned(),
            Self::NoPoint => "it has no usable point".to_owned(),
        }
    }
}

/// Constraint and shortfall of a route that no plan can shorten.
fn over_budget(route: Length, reach: &Reach) -> String {
    let metres = route.metres();
    let beyond = (route - reach.longest).max(Length::ZERO).metres();
    let mut text = format!(
        "the shortest route from a PoP is {metres:.0} m, {beyond:.0} m beyond the {:.0} m that the optics reach",
        reach.longest.metres()
    );
    if let Some(lacking) = reach.lacks(route).filter(|&lacking| lacking > 0) {
        let _ = write!(text, "; the optical budget lacks {:.2} dB", lacking as f64 / 1000.0);
    }
    text
}
