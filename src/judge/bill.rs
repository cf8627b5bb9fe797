//! Do the totals add up: trenches, PoPs, cables, homes, soft costs, groups, shares, bound?

use std::collections::BTreeMap;

use crate::judge::Verdict;
use crate::judge::cabling::Expected;
use crate::judge::files::Files;
use crate::judge::forest::Built;
use crate::judge::second::Second;

/// Cents from text such as `-12.50`.
pub(super) fn cents(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.')?;
    let negative = whole.starts_with('-');
    let whole: i64 = whole.trim_start_matches('-').parse().ok()?;
    let part: i64 = (part.len() == 2).then(|| part.parse().ok()).flatten()?;
    let size = whole.checked_mul(100)?.checked_add(part)?;
    Some(if negative { -size } else { size })
}

pub(super) fn judge(files: &Files, built: &Built, (mut expected, second): (Expected, &Second), verdict: &mut Verdict) {
    let pops = files.items("pops");
    let fed = pops.iter().filter(|pop| pop.whole("backup") != Some(1));
    let openings: i64 = fed.filter_map(|pop| pop.whole("opening_cents")).sum();
    let cost = built.segments_cents + openings;
    verdict.equal("trench.built_cents", files.number("/trench/built_cents"), cost);
    let length = (files.decimal("/trench/built_length_m") * 1000.0).round() as i64;
    verdict.equal("trench.built_length_m in millimetres", length, built.length_mm);
    let least = files.number("/trench/cost_cents");
    verdict.demand(least <= cost, || format!("trench.cost_cents {least} is no least where {cost} is built"));
    bound(files, verdict);
    let connections = connections(files, second, verdict);
    let rows = rows(files, verdict);
    expected.extend(built.works.clone());
    housings(files, &mut expected, verdict);
    compare(&expected, &rows, verdict);
    pieces(files, &rows, verdict);
    soft(files, built, &rows, verdict);
    groups(files, &rows, verdict);
    let total: i64 = rows.values().map(|row| row.1).sum();
    verdict.equal("total.cost_cents", files.number("/total/cost_cents"), total);
    whole(files, total, verdict);
    let shares = files.items("addresses").into_iter().chain(files.items("business_parks"));
    let shares: i64 = shares.filter_map(|item| item.whole("share_cents")).sum();
    if connections > 0 {
        verdict.equal("cost shares of addresses and parks", shares, total);
    }
    verdict.confirmed.push(format!("the bill adds up to {total} cents"));
}

fn bound(files: &Files, verdict: &mut Verdict) {
    let value = files.number("/trench/cost_cents") + files.number("/trench/left_out_cents");
    let bound = files.number("/trench/bound_cents");
    verdict.demand((0..=value).contains(&bound), || format!("the bound {bound} is not between 0 and {value}"));
    let gap = if value == 0 { 0.0 } else { (value - bound) as f64 / value as f64 };
    verdict.demand((gap - files.decimal("/trench/gap")).abs() < 1e-9, || format!("trench.gap should be {gap}"));
    let optimal = files.summary.pointer("/trench/optimal").and_then(serde_json::Value::as_bool);
    verdict.demand(optimal == Some(bound == value), || "trench.optimal does not fit value and bound".to_owned());
}

/// The bound on the whole is none above its cost, its gap follows, and planning again with cables made nothing dearer.
fn whole(files: &Files, total: i64, verdict: &mut Verdict) {
    let bound = files.number("/total/bound_cents");
    verdict.demand((0..=total).contains(&bound), || format!("total.bound_cents {bound} is not between 0 and {total}"));
    let gap = if total == 0 { 0.0 } else { (total - bound) as f64 / total as f64 };
    verdict.demand((gap - files.decimal("/total/gap")).abs() < 1e-9, || format!("total.gap should be {gap}"));
    let first = files.number("/total/first_cents");
    verdict.demand(total <= first, || format!("the plan costs {total}, more than the {first} of the first one"));
}

/// Quantity and cents of a row; a quantity in metres as millimetres.
fn row_of(row: &BTreeMap<String, String>) -> Option<(i64, i64)> {
    let field = |name: &str| row.get(name).map_or("", String::as_str);
    let quantity = match field("unit") {
        "m" => field("quantity").replace('.', "").parse().ok()?,
        "each" => field("quantity").parse().ok()?,
        _ => cents(field("quantity"))?,
    };
    Some((quantity, cents(field("amount_eur"))?))
}

/// Rows of the bill by element and price.
fn rows(files: &Files, verdict: &mut Verdict) -> Expected {
    let mut rows = Expected::new();
    let mut told_total = None;
    for row in &files.bill {
        let field = |name: &str| row.get(name).cloned().unwrap_or_default();
        if field("element") == "total" {
            told_total = cents(&field("amount_eur"));
            continue;
        }
        let Some((quantity, amount)) = row_of(row) else {
            verdict.faults.push(format!("bill, {} {}: the row cannot be read", field("element"), field("price")));
            continue;
        };
        let entry = rows.entry((field("element"), field("price"))).or_default();
        entry.0 += quantity;
        entry.1 += amount;
    }
    verdict.equal("bill, total row", told_total.unwrap_or(i64::MIN), rows.values().map(|row| row.1).sum());
    rows
}

/// Every row that is due is there with its quantity and amount, and no other.
fn compare(expected: &Expected, rows: &Expected, verdict: &mut Verdict) {
    for ((element, key), &(quantity, amount)) in expected {
        let told = rows.get(&(element.clone(), key.clone())).copied().unwrap_or((0, 0));
        verdict.equal(&format!("bill, {element} {key}"), told.1, amount);
        verdict.equal(&format!("bill, {element} {key}: quantity"), told.0, quantity);
    }
    for (row, told) in rows.iter().filter(|((element, _), _)| element != "soft") {
        verdict.demand(*told == (0, 0) || expected.contains_key(row), || {
            format!("bill, {} {}: nothing of it is built", row.0, row.1)
        });
    }
}

/// The pieces of `cables.csv` are as long as the cables that are paid for, size by size.
fn pieces(files: &Files, rows: &Expected, verdict: &mut Verdict) {
    let mut lengths: BTreeMap<String, i64> = BTreeMap::new();
    for (line, row) in files.cables.iter().enumerate() {
        let field = |name: &str| row.get(name).map_or("", String::as_str);
        let Ok(length) = field("length_m").replace('.', "").parse::<i64>() else {
            verdict.faults.push(format!("cables.csv, row {}: its length cannot be read", line + 2));
            continue;
        };
        let key = if field("kind") == "drop" { "drop" } else { field("fibres") };
        *lengths.entry(format!("cable.{key}")).or_default() += length;
        *lengths.entry("cable.blow".to_owned()).or_default() += length;
    }
    let mut billed: BTreeMap<String, i64> = BTreeMap::new();
    for ((_, key), (quantity, _)) in rows.iter().filter(|((element, _), _)| element == "cable") {
        *billed.entry(key.clone()).or_default() += quantity;
    }
    lengths.retain(|_, length| *length != 0);
    verdict.demand(lengths == billed, || {
        format!("cables.csv: its pieces are not those of the bill, in mm by price: {lengths:?} and {billed:?}")
    });
}

/// The groups of each grouping add up to the bill, row by row.
fn groups(files: &Files, rows: &Expected, verdict: &mut Verdict) {
    let mut sums: BTreeMap<String, Expected> = BTreeMap::new();
    for row in &files.groups {
        let field = |name: &str| row.get(name).cloned().unwrap_or_default();
        let Some((quantity, amount)) = row_of(row) else {
            verdict.faults.push(format!("bill_by_group.csv, {}: a row cannot be read", field("group")));
            continue;
        };
        let entry = sums.entry(field("grouping")).or_default().entry((field("element"), field("price"))).or_default();
        entry.0 += quantity;
        entry.1 += amount;
    }
    for (grouping, sums) in &sums {
        verdict
            .demand(sums == rows, || format!("bill_by_group.csv: the groups by {grouping} do not add up to the bill"));
    }
    verdict.confirmed.push(format!("the bill adds up in {} groupings", sums.len()));
}

/// Connections of the connected addresses; also that PoPs hold what they are told to.
fn connections(files: &Files, second: &Second, verdict: &mut Verdict) -> i64 {
    let mut by_pop = second.by_pop.clone();
    let mut total = 0;
    for item in files.items("addresses").iter().filter(|item| item.text("status") == "connected") {
        let units = item.whole("units").unwrap_or(0);
        total += units;
        *by_pop.entry(item.text("pop")).or_default() += units;
    }
    for park in files.items("business_parks").iter().filter(|park| park.whole("connected") == Some(1)) {
        *by_pop.entry(park.text("pop")).or_default() += 1;
    }
    for pop in files.items("pops") {
        let figures = ["connections", "housings", "capacity"].map(|column| pop.whole(column).unwrap_or(-1));
        let [told, housings, capacity] = figures;
        verdict.equal(
            &format!("PoP {}: connections", pop.text("id")),
            told,
            by_pop.remove(&pop.text("id")).unwrap_or(0),
        );
        verdict.demand(housings >= 1 && told <= housings * capacity, || {
            format!("PoP {}: {told} connections in {housings} housings of {capacity}", pop.text("id"))
        });
    }
    for (pop, count) in by_pop {
        verdict.faults.push(format!("{count} connections are told to hang from the PoP `{pop}`, which is not open"));
    }
    total
}

/// PoP housings, each at its own price.
fn housings(files: &Files, expected: &mut Expected, verdict: &mut Verdict) {
    let extension = files.price("node.pop").map_or(i64::MIN / 1_000_000, |(price, _)| price);
    let row = expected.entry(("pop".to_owned(), "node.pop".to_owned())).or_default();
    for pop in files.items("pops") {
        let figures = ["opening_cents", "housings", "cost_cents"].map(|column| pop.whole(column).unwrap_or(-1));
        let [opening, housings, cost] = figures;
        verdict.equal(&format!("PoP {}: cost", pop.text("id")), cost, opening + (housings - 1) * extension);
        row.0 += housings;
        row.1 += cost;
    }
}

/// Design on civil works, contingency on everything before it.
fn soft(files: &Files, built: &Built, rows: &Expected, verdict: &mut Verdict) {
    let row = |key: &str| rows.get(&("soft".to_owned(), key.to_owned())).map_or(0, |row| row.1);
    let price = |key: &str| files.price(key).map_or(i64::MIN / 1_000_000, |(price, _)| price);
    let civil: i64 = built.works.values().map(|(_, amount)| amount).sum();
    let design = (civil * price("soft.design_permit_pm") + 5000).div_euclid(10_000);
    verdict.equal("bill, design and permits", row("soft.design_permit_pm"), design);
    let rest: i64 = rows.iter().filter(|((_, key), _)| key != "soft.contingency").map(|(_, row)| row.1).sum();
    let contingency = (rest * price("soft.contingency") + 5000).div_euclid(10_000);
    verdict.equal("bill, contingency", row("soft.contingency"), contingency);
}
