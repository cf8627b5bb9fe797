//! A problem with a root: a first tree, light reductions, rounds of ascents and trees and reductions, then branching.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::effort::Effort;
use crate::graph::NodeId;
use crate::problem::{SteinerProblem, Tree};
use crate::solver::apart::{self, Answer};
#[cfg(feature = "highs")]
use crate::solver::ascent::Cut;
use crate::solver::ascent::{self, Raised, Wishes};
use crate::solver::branch::Advice;
#[cfg(feature = "highs")]
use crate::solver::cuts;
use crate::solver::incumbent::Incumbent;
use crate::solver::kernel::Kernel;
use crate::solver::program::Program;
use crate::solver::reduce::{self, Depth};
use crate::solver::rounds::{self, Patience};
use crate::solver::side_by_side::TreeTurns;
use crate::solver::trees::Trees;
use crate::solver::{Progress, anneal, branch, construct, evolution, side_by_side, trees};

/// A search for the best tree that holds the root.
pub(super) struct Search<'a> {
    problem: &'a SteinerProblem,
    root: NodeId,
    effort: &'a Effort,
    progress: &'a mut dyn FnMut(Progress),
    /// The best tree found.
    pub(super) best: Tree,
    /// No tree has a value that is smaller than this and than the cutoff.
    pub(super) bound: i64,
    /// Nodes and edges that the reductions left.
    pub(super) left: (usize, usize),
    cutoff: i64,
    /// Trees beside the search in the duals.
    trees: TreeTurns<'static>,
}

/// Edges up to which a kernel is searched around with patience.
const SMALL: usize = 60_000;

/// Edges up to which a kernel is branched on: beyond, a branch takes too long to be worth it.
const BRANCHED: usize = 6_000;

/// Edges up to which a linear program of all is set up.
const LP_EDGES: usize = 15_000;

/// Edges up to which linear programs of parts are set up, edges of a part at first, and what they
/// may work where there is no time limit, in simplex iterations times rows.
const SWEPT: usize = 170_000;
#[cfg(feature = "highs")]
const PART: usize = 1_500;
#[cfg(feature = "highs")]
const SWEEPING: i64 = 3_000_000_000;

/// Edges from which on rounds are few where there are linear programs.
const LARGE: usize = 10_000;
const FEW_ROUNDS: u64 = 3;

/// Work of branching, in edges of the kernels that are opened.
const BRANCHING: usize = 150_000;

/// Edges up to which a linear program comes before all else: it takes a second at most.
const LP_AT_ONCE: usize = 1_500;

/// Work of evolution in each quarter, in trees times edges, and generations in a row that may bring nothing.
const EVOLUTION: usize = 250_000;
const STALLS: usize = 40;

/// Work of trees and duals side by side in each round, in trees or ascents times edges, and rounds in each quarter.
const WORK_ASIDE: usize = 1_200_000;
const ROUNDS: usize = 2;

/// Work of each annealing of a stage, how many stages are quick, and hundredths of the time left that all of them may take.
const ANNEALED: [u64; 3] = [25_000_000, 100_000_000, 500_000_000];
const QUICK_STAGES: usize = 2;
const ANNEALING: u32 = 40;

/// How long trees and duals are improved side by side.
#[derive(Clone, Copy)]
struct Pace {
    /// Hundredths of the time left that they may take.
    time: u32,
    /// Hundredths by which the gap must shrink in a round for another one.
    shrunk: i128,
}

/// Where a linear program follows, and where nothing does.
const BEFORE_LP: Pace = Pace { time: 30, shrunk: 40 };
const AT_LAST: Pace = Pace { time: 100, shrunk: 2 };

/// Turns in a row that may bring nothing.
const STILL: usize = 8;

/// How far apart the seeds are of turns that go on with the same.
const TURN: u64 = 1_000_000;

/// Work of the first ascent, in arcs looked at for each edge: about as long as the first tree takes.
const FIRST_ASCENT: u64 = 30;

/// Work of the ascent beside the first reductions: longer than most take to their end.
const WHOLE_ASCENT: u64 = 400;

/// Time that shortest paths take on a slow machine, in millionths of a second for each edge; only asked for near a deadline.
const SHORTEST_PATHS_MICROS: u64 = 3;

/// Time that what follows rounds takes before it looks at a deadline, in millionths of a second for each edge left.
const NEXT_STEP_MICROS: u64 = 1;

/// Time that the first reductions take before they look at a deadline, in millionths of a second for each edge.
const FIRST_STEPS_MICROS: u64 = 1;

/// Hundredths of the time left that the first reductions of a large graph may take.
const FIRST_REDUCTIONS: u32 = 45;

/// Rounds at least and at most; in between so many that edges times rounds make up the work.
const LEAST_ROUNDS: u64 = 2;
const MOST_ROUNDS: u64 = 40;
const WORK: u64 = 800_000;

impl<'a> Search<'a> {
    /// Only trees with a value below `cutoff` are looked for.
    pub(super) fn new(
        problem: &'a SteinerProblem,
        root: NodeId,
        effort: &'a Effort,
        cutoff: i64,
        progress: &'a mut dyn FnMut(Progress),
    ) -> Self {
        let best = Tree { edges: Vec::new(), lone_node: Some(root) };
        let trees = TreeTurns::new(&solved_briefly);
        Self { problem, root, effort, progress, best, bound: 0, left: (0, 0), cutoff, trees }
    }

    /// Searches until nothing better can exist, or patience or time is at its end; so many quarters of the usual work.
    pub(super) fn run(&mut self, quarters: usize) {
        let has_deadline = self.effort.deadline.left().is_some();
        let (mut kernel, mut incumbent) = self.rounds((MOST_ROUNDS, 1), true);
        if self.has_at_most(NEXT_STEP_MICROS, kernel.live_edges()) {
            self.best = incumbent.into_tree();
            return;
        }
        self.solve_parts(&mut kernel, &mut incumbent, quarters);
        if self.is_open(&incumbent) && kernel.live_edges() <= LP_AT_ONCE {
            self.cut((&mut kernel, &[]), &mut incumbent, Program::BRIEF, None);
        }
        // So wide a gap programs do not close, so better trees come first.
        if incumbent.is_wide(self.bound) {
            self.anneal(&mut incumbent, (quarters, 0), QUICK_STAGES);
        }
        let mut advice = Advice::default();
        let whole = kernel.live_edges();
        if self.is_open(&incumbent) && kernel.live_edges() <= SWEPT {
            advice = self.sweep((&mut kernel, &[]), &mut incumbent, quarters);
        }
        let is_small = |kernel: &Kernel| kernel.live_edges() <= BRANCHED;
        if self.is_open(&incumbent) && !advice.has_lp && is_small(&kernel) {
            advice = self.cut_beside_trees((&mut kernel, &[]), &mut incumbent, (quarters, Program::small(quarters)));
        }
        // So wide a gap the search in the duals does not close.
        if self.is_open(&incumbent)
            && has_deadline
            && !advice.has_lp
            && is_small(&kernel)
            && incumbent.is_wide(self.bound)
        {
            advice = self.cut_beside_trees((&mut kernel, &[]), &mut incumbent, (quarters, Program::full(quarters)));
        }
        let mut paid = Vec::new();
        if !advice.is_divided {
            self.anneal(&mut incumbent, (quarters, 1), ANNEALED.len());
        }
        // Where the program says little, there are too many solutions that are as good: ascents are quicker then.
        if self.is_open(&incumbent) && !advice.has_lp && !advice.is_divided {
            let pace = if kernel.live_edges() <= LP_EDGES { BEFORE_LP } else { AT_LAST };
            paid = self.side_by_side((&mut kernel, paid), &mut incumbent, (quarters, 0), pace);
            // What is left of the kernel may be of another kind.
            let mut before = whole;
            while self.is_open(&incumbent) && !advice.has_lp && kernel.live_edges() * 2 <= before {
                before = kernel.live_edges();
                advice = self.sweep((&mut kernel, &paid), &mut incumbent, quarters);
                if self.is_open(&incumbent) && !advice.has_lp {
                    paid = self.side_by_side((&mut kernel, paid), &mut incumbent, (quarters, 0), pace);
                }
            }
            self.solve_parts(&mut kernel, &mut incumbent, quarters);
            if self.is_open(&incumbent) && kernel.live_edges() <= LP_EDGES {
                let program = (quarters, Program::full(quarters));
                advice = self.cut_beside_trees((&mut kernel, &paid), &mut incumbent, program);
            }
        }
        let is_divided = advice.is_divided;
        if self.is_open(&incumbent) && !is_divided && is_small(&kernel) {
            let (known, work) = ((self.bound, advice), quarters * BRANCHING / 4);
            self.beside_trees((&mut kernel, &mut incumbent), (quarters, 2), |search, kernel, incumbent, _| {
                let progress = &mut *search.progress;
                search.bound = branch::search(kernel.clone(), known, work, search.effort, incumbent, progress);
            });
        }
        // Who sets a time limit wants the time used, as long as that may help.
        let (mut turn, mut still) = (1, 0);
        while self.is_open(&incumbent) && has_deadline {
            let before = (self.bound, incumbent.value());
            self.solve_parts(&mut kernel, &mut incumbent, quarters);
            self.anneal(&mut incumbent, (quarters, turn + 1), if is_divided { QUICK_STAGES } else { ANNEALED.len() });
            paid = self.side_by_side((&mut kernel, paid), &mut incumbent, (quarters, turn), AT_LAST);
            still = if before == (self.bound, incumbent.value()) { still + 1 } else { 0 };
            if still == STILL {
                break;
            }
            turn += 1;
        }
        self.best = incumbent.into_tree();
    }

    /// Anneals the best tree where that suits, for so many stages; on the problem as it is, for a kernel's edges differ.
    fn anneal(&mut self, incumbent: &mut Incumbent<'a>, (quarters, turn): (usize, u64), stages: usize) {
        if !self.is_open(incumbent) || !anneal::suits(self.problem) {
            return;
        }
        let deadline = self.effort.deadline.hundredths(ANNEALING);
        let (stages, is_over) = (annealed(quarters, stages), || deadline.passed());
        let (bound, edges) = (self.bound, self.left.1);
        let patience = anneal::Patience {
            stages: &stages,
            seed: self.effort.seed + TURN * turn,
            is_parallel: true,
            is_over: &is_over,
        };
        anneal::work(self.problem, self.root, incumbent, patience, &mut |incumbent| {
            (self.progress)(Progress { value: incumbent.value(), bound, edges });
            bound < incumbent.cutoff()
        });
    }

    /// Trees and duals side by side, beginning with sets that paid before; those that paid at last.
    fn side_by_side(
        &mut self,
        (kernel, paid): (&mut Kernel, Vec<Raised>),
        incumbent: &mut Incumbent<'_>,
        (quarters, turn): (usize, u64),
        pace: Pace,
    ) -> Vec<Raised> {
        let effort = Effort {
            deadline: self.effort.deadline.hundredths(pace.time),
            seed: self.effort.seed + TURN * turn,
            ..self.effort.clone()
        };
        let work = quarters.min(4) * WORK_ASIDE / 4;
        let patience = side_by_side::Patience {
            rounds: ROUNDS * quarters,
            work,
            shrunk: pace.shrunk,
            small: kernel.live_edges() / 2,
        };
        let patience = (patience, &mut self.trees);
        let found = side_by_side::work(kernel, &effort, incumbent, patience, (self.bound, paid), &mut *self.progress);
        self.bound = found.bound;
        self.count(kernel, incumbent);
        found.paid
    }

    /// What hangs on the rest by one node is solved alone; rounds on what is left of the kernel follow.
    fn solve_parts(&mut self, kernel: &mut Kernel, incumbent: &mut Incumbent<'a>, quarters: usize) {
        if !self.is_open(incumbent) {
            return;
        }
        let whole = kernel.live_edges();
        apart::solve_parts(kernel, incumbent, self.effort, &mut |problem, known, effort| {
            let mut quiet = |_: Progress| ();
            let mut search = Search::new(problem, NodeId(0), effort, i64::MAX, &mut quiet);
            search.best = known;
            search.run((quarters * problem.graph().edge_count()).div_ceil(whole));
            Answer { is_best: search.bound >= problem.value(&search.best), tree: search.best }
        });
        if kernel.live_edges() < whole {
            let depth = Depth::of(kernel.live_edges());
            reduce::by_alternatives(kernel, depth, &self.effort.deadline);
            if kernel.live_edges() <= SMALL {
                let patience = Patience { rounds: LEAST_ROUNDS, stalls: 1, depth };
                self.bound = rounds::work(kernel, self.effort, incumbent, &patience, self.bound, &mut *self.progress);
            }
            self.count(kernel, incumbent);
        }
    }

    /// Does something that takes one thread; meanwhile sets of nodes are annealed, where that suits and time is limited, and
    /// trees evolve, as long as it does not stop that.
    fn beside_trees<T>(
        &mut self,
        (kernel, incumbent): (&mut Kernel, &mut Incumbent<'a>),
        (quarters, turn): (usize, u64),
        work: impl FnOnce(&mut Self, &mut Kernel, &mut Incumbent<'a>, &AtomicBool) -> T,
    ) -> T {
        let aside = Effort { seed: self.effort.seed + TURN / 2 + turn, ..self.effort.clone() };
        let (before, mut others, stop) = (kernel.clone(), incumbent.clone(), AtomicBool::new(false));
        // In parallel it would hold up what the other side does in parallel now and then.
        let (work_aside, stalls) = (quarters * EVOLUTION, quarters * STALLS / 4);
        let patience = evolution::Patience { work: work_aside, stalls, is_parallel: false, stop: &stop };
        // More of the same follows where there is a time limit.
        let has_deadline = self.effort.deadline.left().is_some();
        let mut patching = self.trees.patching.anew();
        let (problem, root) = (self.problem, self.root);
        let is_over = || aside.deadline.passed() || stop.load(Ordering::Relaxed);
        let stages =
            if has_deadline && anneal::suits(problem) { annealed(quarters, ANNEALED.len()) } else { Vec::new() };
        let annealing = anneal::Patience {
            stages: &stages,
            seed: self.effort.seed + TURN * turn,
            is_parallel: false,
            is_over: &is_over,
        };
        let done = rayon::in_place_scope(|scope| {
            scope.spawn(|_| {
                anneal::work(problem, root, &mut others, annealing, &mut |_| true);
                side_by_side::grow_trees(&before, &aside, &mut others, (&mut patching, patience));
            });
            let done = work(self, kernel, incumbent, &stop);
            stop.store(self.bound >= incumbent.cutoff() || has_deadline, Ordering::Relaxed);
            done
        });
        incumbent.merge(others);
        done
    }

    /// A linear program on one side, trees on the other.
    fn cut_beside_trees(
        &mut self,
        (kernel, paid): (&mut Kernel, &[Raised]),
        incumbent: &mut Incumbent<'a>,
        (quarters, program): (usize, Program),
    ) -> Advice {
        self.beside_trees((kernel, incumbent), (quarters, 1), |search, kernel, incumbent, aside| {
            search.cut((kernel, paid), incumbent, program, Some(aside))
        })
    }

    /// What the reductions left.
    fn count(&mut self, kernel: &Kernel, incumbent: &Incumbent<'_>) {
        let is_open = self.bound < incumbent.cutoff();
        self.left = if is_open { (kernel.live_nodes(), kernel.live_edges()) } else { (0, 0) };
    }

    fn is_open(&self, incumbent: &Incumbent<'_>) -> bool {
        self.bound < incumbent.cutoff() && !self.effort.deadline.passed()
    }

    /// Whether no more time is left than so many millionths of a second for each edge.
    fn has_at_most(&self, micros: u64, edges: usize) -> bool {
        self.effort.deadline.leaves_at_most(Duration::from_micros(edges as u64 * micros))
    }

    /// Separates cuts for so much work, then goes round once more on what that leaves.
    #[cfg(feature = "highs")]
    fn cut(
        &mut self,
        (kernel, paid): (&mut Kernel, &[Raised]),
        incumbent: &mut Incumbent<'_>,
        Program { work, nonzeros, branches }: Program,
        aside: Option<&AtomicBool>,
    ) -> Advice {
        let before = kernel.live_edges();
        let patience = cuts::Patience { rounds: 200, work, depth: Depth::FULL, nonzeros, branches, aside };
        let known = (self.bound, Cut::all_of(paid));
        let found = cuts::work(kernel, self.effort, incumbent, patience, known, &mut *self.progress);
        self.bound = found.bound;
        if self.is_open(incumbent) && kernel.live_edges() < before {
            let patience = Patience { rounds: 6, stalls: 1, depth: Depth::FULL };
            self.bound = rounds::work(kernel, self.effort, incumbent, &patience, self.bound, &mut *self.progress);
        }
        self.count(kernel, incumbent);
        Advice { node: found.branch, has_lp: found.paid, is_divided: found.is_divided, cuts: found.cuts.into() }
    }

    /// Linear programs of parts, in turn; parcels of the best tree are solved beside them.
    #[cfg(feature = "highs")]
    fn sweep(
        &mut self,
        (kernel, paid): (&mut Kernel, &[Raised]),
        incumbent: &mut Incumbent<'_>,
        quarters: usize,
    ) -> Advice {
        let work = if self.effort.deadline.left().is_some() { i64::MAX } else { quarters as i64 * SWEEPING / 4 };
        let patience = cuts::SweepPatience { part: PART, work, solve: &solved_briefly };
        let found = cuts::sweep(kernel, self.effort, incumbent, patience, (self.bound, paid), &mut *self.progress);
        self.bound = found.bound;
        self.count(kernel, incumbent);
        Advice { node: found.branch, has_lp: found.paid, is_divided: false, cuts: found.cuts.into() }
    }

    #[cfg(not(feature = "highs"))]
    #[expect(clippy::unused_self, reason = "it takes the place of the function that has linear programs")]
    fn sweep(&mut self, _: (&mut Kernel, &[Raised]), _: &mut Incumbent<'_>, _: usize) -> Advice {
        Advice::default()
    }

    #[cfg(not(feature = "highs"))]
    #[expect(clippy::unused_self, reason = "it takes the place of the function that has a linear program")]
    fn cut(
        &mut self,
        _: (&mut Kernel, &[Raised]),
        _: &mut Incumbent<'_>,
        _: Program,
        _: Option<&AtomicBool>,
    ) -> Advice {
        Advice::default()
    }

    /// Searches as far as rounds and one linear program lead.
    fn run_briefly(&mut self) {
        let (mut kernel, mut incumbent) = self.rounds((MOST_ROUNDS, 1), true);
        if self.is_open(&incumbent) {
            self.cut((&mut kernel, &[]), &mut incumbent, Program::BRIEF, None);
        }
        self.best = incumbent.into_tree();
    }

    /// Searches for so many rounds at most, without branching, or until so many in a row change little.
    pub(super) fn some_rounds(&mut self, most: u64, stalls: u64) {
        let (_, incumbent) = self.rounds((most, stalls), false);
        self.best = incumbent.into_tree();
    }

    /// So many rounds at most, and in a row that may change little; `sweeps_follow` tells whether programs of parts come next.
    fn rounds(&mut self, (most, stalls): (u64, u64), sweeps_follow: bool) -> (Kernel, Incumbent<'a>) {
        let (problem, root, effort) = (self.problem, self.root, self.effort);
        let mut incumbent = self.begin();
        let mut kernel = Kernel::new(problem, root);
        self.reduce_first(&mut kernel, &mut incumbent);
        let edges = kernel.live_edges();
        let rounds = (WORK / (edges as u64 + 1)).clamp(LEAST_ROUNDS, MOST_ROUNDS).min(most);
        // Linear programs of parts get farther sooner.
        let rounds = match edges {
            _ if !cfg!(feature = "highs") || edges <= LARGE => rounds,
            SMALL..=SWEPT if sweeps_follow => 1,
            _ => rounds.min(FEW_ROUNDS),
        };
        let patience = Patience { rounds, stalls, depth: Depth::of(edges) };
        let bound = rounds::work(&mut kernel, effort, &mut incumbent, &patience, self.bound, &mut *self.progress);
        self.bound = bound;
        self.count(&kernel, &incumbent);
        (kernel, incumbent)
    }

    /// Reductions that rest on no value. They take long on large graphs, so there an ascent over the whole graph runs beside
    /// them, with a tree along the arcs that it uses up; and a time limit leaves more than half of itself for later.
    fn reduce_first(&mut self, kernel: &mut Kernel, incumbent: &mut Incumbent<'a>) {
        let (problem, root, effort) = (self.problem, self.root, self.effort);
        let edges = problem.graph().edge_count();
        if self.has_at_most(FIRST_STEPS_MICROS, edges) {
            return;
        }
        if edges <= SMALL {
            return reduce::by_alternatives(kernel, Depth::LIGHT, &effort.deadline);
        }
        let share = effort.deadline.hundredths(FIRST_REDUCTIONS);
        let guide = trees::directed(problem, root, &incumbent.best().edges);
        let ((), (bound, tree)) = rayon::join(
            || reduce::by_alternatives(kernel, Depth::LIGHT, &share),
            || {
                let work = Some(WHOLE_ASCENT * edges as u64);
                let wishes = Wishes { guide: Some(guide), round: 2, work, ..Default::default() };
                let effort = Effort { deadline: share, ..effort.clone() };
                let ascent = ascent::ascend(problem, root, &wishes, &effort);
                let along = (!share.passed()).then_some(ascent.residual.as_slice());
                (ascent.bound, along.map(|residual| tree_along(problem, root, residual, &effort)))
            },
        );
        if let Some(tree) = tree {
            incumbent.take(tree);
        }
        self.bound = self.bound.max(bound.min(incumbent.cutoff()));
        (self.progress)(Progress { value: incumbent.value(), bound: self.bound, edges: kernel.live_edges() });
    }

    /// A first tree and a first bound, at once: an ascent takes the small cuts first, and those are most of the bound. The
    /// minimum spanning tree, pruned, is there before shortest paths are, and has to do where no time is left for those.
    fn begin(&mut self) -> Incumbent<'a> {
        let (problem, root) = (self.problem, self.root);
        let edges = problem.graph().edge_count();
        let spanning = construct::best_tree(problem, root, &vec![true; problem.graph().node_count()]);
        let value = problem.value(&spanning);
        (self.progress)(Progress { value: value.min(self.cutoff), bound: self.bound, edges });
        if self.has_at_most(SHORTEST_PATHS_MICROS, edges) {
            let incumbent = Incumbent::new(problem, root, spanning, self.cutoff);
            self.bound = self.bound.max(quick_bound(problem, root, self.effort).min(incumbent.cutoff()));
            return incumbent;
        }
        let nodes = || construct::shortest_paths(problem, (root, root), problem.costs(), None);
        let (first, quick) =
            rayon::join(|| construct::best_tree(problem, root, &nodes()), || quick_bound(problem, root, self.effort));
        let first = if problem.value(&first) <= value { first } else { spanning };
        let mut incumbent = Incumbent::new(problem, root, first, self.cutoff);
        incumbent.take(self.best.clone());
        self.bound = self.bound.max(quick.min(incumbent.cutoff()));
        (self.progress)(Progress { value: incumbent.value(), bound: self.bound, edges });
        incumbent
    }
}

/// Work of so many stages of annealing.
fn annealed(quarters: usize, stages: usize) -> Vec<u64> {
    ANNEALED[..stages].iter().map(|work| quarters.min(4) as u64 * work / 4).collect()
}

/// The best tree that a brief search finds, from one known. The root is the first node.
fn solved_briefly(problem: &SteinerProblem, known: Tree, effort: &Effort) -> Tree {
    let mut quiet = |_: Progress| ();
    let mut search = Search::new(problem, NodeId(0), effort, i64::MAX, &mut quiet);
    search.best = known;
    search.run_briefly();
    search.best
}

/// An ascent that ends early. Deterministic unless the deadline burns.
fn quick_bound(problem: &SteinerProblem, root: NodeId, effort: &Effort) -> i64 {
    let wishes =
        Wishes { work: Some(FIRST_ASCENT * problem.graph().edge_count() as u64), round: 2, ..Default::default() };
    ascent::ascend(problem, root, &wishes, effort).bound
}

/// A tree over arcs that an ascent has used up, improved by local search.
fn tree_along(problem: &SteinerProblem, root: NodeId, residual: &[i64], effort: &Effort) -> Tree {
    let nodes = construct::shortest_paths(problem, (root, root), problem.costs(), Some(residual));
    let trees = Trees::new(problem, root, effort);
    let (edges, _) = trees.improved(trees.spanned(&nodes));
    let lone_node = edges.is_empty().then_some(root);
    Tree { edges, lone_node }
}
