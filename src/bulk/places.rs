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
            let next: Vec<i64> = shares
                .iter()
                .zip(&grows)
                .map(|(share, grows)| share + if *grows { share / part + 1 } else { 0 })
                .collect();
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
            let near: Vec<Near> =
                some.par_iter().map_init(scratch, |(length, way), &node| self.near(node, &hung, length, way)).collect();
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A place costs 80 for up to two and 100 for up to four.
    fn price(units: u32) -> i64 {
        match units {
            0 => 0,
            1..=2 => 80,
            3..=4 => 100,
            more => 100 * i64::from(more.div_ceil(4)),
        }
    }

    /// A row of four nodes, lengths 1, 1 and 10; houses hang from each.
    fn shares(reach: i64, each: i64, units: [u32; 4]) -> Vec<i64> {
        let ends = [[0, 1], [1, 2], [2, 3], [0, 4], [1, 5], [2, 6], [3, 7]].map(|ends| ends.map(NodeId));
        let graph = Graph::new(8, ends.to_vec());
        let served: Vec<(NodeId, u32)> = (4..8).map(NodeId).zip(units).collect();
        let closed: Vec<bool> = (0..8).map(|node| node >= 4).collect();
        let length = [1, 1, 10, 0, 0, 0, 0];
        Places { graph: &graph, closed: &closed, length: &length, reach, each, served: &served, price: &price }.shares()
    }

    /// Whether shares are no more than what they could be, and not much less: the last steps are of a thirty-second.
    fn are_about(shares: &[i64], most: &[i64]) -> bool {
        shares.iter().zip(most).all(|(share, most)| share <= most && share + share / 32 + 1 >= *most)
    }

    /// Three near together share a place for 100, and one far from all has one for 80 to itself.
    #[test]
    fn who_is_alone_pays_for_a_place_alone() {
        let shares = shares(2, 0, [1; 4]);
        assert!(are_about(&shares, &[33, 33, 33, 80]), "{shares:?}");
    }

    /// A way of 1 costs 20, so the three pay that of two of them as well: 100 + 40.
    #[test]
    fn ways_to_a_place_are_paid_for() {
        let shares = shares(2, 20, [1; 4]);
        assert!(are_about(&shares, &[46, 46, 46, 80]), "{shares:?}");
    }

    /// Four units at one node fill a place for 100, two at one node one for 80.
    #[test]
    fn several_units_share_as_many_houses_do() {
        assert!(are_about(&shares(0, 0, [4, 1, 1, 1]), &[25, 80, 80, 80]));
        assert!(are_about(&shares(0, 0, [2, 1, 1, 1]), &[40, 80, 80, 80]));
    }

    proptest! {
        /// No set of houses pays more for a place than it costs with the ways, wherever it stands.
        #[test]
        fn no_place_is_paid_for_twice(
            ends in prop::collection::vec((0u32..5, 0u32..5), 6),
            length in prop::collection::vec(0i64..20, 6),
            feet in prop::collection::vec((0u32..5, 0u32..5), 5),
            units in prop::collection::vec(1u32..4, 5),
            each in 0i64..8,
            reach in 0i64..40,
        ) {
            let ends: Vec<(u32, u32)> = ends.into_iter().map(|(one, other)| (one, if one == other { (one + 1) % 5 } else { other })).collect();
            let drops = feet.iter().zip(5..).flat_map(|(&(one, other), house)| [(one, house), (other, house)]);
            let all: Vec<[NodeId; 2]> = ends.iter().copied().chain(drops).map(|(one, other)| [NodeId(one), NodeId(other)]).collect();
            let graph = Graph::new(10, all);
            let mut metres = length.clone();
            metres.extend([0; 10]);
            let served: Vec<(NodeId, u32)> = (5..10).map(NodeId).zip(units.iter().copied()).collect();
            let closed: Vec<bool> = (0..10).map(|node| node >= 5).collect();
            let places = Places { graph: &graph, closed: &closed, length: &metres, reach, each, served: &served, price: &price };
            let shares = places.shares();
            let mut way = vec![vec![1_000i64; 5]; 5];
            (0..5).for_each(|node| way[node][node] = 0);
            for (&(one, other), &length) in ends.iter().zip(&length) {
                let (one, other) = (one as usize, other as usize);
                way[one][other] = way[one][other].min(length);
                way[other][one] = way[one][other];
            }
            for by in 0..5 {
                for from in 0..5 {
                    for to in 0..5 {
                        way[from][to] = way[from][to].min(way[from][by] + way[by][to]);
                    }
                }
            }
            for (from, way) in way.iter().enumerate() {
                for set in 1usize..1 << 5 {
                    let members = || (0..5).filter(|house| set >> house & 1 == 1);
                    let near = |house: usize| way[feet[house].0 as usize].min(way[feet[house].1 as usize]);
                    if members().any(|house| near(house) > reach) {
                        continue;
                    }
                    let paid: i64 = members().map(|house| shares[house] * i64::from(units[house])).sum();
                    let ways: i64 = members().map(|house| each * near(house) * i64::from(units[house])).sum();
                    let served: u32 = members().map(|house| units[house]).sum();
                    prop_assert!(paid <= ways + price(served), "{paid} at {from} of {ways} and {}", price(served));
                }
            }
            prop_assert!(shares.iter().zip(places.alike()).all(|(share, alike)| *share >= alike));
        }
    }
}
