//! The whole base as a sheet, out and in again.

use super::book::{self, COLUMNS, Taken};
use super::model::Entry;
use super::service;
use crate::features::people::service as people;
use crate::rows::RowError;
use crate::sheet::read_file;
use crate::web::download::{CSV, XLSX, download};
use crate::web::{Answer, Problem, Query, Shell, Staff, Upload, WebError, fingerprint, html_with};
use crate::words::Words;
use anyhow::Context;
use askama::Template;
use axum::http::StatusCode;
use kernel::{Refusal, UnitId};
use rust_xlsxwriter::{Format as Style, Workbook};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Template)]
#[template(path = "knowledge_import.html")]
struct ImportPage {
    w: Words,
    shell: Shell,
    problem: Problem,
    /// Line, column and why.
    wrong: Vec<(String, String, String)>,
    may_publish: bool,
}

/// `GET /knowledge/import`
pub(super) async fn ask(staff: Staff) -> Answer {
    draw(&staff, Problem::default(), &[], StatusCode::OK).await
}

async fn draw(staff: &Staff, problem: Problem, wrong: &[RowError], status: StatusCode) -> Answer {
    let w = staff.words.clone();
    let page = ImportPage {
        wrong: wrong.iter().map(|e| (e.row.to_string(), e.column.clone(), w.refusal(&e.reason))).collect(),
        may_publish: staff.has("knowledge.review"),
        shell: staff.shell("knowledge").await?,
        problem,
        w,
    };
    html_with(status, &page)
}

/// `POST /knowledge/import`
pub(super) async fn bring(staff: Staff, upload: Upload) -> Answer {
    match take(&staff, &upload).await {
        Ok(Ok(taken)) => {
            let told = staff.words.ta(
                "knowledge-imported",
                &[
                    ("new", taken.new.to_string()),
                    ("changed", taken.changed.to_string()),
                    ("same", taken.same.to_string()),
                ],
            );
            Ok(staff.goto_saying("/knowledge", &told))
        }
        Ok(Err(wrong)) => {
            let refusal = Refusal::rule("knowledge.rows").on("file").with("n", wrong.len());
            let problem = Problem::new(&staff.words, &refusal);
            draw(&staff, problem, &wrong, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => {
            let Some(refusal) = error.refusal().cloned() else { return Err(error) };
            draw(&staff, Problem::new(&staff.words, &refusal), &[], error.status()).await
        }
    }
}

async fn take(staff: &Staff, upload: &Upload) -> Result<Result<Taken, Vec<RowError>>, WebError> {
    let file = upload.files.first().ok_or_else(|| Refusal::missing("file"))?;
    let grid = read_file(&file.bytes, book::is_header_word)?;
    let (rows, wrong) = staff.read(move |tx, cx| book::read(tx, cx, &grid)).await?;
    if !wrong.is_empty() {
        return Ok(Err(wrong));
    }
    let publish = upload.text("publish") == Some("1");
    let request = fingerprint(&("knowledge.import", &rows, publish));
    let idem = upload.text("idem").unwrap_or_default().to_owned();
    Ok(Ok(staff.write_once(&idem, &request, move |tx, cx| book::take(tx, cx, &rows, publish)).await?))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    format: String,
}

/// `GET /knowledge/export?format=xlsx`
pub(super) async fn export(staff: Staff, Query(wanted): Query<Wanted>) -> Answer {
    let w = staff.words.clone();
    let (entries, units) =
        staff.read(|tx, cx| Ok((service::list(tx, cx)?, people::units(tx, cx.office.id)?))).await?;
    let units: HashMap<UnitId, String> = units.into_iter().map(|u| (u.id, u.short)).collect();
    let heads: Vec<String> = COLUMNS.iter().map(|c| w.t(&format!("knowledge-column-{c}"))).collect();
    let rows: Vec<Vec<String>> = entries.iter().map(|e| cells(&w, e, &units)).collect();
    let (bytes, mime, ending) = if wanted.format == "csv" {
        let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
        (crate::rows::write_csv(&heads, &rows)?.into_bytes(), CSV, "csv")
    } else {
        (workbook(&heads, &rows)?, XLSX, "xlsx")
    };
    download(bytes, mime, &format!("knowledge-{}.{ending}", staff.cx.today().iso()))
}

fn cells(w: &Words, entry: &Entry, units: &HashMap<UnitId, String>) -> Vec<String> {
    let c = &entry.content;
    let cell = |column: &str| match column {
        "id" => entry.id.to_string(),
        "question" => c.question.clone(),
        "ways" => c.ways.join("\n"),
        "answer" => c.answer.clone(),
        "bring" => c.bring.clone(),
        "place" => c.place.clone(),
        "phone" => c.phone.clone(),
        "hours" => c.hours.clone(),
        "basis" => c.basis.clone(),
        "unit" => units.get(&entry.unit).cloned().unwrap_or_default(),
        "public" => w.t(if c.public { "knowledge-yes" } else { "knowledge-no" }),
        "review" => entry.review.iso(),
        "state" => w.t(&format!("knowledge-state-{}", entry.state.as_str())),
        _ => entry.uses.to_string(),
    };
    COLUMNS.iter().map(|c| cell(c)).collect()
}

fn workbook(heads: &[String], rows: &[Vec<String>]) -> Result<Vec<u8>, WebError> {
    const WIDTHS: [f64; 14] =
        [10.0, 30.0, 34.0, 60.0, 30.0, 24.0, 16.0, 20.0, 24.0, 14.0, 6.0, 12.0, 10.0, 9.0];
    let put = "a workbook";
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    let (bold, wrapped) = (Style::new().set_bold(), Style::new().set_text_wrap());
    for (column, (head, width)) in (0u16..).zip(heads.iter().zip(WIDTHS)) {
        page.write_string_with_format(0, column, head, &bold).context(put)?;
        page.set_column_width(column, width).context(put)?;
    }
    for (line, row) in (1u32..).zip(rows) {
        for (column, text) in (0u16..).zip(row) {
            page.write_string_with_format(line, column, text, &wrapped).context(put)?;
        }
    }
    page.set_freeze_panes(1, 0).context(put)?;
    Ok(book.save_to_buffer().context("the workbook cannot be written")?)
}
