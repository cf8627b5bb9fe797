//! A tree as it is told: whether it is one, whether it spans what it must, and what it costs.

use std::collections::BTreeMap;

use crate::judge::Verdict;
use crate::judge::certificate::instance::{Instance, lines, node};

/// A told tree.
pub(super) struct Told {
    value: i128,
    vertices: Vec<usize>,
    edges: Vec<[usize; 2]>,
    is_as_announced: bool,
}

impl Told {
    /// Reads section Finalsolution.
    pub(super) fn read(text: &str, instance: &Instance) -> Result<Self, String> {
        let (mut value, mut vertices, mut edges) = (None, Vec::new(), Vec::new());
        let (mut told_vertices, mut told_edges) = (None, None);
        let mut inside = false;
        for (line, words) in lines(text) {
            let mut words = words.split_whitespace();
            match (inside, words.next().unwrap_or("").to_ascii_lowercase().as_str()) {
                (_, "section") => inside = words.next().is_some_and(|name| name.eq_ignore_ascii_case("finalsolution")),
                (true, "end") => inside = false,
                (true, "primal") => value = Some(instance.amount(words.next(), line)?),
                (true, "vertices") => told_vertices = words.next().and_then(|word| word.parse().ok()),
                (true, "edges") => told_edges = words.next().and_then(|word| word.parse().ok()),
                (true, "v") => vertices.push(node(words.next(), instance.nodes, line)?),
                (true, "e") => {
                    let mut end = || node(words.next(), instance.nodes, line);
                    edges.push([end()?, end()?]);
                }
                (true, other) => return Err(format!("line {line}: `{other}` in section Finalsolution")),
                (false, _) => {}
            }
        }
        let value = value.ok_or("it has no section Finalsolution that tells its value (Primal)")?;
        let fits = |told: Option<usize>, count: usize| told.is_none_or(|told| told == count);
        let is_as_announced = fits(told_vertices, vertices.len()) && fits(told_edges, edges.len());
        Ok(Self { value, vertices, edges, is_as_announced })
    }

    /// The value, if the tree stands.
    pub(super) fn judge(&self, instance: &Instance, verdict: &mut Verdict) -> Option<i128> {
        let before = verdict.faults.len();
        verdict.demand(self.is_as_announced, || {
            "the vertices or edges that are announced are not those that follow".to_owned()
        });
        let cost = self.cost(instance, verdict);
        let inside = self.inside(instance, verdict);
        self.judge_shape(&inside, verdict);
        for (lost, _) in inside.iter().enumerate().filter(|(node, inside)| instance.required[*node] && !**inside) {
            verdict.faults.push(format!("node {} must be in the tree and is not", lost + 1));
        }
        let lost: i128 =
            instance.prizes.iter().zip(&inside).filter(|(_, inside)| !**inside).map(|(prize, _)| prize).sum();
        let value = cost + lost;
        verdict.demand(value == self.value, || {
            format!("the value: told {}, recomputed {}", instance.shown(self.value), instance.shown(value))
        });
        if verdict.faults.len() > before {
            return None;
        }
        verdict.confirmed.push(format!("the value {}", instance.shown(value)));
        let (vertices, edges) = (self.vertices.len(), self.edges.len());
        verdict.confirmed.push(format!("a tree of {vertices} vertices and {edges} edges that holds what it must"));
        Some(value)
    }

    /// Sum of the costs of the told edges; of parallel ones the cheapest is meant.
    fn cost(&self, instance: &Instance, verdict: &mut Verdict) -> i128 {
        let ordered = |ends: [usize; 2]| if ends[0] <= ends[1] { ends } else { [ends[1], ends[0]] };
        let mut least: BTreeMap<[usize; 2], Option<i128>> =
            self.edges.iter().map(|&ends| (ordered(ends), None)).collect();
        for edge in &instance.edges {
            if let Some(known) = least.get_mut(&ordered(edge.ends)) {
                *known = Some(known.map_or(edge.cost, |known| known.min(edge.cost)));
            }
        }
        let mut sum = 0;
        for &ends in &self.edges {
            match least[&ordered(ends)] {
                Some(cost) => sum += cost,
                None => verdict.faults.push(format!("the instance has no edge {} {}", ends[0] + 1, ends[1] + 1)),
            }
        }
        sum
    }

    /// By node, whether it is one of the vertices; each must be told once.
    fn inside(&self, instance: &Instance, verdict: &mut Verdict) -> Vec<bool> {
        let mut inside = vec![false; instance.nodes];
        for &vertex in &self.vertices {
            verdict.demand(!inside[vertex], || format!("vertex {} is told twice", vertex + 1));
            inside[vertex] = true;
        }
        for end in self.edges.iter().flatten() {
            verdict.demand(inside[*end], || format!("node {} has an edge but is no vertex", end + 1));
        }
        inside
    }

    /// Connected, and one edge less than vertices: that is a tree. No vertices at all are one too, if nothing is asked for.
    fn judge_shape(&self, inside: &[bool], verdict: &mut Verdict) {
        let Some(&first) = self.vertices.first() else { return };
        verdict.demand(self.edges.len() + 1 == self.vertices.len(), || {
            format!("{} vertices and {} edges are no tree", self.vertices.len(), self.edges.len())
        });
        let mut beside: Vec<Vec<usize>> = vec![Vec::new(); inside.len()];
        for &[one, other] in &self.edges {
            beside[one].push(other);
            beside[other].push(one);
        }
        let mut reached = vec![false; inside.len()];
        reached[first] = true;
        let mut stack = vec![first];
        while let Some(here) = stack.pop() {
            for &next in &beside[here] {
                if !std::mem::replace(&mut reached[next], true) {
                    stack.push(next);
                }
            }
        }
        if let Some(apart) = self.vertices.iter().find(|vertex| !reached[**vertex]) {
            verdict.faults.push(format!("vertex {} is not connected with vertex {}", apart + 1, first + 1));
        }
    }
}
