//! Zero-half cuts: half the sum of some rows, rounded up; they hold for whole shares alone.
//!
//! Where rows ask for an odd number together, half their sum asks for a half too little, as long as all its factors are
//! whole. So rows that a point satisfies exactly are added to each other until the factors of its fractional shares are
//! even; where what they ask for is odd then, the point violates the rounded half by a half. That is what it takes around
//! odd wheels: seven relays for thirteen terminals in a ring, of which each relay serves two, where half a relay at each
//! place would do for the linear program.
//!
//! Source: zero-half cuts, Caprara and Fischetti (Math. Prog. 74, 1996); elimination: Koster, Zymolka and Kutschka
//! (Algorithmica 55, 2009). Odd holes of Steiner trees: Chopra and Rao (Math. Prog. 64, 1994).

use std::collections::BTreeMap;

use crate::graph::UnionFind;
use crate::solver::cuts::rows::{Kind, Row};

/// What a share differs by from a whole number, or a row from what it asks for, where that is an error of rounding.
const NOTHING: f64 = 1e-6;

/// What a row must be violated by.
const VIOLATED: f64 = 0.05;

/// Shares in a row at most.
const LONG: usize = 400;

/// Rows at most that share fractional columns, one with the next; where there are more, none come of them.
const LARGE: usize = 10_000;

/// Cuts at most that come of such rows.
const MOST: usize = 100;

/// Zero-half cuts that a point violates; every whole point satisfies them that satisfies the given rows. The values are by column.
///
/// Time: O(f r (f + r) / 64) for f fractional columns that r of the rows hold together.
pub(super) fn zero_half_cuts<'r>(rows: impl Iterator<Item = &'r Row>, values: &[f64]) -> Vec<Row> {
    let mut columns = UnionFind::new(values.len());
    let mut tight = Vec::new();
    for row in rows.filter(|row| slack(row, values).abs() < NOTHING) {
        let mut odd = odd_fractional(row, values);
        if let Some(first) = odd.next() {
            odd.for_each(|other| {
                columns.join(first as usize, other as usize);
            });
            tight.push((first, row));
        }
    }
    let mut groups: BTreeMap<usize, Vec<&Row>> = BTreeMap::new();
    for (first, row) in tight {
        groups.entry(columns.find(first as usize)).or_default().push(row);
    }
    groups.values().filter(|group| group.len() <= LARGE).flat_map(|group| of_group(group, values)).collect()
}

/// What comes of rows that share fractional columns: those that the point violates most for their length.
fn of_group(rows: &[&Row], values: &[f64]) -> Vec<Row> {
    let mut sums = Sums::new(rows, values);
    sums.eliminate();
    let mut found = Vec::new();
    for sum in sums.all.iter().filter(|sum| sum.is_odd && sum.slack + sums.odd(sum) < 1.0 - 2.0 * VIOLATED) {
        let Some(row) = halved(ones(&sum.of).map(|at| rows[at]), values) else { continue };
        let violated = -slack(&row, values);
        if violated > VIOLATED && row.factors.len() <= LONG {
            let squares: f64 = row.factors.iter().map(|&(_, factor)| f64::from(factor).powi(2)).sum();
            found.push((violated / squares.sqrt(), row));
        }
    }
    found.sort_by(|(one_far, one), (other_far, other)| {
        other_far.total_cmp(one_far).then_with(|| (&one.factors, one.least).cmp(&(&other.factors, other.least)))
    });
    found.dedup_by(|(_, one), (_, other)| one.factors == other.factors && one.least == other.least);
    found.into_iter().map(|(_, row)| row).take(MOST).collect()
}

/// By how much a point does more than a row asks for.
fn slack(row: &Row, values: &[f64]) -> f64 {
    let sum: f64 = row.factors.iter().map(|&(column, factor)| f64::from(factor) * values[column as usize]).sum();
    sum - row.least as f64
}

fn is_fractional(value: f64) -> bool {
    (NOTHING..1.0 - NOTHING).contains(&value)
}

/// Columns of fractional shares with an odd factor.
fn odd_fractional(row: &Row, values: &[f64]) -> impl Iterator<Item = u32> {
    let odd = row.factors.iter().filter(|(_, factor)| factor % 2 != 0).map(|&(column, _)| column);
    odd.filter(|&column| is_fractional(values[column as usize]))
}

/// A sum of rows, modulo two.
#[derive(Default)]
struct Sum {
    /// Fractional columns with an odd factor, as bits; how many.
    odd: Vec<u64>,
    count: u32,
    /// Whether it asks for an odd number.
    is_odd: bool,
    /// By how much the point does more than that.
    slack: f64,
    /// The rows that it is the sum of, as bits.
    of: Vec<u64>,
}

/// Rows, then sums of them.
struct Sums {
    all: Vec<Sum>,
    /// By fractional column, in the order in which bits stand for them, how far its share is from a whole number.
    far: Vec<f64>,
    /// By fractional column, how many sums have an odd factor of it.
    holding: Vec<u32>,
}

impl Sums {
    fn new(rows: &[&Row], values: &[f64]) -> Self {
        let mut number = BTreeMap::new();
        let mut far = Vec::new();
        for column in rows.iter().flat_map(|row| odd_fractional(row, values)) {
            number.entry(column).or_insert_with(|| {
                let value = values[column as usize];
                far.push(value.min(1.0 - value));
                far.len() - 1
            });
        }
        let mut holding = vec![0; far.len()];
        let mut all = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let mut sum = Sum {
                odd: vec![0; far.len().div_ceil(64)],
                count: 0,
                is_odd: row.least % 2 != 0,
                slack: slack(row, values).max(0.0),
                of: vec![0; rows.len().div_ceil(64)],
            };
            sum.of[at / 64] |= 1 << (at % 64);
            for &(column, _) in row.factors.iter().filter(|(_, factor)| factor % 2 != 0) {
                if let Some(&bit) = number.get(&column) {
                    sum.odd[bit / 64] |= 1 << (bit % 64);
                    holding[bit] += 1;
                } else {
                    // A share that is whole is as good as none, with that much less to ask for.
                    sum.is_odd ^= values[column as usize] > 0.5;
                }
            }
            sum.count = ones(&sum.odd).count() as u32;
            all.push(sum);
        }
        Self { all, far, holding }
    }

    /// How far the point is from what a sum asks for because of factors that are still odd.
    fn odd(&self, sum: &Sum) -> f64 {
        ones(&sum.odd).map(|bit| self.far[bit]).sum()
    }

    /// Adds sums that the point satisfies exactly to others, each to all that share one of its columns, so that no other sum
    /// has an odd factor of that; short sums come first, so that those that come of it stay short.
    fn eliminate(&mut self) {
        loop {
            let exact = (0..self.all.len()).filter(|&at| self.all[at].count > 0 && self.all[at].slack < NOTHING);
            let Some(at) = exact.min_by_key(|&at| self.all[at].count) else { return };
            let mut sum = std::mem::take(&mut self.all[at]);
            let first = |&one: &usize, &other: &usize| {
                self.holding[one].cmp(&self.holding[other]).then(self.far[other].total_cmp(&self.far[one]))
            };
            let Some(pivot) = ones(&sum.odd).min_by(first) else { return };
            let (word, bit) = (pivot / 64, 1 << (pivot % 64));
            for other in self.all.iter_mut().filter(|other| other.odd.get(word).is_some_and(|odd| odd & bit != 0)) {
                ones(&other.odd).for_each(|column| self.holding[column] -= 1);
                other.add(&sum);
                ones(&other.odd).for_each(|column| self.holding[column] += 1);
            }
            // What is left of it is odd in this column, which is as far from even as its share is from whole.
            sum.odd[word] ^= bit;
            sum.count -= 1;
            sum.slack += self.far[pivot];
            self.all[at] = sum;
        }
    }
}

impl Sum {
    fn add(&mut self, other: &Self) {
        self.odd.iter_mut().zip(&other.odd).for_each(|(own, other)| *own ^= other);
        self.of.iter_mut().zip(&other.of).for_each(|(own, other)| *own ^= other);
        self.count = self.odd.iter().map(|word| word.count_ones()).sum();
        self.is_odd ^= other.is_odd;
        self.slack += other.slack;
    }
}

/// Places of bits that are set.
fn ones(words: &[u64]) -> impl Iterator<Item = usize> {
    words.iter().enumerate().flat_map(|(place, &word)| {
        let next = |left: &u64| Some(left & (left - 1)).filter(|left| *left != 0);
        let left = std::iter::successors(Some(word).filter(|word| *word != 0), next);
        left.map(move |left| 64 * place + left.trailing_zeros() as usize)
    })
}

/// Half the sum of some rows, rounded up: odd factors to the side that the point minds less. None where it asks for nothing
/// that the rows do not ask for already, or factors are too large.
fn halved<'r>(rows: impl Iterator<Item = &'r Row>, values: &[f64]) -> Option<Row> {
    let (mut sums, mut least): (BTreeMap<u32, i64>, i64) = (BTreeMap::new(), 0);
    for row in rows {
        least += row.least;
        row.factors.iter().for_each(|&(column, factor)| *sums.entry(column).or_default() += i64::from(factor));
    }
    let mut factors = Vec::new();
    for (column, sum) in sums {
        // No share is less than nothing, and none is more than one.
        let is_down = sum % 2 != 0 && values[column as usize] > 0.5;
        least -= i64::from(is_down);
        let factor = (sum + i64::from(!is_down)).div_euclid(2);
        if factor != 0 {
            factors.push((column, i8::try_from(factor).ok()?));
        }
    }
    (least % 2 != 0).then(|| Row::new(factors, (least + 1) / 2, Kind::ZeroHalf))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::effort::Effort;
    use crate::graph::{Graph, NodeId};
    use crate::problem::{Demand, SteinerProblem};
    use crate::solver::cuts::local::{Patience, improved};
    use crate::solver::cuts::rows::Ground;

    fn row(factors: &[(u32, i8)], least: i64) -> Row {
        Row::new(factors.to_vec(), least, Kind::Whole)
    }

    fn found(rows: &[Row], values: &[f64]) -> Vec<(Vec<(u32, i8)>, i64)> {
        zero_half_cuts(rows.iter(), values).into_iter().map(|row| (row.factors, row.least)).collect()
    }

    #[test]
    fn two_of_three_cover_three_pairs() {
        let pairs = [[0, 1], [1, 2], [0, 2]].map(|pair| row(&pair.map(|column| (column, 1)), 1));
        assert_eq!(found(&pairs, &[0.5; 3]), [(vec![(0, 1), (1, 1), (2, 1)], 2)]);
        assert_eq!(found(&pairs, &[1.0, 1.0, 0.0]), [], "a whole point violates nothing");
        assert_eq!(found(&pairs[..2], &[0.5; 3]), [], "two pairs are covered by what they share");
    }

    #[test]
    fn whole_shares_count_for_what_they_are() {
        // The last column is used for good, and one row asks for it as well; another column is not used, and one row offers it.
        let rows = [row(&[(0, 1), (1, 1), (3, 1)], 2), row(&[(1, 1), (2, 1), (4, 1)], 1), row(&[(0, 1), (2, 1)], 1)];
        let all = [(0, 1), (1, 1), (2, 1), (4, 1)];
        assert_eq!(found(&rows, &[0.5, 0.5, 0.5, 1.0, 0.0]), [(all.to_vec(), 2)]);
    }

    /// A hub, so many relays around it, and between any two next to each other a terminal; relays cost as much as told, and
    /// ways from them to terminals more than that.
    fn wheel(relays: u32, cost: i64) -> SteinerProblem {
        let mut ends: Vec<[NodeId; 2]> = (1..=relays).map(|relay| [NodeId(0), NodeId(relay)]).collect();
        for relay in 0..relays {
            let rim = [relay, (relay + 1) % relays].map(|rim| [NodeId(1 + relay), NodeId(1 + relays + rim)]);
            ends.extend(rim);
        }
        let demands =
            (0..=2 * relays).map(|node| if node == 0 || node > relays { Demand::Required } else { Demand::None });
        let costs = (0..ends.len()).map(|edge| if edge < relays as usize { cost } else { 2 * cost }).collect();
        let graph = Graph::new(2 * relays as usize + 1, ends);
        SteinerProblem::new(graph, costs, demands.collect(), Some(NodeId(0))).expect("it is connected")
    }

    #[test]
    fn an_odd_wheel_takes_no_branches() {
        let problem = wheel(13, 10);
        let graph = problem.graph();
        let closed = vec![false; 2 * graph.edge_count()];
        let mut costs: Vec<i64> = problem.costs().iter().flat_map(|&cost| [1024 * cost; 2]).collect();
        costs.resize(closed.len() + graph.node_count(), 0);
        let ground = Ground { problem: &problem, root: NodeId(0), closed: &closed, costs, scale: 1024, is_part: true };
        let bound = |zero_half: bool| {
            let patience = Patience { rounds: 30, few: 30, enough: i64::MAX, worth: i64::MAX, zero_half };
            improved(ground.clone(), Vec::new(), patience, &Effort::default()).1.bound
        };
        // Thirteen ways to terminals; each of thirteen relays is half used, or else seven are.
        assert_eq!([false, true].map(bound), [(260 + 65) * 1024, (260 + 70) * 1024]);
    }

    prop_compose! {
        /// Rows over six columns, and a point of halves that satisfies each exactly.
        fn tight()(
            doubled in prop::collection::vec(0_i8..=2, 6),
            factors in prop::collection::vec(prop::collection::vec(-1_i8..=2, 6), 1..6),
        ) -> (Vec<Row>, Vec<f64>) {
            let asks = |factors: &[i8]| factors.iter().zip(&doubled).map(|(&factor, &twice)| i64::from(factor * twice)).sum::<i64>();
            let even = factors.iter().filter(|factors| asks(factors) % 2 == 0);
            let rows = even.map(|factors| {
                let used = (0..).zip(factors.iter().copied()).filter(|(_, factor)| *factor != 0);
                row(&used.collect::<Vec<_>>(), asks(factors) / 2)
            });
            (rows.collect(), doubled.iter().map(|&twice| f64::from(twice) / 2.0).collect())
        }
    }

    /// Whether some of the rows add up to an odd number with no odd factor of a fractional share.
    fn is_odd_together(rows: &[Row], values: &[f64]) -> bool {
        (1_u32..1 << rows.len()).any(|some| {
            let some = || (0..rows.len()).filter(move |at| some >> at & 1 == 1).map(|at| &rows[at]);
            let sum = |column: u32| {
                let factors = some().flat_map(|row| &row.factors).filter(|(other, _)| *other == column);
                factors.map(|&(_, factor)| i64::from(factor)).sum::<i64>()
            };
            let is_even = |column: u32| sum(column) % 2 == 0;
            let columns = 0..values.len() as u32;
            let rounded: i64 =
                columns.clone().filter(|&column| values[column as usize] > 0.5 + NOTHING && !is_even(column)).count()
                    as i64;
            let mut fractional = columns.filter(|&column| is_fractional(values[column as usize]));
            (some().map(|row| row.least).sum::<i64>() + rounded) % 2 != 0 && fractional.all(is_even)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn rows_hold_for_whole_points_and_not_for_the_point((rows, values) in tight()) {
            let found = zero_half_cuts(rows.iter(), &values);
            for row in &found {
                prop_assert!(slack(row, &values) < -VIOLATED);
            }
            for whole in 0_u32..1 << 6 {
                let whole: Vec<f64> = (0..6).map(|column| f64::from(whole >> column & 1)).collect();
                if rows.iter().all(|row| slack(row, &whole) >= 0.0) {
                    prop_assert!(found.iter().all(|row| slack(row, &whole) >= 0.0), "{whole:?}");
                }
            }
            let touched: Vec<Row> = rows.into_iter().filter(|row| odd_fractional(row, &values).next().is_some()).collect();
            if is_odd_together(&touched, &values) {
                prop_assert!(!found.is_empty(), "half the sum of some rows is violated");
            }
        }
    }
}
