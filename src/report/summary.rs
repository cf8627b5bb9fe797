//! `plan.json`: totals, bound, statuses, versions, hashes of the inputs, the effective scenario.

use serde_json::{Map, Value, json};

use crate::plan::{Element, Status};
use crate::report::Told;
use crate::report::tables::status_counts;
use crate::scenario::Unit;

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
        ELEMENTS.iter().map(|&element| (element.word().to_owned(), json!(plan.bill.of(element).cents()))).collect();
    let inputs: Vec<Value> = told.inputs.iter().map(|(file, hash)| json!({"file": file, "sha256": hash})).collect();
    let mut effective = told.scenario.clone();
    effective.prices = told.prices.iter().map(|(_, key, price)| (key.to_owned(), price.clone())).collect();
    let scenario = serde_json::to_value(&effective).expect("a scenario has only text keys and plain values");
    json!({
        "trench": {
            "cost_cents": trench.cost.cents(),
            "left_out_cents": trench.left_out.cents(),
            "bound_cents": trench.bound.cents(),
            "gap": trench.gap(),
            "optimal": trench.optimal,
            "length_m": trench.length.metres(),
            "candidate_edges": told.network.segments.len(),
        },
        "total": { "cost_cents": plan.bill.total().cents(), "elements": elements },
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
        "findings": told.findings.len(),
        "time_limit_burnt": trench.cut_short,
        "price_units": told.prices.iter().map(|(id, key, _)| (key.to_owned(), json!(unit_word(told.prices.unit(id)))))
            .collect::<Map<String, Value>>(),
        "inputs": inputs,
        "scenario": scenario,
        "versions": { "vezel": env!("CARGO_PKG_VERSION"), "format": 1 },
    })
}

const ELEMENTS: [Element; 10] = [
    Element::Trench,
    Element::Duct,
    Element::Drop,
    Element::ParkEntry,
    Element::PopEntry,
    Element::Pop,
    Element::Cabinet,
    Element::Cable,
    Element::Home,
    Element::Soft,
];

fn unit_word(unit: Unit) -> &'static str {
    match unit {
        Unit::Metre => "m",
        Unit::Each => "each",
        Unit::Percent => "%",
    }
}
