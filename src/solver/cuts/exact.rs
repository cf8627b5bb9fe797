//! Parts solved to the end, by branching: what their trees pay at least beyond what the rows of the part do.
//!
//! Whatever a whole tree is, the arcs of it that are charged to a part connect the part's terminals with what is around it.
//! So it pays for them no less than the cheapest such set of arcs does, at what other rows leave of the costs. Parts share
//! no arc, so what each adds to its own rows may be added up, and with it the bound. Where a linear program is fractional in
//! a few places, far from each other, that takes a few branches for each, and not one for every way to combine them.
//!
//! The first choice in a part has two sides. Where one of them, with what other parts add, is no better than the best tree
//! known, the other side is what every better tree does (probing: Savelsbergh, ORSA J. Comput. 6, 1994).

use crate::effort::Effort;
use crate::graph::NodeId;
use crate::problem::{Demand, SteinerProblem};
use crate::solver::ascent::IMPOSSIBLE;
use crate::solver::cuts::local::{self, Patience, improved};
use crate::solver::cuts::point::Point;
use crate::solver::cuts::rows::{Ground, Priced};

/// When to stop.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// More is not asked for.
    pub(super) gain: i64,
    /// By how much more than the other a side must add to be out of the question.
    pub(super) reach: i64,
    /// Branches at most.
    pub(super) branches: usize,
    /// Simplex iterations times rows at most, but for the last branch.
    pub(super) work: i64,
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
const PATIENCE: Patience = Patience { rounds: 30, few: 30, enough: i64::MAX, worth: i64::MAX, zero_half: true };

/// Choices that are made: nodes that are needed, arcs that are not used.
struct Branch {
    needed: Vec<NodeId>,
    closed: Vec<bool>,
    rows: Vec<Priced>,
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

/// Searches a part, the branch with the least bound first. All is in units over the scale. Time: that of the programs of so
/// many branches.
pub(super) fn gained(ground: &Ground<'_>, rows: Vec<Priced>, limits: Limits, effort: &Effort) -> Gained {
    let before = local::paid(&rows);
    let first = Branch { needed: Vec::new(), closed: ground.closed.to_vec(), rows, bound: before, side: None };
    let mut open = vec![first];
    // The least bound of branches that are not divided any more, in all and by side.
    let (mut ended, mut ended_by) = (i64::MAX, [i64::MAX; 2]);
    let mut choice = None;
    let mut found = Gained { gain: 0, shares: None, choice: None, work: 0 };
    for count in 0.. {
        let next = (0..open.len()).min_by_key(|&at| open[at].bound);
        let least = next.map_or(i64::MAX, |at| open[at].bound).min(ended);
        found.gain = least.min(before.saturating_add(limits.gain)) - before;
        let is_over = count >= limits.branches || found.work >= limits.work || effort.deadline.passed();
        let is_found = least >= ended || found.gain >= limits.gain;
        let next = if is_found { worse_side(&open, (ended, ended_by), limits.reach) } else { next };
        let Some(next) = next.filter(|_| !is_over) else { break };
        let branch = open.swap_remove(next);
        let Some(problem) = branch.problem(ground.problem) else { continue };
        let here = Ground { problem: &problem, closed: &branch.closed, ..ground.clone() };
        let improved = improved(here, branch.rows.clone(), PATIENCE, effort);
        found.work += improved.work;
        let bound = branch.bound.max(improved.bound);
        if bound >= IMPOSSIBLE {
            continue;
        }
        if let Some(fork) = improved.point.as_ref().and_then(|point| fork(&problem, &branch.closed, point)) {
            open.extend(branch.divided(&problem, fork, &improved.rows, bound));
            choice = choice.or(Some(fork));
            continue;
        }
        // A point that is whole by chance, in programs that had more to say.
        if !improved.is_settled && bound > branch.bound {
            open.push(Branch { rows: improved.rows, bound, ..branch });
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
    found.choice = choice.map(|fork| {
        let least = |side| open.iter().filter(|branch| branch.side == Some(side)).map(|branch| branch.bound).min();
        let gain = |side: usize| ended_by[side].min(least(side).unwrap_or(i64::MAX)) - before;
        (fork, [gain(0), gain(1)])
    });
    found
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

impl Branch {
    /// The part with the nodes that are needed; none where one of them cannot be reached, so that no tree is left.
    fn problem(&self, problem: &SteinerProblem) -> Option<SteinerProblem> {
        let mut demands = problem.demands().to_vec();
        self.needed.iter().for_each(|node| demands[node.index()] = Demand::Required);
        let (graph, costs) = (problem.graph().clone(), problem.costs().to_vec());
        SteinerProblem::new(graph, costs, demands, problem.root()).ok()
    }

    /// Both sides of a fork.
    fn divided(&self, problem: &SteinerProblem, fork: Fork, rows: &[Priced], bound: i64) -> [Self; 2] {
        let graph = problem.graph();
        let same = |side: usize| Self {
            needed: self.needed.clone(),
            closed: self.closed.clone(),
            rows: rows.to_vec(),
            bound,
            side: self.side.or(Some(side)),
        };
        let (mut one, mut other) = (same(0), same(1));
        match fork {
            Fork::Node(node) => {
                one.needed.push(node);
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
                let limits = Limits { gain: i64::MAX / 2, reach, branches: 1_000, work: i64::MAX };
                let found = gained(&ground, Vec::new(), limits, &Effort::default());
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
        Limits { gain, reach: 0, branches, work: i64::MAX }
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
        let program = improved(ground.clone(), Vec::new(), Patience { zero_half: false, ..PATIENCE }, &effort);
        assert!((1440 * scale / 100..=130 * scale / 9).contains(&program.bound), "{}", program.bound);
        let program = improved(ground.clone(), Vec::new(), PATIENCE, &effort);
        let all = gained(&ground, Vec::new(), limits(i64::MAX / 2, 1_000), &effort);
        assert_eq!(all.gain, 16 * scale);
        let used = all.shares.expect("a whole tree was found");
        assert_eq!(used.iter().filter(|share| **share > 0.5).count(), 16);
        // Every relay is in some best tree, and every relay is missing in another.
        assert!(matches!(all.choice, Some((Fork::Node(_), gains)) if gains == [16 * scale; 2]));
        let first = gained(&ground, Vec::new(), limits(i64::MAX / 2, 1), &effort);
        assert_eq!(first.gain, program.bound, "one branch is the program itself");
        assert_eq!(
            gained(&ground, Vec::new(), limits(15 * scale, 1_000), &effort).gain,
            15 * scale,
            "more is not asked for"
        );
        let rest = gained(&ground, program.rows, limits(i64::MAX / 2, 1_000), &effort);
        assert_eq!(rest.gain, 16 * scale - program.bound, "what rows pay already is not counted again");
    }
}
