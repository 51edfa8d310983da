//! First look, briefing, and the workbook of everything.

use super::briefing::{self, Briefing};
use super::briefing_book;
use super::look::{self, Look};
use crate::features::imports::book;
use crate::features::indicators::service as indicators;
use crate::web::download::XLSX;
use crate::web::{Answer, Problem, Query, Shell, Staff, WebError, base_url, download, html, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use kernel::{Day, Refusal};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "first_look.html")]
struct LookPage {
    w: Words,
    shell: Shell,
    look: Look,
    window: String,
    can_import: bool,
    can_export: bool,
}

#[derive(Template)]
#[template(path = "first_briefing.html")]
struct BriefingPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    title: String,
    office: String,
    from: String,
    to: String,
    written: String,
    text: String,
    b: Briefing,
}

/// `GET /first`
pub(super) async fn show(staff: Staff) -> Answer {
    let w = staff.words.clone();
    let look = staff.read(move |tx, cx| look::look(tx, cx, &w)).await?;
    let w = staff.words.clone();
    let day = |d: Day| w.full_day(d, true);
    let page = LookPage {
        window: look
            .window
            .map(|(a, b)| w.t2("first-window", ("from", &day(a)), ("to", &day(b))))
            .unwrap_or_default(),
        look,
        can_import: staff.has("demands.import"),
        can_export: staff.has("demands.export"),
        shell: staff.shell("first").await?,
        w: w.clone(),
    };
    html(&page)
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Period {
    from: String,
    to: String,
}

/// A period as an address names it; the usual one where it names none.
///
/// # Errors
/// `briefing.period` for what is no day, or days that run backwards.
pub(super) fn read_period(from: &str, to: &str, usual: (Day, Day)) -> Result<(Day, Day), Refusal> {
    if from.is_empty() && to.is_empty() {
        return Ok(usual);
    }
    let days = Day::parse(from).zip(Day::parse(to)).filter(|(from, to)| from <= to);
    days.ok_or_else(|| Refusal::rule("briefing.period").on("from"))
}

/// What a page shows of it: the usual one, and what was wrong with another.
pub(super) fn or_usual(
    w: &Words,
    read: Result<(Day, Day), Refusal>,
    usual: (Day, Day),
) -> ((Day, Day), Problem) {
    match read {
        Ok(days) => (days, Problem::default()),
        Err(refusal) => (usual, Problem::new(w, &refusal)),
    }
}

/// The month before.
async fn usual_month(staff: &Staff) -> Result<(Day, Day), WebError> {
    let first = Day(staff.cx.today().month() * 100 + 1);
    // An office that has only its past is told of the last month that it knows.
    let last = staff.read(|tx, cx| Ok(indicators::span(tx, cx)?.map(|(_, last)| last))).await?;
    let end_of = |day: Day| Day(Day(day.month() * 100 + 1).plus(31).month() * 100 + 1).plus(-1);
    let before = first.plus(-1);
    let before = last.filter(|last| last.month() < before.month()).map_or(before, end_of);
    Ok((Day(before.month() * 100 + 1), before))
}

fn title_of(w: &Words, period: (Day, Day)) -> String {
    w.t2("briefing-title", ("from", &w.full_day(period.0, true)), ("to", &w.full_day(period.1, true)))
}

/// `GET /briefing?from=2026-02-01&to=2026-02-28`; the month before where nothing is asked.
pub(super) async fn briefing(staff: Staff, Query(asked): Query<Period>) -> Answer {
    let today = staff.cx.today();
    let usual = usual_month(&staff).await?;
    let (period, problem) = or_usual(&staff.words, read_period(&asked.from, &asked.to, usual), usual);
    let w = staff.words.clone();
    let b = staff.read(move |tx, cx| briefing::write(tx, cx, &w, period)).await?;
    let w = staff.words.clone();
    let status = if problem.any() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let title = title_of(&w, period);
    let page = BriefingPage {
        text: format!("{title}\n{}", b.text()),
        title,
        office: staff.cx.office.name.clone(),
        from: period.0.iso(),
        to: period.1.iso(),
        written: w.full_day(today, true),
        b,
        problem,
        shell: staff.shell("first").await?,
        w,
    };
    html_with(status, &page)
}

/// `GET /briefing.xlsx?from=&to=`
pub(super) async fn briefing_workbook(
    staff: Staff,
    headers: HeaderMap,
    Query(asked): Query<Period>,
) -> Answer {
    let period = read_period(&asked.from, &asked.to, usual_month(&staff).await?)?;
    let w = staff.words.clone();
    let b = staff.read(move |tx, cx| briefing::write(tx, cx, &w, period)).await?;
    let title = title_of(&staff.words, period);
    let base = base_url(&staff, &headers);
    let bytes =
        briefing_book::workbook(&b, &staff.words, &title, &base).map_err(|e| WebError::Failed(e.into()))?;
    download(bytes, XLSX, &format!("{title}.xlsx"))
}

/// `POST /export/all.xlsx`
pub(super) async fn export(staff: Staff) -> Answer {
    let (app, cx, w) = (staff.app.clone(), staff.cx.clone(), staff.words.clone());
    let bytes = tokio::task::spawn_blocking(move || book::whole(&app.db, &cx, &w)).await??;
    let name = format!("{}-{}.xlsx", staff.cx.office.name, staff.cx.today().iso());
    download(bytes, XLSX, &name)
}
