//! `vezel solve`: a published Steiner tree instance.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::cli::{Bar, End, Limits, gap, say, write};
use crate::effort::{Effort, Stopwatch};
use crate::geodata;
use crate::problem::Instance;
use crate::solver::{self, Outcome, Stopped};
use crate::study::{self, Listener};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A Steiner tree problem in SteinLib (.stp) or PACE (.gr) format, plain or compressed (.xz, .gz).
    file: PathBuf,
    /// Write the tree, in the format of the DIMACS challenge.
    #[arg(long, value_name = "FILE")]
    solution: Option<PathBuf>,
    /// Write cuts of the instance that prove a bound, for `vezel check --certificate` to replay.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    limits: Limits,
}

/// Hundredths of a time limit that are used before the certificate is made, where one is asked for.
const BEFORE_CERTIFICATE: u32 = 85;

pub(super) fn run(arguments: &Arguments, threads: Option<usize>, bar: &mut Bar) -> Result<End, study::Error> {
    let watch = Stopwatch::start();
    let effort = arguments.limits.effort(threads);
    bar.step("reading");
    let instance = study::instance(&arguments.file)?;
    // Opened at once, so that no long search is lost to a path that cannot be written.
    let open = |path: &PathBuf| File::create(path).map_err(|source| unwritable(path, source));
    let file = arguments.certificate.as_ref().map(open).transpose()?;
    bar.step("solving");
    let share = if arguments.certificate.is_some() { BEFORE_CERTIFICATE } else { 100 };
    let search = Effort { deadline: effort.deadline.hundredths(share), ..effort.clone() };
    let mut outcome = solver::solve(&instance.problem, &search, &mut |known| {
        let (value, bound) = (instance.amount(known.value), instance.amount(known.bound));
        let gap = gap(known.value, known.bound) * 100.0;
        bar.note(format!("value {value}  bound {bound}  gap {gap:.4} %  edges {}", known.edges));
    });
    let mut confirmed = None;
    if let (Some(path), Some(file)) = (&arguments.certificate, file) {
        bar.step("proving");
        let wrong = |source| unwritable(path, source);
        let proof = solver::prove(&instance.problem, &outcome.tree, &effort);
        outcome.bound = outcome.bound.max(proof.bound);
        confirmed = Some(proof.bound);
        let mut file = BufWriter::new(file);
        study::write_certificate(&mut file, &instance, &outcome, &proof).and_then(|()| file.flush()).map_err(wrong)?;
    }
    let seconds = watch.elapsed().as_secs_f64();
    if let Some(path) = &arguments.solution {
        write(path, &solution(&instance, &outcome))?;
    }
    bar.clear();
    if arguments.json {
        let figures = figures(&instance, &outcome, confirmed, seconds);
        say(&serde_json::to_string_pretty(&figures).expect("figures are JSON"));
    } else {
        let sizes = outcome.sizes;
        say(&format!("value    {}", instance.amount(outcome.value)));
        say(&format!("bound    {}", instance.amount(outcome.bound)));
        if let Some(confirmed) = confirmed {
            say(&format!("replayed {}", instance.amount(confirmed)));
        }
        say(&format!("gap      {:.4} %", 100.0 * gap(outcome.value, outcome.bound)));
        say(&format!("status   {}", status(&outcome)));
        say(&format!("seconds  {seconds:.2}"));
        say(&format!("nodes    {} before reduction, {} after", sizes.nodes, sizes.nodes_left));
        say(&format!("edges    {} before reduction, {} after", sizes.edges, sizes.edges_left));
    }
    Ok(if outcome.stopped == Stopped::Deadline { End::TimeLimit } else { End::Fine })
}

fn unwritable(path: &Path, source: std::io::Error) -> geodata::Error {
    geodata::Error::Write { path: path.display().to_string(), source }
}

fn status(outcome: &Outcome) -> &'static str {
    if outcome.value == outcome.bound { "optimal" } else { "feasible" }
}

fn figures(instance: &Instance, outcome: &Outcome, confirmed: Option<i64>, seconds: f64) -> Value {
    // The shortest number that reads as this decimal.
    let amount = |value: i64| match instance.decimals {
        0 => json!(value),
        _ => json!(instance.amount(value).parse::<f64>().unwrap_or_default()),
    };
    let sizes = outcome.sizes;
    let mut figures = json!({
        "name": instance.name,
        "value": amount(outcome.value),
        "bound": amount(outcome.bound),
        "gap": gap(outcome.value, outcome.bound),
        "status": status(outcome),
        "seconds": (seconds * 1000.0).round() / 1000.0,
        "nodes": sizes.nodes,
        "edges": sizes.edges,
        "nodes_reduced": sizes.nodes_left,
        "edges_reduced": sizes.edges_left,
    });
    if let Some(confirmed) = confirmed {
        figures["confirmed_bound"] = amount(confirmed);
    }
    figures
}

/// The tree as text: vertices and edges, counted from 1. Format: solution files of the 11th DIMACS challenge.
fn solution(instance: &Instance, outcome: &Outcome) -> String {
    let graph = instance.problem.graph();
    let edges = &outcome.tree.edges;
    let mut nodes: Vec<u32> = edges.iter().flat_map(|&edge| graph.ends(edge)).map(|node| node.0 + 1).collect();
    nodes.extend(outcome.tree.lone_node.map(|node| node.0 + 1));
    nodes.sort_unstable();
    nodes.dedup();
    let mut text = String::from("SECTION Comment\n");
    let _ = writeln!(text, "Name \"{}\"\nProgram \"vezel\"\nEND\n", instance.name.as_deref().unwrap_or_default());
    let _ = writeln!(text, "SECTION Finalsolution\nPrimal {}", instance.amount(outcome.value));
    let _ = writeln!(text, "Vertices {}", nodes.len());
    for node in nodes {
        let _ = writeln!(text, "V {node}");
    }
    let _ = writeln!(text, "Edges {}", edges.len());
    for &edge in edges {
        let [tail, head] = graph.ends(edge);
        let _ = writeln!(text, "E {} {}", tail.0 + 1, head.0 + 1);
    }
    text.push_str("END\n\nEOF\n");
    text
}
