//! A published example, cases that can be worked out by hand, and laws.

use proptest::prelude::*;

use super::*;

const MANY: Sampling = Sampling { samples: 40_000, confidence_samples: 40_000, seed: 1 };

fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not within {tolerance} of {expected}");
}

fn exact(rows: &[&[f64]]) -> Additive {
    let row = |row: &&[f64]| row.iter().map(|&number| Value::Exact(number)).collect();
    Additive::new(&rows.iter().map(row).collect::<Vec<_>>())
}

/// Rates of proximal and distal thrombosis and of bleeding under heparin and enoxaparin: beta distributions of the
/// patients with and without each event, on linear scales from worst to best.
struct Thrombosis;

/// Events and patients without, for each drug and criterion, and the best and worst rate of the criterion's scale.
const EVENTS: [[(u32, u32); 3]; 2] = [[(20, 116), (40, 96), (1, 135)], [(8, 121), (32, 97), (5, 124)]];
const SCALES: [(f64, f64); 3] = [(0.0, 0.25), (0.15, 0.4), (0.0, 0.1)];

/// A beta draw with whole parameters: a ratio of sums of exponential draws.
fn beta(chance: &mut Chance, with: u32, without: u32) -> f64 {
    let mut gamma = |shape: u32| -> f64 { (0..shape).map(|_| -(1.0 - chance.unit()).ln()).sum() };
    let (with, without) = (gamma(with), gamma(without));
    with / (with + without)
}

impl Model for Thrombosis {
    fn alternatives(&self) -> usize {
        EVENTS.len()
    }

    fn draw(&self, chance: &mut Chance, drawn: &mut Vec<f64>) {
        for drug in EVENTS {
            for ((with, without), (best, worst)) in drug.into_iter().zip(SCALES) {
                drawn.push((worst - beta(chance, with, without)) / (worst - best));
            }
        }
    }

    fn order(&self, drawn: &[f64], weights: &[f64], order: &mut Vec<u32>) {
        additive::by_worth(drawn, weights, order);
    }
}

/// Source of the figures: the example output of the R package smaa (van Valkenhoef, version 0.3, 10,000 iterations);
/// of the data: the trial analysed by Lynd and O'Brien (Journal of Clinical Epidemiology 57, 2004) as that example has it.
#[test]
fn the_published_example_of_thrombosis_prophylaxis_comes_out_within_one_percent() {
    let sampling = Sampling { samples: 40_000, confidence_samples: 20_000, seed: 7 };
    let found = analyse(&Thrombosis, &Weights::Free(3), sampling);
    for (rank, shares) in [[0.3504, 0.6496], [0.6496, 0.3504]].into_iter().enumerate() {
        shares.into_iter().enumerate().for_each(|(drug, share)| near(found.share(drug, rank), share, 0.01));
    }
    let published = [[0.1865, 0.2772, 0.5363], [0.4073, 0.3641, 0.2285]];
    for (found, weights) in found.central_weights.iter().zip(published) {
        let found = found.as_ref().expect("both are first for some weights");
        found.iter().zip(weights).for_each(|(&found, weight)| near(found, weight, 0.01));
    }
    for (drug, (weights, sure)) in published.iter().zip([0.6682, 0.8956]).enumerate() {
        near(confidence(&Thrombosis, drug as u32, weights, sampling), sure, 0.01);
    }
    let fixed = analyse(&Thrombosis, &Weights::Fixed(vec![0.5, 0.2, 0.3]), sampling);
    near(fixed.share(0, 0), 0.1279, 0.01);
}

#[test]
fn two_alternatives_that_trade_two_criteria_are_first_where_their_weight_is_larger() {
    // The first leads where 0.6 w1 > 0.2 w2, that is w1 > 1/4: acceptability 3/4, central weight 5/8.
    let found = analyse(&exact(&[&[0.8, 0.4], &[0.2, 0.6]]), &Weights::Free(2), MANY);
    near(found.share(0, 0), 0.75, 0.01);
    near(found.central_weights[0].as_ref().expect("first at times")[0], 0.625, 0.01);
    near(found.central_weights[1].as_ref().expect("first at times")[0], 0.125, 0.01);
    near(found.pairwise[0][1], 0.75, 0.01);
    assert_eq!(found.confidence, vec![Some(1.0), Some(1.0)]);
}

#[test]
fn three_alternatives_that_each_lead_in_one_criterion_share_the_simplex() {
    let found = analyse(&exact(&[&[1.0, 0.0, 0.0], &[0.0, 1.0, 0.0], &[0.0, 0.0, 1.0]]), &Weights::Free(3), MANY);
    for alternative in 0..3 {
        (0..3).for_each(|rank| near(found.share(alternative, rank), 1.0 / 3.0, 0.01));
        // The largest of three parts is 11/18 on average, the others share the rest.
        near(found.central_weights[alternative].as_ref().expect("first at times")[alternative], 11.0 / 18.0, 0.01);
    }
}

#[test]
fn a_compromise_can_be_second_everywhere_and_first_nowhere() {
    let found = analyse(&exact(&[&[1.0, 0.0], &[0.45, 0.45], &[0.0, 1.0]]), &Weights::Free(2), MANY);
    assert_eq!((found.ranks[1][0], found.central_weights[1].as_ref(), found.confidence[1]), (0, None, None));
    // Between the weights 0.45 and 0.55 both extremes beat it.
    near(found.share(1, 2), 0.1, 0.01);
    near(found.share(1, 1), 0.9, 0.01);
    assert_eq!(found.quantile(1, 0.5), 2);
}

#[test]
fn uncertain_values_give_the_confidence_that_integration_gives() {
    // A value between 0 and 1 beats 0.3 in 70 % of draws, and another between 0 and 1 in half of them.
    let one = Additive::new(&[vec![Value::Between(0.0, 1.0)], vec![Value::Exact(0.3)]]);
    let found = analyse(&one, &Weights::Free(1), MANY);
    near(found.share(0, 0), 0.7, 0.01);
    near(found.confidence[0].expect("first at times"), 0.7, 0.01);
    let alike = Additive::new(&[vec![Value::Between(0.0, 1.0)], vec![Value::Triangular(0.0, 0.5, 1.0)]]);
    near(analyse(&alike, &Weights::Free(1), MANY).share(0, 0), 0.5, 0.01);
}

#[test]
fn a_known_order_of_importance_is_kept_and_its_mean_is_the_rank_order_centroid() {
    let weights = Weights::Ranked(vec![1, 2, 3]);
    let (mut drawn, mut sums) = (Vec::new(), [0.0; 3]);
    for sample in 0..20_000 {
        weights.draw(&mut Chance::new(3, 0, sample), &mut drawn);
        assert!(drawn[0] >= drawn[1] && drawn[1] >= drawn[2]);
        sums.iter_mut().zip(&drawn).for_each(|(sum, weight)| *sum += weight / 20_000.0);
    }
    // Barron and Barrett (Management Science 42, 1996): 11/18, 5/18, 2/18.
    sums.into_iter().zip([11.0, 5.0, 2.0]).for_each(|(mean, eighteenths)| near(mean, eighteenths / 18.0, 0.01));
}

#[test]
fn weights_that_cannot_add_up_are_refused() {
    assert_eq!(Weights::Between(vec![(0.6, 0.7), (0.5, 0.6)]).check(), Err(WeightsError::Sum));
    assert_eq!(Weights::Between(vec![(0.6, 0.5), (0.5, 0.6)]).check(), Err(WeightsError::Range(0)));
    assert_eq!(Weights::Fixed(vec![0.5, 0.4]).check(), Err(WeightsError::Sum));
    assert_eq!(Weights::Free(0).check(), Err(WeightsError::Empty));
    assert_eq!(Weights::Between(vec![(0.1, 0.7), (0.3, 0.9)]).check(), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn every_row_and_column_of_ranks_adds_up_and_threads_do_not_matter(
        rows in prop::collection::vec(prop::collection::vec((0.0f64..1.0, 0.0f64..0.5), 3), 1..6), seed in any::<u64>()
    ) {
        let spread = |&(low, width): &(f64, f64)| Value::Between(low, low + width);
        let model = Additive::new(&rows.iter().map(|row| row.iter().map(spread).collect()).collect::<Vec<_>>());
        let sampling = Sampling { samples: 3000, confidence_samples: 100, seed };
        let weights = Weights::Ranked(vec![0, 1, 1]);
        let found = analyse(&model, &weights, sampling);
        for place in 0..rows.len() {
            prop_assert_eq!(found.ranks[place].iter().sum::<u32>(), 3000);
            prop_assert_eq!(found.ranks.iter().map(|row| row[place]).sum::<u32>(), 3000);
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
        prop_assert_eq!(pool.install(|| analyse(&model, &weights, sampling)), found);
    }

    #[test]
    fn drawn_weights_are_within_their_intervals_and_add_up(
        ends in prop::collection::vec((0.0f64..0.4, 0.0f64..0.4), 2..7), seed in any::<u64>()
    ) {
        let intervals: Vec<(f64, f64)> = ends.iter().map(|&(low, width)| (low, low + width)).collect();
        let weights = Weights::Between(intervals.clone());
        prop_assume!(weights.check().is_ok());
        let mut drawn = Vec::new();
        for sample in 0..50 {
            weights.draw(&mut Chance::new(seed, 0, sample), &mut drawn);
            prop_assert!((drawn.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            for (weight, (low, high)) in drawn.iter().zip(&intervals) {
                prop_assert!(low - 1e-9 <= *weight && *weight <= high + 1e-9);
            }
        }
    }
}
