//! `vezel check`: the judge of a result folder, or of a solved instance.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{End, say};
use crate::judge::{self, Texts, Verdict};
use crate::study;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A result folder of `vezel plan`, `vezel rank` or `vezel frontier`; with --solution or --certificate, the instance that `vezel solve` solved.
    what: PathBuf,
    /// Folder of the scenario (of the plan, for `vezel rank`): also check that the inputs are the ones planned with.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["solution", "certificate"])]
    inputs: Option<PathBuf>,
    /// A tree that `vezel solve --solution` wrote: is it one, does it hold what it must, what does it cost?
    #[arg(long, value_name = "FILE")]
    solution: Option<PathBuf>,
    /// A certificate that `vezel solve --certificate` wrote: replay its cuts and confirm the bound that they prove.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<End, study::Error> {
    let (what, verdict) = if arguments.solution.is_some() || arguments.certificate.is_some() {
        ("answer", instance(arguments)?)
    } else {
        ("plan", judge::judge(&arguments.what, arguments.inputs.as_deref())?)
    };
    for fault in &verdict.faults {
        say(&format!("fault: {fault}"));
    }
    verdict.confirmed.iter().for_each(|line| say(&format!("confirmed: {line}")));
    if verdict.faults.is_empty() {
        say(&format!("the {what} stands"));
        Ok(End::Fine)
    } else {
        say(&format!("the {what} does not stand: {} faults", verdict.faults.len()));
        Ok(End::CheckFailed)
    }
}

fn instance(arguments: &Arguments) -> Result<Verdict, study::Error> {
    let text = |path: &Option<PathBuf>| path.as_deref().map(study::instance_text).transpose();
    let (instance, solution) = (study::instance_text(&arguments.what)?, text(&arguments.solution)?);
    let certificate = text(&arguments.certificate)?;
    let texts = Texts { instance: &instance, solution: solution.as_deref(), certificate: certificate.as_deref() };
    let path = arguments.what.display().to_string();
    judge::judge_instance(texts).map_err(|what| study::Error::Instance { path, what })
}
