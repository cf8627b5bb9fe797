//! Bids side by side: everything that is known about each, and what the award method makes of them.

use std::collections::BTreeMap;

use geo::LineString;

use crate::findings::{Finding, Severity};
use crate::graph::EdgeId;
use crate::network::Network;
use crate::plan::{Bill, PopCandidate};
use crate::region::Region;
use crate::scenario::{PriceBook, Scenario};
use crate::smaa::{Acceptability, Additive, Sampling, Value, Weights, analyse};
use crate::tender::award::{Entry, Formula, PriceBasis};
use crate::tender::bid::{Bid, Level};
use crate::tender::call::Call;
use crate::tender::check::Checked;
use crate::tender::lots::{LotAward, Offer, cheapest};
use crate::tender::ratio::approximate;
use crate::tender::reprice::{Estimate, OutsideBand, Repriced};
use crate::tender::reversal::{Reversal, added_bid, leave_one_out};
use crate::tender::score::{Standing, price_shares, rank};
use crate::tender::sheet::plain;
use crate::tender::stability::{WeightInterval, WhatIf, weight_intervals, what_if};
use crate::units::{Length, Money};

/// The least that the trenches to some addresses can cost, certified.
#[derive(Clone, Debug)]
pub struct Least {
    /// Cost of the best plan found: trenches, drops, crossings, PoP openings.
    pub cost: Money,
    /// No plan for the same addresses costs less.
    pub bound: Money,
    /// Whether the cost is proven to be the least.
    pub optimal: bool,
    /// Whether a time limit cut the search short.
    pub cut_short: bool,
    /// Its length.
    pub length: Length,
    /// Addresses that it connects.
    pub addresses: usize,
    /// Its trenches and drops.
    pub lines: Vec<LineString<f64>>,
    /// Their segments, in the network that they were planned on: the whole one for the reference.
    pub segments: Vec<EdgeId>,
}

/// Everything known about one bid.
#[derive(Clone, Debug)]
pub struct Judged {
    /// As it was handed in.
    pub bid: Bid,
    /// Against the list.
    pub checked: Checked,
    /// At the scenario's prices.
    pub priced: Repriced,
    /// What such a network may cost in all.
    pub estimate: Estimate,
    /// Prices outside their ranges.
    pub outside: Vec<OutsideBand>,
    /// The least possible for the same addresses; `None` where it offers none that can be reached.
    pub least: Option<Least>,
    /// Lots that it is for, by their place; empty where there are no lots.
    pub lots: Vec<usize>,
    /// Every doubt: of reading, checking, pricing.
    pub findings: Vec<Finding>,
}

/// What everything is compared with.
#[derive(Debug)]
pub struct Ground<'a> {
    /// The tender file.
    pub call: &'a Call,
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its prices.
    pub prices: &'a PriceBook,
    /// The land.
    pub region: &'a Region,
    /// The candidate network.
    pub network: &'a Network,
    /// PoP candidates.
    pub candidates: &'a [PopCandidate],
    /// The reference plan's bill.
    pub bill: &'a Bill,
    /// The reference plan's trenches.
    pub reference: &'a Least,
    /// Colour of each address: white, grey, black or unknown.
    pub colours: &'a [&'static str],
    /// Names of the lots.
    pub lots: &'a [String],
    /// Lot of each address.
    pub lot_of: &'a [Option<usize>],
}

/// Why a bid has no score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotScored {
    /// The bid.
    pub bid: usize,
    /// Why.
    pub why: String,
}

/// Draws of the rank acceptability: one percent at 95 % confidence.
const SAMPLING: Sampling = Sampling { samples: 10_000, confidence_samples: 1000, seed: 0 };

/// What the award method makes of the bids.
#[derive(Clone, Debug, Default)]
pub struct Evaluation {
    /// Bids with a score, by their place; everything below counts among these.
    pub scored: Vec<usize>,
    /// Bids without one.
    pub not_scored: Vec<NotScored>,
    /// Price and quality shares of the scored bids.
    pub entries: Vec<Entry>,
    /// Quality scores of the scored bids, as given.
    pub given: Vec<Vec<String>>,
    /// Each formula with its standing, or why it cannot be used.
    pub standings: Vec<(Formula, Result<Standing, &'static str>)>,
    /// Rank reversals under each formula that can be used: by leaving one out.
    pub removed: Vec<Reversal>,
    /// By adding one.
    pub added: Vec<Reversal>,
    /// Weights with which the winner stays, under the method that decides.
    pub intervals: Vec<WeightInterval>,
    /// What-if on each quality score.
    pub what_if: Vec<WhatIf>,
    /// Rank acceptability over all weights of price and quality.
    pub acceptability: Option<Acceptability>,
    /// Offers for lots.
    pub offers: Vec<Offer>,
    /// The cheapest valid award of lots, and the next.
    pub lot_awards: Vec<LotAward>,
}

impl Evaluation {
    /// The standing under the method that decides.
    #[must_use]
    pub fn decisive(&self, method: Formula) -> Option<&Standing> {
        let found = self.standings.iter().find(|(formula, _)| *formula == method);
        found.and_then(|(_, standing)| standing.as_ref().ok()).filter(|standing| !standing.order.is_empty())
    }
}

/// Scores the bids under every formula, and tells how firm the result is.
#[must_use]
pub fn evaluate(ground: &Ground<'_>, bids: &[Judged]) -> Evaluation {
    let award = &ground.call.award;
    let mut found = Evaluation::default();
    for (place, judged) in bids.iter().enumerate() {
        match entry(ground, place, judged) {
            Ok((entry, given)) => {
                found.scored.push(place);
                found.entries.push(entry);
                found.given.push(given);
            }
            Err(why) => found.not_scored.push(NotScored { bid: place, why }),
        }
    }
    for formula in Formula::ALL {
        let standing = match award.lacks(formula) {
            Some(lack) => Err(lack),
            None => Ok(rank(award, formula, &found.entries)),
        };
        if standing.is_ok() {
            found.removed.extend(leave_one_out(award, formula, &found.entries));
            found.added.extend(added_bid(award, formula, &found.entries));
        }
        found.standings.push((formula, standing));
    }
    if found.entries.len() > 1 {
        found.intervals = weight_intervals(award, award.method, &found.entries);
        found.acceptability = Some(acceptability(ground, &found.entries));
        found.what_if = what_if(award, award.method, &found.entries, &found.given);
    }
    found.offers = offers(ground, bids);
    if !ground.lots.is_empty() {
        let most = ground.call.lots.as_ref().and_then(|lots| lots.most_per_bidder);
        if let Some(best) = cheapest(&found.offers, ground.lots.len(), most, &[]) {
            let next = cheapest(&found.offers, ground.lots.len(), most, std::slice::from_ref(&best.offers));
            found.lot_awards.push(best);
            found.lot_awards.extend(next);
        }
    }
    found
}

/// The quality scores of a bid: those of the evaluators, else those of its price sheet.
#[must_use]
pub(super) fn quality(ground: &Ground<'_>, place: usize, bid: &Bid) -> BTreeMap<String, String> {
    let own = bid.sheet.quality.clone();
    let given = ground.call.bids.get(place).map(|entry| &entry.quality).into_iter().flatten();
    own.into_iter().chain(given.map(|(key, value)| (key.clone(), plain(value)))).collect()
}

fn entry(ground: &Ground<'_>, place: usize, judged: &Judged) -> Result<(Entry, Vec<String>), String> {
    let award = &ground.call.award;
    if !ground.lots.is_empty() && judged.lots.len() < ground.lots.len() {
        return Err("it is for a part of the lots only; see the award of lots".to_owned());
    }
    let (price, word) = match award.price {
        PriceBasis::Total => (judged.bid.sheet.total, "total"),
        PriceBasis::Subsidy => (judged.bid.sheet.subsidy, "subsidy"),
    };
    let price = price.ok_or_else(|| format!("its price sheet has no {word}"))?;
    if price <= Money::ZERO {
        return Err(format!("its {word} is not positive"));
    }
    let scores = quality(ground, place, &judged.bid);
    let (mut shares, mut given) = (Vec::new(), Vec::new());
    for criterion in &award.criteria {
        let score = scores.get(&criterion.key).ok_or_else(|| format!("it has no score for `{}`", criterion.key))?;
        let share = criterion.share(score);
        shares.push(share.ok_or_else(|| format!("its score `{score}` for `{}` is not on the scale", criterion.key))?);
        given.push(score.clone());
    }
    Ok((Entry { price, shares }, given))
}

/// Rank acceptability: each bid is worth the weighted sum of its price share (as the decisive formula gives it, or
/// between the lowest and highest price for F5 and F6) and its quality shares.
fn acceptability(ground: &Ground<'_>, entries: &[Entry]) -> Acceptability {
    let award = &ground.call.award;
    let formula = if award.method.lower_wins() { Formula::F3 } else { award.method };
    let prices = price_shares(award, formula, entries);
    let row = |(entry, price): (&Entry, &crate::tender::ratio::Ratio)| {
        let quality = entry.shares.iter().map(approximate);
        std::iter::once(approximate(price)).chain(quality).map(Value::Exact).collect()
    };
    let rows: Vec<Vec<Value>> = entries.iter().zip(&prices).map(row).collect();
    analyse(&Additive::new(&rows), &Weights::Free(award.criteria.len() + 1), SAMPLING)
}

/// Offers for lots that name lots that there are.
fn offers(ground: &Ground<'_>, bids: &[Judged]) -> Vec<Offer> {
    let mut offers = Vec::new();
    for (bid, judged) in bids.iter().enumerate() {
        for (names, price) in &judged.bid.sheet.offers {
            let places = names.iter().map(|name| ground.lots.iter().position(|lot| lot == name));
            if let Some(mut lots) = places.collect::<Option<Vec<usize>>>() {
                lots.sort_unstable();
                lots.dedup();
                offers.push(Offer { bid, lots, price: *price });
            }
        }
    }
    offers
}

/// Doubts about lots and scores of a bid, for its list of findings.
#[must_use]
pub fn doubts(ground: &Ground<'_>, place: usize, bid: &Bid) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut tell = |rule, at: &str, what: String, advice: &str| {
        findings.push(Finding::new(Severity::Error, rule, "price sheet", what, advice).at(at));
    };
    for (names, _) in &bid.sheet.offers {
        for name in names.iter().filter(|name| !ground.lots.contains(name)) {
            tell(
                "lot-unknown",
                "offers",
                format!("there is no lot `{name}`"),
                "the offer does not count; name lots of the tender",
            );
        }
    }
    let basis = match ground.call.award.price {
        PriceBasis::Total => ("total", bid.sheet.total),
        PriceBasis::Subsidy => ("subsidy", bid.sheet.subsidy),
    };
    if basis.1.is_none_or(|price| price <= Money::ZERO) && bid.sheet.offers.is_empty() {
        tell("price-missing", basis.0, "there is no price to score".to_owned(), "the bid has no score; ask for it");
    }
    let scores = quality(ground, place, bid);
    for criterion in &ground.call.award.criteria {
        match scores.get(&criterion.key) {
            None => tell(
                "quality-missing",
                &criterion.key,
                "the criterion has no score".to_owned(),
                "the bid has no score; give one",
            ),
            Some(score) if criterion.share(score).is_none() => {
                let what = format!("the score `{score}` is not on the scale");
                tell("quality-off-scale", &criterion.key, what, "the bid has no score; mend it");
            }
            Some(_) => {}
        }
    }
    findings
}

/// How many addresses are asked for, offered, passed and connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Asked for.
    pub wanted: usize,
    /// Offered by the bid.
    pub offered: usize,
    /// Passed by its routes, or more.
    pub passed: usize,
    /// Connected by its routes.
    pub connected: usize,
}

/// Counts addresses for which `of` holds.
#[must_use]
pub fn count(wanted: &[bool], checked: &Checked, of: impl Fn(usize) -> bool) -> Count {
    let mut count = Count::default();
    for (place, seen) in checked.addresses.iter().enumerate().filter(|(place, _)| of(*place)) {
        count.wanted += usize::from(wanted[place]);
        count.offered += usize::from(seen.claimed.is_some());
        count.passed += usize::from(seen.served >= Some(Level::Passed));
        count.connected += usize::from(seen.served == Some(Level::Connected));
    }
    count
}

impl Judged {
    /// How far its routes at reference prices are from the least possible for the same addresses, as a share of the
    /// proven bound: 0.1 is ten percent more. `None` without a bound.
    #[must_use]
    pub fn distance(&self) -> Option<f64> {
        let bound = self.least.as_ref().map(|least| least.bound).filter(|bound| *bound > Money::ZERO)?;
        Some((self.priced.cost - bound).cents() as f64 / bound.cents() as f64)
    }

    /// Total price per address and other figures: an amount over a count, to the nearest cent; `None` over nothing.
    #[must_use]
    pub fn per(amount: Option<Money>, count: usize) -> Option<Money> {
        let (amount, count) = (amount?, count as i64);
        (count > 0).then(|| Money::from_cents((2 * amount.cents() + count).div_euclid(2 * count)))
    }
}
