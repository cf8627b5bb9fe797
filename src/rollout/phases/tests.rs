//! Schedules against all schedules there are.

use super::*;
use crate::rollout::{Job, UnitKind, sequence};
use crate::scenario::YearRule;
use proptest::prelude::*;

fn unit(after: Option<u32>, cost: i64, metres: i64, need: Vec<u32>) -> Unit {
    Unit {
        kind: UnitKind::Area,
        name: String::new(),
        after,
        pop: 0,
        cost: Money::from_cents(cost * 100),
        length: Length::from_millimetres(metres * 1000),
        addresses: need.iter().sum(),
        need,
    }
}

fn footing(unit: &Unit, sign_ups: u32, needed: u32) -> Footing {
    Footing { connections: unit.addresses, sign_ups, needed, cost: unit.cost }
}

fn rules(years: &[(f64, Option<f64>)], carry_over: bool) -> PhaseRules {
    let year = |(place, &(budget, metres)): (usize, &(f64, Option<f64>))| YearRule {
        year: 2030 + place as u32,
        budget,
        metres,
    };
    PhaseRules { carry_over, years: years.iter().enumerate().map(year).collect(), ..PhaseRules::default() }
}

fn needs(units: &[Unit]) -> Vec<Vec<i64>> {
    units.iter().map(|unit| unit.need.iter().map(|&need| i64::from(need)).collect()).collect()
}

/// Phases of units in the order of Horn's algorithm.
fn phase(units: &[Unit], footings: &[Footing], rules: &PhaseRules) -> Phases {
    let job = |(unit, need): (&Unit, Vec<i64>)| Job { after: unit.after, cost: unit.cost.cents(), need };
    let jobs: Vec<Job> = units.iter().zip(needs(units)).map(job).collect();
    schedule(units, (needs(units), &sequence(&jobs)), footings, rules).expect("there are years")
}

/// The best value of all schedules.
fn best(problem: &Problem) -> Vec<i64> {
    let choices = problem.service.len() + 1;
    let count = choices.pow(problem.tasks.len() as u32);
    let schedule = |number: usize| -> Schedule {
        let digit = |place: usize| number / choices.pow(place as u32) % choices;
        (0..problem.tasks.len()).map(|place| digit(place).checked_sub(1).map(|year| year as u32)).collect()
    };
    let lawful = (0..count).map(schedule).filter(|schedule| problem.is_lawful(schedule));
    lawful.map(|schedule| problem.value(&schedule)).max().expect("building nothing is lawful")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn no_schedule_has_more_need_in_service_tier_by_tier(
        raw in prop::collection::vec((any::<u8>(), 0i64..12, 0i64..9, 0u32..3, 0u32..4, 0u32..3), 1..6),
        years in prop::collection::vec((0u32..22, prop::option::of(0u32..14)), 1..4),
        carry_over in any::<bool>(),
    ) {
        let units: Vec<Unit> = raw
            .iter()
            .enumerate()
            .map(|(place, &(after, cost, metres, first, second, _))| {
                let after = u32::from(after) % (place as u32 + 1);
                unit(after.checked_sub(1), cost, metres, vec![first, second])
            })
            .collect();
        let footings: Vec<Footing> = units.iter().zip(&raw).map(|(unit, raw)| footing(unit, raw.5, 1)).collect();
        let years: Vec<(f64, Option<f64>)> =
            years.iter().map(|&(budget, metres)| (f64::from(budget), metres.map(f64::from))).collect();
        let rules = rules(&years, carry_over);
        let problem = problem(&units, needs(&units), &footings, &rules);
        let phases = phase(&units, &footings, &rules);
        prop_assert!(problem.is_lawful(&phases.of_unit));
        let value: Vec<i64> = phases.tiers.iter().map(|tier| tier.value).collect();
        prop_assert_eq!(&value, &best(&problem));
        prop_assert!(value >= phases.tiers.iter().map(|tier| tier.greedy).collect::<Vec<_>>());
        for tier in &phases.tiers {
            prop_assert_eq!(tier.value, tier.bound);
        }
    }
}

#[test]
fn two_small_villages_beat_the_one_that_is_first_in_the_order() {
    // The greedy cut takes 60 connections for 70 and has no room for the two of 50; together they serve 80.
    let units = [unit(None, 70, 0, vec![60]), unit(None, 50, 0, vec![40]), unit(None, 50, 0, vec![40])];
    let footings: Vec<Footing> = units.iter().map(|unit| footing(unit, 0, 0)).collect();
    let phases = phase(&units, &footings, &rules(&[(100.0, None)], false));
    assert_eq!(phases.of_unit, vec![None, Some(0), Some(0)]);
    assert_eq!((phases.tiers[0].value, phases.tiers[0].greedy), (80 * WHOLE_YEAR, 60 * WHOLE_YEAR));
    assert_eq!(phases.tiers[0].bound, 80 * WHOLE_YEAR);
}

#[test]
fn a_unit_is_built_from_the_very_sign_up_that_reaches_the_threshold() {
    let units = [unit(None, 10, 5, vec![20])];
    let years = rules(&[(10.0, Some(5.0))], false);
    let built = |sign_ups| {
        let footings = [footing(&units[0], sign_ups, 7)];
        phase(&units, &footings, &years).of_unit[0]
    };
    assert_eq!((built(6), built(7)), (None, Some(0)));
}

#[test]
fn what_is_saved_in_one_year_is_spent_in_the_next_only_where_that_is_allowed() {
    let units = [unit(None, 15, 5, vec![3])];
    let footings = [footing(&units[0], 0, 0)];
    let built = |carry_over| {
        let years = rules(&[(10.0, None), (10.0, None)], carry_over);
        phase(&units, &footings, &years).of_unit[0]
    };
    assert_eq!((built(false), built(true)), (None, Some(1)));
}

/// A comb of trunks with villages of all sizes, too large to try everything: bound and value must nearly meet.
#[test]
fn three_hundred_units_are_scheduled_within_one_percent_of_the_bound() {
    let mut units = Vec::new();
    for place in 0..300u32 {
        let mixed = place.wrapping_mul(2_654_435_761) >> 8;
        let after = (place > 0).then(|| if place % 3 == 0 { place - 3 } else { place - place % 3 });
        let village = i64::from(mixed % 90) + 10;
        let need = if place % 3 == 0 { vec![0, 0] } else { vec![u32::from(mixed % 11 == 0), mixed % 70 + 5] };
        units.push(unit(after, village, village, need));
    }
    let footings: Vec<Footing> = units.iter().map(|unit| footing(unit, 1, 1)).collect();
    let years = rules(&[(3000.0, Some(2800.0)), (2500.0, None), (3000.0, None), (1000.0, None)], false);
    let phases = phase(&units, &footings, &years);
    for tier in &phases.tiers {
        assert!(tier.bound as f64 <= tier.value as f64 * 1.01, "{tier:?}");
    }
    assert!(phases.tiers[0].value >= phases.tiers[0].greedy);
}
