//! Map layers of a plan, styled for QGIS.

use std::collections::BTreeSet;

use geo::{ConvexHull, Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point};

use crate::geodata::{Category, Column, ColumnKind, Feature, Layer, OutLayer, Style, Symbol, Value};
use crate::graph::{EdgeId, NodeId};
use crate::network::{Segment, SegmentKind};
use crate::plan::{Cabinet, PointKind};
use crate::report::Told;
use crate::report::cables::cable_layers;
use crate::report::ranking::kind;
use crate::report::reasons::Reasons;
use crate::report::{redundancy, second};
use crate::rollout::Part;

/// A column with the way its values are made.
pub(super) struct Columns(Vec<Column>);

impl Columns {
    pub(super) fn of(columns: &[(&str, ColumnKind)]) -> Self {
        Self(columns.iter().map(|&(name, kind)| Column { name: name.to_owned(), kind }).collect())
    }
}

use ColumnKind::{Integer, Logical, Real, Text};

/// All layers that have features: trenches, drops, PoPs, cabinets, addresses, parks, units.
#[must_use]
pub fn layers(told: &Told<'_>) -> Vec<OutLayer> {
    let mut all = vec![service_areas(told), units(told), parks(told), trenches(told), drops(told)];
    all.push(redundancy::layer(told));
    all.extend(cable_layers(told));
    all.extend(second::layers(told));
    all.extend([cabinets(told), pops(told), addresses(told)]);
    all.into_iter().filter(|out| !out.layer.features.is_empty()).collect()
}

pub(super) fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

pub(super) fn or_null<T>(value: Option<T>, make: impl Fn(T) -> Value) -> Value {
    value.map_or(Value::Null, make)
}

pub(super) fn out(
    name: &str,
    columns: Columns,
    features: Vec<Feature>,
    (geometry_type, description): (&'static str, &'static str),
    style: Style,
) -> OutLayer {
    let layer = Layer { name: name.to_owned(), crs: None, columns: columns.0, features };
    OutLayer { layer, geometry_type, description, style }
}

/// Text of what a segment takes: `civil.plough:12345 cross.water:1`, in millimetres or counts.
pub(super) fn works(told: &Told<'_>, segment: &Segment) -> String {
    let item = |work: &crate::network::Work| format!("{}:{}", told.prices.key(work.price), work.quantity);
    segment.works.iter().map(item).collect::<Vec<_>>().join(" ")
}

/// Fibres of each cable in the segment that leads to a node, trunk first: `48 12`.
fn cables_in(told: &Told<'_>, far: NodeId) -> String {
    let cabling = &told.plan.cabling;
    let sizes = cabling.table.sizes();
    let cables = cabling.cables(far, &told.scenario.architecture);
    cables.into_iter().map(|place| sizes[usize::from(place)].fibres.to_string()).collect::<Vec<_>>().join(" ")
}

/// The zones that a segment lies in, with their seasons: `nature (not from 15 March to 15 July)`.
pub(super) fn zones(told: &Told<'_>, segment: &Segment) -> Value {
    let mut words: Vec<String> = Vec::new();
    for zone in segment.zones.iter().map(|zone| &told.region.zones[zone.0 as usize]) {
        let season = zone.season.as_ref().map_or(String::new(), |season| format!(" (not from {season})"));
        let word = format!("{}{season}", zone.kind);
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if words.is_empty() { Value::Null } else { text(words.join(", ")) }
}

pub(super) const SEGMENT_COLUMNS: [(&str, ColumnKind); 20] = [
    ("segment", Integer),
    ("kind", Text),
    ("method", Text),
    ("road", Text),
    ("length_m", Real),
    ("cost_eur", Real),
    ("length_mm", Integer),
    ("cost_cents", Integer),
    ("works", Text),
    ("zones", Text),
    ("from_node", Integer),
    ("to_node", Integer),
    ("pop", Text),
    ("rank", Integer),
    ("phase", Integer),
    ("trunk_fibres", Integer),
    ("distribution_fibres", Integer),
    ("cables", Text),
    ("drop_cables", Integer),
    ("second_cables", Text),
];

pub(super) fn segment_word(kind: SegmentKind) -> &'static str {
    match kind {
        SegmentKind::Trench => "trench",
        SegmentKind::Crossing => "crossing",
        SegmentKind::Duct => "duct",
        SegmentKind::Drop => "drop",
        SegmentKind::ParkEntry => "park-entry",
        SegmentKind::PopEntry => "pop-entry",
    }
}

/// Built segments that have a length; those without are told by the anchors of addresses and parks.
fn segment_features(told: &Told<'_>, wanted: fn(SegmentKind) -> bool) -> Vec<Feature> {
    let (ranks, years) = (told.ranks(), told.years());
    let mut built: Vec<(EdgeId, NodeId)> = told
        .plan
        .forest
        .order
        .iter()
        .filter_map(|&node| told.plan.forest.parent[node.index()].map(|(_, edge)| (edge, node)))
        .filter(|(edge, _)| wanted(told.network.segments[edge.index()].kind))
        .filter(|(edge, _)| told.network.segments[edge.index()].length.millimetres() > 0)
        .collect();
    built.sort_unstable();
    let feature = |(place, (edge, far)): (usize, (EdgeId, NodeId))| {
        let segment = &told.network.segments[edge.index()];
        let cost = told.segment_costs[edge.index()];
        let [from, to] = told.network.graph.ends(edge);
        let unit = told.rollout.units.of_node[far.index()];
        let pop = told.plan.forest.pop[far.index()].map(|pop| &told.plan.candidates[pop as usize].key);
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
                or_null(pop, |key| text(key.clone())),
                or_null(unit, |unit| Value::Integer(i64::from(ranks[unit as usize]))),
                or_null(unit.and_then(|unit| years[unit as usize]), |year| Value::Integer(i64::from(year))),
                Value::Integer(i64::from(told.plan.cabling.trunk[far.index()])),
                Value::Integer(i64::from(told.plan.cabling.distribution[far.index()])),
                text(cables_in(told, far)),
                Value::Integer(i64::from(told.plan.cabling.drops[far.index()])),
                second::cables_in(told, edge),
            ],
        }
    };
    built.into_iter().enumerate().map(feature).collect()
}

/// Colours that can be told apart, for methods.
const COLOURS: [[u8; 3]; 8] = [
    [27, 120, 55],
    [166, 97, 26],
    [118, 42, 131],
    [33, 102, 172],
    [178, 24, 43],
    [53, 151, 143],
    [191, 129, 45],
    [90, 90, 90],
];

fn trenches(told: &Told<'_>) -> OutLayer {
    let features = segment_features(told, |kind| kind != SegmentKind::Drop);
    let mut methods: BTreeSet<String> = BTreeSet::new();
    for feature in &features {
        methods.extend(feature.values[2].as_text());
    }
    let categories = methods.into_iter().enumerate().map(|(place, method)| Category {
        label: method.clone(),
        value: method,
        symbol: Symbol { colour: COLOURS[place % COLOURS.len()], size: 0.6 },
    });
    let style = Style::Categories { column: "method", categories: categories.collect() };
    let about = ("LINESTRING", "Trenches and ducts that are built, by method");
    out("trenches", Columns::of(&SEGMENT_COLUMNS), features, about, style)
}

fn drops(told: &Told<'_>) -> OutLayer {
    let features = segment_features(told, |kind| kind == SegmentKind::Drop);
    let style = Style::Single(Symbol { colour: [120, 120, 120], size: 0.25 });
    out("drops", Columns::of(&SEGMENT_COLUMNS), features, ("LINESTRING", "Drops from trench to address"), style)
}

fn pops(told: &Told<'_>) -> OutLayer {
    let columns = Columns::of(&[
        ("id", Text),
        ("existing", Logical),
        ("proposed", Logical),
        ("backup", Logical),
        ("node", Integer),
        ("connections", Integer),
        ("housings", Integer),
        ("capacity", Integer),
        ("opening_cents", Integer),
        ("cost_cents", Integer),
        ("spliced", Integer),
        ("splitters", Integer),
    ]);
    let feature = |(place, open): (usize, &crate::plan::OpenPop)| {
        let candidate = &told.plan.candidates[open.candidate as usize];
        Feature {
            record: place as i64 + 1,
            geometry: Some(Point(told.network.points[candidate.node.index()]).into()),
            values: vec![
                text(candidate.key.clone()),
                Value::Logical(candidate.existing),
                Value::Logical(candidate.proposed),
                Value::Logical(open.backup),
                Value::Integer(i64::from(candidate.node.0)),
                Value::Integer(i64::from(open.connections)),
                Value::Integer(i64::from(open.housings)),
                Value::Integer(i64::from(candidate.capacity)),
                Value::Integer(candidate.opening.cents()),
                Value::Integer(open.cost.cents()),
                Value::Integer(i64::from(open.spliced)),
                Value::Integer(i64::from(open.splitters)),
            ],
        }
    };
    let features = told.plan.pops.iter().enumerate().map(feature).collect();
    let style = Style::Single(Symbol { colour: [200, 20, 20], size: 4.0 });
    out("pops", columns, features, ("POINT", "Open PoPs"), style)
}

const CABINET_COLUMNS: [(&str, ColumnKind); 10] = [
    ("id", Integer),
    ("kind", Text),
    ("pop", Text),
    ("node", Integer),
    ("connections", Integer),
    ("housings", Integer),
    ("feeder_mm", Integer),
    ("distribution_mm", Integer),
    ("spliced", Integer),
    ("splitters", Integer),
];

fn cabinet_values(told: &Told<'_>, place: usize, cabinet: &Cabinet) -> Vec<Value> {
    let architecture = &told.scenario.architecture;
    vec![
        Value::Integer(place as i64 + 1),
        text(cabinet.kind.word()),
        text(told.plan.candidates[cabinet.pop as usize].key.clone()),
        Value::Integer(i64::from(cabinet.node.0)),
        Value::Integer(i64::from(cabinet.connections)),
        Value::Integer(i64::from(cabinet.housings)),
        Value::Integer(cabinet.feeder.millimetres()),
        Value::Integer(cabinet.distribution.millimetres()),
        Value::Integer(i64::from(cabinet.spliced(architecture))),
        Value::Integer(i64::from(cabinet.splitters(architecture))),
    ]
}

fn cabinets(told: &Told<'_>) -> OutLayer {
    let feature = |(place, cabinet): (usize, &Cabinet)| Feature {
        record: place as i64 + 1,
        geometry: Some(Point(told.network.points[cabinet.node.index()]).into()),
        values: cabinet_values(told, place, cabinet),
    };
    let features = told.plan.cabinets.iter().enumerate().map(feature).collect();
    let symbol = |colour| Symbol { colour, size: 2.4 };
    let category = |kind: PointKind, colour| Category {
        value: kind.word().to_owned(),
        label: kind.word().to_owned(),
        symbol: symbol(colour),
    };
    let categories = vec![category(PointKind::Cabinet, [240, 150, 30]), category(PointKind::Handhole, [250, 210, 60])];
    let style = Style::Categories { column: "kind", categories };
    let about = ("POINT", "Distribution points: cabinets and handholes");
    out("cabinets", Columns::of(&CABINET_COLUMNS), features, about, style)
}

/// Half the side of the square that every address adds to the outline of its area, in metres.
const AROUND: f64 = 15.0;

/// Areas of cabinets: the convex hulls of the addresses that each feeds, and of itself.
fn service_areas(told: &Told<'_>) -> OutLayer {
    let feature = |(place, cabinet): (usize, &Cabinet)| {
        let sites = cabinet.sites.iter().map(|&site| told.network.sites[site as usize].point);
        let corners = [(-AROUND, -AROUND), (AROUND, -AROUND), (AROUND, AROUND), (-AROUND, AROUND)];
        let around = |at: Coord<f64>| corners.map(|(x, y)| Point(at + Coord { x, y }));
        let points = sites.chain([told.network.points[cabinet.node.index()]]).flat_map(around);
        let hull = MultiPoint(points.collect()).convex_hull();
        Feature {
            record: place as i64 + 1,
            geometry: Some(Geometry::MultiPolygon(MultiPolygon(vec![hull]))),
            values: cabinet_values(told, place, cabinet),
        }
    };
    let features = told.plan.cabinets.iter().enumerate().map(feature).collect();
    let style = Style::Single(Symbol { colour: [250, 190, 90], size: 0.3 });
    let about = ("MULTIPOLYGON", "Areas that cabinets and handholes feed");
    out("service_areas", Columns::of(&CABINET_COLUMNS), features, about, style)
}

/// The trench node that each site or park hangs from, by its own node.
fn anchor(told: &Told<'_>, node: NodeId) -> Option<NodeId> {
    told.plan.forest.parent[node.index()].map(|(parent, _)| parent)
}

fn addresses(told: &Told<'_>) -> OutLayer {
    let columns = Columns::of(&[
        ("id", Text),
        ("status", Text),
        ("reason", Text),
        ("tier", Integer),
        ("tier_name", Text),
        ("units", Integer),
        ("node", Integer),
        ("anchor", Integer),
        ("pop", Text),
        ("cabinet", Integer),
        ("unit", Text),
        ("rank", Integer),
        ("route_mm", Integer),
        ("share_cents", Integer),
        ("phase", Integer),
        ("need_points", Real),
        ("networks", Text),
    ]);
    let years = told.years();
    let (ranks, units, tiers) = (told.ranks(), told.unit_of_address(), told.scenario.tier_names());
    let mut nodes: Vec<Option<NodeId>> = vec![None; told.region.addresses.len()];
    for site in &told.network.sites {
        let held = site.node.as_ref().ok().filter(|node| told.plan.forest.holds(**node));
        site.addresses.iter().for_each(|address| nodes[address.0 as usize] = held.copied());
    }
    let mut features = Vec::new();
    for (place, (address, outcome)) in told.region.addresses.iter().zip(&told.plan.addresses).enumerate() {
        let Some(point) = address.point else { continue };
        let unit = units[place].filter(|_| nodes[place].is_some());
        features.push(Feature {
            record: place as i64 + 1,
            geometry: Some(Point(point).into()),
            values: vec![
                text(address.key.clone()),
                text(outcome.status.word()),
                text(outcome.status.reason()),
                Value::Integer(i64::from(address.tier)),
                text(tiers[usize::from(address.tier)].clone()),
                Value::Integer(i64::from(address.units)),
                or_null(nodes[place], |node| Value::Integer(i64::from(node.0))),
                or_null(nodes[place].and_then(|node| anchor(told, node)), |node| Value::Integer(i64::from(node.0))),
                or_null(outcome.pop, |pop| text(told.plan.candidates[pop as usize].key.clone())),
                or_null(outcome.cabinet, |cabinet| Value::Integer(i64::from(cabinet) + 1)),
                or_null(unit, |unit| text(told.rollout.units.all[unit as usize].name.clone())),
                or_null(unit, |unit| Value::Integer(i64::from(ranks[unit as usize]))),
                or_null(outcome.route, |route| Value::Integer(route.millimetres())),
                Value::Integer(outcome.share.cents()),
                or_null(unit.and_then(|unit| years[unit as usize]), |year| Value::Integer(i64::from(year))),
                Value::Real(told.rollout.needs.addresses[place].score().counted as f64 / 100.0),
                or_null(address.networks, |networks| text(networks.colour())),
            ],
        });
    }
    let symbol = |colour| Symbol { colour, size: 1.2 };
    let category =
        |value: &str, colour| Category { value: value.to_owned(), label: value.to_owned(), symbol: symbol(colour) };
    let categories = crate::plan::Status::WORDS.iter().map(|&word| match word {
        "connected" => category(word, [20, 90, 180]),
        "left-out" => category(word, [230, 120, 0]),
        "too-far" | "forbidden" | "disconnected" | "over-budget" => category(word, [200, 0, 0]),
        _ => category(word, [150, 150, 150]),
    });
    let style = Style::Categories { column: "status", categories: categories.collect() };
    out("addresses", columns, features, ("POINT", "Every input address with its status"), style)
}

fn parks(told: &Told<'_>) -> OutLayer {
    let columns = Columns::of(&[
        ("id", Text),
        ("name", Text),
        ("class", Text),
        ("redundancy", Text),
        ("protected", Logical),
        ("connected", Logical),
        ("node", Integer),
        ("anchor", Integer),
        ("pop", Text),
        ("rank", Integer),
        ("route_mm", Integer),
        ("share_cents", Integer),
    ]);
    let ranks = told.ranks();
    let feature = |(place, (park, outcome)): (usize, (&crate::region::Park, &crate::plan::ParkOutcome))| {
        let node = told.network.parks[place].filter(|_| outcome.connected);
        let protection = told.plan.protection.parks.iter().find(|protected| protected.park.0 as usize == place);
        let unit = node.and_then(|node| told.rollout.units.of_node[node.index()]);
        Feature {
            record: place as i64 + 1,
            geometry: Some(Geometry::MultiPolygon(park.outline.clone())),
            values: vec![
                text(park.key.clone()),
                text(park.name.clone()),
                text(park.class.clone()),
                text(protection.map_or("none", |protection| protection.wish.word())),
                Value::Logical(protection.is_some_and(|protection| protection.outcome.is_ok())),
                Value::Logical(outcome.connected),
                or_null(node, |node| Value::Integer(i64::from(node.0))),
                or_null(node.and_then(|node| anchor(told, node)), |node| Value::Integer(i64::from(node.0))),
                or_null(outcome.pop, |pop| text(told.plan.candidates[pop as usize].key.clone())),
                or_null(unit, |unit| Value::Integer(i64::from(ranks[unit as usize]))),
                or_null(outcome.route, |route| Value::Integer(route.millimetres())),
                Value::Integer(outcome.share.cents()),
            ],
        }
    };
    let features = told.region.parks.iter().zip(&told.plan.parks).enumerate().map(feature).collect();
    let style = Style::Single(Symbol { colour: [130, 60, 160], size: 0.4 });
    out("business_parks", columns, features, ("MULTIPOLYGON", "Business parks"), style)
}

fn units(told: &Told<'_>) -> OutLayer {
    let mut columns = Columns::of(&[
        ("rank", Integer),
        ("name", Text),
        ("kind", Text),
        ("after", Text),
        ("addresses", Integer),
        ("cost_cents", Integer),
        ("completion_cents", Integer),
        ("length_mm", Integer),
        ("phase", Integer),
        ("reason", Text),
        ("reden", Text),
    ]);
    let needs = Part::ALL.iter().map(|part| format!("need_{}", part.name()));
    let needs = needs.chain(["need_points", "need_low", "need_high"].map(str::to_owned));
    columns.0.extend(needs.map(|name| Column { name, kind: Real }));
    let reasons = Reasons::new(told);
    let years = told.years();
    let all = &told.rollout.units.all;
    let mut shapes: Vec<Vec<LineString<f64>>> = vec![Vec::new(); all.len()];
    for node in &told.plan.forest.order {
        let unit = told.rollout.units.of_node[node.index()];
        if let (Some((_, edge)), Some(unit)) = (told.plan.forest.parent[node.index()], unit)
            && told.network.segments[edge.index()].length.millimetres() > 0
        {
            shapes[unit as usize].push(told.network.segments[edge.index()].shape.clone());
        }
    }
    let mut features = Vec::new();
    for (place, &at) in told.rollout.order.sequence.iter().enumerate() {
        let unit = &all[at as usize];
        let shape = std::mem::take(&mut shapes[at as usize]);
        if shape.is_empty() {
            continue;
        }
        let (reason, parts) = (reasons.of(at), &told.rollout.needs.units[at as usize].parts);
        let score = parts.score();
        let points: Vec<i64> =
            parts.0.iter().map(|part| part.counted).chain([score.counted, score.low, score.high]).collect();
        features.push(Feature {
            record: place as i64 + 1,
            geometry: Some(Geometry::MultiLineString(MultiLineString(shape))),
            values: vec![
                Value::Integer(place as i64 + 1),
                text(unit.name.clone()),
                text(kind(unit)),
                or_null(unit.after, |after| text(all[after as usize].name.clone())),
                Value::Integer(i64::from(unit.addresses)),
                Value::Integer(unit.cost.cents()),
                Value::Integer(told.rollout.order.completion[at as usize].cents()),
                Value::Integer(unit.length.millimetres()),
                or_null(years[at as usize], |year| Value::Integer(i64::from(year))),
                text(reason.english),
                text(reason.dutch),
            ]
            .into_iter()
            .chain(points.into_iter().map(|hundredths| Value::Real(hundredths as f64 / 100.0)))
            .collect(),
        });
    }
    let category = |value: &str, colour| Category {
        value: value.to_owned(),
        label: value.to_owned(),
        symbol: Symbol { colour, size: 1.4 },
    };
    let categories =
        vec![category("trunk", [60, 60, 60]), category("park", [150, 60, 170]), category("area", [90, 170, 110])];
    let style = Style::Categories { column: "kind", categories };
    out("units", columns, features, ("MULTILINESTRING", "Roll-out units with their rank"), style)
}
