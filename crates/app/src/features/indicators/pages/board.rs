//! The month at a glance: tiles with the change against the period before, the course of a year, tables by
//! unit, place and matter. Every figure is a link to its records.

use super::{Asked, Choice, cell, compute, href, parts, place_choices, told};
use crate::context::Cx;
use crate::features::indicators::cell::{Cell, Parts};
use crate::features::indicators::chart::{self, Chart, Point, draw};
use crate::features::indicators::model::{Ask, Better, By, Exact, Figure, Kind, Row};
use crate::features::indicators::pack::Indicator;
use crate::features::indicators::period::{Period, months_up_to};
use crate::features::indicators::service;
use crate::web::{Answer, Problem, Query, Shell, Staff, html_with};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use kernel::Day;
use std::collections::HashMap;
use store::Tx;

/// The tiles; the open ones are as of now, whatever the period.
const TILES: &[(&str, bool)] = &[
    ("demand.received", true),
    ("demand.accepted", true),
    ("demand.closed", true),
    ("demand.open", false),
    ("demand.overdue", false),
    ("demand.on_time_rate", true),
    ("demand.close_rate", true),
    ("demand.mean_days", true),
    ("demand.median_days", true),
    ("demand.satisfaction", true),
    ("demand.solved_rate", true),
    ("demand.reopen_rate", true),
];

/// What is counted apart, in a line below the tiles.
const APART: &[&str] = &[
    "demand.answered_at_once",
    "demand.on_spot",
    "demand.thanks",
    "demand.refused",
    "demand.withdrawn",
    "demand.void",
    "demand.self_verified",
    "demand.entered_for",
];

/// The columns of the tables.
const COLUMNS: &[(&str, bool)] = &[
    ("demand.received", true),
    ("demand.closed", true),
    ("demand.on_time_rate", true),
    ("demand.mean_days", true),
    ("demand.overdue", false),
    ("demand.reopen_rate", true),
];

/// Rows of a table on this page at most; the figure's own page has them all.
const ROWS_MOST: usize = 15;

/// One figure, large.
pub(super) struct Tile {
    pub(super) title: String,
    pub(super) value: String,
    /// A count's records; the page of any other figure, with its formula and the same period.
    pub(super) href: String,
    /// The lists behind a value that is no count.
    pub(super) parts: Parts,
    pub(super) delta: String,
    /// How many of its records count as the source system reported them, in words.
    pub(super) reported: String,
    pub(super) tone: &'static str,
}

struct Line {
    label: String,
    cells: Vec<Cell>,
    /// Of the longest, in hundredths.
    bar: i64,
}

struct Board {
    title: String,
    heads: Vec<String>,
    lines: Vec<Line>,
    /// The figure's page with all rows, where there are more.
    more: String,
}

#[derive(Template)]
#[template(path = "indicators_board.html")]
struct Page {
    w: Words,
    shell: Shell,
    problem: Problem,
    asked: Asked,
    places: Vec<Choice>,
    /// Other periods: the word, the address.
    others: Vec<(String, String)>,
    period: String,
    tiles: Vec<Tile>,
    /// Closed cases without a closing time: no period has them.
    undated: Option<Tile>,
    apart: Vec<Tile>,
    charts: Vec<Chart>,
    boards: Vec<Board>,
    figures: Vec<(String, String)>,
}

/// `GET /stats`
pub(super) async fn show(staff: Staff, Query(mut asked): Query<Asked>) -> Answer {
    let (words, today, typed) = (staff.words.clone(), staff.cx.today(), asked.clone());
    let read = staff.read(move |tx, cx| read(tx, cx, &words, &typed, today)).await;
    let (found, status, problem) = match read {
        Ok(found) => (found, StatusCode::OK, Problem::default()),
        Err(error) => {
            let refusal = super::as_refusal(error)?;
            let problem = Problem::new(&staff.words, &refusal);
            let (words, plain) = (staff.words.clone(), Asked::default());
            let found = staff.read(move |tx, cx| read_places(tx, cx, &words, &plain, today)).await?;
            (found, StatusCode::UNPROCESSABLE_ENTITY, problem)
        }
    };
    let w = staff.words.clone();
    if let Some(period) = found.period {
        (asked.from, asked.to) = (period.from.iso(), period.to.iso());
    }
    let during = query(&asked.ask().unwrap_or_default());
    let all = service::list()?
        .iter()
        .map(|i| (format!("/stats/{}?{during}", i.key), i.title.get(w.locale).to_owned()))
        .collect();
    let page = Page {
        shell: staff.shell("stats").await?,
        problem,
        others: others(&w, today, found.period, &asked.place),
        period: found.period.map(|p| told_period(&w, p)).unwrap_or_default(),
        asked,
        places: found.places,
        tiles: found.tiles,
        undated: found.undated,
        apart: found.apart,
        charts: found.charts,
        boards: found.boards,
        figures: all,
        w,
    };
    html_with(status, &page)
}

#[derive(Default)]
struct Found {
    period: Option<Period>,
    places: Vec<Choice>,
    tiles: Vec<Tile>,
    undated: Option<Tile>,
    apart: Vec<Tile>,
    charts: Vec<Chart>,
    boards: Vec<Board>,
}

fn read_places(tx: &mut Tx<'_>, cx: &Cx, _: &Words, asked: &Asked, _: Day) -> store::Result<Found> {
    Ok(Found { places: place_choices(tx, cx, &asked.place)?, ..Found::default() })
}

fn read(tx: &mut Tx<'_>, cx: &Cx, words: &Words, asked: &Asked, today: Day) -> store::Result<Found> {
    let period = asked.period(today, service::span(tx, cx)?)?;
    let ask = Ask { from: Some(period.from), to: Some(period.to), by: By::None, ..asked.ask()? };
    let mut tiles = Vec::new();
    for (key, timed) in TILES {
        tiles.push(tile(tx, cx, words, key, &ask, timed.then(|| period.compared(today)))?);
    }
    let filter = Some("case.closed_at == null".to_owned());
    let ever = Ask { from: None, to: None, filter, ..ask.clone() };
    let undated = tile(tx, cx, words, "demand.closed", &ever, None)?;
    let mut apart = Vec::new();
    for key in APART {
        apart.push(tile(tx, cx, words, key, &ask, None)?);
    }
    Ok(Found {
        period: Some(period),
        places: place_choices(tx, cx, &asked.place)?,
        tiles,
        undated: Some(undated).filter(|t| t.value != "0"),
        apart,
        charts: charts(tx, cx, words, &ask, period)?,
        boards: [By::Unit, By::Place, By::Matter]
            .into_iter()
            .map(|by| board(tx, cx, words, &ask, by))
            .collect::<store::Result<_>>()?,
    })
}

/// A figure of the period against the one before; without one it is as of now, or simply that of the period.
pub(super) fn tile(
    tx: &mut Tx<'_>,
    cx: &Cx,
    words: &Words,
    key: &str,
    ask: &Ask,
    before: Option<Period>,
) -> store::Result<Tile> {
    let indicator = service::find(key)?;
    let now = matches!(key, "demand.open" | "demand.overdue");
    let ask = if now { Ask { from: None, to: None, ..ask.clone() } } else { ask.clone() };
    let row = service::total(tx, cx, words, key, &ask)?;
    let delta = match before {
        Some(period) => {
            let earlier = Ask { from: Some(period.from), to: Some(period.to), ..ask.clone() };
            change(words, indicator, &row, &service::total(tx, cx, words, key, &earlier)?)
        }
        None if now => words.t("figure-now"),
        None => String::new(),
    };
    let late = key == "demand.overdue" && row.numerator.unwrap_or(0) > 0;
    Ok(Tile {
        title: indicator.title.get(words.locale).to_owned(),
        value: told(indicator, &row, words),
        href: if indicator.kind == Kind::Count {
            href(indicator, &row.link)
        } else {
            format!("/stats/{key}?{}", query(&ask))
        },
        parts: parts(indicator, &row),
        delta,
        reported: match row.reported {
            0 => String::new(),
            n => words.t1("figure-reported", "count", n),
        },
        tone: if late { "is-red" } else { "" },
    })
}

/// The change in words: a share in percentage points, everything else in its own unit.
fn change(words: &Words, indicator: &Indicator, row: &Row, before: &Row) -> String {
    let (Some(now), Some(then)) = (row.value, before.value) else { return words.t("figure-no-before") };
    let times = if indicator.kind == Kind::Ratio { 100 } else { 1 };
    let above = (now.above * then.below - then.above * now.below) * times;
    let Some(difference) = Exact::of(above, now.below * then.below) else { return String::new() };
    let places = match indicator.kind {
        Kind::Count => 0,
        Kind::Ratio => 1,
        Kind::Mean | Kind::Median | Kind::P90 => 2,
    };
    let text = difference.decimals(places);
    let text = if difference.above > 0 { format!("+{text}") } else { text };
    let good = match indicator.better {
        Better::Neither => "",
        _ if difference.above == 0 => "",
        Better::More if difference.above > 0 => "-good",
        Better::Less if difference.above < 0 => "-good",
        Better::More | Better::Less => "-bad",
    };
    let word = if indicator.kind == Kind::Ratio { "figure-change-points" } else { "figure-change" };
    words.t1(&format!("{word}{good}"), "change", text)
}

/// What came in and was closed, month by month, and the share in time.
fn charts(tx: &mut Tx<'_>, cx: &Cx, words: &Words, ask: &Ask, period: Period) -> store::Result<Vec<Chart>> {
    let months = months_up_to(period.to, 12);
    let first = months.first().and_then(|m| Day::parse(&format!("{m}-01")));
    let year = Ask { from: first, to: Some(Period::month_of(period.to).to), by: By::Month, ..ask.clone() };
    let received = compute(tx, cx, words, "demand.received", &year)?;
    let closed = compute(tx, cx, words, "demand.closed", &year)?;
    let on_time = compute(tx, cx, words, "demand.on_time_rate", &year)?;
    let mut counts = draw(&points(words, &received, &months)?, &points(words, &closed, &months)?, false);
    name(&mut counts, words, "figure-chart-counts", &[&received, &closed], &months)?;
    let mut rate = draw(&[], &points(words, &on_time, &months)?, true);
    name(&mut rate, words, "figure-chart-on-time", &[&on_time], &months)?;
    Ok(vec![counts, rate])
}

/// The rows of a figure on an axis of months or days; a count of nothing is nought, a rate of nothing a gap.
pub(super) fn points(words: &Words, figure: &Figure, axis: &[String]) -> store::Result<Vec<Point>> {
    let indicator = service::find(&figure.indicator)?;
    let rows: HashMap<&str, &Row> = figure.rows.iter().map(|r| (r.key.as_str(), r)).collect();
    let times = if indicator.kind == Kind::Ratio { 100.0 } else { 1.0 };
    let zero = (indicator.kind == Kind::Count).then_some(0.0);
    let each = |(i, key): (usize, &String)| {
        let row = rows.get(key.as_str());
        let value = row.map_or_else(|| words.t("figure-none"), |r| told(indicator, r, words));
        Point {
            label: if axis.len() <= 12 || i % 5 == 4 { tick(key) } else { String::new() },
            value: row.map_or(zero, |r| r.value.map(|v| v.number() * times)),
            said: words.ta(
                "figure-point",
                &[
                    ("when", key.clone()),
                    ("what", indicator.title.get(words.locale).to_owned()),
                    ("value", value),
                ],
            ),
            href: row.map_or_else(String::new, |r| href(indicator, &r.link)),
        }
    };
    Ok(axis.iter().enumerate().map(each).collect())
}

/// `3` of `2026-03`, with the year in January; `12` of `2026-03-12`.
fn tick(key: &str) -> String {
    let part = |from: usize| {
        key.get(from..).and_then(|p| p.parse::<u32>().ok()).map_or(String::new(), |n| n.to_string())
    };
    match key.len() {
        7 if key.ends_with("-01") => format!("{}.1", &key[..4]),
        7 => part(5),
        _ => part(8),
    }
}

/// Titles, legend and table of a chart.
pub(super) fn name(
    chart: &mut Chart,
    words: &Words,
    key: &str,
    figures: &[&Figure],
    axis: &[String],
) -> store::Result<()> {
    chart.title = words.t(key);
    chart.sub = words.t(&format!("{key}-sub"));
    chart.heads.push(words.t("figure-when"));
    let mut last = Vec::new();
    for figure in figures {
        let indicator = service::find(&figure.indicator)?;
        let title = indicator.title.get(words.locale).to_owned();
        let newest = axis.last().and_then(|key| figure.rows.iter().find(|r| r.key == *key));
        last.push(format!(
            "{title} {}",
            newest.map_or_else(|| words.t("figure-none"), |r| told(indicator, r, words))
        ));
        chart.series.push(title.clone());
        chart.heads.push(title);
    }
    chart.said = words.t2(
        "figure-chart-said",
        ("when", &axis.last().cloned().unwrap_or_default()),
        ("values", &last.join(", ")),
    );
    for when in axis {
        let mut cells = Vec::new();
        for figure in figures {
            let indicator = service::find(&figure.indicator)?;
            let row = figure.rows.iter().find(|r| r.key == *when);
            cells.push(match (row, indicator.kind) {
                (Some(row), _) => cell(indicator, row, words),
                (None, Kind::Count) => Cell { text: "0".to_owned(), ..Cell::default() },
                (None, _) => nothing(words),
            });
        }
        chart.rows.push(chart::Line { label: when.clone(), cells });
    }
    Ok(())
}

fn board(tx: &mut Tx<'_>, cx: &Cx, words: &Words, ask: &Ask, by: By) -> store::Result<Board> {
    let mut lines: Vec<(String, Line)> = Vec::new();
    let mut heads = vec![words.t(&format!("by-{}", by.as_str()))];
    let mut most = 0;
    let mut more = false;
    for (column, (key, timed)) in COLUMNS.iter().enumerate() {
        let indicator = service::find(key)?;
        heads.push(indicator.title.get(words.locale).to_owned());
        let mut ask = Ask { by, ..ask.clone() };
        if !timed {
            (ask.from, ask.to) = (None, None);
        }
        for row in compute(tx, cx, words, key, &ask)?.rows {
            let at = lines.iter().position(|(key, _)| *key == row.key);
            let at = match at {
                Some(at) => at,
                None if lines.len() < ROWS_MOST => {
                    lines.push((
                        row.key.clone(),
                        Line { label: row.label.clone(), cells: Vec::new(), bar: 0 },
                    ));
                    lines.len() - 1
                }
                None => {
                    more = true;
                    continue;
                }
            };
            let line = &mut lines[at].1;
            while line.cells.len() < column {
                line.cells.push(blank(words, line.cells.len())?);
            }
            line.cells.push(cell(indicator, &row, words));
            if column == 0 {
                line.bar = row.numerator.unwrap_or(0);
                most = most.max(line.bar);
            }
        }
    }
    for (_, line) in &mut lines {
        while line.cells.len() < COLUMNS.len() {
            line.cells.push(blank(words, line.cells.len())?);
        }
        line.bar = if most > 0 { line.bar * 100 / most } else { 0 };
    }
    let address = format!("/stats/demand.received?by={}&{}", by.as_str(), query(ask));
    Ok(Board {
        title: words.t(&format!("figure-by-{}", by.as_str())),
        heads,
        lines: lines.into_iter().map(|(_, line)| line).collect(),
        more: if more { address } else { String::new() },
    })
}

/// What a column says where it has no row: a count of nothing is nought, a share of nothing no number.
fn blank(words: &Words, column: usize) -> store::Result<Cell> {
    let kind = match COLUMNS.get(column) {
        Some((key, _)) => service::find(key)?.kind,
        None => Kind::Ratio,
    };
    Ok(if kind == Kind::Count { Cell { text: "0".to_owned(), ..Cell::default() } } else { nothing(words) })
}

fn nothing(words: &Words) -> Cell {
    Cell { text: words.t("figure-none"), ..Cell::default() }
}

/// The filters of a question as part of an address.
pub(super) fn query(ask: &Ask) -> String {
    let day = |day: Option<Day>| day.map(Day::iso).unwrap_or_default();
    let text = |text: &Option<String>| crate::web::encode(text.as_deref().unwrap_or_default());
    format!(
        "from={}&to={}&place={}&where={}",
        day(ask.from),
        day(ask.to),
        text(&ask.place),
        text(&ask.filter)
    )
}

fn others(words: &Words, today: Day, shown: Option<Period>, place: &str) -> Vec<(String, String)> {
    let this = Period::month_of(today);
    let mut all = vec![
        ("figure-this-month", this),
        ("figure-last-month", this.before()),
        ("figure-this-year", Period::year_of(today)),
    ];
    if let Some(shown) = shown {
        all.push(("figure-before", shown.before()));
        all.push(("figure-next", shown.next_month()));
    }
    let address = |p: Period| {
        format!("/stats?from={}&to={}&place={}", p.from.iso(), p.to.iso(), crate::web::encode(place))
    };
    all.into_iter().map(|(word, period)| (words.t(word), address(period))).collect()
}

pub(super) fn told_period(words: &Words, period: Period) -> String {
    words.t2(
        "figure-period",
        ("from", &words.full_day(period.from, true)),
        ("to", &words.full_day(period.to, true)),
    )
}
