//! Two cheapest routes that share no edge.
//!
//! A flow of two units over edges that carry one each, by successive shortest paths: the second search may take back
//! what the first one used (Suurballe, Networks 4, 1974; Suurballe and Tarjan, Networks 14, 1984). Node prices from the
//! first search keep every cost of the second one from being negative.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::graph::{EdgeId, Graph, NodeId};

/// What routes may use.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The edges.
    pub graph: &'a Graph,
    /// What using an edge costs, by edge; not negative, [`BARRED`] where none may.
    pub costs: &'a [i64],
    /// Edges that both routes may share, by edge.
    pub shared: &'a [bool],
    /// Nodes that no route may lead to or through, by node; routes may still begin there.
    pub closed: &'a [bool],
}

/// Where a route may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The node.
    pub node: NodeId,
    /// What ending there costs.
    pub cost: i64,
    /// Whether both routes may end there.
    pub twice: bool,
}

/// Two routes that share no edge but those that may be shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Cost of all edges used and of the goals.
    pub cost: i64,
    /// Edges of each route, from its start.
    pub routes: [Vec<EdgeId>; 2],
    /// The goal of each route, by its place.
    pub goals: [usize; 2],
}

/// Why there are no two routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cut {
    /// No goal can be reached at all.
    Unreached,
    /// Every route runs over this edge.
    Edge(EdgeId),
    /// Every route ends at this goal, where only one may.
    Goal(usize),
}

const FAR: i64 = i64::MAX;

/// What an edge costs that no route may use.
pub const BARRED: i64 = FAR;

/// A route from its start to a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Single {
    /// Cost of all edges used and of the goal.
    pub cost: i64,
    /// Its edges, from the start.
    pub route: Vec<EdgeId>,
    /// The goal, by its place.
    pub goal: usize,
}

/// The cheapest route from a node to a goal, if there is one. Dijkstra's algorithm; time: O(m log n).
#[must_use]
pub fn cheapest_route(ground: Ground<'_>, start: NodeId, goals: &[Goal]) -> Option<Single> {
    let mut search = Search::new(ground, start, goals);
    let goal = search.dijkstra(true)?;
    let mut route = Vec::new();
    let mut node = goals[goal].node;
    while let Some((edge, before)) = search.from[node.index()] {
        route.push(edge);
        node = before;
    }
    route.reverse();
    Some(Single { cost: search.end_price, route, goal })
}

/// The cheapest two routes from a node to goals.
///
/// Shared edges and goals where both may end should cost nothing: they are not looked for as if the second use were
/// free. Dijkstra's algorithm twice; time: O(m log n).
///
/// # Errors
/// If there are no two such routes, with what every route needs.
pub fn disjoint_pair(ground: Ground<'_>, start: NodeId, goals: &[Goal]) -> Result<Pair, Cut> {
    let mut search = Search::new(ground, start, goals);
    let first = search.dijkstra(true).ok_or(Cut::Unreached)?;
    search.advance(first);
    let Some(second) = search.dijkstra(false) else { return Err(search.cut()) };
    search.advance(second);
    Ok(search.pair())
}

struct Search<'a> {
    ground: Ground<'a>,
    start: NodeId,
    goals: &'a [Goal],
    /// Price of each node, and of the end behind the goals.
    price: Vec<i64>,
    end_price: i64,
    /// Units over each edge from its first end to its second, negative the other way; only edges that are not shared.
    flow: Vec<i8>,
    /// Edges and goals used so far, in order of use.
    used: Vec<EdgeId>,
    ended: Vec<usize>,
    /// Shared edges that a unit went over, with the node that it came from.
    over_shared: Vec<(EdgeId, NodeId)>,
    reached: Vec<i64>,
    /// How each node is reached: the edge, and the node before.
    from: Vec<Option<(EdgeId, NodeId)>>,
}

impl<'a> Search<'a> {
    fn new(ground: Ground<'a>, start: NodeId, goals: &'a [Goal]) -> Self {
        let nodes = ground.graph.node_count();
        Self {
            ground,
            start,
            goals,
            price: vec![0; nodes],
            end_price: 0,
            flow: vec![0; ground.graph.edge_count()],
            used: Vec::new(),
            ended: Vec::new(),
            over_shared: Vec::new(),
            reached: Vec::new(),
            from: Vec::new(),
        }
    }

    /// Cost of going over an edge from a node; `None` where that is used up.
    fn cost(&self, edge: EdgeId, node: NodeId) -> Option<i64> {
        let cost = self.ground.costs[edge.index()];
        if cost == BARRED {
            return None;
        }
        if self.ground.shared[edge.index()] {
            return Some(cost);
        }
        let along = if self.ground.graph.ends(edge)[0] == node { 1 } else { -1 };
        match self.flow[edge.index()] * along {
            0 => Some(cost),
            1.. => None,
            _ => Some(-cost),
        }
    }

    /// The cheapest way to the end, by its last step; prices are updated.
    fn dijkstra(&mut self, first: bool) -> Option<usize> {
        let graph = self.ground.graph;
        self.reached = vec![FAR; graph.node_count()];
        self.from = vec![None; graph.node_count()];
        let mut goals_at: Vec<(NodeId, usize)> =
            self.goals.iter().enumerate().map(|(place, goal)| (goal.node, place)).collect();
        goals_at.sort_unstable();
        let mut best: Option<(i64, usize)> = None;
        self.reached[self.start.index()] = 0;
        let mut queue = BinaryHeap::from([Reverse((0i64, self.start))]);
        while let Some(Reverse((so_far, node))) = queue.pop() {
            if so_far > self.reached[node.index()] {
                continue;
            }
            if best.is_some_and(|(least, _)| least <= so_far) {
                break;
            }
            let at = goals_at.partition_point(|(other, _)| *other < node);
            for &(_, goal) in goals_at[at..].iter().take_while(|(other, _)| *other == node) {
                if self.goals[goal].twice || !self.ended.contains(&goal) {
                    let through = so_far + self.goals[goal].cost + self.price[node.index()] - self.end_price;
                    if best.is_none_or(|known| (through, goal) < known) {
                        best = Some((through, goal));
                    }
                }
            }
            for arc in graph.arcs(node) {
                if self.ground.closed[arc.to.index()] && arc.to != self.start {
                    continue;
                }
                let Some(cost) = self.cost(arc.edge, node) else { continue };
                let through = so_far + cost + self.price[node.index()] - self.price[arc.to.index()];
                if through < self.reached[arc.to.index()] {
                    self.reached[arc.to.index()] = through;
                    self.from[arc.to.index()] = Some((arc.edge, node));
                    queue.push(Reverse((through, arc.to)));
                }
            }
        }
        let (least, goal) = best?;
        if first {
            // The second search needs prices; the first one's distances, cut off where it ended.
            for (price, &reached) in self.price.iter_mut().zip(&self.reached) {
                *price = reached.min(least);
            }
            self.end_price = least;
        }
        Some(goal)
    }

    /// Sends a unit along the way found to a goal.
    fn advance(&mut self, goal: usize) {
        self.ended.push(goal);
        let mut node = self.goals[goal].node;
        while let Some((edge, before)) = self.from[node.index()] {
            if self.ground.shared[edge.index()] {
                self.over_shared.push((edge, before));
            } else {
                let along = if self.ground.graph.ends(edge)[0] == before { 1 } else { -1 };
                self.flow[edge.index()] += along;
                self.used.push(edge);
            }
            node = before;
        }
    }

    /// What every route needs, after the second search found no way.
    fn cut(&self) -> Cut {
        let inside = |node: NodeId| self.reached[node.index()] < FAR;
        let mut cut = self.used.iter().copied().filter(|&edge| {
            let [one, other] = self.ground.graph.ends(edge);
            self.flow[edge.index()] != 0 && inside(one) != inside(other)
        });
        cut.next().map_or(Cut::Goal(self.ended[0]), Cut::Edge)
    }

    /// The two routes that the units took.
    fn pair(mut self) -> Pair {
        let mut leaving: std::collections::BTreeMap<NodeId, Vec<EdgeId>> = std::collections::BTreeMap::new();
        let mut used = std::mem::take(&mut self.used);
        used.sort_unstable();
        used.dedup();
        used.retain(|edge| self.flow[edge.index()] != 0);
        for &edge in &used {
            let [tail, head] = self.ground.graph.ends(edge);
            leaving.entry(if self.flow[edge.index()] > 0 { tail } else { head }).or_default().push(edge);
        }
        for &(edge, before) in &self.over_shared {
            // A unit that went back over a shared edge takes back one that came.
            let after = self.ground.graph.other_end(edge, before);
            let back = leaving
                .get_mut(&after)
                .and_then(|edges| edges.iter().position(|&other| other == edge).map(|at| edges.remove(at)));
            if back.is_none() {
                leaving.entry(before).or_default().push(edge);
            }
        }
        let mut open = self.ended.clone();
        let mut routes = [Vec::new(), Vec::new()];
        let mut goals = [0, 0];
        for (route, goal) in routes.iter_mut().zip(&mut goals) {
            let mut node = self.start;
            loop {
                if let Some(edge) = leaving.get_mut(&node).and_then(Vec::pop) {
                    route.push(edge);
                    node = self.ground.graph.other_end(edge, node);
                    continue;
                }
                let at = open.iter().position(|&place| self.goals[place].node == node);
                *goal = open.remove(at.expect("a route ends at a goal that a unit reached"));
                break;
            }
        }
        let edges: i64 = routes.iter().flatten().map(|edge| self.ground.costs[edge.index()]).sum();
        let cost = edges + goals.iter().map(|&goal| self.goals[goal].cost).sum::<i64>();
        Pair { cost, routes, goals }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::graph;
    use proptest::prelude::*;

    fn solve(graph: &Graph, costs: &[i64], goals: &[Goal]) -> Result<Pair, Cut> {
        let shared = vec![false; graph.edge_count()];
        let closed = vec![false; graph.node_count()];
        disjoint_pair(Ground { graph, costs, shared: &shared, closed: &closed }, NodeId(0), goals)
    }

    fn goal(node: u32, cost: i64, twice: bool) -> Goal {
        Goal { node: NodeId(node), cost, twice }
    }

    #[test]
    fn the_second_route_may_take_back_an_edge_of_the_first() {
        // The cheapest single route 0-1-2-3 blocks both others; the pair goes 0-1-3 and 0-2-3.
        let ends = graph(4, &[(0, 1), (1, 2), (2, 3), (0, 2), (1, 3)]);
        let pair = solve(&ends, &[1, 1, 1, 5, 5], &[goal(3, 0, true)]).expect("two routes");
        assert_eq!(pair.cost, 12);
        let mut routes = pair.routes;
        routes.sort();
        assert_eq!(routes, [vec![EdgeId(0), EdgeId(4)], vec![EdgeId(3), EdgeId(2)]]);
    }

    #[test]
    fn a_bridge_is_named() {
        let ends = graph(4, &[(0, 1), (0, 1), (1, 2), (2, 3), (2, 3)]);
        assert_eq!(solve(&ends, &[1; 5], &[goal(3, 0, true)]), Err(Cut::Edge(EdgeId(2))));
        assert_eq!(solve(&ends, &[1; 5], &[goal(1, 0, false)]), Err(Cut::Goal(0)));
        let apart = graph(3, &[(0, 1)]);
        assert_eq!(solve(&apart, &[1], &[goal(2, 0, true)]), Err(Cut::Unreached));
    }

    #[test]
    fn a_single_route_keeps_off_barred_edges() {
        let ends = graph(4, &[(0, 1), (1, 2), (2, 3), (0, 2), (1, 3)]);
        let (shared, closed) = (vec![false; 5], vec![false; 4]);
        let found = |costs: &[i64]| {
            let ground = Ground { graph: &ends, costs, shared: &shared, closed: &closed };
            cheapest_route(ground, NodeId(0), &[goal(3, 7, false)])
        };
        let free = Single { cost: 10, route: vec![EdgeId(0), EdgeId(1), EdgeId(2)], goal: 0 };
        assert_eq!(found(&[1, 1, 1, 5, 5]), Some(free));
        let around = Single { cost: 13, route: vec![EdgeId(3), EdgeId(2)], goal: 0 };
        assert_eq!(found(&[BARRED, 1, 1, 5, 5]), Some(around));
        assert_eq!(found(&[BARRED, 1, 1, BARRED, 5]), None);
    }

    #[test]
    fn two_goals_are_both_paid_for() {
        let ends = graph(3, &[(0, 1), (0, 2), (0, 1)]);
        let pair = solve(&ends, &[1, 2, 3], &[goal(1, 10, false), goal(2, 20, false)]).expect("two routes");
        assert_eq!((pair.cost, pair.goals), (33, [pair.goals[0], pair.goals[1]]));
        assert_ne!(pair.goals[0], pair.goals[1]);
    }

    /// Least cost of two edge-disjoint routes by trying every subset of edges.
    fn by_brute_force(graph: &Graph, costs: &[i64], to: NodeId) -> Option<i64> {
        let edges = graph.edge_count();
        let flow_two = |subset: u32| {
            (0..edges).filter(|&edge| subset >> edge & 1 == 1).all(|cut| reaches(graph, subset & !(1 << cut), to))
                && reaches(graph, subset, to)
        };
        let cost = |subset: u32| (0..edges).filter(|&e| subset >> e & 1 == 1).map(|e| costs[e]).sum();
        (0..1u32 << edges).filter(|&subset| flow_two(subset)).map(cost).min()
    }

    fn reaches(graph: &Graph, subset: u32, to: NodeId) -> bool {
        let mut seen = vec![false; graph.node_count()];
        let mut open = vec![NodeId(0)];
        while let Some(node) = open.pop() {
            if std::mem::replace(&mut seen[node.index()], true) {
                continue;
            }
            open.extend(graph.arcs(node).iter().filter(|arc| subset >> arc.edge.0 & 1 == 1).map(|arc| arc.to));
        }
        seen[to.index()]
    }

    proptest! {
        #[test]
        fn the_pair_is_the_cheapest_of_all_and_disjoint(
            ends in prop::collection::vec((0u32..5, 0u32..5, 0i64..9), 1..10)
        ) {
            let ends: Vec<(u32, u32, i64)> = ends.into_iter().filter(|(a, b, _)| a != b).collect();
            let costs: Vec<i64> = ends.iter().map(|&(_, _, cost)| cost).collect();
            let graph = graph(5, &ends.iter().map(|&(a, b, _)| (a, b)).collect::<Vec<_>>());
            let found = solve(&graph, &costs, &[goal(4, 0, true)]);
            prop_assert_eq!(found.as_ref().ok().map(|pair| pair.cost), by_brute_force(&graph, &costs, NodeId(4)));
            match found {
                Ok(pair) => {
                    let [one, other] = &pair.routes;
                    prop_assert!(one.iter().all(|edge| !other.contains(edge)));
                    for route in [one, other] {
                        let end = route.iter().fold(NodeId(0), |node, &edge| graph.other_end(edge, node));
                        prop_assert_eq!(end, NodeId(4));
                    }
                }
                Err(Cut::Edge(edge)) => {
                    let all = (1u32 << graph.edge_count()) - 1;
                    prop_assert!(!reaches(&graph, all & !(1 << edge.0), NodeId(4)));
                }
                Err(_) => {}
            }
        }
    }
}
