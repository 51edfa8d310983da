//! The words: both languages have the same keys with the same arguments, and every key that a page, a
//! refusal or the procedure asks for exists.

use gezhi::features::places::model::Kind;
use gezhi::features::procedures::procedure::{Phase, Procedure};
use gezhi::words::{Locale, sources};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Key → the arguments it names.
fn book(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, text) in sources(locale) {
        let mut key = String::new();
        for line in text.lines() {
            if !line.starts_with([' ', '\t', '#', '}'])
                && let Some((name, _)) = line.split_once(" =")
            {
                key = name.trim().to_owned();
                let known = out.insert(key.clone(), BTreeSet::new());
                assert!(known.is_none(), "{file}: the key {key} stands twice in {}", locale.tag());
            }
            if let Some(args) = out.get_mut(&key) {
                args.extend(arguments(line));
            }
        }
    }
    out
}

fn arguments(line: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find('$') {
        rest = &rest[at + 1..];
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).unwrap_or(rest.len());
        out.push(rest[..end].to_owned());
        rest = &rest[end..];
    }
    out
}

fn files(folder: &Path, ending: &str, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, ending, out);
        } else if path.extension().is_some_and(|e| e == ending) {
            out.push(path);
        }
    }
}

fn source(ending: &str) -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), ending, &mut paths);
    paths.into_iter().map(|p| (p.clone(), std::fs::read_to_string(p).expect("a file"))).collect()
}

/// The literal first arguments of calls such as `w.t("…")`.
fn asked(text: &str, call: &str) -> Vec<String> {
    let text: String =
        text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    text.match_indices(call)
        .filter_map(|(at, _)| text[at + call.len()..].split_once('"').map(|(key, _)| key.to_owned()))
        .filter(|key| !key.is_empty() && !key.contains('{'))
        .collect()
}

#[test]
fn both_languages_have_the_same_keys_and_arguments() {
    let (zh, en) = (book(Locale::Zh), book(Locale::En));
    let only = |a: &BTreeMap<String, BTreeSet<String>>, b: &BTreeMap<String, BTreeSet<String>>| {
        a.keys().filter(|k| !b.contains_key(*k)).cloned().collect::<Vec<_>>()
    };
    // English has names of months; Chinese counts them.
    assert_eq!(only(&zh, &en), Vec::<String>::new(), "in Chinese only");
    assert_eq!(only(&en, &zh), Vec::<String>::new(), "in English only");
    for (key, args) in &zh {
        let dates = key.starts_with("time-date");
        assert!(dates || *args == en[key], "{key}: zh names {args:?}, en names {:?}", en[key]);
    }
}

#[test]
fn every_word_that_is_asked_for_exists() {
    let zh = book(Locale::Zh);
    let mut missing = BTreeSet::new();
    for (path, text) in source("html").into_iter().chain(source("rs")) {
        for call in [".t(\"", ".t1(\"", ".t2(\"", ".ta(\""] {
            for key in asked(&text, call) {
                if !zh.contains_key(&key) && !key.ends_with('-') {
                    missing.insert(format!(
                        "{key} ({})",
                        path.file_name().unwrap_or_default().to_string_lossy()
                    ));
                }
            }
        }
    }
    assert!(missing.is_empty(), "no words for: {missing:#?}");
}

#[test]
fn every_refusal_says_something() {
    let zh = book(Locale::Zh);
    let mut missing = BTreeSet::new();
    let mut codes: BTreeSet<String> = BTreeSet::new();
    for (path, text) in source("rs") {
        if path.components().any(|c| c.as_os_str() == "tests") {
            continue;
        }
        for call in ["Refusal::rule(\"", "Refusal::forbidden(\""] {
            codes.extend(asked(&text, call));
        }
    }
    codes.extend(
        ["common.not_found", "common.conflict", "common.too_many", "common.missing"].map(str::to_owned),
    );
    let procedure = Procedure::builtin().expect("the procedure");
    codes.extend(procedure.actions.iter().map(|a| a.refusal.to_owned()));
    for code in codes {
        let key = format!("refusal-{}", code.replace(['.', '_'], "-"));
        if !zh.contains_key(&key) {
            missing.insert(key);
        }
    }
    assert!(missing.is_empty(), "no words for: {missing:#?}");
}

#[test]
fn the_procedure_has_words_for_all_it_shows() {
    let zh = book(Locale::Zh);
    let procedure = Procedure::builtin().expect("the procedure");
    let mut keys: Vec<String> = procedure.actions.iter().map(|a| format!("action-{}", a.key)).collect();
    keys.extend(procedure.states.keys().map(|s| format!("state-{s}")));
    keys.extend(Phase::ALL.map(|p| format!("phase-{}", p.as_str())));
    keys.extend(procedure.clocks.iter().map(|c| format!("clock-{}", c.key)));
    let missing: Vec<_> =
        keys.into_iter().map(|k| k.replace('_', "-")).filter(|k| !zh.contains_key(k)).collect();
    assert!(missing.is_empty(), "no words for: {missing:#?}");
}

#[test]
fn every_kind_of_place_has_a_word() {
    let zh = book(Locale::Zh);
    let missing: Vec<_> =
        Kind::ALL.iter().map(|k| format!("place-kind-{k}")).filter(|k| !zh.contains_key(k)).collect();
    assert_eq!(missing, Vec::<String>::new());
}
