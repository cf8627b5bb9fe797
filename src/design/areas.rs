//! Which distribution points a tree of trenches gets, and their areas: exact dynamic programming.
//!
//! A point stands at a node and feeds all demand beyond it that no nearer point feeds, as far as its ports go; what no point
//! feeds hangs from the PoP at the root, however many that are. Every node keeps labels: connections that are open there, how far out the farthest is, whether trunk fibres
//! pass, and the cost so far. A label is dropped where another is no worse in all four, for everything that follows costs no
//! more for less. So the best of the labels at the root is the optimum.
//!
//! Labels at a node are at most ports times distances times two, in practice a few dozen. Time: O(n L² log L) for L labels.
//! Source: tree knapsack by bounded states; Pareto labels as in constrained shortest paths (Desrochers and Soumis, 1988).

use std::collections::BTreeSet;

/// A rooted tree with demand; node 0 is the PoP, parents come before children.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    /// Parent of each node; the root's is itself.
    pub(super) parent: Vec<u32>,
    /// Length of the segment to the parent, in millimetres.
    pub(super) length: Vec<i64>,
    /// Connections whose drops begin at the node.
    pub(super) own: Vec<u32>,
    /// Whether trunk fibres begin at the node in any case: a park hangs there.
    pub(super) trunk: Vec<bool>,
}

/// Costs and limits, in thousandths of a cent; none may fall when connections or distance grow.
pub(super) struct Rules<'a> {
    /// A millimetre of distribution cable for so many connections.
    pub(super) distribution: &'a dyn Fn(u32) -> i64,
    /// A millimetre with trunk fibres, whatever their number.
    pub(super) trunk: i64,
    /// A point for so many connections at this depth: what stands there, and its trunk fibres.
    pub(super) point: &'a dyn Fn(u32, i64) -> i64,
    /// So many connections of one branch hanging from the PoP itself.
    pub(super) direct: &'a dyn Fn(u32) -> i64,
    /// Connections of a point, unless the drops at its own node are more.
    pub(super) ports: u32,
    /// Longest way from a point, or the PoP, to the foot of a drop.
    pub(super) longest: i64,
}

/// The points and what they cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Areas {
    /// Cost of points, distribution and trunk cables.
    pub(super) cost: i64,
    /// Where a point stands.
    pub(super) point: Vec<bool>,
}

/// Labels that a node keeps at most; beyond, the cheapest are kept and the result need not be the optimum.
const MOST_LABELS: usize = 2000;

/// Labels with more open than a point has ports that a node keeps at most; with more the result need not be the optimum.
const MOST_DIRECT: usize = 64;

/// What is open at a node, and how it came about.
#[derive(Clone, Copy, Debug)]
struct Label {
    open: u32,
    /// Depth of the farthest foot that is open; 0 where nothing is.
    farthest: i64,
    trunk: bool,
    cost: i64,
    /// Place among the labels of the step before.
    from: u32,
    /// Place among the child's labels; for the last step of a node, 1 where a point closes what is open.
    with: u32,
}

/// Finds the cheapest points. See the module for the complexity.
pub(super) fn areas(tree: &Tree, rules: &Rules<'_>) -> Areas {
    let nodes = tree.parent.len();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    let mut depth = vec![0i64; nodes];
    for node in 1..nodes {
        let parent = tree.parent[node] as usize;
        children[parent].push(node);
        depth[node] = depth[parent] + tree.length[node];
    }
    let mut steps: Vec<Vec<Vec<Label>>> = vec![Vec::new(); nodes];
    for node in (1..nodes).rev() {
        steps[node] = labels(node, &children[node], &depth, &steps, tree, rules);
    }
    let mut solution = Areas { cost: (rules.direct)(tree.own[0]), point: vec![false; nodes] };
    for &branch in &children[0] {
        let at_root = |(place, label): (usize, &Label)| {
            let lifted = lift(label, branch, 0, tree, rules)?;
            Some((lifted.cost + (rules.direct)(lifted.open), place))
        };
        let last = steps[branch].last().expect("every node has labels");
        let best = last.iter().enumerate().filter_map(at_root).min();
        let (cost, place) = best.expect("what is open can be closed at every node");
        solution.cost += cost;
        tell(branch, place, &children, &steps, &mut solution);
    }
    solution
}

/// Labels of a node, step by step: its own drops, each child, and at last with or without a point.
fn labels(
    node: usize,
    children: &[usize],
    depth: &[i64],
    steps: &[Vec<Vec<Label>>],
    tree: &Tree,
    rules: &Rules<'_>,
) -> Vec<Vec<Label>> {
    let own = tree.own[node];
    let farthest = if own > 0 { depth[node] } else { 0 };
    let mut made = vec![vec![Label { open: own, farthest, trunk: tree.trunk[node], cost: 0, from: 0, with: 0 }]];
    let most = rules.ports.max(own);
    for &child in children {
        let theirs = steps[child].last().expect("children come first");
        let lifted: Vec<(usize, Label)> = theirs
            .iter()
            .enumerate()
            .filter_map(|(place, label)| Some((place, lift(label, child, depth[node], tree, rules)?)))
            .collect();
        let mut merged = Vec::new();
        for (from, ours) in made.last().expect("there is a first step").iter().enumerate() {
            for (with, theirs) in &lifted {
                let (open, farthest) = (ours.open + theirs.open, ours.farthest.max(theirs.farthest));
                if open <= most || farthest <= rules.longest {
                    merged.push(Label {
                        open,
                        farthest,
                        trunk: ours.trunk | theirs.trunk,
                        cost: ours.cost + theirs.cost,
                        from: from as u32,
                        with: *with as u32,
                    });
                }
            }
        }
        made.push(best(merged, depth[node], rules));
    }
    let mut last = Vec::new();
    for (from, label) in made.last().expect("there is a first step").iter().enumerate() {
        // What exceeds the ports of a point is closed at once, where that is this very node's drops; or it leads to the PoP.
        if label.open <= rules.ports || label.farthest <= rules.longest {
            last.push(Label { from: from as u32, with: 0, ..*label });
        }
        if label.open > 0 && label.open <= most {
            let cost = label.cost + (rules.point)(label.open, depth[node]);
            last.push(Label { open: 0, farthest: 0, trunk: true, cost, from: from as u32, with: 1 });
        }
    }
    made.push(best(last, depth[node], rules));
    made
}

/// A child's label seen from its parent; none where distribution cable would be too long.
fn lift(label: &Label, child: usize, depth: i64, tree: &Tree, rules: &Rules<'_>) -> Option<Label> {
    let length = tree.length[child];
    let mut cost = label.cost;
    if label.open > 0 {
        if label.farthest - depth > rules.longest {
            return None;
        }
        cost += (rules.distribution)(label.open) * length;
    }
    if label.trunk {
        cost += rules.trunk * length;
    }
    Some(Label { cost, ..*label })
}

/// Drops labels that another is no worse than; of those that only a PoP can feed, those that would cost most with cables
/// of their own to it from this depth. The cheapest with least open is kept in any case: of labels that cost less, all may
/// turn out too long, while what is closed beyond a node is so for good, and what begins there can be closed at once.
fn best(mut labels: Vec<Label>, depth: i64, rules: &Rules<'_>) -> Vec<Label> {
    labels.sort_unstable_by_key(|label| (label.cost, label.open, label.farthest, label.trunk, label.from, label.with));
    let most = labels.iter().map(|label| label.open).max().unwrap_or(0);
    let least = labels.iter().map(|label| label.open).min().unwrap_or(0);
    let mut has_least = false;
    let mut frontier = Frontier::new(most);
    let mut kept: Vec<Label> = Vec::new();
    let mut direct: Vec<(i64, usize)> = Vec::new();
    for label in labels {
        let is_needed = label.open == least && !has_least;
        if (kept.len() < MOST_LABELS || is_needed) && frontier.admit(&label) {
            has_least |= is_needed;
            if label.open > rules.ports && !is_needed {
                direct.push((label.cost + (rules.distribution)(label.open) * depth, kept.len()));
            }
            kept.push(label);
        }
    }
    if direct.len() > MOST_DIRECT {
        direct.sort_unstable();
        let dropped: BTreeSet<usize> = direct[MOST_DIRECT..].iter().map(|&(_, place)| place).collect();
        let mut place = 0..;
        kept.retain(|_| place.next().is_some_and(|place| !dropped.contains(&place)));
    }
    kept
}

/// The least farthest foot of the labels so far, none of which costs more than those to come: by what is open at most,
/// without trunk fibres and in any case. So a label is compared with all others at once.
struct Frontier {
    without_trunk: Vec<i64>,
    any: Vec<i64>,
}

impl Frontier {
    /// For labels with so much open at most.
    fn new(most: u32) -> Self {
        let none = vec![i64::MAX; most as usize + 1];
        Self { without_trunk: none.clone(), any: none }
    }

    /// Takes a label in, unless one that is there is no worse.
    fn admit(&mut self, label: &Label) -> bool {
        let known = if label.trunk { &self.any } else { &self.without_trunk };
        if known[label.open as usize] <= label.farthest {
            return false;
        }
        let lower = |least: &mut Vec<i64>| {
            let more = least[label.open as usize..].iter_mut();
            more.take_while(|known| **known > label.farthest).for_each(|known| *known = label.farthest);
        };
        lower(&mut self.any);
        if !label.trunk {
            lower(&mut self.without_trunk);
        }
        true
    }
}

/// Marks the points that a label of a branch stands for.
fn tell(branch: usize, place: usize, children: &[Vec<usize>], steps: &[Vec<Vec<Label>>], solution: &mut Areas) {
    let mut stack = vec![(branch, place)];
    while let Some((node, place)) = stack.pop() {
        let (last, before) = steps[node].split_last().expect("every node has labels");
        solution.point[node] = last[place].with == 1;
        let mut at = last[place].from as usize;
        for (number, &child) in children[node].iter().enumerate().rev() {
            let label = before[number + 1][at];
            stack.push((child, label.with as usize));
            at = label.from as usize;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use good_lp::{Expression, ProblemVariables, Solution, SolverModel, Variable, constraint, variable};
    use proptest::prelude::*;

    fn per_metre(open: u32) -> i64 {
        [0, 3, 3, 5, 5, 8][open.min(5) as usize] + i64::from(open) / 6
    }

    fn rules(ports: u32, longest: i64, point: i64) -> (u32, i64, impl Fn(u32, i64) -> i64) {
        (ports, longest, move |open: u32, depth: i64| point * i64::from(open.div_ceil(ports)) + depth * i64::from(open))
    }

    /// Cost of given points, straight from the definition; none where a rule is broken.
    fn cost(tree: &Tree, rules: &Rules<'_>, point: &[bool]) -> Option<i64> {
        let nodes = tree.parent.len();
        let mut depth = vec![0; nodes];
        for node in 1..nodes {
            depth[node] = depth[tree.parent[node] as usize] + tree.length[node];
        }
        let (mut open, mut trunk) = (tree.own.clone(), tree.trunk.clone());
        let mut farthest: Vec<i64> = (0..nodes).map(|node| if tree.own[node] > 0 { depth[node] } else { 0 }).collect();
        let mut sum = 0;
        for node in (1..nodes).rev() {
            let parent = tree.parent[node] as usize;
            if point[node] {
                if open[node] == 0 || open[node] > rules.ports.max(tree.own[node]) {
                    return None;
                }
                sum += (rules.point)(open[node], depth[node]);
                (open[node], farthest[node], trunk[node]) = (0, 0, true);
            }
            let beyond = |from: i64| open[node] > 0 && farthest[node] - from > rules.longest;
            if beyond(depth[parent]) || (open[node] > rules.ports && beyond(0)) {
                return None;
            }
            sum += (rules.distribution)(open[node]) * tree.length[node];
            sum += if trunk[node] { rules.trunk * tree.length[node] } else { 0 };
            if parent == 0 {
                sum += (rules.direct)(open[node]);
            }
            open[parent] += open[node];
            farthest[parent] = farthest[parent].max(farthest[node]);
            trunk[parent] |= trunk[node];
        }
        Some(sum + (rules.direct)(tree.own[0]))
    }

    prop_compose! {
        fn trees()(size in 2usize..9)(
            ups in prop::collection::vec(0u32..100, size), length in prop::collection::vec(0i64..20, size),
            own in prop::collection::vec(0u32..4, size), trunk in prop::collection::vec(prop::bool::weighted(0.1), size),
        ) -> Tree {
            let parent = ups.iter().enumerate().map(|(node, up)| if node == 0 { 0 } else { up % node as u32 }).collect();
            Tree { parent, length, own, trunk }
        }
    }

    proptest! {
        /// Of all labels those are kept that no other one is no worse than; of equal ones the first.
        #[test]
        fn a_frontier_keeps_what_no_label_is_no_worse_than(
            labels in prop::collection::vec((0u32..6, 0i64..5, prop::bool::ANY, 0i64..8), 0..40),
        ) {
            let label = |(from, &(open, farthest, trunk, cost)): (usize, &(u32, i64, bool, i64))| {
                Label { open, farthest, trunk, cost, from: from as u32, with: 0 }
            };
            let labels: Vec<Label> = labels.iter().enumerate().map(label).collect();
            let unlimited = Rules {
                distribution: &|_| 0, trunk: 0, point: &|_, _| 0, direct: &|_| 0, ports: u32::MAX, longest: 0,
            };
            let no_worse = |one: &Label, other: &Label| {
                one.open <= other.open && one.farthest <= other.farthest && one.trunk <= other.trunk && one.cost <= other.cost
            };
            let beaten = |other: &Label| {
                let by = |one: &&Label| no_worse(one, other) && (one.from < other.from || !no_worse(other, one));
                labels.iter().any(|one| by(&one))
            };
            let mut due: Vec<u32> = labels.iter().filter(|label| !beaten(label)).map(|label| label.from).collect();
            let mut kept: Vec<u32> = best(labels.clone(), 0, &unlimited).iter().map(|label| label.from).collect();
            due.sort_unstable();
            kept.sort_unstable();
            prop_assert_eq!(kept, due);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        /// Every set of points is tried; the tried ones may not put more on a node from its children than its ports.
        #[test]
        fn no_set_of_points_is_cheaper(tree in trees(), ports in 2u32..6, longest in 0i64..40, price in 0i64..200) {
            let (ports, longest, point) = rules(ports, longest, price);
            let rules = Rules {
                distribution: &per_metre, trunk: 2, point: &point, direct: &|open| i64::from(open), ports, longest,
            };
            let found = areas(&tree, &rules);
            prop_assert_eq!(cost(&tree, &rules, &found.point), Some(found.cost));
            let nodes = tree.parent.len();
            let sets = (0u32..1 << (nodes - 1)).map(|set| (0..nodes).map(|node| node > 0 && set >> (node - 1) & 1 == 1).collect::<Vec<bool>>());
            let least = sets.filter_map(|point| cost(&tree, &rules, &point)).min();
            prop_assert_eq!(least, Some(found.cost));
        }
    }

    /// A hundred houses at as many distances from a fork that is too far from the PoP for their cables. Points cost by the
    /// square of what they feed, and it saves a little to leave those open that are far. There are more labels at the fork
    /// with something open than are kept, all of them cheaper than the one that leads on, with every house closed.
    #[test]
    fn what_is_closed_leads_on_whatever_it_costs() {
        let houses = 100;
        let tree = Tree {
            parent: [0, 0].into_iter().chain((0..houses).map(|_| 1)).collect(),
            length: [0, 1000].into_iter().chain((1..=houses).map(i64::from)).collect(),
            own: [0, 0].into_iter().chain((0..houses).map(|_| 1)).collect(),
            trunk: vec![false; houses as usize + 2],
        };
        let rules = Rules {
            distribution: &|open| i64::from(open > 0),
            trunk: 2,
            point: &|open, _| 1_000_000 * i64::from(open * open),
            direct: &|_| 0,
            ports: 50,
            longest: 120,
        };
        let found = areas(&tree, &rules);
        assert_eq!(cost(&tree, &rules, &found.point), Some(found.cost));
        assert_eq!(found.cost / 1_000_000, i64::from(houses), "a point for every house, as two together cost four");
    }

    /// Two houses 10 m beyond a fork 100 m from the PoP: one point at the fork saves a cable over the common way, or not.
    #[test]
    fn a_point_stands_where_it_pays() {
        let tree = Tree {
            parent: vec![0, 0, 1, 1],
            length: vec![0, 100, 10, 10],
            own: vec![0, 0, 1, 1],
            trunk: vec![false; 4],
        };
        let with = |longest: i64| {
            let rules = Rules {
                distribution: &|open| i64::from(open > 0) * 3,
                trunk: 1,
                point: &|_, _| 50,
                direct: &|_| 0,
                ports: 4,
                longest,
            };
            areas(&tree, &rules)
        };
        let by_price = with(1000);
        assert_eq!(by_price.cost, 50 + 2 * 30 + 100);
        assert_eq!(by_price.point, [false, true, false, false]);
        assert_eq!(
            with(0).cost,
            2 * 50 + 2 * 10 + 100,
            "with no distribution cable every house has a point of its own"
        );
    }

    /// A choice of one level out of several, whose cost and size are those of the level chosen.
    struct Levels {
        chosen: Vec<Variable>,
    }

    impl Levels {
        fn new(variables: &mut ProblemVariables, most: u32) -> Self {
            Self { chosen: (0..=most).map(|_| variables.add(variable().binary())).collect() }
        }

        fn sum(&self, of: impl Fn(u32) -> i64) -> Expression {
            self.chosen.iter().enumerate().map(|(level, &chosen)| of(level as u32) as f64 * chosen).sum()
        }
    }

    /// The optimum by a mixed-integer program: who is fed from which point, with step costs as choices of levels.
    fn by_program(tree: &Tree, rules: &Rules<'_>) -> i64 {
        let nodes = tree.parent.len();
        let above = |node: usize| -> Vec<usize> {
            let mut way = vec![node];
            while let Some(&last) = way.last().filter(|&&last| last > 0) {
                way.push(tree.parent[last] as usize);
            }
            way
        };
        let depth: Vec<i64> =
            (0..nodes).map(|node| above(node).iter().map(|&at| tree.length[at] * i64::from(at > 0)).sum()).collect();
        let mut variables = ProblemVariables::new();
        let point: Vec<Variable> = (0..nodes).map(|_| variables.add(variable().binary())).collect();
        let trunk: Vec<Variable> = (0..nodes).map(|_| variables.add(variable().min(0.0).max(1.0))).collect();
        let fed: Vec<Vec<(usize, Variable)>> = (0..nodes)
            .map(|node| {
                let within = |head: &usize| depth[node] - depth[*head] <= rules.longest;
                above(node).into_iter().filter(within).map(|head| (head, variables.add(variable().binary()))).collect()
            })
            .collect();
        let all: u32 = tree.own.iter().sum();
        let flow: Vec<Levels> = (0..nodes).map(|_| Levels::new(&mut variables, all)).collect();
        let load: Vec<Levels> = tree.own.iter().map(|&own| Levels::new(&mut variables, rules.ports.max(own))).collect();
        let mut cost: Expression = ((rules.direct)(tree.own[0]) as f64).into();
        for node in 1..nodes {
            cost += flow[node].sum(|open| (rules.distribution)(open) * tree.length[node]);
            cost += (rules.trunk * tree.length[node]) as f64 * trunk[node];
            cost += load[node].sum(|open| if open > 0 { (rules.point)(open, depth[node]) } else { 0 });
            if tree.parent[node] == 0 {
                cost += flow[node].sum(|open| (rules.direct)(open));
            }
        }
        let mut model = variables.minimise(cost).using(good_lp::default_solver);
        for node in 0..nodes {
            model = model.with(constraint!(fed[node].iter().map(|(_, fed)| *fed).sum::<Expression>() == 1.0));
            for levels in [&flow[node], &load[node]] {
                model = model.with(constraint!(levels.chosen.iter().copied().sum::<Expression>() == 1.0));
            }
            for &(head, fed) in fed[node].iter().filter(|_| tree.own[node] > 0) {
                if head > 0 {
                    model = model.with(constraint!(fed <= point[head]));
                }
                for &between in above(node).iter().take_while(|&&at| at != head) {
                    model = model.with(constraint!(fed + point[between] <= 1.0));
                }
            }
            if node == 0 {
                continue;
            }
            let beyond = (1..nodes).filter(|&far| above(far).contains(&node));
            let passing: Expression = beyond
                .flat_map(|far| fed[far].iter().map(move |pair| (far, *pair)))
                .filter(|(_, (head, _))| depth_rank(&above(node), *head) > 0)
                .map(|(far, (_, fed))| f64::from(tree.own[far]) * fed)
                .sum();
            model = model.with(constraint!(flow[node].sum(i64::from) == passing));
            let here: Expression = (1..nodes)
                .flat_map(|far| fed[far].iter().map(move |pair| (far, *pair)))
                .filter(|(_, (head, _))| *head == node)
                .map(|(far, (_, fed))| f64::from(tree.own[far]) * fed)
                .sum();
            model = model.with(constraint!(load[node].sum(i64::from) == here));
            // A point feeds someone.
            model = model.with(constraint!(point[node] + load[node].chosen[0] <= 1.0));
            model = model.with(constraint!(trunk[node] >= point[node]));
            model = model.with(constraint!(trunk[node] >= f64::from(u8::from(tree.trunk[node]))));
            for child in (1..nodes).filter(|&child| tree.parent[child] as usize == node) {
                model = model.with(constraint!(trunk[node] >= trunk[child]));
            }
        }
        let solution = model.solve().expect("points at every node are feasible");
        let value = |expression: Expression| expression.eval_with(&solution);
        let mut sum = (rules.direct)(tree.own[0]) as f64;
        for node in 1..nodes {
            sum += value(flow[node].sum(|open| (rules.distribution)(open) * tree.length[node]));
            sum += (rules.trunk * tree.length[node]) as f64 * solution.value(trunk[node]);
            sum += value(load[node].sum(|open| if open > 0 { (rules.point)(open, depth[node]) } else { 0 }));
            if tree.parent[node] == 0 {
                sum += value(flow[node].sum(|open| (rules.direct)(open)));
            }
        }
        sum.round() as i64
    }

    /// How many steps a head lies above the first node of a way; 0 for the node itself and for nodes not above it.
    fn depth_rank(way: &[usize], head: usize) -> usize {
        way.iter().position(|&at| at == head).unwrap_or(0)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn a_mixed_integer_program_finds_the_same(tree in trees(), ports in 2u32..6, longest in 0i64..40, price in 0i64..200) {
            let (ports, longest, point) = rules(ports, longest, price);
            let rules = Rules {
                distribution: &per_metre, trunk: 2, point: &point, direct: &|open| i64::from(open), ports, longest,
            };
            prop_assert_eq!(areas(&tree, &rules).cost, by_program(&tree, &rules));
        }
    }
}
