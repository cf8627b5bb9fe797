//! The part of the page on the whole: its bound, architecture and points, and sizes beside those of practice.

use minijinja::{Value as Shown, context};

use crate::plan::PointKind;
use crate::report::page::euros;
use crate::report::{GELDERSE_VALLEI, Sanity, Told};
use crate::scenario::{SplitterSite, Topology};
use crate::units::Money;

/// Parts of the bound in both languages, by the names that the plan gives them.
const PARTS: [(&str, &str); 12] = [
    ("trenches, ducts and first cables", "sleuven, buizen en eerste kabels"),
    ("further fibres", "verdere vezels"),
    (
        "further fibres and distribution points, with trenches for their routes",
        "verdere vezels en verdeelpunten, met sleuven voor hun routes",
    ),
    ("fibres of second routes", "vezels van tweede routes"),
    ("distribution points", "verdeelpunten"),
    ("splices at drops, parks and PoPs", "lassen bij aansluitingen, terreinen en PoP's"),
    ("splitters", "splitters"),
    ("active ports", "actieve poorten"),
    ("home connections", "huisaansluitingen"),
    ("further PoP housings", "verdere PoP-behuizingen"),
    ("cables of second routes", "kabels van tweede routes"),
    ("splices and ports of second routes", "lassen en poorten van tweede routes"),
];

fn dutch(part: &str) -> &'static str {
    PARTS.iter().find(|(english, _)| *english == part).map_or("", |(_, dutch)| dutch)
}

/// Everything that the page says of the whole.
pub(super) fn whole(told: &Told<'_>) -> Shown {
    let plan = told.plan;
    let total = plan.bill.total();
    let parts: Vec<Shown> = plan
        .total
        .parts
        .iter()
        .filter(|(_, amount)| *amount != Money::ZERO)
        .map(|(name, amount)| context! { english => *name, dutch => dutch(name), amount => euros(*amount) })
        .collect();
    let count = |kind: PointKind| plan.cabinets.iter().filter(|cabinet| cabinet.kind == kind).count();
    let farthest = plan.addresses.iter().filter_map(|outcome| outcome.route).max();
    context! {
        gap => format!("{:.2}", plan.total.gap(total) * 100.0),
        bound => euros(plan.total.bound),
        saved => euros(plan.total.first - total),
        parts,
        architecture => architecture(told),
        reach_km => format!("{:.1}", told.scenario.architecture.reach().longest.metres() / 1000.0),
        farthest_km => format!("{:.1}", farthest.unwrap_or_default().metres() / 1000.0),
        cabinets => count(PointKind::Cabinet),
        handholes => count(PointKind::Handhole),
        on_the_way => plan.cabling.handholes.len(),
        sanity => Sanity::of(plan, told.region).map(|sanity| sane(&sanity)),
    }
}

/// `P2P, 2 fibres per address`, or `PON 1:32, gpon-c+, splitters in cabinets`.
fn architecture(told: &Told<'_>) -> Shown {
    let architecture = &told.scenario.architecture;
    let fibres = architecture.fibres_per_address;
    let (english, dutch) = match (architecture.kind, architecture.splitters) {
        (Topology::P2p, _) => (format!("P2P, {fibres} fibres per address"), format!("P2P, {fibres} vezels per adres")),
        (Topology::Pon, SplitterSite::Cabinet) => (
            format!("PON 1:{}, splitters in cabinets", architecture.split),
            format!("PON 1:{}, splitters in straatkasten", architecture.split),
        ),
        (Topology::Pon, SplitterSite::Pop) => (
            format!("PON 1:{}, splitters in PoPs", architecture.split),
            format!("PON 1:{}, splitters in PoP's", architecture.split),
        ),
    };
    context! { english, dutch }
}

fn sane(sanity: &Sanity) -> Shown {
    let fair = |figure: f64, low: f64, high: f64| (low / 2.0..=high * 2.0).contains(&figure);
    let (low, high) = sanity.euros_expected;
    context! {
        per_km2 => format!("{:.0}", sanity.per_km2),
        metres => format!("{:.0}", sanity.metres),
        metres_expected => format!("{:.0}", sanity.metres_expected),
        metres_fair => fair(sanity.metres, sanity.metres_expected, sanity.metres_expected),
        known => format!("{GELDERSE_VALLEI:.0}"),
        euros => format!("{:.0}", sanity.euros),
        low => format!("{low:.0}"),
        high => format!("{high:.0}"),
        euros_fair => fair(sanity.euros, low, high),
    }
}
