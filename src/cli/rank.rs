//! `vezel rank`: a finished plan ranked anew with other weights.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use crate::cli::{End, say};
use crate::scenario::{Criterion, OrderRule};
use crate::study::{self, Folder, rerank};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A result folder of `vezel plan`, or of `vezel rank`.
    folder: PathBuf,
    /// Weights of need: park, care, agri, education, rest, such as care=3,agri=2; those not named stay as planned.
    #[arg(long, value_name = "NAME=WEIGHT,...", value_parser = weight, value_delimiter = ',')]
    weights: Vec<(Criterion, f64)>,
    /// Keep tiers strict: weights then only price that strictness.
    #[arg(long)]
    strict: bool,
    /// Folder for the new ranking; without it the table goes to standard output.
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Replace a folder that is there already.
    #[arg(long)]
    force: bool,
}

/// One `name=weight`.
fn weight(text: &str) -> Result<(Criterion, f64), String> {
    let names = Criterion::ALL.map(Criterion::name).join(", ");
    let (name, number) = text.split_once('=').ok_or(format!("`{text}` is no name=weight; the names are {names}"))?;
    let criterion = Criterion::ALL.into_iter().find(|criterion| criterion.name() == name.trim());
    let criterion = criterion.ok_or(format!("there is no `{name}`; the names are {names}"))?;
    let weight: Option<f64> = number.trim().parse().ok().filter(|weight| (0.0..=1e6).contains(weight));
    Ok((criterion, weight.ok_or(format!("the weight `{number}` is not from 0 to 1000000"))?))
}

pub(super) fn run(arguments: &Arguments, quiet: bool) -> Result<End, study::Error> {
    let weights: BTreeMap<Criterion, f64> = arguments.weights.iter().copied().collect();
    let rule = if arguments.strict { OrderRule::Strict } else { OrderRule::Weighted };
    let Some(output) = &arguments.output else {
        say(rerank(&arguments.folder, &weights, rule)?.table.trim_end());
        return Ok(End::Fine);
    };
    let mut folder = Folder::begin(output, arguments.force)?;
    let ranked = rerank(&arguments.folder, &weights, rule)?;
    folder.write("ranking.csv", &ranked.table)?;
    folder.write("ranking.json", &ranked.about)?;
    folder.finish()?;
    if !quiet {
        say(&format!("units      {}, {} with another rank than before", ranked.units, ranked.moved));
        say(&format!("strictness {:.1} % longer waiting under strict tiers", ranked.strictness.price() * 100.0));
        say(&format!("results    {}", output.display()));
    }
    Ok(End::Fine)
}
