//! A bound on the problem as it was asked, with cuts that prove it.
//!
//! The search proves its bound on a kernel, after reductions that nobody can follow without repeating them. Here ascents
//! run over the whole problem and keep their sets, so that a reader without any knowledge of the solver can add them up:
//! no arc may pay more than it costs, no prize more than it is worth. After each ascent the arcs that would lift it to the
//! value of the best tree are closed, and the next one need not let them pay; a reader can repeat that by two searches
//! for shortest ways. Before, local search in the duals brings the ascent nearer to that value. What all that confirms is
//! a little less than what the search proves, or as much.
//!
//! Without a root and without required nodes the trees fall into cases: those with the node of the largest prize, those
//! without it but with the next, and in the end those that hang from a hub that is not in the graph (see `unrooted.rs`).
//!
//! Source: weak duality for directed cuts, Wong (Math. Prog. 28, 1984); closed arcs: as in `reduce/fixing.rs`.

use std::cmp::Reverse;

use rayon::prelude::*;

use crate::effort::Effort;
use crate::graph::{EdgeId, Graph, NodeId};
use crate::problem::{Demand, SteinerProblem, Tree};
use crate::solver::ascent::{self, Ascent, IMPOSSIBLE, Raised, Wishes};
use crate::solver::dual_search::Ground;
use crate::solver::near::Renumbered;
use crate::solver::needless::{self, Needless};
use crate::solver::reduce::Ways;
use crate::solver::trees;

/// Cases that together hold every tree, each with cuts that every tree of the case pays for.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Edges that can be done without, one after another; the cuts are of the problem without them.
    pub needless: Vec<Needless>,
    /// A case holds none of the roots of the cases before it. Trees that are in no case lose the prizes of all roots.
    pub cases: Vec<Case>,
    /// Arcs are closed that no tree of a smaller value uses.
    pub cutoff: i64,
    /// What the cuts prove: no tree has a smaller value.
    pub bound: i64,
}

/// Some of the trees, and cuts that each of them pays for.
#[derive(Clone, Debug)]
pub struct Case {
    /// Which trees.
    pub origin: Origin,
    /// Each round is a proof of its own; it may rest on the arcs closed and the prizes required after those before it.
    pub rounds: Vec<Vec<Sets>>,
}

/// Where the trees of a case begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// They hold this node.
    Root(NodeId),
    /// A hub outside the graph, from which an arc of this price leads to every node with a prize; it is taken off again.
    Hub(i64),
}

/// Growing sets of nodes around one terminal: each some of the first nodes, with what the arcs that enter it pay.
#[derive(Clone, Debug)]
pub struct Sets {
    /// The terminal, then the others in the order in which they were taken in.
    pub nodes: Vec<NodeId>,
    /// How many nodes are in the set, not decreasing, and the payment.
    pub raises: Vec<(usize, i64)>,
}

/// Rounds at least and at most; in between so many that edges times rounds make up the work.
const LEAST_ROUNDS: usize = 2;
const MOST_ROUNDS: usize = 40;
const WORK: usize = 2_000_000;

/// Rounds in a row that may bring the bound no nearer.
const STALLS: usize = 4;

/// Ascents tried in each round, with other seeds; the best one counts.
const ASCENTS: u64 = 2;

/// Work of local search in the duals, in arcs looked at, and the share of what is left of it that a round takes.
const DEEPENING: u64 = 150_000_000;
const SHARE: u64 = 3;

/// Hundredths of the time left that the search for edges that are not needed may take.
const NEEDLESS: u32 = 30;

/// Roots tried where any required node may be it.
const ROOTS: usize = 4;

/// Roots in turn where none is given and nothing is required.
const CASES: usize = 4;

/// Finds cuts that prove a bound without any reduction that a reader could not follow. The best tree known tells which
/// cuts are promising, its value which arcs can be closed. Deterministic unless the deadline burns. Time: that of a few
/// dozen dual ascents at most.
#[must_use]
pub fn prove(problem: &SteinerProblem, best: &Tree, effort: &Effort) -> Proof {
    let near = Renumbered::by_nearness(problem);
    let best = near.in_new_numbers(best);
    let share = effort.deadline.hundredths(NEEDLESS);
    let mut needless = needless::find(&near.problem, &best.edges, &share);
    let (smaller, edges) = needless::without(&near.problem, &needless, &best.edges);
    let (mut cases, bound) = prove_as_numbered(&smaller, &Tree { edges, ..best }, effort);
    for edge in needless.iter_mut().flat_map(|needless| needless.walk.iter_mut().chain([&mut needless.edge])) {
        *edge = near.edge(*edge);
    }
    for case in &mut cases {
        if let Origin::Root(root) = &mut case.origin {
            *root = near.node(*root);
        }
        for node in case.rounds.iter_mut().flatten().flat_map(|sets| &mut sets.nodes) {
            *node = near.node(*node);
        }
    }
    Proof { needless, cases, cutoff: near.problem.value(&best), bound }
}

/// Cases and what they prove.
fn prove_as_numbered(problem: &SteinerProblem, best: &Tree, effort: &Effort) -> (Vec<Case>, i64) {
    let cutoff = problem.value(best);
    let Some(root) = problem.root().or_else(|| best_root(problem, best, effort)) else {
        return prove_unrooted(problem, best, cutoff, effort);
    };
    let part = Part { problem: problem.clone(), root, extra: 0 };
    let (bound, rounds) = part.bounded(cutoff, &best.edges, effort);
    (vec![Case { origin: Origin::Root(root), rounds }], bound)
}

/// The required node from which an ascent gets farthest; none where nothing is required.
fn best_root(problem: &SteinerProblem, best: &Tree, effort: &Effort) -> Option<NodeId> {
    let graph = problem.graph();
    let mut required: Vec<NodeId> =
        graph.nodes().filter(|node| problem.demands()[node.index()] == Demand::Required).collect();
    required.sort_by_key(|&node| (Reverse(graph.degree(node)), node));
    let tried = if graph.edge_count() <= WORK / MOST_ROUNDS { ROOTS } else { 1 };
    let step = required.len().div_ceil(tried).max(1);
    let candidates: Vec<NodeId> = required.into_iter().step_by(step).collect();
    if candidates.len() < 2 {
        return candidates.first().copied();
    }
    let bound = |&root: &NodeId| {
        let part = Part { problem: problem.clone(), root, extra: 0 };
        (part.ascent(0, &best.edges, &[], effort).bound, root)
    };
    let bounds: Vec<(i64, NodeId)> = candidates.par_iter().map(bound).collect();
    bounds.into_iter().max_by_key(|&(bound, root)| (bound, Reverse(root))).map(|(_, root)| root)
}

fn prove_unrooted(problem: &SteinerProblem, best: &Tree, cutoff: i64, effort: &Effort) -> (Vec<Case>, i64) {
    let prize = |node: NodeId| problem.demands()[node.index()].prize();
    let mut holders: Vec<NodeId> = problem.graph().nodes().filter(|&node| prize(node) > 0).collect();
    holders.sort_by_key(|&node| (Reverse(prize(node)), node));
    let total: i64 = holders.iter().map(|&node| prize(node)).sum();
    let (mut cases, mut bound, mut lost) = (Vec::new(), cutoff.min(total), 0);
    for place in 0..holders.len().min(CASES) {
        let (gone, root) = (&holders[..place], holders[place]);
        let Some(part) = Part::rooted(problem, gone, root, lost) else { break };
        let guide = if place == 0 { best.edges.as_slice() } else { &[] };
        let (found, rounds) = part.bounded(cutoff, guide, effort);
        bound = bound.min(found);
        cases.push(Case { origin: Origin::Root(root), rounds });
        lost += prize(root);
        if lost >= bound {
            return (cases, bound);
        }
        let (found, case) = hung(problem, &holders[..=place], (cutoff, lost), effort);
        if found >= bound || place + 1 == holders.len().min(CASES) || effort.deadline.passed() {
            bound = bound.min(found);
            cases.extend(case);
            return (cases, bound);
        }
    }
    (cases, bound.min(lost))
}

/// The trees without some nodes, hung from a hub: a bound on them, and the case, if it proves more than their prizes.
fn hung(problem: &SteinerProblem, gone: &[NodeId], (cutoff, lost): (i64, i64), effort: &Effort) -> (i64, Option<Case>) {
    let total = problem.all_prizes();
    // A tree that matters earns no more than this, so a dearer arc rules nothing out.
    let most = (total - cutoff).max(0);
    let tried: Vec<(i64, Option<Part>)> = [1, 2, 4, 16]
        .into_par_iter()
        .map(|share| {
            let part = Part::hung(problem, gone, most / share, lost);
            (part.as_ref().map_or(0, |part| part.ascent(0, &[], &[], effort).bound + part.extra), part)
        })
        .collect();
    let Some(part) = tried.into_iter().max_by_key(|(bound, _)| *bound).and_then(|(_, part)| part) else {
        return (lost, None);
    };
    let price = lost - part.extra;
    let (bound, rounds) = part.bounded(cutoff, &[], effort);
    if bound <= lost {
        return (lost, None);
    }
    (bound.min(total), Some(Case { origin: Origin::Hub(price), rounds }))
}

/// Some of the trees as a rooted problem.
struct Part {
    problem: SteinerProblem,
    root: NodeId,
    /// What every tree pays beyond what the problem says.
    extra: i64,
}

impl Part {
    /// The trees that hold the root and none of the nodes that are gone, whose prizes are lost.
    fn rooted(problem: &SteinerProblem, gone: &[NodeId], root: NodeId, lost: i64) -> Option<Self> {
        let (ends, costs, mut demands) = without(problem, gone);
        demands[root.index()] = Demand::Required;
        let graph = Graph::new(problem.graph().node_count(), ends);
        let problem = SteinerProblem::new(graph, costs, demands, Some(root)).ok()?;
        Some(Self { problem, root, extra: lost })
    }

    /// The trees that hold none of the nodes that are gone, but some prize; they begin at a hub.
    fn hung(problem: &SteinerProblem, gone: &[NodeId], price: i64, lost: i64) -> Option<Self> {
        let (mut ends, mut costs, mut demands) = without(problem, gone);
        let hub = NodeId(demands.len() as u32);
        for node in problem.graph().nodes().filter(|node| demands[node.index()].prize() > 0) {
            ends.push([hub, node]);
            costs.push(price);
        }
        demands.push(Demand::Required);
        let graph = Graph::new(demands.len(), ends);
        let problem = SteinerProblem::new(graph, costs, demands, Some(hub)).ok()?;
        Some(Self { problem, root: hub, extra: lost - price })
    }

    /// Rounds of ascents until none helps any more; what they prove, at most the cutoff, in terms of the whole problem.
    fn bounded(mut self, cutoff: i64, tree: &[EdgeId], effort: &Effort) -> (i64, Vec<Vec<Sets>>) {
        let goal = cutoff - self.extra;
        let edges = self.problem.graph().edge_count();
        let most = (WORK / (edges + 1)).clamp(LEAST_ROUNDS, MOST_ROUNDS);
        let mut closed = vec![false; 2 * edges];
        let mut work = DEEPENING;
        let (mut rounds, mut best, mut useful, mut stalls) = (Vec::new(), 0, 0, 0);
        for round in 0..most as u64 {
            let ascent = self.best_ascent(round, tree, &closed, effort);
            if ascent.bound >= IMPOSSIBLE {
                rounds.push(vec![self.unreached(&closed, goal)]);
                return (cutoff, rounds);
            }
            let mut ascent = self.deepened(ascent, (tree, &closed), work / SHARE, goal, effort);
            work -= work / SHARE;
            rounds.push(sets(std::mem::take(&mut ascent.raised)));
            stalls = if (ascent.bound - best) * 50 > goal - best { 0 } else { stalls + 1 };
            if ascent.bound > best {
                (best, useful) = (ascent.bound, rounds.len());
            }
            if best >= goal || stalls >= STALLS || effort.deadline.passed() {
                break;
            }
            self.close(&ascent, &mut closed, goal - ascent.bound);
        }
        rounds.truncate(useful);
        (best.min(goal) + self.extra, rounds)
    }

    fn best_ascent(&self, round: u64, tree: &[EdgeId], closed: &[bool], effort: &Effort) -> Ascent {
        let ascents: Vec<Ascent> = (0..ASCENTS)
            .into_par_iter()
            .map(|place| self.ascent(ASCENTS * round + place, tree, closed, effort))
            .collect();
        // The first of equals.
        ascents.into_iter().rev().max_by_key(|ascent| ascent.bound).expect("there are some")
    }

    /// An ascent after so much local search in its duals; as it is where no tree guides the search.
    fn deepened(
        &self,
        ascent: Ascent,
        (tree, closed): (&[EdgeId], &[bool]),
        work: u64,
        enough: i64,
        effort: &Effort,
    ) -> Ascent {
        if tree.is_empty() {
            return ascent;
        }
        let guide = trees::directed(&self.problem, self.root, tree);
        Ground { problem: &self.problem, root: self.root, guide: &guide, closed, effort }.deepen(ascent, work, enough)
    }

    fn ascent(&self, place: u64, tree: &[EdgeId], closed: &[bool], effort: &Effort) -> Ascent {
        let guide = (!tree.is_empty()).then(|| trees::directed(&self.problem, self.root, tree));
        let wishes = Wishes {
            seed: effort.seed + place,
            round: place,
            guide,
            closed: (!closed.is_empty()).then_some(closed),
            record: true,
            ..Default::default()
        };
        ascent::ascend(&self.problem, self.root, &wishes, effort)
    }

    /// Closes the arcs that no tree with a value below the bound plus `slack` uses, and requires the prizes that none loses.
    fn close(&mut self, ascent: &Ascent, closed: &mut [bool], slack: i64) {
        let problem = &self.problem;
        let ways = Ways::new(problem, self.root, &ascent.residual, slack);
        for (arc, closed) in closed.iter_mut().enumerate() {
            let (tail, head) = (problem.graph().head(arc ^ 1), problem.graph().head(arc));
            *closed |= ways.over(tail, ascent.residual[arc], head) >= slack;
        }
        let mut demands = problem.demands().to_vec();
        for (demand, &left) in demands.iter_mut().zip(&ascent.prize_left) {
            if demand.prize() > 0 && left >= slack {
                *demand = Demand::Required;
            }
        }
        let (graph, costs) = (problem.graph().clone(), problem.costs().to_vec());
        if let Ok(known) = SteinerProblem::new(graph, costs, demands, Some(self.root)) {
            self.problem = known;
        }
    }

    /// The nodes that cannot be reached from the root over arcs that are not closed, with a required one: no tree of a
    /// smaller value exists, so they may pay anything.
    fn unreached(&self, closed: &[bool], goal: i64) -> Sets {
        let graph = self.problem.graph();
        let mut seen = vec![false; graph.node_count()];
        seen[self.root.index()] = true;
        let mut stack = vec![self.root];
        while let Some(node) = stack.pop() {
            for arc in graph.arcs(node) {
                if !closed[graph.outgoing(node, *arc)] && !std::mem::replace(&mut seen[arc.to.index()], true) {
                    stack.push(arc.to);
                }
            }
        }
        let mut nodes: Vec<NodeId> = graph.nodes().filter(|node| !seen[node.index()]).collect();
        let required = |node: &NodeId| self.problem.demands()[node.index()] == Demand::Required;
        let first = nodes.iter().position(required).expect("an ascent found one");
        nodes.swap(0, first);
        Sets { raises: vec![(nodes.len(), goal)], nodes }
    }
}

/// Edges, costs and demands of a problem without some nodes.
fn without(problem: &SteinerProblem, gone: &[NodeId]) -> (Vec<[NodeId; 2]>, Vec<i64>, Vec<Demand>) {
    let graph = problem.graph();
    let mut demands = problem.demands().to_vec();
    gone.iter().for_each(|node| demands[node.index()] = Demand::None);
    let kept = graph.edges().filter(|&edge| !graph.ends(edge).iter().any(|end| gone.contains(end)));
    let (ends, costs) = kept.map(|edge| (graph.ends(edge), problem.cost(edge))).unzip();
    (ends, costs, demands)
}

/// What an ascent raised, in order of terminals.
fn sets(mut raised: Vec<Raised>) -> Vec<Sets> {
    raised.sort_by_key(|set| set.terminal);
    let told = |set: Raised| Sets {
        raises: set.raises.iter().map(|raise| (raise.size as usize, raise.amount)).collect(),
        nodes: set.nodes,
    };
    raised.into_iter().map(told).collect()
}
