//! Files and layers: features with geometry and attribute values, no meaning yet.

use std::path::Path;

use crate::findings::Finding;

mod crs;
mod dbase;
mod geojson;
mod geopackage;
mod geopackage_out;
mod shapefile;
mod shapefile_out;
mod style;
mod wkb;
mod wkt;

pub use crs::{Crs, looks_like_degrees, transform, transform_points};
pub use geopackage::tables as geopackage_tables;
pub use geopackage_out::write_geopackage;
pub use shapefile_out::write_shapefile;
pub use style::{Category, OutLayer, Style, Symbol};

/// Why files cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("{path}: it cannot be read ({source}); check that it is there and may be read")]
    Read {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file cannot be written.
    #[error("{path}: it cannot be written ({source}); check the folder and the free space")]
    Write {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is no shapefile.
    #[error("{path}: it is no shapefile, {what}; export it again")]
    NotAShapefile {
        /// The file.
        path: String,
        /// What is wrong.
        what: String,
    },
    /// The file is no GeoPackage, or not as it should be.
    #[error("{path}: the GeoPackage cannot be used, {what}; {advice}")]
    GeoPackage {
        /// The file.
        path: String,
        /// What is wrong.
        what: String,
        /// What to do.
        advice: String,
    },
    /// The file is no GeoJSON.
    #[error("{path}: it is no GeoJSON, {what}; export it again")]
    GeoJson {
        /// The file.
        path: String,
        /// What is wrong.
        what: String,
    },
    /// The file is of a kind that is not read.
    #[error("{0}: layers are read from .shp and .geojson files and from GeoPackages as file.gpkg:layer; convert it")]
    Unknown(String),
    /// A coordinate system cannot be used.
    #[error("{crs}: the coordinate system cannot be used ({what}); choose another")]
    Crs {
        /// The system.
        crs: String,
        /// What is wrong.
        what: String,
    },
    /// Degrees would be taken for metres.
    #[error("layer {layer}: its coordinates look like degrees but {crs} is in metres; give the layer a right .prj")]
    Degrees {
        /// The layer.
        layer: String,
        /// The system that was to be used.
        crs: String,
    },
}

/// Opens a layer: a shapefile, a GeoJSON file, or `file.gpkg:layer` (the layer may be left out where there is only one).
///
/// `name` is what findings call it.
///
/// # Errors
/// If the file cannot be read at all; every doubt about single features is a finding.
pub fn open(source: &str, name: &str) -> Result<Read, Error> {
    if let Some((file, table)) = split_geopackage(source) {
        return geopackage::read(Path::new(file), table, name);
    }
    let lower = source.to_ascii_lowercase();
    if lower.ends_with(".shp") {
        return shapefile::read(Path::new(source), name);
    }
    if lower.ends_with(".geojson") || lower.ends_with(".json") {
        return geojson::read(Path::new(source), name);
    }
    Err(Error::Unknown(source.to_owned()))
}

/// The file and the layer of `file.gpkg:layer`; `None` if the source is no GeoPackage. Folders may have such names.
#[must_use]
pub fn split_geopackage(source: &str) -> Option<(&str, Option<&str>)> {
    let lower = source.to_ascii_lowercase();
    let mut ends = lower.match_indices(".gpkg").map(|(start, ending)| source.split_at(start + ending.len()));
    ends.find_map(|(file, rest)| match rest.strip_prefix(':') {
        None if rest.is_empty() => Some((file, None)),
        table => Some((file, Some(table?))),
    })
}

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
