//! Attribute values of a layer by the columns that a scenario names.

use crate::geodata::{Feature, Layer};
use crate::region::Error;

/// A column of a layer, or none where the scenario names none.
#[derive(Clone, Copy)]
pub(super) struct Field(Option<usize>);

impl Field {
    /// Looks the named column up.
    ///
    /// # Errors
    /// If the scenario names a column that the layer does not have.
    pub(super) fn of(layer: &Layer, key: &str, name: Option<&String>) -> Result<Self, Error> {
        let Some(name) = name else { return Ok(Self(None)) };
        layer.column(name).map(|at| Self(Some(at))).ok_or_else(|| Error::NoColumn {
            layer: layer.name.clone(),
            key: key.to_owned(),
            column: name.clone(),
            columns: layer.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", "),
        })
    }

    pub(super) fn text(self, feature: &Feature) -> Option<String> {
        self.0.and_then(|at| feature.values.get(at)).and_then(crate::geodata::Value::as_text)
    }

    pub(super) fn number(self, feature: &Feature) -> Option<f64> {
        self.0.and_then(|at| feature.values.get(at)).and_then(crate::geodata::Value::as_number)
    }

    /// Anything but empty, `no`, `f`, `false` or `0`.
    pub(super) fn flag(self, feature: &Feature) -> bool {
        let word = self.text(feature).unwrap_or_default().to_lowercase();
        !matches!(word.as_str(), "" | "no" | "nee" | "n" | "f" | "false" | "0")
    }

    /// The feature's id, or `record 12`.
    pub(super) fn key(self, feature: &Feature) -> String {
        self.text(feature).unwrap_or_else(|| record(feature))
    }
}

/// `record 12`, for a feature without an id.
pub(super) fn record(feature: &Feature) -> String {
    format!("record {}", feature.record)
}

/// Whether a rule's values match a value of the data; an empty text matches a value that is not given.
pub(super) fn matches(values: &[String], found: Option<&str>) -> bool {
    let found = found.unwrap_or_default().trim();
    values.iter().any(|value| value.trim().eq_ignore_ascii_case(found))
}
