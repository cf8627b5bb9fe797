//! The candidate network on real extracts: roads split at junctions and roads drawn as whole ways give the same network.

#![allow(clippy::print_stdout, reason = "a test that is skipped says why")]

use std::path::{Path, PathBuf};

use vezel::effort::Stopwatch;
use vezel::network::{Network, NoDrop, SegmentKind};
use vezel::study::{Listener, Study};

struct Silent;

impl Listener for Silent {
    fn step(&mut self, _: &'static str) {}
    fn progress(&mut self, _: i64, _: i64) {}
}

/// The folder of a real extract, or nothing (with a printed reason) where it is absent.
fn extract(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name).join("shp");
    if folder.is_dir() {
        return folder.canonicalize().ok();
    }
    println!("skipped: {} is not there", folder.display());
    None
}

fn study(scenario: &str) -> Study {
    let home = tempfile::tempdir().expect("a temporary folder");
    let path = home.path().join("scenario.toml");
    std::fs::write(&path, scenario).expect("a scenario");
    Study::open(&path, &mut Silent).expect("the extract can be read")
}

fn osm(folder: &Path, crs: &str, roads: &str) -> String {
    let folder = folder.display();
    let ids = if roads == "roads" { "from_junction = \"jte_beg\"\nto_junction = \"jte_end\"\n" } else { "" };
    format!(
        "crs = \"{crs}\"\n\
         [layers.addresses]\nfile = \"{folder}/addresses.shp\"\nid = \"id\"\n\
         [layers.business_parks]\nfile = \"{folder}/business_parks.shp\"\nid = \"id\"\n\
         [layers.roads]\nfile = \"{folder}/{roads}.shp\"\nid = \"osm_id\"\nbridge = \"bridge\"\ntunnel = \"tunnel\"\n{ids}\
         [[layers.roads.rules]]\ncolumn = \"highway\"\nvalues = [\"motorway\", \"motorway_link\"]\ndig = false\n\
         [[layers.barriers]]\nfile = \"{folder}/barriers_water.shp\"\nkind = \"water\"\ncrossing = \"cross.ditch\"\n\
         [[layers.barriers]]\nfile = \"{folder}/barriers_rail.shp\"\nkind = \"rail\"\ncrossing = \"cross.rail\"\n"
    )
}

/// Junctions: nodes where three or more trenches meet.
fn junctions(network: &Network) -> usize {
    let trenches = |node| {
        let arcs = network.graph.arcs(node);
        arcs.iter().filter(|arc| network.segments[arc.edge.index()].kind == SegmentKind::Trench).count()
    };
    network.graph.nodes().filter(|&node| trenches(node) > 2).count()
}

fn metres(network: &Network) -> f64 {
    let trenches = network.segments.iter().filter(|segment| segment.kind == SegmentKind::Trench);
    trenches.map(|segment| segment.length.metres()).sum()
}

fn parts(network: &Network) -> u32 {
    network.components.iter().max().map_or(0, |last| last + 1)
}

fn told(name: &str, study: &mut Study) -> Network {
    let watch = Stopwatch::start();
    let before = study.findings.len();
    let network = study.network(&mut Silent);
    let crossings: i64 = network
        .segments
        .iter()
        .filter(|segment| segment.kind == SegmentKind::Trench)
        .flat_map(|segment| segment.works.iter().skip(1))
        .map(|work| work.quantity)
        .sum();
    let drops = network.segments.iter().filter(|segment| segment.kind == SegmentKind::Drop).count();
    println!(
        "{name}: {:.0} m of trench, {} parts, {} junctions, {crossings} crossings, {} sites, {drops} drops, \
         {} nodes, {} segments, {:?}",
        metres(&network),
        parts(&network),
        junctions(&network),
        network.sites.len(),
        network.nodes.len(),
        network.segments.len(),
        watch.elapsed()
    );
    for finding in study.findings[before..].iter().take(12) {
        println!("  {finding}");
    }
    network
}

fn close(one: f64, other: f64, share: f64) -> bool {
    (one - other).abs() <= share * one.max(other)
}

#[test]
fn junctions_in_the_middle_of_ways_are_found_as_the_ids_tell() {
    for (name, crs) in [("osm-north-bayreuth", "EPSG:25832"), ("osm-krems", "EPSG:32633")] {
        let Some(folder) = extract(name) else { continue };
        let mut split_study = study(&osm(&folder, crs, "roads"));
        let mut whole_study = study(&osm(&folder, crs, "roads_ways"));
        let split = told(&format!("{name} split"), &mut split_study);
        let whole = told(&format!("{name} whole"), &mut whole_study);
        assert!(close(metres(&split), metres(&whole), 0.001));
        // Ways that cross without a common point, bridge or tunnel are joined where there are no ids: few, and doubtful.
        assert!(close(junctions(&split) as f64, junctions(&whole) as f64, 0.02));
        assert!(parts(&split).abs_diff(parts(&whole)) <= 1);
        assert!(split.sites.iter().all(|site| site.node.is_ok()));
        assert!(whole.sites.iter().all(|site| site.node.is_ok()));
    }
}

#[test]
fn addresses_without_roads_near_them_each_have_a_reason() {
    let Some(folder) = extract("otterlo-nl") else { return };
    let folder = folder.display();
    let mut study = study(&format!(
        "crs = \"EPSG:28992\"\n[layers.addresses]\nfile = \"{folder}/addresses_all.shp\"\n\
         [layers.roads]\nfile = \"{folder}/roads.shp\"\n\
         [[layers.barriers]]\nfile = \"{folder}/water.shp\"\nkind = \"water\"\ncrossing = \"cross.ditch\"\n"
    ));
    let network = told("otterlo", &mut study);
    let reached: usize = network.sites.iter().filter(|site| site.node.is_ok()).map(|site| site.addresses.len()).sum();
    let too_far: usize = network
        .sites
        .iter()
        .filter(|site| matches!(site.node, Err(NoDrop::TooFar(Some(_)))))
        .map(|site| site.addresses.len())
        .sum();
    assert_eq!(reached + too_far, 2481);
    assert!((1100..1400).contains(&reached), "{reached}");
    assert_eq!(study.findings.iter().filter(|finding| finding.rule == "address-far-from-road").count(), too_far);
}
