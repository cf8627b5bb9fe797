//! `vezel generate`: a synthetic region as shapefiles.

use std::fs;
use std::path::{Path, PathBuf};

use crate::generate::{self, Wishes};
use crate::geodata::{self, Category, Crs, Layer, OutLayer, Style, Symbol};

/// Make a synthetic but believable rural region, as shapefiles with the columns of BAG, NWB, IBIS and CBS.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Number of address records.
    #[arg(long, default_value_t = 3000, value_parser = clap::value_parser!(u32).range(100..=2_000_000))]
    pub addresses: u32,
    /// Start of the pseudo-random streams; the same seed gives the same files.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Folder to write.
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// Replace files of the same names in a folder that is not empty.
    #[arg(long)]
    pub force: bool,
}

/// Why nothing was generated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder holds something already.
    #[error("{0} is not empty; name another folder, or replace its files with --force")]
    Exists(PathBuf),
    /// A file or folder cannot be written.
    #[error("{path}: cannot be written: {source}")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A layer cannot be written.
    #[error(transparent)]
    Layer(#[from] geodata::Error),
    /// The projection's definition is missing from this build.
    #[error("RD New (EPSG:28992) is not known to this build")]
    NoCrs,
}

/// Generates the region and writes its folder, whole or not at all.
///
/// # Errors
/// If the folder is not empty (without `--force`) or cannot be written.
pub fn run(args: &Args) -> Result<(), Error> {
    let folder = args.output.as_path();
    let is_filled = fs::read_dir(folder).is_ok_and(|mut files| files.next().is_some());
    if is_filled && !args.force {
        return Err(Error::Exists(folder.to_owned()));
    }
    let draft = draft_folder(folder);
    fs::create_dir_all(&draft).map_err(|source| failed(&draft, source))?;
    let written = write(args, &draft).and_then(|()| move_files(&draft, folder));
    let removed = fs::remove_dir_all(&draft).map_err(|source| failed(&draft, source));
    written.and(removed)
}

/// A folder beside the one that is wished for, where files wait until all are there.
fn draft_folder(folder: &Path) -> PathBuf {
    let name = folder.file_name().map_or_else(|| "vezel".into(), |name| name.to_string_lossy().into_owned());
    folder.with_file_name(format!(".{name}.{}.partial", std::process::id()))
}

fn write(args: &Args, folder: &Path) -> Result<(), Error> {
    let crs = Crs::from_epsg(28992).ok_or(Error::NoCrs)?;
    for layer in generate::region(&Wishes { addresses: args.addresses, seed: args.seed }) {
        geodata::write_shapefile(folder, &out(layer), &crs)?;
    }
    let path = folder.join("README.txt");
    fs::write(&path, readme(args)).map_err(|source| failed(&path, source))
}

fn move_files(from: &Path, to: &Path) -> Result<(), Error> {
    fs::create_dir_all(to).map_err(|source| failed(to, source))?;
    let files = fs::read_dir(from).map_err(|source| failed(from, source))?;
    for file in files {
        let file = file.map_err(|source| failed(from, source))?;
        let target = to.join(file.file_name());
        fs::rename(file.path(), &target).map_err(|source| failed(&target, source))?;
    }
    Ok(())
}

fn failed(path: &Path, source: std::io::Error) -> Error {
    Error::Write { path: path.to_owned(), source }
}

/// A layer with its geometry type and colours.
fn out(layer: Layer) -> OutLayer {
    let single = |colour, size| Style::Single(Symbol { colour, size });
    let (geometry_type, description, style) = match layer.name.as_str() {
        "adressen" => ("POINT", "Synthetic addresses, as in the BAG.", single([178, 34, 52], 0.9)),
        "wegvakken" => ("LINESTRING", "Synthetic roads, as in the NWB.", road_style()),
        "bedrijventerreinen" => ("POLYGON", "Synthetic business parks, as in IBIS.", single([196, 173, 211], 0.3)),
        "buurten" => ("POLYGON", "Synthetic neighbourhoods, as in the CBS map.", single([238, 238, 232], 0.2)),
        "kernen" => ("POLYGON", "Synthetic built-up areas.", single([240, 214, 190], 0.2)),
        "water" => ("LINESTRING", "Synthetic rivers, brooks and ditches.", single([86, 150, 208], 0.4)),
        "waterdelen" => ("POLYGON", "Synthetic river bed and ponds.", single([150, 196, 232], 0.2)),
        "spoor" => ("LINESTRING", "A synthetic railway.", single([70, 70, 70], 0.5)),
        "pops" => ("POINT", "Synthetic PoPs, existing and candidate.", single([0, 0, 0], 2.5)),
        _ => ("POLYGON", "Synthetic farmyards.", single([222, 206, 160], 0.1)),
    };
    OutLayer { layer, geometry_type, description, style }
}

fn road_style() -> Style {
    let kinds = [
        ("R", "Motorway", [200, 60, 60], 0.9),
        ("P", "Provincial", [220, 140, 40], 0.7),
        ("G", "Municipal", [130, 130, 130], 0.35),
        ("W", "Water board", [110, 140, 120], 0.35),
        ("T", "Other", [160, 140, 110], 0.3),
    ];
    let category = |(value, label, colour, size): (&str, &str, [u8; 3], f64)| Category {
        value: value.to_owned(),
        label: label.to_owned(),
        symbol: Symbol { colour, size },
    };
    Style::Categories { column: "wegbehsrt", categories: kinds.map(category).to_vec() }
}

fn readme(args: &Args) -> String {
    format!(
        "A synthetic rural region: nothing in it is real, and every name is invented.\n\
         Made by: vezel generate --addresses {} --seed {}\n\
         Coordinates: RD New (EPSG:28992), metres.\n\n\
         adressen            address points, columns as in the BAG, names cut to ten characters\n\
         wegvakken           roads, columns as in the NWB, with surface (verharding) and bridge or tunnel (kunstwerk)\n\
         bedrijventerreinen  business parks, columns as in IBIS; some records are last year's\n\
         buurten             neighbourhoods, columns as in the CBS map; -99997 means secret\n\
         kernen              built-up areas\n\
         water, waterdelen   water lines and areas\n\
         spoor               railway\n\
         pops                PoPs: existing and candidate\n\
         boerenerven         farmyards\n\n\
         As in real data, some address ids come twice, some addresses are no longer in use, one road is a ferry\n\
         (bst_code VD), and two tiny roads hang together with no other.\n",
        args.addresses, args.seed
    )
}
