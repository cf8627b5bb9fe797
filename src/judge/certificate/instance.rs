//! An instance as the judge reads it: lines of words in sections.

use crate::judge::certificate::amount::{Written, shown};

/// Nodes count from 0 here, from 1 in the text.
pub(super) struct Instance {
    pub(super) nodes: usize,
    pub(super) edges: Vec<Edge>,
    /// By node, whether it must be in the tree.
    pub(super) required: Vec<bool>,
    /// By node, what leaving it out loses.
    pub(super) prizes: Vec<i128>,
    /// Decimal places of the smallest unit.
    pub(super) places: u32,
}

#[derive(Clone, Copy)]
pub(super) struct Edge {
    pub(super) ends: [usize; 2],
    pub(super) cost: i128,
}

/// Lines of a text that have words, with their number.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())).filter(|(_, line)| !line.is_empty())
}

/// A node of the text.
pub(super) fn node(word: Option<&str>, nodes: usize, line: usize) -> Result<usize, String> {
    let number = word.and_then(|word| word.parse::<usize>().ok());
    number
        .filter(|number| (1..=nodes).contains(number))
        .map(|number| number - 1)
        .ok_or_else(|| format!("line {line}: `{}` is no node from 1 to {nodes}", word.unwrap_or("")))
}

fn amount(word: Option<&str>, line: usize) -> Result<Written, String> {
    word.and_then(Written::read).ok_or_else(|| format!("line {line}: `{}` is no amount", word.unwrap_or("")))
}

impl Instance {
    /// Reads sections Graph and Terminals of a SteinLib or PACE text; others say nothing that counts.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut section = String::new();
        let mut nodes = None;
        let mut edges: Vec<([usize; 2], Written)> = Vec::new();
        let mut required = Vec::new();
        let mut prizes: Vec<(usize, Written)> = Vec::new();
        for (line, words) in lines(text) {
            let mut words = words.split_whitespace();
            let keyword = words.next().unwrap_or("").to_ascii_lowercase();
            match (section.as_str(), keyword.as_str()) {
                (_, "section") => section = words.next().unwrap_or("").to_ascii_lowercase(),
                (_, "end") => section.clear(),
                ("", "eof") => break,
                ("graph", "nodes") => nodes = words.next().and_then(|word| word.parse::<usize>().ok()),
                ("graph", "e") => {
                    let count = nodes.unwrap_or(0);
                    let ends = [node(words.next(), count, line)?, node(words.next(), count, line)?];
                    edges.push((ends, amount(words.next(), line)?));
                }
                ("graph", "a") => return Err(format!("line {line}: directed arcs cannot be judged")),
                ("terminals", "t" | "root" | "rootp") => {
                    required.push(node(words.next(), nodes.unwrap_or(0), line)?);
                }
                ("terminals", "tp") => {
                    let holder = node(words.next(), nodes.unwrap_or(0), line)?;
                    prizes.push((holder, amount(words.next(), line)?));
                }
                _ => {}
            }
        }
        let nodes = nodes.ok_or("it does not say how many nodes there are")?;
        let all = edges.iter().map(|(_, cost)| cost).chain(prizes.iter().map(|(_, prize)| prize));
        let places = all.map(|written| written.places).max().unwrap_or(0);
        let whole =
            |written: Written| written.in_units(places).ok_or("its amounts are too large to be added up exactly");
        let mut instance = Self {
            nodes,
            edges: Vec::with_capacity(edges.len()),
            required: vec![false; nodes],
            prizes: vec![0; nodes],
            places,
        };
        for (ends, cost) in edges {
            instance.edges.push(Edge { ends, cost: whole(cost)? });
        }
        for (holder, prize) in prizes {
            instance.prizes[holder] = whole(prize)?;
        }
        for node in required {
            instance.required[node] = true;
            instance.prizes[node] = 0;
        }
        Ok(instance)
    }

    /// Some node that every tree holds.
    pub(super) fn is_rooted(&self) -> bool {
        self.required.contains(&true)
    }

    pub(super) fn shown(&self, amount: i128) -> String {
        shown(amount, self.places)
    }

    /// An amount of another text about this instance.
    pub(super) fn amount(&self, word: Option<&str>, line: usize) -> Result<i128, String> {
        let written = amount(word, line)?;
        let what = || format!("line {line}: `{}` is finer or larger than the instance's amounts", word.unwrap_or(""));
        written.in_units(self.places).ok_or_else(what)
    }
}
