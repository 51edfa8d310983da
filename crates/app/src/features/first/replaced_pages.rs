//! `GET /replaced`: what Gezhi replaced, and the records behind each line.

use super::pages::{or_usual, read_period};
use super::replaced::{self, PAGE, Replaced, SECONDS, SECONDS_RANGE, Table};
use crate::web::{Answer, Path, Problem, Query, Shell, Staff, WebError, html, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::Day;
use serde::Deserialize;

/// A line as it stands on the page.
struct LineView {
    name: String,
    how: String,
    records: i64,
    href: String,
    cells: i64,
    minutes: i64,
}

#[derive(Template)]
#[template(path = "first_replaced.html")]
struct ReplacedPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    from: String,
    to: String,
    period: String,
    seconds: i64,
    range: (i64, i64),
    lines: Vec<LineView>,
    tables: usize,
    cells: i64,
    minutes: i64,
}

#[derive(Template)]
#[template(path = "first_replaced_records.html")]
struct RecordsPage {
    w: Words,
    shell: Shell,
    name: String,
    how: String,
    period: String,
    back: String,
    total: String,
    records: Vec<(String, String, String)>,
    prev: String,
    next: String,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct Asked {
    from: String,
    to: String,
    seconds: String,
    page: i64,
}

/// The year so far.
fn usual(staff: &Staff) -> (Day, Day) {
    let today = staff.cx.today();
    (Day(today.0 / 10_000 * 10_000 + 101), today)
}

fn said(w: &Words, (from, to): (Day, Day)) -> String {
    w.t2("replaced-period", ("from", &w.full_day(from, true)), ("to", &w.full_day(to, true)))
}

fn name(w: &Words, table: Table) -> String {
    w.t(&format!("replaced-{}", table.as_str()))
}

fn how(w: &Words, table: Table) -> String {
    w.t(&format!("replaced-{}-how", table.as_str()))
}

/// `GET /replaced?from=&to=&seconds=`
pub(super) async fn show(staff: Staff, Query(asked): Query<Asked>) -> Answer {
    let usual = usual(&staff);
    let (days, problem) = or_usual(&staff.words, read_period(&asked.from, &asked.to, usual), usual);
    let seconds = asked.seconds.trim().parse().unwrap_or(SECONDS);
    let found: Replaced = staff.read(move |tx, cx| replaced::count(tx, cx, days, seconds)).await?;
    let w = staff.words.clone();
    let (from, to) = (days.0.iso(), days.1.iso());
    let line = |l: &replaced::Line| LineView {
        name: name(&w, l.table),
        how: how(&w, l.table),
        records: l.records,
        href: format!("/replaced/{}?from={from}&to={to}", l.table.as_str()),
        cells: l.cells,
        minutes: found.minutes(l.cells),
    };
    let status = if problem.any() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = ReplacedPage {
        lines: found.lines.iter().map(line).collect(),
        tables: found.tables(),
        cells: found.cells(),
        minutes: found.minutes_of_all(),
        seconds: found.seconds,
        range: SECONDS_RANGE,
        period: said(&w, days),
        problem,
        from,
        to,
        shell: staff.shell("first").await?,
        w,
    };
    html_with(status, &page)
}

/// `GET /replaced/{table}?from=&to=&page=`
pub(super) async fn records(staff: Staff, Path(table): Path<String>, Query(asked): Query<Asked>) -> Answer {
    let table = Table::parse(&table).ok_or_else(WebError::not_found)?;
    let days = read_period(&asked.from, &asked.to, usual(&staff))?;
    let page = asked.page.clamp(0, 100_000);
    let (total, found) = staff.read(move |tx, cx| replaced::records(tx, cx, table, days, page)).await?;
    let w = staff.words.clone();
    let asked = format!("from={}&to={}", days.0.iso(), days.1.iso());
    let at = |page: i64| format!("/replaced/{}?{asked}&page={page}", table.as_str());
    let label = |text: String| match table {
        Table::Roster => w.t_or(&format!("roster-kind-{text}"), &w.t("replaced-roster-own")),
        _ => text,
    };
    let page = RecordsPage {
        name: name(&w, table),
        how: how(&w, table),
        period: said(&w, days),
        back: format!("/replaced?{asked}"),
        total: w.t1("replaced-total", "n", total),
        records: found.into_iter().map(|r| (label(r.label), w.when(r.at), r.href)).collect(),
        prev: if page > 0 { at(page - 1) } else { String::new() },
        next: if total > (page + 1) * PAGE { at(page + 1) } else { String::new() },
        shell: staff.shell("first").await?,
        w: w.clone(),
    };
    html(&page)
}
