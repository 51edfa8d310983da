//! Documents that would rot: they are compared with what they tell of.

use clap::CommandFactory;
use gezhi::cli::Cli;
use gezhi::features::imports::profile::Profile;
use gezhi::features::imports::read;
use gezhi::rows::RowError;
use gezhi::words::{Locale, Words};
use jiff::tz::TimeZone;
use kernel::Ts;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read_file(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Public fields of a struct in a source text, with their doc comments.
fn fields(source: &str, name: &str) -> Vec<(String, String)> {
    let start = source.find(&format!("pub struct {name} {{")).unwrap_or_else(|| panic!("no struct {name}"));
    let (mut out, mut doc) = (Vec::new(), Vec::new());
    for line in source[start..].lines().skip(1).map(str::trim) {
        if line == "}" {
            break;
        }
        if let Some(text) = line.strip_prefix("/// ") {
            doc.push(text);
        } else if let Some((field, _)) = line.strip_prefix("pub ").and_then(|l| l.split_once(':')) {
            out.push((field.to_owned(), doc.join(" ")));
            doc.clear();
        }
    }
    assert!(!out.is_empty(), "{name} has no fields");
    out
}

/// Every flag by its name as a field: its own spelling, its variable and its help.
fn flags() -> BTreeMap<String, (String, String, String)> {
    let mut cli = Cli::command();
    cli.build();
    let serve = cli.find_subcommand("serve").expect("serve").clone();
    let all = serve.get_arguments().filter(|a| !a.is_hide_set() && a.get_long().is_some());
    all.map(|arg| {
        let name = arg.get_id().to_string();
        let value = match arg.get_value_names() {
            Some(names) if arg.get_action().takes_values() => format!(" {}", names[0]),
            _ => String::new(),
        };
        let flag = format!("`--{}{value}`", arg.get_long().unwrap_or_default());
        let variable = arg.get_env().map_or_else(|| "–".to_owned(), |e| format!("`{}`", e.to_string_lossy()));
        (name, (flag, variable, arg.get_help().map(ToString::to_string).unwrap_or_default()))
    })
    .collect()
}

fn settings() -> String {
    let flags = flags();
    let mut out = String::from("| in the file | variable | flag | |\n|---|---|---|---|\n");
    for (field, doc) in fields(&read_file("crates/app/src/config.rs"), "Config") {
        // Only for work on the front end of this program.
        if field == "assets_dir" {
            continue;
        }
        let found = flags.get(&field).or_else(|| flags.get(&format!("no_{field}")));
        let (flag, variable) = found.map_or(("–", "–"), |(flag, variable, _)| (flag, variable));
        out.push_str(&format!("| `{field}` | {variable} | {flag} | {doc} |\n"));
    }
    out
}

fn global_flags() -> String {
    let mut out = String::from("| flag | variable | |\n|---|---|---|\n");
    let flags = flags();
    let mut names: Vec<String> =
        fields(&read_file("crates/app/src/config.rs"), "Flags").into_iter().map(|f| f.0).collect();
    names.push("json".to_owned());
    for name in names {
        let (flag, variable, help) = flags.get(&name).unwrap_or_else(|| panic!("no flag {name}"));
        out.push_str(&format!("| {flag} | {variable} | {help} |\n"));
    }
    out
}

fn commands() -> String {
    let mut out = String::from("| command | |\n|---|---|\n");
    let mut cli = Cli::command();
    cli.build();
    for command in cli.get_subcommands().filter(|c| c.get_name() != "help") {
        let below: Vec<&clap::Command> =
            command.get_subcommands().filter(|c| c.get_name() != "help").collect();
        let about = |c: &clap::Command| {
            c.get_about().map(ToString::to_string).unwrap_or_default().replace('|', "\\|")
        };
        if below.is_empty() {
            out.push_str(&format!("| `gezhi {}` | {} |\n", command.get_name(), about(command)));
        }
        for c in below {
            out.push_str(&format!("| `gezhi {} {}` | {} |\n", command.get_name(), c.get_name(), about(c)));
        }
    }
    out
}

/// The document with a part between its marks replaced.
fn with_part(document: &str, mark: &str, part: &str) -> String {
    let begin = format!("<!-- {mark} -->\n");
    let (before, rest) = document.split_once(&begin).unwrap_or_else(|| panic!("no mark {mark}"));
    let (_, after) = rest.split_once("<!-- end -->").unwrap_or_else(|| panic!("{mark} has no end"));
    format!("{before}{begin}{part}<!-- end -->{after}")
}

#[test]
fn the_document_of_settings_says_what_the_program_takes() {
    let written = read_file("docs/config.md");
    let mut wanted = with_part(&written, "settings", &settings());
    wanted = with_part(&wanted, "flags", &global_flags());
    wanted = with_part(&wanted, "commands", &commands());
    if std::env::var_os("GEZHI_WRITE_DOCS").is_some() {
        std::fs::write(root().join("docs/config.md"), &wanted).unwrap();
        return;
    }
    assert_eq!(written, wanted, "docs/config.md is out of date: GEZHI_WRITE_DOCS=1 writes it anew");
    // The example in it is a file that the program reads.
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gezhi.toml");
    std::fs::write(&path, &blocks(&written, "toml")[0]).unwrap();
    gezhi::config::Config::read(&path).unwrap();
}

/// The code blocks of a kind.
fn blocks(document: &str, kind: &str) -> Vec<String> {
    let (mut out, mut open): (Vec<String>, Option<String>) = (Vec::new(), None);
    for line in document.lines() {
        match &mut open {
            Some(_) if line == "```" => out.extend(open.take()),
            Some(text) => {
                text.push_str(line);
                text.push('\n');
            }
            None if line == format!("```{kind}") => open = Some(String::new()),
            None => {}
        }
    }
    out
}

#[test]
fn the_document_of_imports_shows_a_profile_that_works_and_errors_as_they_are() {
    let document = read_file("docs/import.md");
    let profile = Profile::parse(&blocks(&document, "toml")[0]).unwrap();
    let files = blocks(&document, "csv");
    let now = Ts::parse("2026-11-01T08:00:00Z").unwrap();
    let good = read::parse(&profile, files[0].as_bytes(), now);
    assert_eq!((good.drafts.len(), good.errors), (3, Vec::new()));
    let words = Words::new(Locale::En, &TimeZone::UTC, now);
    let told = |e: &RowError| match e.column.as_str() {
        "" => format!("line {}: {}\n", e.row, words.refusal(&e.reason)),
        column => format!("line {}, {column}: {}\n", e.row, words.refusal(&e.reason)),
    };
    let errors: String = read::parse(&profile, files[1].as_bytes(), now).errors.iter().map(told).collect();
    let shown = &blocks(&document, "text")[0];
    if std::env::var_os("GEZHI_WRITE_DOCS").is_some() {
        std::fs::write(root().join("docs/import.md"), document.replace(shown, &errors)).unwrap();
        return;
    }
    assert_eq!(*shown, errors, "docs/import.md is out of date: GEZHI_WRITE_DOCS=1 writes it anew");
    // Every key that a profile may have is in the document.
    let source = read_file("crates/app/src/features/imports/profile.rs");
    let keys = [
        "Profile",
        "OfficeText",
        "Home",
        "PlaceLevel",
        "UnitColumn",
        "UnitKind",
        "MatterColumns",
        "SkipRule",
    ];
    for key in keys.iter().flat_map(|name| fields(&source, name)).map(|f| f.0) {
        let named = [format!("{key} ="), format!("[{key}]"), format!("`{key}`")];
        assert!(named.iter().any(|n| document.contains(n)), "docs/import.md does not speak of `{key}`");
    }
    for name in Profile::names() {
        assert!(document.contains(name), "{name} is not in docs/import.md");
    }
}
