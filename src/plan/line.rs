//! A straight line below the price of cables, for bounds: cables come in sizes, and lines add up.

use crate::plan::CableTable;
use crate::scenario::{PriceBook, key};
use crate::units::Length;

/// A straight line below the price of cables: so much a metre for the first fibre, and so much for each fibre.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Thousandths of a cent per metre.
    pub(super) first: i64,
    /// Thousandths of a cent per metre and fibre.
    pub(super) each: i64,
}

impl Line {
    /// Of the lines that lie below the price of every set, the one that proves most for this length and flow.
    pub(super) fn best(table: &CableTable, prices: &PriceBook, length: Length, fibre_metres: i128) -> Self {
        let blow = prices.money(prices.known(key::BLOW)).cents();
        let cost: Vec<(i64, i64)> = table
            .sizes()
            .iter()
            .map(|size| (i64::from(size.fibres), (prices.money(size.price).cents() + blow) * 1000))
            .collect();
        let pairs = cost.iter().flat_map(|one| cost.iter().map(move |other| (one, other)));
        let slopes = pairs.filter(|(one, other)| one.0 < other.0 && one.1 < other.1);
        let mut slopes: Vec<i64> = slopes.map(|(one, other)| (other.1 - one.1) / (other.0 - one.0)).collect();
        slopes.push(0);
        slopes.sort_unstable();
        slopes.dedup();
        let line = |each: i64| {
            let below = |fibres: u32| table.per_metre(fibres) * 1000 - each * i64::from(fibres);
            Self { first: (1..=table.most()).map(below).min().unwrap_or(0).max(0), each }
        };
        let valid = |line: &Self| {
            (1..=table.most())
                .all(|fibres| table.per_metre(fibres) * 1000 >= line.first + line.each * i64::from(fibres))
        };
        let worth = |line: &Self| {
            i128::from(line.first) * i128::from(length.millimetres()) + i128::from(line.each) * fibre_metres
        };
        slopes.into_iter().map(line).filter(valid).max_by_key(worth).unwrap_or(Self { first: 0, each: 0 })
    }
}
