//! Shapefiles out: `.shp`, `.shx`, `.dbf`, `.prj`, `.cpg` and a QGIS style, the same bytes every time.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use geo::{Coord, Geometry, LineString, Polygon};
use shapefile::dbase::{FieldName, FieldValue, Record, TableWriterBuilder, UnicodeLossy};
use shapefile::{Point, PolygonRing, Polyline, Shape, ShapeWriter};

use crate::findings::{Finding, Severity};
use crate::geodata::{Column, ColumnKind, Crs, Error, Layer, OutLayer, Value};

/// Longest text of a dBase field, in bytes.
const LONGEST: usize = 254;

/// Writes a layer to `folder/name.shp` and its companions. Column names are cut to ten characters and kept apart.
///
/// Features without geometry cannot be told from null shapes by every program; they are written as null shapes.
///
/// # Errors
/// If a file cannot be written.
pub fn write_shapefile(folder: &Path, out: &OutLayer, crs: &Crs) -> Result<Vec<Finding>, Error> {
    let stem = folder.join(&out.layer.name);
    let mut findings = Vec::new();
    write_shapes(&stem, out)?;
    write_table(&stem, &out.layer, &mut findings)?;
    for (extension, text) in [("prj", crs.wkt()), ("cpg", "UTF-8"), ("qml", &out.qml())] {
        let path = stem.with_extension(extension);
        fs::write(&path, text).map_err(|source| failed(&path, source))?;
    }
    Ok(findings)
}

fn failed(path: &Path, source: std::io::Error) -> Error {
    Error::Write { path: path.display().to_string(), source }
}

fn broken(path: &Path, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    failed(path, std::io::Error::other(error))
}

fn create(path: &Path) -> Result<BufWriter<File>, Error> {
    File::create(path).map(BufWriter::new).map_err(|source| failed(path, source))
}

fn write_shapes(stem: &Path, out: &OutLayer) -> Result<(), Error> {
    let path = stem.with_extension("shp");
    let (shp, shx) = (create(&path)?, create(&stem.with_extension("shx"))?);
    let mut writer = ShapeWriter::with_shx(shp, shx);
    for feature in &out.layer.features {
        let written = match feature.geometry.as_ref().map(shape) {
            Some(Shape::Point(point)) => writer.write_shape(&point),
            Some(Shape::Polyline(line)) => writer.write_shape(&line),
            Some(Shape::Polygon(polygon)) => writer.write_shape(&polygon),
            _ => {
                return Err(broken(&path, std::io::Error::other("a feature has no point, line or polygon")));
            }
        };
        written.map_err(|error| broken(&path, error))?;
    }
    writer.finalize().map_err(|error| broken(&path, error))
}

fn shape(geometry: &Geometry<f64>) -> Shape {
    let points = |line: &LineString<f64>| -> Vec<Point> { line.0.iter().map(|at| Point::new(at.x, at.y)).collect() };
    let at = |coord: Coord<f64>| Point::new(coord.x, coord.y);
    let rings = |polygon: &Polygon<f64>| -> Vec<PolygonRing<Point>> {
        let outer = PolygonRing::Outer(points(polygon.exterior()));
        let inner = polygon.interiors().iter().map(|ring| PolygonRing::Inner(points(ring)));
        std::iter::once(outer).chain(inner).collect()
    };
    match geometry {
        Geometry::Point(point) => Shape::Point(at(point.0)),
        Geometry::LineString(line) => Shape::Polyline(Polyline::new(points(line))),
        Geometry::MultiLineString(lines) => Shape::Polyline(Polyline::with_parts(lines.0.iter().map(points).collect())),
        Geometry::Polygon(polygon) => Shape::Polygon(shapefile::Polygon::with_rings(rings(polygon))),
        Geometry::MultiPolygon(polygons) => {
            Shape::Polygon(shapefile::Polygon::with_rings(polygons.0.iter().flat_map(rings).collect()))
        }
        _ => Shape::NullShape,
    }
}

/// Column names of at most ten characters, all different.
fn short_names(columns: &[Column], layer: &str, findings: &mut Vec<Finding>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut names = Vec::new();
    for column in columns {
        let mut short: String = column.name.chars().take(10).collect();
        let mut number = 1;
        while !taken.insert(short.to_ascii_lowercase()) {
            number += 1;
            let ending = number.to_string();
            short = column.name.chars().take(10 - ending.len()).chain(ending.chars()).collect();
        }
        if short != column.name {
            let what = format!("the column {} is called {short} in the shapefile", column.name);
            let advice = "shapefile columns have ten characters; use the GeoPackage for full names";
            findings.push(Finding::new(Severity::Info, "column-name-cut", layer, what, advice));
        }
        names.push(short);
    }
    names
}

fn write_table(stem: &Path, layer: &Layer, findings: &mut Vec<Finding>) -> Result<(), Error> {
    let path = stem.with_extension("dbf");
    let names = short_names(&layer.columns, &layer.name, findings);
    let mut builder = TableWriterBuilder::with_encoding(UnicodeLossy);
    for (place, (column, short)) in layer.columns.iter().zip(&names).enumerate() {
        let name = FieldName::try_from(short.as_str()).map_err(|error| broken(&path, std::io::Error::other(error)))?;
        builder = match column.kind {
            ColumnKind::Text => builder.add_character_field(name, width(layer, place) as u8),
            ColumnKind::Integer => builder.add_numeric_field(name, 18, 0),
            ColumnKind::Real => builder.add_numeric_field(name, 20, 3),
            ColumnKind::Logical => builder.add_logical_field(name),
        };
    }
    let mut writer = builder.build_with_dest(create(&path)?);
    for feature in &layer.features {
        let mut record = Record::default();
        for ((column, short), value) in layer.columns.iter().zip(&names).zip(&feature.values) {
            record.insert(short.clone(), field(column.kind, value));
        }
        writer.write_record(&record).map_err(|error| broken(&path, error))?;
    }
    writer.finalize().map_err(|error| broken(&path, error))?;
    drop(writer);
    without_date(&path)
}

/// Puts a fixed date (1 January 1970) where the table's header holds today's.
fn without_date(path: &Path) -> Result<(), Error> {
    let mut file = OpenOptions::new().write(true).open(path).map_err(|source| failed(path, source))?;
    file.seek(SeekFrom::Start(1)).map_err(|source| failed(path, source))?;
    file.write_all(&[70, 1, 1]).map_err(|source| failed(path, source))
}

fn width(layer: &Layer, place: usize) -> usize {
    let widths = layer.features.iter().map(|feature| match &feature.values[place] {
        Value::Text(text) => text.len(),
        _ => 0,
    });
    widths.max().unwrap_or(0).clamp(1, LONGEST)
}

fn field(kind: ColumnKind, value: &Value) -> FieldValue {
    match (kind, value) {
        (ColumnKind::Text, value) => FieldValue::Character(value.as_text().map(|text| cut(&text))),
        (ColumnKind::Logical, Value::Logical(yes)) => FieldValue::Logical(Some(*yes)),
        (ColumnKind::Logical, _) => FieldValue::Logical(None),
        (ColumnKind::Integer | ColumnKind::Real, value) => FieldValue::Numeric(value.as_number()),
    }
}

/// Text of at most 254 bytes, cut between characters.
fn cut(text: &str) -> String {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}
