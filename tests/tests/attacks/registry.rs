//! `tests/CATALOGUE.md` and the tests agree: the rows are read from its tables, the names of the tests from their source files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A row of the catalogue: its section's heading, and its cells.
struct Row {
    section: String,
    cells: Vec<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Reads the rows of all tables of the catalogue, without their headings.
fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(folder().join("CATALOGUE.md")).expect("the catalogue");
    let mut section = String::new();
    let mut rows = Vec::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            heading.clone_into(&mut section);
        } else if let Some(cells) = line.strip_prefix("| ").and_then(|rest| rest.strip_suffix(" |")) {
            let cells: Vec<String> = cells.split(" | ").map(|cell| cell.trim().to_owned()).collect();
            if cells[0] != "id" && cells[0] != "---" {
                rows.push(Row { section: section.clone(), cells });
            }
        }
    }
    rows
}

/// The rows of the sections for which `chosen` holds, each with every cell filled.
fn rows_of(chosen: impl Fn(&str) -> bool, cells: usize) -> Vec<Row> {
    let rows: Vec<Row> = rows().into_iter().filter(|row| chosen(&row.section)).collect();
    for row in &rows {
        assert_eq!(row.cells.iter().filter(|cell| !cell.is_empty()).count(), cells, "{:?}", row.cells);
    }
    assert!(!rows.is_empty());
    rows
}

/// The names of the tests in the files of this program whose name begins with `file`.
fn tests(file: &str) -> BTreeSet<String> {
    let files = std::fs::read_dir(folder().join("tests/attacks")).expect("the folder of this test");
    let mut names = BTreeSet::new();
    for entry in files {
        let path = entry.expect("an entry").path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(file)) {
            let text = std::fs::read_to_string(path).expect("a source file");
            let tests = text.split("#[test]\nfn ").skip(1).filter_map(|rest| rest.split('(').next());
            names.extend(tests.map(str::to_owned));
        }
    }
    names
}

/// The id that a test's name begins with: a letter and two digits.
fn id_of(test: &str) -> Option<String> {
    let (id, _) = test.split_once('_')?;
    let [letter, digits @ ..] = id.as_bytes() else { return None };
    let is_id = letter.is_ascii_lowercase() && digits.len() == 2 && digits.iter().all(u8::is_ascii_digit);
    is_id.then(|| id.to_owned())
}

#[test]
fn every_attack_has_a_test_or_a_reason() {
    let is_attack = |section: &str| section.as_bytes().get(1) == Some(&b':');
    let attacks = rows_of(is_attack, 3);
    let excused = rows_of(|section| section == "Not applicable", 3);
    let tested: BTreeSet<String> = tests("").iter().filter_map(|test| id_of(test)).collect();
    let listed: BTreeSet<String> = attacks.iter().map(|row| row.cells[0].clone()).collect();
    let odd: Vec<&String> = listed.symmetric_difference(&tested).collect();
    assert!(odd.is_empty(), "rows without a test, or tests without a row: {odd:?}");
    for row in &attacks {
        assert!(
            row.section.to_ascii_lowercase().starts_with(&row.cells[0][..1]),
            "{} in {}",
            row.cells[0],
            row.section
        );
    }
    // Ids are given once, and those of a section leave no gap.
    let mut ids: Vec<&str> = attacks.iter().chain(&excused).map(|row| row.cells[0].as_str()).collect();
    ids.sort_unstable();
    let mut last = "";
    for id in ids {
        let number = if last.get(..1) == id.get(..1) { last[1..].parse::<u32>().expect("a number") + 1 } else { 1 };
        assert_eq!(id, format!("{}{number:02}", &id[..1]), "after {last:?}");
        last = id;
    }
}

#[test]
fn every_advisory_is_in_the_name_of_a_test() {
    let rows = rows_of(|section| section == "Advisories", 2);
    let spelled = |name: &str| name.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_") + "_";
    let advisories: Vec<String> = rows.iter().map(|row| spelled(&row.cells[0])).collect();
    let tests = tests("advisories.rs");
    for advisory in &advisories {
        assert!(tests.iter().any(|test| test.contains(advisory)), "{advisory} has no test");
    }
    for test in &tests {
        let mut rest = test.as_str();
        while let Some(after) = advisories.iter().find_map(|advisory| rest.strip_prefix(advisory.as_str())) {
            rest = after;
        }
        let unknown = rest == test || rest.starts_with("cve_") || rest.starts_with("ghsa_");
        assert!(!unknown, "{test} names an advisory that is not in the catalogue");
    }
}
