//! Lots: which offers win, so that every lot is awarded once at the least sum of prices.
//!
//! An offer names one lot or several (a combination). Choosing offers so that each lot is covered exactly once is set
//! partitioning, solved as a mixed-integer program; the runner-up is the best other choice.

use good_lp::{Expression, ProblemVariables, Solution, SolverModel, Variable, constraint, variable};

use crate::units::Money;

/// One offer: a bid's price for one lot or several together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The bid, by its place.
    pub bid: usize,
    /// Lots, by their place, in order.
    pub lots: Vec<usize>,
    /// Its price for all of them together.
    pub price: Money,
}

/// Offers that together cover every lot once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotAward {
    /// Offers, by their place, in order.
    pub offers: Vec<usize>,
    /// Sum of their prices.
    pub total: Money,
}

/// The cheapest valid award of `lots` lots, other than those in `barred`; `None` where there is none.
///
/// `most` limits the lots that one bid may win. Two choices at the same price: either may be told. Exponential in the worst case,
/// instant for the dozens of offers that tenders have.
#[must_use]
pub fn cheapest(offers: &[Offer], lots: usize, most: Option<usize>, barred: &[Vec<usize>]) -> Option<LotAward> {
    let mut variables = ProblemVariables::new();
    let taken: Vec<Variable> = offers.iter().map(|_| variables.add(variable().binary())).collect();
    let cost: Expression = offers.iter().zip(&taken).map(|(offer, &taken)| offer.price.euros() * taken).sum();
    let mut model = quiet(variables.minimise(cost));
    for lot in 0..lots {
        let covering = offers.iter().zip(&taken).filter(|(offer, _)| offer.lots.contains(&lot));
        let covered: Expression = covering.map(|(_, &taken)| taken).sum();
        model = model.with(constraint!(covered == 1.0));
    }
    if let Some(most) = most {
        let last = offers.iter().map(|offer| offer.bid).max().unwrap_or(0);
        for bid in 0..=last {
            let own = offers.iter().zip(&taken).filter(|(offer, _)| offer.bid == bid);
            let won: Expression = own.map(|(offer, &taken)| offer.lots.len() as f64 * taken).sum();
            model = model.with(constraint!(won <= most as f64));
        }
    }
    for choice in barred {
        // Not exactly these offers again.
        let kept: Expression = choice.iter().map(|&offer| Expression::from(taken[offer])).sum();
        model = model.with(constraint!(kept <= choice.len() as f64 - 1.0));
    }
    let solution = model.solve().ok()?;
    let offers_won: Vec<usize> = (0..offers.len()).filter(|&offer| solution.value(taken[offer]) > 0.5).collect();
    let total = offers_won.iter().map(|&offer| offers[offer].price).sum();
    Some(LotAward { offers: offers_won, total })
}

/// One thread, no output, and no gap left open.
#[cfg(feature = "highs")]
fn quiet(problem: good_lp::variable::UnsolvedProblem) -> impl SolverModel {
    use good_lp::solvers::highs::{HighsParallelType, highs};
    let model = problem.using(highs).set_parallel(HighsParallelType::Off).set_threads(1);
    model.set_mip_rel_gap(0.0).expect("no gap is a valid gap")
}

#[cfg(not(feature = "highs"))]
fn quiet(problem: good_lp::variable::UnsolvedProblem) -> impl SolverModel {
    problem.using(good_lp::default_solver)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All valid awards, cheapest first, by trying every set of offers.
    fn by_hand(offers: &[Offer], lots: usize, most: Option<usize>) -> Vec<LotAward> {
        let mut all = Vec::new();
        for set in 0u32..1 << offers.len() {
            let chosen: Vec<usize> = (0..offers.len()).filter(|&offer| set & (1 << offer) != 0).collect();
            let times = |lot: usize| chosen.iter().filter(|&&offer| offers[offer].lots.contains(&lot)).count();
            let won = |bid: usize| -> usize {
                chosen.iter().filter(|&&offer| offers[offer].bid == bid).map(|&offer| offers[offer].lots.len()).sum()
            };
            if (0..lots).all(|lot| times(lot) == 1) && most.is_none_or(|most| (0..8).all(|bid| won(bid) <= most)) {
                let total = chosen.iter().map(|&offer| offers[offer].price).sum();
                all.push(LotAward { offers: chosen, total });
            }
        }
        all.sort_by_key(|award| award.total);
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn the_cheapest_award_and_its_runner_up_are_those_of_brute_force(
            drawn in prop::collection::vec((0usize..4, 1usize..8, 1i64..90_000_000), 1..10), limited in any::<bool>()
        ) {
            let offer = |(bid, set, cents): (usize, usize, i64)| Offer {
                bid, lots: (0..3).filter(|lot| set & (1 << lot) != 0).collect(), price: Money::from_cents(cents)
            };
            let offers: Vec<Offer> = drawn.into_iter().map(offer).collect();
            let most = limited.then_some(2);
            let truth = by_hand(&offers, 3, most);
            let best = cheapest(&offers, 3, most, &[]);
            prop_assert_eq!(best.as_ref().map(|award| award.total), truth.first().map(|award| award.total));
            if let Some(best) = best {
                let second = cheapest(&offers, 3, most, &[best.offers]);
                prop_assert_eq!(second.map(|award| award.total), truth.get(1).map(|award| award.total));
            }
        }
    }
}
