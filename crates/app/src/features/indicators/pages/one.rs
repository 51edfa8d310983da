//! One figure: what it is, its rows with their records, as a page and as a file.

use super::board::{query, told_period};
use super::{Asked, Choice, apart, as_refusal, cell, compute, list_address, place_choices, ways};
use crate::features::indicators::cell::Cell;
use crate::features::indicators::model::{By, Exact, Figure, FigureFilter, Kind, Row, Side};
use crate::features::indicators::pack::Indicator;
use crate::features::indicators::period::Period;
use crate::features::indicators::{Record, service};
use crate::features::people::service as people;
use crate::web::download::{CSV, XLSX, download};
use crate::web::{Answer, Path, Problem, Query, Shell, Staff, WebError, html, html_with};
use crate::words::Words;
use anyhow::Context;
use askama::Template;
use axum::http::StatusCode;
use kernel::{Day, UnitId};
use rust_xlsxwriter::{Format as Style, Workbook};
use std::collections::HashMap;

struct Line {
    label: String,
    cell: Cell,
    reported: String,
    bar: i64,
}

#[derive(Template)]
#[template(path = "indicators_one.html")]
struct Page {
    w: Words,
    shell: Shell,
    problem: Problem,
    asked: Asked,
    key: String,
    title: String,
    formula: String,
    in_out: String,
    source: String,
    counts: String,
    of: String,
    share: String,
    ways: Vec<Choice>,
    places: Vec<Choice>,
    lines: Vec<Line>,
    /// What the rows are, and what stands beside the value; blank for a count.
    rows: String,
    made_of: String,
    query: String,
    /// What the printed page says of the time.
    period: String,
    /// The fields a condition may name.
    names: Vec<String>,
}

/// `GET /stats/{key}`
pub(super) async fn show(staff: Staff, Path(key): Path<String>, Query(asked): Query<Asked>) -> Answer {
    let indicator = service::find(&key).map_err(|_| WebError::not_found())?;
    let read = figure(&staff, indicator, &asked).await;
    let (figure, status, problem) = match read {
        Ok(figure) => (Some(figure), StatusCode::OK, Problem::default()),
        Err(error) => {
            let problem = Problem::new(&staff.words, &as_refusal(error)?);
            (None, StatusCode::UNPROCESSABLE_ENTITY, problem)
        }
    };
    let (w, chosen) = (staff.words.clone(), asked.place.clone());
    let ask = asked.ask().unwrap_or_default();
    let page = Page {
        shell: staff.shell("stats").await?,
        problem,
        key: indicator.key.clone(),
        title: indicator.title.get(w.locale).to_owned(),
        formula: indicator.formula.get(w.locale).to_owned(),
        in_out: indicator.in_out.get(w.locale).to_owned(),
        source: indicator.source.clone(),
        counts: w.t(&format!("counts-{}", indicator.counts.as_str())),
        of: indicator.of.text().to_owned(),
        share: indicator.share.as_ref().map(|s| s.text().to_owned()).unwrap_or_default(),
        ways: ways(&w, ask.by),
        places: staff.read(move |tx, cx| place_choices(tx, cx, &chosen)).await?,
        lines: figure.map(|f| lines(indicator, &f, &w)).unwrap_or_default(),
        rows: w.t(&if ask.by == By::None {
            "figure-row".to_owned()
        } else {
            format!("by-{}", ask.by.as_str())
        }),
        made_of: match indicator.kind {
            Kind::Count => String::new(),
            Kind::Ratio => w.t("figure-of-share"),
            Kind::Mean | Kind::Median | Kind::P90 => w.t("figure-of-mean"),
        },
        query: format!("by={}&{}", ask.by.as_str(), query(&ask)),
        period: match (ask.from, ask.to) {
            (Some(from), Some(to)) => told_period(&w, Period { from, to }),
            _ => w.t("figure-all-time"),
        },
        names: service::names_of(indicator.counts),
        asked,
        w,
    };
    html_with(status, &page)
}

async fn figure(staff: &Staff, indicator: &'static Indicator, asked: &Asked) -> Result<Figure, WebError> {
    let (ask, words) = (asked.ask()?, staff.words.clone());
    staff.read(move |tx, cx| compute(tx, cx, &words, &indicator.key, &ask)).await
}

fn lines(indicator: &Indicator, figure: &Figure, words: &Words) -> Vec<Line> {
    // A share is a part of the whole bar, everything else a part of the largest.
    let largest = figure.rows.iter().filter_map(|r| r.value).fold(Exact::whole(0), Exact::max);
    let most = if indicator.kind == Kind::Ratio { Exact::whole(1) } else { largest };
    let line = |row: &Row| Line {
        label: row.label.clone(),
        cell: cell(indicator, row, words),
        reported: if row.reported > 0 {
            words.t1("figure-reported", "count", row.reported)
        } else {
            String::new()
        },
        bar: row.value.map_or(0, |v| v.percent_of(most)),
    };
    figure.rows.iter().map(line).collect()
}

/// `GET /stats/{key}/file`: the rows as CSV or XLSX, with numerators and denominators, unrounded.
pub(super) async fn file(staff: Staff, Path(key): Path<String>, Query(asked): Query<Asked>) -> Answer {
    let indicator = service::find(&key).map_err(|_| WebError::not_found())?;
    let figure = figure(&staff, indicator, &asked).await?;
    let w = &staff.words;
    let heads: Vec<String> = ["key", "label", "value", "numerator", "denominator", "reported"]
        .iter()
        .map(|h| w.t(&format!("figure-column-{h}")))
        .collect();
    let (bytes, mime, ending) = if asked.format == "xlsx" {
        (workbook(indicator, &figure, &heads, w)?, XLSX, "xlsx")
    } else {
        (sheet(&figure, &heads)?, CSV, "csv")
    };
    download(bytes, mime, &format!("{}-{}.{ending}", indicator.key, staff.cx.today().0))
}

fn sheet(figure: &Figure, heads: &[String]) -> Result<Vec<u8>, WebError> {
    let number = |n: Option<i64>| n.map_or_else(String::new, |n| n.to_string());
    let rows = figure.rows.iter().map(|r| {
        let value = r.value.map_or_else(String::new, |v| v.number().to_string());
        [
            r.key.clone(),
            r.label.clone(),
            value,
            number(r.numerator),
            number(r.denominator),
            r.reported.to_string(),
        ]
    });
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    Ok(crate::rows::write_csv(&heads, rows)?.into_bytes())
}

fn workbook(
    indicator: &Indicator,
    figure: &Figure,
    heads: &[String],
    words: &Words,
) -> Result<Vec<u8>, WebError> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    let bold = Style::new().set_bold();
    let put = "a workbook";
    page.write_string_with_format(0, 0, indicator.title.get(words.locale), &bold).context(put)?;
    page.write_string(1, 0, indicator.formula.get(words.locale)).context(put)?;
    page.write_string(2, 0, indicator.in_out.get(words.locale)).context(put)?;
    for (column, head) in (0..).zip(heads) {
        page.write_string_with_format(4, column, head, &bold).context(put)?;
    }
    for (line, row) in (5..).zip(&figure.rows) {
        page.write_string(line, 0, &row.key).context(put)?;
        page.write_string(line, 1, &row.label).context(put)?;
        if let Some(value) = row.value {
            page.write_number(line, 2, value.number()).context(put)?;
        }
        for (column, n) in [(3, row.numerator), (4, row.denominator), (5, Some(row.reported))] {
            if let Some(n) = n {
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "a workbook knows no other numbers; 2^53 is far off"
                )]
                page.write_number(line, column, n as f64).context(put)?;
            }
        }
    }
    page.set_freeze_panes(5, 0).context(put)?;
    Ok(book.save_to_buffer().context("the workbook cannot be written")?)
}

/// How many records a page of the list holds.
const PAGE: i64 = 50;

/// The list of one cell's records.
struct ListAsked {
    filter: FigureFilter,
    offset: i64,
}

struct Item {
    no: String,
    href: String,
    title: String,
    phase: String,
    unit: String,
    at: String,
}

#[derive(Template)]
#[template(path = "indicators_records.html")]
struct Records {
    w: Words,
    shell: Shell,
    key: String,
    title: String,
    /// Which records, of which days.
    about: String,
    /// The numerator's list from the denominator's, and back: the word, the address.
    other: Option<(String, String)>,
    total: i64,
    /// The total as people read it.
    count: String,
    items: Vec<Item>,
    prev: String,
    next: String,
    note: String,
    can_open: bool,
}

/// `GET /stats/{key}/records`: exactly the records of a cell.
pub(super) async fn records(
    staff: Staff,
    Path(key): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let indicator = service::find(&key).map_err(|_| WebError::not_found())?;
    let asked = listed(&indicator.key, &query);
    let (filter, offset) = (asked.filter.clone(), asked.offset.max(0));
    let ((total, found), units) = staff
        .read(move |tx, cx| {
            let units = people::units(tx, cx.office.id)?;
            Ok((service::records(tx, cx, &filter, offset, PAGE)?, units))
        })
        .await?;
    let w = staff.words.clone();
    let names: HashMap<UnitId, String> = units.into_iter().map(|u| (u.id, u.short)).collect();
    let address = |offset: i64| {
        format!("/stats/{}/records?{}&offset={offset}", indicator.key, list_address(&asked.filter))
    };
    let shown = i64::try_from(found.len()).unwrap_or(0);
    let page = Records {
        shell: staff.shell("stats").await?,
        key: indicator.key.clone(),
        title: indicator.title.get(w.locale).to_owned(),
        about: about(&w, indicator, &asked.filter),
        other: (indicator.kind == Kind::Ratio).then(|| other(&w, indicator, &asked.filter)),
        count: apart(total),
        total,
        items: found.iter().map(|r| item(r, &names, &w)).collect(),
        prev: if offset > 0 { address((offset - PAGE).max(0)) } else { String::new() },
        next: if offset + shown < total { address(offset + PAGE) } else { String::new() },
        note: w.ta(
            "figure-shown",
            &[
                ("from", apart((offset + 1).min(total))),
                ("to", apart(offset + shown)),
                ("total", apart(total)),
            ],
        ),
        can_open: staff.has("demands.read"),
        w,
    };
    html(&page)
}

/// `分子明细（按评价计），2026年11月1日至2026年11月30日`
fn about(words: &Words, indicator: &Indicator, filter: &FigureFilter) -> String {
    let word = match (indicator.kind, filter.side) {
        (Kind::Ratio, Side::Above) => "figure-list-above",
        (Kind::Ratio, Side::Below) => "figure-list-below",
        _ => "figure-list",
    };
    let counts = words.t(&format!("counts-{}", indicator.counts.as_str()));
    let list = words.t1(word, "counts", counts);
    let day = |text: &Option<String>| {
        text.as_deref().and_then(Day::parse).map_or_else(|| "…".to_owned(), |day| words.full_day(day, true))
    };
    if filter.from.is_none() && filter.to.is_none() {
        return list;
    }
    let period = words.t2("figure-period", ("from", &day(&filter.from)), ("to", &day(&filter.to)));
    words.t2("figure-list-in", ("list", &list), ("period", &period))
}

fn other(words: &Words, indicator: &Indicator, filter: &FigureFilter) -> (String, String) {
    let (word, side) = match filter.side {
        Side::Above => ("figure-see-below", Side::Below),
        Side::Below => ("figure-see-above", Side::Above),
    };
    let filter = FigureFilter { side, ..filter.clone() };
    (words.t(word), format!("/stats/{}/records?{}", indicator.key, list_address(&filter)))
}

/// Reads the address: flat, so that a blank key is still a key.
fn listed(figure: &str, query: &HashMap<String, String>) -> ListAsked {
    let given = |name: &str| query.get(name).cloned().filter(|t| !t.is_empty());
    let offset = given("offset").and_then(|t| t.parse().ok()).unwrap_or(0);
    let by = given("by");
    ListAsked {
        filter: FigureFilter {
            figure: figure.to_owned(),
            from: given("from"),
            to: given("to"),
            key: by.as_ref().and_then(|_| query.get("key").cloned()),
            by,
            place: given("place"),
            filter: given("where"),
            side: if given("side").as_deref() == Some("below") { Side::Below } else { Side::Above },
        },
        offset,
    }
}

fn item(record: &Record, units: &HashMap<UnitId, String>, words: &Words) -> Item {
    Item {
        no: record.no.clone(),
        href: format!("/cases/{}", record.case),
        title: record.title.clone(),
        phase: words.t_or(&format!("phase-{}", record.phase), &record.phase),
        unit: record.unit.and_then(|u| units.get(&u).cloned()).unwrap_or_default(),
        at: record.at.map(|at| words.when(at)).unwrap_or_default(),
    }
}
