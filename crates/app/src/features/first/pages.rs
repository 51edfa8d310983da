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

/// The period that is asked for, the month before where none is; with what was wrong.
async fn period_of(staff: &Staff, asked: &Period) -> Result<((Day, Day), Problem), WebError> {
    let today = staff.cx.today();
    let first = Day(today.month() * 100 + 1);
    // An office that has only its past is told of the last month that it knows.
    let last = staff.read(|tx, cx| Ok(indicators::span(tx, cx)?.map(|(_, last)| last))).await?;
    let end_of = |day: Day| Day(Day(day.month() * 100 + 1).plus(31).month() * 100 + 1).plus(-1);
    let before = first.plus(-1);
    let before = last.filter(|last| last.month() < before.month()).map_or(before, end_of);
    let usual = (Day(before.month() * 100 + 1), before);
    let (period, problem) = match (asked.from.as_str(), asked.to.as_str()) {
        ("", "") => (usual, Problem::default()),
        (from, to) => match (Day::parse(from), Day::parse(to)) {
            (Some(from), Some(to)) if from <= to => ((from, to), Problem::default()),
            _ => (usual, Problem::new(&staff.words, &Refusal::rule("briefing.period").on("from"))),
        },
    };
    Ok((period, problem))
}

fn title_of(w: &Words, period: (Day, Day)) -> String {
    w.t2("briefing-title", ("from", &w.full_day(period.0, true)), ("to", &w.full_day(period.1, true)))
}

/// `GET /briefing?from=2026-02-01&to=2026-02-28`; the month before where nothing is asked.
pub(super) async fn briefing(staff: Staff, Query(asked): Query<Period>) -> Answer {
    let today = staff.cx.today();
    let (period, problem) = period_of(&staff, &asked).await?;
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
    let (period, problem) = period_of(&staff, &asked).await?;
    if problem.any() {
        return Err(Refusal::rule("briefing.period").on("from").into());
    }
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
