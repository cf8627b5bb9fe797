//! A bid's routes as a graph of their own: what hangs together, how far each address is from a PoP along them.

use geo::{Coord, Distance, Euclidean, LineString, MultiPolygon, Point};
use rstar::primitives::{GeomWithData, Line as Piece};
use rstar::{AABB, PointDistance, RTree};

use crate::graph::paths::around;
use crate::graph::{Graph, NodeId, UnionFind};
use crate::units::Length;

/// Straight pieces of lines with the line and the piece's place in it.
type Pieces = RTree<GeomWithData<Piece<[f64; 2]>, (u32, u32)>>;

/// Steps in which a line is looked at where it may run through a park, in metres.
const STEP: f64 = 5.0;

/// Where a site touches the routes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Touch {
    /// Node of the graph.
    pub(super) node: NodeId,
    /// How far the route is from the site, in metres.
    pub(super) metres: f64,
}

/// A bid's routes as a graph.
#[derive(Clone, Debug)]
pub(super) struct Routes {
    graph: Graph,
    lengths: Vec<i64>,
    /// Where each site touches them, within its reach.
    pub(super) touches: Vec<Option<Touch>>,
    /// Distance from each site to the nearest route, in metres; `None` without routes.
    pub(super) nearest: Vec<Option<f64>>,
    /// Nodes in or at each park.
    pub(super) parks: Vec<Vec<NodeId>>,
}

/// A line with its stations: places where it has a node.
struct Stations {
    along: Vec<f64>,
    nodes: Vec<(f64, u32)>,
}

impl Routes {
    /// Joins lines at ends and corners that come within `join` metres of each other's course; lines that merely cross
    /// are not joined. Each site has its own reach, in metres; parks are touched within `reach`. Time: O(n log n).
    #[must_use]
    pub(super) fn build(
        lines: &[LineString<f64>],
        join: f64,
        sites: &[(Coord<f64>, f64)],
        parks: &[&MultiPolygon<f64>],
        reach: f64,
    ) -> Self {
        let pieces = pieces(lines);
        let mut joined = Joined::new(lines);
        for (line, course) in lines.iter().enumerate() {
            for (at, point) in course.0.iter().enumerate() {
                joined.join_corner(&pieces, lines, (line as u32, at as u32), *point, join);
            }
        }
        let mut touches = Vec::with_capacity(sites.len());
        let mut nearest = Vec::with_capacity(sites.len());
        for &(point, within) in sites {
            let found = pieces.nearest_neighbor([point.x, point.y]);
            let metres = found.map(|piece| piece.distance_2(&[point.x, point.y]).sqrt());
            let near = found.zip(metres).filter(|(_, metres)| *metres <= within);
            touches.push(near.map(|(piece, metres)| (joined.station(lines, piece.data, point), metres)));
            nearest.push(metres);
        }
        let park_nodes: Vec<Vec<u32>> =
            parks.iter().map(|outline| joined.touching_park(&pieces, lines, outline, reach)).collect();
        let (graph, lengths, number) = joined.finish();
        let touch = |(node, metres): (u32, f64)| Touch { node: number[node as usize], metres };
        let touches = touches.into_iter().map(|found| found.map(touch)).collect();
        let numbered = |nodes: Vec<u32>| {
            let mut nodes: Vec<NodeId> = nodes.into_iter().map(|node| number[node as usize]).collect();
            nodes.sort_unstable();
            nodes.dedup();
            nodes
        };
        let parks = park_nodes.into_iter().map(numbered).collect();
        Self { graph, lengths, touches, nearest, parks }
    }

    /// Distance of every node from the nearest of the starts, by node; `None` where no route leads there.
    ///
    /// Time: O(m log n).
    #[must_use]
    pub(super) fn distances(&self, starts: &[NodeId]) -> Vec<Option<Length>> {
        let starts: Vec<(NodeId, i64)> = starts.iter().map(|&node| (node, 0)).collect();
        let found = around(&self.graph, &self.lengths, &starts, i64::MAX / 4, usize::MAX);
        let mut distances = vec![None; self.graph.node_count()];
        for (node, millimetres) in found {
            distances[node.index()] = Some(Length::from_millimetres(millimetres));
        }
        distances
    }

    /// Whether two routes without a common piece lead from some node of `from` to some node of `to` (two augmenting
    /// paths). Time: O(m).
    #[must_use]
    pub(super) fn has_two_routes(&self, from: &[NodeId], to: &[NodeId]) -> bool {
        // +1: the edge carries flow from its first end to its second; -1: the other way.
        let mut flow = vec![0i8; self.graph.edge_count()];
        (0..2).all(|_| self.augment(from, to, &mut flow))
    }

    fn augment(&self, from: &[NodeId], to: &[NodeId], flow: &mut [i8]) -> bool {
        let mut came: Vec<Option<(NodeId, usize)>> = vec![None; self.graph.node_count()];
        let mut seen = vec![false; self.graph.node_count()];
        let mut is_goal = vec![false; self.graph.node_count()];
        to.iter().for_each(|node| is_goal[node.index()] = true);
        let mut queue: std::collections::VecDeque<NodeId> = from.iter().copied().collect();
        from.iter().for_each(|node| seen[node.index()] = true);
        while let Some(node) = queue.pop_front() {
            if is_goal[node.index()] {
                let mut at = node;
                while let Some((before, edge)) = came[at.index()] {
                    flow[edge] += if self.graph.ends(crate::graph::EdgeId(edge as u32))[0] == before { 1 } else { -1 };
                    at = before;
                }
                return true;
            }
            for arc in self.graph.arcs(node) {
                let forward = self.graph.ends(arc.edge)[0] == node;
                let used = flow[arc.edge.index()] == if forward { 1 } else { -1 };
                if !used && !seen[arc.to.index()] {
                    seen[arc.to.index()] = true;
                    came[arc.to.index()] = Some((node, arc.edge.index()));
                    queue.push_back(arc.to);
                }
            }
        }
        false
    }
}

/// Indexes the straight pieces of lines. Time: O(n log n).
fn pieces(lines: &[LineString<f64>]) -> Pieces {
    let mut all = Vec::new();
    for (line, course) in lines.iter().enumerate() {
        for (piece, ends) in course.0.windows(2).enumerate() {
            let straight = Piece::new([ends[0].x, ends[0].y], [ends[1].x, ends[1].y]);
            all.push(GeomWithData::new(straight, (line as u32, piece as u32)));
        }
    }
    RTree::bulk_load(all)
}

/// Lines with stations, and which of them are one node.
struct Joined {
    lines: Vec<Stations>,
    same: Vec<(u32, u32)>,
    count: u32,
}

impl Joined {
    /// Every corner of every line is a node.
    fn new(lines: &[LineString<f64>]) -> Self {
        let mut count = 0;
        let stations = |line: &LineString<f64>| {
            let mut so_far = 0.0;
            let mut along = Vec::with_capacity(line.0.len());
            for (at, point) in line.0.iter().enumerate() {
                if at > 0 {
                    so_far += apart(line.0[at - 1], *point);
                }
                along.push(so_far);
            }
            let nodes = along.iter().enumerate().map(|(at, &metres)| (metres, count + at as u32)).collect();
            count += along.len() as u32;
            Stations { along, nodes }
        };
        let lines = lines.iter().map(stations).collect();
        Self { lines, same: Vec::new(), count }
    }

    fn join_corner(
        &mut self,
        pieces: &Pieces,
        lines: &[LineString<f64>],
        (line, at): (u32, u32),
        point: Coord<f64>,
        join: f64,
    ) {
        let near: Vec<(u32, u32)> =
            pieces.locate_within_distance([point.x, point.y], join * join).map(|piece| piece.data).collect();
        for (other, piece) in near {
            if other == line && (piece == at || piece + 1 == at) {
                continue;
            }
            let node = self.station(lines, (other, piece), point);
            self.same.push((self.lines[line as usize].nodes[at as usize].1, node));
        }
    }

    /// The node at a point's projection onto a piece: the piece's own end if that is within a decimetre, else a new one.
    fn station(&mut self, lines: &[LineString<f64>], (line, piece): (u32, u32), point: Coord<f64>) -> u32 {
        let course = &lines[line as usize].0;
        let (start, end) = (course[piece as usize], course[piece as usize + 1]);
        let (step, to) = (end - start, point - start);
        let square = step.x * step.x + step.y * step.y;
        let share = if square > 0.0 { ((step.x * to.x + step.y * to.y) / square).clamp(0.0, 1.0) } else { 0.0 };
        let stations = &mut self.lines[line as usize];
        let along = stations.along[piece as usize] + share * square.sqrt();
        for corner in [piece as usize, piece as usize + 1] {
            if (stations.along[corner] - along).abs() <= 0.1 {
                return stations.nodes[corner].1;
            }
        }
        stations.nodes.push((along, self.count));
        self.count += 1;
        self.count - 1
    }

    /// Nodes where lines run in or at a park.
    fn touching_park(
        &mut self,
        pieces: &Pieces,
        lines: &[LineString<f64>],
        outline: &MultiPolygon<f64>,
        reach: f64,
    ) -> Vec<u32> {
        use geo::BoundingRect;
        let Some(frame) = outline.bounding_rect() else { return Vec::new() };
        let (low, high) = (frame.min(), frame.max());
        let frame = AABB::from_corners([low.x - reach, low.y - reach], [high.x + reach, high.y + reach]);
        let mut near: Vec<(u32, u32)> = pieces.locate_in_envelope_intersecting(frame).map(|piece| piece.data).collect();
        near.sort_unstable();
        let mut nodes = Vec::new();
        for (line, piece) in near {
            let (start, end) = (lines[line as usize].0[piece as usize], lines[line as usize].0[piece as usize + 1]);
            let steps = (apart(start, end) / STEP).ceil().max(1.0) as u32;
            for step in 0..=steps {
                let point = start + (end - start) * (f64::from(step) / f64::from(steps));
                if Euclidean.distance(&Point(point), outline) <= reach {
                    nodes.push(self.station(lines, (line, piece), point));
                }
            }
        }
        nodes
    }

    /// The graph, lengths in millimetres by edge, and the number of each node.
    fn finish(mut self) -> (Graph, Vec<i64>, Vec<NodeId>) {
        let mut union = UnionFind::new(self.count as usize);
        for (one, other) in &self.same {
            union.join(*one as usize, *other as usize);
        }
        let mut number = vec![u32::MAX; self.count as usize];
        let mut next = 0;
        for node in 0..self.count as usize {
            let root = union.find(node);
            if number[root] == u32::MAX {
                number[root] = next;
                next += 1;
            }
            number[node] = number[root];
        }
        let (mut ends, mut lengths) = (Vec::new(), Vec::new());
        for line in &mut self.lines {
            line.nodes.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            for pair in line.nodes.windows(2) {
                let [from, to] = [number[pair[0].1 as usize], number[pair[1].1 as usize]];
                if from != to {
                    ends.push([NodeId(from), NodeId(to)]);
                    lengths.push(((pair[1].0 - pair[0].0) * 1000.0).round() as i64);
                }
            }
        }
        (Graph::new(next as usize, ends), lengths, number.into_iter().map(NodeId).collect())
    }
}

fn apart(a: Coord<f64>, b: Coord<f64>) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: &[(f64, f64)]) -> LineString<f64> {
        LineString(points.iter().map(|&(x, y)| Coord { x, y }).collect())
    }

    const AT_START: (Coord<f64>, f64) = (Coord { x: 0.0, y: 0.0 }, 1.0);

    #[test]
    fn a_line_that_ends_on_another_is_joined_and_one_that_merely_crosses_is_not() {
        let lines = [
            line(&[(0.0, 0.0), (100.0, 0.0)]),
            line(&[(50.0, 0.2), (50.0, 40.0)]),
            line(&[(80.0, -30.0), (80.0, 30.0)]),
        ];
        let sites = [AT_START, (Coord { x: 50.0, y: 40.0 }, 1.0), (Coord { x: 80.0, y: 30.0 }, 1.0)];
        let routes = Routes::build(&lines, 0.5, &sites, &[], 1.0);
        let node = |place: usize| routes.touches[place].expect("touched").node;
        let distances = routes.distances(&[node(0)]);
        assert_eq!(distances[node(1).index()].map(Length::millimetres), Some(50_000 + 39_800));
        assert_eq!(distances[node(2).index()], None);
    }

    #[test]
    fn a_ring_gives_two_routes_and_a_stem_before_it_only_one() {
        let ring = [
            line(&[(0.0, 0.0), (0.0, 50.0), (100.0, 50.0), (100.0, 0.0)]),
            line(&[(0.0, 0.0), (100.0, 0.0)]),
            line(&[(100.0, 0.0), (150.0, 0.0)]),
        ];
        let sites = [AT_START, (Coord { x: 100.0, y: 0.0 }, 1.0), (Coord { x: 150.0, y: 0.0 }, 1.0)];
        let routes = Routes::build(&ring, 0.5, &sites, &[], 1.0);
        let node = |place: usize| routes.touches[place].expect("touched").node;
        assert!(routes.has_two_routes(&[node(1)], &[node(0)]));
        assert!(!routes.has_two_routes(&[node(2)], &[node(0)]));
    }
}
