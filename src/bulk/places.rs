//! What places cost at least that everybody must be near to: the dual of facility location.
//!
//! A place at a node serves whoever is within reach, at a price that depends on how many it serves, and each of them pays
//! for the way. Shares of the prices are handed out such that no set of units, wherever its place stands, has shares beyond
//! what the ways and the place cost. Then whatever places are built, all who are served by one have paid no more than that.
//!
//! All shares grow together, by a part of themselves; where those around a place would pay too much, they stop. Whoever
//! stopped for the sake of a large step may go on in smaller ones.
//!
//! Source: dual ascent for facility location: Erlenkotter (Oper. Res. 26, 1978); growing all together: Jain and Vazirani
//! (J. ACM 48, 2001).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use crate::graph::{Graph, NodeId};

/// Who is served, how near, and at what prices. All amounts are in one unit.
pub struct Places<'a> {
    /// The graph.
    pub graph: &'a Graph,
    /// Nodes where no place stands and nothing runs through: those that are served hang from others.
    pub closed: &'a [bool],
    /// Length of each edge.
    pub length: &'a [i64],
    /// Longest way from a place to the node that somebody hangs from, less than 2^32.
    pub reach: i64,
    /// What a unit of length costs each unit.
    pub each: i64,
    /// Who is served, by node, and how many units that is.
    pub served: &'a [(NodeId, u32)],
    /// What a place costs that serves so many units; more for more.
    pub price: &'a (dyn Fn(u32) -> i64 + Sync),
}

/// Those within reach of a place, each with the length of the way.
type Near = Vec<(u32, u32)>;

/// Parts of themselves by which shares grow, one after another: one over so much.
const GROWTH: [i64; 2] = [8, 32];

/// Pairs of places and those within reach up to which shares differ.
const MOST_PAIRS: usize = 16_000_000;

impl Places<'_> {
    /// The share of a unit of each who is served; the same for all where there are very many.
    ///
    /// Deterministic. Time: that of a short search around each node, and O(p log p) a step for p pairs within reach.
    #[must_use]
    pub fn shares(&self) -> Vec<i64> {
        let mut shares = self.alike();
        let prices: Vec<i64> = (0..=self.units()).map(|units| (self.price)(units)).collect();
        let Some(around) = self.around() else { return shares };
        for part in GROWTH {
            self.grow(&mut shares, &around, &prices, part);
        }
        shares
    }

    /// The share of a unit of each who is served where it is the same for all: whatever is built, a unit pays no less than
    /// its part of a place of the best size without ways to anybody. Time: O(units).
    #[must_use]
    pub fn alike(&self) -> Vec<i64> {
        let each = (1..=self.units()).map(|units| (self.price)(units) / i64::from(units));
        vec![each.min().unwrap_or(0); self.served.len()]
    }

    fn units(&self) -> u32 {
        self.served.iter().map(|(_, units)| units).sum()
    }

    /// Lets all shares grow by a part of themselves, again and again, until each is stopped.
    fn grow(&self, shares: &mut [i64], around: &[Near], prices: &[i64], part: i64) {
        let mut grows = vec![true; shares.len()];
        let mut open: Vec<&Near> = around.iter().collect();
        while grows.iter().any(|grows| *grows) {
            let next: Vec<i64> =
                shares.iter().zip(&grows).map(|(share, grows)| share + if *grows { share / part + 1 } else { 0 }).collect();
            let is_paid = |near: &&Near| self.is_paid(near, &next, prices);
            let paid: Vec<bool> = open.par_iter().map(is_paid).collect();
            for (near, _) in open.iter().zip(&paid).filter(|(_, paid)| **paid) {
                let pays = near.iter().filter(|(who, way)| next[*who as usize] > self.each * i64::from(*way));
                pays.for_each(|(who, _)| grows[*who as usize] = false);
            }
            for (share, (next, grows)) in shares.iter_mut().zip(next.iter().zip(&grows)) {
                *share = if *grows { *next } else { *share };
            }
            open.retain(|near| near.iter().any(|(who, _)| grows[*who as usize]));
        }
    }

    /// Whether some of those around a place would pay more than all that their ways and the place cost.
    fn is_paid(&self, near: &Near, shares: &[i64], prices: &[i64]) -> bool {
        let mut over: Vec<(i64, u32)> = near
            .iter()
            .map(|&(who, way)| (shares[who as usize] - self.each * i64::from(way), self.served[who as usize].1))
            .filter(|(over, _)| *over > 0)
            .collect();
        over.sort_unstable_by_key(|&over| Reverse(over));
        // A part of those who come together counts as well: that is more than can be built, and does no harm.
        let each = over.into_iter().flat_map(|(over, units)| std::iter::repeat_n(over, units as usize));
        let sums = each.scan(0, |sum, over| {
            *sum += over;
            Some(*sum)
        });
        sums.zip(&prices[1..]).any(|(sum, price)| sum > *price)
    }

    /// Who is within reach of each node; nothing where those are too many.
    fn around(&self) -> Option<Vec<Near>> {
        let nodes: Vec<NodeId> = self.graph.nodes().filter(|node| !self.closed[node.index()]).collect();
        let mut hung: Vec<Vec<u32>> = vec![Vec::new(); self.graph.node_count()];
        for (place, (node, _)) in self.served.iter().enumerate() {
            for arc in self.graph.arcs(*node).iter().filter(|arc| !self.closed[arc.to.index()]) {
                hung[arc.to.index()].push(place as u32);
            }
        }
        let mut around: Vec<Near> = Vec::with_capacity(nodes.len());
        let mut pairs = 0;
        for some in nodes.chunks(TOGETHER) {
            let scratch = || (vec![i64::MAX; self.graph.node_count()], vec![i64::MAX; self.served.len()]);
            let near: Vec<Near> = some
                .par_iter()
                .map_init(scratch, |(length, way), &node| self.near(node, &hung, length, way))
                .collect();
            pairs += near.iter().map(Vec::len).sum::<usize>();
            around.extend(near);
            if pairs > MOST_PAIRS {
                return None;
            }
        }
        around.sort_unstable();
        around.dedup();
        Some(around)
    }

    /// Who is within reach of a node. Both kinds of scratch are as they were afterwards.
    fn near(&self, node: NodeId, hung: &[Vec<u32>], length: &mut [i64], way: &mut [i64]) -> Near {
        let mut queue = BinaryHeap::from([Reverse((0, node))]);
        let (mut reached, mut near) = (vec![node], Vec::new());
        length[node.index()] = 0;
        while let Some(Reverse((so_far, node))) = queue.pop() {
            if so_far > length[node.index()] {
                continue;
            }
            for &who in &hung[node.index()] {
                if way[who as usize] == i64::MAX {
                    way[who as usize] = so_far;
                    near.push((who, so_far as u32));
                }
            }
            for arc in self.graph.arcs(node).iter().filter(|arc| !self.closed[arc.to.index()]) {
                let there = so_far + self.length[arc.edge.index()];
                if there <= self.reach && there < length[arc.to.index()] {
                    length[arc.to.index()] = there;
                    reached.push(arc.to);
                    queue.push(Reverse((there, arc.to)));
                }
            }
        }
        reached.iter().for_each(|node| length[node.index()] = i64::MAX);
        near.iter().for_each(|(who, _)| way[*who as usize] = i64::MAX);
        near.sort_unstable();
        near
    }
}

/// Nodes that are searched around before pairs are counted.
const TOGETHER: usize = 1000;
