//! Local search: key paths are exchanged and key vertices eliminated where other ways join the parts for less.
//!
//! A key vertex is a terminal, or a node where the tree forks; a key path leads between two of them over nodes that are
//! neither. Without a key path the tree falls into two parts, without a fork and its key paths into as many as it had. The
//! cheapest ways between the parts, over the regions of the nodes that stay, are joined like a minimum spanning tree. Moves
//! whose cycles are apart do not disturb each other, so a pass takes many at once, the best first.
//!
//! Source: Uchoa and Werneck (ACM JEA 17, 2012), sections 3.3, 3.4 and 4.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::effort::Effort;
use crate::graph::{EdgeId, NodeId, UnionFind};
use crate::problem::{Demand, SteinerProblem};
use crate::solver::hung::Hung;
use crate::solver::regions::Regions;
use crate::solver::trees::{Valued, best_of, is_worth};

/// Passes over the whole tree at most.
const PASSES: usize = 12;

/// Key vertices between two looks at the clock.
const BETWEEN_LOOKS: usize = 128;

/// Edges that join two regions, by what that costs.
type Heap = BinaryHeap<Reverse<(i64, EdgeId)>>;

/// A way to make the tree cheaper.
struct Move {
    gain: i64,
    /// Nodes that leave the tree.
    gone: Vec<NodeId>,
    /// Nodes that join it.
    joined: Vec<NodeId>,
    /// Nodes of the tree that are joined: with the tree between them they close cycles.
    ends: Vec<[NodeId; 2]>,
}

struct Pass<'a> {
    problem: &'a SteinerProblem,
    hung: &'a Hung,
    regions: Regions<'a>,
    /// Edges that leave what hangs below a node, at least the cheapest of those that leave it for a node that stays.
    leaving: Vec<Heap>,
    /// Edges between branches that meet at a fork.
    across: Vec<Vec<EdgeId>>,
    /// Key vertices below a key vertex, in the order of the tree.
    below: Vec<Vec<NodeId>>,
    is_key: Vec<bool>,
    /// Nodes taken away; they count where the mark is the clock's.
    away: Vec<u32>,
    clock: u32,
    moves: Vec<Move>,
}

/// Exchanges and eliminates for as long as that helps; never worse than before. Time: O(passes m log² n).
pub(super) fn exchange(problem: &SteinerProblem, root: NodeId, tree: Valued, effort: &Effort) -> Valued {
    let mut best = tree;
    for _ in 0..PASSES {
        let before = best.1;
        let hung = Hung::new(problem, root, &best.0);
        let moves = Pass::new(problem, root, &hung).moves(effort);
        if moves.is_empty() || effort.deadline.passed() {
            return best;
        }
        best = best_of(problem, root, &after(problem, &hung, moves), best);
        if !is_worth(problem, before, best.1) {
            return best;
        }
    }
    best
}

/// Nodes of the tree after moves that are apart, the best first.
fn after(problem: &SteinerProblem, hung: &Hung, mut moves: Vec<Move>) -> Vec<bool> {
    moves.sort_by_key(|one| Reverse(one.gain));
    let mut nodes = hung.inside.clone();
    let mut joined = vec![false; problem.graph().node_count()];
    // By the lower end of an edge: a move has it on a cycle.
    let mut taken = vec![false; problem.graph().node_count()];
    for one in moves {
        let Some(cycles) = free_cycles(hung, &one, &taken) else { continue };
        cycles.iter().for_each(|node| taken[node.index()] = true);
        one.gone.iter().for_each(|node| nodes[node.index()] = false);
        one.joined.iter().for_each(|node| joined[node.index()] = true);
    }
    nodes.iter().zip(&joined).map(|(kept, joined)| *kept || *joined).collect()
}

/// Edges of the tree on the cycles of a move, by their lower ends; none where one is taken.
fn free_cycles(hung: &Hung, one: &Move, taken: &[bool]) -> Option<Vec<NodeId>> {
    let mut on = Vec::new();
    for &[mut a, mut b] in &one.ends {
        while a != b {
            let lower = if hung.depth[a.index()] >= hung.depth[b.index()] { &mut a } else { &mut b };
            if taken[lower.index()] {
                return None;
            }
            on.push(*lower);
            *lower = hung.parent[lower.index()].expect("the root is above both").0;
        }
    }
    Some(on)
}

impl<'a> Pass<'a> {
    fn new(problem: &'a SteinerProblem, root: NodeId, hung: &'a Hung) -> Self {
        let graph = problem.graph();
        let nodes = graph.node_count();
        let mut children = vec![0u32; nodes];
        for &node in &hung.order {
            if let Some((parent, _)) = hung.parent[node.index()] {
                children[parent.index()] += 1;
            }
        }
        let mut is_key = vec![false; nodes];
        for &node in &hung.order {
            let wanted = problem.demands()[node.index()] != Demand::None || node == root;
            is_key[node.index()] = wanted || children[node.index()] != 1;
        }
        let mut below = vec![Vec::new(); nodes];
        // What the key paths at a key vertex cost: no link that is dearer is of use.
        let mut around = vec![0i64; nodes];
        for &node in hung.order.iter().filter(|node| is_key[node.index()] && **node != root) {
            let (mut cost, mut at) = (0, node);
            while let Some((parent, edge)) = hung.parent[at.index()] {
                cost += problem.cost(edge);
                at = parent;
                if is_key[at.index()] {
                    break;
                }
            }
            below[at.index()].push(node);
            around[at.index()] += cost;
            around[node.index()] += cost;
        }
        let limit = around.into_iter().max().unwrap_or(0);
        let regions = Regions::new(problem, hung, limit);
        let mut pass = Self {
            problem,
            hung,
            regions,
            leaving: (0..nodes).map(|_| Heap::new()).collect(),
            across: vec![Vec::new(); nodes],
            below,
            is_key,
            away: vec![0; nodes],
            clock: 0,
            moves: Vec::new(),
        };
        pass.find_links(limit);
        pass
    }

    fn find_links(&mut self, limit: i64) {
        let graph = self.problem.graph();
        let mut links: Vec<Vec<Reverse<(i64, EdgeId)>>> = vec![Vec::new(); graph.node_count()];
        for edge in graph.edges() {
            let Some(cost) = self.regions.joining(edge).filter(|cost| *cost < limit) else { continue };
            let [one, other] = graph.ends(edge).map(|end| self.regions.base(end).expect("it joins two"));
            links[one.index()].push(Reverse((cost, edge)));
            links[other.index()].push(Reverse((cost, edge)));
            let meeting = self.hung.meeting(one, other);
            if meeting != one && meeting != other && self.may_leave(meeting) {
                self.across[meeting.index()].push(edge);
            }
        }
        self.leaving = links.into_iter().map(Heap::from).collect();
    }

    /// A fork that no one asks for.
    fn may_leave(&self, node: NodeId) -> bool {
        self.is_key[node.index()]
            && self.hung.parent[node.index()].is_some()
            && self.problem.demands()[node.index()] == Demand::None
            && self.below[node.index()].len() >= 2
    }

    fn moves(mut self, effort: &Effort) -> Vec<Move> {
        let hung = self.hung;
        let keys: Vec<NodeId> = hung.order.iter().rev().copied().filter(|node| self.is_key[node.index()]).collect();
        for (place, &key) in keys.iter().enumerate() {
            if place % BETWEEN_LOOKS == 0 && effort.deadline.passed() {
                break;
            }
            if self.may_leave(key) {
                self.eliminate(key);
            }
            self.gather(key);
            if hung.parent[key.index()].is_some() {
                let (gone, cost) = self.path_up(key);
                self.look(gone, &[key], cost, Vec::new());
            }
        }
        self.moves
    }

    /// Nodes within the key path above a key vertex, and what the path costs.
    fn path_up(&self, key: NodeId) -> (Vec<NodeId>, i64) {
        let (mut gone, mut cost, mut at) = (Vec::new(), 0, key);
        while let Some((parent, edge)) = self.hung.parent[at.index()] {
            cost += self.problem.cost(edge);
            at = parent;
            if self.is_key[at.index()] {
                break;
            }
            gone.push(at);
        }
        (gone, cost)
    }

    /// Brings together the edges that leave a key vertex and everything that hangs below it.
    fn gather(&mut self, key: NodeId) {
        let mut all = std::mem::take(&mut self.leaving[key.index()]);
        for child in std::mem::take(&mut self.below[key.index()]) {
            for node in std::iter::once(child).chain(self.path_up(child).0) {
                all.append(&mut self.leaving[node.index()]);
            }
        }
        self.leaving[key.index()] = all;
    }

    fn eliminate(&mut self, key: NodeId) {
        let parts = self.below[key.index()].clone();
        let (mut gone, mut cost) = self.path_up(key);
        gone.push(key);
        for &part in &parts {
            let (path, more) = self.path_up(part);
            gone.extend(path);
            cost += more;
        }
        let across = std::mem::take(&mut self.across[key.index()]);
        self.look(gone, &parts, cost, across);
    }

    /// Looks for cheaper ways to join what hangs below some nodes, and the rest, when nodes between are gone.
    ///
    /// `links` are edges between the parts that may serve; those to the rest and over new ground are added.
    fn look(&mut self, gone: Vec<NodeId>, parts: &[NodeId], cost: i64, links: Vec<EdgeId>) {
        if cost == 0 {
            return;
        }
        self.clock += 1;
        gone.iter().for_each(|node| self.away[node.index()] = self.clock);
        let mut found: Vec<(i64, EdgeId, usize, usize)> = Vec::new();
        self.regions.whole();
        let mut all = links;
        all.extend(parts.iter().filter_map(|&part| self.cheapest_out(part, parts)));
        for edge in all {
            found.extend(self.link(edge, parts, cost));
        }
        for node in self.regions.take_away(&gone, cost) {
            for arc in self.problem.graph().arcs(node) {
                // Between two nodes that were told anew an edge is looked at from one of them.
                if !self.regions.is_patched(arc.to) || node < arc.to {
                    found.extend(self.link(arc.edge, parts, cost));
                }
            }
        }
        found.sort_unstable();
        let mut union = UnionFind::new(parts.len() + 1);
        let (mut dearer, mut used) = (0, Vec::new());
        for (link, edge, one, other) in found {
            if dearer + link >= cost {
                return;
            }
            if union.join(one, other) {
                dearer += link;
                used.push(edge);
                if used.len() == parts.len() {
                    break;
                }
            }
        }
        if used.len() < parts.len() {
            return;
        }
        let graph = self.problem.graph();
        let bases = |edge: &EdgeId| graph.ends(*edge).map(|end| self.regions.base(end).expect("it joins two"));
        let ends = used.iter().map(bases).collect();
        let joined = used.iter().flat_map(|&edge| self.regions.nodes_over(edge)).collect();
        self.moves.push(Move { gain: cost - dearer, gone, joined, ends });
    }

    /// The cheapest edge from what hangs below a part to what hangs below none of the parts and stays.
    fn cheapest_out(&mut self, part: NodeId, parts: &[NodeId]) -> Option<EdgeId> {
        let mut heap = std::mem::take(&mut self.leaving[part.index()]);
        let graph = self.problem.graph();
        let cheapest = loop {
            let Some(&Reverse((_, edge))) = heap.peek() else { break None };
            let [one, other] = graph.ends(edge).map(|end| self.regions.base(end).expect("it joins two"));
            let far = if self.hung.is_below(one, part) { other } else { one };
            if self.side(far, parts) == Some(parts.len()) {
                break Some(edge);
            }
            // From higher up both ends are below, or one is gone as well.
            heap.pop();
        };
        self.leaving[part.index()] = heap;
        cheapest
    }

    /// The part that a node of the tree is in, the last for the rest; none for one that is away.
    fn side(&self, node: NodeId, parts: &[NodeId]) -> Option<usize> {
        if self.away[node.index()] == self.clock {
            return None;
        }
        let place = |part: &NodeId| self.hung.place[part.index()];
        let after = parts.partition_point(|part| place(part) <= self.hung.place[node.index()]);
        let within = after.checked_sub(1).filter(|&at| self.hung.is_below(node, parts[at]));
        Some(within.unwrap_or(parts.len()))
    }

    /// An edge as a link between two parts, if it is one and cheap enough.
    fn link(&self, edge: EdgeId, parts: &[NodeId], limit: i64) -> Option<(i64, EdgeId, usize, usize)> {
        let cost = self.regions.joining(edge).filter(|cost| *cost < limit)?;
        let [one, other] = self.problem.graph().ends(edge);
        let one = self.side(self.regions.base(one)?, parts)?;
        let other = self.side(self.regions.base(other)?, parts)?;
        (one != other).then_some((cost, edge, one, other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::graph::Graph;
    use crate::solver::construct;

    fn problem(nodes: usize, required: &[u32], edges: &[(u32, u32, i64)]) -> SteinerProblem {
        let graph = Graph::new(nodes, edges.iter().map(|&(a, b, _)| [NodeId(a), NodeId(b)]).collect());
        let demand = |node| if required.contains(&node) { Demand::Required } else { Demand::None };
        let demands = (0..nodes as u32).map(demand).collect();
        SteinerProblem::new(graph, edges.iter().map(|edge| edge.2).collect(), demands, Some(NodeId(0)))
            .expect("a problem")
    }

    fn value_after(problem: &SteinerProblem, start: &[u32]) -> i64 {
        let edges: Vec<EdgeId> = start.iter().map(|&edge| EdgeId(edge)).collect();
        let value = construct::value(problem, NodeId(0), &edges);
        exchange(problem, NodeId(0), (edges, value), &Effort::default()).1
    }

    #[test]
    fn a_fork_leaves_where_ways_past_it_cost_less() {
        // A star of three arms of 10; two ways of 6 + 6 past its middle join the three for 24. No single arm is worth
        // exchanging, and neither node between is worth inserting alone.
        let star = [(0, 3, 10), (1, 3, 10), (2, 3, 10), (0, 4, 6), (4, 1, 6), (1, 5, 6), (5, 2, 6)];
        assert_eq!(value_after(&problem(6, &[0, 1, 2], &star), &[0, 1, 2]), 24);
    }

    #[test]
    fn a_key_path_is_exchanged_for_a_way_over_new_ground() {
        // 0 - 2 - 1 costs 20; 0 - 3 - 4 - 1 costs 9.
        let ring = [(0, 2, 10), (2, 1, 10), (0, 3, 3), (3, 4, 3), (4, 1, 3)];
        assert_eq!(value_after(&problem(5, &[0, 1], &ring), &[0, 1]), 9);
    }

    #[test]
    fn a_way_may_begin_where_a_key_path_was() {
        // The path 0 - 2 - 3 - 1 loses its middle: the way from 1 over 4 leads through 2, which is no longer in the tree.
        let edges = [(0, 2, 1), (2, 3, 10), (3, 1, 10), (1, 4, 2), (4, 2, 2)];
        assert_eq!(value_after(&problem(5, &[0, 1], &edges), &[0, 1, 2]), 5);
    }

    /// The key path that an edge of a tree is on.
    fn key_path(problem: &SteinerProblem, tree: &[EdgeId], edge: EdgeId) -> Vec<EdgeId> {
        let graph = problem.graph();
        let mut path = vec![edge];
        for mut node in graph.ends(edge) {
            let mut last = edge;
            loop {
                let at: Vec<EdgeId> =
                    tree.iter().copied().filter(|other| graph.ends(*other).contains(&node) && *other != last).collect();
                if problem.demands()[node.index()] == Demand::Required || at.len() != 1 {
                    break;
                }
                last = at[0];
                path.push(last);
                node = graph.other_end(last, node);
            }
        }
        path
    }

    /// What the cheapest way between the root's part and another with a terminal costs.
    fn cheapest_between_parts(problem: &SteinerProblem, required: &[u32], rest: &[EdgeId]) -> i64 {
        let graph = problem.graph();
        let mut union = UnionFind::new(graph.node_count());
        for &edge in rest {
            let [one, other] = graph.ends(edge);
            union.join(one.index(), other.index());
        }
        let roots = union.find(0);
        let far = required.iter().find(|node| union.find(**node as usize) != roots);
        let far = union.find(*far.expect("a path joins terminals") as usize);
        let sides: Vec<usize> = graph.nodes().map(|node| union.find(node.index())).collect();
        let mut distance: Vec<i64> = sides.iter().map(|side| if *side == roots { 0 } else { 1 << 40 }).collect();
        for _ in 0..graph.node_count() {
            for edge in graph.edges() {
                let [one, other] = graph.ends(edge).map(NodeId::index);
                let through = distance[one].min(distance[other]) + problem.cost(edge);
                distance[one] = distance[one].min(through);
                distance[other] = distance[other].min(through);
            }
        }
        (0..graph.node_count()).filter(|&node| sides[node] == far).map(|node| distance[node]).min().expect("a node")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]
        #[test]
        fn what_comes_out_spans_the_terminals_and_no_exchange_of_one_path_makes_it_cheaper(
            grid in prop::collection::vec(1i64..30, 60), wanted in prop::collection::vec(0u32..36, 2..9),
        ) {
            // A grid of six by six.
            let across = (0..30).map(|at| (at / 5 * 6 + at % 5, at / 5 * 6 + at % 5 + 1));
            let ends: Vec<(u32, u32)> = across.chain((0..30).map(|at| (at, at + 6))).collect();
            let edges: Vec<(u32, u32, i64)> = ends.iter().zip(&grid).map(|(&(a, b), &cost)| (a, b, cost)).collect();
            let mut required = wanted;
            required.push(0);
            let problem = problem(36, &required, &edges);
            let start = construct::spanning_tree(&problem, NodeId(0), &[true; 36]);
            let value = construct::value(&problem, NodeId(0), &start);
            let (tree, after) = exchange(&problem, NodeId(0), (start, value), &Effort::default());
            prop_assert!(after <= value);
            prop_assert_eq!(construct::value(&problem, NodeId(0), &tree), after);
            let hung = Hung::new(&problem, NodeId(0), &tree);
            prop_assert!(required.iter().all(|&node| hung.inside[node as usize]));
            for &edge in &tree {
                let path = key_path(&problem, &tree, edge);
                let cost: i64 = path.iter().map(|&edge| problem.cost(edge)).sum();
                let rest: Vec<EdgeId> = tree.iter().copied().filter(|other| !path.contains(other)).collect();
                prop_assert!(cheapest_between_parts(&problem, &required, &rest) >= cost, "{edge} is on a path too dear");
            }
        }
    }
}
