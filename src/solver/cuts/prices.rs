//! What rows pay on a whole snapshot, added up exactly, and what they leave of costs and prizes.

use crate::graph::NodeId;
use crate::problem::Demand;
use crate::solver::ascent::{Ascent, Cut, Raised, SHUT};
use crate::solver::cuts::division::{Division, Part};
use crate::solver::cuts::rows::{Ground, Kind, Priced};
use crate::solver::duals::Raise;
use crate::solver::kernel::Snapshot;

/// Rows that pay, and what they leave: no item is charged more than it costs.
#[derive(Clone)]
pub(super) struct Prices<'a> {
    snapshot: &'a Snapshot,
    /// All is in units over this.
    pub(super) scale: i64,
    /// By item: what an arc, or after all arcs a node's prize, has left.
    left: Vec<i64>,
    rows: Vec<Priced>,
    /// What all rows pay: no tree of the snapshot has a smaller value.
    pub(super) bound: i64,
    /// By node, the last cut that held it.
    inside: Vec<u32>,
    cuts: u32,
}

/// A row that paid on a snapshot, in the kernel's nodes.
pub(super) enum Kept {
    Cut(Cut, f64),
    Balance(NodeId, f64),
}

impl Kept {
    /// Sets that paid, given in the kernel's nodes, in the order in which they did.
    pub(super) fn all_of(paid: &[Raised]) -> Vec<Self> {
        in_order(paid).into_iter().map(|(raise, sets)| Self::Cut(sets.cut(raise.size), raise.amount as f64)).collect()
    }
}

impl<'a> Prices<'a> {
    /// What was paid before on a larger snapshot is paid again, as far as costs go.
    pub(super) fn resumed(snapshot: &'a Snapshot, kept: Vec<Kept>) -> Self {
        let ground = Ground::whole(snapshot);
        let inside = vec![0; snapshot.nodes.len()];
        let (left, scale) = (ground.costs, ground.scale);
        let mut prices = Self { snapshot, scale, left, rows: Vec::new(), bound: 0, inside, cuts: 0 };
        let new = snapshot.numbering();
        let (mut potential, mut cuts) = (vec![0; snapshot.nodes.len()], Vec::new());
        for row in kept {
            match row {
                Kept::Balance(node, price) => {
                    if let Some(node) = new(node).filter(|&node| prices.is_balanced(node)) {
                        potential[node.index()] = (price * scale as f64) as i64;
                    }
                }
                Kept::Cut(cut, price) => cuts.extend(renumbered(cut, snapshot, &new).map(|cut| (cut, price))),
            }
        }
        prices.pay_balances(potential);
        for (cut, price) in cuts {
            prices.pay_cut(cut, (price * scale as f64) as i64);
        }
        prices
    }

    /// The rows that pay and mean something on smaller snapshots too.
    pub(super) fn kept(self) -> Vec<Kept> {
        let (nodes, scale) = (&self.snapshot.nodes, self.scale as f64);
        let kept = self.rows.into_iter().filter(|row| row.price > 0).filter_map(|row| match row.kind {
            Kind::Cut(mut cut) => {
                cut.terminal = nodes[cut.terminal.index()];
                cut.nodes.iter_mut().for_each(|node| *node = nodes[node.index()]);
                Some(Kept::Cut(cut, row.price as f64 / scale))
            }
            Kind::Balance(node) => Some(Kept::Balance(nodes[node.index()], row.price as f64 / scale)),
            Kind::Flow | Kind::ZeroHalf | Kind::Whole => None,
        });
        kept.collect()
    }

    /// How many items rows that pay hold on average.
    pub(super) fn density(&self) -> usize {
        self.rows.iter().map(|row| row.factors.len()).sum::<usize>() / self.rows.len().max(1)
    }

    fn is_balanced(&self, node: NodeId) -> bool {
        node != self.snapshot.root && self.snapshot.problem.demands()[node.index()] == Demand::None
    }

    /// Rows that what enters a node leaves it again pay so much by node, or less where arcs cost less.
    ///
    /// An arc is charged its tail's price and gets that of its head. Time: O(m) for each time that a price falls.
    fn pay_balances(&mut self, mut potential: Vec<i64>) {
        let (graph, root) = (self.snapshot.problem.graph(), self.snapshot.root);
        let mut queue: Vec<NodeId> = graph.nodes().filter(|node| potential[node.index()] > 0).collect();
        while let Some(node) = queue.pop() {
            let ways = graph.arcs(node).iter().map(|arc| (graph.outgoing(node, *arc), arc.to));
            let open = ways.filter(|&(way, to)| !self.snapshot.closed[way] && to != root);
            let most = open.map(|(way, to)| self.left[way] + potential[to.index()]).min().unwrap_or(0);
            if most < potential[node.index()] {
                potential[node.index()] = most;
                queue.extend(graph.arcs(node).iter().map(|arc| arc.to).filter(|to| potential[to.index()] > 0));
            }
        }
        for node in graph.nodes().filter(|node| potential[node.index()] > 0) {
            let arcs = || graph.arcs(node).iter();
            let out = arcs().filter(|arc| arc.to != root).map(|arc| (graph.outgoing(node, *arc), 1));
            let ways = out.chain(arcs().map(|arc| (graph.incoming(node, *arc), -1)));
            let factors = ways.filter(|&(way, _)| !self.snapshot.closed[way]).map(|(way, factor)| (way as u32, factor));
            let factors = factors.collect();
            self.pay(Priced { factors, least: 0, price: potential[node.index()], kind: Kind::Balance(node) });
        }
    }

    /// A cut pays so much, or as much as is left.
    fn pay_cut(&mut self, cut: Cut, amount: i64) {
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
        let least = factors.iter().map(|&(item, _)| self.left[item as usize]).min().unwrap_or(0);
        let price = amount.min(least);
        if price > 0 {
            // There may be millions of them.
            factors.shrink_to_fit();
            self.pay(Priced { factors, least: 1, price, kind: Kind::Cut(cut) });
        }
    }

    /// Sets that an ascent raised, in the order in which it did.
    pub(super) fn pay_raised(&mut self, ascent: &Ascent) {
        for (raise, sets) in in_order(&ascent.raised) {
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

/// Raises with their sets, in the order in which they were made.
fn in_order(raised: &[Raised]) -> Vec<(&Raise, &Raised)> {
    let mut raises: Vec<_> =
        raised.iter().flat_map(|sets| sets.raises.iter().map(move |raise| (raise, sets))).collect();
    raises.sort_by_key(|(raise, _)| raise.place);
    raises
}

/// What is left of a cut in the kernel's nodes.
pub(super) fn renumbered(cut: Cut, snapshot: &Snapshot, new: impl Fn(NodeId) -> Option<NodeId>) -> Option<Cut> {
    let demands = snapshot.problem.demands();
    let own = new(cut.terminal).filter(|node| demands[node.index()] != Demand::None);
    let mut nodes: Vec<NodeId> = cut.nodes.into_iter().filter_map(&new).collect();
    nodes.sort_unstable();
    let required = nodes.iter().copied().find(|node| demands[node.index()] == Demand::Required);
    let terminal = required.or(own).filter(|_| !nodes.contains(&snapshot.root))?;
    Some(Cut { terminal, nodes })
}
