//! A toy worked by hand: three nodes, node 1 and 3 to be joined; the way over node 2 costs 3 + 4, the straight one 9.

use crate::judge::certificate::{Texts, judge_instance};

const INSTANCE: &str = "SECTION Graph\nNodes 3\nEdges 3\nE 1 2 3\nE 2 3 4\nE 1 3 9\nEND\n\
                        SECTION Terminals\nTerminals 2\nT 1\nT 3\nEND\nEOF\n";

const TREE: &str = "SECTION Finalsolution\nPrimal 7\nVertices 3\nV 1\nV 2\nV 3\nEdges 2\nE 1 2\nE 2 3\nEND\n";

/// Node 3 is paid 4 by both its arcs; then node 2 joins, and both arcs from the root pay 3.
const CERTIFICATE: &str = "vezel certificate 2\nnodes 3\nedges 3\nvalue 7\nclaimed 7\nconfirmed 7\ncutoff 7\n\
                           case root 1\nround\nT 3\nR 4\nN 2\nR 3\nend\n";

fn faults(instance: &str, solution: &str, certificate: &str) -> Vec<String> {
    let texts = Texts { instance, solution: Some(solution), certificate: Some(certificate) };
    match judge_instance(texts) {
        Ok(verdict) => verdict.faults,
        Err(what) => vec![what],
    }
}

#[test]
fn a_right_tree_and_a_right_certificate_stand() {
    let texts = Texts { instance: INSTANCE, solution: Some(TREE), certificate: Some(CERTIFICATE) };
    let verdict = judge_instance(texts).expect("texts that can be read");
    assert!(verdict.faults.is_empty(), "{:?}", verdict.faults);
    assert!(verdict.confirmed.contains(&"the value 7".to_owned()), "{:?}", verdict.confirmed);
    assert!(verdict.confirmed.contains(&"the bound 7".to_owned()), "{:?}", verdict.confirmed);
}

#[test]
fn every_spoilt_certificate_is_refused() {
    for (right, wrong, fault) in [
        ("R 3", "R 4", "pays more than it costs"),
        ("N 2\n", "", "pays more than it costs"),
        ("N 2", "N 1", "the root, node 1, is in the set"),
        ("N 2", "N 2 2", "joins a set twice"),
        ("T 3", "T 2", "node 2 is no terminal"),
        ("confirmed 7", "confirmed 8", "told 8, recomputed 7"),
        ("confirmed 7", "confirmed 6", "told 6, recomputed 7"),
        ("R 4\n", "", "told 7, recomputed 3"),
        ("case root 1", "case root 2", "cannot be the root"),
        ("case root 1", "case hub 1", "a case begins at a root"),
        ("edges 3", "edges 4", "not of this instance"),
        ("value 7", "value 8", "the solution's is 7"),
        ("end\n", "", "is the file cut short"),
        ("end\n", "case root 3\nend\n", "hold every tree"),
        ("case", "D 1 3 2\ncase", "costs more than the edge"),
        ("case", "D 3 1\ncase", "the walk ends at node 2, not at node 3"),
        ("case", "D 3 2\ncase", "does not go on from node 1"),
        ("case", "D 3 3\ncase", "leads over that edge"),
        ("case", "D 1\ncase", "leads to no dead end"),
        ("case", "D 4\ncase", "is no edge that is still there"),
        ("case", "D 3 1 2\nD 2 1 3\ncase", "is no edge that is still there"),
        ("certificate 2", "certificate 1", "does not begin with"),
    ] {
        assert!(CERTIFICATE.contains(right));
        let found = faults(INSTANCE, TREE, &CERTIFICATE.replacen(right, wrong, 1));
        assert!(found.iter().any(|told| told.contains(fault)), "{wrong}: {found:?} lacks `{fault}`");
    }
}

/// The straight way costs more than the way round, and needs not pay for what it costs less then.
#[test]
fn an_edge_with_a_way_round_is_left_out() {
    let cheaper = INSTANCE.replace("E 1 3 9", "E 1 3 6");
    assert!(faults(&cheaper, TREE, CERTIFICATE)[0].contains("from node 1 to 3 pays more than it costs"));
    let without = CERTIFICATE.replace("case", "D 3 1 2\ncase");
    assert_eq!(faults(INSTANCE, TREE, &without), Vec::<String>::new());
    assert!(faults(&cheaper, TREE, &without)[0].contains("costs more than the edge"));
}

/// Node 2 is required now: the way over it falls into stretches of 3 and 4. Without the straight way node 2 is all that
/// leads to node 3; an edge to a fourth node that nobody asks for is no way at all.
#[test]
fn stretches_end_at_required_nodes_and_dead_ends_go() {
    let instance = INSTANCE
        .replace("Nodes 3\nEdges 3", "Nodes 4\nEdges 4")
        .replace("E 1 3 9", "E 1 3 4\nE 3 4 1")
        .replace("Terminals 2\nT 1", "Terminals 3\nT 1\nT 2");
    let cuts = |needless: &str| {
        CERTIFICATE
            .replace("nodes 3\nedges 3", "nodes 4\nedges 4")
            .replace("R 4\nN 2\nR 3\n", "R 4\nT 2\nR 3\n")
            .replace("case", &format!("{needless}case"))
    };
    assert_eq!(faults(&instance, TREE, &cuts("D 3 1 2\nD 4\n")), Vec::<String>::new());
    let with_house = instance.replace("Terminals 3\nT 1", "Terminals 4\nT 4\nT 1");
    assert!(faults(&with_house, TREE, &cuts("D 4\n"))[1].contains("no dead end"));
}

#[test]
fn every_spoilt_tree_is_refused() {
    for (right, wrong, fault) in [
        ("Primal 7", "Primal 6", "told 6, recomputed 7"),
        ("Edges 2\nE 1 2\nE 2 3", "Edges 1\nE 2 3", "3 vertices and 1 edges are no tree"),
        ("Edges 2\nE 1 2", "Edges 3\nE 1 3\nE 1 2", "are no tree"),
        ("Vertices 3\nV 1", "Vertices 2", "node 1 must be in the tree"),
        ("V 2\nV 3", "V 3\nV 3", "vertex 3 is told twice"),
        ("E 2 3", "E 3 3", "the instance has no edge 3 3"),
        ("E 2 3", "E 1 2", "vertex 3 is not connected"),
        ("Edges 2", "Edges 1", "that are announced"),
    ] {
        assert!(TREE.contains(right));
        let found = faults(INSTANCE, &TREE.replacen(right, wrong, 1), CERTIFICATE);
        assert!(found.iter().any(|told| told.contains(fault)), "{wrong}: {found:?} lacks `{fault}`");
    }
}

/// Two houses worth 5 and 4 at the ends of an edge of 3: one is the root, or none is and the other hangs from a hub.
#[test]
fn without_a_root_all_cases_count() {
    let instance =
        "SECTION Graph\nNodes 2\nEdges 1\nE 1 2 3\nEND\nSECTION Terminals\nTerminals 2\nTP 1 5\nTP 2 4\nEND\n";
    let tree = "SECTION Finalsolution\nPrimal 3\nVertices 2\nV 1\nV 2\nEdges 1\nE 1 2\nEND\n";
    let head = "vezel certificate 2\nnodes 2\nedges 1\nvalue 3\nclaimed 3\ncutoff 3\n";
    let with = |confirmed: u32, cases: &str| format!("{head}confirmed {confirmed}\n{cases}end\n");
    // Trees without node 1 lose its 5, which is more than 3.
    assert_eq!(faults(instance, tree, &with(3, "case root 1\nround\nT 2\nR 3\n")), Vec::<String>::new());
    assert!(faults(instance, tree, &with(3, "case root 1\nround\nT 2\nR 4\n"))[0].contains("pays more than it costs"));
    assert!(faults(instance, tree, &with(3, "case hub 1\nround\nT 2\nR 1\n"))[0].contains("recomputed"));
    assert!(faults(instance, tree, &with(3, ""))[0].contains("recomputed 0"));
    let dear = instance.replace("E 1 2 3", "E 1 2 30");
    let alone = "SECTION Finalsolution\nPrimal 4\nVertices 1\nV 1\nEdges 0\nEND\n";
    let overspent =
        with(4, "case root 1\nround\nT 2\nR 5\n").replace("value 3", "value 4").replace("cutoff 3", "cutoff 4");
    assert!(faults(&dear, alone, &overspent)[0].contains("more than its prize"));
}

/// With 3 + 5 over node 2 the same payments prove 7 and leave 1 of the arc 2 → 3 and 2 of 1 → 3: no tree below 8 uses either.
/// Nothing enters node 3 then, so it may pay what is missing.
#[test]
fn arcs_that_no_better_tree_uses_are_closed_for_the_next_round() {
    let instance = INSTANCE.replace("E 2 3 4", "E 2 3 5");
    let tree = TREE.replace("Primal 7", "Primal 8");
    let certificate = CERTIFICATE.replace('7', "8");
    let second = certificate.replace("end\n", "round\nT 3\nR 8\nend\n");
    assert_eq!(faults(&instance, &tree, &second), Vec::<String>::new());
    assert!(faults(&instance, &tree, &certificate)[0].contains("told 8, recomputed 7"));
    let alone = certificate.replace("R 4\nN 2\nR 3\n", "R 8\n");
    assert!(faults(&instance, &tree, &alone)[0].contains("pays more than it costs"));
}
