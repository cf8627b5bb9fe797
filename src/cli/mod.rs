//! Commands.
pub mod generate;
