//! What is asked of a graph: the rooted (prize-collecting) Steiner tree problem, and its answers.
//!
//! Costs are whole units (cents in a plan; whatever the file's unit is for a published instance).

mod parse;
mod steinlib;
pub use parse::{Instance, ParseError, from_stp};
pub use steinlib::to_stp;

use crate::graph::{EdgeId, Graph, NodeId};

/// What a node asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Demand {
    /// Nothing: the node may be used or not.
    #[default]
    None,
    /// The node must be in the tree.
    Required,
    /// The node may be left out at this loss (positive).
    Prize(i64),
}

impl Demand {
    /// What leaving the node out loses: its prize, 0 where it has none.
    #[inline]
    #[must_use]
    pub const fn prize(self) -> i64 {
        match self {
            Self::Prize(prize) => prize,
            Self::None | Self::Required => 0,
        }
    }
}

/// Find the tree of least cost: edges in the tree plus prizes of nodes left out.
///
/// With a `root` the tree must contain it. Without one, any tree that spans the required nodes will do
/// (a single node or, where nothing is required, even no node at all, which loses every prize).
#[derive(Clone, Debug)]
pub struct SteinerProblem {
    graph: Graph,
    costs: Vec<i64>,
    demands: Vec<Demand>,
    root: Option<NodeId>,
}

/// Why a problem cannot be stated.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// The vectors do not fit the graph.
    #[error("there are {costs} costs for {edges} edges and {demands} demands for {nodes} nodes; give one each")]
    Shape {
        /// Number of costs.
        costs: usize,
        /// Number of edges.
        edges: usize,
        /// Number of demands.
        demands: usize,
        /// Number of nodes.
        nodes: usize,
    },
    /// An edge has a negative cost.
    #[error("{0} has a negative cost; costs must be 0 or more")]
    NegativeCost(EdgeId),
    /// A prize is not positive.
    #[error("{0} has a prize that is not positive; say `None` instead")]
    BadPrize(NodeId),
    /// The sum of all costs and prizes is too large for exact arithmetic.
    #[error("all costs and prizes add up to more than 2^60 units; scale them down")]
    TooLarge,
    /// The root is not a node.
    #[error("the root, {0}, is not a node of the graph")]
    NoSuchRoot(NodeId),
    /// Required nodes lie in different components.
    #[error("{0} must be connected but cannot be reached from {1}")]
    Disconnected(NodeId, NodeId),
}

impl SteinerProblem {
    /// States a problem, after checking that it can be solved.
    ///
    /// Time: O(n + m).
    ///
    /// # Errors
    /// See [`Error`]: shapes that do not fit, negative costs, prizes that are not positive, sums over 2^60,
    /// or required nodes (with the root) that are not connected.
    pub fn new(graph: Graph, costs: Vec<i64>, demands: Vec<Demand>, root: Option<NodeId>) -> Result<Self, Error> {
        let problem = Self { graph, costs, demands, root };
        problem.check_shape()?;
        problem.check_amounts()?;
        problem.check_connected()?;
        Ok(problem)
    }

    /// The graph.
    #[inline]
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Cost by edge.
    #[inline]
    #[must_use]
    pub fn costs(&self) -> &[i64] {
        &self.costs
    }

    /// Cost of one edge.
    #[inline]
    #[must_use]
    pub fn cost(&self, edge: EdgeId) -> i64 {
        self.costs[edge.index()]
    }

    /// Demand by node.
    #[inline]
    #[must_use]
    pub fn demands(&self) -> &[Demand] {
        &self.demands
    }

    /// The node that the tree must contain, if one is named.
    #[must_use]
    pub fn root(&self) -> Option<NodeId> {
        self.root
    }

    /// Whether any node may be left out at a loss.
    #[must_use]
    pub fn is_prize_collecting(&self) -> bool {
        self.demands.iter().any(|demand| matches!(demand, Demand::Prize(_)))
    }

    fn check_shape(&self) -> Result<(), Error> {
        let (edges, nodes) = (self.graph.edge_count(), self.graph.node_count());
        if self.costs.len() != edges || self.demands.len() != nodes {
            return Err(Error::Shape { costs: self.costs.len(), edges, demands: self.demands.len(), nodes });
        }
        match self.root {
            Some(root) if root.index() >= nodes => Err(Error::NoSuchRoot(root)),
            _ => Ok(()),
        }
    }

    fn check_amounts(&self) -> Result<(), Error> {
        let mut sum = 0i128;
        for (edge, &cost) in self.costs.iter().enumerate() {
            if cost < 0 {
                return Err(Error::NegativeCost(EdgeId(edge as u32)));
            }
            sum += i128::from(cost);
        }
        for (node, &demand) in self.demands.iter().enumerate() {
            if let Demand::Prize(prize) = demand {
                if prize <= 0 {
                    return Err(Error::BadPrize(NodeId(node as u32)));
                }
                sum += i128::from(prize);
            }
        }
        if sum >= 1 << 60 { Err(Error::TooLarge) } else { Ok(()) }
    }

    fn check_connected(&self) -> Result<(), Error> {
        let required = |node: NodeId| self.demands[node.index()] == Demand::Required;
        let Some(start) = self.root.or_else(|| self.graph.nodes().find(|&node| required(node))) else {
            return Ok(());
        };
        let mut seen = vec![false; self.graph.node_count()];
        seen[start.index()] = true;
        let mut stack = vec![start];
        while let Some(node) = stack.pop() {
            for arc in self.graph.arcs(node) {
                if !std::mem::replace(&mut seen[arc.to.index()], true) {
                    stack.push(arc.to);
                }
            }
        }
        match self.graph.nodes().find(|&node| required(node) && !seen[node.index()]) {
            Some(lost) => Err(Error::Disconnected(lost, start)),
            None => Ok(()),
        }
    }
}

/// A lower bound and what it leaves of the costs of a rooted problem without prizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// No tree costs less.
    pub bound: i64,
    /// What each arc has left: arc 2e leads from the first to the second end of edge e, 2e + 1 back. A tree that is
    /// directed away from the root costs no less than the bound and what all of its arcs have left.
    pub arcs: Vec<i64>,
}

/// A tree: its edges, in increasing order, and a node of it where it has no edge.
///
/// No cost is kept with it, so none can be wrong; [`SteinerProblem::value`] adds it up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// Edges in increasing order.
    pub edges: Vec<EdgeId>,
    /// The only node, for a tree without edges.
    pub lone_node: Option<NodeId>,
}

impl SteinerProblem {
    /// All prizes together: what it costs to leave every node out.
    ///
    /// Time: O(n).
    #[must_use]
    pub fn all_prizes(&self) -> i64 {
        self.demands().iter().map(|demand| demand.prize()).sum()
    }

    /// Cost of the tree's edges plus the prizes of the nodes that it leaves out.
    ///
    /// Time: O(n + size of the tree). Whether the edges form a tree is the judge's business, not checked here.
    #[must_use]
    pub fn value(&self, tree: &Tree) -> i64 {
        let mut covered = vec![false; self.graph.node_count()];
        for node in tree.edges.iter().flat_map(|&edge| self.graph.ends(edge)).chain(tree.lone_node) {
            covered[node.index()] = true;
        }
        let built: i64 = tree.edges.iter().map(|&edge| self.cost(edge)).sum();
        let left_out = self.demands.iter().zip(&covered).filter(|(_, covered)| !**covered);
        let lost: i64 = left_out.map(|(demand, _)| demand.prize()).sum();
        built + lost
    }
}
