//! Files and layers: features with geometry and attribute values, no meaning yet.

use crate::findings::Finding;

pub mod crs;
pub use crs::Crs;

/// A file's content: features in file order.
#[derive(Clone, Debug)]
pub struct Layer {
    /// What findings call it: the layer's name in the scenario, or the file's stem.
    pub name: String,
    /// The coordinate reference system, if the file tells one that is understood.
    pub crs: Option<Crs>,
    /// Attribute columns, in file order.
    pub columns: Vec<Column>,
    /// Features, in file order; values are parallel to `columns`.
    pub features: Vec<Feature>,
}

/// One attribute column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name, as spelt in the file.
    pub name: String,
    /// What its values are.
    pub kind: ColumnKind,
}

/// Kinds of attribute values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text, dates included (ISO 8601).
    Text,
    /// Whole numbers.
    Integer,
    /// Decimal numbers.
    Real,
    /// Yes or no.
    Logical,
}

/// One record of a layer.
#[derive(Clone, Debug)]
pub struct Feature {
    /// Record number in a shapefile, counted from 1, or `fid` in a GeoPackage.
    pub record: i64,
    /// Its shape; `None` for a null shape or one that could not be read (a finding says why).
    pub geometry: Option<geo::Geometry<f64>>,
    /// Values, parallel to the layer's columns.
    pub values: Vec<Value>,
}

/// One attribute value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Not given.
    Null,
    /// Text without trailing blanks.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A decimal number.
    Real(f64),
    /// Yes or no.
    Logical(bool),
}

impl Value {
    /// The value as text: whole numbers without decimals, `None` for null or empty text.
    #[must_use]
    pub fn as_text(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Text(text) => (!text.is_empty()).then(|| text.clone()),
            Self::Integer(number) => Some(number.to_string()),
            Self::Real(number) => Some(number.to_string()),
            Self::Logical(yes) => Some(yes.to_string()),
        }
    }

    /// The value as a number, if it is one or is text that spells one (decimal point or comma).
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Real(number) => number.is_finite().then_some(*number),
            Self::Text(text) => text.trim().replace(',', ".").parse().ok().filter(|number: &f64| number.is_finite()),
            Self::Null | Self::Logical(_) => None,
        }
    }
}

impl Layer {
    /// Index of the column of this name; an exact match wins over one that differs in case.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        let exact = self.columns.iter().position(|column| column.name == name);
        exact.or_else(|| self.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name)))
    }
}

/// A layer with every doubt about it.
pub type Read = (Layer, Vec<Finding>);
