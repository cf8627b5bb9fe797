//! What keeps business parks connected when any one trench is cut, on top of the forest.

use std::collections::BTreeMap;

use crate::graph::{EdgeId, NodeId};
use crate::network::Network;
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
    /// What the extra segments and PoPs cost.
    pub cost: Money,
    /// No other choice of extra segments and PoPs protects the same parks on top of the same forest for less.
    pub bound: Money,
}

/// What became of one park's wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkProtection {
    /// The park.
    pub park: ParkId,
    /// What is asked.
    pub wish: Redundancy,
    /// Two routes that share no trench, or why there are none.
    pub outcome: Result<[Route; 2], Unprotected>,
    /// Its part of the extra cost: what several parks use is shared by them.
    pub extra: Money,
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
}

impl Protection {
    /// Length of the extra segments.
    #[must_use]
    pub fn length(&self, network: &Network) -> Length {
        self.extra.iter().map(|edge| network.segments[edge.index()].length).sum()
    }

    /// The extra segments, each with the node of the first park that it protects.
    pub(super) fn causes(&self, network: &Network) -> Vec<(EdgeId, NodeId)> {
        let mut first: BTreeMap<EdgeId, NodeId> = BTreeMap::new();
        for park in &self.parks {
            let Some(node) = network.parks[park.park.0 as usize] else { continue };
            for &edge in park.outcome.iter().flatten().flat_map(|route| &route.segments) {
                first.entry(edge).or_insert(node);
            }
        }
        self.extra.iter().filter_map(|edge| Some((*edge, *first.get(edge)?))).collect()
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
