//! GeoPackages out: valid for PDOK's validator, styled for QGIS, the same bytes every time.

use std::path::Path;

use geo::{BoundingRect, Geometry, Orient};
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params};

use crate::geodata::{ColumnKind, Crs, Error, OutLayer, Value, wkb};

/// No clock in outputs.
const THEN: &str = "1970-01-01T00:00:00.000Z";

const CORE: &str = "
PRAGMA application_id = 1196444487;
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY,
  organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
  definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT,
  styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME);
";

/// Writes layers, all in one coordinate system, to a new GeoPackage. Layers without features are written too.
///
/// Time: O(n log n) for the spatial index.
///
/// # Errors
/// If the file cannot be written, or the system has no EPSG code.
pub fn write_geopackage(path: &Path, layers: &[OutLayer], crs: &Crs) -> Result<(), Error> {
    let failed = |error: rusqlite::Error| Error::GeoPackage {
        path: path.display().to_string(),
        what: error.to_string(),
        advice: "check the folder and the free space".to_owned(),
    };
    let Some(code) = crs.epsg() else {
        return Err(Error::Crs { crs: crs.name().to_owned(), what: "it has no EPSG code".to_owned() });
    };
    let mut database = Connection::open(path).map_err(failed)?;
    database.execute_batch("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;").map_err(failed)?;
    let transaction = database.transaction().map_err(failed)?;
    transaction.execute_batch(CORE).map_err(failed)?;
    reference_systems(&transaction, crs, code).map_err(failed)?;
    for layer in layers {
        write_layer(&transaction, layer, i32::from(code)).map_err(failed)?;
    }
    transaction
        .execute(
            "INSERT INTO gpkg_contents VALUES ('layer_styles','attributes','layer_styles','',?1,NULL,NULL,NULL,NULL,NULL)",
            [THEN],
        )
        .map_err(failed)?;
    transaction.commit().map_err(failed)
}

fn reference_systems(database: &Connection, crs: &Crs, code: u16) -> Result<(), rusqlite::Error> {
    let mut insert = database.prepare("INSERT INTO gpkg_spatial_ref_sys VALUES (?1,?2,?3,?4,?5,?6)")?;
    let geographic = Crs::from_epsg(4326);
    let wgs84 = geographic.as_ref().map_or("undefined", Crs::wkt);
    let no_description: Option<&str> = None;
    insert.execute(params!["Undefined Cartesian SRS", -1, "NONE", -1, "undefined", no_description])?;
    insert.execute(params!["Undefined geographic SRS", 0, "NONE", 0, "undefined", no_description])?;
    insert.execute(params!["WGS 84 geodetic", 4326, "EPSG", 4326, wgs84, no_description])?;
    if code != 4326 {
        insert.execute(params![crs.name(), code, "EPSG", code, crs.wkt(), no_description])?;
    }
    Ok(())
}

fn write_layer(database: &Connection, out: &OutLayer, srs: i32) -> Result<(), rusqlite::Error> {
    let name = &out.layer.name;
    create_table(database, out)?;
    let extent = insert_features(database, out, srs)?;
    let [min_x, min_y, max_x, max_y] = extent.map_or([None; 4], |extent| extent.map(Some));
    database.execute(
        "INSERT INTO gpkg_contents VALUES (?1,'features',?1,?2,?3,?4,?5,?6,?7,?8)",
        params![name, out.description, THEN, min_x, min_y, max_x, max_y, srs],
    )?;
    database.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?1,'geom',?2,?3,0,0)",
        params![name, out.geometry_type, srs],
    )?;
    database.execute(
        "INSERT INTO gpkg_extensions VALUES (?1,'geom','gpkg_rtree_index',\
         'http://www.geopackage.org/spec120/#extension_rtree','write-only')",
        [name],
    )?;
    database.execute_batch(&triggers(name))?;
    database.execute(
        "INSERT INTO layer_styles (f_table_catalog,f_table_schema,f_table_name,f_geometry_column,styleName,styleQML,\
         styleSLD,useAsDefault,description,owner,ui,update_time) VALUES ('','',?1,'geom',?1,?2,'',1,?3,'','',?4)",
        params![name, out.qml(), out.description, THEN],
    )?;
    Ok(())
}

fn create_table(database: &Connection, out: &OutLayer) -> Result<(), rusqlite::Error> {
    let name = &out.layer.name;
    let columns: String = out
        .layer
        .columns
        .iter()
        .map(|column| {
            let kind = match column.kind {
                ColumnKind::Text => "TEXT",
                ColumnKind::Integer => "INTEGER",
                ColumnKind::Real => "DOUBLE",
                ColumnKind::Logical => "BOOLEAN",
            };
            format!(", \"{}\" {kind}", column.name)
        })
        .collect();
    database.execute_batch(&format!(
        "CREATE TABLE \"{name}\" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom {}{columns});\
         CREATE VIRTUAL TABLE \"rtree_{name}_geom\" USING rtree(id, minx, maxx, miny, maxy);",
        out.geometry_type
    ))
}

fn insert_features(database: &Connection, out: &OutLayer, srs: i32) -> Result<Option<[f64; 4]>, rusqlite::Error> {
    let name = &out.layer.name;
    let places: String = (0..out.layer.columns.len()).map(|at| format!(",?{}", at + 3)).collect();
    let mut insert = database.prepare(&format!("INSERT INTO \"{name}\" VALUES (?1,?2{places})"))?;
    let mut index = database.prepare(&format!("INSERT INTO \"rtree_{name}_geom\" VALUES (?1,?2,?3,?4,?5)"))?;
    let as_multi = out.geometry_type.starts_with("MULTI");
    let mut extent: Option<[f64; 4]> = None;
    for (place, feature) in out.layer.features.iter().enumerate() {
        let fid = place as i64 + 1;
        let geometry = feature.geometry.as_ref().map(counter_clockwise);
        let blob = geometry.as_ref().map_or(Sql::Null, |geometry| Sql::Blob(wkb::encode(geometry, srs, as_multi)));
        let row = [Sql::Integer(fid), blob].into_iter().chain(feature.values.iter().map(sql));
        insert.execute(rusqlite::params_from_iter(row))?;
        if let Some(around) = geometry.as_ref().and_then(BoundingRect::bounding_rect) {
            let (min, max) = (around.min(), around.max());
            index.execute(params![fid, min.x, max.x, min.y, max.y])?;
            let [x, y, far_x, far_y] = extent.unwrap_or([min.x, min.y, max.x, max.y]);
            extent = Some([x.min(min.x), y.min(min.y), far_x.max(max.x), far_y.max(max.y)]);
        }
    }
    Ok(extent)
}

/// Outer rings counter-clockwise, as PDOK wants them.
fn counter_clockwise(geometry: &Geometry<f64>) -> Geometry<f64> {
    use geo::orient::Direction;
    match geometry {
        Geometry::Polygon(polygon) => polygon.orient(Direction::Default).into(),
        Geometry::MultiPolygon(polygons) => polygons.orient(Direction::Default).into(),
        other => other.clone(),
    }
}

fn sql(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Text(text) => Sql::Text(text.clone()),
        Value::Integer(number) => Sql::Integer(*number),
        Value::Real(number) => Sql::Real(*number),
        Value::Logical(yes) => Sql::Integer(i64::from(*yes)),
    }
}

/// The triggers that keep the spatial index right when somebody edits the table (OGC 12-128r18, annex F.3).
fn triggers(name: &str) -> String {
    let index = format!("\"rtree_{name}_geom\"");
    let table = format!("\"{name}\"");
    let insert = format!(
        "INSERT OR REPLACE INTO {index} VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), \
         ST_MinY(NEW.geom), ST_MaxY(NEW.geom));"
    );
    let filled = "(NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom))";
    let empty = "(NEW.geom IS NULL OR ST_IsEmpty(NEW.geom))";
    let head = |kind: &str, when: &str| format!("CREATE TRIGGER \"rtree_{name}_geom_{kind}\" AFTER {when} ON {table}");
    [
        format!("{} WHEN {filled} BEGIN {insert} END;", head("insert", "INSERT")),
        format!("{} WHEN OLD.fid = NEW.fid AND {filled} BEGIN {insert} END;", head("update1", "UPDATE OF geom")),
        format!(
            "{} WHEN OLD.fid = NEW.fid AND {empty} BEGIN DELETE FROM {index} WHERE id = OLD.fid; END;",
            head("update2", "UPDATE OF geom")
        ),
        format!(
            "{} WHEN OLD.fid != NEW.fid AND {filled} BEGIN DELETE FROM {index} WHERE id = OLD.fid; {insert} END;",
            head("update3", "UPDATE")
        ),
        format!(
            "{} WHEN OLD.fid != NEW.fid AND {empty} BEGIN DELETE FROM {index} WHERE id IN (OLD.fid, NEW.fid); END;",
            head("update4", "UPDATE")
        ),
        format!(
            "{} WHEN OLD.geom NOT NULL BEGIN DELETE FROM {index} WHERE id = OLD.fid; END;",
            head("delete", "DELETE")
        ),
    ]
    .concat()
}
