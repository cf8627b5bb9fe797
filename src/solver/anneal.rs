//! Annealing of sets of nodes, where edges cost about the same and nodes have many of them.
//!
//! What a tree costs is then a matter of how many nodes it holds, and many trees are nearly as good: moves that gain at once
//! are rare, and what counts is which nodes a tree can do without. So sets of nodes are searched. A set pays for the
//! cheapest forest that spans it, for the prizes it leaves out, and for every component about what two edges cost, which tie
//! it to another. One node is put in or taken out at a time; a change for the worse is accepted with a chance that falls
//! with what it costs, and with time.
//!
//! Sources: Kirkpatrick, Gelatt and Vecchi (Science 220, 1983); trees as sets of nodes, and moves of single nodes: Fu and
//! Hao (Math. Prog. Comp. 9, 2017, pp. 297-320); where all edges cost the same: Fischetti et al. (Math. Prog. Comp. 9, 2017,
//! pp. 203-229, section 3).

use rayon::prelude::*;

use crate::chance::Chance;
use crate::graph::NodeId;
use crate::problem::{Demand, SteinerProblem, Tree};
use crate::solver::construct;
use crate::solver::forest::Forest;
use crate::solver::incumbent::Incumbent;

/// Amounts are in hundredths, so that ties may cost parts of an edge.
const HUNDREDTHS: i64 = 100;

/// What a component costs, and heat in the beginning and in the end, in hundredths of what an edge of the tree costs.
#[derive(Clone, Copy)]
struct Setting {
    tie: i64,
    heat: [i64; 2],
}

/// A run with each: a component costs a little less than what ties it to another, so that the set easily falls apart and
/// comes together elsewhere; a little more, in greater heat; or so much more that the set hardly ever falls apart. Which is
/// best differs from graph to graph.
const SETTINGS: [Setting; 4] = [
    Setting { tie: 180, heat: [18, 8] },
    Setting { tie: 195, heat: [14, 6] },
    Setting { tie: 210, heat: [35, 12] },
    Setting { tie: 300, heat: [25, 8] },
];

/// How many times the cheapest edge the dearest may cost, and arcs of a node on the average at least. Elsewhere paths are what
/// to exchange.
const APART: i64 = 5;
const MANY_ARCS: usize = 4;

/// Work after which the heat changes, and it may be over.
const STRETCH: u64 = 20_000;

/// Purpose of the chance drawn here.
const PURPOSE: u64 = 1;

/// How to anneal, and for how long.
#[derive(Clone, Copy)]
pub(super) struct Patience<'s> {
    /// Work of each run of a stage.
    pub(super) stages: &'s [u64],
    /// What chance begins with.
    pub(super) seed: u64,
    /// Whether the runs of a stage share all threads, or come one after another.
    pub(super) is_parallel: bool,
    /// Whether it is over, however much work is left.
    pub(super) is_over: &'s (dyn Fn() -> bool + Sync),
}

/// Whether annealing finds what local searches do not.
pub(super) fn suits(problem: &SteinerProblem) -> bool {
    let (graph, costs) = (problem.graph(), problem.costs());
    let (least, greatest) = (costs.iter().min().copied().unwrap_or(0), costs.iter().max().copied().unwrap_or(0));
    // Sums of hundredths must not overflow.
    let most = i64::MAX / 10_000 / (graph.node_count() as i64 + 1);
    let is_small = greatest <= most && problem.all_prizes() <= i64::MAX / 10_000;
    is_small && least > 0 && greatest / least < APART && 2 * graph.edge_count() >= MANY_ARCS * graph.node_count()
}

/// Anneals the best tree of a problem that it suits, for so much work in each run of a stage: with all settings in the first
/// stage, with the better two from then on. What comes of a stage goes to the incumbent and is told; the answer is whether to
/// go on.
///
/// Deterministic for a seed unless it is over before. Time: that of the work, in steps and in nodes and arcs looked at; the
/// last step may look at all.
pub(super) fn work(
    problem: &SteinerProblem,
    root: NodeId,
    incumbent: &mut Incumbent<'_>,
    patience: Patience<'_>,
    told: &mut dyn FnMut(&Incumbent<'_>) -> bool,
) {
    let mut settings = SETTINGS.to_vec();
    for (place, &work) in (0..).zip(patience.stages) {
        let here = Patience { seed: patience.seed + place, ..patience };
        let trees = anneal(problem, root, (incumbent.best(), &settings), work, here);
        // Equals stay in their order.
        let mut order: Vec<usize> = (0..settings.len()).collect();
        order.sort_by_key(|&place| problem.value(&trees[place]));
        settings = order[..2].iter().map(|&place| settings[place]).collect();
        trees.into_iter().for_each(|tree| incumbent.take(tree));
        if !told(incumbent) || (patience.is_over)() {
            return;
        }
    }
}

/// Trees found from a tree that holds the root, one with each setting, none worse than it. Time: as [`work`].
fn anneal(
    problem: &SteinerProblem,
    root: NodeId,
    (first, settings): (&Tree, &[Setting]),
    work: u64,
    patience: Patience<'_>,
) -> Vec<Tree> {
    let run = |(place, &setting): (usize, &Setting)| {
        let mut annealing = Annealing::new(problem, root, first, setting);
        annealing.cool(work, &mut Chance::new(patience.seed, PURPOSE, place as u64), patience.is_over);
        let tree = construct::best_tree(problem, root, &annealing.best);
        // Where a component costs less than what ties the tree, it fell apart at once.
        if problem.value(&tree) < problem.value(first) { tree } else { first.clone() }
    };
    if patience.is_parallel {
        settings.par_iter().enumerate().map(run).collect()
    } else {
        settings.iter().enumerate().map(run).collect()
    }
}

/// A set of nodes on its way, and the best seen.
struct Annealing<'a> {
    problem: &'a SteinerProblem,
    forest: Forest,
    /// Nodes that may come and go.
    free: Vec<NodeId>,
    /// In the beginning and in the end, in hundredths.
    heat: [i64; 2],
    /// The prizes of nodes inside, in hundredths.
    prizes: i64,
    /// The best set of one component, by node, and what it pays without the prizes of nodes inside, in hundredths.
    best: Vec<bool>,
    best_value: i64,
}

impl<'a> Annealing<'a> {
    /// Begins with a tree's nodes.
    fn new(problem: &'a SteinerProblem, root: NodeId, first: &Tree, setting: Setting) -> Self {
        let graph = problem.graph();
        let costs: Vec<i64> = problem.costs().iter().map(|cost| cost * HUNDREDTHS).collect();
        // An edge of the tree, or any at all.
        let edges: Vec<i64> = first.edges.iter().map(|edge| costs[edge.index()]).collect();
        let edges = if edges.is_empty() { &costs } else { &edges };
        let usual = edges.iter().sum::<i64>() / edges.len().max(1) as i64;
        let [tie, hot, cold] = [setting.tie, setting.heat[0], setting.heat[1]].map(|part| usual * part / HUNDREDTHS);
        let is_fixed = |node: NodeId| node == root || problem.demands()[node.index()] == Demand::Required;
        let free = graph.nodes().filter(|&node| !is_fixed(node) && graph.degree(node) > 0).collect();
        let mut forest = Forest::empty(graph, &costs, tie);
        let mut prizes = 0;
        for node in first.edges.iter().flat_map(|&edge| graph.ends(edge)).chain([root]) {
            if !forest.contains(node) {
                forest.insert(node);
                prizes += prize(problem, node);
            }
        }
        let best = forest.nodes().to_vec();
        let best_value = if forest.components() == 1 { forest.value() - prizes } else { i64::MAX };
        Self { problem, forest, free, heat: [hot, cold], prizes, best, best_value }
    }

    /// So much work at falling heat.
    fn cool(&mut self, most: u64, chance: &mut Chance, is_over: &(dyn Fn() -> bool + Sync)) {
        let [hot, cold] = self.heat.map(|heat| heat as f64);
        let mut work = 0;
        while work < most && !self.free.is_empty() && !is_over() {
            let heat = hot + (cold - hot) * work as f64 / most as f64;
            work += self.stretch(heat, chance);
        }
    }

    /// Steps at one heat, and how much work they were.
    fn stretch(&mut self, heat: f64, chance: &mut Chance) -> u64 {
        let mut work = 0;
        while work < STRETCH {
            work += 1;
            let node = self.free[chance.below(self.free.len())];
            let (drawn, prize) = (chance.unit(), prize(self.problem, node));
            let is_accepted = |more: i64| is_accepted(more as f64 / heat, drawn);
            if self.forest.contains(node) {
                let removal = self.forest.removal(node);
                work += removal.looked_at as u64;
                if is_accepted(removal.more + prize) {
                    self.forest.remove(node, &removal);
                    self.prizes -= prize;
                }
            // A node on its own may be of use later, but there are far too many without a prize. Few others would be put in
            // even if all their ways led to other components.
            } else if (prize > 0 || self.forest.touching(node) > 0) && is_accepted(self.forest.at_best(node) - prize) {
                work += self.problem.graph().degree(node) as u64;
                let before = self.forest.value();
                self.forest.insert(node);
                if is_accepted(self.forest.value() - before - prize) {
                    self.prizes += prize;
                } else {
                    self.forest.withdraw(node);
                }
            }
            let value = self.forest.value() - self.prizes;
            if value < self.best_value && self.forest.components() == 1 {
                self.best_value = value;
                self.best.copy_from_slice(self.forest.nodes());
            }
        }
        work
    }
}

/// A node's prize in hundredths.
fn prize(problem: &SteinerProblem, node: NodeId) -> i64 {
    HUNDREDTHS * problem.demands()[node.index()].prize()
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
    use super::{Patience, SETTINGS, Tree, anneal, suits};
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
        let problem = hubs(|edge| 70 + edge as i64 % 3);
        let before = problem.value(&over_three_hubs());
        let patience = Patience { stages: &[], seed: 0, is_parallel: true, is_over: &|| false };
        let found = anneal(&problem, NodeId(0), (&over_three_hubs(), &SETTINGS), 1_000_000, patience);
        let in_turn = Patience { is_parallel: false, ..patience };
        assert_eq!(anneal(&problem, NodeId(0), (&over_three_hubs(), &SETTINGS), 1_000_000, in_turn), found);
        // Where ties hardly ever break, the way there is rarely found.
        let least = found.iter().map(|tree| problem.value(tree)).min().expect("a tree for each setting");
        let best = Tree { edges: (0..8).map(EdgeId).collect(), lone_node: None };
        assert_eq!(least, problem.value(&best));
        assert!(found.iter().all(|tree| problem.value(tree) <= before));
    }

    #[test]
    fn it_suits_where_nodes_have_many_arcs_of_nearly_one_cost() {
        let complete = |count: u32, dearest: i64| {
            let ends = (0..count).flat_map(|one| (0..one).map(move |other| [NodeId(one), NodeId(other)]));
            let graph = Graph::new(count as usize, ends.collect());
            let costs = graph.edges().map(|edge| if edge.0 == 0 { dearest } else { 20 }).collect();
            SteinerProblem::new(graph, costs, vec![Demand::Required; count as usize], None).expect("it is connected")
        };
        assert!(suits(&complete(5, 99)));
        assert!(!suits(&complete(5, 100)));
        assert!(!suits(&complete(5, 0)));
        assert!(!suits(&complete(4, 20)));
    }
}
