//! Everything of an office in one workbook: all cases and the registers. Nobody's identity is in it.

use super::export;
use crate::context::Cx;
use crate::events::{self, Stream};
use crate::features::catalogue::service as catalogue;
use crate::features::people::service as people;
use crate::features::places::service as places;
use crate::rows::guarded;
use crate::words::Words;
use anyhow::Context;
use rust_xlsxwriter::{Format as Style, Workbook, Worksheet};
use store::{Db, Result};

/// The whole office: cases, units, places, matters, duty list. Needs `demands.export` and sees what the actor sees; writes
/// `cases.exported` with the number, never the content.
///
/// # Errors
/// `common.forbidden`, or when the database refuses.
pub fn whole(db: &Db, cx: &Cx, words: &Words) -> Result<Vec<u8>> {
    cx.actor.need("demands.export")?;
    let (mut book, count) = export::workbook(db, cx, words)?;
    let reader = cx.clone();
    let (units, geo, matters, duty) = db.read_now(move |tx| {
        let units = people::units(tx, reader.office.id)?;
        let geo = places::export_places(tx, &reader)?;
        let matters = catalogue::export_matters(tx, &reader, reader.today())?;
        Ok((units, geo, matters, catalogue::export_duty(tx, &reader)?))
    })?;
    let mut rows = vec![["code", "name", "kind", "active"].map(|k| words.t(&format!("book-{k}"))).to_vec()];
    rows.extend(units.into_iter().map(|u| {
        let active = words.t(if u.active { "export-yes" } else { "export-flag-no" });
        vec![u.code, u.name, words.t_or(&format!("unit-kind-{}", u.kind.replace('_', "-")), &u.kind), active]
    }));
    add(&mut book, words, "book-units", &rows)?;
    add(&mut book, words, "book-places", &place_rows(words, &geo)?)?;
    add(&mut book, words, "book-matters", &csv_rows(&matters)?)?;
    add(&mut book, words, "book-duty", &csv_rows(&duty)?)?;
    let bytes = book.save_to_buffer().context("the workbook cannot be written")?;
    let (cx, payload) = (cx.clone(), serde_json::json!({ "format": "book", "where": "", "cases": count }));
    db.write_now(move |tx| {
        events::append(tx, &cx, Stream::Office, cx.office.id.0, "cases.exported", &payload)
    })?;
    Ok(bytes)
}

fn place_rows(words: &Words, geo: &str) -> Result<Vec<Vec<String>>> {
    let read: serde_json::Value = serde_json::from_str(geo).context("the places")?;
    let keys = ["code", "name", "kind", "parent"];
    let mut out = vec![keys.map(|k| words.t(&format!("book-{k}"))).to_vec()];
    for feature in read["features"].as_array().into_iter().flatten() {
        let text = |key: &str| feature["properties"][key].as_str().unwrap_or_default().to_owned();
        let kind = text("kind");
        let shown = words.t_or(&format!("place-kind-{kind}"), &kind);
        out.push(vec![text("code"), text("name"), shown, text("parent")]);
    }
    Ok(out)
}

fn csv_rows(text: &str) -> Result<Vec<Vec<String>>> {
    let plain = text.trim_start_matches('\u{feff}');
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(plain.as_bytes());
    let rows = reader.records().map(|r| r.map(|r| r.iter().map(str::to_owned).collect()));
    Ok(rows.collect::<std::result::Result<_, _>>().context("a register")?)
}

fn add(book: &mut Workbook, words: &Words, name: &str, rows: &[Vec<String>]) -> Result<()> {
    let page = book.add_worksheet();
    page.set_name(words.t(name)).context("a workbook")?;
    fill(page, rows).context("a workbook")?;
    Ok(())
}

fn fill(page: &mut Worksheet, rows: &[Vec<String>]) -> std::result::Result<(), rust_xlsxwriter::XlsxError> {
    let bold = Style::new().set_bold();
    for (line, row) in (0..).zip(rows) {
        for (column, text) in (0..).zip(row).filter(|(_, t)| !t.is_empty()) {
            let text = guarded(text);
            if line == 0 {
                page.write_string_with_format(line, column, text, &bold)?;
            } else {
                page.write_string(line, column, text)?;
            }
        }
    }
    page.set_freeze_panes(1, 0)?;
    Ok(())
}
