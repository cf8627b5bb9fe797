//! What depends on which PoPs open, besides trenches: how far fibres run, and who is beyond the reach of PoPs' own cables.
//!
//! Trenches that share one PoP and routes to the nearest of many would not fit together. So every set of few candidates is
//! tried: given the set, each leaf has its shortest route to the nearest of them, and pays for a distribution point or for
//! fibres without one (see `points.rs`). The least is kept by the number of PoPs, for that is what the trench problem is
//! priced by. Protected parks have the fibre of second routes besides.

use std::collections::BTreeMap;

use crate::graph::NodeId;
use crate::network::Network;
use crate::plan::points::{FINE, Points};
use crate::plan::second_bound::SecondFibres;
use crate::plan::total::{SEVERAL_BOUNDS, Served, foot, scaled};
use crate::plan::{PopCandidate, Routes};
use crate::scenario::Architecture;
use crate::units::Money;

/// Least cost of what depends on the open PoPs where there are so many, or at least so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Openings {
    /// Of all together.
    pub(super) sum: Money,
    /// How many PoPs are open.
    pub(super) pops: i64,
    /// Whether it is the least for any larger number as well.
    pub(super) or_more: bool,
    /// Further fibres.
    pub(super) fibre: Money,
    /// Distribution points with splices in them, or fibres without one.
    pub(super) points: Money,
}

/// What things cost that depend on open PoPs.
#[derive(Clone, Debug)]
pub(super) struct Rates {
    /// Thousandths of a cent per metre and fibre.
    pub(super) each: i64,
    /// What connections pay for distribution points.
    pub(super) points: Points,
}

impl Rates {
    /// What a park's routes carry, in the unit of [`scaled`], where its own carries so much.
    fn with_second(&self, own: i128, second: SecondFibres) -> i128 {
        let scaled = |price: i64| i128::from(price) * 10_000_000 / i128::from(self.each.max(1));
        (own + scaled(second.one)).max(scaled(second.both))
    }
}

impl Openings {
    /// Cost where leaves are fed so from so many PoPs, fibre at so many thousandths of a cent a metre; none where one is not
    /// reached.
    fn of(pops: usize, fed: &[Option<Fed>], each: i64) -> Option<Self> {
        let mut sum = Fed { metres: 0, fees: 0 };
        for fed in fed {
            let fed = (*fed)?;
            sum = Fed { metres: sum.metres + fed.metres, fees: sum.fees + fed.fees };
        }
        let fibre = Money::from_cents((i128::from(each) * (sum.metres / 10_000) / 1_000_000) as i64);
        let points = Money::from_cents(sum.fees / FINE);
        Some(Self { sum: fibre + points, pops: pops as i64, or_more: false, fibre, points })
    }
}

/// Candidates up to which every set of them is tried, and leaves times sets.
const MOST_CANDIDATES: usize = 16;
const MOST_SETS: usize = 100_000_000;

/// Routes of one leaf under some open PoPs: fibre metres as in [`scaled`], and what it pays for distribution points, in
/// [`FINE`].
#[derive(Clone, Copy, Debug)]
struct Fed {
    metres: i128,
    fees: i64,
}

impl Fed {
    /// A nearer PoP is no worse in either.
    fn nearer(self, other: Self) -> Self {
        Self { metres: self.metres.min(other.metres), fees: self.fees.min(other.fees) }
    }
}

/// Least cost by number of open PoPs, the numbers increasing; numbers are left out that do not reach everyone.
///
/// Time: O(c m log n) for shortest routes, then one step for every leaf and set of candidates; where those are too many, sets
/// of one and two are tried, and the nearest of all candidates counts for any larger number.
pub(super) fn openings(
    (network, served): (&Network, &Served),
    candidates: &[PopCandidate],
    architecture: &Architecture,
    rates: &Rates,
    second: &BTreeMap<NodeId, SecondFibres>,
) -> Vec<Openings> {
    let leaves: Vec<NodeId> = network.graph.nodes().filter(|&node| served.holds(node)).collect();
    let from = |pops: &[PopCandidate]| -> Vec<Option<Fed>> {
        let routes = Routes::new(network, pops);
        let fed = |&leaf: &NodeId| {
            let foot = foot(network, &routes, leaf)?;
            let fees = rates.points.fee(leaf, served.connections[leaf.index()], foot);
            let own = scaled(served, architecture, leaf, foot);
            let metres = second.get(&leaf).map_or(own, |second| rates.with_second(own, *second));
            Some(Fed { metres, fees })
        };
        leaves.iter().map(fed).collect()
    };
    let of_all = |pops: usize| Some(Openings { or_more: true, ..Openings::of(pops, &from(candidates), rates.each)? });
    if candidates.len() == 1 {
        return Openings::of(1, &from(candidates), rates.each).into_iter().collect();
    }
    if network.segments.len() > SEVERAL_BOUNDS {
        return of_all(1).into_iter().collect();
    }
    let matrix: Vec<Vec<Option<Fed>>> = candidates.iter().map(|pop| from(std::slice::from_ref(pop))).collect();
    let (most, has_larger) = tried(candidates.len(), leaves.len());
    let larger = if has_larger { of_all(most + 1) } else { None };
    let sets =
        Sets { matrix: &matrix, nearer: &Fed::nearer, cost: &|set, fed| Openings::of(set.len(), fed, rates.each) };
    sets.least(leaves.len(), most).into_iter().flatten().chain(larger).collect()
}

/// Numbers of candidates of which all sets are tried, and whether there are larger ones.
pub(super) fn tried(candidates: usize, leaves: usize) -> (usize, bool) {
    let tries = |sets: usize| sets.saturating_mul(leaves) <= MOST_SETS;
    match candidates {
        all @ ..=MOST_CANDIDATES if tries(1 << all) => (all, false),
        all if tries(all * all / 2) => (2, true),
        _ => (1, true),
    }
}

/// The sets of candidates, one by one.
pub(super) struct Sets<'a, T, C> {
    /// By candidate and leaf, how the leaf is fed; none where it cannot be.
    pub(super) matrix: &'a [Vec<Option<T>>],
    /// How a leaf is fed that has two candidates.
    pub(super) nearer: &'a dyn Fn(T, T) -> T,
    pub(super) cost: &'a SetCost<'a, T, C>,
}

/// What a set of candidates costs that feeds leaves so; none where one is not reached.
pub(super) type SetCost<'a, T, C> = dyn Fn(&[usize], &[Option<T>]) -> Option<C> + 'a;

impl<T: Copy, C: Copy + Ord> Sets<'_, T, C> {
    /// Least cost of all sets by their number of candidates, which is `most` at most. Time: a step for each set and leaf.
    pub(super) fn least(&self, leaves: usize, most: usize) -> Vec<Option<C>> {
        let mut best = vec![None; most + 1];
        self.visit((0, &mut Vec::new()), &vec![None; leaves], &mut best);
        best
    }

    /// All sets that extend `set`, which feeds leaves so, by candidates from `next` on.
    fn visit(&self, (next, set): (usize, &mut Vec<usize>), fed: &[Option<T>], best: &mut [Option<C>]) {
        if !set.is_empty()
            && let Some(cost) = (self.cost)(set, fed)
        {
            best[set.len()] = Some(best[set.len()].map_or(cost, |known| known.min(cost)));
        }
        if set.len() + 1 == best.len() {
            return;
        }
        for place in next..self.matrix.len() {
            let nearer = |(one, other): (&Option<T>, &Option<T>)| match (*one, *other) {
                (Some(one), Some(other)) => Some((self.nearer)(one, other)),
                (one, other) => one.or(other),
            };
            let with: Vec<Option<T>> = fed.iter().zip(&self.matrix[place]).map(nearer).collect();
            set.push(place);
            self.visit((place + 1, set), &with, best);
            set.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A fibre costs a cent for ten million units of [`scaled`] at this price.
    const EACH: i64 = 1000;

    /// What a house pays at a distribution point, in cents.
    const AT_POINT: i64 = 70;

    fn fed(cents: i128, is_far: bool) -> Fed {
        Fed { metres: cents * 10_000_000, fees: if is_far { AT_POINT * FINE } else { 0 } }
    }

    fn least(matrix: &[Vec<Option<Fed>>], most: usize) -> Vec<Option<i64>> {
        let sets = Sets { matrix, nearer: &Fed::nearer, cost: &|set, fed| Openings::of(set.len(), fed, EACH) };
        let best = sets.least(matrix[0].len(), most);
        best.into_iter().skip(1).map(|least| least.map(|least| least.sum.cents())).collect()
    }

    /// Two houses, each at a PoP of its own. Where one is open, the other house has 30 or 40 of fibre and pays for a point.
    /// Where both are, neither does.
    #[test]
    fn one_pop_pays_for_fibres_and_a_point_that_two_do_not_need() {
        let matrix =
            [[fed(0, false), fed(40, true)], [fed(30, true), fed(0, false)]].map(|leaves| leaves.map(Some).to_vec());
        assert_eq!(least(&matrix, 2), [Some(100), Some(0)]);
        assert_eq!(least(&matrix, 1), [Some(100)]);
        let apart = [vec![Some(fed(0, false)), None], vec![None, Some(fed(0, false))]];
        assert_eq!(least(&apart, 2), [None, Some(0)], "one PoP does not reach both");
    }

    proptest! {
        #[test]
        fn every_set_is_tried(
            routes in prop::collection::vec(prop::collection::vec(prop::option::of(0u8..40), 4), 1..6),
            most in 1usize..6,
        ) {
            // Beyond 20 a leaf is far.
            let of = |route: &Option<u8>| route.map(|route| fed(i128::from(route), route > 20));
            let matrix: Vec<Vec<Option<Fed>>> = routes.iter().map(|leaves| leaves.iter().map(of).collect()).collect();
            let most = most.min(routes.len());
            let cost = |set: u32| -> Option<i64> {
                let open = || (0..routes.len()).filter(move |place| set >> place & 1 == 1);
                let nearest = |leaf: usize| open().filter_map(|place| routes[place][leaf]).min();
                let nearest: Vec<u8> = (0..4).map(nearest).collect::<Option<_>>()?;
                let far = nearest.iter().filter(|route| **route > 20).count() as i64;
                Some(nearest.iter().map(|&route| i64::from(route)).sum::<i64>() + AT_POINT * far)
            };
            let by_number = |pops: u32| (0u32..1 << routes.len()).filter(|set| set.count_ones() == pops).filter_map(cost).min();
            prop_assert_eq!(least(&matrix, most), (1..=most as u32).map(by_number).collect::<Vec<_>>());
        }
    }
}
