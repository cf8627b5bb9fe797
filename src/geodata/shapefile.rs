//! Shapefiles in: `.shp`, `.dbf`, `.prj`, `.cpg` → [`Layer`].
//!
//! Records are walked one by one and each is handed to the `shapefile` crate alone, so that a broken record is a
//! finding and not the end of the file; its counts are checked first, so that none can ask for absurd memory.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use geo::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use shapefile::{PolygonRing, ReadableShape, Shape};

use crate::findings::{Finding, Severity};
use crate::geodata::dbase::{self, Table};
use crate::geodata::{Crs, Error, Feature, Layer, Read, Value};

const HEADER: usize = 100;

/// Reads a shapefile as a layer of this name. Time and memory: linear in the file's size.
///
/// # Errors
/// If the `.shp` cannot be read, or is no shapefile.
pub(super) fn read(path: &Path, name: &str) -> Result<Read, Error> {
    let bytes = fs::read(path).map_err(|source| Error::Read { path: path.display().to_string(), source })?;
    let mut reading = Reading { path, name, findings: Vec::new() };
    reading.check_header(&bytes)?;
    let (shapes, numbers) = reading.shapes(&bytes);
    let table = reading.table()?;
    let crs = reading.crs();
    let Reading { mut findings, .. } = reading;
    let Table { columns, mut rows } = table.unwrap_or_default();
    if !rows.is_empty() && rows.len() != shapes.len() {
        let what = format!("the .shp has {} records, the .dbf {}", shapes.len(), rows.len());
        let advice = "records are paired in order; attributes without a shape are left out; repair the file";
        findings.push(Finding::new(Severity::Warning, "shp-dbf-mismatch", name, what, advice));
    }
    rows.resize_with(shapes.len(), || vec![Value::Null; columns.len()]);
    let features = shapes
        .into_iter()
        .zip(numbers)
        .zip(rows)
        .map(|((geometry, record), values)| Feature { record, geometry, values })
        .collect();
    Ok((Layer { name: name.to_owned(), crs, columns, features }, findings))
}

struct Reading<'a> {
    path: &'a Path,
    name: &'a str,
    findings: Vec<Finding>,
}

impl Reading<'_> {
    fn tell(&mut self, severity: Severity, rule: &'static str, what: impl Into<String>, advice: &str) -> &mut Finding {
        self.findings.push(Finding::new(severity, rule, self.name, what, advice));
        self.findings.last_mut().expect("just pushed")
    }

    fn check_header(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let broken = |what: &str| Error::NotAShapefile { path: self.path.display().to_string(), what: what.to_owned() };
        if bytes.len() < HEADER {
            return Err(broken("it is shorter than a header of 100 bytes"));
        }
        if big(bytes, 0) != 9994 {
            return Err(broken("it does not begin with the file code 9994"));
        }
        let told = i64::from(big(bytes, 24)) * 2;
        if told != bytes.len() as i64 {
            let what = format!("the header says {told} bytes, the file has {}", bytes.len());
            self.tell(Severity::Warning, "shp-length", what, "every whole record is read; check the file is complete");
        }
        Ok(())
    }

    /// The geometry and number of every record.
    fn shapes(&mut self, bytes: &[u8]) -> (Vec<Option<Geometry<f64>>>, Vec<i64>) {
        let (mut shapes, mut numbers) = (Vec::new(), Vec::new());
        let mut at = HEADER;
        while at + 8 <= bytes.len() {
            let size = i64::from(big(bytes, at + 4)) * 2;
            let record = shapes.len() as i64 + 1;
            let start = at + 8;
            let end = start as i64 + size;
            if size < 4 || end > bytes.len() as i64 {
                let what = format!("record {record} at byte {at} says it has {size} bytes of content, which cannot be");
                self.tell(Severity::Error, "shp-record-length", what, "reading stops there; repair the file");
                break;
            }
            let geometry = self.shape(&bytes[start..end as usize], record);
            shapes.push(geometry);
            numbers.push(record);
            at = end as usize;
        }
        (shapes, numbers)
    }

    fn shape(&mut self, content: &[u8], record: i64) -> Option<Geometry<f64>> {
        let mut tell = |severity, rule, what: String, advice: &str| {
            let finding = Finding::new(severity, rule, self.name, what, advice);
            self.findings.push(finding.at(format!("record {record}")));
        };
        let left_out = "it is left out; repair the record";
        if let Err(what) = counts_fit(content) {
            tell(Severity::Error, "shape-unreadable", what, left_out);
            return None;
        }
        let Some(content) = with_measures(content) else {
            tell(Severity::Error, "shape-unreadable", "its content is too short".to_owned(), left_out);
            return None;
        };
        let shape = match Shape::read_from(&mut Cursor::new(&*content), content.len() as i32) {
            Ok(shape) => shape,
            Err(error) => {
                tell(Severity::Error, "shape-unreadable", format!("its shape cannot be read ({error})"), left_out);
                return None;
            }
        };
        let geometry = match geometry(shape) {
            Ok(geometry) => geometry,
            Err(what) => {
                tell(Severity::Warning, "shape-without-geometry", what.to_owned(), "it counts as without geometry");
                return None;
            }
        };
        use geo::CoordsIter;
        if geometry.coords_iter().any(|coord| !(coord.x.is_finite() && coord.y.is_finite())) {
            let what = "one of its coordinates is no number".to_owned();
            tell(Severity::Error, "shape-not-finite", what, "it counts as without geometry; repair the record");
            return None;
        }
        Some(geometry)
    }

    fn table(&mut self) -> Result<Option<Table>, Error> {
        let Some(path) = sibling(self.path, "dbf") else {
            let what = "there is no .dbf beside the .shp";
            self.tell(Severity::Warning, "dbf-missing", what, "features have no attributes; add the file");
            return Ok(None);
        };
        let bytes = fs::read(&path).map_err(|source| Error::Read { path: path.display().to_string(), source })?;
        let cpg = sibling(self.path, "cpg").and_then(|path| fs::read_to_string(path).ok());
        match dbase::read(&bytes, cpg.as_deref(), self.name) {
            Ok((table, findings)) => {
                self.findings.extend(findings);
                Ok(Some(table))
            }
            Err(what) => {
                let what = format!("the .dbf cannot be read: {what}");
                self.tell(Severity::Error, "dbf-unreadable", what, "features have no attributes; repair the file");
                Ok(None)
            }
        }
    }

    fn crs(&mut self) -> Option<Crs> {
        let Some(path) = sibling(self.path, "prj") else {
            let what = "there is no .prj beside the .shp";
            self.tell(Severity::Warning, "prj-missing", what, "the coordinate system is not known; add the file");
            return None;
        };
        let bytes = fs::read(&path).unwrap_or_default();
        let crs = Crs::from_wkt(&String::from_utf8_lossy(&bytes));
        if crs.is_none() {
            let what = "the coordinate system in the .prj is not understood";
            self.tell(Severity::Warning, "prj-not-understood", what, "the coordinate system is not known; replace it");
        }
        crs
    }
}

/// The file beside `path` with this extension, whatever its case.
fn sibling(path: &Path, extension: &str) -> Option<PathBuf> {
    let exact = path.with_extension(extension);
    if exact.exists() {
        return Some(exact);
    }
    let stem = path.file_stem()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|other| {
            other.file_stem() == Some(stem)
                && other.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(extension))
        })
        .collect();
    found.sort();
    found.into_iter().next()
}

fn big(bytes: &[u8], at: usize) -> i32 {
    i32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn little(bytes: &[u8], at: usize) -> Option<i64> {
    let four = bytes.get(at..at + 4)?;
    Some(i64::from(i32::from_le_bytes([four[0], four[1], four[2], four[3]])))
}

/// Kinds of shapes whose content is laid out alike.
#[derive(Clone, Copy, PartialEq)]
enum Layout {
    Null,
    Point(usize),
    Points(usize),
    Parts(usize),
    Multipatch,
}

/// The layout of a shape type, with the number of measures (Z, M) that follow x and y.
fn layout(kind: i64) -> Option<Layout> {
    Some(match kind {
        0 => Layout::Null,
        1 => Layout::Point(0),
        21 => Layout::Point(1),
        11 => Layout::Point(2),
        8 => Layout::Points(0),
        28 => Layout::Points(1),
        18 => Layout::Points(2),
        3 | 5 => Layout::Parts(0),
        23 | 25 => Layout::Parts(1),
        13 | 15 => Layout::Parts(2),
        31 => Layout::Multipatch,
        _ => return None,
    })
}

/// Whether the numbers of parts and points in a record fit its length, and the parts its points.
fn counts_fit(content: &[u8]) -> Result<(), String> {
    let kind = little(content, 0).ok_or("its content is too short")?;
    let layout = layout(kind).ok_or_else(|| format!("its shape type {kind} does not exist"))?;
    let size = content.len() as i64;
    let (parts, points, least) = match layout {
        Layout::Null => (0, 0, 4),
        Layout::Point(_) => (0, 0, 20),
        Layout::Points(_) => {
            let points = little(content, 36).ok_or("its content is too short")?;
            (0, points, 40 + 16 * points)
        }
        Layout::Parts(_) | Layout::Multipatch => {
            let parts = little(content, 36).ok_or("its content is too short")?;
            let points = little(content, 40).ok_or("its content is too short")?;
            let per_part = if layout == Layout::Multipatch { 8 } else { 4 };
            (parts, points, 44 + per_part * parts + 16 * points)
        }
    };
    if parts < 0 || points < 0 || parts > size || points > size || size < least {
        return Err(format!("its {parts} parts and {points} points do not fit into {size} bytes"));
    }
    let mut before = 0;
    for part in 0..parts {
        let start = little(content, 44 + 4 * part as usize).ok_or("its content is too short")?;
        if start < before || start > points {
            return Err("its parts do not begin in order".to_owned());
        }
        before = start;
    }
    Ok(())
}

/// The content with room for every measure that its type promises: files without the optional M part exist.
fn with_measures(content: &[u8]) -> Option<std::borrow::Cow<'_, [u8]>> {
    let layout = layout(little(content, 0)?)?;
    let (base, points, measures) = match layout {
        Layout::Null | Layout::Multipatch => return Some(content.into()),
        Layout::Point(measures) => (20, 0, measures),
        Layout::Points(measures) => (40, little(content, 36)?, measures),
        Layout::Parts(measures) => (44 + 4 * little(content, 36)?, little(content, 40)?, measures),
    };
    // Only x and y are wanted, so the measures are cut off and the type is made the plain one.
    let plain: i32 = match layout {
        Layout::Point(_) => 1,
        Layout::Points(_) => 8,
        Layout::Null | Layout::Parts(_) | Layout::Multipatch => {
            if matches!(little(content, 0)?, 5 | 15 | 25) {
                5
            } else {
                3
            }
        }
    };
    if measures == 0 && content.len() as i64 == base + 16 * points {
        return Some(content.into());
    }
    let mut cut = content.get(..(base + 16 * points) as usize)?.to_vec();
    cut[..4].copy_from_slice(&plain.to_le_bytes());
    Some(cut.into())
}

fn geometry(shape: Shape) -> Result<Geometry<f64>, &'static str> {
    let coord = |point: &shapefile::Point| Coord { x: point.x, y: point.y };
    match shape {
        Shape::NullShape => Err("it is a null shape"),
        Shape::Point(point) => Ok(Point::new(point.x, point.y).into()),
        Shape::Multipoint(points) => {
            let points: Vec<Point<f64>> = points.points().iter().map(|point| Point(coord(point))).collect();
            match points[..] {
                [] => Err("it has no point"),
                [only] => Ok(only.into()),
                _ => Ok(MultiPoint(points).into()),
            }
        }
        Shape::Polyline(line) => {
            let parts = line.parts().iter().map(|part| LineString(part.iter().map(coord).collect()));
            let mut parts: Vec<LineString<f64>> = parts.filter(|part| !part.0.is_empty()).collect();
            match parts.len() {
                0 => Err("it has no point"),
                1 => Ok(parts.remove(0).into()),
                _ => Ok(MultiLineString(parts).into()),
            }
        }
        Shape::Polygon(polygon) => {
            let mut polygons = polygons(polygon.rings());
            match polygons.len() {
                0 => Err("it has no ring"),
                1 => Ok(polygons.remove(0).into()),
                _ => Ok(MultiPolygon(polygons).into()),
            }
        }
        Shape::Multipatch(_) => Err("it is a multipatch, which is not read"),
        _ => Err("it has measures that could not be cut off"),
    }
}

/// Rings to polygons: every inner ring goes to the smallest outer ring that holds its first point.
///
/// An inner ring that no outer ring holds becomes a polygon of its own, so that nothing is lost.
fn polygons(rings: &[PolygonRing<shapefile::Point>]) -> Vec<Polygon<f64>> {
    use geo::{Area, Contains};
    let line = |points: &[shapefile::Point]| LineString(points.iter().map(|p| Coord { x: p.x, y: p.y }).collect());
    let mut polygons: Vec<Polygon<f64>> = Vec::new();
    let mut holes: Vec<LineString<f64>> = Vec::new();
    for ring in rings.iter().filter(|ring| !ring.points().is_empty()) {
        match ring {
            PolygonRing::Outer(points) => polygons.push(Polygon::new(line(points), Vec::new())),
            PolygonRing::Inner(points) => holes.push(line(points)),
        }
    }
    let areas: Vec<f64> = polygons.iter().map(Area::unsigned_area).collect();
    let mut alone = Vec::new();
    for hole in holes {
        let first = Point(hole.0[0]);
        let inside = |polygon: &Polygon<f64>| {
            polygon.exterior().0.contains(&first.0) || Polygon::new(polygon.exterior().clone(), vec![]).contains(&first)
        };
        let holding = (0..polygons.len()).filter(|&at| inside(&polygons[at]));
        match holding.min_by(|&a, &b| areas[a].total_cmp(&areas[b])) {
            Some(at) => polygons[at].interiors_push(hole),
            None => alone.push(Polygon::new(hole, Vec::new())),
        }
    }
    polygons.extend(alone);
    polygons
}
