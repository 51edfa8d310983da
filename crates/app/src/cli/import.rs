//! `gezhi import`: what an office brings along as files. A file with an error is told cell by cell and taken
//! over not at all; running a file twice changes nothing.

use super::control::{self, Ask, Meanwhile, Reply, json};
use super::{BadUse, Global, cases, explain, office, system};
use crate::context::Cx;
use crate::features::catalogue::service as catalogue;
use crate::features::places::model::Division;
use crate::features::places::service as places;
use crate::features::settings::service as settings;
use crate::installation::Installation;
use crate::jobs::kinds;
use crate::rows::{Report, RowError};
use crate::words::{Locale, Words};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use geography::Crs;
use jiff::tz::TimeZone;
use kernel::{CaseId, Day, Ts};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What to import.
#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// The official list of divisions: CSV or JSON files, or a folder of them (china-division)
    Divisions(Divisions),
    /// Places from GeoJSON, or an office's streets and communities from the list of divisions
    Places(Places),
    /// Roads, estates, markets, schools: CSV with place_code, name, kind, aliases, lon, lat
    Landmarks(Landmarks),
    /// The matter catalogue: CSV as `gezhi export matters` writes it
    Matters(Matters),
    /// The duty list: CSV as `gezhi export duty` writes it
    Duty(Duty),
    /// A later year's calendar: CSV with date, kind (holiday or workday) and name, as in packs/calendars
    Calendar(CalendarFile),
    /// Cases of another system, by a profile
    Cases(cases::Cases),
}

/// The official list of divisions.
#[derive(Args, Debug)]
pub(super) struct Divisions {
    /// Files or folders
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The list's edition, for example 2023
    #[arg(long, default_value = "")]
    edition: String,
    /// Only check the files
    #[arg(long)]
    dry_run: bool,
}

/// For which office, and whether for good.
#[derive(Args, Debug)]
pub(super) struct Target {
    /// The office's code, where there are several
    #[arg(long)]
    office: Option<String>,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
}

/// Places.
#[derive(Args, Debug)]
pub(super) struct Places {
    /// A GeoJSON file whose features have the properties code, name, kind, parent
    #[arg(required_unless_present = "divisions")]
    file: Option<PathBuf>,
    /// The file's coordinates: wgs84, cgcs2000 or gcj02
    #[arg(long, requires = "file")]
    crs: Option<String>,
    /// Make these streets (or all streets of a county) and their communities from the list of divisions
    #[arg(long, value_delimiter = ',', conflicts_with = "file")]
    divisions: Vec<String>,
    /// The day from which it holds; today when not given
    #[arg(long)]
    from: Option<String>,
    /// Why, for the record
    #[arg(long, default_value = "")]
    reason: String,
    #[command(flatten)]
    target: Target,
}

/// Landmarks.
#[derive(Args, Debug)]
pub(super) struct Landmarks {
    /// The file
    file: PathBuf,
    /// The file's coordinates: wgs84, cgcs2000 or gcj02
    #[arg(long)]
    crs: String,
    #[command(flatten)]
    target: Target,
}

/// The matter catalogue.
#[derive(Args, Debug)]
pub(super) struct Matters {
    /// The file
    file: PathBuf,
    /// The day from which it holds; today when not given
    #[arg(long)]
    from: Option<String>,
    #[command(flatten)]
    target: Target,
}

/// The duty list; its rows carry their days.
#[derive(Args, Debug)]
pub(super) struct Duty {
    /// The file
    file: PathBuf,
    #[command(flatten)]
    target: Target,
}

/// A calendar of one or more years.
#[derive(Args, Debug)]
pub(super) struct CalendarFile {
    /// The file
    file: PathBuf,
    #[command(flatten)]
    target: Target,
}

/// What a server is asked to import: the files are in it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Job {
    office: Option<String>,
    dry_run: bool,
    what: What,
}

#[derive(Debug, Serialize, Deserialize)]
enum What {
    /// Code and name of each.
    Divisions {
        rows: Vec<(String, String)>,
        edition: String,
    },
    Places {
        text: String,
        crs: String,
        from: Option<Day>,
        reason: String,
    },
    FromDivisions {
        codes: Vec<String>,
        from: Option<Day>,
    },
    Landmarks {
        bytes: Bytes,
        crs: String,
    },
    Matters {
        bytes: Bytes,
        name: String,
        from: Option<Day>,
    },
    Duty {
        bytes: Bytes,
        name: String,
    },
    Calendar {
        bytes: Bytes,
        name: String,
    },
    Cases(cases::Job),
}

/// A file's bytes, written as base64.
#[derive(Debug, Clone)]
pub(super) struct Bytes(pub(super) Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.serialize_str(&data_encoding::BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        data_encoding::BASE64.decode(text.as_bytes()).map(Bytes).map_err(serde::de::Error::custom)
    }
}

impl Job {
    fn of(target: &Target, what: What) -> Job {
        Job { office: target.office.clone(), dry_run: target.dry_run, what }
    }

    /// Whether it may begin a data folder: a file of cases whose profile makes its own office, and the list
    /// of divisions, which is nobody's in particular.
    pub(super) fn begins(&self) -> bool {
        match &self.what {
            What::Divisions { .. } => true,
            What::Cases(job) => job.begins(),
            _ => false,
        }
    }
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    let job = match command {
        Command::Divisions(args) => match divisions(args)? {
            Some(job) => job,
            None => return Ok(()),
        },
        Command::Places(args) => import_places(args)?,
        Command::Landmarks(args) => {
            let (bytes, crs) = (Bytes(read(&args.file)?), args.crs.clone());
            parse_crs(&crs)?;
            Job::of(&args.target, What::Landmarks { bytes, crs })
        }
        Command::Matters(args) => {
            let (bytes, name, from) =
                (Bytes(read(&args.file)?), name(&args.file), day(args.from.as_deref())?);
            Job::of(&args.target, What::Matters { bytes, name, from })
        }
        Command::Duty(args) => {
            let (bytes, name) = (Bytes(read(&args.file)?), name(&args.file));
            Job::of(&args.target, What::Duty { bytes, name })
        }
        Command::Calendar(args) => {
            let (bytes, name) = (Bytes(read(&args.file)?), name(&args.file));
            Job::of(&args.target, What::Calendar { bytes, name })
        }
        Command::Cases(args) => Job { office: None, dry_run: false, what: What::Cases(args.job()?) },
    };
    control::run(global, &Ask::Import(job))
}

fn import_places(args: &Places) -> Result<Job> {
    let from = day(args.from.as_deref())?;
    let Some(file) = &args.file else {
        if args.target.dry_run {
            return Err(BadUse("--dry-run needs a file".to_owned()).into());
        }
        let codes = args.divisions.clone();
        return Ok(Job::of(&args.target, What::FromDivisions { codes, from }));
    };
    let crs = args.crs.clone().ok_or_else(|| {
        BadUse("say in which coordinates the file is: --crs wgs84, --crs cgcs2000 or --crs gcj02".to_owned())
    })?;
    parse_crs(&crs)?;
    let text =
        String::from_utf8(read(file)?).map_err(|_| BadUse(format!("{} is not UTF-8", file.display())))?;
    let reason = if args.reason.is_empty() { name(file) } else { args.reason.clone() };
    Ok(Job::of(&args.target, What::Places { text, crs, from, reason }))
}

pub(super) fn answer(installation: &Installation, job: &Job, out: &mut dyn Meanwhile) -> Result<Reply> {
    let dry = job.dry_run;
    match &job.what {
        What::Divisions { rows, edition } => put_divisions(installation, rows, edition, out),
        What::Cases(job) => cases::answer(installation, job, out),
        What::FromDivisions { codes, from } => {
            let (codes, from) = (codes.clone(), *from);
            write(installation, job, move |tx, cx| {
                places::create_from_divisions(tx, cx, &codes, from.unwrap_or(cx.today()))
            })
        }
        What::Places { text, crs, from, reason } => {
            let (text, crs, from, reason) = (text.clone(), parse_crs(crs)?, *from, reason.clone());
            write(installation, job, move |tx, cx| {
                places::import_places(tx, cx, &text, crs, from.unwrap_or(cx.today()), &reason, dry)
            })
        }
        What::Landmarks { bytes, crs } => {
            let (bytes, crs) = (bytes.clone(), parse_crs(crs)?);
            write(installation, job, move |tx, cx| places::import_landmarks(tx, cx, &bytes.0, crs, dry))
        }
        What::Matters { bytes, name, from } => {
            let (bytes, name, from) = (bytes.clone(), name.clone(), *from);
            write(installation, job, move |tx, cx| {
                catalogue::import_matters(tx, cx, &bytes.0, &name, from.unwrap_or(cx.today()), dry)
            })
        }
        What::Duty { bytes, name } => {
            let (bytes, name) = (bytes.clone(), name.clone());
            write(installation, job, move |tx, cx| catalogue::import_duty(tx, cx, &bytes.0, &name, dry))
        }
        What::Calendar { bytes, name } => calendar(installation, job, bytes, name),
    }
}

/// Takes a calendar over and moves the open clocks at once, so that nothing waits for the next start of a server.
fn calendar(installation: &Installation, job: &Job, bytes: &Bytes, name: &str) -> Result<Reply> {
    let chosen = office(installation, job.office.as_deref())?;
    let cx = system(installation, &chosen);
    let (bytes, name, dry) = (bytes.clone(), name.to_owned(), job.dry_run);
    let report = installation
        .db
        .write_now(move |tx| settings::import_calendar(tx, &cx, &bytes.0, &name, dry))
        .map_err(explain)?;
    let mut reply = finish(&report, dry)?;
    if !dry && report.errors.is_empty() {
        let moved = kinds::rebase_all(installation, chosen.id, CaseId(0)).map_err(kinds::fault)?;
        reply.notes.push(format!("{moved} cases got other deadlines"));
    }
    Ok(reply)
}

/// Runs an import in one body and tells its report; errors in the file end the command.
fn write<F>(installation: &Installation, job: &Job, mut body: F) -> Result<Reply>
where
    F: FnMut(&mut store::Tx<'_>, &Cx) -> store::Result<Report> + Send + 'static,
{
    let office = office(installation, job.office.as_deref())?;
    let cx = system(installation, &office);
    let report = installation.db.write_now(move |tx| body(tx, &cx)).map_err(explain)?;
    finish(&report, job.dry_run)
}

/// What was done, or every error.
fn finish(report: &Report, dry: bool) -> Result<Reply> {
    let mut reply = Reply { records: json(report)?, ..Reply::default() };
    if !report.errors.is_empty() {
        reply.notes = told(&report.errors);
        reply.failed = Some(format!("{} error(s); nothing was written", report.errors.len()));
        return Ok(reply);
    }
    let Report { rows, added, changed, unchanged, skipped, .. } = report;
    let mut line = format!("{rows} rows: {added} new, {changed} changed, {unchanged} as before");
    if *skipped > 0 {
        line.push_str(&format!(", {skipped} of another office"));
    }
    if dry {
        line.push_str("; nothing was written (--dry-run)");
    }
    reply.lines.push(line);
    Ok(reply)
}

/// Errors of a file, each on a line of its own; the first of many.
fn told(errors: &[RowError]) -> Vec<String> {
    const SHOWN: usize = 50;
    let words = Words::new(Locale::En, &TimeZone::UTC, Ts(0));
    let mut out: Vec<String> = errors
        .iter()
        .take(SHOWN)
        .map(|error| {
            let place = match (error.row, error.column.as_str()) {
                (0, _) => "the file".to_owned(),
                (row, "") => format!("row {row}"),
                (row, column) => format!("row {row}, {column}"),
            };
            format!("{place}: {}", words.refusal(&error.reason))
        })
        .collect();
    if errors.len() > SHOWN {
        out.push(format!("and {} more", errors.len() - SHOWN));
    }
    out
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn parse_crs(text: &str) -> Result<Crs> {
    text.parse().map_err(|e: geography::UnknownCrs| BadUse(e.to_string()).into())
}

fn day(text: Option<&str>) -> Result<Option<Day>> {
    let read =
        |text: &str| Day::parse(text).ok_or_else(|| BadUse(format!("{text:?} is no date: write 2026-03-12")));
    Ok(text.map(read).transpose()?)
}

/// The files of the package china-division, coarse to fine.
const PACKAGE: [&str; 5] = ["provinces", "cities", "areas", "streets", "villages"];
/// Rows written in one transaction: a second's work, so that others can write between.
const CHUNK: usize = 20_000;

/// Reads the files whole; `None` when they were only to be checked.
fn divisions(args: &Divisions) -> Result<Option<Job>> {
    let mut rows: Vec<(String, String)> = Vec::new();
    for path in files(&args.paths)? {
        let bytes = read(&path)?;
        let json = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
        let read = if json { places::read_divisions_json(&bytes) } else { places::read_divisions(&bytes) };
        let list = read.map_err(|errors| {
            anyhow::anyhow!(
                "{}:\n{}\n{} error(s); nothing was written",
                path.display(),
                told(&errors).join("\n"),
                errors.len()
            )
        })?;
        told_beside(&format!("{}: {} divisions", path.display(), list.len()));
        rows.extend(list.into_iter().map(|d| (d.code, d.name)));
    }
    if args.dry_run {
        super::say(&format!("{} divisions; nothing was written (--dry-run)", rows.len()))?;
        return Ok(None);
    }
    let what = What::Divisions { rows, edition: args.edition.clone() };
    Ok(Some(Job { office: None, dry_run: false, what }))
}

fn put_divisions(
    installation: &Installation,
    rows: &[(String, String)],
    edition: &str,
    out: &mut dyn Meanwhile,
) -> Result<Reply> {
    let mut report = Report { rows: rows.len() as u64, ..Report::default() };
    let before = known(installation)?;
    // Every file has been checked; a run that is cut short is completed by running it again.
    for (i, chunk) in rows.chunks(CHUNK).enumerate() {
        let list: Vec<Division> =
            chunk.iter().filter_map(|(code, name)| places::division_of(code, name)).collect();
        let edition = edition.to_owned();
        installation.db.write_now(move |tx| places::put_divisions(tx, &list, &edition)).map_err(explain)?;
        if rows.len() > CHUNK {
            let done = rows.len().min((i + 1) * CHUNK);
            out.tell(&format!("{done} of {}", rows.len()), done == rows.len());
        }
    }
    report.added = known(installation)?.saturating_sub(before);
    report.unchanged = report.rows - report.added;
    finish(&report, false)
}

fn known(installation: &Installation) -> Result<u64> {
    let count = installation.db.read_now(places::divisions_known).map_err(explain)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// The files themselves, and of folders those of the package, also in its folder `dist`.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for path in paths {
        if !path.is_dir() {
            out.push(path.clone());
            continue;
        }
        let find = |name: &str| {
            let tries = ["csv", "json"].map(|end| format!("{name}.{end}"));
            let folders = [path.clone(), path.join("dist")];
            folders.iter().flat_map(|f| tries.iter().map(move |t| f.join(t))).find(|p| p.is_file())
        };
        let found: Vec<PathBuf> = PACKAGE.iter().filter_map(|name| find(name)).collect();
        if found.is_empty() {
            bail!("{} holds none of {}", path.display(), PACKAGE.map(|n| format!("{n}.csv")).join(", "));
        }
        out.extend(found);
    }
    Ok(out)
}

fn told_beside(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
