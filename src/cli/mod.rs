//! Arguments, one file a command; what a command answers becomes the exit code.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::effort::{Deadline, Effort, Stopwatch};
use crate::study::{self, Listener};

mod check;
mod compare;
mod frontier;
mod generate;
mod init;
mod inspect;
mod plan;
mod rank;
mod solve;

/// Plans fibre roll-out for the rural outlying area, with a proven lower bound on every plan.
///
/// Exit codes: 0 ok, 1 failure, 2 usage, 3 input data, 4 infeasible under the rules, 5 time limit reached with a valid
/// plan, 6 check failed.
#[derive(Debug, Parser)]
#[command(name = "vezel", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Say nothing but errors.
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Say how long each step took, on stderr.
    #[arg(short, long, global = true)]
    verbose: bool,
    /// Threads that may run at once; results do not depend on it.
    #[arg(long, global = true, value_name = "N")]
    threads: Option<usize>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a first scenario by looking at the files of a folder.
    Init(init::Arguments),
    /// Print findings about the data and a summary, without planning.
    Inspect(inspect::Arguments),
    /// Plan: trenches, PoPs, cabinets, cost, bound, ranking.
    Plan(plan::Arguments),
    /// Set cost against need: plans at many prices of need, each with a proven bound, and the best within a budget.
    Frontier(frontier::Arguments),
    /// Compare the bids of a tender beside a certified reference, or finished plans.
    Compare(compare::Arguments),
    /// Judge a result folder independently of the code that made it.
    Check(check::Arguments),
    /// Rank a finished plan anew with other weights, without planning again.
    Rank(rank::Arguments),
    /// Solve a published Steiner tree problem.
    Solve(solve::Arguments),
    /// Make a synthetic but believable rural region of any size, as shapefiles.
    Generate(generate::Arguments),
}

/// How hard to try.
#[derive(Debug, Args)]
struct Limits {
    /// Search as long as this, more than is usual if need be; what is cut short exits with 5 and may differ from run to run.
    #[arg(long, value_name = "SECONDS")]
    time_limit: Option<f64>,
    /// Start of every pseudo-random choice.
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
}

impl Limits {
    fn effort(&self, threads: Option<usize>) -> Effort {
        let limit = self.time_limit.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let usual = Effort::default();
        Effort {
            seed: self.seed,
            threads: threads.unwrap_or(usual.threads).max(1),
            deadline: limit.map_or(Deadline::never(), Deadline::after),
        }
    }
}

/// What a command ends with, besides errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Fine,
    Infeasible,
    TimeLimit,
    CheckFailed,
}

/// Runs the command that the arguments name; prints errors to stderr.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    if let Some(threads) = cli.threads {
        // Only the first call counts, and this is the only one.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build_global();
    }
    let mut bar = Bar::new(cli.quiet, cli.verbose);
    let ended = match &cli.command {
        Command::Init(arguments) => init::run(arguments),
        Command::Inspect(arguments) => inspect::run(arguments, &mut bar),
        Command::Plan(arguments) => plan::run(arguments, cli.threads, cli.quiet, &mut bar),
        Command::Frontier(arguments) => frontier::run(arguments, cli.threads, cli.quiet, &mut bar),
        Command::Compare(arguments) => compare::run(arguments, cli.threads, cli.quiet, &mut bar),
        Command::Check(arguments) => check::run(arguments),
        Command::Rank(arguments) => rank::run(arguments, cli.quiet),
        Command::Solve(arguments) => solve::run(arguments, cli.threads, &mut bar),
        Command::Generate(arguments) => generate::run(arguments),
    };
    bar.clear();
    match ended {
        Ok(End::Fine) => ExitCode::SUCCESS,
        Ok(End::Infeasible) => ExitCode::from(4),
        Ok(End::TimeLimit) => ExitCode::from(5),
        Ok(End::CheckFailed) => ExitCode::from(6),
        Err(error) => {
            complain(&format!("error: {error}"));
            code(&error)
        }
    }
}

fn code(error: &study::Error) -> ExitCode {
    use crate::geodata::Error as Geodata;
    match error {
        study::Error::Output { .. } | study::Error::Geodata(Geodata::Write { .. }) | study::Error::Problem(_) => {
            ExitCode::from(1)
        }
        study::Error::Budget(_) => ExitCode::from(2),
        study::Error::Infeasible(_) => ExitCode::from(4),
        study::Error::Run { source, .. } => code(source),
        _ => ExitCode::from(3),
    }
}

/// Data go to stdout; a reader that has seen enough is no error.
fn say(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Writes a file that the user named.
fn write(path: &std::path::Path, text: &str) -> Result<(), study::Error> {
    let wrong = |source| crate::geodata::Error::Write { path: path.display().to_string(), source };
    Ok(std::fs::write(path, text).map_err(wrong)?)
}

/// How far a value may be from the least possible, as a share of it.
fn gap(value: i64, bound: i64) -> f64 {
    if value > 0 { (value - bound) as f64 / value as f64 } else { 0.0 }
}

/// Everything else goes to stderr.
fn complain(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Progress on stderr, and only on a terminal.
struct Bar {
    spinner: ProgressBar,
    /// Whether to tell how long steps take, and the step that is under way.
    verbose: bool,
    step: Option<(&'static str, Stopwatch)>,
}

impl Bar {
    fn new(quiet: bool, verbose: bool) -> Self {
        let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { spinner: bar, verbose, step: None }
    }

    /// Tells how a long step is getting on.
    fn note(&mut self, told: String) {
        if let Some((_, watch)) = self.step.as_ref().filter(|_| self.verbose) {
            self.spinner.suspend(|| complain(&format!("{:9.3} s  {told}", watch.elapsed().as_secs_f64())));
        }
        self.spinner.set_message(told);
    }

    fn clear(&mut self) {
        self.tell();
        self.spinner.finish_and_clear();
    }

    /// Tells of the step that ends now.
    fn tell(&mut self) {
        if let Some((name, watch)) = self.step.take().filter(|_| self.verbose) {
            self.spinner.suspend(|| complain(&format!("{:9.3} s  {name}", watch.elapsed().as_secs_f64())));
        }
    }
}

impl Listener for Bar {
    fn step(&mut self, name: &'static str) {
        self.tell();
        self.step = Some((name, Stopwatch::start()));
        self.spinner.set_message(name);
    }

    fn progress(&mut self, value: i64, bound: i64) {
        let (euros, gap) = (value as f64 / 100.0, gap(value, bound) * 100.0);
        self.spinner.set_message(format!("solving: EUR {euros:.0}, at most {gap:.3} % from the least possible"));
    }
}
