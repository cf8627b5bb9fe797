//! The text of a certificate: what the solver claims, and cuts that anybody can add up. `ARCHITECTURE.md` has its format.

use std::io::{self, Write};

use crate::problem::Instance;
use crate::solver::{Needless, Origin, Outcome, Proof, Sets};

/// Writes the certificate of an outcome.
///
/// # Errors
/// If it cannot be written.
pub fn write_certificate(
    out: &mut impl Write,
    instance: &Instance,
    outcome: &Outcome,
    proof: &Proof,
) -> io::Result<()> {
    let graph = instance.problem.graph();
    writeln!(out, "vezel certificate 2")?;
    writeln!(
        out,
        "# Amounts are in the unit of the instance, nodes are counted from 1. `vezel check --certificate` replays it."
    )?;
    writeln!(out, "name \"{}\"", instance.name.as_deref().unwrap_or_default())?;
    writeln!(out, "nodes {}", graph.node_count())?;
    writeln!(out, "edges {}", graph.edge_count())?;
    writeln!(out, "value {}", instance.amount(outcome.value))?;
    writeln!(out, "claimed {}", instance.amount(outcome.bound))?;
    if outcome.bound > proof.bound {
        let rest = instance.amount(outcome.bound - proof.bound);
        writeln!(
            out,
            "# Of the claimed bound {rest} rest on reductions, a linear program or branching, which are not"
        )?;
        writeln!(out, "# repeated here. The cuts below, on the instance as it is, confirm the rest:")?;
    } else {
        writeln!(out, "# The cuts below, on the instance as it is, confirm the claimed bound in full:")?;
    }
    writeln!(out, "confirmed {}", instance.amount(proof.bound))?;
    writeln!(out, "cutoff {}", instance.amount(proof.cutoff))?;
    for Needless { edge, walk } in &proof.needless {
        write!(out, "D {}", edge.0 + 1)?;
        for edge in walk {
            write!(out, " {}", edge.0 + 1)?;
        }
        writeln!(out)?;
    }
    for case in &proof.cases {
        match case.origin {
            Origin::Root(root) => writeln!(out, "case root {}", root.0 + 1)?,
            Origin::Hub(price) => writeln!(out, "case hub {}", instance.amount(price))?,
        }
        for round in &case.rounds {
            writeln!(out, "round")?;
            for sets in round {
                write_sets(out, instance, sets)?;
            }
        }
    }
    writeln!(out, "end")
}

/// One terminal: its sets as they grow, and what each is paid.
fn write_sets(out: &mut impl Write, instance: &Instance, sets: &Sets) -> io::Result<()> {
    writeln!(out, "T {}", sets.nodes[0].0 + 1)?;
    let mut joined = 1;
    for &(size, amount) in &sets.raises {
        if size > joined {
            write!(out, "N")?;
            for node in &sets.nodes[joined..size] {
                write!(out, " {}", node.0 + 1)?;
            }
            writeln!(out)?;
            joined = size;
        }
        writeln!(out, "R {}", instance.amount(amount))?;
    }
    Ok(())
}
