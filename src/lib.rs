//! Vezel plans fibre roll-out for the rural outlying area (the *buitengebied*).
//!
//! It reads addresses, business parks and roads, computes trunk and connection plans of least cost with a proven
//! lower bound, ranks them by need, and writes them for GIS tools. `ARCHITECTURE.md` has the picture of the rooms.

pub mod bulk;
pub mod chance;
pub mod cli;
pub mod design;
pub mod effort;
pub mod findings;
pub mod generate;
pub mod geodata;
pub mod graph;
pub mod judge;
pub mod network;
pub mod plan;
pub mod problem;
pub mod region;
pub mod report;
pub mod rollout;
pub mod scenario;
pub mod smaa;
pub mod solver;
pub mod study;
pub mod tender;
pub mod units;
