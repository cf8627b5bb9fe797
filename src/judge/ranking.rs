//! Is the order of units lawful, strict where it says so, and the best there is?
//!
//! The best order is found anew by another way than the plan's: again and again the run of units with the most need per
//! cost is built if nothing must come before it, else tied to what must (Adolphson and Hu, SIAM J. Appl. Math. 25, 1973).
//! Both must make need wait equally long, tier by tier.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::judge::bill::cents;
use crate::judge::files::{Files, Rows, json, table};
use crate::judge::{Error, Verdict};

/// Parts of need and the criterion that each is weighted with.
pub(super) const PARTS: [(&str, &str); 7] = [
    ("park", "park"),
    ("care_address", "care"),
    ("care_65_plus", "care"),
    ("care_distance", "care"),
    ("agri", "agri"),
    ("education", "education"),
    ("base", "rest"),
];

/// One row of the ranking.
pub(super) struct Unit {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) lapsed: bool,
    /// The row of the unit before it.
    after: Option<usize>,
    cost: i64,
    /// Hundredths of points, by part.
    pub(super) parts: [i64; 7],
    pub(super) by_tier: Vec<i64>,
    weighted: i64,
}

/// Judges the ranking of a plan; returns its units in the order of rows.
pub(super) fn judge(files: &Files, verdict: &mut Verdict) -> Vec<Unit> {
    let about = files.summary.pointer("/ranking").cloned().unwrap_or_default();
    let units = judge_rows(&files.ranking, &about, verdict);
    bills(files, &units, verdict);
    units
}

/// What counts of a unit's cost are civil works and PoPs, those of second routes included, as its bill has them.
fn bills(files: &Files, units: &[Unit], verdict: &mut Verdict) {
    let counts = ["trench", "crossing", "duct", "drop", "park-entry", "pop-entry", "redundancy", "pop"];
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for row in &files.groups {
        let field = |name: &str| row.get(name).map_or("", String::as_str);
        if field("grouping") == "unit" && counts.contains(&field("element")) {
            *sums.entry(field("group")).or_default() += cents(field("amount_eur")).unwrap_or(0);
        }
    }
    for name in sums.keys() {
        let is_known = units.iter().any(|unit| unit.name == *name);
        verdict.demand(is_known, || format!("bill_by_group.csv: `{name}` is no unit of the ranking"));
    }
    for unit in units {
        let billed = sums.get(unit.name.as_str()).copied().unwrap_or(0);
        verdict.equal(&format!("ranking: civil works and PoPs of {}, in cents", unit.name), unit.cost, billed);
    }
}

/// Judges a plan ranked anew; with the plan's folder also that its units are that plan's.
pub(super) fn judge_alone(folder: &Path, plan: Option<&Path>) -> Result<Verdict, Error> {
    let mut verdict = Verdict::default();
    let about = json(folder, "ranking.json")?;
    let rows = table(folder, "ranking.csv")?;
    judge_rows(&rows, &about, &mut verdict);
    if let Some(plan) = plan {
        let path = plan.join("ranking.csv");
        let bytes = std::fs::read(&path)
            .map_err(|error| Error::Unreadable { path: path.display().to_string(), what: error.to_string() })?;
        let hash = Sha256::digest(&bytes).iter().fold(String::new(), |mut hash, byte| {
            let _ = write!(hash, "{byte:02x}");
            hash
        });
        let told = about.get("plan_ranking_sha256").and_then(Json::as_str).unwrap_or_default();
        verdict.demand(told == hash, || "it ranks another plan than the one given".to_owned());
        let told = |rows: &Rows| -> BTreeMap<String, [String; 3]> {
            let field = |row: &BTreeMap<String, String>, name: &str| row.get(name).cloned().unwrap_or_default();
            let kept = |row| (field(row, "unit"), ["after", "cost_eur", "need_points"].map(|name| field(row, name)));
            rows.iter().map(kept).collect()
        };
        let same = told(&rows) == told(&table(plan, "ranking.csv")?);
        verdict.demand(same, || "its units are not those of the plan".to_owned());
    }
    Ok(verdict)
}

fn judge_rows(rows: &Rows, about: &Json, verdict: &mut Verdict) -> Vec<Unit> {
    let units = read(rows, about, verdict);
    sums(rows, &units, verdict);
    let lawful = units.iter().enumerate().all(|(place, unit)| unit.after.is_none_or(|after| after < place));
    if !lawful || units.len() != rows.len() {
        return units;
    }
    let strict = about.get("order").and_then(Json::as_str) == Some("strict");
    let by_weight: Vec<Vec<i64>> = units.iter().map(|unit| vec![unit.weighted]).collect();
    let by_tier: Vec<Vec<i64>> = units.iter().map(|unit| unit.by_tier.clone()).collect();
    let told: Vec<usize> = (0..units.len()).collect();
    let need = if strict { &by_tier } else { &by_weight };
    let waits = waiting(&units, need, &told);
    let least = waiting(&units, need, &best(&units, need));
    verdict.demand(waits == least, || "ranking: need could wait less in another lawful order".to_owned());
    if strict {
        strictness(&units, verdict);
    }
    let free = mean(&by_weight, &waiting(&units, &by_weight, &best(&units, &by_weight)));
    let ours = mean(&by_weight, &waiting(&units, &by_weight, &told));
    let figure = |key: &str| about.get(key).and_then(Json::as_f64).unwrap_or(f64::NAN);
    let alike = |told: f64, found: f64| (told - found).abs() <= 0.01 + found.abs() * 1e-9;
    let (wait_strict, wait_free) = (figure("wait_strict_eur"), figure("wait_free_eur"));
    verdict.demand(alike(wait_free, free), || format!("wait_free_eur: told {wait_free}, recomputed {free}"));
    let own = if strict { wait_strict } else { wait_free };
    verdict.demand(alike(own, ours), || format!("the wait of this order: told {own}, recomputed {ours}"));
    let price = if wait_free > 0.0 { (wait_strict - wait_free) / wait_free } else { 0.0 };
    let told_price = figure("price_of_strictness");
    verdict.demand((price - told_price).abs() < 1e-9 && price > -1e-9, || {
        format!("price_of_strictness: told {told_price}, recomputed {price}")
    });
    let how = if strict { "strict tiers" } else { "weights" };
    verdict.confirmed.push(format!("{} units in the best lawful order by {how}", units.len()));
    units
}

/// Reads rows as units; a number that cannot be read is a fault.
fn read(rows: &Rows, about: &Json, verdict: &mut Verdict) -> Vec<Unit> {
    let tiers = about.get("tiers").and_then(Json::as_array).cloned().unwrap_or_default();
    let tiers: Vec<String> = tiers.iter().map(|tier| format!("points {}", tier.as_str().unwrap_or_default())).collect();
    verdict.demand(!tiers.is_empty(), || "ranking: no tiers are told".to_owned());
    let weight = |criterion: &str| {
        let weight = about.pointer("/weights").and_then(|weights| weights.get(criterion)).and_then(Json::as_f64);
        (weight.unwrap_or(f64::NAN) * 1000.0).round() as i64
    };
    let places: BTreeMap<&str, usize> =
        rows.iter().enumerate().filter_map(|(place, row)| Some((row.get("unit")?.as_str(), place))).collect();
    verdict.demand(places.len() == rows.len(), || "ranking: two units have one name".to_owned());
    let mut units = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let field = |name: &str| row.get(name).map_or("", String::as_str);
        let mut number = |name: &str| {
            let number = cents(field(name));
            verdict.demand(number.is_some(), || format!("ranking, row {}: {name} is no number", place + 2));
            number.unwrap_or(0)
        };
        let parts = PARTS.map(|(part, _)| number(&format!("need_{part}")));
        let weighted = PARTS.iter().zip(parts).map(|((_, criterion), points)| weight(criterion) * points).sum();
        let by_tier = tiers.iter().map(|tier| number(tier)).collect();
        let cost = number("cost_eur");
        let after = places.get(field("after")).copied();
        verdict.demand(field("after").is_empty() == after.is_none(), || {
            format!("ranking: {} hangs from {}, which is not there", field("unit"), field("after"))
        });
        verdict.demand(after.is_none_or(|after| after < place), || {
            format!("ranking: {} comes before {}, which it hangs from", field("unit"), field("after"))
        });
        units.push(Unit {
            name: field("unit").to_owned(),
            kind: field("kind").to_owned(),
            lapsed: !field("lapsed_tier").is_empty(),
            after,
            cost,
            parts,
            by_tier,
            weighted,
        });
    }
    units
}

/// Ranks count up, costs and points add up.
fn sums(rows: &Rows, units: &[Unit], verdict: &mut Verdict) {
    let mut so_far = 0;
    let mut trunk = vec![0i64; units.len()];
    for (place, (row, unit)) in rows.iter().zip(units).enumerate() {
        let field = |name: &str| row.get(name).map_or("", String::as_str);
        let figure = |name: &str| cents(field(name)).unwrap_or(i64::MIN);
        verdict.demand(field("rank") == (place + 1).to_string(), || format!("ranking, row {}: wrong rank", place + 2));
        so_far += unit.cost;
        verdict.equal(&format!("ranking: {} completes at, in cents", unit.name), figure("completion_eur"), so_far);
        if let Some(after) = unit.after {
            trunk[place] = trunk[after] + units[after].cost;
        }
        verdict.equal(&format!("ranking: shared route of {}", unit.name), figure("trunk_eur"), trunk[place]);
        let points = figure("need_points");
        verdict.equal(&format!("ranking: need parts of {}", unit.name), points, unit.parts.iter().sum());
        verdict.equal(&format!("ranking: points by tier of {}", unit.name), points, unit.by_tier.iter().sum());
        verdict.demand(figure("need_low") <= points && points <= figure("need_high"), || {
            format!("ranking: the need of {} is outside its range", unit.name)
        });
        verdict.demand(!field("reason").is_empty() && !field("reden").is_empty(), || {
            format!("ranking: {} has no reason", unit.name)
        });
    }
}

/// While need of a tier waits, only units that have it or lead to it are built.
fn strictness(units: &[Unit], verdict: &mut Verdict) {
    let tiers = units.first().map_or(0, |unit| unit.by_tier.len());
    let mut waiting = vec![vec![0u32; units.len()]; tiers];
    for (tier, waiting) in waiting.iter_mut().enumerate() {
        for place in (0..units.len()).rev() {
            waiting[place] += u32::from(units[place].by_tier[tier] > 0);
            if let Some(after) = units[place].after {
                waiting[after] += waiting[place];
            }
        }
    }
    let mut open: Vec<usize> = waiting.iter().map(|_| 0).collect();
    for unit in units {
        unit.by_tier.iter().zip(&mut open).for_each(|(&points, open)| *open += usize::from(points > 0));
    }
    for (place, unit) in units.iter().enumerate() {
        let Some(first) = open.iter().position(|&open| open > 0) else { return };
        verdict.demand(waiting[first][place] > 0 || unit.cost == 0, || {
            format!("ranking: {} comes before need of a higher tier that it does not lead to", unit.name)
        });
        for tier in 0..tiers {
            if unit.by_tier[tier] > 0 {
                open[tier] -= 1;
                let mut at = Some(place);
                while let Some(here) = at {
                    waiting[tier][here] -= 1;
                    at = units[here].after;
                }
            }
        }
    }
}

/// Need-weighted completion costs, tier by tier.
fn waiting(units: &[Unit], need: &[Vec<i64>], sequence: &[usize]) -> Vec<i128> {
    let mut waiting = vec![0i128; need.first().map_or(0, Vec::len)];
    let mut so_far = 0i128;
    for &place in sequence {
        so_far += i128::from(units[place].cost);
        waiting.iter_mut().zip(&need[place]).for_each(|(sum, &points)| *sum += so_far * i128::from(points));
    }
    waiting
}

/// Euros spent before an average point is served.
fn mean(need: &[Vec<i64>], waiting: &[i128]) -> f64 {
    let points: i128 = need.iter().map(|need| i128::from(need[0])).sum();
    if points == 0 { 0.0 } else { waiting[0] as f64 / points as f64 / 100.0 }
}

/// A run of units that are built one after the other.
struct Run {
    cost: i64,
    need: Vec<i64>,
    units: Vec<usize>,
}

impl Run {
    /// Whether it has more need per cost, tier by tier; of equals the cheaper one.
    fn beats(&self, other: &Self) -> bool {
        for (&ours, &theirs) in self.need.iter().zip(&other.need) {
            let left = i128::from(ours) * i128::from(other.cost);
            match left.cmp(&(i128::from(theirs) * i128::from(self.cost))) {
                Ordering::Greater => return true,
                Ordering::Less => return false,
                Ordering::Equal => {}
            }
        }
        self.cost < other.cost
    }
}

/// The best lawful order. Time: O(n^2).
fn best(units: &[Unit], need: &[Vec<i64>]) -> Vec<usize> {
    let run = |(place, unit): (usize, &Unit)| Run { cost: unit.cost, need: need[place].clone(), units: vec![place] };
    let mut runs: Vec<Option<Run>> = units.iter().enumerate().map(run).map(Some).collect();
    // The run that holds each unit, or none once it is built.
    let mut held: Vec<Option<usize>> = (0..units.len()).map(Some).collect();
    let mut sequence = Vec::with_capacity(units.len());
    for _ in 0..units.len() {
        let open = runs.iter().enumerate().filter_map(|(at, run)| Some((at, run.as_ref()?)));
        let Some((at, _)) = open.reduce(|best, next| if next.1.beats(best.1) { next } else { best }) else { break };
        let run = runs[at].take().expect("an open run was chosen");
        let before = units[run.units[0]].after.and_then(|after| held[after]);
        if let Some(before) = before {
            run.units.iter().for_each(|&unit| held[unit] = Some(before));
            let earlier = runs[before].as_mut().expect("a unit is held by an open run");
            earlier.cost += run.cost;
            earlier.need.iter_mut().zip(run.need).for_each(|(sum, points)| *sum += points);
            earlier.units.extend(run.units);
        } else {
            run.units.iter().for_each(|&unit| held[unit] = None);
            sequence.extend(run.units);
        }
    }
    sequence
}
