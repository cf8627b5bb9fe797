//! Evolution of a pool of trees: made on perturbed costs, improved, combined with those known, again and again.
//!
//! A fresh tree is built and searched on costs of which each is raised by chance, then searched on the true ones. It is
//! then combined with trees of the pool: an edge that both hold is cheap, one that neither holds is dear, one that one of
//! them holds costs between, by chance; the tree built on such costs keeps what both agree about. As long as that makes
//! the tree better it goes on; what comes out joins the pool in place of the tree that is most like it among those that
//! are no better.
//!
//! Source: Pajor, Uchoa and Werneck (Math. Prog. Comp. 2018), sections 3 and 5.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::chance::Chance;
use crate::effort::Effort;
use crate::graph::{EdgeId, NodeId};
use crate::problem::{Demand, SteinerProblem};
use crate::solver::construct;
use crate::solver::incumbent::Incumbent;
use crate::solver::kernel::{Kernel, Snapshot};
use crate::solver::trees::{Trees, Valued};

/// Trees of a generation, whatever the number of threads.
const GENERATION: u64 = 4;

/// Trees of the pool that may fail in a row to make a fresh one better.
const FAILURES: usize = 3;

/// Trees in the pool at most.
const POOL: usize = 32;

/// How long to go on.
#[derive(Clone, Copy)]
pub(super) struct Patience<'a> {
    /// Trees built and improved at most, times edges.
    pub(super) work: usize,
    /// Generations in a row that may leave the best tree as it is.
    pub(super) stalls: usize,
    /// Whether the trees of a generation are made at once; where others need the threads, one after the other.
    pub(super) is_parallel: bool,
    /// Set by another search when no better tree is left to be found.
    pub(super) stop: &'a AtomicBool,
}

/// Evolves the best trees known on a kernel; what comes of it goes to the incumbent. Time: as [`evolve`].
pub(super) fn work(
    (kernel, snapshot): (&Kernel, &Snapshot),
    effort: &Effort,
    incumbent: &mut Incumbent<'_>,
    patience: Patience<'_>,
) {
    let trees = Trees::carried_over(kernel, snapshot, incumbent, effort);
    incumbent.offer_all(kernel, snapshot, &evolve(&trees, effort.seed, patience));
}

/// Trees found, the best first; never worse than the pool's best. Deterministic for a seed unless deadline or stop come.
/// Time: that of the local searches.
pub(super) fn evolve(trees: &Trees<'_>, seed: u64, patience: Patience<'_>) -> Vec<Valued> {
    let mut pool = Pool { members: trees.pool.clone() };
    let Some(operators) = Operators::new(trees) else { return trees.pool.clone() };
    let edges = trees.problem.graph().edge_count().max(1);
    let (mut work, mut stalls, mut generation) = (0, 0, 0);
    let is_over = || patience.stop.load(Ordering::Relaxed) || trees.effort.deadline.passed();
    while work < patience.work && stalls < patience.stalls && !is_over() {
        let best = pool.best();
        let offspring =
            |place| operators.offspring(&pool, Chance::new(seed, 0, generation * GENERATION + place), &is_over);
        let born: Vec<(Valued, usize)> = if patience.is_parallel {
            (0..GENERATION).into_par_iter().map(offspring).collect()
        } else {
            (0..GENERATION).map(offspring).collect()
        };
        for (tree, built) in born {
            work += built * edges;
            pool.take(tree);
        }
        generation += 1;
        stalls = if pool.best() < best { 0 } else { stalls + 1 };
    }
    pool.members.sort_by(|one, other| (one.1, &one.0).cmp(&(other.1, &other.0)));
    pool.members
}

/// Trees that differ.
struct Pool {
    members: Vec<Valued>,
}

impl Pool {
    fn best(&self) -> i64 {
        self.members.iter().map(|member| member.1).min().unwrap_or(i64::MAX)
    }

    /// Takes a tree in unless it is known, or worse than all; in a full pool, for the one that is most like it among those
    /// that are no better.
    fn take(&mut self, tree: Valued) {
        if self.members.iter().any(|member| member.1 == tree.1 && member.0 == tree.0) {
            return;
        }
        if self.members.len() < POOL {
            return self.members.push(tree);
        }
        let no_better = self.members.iter().enumerate().filter(|(_, member)| member.1 >= tree.1);
        let like = no_better.max_by_key(|(place, member)| (shared(&member.0, &tree.0), *place)).map(|(place, _)| place);
        if let Some(place) = like {
            self.members[place] = tree;
        }
    }
}

/// By edge, what all edges at a required end of it cost at least, where that is far more than edges cost elsewhere: such
/// nodes are entered once whatever it costs, and to reweight that cost would hide all others. Time: O(m).
fn tolls(problem: &SteinerProblem) -> Vec<i64> {
    let graph = problem.graph();
    let is_required = |node: NodeId| problem.demands()[node.index()] == Demand::Required;
    let is_between = |edge: &EdgeId| !graph.ends(*edge).into_iter().any(is_required);
    let mut usual: Vec<i64> = graph.edges().filter(is_between).map(|edge| problem.cost(edge)).collect();
    usual.sort_unstable();
    let usual = usual.get(usual.len() / 2).copied().unwrap_or(i64::MAX / TOLL);
    let least = |node: NodeId| {
        let all = graph.arcs(node).iter().map(|arc| problem.cost(arc.edge)).min().unwrap_or(0);
        if is_required(node) && all > TOLL * usual { all } else { 0 }
    };
    graph.edges().map(|edge| graph.ends(edge).into_iter().map(least).max().unwrap_or(0)).collect()
}

/// The number of edges that two trees share; both are in order.
fn shared(one: &[EdgeId], other: &[EdgeId]) -> usize {
    let (mut at, mut count) = (0, 0);
    for edge in one {
        while at < other.len() && other[at] < *edge {
            at += 1;
        }
        count += usize::from(other.get(at) == Some(edge));
    }
    count
}

/// What makes trees, anew or of others.
struct Operators<'a> {
    trees: &'a Trees<'a>,
    /// Nodes that somebody asks for, to begin trees from.
    wanted: Vec<NodeId>,
    /// By edge, the part of its cost that every tree pays in some way.
    tolls: Vec<i64>,
}

/// How many times the usual cost of an edge all edges at a required node must cost to count as a toll.
const TOLL: i64 = 20;

/// Hundredths of its cost that an edge counts with which both trees hold, one of them (at least and at most), none.
const BOTH: i64 = 1;
const ONE: [i64; 2] = [100, 500];
const NONE: i64 = 1_000;

/// Hundredths of a prize beside those.
const PRIZE: i64 = 300;

/// Hundredths of its cost that an edge counts with for a fresh tree, at least and at most.
const FRESH: [i64; 2] = [100, 125];

/// The same of a prize: prizes that are worth more draw the tree to places where several of them pay for a way together.
const FRESH_PRIZE: [i64; 2] = [100, 400];

impl<'a> Operators<'a> {
    /// None where costs are so large that sums of hundredths of them might overflow.
    fn new(trees: &'a Trees<'a>) -> Option<Self> {
        let problem = trees.problem;
        let wanted = |node: &NodeId| problem.demands()[node.index()] != Demand::None;
        let prizes = problem.all_prizes();
        let total = problem.costs().iter().sum::<i64>().saturating_add(prizes);
        (total < i64::MAX / 16 / NONE).then(|| Self {
            trees,
            wanted: problem.graph().nodes().filter(wanted).collect(),
            tolls: tolls(problem),
        })
    }

    /// A fresh tree, combined with trees of the pool as long as that helps; and how many trees were built for it.
    fn offspring(&self, pool: &Pool, mut chance: Chance, is_over: &(dyn Fn() -> bool + Sync)) -> (Valued, usize) {
        let mut tree = self.fresh(&mut chance);
        let (mut built, mut failures) = (2, 0);
        while failures < FAILURES && !pool.members.is_empty() && !is_over() {
            let mate = &pool.members[chance.below(pool.members.len())];
            let child = self.combined(&tree.0, &mate.0, &mut chance);
            built += 1;
            if child.1 < tree.1 {
                tree = child;
                failures = 0;
            } else {
                failures += 1;
            }
        }
        (tree, built)
    }

    /// A tree built and improved on perturbed costs, then on the true ones.
    fn fresh(&self, chance: &mut Chance) -> Valued {
        let start = self.start(chance);
        let prize = if chance.below(2) == 0 { FRESH[0] } else { chance.within(FRESH_PRIZE) };
        let perturbed = self.reweighted(|_| chance.within(FRESH), prize);
        let there = Trees::new(&perturbed, self.trees.root, self.trees.effort);
        let (edges, _) = there.improved(there.spanned(&self.nodes(&perturbed, start)));
        let value = construct::value(self.trees.problem, self.trees.root, &edges);
        self.trees.improved((edges, value))
    }

    /// What two trees make.
    fn combined(&self, one: &[EdgeId], other: &[EdgeId], chance: &mut Chance) -> Valued {
        let mut holders = vec![0u8; self.trees.problem.graph().edge_count()];
        one.iter().chain(other).for_each(|edge| holders[edge.index()] += 1);
        let start = self.start(chance);
        let reweighted = self.reweighted(
            |edge| match holders[edge.index()] {
                0 => NONE,
                1 => chance.within(ONE),
                _ => BOTH,
            },
            PRIZE,
        );
        self.trees.improved(self.trees.spanned(&self.nodes(&reweighted, start)))
    }

    /// The problem with other costs: so many hundredths of each edge's cost and each prize, in hundredths of a unit.
    fn reweighted(&self, mut hundredths: impl FnMut(EdgeId) -> i64, prize_hundredths: i64) -> SteinerProblem {
        let problem = self.trees.problem;
        let graph = problem.graph();
        let cost = |edge: EdgeId| {
            let toll = self.tolls[edge.index()];
            (problem.cost(edge) - toll) * hundredths(edge) + toll * BOTH
        };
        let costs = graph.edges().map(cost).collect();
        let demands = problem.demands().iter().map(|demand| match demand {
            Demand::Prize(prize) => Demand::Prize(prize * prize_hundredths),
            plain => *plain,
        });
        SteinerProblem::new(graph.clone(), costs, demands.collect(), problem.root()).expect("only its costs are others")
    }

    fn nodes(&self, problem: &SteinerProblem, start: NodeId) -> Vec<bool> {
        construct::shortest_paths(problem, (start, self.trees.root), problem.costs(), None)
    }

    fn start(&self, chance: &mut Chance) -> NodeId {
        if self.wanted.is_empty() { self.trees.root } else { self.wanted[chance.below(self.wanted.len())] }
    }
}
