//! Opens the layers that a scenario names, in the scenario's coordinate system, and hashes their files.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::findings::Finding;
use crate::geodata::{self, Crs, Layer};
use crate::region::RegionLayers;
use crate::scenario::Scenario;
use crate::study::Error;

/// A layer as it was read, with the doubts about it.
type Read = Arc<(Layer, Vec<Finding>)>;

/// Layers that were read before, by source, name and coordinate system, for the next scenario that wants them.
#[derive(Default)]
pub(super) struct Shelf {
    layers: BTreeMap<(PathBuf, String, String), Read>,
    hashes: BTreeMap<PathBuf, String>,
    /// Whether anything is kept: a single study gives its layers away.
    keeps: bool,
}

impl Shelf {
    /// A shelf that keeps what is read.
    pub(super) fn keeping() -> Self {
        Self { keeps: true, ..Self::default() }
    }
}

/// Layers being read.
pub(super) struct Reading<'a> {
    folder: &'a Path,
    crs: &'a Crs,
    shelf: &'a mut Shelf,
    findings: Vec<Finding>,
    files: Vec<PathBuf>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(folder: &'a Path, crs: &'a Crs, shelf: &'a mut Shelf) -> Self {
        Self { folder, crs, shelf, findings: Vec::new(), files: Vec::new() }
    }

    /// All layers of the scenario.
    pub(super) fn layers(&mut self, scenario: &Scenario) -> Result<RegionLayers, Error> {
        let wishes = &scenario.layers;
        let named = |file: Option<&String>, name: &str| file.map(|file| (file.clone(), name.to_owned()));
        let parks = wishes.business_parks.as_ref().map(|layer| &layer.file);
        let mut wanted = vec![
            named(Some(&wishes.addresses.file), "addresses"),
            named(parks, "business_parks"),
            named(wishes.roads.as_ref().map(|layer| &layer.file), "roads"),
            named(wishes.pops.as_ref().map(|layer| &layer.file), "pops"),
            named(wishes.ducts.as_ref().map(|layer| &layer.file), "ducts"),
            named(wishes.neighbourhoods.as_ref().map(|layer| &layer.file), "neighbourhoods"),
            named(wishes.built_up.as_ref().map(|layer| &layer.file), "built_up"),
            named(wishes.farmyards.as_ref().map(|layer| &layer.file), "farmyards"),
            named(wishes.parcels.as_ref().map(|layer| &layer.file), "parcels"),
            named(wishes.unit_areas.as_ref().map(|layer| &layer.file), "unit_areas"),
        ];
        let barriers = wishes.barriers.iter().map(|layer| (layer.file.clone(), format!("barriers.{}", layer.kind)));
        wanted.extend(barriers.map(Some));
        let (folder, crs, kept) = (self.folder, self.crs, &self.shelf.layers);
        let key = |file: &str, name: &str| (folder.join(file), name.to_owned(), scenario.crs.clone());
        let opened: Vec<Option<Result<Read, Error>>> = wanted
            .par_iter()
            .map(|wish| {
                let (file, name) = wish.as_ref()?;
                let kept = kept.get(&key(file, name)).map(Arc::clone);
                Some(kept.map_or_else(|| open(folder, file, name, crs).map(Arc::new), Ok))
            })
            .collect();
        let mut layers = Vec::new();
        for (wish, opened) in wanted.iter().zip(opened) {
            let opened = opened.transpose()?;
            if let (Some((file, name)), Some(read)) = (wish, &opened) {
                self.files.extend(companions(&folder.join(file)));
                if self.shelf.keeps {
                    self.shelf.layers.insert(key(file, name), Arc::clone(read));
                }
            }
            layers.push(opened.map(|read| {
                let (layer, findings) = Arc::unwrap_or_clone(read);
                self.findings.extend(findings);
                layer
            }));
        }
        let barriers = layers.split_off(10).into_iter().flatten().collect();
        let mut layers = layers.into_iter();
        let mut next = || layers.next().flatten();
        Ok(RegionLayers {
            addresses: next(),
            business_parks: next(),
            roads: next(),
            pops: next(),
            ducts: next(),
            neighbourhoods: next(),
            built_up: next(),
            farmyards: next(),
            parcels: next(),
            unit_areas: next(),
            barriers,
        })
    }

    /// Findings so far, and the files read with their hashes, by name.
    pub(super) fn finish(mut self) -> (Vec<Finding>, Vec<(String, String)>) {
        self.files.sort();
        self.files.dedup();
        let shown = |path: &PathBuf| path.strip_prefix(self.folder).unwrap_or(path).display().to_string();
        let kept = &self.shelf.hashes;
        let hash = |path: &PathBuf| kept.get(path).cloned().unwrap_or_else(|| hash(path));
        let hashes: Vec<String> = self.files.par_iter().map(hash).collect();
        if self.shelf.keeps {
            self.shelf.hashes.extend(self.files.iter().cloned().zip(hashes.iter().cloned()));
        }
        (self.findings, self.files.iter().map(shown).zip(hashes).collect())
    }
}

fn open(folder: &Path, file: &str, name: &str, crs: &Crs) -> Result<(Layer, Vec<Finding>), Error> {
    let source = folder.join(file).display().to_string();
    let (mut layer, mut findings) = geodata::open(&source, name)?;
    findings.extend(geodata::transform(&mut layer, crs)?);
    Ok((layer, findings))
}

/// The files that a source is read from.
pub(super) fn companions(source: &Path) -> Vec<PathBuf> {
    let shown = source.display().to_string();
    if let Some((file, _)) = geodata::split_geopackage(&shown) {
        return vec![PathBuf::from(file)];
    }
    if !shown.to_ascii_lowercase().ends_with(".shp") {
        return vec![source.to_owned()];
    }
    let all = ["shp", "dbf", "prj", "cpg", "SHP", "DBF", "PRJ", "CPG"].map(|ending| source.with_extension(ending));
    all.into_iter().filter(|path| path.exists()).collect()
}

pub(super) fn hash(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    Sha256::digest(&bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
