//! Zones and methods on regions drawn by hand.

use crate::network::drawn::{Drawing, of_kind, rectangle};
use crate::network::{NoDrop, Segment, SegmentKind};
use crate::region::BarrierShape;
use crate::scenario::{PriceBook, key};

const TRENCH: SegmentKind = SegmentKind::Trench;
const DROP: SegmentKind = SegmentKind::Drop;

/// What a segment takes: price keys and quantities.
fn works<'a>(segment: &Segment, prices: &'a PriceBook) -> Vec<(&'a str, i64)> {
    segment.works.iter().map(|work| (prices.key(work.price), work.quantity)).collect()
}

#[test]
fn metres_inside_a_zone_take_its_method_and_surcharge_and_the_rest_the_roads_own() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.zone(rectangle((30.0, -10.0), (55.0, 10.0)), Some(key::DRILLING), Some(key::SEASON));
    let network = land.network();
    let segment = of_kind(&network, TRENCH).next().expect("one trench");
    let told = vec![(key::OPEN_UNPAVED, 75_000), (key::DRILLING, 25_000), (key::SEASON, 25_000)];
    assert_eq!(works(segment, &land.prices), told);
    assert_eq!(segment.zones.len(), 1);
    // 75 m at 15, 25 m at 70, 25 m at 4 on top.
    assert_eq!(segment.cost(&land.prices).cents(), 112_500 + 175_000 + 10_000);
}

#[test]
fn where_zones_overlap_the_first_method_counts_and_every_surcharge() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.zone(rectangle((20.0, -10.0), (60.0, 10.0)), Some(key::DRILLING), Some(key::SEASON));
    land.zone(rectangle((40.0, -10.0), (80.0, 10.0)), Some(key::PLOUGH), Some(key::SEASON));
    let network = land.network();
    let segment = of_kind(&network, TRENCH).next().expect("one trench");
    let told = vec![(key::OPEN_UNPAVED, 40_000), (key::DRILLING, 40_000), (key::PLOUGH, 20_000), (key::SEASON, 80_000)];
    assert_eq!(works(segment, &land.prices), told);
}

#[test]
fn a_course_wholly_inside_a_zone_is_all_its_method_also_for_drops() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.address(50.0, 20.0);
    land.zone(rectangle((-10.0, -10.0), (110.0, 40.0)), Some(key::DRILLING), None);
    let network = land.network();
    for segment in of_kind(&network, TRENCH).chain(of_kind(&network, DROP)) {
        assert_eq!(works(segment, &land.prices), vec![(key::DRILLING, segment.length.millimetres())]);
    }
}

#[test]
fn an_address_in_a_zone_without_method_is_only_flagged() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.address(50.0, 20.0);
    land.zone(rectangle((40.0, 10.0), (60.0, 40.0)), None, None);
    let network = land.network();
    let drop = of_kind(&network, DROP).next().expect("one drop");
    assert_eq!(works(drop, &land.prices), vec![(key::DROP_TRENCH, 20_000)]);
    assert_eq!(drop.zones.len(), 1);
    assert!(of_kind(&network, TRENCH).all(|trench| trench.zones.is_empty()));
}

#[test]
fn in_a_forbidden_area_nothing_is_dug() {
    let mut land = Drawing::new();
    land.road(&[(0.0, 0.0), (100.0, 0.0)]);
    land.address(50.0, 20.0);
    land.barrier("nature", BarrierShape::Area(rectangle((40.0, 10.0), (60.0, 40.0))), false);
    let network = land.network();
    assert_eq!(network.sites[0].node, Err(NoDrop::Forbidden("nature".to_owned())));
}

#[test]
fn a_drilled_road_takes_a_shot_for_every_started_length_however_it_is_cut() {
    for houses in [0, 1, 5] {
        let mut land = Drawing::new();
        let (drilling, shot) = (land.prices.known(key::DRILLING), land.prices.known(key::SHOT));
        let road = land.road(&[(0.0, 0.0), (400.0, 0.0)]);
        (road.trench, road.shot) = (Some(drilling), Some(shot));
        for house in 0..houses {
            land.address(37.0 + 70.0 * f64::from(house), 10.0);
        }
        let network = land.network();
        let shots: i64 = of_kind(&network, TRENCH)
            .flat_map(|s| &s.works)
            .filter(|work| work.price == shot)
            .map(|w| w.quantity)
            .sum();
        // 150 m a shot: at 0, 150 and 300 m.
        assert_eq!(shots, 3, "{houses} houses");
    }
}
