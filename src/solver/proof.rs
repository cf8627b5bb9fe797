//! A bound on the problem as it was asked, with cuts that prove it.
//!
//! The search proves its bound on a kernel, after reductions that nobody can follow without repeating them. Here ascents
//! run over the whole problem and keep their sets, so that a reader without any knowledge of the solver can add them up:
//! no arc may pay more than it costs, no prize more than it is worth. What that confirms is a little less than what the
//! search proves.
//!
//! Without a root and without required nodes the trees fall into two cases: those with the node of the largest prize,
//! and those without it, which hang from a hub that is not in the graph (see `unrooted.rs`).
//!
//! Source: weak duality for directed cuts, Wong (Math. Prog. 28, 1984).

use rayon::prelude::*;

use crate::effort::Effort;
use crate::graph::{EdgeId, Graph, NodeId};
use crate::problem::{Demand, SteinerProblem, Tree};
use crate::solver::ascent::{self, Ascent, Raised, Wishes};
use crate::solver::trees;

/// Cases that together hold every tree, each with cuts that every tree of the case pays for.
#[derive(Clone, Debug)]
pub struct Proof {
    /// A case holds none of the roots of the cases before it.
    pub cases: Vec<Case>,
    /// What the cuts prove: no tree has a smaller value.
    pub bound: i64,
}

/// Some of the trees, and cuts that each of them pays for.
#[derive(Clone, Debug)]
pub struct Case {
    /// Which trees.
    pub origin: Origin,
    /// By terminal, the sets that paid for it.
    pub sets: Vec<Sets>,
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
    /// How many nodes are in the set, increasing, and the payment.
    pub raises: Vec<(usize, i64)>,
}

/// Ascents tried, each with another seed; the best one counts.
const ASCENTS: u64 = 8;

/// Finds cuts that prove a bound without any reduction. The best tree known tells which cuts are promising. Deterministic
/// unless the deadline burns. Time: that of a few dual ascents.
#[must_use]
pub fn prove(problem: &SteinerProblem, best: &Tree, effort: &Effort) -> Proof {
    let required = |node: &NodeId| problem.demands()[node.index()] == Demand::Required;
    match problem.root().or_else(|| problem.graph().nodes().find(required)) {
        Some(root) => {
            let found = best_ascent(problem, root, &best.edges, effort);
            Proof { bound: found.bound, cases: vec![case(Origin::Root(root), found.raised)] }
        }
        None => prove_unrooted(problem, best, effort),
    }
}

fn prove_unrooted(problem: &SteinerProblem, best: &Tree, effort: &Effort) -> Proof {
    let prize = |node: NodeId| problem.demands()[node.index()].prize();
    let largest = problem.graph().nodes().max_by_key(|&node| (prize(node), std::cmp::Reverse(node)));
    let Some(root) = largest.filter(|&root| prize(root) > 0) else { return Proof { cases: Vec::new(), bound: 0 } };
    let mut demands = problem.demands().to_vec();
    demands[root.index()] = Demand::Required;
    let rooted =
        SteinerProblem::new(problem.graph().clone(), problem.costs().to_vec(), demands, Some(root)).expect("as before");
    let with = best_ascent(&rooted, root, &best.edges, effort);
    let (price, without) = hung(problem, root, with.bound, effort);
    let rest: i64 = problem.demands().iter().map(|demand| demand.prize()).sum();
    let bound = with.bound.min(rest).min(without.bound - price + prize(root));
    Proof { bound, cases: vec![case(Origin::Root(root), with.raised), case(Origin::Hub(price), without.raised)] }
}

/// The trees without a node, hung from a hub: the price of its arcs, and the ascent from it.
fn hung(problem: &SteinerProblem, gone: NodeId, wanted: i64, effort: &Effort) -> (i64, Ascent) {
    let graph = problem.graph();
    let hub = NodeId(graph.node_count() as u32);
    let mut demands = problem.demands().to_vec();
    let lost = std::mem::take(&mut demands[gone.index()]).prize();
    let holders: Vec<NodeId> = graph.nodes().filter(|node| demands[node.index()].prize() > 0).collect();
    let total: i64 = demands.iter().map(|demand| demand.prize()).sum();
    demands.push(Demand::Required);
    let kept = graph.edges().filter(|&edge| !graph.ends(edge).contains(&gone));
    let (ends, costs): (Vec<[NodeId; 2]>, Vec<i64>) = kept.map(|edge| (graph.ends(edge), problem.cost(edge))).unzip();
    // A tree that matters earns no more than this, so a dearer arc rules nothing out.
    let most = (total + lost - wanted).max(0);
    let tried = [1, 2, 4, 16].map(|share| {
        let price = most / share;
        let ends = ends.iter().copied().chain(holders.iter().map(|&node| [hub, node])).collect();
        let costs = costs.iter().copied().chain(holders.iter().map(|_| price)).collect();
        let hung = Graph::new(graph.node_count() + 1, ends);
        let found = SteinerProblem::new(hung, costs, demands.clone(), Some(hub))
            .map(|hung| best_ascent(&hung, hub, &[], effort))
            .unwrap_or_else(|_| Ascent { bound: 0, residual: Vec::new(), prize_left: Vec::new(), raised: Vec::new() });
        (price, found)
    });
    tried.into_iter().max_by_key(|(price, found)| found.bound - price).expect("there are four")
}

/// The best of several ascents, guided by a tree where there is one.
fn best_ascent(problem: &SteinerProblem, root: NodeId, tree: &[EdgeId], effort: &Effort) -> Ascent {
    let one = |place: u64, record: bool| {
        let guide = (place > 0 && !tree.is_empty()).then(|| trees::directed(problem, root, tree));
        let wishes = Wishes { seed: effort.seed + place, round: place, guide, record, ..Default::default() };
        ascent::ascend(problem, root, &wishes, effort)
    };
    // Sets may be many, so only the winner's are kept, by running it again.
    let bounds: Vec<i64> = (0..ASCENTS).into_par_iter().map(|place| one(place, false).bound).collect();
    let best = (0..ASCENTS).max_by_key(|&place| (bounds[place as usize], std::cmp::Reverse(place)));
    one(best.expect("there are some"), true)
}

fn case(origin: Origin, mut raised: Vec<Raised>) -> Case {
    raised.sort_by_key(|set| set.terminal);
    let sets = raised.into_iter().map(|set| Sets {
        nodes: set.nodes,
        raises: set.raises.iter().map(|raise| (raise.size as usize, raise.amount)).collect(),
    });
    Case { origin, sets: sets.collect() }
}
