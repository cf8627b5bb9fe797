use proptest::prelude::*;

use super::*;

fn graph(nodes: usize, edges: &[(usize, usize)]) -> Graph {
    Graph::new(nodes, edges.iter().map(|&(a, b)| [a, b].map(|node| NodeId(node as u32))).collect())
}

fn patience(passes: u32, handles: usize) -> Patience {
    Patience { passes, handles, doors: 0, shakes: 0, around: 0 }
}

fn one(load: u32) -> Load {
    Load { shared: load, own: 0 }
}

/// Two houses, each with a trench of 10 of its own to the root and a trench of 4 between them; each unit of cable costs 1
/// an edge. Apart: 2 × 11. In a row: 10 + 2 and 4 + 1, which is 17.
#[test]
fn two_houses_share_a_trench() {
    let graph = graph(3, &[(0, 1), (0, 2), (1, 2)]);
    let asked = [Load::NONE, one(1), one(1)];
    let trench = [10, 10, 4];
    let cost = |edge: EdgeId, load: Load| trench[edge.index()] + i64::from(load.shared);
    let bulk = Bulk { graph: &graph, root: NodeId(0), asked: &asked, ends: &[false; 3], cost: &cost };
    let apart = [EdgeId(0), EdgeId(1)];
    assert_eq!(bulk.value(&apart), 22);
    let better = bulk.improve(&apart, patience(3, 8));
    assert_eq!(bulk.value(&better), 17);
}

/// The same with cable at 10 a unit: the detour of one cable over the other house costs more than its own trench.
#[test]
fn dear_cable_goes_straight() {
    let graph = graph(3, &[(0, 1), (0, 2), (1, 2)]);
    let asked = [Load::NONE, one(1), one(1)];
    let trench = [10, 10, 4];
    let cost = |edge: EdgeId, load: Load| trench[edge.index()] + 10 * i64::from(load.shared);
    let bulk = Bulk { graph: &graph, root: NodeId(0), asked: &asked, ends: &[false; 3], cost: &cost };
    let row = [EdgeId(0), EdgeId(2)];
    assert_eq!(bulk.value(&row), 10 + 20 + 4 + 10);
    let better = bulk.improve(&row, patience(3, 8));
    assert_eq!((bulk.value(&better), better), (40, vec![EdgeId(0), EdgeId(1)]));
}

/// A PoP at 100 that feeds a row of three houses is closed: the row is turned and hung by its far end.
#[test]
fn a_branch_is_turned_to_hang_by_its_far_end() {
    // Root 0, PoPs 1 and 5, houses 2, 3, 4 in a row between them.
    let graph = graph(6, &[(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 5)]);
    let asked = [Load::NONE, Load::NONE, one(1), one(1), one(1), one(1)];
    let trench = [100, 5, 5, 5, 5, 20];
    let cost = |edge: EdgeId, load: Load| trench[edge.index()] + i64::from(load.shared);
    let bulk = Bulk { graph: &graph, root: NodeId(0), asked: &asked, ends: &[false; 6], cost: &cost };
    let two = [0, 1, 2, 3, 5].map(EdgeId);
    let better = bulk.improve(&two, patience(3, 8));
    assert_eq!(better, [2, 3, 4, 5].map(EdgeId));
    assert_eq!(bulk.value(&better), (5 + 1) + (5 + 2) + (5 + 3) + (20 + 4));
}

/// Four houses in a row between two doors at 100. A house a step nearer to its door saves 30 of cable, so no branch that
/// moves alone pays for the second door: each would but have it all to itself. All at once, the halves do.
#[test]
fn a_second_door_is_opened_for_many_branches_at_once() {
    // Root 0, doors at 1 and 6, houses 2 to 5 in a row; each hangs from the row by an edge of its own (7 to 10).
    let row = [(0, 1), (0, 6), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (2, 7), (3, 8), (4, 9), (5, 10)];
    let graph = graph(11, &row);
    let mut asked = [Load::NONE; 11];
    (7..11).for_each(|house| asked[house] = one(1));
    let ends: Vec<bool> = (0..11).map(|node| node >= 7).collect();
    let cost = |edge: EdgeId, load: Load| match edge.0 {
        0 | 1 => 100,
        2..7 => 10 + 30 * i64::from(load.shared),
        _ => 1,
    };
    let bulk = Bulk { graph: &graph, root: NodeId(0), asked: &asked, ends: &ends, cost: &cost };
    let by_one: Vec<EdgeId> = [0, 2, 3, 4, 5, 7, 8, 9, 10].map(EdgeId).to_vec();
    assert_eq!(bulk.value(&by_one), 100 + 4 * 10 + 30 * (4 + 3 + 2 + 1) + 4);
    let found = bulk.by_doors(&by_one, Patience { doors: 1, ..patience(0, 0) }, &Effort::default());
    assert_eq!(bulk.value(&found[0]), 2 * 100 + 4 * 10 + 30 * 2 * (2 + 1) + 4);
    assert!(found[0].contains(&EdgeId(0)) && found[0].contains(&EdgeId(1)));
}

fn spanning_trees(nodes: usize, edges: &[(usize, usize)]) -> Vec<Vec<EdgeId>> {
    let all = 0u32..1 << edges.len();
    let tree = |set: &u32| {
        let mut sets = crate::graph::UnionFind::new(nodes);
        let chosen: Vec<EdgeId> = (0..edges.len() as u32).filter(|at| set & (1 << at) != 0).map(EdgeId).collect();
        let joined = chosen.iter().all(|edge| {
            let (a, b): (usize, usize) = edges[edge.index()];
            sets.join(a, b)
        });
        (joined && chosen.len() == nodes - 1).then_some(chosen)
    };
    all.filter_map(|set| tree(&set)).collect()
}

proptest! {
    /// From every spanning tree the search ends no higher than it began and no lower than the best tree, at what it says.
    #[test]
    fn the_search_ends_between_the_best_tree_and_its_own(
        trench in proptest::collection::vec(1i64..50, 9),
        loads in proptest::collection::vec((0u32..4, 0u32..3), 5),
        each in 0i64..12,
    ) {
        let edges = [(0, 1), (0, 2), (1, 2), (1, 3), (2, 4), (3, 4), (3, 5), (4, 5), (0, 5)];
        let graph = graph(6, &edges);
        let mut asked = vec![Load::NONE];
        asked.extend(loads.iter().map(|&(shared, own)| Load { shared, own }));
        let cost = |edge: EdgeId, load: Load| {
            // Concave: the price of more shared load falls.
            trench[edge.index()] + each * f64::from(load.shared * 100).sqrt() as i64 + 3 * i64::from(load.own)
        };
        let bulk = Bulk { graph: &graph, root: NodeId(0), asked: &asked, ends: &[false; 6], cost: &cost };
        let trees = spanning_trees(6, &edges);
        let best = trees.iter().map(|tree| bulk.value(tree)).min().expect("a tree");
        for tree in trees {
            let better = bulk.improve(&tree, patience(9, 9));
            let value = bulk.value(&better);
            prop_assert!(best <= value && value <= bulk.value(&tree));
            let shaken = Patience { doors: 2, shakes: 2, around: 4, ..patience(9, 9) };
            let by_doors = bulk.by_doors(&tree, shaken, &Effort::default());
            let values: Vec<i64> = by_doors.iter().map(|tree| bulk.value(tree)).collect();
            prop_assert!(best <= values[0] && values[0] <= value && values.is_sorted());
            let shaken = bulk.value(&bulk.shake(&by_doors[0], shaken, &Effort::default()));
            prop_assert!(best <= shaken && shaken <= values[0]);
            // Nothing is left that the search could do.
            prop_assert_eq!(bulk.improve(&better, patience(1, 9)), better);
        }
    }
}
