//! Is every park protected that asks for it and is told to be: are there two routes that share no trench?
//!
//! What a park asks for is read from the effective scenario, and routes are looked for anew in the written layers: two
//! rounds of Ford and Fulkerson over segments that carry one route each. What has no length cannot be cut.

use std::collections::{BTreeMap, VecDeque};

use crate::judge::Verdict;
use crate::judge::bill::cents;
use crate::judge::files::{Files, Item};
use crate::judge::forest::Built;
use crate::judge::second::Second;

pub(super) fn judge(files: &Files, built: &Built, second: &Second, verdict: &mut Verdict) {
    let pops = files.items("pops");
    let backups: i64 =
        pops.iter().filter(|pop| pop.whole("backup") == Some(1)).filter_map(|pop| pop.whole("cost_cents")).sum();
    let cost = built.extra_cents + backups + second.fibre_cents;
    verdict.equal("redundancy.cost_cents", files.number("/redundancy/cost_cents"), cost);
    let length = (files.decimal("/redundancy/length_m") * 1000.0).round() as i64;
    verdict.equal("redundancy.length_m in millimetres", length, built.extra_mm);
    let bound = files.number("/redundancy/bound_cents");
    verdict
        .demand((0..=cost).contains(&bound), || format!("redundancy.bound_cents {bound} is not between 0 and {cost}"));
    let shares = files.redundancy.iter().filter_map(|row| row.get("extra_eur").and_then(|text| cents(text)));
    verdict.equal("extra costs of parks", shares.sum(), cost);
    let ground = Ground::new(built);
    let doors: Vec<i64> = pops.iter().filter_map(|pop| pop.whole("node")).collect();
    let (mut asked, mut unmet) = (0, 0);
    for park in files.items("business_parks") {
        let id = park.text("id");
        let wish = wish(files, &park);
        verdict.demand(park.text("redundancy") == wish, || format!("park {id}: the scenario asks for {wish}"));
        if wish == "none" {
            continue;
        }
        asked += 1;
        let told = park.whole("protected") == Some(1);
        unmet += i64::from(!told);
        let node = park.whole("node").filter(|_| park.whole("connected") == Some(1));
        let found = node.is_some_and(|node| ground.is_protected(node, &doors, &wish));
        verdict.demand(!told || found, || format!("park {id}: told to be protected, but one cut disconnects it"));
        let row = files.redundancy.iter().find(|row| row.get("park") == Some(&id));
        let says = row.and_then(|row| row.get("protected")).map(String::as_str);
        verdict.demand(says == Some(if told { "true" } else { "false" }), || {
            format!("park {id}: the map and redundancy.csv differ")
        });
    }
    verdict.equal("redundancy.asked", files.number("/redundancy/asked"), asked);
    verdict.equal("redundancy.unmet", files.number("/redundancy/unmet"), unmet);
    if asked > 0 {
        verdict.confirmed.push(format!("{} parks have two routes that share no trench", asked - unmet));
    }
}

/// What the scenario asks for a park: by its id, else by its class, else for all.
fn wish(files: &Files, park: &Item) -> String {
    let rules = files.summary.pointer("/scenario/redundancy");
    let rule = |group: &str, key: &str| rules?.get(group)?.get(key)?.as_str();
    let all = || rules?.get("parks")?.as_str();
    let found = rule("by_park", &park.text("id")).or_else(|| rule("by_class", &park.text("class"))).or_else(all);
    found.unwrap_or("none").to_owned()
}

/// Everything built, as a graph.
struct Ground<'a> {
    built: &'a Built,
    /// Segments at each node, by their place among those of the forest and then the extra ones.
    around: BTreeMap<i64, Vec<usize>>,
}

impl<'a> Ground<'a> {
    fn new(built: &'a Built) -> Self {
        let mut around: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for (place, edge) in built.edges.iter().chain(&built.extra).enumerate() {
            edge.ends.iter().for_each(|&end| around.entry(end).or_default().push(place));
        }
        Self { built, around }
    }

    /// Two routes to one of the doors, or to two of them.
    fn is_protected(&self, park: i64, doors: &[i64], wish: &str) -> bool {
        match wish {
            "two-routes" => doors.iter().any(|&door| self.routes(park, &[door], 2)),
            "two-pops" => self.routes(park, doors, 1),
            _ => false,
        }
    }

    /// Whether two routes lead from a park to doors, at most so many to each.
    fn routes(&self, park: i64, doors: &[i64], each: usize) -> bool {
        let mut flow: BTreeMap<usize, i8> = BTreeMap::new();
        let mut left: BTreeMap<i64, usize> = doors.iter().map(|&door| (door, each)).collect();
        (0..2).all(|_| self.advance(park, &mut left, &mut flow))
    }

    /// Sends one more route, if there is a way for it.
    fn advance(&self, park: i64, left: &mut BTreeMap<i64, usize>, flow: &mut BTreeMap<usize, i8>) -> bool {
        let mut from: BTreeMap<i64, Option<(usize, i64)>> = BTreeMap::from([(park, None)]);
        let mut queue = VecDeque::from([park]);
        while let Some(node) = queue.pop_front() {
            if left.get(&node).is_some_and(|&count| count > 0) {
                left.entry(node).and_modify(|count| *count -= 1);
                let mut at = node;
                while let Some(Some((place, before))) = from.get(&at).copied() {
                    *flow.entry(place).or_default() += self.sign(place, before);
                    at = before;
                }
                return true;
            }
            for &place in self.around.get(&node).into_iter().flatten() {
                let edge = self.edge(place);
                let next = if edge.ends[0] == node { edge.ends[1] } else { edge.ends[0] };
                let used = flow.get(&place).copied().unwrap_or(0) * self.sign(place, node);
                let is_open = edge.length == 0 || used <= 0;
                if is_open && !self.built.leaves.contains(&next) && !from.contains_key(&next) {
                    from.insert(next, Some((place, node)));
                    queue.push_back(next);
                }
            }
        }
        false
    }

    fn edge(&self, place: usize) -> &crate::judge::forest::Edge {
        let edges = &self.built.edges;
        edges.get(place).unwrap_or_else(|| &self.built.extra[place - edges.len()])
    }

    /// 1 where the route goes from the first end to the second, else -1.
    fn sign(&self, place: usize, from: i64) -> i8 {
        if self.edge(place).ends[0] == from { 1 } else { -1 }
    }
}
