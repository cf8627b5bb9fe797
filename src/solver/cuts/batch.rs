//! Rows that a linear program gets all at once.
//!
//! HiGHS keeps its matrix by columns, so a single new row moves all that is behind it in every column. Hundreds of rows in one
//! call cost no more than one.

use highs::{Model, RowProblem, Sense};
use highs_sys::{Highs_addRows, HighsInt, kHighsStatusOk};

use crate::solver::cuts::rows::Row;

/// A model of columns, of which each has a cost and may be shut, so that no share of it is used, and of rows; none where HiGHS
/// refuses them. Time: O(nonzeros).
pub(super) fn model(columns: impl Iterator<Item = (f64, bool)>, rows: &[Row]) -> Option<Model> {
    let mut program = RowProblem::default();
    for (cost, is_shut) in columns {
        program.add_column(cost, 0.0..=if is_shut { 0.0 } else { 1.0 });
    }
    let mut model = program.optimise(Sense::Minimise);
    model.make_quiet();
    model.set_option("presolve", "off");
    model.set_option("parallel", "off");
    // HiGHS keeps a scheduler for each calling thread: where this one had more threads, every later program that asks
    // for one thread would fail.
    model.set_option("threads", 1);
    add(&mut model, rows).then_some(model)
}

/// Adds rows, whose columns are those of the model; whether HiGHS took them. Time: O(nonzeros of the model and of the rows).
#[expect(unsafe_code, reason = "the safe interface adds them one by one")]
pub(super) fn add(model: &mut Model, rows: &[Row]) -> bool {
    let lower: Vec<f64> = rows.iter().map(|row| row.least as f64).collect();
    let upper: Vec<f64> = rows.iter().map(|row| if row.is_exact { row.least as f64 } else { f64::INFINITY }).collect();
    let (mut starts, mut columns, mut factors) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        starts.push(columns.len() as HighsInt);
        columns.extend(row.factors.iter().map(|&(column, _)| column as HighsInt));
        factors.extend(row.factors.iter().map(|&(_, factor)| f64::from(factor)));
    }
    assert!(columns.iter().all(|&column| (column as usize) < model.num_cols()));
    // SAFETY: the model is alive; HiGHS reads as many bounds and starts as there are rows, as many columns and factors as
    // there are nonzeros, and keeps none of the pointers.
    let status = unsafe {
        Highs_addRows(
            model.as_mut_ptr(),
            rows.len() as HighsInt,
            lower.as_ptr(),
            upper.as_ptr(),
            columns.len() as HighsInt,
            starts.as_ptr(),
            columns.as_ptr(),
            factors.as_ptr(),
        )
    };
    status == kHighsStatusOk
}

#[cfg(test)]
mod tests {
    use highs::HighsModelStatus;

    use super::*;
    use crate::solver::cuts::rows::Kind;

    #[test]
    fn a_program_goes_on_with_all_rows_that_it_got() {
        let mut exact = Row::new(vec![(2, 1)], 1, Kind::Whole);
        exact.is_exact = true;
        let columns = [3.0, 4.0, 2.0].map(|cost| (cost, false));
        // Shares of 1, 0 and 1 cost 5; the last row asks for the second instead of the first.
        let rows = [Row::new(vec![(0, 1), (1, 1)], 1, Kind::Whole), exact];
        let model = model(columns.into_iter(), &rows).expect("HiGHS takes it");
        let solved = model.solve();
        assert_eq!((solved.status(), solved.objective_value().round()), (HighsModelStatus::Optimal, 5.0));
        let mut model = Model::from(solved);
        assert!(add(&mut model, &[Row::new(vec![(0, -1)], 0, Kind::Whole)]));
        let solved = model.solve();
        assert_eq!((solved.status(), solved.objective_value().round()), (HighsModelStatus::Optimal, 6.0));
    }
}
