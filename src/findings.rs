//! Findings: every doubt about the data, with what it touches and what to do about it.
//!
//! Nothing is lost silently: whoever skips, moves or doubts a feature writes a finding.

use std::fmt;

/// How much a finding matters to the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The data cannot be used as given; the feature plays no part in the plan.
    Error,
    /// The feature is used, but the result may be wrong because of it.
    Warning,
    /// Worth knowing; nothing to mend.
    Info,
}

/// One doubt about one feature, or about a whole layer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// Stable, untranslated name of the rule in kebab case, such as `address-far-from-road`.
    pub rule: &'static str,
    /// Name of the layer in the scenario, such as `addresses`; the file's name where there is no scenario.
    pub layer: String,
    /// The feature within the layer (its id, or `record 12`); empty where the whole layer is meant.
    pub feature: String,
    /// What was seen, in one sentence without a full stop.
    pub what: String,
    /// What to do about it, in one sentence without a full stop.
    pub advice: String,
}

impl Finding {
    /// A finding about a whole layer; `at` narrows it to one feature.
    #[must_use]
    pub fn new(
        severity: Severity,
        rule: &'static str,
        layer: &str,
        what: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            rule,
            layer: layer.to_owned(),
            feature: String::new(),
            what: what.into(),
            advice: advice.into(),
        }
    }

    /// The same finding about one feature.
    #[must_use]
    pub fn at(mut self, feature: impl Into<String>) -> Self {
        self.feature = feature.into();
        self
    }
}

/// Lower-case word, as written in `findings.csv`.
impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        })
    }
}

/// `layer, feature: what; advice`, as printed on a terminal.
impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.severity, self.layer)?;
        if !self.feature.is_empty() {
            write!(out, ", {}", self.feature)?;
        }
        write!(out, ": {}; {}", self.what, self.advice)
    }
}
