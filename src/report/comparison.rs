//! Several plans side by side: a table, JSON and a page.

use minijinja::{Environment, context};
use serde_json::{Value, json};

use crate::plan::{Status, TrenchFigures};
use crate::report::Told;
use crate::report::page::euros;
use crate::report::tables::{csv, or_empty};
use crate::rollout::{Business, businesses};
use crate::units::Money;

/// What is compared of a plan; what it took to compute is not told, so the same input gives the same bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// The run; also its folder.
    pub name: String,
    /// What it changes.
    pub changes: Vec<String>,
    /// Figures of the trench problem.
    pub trench: TrenchFigures,
    /// The whole bill.
    pub total: Money,
    /// Input addresses, and those connected.
    pub addresses: [usize; 2],
    /// Input parks, and those connected.
    pub parks: [usize; 2],
    /// PoPs, cabinets and roll-out units.
    pub counts: [usize; 3],
    /// Addresses built within the years; none where the scenario names no years.
    pub within_years: Option<u32>,
    /// Subsidy that every unit pays with, summed.
    pub subsidy: Money,
}

impl Compared {
    /// The figures of a plan.
    #[must_use]
    pub fn of(name: &str, changes: &[String], told: &Told<'_>) -> Self {
        let plan = told.plan;
        let connected = plan.addresses.iter().filter(|outcome| outcome.status == Status::Connected).count();
        let cabinets: u32 = plan.cabinets.iter().map(|site| site.housings).sum();
        let all = businesses(&told.rollout.units, plan, (told.region, told.network), told.scenario);
        let phases = told.rollout.phases.as_ref();
        Self {
            name: name.to_owned(),
            changes: changes.to_vec(),
            trench: plan.trench,
            total: plan.bill.total(),
            addresses: [plan.addresses.len(), connected],
            parks: [plan.parks.len(), plan.parks.iter().filter(|park| park.connected).count()],
            counts: [plan.pops.len(), cabinets as usize, told.rollout.units.all.len()],
            within_years: phases.map(|phases| phases.years.iter().map(|year| year.addresses).sum()),
            subsidy: all.iter().map(Business::top).sum(),
        }
    }
}

/// The table: one row a plan.
#[must_use]
pub fn comparison(plans: &[Compared]) -> String {
    let header = [
        "run",
        "changes",
        "trench_eur",
        "trench_least_eur",
        "left_out_eur",
        "bound_eur",
        "gap_percent",
        "optimal",
        "total_eur",
        "length_m",
        "addresses",
        "connected",
        "parks",
        "parks_connected",
        "pops",
        "cabinets",
        "units",
        "addresses_within_years",
        "subsidy_needed_by_unit_eur",
    ];
    let rows = plans.iter().map(|plan| {
        let mut row = vec![
            plan.name.clone(),
            plan.changes.join("; "),
            plan.trench.built.to_string(),
            plan.trench.cost.to_string(),
            plan.trench.left_out.to_string(),
            plan.trench.bound.to_string(),
            format!("{:.4}", plan.trench.gap() * 100.0),
            plan.trench.optimal.to_string(),
            plan.total.to_string(),
            plan.trench.built_length.to_string(),
        ];
        row.extend(plan.addresses.iter().chain(&plan.parks).chain(&plan.counts).map(ToString::to_string));
        row.push(or_empty(plan.within_years));
        row.push(plan.subsidy.to_string());
        row
    });
    csv(&header, rows)
}

/// The same as JSON, money in whole cents.
#[must_use]
pub fn comparison_json(plans: &[Compared]) -> String {
    let runs: Vec<Value> = plans
        .iter()
        .map(|plan| {
            json!({
                "run": plan.name,
                "changes": plan.changes,
                "trench_cents": plan.trench.built.cents(),
                "trench_least_cents": plan.trench.cost.cents(),
                "left_out_cents": plan.trench.left_out.cents(),
                "bound_cents": plan.trench.bound.cents(),
                "gap": plan.trench.gap(),
                "optimal": plan.trench.optimal,
                "time_limit_burnt": plan.trench.cut_short,
                "total_cents": plan.total.cents(),
                "length_m": plan.trench.built_length.metres(),
                "addresses": plan.addresses[0],
                "connected": plan.addresses[1],
                "parks": plan.parks[0],
                "parks_connected": plan.parks[1],
                "pops": plan.counts[0],
                "cabinets": plan.counts[1],
                "units": plan.counts[2],
                "addresses_within_years": plan.within_years,
                "subsidy_needed_by_unit_cents": plan.subsidy.cents(),
            })
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&json!({ "runs": runs })).expect("a JSON value can be written");
    text.push('\n');
    text
}

/// The page: a table with bars, each plan linked.
#[must_use]
pub fn comparison_page(plans: &[Compared]) -> String {
    let dearest = plans.iter().map(|plan| plan.total.cents()).max().unwrap_or(1).max(1) as f64;
    let rows: Vec<minijinja::Value> = plans
        .iter()
        .map(|plan| {
            context! {
                name => plan.name.clone(),
                changes => plan.changes.clone(),
                total => euros(plan.total),
                trench => euros(plan.trench.built),
                least => euros(plan.trench.cost),
                left_out => (plan.trench.left_out > Money::ZERO).then(|| euros(plan.trench.left_out)),
                bound => euros(plan.trench.bound),
                gap => format!("{:.3}", plan.trench.gap() * 100.0),
                optimal => plan.trench.optimal,
                km => format!("{:.1}", plan.trench.built_length.metres() / 1000.0),
                addresses => plan.addresses.to_vec(),
                parks => plan.parks.to_vec(),
                counts => plan.counts.to_vec(),
                within_years => plan.within_years,
                subsidy => euros(plan.subsidy),
                width => format!("{:.1}", plan.total.cents() as f64 / dearest * 100.0),
            }
        })
        .collect();
    let has_years = plans.iter().any(|plan| plan.within_years.is_some());
    render("comparison.html", context! { rows, has_years, version => env!("CARGO_PKG_VERSION") })
}

/// Renders a page that stands by itself.
pub(super) fn render(name: &str, values: minijinja::Value) -> String {
    let templates = [
        ("words.html", include_str!("words.html")),
        ("sheet.html", include_str!("sheet.html")),
        ("comparison.html", include_str!("comparison.html")),
        ("frontier.html", include_str!("frontier.html")),
    ];
    let mut environment = Environment::new();
    for (name, text) in templates {
        environment.add_template(name, text).expect("the template is part of the program");
    }
    let template = environment.get_template(name).expect("just added");
    template.render(values).expect("the template fits its values")
}
