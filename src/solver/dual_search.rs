//! Local search for a better bound: in some neighbourhood raises are taken back, and an ascent goes on from there.
//!
//! In an optimal pair of tree and cuts every cut that pays is crossed once (complementary slackness). So all raises of cuts
//! that begin or end around some node and that the best tree crosses more often are taken back, with most of the others
//! there; what that sets free an ascent in another order raises anew, often more of it. What comes out is kept if it is no
//! worse. Only terminals that the root does not reach any more over used-up arcs have to grow, and a trial that failed is
//! taken back change by change: so a trial costs what it touches, and many thousands of small ones are made.
//!
//! Source: slackness: Wong (Math. Prog. 28, 1984), section 4; improving an ascent's duals: Balakrishnan, Magnanti and Wong
//! (Oper. Res. 37, 1989); destroying and repairing: Shaw (CP 1998, large neighbourhood search).

use std::cmp::Ordering;

use crate::chance::Chance;
use crate::effort::Effort;
use crate::graph::NodeId;
use crate::problem::SteinerProblem;
use crate::solver::ascent::{self, Ascent, Raised, SHUT, Wishes};
use crate::solver::climb::Climb;
use crate::solver::duals::{Duals, Raise};

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

/// Nodes of a neighbourhood at least; at most a share of all, and this many. Small ones are as likely as large ones.
const LEAST: usize = 8;
const SHARE: usize = 8;
const MOST: usize = 200;

/// Work of two searches at once until they compare, in arcs for each edge.
const LEG: u64 = 10;

/// Probability that a neighbourhood is that of an arc of the tree which is not used up, and of a set that the tree crosses more
/// than once; how many of those are looked at until one still is such, and trials from one list of them to the next.
const UNUSED: f64 = 0.45;
const CROSSED: f64 = 0.5;
const LOOKS: usize = 5;
const LISTED: u64 = 16;

/// Probability that a raise in the neighbourhood is taken back where the tree crosses its cut once.
const TIGHT_NEAR: f64 = 0.8;

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
            entering.retain(|&way| !inside[graph.tail(way).index()] && start.residual[way] < SHUT);
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

    /// Takes raises back and goes on, for so much work; never worse than before, and at once where the bound reaches `enough`.
    ///
    /// Work counts arcs looked at. Deterministic unless the deadline burns. Time: that of the work, and O(m) to begin with.
    pub(super) fn deepen(&self, best: Ascent, work: u64, enough: i64) -> Ascent {
        self.deepen_until(best, enough, |done| done >= work)
    }

    /// As [`Self::deepen`], until the work that is done is said to be all.
    pub(super) fn deepen_until(&self, best: Ascent, enough: i64, is_all: impl Fn(u64) -> bool) -> Ascent {
        let mut search = Search::new(self, best);
        while search.bound() < enough && !is_all(search.work) && !self.effort.deadline.passed() {
            search.attempt();
        }
        search.into_ascent()
    }

    /// As [`Self::deepen`], by two searches at once, each with so much work; whichever is behind goes on from where the other is.
    ///
    /// Most trials change sets and leave the bound as it is. Few make it better, so it is rare that both have and one is lost.
    pub(super) fn deepen_by_two(&self, best: Ascent, work: u64, enough: i64) -> Ascent {
        let mut one = Search::new(self, best);
        let mut other = one.clone();
        other.stream += 1;
        let (mut done, step) = (0, LEG * self.problem.graph().edge_count() as u64);
        while one.bound() < enough && done < work && !self.effort.deadline.passed() {
            done += step;
            let go_on = |search: &mut Search<'_>| {
                while search.bound() < enough && search.work < done && !self.effort.deadline.passed() {
                    search.attempt();
                }
            };
            rayon::join(|| go_on(&mut one), || go_on(&mut other));
            match one.bound().cmp(&other.bound()) {
                Ordering::Less => one.go_on_from(&other),
                Ordering::Equal => {}
                Ordering::Greater => other.go_on_from(&one),
            }
        }
        one.into_ascent()
    }
}

/// Sets that pay, and for each of their raises how often the guiding tree enters the set.
#[derive(Clone)]
struct Paying {
    sets: Raised,
    crossed: Vec<u32>,
}

/// Where slackness was missing when that was last listed.
#[derive(Clone)]
struct Slack {
    /// Arcs of the guiding tree, and those that are not used up.
    tree: Vec<usize>,
    unused: Vec<usize>,
    /// Places among all that pays of what the tree crosses more than once.
    crossed: Vec<u32>,
    /// The trial before which it was listed.
    listed: u64,
}

/// What sets paid before a trial, by their place among all that pays.
struct Before {
    at: u32,
    raises: Vec<Raise>,
    crossed: Vec<u32>,
}

/// The search under way: all that pays, and where.
#[derive(Clone)]
struct Search<'a> {
    ground: &'a Ground<'a>,
    climb: Climb<'a>,
    paying: Vec<Paying>,
    /// By node, the places among all that pays of those that begin or end there; some may be out of date.
    at: Vec<Vec<u32>>,
    /// How much pays nothing any more.
    dead: usize,
    /// Arcs looked at, by the ascents and otherwise.
    work: u64,
    /// Trials so far, and the stream that their chance comes from.
    trial: u64,
    stream: u64,
    slack: Slack,
    /// By node, its place in a set; only while one is looked at.
    place: Vec<u32>,
    /// By node, the last trial whose neighbourhood it was in.
    near: Vec<u64>,
}

impl<'a> Search<'a> {
    fn new(ground: &'a Ground<'a>, mut from: Ascent) -> Self {
        let nodes = ground.problem.graph().node_count();
        let raised = std::mem::take(&mut from.raised);
        let duals = Duals::new(ground.problem, ground.root, (from.bound, from.residual, from.prize_left));
        let mut climb = Climb::new(ground.problem, duals, ground.effort.deadline);
        climb.record = true;
        let tree = (0..ground.guide.len()).filter(|&arc| ground.guide[arc]).collect();
        let mut search = Self {
            ground,
            climb,
            paying: Vec::new(),
            at: vec![Vec::new(); nodes],
            dead: 0,
            work: 0,
            trial: 0,
            stream: 1,
            slack: Slack { tree, unused: Vec::new(), crossed: Vec::new(), listed: 0 },
            place: vec![u32::MAX; nodes],
            near: vec![0; nodes],
        };
        raised.into_iter().for_each(|sets| search.add(sets));
        search.list_slack();
        search
    }

    fn bound(&self) -> i64 {
        self.climb.duals.bound
    }

    /// Takes over what pays in another search, and goes on with trials of its own.
    fn go_on_from(&mut self, other: &Self) {
        let (work, trial, stream) = (self.work, self.trial, self.stream);
        *self = Self { work, trial: trial.max(other.trial), stream, ..other.clone() };
    }

    fn into_ascent(self) -> Ascent {
        let raised = self.paying.into_iter().map(|paying| paying.sets).filter(|sets| !sets.raises.is_empty()).collect();
        Ascent { raised, ..self.climb.duals.into_ascent() }
    }

    /// One neighbourhood: what comes out is kept if it is no worse.
    fn attempt(&mut self) {
        let trial = self.trial;
        self.trial += 1;
        let mut chance = Chance::new(self.ground.effort.seed, self.stream, trial);
        let before = self.bound();
        let near = self.neighbourhood(trial, &mut chance);
        self.climb.duals.begin();
        let changed = self.free(&near, trial, &mut chance);
        let mut asking = self.climb.duals.recover();
        asking.extend(changed.iter().map(|before| self.paying[before.at as usize].sets.terminal));
        asking.retain(|&node| self.climb.duals.asks(node));
        asking.sort_unstable();
        asking.dedup();
        let looked = self.climb.looked;
        let raised = self.climb.grow_all(asking, self.ground.effort.seed + 1 + trial, trial);
        self.work += self.climb.looked - looked;
        if self.bound() < before {
            self.climb.duals.undo(before);
            for Before { at, raises, crossed } in changed {
                let paying = &mut self.paying[at as usize];
                (paying.sets.raises, paying.crossed) = (raises, crossed);
            }
            return;
        }
        self.dead += changed.iter().filter(|before| self.paying[before.at as usize].sets.raises.is_empty()).count();
        for before in changed {
            // What only sets that are gone held is not kept.
            let sets = &mut self.paying[before.at as usize].sets;
            sets.nodes.truncate(sets.raises.last().map_or(0, |raise| raise.size as usize));
            sets.nodes.shrink_to_fit();
        }
        raised.into_iter().for_each(|sets| self.add(sets));
        if self.dead * 2 > self.paying.len() {
            self.forget();
        }
    }

    /// The nearest nodes around some node, by number of edges; mostly around one where slackness is missing.
    fn neighbourhood(&mut self, trial: u64, chance: &mut Chance) -> Vec<NodeId> {
        let graph = self.ground.problem.graph();
        let nodes = graph.node_count();
        let largest = (nodes / SHARE).clamp(LEAST, MOST) as f64;
        let most = (LEAST as f64 * (largest / LEAST as f64).powf(chance.unit())) as usize;
        let stamp = trial + 1;
        let middle = self.slack_node(chance).unwrap_or_else(|| NodeId(chance.below(nodes) as u32));
        let mut near = vec![middle];
        self.near[middle.index()] = stamp;
        let mut at = 0;
        while at < near.len() && near.len() < most {
            for arc in graph.arcs(near[at]) {
                if near.len() < most && std::mem::replace(&mut self.near[arc.to.index()], stamp) != stamp {
                    near.push(arc.to);
                }
            }
            at += 1;
        }
        self.work += near.len() as u64;
        near
    }

    /// A node where slackness is missing, if chance finds one: an end of an arc of the tree that is not used up, or of what pays
    /// although the tree crosses it more often. All of the gap is made of such; elsewhere there is nothing to gain.
    fn slack_node(&mut self, chance: &mut Chance) -> Option<NodeId> {
        if self.trial >= self.slack.listed + LISTED {
            self.list_slack();
        }
        let Slack { unused, crossed, .. } = &self.slack;
        let kind = chance.unit();
        // What is listed may be out of date.
        if kind < UNUSED && !unused.is_empty() {
            let graph = self.ground.problem.graph();
            let mut arcs = (0..LOOKS).map(|_| unused[chance.below(unused.len())]);
            let arc = arcs.find(|&arc| self.climb.duals.left(arc) > 0)?;
            return Some(if chance.unit() < 0.5 { graph.head(arc) } else { graph.tail(arc) });
        }
        if kind < UNUSED + CROSSED && !crossed.is_empty() {
            let mut places = (0..LOOKS).map(|_| &self.paying[crossed[chance.below(crossed.len())] as usize]);
            let (sets, at) = places.find_map(|paying| {
                let at = paying.crossed.iter().position(|&count| count > 1)?;
                Some((&paying.sets, at))
            })?;
            let last = sets.nodes[sets.raises[at].size as usize - 1];
            return Some(if chance.unit() < 0.5 { sets.terminal } else { last });
        }
        None
    }

    /// Lists where slackness is missing. Time: O(arcs of the tree, and raises).
    fn list_slack(&mut self) {
        let Self { climb, paying, slack, .. } = self;
        slack.listed = self.trial;
        slack.unused.clear();
        slack.unused.extend(slack.tree.iter().filter(|&&arc| climb.duals.left(arc) > 0));
        let is_crossed = |at: &u32| paying[*at as usize].crossed.iter().any(|&count| count > 1);
        slack.crossed.clear();
        slack.crossed.extend((0..paying.len() as u32).filter(is_crossed));
    }

    /// Takes raises back; what was paid before.
    fn free(&mut self, near: &[NodeId], trial: u64, chance: &mut Chance) -> Vec<Before> {
        let mut places: Vec<u32> = Vec::new();
        for node in near {
            let paying = &self.paying;
            self.at[node.index()].retain(|&at| !paying[at as usize].sets.raises.is_empty());
            places.extend(&self.at[node.index()]);
        }
        places.sort_unstable();
        places.dedup();
        let stamp = trial + 1;
        let mut changed = Vec::new();
        for at in places {
            let Paying { sets, crossed } = &self.paying[at as usize];
            let begins = self.near[sets.terminal.index()] == stamp;
            let goes = |(raise, crossed): (&Raise, &u32)| {
                let ends = self.near[sets.nodes[raise.size as usize - 1].index()] == stamp;
                (begins || ends) && (*crossed > 1 || chance.unit() < TIGHT_NEAR)
            };
            let goes: Vec<bool> = sets.raises.iter().zip(crossed).map(goes).collect();
            if goes.contains(&true) {
                changed.push(self.take_back(at, &goes));
            }
        }
        changed
    }

    /// Some of the raises of what pays are no more; those that it had.
    fn take_back(&mut self, at: u32, goes: &[bool]) -> Before {
        let (mut gone, mut kept, mut crossed) = (Vec::new(), Vec::new(), Vec::new());
        let paying = &self.paying[at as usize];
        for ((raise, count), goes) in paying.sets.raises.iter().zip(&paying.crossed).zip(goes) {
            if *goes {
                gone.push(*raise);
            } else {
                kept.push(*raise);
                crossed.push(*count);
            }
        }
        self.give_back(at, &gone);
        let paying = &mut self.paying[at as usize];
        let raises = std::mem::replace(&mut paying.sets.raises, kept);
        Before { at, raises, crossed: std::mem::replace(&mut paying.crossed, crossed) }
    }

    /// Arcs that enter the sets, and the terminal's prize, get back what they paid.
    fn give_back(&mut self, at: u32, gone: &[Raise]) {
        let problem = self.ground.problem;
        let graph = problem.graph();
        let sets = &self.paying[at as usize].sets;
        let largest = gone.iter().map(|raise| raise.size).max().unwrap_or(0);
        let nodes = &sets.nodes[..largest as usize];
        for (at, node) in nodes.iter().enumerate() {
            self.place[node.index()] = at as u32;
        }
        // By number of nodes, what all sets of at most so many paid.
        let mut paid = vec![0i64; nodes.len() + 1];
        gone.iter().for_each(|raise| paid[raise.size as usize] += raise.amount);
        for size in 1..paid.len() {
            paid[size] += paid[size - 1];
        }
        let all = paid[nodes.len()];
        let duals = &mut self.climb.duals;
        for (at, &node) in nodes.iter().enumerate() {
            for arc in graph.arcs(node) {
                // An arc enters the sets that hold its head and not its tail yet.
                let until = self.place[arc.to.index()].min(largest) as usize;
                if until > at {
                    duals.give_back(graph.incoming(node, *arc), paid[until] - paid[at]);
                }
            }
            self.work += graph.degree(node) as u64;
        }
        if problem.demands()[sets.terminal.index()].prize() > 0 {
            duals.set_prize(sets.terminal, duals.prize_left(sets.terminal) + all);
        }
        duals.bound -= all;
        nodes.iter().for_each(|node| self.place[node.index()] = u32::MAX);
    }

    /// Notes that sets pay. Time: O(edges at their nodes).
    fn add(&mut self, sets: Raised) {
        let crossed = self.crossings(&sets);
        self.index(Paying { sets, crossed });
    }

    /// Notes where sets begin and end. Time: O(raises).
    fn index(&mut self, paying: Paying) {
        let (at, sets) = (self.paying.len() as u32, &paying.sets);
        let ends = sets.raises.iter().map(|raise| sets.nodes[raise.size as usize - 1]);
        for node in ends.chain([sets.terminal]) {
            let places = &mut self.at[node.index()];
            if places.last() != Some(&at) {
                places.push(at);
            }
        }
        self.paying.push(paying);
    }

    /// Sets that pay nothing any more are forgotten.
    fn forget(&mut self) {
        self.at.iter_mut().for_each(Vec::clear);
        self.dead = 0;
        self.slack.crossed.clear();
        for paying in std::mem::take(&mut self.paying) {
            if !paying.sets.raises.is_empty() {
                self.index(paying);
            }
        }
    }

    /// For each raise of the sets, how often the guiding tree enters the set that paid. Time: O(edges at their nodes).
    fn crossings(&mut self, sets: &Raised) -> Vec<u32> {
        let graph = self.ground.problem.graph();
        let count = sets.nodes.len();
        for (at, node) in sets.nodes.iter().enumerate() {
            self.place[node.index()] = at as u32;
        }
        let mut more = vec![0i32; count + 2];
        for (at, &node) in sets.nodes.iter().enumerate() {
            for arc in graph.arcs(node).iter().filter(|arc| self.ground.guide[graph.incoming(node, **arc)]) {
                let until = self.place[arc.to.index()].min(count as u32) as usize;
                if until > at {
                    more[at + 1] += 1;
                    more[until + 1] -= 1;
                }
            }
        }
        sets.nodes.iter().for_each(|node| self.place[node.index()] = u32::MAX);
        for size in 1..more.len() {
            more[size] += more[size - 1];
        }
        sets.raises.iter().map(|raise| more[raise.size as usize].unsigned_abs()).collect()
    }
}
