//! Cables as a contractor reads them: every piece with its ends, and which fibre leads where.

use geo::{Coord, Geometry, LineString};

use crate::geodata::{Column, ColumnKind, Feature, Layer, OutLayer, Style, Symbol, Value};
use crate::graph::{EdgeId, NodeId};
use crate::network::NodeKind;
use crate::plan::Cabinet;
use crate::report::Told;
use crate::report::second;
use crate::report::tables::{csv, or_empty};
use crate::scenario::Topology;
use crate::units::Length;

/// Cables that lie side by side from one branching to the next.
pub(super) struct Run {
    /// Whether they lead to distribution points and parks; else to drops.
    pub(super) trunk: bool,
    /// Fibres in use.
    pub(super) used: u32,
    /// Fibres of each cable.
    pub(super) cables: Vec<u32>,
    /// The distribution point that feeds them, by its place; none where it is the PoP.
    pub(super) point: Option<u32>,
    /// The PoP, by its place among the candidates.
    pub(super) pop: u32,
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) length: Length,
    pub(super) course: Vec<Coord<f64>>,
}

/// All runs, trunk first, those nearer to the PoP before those beyond.
pub(super) fn runs(told: &Told<'_>) -> Vec<Run> {
    let mut all = runs_of(told, true);
    all.extend(runs_of(told, false));
    all
}

fn runs_of(told: &Told<'_>, trunk: bool) -> Vec<Run> {
    let (forest, cabling, architecture) = (&told.plan.forest, &told.plan.cabling, &told.scenario.architecture);
    let fibres = if trunk { &cabling.trunk } else { &cabling.distribution };
    let mut run_of: Vec<Option<usize>> = vec![None; fibres.len()];
    let mut runs: Vec<Run> = Vec::new();
    for &node in &forest.order {
        let Some((parent, edge)) = forest.parent[node.index()] else { continue };
        let used = fibres[node.index()];
        if used == 0 {
            continue;
        }
        let area = if trunk { None } else { cabling.area[node.index()] };
        let segment = &told.network.segments[edge.index()];
        let mut course = segment.shape.0.clone();
        if told.network.graph.ends(edge)[0] != parent {
            course.reverse();
        }
        // All fibres of the segment before go on into this one: the cable does too.
        let goes_on = run_of[parent.index()].filter(|&run| runs[run].used == used && runs[run].point == area);
        if let Some(run) = goes_on {
            run_of[node.index()] = Some(run);
            let run = &mut runs[run];
            run.to = node;
            run.length += segment.length;
            run.course.extend(course.into_iter().skip(1));
            continue;
        }
        let held = if trunk {
            cabling.trunk_with_spare(node, architecture)
        } else {
            cabling.distribution_with_spare(node, architecture)
        };
        let sizes = cabling.table.sizes();
        run_of[node.index()] = Some(runs.len());
        runs.push(Run {
            trunk,
            used,
            cables: cabling.table.set(held).into_iter().map(|place| sizes[usize::from(place)].fibres).collect(),
            point: area,
            pop: forest.pop[node.index()].expect("a node of the forest has a PoP"),
            from: parent,
            to: node,
            length: segment.length,
            course,
        });
    }
    runs
}

fn pop_key(told: &Told<'_>, pop: u32) -> String {
    told.plan.candidates[pop as usize].key.clone()
}

/// One row for every piece of cable: trunk and distribution from branching to branching, those of second routes of parks,
/// then one for each drop.
#[must_use]
pub fn cables(told: &Told<'_>) -> String {
    let header =
        ["cable", "kind", "fibres", "fibres_used_in_run", "pop", "cabinet", "from_node", "to_node", "length_m"];
    let mut rows = Vec::new();
    for (number, run) in runs(told).iter().enumerate() {
        for (place, size) in run.cables.iter().enumerate() {
            let kind = if run.trunk { "trunk" } else { "distribution" };
            rows.push(vec![
                format!("{}{}-{}", if run.trunk { 'T' } else { 'D' }, number + 1, place + 1),
                kind.to_owned(),
                size.to_string(),
                run.used.to_string(),
                pop_key(told, run.pop),
                or_empty(run.point.map(|point| point + 1)),
                run.from.0.to_string(),
                run.to.0.to_string(),
                run.length.to_string(),
            ]);
        }
    }
    for (number, run) in second::runs(told).iter().enumerate() {
        for (place, size) in run.cables.iter().enumerate() {
            rows.push(vec![
                format!("S{}-{}", number + 1, place + 1),
                "second".to_owned(),
                size.to_string(),
                run.used.to_string(),
                second::pop_keys(told, &run.pops),
                String::new(),
                run.from.0.to_string(),
                run.to.0.to_string(),
                run.length.to_string(),
            ]);
        }
    }
    let architecture = &told.scenario.architecture;
    for &node in &told.plan.forest.order {
        let (NodeKind::Site(_), Some((anchor, edge))) =
            (told.network.nodes[node.index()], told.plan.forest.parent[node.index()])
        else {
            continue;
        };
        for place in 0..told.plan.cabling.drops[node.index()] {
            rows.push(vec![
                format!("A{}-{}", node.0, place + 1),
                "drop".to_owned(),
                architecture.drop_fibres(1).to_string(),
                architecture.drop_fibres(1).to_string(),
                pop_key(told, told.plan.forest.pop[node.index()].expect("a node of the forest has a PoP")),
                or_empty(told.plan.cabling.area[node.index()].map(|point| point + 1)),
                anchor.0.to_string(),
                node.0.to_string(),
                told.network.segments[edge.index()].length.to_string(),
            ]);
        }
    }
    csv(&header, rows)
}

/// Counts fibres, splitters and their outputs of one PoP.
struct Numbering {
    fibre: u32,
    splitter: u32,
    port: u32,
}

/// A stretch of fibre numbers: `7-8`.
fn stretch(first: u32, count: u32) -> String {
    if count == 1 { first.to_string() } else { format!("{first}-{}", first + count - 1) }
}

/// Which fibre goes where: a row for every connection and park, with its fibres at the PoP and at its distribution point.
#[must_use]
pub fn splices(told: &Told<'_>) -> String {
    let header = [
        "pop",
        "pop_fibres",
        "pop_splitter",
        "pop_splitter_port",
        "cabinet",
        "cabinet_splitter",
        "cabinet_splitter_port",
        "cabinet_fibres",
        "kind",
        "id",
        "connection",
    ];
    let mut rows = Vec::new();
    for open in &told.plan.pops {
        let mut numbering = Numbering { fibre: 1, splitter: 0, port: 0 };
        let points = told.plan.cabinets.iter().enumerate().filter(|(_, cabinet)| cabinet.pop == open.candidate);
        for (place, cabinet) in points {
            point_rows(told, open.candidate, Some((place, cabinet)), &cabinet.sites, &mut numbering, &mut rows);
        }
        let direct: Vec<u32> = told
            .plan
            .forest
            .order
            .iter()
            .filter(|node| told.plan.forest.pop[node.index()] == Some(open.candidate))
            .filter(|node| told.plan.cabling.area[node.index()].is_none())
            .filter_map(|node| match told.network.nodes[node.index()] {
                NodeKind::Site(site) => Some(site),
                _ => None,
            })
            .collect();
        point_rows(told, open.candidate, None, &direct, &mut numbering, &mut rows);
        let own = told.region.parks.iter().zip(&told.plan.parks);
        let own = own.filter(|(_, outcome)| outcome.connected && outcome.pop == Some(open.candidate));
        let own = own.map(|(park, _)| ("park", park.key.clone(), 1));
        let second = second::ports(told, open.candidate).into_iter().map(|key| ("park-second", key, second::SECOND));
        for (kind, key, number) in own.chain(second) {
            let count = told.scenario.architecture.fibres_per_park;
            let mut row = vec![String::new(); header.len()];
            row[0] = pop_key(told, open.candidate);
            row[1] = stretch(numbering.fibre, count);
            kind.clone_into(&mut row[8]);
            row[9] = key;
            row[10] = number.to_string();
            rows.push(row);
            numbering.fibre += count;
        }
    }
    csv(&header, rows)
}

/// Rows of the connections that one distribution point feeds, or the PoP without one.
fn point_rows(
    told: &Told<'_>,
    pop: u32,
    point: Option<(usize, &Cabinet)>,
    sites: &[u32],
    numbering: &mut Numbering,
    rows: &mut Vec<Vec<String>>,
) {
    let architecture = &told.scenario.architecture;
    let each = architecture.fibres_per_address;
    let split_here = point.is_some() && architecture.splits_in_cabinets();
    let split_in_pop = architecture.kind == Topology::Pon && !split_here;
    let start = numbering.fibre;
    let mut place = 0;
    for &site in sites {
        for &address in &told.network.sites[site as usize].addresses {
            let address = &told.region.addresses[address.0 as usize];
            for connection in 1..=address.units {
                let (splitter, port) = (place / architecture.split, place % architecture.split + 1);
                let mut row = vec![String::new(); 11];
                row[0] = pop_key(told, pop);
                row[1] = if split_here { (start + splitter).to_string() } else { stretch(start + place * each, each) };
                if split_in_pop {
                    if numbering.port == 0 || numbering.port == architecture.split {
                        (numbering.splitter, numbering.port) = (numbering.splitter + 1, 0);
                    }
                    numbering.port += 1;
                    row[2] = numbering.splitter.to_string();
                    row[3] = numbering.port.to_string();
                }
                row[4] = or_empty(point.map(|(place, _)| place + 1));
                if split_here {
                    row[5] = (splitter + 1).to_string();
                    row[6] = port.to_string();
                }
                row[7] = if point.is_some() { stretch(1 + place * each, each) } else { String::new() };
                "address".clone_into(&mut row[8]);
                row[9].clone_from(&address.key);
                row[10] = connection.to_string();
                rows.push(row);
                place += 1;
            }
        }
    }
    numbering.fibre += if split_here { place.div_ceil(architecture.split) } else { place * each };
}

/// Layers of trunk cables, distribution cables and handholes.
pub(super) fn cable_layers(told: &Told<'_>) -> Vec<OutLayer> {
    let (trunk, distribution): (Vec<Run>, Vec<Run>) = runs(told).into_iter().partition(|run| run.trunk);
    vec![
        cable_layer(told, "trunk_cables", "Trunk cables from PoPs to cabinets and parks", &trunk, [150, 20, 60]),
        cable_layer(told, "distribution_cables", "Cables from cabinets to drops", &distribution, [40, 110, 200]),
        handholes(told),
    ]
}

fn columns(columns: &[(&str, ColumnKind)]) -> Vec<Column> {
    columns.iter().map(|&(name, kind)| Column { name: name.to_owned(), kind }).collect()
}

fn cable_layer(told: &Told<'_>, name: &str, description: &'static str, runs: &[Run], colour: [u8; 3]) -> OutLayer {
    let feature = |(place, run): (usize, &Run)| {
        let sizes: Vec<String> = run.cables.iter().map(ToString::to_string).collect();
        Feature {
            record: place as i64 + 1,
            geometry: Some(Geometry::LineString(LineString(run.course.clone()))),
            values: vec![
                Value::Integer(i64::from(run.used)),
                Value::Text(sizes.join(" ")),
                Value::Integer(run.length.millimetres()),
                Value::Text(pop_key(told, run.pop)),
                run.point.map_or(Value::Null, |point| Value::Integer(i64::from(point) + 1)),
                Value::Integer(i64::from(run.from.0)),
                Value::Integer(i64::from(run.to.0)),
            ],
        }
    };
    let columns = columns(&[
        ("fibres", ColumnKind::Integer),
        ("cables", ColumnKind::Text),
        ("length_mm", ColumnKind::Integer),
        ("pop", ColumnKind::Text),
        ("cabinet", ColumnKind::Integer),
        ("from_node", ColumnKind::Integer),
        ("to_node", ColumnKind::Integer),
    ]);
    let with_length = runs.iter().filter(|run| run.length > Length::ZERO);
    let features = with_length.enumerate().map(feature).collect();
    let layer = Layer { name: name.to_owned(), crs: None, columns, features };
    OutLayer { layer, geometry_type: "LINESTRING", description, style: Style::Single(Symbol { colour, size: 0.5 }) }
}

/// Where a handhole stands: so far along the course of its segment.
fn along(course: &[Coord<f64>], mut metres: f64) -> Coord<f64> {
    for pair in course.windows(2) {
        let step = pair[1] - pair[0];
        let length = step.x.hypot(step.y);
        if metres <= length && length > 0.0 {
            return pair[0] + step * (metres / length);
        }
        metres -= length;
    }
    course.last().copied().unwrap_or_default()
}

fn handholes(told: &Told<'_>) -> OutLayer {
    let forest = &told.plan.forest;
    let of_forest = told.plan.cabling.handholes.iter().map(|at| {
        let (parent, edge) = forest.parent[at.below.index()].expect("a handhole stands on a segment");
        (edge, parent, at.along, false)
    });
    let of_second = told.plan.protection.fibre.handholes.iter().map(|at| {
        let first = told.network.graph.ends(at.segment)[0];
        (at.segment, first, at.along, true)
    });
    let feature = |(place, (edge, from, distance, is_second)): (usize, (EdgeId, NodeId, Length, bool))| {
        let mut course = told.network.segments[edge.index()].shape.0.clone();
        if told.network.graph.ends(edge)[0] != from {
            course.reverse();
        }
        Feature {
            record: place as i64 + 1,
            geometry: Some(Geometry::Point(along(&course, distance.metres()).into())),
            values: vec![
                Value::Integer(place as i64 + 1),
                Value::Integer(i64::from(edge.0)),
                Value::Integer(distance.millimetres()),
                Value::Logical(is_second),
            ],
        }
    };
    let columns = columns(&[
        ("id", ColumnKind::Integer),
        ("segment", ColumnKind::Integer),
        ("along_mm", ColumnKind::Integer),
        ("second", ColumnKind::Logical),
    ]);
    let features = of_forest.chain(of_second).enumerate().map(feature).collect();
    let layer = Layer { name: "handholes".to_owned(), crs: None, columns, features };
    let style = Style::Single(Symbol { colour: [90, 90, 90], size: 1.6 });
    OutLayer { layer, geometry_type: "POINT", description: "Handholes where cable is blown on", style }
}
