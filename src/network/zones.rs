//! What the metres of a course cost: its own method outside zones, the zones' methods and surcharges inside.

use geo::{BoundingRect, Coord};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::network::Work;
use crate::network::lines::{Pieces, crossing, distance, pieces};
use crate::region::{Region, Zone, ZoneId};
use crate::scenario::{PriceBook, PriceId};
use crate::units::{Length, Money};

/// Zones, indexed.
pub(super) struct Zones<'a> {
    all: &'a [Zone],
    rings: Vec<(u32, &'a [Coord<f64>])>,
    edges: Pieces,
    boxes: RTree<GeomWithData<Rectangle<[f64; 2]>, u32>>,
}

/// A part of a course inside a zone, in metres from the course's start.
#[derive(Clone, Copy)]
struct Inside {
    zone: u32,
    from: f64,
    to: f64,
}

impl<'a> Zones<'a> {
    /// Indexes the zones of a region. Time: O(n log n).
    pub(super) fn new(region: &'a Region) -> Self {
        let mut rings: Vec<(u32, &[Coord<f64>])> = Vec::new();
        let mut boxes = Vec::new();
        for (place, zone) in region.zones.iter().enumerate() {
            let parts = zone.outline.iter();
            let all = parts.flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
            rings.extend(all.map(|ring| (place as u32, ring.0.as_slice())));
            if let Some(around) = zone.outline.bounding_rect() {
                let corners = Rectangle::from_corners(around.min().into(), around.max().into());
                boxes.push(GeomWithData::new(corners, place as u32));
            }
        }
        let edges = pieces(rings.iter().map(|(_, points)| *points));
        Self { all: &region.zones, rings, edges, boxes: RTree::bulk_load(boxes) }
    }

    /// The works by the metre of a course that is dug at `trench` outside zones, and the zones that it lies in, in order.
    ///
    /// Millimetres of all methods add up to `length`; surcharges come on top. Time: O(k log n) for k pieces.
    pub(super) fn works(&self, course: &[Coord<f64>], length: Length, trench: PriceId) -> (Vec<Work>, Vec<ZoneId>) {
        let base = |quantity| Work { price: trench, quantity };
        if self.all.is_empty() {
            return (vec![base(length.millimetres())], Vec::new());
        }
        let inside = self.inside(course);
        if inside.is_empty() {
            return (vec![base(length.millimetres())], Vec::new());
        }
        let mut methods: Vec<(PriceId, f64)> = Vec::new();
        let mut marks: Vec<f64> = inside.iter().flat_map(|part| [part.from, part.to]).collect();
        marks.sort_by(f64::total_cmp);
        for pair in marks.windows(2).filter(|pair| pair[1] > pair[0]) {
            let middle = f64::midpoint(pair[0], pair[1]);
            let here = inside.iter().filter(|part| part.from <= middle && middle <= part.to);
            let method = here.filter_map(|part| Some((part.zone, self.all[part.zone as usize].trench?))).min();
            if let Some((_, price)) = method {
                add(&mut methods, price, pair[1] - pair[0]);
            }
        }
        let mut surcharges: Vec<(PriceId, f64)> = Vec::new();
        for part in &inside {
            if let Some(price) = self.all[part.zone as usize].surcharge {
                add(&mut surcharges, price, part.to - part.from);
            }
        }
        let mut left = length.millimetres();
        let mut special = Vec::new();
        for (price, metres) in methods.into_iter().filter(|(price, _)| *price != trench) {
            let quantity = ((metres * 1000.0).round() as i64).min(left);
            left -= quantity;
            special.push(Work { price, quantity });
        }
        let mut works = if left > 0 || special.is_empty() { vec![base(left)] } else { Vec::new() };
        works.extend(special);
        let most = length.millimetres() * self.all.len() as i64;
        works.extend(
            surcharges
                .into_iter()
                .map(|(price, metres)| Work { price, quantity: ((metres * 1000.0).round() as i64).min(most) }),
        );
        works.retain(|work| work.quantity > 0 || work.price == trench);
        let mut zones: Vec<ZoneId> = inside.iter().map(|part| ZoneId(part.zone)).collect();
        zones.sort_unstable();
        zones.dedup();
        (works, zones)
    }

    /// What a metre of a course costs at most, wherever on it the metre lies.
    pub(super) fn dearest_metre(&self, course: &[Coord<f64>], trench: PriceId, prices: &PriceBook) -> Money {
        let own = prices.money(trench);
        if self.all.is_empty() {
            return own;
        }
        let mut zones: Vec<u32> = self.inside(course).into_iter().map(|part| part.zone).collect();
        zones.sort_unstable();
        zones.dedup();
        let zones = || zones.iter().map(|&zone| &self.all[zone as usize]);
        let method = zones().filter_map(|zone| zone.trench).map(|price| prices.money(price)).max();
        let surcharges: Money = zones().filter_map(|zone| zone.surcharge).map(|price| prices.money(price)).sum();
        method.map_or(own, |method| method.max(own)) + surcharges
    }

    /// The parts of a course that lie in zones, zone by zone.
    fn inside(&self, course: &[Coord<f64>]) -> Vec<Inside> {
        let mut met: Vec<(u32, f64)> = Vec::new();
        let mut so_far = 0.0;
        for ends in course.windows(2) {
            let (low, high) = ([ends[0].x, ends[0].y], [ends[1].x, ends[1].y]);
            for near in self.edges.locate_in_envelope_intersecting(AABB::from_corners(low, high)) {
                let (zone, edge) = self.edge(near.data);
                if let Some(point) = crossing([ends[0], ends[1]], edge) {
                    met.push((zone, so_far + distance(ends[0], point)));
                }
            }
            so_far += distance(ends[0], ends[1]);
        }
        met.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let Some(&start) = course.first() else { return Vec::new() };
        let at_start = self.holding(start);
        let mut zones: Vec<u32> = met.iter().map(|(zone, _)| *zone).chain(at_start.iter().copied()).collect();
        zones.sort_unstable();
        zones.dedup();
        let mut parts = Vec::new();
        for zone in zones {
            let mut from = at_start.contains(&zone).then_some(0.0);
            for &(_, along) in met.iter().filter(|(other, _)| *other == zone) {
                match from.take() {
                    Some(from) => parts.push(Inside { zone, from, to: along }),
                    None => from = Some(along),
                }
            }
            parts.extend(from.map(|from| Inside { zone, from, to: so_far }));
        }
        parts.retain(|part| part.to > part.from);
        parts
    }

    fn edge(&self, (ring, piece): (u32, u32)) -> (u32, [Coord<f64>; 2]) {
        let (zone, points) = self.rings[ring as usize];
        (zone, [points[piece as usize], points[piece as usize + 1]])
    }

    /// Zones that hold a point, by the number of their edges to the right of it.
    fn holding(&self, point: Coord<f64>) -> Vec<u32> {
        let boxes = self.boxes.locate_in_envelope_intersecting(AABB::from_point([point.x, point.y]));
        let holds = |&zone: &u32| {
            let right = self.all[zone as usize].outline.bounding_rect().map_or(point.x, |around| around.max().x);
            let ray = AABB::from_corners([point.x, point.y], [right, point.y]);
            let edges = self.edges.locate_in_envelope_intersecting(ray).filter(|near| {
                let (other, [a, b]) = self.edge(near.data);
                other == zone
                    && (a.y > point.y) != (b.y > point.y)
                    && point.x < a.x + (b.x - a.x) * (point.y - a.y) / (b.y - a.y)
            });
            edges.count() % 2 == 1
        };
        boxes.map(|found| found.data).filter(holds).collect()
    }
}

fn add(sums: &mut Vec<(PriceId, f64)>, price: PriceId, metres: f64) {
    match sums.iter_mut().find(|(other, _)| *other == price) {
        Some((_, so_far)) => *so_far += metres,
        None => sums.push((price, metres)),
    }
}
