//! Several scenarios in one batch: files side by side, or one scenario with a table of changes.
//!
//! A layer that several scenarios read from the same file is opened once. Small regions are planned side by side; what
//! comes out does not depend on that.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use toml::{Table, Value};

use crate::effort::Effort;
use crate::report::{self, Compared};
use crate::study::inputs::Shelf;
use crate::study::{Error, Folder, Listener, Planned, Study};

/// Addresses of a batch up to which its scenarios are planned side by side.
const SIDE_BY_SIDE: usize = 20_000;

/// One scenario of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What it is called; also the name of its folder.
    pub name: String,
    /// What it changes in the scenario that all share, as `design.take_up = 0.5`; empty for a file of its own.
    pub changes: Vec<String>,
    /// Where it comes from, as said in errors.
    pub shown: String,
    /// The folder that its paths start from.
    pub folder: PathBuf,
    /// The scenario's text.
    pub text: String,
}

/// What a batch came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Scenarios planned.
    pub runs: usize,
    /// Whether every scenario that insists on serving all does so.
    pub serves_all: bool,
    /// Whether a time limit cut any of them short.
    pub cut_short: bool,
}

/// The scenarios of several files, named after them.
///
/// # Errors
/// If a file cannot be read.
pub fn runs_of_files(paths: &[PathBuf]) -> Result<Vec<Run>, Error> {
    let run = |path: &PathBuf| {
        let text = super::read_scenario(path)?;
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        // Several folders may each hold a `scenario.toml`: the folder tells them apart.
        let above = path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        let name = match above {
            Some(above) if stem == "scenario" => above,
            _ => stem,
        };
        let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
        Ok(Run { name, changes: Vec::new(), shown: path.display().to_string(), folder, text })
    };
    paths.iter().map(run).collect::<Result<Vec<Run>, Error>>().map(with_names)
}

/// One scenario with each row of a table of changes: CSV with a column a key, or TOML with a `[[run]]` each.
///
/// # Errors
/// If a file cannot be read or is no such table.
pub fn runs_of_sweep(scenario: &Path, sweep: &Path) -> Result<Vec<Run>, Error> {
    let shown = sweep.display().to_string();
    let wrong = |what: String| Error::Sweep { path: shown.clone(), what };
    let base: Table = super::read_scenario(scenario)?.parse().map_err(|error| Error::Sweep {
        path: scenario.display().to_string(),
        what: format!("it is no TOML: {error}"),
    })?;
    let text = std::fs::read_to_string(sweep).map_err(|error| wrong(format!("it cannot be read ({error})")))?;
    let is_toml = sweep.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
    let tables = if is_toml { tables_of_toml(&text) } else { tables_of_csv(&text) }.map_err(wrong)?;
    let folder = scenario.parent().unwrap_or(Path::new(".")).to_owned();
    let run = |(place, mut changes): (usize, Table)| {
        let name = match changes.remove("name") {
            Some(Value::String(name)) if !name.trim().is_empty() => name,
            Some(Value::Integer(number)) => number.to_string(),
            _ => format!("run {}", place + 1),
        };
        let mut told = Vec::new();
        tell(&Value::Table(changes.clone()), "", &mut told);
        let mut merged = base.clone();
        merge(&mut merged, changes);
        let text = toml::to_string(&merged).expect("a table of TOML is TOML");
        Run { shown: format!("{shown}, {name}"), name, changes: told, folder: folder.clone(), text }
    };
    let runs: Vec<Run> = tables.into_iter().enumerate().map(run).collect();
    if runs.is_empty() {
        return Err(Error::Sweep { path: sweep.display().to_string(), what: "it has no runs".to_owned() });
    }
    Ok(with_names(runs))
}

fn tables_of_toml(text: &str) -> Result<Vec<Table>, String> {
    let mut whole: Table = text.parse().map_err(|error| format!("it is no TOML: {error}"))?;
    let runs = whole.remove("run");
    if let Some(key) = whole.keys().next() {
        return Err(format!("`{key}` is not known; give a [[run]] for each scenario, with the keys that it changes"));
    }
    let Some(Value::Array(runs)) = runs else {
        return Err("it has no [[run]]; give one for each scenario, with the keys that it changes".to_owned());
    };
    let table = |run| match run {
        Value::Table(table) => Ok(table),
        other => Err(format!("`{other}` is no table; write [[run]] and the keys that it changes below")),
    };
    runs.into_iter().map(table).collect()
}

fn tables_of_csv(text: &str) -> Result<Vec<Table>, String> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| format!("it is no table: {error}"))?.clone();
    let row = |record: Result<csv::StringRecord, csv::Error>| {
        let record = record.map_err(|error| format!("a row cannot be read: {error}"))?;
        let mut table = Table::new();
        for (key, cell) in header.iter().zip(&record).filter(|(_, cell)| !cell.is_empty()) {
            merge(&mut table, nested(key, value(cell)));
        }
        Ok(table)
    };
    reader.records().map(row).collect()
}

/// A cell as TOML would read it; what TOML does not understand is text.
fn value(cell: &str) -> Value {
    let parsed: Option<Table> = format!("value = {cell}").parse().ok();
    parsed.and_then(|mut table| table.remove("value")).unwrap_or_else(|| Value::String(cell.to_owned()))
}

/// `design.take_up` as tables in tables; `prices.civil.plough` is the price of that key.
fn nested(key: &str, value: Value) -> Table {
    let steps: Vec<&str> = match key.strip_prefix("prices.") {
        Some(price) => vec!["prices", price, "price"],
        None => key.split('.').collect(),
    };
    let inner = steps.iter().rev().fold(value, |inner, step| {
        let mut table = Table::new();
        table.insert((*step).to_owned(), inner);
        Value::Table(table)
    });
    if let Value::Table(table) = inner { table } else { Table::new() }
}

/// Puts changes into a table; tables meet key by key, anything else is replaced.
fn merge(base: &mut Table, changes: Table) {
    for (key, change) in changes {
        match (base.get_mut(&key), change) {
            (Some(Value::Table(below)), Value::Table(change)) => merge(below, change),
            (_, change) => {
                base.insert(key, change);
            }
        }
    }
}

fn tell(value: &Value, path: &str, told: &mut Vec<String>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                tell(value, &if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, told);
            }
        }
        other => told.push(format!("{path} = {other}")),
    }
}

/// Gives every run a name that can be a folder's, and that no other run has.
fn with_names(mut runs: Vec<Run>) -> Vec<Run> {
    let mut taken: BTreeSet<String> = ["comparison".to_owned()].into();
    for run in &mut runs {
        let plain = |c: char| if c.is_alphanumeric() || "-_., ".contains(c) { c } else { '-' };
        let name: String = run.name.trim().trim_start_matches('.').chars().map(plain).collect();
        let name = if name.is_empty() { "run".to_owned() } else { name };
        let mut tried = name.clone();
        let mut count = 1;
        while !taken.insert(tried.to_lowercase()) {
            count += 1;
            tried = format!("{name} {count}");
        }
        run.name = tried;
    }
    runs
}

/// Says nothing, for scenarios that are planned side by side.
struct Silent;

impl Listener for Silent {
    fn step(&mut self, _: &'static str) {}
    fn progress(&mut self, _: i64, _: i64) {}
}

/// Plans every scenario into a folder of its own, and compares them. Every scenario gets its own `effort`.
///
/// # Errors
/// If any of them cannot be planned or written; the run is named.
pub fn plan_batch(
    runs: &[Run],
    effort: &(dyn Fn() -> Effort + Sync),
    folder: &mut Folder,
    shapefiles: bool,
    listener: &mut dyn Listener,
) -> Result<Batch, Error> {
    let mut shelf = Shelf::keeping();
    let mut compared: Vec<Compared> = Vec::new();
    let mut batch = Batch { runs: runs.len(), serves_all: true, cut_short: false };
    let named = |run: &Run| {
        let name = run.name.clone();
        move |source: Error| Error::Run { name, source: Box::new(source) }
    };
    let mut waiting = runs.iter();
    let mut chunk = 1;
    loop {
        let mut studies: Vec<(&Run, Study)> = Vec::new();
        for run in waiting.by_ref().take(chunk) {
            let study = Study::read(&run.text, (&run.shown, &run.folder), &mut shelf, listener).map_err(named(run))?;
            studies.push((run, study));
        }
        let Some((_, first)) = studies.first() else { break };
        let small = first.region.addresses.len() * runs.len() <= SIDE_BY_SIDE;
        let alone = studies.len() == 1;
        let planned: Vec<Result<Planned, Error>> = if alone {
            studies.into_iter().map(|(run, study)| study.plan(&effort(), listener).map_err(named(run))).collect()
        } else {
            studies.into_par_iter().map(|(run, study)| study.plan(&effort(), &mut Silent).map_err(named(run))).collect()
        };
        for planned in planned {
            let planned = planned?;
            let run = &runs[compared.len()];
            planned.save(&mut folder.part(&run.name)?, shapefiles, listener)?;
            batch.serves_all &= planned.serves_all() || !planned.study.scenario.scope.serve_all;
            batch.cut_short |= planned.plan.trench.cut_short;
            compared.push(Compared::of(&run.name, &run.changes, &planned.told()));
        }
        chunk = if small { rayon::current_num_threads().max(1) } else { 1 };
    }
    folder.write("comparison.csv", &report::comparison(&compared))?;
    folder.write("comparison.json", &report::comparison_json(&compared))?;
    folder.write("comparison.html", &report::comparison_page(&compared))?;
    Ok(batch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_changes_what_its_header_names_and_empty_cells_change_nothing() {
        let rows = tables_of_csv("name,design.take_up,prices.civil.plough,scope.area\nlow,0.3,,all\n,0.9,8.5,\n")
            .expect("a table");
        let mut base: Table = "[design]\ncabinet_ports = 96\ntake_up = 0.5\n".parse().expect("TOML");
        merge(&mut base, rows[1].clone());
        let text = toml::to_string(&base).expect("TOML");
        assert!(text.contains("cabinet_ports = 96") && text.contains("take_up = 0.9"), "{text}");
        assert!(text.contains("[prices.\"civil.plough\"]\nprice = 8.5"), "{text}");
        assert_eq!(rows[0].get("scope").and_then(|scope| scope.get("area")), Some(&Value::String("all".to_owned())));
    }

    #[test]
    fn a_sweep_in_toml_is_runs_and_nothing_else() {
        let runs = tables_of_toml("[[run]]\nname = 'a'\ndesign.take_up = 0.4\n[[run]]\n").expect("runs");
        assert_eq!(runs.len(), 2);
        assert!(tables_of_toml("[runs]\n").expect_err("no runs").contains("`runs` is not known"));
        assert!(tables_of_toml("").expect_err("no runs").contains("[[run]]"));
    }

    #[test]
    fn names_become_folders_of_their_own() {
        let run = |name: &str| Run {
            name: name.to_owned(),
            changes: Vec::new(),
            shown: String::new(),
            folder: PathBuf::new(),
            text: String::new(),
        };
        let names: Vec<String> =
            with_names(vec![run("a/b"), run("A-b"), run("../x"), run("")]).into_iter().map(|run| run.name).collect();
        assert_eq!(names, ["a-b", "A-b 2", "-x", "run"]);
    }
}
