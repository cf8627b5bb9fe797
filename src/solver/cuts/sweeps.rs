//! Linear programs of parts, in turn: the duals of a part are made best while those of rows that reach beyond it stay.
//!
//! A linear program of the whole takes long where there are many thousands of edges, though what its duals say in one place
//! has little to do with what they say far away. So the snapshot is divided into parts. Rows about one part alone are
//! priced anew by a program of that part, in which everything costs what the other rows leave of it; so the bound never
//! falls. Then the snapshot is divided along other lines, into larger parts where smaller ones have little more to say, in
//! the end into one. Where programs are still fractional then, parts around those places are solved to the end.
//!
//! Source: block coordinate ascent on the dual of the cut relaxation (Wong, Math. Prog. 28, 1984, takes one cut at a time;
//! convergence by blocks: Tseng, J. Optim. Theory Appl. 109, 2001).

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::effort::Effort;
use crate::graph::NodeId;
use crate::solver::ascent::{Ascent, Cut, Raised};
use crate::solver::cuts::division::{Division, Part};
use crate::solver::cuts::exact::{self, Fork, Gained, Limits};
use crate::solver::cuts::kept::Kept;
use crate::solver::cuts::local::{self, Improved, ground, improved};
use crate::solver::cuts::point::Point;
use crate::solver::cuts::prices::Prices;
use crate::solver::cuts::rows::Priced;
use crate::solver::cuts::{Found, ascended, ceiling};
use crate::solver::incumbent::Incumbent;
use crate::solver::kernel::{Kernel, Snapshot};
use crate::solver::narrow::EdgeCharges;
use crate::solver::patches::{Patching, Solve};
use crate::solver::reduce::{self, Depth, Reach};
use crate::solver::trees::Trees;
use crate::solver::{Progress, construct, evolution};

/// How long to go on.
#[derive(Clone, Copy)]
pub(in crate::solver) struct Patience<'a> {
    /// Edges of a part at first.
    pub(in crate::solver) part: usize,
    /// Simplex iterations times rows at most.
    pub(in crate::solver) work: i64,
    /// How parcels of the best tree are solved beside each sweep.
    pub(in crate::solver) solve: Solve<'a>,
}

/// Programs of a part in a sweep; of all at once, for no sweep of the same comes after that, all that they have to say, unless
/// a few closed half of the gap: then the kernel is worth reducing.
const PROGRAMS: local::Patience = local::Patience { rounds: 10, few: 10, enough: 0, worth: 12, zero_half: false };
const ALL_AT_ONCE: local::Patience =
    local::Patience { rounds: 60, few: 10, enough: i64::MAX, worth: 200, zero_half: true };

/// A sweep that leaves so much of the gap is followed by one with larger parts.
const SLOW: f64 = 0.88;

/// Edges up to which all at once follow parts of less than half of them, without halves between.
const SMALL: usize = 20_000;

/// What is solved to the end becomes larger where that closed less than one in so many of the gap.
const LITTLE: i64 = 50;

/// From parts so many times as large as at first on, it pays to solve parts of half the first size to the end.
const CLOSING: usize = 2;

/// How much nearer together places may be with each turn that are solved as one part.
const NEAR: usize = 4;

/// Branches of such a part at first.
const BRANCHES: usize = 30;

/// Items that a row may hold on average: with more, every program takes long.
const DENSE: usize = 40;

/// What a first sweep of more than one part must close of the gap: where cuts are too large for parts, it does not, and a
/// search in the duals gets farther.
const IDLE: f64 = 0.2;

/// Hundredths of a snapshot's edges; a kernel that has no more is worth reducing, also where sweeps bring no more or parts
/// have just become larger than one in so many.
const SHRUNK: usize = 80;
const SHRUNK_AT_LAST: usize = 95;
const LAST: usize = 3;

/// Simplex iterations times rows of a part that is solved to the end, for each of its branches.
const WORK_CLOSING: i64 = 1_500_000;

/// Sweeps from one extended reduction to the next, and edges from which on one follows the first sweep: rounds had none there,
/// and it may take away half of the kernel.
const EXTENDED: usize = 4;
const VAST: usize = 60_000;

/// Works on a kernel until sweeps and branches have nothing more to say; what is known is a bound, and sets
/// in the kernel's nodes that paid.
///
/// Deterministic for a seed unless the deadline burns. Time: that of the programs.
pub(in crate::solver) fn work(
    kernel: &mut Kernel,
    effort: &Effort,
    incumbent: &mut Incumbent<'_>,
    patience: Patience<'_>,
    (known, paid): (i64, &[Raised]),
    progress: &mut dyn FnMut(Progress),
) -> Found {
    let mut run = Run {
        effort,
        patience,
        bound: known,
        part: patience.part,
        around: patience.part / 2,
        branches: BRANCHES,
        near: NEAR,
        patching: Patching::new(patience.solve),
        gained: 0.0,
        turn: 0,
        work: 0,
        kept: Kept::of_raised(kernel, paid),
    };
    loop {
        let Some(snapshot) = kernel.snapshot() else { return Found::nothing_better(incumbent) };
        let is_over = run.on(kernel, &snapshot, incumbent, progress);
        if run.bound >= incumbent.cutoff() {
            return Found::nothing_better(incumbent);
        }
        if is_over {
            return Found {
                bound: run.bound,
                branch: None,
                paid: run.gained >= IDLE,
                is_divided: false,
                cuts: run.into_cuts(),
            };
        }
        reduce::by_alternatives(kernel, Depth::of(kernel.live_edges()), &effort.deadline);
    }
}

struct Run<'a> {
    effort: &'a Effort,
    patience: Patience<'a>,
    bound: i64,
    /// Edges of a part.
    part: usize,
    /// Edges of a part that is solved to the end, and its branches.
    around: usize,
    branches: usize,
    /// Edges between places that are solved as one part.
    near: usize,
    /// Parcels in which the best tree is solved.
    patching: Patching<'a>,
    /// The largest share of the gap that a sweep closed.
    gained: f64,
    /// Sweeps so far.
    turn: usize,
    work: i64,
    /// Rows that paid on the last snapshot.
    kept: Kept,
}

impl Run<'_> {
    /// Sweeps on one snapshot; whether that was all, and not that so much was fixed that the kernel is worth reducing.
    fn on(
        &mut self,
        kernel: &mut Kernel,
        snapshot: &Snapshot,
        incumbent: &mut Incumbent<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> bool {
        let edges = snapshot.edges.len();
        let mut trees = Trees::carried_over(kernel, snapshot, incumbent, self.effort);
        let mut prices = Prices::resumed(kernel, snapshot, std::mem::take(&mut self.kept));
        prices.pay_raised(&ascended(snapshot, Some(&prices.as_ascent()), &trees, self.effort));
        if prices.density() > DENSE {
            return true;
        }
        let mut shares = Vec::new();
        let mut is_flat = false;
        loop {
            let mut is_closing = true;
            let part = self.part;
            if !is_flat {
                let before = slack(incumbent, snapshot, &prices);
                // Trees are to keep up with bounds, but parts are programs enough for both cores.
                let is_beside = self.part >= edges || (self.turn.is_multiple_of(2) && !self.patching.is_spent());
                let gained_enough;
                let proof = is_beside.then(|| (prices.as_ascent(), prices.bound + before));
                let mut sweep = |run: &mut Self| run.sweep(snapshot, &mut prices, (before / 2).max(1));
                (shares, gained_enough) = if let Some((proof, cutoff)) = proof {
                    self.beside_trees((&*kernel, &mut *incumbent), (snapshot, &mut trees), (&proof, cutoff), sweep)
                } else {
                    sweep(self)
                };
                self.learn(prices.bound, &shares, &prices, (kernel, snapshot, &mut trees), incumbent, progress);
                let left = slack(incumbent, snapshot, &prices);
                if left > 0 {
                    let reach = (self.turn % EXTENDED == usize::from(edges > VAST)).then_some(Reach::SHORT);
                    self.reduce(kernel, snapshot, &[&prices.as_ascent()], prices.bound + left, reach);
                }
                let rest = left as f64 / before as f64;
                self.gained = self.gained.max(1.0 - rest);
                is_closing = rest > SLOW && self.part >= edges.min(CLOSING * self.patience.part);
                is_flat = self.part >= edges && !gained_enough;
                if rest > SLOW {
                    self.grow_parts(edges, rest);
                }
            }
            if is_closing && self.bound < incumbent.cutoff() {
                let known = self.bound;
                self.close(kernel, (snapshot, &prices, &shares), &mut trees, incumbent, progress);
                if is_flat && (self.bound - known) * LITTLE < incumbent.cutoff() - known {
                    self.around *= 2;
                    self.branches *= 2;
                    self.near += NEAR;
                }
            }
            let is_spent = self.effort.deadline.passed() || self.work >= self.patience.work;
            let is_idle = self.turn == 1 && self.gained < IDLE && edges > self.patience.part;
            let is_over =
                is_spent || is_idle || self.bound >= incumbent.cutoff() || (is_flat && self.around > 2 * edges);
            let is_at_last = is_flat || (self.part > part && self.part * LAST > edges);
            let shrunk = if is_at_last { SHRUNK_AT_LAST } else { SHRUNK };
            if is_over || kernel.live_edges() * 100 <= edges * shrunk {
                self.kept = prices.kept();
                self.patching.begin_again();
                // On a smaller kernel small parts may have more to say.
                (self.around, self.branches, self.near) = (self.patience.part / 2, BRANCHES, NEAR);
                return is_over;
            }
        }
    }

    /// Larger parts for the next sweep.
    fn grow_parts(&mut self, edges: usize, rest: f64) {
        let whole = edges.max(self.patience.part);
        let half = whole * 55 / 100;
        if edges <= SMALL && self.part * 3 > whole {
            self.part = whole;
        } else if self.part < half {
            self.part = (self.part * 2).min(half);
        } else if rest > 0.93 {
            self.part = whole;
        }
    }

    /// Does something; beside it the best tree is patched where better ones are most likely by what has been paid, or, where
    /// nothing more comes of that, trees evolve meanwhile.
    fn beside_trees<T: Send>(
        &mut self,
        (kernel, incumbent): (&Kernel, &mut Incumbent<'_>),
        (snapshot, trees): (&Snapshot, &mut Trees<'_>),
        (proof, cutoff): (&Ascent, i64),
        something: impl FnOnce(&mut Self) -> T + Send,
    ) -> T {
        let aside = Effort { seed: self.effort.seed + self.turn as u64, ..self.effort.clone() };
        let mut patching = std::mem::replace(&mut self.patching, Patching::new(self.patience.solve));
        let (mut others, stop) = (incumbent.clone(), AtomicBool::new(false));
        let patience = evolution::Patience { work: usize::MAX, stalls: usize::MAX, is_parallel: false, stop: &stop };
        // One program alone leaves a core to the trees, and who sets a time limit has no use for an idle one.
        let is_raced = self.effort.is_raced();
        let is_alone = self.part >= snapshot.edges.len() && is_raced;
        let (done, ()) = rayon::join(
            || {
                let done = something(self);
                stop.store(true, Ordering::Relaxed);
                done
            },
            || {
                if patching.is_spent() && !is_alone {
                    return;
                }
                let is_stopped = || is_raced && stop.load(Ordering::Relaxed);
                let is_over = || aside.deadline.passed() || is_stopped();
                let charges = EdgeCharges::where_close(kernel, snapshot, proof, cutoff);
                let narrow = charges.and_then(|charges| charges.narrowed(kernel, incumbent, &aside, patching.laps()));
                let whole = (kernel, snapshot);
                let narrow = narrow.as_ref().map_or(whole, |(kernel, snapshot)| (kernel, snapshot));
                while !patching.is_spent() && !is_over() {
                    let ground = if patching.laps().is_multiple_of(2) { narrow } else { whole };
                    patching.patch(ground, &mut others, 1, (&aside, &is_over));
                    if !is_raced {
                        break;
                    }
                }
                if is_alone && patching.is_spent() {
                    evolution::work(narrow, &aside, &mut others, patience);
                }
            },
        );
        let is_better = others.value() < incumbent.value();
        if is_better && patching.is_spent() {
            patching.begin_again();
        }
        self.patching = patching;
        incumbent.merge(others);
        if is_better {
            trees.take_over((kernel, snapshot), incumbent, 1);
        }
        done
    }

    /// One sweep over all parts, with what it is enough to gain; by arc of the snapshot, how much of it the programs use, and
    /// whether any ended because of that.
    fn sweep(&mut self, snapshot: &Snapshot, prices: &mut Prices<'_>, enough: i64) -> (Vec<f64>, bool) {
        let division = Division::all_over(snapshot, self.part, self.turn);
        self.turn += 1;
        let rows = prices.taken_apart(&division);
        let all_at_once = local::Patience { enough, ..ALL_AT_ONCE };
        let programs = local::Patience { zero_half: self.part >= CLOSING * self.patience.part, ..PROGRAMS };
        let patience = if self.part >= snapshot.edges.len() { all_at_once } else { programs };
        let (work, fixed): (Vec<(&Part, Vec<Priced>)>, _) = (division.parts.iter().zip(rows).collect(), &*prices);
        let found: Vec<(Vec<Priced>, Improved)> = work
            .into_par_iter()
            .map(|(part, rows)| improved(ground(part, fixed.of_part(part), fixed.scale), rows, patience, self.effort))
            .collect();
        let mut shares = vec![0.0; snapshot.closed.len()];
        let gained_enough = found.iter().any(|(_, found)| found.gained_enough);
        for (part, (rows, found)) in division.parts.iter().zip(found) {
            self.work += found.work;
            prices.put_back(part, rows);
            found.point.into_iter().for_each(|point| part.tell(&point.shares, &mut shares));
        }
        (shares, gained_enough)
    }

    /// Takes note of a bound, in units over the scale, and looks for a tree along what programs use.
    fn learn(
        &mut self,
        bound: i64,
        shares: &[f64],
        prices: &Prices<'_>,
        (kernel, snapshot, trees): (&Kernel, &Snapshot, &mut Trees<'_>),
        incumbent: &mut Incumbent<'_>,
        progress: &mut dyn FnMut(Progress),
    ) {
        self.bound = self.bound.max(ceiling(bound, prices.scale) + snapshot.offset);
        let (problem, root) = (&snapshot.problem, snapshot.root);
        let costs = Point::guided_costs(shares, problem.costs());
        trees.add(&construct::shortest_paths(problem, (root, root), &costs, None));
        trees.recombine(self.effort.seed + self.turn as u64);
        incumbent.offer_all(kernel, snapshot, &trees.pool);
        let bound = self.bound.min(incumbent.cutoff());
        progress(Progress { value: incumbent.value(), bound, edges: kernel.live_edges() });
    }

    /// Solves parts to the end around what programs use in part.
    fn close(
        &mut self,
        kernel: &mut Kernel,
        (snapshot, prices, shares): (&Snapshot, &Prices<'_>, &[f64]),
        trees: &mut Trees<'_>,
        incumbent: &mut Incumbent<'_>,
        progress: &mut dyn FnMut(Progress),
    ) {
        let division = Division::around_fractions(snapshot, shares, (self.around, self.near));
        let mut outer = prices.clone();
        let rows = outer.taken_apart(&division);
        let work: Vec<(&Part, Vec<Priced>)> = division.parts.iter().zip(rows).collect();
        let limits = Limits {
            gain: slack(incumbent, snapshot, prices),
            reach: (incumbent.cutoff() - self.bound) * prices.scale,
            branches: self.branches,
            work: WORK_CLOSING * self.branches as i64,
            patience: exact::PATIENCE,
            beside: 1,
        };
        let found: Vec<Gained> = work
            .into_par_iter()
            .map(|(part, rows)| {
                exact::gained(&ground(part, outer.of_part(part), outer.scale), &rows, limits, self.effort)
            })
            .collect();
        let mut shares = shares.to_vec();
        for (part, found) in division.parts.iter().zip(&found) {
            self.work += found.work;
            found.shares.iter().for_each(|own| part.tell(own, &mut shares));
        }
        let gained: i64 = found.iter().map(|found| found.gain).sum();
        let bound = prices.bound + gained;
        self.learn(bound, &shares, prices, (kernel, snapshot, trees), incumbent, progress);
        let cutoff = prices.bound + slack(incumbent, snapshot, prices);
        if bound < cutoff {
            for (part, found) in division.parts.iter().zip(&found) {
                if let Some((fork, sides)) = found.choice {
                    let is_out = sides.map(|side| bound - found.gain >= cutoff.saturating_sub(side));
                    choose(kernel, snapshot, part, (fork, is_out));
                }
            }
            let proofs = [&prices.as_ascent(), &prices.with_parts(&division, gained)];
            self.reduce(kernel, snapshot, &proofs, cutoff, Some(Reach::SHORT));
        }
    }

    fn reduce(&self, kernel: &mut Kernel, snapshot: &Snapshot, proofs: &[&Ascent], cutoff: i64, reach: Option<Reach>) {
        let proofs: Vec<(NodeId, &Ascent)> = proofs.iter().map(|&proof| (snapshot.root, proof)).collect();
        reduce::by_proofs(kernel, snapshot, &proofs, cutoff, reach, &self.effort.deadline);
    }

    /// The cuts that paid at last, in the kernel's nodes.
    fn into_cuts(self) -> Vec<Cut> {
        self.kept.into_cuts().filter(|cut| cut.nodes.len() > 1).collect()
    }
}

/// Takes the side of a choice in a part that the other one leaves to better trees, where one side is out of the question.
///
/// What is no longer in the kernel as it was in the snapshot stays as it is.
fn choose(kernel: &mut Kernel, snapshot: &Snapshot, part: &Part, (fork, is_out): (Fork, [bool; 2])) {
    let graph = part.problem.graph();
    let kernel_node = |node: NodeId| snapshot.nodes[part.nodes[node.index()].index()];
    let kernel_edge = |arc: usize| snapshot.edges[part.edges[arc / 2].index()];
    let close = |kernel: &mut Kernel, arc: usize| {
        let edge = kernel_edge(arc);
        if kernel.is_alive(edge) {
            // The head is in the part, for what leads out of it is another part's.
            let tail = kernel.other_end(edge, kernel_node(graph.head(arc)));
            kernel.close_from(edge, tail);
        }
    };
    match (fork, is_out) {
        (Fork::Node(node), [true, _]) => kernel.delete_node(kernel_node(node)),
        (Fork::Node(node), [false, true]) if kernel.degree(kernel_node(node)) > 0 => kernel.require(kernel_node(node)),
        (Fork::Arc(arc), [true, _]) => close(kernel, arc),
        (Fork::Arc(arc), [false, true]) => {
            let head = graph.head(arc);
            let ways = graph.arcs(head).iter().map(|at| graph.incoming(head, *at));
            ways.filter(|&way| way != arc).for_each(|way| close(kernel, way));
        }
        _ => {}
    }
}

/// How far the prices are from a value that no better tree has, in units over the scale: values are whole, so a tree is
/// better only if it is at least one unit below the cutoff.
fn slack(incumbent: &Incumbent<'_>, snapshot: &Snapshot, prices: &Prices<'_>) -> i64 {
    (incumbent.cutoff() - 1 - snapshot.offset) * prices.scale + 1 - prices.bound
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::problem::{Demand, SteinerProblem};

    /// The root, two nodes between, and one that must be reached by way of either; what becomes of it by a choice.
    fn chosen(fork: impl Fn(&Part) -> Fork, is_out: [bool; 2]) -> Kernel {
        let ends = [[0, 1], [0, 2], [1, 3], [2, 3]].map(|ends| ends.map(NodeId));
        let demands = vec![Demand::Required, Demand::None, Demand::Prize(9), Demand::Required];
        let problem = SteinerProblem::new(Graph::new(4, ends.to_vec()), vec![1, 2, 3, 4], demands, Some(NodeId(0)))
            .expect("it is connected");
        let mut kernel = Kernel::new(&problem, NodeId(0));
        let snapshot = kernel.snapshot().expect("it is connected");
        let part = snapshot.nodes.iter().map(|&node| if node == NodeId(0) { u32::MAX } else { 0 }).collect();
        let division = Division::new(&snapshot, part, 1);
        let part = &division.parts[0];
        choose(&mut kernel, &snapshot, part, (fork(part), is_out));
        kernel
    }

    /// A node of the problem in a part.
    fn within(part: &Part, node: u32) -> NodeId {
        let at = part.nodes.iter().position(|&other| other == NodeId(node)).expect("it is in the part");
        NodeId(at as u32)
    }

    #[test]
    fn better_trees_are_on_the_side_that_is_left() {
        let node = |part: &Part| Fork::Node(within(part, 2));
        let open = chosen(node, [false, false]);
        assert_eq!((open.live_edges(), open.demand(NodeId(2))), (4, Demand::Prize(9)));
        let gone = chosen(node, [true, false]);
        assert_eq!((gone.live_edges(), gone.degree(NodeId(2)), gone.offset), (2, 0, 9), "its prize is lost");
        let needed = chosen(node, [false, true]);
        assert_eq!((needed.live_edges(), needed.demand(NodeId(2))), (4, Demand::Required));

        // From node 2 into node 3.
        let arc = |part: &Part| {
            let (graph, head) = (part.problem.graph(), within(part, 3));
            let ways = graph.arcs(head).iter().map(|arc| graph.incoming(head, *arc));
            Fork::Arc(ways.into_iter().find(|&way| graph.tail(way) == within(part, 2)).expect("it is there"))
        };
        let ways = |kernel: &Kernel| {
            let edges = kernel.edges().filter(|&edge| kernel.is_alive(edge));
            let mut open: Vec<[u32; 2]> = Vec::new();
            for edge in edges {
                for from in kernel.ends(edge).into_iter().filter(|&from| kernel.is_open_from(edge, from)) {
                    open.push([from.0, kernel.other_end(edge, from).0]);
                }
            }
            open.retain(|way| way[1] == 3);
            open
        };
        assert_eq!(ways(&chosen(arc, [false, false])), [[1, 3], [2, 3]]);
        assert_eq!(ways(&chosen(arc, [true, false])), [[1, 3]]);
        assert_eq!(ways(&chosen(arc, [false, true])), [[2, 3]]);
    }
}
