//! Does need add up: parts to points, addresses to units, by the rules that the scenario tells?

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::judge::Verdict;
use crate::judge::bill::cents;
use crate::judge::files::Files;
use crate::judge::ranking::{PARTS, Unit};

pub(super) fn judge(files: &Files, units: &[Unit], verdict: &mut Verdict) {
    let tiers = files.summary.pointer("/ranking/tiers").and_then(Json::as_array).cloned().unwrap_or_default();
    let tiers: BTreeMap<&str, usize> =
        tiers.iter().enumerate().filter_map(|(tier, name)| Some((name.as_str()?, tier))).collect();
    let rules = Rules { rules: files.summary.pointer("/scenario/need").cloned().unwrap_or_default() };
    let mut sums: BTreeMap<&str, ([i64; 7], Vec<i64>)> = BTreeMap::new();
    for (place, row) in files.addresses.iter().enumerate() {
        let field = |name: &str| row.get(name).map_or("", String::as_str);
        let figure = |name: &str| cents(field(name)).unwrap_or(i64::MIN / 2);
        let parts = PARTS.map(|(part, _)| figure(&format!("need_{part}")));
        let (points, low, high) = (figure("need_points"), figure("need_low"), figure("need_high"));
        let adds_up = points == parts.iter().sum::<i64>() && low <= points && points <= high && low >= 0;
        verdict.demand(adds_up, || format!("addresses.csv, row {}: the need does not add up", place + 2));
        for (at, (part, _)) in PARTS.iter().enumerate() {
            verdict.demand(rules.allows(part, parts[at], &field), || {
                format!("addresses.csv, row {}: need_{part} is not what the rules give", place + 2)
            });
        }
        if field("status") == "connected" {
            let units: i64 = field("units").parse().unwrap_or(0);
            let (sum, by_tier) = sums.entry(field("unit")).or_insert_with(|| ([0; 7], vec![0; tiers.len()]));
            sum.iter_mut().zip(parts).for_each(|(sum, points)| *sum += points * units);
            match tiers.get(field("tier")) {
                Some(&tier) => by_tier[tier] += points * units,
                None => verdict.faults.push(format!("addresses.csv, row {}: unknown tier", place + 2)),
            }
        }
    }
    let handover = (rules.points("park"), rules.points("base"));
    let mut handovers = 0;
    for unit in units {
        let (mut parts, mut by_tier) = sums.remove(unit.name.as_str()).unwrap_or(([0; 7], vec![0; tiers.len()]));
        // A park's handover point is in one of its units.
        if unit.kind == "park" && parts != unit.parts {
            parts[0] += handover.0;
            parts[6] += handover.1;
            by_tier[0] += handover.0 + handover.1;
            handovers += 1;
        }
        verdict
            .demand(parts == unit.parts, || format!("ranking: the need of {} is not that of its addresses", unit.name));
        verdict.demand(unit.lapsed || by_tier == unit.by_tier, || {
            format!("ranking: the points by tier of {} are not those of its addresses", unit.name)
        });
    }
    if handover != (0, 0) {
        verdict.equal("parks with a handover point in the ranking", handovers, files.number("/parks/connected"));
    }
    for name in sums.keys() {
        verdict.faults.push(format!("addresses.csv: the unit `{name}` is not in the ranking"));
    }
    verdict.confirmed.push("need adds up from its parts, for addresses and units".to_owned());
}

/// The scenario's rules on need.
struct Rules {
    rules: Json,
}

impl Rules {
    fn number(&self, key: &str) -> f64 {
        self.rules.get(key).and_then(Json::as_f64).unwrap_or(f64::NAN)
    }

    /// Points of a part in whole hundredths.
    fn points(&self, part: &str) -> i64 {
        (self.number(part) * 100.0).round() as i64
    }

    /// The least and largest share of points that counts for a colour.
    fn gate(&self, colour: &str) -> (f64, f64) {
        let [white, grey, black] = [1.0, self.number("grey"), self.number("black")];
        let possible: &[f64] = match colour {
            "" | "white" => &[white],
            "grey" => &[grey],
            "black" => &[black],
            "white-or-grey" => &[white, grey],
            "grey-or-black" => &[grey, black],
            _ => &[white, grey, black],
        };
        possible.iter().fold((f64::INFINITY, 0.0), |(low, high), &share| (share.min(low), share.max(high)))
    }

    /// Whether a part can have these points, given what else the row tells.
    fn allows<'a>(&self, part: &str, points: i64, field: &impl Fn(&str) -> &'a str) -> bool {
        let (closed, open) = self.gate(field("networks"));
        let each = self.number(part);
        // What counts is the middle of the range from the least to the largest share of the part.
        let middle = |least: f64, most: f64| {
            let low = (each * least * closed * 100.0).round() as i64;
            let high = (each * most * open * 100.0).round() as i64;
            low + (high - low) / 2
        };
        let uses = |word: &str| field("uses").split(' ').any(|told| told == word);
        let exactly = |holds: bool| points == if holds { middle(1.0, 1.0) } else { 0 };
        match part {
            "park" => exactly(!field("park").is_empty()),
            "care_address" => exactly(uses("care")),
            "education" => exactly(uses("education")),
            "base" => exactly(true),
            // A farm that is one by a proxy only counts for the middle between nothing and a farm.
            "agri" => exactly(uses("agri")) || (uses("agri") && points == middle(0.0, 1.0)),
            "care_65_plus" if field("share_65_plus") == "unknown" => points == middle(0.0, 1.0) || points == 0,
            _ => (0..=middle(1.0, 1.0).max(middle(0.0, 1.0))).contains(&points),
        }
    }
}
