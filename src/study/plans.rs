//! Reads finished plans back from their folders and tells what differs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use geo::{Coord, Geometry, LineString};

use crate::geodata::{self, Feature, Layer, Value};
use crate::study::bids::{hash, table};
use crate::study::{Error, Folder};
use crate::tender::{self, Finished, FinishedAddress};

/// Compares finished plans and writes what differs into a folder; the first plan is the one that others are held
/// against.
///
/// # Errors
/// If a folder is no result of `vezel plan`, or a file cannot be written.
pub fn compare_plans(folders: &[PathBuf], output: &mut Folder) -> Result<(), Error> {
    let mut plans: Vec<Finished> = Vec::new();
    for (place, folder) in folders.iter().enumerate() {
        let mut plan = finished(folder)?;
        if plans.iter().any(|other| other.name == plan.name) {
            plan.name = format!("{} ({})", plan.name, place + 1);
        }
        plans.push(plan);
    }
    for (name, text) in tender::differences(&plans) {
        output.write(name, &text)?;
    }
    Ok(())
}

fn finished(folder: &Path) -> Result<Finished, Error> {
    let path = folder.join("plan.json");
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(&path).map_err(|source| geodata::Error::Read { path: shown.clone(), source })?;
    let summary = serde_json::from_str(&text).map_err(|error| Error::Table { path: shown, what: error.to_string() })?;
    let package = folder.join("plan.gpkg");
    let known = geodata::geopackage_tables(&package)?;
    let open = |name: &str| -> Result<Option<Layer>, Error> {
        if known.iter().all(|(table, _)| table != name) {
            return Ok(None);
        }
        let (layer, _) = geodata::open(&format!("{}:{name}", package.display()), name)?;
        Ok(Some(layer))
    };
    let mut lines: Vec<LineString<f64>> = Vec::new();
    for name in ["trenches", "drops"] {
        for feature in open(name)?.iter().flat_map(|layer| &layer.features) {
            match &feature.geometry {
                Some(Geometry::LineString(line)) => lines.push(line.clone()),
                Some(Geometry::MultiLineString(all)) => lines.extend(all.iter().cloned()),
                _ => {}
            }
        }
    }
    let pops = open("pops")?.map_or_else(Vec::new, |layer| {
        let id = layer.column("id");
        layer.features.iter().filter_map(|feature| Some((text_of(feature, id), point(feature)?))).collect()
    });
    let addresses = open("addresses")?.map_or_else(BTreeMap::new, |layer| addresses(&layer));
    let ranking_path = folder.join("ranking.csv");
    let ranking = table(&ranking_path, "ranking")?;
    let unit = ranking.column("unit").or_else(|| ranking.column("name"));
    let name = folder.canonicalize().ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    let files = [path, package, ranking_path];
    let file_name =
        |path: &PathBuf| path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Ok(Finished {
        name: name.unwrap_or_else(|| folder.display().to_string()),
        summary,
        lines,
        pops,
        addresses,
        ranking: ranking.features.iter().map(|feature| text_of(feature, unit)).collect(),
        files: files.iter().map(|path| (file_name(path), hash(path))).collect(),
    })
}

fn text_of(feature: &Feature, column: Option<usize>) -> String {
    column.and_then(|at| feature.values.get(at)).and_then(Value::as_text).unwrap_or_default()
}

fn point(feature: &Feature) -> Option<Coord<f64>> {
    match &feature.geometry {
        Some(Geometry::Point(point)) => Some(point.0),
        _ => None,
    }
}

fn addresses(layer: &Layer) -> BTreeMap<String, FinishedAddress> {
    let columns = ["id", "status", "pop", "rank", "share_cents"].map(|name| layer.column(name));
    let one = |feature: &Feature| {
        let [id, status, pop, rank, share] = columns.map(|column| text_of(feature, column));
        let share_cents = share.parse().ok();
        (id, FinishedAddress { point: point(feature), status, pop, rank, share_cents })
    };
    layer.features.iter().map(one).collect()
}
