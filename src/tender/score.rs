//! Scores and ranks under each formula, exactly.

use std::cmp::Ordering;

use crate::tender::award::{Award, Entry, Formula};
use crate::tender::ratio::{Ratio, euros, whole, zero};

/// What a bid scores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// Points for price; in F5 and F6 the price itself, in euros.
    pub price: Ratio,
    /// Points for each criterion; in F5 its value in euros.
    pub quality: Vec<Ratio>,
    /// What is compared; `None` where F6 divides by no quality at all, which ranks last.
    pub total: Option<Ratio>,
}

/// Scores and ranks of bids under one formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The formula.
    pub formula: Formula,
    /// Score of each bid.
    pub scores: Vec<Score>,
    /// Bids, best first; equal ones by price, then by place.
    pub order: Vec<usize>,
    /// Rank of each bid, counted from 1; equal scores share a rank.
    pub ranks: Vec<usize>,
}

/// Share of the price points that each bid earns under F1 to F4: 1 at best.
///
/// Prices must be positive. Time: O(n).
#[must_use]
pub fn price_shares(award: &Award, formula: Formula, bids: &[Entry]) -> Vec<Ratio> {
    let prices: Vec<Ratio> = bids.iter().map(|bid| euros(bid.price)).collect();
    let (Some(lowest), Some(highest)) = (prices.iter().min().cloned(), prices.iter().max().cloned()) else {
        return Vec::new();
    };
    let bound =
        |bound: &Option<crate::tender::ratio::Decimal>| bound.as_ref().map_or_else(zero, |bound| bound.0.clone());
    let (lower, upper) = (bound(&award.lower_bound), bound(&award.upper_bound));
    let share = |price: &Ratio| match formula {
        Formula::F1 => &lowest / price,
        Formula::F2 => (whole(2) - price / &lowest).max(zero()),
        Formula::F3 if highest == lowest => whole(1),
        Formula::F3 => (&highest - price) / (&highest - &lowest),
        Formula::F4 => ((&upper - price) / (&upper - &lower)).clamp(zero(), whole(1)),
        Formula::F5 | Formula::F6 => price.clone(),
    };
    prices.iter().map(share).collect()
}

/// Scores and ranks bids under a formula that the award method has all figures for. Time: O(n log n).
#[must_use]
pub fn rank(award: &Award, formula: Formula, bids: &[Entry]) -> Standing {
    let shares = price_shares(award, formula, bids);
    let weight = award.price_points();
    let score = |(bid, share): (&Entry, Ratio)| {
        let worth = |(criterion, share): (&crate::tender::award::Criterion, &Ratio)| match formula {
            Formula::F5 => criterion.euros() * share,
            _ => criterion.points() * share,
        };
        let quality: Vec<Ratio> = award.criteria.iter().zip(&bid.shares).map(worth).collect();
        let sum: Ratio = quality.iter().sum();
        let price = if formula.lower_wins() { share } else { &weight * share };
        let total = match formula {
            Formula::F5 => Some(&price - sum),
            Formula::F6 => (sum > zero()).then(|| &price / sum),
            _ => Some(&price + sum),
        };
        Score { price, quality, total }
    };
    let scores: Vec<Score> = bids.iter().zip(shares).map(score).collect();
    let mut order: Vec<usize> = (0..bids.len()).collect();
    order.sort_by(|&a, &b| {
        let better = compare(formula, &scores[a], &scores[b]);
        better.then_with(|| bids[a].price.cmp(&bids[b].price)).then_with(|| a.cmp(&b))
    });
    let mut ranks = vec![0; bids.len()];
    for (place, &bid) in order.iter().enumerate() {
        let ties = place > 0 && compare(formula, &scores[order[place - 1]], &scores[bid]) == Ordering::Equal;
        ranks[bid] = if ties { ranks[order[place - 1]] } else { place + 1 };
    }
    Standing { formula, scores, order, ranks }
}

/// `Less` where the first score is the better one.
#[must_use]
pub fn compare(formula: Formula, one: &Score, other: &Score) -> Ordering {
    match (&one.total, &other.total) {
        (Some(one), Some(other)) if formula.lower_wins() => one.cmp(other),
        (Some(one), Some(other)) => other.cmp(one),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

impl Standing {
    /// The best bid.
    #[must_use]
    pub fn winner(&self) -> Option<usize> {
        self.order.first().copied()
    }

    /// Whether two bids share the first rank.
    #[must_use]
    pub fn is_tied(&self) -> bool {
        self.ranks.iter().filter(|&&rank| rank == 1).count() > 1
    }
}
