//! Do the totals add up: trenches, PoPs, cabinets, cable, homes, soft costs, shares, bound?

use std::collections::BTreeMap;

use crate::judge::Verdict;
use crate::judge::files::Files;
use crate::judge::forest::Built;

/// Cents from text such as `-12.50`.
pub(super) fn cents(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.')?;
    let negative = whole.starts_with('-');
    let whole: i64 = whole.trim_start_matches('-').parse().ok()?;
    let part: i64 = (part.len() == 2).then(|| part.parse().ok()).flatten()?;
    let size = whole.checked_mul(100)?.checked_add(part)?;
    Some(if negative { -size } else { size })
}

pub(super) fn judge(files: &Files, built: &Built, verdict: &mut Verdict) {
    let pops = files.items("pops");
    let openings: i64 = pops.iter().filter_map(|pop| pop.whole("opening_cents")).sum();
    verdict.equal("trench.cost_cents", files.number("/trench/cost_cents"), built.segments_cents + openings);
    let length = (files.decimal("/trench/length_m") * 1000.0).round() as i64;
    verdict.equal("trench.length_m in millimetres", length, built.length_mm);
    bound(files, verdict);
    let connections = connections(files, built, verdict);
    let rows = rows(files, verdict);
    for ((kind, key), &(_, amount)) in &built.works {
        let told = rows.get(&(kind.clone(), key.clone())).copied();
        verdict.equal(&format!("bill, {kind} {key}"), told.unwrap_or(i64::MIN), amount);
    }
    let civil = ["trench", "duct", "drop", "park-entry", "pop-entry"];
    for ((kind, key), amount) in rows.iter().filter(|((kind, _), _)| civil.contains(&kind.as_str())) {
        verdict.demand(*amount == 0 || built.works.contains_key(&(kind.clone(), key.clone())), || {
            format!("bill, {kind} {key}: nothing of it is built")
        });
    }
    equipment(files, built, connections, &rows, verdict);
    let total: i64 = rows.values().sum();
    verdict.equal("total.cost_cents", files.number("/total/cost_cents"), total);
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

/// Rows of the bill by element and price.
fn rows(files: &Files, verdict: &mut Verdict) -> BTreeMap<(String, String), i64> {
    let mut rows = BTreeMap::new();
    let mut told_total = None;
    for row in &files.bill {
        let field = |name: &str| row.get(name).cloned().unwrap_or_default();
        let Some(amount) = cents(&field("amount_eur")) else {
            verdict.faults.push(format!("bill, {} {}: the amount cannot be read", field("element"), field("price")));
            continue;
        };
        if field("element") == "total" {
            told_total = Some(amount);
        } else {
            *rows.entry((field("element"), field("price"))).or_insert(0) += amount;
        }
    }
    verdict.equal("bill, total row", told_total.unwrap_or(i64::MIN), rows.values().sum());
    rows
}

/// Connections of the connected addresses; also that PoPs and cabinets hold what they are told to.
fn connections(files: &Files, built: &Built, verdict: &mut Verdict) -> i64 {
    let mut by_pop: BTreeMap<String, i64> = BTreeMap::new();
    let mut by_cabinet: BTreeMap<i64, i64> = BTreeMap::new();
    let mut nodes: BTreeMap<i64, Vec<(i64, i64, String)>> = BTreeMap::new();
    let mut total = 0;
    for item in files.items("addresses").iter().filter(|item| item.text("status") == "connected") {
        let units = item.whole("units").unwrap_or(0);
        total += units;
        *by_pop.entry(item.text("pop")).or_default() += units;
        let (cabinet, node, route) = (item.whole("cabinet"), item.whole("node"), item.whole("route_mm"));
        let (Some(cabinet), Some(node), Some(route)) = (cabinet, node, route) else {
            verdict.faults.push(format!("address {}: connected without cabinet or route", item.text("id")));
            continue;
        };
        *by_cabinet.entry(cabinet).or_default() += units;
        nodes.entry(cabinet).or_default().push((node, route, item.text("id")));
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
    let ports = files.number("/scenario/design/cabinet_ports");
    for cabinet in files.items("cabinets") {
        let id = cabinet.whole("id").unwrap_or(-1);
        let figures =
            ["connections", "housings", "feeder_mm", "node"].map(|column| cabinet.whole(column).unwrap_or(-1));
        let [told, housings, feeder, node] = figures;
        verdict.equal(&format!("cabinet {id}: connections"), told, by_cabinet.remove(&id).unwrap_or(0));
        verdict.demand(told <= housings * ports, || {
            format!("cabinet {id}: {told} connections in {housings} cabinets of {ports} ports")
        });
        verdict.equal(&format!("cabinet {id}: feeder"), feeder, built.depth.get(&node).copied().unwrap_or(-1));
        for (address, route, name) in nodes.remove(&id).unwrap_or_default() {
            let way = feeder + between(built, node, address).unwrap_or(i64::MIN / 4);
            verdict.equal(&format!("address {name}: route"), route, way);
        }
    }
    for (cabinet, count) in by_cabinet {
        verdict.faults.push(format!("{count} connections are told to hang from cabinet {cabinet}, which is not there"));
    }
    total
}

/// Way along the tree between two nodes of one PoP.
fn between(built: &Built, from: i64, to: i64) -> Option<i64> {
    let above = |node: i64| std::iter::successors(Some(node), |node| built.parent.get(node).copied());
    let ours: std::collections::BTreeSet<i64> = above(from).collect();
    let meeting = above(to).find(|node| ours.contains(node))?;
    Some(built.depth.get(&from)? + built.depth.get(&to)? - 2 * built.depth.get(&meeting)?)
}

fn equipment(
    files: &Files,
    built: &Built,
    connections: i64,
    rows: &BTreeMap<(String, String), i64>,
    verdict: &mut Verdict,
) {
    let row = |element: &str, key: &str| rows.get(&(element.to_owned(), key.to_owned())).copied().unwrap_or(0);
    let price = |key: &str| files.price(key).map_or(i64::MIN / 1_000_000, |(price, _)| price);
    let pops: i64 = files.items("pops").iter().filter_map(|pop| pop.whole("cost_cents")).sum();
    for pop in files.items("pops") {
        let figures = ["opening_cents", "housings", "cost_cents"].map(|column| pop.whole(column).unwrap_or(-1));
        let [opening, housings, cost] = figures;
        verdict.equal(&format!("PoP {}: cost", pop.text("id")), cost, opening + (housings - 1) * price("node.pop"));
    }
    verdict.equal("bill, PoPs", row("pop", "node.pop"), pops);
    let cabinets = files.items("cabinets");
    let housings: i64 = cabinets.iter().filter_map(|cabinet| cabinet.whole("housings")).sum();
    verdict.equal("bill, cabinets", row("cabinet", "node.cabinet"), housings * price("node.cabinet"));
    // One run of cable in every trench, duct and drop.
    let cable = built.length_mm;
    let expected = (cable * price("cable.route") + 500).div_euclid(1000);
    verdict.equal("bill, cable", row("cable", "cable.route"), expected);
    let homes = (connections as f64 * files.decimal("/scenario/design/take_up")).ceil() as i64;
    verdict.equal("bill, home connections", row("home", "home.connect"), homes * price("home.connect"));
    let civil: i64 = built.works.values().map(|(_, amount)| amount).sum();
    let design = (civil * price("soft.design_permit_pm") + 5000).div_euclid(10_000);
    verdict.equal("bill, design and permits", row("soft", "soft.design_permit_pm"), design);
    let rest: i64 = rows.iter().filter(|((_, key), _)| key != "soft.contingency").map(|(_, amount)| amount).sum();
    let contingency = (rest * price("soft.contingency") + 5000).div_euclid(10_000);
    verdict.equal("bill, contingency", row("soft", "soft.contingency"), contingency);
}
