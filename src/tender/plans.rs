//! Finished plans side by side: what differs in cost, addresses, routes and ranking.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Coord, LineString};
use minijinja::{Environment, context};
use serde_json::{Map, Value, json};

use crate::tender::coverage::Known;

const TEMPLATE: &str = include_str!("plans.html");

/// Routes that come this near and run the same way are one route, in metres.
const SAME: f64 = 1.0;

/// Differences shown in the page; `addresses.csv` has all.
const SHOWN: usize = 200;

/// A finished plan, read back from its folder.
#[derive(Clone, Debug)]
pub struct Finished {
    /// What it is called: its folder.
    pub name: String,
    /// `plan.json`.
    pub summary: Value,
    /// Trenches, ducts and drops.
    pub lines: Vec<LineString<f64>>,
    /// Open PoPs by id.
    pub pops: Vec<(String, Coord<f64>)>,
    /// Addresses by id: where, status, PoP, rank of the unit.
    pub addresses: BTreeMap<String, FinishedAddress>,
    /// Roll-out units in order.
    pub ranking: Vec<String>,
    /// Files with their SHA-256.
    pub files: Vec<(String, String)>,
}

/// An address of a finished plan.
#[derive(Clone, Debug, PartialEq)]
pub struct FinishedAddress {
    /// Where it is.
    pub point: Option<Coord<f64>>,
    /// Whether it is connected, or why not.
    pub status: String,
    /// The PoP that feeds it; empty without one.
    pub pop: String,
    /// Rank of its unit; empty without one.
    pub rank: String,
    /// Its share of the cost, in cents.
    pub share_cents: Option<i64>,
}

/// What differs, as files: name and text.
pub type Differences = Vec<(&'static str, String)>;

/// Compares finished plans; the first is the one that others are held against.
#[must_use]
pub fn differences(plans: &[Finished]) -> Differences {
    let figures = figures(plans);
    let routes: Vec<Routes> = plans.iter().map(|plan| Routes::of(&plans[0], plan)).collect();
    let addresses = changed(plans);
    vec![
        ("comparison.csv", figures_csv(plans, &figures)),
        ("addresses.csv", addresses_csv(plans, &addresses)),
        ("comparison.json", summary(plans, &figures, &routes, addresses.len())),
        ("comparison.html", page(plans, &figures, &routes, &addresses)),
    ]
}

/// How the routes of a plan lie to those of the first.
struct Routes {
    common: f64,
    only_first: Vec<LineString<f64>>,
    only_first_metres: f64,
    only_here: Vec<LineString<f64>>,
    only_here_metres: f64,
}

impl Routes {
    fn of(first: &Finished, plan: &Finished) -> Self {
        let here = Known::new(first.lines.iter()).covered(plan.lines.iter(), SAME);
        let there = Known::new(plan.lines.iter()).covered(first.lines.iter(), SAME);
        Self {
            common: here.drawn - here.beside_metres,
            only_first: there.beside,
            only_first_metres: there.beside_metres,
            only_here: here.beside,
            only_here_metres: here.beside_metres,
        }
    }
}

/// A row: key, English, Dutch, unit, and a number for each plan where it has one.
struct Row {
    key: String,
    words: [String; 2],
    unit: &'static str,
    values: Vec<Option<f64>>,
}

fn figures(plans: &[Finished]) -> Vec<Row> {
    let row = |key: &str, english: &str, dutch: &str, unit: &'static str, of: &dyn Fn(&Finished) -> Option<f64>| Row {
        key: key.to_owned(),
        words: [english.to_owned(), dutch.to_owned()],
        unit,
        values: plans.iter().map(of).collect(),
    };
    let number = |plan: &Finished, pointer: &str| plan.summary.pointer(pointer).and_then(Value::as_f64);
    let euros = |pointer: &'static str| move |plan: &Finished| number(plan, pointer).map(|cents| cents / 100.0);
    let plain = |pointer: &'static str| move |plan: &Finished| number(plan, pointer);
    let mut rows = vec![
        row("total", "Total cost", "Totale kosten", "EUR", &euros("/total/cost_cents")),
        row("trench_cost", "Trenches and PoPs", "Sleuven en PoP's", "EUR", &euros("/trench/built_cents")),
        row(
            "trench_least",
            "Trenches and PoPs, without cables",
            "Sleuven en PoP's, zonder kabels",
            "EUR",
            &euros("/trench/cost_cents"),
        ),
        row("trench_bound", "Proven lower bound", "Bewezen ondergrens", "EUR", &euros("/trench/bound_cents")),
        row(
            "length",
            "Trenches, ducts and drops",
            "Sleuven, buizen en aansluittracés",
            "m",
            &plain("/trench/built_length_m"),
        ),
        row("connected", "Addresses connected", "Adressen aangesloten", "", &plain("/addresses/connected")),
        row("parks", "Business parks connected", "Bedrijventerreinen aangesloten", "", &plain("/parks/connected")),
        row("pops", "PoPs", "PoP's", "", &|plan| Some(plan.pops.len() as f64)),
        row("units", "Roll-out units", "Uitroleenheden", "", &plain("/units")),
        row("findings", "Findings", "Bevindingen", "", &plain("/findings")),
    ];
    let mut elements: BTreeSet<String> = BTreeSet::new();
    for plan in plans {
        elements.extend(
            plan.summary
                .pointer("/total/elements")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .map(|(key, _)| key.clone()),
        );
    }
    for element in elements {
        let pointer = format!("/total/elements/{element}");
        let words = format!("Cost: {element}");
        rows.push(row(&format!("element_{element}"), &words, &format!("Kosten: {element}"), "EUR", &|plan| {
            number(plan, &pointer).map(|cents| cents / 100.0)
        }));
    }
    rows
}

fn told(value: Option<f64>, unit: &str) -> String {
    value.map_or(String::new(), |number| if unit == "EUR" { format!("{number:.2}") } else { format!("{number:.0}") })
}

fn csv(header: &[String], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let written = writer
        .write_record(header)
        .and_then(|()| rows.into_iter().try_for_each(|row| writer.write_record(&row)))
        .and_then(|()| writer.flush().map_err(Into::into));
    written.expect("writing to memory does not fail");
    String::from_utf8(writer.into_inner().expect("writing to memory does not fail")).expect("the rows are UTF-8")
}

fn figures_csv(plans: &[Finished], rows: &[Row]) -> String {
    let mut header = ["key", "figure", "cijfer", "unit"].map(str::to_owned).to_vec();
    header.extend(plans.iter().map(|plan| plan.name.clone()));
    let line = |row: &Row| {
        let mut line = vec![row.key.clone(), row.words[0].clone(), row.words[1].clone(), row.unit.to_owned()];
        line.extend(row.values.iter().map(|value| told(*value, row.unit)));
        line
    };
    csv(&header, rows.iter().map(line))
}

/// Ids of the addresses whose status, PoP or rank differs between the first plan and some other.
fn changed(plans: &[Finished]) -> Vec<String> {
    let ids: BTreeSet<&String> = plans.iter().flat_map(|plan| plan.addresses.keys()).collect();
    let differs = |id: &&&String| {
        let says =
            |plan: &Finished| plan.addresses.get(**id).map(|at| (at.status.clone(), at.pop.clone(), at.rank.clone()));
        plans.iter().any(|plan| says(plan) != says(&plans[0]))
    };
    ids.iter().filter(differs).map(|&id| id.clone()).collect()
}

fn addresses_csv(plans: &[Finished], ids: &[String]) -> String {
    let mut header = vec!["id".to_owned()];
    for plan in plans {
        header.extend(["status", "pop", "rank", "share_eur"].map(|word| format!("{}: {word}", plan.name)));
    }
    let line = |id: &String| {
        let mut line = vec![id.clone()];
        for plan in plans {
            let at = plan.addresses.get(id);
            line.push(at.map_or("not-in-the-plan".to_owned(), |at| at.status.clone()));
            line.push(at.map_or(String::new(), |at| at.pop.clone()));
            line.push(at.map_or(String::new(), |at| at.rank.clone()));
            let share = at.and_then(|at| at.share_cents);
            line.push(share.map_or(String::new(), |cents| crate::units::Money::from_cents(cents).to_string()));
        }
        line
    };
    csv(&header, ids.iter().map(line))
}

fn summary(plans: &[Finished], rows: &[Row], routes: &[Routes], changed: usize) -> String {
    let figures: Vec<Value> = rows
        .iter()
        .map(|row| {
            let values: Map<String, Value> =
                plans.iter().map(|plan| plan.name.clone()).zip(row.values.iter().map(|value| json!(value))).collect();
            json!({ "key": row.key, "unit": row.unit, "values": values })
        })
        .collect();
    let routes: Vec<Value> = plans
        .iter()
        .zip(routes)
        .map(|(plan, routes)| {
            json!({ "plan": plan.name, "common_m": rounded(routes.common), "only_first_m": rounded(routes.only_first_metres), "only_here_m": rounded(routes.only_here_metres) })
        })
        .collect();
    let inputs: Vec<Value> = plans
        .iter()
        .flat_map(|plan| {
            plan.files.iter().map(|(file, hash)| json!({ "plan": plan.name, "file": file, "sha256": hash }))
        })
        .collect();
    let value = json!({
        "first": plans[0].name,
        "figures": figures,
        "routes": routes,
        "addresses_that_differ": changed,
        "inputs": inputs,
        "versions": { "vezel": env!("CARGO_PKG_VERSION"), "format": 1 },
    });
    let mut text = serde_json::to_string_pretty(&value).expect("a JSON value can be written");
    text.push('\n');
    text
}

/// Metres to the millimetre.
fn rounded(metres: f64) -> f64 {
    (metres * 1000.0).round() / 1000.0
}

fn page(plans: &[Finished], rows: &[Row], routes: &[Routes], addresses: &[String]) -> String {
    let mut environment = Environment::new();
    environment.add_template("plans.html", TEMPLATE).expect("the template is part of the program");
    let template = environment.get_template("plans.html").expect("just added");
    let shown: Vec<_> = addresses
        .iter()
        .take(SHOWN)
        .map(|id| {
            let cells: Vec<_> = plans
                .iter()
                .map(|plan| {
                    plan.addresses
                        .get(id)
                        .map_or_else(|| "–".to_owned(), |at| format!("{} · {} · {}", at.status, at.pop, at.rank))
                })
                .collect();
            context! { id, cells }
        })
        .collect();
    let longest = plans.iter().map(|plan| plan.ranking.len()).max().unwrap_or(0).min(SHOWN);
    let ranking: Vec<_> = (0..longest)
        .map(|rank| context! { rank => rank + 1, cells => plans.iter().map(|plan| plan.ranking.get(rank).cloned().unwrap_or_default()).collect::<Vec<_>>() })
        .collect();
    let figures: Vec<_> = rows
        .iter()
        .map(|row| {
            let first = row.values[0];
            let cells: Vec<_> = row
                .values
                .iter()
                .map(|value| {
                    let change = value.zip(first).filter(|(value, first)| value.total_cmp(first).is_ne() && first.abs() > 0.0);
                    context! { value => told(*value, row.unit), change => change.map(|(value, first)| format!("{:+.2} %", (value / first - 1.0) * 100.0)) }
                })
                .collect();
            context! { english => row.words[0].clone(), dutch => row.words[1].clone(), unit => row.unit, cells }
        })
        .collect();
    let lengths: Vec<_> = plans
        .iter()
        .zip(routes)
        .skip(1)
        .map(|(plan, routes)| context! { name => plan.name.clone(), common => format!("{:.0}", routes.common), only_first => format!("{:.0}", routes.only_first_metres), only_here => format!("{:.0}", routes.only_here_metres) })
        .collect();
    let rendered = template.render(context! {
        names => plans.iter().map(|plan| plan.name.clone()).collect::<Vec<_>>(),
        figures,
        lengths,
        all_addresses => addresses.len(),
        addresses => shown,
        ranking,
        map => map(plans, routes).to_string().replace("</", "<\\/"),
        version => env!("CARGO_PKG_VERSION"),
    });
    rendered.expect("the template fits its values")
}

/// The maps' data in whole decimetres from the south-west corner of all routes.
fn map(plans: &[Finished], routes: &[Routes]) -> Value {
    let (mut low, mut high) = (Coord { x: f64::MAX, y: f64::MAX }, Coord { x: f64::MIN, y: f64::MIN });
    for at in plans.iter().flat_map(|plan| &plan.lines).flat_map(|line| &line.0) {
        low = Coord { x: low.x.min(at.x), y: low.y.min(at.y) };
        high = Coord { x: high.x.max(at.x), y: high.y.max(at.y) };
    }
    let place = |at: &Coord<f64>| [((at.x - low.x) * 10.0).round() as i64, ((at.y - low.y) * 10.0).round() as i64];
    let flat = |lines: &[LineString<f64>]| -> Vec<Vec<i64>> {
        lines.iter().map(|line| line.0.iter().flat_map(place).collect()).collect()
    };
    let others: Vec<Value> = plans
        .iter()
        .zip(routes)
        .skip(1)
        .map(|(plan, routes)| {
            let moved: Vec<[i64; 2]> = plan
                .addresses
                .iter()
                .filter(|(id, at)| plans[0].addresses.get(*id).is_none_or(|first| first.status != at.status))
                .filter_map(|(_, at)| at.point.as_ref().map(place))
                .collect();
            let pops: Vec<[i64; 2]> = plan.pops.iter().map(|(_, at)| place(at)).collect();
            json!({ "name": plan.name, "lines": flat(&plan.lines), "only_first": flat(&routes.only_first), "only_here": flat(&routes.only_here), "moved": moved, "pops": pops })
        })
        .collect();
    let first: Vec<[i64; 2]> = plans[0].pops.iter().map(|(_, at)| place(at)).collect();
    json!({
        "size": [((high.x - low.x) * 10.0).round().max(1.0), ((high.y - low.y) * 10.0).round().max(1.0)],
        "first_pops": first,
        "others": others,
    })
}
