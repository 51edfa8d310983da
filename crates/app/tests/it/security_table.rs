//! docs/security.md against the tree: every requirement stands once, what a row names exists, and the list of open
//! items at the end is that of the rows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Requirements of levels 1 and 2 of ASVS 5.0.0, chapter by chapter.
const CHAPTERS: [usize; 17] = [27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7];

/// The states of a row, and whether it names a test.
const STATES: [(&str, bool); 4] =
    [("met", true), ("met, no test", false), ("not applicable", false), ("open", false)];

/// What stands between where something is done and the tests that show it.
const TESTS: &str = " · test: ";

struct Row {
    id: String,
    asked: String,
    state: String,
    place: String,
    tests: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn document() -> String {
    std::fs::read_to_string(root().join("docs/security.md")).expect("docs/security.md")
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// `V6.2.12` as chapter, section and number.
fn numbers(id: &str) -> Option<[usize; 3]> {
    let parts: Option<Vec<usize>> = id.strip_prefix('V')?.split('.').map(|n| n.parse().ok()).collect();
    parts?.try_into().ok()
}

fn rows(document: &str) -> Vec<Row> {
    let mut out = Vec::new();
    for line in document.lines() {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        if !line.starts_with('|') || numbers(cells[0]).is_none() {
            continue;
        }
        assert_eq!(cells.len(), 4, "a row has four cells: {line}");
        let (place, tests) = cells[3].split_once(TESTS).unwrap_or((cells[3], ""));
        out.push(Row {
            id: cells[0].to_owned(),
            asked: cells[1].to_owned(),
            state: cells[2].to_owned(),
            place: place.to_owned(),
            tests: quoted(tests),
        });
    }
    out
}

/// The part of the document under a heading.
fn under<'a>(document: &'a str, heading: &str) -> &'a str {
    let (_, rest) = document.split_once(&format!("\n## {heading}")).expect(heading);
    rest.split("\n## ").next().unwrap_or_default()
}

fn sources(folder: &Path, out: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            if entry.file_name() != "target" {
                sources(&path, out);
            }
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(std::fs::read_to_string(&path).expect("a file"));
        }
    }
}

fn name_of(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

/// Functions marked as tests, and the names in `both!(…)`, which runs on both databases.
fn tests_in(source: &str) -> Vec<String> {
    let (mut out, mut marked) = (Vec::new(), false);
    for line in source.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("both!(") {
            out.push(name_of(rest));
        }
        let plain = line.strip_prefix("async ").unwrap_or(line);
        if let Some(rest) = plain.strip_prefix("fn ") {
            if marked {
                out.push(name_of(rest));
            }
            marked = false;
        } else if line.starts_with("#[") {
            marked |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        } else if !line.starts_with("//") {
            marked = false;
        }
    }
    out
}

fn tests() -> BTreeSet<String> {
    let mut texts = Vec::new();
    sources(&root().join("crates"), &mut texts);
    texts.iter().flat_map(|text| tests_in(text)).collect()
}

#[test]
fn each_requirement_of_the_standard_stands_once_and_in_its_order() {
    let document = document();
    let ids: Vec<[usize; 3]> = rows(&document).iter().filter_map(|row| numbers(&row.id)).collect();
    for pair in ids.windows(2) {
        assert!(pair[0] < pair[1], "{:?} stands before {:?}", pair[0], pair[1]);
    }
    for (i, wanted) in CHAPTERS.iter().enumerate() {
        let found = ids.iter().filter(|id| id[0] == i + 1).count();
        assert_eq!(found, *wanted, "requirements of chapter {}", i + 1);
    }
    assert_eq!(ids.len(), CHAPTERS.iter().sum::<usize>());
}

#[test]
fn what_a_row_of_the_security_table_names_is_there() {
    let (document, tests) = (document(), tests());
    assert!(tests.contains("what_a_row_of_the_security_table_names_is_there"), "tests are found");
    let files = ["", "crates/app/src/"];
    let mut wrong = Vec::new();
    for row in rows(&document) {
        let id = &row.id;
        match STATES.iter().find(|(state, _)| *state == row.state) {
            None => wrong.push(format!("{id}: there is no state “{}”", row.state)),
            Some((state, tested)) if *tested == row.tests.is_empty() => {
                wrong.push(format!("{id}: {state}, with {} tests", row.tests.len()));
            }
            Some(_) => {}
        }
        if row.asked.is_empty() || row.place.is_empty() {
            wrong.push(format!("{id}: an empty cell"));
        }
        for name in &row.tests {
            let journey = name.ends_with(".spec.ts") && root().join("tests/e2e").join(name).is_file();
            if !journey && !tests.contains(name) {
                wrong.push(format!("{id}: no test is called {name}"));
            }
        }
        let endings = [".rs", ".ts", ".html", ".toml", ".json", ".lock", ".md"];
        for file in quoted(&row.place).iter().filter(|name| endings.iter().any(|e| name.ends_with(e))) {
            if !files.iter().any(|base| root().join(base).join(file).is_file()) {
                wrong.push(format!("{id}: there is no file {file}"));
            }
        }
    }
    assert!(wrong.is_empty(), "docs/security.md: {wrong:#?}");
}

#[test]
fn the_counts_and_the_list_of_open_items_are_those_of_the_rows() {
    let document = document();
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows(&document) {
        *counted.entry(row.state).or_default() += 1;
    }
    for (state, _) in STATES {
        let said = format!("\n| {state} | {} |\n", counted.get(state).copied().unwrap_or_default());
        assert!(document.contains(&said), "docs/security.md: the count of “{state}” is not {said:?}");
    }
    let open: BTreeSet<String> =
        rows(&document).into_iter().filter(|row| row.state == "open").map(|row| row.id).collect();
    let list = under(&document, "What is open");
    let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '.');
    let words = list.split(ends).map(|word| word.trim_end_matches('.')).filter(|w| numbers(w).is_some());
    let listed: BTreeSet<String> = words.map(str::to_owned).collect();
    let differ: Vec<&String> = open.symmetric_difference(&listed).collect();
    assert!(differ.is_empty(), "open in the rows or in the list at the end, not in both: {differ:?}");
}
