//! A bid as it was handed in: routes, served addresses, PoPs, price sheet; read tolerantly from layers and tables.

use geo::{Coord, Geometry, LineString};

use crate::findings::{Finding, Severity};
use crate::geodata::{Feature, Layer, Value};
use crate::plan::Status;
use crate::tender::sheet::Sheet;

/// How far a bid says to serve an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It is offered a connection.
    Offered,
    /// A trench passes it: an order can be met by a drop alone.
    Passed,
    /// It is connected.
    Connected,
}

/// A record that says that an address is served.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// Where it stands in the bid: `addresses record 12`.
    pub record: String,
    /// The id that it names.
    pub key: Option<String>,
    /// The point that it gives.
    pub point: Option<Coord<f64>>,
    /// How far it goes.
    pub level: Level,
}

/// A bid as it was handed in.
#[derive(Clone, Debug, Default)]
pub struct Bid {
    /// What the tender calls it.
    pub name: String,
    /// Its routes.
    pub lines: Vec<LineString<f64>>,
    /// Addresses that it says to serve.
    pub claims: Vec<Claim>,
    /// Its PoPs.
    pub pops: Vec<Coord<f64>>,
    /// Its price sheet.
    pub sheet: Sheet,
    /// Every doubt about it.
    pub findings: Vec<Finding>,
    /// Files that it was read from, with their SHA-256.
    pub files: Vec<(String, String)>,
}

/// Columns that may hold an address's id, besides the one that the scenario names.
const ID_COLUMNS: [&str; 9] =
    ["id", "identificatie", "identifica", "bag_id", "vbo_id", "address", "address_id", "adres_id", "adres"];

/// Columns that may say how far an address is served.
const LEVEL_COLUMNS: [&str; 3] = ["status", "level", "niveau"];

/// Columns that may say what a point is.
const KIND_COLUMNS: [&str; 4] = ["kind", "soort", "type", "layer"];

impl Bid {
    /// Takes what a layer holds: lines are routes; points are PoPs where the layer's name or the feature's kind says so,
    /// else served addresses. `id` is the scenario's own column of ids.
    pub fn take(&mut self, layer: &Layer, id: Option<&str>) {
        let columns = |wanted: &[&str]| wanted.iter().find_map(|name| layer.column(name));
        let key = id.and_then(|id| layer.column(id)).or_else(|| columns(&ID_COLUMNS));
        let (level, kind) = (columns(&LEVEL_COLUMNS), columns(&KIND_COLUMNS));
        let all_pops = is_pop(&layer.name);
        let mut skipped = 0usize;
        for feature in &layer.features {
            let value = |column: Option<usize>| column.and_then(|at| feature.values.get(at)).and_then(Value::as_text);
            let record = format!("{} record {}", layer.name, feature.record);
            match &feature.geometry {
                Some(Geometry::Line(line)) => self.lines.push(LineString(vec![line.start, line.end])),
                Some(Geometry::LineString(line)) => self.line(line, &record),
                Some(Geometry::MultiLineString(lines)) => lines.iter().for_each(|line| self.line(line, &record)),
                geometry => match points(geometry.as_ref()) {
                    Some(at) if all_pops || value(kind).is_some_and(|word| is_pop(&word)) => self.pops.extend(at),
                    Some(at) => self.claim(record, value(key), at.first().copied(), value(level).as_deref()),
                    None => skipped += 1,
                },
            }
        }
        if skipped > 0 {
            let what = format!("{skipped} features are neither lines nor points");
            let advice = "they are not used; give routes as lines, addresses and PoPs as points";
            self.findings.push(Finding::new(Severity::Info, "bid-feature-not-used", &layer.name, what, advice));
        }
    }

    /// Takes a table of served addresses without geometry.
    pub fn take_table(&mut self, layer: &Layer, id: Option<&str>) {
        let columns = |wanted: &[&str]| wanted.iter().find_map(|name| layer.column(name));
        let key = id.and_then(|id| layer.column(id)).or_else(|| columns(&ID_COLUMNS)).or(Some(0));
        let (x, y, level) = (columns(&["x", "rd_x"]), columns(&["y", "rd_y"]), columns(&LEVEL_COLUMNS));
        for feature in &layer.features {
            let value = |column: Option<usize>| column.and_then(|at| feature.values.get(at));
            let text = |column: Option<usize>| value(column).and_then(Value::as_text);
            let number = |column: Option<usize>| value(column).and_then(Value::as_number);
            let point = number(x).zip(number(y)).map(|(x, y)| Coord { x, y });
            let record = format!("{} record {}", layer.name, feature.record);
            self.claim(record, text(key), point, text(level).as_deref());
        }
    }

    fn line(&mut self, line: &LineString<f64>, record: &str) {
        let mut points = line.0.clone();
        points.dedup();
        if points.len() < 2 || points.iter().any(|point| !(point.x.is_finite() && point.y.is_finite())) {
            let advice = "it is left out; draw it with two different points or more";
            let what = "the route has no length";
            self.findings.push(Finding::new(Severity::Warning, "route-empty", "routes", what, advice).at(record));
        } else {
            self.lines.push(LineString(points));
        }
    }

    fn claim(&mut self, record: String, key: Option<String>, point: Option<Coord<f64>>, word: Option<&str>) {
        let key = key.map(|key| key.trim().to_owned()).filter(|key| !key.is_empty());
        let level = match word.map(|word| word.trim().to_ascii_lowercase()).as_deref() {
            None | Some("connected" | "aangesloten" | "hc" | "yes" | "ja") => Level::Connected,
            Some("passed" | "gepasseerd" | "hp") => Level::Passed,
            Some("offered" | "aangeboden") => Level::Offered,
            // A plan of this program lists every address with its status; those are no claims.
            Some(word) if Status::WORDS.contains(&word) => return,
            Some(word) => {
                let what = format!("its status `{word}` is not known");
                let advice = "it is taken as offered; write connected, passed or offered";
                self.findings
                    .push(Finding::new(Severity::Warning, "level-unknown", "addresses", what, advice).at(&record));
                Level::Offered
            }
        };
        if key.is_none() && point.is_none() {
            let advice = "it is left out; give an id or a point";
            let what = "the record has neither id nor point";
            self.findings.push(Finding::new(Severity::Warning, "claim-empty", "addresses", what, advice).at(record));
        } else {
            self.claims.push(Claim { record, key, point, level });
        }
    }
}

fn is_pop(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    word == "pop"
        || word == "pops"
        || word.ends_with("_pops")
        || word.ends_with(":pops")
        || word.ends_with("pops.geojson")
}

fn points(geometry: Option<&Geometry<f64>>) -> Option<Vec<Coord<f64>>> {
    match geometry? {
        Geometry::Point(point) => Some(vec![point.0]),
        Geometry::MultiPoint(points) => {
            Some(points.iter().map(|point| point.0).collect()).filter(|all: &Vec<_>| !all.is_empty())
        }
        _ => None,
    }
}

/// A table from CSV text: columns by the first line, parted by semicolon, tab or comma, whichever comes most there.
///
/// # Errors
/// What is wrong with the text, with the line.
pub fn table(name: &str, text: &str) -> Result<Layer, String> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let times = |separator: u8| first.bytes().filter(|&byte| byte == separator).count();
    let separator = [b',', b'\t', b';'].into_iter().max_by_key(|&separator| times(separator)).unwrap_or(b';');
    let mut reader =
        csv::ReaderBuilder::new().delimiter(separator).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| error.to_string())?.clone();
    let text_column =
        |name: &str| crate::geodata::Column { name: name.to_owned(), kind: crate::geodata::ColumnKind::Text };
    let columns = headers.iter().map(text_column).collect();
    let mut features = Vec::new();
    for (place, row) in reader.records().enumerate() {
        let row = row.map_err(|error| error.to_string())?;
        let values = row.iter().map(|value| Value::Text(value.to_owned())).collect();
        features.push(Feature { record: place as i64 + 1, geometry: None, values });
    }
    Ok(Layer { name: name.to_owned(), crs: None, columns, features })
}
