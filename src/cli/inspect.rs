//! `vezel inspect`: findings and a summary, without planning.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use crate::cli::{Bar, End, say};
use crate::findings::Severity;
use crate::network::NoDrop;
use crate::region::Standing;
use crate::study::{self, Study};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The scenario.
    scenario: PathBuf,
    /// Print findings as comma-separated rows instead of sentences.
    #[arg(long)]
    csv: bool,
}

pub(super) fn run(arguments: &Arguments, bar: &mut Bar) -> Result<End, study::Error> {
    let mut study = Study::open(&arguments.scenario, bar)?;
    let network = study.network(bar);
    bar.clear();
    study.findings.sort();
    if arguments.csv {
        say(crate::report::findings_table(&study.findings).trim_end());
        return Ok(End::Fine);
    }
    study.findings.iter().for_each(|finding| say(&finding.to_string()));
    let region = &study.region;
    let targets = region.addresses.iter().filter(|address| address.standing == Standing::Target).count();
    say(&format!("{} addresses, {targets} to be planned for", region.addresses.len()));
    let tiers = study.scenario.tier_names();
    let mut by_tier: BTreeMap<u8, usize> = BTreeMap::new();
    for address in region.addresses.iter().filter(|address| address.standing == Standing::Target) {
        *by_tier.entry(address.tier).or_default() += 1;
    }
    for (tier, count) in by_tier {
        say(&format!("  {}: {count}", tiers[usize::from(tier)]));
    }
    say(&format!(
        "{} business parks, {} roads, {} barriers",
        region.parks.len(),
        region.roads.len(),
        region.barriers.len()
    ));
    say(&format!("{} candidate segments between {} nodes", network.segments.len(), network.points.len()));
    let too_far = network.sites.iter().filter(|site| matches!(site.node, Err(NoDrop::TooFar(_)))).count();
    let forbidden = network.sites.iter().filter(|site| matches!(site.node, Err(NoDrop::Forbidden(_)))).count();
    say(&format!(
        "{} address points; {too_far} without a road in reach, {forbidden} behind what may not be crossed",
        network.sites.len()
    ));
    let count = |severity| study.findings.iter().filter(|finding| finding.severity == severity).count();
    say(&format!(
        "{} errors, {} warnings, {} notes",
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Info)
    ));
    Ok(End::Fine)
}
