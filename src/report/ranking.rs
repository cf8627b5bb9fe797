//! Tables of the roll-out order: units with need and reasons, and how robust their ranks and the cost are.

use crate::report::Told;
use crate::report::reasons::Reasons;
use crate::report::tables::{csv, or_empty};
use crate::rollout::{Part, Parts, Robustness, Unit, UnitKind};
use crate::scenario::Criterion;

/// Ranks that have a column of their own in `robustness.csv`.
pub(super) const TOLD_RANKS: usize = 10;

/// Points with two decimals.
pub(super) fn points(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100)
}

/// Headers of the parts of need and their sum.
pub(super) fn need_header() -> Vec<String> {
    let parts = Part::ALL.iter().map(|part| format!("need_{}", part.name()));
    parts.chain(["need_points", "need_low", "need_high"].map(str::to_owned)).collect()
}

/// The parts of a need and their sum.
pub(super) fn need_cells(parts: &Parts) -> Vec<String> {
    let score = parts.score();
    let cells = parts.0.iter().map(|part| points(part.counted));
    cells.chain([points(score.counted), points(score.low), points(score.high)]).collect()
}

/// One row for every unit, in the order of building.
#[must_use]
pub fn ranking(told: &Told<'_>) -> String {
    let tiers = told.scenario.tier_names();
    let mut header: Vec<String> = ["rank", "unit", "kind", "after", "pop", "addresses"].map(str::to_owned).to_vec();
    header.extend(tiers.iter().map(|tier| format!("connections {tier}")));
    header.extend(need_header());
    header.extend(tiers.iter().map(|tier| format!("points {tier}")));
    header.extend(
        ["lapsed_tier", "cost_eur", "trunk_eur", "completion_eur", "length_m", "reason", "reden"].map(str::to_owned),
    );
    header.extend(["connections", "sign_ups", "sign_ups_needed", "total_cost_eur", "phase"].map(str::to_owned));
    let (reasons, years) = (Reasons::new(told), told.years());
    let units = &told.rollout.units.all;
    let rows = told.rollout.order.sequence.iter().enumerate().map(|(place, &at)| {
        let (unit, need) = (&units[at as usize], &told.rollout.needs.units[at as usize]);
        let mut row = vec![
            (place + 1).to_string(),
            unit.name.clone(),
            kind(unit).to_owned(),
            or_empty(unit.after.map(|after| &units[after as usize].name)),
            told.plan.candidates[unit.pop as usize].key.clone(),
            unit.addresses.to_string(),
        ];
        row.extend(unit.need.iter().map(ToString::to_string));
        row.extend(need_cells(&need.parts));
        row.extend(need.by_tier.iter().map(|&tier| points(tier)));
        row.push(or_empty(need.lapsed.map(|tier| &tiers[usize::from(tier)])));
        row.push(unit.cost.to_string());
        row.push(need.trunk.to_string());
        row.push(told.rollout.order.completion[at as usize].to_string());
        row.push(unit.length.to_string());
        let reason = reasons.of(at);
        row.extend([reason.english, reason.dutch]);
        let footing = &told.rollout.footings[at as usize];
        row.extend([footing.connections, footing.sign_ups, footing.needed].map(|count| count.to_string()));
        row.push(footing.cost.to_string());
        row.push(or_empty(years[at as usize]));
        row
    });
    csv(&header, rows)
}

/// Stable word for the kind of a unit.
pub(super) fn kind(unit: &Unit) -> &'static str {
    match unit.kind {
        UnitKind::Trunk => "trunk",
        UnitKind::Park(_) => "park",
        UnitKind::Area => "area",
    }
}

/// Serving units in the order of building, by their place among the alternatives of the analysis.
pub(super) fn serving_in_order(told: &Told<'_>, robust: &Robustness) -> Vec<usize> {
    let mut alternative = vec![None; told.rollout.units.all.len()];
    robust.serving.iter().enumerate().for_each(|(place, &unit)| alternative[unit as usize] = Some(place));
    told.rollout.order.sequence.iter().filter_map(|&unit| alternative[unit as usize]).collect()
}

/// One row for every unit that serves somebody, in the order of building: how often it gets which place among them.
#[must_use]
pub fn robustness(told: &Told<'_>, robust: &Robustness) -> String {
    let ranks = told.ranks();
    let mut header: Vec<String> = ["rank", "place", "unit"].map(str::to_owned).to_vec();
    header.extend((1..=TOLD_RANKS).map(|rank| format!("place_{rank}")));
    header.extend(["place_later", "place_p5", "place_median", "place_p95", "confidence"].map(str::to_owned));
    header.extend(Criterion::ALL.iter().map(|criterion| format!("central_{}", criterion.name())));
    header.extend(["strict_p5", "strict_p95"].map(str::to_owned));
    let found = &robust.acceptability;
    let rows = serving_in_order(told, robust).into_iter().enumerate().map(|(place, alternative)| {
        let unit = robust.serving[alternative];
        let mut row = vec![
            ranks[unit as usize].to_string(),
            (place + 1).to_string(),
            told.rollout.units.all[unit as usize].name.clone(),
        ];
        let told_ranks = TOLD_RANKS.min(robust.serving.len());
        row.extend((0..told_ranks).map(|rank| format!("{:.6}", found.share(alternative, rank))));
        row.extend((told_ranks..TOLD_RANKS).map(|_| format!("{:.6}", 0.0)));
        row.push(format!("{:.6}", 1.0 - found.among_first(alternative, TOLD_RANKS)));
        row.extend([0.05, 0.5, 0.95].map(|share| found.quantile(alternative, share).to_string()));
        row.push(or_empty(found.confidence[alternative].map(|share| format!("{share:.4}"))));
        let weights = found.central_weights[alternative].as_ref();
        row.extend((0..Criterion::ALL.len()).map(|at| or_empty(weights.map(|weights| format!("{:.4}", weights[at])))));
        let strict = robust.by_tiers.as_ref();
        row.extend([0.05, 0.95].map(|share| or_empty(strict.map(|strict| strict.quantile(alternative, share)))));
        row
    });
    csv(&header, rows)
}

/// One row for each price and the take-up, moved alone to the ends of its range; the widest first.
#[must_use]
pub fn sensitivity(robust: &Robustness) -> String {
    let header =
        ["lever", "low", "planned", "high", "total_at_low_eur", "total_at_high_eur", "places_shifted_first_ten"];
    let rows = robust.levers.iter().map(|lever| {
        let [low, planned, high] = lever.range;
        vec![
            lever.key.clone(),
            low.to_string(),
            planned.to_string(),
            high.to_string(),
            lever.at_low.to_string(),
            lever.at_high.to_string(),
            format!("{:.2}", lever.shift),
        ]
    });
    csv(&header.map(str::to_owned), rows)
}
