//! The schedule as a mixed-integer program: has a unit been built by the end of a year?
//!
//! `built[u][t]` is 1 once unit u is built in year t or before. What it hangs from is built by then, what is built stays
//! built, and limits hold for what is new in a year. Levels that the bound has ruled out are no variables at all.

use good_lp::solvers::{SolutionStatus, WithInitialSolution};
use good_lp::{Expression, ProblemVariables, Solution, SolverModel, Variable, constraint, variable};

use crate::rollout::phases::bound::Allowed;
use crate::rollout::phases::schedule::{Problem, Schedule};

/// Variables up to which the program is set up; the pure-Rust solver has no limit on nodes, so it gets small ones only.
const MOST_VARIABLES: usize = if cfg!(feature = "highs") { 12_000 } else { 300 };

/// Work of branching, in variables times nodes.
const WORK: usize = 1_000_000;

/// What the program found.
pub(super) struct Answer {
    pub(super) schedule: Schedule,
    /// Whether it went through to the end: no schedule is better in the objective by more than the slack.
    pub(super) proven: bool,
    /// Nothing, unless values are so large that the solver cannot tell them apart to the last unit.
    pub(super) slack: i64,
}

/// Whether a unit is built by the end of a year.
#[derive(Clone, Copy)]
enum Level {
    Known(bool),
    Open(Variable),
}

impl Level {
    fn expression(self, factor: f64) -> Expression {
        match self {
            Self::Known(true) => factor.into(),
            Self::Known(false) => 0.0.into(),
            Self::Open(variable) => factor * variable,
        }
    }
}

/// Makes an objective as large as possible while those before it reach their floors; `None` where the program is too
/// large or fails. Branching ends after a fixed number of nodes.
pub(super) fn solve(
    problem: &Problem,
    (objective, floors): (usize, &[i64]),
    allowed: &Allowed,
    start: &Schedule,
) -> Option<Answer> {
    let mut variables = ProblemVariables::new();
    let levels: Vec<Vec<Level>> = allowed.iter().map(|years| levels(years, &mut variables)).collect();
    let count = levels.iter().flatten().filter(|level| matches!(level, Level::Open(_))).count();
    if count > MOST_VARIABLES {
        return None;
    }
    let nodes = (WORK / (count + 1)).clamp(50, 20_000);
    let scale = Scale::of(problem, objective);
    let gap = (0.99 / scale.unit).max(1e-5);
    let mut model = quiet(variables.maximise(value(problem, &levels, objective, &scale)), nodes, gap);
    for (place, floor) in floors.iter().enumerate().filter(|(_, floor)| **floor > 0) {
        let scale = Scale::of(problem, place);
        // Half a unit less: values are whole, so none is let in, and rounding shuts none out.
        let least = (*floor as f64 / scale.whole as f64 - 0.5) / scale.unit;
        model = model.with(constraint!(value(problem, &levels, place, &scale) >= least));
    }
    for (unit, own) in levels.iter().enumerate() {
        for pair in own.windows(2) {
            model = below(model, pair[0], pair[1]);
        }
        if let Some(after) = problem.tasks[unit].after {
            for (level, before) in own.iter().zip(&levels[after as usize]) {
                model = below(model, *level, *before);
            }
        }
    }
    for limit in &problem.limits {
        let mut used = Expression::default();
        for (task, levels) in problem.tasks.iter().zip(&levels) {
            // In euros and metres: numbers of a size that the solver's tolerances are made for.
            let amount = task.amount(limit.resource) as f64 / 100.0;
            used += levels[limit.last].expression(amount);
            if let Some(before) = limit.first.checked_sub(1) {
                used -= levels[before].expression(amount);
            }
        }
        model = model.with(constraint!(used <= limit.most as f64 / 100.0));
    }
    let known = |unit: usize, year: usize| start[unit].is_some_and(|built| built as usize <= year);
    let mut initial: Vec<(Variable, f64)> = Vec::new();
    for (unit, own) in levels.iter().enumerate() {
        for (year, level) in own.iter().enumerate() {
            // A level that is that of the year before has been told of.
            if let Level::Open(variable) = level
                && initial.last().is_none_or(|(last, _)| last != variable)
            {
                initial.push((*variable, f64::from(u8::from(known(unit, year)))));
            }
        }
    }
    let solution = model.with_initial_solution(initial).solve().ok()?;
    let is_built = |level: &Level| match level {
        Level::Known(built) => *built,
        Level::Open(variable) => solution.value(*variable) > 0.5,
    };
    let year = |levels: &Vec<Level>| levels.iter().position(is_built).map(|year| year as u32);
    let proven = matches!(solution.status(), SolutionStatus::Optimal | SolutionStatus::GapLimit);
    let slack = ((gap * scale.unit).floor() * scale.whole as f64) as i64;
    Some(Answer { schedule: levels.iter().map(year).collect(), proven, slack })
}

/// How values are made small enough for the solver's floating-point numbers.
struct Scale {
    /// Every value is a multiple of this.
    whole: i64,
    /// So many of those are one in the program, where all values together stay below a million.
    unit: f64,
}

impl Scale {
    fn of(problem: &Problem, objective: usize) -> Self {
        let common = |numbers: &mut dyn Iterator<Item = i64>| numbers.fold(0, divisor).max(1);
        let need = common(&mut problem.tasks.iter().map(|task| task.need[objective]));
        let whole = need * common(&mut problem.service.iter().copied());
        let most: f64 = problem.tasks.iter().map(|task| task.need[objective] as f64).sum();
        let most = most * problem.service.first().copied().unwrap_or(0) as f64 / whole as f64;
        Self { whole, unit: (most / 1e6).max(1.0) }
    }
}

/// Greatest common divisor.
fn divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { divisor(b, a % b) }
}

/// The levels of one unit; a year that is ruled out has the level of the year before.
fn levels(years: &[bool], variables: &mut ProblemVariables) -> Vec<Level> {
    let last = years.len() - 1;
    let mut level = Level::Known(false);
    let mut levels = Vec::with_capacity(last);
    for year in 0..last {
        if years[year] {
            let open = years[year + 1..].iter().any(|&allowed| allowed);
            level = if open { Level::Open(variables.add(variable().binary())) } else { Level::Known(true) };
        }
        levels.push(level);
    }
    levels
}

/// Need times years in service of one objective: every year that a unit is there counts what that year adds.
fn value(problem: &Problem, levels: &[Vec<Level>], objective: usize, scale: &Scale) -> Expression {
    let service = &problem.service;
    let mut value = Expression::default();
    for (task, levels) in problem.tasks.iter().zip(levels).filter(|(task, _)| task.need[objective] > 0) {
        for (year, level) in levels.iter().enumerate() {
            let adds = service[year] - service.get(year + 1).copied().unwrap_or(0);
            value += level.expression((task.need[objective] * adds) as f64 / scale.whole as f64 / scale.unit);
        }
    }
    value
}

/// One level is no higher than the other.
fn below<M: SolverModel>(model: M, low: Level, high: Level) -> M {
    match (low, high) {
        (Level::Known(false), _) | (_, Level::Known(true)) => model,
        (Level::Open(a), Level::Open(b)) if a == b => model,
        (low, high) => model.with(constraint!(low.expression(1.0) <= high.expression(1.0))),
    }
}

/// Hands the program to the solver: one thread, no output, a fixed number of nodes.
#[cfg(feature = "highs")]
fn quiet(
    problem: good_lp::variable::UnsolvedProblem,
    nodes: usize,
    gap: f64,
) -> impl SolverModel<Solution: Solution> + WithInitialSolution {
    use good_lp::solvers::highs::{HighsParallelType, highs};
    problem
        .using(highs)
        .set_parallel(HighsParallelType::Off)
        .set_threads(1)
        .set_option("mip_rel_gap", 0.0)
        .set_option("mip_abs_gap", gap)
        .set_option("mip_max_nodes", nodes as i32)
}

#[cfg(not(feature = "highs"))]
fn quiet(
    problem: good_lp::variable::UnsolvedProblem,
    _: usize,
    _: f64,
) -> impl SolverModel<Solution: Solution> + WithInitialSolution {
    problem.using(good_lp::default_solver)
}
