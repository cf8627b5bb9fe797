//! Parts solved to the end, by branching: what their trees pay at least beyond what the rows of the part do.
//!
//! Whatever a whole tree is, the arcs of it that are charged to a part connect the part's terminals with what is around it.
//! So it pays for them no less than the cheapest such set of arcs does, at what other rows leave of the costs. Parts share
//! no arc, so what each adds to its own rows may be added up, and with it the bound. Where a linear program is fractional in
//! a few places, far from each other, that takes a few branches for each, and not one for every way to combine them.
//!
//! The first choice in a part has two sides. Where one of them, with what other parts add, is no better than the best tree
//! known, the other side is what every better tree does (probing: Savelsbergh, ORSA J. Comput. 6, 1994).

use std::cmp::Reverse;

use rayon::prelude::*;

use crate::effort::Effort;
use crate::graph::NodeId;
use crate::problem::{Demand, SteinerProblem};
use crate::solver::ascent::IMPOSSIBLE;
use crate::solver::cuts::local::{self, Improved, Patience};
use crate::solver::cuts::point::Point;
use crate::solver::cuts::relaxation::{Relaxation, Resting};
use crate::solver::cuts::rows::{Ground, Priced};
use crate::solver::reduce::Ways;

/// When to stop.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// More is not asked for.
    pub(super) gain: i64,
    /// By how much more than the other a side must add to be out of the question.
    pub(super) reach: i64,
    /// Branches at most.
    pub(super) branches: usize,
    /// Simplex iterations times rows at most, but for the last branches.
    pub(super) work: i64,
    /// How long programs of a branch go on.
    pub(super) patience: Patience,
    /// Branches that are worked on at once.
    pub(super) beside: usize,
}

/// What came of a part.
pub(super) struct Gained {
    /// What the part's trees pay at least beyond its rows.
    pub(super) gain: i64,
    /// By arc, how much of it the cheapest tree found uses.
    pub(super) shares: Option<Vec<f64>>,
    /// The first choice that was made, and how much each side of it adds at least.
    pub(super) choice: Option<(Fork, [i64; 2])>,
    /// Simplex iterations times rows.
    pub(super) work: i64,
}

/// All that a branch's programs have to say.
pub(super) const PATIENCE: Patience =
    Patience { rounds: 30, few: 30, enough: i64::MAX, worth: i64::MAX, zero_half: true };

/// Nonzeros and nodes of cuts in the programs of all open branches at most, so that memory stays bounded.
const KEPT: usize = 50_000_000;

/// Choices that are made: nodes that are needed, arcs that are not used.
#[derive(Clone)]
struct Branch {
    needed: Vec<NodeId>,
    closed: Vec<bool>,
    /// Where its programs go on, and the node that is needed from there on.
    resting: Resting,
    news: Option<NodeId>,
    bound: i64,
    /// The side of the first choice that it is on.
    side: Option<usize>,
}

/// What to divide by.
#[derive(Clone, Copy)]
pub(super) enum Fork {
    /// A node is needed, or not used.
    Node(NodeId),
    /// A node is entered by this arc, or by none but the others.
    Arc(usize),
}

/// Searches a part, where rows pay already.
pub(super) fn gained(ground: &Ground<'_>, rows: &[Priced], limits: Limits, effort: &Effort) -> Gained {
    let before = local::paid(rows);
    let resting = Relaxation::resumed(ground.clone(), rows).resting();
    searched(ground, (resting, before), limits, effort, &mut |_, _| ())
}

/// Searches the branch with the least bound first, from where a program rests and what is paid before. All is in units over the
/// scale. After each turn it tells what is gained so far, and of the point of the least branch that was worked on. Time: that
/// of the programs of so many branches.
pub(super) fn searched(
    ground: &Ground<'_>,
    (resting, before): (Resting, i64),
    limits: Limits,
    effort: &Effort,
    tell: &mut dyn FnMut(i64, Option<&Point>),
) -> Gained {
    let closed = ground.closed.to_vec();
    let mut open = vec![Branch { needed: Vec::new(), closed, resting, news: None, bound: before, side: None }];
    // The least bound of branches that are not divided any more, in all and by side.
    let (mut ended, mut ended_by) = (i64::MAX, [i64::MAX; 2]);
    let (mut choice, mut count) = (None, 0);
    let mut found = Gained { gain: 0, shares: None, choice: None, work: 0 };
    loop {
        let least = open.iter().map(|branch| branch.bound).min().unwrap_or(i64::MAX).min(ended);
        found.gain = least.min(before.saturating_add(limits.gain)) - before;
        let is_kept = open.iter().map(|branch| branch.resting.size()).sum::<usize>() <= KEPT;
        let is_spent = count >= limits.branches || found.work >= limits.work;
        let is_over = is_spent || !is_kept || effort.deadline.passed();
        let is_found = least >= ended || found.gain >= limits.gain;
        let next = match (is_over, is_found) {
            (true, _) => Vec::new(),
            (_, true) => Vec::from_iter(worse_side(&open, (ended, ended_by), limits.reach)),
            (_, false) => least_of(&open, limits.beside),
        };
        if next.is_empty() {
            break;
        }
        count += next.len();
        let next: Vec<Branch> = next.into_iter().map(|at| open.swap_remove(at)).collect();
        let enough = before.saturating_add(limits.gain);
        let worked: Vec<(Branch, Option<Worked>)> =
            next.into_par_iter().map(|branch| branch.worked(ground, (limits.patience, enough), effort)).collect();
        let point = worked.first().and_then(|(_, worked)| worked.as_ref()?.improved.point.as_ref());
        tell(found.gain, point);
        for (branch, worked) in worked {
            let Some(Worked { improved, fork }) = worked else { continue };
            found.work += improved.work;
            let bound = branch.bound.max(improved.bound);
            if bound >= IMPOSSIBLE {
                continue;
            }
            if let Some(fork) = fork {
                open.extend(branch.divided(ground.problem, fork, bound));
                choice = choice.or(Some(fork));
                continue;
            }
            // A point that is whole by chance, in programs that had more to say.
            if !improved.is_settled && bound > branch.bound {
                open.push(Branch { bound, ..branch });
                continue;
            }
            if bound < ended && improved.is_settled {
                found.shares = improved.point.map(|point| point.shares);
            }
            ended = ended.min(bound);
            if let Some(side) = branch.side {
                ended_by[side] = ended_by[side].min(bound);
            }
        }
    }
    found.choice = choice.map(|fork| {
        let least = |side| open.iter().filter(|branch| branch.side == Some(side)).map(|branch| branch.bound).min();
        // Arcs were closed of trees that pay more than what is asked for.
        let gain = |side: usize| (ended_by[side].min(least(side).unwrap_or(i64::MAX)) - before).min(limits.gain);
        (fork, [gain(0), gain(1)])
    });
    found
}

/// So many branches with the least bounds at most, the last of all branches first.
fn least_of(open: &[Branch], most: usize) -> Vec<usize> {
    let mut least: Vec<usize> = (0..open.len()).collect();
    least.sort_by_key(|&at| open[at].bound);
    least.truncate(most);
    least.sort_unstable_by_key(|&at| Reverse(at));
    least
}

/// How much of what it takes to rule a side out its bound must have, for it to be worth more branches.
const NEARLY: i64 = 2;

/// The branch to go on with on the side that holds no cheapest tree of the part, as long as that may rule the side out.
fn worse_side(open: &[Branch], (ended, ended_by): (i64, [i64; 2]), reach: i64) -> Option<usize> {
    let side = usize::from(ended_by[0] <= ended_by[1]);
    let here = (0..open.len()).filter(|&at| open[at].side == Some(side));
    let next = here.min_by_key(|&at| open[at].bound)?;
    let more = open[next].bound.saturating_sub(ended);
    (open[next].bound < ended_by[side] && (reach / NEARLY..reach).contains(&more)).then_some(next)
}

/// What came of a branch's programs.
struct Worked {
    improved: Improved,
    /// What to divide by.
    fork: Option<Fork>,
}

impl Branch {
    /// Solves the branch's programs, and closes arcs of trees that pay enough; nothing came of it where no tree is left.
    fn worked(
        mut self,
        ground: &Ground<'_>,
        (patience, enough): (Patience, i64),
        effort: &Effort,
    ) -> (Self, Option<Worked>) {
        let Some(problem) = self.problem(ground.problem) else { return (self, None) };
        let here = Ground { problem: &problem, closed: &self.closed, ..ground.clone() };
        let mut relaxation = Relaxation::awakened(std::mem::take(&mut self.resting), here);
        self.news.take().into_iter().for_each(|node| relaxation.require(node));
        let mut best = None;
        let improved = local::solved(&mut relaxation, self.bound, patience, effort, &mut |_, proof| {
            best = Some((proof.bound, proof.residual.clone()));
        });
        self.resting = relaxation.resting();
        let slack = enough.saturating_sub(improved.bound);
        if let Some((_, residual)) =
            best.filter(|(bound, _)| slack > 0 && enough < IMPOSSIBLE && *bound == improved.bound)
        {
            self.close(&problem, ground, (&residual, slack));
        }
        let fork = improved.point.as_ref().and_then(|point| fork(&problem, &self.closed, point));
        (self, Some(Worked { improved, fork }))
    }

    /// Closes arcs of trees that pay so much more by what prices leave. From a part a tree may go on to what is around it
    /// before it comes to a terminal.
    fn close(&mut self, problem: &SteinerProblem, ground: &Ground<'_>, (residual, slack): (&[i64], i64)) {
        let graph = problem.graph();
        let ways = Ways::new(problem, ground.root, residual, slack);
        for arc in (0..residual.len()).filter(|&arc| !ground.closed[arc]) {
            let (tail, head) = (graph.tail(arc), graph.head(arc));
            let pays =
                if ground.is_part { ways.onto(tail, residual[arc]) } else { ways.over(tail, residual[arc], head) };
            self.closed[arc] |= pays >= slack;
        }
    }

    /// The part with the nodes that are needed; none where one of them cannot be reached, so that no tree is left.
    fn problem(&self, problem: &SteinerProblem) -> Option<SteinerProblem> {
        let mut demands = problem.demands().to_vec();
        self.needed.iter().for_each(|node| demands[node.index()] = Demand::Required);
        let (graph, costs) = (problem.graph().clone(), problem.costs().to_vec());
        SteinerProblem::new(graph, costs, demands, problem.root()).ok()
    }

    /// Both sides of a fork.
    fn divided(&self, problem: &SteinerProblem, fork: Fork, bound: i64) -> [Self; 2] {
        let graph = problem.graph();
        let same = |side: usize| Self { bound, side: self.side.or(Some(side)), ..self.clone() };
        let (mut one, mut other) = (same(0), same(1));
        match fork {
            Fork::Node(node) => {
                one.needed.push(node);
                one.news = Some(node);
                for arc in graph.arcs(node) {
                    other.closed[graph.incoming(node, *arc)] = true;
                    other.closed[graph.outgoing(node, *arc)] = true;
                }
            }
            Fork::Arc(arc) => {
                let head = graph.head(arc);
                let ways = graph.arcs(head).iter().map(|arc| graph.incoming(head, *arc));
                ways.filter(|&way| way != arc).for_each(|way| one.closed[way] = true);
                other.closed[arc] = true;
            }
        }
        [one, other]
    }
}

/// The node, or else the arc, that a point is least sure about; none where it is whole.
fn fork(problem: &SteinerProblem, closed: &[bool], point: &Point) -> Option<Fork> {
    if let Some(node) = point.most_fractional(problem) {
        return Some(Fork::Node(node));
    }
    let unsure = (0..closed.len()).filter(|&arc| !closed[arc] && (0.01..0.99).contains(&point.shares[arc]));
    unsure.min_by_key(|&arc| (((point.shares[arc] - 0.5).abs() * 64.0) as usize, arc)).map(Fork::Arc)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::solver::cuts::local::improved;

    /// A root, thirteen relays around it, and thirteen terminals, each at nine relays; all edges cost 1. Relays lack the
    /// terminals of one line of the projective plane of order 3 each, which a perfect difference set makes (Singer, 1938;
    /// for the plane of order 2, Skutella: the bidirected cut relaxation is no closer than by 8 to 7). Two lines meet in a
    /// terminal, so it takes three relays, and zero-half cuts do not say so.
    fn plane() -> SteinerProblem {
        let mut ends: Vec<[NodeId; 2]> = (1..=RELAYS).map(|relay| [NodeId(0), NodeId(relay)]).collect();
        for relay in 0..RELAYS {
            let line = [0, 1, 3, 9].map(|step| (relay + step) % RELAYS);
            let others = (0..RELAYS).filter(|terminal| !line.contains(terminal));
            ends.extend(others.map(|terminal| [NodeId(1 + relay), NodeId(1 + RELAYS + terminal)]));
        }
        let demands =
            (0..=2 * RELAYS).map(|node| if node == 0 || node > RELAYS { Demand::Required } else { Demand::None });
        let costs = vec![1; ends.len()];
        let graph = Graph::new(2 * RELAYS as usize + 1, ends);
        SteinerProblem::new(graph, costs, demands.collect(), Some(NodeId(0))).expect("it is connected")
    }

    const RELAYS: u32 = 13;

    /// What relays and ways to terminals cost at least, where a relay is used, or is not; each relay has a price of its own.
    fn cheapest(problem: &SteinerProblem, prices: &[i64], way: i64, relay: usize) -> [i64; 2] {
        let graph = problem.graph();
        let is_in = |set: u32, relay: usize| set >> (relay - 1) & 1 == 1;
        let covers = |set: u32| {
            let mut terminals = (1 + RELAYS..=2 * RELAYS).map(NodeId);
            terminals.all(|node| graph.arcs(node).iter().any(|arc| is_in(set, arc.to.index())))
        };
        let cost =
            |set: u32| prices.iter().zip(1..).filter(|(_, at)| is_in(set, *at)).map(|(price, _)| price).sum::<i64>();
        let least = |used: bool| {
            let sets = (0u32..1 << RELAYS).filter(|&set| is_in(set, relay) == used && covers(set));
            sets.map(|set| cost(set) + i64::from(RELAYS) * way).min()
        };
        [true, false].map(|used| least(used).expect("all relays but one cover all"))
    }

    #[test]
    fn each_side_of_a_choice_adds_no_more_than_its_trees_cost() {
        let (problem, scale) = (plane(), 1024);
        // So much that no relay is reached by way of a terminal.
        let way = 2000 * scale;
        let arcs = 2 * problem.graph().edge_count();
        let closed = vec![false; arcs];
        for dear in [0, 5, 12] {
            let mut prices: Vec<i64> = (0..i64::from(RELAYS)).map(|relay| (1000 + 10 * relay) * scale).collect();
            prices[dear] += 300 * scale;
            let mut costs = vec![way; arcs];
            prices.iter().enumerate().for_each(|(relay, price)| costs[2 * relay..2 * relay + 2].fill(*price));
            costs.resize(arcs + problem.graph().node_count(), 0);
            let ground = Ground { problem: &problem, root: NodeId(0), closed: &closed, costs, scale, is_part: true };
            for reach in [0, 5, 50, 500].map(|reach| reach * scale) {
                let limits = Limits { reach, ..limits(i64::MAX / 2, 1_000) };
                let found = gained(&ground, &[], limits, &Effort::default());
                let (Some((Fork::Node(relay), sides)), least) = (found.choice, found.gain) else {
                    panic!("a relay is chosen")
                };
                let exact = cheapest(&problem, &prices, way, relay.index());
                // Cuts that a point is hardly short of are not asked for.
                let few = scale;
                assert!((0..few).contains(&(exact[0].min(exact[1]) - least)), "{least}, {exact:?}");
                assert!(sides[0] <= exact[0] && sides[1] <= exact[1], "{sides:?}, {exact:?}");
                let other = usize::from(exact[0] < exact[1]);
                let is_out = sides[other] >= exact[other].min(least + reach) - few;
                assert!(is_out || sides[other] - least < reach / NEARLY, "{sides:?}, {exact:?}, {reach}");
            }
        }
    }

    fn limits(gain: i64, branches: usize) -> Limits {
        Limits { gain, reach: 0, branches, work: i64::MAX, patience: PATIENCE, beside: 1 }
    }

    #[test]
    fn branching_closes_what_the_program_leaves() {
        let (problem, scale) = (plane(), 1024);
        let arcs = 2 * problem.graph().edge_count();
        let mut costs = vec![scale; arcs];
        costs.resize(arcs + problem.graph().node_count(), 0);
        let closed = vec![false; arcs];
        let ground = Ground { problem: &problem, root: NodeId(0), closed: &closed, costs, scale, is_part: true };
        let effort = Effort::default();
        // A ninth of every relay, and the terminals; a tree needs three relays.
        let program = improved(ground.clone(), Vec::new(), Patience { zero_half: false, ..PATIENCE }, &effort).1;
        assert!((1440 * scale / 100..=130 * scale / 9).contains(&program.bound), "{}", program.bound);
        let (rows, program) = improved(ground.clone(), Vec::new(), PATIENCE, &effort);
        let all = gained(&ground, &[], limits(i64::MAX / 2, 1_000), &effort);
        assert_eq!(all.gain, 16 * scale);
        let at_once = gained(&ground, &[], Limits { beside: 2, ..limits(i64::MAX / 2, 1_000) }, &effort);
        assert_eq!(at_once.gain, 16 * scale);
        // Arcs are closed of what pays more than is asked for.
        let more = gained(&ground, &[], limits(17 * scale, 1_000), &effort);
        assert_eq!(more.gain, 16 * scale);
        let used = all.shares.expect("a whole tree was found");
        assert_eq!(used.iter().filter(|share| **share > 0.5).count(), 16);
        // Every relay is in some best tree, and every relay is missing in another.
        assert!(matches!(all.choice, Some((Fork::Node(_), gains)) if gains == [16 * scale; 2]));
        let first = gained(&ground, &[], limits(i64::MAX / 2, 1), &effort);
        assert_eq!(first.gain, program.bound, "one branch is the program itself");
        assert_eq!(gained(&ground, &[], limits(15 * scale, 1_000), &effort).gain, 15 * scale, "more is not asked for");
        let rest = gained(&ground, &rows, limits(i64::MAX / 2, 1_000), &effort);
        assert_eq!(rest.gain, 16 * scale - program.bound, "what rows pay already is not counted again");
    }
}
