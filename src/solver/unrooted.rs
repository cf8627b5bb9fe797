//! Prize-collecting problems without a root: one node is taken for it, then the trees without that node are ruled out.
//!
//! The trees that hold the node with the largest prize are a rooted problem. All others are a relaxation of it without the
//! node: every node with a prize hangs from a root of its own making by an edge of one price K, and K is taken off the
//! bound again, for a tree needs only one of those edges. Where that does not rule them out, the next node is taken.
//!
//! Source: after the root-choice rule of Rehfeldt and Koch (ZIB 18-55) and the branching on roots of Leitner et al. (2018);
//! the price on root edges is a Lagrange multiplier.

use rayon::prelude::*;

use crate::effort::Effort;
use crate::graph::{EdgeId, Graph, NodeId};
use crate::problem::{Demand, SteinerProblem, Tree};
use crate::solver::Progress;
use crate::solver::ascent::{self, Wishes};
use crate::solver::rooted::Search;

/// Hundredths of the time left that the trees with the first root may take.
const FIRST_ROOT: u32 = 85;

/// Best tree, bound, nodes and edges left; so many quarters of the usual work.
pub(super) fn solve(
    problem: &SteinerProblem,
    quarters: usize,
    effort: &Effort,
    progress: &mut dyn FnMut(Progress),
) -> (Tree, i64, (usize, usize)) {
    let mut roots: Vec<(i64, NodeId)> = problem
        .graph()
        .nodes()
        .map(|node| (problem.demands()[node.index()].prize(), node))
        .filter(|&(prize, _)| prize > 0)
        .collect();
    roots.sort_by_key(|&(prize, node)| (std::cmp::Reverse(prize), node));
    let nothing = Tree { edges: Vec::new(), lone_node: None };
    let Some(&(_, first)) = roots.first() else { return (nothing, 0, (0, 0)) };
    let mut best = Tree { edges: Vec::new(), lone_node: Some(first) };
    let quick = quick_bound(problem, effort);
    progress(Progress { value: problem.value(&best), bound: quick, edges: problem.graph().edge_count() });
    let mut bound = i64::MAX;
    let mut left = (0, 0);
    let mut lost = 0;
    for (place, &(prize, root)) in roots.iter().enumerate() {
        let value = problem.value(&best);
        let gone: Vec<NodeId> = roots[..place].iter().map(|&(_, node)| node).collect();
        let (without, kept) = without_nodes(problem, &gone);
        let mut told = |known: Progress| {
            // The trees without the roots so far are not ruled out yet, so no bound is told on the way.
            progress(Progress { value: (known.value + lost).min(value), bound: quick, edges: known.edges });
        };
        let share = Effort { deadline: effort.deadline.hundredths(FIRST_ROOT), ..effort.clone() };
        let mut search = Search::new(&without, root, &share, value - lost, &mut told);
        search.run(quarters);
        left = if place == 0 { search.left } else { left };
        let found = back(&search.best, &kept);
        bound = bound.min(search.bound.saturating_add(lost));
        if problem.value(&found) < value {
            best = found;
        }
        lost += prize;
        let value = problem.value(&best);
        let gone: Vec<NodeId> = roots[..=place].iter().map(|&(_, node)| node).collect();
        // Trees that hold none of the roots so far lose all their prizes.
        let rest = if lost >= value { lost } else { lost + others(problem, &gone, value - lost, effort) };
        let last = place + 1 == roots.len();
        if rest >= value || bound < value || last || effort.deadline.passed() {
            bound = bound.min(rest);
            break;
        }
    }
    (best, bound.max(quick), left)
}

/// A first bound on all trees, at once: hung from a hub, with a few prices on its edges; the ascents are cut short.
fn quick_bound(problem: &SteinerProblem, effort: &Effort) -> i64 {
    let total = problem.all_prizes();
    let largest = problem.demands().iter().map(|demand| demand.prize()).max().unwrap_or(0);
    let prices = [largest, largest / 4, total / 16, total / 4];
    let bound = |price: i64| {
        let hung = hung(problem, price)?;
        let wishes = Wishes { work: Some(QUICK * hung.graph().edge_count() as u64), ..Default::default() };
        let hub = hung.root().expect("it hangs from one");
        Some(ascent::ascend(&hung, hub, &wishes, effort).bound - price)
    };
    // The tree without any node loses everything.
    prices.into_par_iter().filter_map(bound).max().unwrap_or(0).clamp(0, total)
}

/// Work of the first ascents, in arcs looked at for each edge.
const QUICK: u64 = 20;

/// The problem with a hub, from which an edge of one price leads to every node with a prize.
fn hung(problem: &SteinerProblem, price: i64) -> Option<SteinerProblem> {
    let graph = problem.graph();
    let hub = NodeId(graph.node_count() as u32);
    let holders: Vec<NodeId> = graph.nodes().filter(|node| problem.demands()[node.index()].prize() > 0).collect();
    let ends = graph.edges().map(|edge| graph.ends(edge)).chain(holders.iter().map(|&node| [hub, node])).collect();
    let costs = problem.costs().iter().copied().chain(holders.iter().map(|_| price)).collect();
    let mut demands = problem.demands().to_vec();
    demands.push(Demand::Required);
    SteinerProblem::new(Graph::new(graph.node_count() + 1, ends), costs, demands, Some(hub)).ok()
}

/// The problem without some nodes, and its edges in the problem's numbers; their prizes are left out of account.
fn without_nodes(problem: &SteinerProblem, gone: &[NodeId]) -> (SteinerProblem, Vec<EdgeId>) {
    let graph = problem.graph();
    let mut demands = problem.demands().to_vec();
    let mut out = vec![false; graph.node_count()];
    for node in gone {
        demands[node.index()] = Demand::None;
        out[node.index()] = true;
    }
    let kept: Vec<EdgeId> =
        graph.edges().filter(|&edge| !graph.ends(edge).iter().any(|end| out[end.index()])).collect();
    let ends = kept.iter().map(|&edge| graph.ends(edge)).collect();
    let costs = kept.iter().map(|&edge| problem.cost(edge)).collect();
    let graph = Graph::new(graph.node_count(), ends);
    let problem = SteinerProblem::new(graph, costs, demands, None).expect("a part of a problem is a problem");
    (problem, kept)
}

fn back(tree: &Tree, kept: &[EdgeId]) -> Tree {
    Tree { edges: tree.edges.iter().map(|edge| kept[edge.index()]).collect(), lone_node: tree.lone_node }
}

/// A bound on the trees that hold none of some nodes, whose prizes are not counted: as large as `cutoff` if it can be.
fn others(problem: &SteinerProblem, gone: &[NodeId], cutoff: i64, effort: &Effort) -> i64 {
    let (without, _) = without_nodes(problem, gone);
    let total = without.all_prizes();
    if total < cutoff || effort.deadline.passed() {
        return if total < cutoff { total } else { 0 };
    }
    let mut best = 0;
    // The tree that is looked for earns at most what is above the cutoff, so a dearer edge to it rules nothing out.
    for share in [4, 16, 2, 64] {
        let price = (total - cutoff) / share;
        let Some(hung) = hung(&without, price) else { return 0 };
        let hub = hung.root().expect("it hangs from one");
        let mut quiet = |_: Progress| ();
        let mut search = Search::new(&hung, hub, effort, cutoff + price, &mut quiet);
        search.some_rounds(u64::MAX, 1);
        best = best.max(search.bound - price);
        if best >= cutoff || effort.deadline.passed() {
            break;
        }
    }
    best
}
