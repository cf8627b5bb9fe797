//! What rows pay on a whole snapshot, added up exactly, and what they leave of costs and prizes.

use crate::graph::NodeId;
use crate::problem::Demand;
use crate::solver::ascent::{Ascent, Cut, SHUT};
use crate::solver::cuts::division::{Division, Part};
use crate::solver::cuts::kept::{self, Kept, KeptRow, Later};
use crate::solver::cuts::rows::{self, Ground, Kind, Priced};
use crate::solver::kernel::{Kernel, Snapshot};

/// Rows that pay, and what they leave: no item is charged more than it costs.
#[derive(Clone)]
pub(super) struct Prices<'a> {
    snapshot: &'a Snapshot,
    /// All is in units over this.
    pub(super) scale: i64,
    /// By item: what an arc, or after all arcs a node's prize, has left.
    left: Vec<i64>,
    rows: Vec<Priced>,
    /// How many nodes of the kernel had been made one with another.
    merges: usize,
    /// What all rows pay: no tree of the snapshot has a smaller value.
    pub(super) bound: i64,
    /// By node, the last cut that held it.
    inside: Vec<u32>,
    cuts: u32,
}

impl<'a> Prices<'a> {
    /// What was paid before on a larger snapshot is paid again, as far as costs go.
    ///
    /// Rows give to arcs what others charge, so all pay in full at first, and then less where an arc is charged too much.
    pub(super) fn resumed(kernel: &Kernel, snapshot: &'a Snapshot, kept: Kept) -> Self {
        let ground = Ground::whole(snapshot);
        let inside = vec![0; snapshot.nodes.len()];
        let (left, scale, merges) = (ground.costs, ground.scale, kernel.merged().len());
        let mut prices = Self { snapshot, scale, left, rows: Vec::new(), merges, bound: 0, inside, cuts: 0 };
        let mut later = Later::new(kernel, snapshot, &kept);
        let new = snapshot.numbering();
        for (row, price) in kept.rows {
            let price = (price * scale as f64).round() as i64;
            if let Some(row) = prices.again(row, price, (&mut later, &new)) {
                // Only who must be entered just once may pay less than nothing.
                if price > 0 || (price < 0 && row.kind.nodes().len() == 1 && row.least == 1) {
                    prices.pay(row);
                }
            }
        }
        prices.give_back();
        prices
    }

    /// A row that paid on a larger snapshot as it is here, if it still means something.
    fn again(
        &mut self,
        row: KeptRow,
        price: i64,
        (later, new): (&mut Later<'_>, &impl Fn(NodeId) -> Option<NodeId>),
    ) -> Option<Priced> {
        let (problem, root) = (&self.snapshot.problem, self.snapshot.root);
        let graph = problem.graph();
        let is_open = |arc: usize| !self.snapshot.closed[arc] && graph.head(arc) != root;
        let (factors, least, kind) = match row {
            KeptRow::Cut(cut) => {
                let cut = Some(cut).filter(|cut| !later.is_closed_up(cut))?;
                let cut = kept::renumbered(cut, self.snapshot, new)?;
                let mut factors = self.crossing(&cut);
                // There may be millions of them.
                factors.shrink_to_fit();
                (factors, 1, Kind::Cut(cut))
            }
            KeptRow::Balance(node) => {
                let node = new(node).filter(|&node| self.is_balanced(node))?;
                let out = graph.arcs(node).iter().map(|arc| (graph.outgoing(node, *arc), 1));
                let ways = out.chain(graph.arcs(node).iter().map(|arc| (graph.incoming(node, *arc), -1)));
                let factors = ways.filter(|&(way, _)| is_open(way)).map(|(way, factor)| (way as u32, factor));
                (factors.collect(), 0, Kind::Balance(node))
            }
            KeptRow::Once(node) => {
                let node = new(node).filter(|&node| node != root)?;
                (rows::entered_once(problem, is_open, node), -1, Kind::Once(node))
            }
            KeptRow::Onward(node, edge) => {
                let node = new(node).filter(|&node| node != root)?;
                let (factors, least) = rows::onward(problem, is_open, node, later.leaving(node, edge)?)?;
                (factors, least, Kind::Onward(node))
            }
            KeptRow::Whole(node, edge) => {
                let node = new(node)?;
                let arc = Some(graph.outgoing(node, later.leaving(node, edge)?)).filter(|&arc| is_open(arc))?;
                (vec![(arc as u32, -1)], -1, Kind::Whole)
            }
        };
        Some(Priced { factors, least, price, kind })
    }

    /// Rows pay less until no item is charged more than it costs: cuts that paid last first, then those whose price another
    /// arc gets. Time: O(nonzeros) for each time that an item is charged too much.
    fn give_back(&mut self) {
        let mut short: Vec<u32> = (0..self.left.len() as u32).filter(|&item| self.left[item as usize] < 0).collect();
        if short.is_empty() {
            return;
        }
        let mut charging: Vec<Vec<u32>> = vec![Vec::new(); self.left.len()];
        let gives = |row: &Priced| row.factors.iter().any(|&(_, factor)| factor < 0);
        let (mixed, cuts): (Vec<u32>, Vec<u32>) = (0..self.rows.len() as u32)
            .filter(|&row| self.rows[row as usize].price > 0)
            .partition(|&row| gives(&self.rows[row as usize]));
        for row in mixed.into_iter().chain(cuts) {
            for &(item, factor) in &self.rows[row as usize].factors {
                if factor > 0 {
                    charging[item as usize].push(row);
                }
            }
        }
        while let Some(item) = short.pop() {
            while self.left[item as usize] < 0 {
                let Some(&at) = charging[item as usize].last() else { break };
                let row = &mut self.rows[at as usize];
                let factor = row.factors.iter().find(|factor| factor.0 == item).map_or(1, |factor| i64::from(factor.1));
                let less = row.price.min((-self.left[item as usize] + factor - 1) / factor);
                row.price -= less;
                if row.price == 0 {
                    charging[item as usize].pop();
                }
                let row = std::mem::replace(row, Priced { factors: Vec::new(), least: 0, price: 0, kind: Kind::Whole });
                self.charge(&row, -less);
                let taken = row.factors.iter().filter(|factor| factor.1 < 0).map(|factor| factor.0);
                short.extend(taken.filter(|&item| self.left[item as usize] < 0));
                self.rows[at as usize] = row;
            }
        }
        self.rows.retain(|row| row.price != 0);
    }

    /// The rows that pay and mean something on smaller snapshots too.
    pub(super) fn kept(self) -> Kept {
        let (graph, nodes, edges) = (self.snapshot.problem.graph(), &self.snapshot.nodes, &self.snapshot.edges);
        let scale = self.scale as f64;
        let (arcs, place) = (2 * graph.edge_count(), |node: NodeId| nodes[node.index()]);
        let kept = self.rows.into_iter().filter_map(|row| {
            let mut ways = row.factors.iter().map(|factor| factor.0 as usize).filter(|&item| item < arcs);
            let kept = match row.kind {
                Kind::Cut(mut cut) => {
                    cut.terminal = place(cut.terminal);
                    cut.nodes.iter_mut().for_each(|node| *node = place(*node));
                    KeptRow::Cut(cut)
                }
                Kind::Balance(node) => KeptRow::Balance(place(node)),
                Kind::Once(node) => KeptRow::Once(place(node)),
                Kind::Onward(node) => {
                    KeptRow::Onward(place(node), edges[ways.find(|&way| graph.head(way) != node)? / 2])
                }
                Kind::Whole => {
                    let way = ways.next()?;
                    KeptRow::Whole(place(graph.tail(way)), edges[way / 2])
                }
                Kind::ZeroHalf => return None,
            };
            Some((kept, row.price as f64 / scale))
        });
        Kept::new(kept.collect(), self.merges)
    }

    /// How many items rows that pay hold on average.
    pub(super) fn density(&self) -> usize {
        self.rows.iter().map(|row| row.factors.len()).sum::<usize>() / self.rows.len().max(1)
    }

    fn is_balanced(&self, node: NodeId) -> bool {
        node != self.snapshot.root && self.snapshot.problem.demands()[node.index()] == Demand::None
    }

    /// The arcs into a set, as far as they are open, and its terminal's prize, each once.
    fn crossing(&mut self, cut: &Cut) -> Vec<(u32, i8)> {
        let graph = self.snapshot.problem.graph();
        self.cuts += 1;
        cut.nodes.iter().for_each(|node| self.inside[node.index()] = self.cuts);
        let mut factors = Vec::new();
        for &node in &cut.nodes {
            for arc in graph.arcs(node).iter().filter(|arc| self.inside[arc.to.index()] != self.cuts) {
                let way = graph.incoming(node, *arc);
                if !self.snapshot.closed[way] {
                    factors.push((way as u32, 1));
                }
            }
        }
        if let Demand::Prize(_) = self.snapshot.problem.demands()[cut.terminal.index()] {
            factors.push((2 * graph.edge_count() as u32 + cut.terminal.0, 1));
        }
        factors
    }

    /// A cut pays so much, or as much as is left.
    fn pay_cut(&mut self, cut: Cut, amount: i64) {
        let mut factors = self.crossing(&cut);
        let least = factors.iter().map(|&(item, _)| self.left[item as usize]).min().unwrap_or(0);
        let price = amount.min(least);
        if price > 0 {
            factors.shrink_to_fit();
            self.pay(Priced { factors, least: 1, price, kind: Kind::Cut(cut) });
        }
    }

    /// Sets that an ascent raised, in the order in which it did.
    pub(super) fn pay_raised(&mut self, ascent: &Ascent) {
        for (raise, sets) in kept::in_order(&ascent.raised) {
            self.pay_cut(sets.cut(raise.size), raise.amount);
        }
    }

    fn pay(&mut self, row: Priced) {
        self.charge(&row, row.price);
        self.rows.push(row);
    }

    fn charge(&mut self, row: &Priced, price: i64) {
        self.bound += price * row.least;
        for &(item, factor) in &row.factors {
            self.left[item as usize] -= price * i64::from(factor);
        }
    }

    /// What is left, as an ascent would leave it.
    pub(super) fn as_ascent(&self) -> Ascent {
        let arcs = self.snapshot.closed.len();
        let residual = self.left[..arcs].iter().zip(&self.snapshot.closed);
        let residual = residual.map(|(&left, &closed)| if closed { SHUT } else { left }).collect();
        Ascent { bound: self.bound, residual, prize_left: self.left[arcs..].to_vec(), raised: Vec::new() }
    }

    /// The same where parts add so much to the bound: what their items have left is used up for that.
    pub(super) fn with_parts(&self, division: &Division, gained: i64) -> Ascent {
        let graph = self.snapshot.problem.graph();
        let mut ascent = self.as_ascent();
        ascent.bound += gained;
        let Ascent { residual, prize_left, .. } = &mut ascent;
        for (item, left) in residual.iter_mut().chain(prize_left).enumerate() {
            if division.is_in_part(graph, item as u32) && *left < SHUT {
                *left = 0;
            }
        }
        ascent
    }

    /// Takes out the rows that are about one part alone, by part and in its numbers.
    pub(super) fn taken_apart(&mut self, division: &Division) -> Vec<Vec<Priced>> {
        let graph = self.snapshot.problem.graph();
        let arcs = 2 * graph.edge_count() as u32;
        let mut by_part = vec![Vec::new(); division.parts.len()];
        let mut stay = Vec::new();
        for mut row in std::mem::take(&mut self.rows) {
            let items = row.factors.iter().map(|&(item, _)| item);
            // Arcs inside a set are in no row, so its nodes may be in more parts than what leads to it.
            let nodes = row.kind.nodes().iter().map(|node| arcs + node.0);
            let Some(part) = division.holding(graph, items.chain(nodes)) else {
                stay.push(row);
                continue;
            };
            self.charge(&row, -row.price);
            row.factors.iter_mut().for_each(|(item, _)| *item = division.within(graph, *item));
            row.kind.renumber(|node| division.number(node));
            by_part[part].push(row);
        }
        self.rows = stay;
        by_part
    }

    /// What the items of a part cost, without what rows pay that are about other parts as well.
    pub(super) fn of_part(&self, part: &Part) -> Vec<i64> {
        let arcs = self.snapshot.closed.len();
        let items = 2 * part.edges.len() + part.nodes.len();
        (0..items as u32).map(|item| self.left[part.outside(item, arcs) as usize]).collect()
    }

    /// Puts rows of a part back.
    pub(super) fn put_back(&mut self, part: &Part, rows: Vec<Priced>) {
        let arcs = self.snapshot.closed.len();
        for mut row in rows {
            row.factors.iter_mut().for_each(|(item, _)| *item = part.outside(*item, arcs));
            row.kind.renumber(|node| part.nodes[node.index()]);
            self.pay(row);
        }
    }
}
