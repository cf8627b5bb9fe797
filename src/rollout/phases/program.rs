//! The schedule as a mixed-integer program: has a unit been built by the end of a year?
//!
//! `built[u][t]` is 1 once unit u is built in year t or before. What it hangs from is built by then, what is built stays
//! built, and limits hold for what is new in a year. Levels that the bound has ruled out are no variables at all.

use good_lp::variable::UnsolvedProblem;
use good_lp::{Constraint, Expression, ProblemVariables, SolverModel, Variable, constraint, variable};

use crate::rollout::phases::bound::Allowed;
use crate::rollout::phases::schedule::{Limit, Problem, Schedule};

/// Variables up to which the program is set up; the pure-Rust solver has no limit on nodes, so it gets small ones only.
const MOST_VARIABLES: usize = if cfg!(feature = "highs") { 12_000 } else { 300 };

/// Work of branching, in variables times nodes.
const WORK: usize = 300_000;

/// What the program found.
pub(super) struct Answer {
    pub(super) schedule: Schedule,
    /// No schedule has a larger value of the objective, where the program knows.
    pub(super) most: Option<i64>,
}

/// What a solver found.
struct Run {
    /// Values of the variables, in the order in which they were added.
    values: Vec<f64>,
    /// How much larger the objective may be, where the solver knows.
    excess: Option<f64>,
}

/// Whether a unit is built by the end of a year.
#[derive(Clone, Copy)]
enum Level {
    Known(bool),
    /// Not decided; the place of the variable among all.
    Open(Variable, usize),
}

impl Level {
    fn expression(self, factor: f64) -> Expression {
        match self {
            Self::Known(true) => factor.into(),
            Self::Known(false) => 0.0.into(),
            Self::Open(variable, _) => factor * variable,
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
    let mut made = Vec::new();
    let levels: Vec<Vec<Level>> = allowed.iter().map(|years| levels(years, &mut variables, &mut made)).collect();
    let count = made.len();
    if count > MOST_VARIABLES {
        return None;
    }
    let mut rows = limit_rows(problem, &levels);
    for (place, floor) in floors.iter().enumerate().filter(|(_, floor)| **floor > 0) {
        let scale = Scale::of(problem, place);
        // Half a unit less: values are whole, so none is let in, and rounding shuts none out.
        let least = (*floor as f64 / scale.whole as f64 - 0.5) / scale.unit;
        rows.push(constraint!(value(problem, &levels, place, &scale) >= least));
    }
    for (unit, own) in levels.iter().enumerate() {
        rows.extend(own.windows(2).filter_map(|pair| below(pair[0], pair[1])));
        if let Some(after) = problem.tasks[unit].after {
            rows.extend(own.iter().zip(&levels[after as usize]).filter_map(|(level, before)| below(*level, *before)));
        }
    }
    let mut first = vec![0.0; count];
    for (unit, own) in levels.iter().enumerate() {
        for (year, level) in own.iter().enumerate() {
            if let Level::Open(_, place) = level {
                first[*place] = f64::from(u8::from(start[unit].is_some_and(|built| built as usize <= year)));
            }
        }
    }
    let scale = Scale::of(problem, objective);
    let aim = variables.maximise(value(problem, &levels, objective, &scale));
    let effort = Effort { nodes: (WORK / (count + 1)).clamp(50, 20_000), gap: (0.99 / scale.unit).max(1e-5) };
    let run = run(aim, rows, made.into_iter().zip(first).collect(), &effort)?;
    let is_built = |level: &Level| match level {
        Level::Known(built) => *built,
        Level::Open(_, place) => run.values[*place] > 0.5,
    };
    let year = |levels: &Vec<Level>| levels.iter().position(is_built).map(|year| year as u32);
    let schedule: Schedule = levels.iter().map(year).collect();
    // Values are whole, so a part of one is nothing; the hundredth is for the solver's rounding.
    let more = run.excess.map(|excess| (excess.max(0.0) * scale.unit + 0.01).floor() as i64 * scale.whole);
    let most = more.map(|more| problem.value(&schedule)[objective].saturating_add(more));
    Some(Answer { schedule, most })
}

/// Limits in euros and decimetres: numbers of a size that the solver's tolerances are made for.
fn limit_rows(problem: &Problem, levels: &[Vec<Level>]) -> Vec<Constraint> {
    let row = |limit: &Limit| {
        let mut used = Expression::default();
        for (task, levels) in problem.tasks.iter().zip(levels) {
            let amount = task.amount(limit.resource) as f64 / 100.0;
            used += levels[limit.last].expression(amount);
            if let Some(before) = limit.first.checked_sub(1) {
                used -= levels[before].expression(amount);
            }
        }
        constraint!(used <= limit.most as f64 / 100.0)
    };
    problem.limits.iter().map(row).collect()
}

/// When to stop.
#[cfg_attr(not(feature = "highs"), allow(dead_code, reason = "the pure-Rust solver takes neither"))]
struct Effort {
    nodes: usize,
    gap: f64,
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
fn levels(years: &[bool], variables: &mut ProblemVariables, made: &mut Vec<Variable>) -> Vec<Level> {
    let last = years.len() - 1;
    let mut level = Level::Known(false);
    let mut levels = Vec::with_capacity(last);
    for year in 0..last {
        if years[year] {
            let open = years[year + 1..].iter().any(|&allowed| allowed);
            level = if open {
                made.push(variables.add(variable().binary()));
                Level::Open(made[made.len() - 1], made.len() - 1)
            } else {
                Level::Known(true)
            };
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

/// One level is no higher than the other; nothing where that goes without saying.
fn below(low: Level, high: Level) -> Option<Constraint> {
    match (low, high) {
        (Level::Known(false), _) | (_, Level::Known(true)) => None,
        (Level::Open(_, a), Level::Open(_, b)) if a == b => None,
        (low, high) => Some(constraint!(low.expression(1.0) <= high.expression(1.0))),
    }
}

/// Hands the program to HiGHS: one thread, no output, a fixed number of nodes. Its own bound is asked for, which good_lp
/// does not pass on.
#[cfg(feature = "highs")]
fn run(aim: UnsolvedProblem, rows: Vec<Constraint>, first: Vec<(Variable, f64)>, effort: &Effort) -> Option<Run> {
    let first: Vec<f64> = first.into_iter().map(|(_, value)| value).collect();
    let mut model = aim.using(good_lp::solvers::highs::highs);
    for row in rows {
        model.add_constraint(row);
    }
    let mut model = model.try_into_inner().ok()?;
    model.make_quiet();
    model.try_set_option("parallel", "off").ok()?;
    model.try_set_option("threads", 1).ok()?;
    model.try_set_option("mip_rel_gap", 0.0).ok()?;
    model.try_set_option("mip_abs_gap", effort.gap).ok()?;
    model.try_set_option("mip_max_nodes", effort.nodes as i32).ok()?;
    model.try_set_solution(Some(&first), None, None, None).ok()?;
    let solved = model.try_solve().ok()?;
    if solved.primal_solution_status() != highs::HighsSolutionStatus::Feasible {
        return None;
    }
    let most = solved.double_info_value(c"mip_dual_bound").ok().filter(|most| most.is_finite());
    let excess = most.map(|most| most - solved.objective_value());
    Some(Run { values: solved.get_solution().columns().to_vec(), excess })
}

/// Hands the program to the pure-Rust solver, which has no limit on nodes.
#[cfg(not(feature = "highs"))]
fn run(aim: UnsolvedProblem, rows: Vec<Constraint>, first: Vec<(Variable, f64)>, _: &Effort) -> Option<Run> {
    use good_lp::Solution;
    use good_lp::solvers::{SolutionStatus, WithInitialSolution};
    let made: Vec<Variable> = first.iter().map(|(variable, _)| *variable).collect();
    let mut model = aim.using(good_lp::default_solver).with_initial_solution(first);
    for row in rows {
        model.add_constraint(row);
    }
    let solution = model.solve().ok()?;
    let proven = matches!(solution.status(), SolutionStatus::Optimal);
    let values = made.into_iter().map(|variable| solution.value(variable)).collect();
    Some(Run { values, excess: proven.then_some(0.0) })
}
