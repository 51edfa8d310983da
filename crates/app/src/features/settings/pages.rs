//! The page of settings, and the calendar by years.

use super::model::{REGIONAL, RETENTION};
use super::service::{self, Standing};
use crate::config::PasswordPolicy;
use crate::web::download::{CSV, download};
use crate::web::{Answer, Problem, Query, Shell, Staff, WebError, html, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::Day;
use serde::Deserialize;
use worktime::{Calendar, DayKind, Limit, LimitUnit};

/// Ranges of hours in the form; [`worktime::Hours`] takes as many.
const RANGES: usize = 4;
/// A calendar that ends within so many days is spoken of.
const SOON: i64 = 75;

/// What the forms hold, as typed or as it stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    pub(super) name: String,
    pub(super) short: String,
    pub(super) hotline: String,
    pub(super) locale: String,
    pub(super) hours: Vec<(String, String)>,
    pub(super) margin_n: String,
    pub(super) margin_u: String,
    pub(super) contest_n: String,
    pub(super) contest_u: String,
    pub(super) verify_rate: String,
    pub(super) callback_rate: String,
    pub(super) retention_days: String,
    pub(super) words: Vec<(String, String)>,
}

impl Typed {
    pub(super) fn of(standing: &Standing) -> Typed {
        let (text, settings) = (&standing.text, &standing.settings);
        let ranges = text.hours.split(',').filter_map(|r| r.split_once('-'));
        Typed {
            name: text.name.clone(),
            short: text.short.clone(),
            hotline: settings.hotline.clone(),
            locale: text.locale.clone(),
            hours: ranges.map(|(from, to)| (from.to_owned(), to.to_owned())).collect(),
            margin_n: number(settings.upper_margin),
            margin_u: settings.upper_margin.unit.as_str().to_owned(),
            contest_n: number(settings.contest_limit),
            contest_u: settings.contest_limit.unit.as_str().to_owned(),
            verify_rate: settings.verify_rate.to_string(),
            callback_rate: settings.callback_rate.to_string(),
            retention_days: settings.retention_days.to_string(),
            words: REGIONAL
                .iter()
                .map(|(word, _)| ((*word).to_owned(), settings.word(word).to_owned()))
                .collect(),
        }
    }
}

fn number(limit: Limit) -> String {
    let text = limit.to_string();
    text.split_once(':').map_or_else(String::new, |(_, n)| n.to_owned())
}

/// A regional word with its choices.
struct Regional {
    name: &'static str,
    label: String,
    choices: Vec<(String, String, bool)>,
}

/// What the check of other hours found.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// In words; blank when nothing was checked.
    pub(super) text: String,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    /// Which card was sent.
    part: &'static str,
    found: Found,
    edit: bool,
    version: i64,
    form: Typed,
    ranges: Vec<(usize, String, String)>,
    day_length: String,
    units: Vec<(String, String)>,
    regional: Vec<Regional>,
    retention: String,
    code: String,
    zone: String,
    calendar: String,
    calendar_ends: bool,
    server: Vec<(String, String)>,
}

/// `GET /settings`
pub(super) async fn show(staff: Staff) -> Answer {
    let standing = staff.read(service::find).await?;
    let form = Typed::of(&standing);
    draw(&staff, &standing, form, ("", Problem::default()), Found::default()).await
}

/// The page with what was typed, what is wrong with it, or what was found out.
pub(super) async fn draw(
    staff: &Staff,
    standing: &Standing,
    form: Typed,
    (part, problem): (&'static str, Problem),
    found: Found,
) -> Answer {
    let w = &staff.words;
    let office = &staff.cx.office;
    let mut ranges = form.hours.clone();
    ranges.resize(RANGES.max(ranges.len()), (String::new(), String::new()));
    let length = service::read_hours(&standing.text.hours)?.minutes_per_day();
    let calendar = &office.rules.calendar;
    let status = if problem.any() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = SettingsPage {
        part,
        problem,
        found,
        edit: staff.has("settings.edit"),
        version: standing.version,
        ranges: ranges.into_iter().take(RANGES).enumerate().map(|(i, (a, b))| (i + 1, a, b)).collect(),
        day_length: w.span(length * kernel::Ts::MINUTE),
        units: LimitUnit::ALL
            .iter()
            .map(|u| (u.as_str().to_owned(), w.t(&format!("limit-unit-{}", u.as_str().replace('_', "-")))))
            .collect(),
        regional: regional(w, &form),
        retention: w.t2("settings-retention-hint", ("from", &RETENTION.0), ("to", &RETENTION.1)),
        code: office.code.clone(),
        zone: zone(staff),
        calendar: w.full_day(calendar.known_until(), true),
        calendar_ends: ends(staff),
        server: server(staff, standing),
        form,
        shell: staff.shell("settings").await?,
        w: w.clone(),
    };
    html_with(status, &page)
}

fn regional(w: &Words, form: &Typed) -> Vec<Regional> {
    // The choices are shown as they are, not in the office's own words.
    let plain = Words::new(w.locale, &w.tz, w.now);
    REGIONAL
        .iter()
        .map(|(word, choices)| {
            let chosen = form.words.iter().find(|(w, _)| w == word).map(|(_, c)| c.as_str());
            Regional {
                name: word,
                label: plain.t(&format!("settings-word-{word}")),
                choices: choices
                    .iter()
                    .map(|c| {
                        let text = plain.t(&format!("regional-{word}-{c}"));
                        ((*c).to_owned(), text, chosen == Some(*c))
                    })
                    .collect(),
            }
        })
        .collect()
}

/// The zone and what its clock shows now.
fn zone(staff: &Staff) -> String {
    let zoned = staff.cx.now.zoned(&staff.cx.office.tz);
    let name = staff.cx.office.tz.iana_name().unwrap_or_default();
    let clock = format!("{:02}:{:02}", zoned.hour(), zoned.minute());
    staff.words.t2("settings-zone-now", ("zone", &name), ("clock", &clock))
}

/// Whether the calendar ends soon or has ended: later deadlines are only expected ones.
fn ends(staff: &Staff) -> bool {
    staff.cx.office.rules.calendar.known_until() < staff.cx.today().plus(SOON)
}

/// What is set for the whole server, in its configuration file.
fn server(staff: &Staff, standing: &Standing) -> Vec<(String, String)> {
    let (w, config) = (&staff.words, &staff.app.config);
    let policy = match config.password_policy {
        PasswordPolicy::Asvs => "settings-policy-asvs",
        PasswordPolicy::Mlps => "settings-policy-mlps",
    };
    let minutes = |n: i64| w.span(n * kernel::Ts::MINUTE);
    let mut out = vec![
        (w.t("settings-policy"), w.t(policy)),
        (
            w.t("settings-idle"),
            w.t2(
                "settings-idle-value",
                ("desk", &minutes(config.idle_minutes)),
                ("field", &minutes(config.field_idle_minutes)),
            ),
        ),
        (w.t("settings-session"), minutes(config.session_hours * 60)),
    ];
    if let Some((hash, at)) = &standing.pack {
        let short: String = hash.chars().take(8).collect();
        let text = w.t2("settings-pack-value", ("hash", &short), ("when", &w.when(*at)));
        out.push((w.t("settings-pack"), text));
    }
    out
}

/// A run of days of one kind and name.
struct Run {
    name: String,
    days: String,
    count: i64,
}

#[derive(Template)]
#[template(path = "settings_calendar.html")]
struct CalendarPage {
    w: Words,
    shell: Shell,
    edit: bool,
    year: i64,
    years: Vec<(i64, bool)>,
    known: String,
    ends: bool,
    holidays: Vec<Run>,
    adjusted: Vec<Run>,
    holiday_days: i64,
    workdays: i64,
    whole: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct CalendarQuery {
    year: Option<i64>,
}

/// `GET /settings/calendar?year=2026`
pub(super) async fn show_calendar(staff: Staff, Query(query): Query<CalendarQuery>) -> Answer {
    let (w, calendar) = (&staff.words, &staff.cx.office.rules.calendar);
    let (first, last) = (calendar.known_from().0 / 10_000, calendar.known_until().0 / 10_000);
    let this = staff.cx.today().0 / 10_000;
    let year = query.year.unwrap_or(this).clamp(first, last.max(this));
    let year_of = |day: &Day| day.0 / 10_000 == year;
    let of = |kind: DayKind| {
        let days: Vec<(Day, String)> = calendar
            .listed_days()
            .filter(|(day, k, _)| year_of(day) && *k == kind)
            .map(|(day, _, name)| (day, name.to_owned()))
            .collect();
        runs(w, &days)
    };
    let (holidays, adjusted) = (of(DayKind::Holiday), of(DayKind::Adjusted));
    let start = Day(year * 10_000 + 101);
    let workdays = (0..366).map(|n| start.plus(n)).filter(|d| year_of(d) && calendar.is_workday(*d)).count();
    let page = CalendarPage {
        edit: staff.has("settings.edit"),
        years: (first..=last.max(this)).rev().map(|y| (y, y == year)).collect(),
        known: w.full_day(calendar.known_until(), true),
        ends: ends(&staff),
        holiday_days: holidays.iter().map(|r| r.count).sum(),
        workdays: i64::try_from(workdays).unwrap_or(0),
        whole: calendar.knows(Day(year * 10_000 + 1_001)),
        year,
        holidays,
        adjusted,
        shell: staff.shell("settings").await?,
        w: w.clone(),
    };
    html(&page)
}

/// Days that follow each other under one name, as one line.
fn runs(w: &Words, days: &[(Day, String)]) -> Vec<Run> {
    let mut out: Vec<(Day, Day, &str)> = Vec::new();
    for (day, name) in days {
        match out.last_mut() {
            Some((_, last, known)) if last.plus(1) == *day && known == name => *last = *day,
            _ => out.push((*day, *day, name)),
        }
    }
    let shown =
        |day: Day| w.t2("settings-day", ("day", &w.full_day(day, false)), ("weekday", &w.weekday(day)));
    out.into_iter()
        .map(|(from, to, name)| {
            let days = if from == to {
                shown(from)
            } else {
                w.t2("settings-days", ("from", &shown(from)), ("to", &shown(to)))
            };
            let count = (0..).take_while(|n| from.plus(*n) < to).count();
            Run { name: w.holiday(name), days, count: i64::try_from(count).unwrap_or(0) + 1 }
        })
        .collect()
}

/// A day as the check of a table lists it: when, what it was, what it would be.
pub(super) fn day_line(w: &Words, calendar: &Calendar, day: Day, kinds: (DayKind, DayKind)) -> [String; 4] {
    let kind = |kind: DayKind| {
        w.t(match kind {
            DayKind::Workday => "settings-kind-workday",
            DayKind::Adjusted => "settings-kind-adjusted",
            DayKind::Weekend => "settings-kind-weekend",
            DayKind::Holiday => "settings-kind-holiday",
        })
    };
    [
        w.t2("settings-day", ("day", &w.full_day(day, true)), ("weekday", &w.weekday(day))),
        w.holiday(calendar.name(day).unwrap_or_default()),
        kind(kinds.0),
        kind(kinds.1),
    ]
}

/// `GET /settings/calendar.csv`: the calendar in force, in the form in which a later one is imported.
pub(super) async fn calendar_csv(staff: Staff) -> Answer {
    let calendar = &staff.cx.office.rules.calendar;
    let mut out = csv::Writer::from_writer(Vec::new());
    let failed = |e: csv::Error| WebError::Failed(e.into());
    out.write_record(["date", "iso_weekday", "kind", "name"]).map_err(failed)?;
    for (day, _, name) in calendar.listed_days() {
        let weekday = day.date().map_or(0, |d| d.weekday().to_monday_one_offset());
        let kind = if calendar.is_workday(day) { "workday" } else { "holiday" };
        out.write_record([day.iso().as_str(), weekday.to_string().as_str(), kind, name]).map_err(failed)?;
    }
    let bytes = out.into_inner().map_err(|e| WebError::Failed(anyhow::anyhow!("{e}")))?;
    download(bytes, CSV, &format!("{}.csv", calendar.version()))
}
