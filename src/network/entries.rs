//! Entries: where parks and PoPs meet the trenches.

use geo::{BoundingRect, Contains, Coord, InteriorPoint, MultiPolygon, Point};
use rstar::AABB;

use crate::network::drops::{Search, Way};
use crate::network::lines::Place;
use crate::network::noding::proper_crossing;
use crate::units::{Length, Money};

/// Access points of one park at most.
const MOST_ENTRIES: usize = 16;

/// A point inside a park, to stand for it on maps.
pub(super) fn middle(outline: &MultiPolygon<f64>) -> Coord<f64> {
    let first = outline.iter().find_map(|part| part.exterior().0.first().copied());
    outline.interior_point().map(|point| point.0).or(first).unwrap_or(Coord { x: 0.0, y: 0.0 })
}

/// Ways into a park: free where a road crosses its outline; else where a road lies inside; else the cheapest way from its
/// outline to a road within reach.
pub(super) fn park_ways(search: &Search<'_>, outline: &MultiPolygon<f64>, reach: f64) -> Vec<Way> {
    let (crossing, inside) = access(search, outline);
    let places = if crossing.is_empty() { inside } else { crossing };
    if places.is_empty() {
        return nearest_way(search, outline, reach).into_iter().collect();
    }
    let step = places.len().div_ceil(MOST_ENTRIES);
    let free = |place: &Place| Way {
        place: *place,
        far: place.point,
        length: Length::ZERO,
        works: Vec::new(),
        cost: Money::ZERO,
    };
    places.iter().step_by(step).map(free).collect()
}

/// Places where roads cross the outline, and points of roads inside it, in order of road and place.
fn access(search: &Search<'_>, outline: &MultiPolygon<f64>) -> (Vec<Place>, Vec<Place>) {
    let (mut crossing, mut inside) = (Vec::new(), Vec::new());
    let Some(around) = outline.bounding_rect() else { return (crossing, inside) };
    let window = AABB::from_corners(around.min().x_y().into(), around.max().x_y().into());
    for near in search.tree.locate_in_envelope_intersecting(window) {
        let (line, piece) = near.data;
        let road = &search.lines[line as usize];
        if road.road.is_none() {
            continue;
        }
        let ends = [road.points[piece as usize], road.points[piece as usize + 1]];
        for ring in outline.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors())) {
            let edges = ring.0.windows(2).filter_map(|edge| proper_crossing(ends, [edge[0], edge[1]]));
            crossing.extend(edges.map(|point| road.project(line, piece, point)));
        }
        if outline.contains(&Point(ends[0])) {
            inside.push(road.vertex(line, piece as usize));
        }
    }
    for places in [&mut crossing, &mut inside] {
        places.sort_by(|a, b| a.line.cmp(&b.line).then(a.along.total_cmp(&b.along)));
    }
    (crossing, inside)
}

fn nearest_way(search: &Search<'_>, outline: &MultiPolygon<f64>, reach: f64) -> Option<Way> {
    let corners = outline.iter().flat_map(|part| part.exterior().0.iter());
    let ways = corners.filter_map(|&corner| search.ways(corner, reach, 1).ok()).flatten();
    ways.min_by(|a, b| a.cost.cmp(&b.cost).then(a.place.line.cmp(&b.place.line)).then(a.length.cmp(&b.length)))
}
