//! `vezel check`: the judge of a result folder.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{End, say};
use crate::study;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A result folder of `vezel plan`.
    folder: PathBuf,
    /// Folder of the scenario: also check that the inputs are the ones planned with.
    #[arg(long, value_name = "FOLDER")]
    inputs: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<End, study::Error> {
    let verdict = crate::judge::judge(&arguments.folder, arguments.inputs.as_deref())?;
    for fault in &verdict.faults {
        say(&format!("fault: {fault}"));
    }
    verdict.confirmed.iter().for_each(|line| say(&format!("confirmed: {line}")));
    if verdict.faults.is_empty() {
        say("the plan stands");
        Ok(End::Fine)
    } else {
        say(&format!("the plan does not stand: {} faults", verdict.faults.len()));
        Ok(End::CheckFailed)
    }
}
