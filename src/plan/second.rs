//! Fibre of second routes: cables of their own beside those of the forest, and the handholes that they need.
//!
//! A second route begins at its PoP and ends at its park, wherever trenches of the forest or extra ones lead. Fibres of
//! several parks in one segment share cables; cables share the bundles of micro-ducts that lie there already.

use std::collections::BTreeMap;

use crate::graph::{EdgeId, NodeId};
use crate::network::{Network, SegmentKind};
use crate::plan::bill::{Element, Item, item};
use crate::plan::{Cabinet, CableTable, Cabling, Forest, PopCandidate};
use crate::region::ParkId;
use crate::scenario::{Architecture, PriceBook, Scenario, key};
use crate::units::{Length, Money};

/// A route that fibre is laid along for a park, besides its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The park.
    pub park: ParkId,
    /// The PoP that it begins at, by its place among the candidates.
    pub pop: u32,
    /// Its nodes, from the PoP to the park.
    pub nodes: Vec<NodeId>,
    /// Its segments, from the PoP to the park.
    pub segments: Vec<EdgeId>,
}

/// A handhole that stands for second routes only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecondHandhole {
    /// The segment that it stands on.
    pub segment: EdgeId,
    /// How far along the segment, from its first end.
    pub along: Length,
}

/// What is laid for all second routes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecondFibre {
    /// The routes.
    pub ways: Vec<Way>,
    /// The routes through each segment, by their place.
    pub through: BTreeMap<EdgeId, Vec<u32>>,
    /// Handholes, in order, each with the routes through its segment.
    pub handholes: Vec<SecondHandhole>,
    /// Cables for so many routes in one segment: fibres of each, the largest first.
    sets: Vec<Vec<u32>>,
}

impl SecondFibre {
    /// Fibres of each cable that lies in a segment for second routes, the largest first.
    #[must_use]
    pub fn cables(&self, segment: EdgeId) -> &[u32] {
        let routes = self.through.get(&segment).map_or(0, Vec::len);
        self.sets.get(routes).map_or(&[], Vec::as_slice)
    }

    /// Length of all routes.
    #[must_use]
    pub fn length(&self, network: &Network) -> Length {
        self.ways.iter().flat_map(|way| &way.segments).map(|edge| network.segments[edge.index()].length).sum()
    }
}

/// Something that is paid for second routes, and the routes that share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// So much of one price, at the park of the first of these routes.
    pub item: Item,
    /// The routes, by their place.
    pub ways: Vec<u32>,
}

/// What second routes are laid in and beside.
pub struct Bed<'a> {
    network: &'a Network,
    architecture: &'a Architecture,
    prices: PriceBook,
    table: CableTable,
    /// Cables of the forest in each segment that it builds.
    held: Vec<Option<u32>>,
    /// Handholes of the forest by segment, in millimetres from its first end.
    handholes: BTreeMap<EdgeId, Vec<i64>>,
    /// Nodes where cable may end: PoPs of the forest and distribution points.
    ends: Vec<bool>,
}

impl<'a> Bed<'a> {
    /// The bed of a designed forest, for up to so many routes. Time: O(n + fibres · sizes).
    #[must_use]
    pub fn new(
        (forest, cabling, cabinets): (&Forest, &Cabling, &[Cabinet]),
        network: &'a Network,
        candidates: &[PopCandidate],
        scenario: &'a Scenario,
        routes: u32,
    ) -> Self {
        let architecture = &scenario.architecture;
        let prices = scenario.price_book();
        let most = architecture.with_trunk_spare(routes * architecture.fibres_per_park);
        let table = CableTable::new(architecture, &prices, most);
        let mut held = vec![None; network.segments.len()];
        for &node in &forest.order {
            if let Some((_, edge)) = forest.parent[node.index()] {
                held[edge.index()] = Some(cabling.cables(node, architecture).len() as u32);
            }
        }
        let mut handholes: BTreeMap<EdgeId, Vec<i64>> = BTreeMap::new();
        for at in &cabling.handholes {
            if let Some((parent, edge)) = forest.parent[at.below.index()] {
                let (along, length) = (at.along, network.segments[edge.index()].length);
                let along = if network.graph.ends(edge)[0] == parent { along } else { length - along };
                handholes.entry(edge).or_default().push(along.millimetres());
            }
        }
        let mut ends = vec![false; network.graph.node_count()];
        cabinets.iter().for_each(|cabinet| ends[cabinet.node.index()] = true);
        forest.open.iter().for_each(|&pop| ends[candidates[pop as usize].node.index()] = true);
        Self { network, architecture, prices, table, held, handholes, ends }
    }

    /// Whether the forest builds a segment.
    #[must_use]
    pub fn is_built(&self, segment: EdgeId) -> bool {
        self.held[segment.index()].is_some()
    }

    /// Ducts and cables of so many second routes in one segment, blowing included.
    fn cables(&self, segment: EdgeId, routes: u32, node: NodeId) -> Vec<Item> {
        let kind = self.network.segments[segment.index()].kind;
        let length = self.network.segments[segment.index()].length.millimetres();
        let set = self.set(routes);
        let mut items = Vec::new();
        let mut add = |element, price, quantity| items.extend(item(&self.prices, element, price, quantity, node));
        for (place, size) in self.table.sizes().iter().enumerate() {
            let count = set.iter().filter(|&&cable| usize::from(cable) == place).count();
            add(Element::Cable, size.price, length * count as i64);
        }
        add(Element::Cable, self.prices.known(key::BLOW), length * set.len() as i64);
        if kind != SegmentKind::Duct {
            let bundles = |cables: u32| i64::from(cables.div_ceil(self.architecture.duct_ways));
            let before = self.held[segment.index()].unwrap_or(0);
            let more = bundles(before + set.len() as u32) - bundles(before);
            add(Element::MicroDuct, self.prices.known(key::DUCT_BUNDLE), length * more);
        }
        items
    }

    /// Cables for so many routes in one segment, by their places among the sizes.
    fn set(&self, routes: u32) -> Vec<u16> {
        self.table.set(self.architecture.with_trunk_spare(routes * self.architecture.fibres_per_park))
    }

    /// What one second route alone pays for fibre in a segment.
    #[must_use]
    pub fn price(&self, segment: EdgeId) -> Money {
        self.cables(segment, 1, NodeId(0)).iter().map(|item| item.amount).sum()
    }

    /// What its prices may be rounded up by in each segment, in cents.
    #[must_use]
    pub fn rounding(&self) -> i64 {
        self.table.sizes().len() as i64 + 2
    }

    /// Splices at both ends of a second route and its port.
    fn ends(&self, node: NodeId) -> Vec<Item> {
        let known = |key| self.prices.known(key);
        let splices = 2 * i64::from(self.architecture.fibres_per_park);
        let all = [
            item(&self.prices, Element::Splice, known(key::SPLICE), splices, node),
            item(&self.prices, Element::Active, known(key::ACTIVE_PORT), 1, node),
        ];
        all.into_iter().flatten().collect()
    }

    /// What both ends of a second route cost, wherever it runs.
    #[must_use]
    pub fn price_of_ends(&self) -> Money {
        self.ends(NodeId(0)).iter().map(|item| item.amount).sum()
    }

    /// Lays fibre along these routes. Time: O(s log s) for s segments on them.
    #[must_use]
    pub fn lay(&self, ways: Vec<Way>) -> SecondFibre {
        let mut through: BTreeMap<EdgeId, Vec<u32>> = BTreeMap::new();
        for (place, way) in ways.iter().enumerate() {
            way.segments.iter().for_each(|&edge| through.entry(edge).or_default().push(place as u32));
        }
        let most = through.values().map(Vec::len).max().unwrap_or(0) as u32;
        let sizes = self.table.sizes();
        let fibres = |place: u16| sizes[usize::from(place)].fibres;
        let sets = (0..=most).map(|routes| self.set(routes).into_iter().map(fibres).collect()).collect();
        let mut standing = self.handholes.clone();
        let mut handholes = Vec::new();
        for way in &ways {
            self.place_handholes(way, &mut standing, &mut handholes);
        }
        handholes.sort_unstable();
        SecondFibre { ways, through, handholes, sets }
    }

    /// Puts handholes where cable would be blown in over more than the longest piece.
    fn place_handholes(&self, way: &Way, standing: &mut BTreeMap<EdgeId, Vec<i64>>, placed: &mut Vec<SecondHandhole>) {
        let blow = self.architecture.blow().millimetres().max(1);
        let mut blown = 0;
        for (pair, &segment) in way.nodes.windows(2).zip(&way.segments) {
            let length = self.network.segments[segment.index()].length.millimetres();
            let forward = self.network.graph.ends(segment)[0] == pair[0];
            let mut stops: Vec<i64> = standing.get(&segment).cloned().unwrap_or_default();
            if !forward {
                stops.iter_mut().for_each(|stop| *stop = length - *stop);
            }
            stops.sort_unstable();
            let count = stops.len();
            stops.push(length);
            let mut at = 0;
            for (place, stop) in stops.into_iter().enumerate() {
                while blown + stop - at > blow {
                    at += blow - blown;
                    blown = 0;
                    let along = if forward { at } else { length - at };
                    standing.entry(segment).or_default().push(along);
                    placed.push(SecondHandhole { segment, along: Length::from_millimetres(along) });
                }
                blown = if place < count { 0 } else { blown + stop - at };
                at = stop;
            }
            if self.ends[pair[1].index()] {
                blown = 0;
            }
        }
    }

    /// All that is paid for this fibre and the segments that the forest does not have, but for PoPs.
    #[must_use]
    pub fn dues(&self, fibre: &SecondFibre) -> Vec<Due> {
        let park = |ways: &[u32]| fibre.ways[ways[0] as usize].nodes.last().copied().unwrap_or(NodeId(0));
        let mut dues = Vec::new();
        for (&edge, ways) in &fibre.through {
            let node = park(ways);
            let works = self.network.segments[edge.index()].works.iter().filter(|_| !self.is_built(edge));
            let works = works.map(|work| Item {
                element: Element::Redundancy,
                price: work.price,
                quantity: work.quantity,
                amount: work.cost(&self.prices),
                node,
            });
            let items = works.chain(self.cables(edge, ways.len() as u32, node));
            dues.extend(items.map(|item| Due { item, ways: ways.clone() }));
        }
        for at in &fibre.handholes {
            let Some(ways) = fibre.through.get(&at.segment) else { continue };
            let handhole = item(&self.prices, Element::Handhole, self.prices.known(key::HANDHOLE), 1, park(ways));
            dues.extend(handhole.map(|item| Due { item, ways: ways.clone() }));
        }
        for place in 0..fibre.ways.len() as u32 {
            let ways = vec![place];
            dues.extend(self.ends(park(&ways)).into_iter().map(|item| Due { item, ways: ways.clone() }));
        }
        dues
    }
}
