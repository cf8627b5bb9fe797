//! The report: one self-contained page with a map, the ranking and the cost split, in English and Dutch.

use geo::{Coord, LineString};
use minijinja::{Environment, Value as Shown, context};
use serde_json::{Value, json};

use crate::network::SegmentKind;
use crate::plan::{Element, Status};
use crate::report::Told;
use crate::report::order::order;
use crate::report::tables::status_counts;
use crate::units::Money;

const TEMPLATE: &str = include_str!("page.html");

const ORDER: &str = include_str!("order.html");

/// Findings shown in the page; the table of all is `findings.csv`.
const SHOWN_FINDINGS: usize = 50;

/// The page as HTML text. No request leaves it: the map is drawn on a canvas from data inside the page.
#[must_use]
pub fn page(told: &Told<'_>) -> String {
    let mut environment = Environment::new();
    environment.add_template("order.html", ORDER).expect("the template is part of the program");
    environment.add_template("page.html", TEMPLATE).expect("the template is part of the program");
    let template = environment.get_template("page.html").expect("just added");
    let plan = told.plan;
    let total = plan.bill.total();
    let connected = plan.addresses.iter().filter(|outcome| outcome.status == Status::Connected).count();
    let metres = plan.trench.length.metres();
    let per = |amount: f64| if connected == 0 { 0.0 } else { amount / connected as f64 };
    let findings: Vec<_> = told
        .findings
        .iter()
        .take(SHOWN_FINDINGS)
        .map(|finding| {
            context! { severity => finding.severity.to_string(), layer => finding.layer.clone(), feature => finding.feature.clone(),
            what => finding.what.clone(), advice => finding.advice.clone() }
        })
        .collect();
    let statuses: Vec<Shown> = status_counts(plan)
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| context! { word, count })
        .collect();
    let rendered = template.render(context! {
        name => told.scenario.name.clone(),
        crs => told.scenario.crs.clone(),
        total => euros(total),
        trench => euros(plan.trench.cost),
        bound => euros(plan.trench.bound),
        gap => format!("{:.3}", plan.trench.gap() * 100.0),
        optimal => plan.trench.optimal,
        length_km => format!("{:.1}", metres / 1000.0),
        inputs => plan.addresses.len(),
        connected,
        parks => plan.parks.iter().filter(|park| park.connected).count(),
        all_parks => plan.parks.len(),
        pops => plan.pops.len(),
        cabinets => plan.cabinets.iter().map(|site| site.housings).sum::<u32>(),
        metres_each => format!("{:.0}", per(metres)),
        euros_each => euros(Money::from_cents(per(total.cents() as f64) as i64)),
        tiers => told.scenario.tier_names(),
        order => order(told),
        bars => bars(told, total),
        statuses,
        findings,
        all_findings => told.findings.len(),
        map => map(told).to_string().replace("</", "<\\/"),
        version => env!("CARGO_PKG_VERSION"),
    });
    rendered.expect("the template fits its values")
}

/// Whole euros with thousands apart: `1 234 567`.
pub(super) fn euros(amount: Money) -> String {
    let whole = (amount.cents() + 50).div_euclid(100);
    let digits = whole.unsigned_abs().to_string();
    let mut text = if whole < 0 { "-".to_owned() } else { String::new() };
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

const NAMES: [(Element, &str, &str); 10] = [
    (Element::Trench, "Trenches", "Sleuven"),
    (Element::Duct, "Leased ducts", "Gehuurde buizen"),
    (Element::Drop, "Drops", "Huisaansluittracés"),
    (Element::ParkEntry, "Park entries", "Invoer bedrijventerreinen"),
    (Element::PopEntry, "PoP entries", "Invoer PoP's"),
    (Element::Pop, "PoPs", "PoP's"),
    (Element::Cabinet, "Cabinets", "Straatkasten"),
    (Element::Cable, "Ducts and cable", "Buis en kabel"),
    (Element::Home, "Home connections", "Huisaansluitingen"),
    (Element::Soft, "Design, permits, contingency", "Ontwerp, vergunningen, onvoorzien"),
];

fn bars(told: &Told<'_>, total: Money) -> Vec<Shown> {
    let bar = |&(element, english, dutch): &(Element, &'static str, &'static str)| {
        let amount = told.plan.bill.of(element);
        let share = if total.cents() == 0 { 0.0 } else { amount.cents() as f64 / total.cents() as f64 };
        context! { english, dutch, amount => euros(amount), percent => format!("{:.1}", share * 100.0), width => share * 100.0 }
    };
    NAMES.iter().filter(|(element, _, _)| told.plan.bill.of(*element) != Money::ZERO).map(bar).collect()
}

/// The map's data in whole decimetres from the south-west corner of what is shown.
fn map(told: &Told<'_>) -> Value {
    let network = told.network;
    let mut shapes: Vec<(&str, &LineString<f64>)> = Vec::new();
    for edge in told.plan.forest.segments() {
        let segment = &network.segments[edge.index()];
        if segment.length.millimetres() > 0 {
            let method = segment.works.first().map_or("", |work| told.prices.key(work.price));
            shapes.push((if segment.kind == SegmentKind::Drop { "drop" } else { method }, &segment.shape));
        }
    }
    let points = told.region.addresses.iter().filter_map(|address| address.point);
    let corners = points.chain(shapes.iter().flat_map(|(_, line)| line.0.iter().copied()));
    let (mut low, mut high) = (Coord { x: f64::MAX, y: f64::MAX }, Coord { x: f64::MIN, y: f64::MIN });
    for corner in corners {
        low = Coord { x: low.x.min(corner.x), y: low.y.min(corner.y) };
        high = Coord { x: high.x.max(corner.x), y: high.y.max(corner.y) };
    }
    let place =
        |coord: &Coord<f64>| [((coord.x - low.x) * 10.0).round() as i64, ((coord.y - low.y) * 10.0).round() as i64];
    let flat = |line: &LineString<f64>| -> Vec<i64> { line.0.iter().flat_map(place).collect() };
    let mut methods: Vec<&str> = shapes.iter().map(|(method, _)| *method).filter(|method| *method != "drop").collect();
    methods.sort_unstable();
    methods.dedup();
    let by_method = |wanted: &str| -> Vec<Vec<i64>> {
        shapes.iter().filter(|(method, _)| *method == wanted).map(|(_, line)| flat(line)).collect()
    };
    let addresses: Vec<[i64; 3]> = told
        .region
        .addresses
        .iter()
        .zip(&told.plan.addresses)
        .filter_map(|(address, outcome)| {
            let [x, y] = place(&address.point?);
            let class = match outcome.status {
                Status::Connected => i64::from(address.tier.min(3)),
                Status::LeftOut => 4,
                Status::TooFar(_) | Status::Forbidden(_) | Status::Disconnected => 5,
                _ => 6,
            };
            Some([x, y, class])
        })
        .collect();
    let parks: Vec<Vec<Vec<i64>>> =
        told.region.parks.iter().map(|park| park.outline.iter().map(|part| flat(part.exterior())).collect()).collect();
    let node = |node: crate::graph::NodeId| place(&network.points[node.index()]);
    json!({
        "size": [((high.x - low.x) * 10.0).round().max(1.0), ((high.y - low.y) * 10.0).round().max(1.0)],
        "methods": methods.iter().map(|method| json!([method, by_method(method)])).collect::<Vec<_>>(),
        "drops": by_method("drop"),
        "addresses": addresses,
        "parks": parks,
        "roads": told.region.roads.iter().map(|road| flat(&road.line)).collect::<Vec<_>>(),
        "pops": told.plan.pops.iter().map(|pop| node(told.plan.candidates[pop.candidate as usize].node)).collect::<Vec<_>>(),
        "cabinets": told.plan.cabinets.iter().map(|cabinet| node(cabinet.node)).collect::<Vec<_>>(),
    })
}
