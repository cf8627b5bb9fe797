//! Years and subsidies: their tables, their part of the summary and of the page.

use minijinja::{Value as Shown, context};
use serde_json::{Value, json};

use crate::report::Told;
use crate::report::chart::{Bar, bars};
use crate::report::page::euros;
use crate::report::ranking::kind;
use crate::report::reasons::{Said, tier_names};
use crate::report::tables::{csv, or_empty};
use crate::rollout::{Business, Phases, WHOLE_YEAR, businesses};
use crate::scenario::OrderRule;
use crate::units::Money;

/// One row for every year, and one for what has to wait; `None` where the scenario names no years.
#[must_use]
pub fn phases(told: &Told<'_>) -> Option<String> {
    let phases = told.rollout.phases.as_ref()?;
    let tiers = told.scenario.tier_names();
    let needs: Vec<String> = tiers.iter().map(|tier| format!("connections {tier}")).collect();
    let mut header = vec!["phase", "budget_eur", "spent_eur", "metres_limit", "metres", "units", "addresses"];
    header.extend(["addresses_so_far", "service_years"]);
    header.extend(needs.iter().map(String::as_str));
    let mut so_far = 0;
    let rows = phases.years.iter().map(|year| {
        so_far += year.addresses;
        let mut row = vec![
            year.year.to_string(),
            year.budget.to_string(),
            year.spent.to_string(),
            or_empty(year.metres),
            year.dug.to_string(),
            year.units.to_string(),
            year.addresses.to_string(),
            so_far.to_string(),
            format!("{:.4}", year.service as f64 / WHOLE_YEAR as f64),
        ];
        row.extend(year.need.iter().map(ToString::to_string));
        row
    });
    Some(csv(&header, rows))
}

/// What is made as large as possible, one after the other: need by tier, or weighted need.
fn objectives(told: &Told<'_>) -> Vec<Said> {
    match told.scenario.rollout.order {
        OrderRule::Strict => tier_names(told.scenario),
        OrderRule::Weighted => vec![Said { english: "weighted".to_owned(), dutch: "gewogen".to_owned() }],
    }
}

/// What the summary says of years; null where there are none.
pub(super) fn summary(told: &Told<'_>) -> Value {
    let Some(phases) = &told.rollout.phases else { return Value::Null };
    let tiers: Vec<Value> = objectives(told)
        .into_iter()
        .zip(&phases.tiers)
        .map(|(name, tier)| {
            json!({
                "tier": name.english,
                "value": tier.value,
                "bound": tier.bound,
                "greedy": tier.greedy,
                "optimal": tier.value == tier.bound,
            })
        })
        .collect();
    let (units, addresses) = phases.later(&told.rollout.units.all);
    let years: Vec<Value> = phases
        .years
        .iter()
        .map(|year| {
            json!({
                "year": year.year,
                "budget_cents": year.budget.cents(),
                "spent_cents": year.spent.cents(),
                "length_mm": year.dug.millimetres(),
                "units": year.units,
                "addresses": year.addresses,
            })
        })
        .collect();
    json!({ "tiers": tiers, "years": years, "point": phases.point, "units_later": units, "addresses_later": addresses })
}

/// Revenue and cost of each unit in the order of building, and of the whole plan.
#[must_use]
pub fn subsidy(told: &Told<'_>) -> String {
    let header = [
        "rank",
        "unit",
        "kind",
        "connections",
        "revenue_eur",
        "cost_share_eur",
        "net_present_value_eur",
        "unprofitable_top_eur",
        "subsidy_per_connection_eur",
    ];
    let row = |rank: String, name: String, kind: &str, business: &Business, top: Money| {
        let each = (business.connections > 0).then(|| Money::from_cents(top.cents() / i64::from(business.connections)));
        vec![
            rank,
            name,
            kind.to_owned(),
            business.connections.to_string(),
            business.revenue.to_string(),
            business.cost.to_string(),
            business.value().to_string(),
            top.to_string(),
            or_empty(each),
        ]
    };
    let all = told_businesses(told);
    let order = told.rollout.order.sequence.iter().enumerate();
    let rows = order.map(|(place, &at)| {
        let (unit, business) = (&told.rollout.units.all[at as usize], &all[at as usize]);
        row((place + 1).to_string(), unit.name.clone(), kind(unit), business, business.top())
    });
    let (whole, top) = whole(&all);
    csv(&header, rows.chain([row(String::new(), "total".to_owned(), "", &whole, top)]))
}

fn told_businesses(told: &Told<'_>) -> Vec<Business> {
    businesses(&told.rollout.units, told.plan, (told.region, told.network), told.scenario)
}

/// The whole plan, and the sum of all unprofitable tops.
fn whole(all: &[Business]) -> (Business, Money) {
    let whole = Business {
        connections: all.iter().map(|business| business.connections).sum(),
        revenue: all.iter().map(|business| business.revenue).sum(),
        cost: all.iter().map(|business| business.cost).sum(),
    };
    (whole, all.iter().map(Business::top).sum())
}

/// What the summary says of subsidies.
pub(super) fn subsidy_summary(told: &Told<'_>) -> Value {
    let (whole, top) = whole(&told_businesses(told));
    json!({
        "revenue_cents": whole.revenue.cents(),
        "net_present_value_cents": whole.value().cents(),
        "needed_cents": whole.top().cents(),
        "needed_by_unit_cents": top.cents(),
    })
}

/// What the page shows of years.
pub(super) fn shown_phases(told: &Told<'_>) -> Option<Shown> {
    let phases = told.rollout.phases.as_ref()?;
    let (later_units, later_addresses) = phases.later(&told.rollout.units.all);
    let tiers = objectives(told).into_iter().zip(&phases.tiers).filter(|(_, tier)| tier.bound > 0);
    let years = |amount: i64| format!("{:.1}", amount as f64 / (phases.point * WHOLE_YEAR) as f64);
    let tiers: Vec<Shown> = tiers
        .map(|(name, tier)| {
            let gap = (tier.bound - tier.value) as f64 / tier.bound as f64 * 100.0;
            context! {
                english => name.english, dutch => name.dutch, value => years(tier.value), greedy => years(tier.greedy), bound => years(tier.bound),
                gap => format!("{gap:.2}"), optimal => tier.value == tier.bound,
            }
        })
        .collect();
    Some(context! {
        rows => rows(phases),
        chart => chart(phases),
        tiers,
        later_units,
        later_addresses,
        discount => format!("{:.1}", told.scenario.phases.discount_rate * 100.0),
        threshold => format!("{:.0}", told.scenario.phases.threshold * 100.0),
    })
}

fn rows(phases: &Phases) -> Vec<Shown> {
    let mut so_far = 0;
    let row = |year: &crate::rollout::Year| {
        so_far += year.addresses;
        context! {
            year => year.year,
            budget => euros(year.budget),
            spent => euros(year.spent),
            km => format!("{:.1}", year.dug.metres() / 1000.0),
            most_km => year.metres.map(|metres| format!("{:.1}", metres.metres() / 1000.0)),
            units => year.units,
            addresses => year.addresses,
            so_far,
            need => year.need.clone(),
        }
    };
    phases.years.iter().map(row).collect()
}

fn chart(phases: &Phases) -> String {
    let mut so_far = 0;
    let bar = |year: &crate::rollout::Year| {
        so_far += year.addresses;
        let (most, used) = (year.budget.euros(), year.spent.euros());
        Bar { label: year.year.to_string(), most, used, so_far: f64::from(so_far) }
    };
    let all: Vec<Bar> = phases.years.iter().map(bar).collect();
    bars(
        &all,
        ("Spending and addresses by year", "Uitgaven en adressen per jaar"),
        ("EUR: spent, of the budget", "EUR: besteed, van het budget"),
        ("line: addresses built so far", "lijn: adressen tot dan toe"),
    )
}

/// What the page shows of subsidies: the whole, and the units that need most.
pub(super) fn shown_subsidy(told: &Told<'_>) -> Shown {
    let all = told_businesses(told);
    let (whole, top) = whole(&all);
    let mut order: Vec<usize> = (0..all.len()).filter(|&unit| all[unit].connections > 0).collect();
    let paying = order.iter().filter(|&&unit| all[unit].top() == Money::ZERO).count();
    let served = order.len();
    order.sort_by_key(|&unit| (std::cmp::Reverse(all[unit].top()), unit));
    let rows: Vec<Shown> = order
        .iter()
        .take(15)
        .filter(|&&unit| all[unit].top() > Money::ZERO)
        .map(|&unit| {
            let business = &all[unit];
            let each = Money::from_cents(business.top().cents() / i64::from(business.connections.max(1)));
            context! {
                name => told.rollout.units.all[unit].name.clone(),
                connections => business.connections,
                revenue => euros(business.revenue),
                cost => euros(business.cost),
                top => euros(business.top()),
                each => euros(each),
            }
        })
        .collect();
    context! {
        revenue_each => euros(crate::rollout::revenue(told.scenario)),
        revenue => euros(whole.revenue),
        cost => euros(whole.cost),
        value => euros(whole.value()),
        needed => euros(whole.top()),
        by_unit => euros(top),
        paying,
        served,
        rows,
    }
}
