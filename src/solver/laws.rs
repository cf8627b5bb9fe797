//! Laws of the solver on small random problems: bound ≤ optimum ≤ value, against every subset of nodes.

use std::ops::Range;
use std::sync::atomic::AtomicBool;

use proptest::prelude::*;

use crate::effort::{Deadline, Effort};
use crate::graph::{EdgeId, Graph, NodeId, UnionFind};
use crate::problem::{Demand, SteinerProblem, Tree};
use crate::solver::apart::{self, Answer};
use crate::solver::ascent::{self, Ascent, Wishes};
#[cfg(feature = "highs")]
use crate::solver::cuts;
use crate::solver::dual_search::Ground;
use crate::solver::evolution::{self, Patience};
use crate::solver::holes::{Around, Holes};
use crate::solver::incumbent::Incumbent;
use crate::solver::kernel::Kernel;
use crate::solver::narrow::EdgeCharges;
use crate::solver::patches::Patching;
use crate::solver::reduce::{Charge, Reach};
use crate::solver::trees::{self, Trees};
use crate::solver::{anneal, construct, leftover, needless, parts, reduce, solve};

/// The least value of all trees that hold the root: the best spanning tree of every subset of nodes.
fn optimum(problem: &SteinerProblem, root: NodeId) -> i64 {
    let graph = problem.graph();
    let mut edges: Vec<EdgeId> = graph.edges().collect();
    edges.sort_by_key(|&edge| problem.cost(edge));
    let mut best = i64::MAX;
    for subset in 0u32..1 << graph.node_count() {
        let inside = |node: NodeId| subset >> node.0 & 1 == 1;
        let lacks = |node: NodeId| problem.demands()[node.index()] == Demand::Required && !inside(node);
        if !inside(root) || graph.nodes().any(lacks) {
            continue;
        }
        let mut union = UnionFind::new(graph.node_count());
        let (mut joined, mut value) = (1, 0);
        for &edge in &edges {
            let [tail, head] = graph.ends(edge);
            if inside(tail) && inside(head) && union.join(tail.index(), head.index()) {
                joined += 1;
                value += problem.cost(edge);
            }
        }
        if joined < subset.count_ones() {
            continue;
        }
        for node in graph.nodes().filter(|&node| !inside(node)) {
            if let Demand::Prize(prize) = problem.demands()[node.index()] {
                value += prize;
            }
        }
        best = best.min(value);
    }
    best
}

/// The best tree on all nodes, to begin with.
fn whole_tree(problem: &SteinerProblem, root: NodeId) -> Tree {
    construct::mended(problem, root, &problem.graph().edges().collect::<Vec<_>>())
}

/// A bound is at most the optimum, and where it leaves a gap, kernel or incumbent still holds a best tree.
#[cfg(feature = "highs")]
fn proves_no_more(least: i64, bound: i64, kernel: &Kernel, incumbent: &Incumbent<'_>) -> Result<(), TestCaseError> {
    prop_assert!(bound <= least, "bound {bound} above the optimum {least}");
    prop_assert!(incumbent.value() >= least);
    let held = if bound < incumbent.cutoff() { kept(kernel).min(incumbent.value()) } else { incumbent.value() };
    prop_assert_eq!(held, least);
    Ok(())
}

/// A connected problem of 3 to 9 nodes: a random tree and some more edges; node 0 is the root.
fn problems() -> impl Strategy<Value = SteinerProblem> {
    problems_of(3..10, 0..12, 4)
}

/// A problem of so many nodes and edges beyond a tree, where a node in `kinds` is required and another has a prize.
fn problems_of(nodes: Range<usize>, more: Range<usize>, kinds: u8) -> impl Strategy<Value = SteinerProblem> {
    nodes.prop_flat_map(move |nodes| {
        let tree = prop::collection::vec((any::<u32>(), 0i64..20), nodes - 1);
        let more = prop::collection::vec((0..nodes as u32, 0..nodes as u32, 0i64..20), more.clone());
        let demands = prop::collection::vec((0u8..kinds, 1i64..25), nodes);
        (tree, more, demands).prop_map(move |(tree, more, demands)| {
            let joins = tree.iter().enumerate().map(|(at, &(to, cost))| (at as u32 + 1, to % (at as u32 + 1), cost));
            let all: Vec<(u32, u32, i64)> = joins.chain(more.iter().copied()).collect();
            let graph = Graph::new(nodes, all.iter().map(|&(a, b, _)| [NodeId(a), NodeId(b)]).collect());
            let demands = demands.iter().map(|&(kind, prize)| match kind {
                0 => Demand::Required,
                1 => Demand::Prize(prize),
                _ => Demand::None,
            });
            let costs = all.iter().map(|&(_, _, cost)| cost).collect();
            SteinerProblem::new(graph, costs, demands.collect(), Some(NodeId(0))).expect("a connected problem")
        })
    })
}

/// A problem of 4 to 7 nodes without prizes, of which half are required and most pairs are joined: nodes to pass by are few
/// and of use to many.
fn dense_problems() -> impl Strategy<Value = SteinerProblem> {
    (4u32..8).prop_flat_map(|nodes| {
        let costs = prop::collection::vec(1i64..15, (nodes * (nodes - 1) / 2) as usize);
        let demands = prop::collection::vec(any::<bool>(), nodes as usize);
        (costs, demands).prop_map(move |(costs, demands)| {
            let pairs = (0..nodes).flat_map(|one| (one + 1..nodes).map(move |other| [NodeId(one), NodeId(other)]));
            // Dear edges are left out, but for those of a way through all nodes.
            let all = pairs.zip(costs).filter(|&([one, other], cost)| cost <= 10 || other.0 == one.0 + 1);
            let (ends, costs): (Vec<_>, Vec<_>) = all.unzip();
            let demand = |required| if required { Demand::Required } else { Demand::None };
            let demands = demands.into_iter().map(demand).collect();
            SteinerProblem::new(Graph::new(nodes as usize, ends), costs, demands, Some(NodeId(0)))
                .expect("a connected problem")
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn the_bound_is_at_most_and_the_value_at_least_the_optimum(problem in problems()) {
        let outcome = solve(&problem, &Effort::default(), &mut |_| ());
        let least = optimum(&problem, NodeId(0));
        prop_assert!(outcome.bound <= least, "bound {} above the optimum {least}", outcome.bound);
        prop_assert!(outcome.value >= least, "value {} below the optimum {least}", outcome.value);
        prop_assert_eq!(problem.value(&outcome.tree), outcome.value);
        let mut union = UnionFind::new(problem.graph().node_count());
        for &edge in &outcome.tree.edges {
            let [tail, head] = problem.graph().ends(edge);
            prop_assert!(union.join(tail.index(), head.index()), "a ring");
        }
        let root = union.find(0);
        for edge in &outcome.tree.edges {
            prop_assert_eq!(union.find(problem.graph().ends(*edge)[0].index()), root);
        }
        for node in problem.graph().nodes() {
            if problem.demands()[node.index()] == Demand::Required {
                prop_assert_eq!(union.find(node.index()), root);
            }
        }
    }
}

proptest! {
    #[test]
    fn every_tree_costs_the_bound_and_what_its_arcs_have_left(problem in problems(), work in 0u64..3000) {
        let asks = |demand: &Demand| if demand.prize() > 0 { Demand::None } else { *demand };
        let demands = problem.demands().iter().map(asks).collect();
        let (graph, costs, root) = (problem.graph().clone(), problem.costs().to_vec(), NodeId(0));
        let problem = SteinerProblem::new(graph, costs, demands, Some(root)).expect("a connected problem");
        let best = solve(&problem, &Effort::default(), &mut |_| ()).tree;
        let left = leftover(&problem, &best, work, &Effort::default());
        for tree in [best, parts::construction(&problem, root)] {
            let used = trees::directed(&problem, root, &tree.edges);
            let over: i64 = left.arcs.iter().zip(used).filter(|(_, used)| *used).map(|(left, _)| left).sum();
            prop_assert!(left.bound + over <= problem.value(&tree));
        }
    }
}

/// Least value of what is left of a problem, in terms of the problem.
fn kept(kernel: &Kernel) -> i64 {
    let snapshot = kernel.snapshot().expect("reductions keep required nodes connected");
    kernel.offset + optimum(&snapshot.problem, snapshot.root)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]
    #[test]
    fn reductions_by_degree_keep_the_optimum(problem in problems()) {
        let mut kernel = Kernel::new(&problem, NodeId(0));
        reduce::by_degree(&mut kernel);
        prop_assert_eq!(kept(&kernel), optimum(&problem, NodeId(0)));
    }

    #[test]
    fn each_reduction_keeps_the_optimum(problem in problems(), part in 0usize..5) {
        let mut kernel = Kernel::new(&problem, NodeId(0));
        reduce::by_degree(&mut kernel);
        reduce::one(&mut kernel, part);
        prop_assert_eq!(kept(&kernel), optimum(&problem, NodeId(0)));
    }

    #[test]
    fn each_reduction_keeps_the_optimum_of_dense_problems(problem in dense_problems(), part in 0usize..5) {
        let mut kernel = Kernel::new(&problem, NodeId(0));
        reduce::one(&mut kernel, part);
        prop_assert_eq!(kept(&kernel), optimum(&problem, NodeId(0)));
    }

    #[test]
    fn reductions_by_blocks_keep_the_optimum(problem in problems_of(3..10, 0..5, 4)) {
        let mut kernel = Kernel::new(&problem, NodeId(0));
        reduce::by_blocks(&mut kernel);
        prop_assert_eq!(kept(&kernel), optimum(&problem, NodeId(0)));
    }

    #[test]
    fn parts_solved_alone_keep_the_optimum(problem in problems_of(5..12, 0..7, 4), given_up in 2usize..6) {
        let root = NodeId(0);
        let least = optimum(&problem, root);
        let mut kernel = Kernel::new(&problem, root);
        let first = whole_tree(&problem, root);
        let mut incumbent = Incumbent::new(&problem, root, first, i64::MAX);
        let mut asked = 0;
        apart::solve_parts(&mut kernel, &mut incumbent, &Effort::default(), &mut |part, known, _| {
            asked += 1;
            let found = solve(part, &Effort::default(), &mut |_| ());
            assert!(found.value <= part.value(&known), "what is known is a tree of the part");
            // Now and then a part is given up.
            let is_best = asked % given_up > 0;
            Answer { tree: if is_best { found.tree } else { known }, is_best }
        });
        prop_assert_eq!(kept(&kernel), least);
        let snapshot = kernel.snapshot().expect("parts that are solved leave the rest connected");
        let found = solve(&snapshot.problem, &Effort::default(), &mut |_| ());
        let lifted = kernel.lift(&snapshot.kernel_edges(&found.tree.edges));
        prop_assert_eq!(problem.value(&construct::mended(&problem, root, &lifted)), least);
        prop_assert!(incumbent.value() >= least);
    }

    #[cfg(feature = "highs")]
    #[test]
    fn the_linear_program_and_its_branches_prove_no_more_than_the_optimum_and_lose_no_better_tree(
        problem in problems(),
        rounds in 1usize..20,
        branches in 0usize..40,
    ) {
        let root = NodeId(0);
        let least = optimum(&problem, root);
        let first = whole_tree(&problem, root);
        let mut incumbent = Incumbent::new(&problem, root, first, i64::MAX);
        let mut kernel = Kernel::new(&problem, root);
        let (work, depth, nonzeros) = (1_000_000, reduce::Depth::FULL, usize::MAX);
        let patience = cuts::Patience { rounds, work, depth, nonzeros, branches, aside: None };
        let found = cuts::work(&mut kernel, &Effort::default(), &mut incumbent, patience, (0, Vec::new()), &mut |_| ());
        proves_no_more(least, found.bound, &kernel, &incumbent)?;
    }

    #[cfg(feature = "highs")]
    #[test]
    fn programs_of_parts_prove_no_more_than_the_optimum_and_lose_no_better_tree(
        problem in problems_of(4..12, 2..16, 3),
        part in 2usize..12,
        begins_with_sets: bool,
    ) {
        let root = NodeId(0);
        let least = optimum(&problem, root);
        let first = whole_tree(&problem, root);
        let mut incumbent = Incumbent::new(&problem, root, first, i64::MAX);
        let mut kernel = Kernel::new(&problem, root);
        let as_it_is = |_: &SteinerProblem, known: Tree, _: &Effort| known;
        let patience = cuts::SweepPatience { part, work: 100_000_000, solve: &as_it_is };
        let effort = Effort::default();
        let wishes = Wishes { record: true, ..Default::default() };
        let paid = ascent::ascend(&problem, root, &wishes, &effort).raised;
        let paid = if begins_with_sets { paid.as_slice() } else { &[] };
        let found = cuts::sweep(&mut kernel, &effort, &mut incumbent, patience, (0, paid), &mut |_| ());
        proves_no_more(least, found.bound, &kernel, &incumbent)?;
    }

    #[test]
    fn patched_trees_are_trees_and_no_dearer(problem in problems_of(4..12, 2..16, 4), edges in 2usize..30, turn in 0usize..4) {
        let root = NodeId(0);
        let least = optimum(&problem, root);
        let first = whole_tree(&problem, root);
        let known = (first.edges.clone(), problem.value(&first));
        let exact = |problem: &SteinerProblem, known: Tree, effort: &Effort| {
            let found = solve(problem, effort, &mut |_| ());
            if found.value < problem.value(&known) { found.tree } else { known }
        };
        let effort = Effort::default();
        let mut patching = Patching::of_size(&exact, edges);
        for _ in 0..turn {
            prop_assert_eq!(patching.lap((&problem, root), &known, (&effort, &|| true)), known.clone());
        }
        let (better, value) = patching.lap((&problem, root), &known, (&effort, &|| false));
        prop_assert!(value <= known.1 && value >= least);
        let lone_node = better.is_empty().then_some(root);
        let tree = Tree { edges: better.clone(), lone_node };
        prop_assert_eq!(problem.value(&tree), value);
        let mut union = UnionFind::new(problem.graph().node_count());
        for ends in better.iter().map(|&edge| problem.graph().ends(edge)) {
            prop_assert!(union.join(ends[0].index(), ends[1].index()), "it has no ring");
        }
    }

    #[test]
    fn a_narrow_kernel_holds_the_best_tree_known(problem in problems_of(4..12, 2..20, 4), is_reduced in any::<bool>(), turn in 0usize..2) {
        let (root, effort) = (NodeId(0), Effort::default());
        let (least, first) = (optimum(&problem, root), whole_tree(&problem, root));
        let incumbent = Incumbent::new(&problem, root, first, i64::MAX);
        let mut kernel = Kernel::new(&problem, root);
        reduce::by_degree(&mut kernel);
        let snapshot = kernel.snapshot().expect("reductions keep required nodes connected");
        let ascent = ascent::ascend(&snapshot.problem, snapshot.root, &Wishes::default(), &effort);
        let cutoff = incumbent.value() - snapshot.offset;
        if is_reduced {
            reduce::by_proofs(&mut kernel, &snapshot, &[(snapshot.root, &ascent)], cutoff, None, &effort.deadline);
        }
        let now = kernel.snapshot().map(|now| Trees::carried_over(&kernel, &now, &incumbent, &effort).pool[0].1 + now.offset);
        let charges = EdgeCharges::new(&kernel, &snapshot, &ascent, cutoff);
        let narrow = charges.narrowed(&kernel, &incumbent, &effort, turn);
        prop_assert!(narrow.is_none() || now.is_some());
        if let Some((narrow, _)) = narrow {
            prop_assert!(narrow.live_edges() <= kernel.live_edges());
            prop_assert!((least..=now.expect("it is connected")).contains(&kept(&narrow)));
        }
    }

    #[test]
    fn reductions_by_reduced_costs_lose_no_better_tree(
        problem in prop_oneof![problems_of(6..11, 6..18, 5), dense_problems()],
        above in 1i64..30,
        part in 0usize..3,
        parts in 1usize..5,
    ) {
        let root = NodeId(0);
        let least = optimum(&problem, root);
        let mut kernel = Kernel::new(&problem, root);
        reduce::by_degree(&mut kernel);
        let snapshot = kernel.snapshot().expect("reductions keep required nodes connected");
        let required = |node: &NodeId| snapshot.problem.demands()[node.index()] == Demand::Required;
        let ascents: Vec<(NodeId, Ascent)> = snapshot
            .problem
            .graph()
            .nodes()
            .filter(required)
            .take(2)
            .map(|root| (root, ascent::ascend(&snapshot.problem, root, &Wishes::default(), &Effort::default())))
            .collect();
        let ascents: Vec<(NodeId, &Ascent)> = ascents.iter().map(|(root, ascent)| (*root, ascent)).collect();
        let charges = Charge::all(&snapshot, &ascents, least + above - kernel.offset);
        match part {
            0 => reduce::by_reduced_costs(&mut kernel, &snapshot, &charges),
            1 => reduce::by_extension(&mut kernel, &snapshot, &charges, (Reach::FAR, parts), &Deadline::never()),
            _ => reduce::by_branchings(&mut kernel, &snapshot, &charges),
        }
        prop_assert_eq!(kept(&kernel), least);
    }

    #[test]
    fn filled_sets_are_entered_by_fewer_arcs_and_from_where_the_root_gets_to(problem in problems(), mask in any::<u16>()) {
        let (graph, root) = (problem.graph(), NodeId(0));
        let mut set: Vec<NodeId> = graph.nodes().filter(|&node| node != root && mask >> node.0 & 1 == 1).collect();
        let entering = |set: &[NodeId]| -> Vec<usize> {
            let enters = |&arc: &usize| set.contains(&graph.head(arc)) && !set.contains(&graph.tail(arc));
            (0..2 * graph.edge_count()).filter(enters).collect()
        };
        let before = entering(&set);
        let around = Around {
            graph,
            is_inside: |node| set.contains(&node),
            is_open: |_| true,
            is_reached: |node| node == root,
            most: usize::MAX,
        };
        let holes = Holes::new(graph.node_count()).of(&set, &around);
        prop_assert!(holes.iter().all(|node| *node != root && !set.contains(node)));
        set.extend(holes);
        let mut outside = UnionFind::new(graph.node_count());
        for edge in graph.edges() {
            let [one, other] = graph.ends(edge);
            if !set.contains(&one) && !set.contains(&other) {
                outside.join(one.index(), other.index());
            }
        }
        for arc in entering(&set) {
            prop_assert!(before.contains(&arc));
            prop_assert_eq!(outside.find(graph.tail(arc).index()), outside.find(root.index()));
        }
    }

    #[test]
    fn all_reductions_together_keep_the_optimum(problem in problems()) {
        let mut kernel = Kernel::new(&problem, NodeId(0));
        reduce::by_alternatives(&mut kernel, reduce::Depth::FULL, &Effort::default().deadline);
        prop_assert_eq!(kept(&kernel), optimum(&problem, NodeId(0)));
    }

    #[test]
    fn without_a_root_the_best_of_all_roots_is_found(problem in problems()) {
        let demands = problem.demands().iter().map(|&demand| match demand {
            Demand::Required => Demand::Prize(7),
            other => other,
        });
        let free = SteinerProblem::new(problem.graph().clone(), problem.costs().to_vec(), demands.collect(), None)
            .expect("a problem with prizes only");
        let nothing = free.all_prizes();
        let least = free.graph().nodes().map(|root| optimum(&free, root)).fold(nothing, i64::min);
        let outcome = solve(&free, &Effort::default(), &mut |_| ());
        prop_assert_eq!(outcome.value, least);
        prop_assert_eq!(outcome.bound, least);
        prop_assert_eq!(free.value(&outcome.tree), least);
    }

    #[test]
    fn a_reduced_tree_leads_back_to_one_that_is_no_dearer(problem in problems()) {
        let mut kernel = Kernel::new(&problem, NodeId(0));
        reduce::by_alternatives(&mut kernel, reduce::Depth::FULL, &Effort::default().deadline);
        let snapshot = kernel.snapshot().expect("reductions keep required nodes connected");
        let all = vec![true; snapshot.nodes.len()];
        let edges = construct::spanning_tree(&snapshot.problem, snapshot.root, &all);
        let value = construct::value(&snapshot.problem, snapshot.root, &edges);
        let tree = construct::mended(&problem, NodeId(0), &kernel.lift(&snapshot.kernel_edges(&edges)));
        prop_assert!(problem.value(&tree) <= value + kernel.offset);
        prop_assert!(problem.value(&tree) >= optimum(&problem, NodeId(0)));
    }
}

/// What arcs and prizes have left when all sets of an ascent have paid, and what that makes in all.
fn replayed(problem: &SteinerProblem, ascent: &Ascent) -> (Vec<i64>, Vec<i64>, i64) {
    let graph = problem.graph();
    let mut residual: Vec<i64> = problem.costs().iter().flat_map(|&cost| [cost, cost]).collect();
    let mut prizes: Vec<i64> = problem.demands().iter().map(|demand| demand.prize()).collect();
    let mut sum = 0;
    for sets in &ascent.raised {
        for raise in &sets.raises {
            let inside = |node: NodeId| sets.nodes[..raise.size as usize].contains(&node);
            for (arc, left) in residual.iter_mut().enumerate() {
                if inside(graph.head(arc)) && !inside(graph.head(arc ^ 1)) {
                    *left -= raise.amount;
                }
            }
            if prizes[sets.terminal.index()] > 0 {
                prizes[sets.terminal.index()] -= raise.amount;
            }
            sum += raise.amount;
        }
    }
    (residual, prizes, sum)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn a_search_in_the_duals_proves_more_and_never_too_much(problem in problems_of(5..11, 4..14, 3)) {
        let (root, effort) = (NodeId(0), Effort::default());
        let tree = construct::spanning_tree(&problem, root, &vec![true; problem.graph().node_count()]);
        let guide = trees::directed(&problem, root, &tree);
        let closed = vec![false; 2 * problem.graph().edge_count()];
        let ground = Ground { problem: &problem, root, guide: &guide, closed: &closed, effort: &effort };
        let before = ground.first().bound;
        let alone = ground.deepen(ground.first(), 3_000, i64::MAX);
        let by_two = ground.deepen_by_two(ground.first(), 1_500, i64::MAX);
        for mut deeper in [alone, by_two] {
            prop_assert!(deeper.bound >= before);
            prop_assert!(deeper.bound <= optimum(&problem, root));
            let (residual, prizes, sum) = replayed(&problem, &deeper);
            prop_assert_eq!(&residual, &deeper.residual);
            prop_assert!(residual.iter().chain(&prizes).all(|&left| left >= 0));
            prop_assert_eq!(sum, deeper.bound);
            let wishes = Wishes { start: Some(&deeper), ..Default::default() };
            let complete = ascent::ascend(&problem, root, &wishes, &effort);
            prop_assert_eq!(complete.bound, deeper.bound, "nothing is left to raise");
            let resumed = ground.resumed(std::mem::take(&mut deeper.raised));
            prop_assert!(resumed.bound >= deeper.bound);
            prop_assert!(resumed.bound <= optimum(&problem, root));
            prop_assert_eq!(replayed(&problem, &resumed).2, resumed.bound);
        }
    }

    #[test]
    fn an_ascent_that_ties_nodes_together_proves_as_much_as_its_sets_pay(
        problem in problems_of(5..11, 4..14, 3),
        seed in 0u64..4,
        stage in 1u64..3,
    ) {
        let root = NodeId(0);
        let plain = problem.demands().iter().map(|&demand| if demand.prize() > 0 { Demand::None } else { demand });
        let problem = SteinerProblem::new(problem.graph().clone(), problem.costs().to_vec(), plain.collect(), Some(root));
        let problem = problem.expect("only prizes are gone");
        let wishes = Wishes { seed, record: true, ..Default::default() };
        let ascent = ascent::ascend_in_stages((&problem, root), &wishes, &Effort::default(), stage);
        let (residual, _, sum) = replayed(&problem, &ascent);
        prop_assert_eq!(&residual, &ascent.residual);
        prop_assert!(residual.iter().all(|&left| left >= 0));
        prop_assert_eq!(sum, ascent.bound);
        prop_assert!(ascent.bound <= optimum(&problem, root));
        let complete = ascent::ascend(&problem, root, &Wishes { start: Some(&ascent), ..Default::default() }, &Effort::default());
        prop_assert_eq!(complete.bound, ascent.bound, "nothing is left to raise");
    }

    #[test]
    fn what_is_needless_is_not_missed(problem in problems_of(4..9, 3..14, 4)) {
        let root = NodeId(0);
        let tree = construct::spanning_tree(&problem, root, &vec![true; problem.graph().node_count()]);
        let found = needless::find(&problem, &tree, &Deadline::never());
        let (smaller, kept) = needless::without(&problem, &found, &tree);
        prop_assert_eq!(kept.len(), tree.len());
        prop_assert_eq!(smaller.graph().edge_count() + found.len(), problem.graph().edge_count());
        prop_assert_eq!(optimum(&smaller, root), optimum(&problem, root));
    }

    #[test]
    fn what_evolves_are_trees_and_the_best_is_no_worse(problem in problems_of(5..11, 4..14, 3)) {
        let (root, effort) = (NodeId(0), Effort::default());
        // Kernels have no edges that cost nothing.
        let costs = problem.costs().iter().map(|&cost| cost.max(1)).collect();
        let problem = SteinerProblem::new(problem.graph().clone(), costs, problem.demands().to_vec(), Some(root));
        let problem = problem.expect("only its costs are others");
        let mut pool = Trees::new(&problem, root, &effort);
        pool.keep(pool.spanned(&vec![true; problem.graph().node_count()]));
        let before = pool.best().expect("it was kept").1;
        let stop = AtomicBool::new(false);
        let work = 30 * problem.graph().edge_count();
        let evolved = evolution::evolve(&pool, 1, Patience { work, stalls: 5, is_parallel: true, stop: &stop });
        prop_assert!(evolved[0].1 <= before);
        for (edges, value) in evolved {
            prop_assert!(value >= optimum(&problem, root));
            prop_assert_eq!(construct::value(&problem, root, &edges), value);
            let reached = trees::directed(&problem, root, &edges).iter().filter(|arc| **arc).count();
            prop_assert_eq!(reached, edges.len(), "all its edges hang from the root");
        }
    }
}

proptest! {
    #[test]
    fn annealed_trees_are_no_worse_than_the_first_and_no_better_than_the_optimum(
        problem in problems_of(4..10, 0..14, 3),
        seed in any::<u16>(),
    ) {
        let root = NodeId(0);
        let first = construct::best_tree(&problem, root, &vec![true; problem.graph().node_count()]);
        let values = optimum(&problem, root)..=problem.value(&first);
        let mut incumbent = Incumbent::new(&problem, root, first, i64::MAX);
        let stages = &[20_000, 50_000];
        let patience = anneal::Patience { stages, seed: u64::from(seed), is_parallel: true, is_over: &|| false };
        anneal::work(&problem, root, &mut incumbent, patience, &mut |_| true);
        let tree = incumbent.best();
        prop_assert!(values.contains(&problem.value(tree)));
        prop_assert_eq!(&construct::mended(&problem, root, &tree.edges).edges, &tree.edges);
    }
}
