//! Linear programs of one part: better prices for the rows that are about it alone.

use crate::effort::Effort;
use crate::graph::NodeId;
use crate::solver::ascent::{self, Ascent, IMPOSSIBLE, Wishes};
use crate::solver::cuts::division::Part;
use crate::solver::cuts::point::Point;
use crate::solver::cuts::relaxation::Relaxation;
use crate::solver::cuts::rows::{Ground, Priced};
use crate::solver::cuts::separate;

/// How long to go on.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    /// Programs at most, and after how many of them it is enough to have gained so much.
    pub(super) rounds: usize,
    pub(super) few: usize,
    pub(super) enough: i64,
    /// A program that gains less than one in so many of what was gained before is the last.
    pub(super) worth: i64,
    /// Whether zero-half cuts are looked for where programs gain no more without them.
    pub(super) zero_half: bool,
}

/// What came of programs of a part.
pub(super) struct Improved {
    /// Rows that pay, and what they pay in all.
    pub(super) rows: Vec<Priced>,
    pub(super) bound: i64,
    /// The last program's point, and whether it violates no row that is known.
    pub(super) point: Option<Point>,
    pub(super) is_settled: bool,
    /// Whether programs ended because enough was gained.
    pub(super) gained_enough: bool,
    /// Simplex iterations times rows.
    pub(super) work: i64,
}

/// A part at these costs.
pub(super) fn ground(part: &Part, costs: Vec<i64>, scale: i64) -> Ground<'_> {
    Ground { problem: &part.problem, root: NodeId(0), closed: &part.closed, costs, scale, is_part: true }
}

/// Better prices on a part than rows have that are there. Time: that of the programs.
pub(super) fn improved(ground: Ground<'_>, rows: Vec<Priced>, patience: Patience, effort: &Effort) -> Improved {
    let before = paid(&rows);
    let mut relaxation = Relaxation::resumed(ground, &rows);
    let mut found = Improved { rows, bound: before, point: None, is_settled: false, gained_enough: false, work: 0 };
    let (mut is_refined, mut since) = (false, 0);
    for round in 0..patience.rounds {
        let Some(point) = relaxation.solve(&effort.deadline) else { break };
        let proof = went_on(&relaxation.ground, &point.duals, effort);
        if proof.bound >= IMPOSSIBLE {
            found.bound = IMPOSSIBLE;
            break;
        }
        let gain = proof.bound - found.bound;
        if gain > 0 {
            found.bound = proof.bound;
            found.rows = relaxation.priced();
            for sets in &proof.raised {
                for raise in &sets.raises {
                    found.rows.push(relaxation.paying(sets.cut(raise.size), raise.amount));
                }
            }
        }
        let is_little = round > since + 1 && gain < (found.bound - before) / patience.worth;
        let is_enough = round + 1 >= patience.few && found.bound - before >= patience.enough;
        let is_dry = is_little && (is_refined || !patience.zero_half);
        found.gained_enough = is_enough && !is_little;
        let is_last = round + 1 == patience.rounds || is_dry || is_enough || effort.deadline.passed();
        if !is_last {
            let mut added = separate(&mut relaxation, &point, &proof);
            if patience.zero_half && !is_refined && (is_little || added == 0) {
                (is_refined, since) = (true, round);
            }
            if is_refined {
                added += relaxation.add_zero_half_cuts(&point);
            }
            found.is_settled = added == 0;
        }
        found.point = Some(point);
        if is_last || found.is_settled {
            break;
        }
    }
    found.work = relaxation.work;
    found
}

/// What rows pay in all.
pub(super) fn paid(rows: &[Priced]) -> i64 {
    rows.iter().map(|row| row.price * row.least).sum()
}

/// An ascent from what a program's duals left.
fn went_on(ground: &Ground<'_>, duals: &Ascent, effort: &Effort) -> Ascent {
    let closed = Some(ground.closed);
    let wishes = Wishes { seed: effort.seed, closed, start: Some(duals), record: true, ..Default::default() };
    ascent::ascend(ground.problem, ground.root, &wishes, effort)
}
