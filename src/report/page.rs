//! The report: one self-contained page with a map, the ranking and the cost split, in English and Dutch.

use geo::{Coord, LineString};
use minijinja::{Environment, Value as Shown, context};
use serde_json::{Value, json};

use crate::network::SegmentKind;
use crate::plan::{Element, Status};
use crate::report::Told;
use crate::report::groups::groups;
use crate::report::order::order;
use crate::report::phases;
use crate::report::reasons::tier_names;
use crate::report::redundancy;
use crate::report::second::way_course;
use crate::report::tables::status_counts;
use crate::report::whole::whole;
use crate::units::Money;

const TEMPLATES: [(&str, &str); 4] = [
    ("order.html", include_str!("order.html")),
    ("page.html", include_str!("page.html")),
    ("phases.html", include_str!("phases.html")),
    ("words.html", include_str!("words.html")),
];

/// Findings shown in the page; the table of all is `findings.csv`.
const SHOWN_FINDINGS: usize = 50;

/// The page as HTML text. No request leaves it: the map is drawn on a canvas from data inside the page.
#[must_use]
pub fn page(told: &Told<'_>) -> String {
    let mut environment = Environment::new();
    for (name, text) in TEMPLATES {
        environment.add_template(name, text).expect("the template is part of the program");
    }
    let template = environment.get_template("page.html").expect("just added");
    let plan = told.plan;
    let total = plan.bill.total();
    let connected = plan.addresses.iter().filter(|outcome| outcome.status == Status::Connected).count();
    let metres = plan.trench.built_length.metres();
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
        whole => whole(told),
        trench => euros(plan.trench.built),
        least => euros(plan.trench.cost),
        beyond => plan.trench.beyond,
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
        tiers => tier_names(told.scenario).iter().map(|said| vec![said.english.clone(), said.dutch.clone()]).collect::<Vec<_>>(),
        order => order(told),
        groups => groups(told),
        bars => bars(told, total),
        phases => phases::shown_phases(told),
        subsidy => phases::shown_subsidy(told),
        protected => redundancy::rows(told),
        protection => euros(plan.protection.cost),
        protection_fibre => euros(plan.protection.fibre_cost()),
        protection_bound => euros(plan.protection.bound),
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

const NAMES: [(Element, &str, &str); 17] = [
    (Element::Trench, "Trenches", "Sleuven"),
    (Element::Crossing, "Street crossings", "Straatkruisingen"),
    (Element::Duct, "Leased ducts", "Gehuurde buizen"),
    (Element::Drop, "Drops", "Huisaansluittracés"),
    (Element::ParkEntry, "Park entries", "Invoer bedrijventerreinen"),
    (Element::PopEntry, "PoP entries", "Invoer PoP's"),
    (Element::Redundancy, "Second routes of parks", "Tweede routes bedrijventerreinen"),
    (Element::Pop, "PoPs", "PoP's"),
    (Element::Cabinet, "Cabinets and distribution handholes", "Straatkasten en verdeelputten"),
    (Element::Handhole, "Handholes on the way", "Tussenputten"),
    (Element::MicroDuct, "Micro-ducts", "Microbuizen"),
    (Element::Cable, "Cables, blown in", "Kabels, ingeblazen"),
    (Element::Splice, "Splices", "Lassen"),
    (Element::Splitter, "Splitters", "Splitters"),
    (Element::Active, "Active ports", "Actieve poorten"),
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
    let years = told.years();
    let mut shapes: Vec<(&str, &LineString<f64>, Option<u32>)> = Vec::new();
    for &node in &told.plan.forest.order {
        let Some((_, edge)) = told.plan.forest.parent[node.index()] else { continue };
        let segment = &network.segments[edge.index()];
        if segment.length.millimetres() > 0 {
            let method = segment.works.first().map_or("", |work| told.prices.key(work.price));
            let year = told.rollout.units.of_node[node.index()].and_then(|unit| years[unit as usize]);
            shapes.push((if segment.kind == SegmentKind::Drop { "drop" } else { method }, &segment.shape, year));
        }
    }
    let points = told.region.addresses.iter().filter_map(|address| address.point);
    let corners = points.chain(shapes.iter().flat_map(|(_, line, _)| line.0.iter().copied()));
    let (mut low, mut high) = (Coord { x: f64::MAX, y: f64::MAX }, Coord { x: f64::MIN, y: f64::MIN });
    for corner in corners {
        low = Coord { x: low.x.min(corner.x), y: low.y.min(corner.y) };
        high = Coord { x: high.x.max(corner.x), y: high.y.max(corner.y) };
    }
    let place =
        |coord: &Coord<f64>| [((coord.x - low.x) * 10.0).round() as i64, ((coord.y - low.y) * 10.0).round() as i64];
    let flat = |line: &LineString<f64>| -> Vec<i64> { line.0.iter().flat_map(place).collect() };
    let mut methods: Vec<&str> = shapes.iter().map(|(method, ..)| *method).filter(|method| *method != "drop").collect();
    methods.sort_unstable();
    methods.dedup();
    let by_method = |wanted: &str| -> Vec<Vec<i64>> {
        shapes.iter().filter(|(method, ..)| *method == wanted).map(|(_, line, _)| flat(line)).collect()
    };
    // Years of the lines in the same order, so that each line is in the page once.
    let years_of = |wanted: &str| -> Vec<Option<u32>> {
        shapes.iter().filter(|(method, ..)| *method == wanted).map(|(_, _, year)| *year).collect()
    };
    let phases = told.rollout.phases.as_ref().map(|phases| {
        json!({
            "years": phases.years.iter().map(|year| year.year).collect::<Vec<_>>(),
            "methods": methods.iter().map(|method| years_of(method)).collect::<Vec<_>>(),
            "drops": years_of("drop"),
        })
    });
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
                Status::TooFar(_) | Status::Forbidden(_) | Status::Disconnected | Status::OverBudget { .. } => 5,
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
        "phases": phases,
        "secondFibre": told.plan.protection.fibre.ways.iter().map(|way| flat(&geo::LineString(way_course(told, way)))).collect::<Vec<_>>(),
        "second": told.plan.protection.extra.iter().map(|edge| flat(&network.segments[edge.index()].shape)).collect::<Vec<_>>(),
        "addresses": addresses,
        "parks": parks,
        "roads": told.region.roads.iter().map(|road| flat(&road.line)).collect::<Vec<_>>(),
        "pops": told.plan.pops.iter().map(|pop| node(told.plan.candidates[pop.candidate as usize].node)).collect::<Vec<_>>(),
        "cabinets": told.plan.cabinets.iter().map(|cabinet| node(cabinet.node)).collect::<Vec<_>>(),
    })
}
