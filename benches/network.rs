//! How long noding and drops take on plain grids of country roads.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use geo::{Coord, LineString};
use vezel::network::build;
use vezel::region::{Address, Barrier, BarrierShape, Region, Road};
use vezel::scenario::{PriceBook, Scenario, key};

/// Distance between roads, in metres.
const SPACING: f64 = 250.0;

/// A wave that keeps points off the straight and off each other, the same on every run.
fn sway(place: usize, size: f64) -> f64 {
    ((place as f64) * 0.754_877_666).fract() * size - size / 2.0
}

/// A square grid of roads with corners between the junctions, so many addresses beside them, and a stream every 2 km.
fn grid(addresses: usize, prices: &PriceBook) -> Region {
    // About one address in every 100 m of road.
    let side = ((addresses as f64) * 100.0 / SPACING / 2.0).sqrt().ceil() as usize;
    let mut region = Region { has_road_layer: true, ..Region::default() };
    for line in 0..=side {
        for step in 0..side {
            let course = |at: usize| {
                let (along, across) = (step as f64 * SPACING + at as f64 * SPACING / 5.0, line as f64 * SPACING);
                (along, across + if at.is_multiple_of(5) { 0.0 } else { sway(line * 7 + step * 5 + at, 8.0) })
            };
            let points: Vec<(f64, f64)> = (0..=5).map(course).collect();
            region.roads.push(road(points.iter().map(|&(x, y)| Coord { x, y }).collect(), prices));
            region.roads.push(road(points.iter().map(|&(x, y)| Coord { x: y, y: x }).collect(), prices));
        }
    }
    let extent = side as f64 * SPACING;
    for place in 0..addresses {
        let line = (place % side) as f64 * SPACING;
        let along = (place / side) as f64 / (addresses / side) as f64 * extent + sway(place, 40.0).abs();
        let away = 12.0 + sway(place * 3, 20.0).abs() * if place.is_multiple_of(2) { 1.0 } else { -1.0 };
        let point = if place % 4 < 2 { (along, line + away) } else { (line + away, along) };
        region.addresses.push(address(Coord { x: point.0, y: point.1 }));
    }
    for stream in 0..(extent / 2000.0) as usize {
        let across = stream as f64 * 2000.0 + 700.0;
        let course = (0..side * 5).map(|at| Coord { x: at as f64 * 50.0, y: across + sway(at, 60.0) }).collect();
        let crossing = Some(prices.known(key::CROSS_WATER));
        let (key, kind) = (format!("water, record {stream}"), "water".to_owned());
        region.barriers.push(Barrier { key, kind, shape: BarrierShape::Line(course), crossing });
    }
    region
}

fn road(line: LineString<f64>, prices: &PriceBook) -> Road {
    let (trench, crossing) = (Some(prices.known(key::OPEN_UNPAVED)), Some(prices.known(key::CROSS_ROAD_LOCAL)));
    Road { key: String::new(), line, trench, shot: None, crossing, offset: None, passes_over: false, junctions: None }
}

fn address(point: Coord<f64>) -> Address {
    Address { tier: 4, ..Address::home(String::new(), Some(point)) }
}

fn networks(criterion: &mut Criterion) {
    let scenario = Scenario::default();
    let prices = scenario.price_book();
    let mut group = criterion.benchmark_group("network");
    group.sample_size(10);
    for addresses in [0, 10_000, 60_000] {
        // Without addresses only the noding is left; the grid is that of 60,000.
        let mut region = grid(if addresses == 0 { 60_000 } else { addresses }, &prices);
        region.addresses.truncate(addresses);
        let name = if addresses == 0 { "noding" } else { "build" };
        let id = BenchmarkId::new(name, format!("{} roads, {addresses} addresses", region.roads.len()));
        group.bench_function(id, |bencher| {
            bencher.iter(|| black_box(build(&region, &scenario.network, &prices)));
        });
    }
    let mut fields = grid(10_000, &prices);
    fields.has_road_layer = false;
    group.bench_function("build without roads, 10000 addresses", |bencher| {
        bencher.iter(|| black_box(build(&fields, &scenario.network, &prices)));
    });
    group.finish();
}

criterion_group!(benches, networks);
criterion_main!(benches);
