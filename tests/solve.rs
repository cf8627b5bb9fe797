//! `vezel solve` on published instances with known optima, and on files that are none.

#![allow(clippy::print_stdout, reason = "a test that is skipped says why")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;

/// The folder of published instances; a clone of the project alone has none.
fn instances() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/instances");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} is not there", folder.display());
    None
}

fn solve(file: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vezel")).arg("solve").arg(file).args(more).output().expect("it runs")
}

#[test]
fn published_optima_are_reached_and_proven() {
    let Some(folder) = instances() else { return };
    for (file, optimum) in [
        ("vienna-i-simple/I052.gr.xz", 13_309_487.0),
        ("vienna-i-simple/I056.gr.xz", 14_171_206.0),
        ("RPCST-cologne1/i101M3.stp.xz", 355_625.408_852),
        ("RPCST-cologne2/i203M3.stp.xz", 643_062.019_515),
        ("PCSPG-JMP/K400.1.stp.xz", 490_771.0),
        ("PCSPG-CRR/C15-B.stp.xz", 551.0),
        ("PCSPG-RANDOM/a1000RandGraph.2.stp.xz", 753.290_496),
    ] {
        let output = solve(&folder.join(file), &["--json"]);
        assert_eq!(output.status.code(), Some(0), "{file}");
        let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(told["status"], "optimal", "{file}");
        let off = (told["value"].as_f64().expect("a number") - optimum).abs();
        assert!(off < 1e-6 * optimum.max(1.0), "{file}: {} instead of {optimum}", told["value"]);
        assert_eq!(told["value"], told["bound"], "{file}");
    }
}

#[test]
fn the_same_answer_for_one_and_two_threads() {
    let Some(folder) = instances() else { return };
    let room = tempfile::tempdir().expect("a folder");
    let answer = |threads: &str| {
        let path = room.path().join(threads);
        let told = path.display().to_string();
        solve(&folder.join("vienna-i-simple/I056.gr.xz"), &["--threads", threads, "--solution", &told]);
        fs::read_to_string(path).expect("a solution")
    };
    assert_eq!(answer("1"), answer("2"));
}

#[test]
fn a_file_that_is_no_instance_is_refused_with_its_line() {
    let room = tempfile::tempdir().expect("a folder");
    let head = "SECTION Graph\nNodes 2\nEdges 1\n";
    for (text, line) in [
        (format!("{head}E 1 3 4\nEND\n"), "line 4: node 3 does not exist"),
        (format!("{head}E 1 2 x\nEND\n"), "line 4: `x` is not a number"),
        (format!("{head}E 1 2 -1\nEND\n"), "line 4: `-1` is negative"),
        (format!("{head}END\n"), "line 3: 1 edges are announced but 0 follow"),
        (format!("{head}E 1 2 1\n"), "the text ends within a section"),
        (String::from("SECTION Graph\nNodes 2\nA 1 2 1\nEND\n"), "line 3: directed arcs"),
    ] {
        let path = room.path().join("spoilt.stp");
        fs::write(&path, text).expect("a file");
        let output = solve(&path, &[]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert!(told.contains(line) && told.contains("spoilt.stp"), "{told}");
    }
}

#[test]
fn decimals_are_kept_exactly() {
    let room = tempfile::tempdir().expect("a folder");
    let path = room.path().join("small.stp");
    let text = "SECTION Graph\nNodes 3\nEdges 2\nE 1 2 0.10\nE 2 3 0.205\nEND\nSECTION Terminals\nTerminals 2\nT 1\nT 3\nEND\nEOF\n";
    fs::write(&path, text).expect("a file");
    let told = String::from_utf8(solve(&path, &[]).stdout).expect("text");
    assert!(told.contains("value    0.305\n") && told.contains("status   optimal"), "{told}");
}
