//! Fibre of second routes of business parks: its pieces, its way segment by segment, map layers.

use geo::{Coord, Geometry, LineString};

use crate::geodata::{ColumnKind, Feature, OutLayer, Style, Symbol, Value};
use crate::graph::{EdgeId, NodeId};
use crate::plan::Way;
use crate::report::Told;
use crate::report::layers::{Columns, out, text};
use crate::report::tables::csv;
use crate::units::Length;

/// The number of a second route: its park's own in the forest is the first.
pub(super) const SECOND: i64 = 2;

/// Cables of second routes that lie side by side, for the same routes from end to end.
pub(super) struct SecondRun {
    /// Fibres in use.
    pub(super) used: u32,
    /// Fibres of each cable.
    pub(super) cables: Vec<u32>,
    /// PoPs that the fibres begin at, by their places among the candidates.
    pub(super) pops: Vec<u32>,
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) length: Length,
    course: Vec<Coord<f64>>,
}

/// All runs, those of the first route first, from its PoP.
pub(super) fn runs(told: &Told<'_>) -> Vec<SecondRun> {
    let fibre = &told.plan.protection.fibre;
    let mut runs: Vec<SecondRun> = Vec::new();
    for (place, way) in fibre.ways.iter().enumerate() {
        let mut before: Option<&Vec<u32>> = None;
        for (at, segment) in way.segments.iter().enumerate() {
            let through = &fibre.through[segment];
            if through[0] as usize != place {
                before = None;
                continue;
            }
            let (from, to) = (way.nodes[at], way.nodes[at + 1]);
            let course = course(told, *segment, from);
            let length = told.network.segments[segment.index()].length;
            if let Some(run) = runs.last_mut().filter(|_| before == Some(through)) {
                run.to = to;
                run.length += length;
                run.course.extend(course.into_iter().skip(1));
                continue;
            }
            before = Some(through);
            let mut pops: Vec<u32> = through.iter().map(|&other| fibre.ways[other as usize].pop).collect();
            pops.sort_unstable();
            pops.dedup();
            let used = through.len() as u32 * told.scenario.architecture.fibres_per_park;
            runs.push(SecondRun { used, cables: fibre.cables(*segment).to_vec(), pops, from, to, length, course });
        }
    }
    runs
}

/// The course of a segment, from one of its ends.
fn course(told: &Told<'_>, segment: EdgeId, from: NodeId) -> Vec<Coord<f64>> {
    let mut course = told.network.segments[segment.index()].shape.0.clone();
    if told.network.graph.ends(segment)[0] != from {
        course.reverse();
    }
    course
}

/// Keys of PoPs: `P1; P2`.
pub(super) fn pop_keys(told: &Told<'_>, pops: &[u32]) -> String {
    pops.iter().map(|&pop| told.plan.candidates[pop as usize].key.as_str()).collect::<Vec<_>>().join("; ")
}

/// One row for every segment of every second route that fibre is laid along, from the PoP to the park.
#[must_use]
pub fn second_routes(told: &Told<'_>) -> String {
    let header = ["park", "route", "pop", "place", "segment", "from_node", "to_node", "length_m", "fibres"];
    let fibres = told.scenario.architecture.fibres_per_park.to_string();
    let rows = told.plan.protection.fibre.ways.iter().flat_map(|way| {
        let fibres = &fibres;
        way.segments.iter().enumerate().map(move |(at, segment)| {
            vec![
                told.region.parks[way.park.0 as usize].key.clone(),
                SECOND.to_string(),
                told.plan.candidates[way.pop as usize].key.clone(),
                (at + 1).to_string(),
                segment.0.to_string(),
                way.nodes[at].0.to_string(),
                way.nodes[at + 1].0.to_string(),
                told.network.segments[segment.index()].length.to_string(),
                fibres.clone(),
            ]
        })
    });
    csv(&header, rows)
}

/// Fibres of each cable in a segment for second routes: `24 12`.
pub(super) fn cables_in(told: &Told<'_>, segment: EdgeId) -> Value {
    let cables = told.plan.protection.fibre.cables(segment);
    if cables.is_empty() {
        return Value::Null;
    }
    text(cables.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
}

/// Layers of the routes, one line for each, and of their cables.
pub(super) fn layers(told: &Told<'_>) -> Vec<OutLayer> {
    vec![routes(told), cables(told)]
}

/// The whole course of a route, from the PoP to the park.
pub(super) fn way_course(told: &Told<'_>, way: &Way) -> Vec<Coord<f64>> {
    let mut line: Vec<Coord<f64>> = Vec::new();
    for (segment, &from) in way.segments.iter().zip(&way.nodes) {
        for point in course(told, *segment, from) {
            if line.last() != Some(&point) {
                line.push(point);
            }
        }
    }
    line
}

fn routes(told: &Told<'_>) -> OutLayer {
    let columns = Columns::of(&[
        ("park", ColumnKind::Text),
        ("name", ColumnKind::Text),
        ("route", ColumnKind::Integer),
        ("pop", ColumnKind::Text),
        ("fibres", ColumnKind::Integer),
        ("length_mm", ColumnKind::Integer),
    ]);
    let feature = |(place, way): (usize, &Way)| {
        let park = &told.region.parks[way.park.0 as usize];
        let length: Length = way.segments.iter().map(|edge| told.network.segments[edge.index()].length).sum();
        Feature {
            record: place as i64 + 1,
            geometry: Some(Geometry::LineString(LineString(way_course(told, way)))),
            values: vec![
                text(park.key.clone()),
                text(park.name.clone()),
                Value::Integer(SECOND),
                text(told.plan.candidates[way.pop as usize].key.clone()),
                Value::Integer(i64::from(told.scenario.architecture.fibres_per_park)),
                Value::Integer(length.millimetres()),
            ],
        }
    };
    let features = told.plan.protection.fibre.ways.iter().enumerate().map(feature).collect();
    let style = Style::Single(Symbol { colour: [230, 0, 120], size: 0.4 });
    out("second_routes", columns, features, ("LINESTRING", "Second routes of business parks, PoP to park"), style)
}

fn cables(told: &Told<'_>) -> OutLayer {
    let columns = Columns::of(&[
        ("fibres", ColumnKind::Integer),
        ("cables", ColumnKind::Text),
        ("length_mm", ColumnKind::Integer),
        ("pop", ColumnKind::Text),
        ("from_node", ColumnKind::Integer),
        ("to_node", ColumnKind::Integer),
    ]);
    let feature = |(place, run): (usize, SecondRun)| Feature {
        record: place as i64 + 1,
        values: vec![
            Value::Integer(i64::from(run.used)),
            text(run.cables.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")),
            Value::Integer(run.length.millimetres()),
            text(pop_keys(told, &run.pops)),
            Value::Integer(i64::from(run.from.0)),
            Value::Integer(i64::from(run.to.0)),
        ],
        geometry: Some(Geometry::LineString(LineString(run.course))),
    };
    let with_length = runs(told).into_iter().filter(|run| run.length > Length::ZERO);
    let features = with_length.enumerate().map(feature).collect();
    let style = Style::Single(Symbol { colour: [230, 0, 120], size: 0.5 });
    out("second_cables", columns, features, ("LINESTRING", "Cables of second routes of parks"), style)
}

/// Second routes that begin at a PoP, by the key of their park.
pub(super) fn ports(told: &Told<'_>, pop: u32) -> Vec<String> {
    let here = told.plan.protection.fibre.ways.iter().filter(|way| way.pop == pop);
    here.map(|way| told.region.parks[way.park.0 as usize].key.clone()).collect()
}
