//! The comparison as one self-contained page, in English and Dutch: table, scores, firmness, maps, findings.

use std::fmt::Write;

use geo::{Coord, LineString};
use minijinja::{Environment, Value as Shown, context};
use serde_json::{Value, json};

use crate::region::Standing;
use crate::tender::bid::Level;
use crate::tender::figures::{Cell, Told, figures};
use crate::tender::ratio::{Ratio, approximate, shown};
use crate::tender::score::Standing as Ranking;
use crate::tender::tables::{untouched, warning};
use crate::units::Money;

const TEMPLATE: &str = include_str!("page.html");

/// Findings shown for each bid; the table of all is `findings.csv`.
const SHOWN_FINDINGS: usize = 60;

/// Colours of bids on maps and of criteria in charts.
const COLOURS: [&str; 8] = ["#1c64b4", "#d6336c", "#1b7837", "#e08e0b", "#7b2fa0", "#0c8599", "#8d6e1f", "#5a5a5a"];

fn colour(place: usize) -> &'static str {
    COLOURS[place % COLOURS.len()]
}

/// The page as HTML text; no request leaves it.
#[must_use]
pub fn page(told: &Told<'_>) -> String {
    let mut environment = Environment::new();
    environment.add_template("page.html", TEMPLATE).expect("the template is part of the program");
    let template = environment.get_template("page.html").expect("just added");
    let ground = &told.ground;
    let call = ground.call;
    let method = call.award.method;
    let decisive = told.evaluation.decisive(method);
    let winner = decisive.and_then(Ranking::winner).map(|at| name(told, at));
    let warnings: Vec<[String; 2]> = reversals(told, true);
    let others: Vec<[String; 2]> = reversals(told, false);
    let rendered = template.render(context! {
        name => call.name.clone(),
        method => method.name(),
        formula => method.told(),
        winner,
        tied => decisive.is_some_and(Ranking::is_tied),
        bids => told.bids.iter().enumerate().map(|(place, judged)| context! { name => judged.bid.name.clone(), colour => colour(place) }).collect::<Vec<_>>(),
        reference_cost => euros(ground.reference.cost),
        reference_bound => euros(ground.reference.bound),
        reference_optimal => ground.reference.optimal,
        reference_addresses => ground.reference.addresses,
        groups => groups(told),
        ranks => ranks(told),
        not_scored => told.evaluation.not_scored.iter().map(|none| context! { bid => told.bids[none.bid].bid.name.clone(), why => none.why.clone() }).collect::<Vec<_>>(),
        unused => told.evaluation.standings.iter().filter_map(|(formula, standing)| standing.as_ref().err().map(|lack| context! { formula => formula.name(), lack => *lack })).collect::<Vec<_>>(),
        build_up => decisive.map(|standing| build_up(told, standing)),
        legend => legend(told),
        warnings,
        others,
        untouched => untouched(told).iter().map(|formula| formula.name()).collect::<Vec<_>>().join(", "),
        intervals => intervals(told),
        acceptability => acceptability(told),
        what_if => what_if(told),
        lots => lots(told),
        findings => findings(told),
        map => map(told).to_string().replace("</", "<\\/"),
        colours => COLOURS,
        files => told.files.iter().map(|(file, hash)| context! { file, hash => hash.get(..16).unwrap_or(hash) }).collect::<Vec<_>>(),
        version => env!("CARGO_PKG_VERSION"),
    });
    rendered.expect("the template fits its values")
}

fn name(told: &Told<'_>, scored: usize) -> String {
    told.bids[told.evaluation.scored[scored]].bid.name.clone()
}

/// Reversals under the method that decides, or under the other formulas.
fn reversals(told: &Told<'_>, deciding: bool) -> Vec<[String; 2]> {
    let method = told.ground.call.award.method;
    let all = told.evaluation.removed.iter().chain(&told.evaluation.added);
    all.filter(|reversal| (reversal.formula == method) == deciding).map(|reversal| warning(told, reversal)).collect()
}

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// Euros with cents and thousands apart.
fn euros(amount: Money) -> String {
    let text = amount.to_string();
    let (sign, rest) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, cents) = rest.split_once('.').unwrap_or((rest, "00"));
    format!("{sign}{}.{cents}", grouped(whole))
}

fn cell(value: &Cell) -> Shown {
    let text = match value {
        Cell::Empty => "–".to_owned(),
        Cell::Money(amount) => euros(*amount),
        Cell::Count(number) if *number >= 10_000 => grouped(&number.to_string()),
        Cell::Exact(number) if number.is_integer() => shown(number, 0),
        Cell::Exact(number) => shown(number, 2),
        Cell::Percent(share) => format!("{:.2}", share * 100.0),
        other => other.plain(),
    };
    let [english, dutch] = match value {
        Cell::Yes(yes) => if *yes { ["yes", "ja"] } else { ["no", "nee"] }.map(str::to_owned),
        // Dutch writes a comma where English has a point.
        Cell::Money(_) | Cell::Number(..) | Cell::Percent(_) | Cell::Exact(_) => [text.clone(), text.replace('.', ",")],
        _ => [text.clone(), text],
    };
    context! { english, dutch, number => !matches!(value, Cell::Text(_) | Cell::Yes(_)) }
}

fn groups(told: &Told<'_>) -> Vec<Shown> {
    let all = figures(told).into_iter().filter(|group| !group.rows.is_empty());
    all.map(|group| {
        let rows: Vec<Shown> = group
            .rows
            .iter()
            .map(|row| context! { english => row.words[0].clone(), dutch => row.words[1].clone(), unit => row.unit, how => row.how, cells => row.cells.iter().map(cell).collect::<Vec<_>>() })
            .collect();
        context! { english => group.words[0], dutch => group.words[1], rows }
    })
    .collect()
}

/// A number to show: to the cent in euros, else with four digits.
fn figure(number: &Ratio, in_euros: bool) -> String {
    if !in_euros {
        return shown(number, 4);
    }
    let text = shown(number, 2);
    let (sign, rest) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, cents) = rest.split_once('.').unwrap_or((rest, "00"));
    format!("{sign}{}.{cents}", grouped(whole))
}

/// A row for each scored bid: rank and score under each formula.
fn ranks(told: &Told<'_>) -> Shown {
    let usable: Vec<&Ranking> =
        told.evaluation.standings.iter().filter_map(|(_, standing)| standing.as_ref().ok()).collect();
    let method = told.ground.call.award.method;
    let heads: Vec<Shown> = usable
        .iter()
        .map(|standing| context! { name => standing.formula.name(), told => standing.formula.told(), decides => standing.formula == method })
        .collect();
    let rows: Vec<Shown> = (0..told.evaluation.scored.len())
        .map(|at| {
            let cells: Vec<Shown> = usable
                .iter()
                .map(|standing| {
                    let score = standing.scores[at]
                        .total
                        .as_ref()
                        .map_or("–".to_owned(), |total| figure(total, standing.formula.lower_wins()));
                    context! { rank => standing.ranks[at], score, decides => standing.formula == method }
                })
                .collect();
            context! { bid => name(told, at), colour => colour(told.evaluation.scored[at]), cells }
        })
        .collect();
    context! { heads, rows }
}

fn legend(told: &Told<'_>) -> Vec<Shown> {
    let method = told.ground.call.award.method;
    let price = if method.lower_wins() { ["price", "prijs"] } else { ["price points", "prijspunten"] };
    let criteria = told.ground.call.award.criteria.iter().enumerate();
    let first = context! { english => price[0], dutch => price[1], colour => "#5b6875" };
    std::iter::once(first)
        .chain(criteria.map(|(place, criterion)| context! { english => criterion.label(), dutch => criterion.label(), colour => colour(place) }))
        .collect()
}

const CHART: f64 = 640.0;

/// Bars of what each score is made of, best first, as SVG: points add up; in F5 quality is taken off the price.
fn build_up(told: &Told<'_>, standing: &Ranking) -> String {
    let formula = standing.formula;
    let parts = |at: usize| -> Vec<f64> {
        let score = &standing.scores[at];
        let quality = score.quality.iter().map(approximate);
        match formula {
            crate::tender::award::Formula::F6 => vec![score.total.as_ref().map_or(0.0, approximate)],
            _ => std::iter::once(approximate(&score.price)).chain(quality).collect(),
        }
    };
    let longest = (0..standing.scores.len()).map(|at| parts(at).iter().map(|part| part.max(0.0)).sum::<f64>());
    let longest = if formula.lower_wins() {
        (0..standing.scores.len()).map(|at| parts(at)[0]).fold(1e-9, f64::max)
    } else {
        longest.fold(1e-9, f64::max)
    };
    let scale = (CHART - 260.0) / longest;
    let mut svg = String::new();
    for (row, &at) in standing.order.iter().enumerate() {
        let y = 8.0 + 34.0 * row as f64;
        let (mut x, mut end) = (130.0, 130.0_f64);
        for (part, amount) in parts(at).iter().enumerate() {
            let width = (amount.abs() * scale).max(0.0);
            let fill = if part == 0 { "#5b6875" } else { colour(part - 1) };
            let shortens = part > 0 && (*amount > 0.0) == formula.lower_wins();
            x -= if shortens { width } else { 0.0 };
            let (top, height) = if shortens { (y + 7.0, 10) } else { (y, 24) };
            let _ = write!(
                svg,
                "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height}\" fill=\"{fill}\"/>"
            );
            x += if shortens { 0.0 } else { width };
            end = end.max(x);
        }
        let total =
            standing.scores[at].total.as_ref().map_or("–".to_owned(), |total| figure(total, formula.lower_wins()));
        let right = end + 8.0;
        let _ = write!(
            svg,
            "<text x=\"122\" y=\"{0:.1}\" text-anchor=\"end\">{1}. {2}</text><text x=\"{right:.1}\" y=\"{0:.1}\">{total}</text>",
            y + 16.0,
            standing.ranks[at],
            escaped(&name(told, at)),
        );
    }
    frame(&svg, 34.0 * standing.order.len() as f64 + 12.0)
}

fn frame(inside: &str, height: f64) -> String {
    format!("<svg viewBox=\"0 0 {CHART} {height:.0}\" role=\"img\">{inside}</svg>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A bar for each weight: where the winner stays, and where the weight is.
fn intervals(told: &Told<'_>) -> Shown {
    let award = &told.ground.call.award;
    let all = &told.evaluation.intervals;
    let ends = all.iter().flat_map(|interval| [Some(&interval.stated), Some(&interval.low), interval.high.as_ref()]);
    let most =
        ends.flatten().map(approximate).fold(1e-9, f64::max) * if award.method.lower_wins() { 1.25 } else { 1.0 };
    let scale = (CHART - 190.0) / most;
    let mut svg = String::new();
    let mut rows = Vec::new();
    for (row, interval) in all.iter().enumerate() {
        let [english, dutch] = interval.criterion.map_or(["price", "prijs"], |at| [award.criteria[at].label(); 2]);
        let y = 8.0 + 30.0 * row as f64;
        let (low, high) = (approximate(&interval.low), interval.high.as_ref().map_or(most, approximate));
        let _ = write!(
            svg,
            "<text x=\"150\" y=\"{0:.1}\" text-anchor=\"end\"><tspan class=\"en\">{1}</tspan><tspan class=\"nl\">{2}</tspan></text>\
             <rect x=\"160\" y=\"{3:.1}\" width=\"{4:.1}\" height=\"6\" fill=\"#d9dfe5\"/>\
             <rect x=\"{5:.1}\" y=\"{y:.1}\" width=\"{6:.1}\" height=\"18\" fill=\"#2f855a\"/>\
             <rect x=\"{7:.1}\" y=\"{8:.1}\" width=\"3\" height=\"24\" fill=\"#1d2733\"/>",
            y + 14.0,
            escaped(english),
            escaped(dutch),
            y + 6.0,
            most * scale,
            160.0 + low * scale,
            ((high - low) * scale).max(1.0),
            158.5 + approximate(&interval.stated) * scale,
            y - 3.0,
        );
        let money = award.method == crate::tender::award::Formula::F5;
        let rival = |rival: Option<usize>| rival.map_or("–".to_owned(), |at| name(told, at));
        rows.push(context! {
            english, dutch, stated => figure(&interval.stated, money), low => figure(&interval.low, money),
            high => interval.high.as_ref().map_or("∞".to_owned(), |high| figure(high, money)),
            below => rival(interval.low_rival), above => rival(interval.high_rival),
        });
    }
    context! { chart => frame(&svg, 30.0 * all.len() as f64 + 10.0), rows }
}

/// A bar for each bid: how often it gets which rank.
fn acceptability(told: &Told<'_>) -> Option<Shown> {
    let found = told.evaluation.acceptability.as_ref()?;
    let criteria = &told.ground.call.award.criteria;
    let count = found.ranks.len();
    let mut svg = String::new();
    let mut rows = Vec::new();
    for at in 0..count {
        let y = 6.0 + 30.0 * at as f64;
        let mut x = 160.0;
        for rank in 0..count {
            let width = found.share(at, rank) * (CHART - 170.0);
            let light = 32.0 + 58.0 * rank as f64 / (count.max(2) - 1) as f64;
            let _ = write!(
                svg,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"20\" fill=\"hsl(152 48% {light:.0}%)\"/>"
            );
            if width > 30.0 {
                let ink = if light > 60.0 { "#1d2733" } else { "#ffffff" };
                let _ = write!(
                    svg,
                    "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"{ink}\">{}</text>",
                    x + width / 2.0,
                    y + 14.0,
                    rank + 1
                );
            }
            x += width;
        }
        let _ = write!(
            svg,
            "<text x=\"152\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            y + 14.0,
            escaped(&name(told, at))
        );
        let central = found.central_weights[at].as_ref().map(|weights| {
            let labels = std::iter::once("price").chain(criteria.iter().map(|criterion| criterion.label()));
            labels
                .zip(weights)
                .map(|(label, weight)| format!("{label} {:.0} %", weight * 100.0))
                .collect::<Vec<_>>()
                .join(", ")
        });
        rows.push(context! {
            bid => name(told, at),
            shares => (0..count).map(|rank| format!("{:.1}", found.share(at, rank) * 100.0)).collect::<Vec<_>>(),
            central => central.unwrap_or_else(|| "–".to_owned()),
        });
    }
    Some(
        context! { chart => frame(&svg, 30.0 * count as f64 + 8.0), rows, ranks => (1..=count).collect::<Vec<_>>(), samples => found.samples },
    )
}

fn what_if(told: &Told<'_>) -> Vec<Shown> {
    let row = |case: &crate::tender::stability::WhatIf| {
        context! {
            bid => name(told, case.bid),
            criterion => told.ground.call.award.criteria[case.criterion].label(),
            given => case.given.clone(),
            turns_at => case.turns_at.clone(),
            then => case.winner_then.map(|at| name(told, at)),
        }
    };
    told.evaluation.what_if.iter().map(row).collect()
}

fn lots(told: &Told<'_>) -> Option<Shown> {
    if told.ground.lots.is_empty() {
        return None;
    }
    let offer = |at: usize| {
        let offer = &told.evaluation.offers[at];
        let lots: Vec<&str> = offer.lots.iter().map(|&lot| told.ground.lots[lot].as_str()).collect();
        context! { bid => told.bids[offer.bid].bid.name.clone(), lots => lots.join(" + "), price => euros(offer.price) }
    };
    let award = |place: usize| {
        told.evaluation.lot_awards.get(place).map(|award| {
            context! { total => euros(award.total), offers => award.offers.iter().map(|&at| offer(at)).collect::<Vec<_>>() }
        })
    };
    Some(
        context! { offers => (0..told.evaluation.offers.len()).map(offer).collect::<Vec<_>>(), best => award(0), next => award(1) },
    )
}

fn findings(told: &Told<'_>) -> Vec<Shown> {
    told.bids
        .iter()
        .map(|judged| {
            let rows: Vec<Shown> = judged
                .findings
                .iter()
                .take(SHOWN_FINDINGS)
                .map(|finding| {
                    context! { severity => finding.severity.to_string(), rule => finding.rule, layer => finding.layer.clone(), feature => finding.feature.clone(),
                    what => finding.what.clone(), advice => finding.advice.clone() }
                })
                .collect();
            context! { bid => judged.bid.name.clone(), count => judged.findings.len(), rows }
        })
        .collect()
}

/// The maps' data in whole decimetres from the south-west corner of what is shown.
fn map(told: &Told<'_>) -> Value {
    let ground = &told.ground;
    let region = ground.region;
    let listed = region.addresses.iter().filter(|address| address.standing == Standing::Target);
    let drawn = told.bids.iter().flat_map(|judged| &judged.bid.lines).chain(&ground.reference.lines);
    let corners = listed.filter_map(|address| address.point).chain(drawn.flat_map(|line| line.0.iter().copied()));
    let (mut low, mut high) = (Coord { x: f64::MAX, y: f64::MAX }, Coord { x: f64::MIN, y: f64::MIN });
    for corner in corners {
        low = Coord { x: low.x.min(corner.x), y: low.y.min(corner.y) };
        high = Coord { x: high.x.max(corner.x), y: high.y.max(corner.y) };
    }
    let place =
        |coord: &Coord<f64>| [((coord.x - low.x) * 10.0).round() as i64, ((coord.y - low.y) * 10.0).round() as i64];
    let flat = |line: &LineString<f64>| -> Vec<i64> { line.0.iter().flat_map(place).collect() };
    let inside = |line: &&LineString<f64>| {
        line.0.iter().any(|at| at.x >= low.x && at.x <= high.x && at.y >= low.y && at.y <= high.y)
    };
    let bids: Vec<Value> = told
        .bids
        .iter()
        .map(|judged| {
            let states: Vec<[i64; 3]> = region
                .addresses
                .iter()
                .zip(&judged.checked.addresses)
                .filter(|(address, seen)| address.standing == Standing::Target || seen.claimed.is_some())
                .filter_map(|(address, seen)| {
                    let [x, y] = place(&address.point?);
                    let state = match (seen.claimed, seen.served) {
                        (None, _) => 0,
                        (Some(_), Some(Level::Connected)) => 1,
                        (Some(_), Some(Level::Passed)) => 2,
                        (Some(Level::Offered), _) => 2,
                        (Some(_), _) => 3,
                    };
                    Some([x, y, state])
                })
                .collect();
            json!({
                "name": judged.bid.name,
                "lines": judged.bid.lines.iter().map(flat).collect::<Vec<_>>(),
                "beside": judged.priced.beside.iter().map(flat).collect::<Vec<_>>(),
                "pops": judged.bid.pops.iter().map(place).collect::<Vec<_>>(),
                "states": states,
            })
        })
        .collect();
    json!({
        "size": [((high.x - low.x) * 10.0).round().max(1.0), ((high.y - low.y) * 10.0).round().max(1.0)],
        "roads": region.roads.iter().map(|road| &road.line).filter(inside).map(flat).collect::<Vec<_>>(),
        "parks": region.parks.iter().map(|park| park.outline.iter().map(|part| flat(part.exterior())).collect::<Vec<_>>()).collect::<Vec<_>>(),
        "bids": bids,
        "difference": difference(told, &flat),
    })
}

/// Every candidate segment that the reference or some bid follows for more than half, with a bit for each:
/// the first for the reference, then one for each bid.
fn difference(told: &Told<'_>, flat: &dyn Fn(&LineString<f64>) -> Vec<i64>) -> Vec<Value> {
    let ground = &told.ground;
    let mut users: std::collections::BTreeMap<crate::graph::EdgeId, u64> = std::collections::BTreeMap::new();
    for &edge in &ground.reference.segments {
        *users.entry(edge).or_default() |= 1;
    }
    for (place, judged) in told.bids.iter().enumerate().take(50) {
        for &(edge, length) in &judged.priced.segments {
            if length * 2 > ground.network.segments[edge.index()].length {
                *users.entry(edge).or_default() |= 2 << place;
            }
        }
    }
    let shown = users.into_iter().filter(|(edge, _)| ground.network.segments[edge.index()].length.millimetres() > 0);
    shown.map(|(edge, bits)| json!([bits, flat(&ground.network.segments[edge.index()].shape)])).collect()
}
