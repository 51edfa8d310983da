//! `gezhi import cases`, `gezhi export cases`: records of another system, by a profile, and our own.

use super::control::{Meanwhile, Reply, json};
use super::{BadUse, explain, import::Bytes, system};
use crate::context::{Cx, Office};
use crate::features::imports::model::{Outcome, Progress};
use crate::features::imports::profile::Profile;
use crate::features::imports::{export, read, service};
use crate::installation::Installation;
use crate::words::{Locale, Words};
use anyhow::{Context, Result};
use clap::Args;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// A file of cases.
#[derive(Args, Debug)]
pub(super) struct Cases {
    /// The file: CSV or JSON lines, as the profile says
    file: PathBuf,
    /// A profile by name, or a TOML file; docs/import.md explains them
    #[arg(long, value_name = "NAME|FILE.toml")]
    profile: String,
    /// Check everything and say what would be done
    #[arg(long)]
    dry_run: bool,
    /// The office to import into (default: the profile's own, else the only one)
    #[arg(long, value_name = "CODE")]
    office: Option<String>,
}

/// The same with file and profile in hand.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Job {
    /// What the profile is called.
    name: String,
    /// The profile's text.
    profile: String,
    bytes: Bytes,
    dry_run: bool,
    office: Option<String>,
}

impl Cases {
    pub(super) fn job(&self) -> Result<Job> {
        let profile = Profile::text(&self.profile).map_err(|e| BadUse(format!("{e:#}")))?;
        let job = Job {
            name: self.profile.clone(),
            profile,
            bytes: Bytes(super::import::read(&self.file)?),
            dry_run: self.dry_run,
            office: self.office.clone(),
        };
        job.profile().map(|_| job)
    }
}

impl Job {
    fn profile(&self) -> Result<Profile> {
        let read = Profile::parse(&self.profile).with_context(|| format!("the profile {}", self.name));
        read.map_err(|e| BadUse(format!("{e:#}")).into())
    }

    /// Whether it may begin a data folder.
    pub(super) fn begins(&self) -> bool {
        self.office.is_none() && self.profile().is_ok_and(|p| p.office.is_some())
    }
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

pub(super) fn answer(installation: &Installation, job: &Job, out: &mut dyn Meanwhile) -> Result<Reply> {
    let mut profile = job.profile()?;
    let now = installation.clock.now();
    let parsed = read::parse(&profile, &job.bytes.0, now);
    let office = office(installation, &mut profile, job, parsed.errors.is_empty())?;
    let locale = match (&office, &profile.office) {
        (Some(office), _) => installation.locale(office.id),
        (None, Some(text)) => Locale::parse(&text.locale),
        (None, None) => Locale::Zh,
    };
    let (parsed, profile) = (Arc::new(parsed), Arc::new(profile));
    let words = Words::new(locale, &TimeZone::UTC, now);
    let cx = office.as_ref().map(|o| system(installation, o));
    let outcome = match (&cx, job.dry_run) {
        (Some(cx), false) => {
            service::import(&installation.db, cx, &profile, &parsed, &mut show_progress(out))
        }
        (cx, _) => service::preview(&installation.db, cx.as_ref(), &profile, &parsed),
    };
    reply(job, &outcome.map_err(explain)?, &words)
}

/// The office named, the profile's own, or the only one. A file with errors makes no office, and a dry run
/// makes none either.
fn office(
    installation: &Installation,
    profile: &mut Profile,
    job: &Job,
    sound: bool,
) -> Result<Option<Arc<Office>>> {
    if job.office.is_some() {
        // An office that was there before: nothing is made for the file.
        profile.office = None;
        return super::office(installation, job.office.as_deref()).map(Some);
    }
    let Some(text) = profile.office.clone() else {
        return super::office(installation, None).map(Some);
    };
    if job.dry_run || !sound {
        return Ok(installation.offices().into_iter().find(|o| o.code == text.code));
    }
    service::office_of(installation, profile, &text).map(Some)
}

/// A line that counts up.
fn show_progress(out: &mut dyn Meanwhile) -> impl FnMut(Progress) {
    let mut told = 0;
    move |p: Progress| {
        let last = p.done == p.of;
        if last || p.done >= told + 1_000 {
            told = p.done;
            out.tell(&format!("{}/{}", p.done, p.of), last);
        }
    }
}

/// Lines of errors printed; `--json` has all.
const ERRORS_SHOWN: usize = 50;

fn reply(job: &Job, outcome: &Outcome, words: &Words) -> Result<Reply> {
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
    let mut reply = Reply { records: json(&printed)?, ..Reply::default() };
    let count = printed.errors.len();
    if count > 0 {
        reply.notes = lines(&printed.errors, words);
        reply.failed = Some(words.t1("import-nothing-written", "count", count));
        return Ok(reply);
    }
    let key = if job.dry_run { "import-would" } else { "import-done" };
    let numbers = [
        ("rows", printed.rows.to_string()),
        ("imported", printed.imported.to_string()),
        ("unchanged", printed.unchanged.to_string()),
        ("skipped", printed.skipped.to_string()),
    ];
    reply.lines.push(words.ta(key, &numbers));
    reply.lines.extend(lines(&printed.skipped_rows, words));
    Ok(reply)
}

fn lines(rows: &[ErrorLine], words: &Words) -> Vec<String> {
    let line = |row: &ErrorLine| {
        let key = match (row.line, row.column.as_str()) {
            (0, _) => "import-line-file",
            (_, "") => "import-line-row",
            _ => "import-line",
        };
        let parts =
            [("line", row.line.to_string()), ("column", row.column.clone()), ("reason", row.reason.clone())];
        words.ta(key, &parts)
    };
    let mut out: Vec<String> = rows.iter().take(ERRORS_SHOWN).map(line).collect();
    if rows.len() > ERRORS_SHOWN {
        out.push(words.t1("import-lines-more", "count", rows.len() - ERRORS_SHOWN));
    }
    out
}

/// Bytes on their way to whoever asked.
struct Out<'a>(&'a mut dyn Meanwhile);

impl Write for Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.data(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub(super) fn export(
    installation: &Installation,
    cx: &Cx,
    format: &str,
    filter: &str,
    out: &mut dyn Meanwhile,
) -> Result<Reply> {
    let format = export::Format::parse(format)
        .ok_or_else(|| BadUse(format!("--format {format}: there are csv, jsonl, xlsx")))?;
    let words = Words::new(installation.locale(cx.office.id), &cx.office.tz, cx.now);
    let mut file = BufWriter::with_capacity(256 * 1024, Out(out));
    let done = export::cases(&installation.db, cx, &words, format, filter, &mut file);
    let count = match done {
        Ok(count) => count,
        Err(error) => {
            // Thrown away, not flushed: a refusal leaves no file behind.
            let _ = file.into_parts();
            return Err(explain(error));
        }
    };
    file.flush()?;
    drop(file);
    Ok(Reply {
        records: json(&serde_json::json!({ "cases": count }))?,
        notes: vec![words.t1("export-done", "count", count)],
        ..Reply::default()
    })
}
