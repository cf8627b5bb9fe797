//! Which polygon a point lies in: an R-tree over bounding boxes, then the exact test.

use geo::{BoundingRect, Coord, Distance, Euclidean, Intersects, MultiPolygon, Point};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

/// Polygons that can be asked which of them hold a point.
pub(super) struct Areas<'a> {
    tree: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
    outlines: Vec<&'a MultiPolygon<f64>>,
}

impl<'a> Areas<'a> {
    /// Indexes polygons by their place. Time: O(n log n).
    pub(super) fn new(outlines: impl IntoIterator<Item = &'a MultiPolygon<f64>>) -> Self {
        let outlines: Vec<_> = outlines.into_iter().collect();
        let boxes = outlines.iter().enumerate().filter_map(|(place, outline)| {
            let around = outline.bounding_rect()?;
            let corners = Rectangle::from_corners(around.min().x_y().into(), around.max().x_y().into());
            Some(GeomWithData::new(corners, place))
        });
        Self { tree: RTree::bulk_load(boxes.collect()), outlines }
    }

    /// Places of all polygons that hold the point, edges included, in order.
    pub(super) fn holding(&self, point: Coord<f64>) -> Vec<usize> {
        let near = self.tree.locate_in_envelope_intersecting(AABB::from_point([point.x, point.y]));
        let mut holding: Vec<usize> =
            near.map(|candidate| candidate.data).filter(|&at| self.outlines[at].intersects(&Point(point))).collect();
        holding.sort_unstable();
        holding
    }

    /// Whether any polygon is this near to the point, in metres.
    pub(super) fn any_within(&self, point: Coord<f64>, metres: f64) -> bool {
        let around = AABB::from_corners([point.x - metres, point.y - metres], [point.x + metres, point.y + metres]);
        let mut near = self.tree.locate_in_envelope_intersecting(around);
        near.any(|candidate| Euclidean.distance(&Point(point), self.outlines[candidate.data]) <= metres)
    }
}
