//! Reads published instances: SteinLib's `.stp` (with and without prizes, rooted or not) and the PACE challenge's `.gr`.
//!
//! Both are lines of words in sections. Costs and prizes may have decimals; all are multiplied by the one power of ten that
//! makes them whole, so nothing is rounded. Source: SteinLib (Koch, Martin, Voss 2001); 11th DIMACS challenge (2014);
//! PACE challenge 2018.

use std::str::FromStr;

use crate::graph::{Graph, NodeId};
use crate::problem::{Demand, Error, SteinerProblem};

/// A problem as read, and what its whole units are worth.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The name that the file gives, if any.
    pub name: Option<String>,
    /// The problem, in units of 10^-`decimals`.
    pub problem: SteinerProblem,
    /// Digits after the point of the file's numbers.
    pub decimals: u32,
}

/// Why a text is no instance.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ParseError {
    /// A line cannot be understood.
    #[error("line {line}: {what}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong, and what was expected.
        what: String,
    },
    /// The text as a whole is no problem.
    #[error(transparent)]
    Problem(#[from] Error),
}

impl Instance {
    /// A value in the file's own unit, all its decimals shown.
    #[must_use]
    pub fn amount(&self, value: i64) -> String {
        if self.decimals == 0 {
            return value.to_string();
        }
        let (sign, digits) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
        let unit = 10u64.pow(self.decimals);
        format!("{sign}{}.{:0width$}", digits / unit, digits % unit, width = self.decimals as usize)
    }
}

/// A decimal number as written: its digits and how many of them follow the point.
#[derive(Clone, Copy)]
struct Decimal {
    digits: i64,
    places: u32,
}

impl FromStr for Decimal {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        let (mantissa, exponent) = match word.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| ())?),
            None => (word, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let fraction = fraction.trim_end_matches('0');
        if whole.trim_start_matches(['-', '+']).is_empty() && fraction.is_empty() && !mantissa.contains('0') {
            return Err(());
        }
        let mut digits: i64 =
            format!("{}{fraction}", if whole.is_empty() { "0" } else { whole }).parse().map_err(|_| ())?;
        let mut places = fraction.len() as i32 - exponent;
        while places < 0 {
            digits = digits.checked_mul(10).ok_or(())?;
            places += 1;
        }
        while places > 0 && digits % 10 == 0 {
            digits /= 10;
            places -= 1;
        }
        Ok(Self { digits, places: places as u32 })
    }
}

impl Decimal {
    /// In units of 10^-places.
    fn scaled(self, places: u32) -> Option<i64> {
        10i64.checked_pow(places - self.places)?.checked_mul(self.digits)
    }
}

/// What has been read so far.
#[derive(Default)]
struct Reader {
    name: Option<String>,
    nodes: Option<u32>,
    told_edges: Option<(usize, usize)>,
    told_terminals: Option<(usize, usize)>,
    edges: Vec<([NodeId; 2], Decimal, usize)>,
    required: Vec<NodeId>,
    prizes: Vec<(NodeId, Decimal, usize)>,
    root: Option<NodeId>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Outside,
    Comment,
    Graph,
    Terminals,
    /// Coordinates, bounds and the like: no part of the problem.
    Other,
}

/// Reads an instance from its text. Time: linear in the text.
///
/// Terminals (`T`) are required; where a root of a Steiner tree problem is named it is required too. Prizes (`TP`) that are
/// 0 are no prizes. Lines of sections that do not state the problem are passed over.
///
/// # Errors
/// [`ParseError::Line`] names the first line that cannot be understood; directed arcs, negative costs or prizes, nodes
/// that do not exist and counts that do not fit are such. [`ParseError::Problem`] says why the whole cannot be solved.
pub fn from_stp(text: &str) -> Result<Instance, ParseError> {
    let mut reader = Reader::default();
    let mut section = Section::Outside;
    let mut last = 0;
    for (at, raw) in text.lines().enumerate() {
        let (line, words) = (at + 1, raw.split_whitespace().collect::<Vec<_>>());
        last = line;
        let Some(&first) = words.first() else { continue };
        let keyword = first.to_ascii_uppercase();
        if keyword == "EOF" {
            break;
        }
        section = match (section, keyword.as_str()) {
            (_, "SECTION") => begun(words.get(1).copied(), line)?,
            (_, "END") => Section::Outside,
            (Section::Outside, _) if line == 1 || first.starts_with('#') => Section::Outside,
            (Section::Outside, _) => return Err(wrong(line, format!("`{first}` stands outside every section"))),
            (Section::Comment, "NAME") => {
                let name = raw.trim_start()[4..].trim().trim_matches('"');
                reader.name = Some(name.to_owned()).filter(|name| !name.is_empty());
                section
            }
            (Section::Comment | Section::Other, _) => section,
            (Section::Graph, _) => {
                reader.graph_line(&keyword, &words, line)?;
                section
            }
            (Section::Terminals, _) => {
                reader.terminal_line(&keyword, &words, line)?;
                section
            }
        };
    }
    if section != Section::Outside {
        return Err(wrong(last, "the text ends within a section; is the file cut short?".to_owned()));
    }
    reader.finish(last)
}

fn wrong(line: usize, what: String) -> ParseError {
    ParseError::Line { line, what }
}

fn begun(name: Option<&str>, line: usize) -> Result<Section, ParseError> {
    match name.map(str::to_ascii_lowercase).as_deref() {
        Some("comment" | "comments") => Ok(Section::Comment),
        Some("graph") => Ok(Section::Graph),
        Some("terminals") => Ok(Section::Terminals),
        Some(_) => Ok(Section::Other),
        None => Err(wrong(line, "a section without a name".to_owned())),
    }
}

impl Reader {
    fn graph_line(&mut self, keyword: &str, words: &[&str], line: usize) -> Result<(), ParseError> {
        match keyword {
            "NODES" => {
                let nodes = number(words, 1, line)?;
                if nodes >= 1 << 31 {
                    return Err(wrong(line, format!("{nodes} nodes are too many")));
                }
                self.nodes = Some(nodes as u32);
            }
            "EDGES" => self.told_edges = Some((number(words, 1, line)?, line)),
            "ARCS" | "A" => {
                return Err(wrong(line, "directed arcs; only undirected edges (`E`) are solved".to_owned()));
            }
            "OBSTACLES" => {}
            "E" => {
                let ends = [self.node(words, 1, line)?, self.node(words, 2, line)?];
                let cost = amount(words, 3, line)?;
                self.edges.push((ends, cost, line));
            }
            other => return Err(wrong(line, format!("`{other}` in section Graph; expected Nodes, Edges or E"))),
        }
        Ok(())
    }

    fn terminal_line(&mut self, keyword: &str, words: &[&str], line: usize) -> Result<(), ParseError> {
        match keyword {
            "TERMINALS" => self.told_terminals = Some((number(words, 1, line)?, line)),
            "ROOT" | "ROOTP" => self.root = Some(self.node(words, 1, line)?),
            "T" => {
                let node = self.node(words, 1, line)?;
                self.required.push(node);
            }
            "TP" => {
                let node = self.node(words, 1, line)?;
                let prize = amount(words, 2, line)?;
                self.prizes.push((node, prize, line));
            }
            other => {
                return Err(wrong(line, format!("`{other}` in section Terminals; expected Terminals, T, TP or Root")));
            }
        }
        Ok(())
    }

    /// A node, counted from 1 in the file.
    fn node(&self, words: &[&str], place: usize, line: usize) -> Result<NodeId, ParseError> {
        let told: usize = number(words, place, line)?;
        let Some(nodes) = self.nodes else {
            return Err(wrong(line, "a node is named before `Nodes` says how many there are".to_owned()));
        };
        if told == 0 || told > nodes as usize {
            return Err(wrong(line, format!("node {told} does not exist; nodes count from 1 to {nodes}")));
        }
        Ok(NodeId(told as u32 - 1))
    }

    fn finish(self, last: usize) -> Result<Instance, ParseError> {
        let Some(nodes) = self.nodes else {
            return Err(wrong(last, "the text ends without a section Graph that says `Nodes`".to_owned()));
        };
        if let Some((told, line)) = self.told_edges.filter(|(told, _)| *told != self.edges.len()) {
            return Err(wrong(line, format!("{told} edges are announced but {} follow", self.edges.len())));
        }
        let listed = self.required.len() + self.prizes.len();
        if let Some((told, line)) = self.told_terminals {
            // Some published files count the root in, some do not.
            if told != listed && !(self.root.is_some() && told == listed + 1) {
                return Err(wrong(line, format!("{told} terminals are announced but {listed} follow")));
            }
        }
        let amounts = self.edges.iter().map(|(_, cost, _)| cost).chain(self.prizes.iter().map(|(_, prize, _)| prize));
        let decimals = amounts.map(|amount| amount.places).max().unwrap_or(0);
        let scaled = |amount: Decimal, line: usize| {
            let whole = amount.scaled(decimals).filter(|&whole| whole < 1 << 60);
            whole.ok_or_else(|| wrong(line, format!("with {decimals} decimals kept the number is too large")))
        };
        let mut demands = vec![Demand::None; nodes as usize];
        for &(node, prize, line) in &self.prizes {
            let prize = scaled(prize, line)?;
            demands[node.index()] = if prize > 0 { Demand::Prize(prize) } else { Demand::None };
        }
        for node in self.required.iter().chain(&self.root) {
            demands[node.index()] = Demand::Required;
        }
        let mut costs = Vec::with_capacity(self.edges.len());
        for &(_, cost, line) in &self.edges {
            costs.push(scaled(cost, line)?);
        }
        let graph = Graph::new(nodes as usize, self.edges.iter().map(|(ends, _, _)| *ends).collect());
        let problem = SteinerProblem::new(graph, costs, demands, self.root)?;
        Ok(Instance { name: self.name, problem, decimals })
    }
}

fn number(words: &[&str], place: usize, line: usize) -> Result<usize, ParseError> {
    let word = words.get(place).ok_or_else(|| wrong(line, format!("`{}` lacks a number", words[0])))?;
    word.parse().map_err(|_| wrong(line, format!("`{word}` is not a whole number")))
}

fn amount(words: &[&str], place: usize, line: usize) -> Result<Decimal, ParseError> {
    let word = words.get(place).ok_or_else(|| wrong(line, format!("`{}` lacks a cost or prize", words[0])))?;
    let amount: Decimal =
        word.parse().map_err(|()| wrong(line, format!("`{word}` is not a number that can be kept exactly")))?;
    if amount.digits < 0 {
        return Err(wrong(line, format!("`{word}` is negative; costs and prizes must be 0 or more")));
    }
    Ok(amount)
}
