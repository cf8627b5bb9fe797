//! `plan.json`: totals, bound, statuses, versions, hashes of the inputs, the effective scenario.

use serde_json::{Map, Value, json};

use crate::plan::{Element, Plan, Status};
use crate::report::phases;
use crate::report::tables::status_counts;
use crate::report::{Sanity, Told};
use crate::rollout::Robustness;
use crate::scenario::{Criterion, Unit};

/// The summary, with keys in alphabetical order.
#[must_use]
pub fn summary(told: &Told<'_>) -> Value {
    let plan = told.plan;
    let trench = &plan.trench;
    let statuses: Map<String, Value> =
        status_counts(plan).into_iter().map(|(word, count)| (word.to_owned(), json!(count))).collect();
    let targets = plan.addresses.iter().filter(|outcome| outcome.status.is_target()).count();
    let connected = plan.addresses.iter().filter(|outcome| outcome.status == Status::Connected).count();
    let parks = plan.parks.iter().filter(|park| park.connected).count();
    let elements: Map<String, Value> =
        Element::ALL.iter().map(|&element| (element.word().to_owned(), json!(plan.bill.of(element).cents()))).collect();
    let inputs: Vec<Value> = told.inputs.iter().map(|(file, hash)| json!({"file": file, "sha256": hash})).collect();
    let mut effective = told.scenario.clone();
    effective.prices = told.prices.iter().map(|(_, key, price)| (key.to_owned(), price.clone())).collect();
    let scenario = serde_json::to_value(&effective).expect("a scenario has only text keys and plain values");
    json!({
        "trench": {
            "cost_cents": trench.cost.cents(),
            "left_out_cents": trench.left_out.cents(),
            "beyond_reach": trench.beyond,
            "bound_cents": trench.bound.cents(),
            "gap": trench.gap(),
            "optimal": trench.optimal,
            "length_m": trench.length.metres(),
            "built_cents": trench.built.cents(),
            "built_length_m": trench.built_length.metres(),
            "candidate_edges": told.network.segments.len(),
        },
        "total": total(plan, &elements),
        "sanity": Sanity::of(plan, told.region).map(|sanity| json!({
            "addresses_per_km2": sanity.per_km2,
            "metres_per_address": sanity.metres,
            "metres_per_address_expected": sanity.metres_expected,
            "euros_per_address": sanity.euros,
            "euros_per_address_expected": [sanity.euros_expected.0, sanity.euros_expected.1],
        })),
        "redundancy": {
            "asked": plan.protection.parks.len(),
            "unmet": plan.protection.unmet().count(),
            "cost_cents": plan.protection.cost.cents(),
            "bound_cents": plan.protection.bound.cents(),
            "length_m": plan.protection.length(told.network).metres(),
            "fibre_cents": plan.protection.fibre_cost().cents(),
            "routes_laid": plan.protection.fibre.ways.len(),
            "routes_laid_m": plan.protection.fibre.length(told.network).metres(),
        },
        "addresses": {
            "input": plan.addresses.len(),
            "target": targets,
            "connected": connected,
            "statuses": statuses,
        },
        "parks": { "input": plan.parks.len(), "connected": parks },
        "pops": plan.pops.len(),
        "cabinets": plan.cabinets.iter().map(|site| site.housings).sum::<u32>(),
        "units": told.rollout.units.all.len(),
        "ranking": ranking(told),
        "robustness": told.rollout.robustness.as_ref().map(|robust| robustness(told, robust)),
        "phases": phases::summary(told),
        "subsidy": phases::subsidy_summary(told),
        "findings": told.findings.len(),
        "time_limit_burnt": trench.cut_short,
        "price_units": told.prices.iter().map(|(id, key, _)| (key.to_owned(), json!(unit_word(told.prices.unit(id)))))
            .collect::<Map<String, Value>>(),
        "inputs": inputs,
        "scenario": scenario,
        "versions": { "vezel": env!("CARGO_PKG_VERSION"), "format": 1 },
    })
}

/// How units were ordered, and what strict tiers cost against the free order.
fn ranking(told: &Told<'_>) -> Value {
    let (order, rules) = (&told.rollout.order, &told.scenario.rollout);
    let weights: Map<String, Value> =
        Criterion::ALL.iter().map(|&criterion| (criterion.name().to_owned(), json!(rules.weight(criterion)))).collect();
    json!({
        "order": rules.order,
        "tiers": told.scenario.tier_names(),
        "weights": weights,
        "wait_strict_eur": order.strictness.strict,
        "wait_free_eur": order.strictness.free,
        "price_of_strictness": order.strictness.price(),
    })
}

/// How the total spreads and what moves it.
fn robustness(told: &Told<'_>, robust: &Robustness) -> Value {
    let levers = robust.levers.iter().map(|lever| {
        json!({
            "lever": lever.key,
            "range": lever.range,
            "total_at_low_cents": lever.at_low.cents(),
            "total_at_high_cents": lever.at_high.cents(),
            "places_shifted_first_ten": lever.shift,
        })
    });
    json!({
        "samples": robust.total.samples,
        "seed": told.scenario.robustness.seed,
        "weights": robust.weights,
        "serving_units": robust.serving.len(),
        "total": {
            "p10_cents": robust.total.p10.cents(),
            "p50_cents": robust.total.p50.cents(),
            "p90_cents": robust.total.p90.cents(),
            "draws_within_plan": robust.total.within_plan,
        },
        "levers": levers.collect::<Vec<_>>(),
    })
}

/// Cost of the whole with its bound, what that is made of, and what the first plan cost.
fn total(plan: &Plan, elements: &Map<String, Value>) -> Value {
    let cost = plan.bill.total();
    let parts: Vec<Value> =
        plan.total.parts.iter().map(|(name, amount)| json!({"part": name, "cents": amount.cents()})).collect();
    json!({
        "cost_cents": cost.cents(),
        "bound_cents": plan.total.bound.cents(),
        "gap": plan.total.gap(cost),
        "bound_parts": parts,
        "first_cents": plan.total.first.cents(),
        "elements": elements,
    })
}

fn unit_word(unit: Unit) -> &'static str {
    match unit {
        Unit::Metre => "m",
        Unit::Each => "each",
        Unit::Percent => "%",
    }
}
