//! Layers under construction.

use geo::{Coord, Geometry, LineString, Point, Polygon};

use crate::geodata::{Column, ColumnKind, Crs, Feature, Layer, Value};

/// An empty layer in RD New with these columns.
pub(super) fn layer(name: &str, columns: &[(&str, ColumnKind)]) -> Layer {
    let columns = columns.iter().map(|&(name, kind)| Column { name: name.to_owned(), kind }).collect();
    Layer { name: name.to_owned(), crs: Crs::from_epsg(28992), columns, features: Vec::new() }
}

/// Adds a feature.
pub(super) fn add(layer: &mut Layer, geometry: Geometry<f64>, values: Vec<Value>) {
    let record = layer.features.len() as i64 + 1;
    layer.features.push(Feature { record, geometry: Some(geometry), values });
}

/// Text; not given where empty.
pub(super) fn text(value: impl Into<String>) -> Value {
    let value = value.into();
    if value.is_empty() { Value::Null } else { Value::Text(value) }
}

/// A whole number.
pub(super) fn whole(value: impl Into<i64>) -> Value {
    Value::Integer(value.into())
}

/// A point.
pub(super) fn point(at: Coord<f64>) -> Geometry<f64> {
    Geometry::Point(Point(at))
}

/// A line.
pub(super) fn line(course: &[Coord<f64>]) -> Geometry<f64> {
    Geometry::LineString(LineString::new(course.to_vec()))
}

/// A polygon without holes.
pub(super) fn polygon(ring: &[Coord<f64>]) -> Geometry<f64> {
    Geometry::Polygon(Polygon::new(LineString::new(ring.to_vec()), Vec::new()))
}
