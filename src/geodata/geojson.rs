//! GeoJSON in (RFC 7946): a feature collection → [`Layer`], in WGS84 unless an old-style `crs` member says otherwise.

use std::path::Path;

use geo::{Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use serde_json::Value as Json;

use crate::findings::{Finding, Severity};
use crate::geodata::{Column, ColumnKind, Crs, Error, Feature, Layer, Read, Value};

/// Reads a GeoJSON file as a layer of this name; records are counted from 1.
///
/// # Errors
/// If the file cannot be read or is no GeoJSON; a geometry that is not understood is a finding.
pub(super) fn read(path: &Path, name: &str) -> Result<Read, Error> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|source| Error::Read { path: shown.clone(), source })?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let root: Json = serde_json::from_slice(bytes)
        .map_err(|error| Error::GeoJson { path: shown.clone(), what: error.to_string() })?;
    layer(&root, name).map_err(|what| Error::GeoJson { path: shown, what })
}

fn layer(root: &Json, name: &str) -> Result<Read, String> {
    let kind = root.get("type").and_then(Json::as_str).unwrap_or_default();
    let lone = std::slice::from_ref(root);
    let items = match kind {
        "FeatureCollection" => {
            root.get("features").and_then(Json::as_array).ok_or("it has no list of features")?.as_slice()
        }
        "" => return Err("it has no type".to_owned()),
        _ => lone,
    };
    let crs = match root.pointer("/crs/properties/name").and_then(Json::as_str) {
        Some(named) => {
            let code = named.rsplit(':').next().unwrap_or(named);
            let known = if code == "CRS84" { Crs::from_epsg(4326) } else { Crs::parse(code) };
            known.ok_or_else(|| format!("its coordinate system `{named}` is not known"))?
        }
        None => Crs::from_epsg(4326).ok_or("WGS84 is not known")?,
    };
    let mut columns: Vec<Column> = Vec::new();
    let mut findings = Vec::new();
    let mut features: Vec<Feature> = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let record = place as i64 + 1;
        let is_feature = item.get("type").and_then(Json::as_str) == Some("Feature");
        let shape = if is_feature { item.get("geometry").unwrap_or(&Json::Null) } else { item };
        let geometry = geometry(shape);
        if geometry.is_none() && !shape.is_null() {
            let advice = "the feature has no geometry now; mend its coordinates";
            let what = "its geometry is not understood";
            findings.push(
                Finding::new(Severity::Error, "geometry-unreadable", name, what, advice).at(format!("record {record}")),
            );
        }
        let mut values = vec![Value::Null; columns.len()];
        let id = item.get("id").filter(|_| is_feature).map(|id| ("id", id));
        let properties = item.get("properties").and_then(Json::as_object).into_iter().flatten();
        for (key, value) in id.into_iter().chain(properties.map(|(key, value)| (key.as_str(), value))) {
            let at = columns.iter().position(|column| column.name == key).unwrap_or_else(|| {
                columns.push(Column { name: key.to_owned(), kind: kind_of(value) });
                columns.len() - 1
            });
            values.resize(columns.len(), Value::Null);
            values[at] = plain(value);
        }
        features.push(Feature { record, geometry, values });
    }
    for feature in &mut features {
        feature.values.resize(columns.len(), Value::Null);
    }
    Ok((Layer { name: name.to_owned(), crs: Some(crs), columns, features }, findings))
}

fn kind_of(value: &Json) -> ColumnKind {
    match value {
        Json::Bool(_) => ColumnKind::Logical,
        Json::Number(number) if number.is_i64() => ColumnKind::Integer,
        Json::Number(_) => ColumnKind::Real,
        _ => ColumnKind::Text,
    }
}

fn plain(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(yes) => Value::Logical(*yes),
        Json::Number(number) => {
            number.as_i64().map_or_else(|| Value::Real(number.as_f64().unwrap_or(0.0)), Value::Integer)
        }
        Json::String(text) => Value::Text(text.clone()),
        other => Value::Text(other.to_string()),
    }
}

fn geometry(json: &Json) -> Option<Geometry<f64>> {
    let inside = json.get("coordinates");
    Some(match json.get("type")?.as_str()? {
        "Point" => Geometry::Point(Point(coord(inside?)?)),
        "MultiPoint" => Geometry::MultiPoint(MultiPoint(each(inside?, |at| coord(at).map(Point))?)),
        "LineString" => Geometry::LineString(line(inside?)?),
        "MultiLineString" => Geometry::MultiLineString(MultiLineString(each(inside?, line)?)),
        "Polygon" => Geometry::Polygon(polygon(inside?)?),
        "MultiPolygon" => Geometry::MultiPolygon(MultiPolygon(each(inside?, polygon)?)),
        "GeometryCollection" => {
            Geometry::GeometryCollection(GeometryCollection(each(json.get("geometries")?, geometry)?))
        }
        _ => return None,
    })
}

fn each<T>(json: &Json, read: impl Fn(&Json) -> Option<T>) -> Option<Vec<T>> {
    json.as_array()?.iter().map(read).collect()
}

fn coord(json: &Json) -> Option<Coord<f64>> {
    let numbers = json.as_array()?;
    let (x, y) = (numbers.first()?.as_f64()?, numbers.get(1)?.as_f64()?);
    Some(Coord { x, y })
}

fn line(json: &Json) -> Option<LineString<f64>> {
    Some(LineString(each(json, coord)?))
}

fn polygon(json: &Json) -> Option<Polygon<f64>> {
    let mut rings = each(json, line)?.into_iter();
    Some(Polygon::new(rings.next()?, rings.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_reads_with_columns_in_order_of_first_appearance() {
        let text = r#"{"type":"FeatureCollection","features":[
            {"type":"Feature","geometry":{"type":"Point","coordinates":[5.38,52.15]},"properties":{"id":"a","n":3}},
            {"type":"Feature","geometry":null,"properties":{"ok":true}},
            {"type":"Feature","geometry":{"type":"LineString","coordinates":[[5,"x"]]},"properties":{}}]}"#;
        let (read, findings) = layer(&serde_json::from_str(text).expect("JSON"), "bid").expect("GeoJSON");
        let names: Vec<&str> = read.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["id", "n", "ok"]);
        assert_eq!(read.features[0].values, [Value::Text("a".to_owned()), Value::Integer(3), Value::Null]);
        assert_eq!(read.crs.as_ref().and_then(Crs::epsg), Some(4326));
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].feature, "record 3");
    }

    #[test]
    fn an_old_crs_member_counts() {
        let text = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::28992"}},
            "features":[]}"#;
        let (read, _) = layer(&serde_json::from_str(text).expect("JSON"), "bid").expect("GeoJSON");
        assert_eq!(read.crs.as_ref().and_then(Crs::epsg), Some(28992));
    }
}
