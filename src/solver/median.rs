//! A required node with many edges in the middle of all, to hang trees from.
//!
//! Where the root lies has no influence on what is best, nor on what a linear program over directed cuts proves. But sets of
//! an ascent grow until the root reaches them: the farther it is, the larger they get, and the less each trial of the search
//! in the duals gets done. From a corner of a VLSI grid (`alut2610`, `lin33`) gaps are a third wider after the same time than
//! from the middle; on road graphs, where sets mostly end at each other, it makes no difference. Nodes with few edges are
//! left aside where others have many: from a hub of `w13c29` zero-half cuts prove 505 or 506, from a node between hubs 500.
//!
//! Source: the median of a graph: Hakimi (Oper. Res. 12, 1964), by a sample of the nodes to be near to.

use rayon::prelude::*;

use crate::graph::NodeId;
use crate::graph::paths::distances;
use crate::problem::{Demand, SteinerProblem};

/// Required nodes that the root is to be near to.
const SAMPLE: usize = 8;

/// The required node that is nearest, all distances added up, to some that are spread over all, among those that have at
/// least half as many edges as any; the first of equals. None where no node is required. Time: O(m log n).
pub(super) fn required_median(problem: &SteinerProblem) -> Option<NodeId> {
    let graph = problem.graph();
    let required: Vec<NodeId> =
        graph.nodes().filter(|node| problem.demands()[node.index()] == Demand::Required).collect();
    let last = required.len().checked_sub(1)?;
    let mut spread: Vec<NodeId> = (0..SAMPLE).map(|place| required[last * place / (SAMPLE - 1)]).collect();
    spread.dedup();
    let from = |&node: &NodeId| distances(graph, |edge| problem.cost(edge), [(node, 0)], |_| true);
    let distances: Vec<Vec<i64>> = spread.par_iter().map(from).collect();
    let all = |node: &NodeId| distances.iter().map(|each| i128::from(each[node.index()])).sum::<i128>();
    let most = required.iter().map(|&node| graph.degree(node)).max()?;
    required.iter().copied().filter(|&node| 2 * graph.degree(node) >= most).min_by_key(|node| (all(node), *node))
}

#[cfg(test)]
mod tests {
    use super::required_median;
    use crate::graph::{Graph, NodeId};
    use crate::problem::{Demand, SteinerProblem};

    /// A path of so many nodes, those at these places required.
    fn path(count: u32, required: &[u32]) -> SteinerProblem {
        let graph = Graph::new(count as usize, (1..count).map(|node| [NodeId(node - 1), NodeId(node)]).collect());
        let demand = |node: NodeId| if required.contains(&node.0) { Demand::Required } else { Demand::None };
        let (costs, demands) = (vec![3; graph.edge_count()], graph.nodes().map(demand).collect());
        SteinerProblem::new(graph, costs, demands, None).expect("a path hangs together")
    }

    #[test]
    fn it_lies_in_the_middle_of_those_that_are_required() {
        assert_eq!(required_median(&path(9, &[0, 1, 3, 7, 8])), Some(NodeId(3)));
        assert_eq!(required_median(&path(9, &[6])), Some(NodeId(6)));
    }

    #[test]
    fn one_with_few_edges_gives_way_to_one_with_many() {
        // Two stars, whose hubs 1 and 5 are joined over node 0 in the middle.
        let stars = [[0, 1], [1, 2], [1, 3], [1, 4], [0, 5], [5, 6], [5, 7], [5, 8], [0, 9]];
        let median = |ends: &[[u32; 2]]| {
            let graph = Graph::new(10, ends.iter().map(|end| end.map(NodeId)).collect());
            let demands = graph.nodes().map(|node| if node.0 == 9 { Demand::None } else { Demand::Required });
            let (costs, demands) = (vec![3; ends.len()], demands.collect());
            required_median(&SteinerProblem::new(graph, costs, demands, None).expect("it hangs together"))
        };
        assert_eq!(median(&stars), Some(NodeId(0)));
        assert_eq!(median(&[&stars[..], &[[1, 9], [1, 9], [1, 9]]].concat()), Some(NodeId(1)));
    }

    #[test]
    fn where_nothing_is_required_there_is_none() {
        assert_eq!(required_median(&path(4, &[])), None);
    }
}
