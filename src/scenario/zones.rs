//! Areas in which digging is forbidden, done in another way, dearer, or bound to a season.

use serde::{Deserialize, Serialize};

/// A layer of such areas.
///
/// A stretch of trench or drop inside is priced by the metre that lies inside; where several areas overlap, the first
/// that names a method decides on it, and every surcharge is due.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ZoneLayer {
    /// Shapefile, or `file.gpkg:layer`, with polygons.
    pub file: String,
    /// What it is, as said in findings and results: `nature`, `dyke`, `root zone`.
    pub kind: String,
    /// Column that tells which records count; without one all do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Values of that column that count, compared without case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Whether nothing may be dug inside at all.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub forbidden: bool,
    /// Price key per metre inside, instead of the road's or drop's own, such as `civil.hdd` where drilling is compulsory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trench: Option<String>,
    /// Price key of every stretch that enters or leaves, such as `civil.hdd_shot`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shot: Option<String>,
    /// Price key per metre inside, on top of the method, such as `civil.season`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surcharge: Option<String>,
    /// When nothing may be dug, as said in results: `15 March to 15 July`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub season: Option<String>,
}
