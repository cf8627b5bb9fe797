//! Two-sided streets and field trenches on regions drawn by hand.

use crate::network::drawn::{Drawing, of_kind};
use crate::network::{NodeKind, SegmentKind};
use crate::scenario::key;

const TRENCH: SegmentKind = SegmentKind::Trench;
const CROSSING: SegmentKind = SegmentKind::Crossing;

/// A street of 100 m with trenches 4 m from its line on both sides.
fn street(land: &mut Drawing, points: &[(f64, f64)]) {
    land.road(points).offset = Some(4.0);
}

#[test]
fn a_street_alone_has_two_sides_that_meet_at_its_ends() {
    let mut land = Drawing::new();
    street(&mut land, &[(0.0, 0.0), (100.0, 0.0)]);
    let network = land.network();
    assert_eq!(of_kind(&network, TRENCH).count(), 2);
    assert_eq!(of_kind(&network, CROSSING).count(), 0);
    assert_eq!(network.graph.node_count(), 2);
}

#[test]
fn at_a_crossroads_every_arm_can_be_crossed_at_its_price_and_corners_are_free() {
    let mut land = Drawing::new();
    let state = land.prices.known(key::CROSS_ROAD_STATE);
    for end in [(100.0, 0.0), (0.0, 100.0), (-100.0, 0.0), (0.0, -100.0)] {
        street(&mut land, &[(0.0, 0.0), end]);
    }
    land.region.roads[0].crossing = Some(state);
    let network = land.network();
    assert_eq!(land.costs(&network, CROSSING), vec![70_000, 70_000, 70_000, 400_000]);
    // Eight sides; four corners and four far ends.
    assert_eq!(of_kind(&network, TRENCH).count(), 8);
    assert_eq!(network.graph.node_count(), 8);
    let corners = network.graph.nodes().filter(|&node| network.graph.degree(node) == 4);
    for corner in corners {
        let at = network.points[corner.index()];
        assert!((at.x.abs() - 4.0).abs() < 1e-9 && (at.y.abs() - 4.0).abs() < 1e-9, "{at:?}");
    }
    // 96 m along the arm and 4 m round its end.
    assert!(of_kind(&network, TRENCH).all(|side| side.length.millimetres() == 100_000));
}

#[test]
fn addresses_on_both_sides_are_reached_without_and_with_a_crossing_at_each() {
    let mut land = Drawing::new();
    street(&mut land, &[(0.0, 0.0), (100.0, 0.0)]);
    land.address(30.0, 20.0);
    land.address(70.0, -20.0);
    let network = land.network();
    // Each has a drop of 16 m to its own side and a crossing of 8 m there.
    assert_eq!(land.costs(&network, SegmentKind::Drop), vec![12_800, 12_800]);
    assert_eq!(land.costs(&network, CROSSING), vec![70_000, 70_000]);
    assert!(of_kind(&network, CROSSING).all(|crossing| crossing.length.millimetres() == 8000));
    assert_eq!(network.components.iter().max(), Some(&0));
}

#[test]
fn a_lane_with_one_side_joins_the_corner_on_its_left_for_the_metres_alone() {
    let mut land = Drawing::new();
    street(&mut land, &[(0.0, 0.0), (100.0, 0.0)]);
    land.road(&[(50.0, 0.0), (50.0, 80.0)]);
    let network = land.network();
    // Sides: two of each half of the street; the lane; its free joint. Crossings: the halves, the lane, and its dear joint.
    assert_eq!(of_kind(&network, TRENCH).count(), 6);
    assert_eq!(land.costs(&network, CROSSING), vec![70_000; 4]);
    assert_eq!(network.components.iter().max(), Some(&0));
}

#[test]
fn a_bend_keeps_its_sides_at_their_distance() {
    let mut land = Drawing::new();
    street(&mut land, &[(0.0, 0.0), (100.0, 0.0), (100.0, 100.0)]);
    let network = land.network();
    let mut lengths: Vec<f64> = of_kind(&network, TRENCH).map(|side| side.length.metres()).collect();
    lengths.sort_by(f64::total_cmp);
    // Inside and outside of the bend: 96 m and 104 m twice, and 4 m round each end.
    assert!((lengths[0] - 200.0).abs() < 0.01 && (lengths[1] - 216.0).abs() < 0.01, "{lengths:?}");
}

#[test]
fn fields_are_crossed_only_if_asked_and_only_where_the_roads_lead_a_long_way_round() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (1000.0, 0.0)]);
    land.road(&[(0.0, 0.0), (0.0, 60.0)]);
    land.road(&[(0.0, 60.0), (1000.0, 60.0)]);
    assert_eq!(of_kind(&land.network(), TRENCH).filter(|trench| trench.road.is_none()).count(), 0);
    land.rules.cross_field_max_m = 100.0;
    let network = land.network();
    let fields: Vec<_> = of_kind(&network, TRENCH).filter(|trench| trench.road.is_none()).collect();
    assert!(!fields.is_empty());
    for field in &fields {
        assert_eq!(field.length.millimetres(), 60_000);
        // Ploughing at 8 and the easement at 3 a metre.
        assert_eq!(field.cost(&land.prices).cents(), 60 * 1100);
        // Near the lane at x = 0 the way round is short.
        assert!(field.shape.0[0].x > 50.0, "{:?}", field.shape);
    }
    assert!(network.graph.nodes().all(|node| network.nodes[node.index()] == NodeKind::Road));
}

#[test]
fn no_field_trench_runs_over_a_road_or_through_a_yard_or_into_forbidden_water() {
    let mut land = Drawing::new();
    land.rules.cross_field_max_m = 100.0;
    land.road(&[(0.0, 0.0), (300.0, 0.0)]);
    land.road(&[(0.0, 60.0), (300.0, 60.0)]);
    land.barrier(
        "water",
        crate::region::BarrierShape::Line(crate::network::drawn::line(&[(-9.0, 30.0), (309.0, 30.0)])),
        false,
    );
    assert_eq!(of_kind(&land.network(), TRENCH).filter(|trench| trench.road.is_none()).count(), 0);
}
