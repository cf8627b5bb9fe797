//! `vezel plan`: from scenario to result folder.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::{Bar, End, Limits, complain, say, write};
use crate::plan::{Status, TrenchFigures};
use crate::study::{self, Folder, Study};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The scenario; several are planned in one batch, each into a folder of its own, and compared.
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<PathBuf>,
    /// Plan the scenario once for each row of a table of changes: CSV with a column for each key (design.take_up,
    /// prices.civil.plough, ...), or TOML with a [[run]] for each.
    #[arg(long, value_name = "FILE", conflicts_with = "export_stp")]
    sweep: Option<PathBuf>,
    /// Folder for the results; it appears as a whole or not at all.
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
    /// Replace a folder that is there already.
    #[arg(long)]
    force: bool,
    /// Write map layers also as shapefiles.
    #[arg(long, value_enum, default_value_t = Format::Gpkg)]
    format: Format,
    /// Also write the trench problem in SteinLib format, for other solvers.
    #[arg(long, value_name = "FILE")]
    export_stp: Option<PathBuf>,
    #[command(flatten)]
    limits: Limits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// GeoPackage.
    Gpkg,
    /// GeoPackage and shapefiles.
    Shp,
}

pub(super) fn run(
    arguments: &Arguments,
    threads: Option<usize>,
    quiet: bool,
    bar: &mut Bar,
) -> Result<End, study::Error> {
    let several = match (&arguments.sweep, arguments.scenarios.as_slice()) {
        (Some(sweep), [scenario]) => Some(study::runs_of_sweep(scenario, sweep)?),
        (Some(sweep), _) => {
            let what = "a table of changes goes with one scenario; name only one".to_owned();
            return Err(study::Error::Sweep { path: sweep.display().to_string(), what });
        }
        (None, [_]) => None,
        (None, files) => Some(study::runs_of_files(files)?),
    };
    match several {
        Some(runs) => batch(&runs, arguments, threads, quiet, bar),
        None => single(arguments, threads, quiet, bar),
    }
}

/// Plans several scenarios into one folder.
fn batch(
    runs: &[study::Run],
    arguments: &Arguments,
    threads: Option<usize>,
    quiet: bool,
    bar: &mut Bar,
) -> Result<End, study::Error> {
    let mut folder = Folder::begin(&arguments.output, arguments.force)?;
    let effort = || arguments.limits.effort(threads);
    let done = study::plan_batch(runs, &effort, &mut folder, arguments.format == Format::Shp, bar)?;
    folder.finish()?;
    bar.clear();
    if !quiet {
        say(&format!("planned    {} scenarios", done.runs));
        say(&format!("results    {}", arguments.output.display()));
        say(&format!("look at    {}", arguments.output.join("comparison.html").display()));
    }
    Ok(match (done.serves_all, done.cut_short) {
        (false, _) => End::Infeasible,
        (true, true) => End::TimeLimit,
        (true, false) => End::Fine,
    })
}

fn single(arguments: &Arguments, threads: Option<usize>, quiet: bool, bar: &mut Bar) -> Result<End, study::Error> {
    let mut folder = Folder::begin(&arguments.output, arguments.force)?;
    let effort = arguments.limits.effort(threads);
    let planned = Study::open(&arguments.scenarios[0], bar)?.plan(&effort, bar)?;
    planned.save(&mut folder, arguments.format == Format::Shp, bar)?;
    if let Some(path) = &arguments.export_stp {
        write(path, &planned.to_stp())?;
    }
    folder.finish()?;
    bar.clear();
    let plan = &planned.plan;
    let connected = plan.addresses.iter().filter(|outcome| outcome.status == Status::Connected).count();
    if !quiet {
        say(&format!("connected  {connected} of {} addresses", plan.addresses.len()));
        say(&trenches(&plan.trench));
        let total = plan.bill.total();
        say(&format!(
            "total      EUR {total}, at least EUR {} (gap {:.2} %)",
            plan.total.bound,
            plan.total.gap(total) * 100.0
        ));
        say(&format!("results    {}", arguments.output.display()));
        say(&format!("look at    {}", arguments.output.join("report.html").display()));
    }
    if !planned.serves_all() {
        complain("warning: some addresses cannot be served under the rules; addresses.csv says why");
    }
    if !planned.protects_all() {
        complain("warning: some parks cannot be protected as they ask; findings.csv says why");
    }
    let scenario = &planned.study.scenario;
    let is_served = planned.serves_all() || !scenario.scope.serve_all;
    let is_protected = planned.protects_all() || !scenario.redundancy.required;
    Ok(match (is_served && is_protected, plan.trench.cut_short) {
        (false, _) => End::Infeasible,
        (true, true) => End::TimeLimit,
        (true, false) => End::Fine,
    })
}

fn trenches(trench: &TrenchFigures) -> String {
    let limits = match trench.beyond {
        0 => String::new(),
        beyond => format!(", with {beyond} routes beyond the reach of the optics"),
    };
    format!(
        "trenches   EUR {} built; EUR {} would do without cables{limits}, at least EUR {} (gap {:.4} %)",
        trench.built,
        trench.cost,
        trench.bound,
        trench.gap() * 100.0
    )
}
