//! Changes of the settings, and a calendar from a file.

use super::model::{RETENTION, Settings};
use super::pages::{self, Found, Typed};
use super::service::{self, CalendarCheck, Change};
use crate::features::places::ReportView;
use crate::rows::Report;
use crate::web::{Answer, Form, Problem, Shell, Staff, Upload, fingerprint, html, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::Refusal;
use serde::Deserialize;
use worktime::Limit;

/// The fields of whichever card was sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    idem: String,
    version: i64,
    end: String,
    name: String,
    short: String,
    hotline: String,
    locale: String,
    from: Vec<String>,
    to: Vec<String>,
    margin_n: String,
    margin_u: String,
    #[serde(default)]
    contest_n: String,
    #[serde(default)]
    contest_u: String,
    verify_rate: String,
    callback_rate: String,
    retention_days: String,
    dispatch: String,
    unit: String,
    late: String,
}

/// `POST /settings/office`
pub(super) async fn set_office(staff: Staff, Form(sent): Form<Sent>) -> Answer {
    let change = Change::Office {
        name: sent.name.clone(),
        short: sent.short.clone(),
        hotline: sent.hotline.clone(),
        locale: sent.locale.clone(),
    };
    let fill = |form: &mut Typed| {
        form.name.clone_from(&sent.name);
        form.short.clone_from(&sent.short);
        form.hotline.clone_from(&sent.hotline);
        form.locale.clone_from(&sent.locale);
    };
    save(&staff, &sent, ("office", Ok(change)), fill).await
}

/// `POST /settings/hours`: shows how many deadlines would move, or saves.
pub(super) async fn set_hours(staff: Staff, Form(sent): Form<Sent>) -> Answer {
    let ranges: Vec<(String, String)> = sent
        .from
        .iter()
        .zip(&sent.to)
        // A Chinese keyboard gives the wide colon.
        .map(|(from, to)| (from.trim().replace('\u{ff1a}', ":"), to.trim().replace('\u{ff1a}', ":")))
        .filter(|(from, to)| !from.is_empty() || !to.is_empty())
        .collect();
    let text: Vec<String> = ranges.iter().map(|(from, to)| format!("{from}-{to}")).collect();
    let text = text.join(",");
    let typed = |form: &mut Typed| form.hours.clone_from(&ranges);
    if sent.end != "check" {
        return save(&staff, &sent, ("hours", Ok(Change::Hours(text))), typed).await;
    }
    let standing = staff.read(service::find).await?;
    let mut form = Typed::of(&standing);
    typed(&mut form);
    let checked = staff.read(move |tx, cx| service::check_hours(tx, cx, &text)).await;
    match checked {
        Ok((moved, earlier)) => {
            let found = Found { text: moves(&staff.words, "settings-hours-check", (moved, earlier)) };
            pages::draw(&staff, &standing, form, ("hours", Problem::default()), found).await
        }
        Err(error) => match error.refusal() {
            Some(refusal) => {
                let problem = Problem::new(&staff.words, refusal);
                pages::draw(&staff, &standing, form, ("hours", problem), Found::default()).await
            }
            None => Err(error),
        },
    }
}

fn moves(w: &Words, key: &str, (moved, earlier): (usize, usize)) -> String {
    w.t2(key, ("moved", &moved), ("earlier", &earlier))
}

/// `POST /settings/rules`
pub(super) async fn set_rules(staff: Staff, Form(sent): Form<Sent>) -> Answer {
    let fill = |form: &mut Typed| {
        form.margin_n.clone_from(&sent.margin_n);
        form.margin_u.clone_from(&sent.margin_u);
        form.contest_n.clone_from(&sent.contest_n);
        form.contest_u.clone_from(&sent.contest_u);
        form.verify_rate.clone_from(&sent.verify_rate);
        form.callback_rate.clone_from(&sent.callback_rate);
        form.retention_days.clone_from(&sent.retention_days);
    };
    save(&staff, &sent, ("rules", read_rules(&sent)), fill).await
}

fn read_rules(sent: &Sent) -> Result<Change, Refusal> {
    let number = |field: &'static str, text: &str, (from, to): (i64, i64)| {
        let wrong = || Refusal::rule("settings.range").on(field).with("from", from).with("to", to);
        text.trim().parse::<i64>().map_err(|_| wrong())
    };
    let margin = format!("{}:{}", sent.margin_u.trim(), sent.margin_n.trim());
    let contest = format!("{}:{}", sent.contest_u.trim(), sent.contest_n.trim());
    Ok(Change::Rules(Settings {
        upper_margin: Limit::parse(&margin)
            .map_err(|_| Refusal::rule("settings.margin").on("upper_margin"))?,
        contest_limit: Limit::parse(&contest)
            .map_err(|_| Refusal::rule("settings.contest").on("contest_limit"))?,
        verify_rate: number("verify_rate", &sent.verify_rate, (0, 100))?,
        callback_rate: number("callback_rate", &sent.callback_rate, (0, 100))?,
        retention_days: number("retention_days", &sent.retention_days, RETENTION)?,
        ..Settings::default()
    }))
}

/// `POST /settings/words`
pub(super) async fn set_words(staff: Staff, Form(sent): Form<Sent>) -> Answer {
    let words: Vec<(String, String)> =
        [("dispatch", &sent.dispatch), ("unit", &sent.unit), ("late", &sent.late)]
            .into_iter()
            .filter(|(_, choice)| !choice.is_empty())
            .map(|(word, choice)| (word.to_owned(), choice.clone()))
            .collect();
    let typed = words.clone();
    save(&staff, &sent, ("words", Ok(Change::Words(words))), move |form| form.words.clone_from(&typed)).await
}

async fn save(
    staff: &Staff,
    sent: &Sent,
    (part, change): (&'static str, Result<Change, Refusal>),
    fill: impl FnOnce(&mut Typed),
) -> Answer {
    let w = &staff.words;
    let version = sent.version;
    let done = match change {
        Err(refusal) => Err(refusal.into()),
        Ok(change) => {
            let request = fingerprint(&("settings.change", version, &change));
            staff
                .write_once(&sent.idem, &request, move |tx, cx| service::change(tx, cx, version, &change))
                .await
        }
    };
    match done {
        Ok(()) => {
            staff.app.reload_async().await?;
            let key = if part == "hours" { "settings-saved-hours" } else { "settings-saved" };
            // The page that follows speaks in the words just chosen.
            let office = staff.app.office(staff.cx.office.id);
            let words = office.map_or_else(|| w.clone(), |o| staff.app.words(&o, w.locale, staff.cx.now));
            Ok(staff.goto_saying("/settings", &words.t(key)))
        }
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            let standing = staff.read(service::find).await?;
            let mut form = Typed::of(&standing);
            fill(&mut form);
            let problem = Problem::new(w, &refusal);
            pages::draw(staff, &standing, form, (part, problem), Found::default()).await
        }
    }
}

/// What a checked table would bring, as the page shows it.
struct CheckView {
    text: String,
    moved: String,
    days: Vec<[String; 4]>,
}

#[derive(Template)]
#[template(path = "settings_import.html")]
struct ImportPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    report: Option<ReportView>,
    check: Option<CheckView>,
    known: String,
    next_year: i64,
}

async fn import_page(staff: &Staff) -> Result<ImportPage, crate::web::WebError> {
    let until = staff.cx.office.rules.calendar.known_until();
    Ok(ImportPage {
        problem: Problem::default(),
        report: None,
        check: None,
        known: staff.words.full_day(until, true),
        next_year: until.0 / 10_000 + 1,
        shell: staff.shell("settings").await?,
        w: staff.words.clone(),
    })
}

/// `GET /settings/calendar/import`
pub(super) async fn show_import(staff: Staff) -> Answer {
    html(&import_page(&staff).await?)
}

/// `POST /settings/calendar/import`: checks a table, or takes it over.
pub(super) async fn import(staff: Staff, upload: Upload) -> Answer {
    let mut page = import_page(&staff).await?;
    let Some(file) = upload.files.iter().find(|f| f.field == "file").cloned() else {
        page.problem = Problem::new(&staff.words, &Refusal::missing("file"));
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let dry = upload.text("end") != Some("import");
    let done = if dry {
        staff.read(move |tx, cx| service::check_calendar(tx, cx, &file.bytes)).await?
    } else {
        staff.write(move |tx, cx| service::install_calendar(tx, cx, &file.bytes, &file.name)).await?
    };
    match done {
        Err(errors) => {
            let report = Report { errors, ..Report::default() };
            page.report = Some(ReportView::of(&staff.words, &report, dry));
            html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Ok(check) if dry => {
            page.check = Some(check_view(&staff.words, &check));
            html(&page)
        }
        Ok(check) => {
            staff.app.reload_async().await?;
            let year = check.span.1.0 / 10_000;
            let text = moves(&staff.words, "settings-calendar-done", check.moved);
            Ok(staff.goto_saying(&format!("/settings/calendar?year={year}"), &text))
        }
    }
}

fn check_view(w: &Words, check: &CalendarCheck) -> CheckView {
    let text = w.ta(
        "settings-calendar-check",
        &[
            ("from", w.full_day(check.span.0, true)),
            ("until", w.full_day(check.span.1, true)),
            ("holidays", check.days.0.to_string()),
            ("adjusted", check.days.1.to_string()),
        ],
    );
    let line =
        |(day, before, after): &(_, _, _)| pages::day_line(w, &check.calendar, *day, (*before, *after));
    CheckView {
        text,
        moved: moves(w, "settings-calendar-moves", check.moved),
        days: check.differing.iter().map(line).collect(),
    }
}
