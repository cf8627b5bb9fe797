//! Rank reversal: does a bid that does not win change the order of the others by leaving or by coming?
//!
//! Under F1 to F3 a bid's points depend on the lowest or highest price of all. What can happen is found in closed form:
//! two bids change places at one value of that price, and a further bid just beyond it shows the reversal. Under F4, F5
//! and F6 a bid's figure is its own alone, so nothing can reverse.

use std::cmp::Ordering;

use crate::tender::award::{Award, Entry, Formula};
use crate::tender::ratio::{Ratio, euros, whole, zero};
use crate::tender::score::{Standing, compare, rank};
use crate::units::Money;

/// A change of order that a bid causes without winning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reversal {
    /// The formula under which it happens.
    pub formula: Formula,
    /// What causes it.
    pub cause: Cause,
    /// Pairs of bids whose order changes: the first was better, or equal, before.
    pub pairs: Vec<(usize, usize)>,
    /// The winner before.
    pub before: usize,
    /// The winner after.
    pub after: usize,
}

/// What changes an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// This bid is left out; it was not the winner.
    Removed(usize),
    /// A bid at this price, with the lowest score on every criterion, comes in and does not win.
    Added(Money),
}

/// Every losing bid is left out in turn. Time: O(n^3) comparisons.
#[must_use]
pub fn leave_one_out(award: &Award, formula: Formula, bids: &[Entry]) -> Vec<Reversal> {
    let all = rank(award, formula, bids);
    let Some(winner) = all.winner() else { return Vec::new() };
    let losers = (0..bids.len()).filter(|&bid| bid != winner);
    let without = |gone: usize| {
        let kept: Vec<usize> = (0..bids.len()).filter(|&bid| bid != gone).collect();
        let rest: Vec<Entry> = kept.iter().map(|&bid| bids[bid].clone()).collect();
        let standing = rank(award, formula, &rest);
        changes(&all, &standing, &kept, Cause::Removed(gone))
    };
    losers.filter_map(without).collect()
}

/// Bids are added at the prices where two others change places; reversals are told with the least disturbance of the
/// lowest (or highest) price first, one for each set of pairs. Time: O(n^4) comparisons.
#[must_use]
pub fn added_bid(award: &Award, formula: Formula, bids: &[Entry]) -> Vec<Reversal> {
    let all = rank(award, formula, bids);
    if bids.len() < 2 {
        return Vec::new();
    }
    let everyone: Vec<usize> = (0..bids.len()).collect();
    let mut found: Vec<Reversal> = Vec::new();
    for price in telling_prices(award, formula, bids) {
        let worst = award
            .criteria
            .iter()
            .map(|criterion| criterion.steps().first().map_or_else(zero, |(_, share)| share.clone()));
        let mut more = bids.to_vec();
        more.push(Entry { price, shares: worst.collect() });
        let standing = rank(award, formula, &more);
        if standing.winner() == Some(bids.len()) {
            continue;
        }
        let change = changes(&all, &standing, &everyone, Cause::Added(price));
        if let Some(change) = change.filter(|change| found.iter().all(|known| known.pairs != change.pairs)) {
            found.push(change);
        }
    }
    found
}

/// What differs between an order of all bids and one of some of them (`kept`, by place in `after`).
fn changes(all: &Standing, after: &Standing, kept: &[usize], cause: Cause) -> Option<Reversal> {
    let mut pairs = Vec::new();
    for (one_now, &one) in kept.iter().enumerate() {
        for (other_now, &other) in kept.iter().enumerate().skip(one_now + 1) {
            let before = compare(all.formula, &all.scores[one], &all.scores[other]);
            let now = compare(all.formula, &after.scores[one_now], &after.scores[other_now]);
            if before != now {
                pairs.push(if before == Ordering::Greater { (other, one) } else { (one, other) });
            }
        }
    }
    let winner = after.order.iter().find_map(|&place| kept.get(place)).copied()?;
    (!pairs.is_empty()).then_some(Reversal { formula: all.formula, cause, pairs, before: all.winner()?, after: winner })
}

/// Prices of further bids that may reverse an order, mildest first: a cent beyond each price at which two bids tie.
fn telling_prices(award: &Award, formula: Formula, bids: &[Entry]) -> Vec<Money> {
    let prices: Vec<Ratio> = bids.iter().map(|bid| euros(bid.price)).collect();
    let (lowest, highest) = (prices.iter().min().expect("two bids"), prices.iter().max().expect("two bids"));
    let weight = award.price_points();
    let quality = |bid: &Entry| -> Ratio {
        award.criteria.iter().zip(&bid.shares).map(|(criterion, share)| criterion.points() * share).sum()
    };
    let mut below: Vec<Money> = Vec::new();
    let mut above: Vec<Money> = Vec::new();
    let cent = whole(1) / whole(100);
    for one in 0..bids.len() {
        for other in 0..bids.len() {
            let ahead = quality(&bids[other]) - quality(&bids[one]);
            let ties: Vec<Ratio> = match formula {
                _ if weight == zero() => Vec::new(),
                Formula::F1 if prices[one] != prices[other] => {
                    vec![&ahead / (&weight * (whole(1) / &prices[one] - whole(1) / &prices[other]))]
                }
                Formula::F2 if ahead != zero() => {
                    let neither = &weight * (&prices[other] - &prices[one]) / &ahead;
                    // One of the two has no price points left: its price is more than twice the lowest.
                    let rest = whole(2) - &ahead / &weight;
                    let clipped = if rest > zero() { &prices[one] / rest } else { zero() };
                    vec![neither, clipped]
                }
                Formula::F3 if ahead != zero() => {
                    let range = &weight * (&prices[other] - &prices[one]) / &ahead;
                    let top = lowest + &range + &cent;
                    above.extend(cents(&top).filter(|_| range > zero() && &top > highest));
                    vec![highest - range]
                }
                _ => Vec::new(),
            };
            below.extend(
                ties.iter().filter(|tie| **tie > cent && *tie < lowest).filter_map(|tie| cents(&(tie - &cent)).next()),
            );
        }
    }
    // Formulas without such prices are tried at a few all the same: half, near and double.
    below.extend(cents(&(lowest / whole(2))));
    below.extend(cents(&(lowest - &cent)));
    above.extend(cents(&(highest * whole(2))));
    below.retain(|price| price.cents() > 0);
    below.sort_unstable_by(|a, b| b.cmp(a));
    above.sort_unstable();
    below.dedup();
    above.dedup();
    below.into_iter().chain(above).collect()
}

/// The whole cents at or below a positive amount of euros, where there are any.
fn cents(euros: &Ratio) -> impl Iterator<Item = Money> + use<> {
    let cents: Option<i64> = (euros * whole(100)).floor().to_integer().try_into().ok();
    cents.filter(|cents| (1..1_000_000_000_000_000).contains(cents)).map(Money::from_cents).into_iter()
}
