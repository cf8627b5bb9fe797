//! Address density (OAD) exactly as Statistics Netherlands (CBS) defines it.
//!
//! The density of an address is the number of addresses within one kilometre of it, itself included, divided by the
//! area of that circle. Addresses are binned into squares held in an R-tree: a square that lies wholly within the circle
//! is counted at once, only squares on its rim are counted address by address.
//!
//! Source: CBS, begrippen, "omgevingsadressendichtheid van een adres".

use std::collections::BTreeMap;

use geo::Coord;
use rayon::prelude::*;
use rstar::{AABB, RTree, RTreeObject};

/// Radius of the circle, in metres.
const RADIUS: f64 = 1000.0;

/// Side of a bin, in metres: small enough that most bins lie within or without the circle.
const BIN: f64 = 125.0;

/// The addresses of one square, with the box around them.
struct Bin {
    around: AABB<[f64; 2]>,
    points: Vec<[f64; 2]>,
}

impl RTreeObject for Bin {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.around
    }
}

/// Address density at each of the points in addresses per square kilometre, counting the `counted` addresses.
///
/// Time: O((n + q) log n + q r), with r the addresses near the rim of a circle.
pub fn address_density(counted: &[Coord<f64>], points: &[Coord<f64>]) -> Vec<f64> {
    let tree = bins(counted);
    let area = std::f64::consts::PI * (RADIUS / 1000.0) * (RADIUS / 1000.0);
    points.par_iter().map(|&point| within_radius(&tree, [point.x, point.y]) as f64 / area).collect()
}

fn bins(counted: &[Coord<f64>]) -> RTree<Bin> {
    let mut squares: BTreeMap<(i64, i64), Vec<[f64; 2]>> = BTreeMap::new();
    for point in counted {
        let square = ((point.x / BIN).floor() as i64, (point.y / BIN).floor() as i64);
        squares.entry(square).or_default().push([point.x, point.y]);
    }
    let bins = squares.into_values().map(|points| Bin { around: AABB::from_points(points.iter()), points });
    RTree::bulk_load(bins.collect())
}

fn within_radius(tree: &RTree<Bin>, centre: [f64; 2]) -> usize {
    let [x, y] = centre;
    let circle = AABB::from_corners([x - RADIUS, y - RADIUS], [x + RADIUS, y + RADIUS]);
    let near = tree.locate_in_envelope_intersecting(circle);
    near.map(|bin| {
        if is_within(centre, farthest_corner(&bin.around, centre)) {
            bin.points.len()
        } else {
            bin.points.iter().filter(|&&point| is_within(centre, point)).count()
        }
    })
    .sum()
}

fn farthest_corner(around: &AABB<[f64; 2]>, [x, y]: [f64; 2]) -> [f64; 2] {
    let farther = |low: f64, high: f64, from: f64| if (from - low).abs() > (high - from).abs() { low } else { high };
    let (low, high) = (around.lower(), around.upper());
    [farther(low[0], high[0], x), farther(low[1], high[1], y)]
}

/// Rounding is monotone, so no point of a box is farther than its farthest corner, in floating point either.
fn is_within([x, y]: [f64; 2], other: [f64; 2]) -> bool {
    let (dx, dy) = (other[0] - x, other[1] - y);
    dx * dx + dy * dy <= RADIUS * RADIUS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_brute_force(points: &[Coord<f64>]) -> Vec<f64> {
        let count = |a: &Coord<f64>| points.iter().filter(|b| is_within([a.x, a.y], [b.x, b.y])).count();
        points.iter().map(|point| count(point) as f64 / std::f64::consts::PI).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn binned_counts_equal_brute_force_exactly(
            raw in prop::collection::vec((0i32..6_000_000, 0i32..6_000_000), 1..200)
        ) {
            let points: Vec<Coord<f64>> = raw
                .iter()
                .map(|&(x, y)| Coord { x: 200_000.0 + f64::from(x) / 1000.0, y: 440_000.0 + f64::from(y) / 1000.0 })
                .collect();
            prop_assert_eq!(address_density(&points, &points), by_brute_force(&points));
        }
    }

    #[test]
    fn an_address_at_exactly_one_kilometre_counts_and_one_beyond_does_not() {
        let at = |x: f64| Coord { x, y: 0.0 };
        let counts = address_density(&[at(0.0), at(1000.0), at(-1000.001)], &[at(0.0)]);
        assert_eq!(counts, vec![2.0 / std::f64::consts::PI]);
    }
}
