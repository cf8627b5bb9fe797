//! `vezel frontier`: cost against need, each point with a proven bound.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{Bar, End, Limits, say};
use crate::report;
use crate::study::{self, Folder, Study};
use crate::units::Money;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The scenario.
    scenario: PathBuf,
    /// Folder for the results; it appears as a whole or not at all.
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
    /// Replace a folder that is there already.
    #[arg(long)]
    force: bool,
    /// Plans to try; each solves the trench problem anew at another price of need.
    #[arg(long, default_value_t = 12, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=500))]
    points: u16,
    /// Also tell the best plan within this budget for trenches, drops and PoPs, and what no plan within it exceeds.
    #[arg(long, value_name = "EUR")]
    budget: Option<f64>,
    #[command(flatten)]
    limits: Limits,
}

pub(super) fn run(
    arguments: &Arguments,
    threads: Option<usize>,
    quiet: bool,
    bar: &mut Bar,
) -> Result<End, study::Error> {
    let budget = match arguments.budget.map(|euros| (euros, Money::from_euros(euros))) {
        Some((euros, None)) => return Err(study::Error::Budget(euros.to_string())),
        Some((euros, Some(_))) if euros < 0.0 => return Err(study::Error::Budget(euros.to_string())),
        other => other.and_then(|(_, budget)| budget),
    };
    let mut folder = Folder::begin(&arguments.output, arguments.force)?;
    let effort = arguments.limits.effort(threads);
    let mut study = Study::open(&arguments.scenario, bar)?;
    let frontier = study.frontier((usize::from(arguments.points), budget), &effort, bar)?;
    study.findings.sort();
    folder.write("frontier.csv", &report::frontier(&frontier))?;
    folder.write("frontier.json", &report::frontier_json(&frontier, &study.scenario, budget))?;
    folder.write("frontier.html", &report::frontier_page(&frontier, &study.scenario, budget))?;
    folder.write("findings.csv", &report::findings_table(&study.findings))?;
    folder.write("scenario.toml", &study.scenario.to_toml())?;
    folder.finish()?;
    bar.clear();
    let points = |hundredths: i64| format!("{:.2}", hundredths as f64 / 100.0);
    if !quiet {
        say(&format!(
            "plans      {}, from EUR 0 to EUR {}",
            frontier.points.len(),
            frontier.points.last().map_or(Money::ZERO, |point| point.cost)
        ));
        if let Some((budget, point)) = budget.and_then(|budget| Some((budget, frontier.within(budget)?))) {
            let most = frontier.most_need(budget);
            say(&format!(
                "budget     EUR {budget}: EUR {} serves {} points of need, {} addresses and {} parks; no plan more than {} points",
                point.cost,
                points(point.need),
                point.addresses,
                point.parks,
                points(most)
            ));
        }
        say(&format!("results    {}", arguments.output.display()));
        say(&format!("look at    {}", arguments.output.join("frontier.html").display()));
    }
    Ok(if effort.deadline.passed() { End::TimeLimit } else { End::Fine })
}
