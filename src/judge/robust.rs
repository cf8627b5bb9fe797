//! Do the shares of draws add up, and do the totals at the ends of each range follow from the bill?

use serde_json::Value as Json;

use crate::judge::Verdict;
use crate::judge::bill::cents;
use crate::judge::files::Files;

/// Cents that rounding may move a recomputed total by.
const TOLERANCE: f64 = 200.0;

pub(super) fn judge(files: &Files, verdict: &mut Verdict) {
    let Some(about) = files.summary.pointer("/robustness").filter(|about| !about.is_null()) else {
        let none = files.robustness.is_empty() && files.sensitivity.is_empty();
        verdict.demand(none, || "plan.json tells nothing of robustness".to_owned());
        return;
    };
    let whole = |pointer: &str| about.pointer(pointer).and_then(Json::as_i64).unwrap_or(i64::MIN);
    verdict.equal("robustness: serving units", whole("/serving_units"), files.robustness.len() as i64);
    for (place, row) in files.robustness.iter().enumerate() {
        let shares: Vec<f64> = row
            .iter()
            .filter(|(name, _)| *name == "place_later" || name.strip_prefix("place_").is_some_and(is_number))
            .map(|(_, share)| share.parse().unwrap_or(f64::NAN))
            .collect();
        let (least, sum) = (shares.iter().copied().fold(f64::INFINITY, f64::min), shares.iter().sum::<f64>());
        verdict.demand((sum - 1.0).abs() < 1e-4 && least >= -1e-6, || {
            format!("robustness.csv, row {}: the shares add up to {sum}", place + 2)
        });
        verdict.demand(row.get("place").is_some_and(|told| *told == (place + 1).to_string()), || {
            format!("robustness.csv, row {}: wrong place", place + 2)
        });
    }
    let [p10, p50, p90] = ["p10", "p50", "p90"].map(|key| whole(&format!("/total/{key}_cents")));
    verdict.demand(p10 <= p50 && p50 <= p90, || "robustness: P10, P50 and P90 are not in order".to_owned());
    let bill = Rows::read(files);
    let planned = bill.total(None, 1.0, 1.0);
    let total = files.number("/total/cost_cents") as f64;
    verdict.demand((planned - total).abs() <= TOLERANCE, || format!("robustness: the bill comes to {planned}"));
    for row in &files.sensitivity {
        let field = |name: &str| row.get(name).map_or("", String::as_str);
        let number = |name: &str| field(name).parse::<f64>().unwrap_or(f64::NAN);
        let planned = number("planned");
        for end in ["low", "high"] {
            let times = if planned > 0.0 { number(end) / planned } else { 1.0 };
            let found = match field("lever") {
                "take-up" => bill.total(None, 1.0, times),
                price => bill.total(Some(price), times, 1.0),
            };
            let told = cents(field(&format!("total_at_{end}_eur"))).unwrap_or(i64::MIN) as f64;
            verdict.demand((told - found).abs() <= TOLERANCE + found.abs() * 1e-9, || {
                format!("sensitivity.csv: {} at its {end} end: told {told}, recomputed {found}", field("lever"))
            });
        }
    }
    verdict.confirmed.push(format!("{} rows of shares and {} levers", files.robustness.len(), files.sensitivity.len()));
}

fn is_number(text: &str) -> bool {
    text.parse::<u32>().is_ok()
}

/// Rows of the bill as numbers.
struct Rows(Vec<Row>);

struct Row {
    element: String,
    price: String,
    percent: bool,
    /// Cents; for a percentage, the cents that it is due on.
    quantity: f64,
    amount: f64,
}

impl Rows {
    fn read(files: &Files) -> Self {
        let rows = files.bill.iter().filter(|row| row.get("element").is_some_and(|element| element != "total"));
        let row = |row: &std::collections::BTreeMap<String, String>| {
            let field = |name: &str| row.get(name).cloned().unwrap_or_default();
            let amount = |name: &str| cents(&field(name)).unwrap_or(0) as f64;
            let percent = field("unit").starts_with('%');
            let quantity = if percent { amount("quantity") } else { 0.0 };
            Row { element: field("element"), price: field("price"), percent, quantity, amount: amount("amount_eur") }
        };
        Self(rows.map(row).collect())
    }

    /// The total where one price is so many times what it was, and home connections are.
    fn total(&self, price: Option<&str>, times: f64, homes: f64) -> f64 {
        let civil = ["trench", "crossing", "duct", "drop", "park-entry", "pop-entry", "redundancy"];
        let scaled = |row: &Row| {
            let own = if Some(row.price.as_str()) == price { times } else { 1.0 };
            own * if row.element == "home" { homes } else { 1.0 }
        };
        let (plain, percent): (Vec<&Row>, Vec<&Row>) = self.0.iter().partition(|row| !row.percent);
        let sum = |rows: &[&Row], only_civil: bool| -> (f64, f64) {
            let rows = rows.iter().filter(|row| !only_civil || civil.contains(&row.element.as_str()));
            rows.fold((0.0, 0.0), |(before, now), row| (before + row.amount, now + row.amount * scaled(row)))
        };
        let (works_before, works) = sum(&plain, true);
        let (mut before, mut now) = sum(&plain, false);
        for row in percent {
            let on_works = (row.quantity - works_before).abs() < 0.5;
            let (base_before, base) = if on_works { (works_before, works) } else { (before, now) };
            let grown = if base_before > 0.0 { base / base_before } else { 1.0 };
            before += row.amount;
            now += row.amount * scaled(row) * grown;
        }
        now
    }
}
