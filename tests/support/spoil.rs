//! Results that are spoilt, so that the judge has something to find.

use std::path::Path;

/// Runs SQL on a plan's GeoPackage, without its triggers, which need functions of a GIS.
pub(crate) fn spoil(out: &Path, sql: &str) {
    let database = rusqlite::Connection::open(out.join("plan.gpkg")).expect("a GeoPackage");
    let mut names = database.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").expect("a query");
    let triggers: Vec<String> =
        names.query_map([], |row| row.get(0)).expect("rows").map(|row| row.expect("a name")).collect();
    for trigger in triggers {
        database.execute(&format!("DROP TRIGGER \"{trigger}\""), []).expect("a trigger");
    }
    assert!(database.execute(sql, []).expect("a statement") > 0, "{sql} changes something");
}
