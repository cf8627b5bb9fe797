//! GeoPackages in: one feature table → [`Layer`].

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use crate::findings::{Finding, Severity};
use crate::geodata::{Column, ColumnKind, Crs, Error, Feature, Layer, Read, Value, wkb};

/// Names of the feature tables of a GeoPackage, with their geometry types, in alphabetical order.
///
/// # Errors
/// If the file is no GeoPackage.
pub fn tables(path: &Path) -> Result<Vec<(String, String)>, Error> {
    let database = connect(path)?;
    let sql = "SELECT c.table_name, g.geometry_type_name FROM gpkg_contents c \
               JOIN gpkg_geometry_columns g ON g.table_name = c.table_name \
               WHERE c.data_type = 'features' ORDER BY c.table_name";
    let mut query = database.prepare(sql).map_err(|error| broken(path, &error))?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(|error| broken(path, &error))?;
    rows.collect::<Result<_, _>>().map_err(|error| broken(path, &error))
}

/// Reads a feature table as a layer of this name.
///
/// # Errors
/// If the file is no GeoPackage, or the table is not there or not named where there are several.
pub(super) fn read(path: &Path, table: Option<&str>, name: &str) -> Result<Read, Error> {
    let known: Vec<String> = tables(path)?.into_iter().map(|(table, _)| table).collect();
    let usage = |what: String| Error::GeoPackage {
        path: path.display().to_string(),
        what,
        advice: format!("name one of its layers as file.gpkg:layer: {}", known.join(", ")),
    };
    let table = match (table, known.as_slice()) {
        (Some(table), _) if known.iter().any(|other| other == table) => table,
        (Some(table), _) => return Err(usage(format!("there is no layer `{table}` in it"))),
        (None, [only]) => only,
        (None, _) => return Err(usage(format!("it has {} layers", known.len()))),
    };
    let database = connect(path)?;
    read_table(&database, table, name).map_err(|error| broken(path, &error))
}

/// Opens read-only; nothing is ever written beside the file.
fn connect(path: &Path) -> Result<Connection, Error> {
    if !path.exists() {
        let source = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(Error::Read { path: path.display().to_string(), source });
    }
    let opened = if has_idle_log(path) {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        Connection::open_with_flags(immutable(path), flags)
    } else {
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
    };
    opened.map_err(|error| broken(path, &error))
}

/// Whether the file is set to a write-ahead log (byte 18 of the header) that is not there, so that nobody writes:
/// SQLite would make the log, and leave it, for readers too.
fn has_idle_log(path: &Path) -> bool {
    let mut header = [0; 20];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    read.is_ok() && header[18] == 2 && !std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

/// The name under which SQLite opens a file as one that does not change.
fn immutable(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string();
    let plain = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let root = if cfg!(windows) { "/" } else { "" };
    format!("file://{root}{}?immutable=1", if cfg!(windows) { plain.replace('\\', "/") } else { plain })
}

fn broken(path: &Path, error: &rusqlite::Error) -> Error {
    Error::GeoPackage {
        path: path.display().to_string(),
        what: error.to_string(),
        advice: "export it again".to_owned(),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn read_table(database: &Connection, table: &str, name: &str) -> Result<Read, rusqlite::Error> {
    let mut findings = Vec::new();
    let (geometry_column, srs): (String, i64) = database.query_row(
        "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?1",
        [table],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let crs = read_crs(database, srs)?;
    if crs.is_none() {
        let what = format!("the coordinate system {srs} of the table is not understood");
        let advice = "the coordinate system is not known; set it in the GeoPackage";
        findings.push(Finding::new(Severity::Warning, "crs-not-understood", name, what, advice));
    }
    let mut key = None;
    let mut columns = Vec::new();
    let mut info = database.prepare(&format!("PRAGMA table_info({})", quoted(table)))?;
    let mut rows = info.query([])?;
    while let Some(row) = rows.next()? {
        let (column, kind, primary): (String, String, i64) = (row.get(1)?, row.get(2)?, row.get(5)?);
        if primary == 1 && key.is_none() {
            key = Some(column);
        } else if column != geometry_column {
            columns.push(Column { name: column, kind: column_kind(&kind) });
        }
    }
    let key = match key {
        Some(key) => quoted(&key),
        // A view has no key, so its rows are counted as they come.
        None if is_view(database, table)? => "row_number() OVER ()".to_owned(),
        None => "rowid".to_owned(),
    };
    let wanted: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
    let list = [vec![key.clone(), quoted(&geometry_column)], wanted].concat().join(", ");
    let mut query = database.prepare(&format!("SELECT {list} FROM {} ORDER BY {key}", quoted(table)))?;
    let mut rows = query.query([])?;
    let mut features = Vec::new();
    while let Some(row) = rows.next()? {
        let record: i64 = row.get(0)?;
        let geometry = geometry(row.get_ref(1)?, record, name, &mut findings);
        let read = |(at, column): (usize, &Column)| row.get_ref(at + 2).map(|found| value(column.kind, found));
        let values = columns.iter().enumerate().map(read).collect::<Result<_, _>>()?;
        features.push(Feature { record, geometry, values });
    }
    Ok((Layer { name: name.to_owned(), crs, columns, features }, findings))
}

fn is_view(database: &Connection, table: &str) -> Result<bool, rusqlite::Error> {
    let sql = "SELECT count(*) FROM sqlite_master WHERE type = 'view' AND name = ?1 COLLATE NOCASE";
    database.query_row(sql, [table], |row| row.get(0))
}

fn read_crs(database: &Connection, srs: i64) -> Result<Option<Crs>, rusqlite::Error> {
    let sql = "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?1";
    let mut query = database.prepare(sql)?;
    let mut rows = query.query([srs])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (organisation, code, definition): (String, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let by_code = organisation.eq_ignore_ascii_case("EPSG").then(|| u16::try_from(code).ok()).flatten();
    Ok(by_code.and_then(Crs::from_epsg).or_else(|| Crs::from_wkt(&definition)))
}

fn column_kind(declared: &str) -> ColumnKind {
    let declared = declared.to_ascii_uppercase();
    match declared.split('(').next().unwrap_or_default().trim() {
        "BOOLEAN" => ColumnKind::Logical,
        "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "INTEGER" | "BIGINT" => ColumnKind::Integer,
        "FLOAT" | "DOUBLE" | "REAL" | "NUMERIC" => ColumnKind::Real,
        _ => ColumnKind::Text,
    }
}

fn geometry(blob: ValueRef<'_>, record: i64, name: &str, findings: &mut Vec<Finding>) -> Option<geo::Geometry<f64>> {
    use geo::CoordsIter;
    let mut tell = |severity, rule, what: String, advice: &str| {
        findings.push(Finding::new(severity, rule, name, what, advice).at(format!("record {record}")));
    };
    let decoded = match blob {
        ValueRef::Null => Ok(None),
        ValueRef::Blob(bytes) => wkb::decode(bytes),
        _ => Err("it is not binary".to_owned()),
    };
    match decoded {
        Ok(Some(geometry)) if geometry.coords_iter().all(|coord| coord.x.is_finite() && coord.y.is_finite()) => {
            Some(geometry)
        }
        Ok(Some(_)) => {
            let what = "one of its coordinates is no number".to_owned();
            tell(Severity::Error, "shape-not-finite", what, "it counts as without geometry; repair the record");
            None
        }
        Ok(None) => {
            let what = "it has no geometry".to_owned();
            tell(Severity::Warning, "shape-without-geometry", what, "it counts as without geometry");
            None
        }
        Err(what) => {
            let what = format!("its geometry cannot be read: {what}");
            tell(Severity::Error, "shape-unreadable", what, "it is left out; repair the record");
            None
        }
    }
}

/// A value by what it is; yes and no are stored as 1 and 0.
fn value(kind: ColumnKind, found: ValueRef<'_>) -> Value {
    match found {
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
        ValueRef::Integer(number @ (0 | 1)) if kind == ColumnKind::Logical => Value::Logical(number == 1),
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).trim_end().to_owned()),
    }
}
