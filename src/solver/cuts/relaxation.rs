//! The linear relaxation: every arc a share between nothing and all of it, every prize lost in part.
//!
//! Rows demand that cuts are crossed, that what enters a node without demand leaves it again, and that no node is entered
//! twice. A bound is never read off the program's value: its duals are rounded to whole numbers, and what they prove is
//! added up exactly. What they leave of each arc's cost takes the place of a dual ascent's residuals.
//!
//! Source: Wong (1984); flow balance: Koch and Martin (1998); exact bounds from rounded duals: Neumaier and Shcherbina
//! (Math. Prog. 99, 2004).

use std::time::Duration;

use highs::{HighsModelStatus, Model, SolvedModel};

use crate::effort::Deadline;
use crate::graph::{Arc, NodeId};
use crate::problem::Demand;
use crate::solver::ascent::{Ascent, Cut, SHUT};
use crate::solver::cuts::basis::Basis;
use crate::solver::cuts::batch;
use crate::solver::cuts::given::{Given, Program};
use crate::solver::cuts::point::Point;
use crate::solver::cuts::rows::{self, Ground, Kind, Priced, Row};
use crate::solver::cuts::zero_half::zero_half_cuts;
use crate::solver::holes::{Around, Holes};

/// The relaxation.
pub(super) struct Relaxation<'a> {
    pub(super) ground: Ground<'a>,
    holes: Holes,
    /// By node, whether it is in the cut that is looked at; nowhere in between.
    inside: Vec<bool>,
    /// By arc, its column.
    arcs: Vec<Option<u32>>,
    /// By node, the column of its prize.
    losses: Vec<Option<u32>>,
    /// By column, in units over the scale, without what is owed.
    costs: Vec<i64>,
    /// By column, its arc, or its node after all arcs.
    items: Vec<u32>,
    /// By column, whether no share of it may be used.
    shut: Vec<bool>,
    /// What it costs at least to enter each terminal or to lose its prize. That can be more than all else together, and the
    /// solver blurs costs by parts of the largest.
    owed: i64,
    rows: Vec<Row>,
    /// How many of them, the first, always stay.
    standing: usize,
    /// By row of the last solution, its price; after rows were dropped, those that stayed. Before the first, what rows are
    /// thought to pay.
    prices: Vec<i64>,
    /// The bound when rows without a price were looked for last.
    forgotten: i64,
    /// The model and the number of rows that it holds; none before it is first solved.
    model: Option<(Model, usize)>,
    /// Prices that are given to the model.
    given: Given,
    /// Where the first model begins, if that is known.
    basis: Option<Basis>,
    /// How long the model has run where there is a deadline: the solver's clock goes on from one run to the next.
    ran: Duration,
    /// Work so far: simplex iterations times rows.
    pub(super) work: i64,
}

impl<'a> Relaxation<'a> {
    pub(super) fn new(ground: Ground<'a>) -> Self {
        let (problem, root) = (ground.problem, ground.root);
        let graph = problem.graph();
        let (mut costs, mut items) = (Vec::new(), Vec::new());
        let mut column_of = |item: usize| {
            costs.push(ground.costs[item]);
            items.push(item as u32);
            Some(items.len() as u32 - 1)
        };
        let arcs = (0..2 * graph.edge_count())
            .map(|arc| if ground.closed[arc] || graph.head(arc) == root { None } else { column_of(arc) })
            .collect();
        let first = 2 * graph.edge_count();
        let losses = graph.nodes().map(|node| match problem.demands()[node.index()] {
            Demand::Prize(_) => column_of(first + node.index()),
            Demand::Required | Demand::None => None,
        });
        let losses = losses.collect();
        let mut relaxation = Self {
            holes: Holes::new(graph.node_count()),
            inside: vec![false; graph.node_count()],
            arcs,
            losses,
            shut: vec![false; items.len()],
            costs,
            items,
            owed: 0,
            rows: Vec::new(),
            standing: 0,
            prices: Vec::new(),
            forgotten: i64::MIN,
            model: None,
            given: Given::default(),
            basis: None,
            ran: Duration::ZERO,
            work: 0,
            ground,
        };
        for node in graph.nodes().filter(|&node| node != root) {
            if problem.demands()[node.index()] != Demand::None {
                relaxation.enter(node);
            } else if !(relaxation.ground.is_part && graph.arcs(node).iter().any(|arc| arc.to == root)) {
                let out = relaxation.leaving(node).map(|column| (column, 1));
                let factors = out.chain(relaxation.entering(node).map(|column| (column, -1))).collect();
                relaxation.rows.push(Row::new(factors, 0, Kind::Balance(node)));
            }
        }
        relaxation.standing = relaxation.rows.len();
        relaxation
    }

    /// Columns of the arcs that enter a node.
    fn entering(&self, node: NodeId) -> impl Iterator<Item = u32> + '_ {
        let graph = self.ground.problem.graph();
        graph.arcs(node).iter().filter_map(move |arc| self.arcs[graph.incoming(node, *arc)])
    }

    /// Columns of the arcs that leave a node.
    fn leaving(&self, node: NodeId) -> impl Iterator<Item = u32> + '_ {
        let graph = self.ground.problem.graph();
        graph.arcs(node).iter().filter_map(move |arc| self.arcs[graph.outgoing(node, *arc)])
    }

    /// Adds a row: a terminal is entered just once, or its prize is lost. What that costs at least is owed from now on.
    fn enter(&mut self, terminal: NodeId) {
        let factors: Vec<(u32, i8)> =
            self.entering(terminal).chain(self.losses[terminal.index()]).map(|column| (column, 1)).collect();
        let least = factors.iter().map(|&(column, _)| self.costs[column as usize]).min().unwrap_or(0);
        factors.iter().for_each(|&(column, _)| self.costs[column as usize] -= least);
        self.owed += least;
        let kind = Kind::Cut(Cut { terminal, nodes: vec![terminal] });
        self.rows.push(Row { factors, least: 1, is_exact: true, kind, owed: least });
    }

    /// Adds a row: the cut, with its holes filled, is crossed.
    pub(super) fn add_cut(&mut self, cut: Cut) {
        let (factors, cut) = self.crossing(cut);
        self.rows.push(Row::new(factors, 1, Kind::Cut(cut)));
    }

    /// A cut that pays.
    pub(super) fn paying(&mut self, cut: Cut, price: i64) -> Priced {
        let (factors, cut) = self.crossing(cut);
        let factors = factors.into_iter().map(|(column, factor)| (self.items[column as usize], factor)).collect();
        Priced { factors, least: 1, price, kind: Kind::Cut(cut) }
    }

    /// The relaxation with rows that paid before; it is first solved from where they left it.
    pub(super) fn resumed(ground: Ground<'a>, rows: &[Priced]) -> Self {
        let mut relaxation = Self::new(ground);
        let mut standing = vec![None; relaxation.ground.problem.graph().node_count()];
        for (at, row) in relaxation.rows.iter().enumerate() {
            row.kind.nodes().iter().for_each(|node| standing[node.index()] = Some(at));
        }
        // What is owed the costs have been charged already.
        relaxation.prices = relaxation.rows.iter().map(|row| -row.owed).collect();
        for row in rows {
            match &row.kind {
                Kind::Cut(cut) if cut.nodes.len() > 1 => relaxation.add_cut(cut.clone()),
                Kind::Once(_) | Kind::Onward(_) | Kind::ZeroHalf => relaxation.add_again(row),
                Kind::Cut(_) | Kind::Balance(_) | Kind::Whole => {
                    if let Some(at) = row.kind.nodes().first().and_then(|node| standing[node.index()]) {
                        relaxation.prices[at] += row.price;
                    }
                    continue;
                }
            }
            relaxation.prices.push(row.price);
        }
        relaxation
    }

    /// What it takes to go on from here later, under more conditions.
    pub(super) fn resting(self) -> Resting {
        let columns = self.items.len();
        let basis = self.model.as_ref().map_or(self.basis, |(model, _)| self.given.basis(model, columns));
        let Self { arcs, losses, costs, items, owed, rows, standing, prices, forgotten, .. } = self;
        Resting { arcs, losses, costs, items, owed, rows, standing, prices, forgotten, basis }
    }

    /// The relaxation goes on where it rested, on the same ground but for more arcs that are closed and more nodes that are
    /// required. Its rows hold there as well.
    pub(super) fn awakened(resting: Resting, ground: Ground<'a>) -> Self {
        let Resting { arcs, losses, costs, items, owed, rows, standing, prices, forgotten, basis } = resting;
        let nodes = ground.problem.graph().node_count();
        let is_shut = |&item: &u32| match (item as usize).checked_sub(arcs.len()) {
            None => ground.closed[item as usize],
            Some(node) => ground.problem.demands()[node] == Demand::Required,
        };
        let shut = items.iter().map(is_shut).collect();
        Self {
            holes: Holes::new(nodes),
            inside: vec![false; nodes],
            arcs,
            losses,
            costs,
            items,
            shut,
            owed,
            rows,
            standing,
            prices,
            forgotten,
            model: None,
            given: Given::default(),
            basis,
            ran: Duration::ZERO,
            work: 0,
            ground,
        }
    }

    /// Adds the row that a node is entered. Unlike a terminal's, it owes nothing, so that the last solution's prices stay
    /// possible.
    pub(super) fn require(&mut self, node: NodeId) {
        let factors = self.entering(node).map(|column| (column, 1)).collect();
        let kind = Kind::Cut(Cut { terminal: node, nodes: vec![node] });
        self.rows.push(Row { factors, least: 1, is_exact: true, kind, owed: 0 });
    }

    /// Adds a row that paid before.
    fn add_again(&mut self, row: &Priced) {
        self.rows.push(Row::new(self.by_column(&row.factors), row.least, row.kind.clone()));
    }

    /// Columns of a cut with its holes filled, and the cut.
    fn crossing(&mut self, mut cut: Cut) -> (Vec<(u32, i8)>, Cut) {
        let graph = self.ground.problem.graph();
        let mut inside = std::mem::take(&mut self.inside);
        cut.nodes.iter().for_each(|node| inside[node.index()] = true);
        let around = Around {
            graph,
            is_inside: |node: NodeId| inside[node.index()],
            is_open: |arc: usize| self.arcs[arc].is_some(),
            is_reached: |node| node == self.ground.root,
            most: if cut.nodes.len() < LARGE { HOLE } else { usize::MAX },
        };
        let holes = self.holes.of(&cut.nodes, &around);
        holes.iter().for_each(|node| inside[node.index()] = true);
        cut.nodes.extend(holes);
        let mut factors: Vec<(u32, i8)> = Vec::new();
        for &node in &cut.nodes {
            for arc in graph.arcs(node).iter().filter(|arc| !inside[arc.to.index()]) {
                factors.extend(self.arcs[graph.incoming(node, *arc)].map(|column| (column, 1)));
            }
        }
        factors.extend(self.losses[cut.terminal.index()].map(|column| (column, 1)));
        cut.nodes.iter().for_each(|node| inside[node.index()] = false);
        self.inside = inside;
        (factors, cut)
    }

    /// Adds the degree and flow rows that a point violates. The number of rows added.
    pub(super) fn add_flow_rows(&mut self, shares: &[f64]) -> usize {
        let problem = self.ground.problem;
        let graph = problem.graph();
        let mut added = Vec::new();
        for node in graph.nodes().filter(|&node| node != self.ground.root) {
            let share = |arc: usize| if self.arcs[arc].is_some() { shares[arc] } else { 0.0 };
            let inflow: f64 = graph.arcs(node).iter().map(|arc| share(graph.incoming(node, *arc))).sum();
            if inflow > 1.0 + LOOSE {
                added.push(self.entered_once(node));
            }
            for arc in graph.arcs(node) {
                let others = inflow - share(graph.incoming(node, *arc));
                if share(graph.outgoing(node, *arc)) > others + LOOSE {
                    added.extend(self.onward(node, *arc));
                }
            }
        }
        let count = added.len();
        self.rows.extend(added);
        count
    }

    /// Adds all flow rows of nodes without demand, unless they have more than so many nonzeros together. The number of rows
    /// added.
    pub(super) fn add_all_flow_rows(&mut self, most: usize) -> usize {
        let all: Vec<Row> = self.flow_rows_at(|_| true).collect();
        if all.iter().map(|row| row.factors.len()).sum::<usize>() > most {
            return 0;
        }
        let count = all.len();
        self.rows.extend(all);
        count
    }

    /// Degree and flow rows of nodes without demand that are asked for.
    fn flow_rows_at(&self, is_asked: impl Fn(NodeId) -> bool) -> impl Iterator<Item = Row> {
        let (problem, root) = (self.ground.problem, self.ground.root);
        let graph = problem.graph();
        let relays = graph.nodes().filter(move |node| *node != root && problem.demands()[node.index()] == Demand::None);
        relays.filter(move |&node| is_asked(node)).flat_map(move |node| {
            let onward = graph.arcs(node).iter().filter_map(move |arc| self.onward(node, *arc));
            onward.chain([self.entered_once(node)])
        })
    }

    /// The row that a node is entered once at most.
    fn entered_once(&self, node: NodeId) -> Row {
        let factors = rows::entered_once(self.ground.problem, |arc| self.arcs[arc].is_some(), node);
        Row::new(self.by_column(&factors), -1, Kind::Once(node))
    }

    /// The row that a node is not left to where it was entered from, nor left at all where it is not entered; none if it
    /// cannot be left there.
    fn onward(&self, node: NodeId, arc: Arc) -> Option<Row> {
        let (factors, least) = rows::onward(self.ground.problem, |arc| self.arcs[arc].is_some(), node, arc)?;
        Some(Row::new(self.by_column(&factors), least, Kind::Onward(node)))
    }

    /// Factors by column, as far as items have one.
    fn by_column(&self, factors: &[(u32, i8)]) -> Vec<(u32, i8)> {
        let first = self.arcs.len();
        let column = |item: usize| if item < first { self.arcs[item] } else { self.losses[item - first] };
        factors.iter().filter_map(|&(item, factor)| Some((column(item as usize)?, factor))).collect()
    }

    /// Adds zero-half cuts that a point violates. The number of rows added.
    pub(super) fn add_zero_half_cuts(&mut self, point: &Point) -> usize {
        let graph = self.ground.problem.graph();
        let first = self.arcs.len();
        let value = |item: usize| if item < first { point.shares[item] } else { point.lost[item - first] };
        let values: Vec<f64> = self.items.iter().map(|&item| value(item as usize)).collect();
        let is_unsure = |node: NodeId| {
            graph.arcs(node).iter().any(|arc| (LOOSE..1.0 - LOOSE).contains(&point.shares[graph.incoming(node, *arc)]))
        };
        let flow: Vec<Row> = self.flow_rows_at(is_unsure).collect();
        let found = zero_half_cuts(self.rows.iter().chain(&flow), &values);
        let count = found.len();
        self.rows.extend(found);
        count
    }

    /// Nonzeros of all rows together.
    pub(super) fn nonzeros(&self) -> usize {
        self.rows.iter().map(|row| row.factors.len()).sum()
    }

    /// Cuts with a positive dual in the last solution.
    pub(super) fn binding_cuts(&self) -> Vec<Cut> {
        let binding = self.rows.iter().zip(&self.prices).filter(|(_, price)| **price != 0);
        binding.filter_map(|(row, _)| row.kind.cut()).filter(|cut| cut.nodes.len() > 1).cloned().collect()
    }

    /// The rows that pay in the last solution; with them no arc is charged more than it costs, and what they pay in all is
    /// the bound.
    pub(super) fn priced(&self) -> Vec<Priced> {
        let item = |&(column, factor): &(u32, i8)| (self.items[column as usize], factor);
        let mut priced: Vec<Priced> = Vec::new();
        for (row, price) in self.rows.iter().zip(&self.prices).filter(|(row, price)| **price + row.owed != 0) {
            let factors = row.factors.iter().map(item).collect();
            priced.push(Priced { factors, least: row.least, price: price + row.owed, kind: row.kind.clone() });
        }
        // No share is more than one.
        let over = self.left_over().into_iter().enumerate().filter(|(_, left)| *left < 0);
        priced.extend(over.map(|(column, left)| Priced {
            factors: vec![(self.items[column], -1)],
            least: -1,
            price: -left as i64,
            kind: Kind::Whole,
        }));
        priced
    }

    /// By column, what the prices of the last solution leave; nothing is owed for what may not be used.
    fn left_over(&self) -> Vec<i128> {
        let mut left: Vec<i128> = self.costs.iter().map(|&cost| i128::from(cost)).collect();
        for (row, &price) in self.rows.iter().zip(&self.prices).filter(|(_, price)| **price != 0) {
            for &(column, factor) in &row.factors {
                left[column as usize] -= i128::from(price) * i128::from(factor);
            }
        }
        left.iter_mut().zip(&self.shut).filter(|(_, shut)| **shut).for_each(|(left, _)| *left = (*left).max(0));
        left
    }

    /// Solves the relaxation as it stands; none where the solver gives up or time is over.
    ///
    /// Going on from the last solution is quick, but sometimes wanders; then only the rows that matter are kept, and it is
    /// solved afresh.
    pub(super) fn solve(&mut self, deadline: &Deadline) -> Option<Point> {
        let known = self.model.take();
        let is_new = known.as_ref().is_none_or(|(_, known)| *known == self.rows.len());
        let model = if let Some((mut model, known)) = known {
            batch::add(&mut model, &self.rows[known..]).then_some(model)?
        } else {
            let mut model = self.first_model()?;
            self.begin(&mut model)?;
            model
        };
        let mut solved = self.run(model, if is_new { AFRESH } else { ONWARDS }, deadline)?;
        if solved.status() == HighsModelStatus::ReachedIterationLimit && !is_new {
            self.drop_idle_rows();
            let model = self.first_model()?;
            solved = self.run(model, AFRESH, deadline)?;
        }
        if solved.status() != HighsModelStatus::Optimal {
            return None;
        }
        let point = self.point(&solved);
        self.model = Some((Model::from(solved), self.rows.len()));
        // Where the bound stays as it is, rows that were forgotten might be found again for ever.
        if point.duals.bound > self.forgotten {
            self.forgotten = point.duals.bound;
            self.forget_idle_rows();
        }
        Some(point)
    }

    /// Drops rows that the solution stands without, where those without a price are a fifth of all: every iteration looks at
    /// all rows, so a fresh program with the others, which begins where this one ended, is solved sooner than this one goes
    /// on.
    fn forget_idle_rows(&mut self) {
        let idle = self.prices[self.standing..].iter().filter(|price| **price == 0).count();
        if idle * 5 <= self.rows.len() {
            return;
        }
        let columns = self.items.len();
        let Some(basis) = self.model.take().and_then(|(model, _)| self.given.basis(&model, columns)) else {
            return self.drop_idle_rows();
        };
        let stays = |at: usize| at < self.standing || self.prices[at] != 0 || !basis.is_loose(at);
        let stays: Vec<bool> = (0..self.rows.len()).map(stays).collect();
        self.retain(&stays);
        self.basis = Some(basis.retained(&stays));
    }

    /// Drops the rows without a price in the last solution, but for those that stand from the first. Rows that were added
    /// since have no price yet, and stay.
    fn drop_idle_rows(&mut self) {
        let (solved, standing) = (self.prices.len(), self.standing);
        self.prices.resize(self.rows.len(), 0);
        let stays: Vec<bool> =
            (0..).zip(&self.prices).map(|(at, price)| *price != 0 || at < standing || at >= solved).collect();
        self.retain(&stays);
    }

    /// Drops all other rows, and their prices.
    fn retain(&mut self, stays: &[bool]) {
        let mut rows = stays.iter();
        self.rows.retain(|_| rows.next() == Some(&true));
        let mut prices = stays.iter();
        self.prices.retain(|_| prices.next() == Some(&true));
    }

    fn run(&mut self, mut model: Model, iterations: i32, deadline: &Deadline) -> Option<SolvedModel> {
        model.try_set_option("simplex_iteration_limit", iterations).ok()?;
        let left = deadline.left();
        if let Some(left) = left {
            model.try_set_option("time_limit", (self.ran + left).as_secs_f64().max(0.01)).ok()?;
        }
        let solved = model.try_solve().ok()?;
        self.ran += left.zip(deadline.left()).map_or(Duration::ZERO, |(before, after)| before.saturating_sub(after));
        self.work += solved.simplex_iteration_count().max(0) * self.rows.len() as i64;
        Some(solved)
    }

    /// A model of all rows; none where the solver refuses them.
    fn first_model(&mut self) -> Option<Model> {
        self.ran = Duration::ZERO;
        self.given = Given::default();
        let scale = self.ground.scale as f64;
        let columns = self.costs.iter().zip(&self.shut).map(|(&cost, &shut)| (cost as f64 / scale, shut));
        batch::model(columns, &self.rows)
    }

    /// Lets a model begin at the basis or the prices that are known, if there are any; none where the solver refuses.
    fn begin(&mut self, model: &mut Model) -> Option<()> {
        let basis = self.basis.take().or_else(|| {
            let known = self.prices.iter().map(|price| *price != 0);
            let pays: Vec<bool> = known.chain(std::iter::repeat(false)).take(self.rows.len()).collect();
            pays.contains(&true).then(|| Basis::by_prices(&self.left_over(), &pays))
        });
        if let Some(basis) = basis {
            let scale = self.ground.scale;
            let program = Program { rows: &self.rows, prices: &self.prices, costs: &self.costs, scale };
            self.given = Given::begin(model, basis, &program)?;
        }
        Some(())
    }

    fn point(&mut self, solved: &SolvedModel) -> Point {
        let solution = solved.get_solution();
        let values = solution.columns();
        let duals = self.given.added_to(solution.dual_rows(), self.ground.scale);
        let scale = self.ground.scale as f64;
        let price = |(row, dual): (&Row, &f64)| {
            // Where a row asks for at least so much, a price below zero is an error of rounding.
            let dual = if row.is_exact { *dual } else { dual.max(0.0) };
            (dual * scale).round() as i64
        };
        self.prices = self.rows.iter().zip(&duals).map(price).collect();
        let paid = |(row, &price): (&Row, &i64)| i128::from(price) * i128::from(row.least);
        let mut bound = i128::from(self.owed) + self.rows.iter().zip(&self.prices).map(paid).sum::<i128>();
        let left = self.left_over();
        // No share is more than one, so an arc that the duals charge too much takes that much off the bound.
        bound += left.iter().map(|&left| left.min(0)).sum::<i128>();
        let bound = bound.clamp(-i128::from(SHUT), i128::from(SHUT)) as i64;
        let rest = |column: u32| {
            let left = left[column as usize].clamp(0, i128::from(SHUT - 1)) as i64;
            if self.shut[column as usize] { SHUT } else { left }
        };
        let of = |column: &Option<u32>| column.map_or(0.0, |column| values[column as usize]);
        let residual = |column: &Option<u32>| column.map_or(SHUT, rest);
        let prize = |column: &Option<u32>| column.filter(|&column| !self.shut[column as usize]).map_or(0, rest);
        Point {
            shares: self.arcs.iter().map(of).collect(),
            lost: self.losses.iter().map(of).collect(),
            duals: Ascent {
                bound,
                residual: self.arcs.iter().map(residual).collect(),
                prize_left: self.losses.iter().map(prize).collect(),
                raised: Vec::new(),
            },
        }
    }
}

/// A relaxation between two programs, without a ground.
#[derive(Clone, Default)]
pub(super) struct Resting {
    arcs: Vec<Option<u32>>,
    losses: Vec<Option<u32>>,
    costs: Vec<i64>,
    items: Vec<u32>,
    owed: i64,
    rows: Vec<Row>,
    standing: usize,
    prices: Vec<i64>,
    forgotten: i64,
    basis: Option<Basis>,
}

impl Resting {
    /// What it takes to keep it, in nonzeros and nodes of cuts.
    pub(super) fn size(&self) -> usize {
        self.items.len() + self.rows.iter().map(|row| row.factors.len() + row.kind.nodes().len()).sum::<usize>()
    }
}

/// Simplex iterations at most, for a solution that goes on from the last one, and for one that does not.
const ONWARDS: i32 = 8_000;
const AFRESH: i32 = 100_000;

/// Nodes of a hole at most, unless the set itself is large.
const HOLE: usize = 64;
const LARGE: usize = 16;

/// What a row must be violated by to be added.
const LOOSE: f64 = 0.002;
