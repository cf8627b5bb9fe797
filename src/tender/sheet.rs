//! Price sheets: what a bidder asks and promises, read tolerantly from TOML or CSV.
//!
//! Both become a list of keys with values; everything that is not understood is a finding about the bid.

use std::collections::BTreeMap;

use crate::findings::{Finding, Severity};
use crate::tender::call::nearest;
use crate::tender::ratio::{Ratio, amount, decimal};
use crate::units::Money;

/// What a bidder asks and promises.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// The bidder's own name.
    pub bidder: Option<String>,
    /// Total price.
    pub total: Option<Money>,
    /// Subsidy asked for.
    pub subsidy: Option<Money>,
    /// What a resident pays once.
    pub resident_contribution: Option<Money>,
    /// Yearly cost of operation.
    pub opex: Option<Money>,
    /// `p2p` or `pon`, or the bidder's own word.
    pub technology: Option<String>,
    /// Addresses that share one fibre from the PoP: 1 for point to point.
    pub split: Option<u32>,
    /// Class of the optics, such as `B+`.
    pub optics: Option<String>,
    /// Guaranteed download speed, in Mbit/s.
    pub down_mbps: Option<Ratio>,
    /// Guaranteed upload speed, in Mbit/s.
    pub up_mbps: Option<Ratio>,
    /// Whether other providers get access.
    pub wholesale: Option<bool>,
    /// What is promised about redundancy, in the bidder's words.
    pub redundancy: Option<String>,
    /// Share of addresses that must sign up first, in percent.
    pub threshold: Option<Ratio>,
    /// Whether the routes contain the drops to each address.
    pub drops_drawn: Option<bool>,
    /// Ids of the business parks that are connected; `None` where not told.
    pub parks: Option<Vec<String>>,
    /// Completion year by tier.
    pub years: BTreeMap<String, i64>,
    /// Quality scores by criterion, as given.
    pub quality: BTreeMap<String, String>,
    /// Unit prices by the scenario's price key.
    pub unit_prices: BTreeMap<String, Money>,
    /// Prices for lots: names of the lots, and the price for all of them together.
    pub offers: Vec<(Vec<String>, Money)>,
}

const KEYS: [&str; 18] = [
    "bidder",
    "total",
    "subsidy",
    "resident_contribution",
    "opex",
    "technology",
    "split",
    "optics",
    "down_mbps",
    "up_mbps",
    "wholesale",
    "redundancy",
    "threshold",
    "drops_drawn",
    "parks",
    "notes",
    "format",
    "currency",
];

const GROUPS: [&str; 4] = ["years", "quality", "unit_prices", "offers"];

/// Layer name of findings about price sheets.
const LAYER: &str = "price sheet";

/// Keys with their values as text, in the order of the file.
type Rows = Vec<(String, String)>;

/// Reads a price sheet in TOML. Text that is no TOML at all gives an empty sheet and a finding.
#[must_use]
pub fn from_toml(text: &str) -> (Sheet, Vec<Finding>) {
    match text.parse::<toml::Table>() {
        Ok(table) => {
            let mut rows = Rows::new();
            for (key, value) in &table {
                flatten(key, value, &mut rows);
            }
            read(&rows)
        }
        Err(error) => {
            let what = format!("it is no TOML: {}", error.message());
            (Sheet::default(), vec![doubt(Severity::Error, "sheet-unreadable", what, "mend it; see the template")])
        }
    }
}

fn flatten(key: &str, value: &toml::Value, rows: &mut Rows) {
    match value {
        toml::Value::Table(table) => {
            for (inner, value) in table {
                flatten(&format!("{key}.{inner}"), value, rows);
            }
        }
        toml::Value::Array(items) if items.iter().any(toml::Value::is_table) => {
            for (place, item) in items.iter().enumerate() {
                flatten(&format!("{key}.{}", place + 1), item, rows);
            }
        }
        toml::Value::Array(items) => {
            rows.push((key.to_owned(), items.iter().map(plain).collect::<Vec<_>>().join(",")));
        }
        other => rows.push((key.to_owned(), plain(other))),
    }
}

/// A TOML value as the text that was meant.
#[must_use]
pub fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Float(number) => number.to_string(),
        other => other.to_string(),
    }
}

/// Reads a price sheet in CSV: a key and a value on each line, parted by semicolon, tab or comma; `#` begins a remark.
#[must_use]
pub fn from_csv(text: &str) -> (Sheet, Vec<Finding>) {
    let mut rows = Rows::new();
    let mut findings = Vec::new();
    for (line, content) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let content = content.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let part = |separator: char| content.split_once(separator).map(|(key, value)| (key.trim(), value.trim()));
        let Some((key, value)) = part(';').or_else(|| part('\t')).or_else(|| part(',')) else {
            let what = format!("line {} has no separator", line + 1);
            findings.push(doubt(Severity::Warning, "sheet-line-unreadable", what, "write key;value"));
            continue;
        };
        let bare = |text: &str| text.trim_matches('"').trim().to_owned();
        let value = bare(value.split('#').next().unwrap_or_default().trim_end_matches([';', '\t']));
        if !matches!(key.to_ascii_lowercase().as_str(), "key" | "sleutel") {
            rows.push((bare(key), value));
        }
    }
    let (sheet, doubts) = read(&rows);
    findings.extend(doubts);
    (sheet, findings)
}

fn doubt(severity: Severity, rule: &'static str, what: String, advice: &str) -> Finding {
    Finding::new(severity, rule, LAYER, what, advice)
}

fn read(rows: &Rows) -> (Sheet, Vec<Finding>) {
    let mut reader = Reader::default();
    let mut offers: BTreeMap<String, (Vec<String>, Option<Money>)> = BTreeMap::new();
    for (key, value) in rows {
        let lower = key.to_ascii_lowercase().replace('-', "_");
        match lower.split_once('.') {
            Some(("offers", rest)) => reader.offer(rest, value, &mut offers),
            Some((group, _)) if GROUPS.contains(&group) => {
                // What comes after the group is spelt as the scenario or the award method spells it.
                let inner = key.split_once('.').map_or("", |(_, inner)| inner);
                reader.grouped(group, inner, value);
            }
            _ => reader.single(&lower, value),
        }
    }
    for (place, (lots, price)) in offers {
        match price {
            Some(price) if !lots.is_empty() => reader.sheet.offers.push((lots, price)),
            _ => reader.doubt(
                "sheet-offer-incomplete",
                &format!("offers.{place}"),
                "it lacks lots or price",
                "give both",
            ),
        }
    }
    (reader.sheet, reader.findings)
}

#[derive(Default)]
struct Reader {
    sheet: Sheet,
    findings: Vec<Finding>,
}

impl Reader {
    fn doubt(&mut self, rule: &'static str, key: &str, what: &str, advice: &str) {
        self.findings.push(doubt(Severity::Warning, rule, what.to_owned(), advice).at(key));
    }

    fn money(&mut self, key: &str, value: &str) -> Option<Money> {
        let read = amount(value).filter(|amount| amount.cents() >= 0);
        if read.is_none() {
            let what = format!("`{value}` is no amount of euros with at most two decimals");
            self.doubt("sheet-value-unreadable", key, &what, "it is not used; write it as 1250000.50");
        }
        read
    }

    fn number(&mut self, key: &str, value: &str) -> Option<Ratio> {
        let read = decimal(value);
        if read.is_none() {
            let what = format!("`{value}` is no number");
            self.doubt("sheet-value-unreadable", key, &what, "it is not used; write it as 12.5");
        }
        read
    }

    fn yes(&mut self, key: &str, value: &str) -> Option<bool> {
        match value.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "ja" | "1" | "y" | "j" => Some(true),
            "false" | "no" | "nee" | "0" | "n" => Some(false),
            _ => {
                let what = format!("`{value}` is neither yes nor no");
                self.doubt("sheet-value-unreadable", key, &what, "it is not used; write true or false");
                None
            }
        }
    }

    fn integer(&mut self, key: &str, value: &str) -> Option<i64> {
        let read = value.trim().parse().ok();
        if read.is_none() {
            let what = format!("`{value}` is no whole number");
            self.doubt("sheet-value-unreadable", key, &what, "it is not used; write it in digits");
        }
        read
    }

    fn single(&mut self, key: &str, value: &str) {
        let words = || value.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty());
        let given = || (!value.trim().is_empty()).then(|| value.trim().to_owned());
        match key {
            "bidder" => self.sheet.bidder = given(),
            "total" => self.sheet.total = self.money(key, value),
            "subsidy" => self.sheet.subsidy = self.money(key, value),
            "resident_contribution" => self.sheet.resident_contribution = self.money(key, value),
            "opex" => self.sheet.opex = self.money(key, value),
            "technology" => self.sheet.technology = given(),
            "split" => self.sheet.split = self.split(value),
            "optics" => self.sheet.optics = given(),
            "down_mbps" => self.sheet.down_mbps = self.number(key, value),
            "up_mbps" => self.sheet.up_mbps = self.number(key, value),
            "wholesale" => self.sheet.wholesale = self.yes(key, value),
            "redundancy" => self.sheet.redundancy = given(),
            "threshold" => self.sheet.threshold = self.number(key, value),
            "drops_drawn" => self.sheet.drops_drawn = self.yes(key, value),
            "parks" => self.sheet.parks = Some(words().collect()),
            "notes" | "format" | "currency" => {}
            _ => {
                let known = KEYS.iter().chain(&GROUPS).copied();
                let hint = nearest(key, known).map_or(String::new(), |near| format!("; did the bidder mean `{near}`?"));
                self.doubt("sheet-key-unknown", key, "the key is not known", &format!("it is not used{hint}"));
            }
        }
    }

    /// `32` or `1:32`.
    fn split(&mut self, value: &str) -> Option<u32> {
        let ways = value.trim().strip_prefix("1:").unwrap_or(value.trim());
        let read = self.integer("split", ways)?;
        (1..=1024).contains(&read).then_some(read as u32)
    }

    fn grouped(&mut self, group: &str, inner: &str, value: &str) {
        let key = format!("{group}.{inner}");
        match group {
            "years" => {
                if let Some(year) = self.integer(&key, value) {
                    self.sheet.years.insert(inner.to_owned(), year);
                }
            }
            "quality" => {
                self.sheet.quality.insert(inner.to_owned(), value.trim().to_owned());
            }
            _ => {
                if let Some(price) = self.money(&key, value) {
                    self.sheet.unit_prices.insert(inner.to_owned(), price);
                }
            }
        }
    }

    fn offer(&mut self, rest: &str, value: &str, offers: &mut BTreeMap<String, (Vec<String>, Option<Money>)>) {
        let (place, field) = rest.split_once('.').unwrap_or((rest, ""));
        let key = format!("offers.{rest}");
        let price = if field == "price" { self.money(&key, value) } else { None };
        let offer = offers.entry(place.to_owned()).or_default();
        match field {
            "price" => offer.1 = price,
            "lots" => offer.0 = value.split(',').map(|lot| lot.trim().to_owned()).collect(),
            _ => self.doubt("sheet-key-unknown", &key, "the key is not known", "it is not used; give lots and price"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_and_csv_of_the_same_sheet_read_the_same() {
        let one = "total = 1250000.50\nsplit = 32\nwholesale = true\nparks = ['1', '2']\n[quality]\nservice = 8\n\
                   [unit_prices]\n'civil.plough' = 7.5\n[[offers]]\nlots = ['N', 'S']\nprice = 10\n";
        let other = "key;value\ntotal;1.250.000,50\nsplit;1:32\nwholesale;ja\nparks;1,2\nquality.service;8\n\
                     unit_prices.civil.plough;7,50\noffers.1.lots;N,S\noffers.1.price;10\n";
        let ((one, doubts), (other, more)) = (from_toml(one), from_csv(other));
        assert!(doubts.is_empty() && more.is_empty(), "{doubts:?} {more:?}");
        assert_eq!(format!("{one:?}"), format!("{other:?}"));
        assert_eq!(one.total.map(Money::cents), Some(125_000_050));
        assert_eq!(one.unit_prices["civil.plough"].cents(), 750);
    }

    #[test]
    fn what_is_not_understood_is_a_finding_and_the_rest_is_read() {
        let (sheet, findings) = from_csv("totel;5\ntotal;five\nsubsidy;12\nnonsense\nwholesale;perhaps\n");
        assert_eq!(sheet.subsidy.map(Money::cents), Some(1200));
        assert_eq!(sheet.total, None);
        let rules: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
        assert!(rules.contains(&"sheet-key-unknown") && rules.contains(&"sheet-line-unreadable"), "{rules:?}");
        assert!(findings.iter().any(|finding| finding.advice.contains("`total`")), "{findings:?}");
        assert_eq!(rules.iter().filter(|rule| **rule == "sheet-value-unreadable").count(), 2);
    }
}
