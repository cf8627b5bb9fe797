//! The part of the page on the roll-out order: reasons, need, robustness.

use minijinja::{Value as Shown, context};

use crate::report::Told;
use crate::report::page::euros;
use crate::report::ranking::{kind, points, serving_in_order};
use crate::report::reasons::{Reasons, tier_names};
use crate::rollout::{Lever, Part, Robustness};
use crate::scenario::{OrderRule, WeightKnowledge, key};
use crate::units::Money;

/// Units shown in the page; the table of all is `ranking.csv`.
const SHOWN_UNITS: usize = 200;

/// Units and places in the picture of acceptability.
const HEAT: usize = 20;

/// Levers in the tornado.
const SHOWN_LEVERS: usize = 12;

/// Values of the part on the roll-out order.
pub(super) fn order(told: &Told<'_>) -> Shown {
    let order = &told.rollout.order;
    let tiers: Vec<Shown> = tier_names(told.scenario)
        .into_iter()
        .map(|tier| context! { english => tier.english, dutch => tier.dutch })
        .collect();
    context! {
        strict => order.rule == OrderRule::Strict,
        price => format!("{:.1}", order.strictness.price() * 100.0),
        wait_strict => millions(order.strictness.strict),
        wait_free => millions(order.strictness.free),
        tiers,
        rows => rows(told),
        all_units => told.rollout.units.all.len(),
        need => need_rules(told),
        rule_year => told.scenario.need.rule_year,
        fast => told.scenario.need.fast_mbps(),
        gated => told.region.addresses.iter().any(|address| address.networks.is_some()),
        robust => told.rollout.robustness.as_ref().map(|robust| robustness(told, robust)),
    }
}

/// Millions of euros with two decimals.
fn millions(euros: f64) -> String {
    format!("{:.2}", euros / 1e6)
}

fn rows(told: &Told<'_>) -> Vec<Shown> {
    let reasons = Reasons::new(told);
    let ranked = told.rollout.order.sequence.iter().enumerate().take(SHOWN_UNITS);
    ranked
        .map(|(place, &at)| {
            let (unit, need) = (&told.rollout.units.all[at as usize], &told.rollout.needs.units[at as usize]);
            let reason = reasons.of(at);
            let score = need.parts.score();
            context! {
                rank => place + 1,
                name => unit.name.clone(),
                kind => kind(unit),
                addresses => unit.addresses,
                need => unit.need.clone(),
                points => points(score.counted),
                spread => if score.low == score.high { String::new() } else { format!("{} – {}", points(score.low), points(score.high)) },
                cost => euros(unit.cost),
                completion => euros(told.rollout.order.completion[at as usize]),
                english => reason.english,
                dutch => reason.dutch,
            }
        })
        .collect()
}

/// What each part of need counts for, and how much of it the plan's units have together.
fn need_rules(told: &Told<'_>) -> Vec<Shown> {
    let rules = &told.scenario.need;
    let told_parts: [(Part, f64, &str, &str); 7] = [
        (Part::Park, rules.park, "in a business park", "op een bedrijventerrein"),
        (Part::CareAddress, rules.care_address, "care at the address", "zorg op het adres"),
        (
            Part::Care65Plus,
            rules.care_65_plus,
            "times the neighbourhood's rank by share of 65 and over (0 to 1)",
            "maal de rang van de buurt naar aandeel 65-plussers (0 tot 1)",
        ),
        (
            Part::CareDistance,
            rules.care_distance,
            "times the neighbourhood's distance to care (0 to 1)",
            "maal de afstand van de buurt tot zorg (0 tot 1)",
        ),
        (Part::Agri, rules.agri, "a farm", "agrarisch bedrijf"),
        (Part::Education, rules.education, "a school", "onderwijs"),
        (Part::Base, rules.base, "any address", "elk adres"),
    ];
    let row = |(part, each, english, dutch): (Part, f64, &'static str, &'static str)| {
        let sum: i64 = told.rollout.needs.units.iter().map(|unit| unit.parts.0[part as usize].counted).sum();
        context! { english, dutch, each, sum => points(sum) }
    };
    told_parts.into_iter().map(row).collect()
}

fn robustness(told: &Told<'_>, robust: &Robustness) -> Shown {
    let order: Vec<usize> = serving_in_order(told, robust).into_iter().take(HEAT).collect();
    let places = HEAT.min(robust.serving.len());
    let found = &robust.acceptability;
    let row = |(place, &alternative): (usize, &usize)| {
        let cell = |share: f64| context! { percent => format!("{:.0}", share * 100.0), shade => format!("{:.3}", share.sqrt()), dark => share > 0.36, some => share > 0.0 };
        let mut cells: Vec<Shown> = (0..places).map(|rank| cell(found.share(alternative, rank))).collect();
        cells.push(cell((1.0 - found.among_first(alternative, places)).max(0.0)));
        let unit = robust.serving[alternative] as usize;
        context! { place => place + 1, name => told.rollout.units.all[unit].name.clone(), cells,
        sure => found.confidence[alternative].map(|share| format!("{:.0}", share * 100.0)),
        low => found.quantile(alternative, 0.05), high => found.quantile(alternative, 0.95) }
    };
    let rows: Vec<Shown> = order.iter().enumerate().map(row).collect();
    let planned = told.plan.bill.total();
    context! {
        samples => robust.total.samples,
        ordered => robust.weights == WeightKnowledge::Ordered,
        free => robust.weights == WeightKnowledge::Free,
        rows,
        places => (1..=places).collect::<Vec<_>>(),
        serving => robust.serving.len(),
        p10 => euros(robust.total.p10),
        p50 => euros(robust.total.p50),
        p90 => euros(robust.total.p90),
        planned => euros(planned),
        within => format!("{:.0}", f64::from(robust.total.within_plan) * 100.0 / f64::from(robust.total.samples.max(1))),
        levers => tornado(&robust.levers, planned),
    }
}

/// What a price is called in both languages; other keys stand for themselves.
fn lever_name(key: &str) -> (&str, &str) {
    match key {
        key::PLOUGH => ("ploughed trench, per m", "ingeploegde sleuf, per m"),
        key::OPEN_UNPAVED => ("open trench in the verge, per m", "open sleuf in de berm, per m"),
        key::OPEN_HALF_PAVED => ("open trench, half-paved, per m", "open sleuf, halfverhard, per m"),
        key::OPEN_ELEMENTS => ("open trench in bricks, per m", "open sleuf in klinkers, per m"),
        key::OPEN_ASPHALT => ("open trench in asphalt, per m", "open sleuf in asfalt, per m"),
        key::DROP_TRENCH => ("trench on private ground, per m", "sleuf op eigen terrein, per m"),
        key::CROSS_ROAD_LOCAL => ("crossing of a local road", "kruising lokale weg"),
        key::CROSS_ROAD_STATE => ("crossing of a main road", "kruising provinciale of rijksweg"),
        key::CROSS_TRACK => ("crossing of a track", "kruising pad"),
        key::CROSS_WATER => ("crossing of water", "kruising water"),
        key::CROSS_DITCH => ("crossing of a ditch", "kruising sloot"),
        key::CROSS_RAIL => ("crossing of a railway", "kruising spoor"),
        key::DUCT_LEASE => ("lease of a duct, per m", "huur van een buis, per m"),
        key::CABINET => ("cabinet", "straatkast"),
        key::POP => ("PoP", "PoP"),
        key::HOME => ("home connection", "huisaansluiting"),
        key::DESIGN => ("design, permits, management, %", "ontwerp, vergunningen, leiding, %"),
        key::CONTINGENCY => ("contingency, %", "onvoorzien, %"),
        "take-up" => ("take-up", "deelname"),
        other => (other, other),
    }
}

/// Bars of the tornado in percent of its width, the planned total in its own place.
fn tornado(levers: &[Lever], planned: Money) -> Vec<Shown> {
    let shown: Vec<&Lever> = levers.iter().filter(|lever| lever.at_low != lever.at_high).take(SHOWN_LEVERS).collect();
    let low = shown.iter().map(|lever| lever.at_low.min(lever.at_high)).min().unwrap_or(planned).min(planned);
    let high = shown.iter().map(|lever| lever.at_low.max(lever.at_high)).max().unwrap_or(planned).max(planned);
    let width = (high - low).cents().max(1) as f64;
    let at = |amount: Money| (amount - low).cents() as f64 / width * 100.0;
    let bar = |lever: &&Lever| {
        let [least, _, most] = lever.range;
        let percent = |amount: Money| {
            let share = (amount - planned).cents() as f64 / planned.cents().max(1) as f64;
            format!("{:+.1}", share * 100.0)
        };
        context! {
            key => lever.key.clone(),
            english => lever_name(&lever.key).0,
            dutch => lever_name(&lever.key).1,
            range => format!("{least} – {most}"),
            left => format!("{:.2}", at(lever.at_low)),
            below => format!("{:.2}", at(planned) - at(lever.at_low)),
            above => format!("{:.2}", at(lever.at_high) - at(planned)),
            middle => format!("{:.2}", at(planned)),
            low => percent(lever.at_low),
            high => percent(lever.at_high),
            shift => format!("{:.1}", lever.shift),
        }
    };
    shown.iter().map(bar).collect()
}
