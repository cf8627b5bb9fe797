//! Is every connection fed over fibres that hold, reach and cost what is told?
//!
//! Fibres are counted anew by walking from every address and park towards its distribution point and its PoP; what lies
//! in each segment must hold them with their spare.

use std::collections::BTreeMap;

use crate::judge::Verdict;
use crate::judge::files::{Files, Item};
use crate::judge::forest::Built;

/// Quantity and cents by element and price.
pub(super) type Expected = BTreeMap<(String, String), (i64, i64)>;

/// The architecture as the effective scenario tells it.
pub(super) struct Rules {
    pon: bool,
    split_in_points: bool,
    split: i64,
    each: i64,
    pub(super) park: i64,
    spare: [i64; 2],
    pub(super) sizes: Vec<i64>,
    pub(super) ways: i64,
    pub(super) blow: i64,
    longest: i64,
    handhole: i64,
    ports: i64,
    take_up: i64,
    reach: i64,
    pub(super) park_reach: i64,
}

impl Rules {
    pub(super) fn read(files: &Files) -> Self {
        let whole = |name: &str| files.number(&format!("/scenario/architecture/{name}"));
        let scaled =
            |name: &str, by: f64| (files.decimal(&format!("/scenario/architecture/{name}")) * by).round() as i64;
        let word = |name: &str| {
            let value = files.summary.pointer(&format!("/scenario/architecture/{name}"));
            value.and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
        };
        let sizes = files.summary.pointer("/scenario/architecture/cable_sizes").and_then(serde_json::Value::as_array);
        let pon = word("kind") == "pon";
        let park_reach = scaled("p2p_reach_m", 1000.0);
        Self {
            pon,
            split_in_points: pon && word("splitters") == "cabinet",
            split: whole("split"),
            each: whole("fibres_per_address"),
            park: whole("fibres_per_park"),
            spare: [scaled("spare_trunk", 10_000.0), scaled("spare_distribution", 10_000.0)],
            sizes: sizes.into_iter().flatten().filter_map(serde_json::Value::as_i64).collect(),
            ways: whole("duct_ways").max(1),
            blow: scaled("blow_m", 1000.0).max(1),
            longest: scaled("distribution_max_m", 1000.0),
            handhole: whole("handhole_connections"),
            ports: files.number("/scenario/design/cabinet_ports"),
            take_up: (files.decimal("/scenario/design/take_up") * 10_000.0).round() as i64,
            reach: if pon { pon_reach(&scaled, &whole, &word("optics")) } else { park_reach },
            park_reach,
        }
    }

    pub(super) fn with_spare(&self, used: i64, which: usize) -> i64 {
        ceil(used * (10_000 + self.spare[which]), 10_000)
    }

    fn trunk(&self, connections: i64) -> i64 {
        if self.split_in_points { ceil(connections, self.split) } else { connections * self.each }
    }
}

/// Longest route of a passive optical network: class budget less splitter, splices, connectors and margin, by loss per km.
fn pon_reach(scaled: &dyn Fn(&str, f64) -> i64, whole: &dyn Fn(&str) -> i64, optics: &str) -> i64 {
    let class = match optics {
        "gpon-b+" => 28_000,
        "gpon-c+" => 32_000,
        "xgs-n1" => 29_000,
        "xgs-n2" => 31_000,
        "xgs-e1" => 33_000,
        _ => i64::MIN / 2,
    };
    let losses = [(2, 3800), (4, 7200), (8, 10_800), (16, 14_500), (32, 17_500), (64, 21_000), (128, 24_500)];
    let splitter =
        losses.iter().find(|(outputs, _)| *outputs == whole("split")).map_or(i64::MAX / 4, |(_, loss)| *loss);
    let left = class
        - splitter
        - whole("route_splices") * scaled("splice_db", 1000.0)
        - whole("route_connectors") * scaled("connector_db", 1000.0)
        - scaled("margin_db", 1000.0);
    if left < 0 {
        return -1;
    }
    (left * 1_000_000 / scaled("fibre_db_per_km", 1000.0).max(1)).min(scaled("pon_reach_m", 1000.0))
}

pub(super) fn ceil(number: i64, by: i64) -> i64 {
    (number + by - 1).div_euclid(by.max(1))
}

/// What hangs from one distribution point, or from a PoP without one.
#[derive(Default)]
struct Fed {
    connections: i64,
    depth: i64,
}

/// Fibres counted anew, by the far node of each segment.
#[derive(Default)]
struct Counted {
    trunk: BTreeMap<i64, i64>,
    distribution: BTreeMap<i64, i64>,
    drops: BTreeMap<i64, i64>,
    homes: i64,
    parks: i64,
    /// Fibres of addresses that end in PoPs, and connections that hang from each PoP without a point, and in all.
    direct: BTreeMap<String, i64>,
    by_pop: BTreeMap<String, i64>,
}

/// Judges cables and points; what the bill should say of them.
pub(super) fn judge(files: &Files, built: &Built, verdict: &mut Verdict) -> Expected {
    let rules = Rules::read(files);
    let cabinets = files.items("cabinets");
    let at: BTreeMap<i64, i64> =
        cabinets.iter().filter_map(|cabinet| Some((cabinet.whole("id")?, cabinet.whole("node")?))).collect();
    let mut counted = Counted::default();
    let mut fed: BTreeMap<i64, Fed> = BTreeMap::new();
    addresses(files, built, &rules, &at, &mut counted, &mut fed, verdict);
    parks(files, built, &rules, &mut counted, verdict);
    let mut expected = Expected::new();
    points(&cabinets, built, &rules, (&mut counted, &fed), files, &mut expected, verdict);
    segments(files, built, &rules, &counted, &mut expected, verdict);
    handholes(files, built, &rules, &at, &mut expected, verdict);
    pops(files, &cabinets, &rules, &counted, &mut expected, verdict);
    let take = ceil(counted.homes * rules.take_up, 10_000);
    let mut add = |element: &str, key: &str, count: i64| due(files, &mut expected, (element, key), count);
    add("home", "home.connect", take);
    add("active", "active.port", take + counted.parks);
    add("splice", "splice.fibre", counted.homes * rules.each + 2 * counted.parks * rules.park);
    verdict
        .confirmed
        .push(format!("fibres of {} connections and {} parks lead to their PoPs", counted.homes, counted.parks));
    expected
}

/// Adds so many millimetres or pieces of a price, rounded to whole cents as one item.
pub(super) fn due(files: &Files, expected: &mut Expected, (element, key): (&str, &str), quantity: i64) {
    if quantity == 0 {
        return;
    }
    let (price, unit) = files.price(key).unwrap_or((i64::MIN / 1_000_000_000, "each"));
    let cents = if unit == "m" { (price * quantity + 500).div_euclid(1000) } else { price * quantity };
    let row = expected.entry((element.to_owned(), key.to_owned())).or_default();
    row.0 += quantity;
    row.1 += cents;
}

/// Walks from a node up to another, adding fibres to every segment on the way; false where it is not met.
fn walk(built: &Built, from: i64, to: Option<i64>, fibres: i64, count: &mut BTreeMap<i64, i64>) -> bool {
    let mut node = from;
    while Some(node) != to {
        let Some(&parent) = built.parent.get(&node) else { return to.is_none() };
        *count.entry(node).or_default() += fibres;
        node = parent;
    }
    true
}

fn addresses(
    files: &Files,
    built: &Built,
    rules: &Rules,
    at: &BTreeMap<i64, i64>,
    counted: &mut Counted,
    fed: &mut BTreeMap<i64, Fed>,
    verdict: &mut Verdict,
) {
    for item in files.items("addresses").iter().filter(|item| item.text("status") == "connected") {
        let name = item.text("id");
        let units = item.whole("units").unwrap_or(0);
        let (Some(anchor), Some(node)) = (item.whole("anchor"), item.whole("node")) else { continue };
        counted.homes += units;
        *counted.drops.entry(node).or_default() += units;
        *counted.by_pop.entry(item.text("pop")).or_default() += units;
        let depth = built.depth.get(&anchor).copied().unwrap_or(i64::MAX / 2);
        let route = built.depth.get(&node).copied().unwrap_or(i64::MAX / 2);
        verdict.equal(&format!("address {name}: route"), item.whole("route_mm").unwrap_or(-1), route);
        verdict.demand(route <= rules.reach, || {
            format!("address {name}: its route of {route} mm is beyond the optical reach of {} mm", rules.reach)
        });
        let point = item.whole("cabinet");
        let head = point.and_then(|id| at.get(&id).copied());
        verdict.demand(point.is_none() || head.is_some(), || format!("address {name}: its cabinet is not there"));
        let arrives = walk(built, anchor, head, units * rules.each, &mut counted.distribution);
        verdict
            .demand(arrives, || format!("address {name}: its fibres do not pass its cabinet on their way to the PoP"));
        let start = head.and_then(|head| built.depth.get(&head).copied()).unwrap_or(0);
        verdict.demand(depth - start <= rules.longest, || {
            format!("address {name}: {} mm of distribution cable, at most {}", depth - start, rules.longest)
        });
        match point {
            Some(id) => {
                let entry = fed.entry(id).or_default();
                entry.connections += units;
                entry.depth = start;
            }
            None => *counted.direct.entry(item.text("pop")).or_default() += units,
        }
    }
}

fn parks(files: &Files, built: &Built, rules: &Rules, counted: &mut Counted, verdict: &mut Verdict) {
    for park in files.items("business_parks").iter().filter(|park| park.whole("connected") == Some(1)) {
        let Some(node) = park.whole("node") else { continue };
        counted.parks += 1;
        let name = park.text("id");
        verdict.demand(walk(built, node, None, rules.park, &mut counted.trunk), || {
            format!("park {name}: its fibres reach no PoP")
        });
        let route = built.depth.get(&node).copied().unwrap_or(i64::MAX / 2);
        verdict.demand(route <= rules.park_reach, || format!("park {name}: its route is beyond the optical reach"));
    }
}

/// Capacities, splices and splitters of points; their trunk fibres go to the PoP.
fn points(
    cabinets: &[Item],
    built: &Built,
    rules: &Rules,
    (counted, fed): (&mut Counted, &BTreeMap<i64, Fed>),
    files: &Files,
    expected: &mut Expected,
    verdict: &mut Verdict,
) {
    let mut taken: BTreeMap<i64, i64> = BTreeMap::new();
    for cabinet in cabinets {
        let id = cabinet.whole("id").unwrap_or(-1);
        let figures = ["connections", "housings", "feeder_mm", "node", "spliced", "splitters"];
        let [told, housings, feeder, node, spliced, splitters] =
            figures.map(|column| cabinet.whole(column).unwrap_or(-1));
        let connections = fed.get(&id).map_or(0, |fed| fed.connections);
        verdict.equal(&format!("cabinet {id}: connections"), told, connections);
        verdict.demand(taken.insert(node, id).is_none(), || format!("cabinet {id}: another stands at its node"));
        let (key, room) = match cabinet.text("kind").as_str() {
            "handhole" => ("node.handhole_dp", rules.handhole),
            "cabinet" => ("node.cabinet", rules.ports),
            other => {
                verdict.faults.push(format!("cabinet {id}: unknown kind `{other}`"));
                continue;
            }
        };
        verdict.demand(connections <= housings * room, || {
            format!("cabinet {id}: {connections} connections in {housings} with room for {room}")
        });
        due(files, expected, ("cabinet", key), housings);
        verdict.equal(&format!("cabinet {id}: feeder"), feeder, built.depth.get(&node).copied().unwrap_or(-1));
        let splits = if rules.split_in_points { ceil(connections, rules.split) } else { 0 };
        let splices = if splits > 0 { connections + splits } else { connections * rules.each };
        verdict.equal(&format!("cabinet {id}: splitters"), splitters, splits);
        verdict.equal(&format!("cabinet {id}: splices"), spliced, splices);
        due(files, expected, ("splice", "splice.fibre"), splices);
        due(files, expected, ("splitter", &format!("splitter.1x{}", rules.split)), splits);
        verdict.demand(walk(built, node, None, rules.trunk(connections), &mut counted.trunk), || {
            format!("cabinet {id}: its trunk fibres reach no PoP")
        });
    }
}

/// Fibres told, cables that hold them, and what they cost.
fn segments(
    files: &Files,
    built: &Built,
    rules: &Rules,
    counted: &Counted,
    expected: &mut Expected,
    verdict: &mut Verdict,
) {
    for laid in &built.laid {
        let far = if built.parent.get(&laid.ends[0]) == Some(&laid.ends[1]) { laid.ends[0] } else { laid.ends[1] };
        let of = |count: &BTreeMap<i64, i64>| count.get(&far).copied().unwrap_or(0);
        let name = format!("segment {} to {}", laid.ends[0], laid.ends[1]);
        if laid.kind == "drop" {
            let drops = of(&counted.drops);
            verdict.equal(&format!("{name}: drop cables"), laid.drops, drops);
            due(files, expected, ("micro-duct", "duct.micro_drop"), laid.length * drops);
            due(files, expected, ("cable", "cable.drop"), laid.length * drops);
            due(files, expected, ("cable", "cable.blow"), laid.length * drops);
            continue;
        }
        let (trunk, distribution) = (of(&counted.trunk), of(&counted.distribution));
        verdict.equal(&format!("{name}: trunk fibres"), laid.trunk, trunk);
        verdict.equal(&format!("{name}: distribution fibres"), laid.distribution, distribution);
        let (trunk, distribution) = (rules.with_spare(trunk, 0), rules.with_spare(distribution, 1));
        let holds = (0..=laid.cables.len()).any(|cut| {
            laid.cables[..cut].iter().sum::<i64>() >= trunk && laid.cables[cut..].iter().sum::<i64>() >= distribution
        });
        verdict.demand(holds, || format!("{name}: its cables do not hold {trunk} and {distribution} fibres"));
        for size in &laid.cables {
            verdict.demand(rules.sizes.contains(size), || format!("{name}: there is no cable of {size} fibres"));
        }
        for size in &rules.sizes {
            let count = laid.cables.iter().filter(|cable| *cable == size).count() as i64;
            due(files, expected, ("cable", &format!("cable.{size}")), laid.length * count);
        }
        let cables = laid.cables.len() as i64;
        due(files, expected, ("cable", "cable.blow"), laid.length * cables);
        if laid.kind != "duct" {
            due(files, expected, ("micro-duct", "duct.micro_bundle"), laid.length * ceil(cables, rules.ways));
        }
    }
}

/// No cable is blown in over more than the longest piece.
fn handholes(
    files: &Files,
    built: &Built,
    rules: &Rules,
    at: &BTreeMap<i64, i64>,
    expected: &mut Expected,
    verdict: &mut Verdict,
) {
    let mut told: BTreeMap<i64, i64> = BTreeMap::new();
    for item in files.items("handholes").iter().filter(|item| item.whole("second") != Some(1)) {
        *told.entry(item.whole("segment").unwrap_or(-1)).or_default() += 1;
    }
    let points: std::collections::BTreeSet<i64> = at.values().copied().collect();
    let mut lengths: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for laid in built.laid.iter().filter(|laid| laid.kind != "drop") {
        let far = if built.parent.get(&laid.ends[0]) == Some(&laid.ends[1]) { laid.ends[0] } else { laid.ends[1] };
        lengths.insert(far, (laid.id, laid.length));
    }
    let mut blown: BTreeMap<i64, i64> = BTreeMap::new();
    let mut all = 0;
    for node in &built.order {
        let Some(parent) = built.parent.get(node) else { continue };
        let so_far = blown.get(parent).copied().unwrap_or(0);
        let (id, length) = lengths.get(node).copied().unwrap_or((-1, 0));
        let end = so_far + length;
        let count = (end - 1).max(0) / rules.blow;
        if count > 0 {
            verdict.equal(&format!("handholes on segment {id}"), told.remove(&id).unwrap_or(0), count);
        }
        all += count;
        blown.insert(*node, if points.contains(node) { 0 } else { end - count * rules.blow });
    }
    for (id, count) in told {
        verdict.faults.push(format!("{count} handholes on segment {id}, where none is due"));
    }
    due(files, expected, ("handhole", "node.handhole"), all);
}

/// Splices and splitters of PoPs.
fn pops(
    files: &Files,
    cabinets: &[Item],
    rules: &Rules,
    counted: &Counted,
    expected: &mut Expected,
    verdict: &mut Verdict,
) {
    for pop in files.items("pops") {
        let name = pop.text("id");
        let of = |count: &BTreeMap<String, i64>| count.get(&name).copied().unwrap_or(0);
        let points = cabinets.iter().filter(|cabinet| cabinet.text("pop") == name);
        let trunk: i64 = points.map(|cabinet| rules.trunk(cabinet.whole("connections").unwrap_or(0))).sum();
        let spliced = trunk + of(&counted.direct) * rules.each;
        let split = if rules.split_in_points { of(&counted.direct) } else { of(&counted.by_pop) };
        let splitters = if rules.pon { ceil(split, rules.split) } else { 0 };
        verdict.equal(&format!("PoP {name}: splices"), pop.whole("spliced").unwrap_or(-1), spliced);
        verdict.equal(&format!("PoP {name}: splitters"), pop.whole("splitters").unwrap_or(-1), splitters);
        due(files, expected, ("splice", "splice.fibre"), spliced);
        due(files, expected, ("splitter", &format!("splitter.1x{}", rules.split)), splitters);
    }
}
