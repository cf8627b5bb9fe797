//! Edges that some best tree does without, each with a reason that anybody can check.
//!
//! Reductions as in `reduce/` make a problem so much smaller that ascents get much farther in the same time, but they build
//! on each other in ways that a reader would have to repeat. These do not: a walk leads from one end of the edge to the
//! other on which no stretch between required nodes costs more than the edge. A best tree that holds the edge falls in two
//! without it, one of these stretches joins the parts again, and the tree costs no more. Or the edge leads to a dead end.
//! Edges go one after another; a walk uses none that went before it.
//!
//! Source: special distances, Duin and Volgenant (Networks 19, 1989).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::effort::Deadline;
use crate::graph::{EdgeId, Graph, NodeId};
use crate::problem::{Demand, SteinerProblem};

/// An edge, and why it is not needed.
#[derive(Clone, Debug)]
pub struct Needless {
    /// The edge.
    pub edge: EdgeId,
    /// The walk from its first end to the second; without edges where one end is a dead end that nobody asks for.
    pub walk: Vec<EdgeId>,
}

/// Edges that a search around a node looks at, pass by pass.
const LOOK: [usize; 2] = [60, 200];

/// Nodes searched around between two looks at the clock.
const CLOCK: u32 = 256;

/// Finds edges that are not needed, none of those of a tree. Time: O(n k log k), where a search looks at k edges.
pub(super) fn find(problem: &SteinerProblem, tree: &[EdgeId], deadline: &Deadline) -> Vec<Needless> {
    let graph = problem.graph();
    let mut kept = vec![false; graph.edge_count()];
    tree.iter().for_each(|edge| kept[edge.index()] = true);
    let mut search = Search {
        problem,
        alive: vec![true; graph.edge_count()],
        kept,
        found: Vec::new(),
        label: vec![(0, 0); graph.node_count()],
        stamp: vec![0; graph.node_count()],
        settled: vec![0; graph.node_count()],
        from: vec![(NodeId(0), EdgeId(0)); graph.node_count()],
        clock: 0,
        queue: BinaryHeap::new(),
    };
    for most in LOOK {
        search.prune();
        for node in graph.nodes() {
            if node.0.is_multiple_of(CLOCK) && deadline.passed() {
                return search.found;
            }
            search.look_around(node, most);
        }
    }
    search.prune();
    search.found
}

/// The problem without some edges; what is left of a tree's edges in its numbers, if it loses none.
pub(super) fn without(
    problem: &SteinerProblem,
    needless: &[Needless],
    tree: &[EdgeId],
) -> (SteinerProblem, Vec<EdgeId>) {
    let graph = problem.graph();
    let mut goes = vec![false; graph.edge_count()];
    needless.iter().for_each(|needless| goes[needless.edge.index()] = true);
    let left: Vec<EdgeId> = graph.edges().filter(|edge| !goes[edge.index()]).collect();
    let ends = left.iter().map(|&edge| graph.ends(edge)).collect();
    let costs = left.iter().map(|&edge| problem.cost(edge)).collect();
    let graph = Graph::new(graph.node_count(), ends);
    let smaller = SteinerProblem::new(graph, costs, problem.demands().to_vec(), problem.root())
        .expect("what is not needed takes no connection away");
    let place = |edge: &EdgeId| left.binary_search(edge).ok().map(|place| EdgeId(place as u32));
    (smaller, tree.iter().filter_map(place).collect())
}

struct Search<'a> {
    problem: &'a SteinerProblem,
    alive: Vec<bool>,
    /// Edges that stay in any case.
    kept: Vec<bool>,
    found: Vec<Needless>,
    /// Dearest stretch of the walk so far, and the stretch that it ends with.
    label: Vec<(i64, i64)>,
    stamp: Vec<u32>,
    settled: Vec<u32>,
    /// Where the walk came from, and by which edge.
    from: Vec<(NodeId, EdgeId)>,
    clock: u32,
    queue: BinaryHeap<Reverse<((i64, i64), NodeId)>>,
}

impl Search<'_> {
    fn take_out(&mut self, edge: EdgeId, walk: Vec<EdgeId>) {
        self.alive[edge.index()] = false;
        self.found.push(Needless { edge, walk });
    }

    fn is_required(&self, node: NodeId) -> bool {
        self.problem.demands()[node.index()] == Demand::Required || self.problem.root() == Some(node)
    }

    /// Takes out what leads to dead ends, again and again.
    fn prune(&mut self) {
        let graph = self.problem.graph();
        for start in graph.nodes() {
            let mut node = start;
            while let Some((edge, to)) = self.dead_end(node) {
                self.take_out(edge, Vec::new());
                node = to;
            }
        }
    }

    /// The only edge of a node that nobody asks for, and where it leads, if it may go.
    fn dead_end(&self, node: NodeId) -> Option<(EdgeId, NodeId)> {
        if self.problem.demands()[node.index()] != Demand::None || self.is_required(node) {
            return None;
        }
        let mut left = self.problem.graph().arcs(node).iter().filter(|arc| self.alive[arc.edge.index()]);
        match (left.next(), left.next()) {
            (Some(arc), None) if !self.kept[arc.edge.index()] => Some((arc.edge, arc.to)),
            _ => None,
        }
    }

    /// Takes out those edges of a node for which there are ways round.
    fn look_around(&mut self, node: NodeId, most: usize) {
        let graph = self.problem.graph();
        let goes = |this: &Self, edge: EdgeId| this.alive[edge.index()] && !this.kept[edge.index()];
        let costs = graph.arcs(node).iter().filter(|arc| goes(self, arc.edge)).map(|arc| self.problem.cost(arc.edge));
        let Some(limit) = costs.max() else { return };
        self.search(node, limit, most);
        for arc in graph.arcs(node) {
            let reached = self.stamp[arc.to.index()] == self.clock && arc.to != node;
            if !reached || !goes(self, arc.edge) || self.label[arc.to.index()].0 > self.problem.cost(arc.edge) {
                continue;
            }
            let mut walk = self.walk(node, arc.to);
            // Of the walk's edges only the first is at this node, so only that may have gone since it was found.
            if walk[0] != arc.edge && self.alive[walk[0].index()] {
                if graph.ends(arc.edge)[0] != node {
                    walk.reverse();
                }
                self.take_out(arc.edge, walk);
            }
        }
    }

    /// The edges of the walk that reached a node, from its start on.
    fn walk(&self, start: NodeId, to: NodeId) -> Vec<EdgeId> {
        let mut walk = Vec::new();
        let mut at = to;
        while at != start {
            let (before, edge) = self.from[at.index()];
            walk.push(edge);
            at = before;
        }
        walk.reverse();
        walk
    }

    /// Walks from `start` whose stretches are no longer than `limit`, looking at no more than `most` edges.
    fn search(&mut self, start: NodeId, limit: i64, most: usize) {
        let graph = self.problem.graph();
        self.clock += 1;
        let clock = self.clock;
        self.queue.clear();
        self.label[start.index()] = (0, 0);
        self.stamp[start.index()] = clock;
        self.queue.push(Reverse(((0, 0), start)));
        let mut looked_at = 0;
        while let Some(Reverse((label, node))) = self.queue.pop() {
            if std::mem::replace(&mut self.settled[node.index()], clock) == clock {
                continue;
            }
            let is_required = self.is_required(node);
            for arc in graph.arcs(node).iter().filter(|arc| self.alive[arc.edge.index()]) {
                let to = arc.to.index();
                if self.settled[to] == clock {
                    continue;
                }
                looked_at += 1;
                let stretch = self.problem.cost(arc.edge) + if is_required { 0 } else { label.1 };
                let through = (label.0.max(stretch), stretch);
                let is_new = self.stamp[to] != clock;
                let is_direct = !is_new && self.from[to].0 == start && node != start;
                // Among equals a way round is better than the edge itself.
                let is_better = is_new || through < self.label[to] || (is_direct && through.0 == self.label[to].0);
                if through.0 <= limit && is_better {
                    self.stamp[to] = clock;
                    self.label[to] = through;
                    self.from[to] = (node, arc.edge);
                    self.queue.push(Reverse((through, arc.to)));
                }
            }
            if looked_at >= most {
                break;
            }
        }
    }
}
