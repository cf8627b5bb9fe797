//! How much a linear program of a whole kernel may take.

/// Simplex iterations times rows.
const WORK: i64 = 8_000_000_000;

/// Nonzeros that it may have at first: with more it takes long.
const NONZEROS: usize = 300_000;

/// Nonzeros with which it comes before the search in the duals.
const FEW_NONZEROS: usize = 30_000;

/// Branches in the usual work.
const BRANCHES: usize = 100;

/// A linear program of a whole kernel.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "highs"), expect(dead_code, reason = "without linear programs nobody asks"))]
pub(super) struct Program {
    /// Simplex iterations times rows, for rounds and for branches each.
    pub(super) work: i64,
    /// Nonzeros that it may have at first.
    pub(super) nonzeros: usize,
    /// Branches of it at most.
    pub(super) branches: usize,
}

impl Program {
    /// One that is to be done soon.
    pub(super) const BRIEF: Self = Self { work: WORK / 20, nonzeros: NONZEROS, branches: 0 };

    /// One that has all the time there is: so many quarters of the usual work.
    pub(super) const fn full(quarters: usize) -> Self {
        Self { work: quarters as i64 * WORK / 4, nonzeros: NONZEROS, branches: quarters * BRANCHES / 4 }
    }

    /// One that has the time, but only where its rows are short.
    pub(super) const fn small(quarters: usize) -> Self {
        Self { nonzeros: FEW_NONZEROS, branches: 0, ..Self::full(quarters) }
    }
}
