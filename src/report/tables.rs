//! Tables as CSV text: comma-separated, UTF-8, a header row, decimal points.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::findings::Finding;
use crate::network::NodeKind;
use crate::plan::{BillRow, Plan};
use crate::region::Networks;
use crate::report::Told;
use crate::report::ranking::{need_cells, need_header};
use crate::report::reasons::Reasons;
use crate::rollout;
use crate::scenario::Unit as PriceUnit;
use crate::units::{Length, Money};

pub(super) fn csv<H: AsRef<[u8]>>(header: &[H], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let written = writer
        .write_record(header)
        .and_then(|()| rows.into_iter().try_for_each(|row| writer.write_record(&row)))
        .and_then(|()| writer.flush().map_err(Into::into));
    written.expect("writing to memory does not fail");
    String::from_utf8(writer.into_inner().expect("writing to memory does not fail")).expect("the rows are UTF-8")
}

pub(super) fn or_empty<T: ToString>(value: Option<T>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

/// One row for every input address, in the order of the source.
#[must_use]
pub fn addresses(told: &Told<'_>) -> String {
    let first = ["id", "status", "reason", "tier", "uses", "units", "x", "y", "park", "neighbourhood", "share_65_plus"];
    let last = [
        "unit",
        "rank",
        "order_reason",
        "pop",
        "cabinet",
        "route_m",
        "cost_share_eur",
        "saving_if_left_out_eur",
        "saving_at_most_eur",
        "phase",
        "sign_ups",
        "net_present_value_eur",
    ];
    let mut header: Vec<String> = first.map(str::to_owned).to_vec();
    header.extend(["density_per_km2", "networks"].map(str::to_owned));
    header.extend(need_header());
    header.extend(last.map(str::to_owned));
    let (ranks, units, tiers) = (told.ranks(), told.unit_of_address(), told.scenario.tier_names());
    let (years, revenue) = (told.years(), rollout::revenue(told.scenario));
    let reasons = Reasons::new(told);
    let told_units = told.rollout.units.all.iter();
    let why: Vec<String> = told_units.enumerate().map(|(place, _)| reasons.of(place as u32).english).collect();
    let all = told.region.addresses.iter().zip(&told.plan.addresses).zip(&told.rollout.needs.addresses).zip(&units);
    let rows = all.map(|(((address, outcome), need), unit)| {
        let uses: Vec<&str> = address.uses.iter().map(|class| class.name()).collect();
        let neighbourhood = address.neighbourhood.map(|id| &told.region.neighbourhoods[id.0 as usize]);
        let share =
            neighbourhood.map(|area| area.share_65_plus.map_or("unknown".to_owned(), |share| share.to_string()));
        let mut row = vec![
            address.key.clone(),
            outcome.status.word().to_owned(),
            outcome.status.reason(),
            tiers[usize::from(address.tier)].clone(),
            uses.join(" "),
            address.units.to_string(),
            or_empty(address.point.map(|point| point.x)),
            or_empty(address.point.map(|point| point.y)),
            or_empty(address.park.map(|park| &told.region.parks[park.0 as usize].key)),
            or_empty(neighbourhood.map(|area| &area.key)),
            or_empty(share),
            or_empty(address.density.map(|density| format!("{density:.3}"))),
            or_empty(address.networks.map(Networks::colour)),
        ];
        row.extend(need_cells(need));
        row.extend([
            or_empty(unit.map(|unit| &told.rollout.units.all[unit as usize].name)),
            or_empty(unit.map(|unit| ranks[unit as usize])),
            or_empty(unit.map(|unit| &why[unit as usize])),
            or_empty(outcome.pop.map(|pop| &told.plan.candidates[pop as usize].key)),
            or_empty(outcome.cabinet.map(|cabinet| cabinet + 1)),
            or_empty(outcome.route),
            outcome.share.to_string(),
            outcome.saving.to_string(),
            or_empty(outcome.saving_at_most),
            or_empty(unit.and_then(|unit| years[unit as usize])),
            or_empty(address.sign_ups),
            or_empty(unit.map(|_| revenue * i64::from(address.units) - outcome.share)),
        ]);
        row
    });
    csv(&header, rows)
}

/// The bill: one row for each element and price, rows of no money included.
#[must_use]
pub fn bill(told: &Told<'_>) -> String {
    let header = ["element", "price", "unit", "quantity", "unit_price", "amount_eur", "low", "high", "source"];
    let rows = told.plan.bill.rows.iter().map(|row| {
        let entry = told.prices.entry(row.price);
        let mut cells = bill_cells(told, row);
        cells.extend([or_empty(entry.low), or_empty(entry.high), entry.source.clone()]);
        cells
    });
    let total = ["total", "", "", "", "", &told.plan.bill.total().to_string(), "", "", ""].map(str::to_owned).to_vec();
    csv(&header.map(str::to_owned), rows.chain([total]))
}

/// Element, price, unit, quantity, unit price and amount of a row.
pub(super) fn bill_cells(told: &Told<'_>, row: &BillRow) -> Vec<String> {
    let (unit, quantity) = match told.prices.unit(row.price) {
        PriceUnit::Metre => ("m", Length::from_millimetres(row.quantity).to_string()),
        PriceUnit::Each => ("each", row.quantity.to_string()),
        PriceUnit::Percent => ("% of EUR", Money::from_cents(row.quantity).to_string()),
    };
    vec![
        row.element.word().to_owned(),
        told.prices.key(row.price).to_owned(),
        unit.to_owned(),
        quantity,
        told.prices.money(row.price).to_string(),
        row.amount.to_string(),
    ]
}

/// The bill by PoP area, roll-out unit, year, tier, neighbourhood and municipality: the groups of each grouping add up to
/// the total.
///
/// A segment belongs to the first tier that it leads to, and to the neighbourhood of most connections beyond it, or of what
/// it hangs from where there are none. A year has the rows of the units that are built in it, so that it adds up to what is
/// spent then.
#[must_use]
pub fn bill_by_group(told: &Told<'_>) -> String {
    let header = ["grouping", "group", "element", "price", "unit", "quantity", "unit_price", "amount_eur"];
    let mut rows = Vec::new();
    for (grouping, groups) in grouped_bills(told) {
        for (name, parts) in groups {
            for row in parts {
                let cells = bill_cells(told, &row);
                rows.push([vec![grouping.to_owned(), name.clone()], cells].concat());
            }
        }
    }
    csv(&header, rows)
}

/// The rows of each group by its name.
type Groups = BTreeMap<String, Vec<BillRow>>;

/// The bill in every grouping.
pub(super) fn grouped_bills(told: &Told<'_>) -> Vec<(&'static str, Groups)> {
    let bill = |(grouping, group): (&'static str, Vec<String>)| {
        (grouping, told.plan.bill.grouped(|node| group[node.index()].clone()))
    };
    let mut all: Vec<(&'static str, Groups)> = groupings(told).into_iter().map(bill).collect();
    all.insert(1, ("unit", by_unit(told, &|unit| told.rollout.units.all[unit as usize].name.clone())));
    if told.rollout.phases.is_some() {
        let years = told.years();
        let year = |unit: u32| years[unit as usize].map_or("later".to_owned(), |year| year.to_string());
        all.insert(3, ("year", by_unit(told, &year)));
    }
    all
}

/// Rows of units added up by a name that each has.
fn by_unit(told: &Told<'_>, name: &dyn Fn(u32) -> String) -> Groups {
    let mut sums: BTreeMap<String, BTreeMap<_, BillRow>> = BTreeMap::new();
    for (unit, rows) in told.plan.bill.grouped(|node| told.rollout.units.of_node[node.index()]) {
        let of_name = sums.entry(unit.map_or_else(String::new, name)).or_default();
        for row in rows {
            let nothing = BillRow { quantity: 0, amount: Money::ZERO, ..row.clone() };
            let sum = of_name.entry((row.element, row.price)).or_insert(nothing);
            sum.quantity += row.quantity;
            sum.amount += row.amount;
        }
    }
    sums.into_iter().map(|(name, rows)| (name, rows.into_values().collect())).collect()
}

/// The group of every node of the forest, by grouping.
fn groupings(told: &Told<'_>) -> Vec<(&'static str, Vec<String>)> {
    let (forest, network) = (&told.plan.forest, told.network);
    let nodes = network.graph.node_count();
    let tiers = told.scenario.tier_names();
    let mut pop = vec![String::new(); nodes];
    let mut first_tier = vec![usize::MAX; nodes];
    let mut beyond: Vec<BTreeMap<Option<u32>, u32>> = vec![BTreeMap::new(); nodes];
    let (mut tier, mut neighbourhood) = (vec![String::new(); nodes], vec![String::new(); nodes]);
    let mut municipality = vec![String::new(); nodes];
    let (mut most, mut leads): (Vec<Option<u32>>, Vec<bool>) = (vec![None; nodes], vec![false; nodes]);
    for &node in forest.order.iter().rev() {
        let at = node.index();
        pop[at] = forest.pop[at].map_or(String::new(), |place| told.plan.candidates[place as usize].key.clone());
        match network.nodes[at] {
            NodeKind::Park(_) => first_tier[at] = 0,
            NodeKind::Site(site) => {
                for address in &network.sites[site as usize].addresses {
                    let address = &told.region.addresses[address.0 as usize];
                    first_tier[at] = first_tier[at].min(usize::from(address.tier));
                    *beyond[at].entry(address.neighbourhood.map(|id| id.0)).or_default() += address.units;
                }
            }
            NodeKind::Road | NodeKind::Pop(_) => {}
        }
        tier[at] = tiers.get(first_tier[at]).cloned().unwrap_or_default();
        let votes = beyond[at].iter().filter_map(|(area, count)| Some((*count, Reverse((*area)?))));
        most[at] = votes.max().map(|(_, Reverse(area))| area);
        leads[at] = !beyond[at].is_empty();
        if let Some((parent, _)) = forest.parent[at] {
            first_tier[parent.index()] = first_tier[parent.index()].min(first_tier[at]);
            for (area, count) in std::mem::take(&mut beyond[at]) {
                *beyond[parent.index()].entry(area).or_default() += count;
            }
        }
    }
    for &node in &forest.order {
        let at = node.index();
        // What leads to no address goes with what it hangs from.
        if let Some((parent, _)) = forest.parent[at].filter(|_| !leads[at]) {
            most[at] = most[parent.index()];
        }
        let area = most[at].map(|area| &told.region.neighbourhoods[area as usize]);
        neighbourhood[at] = area.map_or("none".to_owned(), |area| {
            if area.name.is_empty() { area.key.clone() } else { format!("{} {}", area.key, area.name) }
        });
        let known = area.filter(|area| !area.municipality.is_empty());
        municipality[at] = known.map_or("unknown".to_owned(), |area| area.municipality.clone());
    }
    for (backup, park) in told.plan.backups() {
        let candidate = &told.plan.candidates[backup as usize];
        let at = candidate.node.index();
        pop[at].clone_from(&candidate.key);
        for group in [&mut tier, &mut neighbourhood, &mut municipality] {
            let of_park = group[park.index()].clone();
            group[at] = of_park;
        }
    }
    vec![("pop", pop), ("tier", tier), ("neighbourhood", neighbourhood), ("municipality", municipality)]
}

/// Every doubt about the data.
#[must_use]
pub fn findings_table(findings: &[Finding]) -> String {
    let header = ["severity", "rule", "layer", "feature", "what", "advice"];
    let rows = findings.iter().map(|finding| {
        vec![
            finding.severity.to_string(),
            finding.rule.to_owned(),
            finding.layer.clone(),
            finding.feature.clone(),
            finding.what.clone(),
            finding.advice.clone(),
        ]
    });
    csv(&header.map(str::to_owned), rows)
}

/// Number of addresses of each status, in the order of [`crate::plan::Status::WORDS`].
pub(super) fn status_counts(plan: &Plan) -> Vec<(&'static str, usize)> {
    let count = |word: &str| plan.addresses.iter().filter(|outcome| outcome.status.word() == word).count();
    crate::plan::Status::WORDS.iter().map(|&word| (word, count(word))).collect()
}
