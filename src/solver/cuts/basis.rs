//! A basis that a linear program begins with: that of another one's solution, or from prices that were nearly right before.
//!
//! A program that differs from one solved before by a few rows and bounds goes on from where that ended.
//!
//! Otherwise one that begins with nothing takes thousands of steps to where another one with almost the same rows ended. That
//! one's prices tell most of the basis there: columns that they leave nothing of are in it, rows that pay are not. HiGHS keeps
//! as many of those columns as are independent, and fills up with rows. On programs of 20,000 rows that leaves a fifth of the
//! steps.
//!
//! Source: Bixby (ORSA J. Comput. 4, 1992), on bases to begin with.

use highs::Model;
use highs_sys::{
    Highs_getBasis, Highs_setBasis, HighsInt, kHighsBasisStatusBasic, kHighsBasisStatusLower, kHighsBasisStatusUpper,
    kHighsStatusOk,
};

/// What rounding of prices may leave of a column that is in the basis, in units over the scale.
const ROUNDING: i128 = 16;

/// Which columns and rows are in the basis, and at which end of their range the others are.
#[derive(Clone, Debug)]
pub(super) struct Basis {
    columns: Vec<HighsInt>,
    rows: Vec<HighsInt>,
}

impl Basis {
    /// Where prices leave so much of each column, and rows pay or do not.
    pub(super) fn by_prices(left: &[i128], pays: &[bool]) -> Self {
        let column = |left: &i128| match (left.abs() <= ROUNDING, *left < 0) {
            (true, _) => kHighsBasisStatusBasic,
            (false, true) => kHighsBasisStatusUpper,
            (false, false) => kHighsBasisStatusLower,
        };
        let row = |&pays: &bool| if pays { kHighsBasisStatusLower } else { kHighsBasisStatusBasic };
        Self { columns: left.iter().map(column).collect(), rows: pays.iter().map(row).collect() }
    }

    /// Where a model's last solution ended; none if it has none.
    #[expect(unsafe_code, reason = "the safe interface has no such function")]
    pub(super) fn of(model: &Model) -> Option<Self> {
        let mut basis = Self { columns: vec![0; model.num_cols()], rows: vec![0; model.num_rows()] };
        // SAFETY: the model is alive, and HiGHS writes as many numbers as it has columns and rows.
        let status = unsafe { Highs_getBasis(model.as_ptr(), basis.columns.as_mut_ptr(), basis.rows.as_mut_ptr()) };
        (status == kHighsStatusOk).then_some(basis)
    }

    /// Whether a row holds with room to spare, so that the solution stands without it as well.
    pub(super) fn is_loose(&self, row: usize) -> bool {
        self.rows[row] == kHighsBasisStatusBasic
    }

    /// Whether a column is in the basis.
    pub(super) fn is_used(&self, column: usize) -> bool {
        self.columns[column] == kHighsBasisStatusBasic
    }

    /// Tells whether a row holds with room to spare.
    pub(super) fn set_loose(&mut self, row: usize, is_loose: bool) {
        self.rows[row] = if is_loose { kHighsBasisStatusBasic } else { kHighsBasisStatusLower };
    }

    /// Drops the columns after the first so many.
    pub(super) fn keep_columns(&mut self, columns: usize) {
        self.columns.truncate(columns);
    }

    /// The same where rows that a program has more of hold with room to spare.
    pub(super) fn filled(mut self, rows: usize) -> Self {
        self.rows.resize(rows, kHighsBasisStatusBasic);
        self
    }

    /// What is left of it without rows that were loose.
    pub(super) fn retained(mut self, stays: &[bool]) -> Self {
        let mut rows = stays.iter();
        self.rows.retain(|_| rows.next() == Some(&true));
        self
    }

    /// Lets a model begin here. Where HiGHS refuses, it begins with nothing.
    ///
    /// # Panics
    ///
    /// If there are other columns or rows than the model has.
    #[expect(unsafe_code, reason = "the safe interface has no such function")]
    pub(super) fn begin(&self, model: &mut Model) {
        assert!(self.columns.len() == model.num_cols() && self.rows.len() == model.num_rows());
        // SAFETY: the model is alive, and HiGHS reads as many numbers as it has columns and rows, and keeps none of the
        // pointers.
        let _ = unsafe { Highs_setBasis(model.as_mut_ptr(), self.columns.as_ptr(), self.rows.as_ptr()) };
    }
}

#[cfg(test)]
mod tests {
    use highs::{HighsModelStatus, RowProblem, Sense};

    use super::*;

    /// How many steps it takes to cover each of two things at least cost, from prices that leave so much of the columns.
    fn steps(left: [i128; 3], pays: [bool; 2]) -> i64 {
        let mut program = RowProblem::default();
        let [one, both, other] = [3.0, 4.0, 2.0].map(|cost| program.add_column(cost, 0.0..=1.0));
        program.add_row(1.0.., [(one, 1.0), (both, 1.0)]);
        program.add_row(1.0.., [(both, 1.0), (other, 1.0)]);
        let mut model = program.optimise(Sense::Minimise);
        model.make_quiet();
        model.set_option("presolve", "off");
        Basis::by_prices(&left, &pays).begin(&mut model);
        let solved = model.solve();
        assert_eq!(solved.status(), HighsModelStatus::Optimal);
        assert_eq!(solved.objective_value().round() as i64, 4);
        solved.simplex_iteration_count()
    }

    #[test]
    fn who_begins_with_the_right_prices_has_nothing_left_to_do() {
        // Prices of 3 and 1, in units of a hundredth, with an error of rounding.
        assert_eq!(steps([1, 0, 100], [true, true]), 0);
        assert!(steps([300, 400, 200], [false, false]) > 0);
    }

    #[test]
    fn a_basis_that_makes_no_sense_is_put_right() {
        // More columns than rows, and none where there are rows; either way the optimum is found.
        for (left, pays) in [([0, 0, 0], [true, false]), ([-50, 300, -50], [true, true])] {
            steps(left, pays);
        }
    }
}
