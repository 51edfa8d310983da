//! The pages on which last year's workbook is brought: the file, what is understood of it, how far it is, what came of it.

use super::columns::{Field, Mapping, Vocabulary};
use super::reading;
use super::service::{self, Head, Standing, Told};
use crate::features::imports::read::ROWS_MOST;
use crate::sheet::{self, Grid};
use crate::web::download::XLSX;
use crate::web::{
    Answer, Form, Path, Problem, Shell, Staff, Upload, WebError, download, fingerprint, html_with,
};
use crate::words::Words;
use anyhow::Context;
use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use kernel::{Refusal, Ts};
use rust_xlsxwriter::Workbook;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Rows of the preview, wrong cells and names on the page; the rest is counted.
const SHOWN: usize = 20;

#[derive(Template)]
#[template(path = "history_bring.html")]
struct BringPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    brought: Vec<(String, String, String)>,
}

struct Column {
    name: &'static str,
    label: String,
    needed: bool,
    options: Vec<(String, bool)>,
}

/// Names to be made: the word for them, how many, the first of them.
struct New {
    told: String,
    names: String,
}

struct RowView {
    number: String,
    received: String,
    text: String,
    unit: String,
    place: String,
    state: String,
}

#[derive(Template)]
#[template(path = "history_look.html")]
struct LookPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    id: i64,
    name: String,
    told: String,
    span: String,
    columns: Vec<Column>,
    unsure: bool,
    unused: String,
    new: Vec<New>,
    make: bool,
    wrong: Vec<(String, String, String)>,
    wrong_more: usize,
    rows: Vec<RowView>,
    good: usize,
}

#[derive(Template)]
#[template(path = "history_done.html")]
struct DonePage {
    w: Words,
    shell: Shell,
    id: i64,
    name: String,
    running: bool,
    done: i64,
    of: i64,
    told: String,
    made: String,
    left: Vec<(String, String, String)>,
    left_all: usize,
}

/// `GET /history`
pub(super) async fn show(staff: Staff) -> Answer {
    bring_page(&staff, Problem::default(), StatusCode::OK).await
}

async fn bring_page(staff: &Staff, problem: Problem, status: StatusCode) -> Answer {
    let w = staff.words.clone();
    let brought = staff.read(service::list).await?;
    let line = |h: &Head| {
        let state = w.t(&format!("history-state-{}", h.state));
        (format!("/history/{}", h.id), h.name.clone(), format!("{} · {state}", w.when(h.made)))
    };
    let page = BringPage {
        brought: brought.iter().map(line).collect(),
        shell: staff.shell("stats").await?,
        problem,
        w: w.clone(),
    };
    html_with(status, &page)
}

/// `POST /history`: keeps the workbook and shows what is understood of it.
pub(super) async fn bring(staff: Staff, upload: Upload) -> Answer {
    let words = Vocabulary::shipped()?;
    let read = match upload.files.into_iter().next() {
        None => Err(Refusal::missing("file")),
        Some(file) => {
            tokio::task::spawn_blocking(move || {
                let grid = sheet::read_file_of(&file.bytes, |t| words.is_header_word(t), ROWS_MOST)?;
                let name: String = file.name.chars().filter(|c| !c.is_control()).take(100).collect();
                Ok((name, grid))
            })
            .await?
        }
    };
    match read {
        Ok((name, grid)) => {
            let id = staff.write(move |tx, cx| service::bring(tx, cx, &name, &grid)).await?;
            Ok(staff.goto(&format!("/history/{id}")))
        }
        Err(refusal) => {
            let problem = Problem::new(&staff.words, &refusal);
            bring_page(&staff, problem, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// `GET /history/{id}`
pub(super) async fn look(staff: Staff, Path(id): Path<i64>) -> Answer {
    let head = staff.read(move |tx, cx| service::head(tx, cx, id)).await?;
    if head.state == "draft" {
        look_page(&staff, id, Problem::default(), StatusCode::OK).await
    } else {
        done_page(&staff, head).await
    }
}

async fn look_page(staff: &Staff, id: i64, problem: Problem, status: StatusCode) -> Answer {
    let (head, grid, mapping, standing) = staff
        .read(move |tx, cx| {
            let head = service::head(tx, cx, id)?;
            let (grid, mapping) = service::open(tx, cx, id)?;
            let standing = service::standing(tx, cx, &grid, &mapping)?;
            Ok((head, grid, mapping, standing))
        })
        .await?;
    let shell = staff.shell("stats").await?;
    let mut page = look_of(staff.words.clone(), shell, &head, (&grid, &mapping), &standing);
    page.unsure |= problem.any();
    page.problem = problem;
    html_with(status, &page)
}

fn look_of(
    w: Words,
    shell: Shell,
    head: &Head,
    (grid, mapping): (&Grid, &Mapping),
    standing: &Standing,
) -> LookPage {
    let reading = &standing.reading;
    let drafts = &reading.parsed.drafts;
    let wrong_rows = grid.rows.len() - drafts.len();
    let span = drafts.iter().map(|d| d.received).min().zip(drafts.iter().map(|d| d.received).max());
    let day = |at: Ts| at.day(&w.tz).iso();
    let list = |names: &std::collections::BTreeSet<String>| {
        let first: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
        let more = if names.len() > SHOWN { "…" } else { "" };
        format!("{}{more}", first.join(&w.t("list-joint")))
    };
    let new = [
        ("history-new-units", &standing.missing.units),
        ("history-new-places", &standing.missing.places),
        ("history-new-matters", &standing.missing.matters),
    ];
    LookPage {
        problem: Problem::default(),
        id: head.id,
        name: head.name.clone(),
        told: w.ta(
            "history-told",
            &[
                ("rows", grid.rows.len().to_string()),
                ("new", standing.new.to_string()),
                ("known", (standing.known + standing.changed.len() as u64).to_string()),
                ("wrong", wrong_rows.to_string()),
            ],
        ),
        span: span.map(|(a, b)| w.t2("history-span", ("from", &day(a)), ("to", &day(b)))).unwrap_or_default(),
        columns: columns(&w, grid, mapping),
        unsure: mapping.missing().is_some(),
        unused: reading::unused(grid, mapping).join(&w.t("list-joint")),
        new: new
            .into_iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(key, names)| New { told: w.t1(key, "n", names.len()), names: list(names) })
            .collect(),
        make: mapping.make,
        wrong: reading
            .wrong
            .iter()
            .take(SHOWN)
            .map(|(at, e)| (at.clone(), e.column.clone(), w.refusal(&e.reason)))
            .collect(),
        wrong_more: reading.wrong.len().saturating_sub(SHOWN),
        rows: drafts.iter().take(8).map(|d| row_view(&w, d)).collect(),
        good: standing.new,
        shell,
        w,
    }
}

fn row_view(w: &Words, draft: &crate::features::imports::model::Draft) -> RowView {
    use crate::features::imports::model::Stage;
    let text: String = text::identifiers::seal(&draft.text).masked.chars().take(50).collect();
    let state = match (draft.stage, draft.closed) {
        (Stage::Closed, Some(at)) => w.t1("history-closed-at", "when", at.day(&w.tz).iso()),
        (Stage::Closed, None) => w.t("phase-closed"),
        _ => w.t("phase-handling"),
    };
    RowView {
        number: draft.number.clone().unwrap_or_default(),
        received: draft.received.day(&w.tz).iso(),
        text,
        unit: draft.unit.clone().unwrap_or_default(),
        place: draft.place.join("/"),
        state,
    }
}

fn columns(w: &Words, grid: &Grid, mapping: &Mapping) -> Vec<Column> {
    let option =
        |field: Field, header: &String| (header.clone(), mapping.columns.get(&field) == Some(header));
    Field::ALL
        .into_iter()
        .map(|field| Column {
            name: field.as_str(),
            label: w.t(&format!("history-field-{}", field.as_str())),
            needed: field.is_needed(),
            options: grid.header.iter().filter(|h| !h.is_empty()).map(|h| option(field, h)).collect(),
        })
        .collect()
}

/// What the form of the preview sends: `column-…`, `make`, `end`.
#[derive(Deserialize)]
pub(super) struct Choice {
    #[serde(default)]
    idem: String,
    #[serde(default)]
    end: String,
    #[serde(default)]
    make: String,
    #[serde(flatten)]
    columns: BTreeMap<String, String>,
}

/// `POST /history/{id}`: other columns, or take it over.
pub(super) async fn again(staff: Staff, Path(id): Path<i64>, Form(choice): Form<Choice>) -> Answer {
    let chosen = |field: Field| {
        let column = choice.columns.get(&format!("column-{}", field.as_str()))?;
        (!column.is_empty()).then(|| (field, column.clone()))
    };
    let mapping = Mapping {
        columns: Field::ALL.into_iter().filter_map(chosen).collect(),
        make: !choice.make.is_empty(),
    };
    let kept = mapping.clone();
    staff.write(move |tx, cx| service::set_mapping(tx, cx, id, &kept)).await?;
    if choice.end == "take" {
        let request = fingerprint(&("history.take", id));
        let done =
            staff.write_once(&choice.idem, &request, move |tx, cx| service::take(tx, cx, id, &mapping)).await;
        if let Err(error) = done {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            return look_page(&staff, id, Problem::new(&staff.words, &refusal), error.status()).await;
        }
    }
    Ok(staff.goto(&format!("/history/{id}")))
}

async fn done_page(staff: &Staff, head: Head) -> Answer {
    let w = staff.words.clone();
    let (id, running) = (head.id, head.state != "done");
    let told = match running {
        true => Told::default(),
        false => staff.read(move |tx, cx| service::told(tx, cx, id)).await?,
    };
    let [units, places, matters] = told.new;
    let made = w.ta(
        "history-made",
        &[("units", units.to_string()), ("places", places.to_string()), ("matters", matters.to_string())],
    );
    let page = DonePage {
        told: w.ta(
            "history-done-told",
            &[
                ("made", told.made.to_string()),
                ("known", told.known.to_string()),
                ("left", told.left_out.len().to_string()),
            ],
        ),
        made: if told.new == [0, 0, 0] { String::new() } else { made },
        left_all: told.left_out.len(),
        left: told.left_out.into_iter().take(SHOWN).collect(),
        shell: staff.shell("stats").await?,
        id,
        name: head.name,
        running,
        done: head.done,
        of: head.of,
        w,
    };
    let mut response = html_with(StatusCode::OK, &page)?;
    if running {
        // Without scripts too: the page asks again by itself.
        response.headers_mut().insert(header::REFRESH, HeaderValue::from_static("1"));
    }
    Ok(response)
}

/// `GET /history/{id}/left-out.xlsx`
pub(super) async fn left_out(staff: Staff, Path(id): Path<i64>) -> Answer {
    let told = staff.read(move |tx, cx| service::told(tx, cx, id)).await?;
    let bytes = workbook(&staff.words, &told).map_err(WebError::Failed)?;
    download(bytes, XLSX, &staff.words.t("history-left-file"))
}

fn workbook(w: &Words, told: &Told) -> anyhow::Result<Vec<u8>> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (column, key) in (0..).zip(["upstream-cell", "upstream-column", "upstream-why"]) {
        page.write_string(0, column, w.t(key)).context("a workbook")?;
    }
    for (line, (at, column, why)) in (1..).zip(&told.left_out) {
        for (i, text) in (0..).zip([at, column, why]) {
            page.write_string(line, i, text).context("a workbook")?;
        }
    }
    page.set_column_width(2, 60).context("a workbook")?;
    book.save_to_buffer().context("the workbook cannot be written")
}
