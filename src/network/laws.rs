//! Laws of the network: what must not change when the same land is told of in another way.

use geo::Coord;
use proptest::prelude::*;

use crate::network::drawn::{Drawing, line, millimetres};
use crate::network::{Network, SegmentKind};
use crate::region::BarrierShape;

type Point = (f64, f64);

/// What does not depend on numbering: millimetres of trench, cents of trenches and of drops, parts, degrees.
#[derive(Debug, PartialEq)]
struct Sum {
    length: i64,
    trenches: i64,
    drops: i64,
    parts: u32,
    junctions: usize,
}

fn sum(land: &Drawing) -> Sum {
    let network = land.network();
    let cents = |kind| land.costs(&network, kind).iter().sum();
    Sum {
        length: millimetres(&network, SegmentKind::Trench),
        trenches: cents(SegmentKind::Trench),
        drops: cents(SegmentKind::Drop),
        parts: network.components.iter().max().map_or(0, |last| last + 1),
        junctions: junctions(&network),
    }
}

fn junctions(network: &Network) -> usize {
    network.graph.nodes().filter(|&node| network.graph.degree(node) > 2).count()
}

/// Sums of rounded figures may differ by their roundings.
fn same(one: &Sum, other: &Sum) -> bool {
    let near = |a: i64, b: i64| (a - b).abs() <= 100;
    near(one.length, other.length)
        && near(one.trenches, other.trenches)
        && near(one.drops, other.drops)
        && (one.parts, one.junctions) == (other.parts, other.junctions)
}

/// Roads of two to four corners on a lattice of 20 m, so that corners, touches and overlaps are frequent.
fn lattice() -> impl Strategy<Value = Vec<(Vec<Point>, bool)>> {
    roads((0i8..8, 0i8..8).prop_map(|(x, y)| (f64::from(x) * 20.0, f64::from(y) * 20.0)))
}

/// Roads of two to four corners anywhere, so that no two ways are equally good.
fn scattered() -> impl Strategy<Value = Vec<(Vec<Point>, bool)>> {
    roads((0.0f64..140.0, 0.0f64..140.0))
}

fn roads(corner: impl Strategy<Value = Point>) -> impl Strategy<Value = Vec<(Vec<Point>, bool)>> {
    let course = prop::collection::vec(corner, 2..5).prop_map(|mut course| {
        course.dedup();
        course
    });
    prop::collection::vec((course, prop::bool::weighted(0.15)), 1..9)
        .prop_map(|roads| roads.into_iter().filter(|(course, _)| course.len() > 1).collect())
}

fn points(most: usize) -> impl Strategy<Value = Vec<Point>> {
    prop::collection::vec((1.0f64..140.0, 1.0f64..140.0), 0..most)
}

fn land(roads: &[(Vec<Point>, bool)], addresses: &[Point], water: &[Point]) -> Drawing {
    let mut land = Drawing::new();
    // Every way counts: which of equally good ones is left out may depend on the order.
    land.rules.drops_per_address = 16;
    for (course, undug) in roads {
        let road = land.road(course);
        road.trench = road.trench.filter(|_| !undug);
    }
    for &(x, y) in addresses {
        land.address(x, y);
    }
    if water.len() > 1 {
        land.barrier("water", BarrierShape::Line(line(water)), true);
    }
    land
}

/// The same roads in another order, some the other way round.
fn retold(roads: &[(Vec<Point>, bool)], turn: usize, reversed: u8) -> Vec<(Vec<Point>, bool)> {
    let mut other = roads.to_vec();
    for (place, (course, _)) in other.iter_mut().enumerate() {
        if reversed >> place & 1 == 1 {
            course.reverse();
        }
    }
    other.rotate_left(turn % roads.len().max(1));
    other
}

/// The same land elsewhere, by a step of the size of Dutch coordinates.
fn moved(mut land: Drawing) -> Drawing {
    let by = Coord { x: 230_000.0, y: 450_000.0 };
    land.region.roads.iter_mut().flat_map(|road| &mut road.line.0).for_each(|point| *point = *point + by);
    land.region
        .addresses
        .iter_mut()
        .filter_map(|address| address.point.as_mut())
        .for_each(|point| *point = *point + by);
    for barrier in &mut land.region.barriers {
        if let BarrierShape::Line(line) = &mut barrier.shape {
            line.0.iter_mut().for_each(|point| *point = *point + by);
        }
    }
    land
}

proptest! {
    #[test]
    fn the_order_and_direction_of_roads_do_not_matter(
        roads in scattered(),
        addresses in points(6),
        water in points(3),
        turn in 0usize..8,
        reversed in any::<u8>(),
    ) {
        let other = retold(&roads, turn, reversed);
        let (one, other) = (sum(&land(&roads, &addresses, &water)), sum(&land(&other, &addresses, &water)));
        prop_assert!(same(&one, &other), "{one:?} {other:?}");
    }

    #[test]
    fn nor_do_they_where_corners_touch_and_roads_overlap(roads in lattice(), turn in 0usize..8, reversed in any::<u8>()) {
        let (one, other) = (sum(&land(&roads, &[], &[])), sum(&land(&retold(&roads, turn, reversed), &[], &[])));
        prop_assert!(same(&one, &other), "{one:?} {other:?}");
    }

    #[test]
    fn where_the_land_lies_does_not_matter(roads in scattered(), addresses in points(6), water in points(3)) {
        let here = land(&roads, &addresses, &water);
        let (one, other) = (sum(&here), sum(&moved(here)));
        prop_assert!(same(&one, &other), "{one:?} {other:?}");
    }

    #[test]
    fn nor_does_it_where_corners_touch_and_roads_overlap(roads in lattice()) {
        let here = land(&roads, &[], &[]);
        let (one, other) = (sum(&here), sum(&moved(here)));
        prop_assert!(same(&one, &other), "{one:?} {other:?}");
    }

    #[test]
    fn every_target_address_is_in_one_site(addresses in points(30), roads in lattice()) {
        let network = land(&roads, &addresses, &[]).network();
        let mut told: Vec<u32> = network.sites.iter().flat_map(|site| &site.addresses).map(|address| address.0).collect();
        told.sort_unstable();
        prop_assert_eq!(told, (0..addresses.len() as u32).collect::<Vec<_>>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn the_number_of_threads_does_not_matter(roads in scattered(), addresses in points(20), water in points(3)) {
        let land = land(&roads, &addresses, &water);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            format!("{:?}", pool.install(|| land.build()))
        };
        prop_assert_eq!(with(1), with(3));
    }
}
