//! Edges that a certificate takes out before its cuts, one after another, each with a reason.
//!
//! A walk from the first end of the edge to the second, over edges that are still there, on which no stretch between required
//! nodes costs more than the edge: a tree that holds the edge falls in two without it, one of the stretches joins the parts
//! again, and it costs no more. Or an end of the edge that nobody asks for has no other edge: no best tree needs that.

use crate::judge::certificate::instance::{Edge, Instance};

/// What is left of an instance's edges.
pub(super) struct Needless<'a> {
    instance: &'a Instance,
    gone: Vec<bool>,
    /// By node, the edges that are left at it; a loop counts twice.
    degrees: Vec<usize>,
}

impl<'a> Needless<'a> {
    pub(super) fn new(instance: &'a Instance) -> Self {
        let mut degrees = vec![0; instance.nodes];
        instance.edges.iter().flat_map(|edge| edge.ends).for_each(|end| degrees[end] += 1);
        Self { instance, gone: vec![false; instance.edges.len()], degrees }
    }

    /// Takes out the edge that a line names first, if the walk that follows is a reason.
    pub(super) fn take_out<'b>(&mut self, words: &mut impl Iterator<Item = &'b str>) -> Result<(), String> {
        let edge = self.edge(words.next())?;
        let walk = words.map(|word| self.edge(Some(word))).collect::<Result<Vec<usize>, String>>()?;
        if walk.contains(&edge) {
            return Err(format!("the walk for edge {} leads over that edge", edge + 1));
        }
        let is_idle = |node: usize| !self.instance.required[node] && self.instance.prizes[node] == 0;
        let Edge { ends, cost } = self.instance.edges[edge];
        if !walk.is_empty() {
            self.follow(&walk, ends, cost)?;
        } else if !ends.iter().any(|&end| self.degrees[end] == 1 && is_idle(end)) {
            return Err(format!("edge {} has no walk and leads to no dead end", edge + 1));
        }
        self.gone[edge] = true;
        ends.iter().for_each(|&end| self.degrees[end] -= 1);
        Ok(())
    }

    /// An edge that is still there; they count from 1, in the order of the instance.
    fn edge(&self, word: Option<&str>) -> Result<usize, String> {
        let number = word.and_then(|word| word.parse::<usize>().ok());
        let edge = number.and_then(|number| number.checked_sub(1)).filter(|&edge| self.gone.get(edge) == Some(&false));
        edge.ok_or_else(|| format!("`{}` is no edge that is still there", word.unwrap_or("")))
    }

    /// Whether a walk leads from the first end to the second, with no stretch dearer than `most`.
    fn follow(&self, walk: &[usize], [from, to]: [usize; 2], most: i128) -> Result<(), String> {
        let (mut at, mut stretch) = (from, 0);
        for &edge in walk {
            let Edge { ends: [one, other], cost } = self.instance.edges[edge];
            at = match at {
                _ if at == one => other,
                _ if at == other => one,
                _ => return Err(format!("edge {} does not go on from node {}", edge + 1, at + 1)),
            };
            stretch += cost;
            if stretch > most {
                return Err(format!("a stretch of the walk up to node {} costs more than the edge", at + 1));
            }
            if self.instance.required[at] {
                stretch = 0;
            }
        }
        if at != to {
            return Err(format!("the walk ends at node {}, not at node {}", at + 1, to + 1));
        }
        Ok(())
    }

    /// The instance without what was taken out.
    pub(super) fn rest(&self) -> Instance {
        let left = self.instance.edges.iter().zip(&self.gone).filter(|(_, gone)| !**gone).map(|(edge, _)| *edge);
        Instance {
            nodes: self.instance.nodes,
            edges: left.collect(),
            required: self.instance.required.clone(),
            prizes: self.instance.prizes.clone(),
            places: self.instance.places,
        }
    }
}
