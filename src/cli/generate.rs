//! `vezel generate`: a synthetic region as shapefiles.

use std::path::PathBuf;

use crate::cli::End;
use crate::generate::{self, Wishes};
use crate::geodata::{self, Category, Crs, Layer, OutLayer, Style, Symbol};
use crate::study::{self, Folder};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Number of address records.
    #[arg(long, default_value_t = 3000, value_name = "N", value_parser = clap::value_parser!(u32).range(100..=2_000_000))]
    addresses: u32,
    /// Start of the pseudo-random streams; the same seed gives the same files.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Folder for the shapefiles; it appears as a whole or not at all.
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
    /// Replace a folder that is there already.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<End, study::Error> {
    let mut folder = Folder::begin(&arguments.output, arguments.force)?;
    let crs = Crs::from_epsg(28992).expect("RD New is built in");
    for layer in generate::region(&Wishes { addresses: arguments.addresses, seed: arguments.seed }) {
        geodata::write_shapefile(&folder.file(""), &out(layer), &crs)?;
    }
    folder.write("README.txt", &readme(arguments))?;
    folder.finish()?;
    Ok(End::Fine)
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
        "waterdelen" => ("POLYGON", "Synthetic ponds.", single([150, 196, 232], 0.2)),
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

fn readme(arguments: &Arguments) -> String {
    format!(
        "A synthetic rural region: nothing in it is real, and every name is invented.\n\
         Made by: vezel generate --addresses {} --seed {}\n\
         Coordinates: RD New (EPSG:28992), metres.\n\n\
         adressen            address points, columns as in the BAG, names cut to ten characters\n\
         wegvakken           roads, columns as in the NWB, with surface (verharding) and bridge or tunnel (kunstwerk)\n\
         bedrijventerreinen  business parks, columns as in IBIS; some records are last year's\n\
         buurten             neighbourhoods, columns as in the CBS map; -99997 means secret\n\
         kernen              built-up areas\n\
         water, waterdelen   rivers, brooks and ditches as lines; ponds as areas\n\
         spoor               railway\n\
         pops                PoPs: existing and candidate\n\
         boerenerven         farmyards\n\n\
         As in real data, some address ids come twice, some addresses are no longer in use, one road is a ferry\n\
         (bst_code VD), and two tiny roads hang together with no other.\n",
        arguments.addresses, arguments.seed
    )
}
