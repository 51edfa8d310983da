//! A later year's calendar: checked as a whole, then laid over the one in force (DECISIONS 9).

use super::service::{EDIT, recount};
use super::store;
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::procedures::verbs;
use crate::installation::InstalledCalendar;
use crate::rows::{Report, RowError};
use ::store::{Result, Tx};
use kernel::{Day, Refusal};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use worktime::{Calendar, CalendarError, CalendarReason, DayKind, Rules};

/// Larger files are no calendar of a few years.
const BYTES_MOST: usize = 512 * 1024;

/// What a table says and what it would change.
#[derive(Clone, Debug)]
pub struct CalendarCheck {
    /// The calendar as it would be.
    pub calendar: Arc<Calendar>,
    /// The table's first and last day.
    pub span: (Day, Day),
    /// Its holidays and its worked weekend days.
    pub days: (usize, usize),
    /// Days that would be another kind of day than now.
    pub differing: Vec<(Day, DayKind, DayKind)>,
    /// Running deadlines that would move, and how many of them forward.
    pub moved: (usize, usize),
    text: String,
}

/// Checks a table without writing anything: everything that is wrong with it, or what it would bring.
///
/// # Errors
/// Forbidden without `settings.edit`, or when the database refuses; what is wrong with the file is inside.
pub fn check_calendar(
    tx: &mut Tx<'_>,
    cx: &Cx,
    bytes: &[u8],
) -> Result<std::result::Result<CalendarCheck, Vec<RowError>>> {
    cx.actor.need(EDIT)?;
    let whole = |reason: Refusal| Ok(Err(vec![RowError::new(0, "", reason)]));
    if bytes.len() > BYTES_MOST {
        return whole(Refusal::rule("settings.calendar.large"));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return whole(Refusal::rule("import.file.encoding"));
    };
    let table = match Calendar::check_csv(text, "table") {
        Ok(table) => table,
        Err(errors) => return Ok(Err(errors.iter().map(error).collect())),
    };
    let lacking = lacking(&table);
    if !lacking.is_empty() {
        return Ok(Err(lacking));
    }
    let now = &cx.office.rules.calendar;
    let merged = match now.merge(&table, &version(cx, &table)) {
        Ok(merged) => merged,
        Err(gap) => return Ok(Err(vec![error(&gap)])),
    };
    let differing = differing(now, &merged);
    if differing.is_empty() && merged.known_until() == now.known_until() {
        return whole(Refusal::rule("settings.calendar.nothing"));
    }
    let calendar = Arc::new(merged);
    let rules = Rules { calendar: Arc::clone(&calendar), ..(*cx.office.rules).clone() };
    let holidays = table.listed_days().filter(|(_, kind, _)| *kind == DayKind::Holiday).count();
    let adjusted = table.listed_days().filter(|(_, kind, _)| *kind == DayKind::Adjusted).count();
    Ok(Ok(CalendarCheck {
        moved: verbs::would_move(tx, cx, &rules)?,
        span: (table.known_from(), table.known_until()),
        days: (holidays, adjusted),
        differing,
        calendar,
        text: text.to_owned(),
    }))
}

/// Takes a table over, whole or not at all. Writes `calendar.installed` with the table itself, and has the running
/// deadlines counted again.
///
/// # Errors
/// As [`check_calendar`].
pub fn install_calendar(
    tx: &mut Tx<'_>,
    cx: &Cx,
    bytes: &[u8],
    file: &str,
) -> Result<std::result::Result<CalendarCheck, Vec<RowError>>> {
    let check = match check_calendar(tx, cx, bytes)? {
        Ok(check) => check,
        Err(errors) => return Ok(Err(errors)),
    };
    // Checked against the calendar in memory: another one installed in this instant must be seen first.
    if store::calendars(tx, cx)?.len() + 1 != cx.office.calendars.len().max(1) {
        return Err(Refusal::conflict().into());
    }
    let version = check.calendar.version().to_owned();
    let table = InstalledCalendar { version: version.clone(), csv: check.text.clone() };
    store::add_calendar(tx, cx, table)?;
    let body = json!({
        "version": version, "file": file, "from": check.span.0, "until": check.span.1,
        "holidays": check.days.0, "adjusted": check.days.1, "csv": check.text,
    });
    events::append(tx, cx, Stream::Office, cx.office.id.0, "calendar.installed", &body)?;
    recount(tx, cx)?;
    Ok(Ok(check))
}

/// [`install_calendar`] with the report of all imports, for the command line; `dry` only checks.
///
/// # Errors
/// As [`check_calendar`].
pub fn import_calendar(tx: &mut Tx<'_>, cx: &Cx, bytes: &[u8], file: &str, dry: bool) -> Result<Report> {
    let done = if dry { check_calendar(tx, cx, bytes)? } else { install_calendar(tx, cx, bytes, file)? };
    Ok(match done {
        Err(errors) => Report { errors, ..Report::default() },
        Ok(check) => {
            let rows = (check.days.0 + check.days.1) as u64;
            let changed = check.differing.len() as u64;
            Report { rows, changed, unchanged: rows.saturating_sub(changed), ..Report::default() }
        }
    })
}

/// A name for the whole that comes about, unlike all before: `cn-2018-2027`, `cn-2018-2027.2`.
fn version(cx: &Cx, table: &Calendar) -> String {
    let now = &cx.office.rules.calendar;
    let from = now.known_from().min(table.known_from()).0 / 10_000;
    let until = now.known_until().max(table.known_until()).0 / 10_000;
    let plain = format!("cn-{from}-{until}");
    let used = |name: &str| cx.office.calendars.contains_key(name) || now.version() == name;
    let mut name = plain.clone();
    for n in 2.. {
        if !used(&name) {
            break;
        }
        name = format!("{plain}.{n}");
    }
    name
}

/// A table speaks alone between its first and its last row, so each of its years must be whole: 1 January and
/// 1 October are holidays of every year. The December before and the January after may come along.
fn lacking(table: &Calendar) -> Vec<RowError> {
    let mut months: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for (day, ..) in table.listed_days() {
        months.entry(day.0 / 10_000).or_default().insert(day.0 / 100 % 100);
    }
    let (first, last) = (table.known_from().0 / 10_000, table.known_until().0 / 10_000);
    let only = |months: &BTreeSet<i64>, month: i64| months.iter().all(|m| *m == month);
    months
        .iter()
        .filter(|(year, months)| {
            let before = **year == first && first < last && only(months, 12);
            let after = **year == last && first < last && only(months, 1);
            !before && !after
        })
        .flat_map(|(year, _)| [Day(year * 10_000 + 101), Day(year * 10_000 + 1_001)])
        .filter(|day| table.kind(*day) != DayKind::Holiday)
        .map(|day| {
            RowError::new(0, "date", Refusal::rule("settings.calendar.lacking").with("day", day.iso()))
        })
        .collect()
}

/// Days that are worked in one calendar and not in the other, or have another name there.
fn differing(now: &Calendar, then: &Calendar) -> Vec<(Day, DayKind, DayKind)> {
    let listed: BTreeSet<Day> = now.listed_days().chain(then.listed_days()).map(|(day, ..)| day).collect();
    listed
        .into_iter()
        .map(|day| (day, now.kind(day), then.kind(day)))
        .filter(|(day, before, after)| before != after || now.name(*day) != then.name(*day))
        .collect()
}

/// An error of the table as imports tell it: the line, the column, and what to write instead.
fn error(error: &CalendarError) -> RowError {
    let (column, code) = match error.reason {
        CalendarReason::NoColumn(_) => ("", "settings.calendar.no_column"),
        CalendarReason::Malformed => ("", "settings.calendar.malformed"),
        CalendarReason::Date => ("date", "settings.calendar.date"),
        CalendarReason::Weekday => ("iso_weekday", "settings.calendar.weekday"),
        CalendarReason::Kind => ("kind", "settings.calendar.kind"),
        CalendarReason::Twice => ("date", "settings.calendar.twice"),
        CalendarReason::Empty => ("", "settings.calendar.empty"),
        CalendarReason::Gap => ("", "settings.calendar.gap"),
    };
    let reason = match error.reason {
        CalendarReason::NoColumn(name) => Refusal::rule(code).with("name", name),
        _ => Refusal::rule(code),
    };
    RowError::new(error.line, column, reason)
}
