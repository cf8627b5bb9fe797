//! `vezel init`: a first scenario.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{End, complain, say};
use crate::study;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Folder with shapefiles or GeoPackages.
    folder: PathBuf,
    /// Where to write the scenario [default: scenario.toml in the folder]; files are named relative to it.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace a scenario that is there already.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<End, study::Error> {
    let path = arguments.output.clone().unwrap_or_else(|| arguments.folder.join("scenario.toml"));
    let failed = |what: String| study::Error::Output { path: path.display().to_string(), what };
    if path.exists() && !arguments.force {
        return Err(failed("it is there already; choose another with -o or say --force".to_owned()));
    }
    let (text, told) = study::init(&arguments.folder, path.parent().unwrap_or(std::path::Path::new("")))?;
    std::fs::write(&path, text).map_err(|error| failed(format!("it cannot be written ({error})")))?;
    told.iter().for_each(|line| complain(line));
    say(&path.display().to_string());
    Ok(End::Fine)
}
