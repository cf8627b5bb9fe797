//! Prices that a linear program begins with although no basis tells of them.
//!
//! A basis tells of as many prices as columns are used up. Prices that were put together from parts, or paid again on a
//! smaller kernel, are more than that. Where a basis is too small for them, HiGHS lets rows hold with room to spare; these pay
//! nothing then, and all that hangs on them is lost and found again in ten thousand steps. So what they pay is given: it is
//! charged to the columns beforehand, and the program tells how much more or less it should be. A row that asks for at
//! least so much may pay less, but not less than nothing: what it gets too much of costs the price that is given. So the
//! program begins with all that is known, and every step gains.
//!
//! Source: Bixby and Saltzman (Oper. Res. Lett. 15, 1994) push prices that a basis does not hold one after the other; here
//! the dual simplex does.

use highs::Model;
use highs_sys::{Highs_addCol, Highs_changeColCost, Highs_changeRowBounds, HighsInt, kHighsStatusError};

use crate::solver::cuts::basis::Basis;
use crate::solver::cuts::rows::Row;

/// How a row's surplus enters it.
static SURPLUS: f64 = -1.0;

/// Prices that are given to a model.
#[derive(Default)]
pub(super) struct Given {
    /// Each row's place, what it pays, and the column of what it gets too much of, if it may get that.
    rows: Vec<(usize, i64, Option<usize>)>,
}

/// The program that prices are given to.
pub(super) struct Program<'a> {
    pub(super) rows: &'a [Row],
    /// By row, what it pays; none of the last ones that have no price yet.
    pub(super) prices: &'a [i64],
    /// By column, in units over the scale.
    pub(super) costs: &'a [i64],
    pub(super) scale: i64,
}

impl Given {
    /// Lets a model of a program begin at a basis, with the prices of all rows that are not in it: what is given for that.
    /// None where HiGHS refuses. Time: that of a factorisation.
    #[expect(unsafe_code, reason = "the safe interface changes neither costs nor bounds")]
    pub(super) fn begin(model: &mut Model, basis: Basis, program: &Program<'_>) -> Option<Self> {
        let asked = basis.filled(program.rows.len());
        asked.begin(model);
        let begun = Basis::of(model)?;
        let mut given = Self::default();
        let mut charged = vec![0; program.costs.len()];
        let mut columns = program.costs.len();
        for (at, (row, &price)) in program.rows.iter().zip(program.prices).enumerate() {
            if price == 0 || asked.is_loose(at) || !begun.is_loose(at) {
                continue;
            }
            row.factors.iter().for_each(|&(column, factor)| charged[column as usize] += price * i64::from(factor));
            let surplus = (!row.is_exact).then_some(columns);
            columns += usize::from(!row.is_exact);
            given.rows.push((at, price, surplus));
        }
        let scale = program.scale as f64;
        let is_done = |status: HighsInt| (status != kHighsStatusError).then_some(());
        for (column, &charged) in charged.iter().enumerate().filter(|(_, charged)| **charged != 0) {
            let cost = (program.costs[column] - charged) as f64 / scale;
            // SAFETY: the model is alive, and has the column.
            is_done(unsafe { Highs_changeColCost(model.as_mut_ptr(), column as HighsInt, cost) })?;
        }
        for &(at, price, _) in given.rows.iter().filter(|(.., surplus)| surplus.is_some()) {
            let (row, least, cost) = (at as HighsInt, program.rows[at].least as f64, price as f64 / scale);
            // SAFETY: the model is alive, and has the row; HiGHS reads one row's number and one factor, and keeps no pointer.
            is_done(unsafe {
                Highs_addCol(model.as_mut_ptr(), cost, 0.0, f64::INFINITY, 1, &raw const row, &raw const SURPLUS)
            })?;
            // SAFETY: as above.
            is_done(unsafe { Highs_changeRowBounds(model.as_mut_ptr(), row, least, least) })?;
        }
        Some(given)
    }

    /// What rows pay by a model's duals, with what is given.
    pub(super) fn added_to(&self, duals: &[f64], scale: i64) -> Vec<f64> {
        let mut duals = duals.to_vec();
        self.rows.iter().for_each(|&(at, price, _)| duals[at] += price as f64 / scale as f64);
        duals
    }

    /// Where the last solution of the model ended, in the program's own columns, of which there are so many.
    pub(super) fn basis(&self, model: &Model, columns: usize) -> Option<Basis> {
        let mut basis = Basis::of(model)?;
        for &(at, _, surplus) in &self.rows {
            basis.set_loose(at, surplus.is_some_and(|column| basis.is_used(column)));
        }
        basis.keep_columns(columns);
        Some(basis)
    }
}

#[cfg(test)]
mod tests {
    use highs::HighsModelStatus;

    use super::*;
    use crate::solver::cuts::batch;
    use crate::solver::cuts::rows::Kind;

    /// What rows pay at the optimum of a program over two columns, begun at some prices: the first is one at least, so are
    /// both together, and the second is just one.
    fn paid(known: [i64; 3]) -> Vec<i64> {
        let costs = [6, 10];
        let mut exact = Row::new(vec![(1, 1)], 1, Kind::Whole);
        exact.is_exact = true;
        let rows = [Row::new(vec![(0, 1)], 1, Kind::Whole), Row::new(vec![(0, 1), (1, 1)], 1, Kind::Whole), exact];
        let columns = costs.iter().map(|&cost| (cost as f64, false));
        let mut model = batch::model(columns, &rows).expect("HiGHS takes it");
        // In thousandths, for the basis lets errors of rounding pass.
        let mut left = costs.map(|cost| i128::from(cost) * 1_000);
        for (row, price) in rows.iter().zip(known) {
            row.factors.iter().for_each(|&(column, _)| left[column as usize] -= i128::from(price) * 1_000);
        }
        let basis = Basis::by_prices(&left, &known.map(|price| price != 0));
        let program = Program { rows: &rows, prices: &known, costs: &costs, scale: 1 };
        let given = Given::begin(&mut model, basis, &program).expect("HiGHS takes it");
        let solved = model.solve();
        assert_eq!(solved.status(), HighsModelStatus::Optimal);
        let duals = given.added_to(solved.get_solution().dual_rows(), 1);
        let basis = given.basis(&Model::from(solved), costs.len()).expect("it was solved");
        assert!(!basis.is_loose(0) && basis.is_loose(1) && !basis.is_loose(2));
        duals.iter().map(|dual| dual.round() as i64).collect()
    }

    #[test]
    fn what_rows_pay_is_not_lost_where_no_basis_tells_of_it() {
        // All three pay, and nothing of either column is left: one price more than two columns can tell of. The second row
        // is to pay nothing in the end.
        assert_eq!(paid([2, 4, 6]), [6, 0, 10]);
        // Nothing is used up, so all prices are given.
        assert_eq!(paid([1, 2, 3]), [6, 0, 10]);
        assert_eq!(paid([0, 0, 0]), [6, 0, 10]);
    }
}
