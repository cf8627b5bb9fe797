//! The house keeps to its picture: who may import whom, where the doors to the disk are, how long a file may be.

use std::fs;
use std::path::{Path, PathBuf};

/// Every room of `src`, with the rooms it may import.
/// A room may only list rooms that stand before it here, so circles cannot be written down.
const ROOMS: &[(&str, &[&str])] = &[
    ("units", &[]),
    ("effort", &[]),
    ("findings", &[]),
    ("chance", &[]),
    // The maths wing knows nothing of maps, files or prices.
    ("graph", &[]),
    ("problem", &["graph"]),
    ("solver", &["effort", "chance", "graph", "problem"]),
    ("bulk", &["effort", "graph"]),
    // Draws and weights, for whoever ranks.
    ("smaa", &["chance"]),
    // The land wing knows nothing of optimisation.
    ("scenario", &["units"]),
    ("geodata", &["findings"]),
    ("region", &["units", "findings", "scenario", "geodata"]),
    ("network", &["units", "findings", "scenario", "graph", "geodata", "region"]),
    // The wings meet.
    ("plan", &["units", "effort", "scenario", "graph", "bulk", "problem", "region", "network"]),
    ("design", &["units", "findings", "chance", "scenario", "graph", "region", "network", "plan"]),
    ("rollout", &["units", "chance", "scenario", "smaa", "graph", "region", "network", "plan"]),
    ("report", &["units", "findings", "scenario", "geodata", "graph", "region", "network", "plan", "rollout"]),
    ("tender", &["units", "findings", "smaa", "scenario", "geodata", "graph", "region", "network", "plan"]),
    ("generate", &["effort", "geodata"]),
    ("judge", &["geodata"]),
    (
        "study",
        &[
            "units", "effort", "findings", "scenario", "geodata", "graph", "region", "network", "problem", "solver",
            "bulk", "plan", "design", "rollout", "report", "tender", "judge",
        ],
    ),
    (
        "cli",
        &[
            "effort", "findings", "scenario", "geodata", "network", "region", "problem", "solver", "plan", "report",
            "generate", "judge", "study", "units",
        ],
    ),
];

/// The only rooms that touch the disk; the judge reads the folder that it judges.
const DOORS: &[&str] = &["geodata", "study", "cli", "judge", "main"];

const LONGEST_FILE: usize = 560;

#[test]
fn rooms_import_only_what_the_picture_allows() {
    for (path, text) in sources() {
        let room = room_of(&path);
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else { continue };
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for import in code.flat_map(|line| line.split("crate::").skip(1)) {
            let used: String = import.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            assert!(
                used == room || allowed.contains(&used.as_str()),
                "{}: {room} may not import `{used}` (write one `use crate::room::...` a line)",
                path.display()
            );
        }
    }
}

#[test]
fn every_room_is_in_the_picture() {
    for (path, _) in sources() {
        let room = room_of(&path);
        let known = ROOMS.iter().any(|(name, _)| *name == room) || room == "lib" || room == "main";
        assert!(known, "{}: the room {room} is not in the picture", path.display());
    }
}

#[test]
fn the_picture_has_no_circles() {
    for (at, (room, allowed)) in ROOMS.iter().enumerate() {
        for other in *allowed {
            assert!(ROOMS[..at].iter().any(|(above, _)| above == other), "{room} lists {other}, which isn't before it");
        }
    }
}

#[test]
fn only_the_doors_touch_the_disk() {
    for (path, text) in sources() {
        let is_door = DOORS.contains(&room_of(&path).as_str());
        assert!(is_door || !text.contains("std::fs"), "{} touches the disk", path.display());
    }
}

#[test]
fn files_are_short() {
    for (path, text) in sources() {
        let length = text.lines().count();
        assert!(length <= LONGEST_FILE, "{} has {length} lines; at most {LONGEST_FILE}", path.display());
    }
}

/// The top-level module that a file belongs to.
fn room_of(path: &Path) -> String {
    let inside = path.strip_prefix(source_root()).expect("a path under src");
    let first = inside.iter().next().expect("more than src itself").to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![source_root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("src can be listed") {
            let path = entry.expect("an entry of src").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("a source file is text");
                found.push((path, text));
            }
        }
    }
    found
}
