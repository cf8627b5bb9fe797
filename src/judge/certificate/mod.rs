//! The judge of solved instances: is the tree one, what does it cost, and does the certificate prove its bound?
//!
//! It reads the instance anew, by a reader of its own, and shares nothing with the solver but the formats. A certificate
//! is replayed in one pass over the arcs for each round; `ARCHITECTURE.md` has its format.

mod amount;
mod case;
mod instance;
mod needless;
mod replay;
mod tree;

use crate::judge::Verdict;
use crate::judge::certificate::instance::Instance;

/// The texts that are judged; what is not given is not judged.
#[derive(Clone, Copy, Debug, Default)]
pub struct Texts<'a> {
    /// The instance, in SteinLib or PACE format.
    pub instance: &'a str,
    /// A tree, in the format of the DIMACS challenge.
    pub solution: Option<&'a str>,
    /// A certificate of `vezel solve`.
    pub certificate: Option<&'a str>,
}

/// Faults told of one text; more of them say nothing new.
const FAULTS: usize = 20;

/// Judges a tree and a certificate of an instance.
///
/// Time: O(m log n) and the size of the texts for each round of the certificate.
///
/// # Errors
/// A sentence that names the text and the line, if one of them cannot be read at all.
pub fn judge_instance(texts: Texts<'_>) -> Result<Verdict, String> {
    let instance = Instance::read(texts.instance).map_err(|what| format!("the instance, {what}"))?;
    let mut verdict = Verdict::default();
    let value = match texts.solution {
        Some(text) => {
            let told = tree::Told::read(text, &instance).map_err(|what| format!("the solution, {what}"))?;
            told.judge(&instance, &mut verdict)
        }
        None => None,
    };
    if let Some(text) = texts.certificate {
        let replayed = replay::replay(text, &instance).map_err(|what| format!("the certificate, {what}"))?;
        replayed.judge(&instance, value, &mut verdict);
    }
    if verdict.faults.len() > FAULTS {
        let more = verdict.faults.len() - FAULTS;
        verdict.faults.truncate(FAULTS);
        verdict.faults.push(format!("and {more} more"));
    }
    Ok(verdict)
}

#[cfg(test)]
mod tests;
