//! `gezhi import`: what an office brings along as files. A file with an error is told cell by cell and taken
//! over not at all; running a file twice changes nothing.

use super::{BadUse, Global, explain, office, open, say, system};
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
    Cases(super::cases::Cases),
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

/// A calendar.
#[derive(Args, Debug)]
pub(super) struct CalendarFile {
    /// The file
    file: PathBuf,
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

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    match command {
        Command::Divisions(args) => divisions(global, args),
        Command::Places(args) => import_places(global, args),
        Command::Landmarks(args) => {
            let (bytes, crs, dry) = (read(&args.file)?, crs(&args.crs)?, args.target.dry_run);
            write(global, &args.target, move |tx, cx| places::import_landmarks(tx, cx, &bytes, crs, dry))
        }
        Command::Matters(args) => {
            let (bytes, name, dry) = (read(&args.file)?, name(&args.file), args.target.dry_run);
            let from = day(args.from.as_deref())?;
            write(global, &args.target, move |tx, cx| {
                catalogue::import_matters(tx, cx, &bytes, &name, from.unwrap_or(cx.today()), dry)
            })
        }
        Command::Calendar(args) => calendar(global, args),
        Command::Cases(args) => super::cases::run(global, args),
        Command::Duty(args) => {
            let (bytes, name, dry) = (read(&args.file)?, name(&args.file), args.target.dry_run);
            write(global, &args.target, move |tx, cx| catalogue::import_duty(tx, cx, &bytes, &name, dry))
        }
    }
}

/// Takes a calendar over and moves the open clocks at once, so that nothing waits for the next start of a server.
fn calendar(global: &Global, args: &CalendarFile) -> Result<()> {
    let (bytes, name, dry) = (read(&args.file)?, name(&args.file), args.target.dry_run);
    let installation = open(global)?;
    let chosen = office(&installation, args.target.office.as_deref())?;
    let cx = system(&installation, &chosen);
    let report = installation
        .db
        .write_now(move |tx| settings::import_calendar(tx, &cx, &bytes, &name, dry))
        .map_err(explain)?;
    let written = !dry && report.errors.is_empty();
    finish(global, &report, dry)?;
    if written {
        let moved = kinds::rebase_all(&installation, chosen.id, CaseId(0)).map_err(kinds::fault)?;
        progress(&format!("{moved} cases got other deadlines"), true);
    }
    Ok(())
}

fn import_places(global: &Global, args: &Places) -> Result<()> {
    let (from, dry) = (day(args.from.as_deref())?, args.target.dry_run);
    let Some(file) = &args.file else {
        if dry {
            return Err(BadUse("--dry-run needs a file".to_owned()).into());
        }
        let codes = args.divisions.clone();
        return write(global, &args.target, move |tx, cx| {
            places::create_from_divisions(tx, cx, &codes, from.unwrap_or(cx.today()))
        });
    };
    let declared = args.crs.as_deref().ok_or_else(|| {
        BadUse("say in which coordinates the file is: --crs wgs84, --crs cgcs2000 or --crs gcj02".to_owned())
    })?;
    let crs = crs(declared)?;
    let text =
        String::from_utf8(read(file)?).map_err(|_| BadUse(format!("{} is not UTF-8", file.display())))?;
    let reason = if args.reason.is_empty() { name(file) } else { args.reason.clone() };
    write(global, &args.target, move |tx, cx| {
        places::import_places(tx, cx, &text, crs, from.unwrap_or(cx.today()), &reason, dry)
    })
}

/// Runs an import in one body and prints its report; errors in the file end the command.
fn write<F>(global: &Global, target: &Target, mut body: F) -> Result<()>
where
    F: FnMut(&mut store::Tx<'_>, &Cx) -> store::Result<Report> + Send + 'static,
{
    let installation = open(global)?;
    let office = office(&installation, target.office.as_deref())?;
    let cx = system(&installation, &office);
    let report = installation.db.write_now(move |tx| body(tx, &cx)).map_err(explain)?;
    finish(global, &report, target.dry_run)
}

/// Prints what was done, or every error.
fn finish(global: &Global, report: &Report, dry: bool) -> Result<()> {
    if global.json {
        say(&serde_json::to_string_pretty(report)?)?;
    } else if report.errors.is_empty() {
        let Report { rows, added, changed, unchanged, skipped, .. } = report;
        let mut line = format!("{rows} rows: {added} new, {changed} changed, {unchanged} as before");
        if *skipped > 0 {
            line.push_str(&format!(", {skipped} of another office"));
        }
        if dry {
            line.push_str("; nothing was written (--dry-run)");
        }
        say(&line)?;
    }
    told(&report.errors)
}

/// Every error on a line of its own; none is success.
fn told(errors: &[RowError]) -> Result<()> {
    if errors.is_empty() {
        return Ok(());
    }
    let words = Words::new(Locale::En, &TimeZone::UTC, Ts(0));
    let mut out = std::io::stderr().lock();
    for error in errors {
        let place = match (error.row, error.column.as_str()) {
            (0, _) => "the file".to_owned(),
            (row, "") => format!("row {row}"),
            (row, column) => format!("row {row}, {column}"),
        };
        let _ = writeln!(out, "{place}: {}", words.refusal(&error.reason));
    }
    bail!("{} error(s); nothing was written", errors.len())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn crs(text: &str) -> Result<Crs> {
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

fn divisions(global: &Global, args: &Divisions) -> Result<()> {
    let mut rows: Vec<Division> = Vec::new();
    for path in files(&args.paths)? {
        let bytes = read(&path)?;
        let json = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
        let read = if json { places::read_divisions_json(&bytes) } else { places::read_divisions(&bytes) };
        match read {
            Ok(list) => {
                progress(&format!("{}: {} divisions", path.display(), list.len()), true);
                rows.extend(list);
            }
            Err(errors) => {
                progress(&format!("{}:", path.display()), true);
                told(&errors)?;
            }
        }
    }
    let mut report = Report { rows: rows.len() as u64, ..Report::default() };
    if args.dry_run {
        return finish(global, &report, true);
    }
    let installation = open(global)?;
    let before = known(&installation)?;
    // Every file has been checked; a run that is cut short is completed by running it again.
    for (i, chunk) in rows.chunks(CHUNK).enumerate() {
        let (chunk, edition) = (chunk.to_vec(), args.edition.clone());
        installation.db.write_now(move |tx| places::put_divisions(tx, &chunk, &edition)).map_err(explain)?;
        if rows.len() > CHUNK {
            let done = rows.len().min((i + 1) * CHUNK);
            progress(&format!("{done} of {}", rows.len()), done == rows.len());
        }
    }
    report.added = known(&installation)?.saturating_sub(before);
    report.unchanged = report.rows - report.added;
    finish(global, &report, false)
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

/// A line on stderr that the next one overwrites, unless it is to stay.
fn progress(text: &str, stays: bool) {
    let mut out = std::io::stderr().lock();
    let _ = write!(out, "\r{text}{}", if stays { "\n" } else { "" });
    let _ = out.flush();
}
