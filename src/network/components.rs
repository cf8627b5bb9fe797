//! Connected parts of the network.

use crate::findings::{Finding, Severity};
use crate::graph::{Graph, UnionFind};
use crate::network::Network;

/// Component of each node, counted from 0 in order of falling number of nodes (ties by smallest node). Time: O(m).
pub(super) fn components(graph: &Graph) -> Vec<u32> {
    let mut union = UnionFind::new(graph.node_count());
    for edge in graph.edges() {
        let [tail, head] = graph.ends(edge);
        union.join(tail.index(), head.index());
    }
    let roots: Vec<usize> = (0..graph.node_count()).map(|node| union.find(node)).collect();
    let mut size = vec![0u32; graph.node_count()];
    for &root in &roots {
        size[root] += 1;
    }
    let mut order: Vec<usize> = (0..graph.node_count()).filter(|&node| size[node] > 0).collect();
    order.sort_by_key(|&root| (std::cmp::Reverse(size[root]), root));
    let mut rank = vec![0u32; graph.node_count()];
    for (place, &root) in order.iter().enumerate() {
        rank[root] = place as u32;
    }
    roots.iter().map(|&root| rank[root]).collect()
}

/// Tells of several components and of the sites outside the largest.
pub(super) fn tell(network: &Network, findings: &mut Vec<Finding>) {
    let count = network.components.iter().max().map_or(0, |&last| last + 1);
    if count > 1 {
        let sites = network.sites.iter().filter_map(|site| site.node.as_ref().ok());
        let outside = sites.filter(|node| network.components[node.index()] > 0).count();
        let what = format!("the network falls into {count} parts; {outside} address points lie outside the largest");
        let advice = "parts without a PoP are not connected; join the roads, or give them a PoP";
        let severity = if outside > 0 { Severity::Warning } else { Severity::Info };
        findings.push(Finding::new(severity, "network-parts", "roads", what, advice));
    }
}
