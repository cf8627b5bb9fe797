//! Blocks: whoever needs something behind a node must pass the node.
//!
//! A node that alone connects a required node with the root is required; what lies behind a node and asks for nothing goes;
//! a bridge to a required node is contracted.
//!
//! Source: Polzin (PhD thesis, 2003), section 3.2; block by block: Rehfeldt and Koch (Math. Prog. 2023).

use crate::graph::blocks::blocks;
use crate::problem::Demand;
use crate::solver::kernel::Kernel;

/// Does all of it once. Time: O(n + m).
pub(in crate::solver) fn reduce(kernel: &mut Kernel) {
    let Some(snapshot) = kernel.snapshot() else { return };
    let (graph, demands) = (snapshot.problem.graph(), snapshot.problem.demands());
    let mut is_required: Vec<bool> = demands.iter().map(|&demand| demand == Demand::Required).collect();
    // Whether anything is asked for at a node or behind it.
    let mut asks: Vec<bool> = demands.iter().map(|&demand| demand != Demand::None).collect();
    let mut bridges = Vec::new();
    // What is behind a block has been looked at before it.
    for block in blocks(graph, snapshot.root) {
        if block.nodes.iter().any(|node| is_required[node.index()]) {
            is_required[block.at.index()] = true;
            kernel.require(snapshot.nodes[block.at.index()]);
            if let &[edge] = block.edges.as_slice() {
                bridges.push(snapshot.edges[edge.index()]);
            }
        }
        if block.nodes.iter().any(|node| asks[node.index()]) {
            asks[block.at.index()] = true;
        } else {
            block.nodes.iter().for_each(|node| kernel.delete_node(snapshot.nodes[node.index()]));
        }
    }
    for bridge in bridges {
        kernel.contract(bridge);
    }
}
