//! A finished plan ranked anew with other weights, from its result folder and without planning again.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::rollout::{Job, Part, Strictness, mean_wait, sequence, weighted};
use crate::scenario::{Criterion, OrderRule};
use crate::study::Error;
use crate::units::Money;

/// A ranking made anew.
#[derive(Clone, Debug)]
pub struct Reranked {
    /// `ranking.csv` in the new order, with the rank that each unit had in the plan.
    pub table: String,
    /// `ranking.json`: how units were ordered, and of which plan.
    pub about: String,
    /// Units in it.
    pub units: usize,
    /// How many of them have another rank than in the plan.
    pub moved: usize,
    /// What strict tiers cost under these weights.
    pub strictness: Strictness,
}

/// A table with its columns by name.
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// Ranks the units of a result folder anew. Weights not named are those of the plan. Time: O(n log^2 n).
///
/// # Errors
/// If the folder holds no ranking of a plan that can be read.
pub fn rerank(folder: &Path, weights: &BTreeMap<Criterion, f64>, rule: OrderRule) -> Result<Reranked, Error> {
    let path = folder.join("ranking.csv");
    let wrong = |what: &str| Error::Results { path: path.display().to_string(), what: what.to_owned() };
    let bytes = std::fs::read(&path).map_err(|error| wrong(&format!("it cannot be read, {error}")))?;
    let mut table = read(&bytes).map_err(|what| wrong(&what))?;
    let plan = plan_about(folder)?;
    let names = plan.pointer("/tiers").and_then(Value::as_array).cloned().unwrap_or_default();
    let names: Vec<String> = names.iter().map(|name| name.as_str().unwrap_or_default().to_owned()).collect();
    let weight = |criterion: Criterion| {
        let planned =
            plan.pointer("/weights").and_then(|weights| weights.get(criterion.name())).and_then(Value::as_f64);
        weights.get(&criterion).copied().or(planned).unwrap_or(1.0)
    };
    let weights = Criterion::ALL.map(weight);
    let (strict, free) = jobs(&table, &names, &weights).map_err(|what| wrong(&what))?;
    let (by_tier, by_weight) = (sequence(&strict), sequence(&free));
    let strictness = Strictness { strict: mean_wait(&free, &by_tier), free: mean_wait(&free, &by_weight) };
    let order = if rule == OrderRule::Strict { by_tier } else { by_weight };
    let moved = order.iter().enumerate().filter(|(rank, unit)| *rank != **unit as usize).count();
    reorder(&mut table, &order, &strict).map_err(|what| wrong(&what))?;
    let hash = Sha256::digest(&bytes).iter().fold(String::new(), |mut hash, byte| {
        let _ = write!(hash, "{byte:02x}");
        hash
    });
    let told: serde_json::Map<String, Value> = Criterion::ALL
        .iter()
        .zip(weights)
        .map(|(criterion, weight)| (criterion.name().to_owned(), json!(weight)))
        .collect();
    let about = json!({
        "order": rule,
        "tiers": names,
        "weights": told,
        "wait_strict_eur": strictness.strict,
        "wait_free_eur": strictness.free,
        "price_of_strictness": strictness.price(),
        "plan_ranking_sha256": hash,
        "versions": { "vezel": env!("CARGO_PKG_VERSION"), "format": 1 },
    });
    let about = serde_json::to_string_pretty(&about).expect("a JSON value can be written") + "\n";
    Ok(Reranked { table: write_table(&table), about, units: order.len(), moved, strictness })
}

/// What the plan, or an earlier ranking of it, tells of its order.
fn plan_about(folder: &Path) -> Result<Value, Error> {
    let of = |name: &str| -> Option<Result<Value, Error>> {
        let path = folder.join(name);
        let text = std::fs::read_to_string(&path).ok()?;
        let wrong =
            |error: serde_json::Error| Error::Results { path: path.display().to_string(), what: error.to_string() };
        Some(serde_json::from_str(&text).map_err(wrong))
    };
    let whole = of("plan.json").map(|plan| plan.map(|plan| plan.get("ranking").cloned().unwrap_or_default()));
    whole.or_else(|| of("ranking.json")).unwrap_or_else(|| {
        let what = "there is neither plan.json nor ranking.json; name a result folder of `vezel plan`";
        Err(Error::Results { path: folder.display().to_string(), what: what.to_owned() })
    })
}

fn read(bytes: &[u8]) -> Result<Table, String> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(|error| error.to_string())?.iter().map(str::to_owned).collect();
    let rows: Result<Vec<Vec<String>>, csv::Error> =
        reader.records().map(|row| Ok(row?.iter().map(str::to_owned).collect())).collect();
    Ok(Table { header, rows: rows.map_err(|error| error.to_string())? })
}

impl Table {
    fn column(&self, name: &str) -> Result<usize, String> {
        let at = self.header.iter().position(|column| column == name);
        at.ok_or_else(|| format!("there is no column `{name}`; plan anew with this version"))
    }

    /// Whole hundredths of a figure with two decimals.
    fn hundredths(&self, row: usize, column: usize) -> Result<i64, String> {
        let text = &self.rows[row][column];
        let digits = text.replacen('.', "", 1);
        let fits = text.len() >= 4 && text.as_bytes()[text.len() - 3] == b'.';
        let number = digits.parse().ok().filter(|_| fits);
        number.ok_or_else(|| format!("row {}: `{text}` has no two decimals; plan anew", row + 2))
    }
}

/// Units as jobs with need by tier, and with weighted need.
fn jobs(table: &Table, tiers: &[String], weights: &[f64; 5]) -> Result<(Vec<Job>, Vec<Job>), String> {
    let (unit, after, cost) = (table.column("unit")?, table.column("after")?, table.column("cost_eur")?);
    let parts: Vec<usize> =
        Part::ALL.iter().map(|part| table.column(&format!("need_{}", part.name()))).collect::<Result<_, _>>()?;
    let tiers: Vec<usize> =
        tiers.iter().map(|tier| table.column(&format!("points {tier}"))).collect::<Result<_, _>>()?;
    let places: BTreeMap<&str, u32> =
        table.rows.iter().enumerate().map(|(place, row)| (row[unit].as_str(), place as u32)).collect();
    let (mut strict, mut free) = (Vec::new(), Vec::new());
    for (place, row) in table.rows.iter().enumerate() {
        let before = places.get(row[after].as_str()).copied();
        if before.is_none() != row[after].is_empty() || before.is_some_and(|before| before as usize >= place) {
            return Err(format!("row {}: `{}` does not come before it; plan anew", place + 2, row[after]));
        }
        let mut points = [0i64; 5];
        for (part, &column) in Part::ALL.iter().zip(&parts) {
            let at = Criterion::ALL.iter().position(|&criterion| criterion == part.criterion());
            points[at.expect("every criterion is listed")] += table.hundredths(place, column)?;
        }
        let need = tiers.iter().map(|&column| table.hundredths(place, column)).collect::<Result<_, _>>()?;
        let cost = table.hundredths(place, cost)?;
        strict.push(Job { after: before, cost, need });
        free.push(Job { after: before, cost, need: vec![weighted(&points, weights)] });
    }
    Ok((strict, free))
}

/// Puts rows in the new order, with new ranks and completion costs and the rank before.
fn reorder(table: &mut Table, order: &[u32], jobs: &[Job]) -> Result<(), String> {
    let (rank, completion) = (table.column("rank")?, table.column("completion_eur")?);
    if table.column("rank_before").is_err() {
        table.header.push("rank_before".to_owned());
        table.rows.iter_mut().for_each(|row| row.push(row[rank].clone()));
    }
    let mut so_far = Money::ZERO;
    let mut rows = Vec::with_capacity(order.len());
    for (place, &unit) in order.iter().enumerate() {
        let mut row = std::mem::take(&mut table.rows[unit as usize]);
        so_far += Money::from_cents(jobs[unit as usize].cost);
        row[rank] = (place + 1).to_string();
        row[completion] = so_far.to_string();
        rows.push(row);
    }
    table.rows = rows;
    Ok(())
}

fn write_table(table: &Table) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut rows = std::iter::once(&table.header).chain(&table.rows);
    rows.try_for_each(|row| writer.write_record(row)).expect("writing to memory does not fail");
    String::from_utf8(writer.into_inner().expect("writing to memory does not fail")).expect("the rows are UTF-8")
}
