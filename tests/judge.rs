//! The judge refuses spoilt plans, one for each rule, and accepts the plan they were made from.

#[path = "support/spoil.rs"]
mod spoil;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use spoil::spoil;
use vezel::judge::judge;

/// A plan of the toy village in a folder of its own.
fn toy_plan() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("out");
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/toy/scenario.toml");
    Command::new(env!("CARGO_BIN_EXE_vezel")).arg("plan").arg(scenario).arg("-o").arg(&out).assert().success();
    (home, out)
}

fn faults(out: &Path) -> Vec<String> {
    judge(out, None).expect("the folder can be read").faults
}

fn refused(sql: &str, word: &str) {
    let (_home, out) = toy_plan();
    assert_eq!(faults(&out), Vec::<String>::new());
    spoil(&out, sql);
    let found = faults(&out);
    assert!(found.iter().any(|fault| fault.contains(word)), "{sql}: {found:?}");
    Command::new(env!("CARGO_BIN_EXE_vezel")).arg("check").arg(&out).assert().code(6);
}

/// Spoils one plan again and again; every spoilt copy is refused.
fn refused_each(wrongs: &[(&str, &str)]) {
    let (home, out) = toy_plan();
    assert_eq!(faults(&out), Vec::<String>::new());
    for (number, (sql, word)) in wrongs.iter().enumerate() {
        let copy = home.path().join(number.to_string());
        fs::create_dir(&copy).expect("a folder");
        for file in fs::read_dir(&out).expect("the plan").map(|entry| entry.expect("a file").path()) {
            if file.is_file() {
                fs::copy(&file, copy.join(file.file_name().expect("a name"))).expect("a copy");
            }
        }
        spoil(&copy, sql);
        let found = faults(&copy);
        assert!(found.iter().any(|fault| fault.contains(word)), "{sql}: {found:?}");
    }
}

#[test]
fn a_missing_trench_cuts_addresses_off() {
    refused("DELETE FROM trenches WHERE length_mm = (SELECT max(length_mm) FROM trenches)", "hangs from no PoP");
}

#[test]
fn a_missing_drop_is_noticed() {
    refused("DELETE FROM drops WHERE fid = 1", "");
}

#[test]
fn a_wrong_length_is_noticed() {
    refused("UPDATE trenches SET length_mm = length_mm + 5000 WHERE fid = 1", "its course measures");
}

#[test]
fn a_wrong_price_is_noticed() {
    refused("UPDATE trenches SET cost_cents = cost_cents - 100 WHERE fid = 1", "cost in cents");
}

#[test]
fn a_moved_pop_is_noticed() {
    refused("UPDATE pops SET node = node + 1 WHERE fid = 1", "");
}

#[test]
fn connections_that_do_not_add_up_are_noticed() {
    refused("UPDATE pops SET connections = connections + 1 WHERE fid = 1", "connections");
    refused("UPDATE cabinets SET connections = connections + 1 WHERE fid = 1", "connections");
}

#[test]
fn an_address_that_changes_its_status_is_noticed() {
    refused("UPDATE addresses SET status = 'too-far' WHERE fid = 1", "");
}

#[test]
fn a_wrong_route_is_noticed() {
    refused("UPDATE addresses SET route_mm = route_mm - 1 WHERE fid = 1", "route");
}

#[test]
fn fibres_that_are_not_as_many_as_told_are_noticed() {
    refused_each(&[
        ("UPDATE trenches SET trunk_fibres = trunk_fibres + 1 WHERE fid = 1", "trunk fibres"),
        ("UPDATE trenches SET distribution_fibres = distribution_fibres + 2 WHERE fid = 1", "distribution fibres"),
        ("UPDATE drops SET drop_cables = drop_cables + 1 WHERE fid = 1", "drop cables"),
    ]);
}

#[test]
fn cables_that_hold_too_little_or_are_not_made_are_noticed() {
    refused_each(&[
        ("UPDATE trenches SET cables = '' WHERE trunk_fibres > 0", "do not hold"),
        ("UPDATE trenches SET cables = cables || ' 13' WHERE fid = 1", "no cable of 13"),
        ("UPDATE trenches SET cables = cables || ' 12' WHERE fid = 1", "bill, cable cable.12"),
    ]);
}

#[test]
fn distribution_points_that_hold_too_many_or_stand_elsewhere_are_noticed() {
    refused_each(&[
        ("UPDATE cabinets SET kind = 'shed' WHERE fid = 1", "unknown kind"),
        ("UPDATE cabinets SET housings = 0 WHERE fid = 1", "with room for"),
        ("UPDATE cabinets SET node = (SELECT node FROM pops) WHERE fid = 1", ""),
        ("UPDATE addresses SET cabinet = 1 WHERE cabinet IS NULL", "do not pass its cabinet"),
        ("UPDATE addresses SET cabinet = NULL WHERE cabinet = 1", "of distribution cable"),
    ]);
}

#[test]
fn handholes_splices_and_splitters_are_counted_anew() {
    refused_each(&[
        ("INSERT INTO handholes (segment, along_mm) VALUES (1, 0)", "where none is due"),
        ("UPDATE pops SET spliced = spliced + 1", "splices"),
        ("UPDATE cabinets SET splitters = 1 WHERE fid = 1", "splitters"),
    ]);
}

#[test]
fn a_fibre_that_is_used_twice_is_noticed() {
    refused_text("splices.csv", "P1,3-4,", "P1,1-2,", "used twice");
    refused_text("splices.csv", "address,0100010000000003,1", "address,0100010000000009,1", "not told of");
}

#[test]
fn groups_that_do_not_add_up_are_noticed() {
    refused_text("bill_by_group.csv", "civil.plough,m,", "civil.plough,m,1", "do not add up");
}

#[test]
fn shares_that_do_not_add_up_are_noticed() {
    refused("UPDATE addresses SET share_cents = share_cents + 1 WHERE fid = 1", "cost shares");
}

/// Spoils a text file by replacing the first occurrence of some text.
fn refused_text(file: &str, from: &str, to: &str, word: &str) {
    let (_home, out) = toy_plan();
    let text = fs::read_to_string(out.join(file)).expect("a result file");
    assert!(text.contains(from), "{file} contains {from}");
    fs::write(out.join(file), text.replacen(from, to, 1)).expect("a result file");
    let found = faults(&out);
    assert!(found.iter().any(|fault| fault.contains(word)), "{file} {from}: {found:?}");
}

#[test]
fn a_bound_above_the_cost_is_noticed() {
    refused_text("plan.json", "\"bound_cents\": 5219000", "\"bound_cents\": 5219001", "bound");
}

#[test]
fn a_total_that_is_not_the_sum_is_noticed() {
    refused_text("plan.json", "\"cost_cents\": 5219000", "\"cost_cents\": 5219001", "trench.cost_cents");
}

#[test]
fn a_lost_address_is_noticed() {
    let (_home, out) = toy_plan();
    let text = fs::read_to_string(out.join("addresses.csv")).expect("a table");
    let last = text.trim_end().rfind('\n').expect("several rows");
    fs::write(out.join("addresses.csv"), &text[..=last]).expect("a table");
    assert!(faults(&out).iter().any(|fault| fault.contains("addresses.input")));
}

#[test]
fn a_unit_before_the_one_it_hangs_from_is_noticed() {
    let (_home, out) = toy_plan();
    let text = fs::read_to_string(out.join("ranking.csv")).expect("a table");
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    fs::write(out.join("ranking.csv"), lines.join("\n")).expect("a table");
    assert!(!faults(&out).is_empty());
}

/// Spoils one cell of a table of the toy: the first row for which `pick` holds.
fn refused_cell(file: &str, column: &str, pick: fn(&str) -> bool, to: &str, word: &str) {
    let (_home, out) = toy_plan();
    let path = out.join(file);
    let mut reader = csv::Reader::from_path(&path).expect("a table");
    let header = reader.headers().expect("a header").clone();
    let at = header.iter().position(|name| name == column).unwrap_or_else(|| panic!("{file} has no {column}"));
    let mut rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("rows");
    let row = rows.iter_mut().find(|row| pick(&row[at])).expect("a row to spoil");
    *row = row.iter().enumerate().map(|(place, cell)| if place == at { to } else { cell }).collect();
    let mut writer = csv::Writer::from_path(&path).expect("a table");
    writer.write_record(&header).and_then(|()| rows.iter().try_for_each(|row| writer.write_record(row))).expect("rows");
    writer.flush().expect("a table");
    let found = faults(&out);
    assert!(found.iter().any(|fault| fault.contains(word)), "{file} {column}: {found:?}");
}

#[test]
fn need_that_does_not_add_up_is_noticed() {
    refused_cell("addresses.csv", "need_points", |_| true, "99.00", "does not add up");
    refused_cell("addresses.csv", "need_care_address", |cell| cell == "25.00", "20.00", "need_care_address");
    refused_cell("addresses.csv", "need_low", |_| true, "88.00", "does not add up");
    refused_cell("ranking.csv", "need_agri", |cell| cell != "0.00", "1.00", "need parts");
}

#[test]
fn an_order_that_is_not_strict_or_not_the_best_is_noticed() {
    refused_cell("ranking.csv", "points rest", |cell| cell != "0.00", "1.00", "points by tier");
    refused_cell("ranking.csv", "trunk_eur", |_| true, "1.23", "shared route");
    refused_text("plan.json", "\"wait_free_eur\": ", "\"wait_free_eur\": 1", "wait_free_eur");
}

#[test]
fn draws_that_do_not_add_up_are_noticed() {
    refused_cell("robustness.csv", "place_1", |cell| cell != "0.000000", "0.123456", "shares add up");
    refused_cell("sensitivity.csv", "total_at_low_eur", |_| true, "1.00", "at its low end");
    refused_text("plan.json", "\"p90_cents\": ", "\"p90_cents\": -1", "P10, P50 and P90");
}
