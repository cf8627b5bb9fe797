//! Annealing of sets of nodes, where all edges cost the same.
//!
//! What a tree costs is then a matter of how many nodes it holds, and many trees are as good: moves that gain at once are
//! rare, and what counts is which nodes a tree can do without. So sets of nodes are searched. A set pays for every node,
//! for the prizes it leaves out, and for every component beyond the first about what a node costs that ties it to
//! another. One node is put in or taken out at a time; a change for the worse is accepted with a chance that falls with
//! what it costs, and with time.
//!
//! Sources: Kirkpatrick, Gelatt and Vecchi (Science 220, 1983); trees of uniform cost as sets of nodes: Fischetti et al.
//! (Math. Prog. Comp. 9, 2017), section 3.

use rayon::prelude::*;

use crate::chance::Chance;
use crate::effort::Effort;
use crate::graph::NodeId;
use crate::problem::{Demand, SteinerProblem, Tree};
use crate::solver::construct;
use crate::solver::node_set::NodeSet;

/// Amounts are in hundredths, so that ties may cost parts of an edge.
const HUNDREDTHS: i64 = 100;

/// What a component beyond the first costs, and heat in the beginning and in the end, in hundredths of an edge.
#[derive(Clone, Copy)]
struct Setting {
    tie: i64,
    heat: [i64; 2],
}

/// A run with each: a component costs a little less than what ties it to another, so that the set easily falls apart and
/// comes together elsewhere; a little more, in greater heat; or so much more that the set hardly ever falls apart. Which is
/// best differs from graph to graph.
const SETTINGS: [Setting; 4] = [
    Setting { tie: 80, heat: [18, 8] },
    Setting { tie: 110, heat: [35, 12] },
    Setting { tie: 95, heat: [18, 8] },
    Setting { tie: 200, heat: [25, 8] },
];

/// Work after which the heat changes and the deadline is looked at.
const STRETCH: u64 = 20_000;

/// Purpose of the chance drawn here.
const PURPOSE: u64 = 1;

/// Trees found from a tree that holds the root, none worse than it; none where edges cost differently.
///
/// Deterministic for a seed unless the deadline burns. Time: so much work, in steps and arcs looked at; the last step may
/// look at all.
pub(super) fn anneal(problem: &SteinerProblem, root: NodeId, first: &Tree, work: u64, effort: &Effort) -> Vec<Tree> {
    let cost = problem.costs().first().copied().unwrap_or(0);
    let most = i64::MAX / 1_000 / (problem.graph().node_count() as i64 + 1);
    let prizes = problem.all_prizes();
    // Sums of hundredths must not overflow.
    let is_too_much = !(1..=most).contains(&cost) || prizes > i64::MAX / 1_000;
    if is_too_much || problem.costs().iter().any(|&other| other != cost) {
        return Vec::new();
    }
    let run = |(place, &setting): (usize, &Setting)| {
        let mut annealing = Annealing::new(problem, root, first, setting);
        annealing.cool(work, &mut Chance::new(effort.seed, PURPOSE, place as u64), effort);
        construct::best_tree(problem, root, &annealing.best)
    };
    SETTINGS.par_iter().enumerate().map(run).collect()
}

/// A set of nodes on its way, and the best seen.
struct Annealing<'a> {
    problem: &'a SteinerProblem,
    set: NodeSet<'a>,
    /// Nodes that may come and go.
    free: Vec<NodeId>,
    cost: i64,
    /// What a component beyond the first costs, and heat in the beginning and in the end; in hundredths.
    tie: i64,
    heat: [i64; 2],
    /// Nodes and prizes paid for, but not components; in hundredths.
    value: i64,
    /// The best set of one component, by node, and what it pays.
    best: Vec<bool>,
    best_value: i64,
}

impl<'a> Annealing<'a> {
    /// Begins with a tree's nodes; every edge costs as much as the first.
    fn new(problem: &'a SteinerProblem, root: NodeId, first: &Tree, setting: Setting) -> Self {
        let (graph, cost) = (problem.graph(), problem.costs()[0]);
        let (tie, heat) = (cost * setting.tie, setting.heat.map(|heat| cost * heat));
        let value = HUNDREDTHS * problem.all_prizes();
        let is_fixed = |node: NodeId| node == root || problem.demands()[node.index()] == Demand::Required;
        let free = graph.nodes().filter(|&node| !is_fixed(node) && graph.degree(node) > 0).collect();
        let set = NodeSet::empty(graph);
        let mut annealing = Self { problem, set, free, cost, tie, heat, value, best: Vec::new(), best_value: 0 };
        let mut beside = Vec::new();
        for node in first.edges.iter().flat_map(|&edge| graph.ends(edge)).chain([root]) {
            if !annealing.set.contains(node) {
                annealing.set.components_beside(node, &mut beside);
                annealing.set.insert(node, &beside);
                annealing.value += annealing.price(node);
            }
        }
        annealing.best = annealing.set.nodes().to_vec();
        annealing.best_value = annealing.value;
        annealing
    }

    /// What it costs to put a node in, components left aside; in hundredths.
    fn price(&self, node: NodeId) -> i64 {
        HUNDREDTHS * (self.cost - self.problem.demands()[node.index()].prize())
    }

    /// So much work at falling heat.
    fn cool(&mut self, most: u64, chance: &mut Chance, effort: &Effort) {
        let [hot, cold] = self.heat.map(|heat| heat as f64);
        let mut work = 0;
        while work < most && !self.free.is_empty() && !effort.deadline.passed() {
            let heat = hot + (cold - hot) * work as f64 / most as f64;
            work += self.stretch(heat, chance);
        }
    }

    /// Steps at one heat, and how much work they were.
    fn stretch(&mut self, heat: f64, chance: &mut Chance) -> u64 {
        let mut work = 0;
        let mut beside = Vec::new();
        while work < STRETCH {
            work += 1;
            let node = self.free[chance.below(self.free.len())];
            let (drawn, touching) = (chance.unit(), self.set.touching(node));
            let is_accepted = |more: i64| is_accepted(more as f64 / heat, drawn);
            if self.set.contains(node) {
                let pieces = self.set.pieces(node);
                work += pieces.looked_at as u64;
                if is_accepted(self.tie * (pieces.count as i64 - 1) - self.price(node)) {
                    self.set.remove(node, &pieces);
                    self.value -= self.price(node);
                }
            // A node on its own may be of use later, but there are far too many of them. Others tie together as many
            // components as they touch at most, and few would be put in even so.
            } else if touching > 0 && is_accepted(self.price(node) - self.tie * (touching as i64 - 1)) {
                work += self.problem.graph().degree(node) as u64;
                self.set.components_beside(node, &mut beside);
                if is_accepted(self.price(node) - self.tie * (beside.len() as i64 - 1)) {
                    self.set.insert(node, &beside);
                    self.value += self.price(node);
                }
            }
            if self.value < self.best_value && self.set.components() == 1 {
                self.best_value = self.value;
                self.best.copy_from_slice(self.set.nodes());
            }
        }
        work
    }
}

/// Whether a change that costs so many times the heat is accepted, as drawn: with a chance of e to the power of minus that.
/// The series is summed near 0 and squared, by basic arithmetic, so that every platform decides alike.
fn is_accepted(worse: f64, drawn: f64) -> bool {
    /// Changes beyond are as good as impossible.
    const FAR: f64 = 30.0;
    if worse <= 0.0 || worse > FAR {
        return worse <= 0.0;
    }
    let part = worse / 16.0;
    let mut power = 1.0 + part * (1.0 + part * (0.5 + part * (1.0 / 6.0 + part / 24.0)));
    for _ in 0..4 {
        power *= power;
    }
    drawn * power < 1.0
}

#[cfg(test)]
mod tests {
    use super::{Tree, anneal};
    use crate::effort::Effort;
    use crate::graph::{EdgeId, Graph, NodeId};
    use crate::problem::{Demand, SteinerProblem};

    /// Six required nodes behind five hubs: two hubs lead to three of them each, the other three to two each.
    fn hubs(cost: impl Fn(usize) -> i64) -> SteinerProblem {
        let behind: [&[u32]; 5] = [&[6, 7, 8], &[9, 10, 11], &[6, 9], &[7, 10], &[8, 11]];
        let hubs = (1u32..).zip(behind);
        let ends = hubs.flat_map(|(hub, behind)| [0].iter().chain(behind).map(move |&to| [NodeId(hub), NodeId(to)]));
        let graph = Graph::new(12, ends.collect());
        let costs = (0..graph.edge_count()).map(cost).collect();
        let demands = graph.nodes().map(|node| if node.0 > 5 { Demand::Required } else { Demand::None });
        let demands = demands.collect();
        SteinerProblem::new(graph, costs, demands, Some(NodeId(0))).expect("a connected problem")
    }

    /// The tree over the last three hubs: each of its nodes is of use, and no hub takes the place of another.
    fn over_three_hubs() -> Tree {
        Tree { edges: (8..17).map(EdgeId).collect(), lone_node: None }
    }

    #[test]
    fn two_hubs_take_the_place_of_three() {
        let problem = hubs(|_| 7);
        assert_eq!(problem.value(&over_three_hubs()), 9 * 7);
        let found = anneal(&problem, NodeId(0), &over_three_hubs(), 1_000_000, &Effort::default());
        // Where ties hardly ever break, the way there is rarely found.
        assert_eq!(found.iter().map(|tree| problem.value(tree)).min(), Some(8 * 7));
        assert!(found.iter().all(|tree| problem.value(tree) <= 9 * 7));
    }

    #[test]
    fn where_edges_cost_differently_nothing_is_annealed() {
        let problem = hubs(|edge| 7 + i64::from(edge == 3));
        assert!(anneal(&problem, NodeId(0), &over_three_hubs(), 200_000, &Effort::default()).is_empty());
    }
}
