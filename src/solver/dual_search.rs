//! Local search for a better bound: in some neighbourhood raises are taken back, and an ascent goes on from there.
//!
//! In an optimal pair of tree and cuts every cut that pays is crossed once (complementary slackness). So all raises of cuts
//! around a random node that the best tree crosses more often are taken back, most of the others there, and a few
//! elsewhere; what that sets free an ascent in another order raises anew, often more of it. What comes out is kept if it is
//! no worse. Only terminals that the root does not reach any more over used-up arcs have to grow, so a trial is cheap.
//!
//! Source: slackness: Wong (Math. Prog. 28, 1984), section 4; improving an ascent's duals: Balakrishnan, Magnanti and Wong
//! (Oper. Res. 37, 1989); destroying and repairing: Shaw (CP 1998, large neighbourhood search).

use std::collections::VecDeque;

use crate::chance::Chance;
use crate::effort::Effort;
use crate::graph::{EdgeId, NodeId};
use crate::problem::SteinerProblem;
use crate::solver::ascent::{self, Ascent, Raise, Raised, SHUT, Wishes};

/// Where a bound is searched for.
pub(super) struct Ground<'a> {
    pub(super) problem: &'a SteinerProblem,
    pub(super) root: NodeId,
    /// Arcs of the best tree known, away from the root.
    pub(super) guide: &'a [bool],
    /// Arcs that no better tree uses.
    pub(super) closed: &'a [bool],
    pub(super) effort: &'a Effort,
}

/// Nodes of a neighbourhood at least; at most a share of all, and this many.
const LEAST: usize = 10;
const SHARE: usize = 8;
const MOST: usize = 2_000;

/// Probabilities that a raise is taken back: in the neighbourhood where the tree crosses the cut once, elsewhere where it
/// crosses it more often, and elsewhere where it does not.
const TIGHT_NEAR: f64 = 0.8;
const LOOSE_FAR: f64 = 0.05;
const TIGHT_FAR: f64 = 0.001;

/// Raises taken back.
struct Freed {
    start: Ascent,
    /// By place among the sets, what they keep.
    kept: Vec<(usize, Vec<Raise>)>,
}

impl Ground<'_> {
    /// An ascent that tells of its sets, to begin with.
    pub(super) fn first(&self) -> Ascent {
        let wishes =
            Wishes { guide: Some(self.guide.to_vec()), closed: Some(self.closed), record: true, ..Default::default() };
        ascent::ascend(self.problem, self.root, &wishes, self.effort)
    }

    /// An ascent that begins with the sets of an earlier one, given in this problem's nodes, as far as arcs have enough left.
    ///
    /// Any set without the root that holds somebody who asks may be raised, so it does not matter what became of it since.
    /// Time: O(edges at the sets' nodes, and arcs of their cuts for each raise), and that of an ascent.
    pub(super) fn resumed(&self, earlier: Vec<Raised>) -> Ascent {
        let arcs = 0..2 * self.problem.graph().edge_count();
        let cost = |arc: usize| if self.closed[arc] { SHUT } else { self.problem.costs()[arc / 2] };
        let mut start = Ascent {
            bound: 0,
            residual: arcs.map(cost).collect(),
            prize_left: self.problem.demands().iter().map(|demand| demand.prize()).collect(),
            raised: Vec::new(),
        };
        let mut inside = vec![false; self.problem.graph().node_count()];
        for mut sets in earlier {
            self.pay_again(&mut sets, &mut start, &mut inside);
            if !sets.raises.is_empty() {
                start.raised.push(sets);
            }
        }
        let wishes = Wishes { closed: Some(self.closed), start: Some(&start), record: true, ..Default::default() };
        let mut ascent = ascent::ascend(self.problem, self.root, &wishes, self.effort);
        ascent.raised.append(&mut start.raised);
        ascent
    }

    /// Lets a set pay what it paid before, or as much of that as it can.
    fn pay_again(&self, sets: &mut Raised, start: &mut Ascent, inside: &mut [bool]) {
        let graph = self.problem.graph();
        let prize = self.problem.demands()[sets.terminal.index()].prize();
        let mut entering: Vec<usize> = Vec::new();
        let mut size = 0;
        for raise in &mut sets.raises {
            for &node in &sets.nodes[size..raise.size as usize] {
                inside[node.index()] = true;
            }
            for &node in &sets.nodes[size..raise.size as usize] {
                entering.extend(graph.arcs(node).iter().map(|arc| graph.incoming(node, *arc)));
            }
            size = raise.size as usize;
            entering.retain(|&way| {
                !inside[graph.ends(EdgeId(way as u32 / 2))[way % 2].index()] && start.residual[way] < SHUT
            });
            let least = entering.iter().map(|&way| start.residual[way]).min().unwrap_or(0);
            let budget = if prize > 0 { start.prize_left[sets.terminal.index()] } else { i64::MAX };
            raise.amount = raise.amount.min(least).min(budget);
            entering.iter().for_each(|&way| start.residual[way] -= raise.amount);
            if prize > 0 {
                start.prize_left[sets.terminal.index()] -= raise.amount;
            }
            start.bound += raise.amount;
        }
        sets.nodes.iter().for_each(|node| inside[node.index()] = false);
        sets.raises.retain(|raise| raise.amount > 0);
    }

    /// Takes raises back and goes on, so often; never worse than before, and at once where the bound reaches `enough`.
    /// Deterministic unless the deadline burns. Time: O(m) a trial, and that of the ascents in the neighbourhood.
    pub(super) fn deepen(&self, mut best: Ascent, trials: usize, enough: i64) -> Ascent {
        let mut crossings = self.crossings(&best.raised);
        for trial in 0..trials as u64 {
            if best.bound >= enough || self.effort.deadline.passed() {
                break;
            }
            let mut chance = Chance::new(self.effort.seed, 1, trial);
            let Freed { start, kept } = self.freed(&best, &crossings, &mut chance);
            let wishes = Wishes {
                seed: self.effort.seed + 1 + trial,
                round: trial,
                closed: Some(self.closed),
                start: Some(&start),
                record: true,
                ..Default::default()
            };
            let next = ascent::ascend(self.problem, self.root, &wishes, self.effort);
            if next.bound < best.bound {
                continue;
            }
            let mut raised = best.raised;
            for (place, raises) in kept {
                raised[place].raises = raises;
            }
            crossings.extend(self.crossings(&next.raised));
            raised.extend(next.raised);
            // Sets that pay nothing any more are forgotten.
            let mut pays = raised.iter().map(|sets| !sets.raises.is_empty());
            crossings.retain(|_| pays.next() == Some(true));
            raised.retain(|sets| !sets.raises.is_empty());
            best = Ascent { bound: next.bound, residual: next.residual, prize_left: next.prize_left, raised };
        }
        best
    }

    /// Without some of the raises; an ascent may go on from there.
    fn freed(&self, from: &Ascent, crossings: &[Vec<u32>], chance: &mut Chance) -> Freed {
        let near = self.neighbourhood(chance);
        let mut start = Ascent {
            bound: from.bound,
            residual: from.residual.clone(),
            prize_left: from.prize_left.clone(),
            raised: Vec::new(),
        };
        let mut kept = Vec::new();
        let mut place = vec![u32::MAX; near.len()];
        for (at, (sets, crossed)) in from.raised.iter().zip(crossings).enumerate() {
            let is_near = near[sets.terminal.index()];
            let goes = |raise: &Raise, chance: &mut Chance| {
                let is_loose = crossed[raise.size as usize] > 1;
                let probability = match (is_near || near[sets.nodes[raise.size as usize - 1].index()], is_loose) {
                    (true, true) => return true,
                    (true, false) => TIGHT_NEAR,
                    (false, true) => LOOSE_FAR,
                    (false, false) => TIGHT_FAR,
                };
                chance.unit() < probability
            };
            let (gone, left): (Vec<Raise>, Vec<Raise>) = sets.raises.iter().partition(|raise| goes(raise, chance));
            if !gone.is_empty() {
                self.give_back(sets, &gone, &mut start, &mut place);
                kept.push((at, left));
            }
        }
        Freed { start, kept }
    }

    /// Arcs that enter the sets, and the terminal's prize, get back what they paid.
    fn give_back(&self, sets: &Raised, gone: &[Raise], start: &mut Ascent, place: &mut [u32]) {
        let graph = self.problem.graph();
        let largest = gone.iter().map(|raise| raise.size).max().unwrap_or(0);
        let nodes = &sets.nodes[..largest as usize];
        for (at, node) in nodes.iter().enumerate() {
            place[node.index()] = at as u32;
        }
        // By number of nodes, what all sets of at most so many paid.
        let mut paid = vec![0i64; nodes.len() + 1];
        gone.iter().for_each(|raise| paid[raise.size as usize] += raise.amount);
        for size in 1..paid.len() {
            paid[size] += paid[size - 1];
        }
        let all = paid[nodes.len()];
        for (at, &node) in nodes.iter().enumerate() {
            for arc in graph.arcs(node) {
                // An arc enters the sets that hold its head and not its tail yet.
                let until = place[arc.to.index()].min(largest) as usize;
                let way = graph.incoming(node, *arc);
                if until > at && start.residual[way] < SHUT {
                    start.residual[way] += paid[until] - paid[at];
                }
            }
        }
        if self.problem.demands()[sets.terminal.index()].prize() > 0 {
            start.prize_left[sets.terminal.index()] += all;
        }
        start.bound -= all;
        nodes.iter().for_each(|node| place[node.index()] = u32::MAX);
    }

    /// For each of the sets, by number of nodes, how often the guiding tree enters them. Time: O(edges at their nodes).
    fn crossings(&self, raised: &[Raised]) -> Vec<Vec<u32>> {
        let graph = self.problem.graph();
        let mut place = vec![u32::MAX; graph.node_count()];
        let mut of_sets = |sets: &Raised| {
            let count = sets.nodes.len();
            for (at, node) in sets.nodes.iter().enumerate() {
                place[node.index()] = at as u32;
            }
            let mut more = vec![0i32; count + 2];
            for (at, &node) in sets.nodes.iter().enumerate() {
                for arc in graph.arcs(node).iter().filter(|arc| self.guide[graph.incoming(node, **arc)]) {
                    let until = place[arc.to.index()].min(count as u32) as usize;
                    if until > at {
                        more[at + 1] += 1;
                        more[until + 1] -= 1;
                    }
                }
            }
            sets.nodes.iter().for_each(|node| place[node.index()] = u32::MAX);
            let mut sum = 0i32;
            more[..=count]
                .iter()
                .map(|step| {
                    sum += step;
                    sum.unsigned_abs()
                })
                .collect()
        };
        raised.iter().map(&mut of_sets).collect()
    }

    /// The nearest nodes around some node, by number of edges.
    fn neighbourhood(&self, chance: &mut Chance) -> Vec<bool> {
        let graph = self.problem.graph();
        let nodes = graph.node_count();
        let most = LEAST + chance.below((nodes / SHARE).min(MOST) + 1);
        let middle = NodeId(chance.below(nodes) as u32);
        let mut inside = vec![false; nodes];
        inside[middle.index()] = true;
        let mut queue = VecDeque::from([middle]);
        let mut count = 1;
        while let Some(node) = queue.pop_front() {
            for arc in graph.arcs(node) {
                if count < most && !std::mem::replace(&mut inside[arc.to.index()], true) {
                    count += 1;
                    queue.push_back(arc.to);
                }
            }
        }
        inside
    }
}
