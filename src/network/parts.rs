//! What is told about a network that falls into parts.

use crate::findings::{Finding, Severity};
use crate::network::Network;

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
