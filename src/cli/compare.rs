//! `vezel compare`: bids of a tender beside a certified reference, or finished plans beside the first of them.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{Bar, End, Limits, complain, say};
use crate::findings::Severity;
use crate::study::{self, Folder};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The tender file; or the result folders of two finished plans or more, the first being the one to hold others against.
    #[arg(required_unless_present = "template")]
    inputs: Vec<PathBuf>,
    /// Folder for the comparison; it appears as a whole or not at all.
    #[arg(short, long, value_name = "FOLDER", required_unless_present = "template")]
    output: Option<PathBuf>,
    /// Write a documented template to hand to bidders, and a tender file, into this folder.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["inputs", "output"])]
    template: Option<PathBuf>,
    /// Replace a folder that is there already.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    limits: Limits,
}

pub(super) fn run(
    arguments: &Arguments,
    threads: Option<usize>,
    quiet: bool,
    bar: &mut Bar,
) -> Result<End, study::Error> {
    if let Some(path) = &arguments.template {
        let mut folder = Folder::begin(path, arguments.force)?;
        study::tender_template(&mut folder)?;
        folder.finish()?;
        if !quiet {
            say(&format!("template   {}", path.display()));
        }
        return Ok(End::Fine);
    }
    let (Some(output), Some(tender)) = (&arguments.output, arguments.inputs.first()) else { return Ok(End::Fine) };
    let mut folder = Folder::begin(output, arguments.force)?;
    if arguments.inputs.len() > 1 {
        study::compare_plans(&arguments.inputs, &mut folder)?;
        folder.finish()?;
        if !quiet {
            say(&format!("look at    {}", output.join("comparison.html").display()));
        }
        return Ok(End::Fine);
    }
    let compared = study::compare(tender, &arguments.limits.effort(threads), bar)?;
    compared.save(&mut folder, bar)?;
    folder.finish()?;
    bar.clear();
    if !quiet {
        tell(&compared);
        say(&format!("results    {}", output.display()));
        say(&format!("look at    {}", output.join("comparison.html").display()));
    }
    for warning in compared.warnings() {
        complain(&format!("warning: {warning}"));
    }
    Ok(if compared.cut_short() { End::TimeLimit } else { End::Fine })
}

fn tell(compared: &study::Compared) {
    let reference = &compared.reference;
    say(&format!(
        "reference  EUR {}, at least EUR {}, {} addresses",
        reference.cost, reference.bound, reference.addresses
    ));
    for judged in &compared.bids {
        let errors = judged.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        let above = judged.distance().map_or("-".to_owned(), |share| format!("{:.2} %", share * 100.0));
        let total = judged.bid.sheet.total.map_or("-".to_owned(), |total| total.to_string());
        say(&format!(
            "{:<10} total EUR {total}, routes EUR {} ({above} above the bound), {errors} errors of {} findings",
            judged.bid.name,
            judged.priced.cost,
            judged.findings.len()
        ));
    }
    let method = compared.call.award.method;
    if let Some(standing) = compared.evaluation.decisive(method) {
        let name = |at: &usize| compared.bids[compared.evaluation.scored[*at]].bid.name.clone();
        let order: Vec<String> = standing.order.iter().map(name).collect();
        say(&format!("{}         {}", method.name(), order.join(" > ")));
    }
}
