//! Builds an instance of any size, whose optimum is known, from published ones: tiles side by side, tied by connectors.
//!
//! ```sh
//! cargo run --example mosaic -- OUT.gr CSV TILE.gr.xz...
//! ```
//!
//! CSV is a table of optima with columns `instance` and `best_known`, the tile's name its file's up to the first point; a
//! tile may be named more than once. Printed is the mosaic's row for such a table.
//!
//! Each connector joins two terminals of different tiles and costs at least B, the largest bottleneck distance between
//! terminals of any tile: what the dearest edge of a tile's minimum spanning tree of terminal distances costs. A tree with a
//! connector more than it takes to tie the tiles can drop one and be joined again inside a tile for no more, so the optimum
//! is the sum of the tiles' optima and a minimum spanning tree of the connectors. Nodes are renumbered and edges shuffled.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks on the terminal")]

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use vezel::graph::{NodeId, UnionFind};
use vezel::problem::{Demand, SteinerProblem};
use vezel::study;

/// Connectors for each tile.
const CONNECTORS: usize = 6;

/// An edge by the numbers of its ends, and its cost.
type Edge = (usize, usize, i64);

fn main() -> ExitCode {
    let words: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [out, table, tiles @ ..] = words.as_slice() else {
        eprintln!("usage: mosaic OUT.gr CSV TILE...");
        return ExitCode::from(2);
    };
    match mosaic(out, table, tiles) {
        Ok(row) => {
            println!("{row}");
            ExitCode::SUCCESS
        }
        Err(what) => {
            eprintln!("error: {what}");
            ExitCode::FAILURE
        }
    }
}

fn mosaic(out: &Path, table: &Path, tiles: &[PathBuf]) -> Result<String, String> {
    let optima = optima(&std::fs::read_to_string(table).map_err(|error| format!("{}: {error}", table.display()))?)?;
    let mut dice = Pcg64Mcg::seed_from_u64(1);
    let (mut edges, mut terminals, mut optimum, mut bottleneck) = (Vec::new(), Vec::new(), 0, 0);
    let mut nodes = 0;
    for tile in tiles {
        let problem = study::instance(tile).map_err(|error| error.to_string())?.problem;
        let name = tile.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = name.split('.').next().unwrap_or_default();
        optimum += optima.get(name).ok_or(format!("{name} has no row in {}", table.display()))?;
        bottleneck = bottleneck.max(largest_bottleneck(&problem));
        let graph = problem.graph();
        edges.extend(graph.edges().map(|edge| {
            let [tail, head] = graph.ends(edge);
            (nodes + tail.index(), nodes + head.index(), problem.cost(edge))
        }));
        let required = graph.nodes().filter(|node| problem.demands()[node.index()] == Demand::Required);
        terminals.push(required.map(|node| nodes + node.index()).collect::<Vec<_>>());
        nodes += graph.node_count();
    }
    let (connectors, tied) = connectors(&terminals, bottleneck, &mut dice);
    edges.extend(connectors);
    optimum += tied;
    let (count, sought) = (edges.len(), terminals.iter().map(Vec::len).sum::<usize>());
    std::fs::write(out, text(nodes, edges, &terminals.concat(), &mut dice))
        .map_err(|error| format!("{}: {error}", out.display()))?;
    let file = out.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = file.split('.').next().unwrap_or_default();
    Ok(format!("{name},mosaic,{nodes},{count},{sought},{optimum},yes,by construction,{} tiles,{file}", tiles.len()))
}

/// Optima by name of instance.
fn optima(table: &str) -> Result<BTreeMap<String, i64>, String> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let mut found = BTreeMap::new();
    for row in reader.deserialize::<BTreeMap<String, String>>() {
        let row = row.map_err(|error| error.to_string())?;
        if let (Some(name), Some(Ok(best))) = (row.get("instance"), row.get("best_known").map(|best| best.parse())) {
            found.insert(name.clone(), best);
        }
    }
    Ok(found)
}

/// The dearest edge in the minimum spanning tree of the terminals' distances, found by the regions nearest to each.
fn largest_bottleneck(problem: &SteinerProblem) -> i64 {
    let graph = problem.graph();
    let mut near: Vec<Option<(i64, NodeId)>> = vec![None; graph.node_count()];
    let mut queue: BinaryHeap<Reverse<(i64, NodeId, NodeId)>> = graph
        .nodes()
        .filter(|node| problem.demands()[node.index()] == Demand::Required)
        .map(|node| Reverse((0, node, node)))
        .collect();
    while let Some(Reverse((so_far, node, base))) = queue.pop() {
        if near[node.index()].is_none() {
            near[node.index()] = Some((so_far, base));
            let arcs = graph.arcs(node).iter();
            queue.extend(arcs.map(|arc| Reverse((so_far + problem.cost(arc.edge), arc.to, base))));
        }
    }
    let mut links: Vec<(i64, NodeId, NodeId)> = graph
        .edges()
        .filter_map(|edge| {
            let [tail, head] = graph.ends(edge);
            let ((one, from), (other, to)) = (near[tail.index()]?, near[head.index()]?);
            (from != to).then_some((one + problem.cost(edge) + other, from, to))
        })
        .collect();
    links.sort_unstable();
    let mut union = UnionFind::new(graph.node_count());
    let tree = links.into_iter().filter(|&(_, from, to)| union.join(from.index(), to.index()));
    tree.map(|(length, _, _)| length).last().unwrap_or(0)
}

/// Random connectors that tie all tiles, and the cost of their minimum spanning tree.
fn connectors(terminals: &[Vec<usize>], least: i64, dice: &mut Pcg64Mcg) -> (Vec<Edge>, i64) {
    let tiles = terminals.len();
    let mut found: Vec<(i64, usize, usize, Edge)> = Vec::new();
    for place in 0..CONNECTORS * tiles {
        let one = place % tiles;
        // A ring first, then at random.
        let other = if place < tiles { (one + 1) % tiles } else { dice.random_range(0..tiles) };
        if one != other {
            let cost = least + dice.random_range(0..=least);
            let mut pick = |tile: usize| terminals[tile][dice.random_range(0..terminals[tile].len())];
            found.push((cost, one, other, (pick(one), pick(other), cost)));
        }
    }
    found.sort_unstable();
    let mut union = UnionFind::new(tiles);
    let tree = found.iter().filter(|&&(_, one, other, _)| union.join(one, other));
    let tied = tree.map(|(cost, ..)| cost).sum();
    (found.into_iter().map(|(_, _, _, edge)| edge).collect(), tied)
}

/// The instance in the format of the PACE challenge.
fn text(nodes: usize, mut edges: Vec<Edge>, terminals: &[usize], dice: &mut Pcg64Mcg) -> String {
    let mut number: Vec<usize> = (1..=nodes).collect();
    number.shuffle(dice);
    edges.shuffle(dice);
    let mut text = format!("SECTION Graph\nNodes {nodes}\nEdges {}\n", edges.len());
    for (tail, head, cost) in edges {
        let _ = writeln!(text, "E {} {} {cost}", number[tail], number[head]);
    }
    let _ = writeln!(text, "END\n\nSECTION Terminals\nTerminals {}", terminals.len());
    let mut terminals: Vec<usize> = terminals.iter().map(|&terminal| number[terminal]).collect();
    terminals.sort_unstable();
    for terminal in terminals {
        let _ = writeln!(text, "T {terminal}");
    }
    text.push_str("END\n\nEOF\n");
    text
}
