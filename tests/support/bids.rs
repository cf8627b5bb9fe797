//! Bids made from plans: the plan itself, shortest-path trees, second routes to parks; written as folders.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::fs;
use std::path::Path;

use geo::{Coord, LineString};
use serde_json::{Value, json};
use vezel::effort::Effort;
use vezel::geodata::{self, Crs};
use vezel::graph::{EdgeId, NodeId};
use vezel::network::NodeKind;
use vezel::region::Standing;
use vezel::study::{Listener, Planned, Study};

pub(crate) struct Silent;
impl Listener for Silent {
    fn step(&mut self, _: &'static str) {}
    fn progress(&mut self, _: i64, _: i64) {}
}

/// What a bid draws: lines, ids of the addresses that it says to connect, PoPs.
#[derive(Clone, Default)]
pub(crate) struct Drawn {
    pub(crate) lines: Vec<LineString<f64>>,
    pub(crate) served: Vec<(String, &'static str)>,
    pub(crate) points: Vec<Coord<f64>>,
    pub(crate) pops: Vec<Coord<f64>>,
}

pub(crate) fn in_degrees(points: &[Coord<f64>], crs: &Crs) -> Vec<[f64; 2]> {
    let wgs = Crs::from_epsg(4326).expect("WGS84");
    let rounded = |degrees: f64| (degrees * 1e7).round() / 1e7;
    let moved = geodata::transform_points(points, crs, &wgs).expect("both are known");
    moved.into_iter().map(|at| at.expect("within the system")).map(|at| [rounded(at.x), rounded(at.y)]).collect()
}

pub(crate) fn collection(features: &[Value]) -> String {
    let lines: Vec<String> = features.iter().map(ToString::to_string).collect();
    format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n", lines.join(",\n"))
}

pub(crate) fn feature(kind: &str, coordinates: &Value, properties: &Value) -> Value {
    json!({ "type": "Feature", "properties": properties, "geometry": { "type": kind, "coordinates": coordinates } })
}

impl Drawn {
    /// Writes routes, PoPs and the table of addresses into a folder.
    pub(crate) fn write(&self, to: &Path, crs: &Crs) {
        fs::create_dir_all(to).expect("a folder");
        let routes: Vec<Value> =
            self.lines.iter().map(|line| feature("LineString", &json!(in_degrees(&line.0, crs)), &json!({}))).collect();
        fs::write(to.join("routes.geojson"), collection(&routes)).expect("written");
        let pops: Vec<Value> = in_degrees(&self.pops, crs)
            .iter()
            .map(|at| feature("Point", &json!(at), &json!({"kind": "pop"})))
            .collect();
        fs::write(to.join("pops.geojson"), collection(&pops)).expect("written");
        let rows: String = self.served.iter().map(|(id, level)| format!("{id};{level}\n")).collect();
        fs::write(to.join("addresses.csv"), format!("id;status\n{rows}")).expect("written");
        if !self.points.is_empty() {
            let points: Vec<Value> =
                in_degrees(&self.points, crs).iter().map(|at| feature("Point", &json!(at), &json!({}))).collect();
            fs::write(to.join("bid.geojson"), collection(&points)).expect("written");
        }
    }
}

/// Plans a scenario.
pub(crate) fn planned(scenario: &Path) -> Planned {
    let study = Study::open(scenario, &mut Silent).expect("the scenario reads");
    study.plan(&Effort::default(), &mut Silent).expect("it can be planned")
}

pub(crate) fn targets(planned: &Planned) -> Vec<String> {
    let all = planned.study.region.addresses.iter().zip(&planned.plan.addresses);
    let connected =
        all.filter(|(address, outcome)| address.standing == Standing::Target && outcome.status.word() == "connected");
    connected.map(|(address, _)| address.key.clone()).collect()
}

/// The plan itself as a bid.
pub(crate) fn of_plan(planned: &Planned) -> Drawn {
    let segments = planned.plan.forest.segments().map(|edge| &planned.network.segments[edge.index()]);
    let lines = segments.filter(|segment| segment.length.millimetres() > 0).map(|segment| segment.shape.clone());
    let pops = planned.plan.pops.iter().map(|pop| planned.plan.candidates[pop.candidate as usize].node);
    Drawn {
        lines: lines.collect(),
        served: targets(planned).into_iter().map(|id| (id, "connected")).collect(),
        points: Vec::new(),
        pops: pops.map(|node| planned.network.points[node.index()]).collect(),
    }
}

/// Cheapest paths from one PoP candidate to every site and park, each on its own: a tree that shares trenches by accident.
pub(crate) fn shortest_paths(planned: &Planned, candidate: usize) -> (Drawn, i64) {
    let network = &planned.network;
    let start = planned.plan.candidates[candidate].node;
    let mut came: Vec<Option<(i64, Option<EdgeId>)>> = vec![None; network.graph.node_count()];
    let mut queue = BinaryHeap::from([(std::cmp::Reverse(0i64), start, None::<EdgeId>)]);
    while let Some((std::cmp::Reverse(cost), node, by)) = queue.pop() {
        if came[node.index()].is_some() {
            continue;
        }
        came[node.index()] = Some((cost, by));
        if matches!(network.nodes[node.index()], NodeKind::Site(_) | NodeKind::Park(_)) {
            continue;
        }
        for arc in network.graph.arcs(node) {
            let step = planned.asked.segment_costs[arc.edge.index()].cents();
            queue.push((std::cmp::Reverse(cost + step), arc.to, Some(arc.edge)));
        }
    }
    let mut used: BTreeSet<EdgeId> = BTreeSet::new();
    let mut reached: BTreeSet<String> = BTreeSet::new();
    let leaf = |node: &NodeId| matches!(network.nodes[node.index()], NodeKind::Site(_) | NodeKind::Park(_));
    for mut node in network.graph.nodes().filter(leaf) {
        if let (NodeKind::Site(site), Some(_)) = (network.nodes[node.index()], came[node.index()]) {
            let keys = network.sites[site as usize].addresses.iter();
            reached.extend(keys.map(|address| planned.study.region.addresses[address.0 as usize].key.clone()));
        }
        while let Some((_, Some(edge))) = came[node.index()] {
            if !used.insert(edge) {
                break;
            }
            node = network.graph.other_end(edge, node);
        }
    }
    let cost = used.iter().map(|edge| planned.asked.segment_costs[edge.index()].cents()).sum::<i64>()
        + planned.plan.candidates[candidate].opening.cents();
    let shapes = used.iter().map(|edge| &network.segments[edge.index()]);
    let lines =
        shapes.filter(|segment| segment.length.millimetres() > 0).map(|segment| segment.shape.clone()).collect();
    let served = targets(planned).into_iter().filter(|id| reached.contains(id)).map(|id| (id, "connected")).collect();
    (Drawn { lines, served, points: Vec::new(), pops: vec![network.points[start.index()]] }, cost)
}

/// The part of the plan that serves addresses north of a line, as a bid.
pub(crate) fn of_the_north(planned: &Planned, middle: f64) -> Drawn {
    let region = &planned.study.region;
    let north = |point: Option<Coord<f64>>| point.is_some_and(|at| at.y > middle);
    let mut used: BTreeSet<EdgeId> = BTreeSet::new();
    for site in planned.network.sites.iter().filter(|site| north(Some(site.point))) {
        let Ok(mut node) = site.node else { continue };
        while let Some((parent, edge)) = planned.plan.forest.parent[node.index()] {
            used.insert(edge);
            node = parent;
        }
    }
    let mut drawn = of_plan(planned);
    let segments = used.iter().map(|edge| &planned.network.segments[edge.index()]);
    drawn.lines =
        segments.filter(|segment| segment.length.millimetres() > 0).map(|segment| segment.shape.clone()).collect();
    let key_is_north =
        |key: &String| region.addresses.iter().any(|address| address.key == *key && north(address.point));
    drawn.served.retain(|(key, _)| key_is_north(key));
    let lines = &drawn.lines;
    drawn.pops.retain(|pop| lines.iter().any(|line| line.0.contains(pop)));
    drawn
}

/// Adds a second route to each park, from a PoP that the bid has, that shares no trench with the bid's first one.
pub(crate) fn with_second_routes(planned: &Planned, mut drawn: Drawn) -> Drawn {
    let network = &planned.network;
    let own = |edge: EdgeId| drawn.lines.contains(&network.segments[edge.index()].shape);
    let built: Vec<bool> = network.graph.edges().map(own).collect();
    let is_pop = |node: NodeId| drawn.pops.contains(&network.points[node.index()]);
    let mut more = Vec::new();
    for start in network.parks.iter().flatten() {
        let mut barred = vec![false; network.graph.edge_count()];
        let first = cheapest(planned, *start, &is_pop, &|edge| {
            built[edge.index()] || network.segments[edge.index()].length.millimetres() == 0
        });
        let Some(first) = first else { continue };
        for edge in first {
            barred[edge.index()] = network.segments[edge.index()].length.millimetres() > 0;
        }
        let Some(second) = cheapest(planned, *start, &is_pop, &|edge| !barred[edge.index()]) else { continue };
        more.extend(
            second
                .into_iter()
                .filter(|edge| !built[edge.index()])
                .map(|edge| network.segments[edge.index()].shape.clone()),
        );
    }
    for line in more {
        if !drawn.lines.contains(&line) && line.0.len() > 1 && line.0[0] != line.0[line.0.len() - 1] {
            drawn.lines.push(line);
        }
    }
    drawn
}

/// Edges of the cheapest way from a park to a goal over edges that may be used; no way leads through other leaves.
pub(crate) fn cheapest(
    planned: &Planned,
    start: NodeId,
    goal: &dyn Fn(NodeId) -> bool,
    may: &dyn Fn(EdgeId) -> bool,
) -> Option<Vec<EdgeId>> {
    let network = &planned.network;
    let mut came: BTreeMap<NodeId, Option<EdgeId>> = BTreeMap::new();
    let mut queue = BinaryHeap::from([(std::cmp::Reverse(0i64), start, None::<EdgeId>)]);
    while let Some((std::cmp::Reverse(cost), node, by)) = queue.pop() {
        if came.contains_key(&node) {
            continue;
        }
        came.insert(node, by);
        if goal(node) {
            let (mut edges, mut at) = (Vec::new(), node);
            while let Some(edge) = came[&at] {
                edges.push(edge);
                at = network.graph.other_end(edge, at);
            }
            return Some(edges);
        }
        if node != start && matches!(network.nodes[node.index()], NodeKind::Site(_) | NodeKind::Park(_)) {
            continue;
        }
        for arc in network.graph.arcs(node).iter().filter(|arc| may(arc.edge)) {
            let step = planned.asked.segment_costs[arc.edge.index()].cents();
            queue.push((std::cmp::Reverse(cost + step), arc.to, Some(arc.edge)));
        }
    }
    None
}
