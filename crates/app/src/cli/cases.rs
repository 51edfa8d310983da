//! `gezhi import cases`, `gezhi export cases`: records of another system, by a profile, and our own.

use super::{BadUse, Global, explain, open, say, system};
use crate::context::Office;
use crate::features::imports::model::{Outcome, Progress};
use crate::features::imports::profile::Profile;
use crate::features::imports::{export, read, service};
use crate::installation::Installation;
use crate::words::{Locale, Words};
use anyhow::{Context, Result, bail};
use clap::Args;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// A file of cases.
#[derive(Args, Debug)]
pub(super) struct Cases {
    /// The file: CSV or JSON lines, as the profile says
    file: PathBuf,
    /// A profile by name, or a TOML file
    #[arg(long, value_name = "NAME|FILE.toml")]
    profile: String,
    /// Check everything and say what would be done
    #[arg(long)]
    dry_run: bool,
    /// The office to import into (default: the profile's own, else the only one)
    #[arg(long, value_name = "CODE")]
    office: Option<String>,
}

#[derive(Serialize)]
struct Printed {
    rows: u64,
    imported: u64,
    unchanged: u64,
    skipped: u64,
    errors: Vec<ErrorLine>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skipped_rows: Vec<ErrorLine>,
}

#[derive(Serialize)]
struct ErrorLine {
    line: u64,
    column: String,
    reason: String,
}

pub(super) fn run(global: &Global, args: &Cases) -> Result<()> {
    let mut profile = Profile::load(&args.profile)?;
    let bytes =
        std::fs::read(&args.file).with_context(|| format!("{} cannot be read", args.file.display()))?;
    let installation = open(global)?;
    let office = office(&installation, &mut profile, args)?;
    let now = installation.clock.now();
    let parsed = Arc::new(read::parse(&profile, &bytes, now));
    let profile = Arc::new(profile);
    let locale = office.as_ref().map_or(Locale::Zh, |o| installation.locale(o.id));
    let words = Words::new(locale, &TimeZone::UTC, now);
    let cx = office.as_ref().map(|o| system(&installation, o));
    let outcome = match (&cx, args.dry_run) {
        (Some(cx), false) => service::import(&installation.db, cx, &profile, &parsed, &mut show_progress()),
        (cx, _) => service::preview(&installation.db, cx.as_ref(), &profile, &parsed),
    };
    let outcome = outcome.map_err(explain)?;
    print(global, args, &outcome, &words)?;
    if outcome.errors.is_empty() {
        Ok(())
    } else {
        bail!("{}", words.t1("import-nothing-written", "count", outcome.errors.len()))
    }
}

/// The office named, the profile's own, or the only one. A file with errors makes no office: it is checked
/// before by [`read::parse`], and a dry run makes none either.
fn office(installation: &Installation, profile: &mut Profile, args: &Cases) -> Result<Option<Arc<Office>>> {
    if args.office.is_some() {
        // An office that was there before: nothing is made for the file.
        profile.office = None;
        return super::office(installation, args.office.as_deref()).map(Some);
    }
    let Some(text) = profile.office.clone() else {
        return super::office(installation, None).map(Some);
    };
    if args.dry_run {
        return Ok(installation.offices().into_iter().find(|o| o.code == text.code));
    }
    let bytes = std::fs::read(&args.file)?;
    if !read::parse(profile, &bytes, installation.clock.now()).errors.is_empty() {
        return Ok(installation.offices().into_iter().find(|o| o.code == text.code));
    }
    service::office_of(installation, profile, &text).map(Some)
}

/// A line on stderr that counts up; on a terminal it stays one line.
fn show_progress() -> impl FnMut(Progress) {
    let terminal = std::io::stderr().is_terminal();
    let mut told = 0;
    move |p: Progress| {
        let last = p.done == p.of;
        if terminal || last || p.done >= told + 1_000 {
            told = p.done;
            let end = if terminal && !last { "\r" } else { "\n" };
            let mut out = std::io::stderr().lock();
            let _ = write!(out, "{}/{}{end}", p.done, p.of);
            let _ = out.flush();
        }
    }
}

fn print(global: &Global, args: &Cases, outcome: &Outcome, words: &Words) -> Result<()> {
    let printed = Printed {
        rows: outcome.rows,
        imported: outcome.imported,
        unchanged: outcome.unchanged,
        skipped: outcome.skipped.len() as u64,
        errors: outcome
            .errors
            .iter()
            .map(|e| ErrorLine { line: e.row, column: e.column.clone(), reason: words.refusal(&e.reason) })
            .collect(),
        skipped_rows: outcome
            .skipped
            .iter()
            .map(|s| ErrorLine { line: s.line, column: String::new(), reason: words.t(&s.reason) })
            .collect(),
    };
    if global.json {
        return say(&serde_json::to_string_pretty(&printed)?);
    }
    let key = if args.dry_run { "import-would" } else { "import-done" };
    let numbers = [
        ("rows", printed.rows.to_string()),
        ("imported", printed.imported.to_string()),
        ("unchanged", printed.unchanged.to_string()),
        ("skipped", printed.skipped.to_string()),
    ];
    say(&words.ta(key, &numbers))?;
    for line in printed.skipped_rows.iter().chain(&printed.errors) {
        let numbers = [
            ("line", line.line.to_string()),
            ("column", line.column.clone()),
            ("reason", line.reason.clone()),
        ];
        say(&words.ta("import-line", &numbers))?;
    }
    Ok(())
}

/// Cases to be written.
#[derive(Args, Debug)]
pub(super) struct Export {
    /// csv, jsonl or xlsx
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    format: String,
    /// Only what a condition holds for, for example `case.open && case.channel == "hotline"`
    #[arg(long = "where", value_name = "EXPR", default_value = "")]
    filter: String,
    /// The file to write; printed when not given
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The office, where there are several
    #[arg(long, value_name = "CODE")]
    office: Option<String>,
}

pub(super) fn export(global: &Global, args: &Export) -> Result<()> {
    let format = export::Format::parse(&args.format)
        .ok_or_else(|| BadUse(format!("--format {}: there are csv, jsonl, xlsx", args.format)))?;
    let installation = open(global)?;
    let office = super::office(&installation, args.office.as_deref())?;
    let cx = system(&installation, &office);
    let words = Words::new(installation.locale(office.id), &office.tz, cx.now);
    let mut out: Box<dyn Write> = match &args.output {
        Some(path) => {
            let file = std::fs::File::create(path);
            Box::new(std::io::BufWriter::new(
                file.with_context(|| format!("{} cannot be written", path.display()))?,
            ))
        }
        None if format == export::Format::Xlsx && std::io::stdout().is_terminal() => {
            return Err(
                BadUse("a workbook is not for a terminal: name a file with --output".to_owned()).into()
            );
        }
        None => Box::new(std::io::stdout().lock()),
    };
    let count =
        export::cases(&installation.db, &cx, &words, format, &args.filter, &mut out).map_err(explain)?;
    let mut told = std::io::stderr().lock();
    writeln!(told, "{}", words.t1("export-done", "count", count))?;
    Ok(())
}
