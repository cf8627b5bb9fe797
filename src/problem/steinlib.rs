//! Problems as SteinLib text, so that any published solver can confirm an optimum.

use std::fmt::Write;

use crate::problem::{Demand, SteinerProblem};

/// The problem in the `.stp` format, with comment lines at its head. Nodes count from 1.
///
/// Without prizes a Steiner tree problem whose root is a terminal; with prizes the rooted prize-collecting one (RPCST),
/// where required nodes get a prize larger than all costs together. Source: SteinLib (Koch, Martin, Voss 2001).
#[must_use]
pub fn to_stp(problem: &SteinerProblem, name: &str, comments: &[String]) -> String {
    let graph = problem.graph();
    let collecting = problem.is_prize_collecting();
    let mut text = String::from("33D32945 STP File, STP Format Version 1.0\n\nSECTION Comment\n");
    let _ = writeln!(text, "Name \"{name}\"\nCreator \"vezel\"");
    if collecting {
        text.push_str("Problem \"Rooted Prize-Collecting Steiner Problem in Graphs\"\n");
    }
    for comment in comments {
        let _ = writeln!(text, "Remark \"{comment}\"");
    }
    let _ = writeln!(text, "END\n\nSECTION Graph\nNodes {}\nEdges {}", graph.node_count(), graph.edge_count());
    for edge in graph.edges() {
        let [tail, head] = graph.ends(edge);
        let _ = writeln!(text, "E {} {} {}", tail.0 + 1, head.0 + 1, problem.cost(edge));
    }
    text.push_str("END\n\nSECTION Terminals\n");
    let terminals = graph.nodes().filter(|&node| {
        problem.demands()[node.index()] != Demand::None || (!collecting && problem.root() == Some(node))
    });
    let priceless: i64 = 1 + problem.costs().iter().sum::<i64>();
    let terminals: Vec<_> = terminals.collect();
    let _ = writeln!(text, "Terminals {}", terminals.len());
    if let (Some(root), true) = (problem.root(), collecting) {
        let _ = writeln!(text, "RootP {}", root.0 + 1);
    }
    for node in terminals {
        let _ = match problem.demands()[node.index()] {
            Demand::Prize(prize) => writeln!(text, "TP {} {prize}", node.0 + 1),
            _ if collecting => writeln!(text, "TP {} {priceless}", node.0 + 1),
            _ => writeln!(text, "T {}", node.0 + 1),
        };
    }
    text.push_str("END\n\nEOF\n");
    text
}
