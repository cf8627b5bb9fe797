//! The table that an evaluator needs: one row a figure, one column a bid, the reference first.

use crate::findings::Severity;
use crate::region::Standing;
use crate::tender::compare::{Count, Evaluation, Ground, Judged, count};
use crate::tender::ratio::{Ratio, shown};
use crate::units::Money;

/// Everything that is told about.
#[derive(Debug)]
pub struct Told<'a> {
    /// What everything is compared with.
    pub ground: Ground<'a>,
    /// The bids.
    pub bids: &'a [Judged],
    /// Scores, ranks and how firm they are.
    pub evaluation: &'a Evaluation,
    /// Input files with their SHA-256.
    pub files: &'a [(String, String)],
}

/// A value in the table.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// Not known, or it means nothing here.
    Empty,
    /// An amount.
    Money(Money),
    /// A number of things.
    Count(i64),
    /// A decimal number with so many digits.
    Number(f64, usize),
    /// A share, 0.1 for ten percent.
    Percent(f64),
    /// An exact number, to two digits.
    Exact(Ratio),
    /// Yes or no.
    Yes(bool),
    /// Words.
    Text(String),
}

impl Cell {
    /// Plain text for CSV: decimal point, no separators.
    pub(super) fn plain(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Money(amount) => amount.to_string(),
            Self::Count(number) => number.to_string(),
            Self::Number(number, digits) => format!("{number:.digits$}"),
            Self::Percent(share) => format!("{:.3}", share * 100.0),
            Self::Exact(number) => shown(number, 4),
            Self::Yes(yes) => if *yes { "yes" } else { "no" }.to_owned(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// A row of the table.
#[derive(Clone, Debug)]
pub(super) struct Figure {
    /// Stable key.
    pub(super) key: String,
    /// English and Dutch words.
    pub(super) words: [String; 2],
    /// `EUR`, `%`, `m`, ...
    pub(super) unit: &'static str,
    /// The reference, then each bid.
    pub(super) cells: Vec<Cell>,
    /// How it is found: from which inputs.
    pub(super) how: &'static str,
}

/// A group of rows.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// English and Dutch words.
    pub(super) words: [&'static str; 2],
    /// Its rows.
    pub(super) rows: Vec<Figure>,
}

struct Rows<'a> {
    told: &'a Told<'a>,
    groups: Vec<Group>,
}

impl Rows<'_> {
    fn group(&mut self, english: &'static str, dutch: &'static str) {
        self.groups.push(Group { words: [english, dutch], rows: Vec::new() });
    }

    /// A row: key, words, unit, how; the reference's value and each bid's.
    fn add(
        &mut self,
        (key, english, dutch): (&str, &str, &str),
        (unit, how): (&'static str, &'static str),
        reference: Cell,
        of: impl Fn(usize, &Judged) -> Cell,
    ) {
        let bids = self.told.bids.iter().enumerate().map(|(place, judged)| of(place, judged));
        let cells: Vec<Cell> = std::iter::once(reference).chain(bids).collect();
        let words = [english.to_owned(), dutch.to_owned()];
        let row = Figure { key: key.to_owned(), words, unit, cells, how };
        if row.cells.iter().any(|cell| *cell != Cell::Empty) {
            self.groups.last_mut().expect("rows are in groups").rows.push(row);
        }
    }
}

fn money(amount: Option<Money>) -> Cell {
    amount.map_or(Cell::Empty, Cell::Money)
}

fn whole(number: usize) -> Cell {
    Cell::Count(number as i64)
}

/// Words for the tiers in Dutch, where they are the usual ones.
fn tier_words(name: &str) -> [String; 2] {
    let word = |word: &str| match word.trim() {
        "business parks" => "bedrijventerreinen",
        "care" => "zorg",
        "agri" => "agrarisch",
        "education" => "onderwijs",
        "residential" => "wonen",
        "business" => "bedrijven",
        "rest" => "overig",
        _ => "",
    };
    let dutch: Vec<&str> = name.split(',').map(|part| if word(part).is_empty() { part } else { word(part) }).collect();
    [name.to_owned(), dutch.join(", ")]
}

/// All figures, in groups.
pub(super) fn figures(told: &Told<'_>) -> Vec<Group> {
    let mut rows = Rows { told, groups: Vec::new() };
    addresses(&mut rows);
    parks(&mut rows);
    routes(&mut rows);
    prices(&mut rows);
    promises(&mut rows);
    doubts(&mut rows);
    rows.groups
}

/// Whether each address is asked for, whatever the lots.
fn listed(told: &Told<'_>) -> Vec<bool> {
    told.ground.region.addresses.iter().map(|address| address.standing == Standing::Target).collect()
}

fn addresses(rows: &mut Rows<'_>) {
    let told = rows.told;
    let wanted = listed(told);
    let all = wanted.iter().filter(|wanted| **wanted).count();
    let counted = |judged: &Judged| count(&wanted, &judged.checked, |_| true);
    rows.group("Addresses", "Adressen");
    rows.add(
        ("addresses_offered", "Offered", "Aangeboden"),
        ("", "records of the bid that name an address of the list, each once"),
        whole(all),
        |_, judged| whole(counted(judged).offered),
    );
    rows.add(
        ("addresses_passed", "Passed, as its routes show", "Gepasseerd, volgens de tracés"),
        ("", "offered, and a route that leads to a PoP comes within the longest drop"),
        Cell::Empty,
        |_, judged| whole(counted(judged).passed),
    );
    rows.add(
        ("addresses_connected", "Connected, as its routes show", "Aangesloten, volgens de tracés"),
        ("", "said to be connected, and a route that leads to a PoP comes within reading.reach_m"),
        whole(told.ground.reference.addresses),
        |_, judged| whole(counted(judged).connected),
    );
    rows.add(
        ("addresses_missing", "Asked for, not offered", "Gevraagd, niet aangeboden"),
        ("", "addresses of the list (of the lots that the bid is for) that no record names"),
        Cell::Empty,
        |_, judged| whole(judged.checked.missing.len()),
    );
    rows.add(
        ("addresses_extra", "Offered, not asked for", "Aangeboden, niet gevraagd"),
        ("", "known addresses outside scope or lots"),
        Cell::Empty,
        |_, judged| whole(judged.checked.strangers[0]),
    );
    rows.add(
        ("addresses_unknown", "Unknown", "Onbekend"),
        ("", "records that name no address of the layer"),
        Cell::Empty,
        |_, judged| whole(judged.checked.strangers[1]),
    );
    rows.add(
        ("addresses_outside", "Outside the area", "Buiten het gebied"),
        ("", "unknown, and farther than reading.outside_m from every address"),
        Cell::Empty,
        |_, judged| whole(judged.checked.strangers[2]),
    );
    rows.add(
        ("addresses_twice", "Claimed twice", "Dubbel opgevoerd"),
        ("", "records that name an address again"),
        Cell::Empty,
        |_, judged| whole(judged.checked.twice),
    );
    let tiers = told.ground.scenario.tier_names();
    rows.group("Connected by tier (asked for)", "Aangesloten per prioriteit (gevraagd)");
    for (tier, name) in tiers.iter().enumerate() {
        let [english, dutch] = tier_words(name);
        let of = |place: usize| usize::from(told.ground.region.addresses[place].tier) == tier;
        let asked = wanted.iter().enumerate().filter(|(place, wanted)| **wanted && of(*place)).count();
        counts(rows, &format!("tier_{tier}"), [&english, &dutch], asked, &|judged| count(&wanted, &judged.checked, of));
    }
    let mut colours: Vec<&'static str> = told.ground.colours.to_vec();
    colours.sort_unstable();
    colours.dedup();
    if colours != ["unknown"] {
        rows.group("Connected by colour (state aid)", "Aangesloten per kleur (staatssteun)");
        for colour in colours {
            let dutch = match colour {
                "white" => "wit",
                "grey" => "grijs",
                "black" => "zwart",
                "unknown" => "onbekend",
                other => other,
            };
            let of = |place: usize| told.ground.colours[place] == colour;
            let asked = wanted.iter().enumerate().filter(|(place, wanted)| **wanted && of(*place)).count();
            counts(rows, &format!("colour_{colour}"), [colour, dutch], asked, &|judged| {
                count(&wanted, &judged.checked, of)
            });
        }
        let overbuilt = |judged: &Judged| {
            let some = count(&wanted, &judged.checked, |place| matches!(told.ground.colours[place], "grey" | "black"))
                .connected;
            let all = counted(judged).connected;
            if all == 0 { Cell::Empty } else { Cell::Percent(some as f64 / all as f64) }
        };
        rows.add(
            ("overbuild", "Share of grey and black", "Aandeel grijs en zwart"),
            ("%", "connected grey and black addresses over all connected"),
            Cell::Empty,
            |_, judged| overbuilt(judged),
        );
    }
}

fn counts(rows: &mut Rows<'_>, key: &str, [english, dutch]: [&str; 2], asked: usize, of: &dyn Fn(&Judged) -> Count) {
    rows.add(
        (key, english, dutch),
        ("", "connected addresses, as the routes show; the reference column tells how many are asked for"),
        whole(asked),
        |_, judged| whole(of(judged).connected),
    );
}

fn parks(rows: &mut Rows<'_>) {
    let parks = rows.told.ground.region.parks.len();
    if parks == 0 {
        return;
    }
    rows.group("Business parks", "Bedrijventerreinen");
    let number = |judged: &Judged, of: fn(&crate::tender::check::SeenPark) -> bool| {
        whole(judged.checked.parks.iter().filter(|park| of(park)).count())
    };
    rows.add(
        ("parks_offered", "Offered", "Aangeboden"),
        ("", "parks named by the price sheet, else those of addresses offered"),
        whole(parks),
        |_, judged| number(judged, |park| park.claimed),
    );
    rows.add(
        ("parks_reached", "Reached, as its routes show", "Bereikt, volgens de tracés"),
        ("", "a route that leads to a PoP comes into the park"),
        Cell::Empty,
        |_, judged| number(judged, |park| park.claimed && park.reached),
    );
    rows.add(
        ("parks_redundant", "With two routes without a common trench", "Met twee tracés zonder gedeelde sleuf"),
        ("", "two edge-disjoint routes from the park to PoPs"),
        Cell::Empty,
        |_, judged| number(judged, |park| park.claimed && park.redundant),
    );
}

fn routes(rows: &mut Rows<'_>) {
    let told = rows.told;
    let reference = told.ground.reference;
    let wanted = listed(told);
    let connected = |judged: &Judged| count(&wanted, &judged.checked, |_| true).connected;
    rows.group("Routes at the scenario's prices", "Tracés tegen de prijzen van het scenario");
    rows.add(
        ("length_km", "Trenches, ducts and drops", "Sleuven, buizen en aansluittracés"),
        ("km", "routes laid on the candidate network, each trench once, plus what lies beside it"),
        Cell::Number(reference.length.metres() / 1000.0, 3),
        |_, judged| Cell::Number(judged.priced.length.metres() / 1000.0, 3),
    );
    let each =
        |metres: f64, count: usize| if count == 0 { Cell::Empty } else { Cell::Number(metres / count as f64, 1) };
    rows.add(
        ("metres_per_address", "Per connected address", "Per aangesloten adres"),
        ("m", "length over connected addresses"),
        each(reference.length.metres(), reference.addresses),
        |_, judged| each(judged.priced.length.metres(), connected(judged)),
    );
    rows.add(("share_followed", "Share that follows candidate trenches", "Aandeel langs kandidaat-sleuven"), ("%", "length that keeps within reading.follow_m of a candidate trench; the rest is priced as reading.other_trench"), Cell::Percent(1.0), |_, judged| Cell::Percent(judged.priced.share_followed()));
    rows.add(
        ("pops", "PoPs that its routes lead to", "PoP's waar tracés heen leiden"),
        ("", "PoPs of the bid within reading.pop_m of a route"),
        Cell::Empty,
        |_, judged| whole(judged.checked.pops.len()),
    );
    rows.add(
        (
            "cost_at_reference_prices",
            "Trenches and PoPs at the scenario's prices",
            "Sleuven en PoP's tegen scenarioprijzen",
        ),
        ("EUR", "sum of the bid's rows in repriced.csv"),
        Cell::Money(reference.cost),
        |_, judged| Cell::Money(judged.priced.cost),
    );
    rows.add(
        ("least_cost", "Least cost found for the same addresses", "Laagste kosten gevonden voor dezelfde adressen"),
        ("EUR", "trench problem solved for the addresses and parks that the bid offers and its routes connect"),
        Cell::Money(reference.cost),
        |_, judged| money(judged.least.as_ref().map(|least| least.cost)),
    );
    rows.add(
        ("proven_bound", "Proven lower bound for the same addresses", "Bewezen ondergrens voor dezelfde adressen"),
        ("EUR", "no plan under the scenario's rules for these addresses costs less"),
        Cell::Money(reference.bound),
        |_, judged| money(judged.least.as_ref().map(|least| least.bound)),
    );
    rows.add(
        ("above_bound", "Above the proven bound, at most", "Boven de bewezen ondergrens, hoogstens"),
        ("%", "(cost at the scenario's prices - bound) / bound"),
        Cell::Percent((reference.cost - reference.bound).cents() as f64 / reference.bound.cents().max(1) as f64),
        |_, judged| judged.distance().map_or(Cell::Empty, Cell::Percent),
    );
    rows.add(
        (
            "price_per_metre",
            "Civil works per metre at the scenario's prices",
            "Graafwerk per meter tegen scenarioprijzen",
        ),
        ("EUR/m", "repriced trenches and drops over length"),
        Cell::Empty,
        |_, judged| {
            let pops: Money = judged
                .priced
                .dues
                .iter()
                .filter(|due| due.what == crate::tender::reprice::What::Pop)
                .map(|due| due.cost)
                .sum();
            let metres = judged.priced.length.metres();
            if metres <= 0.0 { Cell::Empty } else { Cell::Number((judged.priced.cost - pops).euros() / metres, 2) }
        },
    );
}

fn prices(rows: &mut Rows<'_>) {
    let told = rows.told;
    let wanted = listed(told);
    let counted = |judged: &Judged| count(&wanted, &judged.checked, |_| true);
    let total = told.ground.bill.total();
    let reference = told.ground.reference.addresses;
    rows.group("Price", "Prijs");
    rows.add(
        ("total", "Total price", "Totaalprijs"),
        ("EUR", "price sheet; the reference's bill of quantities"),
        Cell::Money(total),
        |_, judged| money(judged.bid.sheet.total),
    );
    rows.add(("subsidy", "Subsidy asked", "Gevraagde subsidie"), ("EUR", "price sheet"), Cell::Empty, |_, judged| {
        money(judged.bid.sheet.subsidy)
    });
    rows.add(
        ("total_per_passed", "Total per passed address", "Totaal per gepasseerd adres"),
        ("EUR", "total over passed addresses"),
        Cell::Empty,
        |_, judged| money(Judged::per(judged.bid.sheet.total, counted(judged).passed)),
    );
    rows.add(
        ("total_per_connected", "Total per connected address", "Totaal per aangesloten adres"),
        ("EUR", "total over connected addresses"),
        money(Judged::per(Some(total), reference)),
        |_, judged| money(Judged::per(judged.bid.sheet.total, counted(judged).connected)),
    );
    rows.add(
        ("subsidy_per_connected", "Subsidy per connected address", "Subsidie per aangesloten adres"),
        ("EUR", "subsidy over connected addresses"),
        Cell::Empty,
        |_, judged| money(Judged::per(judged.bid.sheet.subsidy, counted(judged).connected)),
    );
    rows.add(
        (
            "total_above_reference",
            "Total against the reference plan's bill",
            "Totaal tegenover de begroting van het referentieplan",
        ),
        ("%", "(total - reference bill) / reference bill; the reference serves all addresses asked for"),
        Cell::Empty,
        |_, judged| match judged.bid.sheet.total {
            Some(asked) if total > Money::ZERO => Cell::Percent((asked - total).cents() as f64 / total.cents() as f64),
            _ => Cell::Empty,
        },
    );
    rows.add(("estimate_low", "Such a network at low prices", "Zo'n net tegen lage prijzen"), ("EUR", "repriced routes and the reference's other costs per connected address, each price at the low end of its range"), Cell::Empty, |_, judged| Cell::Money(judged.estimate.low));
    rows.add(
        ("estimate", "At the scenario's prices", "Tegen scenarioprijzen"),
        ("EUR", "the same at the scenario's prices"),
        Cell::Empty,
        |_, judged| Cell::Money(judged.estimate.usual),
    );
    rows.add(
        ("estimate_high", "At high prices", "Tegen hoge prijzen"),
        ("EUR", "the same at the high end"),
        Cell::Empty,
        |_, judged| Cell::Money(judged.estimate.high),
    );
    rows.add(
        ("prices_outside", "Prices outside their range", "Prijzen buiten hun bandbreedte"),
        ("", "unit prices of the sheet, and the total"),
        Cell::Empty,
        |_, judged| whole(judged.outside.len()),
    );
    rows.add(
        ("resident_contribution", "Resident's contribution, once", "Eigen bijdrage, eenmalig"),
        ("EUR", "price sheet"),
        Cell::Empty,
        |_, judged| money(judged.bid.sheet.resident_contribution),
    );
    rows.add(
        ("opex", "Operation, a year", "Exploitatie, per jaar"),
        ("EUR", "price sheet"),
        Cell::Empty,
        |_, judged| money(judged.bid.sheet.opex),
    );
}

fn promises(rows: &mut Rows<'_>) {
    let told = rows.told;
    rows.group("What is promised", "Wat wordt toegezegd");
    let text = |text: &Option<String>| text.clone().map_or(Cell::Empty, Cell::Text);
    let exact = |number: &Option<Ratio>| number.clone().map_or(Cell::Empty, Cell::Exact);
    let sheet = ("", "price sheet");
    rows.add(("technology", "Technology", "Techniek"), sheet, Cell::Empty, |_, judged| {
        text(&judged.bid.sheet.technology)
    });
    rows.add(("split", "Split, 1 to", "Splitsing, 1 op"), sheet, Cell::Empty, |_, judged| {
        judged.bid.sheet.split.map_or(Cell::Empty, |split| Cell::Count(i64::from(split)))
    });
    rows.add(("optics", "Class of optics", "Klasse van de optiek"), sheet, Cell::Empty, |_, judged| {
        text(&judged.bid.sheet.optics)
    });
    rows.add(
        ("down_mbps", "Guaranteed down", "Gegarandeerd omlaag"),
        ("Mbit/s", "price sheet"),
        Cell::Empty,
        |_, judged| exact(&judged.bid.sheet.down_mbps),
    );
    rows.add(
        ("up_mbps", "Guaranteed up", "Gegarandeerd omhoog"),
        ("Mbit/s", "price sheet"),
        Cell::Empty,
        |_, judged| exact(&judged.bid.sheet.up_mbps),
    );
    rows.add(("redundancy", "Redundancy", "Redundantie"), sheet, Cell::Empty, |_, judged| {
        text(&judged.bid.sheet.redundancy)
    });
    rows.add(
        ("wholesale", "Access for other providers", "Toegang voor andere aanbieders"),
        sheet,
        Cell::Empty,
        |_, judged| judged.bid.sheet.wholesale.map_or(Cell::Empty, Cell::Yes),
    );
    rows.add(
        ("threshold", "Sign-ups needed first", "Vraagbundelingsdrempel"),
        ("%", "price sheet"),
        Cell::Empty,
        |_, judged| exact(&judged.bid.sheet.threshold),
    );
    let mut years: Vec<String> = told.bids.iter().flat_map(|judged| judged.bid.sheet.years.keys().cloned()).collect();
    years.sort();
    years.dedup();
    for tier in years {
        let [english, dutch] = tier_words(&tier.replace('_', " "));
        let words = (format!("year_{tier}"), format!("Ready: {english}"), format!("Gereed: {dutch}"));
        rows.add((&words.0, &words.1, &words.2), sheet, Cell::Empty, |_, judged| {
            judged.bid.sheet.years.get(&tier).map_or(Cell::Empty, |year| Cell::Count(*year))
        });
    }
    for criterion in &told.ground.call.award.criteria {
        let words = (
            format!("quality_{}", criterion.key),
            format!("Score: {}", criterion.label()),
            format!("Score: {}", criterion.label()),
        );
        rows.add(
            (&words.0, &words.1, &words.2),
            ("", "the evaluators' score in the tender file, else the price sheet's"),
            Cell::Empty,
            |place, judged| {
                let scores = crate::tender::compare::quality(&told.ground, place, &judged.bid);
                scores.get(&criterion.key).map_or(Cell::Empty, |score| Cell::Text(score.clone()))
            },
        );
    }
}

fn doubts(rows: &mut Rows<'_>) {
    rows.group("Findings", "Bevindingen");
    let number = |judged: &Judged, severity: Severity| {
        whole(judged.findings.iter().filter(|finding| finding.severity == severity).count())
    };
    let how = ("", "findings.csv");
    rows.add(("errors", "Errors", "Fouten"), how, Cell::Empty, |_, judged| number(judged, Severity::Error));
    rows.add(("warnings", "Warnings", "Waarschuwingen"), how, Cell::Empty, |_, judged| {
        number(judged, Severity::Warning)
    });
    rows.add(("notes", "Notes", "Opmerkingen"), how, Cell::Empty, |_, judged| number(judged, Severity::Info));
}
