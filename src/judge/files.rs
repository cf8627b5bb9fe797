//! The files of a result folder, as plain rows.

use std::collections::BTreeMap;
use std::path::Path;

use geo::{Coord, Geometry};
use serde_json::Value as Json;

use crate::geodata::{self, Layer};
use crate::judge::Error;

/// Rows of a table, by column name.
pub(super) type Rows = Vec<Row>;

/// A row, by column name.
pub(super) type Row = BTreeMap<String, String>;

/// Everything that is judged.
pub(super) struct Files {
    pub(super) summary: Json,
    pub(super) addresses: Rows,
    pub(super) ranking: Rows,
    pub(super) bill: Rows,
    /// Rows on robustness and on what moves the cost; none where the plan has no such analysis.
    pub(super) robustness: Rows,
    pub(super) sensitivity: Rows,
    pub(super) subsidy: Rows,
    /// Empty where the scenario names no years.
    pub(super) phases: Rows,
    pub(super) groups: Rows,
    pub(super) splices: Rows,
    /// Nothing where no park asks to be protected.
    pub(super) redundancy: Rows,
    pub(super) second_routes: Rows,
    pub(super) cables: Rows,
    layers: BTreeMap<String, Layer>,
}

/// One feature with its values by column name.
pub(super) struct Item {
    values: BTreeMap<String, geodata::Value>,
    pub(super) geometry: Option<Geometry<f64>>,
}

impl Files {
    pub(super) fn read(folder: &Path) -> Result<Self, Error> {
        let fail = |name: &str, what: String| Error::Unreadable { path: folder.join(name).display().to_string(), what };
        let summary = json(folder, "plan.json")?;
        let rows = |name: &str| table(folder, name);
        let optional = |name: &str| if folder.join(name).exists() { table(folder, name) } else { Ok(Rows::new()) };
        let path = folder.join("plan.gpkg");
        let mut layers = BTreeMap::new();
        for (table, _) in geodata::geopackage_tables(&path).map_err(|error| fail("plan.gpkg", error.to_string()))? {
            let source = format!("{}:{table}", path.display());
            let (layer, _) = geodata::open(&source, &table).map_err(|error| fail("plan.gpkg", error.to_string()))?;
            layers.insert(table, layer);
        }
        Ok(Self {
            summary,
            addresses: rows("addresses.csv")?,
            ranking: rows("ranking.csv")?,
            bill: rows("bill_of_quantities.csv")?,
            robustness: optional("robustness.csv")?,
            sensitivity: optional("sensitivity.csv")?,
            subsidy: rows("subsidy.csv")?,
            phases: optional("phases.csv")?,
            groups: rows("bill_by_group.csv")?,
            splices: rows("splices.csv")?,
            redundancy: optional("redundancy.csv")?,
            second_routes: optional("second_routes.csv")?,
            cables: rows("cables.csv")?,
            layers,
        })
    }

    /// Features of a layer; none where the layer is not there.
    pub(super) fn items(&self, layer: &str) -> Vec<Item> {
        let Some(layer) = self.layers.get(layer) else { return Vec::new() };
        let item = |feature: &geodata::Feature| Item {
            values: layer.columns.iter().map(|column| column.name.clone()).zip(feature.values.clone()).collect(),
            geometry: feature.geometry.clone(),
        };
        layer.features.iter().map(item).collect()
    }

    /// A whole number of the summary; a missing one is told as the smallest number there is.
    pub(super) fn number(&self, pointer: &str) -> i64 {
        self.summary.pointer(pointer).and_then(Json::as_i64).unwrap_or(i64::MIN)
    }

    /// A decimal number of the summary.
    pub(super) fn decimal(&self, pointer: &str) -> f64 {
        self.summary.pointer(pointer).and_then(Json::as_f64).unwrap_or(f64::NAN)
    }

    /// Whether a price per metre comes on top of another: an easement, or what the scenario names as a zone's surcharge.
    pub(super) fn is_surcharge(&self, key: &str) -> bool {
        let zones = self.summary.pointer("/scenario/layers/zones").and_then(Json::as_array);
        key == "civil.easement" || zones.is_some_and(|zones| zones.iter().any(|zone| zone["surcharge"] == key))
    }

    /// A unit price in whole cents (hundredths of a percent), with its unit.
    pub(super) fn price(&self, key: &str) -> Option<(i64, &str)> {
        let price = self.summary.pointer("/scenario/prices")?.get(key)?.get("price")?.as_f64()?;
        let unit = self.summary.pointer("/price_units")?.get(key)?.as_str()?;
        Some(((price * 100.0).round() as i64, unit))
    }
}

fn unreadable(folder: &Path, name: &str, what: String) -> Error {
    Error::Unreadable { path: folder.join(name).display().to_string(), what }
}

fn text(folder: &Path, name: &str) -> Result<String, Error> {
    std::fs::read_to_string(folder.join(name)).map_err(|error| unreadable(folder, name, error.to_string()))
}

/// A JSON file of a folder.
pub(super) fn json(folder: &Path, name: &str) -> Result<Json, Error> {
    serde_json::from_str(&text(folder, name)?).map_err(|error| unreadable(folder, name, error.to_string()))
}

/// A table of a folder.
pub(super) fn table(folder: &Path, name: &str) -> Result<Rows, Error> {
    let text = text(folder, name)?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().collect::<Result<Rows, _>>().map_err(|error| unreadable(folder, name, error.to_string()))
}

impl Item {
    pub(super) fn whole(&self, column: &str) -> Option<i64> {
        match self.values.get(column) {
            Some(geodata::Value::Integer(number)) => Some(*number),
            Some(geodata::Value::Logical(yes)) => Some(i64::from(*yes)),
            _ => None,
        }
    }

    pub(super) fn text(&self, column: &str) -> String {
        self.values.get(column).and_then(geodata::Value::as_text).unwrap_or_default()
    }

    /// The points of its line, or its point.
    pub(super) fn course(&self) -> Vec<Coord<f64>> {
        match &self.geometry {
            Some(Geometry::LineString(line)) => line.0.clone(),
            Some(Geometry::Point(point)) => vec![point.0],
            _ => Vec::new(),
        }
    }
}
