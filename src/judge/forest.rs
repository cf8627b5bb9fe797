//! Does every connected address hang from one open PoP, over trenches that are as long and dear as told?

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use geo::Coord;

use crate::judge::Verdict;
use crate::judge::files::{Files, Item};

/// Nodes told of twice may lie this far apart, in metres: coordinates are compared, not lengths.
const SAME_PLACE: f64 = 0.002;

/// Lengths are whole millimetres; every corner of a course may add a rounding.
const LENGTH_TOLERANCE_MM: f64 = 1.0;

/// What was rebuilt.
#[derive(Default)]
pub(super) struct Built {
    /// Sum of all segments' costs by kind and price: millimetres or counts, and cents.
    pub(super) works: BTreeMap<(String, String), (i64, i64)>,
    /// Cost of all segments.
    pub(super) segments_cents: i64,
    /// Length of all segments.
    pub(super) length_mm: i64,
    /// Distance of each node from its PoP.
    pub(super) depth: BTreeMap<i64, i64>,
    /// Parent of each node.
    pub(super) parent: BTreeMap<i64, i64>,
    /// Nodes, those nearer to their PoP before those beyond.
    pub(super) order: Vec<i64>,
    /// What is told to lie in each segment.
    pub(super) laid: Vec<Laid>,
    /// Segments of the forest, those without length to addresses and parks included.
    pub(super) edges: Vec<Edge>,
    /// Segments that are built for second routes only, their cost and length.
    pub(super) extra: Vec<Edge>,
    pub(super) extra_laid: Vec<Laid>,
    pub(super) extra_cents: i64,
    pub(super) extra_mm: i64,
    /// Nodes of addresses and parks.
    pub(super) leaves: BTreeSet<i64>,
}

/// Fibres and cables told of one segment.
pub(super) struct Laid {
    pub(super) id: i64,
    pub(super) ends: [i64; 2],
    pub(super) kind: String,
    pub(super) length: i64,
    pub(super) trunk: i64,
    pub(super) distribution: i64,
    pub(super) drops: i64,
    /// Fibres of each cable, those of the trunk first.
    pub(super) cables: Vec<i64>,
    /// Fibres of each cable of second routes of parks.
    pub(super) second: Vec<i64>,
}

/// A segment between two nodes; its number is negative where it has no length and is told by a leaf's anchor.
pub(super) struct Edge {
    pub(super) id: i64,
    pub(super) ends: [i64; 2],
    pub(super) length: i64,
}

pub(super) fn judge(files: &Files, verdict: &mut Verdict) -> Built {
    let mut built = Built::default();
    let mut places: BTreeMap<i64, Coord<f64>> = BTreeMap::new();
    let mut edges: Vec<Edge> = Vec::new();
    for layer in ["trenches", "drops"] {
        for item in files.items(layer) {
            edges.extend(segment(files, layer, &item, &mut built, &mut places, verdict));
        }
    }
    for item in files.items("redundancy") {
        let segment = segment(files, "redundancy", &item, &mut built, &mut places, verdict);
        built.extra.extend(segment);
    }
    let leaves = leaves(files, &places, verdict);
    let told: BTreeSet<(i64, i64)> = edges.iter().map(|edge| (edge.ends[0], edge.ends[1])).collect();
    for &(anchor, node) in &leaves {
        if !told.contains(&(anchor, node)) {
            edges.push(Edge { id: -1, ends: [anchor, node], length: 0 });
        }
    }
    walk(files, &edges, &leaves, &mut built, verdict);
    verdict.confirmed.push(format!("{} segments, {} mm, {} cents", edges.len(), built.length_mm, built.segments_cents));
    built.leaves = leaves.iter().map(|&(_, node)| node).collect();
    built.edges = edges;
    built
}

/// Judges one segment by itself.
fn segment(
    files: &Files,
    layer: &str,
    item: &Item,
    built: &mut Built,
    places: &mut BTreeMap<i64, Coord<f64>>,
    verdict: &mut Verdict,
) -> Option<Edge> {
    let name = format!("{layer}, segment {}", item.whole("segment").unwrap_or(-1));
    let figures = ["from_node", "to_node", "length_mm", "cost_cents"].map(|column| item.whole(column));
    let [Some(from), Some(to), Some(length), Some(cost)] = figures else {
        verdict.faults.push(format!("{name}: a node, length or cost is missing"));
        return None;
    };
    let course = item.course();
    let measured: f64 = course.windows(2).map(|pair| apart(pair[0], pair[1]) * 1000.0).sum();
    verdict.demand((measured - length as f64).abs() <= LENGTH_TOLERANCE_MM, || {
        format!("{name}: told {length} mm long, its course measures {measured:.1} mm")
    });
    // A park is one node, wherever on its outline an entry ends.
    let ends_on_outline = item.text("kind") == "park-entry";
    for (node, end) in [(from, course.first()), (to, course.last().filter(|_| !ends_on_outline))] {
        if let Some(&end) = end {
            let known = *places.entry(node).or_insert(end);
            verdict.demand(apart(known, end) <= SAME_PLACE, || {
                format!("{name}: node {node} is {:.3} m away from where another segment ends", apart(known, end))
            });
        }
    }
    let mut sum = 0;
    let mut metres = 0;
    for work in item.text("works").split_whitespace() {
        let parsed = work.rsplit_once(':').and_then(|(key, count)| Some((key, count.parse::<i64>().ok()?)));
        let Some((key, quantity)) = parsed.filter(|(_, quantity)| *quantity >= 0) else {
            verdict.faults.push(format!("{name}: the work `{work}` cannot be read"));
            continue;
        };
        let Some((price, unit)) = files.price(key) else {
            verdict.faults.push(format!("{name}: there is no price `{key}`"));
            continue;
        };
        let cents = if unit == "m" { (price * quantity + 500).div_euclid(1000) } else { price * quantity };
        // A surcharge comes on top of a method's metres.
        metres += if unit == "m" && !files.is_surcharge(key) { quantity } else { 0 };
        sum += cents;
        let element = if layer == "redundancy" { layer.to_owned() } else { item.text("kind") };
        let entry = built.works.entry((element, key.to_owned())).or_default();
        entry.0 += quantity;
        entry.1 += cents;
    }
    verdict.equal(&format!("{name}: cost in cents"), cost, sum);
    if item.text("kind") == "crossing" {
        verdict.demand(metres == 0 && !item.text("works").is_empty(), || {
            format!("{name}: a crossing is paid for by the piece and not by the metre")
        });
    } else {
        verdict.equal(&format!("{name}: millimetres paid for"), metres, length);
    }
    if layer == "redundancy" {
        built.extra_cents += sum;
        built.extra_mm += length;
    } else {
        built.segments_cents += sum;
        built.length_mm += length;
    }
    let [trunk, distribution, drops] =
        ["trunk_fibres", "distribution_fibres", "drop_cables"].map(|column| item.whole(column).unwrap_or(-1));
    let sizes = |column: &str| -> Vec<i64> {
        item.text(column).split_whitespace().map(|size| size.parse().unwrap_or(-1)).collect()
    };
    let (cables, second) = (sizes("cables"), sizes("second_cables"));
    let id = item.whole("segment").unwrap_or(-1);
    let laid =
        Laid { id, ends: [from, to], kind: item.text("kind"), length, trunk, distribution, drops, cables, second };
    if layer == "redundancy" {
        built.extra_laid.push(laid);
    } else {
        built.laid.push(laid);
    }
    Some(Edge { id, ends: [from, to], length })
}

fn apart(a: Coord<f64>, b: Coord<f64>) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

/// Anchor and node of every connected address point and park.
fn leaves(files: &Files, places: &BTreeMap<i64, Coord<f64>>, verdict: &mut Verdict) -> Vec<(i64, i64)> {
    let mut leaves = BTreeSet::new();
    for item in files.items("addresses") {
        let ends = [item.whole("anchor"), item.whole("node")];
        match (item.text("status").as_str(), ends) {
            ("connected", [Some(anchor), Some(node)]) => {
                leaves.insert((anchor, node));
                let here = item.course().first().copied();
                if let (Some(&place), Some(here)) = (places.get(&node), here) {
                    verdict.demand(apart(place, here) <= SAME_PLACE, || {
                        format!("address {}: its drop ends {:.3} m away from it", item.text("id"), apart(place, here))
                    });
                }
            }
            ("connected", _) => verdict.faults.push(format!("address {}: connected without a node", item.text("id"))),
            (_, [None, None]) => {}
            _ => verdict.faults.push(format!("address {}: not connected, but it has a node", item.text("id"))),
        }
    }
    for item in files.items("business_parks").iter().filter(|item| item.whole("connected") == Some(1)) {
        match (item.whole("anchor"), item.whole("node")) {
            (Some(anchor), Some(node)) => {
                leaves.insert((anchor, node));
            }
            _ => verdict.faults.push(format!("park {}: connected without a node", item.text("id"))),
        }
    }
    leaves.into_iter().collect()
}

/// Walks from the PoPs: everything built must be reached once, and nothing twice.
fn walk(files: &Files, edges: &[Edge], leaves: &[(i64, i64)], built: &mut Built, verdict: &mut Verdict) {
    let mut around: BTreeMap<i64, Vec<(i64, i64)>> = BTreeMap::new();
    for edge in edges {
        let [from, to] = edge.ends;
        around.entry(from).or_default().push((to, edge.length));
        around.entry(to).or_default().push((from, edge.length));
    }
    let mut queue = VecDeque::new();
    for pop in files.items("pops").iter().filter(|pop| pop.whole("backup") != Some(1)) {
        let Some(node) = pop.whole("node") else { continue };
        verdict.demand(built.depth.insert(node, 0).is_none(), || format!("two PoPs stand at node {node}"));
        queue.push_back(node);
    }
    let roots = built.depth.len();
    while let Some(node) = queue.pop_front() {
        built.order.push(node);
        for &(next, length) in around.get(&node).into_iter().flatten() {
            if built.parent.get(&node) == Some(&next) {
                continue;
            }
            if built.depth.contains_key(&next) {
                verdict.faults.push(format!("nodes {node} and {next} close a ring, or join two PoPs"));
                continue;
            }
            built.depth.insert(next, built.depth[&node] + length);
            built.parent.insert(next, node);
            queue.push_back(next);
        }
    }
    for edge in edges.iter().filter(|edge| !built.depth.contains_key(&edge.ends[0])) {
        verdict.faults.push(format!("the segment from node {} to {} hangs from no PoP", edge.ends[0], edge.ends[1]));
    }
    for (_, node) in leaves.iter().filter(|(_, node)| !built.depth.contains_key(node)) {
        verdict.faults.push(format!("node {node} is told to be connected, but hangs from no PoP"));
    }
    let leaf_nodes: BTreeSet<i64> = leaves.iter().map(|&(_, node)| node).collect();
    for node in built.parent.values().filter(|node| leaf_nodes.contains(node)) {
        verdict.faults.push(format!("a trench passes through the address or park at node {node}"));
    }
    verdict.confirmed.push(format!("{} address points and parks hang from {roots} PoPs", leaf_nodes.len()));
}
