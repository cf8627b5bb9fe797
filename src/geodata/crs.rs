//! Coordinate reference systems.

/// A coordinate reference system that is understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crs;
