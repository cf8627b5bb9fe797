//! Opens the layers that a scenario names, in the scenario's coordinate system, and hashes their files.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::findings::Finding;
use crate::geodata::{self, Crs, Layer};
use crate::region::RegionLayers;
use crate::scenario::Scenario;
use crate::study::Error;

/// Layers being read.
pub(super) struct Reading<'a> {
    folder: &'a Path,
    crs: &'a Crs,
    findings: Vec<Finding>,
    files: Vec<PathBuf>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(folder: &'a Path, crs: &'a Crs) -> Self {
        Self { folder, crs, findings: Vec::new(), files: Vec::new() }
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
        let (folder, crs) = (self.folder, self.crs);
        let opened: Vec<_> = wanted
            .par_iter()
            .map(|wish| wish.as_ref().map(|(file, name)| open(folder, file, name, crs)).transpose())
            .collect();
        let mut layers = Vec::new();
        for (wish, opened) in wanted.iter().zip(opened) {
            let opened = opened?;
            if let Some((file, _)) = wish {
                self.files.extend(companions(&folder.join(file)));
            }
            layers.push(opened.map(|(layer, findings)| {
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
        let hashes = self.files.par_iter().map(|path| (shown(path), hash(path))).collect();
        (self.findings, hashes)
    }
}

fn open(folder: &Path, file: &str, name: &str, crs: &Crs) -> Result<(Layer, Vec<Finding>), Error> {
    let source = folder.join(file).display().to_string();
    let (mut layer, mut findings) = geodata::open(&source, name)?;
    findings.extend(geodata::transform(&mut layer, crs)?);
    Ok((layer, findings))
}

/// The files that a source is read from.
fn companions(source: &Path) -> Vec<PathBuf> {
    let shown = source.display().to_string();
    if let Some((file, _)) = geodata::split_geopackage(&shown) {
        return vec![PathBuf::from(file)];
    }
    let all = ["shp", "dbf", "prj", "cpg", "SHP", "DBF", "PRJ", "CPG"].map(|ending| source.with_extension(ending));
    all.into_iter().filter(|path| path.exists()).collect()
}

fn hash(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    Sha256::digest(&bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
