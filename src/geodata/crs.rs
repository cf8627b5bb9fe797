//! Coordinate reference systems: matched on their parameters, transformed with their datum.
//!
//! A name in a `.prj` says little (RD New goes by half a dozen); the projection's parameters and the ellipsoid say it
//! all. Datum shifts are written out in every definition, for proj4rs silently skips them where one side has none.

use geo::{Coord, MapCoords};
use proj4rs::Proj;

use crate::findings::{Finding, Severity};
use crate::geodata::wkt::Node;
use crate::geodata::{Error, Layer};

/// Amersfoort / RD New with its seven-parameter shift to WGS84, rotations in proj4's sign (NSGI, RDNAPTRANS).
const RD_NEW: &str = "+proj=sterea +lat_0=52.15616055555555 +lon_0=5.38763888888889 +k=0.9999079 +x_0=155000 \
    +y_0=463000 +ellps=bessel +towgs84=565.4171,50.3319,465.5524,-0.398957388243134,0.343987817378283,\
-1.87740163998045,4.0725 +units=m +no_defs";

/// Shift of datums that coincide with WGS84 within a metre.
const NO_SHIFT: &str = "+towgs84=0,0,0,0,0,0,0";

/// A coordinate reference system that is understood.
#[derive(Clone, Debug)]
pub struct Crs {
    name: String,
    epsg: Option<u16>,
    proj4: String,
    wkt: String,
    geographic: bool,
}

/// Two systems are the same if they transform in the same way.
impl PartialEq for Crs {
    fn eq(&self, other: &Self) -> bool {
        self.proj4 == other.proj4
    }
}

impl Eq for Crs {}

impl Crs {
    /// The system with this EPSG code, if it is known.
    #[must_use]
    pub fn from_epsg(code: u16) -> Option<Self> {
        let definition = crs_definitions::from_code(code);
        let proj4 = match code {
            28992 => RD_NEW.to_owned(),
            4326 => "+proj=longlat +datum=WGS84 +no_defs".to_owned(),
            4258 => format!("+proj=longlat +ellps=GRS80 {NO_SHIFT} +no_defs"),
            3857 => {
                format!("+proj=merc +a=6378137 +b=6378137 +lon_0=0 +x_0=0 +y_0=0 +k=1 {NO_SHIFT} +units=m +no_defs")
            }
            25828..=25838 => format!("+proj=utm +zone={} +ellps=GRS80 {NO_SHIFT} +units=m +no_defs", code - 25800),
            32601..=32660 => format!("+proj=utm +zone={} +datum=WGS84 +units=m +no_defs", code - 32600),
            32701..=32760 => format!("+proj=utm +zone={} +south +datum=WGS84 +units=m +no_defs", code - 32700),
            _ => definition.as_ref()?.proj4.trim().to_owned(),
        };
        let wkt = definition.map_or(String::new(), |definition| definition.wkt.to_owned());
        let geographic = proj4.contains("+proj=longlat");
        let crs = Self { name: format!("EPSG:{code}"), epsg: Some(code), proj4, wkt, geographic };
        crs.projection().is_ok().then_some(crs)
    }

    /// The system named by text such as `EPSG:28992`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let code = text.trim().to_ascii_uppercase();
        code.strip_prefix("EPSG:").unwrap_or(&code).parse().ok().and_then(Self::from_epsg)
    }

    /// The system described by the text of a `.prj` or of a GeoPackage, matched on its parameters.
    #[must_use]
    pub fn from_wkt(text: &str) -> Option<Self> {
        let root = Node::parse(text)?;
        let root = match (root.keyword.as_str(), root.child(&["SOURCECRS"])) {
            ("BOUNDCRS", Some(source)) => source.children.first().cloned().unwrap_or(root),
            _ => root,
        };
        let root = if matches!(root.keyword.as_str(), "COMPD_CS" | "COMPOUNDCRS") {
            root.children.iter().find(|child| is_horizontal(child)).cloned().unwrap_or(root)
        } else {
            root
        };
        match root.keyword.as_str() {
            "GEOGCS" | "GEOGCRS" | "GEODCRS" | "GEOGRAPHICCRS" => geographic(&root, text),
            "PROJCS" | "PROJCRS" | "PROJECTEDCRS" => projected(&root, text),
            _ => None,
        }
    }

    /// `EPSG:28992`, or the name in the source.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The EPSG code, where it is known.
    #[must_use]
    pub fn epsg(&self) -> Option<u16> {
        self.epsg
    }

    /// Well-known text for a `.prj` or a GeoPackage.
    #[must_use]
    pub fn wkt(&self) -> &str {
        &self.wkt
    }

    /// Whether coordinates are metres on a plane, so that lengths can be measured.
    #[must_use]
    pub fn is_projected_metric(&self) -> bool {
        !self.geographic
            && !self.proj4.contains("+proj=merc")
            && (self.proj4.contains("+units=m") || !self.proj4.contains("+units="))
            && !self.proj4.contains("+to_meter")
    }

    /// Whether coordinates are degrees.
    #[must_use]
    pub fn is_geographic(&self) -> bool {
        self.geographic
    }

    fn projection(&self) -> Result<Proj, Error> {
        Proj::from_proj_string(&self.proj4)
            .map_err(|error| Error::Crs { crs: self.name.clone(), what: error.to_string() })
    }
}

fn is_horizontal(node: &Node) -> bool {
    ["GEOGCS", "GEOGCRS", "GEODCRS", "GEOGRAPHICCRS", "PROJCS", "PROJCRS", "PROJECTEDCRS"]
        .contains(&node.keyword.as_str())
}

/// Ellipsoids with the datum shift that goes with them here; `None` where the datum is not known.
fn datum(geographic: &Node) -> Option<&'static str> {
    let datum = geographic.child(&["DATUM", "GEODETICDATUM", "ENSEMBLE"])?;
    let ellipsoid = datum.child(&["SPHEROID", "ELLIPSOID"])?;
    let (axis, flattening) = (ellipsoid.number(1)?, ellipsoid.number(2)?);
    let name = format!("{}{}", datum.plain_name(), geographic.plain_name());
    let near = |a: f64, rf: f64| (axis - a).abs() < 0.01 && (flattening - rf).abs() < 1e-4;
    if near(6_378_137.0, 298.257_223_563) && name.contains("wgs") {
        Some("+datum=WGS84")
    } else if near(6_378_137.0, 298.257_222_101) || near(6_378_137.0, 298.257_223_563) {
        Some("+ellps=GRS80 +towgs84=0,0,0,0,0,0,0")
    } else if near(6_377_397.155, 299.152_812_8) && name.contains("amersfoort") {
        Some(
            "+ellps=bessel +towgs84=565.4171,50.3319,465.5524,-0.398957388243134,0.343987817378283,-1.87740163998045,4.0725",
        )
    } else {
        None
    }
}

fn code_in(node: &Node) -> Option<u16> {
    let authority = node.child(&["AUTHORITY", "ID"])?;
    (authority.plain_name() == "epsg").then(|| authority.values.get(1)?.parse().ok()).flatten()
}

fn geographic(root: &Node, text: &str) -> Option<Crs> {
    let shift = datum(root)?;
    let epsg = match shift {
        "+datum=WGS84" => Some(4326),
        shift if shift.starts_with("+ellps=GRS80") && root.plain_name().contains("etrs") => Some(4258),
        _ => None,
    };
    epsg.and_then(Crs::from_epsg).or_else(|| described(root, &format!("+proj=longlat {shift} +no_defs"), text, true))
}

fn projected(root: &Node, text: &str) -> Option<Crs> {
    let base = root.child(&["GEOGCS", "BASEGEOGCRS", "GEOGCRS"])?;
    let conversion = root.child(&["CONVERSION"]);
    let method = match conversion {
        Some(conversion) => conversion.child(&["METHOD"])?.plain_name(),
        None => root.child(&["PROJECTION"])?.plain_name(),
    };
    let parameters = Parameters(conversion.unwrap_or(root));
    let ellipsoid = datum(base);
    let in_metres = (unit(root) - 1.0).abs() < 1e-9;
    if in_metres && method.contains("stereographic") && parameters.are_rd_new() {
        return Crs::from_epsg(28992);
    }
    if let (true, Some(shift)) = (in_metres && method.contains("transversemercator"), ellipsoid)
        && let Some(code) = parameters.utm(shift)
    {
        return Crs::from_epsg(code);
    }
    if method.contains("pseudomercator") || method.contains("auxiliarysphere") {
        return Crs::from_epsg(3857);
    }
    let Some(shift) = ellipsoid else { return code_in(root).and_then(Crs::from_epsg) };
    let projection = parameters.proj4(&method, root)?;
    described(root, &format!("{projection} {shift} +no_defs"), text, false)
}

/// Metres in the unit of the plane.
fn unit(root: &Node) -> f64 {
    root.child(&["UNIT", "LENGTHUNIT"]).and_then(|unit| unit.number(1)).unwrap_or(1.0)
}

fn described(root: &Node, proj4: &str, text: &str, geographic: bool) -> Option<Crs> {
    let name = root.values.first().cloned().unwrap_or_default();
    let crs = Crs { name, epsg: code_in(root), proj4: proj4.to_owned(), wkt: text.trim().to_owned(), geographic };
    crs.projection().is_ok().then_some(crs)
}

/// The parameters of a projection.
struct Parameters<'a>(&'a Node);

impl Parameters<'_> {
    fn value(&self, names: &[&str]) -> Option<f64> {
        let parameters = self.0.children.iter().filter(|child| child.keyword == "PARAMETER");
        parameters.filter(|child| names.contains(&child.plain_name().as_str())).find_map(|child| child.number(1))
    }

    fn latitude(&self) -> f64 {
        self.value(&["latitudeoforigin", "latitudeofcenter", "latitudeofnaturalorigin", "latitudeoffalseorigin"])
            .unwrap_or(0.0)
    }

    fn longitude(&self) -> f64 {
        let names = ["centralmeridian", "longitudeofcenter", "longitudeofnaturalorigin", "longitudeoffalseorigin"];
        self.value(&names).unwrap_or(0.0)
    }

    fn scale(&self) -> f64 {
        self.value(&["scalefactor", "scalefactoratnaturalorigin"]).unwrap_or(1.0)
    }

    fn easting(&self) -> f64 {
        self.value(&["falseeasting", "eastingatfalseorigin"]).unwrap_or(0.0)
    }

    fn northing(&self) -> f64 {
        self.value(&["falsenorthing", "northingatfalseorigin"]).unwrap_or(0.0)
    }

    fn are_rd_new(&self) -> bool {
        let near = |a: f64, b: f64, tolerance: f64| (a - b).abs() < tolerance;
        near(self.latitude(), 52.156_160_555_6, 1e-6)
            && near(self.longitude(), 5.387_638_888_9, 1e-6)
            && near(self.scale(), 0.999_907_9, 1e-8)
            && near(self.easting(), 155_000.0, 0.01)
            && near(self.northing(), 463_000.0, 0.01)
    }

    /// The EPSG code where these are a UTM zone on WGS84 or ETRS89.
    fn utm(&self, shift: &str) -> Option<u16> {
        let zone = (self.longitude() + 183.0) / 6.0;
        let is_zone = (zone - zone.round()).abs() < 1e-9 && (1.0..=60.0).contains(&zone);
        let usual = (self.scale() - 0.9996).abs() < 1e-9
            && (self.easting() - 500_000.0).abs() < 1e-6
            && self.latitude().abs() < 1e-9;
        let south = (self.northing() - 1e7).abs() < 1e-6;
        if !(is_zone && usual && (south || self.northing().abs() < 1e-6)) {
            return None;
        }
        let zone = zone.round() as u16;
        match (shift.contains("WGS84"), south) {
            (true, true) => Some(32700 + zone),
            (true, false) => Some(32600 + zone),
            (false, false) if (28..=38).contains(&zone) => Some(25800 + zone),
            _ => None,
        }
    }

    fn proj4(&self, method: &str, root: &Node) -> Option<String> {
        let unit = unit(root);
        let units = if (unit - 1.0).abs() < 1e-9 { "+units=m".to_owned() } else { format!("+to_meter={unit}") };
        let (x, y) = (self.easting() * unit, self.northing() * unit);
        let place = format!("+lat_0={} +lon_0={} +x_0={x} +y_0={y} {units}", self.latitude(), self.longitude());
        let parallels = ["standardparallel1", "latitudeof1ststandardparallel"];
        let second = ["standardparallel2", "latitudeof2ndstandardparallel"];
        let two = || Some(format!("+lat_1={} +lat_2={}", self.value(&parallels)?, self.value(&second)?));
        match method {
            "transversemercator" | "gausskruger" => Some(format!("+proj=tmerc +k={} {place}", self.scale())),
            "doublestereographic" | "obliquestereographic" => Some(format!("+proj=sterea +k={} {place}", self.scale())),
            "lambertconformalconic" | "lambertconformalconic2sp" => Some(format!("+proj=lcc {} {place}", two()?)),
            "albers" | "albersconicequalarea" | "albersequalarea" => Some(format!("+proj=aea {} {place}", two()?)),
            "lambertazimuthalequalarea" => Some(format!("+proj=laea {place}")),
            _ => None,
        }
    }
}

/// Transforms every geometry of a layer; those that cannot be transformed lose their geometry, with a finding.
///
/// A layer whose system is not known is taken to be in the target system, with a finding.
///
/// # Errors
/// If one of the systems cannot be used for transformations, or a layer without a system holds degrees.
pub fn transform(layer: &mut Layer, to: &Crs) -> Result<Vec<Finding>, Error> {
    let Some(from) = layer.crs.clone() else {
        if looks_like_degrees(layer) && !to.is_geographic() {
            return Err(Error::Degrees { layer: layer.name.clone(), crs: to.name.clone() });
        }
        layer.crs = Some(to.clone());
        let what = format!("the layer does not say its coordinate system; {} is assumed", to.name());
        let advice = "add a .prj file";
        return Ok(vec![Finding::new(Severity::Warning, "crs-unknown", &layer.name, what, advice)]);
    };
    if from == *to {
        if looks_like_degrees(layer) && !to.is_geographic() {
            return Err(Error::Degrees { layer: layer.name.clone(), crs: to.name.clone() });
        }
        return Ok(Vec::new());
    }
    let mut findings = Vec::new();
    let (source, target) = (from.projection()?, to.projection()?);
    for feature in &mut layer.features {
        let Some(geometry) = &mut feature.geometry else { continue };
        let moved = geometry.try_map_coords(|coord| transformed(&source, &target, coord).ok_or(()));
        if let Ok(moved) = moved {
            *geometry = moved;
        } else {
            feature.geometry = None;
            let what = format!("its coordinates cannot be transformed from {} to {}", from.name(), to.name());
            let advice = "it is left out; check its coordinates";
            findings.push(
                Finding::new(Severity::Error, "crs-transform-failed", &layer.name, what, advice)
                    .at(format!("record {}", feature.record)),
            );
        }
    }
    layer.crs = Some(to.clone());
    let what = format!("the layer was transformed from {} to {}", from.name(), to.name());
    let advice = "right to about a metre; nothing to mend";
    findings.push(Finding::new(Severity::Info, "crs-transformed", &layer.name, what, advice));
    Ok(findings)
}

fn transformed(source: &Proj, target: &Proj, coord: Coord<f64>) -> Option<Coord<f64>> {
    let mut point = (coord.x, coord.y, 0.0);
    if source.is_latlong() {
        point = (coord.x.to_radians(), coord.y.to_radians(), 0.0);
    }
    proj4rs::transform::transform(source, target, &mut point).ok()?;
    let (x, y) = if target.is_latlong() { (point.0.to_degrees(), point.1.to_degrees()) } else { (point.0, point.1) };
    (x.is_finite() && y.is_finite()).then_some(Coord { x, y })
}

/// Transforms single points, for maps and checks.
///
/// # Errors
/// If one of the systems cannot be used for transformations.
pub fn transform_points(points: &[Coord<f64>], from: &Crs, to: &Crs) -> Result<Vec<Option<Coord<f64>>>, Error> {
    let (source, target) = (from.projection()?, to.projection()?);
    Ok(points.iter().map(|&point| transformed(&source, &target, point)).collect())
}

/// Whether all coordinates could be degrees: within 180 east and 90 north, and not all at the origin.
#[must_use]
pub fn looks_like_degrees(layer: &Layer) -> bool {
    use geo::CoordsIter;
    let mut any = false;
    let coords = layer.features.iter().filter_map(|feature| feature.geometry.as_ref()).flat_map(|g| g.coords_iter());
    for coord in coords {
        if coord.x.abs() > 180.0 || coord.y.abs() > 90.0 {
            return false;
        }
        any |= coord.x != 0.0 || coord.y != 0.0;
    }
    any
}
