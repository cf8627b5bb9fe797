//! Finds and reads the files of a bid: a folder, a GeoPackage, or a GeoJSON file, with its price sheet.

use std::fs;
use std::path::{Path, PathBuf};

use crate::findings::{Finding, Severity};
use crate::geodata::{self, Crs, Layer};
use crate::study::Error;
use crate::study::inputs;
use crate::tender::{self, Bid, BidEntry, sheet};

/// Map layers that a folder may hold, by the stem of their file; `addresses` may be a table as well.
const STEMS: [&str; 6] = ["bid", "routes", "addresses", "pops", "trenches", "drops"];

/// Layers of a result of this program that say what is built and who is served; it has others about what lies in the
/// trenches.
const OF_A_PLAN: [&str; 4] = ["trenches", "drops", "addresses", "pops"];

/// Reads a bid; everything doubtful in it is a finding.
///
/// # Errors
/// If its folder or file is not there, or a file in it cannot be read at all.
pub(super) fn read(folder: &Path, entry: &BidEntry, id: Option<&str>, crs: &Crs) -> Result<Bid, Error> {
    let path = folder.join(&entry.path);
    let mut bid = Bid { name: entry.name.clone(), ..Bid::default() };
    let mut files: Vec<PathBuf> = Vec::new();
    let sheet = if path.is_dir() {
        from_folder(&path, &mut bid, id, crs, &mut files)?;
        ["bid.toml", "price.toml", "prices.toml", "bid.csv", "price.csv", "prices.csv"]
            .map(|name| path.join(name))
            .to_vec()
    } else if path.exists() {
        let shown = path.display().to_string();
        if geodata::split_geopackage(&shown).is_some() {
            from_geopackage(&path, &mut bid, id, crs)?;
        } else {
            take(&path, "bid", &mut bid, id, crs)?;
        }
        files.push(path.clone());
        ["toml", "csv"].map(|ending| path.with_extension(ending)).to_vec()
    } else {
        let source = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(geodata::Error::Read { path: path.display().to_string(), source }.into());
    };
    let given = entry.price_sheet.as_ref().map(|name| folder.join(name));
    let sheet = given.or_else(|| sheet.into_iter().find(|path| path.exists()));
    if let Some(sheet) = sheet {
        read_sheet(&sheet, &mut bid)?;
        files.push(sheet);
    } else {
        let advice = "the bid has no score; ask for bid.toml or bid.csv";
        let what = "there is no price sheet";
        bid.findings.push(Finding::new(Severity::Error, "sheet-missing", "price sheet", what, advice));
    }
    let shown = |path: &PathBuf| path.strip_prefix(folder).unwrap_or(path).display().to_string();
    bid.files =
        files.iter().flat_map(|path| inputs::companions(path)).map(|path| (shown(&path), hash(&path))).collect();
    Ok(bid)
}

fn read_sheet(path: &Path, bid: &mut Bid) -> Result<(), Error> {
    let bytes = fs::read(path).map_err(|source| geodata::Error::Read { path: path.display().to_string(), source })?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => encoding_rs::WINDOWS_1252.decode(error.as_bytes()).0.into_owned(),
    };
    let is_csv = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    let (sheet, findings) = if is_csv { sheet::from_csv(&text) } else { sheet::from_toml(&text) };
    bid.sheet = sheet;
    bid.findings.extend(findings);
    Ok(())
}

fn from_folder(path: &Path, bid: &mut Bid, id: Option<&str>, crs: &Crs, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    // A result folder of this program is a bid as it stands.
    let package = ["plan.gpkg", "bid.gpkg"].map(|name| path.join(name)).into_iter().find(|path| path.exists());
    if let Some(package) = package {
        from_geopackage(&package, bid, id, crs)?;
        files.push(package);
        return Ok(());
    }
    for stem in STEMS {
        for ending in ["geojson", "json", "shp", "gpkg"] {
            let file = path.join(format!("{stem}.{ending}"));
            if file.exists() {
                if ending == "gpkg" {
                    from_geopackage(&file, bid, id, crs)?;
                } else {
                    take(&file, stem, bid, id, crs)?;
                }
                files.push(file);
                break;
            }
        }
        let listed = path.join(format!("{stem}.csv"));
        if stem == "addresses" && listed.exists() {
            let addresses = table(&listed, "addresses")?;
            bid.take_table(&addresses, id);
            files.push(listed);
        }
    }
    Ok(())
}

fn from_geopackage(path: &Path, bid: &mut Bid, id: Option<&str>, crs: &Crs) -> Result<(), Error> {
    let layers: Vec<String> = geodata::geopackage_tables(path)?.into_iter().map(|(layer, _)| layer).collect();
    let is_a_plan = ["trenches", "addresses"].iter().all(|name| layers.iter().any(|layer| layer == name));
    for layer in layers.iter().filter(|layer| !is_a_plan || OF_A_PLAN.contains(&layer.as_str())) {
        let source = PathBuf::from(format!("{}:{layer}", path.display()));
        take(&source, layer, bid, id, crs)?;
    }
    Ok(())
}

fn take(path: &Path, name: &str, bid: &mut Bid, id: Option<&str>, crs: &Crs) -> Result<(), Error> {
    let (layer, findings) = layer(path, name, crs)?;
    // That a layer came in another system and was transformed is as it should be in a bid.
    bid.findings.extend(findings.into_iter().filter(|finding| finding.rule != "crs-transformed"));
    bid.take(&layer, id);
    Ok(())
}

/// A layer in the planning system.
pub(super) fn layer(path: &Path, name: &str, crs: &Crs) -> Result<(Layer, Vec<Finding>), Error> {
    let (mut layer, mut findings) = geodata::open(&path.display().to_string(), name)?;
    findings.extend(geodata::transform(&mut layer, crs)?);
    Ok((layer, findings))
}

/// A table from a CSV file.
pub(super) fn table(path: &Path, name: &str) -> Result<Layer, Error> {
    let shown = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|source| geodata::Error::Read { path: shown.clone(), source })?;
    tender::table(name, &text).map_err(|what| Error::Table { path: shown, what })
}

/// SHA-256 of a file, of nothing where it cannot be read.
pub(super) fn hash(path: &Path) -> String {
    inputs::hash(path)
}
