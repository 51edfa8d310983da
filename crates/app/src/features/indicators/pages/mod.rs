//! The pages of figures: the month at a glance, one figure with its formula and its rows, the records of a
//! cell, files, the wall screen; and the same figures as JSON.

mod board;
mod one;
mod wall;

use super::cell::{Cell, Number, Parts};
use super::model::{Ask, By, Counts, Figure, FigureFilter, Kind, Row, Unit, grouped, shown};
use super::pack::Indicator;
use super::period::Period;
use super::service;
use crate::actor::Reach;
use crate::context::Cx;
use crate::features::places::model as places_model;
use crate::features::places::service as places;
use crate::web::{Access, Answer, Path, Query, Routes, Staff, WebError};
use crate::words::Words;
use axum::Json;
use axum::response::IntoResponse;
use kernel::{Day, Refusal};
use serde::{Deserialize, Serialize};
use store::Tx;

/// The right to see figures.
const READ: Access = Access::Grant("stats.read");

/// The routes of this feature.
pub fn routes() -> Routes {
    Routes::new()
        .get("/stats", READ, board::show)
        .get("/stats/{key}", READ, one::show)
        .get("/stats/{key}/records", READ, one::records)
        .get("/stats/{key}/file", READ, one::file)
        .get("/wall", READ, wall::show)
        .get("/wall/board", READ, wall::fragment)
        .get("/api/v1/stats", READ, list_api)
        .get("/api/v1/stats/{indicator}", READ, one_api)
}

/// What an address asks for, as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    from: String,
    to: String,
    by: String,
    place: String,
    #[serde(rename = "where")]
    filter: String,
    format: String,
}

impl Asked {
    fn day(text: &str, field: &'static str) -> Result<Option<Day>, Refusal> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let wrong = || Refusal::rule("stats.period.not_a_day").on(field).with("text", text);
        Day::parse(text).map(Some).ok_or_else(wrong)
    }

    fn ask(&self) -> Result<Ask, Refusal> {
        let by = match self.by.as_str() {
            "" => By::None,
            text => {
                By::parse(text).ok_or_else(|| Refusal::rule("stats.by.unknown").on("by").with("by", text))?
            }
        };
        let given = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        Ok(Ask {
            from: Asked::day(&self.from, "from")?,
            to: Asked::day(&self.to, "to")?,
            by,
            place: given(&self.place),
            filter: given(&self.filter),
        })
    }

    /// The days asked for; else this month; else the last month in which something came in.
    fn period(&self, today: Day, span: Option<(Day, Day)>) -> Result<Period, Refusal> {
        let this = Period::month_of(today);
        let last = span.map_or(this, |(_, last)| Period::month_of(last));
        let usual = if last.to < this.from { last } else { this };
        let (from, to) = (Asked::day(&self.from, "from")?, Asked::day(&self.to, "to")?);
        let period = match (from, to) {
            (None, None) => usual,
            (Some(from), None) => Period { from, to: Period::month_of(from).to.max(today) },
            (None, Some(to)) => Period { from: Period::month_of(to).from, to },
            (Some(from), Some(to)) => Period { from, to },
        };
        if period.from > period.to {
            Err(Refusal::rule("stats.period.reversed").on("from"))
        } else {
            Ok(period)
        }
    }
}

/// A figure as JSON lists it.
#[derive(Serialize)]
struct Listed {
    indicator: &'static str,
    title: &'static str,
    kind: &'static str,
    counts: &'static str,
    unit: Option<&'static str>,
    better: &'static str,
    formula: &'static str,
    in_out: &'static str,
    source: &'static str,
}

/// `GET /api/v1/stats`: which figures there are, and what each counts.
async fn list_api(staff: Staff) -> Answer {
    let locale = staff.words.locale;
    let all: Vec<Listed> = service::list()?
        .iter()
        .map(|i| Listed {
            indicator: &i.key,
            title: i.title.get(locale),
            kind: i.kind.as_str(),
            counts: i.counts.as_str(),
            unit: i.measure.map(|(_, unit)| unit.as_str()),
            better: i.better.as_str(),
            formula: i.formula.get(locale),
            in_out: i.in_out.get(locale),
            source: &i.source,
        })
        .collect();
    Ok(Json(all).into_response())
}

/// `GET /api/v1/stats/{indicator}`: the same as `gezhi stats INDICATOR --json`.
async fn one_api(staff: Staff, Path(key): Path<String>, Query(asked): Query<Asked>) -> Answer {
    let (ask, words) = (asked.ask()?, staff.words.clone());
    let figure = staff.read(move |tx, cx| service::compute(tx, cx, &words, &key, &ask)).await?;
    Ok(Json(figure).into_response())
}

/// Where a row's records are listed: cases on the page of cases, everything else beside its figure.
fn href(indicator: &Indicator, link: &str) -> String {
    if link.is_empty() {
        return String::new();
    }
    match indicator.counts {
        Counts::Cases => format!("/cases?{link}"),
        _ => format!("/stats/{}/records?{link}", indicator.key),
    }
}

/// A value with its unit: `94.5%`, `2.31 days`.
fn told(indicator: &Indicator, row: &Row, words: &Words) -> String {
    let text = shown(indicator.kind, row.value, words);
    match indicator.measure {
        Some((_, unit)) if row.value.is_some() => words.t1(unit_word(unit), "value", text),
        _ => text,
    }
}

fn unit_word(unit: Unit) -> &'static str {
    match unit {
        Unit::Days => "figure-in-days",
        Unit::Hours => "figure-in-hours",
    }
}

/// A number of records with its thousands apart, as counts are shown.
fn apart(n: i64) -> String {
    grouped(&n.to_string())
}

/// The lists behind a value that is no count.
fn parts(indicator: &Indicator, row: &Row) -> Parts {
    let address = href(indicator, &row.link);
    let number = |n: i64, side: &str| Number {
        text: apart(n),
        href: if address.is_empty() { String::new() } else { format!("{address}{side}") },
    };
    match (indicator.kind, row.numerator, row.denominator) {
        (Kind::Ratio, Some(above), Some(below)) => {
            Parts { above: number(above, ""), below: number(below, "&side=below") }
        }
        (Kind::Mean | Kind::Median | Kind::P90, _, Some(of)) => {
            Parts { above: number(of, ""), below: Number::default() }
        }
        _ => Parts::default(),
    }
}

/// A row as a table shows it.
fn cell(indicator: &Indicator, row: &Row, words: &Words) -> Cell {
    let href = if indicator.kind == Kind::Count { href(indicator, &row.link) } else { String::new() };
    Cell { text: told(indicator, row, words), href, parts: parts(indicator, row) }
}

/// A figure by a key that is known.
fn compute(tx: &mut Tx<'_>, cx: &Cx, words: &Words, key: &str, ask: &Ask) -> store::Result<Figure> {
    service::compute(tx, cx, words, key, ask)
}

/// A choice in a select.
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

fn ways(words: &Words, chosen: By) -> Vec<Choice> {
    let choice = |by: &By| Choice {
        value: by.as_str().to_owned(),
        label: words.t(&format!("by-{}", by.as_str())),
        chosen: *by == chosen,
    };
    By::ALL.iter().map(choice).collect()
}

/// The places one may choose within one's reach: the office's own and those down to communities, or the grids
/// of one's own.
fn place_choices(tx: &mut Tx<'_>, cx: &Cx, chosen: &str) -> store::Result<Vec<Choice>> {
    let book = places::book(tx, cx.office.id)?;
    let mut own = Vec::new();
    let mut all = false;
    for reach in cx.actor.reaches("stats.read") {
        match reach {
            Reach::Community(id) | Reach::Grid(id) => own.push(id),
            Reach::Office => all = true,
            Reach::Unit(_) => {}
        }
    }
    // A unit's own cases may lie anywhere.
    let all = all || own.is_empty();
    let offered = |p: &places_model::Place| {
        if all {
            p.kind <= places_model::Kind::Community
        } else {
            p.kind <= places_model::Kind::Grid && book.line(p.id).iter().any(|id| own.contains(id))
        }
    };
    let mut out: Vec<Choice> = book
        .all()
        .filter(|p| p.is_active() && offered(p))
        .map(|p| Choice { value: p.code.clone(), label: p.name.clone(), chosen: p.code == chosen })
        .collect();
    out.sort_by(|a, b| a.value.cmp(&b.value));
    Ok(out)
}

/// A refusal at the filters is shown there, with what was typed.
fn as_refusal(error: WebError) -> Result<Refusal, WebError> {
    match error.refusal() {
        Some(refusal) if refusal.kind == kernel::RefusalKind::Rule => Ok(refusal.clone()),
        _ => Err(error),
    }
}

/// The address of a filter's records for a page of the list.
fn list_address(filter: &FigureFilter) -> String {
    service::address(filter)
}
