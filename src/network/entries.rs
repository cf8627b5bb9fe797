//! Entries: where parks and PoPs meet the trenches.

use geo::{BoundingRect, Contains, Coord, InteriorPoint, MultiPolygon, Point};
use rstar::AABB;

use crate::network::NoDrop;
use crate::network::drops::{Search, Way};
use crate::network::lines::{Place, crossing, distance};
use crate::units::Length;

/// Access points on the outline of one park at most.
const MOST_ON_OUTLINE: usize = 12;

/// Access points of one park at most, those at nodes inside it included.
const MOST_ENTRIES: usize = 16;

/// Roads near a park without a road of its own that are looked at, nearest first.
const MOST_ROADS: usize = 12;

/// Ways from such a park, or from a PoP, at most.
const MOST_WAYS: usize = 2;

/// How far along the same road a second entry lies from the first, in metres.
const SECOND_ENTRY: f64 = 20.0;

/// A point inside a park, to stand for it on maps.
pub(super) fn middle(outline: &MultiPolygon<f64>) -> Coord<f64> {
    let first = outline.iter().find_map(|part| part.exterior().0.first().copied());
    outline.interior_point().map(|point| point.0).or(first).unwrap_or(Coord { x: 0.0, y: 0.0 })
}

/// Ways from a PoP to the roads within reach; with `second`, each also to another place on the same road.
pub(super) fn pop_ways(search: &Search<'_>, point: Coord<f64>, reach: f64, second: bool) -> Result<Vec<Way>, NoDrop> {
    let mut ways = search.ways(point, reach, MOST_WAYS)?;
    if second {
        add_second(search, &mut ways);
    }
    Ok(ways)
}

/// Adds a second way to the road of each, so that a cut of one does not cut off what they lead to.
fn add_second(search: &Search<'_>, ways: &mut Vec<Way>) {
    for at in 0..ways.len() {
        let Some(far) = ways[at].dug.as_ref().map(|dug| dug.far) else { continue };
        let Place { line, along, .. } = ways[at].place;
        let road = &search.lines[line as usize];
        let beside = if along + SECOND_ENTRY <= road.length() { along + SECOND_ENTRY } else { along - SECOND_ENTRY };
        let along = beside.max(0.0);
        let place = Place { line, along, point: road.point_at(along) };
        let length = Length::from_metres(distance(place.point, far)).unwrap_or(Length::ZERO);
        ways.extend(search.way(place, far, length));
    }
}

/// Ways into a park: free where a road crosses its outline and at nodes inside it, spread if there are many; else the
/// cheapest ways from its outline to roads within reach, or why there are none.
/// With `second`, such a way is doubled.
pub(super) fn park_ways(
    search: &Search<'_>,
    outline: &MultiPolygon<f64>,
    reach: f64,
    second: bool,
) -> Result<Vec<Way>, NoDrop> {
    let (crossing, inside) = access(search, outline);
    let mut places = Vec::new();
    spread(&mut places, crossing, MOST_ON_OUTLINE);
    spread(&mut places, inside, MOST_ENTRIES);
    if places.is_empty() {
        let mut ways = ways_from_outline(search, outline, reach)?;
        if second {
            add_second(search, &mut ways);
        }
        return Ok(ways);
    }
    Ok(places.into_iter().map(Way::free).collect())
}

/// Places where roads cross the outline, and nodes of roads inside it, each from left to right.
fn access(search: &Search<'_>, outline: &MultiPolygon<f64>) -> (Vec<Place>, Vec<Place>) {
    let (mut crossings, mut inside) = (Vec::new(), Vec::new());
    let Some(around) = outline.bounding_rect() else { return (crossings, inside) };
    let window = AABB::from_corners(around.min().into(), around.max().into());
    let mut lines: Vec<u32> = Vec::new();
    for near in search.tree.locate_in_envelope_intersecting(window) {
        let (line, piece) = near.data;
        let road = &search.lines[line as usize];
        if road.road.is_none() {
            continue;
        }
        lines.push(line);
        let met = edges(outline).filter_map(|edge| crossing(road.piece(piece), edge));
        crossings.extend(met.map(|point| road.project(line, piece, point)));
    }
    lines.sort_unstable();
    lines.dedup();
    for line in lines {
        let road = &search.lines[line as usize];
        let nodes = road.stations.iter().map(|(along, _)| Place { line, along: *along, point: road.point_at(*along) });
        inside.extend(nodes.filter(|place| outline.contains(&Point(place.point))));
    }
    for places in [&mut crossings, &mut inside] {
        places.sort_by(|a, b| {
            a.point.x.total_cmp(&b.point.x).then(a.point.y.total_cmp(&b.point.y)).then(a.line.cmp(&b.line))
        });
        places.dedup_by(|a, b| distance(a.point, b.point) < 1e-6);
    }
    (crossings, inside)
}

fn edges(outline: &MultiPolygon<f64>) -> impl Iterator<Item = [Coord<f64>; 2]> + '_ {
    let rings = outline.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
    rings.flat_map(|ring| ring.0.windows(2).map(|edge| [edge[0], edge[1]]))
}

/// Adds places until there are `most`, each time the one farthest from those that are there (the first of equals).
fn spread(chosen: &mut Vec<Place>, mut places: Vec<Place>, most: usize) {
    if chosen.len() + places.len() <= most {
        chosen.append(&mut places);
        return;
    }
    let nearest = |place: &Place, chosen: &[Place]| {
        chosen.iter().map(|other| distance(place.point, other.point)).fold(f64::INFINITY, f64::min)
    };
    let mut away: Vec<f64> = places.iter().map(|place| nearest(place, chosen)).collect();
    while chosen.len() < most {
        let Some(best) = (0..places.len()).reduce(|best, at| if away[at] > away[best] { at } else { best }) else {
            return;
        };
        chosen.push(places[best]);
        for (away, place) in away.iter_mut().zip(&places) {
            *away = away.min(distance(place.point, places[best].point));
        }
    }
}

/// The cheapest ways from a park's outline to the roads around it.
fn ways_from_outline(search: &Search<'_>, outline: &MultiPolygon<f64>, reach: f64) -> Result<Vec<Way>, NoDrop> {
    let mut nearest: Vec<(f64, Place, Coord<f64>)> = Vec::new();
    for edge in edges(outline) {
        let low = [edge[0].x.min(edge[1].x) - reach, edge[0].y.min(edge[1].y) - reach];
        let high = [edge[0].x.max(edge[1].x) + reach, edge[0].y.max(edge[1].y) + reach];
        for near in search.tree.locate_in_envelope_intersecting(AABB::from_corners(low, high)) {
            let (line, piece) = near.data;
            let road = &search.lines[line as usize];
            if road.road.is_none() {
                continue;
            }
            let ends = road.piece(piece);
            let from_edge = edge.map(|corner| (road.project(line, piece, corner), corner));
            let from_road = ends.map(|end| (road.project(line, piece, end), nearest_on(edge, end)));
            for (place, far) in from_edge.into_iter().chain(from_road) {
                nearest.push((distance(place.point, far), place, far));
            }
        }
    }
    nearest.retain(|(away, _, _)| *away <= reach);
    nearest.sort_by(|a, b| {
        let (one, other) = (a.1, b.1);
        one.line.cmp(&other.line).then(a.0.total_cmp(&b.0)).then(one.along.total_cmp(&other.along))
    });
    nearest.dedup_by_key(|(_, place, _)| place.line);
    nearest.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.line.cmp(&b.1.line)));
    let mut forbidden = None;
    let mut ways = Vec::new();
    for (away, place, far) in nearest.into_iter().take(MOST_ROADS) {
        match search.way(place, far, Length::from_metres(away).unwrap_or(Length::ZERO)) {
            Ok(way) => ways.push(way),
            Err(kind) => forbidden = forbidden.or(Some(kind)),
        }
    }
    ways.sort_by(|a, b| a.cost.cmp(&b.cost).then(a.place.line.cmp(&b.place.line)));
    ways.truncate(MOST_WAYS);
    match (ways.is_empty(), forbidden) {
        (false, _) => Ok(ways),
        (true, Some(kind)) => Err(NoDrop::Forbidden(kind)),
        (true, None) => Err(NoDrop::TooFar(None)),
    }
}

fn nearest_on([a, b]: [Coord<f64>; 2], point: Coord<f64>) -> Coord<f64> {
    let (step, to) = (b - a, point - a);
    let square = step.x * step.x + step.y * step.y;
    if square > 0.0 { a + step * ((step.x * to.x + step.y * to.y) / square).clamp(0.0, 1.0) } else { a }
}
