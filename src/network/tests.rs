//! The rules of the network on regions drawn by hand, and its laws.

use crate::findings::Severity;
use crate::network::drawn::{Drawing, degrees, line, millimetres, of_kind, rectangle};
use crate::network::{NoDrop, NodeKind, SegmentKind};
use crate::region::BarrierShape;
use crate::scenario::key;
use crate::units::Length;

const TRENCH: SegmentKind = SegmentKind::Trench;
const DROP: SegmentKind = SegmentKind::Drop;

#[test]
fn crossing_roads_share_a_node() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.road(&[(50.0, -50.0), (50.0, 50.0)]);
    let network = land.network();
    assert_eq!(degrees(&network), vec![1, 1, 1, 1, 4]);
    assert_eq!(millimetres(&network, TRENCH), 200_000);
    assert_eq!(land.costs(&network, TRENCH), vec![75_000; 4]);
}

#[test]
fn a_bridge_meets_no_road_that_it_crosses() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.road(&[(50.0, -50.0), (50.0, 50.0)]).passes_over = true;
    let (network, findings) = land.build();
    assert_eq!(degrees(&network), vec![1, 1, 1, 1]);
    assert_eq!(findings.iter().filter(|finding| finding.rule == "network-parts").count(), 1);
}

#[test]
fn a_road_that_ends_near_another_joins_it() {
    for gap in [0.0, 0.3, -0.3] {
        let mut land = Drawing::new();
        land.road(&[(0.0, 0.0), (100.0, 0.0)]);
        land.road(&[(40.0, gap), (40.0, 50.0)]);
        let network = land.network();
        assert_eq!(degrees(&network), vec![1, 1, 1, 3], "gap {gap}");
    }
}

#[test]
fn a_road_that_ends_short_of_the_tolerance_does_not_join() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.road(&[(40.0, 0.7), (40.0, 50.0)]);
    assert_eq!(degrees(&land.network()), vec![1, 1, 1, 1]);
}

#[test]
fn roads_share_the_points_that_they_have_in_common_in_their_middle() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (50.0, 0.0), (100.0, 0.0)]);
    land.road(&[(50.0, 80.0), (50.0, 0.0), (90.0, -30.0)]);
    let network = land.network();
    assert_eq!(degrees(&network), vec![1, 1, 1, 1, 4]);
    assert_eq!(millimetres(&network, TRENCH), 100_000 + 80_000 + 50_000);
}

#[test]
fn a_corner_that_touches_a_road_without_a_common_point_crosses_it() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.road(&[(30.0, 40.0), (50.0, 0.0), (70.0, -40.0)]);
    assert_eq!(degrees(&land.network()), vec![1, 1, 1, 1, 4]);
}

#[test]
fn a_road_that_comes_back_to_itself_is_joined_to_itself() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0), (100.0, 50.0), (50.0, 50.0), (50.0, 0.0)]);
    let network = land.network();
    // The ring is a loop at one node: no tree uses it, so only the stem is left.
    assert_eq!(millimetres(&network, TRENCH), 50_000);
    land.address(75.0, 60.0);
    let network = land.network();
    assert_eq!(millimetres(&network, TRENCH), 250_000);
}

#[test]
fn ends_with_one_junction_id_are_joined_though_they_lie_apart() {
    let mut land = Drawing::new();
    land.road_with_ids(&[(0.0, 0.0), (50.0, 0.0)], "a", "b");
    land.road_with_ids(&[(50.8, 0.0), (100.0, 0.0)], "b", "c");
    let (network, findings) = land.build();
    assert_eq!(degrees(&network), vec![1, 1, 2]);
    assert!(findings.is_empty());
}

#[test]
fn a_junction_id_at_two_places_is_a_finding_and_two_junctions() {
    let mut land = Drawing::new();
    land.road_with_ids(&[(0.0, 0.0), (50.0, 0.0)], "a", "b");
    land.road_with_ids(&[(50.0, 0.0), (100.0, 0.0)], "b", "c");
    land.road_with_ids(&[(90.0, 40.0), (0.0, 40.0)], "b", "d");
    let (network, findings) = land.build();
    assert_eq!(degrees(&network), vec![1, 1, 1, 1, 2]);
    let finding = findings.iter().find(|finding| finding.rule == "junction-apart").unwrap();
    assert_eq!((finding.feature.as_str(), finding.severity), ("b", Severity::Warning));
    assert_eq!(finding.what, "junction b has ends at 2 places, up to 56.6 m apart");
}

#[test]
fn roads_with_junction_ids_that_cross_without_one_pass_on_two_levels() {
    let mut land = Drawing::new();
    land.road_with_ids(&[(0.0, 0.0), (100.0, 0.0)], "a", "b");
    land.road_with_ids(&[(50.0, -50.0), (50.0, 50.0)], "c", "d");
    let (network, findings) = land.build();
    assert_eq!(degrees(&network), vec![1, 1, 1, 1]);
    let finding = findings.iter().find(|finding| finding.rule == "crossing-without-junction").unwrap();
    assert_eq!(finding.severity, Severity::Info);
}

#[test]
fn ends_at_one_point_with_different_ids_are_joined_and_told_of() {
    let mut land = Drawing::new();
    land.road_with_ids(&[(0.0, 0.0), (50.0, 0.0)], "a", "b");
    land.road_with_ids(&[(50.0, 0.0), (100.0, 0.0)], "c", "d");
    let (network, findings) = land.build();
    assert_eq!(degrees(&network), vec![1, 1, 2]);
    assert_eq!(findings[0].rule, "junction-ids-differ");
}

#[test]
fn a_stub_shorter_than_a_metre_stays() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (50.0, 0.0)]);
    land.road(&[(50.0, 0.0), (50.8, 0.0)]);
    land.road(&[(50.8, 0.0), (100.0, 0.0)]);
    assert_eq!(millimetres(&land.network(), TRENCH), 100_000);
}

#[test]
fn a_ferry_is_not_dug_but_crossing_it_costs_money() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.road(&[(50.0, -50.0), (50.0, 50.0)]).trench = None;
    let network = land.network();
    assert_eq!(land.costs(&network, TRENCH), vec![150_000 + 70_000]);
}

#[test]
fn a_trench_over_a_bridge_crosses_nothing() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]).passes_over = true;
    land.road(&[(50.0, -50.0), (50.0, 50.0)]).trench = None;
    land.barrier("water", BarrierShape::Line(line(&[(60.0, -9.0), (60.0, 9.0)])), false);
    assert_eq!(land.costs(&land.network(), TRENCH), vec![150_000]);
}

#[test]
fn a_junction_with_a_road_that_is_not_dug_is_no_crossing() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (50.0, 0.0), (100.0, 0.0)]);
    land.road(&[(50.0, -50.0), (50.0, 0.0), (50.0, 50.0)]).trench = None;
    assert_eq!(land.costs(&land.network(), TRENCH), vec![150_000]);
}

#[test]
fn a_road_that_may_not_be_crossed_cuts_the_trench() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    let motorway = land.road(&[(50.0, -50.0), (50.0, 50.0)]);
    (motorway.trench, motorway.crossing) = (None, None);
    let (network, findings) = land.build();
    assert!(network.segments.is_empty());
    assert!(findings.iter().any(|finding| finding.rule == "trench-forbidden"));
}

#[test]
fn a_priced_barrier_is_paid_for_and_a_forbidden_one_cuts() {
    for may_be_crossed in [true, false] {
        let mut land = Drawing::new();
        land.road(&[(0.0, 0.0), (100.0, 0.0)]);
        land.barrier("water", BarrierShape::Line(line(&[(60.0, -9.0), (60.0, 9.0)])), may_be_crossed);
        let costs = land.costs(&land.network(), TRENCH);
        assert_eq!(costs, if may_be_crossed { vec![150_000 + 500_000] } else { Vec::new() });
    }
}

#[test]
fn an_area_is_paid_for_once_for_every_stretch_in_it() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0), (100.0, 40.0), (0.0, 40.0)]);
    land.barrier("water", BarrierShape::Area(rectangle((50.0, -10.0), (60.0, 50.0))), true);
    let network = land.network();
    assert_eq!(land.costs(&network, TRENCH), vec![360_000 + 2 * 500_000]);
    assert_eq!(network.segments[0].works[1].quantity, 2);
}

#[test]
fn a_trench_that_ends_in_an_area_has_crossed_into_it() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.barrier("nature", BarrierShape::Area(rectangle((50.0, -10.0), (120.0, 50.0))), true);
    assert_eq!(land.costs(&land.network(), TRENCH), vec![650_000]);
}

#[test]
fn nothing_is_dug_inside_an_area_that_may_not_be_crossed() {
    let mut land = Drawing::new();
    land.road(&[(10.0, 0.0), (90.0, 0.0)]);
    land.address(50.0, 10.0);
    land.barrier("nature", BarrierShape::Area(rectangle((0.0, -50.0), (100.0, 50.0))), false);
    let (network, findings) = land.build();
    assert!(network.segments.is_empty());
    assert_eq!(network.sites[0].node, Err(NoDrop::Forbidden("nature".to_owned())));
    assert!(findings.iter().any(|finding| finding.rule == "address-cut-off" && finding.feature == "address 0"));
}

#[test]
fn an_inner_ring_of_an_area_is_outside_it() {
    let mut land = Drawing::new();
    land.road(&[(40.0, 0.0), (60.0, 0.0)]);
    let mut area = rectangle((0.0, -50.0), (100.0, 50.0));
    area.0[0].interiors_push(rectangle((30.0, -20.0), (70.0, 20.0)).0.remove(0).exterior().clone());
    land.barrier("nature", BarrierShape::Area(area), false);
    assert_eq!(millimetres(&land.network(), TRENCH), 20_000);
}

#[test]
fn equal_prices_are_one_item_of_work() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    for x in [20.0, 40.0, 60.0] {
        land.barrier("water", BarrierShape::Line(line(&[(x, -9.0), (x, 9.0)])), true);
    }
    let network = land.network();
    assert_eq!(network.segments[0].works.len(), 2);
    assert_eq!(network.segments[0].works[1].quantity, 3);
}

#[test]
fn a_drop_to_the_near_side_of_a_road_does_not_cross_it() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.address(30.0, 20.0);
    let network = land.network();
    assert_eq!(land.costs(&network, DROP), vec![20 * 800]);
    assert_eq!(
        of_kind(&network, TRENCH).map(|trench| trench.length.millimetres()).collect::<Vec<_>>(),
        [30_000, 70_000]
    );
}

#[test]
fn a_drop_across_another_road_pays_for_the_crossing() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]).trench = None;
    land.road(&[(0.0, -10.0), (100.0, -10.0)]);
    land.address(50.0, 20.0);
    assert_eq!(land.costs(&land.network(), DROP), vec![30 * 800 + 70_000]);
}

#[test]
fn a_drop_across_forbidden_water_is_not_dug() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.address(50.0, 20.0);
    land.barrier("water", BarrierShape::Line(line(&[(0.0, 10.0), (100.0, 10.0)])), false);
    let (network, _) = land.build();
    assert_eq!(network.sites[0].node, Err(NoDrop::Forbidden("water".to_owned())));
    // A road behind the house is reached all the same.
    land.road(&[(0.0, 90.0), (100.0, 90.0)]);
    assert_eq!(land.costs(&land.network(), DROP), vec![70 * 800]);
}

#[test]
fn an_address_too_far_from_a_road_says_how_far() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.address(50.0, 600.0);
    let (network, findings) = land.build();
    assert_eq!(network.sites[0].node, Err(NoDrop::TooFar(Length::from_metres(600.0))));
    assert!(findings.iter().any(|finding| finding.rule == "address-far-from-road" && finding.feature == "address 0"));
}

#[test]
fn addresses_at_one_point_share_a_drop() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.address(50.0, 10.0);
    land.address(50.000_1, 10.0);
    land.address(50.0, 11.0);
    let network = land.network();
    assert_eq!(network.sites.iter().map(|site| site.addresses.len()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(of_kind(&network, DROP).count(), 2);
    // Their feet are one node.
    assert_eq!(of_kind(&network, TRENCH).count(), 2);
}

#[test]
fn a_house_on_the_road_has_a_drop_of_no_length_and_is_a_leaf() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.address(50.0, 0.0);
    let network = land.network();
    assert_eq!(land.costs(&network, DROP), vec![0]);
    let node = network.sites[0].node.clone().unwrap();
    assert_eq!((network.nodes[node.index()], network.graph.degree(node)), (NodeKind::Site(0), 1));
}

#[test]
fn a_drop_to_the_corner_that_saves_trench_stays() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.road(&[(55.0, 0.0), (55.0, -100.0)]);
    land.address(50.0, 10.0);
    // To the street 80.00; to the corner 11.180 m for 89.44, less than 80.00 and 5 m of trench at 15.00.
    assert_eq!(land.costs(&land.network(), DROP), vec![8_000, 8_944]);
}

#[test]
fn a_drop_that_a_cheaper_one_and_the_trench_between_replace_is_left_out() {
    // Two streets 20 m apart, joined at x = `join`; a house 10 m north of the nearer one, above x = 50.
    let streets = |join: f64| {
        let mut land = Drawing::new();
        land.road(&[(0.0, 0.0), (100.0, 0.0)]);
        land.road(&[(0.0, -20.0), (100.0, -20.0)]);
        land.road(&[(join, 0.0), (join, -20.0)]);
        land.address(50.0, 10.0);
        let network = land.network();
        // Drops that end at the farther street.
        of_kind(&network, DROP)
            .filter(|drop| (drop.shape.0[0].y + 20.0).abs() < 1e-9 && (drop.shape.0[0].x - 50.0).abs() < 1e-9)
            .count()
    };
    // Across: 30 * 8.00 + 700.00 = 940.00. By way of the corner: 28.792 * 8.00 + (20 + 27) * 15.00 = 935.34, and with
    // the corner half a metre farther 29.262 * 8.00 + (20 + 27.5) * 15.00 = 946.60.
    assert_eq!(streets(77.0), 0);
    assert_eq!(streets(77.5), 1);
}

#[test]
fn a_house_among_lanes_that_lead_nowhere_may_still_reach_the_main_road() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 200.0), (100.0, 200.0)]);
    land.road(&[(0.0, 200.0), (0.0, 300.0)]);
    land.road(&[(100.0, 200.0), (100.0, 300.0)]);
    for lane in 0..6 {
        let y = f64::from(lane) * 3.0;
        let track = land.prices.known(key::CROSS_TRACK);
        land.road(&[(0.0, y), (100.0, y)]).crossing = Some(track);
    }
    land.rules.yard_m = 0.0;
    land.address(50.0, 20.0);
    let drops = land.costs(&land.network(), DROP);
    assert_eq!((drops.len(), drops[0], drops[4]), (5, 5 * 800, 180 * 800));
}

#[test]
fn no_drop_but_the_nearest_runs_through_the_yard_of_a_neighbour() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.road(&[(0.0, 60.0), (100.0, 60.0)]);
    land.road(&[(0.0, 0.0), (0.0, 60.0)]);
    land.address(50.0, 20.0);
    land.address(50.0, 40.0);
    // Both reach their own street and the one at the side, not each other's street.
    assert_eq!(land.costs(&land.network(), DROP).len(), 4);
    land.rules.yard_m = 0.0;
    assert_eq!(land.costs(&land.network(), DROP).len(), 6);
}

#[test]
fn ways_to_one_junction_are_one_drop() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (50.0, 0.0)]);
    land.road(&[(0.0, 0.0), (-50.0, -10.0)]);
    land.road(&[(0.0, 0.0), (0.0, -50.0)]);
    land.address(0.0, 20.0);
    assert_eq!(of_kind(&land.network(), DROP).count(), 1);
}

#[test]
fn a_park_is_entered_where_roads_cross_its_outline_and_at_nodes_inside() {
    let mut land = Drawing::new();
    land.road(&[(-50.0, 50.0), (150.0, 50.0)]);
    land.road(&[(50.0, 50.0), (50.0, 80.0)]);
    land.park(rectangle((0.0, 0.0), (100.0, 100.0)));
    let network = land.network();
    let park = network.parks[0].unwrap();
    assert_eq!(
        (network.nodes[park.index()], network.graph.degree(park)),
        (NodeKind::Park(crate::region::ParkId(0)), 4)
    );
    assert_eq!(land.costs(&network, SegmentKind::ParkEntry), vec![0; 4]);
}

#[test]
fn a_park_without_a_road_is_entered_from_its_outline_at_a_price() {
    let mut land = Drawing::new();
    land.road(&[(-50.0, -40.0), (150.0, -40.0)]);
    land.park(rectangle((0.0, 0.0), (100.0, 100.0)));
    assert_eq!(land.costs(&land.network(), SegmentKind::ParkEntry), vec![40 * 800]);
}

#[test]
fn a_park_far_from_every_road_is_a_finding() {
    let mut land = Drawing::new();
    land.road(&[(-50.0, -600.0), (150.0, -600.0)]);
    land.park(rectangle((0.0, 0.0), (100.0, 100.0)));
    let (network, findings) = land.build();
    assert_eq!(network.parks, vec![None]);
    assert!(findings.iter().any(|finding| finding.rule == "park-unreachable" && finding.feature == "park 0"));
}

#[test]
fn a_large_park_has_few_entries_and_they_are_spread() {
    let mut land = Drawing::new();
    for y in 1..50 {
        land.road(&[(-10.0, f64::from(y) * 2.0), (50.0, f64::from(y) * 2.0)]);
    }
    land.park(rectangle((0.0, 0.0), (100.0, 100.0)));
    let network = land.network();
    assert_eq!(network.graph.degree(network.parks[0].unwrap()), 16);
    let heights: Vec<f64> = of_kind(&network, SegmentKind::ParkEntry).map(|entry| entry.shape.0[0].y).collect();
    assert!(heights.contains(&2.0) && heights.contains(&98.0));
}

#[test]
fn a_pop_is_tied_to_the_nearest_road() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.pop(50.0, -30.0);
    land.pop(50.0, -700.0);
    let (network, findings) = land.build();
    assert_eq!(land.costs(&network, SegmentKind::PopEntry), vec![30 * 800]);
    assert!(network.pops[0].is_some() && network.pops[1].is_none());
    assert!(findings.iter().any(|finding| finding.rule == "pop-unreachable" && finding.feature == "pop 1"));
}

#[test]
fn a_duct_is_a_cheap_edge_between_the_roads_near_its_ends() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.road(&[(0.0, 100.0), (100.0, 100.0)]);
    land.duct(&[(50.0, 4.0), (50.0, 96.0)]);
    let (network, findings) = land.build();
    assert!(findings.is_empty(), "{findings:?}");
    // The roads stay where they are; the duct is led to them.
    assert_eq!(millimetres(&network, TRENCH), 200_000);
    assert_eq!(land.costs(&network, SegmentKind::Duct), vec![100 * 300]);
}

#[test]
fn a_duct_far_from_every_road_is_a_finding() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.duct(&[(50.0, 6.0), (50.0, 96.0)]);
    let (_, findings) = land.build();
    assert!(findings.iter().any(|finding| finding.rule == "duct-alone" && finding.feature == "duct 0"));
}

#[test]
fn without_roads_trenches_run_across_the_fields() {
    let mut land = Drawing::new();
    land.region.has_road_layer = false;
    for (x, y) in [(0.0, 0.0), (100.0, 0.0), (50.0, 80.0)] {
        land.address(x, y);
    }
    land.pop(50.0, 30.0);
    land.barrier("water", BarrierShape::Line(line(&[(20.0, -10.0), (20.0, 10.0)])), true);
    let network = land.network();
    assert_eq!(of_kind(&network, TRENCH).count(), 6);
    assert_eq!(land.costs(&network, DROP), vec![0; 3]);
    for site in &network.sites {
        assert_eq!(network.graph.degree(site.node.clone().unwrap()), 1);
    }
    let crossings = of_kind(&network, TRENCH).flat_map(|trench| &trench.works[1..]).map(|work| work.quantity);
    assert_eq!(crossings.sum::<i64>(), 1);
}

#[test]
fn a_single_address_without_roads_has_a_node() {
    let mut land = Drawing::new();
    land.region.has_road_layer = false;
    land.address(5.0, 5.0);
    land.address(5.0, 5.0);
    assert!(land.network().sites[0].node.is_ok());
}

#[test]
fn an_empty_region_is_an_empty_network() {
    for has_road_layer in [true, false] {
        let mut land = Drawing::new();
        land.region.has_road_layer = has_road_layer;
        assert_eq!(land.network().graph.node_count(), 0);
    }
}
