//! The frontier of cost against need: table, JSON and page.

use std::fmt::Write;

use minijinja::context;
use serde_json::{Value, json};

use crate::report::chart::{Frame, text};
use crate::report::comparison::render;
use crate::report::page::euros;
use crate::report::ranking::points;
use crate::report::tables::{csv, or_empty};
use crate::rollout::{Frontier, Point};
use crate::scenario::Scenario;
use crate::units::Money;

/// How far a point's cost may be from the least for the need that it serves, as a share of its cost.
fn gap(frontier: &Frontier, point: &Point) -> f64 {
    let cost = point.cost.cents();
    if cost == 0 { 0.0 } else { (cost - frontier.least_cost(point.need)).max(0) as f64 / cost as f64 }
}

/// One row for every plan, cheapest first.
#[must_use]
pub fn frontier(frontier: &Frontier) -> String {
    let header = [
        "cost_eur",
        "need",
        "need_percent",
        "addresses",
        "connections",
        "parks",
        "length_m",
        "bound_eur",
        "gap_percent",
        "price_of_need_eur",
        "eur_per_extra_point",
    ];
    let mut before: Option<&Point> = None;
    let rows = frontier.points.iter().map(|point| {
        let extra = before.map(|before| {
            Money::from_cents((point.cost - before.cost).cents() * 100 / (point.need - before.need).max(1))
        });
        before = Some(point);
        vec![
            point.cost.to_string(),
            points(point.need),
            format!("{:.2}", percent(point.need, frontier.need)),
            point.addresses.to_string(),
            point.connections.to_string(),
            point.parks.to_string(),
            point.length.to_string(),
            Money::from_cents(frontier.least_cost(point.need)).to_string(),
            format!("{:.4}", gap(frontier, point) * 100.0),
            or_empty(point.price.map(|price| Money::from_cents(price * 100))),
            or_empty(extra),
        ]
    });
    csv(&header, rows)
}

fn percent(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 * 100.0 }
}

/// Everything as JSON, money in whole cents, with the lines that prove the bounds.
#[must_use]
pub fn frontier_json(frontier: &Frontier, scenario: &Scenario, budget: Option<Money>) -> String {
    let point = |point: &Point| {
        json!({
            "cost_cents": point.cost.cents(),
            "need": point.need,
            "addresses": point.addresses,
            "connections": point.connections,
            "parks": point.parks,
            "length_mm": point.length.millimetres(),
            "price_cents": point.price,
            "bound_cents": frontier.least_cost(point.need),
            "gap": gap(frontier, point),
        })
    };
    let answer = budget.map(|budget| {
        json!({
            "budget_cents": budget.cents(),
            "best": frontier.within(budget).map(point),
            "most_need": frontier.most_need(budget),
        })
    });
    let lines: Vec<Value> =
        frontier.lines.iter().map(|line| json!({ "price_cents": line.price, "least_sum_cents": line.value })).collect();
    let value = json!({
        "name": scenario.name,
        "need": frontier.need,
        "need_rules": scenario.need,
        "points": frontier.points.iter().map(point).collect::<Vec<_>>(),
        "lines": lines,
        "least_for_all_cents": frontier.least_for_all,
        "budget": answer,
        "versions": { "vezel": env!("CARGO_PKG_VERSION"), "format": 1 },
    });
    let mut text = serde_json::to_string_pretty(&value).expect("a JSON value can be written");
    text.push('\n');
    text
}

/// The page: chart and table, English and Dutch.
#[must_use]
pub fn frontier_page(frontier: &Frontier, scenario: &Scenario, budget: Option<Money>) -> String {
    let chosen = budget.and_then(|budget| frontier.within(budget));
    let rows: Vec<minijinja::Value> = frontier
        .points
        .iter()
        .map(|point| {
            context! {
                cost => euros(point.cost),
                need => points(point.need),
                percent => format!("{:.1}", percent(point.need, frontier.need)),
                addresses => point.addresses,
                parks => point.parks,
                km => format!("{:.1}", point.length.metres() / 1000.0),
                bound => euros(Money::from_cents(frontier.least_cost(point.need))),
                gap => format!("{:.3}", gap(frontier, point) * 100.0),
                chosen => chosen == Some(point),
            }
        })
        .collect();
    let answer = budget.zip(chosen).map(|(budget, point)| {
        let most = frontier.most_need(budget);
        context! {
            budget => euros(budget),
            cost => euros(point.cost),
            need => points(point.need),
            addresses => point.addresses,
            parks => point.parks,
            most => points(most),
            percent => format!("{:.2}", percent(most - point.need, most)),
        }
    });
    render(
        "frontier.html",
        context! {
            name => scenario.name.clone(),
            all => points(frontier.need),
            chart => chart(frontier, budget),
            rows,
            answer,
            version => env!("CARGO_PKG_VERSION"),
        },
    )
}

/// Need against cost: the plans joined by a line, and what no plan exceeds.
fn chart(frontier: &Frontier, budget: Option<Money>) -> String {
    let dearest = frontier.points.last().map_or(1.0, |point| point.cost.euros());
    let most_x = budget.map_or(dearest, |budget| dearest.max(budget.euros().min(dearest * 1.2))).max(1.0);
    let frame = Frame { most_x: most_x * 1.03, most_y: frontier.need.max(1) as f64 / 100.0 * 1.05 };
    let mut svg = Frame::begin(("Need served against cost", "Vervulde behoefte tegen kosten"));
    frame.upright(&mut svg, ("points of need served", "vervulde behoefte, punten"));
    frame
        .level(&mut svg, ("cost of trenches, drops and PoPs, EUR", "kosten van sleuven, aansluittracés en PoP's, EUR"));
    let steps = 160;
    let mut course = String::new();
    for step in 0..=steps {
        let cost = most_x * f64::from(step) / f64::from(steps);
        let most = frontier.most_need(Money::from_euros(cost).unwrap_or(Money::ZERO));
        let _ = write!(course, "{:.1},{:.1} ", frame.x(cost), frame.y(most as f64 / 100.0));
    }
    let _ = write!(svg, "<polyline class=\"bound\" points=\"{}\"/>", course.trim_end());
    let places: Vec<String> = frontier
        .points
        .iter()
        .map(|point| format!("{:.1},{:.1}", frame.x(point.cost.euros()), frame.y(point.need as f64 / 100.0)))
        .collect();
    let _ = write!(svg, "<polyline class=\"line\" points=\"{}\"/>", places.join(" "));
    if let Some(budget) = budget.filter(|budget| budget.euros() <= most_x) {
        let x = frame.x(budget.euros());
        let (top, foot) = (frame.y(frame.most_y), frame.y(0.0));
        let _ = write!(svg, "<line class=\"budget\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top:.1}\" y2=\"{foot:.1}\"/>");
        svg.push_str(&text(("budget", "budget"), x + 4.0, top + 10.0, "start"));
    }
    let chosen = budget.and_then(|budget| frontier.within(budget));
    for point in &frontier.points {
        let class = if chosen == Some(point) { "chosen" } else { "mark" };
        let _ = write!(
            svg,
            "<circle class=\"{class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\"><title>EUR {}: {} / {}</title></circle>",
            frame.x(point.cost.euros()),
            frame.y(point.need as f64 / 100.0),
            point.cost,
            points(point.need),
            point.addresses
        );
    }
    svg.push_str("</svg>");
    svg
}
