//! A first scenario from the files of a folder: layers are recognised by geometry, name and columns.

use std::path::{Path, PathBuf};

use geo::Geometry;

use crate::geodata::{self, Crs, Layer};
use crate::scenario::{
    AddressLayer, Area, BarrierLayer, BarrierRule, DuctLayer, NeighbourhoodLayer, PolygonLayer, PopLayer, RoadLayer,
    RoadRule, Scenario, UseClass, key,
};
use crate::study::Error;

/// A layer of the folder.
struct Found {
    file: String,
    stem: String,
    shape: Shape,
    layer: Layer,
}

#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Point,
    Line,
    Polygon,
}

/// Looks at the shapefiles and GeoPackages of a folder and proposes a scenario, as commented TOML text, and what was made
/// of each file. Files are named relative to `home`, the scenario's folder, where that is the same, else by full path.
///
/// # Errors
/// If the folder cannot be listed or holds no address points.
pub fn init(folder: &Path, home: &Path) -> Result<(String, Vec<String>), Error> {
    let mut told = Vec::new();
    let mut found = look(folder, home, &mut told)?;
    let mut scenario = Scenario { name: folder_name(folder), ..Scenario::default() };
    let Some(addresses) = take(&mut found, Shape::Point, &["address", "adres", "verblijfsobject", "vbo"], &["label"])
    else {
        return Err(Error::Output {
            path: folder.display().to_string(),
            what: "it holds no point layer that looks like addresses (by name: address, adres, verblijfsobject); \
                   name the file so, or write the scenario by hand"
                .to_owned(),
        });
    };
    scenario.crs = planning_crs(&addresses.layer);
    scenario.layers.addresses = address_layer(&addresses);
    told.push(format!("{}: addresses", addresses.file));
    let parks = take(&mut found, Shape::Polygon, &["business_park", "bedrijventerrein", "ibis", "businesspark"], &[]);
    scenario.layers.business_parks = parks.map(|found| tell(&mut told, &found, "business parks", park_layer));
    let roads = take(&mut found, Shape::Line, &["road", "wegvak", "weg", "nwb"], &["rail", "water"]);
    scenario.layers.roads = roads.map(|found| tell(&mut told, &found, "roads", road_layer));
    let built_up = take(&mut found, Shape::Polygon, &["built_up", "kern", "bebouwd"], &[]);
    if built_up.is_some() {
        scenario.scope.area = Area::OutsideBuiltUp;
    } else if scenario.crs == "EPSG:28992" {
        scenario.scope.area = Area::LowDensity;
    }
    scenario.layers.built_up = built_up.map(|found| tell(&mut told, &found, "built-up areas", park_layer));
    let yards = take(&mut found, Shape::Polygon, &["farmyard", "boerener", "agrarisch_erf"], &[]);
    scenario.layers.farmyards = yards.map(|found| tell(&mut told, &found, "farmyards", park_layer));
    let areas = take(&mut found, Shape::Polygon, &["buurt", "wijk", "neighbourhood"], &[]);
    scenario.layers.neighbourhoods = areas.map(|found| tell(&mut told, &found, "neighbourhoods", neighbourhood_layer));
    let pops = take(&mut found, Shape::Point, &["pop"], &["population"]);
    scenario.layers.pops = pops.map(|found| tell(&mut told, &found, "PoPs", pop_layer));
    let parcels = take(&mut found, Shape::Polygon, &["gewasperce", "brp", "parcel"], &[]);
    scenario.layers.addresses.farm_parcel_m = parcels.as_ref().map(|_| 25.0);
    scenario.layers.parcels = parcels.map(|found| tell(&mut told, &found, "crop parcels", park_layer));
    let ducts = take(&mut found, Shape::Line, &["duct", "buis", "fibre", "glasvezel"], &[]);
    scenario.layers.ducts = ducts.map(|found| tell(&mut told, &found, "existing ducts", duct_layer));
    for (kind, words) in [("water", ["water", "rivier", "sloot"]), ("rail", ["rail", "spoor", "railway"])] {
        for shape in [Shape::Line, Shape::Polygon] {
            while let Some(barrier) = take(&mut found, shape, &words, &["surface"]) {
                let layer = tell(&mut told, &barrier, &format!("barrier ({kind})"), |found| barrier_layer(found, kind));
                scenario.layers.barriers.push(layer);
            }
        }
    }
    told.extend(found.iter().map(|found| format!("{}: not used", found.file)));
    Ok((commented(&scenario), told))
}

fn tell<T>(told: &mut Vec<String>, found: &Found, what: &str, make: impl Fn(&Found) -> T) -> T {
    told.push(format!("{}: {what}", found.file));
    make(found)
}

fn folder_name(folder: &Path) -> String {
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let mut names = whole.iter().rev().map(|name| name.to_string_lossy().into_owned());
    let last = names.next().unwrap_or_default();
    if last == "shp" { names.next().unwrap_or(last) } else { last }
}

/// Every layer of the folder that can be read and has a shape, in order of name.
fn look(folder: &Path, home: &Path, told: &mut Vec<String>) -> Result<Vec<Found>, Error> {
    let failed = |source| geodata::Error::Read { path: folder.display().to_string(), source };
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    let here = |path: &Path| if path.as_os_str().is_empty() { Path::new(".") } else { path }.canonicalize().ok();
    let prefix = here(folder).filter(|full| here(home).as_ref() != Some(full));
    let mut found = Vec::new();
    for path in files {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let lower = file.to_ascii_lowercase();
        let sources: Vec<String> = if lower.ends_with(".shp") {
            vec![file]
        } else if lower.ends_with(".gpkg") {
            let tables = geodata::geopackage_tables(&path)?;
            tables.into_iter().map(|(table, _)| format!("{file}:{table}")).collect()
        } else {
            continue;
        };
        for source in sources {
            let name = source.rsplit(':').next().unwrap_or(&source);
            let stem = name.to_ascii_lowercase().trim_end_matches(".shp").to_owned();
            match geodata::open(&folder.join(&source).display().to_string(), &stem) {
                Ok((layer, _)) => match shape(&layer) {
                    Some(shape) => {
                        let file =
                            prefix.as_ref().map_or(source.clone(), |full| full.join(&source).display().to_string());
                        found.push(Found { file, stem, shape, layer });
                    }
                    None => told.push(format!("{source}: not used, it has no points, lines or polygons")),
                },
                Err(error) => told.push(format!("{source}: not used, {error}")),
            }
        }
    }
    Ok(found)
}

fn shape(layer: &Layer) -> Option<Shape> {
    layer.features.iter().find_map(|feature| match feature.geometry.as_ref()? {
        Geometry::Point(_) | Geometry::MultiPoint(_) => Some(Shape::Point),
        Geometry::LineString(_) | Geometry::MultiLineString(_) => Some(Shape::Line),
        Geometry::Polygon(_) | Geometry::MultiPolygon(_) => Some(Shape::Polygon),
        _ => None,
    })
}

/// Takes the layer whose name fits best: one of the words, the shortest name first.
fn take(found: &mut Vec<Found>, shape: Shape, words: &[&str], not: &[&str]) -> Option<Found> {
    let fits = |found: &Found| {
        found.shape == shape
            && words.iter().any(|word| found.stem.contains(word))
            && !not.iter().any(|word| found.stem.contains(word))
    };
    let best = found.iter().enumerate().filter(|(_, found)| fits(found)).min_by_key(|(_, found)| found.stem.len())?.0;
    Some(found.remove(best))
}

/// The first of these columns that the layer has.
fn column(layer: &Layer, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| layer.column(name).map(|at| layer.columns[at].name.clone()))
}

fn has(layer: &Layer, name: &str) -> bool {
    layer.column(name).is_some()
}

fn planning_crs(layer: &Layer) -> String {
    let usable = layer.crs.as_ref().filter(|crs| crs.is_projected_metric()).and_then(Crs::epsg);
    usable.map_or("EPSG:28992".to_owned(), |code| format!("EPSG:{code}"))
}

fn address_layer(found: &Found) -> AddressLayer {
    let layer = &found.layer;
    let use_column = column(layer, &["gebruiksdoel", "gebruiksdo", "use", "usage", "function", "functie"]);
    let bag: [(&str, &[UseClass]); 11] = [
        ("woonfunctie", &[UseClass::Residential]),
        ("bijeenkomstfunctie", &[UseClass::Other]),
        ("celfunctie", &[UseClass::Other]),
        ("gezondheidszorgfunctie", &[UseClass::Care]),
        ("industriefunctie", &[UseClass::Business]),
        ("kantoorfunctie", &[UseClass::Business]),
        ("logiesfunctie", &[UseClass::Business]),
        ("onderwijsfunctie", &[UseClass::Education]),
        ("sportfunctie", &[UseClass::Other]),
        ("winkelfunctie", &[UseClass::Business]),
        ("overige gebruiksfunctie", &[UseClass::Other]),
    ];
    let plain = [
        UseClass::Residential,
        UseClass::Care,
        UseClass::Agri,
        UseClass::Education,
        UseClass::Business,
        UseClass::Other,
    ];
    let is_bag =
        use_column.as_ref().and_then(|name| layer.column(name)).is_some_and(|at| {
            layer.features.iter().take(200).any(|feature| {
                feature.values[at].as_text().is_some_and(|value| value.to_lowercase().contains("functie"))
            })
        });
    let use_values = match (&use_column, is_bag) {
        (None, _) => std::collections::BTreeMap::new(),
        (Some(_), true) => bag.iter().map(|(value, classes)| ((*value).to_owned(), classes.to_vec())).collect(),
        (Some(_), false) => plain.iter().map(|class| (class.name().to_owned(), vec![*class])).collect(),
    };
    AddressLayer {
        file: found.file.clone(),
        id: column(layer, &["identificatie", "identifica", "nummeraanduiding_id", "vbo_id", "id", "objectid"]),
        status: column(layer, &["status", "vbo_status", "verblijfsobjectstatus"]),
        units: column(layer, &["units", "aantal_aansluitingen", "wooneenheden"]),
        sign_ups: column(layer, &["sign_ups", "aanmeldingen", "aangemeld"]),
        farm_proxy: is_bag,
        networks: column(layer, &["networks", "netwerken", "aantal_netwerken"]),
        speed: column(layer, &["speed_mbps", "snelheid", "download_mbps", "max_snelheid"]),
        planned_networks: column(layer, &["planned_networks", "netwerken_gepland"]),
        planned_speed: column(layer, &["planned_speed_mbps", "snelheid_gepland"]),
        farm_parcel_m: None,
        use_column,
        use_values,
        use_default: UseClass::Residential,
    }
}

fn park_layer(found: &Found) -> PolygonLayer {
    PolygonLayer {
        file: found.file.clone(),
        id: column(&found.layer, &["RIN_NUMMER", "code", "id", "objectid"]),
        name: column(&found.layer, &["PLAN_NAAM", "naam", "name"]),
        class: None,
        year: column(&found.layer, &["JAAR"]),
    }
}

fn neighbourhood_layer(found: &Found) -> NeighbourhoodLayer {
    let layer = &found.layer;
    NeighbourhoodLayer {
        file: found.file.clone(),
        id: column(layer, &["BU_CODE", "buurtcode", "WK_CODE", "wijkcode", "code", "id"]),
        name: column(layer, &["BU_NAAM", "buurtnaam", "WK_NAAM", "wijknaam", "name", "naam"]),
        municipality: column(layer, &["GM_NAAM", "gemeentenaam", "GM_CODE", "gemeentecode", "municipality"]),
        share_65_plus: column(layer, &["P_65_EO_JR", "percentage_personen_65_jaar_en_ouder", "pop_65plus"]),
        distance_to_care_km: column(layer, &["afstand_tot_huisartsenpraktijk", "AF_ARTSPR", "gp_km"]),
    }
}

fn pop_layer(found: &Found) -> PopLayer {
    let layer = &found.layer;
    PopLayer {
        file: found.file.clone(),
        id: column(layer, &["id", "naam", "name"]),
        standing: column(layer, &["soort", "standing", "status"]),
        price: column(layer, &["prijs", "price"]),
        capacity: column(layer, &["capaciteit", "capacity"]),
    }
}

fn duct_layer(found: &Found) -> DuctLayer {
    DuctLayer { file: found.file.clone(), id: column(&found.layer, &["id", "objectid"]), lease: None }
}

fn barrier_layer(found: &Found, kind: &str) -> BarrierLayer {
    let layer = &found.layer;
    let small = ["stream", "ditch", "drain", "beek", "sloot", "greppel", "greppel, droge sloot"];
    let type_column = column(layer, &["waterway", "type", "soort"]).filter(|_| kind == "water");
    let rules = type_column.map(|column| BarrierRule {
        column,
        values: small.map(str::to_owned).to_vec(),
        crossing: Some(key::CROSS_DITCH.to_owned()),
        ignore: false,
    });
    let railway = column(layer, &["railway"]).filter(|_| kind == "rail").map(|column| BarrierRule {
        column,
        values: ["abandoned", "disused", "razed", "platform", "proposed"].map(str::to_owned).to_vec(),
        crossing: None,
        ignore: true,
    });
    BarrierLayer {
        file: found.file.clone(),
        kind: kind.to_owned(),
        crossing: Some(if kind == "rail" { key::CROSS_RAIL } else { key::CROSS_WATER }.to_owned()),
        tunnel: column(layer, &["tunnel"]),
        bridge: column(layer, &["bridge"]),
        rules: rules.into_iter().chain(railway).collect(),
    }
}

fn road_layer(found: &Found) -> RoadLayer {
    let layer = &found.layer;
    let rules = if has(layer, "highway") {
        osm_rules()
    } else if has(layer, "bst_code") || has(layer, "wegbehsrt") {
        nwb_rules(layer)
    } else if has(layer, "verharding") {
        bgt_rules(layer)
    } else {
        Vec::new()
    };
    let structure = column(layer, &["kunstwerk"]);
    RoadLayer {
        file: found.file.clone(),
        id: column(layer, &["wvk_id", "osm_id", "id", "objectid"]),
        from_junction: column(layer, &["jte_id_beg", "jte_beg"]),
        to_junction: column(layer, &["jte_id_end", "jte_end"]),
        bridge: column(layer, &["bridge"]).or(structure),
        tunnel: column(layer, &["tunnel"]),
        width: column(layer, &["width", "breedte", "wegbreedte"]),
        rules,
    }
}

fn rule(column: &str, values: &[&str], dig: Option<bool>, trench: Option<&str>, crossing: Option<&str>) -> RoadRule {
    RoadRule {
        column: Some(column.to_owned()),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        dig,
        trench: trench.map(str::to_owned),
        sides: None,
        width_m: None,
        shot: None,
        crossing: crossing.map(str::to_owned),
    }
}

fn osm_rules() -> Vec<RoadRule> {
    let state = Some(key::CROSS_ROAD_STATE);
    let track = Some(key::CROSS_TRACK);
    let class = |values: &[&str], dig, trench, crossing| rule("highway", values, dig, trench, crossing);
    vec![
        class(&["motorway", "motorway_link", "trunk", "trunk_link"], Some(false), None, state),
        class(&["proposed", "construction", "raceway", "steps", "corridor"], Some(false), None, track),
        class(&["primary", "primary_link", "secondary", "secondary_link"], None, Some(key::OPEN_UNPAVED), state),
        class(&["residential", "living_street", "service", "pedestrian"], None, Some(key::OPEN_ELEMENTS), None),
        class(&["track", "path", "footway", "bridleway", "cycleway"], None, Some(key::PLOUGH), track),
    ]
}

fn nwb_rules(layer: &Layer) -> Vec<RoadRule> {
    let mut rules = Vec::new();
    let state = Some(key::CROSS_ROAD_STATE);
    if has(layer, "bst_code") {
        let no_road = ["VD", "VV"];
        rules.push(rule("bst_code", &no_road, Some(false), None, Some(key::CROSS_TRACK)));
        let fast = ["HR", "OPR", "AFR", "VBD", "VBI", "VBS", "VBR", "VBK", "VBW"];
        rules.push(rule("bst_code", &fast, Some(false), None, state));
    }
    if has(layer, "wegbehsrt") {
        rules.push(rule("wegbehsrt", &["R"], Some(false), None, state));
        rules.push(rule("wegbehsrt", &["P"], None, None, state));
    }
    if has(layer, "bst_code") {
        let paths = ["FP", "VP", "RP"];
        rules.push(rule("bst_code", &paths, None, Some(key::PLOUGH), Some(key::CROSS_TRACK)));
    }
    if has(layer, "verharding") {
        rules.push(rule("verharding", &["open verharding"], None, Some(key::OPEN_ELEMENTS), None));
        rules.push(rule("verharding", &["half verhard"], None, Some(key::OPEN_HALF_PAVED), None));
        rules.push(rule("verharding", &["onverhard"], None, Some(key::PLOUGH), Some(key::CROSS_TRACK)));
    }
    rules
}

fn bgt_rules(layer: &Layer) -> Vec<RoadRule> {
    let mut rules = Vec::new();
    if has(layer, "functie") {
        let tracks = ["OV-baan", "spoorbaan", "baan voor vliegverkeer", "rijbaan autosnelweg"];
        rules.push(rule("functie", &tracks, Some(false), None, Some(key::CROSS_ROAD_STATE)));
        rules.push(rule("functie", &["rijbaan regionale weg"], None, None, Some(key::CROSS_ROAD_STATE)));
        rules.push(rule("functie", &["inrit"], None, None, Some(key::CROSS_DRIVE)));
        rules.push(rule("functie", &["fietspad", "voetpad"], None, None, Some(key::CROSS_TRACK)));
    }
    rules.push(rule("verharding", &["gesloten verharding"], None, Some(key::OPEN_ASPHALT), None));
    rules.push(rule("verharding", &["open verharding"], None, Some(key::OPEN_ELEMENTS), None));
    rules.push(rule("verharding", &["half verhard"], None, Some(key::OPEN_HALF_PAVED), None));
    rules.push(rule("verharding", &["onverhard"], None, Some(key::PLOUGH), None));
    rules
}

/// The scenario as text, every section with a comment on what it is for.
fn commented(scenario: &Scenario) -> String {
    let text = scenario.to_toml();
    let comments = [
        (
            "[layers.addresses]",
            "Files are relative to this one; a GeoPackage layer is file.gpkg:layer. Columns are named as in the file.",
        ),
        (
            "[layers.addresses.use_values]",
            "What each value of the use column means: residential, care, agri, education, business, other.",
        ),
        (
            "[layers.roads]",
            "For each wish (dig, trench, shot, crossing, sides, width_m) the first rule that matches a road and states it wins.\n\
             # sides = 2 makes candidate trenches on both sides of the road, half of width_m (or of the column `width`) and\n\
             # network.verge_m from its line, with crossings at junctions and addresses at the road's crossing price:\n\
             #   [[layers.roads.rules]]\n\
             #   column = \"highway\"\n\
             #   values = [\"residential\", \"primary\"]\n\
             #   sides = 2\n\
             #   width_m = 6.0\n\
             # trench = \"civil.hdd\" with shot = \"civil.hdd_shot\" drills along the road, a shot every network.shot_m.",
        ),
        (
            "[scope]",
            "Which addresses are planned for. area: all, outside-built-up, or low-density (below density_below addresses per km2).\n# Addresses in business parks always are.",
        ),
        (
            "[network]",
            "How roads become candidate trenches; lengths in metres. cross_field_max_m above 0 adds ploughed trenches across\n\
             # fields. Areas where digging is forbidden, drilled, dearer or bound to a season are layers of polygons:\n\
             #   [[layers.zones]]\n\
             #   file = \"nature.shp\"\n\
             #   kind = \"nature\"\n\
             #   surcharge = \"civil.season\"        # on top of each metre inside\n\
             #   season = \"15 March to 15 July\"    # when nothing may be dug; said in results\n\
             #   trench = \"civil.hdd\"              # instead of the road's own method\n\
             #   shot = \"civil.hdd_shot\"           # for every stretch that enters or leaves\n\
             #   forbidden = false",
        ),
        (
            "[redundancy]",
            "Parks that stay connected when any one trench is cut: none, two-routes (to one PoP) or two-pops. Single parks go by\n\
             # [redundancy.by_park] (\"id\" = \"two-pops\"), classes by [redundancy.by_class] and layers.business_parks.class.\n\
             # required = true makes a plan that cannot protect all of them infeasible (exit code 4).",
        ),
        ("[design]", "Sizes and capacities."),
        (
            "[architecture]",
            "Fibre: kind p2p or pon (split, splitters in cabinet or pop, optics class), losses, fibre counts, cables.",
        ),
        (
            "[prize]",
            "With enabled = true an address is left out where connecting it costs more than revenue and subsidy, in euros.",
        ),
        ("[priority]", "Uses of each tier after the business parks; uses not named come last."),
        (
            "[need]",
            "What the need of a connection counts for, in points; grey and black: the share that counts where one or several\n# networks reach the speed of the rule year (100 Mbps from 2023).",
        ),
        (
            "[rollout]",
            "Units: tree, neighbourhoods, or layer (layers.unit_areas). Order: strict tiers, or weighted by rollout.weights.",
        ),
        ("[robustness]", "Draws of weights and prices; samples = 0 leaves the analysis out."),
        (
            "[phases]",
            "Yearly budgets: add a [[phases.years]] for each year, with year = 2027, budget = 5000000.0 and, if contractors are\n# scarce, metres = 80000.0. threshold is the share of a unit's connections that must sign up before it is built.",
        ),
        ("[prices", "Unit prices in euros excluding VAT, each with its range and source."),
    ];
    let mut out =
        String::from("# A vezel scenario. Run `vezel inspect` on it for findings, `vezel plan` for a plan.\n\n");
    let mut told = vec![false; comments.len()];
    for line in text.lines() {
        for (place, (start, comment)) in comments.iter().enumerate() {
            if !told[place] && line.starts_with(start) {
                told[place] = true;
                out.push_str("# ");
                out.push_str(comment);
                out.push('\n');
            }
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}
