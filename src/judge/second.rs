//! Does fibre really lie along the second routes of parks: unbroken from PoP to park, apart from the first route, in
//! reach, in cables that hold it, and paid for?
//!
//! Routes are read segment by segment from `second_routes.csv` and followed over the written layers.

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::Verdict;
use crate::judge::bill::cents;
use crate::judge::cabling::{Expected, Rules, ceil, due};
use crate::judge::files::{Files, Item, Row};
use crate::judge::forest::{Built, Edge, Laid};

/// What the second routes take.
#[derive(Default)]
pub(super) struct Second {
    /// Second routes that begin at each PoP.
    pub(super) by_pop: BTreeMap<String, i64>,
    /// Park and PoP of each second route.
    pub(super) ends: Vec<(String, String)>,
    /// Cents of all that is neither civil works nor PoPs.
    pub(super) fibre_cents: i64,
}

/// One route as it is told, from its PoP.
struct Way {
    pop: String,
    number: String,
    /// Segment, nodes and millimetres of each step.
    steps: Vec<(i64, [i64; 2], i64)>,
}

impl Way {
    fn length(&self) -> i64 {
        self.steps.iter().map(|step| step.2).sum()
    }

    /// Segments that can be cut.
    fn cuttable(&self) -> BTreeSet<i64> {
        self.steps.iter().filter(|step| step.2 > 0).map(|step| step.0).collect()
    }
}

/// What is built, for looking up.
struct Ground<'a> {
    built: &'a Built,
    by_id: BTreeMap<i64, &'a Edge>,
    /// Segments of the forest that can be cut, by their ends.
    between: BTreeMap<[i64; 2], &'a Edge>,
    /// Ends of what has no length and is told by the anchor of a leaf.
    leaf_ends: BTreeSet<[i64; 2]>,
}

impl<'a> Ground<'a> {
    fn new(built: &'a Built) -> Self {
        let all = built.edges.iter().chain(&built.extra);
        let cuttable = built.edges.iter().filter(|edge| edge.length > 0);
        Self {
            built,
            by_id: all.filter(|edge| edge.id >= 0).map(|edge| (edge.id, edge)).collect(),
            between: cuttable.map(|edge| (sorted(edge.ends), edge)).collect(),
            leaf_ends: built.edges.iter().filter(|edge| edge.id < 0).map(|edge| sorted(edge.ends)).collect(),
        }
    }
}

fn sorted([one, other]: [i64; 2]) -> [i64; 2] {
    [one.min(other), one.max(other)]
}

/// Judges the fibre of second routes; what the bill should say of it is added to what is expected.
pub(super) fn judge(files: &Files, built: &Built, expected: &mut Expected, verdict: &mut Verdict) -> Second {
    let rules = Rules::read(files);
    let ways = ways(files, verdict);
    let mut second = Second::default();
    let mut through: BTreeMap<i64, i64> = BTreeMap::new();
    let doors: BTreeMap<String, i64> =
        files.items("pops").iter().filter_map(|pop| Some((pop.text("id"), pop.whole("node")?))).collect();
    let ground = Ground::new(built);
    let mut own = Expected::new();
    let mut known = BTreeSet::new();
    for park in files.items("business_parks") {
        let id = park.text("id");
        let laid = ways.get(&id).map_or(&[][..], Vec::as_slice);
        known.insert(id.clone());
        let is_protected = park.whole("protected") == Some(1);
        verdict.demand(is_protected != laid.is_empty(), || {
            format!("park {id}: it is protected exactly where fibre lies along a second route, and it is not so")
        });
        for way in laid {
            let name = format!("park {id}, route {}", way.number);
            follow(&name, way, &park, (&ground, &doors), verdict);
            verdict.demand(way.length() <= rules.park_reach, || {
                format!("{name}: its {} mm are beyond the optical reach of {} mm", way.length(), rules.park_reach)
            });
            *second.by_pop.entry(way.pop.clone()).or_default() += 1;
            second.ends.push((id.clone(), way.pop.clone()));
            way.steps.iter().for_each(|step| *through.entry(step.0).or_default() += rules.park);
            due(files, &mut own, ("splice", "splice.fibre"), 2 * rules.park);
            due(files, &mut own, ("active", "active.port"), 1);
        }
        if !laid.is_empty() {
            apart(files, &ground, &park, laid, verdict);
        }
    }
    for id in ways.keys().filter(|id| !known.contains(*id)) {
        verdict.faults.push(format!("second_routes.csv: there is no park {id}"));
    }
    cables(files, built, &rules, &through, &mut own, verdict);
    handholes(files, built, &rules, &ways, &mut own, verdict);
    second.fibre_cents = own.values().map(|row| row.1).sum();
    verdict.equal("redundancy.fibre_cents", files.number("/redundancy/fibre_cents"), second.fibre_cents);
    let length: i64 = ways.values().flatten().map(Way::length).sum();
    let told = (files.decimal("/redundancy/routes_laid_m") * 1000.0).round() as i64;
    verdict.equal("redundancy.routes_laid_m in millimetres", told, length);
    let count = ways.values().flatten().count() as i64;
    verdict.equal("redundancy.routes_laid", files.number("/redundancy/routes_laid"), count);
    let told: i64 = files.redundancy.iter().filter_map(|row| row.get("fibre_eur").and_then(|text| cents(text))).sum();
    verdict.equal("fibre of second routes by park", told, second.fibre_cents);
    for (row, (quantity, amount)) in own {
        let all = expected.entry(row).or_default();
        all.0 += quantity;
        all.1 += amount;
    }
    if count > 0 {
        verdict.confirmed.push(format!("fibre lies along {count} second routes, {length} mm"));
    }
    second
}

/// The routes of each park, in order, as told.
fn ways(files: &Files, verdict: &mut Verdict) -> BTreeMap<String, Vec<Way>> {
    let mut ways: BTreeMap<String, Vec<Way>> = BTreeMap::new();
    for (line, row) in files.second_routes.iter().enumerate() {
        let field = |name: &str| row.get(name).cloned().unwrap_or_default();
        let Some(step) = step(row) else {
            verdict.faults.push(format!("second_routes.csv, row {}: it cannot be read", line + 2));
            continue;
        };
        let of_park = ways.entry(field("park")).or_default();
        match of_park.last_mut().filter(|way| way.number == field("route") && way.pop == field("pop")) {
            Some(way) => way.steps.push(step),
            None => of_park.push(Way { pop: field("pop"), number: field("route"), steps: vec![step] }),
        }
    }
    ways
}

fn step(row: &Row) -> Option<(i64, [i64; 2], i64)> {
    let whole = |name: &str| row.get(name)?.parse::<i64>().ok();
    let length = row.get("length_m")?.split_once('.').filter(|(_, part)| part.len() == 3);
    let length = length.and_then(|(metres, part)| format!("{metres}{part}").parse().ok())?;
    Some((whole("segment")?, [whole("from_node")?, whole("to_node")?], length))
}

/// An unbroken way over what is built, from the node of its PoP to that of the park.
fn follow(
    name: &str,
    way: &Way,
    park: &Item,
    (ground, doors): (&Ground, &BTreeMap<String, i64>),
    verdict: &mut Verdict,
) {
    let ends = [way.steps.first().map(|step| step.1[0]), way.steps.last().map(|step| step.1[1])];
    verdict.demand(ends[0].is_some() && ends[0] == doors.get(&way.pop).copied(), || {
        format!("{name}: its fibre does not begin at PoP {}", way.pop)
    });
    verdict.demand(ends[1].is_some() && ends[1] == park.whole("node"), || {
        format!("{name}: its fibre does not end at the park")
    });
    let unbroken = way.steps.windows(2).all(|pair| pair[0].1[1] == pair[1].1[0]);
    verdict.demand(unbroken, || format!("{name}: its fibre is broken on the way"));
    for (segment, nodes, length) in &way.steps {
        let found =
            ground.by_id.get(segment).is_some_and(|edge| sorted(edge.ends) == sorted(*nodes) && edge.length == *length);
        let at_leaf = *length == 0 && ground.leaf_ends.contains(&sorted(*nodes));
        verdict.demand(found || at_leaf, || format!("{name}: segment {segment} is not built as it is told there"));
    }
}

/// One cut leaves the park a route: there is one second route, it shares no trench with the park's own, and they end at one
/// PoP or at two as the park asks.
fn apart(files: &Files, ground: &Ground, park: &Item, laid: &[Way], verdict: &mut Verdict) {
    let id = park.text("id");
    let mut own: BTreeSet<i64> = BTreeSet::new();
    let mut node = park.whole("node").unwrap_or(-1);
    let mut depth = 0;
    while let Some(&parent) = ground.built.parent.get(&node) {
        let edge = ground.between.get(&sorted([node, parent]));
        own.extend(edge.map(|edge| edge.id));
        depth += edge.map_or(0, |edge| edge.length);
        node = parent;
    }
    let [second] = laid else {
        verdict.faults.push(format!("park {id}: fibre lies along {} second routes, one is due", laid.len()));
        return;
    };
    let pop = park.text("pop");
    let shared = own.intersection(&second.cuttable()).next().copied();
    verdict.demand(shared.is_none(), || format!("park {id}: both routes run through segment {}", shared.unwrap_or(-1)));
    let asked = park.text("redundancy");
    verdict.demand((pop == second.pop) == (asked == "two-routes"), || {
        format!("park {id}: {asked} asked for, its routes end at {pop} and {}", second.pop)
    });
    let row = files.redundancy.iter().find(|row| row.get("park") == Some(&id));
    let told = |name: &str| row.and_then(|row| row.get(name)).map_or(String::new(), |cell| cell.replace('.', ""));
    for (name, length) in [("route_1_m", depth), ("route_2_m", second.length())] {
        verdict.demand(told(name).parse() == Ok(length), || {
            format!("park {id}: redundancy.csv tells another {name} than {length} mm")
        });
    }
    verdict.demand(row.and_then(|row| row.get("pop_1")) == Some(&pop), || {
        format!("park {id}: redundancy.csv tells another PoP of its own route than {pop}")
    });
}

/// Cables told for second routes hold their fibres; they and their ducts are due.
fn cables(
    files: &Files,
    built: &Built,
    rules: &Rules,
    through: &BTreeMap<i64, i64>,
    own: &mut Expected,
    verdict: &mut Verdict,
) {
    for laid in built.laid.iter().chain(&built.extra_laid) {
        let used = through.get(&laid.id).copied().unwrap_or(0);
        let (held, needed) = (laid.second.iter().sum::<i64>(), rules.with_spare(used, 0));
        let fits = held >= needed && (used > 0 || laid.second.is_empty());
        verdict.demand(fits, || {
            format!("segment {}: cables of {held} fibres for second routes, {needed} are needed", laid.id)
        });
        for size in &laid.second {
            verdict.demand(rules.sizes.contains(size), || {
                format!("segment {}: there is no cable of {size} fibres", laid.id)
            });
        }
        for size in &rules.sizes {
            let count = laid.second.iter().filter(|cable| *cable == size).count() as i64;
            due(files, own, ("cable", &format!("cable.{size}")), laid.length * count);
        }
        let (before, count) = (laid.cables.len() as i64, laid.second.len() as i64);
        due(files, own, ("cable", "cable.blow"), laid.length * count);
        if laid.kind != "duct" {
            let more = ceil(before + count, rules.ways) - ceil(before, rules.ways);
            due(files, own, ("micro-duct", "duct.micro_bundle"), laid.length * more);
        }
    }
}

/// No cable of a second route is blown in over more than the longest piece.
fn handholes(
    files: &Files,
    built: &Built,
    rules: &Rules,
    ways: &BTreeMap<String, Vec<Way>>,
    own: &mut Expected,
    verdict: &mut Verdict,
) {
    let first_end: BTreeMap<i64, &Laid> =
        built.laid.iter().chain(&built.extra_laid).map(|laid| (laid.id, laid)).collect();
    let mut stops: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    let mut count = 0;
    for item in files.items("handholes") {
        let is_second = item.whole("second") == Some(1);
        count += i64::from(is_second);
        let (Some(segment), Some(along)) = (item.whole("segment"), item.whole("along_mm")) else { continue };
        let Some(laid) = first_end.get(&segment) else { continue };
        // Those of the forest are measured from the end nearer to the PoP.
        let reversed = !is_second && built.parent.get(&laid.ends[0]) == Some(&laid.ends[1]);
        stops.entry(segment).or_default().push(if reversed { laid.length - along } else { along });
    }
    let all = files.items("pops").into_iter().filter(|pop| pop.whole("backup") != Some(1));
    let ends: BTreeSet<i64> = all.chain(files.items("cabinets")).filter_map(|item| item.whole("node")).collect();
    for (park, way) in ways.iter().flat_map(|(park, ways)| ways.iter().map(move |way| (park, way))) {
        let (mut blown, mut longest) = (0, 0);
        for (segment, nodes, length) in &way.steps {
            let forward = first_end.get(segment).is_none_or(|laid| laid.ends[0] == nodes[0]);
            let mut along: Vec<i64> = stops.get(segment).into_iter().flatten().copied().collect();
            if !forward {
                along.iter_mut().for_each(|stop| *stop = length - *stop);
            }
            along.sort_unstable();
            let mut at = 0;
            for stop in along {
                longest = longest.max(blown + stop - at);
                (blown, at) = (0, stop);
            }
            blown += length - at;
            longest = longest.max(blown);
            if ends.contains(&nodes[1]) {
                blown = 0;
            }
        }
        verdict.demand(longest <= rules.blow, || {
            format!("park {park}, route {}: {longest} mm of cable without a handhole", way.number)
        });
    }
    due(files, own, ("handhole", "node.handhole"), count);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_read_to_the_millimetre() {
        let cells = [("segment", "7"), ("from_node", "1"), ("to_node", "2"), ("length_m", "12.034")];
        let mut row: Row = cells.iter().map(|(name, cell)| ((*name).to_owned(), (*cell).to_owned())).collect();
        assert_eq!(step(&row), Some((7, [1, 2], 12_034)));
        row.insert("length_m".to_owned(), "12.03".to_owned());
        assert_eq!(step(&row), None);
    }
}
