//! Certificates from the solver to the judge: accepted as they are, refused when spoilt, never above the optimum.

#![allow(clippy::print_stdout, reason = "a test that is skipped says why")]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use proptest::prelude::*;
use vezel::effort::Effort;
use vezel::graph::{EdgeId, Graph, NodeId, UnionFind};
use vezel::judge::{Texts, judge_instance};
use vezel::problem::{Demand, Instance, SteinerProblem};
use vezel::{solver, study};

/// The least value of all trees: the best spanning tree of every subset of nodes.
fn optimum(problem: &SteinerProblem) -> i64 {
    let graph = problem.graph();
    let mut edges: Vec<EdgeId> = graph.edges().collect();
    edges.sort_by_key(|&edge| problem.cost(edge));
    let required = |node: NodeId| problem.demands()[node.index()] == Demand::Required;
    let mut best = i64::MAX;
    for subset in 0u32..1 << graph.node_count() {
        let inside = |node: NodeId| subset >> node.0 & 1 == 1;
        if graph.nodes().any(|node| required(node) && !inside(node)) {
            continue;
        }
        let mut union = UnionFind::new(graph.node_count());
        let (mut parts, mut value) = (subset.count_ones(), 0);
        for &edge in &edges {
            let [tail, head] = graph.ends(edge);
            if inside(tail) && inside(head) && union.join(tail.index(), head.index()) {
                parts -= 1;
                value += problem.cost(edge);
            }
        }
        if parts <= 1 {
            let lost = graph.nodes().filter(|&node| !inside(node));
            best = best.min(value + lost.map(|node| problem.demands()[node.index()].prize()).sum::<i64>());
        }
    }
    best
}

/// A connected problem of 3 to 9 nodes, with prizes or demands or both.
fn problems() -> impl Strategy<Value = SteinerProblem> {
    (3usize..10, any::<bool>()).prop_flat_map(|(nodes, free)| {
        let tree = prop::collection::vec((any::<u32>(), 0i64..20), nodes - 1);
        let more = prop::collection::vec((0..nodes as u32, 0..nodes as u32, 0i64..20), 0..12);
        let demands = prop::collection::vec((0u8..4, 1i64..25), nodes);
        (tree, more, demands).prop_map(move |(tree, more, demands)| {
            let joins = tree.iter().enumerate().map(|(at, &(to, cost))| (at as u32 + 1, to % (at as u32 + 1), cost));
            let all: Vec<(u32, u32, i64)> = joins.chain(more.iter().copied()).collect();
            let graph = Graph::new(nodes, all.iter().map(|&(a, b, _)| [NodeId(a), NodeId(b)]).collect());
            let demands = demands.iter().map(|&(kind, prize)| match kind {
                0 if !free => Demand::Required,
                0 | 1 => Demand::Prize(prize),
                _ => Demand::None,
            });
            let costs = all.iter().map(|&(_, _, cost)| cost).collect();
            SteinerProblem::new(graph, costs, demands.collect(), None).expect("a connected problem")
        })
    })
}

/// The problem as the judge reads it.
fn text_of(problem: &SteinerProblem) -> String {
    let graph = problem.graph();
    let mut text = format!("SECTION Graph\nNodes {}\nEdges {}\n", graph.node_count(), graph.edge_count());
    for edge in graph.edges() {
        let [tail, head] = graph.ends(edge);
        let _ = writeln!(text, "E {} {} {}", tail.0 + 1, head.0 + 1, problem.cost(edge));
    }
    text.push_str("END\nSECTION Terminals\n");
    for node in graph.nodes() {
        let _ = match problem.demands()[node.index()] {
            Demand::Required => writeln!(text, "T {}", node.0 + 1),
            Demand::Prize(prize) => writeln!(text, "TP {} {prize}", node.0 + 1),
            Demand::None => Ok(()),
        };
    }
    text + "END\nEOF\n"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn what_the_judge_confirms_is_at_most_the_optimum(problem in problems(), short in 0i64..4) {
        let effort = Effort::default();
        let mut outcome = solver::solve(&problem, &effort, &mut |_| ());
        // As if the search had not found the best tree: its value is the cutoff, nothing else is known of it.
        if short == 0 && let Some(root) = problem.graph().nodes().find(|node| outcome.tree.lone_node != Some(*node)) {
            let none_required = problem.demands().iter().all(|demand| *demand != Demand::Required);
            if none_required {
                outcome.tree = vezel::problem::Tree { edges: Vec::new(), lone_node: Some(root) };
                outcome.value = problem.value(&outcome.tree);
            }
        }
        let proof = solver::prove(&problem, &outcome.tree, &effort);
        let instance = Instance { name: None, problem, decimals: 0 };
        let mut text = Vec::new();
        study::write_certificate(&mut text, &instance, &outcome, &proof).expect("memory");
        let (text, stp) = (String::from_utf8(text).expect("text"), text_of(&instance.problem));
        let texts = Texts { instance: &stp, solution: None, certificate: Some(&text) };
        let verdict = judge_instance(texts).expect("it can be read");
        prop_assert_eq!(&verdict.faults, &Vec::<String>::new(), "{}\n{}", stp, text);
        let least = optimum(&instance.problem);
        prop_assert!(proof.bound <= least, "confirmed {} above the optimum {least}\n{text}", proof.bound);
    }
}

/// The folder of published instances; a clone of the project alone has none.
fn instances() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/instances");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} is not there", folder.display());
    None
}

fn vezel(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vezel")).args(arguments).output().expect("it runs")
}

/// Figure of a line of the judge's.
fn confirmed(told: &str, what: &str) -> f64 {
    let start = format!("confirmed: the {what} ");
    let line = told.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_else(|| panic!("{told}"));
    line.parse().expect("a number")
}

#[test]
fn published_instances_are_confirmed_and_spoilt_answers_refused() {
    let Some(folder) = instances() else { return };
    let room = tempfile::tempdir().expect("a folder");
    let path = |name: &str| room.path().join(name).display().to_string();
    // Nodes of a plain, a rooted and an unrooted instance; what share of the value must be confirmed at least.
    for (file, share) in [
        ("vienna-i-simple/I052.gr.xz", 0.998),
        ("RPCST-cologne1/i101M3.stp.xz", 0.999),
        ("PCSPG-JMP/K400.5.stp.xz", 0.98),
    ] {
        let instance = folder.join(file).display().to_string();
        let (tree, cuts) = (path("tree"), path("cuts"));
        let solved = vezel(&["solve", &instance, "--solution", &tree, "--certificate", &cuts]);
        assert_eq!(solved.status.code(), Some(0), "{file}");
        let check = |tree: &str, cuts: &str| {
            let output = vezel(&["check", &instance, "--solution", tree, "--certificate", cuts]);
            (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
        };
        let (code, told) = check(&tree, &cuts);
        assert_eq!(code, Some(0), "{file}: {told}");
        let (value, bound) = (confirmed(&told, "value"), confirmed(&told, "bound"));
        assert!(bound <= value && bound >= share * value, "{file}: {bound} of {value}");

        let (tree_text, cuts_text) =
            (fs::read_to_string(&tree).expect("a tree"), fs::read_to_string(&cuts).expect("cuts"));
        let spoilt = path("spoilt");
        let edge = tree_text.lines().find(|line| line.starts_with("E ")).expect("an edge");
        fs::write(&spoilt, tree_text.replacen(&format!("{edge}\n"), "", 1)).expect("a file");
        assert_eq!(check(&spoilt, &cuts).0, Some(6), "{file}: an edge is missing");
        let raise = cuts_text.lines().rfind(|line| line.starts_with("R ")).expect("a raise");
        let at = cuts_text.rfind(raise).expect("it is there");
        let more = format!("{}{raise}\n{}", &cuts_text[..at], &cuts_text[at..]);
        fs::write(&spoilt, more).expect("a file");
        assert_eq!(check(&tree, &spoilt).0, Some(6), "{file}: a raise is there twice");
        fs::write(&spoilt, cuts_text.replacen("\nR ", "\nR 9", 1)).expect("a file");
        assert_eq!(check(&tree, &spoilt).0, Some(6), "{file}: the first raise is larger");
    }
}
