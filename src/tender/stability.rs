//! How far weights and quality scores may move before another bid wins: closed forms, exact.

use crate::tender::award::{Award, Entry, Formula};
use crate::tender::ratio::{Ratio, euros, zero};
use crate::tender::score::{price_shares, rank};

/// The weights of one criterion with which the winner stays the winner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightInterval {
    /// The criterion by its place; `None` for the price.
    pub criterion: Option<usize>,
    /// The weight as the award method states it: points, or euros in F5.
    pub stated: Ratio,
    /// The least weight at which the winner is still not beaten.
    pub low: Ratio,
    /// The largest one; `None` where there is no end.
    pub high: Option<Ratio>,
    /// The bid that overtakes below `low`.
    pub low_rival: Option<usize>,
    /// The bid that overtakes above `high`.
    pub high_rival: Option<usize>,
}

/// The interval of each weight, the price first.
///
/// In F1 to F4 the other weights keep their proportions and all add up to what they add up to now, so that a weight runs
/// from 0 to that sum. In F5 and F6 a value in euros, or a weight, moves alone, from 0 without end; the price has none.
/// Each rival gives one linear inequality in the weight. Time: O(criteria × bids).
#[must_use]
pub fn weight_intervals(award: &Award, formula: Formula, bids: &[Entry]) -> Vec<WeightInterval> {
    let Some(winner) = rank(award, formula, bids).winner() else { return Vec::new() };
    let rivals: Vec<usize> = (0..bids.len()).filter(|&bid| bid != winner).collect();
    match formula {
        Formula::F5 | Formula::F6 => alone(award, formula, bids, winner, &rivals),
        _ => in_proportion(award, formula, bids, winner, &rivals),
    }
}

/// `at × w + rest ≥ 0` for the winner to stay ahead of a rival.
struct Inequality {
    rival: usize,
    at: Ratio,
    rest: Ratio,
}

fn interval(criterion: Option<usize>, stated: Ratio, end: Option<Ratio>, all: &[Inequality]) -> WeightInterval {
    let mut found = WeightInterval { criterion, stated, low: zero(), high: end, low_rival: None, high_rival: None };
    for one in all {
        if one.at == zero() {
            continue;
        }
        let tie = -&one.rest / &one.at;
        if one.at > zero() && tie > found.low {
            found.low = tie;
            found.low_rival = Some(one.rival);
        } else if one.at < zero() && found.high.as_ref().is_none_or(|high| tie < *high) {
            found.high = Some(tie);
            found.high_rival = Some(one.rival);
        }
    }
    found
}

fn in_proportion(
    award: &Award,
    formula: Formula,
    bids: &[Entry],
    winner: usize,
    rivals: &[usize],
) -> Vec<WeightInterval> {
    let price = price_shares(award, formula, bids);
    let weights: Vec<Ratio> = std::iter::once(award.price_points())
        .chain(award.criteria.iter().map(|criterion| criterion.points()))
        .collect();
    let share =
        |bid: usize, place: usize| if place == 0 { price[bid].clone() } else { bids[bid].shares[place - 1].clone() };
    let sum: Ratio = weights.iter().sum();
    let mut intervals = Vec::new();
    for (place, stated) in weights.iter().enumerate() {
        let others = &sum - stated;
        if others == zero() {
            continue;
        }
        // Score of a bid at weight w: w × share + (sum − w) × mean of the others.
        let mean = |bid: usize| -> Ratio {
            let rest = weights.iter().enumerate().filter(|(other, _)| *other != place);
            rest.map(|(other, weight)| weight * share(bid, other)).sum::<Ratio>() / &others
        };
        let inequality = |&rival: &usize| {
            let (here, there) = (share(winner, place) - share(rival, place), mean(winner) - mean(rival));
            Inequality { rival, at: here - &there, rest: &sum * there }
        };
        let all: Vec<Inequality> = rivals.iter().map(inequality).collect();
        intervals.push(interval(place.checked_sub(1), stated.clone(), Some(sum.clone()), &all));
    }
    intervals
}

fn alone(award: &Award, formula: Formula, bids: &[Entry], winner: usize, rivals: &[usize]) -> Vec<WeightInterval> {
    let worth = |place: usize| match formula {
        Formula::F5 => award.criteria[place].euros(),
        _ => award.criteria[place].points(),
    };
    let without = |bid: usize, left_out: usize| -> Ratio {
        let rest = (0..award.criteria.len()).filter(|&place| place != left_out);
        rest.map(|place| worth(place) * &bids[bid].shares[place]).sum()
    };
    let of_criterion = |place: usize| {
        let inequality = |&rival: &usize| {
            let (mine, theirs) = (&bids[winner], &bids[rival]);
            let (price, other) = (euros(mine.price), euros(theirs.price));
            let (base, base_other) = (without(winner, place), without(rival, place));
            match formula {
                // F of the rival minus F of the winner.
                Formula::F5 => Inequality {
                    rival,
                    at: &mine.shares[place] - &theirs.shares[place],
                    rest: other - price + base - base_other,
                },
                // P / Q compared by cross multiplication.
                _ => Inequality {
                    rival,
                    at: &other * &mine.shares[place] - &price * &theirs.shares[place],
                    rest: other * base - price * base_other,
                },
            }
        };
        let all: Vec<Inequality> = rivals.iter().map(inequality).collect();
        interval(Some(place), worth(place), None, &all)
    };
    (0..award.criteria.len()).map(of_criterion).collect()
}

/// What one quality score would have to be for another bid to win.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhatIf {
    /// The bid whose score moves.
    pub bid: usize,
    /// The criterion, by its place.
    pub criterion: usize,
    /// The score as given.
    pub given: String,
    /// For the winner: the best lower score with which it loses. For the others: the least score with which they win.
    /// `None` where no score on the scale changes the winner.
    pub turns_at: Option<String>,
    /// Who wins then.
    pub winner_then: Option<usize>,
}

/// Moves each quality score of each bid alone, over every step of its scale. Time: O(bids² × criteria × steps).
#[must_use]
pub fn what_if(award: &Award, formula: Formula, bids: &[Entry], given: &[Vec<String>]) -> Vec<WhatIf> {
    let Some(winner) = rank(award, formula, bids).winner() else { return Vec::new() };
    let mut all = Vec::new();
    for (bid, entry) in bids.iter().enumerate() {
        for (place, criterion) in award.criteria.iter().enumerate() {
            let mut steps = criterion.steps();
            if bid == winner {
                steps.retain(|(_, share)| *share < entry.shares[place]);
                steps.reverse();
            } else {
                steps.retain(|(_, share)| *share > entry.shares[place]);
            }
            let turned = steps.into_iter().find_map(|(score, share)| {
                let mut moved = bids.to_vec();
                moved[bid].shares[place] = share;
                let then = rank(award, formula, &moved).winner()?;
                let turns = if bid == winner { then != winner } else { then == bid };
                turns.then_some((score, then))
            });
            let (turns_at, winner_then) = turned.unzip();
            all.push(WhatIf { bid, criterion: place, given: given[bid][place].clone(), turns_at, winner_then });
        }
    }
    all
}
