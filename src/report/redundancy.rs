//! What protects business parks: a table, a map layer, rows of the page.

use std::collections::BTreeMap;

use geo::Geometry;
use minijinja::{Value as Shown, context};

use crate::geodata::{ColumnKind, Feature, OutLayer, Style, Symbol, Value};
use crate::graph::EdgeId;
use crate::plan::Unprotected;
use crate::report::Told;
use crate::report::layers::{Columns, SEGMENT_COLUMNS, or_null, out, segment_word, text, works, zones};
use crate::report::page::euros;
use crate::report::second;
use crate::report::tables::csv;

/// One row for every park that asks to be protected: its two routes and what they cost on top, or why there are none.
#[must_use]
pub fn redundancy(told: &Told<'_>) -> String {
    let header = [
        "park",
        "name",
        "asked",
        "protected",
        "pop_1",
        "route_1_m",
        "pop_2",
        "route_2_m",
        "fibre_eur",
        "extra_eur",
        "cut",
    ];
    let rows = told.plan.protection.parks.iter().map(|protected| {
        let park = &told.region.parks[protected.park.0 as usize];
        let mut row = vec![park.key.clone(), park.name.clone(), protected.wish.word().to_owned()];
        row.push(protected.outcome.is_ok().to_string());
        match &protected.outcome {
            Ok([one, other]) => {
                let told_route =
                    |route: &crate::plan::Route| [pop(told, route.pop), route.length(told.network).to_string()];
                row.extend(told_route(one));
                row.extend(told_route(other));
                row.extend([protected.fibre.to_string(), protected.extra.to_string(), String::new()]);
            }
            Err(reason) => {
                row.extend([""; 6].map(str::to_owned));
                row.push(cut(told, *reason));
            }
        }
        row
    });
    csv(&header, rows)
}

fn pop(told: &Told<'_>, place: u32) -> String {
    told.plan.candidates[place as usize].key.clone()
}

/// What every route needs.
fn cut(told: &Told<'_>, reason: Unprotected) -> String {
    match reason {
        Unprotected::NotConnected => "not connected".to_owned(),
        Unprotected::Trench(edge) => format!("segment {}", edge.0),
        Unprotected::OnePop(place) => format!("PoP {}", pop(told, place)),
        Unprotected::Own => "own route".to_owned(),
        Unprotected::TooFar { route, longest } => {
            let beyond = (route - longest).metres();
            format!("route of {:.0} m is {beyond:.0} m beyond reach", route.metres())
        }
    }
}

/// Rows of the page.
pub(super) fn rows(told: &Told<'_>) -> Vec<Shown> {
    let row = |protected: &crate::plan::ParkProtection| {
        let park = &told.region.parks[protected.park.0 as usize];
        let name = if park.name.is_empty() { &park.key } else { &park.name };
        let routes = match &protected.outcome {
            Ok(routes) => routes
                .iter()
                .map(|route| {
                    format!("{} ({:.1} km)", pop(told, route.pop), route.length(told.network).metres() / 1000.0)
                })
                .collect::<Vec<_>>()
                .join(" + "),
            Err(reason) => cut(told, *reason),
        };
        context! { name, asked => protected.wish.word(), fine => protected.outcome.is_ok(), routes, fibre => euros(protected.fibre),
        extra => euros(protected.extra) }
    };
    told.plan.protection.parks.iter().map(row).collect()
}

/// Segments that are built for second routes only, those without length included, with the parks that they serve.
pub(super) fn layer(told: &Told<'_>) -> OutLayer {
    let mut users: BTreeMap<EdgeId, Vec<&str>> =
        told.plan.protection.extra.iter().map(|&edge| (edge, vec![])).collect();
    for protected in &told.plan.protection.parks {
        let key = told.region.parks[protected.park.0 as usize].key.as_str();
        for edge in protected.outcome.iter().flatten().flat_map(|route| &route.segments) {
            users.entry(*edge).and_modify(|parks| parks.push(key));
        }
    }
    let (ranks, years) = (told.ranks(), told.years());
    // Each segment is built with the unit that pays for it.
    let built_with: BTreeMap<EdgeId, u32> = told
        .plan
        .protection
        .extra_by_park()
        .filter_map(|(park, edge)| {
            let node = told.network.parks[park.0 as usize]?;
            Some((edge, told.rollout.units.of_node[node.index()]?))
        })
        .collect();
    let feature = |(place, (edge, parks)): (usize, (EdgeId, Vec<&str>))| {
        let unit = built_with.get(&edge).copied();
        let segment = &told.network.segments[edge.index()];
        let cost = told.segment_costs[edge.index()];
        let [from, to] = told.network.graph.ends(edge);
        Feature {
            record: place as i64 + 1,
            geometry: Some(Geometry::LineString(segment.shape.clone())),
            values: vec![
                Value::Integer(i64::from(edge.0)),
                text(segment_word(segment.kind)),
                text(segment.works.first().map_or("", |work| told.prices.key(work.price))),
                or_null(segment.road, |road| text(told.region.roads[road.0 as usize].key.clone())),
                Value::Real(segment.length.metres()),
                Value::Real(cost.euros()),
                Value::Integer(segment.length.millimetres()),
                Value::Integer(cost.cents()),
                text(works(told, segment)),
                zones(told, segment),
                Value::Integer(i64::from(from.0)),
                Value::Integer(i64::from(to.0)),
                or_null(unit, |unit| Value::Integer(i64::from(ranks[unit as usize]))),
                or_null(unit.and_then(|unit| years[unit as usize]), |year| Value::Integer(i64::from(year))),
                text(parks.join(" ")),
                second::cables_in(told, edge),
            ],
        }
    };
    let features = users.into_iter().enumerate().map(feature).collect();
    let mut columns: Vec<_> = SEGMENT_COLUMNS[..12].to_vec();
    columns.extend([
        ("rank", ColumnKind::Integer),
        ("phase", ColumnKind::Integer),
        ("parks", ColumnKind::Text),
        ("second_cables", ColumnKind::Text),
    ]);
    let style = Style::Single(Symbol { colour: [230, 0, 120], size: 0.8 });
    out("redundancy", Columns::of(&columns), features, ("LINESTRING", "Second routes of business parks"), style)
}
