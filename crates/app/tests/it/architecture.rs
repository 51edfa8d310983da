//! The rules of the tree that a compiler does not hold: who may call whom, how long a file may be, where
//! SQL and Chinese may stand.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(folder: &Path, endings: &[&str], out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, endings, out);
        } else if path.extension().is_some_and(|e| endings.iter().any(|x| e == *x)) {
            out.push(path);
        }
    }
}

fn sources(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let mut paths = Vec::new();
    files(&root().join(folder), endings, &mut paths);
    let base = root();
    paths
        .into_iter()
        .map(|p| {
            let name = p.strip_prefix(&base).unwrap_or(&p).to_string_lossy().replace('\\', "/");
            (name, std::fs::read_to_string(&p).expect("a file"))
        })
        .collect()
}

#[test]
fn features_call_each_other_only_along_the_arrows_of_architecture_md() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let allowed: BTreeSet<(String, String)> = text
        .lines()
        .filter_map(|line| {
            line.strip_prefix("- `")?.strip_suffix('`').or(line.strip_prefix("- `")).map(str::to_owned)
        })
        .filter_map(|line| {
            let (from, to) = line.split_once("` → ")?;
            Some((from.to_owned(), to.to_owned()))
        })
        .flat_map(|(from, to)| {
            to.split(", ").map(|t| (from.clone(), t.trim_matches('`').to_owned())).collect::<Vec<_>>()
        })
        .collect();
    let mut wrong = BTreeSet::new();
    for (name, text) in sources("crates/app/src/features", &["rs"]) {
        let from = name
            .trim_start_matches("crates/app/src/features/")
            .split('/')
            .next()
            .unwrap_or_default()
            .to_owned();
        for (at, _) in text.match_indices("crate::features::") {
            let rest = &text[at + "crate::features::".len()..];
            let to: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            if !to.is_empty() && to != from && !allowed.contains(&(from.clone(), to.clone())) {
                wrong.insert(format!("{from} → {to} ({name})"));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that ARCHITECTURE.md does not allow: {wrong:#?}");
}

#[test]
fn no_file_is_longer_than_six_hundred_lines() {
    let mut long = Vec::new();
    for folder in ["crates", "assets/src", "tests/e2e"] {
        for (name, text) in sources(folder, &["rs", "html", "ts", "css"]) {
            let lines = text.lines().count();
            // A file of tests is read one test at a time, so it may be a little longer.
            let most = if name.contains("/tests/") { 700 } else { 600 };
            if lines > most && !name.contains("node_modules") && !name.contains("e2e/out/") {
                long.push(format!("{name}: {lines}"));
            }
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn sql_stands_only_in_store_files() {
    let mut wrong = Vec::new();
    for (name, text) in sources("crates/app/src", &["rs"]) {
        let allowed = name.ends_with("/store.rs") || name.contains("/store/") || text.contains("statements!");
        if !allowed && text.contains("Sql::Both(") {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "SQL outside a store file or a `statements!` list: {wrong:#?}");
}

/// Comments may quote a term of the field; what the program says comes from word files.
#[test]
fn no_chinese_stands_in_rust_or_templates() {
    let mut wrong = Vec::new();
    let han = |c: char| ('\u{3400}'..='\u{9fff}').contains(&c);
    for (name, text) in sources("crates/app/src", &["rs", "html"]) {
        // Tests inside a file quote what people write.
        let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (i, line) in shipped.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if code.chars().any(han) && !name.contains("/tests") {
                wrong.push(format!("{name}:{}", i + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
