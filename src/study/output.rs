//! Output folders that appear as a whole or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use crate::findings::Finding;
use crate::geodata::{self, Crs, OutLayer};
use crate::study::Error;

/// A folder in the making: a hidden neighbour of the wished one, renamed when everything is written.
///
/// Dropped before [`Folder::finish`], it disappears.
#[derive(Debug)]
pub struct Folder {
    wished: PathBuf,
    making: PathBuf,
    finished: bool,
}

impl Folder {
    /// Begins a folder; `force` allows one that is there to be replaced at the end.
    ///
    /// # Errors
    /// If it is there already (without `force`), or its parent cannot be written to.
    pub fn begin(wished: &Path, force: bool) -> Result<Self, Error> {
        let failed = |what: String| Error::Output { path: wished.display().to_string(), what };
        if wished.exists() && !force {
            return Err(failed("it is there already; choose another or say --force to replace it".to_owned()));
        }
        if wished.is_file() {
            return Err(failed("it is a file; choose a folder".to_owned()));
        }
        let name = wished.file_name().ok_or_else(|| failed("it has no name; choose a folder".to_owned()))?;
        let parent = wished.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let making = parent.join(format!(".{}.partial-{}", name.to_string_lossy(), std::process::id()));
        let cannot = |error: std::io::Error| failed(format!("it cannot be made ({error}); check the folder above it"));
        fs::create_dir_all(&making).map_err(cannot)?;
        Ok(Self { wished: wished.to_owned(), making, finished: false })
    }

    /// A folder inside this one, that appears with it.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn part(&self, name: &str) -> Result<Self, Error> {
        let path = self.making.join(name);
        fs::create_dir_all(&path)
            .map_err(|source| geodata::Error::Write { path: path.display().to_string(), source })?;
        Ok(Self { wished: path.clone(), making: path, finished: true })
    }

    /// Path of a file while the folder is in the making.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.making.join(name)
    }

    /// Writes a text file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&mut self, name: &str, text: &str) -> Result<(), Error> {
        let path = self.file(name);
        fs::write(&path, text)
            .map_err(|source| geodata::Error::Write { path: path.display().to_string(), source })
            .map_err(Into::into)
    }

    /// Puts the folder in its place.
    ///
    /// # Errors
    /// If it cannot be renamed; an older folder is back in its place then.
    pub fn finish(mut self) -> Result<(), Error> {
        let failed = |wished: &Path, error: std::io::Error| Error::Output {
            path: wished.display().to_string(),
            what: format!("it cannot be put in place ({error}); check the folder above it"),
        };
        let old = self.making.with_extension("old");
        let replaces = self.wished.exists();
        if replaces {
            fs::rename(&self.wished, &old).map_err(|error| failed(&self.wished, error))?;
        }
        if let Err(error) = fs::rename(&self.making, &self.wished) {
            if replaces {
                let _ = fs::rename(&old, &self.wished);
            }
            return Err(failed(&self.wished, error));
        }
        self.finished = true;
        if replaces {
            fs::remove_dir_all(&old).map_err(|error| failed(&old, error))?;
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.finished {
            let _ = fs::remove_dir_all(&self.making);
        }
    }
}

/// Writes layers as shapefiles into a folder.
///
/// # Errors
/// If a file cannot be written.
pub fn save_layers(folder: &Path, layers: &[OutLayer], crs: &Crs) -> Result<Vec<Finding>, Error> {
    fs::create_dir_all(folder)
        .map_err(|source| geodata::Error::Write { path: folder.display().to_string(), source })?;
    let mut findings = Vec::new();
    for layer in layers {
        findings.extend(geodata::write_shapefile(folder, layer, crs)?);
    }
    Ok(findings)
}
