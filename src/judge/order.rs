//! Is every address told of, are the inputs the ones planned with?

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::geodata;
use crate::judge::Verdict;
use crate::judge::files::Files;

const STATUSES: [&str; 11] = [
    "connected",
    "left-out",
    "too-far",
    "forbidden",
    "disconnected",
    "over-budget",
    "out-of-scope-built-up",
    "out-of-scope-dense",
    "status-not-planned",
    "duplicate",
    "no-point",
];

pub(super) fn judge(files: &Files, verdict: &mut Verdict) {
    statuses(files, verdict);
}

fn statuses(files: &Files, verdict: &mut Verdict) {
    verdict.equal("addresses.input", files.number("/addresses/input"), files.addresses.len() as i64);
    let mut counts: BTreeMap<&str, i64> = STATUSES.iter().map(|&word| (word, 0)).collect();
    for (place, row) in files.addresses.iter().enumerate() {
        let field = |name: &str| row.get(name).map_or("", String::as_str);
        match counts.get_mut(field("status")) {
            Some(count) => *count += 1,
            None => verdict.faults.push(format!("addresses.csv, row {}: unknown status", place + 2)),
        }
        verdict.demand(!field("reason").is_empty(), || format!("addresses.csv, row {}: no reason", place + 2));
    }
    for (&word, &count) in &counts {
        verdict.equal(
            &format!("addresses with status {word}"),
            files.number(&format!("/addresses/statuses/{word}")),
            count,
        );
    }
    verdict.equal("addresses.connected", files.number("/addresses/connected"), counts["connected"]);
    let target = ["connected", "left-out", "too-far", "forbidden", "disconnected", "over-budget"];
    verdict.equal("addresses.target", files.number("/addresses/target"), target.iter().map(|word| counts[word]).sum());
    let mapped = files.items("addresses");
    let placed = files.addresses.len() as i64 - counts["no-point"];
    verdict.equal("addresses on the map", mapped.len() as i64, placed);
    let rows = files.addresses.iter().filter(|row| row.get("status").is_some_and(|status| status != "no-point"));
    for (item, row) in mapped.iter().zip(rows) {
        let told = |name: &str| row.get(name).cloned().unwrap_or_default();
        verdict.demand(item.text("id") == told("id") && item.text("status") == told("status"), || {
            format!("address {}: the map and addresses.csv differ", item.text("id"))
        });
    }
    verdict.confirmed.push(format!("{} input addresses are told of", files.addresses.len()));
}

/// The inputs have the hashes told, and the address layer has as many records.
pub(super) fn judge_inputs(files: &Files, folder: &Path, verdict: &mut Verdict) {
    let told = files.summary.pointer("/inputs").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
    for input in &told {
        let text = |key: &str| input.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let file = text("file");
        let Ok(bytes) = std::fs::read(folder.join(&file)) else {
            verdict.faults.push(format!("input {file}: it cannot be read"));
            continue;
        };
        let hash = Sha256::digest(&bytes).iter().fold(String::new(), |mut hash, byte| {
            let _ = write!(hash, "{byte:02x}");
            hash
        });
        verdict.demand(hash == text("sha256"), || format!("input {file}: it has changed since the plan was made"));
    }
    let source = files.summary.pointer("/scenario/layers/addresses/file").and_then(serde_json::Value::as_str);
    let opened = source.map(|source| geodata::open(&folder.join(source).display().to_string(), "addresses"));
    match opened {
        Some(Ok((layer, _))) => {
            verdict.equal(
                "records of the address layer",
                files.number("/addresses/input"),
                layer.features.len() as i64,
            );
        }
        _ => verdict.faults.push("the address layer cannot be read".to_owned()),
    }
    verdict.confirmed.push(format!("{} input files are the ones planned with", told.len()));
}
