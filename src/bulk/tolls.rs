//! Tolls: what trenches and the loads in them cost at least together.
//!
//! A proof that a network costs so much at least lets cuts pay, and leaves something of the price of most arcs. Whatever
//! network is built, each arc that it uses may charge what it has left to the loads that run over it. So what is left is
//! shared out among groups of leaves, the share of a group spread evenly over its load: a toll by group and arc. Then every
//! leaf pays for its way, tolls with it, no less than its cheapest way costs at those prices, and the sum of that over all
//! leaves adds to the proof. Without tolls each load takes its shortest way, although nobody would dig all of those; tolls
//! make a way as dear as the trenches that only it needs.
//!
//! Shares follow the loads on cheapest ways, step by step with momentum, and are pushed back to what each arc has left. Any
//! shares are valid, so steps are made in floating-point numbers, and what is proven is added up in whole ones.
//!
//! Source: the dual of fixed-charge network design, fixed charges shared out among commodities: Balakrishnan, Magnanti and
//! Wong (Oper. Res. 37, 1989); subgradient steps: Held, Wolfe and Crowder (Math. Prog. 6, 1974).

use rayon::prelude::*;

use crate::bulk::ways::{Ways, feet};
use crate::effort::Deadline;
use crate::graph::{EdgeId, Graph, NodeId};

/// Who is fed from where, and at what prices. All amounts are in one unit.
pub struct Ground<'a> {
    /// The graph.
    pub graph: &'a Graph,
    /// Nodes that nothing may run through.
    pub closed: &'a [bool],
    /// Nodes that load may come from.
    pub doors: &'a [NodeId],
    /// Price of using each door.
    pub opening: &'a [i64],
    /// What cuts have left of each arc.
    pub left: &'a [i64],
    /// What a unit of load costs in each edge.
    pub price: &'a [i64],
    /// The same for leaves that are far from a door: their ways cost at least that as well, less the second figure for a
    /// unit of load.
    pub far: Option<(&'a [i64], i64)>,
    /// By door and leaf, whether the leaf is far from it.
    pub is_far: &'a [Vec<bool>],
    /// By door and leaf, what the leaf pays besides.
    pub fees: &'a [Vec<i64>],
    /// Who is fed.
    pub leaves: &'a [Leaf],
}

/// A leaf that is fed.
#[derive(Clone, Copy, Debug)]
pub struct Leaf {
    /// Its node.
    pub node: NodeId,
    /// Its load, more than nothing.
    pub load: i64,
}

/// How hard to look.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Steps at most.
    pub steps: usize,
    /// Groups of leaves, about.
    pub groups: usize,
}

/// Steps between two looks at all doors, at least and for each door: a look takes as long as a few steps.
const LOOK: usize = 10;
const LOOK_A_DOOR: usize = 2;

/// Looks in a row that may bring less than a ten-thousandth.
const STALLS: usize = 4;

/// First step, as a share of what all pay; what becomes of it in every step; how much of its pace a share keeps.
const STEP: f64 = 0.2;
const SHORTER: f64 = 0.985;
const MOMENTUM: f64 = 0.7;

/// Doors up to which all sets of them are looked at; beyond, doors are opened one after another for as long as that pays.
const MOST_DOORS: usize = 12;

/// By door and leaf, what the leaf pays at least where it is fed through that door; none where there is no way.
pub type Matrix = Vec<Vec<Option<i64>>>;

impl Ground<'_> {
    /// Shares out what is left and tells what every leaf pays at least through every door: whatever network is built, the
    /// least of that over its doors, summed over all leaves, is no more than what its loads cost and its arcs have left.
    ///
    /// The tree, which holds all leaves, says which are near each other. Without steps nobody pays tolls. Deterministic for
    /// any number of threads unless the deadline burns. Time: O((steps + doors) · groups · m log n).
    #[must_use]
    pub fn matrix(&self, root: NodeId, tree: &[EdgeId], patience: Patience, deadline: Deadline) -> Matrix {
        Game::new(self, self.grouped(root, tree, patience)).play(patience.steps, deadline)
    }

    /// Leaves by branches of a tree, about as many in each. Time: O(n).
    fn grouped(&self, root: NodeId, tree: &[EdgeId], patience: Patience) -> Vec<Vec<u32>> {
        let nodes = self.graph.node_count();
        let mut next = vec![Vec::new(); nodes];
        for &edge in tree {
            let [one, other] = self.graph.ends(edge);
            next[one.index()].push(other);
            next[other.index()].push(one);
        }
        let (mut order, mut above) = (vec![root], vec![root; nodes]);
        let mut seen = vec![false; nodes];
        seen[root.index()] = true;
        let mut at = 0;
        while at < order.len() {
            let node = order[at];
            at += 1;
            for &to in &next[node.index()] {
                if !std::mem::replace(&mut seen[to.index()], true) {
                    above[to.index()] = node;
                    order.push(to);
                }
            }
        }
        let least = self.leaves.len().div_ceil(patience.groups.max(1));
        let mut open: Vec<Vec<u32>> = vec![Vec::new(); nodes];
        for (place, leaf) in self.leaves.iter().enumerate() {
            open[leaf.node.index()].push(place as u32);
        }
        let mut groups: Vec<Vec<u32>> = Vec::new();
        for &node in order.iter().skip(1).rev() {
            let branch = std::mem::take(&mut open[node.index()]);
            if branch.len() >= least {
                groups.push(branch);
            } else {
                open[above[node.index()].index()].extend(branch);
            }
        }
        // Those that are left over at the root, and whoever the tree does not hold.
        let rest: Vec<u32> = open.into_iter().flatten().collect();
        groups.extend((!rest.is_empty()).then_some(rest));
        groups
    }
}

/// A group of leaves, and what it may charge.
struct Group {
    members: Vec<u32>,
    load: i64,
    /// By arc, its share of what is left, and how that moves.
    share: Vec<f64>,
    pace: Vec<f64>,
    /// Arcs of which it has a share.
    shared: Vec<u32>,
    /// By door, whether some member is not far from it.
    near: Vec<bool>,
}

/// The shares under way.
struct Game<'a> {
    ground: &'a Ground<'a>,
    groups: Vec<Group>,
}

/// By group, door and member, what the member pays at least.
type Rows = Vec<Vec<Vec<Option<i64>>>>;

impl<'a> Game<'a> {
    fn new(ground: &'a Ground<'a>, groups: Vec<Vec<u32>>) -> Self {
        let arcs = 2 * ground.graph.edge_count();
        let group = |members: Vec<u32>| {
            let load = members.iter().map(|&member| ground.leaves[member as usize].load).sum();
            let is_near = |far: &Vec<bool>| members.iter().any(|&member| !far[member as usize]);
            let near = ground.is_far.iter().map(is_near).collect();
            Group { members, load, share: vec![0.0; arcs], pace: vec![0.0; arcs], shared: Vec::new(), near }
        };
        let groups = groups.into_iter().map(group).collect();
        Self { ground, groups }
    }

    /// Steps until they bring no more; what is proven by then.
    fn play(mut self, steps: usize, deadline: Deadline) -> Matrix {
        let look = LOOK.max(LOOK_A_DOOR * self.ground.doors.len());
        let mut best = self.rows();
        let Some((mut least, mut open)) = self.least(&best) else { return self.matrix(&best) };
        let (mut stalls, mut share) = (0, STEP);
        for step in 1..=steps {
            self.step(&open, share);
            share *= SHORTER;
            if step % look != 0 && step != steps {
                continue;
            }
            let rows = self.rows();
            let Some((found, set)) = self.least(&rows) else { break };
            stalls = if found - least > least / 10_000 { 0 } else { stalls + 1 };
            open = set;
            if found > least {
                (best, least) = (rows, found);
            }
            if stalls >= STALLS || deadline.passed() {
                break;
            }
        }
        self.matrix(&best)
    }

    fn matrix(&self, rows: &Rows) -> Matrix {
        let mut matrix = vec![vec![None; self.ground.leaves.len()]; self.ground.doors.len()];
        for (group, rows) in self.groups.iter().zip(rows) {
            for (row, pays) in matrix.iter_mut().zip(rows) {
                group.members.iter().zip(pays).for_each(|(&member, pays)| row[member as usize] = *pays);
            }
        }
        matrix
    }

    /// What members pay at least, at tolls that no arc charges more of than it has left.
    fn rows(&self) -> Rows {
        let mut tolls: Vec<Vec<i64>> = self.groups.iter().map(Group::tolls).collect();
        let mut left = self.ground.left.to_vec();
        for (toll, group) in tolls.iter_mut().zip(&self.groups) {
            for &arc in &group.shared {
                let (toll, left) = (&mut toll[arc as usize], &mut left[arc as usize]);
                *toll = (*toll).min(*left / group.load);
                *left -= *toll * group.load;
            }
        }
        let (nodes, doors) = (self.ground.graph.node_count(), 0..self.ground.doors.len());
        let of_group = |ways: &mut Ways, (group, toll): (&Group, Vec<i64>)| {
            doors.clone().map(|door| self.row(group, &toll, door, ways)).collect()
        };
        self.groups.par_iter().zip(tolls).map_init(|| Ways::new(nodes), of_group).collect()
    }

    /// What members of a group pay at least through a door.
    fn row(&self, group: &Group, toll: &[i64], door: usize, ways: &mut Ways) -> Vec<Option<i64>> {
        let ground = self.ground;
        let leaves = || group.members.iter().map(|&member| &ground.leaves[member as usize]);
        let feet = feet(ground, leaves());
        let mut over = |(price, off): (&[i64], i64)| -> Vec<Option<i64>> {
            ways.search(ground, &[ground.doors[door]], (price, toll), &feet);
            leaves().map(|leaf| ways.to(ground, leaf, price, off).map(|(cost, _)| cost)).collect()
        };
        // Those who are far pay no less by the other prices, so one search will do where all are.
        let far = ground.far.map(&mut over);
        let near =
            if group.near[door] || far.is_none() { over((ground.price, 0)) } else { vec![None; group.members.len()] };
        let pays = |(place, &member): (usize, &u32)| {
            let is_far = ground.is_far[door][member as usize];
            let way = match &far {
                Some(far) if is_far => near[place].max(far[place]),
                _ => near[place],
            };
            Some(way? + ground.fees[door][member as usize])
        };
        group.members.iter().enumerate().map(pays).collect()
    }

    /// The doors through which groups pay least, openings with it; none where somebody is not reached.
    fn least(&self, rows: &Rows) -> Option<(i64, Vec<usize>)> {
        let sum = |row: &Vec<Option<i64>>| row.iter().copied().sum::<Option<i64>>();
        let sums: Vec<Vec<Option<i64>>> = rows.iter().map(|doors| doors.iter().map(sum).collect()).collect();
        let of = |set: Vec<usize>| -> Option<(i64, Vec<usize>)> {
            let pays = |group: &Vec<Option<i64>>| set.iter().filter_map(|&door| group[door]).min();
            let all = sums.iter().map(pays).sum::<Option<i64>>()?;
            Some((set.iter().map(|&door| self.ground.opening[door]).sum::<i64>() + all, set))
        };
        let doors = self.ground.doors.len();
        if doors <= MOST_DOORS {
            let sets = 1usize..1 << doors;
            return sets.filter_map(|set| of((0..doors).filter(|door| set >> door & 1 == 1).collect())).min();
        }
        let mut best = of((0..doors).collect());
        let mut set = Vec::new();
        loop {
            let with = |door: usize| of(set.iter().copied().chain([door]).collect());
            let next = (0..doors).filter(|door| !set.contains(door)).filter_map(with).min();
            match next {
                Some(found) if best.as_ref().is_none_or(|best| found < *best) => {
                    set.clone_from(&found.1);
                    best = Some(found);
                }
                _ => return best,
            }
        }
    }

    /// Moves shares towards arcs that load runs over where these doors are open, by a share of what all pay.
    fn step(&mut self, open: &[usize], share: f64) {
        let nodes = self.ground.graph.node_count();
        let flow = |ways: &mut Ways, group: &Group| self.flow(group, open, ways);
        let flows: Vec<(f64, Vec<(u32, f64)>)> = self.groups.par_iter().map_init(|| Ways::new(nodes), flow).collect();
        let pays: f64 = flows.iter().map(|(pays, _)| pays).sum();
        let norm: f64 = flows.iter().flat_map(|(_, flow)| flow).map(|(_, part)| part * part).sum();
        let length = share * pays / norm.max(1.0);
        self.groups.par_iter_mut().zip(flows).for_each(|(group, (_, flow))| group.advance(&flow, length));
        self.push_back();
    }

    /// What a group pays on cheapest ways, and which part of its load runs over arcs that have something left.
    fn flow(&self, group: &Group, open: &[usize], ways: &mut Ways) -> (f64, Vec<(u32, f64)>) {
        let ground = self.ground;
        let near = (ground.price, 0);
        let (price, off) = if open.iter().any(|&door| group.near[door]) { near } else { ground.far.unwrap_or(near) };
        let doors: Vec<NodeId> = open.iter().map(|&door| ground.doors[door]).collect();
        let leaves = || group.members.iter().map(|&member| &ground.leaves[member as usize]);
        let feet = feet(ground, leaves());
        ways.search(ground, &doors, (price, &group.tolls()), &feet);
        let mut paid = 0;
        let mut ends = Vec::with_capacity(group.members.len());
        for (leaf, &member) in leaves().zip(&group.members) {
            let Some((pays, end)) = ways.to(ground, leaf, price, off) else { continue };
            paid += pays + open.iter().map(|&door| ground.fees[door][member as usize]).min().unwrap_or(0);
            ends.push((end, leaf.load));
        }
        let runs = ways.runs(ground, &ends).into_iter().filter(|&(arc, _)| ground.left[arc as usize] > 0);
        (paid as f64, runs.map(|(arc, load)| (arc, load as f64 / group.load as f64)).collect())
    }

    /// Where shares of an arc are more than it has left, all become less by the same, but for those that get to nothing.
    fn push_back(&mut self) {
        let left = self.ground.left;
        let mut asked = vec![0.0; left.len()];
        for group in &self.groups {
            group.shared.iter().for_each(|&arc| asked[arc as usize] += group.share[arc as usize]);
        }
        let mut shares: Vec<Vec<f64>> = vec![Vec::new(); asked.len()];
        for group in &self.groups {
            for &arc in group.shared.iter().filter(|&&arc| asked[arc as usize] > left[arc as usize] as f64) {
                shares[arc as usize].push(group.share[arc as usize]);
            }
        }
        let less: Vec<f64> =
            shares.into_par_iter().zip(left).map(|(shares, &left)| excess(shares, left as f64)).collect();
        self.groups.par_iter_mut().for_each(|group| {
            for &arc in &group.shared {
                let share = &mut group.share[arc as usize];
                *share = (*share - less[arc as usize]).max(0.0);
            }
        });
    }
}

impl Group {
    /// Tolls for a unit of load, rounded down.
    fn tolls(&self) -> Vec<i64> {
        let mut tolls = vec![0; self.share.len()];
        for &arc in &self.shared {
            tolls[arc as usize] = (self.share[arc as usize] / self.load as f64) as i64;
        }
        tolls
    }

    /// Shares go on at their pace, and gain pace where load runs. Those of next to nothing are given up.
    fn advance(&mut self, flow: &[(u32, f64)], length: f64) {
        self.shared.iter().for_each(|&arc| self.pace[arc as usize] *= MOMENTUM);
        for &(arc, part) in flow {
            self.pace[arc as usize] += (1.0 - MOMENTUM) * part;
            self.shared.push(arc);
        }
        self.shared.sort_unstable();
        self.shared.dedup();
        self.shared.retain(|&arc| {
            let (share, pace) = (&mut self.share[arc as usize], &mut self.pace[arc as usize]);
            *share += length * *pace;
            if *share < 1.0 {
                (*share, *pace) = (0.0, 0.0);
            }
            *share > 0.0
        });
    }
}

/// By how much all of some amounts must be made less, none below nothing, for their sum to be no more than so much.
///
/// Time: O(n log n). Source: Held, Wolfe and Crowder (Math. Prog. 6, 1974), projection on a simplex.
fn excess(mut amounts: Vec<f64>, sum: f64) -> f64 {
    amounts.sort_by(|one, other| other.total_cmp(one));
    let (mut so_far, mut less) = (0.0, 0.0);
    for (place, amount) in amounts.iter().enumerate() {
        so_far += amount;
        let with = (so_far - sum) / (place + 1) as f64;
        if with >= *amount {
            break;
        }
        less = with;
    }
    f64::max(less, 0.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn graph(nodes: usize, ends: &[(u32, u32)]) -> Graph {
        Graph::new(nodes, ends.iter().map(|&(one, other)| [NodeId(one), NodeId(other)]).collect())
    }

    /// Edges so small that whole tolls are as good as any: all amounts are thousands.
    const K: i64 = 1_000_000;

    /// Two houses (3 and 4) of load 1 on a crossing (2), the door at 1, a way round over 5. The straight way is 6 long, has
    /// 10 left and the houses may share that; the way round is 10 long and has nothing left. Without tolls each house pays 6;
    /// with 4 of toll each, the way round is as good.
    #[test]
    fn houses_share_what_a_short_way_has_left() {
        let graph = graph(6, &[(0, 1), (1, 2), (2, 3), (2, 4), (1, 5), (5, 2)]);
        let leaf = |node| Leaf { node: NodeId(node), load: 1 };
        let mut left = vec![0; 12];
        left[2] = 10 * K;
        let ground = Ground {
            graph: &graph,
            closed: &[true, false, false, true, true, false],
            doors: &[NodeId(1)],
            opening: &[0],
            left: &left,
            price: &[0, 6 * K, 0, 0, 5 * K, 5 * K],
            far: None,
            is_far: &[vec![false; 2]],
            fees: &[vec![0; 2]],
            leaves: &[leaf(3), leaf(4)],
        };
        let tree: Vec<EdgeId> = [0, 1, 2, 3].map(EdgeId).to_vec();
        let sum = |steps: usize| -> i64 {
            let patience = Patience { steps, groups: 2 };
            ground.matrix(NodeId(0), &tree, patience, Deadline::never())[0].iter().flatten().sum()
        };
        assert_eq!(sum(0), 12 * K);
        assert!((19 * K..=20 * K).contains(&sum(60)), "{}", sum(60));
    }

    /// A house pays its fee, and where it is far, metres by the other prices: 30 less 5 is more than 20.
    #[test]
    fn a_house_that_is_far_pays_more_for_metres() {
        let graph = graph(4, &[(0, 1), (1, 2), (2, 3)]);
        let pays = |is_far: bool| {
            let ground = Ground {
                graph: &graph,
                closed: &[true, false, false, true],
                doors: &[NodeId(1)],
                opening: &[0],
                left: &[0; 6],
                price: &[0, 20, 0],
                far: Some((&[0, 30, 0], 5)),
                is_far: &[vec![is_far]],
                fees: &[vec![7]],
                leaves: &[Leaf { node: NodeId(3), load: 1 }],
            };
            let patience = Patience { steps: 0, groups: 1 };
            ground.matrix(NodeId(0), &[0, 1, 2].map(EdgeId), patience, Deadline::never())[0][0]
        };
        assert_eq!((pays(false), pays(true)), (Some(27), Some(32)));
    }

    #[test]
    fn shares_are_pushed_back_alike() {
        assert!((excess(vec![5.0, 3.0, 0.5], 4.0) - 2.0).abs() < 1e-9, "3 and 1 and nothing");
        assert!(excess(vec![1.0, 1.0], 3.0).abs() < 1e-9, "there is enough");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        /// For every set of edges that leads from the doors to all leaves: what the loads cost on it, with what its arcs
        /// have left, is no less than what is said about any doors that it uses.
        #[test]
        fn no_network_costs_less(
            costs in prop::collection::vec((0i64..20, 0i64..20, 0i64..20), 9),
            loads in prop::collection::vec(1i64..4, 3),
            steps in 0usize..40,
        ) {
            // Doors 1 and 2 at the root 0; crossings 3, 4, 5; leaves 6, 7, 8.
            let ends = [(0, 1), (0, 2), (1, 3), (3, 4), (4, 2), (3, 5), (5, 4), (3, 6), (5, 7), (4, 8), (5, 8)];
            let graph = graph(9, &ends);
            let price: Vec<i64> = [0, 0].into_iter().chain(costs.iter().map(|cost| cost.0 * K)).collect();
            let left: Vec<i64> =
                [0; 4].into_iter().chain(costs.iter().flat_map(|cost| [cost.1 * K, cost.2 * K])).collect();
            let leaves: Vec<Leaf> =
                loads.iter().zip(6..).map(|(&load, node)| Leaf { node: NodeId(node), load }).collect();
            let closed: Vec<bool> = (0..9).map(|node| node == 0 || node >= 6).collect();
            let ground = Ground {
                graph: &graph,
                closed: &closed,
                doors: &[NodeId(1), NodeId(2)],
                opening: &[0, 0],
                left: &left,
                price: &price,
                far: None,
                is_far: &[vec![false; 3], vec![false; 3]],
                fees: &[vec![0; 3], vec![0; 3]],
                leaves: &leaves,
            };
            let tree = [0, 2, 3, 5, 7, 8, 9].map(EdgeId);
            let matrix = ground.matrix(NodeId(0), &tree, Patience { steps, groups: 2 }, Deadline::never());
            for used in 0u32..1 << ends.len() {
                // Loads run over the used edges from the doors that are open, in the order of cheapest ways; an edge that
                // they use is used one way.
                let is_used = |edge: EdgeId| used >> edge.0 & 1 == 1;
                let shut: Vec<i64> =
                    graph.edges().map(|edge| if is_used(edge) { price[edge.index()] } else { i64::MAX / 1000 }).collect();
                let open: Vec<usize> = (0..2).filter(|&door| is_used(EdgeId(door as u32))).collect();
                let doors: Vec<NodeId> = open.iter().map(|&door| ground.doors[door]).collect();
                let mut ways = Ways::new(9);
                ways.search(&ground, &doors, (&shut, &[]), &[]);
                let none = vec![0; left.len()];
                let free = Ground { left: &none, ..ground };
                let ends: Option<Vec<(i64, NodeId)>> = leaves.iter().map(|leaf| ways.to(&free, leaf, &shut, 0)).collect();
                let Some(ends) = ends.filter(|ends| ends.iter().all(|(cost, _)| *cost < i64::MAX / 2000)) else { continue };
                let runs: Vec<(NodeId, i64)> = ends.iter().zip(&leaves).map(|((_, end), leaf)| (*end, leaf.load)).collect();
                let last = ends.iter().zip(&leaves).map(|((_, end), leaf)| {
                    let arc = graph.arcs(leaf.node).iter().find(|arc| arc.to == *end).expect("its last edge");
                    graph.incoming(leaf.node, *arc)
                });
                let charged: i64 = ways.runs(&free, &runs).iter().map(|&(arc, _)| left[arc as usize]).sum::<i64>()
                    + last.map(|arc| left[arc]).sum::<i64>();
                let cost = charged + ends.iter().map(|(cost, _)| cost).sum::<i64>();
                let least = |leaf: usize| open.iter().filter_map(|&door| matrix[door][leaf]).min();
                let said: i64 = (0..3).map(|leaf| least(leaf).expect("it is reached")).sum();
                prop_assert!(said <= cost, "{said} is said of a network that costs {cost}");
            }
        }
    }
}
