//! Do the years keep to every rule, and do subsidies add up?
//!
//! Budgets, metres, sign-ups, precedence and values are recomputed from the tables and the map; the greedy cut of the
//! ranking is made anew, and the schedule may not be worse.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::judge::Verdict;
use crate::judge::bill::cents;
use crate::judge::files::{Files, Row};

/// A unit as the ranking tells of it.
struct Unit {
    name: String,
    /// Place of the unit before it in the ranking.
    after: Option<usize>,
    cost: i64,
    length: i64,
    need: Vec<i64>,
    ready: bool,
    year: Option<usize>,
}

/// What a year allows.
struct Year {
    label: i64,
    budget: i64,
    length: Option<i64>,
    service: i64,
}

fn field<'a>(row: &'a Row, name: &str) -> &'a str {
    row.get(name).map_or("", String::as_str)
}

fn whole(row: &Row, name: &str) -> i64 {
    field(row, name).parse().unwrap_or(i64::MIN / 4)
}

/// Cents or millimetres of a decimal text.
fn money(row: &Row, name: &str) -> i64 {
    cents(field(row, name)).unwrap_or(i64::MIN / 4)
}

fn millimetres(row: &Row) -> i64 {
    (field(row, "length_m").parse().unwrap_or(f64::NAN) * 1000.0).round() as i64
}

pub(super) fn judge(files: &Files, verdict: &mut Verdict) {
    let years = years(files);
    let units = units(files, &years, verdict);
    let total: i64 = units.iter().map(|unit| unit.cost).sum();
    verdict.equal("total costs of all units", total, files.number("/total/cost_cents"));
    bills(files, &units, &years, verdict);
    lengths(files, &units, verdict);
    labels(files, &units, &years, verdict);
    subsidies(files, verdict);
    let told = files.summary.pointer("/phases").cloned().unwrap_or(Json::Null);
    verdict
        .demand(told.is_null() == years.is_empty(), || "plan.json: phases do not fit the scenario's years".to_owned());
    verdict.demand(files.phases.len() == years.len(), || "phases.csv: there is not a row for every year".to_owned());
    if years.is_empty() {
        return;
    }
    let schedule: Vec<Option<usize>> = units.iter().map(|unit| unit.year).collect();
    rules(files, &units, &years, &schedule, verdict);
    spending(files, &units, &years, verdict);
    values(files, &units, &years, &schedule, verdict);
    verdict.confirmed.push(format!("{} years keep to budgets, metres, sign-ups and precedence", years.len()));
}

/// What units and years cost is what the bill by group says of them.
fn bills(files: &Files, units: &[Unit], years: &[Year], verdict: &mut Verdict) {
    let mut sums: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for row in &files.groups {
        *sums.entry((field(row, "grouping"), field(row, "group"))).or_default() += money(row, "amount_eur");
    }
    let billed = |grouping: &str, group: &str| sums.get(&(grouping, group)).copied().unwrap_or(0);
    for unit in units {
        verdict.equal(&format!("{}: its bill in cents", unit.name), billed("unit", &unit.name), unit.cost);
    }
    for (place, year) in years.iter().enumerate() {
        let spent = units.iter().filter(|unit| unit.year == Some(place)).map(|unit| unit.cost).sum();
        verdict.equal(&format!("{}: its bill in cents", year.label), billed("year", &year.label.to_string()), spent);
    }
}

fn years(files: &Files) -> Vec<Year> {
    let rules = files.summary.pointer("/scenario/phases");
    let listed = rules.and_then(|rules| rules.get("years")).and_then(Json::as_array).cloned().unwrap_or_default();
    let rate = files.decimal("/scenario/phases/discount_rate");
    let worth: Vec<i64> =
        (0..listed.len()).map(|year| (10_000.0 / (1.0 + rate).powi(year as i32)).round() as i64).collect();
    let year = |(place, year): (usize, &Json)| Year {
        label: year.get("year").and_then(Json::as_i64).unwrap_or(-1),
        budget: (year.get("budget").and_then(Json::as_f64).unwrap_or(0.0) * 100.0).round() as i64,
        length: year.get("metres").and_then(Json::as_f64).map(|metres| (metres * 1000.0).round() as i64),
        service: worth[place..].iter().sum(),
    };
    listed.iter().enumerate().map(year).collect()
}

/// Units in the order of the ranking, their sign-ups counted from the addresses.
fn units(files: &Files, years: &[Year], verdict: &mut Verdict) -> Vec<Unit> {
    let mut counted: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for row in files.addresses.iter().filter(|row| field(row, "status") == "connected") {
        let (connections, sign_ups) = counted.entry(field(row, "unit")).or_default();
        *connections += whole(row, "units");
        *sign_ups += field(row, "sign_ups").parse::<i64>().unwrap_or(0);
    }
    let by_column =
        files.summary.pointer("/scenario/layers/addresses/sign_ups").is_some_and(|column| !column.is_null());
    let (take_up, threshold) = (files.decimal("/scenario/design/take_up"), files.decimal("/scenario/phases/threshold"));
    let places: BTreeMap<&str, usize> =
        files.ranking.iter().enumerate().map(|(place, row)| (field(row, "unit"), place)).collect();
    let mut units = Vec::new();
    for row in &files.ranking {
        let name = field(row, "unit");
        let (connections, signed) = counted.get(name).copied().unwrap_or_default();
        let sign_ups = if by_column { signed } else { (connections as f64 * take_up).round() as i64 };
        let needed = (connections as f64 * threshold - 1e-9).ceil().max(0.0) as i64;
        verdict.equal(&format!("{name}: connections"), whole(row, "connections"), connections);
        verdict.equal(&format!("{name}: sign-ups"), whole(row, "sign_ups"), sign_ups);
        verdict.equal(&format!("{name}: sign-ups needed"), whole(row, "sign_ups_needed"), needed);
        let told = field(row, "phase");
        let year = years.iter().position(|year| year.label.to_string() == told);
        verdict.demand(told.is_empty() || year.is_some(), || format!("{name}: there is no year {told}"));
        units.push(Unit {
            name: name.to_owned(),
            after: places.get(field(row, "after")).copied(),
            cost: money(row, "total_cost_eur"),
            length: millimetres(row),
            need: need(files, row),
            ready: sign_ups >= needed,
            year,
        });
    }
    units
}

/// What counts of a unit's need, the most important first: points by tier, or the weighted sum of points by criterion; in
/// hundredths, weights in thousandths.
fn need(files: &Files, row: &Row) -> Vec<i64> {
    let points = |column: &str| money(row, column);
    if files.summary.pointer("/scenario/rollout/order").and_then(Json::as_str) != Some("weighted") {
        return tiers(files).iter().map(|tier| points(&format!("points {tier}"))).collect();
    }
    let weight = |name: &str| {
        let told = files.summary.pointer(&format!("/ranking/weights/{name}")).and_then(Json::as_f64);
        (told.unwrap_or(f64::NAN) * 1000.0).round() as i64
    };
    let parts: [(&str, &[&str]); 5] = [
        ("park", &["need_park"]),
        ("care", &["need_care_address", "need_care_65_plus", "need_care_distance"]),
        ("agri", &["need_agri"]),
        ("education", &["need_education"]),
        ("rest", &["need_base"]),
    ];
    let weighted =
        parts.iter().map(|(name, columns)| weight(name) * columns.iter().map(|column| points(column)).sum::<i64>());
    vec![weighted.sum()]
}

/// Names of the tiers, first tier first.
fn tiers(files: &Files) -> Vec<String> {
    let listed =
        files.summary.pointer("/scenario/priority/tiers").and_then(Json::as_array).cloned().unwrap_or_default();
    let name = |tier: &Json| {
        let words = tier.as_array().into_iter().flatten().filter_map(Json::as_str);
        words.collect::<Vec<_>>().join(", ")
    };
    let named = listed.iter().map(name);
    std::iter::once("business parks".to_owned()).chain(named).chain(["rest".to_owned()]).collect()
}

/// The map's trenches and drops, those of second routes included, are as long as the ranking tells, unit by unit.
fn lengths(files: &Files, units: &[Unit], verdict: &mut Verdict) {
    let mut built: BTreeMap<i64, i64> = BTreeMap::new();
    for layer in ["trenches", "drops", "redundancy"] {
        for item in files.items(layer) {
            *built.entry(item.whole("rank").unwrap_or(0)).or_default() += item.whole("length_mm").unwrap_or(0);
        }
    }
    for (place, unit) in units.iter().enumerate() {
        let length = built.get(&(place as i64 + 1)).copied().unwrap_or(0);
        verdict.equal(&format!("{}: millimetres dug", unit.name), unit.length, length);
    }
}

/// Addresses and the map tell the same years as the ranking.
fn labels(files: &Files, units: &[Unit], years: &[Year], verdict: &mut Verdict) {
    let label = |unit: &Unit| unit.year.map(|year| years[year].label);
    let by_name: BTreeMap<&str, Option<i64>> = units.iter().map(|unit| (unit.name.as_str(), label(unit))).collect();
    for row in &files.addresses {
        let expected = by_name.get(field(row, "unit")).copied().flatten();
        let told = field(row, "phase").parse::<i64>().ok();
        verdict.demand(told == expected, || format!("address {}: its phase is not that of its unit", field(row, "id")));
    }
    for layer in ["units", "trenches", "drops", "redundancy", "addresses"] {
        for item in files.items(layer) {
            let unit = item.whole("rank").and_then(|rank| units.get((rank - 1) as usize));
            let expected = unit.and_then(label);
            verdict.demand(item.whole("phase") == expected, || {
                format!(
                    "{layer}: a phase on the map is not that of its unit ({})",
                    unit.map_or("none", |unit| &unit.name)
                )
            });
        }
    }
}

/// Sign-ups, precedence, budgets, metres.
fn rules(files: &Files, units: &[Unit], years: &[Year], schedule: &[Option<usize>], verdict: &mut Verdict) {
    for (unit, year) in units.iter().zip(schedule) {
        let Some(year) = year else { continue };
        verdict.demand(unit.ready, || format!("{}: it is built with too few sign-ups", unit.name));
        let before = unit.after.map(|after| schedule[after]);
        verdict.demand(before.is_none_or(|before| before.is_some_and(|before| before <= *year)), || {
            format!("{}: it is built before what it hangs from", unit.name)
        });
    }
    let room = room(files, units, years, schedule);
    for (year, (money, length)) in years.iter().zip(room) {
        verdict.demand(money >= 0, || format!("{}: the budget is exceeded by {} cents", year.label, -money));
        verdict.demand(length >= 0, || format!("{}: {} millimetres too many are dug", year.label, -length));
    }
}

/// What a schedule leaves of every year's money (savings included where they may be kept) and metres.
fn room(files: &Files, units: &[Unit], years: &[Year], schedule: &[Option<usize>]) -> Vec<(i64, i64)> {
    let keeps = files.summary.pointer("/scenario/phases/carry_over").and_then(Json::as_bool) == Some(true);
    let mut saved = 0;
    let mut room = Vec::new();
    for (place, year) in years.iter().enumerate() {
        let built = || units.iter().zip(schedule).filter(|(_, built)| **built == Some(place)).map(|(unit, _)| unit);
        let money = year.budget + saved - built().map(|unit| unit.cost).sum::<i64>();
        let length = year.length.map_or(i64::MAX, |most| most - built().map(|unit| unit.length).sum::<i64>());
        saved = if keeps { money } else { 0 };
        room.push((money, length));
    }
    room
}

/// `phases.csv` and `plan.json` tell what the units of each year cost and measure.
fn spending(files: &Files, units: &[Unit], years: &[Year], verdict: &mut Verdict) {
    for (place, (year, row)) in years.iter().zip(&files.phases).enumerate() {
        let built: Vec<&Unit> = units.iter().filter(|unit| unit.year == Some(place)).collect();
        let (cost, length): (i64, i64) =
            built.iter().fold((0, 0), |sum, unit| (sum.0 + unit.cost, sum.1 + unit.length));
        verdict.equal("phases.csv: the year", whole(row, "phase"), year.label);
        verdict.equal(&format!("{}: units", year.label), whole(row, "units"), built.len() as i64);
        verdict.equal(&format!("{}: spent", year.label), money(row, "spent_eur"), cost);
        verdict.equal(&format!("{}: budget", year.label), money(row, "budget_eur"), year.budget);
        let told = files.number(&format!("/phases/years/{place}/spent_cents"));
        verdict.equal(&format!("{}: spent in plan.json", year.label), told, cost);
        let told = files.number(&format!("/phases/years/{place}/length_mm"));
        verdict.equal(&format!("{}: dug in plan.json", year.label), told, length);
    }
}

/// Values are as told, bounds are above them, and the greedy cut of the ranking is no better.
fn values(files: &Files, units: &[Unit], years: &[Year], schedule: &[Option<usize>], verdict: &mut Verdict) {
    let value = |schedule: &[Option<usize>]| -> Vec<i64> {
        let tier = |tier: usize| {
            let built = units.iter().zip(schedule);
            built.filter_map(|(unit, year)| year.map(|year| unit.need[tier] * years[year].service)).sum()
        };
        (0..units.first().map_or(0, |unit| unit.need.len())).map(tier).collect()
    };
    let (ours, greedy) = (value(schedule), value(&greedy(files, units, years)));
    for (tier, (ours, greedy)) in ours.iter().zip(&greedy).enumerate() {
        let told = |key: &str| files.number(&format!("/phases/tiers/{tier}/{key}"));
        verdict.equal(&format!("tier {tier}: need in service"), told("value"), *ours);
        verdict.equal(&format!("tier {tier}: need in service of the greedy cut"), told("greedy"), *greedy);
        verdict.demand(told("bound") >= *ours, || format!("tier {tier}: the bound is below the value"));
        let optimal = files.summary.pointer(&format!("/phases/tiers/{tier}/optimal")).and_then(Json::as_bool);
        verdict
            .demand(optimal == Some(told("bound") == *ours), || format!("tier {tier}: optimal does not fit the bound"));
    }
    verdict.demand(ours >= greedy, || "the years are worse than the greedy cut of the ranking".to_owned());
}

/// Each unit of the ranking in turn in the first year with room for it.
fn greedy(files: &Files, units: &[Unit], years: &[Year]) -> Vec<Option<usize>> {
    let mut schedule: Vec<Option<usize>> = vec![None; units.len()];
    for (place, unit) in units.iter().enumerate().filter(|(_, unit)| unit.ready) {
        let earliest = unit.after.map_or(Some(0), |after| schedule[after]);
        let Some(earliest) = earliest else { continue };
        for year in earliest..years.len() {
            schedule[place] = Some(year);
            if room(files, units, years, &schedule).iter().all(|&(money, length)| money >= 0 && length >= 0) {
                break;
            }
            schedule[place] = None;
        }
    }
    schedule
}

/// Net present values follow from revenue and cost shares, address by address and unit by unit.
fn subsidies(files: &Files, verdict: &mut Verdict) {
    let revenue = (files.decimal("/scenario/prize/revenue") * 100.0).round() as i64;
    let mut shares: BTreeMap<&str, i64> = BTreeMap::new();
    for row in files.addresses.iter().filter(|row| field(row, "status") == "connected") {
        let share = money(row, "cost_share_eur");
        *shares.entry(field(row, "unit")).or_default() += share;
        let value = revenue * whole(row, "units") - share;
        verdict.equal(&format!("address {}: value", field(row, "id")), money(row, "net_present_value_eur"), value);
    }
    let mut tops = 0;
    let mut costs = 0;
    let (units, total) = files.subsidy.split_at(files.subsidy.len().saturating_sub(1));
    verdict.equal("rows of subsidy.csv", units.len() as i64, files.ranking.len() as i64);
    for row in units {
        let name = field(row, "unit");
        let (cost, connections) = (money(row, "cost_share_eur"), whole(row, "connections"));
        let top = (cost - revenue * connections).max(0);
        if field(row, "kind") != "park" {
            verdict.equal(&format!("{name}: cost shares"), cost, shares.get(name).copied().unwrap_or(0));
        }
        verdict.equal(&format!("{name}: revenue"), money(row, "revenue_eur"), revenue * connections);
        verdict.equal(&format!("{name}: unprofitable top"), money(row, "unprofitable_top_eur"), top);
        tops += top;
        costs += cost;
    }
    for row in total {
        verdict.equal("subsidy by unit", money(row, "unprofitable_top_eur"), tops);
        verdict.equal("cost shares of all units", money(row, "cost_share_eur"), costs);
        verdict.equal("cost shares of all units and the total", costs, files.number("/total/cost_cents"));
    }
    verdict.equal("subsidy.needed_by_unit_cents", files.number("/subsidy/needed_by_unit_cents"), tops);
}
