//! What keeps business parks connected when any one trench is cut, on top of the forest.

use crate::graph::EdgeId;
use crate::network::Network;
use crate::plan::second::{Due, SecondFibre};
use crate::plan::shares::split;
use crate::region::ParkId;
use crate::scenario::Redundancy;
use crate::units::{Length, Money};

/// The protection of all parks that ask for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    /// What became of each park that asks for protection, in order.
    pub parks: Vec<ParkProtection>,
    /// Segments that are built for it on top of the forest, in order.
    pub extra: Vec<EdgeId>,
    /// PoPs that are opened for it on top of the forest's, by their place among the candidates, in order.
    pub opened: Vec<u32>,
    /// The fibre that is laid for it.
    pub fibre: SecondFibre,
    /// What is paid for it, PoPs excepted.
    pub dues: Vec<Due>,
    /// What all of it costs.
    pub cost: Money,
    /// No other protection of the same parks on top of the same forest costs less.
    pub bound: Money,
}

/// What became of one park's wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkProtection {
    /// The park.
    pub park: ParkId,
    /// What is asked.
    pub wish: Redundancy,
    /// Two routes that share no trench, its own in the forest and a second one, or why there are none.
    pub outcome: Result<[Route; 2], Unprotected>,
    /// Its part of the extra cost: what several parks use is shared by them.
    pub extra: Money,
    /// What of that is neither civil works nor PoPs: cables, ducts, handholes, splices, ports.
    pub fibre: Money,
}

/// A route from a park to a PoP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The PoP, by its place among the candidates.
    pub pop: u32,
    /// Its segments, from the park.
    pub segments: Vec<EdgeId>,
}

/// Why a park cannot be protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unprotected {
    /// It is not connected at all.
    NotConnected,
    /// Every way to a PoP, built or not, runs over this candidate segment.
    Trench(EdgeId),
    /// Every way leads to this one PoP, by its place among the candidates.
    OnePop(u32),
    /// There are two routes, but none beside the park's own, and no forest was found in which one of them is its own.
    Own,
    /// There are two routes, but no pair was found with both in reach of the optics.
    TooFar {
        /// The longer route of the shortest pair found.
        route: Length,
        /// The longest route that the optics reach.
        longest: Length,
    },
}

impl Protection {
    /// Length of the extra segments.
    #[must_use]
    pub fn length(&self, network: &Network) -> Length {
        self.extra.iter().map(|edge| network.segments[edge.index()].length).sum()
    }

    /// Each extra segment with the park that the bill has it at: the first whose second route runs through it.
    pub fn extra_by_park(&self) -> impl Iterator<Item = (ParkId, EdgeId)> + '_ {
        let first = |edge: &EdgeId| self.fibre.through.get(edge).map(|ways| self.fibre.ways[ways[0] as usize].park);
        self.extra.iter().filter_map(move |edge| Some((first(edge)?, *edge)))
    }

    /// What of the cost is neither civil works nor PoPs.
    #[must_use]
    pub fn fibre_cost(&self) -> Money {
        self.parks.iter().map(|park| park.fibre).sum()
    }

    /// Shares an amount to the cent among the parks of these routes; the cost grows by it.
    pub fn charge(&mut self, amount: Money, ways: &[u32], is_fibre: bool) {
        let parts = split(amount, &vec![1; ways.len()]);
        for (&way, part) in ways.iter().zip(parts) {
            let served = self.fibre.ways[way as usize].park;
            let Some(park) = self.parks.iter_mut().find(|park| park.park == served) else { continue };
            park.extra += part;
            self.cost += part;
            if is_fibre {
                park.fibre += part;
            }
        }
    }

    /// The second routes that begin at a PoP, by their place.
    #[must_use]
    pub fn ways_from(&self, pop: u32) -> Vec<u32> {
        let ways = self.fibre.ways.iter().enumerate().filter(|(_, way)| way.pop == pop);
        ways.map(|(place, _)| place as u32).collect()
    }

    /// Parks that are not protected as they ask.
    pub fn unmet(&self) -> impl Iterator<Item = &ParkProtection> {
        self.parks.iter().filter(|park| park.outcome.is_err())
    }
}

impl Route {
    /// Its length.
    #[must_use]
    pub fn length(&self, network: &Network) -> Length {
        self.segments.iter().map(|edge| network.segments[edge.index()].length).sum()
    }
}
