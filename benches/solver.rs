//! The parts of the solver, each alone: reductions, ascent, search in the duals, linear programs, construction, local search,
//! annealing; and the whole.
//!
//! `cargo bench --bench solver -- --quick` takes seconds. `VEZEL_BENCH_INSTANCE=FILE` measures a published instance instead of
//! the street-like grid that is drawn here.

#![allow(missing_docs, reason = "criterion's macros make public items")]

use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use vezel::effort::Effort;
use vezel::graph::{Graph, NodeId};
use vezel::problem::{Demand, SteinerProblem};
use vezel::solver::{self, parts};

/// Nodes along a side of the grid, and one in how many is to be joined.
const SIDE: usize = 60;
const SPREAD: u32 = 9;

/// Arcs that a search in the duals looks at.
const DUAL_WORK: u64 = 2_000_000;

/// Work of annealing with each setting, and dimensions of the hypercube that it is for.
const ANNEALING: u64 = 2_000_000;
const DIMENSIONS: usize = 8;

/// Edges of parts, and work of their linear programs.
#[cfg(feature = "highs")]
const PROGRAMS: (usize, i64) = (1_500, 20_000_000);

/// A grid with a tenth of its edges missing, costs of 50 to 150 each: blocks of streets.
fn grid() -> SteinerProblem {
    let mut dice = Pcg64Mcg::seed_from_u64(1);
    let node = |row: usize, column: usize| NodeId((row * SIDE + column) as u32);
    let (mut ends, mut costs) = (Vec::new(), Vec::new());
    for row in 0..SIDE {
        for column in 0..SIDE {
            let down = (row + 1 < SIDE).then(|| node(row + 1, column));
            let right = (column + 1 < SIDE).then(|| node(row, column + 1));
            for other in down.into_iter().chain(right) {
                // The first row and column stay whole, so that everything is connected.
                let is_frame = row == 0 && Some(other) == right || column == 0 && Some(other) == down;
                if is_frame || Some(other) == down || dice.random_range(0..5) > 0 {
                    ends.push([node(row, column), other]);
                    costs.push(dice.random_range(50..=150));
                }
            }
        }
    }
    let demands = (0..SIDE * SIDE).map(|at| match at {
        0 => Demand::Required,
        _ if dice.random_range(0..SPREAD) == 0 => Demand::Required,
        _ => Demand::None,
    });
    let demands = demands.collect();
    SteinerProblem::new(Graph::new(SIDE * SIDE, ends), costs, demands, Some(NodeId(0))).expect("a connected grid")
}

/// A hypercube whose corners of even parity are to be joined, costs of 100 to 110 each: many trees are nearly as good.
/// Source: Rosseti et al. (New benchmark instances for the Steiner problem in graphs, 2001).
fn hypercube() -> SteinerProblem {
    let mut dice = Pcg64Mcg::seed_from_u64(1);
    let corners = 1usize << DIMENSIONS;
    let along =
        |axis: usize| (0..corners).filter(move |corner| corner >> axis & 1 == 0).map(move |at| (at, at | 1 << axis));
    let ends: Vec<[NodeId; 2]> =
        (0..DIMENSIONS).flat_map(along).map(|(one, other)| [NodeId(one as u32), NodeId(other as u32)]).collect();
    let costs = ends.iter().map(|_| dice.random_range(100..=110)).collect();
    let is_even = |corner: usize| corner.count_ones().is_multiple_of(2);
    let demands = (0..corners).map(|corner| if is_even(corner) { Demand::Required } else { Demand::None }).collect();
    SteinerProblem::new(Graph::new(corners, ends), costs, demands, Some(NodeId(0))).expect("a connected cube")
}

fn problem() -> (SteinerProblem, NodeId) {
    let problem = match std::env::var("VEZEL_BENCH_INSTANCE") {
        Ok(file) => vezel::study::instance(Path::new(&file)).expect("VEZEL_BENCH_INSTANCE names an instance").problem,
        Err(_) => grid(),
    };
    let wanted = |node: &NodeId| problem.demands()[node.index()] != Demand::None;
    let root = problem.root().or_else(|| problem.graph().nodes().find(wanted)).expect("something is asked for");
    (problem, root)
}

fn solver(criterion: &mut Criterion) {
    let (problem, root) = problem();
    let effort = Effort::default();
    let first = parts::construction(&problem, root);
    let mut group = criterion.benchmark_group("solver");
    group.sample_size(10);
    group.bench_function("reductions", |bencher| bencher.iter(|| parts::reduced(&problem, root, &effort)));
    group.bench_function("ascent", |bencher| bencher.iter(|| parts::ascent(&problem, root, None, &effort)));
    group.bench_function("guided ascent", |bencher| {
        bencher.iter(|| parts::ascent(&problem, root, Some(&first), &effort));
    });
    group.bench_function("dual search", |bencher| {
        bencher.iter(|| parts::dual_search(&problem, root, &first, DUAL_WORK, &effort));
    });
    #[cfg(feature = "highs")]
    group.bench_function("programs of parts", |bencher| {
        bencher.iter(|| parts::programs_of_parts(&problem, root, &first, PROGRAMS, &effort));
    });
    group.bench_function("construction", |bencher| bencher.iter(|| parts::construction(&problem, root)));
    group.bench_function("local search", |bencher| {
        bencher.iter(|| parts::local_search(&problem, root, &first, &effort));
    });
    let (cube, root) = (hypercube(), NodeId(0));
    let bare = parts::construction(&cube, root);
    group.bench_function("annealing", |bencher| {
        bencher.iter(|| parts::annealing(&cube, root, &bare, ANNEALING, &effort));
    });
    group.bench_function("certificate", |bencher| bencher.iter(|| solver::prove(&problem, &first, &effort)));
    group.finish();
}

criterion_group!(benches, solver);
criterion_main!(benches);
