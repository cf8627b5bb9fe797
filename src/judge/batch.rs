//! Does every plan of a batch stand, and does the comparison tell what the plans tell?

use std::path::Path;

use serde_json::Value as Json;

use crate::judge::{Error, Verdict, judge};

/// Where `plan.json` tells what `comparison.json` tells under the first name.
const FIGURES: [(&str, &str); 11] = [
    ("trench_cents", "/trench/built_cents"),
    ("trench_least_cents", "/trench/cost_cents"),
    ("left_out_cents", "/trench/left_out_cents"),
    ("bound_cents", "/trench/bound_cents"),
    ("total_cents", "/total/cost_cents"),
    ("addresses", "/addresses/input"),
    ("connected", "/addresses/connected"),
    ("parks_connected", "/parks/connected"),
    ("pops", "/pops"),
    ("cabinets", "/cabinets"),
    ("subsidy_needed_by_unit_cents", "/subsidy/needed_by_unit_cents"),
];

pub(super) fn judge_all(folder: &Path, inputs: Option<&Path>) -> Result<Verdict, Error> {
    let json = |path: &Path| -> Result<Json, Error> {
        let fail = |what: String| Error::Unreadable { path: path.display().to_string(), what };
        let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
        serde_json::from_str(&text).map_err(|error| fail(error.to_string()))
    };
    let told = json(&folder.join("comparison.json"))?;
    let runs = told.get("runs").and_then(Json::as_array).cloned().unwrap_or_default();
    let mut whole = Verdict::default();
    for run in &runs {
        let name = run.get("run").and_then(Json::as_str).unwrap_or_default();
        let verdict = judge(&folder.join(name), inputs)?;
        whole.faults.extend(verdict.faults.into_iter().map(|fault| format!("{name}: {fault}")));
        let plan = json(&folder.join(name).join("plan.json"))?;
        for (ours, theirs) in FIGURES {
            let expected = plan.pointer(theirs).and_then(Json::as_i64).unwrap_or(i64::MIN);
            whole.equal(&format!("{name}: {ours}"), run.get(ours).and_then(Json::as_i64).unwrap_or(-1), expected);
        }
    }
    let folders =
        std::fs::read_dir(folder).map(|entries| entries.flatten().filter(|entry| entry.path().is_dir()).count());
    whole.equal("plans in the folder", runs.len() as i64, folders.unwrap_or(0) as i64);
    whole.confirmed.push(format!("{} plans side by side", runs.len()));
    Ok(whole)
}
