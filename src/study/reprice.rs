//! A finished plan at other prices: the plan stays as it is, its bill is told anew.

use std::collections::BTreeMap;
use std::path::Path;

use crate::scenario::{PriceBook, Scenario, Unit};
use crate::study::Error;
use crate::units::{Length, Money};

/// Elements of the bill that design and permits are due on.
const CIVIL: [&str; 7] = ["trench", "crossing", "duct", "drop", "park-entry", "pop-entry", "redundancy"];

/// A bill at the old and the new prices.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Repricing {
    /// Its rows.
    pub rows: Vec<Repriced>,
    /// Sum of all rows, old and new.
    pub total: [Money; 2],
}

/// One row of a bill at the old and the new price.
#[derive(Clone, Debug, PartialEq)]
pub struct Repriced {
    /// What it is for, as in the bill.
    pub element: String,
    /// The price's key.
    pub price: String,
    /// Quantity as in the bill.
    pub quantity: String,
    /// Price per unit, old and new.
    pub unit_price: [Money; 2],
    /// Amount, old and new.
    pub amount: [Money; 2],
}

/// The bill of a result folder at other prices: a row with a new price changes by quantity times difference (to the
/// nearest cent), percentages follow the rows that they are due on, and nothing else changes.
///
/// Changes are euros (or percent) by price key.
///
/// # Errors
/// If the folder's bill or scenario cannot be read, or there is no such price.
pub fn reprice(folder: &Path, changes: &BTreeMap<String, f64>) -> Result<Repricing, Error> {
    let wrong = |name: &str, what: String| Error::Instance { path: folder.join(name).display().to_string(), what };
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|error| wrong(name, error.to_string()));
    let mut scenario =
        Scenario::parse(&read("scenario.toml")?).map_err(|error| wrong("scenario.toml", error.to_string()))?;
    let old = scenario.price_book();
    for (key, &price) in changes {
        if old.find(key).is_none() || !(0.0..=1e8).contains(&price) {
            let what = format!("the plan has no price `{key}`, or {price} is none; see bill_of_quantities.csv");
            return Err(wrong("scenario.toml", what));
        }
        scenario.prices.entry(key.clone()).or_default().price = price;
    }
    let new = scenario.price_book();
    let table = read("bill_of_quantities.csv")?;
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let mut rows = Vec::new();
    for record in reader.deserialize::<BTreeMap<String, String>>() {
        let record = record.map_err(|error| wrong("bill_of_quantities.csv", error.to_string()))?;
        if record.get("element").is_some_and(|element| element != "total") {
            let place = rows.len() + 2;
            let row = repriced(&record, &old, &new, &rows);
            rows.push(row.ok_or_else(|| wrong("bill_of_quantities.csv", format!("row {place} cannot be read")))?);
        }
    }
    let total = [0, 1].map(|at| rows.iter().map(|row: &Repriced| row.amount[at]).sum());
    Ok(Repricing { rows, total })
}

/// One row at the new prices, after those before it.
fn repriced(
    record: &BTreeMap<String, String>,
    old: &PriceBook,
    new: &PriceBook,
    before: &[Repriced],
) -> Option<Repriced> {
    let (element, key, quantity) = (record.get("element")?, record.get("price")?, record.get("quantity")?);
    let id = old.find(key)?;
    let prices = [old.money(id), new.money(new.find(key)?)];
    let amount = Money::from_euros(record.get("amount_eur")?.parse().ok()?)?;
    let difference = prices[1] - prices[0];
    let now = match old.unit(id) {
        Unit::Metre => amount + Length::from_metres(quantity.parse().ok()?)?.at(difference),
        Unit::Each => amount + difference * quantity.parse::<i64>().ok()?,
        Unit::Percent => {
            // Design is due on civil works, contingency on all rows before it: their changes are due on as well.
            let base = Money::from_euros(quantity.parse().ok()?)?;
            let is_all = before.iter().map(|row| row.amount[0]).sum::<Money>() == base;
            let due = before.iter().filter(|row| is_all || CIVIL.contains(&row.element.as_str()));
            let changed: Money = due.map(|row| row.amount[1] - row.amount[0]).sum();
            (base + changed).share(prices[1].cents())
        }
    };
    Some(Repriced {
        element: element.clone(),
        price: key.clone(),
        quantity: quantity.clone(),
        unit_price: prices,
        amount: [amount, now],
    })
}
