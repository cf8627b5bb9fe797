//! A bid's routes at the scenario's own prices.
//!
//! Routes are laid on the candidate network: where they follow a candidate trench, its works are due in proportion to
//! the length followed (crossings if more than half is followed); elsewhere a trench of the usual kind is due. What a
//! bid asks and what this comes to are two things: this one can be compared between bids, and with the least possible.

use geo::{Coord, LineString};

use crate::graph::EdgeId;
use crate::network::{Network, Work};
use crate::plan::{Bill, Element, PopCandidate};
use crate::scenario::{PriceBook, PriceId, Unit, key};
use crate::tender::coverage::Known;
use crate::tender::sheet::Sheet;
use crate::units::{Length, Money};

/// Share of a segment from which it counts as followed from end to end.
const WHOLE: f64 = 0.98;
/// Shorter stretches than this (in metres, and than half of the segment) are touched, not followed.
const TOUCH: f64 = 1.0;

/// One price that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Segment of the candidate network; `None` for routes beside it, drops that are not drawn, and PoPs.
    pub segment: Option<EdgeId>,
    /// Why it is due.
    pub what: What,
    /// The unit price; `None` for a PoP whose price the scenario's layer gives.
    pub price: Option<PriceId>,
    /// Millimetres, or a count.
    pub quantity: i64,
    /// What it comes to.
    pub cost: Money,
}

/// Why a price is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A route follows a candidate trench, duct or drop.
    Followed,
    /// A route follows none.
    Beside,
    /// A drop that the bid does not draw.
    Drop,
    /// A PoP is opened.
    Pop,
}

impl What {
    /// Stable word for tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Followed => "followed",
            Self::Beside => "beside",
            Self::Drop => "drop-not-drawn",
            Self::Pop => "pop",
        }
    }
}

/// A bid's routes at the scenario's own prices.
#[derive(Clone, Debug, Default)]
pub struct Repriced {
    /// Everything that is due; the costs add up to `cost`.
    pub dues: Vec<Due>,
    /// Trenches, drops, crossings, PoPs: what the reference's trench cost holds too.
    pub cost: Money,
    /// Length of trench, duct and drop, each once.
    pub length: Length,
    /// Of it, what follows the candidate network.
    pub followed: Length,
    /// Segments that are followed, with the length followed.
    pub segments: Vec<(EdgeId, Length)>,
    /// Stretches that follow no candidate.
    pub beside: Vec<LineString<f64>>,
}

/// Lays routes on the candidate network and prices them. `drops` are straight lengths of drops that are not drawn; `pops`
/// are the bid's PoPs with the candidate that each is.
#[must_use]
pub fn reprice(
    (network, prices, candidates): (&Network, &PriceBook, &[PopCandidate]),
    lines: &[LineString<f64>],
    drops: &[Length],
    pops: &[(Coord<f64>, Option<usize>)],
    (near, other_trench): (f64, PriceId),
) -> Repriced {
    let known = Known::new(network.segments.iter().map(|segment| &segment.shape));
    let covered = known.covered(lines.iter(), near);
    let mut priced = Repriced { beside: covered.beside, ..Repriced::default() };
    let mut beside = covered.beside_metres;
    for (place, &metres) in covered.metres.iter().enumerate() {
        let segment = &network.segments[place];
        let whole = segment.length.metres();
        if metres <= 0.0 || whole <= 0.0 {
            continue;
        }
        if metres < TOUCH && metres < whole / 2.0 {
            beside += metres;
            continue;
        }
        let share = (metres / whole).min(1.0);
        let length = if share >= WHOLE { segment.length } else { Length::from_metres(metres).unwrap_or(Length::ZERO) };
        let edge = EdgeId(place as u32);
        priced.segments.push((edge, length));
        priced.followed += length;
        for work in &segment.works {
            priced.dues.extend(due(edge, *work, share, prices));
        }
    }
    let beside = Length::from_metres(beside).unwrap_or(Length::ZERO);
    priced.length = priced.followed + beside;
    priced.add(What::Beside, other_trench, beside, prices);
    let private = prices.known(key::DROP_TRENCH);
    for &drop in drops {
        priced.length += drop;
        priced.add(What::Drop, private, drop, prices);
    }
    let usual = prices.known(key::POP);
    for (_, candidate) in pops {
        let (price, cost) = match candidate {
            Some(place) => (None, candidates[*place].opening),
            None => (Some(usual), prices.money(usual)),
        };
        priced.dues.push(Due { segment: None, what: What::Pop, price, quantity: 1, cost });
    }
    priced.cost = priced.dues.iter().map(|due| due.cost).sum();
    priced
}

impl Repriced {
    fn add(&mut self, what: What, price: PriceId, length: Length, prices: &PriceBook) {
        if length > Length::ZERO {
            let (quantity, cost) = (length.millimetres(), length.at(prices.money(price)));
            self.dues.push(Due { segment: None, what, price: Some(price), quantity, cost });
        }
    }

    /// Share of the drawn length that follows the candidate network, from 0 to 1.
    #[must_use]
    pub fn share_followed(&self) -> f64 {
        let length = self.length.millimetres();
        if length == 0 { 0.0 } else { self.followed.millimetres() as f64 / length as f64 }
    }
}

/// What one item of work comes to where a share of its segment is followed.
fn due(segment: EdgeId, work: Work, share: f64, prices: &PriceBook) -> Option<Due> {
    let quantity = match prices.unit(work.price) {
        Unit::Metre if share < WHOLE => (work.quantity as f64 * share).round() as i64,
        Unit::Metre => work.quantity,
        Unit::Each | Unit::Percent if share > 0.5 => work.quantity,
        Unit::Each | Unit::Percent => return None,
    };
    let cost = Work { price: work.price, quantity }.cost(prices);
    Some(Due { segment: Some(segment), what: What::Followed, price: Some(work.price), quantity, cost })
}

/// What a whole network with these routes may cost, from the low end of every price's range to the high end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// At the low end of every range.
    pub low: Money,
    /// At the scenario's prices.
    pub usual: Money,
    /// At the high end of every range.
    pub high: Money,
}

/// Adds to civil works and PoPs what else a network takes, design and contingency included.
///
/// Cables, cabinets, equipment and home connections are those of the reference's bill, in proportion to the addresses
/// that the bid connects (`connected` of `reference`). A price without a range stands for its own ends.
#[must_use]
pub fn estimate(
    priced: &Repriced,
    bill: &Bill,
    (connected, reference): (usize, usize),
    prices: &PriceBook,
) -> Estimate {
    let rest =
        bill.rows.iter().filter(|row| !row.element.is_civil() && !matches!(row.element, Element::Pop | Element::Soft));
    let rest: Vec<(PriceId, i64)> = rest.map(|row| (row.price, row.quantity)).collect();
    let at = |pick: fn(&crate::scenario::Price) -> Option<f64>| {
        let money = |id: PriceId| {
            let entry = prices.entry(id);
            Money::from_euros(pick(entry).unwrap_or(entry.price)).unwrap_or(Money::ZERO)
        };
        let times = |id: PriceId, quantity: i64| match prices.unit(id) {
            Unit::Metre => Length::from_millimetres(quantity).at(money(id)),
            Unit::Each | Unit::Percent => money(id) * quantity,
        };
        let works: Money = priced.dues.iter().map(|due| due.price.map_or(due.cost, |id| times(id, due.quantity))).sum();
        let is_civil = |due: &&Due| due.what != What::Pop;
        let civil: Money = priced
            .dues
            .iter()
            .filter(is_civil)
            .map(|due| due.price.map_or(due.cost, |id| times(id, due.quantity)))
            .sum();
        let more: Money = rest.iter().map(|&(id, quantity)| times(id, quantity)).sum();
        let scaled = i128::from(more.cents()) * connected as i128 / (reference.max(1)) as i128;
        let percent = |key: &str| prices.find(key).map_or(0, |id| money(id).cents());
        let designed = works + Money::from_cents(scaled as i64) + civil.share(percent(key::DESIGN));
        designed + designed.share(percent(key::CONTINGENCY))
    };
    Estimate { low: at(|price| price.low), usual: at(|_| None), high: at(|price| price.high) }
}

/// A price outside its range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideBand {
    /// The price's key; `total` for the total price.
    pub key: String,
    /// What the bid asks.
    pub asked: Money,
    /// Low end of the range.
    pub low: Money,
    /// High end.
    pub high: Money,
}

/// Prices of a sheet that lie outside their range by more than the slack, and keys that are no price of the scenario.
#[must_use]
pub fn outside_band(sheet: &Sheet, prices: &PriceBook, whole: Estimate, slack: f64) -> (Vec<OutsideBand>, Vec<String>) {
    let mut strangers = Vec::new();
    let mut outside = Vec::new();
    let mut judge = |key: &str, asked: Money, low: Money, high: Money| {
        let least = Money::from_cents((low.cents() as f64 * (1.0 - slack)).floor() as i64);
        let most = Money::from_cents((high.cents() as f64 * (1.0 + slack)).ceil() as i64);
        if asked < least || asked > most {
            outside.push(OutsideBand { key: key.to_owned(), asked, low, high });
        }
    };
    for (key, &asked) in &sheet.unit_prices {
        let Some(id) = prices.find(key) else {
            strangers.push(key.clone());
            continue;
        };
        let entry = prices.entry(id);
        let end = |end: Option<f64>| end.and_then(Money::from_euros);
        if let (Some(low), Some(high)) = (end(entry.low), end(entry.high)) {
            judge(key, asked, low, high);
        }
    }
    if let Some(total) = sheet.total
        && whole.usual > Money::ZERO
    {
        judge("total", total, whole.low, whole.high);
    }
    (outside, strangers)
}
