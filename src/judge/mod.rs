//! The judge: recomputes a result folder from its own files and refuses what does not add up.
//!
//! It shares no code with what it judges: only the readers of files and the arithmetic of whole numbers. It rebuilds the
//! forest from node numbers and geometry, prices every segment from its works and the effective scenario, counts
//! fibres from every address to its PoP, and adds up the bill anew. Trees and certificates of published instances are
//! judged in `certificate`.

use std::path::Path;

mod batch;
mod bill;
mod cabling;
mod certificate;
mod files;
mod forest;
mod frontier;
mod need;
mod order;
mod phases;
mod ranking;
mod redundancy;
mod robust;
mod second;
mod splices;

pub use certificate::{Texts, judge_instance};

/// What the judge found.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Everything that is wrong, in order of discovery.
    pub faults: Vec<String>,
    /// What was recomputed and found right.
    pub confirmed: Vec<String>,
}

impl Verdict {
    /// A fault, unless the condition holds.
    fn demand(&mut self, holds: bool, fault: impl FnOnce() -> String) {
        if !holds {
            self.faults.push(fault());
        }
    }

    /// Compares a told figure with a recomputed one.
    fn equal(&mut self, what: &str, told: i64, recomputed: i64) {
        self.demand(told == recomputed, || format!("{what}: told {told}, recomputed {recomputed}"));
    }
}

/// Why a folder cannot be judged at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the folder is missing or unreadable.
    #[error("{path}: it cannot be judged, {what}; make the results anew")]
    Unreadable {
        /// The file.
        path: String,
        /// What is wrong.
        what: String,
    },
}

/// Judges a result folder: of a plan, of a plan ranked anew, of a batch of plans, or of a frontier. With `inputs`, the folder of the scenario, also that the inputs are the ones planned with and that
/// every input address is told of; for a plan ranked anew, `inputs` is the folder of that plan. Time: O(n log n).
///
/// # Errors
/// If a file is missing or cannot be read.
pub fn judge(folder: &Path, inputs: Option<&Path>) -> Result<Verdict, Error> {
    if folder.join("ranking.json").exists() && !folder.join("plan.json").exists() {
        return ranking::judge_alone(folder, inputs);
    }
    if folder.join("comparison.json").exists() {
        return batch::judge_all(folder, inputs);
    }
    if folder.join("frontier.json").exists() {
        return frontier::judge(folder);
    }
    let files = files::Files::read(folder)?;
    let mut verdict = Verdict::default();
    let built = forest::judge(&files, &mut verdict);
    let mut expected = cabling::judge(&files, &built, &mut verdict);
    let second = second::judge(&files, &built, &mut expected, &mut verdict);
    bill::judge(&files, &built, (expected, &second), &mut verdict);
    splices::judge(&files, &second, &mut verdict);
    redundancy::judge(&files, &built, &second, &mut verdict);
    order::judge(&files, &mut verdict);
    let units = ranking::judge(&files, &mut verdict);
    need::judge(&files, &units, &mut verdict);
    robust::judge(&files, &mut verdict);
    phases::judge(&files, &mut verdict);
    if let Some(inputs) = inputs {
        order::judge_inputs(&files, inputs, &mut verdict);
    }
    Ok(verdict)
}
