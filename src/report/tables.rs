//! Tables as CSV text: comma-separated, UTF-8, a header row, decimal points.

use crate::findings::Finding;
use crate::plan::Plan;
use crate::report::Told;
use crate::rollout::{Unit, UnitKind};
use crate::scenario::Unit as PriceUnit;
use crate::units::{Length, Money};

fn csv(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let written = writer
        .write_record(header)
        .and_then(|()| rows.into_iter().try_for_each(|row| writer.write_record(&row)))
        .and_then(|()| writer.flush().map_err(Into::into));
    written.expect("writing to memory does not fail");
    String::from_utf8(writer.into_inner().expect("writing to memory does not fail")).expect("the rows are UTF-8")
}

fn or_empty<T: ToString>(value: Option<T>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

/// One row for every input address, in the order of the source.
#[must_use]
pub fn addresses(told: &Told<'_>) -> String {
    let header = [
        "id",
        "status",
        "reason",
        "tier",
        "uses",
        "units",
        "x",
        "y",
        "park",
        "neighbourhood",
        "share_65_plus",
        "density_per_km2",
        "unit",
        "rank",
        "pop",
        "cabinet",
        "route_m",
        "cost_share_eur",
        "saving_if_left_out_eur",
    ];
    let (ranks, units, tiers) = (told.ranks(), told.unit_of_address(), told.scenario.tier_names());
    let rows = told.region.addresses.iter().zip(&told.plan.addresses).zip(&units).map(|((address, outcome), unit)| {
        let uses: Vec<&str> = address.uses.iter().map(|class| class.name()).collect();
        let neighbourhood = address.neighbourhood.map(|id| &told.region.neighbourhoods[id.0 as usize]);
        let share =
            neighbourhood.map(|area| area.share_65_plus.map_or("unknown".to_owned(), |share| share.to_string()));
        vec![
            address.key.clone(),
            outcome.status.word().to_owned(),
            outcome.status.reason(),
            tiers[usize::from(address.tier)].clone(),
            uses.join(" "),
            address.units.to_string(),
            or_empty(address.point.map(|point| format!("{:.3}", point.x))),
            or_empty(address.point.map(|point| format!("{:.3}", point.y))),
            or_empty(address.park.map(|id| &told.region.parks[id.0 as usize].key)),
            or_empty(neighbourhood.map(|area| &area.key)),
            or_empty(share),
            or_empty(address.density.map(|density| format!("{density:.1}"))),
            or_empty(unit.map(|unit| &told.rollout.units.all[unit as usize].name)),
            or_empty(unit.map(|unit| ranks[unit as usize])),
            or_empty(outcome.pop.map(|pop| &told.plan.candidates[pop as usize].key)),
            or_empty(outcome.cabinet.map(|cabinet| cabinet + 1)),
            or_empty(outcome.route),
            outcome.share.to_string(),
            outcome.saving.to_string(),
        ]
    });
    csv(&header, rows)
}

/// One row for every unit, in the order of building.
#[must_use]
pub fn ranking(told: &Told<'_>) -> String {
    let tiers = told.scenario.tier_names();
    let needs: Vec<String> = tiers.iter().map(|tier| format!("connections {tier}")).collect();
    let mut header = vec!["rank", "unit", "kind", "after", "pop", "addresses"];
    header.extend(needs.iter().map(String::as_str));
    header.extend(["cost_eur", "completion_eur", "length_m", "reason"]);
    let units = &told.rollout.units.all;
    let rows = told.rollout.order.sequence.iter().enumerate().map(|(place, &at)| {
        let unit = &units[at as usize];
        let mut row = vec![
            (place + 1).to_string(),
            unit.name.clone(),
            kind(unit).to_owned(),
            or_empty(unit.after.map(|after| &units[after as usize].name)),
            told.plan.candidates[unit.pop as usize].key.clone(),
            unit.addresses.to_string(),
        ];
        row.extend(unit.need.iter().map(ToString::to_string));
        row.push(unit.cost.to_string());
        row.push(told.rollout.order.completion[at as usize].to_string());
        row.push(unit.length.to_string());
        row.push(reason(told, at, &tiers));
        row
    });
    csv(&header, rows)
}

/// Stable word for the kind of a unit.
pub(super) fn kind(unit: &Unit) -> &'static str {
    match unit.kind {
        UnitKind::Trunk => "trunk",
        UnitKind::Park(_) => "park",
        UnitKind::Area => "area",
    }
}

/// Why a unit has its rank, in numbers.
pub(super) fn reason(told: &Told<'_>, at: u32, tiers: &[String]) -> String {
    let units = &told.rollout.units.all;
    let unit = &units[at as usize];
    let served = unit.need.iter().zip(tiers).find(|(need, _)| **need > 0);
    if let Some((need, tier)) = served {
        let each = Money::from_cents(unit.cost.cents() / i64::from(*need));
        return format!("{need} connections in tier {tier} at EUR {each} each");
    }
    let behind = units.iter().filter(|other| other.after == Some(at)).map(|other| other.name.as_str());
    let behind: Vec<&str> = behind.take(3).collect();
    if behind.is_empty() { "serves nobody by itself".to_owned() } else { format!("leads to {}", behind.join(", ")) }
}

/// The bill: one row for each element and price, rows of no money included.
#[must_use]
pub fn bill(told: &Told<'_>) -> String {
    let header = ["element", "price", "unit", "quantity", "unit_price", "amount_eur", "low", "high", "source"];
    let rows = told.plan.bill.rows.iter().map(|row| {
        let entry = told.prices.entry(row.price);
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
            or_empty(entry.low),
            or_empty(entry.high),
            entry.source.clone(),
        ]
    });
    let total = ["total", "", "", "", "", &told.plan.bill.total().to_string(), "", "", ""].map(str::to_owned).to_vec();
    csv(&header, rows.chain([total]))
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
    csv(&header, rows)
}

/// Number of addresses of each status, in the order of [`crate::plan::Status::WORDS`].
pub(super) fn status_counts(plan: &Plan) -> Vec<(&'static str, usize)> {
    let count = |word: &str| plan.addresses.iter().filter(|outcome| outcome.status.word() == word).count();
    crate::plan::Status::WORDS.iter().map(|&word| (word, count(word))).collect()
}
