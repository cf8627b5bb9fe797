//! Candidate trenches where no roads are given: a Delaunay graph over the sites, parks and PoPs.
//!
//! The Euclidean minimum spanning tree is part of it, so the cheapest field trenches between the points are too.

use geo::{Coord, LineString};
use spade::{DelaunayTriangulation, Point2, Triangulation};

use crate::network::SegmentKind;
use crate::network::lines::Line;
use crate::scenario::PriceId;

/// Lines of the Delaunay graph over the points; points that are closer than a millimetre count as one.
pub(super) fn lines(points: &[Coord<f64>], price: PriceId) -> Vec<Line> {
    let mut vertices: Vec<Point2<f64>> = points.iter().map(|point| Point2::new(point.x, point.y)).collect();
    vertices.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    vertices.dedup_by(|a, b| (a.x - b.x).abs() < 1e-3 && (a.y - b.y).abs() < 1e-3);
    if let [lone] = vertices[..] {
        // One place alone: a line of no length is its node.
        let point = Coord { x: lone.x, y: lone.y };
        return vec![Line::new(SegmentKind::Trench, None, price, &LineString(vec![point, point]))];
    }
    let Ok(graph) = DelaunayTriangulation::<Point2<f64>>::bulk_load_stable(vertices) else { return Vec::new() };
    let mut ends: Vec<[Point2<f64>; 2]> = graph.undirected_edges().map(|edge| edge.positions()).collect();
    for pair in &mut ends {
        pair.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    }
    ends.sort_by(|a, b| {
        let key = |pair: &[Point2<f64>; 2]| [pair[0].x, pair[0].y, pair[1].x, pair[1].y];
        key(a).partial_cmp(&key(b)).unwrap_or(std::cmp::Ordering::Equal)
    });
    let coord = |point: Point2<f64>| Coord { x: point.x, y: point.y };
    let line = |pair: &[Point2<f64>; 2]| LineString(vec![coord(pair[0]), coord(pair[1])]);
    ends.iter().map(|pair| Line::new(SegmentKind::Trench, None, price, &line(pair))).collect()
}
