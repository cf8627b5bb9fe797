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

/// What came of programs.
pub(super) struct Improved {
    /// What is proven by the best of them, or was before.
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

/// Better prices on a part than rows have that are there: rows that pay, and what came of it. Time: that of the programs.
pub(super) fn improved(
    ground: Ground<'_>,
    mut rows: Vec<Priced>,
    patience: Patience,
    effort: &Effort,
) -> (Vec<Priced>, Improved) {
    let mut relaxation = Relaxation::resumed(ground, &rows);
    let found = solved(&mut relaxation, paid(&rows), patience, effort, &mut |relaxation, proof| {
        rows = relaxation.priced();
        for sets in &proof.raised {
            for raise in &sets.raises {
                rows.push(relaxation.paying(sets.cut(raise.size), raise.amount));
            }
        }
    });
    (rows, found)
}

/// Programs of a relaxation with more and more cuts, where so much is known to be paid; each that proves more is told of, with
/// the ascent that went on from it. Time: that of the programs.
pub(super) fn solved<'a>(
    relaxation: &mut Relaxation<'a>,
    before: i64,
    patience: Patience,
    effort: &Effort,
    tell: &mut dyn FnMut(&mut Relaxation<'a>, &Ascent),
) -> Improved {
    let mut found = Improved { bound: before, point: None, is_settled: false, gained_enough: false, work: 0 };
    let (mut is_refined, mut since) = (false, 0);
    for round in 0..patience.rounds {
        let Some(point) = relaxation.solve(&effort.deadline) else {
            // Perhaps a terminal cannot be reached any more.
            if went_on(&relaxation.ground, None, effort).bound >= IMPOSSIBLE {
                found.bound = IMPOSSIBLE;
            }
            break;
        };
        let proof = went_on(&relaxation.ground, Some(&point.duals), effort);
        if proof.bound >= IMPOSSIBLE {
            found.bound = IMPOSSIBLE;
            break;
        }
        let gain = proof.bound - found.bound;
        if gain > 0 {
            found.bound = proof.bound;
            tell(relaxation, &proof);
        }
        let is_little = round > since + 1 && gain < (found.bound - before) / patience.worth;
        let is_enough = round + 1 >= patience.few && found.bound - before >= patience.enough;
        let is_dry = is_little && (is_refined || !patience.zero_half);
        found.gained_enough = is_enough && !is_little;
        let is_last = round + 1 == patience.rounds || is_dry || is_enough || effort.deadline.passed();
        if !is_last {
            let mut added = separate(relaxation, &point, &proof);
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

/// An ascent from what a program's duals left, or from the costs.
fn went_on(ground: &Ground<'_>, start: Option<&Ascent>, effort: &Effort) -> Ascent {
    let closed = Some(ground.closed);
    let wishes = Wishes { seed: effort.seed, closed, start, record: true, ..Default::default() };
    ascent::ascend(ground.problem, ground.root, &wishes, effort)
}
