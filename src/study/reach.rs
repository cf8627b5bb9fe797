//! Cheap trees whose routes are too long for the optics: pulled shorter, trenches against metres, before any is mended.

use crate::bulk::{Bulk, Load, Patience};
use crate::graph::EdgeId;
use crate::network::Network;
use crate::plan::{self, Forest, PopCandidate, Source, TrenchProblem};
use crate::problem::{Demand, Tree};

/// Nodes from which a tree is mended only.
const LARGE: usize = 60_000;

/// A metre of one leaf's route costs so many hundred-thousandths of what a metre of the tree costs.
const PULLS: [i64; 6] = [25, 100, 400, 1600, 6400, 25_600];

const PATIENCE: Patience = Patience { passes: 12, handles: 60, doors: 0, shakes: 0, around: 0 };

/// The forest of a tree, or of another one where that has routes beyond the optical budget.
///
/// Routes that are too long are tied to their PoP by their shortest ways, which may be dear. So trees are looked for in
/// which a metre of route has a price, more and more of it, and the cheapest of their forests is taken: a Lagrangian
/// relaxation of the lengths, with local search for what it asks. Deterministic.
pub(super) fn within_reach(
    asked: &TrenchProblem,
    tree: &Tree,
    network: &Network,
    candidates: &[PopCandidate],
) -> Forest {
    let forest = plan::forest(asked, tree, network, candidates);
    let (problem, graph) = (&asked.problem, asked.problem.graph());
    let Some(root) = problem.root().filter(|_| forest.shortened && graph.node_count() <= LARGE) else { return forest };
    let mut held = vec![false; graph.node_count()];
    tree.edges.iter().flat_map(|&edge| graph.ends(edge)).for_each(|node| held[node.index()] = true);
    let asks = |(demand, held): (&Demand, &bool)| Load { shared: u32::from(*held && *demand != Demand::None), own: 0 };
    let loads: Vec<Load> = problem.demands().iter().zip(&held).map(asks).collect();
    let length = |source: Source| match source {
        Source::Opening(_) => 0,
        Source::Segment(segment) => network.segments[segment.index()].length.millimetres(),
    };
    let metres: Vec<i64> = graph.edges().map(|edge| asked.sources(&[edge]).map(length).sum::<i64>() / 1000).collect();
    let whole: i64 = tree.edges.iter().map(|edge| metres[edge.index()]).sum();
    let cost = |forest: &Forest| forest.cost(&asked.segment_costs, candidates);
    let each = cost(&forest).cents() * 1000 / whole.max(1);
    let pulled = |pull: &i64| {
        let price = |edge: EdgeId, load: Load| {
            problem.cost(edge) * 1000 + each * pull / 100_000 * metres[edge.index()] * i64::from(load.shared)
        };
        let bulk = Bulk { graph, root, asked: &loads, ends: asked.leaves(), cost: &price };
        let tree = Tree { edges: bulk.improve(&tree.edges, PATIENCE), lone_node: None };
        plan::forest(asked, &tree, network, candidates)
    };
    let pulled = PULLS.iter().map(pulled);
    std::iter::once(forest).chain(pulled).min_by_key(cost).expect("there is the first")
}
